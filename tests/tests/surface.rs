//! What clients see of the tools: schemas that every one of them accepts, answers that fit them, and the command line.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::{BTreeMap, BTreeSet};

use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::dialect::Dialect;
use deskhand_simulator::{Fault, Trigger};
use deskhand_tests::desk::{
    Client, Desk, Environment, Served, account, ask, changes, desk365, fail, http, run, stdio, with,
};
use deskhand_tests::tools::{Declared, listed};
use serde_json::{Map, Value, json};

// ---- input schemas -----------------------------------------------------------------------------

/// What a schema does that the contract forbids; written from the contract's text alone.
fn forbidden(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if schema["type"] != "object" || !schema["properties"].is_object() {
        found.push("the root is no object with properties".to_owned());
    }
    for name in ["anyOf", "oneOf", "allOf", "not", "if", "enum", "const"] {
        if schema.get(name).is_some() {
            found.push(format!("the root has {name}"));
        }
    }
    visit(schema, "", 1, &mut found);
    found
}

fn visit(schema: &Value, at: &str, depth: usize, found: &mut Vec<String>) {
    let Some(members) = schema.as_object() else {
        found.push(format!("{at}: no object"));
        return;
    };
    let mut wrong = |what: String| found.push(format!("{at}: {what}"));
    if depth > 5 {
        wrong("deeper than five levels".to_owned());
    }
    let never = [
        "$ref",
        "$defs",
        "definitions",
        "$schema",
        "$id",
        "nullable",
        "const",
        "oneOf",
        "allOf",
        "not",
        "if",
        "then",
        "else",
        "patternProperties",
        "dependentSchemas",
        "prefixItems",
        "$anchor",
        "$dynamicRef",
    ];
    for name in never {
        if members.contains_key(name) {
            wrong(format!("`{name}`"));
        }
    }
    let scalars = ["string", "integer", "number", "boolean"];
    match members.get("type") {
        None => {}
        Some(Value::String(kind)) if scalars.contains(&kind.as_str()) || kind == "object" || kind == "array" => {}
        Some(kind) => wrong(format!("type {kind}")),
    }
    if let Some(words) = members.get("enum") {
        let words: Vec<&str> = words
            .as_array()
            .into_iter()
            .flatten()
            .map(|word| word.as_str().unwrap_or(""))
            .collect();
        if words.is_empty() || words.iter().any(|word| word.is_empty()) {
            wrong("an enum of other things than words".to_owned());
        }
    }
    if members.get("type").is_some_and(|kind| kind == "array") && !members.get("items").is_some_and(Value::is_object) {
        wrong("an array without items".to_owned());
    }
    let description = members.get("description").and_then(Value::as_str).unwrap_or_default();
    if description.chars().count() > 1024 {
        wrong("a description that is too long".to_owned());
    }
    if let Some(branches) = members.get("anyOf") {
        let branches = branches.as_array().cloned().unwrap_or_default();
        let scalar = |branch: &Value| branch["type"].as_str().is_some_and(|kind| scalars.contains(&kind));
        if branches.len() < 2 || !branches.iter().all(scalar) {
            wrong("anyOf between other things than scalars".to_owned());
        }
        if description.is_empty() {
            wrong("anyOf without a word about it".to_owned());
        }
    }
    // What clients drop from schemas is also said in words.
    for bound in [
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "default",
    ] {
        let told = match members.get(bound) {
            Some(Value::String(text)) => description.contains(text.as_str()),
            // Commas may part thousands; "not empty" says a length of one.
            Some(number) => description.replace(',', "").contains(&number.to_string()) || description.contains("empty"),
            None => true,
        };
        if !told {
            wrong(format!("`{bound}` is not told in words: {description}"));
        }
    }
    let properties = members.get("properties").and_then(Value::as_object);
    for name in members.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !properties.is_some_and(|properties| properties.contains_key(name.as_str().unwrap_or_default())) {
            wrong(format!("requires {name}, which is no property"));
        }
    }
    for (name, property) in properties.into_iter().flatten() {
        let first = name.chars().next().unwrap_or('0');
        let fits = (first.is_ascii_alphabetic() || first == '_')
            && name.len() <= 64
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let place = format!("{at}/{name}");
        if !fits {
            found.push(format!("{place}: the name"));
        }
        let description = property["description"].as_str().unwrap_or_default();
        let sentence = description.split(". ").next().unwrap_or_default();
        if sentence.trim().len() < 4
            || sentence.replace('_', " ").eq_ignore_ascii_case(&name.replace('_', " ")) && name.len() > 8
        {
            found.push(format!("{place}: the first sentence says nothing: {description}"));
        }
        visit(property, &place, depth + 1, found);
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema @ Value::Object(_)) = members.get(inner) {
            visit(schema, &format!("{at}/{inner}"), depth + 1, found);
        }
    }
    for branch in members.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        visit(branch, &format!("{at}/anyOf"), depth, found);
    }
}

#[test]
fn the_lint_finds_what_it_is_for() {
    let property = |schema: Value| json!({ "type": "object", "properties": { "a": schema } });
    let deep = |levels: usize| {
        (0..levels).fold(
            json!({ "type": "string", "description": "The end." }),
            |inner, _| json!({ "type": "object", "description": "A level.", "properties": { "b": inner } }),
        )
    };
    assert_eq!(
        forbidden(&property(json!({ "type": "string", "description": "A word." }))),
        Vec::<String>::new()
    );
    assert_eq!(forbidden(&property(deep(3))), Vec::<String>::new());
    for (what, schema) in [
        ("root", json!({ "type": "object" })),
        (
            "root combinator",
            json!({ "type": "object", "properties": {}, "anyOf": [] }),
        ),
        (
            "type array",
            property(json!({ "type": ["string", "null"], "description": "A word." })),
        ),
        ("null", property(json!({ "type": "null", "description": "A word." }))),
        (
            "empty word",
            property(json!({ "type": "string", "enum": [""], "description": "A word." })),
        ),
        (
            "number",
            property(json!({ "type": "integer", "enum": [1], "description": "A word." })),
        ),
        ("items", property(json!({ "type": "array", "description": "A list." }))),
        ("description", property(json!({ "type": "string" }))),
        (
            "long",
            property(json!({ "type": "string", "description": "x".repeat(1025) })),
        ),
        (
            "reference",
            property(json!({ "$ref": "#/x", "description": "A word." })),
        ),
        ("const", property(json!({ "const": "x", "description": "A word." }))),
        (
            "objects",
            property(json!({ "anyOf": [{ "type": "object" }, { "type": "string" }], "description": "Any." })),
        ),
        (
            "bound",
            property(json!({ "type": "integer", "maximum": 7, "description": "A number." })),
        ),
        (
            "name",
            json!({ "type": "object", "properties": { "a-b": { "type": "string", "description": "A word." } } }),
        ),
        (
            "required",
            json!({ "type": "object", "properties": {}, "required": ["a"] }),
        ),
        ("deep", property(deep(4))),
    ] {
        assert!(!forbidden(&schema).is_empty(), "{what}");
    }
}

/// A client whose account nobody needs to answer for.
async fn unconnected() -> Client {
    stdio("desk365", &nobody()).await.0
}

/// A Desk365 account that nobody answers for.
fn nobody() -> Environment {
    desk365("http://127.0.0.1:9/{subdomain}", "acme", "k-0123456789")
}

/// The tools of every helpdesk, as a client sees them whose account nobody answers for.
async fn listed_of_all() -> Vec<(&'static str, Vec<Value>)> {
    let token = [
        ("identifier", "e47d500b-7e27-4c5f-8bd4-4e7b8e4b2b7d"),
        ("key", "k-0123456789"),
    ];
    let crisp = account("crisp", "http://127.0.0.1:9", token);
    let agent = [
        ("domain", "acme"),
        ("email", "agent@example.com"),
        ("api_key", "k-0123456789"),
    ];
    let gorgias = account("gorgias", "http://127.0.0.1:9", agent);
    let mut all = Vec::new();
    for (slug, environment) in [("crisp", crisp), ("desk365", nobody()), ("gorgias", gorgias)] {
        all.push((slug, listed(&stdio(slug, &environment).await.0).await));
    }
    all
}

#[tokio::test]
async fn input_schemas_are_what_every_client_accepts() {
    let mut found = Vec::new();
    let all = listed_of_all().await;
    assert!(
        all.iter().all(|(_, tools)| tools.len() > 40),
        "every helpdesk has its tools"
    );
    for tool in all.into_iter().flat_map(|(_, tools)| tools) {
        let schema = &tool["inputSchema"];
        jsonschema::meta::validate(schema).unwrap();
        found.extend(
            forbidden(schema)
                .into_iter()
                .map(|problem| format!("{}{problem}", tool["name"])),
        );
        let of_its_own = deskhand_runtime::schema::lint(schema.as_object().unwrap());
        assert_eq!(of_its_own, Vec::<String>::new(), "{}", tool["name"]);
        // Who gives an unknown argument is told; so the schema says that there are no others.
        assert_eq!(schema["additionalProperties"], false, "{}", tool["name"]);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Tools that can do worse than their names say: overwrite what agents set, delete many tickets, drop a message.
const MORE_THAN_WRITING: [&str; 3] = [
    "update_a_gorgias_account_setting_by_id",
    "create_a_gorgias_job",
    "update_a_gorgias_message_by_id",
];

#[tokio::test]
async fn annotations_follow_the_effect() {
    for (slug, tools) in listed_of_all().await {
        let told = run(&["tools", slug, "--format", "json"], &[], "");
        let told: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap();
        let effects: BTreeMap<&str, &str> = told
            .iter()
            .map(|tool| (tool["name"].as_str().unwrap(), tool["effect"].as_str().unwrap()))
            .collect();
        assert_eq!(effects.len(), tools.len(), "{slug}");
        for tool in tools {
            let name = tool["name"].as_str().unwrap();
            let effect = effects[name];
            let hints = &tool["annotations"];
            assert_eq!(hints["readOnlyHint"], effect == "read", "{name}");
            assert_eq!(hints["destructiveHint"], effect == "destructive", "{name}");
            assert_eq!(hints["openWorldHint"], true, "{name}");
            // What the name says is what it does.
            let looks = ["list_all_", "get_single_"].iter().any(|start| name.starts_with(start));
            if looks || name.ends_with("_search") || name.ends_with("_check") {
                assert_eq!(effect, "read", "{name}");
            }
            if name.starts_with("delete_a_") {
                assert_eq!(effect, "destructive", "{name}");
            }
            if name.starts_with("create_a_") || name.starts_with("update_a_") {
                let more = MORE_THAN_WRITING.contains(&name);
                assert_eq!(effect, if more { "destructive" } else { "write" }, "{name}");
            }
            if effect == "read" {
                assert_eq!(hints["idempotentHint"], true, "{name}");
            }
            // A second call makes a second record, or sends a second mail.
            let makes = name.starts_with("create_a_") || name.ends_with("_create_with_attachment");
            let sends = ["create_a_crisp_message", "update_a_gorgias_message_by_id"].contains(&name);
            if slug != "crisp" && makes || sends {
                assert_eq!(hints["idempotentHint"], false, "{name}");
            }
            assert!(!tool["title"].as_str().unwrap().trim().is_empty(), "{name}");
            assert!(tool["description"].as_str().unwrap().len() >= 40, "{name}");
        }
    }
}

#[tokio::test]
async fn lists_page_and_bodies_clear_where_they_can() {
    let tools = listed(&unconnected().await).await;
    let having = |property: &str| -> BTreeSet<&str> {
        let has = |tool: &&Value| tool["inputSchema"]["properties"].get(property).is_some();
        tools
            .iter()
            .filter(has)
            .map(|tool| tool["name"].as_str().unwrap())
            .collect()
    };
    let sized = [
        "list_all_desk_365_tickets",
        "desk_365_tickets_search",
        "list_all_desk_365_time_entries",
    ];
    let paged = [
        "list_all_desk_365_contacts",
        "list_all_desk_365_companies",
        "list_all_desk_365_survey_ratings",
        "list_all_desk_365_contracts",
    ];
    assert_eq!(having("limit"), sized.into());
    assert_eq!(having("next_cursor"), sized.into_iter().chain(paged).collect());
    assert_eq!(
        having("offset"),
        having("next_cursor"),
        "the vendor's own position is taken too"
    );
    let clear: BTreeMap<&str, BTreeSet<&str>> = having("clear")
        .into_iter()
        .map(|name| {
            let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
            let words = tool["inputSchema"]["properties"]["clear"]["items"]["enum"]
                .as_array()
                .unwrap();
            (name, words.iter().map(|word| word.as_str().unwrap()).collect())
        })
        .collect();
    let ticket = &clear["update_a_desk_365_ticket_by_id"];
    assert!(
        ["group", "category", "sub_category"]
            .iter()
            .all(|name| ticket.contains(name)),
        "{ticket:?}"
    );
}

/// One `tools/list` as it comes, in the era of this revision.
async fn list_as_it_comes(url: &str, version: &str) -> Vec<u8> {
    let params = match version {
        "2026-07-28" => json!({ "_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        } }),
        _ => json!({}),
    };
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
    let request = http()
        .post(url)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-method", "tools/list")
        .header("mcp-protocol-version", version);
    let answer = request.json(&message).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().into()
}

#[tokio::test]
async fn the_list_is_the_same_every_time() {
    for integration in INTEGRATIONS {
        let desk = Desk::start(integration.slug).await;
        let (one, other) = (
            Served::start(&desk.account()).await,
            Served::start(&desk.account()).await,
        );
        let in_order: Vec<&str> = integration.tools().map(|(_, tool)| tool.name).collect();
        for dialect in Dialect::ALL {
            for version in ["2025-06-18", "2026-07-28"] {
                let at = format!("{}, {}, {version}", integration.slug, dialect.word());
                let mut lists = Vec::new();
                for served in [&one, &one, &other, &other] {
                    let url = format!("{}?dialect={}", served.url, dialect.word());
                    lists.push(list_as_it_comes(&url, version).await);
                }
                let same = lists.iter().all(|list| list == &lists[0]);
                assert!(same, "{at}: byte for byte, also in another process");
                let list: Value = serde_json::from_slice(&lists[0]).unwrap();
                let result = list["result"].as_object().unwrap();
                assert!(!result.contains_key("nextCursor"), "{at}: one page");
                let names = result["tools"].as_array().unwrap().iter();
                let names: Vec<&str> = names.map(|tool| tool["name"].as_str().unwrap()).collect();
                assert_eq!(names, in_order, "{at}: in the order of the specs");
            }
        }
        assert_eq!(desk.control().requests().len(), 0, "{} is not asked", integration.title);
    }
}

// ---- answers -----------------------------------------------------------------------------------

/// Every tool that reads, with arguments for the sample, and where its list lies in the vendor's answer.
fn reads(entry: i64) -> Vec<(&'static str, Value, Option<&'static str>)> {
    let all = json!({
        "include_description": true, "include_custom_fields": true, "include_survey_details": true, "limit": 100,
    });
    let hoisted = json!({ "include_custom_fields": true, "include_survey_details": true, "nested_fields": true });
    let search = json!({
        "search_type": "free_text", "search_query": { "query": "order" }, "include_description": true, "limit": 50,
    });
    let by_field = json!({
        "search_type": "by_field",
        "search_query": { "search_term": [{ "query": "checkout", "search_in": ["subject"] }] },
    });
    vec![
        ("list_all_desk_365_ping", json!({}), None),
        ("list_all_desk_365_tickets", all, Some("tickets")),
        ("list_all_desk_365_tickets", hoisted, Some("tickets")),
        ("desk_365_tickets_search", search, Some("tickets")),
        ("desk_365_tickets_search", by_field, Some("tickets")),
        (
            "get_single_desk_365_ticket_by_id",
            json!({ "ticket_number": 1197 }),
            None,
        ),
        (
            "get_single_desk_365_ticket_by_id",
            json!({ "ticket_number": 1002 }),
            None,
        ),
        (
            "list_all_desk_365_ticket_conversations",
            json!({ "ticket_number": 1002 }),
            Some("conversations"),
        ),
        (
            "list_all_desk_365_contacts",
            json!({ "include_custom_fields": true }),
            Some("content"),
        ),
        (
            "get_single_desk_365_contact_by_id",
            json!({ "primary_email": "dot+orders@mailbox.example" }),
            None,
        ),
        (
            "get_single_desk_365_contact_by_id",
            json!({ "secondary_email": "marina@halcyon-depots.example" }),
            None,
        ),
        (
            "list_all_desk_365_companies",
            json!({ "include_custom_fields": true }),
            Some("content"),
        ),
        (
            "get_single_desk_365_company_by_id",
            json!({ "name": "Bees 🐝 & Blossoms" }),
            None,
        ),
        (
            "list_all_desk_365_time_entries",
            json!({ "limit": 100 }),
            Some("content"),
        ),
        ("get_single_desk_365_time_entry_by_id", json!({ "id": entry }), None),
        ("list_all_desk_365_surveys", json!({}), Some("surveys")),
        (
            "get_single_desk_365_survey_by_id",
            json!({ "survey_name": "Five Stars ★ & More" }),
            None,
        ),
        ("list_all_desk_365_survey_ratings", json!({}), Some("survey_ratings")),
        ("list_all_desk_365_contracts", json!({}), Some("contracts")),
        (
            "get_single_desk_365_contract_by_id",
            json!({ "reference_number": "CT-0003" }),
            None,
        ),
        (
            "get_single_desk_365_kb_category_by_id",
            json!({ "category_name": "Release Notes 🚀" }),
            None,
        ),
        (
            "get_single_desk_365_kb_folder_by_id",
            json!({ "category_name": "Getting Started", "folder_name": "Import / Export" }),
            None,
        ),
        ("list_all_desk_365_kb_articles", json!({}), Some("article_titles")),
        (
            "get_single_desk_365_kb_article_by_id",
            json!({ "article_name": "Return labels" }),
            None,
        ),
        ("list_all_desk_365_agents", json!({}), Some("content")),
        ("list_all_desk_365_locations", json!({}), Some("locations")),
        (
            "get_single_desk_365_location_by_id",
            json!({ "location_name": "Returns & Repairs 🔧" }),
            None,
        ),
    ]
}

fn first_entry(desk: &Desk) -> i64 {
    desk.state()["acme"]["time_entries"][0]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn every_reading_tool_answers_as_it_declares() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let tools = Declared::of(&client).await;
    let before = desk.state();
    let reads = reads(first_entry(&desk));
    let mut strangers = BTreeSet::new();
    for (tool, arguments, list) in &reads {
        desk.control().clear();
        let answer = ask(&client, tool, arguments.clone()).await;
        tools.fits(tool, &answer).unwrap();
        assert_eq!(desk.control().requests().len(), 1, "{tool}");
        if list.is_some() {
            assert_eq!(
                answer["result_count"],
                answer["result"].as_array().unwrap().len(),
                "{tool}"
            );
            assert!(
                answer["result_count"].as_u64().unwrap() > 0,
                "{tool}: the sample has some"
            );
            assert!(answer.get("next_cursor").is_some(), "{tool}: null means the end");
        }
        tools.unspoken(tool, &answer, &mut strangers);
    }
    // Custom fields and surveys at the top level are named by each helpdesk itself.
    strangers.retain(|place| !place.contains("/cf_") && !place.contains("/sv_"));
    assert!(strangers.is_empty(), "not described: {strangers:#?}");
    assert_eq!(
        changes(&before, &desk.state()),
        Map::new(),
        "reading tools change nothing"
    );

    let reading: BTreeSet<&str> = tools
        .listed
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == true)
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        reads.iter().map(|(tool, ..)| *tool).collect::<BTreeSet<_>>(),
        reading,
        "none is left out"
    );
}

#[tokio::test]
async fn every_writing_tool_answers_as_it_declares() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let tools = Declared::of(&client).await;
    let file = json!({ "name": "a.txt", "media_type": "text/plain", "content_base64": "aGVsbG8=" });
    let ticket = json!({
        "email": "pat.newcomer@unknown.example", "subject": "Everything & more", "description": "<p>1 < 2</p>",
        "form_name": "Returns + Refunds", "status": "Pending", "priority": "urgent", "type": "Feature 💡",
        "assign_to": "elm.ledger@acme.example", "group": "Shipping / Logistics", "category": "Accounts / Login",
        "sub_category": "Two-factor", "watchers": ["fern.dispatch@acme.example"],
        "share_to": ["dot+orders@mailbox.example"],
        "custom_fields": { "cf_Order Number": "A-1", "cf_Escalated ⚠️": true, "cf_Refund Amount": 12.5, "cf_Browser/OS": null },
    });
    let contract = json!({
        "name": "All of it", "company": "Lumen + Loom", "start_date": "2026-03-01", "end_date": "2027-02-28",
        "reference_number": "X/1 & 2", "setup_fees": 250, "sla": "VIP SLA ⭐", "contract_category": "Development & Design",
        "is_active": true, "bill_cycle": "monthly", "after_hours_included": false, "contract_type": "block_hours",
        "block_hours": {
            "contract_hours": 40, "min_increment": 15, "rollover_unused_hours": true, "rollover_type": "monthly",
            "rollover_value": 2,
        },
    });
    let location =
        json!({ "location_name": "Shed #2", "parent_location_name": "Head Office", "location_zipcode": "00123" });
    let category = json!({
        "category_name": "Inside / Out", "support_portal_visibility": "listed_companies",
        "company_list": ["Lumen + Loom", "Halcyon Freight & Co."], "agent_portal_visibility": "listed_groups",
        "agent_group_list": ["Engineering"],
    });
    let steps = [
        ("create_a_desk_365_ticket", ticket),
        (
            "update_a_desk_365_ticket_by_id",
            json!({
                "ticket_number": 1201, "status": "closed", "priority": "low", "clear": ["group"],
                "watchers": { "add": ["gale.handover@acme.example"], "remove": ["fern.dispatch@acme.example"] },
                "custom_fields": { "cf_Order Number": null },
            }),
        ),
        (
            "desk_365_tickets_create_with_attachment",
            json!({ "ticket_object": { "email": "a@unknown.example", "subject": "S" }, "files": [file, file] }),
        ),
        (
            "create_a_desk_365_ticket_reply",
            json!({ "ticket_number": 1201, "body": "b", "cc_emails": ["a@b.example", "c@d.example"] }),
        ),
        (
            "desk_365_ticket_replies_create_with_attachment",
            json!({ "ticket_number": 1201, "reply_object": { "body": "b" }, "file": file }),
        ),
        (
            "create_a_desk_365_ticket_note",
            json!({ "ticket_number": 1201, "body": "b", "private_note": false }),
        ),
        (
            "desk_365_ticket_notes_create_with_attachment",
            json!({ "ticket_number": 1201, "note_object": { "body": "b", "private_note": true }, "file": file }),
        ),
        (
            "create_a_desk_365_contact",
            json!({ "name": "N", "primary_email": "n@unknown.example", "secondary_emails": "m@unknown.example" }),
        ),
        (
            "desk_365_contacts_create_with_attachment",
            json!({ "contact_object": { "name": "O", "primary_email": "o@unknown.example" }, "file": file }),
        ),
        (
            "update_a_desk_365_contact_by_id",
            json!({ "primary_email": "n@unknown.example", "title": "Boss", "company_name": "Lumen + Loom" }),
        ),
        (
            "create_a_desk_365_company",
            json!({ "name": "New & Co / 1", "domains": ["new.example", "co.example"], "sla": "VIP SLA ⭐" }),
        ),
        (
            "desk_365_companies_create_with_attachment",
            json!({ "company_object": { "name": "Second" }, "file": file }),
        ),
        (
            "update_a_desk_365_company_by_id",
            json!({ "company_name": "New & Co / 1", "name": "Renamed", "city": "Saltmarsh" }),
        ),
        (
            "create_a_desk_365_time_entry",
            json!({ "ticket_number": 1201, "agent_email": "elm.ledger@acme.example", "time_spent_in_minutes": 5 }),
        ),
        ("create_a_desk_365_contract", contract),
        (
            "update_a_desk_365_contract_by_id",
            json!({ "reference_number": "X/1 & 2", "new_reference_number": "X-3", "clear": ["contract_category"] }),
        ),
        ("create_a_desk_365_kb_category", category),
        (
            "update_a_desk_365_kb_category_by_id",
            json!({ "category_name": "Inside / Out", "new_category_name": "Inside", "support_portal_visibility": "everyone" }),
        ),
        (
            "create_a_desk_365_kb_folder",
            json!({ "category_name": "Inside", "folder_name": "F + G" }),
        ),
        (
            "update_a_desk_365_kb_folder_by_id",
            json!({ "category_name": "Inside", "folder_name": "F + G", "new_folder_name": "H" }),
        ),
        (
            "create_a_desk_365_kb_article",
            json!({ "article_title": "T", "article_content": "c", "category_name": "Inside", "folder_name": "H", "status": "published" }),
        ),
        (
            "update_a_desk_365_kb_article_by_id",
            json!({ "article_name": "T", "article_content": "d", "status": "draft" }),
        ),
        ("delete_a_desk_365_kb_article_by_id", json!({ "article_name": "T" })),
        (
            "delete_a_desk_365_kb_folder_by_id",
            json!({ "category_name": "Inside", "folder_name": "H" }),
        ),
        (
            "delete_a_desk_365_kb_category_by_id",
            json!({ "category_name": "Inside" }),
        ),
        ("create_a_desk_365_location", location),
        (
            "update_a_desk_365_location_by_id",
            json!({ "location_name": "Shed #2", "new_location_name": "Shed" }),
        ),
    ];
    let mut strangers = BTreeSet::new();
    for (tool, arguments) in &steps {
        desk.control().clear();
        let answer = ask(&client, tool, arguments.clone()).await;
        tools.fits(tool, &answer).unwrap();
        assert_eq!(desk.control().requests().len(), 1, "{tool}");
        tools.unspoken(tool, &answer, &mut strangers);
    }
    assert!(strangers.is_empty(), "not described: {strangers:#?}");
    let writing: BTreeSet<&str> = tools
        .listed
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == false)
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps.iter().map(|(tool, _)| *tool).collect::<BTreeSet<_>>(),
        writing,
        "none is left out"
    );

    // What was written is what the words meant.
    let state = desk.state();
    let acme = &state["acme"];
    let ticket = &acme["tickets"][200];
    let told = [
        "priority",
        "status",
        "type",
        "group",
        "assigned_to",
        "watchers",
        "share_to",
    ]
    .map(|name| ticket[name].clone());
    assert_eq!(
        told,
        [
            json!(1),
            json!("Closed"),
            json!("Feature 💡"),
            Value::Null,
            json!("elm.ledger@acme.example"),
            json!(["gale.handover@acme.example"]),
            json!(["dot+orders@mailbox.example"]),
        ]
    );
    assert_eq!(
        ticket["custom_fields"],
        json!({ "cf_Order Number": null, "cf_Escalated ⚠️": true, "cf_Refund Amount": 12.5, "cf_Browser/OS": null })
    );
    let kinds: Vec<&str> = acme["mails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["reply", "reply", "public_note"],
        "the private note was not mailed"
    );
    assert_eq!(acme["mails"][0]["cc"], json!(["a@b.example", "c@d.example"]));
    let contract = acme["contracts"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&contract["reference_number"], &contract["category"]),
        (&json!("X-3"), &Value::Null)
    );
    assert_eq!(
        (&contract["bill_cycle"], &contract["contract_type"]),
        (&json!(1), &json!(2))
    );
    let companies = acme["companies"].as_array().unwrap();
    assert_eq!(companies[companies.len() - 2]["name"], "Renamed");
    assert_eq!(
        companies[companies.len() - 2]["domains"],
        json!(["new.example", "co.example"])
    );
    assert_eq!(
        acme["locations"].as_array().unwrap().last().unwrap()["location_name"],
        "Shed"
    );
}

/// How a vendor may change its answers from one day to the next.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Everything is null.
    Nulls,
    /// Codes and words that nobody has heard of, and kinds changed for others.
    Strange,
    /// More members than before, everywhere.
    More,
    /// Fewer: none at all.
    Nothing,
}

fn turned(value: &Value, turn: Turn) -> Value {
    match (turn, value) {
        (Turn::Nothing, Value::Object(_)) => json!({}),
        (Turn::Nulls, Value::Object(members)) => {
            Value::Object(members.keys().map(|name| (name.clone(), Value::Null)).collect())
        }
        (Turn::More, Value::Object(members)) => {
            let mut members: Map<String, Value> = members
                .iter()
                .map(|(name, value)| (name.clone(), turned(value, turn)))
                .collect();
            members.insert("brand_new".to_owned(), json!({ "deep": [1, null, { "er": "text" }] }));
            members.insert("with blank & sign".to_owned(), json!(9_007_199_254_740_993_i64));
            Value::Object(members)
        }
        (Turn::More, Value::Array(items)) => items.iter().map(|item| turned(item, turn)).collect(),
        (Turn::Strange, Value::Object(members)) => {
            let strange = |value: &Value| match value {
                Value::Null => json!({ "now": "an object" }),
                Value::Bool(_) => json!("yes"),
                Value::Number(_) => json!("ninety-nine"),
                Value::String(_) => json!(99),
                Value::Array(_) => json!("a,b"),
                Value::Object(_) => json!([1]),
            };
            Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), strange(value)))
                    .collect(),
            )
        }
        (_, value) => value.clone(),
    }
}

#[tokio::test]
async fn answers_nobody_has_seen_before_fit_as_well() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let tools = Declared::of(&client).await;
    for (tool, arguments, list) in reads(first_entry(&desk)) {
        if tool == "list_all_desk_365_ping" {
            continue;
        }
        let usual = ask(&client, tool, arguments.clone()).await;
        for turn in [Turn::Nulls, Turn::Strange, Turn::More, Turn::Nothing] {
            let (body, expected) = match list {
                Some(place) => {
                    let items: Vec<Value> = usual["result"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| turned(item, turn))
                        .collect();
                    let mut body = json!({ "count": items.len(), "total": items.len(), "new": [turn as i64] });
                    body[place] = items.clone().into();
                    (body, Value::Array(items))
                }
                None => (turned(&usual, turn), turned(&usual, turn)),
            };
            desk.control()
                .inject(Fault::ErrorStatus { status: 200, body }, Trigger::Next(1));
            let answer = ask(&client, tool, arguments.clone()).await;
            tools.fits(tool, &answer).unwrap();
            let kept = if list.is_some() { &answer["result"] } else { &answer };
            assert_eq!(kept, &expected, "{tool} {turn:?}: nothing is dropped or changed");
        }
    }
}

#[tokio::test]
async fn failures_fit_the_declared_schemas_too() {
    // A widespread client checks whatever structured content it is given, also when the call has failed.
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    let tools = Declared::of(&client).await;
    for tool in tools.names() {
        let error = fail(&client, tool, json!({ "no_such_argument": 1 })).await;
        assert_eq!(error["code"], "invalid_arguments", "{tool}");
        assert!(
            error["message"].as_str().unwrap().contains("no_such_argument"),
            "{tool}: {error}"
        );
        tools.fits(tool, &json!({ "error": error })).unwrap();
    }
    assert_eq!(desk.control().requests().len(), 0);
    for (tool, arguments, _) in reads(first_entry(&desk)) {
        desk.control()
            .inject(Fault::RateLimited { retry_after: Some(3) }, Trigger::Next(1));
        let error = fail(&client, tool, arguments).await;
        tools.fits(tool, &json!({ "error": error })).unwrap();
    }
}

// ---- command line ------------------------------------------------------------------------------

const TICKET: &str = "get_single_desk_365_ticket_by_id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_from_the_terminal() {
    let desk = Desk::start("desk365").await;
    let environment = desk.account();
    let served = Served::start(&environment).await;
    let expected = ask(&served.client().await, TICKET, json!({ "ticket_number": 1197 })).await;
    for (arguments, stdin) in [
        (&["call", TICKET, r#"{"ticket_number": 1197}"#][..], ""),
        (&["call", TICKET, "-"], "{\"ticket_number\": 1197}\n"),
        (&["call", TICKET, "-"], "\n { \"ticket_number\" : \"1197\" } "),
    ] {
        // However much is logged, stdout is the answer and nothing else.
        for level in ["error", "trace"] {
            let told = run(arguments, &with(environment.clone(), "DESKHAND_LOG", level), stdin);
            assert_eq!(told.status.code(), Some(0), "{arguments:?}");
            let answer: Value = serde_json::from_slice(&told.stdout).expect("stdout is one JSON document");
            assert_eq!(answer, expected);
            assert!(told.stdout.ends_with(b"}\n"));
            if level == "error" {
                assert!(told.stderr.is_empty(), "{}", String::from_utf8_lossy(&told.stderr));
            }
        }
    }
    for (arguments, stdin) in [
        (&["call", "list_all_desk_365_agents"][..], ""),
        (&["call", "list_all_desk_365_agents", "-"], ""),
        (&["call", "list_all_desk_365_agents", "{}"], ""),
    ] {
        let told = run(arguments, &environment, stdin);
        assert_eq!(told.status.code(), Some(0), "{arguments:?}");
        assert_eq!(
            serde_json::from_slice::<Value>(&told.stdout).unwrap()["result_count"],
            8
        );
    }

    // The tool's errors are answers, on stdout, with exit code 1.
    for (arguments, code) in [
        (&["call", TICKET, r#"{"ticket_number": 9}"#][..], "not_found"),
        (&["call", TICKET], "invalid_arguments"),
        (&["call", TICKET, r#"{"ticket_number": "x"}"#], "invalid_arguments"),
        (&["call", "get_single_desk_365_tickets_by_id"], "unknown_tool"),
    ] {
        let told = run(arguments, &environment, "");
        assert_eq!(told.status.code(), Some(1), "{arguments:?}");
        let answer: Value = serde_json::from_slice(&told.stdout).expect("stdout is one JSON document");
        assert_eq!(answer["error"]["code"], code);
        assert_eq!(answer.as_object().unwrap().len(), 1);
    }

    // Wrong use is no answer: stdout is empty, exit code 2.
    for (arguments, stdin) in [
        (&["call"][..], ""),
        (&["call", TICKET, "{"], ""),
        (&["call", TICKET, "-"], "{} {}"),
        (&["call", TICKET, "-"], "nonsense"),
        (&["call", TICKET, "[1]"], ""),
        (&["call", TICKET, "1197"], ""),
        (&["call", TICKET, "{}", "{}"], ""),
        (&["call", TICKET, "--no-such-option"], ""),
        (&["tools", "desk356"], ""),
        (&["tools", "desk365", "--format", "yaml"], ""),
        (&["stdio"], ""),
        (&["nonsense"], ""),
        (&[], ""),
    ] {
        let told = run(arguments, &environment, stdin);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}");
        assert!(told.stdout.is_empty(), "{arguments:?}");
        assert!(!told.stderr.is_empty(), "{arguments:?}");
    }
    let told = run(&["tools", "desk356"], &[], "");
    assert!(
        String::from_utf8_lossy(&told.stderr).contains("`desk365`"),
        "the nearest name is told"
    );
}

#[test]
fn every_command_explains_itself_by_example() {
    let help = run(&["--help"], &[], "");
    assert_eq!(help.status.code(), Some(0));
    assert!(help.stderr.is_empty());
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, after) = help.split_once("Commands:\n").expect("the commands are listed");
    let commands: Vec<&str> = after
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    for promised in ["demo", "serve", "stdio", "tools", "call"] {
        assert!(commands.contains(&promised), "{promised}");
    }
    assert!(help.contains("Examples:\n  deskhand "));
    for command in commands {
        for arguments in [&[command, "--help"][..], &["help", command]] {
            let told = run(arguments, &[], "");
            assert_eq!(told.status.code(), Some(0), "{arguments:?}");
            assert!(told.stderr.is_empty());
            let text = String::from_utf8(told.stdout).unwrap();
            assert!(text.contains("Examples:"), "{command}: {text}");
            assert!(text.contains(&format!("  deskhand {command}")), "{command}: {text}");
            for unfilled in ["{helpdesk}", "{tool}", "{env}"] {
                assert!(!text.contains(unfilled), "{command}: {text}");
            }
        }
    }
    let version = run(&["--version"], &[], "");
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        concat!("deskhand ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
