//! For those who run the server: whether it lives, whether it can work, and its metrics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Settings;
use super::response::{json_response, problem};
use crate::api::{Api, Refusal};
use crate::metrics::Metrics;
use crate::store::Store;

/// Whether the process lives.
const LIVE: &str = "/healthz";
/// Whether it can work.
const READY: &str = "/readyz";
/// What it has done.
const METRICS: &str = "/metrics";

/// How long the database may take to answer a probe.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what a probe found is told to others, so that many of them are no burden to the database.
const REMEMBERED: Duration = Duration::from_millis(250);

/// Whether a route is asked at intervals by machines that watch.
pub(super) fn is_probe(route: &str) -> bool {
    [LIVE, READY, METRICS].contains(&route)
}

/// Answers probes.
pub(super) struct Health {
    api: Option<Api>,
    public_metrics: bool,
    metrics: Metrics,
    stopping: CancellationToken,
    /// When the database was last asked, and whether it answered.
    asked: Mutex<Option<(Instant, bool)>>,
}

impl Health {
    pub(super) fn new(api: Option<Api>, settings: &Settings) -> Self {
        Self {
            api,
            public_metrics: settings.public_metrics,
            metrics: settings.metrics.clone(),
            stopping: settings.stopping.clone(),
            asked: Mutex::new(None),
        }
    }

    pub(super) fn router(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(live))
            .routes(routes!(ready))
            .routes(routes!(metrics))
            .with_state(Arc::new(self))
    }

    async fn database_answers(&self, store: &dyn Store) -> bool {
        let mut asked = self.asked.lock().await;
        if let Some((at, answered)) = *asked
            && at.elapsed() < REMEMBERED
        {
            return answered;
        }
        let answered = match tokio::time::timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready");
                false
            }
            Err(_) => {
                tracing::warn!("not ready: the database does not answer");
                false
            }
        };
        *asked = Some((Instant::now(), answered));
        answered
    }
}

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Operation",
    operation_id = "get_health",
    responses((status = 200, description = "It does.", body = Object))
)]
async fn live() -> Response {
    json_response(StatusCode::OK, &json!({ "status": "ok" }))
}

/// Whether the server can work: its database answers, and it was not told to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operation",
    operation_id = "get_readiness",
    responses(
        (status = 200, description = "It can.", body = Object),
        (status = 503, description = "It cannot; `message` tells why."),
    )
)]
async fn ready(State(health): State<Arc<Health>>) -> Response {
    if health.stopping.is_cancelled() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
    }
    match &health.api {
        Some(api) if !health.database_answers(&**api.control.store()).await => {
            problem(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
        _ => json_response(StatusCode::OK, &json!({ "status": "ready" })),
    }
}

/// Metrics, as Prometheus reads them. A token must reach all accounts; the server's operator can do without one.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operation",
    operation_id = "get_metrics",
    responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
        (status = 401, description = "No API token that reaches all accounts."),
    ),
    security(("api_token" = []), ())
)]
async fn metrics(State(health): State<Arc<Health>>, request: Request) -> Response {
    if !health.public_metrics
        && let Err(refusal) = may_see_metrics(health.api.as_ref(), request).await
    {
        return refusal.into_response();
    }
    if let Some(api) = &health.api {
        health.metrics.log_rows_lost(api.control.log_rows_lost());
    }
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, health.metrics.render()).into_response()
}

/// Metrics tell of all accounts, so they are for who may reach all.
async fn may_see_metrics(api: Option<&Api>, request: Request) -> Result<(), Refusal> {
    use axum::extract::FromRequestParts as _;

    let api = api.ok_or_else(Refusal::unauthorized)?;
    let (mut parts, _) = request.into_parts();
    crate::api::ApiCaller::from_request_parts(&mut parts, api)
        .await?
        .reach_all()
}
