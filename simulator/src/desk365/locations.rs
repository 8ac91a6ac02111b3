//! Locations of the asset management.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::records::{BodyExt, Tenant};
use crate::engine::{Answer, Call, Refusal};

pub(super) const FIELDS: [&str; 10] = [
    "location_name",
    "parent_location_name",
    "contact_name",
    "contact_email",
    "contact_phone",
    "location_address",
    "location_city",
    "location_state",
    "location_country",
    "location_zipcode",
];

type Location = BTreeMap<&'static str, String>;

fn name(location: &Location) -> &str {
    location.get("location_name").map_or("", String::as_str)
}

/// All fields; empty strings where nothing is set.
fn show(location: &Location) -> Value {
    let shown: Map<String, Value> = FIELDS
        .iter()
        .map(|field| {
            (
                (*field).to_owned(),
                json!(location.get(field).map_or("", String::as_str)),
            )
        })
        .collect();
    Value::Object(shown)
}

pub(super) fn list(tenant: &mut Tenant, _: &Call) -> Result<Answer, Refusal> {
    let locations: Vec<Value> = tenant.locations.iter().map(show).collect();
    Ok(Answer::Json(json!({"total": locations.len(), "locations": locations})))
}

fn position(tenant: &Tenant, wanted: &str) -> Result<usize, Refusal> {
    tenant
        .locations
        .iter()
        .position(|location| name(location) == wanted)
        .ok_or_else(|| Refusal::not_found("Location"))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::Json(show(
        &tenant.locations[position(tenant, call.text("location_name"))?],
    )))
}

fn apply(tenant: &Tenant, location: &mut Location, body: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(new) = body.text("location_name") {
        if new.trim().is_empty() {
            return Err(Refusal::bad("location_name must not be empty"));
        }
        // Guess: the status.
        if new != name(location) && position(tenant, &new).is_ok() {
            return Err(Refusal::bad(format!("A location named `{new}` already exists")));
        }
    }
    if let Some(parent) = body.text("parent_location_name").filter(|parent| !parent.is_empty())
        && (position(tenant, &parent).is_err() || parent == name(location))
    {
        return Err(Refusal::bad(format!("Parent location `{parent}` does not exist")));
    }
    for field in FIELDS {
        if let Some(text) = body.text(field) {
            location.insert(field, text);
        }
    }
    Ok(())
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let mut location = Location::new();
    apply(tenant, &mut location, &call.body)?;
    tenant.tick();
    let answer = show(&location);
    tenant.locations.push(location);
    Ok(Answer::Json(answer))
}

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let old_name = call.text("location_name");
    let index = position(tenant, old_name)?;
    let mut location = tenant.locations[index].clone();
    apply(tenant, &mut location, &call.body)?;
    tenant.tick();
    let new_name = name(&location).to_owned();
    for parent in tenant
        .locations
        .iter_mut()
        .filter_map(|child| child.get_mut("parent_location_name"))
    {
        if *parent == old_name {
            parent.clone_from(&new_name);
        }
    }
    let answer = show(&location);
    tenant.locations[index] = location;
    Ok(Answer::Json(answer))
}
