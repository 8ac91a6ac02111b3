//! Tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::{Key, Row, USUAL, answer, order, page};
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, object, take, with_uri};
use crate::engine::{Answer, Call, Refusal};

/// How many tickets have each tag.
fn usages(account: &Account) -> BTreeMap<i64, i64> {
    let mut usages = BTreeMap::new();
    for ticket in account.tickets.values() {
        for tag in ticket.fields.numbers("tags") {
            *usages.entry(tag).or_default() += 1;
        }
    }
    usages
}

/// A tag; those in lists of tickets have the usage too.
pub(super) fn show(account: &Account, tag: &Object) -> Value {
    with_usage(tag, &usages(account))
}

fn with_usage(tag: &Object, usages: &BTreeMap<i64, i64>) -> Value {
    let mut shown = with_uri(tag, "tags");
    let id = tag.number("id").unwrap_or_default();
    shown["usage"] = json!(usages.get(&id).copied().unwrap_or_default());
    shown
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let usages = usages(account);
    let search = call.text("search").to_lowercase();
    let (member, descending) = order(call, "created_datetime:desc");
    let tags = account.tags.all();
    let tags = tags.filter(|(_, tag)| tag.text("name").unwrap_or_default().to_lowercase().contains(&search));
    let rows = tags.map(|(id, tag)| {
        let name = tag.text("name").unwrap_or_default().to_owned();
        let key = match member {
            "usage" => Key::Pair(usages.get(&id).copied().unwrap_or_default(), name),
            member => Key::of(tag.get(member)),
        };
        Row { key, id, item: tag }
    });
    let page = page(account, call, rows.collect(), descending, USUAL, &Value::Null)?;
    answer(call, page, |tag| with_usage(tag, &usages))
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account, account.tags.get(id(call, "id"))?))
}

fn check_name(account: &Account, body: &Object, own: Option<i64>) -> Result<(), Refusal> {
    let other = body.text("name").and_then(|name| account.tags.with("name", name));
    match other {
        Some((id, _)) if Some(id) != own => Err(Refusal::new(409, "There is a tag with this name already")),
        _ => Ok(()),
    }
}

/// Adds a tag.
pub(in crate::gorgias) fn add(account: &mut Account, body: &Object, now: &str) -> i64 {
    let mut tag = object(json!({
        "name": null, "description": null, "decoration": null, "created_datetime": now, "deleted_datetime": null,
    }));
    take(&mut tag, body);
    account.tags.add(tag)
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check_name(account, &call.body, None)?;
    let now = account.tick();
    let id = add(account, &call.body, &now);
    account.note("tag-created", "Tag", id, Some(by.user_id), Value::Null);
    json_answer(show(account, account.tags.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let id = id(call, "id");
    account.tags.get(id)?;
    check_name(account, &call.body, Some(id))?;
    account.tick();
    take(account.tags.change(id)?, &call.body);
    json_answer(show(account, account.tags.get(id)?))
}

/// Whether a list of names with commas between them has this one.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// Refuses to take a tag away that macros or rules use.
fn check_unused(account: &Account, id: i64) -> Result<(), Refusal> {
    let name = account.tags.get(id)?.text("name").unwrap_or_default();
    let in_macro = account.macros.all().find(|(_, one)| {
        let mut actions = one.items("actions").iter();
        actions.any(|action| {
            let tags = action["arguments"]["tags"].as_str().unwrap_or_default();
            names(tags).any(|known| known == name)
        })
    });
    if let Some((used, _)) = in_macro {
        let message = format!("The tag {name} is used by macro {used}");
        return Err(Refusal::new(409, message));
    }
    let in_rule = account.rules.all().find(|(_, rule)| {
        let code = rule.text("code").unwrap_or_default();
        code.contains(&format!("'{name}'")) || code.contains(&format!("\"{name}\""))
    });
    match in_rule {
        Some((used, _)) => Err(Refusal::new(409, format!("The tag {name} is used by rule {used}"))),
        None => Ok(()),
    }
}

fn forget(account: &mut Account, id: i64, now: &str, by: &Caller) -> Result<(), Refusal> {
    let tag = account.tags.remove(id)?;
    for ticket in account.tickets.values_mut() {
        if let Some(tags) = ticket.fields.get_mut("tags").and_then(Value::as_array_mut) {
            tags.retain(|known| *known != json!(id));
        }
    }
    let quoted = format!("'{}'", tag.text("name").unwrap_or_default());
    for view in account.views.all_mut() {
        if view.text("filters").unwrap_or_default().contains(&quoted) {
            view.insert("deactivated_datetime".to_owned(), json!(now));
        }
    }
    account.note("tag-deleted", "Tag", id, Some(by.user_id), Value::Null);
    Ok(())
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    check_unused(account, id)?;
    let now = account.tick();
    forget(account, id, &now, by)?;
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn remove_many(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let ids: BTreeSet<i64> = call.body.numbers("ids").into_iter().collect();
    for &id in &ids {
        check_unused(account, id)?;
    }
    let now = account.tick();
    for id in ids {
        forget(account, id, &now, by)?;
    }
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn merge(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let into = id(call, "destination_tag_id");
    account.tags.get(into)?;
    let sources: BTreeSet<i64> = call.body.numbers("source_tags_ids").into_iter().collect();
    for id in &sources {
        if *id == into {
            return Err(Refusal::at("source_tags_ids", "A tag cannot be merged with itself"));
        }
        account.tags.get(*id)?;
    }
    account.tick();
    for ticket in account.tickets.values_mut() {
        let tags = ticket.fields.numbers("tags");
        if tags.iter().any(|tag| sources.contains(tag)) {
            let mut kept: Vec<i64> = tags.into_iter().filter(|tag| !sources.contains(tag)).collect();
            if !kept.contains(&into) {
                kept.push(into);
            }
            ticket.fields.insert("tags".to_owned(), json!(kept));
        }
    }
    for id in &sources {
        account.tags.remove(*id)?;
    }
    let data = json!({"source_tags_ids": sources});
    account.note("tag-merged", "Tag", into, Some(by.user_id), data);
    json_answer(show(account, account.tags.get(into)?))
}
