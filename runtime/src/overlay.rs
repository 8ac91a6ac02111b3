//! Members that one account defines for itself: read from the helpdesk, shown in schemas, checked before sending.
//!
//! A table says where such members belong ([`Field::dynamic`](crate::shape::Field::dynamic)) and the integration how
//! they are read ([`DynamicFields`]). What an account has is an [`Overlay`]. Schemas and checks take it as they take
//! the tables, so there is one path for both; without one, the place is an open object.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::arguments::{cut, nearest};
use crate::operation::{DynamicFields, DynamicKeys, DynamicKind};
use crate::record::{integer, kind_of};

/// Members kept of one slot; an account with more is unusual, and schemas must stay readable.
const MAX_MEMBERS: usize = 500;
/// Members that a schema shows.
const MAX_SHOWN: usize = 120;
/// Choices kept of one member.
const MAX_CHOICES: usize = 2_000;
/// Characters of all choices that a schema lists for one member; beyond that the first are told in words.
const MAX_CHOICE_TEXT: usize = 3_000;
/// Characters of the choices of one member among many.
const MAX_SHORT: usize = 160;
/// Characters of a label or description that are kept.
const MAX_TEXT: usize = 400;

/// The account-defined members of one account, by slot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overlay {
    slots: BTreeMap<String, Vec<Member>>,
}

/// One account-defined member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Name that callers use: letters, digits and underscores.
    pub key: String,
    /// What stands for it on the wire: a text or a whole number.
    pub wire: Value,
    /// Label that people see.
    pub label: String,
    /// What it is, in sentences; may be empty.
    pub doc: String,
    /// Kind of its values; any when `None`.
    pub kind: Option<DynamicKind>,
    /// The only texts that it may have; empty when free.
    pub choices: Vec<String>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Whether a new record needs it.
    pub required: bool,
}

impl Overlay {
    /// Sets the members of a slot.
    pub fn set(&mut self, slot: &str, members: Vec<Member>) {
        self.slots.insert(slot.to_owned(), members);
    }

    /// The members of a slot; `None` when they were never read.
    #[must_use]
    pub fn slot(&self, slot: &str) -> Option<&[Member]> {
        self.slots.get(slot).map(Vec::as_slice)
    }

    /// The slots that were read, with their members.
    pub fn slots(&self) -> impl Iterator<Item = (&str, &[Member])> {
        self.slots
            .iter()
            .map(|(slot, members)| (slot.as_str(), members.as_slice()))
    }

    /// What differs from an earlier state, a sentence for each member.
    #[must_use]
    pub fn differences(&self, earlier: &Self) -> Vec<String> {
        let mut told = Vec::new();
        let slots: BTreeSet<&String> = self.slots.keys().chain(earlier.slots.keys()).collect();
        for slot in slots {
            let members = |overlay: &'_ Self| -> BTreeMap<String, Member> {
                let members = overlay.slots.get(slot).map(Vec::as_slice).unwrap_or_default();
                members
                    .iter()
                    .map(|member| (member.wire.to_string(), member.clone()))
                    .collect()
            };
            let (old, new) = (members(earlier), members(self));
            for (wire, member) in &new {
                match old.get(wire) {
                    None => told.push(format!("{slot}: `{}` ({}) was added", member.key, member.label)),
                    Some(before) if before != member => {
                        let what = member.changes(before).join("; ");
                        told.push(format!(
                            "{slot}: `{}` ({}) has changed: {what}",
                            member.key, member.label
                        ));
                    }
                    Some(_) => {}
                }
            }
            for (wire, member) in &old {
                if !new.contains_key(wire) {
                    told.push(format!("{slot}: `{}` ({}) is gone", member.key, member.label));
                }
            }
        }
        told
    }
}

/// Reads the members of a slot out of what its operation has listed.
#[must_use]
pub fn read(slot: &DynamicFields, records: &[Value]) -> Vec<Member> {
    let Some(definitions) = &slot.definitions else {
        return Vec::new();
    };
    let mut members = Vec::new();
    let mut taken = BTreeSet::new();
    let mut add = |wire: Value, record: Option<&Value>| {
        if members.len() >= MAX_MEMBERS || members.iter().any(|member: &Member| member.wire == wire) {
            return;
        }
        let at = |pointer: Option<&str>| record.and_then(|record| record.pointer(pointer?));
        let text = |pointer: Option<&str>| {
            at(pointer)
                .and_then(Value::as_str)
                .map(|text| cut(text.trim(), MAX_TEXT))
                .unwrap_or_default()
        };
        let label = match text(definitions.label) {
            label if label.is_empty() => wire.as_str().map(str::to_owned).unwrap_or_default(),
            label => label,
        };
        let mut doc = text(definitions.about);
        for (pointer, note) in definitions.notes {
            if at(Some(pointer)).is_some_and(stands) {
                doc = format!("{doc} {note}").trim().to_owned();
            }
        }
        let kind = definitions.kind.and_then(|(pointer, words)| {
            let word = at(Some(pointer))?.as_str()?;
            words.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
        });
        let choices = at(definitions.choices).and_then(Value::as_array).map(|choices| {
            let texts = choices.iter().filter_map(Value::as_str).map(str::to_owned);
            texts.filter(|text| !text.is_empty()).take(MAX_CHOICES).collect()
        });
        let key = key_of(&wire, &label, &mut taken);
        members.push(Member {
            key,
            wire,
            label,
            doc,
            kind,
            choices: choices.unwrap_or_default(),
            min: at(definitions.min).and_then(number),
            max: at(definitions.max).and_then(number),
            required: at(definitions.required).is_some_and(|value| *value == Value::Bool(true)),
        });
    };
    for record in records {
        match definitions.keys {
            DynamicKeys::Of(pointer) => {
                let left_out = definitions
                    .skip
                    .iter()
                    .any(|pointer| record.pointer(pointer).is_some_and(stands));
                let wire = record.pointer(pointer).filter(|wire| match wire {
                    Value::String(text) => !text.is_empty(),
                    Value::Number(number) => integer(number).is_some(),
                    _ => false,
                });
                if let (false, Some(wire)) = (left_out, wire) {
                    add(wire.clone(), Some(record));
                }
            }
            DynamicKeys::Members(pointer) => {
                let object = record.pointer(pointer).and_then(Value::as_object);
                for key in object.into_iter().flat_map(Map::keys).filter(|key| !key.is_empty()) {
                    add(Value::from(key.as_str()), None);
                }
            }
        }
    }
    members
}

/// A bound, which some vendors write as text.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number| number.is_finite())
}

/// Whether something stands there: anything but null and false.
fn stands(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// A name for callers: the key itself where it is one, else made from it or the label.
fn key_of(wire: &Value, label: &str, taken: &mut BTreeSet<String>) -> String {
    const MOST: usize = 64;
    let plain = |text: &str| -> String {
        let mut name = String::new();
        for c in text.chars() {
            if c.is_ascii_alphanumeric() || c == '_' {
                name.push(c);
            } else if !name.ends_with('_') {
                name.push('_');
            }
        }
        name.trim_matches('_').chars().take(44).collect()
    };
    let name = match wire {
        Value::String(text) => plain(text),
        number => match plain(&label.to_lowercase()) {
            label if label.is_empty() => format!("field_{number}"),
            label => format!("{label}_{number}"),
        },
    };
    let name = match name.chars().next() {
        None => "field".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("field_{name}"),
        Some(_) => name,
    };
    let mut key = name.clone();
    let mut number = 2;
    while !taken.insert(key.to_ascii_lowercase()) {
        let tail = format!("_{number}");
        key = format!("{}{tail}", name.chars().take(MOST - tail.len()).collect::<String>());
        number += 1;
    }
    key
}

impl Member {
    /// Whether a caller means this member by `name`: its key, or what stands on the wire.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.key == name || self.wire_name() == name
    }

    /// What stands for it on the wire, as the name of a member of an object.
    #[must_use]
    pub fn wire_name(&self) -> String {
        match &self.wire {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Checks a value; answers it as it is sent. Null empties the member.
    ///
    /// # Errors
    /// What was expected, as a sentence without its subject.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let parsed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let parsed = parsed.as_ref().unwrap_or(value);
        let expected = |what: &str| Err(format!("expected {what}, found {}", kind_of(value)));
        let checked = match self.kind {
            None => value.clone(),
            Some(DynamicKind::Text) => match value {
                Value::String(_) => value.clone(),
                Value::Number(number) if self.choices.is_empty() => number.to_string().into(),
                _ => return expected("text"),
            },
            Some(DynamicKind::Bool) => match parsed {
                Value::Bool(_) => parsed.clone(),
                _ => return expected("true or false"),
            },
            Some(DynamicKind::Int) => match parsed {
                Value::Number(number) if integer(number).is_some() => parsed.clone(),
                _ => return expected("a whole number"),
            },
            Some(DynamicKind::Number) => match parsed {
                Value::Number(_) => parsed.clone(),
                _ => return expected("a number"),
            },
        };
        if let Some(number) = checked.as_f64()
            && (self.min.is_some_and(|min| number < min) || self.max.is_some_and(|max| number > max))
        {
            return Err(format!("must be {}, is {number}", self.range()));
        }
        if !self.choices.is_empty() {
            let Some(text) = checked.as_str() else {
                return expected("one of its choices, as text");
            };
            if !self.choices.iter().any(|choice| choice == text) {
                let near = nearest(text, self.choices.iter().map(String::as_str));
                let near = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("must be one of: {}.{near}", self.choices_in_words()));
            }
        }
        Ok(checked)
    }

    /// What differs from what it was before.
    fn changes(&self, before: &Self) -> Vec<String> {
        let mut told = Vec::new();
        let lacking = |from: &[String], of: &[String]| {
            let mut lacking = from.iter().filter(|choice| !of.contains(choice));
            let shown: Vec<&str> = lacking.by_ref().take(20).map(String::as_str).collect();
            match lacking.count() {
                0 => shown.join(", "),
                more => format!("{} and {more} more", shown.join(", ")),
            }
        };
        if before.label != self.label {
            told.push(format!("it was called {}", before.label));
        }
        if before.key != self.key {
            told.push(format!("its key was `{}`", before.key));
        }
        if before.kind != self.kind {
            told.push(format!(
                "it takes {}, not {}",
                self.kind_in_words(),
                before.kind_in_words()
            ));
        }
        for (what, choices) in [
            ("new choices", lacking(&self.choices, &before.choices)),
            ("choices gone", lacking(&before.choices, &self.choices)),
        ] {
            if !choices.is_empty() {
                told.push(format!("{what}: {choices}"));
            }
        }
        if (before.min, before.max) != (self.min, self.max) {
            told.push(format!("must be {}, was {}", self.range(), before.range()));
        }
        match (before.required, self.required) {
            (false, true) => told.push("a new record needs it".to_owned()),
            (true, false) => told.push("a new record does not need it any more".to_owned()),
            _ => {}
        }
        if before.doc != self.doc {
            told.push("it is described otherwise".to_owned());
        }
        if told.is_empty() {
            told.push("its choices stand in another order".to_owned());
        }
        told
    }

    fn kind_in_words(&self) -> &'static str {
        match self.kind {
            _ if !self.choices.is_empty() => "one of its choices",
            Some(DynamicKind::Text) => "a text",
            Some(DynamicKind::Int) => "a whole number",
            Some(DynamicKind::Number) => "a number",
            Some(DynamicKind::Bool) => "true or false",
            None => "any value",
        }
    }

    /// What it is and takes, in a few words.
    fn in_short(&self) -> String {
        let what = if self.choices.is_empty() {
            self.kind_in_words().to_owned()
        } else {
            format!("one of {}", cut(&self.choices_in_words(), MAX_SHORT))
        };
        let range = match (self.min, self.max) {
            (None, None) => String::new(),
            _ => format!(" {}", self.range()),
        };
        format!("{} {}: {what}{range}", self.wire_name(), self.label)
    }

    fn range(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "anything".to_owned(),
        }
    }

    /// All choices, or the first of many.
    fn choices_in_words(&self) -> String {
        let mut words = String::new();
        for (index, choice) in self.choices.iter().enumerate() {
            let left = self.choices.len() - index;
            if words.len() + choice.len() > MAX_TEXT && index > 0 {
                words.push_str(&format!(" and {left} more"));
                break;
            }
            if index > 0 {
                words.push_str(", ");
            }
            words.push_str(choice);
        }
        words
    }

    /// The schema of its values.
    fn schema(&self) -> Map<String, Value> {
        let mut schema = Map::new();
        let mut doc = if self.label.is_empty() {
            self.key.clone()
        } else {
            self.label.clone()
        };
        if !doc.ends_with(['.', '?', '!']) {
            doc.push('.');
        }
        if !self.doc.is_empty() {
            doc = format!("{doc} {}", self.doc);
        }
        let kind = match self.kind {
            Some(DynamicKind::Text) => Some("string"),
            Some(DynamicKind::Int) => Some("integer"),
            Some(DynamicKind::Number) => Some("number"),
            Some(DynamicKind::Bool) => Some("boolean"),
            None if self.choices.is_empty() => None,
            None => Some("string"),
        };
        if let Some(kind) = kind {
            schema.insert("type".into(), kind.into());
        } else {
            doc.push_str(" A text, a number, true or false.");
        }
        if !self.choices.is_empty() {
            let length: usize = self.choices.iter().map(|choice| choice.len() + 3).sum();
            if length <= MAX_CHOICE_TEXT {
                schema.insert("enum".into(), self.choices.clone().into());
            }
            doc.push_str(&format!(" One of: {}.", self.choices_in_words()));
        }
        for (name, bound) in [("minimum", self.min), ("maximum", self.max)] {
            if let Some(bound) = bound {
                schema.insert(name.into(), whole(bound));
            }
        }
        if self.min.is_some() || self.max.is_some() {
            doc.push_str(&format!(" A number {}.", self.range()));
        }
        schema.insert("description".into(), cut(&doc, 1_000).into());
        schema
    }
}

fn whole(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small enough by the guard")]
    match number.fract() == 0.0 && number.abs() < 9e15 {
        true => Value::from(number as i64),
        false => json!(number),
    }
}

/// What the values of members are, where the sibling `by` names the member; at most `room` letters.
pub(crate) fn told(members: &[Member], by: &str, room: usize) -> String {
    let mut told = format!("In this account, by `{by}`: ");
    for (index, member) in members.iter().enumerate() {
        let short = member.in_short();
        let more = format!("{} more.", members.len() - index);
        if told.chars().count() + short.chars().count() + more.chars().count() + 2 > room {
            if index == 0 {
                return String::new();
            }
            told.push_str(&more);
            return told;
        }
        told.push_str(&short);
        told.push_str(if index + 1 == members.len() { "." } else { "; " });
    }
    told
}

/// The schema of a place whose members an account has defined; `open` says whether others may be given.
pub(crate) fn schema(members: &[Member], open: bool, creates: bool) -> Map<String, Value> {
    let shown = || members.iter().take(MAX_SHOWN);
    let properties: Map<String, Value> = shown()
        .map(|member| (member.key.clone(), Value::Object(member.schema())))
        .collect();
    let required: Vec<Value> = shown()
        .filter(|member| creates && member.required)
        .map(|member| member.key.as_str().into())
        .collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), Value::Array(required));
    }
    let open = open || members.len() > MAX_SHOWN;
    schema.insert("additionalProperties".into(), open.into());
    schema
}
