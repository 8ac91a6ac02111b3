//! Conversations: replies and notes, and what the customer gets of them.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

const VIP: [(&str, &str); 1] = [("ticket_number", "1197")];

#[tokio::test]
async fn a_reply_is_mailed() {
    let desk = Desk::new().await;
    let body = json!({"body": "<p>On it.</p>", "cc_emails": "a@x.example, b@x.example", "bcc_emails": "c@x.example"});
    let answer = desk.post("/v3/tickets/add_reply", &VIP, body).await;
    assert_eq!(answer.status, 201);
    let reply = answer.json();
    let names = [
        "id",
        "ticket_number",
        "body",
        "from_email",
        "to_email",
        "cc_emails",
        "bcc_emails",
        "attachments",
    ];
    assert_eq!(keys(&reply), names);
    assert_eq!(reply["to_email"], "marina.quayside@halcyonfreight.example");
    assert_eq!(reply["from_email"], "support@acme.example");
    assert_eq!(reply["cc_emails"], "a@x.example,b@x.example");
    let mails = desk.state()["mails"].clone();
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!(mails[0]["to"], "marina.quayside@halcyonfreight.example");
    assert_eq!(mails[0]["cc"], json!(["a@x.example", "b@x.example"]));
    assert_eq!(
        (&mails[0]["kind"], &mails[0]["body"]),
        (&json!("reply"), &json!("<p>On it.</p>"))
    );

    let list = desk.get("/v3/tickets/conversations", &VIP).await.ok();
    assert_eq!(list["count"], 1);
    let message = &list["conversations"][0];
    assert_eq!(
        (&message["type"], &message["sender_type"]),
        (&json!("reply"), &json!("agent"))
    );
    assert_eq!(message["public_note"], Value::Null, "null on replies");
    assert_eq!(
        (&message["created_by"], &message["creator_name"]),
        (&json!("amber.desk@acme.example"), &json!("Amber Desk"))
    );
    assert_eq!(message["body_text"], "On it.");
    assert_eq!(message["is_email_deliveribility_failiure"], false);
    assert_eq!(message["id"], reply["id"]);
    let ticket = desk.get("/v3/tickets/details", &VIP).await.ok();
    assert_eq!(ticket["conversation_count"], 1);
    assert_eq!(
        (&ticket["first_response_time"], &ticket["first_replied_duration"]),
        (&json!("2026-03-02 09:00:01"), &json!(38))
    );
    assert_eq!(ticket["updated_on"], "2026-03-02 09:00:01");
}

#[tokio::test]
async fn replies_take_over_earlier_things_when_asked() {
    let desk = Desk::new().await;
    desk.post(
        "/v3/tickets/add_reply",
        &VIP,
        json!({"body": "first", "cc_emails": "a@x.example"}),
    )
    .await
    .ok();
    desk.post("/v3/tickets/add_note", &VIP, json!({"body": "secret"}))
        .await
        .ok();
    let body = json!({
        "body": "second", "include_prev_ccs": 1, "include_prev_messages": 1,
        "agent_email": "elm.ledger@acme.example", "from_email": "billing@acme.example",
    });
    let reply = desk.post("/v3/tickets/add_reply", &VIP, body).await.ok();
    assert_eq!(
        (&reply["cc_emails"], &reply["from_email"]),
        (&json!("a@x.example"), &json!("billing@acme.example"))
    );
    let mails = desk.state()["mails"].clone();
    let mailed = mails[1]["body"].as_str().unwrap();
    assert!(
        mailed.starts_with("second") && mailed.contains("first") && !mailed.contains("secret"),
        "{mailed}"
    );
}

#[tokio::test]
async fn notes_are_private_unless_said_otherwise() {
    let desk = Desk::new().await;
    let body =
        json!({"body": "<p>Internal</p>", "notify_emails": "basil.counter@acme.example,coral.queue@acme.example"});
    let answer = desk.post("/v3/tickets/add_note", &VIP, body).await;
    assert_eq!(answer.status, 201);
    let note = answer.json();
    assert_eq!(
        keys(&note),
        [
            "id",
            "ticket_number",
            "body",
            "private_note",
            "notify_emails",
            "to_email",
            "attachments"
        ]
    );
    assert_eq!((&note["private_note"], &note["to_email"]), (&json!(1), &Value::Null));
    assert_eq!(desk.state()["mails"], json!([]), "nobody outside sees it");
    let public = desk
        .post(
            "/v3/tickets/add_note",
            &VIP,
            json!({"body": "Hello", "private_note": 0}),
        )
        .await
        .ok();
    assert_eq!(public["to_email"], "marina.quayside@halcyonfreight.example");
    assert_eq!(desk.state()["mails"][0]["kind"], "public_note");
    let list = desk.get("/v3/tickets/conversations", &VIP).await.ok();
    assert_eq!(
        column(&list["conversations"], "public_note"),
        [json!(false), json!(true)]
    );
    assert_eq!(
        list["conversations"][0]["notified_agents"],
        "basil.counter@acme.example,coral.queue@acme.example"
    );
    assert_eq!(
        (&list["private_note_count"], &list["public_note_count"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn replies_and_notes_are_checked() {
    let desk = Desk::new().await;
    let before = desk.state();
    for (path, wrong) in [
        ("/v3/tickets/add_reply", json!({})),
        ("/v3/tickets/add_reply", json!({"body": ""})),
        (
            "/v3/tickets/add_reply",
            json!({"body": "x", "cc_emails": ["a@x.example"]}),
        ),
        (
            "/v3/tickets/add_reply",
            json!({"body": "x", "cc_emails": "not an address"}),
        ),
        (
            "/v3/tickets/add_reply",
            json!({"body": "x", "agent_email": "nobody@acme.example"}),
        ),
        (
            "/v3/tickets/add_reply",
            json!({"body": "x", "from_email": "elsewhere@x.example"}),
        ),
        ("/v3/tickets/add_reply", json!({"body": "x", "include_prev_ccs": true})),
        ("/v3/tickets/add_reply", json!({"body": "x", "private_note": 0})),
        ("/v3/tickets/add_note", json!({"body": "x", "private_note": false})),
        ("/v3/tickets/add_note", json!({"body": "x", "private_note": "0"})),
        (
            "/v3/tickets/add_note",
            json!({"body": "x", "notify_emails": "outsider@x.example"}),
        ),
        ("/v3/tickets/add_note", json!({"body": "x", "cc_emails": "a@x.example"})),
    ] {
        desk.post(path, &VIP, wrong).await.refused(400);
    }
    desk.post("/v3/tickets/add_reply", &[("ticket_number", "1")], json!({"body": "x"}))
        .await
        .refused(404);
    // The number belongs into the query.
    desk.post(
        "/v3/tickets/add_reply",
        &[],
        json!({"body": "x", "ticket_number": 1197}),
    )
    .await
    .refused(400);
    assert_eq!(desk.state(), before);
}

#[tokio::test]
async fn conversations_are_narrowed_and_turned() {
    let desk = Desk::new().await;
    // A ticket with three kinds of messages.
    let state = desk.state();
    let kinds = |messages: &Value| column(messages, "kind");
    let (number, messages) = state["conversations"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(_, messages)| {
            ["contact_reply", "agent_reply", "private_note"]
                .iter()
                .all(|kind| kinds(messages).contains(&json!(kind)))
        })
        .unwrap();
    let count = |kind: &str| kinds(messages).iter().filter(|known| **known == kind).count();
    let get = |more: &'static [(&'static str, &'static str)]| {
        let query = [&[("ticket_number", number.as_str())][..], more].concat();
        let desk = &desk;
        async move { desk.get("/v3/tickets/conversations", &query).await.ok() }
    };
    let all = get(&[]).await;
    assert_eq!(all["count"], messages.as_array().unwrap().len());
    assert_eq!(all["agent_reply_count"], count("agent_reply"));
    assert_eq!(all["contact_reply_count"], count("contact_reply"));
    assert_eq!(all["private_note_count"], count("private_note"));
    let mut turned = column(&all["conversations"], "id");
    turned.reverse();
    let latest = get(&[("sort_by", "latest_on_top")]).await;
    assert_eq!(column(&latest["conversations"], "id"), turned);
    let replies = get(&[
        ("include_private_notes", "0"),
        ("include_public_notes", "0"),
        ("include_forward_messages", "0"),
    ])
    .await;
    assert!(
        column(&replies["conversations"], "type")
            .iter()
            .all(|kind| kind == "reply")
    );
    let contact = get(&[
        ("include_private_notes", "0"),
        ("include_public_notes", "0"),
        ("include_agent_replies", "0"),
    ])
    .await;
    assert!(column(&contact["conversations"], "sender_type").contains(&json!("contact")));
    let query = [("ticket_number", number.as_str()), ("sort_by", "newest")];
    desk.get("/v3/tickets/conversations", &query).await.refused(400);
}
