//! A conversation from its creation to its removal.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys, with};

#[tokio::test]
async fn a_conversation_is_listed_once_a_visitor_has_written() {
    let desk = Desk::new().await;
    let session = desk.conversation().await;
    let state = desk.get(&format!("/conversation/{session}/state")).await.data();
    assert_eq!(state, json!({"state": "pending"}));
    let listed = |list: &Value| column(list.as_array().unwrap(), "session_id").contains(&json!(session));
    let first = async || desk.get("/conversations/1").await.data();
    assert!(!listed(&first().await));
    // An operator's message does not show it, a visitor's does.
    desk.say(&session, "operator", "Hello?").await;
    assert!(!listed(&first().await));
    let with_empty = desk.find("/conversations/1", &[("include_empty", "1")]).await.data();
    assert!(listed(&with_empty));
    desk.say(&session, "user", "Hello!").await;
    let list = first().await;
    assert_eq!(list[0]["session_id"], json!(session), "the latest change comes first");
    assert_eq!(list[0]["last_message"], "Hello!");
    assert_eq!(list[0]["unread"], json!({"operator": 1, "visitor": 1}));
}

#[tokio::test]
async fn a_conversation_is_shown_whole() {
    let desk = Desk::new().await;
    let state = desk.state();
    let vip = with(&state["people"], "email", "petra.lighthouse@north-pier.example");
    let stored = with(&state["conversations"], "people_id", vip["people_id"].as_str().unwrap());
    let session = stored["session_id"].as_str().unwrap();
    let shown = desk.get(&format!("/conversation/{session}")).await.data();
    let expected = [
        "session_id",
        "website_id",
        "inbox_id",
        "state",
        "status",
        "is_verified",
        "is_blocked",
        "availability",
        "active",
        "last_message",
        "verifications",
        "participants",
        "mentions",
        "compose",
        "unread",
        "assigned",
        "meta",
        "created_at",
        "updated_at",
        "people_id",
        "waiting_since",
        "preview_message",
    ];
    assert_eq!(keys(&shown), expected);
    assert_eq!(shown["website_id"], json!(desk.credentials["website_id"]));
    assert_eq!((&shown["state"], &shown["status"]), (&json!("unresolved"), &json!(1)));
    assert_eq!(shown["assigned"], Value::Null);
    assert_eq!(shown["availability"], "online");
    assert_eq!(shown["unread"], json!({"operator": 3, "visitor": 0}));
    assert_eq!(shown["people_id"], vip["people_id"]);
    assert_eq!(shown["meta"]["email"], "petra.lighthouse@north-pier.example");
    assert_eq!(shown["preview_message"]["from"], "user");
    assert_eq!(shown["inbox_id"], with(&state["inboxes"], "name", "VIP")["inbox_id"]);
}

#[tokio::test]
async fn states_follow_messages_and_requests() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("It broke.").await;
    let path = format!("/conversation/{session}/state");
    let state = async || desk.get(&path).await.data()["state"].clone();
    assert_eq!(state().await, "pending");
    assert!(desk.stored(&session)["waiting_since"].is_i64());
    // A note is not an answer.
    let note = json!({"type": "note", "from": "operator", "origin": "chat", "content": "known bug"});
    desk.post(&format!("/conversation/{session}/message"), note)
        .await
        .data();
    assert_eq!(state().await, "pending");
    desk.say(&session, "operator", "We are on it.").await;
    assert_eq!(state().await, "unresolved");
    assert_eq!(desk.stored(&session)["waiting_since"], Value::Null);
    let change = json!({"state": "resolved", "user": {"nickname": "Bot"}, "origin": "urn:acme.example:bot:0"});
    let (reason, data) = desk.patch(&path, change).await.done(200);
    assert_eq!((reason.as_str(), data), ("updated", json!({})));
    assert_eq!(state().await, "resolved");
    desk.say(&session, "user", "Again!").await;
    assert_eq!(state().await, "unresolved");
    desk.patch(&path, json!({"state": "pending"})).await.data();
    assert_eq!(state().await, "pending");
}

#[tokio::test]
async fn routing_takes_an_operator_or_null() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/routing");
    assert_eq!(desk.get(&path).await.data(), json!({"assigned": null}));
    let operator = desk.state()["operators"][1]["user_id"].clone();
    let assigned = json!({"assigned": {"user_id": operator}, "silent": true});
    assert_eq!(desk.patch(&path, assigned).await.data(), json!({}));
    assert_eq!(desk.get(&path).await.data(), json!({"assigned": {"user_id": operator}}));
    let shown = desk.get(&format!("/conversation/{session}")).await.data();
    assert_eq!(shown["assigned"], json!({"user_id": operator}));
    let nobody = json!({"assigned": {"user_id": "0b0c0d0e-1111-4222-8333-444455556666"}});
    desk.patch(&path, nobody).await.refused(400, "invalid_data");
    desk.patch(&path, json!({"assigned": null})).await.data();
    assert_eq!(desk.stored(&session)["assigned"], Value::Null);
}

#[tokio::test]
async fn the_inbox_is_one_of_the_workspace_or_null() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/inbox");
    let inbox = desk.state()["inboxes"][2]["inbox_id"].clone();
    desk.patch(&path, json!({"inbox_id": inbox})).await.data();
    assert_eq!(desk.stored(&session)["inbox_id"], inbox);
    let unknown = json!({"inbox_id": "0b0c0d0e-1111-4222-8333-444455556666"});
    desk.patch(&path, unknown).await.refused(400, "invalid_data");
    desk.patch(&path, json!({"inbox_id": null})).await.data();
    assert_eq!(desk.stored(&session)["inbox_id"], Value::Null);
}

#[tokio::test]
async fn metas_merge_and_segments_are_replaced() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/meta");
    assert_eq!(desk.get(&path).await.data(), json!({}));
    let first = json!({
        "nickname": "Dot Plus",
        "phone": "+1 555 0142",
        "segments": ["vip", "eu"],
        "data": {"seats": 3, "trial": true},
        "device": {"timezone": -60, "locales": ["de"]},
    });
    desk.patch(&path, first).await.data();
    desk.patch(
        &path,
        json!({"segments": ["late"], "data": {"seats": 4}, "subject": "Order"}),
    )
    .await
    .data();
    let expected = json!({
        "nickname": "Dot Plus",
        "phone": "+1 555 0142",
        "segments": ["late"],
        "data": {"seats": 4, "trial": true},
        "device": {"timezone": -60, "locales": ["de"]},
        "subject": "Order",
    });
    assert_eq!(desk.get(&path).await.data(), expected);
}

#[tokio::test]
async fn an_address_ties_a_conversation_to_a_person() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/meta");
    let people = desk.state()["people"].as_object().unwrap().len();
    let known = desk.state()["people"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .clone();
    desk.patch(&path, json!({"email": known["email"].as_str().unwrap().to_uppercase()}))
        .await
        .data();
    assert_eq!(desk.stored(&session)["people_id"], known["people_id"]);
    assert_eq!(desk.state()["people"].as_object().unwrap().len(), people);
    desk.patch(
        &path,
        json!({"email": "new+one@mailbox.example", "nickname": "New One"}),
    )
    .await
    .data();
    let state = desk.state();
    let made = with(&state["people"], "email", "new+one@mailbox.example");
    assert_eq!(made["person"], json!({"nickname": "New One"}));
    assert_eq!(desk.stored(&session)["people_id"], made["people_id"]);
    let of_person = format!("/people/conversations/{}/list/1", made["people_id"].as_str().unwrap());
    assert_eq!(desk.get(&of_person).await.data(), json!([session]));
}

#[tokio::test]
async fn blocking_keeps_the_visitors_messages_out() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/block");
    assert_eq!(desk.get(&path).await.data(), json!({"blocked": false}));
    desk.patch(&path, json!({"blocked": true, "origin": "chat"}))
        .await
        .data();
    assert_eq!(desk.get(&path).await.data(), json!({"blocked": true}));
    let message = |from: &str| json!({"type": "text", "from": from, "origin": "chat", "content": "x"});
    let messages = format!("/conversation/{session}/message");
    desk.post(&messages, message("user")).await.refused(403, "not_allowed");
    desk.post(&messages, message("operator")).await.data();
    desk.patch(&path, json!({"blocked": false})).await.data();
    desk.post(&messages, message("user")).await.data();
}

#[tokio::test]
async fn participants_relations_and_lists_of_a_conversation() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let at = |path: &str| format!("/conversation/{session}/{path}");
    assert_eq!(desk.get(&at("participants")).await.data(), json!({"participants": []}));
    let participants = json!({"participants": [
        {"type": "email", "target": "second@mailbox.example"},
        {"type": "urn", "target": "urn:acme.example:phone:0"},
    ]});
    desk.put(&at("participants"), participants.clone()).await.data();
    assert_eq!(desk.get(&at("participants")).await.data(), participants);
    let relations = desk.get(&at("relations")).await.data();
    assert_eq!(relations, json!({"conversations": {"parent": null, "children": []}}));
    for list in ["pages/1", "events/1", "files/1", "browsing"] {
        assert_eq!(desk.get(&at(list)).await.data(), json!([]), "{list}");
    }

    let state = desk.state();
    let all = || state["conversations"].as_object().unwrap().values();
    let child = all().find(|one| one["parent"].is_string()).unwrap();
    let parent = child["parent"].as_str().unwrap();
    let related = desk.get(&format!("/conversation/{parent}/relations")).await.data();
    assert_eq!(related["conversations"]["children"], json!([child["session_id"]]));
    let long = all().find(|one| one["pages"].as_array().unwrap().len() == 3).unwrap();
    let pages = desk
        .get(&format!(
            "/conversation/{}/pages/1",
            long["session_id"].as_str().unwrap()
        ))
        .await
        .data();
    assert_eq!(
        keys(&pages[0]),
        ["page_title", "page_url", "page_referrer", "timestamp"]
    );
}

#[tokio::test]
async fn a_visitor_who_has_not_written_can_be_written_to() {
    let desk = Desk::new().await;
    let visitors = desk.get("/visitors/list/1").await.data();
    let silent = visitors
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["initiated"] == false)
        .unwrap();
    let session = silent["session_id"].as_str().unwrap();
    desk.get(&format!("/conversation/{session}"))
        .await
        .refused(404, "not_found");
    desk.post(&format!("/conversation/{session}/initiate"), json!({}))
        .await
        .data();
    let shown = desk.get(&format!("/conversation/{session}")).await.data();
    assert_eq!(shown["meta"]["nickname"], silent["nickname"]);
    desk.say(session, "operator", "Can I help?").await;
    let unknown = "/conversation/session_0b0c0d0e-1111-4222-8333-444455556666/initiate";
    desk.post(unknown, json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_removed_conversation_is_gone() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}");
    assert_eq!(desk.head(&path).await, 200);
    assert_eq!(desk.delete(&path).await.done(200).0, "deleted");
    assert_eq!(desk.head(&path).await, 404);
    desk.get(&format!("{path}/messages")).await.refused(404, "not_found");
    desk.delete(&path).await.refused(404, "not_found");
}
