//! Values of custom fields of tickets and customers.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, list};
use crate::engine::{Answer, Call, Refusal};

/// The kinds of managed fields that only the helpdesk itself writes and clears.
const KEPT: &[&str] = &[
    "ai_intent",
    "ai_outcome",
    "ai_sales",
    "ai_discount",
    "ai_journey",
    "managed_sentiment",
    "call_status",
];

/// What has values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Ticket(i64),
    Customer(i64),
}

impl Owner {
    fn kind(self) -> &'static str {
        match self {
            Self::Ticket(_) => "Ticket",
            Self::Customer(_) => "Customer",
        }
    }

    fn record(self, account: &Account) -> Result<&Object, Refusal> {
        match self {
            Self::Ticket(id) => Ok(&account.ticket(id)?.fields),
            Self::Customer(id) => account.customers.get(id),
        }
    }

    fn change(self, account: &mut Account) -> Result<&mut Object, Refusal> {
        match self {
            Self::Ticket(id) => Ok(&mut account.ticket_mut(id)?.fields),
            Self::Customer(id) => account.customers.change(id),
        }
    }
}

fn is_kept(field: &Object) -> bool {
    field.text("managed_type").is_some_and(|kind| KEPT.contains(&kind))
}

/// What is wrong with a value of a field, if anything.
fn problem(field: &Object, value: &Value) -> Option<String> {
    let definition = field.get("definition")?;
    let settings = &definition["input_settings"];
    match (definition["data_type"].as_str(), value) {
        (Some("text"), Value::String(_)) => {
            let choices = settings["choices"].as_array()?;
            (!choices.contains(value)).then(|| {
                let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
                format!("the value must be one of {}", choices.join(", "))
            })
        }
        (Some("number"), Value::Number(number)) => {
            let number = number.as_f64()?;
            let below = settings["min"].as_f64().filter(|least| number < *least);
            let above = settings["max"].as_f64().filter(|most| number > *most);
            below
                .map(|least| format!("the value must be at least {least}"))
                .or_else(|| above.map(|most| format!("the value must be at most {most}")))
        }
        (Some("boolean"), Value::Bool(_)) => None,
        (Some("text"), _) => Some("the value must be a string".to_owned()),
        (Some("number"), _) => Some("the value must be a number".to_owned()),
        _ => Some("the value must be a boolean".to_owned()),
    }
}

/// Checks values `[{id, value}]` that are to replace all others of their owner; says so at this place.
pub(super) fn check(account: &Account, kind: &str, values: &[Value], place: &str) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for (index, item) in values.iter().enumerate() {
        let id = item["id"].as_i64().unwrap_or_default();
        let at = |member: &str, text: String| Err(Refusal::at(format!("{place}[{index}].{member}"), text));
        let field = account.custom_fields.find(id);
        let field = field.filter(|field| field.text("object_type") == Some(kind));
        let Some(field) = field.filter(|field| field.some("deactivated_datetime").is_none()) else {
            return at("id", format!("there is no {kind} field {id}"));
        };
        if seen.contains(&id) {
            return at("id", format!("field {id} is there twice"));
        }
        seen.push(id);
        if is_kept(field) {
            return at("id", format!("field {id} is managed and cannot be written"));
        }
        if !item["value"].is_null()
            && let Some(problem) = problem(field, &item["value"])
        {
            return at("value", problem);
        }
    }
    Ok(())
}

/// The values that replace all others, as records keep them; what only the helpdesk writes stays.
pub(super) fn replaced(account: &Account, old: Option<&Object>, values: &[Value]) -> Value {
    let mut kept = Object::new();
    for (key, value) in old.into_iter().flatten() {
        let field = key.parse().ok().and_then(|id| account.custom_fields.find(id));
        if field.is_some_and(is_kept) {
            kept.insert(key.clone(), value.clone());
        }
    }
    for item in values.iter().filter(|item| !item["value"].is_null()) {
        let value = json!({"id": item["id"], "value": item["value"], "prediction": null});
        kept.insert(item["id"].to_string(), value);
    }
    Value::Object(kept)
}

/// All values of an owner.
fn show(account: &Account, owner: Owner) -> Result<Vec<Value>, Refusal> {
    let values = owner.record(account)?.inner("custom_fields");
    let show = |(key, value): (&String, &Value)| {
        let field = key.parse().ok().and_then(|id| account.custom_fields.find(id))?;
        Some(shown(owner, field, value))
    };
    Ok(values.into_iter().flatten().filter_map(show).collect())
}

fn shown(owner: Owner, field: &Object, value: &Value) -> Value {
    let mut shown = json!({"field": field, "value": value["value"]});
    if matches!(owner, Owner::Ticket(_)) {
        shown["prediction"] = value["prediction"].clone();
    }
    shown
}

fn replace(account: &mut Account, owner: Owner, call: &Call) -> Outcome {
    let values = call.value.as_array().map_or(&[][..], Vec::as_slice);
    owner.record(account)?;
    check(account, owner.kind(), values, "body")?;
    let replaced = replaced(account, owner.record(account)?.inner("custom_fields"), values);
    touch(account, owner)?.insert("custom_fields".to_owned(), replaced);
    list(show(account, owner)?)
}

/// The record of an owner, about to be changed.
fn touch(account: &mut Account, owner: Owner) -> Result<&mut Object, Refusal> {
    let now = account.tick();
    let record = owner.change(account)?;
    record.insert("updated_datetime".to_owned(), json!(now));
    Ok(record)
}

/// The field that the path names, of an owner that exists.
fn named(account: &Account, owner: Owner, id: i64) -> Result<&Object, Refusal> {
    owner.record(account)?;
    let field = account.custom_fields.get(id)?;
    if field.text("object_type") != Some(owner.kind()) {
        return Err(Refusal::not_found("Custom field"));
    }
    if is_kept(field) {
        return Err(Refusal::at(
            "id",
            format!("field {id} is managed and cannot be written"),
        ));
    }
    Ok(field)
}

fn set(account: &mut Account, owner: Owner, call: &Call) -> Outcome {
    let id = id(call, "id");
    let field = named(account, owner, id)?;
    if field.some("deactivated_datetime").is_some() {
        return Err(Refusal::at("id", format!("field {id} is archived")));
    }
    if let Some(problem) = problem(field, &call.value) {
        return Err(Refusal::at("body", problem));
    }
    let value = json!({"id": id, "value": call.value, "prediction": null});
    let record = touch(account, owner)?;
    let values = record.entry("custom_fields").or_insert_with(|| json!({}));
    values[id.to_string()] = value.clone();
    json_answer(shown(owner, account.custom_fields.get(id)?, &value))
}

fn clear(account: &mut Account, owner: Owner, call: &Call) -> Outcome {
    let id = id(call, "id");
    named(account, owner, id)?;
    let key = id.to_string();
    let values = owner.record(account)?.inner("custom_fields");
    if !values.is_some_and(|values| values.contains_key(&key)) {
        return Err(Refusal::not_found("Custom field value"));
    }
    let record = touch(account, owner)?;
    if let Some(values) = record.get_mut("custom_fields").and_then(Value::as_object_mut) {
        values.shift_remove(&key);
    }
    Ok(Answer::Empty)
}

fn of_ticket(call: &Call) -> Owner {
    Owner::Ticket(id(call, "ticket_id"))
}

fn of_customer(call: &Call) -> Owner {
    Owner::Customer(id(call, "customer_id"))
}

pub(in crate::gorgias) fn list_of_ticket(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    list(show(account, of_ticket(call))?)
}

pub(in crate::gorgias) fn list_of_customer(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    list(show(account, of_customer(call))?)
}

pub(in crate::gorgias) fn replace_of_ticket(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    replace(account, of_ticket(call), call)
}

pub(in crate::gorgias) fn replace_of_customer(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    replace(account, of_customer(call), call)
}

pub(in crate::gorgias) fn set_of_ticket(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    set(account, of_ticket(call), call)
}

pub(in crate::gorgias) fn set_of_customer(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    set(account, of_customer(call), call)
}

pub(in crate::gorgias) fn clear_of_ticket(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    clear(account, of_ticket(call), call)
}

pub(in crate::gorgias) fn clear_of_customer(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    clear(account, of_customer(call), call)
}
