//! Two schemas of one value, told apart: what is accepted less, and what is accepted more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What became of a value that a schema describes.
#[derive(Debug)]
pub(super) enum Finding {
    /// A member came, and whether it has to be given.
    Added { required: bool },
    /// A member is gone.
    Removed,
    /// A member has to be given now.
    Required,
    /// A member need not be given any more.
    Optional,
    /// Fewer values are accepted; why.
    Narrowed(String),
    /// More values are accepted; why.
    Widened(String),
    /// Other words.
    Description,
}

/// Findings with their paths: names from the outside in, parted by dots, `[]` for items of a list.
pub(super) type Findings = Vec<(String, Finding)>;

/// Compares what two schemas of one value accept.
pub(super) fn compare(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    types(old, new, path, found);
    values(old, new, path, found);
    for (keyword, least) in BOUNDS {
        bound(old, new, keyword, *least, path, found);
    }
    form(old, new, path, found);
    rules(old, new, path, found);
    members(old, new, path, found);
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (old.get("items"), new.get("items")) {
        compare(old, new, &format!("{path}[]"), found);
    }
    others(old, new, path, found);
    // What a keyword says is said in words, too: a description is no change besides.
    let told = found.iter().any(|(known, _)| known == path);
    if !path.is_empty() && !told && old.get("description") != new.get("description") {
        found.push((path.to_owned(), Finding::Description));
    }
}

/// Keywords that bound a value, and whether they bound it from below.
const BOUNDS: &[(&str, bool)] = &[
    ("minimum", true),
    ("minLength", true),
    ("minItems", true),
    ("maximum", false),
    ("maxLength", false),
    ("maxItems", false),
];

/// The types that a schema takes; `None` for all.
fn types_of(schema: &Map<String, Value>) -> Option<BTreeSet<&str>> {
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        return Some(BTreeSet::from([kind]));
    }
    let choices = schema.get("anyOf")?.as_array()?;
    Some(
        choices
            .iter()
            .filter_map(|choice| choice.get("type")?.as_str())
            .collect(),
    )
}

fn types(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let (old, new) = (types_of(old), types_of(new));
    if old == new {
        return;
    }
    let said = |types: &Option<BTreeSet<&str>>| match types {
        Some(types) => types.iter().copied().collect::<Vec<_>>().join(" or "),
        None => "any value".to_owned(),
    };
    let change = format!("its type was {} and is {}", said(&old), said(&new));
    let takes = |types: &Option<BTreeSet<&str>>, kind: &str| {
        types
            .as_ref()
            .is_none_or(|types| types.contains(kind) || (kind == "integer" && types.contains("number")))
    };
    let all_still = match &old {
        Some(old) => old.iter().all(|kind| takes(&new, kind)),
        None => new.is_none(),
    };
    let finding = if all_still {
        Finding::Widened(change)
    } else {
        Finding::Narrowed(change)
    };
    found.push((path.to_owned(), finding));
}

fn words(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    Some(
        schema
            .get("enum")?
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect(),
    )
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn values(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let mut push = |finding| found.push((path.to_owned(), finding));
    match (words(old), words(new)) {
        (None, Some(new)) => push(Finding::Narrowed(format!("only {} are accepted now", quoted(&new)))),
        (Some(_), None) => push(Finding::Widened("other values are accepted, too".to_owned())),
        (Some(old), Some(new)) => {
            let without = |all: &[&'_ str], known: &[&str]| -> String {
                let rest: Vec<&str> = all.iter().copied().filter(|word| !known.contains(word)).collect();
                quoted(&rest)
            };
            let (gone, come) = (without(&old, &new), without(&new, &old));
            if !gone.is_empty() {
                push(Finding::Narrowed(format!("{gone} is not accepted any more")));
            }
            if !come.is_empty() {
                push(Finding::Widened(format!("{come} is accepted, too")));
            }
        }
        (None, None) => {}
    }
}

fn bound(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    keyword: &str,
    least: bool,
    path: &str,
    found: &mut Findings,
) {
    let number = |schema: &Map<String, Value>| schema.get(keyword).and_then(Value::as_i64);
    let (before, after) = (number(old), number(new));
    // A bound of another type says nothing; the type was told.
    if before == after || types_of(old) != types_of(new) {
        return;
    }
    let said = |bound: Option<i64>| bound.map_or_else(|| "none".to_owned(), |bound| bound.to_string());
    let change = format!("its {keyword} was {} and is {}", said(before), said(after));
    let narrower = match (before, after) {
        (None, _) => true,
        (_, None) => false,
        (Some(before), Some(after)) => (after > before) == least,
    };
    let finding = if narrower {
        Finding::Narrowed(change)
    } else {
        Finding::Widened(change)
    };
    found.push((path.to_owned(), finding));
}

fn form(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let said = |schema: &Map<String, Value>| schema.get("form").and_then(Value::as_str).map(str::to_owned);
    let finding = match (said(old), said(new)) {
        (before, after) if before == after => return,
        (_, Some(form)) => Finding::Narrowed(format!("it has to be {form} now")),
        (_, None) => Finding::Widened("its form is not checked any more".to_owned()),
    };
    found.push((path.to_owned(), finding));
}

fn rules(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let of = |schema: &Map<String, Value>| -> Vec<Value> {
        schema
            .get("rules")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (old, new) = (of(old), of(new));
    if new.iter().any(|rule| !old.contains(rule)) {
        let why = "a rule over several arguments came or changed".to_owned();
        found.push((path.to_owned(), Finding::Narrowed(why)));
    } else if old.len() > new.len() {
        let why = "a rule over several arguments is gone".to_owned();
        found.push((path.to_owned(), Finding::Widened(why)));
    }
}

fn members(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let (before, after) = (old.get("properties"), new.get("properties"));
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else {
        return;
    };
    let required = |schema: &Map<String, Value>, name: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    for (name, before) in before {
        let path = inside(name);
        let Some(after) = after.get(name) else {
            found.push((path, Finding::Removed));
            continue;
        };
        match (required(old, name), required(new, name)) {
            (false, true) => found.push((path.clone(), Finding::Required)),
            (true, false) => found.push((path.clone(), Finding::Optional)),
            _ => {}
        }
        if let (Value::Object(before), Value::Object(after)) = (before, after) {
            compare(before, after, &path, found);
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        let required = required(new, name);
        found.push((inside(name), Finding::Added { required }));
    }
}

/// Members that the schema does not name.
fn others(old: &Map<String, Value>, new: &Map<String, Value>, path: &str, found: &mut Findings) {
    let open = |schema: &Map<String, Value>| schema.get("additionalProperties") != Some(&Value::Bool(false));
    match (old.get("additionalProperties"), new.get("additionalProperties")) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => compare(old, new, &format!("{path}.*"), found),
        _ if types_of(old) != types_of(new) || open(old) == open(new) => {}
        _ if open(old) => {
            let why = "members that are not named are refused now".to_owned();
            found.push((path.to_owned(), Finding::Narrowed(why)));
        }
        _ => {
            let why = "members that are not named are accepted".to_owned();
            found.push((path.to_owned(), Finding::Widened(why)));
        }
    }
}
