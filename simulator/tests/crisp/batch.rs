//! Batches: named sessions, empty lists that mean all, people.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Desk, column};

/// The stored conversations that pass a test.
fn sessions(state: &Value, wanted: impl Fn(&Value) -> bool) -> HashSet<String> {
    let all = state["conversations"].as_object().unwrap().values();
    let chosen = all.filter(|one| wanted(one));
    chosen
        .map(|one| one["session_id"].as_str().unwrap().to_owned())
        .collect()
}

fn open(one: &Value) -> bool {
    one["state"] != "resolved"
}

/// Two open sample conversations.
fn two(state: &Value) -> [String; 2] {
    let mut open: Vec<_> = sessions(state, |one| one["visible"] == true && open(one))
        .into_iter()
        .collect();
    open.sort();
    [open[0].clone(), open[1].clone()]
}

#[tokio::test]
async fn named_sessions_are_resolved_and_no_others() {
    let desk = Desk::with("user").await;
    let before = desk.state();
    let named = two(&before);
    let body = json!({"sessions": named, "inbox_id": null});
    assert_eq!(desk.patch("/batch/resolve", body).await.done(200).1, json!({}));
    let expected: HashSet<_> = &sessions(&before, open) - &HashSet::from(named.clone());
    assert_eq!(sessions(&desk.state(), open), expected);
    desk.patch("/batch/unresolve", json!({"sessions": named})).await.data();
    assert_eq!(sessions(&desk.state(), open), sessions(&before, open));
}

#[tokio::test]
async fn no_sessions_mean_every_conversation() {
    for body in [
        json!({}),
        json!({"sessions": []}),
        json!({"sessions": [], "inbox_id": null}),
    ] {
        let desk = Desk::with("user").await;
        let hidden = sessions(&desk.state(), |one| one["visible"] == false && open(one));
        assert!(!hidden.is_empty());
        desk.patch("/batch/resolve", body).await.data();
        assert_eq!(sessions(&desk.state(), open), hidden, "all that lists show");
    }
    // Only two of the batches know that meaning.
    let desk = Desk::with("user").await;
    let before = desk.state()["conversations"].clone();
    for path in ["/batch/unresolve", "/batch/unread", "/batch/remove"] {
        desk.patch(path, json!({})).await.refused(400, "invalid_data");
        desk.patch(path, json!({"sessions": []})).await.data();
    }
    assert!(desk.state()["conversations"] == before);
}

#[tokio::test]
async fn an_inbox_narrows() {
    let desk = Desk::with("user").await;
    let before = desk.state();
    let inbox = before["inboxes"][1]["inbox_id"].clone();
    let inside = sessions(&before, |one| open(one) && one["inbox_id"] == inbox);
    assert!(!inside.is_empty());
    desk.patch("/batch/resolve", json!({"inbox_id": inbox})).await.data();
    assert_eq!(sessions(&desk.state(), open), &sessions(&before, open) - &inside);
}

#[tokio::test]
async fn unknown_sessions_leave_everything_as_it_was() {
    let desk = Desk::with("user").await;
    let before = desk.state();
    let named = [
        two(&before)[0].clone(),
        "session_0b0c0d0e-1111-4222-8333-444455556666".to_owned(),
    ];
    desk.patch("/batch/resolve", json!({"sessions": named}))
        .await
        .refused(404, "not_found");
    desk.patch("/batch/remove", json!({"sessions": named}))
        .await
        .refused(404, "not_found");
    assert!(desk.state() == before);
}

#[tokio::test]
async fn marks_routing_inbox_blocks_reports_data_segments() {
    let desk = Desk::with("user").await;
    let one = desk.conversation_saying("one").await;
    let two = desk.conversation_saying("two").await;
    let other = desk.conversation_saying("other").await;
    let named = json!([one, two]);
    let with = |more: Value| {
        let mut body = json!({"sessions": named});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let untouched = desk.stored(&other);
    let operator = desk.state()["operators"][1]["user_id"].clone();
    let inbox = desk.state()["inboxes"][3]["inbox_id"].clone();
    desk.patch("/batch/read", with(json!({}))).await.data();
    assert_eq!(desk.stored(&two)["messages"][0]["read"], "chat");
    desk.patch("/batch/unread", with(json!({}))).await.data();
    desk.patch("/batch/routing", with(json!({"assigned": {"user_id": operator}})))
        .await
        .data();
    desk.patch("/batch/inbox", with(json!({"inbox_id": inbox})))
        .await
        .data();
    desk.patch("/batch/block", with(json!({"blocked": true}))).await.data();
    desk.post("/batch/report", with(json!({"flag": "spam"}))).await.data();
    desk.patch("/batch/data", with(json!({"data": {"seats": 3}})))
        .await
        .data();
    desk.patch("/batch/data", with(json!({"data": {"plan": "Plus"}})))
        .await
        .data();
    desk.patch("/batch/segments", with(json!({"segments": ["late"]})))
        .await
        .data();
    for session in [&one, &two] {
        let stored = desk.stored(session);
        assert_eq!(stored["messages"][0]["read"], Value::Null);
        assert_eq!((&stored["assigned"], &stored["inbox_id"]), (&operator, &inbox));
        assert_eq!(
            (&stored["is_blocked"], &stored["reported"]),
            (&json!(true), &json!("spam"))
        );
        assert_eq!(
            stored["meta"],
            json!({"data": {"seats": 3, "plan": "Plus"}, "segments": ["late"]})
        );
    }
    desk.patch("/batch/routing", with(json!({})))
        .await
        .refused(400, "invalid_data");
    desk.patch("/batch/routing", with(json!({"assigned": null})))
        .await
        .data();
    desk.patch("/batch/inbox", with(json!({"inbox_id": null}))).await.data();
    let stored = desk.stored(&one);
    assert_eq!((&stored["assigned"], &stored["inbox_id"]), (&Value::Null, &Value::Null));
    desk.patch("/batch/remove", with(json!({}))).await.data();
    assert_eq!(desk.stored(&one), Value::Null);
    assert_eq!(desk.stored(&other), untouched);
}

#[tokio::test]
async fn people_are_named_or_found() {
    let desk = Desk::with("user").await;
    let people = || desk.state()["people"].as_object().unwrap().clone();
    let before = people();
    let ids: Vec<_> = before.keys().take(2).cloned().collect();
    let segments = json!({"people": {"profiles": ids}, "segments": ["batch"]});
    desk.patch("/batch/segments", segments).await.data();
    let search =
        json!({"filter": [{"model": "people", "criterion": "segments", "operator": "eq", "query": ["batch"]}]});
    let data = json!({"people": {"search": search}, "data": {"touched": true}});
    desk.patch("/batch/data", data).await.data();
    let touched: Vec<_> = people()
        .values()
        .filter(|one| one["data"]["touched"] == true)
        .cloned()
        .collect();
    assert_eq!(
        column(&touched, "people_id"),
        ids.iter().map(|id| json!(id)).collect::<Vec<_>>()
    );
    assert!(
        touched.iter().all(|one| one["data"]["plan"].is_string()),
        "data is merged"
    );
    desk.patch("/batch/remove", json!({"people": {}}))
        .await
        .refused(400, "invalid_data");
    let stranger = json!({"people": {"profiles": ["0b0c0d0e-1111-4222-8333-444455556666"]}});
    desk.patch("/batch/remove", stranger).await.refused(404, "not_found");
    assert_eq!(people().len(), before.len());
    desk.patch("/batch/remove", json!({"people": {"search": search}}))
        .await
        .data();
    assert_eq!(people().len(), before.len() - 2);
    assert!(ids.iter().all(|id| !people().contains_key(id)));
}
