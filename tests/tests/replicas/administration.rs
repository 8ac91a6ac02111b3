//! Accounts and API tokens: what is done on one process holds on the other.

use deskhand_tests::desk::{Desk, eventually};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::installation::Installation;

on_both!(
    a_token_made_on_one_works_on_the_other,
    a_token_made_in_a_shell_works_at_once,
    a_token_revoked_on_one_ends_on_the_other,
    an_account_is_the_same_everywhere,
    a_deleted_account_takes_its_tokens_along,
    of_changes_on_both_none_is_lost,
);

async fn a_token_made_on_one_works_on_the_other(installation: Installation) {
    let (one, other, first) = installation.pair().await;
    for (maker, user) in [(&one, &other), (&other, &one)] {
        let (status, made) = maker.post(&first, "/api-token", json!({ "name": "ci" })).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let token = made["token"].as_str().unwrap();
        assert_eq!(user.get(token, "/integrated-account").await.0, StatusCode::OK);
    }
}

async fn a_token_made_in_a_shell_works_at_once(installation: Installation) {
    let (one, other, _) = installation.pair().await;
    let told = installation.run(&["token", "create", "--name", "script", "--format", "json"]);
    let made: serde_json::Value = serde_json::from_str(&told).unwrap();
    let token = made["token"].as_str().unwrap();
    for replica in [&one, &other] {
        assert_eq!(replica.get(token, "/integrated-account").await.0, StatusCode::OK);
    }
    installation.run(&["token", "revoke", made["id"].as_str().unwrap()]);
    for replica in [&one, &other] {
        ends(replica, token).await;
    }
}

async fn a_token_revoked_on_one_ends_on_the_other(installation: Installation) {
    let (one, other, first) = installation.pair().await;
    let (_, made) = one.post(&first, "/api-token", json!({ "name": "ci" })).await;
    let token = made["token"].as_str().unwrap();
    assert_eq!(other.get(token, "/integrated-account").await.0, StatusCode::OK);
    let path = format!("/api-token/{}", made["id"].as_str().unwrap());
    assert!(one.delete(&first, &path).await.is_success());
    // On the one that was told it is over with the answer.
    assert_eq!(one.get(token, "/integrated-account").await.0, StatusCode::UNAUTHORIZED);
    ends(&other, token).await;
    assert_eq!(other.get(&first, "/integrated-account").await.0, StatusCode::OK);
}

async fn ends(replica: &crate::installation::Replica, token: &str) {
    let refused = eventually("the token is refused", || async {
        let (status, _) = replica.get(token, "/integrated-account").await;
        (status != StatusCode::OK).then_some(status)
    });
    assert_eq!(refused.await, StatusCode::UNAUTHORIZED);
}

async fn an_account_is_the_same_everywhere(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let (one, other, token) = installation.pair().await;
    let id = one.connect(&token, &desk, "Support").await;
    let path = format!("/integrated-account/{id}");
    assert!(one.can_call(&token, &id).await && other.can_call(&token, &id).await);
    // The other has used it already when it is changed.
    let change = json!({ "name": "Help", "credentials": { "api_key": "0123456789abcdef-wrong" } });
    let (status, changed) = one.ask(&token, Method::PATCH, &path, Some(change)).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(other.get(&token, &path).await.1["name"], "Help");
    assert!(!other.can_call(&token, &id).await, "by the credentials that it has now");
    assert_eq!(one.get(&token, &path).await.1["status"], "needs_reauth");
    let change = json!({ "credentials": { "api_key": desk.credential("api_key") } });
    let (status, changed) = other.ask(&token, Method::PATCH, &path, Some(change)).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(one.get(&token, &path).await.1["status"], "active");
    assert!(one.can_call(&token, &id).await);
}

async fn a_deleted_account_takes_its_tokens_along(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let (one, other, token) = installation.pair().await;
    let id = one.connect(&token, &desk, "Support").await;
    let path = format!("/integrated-account/{id}");
    let new = json!({ "name": "customer", "account_id": id });
    let (status, made) = other.post(&token, "/api-token", new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let narrow = made["token"].as_str().unwrap();
    assert_eq!(one.get(narrow, &path).await.0, StatusCode::OK);
    assert!(one.delete(&token, &path).await.is_success());
    assert_eq!(other.get(&token, &path).await.0, StatusCode::NOT_FOUND);
    ends(&other, narrow).await;
    ends(&one, narrow).await;
}

/// Whoever is not told of a conflict has had his way.
async fn of_changes_on_both_none_is_lost(installation: Installation) {
    let desk = Desk::start("desk365").await;
    let (one, other, token) = installation.pair().await;
    let id = one.connect(&token, &desk, "Support").await;
    let path = format!("/integrated-account/{id}");
    for round in 0..8 {
        let (name, tenant) = (format!("name {round}"), format!("tenant {round}"));
        let change = |body| Some(json!(body));
        let renaming = one.ask(&token, Method::PATCH, &path, change(json!({ "name": name })));
        let moving = other.ask(&token, Method::PATCH, &path, change(json!({ "tenant_id": tenant })));
        let ((renamed, _), (moved, _)) = tokio::join!(renaming, moving);
        let (_, account) = one.get(&token, &path).await;
        for (status, kept) in [
            (renamed, account["name"] == name.as_str()),
            (moved, account["tenant_id"] == tenant.as_str()),
        ] {
            match status {
                StatusCode::OK => assert!(kept, "{account}"),
                StatusCode::CONFLICT => assert!(!kept, "{account}"),
                other => panic!("{other}"),
            }
        }
        assert!(renamed == StatusCode::OK || moved == StatusCode::OK);
    }
}
