//! Stands between a client and the server: keeps what was said, and can damage what the server answers.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use deskhand_tests::desk::http;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a proxy does to answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// The schema of one tool's arguments is no longer one of an object.
    InputSchema,
    /// One tool is missing from the list.
    ToolMissing,
    /// Results have lost what their output schema promises.
    StructuredContent,
}

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The method of the message; empty where there is none.
    pub(crate) method: String,
    /// `MCP-Protocol-Version`.
    pub(crate) version: Option<String>,
}

#[derive(Default)]
struct Kept {
    sent: Vec<Sent>,
    listed: Option<Value>,
}

struct Forwarder {
    to: String,
    http: reqwest::Client,
    damage: Option<Damage>,
    kept: Mutex<Kept>,
}

/// A proxy before a server; it ends with this value.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) base: String,
    forwarder: Arc<Forwarder>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to the server at `to`.
    pub(crate) async fn start(to: &str, damage: Option<Damage>) -> Self {
        let forwarder = Arc::new(Forwarder {
            to: to.to_owned(),
            http: http(),
            damage,
            kept: Mutex::default(),
        });
        let router = Router::new().fallback(forward).with_state(Arc::clone(&forwarder));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, forwarder, task }
    }

    /// What was sent since the last time this was asked.
    pub(crate) fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.forwarder.kept.lock().unwrap().sent)
    }

    /// The tools that the server has told last, before any damage.
    pub(crate) fn listed(&self) -> Option<Value> {
        self.forwarder.kept.lock().unwrap().listed.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Headers without those that belong to a connection.
fn of_message(headers: &HeaderMap) -> HeaderMap {
    let own = [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::ACCEPT_ENCODING,
    ];
    let kept = headers.iter().filter(|(name, _)| !own.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Dropped when the client leaves, which leaves the server, too.
async fn forward(State(forwarder): State<Arc<Forwarder>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    let version = parts.headers.get("mcp-protocol-version");
    forwarder.kept.lock().unwrap().sent.push(Sent {
        method: method.clone(),
        version: version.and_then(|version| version.to_str().ok()).map(str::to_owned),
    });
    let url = format!("{}{}", forwarder.to, parts.uri);
    let forwarded = forwarder
        .http
        .request(parts.method, url)
        .headers(of_message(&parts.headers));
    let answered = match forwarded.body(body).send().await {
        Ok(answered) => answered,
        Err(error) => return refused(&error),
    };
    let (status, headers) = (answered.status(), of_message(answered.headers()));
    if headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "text/event-stream")
    {
        return answer(status, headers, as_it_comes(answered));
    }
    let whole = match answered.bytes().await {
        Ok(whole) => whole,
        Err(error) => return refused(&error),
    };
    answer(status, headers, Body::from(forwarder.pass(&method, whole)))
}

/// A stream ends when server or client end it.
fn as_it_comes(answered: reqwest::Response) -> Body {
    let chunks = futures_util::stream::unfold(answered, |mut answered| async move {
        let chunk = answered.chunk().await.transpose()?;
        Some((chunk, answered))
    });
    Body::from_stream(chunks)
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn refused(error: &reqwest::Error) -> Response {
    answer(StatusCode::BAD_GATEWAY, HeaderMap::new(), Body::from(error.to_string()))
}

impl Forwarder {
    /// Keeps what is of interest of an answer, and gives what the client is to get.
    fn pass(&self, method: &str, answer: Bytes) -> Bytes {
        let Ok(mut told) = serde_json::from_slice::<Value>(&answer) else {
            return answer;
        };
        if method == "tools/list" && told["result"]["tools"].is_array() {
            self.kept.lock().unwrap().listed = Some(told["result"]["tools"].clone());
        }
        let Some(result) = told.get_mut("result") else {
            return answer;
        };
        match (self.damage, method) {
            (Some(Damage::InputSchema), "tools/list") => result["tools"][0]["inputSchema"]["type"] = "string".into(),
            (Some(Damage::ToolMissing), "tools/list") => {
                result["tools"].as_array_mut().unwrap().remove(0);
            }
            (Some(Damage::StructuredContent), "tools/call") => {
                result["structuredContent"] = serde_json::json!({"result": "none"});
                result["content"] = serde_json::json!([]);
            }
            _ => return answer,
        }
        told.to_string().into()
    }
}
