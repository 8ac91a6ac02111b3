//! Reading requests: bodies and queries with the field named when one is wrong; lists in pages.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Refusal;
use crate::control::Problem;
use crate::http::response::{is_json, json_response};
use crate::store::{Millis, Page};

/// The largest body that is read.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// Items on a page when the caller does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page.
const MAX_LIMIT: u32 = 200;

/// A body of JSON.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// The bytes of a body that may be read, whatever they mean.
///
/// # Errors
/// It is longer than `most`, or did not arrive.
pub async fn read_body(request: Request, most: usize) -> Result<axum::body::Bytes, Refusal> {
    let too_long = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is longer than {most} bytes"),
        )
    };
    let body = request.into_body();
    // What is announced to be too long is not waited for.
    if axum::body::HttpBody::size_hint(&body).lower() > most as u64 {
        return Err(too_long());
    }
    match tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, most)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if is_too_long(&error) => Err(too_long()),
        Ok(Err(_)) => Err(Refusal::new(StatusCode::BAD_REQUEST, "the body did not arrive whole")),
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body took too long to arrive",
        )),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

/// Reads JSON; a fault names the field it is at, and repeats none of its text.
///
/// # Errors
/// It is no JSON, or not of the form wanted.
pub fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        let inner = error.into_inner();
        let message = if inner.is_data() {
            inner.to_string()
        } else {
            format!("the body cannot be read as JSON: {inner}")
        };
        Refusal::bad_request(vec![Problem::new(field, message)])
    })?;
    json.end().map_err(|error| {
        Refusal::bad_request(vec![Problem::new(
            "",
            format!("something follows the JSON of the body: {error}"),
        )])
    })?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the body as JSON, with `Content-Type: application/json`",
            ));
        }
        from_json(&read_body(request, MAX_BODY_BYTES).await?).map(Self)
    }
}

/// The query of an address.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Refusal::bad_request(vec![Problem::new("", rejection.body_text())])),
        }
    }
}

/// The page wanted, from `limit` and `next_cursor` of a query.
///
/// # Errors
/// One of them is out of its bounds or was not made here.
pub fn page(limit: Option<u32>, next_cursor: Option<&str>) -> Result<Page, Refusal> {
    let mut problems = Vec::new();
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        problems.push(Problem::new(
            "limit",
            format!("expected a number from 1 to {MAX_LIMIT}"),
        ));
    }
    let after = next_cursor.map(|cursor| {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (at, id) = std::str::from_utf8(&bytes).ok()?.split_once(' ')?;
        Some((at.parse::<Millis>().ok()?, id.to_owned()))
    });
    if after == Some(None) {
        problems.push(Problem::new(
            "next_cursor",
            "expected `next_cursor` of an earlier answer, unchanged",
        ));
    }
    if problems.is_empty() {
        Ok(Page {
            after: after.flatten(),
            limit,
        })
    } else {
        Err(Refusal::bad_request(problems))
    }
}

/// A page of a list: `{"result": [...], "next_cursor": "..."|null}`.
#[derive(Debug)]
pub struct Listing {
    result: Vec<Value>,
    next_cursor: Option<String>,
}

impl Listing {
    /// The page made of `rows`, which were asked for with one more than `page` wants, to know whether others follow.
    pub fn new<R>(
        mut rows: Vec<R>,
        page: &Page,
        key: impl Fn(&R) -> (Millis, &str),
        show: impl Fn(&R) -> Value,
    ) -> Self {
        let wanted = page.limit as usize;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let (at, id) = key(last);
            URL_SAFE_NO_PAD.encode(format!("{at} {id}"))
        });
        Self {
            result: rows.iter().map(show).collect(),
            next_cursor,
        }
    }

    /// A list that has one page.
    #[must_use]
    pub fn whole(result: Vec<Value>) -> Self {
        Self {
            result,
            next_cursor: None,
        }
    }
}

/// `page` with one row more, for [`Listing::new`].
#[must_use]
pub fn one_more(page: &Page) -> Page {
    Page {
        limit: page.limit + 1,
        ..page.clone()
    }
}

impl IntoResponse for Listing {
    fn into_response(self) -> Response {
        json_response(
            StatusCode::OK,
            &json!({ "result": self.result, "next_cursor": self.next_cursor }),
        )
    }
}

/// A JSON answer.
///
/// # Errors
/// The value cannot be JSON, which is a fault of the server.
pub fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, Refusal> {
    let value = serde_json::to_value(value).map_err(|_| Refusal::internal())?;
    Ok(json_response(status, &value))
}
