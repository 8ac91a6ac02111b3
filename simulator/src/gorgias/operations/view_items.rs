//! The tickets of views, saved or given in the request, and searching them.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::filter;
use super::super::paging::{Key, Row, USUAL, page};
use super::super::records::{Account, Members, Object, Outcome, Ticket, id, object};
use super::super::words::TICKET_PRIORITY;
use super::message_texts::said;
use super::shown;
use crate::engine::{Answer, Call, Refusal};

/// What tickets of a view may be sorted by.
const ORDERS: &[&str] = &[
    "created_datetime",
    "updated_datetime",
    "last_message_datetime",
    "last_received_message_datetime",
    "closed_datetime",
    "snooze_datetime",
    "priority",
];

pub(super) fn check_order(order: &str) -> Result<(), Refusal> {
    if ORDERS.contains(&order) {
        return Ok(());
    }
    let text = format!("order_by must be one of {}", ORDERS.join(", "));
    Err(Refusal::at("order_by", text))
}

/// Whether all words are in the subject or in the messages, or in what is known of the customer's name and address.
fn contains(account: &Account, ticket: &Ticket, words: &[String]) -> bool {
    let customer = ticket
        .fields
        .number("customer_id")
        .and_then(|id| account.customers.find(id));
    let mut text = ticket.fields.text("subject").unwrap_or_default().to_lowercase();
    for part in ["name", "email"] {
        text.push('\n');
        text.push_str(
            &customer
                .and_then(|customer| customer.text(part))
                .unwrap_or_default()
                .to_lowercase(),
        );
    }
    for message in &ticket.messages {
        text.push('\n');
        text.push_str(&said(message).to_lowercase());
    }
    words.iter().all(|word| text.contains(word.as_str()))
}

/// The tickets that a view shows to a user.
fn found<'a>(account: &'a Account, view: &Object, user_id: i64) -> Result<Vec<(i64, &'a Ticket)>, Refusal> {
    let filters = filter::for_user(view.text("filters").unwrap_or_default(), user_id);
    let filter = filter::parse(&filters).map_err(|problem| Refusal::at("view.filters", problem))?;
    let search = view.text("search").unwrap_or_default().to_lowercase();
    let words: Vec<String> = search.split_whitespace().map(str::to_owned).collect();
    let asks = |path: &str| filter.asks(path);
    let tickets = account.tickets.iter().filter(|(_, ticket)| {
        // Views hide what is in the trash and what is spam, unless they ask for it.
        let hidden = ticket.fields.some("trashed_datetime").is_some() && !asks("ticket.trashed_datetime")
            || ticket.fields.is("spam") && !asks("ticket.spam");
        !hidden && filter::matches(account, ticket, &filter) && contains(account, ticket, &words)
    });
    Ok(tickets.map(|(id, ticket)| (*id, ticket)).collect())
}

/// The numbers of the tickets of a saved view.
pub(super) fn tickets_of(account: &Account, view_id: i64) -> Result<BTreeSet<i64>, Refusal> {
    let view = account.views.get(view_id)?;
    Ok(found(account, view, 0)?.into_iter().map(|(id, _)| id).collect())
}

/// The numbers of the tickets that filters let through.
pub(super) fn tickets_by(account: &Account, filters: &str) -> Result<BTreeSet<i64>, Refusal> {
    let view = object(json!({"filters": filters}));
    Ok(found(account, &view, 0)?.into_iter().map(|(id, _)| id).collect())
}

fn key(ticket: &Ticket, order: &str) -> Key {
    let value = ticket.fields.get(order);
    if order != "priority" {
        return Key::of(value);
    }
    let rank = TICKET_PRIORITY
        .iter()
        .rev()
        .position(|word| value.is_some_and(|value| value == word));
    Key::Number(rank.and_then(|rank| i64::try_from(rank).ok()).unwrap_or_default())
}

/// The address of another page, relative to the host.
fn address(call: &Call, cursor: &str, direction: &str, ignored: i64) -> String {
    let path = call.target.split('?').next().unwrap_or_default();
    let mut address = format!("{path}?cursor={cursor}&direction={direction}&ignored_item={ignored}");
    for name in ["limit", "order_by"] {
        if let Some(value) = call.given(name) {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            address.push_str(&format!("&{name}={value}"));
        }
    }
    address
}

fn show(account: &Account, call: &Call, view: &Object, by: &Caller) -> Outcome {
    if view.some("deactivated_datetime").is_some() {
        return Err(Refusal::bad("The view is deactivated"));
    }
    let order = view.text("order_by").unwrap_or("updated_datetime");
    let (order, descending) = match call.given("order_by").and_then(|order| order.split_once(':')) {
        Some((order, direction)) => (order, direction == "desc"),
        None => (order, view.text("order_dir") != Some("asc")),
    };
    check_order(order)?;
    let rows = found(account, view, by.user_id)?.into_iter().map(|(id, ticket)| Row {
        key: key(ticket, order),
        id,
        item: ticket,
    });
    let inner = json!([view.get("filters"), view.get("search"), order, descending]);
    let page = page(account, call, rows.collect(), descending, USUAL, &inner)?;
    let (first, last) = (page.rows.first().map(|row| row.id), page.rows.last().map(|row| row.id));
    let to = |cursor: Option<String>, direction: &str, item: Option<i64>| {
        cursor.map(|cursor| address(call, &cursor, direction, item.unwrap_or_default()))
    };
    let meta = json!({
        "current_cursor": call.given("cursor"),
        "next_items": to(page.after, "next", last),
        "prev_items": to(page.before, "prev", first),
    });
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|row| shown::summary(account, row.item))
        .collect();
    Ok(Answer::Json(json!({"data": data, "meta": meta})))
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let view = account.views.get(id(call, "view_id"))?;
    show(account, call, view, by)
}

/// Runs a view with changes that are not saved; view 0 is all in the request.
pub(in crate::gorgias) fn search(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let mut view = match id(call, "view_id") {
        0 => Object::new(),
        id => account.views.get(id)?.clone(),
    };
    let given = call.body.inner("view").cloned().unwrap_or_default();
    if id(call, "view_id") == 0 && given.is_empty() {
        return Err(Refusal::at("view", "view 0 has to be given in the request"));
    }
    if let Some(order) = given.text("order_by") {
        check_order(order)?;
    }
    view.extend(given);
    show(account, call, &view, by)
}
