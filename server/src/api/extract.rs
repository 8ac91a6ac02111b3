//! Reading requests: bodies and queries with the field named when one is wrong; lists in pages.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_runtime::arguments::nearest;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

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

/// Refuses a body that is not said to be JSON.
///
/// # Errors
/// It is not.
pub fn sent_json(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_json(headers) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "send the body as JSON, with `Content-Type: application/json`",
    ))
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
        Refusal::bad_request(vec![if inner.is_data() {
            mismatch(&field, &inner.to_string())
        } else {
            Problem::new(shortened(&field), format!("the body cannot be read as JSON: {inner}"))
        }])
    })?;
    json.end().map_err(|error| {
        Refusal::bad_request(vec![Problem::new(
            "",
            format!("something follows the JSON of the body: {error}"),
        )])
    })?;
    Ok(value)
}

/// What does not fit, in words that repeat no value: it can be a secret.
fn mismatch(field: &str, told: &str) -> Problem {
    let told = told.rsplit_once(" at line ").map_or(told, |(told, _)| told);
    // A value can hold any words, so it ends at the last of these.
    let (found, expected) = told.rsplit_once(", expected ").unwrap_or((told, ""));
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 that is not too large",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number that is not too large",
        "a string" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        expected if expected.starts_with("struct ") => "an object",
        expected => expected,
    };
    let quoted = |prefix| found.strip_prefix(prefix)?.strip_suffix('`');
    if let Some(name) = quoted("missing field `") {
        let parent = if field.is_empty() {
            String::new()
        } else {
            format!("{field}.")
        };
        return Problem::new(shortened(&format!("{parent}{name}")), "is missing");
    }
    let message = if let Some(name) = quoted("unknown field `") {
        let known = expected.split('`').skip(1).step_by(2);
        match nearest(name, known) {
            Some(near) => format!("there is no such field; did you mean `{near}`?"),
            None if expected.contains('`') => format!("there is no such field; expected {expected}"),
            None => "there is no such field".to_owned(),
        }
    } else if quoted("unknown variant `").is_some() {
        format!("expected {expected}")
    } else if let Some(found) = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|prefix| found.strip_prefix(prefix))
    {
        let kind = found.split(['`', '"']).next().unwrap_or_default().trim_end();
        let kind = match kind {
            "string" => "a text",
            "map" => "an object",
            "sequence" => "a list",
            "integer" | "floating point" => "a number",
            "boolean" => "true or false",
            kind => kind,
        };
        format!("expected {expected}, found {kind}")
    } else if told.contains("digit found in string")
        || told.starts_with("number too")
        || told.contains("integer from empty")
    {
        // How the standard library says that text is no number.
        "expected a whole number that is not too large".to_owned()
    } else {
        told.to_owned()
    };
    Problem::new(shortened(field), message)
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

/// A field that is there: `null` is a value of its own, if the type has it.
///
/// # Errors
/// The value is of another type.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        sent_json(request.headers())?;
        let body = read_body(request, MAX_BODY_BYTES).await?;
        // Serde takes a list of an object's values for the object.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(Refusal::bad_request(vec![Problem::new(
                "",
                "expected an object, found a list",
            )]));
        }
        from_json(&body).map(Self)
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
            Err(rejection) => {
                let told = rejection.body_text();
                let told = told
                    .rsplit_once("query string: ")
                    .map_or(told.as_str(), |(_, told)| told);
                let (field, told) = match told.split_once(": ") {
                    Some((field, told)) if !field.contains(' ') => (field, told),
                    _ => ("", told),
                };
                Err(Refusal::bad_request(vec![mismatch(field, told)]))
            }
        }
    }
}

/// Parts of a path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(parts)) => Ok(Self(parts)),
            // It is no UTF-8: nothing is called so.
            Err(_) => Err(Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this path")),
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

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listing<T> {
    /// The items.
    result: Vec<T>,
    /// Where the next page starts; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl<T: Serialize> Listing<T> {
    /// The page made of `rows`, which were asked for with one more than `page` wants, to know whether others follow.
    pub fn new<R>(mut rows: Vec<R>, page: &Page, key: impl Fn(&R) -> (Millis, &str), show: impl Fn(&R) -> T) -> Self {
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
    pub fn whole(result: Vec<T>) -> Self {
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

impl<T: Serialize> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, &self).unwrap_or_else(IntoResponse::into_response)
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the faults are looked at")]
    struct Order {
        name: String,
        #[serde(default)]
        count: Option<u8>,
        #[serde(default, deserialize_with = "present")]
        note: Option<String>,
        #[serde(default)]
        size: Option<Size>,
        #[serde(default)]
        lines: Vec<Map<String, Value>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Size {
        Large,
        Small,
    }

    #[test]
    fn faults_name_the_field_and_repeat_no_value() {
        for (body, told) in [
            (r#""s3cret""#, "expected an object, found a text"),
            (r#"{"name": {"s3cret": 1}}"#, "`name`: expected a text, found an object"),
            (r#"{"name": 5334333}"#, "`name`: expected a text, found a number"),
            (r#"{"name": null}"#, "`name`: expected a text, found null"),
            (
                r#"{"name": "x", "count": "s3cret"}"#,
                "`count`: expected a whole number from 0 that is not too large, found a text",
            ),
            (
                r#"{"name": "x", "count": 5334333}"#,
                "`count`: expected a whole number from 0 that is not too large, found a number",
            ),
            (
                r#"{"name": "x", "count": "s3cret, expected s3cret"}"#,
                "`count`: expected a whole number from 0 that is not too large, found a text",
            ),
            (r#"{"name": "x", "note": null}"#, "`note`: expected a text, found null"),
            (
                r#"{"name": "x", "size": "s3cret"}"#,
                "`size`: expected `large` or `small`",
            ),
            (
                r#"{"name": "x", "lines": [{}, "s3cret"]}"#,
                "`lines[1]`: expected an object, found a text",
            ),
            (r#"{}"#, "`name`: is missing"),
            (
                r#"{"nmae": "s3cret"}"#,
                "`nmae`: there is no such field; did you mean `name`?",
            ),
            (
                r#"{"zzz": "s3cret"}"#,
                "`zzz`: there is no such field; expected one of `name`, ",
            ),
            (r#"{"name": "s3cret"#, "`name`: the body cannot be read as JSON: EOF"),
            (r#"{"name": "x"} s3cret"#, "something follows the JSON of the body"),
            ("", "the body cannot be read as JSON: EOF"),
        ] {
            let refusal = from_json::<Order>(body.as_bytes()).unwrap_err();
            let message = refusal.to_json()["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with(told), "{body}: {message}");
            assert!(!message.contains("s3cret") && !message.contains("5334333"), "{message}");
        }
        let deep = format!("{{\"name\": \"x\", \"lines\": [{{\"a\": {}", "[".repeat(500));
        let message = from_json::<Order>(deep.as_bytes()).unwrap_err().to_json()["message"].to_string();
        assert!(
            message.contains("recursion limit") && message.contains("lines[0].a"),
            "{message}"
        );
        assert!(from_json::<Order>(b"{\"name\": \"\xff\"}").is_err());
    }

    #[test]
    fn positions_are_those_that_were_given_out() {
        assert!(page(None, None).unwrap().after.is_none());
        let cursor = URL_SAFE_NO_PAD.encode("17 acc_1");
        assert_eq!(page(None, Some(&cursor)).unwrap().after, Some((17, "acc_1".to_owned())));
        for bad in [
            "",
            "!",
            &URL_SAFE_NO_PAD.encode("17"),
            &URL_SAFE_NO_PAD.encode("x acc_1"),
        ] {
            assert!(page(None, Some(bad)).is_err(), "{bad}");
        }
        for bad in [0, 201] {
            assert!(page(Some(bad), None).is_err());
        }
    }
}
