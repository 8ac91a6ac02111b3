//! The server speaks the dialect that is asked for, or that a client is known to take.

use deskhand_tests::desk::{Desk, Served, ask, connect, http};
use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};

const UPDATE: &str = "update_a_desk_365_ticket_by_id";

fn schema_of(tools: &[rmcp::model::Tool], name: &str) -> Value {
    let tool = tools.iter().find(|tool| tool.name == name).unwrap();
    Value::Object((*tool.input_schema).clone())
}

#[tokio::test]
async fn the_address_chooses_and_calls_follow_it() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let url = format!("{}/mcp/{}", served.base(), served.token());
    let usual = connect(&url).await.list_all_tools().await.unwrap();
    let strict = connect(&format!("{url}?dialect=openai-strict")).await;
    let listed = strict.list_all_tools().await.unwrap();
    let schema = schema_of(&listed, UPDATE);
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(schema["required"].as_array().unwrap().len(), properties.len());
    assert_eq!(schema["properties"]["subject"]["type"], json!(["string", "null"]));
    assert_eq!(schema_of(&usual, UPDATE)["properties"]["subject"]["type"], "string");

    // All arguments, as a strict function has them: null for those that are not meant.
    let mut arguments: serde_json::Map<String, Value> =
        properties.keys().map(|name| (name.clone(), Value::Null)).collect();
    let tickets = ask(&strict, "list_all_desk_365_tickets", json!({ "filters": null })).await;
    let number = &tickets["result"][0]["ticket_number"];
    arguments.insert("ticket_number".to_owned(), number.clone());
    arguments.insert("subject".to_owned(), "Told by a strict function".into());
    let call = CallToolRequestParams::new(UPDATE).with_arguments(arguments.clone());
    let answer = strict.call_tool(call).await.unwrap();
    assert_ne!(answer.is_error, Some(true), "{answer:?}");
    let stored = ask(
        &strict,
        "get_single_desk_365_ticket_by_id",
        json!({ "ticket_number": number }),
    )
    .await;
    assert_eq!(stored["subject"], "Told by a strict function");
}

#[tokio::test]
async fn a_dialect_that_does_not_exist_is_told() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let url = format!("{}/mcp/{}?dialect=gemin", served.base(), served.token());
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer = http().post(url).json(&ping).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let told: Value = answer.json().await.unwrap();
    assert_eq!(told["message"], "unknown dialect `gemin`; did you mean `gemini`?");
}

/// The types of a property, as a client with this name in one of the two places is told.
async fn kind_told(url: &str, agent: &str, client: Option<&str>) -> Value {
    let mut params = json!({});
    let mut version = "2025-06-18";
    if let Some(client) = client {
        version = "2026-07-28";
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": { "name": client, "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
    let request = http()
        .post(url)
        .header("user-agent", agent)
        .header("mcp-protocol-version", version)
        .header("mcp-method", "tools/list")
        .header("accept", "application/json, text/event-stream");
    let answer: Value = request.json(&list).send().await.unwrap().json().await.unwrap();
    let tools = answer["result"]["tools"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let tool = tools.iter().find(|tool| tool["name"] == UPDATE).unwrap();
    tool["inputSchema"]["properties"]["custom_fields"]["type"].clone()
}

#[tokio::test]
async fn known_clients_are_spoken_to_in_their_dialect() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let url = format!("{}/mcp/{}", served.base(), served.token());
    assert_eq!(kind_told(&url, "node", None).await, "object");
    assert_eq!(kind_told(&url, "gemini-cli-mcp-client/0.9", None).await, "string");
    assert_eq!(kind_told(&url, "node", Some("gemini-cli-mcp-client")).await, "string");
    // What the address says goes first.
    let chosen = format!("{url}?dialect=mcp");
    assert_eq!(kind_told(&chosen, "gemini-cli-mcp-client/0.9", None).await, "object");
}
