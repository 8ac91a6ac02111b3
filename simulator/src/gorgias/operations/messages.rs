//! Messages: lists, one, new ones, changed ones, gone ones.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, asked, id, json_answer, list as plain_list};
use super::{new_messages, sending, shown};
use crate::engine::{Answer, Call, Refusal};

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let ticket = asked(call, "ticket_id");
    let tickets = account
        .tickets
        .iter()
        .filter(|(id, _)| ticket.is_none_or(|wanted| **id == wanted));
    let messages = tickets.flat_map(|(_, ticket)| &ticket.messages);
    let rows = messages.map(|message| (message.number("id").unwrap_or_default(), message));
    listed(account, call, rows, "created_datetime:desc", shown::message)
}

pub(in crate::gorgias) fn list_of_ticket(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let ticket = account.ticket(id(call, "ticket_id"))?;
    plain_list(ticket.messages.iter().map(shown::message).collect())
}

fn find(account: &Account, ticket_id: i64, id: i64) -> Result<&Object, Refusal> {
    let mut messages = account.ticket(ticket_id)?.messages.iter();
    let found = messages.find(|message| message.number("id") == Some(id));
    found.ok_or_else(|| Refusal::not_found("Message"))
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let message = find(account, id(call, "ticket_id"), id(call, "id"))?;
    json_answer(shown::message(message))
}

/// Takes a message out of its ticket; what was already sent stays sent.
fn forget(account: &mut Account, ticket_id: i64, id: i64, by: &Caller) -> Result<(), Refusal> {
    let messages = &mut account.ticket_mut(ticket_id)?.messages;
    messages.retain(|message| message.number("id") != Some(id));
    let data = json!({"ticket_id": ticket_id});
    account.note("ticket-message-deleted", "TicketMessage", id, Some(by.user_id), data);
    Ok(())
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ticket_id = id(call, "ticket_id");
    account.ticket(ticket_id)?;
    new_messages::check(account, &call.body, "")?;
    let now = account.tick();
    if call.given("action") == Some("cancel") {
        // Said to have been sent, so that it is not.
        let mut body = call.body.clone();
        body.insert("sent_datetime".to_owned(), json!(now));
        let id = new_messages::add(account, ticket_id, &body, by.user_id, &now)?;
        let mut message = find(account, ticket_id, id)?.clone();
        message.insert("sent_datetime".to_owned(), Value::Null);
        message.insert("deleted_datetime".to_owned(), json!(now));
        forget(account, ticket_id, id, by)?;
        return json_answer(shown::message(&message));
    }
    let id = new_messages::add(account, ticket_id, &call.body, by.user_id, &now)?;
    json_answer(shown::message(find(account, ticket_id, id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let (ticket_id, id) = (id(call, "ticket_id"), id(call, "id"));
    let mut message = find(account, ticket_id, id)?.clone();
    let old_channel = message.text("channel").map(str::to_owned);
    let note = |channel: Option<&str>| channel == Some(new_messages::NOTE);
    if note(old_channel.as_deref()) != note(call.body.text("channel")) {
        return Err(Refusal::at(
            "channel",
            "A note cannot become another message, nor another message a note",
        ));
    }
    if message.get("from_agent") != call.body.get("from_agent") {
        return Err(Refusal::at("from_agent", "from_agent cannot be changed"));
    }
    let now = account.tick();
    message = find(account, ticket_id, id)?.clone();
    match call.given("action") {
        Some("cancel") => {
            message.insert("deleted_datetime".to_owned(), json!(now));
            forget(account, ticket_id, id, by)?;
            return json_answer(shown::message(&message));
        }
        Some("retry") => {
            for name in ["failed_datetime", "sent_datetime", "last_sending_error"] {
                message.insert(name.to_owned(), Value::Null);
            }
            message.insert("is_retriable".to_owned(), json!(false));
            new_messages::overlay(&mut message, &call.body);
            if new_messages::goes_out(&message) {
                sending::send(account, ticket_id, &message);
            }
        }
        Some("force") => {
            message.insert("last_sending_error".to_owned(), Value::Null);
            message.insert("is_retriable".to_owned(), json!(false));
            new_messages::overlay(&mut message, &call.body);
        }
        _ => new_messages::overlay(&mut message, &call.body),
    }
    if note(message.text("channel")) {
        message.insert("public".to_owned(), json!(false));
    }
    let ticket = account.ticket_mut(ticket_id)?;
    ticket.fields.insert("updated_datetime".to_owned(), json!(now));
    for known in &mut ticket.messages {
        if known.number("id") == Some(id) {
            *known = message.clone();
        }
    }
    let data = json!({"ticket_id": ticket_id});
    account.note("ticket-message-updated", "TicketMessage", id, Some(by.user_id), data);
    json_answer(shown::message(&message))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let (ticket_id, id) = (id(call, "ticket_id"), id(call, "id"));
    find(account, ticket_id, id)?;
    account.tick();
    forget(account, ticket_id, id, by)?;
    Ok(Answer::Empty)
}
