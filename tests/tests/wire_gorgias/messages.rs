//! Writing to customers, and not writing to them: what the tool for messages refuses, and how a typed call is written.

use deskhand_gorgias::{
    AddressInput, Channel, Client, CreateTicketMessage, MessageId, PersonInput, SourceInput, SourceType, UserId, Via,
};
use deskhand_runtime::Patch;
use deskhand_tests::server::{RawServer, Reply};
use deskhand_tests::{gorgias, tool};
use serde_json::{Value, json};

const TOOL: &str = "create_a_gorgias_message";

/// The faults of a message that must be refused, as argument and message.
async fn refused(name: &str, arguments: Value) -> Vec<(String, String)> {
    let server = RawServer::start(|_, _| Reply::json(201, "{}")).await;
    let told = tool(&gorgias(&server.host()), name, arguments.clone()).await;
    let told = told.into_structured();
    assert!(server.take().is_empty(), "{name} {arguments}: nothing is sent");
    let error = &told["error"];
    assert_eq!(error["code"], "invalid_arguments", "{name} {arguments}: {told:#}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let faults = error["arguments"].as_array().into_iter().flatten();
    faults
        .map(|fault| (text(&fault["argument"]), text(&fault["message"])))
        .collect()
}

fn note() -> Value {
    json!({"ticket_id": 9001, "channel": "internal-note", "via": "api", "from_agent": true, "public": false,
        "sender": {"id": 31}, "body_text": "For us"})
}

fn reply() -> Value {
    let source = json!({"type": "email", "from": {"address": "help@acme.example.com"},
        "to": [{"address": "jane@example.com"}]});
    json!({"ticket_id": 9001, "channel": "email", "via": "api", "from_agent": true, "source": source,
        "sender": {"id": 31}, "receiver": {"id": 77}, "body_text": "Sent today."})
}

/// These arguments with others in the place of some.
fn with(mut arguments: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut arguments, changes) else {
        panic!("both are objects")
    };
    for (name, value) in changes {
        match value {
            Value::Null => members.remove(&name),
            value => members.insert(name, value),
        };
    }
    arguments
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_with_the_way_out() {
    let chat = json!({"channel": "chat", "source": null, "receiver": null});
    for (arguments, argument, way_out) in [
        // A note is for agents.
        (
            with(note(), json!({"receiver": {"id": 77}})),
            "receiver",
            "to write to the customer use the ticket's channel",
        ),
        (
            with(note(), json!({"source": reply()["source"]})),
            "source",
            "goes to nobody",
        ),
        (with(note(), json!({"public": true})), "public", "must be false"),
        (with(note(), json!({"from_agent": false})), "from_agent", "must be true"),
        // What is meant as a note and would reach the customer.
        (
            with(reply(), json!({"public": false})),
            "channel",
            "must be internal-note",
        ),
        (
            with(reply(), json!({"via": "internal-note"})),
            "channel",
            "the customer would get it",
        ),
        (
            with(reply(), json!({"mention_ids": [32]})),
            "channel",
            "leave it out or write a note",
        ),
        // An e-mail goes from somewhere to somebody.
        (
            with(reply(), json!({"source": null})),
            "source",
            "give source with type email, from and to",
        ),
        (
            with(
                reply(),
                json!({"source": {"type": "email", "to": [{"address": "jane@example.com"}]}}),
            ),
            "source.from",
            "connected mailbox",
        ),
        (
            with(
                reply(),
                json!({"source": {"type": "email", "from": {"address": "help@acme.example.com"}}}),
            ),
            "source.to",
            "to an address",
        ),
        (
            with(
                reply(),
                json!({"source": {"type": "email", "from": {"address": "help@acme.example.com"}, "to": []}}),
            ),
            "source.to",
            "at least 1",
        ),
        (
            with(
                reply(),
                json!({"source": {"type": "email", "from": [{"address": "help@acme.example.com"}], "to": [{"address": "jane@example.com"}]}}),
            ),
            "source.from",
            "object",
        ),
        (
            with(
                reply(),
                json!({"source": {"type": "email", "from": {"address": ""}, "to": [{"address": "jane@example.com"}]}}),
            ),
            "source.from.address",
            "at least 1",
        ),
        // Addresses of another kind are none.
        (
            with(
                reply(),
                json!({"source": {"type": "sms", "from": {"address": "+15550100"}, "to": [{"address": "+15550101"}]}}),
            ),
            "source.type",
            "must be email when `channel` is email: an e-mail needs addresses",
        ),
        (
            with(reply(), json!({"source": {"type": "chat"}})),
            "source.type",
            "give source with type email, from and to",
        ),
        // What is meant as a note, in a spelling that Gorgias would take for an app's own channel.
        (
            with(note(), json!({"channel": "internal_note"})),
            "channel",
            "is written `internal-note`",
        ),
        (
            with(note(), json!({"channel": "Internal note"})),
            "channel",
            "is written `internal-note`",
        ),
        // Only e-mail has copies.
        (
            with(
                with(reply(), chat.clone()),
                json!({"source": {"type": "chat", "to": [{"address": "u1"}], "cc": [{"address": "joe@example.com"}]}}),
            ),
            "source.type",
            "only e-mail has copies",
        ),
        (
            with(
                with(reply(), json!({"channel": "sms"})),
                json!({"source": {"type": "sms", "to": [{"address": "+15550100"}], "bcc": [{"address": "+15550101"}]}}),
            ),
            "source.type",
            "only e-mail has copies",
        ),
        // Nothing to say, and nobody.
        (
            with(reply(), json!({"body_text": null})),
            "",
            "`body_text`, `body_html`",
        ),
        (
            with(reply(), json!({"sender": {"name": "Ana"}})),
            "sender",
            "`id`, `email`",
        ),
    ] {
        let faults = refused(TOOL, arguments.clone()).await;
        let found = |(at, message): &(String, String)| at == argument && message.contains(way_out);
        assert!(
            faults.iter().any(found),
            "{arguments}: no word of {way_out} at {argument}: {faults:#?}"
        );
        assert_eq!(faults.len(), 1, "{arguments}: {faults:#?}");
    }
}

/// The first message of a ticket goes out as any other does, and is held to the same.
#[tokio::test]
async fn the_messages_of_a_new_ticket_are_checked_alike() {
    let message = with(reply(), json!({"ticket_id": null, "public": false}));
    let faults = refused("create_a_gorgias_ticket", json!({"via": "api", "messages": [message]})).await;
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!(faults[0].0, "messages.0.channel");
    let update = with(note(), json!({"id": 45, "receiver": {"id": 77}, "body_text": null}));
    let faults = refused("update_a_gorgias_message_by_id", update).await;
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!(faults[0].0, "receiver");
}

#[tokio::test]
async fn filters_that_gorgias_lacks_are_answered_with_the_search() {
    for (arguments, way_out) in [
        (json!({"status": "open"}), "gorgias_views_search_items"),
        (json!({"tags": ["vip"]}), "gorgias_views_search_items"),
        (
            json!({"created_datetime": {"gte": "2026-01-01"}}),
            "gorgias_views_search_items",
        ),
        (json!({"assignee_user_id": 31}), "gorgias_views_search_items"),
        (json!({"channel": "email"}), "gorgias_views_search_items"),
        (
            json!({"customer_email": "jane@example.com"}),
            "list_all_gorgias_customers",
        ),
    ] {
        let name = arguments.as_object().and_then(|members| members.keys().next().cloned());
        let faults = refused("list_all_gorgias_tickets", arguments.clone()).await;
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert_eq!(Some(&faults[0].0), name.as_ref());
        assert!(faults[0].1.contains(way_out), "{arguments}: {}", faults[0].1);
    }
}

/// A message is sent once whatever comes of it: when the answer is lost, nobody but the caller knows whether to repeat.
#[tokio::test]
async fn nothing_is_sent_twice() {
    for reply_of_vendor in [
        Reply::json(429, r#"{"error": {"msg": "slow down"}}"#).header("Retry-after", "12"),
        Reply::json(502, "<html>Bad gateway</html>"),
        Reply::json(503, r#"{"error": {"msg": "provider"}}"#),
    ] {
        let status = reply_of_vendor.status;
        let server = RawServer::start(move |_, _| reply_of_vendor.clone()).await;
        let outcome = tool(&gorgias(&server.host()), TOOL, reply()).await;
        assert!(outcome.is_error(), "{status}");
        assert_eq!(server.take().len(), 1, "{status}");
        let told = outcome.into_structured();
        let advised = told["error"]["hint"].is_string() || status == 502;
        assert!(advised, "{status}: {told:#}");
    }
}

#[tokio::test]
async fn a_note_and_a_reply_as_a_program_writes_them() {
    let answer = json!({"id": 46, "ticket_id": 9001, "channel": "email", "sent_datetime": null});
    let server = RawServer::start(move |_, _| Reply::json(201, answer.to_string())).await;
    let client = Client::new(gorgias(&server.host())).unwrap();
    let person = |id: i64| PersonInput {
        id: Some(id),
        ..PersonInput::new()
    };

    let mut note = CreateTicketMessage::new(9001, Channel::InternalNote, Via::Api, true);
    note.public = Some(false);
    note.sender = Some(person(31));
    note.body_text = Some("For us".into());
    note.mention_ids = Some(vec![UserId(32)]);
    client.send(&note).await.unwrap();

    let mut source = SourceInput::new(SourceType::Email);
    source.from = Some(AddressInput::new("help@acme.example.com"));
    source.to = Some(vec![AddressInput::new("jane@example.com")]);
    let mut reply = CreateTicketMessage::new(9001, Channel::Email, Via::Api, true);
    reply.source = Some(source);
    reply.sender = Some(person(31));
    reply.receiver = Some(person(77));
    reply.body_text = Some("Sent today.".into());
    let message = client.send(&reply).await.unwrap();
    assert_eq!(message.id, Some(MessageId(46)));
    assert_eq!(message.sent_datetime, Patch::Clear);

    let bodies: Vec<String> = server
        .take()
        .into_iter()
        .map(|seen| String::from_utf8(seen.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            concat!(
                r#"{"channel":"internal-note","via":"api","from_agent":true,"sender":{"id":31},"body_text":"For us","#,
                r#""public":false,"mention_ids":[32]}"#
            ),
            concat!(
                r#"{"channel":"email","via":"api","from_agent":true,"source":{"type":"email","#,
                r#""from":{"address":"help@acme.example.com"},"to":[{"address":"jane@example.com"}]},"#,
                r#""sender":{"id":31},"receiver":{"id":77},"body_text":"Sent today."}"#
            ),
        ]
    );
}
