//! Merging customers, and what apps know of them.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, asked, id, json_answer, take};
use super::super::time;
use super::customers::{channel, has_channel, show};
use crate::engine::{Answer, Call, Refusal};

/// Channels that the one who stays gets: its own, those of the other, and those of the body.
fn channels(account: &mut Account, source: &Object, target: &Object, body: &Object, now: &str) -> Vec<Value> {
    let mut kept = target.clone();
    let given = source.items("channels").iter().chain(body.items("channels"));
    for given in given {
        let kind = given["type"].as_str().unwrap_or_default();
        let address = given["address"].as_str().unwrap_or_default();
        if has_channel(&kept, kind, address) {
            continue;
        }
        let added = channel(account, kind, address, false, now);
        if let Some(channels) = kept.get_mut("channels").and_then(Value::as_array_mut) {
            channels.push(added);
        }
    }
    kept.items("channels").to_vec()
}

pub(in crate::gorgias) fn merge(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let source_id = asked(call, "source_id").unwrap_or_default();
    let target_id = asked(call, "target_id").unwrap_or_default();
    if source_id == target_id {
        return Err(Refusal::at("source_id", "A customer cannot be merged with itself"));
    }
    let source = account.customers.get(source_id)?.clone();
    let target = account.customers.get(target_id)?.clone();
    let integrations = |customer: &Object| customer.inner("integrations").cloned().unwrap_or_default();
    let (mut joined, more) = (integrations(&target), integrations(&source));
    if more.keys().any(|key| joined.contains_key(key)) {
        return Err(Refusal::new(409, "Both customers hold data of the same integration"));
    }
    joined.extend(more);
    let now = account.tick();
    let channels = channels(account, &source, &target, &call.body, &now);
    let record = account.customers.change(target_id)?;
    for (name, value) in &source {
        if record.some(name).is_none() {
            record.insert(name.clone(), value.clone());
        }
    }
    take(record, &call.body);
    record.insert("channels".to_owned(), json!(channels));
    record.insert("integrations".to_owned(), Value::Object(joined));
    record.insert("updated_datetime".to_owned(), json!(now));
    account.customers.remove(source_id)?;
    for ticket in account.tickets.values_mut() {
        if ticket.fields.number("customer_id") == Some(source_id) {
            ticket.fields.insert("customer_id".to_owned(), json!(target_id));
        }
    }
    account.merged_customers.insert(source_id, target_id);
    let data = json!({"source_id": source_id});
    account.note("customer-merged", "Customer", target_id, Some(by.user_id), data);
    json_answer(show(account.customers.get(target_id)?, false))
}

pub(in crate::gorgias) fn set_data(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let id = id(call, "customer_id");
    if let Some(into) = account.merged_customers.get(&id) {
        return Ok(Answer::Redirect {
            status: Some(301),
            location: format!("{}/api/customers/{into}/data", call.origin),
        });
    }
    let version = call.body.text("version").and_then(time::parse);
    let known = account.customers.get(id)?.inner("meta");
    let known = known.and_then(|meta| meta.text("data_version")).and_then(time::parse);
    if version.is_some_and(|version| known.is_some_and(|known| version < known)) {
        // Nothing tells that it was not taken.
        return Ok(Answer::Empty);
    }
    let now = account.tick();
    let record = account.customers.change(id)?;
    record.insert("data".to_owned(), call.body.get("data").cloned().unwrap_or_default());
    record.insert("updated_datetime".to_owned(), json!(now));
    if let Some(version) = version {
        if !record.get("meta").is_some_and(Value::is_object) {
            record.insert("meta".to_owned(), json!({}));
        }
        record["meta"]["data_version"] = json!(time::text(version));
    }
    Ok(Answer::Empty)
}
