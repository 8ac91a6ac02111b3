//! Verification, transcripts, browsing, calls, tools, widgets, reminders, reports, spam.

use serde_json::{Value, json};

use crate::harness::{Desk, column};

#[tokio::test]
async fn identities_are_verified_by_a_code() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let at = |path: &str| format!("/conversation/{session}/{path}");
    assert_eq!(
        desk.get(&at("verify")).await.data(),
        json!({"verified": false, "verifications": []})
    );
    // Nothing is known to send the code to.
    desk.post(&at("verify/identity"), json!({"identity": "email"}))
        .await
        .refused(400, "invalid_data");
    let asked = json!({"identity": "email", "method": "link", "recipient": "dot@mailbox.example"});
    assert_eq!(desk.post(&at("verify/identity"), asked).await.done(202).0, "dispatched");
    assert_eq!(desk.state()["sent_to_customers"][0]["kind"], "identity verification");
    let code = desk.stored(&session)["pending_verifications"][0]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let redeem = |token: &str| json!({"identity": "email", "recipient": "dot@mailbox.example", "token": token});
    desk.put(&at("verify/identity/link"), redeem("12345"))
        .await
        .refused(400, "invalid_data");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    desk.put(&at("verify/identity/link"), redeem(wrong))
        .await
        .refused(403, "not_allowed");
    desk.put(&at("verify/identity/link"), redeem(&code)).await.data();
    let verified = desk.get(&at("verify")).await.data();
    assert_eq!(verified["verified"], true);
    assert_eq!(verified["verifications"][0]["identity"], "email");
    desk.put(&at("verify/identity/link"), redeem(&code))
        .await
        .refused(404, "not_found");
    desk.patch(&at("verify"), json!({"verified": false})).await.data();
    assert_eq!(desk.get(&at("verify")).await.data()["verified"], false);
    let desk = desk.acting_as("acme", "plugin");
    desk.post(&at("verify/identity"), json!({"identity": "email"}))
        .await
        .refused(400, "invalid_data");
}

#[tokio::test]
async fn transcripts_and_feedback_requests_reach_the_customer() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let at = |path: &str| format!("/conversation/{session}/{path}");
    desk.post(&at("transcript"), json!({"to": "user"}))
        .await
        .refused(400, "invalid_data");
    desk.post(
        &at("transcript"),
        json!({"to": "operator", "email": "boss@acme.example"}),
    )
    .await
    .done(202);
    assert_eq!(desk.state()["sent_to_customers"], json!([]));
    desk.patch(&at("meta"), json!({"email": "dot@mailbox.example"}))
        .await
        .data();
    desk.post(&at("transcript"), json!({"to": "user"})).await.done(202);
    desk.post(&at("feedback"), json!({})).await.done(202);
    let state = desk.state();
    assert_eq!(
        column(state["sent_to_customers"].as_array().unwrap(), "kind"),
        [json!("transcript"), json!("feedback request")]
    );
    assert_eq!(state["sent_to_customers"][0]["details"]["email"], "dot@mailbox.example");
    assert_eq!(
        column(state["requests"].as_array().unwrap(), "kind"),
        [json!("transcript"), json!("transcript"), json!("feedback")]
    );
    desk.post(&at("purge"), json!({})).await.done(202);
    assert_eq!(desk.stored(&session)["purged"], true);
    desk.patch(&at("open"), json!({"opened": true})).await.data();
    assert_eq!(desk.stored(&session)["opened"], true);
}

#[tokio::test]
async fn visitors_on_line_can_be_watched() {
    let desk = Desk::new().await;
    let away = desk.conversation_saying("hi").await;
    desk.post(&format!("/conversation/{away}/browsing"), json!({}))
        .await
        .refused(400, "invalid_data");
    let state = desk.state();
    let on_line = state["conversations"]
        .as_object()
        .unwrap()
        .values()
        .find(|one| one["left_at"].is_null())
        .unwrap();
    let session = on_line["session_id"].as_str().unwrap();
    let path = format!("/conversation/{session}/browsing");
    desk.post(&path, json!({})).await.done(202);
    let listed = desk.get(&path).await.data();
    let id = listed[0]["browsing_id"].as_str().unwrap();
    assert!(id.starts_with("browsing_"));
    desk.patch(&format!("{path}/{id}"), json!({"action": "start"}))
        .await
        .data();
    desk.patch(&format!("{path}/{id}/assist"), json!({"action": "mouse"}))
        .await
        .refused(400, "invalid_data");
    let mouse = json!({"action": "mouse", "mouse": {"x": -3, "y": 8}});
    desk.patch(&format!("{path}/{id}/assist"), mouse.clone()).await.data();
    assert_eq!(
        desk.stored(session)["browsing"][0]["actions"],
        json!([{"action": "start"}, mouse])
    );
    let unknown = format!("{path}/browsing_0b0c0d0e-1111-4222-8333-444455556666");
    desk.patch(&unknown, json!({"action": "stop"}))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn a_call_is_begun_signalled_and_ended() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("hi").await;
    let path = format!("/conversation/{session}/call");
    desk.get(&path).await.refused(404, "not_found");
    let (_, made) = desk.post(&path, json!({"mode": "video"})).await.done(201);
    let id = made["call_id"].as_str().unwrap();
    assert_eq!(desk.get(&path).await.data(), made);
    desk.post(&path, json!({"mode": "audio"}))
        .await
        .refused(400, "invalid_data");
    let signal = json!({"type": "sdp", "payload": {"a": [1]}});
    // Reference and clients disagree on the path.
    desk.patch(&format!("{path}/{id}"), signal.clone()).await.data();
    desk.patch(&format!("{path}/{id}/signaling"), signal.clone())
        .await
        .data();
    assert_eq!(desk.stored(&session)["call"]["signals"], json!([signal, signal]));
    desk.delete(&format!("{path}/call_0b0c0d0e-1111-4222-8333-444455556666"))
        .await
        .refused(404, "not_found");
    desk.delete_with(&format!("{path}/{id}"), json!({"user": {"nickname": "Bot"}}))
        .await
        .data();
    desk.get(&path).await.refused(404, "not_found");
    let (_, made) = desk.post(&path, json!({"mode": "audio"})).await.done(201);
    desk.delete(&format!("{path}/{}", made["call_id"].as_str().unwrap()))
        .await
        .data();
}

#[tokio::test]
async fn reminders_and_reports() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("Buy racks!!!").await;
    let reminder = json!({"date": "2026-03-09T09:00:00Z", "note": "call back"});
    desk.post(&format!("/conversation/{session}/reminder"), reminder.clone())
        .await
        .done(201);
    assert_eq!(desk.stored(&session)["reminders"], json!([reminder]));
    desk.post(&format!("/conversation/{session}/report"), json!({"flag": "spam"}))
        .await
        .done(201);
    assert_eq!(desk.stored(&session)["reported"], "spam");
}

#[tokio::test]
async fn tools_are_called_by_plugins_and_widgets_by_users() {
    let desk = Desk::with("plugin").await;
    let session = desk.conversation_saying("hi").await;
    let tool = format!("/conversation/{session}/tool");
    desk.post(&tool, json!({"command": "cart.show", "payload": {"id": 4}}))
        .await
        .done(202);
    assert_eq!(desk.state()["requests"][0]["details"]["call"]["command"], "cart.show");
    let plugin = desk
        .send(desk.request(reqwest::Method::GET, "/plugin/connect/account"))
        .await
        .data();
    let plugin = plugin["plugin_id"].as_str().unwrap().to_owned();
    let widget = |plugin: &str, path: &str| format!("/conversation/{session}/widget/{plugin}/{path}");
    let item = json!({"section_id": "orders", "item_id": "4"});
    desk.post(&widget(&plugin, "data"), item.clone())
        .await
        .refused(403, "restricted_route_tier");
    let desk = desk.acting_as("acme", "user");
    desk.post(&tool, json!({"command": "x"}))
        .await
        .refused(403, "restricted_route_tier");
    let with = |more: Value| {
        let mut body = item.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (path, body) in [
        ("button", with(json!({"data": {}, "value": 3}))),
        ("data", with(json!({"action": "fetch", "data": {"page": 1}}))),
        ("data", with(json!({"action": "edit", "value": "blue"}))),
        ("data", with(json!({"value": "red"}))),
    ] {
        let data = desk.post(&widget(&plugin, path), body).await.data();
        assert!(
            data["correlation_id"].is_string() && data["strategy"]["attempts"].is_i64(),
            "{data}"
        );
    }
    let kinds = column(desk.state()["requests"].as_array().unwrap(), "kind");
    let expected = [
        "tool call",
        "widget button",
        "widget fetch",
        "widget edit",
        "widget edit",
    ];
    assert_eq!(kinds, expected.map(|kind| json!(kind)));
    let mixed = with(json!({"action": "fetch", "value": "x"}));
    desk.post(&widget(&plugin, "data"), mixed)
        .await
        .refused(400, "invalid_data");
    let stranger = widget("0b0c0d0e-1111-4222-8333-444455556666", "button");
    desk.post(&stranger, with(json!({"data": {}})))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn spam_is_decided_on() {
    let desk = Desk::with("user").await;
    let spams = desk.pages("/conversations/spams/{n}", &[]).await;
    assert_eq!(spams.len(), 5);
    assert!(spams.iter().all(|spam| spam.get("content").is_none()));
    assert_eq!(
        desk.find("/conversations/spams/1", &[("filter_type", "chat")])
            .await
            .data(),
        json!([])
    );
    let wrongly = spams
        .iter()
        .find(|spam| spam["metadata"]["subject"] == "Re: order 10422")
        .unwrap();
    let id = |spam: &Value| spam["spam_id"].as_str().unwrap().to_owned();
    let content = desk
        .get(&format!("/conversations/spam/{}/content", id(wrongly)))
        .await
        .data();
    assert!(content["content"]["text"].as_str().unwrap().contains("without screws"));
    let decide = async |spam: &Value, action: &str| {
        desk.post(
            &format!("/conversations/spam/{}/decision", id(spam)),
            json!({"action": action}),
        )
        .await
    };
    decide(wrongly, "keep").await.refused(400, "invalid_data");
    decide(wrongly, "accept").await.done(202);
    decide(wrongly, "accept").await.refused(404, "not_found");
    let rejected = spams.iter().find(|spam| *spam != wrongly).unwrap();
    decide(rejected, "reject").await.done(202);
    assert_eq!(desk.pages("/conversations/spams/{n}", &[]).await.len(), 3);
    let found = desk
        .find("/conversations/1", &[("search_query", "without screws")])
        .await
        .data();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["meta"]["email"], wrongly["metadata"]["from"]);
}
