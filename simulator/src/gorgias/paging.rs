//! Pages by cursor. A cursor tells where a page begins, for which request, and until when it may be used; it is sealed with a
//! checksum, and opaque.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::records::{Account, Object, Outcome};
use super::time::MINUTE;
use crate::engine::{Answer, Call, Refusal};

/// How long a cursor may be used.
const LIFETIME: i64 = 30 * MINUTE;
/// Size of a page that was not sized.
pub(super) const USUAL: usize = 30;

/// What a list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Key {
    /// Sorts before everything else.
    Nothing,
    Number(i64),
    Text(String),
    Pair(i64, String),
}

impl Key {
    pub(super) fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(text)) => Self::Text(text.clone()),
            Some(Value::Number(number)) => number.as_i64().map_or(Self::Nothing, Self::Number),
            _ => Self::Nothing,
        }
    }
}

/// A record and its place in a list.
pub(super) struct Row<T> {
    pub(super) key: Key,
    pub(super) id: i64,
    pub(super) item: T,
}

/// Rows by a member of their records.
pub(super) fn rows<'a>(records: impl Iterator<Item = (i64, &'a Object)>, member: &str) -> Vec<Row<&'a Object>> {
    let row = |(id, item): (i64, &'a Object)| Row {
        key: Key::of(item.get(member)),
        id,
        item,
    };
    records.map(row).collect()
}

/// Where a page begins.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// Until when it may be used.
    until: i64,
    /// What it belongs to.
    of: u64,
    /// Whether the page lies before the place.
    back: bool,
    key: Key,
    id: i64,
    seal: u64,
}

fn hash(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl Cursor {
    fn new(account: &Account, of: u64, back: bool, key: Key, id: i64) -> Self {
        let mut cursor = Self {
            until: account.now.saturating_add(LIFETIME),
            of,
            back,
            key,
            id,
            seal: 0,
        };
        cursor.seal = cursor.sealed();
        cursor
    }

    fn sealed(&self) -> u64 {
        let key = serde_json::to_string(&self.key).unwrap_or_default();
        hash(("gorgias", self.until, self.of, self.back, key, self.id))
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(account: &Account, of: u64, text: &str) -> Result<Self, Refusal> {
        let wrong = |what: &str| Refusal::at("cursor", format!("The cursor {what}"));
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let cursor: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let cursor = cursor.filter(|cursor| cursor.seal == cursor.sealed());
        let cursor = cursor.ok_or_else(|| wrong("is not valid"))?;
        if cursor.of != of {
            return Err(wrong("belongs to a request with other filters or another order"));
        }
        if cursor.until < account.now {
            return Err(wrong("has expired"));
        }
        Ok(cursor)
    }
}

/// One page of a list.
pub(super) struct Page<T> {
    pub(super) rows: Vec<Row<T>>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// What tells the request of a cursor from other requests: account, path, all parameters but those of paging, and the body.
fn binding(account: &Account, call: &Call, inner: &Value) -> u64 {
    let path = call.target.split('?').next().unwrap_or_default();
    let paging = ["cursor", "limit", "direction", "ignored_item"];
    let mut filters: Vec<_> = call.query.iter().filter(|(name, _)| !paging.contains(name)).collect();
    filters.sort();
    let mut lists: Vec<_> = call.lists.iter().collect();
    lists.sort();
    hash((&account.domain, path, filters, lists, inner.to_string()))
}

/// The page a call asks for, of rows in any order.
pub(super) fn page<T>(
    account: &Account,
    call: &Call,
    mut rows: Vec<Row<T>>,
    descending: bool,
    usual: usize,
    inner: &Value,
) -> Result<Page<T>, Refusal> {
    let of = binding(account, call, inner);
    let size = call.number("limit").and_then(|size| usize::try_from(size).ok());
    let size = size.unwrap_or(usual);
    rows.sort_by(|one, other| (&one.key, one.id).cmp(&(&other.key, other.id)));
    if descending {
        rows.reverse();
    }
    let cursor = call
        .given("cursor")
        .map(|text| Cursor::read(account, of, text))
        .transpose()?;
    let total = rows.len();
    let first = match &cursor {
        None => 0,
        Some(cursor) => {
            let place = (&cursor.key, cursor.id);
            let before = |row: &Row<T>| {
                let row = (&row.key, row.id);
                if descending { row > place } else { row < place }
            };
            // The item of the cursor lies on the page already seen.
            let at = rows.partition_point(before);
            let next = rows.get(at).is_some_and(|row| (&row.key, row.id) == place);
            if cursor.back {
                at.saturating_sub(size)
            } else {
                at + usize::from(next)
            }
        }
    };
    let last = match &cursor {
        Some(cursor) if cursor.back => {
            let place = (&cursor.key, cursor.id);
            rows.partition_point(|row| {
                let row = (&row.key, row.id);
                if descending { row > place } else { row < place }
            })
        }
        _ => (first + size).min(total),
    };
    let rows: Vec<Row<T>> = rows.drain(..).take(last).skip(first).collect();
    let to = |row: Option<&Row<T>>, back: bool| {
        row.map(|row| Cursor::new(account, of, back, row.key.clone(), row.id).text())
    };
    let before = (first > 0).then(|| to(rows.first(), true)).flatten();
    let after = (last < total).then(|| to(rows.last(), false)).flatten();
    Ok(Page { rows, before, after })
}

/// The order asked for, or the usual one: a member, and whether it descends.
pub(super) fn order<'a>(call: &'a Call, usual: &'a str) -> (&'a str, bool) {
    let order = call.given("order_by").unwrap_or(usual);
    let first = order.split(',').next().unwrap_or(order);
    let (member, direction) = first.split_once(':').unwrap_or((first, "desc"));
    (member, direction == "desc")
}

/// The usual answer of a list.
pub(super) fn answer<T>(call: &Call, page: Page<T>, show: impl Fn(T) -> Value) -> Outcome {
    let data: Vec<Value> = page.rows.into_iter().map(|row| show(row.item)).collect();
    Ok(Answer::Json(json!({
        "data": data,
        "object": "list",
        "uri": call.target,
        "meta": {"prev_cursor": page.before, "next_cursor": page.after},
    })))
}

/// The usual answer of a list of records that are sorted by one of their members.
pub(super) fn listed<'a>(
    account: &Account,
    call: &Call,
    records: impl Iterator<Item = (i64, &'a Object)>,
    usual_order: &str,
    show: impl Fn(&Object) -> Value,
) -> Outcome {
    let (member, descending) = order(call, usual_order);
    let page = page(account, call, rows(records, member), descending, USUAL, &Value::Null)?;
    answer(call, page, show)
}
