//! Clients that wait to be told that their tools have changed, in both eras.

use reqwest::{Method, Response};
use rmcp::RoleClient;
use rmcp::model::{ClientConfig, ProtocolVersion, ServerNotification, SubscriptionFilter};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RunningService, Subscription, SubscriptionEnd};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use crate::house::{House, Server, answered};
use crate::toy::client;
use crate::workshop::PAPER;

const CHANGED: &str = r#"data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;

type Client = RunningService<RoleClient, ClientConfig>;

async fn stateless_client(url: &str) -> Client {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let transport = StreamableHttpClientTransport::with_client(client(), config);
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let opened = ClientConfig::default().serve_with_lifecycle(transport, lifecycle);
    opened.await.unwrap()
}

fn tools_changed() -> SubscriptionFilter {
    SubscriptionFilter::builder().tools_list_changed().build()
}

/// The stream that a client of the initialize era opens.
async fn get(url: &str) -> Response {
    let request = client().get(url).header("Accept", "text/event-stream");
    request
        .header("MCP-Protocol-Version", "2025-11-25")
        .send()
        .await
        .unwrap()
}

/// What comes until `end` has come.
async fn read_until(stream: &mut Response, end: &str) -> String {
    let mut read = String::new();
    while !read.contains(end) {
        let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
        read.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    read
}

/// Nothing more is told, and the server says that this is the end.
async fn ends_well(mut listening: Subscription) {
    let told = listening.next().await.unwrap();
    assert!(told.is_none(), "{told:?}");
    let end = listening.end();
    assert!(matches!(end, Some(SubscriptionEnd::Graceful(_))), "{end:?}");
}

async fn change(house: &House, server: &Server, body: Value) {
    let changed = house
        .ask(Method::PATCH, &house.mcp(&format!("/{}", server.id)), body)
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}

async fn delete(house: &House, server: &Server) {
    let path = house.mcp(&format!("/{}", server.id));
    assert_eq!(house.ask(Method::DELETE, &path, Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_client_of_the_stateless_era_listens() {
    let house = House::of(&PAPER).await;
    let (server, other) = (house.server(json!({})).await, house.server(json!({})).await);
    let mcp = stateless_client(&server.url).await;
    let capabilities = mcp.peer_info().unwrap().capabilities.clone();
    assert_eq!(capabilities.tools.unwrap().list_changed, Some(true));
    let before = mcp.list_all_tools().await.unwrap().len();

    let everything = SubscriptionFilter::builder()
        .tools_list_changed()
        .prompts_list_changed()
        .resource_subscription("file:///etc/passwd")
        .build();
    let mut listening = mcp.listen(everything).await.unwrap();
    assert_eq!(*listening.acknowledged(), tools_changed(), "there are only tools");
    let at_other = stateless_client(&other.url).await;
    let elsewhere = at_other.listen(tools_changed()).await.unwrap();

    change(&house, &server, json!({ "config": { "methods": ["read"] } })).await;
    let told = listening.next().await.unwrap().unwrap();
    assert!(
        matches!(told, ServerNotification::ToolListChangedNotification(_)),
        "{told:?}"
    );
    assert!(mcp.list_all_tools().await.unwrap().len() < before);

    // Access that ends closes the stream in good form; nobody else was told anything.
    delete(&house, &server).await;
    ends_well(listening).await;
    delete(&house, &other).await;
    ends_well(elsewhere).await;
}

#[tokio::test]
async fn a_client_of_the_initialize_era_opens_a_stream() {
    let house = House::of(&PAPER).await;
    let (server, other) = (house.server(json!({})).await, house.server(json!({})).await);
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "raw", "version": "1" },
    });
    let opened = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let opened = client()
        .post(&server.url)
        .header("Accept", "application/json")
        .json(&opened);
    let opened = answered(opened).await;
    assert_eq!(
        opened.body["result"]["capabilities"],
        json!({ "tools": { "listChanged": true } })
    );

    let mut stream = get(&server.url).await;
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-cache");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    let bearer = client().get(format!("{}/mcp", house.base)).bearer_auth(&other.token);
    let mut elsewhere = bearer.header("Accept", "text/event-stream").send().await.unwrap();

    change(&house, &server, json!({ "config": { "methods": ["read"] } })).await;
    assert_eq!(read_until(&mut stream, "\n\n").await, format!("{CHANGED}\n\n"));
    // A new name changes no tool, and what comes next is what ends the stream.
    change(&house, &server, json!({ "name": "Another" })).await;
    delete(&house, &server).await;
    assert_eq!(stream.text().await.unwrap(), "");
    delete(&house, &other).await;
    assert_eq!(elsewhere.chunk().await.unwrap(), None, "nobody else was told anything");
}

#[tokio::test]
async fn a_stream_ends_when_more_is_asked_of_its_reader() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let stream = get(&server.url).await;
    change(&house, &server, json!({ "config": { "require_api_token_auth": true } })).await;
    assert_eq!(stream.text().await.unwrap(), "");
    assert_eq!(get(&server.url).await.status(), 401);
}

#[tokio::test]
async fn a_token_has_so_many_streams() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let mut streams = Vec::new();
    let refused = loop {
        let stream = get(&server.url).await;
        if stream.status() != 200 {
            break stream;
        }
        streams.push(stream);
        assert!(streams.len() < 100);
    };
    assert_eq!(refused.status(), 429);
    let told: Value = refused.json().await.unwrap();
    assert!(told["message"].as_str().unwrap().contains("streams"), "{told}");
    // In the other era too, and calls go on.
    let mcp = stateless_client(&server.url).await;
    let mut listening = mcp.listen(tools_changed()).await.unwrap();
    let refused = listening.next().await.unwrap_err().to_string();
    assert!(refused.contains("streams"), "{refused}");
    // A place is free again once a reader has gone.
    drop(streams);
    while get(&server.url).await.status() != 200 {}
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams_first() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let stream = get(&server.url).await;
    let mcp = stateless_client(&server.url).await;
    let listening = mcp.listen(tools_changed()).await.unwrap();
    house.stop();
    assert_eq!(stream.text().await.unwrap(), "");
    ends_well(listening).await;
}

#[tokio::test]
async fn other_requests_open_no_stream() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({})).await;
    let plain = client().get(&server.url);
    let stateless = client().get(&server.url).header("Accept", "text/event-stream");
    let stateless = stateless.header("MCP-Protocol-Version", "2026-07-28");
    for request in [plain, stateless] {
        let refused = request.send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &"POST".parse().unwrap())
        );
    }
    for token in ["dh_unknown", "%ff"] {
        let stranger = get(&format!("{}/mcp/{token}", house.base)).await;
        assert_eq!(stranger.status(), 404);
        let told: Value = stranger.json().await.unwrap();
        assert_eq!(told["message"], "no MCP server has this token");
    }
    // Requests of the initialize era cannot subscribe.
    let message =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": { "notifications": {} } });
    let request = client()
        .post(&server.url)
        .header("Accept", "application/json")
        .json(&message);
    let told = answered(request).await;
    assert_eq!(told.body["error"]["code"], -32601, "{}", told.body);
    let wrong = house.message(&server.url, "subscriptions/listen", json!({ "notifications": 5 }));
    let told = answered(wrong).await;
    assert_eq!(told.body["error"]["code"], -32602, "{}", told.body);
}
