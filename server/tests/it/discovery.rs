//! Discovery exposure: three tools, by which the others are found, read about and called.

use deskhand_runtime::schema::{SchemaOptions, input_schema, lint};
use serde_json::{Value, json};

use crate::house::{House, Server};
use crate::workshop::PAPER;

async fn found(house: &House, server: &Server, query: &str) -> Vec<String> {
    let result = house.call(server, "search_tools", json!({ "query": query })).await;
    assert_eq!(result["isError"], false, "{result}");
    let found = result["structuredContent"]["result"].as_array().unwrap();
    found
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn three_tools_are_listed() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({ "tool_exposure": "discovery" })).await;
    let tools = house.tools(&server).await;
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search_tools", "get_tool_schema", "call_tool"]);
    for tool in &tools {
        assert_eq!(lint(tool["inputSchema"].as_object().unwrap()), Vec::<String>::new());
        assert_eq!(tool["outputSchema"]["type"], "object");
        assert!(!tool["title"].as_str().unwrap().is_empty());
    }
    let hints = |index: usize| {
        let hints = &tools[index]["annotations"];
        ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]
            .map(|hint| hints[hint].as_bool().unwrap())
    };
    assert_eq!(hints(0), [true, false, true, true]);
    assert_eq!(hints(1), [true, false, true, true]);
    assert_eq!(hints(2), [false, true, false, true]);
    let about = tools[0]["description"].as_str().unwrap();
    assert!(
        about.contains("There are 11 in all, about: tickets, notes, people, labels."),
        "{about}"
    );
    let reading = house
        .server(json!({ "tool_exposure": "discovery", "methods": ["list", "get"], "tags": ["notes"] }))
        .await;
    let tools = house.tools(&reading).await;
    let about = tools[0]["description"].as_str().unwrap();
    assert!(about.contains("There are 2 in all, about: notes."), "{about}");
    assert_eq!(tools[2]["annotations"]["readOnlyHint"], true);
    let other = house.server(json!({})).await;
    let unknown = house.call(&other, "search_tools", json!({})).await;
    assert_eq!(unknown["structuredContent"]["error"]["code"], "unknown_tool");
}

#[tokio::test]
async fn tools_are_found_by_words() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({ "tool_exposure": "discovery" })).await;
    for (query, first) in [
        ("merge", "paper_desk_tickets_merge"),
        ("delete_a_paper_desk_ticket", "delete_a_paper_desk_ticket_by_id"),
        ("read a person", "get_single_paper_desk_person_by_id"),
        ("LABELS", "update_a_paper_desk_label_by_id"),
        ("danger delete", "delete_a_paper_desk_ticket_by_id"),
        // By an argument, by a word of the documentation, with a slip.
        ("priority", "create_a_paper_desk_ticket"),
        ("everybody", "paper_desk_people_read"),
        ("lables", "update_a_paper_desk_label_by_id"),
    ] {
        let names = found(&house, &server, query).await;
        assert_eq!(names.first().map(String::as_str), Some(first), "{query}: {names:?}");
    }
    // Another form of the word is only near it.
    let merging = found(&house, &server, "merging two tickets").await;
    assert!(
        merging.iter().take(3).any(|name| name == "paper_desk_tickets_merge"),
        "{merging:?}"
    );
    let notes = found(&house, &server, "notes").await;
    assert!(
        notes.len() >= 2 && notes[..2].iter().all(|name| name.contains("note")),
        "{notes:?}"
    );
    let result = house
        .call(&server, "search_tools", json!({ "query": "create ticket", "limit": 1 }))
        .await;
    assert_eq!(
        result["structuredContent"],
        json!({
            "result_count": 1,
            "result": [{
                "name": "create_a_paper_desk_ticket",
                "title": "Create a ticket",
                "effect": "write",
                "description": "Opens a new ticket",
                "required": ["subject"],
            }],
        })
    );
}

#[tokio::test]
async fn names_are_listed_where_nothing_is_found_or_asked_for() {
    let house = House::of(&PAPER).await;
    let server = house
        .server(json!({ "tool_exposure": "discovery", "methods": ["list", "get"], "tags": ["notes", "people"] }))
        .await;
    let all = json!({
        "result": [],
        "result_count": 0,
        "resources": [
            { "resource": "notes", "tools": ["list_all_paper_desk_notes", "get_single_paper_desk_note_by_id"] },
            { "resource": "people", "tools": ["get_single_paper_desk_person_by_id"] },
        ],
    });
    for arguments in [
        json!({}),
        json!({ "query": "" }),
        json!({ "query": "the of and" }),
        json!({ "query": "qqqq" }),
        // There is such a tool, but not here.
        json!({ "query": "merge" }),
    ] {
        let result = house.call(&server, "search_tools", arguments.clone()).await;
        assert_eq!(result["structuredContent"], all, "{arguments}");
    }
}

#[tokio::test]
async fn schemas_are_those_that_would_be_listed() {
    let house = House::of(&PAPER).await;
    let config = json!({ "methods": ["list", "update"], "pinned": { "board": "b", "assignee": "a" } });
    let plain = house.server(config.clone()).await;
    let mut discovering = config;
    discovering["tool_exposure"] = "discovery".into();
    let server = house.server(discovering).await;
    let listed = house.tools(&plain).await;
    let names: Vec<&Value> = listed.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names.len(), 4);
    let result = house
        .call(&server, "get_tool_schema", json!({ "tool_names": names }))
        .await;
    let described = result["structuredContent"]["result"].as_array().unwrap();
    assert_eq!(described.len(), listed.len());
    for (described, listed) in described.iter().zip(&listed) {
        assert_eq!(described["name"], listed["name"]);
        assert_eq!(described["title"], listed["title"]);
        assert_eq!(described["description"], listed["description"]);
        assert_eq!(described["input_schema"], listed["inputSchema"]);
    }
    // The pinned board is needed otherwise.
    let needed = input_schema(
        PAPER.tool("update_a_paper_desk_ticket_by_id").unwrap(),
        &SchemaOptions::default(),
    );
    assert_eq!(needed["required"], json!(["board", "ticket"]));
    assert_eq!(described[1]["input_schema"]["required"], json!(["ticket"]));
}

#[tokio::test]
async fn near_names_are_suggested() {
    let house = House::of(&PAPER).await;
    let server = house
        .server(json!({ "tool_exposure": "discovery", "tags": ["notes"] }))
        .await;
    for (tool, arguments, message, hint) in [
        (
            "get_tool_schema",
            json!({ "tool_names": ["list_all_paper_desk_note", "list_all_paper_desk_notes", "zzz"] }),
            "there is no tool `list_all_paper_desk_note`, `zzz` here",
            "Did you mean `list_all_paper_desk_notes`?",
        ),
        (
            "call_tool",
            json!({ "tool_name": "get_single_paper_desk_note" }),
            "there is no tool `get_single_paper_desk_note` here",
            "Did you mean `get_single_paper_desk_note_by_id`?",
        ),
        (
            "call_tool",
            json!({ "tool_name": "call_tool", "arguments": {} }),
            "there is no tool `call_tool` here",
            "Call `search_tools` to see what there is.",
        ),
        (
            "list_all_paper_desk_notez",
            json!({}),
            "there is no tool `list_all_paper_desk_notez` here",
            "Did you mean `list_all_paper_desk_notes`?",
        ),
    ] {
        let result = house.call(&server, tool, arguments).await;
        assert_eq!(result["isError"], true);
        let error = &result["structuredContent"]["error"];
        assert_eq!(error["code"], "unknown_tool");
        assert_eq!(error["message"], message);
        assert_eq!(error["hint"], hint);
    }
    assert_eq!(house.upstream.take(), []);
}

#[tokio::test]
async fn calls_are_made_and_logged_as_those_of_the_tool() {
    let house = House::of(&PAPER).await;
    let server = house.server(json!({ "tool_exposure": "discovery" })).await;
    let tool = "get_single_paper_desk_ticket_by_id";
    for (called, arguments) in [
        ("call_tool", json!({ "tool_name": tool, "arguments": { "ticket": 7 } })),
        (
            "call_tool",
            json!({ "tool_name": tool, "arguments": "{\"ticket\": 7}" }),
        ),
        (tool, json!({ "ticket": 7 })),
    ] {
        let result = house.call(&server, called, arguments).await;
        assert_eq!(result["structuredContent"]["id"], 7, "{result}");
        assert_eq!(house.upstream.one().0, "GET /boards/main/tickets/7");
    }
    let result = house
        .call(
            &server,
            "call_tool",
            json!({ "tool_name": tool, "arguments": { "ticket": "x" } }),
        )
        .await;
    assert_eq!(
        result["structuredContent"]["error"]["arguments"][0]["argument"],
        "ticket"
    );
    house
        .call(&server, "call_tool", json!({ "tool_name": "a customer's words" }))
        .await;
    house.call(&server, "call_tool", json!({ "arguments": {} })).await;
    house
        .call(&server, "search_tools", json!({ "query": "a customer's words" }))
        .await;
    assert_eq!(house.upstream.take(), []);

    let rows = house.logged(7).await;
    let told: Vec<[&str; 4]> = rows
        .iter()
        .rev()
        .map(|row| {
            [
                row.door.as_str(),
                row.tool.as_str(),
                row.method.as_str(),
                row.code.as_str(),
            ]
        })
        .collect();
    assert_eq!(
        told,
        [
            ["call_tool", tool, "get", "ok"],
            ["call_tool", tool, "get", "ok"],
            ["mcp", tool, "get", "ok"],
            ["call_tool", tool, "get", "invalid_arguments"],
            ["call_tool", "(unknown)", "", "unknown_tool"],
            ["call_tool", "(unknown)", "", "invalid_arguments"],
            ["mcp", "search_tools", "", "ok"],
        ]
    );
    assert!(rows.iter().all(|row| row.client_name.as_deref() == Some("raw")));
    assert!(
        rows.iter()
            .all(|row| row.mcp_server_id.as_deref() == Some(server.id.as_str()))
    );
}

#[tokio::test]
async fn clients_are_told_how_to_find_tools() {
    let house = House::of(&PAPER).await;
    let told = |server: Server| {
        let house = &house;
        async move {
            let message = house.message(&server.url, "server/discover", json!({}));
            let answer = crate::house::answered(message).await;
            answer.body["result"]["instructions"].as_str().unwrap().to_owned()
        }
    };
    let finding = told(house.server(json!({ "tool_exposure": "discovery" })).await).await;
    let plain = told(house.server(json!({})).await).await;
    assert!(finding.contains("`search_tools`") && !plain.contains("`search_tools`"));
    assert!(finding.starts_with("A helpdesk of paper.") && finding.contains("next_cursor"));
}
