//! Who is not let in, and how that is told.

use deskhand::filter::Filter;
use deskhand::http::Settings;
use deskhand::mcp::http::MAX_BODY_BYTES;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use crate::toy::{Server, client, request};

async fn problem(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["statusCode"], status);
    assert!(body["error"].is_string() && body["message"].is_string());
    (status, body)
}

/// The same for a message with an id: it is answered as one of JSON-RPC too, which is all that some clients look at.
async fn refusal(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["statusCode"], status);
    assert_eq!((&body["jsonrpc"], &body["id"]), (&json!("2.0"), &json!(1)));
    assert_eq!(body["error"]["code"], -32600);
    assert!(body["message"].is_string() && body["error"]["message"] == body["message"]);
    (status, body)
}

#[tokio::test]
async fn unknown_tokens_are_not_found_without_a_challenge() {
    let server = Server::start().await;
    let list = request("tools/list", json!({}));
    let token = server.token.reveal();
    for wrong in [format!("{token}x"), token[..token.len() - 1].to_owned(), "x".to_owned()] {
        let by_path = client().post(format!("{}/mcp/{wrong}", server.base)).json(&list);
        let by_bearer = client()
            .post(format!("{}/mcp", server.base))
            .bearer_auth(&wrong)
            .json(&list);
        for sent in [by_path, by_bearer] {
            let response = sent.send().await.unwrap();
            assert!(!response.headers().contains_key("www-authenticate"));
            let (status, body) = refusal(response).await;
            assert_eq!(status, 404);
            assert!(!body.to_string().contains(&wrong) || wrong == "x");
        }
    }
}

#[tokio::test]
async fn without_a_token_the_bearer_path_is_unauthorized() {
    let server = Server::start().await;
    let send = |value: Option<&'static str>| {
        let sent = client()
            .post(format!("{}/mcp", server.base))
            .json(&request("ping", json!({})));
        match value {
            Some(value) => sent.header("Authorization", value),
            None => sent,
        }
        .send()
    };
    for value in [None, Some("Basic dGVzdA=="), Some("Bearer"), Some("Bearer  ")] {
        let (status, _) = refusal(send(value).await.unwrap()).await;
        assert_eq!(status, 401, "{value:?}");
    }
}

#[tokio::test]
async fn the_bearer_path_serves_the_same() {
    let server = Server::start().await;
    for scheme in ["Bearer", "bearer"] {
        let answer: Value = client()
            .post(format!("{}/mcp", server.base))
            .header("Authorization", format!("{scheme} {}", server.token.reveal()))
            .json(&request("ping", json!({})))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["result"], json!({}));
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let settings = Settings {
        public_url: Some("https://desk.example".parse().unwrap()),
        allowed_origins: vec!["https://app.example:443".to_owned()],
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    for (origin, expected) in [
        ("https://evil.example", 403),
        ("http://localhost:3000", 403),
        ("null", 403),
        ("http://app.example", 403),
        ("https://app.example", 200),
        ("https://desk.example", 200),
    ] {
        let response = server
            .post(&request("ping", json!({})))
            .header("Origin", origin)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), expected, "{origin}");
        if expected == 403 {
            problem(response).await;
        }
    }
    for (origin, status, named) in [
        ("https://app.example", 204, Some("https://app.example")),
        ("https://APP.example", 204, Some("https://APP.example")),
        ("https://desk.example:443", 204, Some("https://desk.example:443")),
        ("https://evil.example", 403, None),
        ("https://app.example.evil.example", 403, None),
        ("null", 403, None),
    ] {
        let response = client()
            .request(reqwest::Method::OPTIONS, server.url())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header(
                "Access-Control-Request-Headers",
                "authorization, content-type, mcp-protocol-version",
            )
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{origin}");
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("access-control-allow-origin"), named, "{origin}");
        assert_eq!(
            header("access-control-allow-methods"),
            named.map(|_| "GET, POST, PATCH, DELETE")
        );
        assert_eq!(
            header("access-control-allow-headers"),
            named.map(|_| "authorization, *")
        );
        assert_eq!(header("vary"), named.map(|_| "origin"));
        assert_eq!(header("access-control-allow-credentials"), None);
    }
    for (origin, named) in [("https://app.example", true), ("https://evil.example", false)] {
        let sent = server.post(&request("ping", json!({}))).header("Origin", origin);
        let response = sent.send().await.unwrap();
        assert_eq!(
            response.headers().contains_key("access-control-allow-origin"),
            named,
            "{origin}"
        );
    }
    let plain = Server::start().await;
    let response = plain
        .post(&request("ping", json!({})))
        .header("Origin", "http://localhost")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(response).await.0, 403, "no origin is let in unless it is named");
}

#[tokio::test]
async fn requests_to_other_hosts_are_refused() {
    let settings = Settings {
        public_url: Some("https://desk.example".parse().unwrap()),
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    for (host, expected) in [
        ("evil.example", 403),
        ("desk.example.evil.example", 403),
        ("desk.example", 200),
        ("localhost:1234", 200),
        ("[::1]:8787", 200),
    ] {
        let response = server
            .post(&request("ping", json!({})))
            .header("Host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), expected, "{host}");
        if expected == 403 {
            problem(response).await;
        }
    }
}

#[tokio::test]
async fn only_posts_are_taken() {
    let server = Server::start().await;
    for method in [reqwest::Method::GET, reqwest::Method::DELETE, reqwest::Method::PUT] {
        let response = client()
            .request(method, server.url())
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["allow"], "POST");
        assert_eq!(problem(response).await.0, 405);
    }
}

#[tokio::test]
async fn too_large_a_body_is_refused() {
    let server = Server::start().await;
    let padding = "x".repeat(MAX_BODY_BYTES);
    let response = server
        .post(&request("ping", json!({ "padding": padding })))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(response).await.0, 413);

    // Announced, and never sent: there is nothing to wait for.
    let mut connection = tokio::net::TcpStream::connect(server.base.trim_start_matches("http://"))
        .await
        .unwrap();
    let head = format!(
        "POST /mcp/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.token.reveal(),
        MAX_BODY_BYTES + 1
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    connection.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
}

#[tokio::test]
async fn bodies_that_are_no_messages_have_json_rpc_errors() {
    let server = Server::start().await;
    let send = |body: Vec<u8>, kind: &'static str| {
        client()
            .post(server.url())
            .header("Accept", "application/json, text/event-stream")
            .header("Content-Type", kind)
            .body(body)
            .send()
    };
    let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (body, code) in [
        (b"{\"jsonrpc\":".to_vec(), -32700),
        (Vec::new(), -32700),
        (b"{\"hello\":\"\xff\"}".to_vec(), -32700),
        (b"{\"hello\":\"\\ud800\"}".to_vec(), -32700),
        (format!("{{\"hello\":{nested}}}").into(), -32700),
        (b"{\"hello\":1}".to_vec(), -32600),
        (b"7".to_vec(), -32600),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let response = send(body, "application/json; charset=utf-8").await.unwrap();
        assert_eq!(response.status(), 400, "{shown}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{shown}");
        assert_eq!(answer["id"], Value::Null);
    }
    assert_eq!(problem(send(b"{}".to_vec(), "text/plain").await.unwrap()).await.0, 415);
}

#[tokio::test]
async fn a_client_that_takes_anything_is_served() {
    let server = Server::start().await;
    for accept in [
        None,
        Some("*/*"),
        Some("application/json"),
        Some("application/json;q=0.9, text/plain"),
    ] {
        let mut sent = client().post(server.url()).json(&request("ping", json!({})));
        if let Some(accept) = accept {
            sent = sent.header("Accept", accept);
        }
        assert_eq!(sent.send().await.unwrap().status(), 200, "{accept:?}");
    }
    let sent = client()
        .post(server.url())
        .json(&request("ping", json!({})))
        .header("Accept", "text/html");
    assert_eq!(problem(sent.send().await.unwrap()).await.0, 406);
}

#[tokio::test]
async fn other_paths_and_the_health_check() {
    let server = Server::start().await;
    let get = |path: &str| client().get(format!("{}{path}", server.base)).send();
    let health = get("/healthz").await.unwrap();
    assert_eq!(health.status(), 200);
    assert_eq!(health.json::<Value>().await.unwrap(), json!({ "status": "ok" }));
    assert_eq!(problem(get("/nothing").await.unwrap()).await.0, 404);
    assert_eq!(
        problem(client().post(format!("{}/healthz", server.base)).send().await.unwrap())
            .await
            .0,
        405
    );
}

#[tokio::test]
async fn batches_of_the_first_revision_are_answered_together() {
    let server = Server::start().await;
    let message =
        |id: u8, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let batch = json!([
        message(1, "ping", json!({})),
        { "jsonrpc": "2.0", "method": "notifications/initialized" },
        message(2, "tools/call", json!({ "name": "toy_boxes_shake", "arguments": { "hard": true } })),
        message(3, "prompts/list", json!({})),
        { "nonsense": true },
    ]);
    let answers: Value = server.post(&batch).send().await.unwrap().json().await.unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 4);
    assert_eq!(answers[0], json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    assert_eq!(
        answers[1]["result"]["structuredContent"],
        json!({ "echo": { "hard": true } })
    );
    assert_eq!(answers[2]["error"]["code"], -32601);
    assert_eq!(answers[3]["error"]["code"], -32600);

    let notifications = json!([{ "jsonrpc": "2.0", "method": "notifications/initialized" }]);
    assert_eq!(server.post(&notifications).send().await.unwrap().status(), 202);
    for refused in [json!([]), json!([message(1, "initialize", json!({}))])] {
        assert_eq!(server.post(&refused).send().await.unwrap().status(), 400, "{refused}");
    }
    let later = server
        .post(&batch)
        .header("MCP-Protocol-Version", "2025-06-18")
        .send()
        .await
        .unwrap();
    assert_eq!(later.status(), 400, "later revisions have no batches");
}

#[tokio::test]
async fn a_server_told_to_stop_answers_what_is_under_way_and_ends() {
    let server = Server::start().await;
    let hanging = tokio::spawn(
        server
            .post(&request("tools/call", json!({ "name": "toy_boxes_wait" })))
            .send(),
    );
    server.fake.hanging.notified().await;
    server.stop.cancel();
    server.fake.go_on.notify_one();
    let answer: Value = hanging.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer["result"]["structuredContent"], json!({ "waited": true }));
    while client().get(format!("{}/healthz", server.base)).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_that_are_cut_off_are_told_so() {
    let cut_off = CancellationToken::new();
    let settings = Settings {
        cut_off: cut_off.clone(),
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    let call = request("tools/call", json!({ "name": "toy_boxes_hang" }));
    let hanging = tokio::spawn(server.post(&call).send());
    server.fake.hanging.notified().await;
    cut_off.cancel();
    let (status, body) = problem(hanging.await.unwrap().unwrap()).await;
    assert_eq!(status, 503);
    assert_eq!(
        body["message"],
        "the server stops and has cut the call off: whether it was carried out is not known"
    );
}
