//! Credentials, tiers, scopes, quotas, unknown routes, isolation of the workspaces.

use std::time::Duration;

use deskhand_simulator::{Error, Fault, Options, Simulator, Trigger};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Desk, column};

#[tokio::test]
async fn identifier_key_and_tier_must_fit() {
    let desk = Desk::new().await;
    let url = format!("{}{}", desk.running.base_url(), desk.w("/settings"));
    let (identifier, key) = (&desk.credentials["identifier"], &desk.credentials["key"]);
    let get = || desk.client.get(&url);
    for wrong in [
        get(),
        get().basic_auth(identifier, Some(key)),
        get().basic_auth(identifier, Some(key)).header("X-Crisp-Tier", "plugin"),
        get()
            .basic_auth(identifier, Some(key))
            .header("X-Crisp-Tier", "Website"),
        get()
            .basic_auth(identifier, Some("no"))
            .header("X-Crisp-Tier", "website"),
        get().basic_auth("no", Some(key)).header("X-Crisp-Tier", "website"),
        get().bearer_auth(key).header("X-Crisp-Tier", "website"),
        get()
            .header("Authorization", "Basic ???")
            .header("X-Crisp-Tier", "website"),
    ] {
        desk.send(wrong).await.refused(401, "invalid_session");
    }
    let answer = desk
        .send(
            get()
                .basic_auth(identifier, Some(key))
                .header("X-Crisp-Tier", "website"),
        )
        .await;
    let (reason, data) = answer.done(200);
    assert_eq!(
        (reason.as_str(), &data["website_id"]),
        ("resolved", &json!(desk.credentials["website_id"]))
    );
    assert_eq!(answer.header("bloom-status"), Some("MISS"));
}

#[tokio::test]
async fn each_kind_of_credentials_has_its_tier() {
    let desk = Desk::new().await;
    let tier = |access: &str| desk.running.credentials_with("acme", access).unwrap()["tier"].clone();
    assert_eq!(desk.credentials["tier"], "website");
    assert_eq!(tier("website"), "website");
    assert_eq!(tier("user"), "user");
    assert_eq!(tier("plugin"), "plugin");
    assert_eq!(tier("plugin_reader"), "plugin");
    assert_eq!(desk.running.credentials_with("acme", "root"), None);
    assert_eq!(desk.running.credentials_with("nobody", "website"), None);
    let error = Simulator::new(
        "crisp",
        Options {
            access: "root".into(),
            ..Options::default()
        },
    )
    .unwrap_err();
    assert!(matches!(error, Error::UnknownAccess { .. }));
    assert!(
        error.to_string().contains("website, user, plugin, plugin_reader"),
        "{error}"
    );
}

#[tokio::test]
async fn routes_of_the_user_tier_are_closed_to_others() {
    for access in ["website", "plugin"] {
        let desk = Desk::with(access).await;
        let closed = [
            (Method::GET, "/campaigns/list/1"),
            (Method::GET, "/conversations/spams/1"),
            (Method::GET, "/visitors/blocked"),
            (Method::PATCH, "/batch/resolve"),
            (Method::POST, "/analytics/generate"),
            (Method::DELETE, ""),
            (Method::POST, "/inbox"),
            (Method::POST, "/operator"),
            (Method::POST, "/people/export/profiles"),
            (Method::DELETE, "/helpdesk"),
        ];
        for (method, path) in closed {
            let answer = desk.call(method, path, &[], None).await;
            answer.refused(403, "restricted_route_tier");
        }
        assert_eq!(desk.get("/campaigns/templates/1").await.status, 200);
    }
    let desk = Desk::with("user").await;
    assert_eq!(desk.get("/campaigns/list/1").await.status, 200);
    // And what only plugins may is closed to users.
    let answer = desk.send(desk.request(Method::GET, "/plugin/connect/account")).await;
    answer.refused(403, "restricted_route_tier");
}

#[tokio::test]
async fn a_token_reaches_its_workspaces_only() {
    let desk = Desk::new().await;
    let other = desk.running.credentials_of("birchwood").unwrap()["website_id"].clone();
    let nowhere = "5b1c7a90-3e54-4a0d-8f3b-6c2d90a1efff";
    let desk = desk.acting_as("acme", "website");
    for website in [other.as_str(), nowhere] {
        let path = format!("/website/{website}/conversations/1");
        let answer = desk.send(desk.request(Method::GET, &path)).await;
        answer.refused(404, "not_subscribed");
        assert!(!answer.text.contains("Birchwood"));
    }
    // Acme's plugin is installed at Acme alone.
    let desk = desk.acting_as("acme", "plugin");
    assert_eq!(desk.get("/conversations/1").await.status, 206);
    let path = format!("/website/{other}/conversations/1");
    desk.send(desk.request(Method::GET, &path))
        .await
        .refused(404, "not_subscribed");
    let desk = desk.acting_as("acme", "user");
    desk.send(desk.request(Method::GET, &path))
        .await
        .refused(403, "not_allowed");
    // Birchwood's is installed in both.
    let desk = desk.acting_as("birchwood", "plugin");
    assert_eq!(desk.get("/conversations/1").await.status, 206);
    let acme = desk.running.credentials_of("acme").unwrap()["website_id"].clone();
    let path = format!("/website/{acme}/conversations/1");
    assert_eq!(desk.send(desk.request(Method::GET, &path)).await.status, 206);
}

#[tokio::test]
async fn workspaces_do_not_see_each_others_records() {
    let desk = Desk::new().await;
    let session = desk.conversation_saying("a secret of Acme").await;
    let ours = desk.pages("/conversations/{n}", &[]).await;
    let person = desk.state()["people"]
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    let before = desk.state();
    let desk = desk.acting_as("birchwood", "website");
    let theirs = desk.pages("/conversations/{n}", &[]).await;
    assert_eq!(theirs.len(), 24);
    let ours = column(&ours, "session_id");
    assert!(column(&theirs, "session_id").iter().all(|id| !ours.contains(id)));
    let found = desk
        .find("/conversations/1", &[("search_query", "secret")])
        .await
        .data();
    assert_eq!(found, json!([]));
    desk.get(&format!("/conversation/{session}"))
        .await
        .refused(404, "not_found");
    desk.patch(&format!("/conversation/{session}/state"), json!({"state": "resolved"}))
        .await
        .refused(404, "not_found");
    desk.delete(&format!("/people/profile/{person}"))
        .await
        .refused(404, "not_found");
    assert_eq!(desk.acting_as("acme", "website").state(), before);
}

#[tokio::test]
async fn a_token_without_the_scope_may_only_read() {
    let desk = Desk::with("plugin_reader").await;
    let session = with_a_conversation(&desk);
    assert_eq!(desk.get(&format!("/conversation/{session}/messages")).await.status, 206);
    let message = json!({"type": "text", "from": "operator", "origin": "chat", "content": "hello"});
    let refused = desk.post(&format!("/conversation/{session}/message"), message).await;
    let told = refused.refused(403, "not_allowed");
    assert!(told.contains("conversation:messages"), "{told}");
    let refused = desk
        .patch(&format!("/conversation/{session}/state"), json!({"state": "resolved"}))
        .await;
    refused.refused(403, "not_allowed");
    // Where no scope is documented, none is asked for.
    let redirection = json!({"path": "/a", "target": "/b"});
    assert_eq!(desk.post("/helpdesk/redirection", redirection).await.status, 201);
}

fn with_a_conversation(desk: &Desk) -> String {
    desk.state()["conversations"]
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn the_quota_of_a_day_ends_with_423() {
    let desk = Desk::start(Options {
        plan: "development".into(),
        ..Options::default()
    })
    .await;
    for _ in 0..99 {
        assert_eq!(desk.get("").await.status, 200);
    }
    // A route that is not there counts as well, a wrong key does not.
    desk.send(desk.client.get(format!("{}{}", desk.running.base_url(), desk.w(""))))
        .await
        .refused(401, "invalid_session");
    desk.get("/nowhere").await.refused(404, "not_found");
    let over = desk.get("").await;
    over.refused(423, "quota_limit_exceeded");
    assert_eq!(over.header("retry-after"), None);
    assert_eq!(desk.head("/helpdesk").await, 423);
    desk.control().advance(Duration::from_secs(23 * 3600));
    desk.get("").await.refused(423, "quota_limit_exceeded");
    desk.control().advance(Duration::from_secs(2 * 3600));
    assert_eq!(desk.get("").await.status, 200);
}

#[tokio::test]
async fn every_token_has_a_quota_of_its_own() {
    let desk = Desk::start(Options {
        plan: "development".into(),
        ..Options::default()
    })
    .await;
    for _ in 0..100 {
        desk.get("").await;
    }
    desk.get("").await.refused(423, "quota_limit_exceeded");
    let desk = desk.acting_as("acme", "plugin");
    assert_eq!(desk.get("").await.status, 200);
    // Users have none.
    let desk = desk.acting_as("acme", "user");
    for _ in 0..150 {
        assert_eq!(desk.get("").await.status, 200);
    }
}

#[tokio::test]
async fn the_daily_plan_is_the_default() {
    let descriptor = deskhand_simulator::available()
        .iter()
        .find(|one| one.slug == "crisp")
        .unwrap();
    assert_eq!(descriptor.default_plan, "daily");
    let daily = descriptor.plans.iter().find(|plan| plan.name == "daily").unwrap();
    assert_eq!((daily.calls, daily.window), (Some(10_000), Duration::from_secs(86_400)));
}

#[tokio::test]
async fn throttling_is_played_on_request() {
    let desk = Desk::new().await;
    desk.control()
        .inject(Fault::RateLimited { retry_after: None }, Trigger::Next(1));
    desk.get("").await.refused(429, "rate_limited");
    let fault = Fault::ErrorStatus {
        status: 420,
        body: serde_json::Value::Null,
    };
    let path = desk.w("/conversations/1");
    desk.control().inject(fault, Trigger::NextOn(path, 1));
    assert_eq!(desk.get("").await.status, 200);
    desk.get("/conversations/1").await.refused(420, "rate_limited");
    assert_eq!(desk.get("/conversations/1").await.status, 206);
    let quota = desk
        .request(Method::GET, &desk.w(""))
        .header("X-Simulate", "status-423");
    desk.send(quota).await.refused(423, "quota_limit_exceeded");
}

#[tokio::test]
async fn routes_and_methods_are_told_apart() {
    let desk = Desk::new().await;
    desk.get("/conversation").await.refused(405, "method_not_allowed");
    let answer = desk.put("/settings", json!({})).await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET, PATCH"));
    for nowhere in [
        "/conversations",
        "/conversations/1/",
        "/conversation//messages",
        "/Settings",
    ] {
        desk.get(nowhere).await.refused(404, "not_found");
    }
    desk.send(desk.request(Method::GET, "/website"))
        .await
        .refused(405, "method_not_allowed");
    let outside = desk.running.base_url().replace("/v1", "/v2");
    desk.send(desk.client.get(outside)).await.refused(404, "not_found");
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let desk = Desk::new().await;
    assert_eq!(desk.head("/helpdesk").await, 200);
    assert_eq!(desk.head("/helpdesk/locale/en").await, 200);
    assert_eq!(desk.head("/helpdesk/locale/de").await, 404);
    assert_eq!(desk.head("/campaign/5b1c7a90-3e54-4a0d-8f3b-6c2d90a1e001").await, 403);
    let session = with_a_conversation(&desk);
    assert_eq!(desk.head(&format!("/conversation/{session}")).await, 200);
    let domain = |domain: &str| desk.request(Method::HEAD, "/website").query(&[("domain", domain)]);
    assert_eq!(desk.send(domain("acme.example")).await.status, 200);
    assert_eq!(desk.send(domain("nobody.example")).await.status, 404);
    let unknown = desk
        .client
        .head(format!("{}{}", desk.running.base_url(), desk.w("/helpdesk")));
    assert_eq!(desk.send(unknown).await.status, 401);
}
