//! What the actions of a macro do to a ticket.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, Ticket, object};
use super::super::time;
use super::tags::names;
use super::{field_values, new_messages, sending, ticket_changes, ticket_tags};
use crate::engine::Refusal;

/// Does all actions of a macro on a ticket.
pub(super) fn apply(account: &mut Account, macro_id: i64, ticket: i64, user_id: i64, now: &str) -> Result<(), Refusal> {
    let one = account.macros.get(macro_id)?.clone();
    let actions = one.items("actions");
    let attached = actions.iter().filter(|action| action["name"] == "addAttachments");
    let attached = attached.flat_map(|action| action["arguments"]["attachments"].as_array().into_iter().flatten());
    let attached: Vec<Value> = attached.cloned().collect();
    for action in actions {
        let arguments = &action["arguments"];
        match action["name"].as_str().unwrap_or_default() {
            "setResponseText" => {
                let body = reply(account, macro_id, ticket, arguments, &attached)?;
                new_messages::check(account, &body, "")?;
                new_messages::add(account, ticket, &body, user_id, now)?;
            }
            "addInternalNote" => {
                let ticket_record = account.ticket(ticket)?;
                let note = object(json!({
                    "channel": new_messages::NOTE, "via": "helpdesk", "from_agent": true, "public": false,
                    "body_text": filled(account, ticket_record, &arguments["body_text"]),
                    "body_html": filled(account, ticket_record, &arguments["body_html"]),
                    "macros": [{"id": macro_id}],
                }));
                new_messages::check(account, &note, "")?;
                new_messages::add(account, ticket, &note, user_id, now)?;
            }
            name @ ("addTags" | "removeTags") => {
                let mut ids = account.ticket(ticket)?.fields.numbers("tags");
                for tag in names(arguments["tags"].as_str().unwrap_or_default()) {
                    if name == "addTags" {
                        let id = ticket_tags::named(account, tag, now);
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    } else if let Some((id, _)) = account.tags.with("name", tag) {
                        ids.retain(|known| *known != id);
                    }
                }
                ticket_tags::put(account, ticket, &ids, Some(user_id), now)?;
            }
            "setCustomFieldValue" => {
                let id = arguments["custom_field_id"].as_i64().unwrap_or_default();
                set_field(account, ticket, id, &arguments["value"])?;
            }
            name => {
                if let Some(update) = update(account, name, arguments) {
                    ticket_changes::check(account, &update)?;
                    ticket_changes::write(account, ticket, &update, Some(user_id), now)?;
                }
            }
        }
    }
    let data = json!({"macro_id": macro_id});
    account.note("macro-applied", "Ticket", ticket, Some(user_id), data);
    Ok(())
}

/// The change of a ticket that an action stands for; none where it does something else, or is not known.
fn update(account: &Account, name: &str, arguments: &Value) -> Option<Object> {
    let update = match name {
        "setStatus" => json!({"status": arguments["status"]}),
        "setSubject" => json!({"subject": arguments["subject"]}),
        "setPriority" => json!({"priority": arguments["priority"]}),
        "setAssignee" => json!({"assignee_user": arguments["assignee_user"]}),
        "setTeamAssignee" => json!({"assignee_team": arguments["assignee_team"]}),
        "snoozeTicket" => {
            // "2d", "3h", "30m": so long from now.
            let given = arguments["snooze_timedelta"].as_str()?;
            let (number, unit) = given.split_at_checked(given.len().checked_sub(1)?)?;
            let unit = match unit {
                "d" => time::DAY,
                "h" => time::HOUR,
                "m" => time::MINUTE,
                _ => return None,
            };
            let until = account
                .now
                .checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
            json!({"snooze_datetime": time::text(until)})
        }
        _ => return None,
    };
    Some(object(update))
}

fn set_field(account: &mut Account, ticket: i64, id: i64, value: &Value) -> Result<(), Refusal> {
    let values = [json!({"id": id, "value": value})];
    field_values::check(account, "Ticket", &values, "custom_fields")?;
    let added = field_values::replaced(account, None, &values);
    let fields = &mut account.ticket_mut(ticket)?.fields;
    let known = fields.entry("custom_fields").or_insert_with(|| json!({}));
    if let (Some(known), Value::Object(added)) = (known.as_object_mut(), added) {
        known.extend(added);
    }
    Ok(())
}

/// A text with the variables in double braces that are known filled in; others stay as they are.
fn filled(account: &Account, ticket: &Ticket, text: &Value) -> Value {
    let Some(text) = text.as_str() else { return Value::Null };
    let fields = &ticket.fields;
    let customer = fields.number("customer_id").and_then(|id| account.customers.find(id));
    let agent = fields.number("assignee_user_id").and_then(|id| account.users.find(id));
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((path, left)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            break;
        };
        let name = path.trim();
        let value = match name.rsplit_once('.') {
            Some(("ticket.customer", member)) => customer.and_then(|customer| customer.get(member)),
            Some(("ticket.assignee_user", member)) => agent.and_then(|agent| agent.get(member)),
            Some(("ticket", member)) => fields.get(member),
            _ => None,
        };
        match value {
            Some(Value::String(text)) => filled.push_str(text),
            Some(Value::Null) => {}
            Some(value @ (Value::Number(_) | Value::Bool(_))) => filled.push_str(&value.to_string()),
            _ => {
                filled.push_str("{{");
                filled.push_str(path);
                filled.push_str("}}");
            }
        }
        rest = left;
    }
    filled.push_str(rest);
    json!(filled)
}

/// The answer to the customer's last message, on the same channel and the way back.
fn reply(
    account: &Account,
    macro_id: i64,
    ticket_id: i64,
    arguments: &Value,
    attached: &[Value],
) -> Result<Object, Refusal> {
    let ticket = account.ticket(ticket_id)?;
    let last = ticket.messages.iter().rev().find(|message| !message.is("from_agent"));
    let source = last.and_then(|last| last.inner("source")).cloned().unwrap_or_default();
    let spoken = last
        .and_then(|last| last.text("channel"))
        .filter(|channel| *channel != "phone");
    let channel = spoken.unwrap_or("email");
    let address = |one: &Value| one["address"].as_str().unwrap_or_default().to_owned();
    let mut ours = source.items("to").first().cloned().unwrap_or_default();
    let mut theirs = source.get("from").cloned().unwrap_or_default();
    if channel == "email" {
        let kinds = ["email", "gmail", "outlook"];
        if !sending::is_own_address(account, &kinds, &address(&ours)) {
            let own = account.integrations.with("type", "email");
            ours = json!({"address": own.map(|(_, one)| one["meta"]["address"].clone())});
        }
        if spoken.is_none() || address(&theirs).is_empty() {
            let customer = ticket
                .fields
                .number("customer_id")
                .and_then(|id| account.customers.find(id));
            theirs = json!({"address": customer.map(|customer| customer.get("email"))});
        }
    }
    if address(&theirs).is_empty() {
        return Err(Refusal::bad(format!("Ticket {ticket_id} has no address to answer to")));
    }
    Ok(object(json!({
        "channel": channel,
        "via": "helpdesk",
        "from_agent": true,
        "subject": ticket.fields.get("subject"),
        "integration_id": last.filter(|_| spoken.is_some()).and_then(|last| last.some("integration_id")),
        "source": {
            "type": spoken.and_then(|_| source.text("type")).unwrap_or(channel),
            "from": ours,
            "to": [theirs],
        },
        "body_text": filled(account, ticket, &arguments["body_text"]),
        "body_html": filled(account, ticket, &arguments["body_html"]),
        "attachments": attached,
        "macros": [{"id": macro_id}],
    })))
}
