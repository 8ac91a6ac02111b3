//! Probes, metrics, limits and the description of the API, on a whole installation.

use std::collections::BTreeSet;

use deskhand::control::Options;
use deskhand::http::Settings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::installation::Installation;
use crate::toy::{client, logs, new_account};

#[tokio::test]
async fn a_server_is_ready_as_long_as_its_database_answers() {
    let installation = Installation::start().await;
    let ready = || client().get(format!("{}/readyz", installation.base)).send();
    assert_eq!(ready().await.unwrap().status(), 200);
    installation.store.close().await;
    let refused = loop {
        let answered = ready().await.unwrap();
        if answered.status() != 200 {
            break answered;
        }
    };
    assert_eq!(refused.status(), 503);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["message"], "the database does not answer");
    let live = client()
        .get(format!("{}/healthz", installation.base))
        .send()
        .await
        .unwrap();
    assert_eq!(live.status(), 200, "a new process would find the same database");
}

#[tokio::test]
async fn metrics_are_for_tokens_that_reach_everything() {
    let installation = Installation::start().await;
    let account = installation.control.create_account(new_account()).await.unwrap();
    let (whole, id) = installation.token(None).await;
    let (narrow, _) = installation.token(Some(&account.id)).await;
    let metrics = |token: &str| {
        let sent = client()
            .get(format!("{}/metrics", installation.base))
            .bearer_auth(token);
        sent.header("X-Request-Id", "scrape-1").send()
    };
    for refused in [narrow.as_str(), "dh_nobody"] {
        let answered = metrics(refused).await.unwrap();
        assert_eq!(answered.status(), 401);
        assert!(!answered.text().await.unwrap().contains("deskhand_"));
    }
    let shown = metrics(&whole).await.unwrap();
    assert_eq!(shown.status(), 200);
    let text = shown.text().await.unwrap();
    assert!(
        text.contains(r#"deskhand_http_requests_total{method="GET",route="/metrics",status="401"} 2"#),
        "{text}"
    );
    let logs = logs();
    let noted = logs.lines().any(|line| line.contains("scrape-1") && line.contains(&id));
    assert!(noted, "the token's id is logged");
    assert!(!logs.contains(&whole) && !logs.contains(&narrow) && !logs.contains("dh_nobody"));
}

#[tokio::test]
async fn an_api_token_is_limited_whatever_it_is_used_for() {
    let limit = "3/h".parse().unwrap();
    let installation = Installation::with(Settings::default(), limit, Options::default()).await;
    let (one, _) = installation.token(None).await;
    let (other, _) = installation.token(None).await;
    for path in [
        "/integration",
        "/integrated-account",
        "/no/such/path",
        "/log",
        "/api-token",
    ] {
        let sent = client().get(format!("{}{path}", installation.base)).bearer_auth(&one);
        let answered = sent.send().await.unwrap();
        if path == "/api-token" {
            assert_eq!(answered.status(), 429);
            let wait: u64 = answered.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=1200).contains(&wait), "{wait}");
            let body: Value = answered.json().await.unwrap();
            assert_eq!(
                body,
                json!({
                    "statusCode": 429,
                    "error": "Too Many Requests",
                    "message": "this API token has used up what this Deskhand server allows it: 3 calls an hour",
                    "code": "rate_limited",
                    "origin": "deskhand",
                    "retry_after": wait
                })
            );
        } else {
            assert!(answered.status() != 429, "{path}");
        }
    }
    assert_eq!(installation.get("/log", &other).await.0, 200, "each has its own");
    assert_eq!(installation.get("/log", "dh_nobody").await.0, 401);
}

#[tokio::test]
async fn the_description_and_the_routes_are_the_same() {
    let installation = Installation::start().await;
    let (status, document) = installation.get("/openapi.json", "dh_nobody").await;
    assert_eq!(status, 200, "it is no secret");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let paths = document["paths"].as_object().unwrap();
    for expected in [
        "/integrated-account",
        "/integrated-account/{id}",
        "/log",
        "/readyz",
        "/openapi.json",
    ] {
        assert!(paths.contains_key(expected), "{expected}");
    }
    for (path, item) in paths {
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT] {
            let described = item.get(method.as_str().to_lowercase()).is_some();
            let address = format!("{}{}", installation.base, path.replace(['{', '}'], ""));
            let answered = client().request(method.clone(), address).send().await.unwrap();
            let status = answered.status().as_u16();
            // Pages for people: the console, and those opened by a link, which without one say that there is nothing, each
            // in the same words.
            let is_linked = described && path.starts_with("/connect/");
            let is_page = is_linked || (described && path == "/");
            let is_nothing = is_linked || (described && path == "/console/{file}");
            let kind = answered
                .headers()
                .get("content-type")
                .and_then(|kind| kind.to_str().ok());
            assert_eq!(
                is_page,
                kind == Some("text/html; charset=utf-8"),
                "{method} {path}: {kind:?}"
            );
            assert_eq!(
                status == 404,
                is_nothing,
                "{method} {path}: no unnamed caller learns what there is"
            );
            assert_eq!(status != 405, described, "{method} {path}: {status}");
        }
    }
}

#[test]
fn no_route_of_the_api_is_left_out_of_its_description() {
    fn look(directory: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if std::fs::read_to_string(&path).unwrap().contains(".route(") {
                found.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    look(&source.join("api"), &mut found);
    look(&source.join("http"), &mut found);
    assert_eq!(found, BTreeSet::new(), "`.routes(routes!(...))` adds a route to both");
    look(&source, &mut found);
    assert_eq!(
        found,
        BTreeSet::from(["http.rs".to_owned()]),
        "MCP is no REST and described elsewhere"
    );
}
