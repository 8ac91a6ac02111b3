//! A helpdesk whose accounts are connected through OAuth2, played strictly; servers of one installation for it, and a
//! browser.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use deskhand::control::{ControlPlane, Options};
use deskhand::store::sql::SqlStore;
use deskhand::token::Token;
use deskhand::vault::Keyring;
use deskhand_runtime::oauth2::Application;
use deskhand_runtime::operation::{AuthPart, ErrorRules, Integration, LimitRules, OAuth2, Scheme, Setting};
use deskhand_runtime::shape::Form as TextForm;
use deskhand_test_postgres::databases::Database;
use http::HeaderMap;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::plane::{DESK, Plane};
use crate::toy::{LIST, LOOK, capture_logs, client};

const CLIENT_ID: &str = "client:1";

const fn credential(name: &'static str) -> Setting {
    Setting {
        name,
        title: "A credential",
        help: "It is under the lid.",
        form: TextForm::Any,
        one_of: &[],
        secret: true,
        optional: true,
        example: "",
        default: "",
        strip: &[],
    }
}

pub(crate) static BRONZE: Integration = BRONZE_DESK;

/// The same helpdesk, whose accounts are tested with something that is no tool.
static QUIET: Integration = Integration {
    slug: "quiet-desk",
    probe: Some(&LOOK),
    ..BRONZE_DESK
};

const BRONZE_DESK: Integration = Integration {
    slug: "bronze-desk",
    title: "Bronze & Desk",
    base_url: "https://{subdomain}.bronze.example/api",
    variables: &[Setting {
        title: "Sub<domain>",
        example: "acme",
        strip: &["https://", ".bronze.example"],
        form: TextForm::Label,
        secret: false,
        optional: false,
        ..credential("subdomain")
    }],
    credentials: &[credential("access_token"), credential("api_key")],
    schemes: &[
        Scheme {
            name: "oauth2",
            needs: &["access_token"],
            parts: &[AuthPart::Bearer("{access_token}")],
            oauth2: Some(&OAuth2 {
                authorize_url: "https://{subdomain}.bronze.example/oauth/authorize",
                token_url: "https://{subdomain}.bronze.example/oauth/token",
                scopes: &["offline", "things:read"],
                basic_client: true,
                pkce: true,
            }),
        },
        Scheme {
            name: "api_key",
            needs: &["api_key"],
            parts: &[AuthPart::Bearer("{api_key}")],
            oauth2: None,
        },
    ],
    doc: "A helpdesk of bronze.",
    documentation: "",
    headers: &[],
    limits: LimitRules {
        remaining: None,
        limit: None,
        reset: None,
        used_of_limit: None,
        retry_after: None,
        throttle_statuses: &[429],
        quota_statuses: &[],
        doc: "",
    },
    errors: ErrorRules {
        code: &[],
        message: &["/message"],
        failure_flag: None,
        hints: &[],
    },
    probe: Some(&LIST),
    dynamic_fields: &[],
    tags: &[("play", "Things to play with.")],
    operations: &[&LIST],
};

static INTEGRATIONS: [&Integration; 3] = [&BRONZE, &QUIET, &DESK];

struct Code {
    redirect: String,
    challenge: String,
}

/// Which answers to refreshes are held back.
#[derive(Default)]
struct Gate {
    closed: bool,
    /// Numbers of those that may go nevertheless.
    open: Vec<usize>,
}

/// What the helpdesk does, and what it has seen.
pub(crate) struct Stage {
    pub(crate) client_secret: String,
    /// How long access tokens last, as they say.
    pub(crate) expires_in: AtomicU64,
    /// Answers of the token address when it is not 200.
    pub(crate) token_status: AtomicU16,
    /// The error that goes with them.
    pub(crate) token_error: Mutex<&'static str>,
    /// How the person refuses.
    pub(crate) denial: Mutex<Option<&'static str>>,
    pub(crate) exchanges: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) calls: AtomicUsize,
    codes: Mutex<HashMap<String, Code>>,
    /// Access tokens that open it.
    access: Mutex<Vec<String>>,
    /// Access tokens that were given before stay good.
    keeps_all: AtomicBool,
    /// Refreshes whose answer is settled.
    decided: AtomicUsize,
    gate: watch::Sender<Gate>,
    /// It refuses every access token.
    refuses: AtomicBool,
    refresh: Mutex<Option<String>>,
    /// All that nobody else may see.
    pub(crate) secrets: Mutex<Vec<String>>,
}

/// A helpdesk.
pub(crate) struct BronzeVendor {
    pub(crate) origin: String,
    pub(crate) state: Arc<Stage>,
}

impl Stage {
    fn secret(&self, kind: &str) -> String {
        let secret = format!("{kind}-{}", &Token::random().unwrap().reveal()[3..]);
        self.secrets.lock().unwrap().push(secret.clone());
        secret
    }

    fn tokens(&self) -> Response {
        let (access, refresh) = (self.secret("access"), self.secret("refresh"));
        {
            let mut known = self.access.lock().unwrap();
            if !self.keeps_all.load(Ordering::SeqCst) {
                known.clear();
            }
            known.push(access.clone());
        }
        *self.refresh.lock().unwrap() = Some(refresh.clone());
        let expires_in = self.expires_in.load(Ordering::SeqCst);
        let body = json!({
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": expires_in,
        });
        Json(body).into_response()
    }

    /// The helpdesk forgets the access token before its time.
    pub(crate) fn revoke(&self) {
        self.access.lock().unwrap().clear();
    }

    /// From now on access tokens stay good when others are given.
    pub(crate) fn keep_all(&self) {
        self.keeps_all.store(true, Ordering::SeqCst);
    }

    /// Holds the answers to refreshes back from now on; what they are is settled when they are asked.
    pub(crate) fn hold(&self) {
        self.gate.send_modify(|gate| gate.closed = true);
    }

    /// Lets one answer go, counted from 1.
    pub(crate) fn let_go(&self, number: usize) {
        self.gate.send_modify(|gate| gate.open.push(number));
    }

    /// Waits until the answers of so many refreshes are settled.
    pub(crate) async fn decided(&self, number: usize) {
        while self.decided.load(Ordering::SeqCst) < number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// It refuses access tokens, also those that it gives.
    pub(crate) fn revoke_all(&self) {
        self.refuses.store(true, Ordering::SeqCst);
    }

    /// It does not any more.
    pub(crate) fn accept_all(&self) {
        self.refuses.store(false, Ordering::SeqCst);
    }
}

type Shared = State<Arc<Stage>>;
type Fields = HashMap<String, String>;

/// The fields of a form.
fn fields(body: &str) -> Fields {
    let uri = format!("/?{body}").parse().unwrap();
    Query::<Fields>::try_from_uri(&uri).unwrap().0
}

async fn authorize(State(vendor): Shared, Query(query): Query<Fields>) -> Response {
    let known = [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ];
    assert!(query.keys().all(|name| known.contains(&name.as_str())), "{query:?}");
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], CLIENT_ID);
    assert_eq!(query["scope"], "offline things:read");
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(query["state"].len() >= 32);
    vendor.secrets.lock().unwrap().push(query["state"].clone());
    let answer = match *vendor.denial.lock().unwrap() {
        Some(denial) => denial.to_owned(),
        None => {
            let code = vendor.secret("code");
            let given = Code {
                redirect: query["redirect_uri"].clone(),
                challenge: query["code_challenge"].clone(),
            };
            vendor.codes.lock().unwrap().insert(code.clone(), given);
            format!("code={code}")
        }
    };
    let location = format!("{}?{answer}&state={}", query["redirect_uri"], query["state"]);
    (StatusCode::FOUND, [("location", location)]).into_response()
}

async fn token(State(vendor): Shared, headers: HeaderMap, body: String) -> Response {
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let form = fields(&body);
    // RFC 6749, section 2.3.1: id and secret are encoded as in forms.
    let pair = STANDARD.encode(format!("client%3A1:{}", vendor.client_secret));
    if headers["authorization"] != format!("Basic {pair}") {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let is_refresh = form["grant_type"] == "refresh_token";
    let counter = if is_refresh {
        &vendor.refreshes
    } else {
        &vendor.exchanges
    };
    let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
    // Long enough for all to ask who would ask.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let answer = decide(&vendor, &form, is_refresh);
    if is_refresh {
        vendor.decided.fetch_add(1, Ordering::SeqCst);
        let mut gate = vendor.gate.subscribe();
        let may_go = |gate: &Gate| !gate.closed || gate.open.contains(&number);
        drop(gate.wait_for(may_go).await.unwrap());
    }
    answer
}

fn decide(vendor: &Stage, form: &Fields, is_refresh: bool) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let status = vendor.token_status.load(Ordering::SeqCst);
    if status != 200 {
        let error = *vendor.token_error.lock().unwrap();
        if error.is_empty() {
            // As of a gateway.
            return (StatusCode::from_u16(status).unwrap(), "<html><h1>No</h1></html>").into_response();
        }
        return (StatusCode::from_u16(status).unwrap(), Json(json!({ "error": error }))).into_response();
    }
    if is_refresh {
        let current = vendor.refresh.lock().unwrap().take();
        return match current {
            Some(current) if current == form["refresh_token"] => vendor.tokens(),
            _ => refused("invalid_grant"),
        };
    }
    assert_eq!(form["grant_type"], "authorization_code");
    let Some(code) = vendor.codes.lock().unwrap().remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if code.redirect != form["redirect_uri"] || code.challenge != challenge {
        return refused("invalid_grant");
    }
    vendor.tokens()
}

async fn things(State(vendor): Shared, headers: HeaderMap) -> Response {
    vendor.calls.fetch_add(1, Ordering::SeqCst);
    let known = vendor.access.lock().unwrap().clone();
    let given = headers["authorization"].to_str().unwrap();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    if !vendor.refuses.load(Ordering::SeqCst) && known.iter().any(|token| token == given) {
        return Json(json!({ "name": "a thing" })).into_response();
    }
    (StatusCode::UNAUTHORIZED, Json(json!({ "message": "who are you?" }))).into_response()
}

impl BronzeVendor {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Stage {
            client_secret: format!("client-secret-{}", &Token::random().unwrap().reveal()[3..]),
            expires_in: AtomicU64::new(3600),
            token_status: AtomicU16::new(200),
            token_error: Mutex::new(""),
            denial: Mutex::default(),
            exchanges: AtomicUsize::new(0),
            refreshes: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            codes: Mutex::default(),
            access: Mutex::default(),
            keeps_all: AtomicBool::default(),
            decided: AtomicUsize::new(0),
            gate: watch::Sender::default(),
            refuses: AtomicBool::default(),
            refresh: Mutex::default(),
            secrets: Mutex::default(),
        });
        state.secrets.lock().unwrap().push(state.client_secret.clone());
        let router = Router::new()
            .route("/oauth/authorize", axum::routing::get(authorize))
            .route("/oauth/token", axum::routing::post(token))
            .route("/api/things", axum::routing::get(things))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, state }
    }

    pub(crate) fn expires_in(&self, seconds: u64) {
        self.state.expires_in.store(seconds, Ordering::SeqCst);
    }

    /// What the token address answers from now on.
    pub(crate) fn token_answers(&self, status: u16, error: &'static str) {
        *self.state.token_error.lock().unwrap() = error;
        self.state.token_status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.state.refreshes.load(Ordering::SeqCst)
    }

    pub(crate) fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn options(&self) -> Options {
        let application = Application {
            client_id: CLIENT_ID.to_owned(),
            client_secret: self.state.client_secret.clone().into(),
        };
        Options {
            applications: [&BRONZE, &QUIET]
                .map(|integration| (integration.slug.to_owned(), application.clone()))
                .into(),
            ..Options::default()
        }
    }
}

/// What several processes of one installation share, on either database.
pub(crate) struct Home {
    directory: TempDir,
    database: Option<Database>,
}

impl Home {
    pub(crate) fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        Keyring::read_or_create(&directory.path().join("master.key")).unwrap();
        Self {
            directory,
            database: None,
        }
    }

    pub(crate) async fn postgres() -> Self {
        Self {
            database: Some(Database::create().await),
            ..Self::sqlite()
        }
    }

    fn url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite:{}/deskhand.db", self.directory.path().display()),
        }
    }

    pub(crate) fn keyring(&self) -> Keyring {
        Keyring::read(&self.directory.path().join("master.key")).unwrap()
    }

    /// Everything that is in the files of an SQLite database.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let database = files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("deskhand.db"));
        database.flat_map(|file| std::fs::read(file).unwrap()).collect()
    }

    /// One process.
    pub(crate) async fn plane(&self, options: Options) -> Plane {
        Plane::of(self.control(options).await).await
    }

    /// One more process behind the name of another.
    pub(crate) async fn plane_beside(&self, other: &Plane, options: Options) -> Plane {
        Plane::behind(self.control(options).await, Some(&other.base)).await
    }

    async fn control(&self, options: Options) -> Arc<ControlPlane> {
        capture_logs();
        let store = Arc::new(SqlStore::open(&self.url()).await.unwrap());
        let opened = ControlPlane::open(&INTEGRATIONS, store, Arc::new(self.keyring()), options);
        opened.await.unwrap()
    }

    async fn connection(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url()).await.unwrap()
    }

    /// Does something past the program.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.connection().await;
        let changed = connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        assert!(changed.rows_affected() > 0, "{sql}");
        connection.close().await.unwrap();
    }

    /// Changes what the database looks like past the program.
    pub(crate) async fn alter(&self, sql: &str) {
        let mut connection = self.connection().await;
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let mut connection = self.connection().await;
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let row = sqlx::query(sql).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.get(0)
    }
}

/// A page as a browser gets it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The cookie that it sets, as it is sent back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// Opens an address, and follows no redirect.
pub(crate) async fn open(url: &str, cookie: Option<&str>) -> Seen {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let browser = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = browser.get(url);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let answered = request.send().await.unwrap();
    Seen {
        status: answered.status(),
        headers: answered.headers().clone(),
        text: answered.text().await.unwrap(),
    }
}

/// A link for an account that is called at this helpdesk.
pub(crate) fn invitation(vendor: &BronzeVendor) -> Value {
    json!({
        "integration": BRONZE.slug,
        "name": "Acme <b>",
        "variables": { "subdomain": "acme" },
        "base_url": format!("{}/api", vendor.origin),
    })
}

/// Makes a link.
pub(crate) async fn link(plane: &Plane, body: Value) -> String {
    let (status, link) = plane.post("/connect-link", body).await;
    assert_eq!(status, 201, "{link}");
    link["url"].as_str().unwrap().to_owned()
}

/// Goes the whole way from the link to the last page.
pub(crate) async fn follow(link: &str) -> Seen {
    let started = open(link, None).await;
    assert_eq!(started.status, 303, "{}", started.text);
    let cookie = started.cookie();
    let agreed = open(started.location(), None).await;
    assert_eq!(agreed.status, 302);
    open(agreed.location(), Some(&cookie)).await
}

/// Connects an account and gives its id.
pub(crate) async fn connected(plane: &Plane, vendor: &BronzeVendor) -> String {
    connected_by(plane, invitation(vendor)).await
}

/// Connects an account of a helpdesk whose accounts are tested with something that is no tool.
pub(crate) async fn connected_quietly(plane: &Plane, vendor: &BronzeVendor) -> String {
    let mut body = invitation(vendor);
    body["integration"] = json!(QUIET.slug);
    connected_by(plane, body).await
}

async fn connected_by(plane: &Plane, body: Value) -> String {
    let done = follow(&link(plane, body).await).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let (_, accounts) = plane.get("/integrated-account?limit=1").await;
    accounts["result"][0]["id"].as_str().unwrap().to_owned()
}

/// Calls a tool over MCP, at the address of an MCP server.
pub(crate) async fn call_at(url: &str) -> Value {
    let params = json!({ "name": "list_all_toy_things", "arguments": {} });
    let answered = client()
        .post(url)
        .header("Accept", "application/json, text/event-stream")
        .json(&crate::toy::request("tools/call", params))
        .send()
        .await
        .unwrap();
    answered.json().await.unwrap()
}
