//! What a body changes of a ticket.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object};
use super::super::time;
use super::{field_values, new_messages, tags, ticket_tags};
use crate::engine::Refusal;

/// The number in an assignee: nothing said, nobody, or somebody.
fn assignee(body: &Object, name: &str) -> Option<Option<i64>> {
    let given = body.get(name)?;
    Some(given["id"].as_i64())
}

/// Refuses what names records that are not there, and values that do not fit their fields.
pub(super) fn check(account: &Account, body: &Object) -> Result<(), Refusal> {
    if let Some(Some(id)) = assignee(body, "assignee_user")
        && account.users.find(id).is_none()
    {
        return Err(Refusal::at("assignee_user.id", format!("there is no user {id}")));
    }
    if let Some(Some(id)) = assignee(body, "assignee_team")
        && account.teams.find(id).is_none()
    {
        return Err(Refusal::at("assignee_team.id", format!("there is no team {id}")));
    }
    if let Some(id) = body.inner("customer").and_then(|customer| customer.number("id"))
        && account.customers.find(id).is_none()
    {
        return Err(Refusal::at("customer.id", format!("there is no customer {id}")));
    }
    if let Some(values) = body.get("custom_fields").and_then(Value::as_array) {
        field_values::check(account, "Ticket", values, "custom_fields")?;
    }
    Ok(())
}

/// Members that are taken over as they are.
const PLAIN: &[&str] = &[
    "priority",
    "subject",
    "channel",
    "via",
    "external_id",
    "from_agent",
    "language",
    "spam",
    "meta",
    "is_unread",
];
/// Moments that are taken over, once status and messages have set them.
const MOMENTS: &[&str] = &[
    "opened_datetime",
    "closed_datetime",
    "trashed_datetime",
    "snooze_datetime",
    "last_message_datetime",
    "last_received_message_datetime",
    "updated_datetime",
    "created_datetime",
];

/// Opens or closes a ticket.
pub(super) fn set_status(
    account: &mut Account,
    id: i64,
    status: &str,
    by: Option<i64>,
    now: &str,
) -> Result<(), Refusal> {
    let fields = &mut account.ticket_mut(id)?.fields;
    if fields.text("status") == Some(status) {
        return Ok(());
    }
    let closed = status == "closed";
    let when = if closed { json!(now) } else { Value::Null };
    fields.insert("status".to_owned(), json!(status));
    fields.insert("closed_datetime".to_owned(), when);
    let kind = if closed { "ticket-closed" } else { "ticket-reopened" };
    account.note(kind, "Ticket", id, by, Value::Null);
    Ok(())
}

/// What a change of a moment or a mark is called in the audit log.
fn event(old: &Object, name: &str, value: &Value) -> Option<&'static str> {
    let was = old.some(name).is_some_and(|old| *old != json!(false));
    let is = !value.is_null() && *value != json!(false);
    match (name, was, is) {
        ("trashed_datetime", false, true) => Some("ticket-trashed"),
        ("trashed_datetime", true, false) => Some("ticket-untrashed"),
        ("snooze_datetime", _, true) => Some("ticket-snoozed"),
        ("spam", false, true) => Some("ticket-marked-spam"),
        ("spam", true, false) => Some("ticket-unmarked-spam"),
        ("subject", ..) if old.get(name) != Some(value) => Some("ticket-subject-updated"),
        _ => None,
    }
}

/// Takes over what a body says; it was checked.
pub(super) fn write(account: &mut Account, id: i64, body: &Object, by: Option<i64>, now: &str) -> Result<(), Refusal> {
    if let Some(customer) = body.inner("customer").filter(|customer| !customer.is_empty()) {
        let customer_id = new_messages::customer(account, customer, now);
        if let Some(name) = customer.text("name") {
            let record = account.customers.change(customer_id)?;
            record.insert("name".to_owned(), json!(name));
        }
        let fields = &mut account.ticket_mut(id)?.fields;
        if fields.number("customer_id") != Some(customer_id) {
            fields.insert("customer_id".to_owned(), json!(customer_id));
            account.note("ticket-customer-updated", "Ticket", id, by, Value::Null);
        }
    }
    let mut events = Vec::new();
    for name in PLAIN {
        if let Some(value) = body.get(*name) {
            let fields = &mut account.ticket_mut(id)?.fields;
            events.extend(event(fields, name, value));
            fields.insert((*name).to_owned(), value.clone());
        }
    }
    for (member, field, set, cleared) in [
        (
            "assignee_user",
            "assignee_user_id",
            "ticket-assigned",
            "ticket-unassigned",
        ),
        (
            "assignee_team",
            "assignee_team_id",
            "ticket-team-assigned",
            "ticket-team-unassigned",
        ),
    ] {
        let Some(assignee) = assignee(body, member) else {
            continue;
        };
        let fields = &mut account.ticket_mut(id)?.fields;
        if fields.number(field) != assignee {
            fields.insert(field.to_owned(), json!(assignee));
            events.push(if assignee.is_some() { set } else { cleared });
        }
    }
    if let Some(values) = body.get("custom_fields") {
        let values = values.as_array().map_or(&[][..], Vec::as_slice);
        let old = account.ticket(id)?.fields.inner("custom_fields");
        let replaced = field_values::replaced(account, old, values);
        account
            .ticket_mut(id)?
            .fields
            .insert("custom_fields".to_owned(), replaced);
    }
    if let Some(given) = body.get("tags") {
        let mut ids = Vec::new();
        for tag in given.as_array().map_or(&[][..], Vec::as_slice) {
            let name = tag["name"].as_str().unwrap_or_default();
            let id = match account.tags.with("name", name) {
                Some((id, _)) => id,
                None => tags::add(account, tag.as_object().unwrap_or(&Object::new()), now),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ticket_tags::put(account, id, &ids, by, now)?;
    }
    if let Some(status) = body.text("status") {
        set_status(account, id, status, by, now)?;
    }
    for name in MOMENTS {
        let Some(value) = body.get(*name) else { continue };
        let moment = value.as_str().and_then(time::parse);
        let value = moment.map_or(Value::Null, |moment| json!(time::text(moment)));
        let future = moment.is_some_and(|moment| moment > account.now);
        let fields = &mut account.ticket_mut(id)?.fields;
        events.extend(event(fields, name, &value));
        fields.insert((*name).to_owned(), value);
        if *name == "snooze_datetime" && future {
            set_status(account, id, "closed", by, now)?;
        }
    }
    for kind in events {
        account.note(kind, "Ticket", id, by, Value::Null);
    }
    Ok(())
}
