//! Credentials, roles, scopes, and how often one may call.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::harness::Desk;

#[tokio::test]
async fn credentials_tell_the_account() {
    let desk = Desk::new().await;
    assert_eq!(desk.get("/api/account").await.done(200)["domain"], "acme");
    let desk = desk.acting_as("globex", "api_key");
    assert_eq!(desk.get("/api/account").await.done(200)["domain"], "globex");
    let desk = desk.acting_as("globex", "oauth");
    assert_eq!(desk.get("/api/account").await.done(200)["domain"], "globex");
    for request in [
        desk.bare(Method::GET, "/api/account"),
        desk.bare(Method::GET, "/api/account")
            .basic_auth("linden@acme.example", Some("wrong")),
        desk.bare(Method::GET, "/api/account").bearer_auth("wrong"),
        desk.bare(Method::GET, "/api/account")
            .header("Authorization", "Basic !"),
    ] {
        assert_eq!(desk.send(request).await.refused(401), json!(null));
    }
}

#[tokio::test]
async fn an_account_sees_nothing_of_the_other() {
    let desk = Desk::new().await;
    let id = desk.ticket("Money back for A-20417");
    desk.get(&format!("/api/tickets/{id}")).await.done(200);
    let desk = desk.acting_as("globex", "api_key");
    desk.get(&format!("/api/tickets/{id}")).await.refused(404);
}

#[tokio::test]
async fn scopes_and_roles_are_looked_at() {
    let desk = Desk::new().await.acting_as("acme", "oauth_reader");
    desk.get("/api/tags").await.done(200);
    desk.post("/api/tags", json!({"name": "new"})).await.refused(403);
    let desk = desk.acting_as("acme", "agent");
    desk.post("/api/tags", json!({"name": "new"})).await.done(201);
    desk.post("/api/teams", json!({"name": "New"})).await.refused(403);
    let desk = desk.acting_as("acme", "oauth");
    desk.post("/api/teams", json!({"name": "New"})).await.done(201);
}

#[tokio::test]
async fn calls_leak_out_of_a_bucket() {
    let desk = Desk::on_plan("standard").await;
    let limit = "x-gorgias-account-api-call-limit";
    assert_eq!(desk.get("/api/account").await.header(limit), Some("1/40"));
    let mut last = desk.get("/api/account").await;
    // What leaks out meanwhile is called again.
    for _ in 0..100 {
        if last.status == 429 {
            break;
        }
        last = desk.get("/api/account").await;
    }
    last.refused(429);
    assert_eq!(last.header(limit), Some("40/40"));
    assert_eq!(last.header("retry-after"), Some("1"), "half a second, rounded up");
    desk.control().advance(Duration::from_secs(20));
    assert_eq!(desk.get("/api/account").await.header(limit), Some("1/40"));
    let desk = desk.acting_as("acme", "oauth");
    assert_eq!(
        desk.get("/api/account").await.header(limit),
        Some("1/80"),
        "apps have a bucket of their own"
    );
}
