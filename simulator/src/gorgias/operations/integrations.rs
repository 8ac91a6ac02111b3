//! Integrations.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{
    Account, Members, Object, Outcome, id, json_answer, object, settle_moments, take, with_uri,
};
use super::rules;
use crate::engine::{Answer, Call, Refusal};

/// An integration without its secret.
fn show(integration: &Object) -> Value {
    let mut shown = with_uri(integration, "integrations");
    if let Some(http) = shown.get_mut("http").and_then(Value::as_object_mut) {
        http.shift_remove("hmac_secret");
    }
    shown
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let kind = call.given("type");
    let integrations = account.integrations.all();
    let integrations = integrations.filter(|(_, one)| kind.is_none_or(|kind| one.text("type") == Some(kind)));
    listed(account, call, integrations, "created_datetime:desc", show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.integrations.get(id(call, "id"))?))
}

/// The record of an integration.
pub(in crate::gorgias) fn new(body: &Object, user_id: i64, now: &str) -> Object {
    let mut integration = object(json!({
        "name": null,
        "type": null,
        "description": null,
        "http": null,
        "meta": {},
        "user": {"id": user_id},
        "application_id": null,
        "managed": false,
        "business_hours_id": null,
        "decoration": null,
        "locked_datetime": null,
        "created_datetime": now,
        "updated_datetime": now,
        "deactivated_datetime": null,
    }));
    take(&mut integration, body);
    settle_moments(&mut integration);
    integration
}

/// The names of triggers with hyphens, all of them there.
fn settled_triggers(given: Option<&Object>) -> Value {
    let known = [
        "ticket-created",
        "ticket-updated",
        "ticket-message-created",
        "ticket-self-unsnoozed",
        "ticket-message-failed",
        "ticket-assignment-updated",
        "ticket-status-updated",
        "ticket-handed-over",
    ];
    let is = |name: &str| given.is_some_and(|given| given.is(name) || given.is(&name.replace('-', "_")));
    let triggers = known.iter().map(|name| ((*name).to_owned(), json!(is(name))));
    Value::Object(triggers.collect())
}

/// Fills in what the settings of a web hook leave out.
pub(in crate::gorgias) fn settle_http(integration: &mut Object, id: i64) {
    if let Some(http) = integration.get_mut("http").and_then(Value::as_object_mut) {
        let triggers = settled_triggers(http.inner("triggers"));
        http.insert("triggers".to_owned(), triggers);
        http.insert("id".to_owned(), json!(id));
        http.entry("form").or_insert(Value::Null);
        http.entry("headers").or_insert(Value::Null);
    }
}

/// Business hours are among the settings of the account.
fn check_hours(account: &Account, body: &Object) -> Result<(), Refusal> {
    let Some(id) = body.number("business_hours_id") else {
        return Ok(());
    };
    let setting = account.settings.find(id);
    if setting.is_some_and(|setting| setting.text("type") == Some("business-hours")) {
        return Ok(());
    }
    let text = format!("there is no setting {id} of type business-hours");
    Err(Refusal::at("business_hours_id", text))
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    if call.body.text("type") != Some("http") {
        return Err(Refusal::at("type", "Only integrations of type http can be created"));
    }
    if call.body.some("http").is_none() {
        return Err(Refusal::at("http", "http is required"));
    }
    check_hours(account, &call.body)?;
    let now = account.tick();
    let id = account.integrations.add(new(&call.body, by.user_id, &now));
    settle_http(account.integrations.change(id)?, id);
    account.note("integration-created", "Integration", id, Some(by.user_id), Value::Null);
    json_answer(show(account.integrations.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    let integration = account.integrations.get(id)?;
    if integration.text("type") != Some("http") && call.body.some("http").is_some() {
        return Err(Refusal::at("http", "http is for integrations of type http"));
    }
    check_hours(account, &call.body)?;
    let mut http = integration.inner("http").cloned();
    let now = account.tick();
    let integration = account.integrations.change(id)?;
    take(integration, &call.body);
    if let Some(http) = &mut http {
        http.extend(call.body.inner("http").cloned().unwrap_or_default());
        integration.insert("http".to_owned(), Value::Object(http.clone()));
    }
    settle_http(integration, id);
    integration.insert("updated_datetime".to_owned(), json!(now));
    settle_moments(integration);
    account.note("integration-updated", "Integration", id, Some(by.user_id), Value::Null);
    json_answer(show(account.integrations.get(id)?))
}

/// Refuses to take an integration away that rules or other integrations use.
fn check_unused(account: &Account, id: i64) -> Result<(), Refusal> {
    if let Some(rule) = rules::with_integration(account, id).first() {
        let rule = rule.number("id").unwrap_or_default();
        return Err(Refusal::new(409, format!("The integration is used by rule {rule}")));
    }
    let uses = |one: &Object| {
        one.inner("meta")
            .is_some_and(|meta| meta.number("integration_id") == Some(id))
    };
    match account.integrations.all().find(|(_, one)| uses(one)) {
        Some((other, _)) => Err(Refusal::new(
            409,
            format!("The integration is used by integration {other}"),
        )),
        None => Ok(()),
    }
}

/// Whether a view's filters ask for an integration.
fn asks_for(filters: &str, id: i64) -> bool {
    let number = id.to_string();
    let calls = filters.split(')').filter(|call| call.contains("integration_id"));
    let mut numbers = calls.flat_map(|call| call.split(|letter: char| !letter.is_ascii_digit()));
    numbers.any(|part| part == number)
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.integrations.get(id)?;
    check_unused(account, id)?;
    let now = account.tick();
    account.integrations.remove(id)?;
    let mut deactivated = Vec::new();
    for view in account.views.all_mut() {
        if view.some("deactivated_datetime").is_none() && asks_for(view.text("filters").unwrap_or_default(), id) {
            view.insert("deactivated_datetime".to_owned(), json!(now));
            deactivated.extend(view.number("id"));
        }
    }
    account.note("integration-deleted", "Integration", id, Some(by.user_id), Value::Null);
    for view in deactivated {
        account.note("view-deactivated", "View", view, Some(by.user_id), Value::Null);
    }
    Ok(Answer::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_ask_for_integrations_by_number() {
        let filters = "eq(ticket.assignee_user.id, 5) && containsAny(ticket.messages.integration_id, [3, 14])";
        assert!(asks_for(filters, 3) && asks_for(filters, 14));
        assert!(!asks_for(filters, 5) && !asks_for(filters, 4));
    }

    #[test]
    fn triggers_are_told_with_hyphens() {
        let given = object(json!({"ticket_created": true, "ticket-updated": true, "ticket-handed-over": false}));
        let triggers = settled_triggers(Some(&given));
        assert_eq!(triggers.as_object().map(|triggers| triggers.len()), Some(8));
        assert_eq!(
            (&triggers["ticket-created"], &triggers["ticket-updated"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(triggers["ticket-handed-over"], false);
    }
}
