//! People, teams, tags and tickets as other records show them.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, Ticket, with_uri};
use super::message_texts::excerpt;

/// Name split as the vendor splits it: the last word is the last name.
pub(in crate::gorgias) fn split_name(name: &str) -> (&str, &str) {
    name.trim().rsplit_once(' ').unwrap_or((name.trim(), ""))
}

fn member(record: &Object, name: &str) -> Value {
    record.get(name).cloned().unwrap_or_default()
}

pub(super) fn user(account: &Account, id: i64) -> Value {
    let Some(user) = account.users.find(id) else {
        return Value::Null;
    };
    json!({
        "id": id,
        "email": user.get("email"),
        "name": user.get("name"),
        "firstname": user.get("firstname"),
        "lastname": user.get("lastname"),
        "bio": user.get("bio"),
        "meta": user.get("meta"),
    })
}

pub(super) fn team(account: &Account, id: i64) -> Value {
    let Some(team) = account.teams.find(id) else {
        return Value::Null;
    };
    json!({"id": id, "name": team.get("name"), "decoration": team.get("decoration")})
}

pub(super) fn customer(account: &Account, id: i64) -> Value {
    let Some(customer) = account.customers.find(id) else {
        return Value::Null;
    };
    json!({
        "id": id,
        "email": customer.get("email"),
        "name": customer.get("name"),
        "firstname": customer.get("firstname"),
        "lastname": customer.get("lastname"),
        "meta": customer.get("meta"),
    })
}

pub(super) fn tag(account: &Account, id: i64) -> Value {
    let Some(tag) = account.tags.find(id) else {
        return Value::Null;
    };
    json!({
        "id": id,
        "name": tag.get("name"),
        "decoration": tag.get("decoration"),
        "uri": format!("/api/tags/{id}/"),
    })
}

/// What both forms of a ticket have in common.
fn common(account: &Account, ticket: &Ticket) -> Object {
    let fields = &ticket.fields;
    let id = fields.number("id").unwrap_or_default();
    let mut shown = Object::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("id", json!(id));
    put("uri", json!(format!("/api/tickets/{id}/")));
    for name in [
        "external_id",
        "subject",
        "status",
        "priority",
        "channel",
        "via",
        "from_agent",
        "spam",
        "is_unread",
        "language",
    ] {
        put(name, member(fields, name));
    }
    let (user_id, team_id) = (fields.number("assignee_user_id"), fields.number("assignee_team_id"));
    put("assignee_user", user_id.map_or(Value::Null, |id| user(account, id)));
    put("assignee_user_id", json!(user_id));
    put("assignee_team", team_id.map_or(Value::Null, |id| team(account, id)));
    put("assignee_team_id", json!(team_id));
    let tags = fields.numbers("tags");
    put("tags", tags.iter().map(|&id| tag(account, id)).collect());
    put("integrations", member(fields, "integrations"));
    put("messages_count", json!(ticket.messages.len()));
    put("excerpt", json!(excerpt(ticket)));
    put("meta", member(fields, "meta"));
    for name in [
        "created_datetime",
        "opened_datetime",
        "last_message_datetime",
        "last_received_message_datetime",
        "updated_datetime",
        "closed_datetime",
        "snooze_datetime",
        "trashed_datetime",
    ] {
        put(name, member(fields, name));
    }
    shown
}

/// A ticket in a list.
pub(super) fn summary(account: &Account, ticket: &Ticket) -> Value {
    let mut shown = common(account, ticket);
    let id = ticket.fields.number("customer_id").unwrap_or_default();
    shown.insert("customer".to_owned(), customer(account, id));
    Value::Object(shown)
}

/// A ticket with its thread.
pub(super) fn ticket(account: &Account, ticket: &Ticket, with_fields: bool) -> Value {
    let fields = &ticket.fields;
    let mut shown = common(account, ticket);
    let customer = fields.number("customer_id").and_then(|id| account.customers.find(id));
    let customer = customer.map(|customer| super::customers::show(customer, with_fields));
    shown.insert("customer".to_owned(), json!(customer));
    let messages: Vec<Value> = ticket.messages.iter().map(message).collect();
    shown.insert("messages".to_owned(), Value::Array(messages));
    let id = fields.number("id");
    let survey = account
        .surveys
        .all()
        .find(|(_, survey)| survey.number("ticket_id") == id);
    let survey = survey.map(|(_, survey)| with_uri(survey, "satisfaction-surveys"));
    shown.insert("satisfaction_survey".to_owned(), json!(survey));
    shown.insert("reply_options".to_owned(), reply_options(ticket));
    let undelivered = ticket.messages.iter().rev().find(|message| message.is("from_agent"));
    let undelivered = undelivered.is_some_and(|message| message.some("failed_datetime").is_some());
    shown.insert("last_sent_message_not_delivered".to_owned(), json!(undelivered));
    if with_fields {
        shown.insert("custom_fields".to_owned(), member(fields, "custom_fields"));
    }
    Value::Object(shown)
}

/// Which channels can answer.
fn reply_options(ticket: &Ticket) -> Value {
    let mut options = json!({"internal-note": {"answerable": true}});
    let public = ticket.messages.iter().filter(|message| message.is("public"));
    for channel in public.filter_map(|message| message.text("channel")) {
        options[channel] = json!({"answerable": channel != "phone"});
    }
    options
}

pub(super) fn message(message: &Object) -> Value {
    let mut shown = message.clone();
    let path = format!(
        "/api/tickets/{}/messages/{}/",
        message.number("ticket_id").unwrap_or_default(),
        message.number("id").unwrap_or_default()
    );
    shown.insert("uri".to_owned(), json!(path));
    Value::Object(shown)
}
