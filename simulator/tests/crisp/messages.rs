//! Messages: fingerprints, batches, changes, marks; and what reaches the customer.

use serde_json::{Value, json};

use crate::harness::{Desk, column};

fn text(content: &str) -> Value {
    json!({"type": "text", "from": "operator", "origin": "chat", "content": content})
}

#[tokio::test]
async fn a_repeated_fingerprint_stays_one_message() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/message");
    let mut message = text("once");
    message["fingerprint"] = json!(163_239_623_329_114_i64);
    for _ in 0..2 {
        let (reason, data) = desk.post(&path, message.clone()).await.done(202);
        assert_eq!(
            (reason.as_str(), data),
            ("dispatched", json!({"fingerprint": 163_239_623_329_114_i64}))
        );
    }
    // Whatever a repeated send says, the first one stays.
    message["content"] = json!("twice");
    desk.post(&path, message).await.data();
    let stored = desk.stored(&session);
    assert_eq!(
        column(stored["messages"].as_array().unwrap(), "content"),
        [json!("hi"), json!("once")]
    );
    assert_eq!(desk.state()["sent_to_customers"].as_array().unwrap().len(), 1);
    // The same number may stand in another conversation.
    let other = desk.conversation_saying("ho").await;
    let mut message = text("elsewhere");
    message["fingerprint"] = json!(163_239_623_329_114_i64);
    desk.post(&format!("/conversation/{other}/message"), message)
        .await
        .data();
    assert_eq!(desk.stored(&other)["messages"][1]["content"], "elsewhere");
}

#[tokio::test]
async fn without_a_fingerprint_each_send_is_a_message() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let one = desk.say(&session, "operator", "same").await;
    let two = desk.say(&session, "operator", "same").await;
    assert_ne!(one, two);
    assert!(one > i64::from(u32::MAX));
    assert_eq!(desk.stored(&session)["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_message_is_shown_as_it_was_sent() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let operator = desk.state()["operators"][0]["user_id"].clone();
    let sent = json!({
        "type": "text", "from": "user", "origin": "email", "content": "Ünïcödé 🐝 \"quoted\"\n",
        "mentions": [operator], "user": {"type": "participant", "nickname": "Dot", "avatar": "https://a.example/d.png"},
        "references": [{"type": "link", "name": "Order", "target": "https://acme.example/o/1"}],
        "original": {"type": "text/html", "content": "<p>Ünïcödé</p>"},
        "properties": {"order": 1, "vip": true, "note": "x"},
        "timestamp": 1_700_000_000_000_i64, "translated": true, "automated": true,
    });
    let fingerprint = desk
        .post(&format!("/conversation/{session}/message"), sent.clone())
        .await
        .data()["fingerprint"]
        .clone();
    let shown = desk
        .get(&format!("/conversation/{session}/message/{fingerprint}"))
        .await
        .data();
    for name in [
        "type",
        "from",
        "origin",
        "content",
        "mentions",
        "user",
        "references",
        "properties",
        "timestamp",
        "translated",
        "automated",
    ] {
        assert_eq!(shown[name], sent[name], "{name}");
    }
    assert_eq!(shown["session_id"], json!(session));
    assert_eq!(shown["website_id"], json!(desk.credentials["website_id"]));
    assert_eq!((&shown["fingerprint"], &shown["edited"]), (&fingerprint, &json!(false)));
    assert!(shown.get("read").is_none() && shown.get("delivered").is_none());
    let original = shown["original"]["original_id"].as_str().unwrap();
    let original = desk
        .get(&format!("/conversation/{session}/original/{original}"))
        .await
        .data();
    assert_eq!(
        (&original["type"], &original["content"]),
        (&json!("text/html"), &json!("<p>Ünïcödé</p>"))
    );
    desk.get(&format!(
        "/conversation/{session}/original/0b0c0d0e-1111-4222-8333-444455556666"
    ))
    .await
    .refused(404, "not_found");
    desk.get(&format!("/conversation/{session}/message/1"))
        .await
        .refused(404, "not_found");
    // An older message takes its place before newer ones.
    desk.say(&session, "operator", "now").await;
    let older = json!({"type": "text", "from": "user", "origin": "chat", "content": "older", "timestamp": 1_600_000_000_000_i64});
    desk.post(&format!("/conversation/{session}/message"), older)
        .await
        .data();
    let listed = desk.get(&format!("/conversation/{session}/messages")).await.data();
    let contents = column(listed.as_array().unwrap(), "content");
    assert_eq!(contents, [json!("older"), sent["content"].clone(), json!("now")]);
}

#[tokio::test]
async fn unsigned_messages_are_signed_by_the_token() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    desk.say(&session, "operator", "by the workspace").await;
    let desk = desk.acting_as("acme", "user");
    desk.say(&session, "operator", "by the user").await;
    let messages = desk.stored(&session)["messages"].clone();
    assert_eq!(
        messages[0]["user"],
        json!({"type": "website", "nickname": "Acme Shelving"})
    );
    let me = &desk.state()["operators"][0];
    assert_eq!(
        messages[1]["user"],
        json!({"user_id": me["user_id"], "nickname": "Linden Switch"})
    );
}

#[tokio::test]
async fn batches_walk_back_to_the_first_message() {
    let desk = Desk::new().await;
    let state = desk.state();
    let all = state["conversations"].as_object().unwrap().values();
    let long = all.max_by_key(|one| one["messages"].as_array().unwrap().len()).unwrap();
    let stored = column(long["messages"].as_array().unwrap(), "fingerprint");
    assert_eq!(stored.len(), 47);
    let path = format!("/conversation/{}/messages", long["session_id"].as_str().unwrap());
    let (reason, mut batch) = desk.get(&path).await.done(206);
    assert_eq!(reason, "listed");
    let (mut walked, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let items = batch.as_array().unwrap();
        sizes.push(items.len());
        if items.is_empty() {
            break;
        }
        walked.splice(0..0, column(items, "fingerprint"));
        let oldest = items
            .iter()
            .map(|one| one["timestamp"].as_i64().unwrap())
            .min()
            .unwrap();
        batch = desk
            .find(&path, &[("timestamp_before", &oldest.to_string())])
            .await
            .data();
    }
    assert_eq!(walked, stored);
    assert_eq!(sizes, [20, 20, 7, 0]);

    let time = |index: usize| long["messages"][index]["timestamp"].to_string();
    let found = async |name: &str, index: usize| {
        let batch = desk.find(&path, &[(name, &time(index))]).await.data();
        column(batch.as_array().unwrap(), "fingerprint")
    };
    assert_eq!(found("timestamp_after", 10).await, stored[11..31]);
    assert_eq!(found("timestamp_after", 46).await, [] as [Value; 0]);
    assert_eq!(found("timestamp_around", 25).await, stored[15..35]);
    let two = [("timestamp_before", "1"), ("timestamp_after", "1")];
    desk.find(&path, &two).await.refused(400, "invalid_data");
}

#[tokio::test]
async fn only_the_content_of_a_message_can_be_changed() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let fingerprint = desk.say(&session, "operator", "helo").await;
    let path = format!("/conversation/{session}/message/{fingerprint}");
    desk.patch(&path, json!({"content": "hello"})).await.data();
    let shown = desk.get(&path).await.data();
    assert_eq!((&shown["content"], &shown["edited"]), (&json!("hello"), &json!(true)));
    desk.patch(&path, json!({"content": "x", "type": "note"}))
        .await
        .refused(400, "invalid_data");
    desk.patch(&path, json!({"content": {"url": "x"}}))
        .await
        .refused(400, "invalid_data");
    // Not in conversations that came by mail.
    desk.patch(&format!("/conversation/{session}/meta"), json!({"origin": "email"}))
        .await
        .data();
    desk.patch(&path, json!({"content": "too late"}))
        .await
        .refused(403, "not_allowed");
    assert_eq!(desk.get(&path).await.data()["content"], "hello");
    assert_eq!(desk.delete(&path).await.done(200).0, "deleted");
    desk.get(&path).await.refused(404, "not_found");
    assert_eq!(desk.stored(&session)["messages"], json!([]));
}

#[tokio::test]
async fn read_delivered_and_unread_marks() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let first = desk.say(&session, "user", "one").await;
    desk.say(&session, "user", "two").await;
    let answer = desk.say(&session, "operator", "three").await;
    let at = |path: &str| format!("/conversation/{session}/{path}");
    let unread = async || desk.get(&format!("/conversation/{session}")).await.data()["unread"].clone();
    assert_eq!(unread().await, json!({"operator": 2, "visitor": 1}));
    // The side named is the one that sent them; numbers may come as text.
    let one = json!({"from": "user", "origin": "chat", "fingerprints": [first.to_string()]});
    desk.patch(&at("read"), one).await.data();
    assert_eq!(unread().await, json!({"operator": 1, "visitor": 1}));
    assert_eq!(desk.get(&at(&format!("message/{first}"))).await.data()["read"], "chat");
    desk.patch(&at("read"), json!({"from": "user", "origin": "email"}))
        .await
        .data();
    assert_eq!(unread().await, json!({"operator": 0, "visitor": 1}));
    let wrong = json!({"from": "user", "origin": "chat", "fingerprints": [7]});
    desk.patch(&at("read"), wrong).await.refused(400, "invalid_data");
    let delivered = json!({"from": "operator", "origin": "urn:acme.example:phone:0", "fingerprints": [answer]});
    desk.patch(&at("delivered"), delivered).await.data();
    let shown = desk.get(&at(&format!("message/{answer}"))).await.data();
    assert_eq!(shown["delivered"], "urn:acme.example:phone:0");
    assert!(shown.get("read").is_none());
    desk.patch(&at("unread"), json!({"from": "user"})).await.data();
    assert_eq!(unread().await, json!({"operator": 1, "visitor": 1}));
}

#[tokio::test]
async fn what_reaches_the_customer_is_told_apart() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/message");
    let sent = || desk.state()["sent_to_customers"].as_array().unwrap().clone();
    let note = json!({"type": "note", "from": "operator", "origin": "chat", "content": "inside"});
    desk.post(&path, note).await.data();
    let mut stealthy = text("unseen");
    stealthy["stealth"] = json!(true);
    desk.post(&path, stealthy).await.data();
    let event = json!({"type": "event", "from": "operator", "origin": "chat", "content": {"namespace": "user:left"}});
    desk.post(&path, event).await.data();
    desk.patch(&format!("/conversation/{session}/state"), json!({"state": "resolved"}))
        .await
        .data();
    assert_eq!(sent(), [] as [Value; 0]);
    let from_user = json!({"type": "note", "from": "user", "origin": "chat", "content": "inside"});
    desk.post(&path, from_user).await.refused(400, "invalid_data");
    let fingerprint = desk.say(&session, "operator", "outside").await;
    let sent = sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["kind"], "message");
    let expected = json!({"session_id": session, "fingerprint": fingerprint, "type": "text", "content": "outside"});
    assert_eq!(sent[0]["details"], expected);
}

#[tokio::test]
async fn composing_and_files() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/compose");
    desk.patch(&path, json!({"type": "start", "from": "user", "excerpt": "I was won"}))
        .await
        .data();
    desk.patch(&path, json!({"type": "stop", "from": "operator"}))
        .await
        .data();
    let compose = desk.get(&format!("/conversation/{session}")).await.data()["compose"].clone();
    assert_eq!(
        (&compose["visitor"]["type"], &compose["visitor"]["excerpt"]),
        (&json!("start"), &json!("I was won"))
    );
    assert_eq!(compose["operator"]["type"], "stop");
    let file = json!({"name": "a.pdf", "url": "https://a.example/a.pdf", "type": "application/pdf"});
    let message = json!({"type": "file", "from": "user", "origin": "chat", "content": file});
    let fingerprint = desk
        .post(&format!("/conversation/{session}/message"), message)
        .await
        .data()["fingerprint"]
        .clone();
    let files = desk.pages(&format!("/conversation/{session}/files/{{n}}"), &[]).await;
    assert_eq!(files.len(), 1);
    assert_eq!(
        (&files[0]["name"], &files[0]["fingerprint"]),
        (&json!("a.pdf"), &fingerprint)
    );
}
