//! Getting access as an app.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Desk;

const BACK: &str = "http://127.0.0.1:9/callback?kept=1";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct App {
    id: String,
    secret: String,
}

fn app(desk: &Desk) -> App {
    let app = desk.control().state()["oauth"]["app"].clone();
    let text = |name: &str| app[name].as_str().unwrap().to_owned();
    App {
        id: text("client_id"),
        secret: text("client_secret"),
    }
}

/// Where the page leads with these changes of a good request.
async fn authorize(desk: &Desk, changes: &[(&str, &str)]) -> (u16, String) {
    let app = app(desk);
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", app.id.as_str()),
        ("redirect_uri", BACK),
        ("scope", "tickets:read offline"),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        query.retain(|(known, _)| known != name);
        query.push((name, value));
    }
    let answer = desk
        .send(desk.bare(Method::GET, "/oauth/authorize").query(&query))
        .await;
    (answer.status, answer.header("location").unwrap_or_default().to_owned())
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(location).unwrap();
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

async fn token(desk: &Desk, form: &[(&str, &str)]) -> (u16, Value) {
    let app = app(desk);
    let request = desk
        .bare(Method::POST, "/oauth/token")
        .basic_auth(app.id, Some(app.secret));
    let body = form.iter().map(|(name, value)| {
        format!(
            "{name}={}",
            value
                .replace(':', "%3A")
                .replace('/', "%2F")
                .replace('?', "%3F")
                .replace('=', "%3D")
        )
    });
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = desk.send(request.body(body.collect::<Vec<_>>().join("&"))).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn an_app_gets_access_and_refreshes_it() {
    let desk = Desk::new().await;
    desk.control().adjust("consent", &json!("globex")).unwrap();
    let (status, location) = authorize(&desk, &[]).await;
    assert_eq!(status, 302);
    assert!(
        location.starts_with("http://127.0.0.1:9/callback?kept=1&code="),
        "{location}"
    );
    assert_eq!(parameter(&location, "state").as_deref(), Some("a b&c"));
    let code = parameter(&location, "code").unwrap();
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let (status, refused) = token(&desk, &[good[0], good[1], good[2], ("code_verifier", CHALLENGE)]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    let (status, issued) = token(&desk, &good).await;
    assert_eq!(
        (status, &issued["token_type"], &issued["expires_in"]),
        (200, &json!("Bearer"), &json!(86_400))
    );
    let with = async |token: &Value, path: &str| {
        let request = desk.bare(Method::GET, path).bearer_auth(token.as_str().unwrap());
        desk.send(request).await
    };
    with(&issued["access_token"], "/api/tickets").await.done(200);
    with(&issued["access_token"], "/api/customers").await.refused(403);
    desk.control().advance(Duration::from_secs(86_401));
    with(&issued["access_token"], "/api/tickets").await.refused(401);
    let refresh = issued["refresh_token"].as_str().unwrap();
    let (_, again) = token(&desk, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    with(&again["access_token"], "/api/tickets").await.done(200);
    desk.control().adjust("revoke_grants", &json!("globex")).unwrap();
    with(&again["access_token"], "/api/tickets").await.refused(401);
    let (status, _) = token(&desk, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(status, 400);
    let counted = &desk.control().state()["oauth"]["token_requests"];
    assert_eq!(
        *counted,
        json!({"authorization_code": 2, "refresh_token": 2, "refused": 2})
    );
}

#[tokio::test]
async fn a_code_is_good_once() {
    let desk = Desk::new().await;
    desk.control().adjust("consent", &json!("acme")).unwrap();
    desk.control().adjust("access_token_lifetime", &json!(60)).unwrap();
    let (_, location) = authorize(&desk, &[("scope", "tickets:read")]).await;
    let code = parameter(&location, "code").unwrap();
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let (_, issued) = token(&desk, &good).await;
    assert_eq!(
        (&issued["expires_in"], &issued["refresh_token"]),
        (&json!(60), &Value::Null),
        "not offline"
    );
    assert_eq!(token(&desk, &good).await.0, 400);
}

#[tokio::test]
async fn wrong_requests_are_told_to_whom_they_concern() {
    let desk = Desk::new().await;
    desk.control().adjust("consent", &json!("acme")).unwrap();
    for (name, value) in [
        ("client_id", "other"),
        ("redirect_uri", "ftp://x"),
        ("redirect_uri", "http://elsewhere.example/"),
    ] {
        assert_eq!(
            authorize(&desk, &[(name, value)]).await,
            (400, String::new()),
            "{value}: never redirected to a stranger"
        );
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "everything", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
    ] {
        let (status, location) = authorize(&desk, &[(name, value)]).await;
        assert_eq!((status, parameter(&location, "error").as_deref()), (302, Some(error)));
    }
    desk.control().adjust("consent", &json!("deny")).unwrap();
    let (_, location) = authorize(&desk, &[]).await;
    assert_eq!(parameter(&location, "error").as_deref(), Some("access_denied"));
    let request = desk
        .bare(Method::POST, "/oauth/token")
        .basic_auth("sample-app", Some("wrong"));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=refresh_token&refresh_token=x");
    let answer = desk.send(request).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (401, &json!("invalid_client"))
    );
    for (name, value) in [
        ("consent", json!("nobody")),
        ("access_token_lifetime", json!(0)),
        ("colour", json!("red")),
    ] {
        assert!(desk.control().adjust(name, &value).is_err(), "{name}");
    }
}

#[tokio::test]
async fn whoever_looks_at_the_page_decides() {
    let desk = Desk::new().await;
    let app = app(&desk);
    let query = [
        ("response_type", "code"),
        ("client_id", &app.id),
        ("redirect_uri", BACK),
        ("scope", "tickets:read"),
        ("state", "\"><script>"),
    ];
    let page = desk
        .send(desk.bare(Method::GET, "/oauth/authorize").query(&query))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Allow for acme") && page.text.contains("Allow for globex"));
    assert!(!page.text.contains("<script>"), "{}", page.text);
}
