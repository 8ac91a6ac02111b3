//! What support teams do, done by MCP clients of the real program; judged by what the helpdesk then holds.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

mod crisp;
mod demo;
mod desk365;
mod gorgias;

use deskhand_tests::desk::{Client, ask};
use serde_json::{Map, Value};

/// The places that changed, sorted.
fn places(changed: &Map<String, Value>) -> Vec<&str> {
    let mut places: Vec<&str> = changed.keys().map(String::as_str).collect();
    places.sort_unstable();
    places
}

/// Reads a list to its end; gives the items and how many pages they came on.
async fn read_all(client: &Client, tool: &str, arguments: &Value) -> (Vec<Value>, usize) {
    let (mut items, mut pages) = (Vec::new(), 0);
    let mut arguments = arguments.clone();
    loop {
        let page = ask(client, tool, arguments.clone()).await;
        let received = page["result"].as_array().unwrap();
        assert_eq!(page["result_count"], received.len());
        items.extend(received.iter().cloned());
        pages += 1;
        assert!(pages < 100, "the list has an end");
        match &page["next_cursor"] {
            Value::Null => return (items, pages),
            cursor => arguments["next_cursor"] = cursor.clone(),
        }
    }
}
