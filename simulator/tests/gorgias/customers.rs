//! Customers, what is theirs alone, and merging them.

use serde_json::{Value, json};

use crate::harness::Desk;

async fn create(desk: &Desk, name: &str, email: &str) -> i64 {
    let channels = json!([{"type": "email", "address": email, "preferred": true}]);
    let made = desk
        .post(
            "/api/customers",
            json!({"name": name, "email": email, "channels": channels}),
        )
        .await;
    made.done(201)["id"].as_i64().unwrap()
}

#[tokio::test]
async fn an_address_belongs_to_one_customer() {
    let desk = Desk::new().await;
    let id = create(&desk, "Ann Able", "ann@able.example").await;
    let taken = json!({"email": "ANN@able.example"});
    assert!(desk.post("/api/customers", taken.clone()).await.refused(409)["email"][0].is_string());
    let other = create(&desk, "Ben Baker", "ben@baker.example").await;
    desk.put(&format!("/api/customers/{other}"), taken).await.refused(409);
    let found = desk.get("/api/customers?email=ann@able.example").await.done(200);
    assert_eq!(
        (&found["data"][0]["id"], &found["data"][0]["channels"]),
        (&json!(id), &Value::Null)
    );
    let whole = desk.get(&format!("/api/customers/{id}")).await.done(200);
    assert_eq!(
        (&whole["firstname"], &whole["lastname"]),
        (&json!("Ann"), &json!("Able"))
    );
    assert_eq!(whole["channels"].as_array().unwrap().len(), 1);
    assert_eq!(whole["custom_fields"], Value::Null);
    let whole = desk
        .get(&format!("/api/customers/{id}?relationships=custom_fields"))
        .await
        .done(200);
    assert_eq!(whole["custom_fields"], json!({}));
}

#[tokio::test]
async fn merging_moves_everything_to_the_target() {
    let desk = Desk::new().await;
    let source = desk.with("customers", "email", "bela.visitor1@inbox.example")["id"]
        .as_i64()
        .unwrap();
    let target = create(&desk, "Bela Other", "bela@other.example").await;
    let ticket = desk.ticket("Money back for A-20417");
    desk.put(
        &format!("/api/customers/merge?source_id={target}&target_id={target}"),
        json!({}),
    )
    .await
    .refused(400);
    let merge = format!("/api/customers/merge?source_id={source}&target_id={target}");
    let merged = desk.put(&merge, json!({"name": "Bela Both"})).await.done(202);
    assert_eq!((&merged["id"], &merged["name"]), (&json!(target), &json!("Bela Both")));
    assert_eq!(merged["channels"].as_array().unwrap().len(), 2);
    desk.get(&format!("/api/customers/{source}")).await.refused(404);
    let ticket = desk.get(&format!("/api/tickets/{ticket}")).await.done(200);
    assert_eq!(ticket["customer"]["id"], target);
    let moved = desk
        .put(&format!("/api/customers/{source}/data"), json!({"data": {"x": 1}}))
        .await;
    moved.empty(301);
    assert!(
        moved
            .header("location")
            .unwrap()
            .ends_with(&format!("/api/customers/{target}/data"))
    );
}

#[tokio::test]
async fn a_stale_version_is_ignored_in_silence() {
    let desk = Desk::new().await;
    let id = create(&desk, "Ann Able", "ann@able.example").await;
    let path = format!("/api/customers/{id}/data");
    desk.put(&path, json!({"data": {"n": 2}, "version": "2026-02-02T00:00:00"}))
        .await
        .empty(202);
    desk.put(&path, json!({"data": {"n": 1}, "version": "2026-02-01T00:00:00"}))
        .await
        .empty(202);
    assert_eq!(
        desk.get(&format!("/api/customers/{id}")).await.done(200)["data"],
        json!({"n": 2})
    );
}

#[tokio::test]
async fn deletion_in_bulk_is_all_or_nothing() {
    let desk = Desk::new().await;
    let one = create(&desk, "Ann Able", "ann@able.example").await;
    let two = create(&desk, "Ben Baker", "ben@baker.example").await;
    desk.delete_with("/api/customers", json!({"ids": [one, 5]}))
        .await
        .refused(404);
    desk.get(&format!("/api/customers/{one}")).await.done(200);
    desk.delete_with("/api/customers", json!({"ids": []}))
        .await
        .refused(400);
    desk.delete_with("/api/customers", json!({"ids": [one, two]}))
        .await
        .empty(204);
    desk.get(&format!("/api/customers/{two}")).await.refused(404);
}
