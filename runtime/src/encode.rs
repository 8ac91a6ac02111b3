//! From checked values to one HTTP request.
//!
//! Whatever text is in a value, it stays inside the path segment, query value, header or body member
//! that its field names: everything outside the unreserved characters of RFC 3986 is
//! percent-encoded, and dot segments, which no encoding can hide, are refused.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::arguments::is_media_type;
use crate::error::{ArgumentFault, Code, Error};
use crate::http::BaseUrl;
use crate::operation::{Body, Operation};
use crate::record::{Context, File, Member};
use crate::shape::{Field, Place, QueryStyle};

/// Length of path and query, in bytes, above which values that may travel either way leave the query.
pub const LONG_TARGET: usize = 4096;
/// Length of path and query, in bytes, above which nothing is sent.
pub const MAX_TARGET: usize = 60_000;

/// A request as it goes on the wire, without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct WireRequest {
    /// HTTP method.
    pub method: &'static str,
    /// Absolute address.
    pub url: String,
    /// Headers that arguments ask for.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: WireBody,
}

/// Names no values: they can hold customers' data.
impl fmt::Debug for WireRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireRequest")
            .field("method", &self.method)
            .field("url_bytes", &self.url.len())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum WireBody {
    /// None.
    None,
    /// JSON text.
    Json(Vec<u8>),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<u8>),
    /// `multipart/form-data`.
    Multipart(Vec<WirePart>),
}

/// A part of a multipart body.
#[derive(Clone, PartialEq, Eq)]
pub struct WirePart {
    /// Name of the form field.
    pub name: String,
    /// File name and media type, for a file.
    pub file: Option<(String, String)>,
    /// The bytes.
    pub content: Vec<u8>,
}

/// Shows the size, never the content: it can hold customers' data.
impl fmt::Debug for WireBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Form(bytes) => write!(f, "Form({} bytes)", bytes.len()),
            Self::Multipart(parts) => f.debug_tuple("Multipart").field(parts).finish(),
        }
    }
}

/// Shows the size, never the content: it can hold customers' data.
impl fmt::Debug for WirePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WirePart")
            .field("name", &self.name)
            .field("is_file", &self.file.is_some())
            .field("bytes", &self.content.len())
            .finish()
    }
}

impl WireBody {
    /// The media type, without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Multipart(_) => Some("multipart/form-data"),
        }
    }

    /// The value of `Content-Type` and the bytes.
    ///
    /// The multipart boundary is a hash of the parts: the same parts give the same bytes, and no
    /// part can contain the boundary, as it would have to contain its own hash.
    #[must_use]
    pub fn into_wire(self) -> Option<(String, Vec<u8>)> {
        match self {
            Self::None => None,
            Self::Json(bytes) => Some(("application/json".into(), bytes)),
            Self::Form(bytes) => Some(("application/x-www-form-urlencoded".into(), bytes)),
            Self::Multipart(parts) => {
                let boundary = boundary(&parts);
                let media_type = format!("multipart/form-data; boundary={boundary}");
                Some((media_type, multipart(&parts, &boundary)))
            }
        }
    }
}

fn boundary(parts: &[WirePart]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let (file, media_type) = part.file.as_ref().map_or(("", ""), |(name, kind)| (name, kind));
        for bytes in [
            part.name.as_bytes(),
            file.as_bytes(),
            media_type.as_bytes(),
            &part.content,
        ] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    let mut boundary = String::from("deskhand-");
    for byte in &hash.finalize()[..16] {
        let _ = write!(boundary, "{byte:02x}");
    }
    boundary
}

fn multipart(parts: &[WirePart], boundary: &str) -> Vec<u8> {
    let size = parts
        .iter()
        .map(|part| part.content.len() + part.name.len() + 256)
        .sum::<usize>()
        + 64;
    let mut bytes = Vec::with_capacity(size);
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        );
        if let Some((name, media_type)) = &part.file {
            let _ = write!(head, "; filename=\"{}\"\r\nContent-Type: {media_type}", quoted(name));
        }
        head.push_str("\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&part.content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    bytes
}

/// A name inside the quotes of a part's header, escaped as browsers do.
fn quoted(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => out.push_str("%22"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c if c.is_control() => out.push('_'),
            c => out.push(c),
        }
    }
    out
}

/// Puts a request together.
///
/// `values` are wire-coded and in table order, as [`crate::arguments::check`] gives them; `extra`
/// are query parameters of a page link, which replace values of the same wire name. Path
/// placeholders that are no argument are taken from `variables`.
///
/// # Errors
/// A path value is empty or a dot segment, a header value holds control characters, a file is no
/// file ([`Code::InvalidArguments`]); or the address would be too long ([`Code::PayloadTooLarge`]).
pub fn encode(
    operation: &Operation,
    base: &BaseUrl,
    values: &[(&'static Field, Value)],
    extra: &[(String, String)],
    variables: &BTreeMap<String, String>,
) -> Result<WireRequest, Error> {
    let path = path(operation, values, variables)?;
    let mut headers = Vec::new();
    let mut body = Map::new();
    let mut whole = None;
    let mut parts = Vec::new();
    let mut movable = Vec::new();
    for (field, value) in values {
        match field.place {
            Place::Path | Place::Query(_) | Place::Flag => {}
            Place::QueryOrPart => movable.push(text_part(field.wire, plain(value))),
            Place::Header => headers.push((field.wire, header(field, value)?)),
            Place::Body if operation.body == Body::Multipart => part(&mut parts, field, value)?,
            Place::Body => {
                body.insert(field.wire.to_owned(), value.clone());
            }
            Place::WholeBody => whole = Some(value),
            Place::Part => part(&mut parts, field, value)?,
        }
    }
    let target = |with_movable: bool| {
        let mut query = Pairs::default();
        for (field, value) in values {
            match field.place {
                Place::Query(style) if extra.iter().all(|(name, _)| name != field.wire) => {
                    query_value(&mut query, field.wire, style, value);
                }
                Place::QueryOrPart if with_movable => query.add(field.wire, &plain(value)),
                _ => {}
            }
        }
        for (name, value) in extra {
            query.add(name, value);
        }
        let mut target = base.as_str()[base.origin().len()..].to_owned();
        target.push_str(&path);
        if !query.0.is_empty() {
            target.push('?');
            target.push_str(&query.0);
        }
        target
    };
    let mut written = target(true);
    if written.len() > LONG_TARGET && operation.body == Body::Multipart && !movable.is_empty() {
        written = target(false);
        movable.append(&mut parts);
        parts = movable;
    }
    if written.len() > MAX_TARGET {
        return Err(Error::deskhand(
            Code::PayloadTooLarge,
            format!(
                "The arguments that travel in the address take {} bytes; at most {MAX_TARGET} can be sent.",
                written.len()
            ),
        )
        .with_hint("Nothing was sent. Shorten the arguments."));
    }
    let body = match operation.body {
        Body::None => WireBody::None,
        Body::Json => WireBody::Json(json(&Value::Object(body))),
        Body::JsonUnder(member) => {
            let mut outer = Map::new();
            outer.insert(member.to_owned(), Value::Object(body));
            WireBody::Json(json(&Value::Object(outer)))
        }
        Body::WholeJson => whole.map_or(WireBody::None, |value| WireBody::Json(json(value))),
        Body::Form => WireBody::Form(form(&body).into_bytes()),
        Body::Multipart => WireBody::Multipart(parts),
    };
    Ok(WireRequest {
        method: operation.http_method,
        url: format!("{}{written}", base.origin()),
        headers,
        body,
    })
}

fn json(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn refused(argument: &str, message: impl Into<String>) -> Error {
    Error::arguments(vec![ArgumentFault {
        argument: argument.to_owned(),
        message: message.into(),
        did_you_mean: None,
        get_it_from: Vec::new(),
    }])
}

/// The path with its placeholders filled.
fn path(
    operation: &Operation,
    values: &[(&'static Field, Value)],
    variables: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = operation.path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(Error::deskhand(Code::Internal, "the operation's path is malformed"));
        };
        out.push_str(before);
        rest = after;
        let (name, tail) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
        let given = values
            .iter()
            .find(|(field, _)| field.place == Place::Path && (field.name == name || field.wire == name));
        let (argument, text) = match given {
            Some((field, value)) => (field.name, scalar(value)),
            None => (name, variables.get(name).cloned()),
        };
        let text = text.ok_or_else(|| refused(argument, "is part of the address and must be given"))?;
        let whole_segment = out.ends_with('/') && (rest.is_empty() || rest.starts_with('/'));
        if tail {
            // Callers copy paths with a leading slash; one trailing slash has a meaning and is kept.
            let text = text.strip_prefix('/').unwrap_or(&text);
            let segments = text.strip_suffix('/').unwrap_or(text);
            for (at, segment) in segments.split('/').enumerate() {
                if at > 0 {
                    out.push('/');
                }
                push_segment(&mut out, argument, segment, true)?;
            }
            if text.ends_with('/') {
                out.push('/');
            }
        } else {
            push_segment(&mut out, argument, &text, whole_segment)?;
        }
    }
    out.push_str(rest);
    if !out.starts_with('/') {
        out.insert(0, '/');
    }
    // Also what template and value make together must be no dot segment.
    if out.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(refused("", "an argument of the address must not be `.` or `..`"));
    }
    Ok(out)
}

fn push_segment(out: &mut String, argument: &str, text: &str, whole: bool) -> Result<(), Error> {
    if text.is_empty() {
        return Err(refused(argument, "must not be empty, nor hold an empty part"));
    }
    if whole && matches!(text, "." | "..") {
        return Err(refused(argument, "must not be `.` or `..`"));
    }
    percent(out, text);
    Ok(())
}

/// Percent-encodes everything outside the unreserved characters.
fn percent(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Percent-encoded `name=value` pairs.
#[derive(Default)]
struct Pairs(String);

impl Pairs {
    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        percent(&mut self.0, name);
        self.0.push('=');
    }

    fn add(&mut self, name: &str, value: &str) {
        self.name(name);
        percent(&mut self.0, value);
    }
}

/// Appends a query parameter to an address.
pub(crate) fn append_query(url: &mut String, name: &str, value: &str) {
    let mut pairs = Pairs::default();
    pairs.add(name, value);
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&pairs.0);
}

/// A scalar as text; `None` for lists and objects.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A scalar as text, anything else as JSON text.
fn plain(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| value.to_string())
}

fn query_value(query: &mut Pairs, name: &str, style: QueryStyle, value: &Value) {
    match (style, value) {
        (QueryStyle::Json, value) => query.add(name, &plain(value)),
        (QueryStyle::Repeat, Value::Array(items)) => {
            for item in items {
                query.add(name, &plain(item));
            }
        }
        (QueryStyle::Brackets, Value::Array(items)) => {
            let name = format!("{name}[]");
            for item in items {
                query.add(&name, &plain(item));
            }
        }
        (QueryStyle::Comma, Value::Array(items)) => {
            if items.is_empty() {
                return;
            }
            query.name(name);
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    query.0.push(',');
                }
                percent(&mut query.0, &plain(item));
            }
        }
        (QueryStyle::Deep, Value::Object(_) | Value::Array(_)) => deep(query, name, value),
        (_, value) => query.add(name, &plain(value)),
    }
}

fn deep(query: &mut Pairs, name: &str, value: &Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                deep(query, &format!("{name}[{key}]"), value);
            }
        }
        Value::Array(items) => {
            let name = format!("{name}[]");
            for item in items {
                query.add(&name, &plain(item));
            }
        }
        value => query.add(name, &plain(value)),
    }
}

fn form(body: &Map<String, Value>) -> String {
    let mut pairs = Pairs::default();
    for (name, value) in body {
        query_value(&mut pairs, name, QueryStyle::Repeat, value);
    }
    pairs.0
}

fn header(field: &Field, value: &Value) -> Result<String, Error> {
    let text = plain(value);
    if text.chars().any(char::is_control) {
        return Err(refused(
            field.name,
            "must not hold line breaks or other control characters",
        ));
    }
    Ok(text)
}

fn text_part(name: &str, text: String) -> WirePart {
    WirePart {
        name: name.to_owned(),
        file: None,
        content: text.into_bytes(),
    }
}

fn part(parts: &mut Vec<WirePart>, field: &Field, value: &Value) -> Result<(), Error> {
    let is_file = |value: &Value| value.get("content_base64").is_some_and(Value::is_string);
    let items = match value {
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_array() && (!item.is_object() || is_file(item))) =>
        {
            items.as_slice()
        }
        value => std::slice::from_ref(value),
    };
    for item in items {
        if holds_files(&field.shape) && item.is_object() {
            let context = Context::ROOT;
            let file = File::read(Some(item.clone()), &context.member(field.name)).map_err(|fault| {
                refused(
                    &fault.path,
                    format!("expected {}, found {}", fault.expected, fault.found),
                )
            })?;
            if !is_media_type(&file.media_type) {
                return Err(refused(field.name, "media_type must look like image/png"));
            }
            parts.push(WirePart {
                name: field.wire.to_owned(),
                file: Some((file.name, file.media_type)),
                content: file.content,
            });
        } else {
            parts.push(text_part(field.wire, plain(item)));
        }
    }
    Ok(())
}

fn holds_files(shape: &crate::shape::Shape) -> bool {
    use crate::shape::Shape;
    match shape {
        Shape::File => true,
        Shape::List(item) => holds_files(item),
        Shape::OneOf(shapes) => shapes.iter().any(holds_files),
        _ => false,
    }
}
