//! The web console in a real browser, in front of the real program and a simulated helpdesk. What people do is in
//! `tests/clients/console/`; what came of it is looked at from here, without the console.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod story;

use axum::extract::{Request, State};
use axum::response::IntoResponse as _;
use deskhand_tests::browser::Browser;
use deskhand_tests::desk::{Desk, Served, ask, connect, http, with};
use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use story::Story;

/// The program in front of a simulated helpdesk, and a token for all of it.
struct Plane {
    served: Served,
    token: String,
}

impl Plane {
    async fn start(desk: &Desk) -> Self {
        Self::with(&desk.account()).await
    }

    async fn with(environment: &[(String, String)]) -> Self {
        let served = Served::start(environment).await;
        let told = served.stdout.text();
        let token = told.lines().map(str::trim).find(|line| line.starts_with("dh_"));
        let token = token.expect("an empty database has a token printed").to_owned();
        Self { served, token }
    }

    /// The status and the body that the REST API answers.
    async fn ask(&self, token: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let asked = http().request(method, format!("{}{path}", self.served.base()));
        let asked = asked.bearer_auth(token);
        let asked = if body.is_null() { asked } else { asked.json(&body) };
        let answered = asked.send().await.unwrap();
        (answered.status(), answered.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(&self.token, Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        let (status, made) = self.ask(&self.token, Method::POST, path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {made}");
        made
    }

    /// The id of a new account.
    async fn account(&self, desk: &Desk, name: &str) -> String {
        let account = json!({
            "integration": "desk365",
            "name": name,
            "credentials": { "api_key": desk.credential("api_key") },
            "variables": { "subdomain": "acme" },
            "base_url": desk.running.base_url(),
        });
        text(&self.make("/integrated-account", account).await, "id")
    }

    /// The only account that there is.
    async fn only_account(&self) -> Value {
        let accounts = self.get("/integrated-account").await;
        let accounts = accounts["result"].as_array().unwrap();
        assert_eq!(accounts.len(), 1, "{accounts:?}");
        accounts[0].clone()
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member}: {value}"))
        .to_owned()
}

/// The status of an MCP request to an address.
async fn opened(url: &str) -> StatusCode {
    let hello = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    let asked = http().post(url).header("Accept", "application/json, text/event-stream");
    asked.json(&hello).send().await.unwrap().status()
}

#[tokio::test]
async fn an_account_and_its_server_from_beginning_to_end() {
    let desk = Desk::start("desk365").await;
    let plane = Plane::start(&desk).await;
    let given = json!({ "api_key": desk.credential("api_key"), "base_url": desk.running.base_url() });
    let mut story = Story::begin("administration", plane.served.base(), &plane.token, given).await;

    let connected = story.until("connected").await;
    let account = plane.only_account().await;
    assert_eq!(
        (&account["name"], &account["status"]),
        (&connected["name"], &json!("active"))
    );
    assert_eq!(account["base_url"], desk.running.base_url());
    story.go_on().await;
    story.until("renamed").await;
    let account = plane.only_account().await;
    assert_eq!(
        (&account["name"], &account["tenant_id"]),
        (&json!("Acme"), &json!("t-1"))
    );
    assert_eq!(account["variables"], json!({ "subdomain": "acme" }));
    let id = text(&account, "id");
    story.go_on().await;

    let made = story.until("served").await;
    let url = text(&made, "url");
    assert!(url.ends_with(&text(&made, "token")), "{url}");
    let client = connect(&url).await;
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(made["count"], tools.len());
    let tickets = ask(&client, "list_all_desk_365_tickets", json!({ "limit": 30 })).await;
    assert!(tickets["result_count"].as_u64().unwrap() > 0, "{tickets}");
    let servers = format!("/integrated-account/{id}/mcp");
    let listed = plane.get(&servers).await;
    assert_eq!(listed["result"][0]["name"], "Readers");
    assert_eq!(listed["result"][0]["config"]["methods"], json!(["read"]));
    assert_eq!(listed["result"][0]["config"]["tags"], json!(["tickets"]));
    assert_eq!(listed["result"][0]["expires_at"], Value::Null);
    story.go_on().await;

    let turned = text(&story.until("rotated").await, "url");
    assert_eq!(opened(&url).await, StatusCode::NOT_FOUND);
    let client = connect(&turned).await;
    let writing = client.list_all_tools().await.unwrap();
    assert!(writing.len() > tools.len(), "writing was added");
    story.go_on().await;
    story.until("kept").await;
    assert_eq!(opened(&turned).await, StatusCode::OK, "nobody has confirmed");
    story.go_on().await;
    let narrowed = story.until("narrowed").await;
    let server = || async { plane.get(&servers).await["result"][0].take() };
    let shown = server().await;
    let ends: jiff::Timestamp = text(&shown, "expires_at").parse().unwrap();
    assert_eq!(narrowed["ends"], ends.as_millisecond());
    let mut config = json!({
        "methods": ["read", "write"],
        "tags": ["tickets"],
        "require_api_token_auth": true,
        "tool_exposure": "discovery",
        "pinned": { "limit": 30 },
    });
    assert_eq!(shown["config"], config);
    story.go_on().await;
    story.until("widened").await;
    config["methods"] = Value::Null;
    let shown = server().await;
    assert_eq!((&shown["config"], &shown["expires_at"]), (&config, &Value::Null));
    story.go_on().await;
    story.until("deleted").await;
    assert_eq!(opened(&turned).await, StatusCode::NOT_FOUND);
    assert_eq!(plane.get(&servers).await["result"], json!([]));
    story.go_on().await;

    let token = text(&story.until("token made").await, "token");
    let lists = |token: String| {
        let plane = &plane;
        async move {
            plane
                .ask(&token, Method::GET, "/integrated-account", Value::Null)
                .await
                .0
        }
    };
    assert_eq!(lists(token.clone()).await, StatusCode::OK);
    story.go_on().await;
    story.until("token revoked").await;
    assert_eq!(lists(token).await, StatusCode::UNAUTHORIZED);
    story.go_on().await;
    story.until("end").await;
    assert_eq!(plane.get("/integrated-account").await["result"], json!([]));
}

#[tokio::test]
async fn a_token_of_one_account_sees_that_one() {
    let desk = Desk::start("desk365").await;
    let plane = Plane::start(&desk).await;
    let other = plane.account(&desk, "Other").await;
    for number in 1..=50 {
        plane.account(&desk, &format!("Another {number}")).await;
    }
    let own = plane.account(&desk, "Own").await;
    let narrow = json!({ "name": "narrow", "account_id": own });
    let narrow = text(&plane.make("/api-token", narrow).await, "token");
    let given = json!({ "narrow": narrow, "other": other });
    let mut story = Story::begin("narrow", plane.served.base(), &plane.token, given).await;
    story.until("end").await;
    let servers = plane.get(&format!("/integrated-account/{own}/mcp")).await;
    assert_eq!(servers["result"][0]["name"], "Mine");
}

#[tokio::test]
async fn everybody_can_use_it() {
    let desk = Desk::start("desk365").await;
    let plane = Plane::start(&desk).await;
    let account = plane.account(&desk, "Acme").await;
    let server = json!({ "name": "Readers", "config": { "methods": ["read"], "pinned": { "limit": 30 } } });
    let made = plane.make(&format!("/integrated-account/{account}/mcp"), server).await;
    let client = connect(&text(&made, "url")).await;
    ask(&client, "list_all_desk_365_tickets", json!({})).await;
    let given = json!({ "server": made["id"] });
    let mut story = Story::begin("everybody", plane.served.base(), &plane.token, given).await;
    story.until("end").await;
}

#[tokio::test]
async fn an_owner_connects_an_account_by_a_link() {
    let desk = Desk::start("gorgias").await;
    let environment = with(desk.account(), "DESKHAND_GORGIAS_CLIENT_ID", "sample-app");
    let secret = "sample-app-secret-for-the-simulator-only";
    let environment = with(environment, "DESKHAND_GORGIAS_CLIENT_SECRET", secret);
    let plane = Plane::with(&environment).await;
    let given = json!({ "base_url": desk.running.base_url() });
    let mut story = Story::begin("links", plane.served.base(), &plane.token, given).await;
    let mut browser = Browser::new();

    let asked = browser.open(&text(&story.until("link").await, "url")).await;
    let consent = browser.submit(&asked, &[("variable.domain", "acme")]).await;
    let done = browser.submit(&consent, &[("account", "acme")]).await;
    assert!(done.words().contains("Acme is connected."), "{}", done.words());
    let account = plane.only_account().await;
    assert_eq!(account["connected_by"], "oauth2");
    story.go_on().await;

    let consent = browser.open(&text(&story.until("another link").await, "url")).await;
    let done = browser.submit(&consent, &[("account", "acme")]).await;
    assert!(done.words().contains("Acme is connected."), "{}", done.words());
    story.go_on().await;
    story.until("end").await;
    assert_eq!(plane.only_account().await["id"], account["id"]);
}

/// A proxy that has the server below `/base`.
async fn forward(State(server): State<String>, request: Request) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let Some(path) = path.strip_prefix("/base") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let asked = http().request(parts.method, format!("{server}{path}"));
    let answered = asked.headers(parts.headers).body(body).send().await.unwrap();
    let (status, headers) = (answered.status(), answered.headers().clone());
    (status, headers, answered.bytes().await.unwrap()).into_response()
}

#[tokio::test]
async fn a_proxy_may_put_it_below_a_path() {
    let desk = Desk::start("desk365").await;
    let plane = Plane::start(&desk).await;
    plane.account(&desk, "Acme").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/base", listener.local_addr().unwrap());
    let server = plane.served.base().to_owned();
    let proxy = axum::Router::new().fallback(forward).with_state(server);
    tokio::spawn(async move { axum::serve(listener, proxy).await });
    let mut story = Story::begin("below", &base, &plane.token, json!({})).await;
    story.until("end").await;
    let servers = plane.only_account().await;
    let servers = format!("/integrated-account/{}/mcp", text(&servers, "id"));
    assert_eq!(plane.get(&servers).await["result"][0]["name"], "Below");
}
