//! Finding tools: what people would ask for leads to the tool that does it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use deskhand_tests::desk::{Client, Desk, account, ask, desk365, fail, stdio_with};
use serde_json::{Value, json};

/// Words, and the tool that must be among the first three found.
const DESK365: &[(&str, &str)] = &[
    ("reply to a ticket", "create_a_desk_365_ticket_reply"),
    ("add an internal note", "create_a_desk_365_ticket_note"),
    ("close a ticket", "update_a_desk_365_ticket_by_id"),
    ("change the priority", "update_a_desk_365_ticket_by_id"),
    ("log time spent on a ticket", "create_a_desk_365_time_entry"),
    ("search tickets by words", "desk_365_tickets_search"),
    ("delete an article", "delete_a_desk_365_kb_article_by_id"),
    ("satisfaction survey results", "list_all_desk_365_survey_ratings"),
    ("who is the agent", "list_all_desk_365_agents"),
    ("attach a file to a ticket", "desk_365_tickets_create_with_attachment"),
    ("assign_to", "update_a_desk_365_ticket_by_id"),
    ("comapny", "get_single_desk_365_company_by_id"),
];
const CRISP: &[(&str, &str)] = &[
    ("send a message to a customer", "create_a_crisp_message"),
    ("block a customer", "update_a_crisp_conversation_block_by_id"),
    ("assign conversation to operator", "crisp_conversations_update_routing"),
    ("publish help article", "crisp_helpdesk_articles_publish"),
    ("pause campaign", "crisp_campaigns_pause"),
    ("resolve conversation", "update_a_crisp_conversation_state_by_id"),
    ("list visitors online", "list_all_crisp_visitors_lists"),
    ("upload a file", "crisp_bucket_urls_generate"),
    ("export people", "crisp_people_profiles_export"),
    ("create helpdesk category", "create_a_crisp_helpdesk_category"),
    ("delete a conversation", "delete_a_crisp_conversation_by_id"),
    ("search people by email", "list_all_crisp_people_profiles"),
];

const GORGIAS: &[(&str, &str)] = &[
    ("reply to a customer by email", "create_a_gorgias_message"),
    ("leave an internal note", "create_a_gorgias_message"),
    ("search open tickets by tag", "gorgias_views_search_items"),
    ("read the conversation of a ticket", "list_all_gorgias_messages"),
    ("tag a ticket", "gorgias_ticket_tags_add"),
    ("assign a ticket to a team", "update_a_gorgias_ticket_by_id"),
    ("close a ticket", "update_a_gorgias_ticket_by_id"),
    (
        "set a custom field of a ticket",
        "update_a_gorgias_ticket_field_value_by_id",
    ),
    ("find a customer by email", "list_all_gorgias_customers"),
    ("merge two customers", "gorgias_customers_merge"),
    ("prepared replies", "list_all_gorgias_macros"),
    ("recording of a phone call", "list_all_gorgias_voice_call_recordings"),
];

async fn finds(client: &Client, wanted: &[(&str, &str)]) {
    for (query, tool) in wanted {
        let found = ask(client, "search_tools", json!({ "query": query, "limit": 3 })).await;
        let names: Vec<&Value> = found["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| &found["name"])
            .collect();
        assert!(names.iter().any(|name| *name == tool), "{query}: {names:?}");
    }
}

#[tokio::test]
async fn words_lead_to_the_tool_that_does_it() {
    let nobody = desk365("http://127.0.0.1:9/{subdomain}", "acme", "k-0123456789");
    let (client, _) = stdio_with(&["stdio", "desk365", "--discovery"], &nobody).await;
    finds(&client, DESK365).await;
    let crisp = [
        ("DESKHAND_CRISP_BASE_URL", "http://127.0.0.1:9"),
        ("DESKHAND_CRISP_IDENTIFIER", "e47d500b-7e27-4c5f-8bd4-4e7b8e4b2b7d"),
        ("DESKHAND_CRISP_KEY", "k-0123456789"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (client, _) = stdio_with(&["stdio", "crisp", "--discovery"], &crisp).await;
    finds(&client, CRISP).await;
    let agent = [
        ("domain", "acme"),
        ("email", "agent@example.com"),
        ("api_key", "k-0123456789"),
    ];
    let gorgias = account("gorgias", "http://127.0.0.1:9", agent);
    let (client, _) = stdio_with(&["stdio", "gorgias", "--discovery"], &gorgias).await;
    finds(&client, GORGIAS).await;
}

#[tokio::test]
async fn a_tool_is_found_read_about_and_called() {
    let desk = Desk::start("desk365").await;
    let arguments = [
        "stdio",
        "desk365",
        "--discovery",
        "--methods",
        "read",
        "--tags",
        "tickets",
    ];
    let (client, _) = stdio_with(&arguments, &desk.account()).await;
    let listed = tokio::time::timeout(Duration::from_secs(60), client.list_all_tools()).await;
    let listed: Vec<String> = listed
        .unwrap()
        .unwrap()
        .iter()
        .map(|tool| tool.name.to_string())
        .collect();
    assert_eq!(listed, ["search_tools", "get_tool_schema", "call_tool"]);
    let found = ask(&client, "search_tools", json!({ "query": "list tickets", "limit": 1 })).await;
    let name = found["result"][0]["name"].as_str().unwrap();
    assert_eq!(name, "list_all_desk_365_tickets");
    let described = ask(&client, "get_tool_schema", json!({ "tool_names": [name] })).await;
    assert!(described["result"][0]["input_schema"]["properties"]["limit"].is_object());
    let called = ask(
        &client,
        "call_tool",
        json!({ "tool_name": name, "arguments": { "limit": 30 } }),
    )
    .await;
    assert_eq!(
        called["result"].as_array().unwrap().len(),
        called["result_count"].as_u64().unwrap() as usize
    );
    assert!(called["result"][0]["ticket_number"].is_number(), "{called}");
    // What the filter leaves out is neither found nor called.
    let names = ask(
        &client,
        "search_tools",
        json!({ "query": "create a ticket", "limit": 50 }),
    )
    .await
    .to_string();
    assert!(!names.contains("create_a_desk_365_ticket"), "{names}");
    let refused = fail(&client, "call_tool", json!({ "tool_name": "create_a_desk_365_ticket" })).await;
    assert_eq!(refused["code"], "unknown_tool");
}
