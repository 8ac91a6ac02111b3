//! MCP on a pair of streams.

use std::sync::Arc;
use std::time::Duration;

use deskhand::mcp::stdio::serve_on;
use deskhand::scope::{Offer, Scope};
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest};
use rmcp::service::PeerRequestOptions;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::task::JoinHandle;

use crate::toy::{Fake, NAMES, TOY};

fn serve(fake: &Arc<Fake>) -> (DuplexStream, JoinHandle<Result<(), String>>) {
    let scope = Scope::new("stdio", "My toys", &TOY, &Offer::default(), Arc::clone(fake) as _).unwrap();
    let (client, server) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(server);
    (client, tokio::spawn(serve_on(Arc::new(scope), None, read, write)))
}

#[tokio::test]
async fn a_client_lists_calls_and_leaves() {
    let fake = Arc::new(Fake::default());
    let (stream, serving) = serve(&fake);
    let client = rmcp::serve_client((), stream).await.unwrap();
    assert_eq!(
        client
            .peer_info()
            .unwrap()
            .server_info
            .clone()
            .unwrap()
            .title
            .as_deref(),
        Some("My toys")
    );
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), NAMES);
    let answer = client
        .call_tool(CallToolRequestParams::new("no_such_tool"))
        .await
        .unwrap();
    assert_eq!(answer.is_error, Some(true));
    assert_eq!(answer.structured_content.unwrap()["error"]["code"], "unknown_tool");
    client.cancel().await.unwrap();
    assert_eq!(serving.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_cancelled_request_ends_its_call() {
    let fake = Arc::new(Fake::default());
    let (stream, _serving) = serve(&fake);
    let client = rmcp::serve_client((), stream).await.unwrap();
    let call = ClientRequest::CallToolRequest(CallToolRequest::new(CallToolRequestParams::new("toy_boxes_hang")));
    let handle = client
        .send_cancellable_request(call, PeerRequestOptions::no_options())
        .await
        .unwrap();
    fake.hanging.notified().await;
    handle.cancel(Some("changed my mind".to_owned())).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), fake.abandoned.notified())
        .await
        .expect("the call is dropped");
}

#[tokio::test]
async fn requests_piped_in_at_once_are_all_answered() {
    let fake = Arc::new(Fake::default());
    let (stream, serving) = serve(&fake);
    let (read, mut write) = tokio::io::split(stream);
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "toy_boxes_shake" } }),
    ];
    for message in messages {
        write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }
    write.shutdown().await.unwrap();
    let mut lines = BufReader::new(read).lines();
    let mut next = async || -> Value { serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap() };
    assert_eq!(next().await["result"]["serverInfo"]["title"], "My toys");
    assert_eq!(next().await["result"]["structuredContent"], json!({ "echo": {} }));
    assert_eq!(serving.await.unwrap(), Ok(()));
}
