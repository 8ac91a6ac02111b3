//! How lists go on: where the next page starts, told by the page just read.

use serde_json::{Value, json};

use crate::error::{Code, Error};
use crate::operation::{Operation, PageStyle, Pages};
use crate::record::apply_style;
use crate::shape::{Field, Place, Rule};

/// Where a page starts.
#[derive(Clone, Debug, PartialEq)]
pub enum PageState {
    /// The value of the argument that the style names: page number, offset, cursor or timestamp.
    At(Value),
    /// Query parameters taken from a link.
    Link(Vec<(String, String)>),
}

impl PageState {
    /// As JSON, for a token.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::At(value) => json!({ "at": value }),
            Self::Link(pairs) => json!({ "link": pairs }),
        }
    }

    /// From JSON, if it is a state.
    #[must_use]
    pub fn from_json(value: Value) -> Option<Self> {
        let Value::Object(mut object) = value else { return None };
        if let Some(value) = object.shift_remove("at") {
            return (value.is_string() || value.is_number()).then_some(Self::At(value));
        }
        let pairs = object.shift_remove("link")?;
        let pairs = pairs.as_array()?.iter().map(|pair| {
            let pair = pair.as_array()?;
            let [name, value] = pair.as_slice() else { return None };
            Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))
        });
        pairs.collect::<Option<Vec<_>>>().map(Self::Link)
    }
}

/// The argument that carries the position of an operation's pages, if there is one.
#[must_use]
pub fn position_of(operation: &Operation) -> Option<&'static str> {
    operation.pages.as_ref().and_then(|pages| position(&pages.style))
}

pub(crate) fn position(style: &PageStyle) -> Option<&'static str> {
    match *style {
        PageStyle::Number { field, .. }
        | PageStyle::Offset { field }
        | PageStyle::Cursor { field, .. }
        | PageStyle::WalkBack { field, .. } => Some(field),
        PageStyle::NextUrl { .. } => None,
    }
}

/// Puts a position into the values of a call; what comes back are query parameters to add.
///
/// Without a state, a page number in the path gets the number of the first page.
///
/// # Errors
/// The operation has no pages, or the state belongs to another style ([`Code::InvalidArguments`]).
pub fn apply(
    operation: &'static Operation,
    state: Option<&PageState>,
    values: &mut Vec<(&'static Field, Value)>,
) -> Result<Vec<(String, String)>, Error> {
    let wrong = || Error::deskhand(Code::InvalidArguments, "The cursor does not belong to this tool.");
    let Some(pages) = &operation.pages else {
        return if state.is_some() { Err(wrong()) } else { Ok(Vec::new()) };
    };
    match (position(&pages.style), state) {
        (Some(name), Some(PageState::At(value))) => {
            set(operation, values, name, value.clone());
            Ok(Vec::new())
        }
        (None, Some(PageState::Link(pairs))) => Ok(pairs.clone()),
        (_, Some(_)) => Err(wrong()),
        (_, None) => {
            if let PageStyle::Number { field: name, first } = pages.style
                && (operation.input)()
                    .field(name)
                    .is_some_and(|field| field.place == Place::Path)
                && values.iter().all(|(known, _)| known.name != name)
            {
                set(operation, values, name, Value::from(first));
            }
            Ok(Vec::new())
        }
    }
}

/// Sets a value, keeping table order.
fn set(operation: &Operation, values: &mut Vec<(&'static Field, Value)>, name: &str, mut value: Value) {
    let table = (operation.input)();
    let Some(index) = table.fields.iter().position(|field| field.name == name) else {
        return;
    };
    let field = &table.fields[index];
    apply_style(field.style, &mut value);
    if let Some((_, old)) = values.iter_mut().find(|(known, _)| known.name == name) {
        *old = value;
        return;
    }
    let before = |known: &Field| table.fields[..index].iter().any(|field| field.name == known.name);
    let at = values.iter().take_while(|(known, _)| before(known)).count();
    values.insert(at, (field, value));
}

/// Where the next page starts; `None` after the last one, and where an argument rules out going on.
///
/// `values` are those that were sent, position included; `rest` is the answer's body without the
/// items; `link` are the query parameters that were added.
///
/// # Errors
/// The vendor's position does not advance, or its link cannot be read ([`Code::UpstreamInvalidResponse`]).
pub fn next(
    operation: &Operation,
    values: &[(&'static Field, Value)],
    link: &[(String, String)],
    items: &[Value],
    rest: &Value,
    total: Option<u64>,
) -> Result<Option<PageState>, Error> {
    let Some(pages) = &operation.pages else { return Ok(None) };
    let sent = |name: &str| {
        values
            .iter()
            .find(|(field, _)| field.name == name)
            .map(|(_, value)| value)
    };
    if position(&pages.style).is_some_and(|name| excluded(operation, name, &|name| sent(name).is_some())) {
        return Ok(None);
    }
    let received = items.len() as u64;
    let size = pages.size.as_ref().and_then(|size| {
        let asked = sent(size.field)
            .and_then(number)
            .and_then(|size| u64::try_from(size).ok());
        asked.or(Some(u64::from(size.default))).filter(|size| *size > 0)
    });
    let short = size.is_some_and(|size| received < size);
    match pages.style {
        PageStyle::Number { field, first } => {
            let page = sent(field).and_then(number).unwrap_or(first);
            let read = size.map_or(0, |size| {
                u64::try_from(page.saturating_sub(first).saturating_add(1))
                    .unwrap_or(0)
                    .saturating_mul(size)
            });
            if received == 0
                || short
                || capped(pages, read)
                || total.is_some_and(|total| size.is_some() && read >= total)
            {
                return Ok(None);
            }
            Ok(Some(PageState::At(Value::from(page.saturating_add(1)))))
        }
        PageStyle::Offset { field } => {
            let offset = sent(field)
                .and_then(number)
                .and_then(|offset| u64::try_from(offset).ok())
                .unwrap_or(0);
            let read = offset.saturating_add(received);
            let end = match total {
                Some(total) => read >= total,
                None => short,
            };
            if received == 0 || end || capped(pages, read) {
                return Ok(None);
            }
            Ok(Some(PageState::At(Value::from(read))))
        }
        PageStyle::Cursor { field, next } => {
            let cursor = match rest.pointer(next) {
                None | Some(Value::Null) => return Ok(None),
                Some(Value::String(text)) if text.is_empty() => return Ok(None),
                Some(value @ (Value::String(_) | Value::Number(_))) => value.clone(),
                Some(_) => return Err(unreadable("its cursor is neither text nor a number")),
            };
            if sent(field).is_some_and(|sent| same(sent, &cursor)) {
                return Err(stuck());
            }
            Ok(Some(PageState::At(cursor)))
        }
        PageStyle::NextUrl { next, fields } => {
            let address = match rest.pointer(next) {
                None | Some(Value::Null) => return Ok(None),
                Some(Value::String(text)) if text.is_empty() => return Ok(None),
                Some(Value::String(text)) => text,
                Some(_) => return Err(unreadable("its link to the next page is no text")),
            };
            let pairs = taken(address, fields).ok_or_else(|| unreadable("its link to the next page is no address"))?;
            if pairs.is_empty() {
                return Err(unreadable("its link to the next page holds no known parameter"));
            }
            if pairs == link {
                return Err(stuck());
            }
            Ok(Some(PageState::Link(pairs)))
        }
        PageStyle::WalkBack { field, member } => {
            if items.is_empty() {
                return Ok(None);
            }
            let least = items
                .iter()
                .filter_map(|item| item.pointer(member))
                .filter(|value| value.is_number() || value.is_string())
                .min_by(|left, right| order(left, right))
                .ok_or_else(|| unreadable("no item of the page tells its time"))?;
            if sent(field).is_some_and(|sent| order(least, sent).is_ge()) {
                return Err(stuck());
            }
            Ok(Some(PageState::At(least.clone())))
        }
    }
}

/// Whether an argument that was sent rules out the position: the vendor takes only one of the two, so that the next
/// page could not be asked for.
fn excluded(operation: &Operation, position: &str, sent: &impl Fn(&str) -> bool) -> bool {
    let rules = (operation.input)().rules.iter();
    rules
        .filter_map(|rule| match rule {
            Rule::AtMostOne(names) | Rule::ExactlyOne(names) => Some(*names),
            _ => None,
        })
        .filter(|names| names.contains(&position))
        .any(|names| names.iter().any(|name| *name != position && sent(name)))
}

fn capped(pages: &Pages, read: u64) -> bool {
    pages.cap > 0 && read >= pages.cap
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => crate::record::integer(number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn same(left: &Value, right: &Value) -> bool {
    text(left) == text(right)
}

/// Numbers by value, also when written as text; other texts by their characters.
fn order(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => text(left).cmp(&text(right)),
    }
}

/// The named query parameters of an absolute or relative address.
fn taken(address: &str, fields: &[&str]) -> Option<Vec<(String, String)>> {
    let anywhere = url::Url::parse("https://localhost/").ok()?;
    let url = anywhere.join(address).ok()?;
    let pairs = url.query_pairs().filter(|(name, _)| fields.contains(&name.as_ref()));
    Some(
        pairs
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
    )
}

fn unreadable(what: &str) -> Error {
    Error::deskhand(
        Code::UpstreamInvalidResponse,
        format!("The helpdesk's page cannot be continued: {what}."),
    )
}

fn stuck() -> Error {
    Error::deskhand(
        Code::UpstreamInvalidResponse,
        "The vendor's cursor does not advance: the next page would be this page again.",
    )
    .with_hint("Stop here, or narrow the list with a filter.")
}
