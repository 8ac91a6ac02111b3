//! Asking an account for access, and tokens.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Answer, Desk, encoded};

const CALLBACK: &str = "http://127.0.0.1:9/callback";
/// The same with a parameter of the app's own.
const BACK: &str = "http://127.0.0.1:9/callback?kept=1";
/// The pair that RFC 7636 gives as its example.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BY_CODE: (&str, &str) = ("grant_type", "authorization_code");

/// The app that is registered, and an account that allows at once what it asks for.
struct App {
    desk: Desk,
    id: String,
    secret: String,
}

impl App {
    async fn new() -> Self {
        let desk = Desk::new().await;
        desk.control().adjust("consent", &json!("acme")).unwrap();
        let app = desk.control().state()["oauth"]["app"].take();
        Self {
            id: app["client_id"].as_str().unwrap().to_owned(),
            secret: app["client_secret"].as_str().unwrap().to_owned(),
            desk,
        }
    }

    /// What an app asks for, with these parameters in place of the usual ones; empty ones are left out.
    async fn ask(&self, changed: &[(&str, &str)]) -> Answer {
        let mut fields = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", BACK),
            ("scope", "openid tickets:read tickets:write offline"),
            ("state", "a b&c"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        fields.extend(changed.iter().copied());
        let fields: Vec<(&str, &str)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let path = format!("/oauth/authorize?{}", encoded(&fields));
        self.desk.send(self.desk.bare(Method::GET, &path)).await
    }

    /// A code for these scopes.
    async fn code(&self, scope: &str) -> String {
        let (address, parameters) = self.ask(&[("scope", scope)]).await.location();
        assert_eq!(address, CALLBACK);
        assert_eq!(
            (parameters["kept"].as_str(), parameters["state"].as_str()),
            ("1", "a b&c")
        );
        parameters["code"].clone()
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let request = self.desk.bare(Method::POST, path);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(encoded(fields))
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let request = self.post("/oauth/token", fields);
        self.desk.send(request.basic_auth(&self.id, Some(&self.secret))).await
    }

    async fn exchange(&self, code: &str) -> Answer {
        let fields = [
            BY_CODE,
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    async fn refresh(&self, token: &Value) -> Answer {
        let token = token.as_str().unwrap();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// A call with an access token.
    async fn get(&self, path: &str, token: &Value) -> Answer {
        let request = self.desk.bare(Method::GET, path);
        self.desk.send(request.bearer_auth(token.as_str().unwrap())).await
    }

    /// The status of a call with an access token.
    async fn call(&self, token: &Value) -> u16 {
        self.get("/api/tickets", token).await.status
    }

    fn adjust(&self, name: &str, value: &Value) {
        self.desk.control().adjust(name, value).unwrap();
    }

    fn requests(&self) -> Value {
        self.desk.control().state()["oauth"]["token_requests"].take()
    }
}

/// The error of a refused token request.
#[track_caller]
fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    answer.json()["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_gives_tokens_once() {
    let app = App::new().await;
    let code = app.code("openid tickets:read offline").await;
    let answer = app.exchange(&code).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let tokens = answer.done(200);
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&json!("Bearer"), &json!(86_400))
    );
    assert_eq!(tokens["scope"], "openid tickets:read offline");
    assert_eq!(app.call(&tokens["access_token"]).await, 200);
    assert_eq!(error(&app.exchange(&code).await, 400), "invalid_grant");
    assert_eq!(
        app.call(&tokens["access_token"]).await,
        401,
        "a code used twice was stolen"
    );
    let counted = json!({"authorization_code": 2, "refresh_token": 0, "refused": 1});
    assert_eq!(app.requests(), counted);
}

#[tokio::test]
async fn a_code_is_good_for_who_asked_and_not_for_long() {
    let app = App::new().await;
    let code = app.code("tickets:read").await;
    let (by_code, back, verifier) = (
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    );
    let other = "A".repeat(43);
    for wrong in [
        vec![BY_CODE, by_code, back],
        vec![BY_CODE, by_code, back, ("code_verifier", other.as_str())],
        vec![BY_CODE, by_code, ("redirect_uri", CALLBACK), verifier],
        vec![BY_CODE, ("code", "code-of-nobody"), back, verifier],
    ] {
        assert_eq!(error(&app.token(&wrong).await, 400), "invalid_grant", "{wrong:?}");
    }
    for (wrong, told) in [
        (
            vec![BY_CODE, by_code, back, ("code_verifier", "short")],
            "invalid_request",
        ),
        (vec![BY_CODE], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
    ] {
        assert_eq!(error(&app.token(&wrong).await, 400), told, "{wrong:?}");
    }
    app.desk.control().advance(Duration::from_secs(11 * 60));
    assert_eq!(error(&app.exchange(&code).await, 400), "invalid_grant");
}

#[tokio::test]
async fn the_app_says_who_it_is_in_one_way() {
    let app = App::new().await;
    let code = app.code("tickets:read").await;
    let mut fields = vec![
        BY_CODE,
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let nobody = app.desk.send(app.post("/oauth/token", &fields)).await;
    assert_eq!(error(&nobody, 401), "invalid_client");
    let wrong = app.post("/oauth/token", &fields).basic_auth(&app.id, Some("wrong"));
    assert_eq!(error(&app.desk.send(wrong).await, 401), "invalid_client");
    fields.extend([("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())]);
    assert_eq!(error(&app.token(&fields).await, 400), "invalid_request", "in two ways");
    let labelled = app.desk.bare(Method::POST, "/oauth/token").json(&json!({"code": code}));
    assert_eq!(error(&app.desk.send(labelled).await, 400), "invalid_request");
    let tokens = app.desk.send(app.post("/oauth/token", &fields)).await.done(200);
    assert_eq!(app.call(&tokens["access_token"]).await, 200);
    let answer = app.desk.send(app.desk.bare(Method::GET, "/oauth/token")).await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn only_what_was_allowed_offline_is_refreshed() {
    let app = App::new().await;
    let tokens = app.exchange(&app.code("tickets:read").await).await.done(200);
    assert_eq!(tokens.get("refresh_token"), None);
    app.adjust("access_token_lifetime", &json!(300));
    let first = app.exchange(&app.code("tickets:read offline").await).await.done(200);
    assert_eq!(first["expires_in"], 300);
    app.desk.control().advance(Duration::from_secs(301));
    assert_eq!(app.call(&first["access_token"]).await, 401);
    assert_eq!(
        app.call(&tokens["access_token"]).await,
        200,
        "it had been made to last a day"
    );
    let second = app.refresh(&first["refresh_token"]).await.done(200);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["refresh_token"], first["refresh_token"], "it does not expire");
    assert_eq!(app.call(&second["access_token"]).await, 200);
    assert_eq!(
        error(&app.refresh(&json!("refresh-of-nobody")).await, 400),
        "invalid_grant"
    );
    let counted = json!({"authorization_code": 2, "refresh_token": 2, "refused": 1});
    assert_eq!(app.requests(), counted);
}

#[tokio::test]
async fn grants_are_revoked_tokens_expire_and_refresh_tokens_rotate_on_demand() {
    let app = App::new().await;
    let first = app.exchange(&app.code("tickets:read offline").await).await.done(200);
    app.adjust("expire_access_tokens", &json!("globex"));
    assert_eq!(app.call(&first["access_token"]).await, 200);
    app.adjust("expire_access_tokens", &json!("acme"));
    assert_eq!(app.call(&first["access_token"]).await, 401);
    app.adjust("rotate_refresh_tokens", &json!(true));
    let second = app.refresh(&first["refresh_token"]).await.done(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(error(&app.refresh(&first["refresh_token"]).await, 400), "invalid_grant");
    let unused = app.code("tickets:read").await;
    app.adjust("revoke_grants", &json!("acme"));
    assert_eq!(app.call(&second["access_token"]).await, 401);
    assert_eq!(
        error(&app.refresh(&second["refresh_token"]).await, 400),
        "invalid_grant"
    );
    assert_eq!(error(&app.exchange(&unused).await, 400), "invalid_grant");
    for (name, value) in [
        ("consent", json!("initech")),
        ("access_token_lifetime", json!(0)),
        ("rotate_refresh_tokens", json!("yes")),
        ("colour", json!("red")),
    ] {
        assert!(app.desk.control().adjust(name, &value).is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_token_opens_what_was_asked_for() {
    let app = App::new().await;
    let tokens = app.exchange(&app.code("tickets:read").await).await.done(200);
    let token = &tokens["access_token"];
    app.get("/api/tickets", token).await.done(200);
    app.get("/api/customers", token).await.refused(403);
    let ticket = app.desk.ticket("Money back for A-20417");
    let change = app.desk.bare(Method::PUT, &format!("/api/tickets/{ticket}"));
    let change = change
        .bearer_auth(token.as_str().unwrap())
        .json(&json!({"priority": "low"}));
    app.desk.send(change).await.refused(403);
}

#[tokio::test]
async fn what_is_wrong_with_asking_is_told_to_the_app() {
    let app = App::new().await;
    for (name, value, told) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "", "invalid_scope"),
        ("scope", "tickets:read everything", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
    ] {
        let (address, parameters) = app.ask(&[(name, value)]).await.location();
        assert_eq!((address.as_str(), parameters["state"].as_str()), (CALLBACK, "a b&c"));
        assert_eq!(parameters["error"], told, "{name}: {value}");
    }
    app.adjust("consent", &json!("deny"));
    let (_, parameters) = app.ask(&[]).await.location();
    assert_eq!(parameters["error"], "access_denied");
    // Nobody is sent to an address that cannot be the app's.
    for wrong in [
        ("client_id", "another-app"),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", "http://elsewhere.example/"),
        ("redirect_uri", ""),
    ] {
        let answer = app.ask(&[wrong]).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{wrong:?}");
    }
}

#[tokio::test]
async fn whoever_looks_at_the_page_decides() {
    let app = App::new().await;
    app.adjust("consent", &json!("ask"));
    let page = app.ask(&[("state", "\"><script>")]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    for part in ["<li>tickets:write</li>", "Allow for acme", "Allow for globex"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("<script>"), "{}", page.text);
    let answered = async |account: &str| {
        let fields = [
            ("response_type", "code"),
            ("client_id", app.id.as_str()),
            ("redirect_uri", BACK),
            ("scope", "account:read"),
            ("account", account),
        ];
        app.desk.send(app.post("/oauth/consent", &fields)).await.location().1
    };
    let code = answered("globex").await["code"].clone();
    let fields = [BY_CODE, ("code", code.as_str()), ("redirect_uri", BACK)];
    let tokens = app.token(&fields).await.done(200);
    let account = app.get("/api/account", &tokens["access_token"]).await;
    assert_eq!(account.done(200)["domain"], "globex");
    assert_eq!(answered("").await["error"], "access_denied");
}
