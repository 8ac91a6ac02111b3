//! One installation with one helpdesk and one account of it, on real sockets; the helpdesk's API is played, and counts
//! what reaches it.

use std::sync::{Arc, Mutex};

use deskhand::api::Api;
use deskhand::call::Calls;
use deskhand::control::accounts::NewAccount;
use deskhand::control::api_tokens::NewApiToken;
use deskhand::control::{ControlPlane, Options, Records};
use deskhand::http::{self, Doors, Settings};
use deskhand::quota::{Limit, Quotas};
use deskhand::store::sql::SqlStore;
use deskhand::store::{CallFilter, CallRow, Page, Store as _};
use deskhand::vault::{Keyring, MasterKey};
use deskhand_runtime::operation::Integration;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::toy::{capture_logs, client, request};

/// What the helpdesk answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: String,
}

/// A request that reached the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) request: String,
    pub(crate) body: String,
}

/// The API of a helpdesk.
pub(crate) struct Upstream {
    base_url: String,
    reply: Mutex<Reply>,
    /// Whether requests are not answered.
    hangs: Mutex<bool>,
    /// Told of each request.
    pub(crate) arrived: Notify,
    /// Told when a request was given up.
    pub(crate) abandoned: Arc<Notify>,
    reached: Mutex<Vec<Reached>>,
}

struct TellWhenDropped(Arc<Notify>);

impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Upstream {
    async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Arc::new(Self {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            reply: Mutex::new(Reply {
                status: 200,
                headers: Vec::new(),
                body: json!({ "items": [{ "id": 1 }], "id": 7 }).to_string(),
            }),
            hangs: Mutex::new(false),
            arrived: Notify::new(),
            abandoned: Arc::default(),
            reached: Mutex::default(),
        });
        let played = Arc::clone(&upstream);
        let answer = move |request: axum::extract::Request| {
            let played = Arc::clone(&played);
            async move { played.answer(request).await }
        };
        let router = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        upstream
    }

    async fn answer(&self, request: axum::extract::Request) -> axum::response::Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        self.reached.lock().unwrap().push(Reached {
            request: format!("{} {}", parts.method, parts.uri),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        let hangs = *self.hangs.lock().unwrap();
        self.arrived.notify_one();
        if hangs {
            let _tell = TellWhenDropped(Arc::clone(&self.abandoned));
            std::future::pending::<()>().await;
        }
        let reply = self.reply.lock().unwrap().clone();
        let mut response = axum::response::Response::builder().status(reply.status);
        for (name, value) in reply.headers {
            response = response.header(name, value);
        }
        response.body(reply.body.into()).unwrap()
    }

    pub(crate) fn replies(&self, status: u16, headers: &[(&'static str, &'static str)], body: impl Into<String>) {
        *self.reply.lock().unwrap() = Reply {
            status,
            headers: headers.to_vec(),
            body: body.into(),
        };
    }

    pub(crate) fn hangs(&self) {
        *self.hangs.lock().unwrap() = true;
    }

    /// What has reached it since the last time.
    pub(crate) fn take(&self) -> Vec<Reached> {
        std::mem::take(&mut *self.reached.lock().unwrap())
    }

    /// The one request that has reached it since the last time.
    pub(crate) fn one(&self) -> (String, Value) {
        let reached = self.take();
        assert_eq!(reached.len(), 1, "{reached:?}");
        let body = match reached[0].body.as_str() {
            "" => Value::Null,
            body => serde_json::from_str(body).unwrap(),
        };
        (reached[0].request.clone(), body)
    }
}

/// What a request was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// It ends when dropped.
pub(crate) struct House {
    pub(crate) base: String,
    pub(crate) control: Arc<ControlPlane>,
    pub(crate) store: Arc<SqlStore>,
    pub(crate) upstream: Arc<Upstream>,
    /// An API token that reaches everything.
    pub(crate) admin: String,
    /// The account.
    pub(crate) account: String,
    client: reqwest::Client,
    stop: CancellationToken,
    _directory: TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl House {
    pub(crate) async fn of(integration: &'static Integration) -> Self {
        capture_logs();
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("store.db");
        let store = Arc::new(SqlStore::open(file.to_str().unwrap()).await.unwrap());
        let key = MasterKey::random().unwrap();
        let keyring = Arc::new(Keyring::parse(&key.reveal()).unwrap());
        let integrations: &'static [&'static Integration] = Vec::leak(vec![integration]);
        let opened = ControlPlane::open(integrations, Arc::clone(&store) as _, keyring, Options::default());
        let control = opened.await.unwrap();
        let calls = Calls::watched(vec![Arc::new(Records(Arc::clone(&control)))]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings::default();
        let doors = Doors {
            directory: Arc::clone(&control) as _,
            calls: calls.clone(),
            api: Some(Api {
                control: Arc::clone(&control),
                calls,
                quotas: Arc::new(Quotas::new(Limit::NONE, Limit::NONE)),
                public_url: base.parse().unwrap(),
                cut_off: settings.cut_off.clone(),
            }),
        };
        let stop = CancellationToken::new();
        let router = http::router(doors, &settings);
        tokio::spawn(http::serve(listener, router, settings, stop.clone().cancelled_owned()));
        tokio::spawn(Arc::clone(&control).run(stop.clone()));
        let new = NewApiToken {
            name: "admin".to_owned(),
            ..NewApiToken::default()
        };
        let (_, admin) = control.create_api_token(new).await.unwrap();
        let upstream = Upstream::start().await;
        let account = connect(&control, integration, &upstream.base_url).await;
        Self {
            base,
            control,
            store,
            upstream,
            admin: admin.reveal().to_owned(),
            account,
            client: client(),
            stop,
            _directory: directory,
        }
    }

    /// Tells it to stop.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Another account of the same helpdesk, with another API.
    pub(crate) async fn another_account(&self, base_url: &str) -> String {
        connect(&self.control, self.control.integrations()[0], base_url).await
    }

    /// An API token that reaches one account.
    pub(crate) async fn token_of(&self, account: &str) -> String {
        let new = NewApiToken {
            name: "one".to_owned(),
            account_id: Some(account.to_owned()),
            ..NewApiToken::default()
        };
        let (_, token) = self.control.create_api_token(new).await.unwrap();
        token.reveal().to_owned()
    }

    pub(crate) fn request(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.bearer_auth(token)
    }

    /// The answer to a request with the token that reaches everything; a body of null is none.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> Answered {
        self.ask_as(&self.admin, method, path, body).await
    }

    pub(crate) async fn ask_as(&self, token: &str, method: Method, path: &str, body: Value) -> Answered {
        let request = self.request(token, method, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        answered(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.ask(Method::GET, path, Value::Null).await
    }

    /// The path of the account's MCP servers, or of something of theirs.
    pub(crate) fn mcp(&self, rest: &str) -> String {
        format!("/integrated-account/{}/mcp{rest}", self.account)
    }

    /// Makes an MCP server of the account; gives what is answered.
    pub(crate) async fn server(&self, config: Value) -> Server {
        let body = json!({ "name": "Test", "config": config });
        let made = self.ask(Method::POST, &self.mcp(""), body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let text = |name: &str| made.body[name].as_str().unwrap().to_owned();
        Server {
            id: text("id"),
            token: text("token"),
            url: text("url"),
        }
    }

    /// One message over MCP, as a client of the stateless revision sends it.
    pub(crate) fn message(&self, url: &str, method: &str, mut params: Value) -> RequestBuilder {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1.2" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut sent = self
            .client
            .post(url)
            .header("Accept", "application/json, text/event-stream")
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", method);
        if let Some(name) = params["name"].as_str() {
            sent = sent.header("Mcp-Name", name.replace(|c: char| !c.is_ascii_graphic(), "?"));
        }
        sent.json(&request(method, params))
    }

    /// The tools that MCP lists.
    pub(crate) async fn tools(&self, server: &Server) -> Vec<Value> {
        let listed = answered(self.message(&server.url, "tools/list", json!({}))).await;
        assert_eq!(listed.status, 200, "{}", listed.body);
        listed.body["result"]["tools"].as_array().unwrap().clone()
    }

    /// The result of a call over MCP.
    pub(crate) async fn call(&self, server: &Server, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let called = answered(self.message(&server.url, "tools/call", params)).await;
        assert_eq!(called.status, 200, "{}", called.body);
        called.body["result"].clone()
    }

    /// Logged calls, newest first, once there are `number` of them.
    pub(crate) async fn logged(&self, number: usize) -> Vec<CallRow> {
        loop {
            let page = Page {
                after: None,
                limit: 500,
            };
            let rows = self.store.calls(&CallFilter::default(), &page).await.unwrap();
            if rows.len() >= number {
                return rows;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// An MCP server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) url: String,
}

/// Connects an account with the examples of the helpdesk's settings.
async fn connect(control: &Arc<ControlPlane>, integration: &'static Integration, base_url: &str) -> String {
    let new = NewAccount {
        integration: integration.slug.to_owned(),
        name: "Account".to_owned(),
        credentials: examples(integration.credentials),
        variables: examples(integration.variables),
        base_url: Some(base_url.to_owned()),
        ..NewAccount::default()
    };
    control.create_account(new).await.unwrap().id
}

fn examples(settings: &'static [deskhand_runtime::operation::Setting]) -> deskhand::control::accounts::Given {
    let given = settings.iter().filter(|setting| !setting.example.is_empty());
    given
        .map(|setting| (setting.name.to_owned(), setting.example.to_owned()))
        .collect()
}

pub(crate) async fn answered(request: RequestBuilder) -> Answered {
    let answered = request.send().await.unwrap();
    let status = answered.status().as_u16();
    let body = answered.bytes().await.unwrap();
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    Answered { status, body }
}
