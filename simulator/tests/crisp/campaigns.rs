//! Campaigns and their templates.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Desk, column, with};

async fn names(desk: &Desk, query: &[(&str, &str)]) -> Vec<String> {
    let all = desk.pages("/campaigns/list/{n}", query).await;
    let mut names: Vec<_> = column(&all, "name")
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn campaigns_are_listed_by_type_status_tag_and_name() {
    let desk = Desk::with("user").await;
    assert_eq!(names(&desk, &[]).await.len(), 6);
    for (query, expected) in [
        (
            &[("filter_type_automated", "1")][..],
            &["After your order", "Come back"][..],
        ),
        (&[("filter_status_done", "1")], &["Spring sale"]),
        (&[("filter_status_ready", "1")], &["Summer catalogue"]),
        (&[("filter_status_not_configured", "1")], &["Untitled"]),
        (&[("filter_status_paused", "1")], &["Come back"]),
        (
            &[("filter_status_sending", "1")],
            &["After your order", "Stocktaking notice"],
        ),
        (
            &[("filter_status_sending", "1"), ("filter_type_one_shot", "1")],
            &["Stocktaking notice"],
        ),
        (
            &[("filter_status_done", "1"), ("filter_status_ready", "1")],
            &["Spring sale", "Summer catalogue"],
        ),
        (&[("filter_tag", "sales")], &["Come back", "Spring sale"]),
        (&[("search_name", "SPRING")], &["Spring sale"]),
    ] {
        assert_eq!(names(&desk, query).await, expected, "{query:?}");
    }
    assert_eq!(
        desk.get("/campaigns/tags").await.data(),
        json!(["catalogue", "sales", "service"])
    );
}

#[tokio::test]
async fn a_campaign_is_written_sent_and_counted() {
    let desk = Desk::with("user").await;
    let (_, data) = desk
        .post("/campaign", json!({"type": "one-shot", "name": "New racks"}))
        .await
        .done(201);
    let id = data["campaign_id"].as_str().unwrap();
    let path = format!("/campaign/{id}");
    assert_eq!(desk.head(&path).await, 200);
    let dispatch = format!("{path}/dispatch");
    let told = desk.post(&dispatch, json!({})).await.refused(400, "invalid_data");
    assert!(told.contains("not_configured"), "{told}");
    let operator = desk.state()["operators"][0]["user_id"].clone();
    let whole = json!({
        "type": "one-shot", "format": "html", "name": "New racks", "subject": "Look", "tag": "sales",
        "sender": {"user_id": operator}, "recipients": {"type": "segments", "segments": ["newsletter"]},
        "flow": {}, "message": "<p>New racks</p>", "options": {"tracking": true},
    });
    let mut unsigned = whole.clone();
    unsigned["sender"]["user_id"] = json!("0b0c0d0e-1111-4222-8333-444455556666");
    desk.put(&path, unsigned).await.refused(400, "invalid_data");
    desk.put(&path, whole).await.data();
    desk.patch(
        &path,
        json!({"subject": "Look here", "options": {"deliver_to_chatbox": false}}),
    )
    .await
    .data();
    let shown = desk.get(&path).await.data();
    assert_eq!((&shown["ready"], &shown["dispatched"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&shown["subject"], &shown["sender"]["user_id"]),
        (&json!("Look here"), &operator)
    );
    assert_eq!(shown["options"], json!({"tracking": true, "deliver_to_chatbox": false}));
    let recipients = desk.pages(&format!("{path}/recipients/{{n}}"), &[]).await;
    let state = desk.state();
    let expected =
        state["people"].as_object().unwrap().values().filter(|one| {
            one["subscribed"] == true && one["segments"].as_array().unwrap().contains(&json!("newsletter"))
        });
    let expected: Vec<_> = expected.map(|one| one["people_id"].clone()).collect();
    assert!(expected.len() > 20);
    assert_eq!(column(&recipients, "people_id"), expected);
    assert_eq!(shown["targets"], expected.len());

    desk.post(&format!("{path}/test"), json!({})).await.done(202);
    assert_eq!(desk.state()["requests"][0]["details"]["to"], "linden@acme.example");
    assert_eq!(desk.state()["sent_to_customers"], json!([]));
    desk.post(&dispatch, json!({})).await.done(202);
    desk.post(&dispatch, json!({})).await.refused(400, "invalid_data");
    desk.patch(&path, json!({"name": "x"}))
        .await
        .refused(400, "invalid_data");
    assert_eq!(desk.get(&path).await.data()["running"], true);
    desk.post(&format!("{path}/pause"), json!({})).await.done(202);
    desk.control().advance(Duration::from_secs(600));
    assert_eq!(desk.get(&path).await.data()["progress"], 0, "a paused campaign waits");
    desk.post(&format!("{path}/pause"), json!({}))
        .await
        .refused(400, "invalid_data");
    desk.post(&format!("{path}/resume"), json!({})).await.done(202);
    desk.control().advance(Duration::from_secs(600));
    let shown = desk.get(&path).await.data();
    assert_eq!((&shown["progress"], &shown["running"]), (&json!(100), &json!(false)));
    assert_eq!(shown["reached"], expected.len());
    let state = desk.state();
    let sent = state["sent_to_customers"].as_array().unwrap().iter();
    assert_eq!(
        sent.filter(|one| one["details"]["campaign_id"] == id).count(),
        expected.len()
    );
    assert_eq!(desk.delete(&path).await.done(200).0, "deleted");
    assert_eq!(desk.head(&path).await, 404);
}

#[tokio::test]
async fn an_automated_campaign_needs_its_event() {
    let desk = Desk::with("user").await;
    let (_, data) = desk
        .post("/campaign", json!({"type": "automated", "name": "Hello"}))
        .await
        .done(201);
    let path = format!("/campaign/{}", data["campaign_id"].as_str().unwrap());
    let operator = desk.state()["operators"][0]["user_id"].clone();
    let written = json!({"subject": "Hi", "message": "Hi", "sender": {"user_id": operator}});
    desk.patch(&path, written).await.data();
    assert_eq!(desk.get(&path).await.data()["ready"], false);
    desk.patch(
        &path,
        json!({"flow": {"launch_event": "order:placed", "assert_delay": 5}}),
    )
    .await
    .data();
    assert_eq!(desk.get(&path).await.data()["ready"], true);
    desk.post(&format!("{path}/dispatch"), json!({})).await.done(202);
    desk.control().advance(Duration::from_secs(600));
    assert_eq!(desk.get(&path).await.data()["running"], true, "it goes on");
}

#[tokio::test]
async fn statistics_say_who_did_what() {
    let desk = Desk::with("user").await;
    let state = desk.state();
    let sale = with(&state["campaigns"], "name", "Spring sale");
    let path = format!("/campaign/{}", sale["campaign_id"].as_str().unwrap());
    let counts = desk.get(&path).await.data()["statistics"].clone();
    for action in ["opened", "clicked", "unsubscribed"] {
        let all = desk.pages(&format!("{path}/statistics/{action}/{{n}}"), &[]).await;
        assert!(!all.is_empty());
        assert_eq!(counts[action], all.len());
        let one = &all[0];
        assert_eq!(one["type"], action);
        let person = &state["people"][one["profile"]["people_id"].as_str().unwrap()];
        assert_eq!(one["profile"]["email"], person["email"]);
    }
    let few = desk
        .find(&format!("{path}/statistics/opened/1"), &[("per_page", "3")])
        .await
        .data();
    assert_eq!(few.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn templates_are_made_changed_and_removed() {
    let desk = Desk::new().await;
    let list = async |query: &[(&str, &str)]| {
        let all = desk.pages("/campaigns/templates/{n}", query).await;
        assert!(all.iter().all(|one| one.get("content").is_none()));
        column(&all, "name")
    };
    assert_eq!(list(&[]).await.len(), 4);
    assert_eq!(
        list(&[("filter_type_static", "1")]).await,
        [json!("Plain letter"), json!("Two columns")]
    );
    assert_eq!(
        list(&[("filter_type_custom", "1"), ("search_name", "notice")]).await,
        [json!("Notice / service")]
    );
    let (_, data) = desk
        .post("/campaigns/template", json!({"format": "markdown", "name": "Short"}))
        .await
        .done(201);
    let path = format!("/campaigns/template/{}", data["template_id"].as_str().unwrap());
    desk.put(&path, json!({"name": "Shorter"}))
        .await
        .refused(400, "invalid_data");
    desk.put(
        &path,
        json!({"name": "Shorter", "format": "html", "content": "<p>Hi</p>"}),
    )
    .await
    .data();
    desk.patch(&path, json!({"content": "<p>Ho</p>"})).await.data();
    let shown = desk.get(&path).await.data();
    let members = ["type", "name", "format", "content"].map(|name| shown[name].clone());
    assert_eq!(
        members,
        ["custom", "Shorter", "html", "<p>Ho</p>"].map(|text| json!(text))
    );
    assert_eq!(desk.head(&path).await, 200);
    desk.delete(&path).await.data();
    assert_eq!(desk.head(&path).await, 404);
    let state = desk.state();
    let fixed = with(&state["templates"], "type", "static")["template_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/campaigns/template/{fixed}");
    desk.delete(&path).await.refused(403, "not_allowed");
    desk.patch(&path, json!({"name": "x"}))
        .await
        .refused(403, "not_allowed");
    assert_eq!(desk.state()["templates"], state["templates"]);
}
