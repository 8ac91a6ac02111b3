//! The tags of a ticket.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, id, list as plain_list, object};
use super::tags;
use crate::engine::{Answer, Call, Refusal};

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let ids = account.ticket(id(call, "ticket_id"))?.fields.numbers("tags");
    let tags = ids.iter().filter_map(|id| account.tags.find(*id));
    plain_list(tags.map(|tag| tags::show(account, tag)).collect())
}

/// Refuses a selection of unknown numbers, and, where one is needed, an empty one.
fn check(account: &Account, body: &Object, some: bool) -> Result<(), Refusal> {
    if some && body.items("ids").is_empty() && body.items("names").is_empty() {
        return Err(Refusal::bad("ids or names is required"));
    }
    for id in body.numbers("ids") {
        if account.tags.find(id).is_none() {
            return Err(Refusal::at("ids", format!("there is no tag {id}")));
        }
    }
    Ok(())
}

/// The tags of a name, made when there is none; case matters.
pub(super) fn named(account: &mut Account, name: &str, now: &str) -> i64 {
    match account.tags.with("name", name) {
        Some((id, _)) => id,
        None => tags::add(account, &object(json!({"name": name})), now),
    }
}

/// The tags a selection means; unknown names become tags.
fn selected(account: &mut Account, body: &Object, now: &str) -> Vec<i64> {
    let mut ids = body.numbers("ids");
    let names = body.items("names").iter().filter_map(Value::as_str);
    ids.extend(names.map(|name| named(account, name, now)));
    let mut once = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

/// Gives a ticket these tags and no others, and records what changed.
pub(super) fn put(
    account: &mut Account,
    ticket_id: i64,
    ids: &[i64],
    by: Option<i64>,
    now: &str,
) -> Result<(), Refusal> {
    let ticket = account.ticket_mut(ticket_id)?;
    let old = ticket.fields.numbers("tags");
    if old == ids {
        return Ok(());
    }
    ticket.fields.insert("tags".to_owned(), json!(ids));
    ticket.fields.insert("updated_datetime".to_owned(), json!(now));
    let added: Vec<i64> = ids.iter().filter(|id| !old.contains(id)).copied().collect();
    let gone: Vec<i64> = old.iter().filter(|id| !ids.contains(id)).copied().collect();
    for (kind, changed) in [("ticket-tags-added", added), ("ticket-tags-removed", gone)] {
        if !changed.is_empty() {
            account.note(kind, "Ticket", ticket_id, by, json!({"tags": changed}));
        }
    }
    Ok(())
}

pub(in crate::gorgias) fn add(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ticket = id(call, "ticket_id");
    let mut ids = account.ticket(ticket)?.fields.numbers("tags");
    check(account, &call.body, true)?;
    let now = account.tick();
    for id in selected(account, &call.body, &now) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    put(account, ticket, &ids, Some(by.user_id), &now)?;
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn set(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ticket = id(call, "ticket_id");
    account.ticket(ticket)?;
    check(account, &call.body, false)?;
    let now = account.tick();
    let ids = selected(account, &call.body, &now);
    put(account, ticket, &ids, Some(by.user_id), &now)?;
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ticket = id(call, "ticket_id");
    let mut ids = account.ticket(ticket)?.fields.numbers("tags");
    check(account, &call.body, true)?;
    let mut gone = call.body.numbers("ids");
    let names = call.body.items("names").iter().filter_map(Value::as_str);
    gone.extend(
        names
            .filter_map(|name| account.tags.with("name", name))
            .map(|(id, _)| id),
    );
    let now = account.tick();
    ids.retain(|id| !gone.contains(id));
    put(account, ticket, &ids, Some(by.user_id), &now)?;
    Ok(Answer::Empty)
}
