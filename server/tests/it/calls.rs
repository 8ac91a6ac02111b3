//! What a call answers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use crate::toy::{Server, request};

#[tokio::test]
async fn the_text_item_holds_the_structured_content() {
    let server = Server::start().await;
    for tool in [
        "list_all_toy_things",
        "get_single_toy_thing_by_id",
        "create_a_toy_thing",
        "no_such_tool",
    ] {
        let result = server.call(tool, json!({})).await["result"].clone();
        let content = result["content"].as_array().unwrap();
        assert_eq!(content.len(), 1);
        assert_eq!(content[0]["type"], "text");
        let text: Value = serde_json::from_str(content[0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"], "{tool}");
        assert_eq!(
            content[0]["text"],
            result["structuredContent"].to_string(),
            "{tool}: same order"
        );
    }
}

#[tokio::test]
async fn an_answer_carries_the_rate_limit_in_its_meta() {
    let server = Server::start().await;
    let result = server.call("list_all_toy_things", json!({})).await["result"].clone();
    assert_eq!(result["isError"], false);
    assert_eq!(
        result["_meta"]["deskhand/ratelimit"],
        json!({ "limit": 50, "remaining": 49, "reset": 60 })
    );
    assert_eq!(result["structuredContent"]["result_count"], 1);
    let result = server.call("get_single_toy_thing_by_id", json!({})).await["result"].clone();
    assert!(result.get("_meta").is_none());
}

#[tokio::test]
async fn an_upstream_error_is_a_marked_result() {
    let server = Server::start().await;
    let result = server.call("create_a_toy_thing", json!({})).await["result"].clone();
    assert_eq!(result["isError"], true);
    assert_eq!(
        result["_meta"]["deskhand/ratelimit"],
        json!({ "limit": 50, "remaining": 0, "reset": 12 })
    );
    let error = &result["structuredContent"]["error"];
    assert_eq!(error["status"], 429);
    assert_eq!(error["code"], "rate_limited");
    assert_eq!(error["message"], "slow down");
    assert_eq!(error["origin"], "upstream");
    assert_eq!(error["retry_after"], 12);
    assert!(error["reset_at"].is_string());
    assert_eq!(server.fake.calls.load(Ordering::SeqCst), 1, "nothing is retried");
}

#[tokio::test]
async fn a_tool_outside_the_filter_does_not_exist() {
    let server = Server::filtered(&["read"], &[]).await;
    for name in ["create_a_toy_thing", "delete_a_toy_thing", "no_such_tool"] {
        let answer = server.call(name, json!({})).await;
        let result = &answer["result"];
        assert_eq!(result["isError"], true);
        assert_eq!(result["structuredContent"]["error"]["code"], "unknown_tool");
        assert_eq!(result["structuredContent"]["error"]["status"], Value::Null);
        assert_eq!(result["structuredContent"]["error"]["origin"], "deskhand");
        let hint = result["structuredContent"]["error"]["hint"].as_str().unwrap();
        assert!(!hint.contains("create_a") && !hint.contains("delete_a"), "{hint}");
    }
    assert_eq!(server.fake.calls.load(Ordering::SeqCst), 0);
    let near = server.call("list_all_toy_thing", json!({})).await;
    assert_eq!(
        near["result"]["structuredContent"]["error"]["hint"],
        "Did you mean `list_all_toy_things`?"
    );
}

#[tokio::test]
async fn aliases_are_accepted_but_not_listed() {
    let server = Server::start().await;
    let result = server.call("delete_a_toy_thing", json!({ "id": 1 })).await["result"].clone();
    assert_eq!(result["structuredContent"], json!({ "echo": { "id": 1 } }));
    assert!(!crate::toy::NAMES.contains(&"delete_a_toy_thing"));
}

#[tokio::test]
async fn absent_and_null_arguments_are_no_arguments() {
    let server = Server::start().await;
    for params in [
        json!({ "name": "toy_boxes_shake" }),
        json!({ "name": "toy_boxes_shake", "arguments": null }),
    ] {
        let answer: Value = server
            .post(&request("tools/call", params))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["result"]["structuredContent"], json!({ "echo": {} }));
    }
}

#[tokio::test]
async fn params_of_the_wrong_form_are_a_protocol_fault() {
    let server = Server::start().await;
    for params in [
        json!({}),
        json!({ "name": 7 }),
        json!({ "name": "toy_boxes_shake", "arguments": [1] }),
    ] {
        let answer: Value = server
            .post(&request("tools/call", params))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    assert_eq!(server.fake.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn methods_that_are_not_offered_are_not_found() {
    let server = Server::start().await;
    for method in [
        "resources/list",
        "resources/templates/list",
        "prompts/list",
        "completion/complete",
        "prompts/get",
        "resources/read",
        "logging/setLevel",
        "tasks/get",
        "no/such",
    ] {
        let params = match method {
            "prompts/get" => json!({ "name": "x" }),
            "resources/read" => json!({ "uri": "x:y" }),
            "logging/setLevel" => json!({ "level": "info" }),
            "completion/complete" => {
                json!({ "ref": { "type": "ref/prompt", "name": "x" }, "argument": { "name": "a", "value": "b" } })
            }
            "tasks/get" => json!({ "taskId": "x" }),
            _ => json!({}),
        };
        let answer: Value = server
            .post(&request(method, params))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
    }
    let endless = "m".repeat(1 << 20);
    let answer: Value = server
        .post(&request(&endless, json!({})))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let shown = format!("no method `{}`", "m".repeat(80));
    assert_eq!(answer["error"], json!({ "code": -32601, "message": shown }));
    assert!(
        !crate::toy::logs().contains(&"m".repeat(81)),
        "a log line holds what a caller made up"
    );
}

#[tokio::test]
async fn a_panic_in_a_call_is_an_internal_error() {
    let server = Server::start().await;
    let answer = server.call("toy_boxes_break", json!({})).await;
    let error = &answer["result"]["structuredContent"]["error"];
    assert_eq!(error["code"], "internal");
    assert!(!answer.to_string().contains("a customer's words"));
    let after = server.call("toy_boxes_shake", json!({})).await;
    assert_eq!(after["result"]["isError"], false);
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_call() {
    let server = Server::start().await;
    for stateless in [false, true] {
        let params = json!({ "name": "toy_boxes_hang", "arguments": {} });
        let sent = if stateless {
            server.post_stateless("tools/call", params)
        } else {
            server.post(&request("tools/call", params))
        };
        let sending = tokio::spawn(sent.send());
        server.fake.hanging.notified().await;
        sending.abort();
        tokio::time::timeout(Duration::from_secs(10), server.fake.abandoned.notified())
            .await
            .expect("the call is dropped once its client has left");
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_request_to_the_helpdesk() {
    use tokio::io::AsyncReadExt as _;

    let helpdesk = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::connected(format!("http://{}/{{shop}}", helpdesk.local_addr().unwrap())).await;
    let call = request("tools/call", json!({ "name": "toy_boxes_shake", "arguments": {} }));
    let sending = tokio::spawn(server.post(&call).send());
    // The helpdesk reads the request and never answers.
    let (mut stream, _) = helpdesk.accept().await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        assert!(stream.read_buf(&mut received).await.unwrap() > 0);
    }
    assert!(
        received.starts_with(b"GET /acme/things HTTP/1.1\r\n"),
        "{}",
        String::from_utf8_lossy(&received)
    );
    sending.abort();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_buf(&mut received)).await;
    assert_eq!(ended.expect("the connection to the helpdesk is closed").unwrap_or(0), 0);
}
