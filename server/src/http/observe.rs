//! What is noted of every request: an id, a line in the log, its place in the metrics.
//!
//! Of the path only the template of its route is noted, since a path can hold a token; of a token only its id.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::api::Refusal;
use crate::mcp::handler::RequestId;
use crate::metrics::Metrics;

/// Names a request, so that it can be found in logs.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a caller.
const LONGEST_ID: usize = 64;

/// What stands for the route of a request that has none.
const NO_ROUTE: &str = "(none)";

/// The status noted for a request whose client went away before it was answered.
const LEFT: u16 = 499;

/// Who sent a request, noted as it becomes known.
#[derive(Debug, Default)]
struct Who {
    api_token: OnceLock<String>,
    mcp_server: OnceLock<String>,
}

/// Notes the id of the API token that a request was sent with.
pub(crate) fn note_api_token(extensions: &Extensions, id: &str) {
    if let Some(who) = extensions.get::<Arc<Who>>() {
        who.api_token.get_or_init(|| id.to_owned());
    }
}

/// Notes the id of the MCP server that a request was sent to.
pub(crate) fn note_mcp_server(extensions: &Extensions, id: &str) {
    if let Some(who) = extensions.get::<Arc<Who>>() {
        who.mcp_server.get_or_init(|| id.to_owned());
    }
}

/// Wraps the answering of a request.
pub(super) async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let who = Arc::new(Who::default());
    let mut noted = Noted {
        metrics,
        started: Instant::now(),
        method: known_method(request.method()),
        route: request.extensions().get::<MatchedPath>().cloned(),
        id: Arc::clone(&id),
        who: Arc::clone(&who),
        status: LEFT,
    };
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    request.extensions_mut().insert(who);
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| Refusal::internal().into_response());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    noted.status = response.status().as_u16();
    response
}

/// The caller's own id if it can be one, else a new one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let sane = |id: &&str| {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(harmless)
    };
    let told = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(sane);
    told.map_or_else(|| uuid::Uuid::now_v7().simple().to_string().into(), Into::into)
}

/// The method as a word; callers can make up any.
fn known_method(method: &Method) -> &'static str {
    let known = [
        ("GET", Method::GET),
        ("POST", Method::POST),
        ("PATCH", Method::PATCH),
        ("DELETE", Method::DELETE),
        ("PUT", Method::PUT),
        ("HEAD", Method::HEAD),
        ("OPTIONS", Method::OPTIONS),
    ];
    known
        .into_iter()
        .find(|(_, known)| known == method)
        .map_or("other", |(word, _)| word)
}

/// A request that is being answered. It is noted when it has been, or when its client has left.
struct Noted {
    metrics: Metrics,
    started: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
    id: Arc<str>,
    who: Arc<Who>,
    status: u16,
}

impl Drop for Noted {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let route = self.route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
        self.metrics.request(self.method, route, self.status, took);
        self.log(route, took);
    }
}

impl Noted {
    fn log(&self, route: &str, took: Duration) {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (api_token, mcp_server) = (self.who.api_token.get(), self.who.mcp_server.get());
        let (api_token, mcp_server) = (api_token.map(String::as_str), mcp_server.map(String::as_str));
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    method = self.method,
                    route,
                    status = self.status,
                    milliseconds,
                    request_id = &*self.id,
                    api_token,
                    mcp_server,
                    "request"
                )
            };
        }
        // Probes come every few seconds and tell nothing as long as they are answered well.
        if super::health::is_probe(route) && self.status < StatusCode::BAD_REQUEST.as_u16() {
            line!(debug);
        } else {
            line!(info);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_over_only_when_they_are_harmless() {
        let id_for = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
            request_id(&headers)
        };
        let longest = "x".repeat(64);
        for sane in ["a", "Az-09_.", &longest] {
            assert_eq!(&*id_for(sane.as_bytes()), sane);
        }
        let too_long = "x".repeat(65);
        for other in ["", "a b", "a\"b", "ü", &too_long] {
            let made = id_for(other.as_bytes());
            assert_ne!(&*made, other);
            assert_eq!(made.len(), 32, "{made}");
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }

    #[test]
    fn methods_are_few_words() {
        assert_eq!(known_method(&Method::PATCH), "PATCH");
        assert_eq!(known_method(&Method::from_bytes(b"BREW").unwrap()), "other");
    }
}
