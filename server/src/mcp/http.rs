//! MCP over Streamable HTTP: `POST /mcp/{token}`, and `POST /mcp` with the token as bearer.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN, VARY,
    WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::handler::{Handler, RequestId};
use crate::access::{Directory, DirectoryError};
use crate::call::Calls;
use crate::public_url::PublicUrl;

/// The largest request body that is read.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How many messages one batch may hold.
const MAX_BATCH: usize = 20;

/// How long calls under way may go on once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long calls that were cut off have to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a client may take to send the head of a request, and then its body.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// The pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What the router needs to know about its surroundings.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The address clients use, when it is not the one listened on. Its host may be named in `Host`.
    pub public_url: Option<PublicUrl>,
    /// Origins of browser pages that may call, besides the public URL's own.
    pub allowed_origins: Vec<String>,
    /// Cuts calls under way off when cancelled.
    pub cut_off: CancellationToken,
}

#[derive(Clone)]
struct App {
    directory: Arc<dyn Directory>,
    service: Arc<StreamableHttpService<Handler, NeverSessionManager>>,
    cut_off: CancellationToken,
}

/// The routes: `/mcp`, `/mcp/{token}` and `/healthz`.
pub fn router(directory: Arc<dyn Directory>, calls: Calls, settings: Settings) -> Router {
    let Settings {
        public_url,
        allowed_origins,
        cut_off,
    } = settings;
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let mut origins = allowed_origins;
    if let Some(url) = public_url {
        hosts.push(url.authority().to_owned());
        origins.push(url.origin());
    }
    let pages: Arc<[String]> = origins.clone().into();
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(hosts)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(MAX_BODY_BYTES)
        .with_cancellation_token(cut_off.clone());
    let service = StreamableHttpService::new(
        move || Ok(Handler::per_request(calls.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new()
        .route("/mcp", any(by_bearer))
        .route("/mcp/{token}", any(by_path))
        .route("/healthz", get(healthz))
        .route_layer(middleware::from_fn_with_state(pages, for_pages))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is nothing at this path") })
        .method_not_allowed_fallback(|| async {
            problem(StatusCode::METHOD_NOT_ALLOWED, "this path does not take that method")
        })
        .with_state(App {
            directory,
            service: Arc::new(service),
            cut_off,
        })
}

/// Serves `router` until `stop` resolves. Calls under way then have a moment to end, before
/// `cut_off`, which is the one in the router's [`Settings`], is cancelled.
///
/// # Errors
/// When the listener has no address any more; single connections that fail are only logged.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    cut_off: CancellationToken,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    listener.local_addr()?;
                    // Out of file handles, mostly: wait for calls to end rather than spin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        // Without TCP_NODELAY an answer of two segments waits for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    let mut ending = std::pin::pin!(graceful.shutdown());
    if tokio::time::timeout(GRACE, &mut ending).await.is_err() {
        cut_off.cancel();
        let _ = tokio::time::timeout(LAST_WORDS, ending).await;
    }
    Ok(())
}

/// Tells browsers that the pages of these origins may call; without that they let no page do it.
async fn for_pages(State(origins): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let allowed = |origin: &&HeaderValue| {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<PublicUrl>().ok());
        origin.is_some_and(|origin| origins.iter().any(|known| known.eq_ignore_ascii_case(&origin.origin())))
    };
    let Some(origin) = request.headers().get(ORIGIN).filter(allowed).cloned() else {
        return next.run(request).await;
    };
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        let answer = [
            (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            // The asterisk does not stand for the first.
            (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, answer).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    response
}

async fn healthz() -> Response {
    json_response(StatusCode::OK, &json!({ "status": "ok" }))
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

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn answer(app: &App, token: &str, mut request: Request, api_token: Option<String>) -> Response {
    let unreadable_directory = |error: DirectoryError| {
        tracing::error!(%error, "the directory of MCP servers cannot be read");
        problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "the list of MCP servers cannot be read at the moment",
        )
    };
    let access = match app.directory.resolve(token).await {
        Ok(Some(access)) => access,
        // No WWW-Authenticate: clients would start an OAuth flow that leads nowhere.
        Ok(None) => return problem(StatusCode::NOT_FOUND, "no MCP server has this token"),
        Err(error) => return unreadable_directory(error),
    };
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
    if let Some(id) = id {
        request.extensions_mut().insert(id);
    }
    accept_json(request.headers_mut());
    let (parts, body) = request.into_parts();
    let too_long = || {
        let message = format!("the body is longer than {MAX_BODY_BYTES} bytes");
        problem(StatusCode::PAYLOAD_TOO_LARGE, &message)
    };
    // What is announced to be too long is not waited for.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return too_long();
    }
    let read = tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, MAX_BODY_BYTES));
    let body = match read.await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) if is_too_long(&error) => return too_long(),
        Ok(Err(_)) => return problem(StatusCode::BAD_REQUEST, "the body did not arrive whole"),
        Err(_) => return problem(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive"),
    };
    if may_batch(&parts.headers) && body.trim_ascii_start().starts_with(b"[") {
        return batch(app, &parts, &body).await;
    }
    one(app, parts, body).await
}

pub(crate) fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

/// Answers one message.
async fn one(app: &App, parts: Parts, body: Bytes) -> Response {
    let sent_json = is_json(&parts.headers);
    let request = Request::from_parts(parts, http_body_util::Full::new(body.clone()));
    let response = app.service.handle(request).await.map(Body::new);
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

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
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

/// An error of the HTTP surface.
pub(crate) fn problem(status: StatusCode, message: &str) -> Response {
    json_response(
        status,
        &json!({
            "statusCode": status.as_u16(),
            "error": status.canonical_reason().unwrap_or("Error"),
            "message": message,
        }),
    )
}

pub(crate) fn json_response(status: StatusCode, value: &Value) -> Response {
    let body = Bytes::from(value.to_string());
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
