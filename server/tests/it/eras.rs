//! Both eras of the protocol: the handshake of 2025, and the stateless requests of 2026.

use rmcp::model::{CallToolRequestParams, ClientConfig, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use crate::toy::{NAMES, Server, client, request};

#[tokio::test]
async fn a_client_of_each_era_lists_and_calls() {
    let server = Server::start().await;
    for lifecycle in [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        },
    ] {
        let transport = StreamableHttpClientTransport::with_client(
            client(),
            StreamableHttpClientTransportConfig::with_uri(server.url()),
        );
        let mcp = ClientConfig::default()
            .serve_with_lifecycle(transport, lifecycle)
            .await
            .unwrap();
        let tools = mcp.list_all_tools().await.unwrap();
        assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), NAMES);
        let answer = mcp
            .call_tool(
                CallToolRequestParams::new("get_single_toy_thing_by_id")
                    .with_arguments(json!({ "id": 7 }).as_object().unwrap().clone()),
            )
            .await
            .unwrap();
        assert_eq!(answer.structured_content, Some(json!({ "echo": { "id": 7 } })));
        assert_eq!(answer.is_error, Some(false));
        mcp.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn each_handshake_version_is_agreed_to_and_no_session_is_made() {
    let server = Server::start().await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let answer = server
            .post(&request(
                "initialize",
                json!({
                    "protocolVersion": version,
                    "capabilities": {},
                    "clientInfo": { "name": "raw", "version": "1" },
                }),
            ))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert!(!answer.headers().contains_key("mcp-session-id"));
        let answer: Value = answer.json().await.unwrap();
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "deskhand");
        assert_eq!(result["serverInfo"]["title"], "Toy Shop");
        assert_eq!(result["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(result["capabilities"], json!({ "tools": { "listChanged": true } }));
        let instructions = result["instructions"].as_str().unwrap();
        for told in [
            "A helpdesk for toys.",
            "next_cursor",
            "deskhand/ratelimit",
            "isError",
            "retried",
        ] {
            assert!(instructions.contains(told), "{told}");
        }
    }
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(server.post(&initialized).send().await.unwrap().status(), 202);
    let pong: Value = server
        .post(&request("ping", json!({})))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(pong["result"], json!({}));
}

#[tokio::test]
async fn the_stateless_era_needs_no_handshake() {
    let server = Server::start().await;
    let discovered: Value = server
        .post_stateless("server/discover", json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let result = &discovered["result"];
    let versions = result["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-03-26")));
    assert_eq!(result["cacheScope"], "private");
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["title"],
        "Toy Shop"
    );

    let listed: Value = server
        .post_stateless("tools/list", json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(listed["result"]["cacheScope"], "private");
    assert_eq!(listed["result"]["resultType"], "complete");
    assert!(listed["result"]["ttlMs"].is_u64());
    assert_eq!(listed["result"]["tools"].as_array().unwrap().len(), NAMES.len());

    let params = json!({ "name": "get_single_toy_thing_by_id", "arguments": { "id": "x" } });
    let called: Value = server
        .post_stateless("tools/call", params)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(called["result"]["structuredContent"], json!({ "echo": { "id": "x" } }));
}

#[tokio::test]
async fn a_stateless_request_that_contradicts_its_headers_is_refused() {
    let server = Server::start().await;
    let request = server
        .post_stateless("tools/call", json!({ "name": "toy_boxes_shake", "arguments": {} }))
        .build()
        .unwrap();
    for (header, value) in [
        ("mcp-name", "create_a_toy_thing"),
        ("mcp-method", "tools/list"),
        ("mcp-protocol-version", "2025-11-25"),
    ] {
        let mut request = request.try_clone().unwrap();
        request.headers_mut().insert(header, value.parse().unwrap());
        let answer = client().execute(request).await.unwrap();
        assert_eq!(answer.status(), 400, "{header}");
    }
    assert_eq!(server.fake.calls.load(std::sync::atomic::Ordering::SeqCst), 0);
}
