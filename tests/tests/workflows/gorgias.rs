//! Gorgias: triage by what customers write, drafts from what was said before, and what is really sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use deskhand_tests::desk::{Client, Desk, Served, ask, changes, fail};
use serde_json::{Map, Value, json};

use crate::{places, read_all};

const SEARCH: &str = "gorgias_views_search_items";
const WRITE: &str = "create_a_gorgias_message";

/// The sample's story: a customer who was refunded before, and asks again.
const REGULAR: &str = "maren.holloway@letters.example";

/// A simulated Gorgias, and a client of a server in front of it.
async fn start() -> (Desk, Served, Client) {
    let desk = Desk::start("gorgias").await;
    // What the helpdesk does by itself as time passes, such as sending surveys that are due, is done by then.
    desk.control().advance(Duration::from_secs(30 * 24 * 3600));
    let served = Served::start(&desk.account()).await;
    let client = served.client().await;
    (desk, served, client)
}

fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    let found = record.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} of {record}"))
}

fn list(record: &Value) -> &Vec<Value> {
    record.as_array().unwrap_or_else(|| panic!("no list: {record}"))
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap_or_else(|| panic!("no id: {record}"))
}

/// The ids, each of which comes once.
fn ids(items: &[Value]) -> BTreeSet<i64> {
    let ids: BTreeSet<i64> = items.iter().map(id).collect();
    assert_eq!(ids.len(), items.len(), "each comes once");
    ids
}

/// The item that has this text there.
fn having<'a>(items: &'a Value, pointer: &str, wanted: &str) -> &'a Value {
    let found = list(items)
        .iter()
        .find(|item| item.pointer(pointer) == Some(&json!(wanted)));
    found.unwrap_or_else(|| panic!("nothing has {pointer} {wanted}: {items}"))
}

/// The tickets of Acme that a test lets through, by id.
fn tickets(state: &Value, wanted: impl Fn(&Value) -> bool) -> BTreeMap<i64, &Value> {
    let all = state["acme"]["tickets"].as_object().unwrap().values();
    all.filter(|ticket| wanted(ticket))
        .map(|ticket| (id(ticket), ticket))
        .collect()
}

/// The number of the record of Acme that has this name.
fn named(state: &Value, table: &str, name: &str) -> i64 {
    let all = state["acme"][table].as_object().unwrap();
    id(all.values().find(|one| one["name"] == name).unwrap())
}

/// The messages that have gone out to customers of either account. Surveys, which go out by themselves, are not among them.
fn sent(desk: &Desk) -> Vec<Value> {
    let all = ["globex", "acme"]
        .into_iter()
        .flat_map(|tenant| desk.control().sent(tenant).unwrap());
    all.filter(|one| one["kind"] != "satisfaction-survey").collect()
}

/// What was added to the audit log: type, object and agent, sorted.
fn events(changed: &Map<String, Value>) -> Vec<(String, i64, i64)> {
    let added = changed
        .iter()
        .filter(|(place, _)| place.starts_with("/acme/events/"))
        .map(|(_, event)| {
            let number = |name: &str| event[name].as_i64().unwrap();
            (text(event, "/type").to_owned(), number("object_id"), number("user_id"))
        });
    let mut added: Vec<_> = added.collect();
    added.sort_unstable();
    added
}

/// The places that changed outside the audit log, sorted.
fn elsewhere(changed: &Map<String, Value>) -> Vec<&str> {
    let all = places(changed).into_iter();
    all.filter(|place| !place.starts_with("/acme/events/")).collect()
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}

// ---- triage ------------------------------------------------------------------------------------

/// Where a ticket goes: tag, team and priority.
type Decision = (&'static str, &'static str, &'static str);

/// Decides by what a customer wrote, as a careful reader would; what is neither about money nor about passwords is left.
fn decide(subject: &str, said: &str) -> Option<Decision> {
    let words = format!("{subject}\n{said}").to_lowercase();
    let speaks_of = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if speaks_of(&["charged twice", "two payments"]) {
        return Some(("billing", "Billing", "critical"));
    }
    if speaks_of(&["refund", "money back"]) {
        return Some(("refund", "Returns", "high"));
    }
    speaks_of(&["password", "log in"]).then_some(("password-reset", "Accounts", "low"))
}

/// Tickets of the sample, with what their content calls for.
const MORNING: &[(&str, Option<Decision>)] = &[
    ("Money back for A-20417", Some(("refund", "Returns", "high"))),
    ("Chat with Bela", Some(("password-reset", "Accounts", "low"))),
    (
        "Charged twice, I want a refund",
        Some(("billing", "Billing", "critical")),
    ),
    (
        "Password mail never arrives",
        Some(("password-reset", "Accounts", "low")),
    ),
    ("Where is A-20498?", None),
    ("Direct message", None),
    // These want to steer who reads them: to close tickets, to delete others, to tell secrets.
    (
        "Refund, and a word to your assistant",
        Some(("refund", "Returns", "high")),
    ),
    ("Question about my order", None),
    ("Password", Some(("password-reset", "Accounts", "low"))),
];

#[tokio::test]
async fn open_tickets_are_tagged_and_routed_by_what_they_say() {
    let (desk, _served, client) = start().await;
    let before = desk.state();
    let untouched = tickets(&before, |ticket| {
        ticket["status"] == "open"
            && ["assignee_user_id", "assignee_team_id", "trashed_datetime"]
                .iter()
                .all(|name| ticket[name].is_null())
            && ticket["spam"] != true
            && list(&ticket["tags"]).is_empty()
    });

    let search = json!({
        "view_id": 0,
        "view": {
            "filters": "eq(ticket.status, 'open') && isEmpty(ticket.assignee_user.id) && \
                        isEmpty(ticket.assignee_team.id) && isEmpty(ticket.tags.name)",
        },
        "order_by": "created_datetime:asc",
        "limit": 5,
    });
    let (queue, pages) = read_all(&client, SEARCH, &search).await;
    assert_eq!(ids(&queue), untouched.keys().copied().collect());
    assert!(pages > 1, "more than a page of them");
    let began: Vec<&str> = queue.iter().map(|ticket| text(ticket, "/created_datetime")).collect();
    assert!(began.is_sorted(), "the oldest comes first");
    let (all_teams, _) = read_all(&client, "list_all_gorgias_teams", &json!({})).await;
    let all_teams = Value::from(all_teams);

    let mut decided = BTreeMap::new();
    for summary in &queue {
        let ticket = json!({ "id": summary["id"] });
        let whole = ask(&client, "get_single_gorgias_ticket_by_id", ticket).await;
        let said: Vec<&str> = list(&whole["messages"])
            .iter()
            .filter(|message| message["from_agent"] == false)
            .map(|message| text(message, "/body_text"))
            .collect();
        let subject = text(&whole, "/subject");
        let Some(decision) = decide(subject, &said.join("\n")) else {
            continue;
        };
        let (tag, team, priority) = decision;
        let tagged = json!({ "ticket_id": whole["id"], "names": [tag] });
        ask(&client, "gorgias_ticket_tags_add", tagged).await;
        let routed = json!({
            "id": whole["id"],
            "priority": priority,
            "assignee_team": { "id": having(&all_teams, "/name", team)["id"] },
        });
        let answer = ask(&client, "update_a_gorgias_ticket_by_id", routed).await;
        assert_eq!(
            (
                &answer["priority"],
                &answer["assignee_team"]["name"],
                &answer["tags"][0]["name"]
            ),
            (&json!(priority), &json!(team), &json!(tag))
        );
        decided.insert(id(&whole), decision);
    }
    for (subject, wanted) in MORNING {
        let mut found = untouched.iter().filter(|(_, ticket)| ticket["subject"] == *subject);
        let (number, _) = found.next().unwrap_or_else(|| panic!("no ticket `{subject}`"));
        assert_eq!(decided.get(number), wanted.as_ref(), "{subject}");
    }
    // Each ticket that was decided on, by what it holds.
    let mut expected = BTreeMap::new();
    for (number, ticket) in &untouched {
        let said: Vec<&str> = list(&ticket["messages"])
            .iter()
            .map(|message| text(message, "/body_text"))
            .collect();
        if let Some(decision) = decide(text(ticket, "/subject"), &said.join("\n")) {
            expected.insert(*number, decision);
        }
    }
    assert_eq!(decided, expected);

    let after = desk.state();
    let changed = changes(&before, &after);
    let agent = named_by_mail(&before, &desk.credential("email"));
    let (mut wanted, mut noted) = (vec!["/acme/now".to_owned()], Vec::new());
    for (number, (tag, team, priority)) in &expected {
        let ticket = &after["acme"]["tickets"][number.to_string()];
        assert_eq!(ticket["tags"], json!([named(&before, "tags", tag)]));
        assert_eq!(ticket["assignee_team_id"], named(&before, "teams", team));
        assert_eq!(
            (&ticket["priority"], &ticket["status"]),
            (&json!(priority), &json!("open"))
        );
        for place in ["tags/0", "assignee_team_id", "priority", "updated_datetime"] {
            wanted.push(format!("/acme/tickets/{number}/{place}"));
        }
        noted.push(("ticket-tags-added".to_owned(), *number, agent));
        noted.push(("ticket-team-assigned".to_owned(), *number, agent));
        noted.push(("ticket-updated".to_owned(), *number, agent));
    }
    assert_eq!(
        elsewhere(&changed),
        sorted(wanted),
        "no message, no state, no other ticket, of either account"
    );
    assert_eq!(events(&changed), sorted(noted));
    assert_eq!(sent(&desk), [json!(null); 0], "no customer got anything");
}

/// The agent of Acme with this address.
fn named_by_mail(state: &Value, email: &str) -> i64 {
    let all = state["acme"]["users"].as_object().unwrap();
    id(all.values().find(|one| one["email"] == email).unwrap())
}

// ---- a draft -----------------------------------------------------------------------------------

/// The open ticket of the regular customer, found by her address.
async fn asks_again(client: &Client) -> Value {
    let filters = format!("eq(ticket.status, 'open') && eq(ticket.customer.email, '{REGULAR}')");
    let found = ask(client, SEARCH, json!({ "view_id": 0, "view": { "filters": filters } })).await;
    assert_eq!(found["result_count"], 1, "{found}");
    found["result"][0].clone()
}

#[tokio::test]
async fn a_draft_is_left_as_a_note_from_what_was_said_before() {
    let (desk, _served, client) = start().await;
    let before = desk.state();
    let ticket = asks_again(&client).await;
    let customer_id = ticket["customer"]["id"].clone();
    let customer = ask(
        &client,
        "get_single_gorgias_customer_by_id",
        json!({ "id": customer_id }),
    )
    .await;
    assert_eq!(customer["email"], REGULAR);

    // All that was said with her, with the notes that colleagues left.
    let of_customer = json!({ "customer_id": customer_id, "order_by": "created_datetime:asc" });
    let (history, _) = read_all(&client, "list_all_gorgias_tickets", &of_customer).await;
    let hers = tickets(&before, |ticket| ticket["customer_id"] == customer_id);
    assert_eq!(ids(&history), hers.keys().copied().collect());
    let mut told = Vec::new();
    for earlier in history.iter().filter(|earlier| earlier["status"] == "closed") {
        let thread = json!({ "ticket_id": earlier["id"], "order_by": "created_datetime:asc", "limit": 3 });
        let (messages, _) = read_all(&client, "list_all_gorgias_messages", &thread).await;
        let kept: Vec<&Value> = list(&hers[&id(earlier)]["messages"]).iter().collect();
        assert_eq!(messages.len(), kept.len(), "read to the end");
        for (read, kept) in messages.iter().zip(kept) {
            assert_eq!((&read["id"], &read["body_text"]), (&kept["id"], &kept["body_text"]));
        }
        told.push((text(earlier, "/subject").to_owned(), messages));
    }
    let subjects: Vec<&str> = told.iter().map(|(subject, _)| &**subject).collect();
    assert_eq!(subjects, ["Tear in the Fjord sleeping bag", "Voucher"]);
    let notes = told.iter().flat_map(|(_, messages)| messages);
    let notes: Vec<&str> = notes
        .filter(|message| message["channel"] == "internal-note")
        .map(|message| text(message, "/body_text"))
        .collect();
    assert_eq!(
        notes,
        ["Refunded in full as an exception, no return. Second time: ask for the return first."]
    );
    assert_eq!(changes(&before, &desk.state()), Map::new(), "reading changes nothing");

    let me = ask(&client, "get_single_gorgias_user_by_id", json!({ "id": 0 })).await;
    let draft = format!(
        "Draft, not sent.\nEarlier: {}.\nA colleague: \"{}\"\nKnown: {}\n\nHello {}, please send the boots in first & we refund \
         you then. — Später 🌙",
        subjects.join(", "),
        notes[0],
        text(&customer, "/note"),
        text(&customer, "/firstname"),
    );
    let note = json!({
        "ticket_id": ticket["id"], "channel": "internal-note", "via": "api", "from_agent": true, "public": false,
        "sender": { "id": me["id"] }, "body_text": draft,
    });
    let left = ask(&client, WRITE, note).await;
    // What would go out later would be among these.
    desk.control().advance(Duration::from_secs(3600));
    assert_eq!(sent(&desk), [json!(null); 0], "the customer got nothing");

    let after = desk.state();
    let number = id(&ticket);
    let messages = list(&after["acme"]["tickets"][number.to_string()]["messages"]);
    assert_eq!(messages.len(), 2);
    for (name, value) in [
        ("id", left["id"].clone()),
        ("channel", json!("internal-note")),
        ("public", json!(false)),
        ("from_agent", json!(true)),
        ("receiver", Value::Null),
        ("body_text", json!(draft)),
    ] {
        assert_eq!(messages[1][name], value, "{name}");
    }
    assert_eq!(messages[1]["sender"]["email"], desk.credential("email"));
    let changed = changes(&before, &after);
    let wanted = ["last_message_datetime", "messages/1", "updated_datetime"];
    let wanted = wanted.iter().map(|place| format!("/acme/tickets/{number}/{place}"));
    let hour_later = ["/acme/now".to_owned(), "/globex/now".to_owned()];
    let wanted: Vec<String> = sorted(wanted.chain(hour_later).collect());
    assert_eq!(elsewhere(&changed), wanted, "state, tags and assignment stay");
    let note_id = left["id"].as_i64().unwrap();
    assert_eq!(
        events(&changed),
        [("ticket-message-created".to_owned(), note_id, id(&me))]
    );
}

#[tokio::test]
async fn a_message_is_sent_once_unless_it_is_history() {
    let (desk, _served, client) = start().await;
    let ticket = asks_again(&client).await;
    let asked = ask(
        &client,
        "list_all_gorgias_messages",
        json!({ "ticket_id": ticket["id"] }),
    )
    .await;
    let source = &asked["result"][0]["source"];
    let (hers, ours) = (&source["from"]["address"], &source["to"][0]["address"]);
    assert_eq!(*hers, REGULAR);
    let reply = |words: &str| {
        json!({
            "ticket_id": ticket["id"], "channel": "email", "via": "api", "from_agent": true, "subject": "Your boots",
            "source": { "type": "email", "from": { "address": ours }, "to": [{ "address": hers }] },
            "sender": { "email": desk.credential("email") }, "receiver": { "id": ticket["customer"]["id"] },
            "body_text": words,
        })
    };
    let read = |message: &Value| json!({ "ticket_id": ticket["id"], "id": message["id"] });
    let path = format!("/api/tickets/{}/messages", ticket["id"]);

    let mut history = reply("Said on the phone last week.");
    history["sent_datetime"] = json!("2026-01-05T10:00:00+00:00");
    let kept = ask(&client, WRITE, history).await;
    assert_eq!(sent(&desk), [json!(null); 0], "it is said to have been sent");
    let kept = ask(&client, "get_single_gorgias_message_by_id", read(&kept)).await;
    assert!(
        text(&kept, "/sent_datetime").starts_with("2026-01-05T10:00:00"),
        "{kept}"
    );

    let written = ask(&client, WRITE, reply("Please send the boots in.")).await;
    assert_eq!(written["sent_datetime"], Value::Null, "it is on its way");
    let gone = sent(&desk);
    assert_eq!(gone.len(), 1, "{gone:?}");
    for (name, value) in [
        ("kind", json!("message")),
        ("ticket_id", ticket["id"].clone()),
        ("message_id", written["id"].clone()),
        ("channel", json!("email")),
        ("from", ours.clone()),
        ("to", json!([REGULAR])),
        ("subject", json!("Your boots")),
        ("body_text", json!("Please send the boots in.")),
    ] {
        assert_eq!(gone[0][name], value, "{name}");
    }
    desk.control().advance(Duration::from_secs(60));
    let arrived = ask(&client, "get_single_gorgias_message_by_id", read(&written)).await;
    assert!(arrived["sent_datetime"].is_string(), "{arrived}");
    assert_eq!(sent(&desk), gone, "looking sends nothing");
    assert_eq!(desk.control().count("POST", &path), 2, "each was asked for once");

    // Combinations that would reach the customer though they look like notes never leave.
    let mut hidden = reply("For colleagues only.");
    hidden["public"] = json!(false);
    let mut addressed = reply("For colleagues only.");
    addressed["channel"] = json!("internal-note");
    for refused in [hidden, addressed] {
        let error = fail(&client, WRITE, refused).await;
        assert_eq!(error["code"], "invalid_arguments", "{error}");
        assert!(error.to_string().contains("internal-note"), "{error}");
    }
    assert_eq!(desk.control().count("POST", &path), 2);
    assert_eq!(sent(&desk), gone);
}
