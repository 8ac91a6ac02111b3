//! Customers and their channels.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, asked, id, json_answer, object, settle_moments, take};
use super::shown::split_name;
use super::{field_values, view_items};
use crate::engine::{Answer, Call, Refusal};

/// A customer as lists show it.
fn summary(customer: &Object) -> Value {
    let left_out = [
        "channels",
        "data",
        "integrations",
        "external_data",
        "ecommerce_data",
        "custom_fields",
    ];
    let shown = customer.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
    Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A customer, whole.
pub(super) fn show(customer: &Object, with_fields: bool) -> Value {
    let mut shown = customer.clone();
    if !with_fields {
        shown.shift_remove("custom_fields");
    }
    Value::Object(shown)
}

/// Whether a customer has this channel.
pub(in crate::gorgias) fn has_channel(customer: &Object, kind: &str, address: &str) -> bool {
    let mut channels = customer.items("channels").iter();
    channels.any(|channel| {
        channel["type"] == kind
            && channel["address"]
                .as_str()
                .is_some_and(|known| known.eq_ignore_ascii_case(address))
    })
}

/// The customer with this channel.
pub(super) fn with_channel(account: &Account, kind: &str, address: &str) -> Option<i64> {
    let mut customers = account.customers.all();
    customers
        .find(|(_, customer)| has_channel(customer, kind, address))
        .map(|(id, _)| id)
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let in_view: Option<BTreeSet<i64>> = match asked(call, "view_id") {
        None => None,
        Some(view) => {
            let tickets = view_items::tickets_of(account, view)?;
            let customers = tickets.iter().filter_map(|id| account.tickets.get(id));
            Some(
                customers
                    .filter_map(|ticket| ticket.fields.number("customer_id"))
                    .collect(),
            )
        }
    };
    let channel = (call.given("channel_type"), call.given("channel_address"));
    let customers = account.customers.all().filter(|(id, customer)| {
        let same = |name: &str| {
            call.given(name)
                .is_none_or(|wanted| customer.text(name) == Some(wanted))
        };
        let email = call.given("email").is_none_or(|wanted| {
            customer
                .text("email")
                .is_some_and(|known| known.eq_ignore_ascii_case(wanted))
        });
        let channel = match channel {
            (None, None) => true,
            (kind, address) => customer.items("channels").iter().any(|known| {
                kind.is_none_or(|kind| known["type"] == kind)
                    && address.is_none_or(|address| known["address"] == address)
            }),
        };
        email
            && channel
            && ["external_id", "name", "language", "timezone"].into_iter().all(same)
            && in_view.as_ref().is_none_or(|wanted| wanted.contains(id))
    });
    listed(account, call, customers, "created_datetime:desc", summary)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let with_fields = call.lists.contains_key("relationships");
    json_answer(show(account.customers.get(id(call, "id"))?, with_fields))
}

/// Refuses what another customer has already.
fn check_free(account: &Account, body: &Object, own: Option<i64>) -> Result<(), Refusal> {
    let taken = |place: &str| {
        let mut refusal = Refusal::at(place, format!("{place} is already used by another customer"));
        refusal.status = 409;
        Err(refusal)
    };
    if let Some(email) = body.text("email")
        && with_channel(account, "email", email).is_some_and(|other| Some(other) != own)
    {
        return taken("email");
    }
    if let Some(external_id) = body.text("external_id")
        && account
            .customers
            .with("external_id", external_id)
            .is_some_and(|(other, _)| Some(other) != own)
    {
        return taken("external_id");
    }
    for channel in body.items("channels") {
        let (kind, address) = (channel["type"].as_str(), channel["address"].as_str());
        let (kind, address) = (kind.unwrap_or_default(), address.unwrap_or_default());
        if with_channel(account, kind, address).is_some_and(|other| Some(other) != own) {
            return taken("channels");
        }
    }
    if let Some(values) = body.get("custom_fields").and_then(Value::as_array) {
        field_values::check(account, "Customer", values, "custom_fields")?;
    }
    Ok(())
}

/// A channel as records keep it.
pub(in crate::gorgias) fn channel(
    account: &mut Account,
    kind: &str,
    address: &str,
    preferred: bool,
    now: &str,
) -> Value {
    account.last_channel += 1;
    json!({
        "id": account.last_channel,
        "type": kind,
        "address": address,
        "preferred": preferred,
        "created_datetime": now,
        "updated_datetime": now,
        "deleted_datetime": null,
    })
}

/// Takes over what a body says of a customer.
fn write(account: &mut Account, record: &mut Object, body: &Object, now: &str) {
    take(record, body);
    if let Some(name) = body.text("name") {
        let (first, last) = split_name(name);
        for (part, text) in [("firstname", first), ("lastname", last)] {
            if !body.contains_key(part) {
                record.insert(part.to_owned(), json!(text));
            }
        }
    } else if body.text("firstname").is_some() || body.text("lastname").is_some() {
        let part = |name: &str| record.text(name).unwrap_or_default();
        let name = format!("{} {}", part("firstname"), part("lastname"));
        record.insert("name".to_owned(), json!(name.trim()));
    }
    if body.contains_key("channels") {
        let channels = body.items("channels").iter().map(|given| {
            let kind = given["type"].as_str().unwrap_or_default();
            let address = given["address"].as_str().unwrap_or_default();
            channel(account, kind, address, given["preferred"] == true, now)
        });
        let channels: Vec<Value> = channels.collect();
        record.insert("channels".to_owned(), json!(channels));
    }
    if let Some(email) = body.text("email")
        && !has_channel(record, "email", email)
    {
        let added = channel(account, "email", email, true, now);
        if let Some(channels) = record.get_mut("channels").and_then(Value::as_array_mut) {
            channels.push(added);
        }
    }
    if let Some(values) = body.get("custom_fields").and_then(Value::as_array) {
        let values = field_values::replaced(account, None, values);
        record.insert("custom_fields".to_owned(), values);
    }
    settle_moments(record);
}

/// Adds a customer; what the body says is known to be right.
pub(in crate::gorgias) fn add(account: &mut Account, body: &Object, now: &str) -> i64 {
    let mut record = object(json!({
        "email": null,
        "name": null,
        "firstname": "",
        "lastname": "",
        "external_id": null,
        "language": null,
        "timezone": "UTC",
        "note": null,
        "active": true,
        "channels": [],
        "meta": null,
        "data": null,
        "integrations": {},
        "external_data": {},
        "ecommerce_data": {},
        "custom_fields": {},
        "created_datetime": now,
        "updated_datetime": now,
    }));
    write(account, &mut record, body, now);
    let id = account.customers.add(record);
    account.note("customer-created", "Customer", id, None, Value::Null);
    id
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    check_free(account, &call.body, None)?;
    let now = account.tick();
    let id = add(account, &call.body, &now);
    json_answer(show(account.customers.get(id)?, false))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    let mut record = account.customers.get(id)?.clone();
    check_free(account, &call.body, Some(id))?;
    let now = account.tick();
    write(account, &mut record, &call.body, &now);
    record.insert("updated_datetime".to_owned(), json!(now));
    *account.customers.change(id)? = record;
    account.note("customer-updated", "Customer", id, Some(by.user_id), Value::Null);
    json_answer(show(account.customers.get(id)?, false))
}

/// Removes a customer with all tickets.
fn forget(account: &mut Account, id: i64, by: &Caller) -> Result<(), Refusal> {
    account.customers.remove(id)?;
    account
        .tickets
        .retain(|_, ticket| ticket.fields.number("customer_id") != Some(id));
    account.note("customer-deleted", "Customer", id, Some(by.user_id), Value::Null);
    Ok(())
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.customers.get(id)?;
    account.tick();
    forget(account, id, by)?;
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn remove_many(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ids: BTreeSet<i64> = call.body.numbers("ids").into_iter().collect();
    for &id in &ids {
        account.customers.get(id)?;
    }
    account.tick();
    for id in ids {
        forget(account, id, by)?;
    }
    Ok(Answer::Empty)
}
