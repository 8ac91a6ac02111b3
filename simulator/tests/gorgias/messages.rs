//! What goes out to customers, and what does not.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Desk, reply};

fn path(ticket: i64) -> String {
    format!("/api/tickets/{ticket}/messages")
}

fn stored(desk: &Desk, ticket: i64) -> Value {
    desk.state()["tickets"][ticket.to_string()].clone()
}

#[tokio::test]
async fn a_reply_without_a_sending_time_is_sent() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    assert_eq!(desk.sent(), [] as [Value; 0]);
    let message = desk
        .post(&path(ticket), reply("bela.visitor1@inbox.example"))
        .await
        .done(201);
    assert_eq!(
        (&message["sent_datetime"], &message["public"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(message["receiver"]["email"], "bela.visitor1@inbox.example");
    let sent = desk.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (&sent[0]["message_id"], &sent[0]["ticket_id"]),
        (&message["id"], &json!(ticket))
    );
    assert_eq!(sent[0]["to"], json!(["bela.visitor1@inbox.example"]));
    desk.control().advance(Duration::from_secs(5));
    let id = message["id"].as_i64().unwrap();
    let message = desk.get(&format!("{}/{id}", path(ticket))).await.done(200);
    assert!(message["sent_datetime"].is_string(), "it has arrived");
    let shown = desk.get(&format!("/api/tickets/{ticket}")).await.done(200);
    assert_eq!(
        (&shown["messages_count"], &shown["excerpt"]),
        (&json!(2), &json!("We are looking into it."))
    );
    assert_eq!(shown["last_message_datetime"], message["created_datetime"]);
    // Sending it again sends it again.
    desk.post(&path(ticket), reply("bela.visitor1@inbox.example"))
        .await
        .done(201);
    assert_eq!(desk.sent().len(), 2);
}

#[tokio::test]
async fn notes_imports_and_incoming_messages_are_not_sent() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let note = json!({"channel": "internal-note", "via": "api", "from_agent": true, "public": true, "body_text": "Ask the warehouse."});
    let note = desk.post(&path(ticket), note).await.done(201);
    assert_eq!((&note["public"], &note["receiver"]), (&json!(false), &Value::Null));
    let mut import = reply("bela.visitor1@inbox.example");
    import["sent_datetime"] = json!("2026-02-20T10:00:00");
    let import = desk.post(&path(ticket), import).await.done(201);
    assert_eq!(import["sent_datetime"], "2026-02-20T10:00:00+00:00");
    let incoming = json!({"channel": "api", "via": "api", "from_agent": false, "body_text": "Any news?"});
    desk.post(&path(ticket), incoming).await.done(201);
    assert_eq!(desk.sent(), [] as [Value; 0]);
}

#[tokio::test]
async fn only_the_channel_keeps_a_text_from_the_customer() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let mut message = reply("bela.visitor1@inbox.example");
    message["public"] = json!(false);
    desk.post(&path(ticket), message).await.done(201);
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let before = desk.state();
    let with = |name: &str, value: Value| {
        let mut message = reply("bela.visitor1@inbox.example");
        message[name] = value;
        message
    };
    let note = |name: &str, value: Value| {
        let mut note = json!({"channel": "internal-note", "via": "api", "from_agent": true, "body_text": "x"});
        note[name] = value;
        note
    };
    let other = json!({"from": {"address": "other@acme.example"}, "to": [{"address": "a@b.example"}]});
    let list = json!({"from": [{"address": "support@acme.example"}], "to": [{"address": "a@b.example"}]});
    for (body, place) in [
        (with("source", Value::Null), "/source/0"),
        (with("source", other), "/source/from/0"),
        (with("source", list), "/source/from/0"),
        (with("body_text", json!(" ")), "/body_text/0"),
        (with("mention_ids", json!([71001])), "/mention_ids/0"),
        (with("sender", json!({"id": 5})), "/sender/0"),
        (with("receiver", json!({"id": 5})), "/receiver/id/0"),
        (note("receiver", json!({"id": 5})), "/receiver/0"),
        (note("from_agent", json!(false)), "/from_agent/0"),
        (note("mention_ids", json!([5])), "/mention_ids/0"),
        (
            note("attachments", json!([{"url": "https://x.example/a"}])),
            "/attachments/0/name/0",
        ),
    ] {
        let data = desk.post(&path(ticket), body.clone()).await.refused(400);
        assert!(data.pointer(place).is_some_and(Value::is_string), "{body}: {data}");
    }
    assert_eq!(desk.state(), before);
    assert_eq!(desk.sent(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_failed_message_is_tried_again_or_cancelled() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Money back for A-20417");
    let message = desk.post(&path(ticket), reply("gone@bounces.example")).await.done(201);
    desk.control().advance(Duration::from_secs(5));
    let one = format!("{}/{}", path(ticket), message["id"]);
    let failed = desk.get(&one).await.done(200);
    assert!(failed["failed_datetime"].is_string() && failed["sent_datetime"].is_null());
    assert_eq!(failed["is_retriable"], true);
    let body = json!({"channel": "email", "via": "api", "from_agent": true});
    desk.put(&one, body.clone()).await.done(202);
    assert_eq!(desk.sent().len(), 1, "a change alone sends nothing");
    desk.put(&format!("{one}?action=retry"), body.clone()).await.done(202);
    assert_eq!(desk.sent().len(), 2);
    let gone = desk.put(&format!("{one}?action=cancel"), body.clone()).await.done(202);
    assert!(gone["deleted_datetime"].is_string());
    desk.get(&one).await.refused(404);
    desk.put(&format!("{one}?action=undo"), body).await.refused(400);
    assert_eq!(stored(&desk, ticket)["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_customer_who_writes_opens_the_ticket() {
    let desk = Desk::new().await;
    let ticket = desk.ticket("Voucher");
    assert_eq!(stored(&desk, ticket)["status"], "closed");
    let incoming =
        json!({"channel": "email", "via": "api", "from_agent": false, "body_html": "<p>It is &lt;back&gt;</p>"});
    let message = desk.post(&path(ticket), incoming).await.done(201);
    assert_eq!(message["stripped_text"], "It is <back>");
    let kept = stored(&desk, ticket);
    assert_eq!(
        (&kept["status"], &kept["closed_datetime"], &kept["is_unread"]),
        (&json!("open"), &Value::Null, &json!(true))
    );
    assert_eq!(kept["last_received_message_datetime"], message["created_datetime"]);
    let listed = desk
        .get(&format!("/api/messages?ticket_id={ticket}&limit=1"))
        .await
        .done(200);
    assert_eq!(listed["data"][0]["id"], message["id"], "newest first");
    let nested = desk.get(&path(ticket)).await.done(200);
    assert_eq!(
        nested["data"].as_array().unwrap().last().unwrap()["id"],
        message["id"],
        "oldest first"
    );
}
