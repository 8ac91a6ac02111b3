//! Plays a tour: a support workflow, written down as data, through a real MCP client.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, JsonObject};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde::Deserialize;
use serde_json::{Map, Value};

/// How much of an answer is shown when the tour does not say which parts.
const EXCERPT: usize = 600;

/// A workflow to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tour {
    /// What the workflow is.
    title: String,
    /// What is done, in order.
    steps: Vec<Step>,
}

/// One call of a tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Name by which later steps refer to the answer.
    #[serde(default)]
    id: String,
    /// What happens, for the reader.
    say: String,
    /// The tool.
    tool: String,
    /// Its arguments. `{{steps.<id>.<path>}}` stands for a part of an earlier answer, the path
    /// being member names and list positions separated by dots.
    #[serde(default)]
    arguments: Map<String, Value>,
    /// JSON pointers to the parts of the answer to show; the beginning of it when empty.
    #[serde(default)]
    show: Vec<String>,
}

/// Plays a tour against the MCP server at `url`, telling every step through `tell`.
pub(super) async fn play(tour: &Tour, url: &str, tell: impl Fn(String) -> io::Result<()>) -> Result<(), String> {
    let say = |text: String| tell(text).map_err(|error| error.to_string());
    let http = http_client().map_err(|error| format!("the tour has no HTTP client: {error}"))?;
    let transport =
        StreamableHttpClientTransport::with_client(http, StreamableHttpClientTransportConfig::with_uri(url));
    let client = rmcp::serve_client((), transport)
        .await
        .map_err(|error| format!("the tour's client could not connect: {error}"))?;
    let tools = client.list_all_tools().await.map_err(|error| error.to_string())?;
    say(format!(
        "\nTour: {}\nThe client connected over MCP and sees {} tools.",
        tour.title,
        tools.len()
    ))?;
    let mut answers = Map::new();
    for (index, step) in tour.steps.iter().enumerate() {
        let number = index + 1;
        let arguments = fill(&Value::Object(step.arguments.clone()), &answers)
            .map_err(|problem| format!("step {number} of the tour: {problem}"))?;
        let arguments: JsonObject = match arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        say(format!(
            "\n{number}. {}\n   → {} {}",
            step.say,
            step.tool,
            Value::Object(arguments.clone())
        ))?;
        let params = CallToolRequestParams::new(step.tool.clone()).with_arguments(arguments);
        let result = client
            .call_tool(params)
            .await
            .map_err(|error| format!("step {number}: {error}"))?;
        let answer = result.structured_content.unwrap_or(Value::Null);
        say(excerpt(&answer, &step.show))?;
        if result.is_error == Some(true) {
            return Err(format!("step {number} of the tour was answered with an error"));
        }
        let id = if step.id.is_empty() {
            number.to_string()
        } else {
            step.id.clone()
        };
        answers.insert(id, answer);
    }
    client.cancel().await.map_err(|error| error.to_string())?;
    say("\nThe tour has ended.".to_owned())
}

/// A client for servers on this machine: no proxy from the environment has any business in between,
/// and there is no TLS, so its configuration trusts nobody.
fn http_client() -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    Ok(client.timeout(Duration::from_secs(60)).build()?)
}

/// Puts parts of earlier answers in the place of references to them.
fn fill(value: &Value, answers: &Map<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
            // Alone, a reference keeps the type of what it refers to.
            Some(reference) if !reference.contains("{{") => look_up(reference, answers)?.clone(),
            _ => Value::String(interpolate(text, answers)?),
        },
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, answers)).collect::<Result<_, _>>()?),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| Ok((name.clone(), fill(member, answers)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

fn interpolate(text: &str, answers: &Map<String, Value>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (reference, after) = after
            .split_once("}}")
            .ok_or_else(|| format!("`{text}` has a reference without an end"))?;
        filled.push_str(before);
        match look_up(reference, answers)? {
            Value::String(text) => filled.push_str(text),
            other => filled.push_str(&other.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn look_up<'a>(reference: &str, answers: &'a Map<String, Value>) -> Result<&'a Value, String> {
    let reference = reference.trim();
    let missing = || format!("`{reference}` refers to nothing in the answers so far");
    let mut parts = reference.strip_prefix("steps.").unwrap_or(reference).split('.');
    let mut found = parts.next().and_then(|id| answers.get(id)).ok_or_else(missing)?;
    for part in parts {
        found = match found {
            Value::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            Value::Object(members) => members.get(part),
            _ => None,
        }
        .ok_or_else(missing)?;
    }
    Ok(found)
}

fn excerpt(answer: &Value, show: &[String]) -> String {
    let error = answer.get("error").is_some();
    let mut text = String::new();
    if show.is_empty() || error {
        let _ = write!(text, "   ← {}", shorten(&answer.to_string(), EXCERPT));
        return text;
    }
    for (index, pointer) in show.iter().enumerate() {
        let arrow = if index == 0 { "   ←" } else { "\n    " };
        let name = pointer.trim_start_matches('/').replace('/', ".");
        let value = match answer.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "-".to_owned(),
        };
        let _ = write!(text, "{arrow} {name}: {}", shorten(&value.replace('\n', " "), 160));
    }
    text
}

fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers() -> Map<String, Value> {
        let Value::Object(answers) = json!({ "queue": { "result": [{ "number": 17, "subject": "Ünï" }] } }) else {
            unreachable!()
        };
        answers
    }

    #[test]
    fn references_keep_their_type_and_mix_with_text() {
        let filled = fill(
            &json!({ "number": "{{steps.queue.result.0.number}}", "note": ["#{{steps.queue.result.0.number}}: {{queue.result.0.subject}}"] }),
            &answers(),
        );
        assert_eq!(filled, Ok(json!({ "number": 17, "note": ["#17: Ünï"] })));
    }

    #[test]
    fn references_to_nothing_are_told() {
        for bad in [
            "{{steps.queue.result.1.number}}",
            "{{steps.other}}",
            "a {{steps.queue.result",
            "{{queue.result.x}} b",
        ] {
            assert!(fill(&json!(bad), &answers()).is_err(), "{bad}");
        }
    }

    #[test]
    fn excerpts_show_what_was_asked_for() {
        let answer = json!({ "result": [{ "number": 17 }], "next_cursor": null });
        assert_eq!(
            excerpt(&answer, &["/result/0/number".into(), "/missing".into()]),
            "   ← result.0.number: 17\n     missing: -"
        );
        assert_eq!(excerpt(&json!({ "error": 1 }), &["/x".into()]), "   ← {\"error\":1}");
        assert_eq!(shorten("ÜÜÜ", 2), "ÜÜ…");
    }
}
