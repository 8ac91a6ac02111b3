//! Definitions of custom fields.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{
    Account, Members, Object, Outcome, flag, id, json_answer, list as plain_list, object, settle_moments, take,
};
use crate::engine::{Call, Refusal};

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let kind = call.text("object_type");
    let archived = flag(call, "archived").unwrap_or(false);
    let search = call.text("search").to_lowercase();
    let fields = account.custom_fields.all().filter(|(_, field)| {
        field.text("object_type") == Some(kind)
            && field.some("deactivated_datetime").is_some() == archived
            && field.text("label").unwrap_or_default().to_lowercase().contains(&search)
    });
    listed(account, call, fields, "priority:desc", |field| json!(field))
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(json!(account.custom_fields.get(id(call, "id"))?))
}

/// A definition with what is filled in when it is left out.
fn complete(definition: &mut Value) {
    let kind = definition["data_type"].as_str().unwrap_or_default().to_owned();
    let Some(settings) = definition["input_settings"].as_object_mut() else {
        return;
    };
    let defaults = match (kind.as_str(), settings.text("input_type")) {
        ("text", Some("dropdown")) => json!({"default": null}),
        ("text", _) => json!({"placeholder": null}),
        ("number", _) => json!({"placeholder": null, "min": null, "max": null}),
        _ => json!({"choices": [true, false], "default": null}),
    };
    for (name, value) in object(defaults) {
        settings.entry(name).or_insert(value);
    }
}

fn check_definition(definition: &Value, place: &str) -> Result<(), Refusal> {
    let settings = &definition["input_settings"];
    if let (Some(least), Some(most)) = (settings["min"].as_f64(), settings["max"].as_f64())
        && least > most
    {
        let place = format!("{place}.input_settings.min");
        return Err(Refusal::at(place, "min must not be greater than max"));
    }
    let choices = settings["choices"].as_array().map_or(&[][..], Vec::as_slice);
    let default = &settings["default"];
    if default.is_string() && !choices.contains(default) {
        let place = format!("{place}.input_settings.default");
        return Err(Refusal::at(place, "default must be one of the choices"));
    }
    Ok(())
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    if let Some(definition) = call.body.get("definition") {
        check_definition(definition, "definition")?;
    }
    let now = account.tick();
    let id = account.custom_fields.add(new(&call.body, &now));
    json_answer(json!(account.custom_fields.get(id)?))
}

/// The record of a definition.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut field = object(json!({
        "object_type": null,
        "label": null,
        "description": null,
        "external_id": null,
        "priority": 0,
        "required": false,
        "managed_type": null,
        "definition": null,
        "created_datetime": now,
        "updated_datetime": now,
        "deactivated_datetime": null,
    }));
    take(&mut field, body);
    if let Some(definition) = field.get_mut("definition") {
        complete(definition);
    }
    settle_moments(&mut field);
    field
}

/// Whether a change keeps what cannot be changed; says so at this place.
fn check_change(field: &Object, body: &Object, place: &str) -> Result<(), Refusal> {
    if body
        .some("object_type")
        .is_some_and(|kind| Some(kind) != field.get("object_type"))
    {
        let place = format!("{place}object_type");
        return Err(Refusal::at(place, "object_type cannot be changed"));
    }
    let Some(definition) = body.get("definition") else {
        return Ok(());
    };
    if field
        .get("definition")
        .is_some_and(|known| known["data_type"] != definition["data_type"])
    {
        let place = format!("{place}definition.data_type");
        return Err(Refusal::at(place, "data_type cannot be changed"));
    }
    check_definition(definition, &format!("{place}definition"))
}

fn apply(account: &mut Account, id: i64, body: &Object, now: &str) -> Result<Value, Refusal> {
    let field = account.custom_fields.change(id)?;
    take(field, body);
    field.insert("id".to_owned(), json!(id));
    field.insert("updated_datetime".to_owned(), json!(now));
    if let Some(definition) = field.get_mut("definition") {
        complete(definition);
    }
    settle_moments(field);
    Ok(json!(field))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let id = id(call, "id");
    check_change(account.custom_fields.get(id)?, &call.body, "")?;
    let now = account.tick();
    json_answer(apply(account, id, &call.body, &now)?)
}

pub(in crate::gorgias) fn update_many(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let items: Vec<&Object> = call
        .value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    for (index, item) in items.iter().enumerate() {
        let field = account.custom_fields.get(item.number("id").unwrap_or_default())?;
        check_change(field, item, &format!("body[{index}]."))?;
    }
    let now = account.tick();
    let mut changed = Vec::new();
    for item in items {
        changed.push(apply(account, item.number("id").unwrap_or_default(), item, &now)?);
    }
    plain_list(changed)
}
