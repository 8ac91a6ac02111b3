//! Serving over HTTP: one router of all doors, what every request meets before it comes to one, and connections.

pub(crate) mod connect;
mod console;
mod guard;
mod health;
pub mod observe;
pub mod response;
mod serve;

use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use http::StatusCode;
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::access::Directory;
use crate::api::openapi::{self, Document};
use crate::api::{self, Api};
use crate::call::Calls;
use crate::mcp;
use crate::mcp::handler::Handler;
use crate::metrics::Metrics;
use crate::public_url::PublicUrl;

pub use serve::serve;

use guard::Guard;
use health::Health;
use response::problem;

/// How many connections may be open at once when the operator does not say.
pub const MAX_CONNECTIONS: usize = 4096;

/// What serving needs to know about its surroundings. Copies share their metrics and their end.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address clients use, when it is not the one listened on. Its host may be named in `Host`.
    pub public_url: Option<PublicUrl>,
    /// Other hosts that may be named in `Host`, besides this machine's names for itself; with or without a port.
    pub allowed_hosts: Vec<String>,
    /// Origins of browser pages that may call, besides those served from here.
    pub allowed_origins: Vec<String>,
    /// Whether `/metrics` is shown without an API token.
    pub public_metrics: bool,
    /// How many connections may be open at once. More wait to be accepted.
    pub max_connections: usize,
    /// How long requests are still taken after the server was told to stop, for load balancers to notice.
    pub shutdown_delay: Duration,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// Cancelled by [`serve`] as soon as the server is told to stop.
    pub stopping: CancellationToken,
    /// Cuts calls under way off when cancelled, which [`serve`] does when they take too long to end.
    pub cut_off: CancellationToken,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            public_metrics: false,
            max_connections: MAX_CONNECTIONS,
            shutdown_delay: Duration::ZERO,
            metrics: Metrics::default(),
            stopping: CancellationToken::new(),
            cut_off: CancellationToken::new(),
        }
    }
}

/// What can be reached over HTTP.
#[derive(Clone)]
pub struct Doors {
    /// Finds what a token of an MCP server opens.
    pub directory: Arc<dyn Directory>,
    /// Makes the calls that come over MCP.
    pub calls: Calls,
    /// The REST API and the web console, where there is a database to administer.
    pub api: Option<Api>,
}

/// All routes.
///
/// Every request gets an id, a line in the log, and a place in the metrics. All but the probes must name a host that
/// this server goes by, and come from no other web page than the allowed ones.
pub fn router(doors: Doors, settings: &Settings) -> Router {
    let calls = doors.calls.clone();
    router_with(doors, settings, move || Handler::per_request(calls.clone()))
}

/// The same with another MCP handler, made anew for each request. What `doors` say of calls holds for REST only.
pub fn router_with<H: ServerHandler>(
    doors: Doors,
    settings: &Settings,
    handler: impl Fn() -> H + Send + Sync + 'static,
) -> Router {
    let health = Health::new(doors.api.clone(), settings);
    let guarded = OpenApiRouter::with_openapi(openapi::base())
        .merge(mcp::http::router(doors.directory, handler, settings).into());
    let guarded = match doors.api {
        Some(api) => guarded.merge(api::router(api)).merge(console::routes()),
        None => guarded,
    };
    let document = Document::default();
    let (guarded, mut about) = guarded.merge(openapi::routes(Arc::clone(&document))).split_for_parts();
    let (probes, about_probes) = health.router().split_for_parts();
    about.merge(about_probes);
    openapi::complete(&mut about);
    document.get_or_init(|| about.to_json().unwrap_or_default().into());
    let guard = Arc::new(Guard::new(settings));
    guarded
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is nothing at this path") })
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .merge(probes.method_not_allowed_fallback(wrong_method))
        .layer(middleware::from_fn_with_state(
            settings.metrics.clone(),
            observe::observe,
        ))
}

async fn wrong_method() -> axum::response::Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, "this path does not take that method")
}
