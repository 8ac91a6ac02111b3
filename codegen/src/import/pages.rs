//! How lists go on, where parameters clearly say so.

use serde_json::{Map, Value, json};

use super::document::{Place, token};
use super::names::FieldNames;
use super::schema::Schemas;
use super::types::{Arguments, Field, Ty};
use crate::names::Name;

/// Parameters that hold a page number.
const NUMBERS: &[&str] = &["page", "page_number", "page_no", "page_num"];
/// Parameters that hold a number of items to skip.
const OFFSETS: &[&str] = &["offset", "skip"];
/// Parameters that hold a cursor.
const CURSORS: &[&str] = &[
    "after",
    "continuation_token",
    "cursor",
    "next_cursor",
    "next_page_token",
    "next_token",
    "page_after",
    "page_cursor",
    "page_token",
    "starting_after",
];
/// Parameters that hold the number of items in a page.
const SIZES: &[&str] = &["limit", "max_results", "page_limit", "page_size", "per_page", "size"];
/// Members of answers that hold the next cursor.
const NEXT: &[&str] = &[
    "after_cursor",
    "continuation_token",
    "end_cursor",
    "next_cursor",
    "next_page_token",
    "next_token",
    "starting_after",
];
/// Objects in answers that hold it.
const AROUND: &[&str] = &[
    "meta",
    "metadata",
    "page",
    "page_info",
    "pages",
    "pagination",
    "paging",
    "cursors",
    "next",
    "response_metadata",
];
/// Names that Deskhand gives to arguments of its own.
const RESERVED: &[(&str, &str)] = &[
    ("limit", "page_size"),
    ("next_cursor", "cursor"),
    ("clear", "clear_value"),
];

/// Guesses how a list goes on; notes what it cannot tell.
pub(super) fn guess<'d>(
    schemas: &Schemas<'d>,
    arguments: &mut Arguments,
    schema: Option<&Place<'d>>,
    checks: &mut Vec<String>,
) -> Option<Value> {
    let position = |names: &[&str]| {
        let spelled = |field: &Field| Name::new(field.wire()).snake();
        arguments
            .query
            .iter()
            .position(|field| names.contains(&spelled(field).as_str()))
    };
    let size = position(SIZES);
    let (moved, style) = match (position(CURSORS), position(OFFSETS), position(NUMBERS)) {
        (Some(at), _, _) => (at, "cursor"),
        (None, Some(at), _) => (at, "offset"),
        (None, None, Some(at)) => (at, "number"),
        (None, None, None) => return None,
    };
    let field = arguments.query.get_mut(moved)?;
    let mut leave = |why: String| {
        checks.push(schemas.notes.check(&field.pointer, why));
        None
    };
    if style != "cursor" && field.ty != Ty::Word("int") {
        return leave(format!(
            "`{}` looks like a page position but is no whole number: paging is left out",
            field.name
        ));
    }
    let next = schema.and_then(|schema| next_cursor(schemas, schema, 0));
    if style == "cursor" && next.is_none() {
        return leave(format!(
            "`{}` looks like a cursor, but no member of the answer holds the next one: paging is left out",
            field.name
        ));
    }
    if field.name == "next_cursor" {
        rename(field, "cursor");
    }
    field.required = false;
    let mut said = Map::new();
    said.insert("style".to_owned(), style.into());
    said.insert("field".to_owned(), field.name.as_str().into());
    if let Some(next) = next.filter(|_| style == "cursor") {
        said.insert("next".to_owned(), next.into());
    }
    if style == "number" && field.min == Some(0) {
        said.insert("first".to_owned(), 0.into());
    }
    if let Some(field) = size.and_then(|at| arguments.query.get_mut(at))
        && let Some(size) = page_size(schemas, field, checks)
    {
        field.required = false;
        said.insert("size".to_owned(), size);
    }
    Some(Value::Object(said))
}

fn page_size(schemas: &Schemas<'_>, field: &Field, checks: &mut Vec<String>) -> Option<Value> {
    let number = |value: Option<i64>| {
        value
            .and_then(|value| u32::try_from(value).ok())
            .filter(|value| *value > 0)
    };
    let default = number(field.default.as_ref().and_then(Value::as_i64));
    let (Some(default), Ty::Word("int")) = (default, &field.ty) else {
        let why = format!(
            "`{}` looks like a page size, but its default is not told: it is left an argument",
            field.name
        );
        checks.push(schemas.notes.check(&field.pointer, why));
        return None;
    };
    let (min, max) = (number(field.min), number(field.max));
    if min.is_some_and(|min| min > default) || max.is_some_and(|max| max < default) {
        let why = format!(
            "the default of `{}` is outside of its bounds: it is left an argument",
            field.name
        );
        checks.push(schemas.notes.check(&field.pointer, why));
        return None;
    }
    let mut size = json!({ "field": field.name, "default": default });
    for (key, bound) in [("min", min), ("max", max)] {
        if let (Some(bound), Some(size)) = (bound, size.as_object_mut()) {
            size.insert(key.to_owned(), bound.into());
        }
    }
    if max.is_none() {
        let why = format!("the greatest `{}` is not told: taken for its default", field.name);
        checks.push(schemas.notes.check(&field.pointer, why));
    }
    Some(size)
}

/// JSON pointer to the next cursor in an answer.
fn next_cursor(schemas: &Schemas<'_>, schema: &Place<'_>, depth: usize) -> Option<String> {
    const DEEPEST: usize = 3;
    let object = schemas.object(schema)?;
    let spelled = |name: &str| Name::new(name).snake();
    let text = |name: &str, place: &Place<'_>| {
        let name = spelled(name);
        // Beside other words for paging a plain `cursor` or `after` is the next one, too.
        let known = NEXT.contains(&name.as_str())
            || name == "cursor"
            || (depth > 0 && matches!(name.as_str(), "after" | "next"));
        known && schemas.is_scalar(place, "string")
    };
    if let Some((name, _)) = object.properties.iter().find(|(name, place)| text(name, place)) {
        return Some(format!("/{}", token(name)));
    }
    if depth == DEEPEST {
        return None;
    }
    object
        .properties
        .iter()
        .filter(|(name, _)| AROUND.contains(&spelled(name).as_str()))
        .find_map(|(name, place)| {
            let inner = next_cursor(schemas, place, depth + 1)?;
            Some(format!("/{}{inner}", token(name)))
        })
}

fn rename(field: &mut Field, name: &str) {
    let wire = field.wire().to_owned();
    name.clone_into(&mut field.name);
    field.wire = Some(wire);
}

/// Another name for an argument that would have one of Deskhand's own.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    RESERVED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, other)| *other)
}

/// Gives arguments other names where theirs are Deskhand's own.
pub(super) fn free_reserved(arguments: &mut Arguments, pages: Option<&Value>) {
    let size = pages
        .and_then(|pages| pages.get("size")?.get("field")?.as_str())
        .map(str::to_owned);
    let mut names = FieldNames::default();
    for field in arguments.all_mut() {
        let other = other_name(&field.name).filter(|_| size.as_deref() != Some(field.name.as_str()));
        if let Some(other) = other {
            rename(field, other);
        }
    }
    // The other name may be taken.
    for field in arguments.all_mut() {
        names.settle(field, "call");
    }
}
