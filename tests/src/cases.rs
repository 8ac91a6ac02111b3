//! Reads the hand-written wire expectations under `tests/wire/`, and compares requests with them.
//!
//! One file holds the cases of one operation and bears its name. A file is made of sections:
//!
//! ```text
//! # A comment: a line that starts with a hash sign, between sections or before the first.
//! @case what is special about it
//! @call name_of_the_tool
//! {"its": "arguments"}
//! @request
//! GET /path
//!     ?one=1
//!     &two=2
//! Header: value
//!
//! {"the":"body",
//!   "as":"JSON"}
//! @answer 200
//! Header: value
//!
//! {"what": "the vendor answers"}
//! @result
//! {"what": "the tool answers"}
//! ```
//!
//! Where an operation is no tool, `@call` names the operation.
//!
//! In a request, indented lines below the first go on with its target, and the lines of a body are put together
//! without their line ends and indentation. With `@multipart` instead of a blank line before it, the body is
//! taken line by line, each with CR LF, and `BOUNDARY` stands for the boundary. `{{repeat N text}}` stands for a
//! text N times, `{{hex 00ff}}` for bytes, anywhere but in arguments, answers and results, where only the first
//! is known.
//!
//! In a result, the text `<answer>` stands for the JSON of the answer, `<answer/pointer>` for a part of it, and
//! `<cursor>` for any text that is not empty.

use std::path::Path;

use serde_json::Value;

use crate::server::{Reply, Seen};

/// What must happen on the wire in one call.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the operation: that of the file.
    pub operation: String,
    /// What the case is about.
    pub name: String,
    /// Tool to call.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
    /// What must be sent.
    pub request: Expected,
    /// What the server answers.
    pub reply: Reply,
    /// What the tool must answer.
    pub result: Value,
}

/// A request as it must be.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All headers but those that every request has: `Host`, `Accept`, `User-Agent`, `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// Body, with `BOUNDARY` for the boundary of a multipart one.
    pub body: Vec<u8>,
}

/// All cases under a folder of `tests/wire/`, by file name and then as they stand there.
///
/// # Panics
/// A file cannot be read or understood.
#[must_use]
pub fn read(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wire").join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder of cases can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("its entries, too").path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let operation = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        let text = std::fs::read_to_string(&path).expect("a file of cases can be read");
        cases.extend(parse(operation, &text));
    }
    cases
}

/// The cases of one file.
fn parse(operation: &str, text: &str) -> Vec<Case> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        if line.starts_with('@') {
            sections.push((line, Vec::new()));
        } else if line.starts_with('#') {
            // A comment.
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        } else {
            assert!(line.is_empty(), "{operation}: what is this? {line}");
        }
    }
    let mut cases = Vec::new();
    let mut sections = sections.into_iter().peekable();
    while let Some((head, lines)) = sections.next() {
        let name = head.strip_prefix("@case ").unwrap_or_else(|| {
            panic!("{operation}: expected @case, found {head}");
        });
        assert!(
            lines.iter().all(|line| line.is_empty()),
            "{operation}, {name}: text after @case"
        );
        let whole = format!("{operation}, {name}");
        let mut next = |tag: &str| {
            let (head, lines) = sections.next().unwrap_or_else(|| panic!("{whole}: no {tag}"));
            let rest = head
                .strip_prefix(tag)
                .unwrap_or_else(|| panic!("{whole}: no {tag} but {head}"));
            (rest.trim().to_owned(), lines)
        };
        let (tool, arguments) = next("@call");
        let (_, request) = next("@request");
        let multipart = sections
            .next_if(|(head, _)| *head == "@multipart")
            .map(|(_, lines)| lines);
        let mut next = |tag: &str| {
            let (head, lines) = sections.next().unwrap_or_else(|| panic!("{whole}: no {tag}"));
            let rest = head
                .strip_prefix(tag)
                .unwrap_or_else(|| panic!("{whole}: no {tag} but {head}"));
            (rest.trim().to_owned(), lines)
        };
        let (status, answer) = next("@answer");
        let (_, result) = next("@result");
        let reply = reply(&status, &answer);
        let answered = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        cases.push(Case {
            operation: operation.to_owned(),
            name: name.to_owned(),
            tool,
            arguments: json(&whole, &arguments),
            request: self::request(&whole, &request, multipart.as_deref()),
            result: filled(json(&whole, &result), &answered),
            reply,
        });
    }
    cases
}

fn json(whole: &str, lines: &[&str]) -> Value {
    let text = expand(&lines.join("\n"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{whole}: {error}"))
}

fn request(whole: &str, lines: &[&str], multipart: Option<&[&str]>) -> Expected {
    let mut lines = lines.iter();
    let first = lines.next().unwrap_or_else(|| panic!("{whole}: an empty request"));
    let (method, target) = first.split_once(' ').unwrap_or_else(|| panic!("{whole}: {first}"));
    let mut target = target.to_owned();
    let mut headers = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        if line.starts_with(' ') {
            assert!(headers.is_empty(), "{whole}: the target goes on after headers");
            target.push_str(line.trim());
        } else {
            headers.push(header(whole, line));
        }
    }
    let body = match multipart {
        Some(parts) => {
            let mut parts = parts.to_vec();
            while parts.last().is_some_and(|line| line.is_empty()) {
                parts.pop();
            }
            parts.iter().flat_map(|line| expand(&format!("{line}\r\n"))).collect()
        }
        None => expand(&lines.map(|line| line.trim_start()).collect::<String>()),
    };
    Expected {
        method: method.to_owned(),
        target: String::from_utf8_lossy(&expand(&target)).into_owned(),
        headers,
        body,
    }
}

fn reply(status: &str, lines: &[&str]) -> Reply {
    let status = status.parse().expect("a status is a number");
    let mut lines = lines.iter();
    let heads: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let mut reply = Reply::json(status, expand(lines.copied().collect::<Vec<_>>().join("\n").trim()));
    reply.headers.extend(heads.iter().map(|line| header("answer", line)));
    reply
}

fn header(whole: &str, line: &str) -> (String, String) {
    let (name, value) = line
        .split_once(": ")
        .unwrap_or_else(|| panic!("{whole}: no header: {line}"));
    (name.to_owned(), value.to_owned())
}

/// Writes out `{{repeat N text}}` and `{{hex …}}`.
fn expand(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        let found = ["{{repeat ", "{{hex "].iter().filter_map(|tag| rest.find(tag)).min();
        let Some((before, after)) = found.map(|at| rest.split_at(at)) else {
            bytes.extend_from_slice(rest.as_bytes());
            return bytes;
        };
        bytes.extend_from_slice(before.as_bytes());
        let (inner, after) = after[2..].split_once("}}").expect("closed");
        match inner.split_once(' ') {
            Some(("hex", digits)) => {
                let digits: Vec<u8> = digits.bytes().filter(|digit| *digit != b' ').collect();
                bytes.extend(digits.chunks(2).map(|pair| {
                    let pair = std::str::from_utf8(pair).expect("digits");
                    u8::from_str_radix(pair, 16).expect("hexadecimal digits")
                }));
            }
            Some((_, rest)) => {
                let (count, text) = rest.split_once(' ').expect("a number and a text");
                bytes.extend(text.repeat(count.parse().expect("a number")).into_bytes());
            }
            None => unreachable!("both tags end in a blank"),
        }
        rest = after;
    }
}

/// Puts parts of the answer where the result refers to it.
fn filled(result: Value, answer: &Value) -> Value {
    match result {
        Value::String(text) => match text.strip_prefix("<answer").and_then(|rest| rest.strip_suffix('>')) {
            Some(pointer) => answer.pointer(pointer).expect("a part of the answer").clone(),
            None => Value::String(text),
        },
        Value::Array(items) => items.into_iter().map(|item| filled(item, answer)).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            members.map(|(name, value)| (name, filled(value, answer))).collect()
        }
        other => other,
    }
}

/// Whether a result is as expected, `<cursor>` standing for any text that is not empty.
#[must_use]
pub fn matches(result: &Value, expected: &Value) -> bool {
    match (result, expected) {
        (Value::String(text), Value::String(wanted)) if wanted == "<cursor>" => !text.is_empty(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| matches(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            // Also in the same order: a record is handed on as the vendor wrote it.
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|((name, left), (wanted, right))| name == wanted && matches(left, right))
        }
        (left, right) => left == right,
    }
}

/// A request with the boundary of a multipart body replaced by `BOUNDARY`, in body and header.
///
/// # Panics
/// The boundary is none that RFC 2046 allows.
#[must_use]
pub fn normalised(mut seen: Seen) -> Seen {
    for (name, value) in &mut seen.headers {
        let Some(boundary) = value.strip_prefix("multipart/form-data; boundary=") else {
            continue;
        };
        assert!(name.eq_ignore_ascii_case("content-type"), "{name} names a boundary");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=?".contains(c);
        assert!(
            (1..=70).contains(&boundary.len()) && boundary.chars().all(allowed),
            "{boundary}"
        );
        let boundary = std::mem::replace(value, "multipart/form-data; boundary=BOUNDARY".to_owned());
        let boundary = boundary.split_once('=').expect("as found above").1.as_bytes();
        let mut body = Vec::with_capacity(seen.body.len());
        let mut rest = &seen.body[..];
        while let Some(at) = rest.windows(boundary.len()).position(|window| window == boundary) {
            body.extend_from_slice(&rest[..at]);
            body.extend_from_slice(b"BOUNDARY");
            rest = &rest[at + boundary.len()..];
        }
        body.extend_from_slice(rest);
        seen.body = body;
    }
    seen
}

/// Says how a request differs from the expected one; nothing if it does not.
///
/// `host` is what `Host` must be, `accept` what `Accept` must be. The length that the request tells must be that of
/// its body.
#[must_use]
pub fn differences(seen: &Seen, expected: &Expected, host: &str, accept: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, seen: &str, expected: &str| {
        if seen != expected {
            found.push(format!("{what}\n     sent: {seen}\n expected: {expected}"));
        }
    };
    check("method", &seen.method, &expected.method);
    check("target", &seen.target, &expected.target);
    check("host", &seen.header("host").join(" and "), host);
    let length = seen.header("content-length").join(" and ");
    if !(length.is_empty() && seen.body.is_empty()) {
        check("length", &length, &seen.body.len().to_string());
    }
    let agent = seen.header("user-agent").join(" and ");
    check("user agent", agent.split('/').next().unwrap_or_default(), "deskhand");
    check("accept", &seen.header("accept").join(" and "), accept);
    let normal = normalised(seen.clone());
    let own = ["host", "content-length", "user-agent", "accept"];
    let sorted = |headers: &[(String, String)]| {
        let mut lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        lines.sort();
        lines.join("\n           ")
    };
    check("headers", &sorted(&normal.headers), &sorted(&expected.headers));
    if normal.body != expected.body {
        let at = normal
            .body
            .iter()
            .zip(&expected.body)
            .take_while(|(left, right)| left == right)
            .count();
        let from = at.saturating_sub(20);
        let shown = |bytes: &[u8]| {
            let end = bytes.len().min(at + 400);
            String::from_utf8_lossy(&bytes[from.min(end)..end]).into_owned()
        };
        // Pushed as it is: bytes that are no text look alike.
        found.push(format!(
            "body, from byte {at}\n     sent: …{}\n expected: …{}",
            shown(&normal.body),
            shown(&expected.body)
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# A comment.
@case one
@call a_tool
{\"a\": \"{{repeat 2 xy}}\"}
@request
POST /path
    ?b=1
    &c=2
Content-Type: multipart/form-data; boundary=BOUNDARY
@multipart
--BOUNDARY
Content-Disposition: form-data; name=\"file\"

{{hex 00 ff}}
--BOUNDARY--
@answer 201
X-Left: 3

{\"items\": [1], \"more\": {}}
@result
{\"all\": \"<answer>\", \"some\": [\"<answer/items>\"], \"next\": \"<cursor>\"}

@case two
@call a_tool
{}
@request
PUT /path
Content-Type: application/json

{\"a\":1,
  \"b\":\"  x\"}
@answer 200

A sentence.
@result
\"x\"
";

    fn sent() -> Seen {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let body = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\0\xff\r\n--b--\r\n";
        Seen {
            method: "POST".into(),
            target: "/path?b=1&c=2".into(),
            headers: vec![
                header("content-type", "multipart/form-data; boundary=b"),
                header("accept", "*/*"),
                header("user-agent", "deskhand/1"),
                header("host", "here:1"),
                header("content-length", &body.len().to_string()),
            ],
            body: body.to_vec(),
        }
    }

    #[test]
    fn files_are_read() {
        let cases = parse("an_operation", FILE);
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].arguments, serde_json::json!({"a": "xyxy"}));
        assert_eq!((cases[0].tool.as_str(), cases[0].reply.status), ("a_tool", 201));
        assert_eq!(cases[0].reply.headers[1], ("X-Left".to_owned(), "3".to_owned()));
        let result = serde_json::json!({"all": {"items": [1], "more": {}}, "some": [[1]], "next": "<cursor>"});
        assert_eq!(cases[0].result, result);
        assert_eq!(cases[1].request.body, br#"{"a":1,"b":"  x"}"#);
        assert_eq!(cases[1].reply.body, b"A sentence.");
    }

    #[test]
    fn every_difference_is_found() {
        let case = parse("an_operation", FILE).remove(0);
        let differs = |change: fn(&mut Seen)| {
            let mut seen = sent();
            change(&mut seen);
            !differences(&seen, &case.request, "here:1", "*/*").is_empty()
        };
        assert!(
            !differs(|_| {}),
            "{:?}",
            differences(&sent(), &case.request, "here:1", "*/*")
        );
        assert!(differs(|seen| seen.method = "PUT".into()));
        assert!(differs(|seen| seen.target = "/path?c=2&b=1".into()));
        assert!(differs(|seen| seen.target.push('&')));
        assert!(differs(|seen| seen.headers.push(("X-More".into(), "1".into()))));
        assert!(differs(|seen| seen.headers.push(("host".into(), "here:1".into()))));
        assert!(differs(|seen| seen.headers[1].1 = "text/html".into()));
        assert!(differs(|seen| seen.headers[3].1 = "there:1".into()));
        assert!(differs(|seen| seen.headers[4].1 = "1".into()));
        assert!(differs(|seen| {
            seen.headers.remove(0);
        }));
        assert!(differs(|seen| {
            let end = seen.body.len() - 10;
            seen.body[end] ^= 1;
        }));
        assert!(differs(|seen| seen.body.extend(b"\r\n")));
    }

    #[test]
    fn results_are_compared_in_their_order() {
        let is = |left: &str, right: &str| {
            let value = |text| serde_json::from_str::<Value>(text).expect("JSON");
            matches(&value(left), &value(right))
        };
        assert!(is(
            r#"{"a": [1, {"b": null}], "c": "x"}"#,
            r#"{"a": [1, {"b": null}], "c": "<cursor>"}"#
        ));
        assert!(!is(r#"{"c": ""}"#, r#"{"c": "<cursor>"}"#));
        assert!(!is(r#"{"c": null}"#, r#"{"c": "<cursor>"}"#));
        assert!(!is(r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#));
        assert!(!is(r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#));
        assert!(!is("[1]", "[1, 2]"));
    }
}
