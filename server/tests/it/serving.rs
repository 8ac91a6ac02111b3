//! What holds for every request, whatever it is for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskhand::access::{Access, Directory, DirectoryError};
use deskhand::call::Calls;
use deskhand::filter::Filter;
use deskhand::http::{self, Doors, Settings};
use deskhand::quota::{Limit, Quotas};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::toy::{Server, client, logs, request};

/// The log lines of the request with this id.
fn logged(id: &str) -> Vec<Value> {
    let lines = logs();
    let lines = lines.lines().filter(|line| line.contains(id));
    let parsed = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.filter(|line| line["request_id"] == id).collect()
}

#[tokio::test]
async fn a_request_is_found_in_the_log_by_its_id() {
    let server = Server::start().await;
    let call = request("tools/call", json!({ "name": "toy_boxes_shake", "arguments": {} }));
    let answered = server
        .post(&call)
        .header("X-Request-Id", "trace-0.1_A")
        .send()
        .await
        .unwrap();
    assert_eq!(answered.headers()["x-request-id"], "trace-0.1_A");
    let lines = logged("trace-0.1_A");
    let line = |message: &str| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .expect("it is logged")
    };
    assert_eq!(line("call")["tool"], "toy_boxes_shake");
    let whole = line("request");
    assert_eq!(
        (&whole["method"], &whole["route"], &whole["status"]),
        (&json!("POST"), &json!("/mcp/{token}"), &json!(200))
    );
    assert_eq!(whole["mcp_server"], server.id.as_str());
    assert!(whole["milliseconds"].is_u64() && whole.get("api_token").is_none());
    assert!(!logs().contains(server.token.reveal()));
}

#[tokio::test]
async fn ids_that_could_break_a_log_are_replaced() {
    let server = Server::start().await;
    let mut made = BTreeSet::new();
    let long = "x".repeat(65);
    for told in [None, Some("a b"), Some("\"}"), Some(long.as_str())] {
        let mut sent = client().get(format!("{}/nothing/here", server.base));
        if let Some(told) = told {
            sent = sent.header("X-Request-Id", told);
        }
        let answered = sent.send().await.unwrap();
        let id = answered.headers()["x-request-id"].to_str().unwrap().to_owned();
        let [line] = &logged(&id)[..] else {
            panic!("one line for {id}")
        };
        assert_eq!((&line["route"], &line["status"]), (&json!("(none)"), &json!(404)));
        made.insert(id);
    }
    assert_eq!(made.len(), 4);
    assert!(!logs().contains("/nothing/here"), "no path is logged");
}

/// Panics when it is asked.
struct Broken;

#[async_trait]
impl Directory for Broken {
    #[expect(clippy::panic, reason = "what is tested")]
    async fn resolve(&self, _token: &str) -> Result<Option<Access>, DirectoryError> {
        panic!("of nothing in particular")
    }

    async fn reaches(&self, _api_token: &str, _access: &Access) -> Result<bool, DirectoryError> {
        Ok(false)
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_the_server_goes_on() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let doors = Doors {
        directory: Arc::new(Broken),
        calls: Calls::default(),
        api: None,
    };
    let settings = Settings::default();
    let router = http::router(doors, &settings);
    tokio::spawn(http::serve(listener, router, settings, std::future::pending()));
    for _ in 0..2 {
        let ping = client()
            .post(format!("{base}/mcp/dh_x"))
            .json(&request("ping", json!({})));
        let answered = ping.header("X-Request-Id", "breaks").send().await.unwrap();
        assert_eq!(answered.status(), 500);
        assert_eq!(answered.headers()["x-request-id"], "breaks");
        let body: Value = answered.json().await.unwrap();
        assert_eq!(
            body,
            json!({ "statusCode": 500, "error": "Internal Server Error", "message": "the server failed; its log tells why" })
        );
    }
}

#[tokio::test]
async fn a_server_told_to_stop_says_that_it_is_not_ready_and_goes_on_for_a_while() {
    let settings = Settings {
        shutdown_delay: Duration::from_secs(3600),
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    let ready = || client().get(format!("{}/readyz", server.base)).send();
    let answered = ready().await.unwrap();
    assert_eq!(answered.status(), 200);
    assert_eq!(answered.json::<Value>().await.unwrap(), json!({ "status": "ready" }));
    server.stop.cancel();
    let refused = loop {
        let answered = ready().await.unwrap();
        if answered.status() != 200 {
            break answered;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused.status(), 503);
    assert_eq!(
        refused.json::<Value>().await.unwrap()["message"],
        "the server is stopping"
    );
    assert_eq!(
        client()
            .get(format!("{}/healthz", server.base))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let result = server.call("toy_boxes_shake", json!({})).await;
    assert_eq!(result["result"]["isError"], false);
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_others_to_close() {
    let settings = Settings {
        max_connections: 1,
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    let address = server.base.trim_start_matches("http://");
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut buffer = [0; 1024];
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(ask).await.unwrap();
    assert!(first.read(&mut buffer).await.unwrap() > 0);
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(ask).await.unwrap();
    for _ in 0..50 {
        first.write_all(ask).await.unwrap();
        assert!(first.read(&mut buffer).await.unwrap() > 0);
    }
    let early = second.try_read(&mut buffer);
    assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    let read = second.read(&mut buffer).await.unwrap();
    assert!(buffer[..read].starts_with(b"HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn probes_answer_whatever_name_the_server_goes_by_there() {
    let settings = Settings {
        public_metrics: true,
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    let get = |path: &str| {
        let sent = client().get(format!("{}{path}", server.base));
        sent.header("Host", "10.1.2.3:8787").send()
    };
    for probe in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(get(probe).await.unwrap().status(), 200, "{probe}");
    }
    assert_eq!(get("/other").await.unwrap().status(), 403);
}

#[tokio::test]
async fn metrics_are_not_for_everyone() {
    let server = Server::start().await;
    let sent = client().get(format!("{}/metrics", server.base));
    let refused = sent.send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(!refused.text().await.unwrap().contains("deskhand_"));
}

#[tokio::test]
async fn metrics_tell_of_calls_and_requests_and_take_no_word_from_callers() {
    let settings = Settings {
        public_metrics: true,
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    for tool in [
        "list_all_toy_things",
        "create_a_toy_thing",
        "delete_a_toy_thing",
        "made-up-by-a-caller",
    ] {
        server.call(tool, json!({})).await;
    }
    let made_up = reqwest::Method::from_bytes(b"BREW").unwrap();
    client()
        .request(made_up, format!("{}/made/up", server.base))
        .send()
        .await
        .unwrap();
    let shown = client().get(format!("{}/metrics", server.base)).send().await.unwrap();
    assert_eq!(
        shown.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = shown.text().await.unwrap();
    for line in [
        r#"deskhand_calls_total{integration="toy-shop",method="list",category="read",door="mcp",code="ok"} 1"#,
        r#"deskhand_calls_total{integration="toy-shop",method="create",category="write",door="mcp",code="rate_limited"} 1"#,
        r#"deskhand_calls_total{integration="toy-shop",method="delete",category="write",door="mcp",code="ok"} 1"#,
        r#"deskhand_calls_total{integration="toy-shop",method="",category="none",door="mcp",code="unknown_tool"} 1"#,
        r#"deskhand_upstream_responses_total{integration="toy-shop",status="200"} 2"#,
        r#"deskhand_upstream_responses_total{integration="toy-shop",status="429"} 1"#,
        r#"deskhand_rate_limit{integration="toy-shop",account="environment"} 50"#,
        r#"deskhand_rate_limit_remaining{integration="toy-shop",account="environment"} 0"#,
        r#"deskhand_http_requests_total{method="POST",route="/mcp/{token}",status="200"} 4"#,
        r#"deskhand_http_requests_total{method="other",route="(none)",status="404"} 1"#,
        r#"deskhand_call_duration_seconds_count{integration="toy-shop",category="read",door="mcp"} 1"#,
        r#"deskhand_upstream_duration_seconds_bucket{integration="toy-shop",category="read",le="0.001"} 1"#,
        "deskhand_log_rows_lost_total 0",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
    }
    assert!(
        !text.contains("deskhand_refused_calls_total"),
        "no limit of the server's own was reached"
    );
    for made_up in ["made", "BREW", server.token.reveal()] {
        assert!(!text.contains(made_up), "{made_up} is in\n{text}");
    }
    for sample in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let name = sample.split(['{', ' ']).next().unwrap();
        let base = ["_bucket", "_sum", "_count"]
            .into_iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        assert!(text.contains(&format!("# HELP {base} ")), "{base} is not explained");
    }
}

#[tokio::test]
async fn own_limits_are_told_apart_from_the_helpdesks() {
    let limits = |token: &str, account: &str| {
        let read = |text: &str| text.parse::<Limit>().unwrap();
        Quotas::new(read(token), read(account))
    };
    for (quotas, what) in [
        (limits("2/h", "none"), "this MCP server"),
        (limits("none", "2/h"), "this account"),
    ] {
        let settings = Settings {
            public_metrics: true,
            ..Settings::default()
        };
        let server = Server::limited(settings, quotas).await;
        for _ in 0..2 {
            let result = server.call("toy_boxes_shake", json!({})).await["result"].clone();
            assert_eq!(result["isError"], false);
        }
        let sent = server.fake.calls.load(std::sync::atomic::Ordering::SeqCst);
        let result = server.call("toy_boxes_shake", json!({})).await["result"].clone();
        assert_eq!(result["isError"], true);
        let error = &result["structuredContent"]["error"];
        assert_eq!(
            (&error["code"], &error["origin"], &error["status"]),
            (&json!("rate_limited"), &json!("deskhand"), &Value::Null)
        );
        let wait = error["retry_after"].as_u64().unwrap();
        assert!((1..=1800).contains(&wait), "{wait}");
        assert!(error["message"].as_str().unwrap().starts_with(what), "{error}");
        assert!(result.get("_meta").is_none(), "the helpdesk told nothing");
        assert_eq!(
            server.fake.calls.load(std::sync::atomic::Ordering::SeqCst),
            sent,
            "nothing was sent"
        );
        let text = client().get(format!("{}/metrics", server.base)).send().await.unwrap();
        let text = text.text().await.unwrap();
        let line = r#"deskhand_refused_calls_total{integration="toy-shop",door="mcp"} 1"#;
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test]
async fn a_request_whose_client_leaves_is_noted() {
    let settings = Settings {
        public_metrics: true,
        ..Settings::default()
    };
    let server = Server::with(Filter::default(), settings).await;
    let call = request("tools/call", json!({ "name": "toy_boxes_hang" }));
    let left = CancellationToken::new();
    let sent = tokio::spawn({
        let (sent, left) = (server.post(&call).header("X-Request-Id", "leaves").send(), left.clone());
        async move {
            tokio::select! {
                _ = sent => panic!("it hangs"),
                () = left.cancelled() => {}
            }
        }
    });
    server.fake.hanging.notified().await;
    left.cancel();
    sent.await.unwrap();
    server.fake.abandoned.notified().await;
    let noted = || logged("leaves").into_iter().find(|line| line["message"] == "request");
    let line = loop {
        if let Some(line) = noted() {
            break line;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(line["status"], 499);
}
