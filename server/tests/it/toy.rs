//! A handmade helpdesk of a few tools, and a server for it on a real socket.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use deskhand::accounts::Account;
use deskhand::call::Calls;
use deskhand::control::accounts::NewAccount;
use deskhand::directory::Declared;
use deskhand::filter::Filter;
use deskhand::http::{self, Doors, Settings};
use deskhand::quota::{Limit, Quotas};
use deskhand::scope::{Scope, Sender, Sending, Visible};
use deskhand::token::Token;
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::limits::RateLimit;
use deskhand_runtime::operation::{
    Answer, AnswerKind, Body, Confidence, Effect, ErrorRules, Integration, LimitRules, Operation, Scheme, Setting, Tool,
};
use deskhand_runtime::shape::{Form, Shape, Table, Unknown};
use deskhand_runtime::tool::ToolOutcome;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

static NO_ARGUMENTS: Table = Table {
    name: "NoArguments",
    doc: "",
    fields: &[],
    rules: &[],
    unknown: Unknown::Refuse,
};

fn no_arguments() -> &'static Table {
    &NO_ARGUMENTS
}

const fn operation(
    name: &'static str,
    resource: &'static str,
    method: &'static str,
    effect: Effect,
    tool: Option<Tool>,
) -> Operation {
    Operation {
        name,
        resource,
        method,
        http_method: "GET",
        path: "/things",
        input: no_arguments,
        body: Body::None,
        answer: Answer {
            kind: AnswerKind::Record,
            shape: Shape::Any,
            at: &[""],
            total: None,
            may_be_empty: false,
        },
        pages: None,
        effect,
        idempotent: false,
        counts_as_read: false,
        cost: 1,
        access: &[],
        confidence: Confidence::High,
        source: "handmade",
        deprecated: false,
        tool,
    }
}

const fn tool(name: &'static str, aliases: &'static [&'static str], tags: &'static [&'static str]) -> Option<Tool> {
    Some(Tool {
        name,
        aliases,
        title: "A toy tool",
        doc: "Does a toy thing.",
        tags,
    })
}

pub(crate) static LIST: Operation = operation(
    "list_things",
    "things",
    "list",
    Effect::Read,
    tool("list_all_toy_things", &[], &["things", "play"]),
);
/// An operation that is no tool.
pub(crate) static LOOK: Operation = operation("look_around", "things", "look", Effect::Read, None);
static GET: Operation = operation(
    "get_thing",
    "things",
    "get",
    Effect::Read,
    tool("get_single_toy_thing_by_id", &[], &["things"]),
);
pub(crate) static CREATE: Operation = operation(
    "create_thing",
    "things",
    "create",
    Effect::Write,
    tool("create_a_toy_thing", &[], &["things"]),
);
static DELETE: Operation = operation(
    "delete_thing",
    "things",
    "delete",
    Effect::Destructive,
    tool("delete_a_toy_thing_by_id", &["delete_a_toy_thing"], &["things"]),
);
static SHAKE: Operation = operation(
    "shake_box",
    "boxes",
    "shake",
    Effect::Write,
    tool("toy_boxes_shake", &[], &["boxes", "play"]),
);
static HANG: Operation = operation(
    "hang_box",
    "boxes",
    "hang",
    Effect::Read,
    tool("toy_boxes_hang", &[], &["boxes"]),
);
static WAIT: Operation = operation(
    "wait_box",
    "boxes",
    "wait",
    Effect::Read,
    tool("toy_boxes_wait", &[], &["boxes"]),
);
static PANIC: Operation = operation(
    "break_box",
    "boxes",
    "break",
    Effect::Write,
    tool("toy_boxes_break", &[], &["boxes"]),
);
static UNDOCUMENTED: Operation = operation("peek", "boxes", "get", Effect::Read, None);

/// The tools in the order of the "spec".
pub(crate) const NAMES: [&str; 8] = [
    "list_all_toy_things",
    "get_single_toy_thing_by_id",
    "create_a_toy_thing",
    "delete_a_toy_thing_by_id",
    "toy_boxes_shake",
    "toy_boxes_hang",
    "toy_boxes_wait",
    "toy_boxes_break",
];

const fn setting(name: &'static str, secret: bool, example: &'static str) -> Setting {
    Setting {
        name,
        title: "A toy setting",
        help: "Under the lid.",
        form: Form::Any,
        one_of: &[],
        secret,
        optional: false,
        example,
        default: "",
        strip: &[],
    }
}

pub(crate) static TOY: Integration = Integration {
    slug: "toy-shop",
    title: "Toy Shop",
    doc: "A helpdesk for toys.",
    documentation: "",
    base_url: "https://{shop}.toys.example",
    variables: &[setting("shop", false, "acme")],
    credentials: &[setting("api_key", true, "toy_123")],
    schemes: &[Scheme {
        name: "api_key",
        needs: &["api_key"],
        parts: &[],
        oauth2: None,
    }],
    headers: &[],
    limits: LimitRules {
        remaining: None,
        limit: None,
        reset: None,
        used_of_limit: None,
        retry_after: None,
        throttle_statuses: &[],
        quota_statuses: &[],
        doc: "",
    },
    errors: ErrorRules {
        code: &[],
        message: &[],
        failure_flag: None,
        hints: &[],
    },
    probe: Some(&LIST),
    dynamic_fields: &[],
    tags: &[],
    operations: &[
        &LIST,
        &GET,
        &CREATE,
        &DELETE,
        &UNDOCUMENTED,
        &SHAKE,
        &HANG,
        &WAIT,
        &PANIC,
    ],
};

/// Plays the helpdesk's part: echoes, fails, hangs or panics by operation.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) calls: AtomicUsize,
    pub(crate) hanging: Notify,
    pub(crate) abandoned: Arc<Notify>,
    pub(crate) go_on: Notify,
}

struct TellWhenDropped(Arc<Notify>);

impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn answered(value: Value, rate_limit: Option<RateLimit>) -> ToolOutcome {
    ToolOutcome {
        result: Ok(value),
        rate_limit,
        status: Some(200),
        upstream_time: Some(Duration::from_millis(1)),
    }
}

impl Sender for Fake {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        arguments: Map<String, Value>,
        _visible: Visible<'a>,
    ) -> Sending<'a> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let limit = |remaining, reset| {
                Some(RateLimit {
                    limit: Some(50),
                    remaining: Some(remaining),
                    reset: Some(reset),
                })
            };
            match operation.name {
                "list_things" => answered(
                    json!({ "result": [{ "b": 1, "a": "ü \"quoted\"\n" }], "next_cursor": null, "result_count": 1 }),
                    limit(49, 60),
                ),
                "create_thing" => Error::upstream(Code::RateLimited, 429, "slow down")
                    .with_limits(limit(0, 12), Some(Duration::from_secs(12)))
                    .into(),
                "hang_box" => {
                    let _tell = TellWhenDropped(Arc::clone(&self.abandoned));
                    self.hanging.notify_one();
                    std::future::pending().await
                }
                "wait_box" => {
                    self.hanging.notify_one();
                    self.go_on.notified().await;
                    answered(json!({ "waited": true }), None)
                }
                #[expect(clippy::panic, reason = "what is tested")]
                "break_box" => panic!("a customer's words"),
                _ => answered(json!({ "echo": arguments }), None),
            }
        })
    }
}

/// A server on a free port of the loopback interface; it stops when dropped.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) token: Token,
    pub(crate) id: String,
    pub(crate) fake: Arc<Fake>,
    pub(crate) stop: CancellationToken,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Filter::default(), Settings::default()).await
    }

    pub(crate) async fn filtered(methods: &[&str], tags: &[&str]) -> Self {
        Self::with(filter(methods, tags), Settings::default()).await
    }

    pub(crate) async fn with(filter: Filter, settings: Settings) -> Self {
        let fake = Arc::new(Fake::default());
        Self::of(Arc::clone(&fake) as _, fake, &filter, settings, no_limits()).await
    }

    /// A server with limits of its own.
    pub(crate) async fn limited(settings: Settings, quotas: Quotas) -> Self {
        let fake = Arc::new(Fake::default());
        Self::of(Arc::clone(&fake) as _, fake, &Filter::default(), settings, quotas).await
    }

    /// A server whose calls go to `base_url`.
    pub(crate) async fn connected(base_url: String) -> Self {
        let account = Account {
            values: [("shop", "acme"), ("api_key", "toy_secret")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
            base_url: Some(base_url),
            timeout: None,
        };
        let sender = account.connect(&TOY).unwrap();
        let (filter, settings) = (Filter::default(), Settings::default());
        Self::of(sender, Arc::default(), &filter, settings, no_limits()).await
    }

    async fn of(sender: Arc<dyn Sender>, fake: Arc<Fake>, filter: &Filter, settings: Settings, quotas: Quotas) -> Self {
        capture_logs();
        let id = deskhand::token::public_id("mcp").unwrap();
        let scope = Scope::new(id.clone(), TOY.title, &TOY, &filter.clone().into(), sender).unwrap();
        let mut directory = Declared::new().unwrap();
        let token = directory.add(Arc::new(scope)).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let doors = Doors {
            directory: Arc::new(directory),
            calls: Calls::watched(vec![Arc::new(quotas), Arc::new(settings.metrics.clone())]),
            api: None,
        };
        let router = http::router(doors, &settings);
        tokio::spawn(http::serve(listener, router, settings, stop.clone().cancelled_owned()));
        Self {
            base,
            token,
            id,
            fake,
            stop,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/mcp/{}", self.base, self.token.reveal())
    }

    /// A request as an MCP client of the initialize era sends it.
    pub(crate) fn post(&self, message: &Value) -> reqwest::RequestBuilder {
        client()
            .post(self.url())
            .header("Accept", "application/json, text/event-stream")
            .json(message)
    }

    /// A request of the stateless era.
    pub(crate) fn post_stateless(&self, method: &str, mut params: Value) -> reqwest::RequestBuilder {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut request = self
            .post(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", method);
        if let Some(name) = params["name"].as_str() {
            request = request.header("Mcp-Name", name);
        }
        request
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answer = self
            .post(&request("tools/call", json!({ "name": tool, "arguments": arguments })))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }
}

/// An account of the toy helpdesk that reaches nothing.
pub(crate) fn new_account() -> NewAccount {
    let given = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into_iter().collect();
    NewAccount {
        integration: TOY.slug.to_owned(),
        name: "Acme".to_owned(),
        tenant_id: None,
        credentials: given("api_key", "toy_secret"),
        variables: given("shop", "acme"),
        base_url: Some("http://127.0.0.1:9".to_owned()),
    }
}

fn no_limits() -> Quotas {
    Quotas::new(Limit::NONE, Limit::NONE)
}

pub(crate) fn client() -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.timeout(Duration::from_secs(20)).build().unwrap()
}

pub(crate) fn request(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

pub(crate) fn filter(methods: &[&str], tags: &[&str]) -> Filter {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Filter::new(owned(methods), owned(tags))
}

static LOGS: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(Arc::default);

#[derive(Clone)]
struct Captured;

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGS.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Sends everything that would be logged under `DESKHAND_LOG=trace` to memory.
pub(crate) fn capture_logs() {
    static ONCE: LazyLock<()> = LazyLock::new(|| {
        use deskhand::logging::{LogFormat, directives, subscriber};
        use tracing_subscriber::filter::LevelFilter;
        let targets = directives(|_| Some("trace".to_owned()), LevelFilter::INFO).unwrap();
        let subscriber = subscriber(targets, LogFormat::Json, false, || Captured);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LazyLock::force(&ONCE);
}

/// What the whole test process has logged so far.
pub(crate) fn logs() -> String {
    String::from_utf8_lossy(&LOGS.lock().unwrap()).into_owned()
}
