//! Argument checking against made-up tables with handwritten expectations.

mod tables;

use std::collections::BTreeMap;

use deskhand_runtime::arguments::{CheckSettings, Checked, check, check_part};
use deskhand_runtime::error::Error;
use deskhand_runtime::operation::Operation;
use deskhand_runtime::{Code, shape::Shape};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tables::*;

const SESSION: &str = "session_0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10";
const PERSON: &str = "0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10";

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

fn run(operation: &Operation, arguments: Value) -> Result<Checked, Error> {
    check(operation, object(arguments), &CheckSettings::default())
}

/// The full update with the required arguments filled in.
fn update(arguments: Value) -> Result<Checked, Error> {
    let mut all = object(json!({ "ticket_number": 7, "website_id": "w" }));
    all.extend(object(arguments));
    check(&UPDATE, all, &CheckSettings::default())
}

fn sent(checked: &Checked) -> Value {
    Value::Object(
        checked
            .values
            .iter()
            .map(|(field, value)| (field.name.to_owned(), value.clone()))
            .collect(),
    )
}

/// Faults as `argument: message` lines.
fn faults(result: Result<Checked, Error>) -> Vec<String> {
    let error = result.expect_err("these arguments must be refused");
    assert_eq!(error.code(), Code::InvalidArguments, "{error}");
    error
        .faults()
        .iter()
        .map(|fault| {
            let mut line = format!("{}: {}", fault.argument, fault.message);
            if let Some(near) = &fault.did_you_mean {
                line.push_str(&format!(" | near {near}"));
            }
            if !fault.get_it_from.is_empty() {
                line.push_str(&format!(" | from {}", fault.get_it_from.join(",")));
            }
            line
        })
        .collect()
}

#[test]
fn good_values_come_out_ready_to_be_sent() {
    let same: &[(&str, Value)] = &[
        ("ticket_number", json!(12)),
        ("session_id", json!(SESSION)),
        ("person_id", json!(PERSON)),
        ("slug", json!("a b/c")),
        ("subject", json!("123")),
        ("subject", json!("two\nlines")),
        ("password", json!("longenough")),
        ("requester", json!("jane@example.com")),
        ("copies", json!("a@example.com,b@example.com")),
        ("homepage", json!("https://example.com/")),
        ("body_html", json!("<p>one\ntwo</p>")),
        ("due", json!("2026-01-31")),
        ("updated_since", json!("2026-01-31 09:30:00")),
        ("solved_at", json!("2026-01-31T09:30:00Z")),
        ("stamp", json!(1_700_000_000_000_i64)),
        ("urgent", json!(true)),
        ("score", json!(0)),
        ("score", json!(100)),
        ("hours", json!(1.5)),
        ("channel", json!("chat")),
        ("status", json!("open")),
        ("status", json!("Waiting on vendor")),
        ("tags", json!(["1", "2"])),
        ("watchers", json!(["a@example.com"])),
        ("fields", json!(["a", "b"])),
        ("trace", json!("abc")),
        ("counts", json!({ "a": 1 })),
        ("custom_fields", json!({ "cf_x": null, "cf_y": [1, { "z": "w" }] })),
        ("text_or_number", json!("5")),
        ("text_or_number", json!(5)),
        ("number_or_list", json!(5)),
        ("number_or_list", json!([5, 6])),
        ("text_or_address", json!("{\"city\":\"Bern\"}")),
        ("anything", json!([null, "5", { "a": [] }])),
        ("assignee", json!(PERSON)),
        ("flagged", json!([1, 2])),
    ];
    for (name, value) in same {
        let checked = update(json!({ *name: value })).unwrap_or_else(|error| panic!("{name} {value}: {error}"));
        assert_eq!(checked.value(name), Some(value), "{name}");
    }
}

#[test]
fn both_words_and_wire_values_are_understood() {
    let changed: &[(&str, Value, Value)] = &[
        // Identifiers.
        ("ticket_number", json!("12"), json!(12)),
        ("ticket_number", json!(12.0), json!(12)),
        ("slug", json!(15), json!("15")),
        ("number_text", json!(12), json!("12")),
        ("number_text", json!("12"), json!("12")),
        ("flagged", json!(["3", 4]), json!([3, 4])),
        // Booleans and their styles.
        ("urgent", json!(1), json!(true)),
        ("urgent", json!("false"), json!(false)),
        ("include_closed", json!(true), json!(1)),
        ("include_closed", json!(1), json!(1)),
        ("include_closed", json!("true"), json!(1)),
        ("include_closed", json!("0"), json!(0)),
        ("is_public", json!(false), json!("0")),
        ("is_public", json!("1"), json!("1")),
        // Enumerations.
        ("priority", json!("high"), json!(10)),
        ("priority", json!("High"), json!(10)),
        ("priority", json!(10), json!(10)),
        ("priority", json!("10"), json!(10)),
        ("priority_text", json!("high"), json!("10")),
        ("priority_text", json!("10"), json!("10")),
        ("channel", json!("EMAIL"), json!("email")),
        ("grade", json!("good"), json!(1)),
        ("grade", json!(77), json!(77)),
        ("grade", json!("my own"), json!("my own")),
        // JSON given as text.
        ("score", json!("42"), json!(42)),
        ("score", json!(42.0), json!(42)),
        ("hours", json!("1.5"), json!(1.5)),
        ("tags", json!("[\"a\",\"b\"]"), json!(["a", "b"])),
        ("counts", json!("{\"a\":\"3\"}"), json!({ "a": 3 })),
        ("number_or_list", json!("[1,2]"), json!([1, 2])),
        ("number_or_list", json!("7"), json!(7)),
        ("numbers", json!([1, "2"]), json!(["1", "2"])),
        // Lists where the vendor wants commas.
        (
            "copies",
            json!(["a@example.com", "b@example.com"]),
            json!("a@example.com,b@example.com"),
        ),
        // Members get their wire names; absent, null and value stay three things.
        ("address", json!({ "city": "Bern" }), json!({ "cityName": "Bern" })),
        (
            "address",
            json!("{\"city\":\"Bern\",\"street\":null,\"country\":null,\"urgency\":\"low\"}"),
            json!({ "cityName": "Bern", "street": null, "urgency": 1 }),
        ),
        (
            "address",
            json!({ "city": "Bern", "created_at": "x" }),
            json!({ "cityName": "Bern" }),
        ),
        (
            "text_or_address",
            json!({ "city": "Bern" }),
            json!({ "cityName": "Bern" }),
        ),
        (
            "tree",
            json!({ "label": "a", "own": 1, "children": [{ "label": "b" }] }),
            json!({ "label": "a", "children": [{ "label": "b" }], "own": 1 }),
        ),
        // Clearing.
        ("assignee", Value::Null, Value::Null),
        ("due_mail", Value::Null, json!("")),
        ("due_mail", json!(""), json!("")),
        // Files.
        (
            "upload",
            json!({ "name": "a.txt", "content_base64": "aGk=" }),
            json!({ "name": "a.txt", "media_type": "application/octet-stream", "content_base64": "aGk=" }),
        ),
    ];
    for (name, given, expected) in changed {
        let checked = update(json!({ *name: given })).unwrap_or_else(|error| panic!("{name} {given}: {error}"));
        assert_eq!(checked.value(name), Some(expected), "{name} {given}");
    }
}

#[test]
fn null_counts_as_absent_where_nothing_can_be_cleared() {
    let checked = update(json!({ "subject": null, "score": null, "tags": null })).unwrap();
    assert_eq!(sent(&checked), json!({ "ticket_number": 7, "website_id": "w" }));
    assert_eq!(
        faults(update(json!({ "ticket_number": null }))),
        [
            "ticket_number: is null; it is required: Number of the ticket (a TicketNumber (a whole number, not negative); \
             for example 1042) | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search"
        ]
    );
}

#[test]
fn values_come_in_table_order() {
    let checked = run(
        &UPDATE,
        json!({ "choice_a": "x", "score": 1, "website_id": "w", "ticket_number": 7 }),
    )
    .unwrap();
    let names: Vec<_> = checked.values.iter().map(|(field, _)| field.name).collect();
    assert_eq!(names, ["ticket_number", "website_id", "score", "choice_a"]);
}

#[test]
fn what_is_wrong_is_said() {
    let table: &[(&str, Value, &str)] = &[
        (
            "ticket_number",
            json!("abc"),
            "expected a TicketNumber (a whole number, not negative), found text \"abc\" | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search",
        ),
        (
            "ticket_number",
            json!(-1),
            "expected a TicketNumber (a whole number, not negative), found a whole number -1 | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search",
        ),
        (
            "ticket_number",
            json!(1.5),
            "expected a TicketNumber (a whole number, not negative), found a number 1.5 | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search",
        ),
        (
            "ticket_number",
            json!([7]),
            "expected a TicketNumber (a whole number, not negative), found a list | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search",
        ),
        (
            "person_id",
            json!(SESSION),
            "expected a PersonId (a UUID), found text \
             \"session_0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10\"; it looks like a SessionId | from list_all_acme_people",
        ),
        (
            "website_id",
            json!(""),
            "expected a WebsiteId (text), found an empty text | from list_all_acme_websites",
        ),
        (
            "website_id",
            json!("a\r\nb"),
            "must be one line without control characters",
        ),
        (
            "website_id",
            json!("."),
            "must not be or contain a `.` or `..` segment: it is part of the address",
        ),
        (
            "website_id",
            json!("a/../b"),
            "must not be or contain a `.` or `..` segment: it is part of the address",
        ),
        ("subject", json!(123), "expected text, found a whole number 123"),
        (
            "subject",
            json!(["a"]),
            "expected text, found a list; give the item itself, without the list",
        ),
        ("subject", json!(""), "must have from 1 to 20 characters, has 0"),
        (
            "subject",
            json!("123456789012345678901"),
            "must have from 1 to 20 characters, has 21",
        ),
        ("subject", json!("a\u{0}b"), "must not contain a NUL character"),
        ("password", json!(12345678), "expected text, found a whole number"),
        ("password", json!("short"), "must have at least 8 characters, has 5"),
        (
            "requester",
            json!("jane"),
            "must be an e-mail address such as jane@example.com, is \"jane\"",
        ),
        (
            "requester",
            json!("jane@example.com\r\nBcc: x@y"),
            "must be one line without control characters",
        ),
        ("copies", json!("a\nb"), "must be one line without control characters"),
        (
            "homepage",
            json!("javascript:x"),
            "must be an http or https address, is \"javascript:x\"",
        ),
        (
            "due",
            json!("2026-02-30"),
            "must be a date as YYYY-MM-DD, is \"2026-02-30\"",
        ),
        (
            "updated_since",
            json!("2026-01-31T09:30:00Z"),
            "must be UTC date and time as YYYY-MM-DD HH:MM:SS, is \"2026-01-31T09:30:00Z\"",
        ),
        (
            "stamp",
            json!("2026-01-31"),
            "expected a whole number: milliseconds since 1970-01-01 UTC, found text \"2026-01-31\"",
        ),
        (
            "stamp",
            json!(-5),
            "must not be negative: milliseconds since 1970-01-01 UTC",
        ),
        ("trace", json!("a\nb"), "must be one line without control characters"),
        ("urgent", json!("yes"), "expected true or false, found text \"yes\""),
        ("urgent", json!(2), "expected true or false, found a whole number 2"),
        ("score", json!(101), "must be from 0 to 100, is 101"),
        ("score", json!(1.5), "expected a whole number, found a number 1.5"),
        ("score", json!("[1]"), "expected a whole number, found text \"[1]\""),
        ("hours", json!(25), "must be from 0 to 24, is 25"),
        ("hours", json!(true), "expected a number, found true or false"),
        (
            "priority",
            json!("hihg"),
            "expected one of low, medium, high, urgent, found \"hihg\" | near high",
        ),
        (
            "priority",
            json!(11),
            "expected one of low, medium, high, urgent, found 11",
        ),
        (
            "channel",
            json!("fax"),
            "expected one of email, chat, phone, found \"fax\"",
        ),
        (
            "channel",
            json!({}),
            "expected one of email, chat, phone, found an object",
        ),
        (
            "channel",
            json!(5),
            "expected one of email, chat, phone, found a whole number 5",
        ),
        ("status", json!(""), "expected text, such as open, closed"),
        ("status", json!("Clo-sed "), "is written `closed` | near closed"),
        ("status", json!("_open"), "is written `open` | near open"),
        (
            "tags",
            json!("a,b"),
            "expected a list, each item text, found text \"a,b\"; a list of one is [\"a,b\"]",
        ),
        ("tags", json!([]), "must have from 1 to 3 items, has 0"),
        (
            "tags",
            json!(["a", "b", "c", "d"]),
            "must have from 1 to 3 items, has 4",
        ),
        (
            "counts",
            json!([1]),
            "expected an object whose values are a whole number, found a list",
        ),
        (
            "address",
            json!("Bern"),
            "expected an object with city, country, street, urgency, found text \"Bern\"",
        ),
        (
            "number_or_list",
            json!("x"),
            "expected a whole number or a list, each item a whole number, found text \"x\"",
        ),
        (
            "text_or_number",
            json!({}),
            "expected a whole number or text, found an object",
        ),
    ];
    for (name, value, expected) in table {
        assert_eq!(
            faults(update(json!({ *name: value }))),
            [format!("{name}: {expected}")],
            "{name} {value}"
        );
    }
}

#[test]
fn a_rule_binds_members_of_a_record_beside() {
    for (channel, city, urgency) in [("email", "Basel", "low"), ("chat", "Chur", "urgent")] {
        let address = json!({ "city": city, "urgency": urgency });
        run(&BESIDE, json!({ "channel": channel, "address": address })).unwrap();
    }
    run(&BESIDE, json!({ "channel": "email" })).unwrap();
    let address = json!({ "city": "Chur", "urgency": "urgent" });
    assert_eq!(
        faults(run(&BESIDE, json!({ "channel": "email", "address": address }))),
        [
            "address.city: must be Bern or Basel when `channel` is email: others have no mailbox",
            "address.urgency: must be low when `channel` is email: others have no mailbox",
        ]
    );
}

#[test]
fn faults_inside_values_bear_their_path() {
    let table: &[(Value, &[&str])] = &[
        (
            json!({ "watchers": ["a@example.com", "b", 3] }),
            &[
                "watchers.1: must be an e-mail address such as jane@example.com, is \"b\"",
                "watchers.2: expected text: an e-mail address such as jane@example.com, found a whole number 3",
            ],
        ),
        (
            json!({ "fields": ["a,b"] }),
            &["fields.0: must not contain a comma: the entries are sent separated by commas"],
        ),
        (
            json!({ "copies": ["a,b", ""] }),
            &[
                "copies.0: must not contain a comma: the entries are sent separated by commas",
                "copies.1: must not be empty",
            ],
        ),
        (
            json!({ "counts": { "a": "x" } }),
            &["counts.a: expected a whole number, found text \"x\""],
        ),
        (
            json!({ "address": { "cityName": "Bern", "urgency": "hi" } }),
            &[
                "address.city: is required: City (text)",
                "address.urgency: expected one of low, medium, high, urgent, found \"hi\" | near high",
                "address.cityName: there is no such member; known are city, country, street, urgency | near city",
            ],
        ),
        (
            json!({ "text_or_address": { "city": 5 } }),
            &["text_or_address.city: expected text, found a whole number 5"],
        ),
        (
            json!({ "upload": { "name": "../a", "media_type": "png", "content_base64": "%%" , "size": 1 } }),
            &[
                "upload.name: must be a file name of at most 255 bytes, without folders or control characters",
                "upload.media_type: must be a media type such as image/png",
                "upload.content_base64: must be base64",
                "upload.size: there is no such member; known are name, media_type, content_base64",
            ],
        ),
        (
            json!({ "upload": "a.txt" }),
            &["upload: expected a file: an object with name, media_type, content_base64, found text"],
        ),
        (
            json!({ "tree": { "children": [{ "children": [{ "label": 1 }] }] } }),
            &["tree.children.0.children.0.label: expected text, found a whole number 1"],
        ),
    ];
    for (arguments, expected) in table {
        assert_eq!(faults(update(arguments.clone())), *expected, "{arguments}");
    }
}

#[test]
fn all_faults_at_once_in_table_order_then_the_unknown_ones() {
    assert_eq!(
        faults(run(
            &UPDATE,
            json!({ "zzz": 1, "Score": 2, "choice_b": "b", "score": 500, "choice_a": "a", "due": "x" })
        )),
        [
            "ticket_number: is required: Number of the ticket (a TicketNumber (a whole number, not negative); for example 1042) \
             | from list_all_acme_tickets,create_a_acme_ticket,acme_tickets_search",
            "website_id: is required: The website (a WebsiteId (text)). The account's variable `website_id` would stand \
             in; it has none | from list_all_acme_websites",
            "due: must be a date as YYYY-MM-DD, is \"x\"",
            "score: must be from 0 to 100, is 500",
            "zzz: there is no such argument",
            "Score: there is no such argument | near score",
            ": only one of `choice_a`, `choice_b` may be given",
        ]
    );
}

#[test]
fn only_visible_tools_are_named() {
    let visible = |tool: &str| tool == "acme_hidden";
    let settings = CheckSettings {
        tools: &visible,
        ..CheckSettings::default()
    };
    let error = check(&UPDATE, object(json!({ "website_id": "w" })), &settings).unwrap_err();
    assert_eq!(error.faults()[0].get_it_from, ["acme_hidden"]);
    let none = |_: &str| false;
    let settings = CheckSettings {
        tools: &none,
        ..CheckSettings::default()
    };
    let error = check(&UPDATE, object(json!({ "website_id": "w" })), &settings).unwrap_err();
    assert!(error.faults()[0].get_it_from.is_empty());
}

#[test]
fn secrets_are_never_repeated() {
    for value in [json!("hunter2"), json!(["hunter2"]), json!({ "x": "hunter2" })] {
        let error = update(json!({ "password": value })).unwrap_err();
        assert!(!format!("{error} {error:?} {}", error.to_json()).contains("hunter2"));
    }
}

#[test]
fn unknown_names_are_matched() {
    assert_eq!(
        faults(run(&LISTING, json!({ "Status": "open", "limits": 3 }))),
        [
            "Status: there is no such argument; known are page_number, status, limit, next_cursor | near status",
            "limits: there is no such argument; known are page_number, status, limit, next_cursor | near limit",
        ]
    );
    assert_eq!(
        faults(run(&UPDATE, json!({ "id": 5, "website_id": "w" })))[1],
        "id: there is no such argument | near ticket_number"
    );
    assert_eq!(
        faults(run(&NO_ARGUMENTS, json!({ "a\nb": 5 }))),
        ["ab: there is no such argument; this takes none"]
    );
    assert_eq!(
        faults(run(&FIXED, json!({ "limit": 5 }))),
        ["limit: there is no such argument; the page size is fixed here"]
    );
    // No clearable field, no `clear`.
    assert_eq!(
        faults(run(&NO_ARGUMENTS, json!({ "clear": [] }))),
        ["clear: there is no such argument; this takes none"]
    );
}

#[test]
fn variables_of_the_account_stand_in() {
    let variables = BTreeMap::from([("website_id".to_owned(), "from-account".to_owned())]);
    let settings = CheckSettings {
        variables: &variables,
        ..CheckSettings::default()
    };
    let checked = check(&UPDATE, object(json!({ "ticket_number": 1 })), &settings).unwrap();
    assert_eq!(checked.value("website_id"), Some(&json!("from-account")));
    let checked = check(
        &UPDATE,
        object(json!({ "ticket_number": 1, "website_id": "mine" })),
        &settings,
    )
    .unwrap();
    assert_eq!(checked.value("website_id"), Some(&json!("mine")));
    let variables = BTreeMap::from([("website_id".to_owned(), "..".to_owned())]);
    let settings = CheckSettings {
        variables: &variables,
        ..CheckSettings::default()
    };
    assert_eq!(
        faults(check(&UPDATE, object(json!({ "ticket_number": 1 })), &settings)),
        [
            "website_id: the account's variable `website_id` stands in: must not be or contain a `.` or `..` segment: it is part of the address"
        ]
    );
}

#[test]
fn page_sizes() {
    let table: &[(&Operation, Value, Option<u32>, Value)] = &[
        (&LISTING, json!({}), None, json!({})),
        (&LISTING, json!({ "limit": 1 }), Some(30), json!({ "per_page": "30" })),
        (
            &LISTING,
            json!({ "limit": "31" }),
            Some(50),
            json!({ "per_page": "50" }),
        ),
        (
            &LISTING,
            json!({ "limit": 100 }),
            Some(100),
            json!({ "per_page": "100" }),
        ),
        (
            &LISTING,
            json!({ "per_page": "50" }),
            Some(50),
            json!({ "per_page": "50" }),
        ),
        (
            &LISTING,
            json!({ "limit": null, "per_page": 50 }),
            Some(50),
            json!({ "per_page": "50" }),
        ),
        (&CURSORED, json!({ "limit": 7 }), Some(7), json!({ "limit": 7 })),
    ];
    for (operation, arguments, limit, values) in table {
        let checked = run(operation, arguments.clone()).unwrap();
        assert_eq!(checked.limit, *limit, "{arguments}");
        assert_eq!(sent(&checked), *values, "{arguments}");
    }
    for (operation, arguments, expected) in [
        (
            &LISTING,
            json!({ "limit": 101 }),
            "limit: must be from 1 to 100, is 101",
        ),
        (&LISTING, json!({ "limit": 0 }), "limit: must be from 1 to 100, is 0"),
        (
            &LISTING,
            json!({ "per_page": -1 }),
            "per_page: must be from 1 to 100, is -1",
        ),
        (
            &LISTING,
            json!({ "limit": "many" }),
            "limit: expected a whole number from 1 to 100, found text",
        ),
        (
            &LISTING,
            json!({ "limit": 30, "per_page": 30 }),
            "limit: given together with `per_page`, which means the same: give one of the two",
        ),
        (
            &CURSORED,
            json!({ "limit": 4_294_967_297_i64 }),
            "limit: must be from 1 to 100, is 4294967297",
        ),
    ] {
        assert_eq!(faults(run(operation, arguments)), [expected]);
    }
}

#[test]
fn cursors_and_native_pages() {
    let checked = run(&LISTING, json!({ "next_cursor": "abc", "status": "open" })).unwrap();
    assert_eq!(checked.next_cursor.as_deref(), Some("abc"));
    let checked = run(&LISTING, json!({ "next_cursor": null, "page_number": 3 })).unwrap();
    assert_eq!(checked.next_cursor, None);
    assert_eq!(checked.value("page_number"), Some(&json!(3)));
    assert!(run(&LISTING, json!({ "page_number": null })).is_ok());
    for (operation, arguments, expected) in [
        (
            &LISTING,
            json!({ "next_cursor": "abc", "page_number": 2 }),
            "page_number: given together with `next_cursor`, which already tells the page: give one of the two",
        ),
        (
            &CURSORED,
            json!({ "next_cursor": "abc", "cursor": "x" }),
            "cursor: given together with `next_cursor`, which already tells the page: give one of the two",
        ),
        (
            &FIXED,
            json!({ "next_cursor": 5 }),
            "next_cursor: expected the `next_cursor` of an earlier answer (text), found a whole number",
        ),
        (
            &FIXED,
            json!({ "next_cursor": "" }),
            "next_cursor: is no `next_cursor` of an earlier answer: pass it on unchanged, and leave it out for the first page",
        ),
    ] {
        assert_eq!(faults(run(operation, arguments)), [expected]);
    }
}

#[test]
fn clearing_by_name() {
    let checked = update(json!({ "clear": ["assignee", "due_mail", "assignee"] })).unwrap();
    assert_eq!(checked.value("assignee"), Some(&Value::Null));
    assert_eq!(checked.value("due_mail"), Some(&json!("")));
    let checked = update(json!({ "clear": "[\"assignee\"]" })).unwrap();
    assert_eq!(checked.value("assignee"), Some(&Value::Null));
    let checked = update(json!({ "clear": ["assignee"], "assignee": null })).unwrap();
    assert_eq!(checked.value("assignee"), Some(&Value::Null));
    assert_eq!(
        faults(update(
            json!({ "clear": ["subject", "asignee", 5, "due_mail"], "due_mail": "a@example.com" })
        )),
        [
            "due_mail: given a value and named in `clear`: do one of the two",
            "clear.0: `subject` cannot be emptied; these can: assignee, due_mail",
            "clear.1: there is no argument `asignee`; these can be emptied: assignee, due_mail | near assignee",
            "clear.2: expected the name of an argument, found a whole number",
        ]
    );
    assert_eq!(
        faults(update(json!({ "clear": "assignee" }))),
        ["clear: expected a list of argument names, found text"]
    );
}

#[test]
fn shapes_chosen_by_a_sibling() {
    for (arguments, expected) in [
        (json!({ "kind": "text", "content": "{\"a\":1}" }), json!("{\"a\":1}")),
        (
            json!({ "content": { "url": "https://example.com" }, "kind": "file" }),
            json!({ "url": "https://example.com" }),
        ),
        (
            json!({ "kind": "file", "content": "{\"url\":\"https://example.com\"}" }),
            json!({ "url": "https://example.com" }),
        ),
        (json!({ "kind": "picker", "content": "[\"a\"]" }), json!(["a"])),
        // A kind that the spec does not know: anything goes, text stays text.
        (json!({ "kind": "poll", "content": "[1]" }), json!("[1]")),
    ] {
        let checked = update(arguments.clone()).unwrap_or_else(|error| panic!("{arguments}: {error}"));
        assert_eq!(checked.value("content"), Some(&expected), "{arguments}");
    }
    assert_eq!(
        faults(update(json!({ "content": "x" }))),
        ["content: its form depends on `kind`, which is missing: give `kind` too, one of text, file, picker"]
    );
    assert_eq!(
        faults(update(json!({ "content": { "url": "x" }, "kind": "file" }))),
        ["content.url: must be an http or https address, is \"x\""]
    );
    assert_eq!(
        faults(update(json!({ "content": { "a": 1 }, "kind": "text" }))),
        ["content: expected text, found an object"]
    );
    // The sibling's own fault is enough.
    assert_eq!(
        faults(update(json!({ "content": {}, "kind": [] }))),
        ["kind: expected text, such as text, file, picker, found a list"]
    );
}

#[test]
fn rules_tie_arguments_together() {
    for (operation, arguments, expected) in [
        (&GROUPED, json!({ "one": "x", "three": "y" }), None),
        (
            &GROUPED,
            json!({ "three": "y" }),
            Some(": at least one of `one`, `two` must be given"),
        ),
        (
            &GROUPED,
            json!({ "one": "x" }),
            Some(": exactly one of `three`, `four` must be given, none is"),
        ),
        (
            &GROUPED,
            json!({ "one": "x", "three": "a", "four": "b" }),
            Some(": exactly one of `three`, `four` must be given, more than one is"),
        ),
    ] {
        match (run(operation, arguments.clone()), expected) {
            (Ok(_), None) => {}
            (result, Some(expected)) => assert_eq!(faults(result), [expected], "{arguments}"),
            (Err(error), None) => panic!("{arguments}: {error}"),
        }
    }
    assert_eq!(
        faults(update(json!({ "channel": "PHONE", "homepage": "https://example.com" }))),
        [
            "trace: must be given when `channel` is phone: calls are traced",
            "homepage: must be left out when `channel` is phone: calls are traced",
        ]
    );
    // The word counts, also when the code was given.
    assert_eq!(
        faults(update(json!({ "priority": 20 }))),
        ["due: must be given when `priority` is urgent"]
    );
    assert!(update(json!({ "priority": 20, "due": "2026-01-31" })).is_ok());
    assert_eq!(
        faults(update(json!({ "flagged": [] }))),
        ["flagged: is empty: it would flag every ticket. If that is meant, set `flag_all` to true"]
    );
    let checked = update(json!({ "flagged": "[]", "flag_all": "true" })).unwrap();
    assert_eq!(checked.value("flagged"), Some(&json!([])));
    assert_eq!(checked.value("flag_all"), None, "flags are not sent");
    assert!(update(json!({ "flagged": [], "flag_all": false })).is_err());
    // Inside records.
    assert_eq!(
        faults(run(
            &SEND,
            json!({ "messages": [{ "type": "text" }, { "type": "file", "content": {} }] })
        )),
        [
            "messages.0.content: must be given when `type` is text: a text needs words",
            "messages.1.content.url: is required: Address of the file (an http or https address)",
        ]
    );
}

#[test]
fn what_the_caller_says_goes_before_a_variable() {
    let variables = BTreeMap::from([("four".to_owned(), "4".to_owned())]);
    let settings = CheckSettings {
        variables: &variables,
        ..CheckSettings::default()
    };
    let checked = check(&GROUPED, object(json!({ "one": "x" })), &settings).unwrap();
    assert_eq!(sent(&checked), json!({ "one": "x", "four": "4" }));
    let checked = check(&GROUPED, object(json!({ "one": "x", "three": "3" })), &settings).unwrap();
    assert_eq!(sent(&checked), json!({ "one": "x", "three": "3" }));
}

#[test]
fn a_whole_body_is_one_argument() {
    let checked = run(&WHOLE_BODY, json!({ "body": "[\"a\"]" })).unwrap();
    assert_eq!(sent(&checked), json!({ "body": ["a"] }));
    assert_eq!(
        faults(run(&WHOLE_BODY, json!({}))),
        ["body: is required: The tags (a list, each item text)"]
    );
}

#[test]
fn sizes_are_limited() {
    let long = "x".repeat((1 << 20) + 1);
    let error = update(json!({ "body_html": long })).unwrap_err();
    assert_eq!(error.code(), Code::PayloadTooLarge);
    assert_eq!(error.faults().len(), 1);
    // With another fault beside it, it is a matter of arguments.
    let error = update(json!({ "body_html": long, "score": "x" })).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArguments);
    let error = update(json!({ "anything": { "a": [long] } })).unwrap_err();
    assert_eq!(error.code(), Code::PayloadTooLarge);
    assert!(error.message().starts_with("`anything.a.0`: is too long"));
    assert_eq!(
        faults(update(json!({ "website_id": "x".repeat(513) }))),
        ["website_id: is too long for an identifier: at most 512 bytes"]
    );
    // 64 bytes are allowed by the table.
    let error = update(json!({ "upload": { "name": "a", "content_base64": "A".repeat(400) } })).unwrap_err();
    assert_eq!(error.code(), Code::PayloadTooLarge);
    let error = update(json!({ "upload": { "name": "a", "content_base64": "A".repeat(88) } })).unwrap_err();
    assert_eq!(error.code(), Code::PayloadTooLarge);
}

#[test]
fn depth_is_limited() {
    let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(update(json!({ "anything": nest(60) })).is_ok());
    assert!(faults(update(json!({ "anything": nest(100) })))[0].ends_with("nested deeper than 64 levels"));
    let tree = (0..100).fold(json!({}), |inner, _| json!({ "left": inner }));
    assert!(faults(update(json!({ "tree": tree })))[0].ends_with("nested deeper than 64 levels"));
    // Also when it comes as text within text.
    let text = (0..12).fold(json!({}), |inner, _| json!({ "left": inner.to_string() }));
    assert!(update(json!({ "tree": text })).is_ok());
}

#[test]
fn many_faults_are_cut_short() {
    let many: Vec<Value> = (0..5000).map(|_| json!({ "type": 1.5 })).collect();
    let error = run(&SEND, json!({ "messages": many })).unwrap_err();
    assert!(error.faults().len() <= 42, "{}", error.faults().len());
    let unknown: Map<String, Value> = (0..500).map(|n| (format!("q{n}"), json!(1))).collect();
    let error = check(&NO_ARGUMENTS, unknown, &CheckSettings::default()).unwrap_err();
    assert_eq!(error.faults().len(), 41);
    let mut unknown: Map<String, Value> = (0..500).map(|n| (format!("q{n}"), json!(1))).collect();
    unknown.insert("city".into(), json!("Bern"));
    let told = faults(update(json!({ "address": unknown })));
    assert_eq!(told.len(), 41);
    assert_eq!(told[40], ": there are more faults; these are the first");
}

#[test]
fn every_shape_is_in_the_table() {
    let mut seen = [false; 13];
    for field in ALL.fields {
        let index = match field.shape {
            Shape::Bool => 0,
            Shape::Int => 1,
            Shape::Number => 2,
            Shape::Text => 3,
            Shape::Id(_) => 4,
            Shape::Enum(_) => 5,
            Shape::List(_) => 6,
            Shape::Map(_) => 7,
            Shape::Record(_) => 8,
            Shape::Variants(_) => 9,
            Shape::OneOf(_) => 10,
            Shape::File => 11,
            Shape::Any => 12,
        };
        seen[index] = true;
    }
    assert_eq!(seen, [true; 13]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "",
            ".",
            "..",
            "[1]",
            "{\"a\":1}",
            "true",
            "5",
            "high",
            "\u{0}",
            "a\nb",
            "[[[",
            "\"x\"",
            "null",
            PERSON,
            SESSION,
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "city", "cityName", "label", "children", "left", "url", "name", "type", "content"
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in, checking ends in values or in faults, the same ones each time but for values that are made.
    #[test]
    fn checking_never_panics(
        which in 0..OPERATIONS.len(),
        fields in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 0..8),
        others in prop::collection::vec(("[a-z_]{1,6}|limit|next_cursor|clear", any_json()), 0..3),
    ) {
        let operation = OPERATIONS[which];
        let table = (operation.input)();
        let mut arguments = Map::new();
        for (index, value) in fields {
            if !table.fields.is_empty() {
                arguments.insert(index.get(table.fields).name.to_owned(), value);
            }
        }
        arguments.extend(others);
        let settings = CheckSettings::default();
        let first = check(operation, arguments.clone(), &settings);
        let second = check(operation, arguments, &settings);
        match (first, second) {
            (Ok(mut first), Ok(mut second)) => {
                for checked in [&mut first, &mut second] {
                    checked.values.retain(|(field, _)| field.generate.is_none());
                }
                prop_assert_eq!(sent(&first), sent(&second));
            }
            (Err(first), Err(second)) => {
                prop_assert!(!first.faults().is_empty());
                prop_assert_eq!(first.faults(), second.faults());
            }
            _ => prop_assert!(false, "not deterministic"),
        }
    }

    /// What a typed client would send (wire values under the names of callers) is accepted unchanged.
    #[test]
    fn checked_values_pass_again(
        fields in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 0..5),
    ) {
        let mut arguments = object(json!({ "ticket_number": 7, "website_id": "w" }));
        for (index, value) in fields {
            let field = index.get(ALL.fields);
            // Members inside records are renamed on the way out.
            if !matches!(field.name, "address" | "text_or_address" | "deep") {
                arguments.insert(field.name.to_owned(), value);
            }
        }
        if let Ok(first) = check(&UPDATE, arguments, &CheckSettings::default()) {
            let mut again = object(sent(&first));
            if again.get("flagged").is_some_and(|list| list == &json!([])) {
                again.insert("flag_all".into(), json!(true));
            }
            let second = check(&UPDATE, again, &CheckSettings::default())
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(sent(&first), sent(&second));
        }
    }
}

/// The faults of a part of a call: argument and message of each.
fn part(operation: &Operation, arguments: Value) -> Vec<(String, String)> {
    match check_part(operation, object(arguments), &CheckSettings::default()) {
        Ok(()) => Vec::new(),
        Err(error) => error
            .faults()
            .iter()
            .map(|fault| (fault.argument.clone(), fault.message.clone()))
            .collect(),
    }
}

#[test]
fn a_part_of_a_call_misses_nothing() {
    for arguments in [
        json!({}),
        json!({ "channel": "phone" }),
        json!({ "priority": "urgent" }),
        json!({ "flagged": [] }),
        json!({ "content": { "url": "https://x.example" } }),
        json!({ "ticket_number": "7", "assignee": null, "kind": "file" }),
    ] {
        assert_eq!(part(&UPDATE, arguments.clone()), [], "{arguments}");
    }
    assert_eq!(part(&GROUPED, json!({})), []);
    assert_eq!(part(&LISTING, json!({ "limit": 50 })), []);
}

#[test]
fn a_part_of_a_call_is_checked_as_the_whole() {
    let named = |operation, arguments| -> Vec<String> {
        part(operation, arguments).into_iter().map(|(name, _)| name).collect()
    };
    for (arguments, at) in [
        (json!({ "ticket_number": "x" }), "ticket_number"),
        (json!({ "ticket_number": null }), "ticket_number"),
        (json!({ "score": null }), "score"),
        (
            json!({ "person_id": "session_0b6ef1c7-9b5c-4b1f-8a56-0d6e6f3c2a10" }),
            "person_id",
        ),
        (json!({ "score": 101 }), "score"),
        (json!({ "kind": "file", "content": { "name": "x" } }), "content.url"),
        (json!({ "choice_a": "x", "choice_b": "y" }), ""),
        (
            json!({ "channel": "phone", "homepage": "https://x.example" }),
            "homepage",
        ),
        (json!({ "flagged": [], "flag_all": false }), "flagged"),
        (json!({ "address": {} }), "address.city"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        assert_eq!(named(&UPDATE, arguments.clone()), [at], "{arguments}");
    }
    assert_eq!(named(&GROUPED, json!({ "three": "x", "four": "y" })), [""]);
    assert_eq!(named(&LISTING, json!({ "limit": 500 })), ["limit"]);
}

#[test]
fn faults_do_not_name_what_the_server_fixes() {
    let fixed = |name: &str| ["choice_a", "channel", "limit", "assignee", "one", "three"].contains(&name);
    let settings = CheckSettings {
        fixed: &fixed,
        ..CheckSettings::default()
    };
    let faults = |operation: &Operation, arguments: Value| {
        let error = check(operation, object(arguments), &settings).unwrap_err();
        error.to_json().to_string()
    };
    let base = json!({ "ticket_number": 1, "website_id": "w" });
    let with = |more: Value| {
        let mut all = base.clone();
        all.as_object_mut().unwrap().extend(object(more));
        all
    };
    let told = faults(&UPDATE, with(json!({ "choice_a": "x", "choice_b": "y" })));
    assert!(told.contains("choice_b") && !told.contains("choice_a"), "{told}");
    let told = faults(
        &UPDATE,
        with(json!({ "channel": "phone", "homepage": "https://x.example" })),
    );
    assert!(
        told.contains("`homepage`: must be left out here: calls are traced"),
        "{told}"
    );
    assert!(
        told.contains("`trace`: must be given here") && !told.contains("channel"),
        "{told}"
    );
    let told = faults(&UPDATE, with(json!({ "assignee": "x", "clear": ["assignee"] })));
    assert!(told.contains("these can: due_mail"), "{told}");
    for (name, operation) in [("on", &GROUPED), ("limt", &LISTING)] {
        let told = faults(operation, json!({ name: "x", "three": "x", "page_number": 1 }));
        assert!(
            !told.contains("did_you_mean") && !told.contains("one, ") && !told.contains("limit"),
            "{told}"
        );
    }
    // All of a group fixed is the server's fault, and told as it is.
    let both = |name: &str| name.starts_with("choice_");
    let settings = CheckSettings {
        fixed: &both,
        ..CheckSettings::default()
    };
    let error = check(
        &UPDATE,
        object(with(json!({ "choice_a": "x", "choice_b": "y" }))),
        &settings,
    )
    .unwrap_err();
    assert_eq!(
        error.faults()[0].message,
        "only one of `choice_a`, `choice_b` may be given"
    );
}

#[test]
fn a_value_is_made_for_what_is_left_out_and_only_for_that() {
    let number = |arguments: Value| run(&QUOTE, arguments).unwrap().value("number").cloned();
    let first = number(json!({})).unwrap();
    let second = number(json!({ "number": null })).unwrap();
    assert_ne!(first, second);
    for made in [first, second] {
        assert!((1..=9_007_199_254_740_991).contains(&made.as_i64().unwrap()), "{made}");
    }
    assert_eq!(number(json!({ "number": "7" })), Some(json!(7)));
    // It keeps its place among the others.
    let checked = run(&QUOTE, json!({ "after": "x", "before": "y" })).unwrap();
    let order: Vec<&str> = checked.values.iter().map(|(field, _)| field.name).collect();
    assert_eq!(order, ["before", "number", "after"]);
    // Nothing is made for a call that is refused.
    assert_eq!(
        faults(run(&QUOTE, json!({ "number": 0 }))),
        ["number: must be from 1 to 9007199254740991, is 0"]
    );
}
