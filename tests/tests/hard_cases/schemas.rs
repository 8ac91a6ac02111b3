//! Every input schema of the sample helpdesks is one that all AI clients accept, and says what the checker takes.

use deskhand_runtime::Integration;
use deskhand_runtime::schema::{SchemaOptions, input_schema, lint};
use serde_json::{Map, Value, json};

const SAMPLES: [&Integration; 4] = [
    &deskhand_sample_crisp::INTEGRATION,
    &deskhand_sample_gorgias::INTEGRATION,
    &deskhand_sample_lantern::INTEGRATION,
    &deskhand_sample_obstacles::INTEGRATION,
];

fn schema_of(integration: &'static Integration, tool: &str, options: &SchemaOptions) -> Map<String, Value> {
    input_schema(integration.tool(tool).unwrap(), options)
}

/// All variables of the account present, so that what names one may be left out.
fn with_account(integration: &Integration) -> SchemaOptions {
    let names = integration.variables.iter().map(|setting| setting.name.to_owned());
    SchemaOptions {
        variables_present: names.collect(),
        ..SchemaOptions::default()
    }
}

#[test]
fn every_tool_has_a_schema_without_a_flaw() {
    let mut flaws = Vec::new();
    let mut tools = 0;
    for integration in SAMPLES {
        for (operation, tool) in integration.tools() {
            tools += 1;
            for options in [SchemaOptions::default(), with_account(integration)] {
                let found = lint(&input_schema(operation, &options));
                flaws.extend(found.into_iter().map(|flaw| format!("{}: {flaw}", tool.name)));
            }
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
    assert_eq!(tools, 19 + 18 + 17 + 18, "tools of the four samples");
}

/// The rules of the contract, looked for here without the lint of the product.
#[test]
fn no_schema_holds_what_a_client_may_refuse() {
    fn walk(schema: &Value, at: &str, depth: usize, of_property: bool) {
        let object = schema.as_object().unwrap_or_else(|| panic!("{at} is no schema"));
        assert!(depth <= 5, "{at} is too deep");
        for keyword in [
            "$ref",
            "$defs",
            "$schema",
            "$id",
            "oneOf",
            "allOf",
            "not",
            "const",
            "nullable",
            "definitions",
        ] {
            assert!(!object.contains_key(keyword), "{at} holds {keyword}");
        }
        let kind = object.get("type");
        assert!(kind.is_none_or(Value::is_string), "{at}: {kind:?}");
        if of_property {
            let description = object["description"].as_str().unwrap();
            assert!((3..=1024).contains(&description.chars().count()), "{at}: {description}");
        }
        if let Some(branches) = object.get("anyOf") {
            assert!(depth > 1, "{at}: a choice at the root");
            assert!(object["description"].as_str().is_some(), "{at}: a choice without words");
            for branch in branches.as_array().unwrap() {
                let scalar = ["string", "integer", "number", "boolean"].map(|kind| json!({ "type": kind }));
                assert!(scalar.contains(branch), "{at}: {branch}");
            }
        }
        if let Some(values) = object.get("enum") {
            let words: Vec<&str> = values
                .as_array()
                .unwrap()
                .iter()
                .map(|word| word.as_str().unwrap())
                .collect();
            assert!(words.iter().all(|word| !word.is_empty()), "{at}: {words:?}");
        }
        if kind == Some(&json!("array")) {
            walk(&object["items"], &format!("{at}.items"), depth + 1, false);
        }
        for (name, property) in object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let mut letters = name.chars();
            let good = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
            assert!(good && name.len() <= 64, "{at}: {name}");
            walk(property, &format!("{at}.{name}"), depth + 1, true);
        }
        match object.get("additionalProperties") {
            None | Some(Value::Bool(_)) => {}
            Some(values) => walk(values, &format!("{at}.*"), depth + 1, false),
        }
    }
    for integration in SAMPLES {
        for (operation, tool) in integration.tools() {
            let schema = Value::Object(input_schema(operation, &SchemaOptions::default()));
            assert_eq!(schema["type"], json!("object"));
            assert!(schema["properties"].is_object());
            walk(&schema, tool.name, 1, false);
        }
    }
}

/// A choice between scalars inside a list or a map says so with a keyword and in words.
#[test]
fn a_choice_inside_a_list_or_map_is_explained_where_it_stands() {
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    let people = schema_of(crisp, "update_a_crisp_people_datum_by_id", &SchemaOptions::default());
    let values = &people["properties"]["data"]["additionalProperties"];
    let either = json!([{"type": "string"}, {"type": "number"}, {"type": "boolean"}]);
    assert_eq!(values["anyOf"], either);
    assert_eq!(
        values["description"],
        json!("Either text, or a number, or true or false.")
    );

    let obstacles = &deskhand_sample_obstacles::INTEGRATION;
    let statuses = schema_of(obstacles, "list_all_obstacles_statuses", &SchemaOptions::default());
    let items = &statuses["properties"]["where"]["properties"]["values"]["items"];
    assert_eq!(items["anyOf"], either);
    assert_eq!(
        items["description"],
        json!("Either text, or a number, or true or false.")
    );

    let gorgias = &deskhand_sample_gorgias::INTEGRATION;
    let single = schema_of(
        gorgias,
        "update_a_gorgias_ticket_field_value_by_id",
        &SchemaOptions::default(),
    );
    assert_eq!(single["properties"]["body"]["anyOf"], either);
    assert_eq!(single["required"], json!(["ticket_id", "id", "body"]));
}

#[test]
fn an_account_variable_need_not_be_given() {
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    let tool = "get_single_crisp_conversation_by_id";
    let bare = schema_of(crisp, tool, &SchemaOptions::default());
    assert_eq!(bare["required"], json!(["website_id", "session_id"]));
    let account = schema_of(crisp, tool, &with_account(crisp));
    assert_eq!(account["required"], json!(["session_id"]));
    let words = account["properties"]["website_id"]["description"].as_str().unwrap();
    assert!(words.contains("the account's `website_id` is used"), "{words}");
}

#[test]
fn limit_and_cursor_stand_for_what_the_vendor_has() {
    let names = |integration, tool| {
        let schema = schema_of(integration, tool, &SchemaOptions::default());
        let properties = schema["properties"].as_object().unwrap();
        properties.keys().cloned().collect::<Vec<_>>()
    };
    let gorgias = &deskhand_sample_gorgias::INTEGRATION;
    assert_eq!(names(gorgias, "list_all_gorgias_views"), ["limit", "next_cursor"]);
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    assert_eq!(
        names(crisp, "list_all_crisp_spam_conversations"),
        ["website_id", "page_number", "filter_type", "next_cursor"]
    );
    let schema = schema_of(crisp, "list_all_crisp_conversations", &SchemaOptions::default());
    let limit = &schema["properties"]["limit"];
    assert_eq!((&limit["minimum"], &limit["maximum"]), (&json!(20), &json!(50)));
    assert!(schema["properties"].get("per_page").is_none());
}

#[test]
fn what_can_be_emptied_is_listed() {
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    let routing = schema_of(crisp, "crisp_conversations_update_routing", &SchemaOptions::default());
    assert_eq!(routing["properties"]["clear"]["items"]["enum"], json!(["assigned"]));
    let gorgias = &deskhand_sample_gorgias::INTEGRATION;
    let ticket = schema_of(gorgias, "update_a_gorgias_ticket_by_id", &SchemaOptions::default());
    assert_eq!(
        ticket["properties"]["clear"]["items"]["enum"],
        json!([
            "subject",
            "assignee_user",
            "assignee_team",
            "tags",
            "custom_fields",
            "external_id",
            "snooze_datetime",
            "trashed_datetime"
        ])
    );
}

/// What the other shapes of a message are is said in words: no keyword tells them apart for every client.
#[test]
fn every_shape_of_a_message_is_said_in_words() {
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    let schema = schema_of(crisp, "create_a_crisp_message", &SchemaOptions::default());
    let content = &schema["properties"]["content"];
    assert_eq!(content.as_object().unwrap().keys().collect::<Vec<_>>(), ["description"]);
    let words = content["description"].as_str().unwrap();
    for kind in [
        "text",
        "note",
        "file",
        "animation",
        "audio",
        "picker",
        "field",
        "carousel",
        "event",
    ] {
        assert!(words.contains(&format!("{kind}: ")), "{kind}: {words}");
    }
    for members in [
        "name, url, type",
        "url, type, duration",
        "id, text, choices",
        "id, text, explain",
        "text, targets",
    ] {
        assert!(words.contains(members), "{members}: {words}");
    }
}

/// A required argument that may be null can be left out when it is named in `clear`: the schema must allow that.
#[test]
fn a_required_argument_that_can_be_emptied_is_not_required_by_the_schema() {
    let crisp = &deskhand_sample_crisp::INTEGRATION;
    let routing = schema_of(crisp, "crisp_conversations_update_routing", &with_account(crisp));
    assert_eq!(routing["required"], json!(["session_id"]));
    let words = routing["properties"]["assigned"]["description"].as_str().unwrap();
    assert!(words.contains("`clear`"), "{words}");
}

#[test]
fn a_read_by_put_counts_as_reading() {
    let search = deskhand_sample_gorgias::INTEGRATION
        .tool("gorgias_views_search_items")
        .unwrap();
    assert_eq!(
        (search.http_method, search.effect.word(), search.idempotent),
        ("PUT", "read", true)
    );
    assert_eq!(search.category(), "read");
    let merge = deskhand_sample_gorgias::INTEGRATION
        .tool("gorgias_customers_merge")
        .unwrap();
    assert_eq!((merge.effect.word(), merge.idempotent), ("destructive", false));
    let delete = deskhand_sample_crisp::INTEGRATION
        .tool("delete_a_crisp_website")
        .unwrap();
    assert_eq!(
        (delete.tool.as_ref().unwrap().name, delete.effect.word()),
        ("delete_a_crisp_website_by_id", "destructive")
    );
}

/// Clients check calls against the schema before they make them: what the checker takes must pass there, in its plain
/// form, and a plain mistake must not.
#[test]
fn plain_arguments_pass_the_schema_and_mistakes_do_not() {
    let session = "session_3e1c6a8a-7b0c-4c1d-9c6a-2f5b8d0e1a44";
    let message = |kind: &str, content: Value| json!({"session_id": session, "type": kind, "from": "user", "origin": "urn:a:b:0", "content": content});
    let cases: Vec<(&str, Value, bool)> = vec![
        (
            "crisp_conversations_update_routing",
            json!({"session_id": session, "clear": ["assigned"]}),
            true,
        ),
        (
            "crisp_conversations_update_routing",
            json!({"session_id": session, "clear": ["silent"]}),
            false,
        ),
        (
            "crisp_conversations_update_routing",
            json!({"session_id": session, "assigned": {"user_id": "x"}}),
            true,
        ),
        (
            "crisp_conversations_update_routing",
            json!({"assigned": {"user_id": "x"}}),
            false,
        ),
        ("create_a_crisp_message", message("text", json!("Hello")), true),
        (
            "create_a_crisp_message",
            message("file", json!({"name": "a", "url": "b", "type": "c"})),
            true,
        ),
        ("create_a_crisp_message", message("poll", json!("Hello")), false),
        (
            "list_all_crisp_conversations",
            json!({"limit": 20, "search_type": "filter", "search_query": []}),
            true,
        ),
        ("list_all_crisp_conversations", json!({"limit": 10}), false),
        (
            "update_a_crisp_people_datum_by_id",
            json!({"people_id": "x", "data": {"a": 1, "b": "c", "d": true}}),
            true,
        ),
        (
            "update_a_crisp_people_datum_by_id",
            json!({"people_id": "x", "data": {"a": [1]}}),
            false,
        ),
        (
            "crisp_conversations_resolve_many",
            json!({"sessions": [], "all": true}),
            true,
        ),
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"gt": "2026-01-31T00:00:00Z"}}),
            true,
        ),
        (
            "list_all_gorgias_events",
            json!({"created_datetime": {"after": "2026-01-31T00:00:00Z"}}),
            false,
        ),
        (
            "update_a_gorgias_ticket_field_value_by_id",
            json!({"ticket_id": 1, "id": 2, "body": 3.5}),
            true,
        ),
        (
            "update_a_gorgias_ticket_field_value_by_id",
            json!({"ticket_id": 1, "id": 2, "body": [3]}),
            false,
        ),
        (
            "gorgias_ticket_field_values_bulk_update",
            json!({"ticket_id": 1, "body": [{"id": 1, "value": true}]}),
            true,
        ),
        (
            "create_a_gorgias_message",
            json!({"ticket_id": 1, "channel": "my-app", "via": "api", "from_agent": true}),
            true,
        ),
        (
            "gorgias_files_upload",
            json!({"file": [{"name": "a", "content_base64": ""}]}),
            true,
        ),
        ("gorgias_files_upload", json!({"file": []}), false),
        (
            "create_a_obstacles_comment",
            json!({"text": "a", "answers": [{"text": "b", "answers": [{"html": "c"}]}]}),
            true,
        ),
        (
            "create_a_obstacles_comment",
            json!({"text": "a", "colour": "red"}),
            false,
        ),
        (
            "list_all_obstacles_statuses",
            json!({"where": {"field": "a", "values": [1, "b", true]}, "order": "*"}),
            true,
        ),
        (
            "list_all_obstacles_statuses",
            json!({"where": {"field": "a", "values": [null]}}),
            false,
        ),
        ("get_single_obstacles_comment_by_id", json!({"id": i64::MAX}), true),
    ];
    for (tool, arguments, good) in cases {
        let integration = SAMPLES
            .into_iter()
            .find(|integration| integration.tool(tool).is_some())
            .unwrap();
        let schema = Value::Object(schema_of(integration, tool, &with_account(integration)));
        let verdict = jsonschema::validate(&schema, &arguments);
        assert_eq!(verdict.is_ok(), good, "{tool} {arguments}: {verdict:?}");
    }
}

/// What may be null has the type of its values alone: lists of types and `nullable` are not for every client.
#[test]
fn null_is_in_no_schema() {
    let gorgias = &deskhand_sample_gorgias::INTEGRATION;
    let ticket = schema_of(gorgias, "update_a_gorgias_ticket_by_id", &SchemaOptions::default());
    assert_eq!(ticket["properties"]["subject"]["type"], json!("string"));
    let words = ticket["properties"]["subject"]["description"].as_str().unwrap();
    assert!(words.contains("put its name in `clear`"), "{words}");
    let tool = "gorgias_ticket_field_values_bulk_update";
    let values = schema_of(gorgias, tool, &SchemaOptions::default());
    let value = &values["properties"]["body"]["items"];
    assert_eq!(value["required"], json!(["id", "value"]));
    assert_eq!(
        value["properties"]["value"]["anyOf"],
        json!([{"type": "string"}, {"type": "number"}, {"type": "boolean"}])
    );
}

/// What an argument is bound to stands beside it, also when the server has fixed what binds it; what does not exist does
/// not stand there.
#[test]
fn bound_arguments_say_to_what() {
    let gorgias = &deskhand_sample_gorgias::INTEGRATION;
    let said = |options: &SchemaOptions, argument: &str| {
        let schema = schema_of(gorgias, "create_a_gorgias_message", options);
        let text = schema["properties"][argument]["description"].as_str();
        text.unwrap_or_else(|| panic!("no {argument}")).to_owned()
    };
    let free = SchemaOptions::default();
    let public = said(&free, "public");
    assert!(
        public.contains("Must be false when `channel` is internal-note."),
        "{public}"
    );
    let channel = said(&free, "channel");
    assert!(
        channel.contains("Must be internal-note or phone when `public` is false."),
        "{channel}"
    );
    let note = SchemaOptions {
        fixed: [("channel".to_owned(), json!("internal-note"))].into(),
        ..SchemaOptions::default()
    };
    let public = said(&note, "public");
    assert!(public.contains("Must be false."), "{public}");
    assert!(!public.contains("channel"), "{public}");

    let list = schema_of(gorgias, "list_all_gorgias_tickets", &free);
    assert!(list["properties"].get("status").is_none());
}
