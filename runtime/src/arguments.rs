//! Checking arguments before anything is sent.
//!
//! Tools call with words (`high`), typed clients with what the wire carries (`10`); both are accepted
//! and both come out ready to be encoded. Every fault is reported at once, in table order, then the
//! unknown arguments in the order given, then the rules that tie arguments together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::{ArgumentFault, Code, Error};
use crate::generate;
use crate::operation::{DynamicFields, Operation, PageSize, Pages};
use crate::overlay::{Member, Overlay};
use crate::page::position_of;
use crate::record::{Context, apply_style, base64_decode, integer, kind_of};
use crate::shape::{
    Clear, EnumTable, EnumValue, Field, Form, IdKind, Marks, Place, Presence, QueryStyle, Rule, Shape, Table, Unknown,
};

/// Name of the argument that asks for a page size.
pub const LIMIT: &str = "limit";
/// Name of the argument that asks for the page after another.
pub const NEXT_CURSOR: &str = "next_cursor";
/// Name of the argument that lists what is to be emptied.
pub const CLEAR: &str = "clear";

/// Longest text that is not a file, in bytes, unless the table allows more.
const MAX_TEXT: usize = 1 << 20;
/// Longest identifier, in bytes.
const MAX_ID: usize = 512;
/// Longest cursor, in bytes.
const MAX_CURSOR: usize = 8 << 10;
/// Longest file, in bytes, unless the table tells.
const MAX_FILE: usize = 32 << 20;
/// Deepest nesting of lists and objects.
const MAX_DEPTH: usize = 64;
/// Values looked at in one call, so that no argument costs unbounded time.
const MAX_VALUES: usize = 1_000_000;
/// Faults told in one answer.
const MAX_FAULTS: usize = 40;
/// Characters of a value repeated in a fault.
const MAX_ECHO: usize = 60;
/// Names listed to a caller who used an unknown one.
const MAX_LISTED: usize = 15;

/// What [`check`] needs to know about the caller.
#[derive(Clone, Copy)]
pub struct CheckSettings<'a> {
    /// The account's variables, which stand in for fields that name one ([`Field::variable`]).
    pub variables: &'a BTreeMap<String, String>,
    /// Whether a tool is visible to the caller. Only visible tools are named as sources of identifiers.
    pub tools: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether an argument is fixed by the server: the caller does not know of it.
    pub fixed: &'a (dyn Fn(&str) -> bool + Sync),
    /// Members that the account has defined for itself.
    pub overlay: Option<&'a Overlay>,
    /// The slots of the integration, which say how such members are written.
    pub slots: &'static [DynamicFields],
}

impl Default for CheckSettings<'_> {
    /// No variables, every tool visible, and no argument fixed.
    fn default() -> Self {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        Self {
            variables: &NONE,
            tools: &|_| true,
            fixed: &|_| false,
            overlay: None,
            slots: &[],
        }
    }
}

impl std::fmt::Debug for CheckSettings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckSettings")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Arguments that were found good.
#[derive(Clone, Default)]
pub struct Checked {
    /// What is to be sent, in table order, made values included. Enumerations are codes, booleans follow [`Field::style`], a
    /// cleared field holds what its [`Clear`] says, members of nested records bear their wire names, and
    /// files are `{name, media_type, content_base64}`. A page size asked for is in here, too.
    pub values: Vec<(&'static Field, Value)>,
    /// The cursor of an earlier answer.
    pub next_cursor: Option<String>,
    /// The page size asked for, as the vendor accepts it.
    pub limit: Option<u32>,
}

impl Checked {
    /// The value of the argument with this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(field, _)| field.name == name)
            .map(|(_, value)| value)
    }
}

/// Names the arguments, never their values: they can hold customers' data.
impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.values.iter().map(|(field, _)| field.name).collect();
        f.debug_struct("Checked")
            .field("values", &names)
            .field("next_cursor", &self.next_cursor.is_some())
            .field("limit", &self.limit)
            .finish()
    }
}

/// Checks the arguments of a call and makes them ready to be encoded.
///
/// # Errors
/// All faults found, as [`Code::InvalidArguments`], or as [`Code::PayloadTooLarge`] when nothing but size is wrong.
pub fn check(
    operation: &Operation,
    arguments: Map<String, Value>,
    settings: &CheckSettings<'_>,
) -> Result<Checked, Error> {
    run(operation, arguments, settings, false)
}

/// Checks arguments that are only a part of a call's: nothing is missing yet, and of the rules over several arguments
/// those count that no further argument could satisfy. What is here is meant, so null has to empty something.
///
/// # Errors
/// As [`check`].
pub fn check_part(
    operation: &Operation,
    arguments: Map<String, Value>,
    settings: &CheckSettings<'_>,
) -> Result<(), Error> {
    run(operation, arguments, settings, true).map(drop)
}

fn run(
    operation: &Operation,
    arguments: Map<String, Value>,
    settings: &CheckSettings<'_>,
    partial: bool,
) -> Result<Checked, Error> {
    let table = (operation.input)();
    let mut checker = Checker::new(settings, table);
    checker.partial = partial;
    let checked = checker.operation(operation, table, arguments)?;
    if checker.faults.is_empty() {
        return Ok(checked);
    }
    if checker.faults.len() > MAX_FAULTS {
        checker.faults.truncate(MAX_FAULTS);
        let message = "there are more faults; these are the first";
        checker.faults.push(plain_fault(String::new(), message));
    }
    let error = Error::arguments(checker.faults);
    Err(if checker.only_size {
        error.with_code(Code::PayloadTooLarge)
    } else {
        error
    })
}

/// How a value that an argument has for good is sent, and the word by which rules know it. `None` when it is not good.
pub(crate) fn settled(table: &'static Table, field: &'static Field, value: &Value) -> Option<(Value, Option<String>)> {
    let settings = CheckSettings::default();
    let mut checker = Checker::new(&settings, table);
    checker.field(field, value.clone(), &Context::ROOT.member(field.name), 1, None)
}

/// The arguments that stand beside the table of an operation.
pub(crate) struct Synthetic<'a> {
    /// `limit`, with the sizes it may have.
    pub(crate) size: Option<&'a PageSize>,
    /// `next_cursor`.
    pub(crate) cursor: bool,
    /// `clear`, with the fields it may name.
    pub(crate) clear: Vec<&'static str>,
}

impl<'a> Synthetic<'a> {
    /// What stands beside the table of an operation that is paged so.
    pub(crate) fn of(pages: Option<&'a Pages>, table: &'static Table) -> Self {
        Self {
            size: pages.and_then(|pages| pages.size.as_ref()),
            cursor: pages.is_some(),
            clear: table
                .fields
                .iter()
                .filter(|field| field.clear.is_some())
                .map(|field| field.name)
                .collect(),
        }
    }
}

/// The first sentence of a text, at most `max` characters.
#[must_use]
pub fn first_sentence(text: &str, max: usize) -> String {
    let text = text.trim();
    let line = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    let sentence = sentences(&line).next().unwrap_or_default().trim_end();
    cut(sentence.trim_end_matches('.').trim(), max)
}

/// The sentences of a text, each with the space after it.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut from = 0;
        let mut end = rest.find("\n\n").map_or(rest.len(), |at| at + 2);
        while let Some(at) = rest[from..end].find('.').map(|at| at + from + 1) {
            let space = rest[at..].len() - rest[at..].trim_start().len();
            let abbreviated = ["e.g.", "i.e.", "etc.", "vs.", "approx."];
            if space > 0 && !abbreviated.iter().any(|short| rest[..at].ends_with(short)) {
                end = at + space;
                break;
            }
            from = at;
        }
        let sentence;
        (sentence, rest) = rest.split_at(end);
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// Cuts a text at a word boundary so that it has at most `max` characters.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max.saturating_sub(1)).collect();
    let at = head.rfind(char::is_whitespace).filter(|at| *at * 2 > head.len());
    let mut short = at.map_or(head.as_str(), |at| &head[..at]).trim_end().to_owned();
    short.push('…');
    short
}

/// Every kind of identifier among the arguments of a table, so that a mix-up can be named.
fn kinds_of(table: &'static Table) -> Vec<&'static IdKind> {
    let mut kinds: Vec<&'static IdKind> = Vec::new();
    for field in table.fields {
        if let Shape::Id(kind) = field.shape
            && !kinds.iter().any(|known| known.name == kind.name)
        {
            kinds.push(kind);
        }
    }
    kinds
}

fn plain_fault(argument: String, message: impl Into<String>) -> ArgumentFault {
    ArgumentFault {
        argument,
        message: message.into(),
        did_you_mean: None,
        get_it_from: Vec::new(),
    }
}

/// Whether conversions between kinds of JSON values are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Only the canonical kind.
    Strict,
    /// Also JSON given as text, digits for numbers, numbers for textual identifiers.
    Lenient,
}

/// What a value is checked against besides its shape.
#[derive(Clone, Copy)]
struct Aspect {
    field: &'static Field,
    mode: Mode,
    depth: usize,
    /// Whether the bounds of the field are about this value (not about the items of its list).
    bounded: bool,
}

impl Aspect {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            bounded: false,
            ..self
        }
    }

    fn private(self) -> bool {
        self.field.marks.has(Marks::SECRET) || self.field.marks.has(Marks::PERSONAL)
    }

    fn one_line(self) -> bool {
        matches!(self.field.place, Place::Path | Place::Header) || one_line(self.field.form)
    }
}

/// What is known about one argument after checking it.
#[derive(Clone, Default)]
struct Given {
    /// The value to send, if it is good.
    value: Option<Value>,
    /// The caller gave it (a fault in it does not make it missing).
    given: bool,
    /// It comes from the account.
    from_variable: bool,
    /// Its word, for rules.
    word: Option<String>,
    /// It holds nothing: an empty list, object or text.
    empty: bool,
}

struct Checker<'s> {
    settings: &'s CheckSettings<'s>,
    kinds: Vec<&'static IdKind>,
    faults: Vec<ArgumentFault>,
    only_size: bool,
    left: usize,
    /// Whether other arguments may follow.
    partial: bool,
}

impl<'s> Checker<'s> {
    fn new(settings: &'s CheckSettings<'s>, table: &'static Table) -> Self {
        Self {
            settings,
            kinds: kinds_of(table),
            faults: Vec::new(),
            only_size: true,
            left: MAX_VALUES,
            partial: false,
        }
    }

    fn push(&mut self, fault: ArgumentFault) {
        self.only_size = false;
        self.add(fault);
    }

    fn add(&mut self, fault: ArgumentFault) {
        if !self.is_full() {
            self.faults.push(fault);
        }
    }

    /// Whether there are more faults than are told, so that looking for others is for nothing.
    fn is_full(&self) -> bool {
        self.faults.len() > MAX_FAULTS
    }

    fn fault(&mut self, context: &Context<'_>, message: impl Into<String>) {
        self.push(plain_fault(context.path(), message));
    }

    fn too_large(&mut self, context: &Context<'_>, message: impl Into<String>) {
        self.add(plain_fault(context.path(), message));
    }

    /// Runs a trial: its faults are returned instead of recorded.
    fn attempt<T>(&mut self, trial: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, (Vec<ArgumentFault>, bool)> {
        let faults = std::mem::take(&mut self.faults);
        let only_size = std::mem::replace(&mut self.only_size, true);
        let result = trial(self);
        let found = std::mem::replace(&mut self.faults, faults);
        let found_only_size = std::mem::replace(&mut self.only_size, only_size);
        match result {
            Some(value) if found.is_empty() => Ok(value),
            _ => Err((found, found_only_size)),
        }
    }

    fn replay(&mut self, (faults, only_size): (Vec<ArgumentFault>, bool)) {
        self.only_size &= only_size;
        for fault in faults {
            self.add(fault);
        }
    }

    fn sources(&self, kind: &IdKind) -> Vec<&'static str> {
        kind.yielded_by
            .iter()
            .copied()
            .filter(|tool| (self.settings.tools)(tool))
            .take(3)
            .collect()
    }

    // ---- the arguments of an operation -------------------------------------------------------

    fn operation(
        &mut self,
        operation: &Operation,
        table: &'static Table,
        mut arguments: Map<String, Value>,
    ) -> Result<Checked, Error> {
        let mut synthetic = Synthetic::of(operation.pages.as_ref(), table);
        synthetic.clear.retain(|name| !(self.settings.fixed)(name));
        let size_field = synthetic.size.map(|size| size.field);
        let page = position_of(operation);
        let root = Context::ROOT;

        // What stands beside the table. A field of the table never has one of these names, except a
        // page size that is natively called `limit`.
        let limit_given = if synthetic.size.is_some() {
            take(&mut arguments, LIMIT)
        } else {
            None
        };
        let cursor_given = if synthetic.cursor {
            take(&mut arguments, NEXT_CURSOR)
        } else {
            None
        };
        let clear_given = if synthetic.clear.is_empty() {
            None
        } else {
            take(&mut arguments, CLEAR)
        };
        let (cleared, clear_faults) = match &clear_given {
            Some(value) => self.clear_names(value, table, &synthetic),
            None => (Vec::new(), Vec::new()),
        };

        // The table, in its order.
        let mut native_size: Option<Value> = None;
        let mut given: Vec<Given> = vec![Given::default(); table.fields.len()];
        let mut pending: Vec<(usize, Value)> = Vec::new();
        let mut buckets: Vec<Vec<ArgumentFault>> = vec![Vec::new(); table.fields.len()];
        for (index, field) in table.fields.iter().enumerate() {
            if size_field == Some(field.name) {
                native_size = take(&mut arguments, field.name);
                continue;
            }
            let context = root.member(field.name);
            let value = arguments.shift_remove(field.name);
            let is_cleared = cleared.contains(&field.name);
            if is_cleared {
                given[index].given = true;
                if value.as_ref().is_some_and(|value| !value.is_null()) {
                    buckets[index].push(plain_fault(
                        field.name.to_owned(),
                        "given a value and named in `clear`: do one of the two",
                    ));
                    self.only_size = false;
                } else {
                    given[index].value = Some(cleared_value(field));
                    given[index].empty = true;
                }
                continue;
            }
            let variable = field
                .variable
                .and_then(|name| self.settings.variables.get(name).map(|value| (name, value)));
            let needed =
                field.presence == Presence::Required && page != Some(field.name) && variable.is_none() && !self.partial;
            match value {
                Some(Value::Null) if field.clear.is_some() => {
                    given[index] = Given {
                        value: Some(cleared_value(field)),
                        given: true,
                        empty: true,
                        ..Given::default()
                    };
                }
                Some(Value::Null) if self.partial => {
                    buckets[index].push(plain_fault(field.name.to_owned(), "is null, and it cannot be emptied"));
                    self.only_size = false;
                }
                Some(Value::Null) if needed => {
                    given[index].given = true;
                    let mut fault = self.missing(field, &context);
                    fault.message = format!("is null; it {}", fault.message);
                    buckets[index].push(fault);
                    self.only_size = false;
                }
                None | Some(Value::Null) => {
                    if let Some((name, text)) = variable {
                        match self
                            .attempt(|checker| checker.field(field, Value::from(text.as_str()), &context, 1, None))
                        {
                            Ok((value, word)) => {
                                given[index] = Given {
                                    value: Some(value),
                                    from_variable: true,
                                    word,
                                    ..Given::default()
                                };
                            }
                            Err((faults, _)) => {
                                self.only_size = false;
                                for mut fault in faults {
                                    fault.message =
                                        format!("the account's variable `{name}` stands in: {}", fault.message);
                                    buckets[index].push(fault);
                                }
                            }
                        }
                    } else if needed {
                        buckets[index].push(self.missing(field, &context));
                        self.only_size = false;
                    }
                }
                Some(value) => {
                    given[index].given = true;
                    if field.chosen_by.is_some() {
                        pending.push((index, value));
                    } else {
                        self.settle(field, value, &context, 1, None, &mut given[index], &mut buckets[index]);
                    }
                }
            }
        }
        self.choose(table, pending, &root, 1, &mut given, &mut buckets);
        for faults in buckets {
            for fault in faults {
                self.add(fault);
            }
        }

        // Beside the table.
        let mut checked = Checked::default();
        if let Some(size) = synthetic.size {
            checked.limit = self.page_size(size, limit_given, native_size);
        }
        if let Some(value) = cursor_given {
            checked.next_cursor = self.cursor(&value);
            if let Some(page) = page
                && table
                    .fields
                    .iter()
                    .zip(&given)
                    .any(|(field, given)| field.name == page && given.given)
            {
                self.fault(
                    &root.member(page),
                    format!("given together with `{NEXT_CURSOR}`, which already tells the page: give one of the two"),
                );
            }
        }
        for fault in clear_faults {
            self.push(fault);
        }
        self.unknown(operation, table, &synthetic, &arguments, &given);
        self.rules(table, &mut given, &root, true);

        if self.faults.is_empty() {
            for (field, given) in table.fields.iter().zip(given) {
                if field.place == Place::Flag {
                    continue;
                }
                if let Some(value) = given.value {
                    checked.values.push((field, value));
                } else if size_field == Some(field.name)
                    && let Some(limit) = checked.limit
                {
                    let mut value = Value::from(limit);
                    apply_style(field.style, &mut value);
                    checked.values.push((field, value));
                } else if let Some(way) = field.generate.filter(|_| !self.partial) {
                    let mut value = generate::value(way, field)?;
                    apply_style(field.style, &mut value);
                    checked.values.push((field, value));
                }
            }
        }
        Ok(checked)
    }

    /// Checks a value and files the outcome.
    #[expect(
        clippy::too_many_arguments,
        reason = "the two places of the outcome belong to the caller"
    )]
    fn settle(
        &mut self,
        field: &'static Field,
        value: Value,
        context: &Context<'_>,
        depth: usize,
        tag: Option<&str>,
        given: &mut Given,
        bucket: &mut Vec<ArgumentFault>,
    ) {
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::String(text) => text.trim().is_empty() || (!field.shape.admits_text() && text.trim() == "[]"),
            _ => false,
        };
        match self.attempt(|checker| checker.field(field, value, context, depth, tag)) {
            Ok((value, word)) => {
                given.value = Some(value);
                given.word = word;
                given.empty = empty;
            }
            Err((faults, only_size)) => {
                self.only_size &= only_size;
                bucket.extend(faults);
            }
        }
    }

    /// Checks the values whose shape a sibling chooses, now that the siblings are known.
    fn choose(
        &mut self,
        table: &'static Table,
        pending: Vec<(usize, Value)>,
        context: &Context<'_>,
        depth: usize,
        given: &mut [Given],
        buckets: &mut [Vec<ArgumentFault>],
    ) {
        for (index, value) in pending {
            let field = &table.fields[index];
            let place = context.member(field.name);
            let sibling = field
                .chosen_by
                .and_then(|name| table.fields.iter().position(|field| field.name == name));
            let Some(sibling) = sibling else {
                self.settle(
                    field,
                    value,
                    &place,
                    depth,
                    None,
                    &mut given[index],
                    &mut buckets[index],
                );
                continue;
            };
            if given[sibling].given && given[sibling].value.is_none() {
                // The sibling is at fault and told so; what this should have been is anyone's guess.
                continue;
            }
            let tag = given[sibling]
                .value
                .as_ref()
                .filter(|value| !value.is_null())
                .map(text_of);
            let open = self.partial && depth == 1;
            if tag.is_none() && !open && matches!(field.shape, Shape::Variants(_)) {
                let name = table.fields[sibling].name;
                if buckets[sibling].is_empty() {
                    let tags: Vec<&str> = match field.shape {
                        Shape::Variants(arms) => arms
                            .iter()
                            .map(|arm| tag_word(&table.fields[sibling], arm.tag))
                            .collect(),
                        _ => Vec::new(),
                    };
                    buckets[index].push(plain_fault(
                        place.path(),
                        format!(
                            "its form depends on `{name}`, which is missing: give `{name}` too, one of {}",
                            tags.join(", ")
                        ),
                    ));
                    self.only_size = false;
                }
                continue;
            }
            self.settle(
                field,
                value,
                &place,
                depth,
                tag.as_deref(),
                &mut given[index],
                &mut buckets[index],
            );
        }
    }

    fn missing(&self, field: &'static Field, context: &Context<'_>) -> ArgumentFault {
        let mut message = String::from("is required");
        let doc = first_sentence(field.doc, 160);
        if !doc.is_empty() {
            message.push_str(": ");
            message.push_str(&doc);
        }
        message.push_str(&format!(" ({}", self.expected(field)));
        if let Some(example) = field.example {
            message.push_str(&format!("; for example {example}"));
        }
        message.push(')');
        if let Some(variable) = field.variable {
            message.push_str(&format!(
                ". The account's variable `{variable}` would stand in; it has none"
            ));
        }
        let mut fault = plain_fault(context.path(), message);
        if let Shape::Id(kind) = field.shape {
            fault.get_it_from = self.sources(kind);
        }
        fault
    }

    /// What a field expects, in words.
    fn expected(&self, field: &Field) -> String {
        match (&field.shape, field.form) {
            (Shape::Text, Form::Any) => "text".into(),
            (Shape::Text, form) => form.words(),
            (shape, _) => words(shape),
        }
    }

    fn clear_names(
        &mut self,
        value: &Value,
        table: &'static Table,
        synthetic: &Synthetic<'_>,
    ) -> (Vec<&'static str>, Vec<ArgumentFault>) {
        let parsed = match value {
            Value::String(text) => serde_json::from_str::<Value>(text).ok().filter(Value::is_array),
            _ => None,
        };
        let Value::Array(names) = parsed.as_ref().unwrap_or(value) else {
            let fault = plain_fault(
                CLEAR.to_owned(),
                format!("expected a list of argument names, found {}", kind_of(value)),
            );
            return (Vec::new(), vec![fault]);
        };
        let mut cleared = Vec::new();
        let mut faults = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let place = format!("{CLEAR}.{index}");
            let Some(name) = name.as_str() else {
                faults.push(plain_fault(
                    place,
                    format!("expected the name of an argument, found {}", kind_of(name)),
                ));
                if faults.len() > MAX_FAULTS {
                    break;
                }
                continue;
            };
            if let Some(known) = synthetic.clear.iter().find(|known| **known == name) {
                if !cleared.contains(known) {
                    cleared.push(*known);
                }
                continue;
            }
            let message = if table.field(name).is_some() {
                format!("`{name}` cannot be emptied; these can: {}", synthetic.clear.join(", "))
            } else {
                format!(
                    "there is no argument `{}`; these can be emptied: {}",
                    printable(name),
                    synthetic.clear.join(", ")
                )
            };
            let mut fault = plain_fault(place, message);
            fault.did_you_mean = nearest(name, synthetic.clear.iter().copied());
            faults.push(fault);
            if faults.len() > MAX_FAULTS {
                break;
            }
        }
        (cleared, faults)
    }

    fn page_size(&mut self, size: &PageSize, limit: Option<Value>, native: Option<Value>) -> Option<u32> {
        let (name, value) = match (limit, native) {
            (None, None) => return None,
            (Some(value), None) => (LIMIT, value),
            (None, Some(value)) => (size.field, value),
            (Some(_), Some(_)) => {
                self.fault(
                    &Context::ROOT.member(LIMIT),
                    format!(
                        "given together with `{}`, which means the same: give one of the two",
                        size.field
                    ),
                );
                return None;
            }
        };
        let context = Context::ROOT.member(name);
        let (least, most) = size_bounds(size);
        let Some(number) = whole(&value, Mode::Lenient) else {
            self.fault(
                &context,
                format!(
                    "expected a whole number from {least} to {most}, found {}",
                    kind_of(&value)
                ),
            );
            return None;
        };
        let asked = u32::try_from(number)
            .ok()
            .filter(|asked| (least..=most).contains(asked));
        let Some(asked) = asked else {
            self.fault(&context, format!("must be from {least} to {most}, is {number}"));
            return None;
        };
        let allowed = size.allowed.iter().copied().filter(|allowed| *allowed >= asked).min();
        Some(allowed.unwrap_or(asked))
    }

    fn cursor(&mut self, value: &Value) -> Option<String> {
        let context = Context::ROOT.member(NEXT_CURSOR);
        let Some(text) = value.as_str() else {
            self.fault(
                &context,
                format!(
                    "expected the `{NEXT_CURSOR}` of an earlier answer (text), found {}",
                    kind_of(value)
                ),
            );
            return None;
        };
        if text.is_empty() || text.len() > MAX_CURSOR || text.chars().any(char::is_control) {
            self.fault(
                &context,
                format!("is no `{NEXT_CURSOR}` of an earlier answer: pass it on unchanged, and leave it out for the first page"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn unknown(
        &mut self,
        operation: &Operation,
        table: &'static Table,
        synthetic: &Synthetic<'_>,
        left: &Map<String, Value>,
        given: &[Given],
    ) {
        if left.is_empty() {
            return;
        }
        let size_field = synthetic.size.map(|size| size.field);
        let mut known: Vec<&'static str> = table
            .fields
            .iter()
            .map(|field| field.name)
            .filter(|name| size_field != Some(*name) && !(self.settings.fixed)(name))
            .collect();
        if synthetic.size.is_some() && !(self.settings.fixed)(LIMIT) {
            known.push(LIMIT);
        }
        if synthetic.cursor {
            known.push(NEXT_CURSOR);
        }
        if !synthetic.clear.is_empty() {
            known.push(CLEAR);
        }
        let missing_ids: Vec<&'static str> = table
            .fields
            .iter()
            .zip(given)
            .filter(|(field, given)| matches!(field.shape, Shape::Id(_)) && !given.given && given.value.is_none())
            .filter(|(field, _)| field.presence == Presence::Required)
            .map(|(field, _)| field.name)
            .collect();
        for name in left.keys() {
            if self.is_full() {
                break;
            }
            if let Some(advice) = table.advice(name) {
                self.push(plain_fault(name.clone(), no_such("argument", advice)));
                continue;
            }
            let mut message = String::from("there is no such argument");
            if name == LIMIT && operation.pages.is_some() {
                message.push_str("; the page size is fixed here");
            } else if known.is_empty() {
                message.push_str("; this takes none");
            } else if known.len() <= MAX_LISTED {
                message.push_str(&format!("; known are {}", known.join(", ")));
            }
            let by_wire = table
                .fields
                .iter()
                .find(|field| field.wire == name && !(self.settings.fixed)(field.name))
                .map(|field| field.name);
            let near = by_wire
                .map(str::to_owned)
                .or_else(|| nearest(name, known.iter().copied()))
                .or_else(|| match missing_ids[..] {
                    [only] if name == "id" || name.ends_with("_id") || name.ends_with("Id") => Some(only.to_owned()),
                    _ => None,
                });
            let mut fault = plain_fault(printable(name), message);
            fault.did_you_mean = near;
            self.push(fault);
        }
    }

    // ---- rules over several arguments ---------------------------------------------------------

    /// Checks the rules of a table: `outer` for the operation's own, not that of a record among its arguments.
    fn rules(&mut self, table: &'static Table, given: &mut [Given], context: &Context<'_>, outer: bool) {
        let partial = outer && self.partial;
        let fixed = |name: &str| outer && (self.settings.fixed)(name);
        let at = |name: &str| table.fields.iter().position(|field| field.name == name);
        // A variable of the account gives way to what the caller said.
        for rule in table.rules {
            if let Rule::ExactlyOne(names) | Rule::AtMostOne(names) = rule {
                let group: Vec<usize> = names.iter().filter_map(|name| at(name)).collect();
                if group.iter().any(|index| given[*index].given) {
                    for index in group {
                        if given[index].from_variable {
                            given[index] = Given::default();
                        }
                    }
                }
            }
        }
        let there = |given: &[Given], name: &str| {
            at(name).is_some_and(|index| given[index].given || given[index].from_variable)
        };
        let list = |names: &[&str]| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        for rule in table.rules {
            let mut message = None;
            match rule {
                Rule::AtLeastOne(names) => {
                    if !partial && !names.iter().any(|name| there(given, name)) {
                        message = Some((None, format!("at least one of {} must be given", list(names))));
                    }
                }
                Rule::ExactlyOne(names) => {
                    let count = names.iter().filter(|name| there(given, name)).count();
                    let found = names.iter().copied().filter(|name| there(given, name));
                    let beside = count > 1 && self.beside_fixed(&found.collect::<Vec<_>>(), fixed, context);
                    if !beside && (count > 1 || (count == 0 && !partial)) {
                        let found = if count == 0 { "none is" } else { "more than one is" };
                        message = Some((None, format!("exactly one of {} must be given, {found}", list(names))));
                    }
                }
                Rule::AtMostOne(names) => {
                    let found: Vec<&str> = names.iter().copied().filter(|name| there(given, name)).collect();
                    if found.len() > 1 && !self.beside_fixed(&found, fixed, context) {
                        message = Some((None, format!("only one of {} may be given", list(&found))));
                    }
                }
                Rule::When {
                    field,
                    equals,
                    requires,
                    refuses,
                    allows,
                    because,
                } => {
                    let Some(index) = at(field) else { continue };
                    let decider = &given[index];
                    let applies = if equals.is_empty() {
                        decider.given || decider.from_variable
                    } else {
                        decider.word.as_deref().is_some_and(|word| equals.contains(&word))
                    };
                    if !applies {
                        continue;
                    }
                    let when = match (&decider.word, equals.is_empty()) {
                        _ if fixed(field) => "here".to_owned(),
                        (Some(word), false) => format!("when `{field}` is {word}"),
                        _ => format!("when `{field}` is given"),
                    };
                    let why = reason(because);
                    for name in requires.iter().filter(|name| !partial && !there(given, name)) {
                        // A required argument that is missing has been told already.
                        let told = at(name).is_some_and(|index| table.fields[index].presence == Presence::Required);
                        if !told {
                            self.fault(&context.member(name), format!("must be given {when}{why}"));
                        }
                    }
                    for name in refuses.iter() {
                        if at(name).is_some_and(|index| given[index].given) {
                            self.fault(&context.member(name), format!("must be left out {when}{why}"));
                        } else if let Some(index) = at(name) {
                            given[index] = Given::default();
                        }
                    }
                    for (name, values) in allows.iter() {
                        // A value that is wrong in itself has been told, and null says nothing.
                        let (outer, inner) = match name.split_once('.') {
                            Some((outer, inner)) => (outer, Some(inner)),
                            None => (*name, None),
                        };
                        let word = at(outer).and_then(|index| match inner {
                            Some(inner) => word_inside(&table.fields[index], given[index].value.as_ref()?, inner),
                            None => given[index].word.clone(),
                        });
                        if word.is_none_or(|word| values.contains(&word.as_str())) {
                            continue;
                        }
                        if fixed(outer) {
                            let message = "cannot be so: this server has fixed what it would rule out";
                            self.fault(&context.member(field), message);
                        } else {
                            let message = format!("must be {} {when}{why}", values.join(" or "));
                            let place = context.member(outer);
                            match inner {
                                Some(inner) => self.fault(&place.member(inner), message),
                                None => self.fault(&place, message),
                            }
                        }
                    }
                }
                // What it names is unknown, and has been told as such.
                Rule::NoSuch { .. } => {}
                Rule::NotEmptyUnless { field, flag, because } => {
                    let allowed = at(flag).is_some_and(|index| given[index].word.as_deref() == Some("true"));
                    let empty = at(field)
                        .is_some_and(|index| given[index].given && given[index].value.is_some() && given[index].empty);
                    let open = partial && !there(given, flag);
                    if empty && !allowed && !open {
                        message = Some((
                            Some(*field),
                            format!("is empty{}. If that is meant, set `{flag}` to true", reason(because)),
                        ));
                    }
                }
            }
            if let Some((name, message)) = message {
                match name {
                    Some(name) => self.fault(&context.member(name), message),
                    None => self.fault(context, message),
                }
            }
        }
    }

    /// Tells the caller what cannot stand beside an argument that the server fixes, without naming that; says whether
    /// there was such.
    fn beside_fixed(&mut self, given: &[&str], fixed: impl Fn(&str) -> bool, context: &Context<'_>) -> bool {
        let own: Vec<&&str> = given.iter().filter(|name| !fixed(name)).collect();
        if own.is_empty() || own.len() == given.len() {
            return false;
        }
        for name in own {
            self.fault(
                &context.member(name),
                "cannot be given: this server has fixed what it would stand in for; leave it out",
            );
        }
        true
    }

    // ---- one value ---------------------------------------------------------------------------

    /// Checks the value of a field; answers what is sent, and the word that rules compare.
    fn field(
        &mut self,
        field: &'static Field,
        value: Value,
        context: &Context<'_>,
        depth: usize,
        tag: Option<&str>,
    ) -> Option<(Value, Option<String>)> {
        if let (Some(Clear::Text(clear)), Value::String(text)) = (field.clear, &value)
            && clear == text
        {
            return Some((value, None));
        }
        let aspect = Aspect {
            field,
            mode: Mode::Lenient,
            depth,
            bounded: true,
        };
        let value = self.account_members(field, value, context, tag)?;
        let mut value = self.value(&field.shape, value, context, aspect, tag)?;
        let word = word_of(&field.shape, &value);
        apply_style(field.style, &mut value);
        if field.place == Place::Path && !self.path_value(&value, context) {
            return None;
        }
        if field.place == Place::Query(QueryStyle::Comma)
            && let Value::Array(items) = &value
            && let Some(index) = items
                .iter()
                .position(|item| item.as_str().is_some_and(|text| text.contains(',')))
        {
            self.fault(
                &context.item(index),
                "must not contain a comma: the entries are sent separated by commas",
            );
            return None;
        }
        Some((value, word))
    }

    /// Brings what is given for account-defined members into the vendor's form, each checked against its definition.
    /// Members without a definition go through as they are; the shape is checked afterwards. `tag`: which member it is
    /// whose value is given, where a sibling tells.
    fn account_members(
        &mut self,
        field: &'static Field,
        value: Value,
        context: &Context<'_>,
        tag: Option<&str>,
    ) -> Option<Value> {
        let known = self.settings.overlay.zip(field.dynamic);
        let Some((members, slot)) = known.and_then(|(overlay, slot)| Some((overlay.slot(slot)?, slot))) else {
            return Some(value);
        };
        if field.chosen_by.is_some() {
            let member = tag.and_then(|tag| members.iter().find(|member| member.wire_name() == tag));
            return match member {
                Some(member) => self.account_member(member, &value, context),
                None => Some(value),
            };
        }
        let value = match &value {
            Value::String(text) => serde_json::from_str(text).unwrap_or(value),
            _ => value,
        };
        let pair = self
            .settings
            .slots
            .iter()
            .find(|known| known.slot == slot)
            .and_then(|slot| slot.pair);
        let faults = self.faults.len();
        let sent = match (value, pair) {
            (Value::Object(given), None) => {
                let mut sent = Map::new();
                for (name, value) in given {
                    let member = members.iter().find(|member| member.is_called(&name));
                    let (wire, value) = match member {
                        Some(member) => (
                            member.wire_name(),
                            self.account_member(member, &value, &context.member(&name)),
                        ),
                        None => (name, Some(value)),
                    };
                    sent.insert(wire, value.unwrap_or_default());
                }
                Value::Object(sent)
            }
            (Value::Object(given), Some((key, of))) => {
                let mut sent = Vec::new();
                for (name, value) in given {
                    let place = context.member(&name);
                    let Some(member) = members.iter().find(|member| member.is_called(&name)) else {
                        let mut fault = plain_fault(place.path(), "is no field of this account");
                        fault.did_you_mean = nearest(&name, members.iter().map(|member| member.key.as_str()));
                        self.push(fault);
                        continue;
                    };
                    let value = self.account_member(member, &value, &place).unwrap_or_default();
                    sent.push(json!({ key: member.wire, of: value }));
                }
                Value::Array(sent)
            }
            (Value::Array(mut items), Some((key, of))) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let wire = item.get(key).cloned().unwrap_or_default();
                    let member = members.iter().find(|member| member.wire == wire);
                    if let (Some(member), Some(value)) = (member, item.get_mut(of)) {
                        let item = context.item(index);
                        *value = self.account_member(member, value, &item.member(of)).unwrap_or_default();
                    }
                }
                Value::Array(items)
            }
            (other, _) => return Some(other),
        };
        (self.faults.len() == faults).then_some(sent)
    }

    fn account_member(&mut self, member: &Member, value: &Value, context: &Context<'_>) -> Option<Value> {
        match member.check(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(context, format!("({}) {message}", member.label));
                None
            }
        }
    }

    fn path_value(&mut self, value: &Value, context: &Context<'_>) -> bool {
        let Value::String(text) = value else { return true };
        if text.is_empty() {
            self.fault(context, "must not be empty: it is part of the address");
            return false;
        }
        if text.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
            self.fault(
                context,
                "must not be or contain a `.` or `..` segment: it is part of the address",
            );
            return false;
        }
        true
    }

    /// Checks a value against a shape; answers it as it goes on the wire, before style.
    fn value(
        &mut self,
        shape: &Shape,
        value: Value,
        context: &Context<'_>,
        aspect: Aspect,
        tag: Option<&str>,
    ) -> Option<Value> {
        if self.left == 0 {
            self.too_large(context, "too many values in one call");
            return None;
        }
        self.left -= 1;
        if aspect.depth > MAX_DEPTH {
            self.fault(context, format!("nested deeper than {MAX_DEPTH} levels"));
            return None;
        }
        let value = self.unwrap_text(shape, value, aspect);
        match shape {
            Shape::Bool => match boolean(&value, aspect.mode) {
                Some(flag) => Some(Value::Bool(flag)),
                None => self.mismatch("true or false", &value, context, aspect),
            },
            Shape::Int => self.int(&value, context, aspect),
            Shape::Number => self.number(value, context, aspect),
            Shape::Text => self.text(value, context, aspect),
            Shape::Id(kind) => self.id(kind, &value, context, aspect),
            Shape::Enum(table) => self.enumeration(table, &value, context, aspect),
            Shape::List(item) => self.list(item, value, context, aspect),
            Shape::Map(item) => self.map(item, value, context, aspect),
            Shape::Record(table) => self.record(table.get(), value, context, aspect),
            Shape::Variants(arms) => {
                let arm = tag.and_then(|tag| arms.iter().find(|arm| arm.tag == tag));
                match arm {
                    Some(arm) => self.value(&arm.shape, value, context, aspect, None),
                    None => self.any(value, context, aspect),
                }
            }
            Shape::OneOf(shapes) => self.one_of(shapes, shape, value, context, aspect),
            Shape::File => self.file(value, context, aspect),
            Shape::Any => self.any(value, context, aspect),
        }
    }

    /// Takes JSON out of text where the shape does not admit text.
    fn unwrap_text(&self, shape: &Shape, value: Value, aspect: Aspect) -> Value {
        if aspect.mode == Mode::Strict || (shape.admits_text() && !matches!(shape, Shape::File)) {
            return value;
        }
        let Value::String(text) = &value else { return value };
        let Ok(parsed) = serde_json::from_str::<Value>(text) else {
            return value;
        };
        let fits = match shape {
            Shape::Bool => parsed.is_boolean(),
            Shape::Int => matches!(&parsed, Value::Number(number) if integer(number).is_some()),
            Shape::Number => parsed.is_number(),
            Shape::List(_) => parsed.is_array(),
            Shape::Map(_) | Shape::Record(_) | Shape::File => parsed.is_object(),
            // Each alternative parses for itself.
            _ => false,
        };
        if fits { parsed } else { value }
    }

    /// Tells that a value has another kind than expected.
    fn mismatch(&mut self, expected: &str, value: &Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let mut message = format!("expected {expected}, found {}", kind_of(value));
        if !aspect.private()
            && let Some(echo) = echo(value)
        {
            message.push_str(&format!(" {echo}"));
        }
        if let Value::Array(items) = value
            && items.len() == 1
            && items[0].as_array().is_none()
            && items[0].is_object() == expected.starts_with("an object")
        {
            message.push_str("; give the item itself, without the list");
        }
        self.fault(context, message);
        None
    }

    fn int(&mut self, value: &Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let Some(number) = whole(value, aspect.mode) else {
            let expected = match aspect.field.form {
                Form::UnixMillis => "a whole number: milliseconds since 1970-01-01 UTC",
                _ => "a whole number",
            };
            return self.mismatch(expected, value, context, aspect);
        };
        let form = aspect.field.form;
        if matches!(form, Form::UnixMillis | Form::Digits) && number < 0 {
            self.fault(context, format!("must not be negative: {}", form.words()));
            return None;
        }
        if !aspect.field_is_list() {
            let low = aspect.field.min.is_some_and(|min| number < min);
            let high = aspect.field.max.is_some_and(|max| number > max);
            if low || high {
                let found = if aspect.private() {
                    String::new()
                } else {
                    format!(", is {number}")
                };
                self.fault(
                    context,
                    format!("must be {}{found}", range(aspect.field.min, aspect.field.max)),
                );
                return None;
            }
        }
        Some(Value::from(number))
    }

    fn number(&mut self, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let Some(number) = value.as_f64().filter(|number| number.is_finite()) else {
            return self.mismatch("a number", &value, context, aspect);
        };
        if !aspect.field_is_list() {
            #[expect(clippy::cast_precision_loss, reason = "bounds are small whole numbers")]
            let outside = aspect.field.min.is_some_and(|min| number < min as f64)
                || aspect.field.max.is_some_and(|max| number > max as f64);
            if outside {
                let found = if aspect.private() {
                    String::new()
                } else {
                    format!(", is {number}")
                };
                self.fault(
                    context,
                    format!("must be {}{found}", range(aspect.field.min, aspect.field.max)),
                );
                return None;
            }
        }
        Some(value)
    }

    fn text(&mut self, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let form = aspect.field.form;
        let text = match value {
            Value::String(text) => text,
            Value::Array(items) if form == Form::CommaList && aspect.mode == Mode::Lenient => {
                return self.joined(&items, context, aspect);
            }
            other => {
                let expected = match form {
                    Form::Any => "text".to_owned(),
                    form => format!("text: {}", form.words()),
                };
                return self.mismatch(&expected, &other, context, aspect);
            }
        };
        let longest = aspect
            .field
            .max
            .and_then(|max| usize::try_from(max).ok())
            .map_or(MAX_TEXT, |max| max.saturating_mul(4).max(MAX_TEXT));
        if text.len() > longest {
            self.too_large(
                context,
                format!("is too long: {} bytes, at most {longest} are sent", text.len()),
            );
            return None;
        }
        if !self.characters(&text, context, aspect) {
            return None;
        }
        if !aspect.field_is_list() {
            let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            let low = aspect.field.min.is_some_and(|min| count < min);
            let high = aspect.field.max.is_some_and(|max| count > max);
            if low || high {
                let bounds = range(aspect.field.min, aspect.field.max);
                self.fault(context, format!("must have {bounds} characters, has {count}"));
                return None;
            }
        }
        if !form.admits(&text) {
            self.bad_form(form, &text, context, aspect);
            return None;
        }
        Some(Value::String(text))
    }

    fn bad_form(&mut self, form: Form, text: &str, context: &Context<'_>, aspect: Aspect) {
        let mut message = format!("must be {}", form.words());
        if !aspect.private()
            && let Some(echo) = echo(&Value::from(text))
        {
            message.push_str(&format!(", is {echo}"));
        }
        self.fault(context, message);
    }

    /// Refuses control characters: all of them where a text must be one line, NUL everywhere.
    fn characters(&mut self, text: &str, context: &Context<'_>, aspect: Aspect) -> bool {
        if aspect.one_line() && text.chars().any(char::is_control) {
            self.fault(context, "must be one line without control characters");
            return false;
        }
        if text.contains('\0') {
            self.fault(context, "must not contain a NUL character");
            return false;
        }
        true
    }

    fn joined(&mut self, items: &[Value], context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let mut parts = Vec::with_capacity(items.len().min(64));
        let mut good = true;
        for (index, item) in items.iter().enumerate() {
            let place = context.item(index);
            match item.as_str().map(str::trim) {
                Some(text) if text.contains(',') => {
                    self.fault(
                        &place,
                        "must not contain a comma: the entries are sent separated by commas",
                    );
                    good = false;
                }
                Some("") => {
                    self.fault(&place, "must not be empty");
                    good = false;
                }
                Some(text) => parts.push(text),
                None => {
                    self.mismatch("text", item, &place, aspect);
                    good = false;
                }
            }
            if !good && self.is_full() {
                break;
            }
        }
        if !good {
            return None;
        }
        let text = Value::from(parts.join(","));
        let strict = Aspect {
            mode: Mode::Strict,
            ..aspect
        };
        self.text(text, context, strict)
    }

    fn id(&mut self, kind: &'static IdKind, value: &Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let text: Cow<'_, str> = match value {
            Value::String(text) if !kind.integer || aspect.mode == Mode::Lenient => Cow::Borrowed(text),
            Value::Number(number) if kind.integer || aspect.mode == Mode::Lenient => match integer(number) {
                Some(whole) => Cow::Owned(whole.to_string()),
                None if number.is_u64() && !kind.integer => Cow::Owned(number.to_string()),
                None => return self.wrong_id(kind, value, context, aspect),
            },
            _ => return self.wrong_id(kind, value, context, aspect),
        };
        if text.len() > MAX_ID {
            self.fault(
                context,
                format!("is too long for an identifier: at most {MAX_ID} bytes"),
            );
            return None;
        }
        if text.chars().any(char::is_control) {
            self.fault(context, "must be one line without control characters");
            return None;
        }
        if kind.integer {
            let number = text.parse::<i64>().ok().filter(|_| !text.starts_with('+'));
            let form_fits = kind.form == Form::Any || kind.form.admits(&text);
            match number {
                Some(number) if form_fits => {
                    let low = !aspect.field_is_list() && aspect.field.min.is_some_and(|min| number < min);
                    let high = !aspect.field_is_list() && aspect.field.max.is_some_and(|max| number > max);
                    if low || high {
                        let bounds = range(aspect.field.min, aspect.field.max);
                        self.fault(context, format!("must be {bounds}, is {number}"));
                        return None;
                    }
                    Some(Value::from(number))
                }
                _ => self.wrong_id(kind, value, context, aspect),
            }
        } else if text.is_empty() || !kind.form.admits(&text) || !aspect.field.form.admits(&text) {
            self.wrong_id(kind, value, context, aspect)
        } else {
            Some(Value::String(text.into_owned()))
        }
    }

    fn wrong_id(
        &mut self,
        kind: &'static IdKind,
        value: &Value,
        context: &Context<'_>,
        aspect: Aspect,
    ) -> Option<Value> {
        let mut message = format!("expected {}", id_words(kind));
        match value {
            Value::String(text) if text.is_empty() => message.push_str(", found an empty text"),
            _ => {
                message.push_str(&format!(", found {}", kind_of(value)));
                if !aspect.private()
                    && let Some(echo) = echo(value)
                {
                    message.push_str(&format!(" {echo}"));
                }
            }
        }
        if let Value::String(text) = value {
            let other = self.kinds.iter().find(|other| {
                other.name != kind.name
                    && !other.integer
                    && matches!(other.form, Form::PrefixedUuid(_) | Form::Uuid | Form::Email)
                    && other.form.admits(text)
            });
            if let Some(other) = other {
                message.push_str(&format!("; it looks like a {}", other.name));
            }
        }
        let mut fault = plain_fault(context.path(), message);
        if aspect.field.generate.is_none() {
            fault.get_it_from = self.sources(kind);
        }
        self.push(fault);
        None
    }

    fn enumeration(
        &mut self,
        table: &'static EnumTable,
        value: &Value,
        context: &Context<'_>,
        aspect: Aspect,
    ) -> Option<Value> {
        let wire = |known: &EnumValue| {
            if table.coded {
                Value::from(known.code)
            } else {
                Value::from(known.word)
            }
        };
        let text: Cow<'_, str> = match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            // A number is a code; where there are no codes, it is of the wrong type.
            Value::Number(number) if table.coded => match integer(number) {
                Some(number) => Cow::Owned(number.to_string()),
                None => return self.mismatch(&enum_words(table), value, context, aspect),
            },
            _ => {
                let expected = enum_words(table);
                return self.mismatch(&expected, value, context, aspect);
            }
        };
        let by_word = table.values.iter().find(|known| known.word == text);
        let by_code = || {
            let code: i64 = text.parse().ok().filter(|_| table.coded)?;
            table.values.iter().find(|known| known.code == code)
        };
        let by_case = || {
            table
                .values
                .iter()
                .find(|known| known.word.eq_ignore_ascii_case(text.trim()))
        };
        if let Some(known) = by_word.or_else(by_code).or_else(by_case) {
            return Some(wire(known));
        }
        // Others may be given, but not what is one of these in another spelling: the vendor would not know it.
        let meant = || {
            let given = skeleton(&text);
            let same = |known: &&EnumValue| skeleton(known.word) == given;
            table.values.iter().find(same).filter(|_| !given.is_empty())
        };
        if table.extensible && !text.is_empty() {
            if let Some(meant) = meant() {
                let mut fault = plain_fault(context.path(), format!("is written `{}`", meant.word));
                fault.did_you_mean = Some(meant.word.to_owned());
                self.push(fault);
                return None;
            }
            if text.len() > MAX_ID {
                self.fault(
                    context,
                    format!("is too long for a value of a list: at most {MAX_ID} bytes"),
                );
                return None;
            }
            if text.chars().any(char::is_control) {
                self.fault(context, "must be one line without control characters");
                return None;
            }
            return match (table.coded, text.parse::<i64>()) {
                (true, Ok(code)) => Some(Value::from(code)),
                _ => Some(Value::String(text.into_owned())),
            };
        }
        let mut message = format!("expected {}", enum_words(table));
        if !aspect.private()
            && let Some(echo) = echo(value)
        {
            message.push_str(&format!(", found {echo}"));
        }
        let mut fault = plain_fault(context.path(), message);
        fault.did_you_mean = nearest(&text, table.values.iter().map(|known| known.word));
        self.push(fault);
        None
    }

    fn list(&mut self, item: &Shape, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let Value::Array(items) = value else {
            let expected = format!("a list, each item {}", words(item));
            let mut message = format!("expected {expected}, found {}", kind_of(&value));
            if !aspect.private()
                && let Some(echo) = echo(&value)
            {
                message.push_str(&format!(" {echo}; a list of one is [{echo}]"));
            }
            self.fault(context, message);
            return None;
        };
        if aspect.bounded {
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let low = aspect.field.min.is_some_and(|min| count < min);
            let high = aspect.field.max.is_some_and(|max| count > max);
            if low || high {
                let bounds = range(aspect.field.min, aspect.field.max);
                self.fault(context, format!("must have {bounds} items, has {count}"));
                return None;
            }
        }
        let inner = aspect.deeper();
        let total = items.len();
        let checked: Vec<Value> = items
            .into_iter()
            .enumerate()
            .map_while(|(index, value)| {
                // Go on after a fault, so that all are told; stop where no more can be told.
                if self.is_full() || self.left == 0 {
                    return None;
                }
                Some(self.value(item, value, &context.item(index), inner, None))
            })
            .flatten()
            .collect();
        if checked.len() == total {
            return Some(Value::Array(checked));
        }
        if self.left == 0 && self.faults.is_empty() {
            self.too_large(context, "too many values in one call");
        }
        None
    }

    fn map(&mut self, item: &Shape, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let Value::Object(members) = value else {
            let expected = format!("an object whose values are {}", words(item));
            return self.mismatch(&expected, &value, context, aspect);
        };
        let inner = aspect.deeper();
        let mut checked = Map::new();
        let mut good = true;
        for (name, value) in members {
            let shown = printable(&name);
            let place = context.member(&shown);
            if name.len() > MAX_ID || name.chars().any(char::is_control) {
                self.fault(&place, "is no usable name of a member");
                good = false;
            } else {
                match self.value(item, value, &place, inner, None) {
                    Some(value) => {
                        checked.insert(name, value);
                    }
                    None => good = false,
                }
            }
            if self.is_full() || self.left == 0 {
                break;
            }
        }
        if self.left == 0 && self.faults.is_empty() {
            self.too_large(context, "too many values in one call");
            return None;
        }
        good.then_some(Value::Object(checked))
    }

    fn record(&mut self, table: &'static Table, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        let Value::Object(mut members) = value else {
            let names: Vec<&str> = table
                .fields
                .iter()
                .filter(|field| !field.marks.has(Marks::READ_ONLY))
                .map(|field| field.name)
                .collect();
            let expected = if names.is_empty() || names.len() > MAX_LISTED {
                "an object".to_owned()
            } else {
                format!("an object with {}", names.join(", "))
            };
            return self.mismatch(&expected, &value, context, aspect);
        };
        let before = self.faults.len();
        let depth = aspect.depth + 1;
        let mut given: Vec<Given> = vec![Given::default(); table.fields.len()];
        let mut buckets: Vec<Vec<ArgumentFault>> = vec![Vec::new(); table.fields.len()];
        let mut pending = Vec::new();
        for (index, field) in table.fields.iter().enumerate() {
            let place = context.member(field.name);
            if field.marks.has(Marks::READ_ONLY) {
                // A record taken from an answer may be sent back; what only answers contain is left out.
                members.shift_remove(field.name);
                continue;
            }
            match members.shift_remove(field.name) {
                Some(Value::Null) if field.clear.is_some() => {
                    given[index] = Given {
                        value: Some(cleared_value(field)),
                        given: true,
                        empty: true,
                        ..Given::default()
                    };
                }
                None | Some(Value::Null) => {
                    if field.presence == Presence::Required {
                        buckets[index].push(self.missing(field, &place));
                        self.only_size = false;
                    }
                }
                Some(value) => {
                    given[index].given = true;
                    if field.chosen_by.is_some() {
                        pending.push((index, value));
                    } else {
                        self.settle(
                            field,
                            value,
                            &place,
                            depth,
                            None,
                            &mut given[index],
                            &mut buckets[index],
                        );
                    }
                }
            }
        }
        self.choose(table, pending, context, depth, &mut given, &mut buckets);
        for fault in buckets.into_iter().flatten() {
            self.add(fault);
        }
        let mut extra = Vec::new();
        for (name, value) in members {
            if self.is_full() {
                break;
            }
            let shown = printable(&name);
            let place = context.member(&shown);
            let renamed = table
                .fields
                .iter()
                .find(|field| field.wire == name)
                .map(|field| field.name);
            if table.unknown == Unknown::Keep && renamed.is_none() {
                let inner = Aspect {
                    depth,
                    bounded: false,
                    ..aspect
                };
                if let Some(value) = self.any(value, &place, inner) {
                    extra.push((name, value));
                }
                continue;
            }
            if let Some(advice) = table.advice(&name) {
                self.push(plain_fault(place.path(), no_such("member", advice)));
                continue;
            }
            let names: Vec<&'static str> = table
                .fields
                .iter()
                .filter(|field| !field.marks.has(Marks::READ_ONLY))
                .map(|field| field.name)
                .collect();
            let mut message = String::from("there is no such member");
            if !names.is_empty() && names.len() <= MAX_LISTED {
                message.push_str(&format!("; known are {}", names.join(", ")));
            }
            let mut fault = plain_fault(place.path(), message);
            fault.did_you_mean = renamed.map(str::to_owned).or_else(|| nearest(&name, names.into_iter()));
            self.push(fault);
        }
        self.rules(table, &mut given, context, false);
        if self.faults.len() > before || self.is_full() {
            return None;
        }
        let mut object = Map::new();
        for (field, given) in table.fields.iter().zip(given) {
            if let Some(value) = given.value.filter(|_| field.place != Place::Flag) {
                object.insert(field.wire.to_owned(), value);
            }
        }
        object.extend(extra);
        Some(Value::Object(object))
    }

    fn one_of(
        &mut self,
        shapes: &'static [Shape],
        whole: &Shape,
        value: Value,
        context: &Context<'_>,
        aspect: Aspect,
    ) -> Option<Value> {
        let strict = Aspect {
            mode: Mode::Strict,
            ..aspect
        };
        // As it is, then with conversions; a text stays text where one alternative admits text.
        let text_stays = value.is_string() && whole.admits_text();
        let mut first: Option<(Vec<ArgumentFault>, bool)> = None;
        let mut candidates = 0;
        for shape in shapes.iter().filter(|shape| canonical(shape, &value)) {
            candidates += 1;
            match self.attempt(|checker| checker.value(shape, value.clone(), context, strict, None)) {
                Ok(value) => return Some(value),
                Err(faults) => first = first.or(Some(faults)),
            }
        }
        if aspect.mode == Mode::Lenient {
            for shape in shapes.iter().filter(|shape| !text_stays || shape.admits_text()) {
                match self.attempt(|checker| checker.value(shape, value.clone(), context, aspect, None)) {
                    Ok(value) => return Some(value),
                    Err(faults) if candidates == 1 && canonical(shape, &value) => first = Some(faults),
                    Err(_) => {}
                }
            }
        }
        match first {
            Some(faults) if candidates == 1 => {
                self.replay(faults);
                None
            }
            _ => {
                let expected = words(whole);
                self.mismatch(&expected, &value, context, aspect)
            }
        }
    }

    fn file(&mut self, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        const EXPECTED: &str = "a file: an object with name, media_type, content_base64";
        let Value::Object(mut members) = value else {
            self.fault(context, format!("expected {EXPECTED}, found {}", kind_of(&value)));
            return None;
        };
        let mut good = true;
        let mut text = |checker: &mut Self, name: &str| match members.shift_remove(name) {
            Some(Value::String(text)) => Some(text),
            None | Some(Value::Null) => None,
            Some(other) => {
                checker.fault(
                    &context.member(name),
                    format!("expected text, found {}", kind_of(&other)),
                );
                good = false;
                None
            }
        };
        let name = text(self, "name");
        let media_type = text(self, "media_type").unwrap_or_else(|| "application/octet-stream".to_owned());
        let content = text(self, "content_base64");
        if !good {
            return None;
        }
        let (Some(name), Some(content)) = (name, content) else {
            self.fault(
                context,
                format!("expected {EXPECTED}; name and content_base64 are required"),
            );
            return None;
        };
        if name.is_empty() || name.len() > 255 || name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\')) {
            self.fault(
                &context.member("name"),
                "must be a file name of at most 255 bytes, without folders or control characters",
            );
            good = false;
        }
        if !is_media_type(&media_type) {
            self.fault(&context.member("media_type"), "must be a media type such as image/png");
            good = false;
        }
        let most = aspect
            .field
            .max
            .filter(|_| aspect.bounded)
            .and_then(|max| usize::try_from(max).ok());
        let most = most.unwrap_or(MAX_FILE);
        let place = context.member("content_base64");
        if content.len() / 4 * 3 > most.saturating_add(most / 16).saturating_add(4) {
            self.too_large(&place, format!("the file is too large: at most {most} bytes are sent"));
            return None;
        }
        match base64_decode(&content) {
            None => {
                self.fault(&place, "must be base64");
                good = false;
            }
            Some(bytes) if bytes.len() > most => {
                self.too_large(
                    &place,
                    format!("the file is too large: {} bytes, at most {most} are sent", bytes.len()),
                );
                good = false;
            }
            Some(_) => {}
        }
        let unknown: Vec<String> = members.keys().map(|name| printable(name)).collect();
        for name in unknown.into_iter().take(MAX_FAULTS + 1) {
            self.fault(
                &context.member(&name),
                "there is no such member; known are name, media_type, content_base64",
            );
            good = false;
        }
        if !good {
            return None;
        }
        let mut file = Map::new();
        file.insert("name".into(), name.into());
        file.insert("media_type".into(), media_type.into());
        file.insert("content_base64".into(), content.into());
        Some(Value::Object(file))
    }

    /// Checks only what holds for any value: depth, size, and no line breaks where one line is needed.
    fn any(&mut self, value: Value, context: &Context<'_>, aspect: Aspect) -> Option<Value> {
        if self.sound(&value, context, aspect) {
            Some(value)
        } else {
            None
        }
    }

    fn sound(&mut self, value: &Value, context: &Context<'_>, aspect: Aspect) -> bool {
        if self.left == 0 {
            self.too_large(context, "too many values in one call");
            return false;
        }
        self.left -= 1;
        if aspect.depth > MAX_DEPTH {
            self.fault(context, format!("nested deeper than {MAX_DEPTH} levels"));
            return false;
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            Value::String(text) => {
                if text.len() > MAX_TEXT {
                    self.too_large(
                        context,
                        format!("is too long: {} bytes, at most {MAX_TEXT} are sent", text.len()),
                    );
                    return false;
                }
                self.characters(text, context, aspect)
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .all(|(index, item)| self.sound(item, &context.item(index), aspect.deeper())),
            Value::Object(members) => members.iter().all(|(name, value)| {
                let shown = printable(name);
                let place = context.member(&shown);
                if name.len() > MAX_TEXT {
                    self.too_large(&place, "the name of a member is too long");
                    return false;
                }
                self.sound(value, &place, aspect.deeper())
            }),
        }
    }
}

impl Aspect {
    /// Whether the bounds of the field count the items of a list instead of measuring a scalar.
    fn field_is_list(self) -> bool {
        !self.bounded || matches!(self.field.shape, Shape::List(_) | Shape::Map(_))
    }
}

/// Takes an argument out; `null` counts as absent.
fn take(arguments: &mut Map<String, Value>, name: &str) -> Option<Value> {
    arguments.shift_remove(name).filter(|value| !value.is_null())
}

fn cleared_value(field: &Field) -> Value {
    match field.clear {
        Some(Clear::Text(text)) => Value::from(text),
        Some(Clear::Null) | None => Value::Null,
    }
}

/// Least and greatest page size that a caller may ask for.
pub(crate) fn size_bounds(size: &PageSize) -> (u32, u32) {
    match size.allowed.iter().max() {
        Some(greatest) => (1, *greatest),
        None => (size.min, size.max),
    }
}

fn one_line(form: Form) -> bool {
    !matches!(form, Form::Any | Form::Html)
}

fn boolean(value: &Value, mode: Mode) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if mode == Mode::Lenient => match integer(number)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) if mode == Mode::Lenient => match text.trim() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn whole(value: &Value, mode: Mode) -> Option<i64> {
    match value {
        Value::Number(number) => integer(number),
        Value::String(text) if mode == Mode::Lenient => {
            let text = text.trim();
            let digits = text.strip_prefix('-').unwrap_or(text);
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
        }
        _ => None,
    }
}

/// Whether a text is a media type, as it stands in a header.
pub(crate) fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    text.len() <= 255
        && essence
            .trim()
            .split_once('/')
            .is_some_and(|(kind, subtype)| token(kind) && token(subtype))
        && parameters.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// Whether a value has, as it is, a kind of JSON value that the shape has.
fn canonical(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Bool => value.is_boolean(),
        Shape::Int => matches!(value, Value::Number(number) if integer(number).is_some()),
        Shape::Number => value.is_number(),
        Shape::Text => value.is_string(),
        Shape::Id(kind) if kind.integer => value.is_number(),
        Shape::Id(_) => value.is_string(),
        Shape::Enum(table) => value.is_string() || (table.coded && value.is_number()),
        Shape::List(_) => value.is_array(),
        Shape::Map(_) | Shape::Record(_) | Shape::File => value.is_object(),
        Shape::OneOf(shapes) => shapes.iter().any(|shape| canonical(shape, value)),
        Shape::Variants(_) | Shape::Any => true,
    }
}

/// What is said of a name that does not exist and was foreseen.
fn no_such(what: &str, advice: &str) -> String {
    format!("there is no such {what}: {}", advice.trim().trim_end_matches('.'))
}

/// The word by which rules know a checked value.
fn word_of(shape: &Shape, value: &Value) -> Option<String> {
    match (shape, value) {
        (_, Value::Null | Value::Array(_) | Value::Object(_)) => None,
        (Shape::Enum(table), value) if table.coded => {
            let word = value
                .as_i64()
                .and_then(|code| table.values.iter().find(|known| known.code == code))
                .map(|known| known.word.to_owned());
            Some(word.unwrap_or_else(|| text_of(value)))
        }
        (_, value) => Some(text_of(value)),
    }
}

/// The word that a rule compares of a member of a record, as it goes on the wire.
fn word_inside(field: &Field, value: &Value, member: &str) -> Option<String> {
    let Shape::Record(table) = field.shape else { return None };
    let member = table.get().field(member)?;
    word_of(&member.shape, value.get(member.wire)?)
}

/// A word as it is compared where spellings are mixed up: `internal_note` is meant as `internal-note`.
fn skeleton(word: &str) -> String {
    let letters = word.chars().filter(|c| !matches!(c, '-' | '_') && !c.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

/// The word that callers use for a tag of [`Shape::Variants`].
pub(crate) fn tag_word(sibling: &Field, tag: &'static str) -> &'static str {
    match sibling.shape {
        Shape::Enum(table) if table.coded => tag
            .parse::<i64>()
            .ok()
            .and_then(|code| table.values.iter().find(|known| known.code == code))
            .map_or(tag, |known| known.word),
        _ => tag,
    }
}

pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn range(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "anything".to_owned(),
    }
}

fn reason(because: &str) -> String {
    let because = because.trim().trim_end_matches('.');
    if because.is_empty() {
        String::new()
    } else {
        format!(": {because}")
    }
}

/// An identifier in words: `a TicketNumber (a whole number)`.
pub(crate) fn id_words(kind: &IdKind) -> String {
    let form = match (kind.integer, kind.form) {
        (true, Form::Digits) => "a whole number, not negative".to_owned(),
        (true, _) => "a whole number".to_owned(),
        (false, Form::Any) => "text".to_owned(),
        (false, form) => form.words(),
    };
    format!("a {} ({form})", kind.name)
}

fn enum_words(table: &EnumTable) -> String {
    const MOST: usize = 40;
    let mut words: Vec<&str> = table.values.iter().map(|known| known.word).take(MOST).collect();
    if table.values.len() > MOST {
        words.push("…");
    }
    if table.extensible {
        format!("text, such as {}", words.join(", "))
    } else {
        format!("one of {}", words.join(", "))
    }
}

/// A shape in words, for faults.
fn words(shape: &Shape) -> String {
    match shape {
        Shape::Id(kind) => id_words(kind),
        Shape::Enum(table) => enum_words(table),
        Shape::List(item) => format!("a list, each item {}", words(item)),
        Shape::Map(item) => format!("an object whose values are {}", words(item)),
        Shape::OneOf(shapes) => shapes.iter().map(words).collect::<Vec<_>>().join(" or "),
        other => other.words(),
    }
}

/// A scalar as it may be repeated to the caller: short, without control characters.
fn echo(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(MAX_ECHO + 1).collect();
            (shown.chars().count() <= MAX_ECHO).then(|| Value::from(shown).to_string())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A name that the caller made up, fit to be repeated.
fn printable(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(MAX_ECHO + 1).collect();
    if shown.chars().count() > MAX_ECHO {
        cut(&shown, MAX_ECHO)
    } else {
        shown
    }
}

/// The known name that a caller most probably meant; `None` when none is near. Reads no more of `name` than
/// names are long.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .take(64)
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(name);
    if wanted.is_empty() {
        return None;
    }
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let other = plain(candidate);
        let score = if other == wanted {
            1.0
        } else {
            let (one, two) = (wanted.chars().count(), other.chars().count());
            let longest = one.max(two);
            // At least as many letters differ as one has more: often more than two, and then counting is for nothing.
            let distance = if one.abs_diff(two) > 2 {
                usize::MAX
            } else {
                strsim::damerau_levenshtein(&wanted, &other)
            };
            if distance <= 1 && longest >= 3 || distance == 2 && longest >= 6 {
                0.97
            } else {
                strsim::jaro_winkler(&wanted, &other)
            }
        };
        if score >= 0.86 && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_where_they_end() {
        assert_eq!(first_sentence("One thing. Another.", 80), "One thing");
        assert_eq!(first_sentence("A time, e.g. noon. More.", 80), "A time, e.g. noon");
        assert_eq!(first_sentence("Version 1.2 of it", 80), "Version 1.2 of it");
        assert_eq!(cut("some words that go on", 12), "some words…");
    }

    #[test]
    fn names_that_are_near() {
        let known = ["session_id", "per_page", "subject", "status"];
        for (name, expected) in [
            ("sessionId", Some("session_id")),
            ("sesion_id", Some("session_id")),
            ("perpage", Some("per_page")),
            ("statsu", Some("status")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known.iter().copied()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn media_types() {
        assert!(is_media_type("image/png"));
        assert!(is_media_type("text/plain; charset=utf-8"));
        assert!(!is_media_type("text/pläin"));
        assert!(is_media_type(&format!("text/{}", "x".repeat(250))));
        assert!(!is_media_type(&format!("text/{}", "x".repeat(251))));
        assert!(!is_media_type("png"));
        assert!(!is_media_type("image/png\r\nX: y"));
    }
}
