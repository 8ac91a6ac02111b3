//! New messages: what must fit together, who speaks to whom, and what they change of their ticket.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, object, settle_moments};
use super::super::time;
use super::message_texts::{said, strip};
use super::{customers, sending, ticket_changes};
use crate::engine::{Refusal, is_email};

pub(super) const NOTE: &str = "internal-note";

/// Whether a message goes out to the customer: it comes from the company, is no note, and is not said to have been sent.
pub(super) fn goes_out(body: &Object) -> bool {
    body.is("from_agent") && body.text("channel") != Some(NOTE) && body.some("sent_datetime").is_none()
}

/// The agent whom a person stands for.
fn agent(account: &Account, person: &Object) -> Option<i64> {
    match (person.number("id"), person.text("email")) {
        (Some(id), _) => account.users.find(id).map(|_| id),
        (None, Some(email)) => account.users.with("email", email).map(|(id, _)| id),
        (None, None) => None,
    }
}

/// The customer whom a person stands for, made for an address that nobody has.
pub(super) fn customer(account: &mut Account, person: &Object, now: &str) -> i64 {
    if let Some(id) = person.number("id") {
        return id;
    }
    let email = person.text("email").unwrap_or_default();
    match customers::with_channel(account, "email", email) {
        Some(id) => id,
        None => {
            let body = object(json!({"email": email, "name": person.get("name")}));
            customers::add(account, &body, now)
        }
    }
}

/// Refuses a message whose parts do not fit together; places begin with the prefix.
pub(super) fn check(account: &Account, body: &Object, prefix: &str) -> Result<(), Refusal> {
    let at = |place: &str, text: &str| Err(Refusal::at(format!("{prefix}{place}"), text));
    let channel = body.text("channel").unwrap_or_default();
    let note = channel == NOTE;
    let empty = |name: &str| body.text(name).is_none_or(|text| text.trim().is_empty());
    if empty("body_text") && empty("body_html") && body.items("attachments").is_empty() {
        return at("body_text", "body_text or body_html is required");
    }
    if note && !body.is("from_agent") {
        return at("from_agent", "An internal note comes from an agent");
    }
    if note && body.some("receiver").is_some() {
        return at("receiver", "An internal note has no receiver");
    }
    if !note && !body.items("mention_ids").is_empty() {
        return at("mention_ids", "Users can be mentioned in internal notes only");
    }
    for id in body.numbers("mention_ids") {
        if account.users.find(id).is_none() {
            return at("mention_ids", &format!("there is no user {id}"));
        }
    }
    let source = body.inner("source");
    if channel != "email"
        && source.is_some_and(|source| !source.items("cc").is_empty() || !source.items("bcc").is_empty())
    {
        return at("source", "cc and bcc are for e-mail only");
    }
    if let Some(id) = body.number("integration_id")
        && account.integrations.find(id).is_none()
    {
        return at("integration_id", &format!("there is no integration {id}"));
    }
    let (ours, theirs) = if body.is("from_agent") {
        ("sender", "receiver")
    } else {
        ("receiver", "sender")
    };
    if let Some(person) = body.inner(ours)
        && agent(account, person).is_none()
    {
        return at(ours, "there is no such user");
    }
    if let Some(person) = body.inner(theirs) {
        match person.number("id") {
            Some(id) if account.customers.find(id).is_none() => {
                return at(&format!("{theirs}.id"), &format!("there is no customer {id}"));
            }
            None if person.text("email").is_none() => return at(theirs, "id or email is required"),
            _ => {}
        }
    }
    if goes_out(body) {
        check_route(account, body, channel).or_else(|(place, text)| at(place, &text))?;
    }
    Ok(())
}

/// Whether it can be told from where to where a message goes.
fn check_route(account: &Account, body: &Object, channel: &str) -> Result<(), (&'static str, String)> {
    if channel == "api" {
        return Ok(());
    }
    let Some(source) = body.inner("source") else {
        return Err((
            "source",
            "source is required for a message that is to be sent".to_owned(),
        ));
    };
    let to = source.items("to");
    if to.is_empty() {
        return Err(("source.to", "source.to needs an address".to_owned()));
    }
    let from = source
        .inner("from")
        .and_then(|from| from.text("address"))
        .unwrap_or_default();
    let addresses = ["to", "cc", "bcc"].into_iter().flat_map(|name| source.items(name));
    match channel {
        "email" => {
            if !sending::is_own_address(account, &["email", "gmail", "outlook"], from) {
                let text = "source.from.address must be the address of a connected e-mail integration";
                return Err(("source.from", text.to_owned()));
            }
            for address in addresses.filter_map(|one| one["address"].as_str()) {
                if !is_email(address) {
                    return Err(("source.to", format!("`{address}` is not an email address")));
                }
            }
        }
        "sms" => {
            if !sending::is_own_address(account, &["sms", "phone"], from) {
                let text = "source.from.address must be the number of a connected SMS integration";
                return Err(("source.from", text.to_owned()));
            }
            for address in addresses.filter_map(|one| one["address"].as_str()) {
                let digits = address.strip_prefix('+').unwrap_or_default();
                if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(("source.to", format!("`{address}` is not a number such as +15550100")));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// A person as messages show it.
fn person(record: Option<&Object>) -> Value {
    let Some(record) = record else { return Value::Null };
    let member = |name: &str| record.get(name).cloned().unwrap_or_default();
    json!({
        "id": member("id"),
        "email": member("email"),
        "name": member("name"),
        "firstname": member("firstname"),
        "lastname": member("lastname"),
        "meta": member("meta"),
    })
}

/// The record of a message that was checked.
fn build(account: &mut Account, ticket_id: i64, body: &Object, user_id: i64, now: &str) -> Result<Object, Refusal> {
    let channel = body.text("channel").unwrap_or_default().to_owned();
    let from_agent = body.is("from_agent");
    let (ours, theirs) = if from_agent {
        ("sender", "receiver")
    } else {
        ("receiver", "sender")
    };
    let user = body.inner(ours).and_then(|person| agent(account, person));
    let user = user.or(from_agent.then_some(user_id));
    let customer_id = match body.inner(theirs) {
        Some(given) => Some(customer(account, given, now)),
        None if channel == NOTE => None,
        None => account.ticket(ticket_id)?.fields.number("customer_id"),
    };
    let user = person(user.and_then(|id| account.users.find(id)));
    let customer = person(customer_id.and_then(|id| account.customers.find(id)));
    let (sender, receiver) = if from_agent { (user, customer) } else { (customer, user) };
    let text = said(body);
    let (stripped, signature) = strip(&text);
    account.last_message += 1;
    let mut message = object(json!({
        "id": account.last_message,
        "ticket_id": ticket_id,
        "message_id": null,
        "external_id": null,
        "public": true,
        "channel": channel,
        "via": null,
        "source": {"type": channel, "from": null, "to": [], "cc": [], "bcc": [], "extra": null},
        "sender": sender,
        "receiver": receiver,
        "from_agent": from_agent,
        "integration_id": null,
        "rule_id": null,
        "subject": null,
        "body_text": null,
        "body_html": null,
        "stripped_text": stripped,
        "stripped_html": body.get("body_html"),
        "stripped_signature": signature,
        "attachments": [],
        "macros": [],
        "actions": [],
        "intents": [],
        "headers": null,
        "meta": null,
        "last_sending_error": null,
        "is_retriable": false,
        "created_datetime": now,
        "sent_datetime": null,
        "failed_datetime": null,
        "opened_datetime": null,
        "deleted_datetime": null,
    }));
    overlay(&mut message, body);
    if channel == NOTE {
        message.insert("public".to_owned(), json!(false));
    }
    if body.some("created_datetime").is_none()
        && let Some(sent) = message.some("sent_datetime").cloned()
    {
        message.insert("created_datetime".to_owned(), sent);
    }
    if message.some("sent_datetime").is_none() && !goes_out(body) {
        let created = message.get("created_datetime").cloned().unwrap_or_default();
        message.insert("sent_datetime".to_owned(), created);
    }
    Ok(message)
}

/// Takes over what a body says, but for the people, who are shown whole.
pub(super) fn overlay(message: &mut Object, body: &Object) {
    for (name, value) in body {
        match (name.as_str(), value) {
            ("sender" | "receiver" | "mention_ids", _) | ("attachments" | "macros" | "actions", Value::Null) => {}
            ("source", Value::Object(given)) => {
                if let Some(source) = message.get_mut("source").and_then(Value::as_object_mut) {
                    source.extend(given.clone());
                }
            }
            ("source", _) => {}
            // What is worked out stays.
            (name, Value::Null) if name.starts_with("stripped_") || name == "created_datetime" => {}
            _ => drop(message.insert(name.clone(), value.clone())),
        }
    }
    settle_moments(message);
}

/// Adds a message that was checked; sends it if it goes out. Gives its number.
pub(super) fn add(
    account: &mut Account,
    ticket_id: i64,
    body: &Object,
    user_id: i64,
    now: &str,
) -> Result<i64, Refusal> {
    let message = build(account, ticket_id, body, user_id, now)?;
    let id = message.number("id").unwrap_or_default();
    let created = message.text("created_datetime").unwrap_or(now).to_owned();
    let incoming = !message.is("from_agent");
    let integration = message.number("integration_id");
    let past = time::parse(&created).is_some_and(|created| created < account.now - time::MINUTE);
    let mentioned = body.numbers("mention_ids");
    if goes_out(body) {
        sending::send(account, ticket_id, &message);
    }
    let ticket = account.ticket_mut(ticket_id)?;
    ticket.messages.push(message);
    ticket
        .messages
        .sort_by(|one, other| one.text("created_datetime").cmp(&other.text("created_datetime")));
    let fields = &mut ticket.fields;
    let mut later = |name: &str| {
        if fields.text(name).is_none_or(|known| known < created.as_str()) {
            fields.insert(name.to_owned(), json!(created));
        }
    };
    later("last_message_datetime");
    if incoming {
        later("last_received_message_datetime");
    }
    fields.insert("updated_datetime".to_owned(), json!(now));
    if let Some(integration) = integration
        && let Some(known) = fields.get_mut("integrations").and_then(Value::as_array_mut)
        && !known.iter().any(|known| known["id"] == integration)
    {
        known.push(json!({"id": integration}));
    }
    if incoming && !past {
        fields.insert("is_unread".to_owned(), json!(true));
        ticket_changes::set_status(account, ticket_id, "open", None, now)?;
    }
    let by = (!incoming).then_some(user_id);
    account.note(
        "ticket-message-created",
        "TicketMessage",
        id,
        by,
        json!({"ticket_id": ticket_id}),
    );
    for user in mentioned {
        account.note("user-mentioned", "User", user, by, json!({"message_id": id}));
    }
    Ok(id)
}
