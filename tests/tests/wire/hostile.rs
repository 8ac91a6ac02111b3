//! Texts that try to leave their place: each stays the value of its parameter, or nothing is sent.
//!
//! Every text that travels in path, query or header of any operation gets each of them, also the texts inside JSON
//! that travels so. What is sent is read with an independent parser and compared with the case written by hand.

use std::collections::BTreeSet;

use deskhand_desk365::INTEGRATION;
use deskhand_runtime::Code;
use deskhand_runtime::operation::Operation;
use deskhand_runtime::shape::{Place, Rule, Shape};
use deskhand_tests::cases::{self, Case};
use deskhand_tests::server::{RawServer, Reply, Seen};
use deskhand_tests::{desk365, tool};
use serde_json::{Map, Value, json};

use crate::CASES;

/// Texts on one line that any name may be.
const PRINTABLE: &[&str] = &[
    "a/../b?x=1&y",
    "🦊 \u{202e}é 🏳️‍🌈",
    "%2e%2e%2f",
    r"a#b;c\\d",
    "' OR 1=1",
    "..",
    "a=b&api_key=x",
    "+",
    r#""},"x":{""#,
];

/// Texts that no name is.
const UNPRINTABLE: &[&str] = &["a\r\nX-Injected: 1\r\n\r\nGET /evil", "a\0b", "\u{7f}"];

/// Longer than any address may be.
fn long() -> String {
    "a".repeat(100_000)
}

/// Arguments outside the body that are names of any form. All others must refuse every one of the texts above.
const NAMES: &[(&str, &str)] = &[
    ("get_company", "name"),
    ("update_company", "company_name"),
    ("list_contacts", "company"),
    ("list_time_entries", "company_name"),
    ("get_survey", "survey_name"),
    ("list_contracts", "company"),
    ("list_contracts", "contract_category"),
    ("get_contract", "contract_name"),
    ("get_contract", "reference_number"),
    ("update_contract", "contract_name"),
    ("update_contract", "reference_number"),
    ("get_kb_category", "category_name"),
    ("update_kb_category", "category_name"),
    ("delete_kb_category", "category_name"),
    ("get_kb_folder", "category_name"),
    ("get_kb_folder", "folder_name"),
    ("update_kb_folder", "category_name"),
    ("update_kb_folder", "folder_name"),
    ("delete_kb_folder", "category_name"),
    ("delete_kb_folder", "folder_name"),
    ("get_kb_article", "article_name"),
    ("update_kb_article", "article_name"),
    ("delete_kb_article", "article_name"),
    ("get_location", "location_name"),
    ("update_location", "location_name"),
];

/// Texts inside JSON outside the body that may be anything.
const INNER: &[(&str, &str)] = &[
    ("list_tickets", "filters.status[]"),
    ("list_tickets", "filters.type[]"),
    ("list_tickets", "filters.group[]"),
    ("list_tickets", "filters.assigned_to[]"),
    ("list_tickets", "filters.category[]"),
    ("list_tickets", "filters.subcategory[]"),
    ("list_tickets", "filters.contact[]"),
    ("list_tickets", "filters.company_name[]"),
    ("list_tickets", "filters.custom_fields.*[]"),
    ("search_tickets", "search_query.query"),
    ("search_tickets", "search_query.search_term[].query"),
    ("search_tickets", "search_query.search_term[].search_in[]"),
    ("create_ticket_with_attachment", "ticket_object.subject"),
    ("create_ticket_with_attachment", "ticket_object.description"),
    ("create_ticket_with_attachment", "ticket_object.form_name"),
    ("create_ticket_with_attachment", "ticket_object.status"),
    ("create_ticket_with_attachment", "ticket_object.type"),
    ("create_ticket_with_attachment", "ticket_object.group"),
    ("create_ticket_with_attachment", "ticket_object.category"),
    ("create_ticket_with_attachment", "ticket_object.sub_category"),
    ("create_ticket_with_attachment", "ticket_object.custom_fields.*"),
    ("create_ticket_reply_with_attachment", "reply_object.body"),
    ("create_ticket_note_with_attachment", "note_object.body"),
    ("create_contact_with_attachment", "contact_object.name"),
    ("create_contact_with_attachment", "contact_object.title"),
    ("create_contact_with_attachment", "contact_object.mobile"),
    ("create_contact_with_attachment", "contact_object.phone"),
    ("create_contact_with_attachment", "contact_object.company_name"),
    ("create_company_with_attachment", "company_object.name"),
    ("create_company_with_attachment", "company_object.description"),
    ("create_company_with_attachment", "company_object.phone"),
    ("create_company_with_attachment", "company_object.address"),
    ("create_company_with_attachment", "company_object.city"),
    ("create_company_with_attachment", "company_object.state"),
    ("create_company_with_attachment", "company_object.country"),
    ("create_company_with_attachment", "company_object.zipcode"),
    ("create_company_with_attachment", "company_object.sla"),
    ("create_company_with_attachment", "company_object.domains"),
    ("create_contact_with_attachment", "contact_object.secondary_emails"),
    ("create_ticket_reply_with_attachment", "reply_object.cc_emails"),
    ("create_ticket_reply_with_attachment", "reply_object.bcc_emails"),
    ("create_ticket_note_with_attachment", "note_object.notify_emails"),
];

/// A step into a value.
#[derive(Clone, PartialEq)]
enum Step {
    Member(&'static str),
    /// A member with a name of the caller's.
    Any,
    Item,
}

/// A text below an argument: the steps to it, and the case whose arguments it is put into.
#[derive(Clone)]
struct Leaf {
    steps: Vec<Step>,
    case: usize,
}

impl Leaf {
    fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.steps {
            match step {
                Step::Member(member) if name.is_empty() => name.push_str(member),
                Step::Member(member) => name.push_str(&format!(".{member}")),
                Step::Any => name.push_str(".*"),
                Step::Item => name.push_str("[]"),
            }
        }
        name
    }

    /// Puts a text in the place.
    fn put(&self, value: &mut Value, text: &str) {
        let mut at = value;
        for step in &self.steps {
            at = match step {
                Step::Member(name) => {
                    if !at.is_object() {
                        *at = json!({});
                    }
                    &mut at[*name]
                }
                Step::Any => {
                    *at = json!({"cf_Any": null});
                    &mut at["cf_Any"]
                }
                Step::Item => {
                    match at.as_array_mut().filter(|items| !items.is_empty()) {
                        Some(items) => items.truncate(1),
                        None => *at = json!([null]),
                    }
                    &mut at[0]
                }
            };
        }
        *at = json!(text);
    }
}

/// The texts in a shape.
fn leaves(shape: &Shape, at: &Leaf, out: &mut Vec<Leaf>) {
    let below = |step: Step| {
        let mut leaf = at.clone();
        leaf.steps.push(step);
        leaf
    };
    match shape {
        Shape::List(item) => leaves(item, &below(Step::Item), out),
        Shape::Map(item) => leaves(item, &below(Step::Any), out),
        Shape::Record(table) => {
            for field in table.get().fields {
                leaves(&field.shape, &below(Step::Member(field.name)), out);
            }
        }
        // The first case of a search is of the first kind, the second of the second.
        Shape::Variants(arms) => {
            for (case, arm) in arms.iter().enumerate() {
                leaves(&arm.shape, &Leaf { case, ..at.clone() }, out);
            }
        }
        Shape::OneOf(shapes) => shapes.iter().for_each(|shape| leaves(shape, at, out)),
        Shape::File => {}
        Shape::Bool | Shape::Int | Shape::Number | Shape::Text | Shape::Id(_) | Shape::Enum(_) | Shape::Any => {
            out.push(at.clone());
        }
    }
}

/// Whatever may hold a text outside the body.
fn leaves_of(operation: &Operation) -> Vec<Leaf> {
    let mut out = Vec::new();
    for field in (operation.input)().fields {
        if matches!(
            field.place,
            Place::Path | Place::Query(_) | Place::QueryOrPart | Place::Header
        ) {
            let leaf = Leaf {
                steps: vec![Step::Member(field.name)],
                case: 0,
            };
            leaves(&field.shape, &leaf, &mut out);
        }
    }
    out
}

/// Arguments of the case without what excludes the argument.
fn arguments(operation: &Operation, case: &Case, leaf: &Leaf) -> (Value, Vec<&'static str>) {
    let mut arguments = case.arguments.clone();
    let mut gone = Vec::new();
    for rule in (operation.input)().rules {
        if let Rule::ExactlyOne(names) | Rule::AtMostOne(names) = rule
            && names.iter().any(|name| leaf.steps[0] == Step::Member(name))
        {
            for name in names.iter().filter(|name| leaf.steps[0] != Step::Member(name)) {
                arguments.as_object_mut().unwrap().shift_remove(*name);
                gone.push(*name);
            }
        }
    }
    (arguments, gone)
}

fn query(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (
        path.to_owned(),
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
    )
}

/// The parts of a multipart body: headers and content.
fn parts(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = body.strip_suffix(b"--BOUNDARY--\r\n").expect("the closing boundary");
    let mut parts = Vec::new();
    let mut rest = text.strip_prefix(b"--BOUNDARY\r\n").expect("the first boundary");
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    loop {
        let head = find(rest, b"\r\n\r\n").expect("the headers of a part end");
        let after = &rest[head + 4..];
        let end = find(after, b"\r\n--BOUNDARY\r\n");
        let content = end.map_or_else(|| after.strip_suffix(b"\r\n").expect("an end"), |end| &after[..end]);
        parts.push((String::from_utf8(rest[..head].to_vec()).unwrap(), content.to_vec()));
        match end {
            Some(end) => rest = &after[end + b"\r\n--BOUNDARY\r\n".len()..],
            None => return parts,
        }
    }
}

fn headers(seen: &[(String, String)]) -> BTreeSet<(String, String)> {
    let own = ["host", "accept", "user-agent", "content-length"];
    seen.iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .collect()
}

/// Checks that the request is that of the case, but for one parameter, which has the value.
fn only_that_changed(what: &str, leaf: &Leaf, text: &str, case: &Case, gone: &[&str], seen: Seen) {
    let seen = cases::normalised(seen);
    let expected = &case.request;
    assert_eq!(seen.method, expected.method, "{what}");
    assert!(seen.target.is_ascii(), "{what}");
    assert_eq!(headers(&seen.headers), headers(&expected.headers), "{what}");
    assert_eq!(seen.header("host").len(), 1, "{what}");
    let Step::Member(parameter) = leaf.steps[0] else {
        unreachable!()
    };
    let (path, mut pairs) = query(&seen.target);
    let (expected_path, mut expected_pairs) = query(&expected.target);
    assert_eq!(path, expected_path, "{what}");
    let mut value = match expected_pairs.iter().position(|(name, _)| name == parameter) {
        Some(at) => expected_pairs.remove(at).1,
        None => String::new(),
    };
    expected_pairs.retain(|(name, _)| !gone.contains(&name.as_str()));
    if leaf.steps.len() == 1 {
        value = text.to_owned();
    } else {
        let mut json: Value = serde_json::from_str(&value).unwrap_or_else(|_| Value::Object(Map::new()));
        let inner = Leaf {
            steps: leaf.steps[1..].to_vec(),
            case: 0,
        };
        inner.put(&mut json, text);
        value = json.to_string();
    }
    // A long object is in the form, and with it what moves along.
    let mut body = seen.body;
    if pairs.is_empty() && body.starts_with(b"--BOUNDARY") {
        let mut moved = parts(&body);
        let files = moved.split_off(moved.iter().take_while(|(head, _)| !head.contains("filename=")).count());
        for (head, content) in moved {
            let name = head.strip_prefix("Content-Disposition: form-data; name=\"").unwrap();
            let name = name.strip_suffix('"').unwrap();
            pairs.push((name.to_owned(), String::from_utf8(content).unwrap()));
        }
        let expected = parts(&expected.body);
        assert_eq!(files, expected, "{what}");
        body = case.request.body.clone();
    }
    assert_eq!(body, expected.body, "{what}");
    let found: Vec<_> = pairs.iter().filter(|(name, _)| name == parameter).collect();
    assert_eq!(found.len(), 1, "{what}");
    if leaf.steps.len() == 1 {
        assert_eq!(found[0].1, value, "{what}");
    } else {
        let found: Value = serde_json::from_str(&found[0].1).unwrap();
        assert_eq!(found, serde_json::from_str::<Value>(&value).unwrap(), "{what}");
    }
    pairs.retain(|(name, _)| name != parameter);
    assert_eq!(pairs, expected_pairs, "{what}");
}

/// Sends the text; tells whether it was sent. Wherever it went, it went there only.
async fn sends(server: &RawServer, operation: &'static Operation, leaf: &Leaf, text: &str) -> bool {
    let mut of_operation = CASES.iter().filter(|case| case.operation == operation.name);
    let case = of_operation.nth(leaf.case).unwrap();
    let (mut arguments, gone) = arguments(operation, case, leaf);
    leaf.put(&mut arguments, text);
    let shown: String = text.chars().take(30).collect();
    let what = format!("{}, {}, {shown:?}", operation.name, leaf.name());
    let outcome = tool(&desk365(&server.host()), &case.tool, arguments).await;
    let mut seen = server.take();
    match &outcome.result {
        Err(error) if error.status().is_none() => {
            assert!(
                matches!(error.code(), Code::InvalidArguments | Code::PayloadTooLarge),
                "{what}: {error}"
            );
            assert!(seen.is_empty(), "{what}: refused, and sent all the same");
            assert!(error.message().len() < 10_000, "{what}: repeats what was given");
            false
        }
        _ => {
            assert_eq!(seen.len(), 1, "{what}: {outcome:?}");
            only_that_changed(&what, leaf, text, case, &gone, seen.remove(0));
            true
        }
    }
}

async fn server() -> RawServer {
    RawServer::start(|_, _| Reply::json(200, "{}")).await
}

#[tokio::test]
async fn every_text_outside_the_body_stays_in_its_place() {
    let server = server().await;
    let mut free = BTreeSet::new();
    for operation in INTEGRATION.operations {
        for leaf in leaves_of(operation) {
            let mut sent = Vec::new();
            for text in PRINTABLE.iter().chain(UNPRINTABLE) {
                sent.push(sends(&server, operation, &leaf, text).await);
            }
            sends(&server, operation, &leaf, &long()).await;
            let name = leaf.name();
            let known = NAMES
                .iter()
                .chain(INNER)
                .any(|known| *known == (operation.name, name.as_str()));
            let printable = &sent[..PRINTABLE.len()];
            assert!(
                printable.iter().all(|sent| *sent == known),
                "{}, {name}: {printable:?} of {PRINTABLE:?}",
                operation.name
            );
            if known {
                free.insert((operation.name, name));
            }
        }
    }
    for (operation, name) in NAMES.iter().chain(INNER) {
        assert!(
            free.contains(&(*operation, (*name).to_owned())),
            "{operation}, {name} is no text"
        );
    }
}

#[tokio::test]
async fn names_have_one_line_and_fit_into_an_address() {
    let server = server().await;
    for (operation, name) in NAMES {
        let operation = INTEGRATION
            .operations
            .iter()
            .find(|known| known.name == *operation)
            .unwrap();
        let leaf = leaves_of(operation)
            .into_iter()
            .find(|leaf| leaf.name() == *name)
            .unwrap();
        assert!(
            !sends(&server, operation, &leaf, &long()).await,
            "{}, {name}",
            operation.name
        );
        assert!(
            !sends(&server, operation, &leaf, "a\0b").await,
            "{}, {name}",
            operation.name
        );
        // A category that contracts are narrowed by is a plain text; the others are identifiers.
        if *name != "contract_category" {
            for text in UNPRINTABLE.iter().chain(&[""]) {
                assert!(
                    !sends(&server, operation, &leaf, text).await,
                    "{}, {name}, {text:?}",
                    operation.name
                );
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_placed_in_paths_or_headers_today() {
    // If that changes, the checks above have to look there too.
    for operation in INTEGRATION.operations {
        for field in (operation.input)().fields {
            assert!(
                !matches!(field.place, Place::Path | Place::Header),
                "{}",
                operation.name
            );
        }
    }
}

#[tokio::test]
async fn a_long_text_moves_its_object_into_the_form() {
    let server = server().await;
    for (operation, name) in [
        ("create_ticket_with_attachment", "ticket_object.description"),
        ("create_ticket_reply_with_attachment", "reply_object.body"),
        ("create_ticket_note_with_attachment", "note_object.body"),
        ("create_contact_with_attachment", "contact_object.title"),
        ("create_company_with_attachment", "company_object.address"),
    ] {
        let operation = INTEGRATION
            .operations
            .iter()
            .find(|known| known.name == operation)
            .unwrap();
        let leaf = leaves_of(operation)
            .into_iter()
            .find(|leaf| leaf.name() == name)
            .unwrap();
        let text = format!("{}\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"x\"", long());
        assert!(sends(&server, operation, &leaf, &text).await, "{name}");
    }
}
