//! An account that its owner connects through OAuth2, and its access that several processes renew once.

use std::time::Duration;

use deskhand_tests::desk::Desk;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header};
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

/// How often tokens were asked for, by the kind of grant.
fn asked(desk: &Desk, kind: &str) -> usize {
    let bodies = desk.control().requests();
    let to_token = bodies.iter().filter(|request| request.path == "/oauth/token");
    to_token
        .filter(|request| String::from_utf8_lossy(&request.body).contains(&format!("grant_type={kind}")))
        .count()
}

/// Makes a link on one process, and follows it as a browser does: the way there on this process, the way back on `back`.
async fn connect(there: &Replica, back: &Replica, token: &str, link: Value) -> String {
    let (status, made) = there.post(token, "/connect-link", link).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = made["url"].as_str().unwrap();
    let sent = browser.get(url).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{}", sent.text().await.unwrap());
    let cookie = sent.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let to_vendor = sent.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let agreed = browser.get(&to_vendor).send().await.unwrap();
    assert!(agreed.status().is_redirection(), "{}", agreed.text().await.unwrap());
    let returns = agreed.headers()[header::LOCATION].to_str().unwrap();
    // The address is that of the first process; behind one name, another may answer.
    let path = returns.strip_prefix(&there.url("")).unwrap();
    let done = browser
        .get(back.url(path))
        .header(header::COOKIE, cookie.split(';').next().unwrap())
        .send()
        .await
        .unwrap();
    let (status, page) = (done.status(), done.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{page}");
    let (_, accounts) = back.get(token, "/integrated-account?limit=1").await;
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
    let account = connect(&one, &other, &token, new_account(&desk)).await;
    desk.control().adjust("access_token_lifetime", &json!(86_400)).unwrap();
    // The first access has ended for sure.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    desk.control().clear();
    let calls = (0..100).map(|number| {
        let replica = if number % 2 == 0 { &one } else { &other };
        run(replica, &token, &account)
    });
    for (status, told) in join_all(calls).await {
        assert_eq!(status, StatusCode::OK, "{told}");
    }
    assert_eq!(asked(&desk, "refresh_token"), 1);
    assert_eq!(desk.control().count("GET", "/api/account"), 100);
}

async fn access_that_was_taken_back_is_given_anew_and_the_servers_stay(installation: Installation) {
    let desk = desk().await;
    let (one, other, token) = installation.pair().await;
    let account = connect(&one, &one, &token, new_account(&desk)).await;
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
    assert!(
        [StatusCode::CONFLICT, StatusCode::UNAUTHORIZED].contains(&status),
        "{told}"
    );
    let (_, shown) = other.get(&token, &format!("/integrated-account/{account}")).await;
    assert_eq!(shown["status"], "needs_reauth");

    let again = connect(&one, &other, &token, json!({ "account_id": account })).await;
    assert_eq!(again, account);
    for replica in [&one, &other] {
        let (status, told) = run(replica, &token, &account).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        assert!(replica.opens(mcp_token).await);
    }
}
