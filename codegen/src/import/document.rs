//! Reads an OpenAPI document into a tree whose references are known to be sound.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Notes;
use crate::report::{Report, Severity};

/// Larger documents are refused unread.
pub const MAX_BYTES: usize = 4 << 20;
/// References in a row that lead from one to the next.
const MAX_CHAIN: usize = 16;
/// Faults told at once.
const MAX_FAULTS: usize = 10;
/// Keys whose values are data and no description: what looks like a reference there is none.
const DATA: &[&str] = &["example", "examples", "default", "enum", "const"];

/// A document.
pub(super) struct Document {
    root: Value,
}

/// A value of the document and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Place<'d> {
    /// The value.
    pub(super) value: &'d Value,
    /// JSON pointer to it.
    pub(super) pointer: String,
}

impl<'d> Place<'d> {
    /// What is under a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<Place<'d>> {
        Some(Place {
            value: self.value.as_object()?.get(key)?,
            pointer: format!("{}/{}", self.pointer, token(key)),
        })
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> Vec<(&'d str, Place<'d>)> {
        let map = self.value.as_object();
        map.into_iter()
            .flatten()
            .map(|(key, value)| {
                let pointer = format!("{}/{}", self.pointer, token(key));
                (key.as_str(), Place { value, pointer })
            })
            .collect()
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Place<'d>> {
        let items = self.value.as_array();
        items
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(at, value)| Place {
                value,
                pointer: format!("{}/{at}", self.pointer),
            })
            .collect()
    }

    /// The text under a key.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.as_object()?.get(key)?.as_str()
    }

    /// Whether a key holds `true`.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// Whether there is a key that means something.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value.as_object().is_some_and(|map| map.contains_key(key))
    }
}

/// A key as a part of a JSON pointer.
pub(super) fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Document {
    /// Reads and checks a document.
    pub(super) fn read(name: &str, bytes: &[u8], notes: &Notes) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!(
                "{name} has {} bytes, more than the {MAX_BYTES} that a document may have; keep the paths that are needed",
                bytes.len()
            ));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let root = match first {
            Some(b'{' | b'[') => {
                serde_json::from_slice(bytes).map_err(|error| format!("{name} is no JSON: {error}"))?
            }
            _ => yaml(name, bytes, notes)?,
        };
        let document = Self { root };
        document.check_version(name)?;
        let mut faults = Vec::new();
        document.check_references(&document.root(), &mut faults);
        document.check_operation_ids(&mut faults);
        if faults.is_empty() {
            return Ok(document);
        }
        let more = faults.len().saturating_sub(MAX_FAULTS);
        faults.truncate(MAX_FAULTS);
        if more > 0 {
            faults.push(format!("and {more} more"));
        }
        Err(format!("{name} cannot be imported:\n  {}", faults.join("\n  ")))
    }

    /// The whole.
    pub(super) fn root(&self) -> Place<'_> {
        Place {
            value: &self.root,
            pointer: String::new(),
        }
    }

    fn check_version(&self, name: &str) -> Result<(), String> {
        let version = |key: &str| match self.root.get(key) {
            Some(Value::String(version)) => Some(version.clone()),
            Some(Value::Number(version)) => Some(version.to_string()),
            _ => None,
        };
        if let Some(old) = version("swagger") {
            return Err(format!(
                "{name} is a Swagger {old} document (#/swagger); convert it to OpenAPI 3 first, as swagger2openapi does"
            ));
        }
        let Some(version) = version("openapi") else {
            return Err(format!(
                "{name} is no OpenAPI document: it has no `openapi: 3.x` at its top"
            ));
        };
        let known = ["3.0", "3.1"].iter().any(|known| {
            let rest = version.strip_prefix(known);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if !known {
            return Err(format!(
                "{name} is of OpenAPI {version} (#/openapi); 3.0 and 3.1 can be read"
            ));
        }
        match self.root.get("paths").and_then(Value::as_object) {
            Some(paths) if !paths.is_empty() => Ok(()),
            _ => Err(format!("{name} describes no paths (#/paths)")),
        }
    }

    /// Every reference is local and leads to something that is no reference.
    fn check_references(&self, place: &Place<'_>, faults: &mut Vec<String>) {
        if let Some(reference) = place.text("$ref")
            && let Err(why) = self.follow(reference)
        {
            faults.push(format!("#{}/$ref: {why}", place.pointer));
        }
        // Members of objects may be called so, too.
        let members = place.pointer.ends_with("/properties");
        for (key, inner) in place.entries() {
            if members || !(DATA.contains(&key) || key.starts_with("x-")) {
                self.check_references(&inner, faults);
            }
        }
        for inner in place.items() {
            self.check_references(&inner, faults);
        }
    }

    fn check_operation_ids(&self, faults: &mut Vec<String>) {
        let mut first: BTreeMap<&str, String> = BTreeMap::new();
        let paths = self.root().get("paths");
        for (_, item) in paths.iter().flat_map(Place::entries) {
            for (_, operation) in item.entries() {
                let Some(id) = operation.text("operationId") else {
                    continue;
                };
                let here = format!("#{}/operationId", operation.pointer);
                if let Some(earlier) = first.get(id) {
                    faults.push(format!("{here}: `{id}` is the operationId of {earlier}, too"));
                } else {
                    first.insert(id, here);
                }
            }
        }
    }

    fn follow(&self, reference: &str) -> Result<Place<'_>, String> {
        let mut reference = reference;
        for _ in 0..MAX_CHAIN {
            let place = self.target(reference)?;
            match place.text("$ref") {
                Some(next) => reference = next,
                None => return Ok(place),
            }
        }
        Err(format!(
            "`{reference}` leads from one reference to the next without an end"
        ))
    }

    fn target(&self, reference: &str) -> Result<Place<'_>, String> {
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(format!(
                "`{reference}` lies outside of the document; bundle it into one file first, as `redocly bundle` does"
            ));
        };
        let pointer = percent_decoded(pointer);
        match self.root.pointer(&pointer) {
            Some(value) => Ok(Place { value, pointer }),
            None => Err(format!("`{reference}` is not there")),
        }
    }

    /// A place, or what it refers to.
    pub(super) fn resolved<'d>(&'d self, place: &Place<'d>) -> Place<'d> {
        let target = place.text("$ref").and_then(|reference| self.follow(reference).ok());
        target.unwrap_or_else(|| place.clone())
    }
}

fn yaml(name: &str, bytes: &[u8], notes: &Notes) -> Result<Value, String> {
    let report = Report::new();
    let tree = crate::yaml::parse(&name.into(), bytes, &report);
    let mut faults = Vec::new();
    for problem in report.problems() {
        // A number that loses digits stands in an example or a bound: nothing hangs on it.
        if problem.rule == "yaml-number" {
            let text = format!("{}: {}; it is left out", problem.span.place(), problem.message);
            notes.check("", text);
        } else if problem.severity == Severity::Error {
            let help = problem.help.map(|help| format!("; {help}")).unwrap_or_default();
            faults.push(format!("{}: {}{help}", problem.span.place(), problem.message));
        }
    }
    faults.truncate(MAX_FAULTS);
    match tree {
        Some(tree) if faults.is_empty() => Ok(tree.to_json()),
        _ => Err(format!("{name} cannot be read as YAML:\n  {}", faults.join("\n  "))),
    }
}

/// References are URIs: `%7B` is `{`.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = text
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if *byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
