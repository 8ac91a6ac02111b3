//! The tools of Desk365 as `deskhand tools` tells them, against a table written by hand and a golden file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::{BTreeMap, BTreeSet};

use deskhand_tests::desk::run;
use serde_json::{Map, Value, json};

/// The tools that users rely on, and where each goes. Copied by hand from the contract's table.
const PROMISED: [(&str, &str, &str); 44] = [
    ("list_all_desk_365_ping", "GET", "/v3/ping"),
    ("list_all_desk_365_tickets", "GET", "/v3/tickets"),
    ("get_single_desk_365_ticket_by_id", "GET", "/v3/tickets/details"),
    ("create_a_desk_365_ticket", "POST", "/v3/tickets/create"),
    (
        "desk_365_tickets_create_with_attachment",
        "POST",
        "/v3/tickets/create_with_attachment",
    ),
    ("update_a_desk_365_ticket_by_id", "PUT", "/v3/tickets/update"),
    (
        "list_all_desk_365_ticket_conversations",
        "GET",
        "/v3/tickets/conversations",
    ),
    ("create_a_desk_365_ticket_reply", "POST", "/v3/tickets/add_reply"),
    (
        "desk_365_ticket_replies_create_with_attachment",
        "POST",
        "/v3/tickets/add_reply_with_attachment",
    ),
    ("create_a_desk_365_ticket_note", "POST", "/v3/tickets/add_note"),
    (
        "desk_365_ticket_notes_create_with_attachment",
        "POST",
        "/v3/tickets/add_note_with_attachment",
    ),
    ("list_all_desk_365_contacts", "GET", "/v3/contacts"),
    ("get_single_desk_365_contact_by_id", "GET", "/v3/contacts/details"),
    ("create_a_desk_365_contact", "POST", "/v3/contacts/create"),
    (
        "desk_365_contacts_create_with_attachment",
        "POST",
        "/v3/contacts/create_with_attachment",
    ),
    ("update_a_desk_365_contact_by_id", "PUT", "/v3/contacts/update"),
    ("list_all_desk_365_companies", "GET", "/v3/companies"),
    ("get_single_desk_365_company_by_id", "GET", "/v3/companies/details"),
    ("create_a_desk_365_company", "POST", "/v3/companies/create"),
    (
        "desk_365_companies_create_with_attachment",
        "POST",
        "/v3/companies/create_with_attachment",
    ),
    ("update_a_desk_365_company_by_id", "PUT", "/v3/companies/update"),
    ("list_all_desk_365_time_entries", "GET", "/v3/time_entries"),
    (
        "get_single_desk_365_time_entry_by_id",
        "GET",
        "/v3/time_entries/details",
    ),
    ("create_a_desk_365_time_entry", "POST", "/v3/time_entries/create"),
    ("list_all_desk_365_surveys", "GET", "/v3/surveys"),
    ("get_single_desk_365_survey_by_id", "GET", "/v3/surveys/details"),
    ("list_all_desk_365_survey_ratings", "GET", "/v3/surveys/ratings"),
    ("list_all_desk_365_contracts", "GET", "/v3/contracts"),
    ("get_single_desk_365_contract_by_id", "GET", "/v3/contracts/details"),
    ("create_a_desk_365_contract", "POST", "/v3/contracts/create"),
    ("update_a_desk_365_contract_by_id", "PUT", "/v3/contracts/update"),
    (
        "get_single_desk_365_kb_category_by_id",
        "GET",
        "/v3/kb/category/details",
    ),
    ("create_a_desk_365_kb_category", "POST", "/v3/kb/category/create"),
    ("update_a_desk_365_kb_category_by_id", "PUT", "/v3/kb/category/update"),
    (
        "delete_a_desk_365_kb_category_by_id",
        "DELETE",
        "/v3/kb/category/delete",
    ),
    ("get_single_desk_365_kb_folder_by_id", "GET", "/v3/kb/folder/details"),
    ("create_a_desk_365_kb_folder", "POST", "/v3/kb/folder/create"),
    ("update_a_desk_365_kb_folder_by_id", "PUT", "/v3/kb/folder/update"),
    ("delete_a_desk_365_kb_folder_by_id", "DELETE", "/v3/kb/folder/delete"),
    ("list_all_desk_365_kb_articles", "GET", "/v3/kb/article/"),
    ("get_single_desk_365_kb_article_by_id", "GET", "/v3/kb/article/details"),
    ("create_a_desk_365_kb_article", "POST", "/v3/kb/article/create"),
    ("update_a_desk_365_kb_article_by_id", "PUT", "/v3/kb/article/update"),
    ("delete_a_desk_365_kb_article_by_id", "DELETE", "/v3/kb/article/delete"),
];

/// Arguments that the vendor cannot do without, where a call is about one thing.
const NEEDED: [(&str, &[&str]); 26] = [
    ("get_single_desk_365_ticket_by_id", &["ticket_number"]),
    ("create_a_desk_365_ticket", &["email", "subject"]),
    ("update_a_desk_365_ticket_by_id", &["ticket_number"]),
    ("desk_365_tickets_create_with_attachment", &["ticket_object"]),
    ("list_all_desk_365_ticket_conversations", &["ticket_number"]),
    ("create_a_desk_365_ticket_reply", &["ticket_number", "body"]),
    (
        "desk_365_ticket_replies_create_with_attachment",
        &["ticket_number", "reply_object"],
    ),
    ("create_a_desk_365_ticket_note", &["ticket_number", "body"]),
    (
        "desk_365_ticket_notes_create_with_attachment",
        &["ticket_number", "note_object"],
    ),
    ("desk_365_contacts_create_with_attachment", &["contact_object"]),
    ("update_a_desk_365_contact_by_id", &["primary_email"]),
    ("get_single_desk_365_company_by_id", &["name"]),
    ("desk_365_companies_create_with_attachment", &["company_object"]),
    ("update_a_desk_365_company_by_id", &["company_name"]),
    ("get_single_desk_365_time_entry_by_id", &["id"]),
    ("get_single_desk_365_survey_by_id", &["survey_name"]),
    ("get_single_desk_365_kb_category_by_id", &["category_name"]),
    ("update_a_desk_365_kb_category_by_id", &["category_name"]),
    ("delete_a_desk_365_kb_category_by_id", &["category_name"]),
    ("get_single_desk_365_kb_folder_by_id", &["category_name", "folder_name"]),
    ("create_a_desk_365_kb_folder", &["category_name", "folder_name"]),
    ("update_a_desk_365_kb_folder_by_id", &["category_name", "folder_name"]),
    ("delete_a_desk_365_kb_folder_by_id", &["category_name", "folder_name"]),
    ("get_single_desk_365_kb_article_by_id", &["article_name"]),
    ("update_a_desk_365_kb_article_by_id", &["article_name"]),
    ("delete_a_desk_365_kb_article_by_id", &["article_name"]),
];

const MEMBERS: [&str; 14] = [
    "name",
    "aliases",
    "integration",
    "resource",
    "method",
    "category",
    "effect",
    "tags",
    "title",
    "description",
    "http_method",
    "path",
    "input_schema",
    "output_schema",
];

fn tools_with(arguments: &[&str]) -> Vec<Map<String, Value>> {
    let mut all = vec!["tools", "desk365", "--format", "json"];
    all.extend(arguments);
    let told = run(&all, &[], "");
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(told.stderr.is_empty());
    serde_json::from_slice(&told.stdout).unwrap()
}

fn text<'a>(tool: &'a Map<String, Value>, member: &str) -> &'a str {
    tool[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} of {} is text", tool["name"]))
}

fn texts<'a>(tool: &'a Map<String, Value>, member: &str) -> Vec<&'a str> {
    tool[member]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

#[test]
fn the_promised_tools_are_there_and_go_where_they_should() {
    let tools = tools_with(&[]);
    assert!(tools.len() >= 44);
    let by_name: BTreeMap<&str, &Map<String, Value>> = tools.iter().map(|tool| (text(tool, "name"), tool)).collect();
    for (name, method, path) in PROMISED {
        let tool = by_name.get(name).unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!(
            (text(tool, "http_method"), text(tool, "path")),
            (method, path),
            "{name}"
        );
    }
    assert_eq!(
        PROMISED.iter().map(|(name, ..)| name).collect::<BTreeSet<_>>().len(),
        44,
        "the table is right"
    );
    for (name, arguments) in NEEDED {
        let required: BTreeSet<&str> = by_name[name]["input_schema"]["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert_eq!(required, arguments.iter().copied().collect(), "{name}");
    }
}

#[test]
fn tools_have_all_their_members_and_names_follow_the_rules() {
    let tools = tools_with(&[]);
    let mut seen = BTreeSet::new();
    for tool in &tools {
        let name = text(tool, "name");
        assert_eq!(tool.keys().map(String::as_str).collect::<Vec<_>>(), MEMBERS, "{name}");
        assert_eq!(text(tool, "integration"), "desk365");
        for member in ["resource", "method", "title"] {
            assert!(!text(tool, member).trim().is_empty(), "{name}: {member}");
        }
        let description = text(tool, "description");
        assert!(
            description.len() >= 40 && description.contains(". "),
            "{name} is explained: {description}"
        );
        for schema in ["input_schema", "output_schema"] {
            assert_eq!(tool[schema]["type"], "object", "{name}");
        }
        for known in [name].into_iter().chain(texts(tool, "aliases")) {
            assert!(known.len() <= 64, "{known}");
            assert!(
                known
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{known}"
            );
            assert!(seen.insert(known.to_lowercase()), "{known} is there once");
        }

        let (resource, method) = (text(tool, "resource"), text(tool, "method"));
        // Only these plurals occur.
        let singular = match resource.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => resource.strip_suffix('s').unwrap_or(resource).to_owned(),
        };
        let expected = match method {
            "list" => format!("list_all_desk_365_{resource}"),
            "get" => format!("get_single_desk_365_{singular}_by_id"),
            "create" => format!("create_a_desk_365_{singular}"),
            "update" => format!("update_a_desk_365_{singular}_by_id"),
            "delete" => format!("delete_a_desk_365_{singular}_by_id"),
            other => format!("desk_365_{resource}_{other}"),
        };
        assert_eq!(name, expected);
        let category = match method {
            "list" | "get" => "read",
            "create" | "update" | "delete" => "write",
            _ => "custom",
        };
        assert_eq!(text(tool, "category"), category, "{name}");
        let effect = match (text(tool, "http_method"), method) {
            ("GET", _) => "read",
            (_, "delete") => "destructive",
            _ => "write",
        };
        assert_eq!(text(tool, "effect"), effect, "{name}");
        assert!(texts(tool, "tags").contains(&resource), "{name}: its resource is a tag");
    }
    let tags: BTreeSet<&str> = tools.iter().flat_map(|tool| texts(tool, "tags")).collect();
    for tag in [
        "tickets",
        "contacts",
        "companies",
        "knowledge_base",
        "surveys",
        "contracts",
        "time",
    ] {
        assert!(tags.contains(tag), "{tag}");
    }
}

#[test]
fn tools_can_be_filtered() {
    let names = |arguments: &[&str]| -> BTreeSet<String> {
        tools_with(arguments)
            .iter()
            .map(|tool| text(tool, "name").to_owned())
            .collect()
    };
    let set = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    assert_eq!(
        names(&["--tags", "surveys"]),
        set(&[
            "list_all_desk_365_surveys",
            "get_single_desk_365_survey_by_id",
            "list_all_desk_365_survey_ratings"
        ])
    );
    assert_eq!(
        names(&["--methods", "delete"]),
        set(&[
            "delete_a_desk_365_kb_category_by_id",
            "delete_a_desk_365_kb_folder_by_id",
            "delete_a_desk_365_kb_article_by_id",
        ])
    );
    // Any of the tags, and any of the methods.
    assert_eq!(
        names(&["--tags", "time,contracts", "--methods", "get,create"]),
        set(&[
            "get_single_desk_365_time_entry_by_id",
            "create_a_desk_365_time_entry",
            "get_single_desk_365_contract_by_id",
            "create_a_desk_365_contract",
        ])
    );
    let (read, write, custom) = (
        names(&["--methods", "read"]),
        names(&["--methods", "write"]),
        names(&["--methods", "custom"]),
    );
    assert_eq!(read.len() + write.len() + custom.len(), names(&[]).len());
    assert!(
        read.iter()
            .all(|name| name.starts_with("list_all_") || name.starts_with("get_single_"))
    );
    assert!(custom.iter().all(|name| name.starts_with("desk_365_")));

    for (wrong, near) in [(["--methods", "raed"], "read"), (["--tags", "ticket"], "tickets")] {
        let told = run(&[&["tools", "desk365"], &wrong[..]].concat(), &[], "");
        assert_eq!(told.status.code(), Some(2));
        assert!(told.stdout.is_empty());
        assert!(String::from_utf8_lossy(&told.stderr).contains(&format!("`{near}`")));
    }
}

/// One line a tool, so that a change reads as one.
fn surface() -> String {
    let line = |tool: &Map<String, Value>| {
        let schema = &tool["input_schema"];
        let arguments: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        json!({
            "name": tool["name"],
            "method": tool["http_method"],
            "path": tool["path"],
            "effect": tool["effect"],
            "tags": tool["tags"],
            "arguments": arguments,
            "required": schema.get("required").cloned().unwrap_or_else(|| json!([])),
        })
        .to_string()
    };
    let lines: Vec<String> = tools_with(&[]).iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
fn the_surface_is_the_accepted_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/desk365.json");
    let now = surface();
    serde_json::from_str::<Value>(&now).expect("the golden file is JSON");
    if std::env::var_os("DESKHAND_ACCEPT").is_some_and(|accept| accept == "1") {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/golden")).unwrap();
        std::fs::write(path, &now).unwrap();
        return;
    }
    let accepted = std::fs::read_to_string(path).unwrap_or_default();
    let lines =
        |text: &str| -> BTreeSet<String> { text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect() };
    let (old, new) = (lines(&accepted), lines(&now));
    let differences: Vec<String> = old
        .difference(&new)
        .map(|line| format!("- {line}"))
        .chain(new.difference(&old).map(|line| format!("+ {line}")))
        .collect();
    assert!(
        accepted == now,
        "the tools have changed; if that is meant, run this test with DESKHAND_ACCEPT=1 and commit tests/golden/desk365.json:\n{}",
        differences.join("\n")
    );
}
