//! MCP over Streamable HTTP: `POST /mcp/{token}`, and `POST /mcp` with the token as bearer. In the initialize era a GET of
//! the same address opens a stream that tells of changes.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use deskhand_runtime::dialect::Dialect;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri};
use http_body_util::Full;
use rmcp::ServerHandler;
use rmcp::model::{ProtocolVersion, ServerJsonRpcMessage, ToolListChangedNotification};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::changes::Streams;
use super::handler::RequestId;
use crate::access::{Access, Directory, DirectoryError};
use crate::api::extract::read_body;
use crate::call::{Caller, Door};
use crate::dialect;
use crate::http::Settings;
use crate::http::observe::note_mcp_server;
use crate::http::response::{bearer, is_json, json_response, problem};

/// The largest request body that is read.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The largest request body that is looked into when it is refused.
const MAX_REFUSED_BYTES: usize = 64 * 1024;

/// The code of JSON-RPC for a message that is not served.
const INVALID_REQUEST: i32 = -32600;

/// A status, and why.
type Refused = (StatusCode, String);

/// How many messages one batch may hold.
const MAX_BATCH: usize = 20;

/// How often a stream on which nothing happens is kept open by a comment. Proxies close what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What answers a message, whatever the handler behind it is.
type Service = dyn Fn(Request<Full<Bytes>>) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

#[derive(Clone)]
struct App {
    directory: Arc<dyn Directory>,
    service: Arc<Service>,
    streams: Streams,
    cut_off: CancellationToken,
}

/// The routes `/mcp` and `/mcp/{token}`, answered by what `handler` makes.
pub(crate) fn router<H: ServerHandler>(
    directory: Arc<dyn Directory>,
    handler: impl Fn() -> H + Send + Sync + 'static,
    settings: &Settings,
) -> Router {
    // Hosts and origins are checked before a request comes here.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts()
        .with_max_request_body_bytes(MAX_BODY_BYTES)
        .with_cancellation_token(settings.cut_off.clone());
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
            streams: Streams::new(settings.max_connections, settings.stopping.clone()),
            cut_off: settings.cut_off.clone(),
        })
}

async fn by_path(State(app): State<App>, path: Result<Path<String>, PathRejection>, request: Request) -> Response {
    // What is no text is no token either.
    let token = path.map(|Path(token)| token).unwrap_or_default();
    let api_token = bearer(request.headers()).map(str::to_owned);
    unbuffered(answer(&app, &token, request, api_token).await)
}

async fn by_bearer(State(app): State<App>, request: Request) -> Response {
    match bearer(request.headers()).map(str::to_owned) {
        // The header is taken by the server's own token, so no API token can come along.
        Some(token) => unbuffered(answer(&app, &token, request, None).await),
        None => {
            let message = "send the server's token as `Authorization: Bearer dh_…`, or use /mcp/{token}";
            let mut response = refuse(request, StatusCode::UNAUTHORIZED, message).await;
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
    }
}

/// A refusal of a request that nobody has looked into.
///
/// Several clients tell their users what they find in a JSON-RPC error, and nothing but the status of anything else; others
/// wait for ever for an answer to their own id. So a message that has an id is answered as one of JSON-RPC, too.
async fn refuse(request: Request, status: StatusCode, message: &str) -> Response {
    /// The part of a message that is of interest.
    #[derive(serde::Deserialize)]
    struct Message {
        id: Option<Id>,
    }
    /// What the protocol lets an id be.
    #[derive(serde::Deserialize, serde::Serialize)]
    #[serde(untagged)]
    enum Id {
        Number(i64),
        Text(String),
    }
    let asked = match read_body(request, MAX_REFUSED_BYTES).await {
        Ok(body) => serde_json::from_slice::<Message>(&body).ok(),
        Err(_) => None,
    };
    let Some(id) = asked.and_then(|message| message.id) else {
        return problem(status, message);
    };
    let error = json!({
        "jsonrpc": "2.0",
        "id": id,
        "error": { "code": INVALID_REQUEST, "message": message },
        "statusCode": status.as_u16(),
        "message": message,
    });
    json_response(status, &error)
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

/// What a token opens to who sends it, or why nothing.
async fn admitted(app: &App, token: &str, extensions: &Extensions, api_token: Option<&str>) -> Result<Access, Refused> {
    let unreadable_directory = |error: DirectoryError| {
        tracing::error!(%error, "the directory of MCP servers cannot be read");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the list of MCP servers cannot be read at the moment".to_owned(),
        )
    };
    let access = app.directory.resolve(token).await.map_err(unreadable_directory)?;
    // No WWW-Authenticate: clients would start an OAuth flow that leads nowhere.
    let access = access.ok_or_else(|| (StatusCode::NOT_FOUND, "no MCP server has this token".to_owned()))?;
    if let Some(id) = access.mcp_server_id() {
        note_mcp_server(extensions, id);
    }
    if access.requires_api_token() {
        let reaches = match api_token {
            Some(api_token) => app.directory.reaches(api_token, &access).await,
            None => Ok(false),
        };
        if !reaches.map_err(unreadable_directory)? {
            let message = "this MCP server also wants an API token of its account: call /mcp/{token} and send \
                           `Authorization: Bearer <API token>`";
            return Err((StatusCode::UNAUTHORIZED, message.to_owned()));
        }
    }
    Ok(access)
}

async fn answer(app: &App, token: &str, mut request: Request, api_token: Option<String>) -> Response {
    let dialect = said_dialect(request.uri()).map_err(|message| (StatusCode::BAD_REQUEST, message));
    let admitted = match dialect {
        Ok(dialect) => admitted(app, token, request.extensions(), api_token.as_deref())
            .await
            .map(|access| (access, dialect)),
        Err(refused) => Err(refused),
    };
    let (access, dialect) = match admitted {
        Ok(admitted) => admitted,
        Err((status, message)) => return refuse(request, status, &message).await,
    };
    if opens_stream(&request) {
        return stream(&app.streams, &access, dialect, request.headers());
    }
    // From here on nothing may hold a token: the request's parts travel with the call.
    let id = request.extensions().get::<RequestId>().cloned();
    *request.uri_mut() = Uri::from_static("/mcp");
    request.headers_mut().remove(AUTHORIZATION);
    request.headers_mut().remove(COOKIE);
    request.extensions_mut().clear();
    request.extensions_mut().insert(access);
    request.extensions_mut().insert(app.streams.clone());
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

/// Whether a request is that of a client of the initialize era for what the server has to say by itself.
fn opens_stream(request: &Request) -> bool {
    let headers = request.headers();
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    request.method() == Method::GET
        && accepted.any(|value| value.to_ascii_lowercase().contains("text/event-stream"))
        // Versions are dates, so they compare as text. No version is the first one.
        && headers
            .get("mcp-protocol-version")
            .is_none_or(|version| version.as_bytes() < ProtocolVersion::V_2026_07_28.as_str().as_bytes())
}

/// The stream that tells such a client when its list of tools has changed.
fn stream(streams: &Streams, access: &Access, dialect: Option<Dialect>, headers: &HeaderMap) -> Response {
    let caller = Caller::by_agent(Door::Mcp, headers, None).taking(dialect);
    let changes = match streams.open(access, caller.dialect) {
        Ok(changes) => changes,
        Err(message) => return problem(StatusCode::TOO_MANY_REQUESTS, message),
    };
    let events = futures_util::stream::unfold(changes, |mut changes| async move {
        changes.next().await?;
        let changed = ServerJsonRpcMessage::notification(ToolListChangedNotification::default().into());
        let event = Event::default().json_data(changed).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), changes))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// Has reverse proxies pass a stream on as it comes.
fn unbuffered(mut response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        let headers = response.headers_mut();
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    }
    response
}

/// Answers one message.
async fn one(app: &App, parts: Parts, body: Bytes) -> Response {
    let sent_json = is_json(&parts.headers);
    let response = (app.service)(Request::from_parts(parts, Full::new(body.clone()))).await;
    // The transport calls a body it cannot read an unsupported type; JSON-RPC has codes for it.
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && sent_json {
        return match serde_json::from_slice::<Value>(&body) {
            Ok(_) => protocol_error(
                INVALID_REQUEST,
                "Invalid Request: not a JSON-RPC 2.0 message of this protocol",
            ),
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
        return protocol_error(INVALID_REQUEST, &message);
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
