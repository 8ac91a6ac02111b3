//! Plays the cases of a tool through the typed client as well, without a line of Rust for each.
//!
//! [`read`] makes a typed call of a tool's arguments, [`Told`] says a typed answer as a tool would, and [`same`]
//! compares the two. What is sent and answered is written by hand in the cases; nothing here knows it.

use deskhand_runtime::client::{Page, Redirect};
use deskhand_runtime::operation::Operation;
use deskhand_runtime::record::{Member, Names, Record, from_arguments};
use deskhand_runtime::shape::{Shape, Table};
use serde_json::{Map, Value, json};

/// A typed call of arguments as a tool takes them.
///
/// # Errors
/// A value is not of its member's type, or there is no member for it.
pub fn read<C: Record>(operation: &Operation, arguments: &Value) -> Result<C, String> {
    let table = (operation.input)();
    let Value::Object(arguments) = arguments else {
        return Err("the arguments are no object".to_owned());
    };
    let mut arguments = arguments.clone();
    for name in arguments
        .shift_remove("clear")
        .iter()
        .flat_map(Value::as_array)
        .flatten()
    {
        let name = name.as_str().ok_or("clear names arguments")?;
        arguments.insert(name.to_owned(), Value::Null);
    }
    let size = operation.pages.as_ref().and_then(|pages| pages.size.as_ref());
    if let (Some(size), Some(limit)) = (size, arguments.shift_remove("limit")) {
        arguments.insert(size.field.to_owned(), limit);
    }
    if let Some(unknown) = arguments.keys().find(|name| table.field(name).is_none()) {
        return Err(format!("there is no member for {unknown}"));
    }
    from_arguments(all_as_typed(table, arguments)).map_err(|fault| fault.to_string())
}

/// A value as typed calls know it: JSON given as text is JSON, words of coded enumerations are codes.
fn as_typed(shape: &Shape, value: Value) -> Value {
    let parsed = match (shape, &value) {
        (Shape::List(_) | Shape::Map(_) | Shape::Record(_), Value::String(text)) => serde_json::from_str(text).ok(),
        _ => None,
    };
    match (shape, parsed.unwrap_or(value)) {
        (Shape::List(item), Value::Array(items)) => items.into_iter().map(|value| as_typed(item, value)).collect(),
        (Shape::Map(item), Value::Object(members)) => {
            let members = members.into_iter();
            Value::Object(members.map(|(name, value)| (name, as_typed(item, value))).collect())
        }
        (Shape::Record(table), Value::Object(members)) => Value::Object(all_as_typed(table.get(), members)),
        (Shape::Enum(table), Value::String(word)) if table.coded => {
            let known = table.values.iter().find(|value| value.word == word);
            known.map_or(Value::String(word), |value| Value::from(value.code))
        }
        (_, value) => value,
    }
}

fn all_as_typed(table: &'static Table, members: Map<String, Value>) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let value = match table.field(&name) {
            Some(field) => as_typed(&field.shape, value),
            None => value,
        };
        (name, value)
    };
    members.into_iter().map(member).collect()
}

/// A typed answer, to be said as a tool says it: `(&Told(answer)).told()`.
pub struct Told<T>(pub T);

/// Answers that are no values of their own.
pub trait TellAnswer {
    /// The answer in the form of a tool's.
    fn told(&self) -> Value;
}

impl<T: Member> TellAnswer for Told<Page<T>> {
    fn told(&self) -> Value {
        let items: Vec<Value> = self.0.items.iter().map(written).collect();
        let next = self.0.next.as_ref().map(|_| "<cursor>");
        let mut told = json!({ "result_count": items.len(), "result": items, "next_cursor": next });
        if let Some(total) = self.0.total {
            told["total"] = total.into();
        }
        told
    }
}

impl TellAnswer for Told<()> {
    fn told(&self) -> Value {
        json!({ "ok": true })
    }
}

impl TellAnswer for Told<bool> {
    fn told(&self) -> Value {
        json!({ "exists": self.0 })
    }
}

impl TellAnswer for Told<Redirect> {
    fn told(&self) -> Value {
        json!({ "location": self.0.location })
    }
}

/// All other answers. A trait of its own, so that the answers above go first.
pub trait TellValue {
    /// The answer in the form of a tool's.
    fn told(&self) -> Value;
}

impl<T: Member> TellValue for &Told<T> {
    fn told(&self) -> Value {
        match written(&self.0) {
            object @ Value::Object(_) => object,
            other => json!({ "result": other }),
        }
    }
}

fn written<T: Member>(value: &T) -> Value {
    value.write(Names::Wire).unwrap_or_default()
}

/// Whether a typed answer says what the tool's does.
///
/// Types keep no order, no nulls, and not whether a number came as text; nothing else may differ.
#[must_use]
pub fn same(typed: &Value, expected: &Value) -> bool {
    let kept = |members: &Map<String, Value>| -> Vec<String> {
        let kept = members.iter().filter(|(_, value)| !value.is_null());
        kept.map(|(name, _)| name.clone()).collect()
    };
    match (typed, expected) {
        (Value::String(left), Value::String(right)) => left == right || (right == "<cursor>" && !left.is_empty()),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let (mut names, mut wanted) = (kept(left), kept(right));
            names.sort_unstable();
            wanted.sort_unstable();
            names == wanted && names.iter().all(|name| same(&left[name], &right[name]))
        }
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            number.to_string() == *text
        }
        (left, right) => left == right,
    }
}

/// Members of an answer that no table names, as dotted paths.
#[must_use]
pub fn unnamed(shape: &Shape, answer: &Value) -> Vec<String> {
    fn walk(shape: &Shape, value: &Value, at: &str, found: &mut Vec<String>) {
        match (shape, value) {
            (Shape::List(item), Value::Array(items)) => {
                items.iter().for_each(|value| walk(item, value, at, found));
            }
            (Shape::Map(item), Value::Object(members)) => {
                members.values().for_each(|value| walk(item, value, at, found));
            }
            (Shape::Record(table), Value::Object(members)) => {
                let table = table.get();
                for (name, value) in members {
                    let place = format!("{at}.{name}");
                    match table.fields.iter().find(|field| field.wire == name) {
                        Some(field) => walk(&field.shape, value, &place, found),
                        None => found.push(place),
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(shape, answer, "", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_by_what_they_say() {
        let is = |left: Value, right: Value| same(&left, &right);
        assert!(is(json!({"a": 1, "b": [2.0]}), json!({"b": [2], "c": null, "a": "1"})));
        assert!(is(json!({"next_cursor": "x"}), json!({"next_cursor": "<cursor>"})));
        assert!(!is(json!({"next_cursor": null}), json!({"next_cursor": "<cursor>"})));
        assert!(!is(json!({"a": 1}), json!({"a": 1, "b": 2})));
        assert!(!is(json!({"a": 1, "b": 2}), json!({"a": 1})));
        assert!(!is(json!([1, 2]), json!([2, 1])));
        assert!(!is(json!([null]), json!([])));
        assert!(!is(json!({"a": true}), json!({"a": 1})));
        assert!(!is(json!("a"), json!("b")));
    }

    #[test]
    fn each_kind_of_answer_is_told_as_a_tool_tells_it() {
        let page = Page {
            items: vec![7_i64, 8],
            next: None,
            total: Some(2),
        };
        let expected = json!({"result": [7, 8], "result_count": 2, "next_cursor": null, "total": 2});
        assert_eq!(Told(page).told(), expected);
        assert_eq!(Told(()).told(), json!({"ok": true}));
        assert_eq!(Told(false).told(), json!({"exists": false}));
        let location = "https://example.com/1".to_owned();
        let redirect = Told(Redirect { location });
        assert_eq!(redirect.told(), json!({"location": "https://example.com/1"}));
        assert_eq!((&Told("x".to_owned())).told(), json!({"result": "x"}));
        assert_eq!((&Told(json!({"a": 1}))).told(), json!({"a": 1}));
    }
}
