//! What a scope lists.

use serde_json::{Value, json};

use crate::toy::{NAMES, Server, TOY, filter, request};

async fn listed(server: &Server) -> Vec<String> {
    let answer: Value = server
        .post(&request("tools/list", json!({})))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_list_is_one_page_in_spec_order_and_the_same_bytes_each_time() {
    let server = Server::start().await;
    let list = || async {
        server
            .post(&request("tools/list", json!({})))
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    let (first, second) = (list().await, list().await);
    assert_eq!(first, second);
    let answer: Value = serde_json::from_slice(&first).unwrap();
    assert!(answer["result"].get("nextCursor").is_none());
    // Members of the stateless era stay out of answers to older clients.
    assert!(answer["result"].get("ttlMs").is_none() && answer["result"].get("resultType").is_none());
    assert_eq!(listed(&server).await, NAMES);
    let beyond = request("tools/list", json!({ "cursor": "2" }));
    let beyond: Value = server.post(&beyond).send().await.unwrap().json().await.unwrap();
    assert_eq!(beyond["error"]["code"], -32602);
}

#[tokio::test]
async fn annotations_follow_the_effect() {
    let server = Server::start().await;
    let answer: Value = server
        .post(&request("tools/list", json!({})))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let hints = |index: usize| answer["result"]["tools"][index]["annotations"].clone();
    let expected = |read: bool, destructive: bool, idempotent: bool| {
        json!({
            "title": "A toy tool",
            "readOnlyHint": read,
            "destructiveHint": destructive,
            "idempotentHint": idempotent,
            "openWorldHint": true,
        })
    };
    assert_eq!(hints(0), expected(true, false, true));
    assert_eq!(hints(2), expected(false, false, false));
    assert_eq!(hints(3), expected(false, true, false));
    assert_eq!(answer["result"]["tools"][0]["title"], "A toy tool");
}

#[tokio::test]
async fn filters_choose_by_method_and_tag() {
    for (methods, tags, expected) in [
        (
            &["read"][..],
            &[][..],
            &["list_all_toy_things", "get_single_toy_thing_by_id"][..],
        ),
        (&["write"], &[], &["create_a_toy_thing", "delete_a_toy_thing_by_id"]),
        (&["custom"], &["play"], &["toy_boxes_shake"]),
        (&["list", "Shake"], &[], &["list_all_toy_things", "toy_boxes_shake"]),
        (&[], &["play"], &["list_all_toy_things", "toy_boxes_shake"]),
        (&["read"], &["boxes", "play"], &["list_all_toy_things"]),
    ] {
        let server = Server::filtered(methods, tags).await;
        assert_eq!(listed(&server).await, expected, "{methods:?} {tags:?}");
    }
}

#[test]
fn filters_that_make_no_sense_are_refused() {
    let tools: Vec<_> = TOY.tools().collect();
    let refused = |methods: &[&str], tags: &[&str]| {
        let refused = filter(methods, tags).select(TOY.title, &tools);
        refused.unwrap_err().to_string()
    };
    assert_eq!(refused(&["raed"], &[]), "unknown method `raed`; did you mean `read`?");
    assert_eq!(
        refused(&["read", "shaek"], &[]),
        "unknown method `shaek`; did you mean `shake`?"
    );
    assert_eq!(
        refused(&[], &["thinks"]),
        "unknown tag `thinks`; did you mean `things`?"
    );
    assert_eq!(
        refused(&[], &["billing"]),
        "unknown tag `billing`; known are: boxes, play, things"
    );
    assert_eq!(
        refused(&["write"], &["boxes"]),
        "no tool of Toy Shop has methods write and tags boxes"
    );
}
