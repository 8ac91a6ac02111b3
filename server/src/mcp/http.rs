//! MCP over Streamable HTTP: `POST /mcp/{token}`, and `POST /mcp` with the token as bearer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use deskhand_runtime::dialect::Dialect;
use http::header::{ACCEPT, AUTHORIZATION, COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use http_body_util::Full;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::handler::RequestId;
use crate::access::{Directory, DirectoryError};
use crate::api::extract::read_body;
use crate::dialect;
use crate::http::observe::note_mcp_server;
use crate::http::response::{bearer, is_json, json_response, problem};

/// The largest request body that is read.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How many messages one batch may hold.
const MAX_BATCH: usize = 20;

/// What answers a message, whatever the handler behind it is.
type Service = dyn Fn(Request<Full<Bytes>>) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

#[derive(Clone)]
struct App {
    directory: Arc<dyn Directory>,
    service: Arc<Service>,
    cut_off: CancellationToken,
}

/// The routes `/mcp` and `/mcp/{token}`, answered by what `handler` makes.
pub(crate) fn router<H: ServerHandler>(
    directory: Arc<dyn Directory>,
    handler: impl Fn() -> H + Send + Sync + 'static,
    cut_off: CancellationToken,
) -> Router {
    // Hosts and origins are checked before a request comes here.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts()
        .with_max_request_body_bytes(MAX_BODY_BYTES)
        .with_cancellation_token(cut_off.clone());
    let service = StreamableHttpService::new(move || Ok(handler()), Arc::new(NeverSessionManager::default()), config);
    let service: Arc<Service> = Arc::new(move |request| {
        let service = service.clone();
        Box::pin(async move { service.handle(request).await.map(Body::new) })
    });
    Router::new()
        .route("/mcp", any(by_bearer))
        .route("/mcp/{token}", any(by_path))
        .with_state(App {
            directory,
            service,
            cut_off,
        })
}

async fn by_path(State(app): State<App>, Path(token): Path<String>, request: Request) -> Response {
    let api_token = bearer(request.headers()).map(str::to_owned);
    answer(&app, &token, request, api_token).await
}

async fn by_bearer(State(app): State<App>, request: Request) -> Response {
    match bearer(request.headers()).map(str::to_owned) {
        // The header is taken by the server's own token, so no API token can come along.
        Some(token) => answer(&app, &token, request, None).await,
        None => {
            let mut response = problem(
                StatusCode::UNAUTHORIZED,
                "send the server's token as `Authorization: Bearer dh_…`, or use /mcp/{token}",
            );
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
    }
}

/// The dialect of `?dialect=`, if there is one.
fn said_dialect(uri: &Uri) -> Result<Option<Dialect>, String> {
    /// What clients may add to the address.
    #[derive(serde::Deserialize)]
    struct Said {
        dialect: Option<String>,
    }
    let Ok(Query(said)) = Query::<Said>::try_from_uri(uri) else {
        return Err("the query of the address cannot be read; it may hold one `dialect`".to_owned());
    };
    said.dialect.as_deref().map(dialect::named).transpose()
}

async fn answer(app: &App, token: &str, mut request: Request, api_token: Option<String>) -> Response {
    let unreadable_directory = |error: DirectoryError| {
        tracing::error!(%error, "the directory of MCP servers cannot be read");
        problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "the list of MCP servers cannot be read at the moment",
        )
    };
    let dialect = match said_dialect(request.uri()) {
        Ok(dialect) => dialect,
        Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
    };
    let access = match app.directory.resolve(token).await {
        Ok(Some(access)) => access,
        // No WWW-Authenticate: clients would start an OAuth flow that leads nowhere.
        Ok(None) => return problem(StatusCode::NOT_FOUND, "no MCP server has this token"),
        Err(error) => return unreadable_directory(error),
    };
    if let Some(id) = access.mcp_server_id() {
        note_mcp_server(request.extensions(), id);
    }
    if access.requires_api_token() {
        let reaches = match &api_token {
            Some(api_token) => app.directory.reaches(api_token, &access).await,
            None => Ok(false),
        };
        match reaches {
            Ok(true) => {}
            Ok(false) => {
                return problem(
                    StatusCode::UNAUTHORIZED,
                    "this MCP server also wants an API token of its account: call /mcp/{token} and send \
                     `Authorization: Bearer <API token>`",
                );
            }
            Err(error) => return unreadable_directory(error),
        }
    }
    // From here on nothing may hold a token: the request's parts travel with the call.
    let id = request.extensions().get::<RequestId>().cloned();
    *request.uri_mut() = Uri::from_static("/mcp");
    request.headers_mut().remove(AUTHORIZATION);
    request.headers_mut().remove(COOKIE);
    request.extensions_mut().clear();
    request.extensions_mut().insert(access);
    if let Some(dialect) = dialect {
        request.extensions_mut().insert(dialect);
    }
    if let Some(id) = id {
        request.extensions_mut().insert(id);
    }
    accept_json(request.headers_mut());
    let (parts, body) = request.into_parts();
    let body = match read_body(Request::new(body), MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    if may_batch(&parts.headers) && body.trim_ascii_start().starts_with(b"[") {
        return batch(app, &parts, &body).await;
    }
    one(app, parts, body).await
}

/// Answers one message.
async fn one(app: &App, parts: Parts, body: Bytes) -> Response {
    let sent_json = is_json(&parts.headers);
    let response = (app.service)(Request::from_parts(parts, Full::new(body.clone()))).await;
    // The transport calls a body it cannot read an unsupported type; JSON-RPC has codes for it.
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && sent_json {
        return match serde_json::from_slice::<Value>(&body) {
            Ok(_) => protocol_error(-32600, "Invalid Request: not a JSON-RPC 2.0 message of this protocol"),
            Err(error) => unreadable(&error),
        };
    }
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && app.cut_off.is_cancelled() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "the server stops and has cut the call off: whether it was carried out is not known",
        );
    }
    explain(response).await
}

/// The fault of a body that is no JSON, or nests deeper than is read; it repeats nothing of the body.
fn unreadable(error: &serde_json::Error) -> Response {
    protocol_error(
        -32700,
        &format!("Parse error: the body cannot be read as JSON: {error}"),
    )
}

fn protocol_error(code: i32, message: &str) -> Response {
    json_response(
        StatusCode::BAD_REQUEST,
        &json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } }),
    )
}

/// Only the revision of March 2025, which is also meant when none is named, has batches.
fn may_batch(headers: &HeaderMap) -> bool {
    is_json(headers)
        && headers
            .get("mcp-protocol-version")
            .is_none_or(|version| version == "2025-03-26")
}

/// Answers several messages sent as one array.
async fn batch(app: &App, parts: &Parts, body: &[u8]) -> Response {
    let messages = match serde_json::from_slice::<Vec<Value>>(body) {
        Ok(messages) => messages,
        Err(error) => return unreadable(&error),
    };
    let opens = |message: &Value| message.get("method").is_some_and(|method| method == "initialize");
    if messages.is_empty() || messages.len() > MAX_BATCH || messages.iter().any(opens) {
        let message = format!("Invalid Request: a batch holds 1 to {MAX_BATCH} messages, none of them initialize");
        return protocol_error(-32600, &message);
    }
    let answers = messages.iter().map(|message| async move {
        let response = one(app, parts.clone(), Bytes::from(message.to_string())).await;
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap_or_default();
        serde_json::from_slice::<Value>(&body).ok()
    });
    let answers: Vec<Value> = futures_util::future::join_all(answers)
        .await
        .into_iter()
        .flatten()
        .collect();
    if answers.is_empty() {
        return StatusCode::ACCEPTED.into_response();
    }
    json_response(StatusCode::OK, &Value::Array(answers))
}

/// Answers are JSON, so a client that takes JSON, or anything, is served even though the
/// protocol wants it to name the event stream type too.
fn accept_json(headers: &mut HeaderMap) {
    let takes_json = headers.get_all(ACCEPT).iter().all(|value| {
        value.to_str().is_ok_and(|value| {
            let value = value.to_ascii_lowercase();
            ["application/json", "application/*", "*/*"]
                .iter()
                .any(|kind| value.contains(kind))
        })
    });
    if takes_json {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
}

/// Gives the transport's plain-text refusals the form every other error has.
async fn explain(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_json(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let message = match status {
        StatusCode::INTERNAL_SERVER_ERROR => "the server failed; its log tells why".into(),
        _ => text,
    };
    let mut explained = problem(status, &message);
    for (name, value) in &parts.headers {
        if name == http::header::ALLOW {
            explained.headers_mut().insert(name.clone(), value.clone());
        }
    }
    explained
}
