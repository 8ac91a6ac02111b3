//! Rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::{answer, order, page, rows};
use super::super::records::{
    Account, Members, Object, Outcome, id, json_answer, list as plain_list, object, settle_moments, take, with_uri,
};
use super::{rule_code, rule_uses};
use crate::engine::{Answer, Call, Refusal};

/// Size of a page that was not sized.
const USUAL: usize = 100;

fn show(rule: &Object) -> Value {
    with_uri(rule, "rules")
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let (member, descending) = order(call, "created_datetime:desc");
    let rules = rows(account.rules.all(), member);
    let page = page(account, call, rules, descending, USUAL, &Value::Null)?;
    answer(call, page, show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.rules.get(id(call, "id"))?))
}

/// The tree of a body's code; the code must be readable.
fn tree(body: &Object) -> Result<Option<Value>, Refusal> {
    let Some(code) = body.text("code") else {
        return Ok(None);
    };
    let tree = rule_code::parse(code).map_err(|error| Refusal::at("code", format!("code cannot be read: {error}")))?;
    Ok(Some(body.get("code_ast").cloned().unwrap_or(tree)))
}

/// The record of a rule.
pub(in crate::gorgias) fn new(body: &Object, tree: Value, now: &str) -> Object {
    let mut rule = object(json!({
        "name": null,
        "description": null,
        "code": null,
        "code_ast": null,
        "event_types": "",
        "priority": 0,
        "type": "user",
        "settings": null,
        "created_datetime": now,
        "updated_datetime": now,
        "deactivated_datetime": null,
    }));
    take(&mut rule, body);
    rule.insert("code_ast".to_owned(), tree);
    settle_moments(&mut rule);
    rule
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let tree = tree(&call.body)?.unwrap_or_default();
    let now = account.tick();
    let id = account.rules.add(new(&call.body, tree, &now));
    account.note("rule-created", "Rule", id, Some(by.user_id), Value::Null);
    json_answer(show(account.rules.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.rules.get(id)?;
    let tree = tree(&call.body)?;
    let now = account.tick();
    let rule = account.rules.change(id)?;
    let was_active = is_active(rule);
    let old_priority = rule.get("priority").cloned();
    take(rule, &call.body);
    if let Some(tree) = tree {
        rule.insert("code_ast".to_owned(), tree);
    }
    rule.insert("updated_datetime".to_owned(), json!(now));
    settle_moments(rule);
    let mut events = vec!["rule-updated"];
    match (was_active, is_active(rule)) {
        (true, false) => events.push("rule-deactivated"),
        (false, true) => events.push("rule-reactivated"),
        _ => {}
    }
    if rule.get("priority").cloned() != old_priority {
        events.push("rule-priority-updated");
    }
    for kind in events {
        account.note(kind, "Rule", id, Some(by.user_id), Value::Null);
    }
    json_answer(show(account.rules.get(id)?))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.rules.get(id)?;
    account.tick();
    account.rules.remove(id)?;
    account.note("rule-deleted", "Rule", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}

pub(in crate::gorgias) fn set_priorities(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let wanted: Vec<(i64, Value)> = call
        .body
        .items("priorities")
        .iter()
        .map(|item| (item["id"].as_i64().unwrap_or_default(), item["priority"].clone()))
        .collect();
    let mut seen = BTreeSet::new();
    for (index, (id, _)) in wanted.iter().enumerate() {
        let place = format!("priorities[{index}].id");
        if account.rules.find(*id).is_none() {
            return Err(Refusal::at(place, format!("there is no rule {id}")));
        }
        if !seen.insert(*id) {
            return Err(Refusal::at(place, format!("rule {id} is there twice")));
        }
    }
    let now = account.tick();
    let mut changed = Vec::new();
    for (id, priority) in wanted {
        let rule = account.rules.change(id)?;
        if rule.get("priority") != Some(&priority) {
            let data = json!({"old": rule.get("priority"), "new": priority});
            rule.insert("priority".to_owned(), priority);
            rule.insert("updated_datetime".to_owned(), json!(now));
            account.note("rule-priority-updated", "Rule", id, Some(by.user_id), data);
        }
        changed.push(show(account.rules.get(id)?));
    }
    plain_list(changed)
}

fn is_active(rule: &Object) -> bool {
    rule.some("deactivated_datetime").is_none()
}

/// The active rules whose code fits.
fn active(account: &Account, fits: impl Fn(&Value) -> bool) -> Vec<&Object> {
    let rules = account.rules.all().map(|(_, rule)| rule);
    rules
        .filter(|rule| is_active(rule) && rule.get("code_ast").is_some_and(&fits))
        .collect()
}

/// The active rules that apply a macro.
pub(super) fn with_macro(account: &Account, id: i64) -> Vec<&Object> {
    active(account, |tree| rule_uses::macros(tree).contains(&id))
}

/// The active rules that tell an integration by its number.
pub(super) fn with_integration(account: &Account, id: i64) -> Vec<&Object> {
    active(account, |tree| rule_uses::names_integration(tree, id))
}
