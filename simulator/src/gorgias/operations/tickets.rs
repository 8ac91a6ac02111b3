//! Tickets: lists, one, new ones, gone ones. Changing them is in `ticket_changes`.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::{Key, Row, USUAL, answer, order, page};
use super::super::records::{Account, Members, Object, Outcome, Ticket, asked, flag, id, json_answer, object};
use super::{new_messages, shown, ticket_changes, view_items};
use crate::engine::{Answer, Call, Refusal};

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let in_view = asked(call, "view_id")
        .map(|view| view_items::tickets_of(account, view))
        .transpose()?;
    let ids: Option<Vec<i64>> = call
        .lists
        .get("ticket_ids")
        .map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
    let rule = asked(call, "rule_id");
    let (member, descending) = order(call, "created_datetime:desc");
    let tickets = account.tickets.iter().filter(|(id, ticket)| {
        let fields = &ticket.fields;
        asked(call, "customer_id").is_none_or(|wanted| fields.number("customer_id") == Some(wanted))
            && call
                .given("external_id")
                .is_none_or(|wanted| fields.text("external_id") == Some(wanted))
            && in_view.as_ref().is_none_or(|wanted| wanted.contains(id))
            && ids.as_ref().is_none_or(|wanted| wanted.contains(id))
            && rule.is_none_or(|rule| {
                let mut messages = ticket.messages.iter();
                messages.any(|message| message.number("rule_id") == Some(rule))
            })
            && (flag(call, "trashed").unwrap_or(true) || fields.some("trashed_datetime").is_none())
    });
    let rows = tickets.map(|(id, ticket)| Row {
        key: Key::of(ticket.fields.get(member)),
        id: *id,
        item: ticket,
    });
    let page = page(account, call, rows.collect(), descending, USUAL, &Value::Null)?;
    answer(call, page, |ticket| shown::summary(account, ticket))
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let with_fields = call.lists.contains_key("relationships");
    json_answer(shown::ticket(account, account.ticket(id(call, "id"))?, with_fields))
}

/// A ticket without anything in it.
pub(in crate::gorgias) fn blank(id: i64, customer_id: i64, now: &str) -> Object {
    object(json!({
        "id": id,
        "external_id": null,
        "subject": null,
        "status": "open",
        "priority": "normal",
        "channel": null,
        "via": null,
        "from_agent": false,
        "spam": false,
        "is_unread": false,
        "language": null,
        "customer_id": customer_id,
        "assignee_user_id": null,
        "assignee_team_id": null,
        "tags": [],
        "custom_fields": {},
        "integrations": [],
        "meta": null,
        "created_datetime": now,
        "opened_datetime": null,
        "last_message_datetime": null,
        "last_received_message_datetime": null,
        "updated_datetime": now,
        "closed_datetime": null,
        "snooze_datetime": null,
        "trashed_datetime": null,
    }))
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let body = &call.body;
    let messages: Vec<&Object> = body.items("messages").iter().filter_map(Value::as_object).collect();
    for (index, message) in messages.iter().enumerate() {
        new_messages::check(account, message, &format!("messages[{index}]."))?;
    }
    ticket_changes::check(account, body)?;
    let first = *messages
        .first()
        .ok_or_else(|| Refusal::at("messages", "A ticket needs a message"))?;
    let theirs = if first.is("from_agent") { "receiver" } else { "sender" };
    let given = body.inner("customer").or_else(|| first.inner(theirs));
    let Some(given) = given.filter(|given| given.some("id").or_else(|| given.some("email")).is_some()) else {
        return Err(Refusal::at(
            "customer",
            "customer, or the customer of the first message, is required",
        ));
    };
    if let Some(id) = given.number("id")
        && account.customers.find(id).is_none()
    {
        return Err(Refusal::at("customer.id", format!("there is no customer {id}")));
    }
    let now = account.tick();
    let customer_id = new_messages::customer(account, given, &now);
    account.last_ticket += 1;
    let id = account.last_ticket;
    let mut fields = blank(id, customer_id, &now);
    for name in ["channel", "via", "from_agent", "subject"] {
        if let Some(value) = first.some(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    let messages: Vec<Object> = messages.into_iter().cloned().collect();
    let ticket = Ticket {
        fields,
        messages: Vec::new(),
    };
    account.tickets.insert(id, ticket);
    account.note("ticket-created", "Ticket", id, Some(by.user_id), Value::Null);
    for message in &messages {
        new_messages::add(account, id, message, by.user_id, &now)?;
    }
    let told: Object = body
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "messages" | "customer"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    ticket_changes::write(account, id, &told, Some(by.user_id), &now)?;
    json_answer(shown::ticket(account, account.ticket(id)?, false))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.ticket(id)?;
    ticket_changes::check(account, &call.body)?;
    let now = account.tick();
    let ticket = account.ticket_mut(id)?;
    ticket.fields.insert("updated_datetime".to_owned(), json!(now));
    ticket_changes::write(account, id, &call.body, Some(by.user_id), &now)?;
    account.note("ticket-updated", "Ticket", id, Some(by.user_id), Value::Null);
    json_answer(shown::ticket(account, account.ticket(id)?, false))
}

/// Removes a ticket with its messages and its survey.
pub(super) fn forget(account: &mut Account, id: i64, by: Option<i64>) {
    account.tickets.remove(&id);
    let surveys: Vec<i64> = account
        .surveys
        .all()
        .filter(|(_, survey)| survey.number("ticket_id") == Some(id))
        .map(|(survey, _)| survey)
        .collect();
    for survey in surveys {
        drop(account.surveys.remove(survey));
    }
    account.note("ticket-deleted", "Ticket", id, by, Value::Null);
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.ticket(id)?;
    account.tick();
    forget(account, id, Some(by.user_id));
    Ok(Answer::Empty)
}
