//! Searching tickets: a PUT that only looks, and goes on by an address in the answer.

use deskhand_gorgias::INTEGRATION;
use deskhand_runtime::operation::Effect;
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{gorgias, tool};
use serde_json::{Value, json};

/// One page of one ticket; `next` is the address of the page after it.
fn page(ticket: u64, next: Value) -> Reply {
    let meta = json!({"current_cursor": "MQ==", "next_items": next, "prev_items": null});
    Reply::json(200, json!({"data": [{"id": ticket}], "meta": meta}).to_string())
}

/// Calls a tool until it has no more pages; gives the tickets, and what was sent: method, target and body.
async fn follow(name: &str, arguments: Value, next: &'static str) -> (Vec<Value>, Vec<[String; 3]>) {
    let server = RawServer::start(move |number, _| match number {
        0 => page(9001, json!(next)),
        _ => page(9002, Value::Null),
    })
    .await;
    let connection = gorgias(&server.host());
    let mut tickets = Vec::new();
    let mut given = arguments;
    loop {
        let answer = tool(&connection, name, given.clone()).await.into_structured();
        let items = answer["result"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        tickets.extend(items.iter().map(|item| item["id"].clone()));
        assert!(tickets.len() < 3, "the list has an end");
        if answer["next_cursor"].is_null() {
            break;
        }
        given["next_cursor"] = answer["next_cursor"].clone();
    }
    let sent = server.take().into_iter();
    let sent = sent.map(|seen| {
        [
            seen.method,
            seen.target,
            String::from_utf8_lossy(&seen.body).into_owned(),
        ]
    });
    (tickets, sent.collect())
}

#[tokio::test]
async fn a_search_goes_on_with_its_body_and_the_parameters_of_the_next_address() {
    let view = json!({"filters": "eq(ticket.status, 'open')", "search": "refund"});
    let arguments = json!({"view_id": 0, "limit": 1, "order_by": "priority:desc", "view": view});
    let next = "/api/views/0/items?cursor=Mg%3D%3D&direction=next&ignored_item=9001&limit=30";
    let (tickets, sent) = follow("gorgias_views_search_items", arguments, next).await;
    assert_eq!(tickets, [9001, 9002]);
    let body = r#"{"view":{"filters":"eq(ticket.status, 'open')","search":"refund"}}"#;
    let first = "/api/views/0/items?limit=1&order_by=priority%3Adesc";
    let second = format!("{first}&cursor=Mg%3D%3D&direction=next&ignored_item=9001");
    assert_eq!(sent, [["PUT", first, body], ["PUT", &second, body]]);
}

#[tokio::test]
async fn a_view_goes_on_with_the_parameters_of_the_next_address() {
    let next = "/api/views/501/items?cursor=Mg%3D%3D&direction=next&ignored_item=9001";
    let (tickets, sent) = follow("list_all_gorgias_view_items", json!({"view_id": 501}), next).await;
    assert_eq!(tickets, [9001, 9002]);
    let second = "/api/views/501/items?cursor=Mg%3D%3D&direction=next&ignored_item=9001";
    assert_eq!(sent, [["GET", "/api/views/501/items", ""], ["GET", second, ""]]);
}

#[test]
fn searching_changes_nothing() {
    for name in ["gorgias_views_search_items", "gorgias_search"] {
        let operation = INTEGRATION.tool(name).unwrap_or_else(|| panic!("no tool {name}"));
        assert_eq!((operation.effect, operation.idempotent), (Effect::Read, true), "{name}");
    }
}
