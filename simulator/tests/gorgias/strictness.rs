//! What is refused before any record is looked at.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Desk, reply};

#[tokio::test]
async fn queries_are_checked() {
    let desk = Desk::new().await;
    for (path, place) in [
        ("/api/tickets?status=open", "status"),
        ("/api/tickets?page=1", "page"),
        ("/api/tickets?limit=0", "limit"),
        ("/api/tickets?limit=101", "limit"),
        ("/api/tickets?limit=ten", "limit"),
        ("/api/tickets?limit=5&limit=6", "limit"),
        ("/api/tickets?order_by=created_datetime", "order_by"),
        ("/api/tickets?order_by=subject:asc", "order_by"),
        ("/api/tickets?ticket_ids=1&ticket_ids=x", "ticket_ids"),
        ("/api/tickets?cursor=made-up", "cursor"),
        ("/api/custom-fields", "object_type"),
        ("/api/events?object_type=Ticket", "object_id"),
        ("/api/macros?order_by=relevance:desc", "ticket_id"),
        ("/api/tickets/abc", "id"),
        ("/api/users/me", "id"),
    ] {
        let data = desk.get(path).await.refused(400);
        assert!(data[place][0].is_string(), "{path}: {data}");
    }
}

#[tokio::test]
async fn bodies_are_checked() {
    let desk = Desk::new().await;
    let id = desk.ticket("Money back for A-20417");
    let ticket = format!("/api/tickets/{id}");
    for (body, place) in [
        (json!({"state": "open"}), "/state/0"),
        (json!({"status": "pending"}), "/status/0"),
        (json!({"priority": "urgent"}), "/priority/0"),
        (json!({"assignee_user": 7}), "/assignee_user/0"),
        (json!({"assignee_user": {"id": 1}}), "/assignee_user/id/0"),
        (json!({"tags": ["refund"]}), "/tags/0/0"),
        (json!({"snooze_datetime": "tomorrow"}), "/snooze_datetime/0"),
        (
            json!({"created_datetime": "2026-01-01T00:00:00"}),
            "/created_datetime/0",
        ),
        (
            json!({"custom_fields": [{"id": 5, "value": 1}]}),
            "/custom_fields/0/id/0",
        ),
    ] {
        let data = desk.put(&ticket, body.clone()).await.refused(400);
        assert!(
            data.pointer(place).is_some_and(|text| text.is_string()),
            "{body}: {data}"
        );
    }
    let before = desk.state();
    let data = desk.post("/api/tickets", json!({})).await.refused(400);
    assert!(data["messages"][0].is_string(), "{data}");
    let mut message = reply("ada@mail.example");
    message["channel"] = json!(null);
    message["sourse"] = json!({});
    let data = desk
        .post("/api/tickets", json!({"messages": [message]}))
        .await
        .refused(400);
    assert!(data["messages"]["0"]["sourse"][0].is_string(), "{data}");
    assert!(data["messages"]["0"]["channel"][0].is_string(), "{data}");
    assert_eq!(desk.state(), before, "a refused request leaves nothing behind");
}

#[tokio::test]
async fn routes_and_methods_are_told_apart() {
    let desk = Desk::new().await;
    desk.get("/api/nothing").await.refused(404);
    desk.get("/elsewhere").await.refused(404);
    let answer = desk.send(desk.request(Method::PATCH, "/api/tickets")).await;
    answer.refused(405);
    assert_eq!(answer.header("allow"), Some("GET, POST"));
    let request = desk.request(Method::POST, "/api/tags").body("{\"name\": \"x\"}");
    desk.send(request).await.refused(415);
    let legacy = json!({"filters": {"period": {"start_datetime": "2026-01-01T00:00:00", "end_datetime": "2026-02-01T00:00:00"}}});
    desk.post("/api/stats/overview", legacy.clone()).await.refused(400);
    desk.post("/api/stats/overview/download", legacy).await.refused(400);
}
