//! From status, headers and body to what the operation answers, or to why it failed.
//!
//! The vendor's JSON is taken as it is: the envelope is taken off, nothing inside is rebuilt.

use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Code, Error};
use crate::http::{Fate, RawAnswer};
use crate::limits::{self, RateLimit, Told};
use crate::operation::{Answer, AnswerKind, Effect, ErrorRules, Hint, Integration, Operation};

/// Longest text kept of an answer that is no JSON, in bytes.
const MAX_TEXT: usize = 2048;
/// Longest JSON kept of a failure, in bytes.
const MAX_JSON: usize = 16 * 1024;
/// Longest message taken over from a vendor, in characters.
const MAX_MESSAGE: usize = 500;

/// What an operation answered.
#[derive(Clone, PartialEq)]
pub enum Content {
    /// One record, envelope removed.
    Record(Value),
    /// One page of a list.
    List {
        /// The items as they came.
        items: Vec<Value>,
        /// Matches in all, if told.
        total: Option<u64>,
        /// The body without the items.
        rest: Value,
    },
    /// Text that is not JSON.
    Text(String),
    /// Nothing.
    Empty,
    /// Whether it exists.
    Exists(bool),
    /// The address that the vendor points to.
    Redirect(String),
}

/// Names the kind, never the content: it can hold customers' data.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(_) => f.write_str("Record"),
            Self::List { items, total, .. } => {
                write!(f, "List({} items, total {total:?})", items.len())
            }
            Self::Text(_) => f.write_str("Text"),
            Self::Empty => f.write_str("Empty"),
            Self::Exists(exists) => write!(f, "Exists({exists})"),
            Self::Redirect(_) => f.write_str("Redirect"),
        }
    }
}

/// A good answer with what came along.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was answered.
    pub content: Content,
    /// HTTP status.
    pub status: u16,
    /// What the vendor told about its limits.
    pub rate_limit: Option<RateLimit>,
}

/// Reads an answer to a request that went to `url`.
///
/// # Errors
/// The vendor refused or failed, or its answer is not what the operation answers.
pub fn read(
    integration: &Integration,
    operation: &Operation,
    url: &str,
    raw: RawAnswer,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let told = limits::read(&integration.limits, &raw.headers, now);
    let status = raw.status;
    let content = content(integration, operation, url, raw, told).map_err(|error| {
        if error.rate_limit().is_none() {
            error.with_limits(told.rate_limit, told.retry_after)
        } else {
            error
        }
    })?;
    Ok(Outcome {
        content,
        status,
        rate_limit: told.rate_limit,
    })
}

fn content(
    integration: &Integration,
    operation: &Operation,
    url: &str,
    raw: RawAnswer,
    told: Told,
) -> Result<Content, Error> {
    let answer = &operation.answer;
    let status = raw.status;
    match status {
        200..=299 => {}
        300..=399 => return redirect(answer, url, &raw),
        404 if answer.kind == AnswerKind::Exists => {
            let failed = Failure::read(&integration.errors, &raw);
            // A 404 with a code that the spec explains ("plugin not installed") is no "no".
            if failed.code.is_none() || failed.hint(&integration.errors, status).is_none() {
                return Ok(Content::Exists(false));
            }
            return Err(failed.into_error(integration, operation, &raw, told));
        }
        _ => return Err(Failure::read(&integration.errors, &raw).into_error(integration, operation, &raw, told)),
    }
    if answer.kind == AnswerKind::Exists {
        return Ok(Content::Exists(true));
    }
    let blank = raw.body.iter().all(u8::is_ascii_whitespace);
    let json = if blank {
        None
    } else {
        serde_json::from_slice::<Value>(&raw.body).ok()
    };
    if let (Some(flag), Some(body)) = (integration.errors.failure_flag, &json)
        && body.pointer(flag) == Some(&Value::Bool(true))
    {
        return Err(Failure::read(&integration.errors, &raw).into_error(integration, operation, &raw, told));
    }
    match (answer.kind, json) {
        (AnswerKind::Text, _) => Ok(Content::Text(String::from_utf8_lossy(&raw.body).into_owned())),
        (AnswerKind::Empty, _) => Ok(Content::Empty),
        (AnswerKind::Redirect, _) => Err(invalid(
            operation,
            status,
            "it was expected to point to another address and did not",
        )),
        (AnswerKind::Exists, _) => Ok(Content::Exists(true)),
        (_, None) if blank => {
            // A change that was made is not called failed because the vendor says nothing about it.
            if answer.kind == AnswerKind::List && answer.may_be_empty {
                Ok(Content::List {
                    items: Vec::new(),
                    total: None,
                    rest: Value::Null,
                })
            } else if answer.may_be_empty || operation.effect != Effect::Read {
                Ok(Content::Empty)
            } else {
                Err(invalid(operation, status, "it is empty"))
            }
        }
        (_, None) => {
            Err(invalid(operation, status, "it is not (or not wholly) JSON").with_upstream(kept_text(&raw.body)))
        }
        (AnswerKind::Record, Some(body)) => record(operation, status, body),
        (AnswerKind::List, Some(body)) => list(operation, status, body),
    }
}

fn record(operation: &Operation, status: u16, mut body: Value) -> Result<Content, Error> {
    let answer = &operation.answer;
    let at = if answer.at.is_empty() { &[""][..] } else { answer.at };
    let Some(pointer) = at.iter().find(|pointer| body.pointer(pointer).is_some()) else {
        return if answer.may_be_empty {
            Ok(Content::Empty)
        } else {
            Err(invalid(operation, status, &format!("it has nothing at {}", places(at))))
        };
    };
    let value = body.pointer_mut(pointer).map(Value::take).unwrap_or_default();
    if value.is_null() && answer.may_be_empty {
        return Ok(Content::Empty);
    }
    Ok(Content::Record(value))
}

fn list(operation: &Operation, status: u16, mut body: Value) -> Result<Content, Error> {
    let answer = &operation.answer;
    let at = if answer.at.is_empty() { &[""][..] } else { answer.at };
    let total = answer
        .total
        .and_then(|total| body.pointer(total))
        .and_then(|total| match total {
            Value::Number(number) => crate::record::integer(number).and_then(|total| u64::try_from(total).ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        });
    let found = at
        .iter()
        .find(|pointer| body.pointer(pointer).is_some_and(Value::is_array));
    let items = match found.and_then(|pointer| body.pointer_mut(pointer)).map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => {
            let null = at
                .iter()
                .any(|pointer| body.pointer(pointer).is_some_and(Value::is_null));
            if !null && !answer.may_be_empty {
                return Err(invalid(operation, status, &format!("it has no list at {}", places(at))));
            }
            Vec::new()
        }
    };
    Ok(Content::List {
        items,
        total,
        rest: body,
    })
}

fn places(at: &[&str]) -> String {
    let named: Vec<_> = at
        .iter()
        .map(|pointer| if pointer.is_empty() { "its top" } else { pointer })
        .collect();
    named.join(" or ")
}

fn invalid(operation: &Operation, status: u16, what: &str) -> Error {
    Error::upstream(
        Code::UpstreamInvalidResponse,
        status,
        format!("HTTP {status}: the helpdesk's answer cannot be used: {what}."),
    )
    .with_hint(Fate::of(operation).after("If it happens again, check the base URL of the account."))
}

/// A redirect: the answer, if the operation answers with one; never followed.
fn redirect(answer: &Answer, url: &str, raw: &RawAnswer) -> Result<Content, Error> {
    let status = raw.status;
    let from = url::Url::parse(url).ok();
    let location = raw
        .headers
        .get(http::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|location| from.as_ref()?.join(location).ok())
        .filter(|location| matches!(location.scheme(), "http" | "https"));
    if answer.kind == AnswerKind::Redirect {
        return location
            .map(|location| Content::Redirect(location.into()))
            .ok_or_else(|| {
                Error::upstream(
                    Code::UpstreamInvalidResponse,
                    status,
                    format!("HTTP {status}: the helpdesk points to no http or https address."),
                )
            });
    }
    let mut message = format!("HTTP {status}: the helpdesk redirects this call; redirects are not followed.");
    if let (Some(from), Some(to)) = (&from, &location)
        && from.origin() == to.origin()
    {
        // On the same host the path can tell where a merged or moved record went.
        message.push_str(&format!(" It points to {}.", clean(to.path(), 200)));
    }
    Err(
        Error::upstream(Code::UpstreamInvalidResponse, status, message).with_hint(
            "Check the base URL of the account (scheme, host, path); a record may also have been moved or merged.",
        ),
    )
}

/// What a failed answer says.
struct Failure {
    body: Option<Value>,
    code: Option<String>,
    message: Option<String>,
}

impl Failure {
    fn read(rules: &ErrorRules, raw: &RawAnswer) -> Self {
        let body = serde_json::from_slice::<Value>(&raw.body).ok();
        let find = |pointers: &[&str]| {
            let body = body.as_ref()?;
            pointers
                .iter()
                .filter_map(|pointer| body.pointer(pointer))
                .find_map(words)
        };
        let code = find(rules.code).map(|code| clean(&code, 100));
        let message = find(rules.message).map(|message| clean(&message, MAX_MESSAGE));
        Self { body, code, message }
    }

    fn hint(&self, rules: &ErrorRules, status: u16) -> Option<&'static Hint> {
        rules.hints.iter().find(|hint| {
            (hint.status == 0 || hint.status == status)
                && (hint.code.is_empty() || self.code.as_deref() == Some(hint.code))
        })
    }

    fn into_error(self, integration: &Integration, operation: &Operation, raw: &RawAnswer, told: Told) -> Error {
        let status = raw.status;
        let hint = self.hint(&integration.errors, status);
        let throttled = integration.limits.throttle_statuses.contains(&status);
        let mut code = if integration.limits.quota_statuses.contains(&status) {
            Code::QuotaExhausted
        } else if throttled {
            Code::RateLimited
        } else {
            code_of(status)
        };
        if let Some(kind) = hint.and_then(|hint| Code::from_word(hint.kind)) {
            code = kind;
        }
        let mut message = format!("HTTP {status}");
        match (&self.code, &self.message) {
            (Some(code), Some(text)) if code != text => message.push_str(&format!(" {code}: {text}")),
            (Some(text), _) | (None, Some(text)) => message.push_str(&format!(": {text}")),
            (None, None) => {
                if let Some(reason) = http::StatusCode::from_u16(status)
                    .ok()
                    .and_then(|s| s.canonical_reason())
                {
                    message.push_str(&format!(": {reason}"));
                }
            }
        }
        let waits = matches!(code, Code::RateLimited | Code::QuotaExhausted);
        let wait = told.retry_after.or_else(|| {
            let reset = told.rate_limit.and_then(|limit| limit.reset)?;
            waits.then(|| std::time::Duration::from_secs(reset))
        });
        let advice = match hint {
            Some(hint) if !hint.advice.is_empty() => hint.advice.to_owned(),
            _ => advice(code, status, operation, wait.is_some()),
        };
        let upstream = match self.body {
            Some(body) if raw.body.len() <= MAX_JSON => Some(body),
            Some(_) => None,
            None => kept_text(&raw.body),
        };
        Error::upstream(code, status, message)
            .with_hint(advice)
            .with_limits(told.rate_limit, wait)
            .with_upstream(upstream)
    }
}

/// The failure that a status means.
fn code_of(status: u16) -> Code {
    match status {
        401 => Code::Unauthorized,
        403 => Code::Forbidden,
        404 | 410 => Code::NotFound,
        408 | 504 => Code::UpstreamTimeout,
        409 => Code::Conflict,
        413 => Code::PayloadTooLarge,
        429 => Code::RateLimited,
        _ => Code::UpstreamError,
    }
}

/// What to do about a failure that the spec has no words for.
fn advice(code: Code, status: u16, operation: &Operation, told_wait: bool) -> String {
    let fate = Fate::of(operation);
    match code {
        Code::Unauthorized => "The helpdesk refused the account's credentials. Check or renew them.".to_owned(),
        Code::NeedsReauth => "Connect the account again.".to_owned(),
        Code::Forbidden if !operation.access.is_empty() => format!(
            "The account's credentials do not reach this. It needs: {}.",
            operation.access.join(", ")
        ),
        Code::Forbidden => "The account's credentials do not reach this: check role, scope and plan.".to_owned(),
        Code::NotFound => {
            "There is no such thing, or not in this account. Check the identifiers; list or search to find \
                           current ones."
                .to_owned()
        }
        Code::Conflict => "The record's present state does not allow it. Read the record, then decide.".to_owned(),
        Code::PayloadTooLarge => "Send less: shorter texts, smaller or fewer files.".to_owned(),
        Code::RateLimited if told_wait => {
            "Wait as long as `retry_after` says, then call again. Nothing is repeated on its own.".to_owned()
        }
        Code::RateLimited => "Wait a minute, then call again, more slowly. Nothing is repeated on its own.".to_owned(),
        Code::QuotaExhausted => "The allowance of the account is used up; calling again soon is useless.".to_owned(),
        Code::UpstreamTimeout => fate.after("The helpdesk was too slow. Ask for less or call again later."),
        _ if status >= 500 => fate.after("The helpdesk failed. Call again later."),
        _ => "The helpdesk refused the request as it is. Correct the arguments by its message.".to_owned(),
    }
}

/// A value as words; lists of texts are joined, objects of texts too.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(words).take(20).collect();
            (!items.is_empty()).then(|| items.join("; "))
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}: {}", words(value)?)))
                .take(20)
                .collect();
            (!members.is_empty()).then(|| members.join("; "))
        }
    }
}

/// A text on one line, at most `max` characters long.
fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if length > 0 {
            out.push(' ');
            length += 1;
        }
        for c in word.chars() {
            if length >= max {
                out.push('…');
                return out;
            }
            out.push(c);
            length += 1;
        }
    }
    out
}

/// A body that is no JSON as text without tags, when it is short.
fn kept_text(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let bare = strip_tags(&text);
    let bare = clean(&bare, MAX_TEXT + 1);
    (!bare.is_empty() && bare.len() <= MAX_TEXT).then(|| Value::from(bare))
}

/// Drops tags, and what stands in `script` and `style`.
fn strip_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let is_tag = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !is_tag {
            out.push('<');
            rest = &tag[1..];
            continue;
        }
        out.push(' ');
        let begins = |with: &str| {
            tag.get(..with.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(with))
        };
        let until = if begins("<script") {
            "</script>"
        } else if begins("<style") {
            "</style>"
        } else {
            ">"
        };
        let Some(end) = find_ignoring_case(tag, until) else {
            return out;
        };
        rest = &tag[end + until.len()..];
    }
    out.push_str(rest);
    out
}

fn find_ignoring_case(text: &str, part: &str) -> Option<usize> {
    text.as_bytes()
        .windows(part.len())
        .position(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
