//! From JSON schemas to types.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::Notes;
use super::document::{Document, Place};
use super::names::{FieldNames, Taken};
use super::text::{self, plain, sentence};
use super::types::{Body, Declared, Field, Ty};
use crate::names::Name;

/// Schemas looked at in one document; more are a chain of references that multiply.
const MOST: usize = 200_000;
/// Schemas inside of each other.
const DEEPEST: usize = 24;
/// Members of one object, and values of one enumeration.
const WIDEST: usize = 1_000;
/// Longest example or default.
const LONGEST_VALUE: usize = 120;

/// Keywords that restrict values and that the spec language has no word for.
const UNSAID: &[&str] = &[
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "maxProperties",
    "minProperties",
    "multipleOf",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Declares types while schemas are read.
pub(super) struct Schemas<'d> {
    pub(super) document: &'d Document,
    pub(super) notes: &'d Notes,
    pub(super) types: BTreeMap<String, Declared>,
    pub(super) taken: Taken,
    /// Types of schemas that can be referred to, by pointer.
    known: BTreeMap<String, String>,
    /// Enumerations by the name of their field and their values.
    enums: BTreeMap<(String, Vec<String>), String>,
    /// Pointers of the schemas that are being read.
    active: Vec<String>,
    seen: usize,
}

/// A schema with all that it takes over by `allOf`.
struct Merged<'d> {
    parts: Vec<Place<'d>>,
}

impl<'d> Merged<'d> {
    fn get(&self, key: &str) -> Option<Place<'d>> {
        self.parts.iter().find_map(|part| part.get(key))
    }

    fn text(&self, key: &str) -> Option<&'d str> {
        self.parts.iter().find_map(|part| part.text(key))
    }

    fn flag(&self, key: &str) -> bool {
        self.parts.iter().any(|part| part.flag(key))
    }

    /// Members in order, a later one of the same name in the place of an earlier one.
    fn properties(&self) -> Vec<(&'d str, Place<'d>)> {
        // What stands beside `allOf` is the more special.
        let parts = self.parts.iter().skip(1).chain(self.parts.first());
        let parts = parts.filter_map(|part| part.get("properties"));
        let all: IndexMap<&str, Place<'_>> = parts.flat_map(|properties| properties.entries()).collect();
        all.into_iter().collect()
    }

    fn required(&self) -> BTreeSet<&'d str> {
        let lists = self.parts.iter().filter_map(|part| part.get("required"));
        lists
            .flat_map(|list| list.items())
            .filter_map(|item| item.value.as_str())
            .collect()
    }

    /// The types that it names, without null, and whether null is one.
    fn types(&self) -> (Vec<&'d str>, bool) {
        let mut named: Vec<&str> = Vec::new();
        for part in &self.parts {
            match part.get("type").map(|place| place.value) {
                Some(Value::String(kind)) if named.is_empty() => named.push(kind),
                Some(Value::Array(kinds)) if named.is_empty() => named.extend(kinds.iter().filter_map(Value::as_str)),
                _ => {}
            }
        }
        let null = named.contains(&"null") || self.flag("nullable");
        named.retain(|kind| *kind != "null");
        (named, null)
    }

    fn choices(&self) -> Option<Place<'d>> {
        self.get("oneOf").or_else(|| self.get("anyOf"))
    }
}

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Document, notes: &'d Notes) -> Self {
        Self {
            document,
            notes,
            types: BTreeMap::new(),
            taken: Taken::default(),
            known: BTreeMap::new(),
            enums: BTreeMap::new(),
            active: Vec::new(),
            seen: 0,
        }
    }

    /// Tells a document whose schemas unfold without an end.
    pub(super) fn within_bounds(&self) -> Result<(), String> {
        match self.seen > MOST {
            true => Err(format!(
                "its schemas unfold to more than {MOST}; import parts of it with --tag"
            )),
            false => Ok(()),
        }
    }

    /// A field called so; types inside that have no name are called like `owner`.
    pub(super) fn field(&mut self, name: &str, place: &Place<'d>, owner: &str) -> Field {
        self.seen += 1;
        let mut field = Field::new(name, Ty::JSON, &place.pointer);
        if self.seen > MOST || self.active.len() > DEEPEST {
            field
                .checks
                .push(self.notes.check(&place.pointer, "nested too deeply: any value"));
            return field;
        }
        let target = self.sole(place);
        let reference = target.pointer != place.pointer;
        if reference && self.active.contains(&target.pointer) && !self.known.contains_key(&target.pointer) {
            field.checks.push(self.notes.check(
                &place.pointer,
                "a schema that contains itself without a member: any value",
            ));
            return field;
        }
        let owner = match reference {
            true => type_name_of(&target.pointer),
            false => owner.to_owned(),
        };
        let merged = self.merged(&target);
        self.active.push(target.pointer.clone());
        let (types, null) = merged.types();
        field.nullable = null
            || place.flag("nullable")
            || merged
                .get("enum")
                .is_some_and(|list| list.items().iter().any(|v| v.value.is_null()));
        self.ty(&mut field, &merged, &types, &owner, &target);
        self.active.pop();
        self.facts(&mut field, &merged, place);
        field
    }

    /// A field that holds a file, or a list of files.
    pub(super) fn file(&self, name: &str, place: &Place<'d>, list: bool) -> Field {
        let merged = self.merged(&self.document.resolved(place));
        let file = Ty::Word("file");
        let ty = if list { Ty::List(Box::new(file)) } else { file };
        let mut field = Field::new(name, ty, &place.pointer);
        if list {
            self.bounds(&mut field, &merged, "minItems", "maxItems");
        }
        field.doc = self.doc_of(&merged, place);
        field
    }

    /// The type alone, with what has to be looked at.
    pub(super) fn ty_of(&mut self, place: &Place<'d>, owner: &str) -> (Ty, Vec<String>) {
        let field = self.field("", place, owner);
        (field.ty, field.checks)
    }

    /// Members of an object, `allOf` taken together; nothing when it is no object with members.
    pub(super) fn object(&self, place: &Place<'d>) -> Option<Object<'d>> {
        let merged = self.merged(&self.document.resolved(place));
        let (types, _) = merged.types();
        let object = types.is_empty() || types == ["object"];
        let properties = merged.properties();
        (object && !properties.is_empty() && properties.len() <= WIDEST && merged.choices().is_none()).then(|| Object {
            required: merged.required(),
            open: merged
                .get("additionalProperties")
                .is_some_and(|more| *more.value != Value::Bool(false)),
            properties,
        })
    }

    /// The schema of the items, if it is a list.
    pub(super) fn list_items(&self, place: &Place<'d>) -> Option<Option<Place<'d>>> {
        let merged = self.merged(&self.document.resolved(place));
        let (types, _) = merged.types();
        let items = merged.get("items");
        let list = types == ["array"] || (types.is_empty() && items.is_some());
        list.then_some(items)
    }

    /// Whether it is text or a number of this kind.
    pub(super) fn is_scalar(&self, place: &Place<'d>, kind: &str) -> bool {
        self.merged(&self.document.resolved(place)).types().0 == [kind]
    }

    /// Whether it is the content of a file, or a list of such.
    pub(super) fn is_file(&self, place: &Place<'d>) -> bool {
        let merged = self.merged(&self.document.resolved(place));
        let media = merged.text("contentMediaType").is_some() && merged.text("contentEncoding").is_none();
        merged.text("format") == Some("binary") || media
    }

    /// What a place refers to, by `$ref` or by an `allOf` of nothing else.
    fn sole(&self, place: &Place<'d>) -> Place<'d> {
        const OWN: &[&str] = &[
            "properties",
            "required",
            "oneOf",
            "anyOf",
            "additionalProperties",
            "enum",
        ];
        let mut target = self.document.resolved(place);
        for _ in 0..DEEPEST {
            let branches = target.get("allOf").map(|list| list.items()).unwrap_or_default();
            match &branches[..] {
                [only] if OWN.iter().all(|key| !target.has(key)) => target = self.document.resolved(only),
                _ => break,
            }
        }
        target
    }

    fn merged(&self, place: &Place<'d>) -> Merged<'d> {
        let mut merged = Merged { parts: Vec::new() };
        let mut open = vec![place.clone()];
        let mut met = BTreeSet::new();
        while let Some(part) = open.pop() {
            let part = self.document.resolved(&part);
            if !met.insert(part.pointer.clone()) {
                // Twice the same says nothing more, and a schema that takes itself over ends here.
                continue;
            }
            let branches = part.get("allOf").map(|list| list.items()).unwrap_or_default();
            open.extend(branches.into_iter().rev());
            merged.parts.push(part);
        }
        merged
    }

    fn ty(&mut self, field: &mut Field, merged: &Merged<'d>, types: &[&str], owner: &str, target: &Place<'d>) {
        if let Some(choices) = merged.choices() {
            return self.choice(field, &choices, merged, owner, target);
        }
        let properties = merged.properties();
        let kind = match types {
            [one] => *one,
            [] if !properties.is_empty() || merged.get("additionalProperties").is_some() => "object",
            [] if merged.get("items").is_some() => "array",
            [] if merged.get("enum").is_some() || merged.get("const").is_some() => "string",
            [] => "",
            _ => return self.several(field, merged, types, owner, target),
        };
        field.ty = match kind {
            "string" => self.text(field, merged, owner, target),
            "integer" | "number" => {
                self.list_numbers(field, merged);
                self.bounds(field, merged, "minimum", "maximum");
                Ty::Word(if kind == "integer" { "int" } else { "number" })
            }
            "boolean" => Ty::Word("bool"),
            "array" => {
                self.bounds(field, merged, "minItems", "maxItems");
                let items = merged.get("items");
                let inner = items.map(|items| self.ty_of(&items, &singular(owner)));
                let (inner, checks) = inner.unwrap_or((Ty::JSON, Vec::new()));
                field.checks.extend(checks);
                Ty::List(Box::new(inner))
            }
            "object" if properties.len() > WIDEST => {
                let why = format!("more than {WIDEST} members: an object with any members");
                field.checks.push(self.notes.check(&target.pointer, why));
                Ty::free_object()
            }
            "object" if properties.is_empty() => self.map(field, merged, owner),
            "object" => self.record(merged, owner, target),
            "" => Ty::JSON,
            other => {
                let why = format!("`{other}` is no type of a schema: any value");
                field.checks.push(self.notes.check(&target.pointer, why));
                Ty::JSON
            }
        };
    }

    fn several(&mut self, field: &mut Field, merged: &Merged<'d>, types: &[&str], owner: &str, target: &Place<'d>) {
        let mut all = Vec::new();
        for kind in types {
            let mut one = Field::new("", Ty::JSON, &target.pointer);
            self.ty(&mut one, merged, &[kind], owner, target);
            if !all.contains(&one.ty) {
                all.push(one.ty);
            }
        }
        field.ty = self.either(field, all, target);
    }

    /// `oneOf` and `anyOf`.
    fn choice(&mut self, field: &mut Field, choices: &Place<'d>, merged: &Merged<'d>, owner: &str, target: &Place<'d>) {
        let all = choices.items();
        let is_null = |branch: &Place<'d>| branch.text("type") == Some("null");
        field.nullable |= all.iter().any(is_null);
        let branches: Vec<_> = all.iter().filter(|branch| !is_null(branch)).collect();
        // Members beside the choice would be lost with it.
        let beside = !merged.properties().is_empty();
        match branches[..] {
            [only] if !beside => {
                let one = self.field(&field.name, only, owner);
                field.nullable |= one.nullable;
                (field.ty, field.min, field.max, field.doc) = (one.ty, one.min, one.max, one.doc);
                field.checks.extend(one.checks);
            }
            _ => {
                let mut types: Vec<Ty> = Vec::new();
                for (at, branch) in branches.iter().enumerate() {
                    let (ty, _) = self.ty_of(branch, &format!("{owner}{}", at + 1));
                    if !types.contains(&ty) {
                        types.push(ty);
                    }
                }
                if beside {
                    types.push(Ty::free_object());
                }
                field.ty = self.either(field, types, target);
            }
        }
    }

    /// One of several types, as far as the language can say it.
    fn either(&mut self, field: &mut Field, types: Vec<Ty>, target: &Place<'d>) -> Ty {
        let object = |ty: &Ty| match ty {
            Ty::Map(_) => true,
            Ty::Named(name) => matches!(
                self.types.get(name).map(|known| &known.body),
                Some(Body::Fields(_)) | None
            ),
            _ => false,
        };
        match &types[..] {
            [only] => return only.clone(),
            _ if types.iter().all(object) && !types.is_empty() => {
                let why = "one of several objects: written as an object with any members";
                field.checks.push(self.notes.check(&target.pointer, why));
                return Ty::free_object();
            }
            _ => {}
        }
        let simple = |ty: &Ty| match ty {
            Ty::List(inner) => !object(inner) && **inner != Ty::JSON,
            other => !object(other) && *other != Ty::JSON,
        };
        if !types.is_empty() && types.iter().all(simple) {
            return Ty::OneOf(types);
        }
        let why = "one of several shapes: written as any value";
        field.checks.push(self.notes.check(&target.pointer, why));
        Ty::JSON
    }

    fn map(&mut self, field: &mut Field, merged: &Merged<'d>, owner: &str) -> Ty {
        let values = merged.get("additionalProperties").filter(|more| more.value.is_object());
        let inner = values.map(|values| self.ty_of(&values, &format!("{owner}Value")));
        let (inner, checks) = inner.unwrap_or((Ty::JSON, Vec::new()));
        field.checks.extend(checks);
        Ty::Map(Box::new(inner))
    }

    fn record(&mut self, merged: &Merged<'d>, owner: &str, target: &Place<'d>) -> Ty {
        if let Some(known) = self.known.get(&target.pointer) {
            return Ty::Named(known.clone());
        }
        let name = self.taken.type_name(owner);
        // Known before it is complete: it may contain itself.
        self.known.insert(target.pointer.clone(), name.clone());
        let required = merged.required();
        let mut names = FieldNames::default();
        let mut fields = Vec::new();
        for (wire, place) in merged.properties() {
            if wire.is_empty() || *place.value == Value::Bool(false) {
                self.notes
                    .check(&place.pointer, "a member without a name or value: left out");
                continue;
            }
            let mut field = self.field(wire, &place, &format!("{name}{}", Name::new(wire).type_name()));
            names.settle(&mut field, "");
            field.required = required.contains(wire);
            fields.push(field);
        }
        let declared = Declared {
            doc: self
                .doc_of(merged, target)
                .unwrap_or_else(|| sentence(&Name::new(owner).title())),
            body: Body::Fields(fields),
        };
        self.types.insert(name.clone(), declared);
        Ty::Named(name)
    }

    fn text(&mut self, field: &mut Field, merged: &Merged<'d>, owner: &str, target: &Place<'d>) -> Ty {
        if let Some(ty) = self.enumeration(field, merged, owner, target) {
            return ty;
        }
        self.bounds(field, merged, "minLength", "maxLength");
        match merged.text("format").unwrap_or_default() {
            "date-time" => Ty::Word("iso8601"),
            "date" => Ty::Word("date"),
            "email" => Ty::Word("email"),
            "uri" | "url" => Ty::Word("url"),
            "uuid" => Ty::Word("uuid"),
            "html" => Ty::Word("html"),
            "password" => {
                field.secret = true;
                Ty::TEXT
            }
            "binary" => {
                let why = "the content of a file outside of a multipart form: written as text";
                field.checks.push(self.notes.check(&field.pointer, why));
                Ty::TEXT
            }
            _ => Ty::TEXT,
        }
    }

    fn enumeration(&mut self, field: &mut Field, merged: &Merged<'d>, owner: &str, target: &Place<'d>) -> Option<Ty> {
        if let Some(known) = self.known.get(&target.pointer) {
            return Some(Ty::Named(known.clone()));
        }
        let list = merged.get("enum").map(|list| list.items());
        let list = list.or_else(|| merged.get("const").map(|only| vec![only]))?;
        let given = list.iter().filter(|value| !value.value.is_null()).count();
        let mut values: Vec<String> = Vec::new();
        let mut variants = BTreeSet::new();
        for value in list.iter().filter_map(|value| value.value.as_str()) {
            // Two that are spelled alike in Rust cannot stand in one enumeration.
            if !value.trim().is_empty() && variants.insert(Name::new(value).variant()) {
                values.push(value.to_owned());
            }
        }
        if values.len() > WIDEST {
            let why = format!("more than {WIDEST} values: written as text");
            field.checks.push(self.notes.check(&field.pointer, why));
            return None;
        }
        if values.is_empty() || (given > values.len() && field.name.is_empty()) {
            return None;
        }
        if given > values.len() {
            let why = "values that are empty, no text or alike but for case and signs: written as text with the values in words";
            field.checks.push(self.notes.check(&field.pointer, why));
            let said: Vec<String> = list.iter().map(|value| value.value.to_string()).collect();
            field.doc = Some(format!("One of: {}.", said.join(", ")));
            return None;
        }
        let key = (field.name.clone(), values.clone());
        let name = match self.enums.get(&key) {
            Some(known) => known.clone(),
            None => {
                let name = self.taken.type_name(owner);
                self.enums.insert(key, name.clone());
                let doc = self
                    .doc_of(merged, target)
                    .unwrap_or_else(|| sentence(&Name::new(owner).title()));
                let body = Body::Values(values);
                self.types.insert(name.clone(), Declared { doc, body });
                name
            }
        };
        self.known.insert(target.pointer.clone(), name.clone());
        Some(Ty::Named(name))
    }

    /// Enumerations of numbers have no words: the doc lists them.
    fn list_numbers(&self, field: &mut Field, merged: &Merged<'d>) {
        if let Some(list) = merged.get("enum") {
            let said: Vec<String> = list.items().iter().map(|value| text_of(value.value)).collect();
            field.doc = Some(format!("One of: {}.", said.join(", ")));
            let why =
                "an enumeration of numbers: written as a number with the values in words; give them words and codes";
            field.checks.push(self.notes.check(&field.pointer, why));
        }
    }

    fn bounds(&self, field: &mut Field, merged: &Merged<'d>, least: &str, most: &str) {
        let exclusive = |key: &str| merged.get(key).map(|place| place.value);
        let bound = |key: &str, outside: &str, step: i64| -> Option<i64> {
            let value = |value: &Value| value.as_i64().or_else(|| whole(value.as_f64()?));
            match (exclusive(outside), merged.get(key)) {
                // 3.1 has the number there, 3.0 a flag.
                (Some(Value::Number(number)), _) => {
                    value(&Value::Number(number.clone())).map(|n| n.saturating_add(step))
                }
                (Some(Value::Bool(true)), Some(place)) => value(place.value).map(|n| n.saturating_add(step)),
                (_, Some(place)) => value(place.value),
                _ => None,
            }
        };
        field.min = bound(least, "exclusiveMinimum", 1);
        field.max = bound(most, "exclusiveMaximum", -1);
        let fraction = |key: &str| {
            merged
                .get(key)
                .and_then(|place| place.value.as_f64())
                .is_some_and(|n| whole(n).is_none())
        };
        for key in [least, most] {
            if fraction(key) {
                let why = format!("`{key}` is no whole number and cannot be said");
                field.checks.push(self.notes.check(&field.pointer, why));
            }
        }
        if let (Some(min), Some(max)) = (field.min, field.max)
            && min > max
        {
            (field.min, field.max) = (None, None);
            let why = format!("`{least}` is greater than `{most}`: both left out");
            field.checks.push(self.notes.check(&field.pointer, why));
        }
    }

    fn doc_of(&self, merged: &Merged<'d>, place: &Place<'d>) -> Option<String> {
        let text = merged.text("description").or_else(|| merged.text("title"))?;
        self.doc(text, text::FIELD, place)
    }

    /// A description, cut if it is too long.
    pub(super) fn doc(&self, text: &str, most: usize, place: &Place<'d>) -> Option<String> {
        let text = plain(text);
        if text.is_empty() {
            return None;
        }
        Some(sentence(&match text::cut(&text, most) {
            Some(cut) => {
                self.notes
                    .check(&place.pointer, "a description is longer than clients take: it was cut");
                cut
            }
            None => text,
        }))
    }

    /// What is known besides the type. What stands beside a reference goes before what it leads to.
    fn facts(&mut self, field: &mut Field, merged: &Merged<'d>, place: &Place<'d>) {
        let beside = |key: &str| place.get(key).or_else(|| merged.get(key));
        let values = field.doc.take();
        let text = place.text("description").or_else(|| merged.text("description"));
        field.doc = text.and_then(|text| self.doc(text, text::FIELD - 100, place));
        if let Some(values) = values {
            let said = field.doc.take().map(|doc| format!("{doc} {values}"));
            let doc = said.unwrap_or(values);
            field.doc = Some(text::cut(&doc, text::FIELD).unwrap_or(doc));
        }
        if let Some(pattern) = merged.text("pattern").filter(|_| field.ty == Ty::TEXT) {
            let why = "a pattern, which is not checked: said in the doc";
            field.checks.push(self.notes.check(&place.pointer, why));
            if pattern.chars().count() < 80 && !pattern.contains(char::is_control) {
                let doc = field.doc.take().map(|doc| format!("{doc} ")).unwrap_or_default();
                field.doc = Some(format!("{doc}Matches {pattern} as a regular expression."));
            }
        }
        for key in UNSAID.iter().filter(|key| merged.get(key).is_some()) {
            let why = format!("`{key}` cannot be said");
            field.checks.push(self.notes.check(&place.pointer, why));
        }
        let said = |place: Place<'d>| short(place.value);
        field.default = beside("default").and_then(said);
        let first = || beside("examples").and_then(|list| list.items().into_iter().next());
        field.example = beside("example").or_else(first).and_then(said);
        field.deprecated = place.flag("deprecated") || merged.flag("deprecated");
        let flag = |key: &str| place.flag(key) || merged.flag(key);
        field.access = match (flag("readOnly"), flag("writeOnly")) {
            (true, false) => Some("read"),
            (false, true) => Some("write"),
            _ => None,
        };
    }
}

/// An object with its members.
pub(super) struct Object<'d> {
    pub(super) properties: Vec<(&'d str, Place<'d>)>,
    pub(super) required: BTreeSet<&'d str>,
    /// Whether the document allows further ones.
    pub(super) open: bool,
}

/// The name of what a pointer leads to.
fn type_name_of(pointer: &str) -> String {
    let last = pointer.rsplit('/').next().unwrap_or_default();
    Name::new(last.replace("~1", "/").replace("~0", "~")).type_name()
}

/// Name of the items of a list that is called so.
fn singular(owner: &str) -> String {
    let words = crate::names::singular(&Name::new(owner).snake());
    Name::new(words).type_name()
}

fn whole(number: f64) -> Option<i64> {
    // Beyond, numbers have gaps.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value that is short enough to be an example.
fn short(value: &Value) -> Option<Value> {
    let text = text_of(value);
    let sound = !value.is_null() && text.chars().count() <= LONGEST_VALUE && !text.contains(char::is_control);
    (sound && !text.trim().is_empty()).then(|| value.clone())
}
