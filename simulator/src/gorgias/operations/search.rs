//! The type-ahead search for agents, customers, teams, tags and integrations.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, list, with_uri};
use super::shown;
use crate::engine::Call;

/// Whether one of these members has the words in it.
fn has(record: &Object, members: &[&str], query: &str) -> bool {
    let mut texts = members.iter().filter_map(|member| record.text(member));
    texts.any(|text| text.to_lowercase().contains(query))
}

/// The channels of customers of one of these kinds whose address has the words in it.
fn channels(account: &Account, kinds: &[&str], query: &str) -> Vec<Value> {
    let customers = account.customers.all();
    let found = customers.flat_map(|(id, customer)| {
        let channels = customer.items("channels").iter();
        channels.map(move |channel| (id, customer, channel))
    });
    let found = found.filter(|(_, _, channel)| {
        let kind = channel["type"].as_str().unwrap_or_default();
        let address = channel["address"].as_str().unwrap_or_default();
        (kinds.is_empty() || kinds.contains(&kind)) && address.to_lowercase().contains(query)
    });
    let show = |(id, customer, channel): (i64, &Object, &Value)| {
        let mut channel = channel.clone();
        channel["customer"] = json!({"id": id, "name": customer.get("name")});
        channel
    };
    found.map(show).collect()
}

pub(in crate::gorgias) fn search(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let query = call.body.text("query").unwrap_or_default().trim().to_lowercase();
    let size = call
        .body
        .number("size")
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(10);
    let customers = |members: &[&str]| -> Vec<Value> {
        let found = account.customers.all();
        let found = found.filter(|(_, customer)| has(customer, members, &query));
        found.map(|(id, _)| shown::customer(account, id)).collect()
    };
    let mut found: Vec<Value> = match call.body.text("type").unwrap_or_default() {
        "agent" => {
            let users = account.users.all();
            let users = users.filter(|(_, user)| has(user, &["name", "email"], &query));
            users.map(|(id, _)| shown::user(account, id)).collect()
        }
        "customer" | "customer_profile" => customers(&["name", "email"]),
        "customer_channel" => channels(account, &[], &query),
        "customer_channel_email" => channels(account, &["email"], &query),
        "customer_channel_phone" | "customers_by_phone" => channels(account, &["phone", "whatsapp"], &query),
        "integration" => {
            let integrations = account.integrations.all();
            let integrations = integrations.filter(|(_, one)| has(one, &["name"], &query));
            integrations.map(|(_, one)| with_uri(one, "integrations")).collect()
        }
        "team" => {
            let teams = account.teams.all();
            let teams = teams.filter(|(_, team)| has(team, &["name"], &query));
            teams.map(|(id, _)| shown::team(account, id)).collect()
        }
        _ => {
            let tags = account.tags.all();
            let tags = tags.filter(|(_, tag)| has(tag, &["name"], &query));
            tags.map(|(id, _)| shown::tag(account, id)).collect()
        }
    };
    // What begins with the words comes first, as in any type-ahead.
    found.sort_by_key(|one| {
        let texts = ["name", "email", "address"]
            .into_iter()
            .filter_map(|member| one[member].as_str());
        !texts.map(str::to_lowercase).any(|text| text.starts_with(&query))
    });
    found.truncate(size);
    list(found)
}
