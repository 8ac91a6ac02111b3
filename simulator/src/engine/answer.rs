//! What is sent back: answers, refusals, broken things.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body::Frame;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::upload::Upload;

/// What an operation answers with; the status is in its route.
#[derive(Debug)]
pub(crate) enum Answer {
    Json(Value),
    /// Bare text, although labelled JSON.
    Text(&'static str),
    /// No body.
    Empty,
    /// JSON under another status than the route's.
    Other(u16, Value),
    /// No body, but an address to go to; under another status than the route's if one is given.
    Redirect {
        status: Option<u16>,
        location: String,
    },
}

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The parameter or member: names joined by dots, positions in lists in brackets.
    pub(crate) place: String,
    /// The whole sentence.
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
        }
    }
}

/// The answer of a place outside the API.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Where to go.
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The vendor's word for it, where the status alone does not tell.
    pub(crate) word: Option<&'static str>,
    pub(crate) message: String,
    /// What is wrong with which part of the request, where that is known.
    pub(crate) problems: Vec<Problem>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            word: None,
            message: message.into(),
            problems: Vec::new(),
        }
    }

    /// Refuses a request for what is wrong with its parts.
    pub(crate) fn because(problems: Vec<Problem>) -> Self {
        let texts: Vec<&str> = problems.iter().map(|problem| problem.text.as_str()).collect();
        Self {
            problems: problems.clone(),
            ..Self::bad(texts.join("; "))
        }
    }

    /// Refuses a request for what is wrong with one of its parts.
    pub(crate) fn at(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self::because(vec![Problem::new(place, text)])
    }

    /// Adds the vendor's word for it.
    pub(crate) fn word(self, word: &'static str) -> Self {
        Self {
            word: Some(word),
            ..self
        }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Invalid API key")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} not found"))
    }

    pub(crate) fn too_many() -> Self {
        Self::new(429, "API rate limit exceeded")
    }

    /// The status in words.
    pub(crate) fn reason(&self) -> &'static str {
        StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error")
    }
}

fn response(status: u16, content_type: Option<&'static str>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content_type) = content_type {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

pub(super) fn json(status: u16, body: &Value) -> Response {
    response(status, Some("application/json"), Body::from(body.to_string()))
}

pub(super) fn page(page: Page) -> Response {
    let mut response = response(page.status, Some(page.content_type), Body::from(page.body));
    let headers = response.headers_mut();
    if let Some(location) = page.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn redirect(status: u16, location: &str) -> Response {
    let mut response = empty(status);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

pub(super) fn text_as_json(status: u16, text: &'static str) -> Response {
    response(status, Some("application/json"), Body::from(text))
}

pub(super) fn empty(status: u16) -> Response {
    response(status, None, Body::empty())
}

pub(super) fn html(status: u16) -> Response {
    let reason = Refusal::new(status, "").reason();
    let page = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n\
         <hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    );
    response(status, Some("text/html"), Body::from(page))
}

pub(super) fn file(upload: &Upload) -> Response {
    let mut response = response(200, None, Body::from(upload.bytes.clone()));
    let name = utf8_percent_encode(&upload.name, NON_ALPHANUMERIC);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&upload.content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The first half of an answer's body, under a content length that fits it.
pub(super) async fn truncate(whole: Response) -> Response {
    let (mut parts, body) = whole.into_parts();
    // Answers are made in memory, reading one cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

/// One JSON object of so many bytes, streamed.
pub(super) fn huge(bytes: u64) -> Response {
    response(
        200,
        Some("application/json"),
        Body::new(Huge {
            left: bytes.saturating_sub(14),
            stage: Stage::Head,
        }),
    )
}

enum Stage {
    Head,
    Padding,
    Done,
}

struct Huge {
    left: u64,
    stage: Stage,
}

const PADDING: &[u8] = &[b'x'; 64 * 1024];

impl HttpBody for Huge {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let data = match self.stage {
            Stage::Head => {
                self.stage = Stage::Padding;
                Bytes::from_static(b"{\"padding\":\"")
            }
            Stage::Padding if self.left > 0 => {
                let part = usize::try_from(self.left).unwrap_or(usize::MAX).min(PADDING.len());
                self.left -= part as u64;
                Bytes::from_static(&PADDING[..part])
            }
            Stage::Padding => {
                self.stage = Stage::Done;
                Bytes::from_static(b"\"}")
            }
            Stage::Done => return Poll::Ready(None),
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}
