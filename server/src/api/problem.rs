//! Refusals: `{"statusCode", "error", "message", "problems"?}`.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use deskhand_runtime::error::Code;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::control::Problem;
use crate::http::response::json_response;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    message: String,
    problems: Vec<Problem>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with this status and message.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            problems: Vec::new(),
            retry_after: None,
        }
    }

    /// The request makes no sense, for these reasons.
    #[must_use]
    pub fn bad_request(problems: Vec<Problem>) -> Self {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self {
            status: StatusCode::BAD_REQUEST,
            message: told.join("; "),
            problems,
            retry_after: None,
        }
    }

    /// No token, or none that reaches this. The same answer for all that can be wrong with one.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "send an API token that reaches this as `Authorization: Bearer dh_…`; `deskhand token create` makes one",
        )
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no such {what}"))
    }

    /// It was changed by somebody else, or is there already.
    #[must_use]
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, why)
    }

    /// This server's own limit is reached.
    #[must_use]
    pub fn rate_limited(message: impl Into<String>, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, message)
        }
    }

    /// The database does not answer.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be used at the moment; try again later",
        )
    }

    /// A fault of the server's own.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the server failed; its log tells why",
        )
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The pause to make, in whole seconds.
    fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("statusCode".into(), self.status.as_u16().into());
        body.insert("error".into(), self.status.canonical_reason().unwrap_or("Error").into());
        body.insert("message".into(), self.message.clone().into());
        if !self.problems.is_empty() {
            let problems = self
                .problems
                .iter()
                .map(|problem| json!({ "field": problem.field, "message": problem.message }));
            body.insert("problems".into(), problems.collect());
        }
        if let Some(seconds) = self.retry_after_seconds() {
            body.insert("code".into(), Code::RateLimited.word().into());
            // A helpdesk's own limits are told in the same way otherwise.
            body.insert("origin".into(), "deskhand".into());
            body.insert("retry_after".into(), seconds.into());
        }
        body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json_response(self.status, &Value::Object(self.to_json()));
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds() {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
