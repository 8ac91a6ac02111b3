//! Schemas of made-up tables with handwritten expectations, and their agreement with the check.

#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, reason = "in tests")]

mod tables;

use std::collections::{BTreeMap, BTreeSet};

use deskhand_runtime::arguments::{CheckSettings, check};
use deskhand_runtime::operation::{Answer, AnswerKind, Operation};
use deskhand_runtime::schema::{SchemaOptions, input_schema, lint, output_schema, tool_doc};
use deskhand_runtime::shape::Shape;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tables::*;

const SESSION: &str = "session_0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10";
const PERSON: &str = "0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10";

fn schema_of(operation: &Operation) -> Value {
    Value::Object(input_schema(operation, &SchemaOptions::default()))
}

fn names(set: &[&str]) -> BTreeSet<String> {
    set.iter().map(|name| (*name).to_owned()).collect()
}

fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    owned.collect()
}

#[test]
fn every_input_schema_is_fit_for_every_client() {
    for operation in OPERATIONS {
        for options in [
            SchemaOptions::default(),
            SchemaOptions {
                variables_present: names(&["website_id", "four"]),
                fixed: values(&[("ticket_number", json!(7)), ("limit", json!(20))]),
                hidden_tools: names(&["list_all_acme_tickets"]),
                ..SchemaOptions::default()
            },
        ] {
            let schema = input_schema(operation, &options);
            assert_eq!(lint(&schema), Vec::<String>::new(), "{}", operation.name);
        }
        jsonschema::meta::validate(&schema_of(operation)).unwrap();
    }
}

#[test]
fn properties_say_what_is_expected() {
    let schema = schema_of(&UPDATE);
    let expected: &[(&str, Value)] = &[
        (
            "ticket_number",
            json!({
                "type": "integer",
                "description": "Number of the ticket. Get it from `list_all_acme_tickets` or `create_a_acme_ticket`. Example: 1042",
            }),
        ),
        (
            "session_id",
            json!({
                "type": "string",
                "description": "The conversation. session_ followed by a UUID. Get it from `list_all_acme_conversations`.",
            }),
        ),
        (
            "subject",
            json!({
                "type": "string",
                "minLength": 1,
                "maxLength": 20,
                "description": "Subject line. From 1 to 20 characters.",
            }),
        ),
        (
            "requester",
            json!({ "type": "string", "description": "Who asked. An e-mail address such as jane@example.com." }),
        ),
        (
            "copies",
            json!({
                "type": "string",
                "description": "Who gets copies. Entries separated by commas. A list is accepted too.",
            }),
        ),
        (
            "updated_since",
            json!({ "type": "string", "description": "Changed since. UTC date and time as YYYY-MM-DD HH:MM:SS." }),
        ),
        (
            "solved_at",
            json!({
                "type": "string",
                "description": "Solved at. An ISO 8601 date and time such as 2026-01-31T09:30:00Z. Without an offset it is UTC.",
            }),
        ),
        (
            "score",
            json!({
                "type": "integer",
                "minimum": 0,
                "maximum": 100,
                "description": "Score of the ticket. From 0 to 100. Default: 10.",
            }),
        ),
        ("urgent", json!({ "type": "boolean", "description": "Urgent or not." })),
        (
            "priority",
            json!({
                "type": "string",
                "enum": ["low", "medium", "high", "urgent"],
                "description": "Priority of the ticket.",
            }),
        ),
        (
            "channel",
            json!({
                "type": "string",
                "enum": ["email", "chat", "phone"],
                "description": "Where it came from. One of: email (by mail), chat (by chat), phone (by phone).",
            }),
        ),
        (
            "status",
            json!({
                "type": "string",
                "description": "State of the ticket. Known values: open, closed; the account may have others.",
            }),
        ),
        (
            "tags",
            json!({
                "type": "array",
                "items": { "type": "string" },
                "minItems": 1,
                "maxItems": 3,
                "description": "Tags of the ticket. From 1 to 3 items.",
            }),
        ),
        (
            "watchers",
            json!({
                "type": "array",
                "items": { "type": "string" },
                "description": "Who watches. Each: an e-mail address such as jane@example.com.",
            }),
        ),
        (
            "counts",
            json!({
                "type": "object",
                "additionalProperties": { "type": "integer" },
                "description": "Counts by name.",
            }),
        ),
        (
            "custom_fields",
            json!({ "type": "object", "additionalProperties": true, "description": "Own fields of the account." }),
        ),
        (
            "address",
            json!({
                "type": "object",
                "properties": {
                    "city": { "type": "string", "minLength": 1, "description": "City. Must not be empty." },
                    "country": {
                        "type": "string",
                        "description": "Country by language code. A language code such as en or pt-br.",
                    },
                    "street": { "type": "string", "description": "Street and number." },
                    "urgency": { "type": "string", "enum": ["low", "medium", "high", "urgent"], "description": "Urgency." },
                },
                "required": ["city"],
                "additionalProperties": false,
                "description": "Postal address.",
            }),
        ),
        (
            "content",
            json!({
                "description": "What the message holds. Its form depends on `kind`; text: text (the words); \
                                file: an object with url, name; picker: a list, each item text (choices).",
            }),
        ),
        (
            "text_or_number",
            json!({
                "anyOf": [{ "type": "integer" }, { "type": "string" }],
                "description": "Text or number. Either a whole number, or text.",
            }),
        ),
        (
            "number_or_list",
            json!({ "description": "A number or several. Either a whole number, or a list, each item a whole number." }),
        ),
        (
            "assignee",
            json!({
                "type": "string",
                "description": "Who works on it. A UUID. Get it from `list_all_acme_people`. To empty it, put its name in `clear`.",
            }),
        ),
        (
            "flagged",
            json!({
                "type": "array",
                "items": { "type": "integer" },
                "description": "Flagged ones. Get it from `list_all_acme_tickets` or `create_a_acme_ticket`. \
                                An empty list is refused (it would flag every ticket) unless `flag_all` is true.",
            }),
        ),
        (
            "homepage",
            json!({
                "type": "string",
                "description": "Home page. An http or https address. Not allowed when `channel` is phone.",
            }),
        ),
        (
            "clear",
            json!({
                "type": "array",
                "items": { "type": "string", "enum": ["assignee", "due_mail"] },
                "description": "Names of arguments whose stored values are to be emptied. An argument left out is not changed.",
            }),
        ),
    ];
    for (name, expected) in expected {
        assert_eq!(schema["properties"][*name], *expected, "{name}");
    }
}

#[test]
fn the_root_is_closed_and_in_table_order() {
    let schema = schema_of(&UPDATE);
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["ticket_number", "website_id"]));
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut expected: Vec<&str> = ALL.fields.iter().map(|field| field.name).collect();
    expected.push("clear");
    assert_eq!(keys, expected);
    assert_eq!(
        schema_of(&NO_ARGUMENTS),
        json!({ "type": "object", "properties": {}, "additionalProperties": false })
    );
}

#[test]
fn lists_take_limit_and_cursor() {
    let schema = schema_of(&LISTING);
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["page_number", "status", "limit", "next_cursor"]);
    assert_eq!(schema.get("required"), None);
    assert_eq!(
        schema["properties"]["limit"],
        json!({
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "Items asked for in one page, from 1 to 100. The helpdesk serves pages of 30, 50, 100 items: other numbers are rounded up, so more may come. Default: 30.",
        })
    );
    let schema = schema_of(&CURSORED);
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["limit", "next_cursor"]);
    let keys = schema_of(&FIXED);
    let keys: Vec<&String> = keys["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["next_cursor"]);
}

#[test]
fn options_take_arguments_away() {
    let options = SchemaOptions {
        variables_present: names(&["website_id"]),
        fixed: values(&[("ticket_number", json!(7)), ("assignee", json!("anna"))]),
        ..SchemaOptions::default()
    };
    let schema = Value::Object(input_schema(&UPDATE, &options));
    assert_eq!(schema.get("required"), None);
    assert_eq!(schema["properties"].get("ticket_number"), None);
    assert_eq!(schema["properties"]["clear"]["items"]["enum"], json!(["due_mail"]));
    assert_eq!(
        schema["properties"]["website_id"]["description"],
        "The website. Left out, the account's `website_id` is used."
    );
    let schema = input_schema(&UPDATE, &SchemaOptions::default());
    assert_eq!(
        schema["properties"]["website_id"]["description"], "The website. Get it from `list_all_acme_websites`.",
        "an account that has none is told where to find one"
    );
    let options = SchemaOptions {
        fixed: values(&[("assignee", json!("anna")), ("due_mail", Value::Null)]),
        ..SchemaOptions::default()
    };
    assert_eq!(input_schema(&UPDATE, &options)["properties"].get("clear"), None);
}

fn fixed(pairs: &[(&str, Value)]) -> SchemaOptions {
    SchemaOptions {
        fixed: values(pairs),
        ..SchemaOptions::default()
    }
}

/// The schema with the arguments fixed in `pairs`, which must still be one for every client.
fn schema_with(operation: &Operation, pairs: &[(&str, Value)]) -> Value {
    let schema = input_schema(operation, &fixed(pairs));
    assert_eq!(lint(&schema), Vec::<String>::new());
    Value::Object(schema)
}

#[test]
fn a_fixed_argument_takes_its_rivals_away() {
    let schema = schema_with(&UPDATE, &[("choice_a", json!("x"))]);
    assert_eq!(schema["properties"].get("choice_a"), None);
    assert_eq!(schema["properties"].get("choice_b"), None);
    let schema = schema_with(&GROUPED, &[("three", json!("x")), ("one", json!("x"))]);
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["two"]);
    assert_eq!(schema["properties"]["two"]["description"], "Second.");
}

#[test]
fn a_fixed_argument_decides_for_others() {
    let schema = schema_with(&UPDATE, &[("channel", json!("phone"))]);
    assert_eq!(schema["required"], json!(["ticket_number", "website_id", "trace"]));
    assert_eq!(schema["properties"]["trace"]["description"], "Trace mark.");
    assert_eq!(schema["properties"].get("homepage"), None);
    let schema = schema_with(&UPDATE, &[("channel", json!("email"))]);
    assert_eq!(schema["required"], json!(["ticket_number", "website_id"]));
    assert_eq!(
        schema["properties"]["homepage"]["description"],
        "Home page. An http or https address."
    );
    // A coded word, given as its code.
    let schema = schema_with(&UPDATE, &[("priority", json!(20))]);
    assert_eq!(schema["required"], json!(["ticket_number", "website_id", "due"]));
    // Fixed itself, what rules it out may not be given, or only sometimes.
    let schema = schema_with(&UPDATE, &[("homepage", json!("https://x.example"))]);
    assert_ne!(schema["properties"].get("channel"), None);
}

#[test]
fn a_fixed_sibling_chooses_the_shape() {
    let schema = schema_with(&UPDATE, &[("kind", json!("file"))]);
    let content = &schema["properties"]["content"];
    assert_eq!(content["description"], "What the message holds.");
    assert_eq!(content["required"], json!(["url"]));
    let schema = schema_with(&UPDATE, &[("kind", json!("picker"))]);
    assert_eq!(
        schema["properties"]["content"],
        json!({ "type": "array", "items": { "type": "string" }, "description": "What the message holds." })
    );
    let schema = schema_with(&UPDATE, &[("kind", json!("new"))]);
    assert_eq!(
        schema["properties"]["content"],
        json!({ "description": "What the message holds. Any JSON value." })
    );
}

#[test]
fn descriptions_name_no_fixed_argument() {
    let all =
        "Filters. Without status_id all come. Use `status` too. The status counts. It is status_ids that matters.";
    let kept = "Filters. The status counts. It is status_ids that matters.";
    let options = fixed(&[("status_id", json!(1)), ("status", json!("open"))]);
    assert_eq!(tool_doc(all, &options), kept);
    let options = fixed(&[("other", json!(1))]);
    assert_eq!(tool_doc(all, &options), all);
    assert_eq!(
        tool_doc(
            "Reads status_id. More.\n\nSets status_id",
            &fixed(&[("status_id", json!(1))])
        ),
        "Reads status_id. More.",
        "the beginning stays"
    );
    assert_eq!(
        tool_doc(
            "Lists; see status_id. Use it; set status_id; read on; mind status_id. Then; status_id. End.",
            &fixed(&[("status_id", json!(1))])
        ),
        "Lists. Use it; read on. Then. End.",
    );
}

#[test]
fn descriptions_send_nobody_to_a_tool_that_is_hidden() {
    let options = |tools: &[&str]| SchemaOptions {
        hidden_tools: names(tools),
        ..SchemaOptions::default()
    };
    let described = |tools: &[&str]| {
        let schema = Value::Object(input_schema(&UPDATE, &options(tools)));
        schema["properties"]["ticket_number"]["description"].clone()
    };
    assert_eq!(
        described(&["list_all_acme_tickets"]),
        "Number of the ticket. Get it from `create_a_acme_ticket` or `acme_tickets_search`. Example: 1042"
    );
    let all = [
        "list_all_acme_tickets",
        "create_a_acme_ticket",
        "acme_tickets_search",
        "acme_hidden",
    ];
    assert_eq!(described(&all), "Number of the ticket. Example: 1042");
    let doc = "Lists. To find by words use acme_tickets_search. It has acme_tickets_search_2.";
    assert_eq!(
        tool_doc(doc, &options(&["acme_tickets_search"])),
        "Lists. It has acme_tickets_search_2."
    );
    let begins = "What `acme_tickets_search` finds, and acme_tickets_search alone; see acme_tickets_search. It is new.";
    assert_eq!(
        tool_doc(begins, &options(&["acme_tickets_search"])),
        "What another tool finds, and another tool alone. It is new."
    );
}

#[test]
fn what_lies_too_deep_becomes_a_free_object() {
    let schema = schema_of(&UPDATE);
    // root 1, deep 2, three 3, four 4, its members 5
    let three = &schema["properties"]["deep"]["properties"]["three"];
    assert_eq!(three["properties"]["tags"]["items"], json!({ "type": "string" }));
    let four = &three["properties"]["four"];
    assert_eq!(four["properties"]["city"]["type"], "string");
    let tree = &schema["properties"]["tree"];
    assert_eq!(
        tree["properties"]["left"],
        json!({ "type": "object", "description": "Node to the left. An object like the Node around it." })
    );
    assert_eq!(
        tree["properties"]["children"]["items"],
        json!({ "type": "object" }),
        "recursion is cut"
    );
    assert_eq!(tree.get("additionalProperties"), None, "unknown members are kept");
}

#[test]
fn long_descriptions_are_cut_at_a_sentence() {
    use deskhand_runtime::shape::{Field, Presence, Table, Unknown};
    static LONG: Table = Table {
        name: "Long",
        doc: "",
        fields: &[Field {
            presence: Presence::Required,
            default: Some("none"),
            ..text(
                "words",
                concat!(
                    "The first sentence is useful. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done. ",
                    "A very long sentence that goes on and on without saying much of anything new, and still is not done."
                ),
            )
        }],
        rules: &[],
        unknown: Unknown::Refuse,
    };
    static OPERATION: Operation = Operation {
        input: || &LONG,
        ..operation_like()
    };
    let schema = schema_of(&OPERATION);
    let description = schema["properties"]["words"]["description"].as_str().unwrap();
    assert!(description.chars().count() <= 1024);
    assert!(description.starts_with("The first sentence is useful. "));
    assert!(
        description.ends_with("still is not done. Default: none."),
        "{description}"
    );
}

const fn operation_like() -> Operation {
    operation("like", || &NOTHING, None)
}

#[test]
fn broken_rules_are_found() {
    let property = |schema: Value| json!({ "type": "object", "properties": { "a": schema } });
    let deep = (0..5).fold(
        json!({ "type": "string", "description": "Deep down." }),
        |inner, _| json!({ "type": "object", "properties": { "x": inner }, "description": "An object." }),
    );
    let table: &[(Value, &str)] = &[
        (json!({ "properties": {} }), "root: `type` must be `object`"),
        (json!({ "type": "object" }), "root: `properties` must be there"),
        (
            json!({ "type": "object", "properties": {}, "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            "root: `anyOf` is not allowed",
        ),
        (
            json!({ "type": "object", "properties": {}, "oneOf": [] }),
            "root: keyword `oneOf` is not allowed",
        ),
        (
            json!({ "type": "object", "properties": {}, "$defs": {} }),
            "root: keyword `$defs` is not allowed",
        ),
        (
            json!({ "type": "object", "properties": {}, "$schema": "x" }),
            "root: keyword `$schema` is not allowed",
        ),
        (
            property(json!({ "$ref": "#/x", "description": "Something." })),
            "root.a: keyword `$ref` is not allowed",
        ),
        (
            property(json!({ "type": ["string", "null"], "description": "Something." })),
            "root.a: `type` must not be a list",
        ),
        (
            property(json!({ "type": "null", "description": "Something." })),
            "root.a: `type` \"null\" is not allowed",
        ),
        (
            property(json!({ "type": "string", "nullable": true, "description": "Something." })),
            "root.a: keyword `nullable` is not allowed",
        ),
        (
            property(json!({ "type": "string", "const": "x", "description": "Something." })),
            "root.a: keyword `const` is not allowed",
        ),
        (
            property(json!({ "type": "string", "enum": ["a", ""], "description": "Something." })),
            "root.a: `enum` must hold non-empty texts only",
        ),
        (
            property(json!({ "type": "integer", "enum": [1], "description": "Something." })),
            "root.a: `enum` must hold non-empty texts only",
        ),
        (
            property(json!({ "type": "string", "enum": ["a", "a"], "description": "Something." })),
            "root.a: `enum` holds a value twice",
        ),
        (
            property(json!({ "type": "array", "description": "Something." })),
            "root.a: array without `items`",
        ),
        (
            property(json!({ "type": "array", "items": [], "description": "Something." })),
            "root.a: `items` must be a schema",
        ),
        (
            property(json!({ "anyOf": [{ "type": "string" }, { "type": "object" }], "description": "Something." })),
            "root.a: `anyOf` may only choose between scalars",
        ),
        (
            property(json!({ "type": "string" })),
            "root: property `a` has no useful description",
        ),
        (
            property(json!({ "type": "string", "description": "x".repeat(1025) })),
            "root.a: description longer than 1024 characters",
        ),
        (
            json!({ "type": "object", "properties": { "a-b": { "type": "string", "description": "Something." } } }),
            "root: property name `a-b` is not allowed",
        ),
        (
            json!({ "type": "object", "properties": {}, "required": ["a"] }),
            "root: `required` names `a`, which is no property",
        ),
        (property(deep), "root.a.x.x.x.x: deeper than 5 levels"),
        (
            property(json!({
                "type": "object",
                "description": "Something.",
                "additionalProperties": { "type": "array" },
            })),
            "root.a.additionalProperties: array without `items`",
        ),
    ];
    for (schema, expected) in table {
        let problems = lint(schema.as_object().unwrap());
        assert!(
            problems.iter().any(|problem| problem == expected),
            "{expected}: {problems:?}"
        );
    }
    // A property may bear the name of a keyword.
    let named = json!({
        "type": "object",
        "properties": { "nullable": { "type": "string", "description": "Whether it may be empty." } },
    });
    assert_eq!(lint(named.as_object().unwrap()), Vec::<String>::new());
}

// ---- agreement with the check ----------------------------------------------------------------

/// Arguments as a careful client sends them, together touching every property.
fn canonical() -> Vec<(&'static Operation, Value)> {
    vec![
        (
            &UPDATE,
            json!({
                "ticket_number": 7, "website_id": "w", "session_id": SESSION, "person_id": PERSON, "slug": "s",
                "number_text": 12, "subject": "Hello", "password": "longenough", "requester": "jane@example.com",
                "copies": "a@example.com,b@example.com", "body_html": "<p>x</p>", "due": "2026-01-31",
                "updated_since": "2026-01-31 09:30:00", "solved_at": "2026-01-31", "stamp": 5,
                "include_closed": true, "is_public": false, "urgent": true, "score": 50, "hours": 1.5,
                "priority": "urgent", "priority_text": "low", "channel": "phone", "status": "open", "grade": "good",
                "tags": ["a"], "watchers": ["a@example.com"], "numbers": [1, 2], "fields": ["a"], "trace": "x",
                "counts": { "a": 1 }, "custom_fields": { "x": [1] },
                "address": { "city": "Bern", "country": "de", "street": "x", "urgency": "high" },
                "tree": { "label": "a", "left": { "label": "b" }, "children": [{ "own": true }] },
                "deep": { "three": { "tags": ["x"], "four": { "city": "Bern" } } },
                "content": { "url": "https://example.com" }, "kind": "file",
                "text_or_number": "5", "number_or_list": [5], "text_or_address": { "city": "Bern" },
                "upload": { "name": "a.txt", "media_type": "text/plain", "content_base64": "aGk=" },
                "anything": [null], "flagged": [1], "flag_all": false, "choice_a": "x", "clear": ["assignee"],
            }),
        ),
        (
            &UPDATE,
            json!({
                "ticket_number": 7, "website_id": "w", "homepage": "https://example.com", "assignee": PERSON,
                "due_mail": "a@example.com", "choice_b": "x", "channel": "chat", "text_or_number": 5,
                "number_or_list": 5, "text_or_address": "Bern", "content": "words", "kind": "text", "flagged": [],
                "flag_all": true,
            }),
        ),
        (&GROUPED, json!({ "one": "x", "three": "y" })),
        (&LISTING, json!({ "status": "open", "limit": 30, "next_cursor": "abc" })),
        (&LISTING, json!({ "page_number": 2 })),
        (&CURSORED, json!({ "limit": 5, "next_cursor": "abc" })),
        (&FIXED, json!({ "next_cursor": "abc" })),
        (&WHOLE_BODY, json!({ "body": ["a"] })),
        (
            &SEND,
            json!({ "messages": [{ "type": "text", "content": "x" }, { "type": "file", "content": { "url": "http://x" } }] }),
        ),
        (&NO_ARGUMENTS, json!({})),
        (
            &QUOTE,
            json!({ "before": "x", "number": 9_007_199_254_740_991_i64, "after": "y" }),
        ),
    ]
}

/// Every value that differs from `schema` in one point, at one place inside `value`.
fn mutations(schema: &Value, value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => {
            out.extend([json!({ "no": 1 }), json!([["x"]]), json!(true)]);
            if schema.get("enum").is_some() {
                out.push(json!("surely-not-a-known-word"));
            }
            if let Some(least) = schema.get("minLength").and_then(Value::as_u64) {
                out.push(Value::from("x".repeat(usize::try_from(least).unwrap() - 1)));
            }
            if let Some(most) = schema.get("maxLength").and_then(Value::as_u64) {
                out.push(Value::from("x".repeat(usize::try_from(most).unwrap() + 1)));
            }
        }
        Some("integer" | "number") => {
            out.extend([json!({}), json!([1]), json!("many"), json!(true)]);
            if schema["type"] == "integer" {
                out.push(json!(1.5));
            }
            if let Some(least) = schema.get("minimum").and_then(Value::as_i64) {
                out.push(json!(least - 1));
            }
            if let Some(most) = schema.get("maximum").and_then(Value::as_i64) {
                out.push(json!(most + 1));
            }
        }
        Some("boolean") => out.extend([json!({}), json!([true]), json!("maybe"), json!(7)]),
        Some("array") => {
            out.extend([json!({}), json!(5), json!("words"), json!(true)]);
            let items = value.as_array().unwrap();
            if let Some(least) = schema.get("minItems").and_then(Value::as_u64) {
                out.push(items[..usize::try_from(least).unwrap() - 1].iter().cloned().collect());
            }
            if let Some(most) = schema.get("maxItems").and_then(Value::as_u64) {
                let many = usize::try_from(most).unwrap() + 1;
                out.push(items.iter().cycle().take(many).cloned().collect());
            }
            for (index, item) in items.iter().enumerate() {
                for mutated in mutations(&schema["items"], item) {
                    let mut copy = items.clone();
                    copy[index] = mutated;
                    out.push(Value::Array(copy));
                }
            }
        }
        Some("object") => {
            out.extend([json!([1]), json!(5), json!("words"), json!(true)]);
            out.extend(
                members(schema, value.as_object().unwrap())
                    .into_iter()
                    .map(Value::Object),
            );
        }
        _ => {
            // Properties without a type say what they take in words only.
            if schema.get("anyOf").is_some() {
                out.extend([json!({}), json!([1])]);
            }
        }
    }
    out
}

fn members(schema: &Value, value: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut out = Vec::new();
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        let mut copy = value.clone();
        copy.insert("surely_unknown".into(), json!(1));
        out.push(copy);
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let mut copy = value.clone();
        copy.shift_remove(name.as_str().unwrap());
        out.push(copy);
    }
    for (name, member) in value {
        let inner = schema
            .get("properties")
            .and_then(|properties| properties.get(name))
            .or_else(|| schema.get("additionalProperties").filter(|values| values.is_object()));
        for mutated in inner.map(|inner| mutations(inner, member)).unwrap_or_default() {
            let mut copy = value.clone();
            copy.insert(name.clone(), mutated);
            out.push(copy);
        }
    }
    out
}

#[test]
fn schema_and_check_agree() {
    let mut touched: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut mutated = 0;
    for (operation, arguments) in canonical() {
        let schema = schema_of(operation);
        let validator = jsonschema::validator_for(&schema).unwrap();
        if let Err(error) = validator.validate(&arguments) {
            panic!("{}: {error} at {}", operation.name, error.instance_path());
        }
        let arguments = arguments.as_object().unwrap().clone();
        check(operation, arguments.clone(), &CheckSettings::default())
            .unwrap_or_else(|error| panic!("{}: {error}", operation.name));
        touched.extend(arguments.keys().map(|name| (operation.name, name.clone())));
        for wrong in members(&schema, &arguments) {
            mutated += 1;
            let shown = Value::Object(wrong.clone());
            assert!(
                !validator.is_valid(&shown),
                "the schema of {} admits {shown}",
                operation.name
            );
            assert!(
                check(operation, wrong, &CheckSettings::default()).is_err(),
                "the check of {} admits {shown}",
                operation.name
            );
        }
    }
    for operation in OPERATIONS {
        let schema = schema_of(operation);
        for name in schema["properties"].as_object().unwrap().keys() {
            // `two` and `four` exclude the arguments given.
            let skipped = operation.name == "grouped";
            assert!(
                skipped || touched.contains(&(operation.name, name.clone())),
                "{} {name}",
                operation.name
            );
        }
    }
    assert!(mutated > 300, "{mutated}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Good arguments stay good for both whatever part of the optional ones is left out.
    #[test]
    fn leaving_optional_arguments_out_is_fine_for_both(keep in prop::collection::vec(any::<bool>(), 60)) {
        for (operation, arguments) in canonical() {
            let schema = schema_of(operation);
            let required = schema.get("required").cloned().unwrap_or(json!([]));
            // Arguments that others need stay, too.
            let needed = ["kind", "flag_all", "due", "trace", "one", "three"];
            let kept: Map<String, Value> = arguments
                .as_object()
                .unwrap()
                .iter()
                .enumerate()
                .filter(|(index, (name, _))| {
                    keep[*index]
                        || needed.contains(&name.as_str())
                        || required.as_array().unwrap().contains(&Value::from(name.as_str()))
                })
                .map(|(_, (name, value))| (name.clone(), value.clone()))
                .collect();
            prop_assert!(jsonschema::is_valid(&schema, &Value::Object(kept.clone())));
            let checked = check(operation, kept.clone(), &CheckSettings::default());
            prop_assert!(checked.is_ok(), "{:?} {}", checked.err(), Value::Object(kept));
        }
    }
}

// ---- output ----------------------------------------------------------------------------------

#[test]
fn answers_are_described_without_closing_anything() {
    assert_eq!(
        Value::Object(output_schema(&UPDATE)),
        json!({
            "type": "object",
            "properties": {
                "number": { "description": "TicketNumber: number of the ticket" },
                "Subject": { "description": "text: subject line (untrusted)" },
                "priority": { "description": "one of 1 low, 5 medium, 10 high, 20 urgent: priority" },
                "address": {
                    "description": "object: postal address",
                    "properties": {
                        "cityName": { "description": "text: city" },
                        "country": { "description": "text: country by language code" },
                        "street": { "description": "text: street and number" },
                        "created_at": { "description": "text: when it was made" },
                        "urgency": { "description": "one of 1 low, 5 medium, 10 high, 20 urgent: urgency" },
                    },
                },
                "tree": {
                    "description": "list: a tree",
                    "items": {
                        "properties": {
                            "label": { "description": "text: label" },
                            "children": { "description": "list: nodes below" },
                            "left": { "description": "object: node to the left" },
                        },
                    },
                },
                "created": { "description": "text (UTC): when it was made" },
            },
        })
    );
    let list = Value::Object(output_schema(&LISTING));
    assert_eq!(list["properties"]["result"]["type"], "array");
    assert_eq!(
        list["properties"]["result"]["items"]["properties"]["number"]["description"],
        "TicketNumber: number of the ticket"
    );
    let keys: Vec<&String> = list["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["result", "next_cursor", "result_count", "total"]);
}

#[test]
fn answers_of_any_kind_pass() {
    let odd = json!({
        "number": null, "Subject": 5, "priority": 99, "address": null, "tree": "later", "created": {}, "new_member": [1],
    });
    let wide = json!({ "number": "7", "address": { "cityName": null, "x": 1 }, "tree": [null, 5, { "children": {} }] });
    let failed = json!({ "error": { "code": "not_found" } });
    for (operation, answers) in [
        (&UPDATE, vec![odd.clone(), wide.clone(), json!({}), failed.clone()]),
        (
            &LISTING,
            vec![
                json!({ "result": [odd, wide], "next_cursor": null, "result_count": 2 }),
                json!({ "result": [], "next_cursor": "abc", "result_count": 0, "total": null, "more": 1 }),
                failed,
            ],
        ),
    ] {
        let validator = jsonschema::validator_for(&Value::Object(output_schema(operation))).unwrap();
        for answer in answers {
            assert!(validator.is_valid(&answer), "{answer}");
        }
    }
}

#[test]
fn every_kind_of_answer_has_an_object_at_its_root() {
    for (kind, shape, answer) in [
        (AnswerKind::Record, Shape::Int, json!({ "result": 5 })),
        (
            AnswerKind::Record,
            Shape::List(&const { Shape::record(ticket) }),
            json!({ "result": [{}] }),
        ),
        (AnswerKind::Record, Shape::Any, json!({ "a": 5 })),
        (AnswerKind::Text, Shape::Text, json!({ "result": "x" })),
        (AnswerKind::Empty, Shape::Any, json!({ "ok": true })),
        (AnswerKind::Exists, Shape::Bool, json!({ "exists": false })),
        (
            AnswerKind::Redirect,
            Shape::Text,
            json!({ "location": "https://example.com" }),
        ),
        (
            AnswerKind::List,
            Shape::Text,
            json!({ "result": ["x"], "next_cursor": null, "result_count": 1 }),
        ),
        (
            AnswerKind::List,
            Shape::Any,
            json!({ "result": [1], "next_cursor": null, "result_count": 1 }),
        ),
    ] {
        let operation = Operation {
            answer: Answer {
                kind,
                shape,
                ..UPDATE.answer
            },
            ..operation_like()
        };
        let schema = Value::Object(output_schema(&operation));
        assert_eq!(schema["type"], "object");
        jsonschema::meta::validate(&schema).unwrap();
        assert!(jsonschema::is_valid(&schema, &answer), "{schema} {answer}");
        for name in answer.as_object().unwrap().keys() {
            assert!(
                matches!(shape, Shape::Any) || schema["properties"].get(name).is_some(),
                "{schema} {answer}"
            );
        }
    }
}
