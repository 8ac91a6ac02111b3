//! An account that its owner connects through OAuth2, and its access that several processes renew once.

use std::time::Duration;

use deskhand_tests::browser::Browser;
use deskhand_tests::desk::{Desk, eventually};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Installation, Replica};

on_both!(
    access_that_has_ended_is_renewed_once_for_all_processes,
    access_that_was_taken_back_is_given_anew_and_the_servers_stay,
);

const PROBE: &str = "get_single_gorgias_account";

/// A simulated helpdesk whose owner says yes at once.
async fn desk() -> Desk {
    let desk = Desk::start("gorgias").await;
    desk.control().adjust("consent", &json!("acme")).unwrap();
    desk
}

/// How often an access token was asked for with a refresh token.
fn renewals(desk: &Desk) -> Value {
    desk.state()["oauth"]["token_requests"]["refresh_token"].clone()
}

/// Makes a link on one process, and follows it as a browser does.
async fn connect(replica: &Replica, token: &str, link: Value) -> String {
    let (status, made) = replica.post(token, "/connect-link", link).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let done = Browser::new().open(made["url"].as_str().unwrap()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.words());
    let (_, accounts) = replica.get(token, "/integrated-account?limit=1").await;
    accounts["result"][0]["id"].as_str().unwrap().to_owned()
}

fn new_account(desk: &Desk) -> Value {
    json!({
        "integration": "gorgias",
        "name": "Acme",
        "variables": { "domain": "acme" },
        "base_url": desk.running.base_url(),
    })
}

async fn run(replica: &Replica, token: &str, account: &str) -> (StatusCode, Value) {
    let path = format!("/integrated-account/{account}/tools/{PROBE}");
    replica.ask(token, Method::POST, &path, Some(json!({}))).await
}

async fn access_that_has_ended_is_renewed_once_for_all_processes(installation: Installation) {
    let desk = desk().await;
    let (one, other, token) = installation.pair().await;
    desk.control().adjust("access_token_lifetime", &json!(1)).unwrap();
    let account = connect(&one, &token, new_account(&desk)).await;
    desk.control().adjust("access_token_lifetime", &json!(86_400)).unwrap();
    // By now the access has ended for both sides.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    desk.control().adjust("expire_access_tokens", &json!("acme")).unwrap();
    desk.control().clear();
    let calls = (0..100).map(|number| {
        let replica = if number % 2 == 0 { &one } else { &other };
        run(replica, &token, &account)
    });
    for (status, told) in join_all(calls).await {
        assert_eq!(status, StatusCode::OK, "{told}");
    }
    assert_eq!(renewals(&desk), 1);
    assert_eq!(desk.control().count("GET", "/api/account"), 100);
}

async fn access_that_was_taken_back_is_given_anew_and_the_servers_stay(installation: Installation) {
    let desk = desk().await;
    let (one, other, token) = installation.pair().await;
    let account = connect(&one, &token, new_account(&desk)).await;
    let path = format!("/integrated-account/{account}/mcp");
    let (status, server) = one
        .post(
            &token,
            &path,
            json!({ "name": "All", "config": { "methods": ["read"] } }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{server}");
    let mcp_token = server["token"].as_str().unwrap();

    desk.control().adjust("revoke_grants", &json!("acme")).unwrap();
    let (status, _) = run(&one, &token, &account).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, told) = run(&one, &token, &account).await;
    assert_eq!(
        (status, &told["code"]),
        (StatusCode::CONFLICT, &json!("needs_reauth")),
        "{told}"
    );
    // The other process knows, and does not ask the helpdesk again.
    desk.control().clear();
    let (status, told) = run(&other, &token, &account).await;
    assert_eq!(
        (status, &told["code"]),
        (StatusCode::CONFLICT, &json!("needs_reauth")),
        "{told}"
    );
    assert_eq!((renewals(&desk), desk.control().requests().len()), (json!(1), 0));
    eventually("both say that it is to be connected again", || async {
        let path = format!("/integrated-account/{account}");
        let shown = [one.get(&token, &path).await.1, other.get(&token, &path).await.1];
        shown
            .iter()
            .all(|shown| shown["status"] == "needs_reauth")
            .then_some(())
    })
    .await;

    let again = connect(&one, &token, json!({ "account_id": account })).await;
    assert_eq!(again, account);
    for replica in [&one, &other] {
        let (status, told) = run(replica, &token, &account).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        assert!(replica.opens(mcp_token).await);
    }
}
