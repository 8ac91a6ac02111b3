//! What the doors for agent frameworks share: who may use them, how a tool is called, and how its outcome is told over
//! HTTP.

use axum::response::{IntoResponse as _, Response};
use deskhand_runtime::error::{Code, Error, Origin};
use deskhand_runtime::limits::RateLimit;
use deskhand_runtime::tool::ToolOutcome;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use super::{Api, ApiCaller, Refusal};
use crate::access::{Access, Directory as _};
use crate::call::{Caller, Door};
use crate::control::Problem;
use crate::filter::{Filter, FilterError};
use crate::http::observe::note_mcp_server;
use crate::http::response::{bearer, json_response};
use crate::mcp::handler::RequestId;
use crate::scope::Offer;

/// The longest body of a call: files travel in it.
pub(super) const MAX_CALL_BYTES: usize = 40 * 1024 * 1024;

/// The name of the policy in `RateLimit` and `RateLimit-Policy`: helpdesks have one for an account.
const POLICY: &str = "\"default\"";
/// The greatest whole number of a structured field.
const MAX_INTEGER: u64 = 999_999_999_999_999;

/// How a call of a tool is answered.
#[derive(Debug, utoipa::IntoResponses)]
pub enum Called {
    /// What the tool answers. Other statuses of success are the helpdesk's.
    #[response(
        status = 200,
        headers(
            ("ratelimit-limit" = u64, description = "Calls that the helpdesk allows in a window."),
            ("ratelimit-remaining" = u64, description = "Calls left in the window."),
            ("ratelimit-reset" = u64, description = "Seconds until the window starts anew."),
            ("ratelimit" = String, description = "The calls left, as a structured field."),
            ("ratelimit-policy" = String, description = "The calls allowed, as a structured field."),
        )
    )]
    Answered(Map<String, Value>),
    /// The arguments are wrong; `arguments` names them. Nothing was sent.
    #[response(status = 400)]
    InvalidArguments,
    /// No token that reaches this account; or the helpdesk refuses the credentials, and `origin` is `upstream`.
    #[response(status = 401)]
    Unauthorized,
    /// There is no such account or tool; or the helpdesk has no such thing, and `origin` is `upstream`.
    #[response(status = 404)]
    NotFound,
    /// The account must be connected anew.
    #[response(status = 409)]
    NeedsReauth,
    /// The body is too long, or the helpdesk does not take so much.
    #[response(status = 413)]
    PayloadTooLarge,
    /// The body is not sent as JSON.
    #[response(status = 415)]
    NotJson,
    /// A limit of the helpdesk is reached, or one of this server; `origin` tells which.
    #[response(status = 429)]
    RateLimited,
    /// The helpdesk cannot be reached, or its answer cannot be understood.
    #[response(status = 502)]
    Unreachable,
    /// The helpdesk did not answer in time.
    #[response(status = 504)]
    TimedOut,
}

/// What the sender of a request may use of an account: all with an API token that reaches it; with the token of one of
/// its MCP servers, what that server offers.
///
/// # Errors
/// The token is none, or reaches other accounts only; there is no such account.
pub(super) async fn enter(api: &Api, parts: &Parts, account_id: &str) -> Result<Access, Refusal> {
    let token = bearer(&parts.headers).ok_or_else(Refusal::unauthorized)?;
    if let Some(caller) = ApiCaller::with(api, &parts.extensions, token).await? {
        caller.reach(account_id)?;
        return Ok(api.control.account_access(account_id, &Offer::default()).await?);
    }
    let found = api.control.resolve(token).await.map_err(|error| {
        tracing::error!(%error, "the database cannot be used");
        Refusal::unavailable()
    })?;
    let access = found.filter(|access| access.account_id() == account_id && !access.requires_api_token());
    let access = access.ok_or_else(Refusal::unauthorized)?;
    if let Some(id) = access.mcp_server_id() {
        note_mcp_server(&parts.extensions, id);
    }
    Ok(access)
}

/// Words of a query, separated by commas.
///
/// # Errors
/// There are none, though it is given: that would mean everything.
pub(super) fn words(name: &str, text: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let words: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.is_empty() {
        let message = "expected words separated by commas; leave it out for all";
        return Err(Refusal::bad_request(vec![Problem::new(name, message)]));
    }
    Ok(words)
}

/// Access to those of its tools that pass `filter`.
///
/// # Errors
/// The filter has words that no tool of the access has, or leaves no tool.
pub(super) fn narrowed(access: Access, filter: &Filter) -> Result<Access, Refusal> {
    if filter.is_open() {
        return Ok(access);
    }
    let scope = access.scope();
    let unknown = filter.unknown_words(scope.tools());
    if !unknown.is_empty() {
        return Err(Refusal::bad_request(unknown.iter().map(query_problem).collect()));
    }
    let narrow = scope.narrowed(filter);
    let narrow = narrow.map_err(|error| Refusal::bad_request(vec![query_problem(&error)]))?;
    Ok(access.narrowed(Arc::new(narrow)))
}

fn query_problem(error: &FilterError) -> Problem {
    let at = match error {
        FilterError::Unknown { what, .. } => format!("{what}s"),
        FilterError::Nothing { .. } => String::new(),
    };
    Problem::new(at, error.to_string())
}

/// The sender of a request.
pub(super) fn caller(parts: &Parts, door: Door) -> Caller {
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.to_string());
    Caller::by_agent(door, &parts.headers, request_id)
}

/// Calls a tool once. The call ends when the client leaves, or the server has to stop.
pub(super) async fn call(
    api: &Api,
    caller: Caller,
    access: Access,
    name: &str,
    arguments: Map<String, Value>,
) -> Response {
    let (calls, cut_off, name) = (api.calls.clone(), api.cut_off.clone(), name.to_owned());
    let left = CancellationToken::new();
    // A client that leaves takes this future along; the call then ends by itself, and is logged.
    let _here = left.clone().drop_guard();
    let called = tokio::spawn(async move {
        let gone = async {
            tokio::select! {
                () = left.cancelled() => {}
                () = cut_off.cancelled() => {}
            }
        };
        calls.call(&access, caller, &name, arguments, gone).await
    });
    let Ok(outcome) = called.await else {
        return Refusal::internal().into_response();
    };
    let is_internal = matches!(&outcome.result, Err(error) if error.code() == Code::Internal);
    if is_internal && api.cut_off.is_cancelled() {
        return Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the server stops and has cut the call off: whether it was carried out is not known",
        )
        .into_response();
    }
    respond(outcome)
}

/// Tells how a call has ended, with the status that fits.
pub(super) fn respond(outcome: ToolOutcome) -> Response {
    let (status, rate_limit) = (status_of(&outcome), outcome.rate_limit);
    let (body, retry_after) = match outcome.result {
        Ok(value) => (value, None),
        Err(error) => {
            let wait = error.retry_after();
            let seconds = wait.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
            (refused(status, &error), seconds)
        }
    };
    let mut response = json_response(status, &body);
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if let Some(rate_limit) = rate_limit {
        tell_limits(headers, &rate_limit);
    }
    response
}

/// The helpdesk's own status where there is one that says it, else the one that fits.
fn status_of(outcome: &ToolOutcome) -> StatusCode {
    let status = outcome.status.and_then(|status| StatusCode::from_u16(status).ok());
    match &outcome.result {
        // An answer has a body, and a redirect or a missing thing can be the answer asked for.
        Ok(_) => status
            .filter(|status| {
                status.is_success() && ![StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT].contains(status)
            })
            .unwrap_or(StatusCode::OK),
        Err(error) => {
            let unread = matches!(error.code(), Code::UpstreamTimeout | Code::UpstreamInvalidResponse);
            let own = status.filter(|status| status.is_client_error() || status.is_server_error());
            own.filter(|_| error.origin() == Origin::Upstream && !unread)
                .unwrap_or_else(|| status_for(error.code()))
        }
    }
}

fn status_for(code: Code) -> StatusCode {
    match code {
        Code::InvalidArguments => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::UnknownTool | Code::NotFound => StatusCode::NOT_FOUND,
        Code::Conflict | Code::NeedsReauth => StatusCode::CONFLICT,
        Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RateLimited | Code::QuotaExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        Code::UpstreamError | Code::UpstreamInvalidResponse | Code::UpstreamUnreachable => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The tool's error in the form of every error of this API.
fn refused(status: StatusCode, error: &Error) -> Value {
    let mut body = Map::new();
    body.insert("statusCode".into(), status.as_u16().into());
    body.insert("error".into(), status.canonical_reason().unwrap_or("Error").into());
    if let Value::Object(mut told) = error.to_json()
        && let Some(Value::Object(told)) = told.shift_remove("error")
    {
        body.extend(told);
    }
    Value::Object(body)
}

/// What is known of the limits, in the fields that clients know: of the first drafts, and of the current one. Nothing is
/// made up: without the calls left there is no `RateLimit`, and how long a window is, no helpdesk tells.
fn tell_limits(headers: &mut HeaderMap, limit: &RateLimit) {
    let mut tell = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    for (name, value) in [
        ("ratelimit-limit", limit.limit),
        ("ratelimit-remaining", limit.remaining),
        ("ratelimit-reset", limit.reset),
    ] {
        if let Some(value) = value {
            tell(name, value.to_string());
        }
    }
    let fits = |value: &u64| *value <= MAX_INTEGER;
    if let Some(remaining) = limit.remaining.filter(fits) {
        let reset = limit
            .reset
            .filter(fits)
            .map_or(String::new(), |reset| format!(";t={reset}"));
        tell("ratelimit", format!("{POLICY};r={remaining}{reset}"));
    }
    if let Some(allowed) = limit.limit.filter(fits) {
        tell("ratelimit-policy", format!("{POLICY};q={allowed}"));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn answered(status: u16) -> ToolOutcome {
        ToolOutcome {
            result: Ok(json!({ "ok": true })),
            rate_limit: None,
            status: Some(status),
            upstream_time: None,
        }
    }

    #[test]
    fn an_answer_has_the_helpdesks_status_unless_that_forbids_a_body() {
        for (theirs, ours) in [
            (200, 200),
            (201, 201),
            (202, 202),
            (204, 200),
            (205, 200),
            (302, 200),
            (404, 200),
        ] {
            assert_eq!(respond(answered(theirs)).status(), ours, "{theirs}");
        }
        let unsent = ToolOutcome {
            status: None,
            ..answered(200)
        };
        assert_eq!(respond(unsent).status(), 200);
    }

    #[test]
    fn an_error_has_the_helpdesks_status_or_one_that_fits() {
        let upstream = |code, status| respond(Error::upstream(code, status, "x").into()).status();
        for status in [400, 401, 403, 404, 409, 418, 420, 422, 423, 429, 500, 503] {
            assert_eq!(upstream(Code::UpstreamError, status), status);
        }
        // An error inside a success, and answers that could not be read.
        assert_eq!(upstream(Code::NotFound, 200), 404);
        assert_eq!(upstream(Code::UpstreamError, 200), 502);
        assert_eq!(upstream(Code::UpstreamInvalidResponse, 500), 502);
        assert_eq!(upstream(Code::UpstreamTimeout, 404), 504);
        let ours = |code| respond(Error::deskhand(code, "x").into()).status();
        for (code, status) in [
            (Code::InvalidArguments, 400),
            (Code::Unauthorized, 401),
            (Code::UnknownTool, 404),
            (Code::NeedsReauth, 409),
            (Code::PayloadTooLarge, 413),
            (Code::RateLimited, 429),
            (Code::Internal, 500),
            (Code::UpstreamUnreachable, 502),
            (Code::UpstreamTimeout, 504),
        ] {
            assert_eq!(ours(code), status, "{}", code.word());
        }
    }

    #[test]
    fn limits_are_told_as_far_as_they_are_known() {
        let told = |limit, remaining, reset| {
            let mut headers = HeaderMap::new();
            tell_limits(
                &mut headers,
                &RateLimit {
                    limit,
                    remaining,
                    reset,
                },
            );
            let mut told: Vec<String> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            told.sort();
            told
        };
        assert_eq!(
            told(Some(100), Some(49), Some(30)),
            [
                "ratelimit-limit: 100",
                "ratelimit-policy: \"default\";q=100",
                "ratelimit-remaining: 49",
                "ratelimit-reset: 30",
                "ratelimit: \"default\";r=49;t=30",
            ]
        );
        assert_eq!(
            told(None, Some(0), None),
            ["ratelimit-remaining: 0", "ratelimit: \"default\";r=0"]
        );
        assert_eq!(told(None, None, Some(7)), ["ratelimit-reset: 7"]);
        assert_eq!(
            told(Some(10_u64.pow(15)), None, None),
            ["ratelimit-limit: 1000000000000000"]
        );
    }

    #[test]
    fn a_refusal_has_the_form_of_every_error_here() {
        let limit = RateLimit {
            limit: None,
            remaining: Some(0),
            reset: Some(12),
        };
        let error = Error::upstream(Code::RateLimited, 429, "slow down")
            .with_limits(Some(limit), Some(Duration::from_millis(11_500)))
            .with_upstream(Some(json!({ "wait": 12 })));
        let response = respond(error.clone().into());
        assert_eq!(response.headers()["retry-after"], "12");
        assert_eq!(response.headers()["ratelimit"], "\"default\";r=0;t=12");
        let mut body = refused(StatusCode::TOO_MANY_REQUESTS, &error);
        assert!(
            body.as_object_mut()
                .unwrap()
                .shift_remove("reset_at")
                .unwrap()
                .is_string()
        );
        assert_eq!(
            body,
            json!({
                "statusCode": 429,
                "error": "Too Many Requests",
                "status": 429,
                "code": "rate_limited",
                "message": "slow down",
                "origin": "upstream",
                "retry_after": 12,
                "ratelimit": { "remaining": 0, "reset": 12 },
                "upstream": { "wait": 12 },
            })
        );
    }
}
