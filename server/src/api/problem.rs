//! Refusals: `{"statusCode", "error", "message", "problems"?}`.

use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::control::Problem;
use crate::mcp::http::json_response;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    message: String,
    problems: Vec<Problem>,
}

impl Refusal {
    /// A refusal with this status and message.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            problems: Vec::new(),
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
        response
    }
}
