//! A control plane on a database of its own, its REST API on a real socket, and a helpdesk whose API a test plays.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use deskhand::api::Api;
use deskhand::call::{Caller, Calls, Door};
use deskhand::control::{ControlPlane, Options, Records};
use deskhand::http::{self, Doors, Settings};
use deskhand::quota::{Limit, Quotas};
use deskhand::scope::Offer;
use deskhand::store::sql::SqlStore;
use deskhand::vault::Keyring;
use deskhand_runtime::operation::{AuthPart, ErrorRules, Integration, LimitRules, Scheme, Setting};
use deskhand_runtime::shape::Form;
use deskhand_runtime::tool::ToolOutcome;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::toy::{CREATE, LIST, TOY, capture_logs, client};

const fn setting(name: &'static str, form: Form, secret: bool, optional: bool) -> Setting {
    Setting {
        name,
        title: "A setting",
        help: "It is under the lid.",
        form,
        one_of: &[],
        secret,
        optional,
        example: "",
        default: "",
        strip: &[],
    }
}

/// A helpdesk with two ways to authenticate and everything that a setting can ask for.
pub(crate) static DESK: Integration = Integration {
    slug: "brass-desk",
    title: "Brass Desk",
    doc: "A helpdesk of brass.",
    documentation: "https://brass.example/docs",
    base_url: "https://{subdomain}.{region}.brass.example/api",
    variables: &[
        Setting {
            strip: &["https://", ".brass.example"],
            example: "acme",
            ..setting("subdomain", Form::Label, false, false)
        },
        Setting {
            one_of: &["eu", "us"],
            default: "eu",
            ..setting("region", Form::Any, false, true)
        },
    ],
    credentials: &[
        Setting {
            strip: &["Bearer "],
            ..setting("api_key", Form::Any, true, true)
        },
        setting("email", Form::Email, false, true),
        setting("password", Form::Any, true, true),
    ],
    schemes: &[
        Scheme {
            name: "api_key",
            needs: &["api_key"],
            parts: &[AuthPart::Bearer("{api_key}")],
            oauth2: None,
        },
        Scheme {
            name: "login",
            needs: &["email", "password"],
            parts: &[AuthPart::Basic {
                username: "{email}",
                password: "{password}",
            }],
            oauth2: None,
        },
    ],
    headers: &[],
    limits: LimitRules {
        remaining: Some("X-Left"),
        limit: None,
        reset: None,
        used_of_limit: None,
        retry_after: Some("Retry-After"),
        throttle_statuses: &[429],
        quota_statuses: &[],
        doc: "Ten calls an hour.",
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
    operations: &[&LIST, &CREATE],
};

static INTEGRATIONS: [&Integration; 2] = [&DESK, &TOY];

/// Plays the API of a helpdesk: answers with the status it is told, and keeps what it was asked.
pub(crate) struct Vendor {
    pub(crate) base_url: String,
    status: Arc<AtomicU16>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request to a helpdesk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: String,
}

impl Vendor {
    pub(crate) async fn start() -> Self {
        let (status, asked) = (Arc::new(AtomicU16::new(200)), Arc::new(Mutex::new(Vec::new())));
        let (told, kept) = (Arc::clone(&status), Arc::clone(&asked));
        let answer = move |request: axum::extract::Request| {
            let header = request.headers().get("authorization");
            let authorization = header.map_or("", |value| value.to_str().unwrap()).to_owned();
            let path = request.uri().to_string();
            kept.lock().unwrap().push(Asked { path, authorization });
            let status = StatusCode::from_u16(told.load(Ordering::SeqCst)).unwrap();
            let body = json!({ "message": format!("the helpdesk says {status}"), "customer": "said-by-a-customer" });
            async move { (status, [("x-left", "7")], axum::Json(body)) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            base_url,
            status,
            asked,
        }
    }

    /// One whose API somebody else plays.
    pub(crate) fn at(base_url: String) -> Self {
        Self {
            base_url,
            status: Arc::default(),
            asked: Arc::default(),
        }
    }

    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// What several processes of one installation share.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let place = Self { directory };
        Keyring::read_or_create(&place.key_file()).unwrap();
        place
    }

    pub(crate) fn key_file(&self) -> std::path::PathBuf {
        self.directory.path().join("master.key")
    }

    pub(crate) fn database(&self) -> String {
        self.directory.path().join("deskhand.db").to_str().unwrap().to_owned()
    }

    /// Everything that is in the files of the database.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let database = files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("deskhand.db"));
        database.flat_map(|file| std::fs::read(file).unwrap()).collect()
    }

    /// Does something past the program.
    pub(crate) async fn execute(&self, sql: &str) {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&format!("sqlite:{}", self.database()))
            .await
            .unwrap();
        let changed = connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        assert!(changed.rows_affected() > 0, "{sql}");
        connection.close().await.unwrap();
    }

    /// The control plane as one process has it.
    pub(crate) async fn control(&self, options: Options) -> Arc<ControlPlane> {
        capture_logs();
        let store = SqlStore::open(&self.database()).await.unwrap();
        let keyring = Keyring::read(&self.key_file()).unwrap();
        let opened = ControlPlane::open(&INTEGRATIONS, Arc::new(store), Arc::new(keyring), options);
        opened.await.unwrap()
    }
}

/// A process that serves the REST API; it stops when dropped.
pub(crate) struct Plane {
    pub(crate) control: Arc<ControlPlane>,
    pub(crate) calls: Calls,
    pub(crate) base: String,
    /// An API token that reaches everything.
    pub(crate) admin: String,
    stop: CancellationToken,
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Plane {
    pub(crate) async fn start(place: &Place) -> Self {
        Self::with(place, Options::default()).await
    }

    pub(crate) async fn with(place: &Place, options: Options) -> Self {
        Self::of(place.control(options).await).await
    }

    /// One that serves this.
    pub(crate) async fn of(control: Arc<ControlPlane>) -> Self {
        Self::behind(control, None).await
    }

    /// One that others reach at this address, as processes behind one name; at its own when `None`.
    pub(crate) async fn behind(control: Arc<ControlPlane>, public_url: Option<&str>) -> Self {
        let new = deskhand::control::api_tokens::NewApiToken {
            name: "admin".to_owned(),
            ..Default::default()
        };
        let (_, admin) = control.create_api_token(new).await.unwrap();
        let calls = Calls::watched(vec![Arc::new(Records(Arc::clone(&control)))]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings::default();
        let doors = Doors {
            directory: Arc::clone(&control) as _,
            calls: calls.clone(),
            api: Some(Api {
                control: Arc::clone(&control),
                calls: calls.clone(),
                quotas: Arc::new(Quotas::new(Limit::NONE, Limit::NONE)),
                public_url: public_url.unwrap_or(&base).parse().unwrap(),
                cut_off: settings.cut_off.clone(),
            }),
        };
        let router = http::router(doors, &settings);
        let stop = CancellationToken::new();
        tokio::spawn(Arc::clone(&control).run(stop.clone()));
        tokio::spawn(http::serve(listener, router, settings, stop.clone().cancelled_owned()));
        Self {
            control,
            calls,
            base,
            admin: admin.reveal().to_owned(),
            stop,
        }
    }

    /// A request with the token that reaches everything.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_as(&self.admin, method, path)
    }

    pub(crate) fn request_as(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        client()
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Connects an account and gives its id.
    pub(crate) async fn connect(&self, name: &str, vendor: &Vendor, api_key: &str) -> String {
        let body = json!({
            "integration": DESK.slug,
            "name": name,
            "credentials": { "api_key": api_key },
            "variables": { "subdomain": "acme" },
            "base_url": vendor.base_url,
        });
        let (status, account) = self.post("/integrated-account", body).await;
        assert_eq!(status, 201, "{account}");
        account["id"].as_str().unwrap().to_owned()
    }

    /// Calls a tool with an account, as any door does.
    pub(crate) async fn call(&self, account: &str) -> ToolOutcome {
        let access = self.control.account_access(account, &Offer::default()).await.unwrap();
        let caller = Caller::unnamed(Door::Run);
        let gone = std::future::pending();
        self.calls
            .call(&access, caller, "list_all_toy_things", Map::new(), gone)
            .await
    }

    /// The status of an account, when it has become this one.
    pub(crate) async fn becomes(&self, account: &str, status: &str) {
        for _ in 0..600 {
            if self.control.account(account).await.unwrap().status.word() == status {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the account does not become {status}");
    }
}

/// Status and body of the answer.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let answered = request.send().await.unwrap();
    let status = answered.status();
    let body = answered.bytes().await.unwrap();
    let value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    (status, value)
}
