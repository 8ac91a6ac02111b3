//! Tickets, their tags and the values of their fields.

use serde_json::{Value, json};

use crate::harness::{Desk, reply};

#[tokio::test]
async fn a_ticket_is_made_from_a_message() {
    let desk = Desk::new().await;
    let message = json!({"channel": "api", "via": "api", "from_agent": false, "sender": {"email": "new.face@mail.example", "name": "New Face"}, "body_text": "Hello"});
    let body = json!({"messages": [message], "tags": [{"name": "refund"}, {"name": "Fresh"}], "subject": "Hi"});
    let ticket = desk.post("/api/tickets", body).await.done(201);
    assert_eq!(
        (&ticket["channel"], &ticket["status"], &ticket["messages_count"]),
        (&json!("api"), &json!("open"), &json!(1))
    );
    assert_eq!(ticket["customer"]["firstname"], "New");
    let names: Vec<&Value> = ticket["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    assert_eq!(names, ["refund", "Fresh"]);
    assert_eq!(
        desk.with("customers", "email", "new.face@mail.example")["name"],
        "New Face"
    );
    let data = desk.post("/api/tickets", json!({"messages": []})).await.refused(400);
    assert!(data["messages"][0].is_string());
    let sent = json!({"messages": [reply("ada@b.example")], "customer": {"email": "ada@b.example"}});
    desk.post("/api/tickets", sent).await.done(201);
    assert_eq!(
        desk.sent().len(),
        1,
        "a new ticket from the shop writes to the customer"
    );
}

#[tokio::test]
async fn an_update_changes_what_it_says() {
    let desk = Desk::new().await;
    let id = desk.ticket("Money back for A-20417");
    let path = format!("/api/tickets/{id}");
    let (user, team) = (
        &desk.with("users", "firstname", "Marlow")["id"],
        &desk.with("teams", "name", "Returns")["id"],
    );
    let body = json!({"assignee_user": {"id": user}, "assignee_team": {"id": team}, "priority": "high", "tags": [{"name": "refund"}]});
    let ticket = desk.put(&path, body).await.done(202);
    assert_eq!(
        (&ticket["assignee_user"]["id"], &ticket["assignee_team"]["name"]),
        (user, &json!("Returns"))
    );
    assert_eq!(
        (&ticket["subject"], &ticket["status"]),
        (&json!("Money back for A-20417"), &json!("open"))
    );
    let ticket = desk
        .put(
            &path,
            json!({"assignee_user": {"id": null}, "assignee_team": null, "status": "closed"}),
        )
        .await
        .done(202);
    assert_eq!(
        (&ticket["assignee_user"], &ticket["assignee_team"]),
        (&Value::Null, &Value::Null)
    );
    assert!(ticket["closed_datetime"].is_string());
    assert_eq!(ticket["tags"][0]["name"], "refund", "what is not said stays");
    let ticket = desk
        .put(&path, json!({"trashed_datetime": "2026-03-02T09:00:00Z"}))
        .await
        .done(202);
    assert_eq!(ticket["trashed_datetime"], "2026-03-02T09:00:00+00:00");
    desk.put(&path, json!({"trashed_datetime": null})).await.done(202);
    desk.delete(&path).await.empty(204);
    desk.delete(&path).await.refused(404);
}

#[tokio::test]
async fn tags_are_added_replaced_and_taken_away() {
    let desk = Desk::new().await;
    let path = format!("/api/tickets/{}/tags", desk.ticket("Money back for A-20417"));
    let names = async || -> Vec<String> {
        let tags = desk.get(&path).await.done(200);
        let tags = tags["data"].as_array().unwrap().iter();
        tags.map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    };
    desk.post(&path, json!({"names": ["refund", "vip"]})).await.empty(201);
    desk.post(
        &path,
        json!({"names": ["Refund"], "ids": [desk.with("tags", "name", "vip")["id"]]}),
    )
    .await
    .empty(201);
    assert_eq!(
        names().await,
        ["refund", "vip", "Refund"],
        "case matters, and each is there once"
    );
    desk.delete_with(&path, json!({"names": ["vip", "unknown"]}))
        .await
        .empty(204);
    assert_eq!(names().await, ["refund", "Refund"]);
    desk.put(&path, json!({"names": ["urgent"]})).await.empty(202);
    assert_eq!(names().await, ["urgent"]);
    desk.put(&path, json!({})).await.empty(202);
    assert_eq!(names().await, [] as [String; 0]);
    desk.post(&path, json!({})).await.refused(400);
    desk.post(&path, json!({"ids": [5]})).await.refused(400);
}

#[tokio::test]
async fn values_of_fields_are_checked_against_their_definitions() {
    let desk = Desk::new().await;
    let path = format!("/api/tickets/{}/custom-fields", desk.ticket("Money back for A-20417"));
    let field = |label: &str| desk.with("custom_fields", "label", label)["id"].as_i64().unwrap();
    let one = |label: &str| format!("{path}/{}", field(label));
    let value = desk.put(&one("Refund amount"), json!(129)).await.done(200);
    assert_eq!(
        (&value["value"], &value["field"]["label"]),
        (&json!(129), &json!("Refund amount"))
    );
    for (label, wrong) in [
        ("Refund amount", json!(5001)),
        ("Refund amount", json!("129")),
        ("Refund amount", json!({"id": 1, "value": 129})),
        ("Refund amount", json!(null)),
        ("Resolution", json!("Ignored")),
        ("Damaged", json!("yes")),
        ("AI intent", json!("refund")),
        ("Old warehouse code", json!("x")),
    ] {
        desk.put(&one(label), wrong).await.refused(400);
    }
    desk.put(&one("Loyalty tier"), json!("Gold")).await.refused(404);
    let values = json!([{"id": field("Resolution"), "value": "Refunded"}, {"id": field("Damaged"), "value": true}]);
    let values = desk.put(&path, values).await.done(200);
    let labels: Vec<&Value> = values["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| &value["field"]["label"])
        .collect();
    assert_eq!(labels, ["Resolution", "Damaged"], "what was left out is gone");
    let data = desk
        .put(&path, json!([{"id": field("Damaged"), "value": 1}]))
        .await
        .refused(400);
    assert!(data["body"]["0"]["value"][0].is_string(), "{data}");
    desk.delete(&one("Damaged")).await.empty(204);
    desk.delete(&one("Damaged")).await.refused(404);
}
