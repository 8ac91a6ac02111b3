//! The web console's files: where they are, what they are sent as, and what browsers are told that they may do.

use std::collections::BTreeMap;

use reqwest::Response;
use serde_json::Value;

use crate::installation::Installation;
use crate::toy::{Server, client};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn assert_is_guarded(response: &Response) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("cache-control", "no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(response, name), value, "{name} of {}", response.url());
    }
    assert!(header(response, "etag").starts_with('"'));
}

async fn get(address: String) -> Response {
    client().get(address).send().await.unwrap()
}

/// What stands in quotes after each `mark`.
fn quoted<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap())
}

/// What a page or a module loads, by the path below the console's own address.
fn loaded(name: &str, text: &str) -> Vec<String> {
    if name.is_empty() {
        let named = quoted(text, "href=\"").chain(quoted(text, "src=\""));
        return named.filter(|path| !path.starts_with('#')).map(str::to_owned).collect();
    }
    // A module names others relatively to itself.
    let imported = quoted(text, "from \"");
    imported.map(|path| path.replacen("./", "console/", 1)).collect()
}

#[tokio::test]
async fn all_that_the_page_loads_is_there() {
    let installation = Installation::start().await;
    let mut kinds = BTreeMap::new();
    let mut wanted = vec![String::new()];
    while let Some(path) = wanted.pop() {
        if kinds.contains_key(&path) {
            continue;
        }
        // A proxy may have put everything below a path of its own.
        let is_relative = path.is_empty() || path.starts_with("console/");
        assert!(is_relative, "{path}");
        let answered = get(format!("{}/{path}", installation.base)).await;
        assert_eq!(answered.status(), 200, "{path}");
        assert_is_guarded(&answered);
        let kind = header(&answered, "content-type").to_owned();
        let text = answered.text().await.unwrap();
        wanted.extend(loaded(&path, &text));
        kinds.insert(path, kind);
    }
    assert_eq!(kinds[""], "text/html; charset=utf-8");
    assert_eq!(kinds["console/style.css"], "text/css; charset=utf-8");
    assert_eq!(kinds["console/icon.svg"], "image/svg+xml");
    for module in ["app", "api", "dom", "form", "accounts", "servers"] {
        assert_eq!(kinds[&format!("console/{module}.js")], "text/javascript; charset=utf-8");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_file_is_told_so() {
    let installation = Installation::start().await;
    for path in ["/", "/console/app.js"] {
        let address = format!("{}{path}", installation.base);
        let tag = header(&get(address.clone()).await, "etag").to_owned();
        let again = client()
            .get(&address)
            .header("If-None-Match", &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert_is_guarded(&again);
        assert_eq!(header(&again, "etag"), tag);
        assert_eq!(again.text().await.unwrap(), "");
        let other = client().get(&address).header("If-None-Match", "\"other\"").send();
        assert_eq!(other.await.unwrap().status(), 200, "{path}");
        let head = client().head(&address).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_is_guarded(&head);
    }
}

#[tokio::test]
async fn other_files_are_not_there() {
    let installation = Installation::start().await;
    for path in ["/console/nothing.js", "/console/index.html", "/console/..%2fCargo.toml"] {
        let answered = get(format!("{}{path}", installation.base)).await;
        assert_eq!(answered.status(), 404, "{path}");
        let refusal: Value = answered.json().await.unwrap();
        assert_eq!(refusal["message"], "there is no such file of the console");
    }
    let posted = client().post(format!("{}/", installation.base)).send().await.unwrap();
    assert_eq!(posted.status(), 405);
}

#[tokio::test]
async fn the_console_is_for_hosts_that_the_server_goes_by() {
    let installation = Installation::start().await;
    let asked = |path: &str, name: &str, value: &str| {
        let sent = client().get(format!("{}{path}", installation.base));
        sent.header(name, value).send()
    };
    for path in ["/", "/console/app.js"] {
        let rebound = asked(path, "Host", "evil.example").await.unwrap();
        assert_eq!(rebound.status(), 403, "{path}");
        assert!(!rebound.text().await.unwrap().contains("console"));
        let foreign = asked(path, "Origin", "https://evil.example").await.unwrap();
        assert_eq!(foreign.status(), 403, "{path}");
        let own = asked(path, "Host", "localhost").await.unwrap();
        assert_eq!(own.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn without_a_database_there_is_no_console() {
    let server = Server::start().await;
    for path in ["/", "/console/app.js"] {
        let answered = get(format!("{}{path}", server.base)).await;
        assert_eq!(answered.status(), 404, "{path}");
    }
}
