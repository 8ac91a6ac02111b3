//! Macros.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::{Key, Row, USUAL, answer, order, page};
use super::super::records::{
    Account, Members, Object, Outcome, asked, flag, id, json_answer, list as plain_list, object, take, with_uri,
};
use super::super::words::TICKET_STATUS;
use super::message_texts::{said, without_tags};
use super::rules;
use super::tags::names;
use crate::engine::{Answer, Call, Refusal};

fn show(one: &Object) -> Value {
    with_uri(one, "macros")
}

/// The tags that a macro adds.
fn tags(one: &Object) -> Vec<&str> {
    let actions = one.items("actions").iter().filter(|action| action["name"] == "addTags");
    actions
        .flat_map(|action| names(action["arguments"]["tags"].as_str().unwrap_or_default()))
        .collect()
}

fn is_archived(one: &Object) -> bool {
    one.some("archived_datetime").is_some()
}

/// The words of a text, without the short ones.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 3)
        .map(str::to_lowercase)
        .collect()
}

/// All that a macro says.
fn text(one: &Object) -> String {
    let mut text = one.text("name").unwrap_or_default().to_owned();
    text.push(' ');
    text.push_str(one.text("intent").unwrap_or_default());
    for action in one.items("actions") {
        let arguments = &action["arguments"];
        for name in ["body_text", "tags", "subject"] {
            text.push(' ');
            text.push_str(arguments[name].as_str().unwrap_or_default());
        }
        text.push(' ');
        text.push_str(&without_tags(arguments["body_html"].as_str().unwrap_or_default()));
    }
    text
}

/// The words that relevance is measured by: those of the message asked for, or of all that the customer wrote.
fn wanted_words(account: &Account, call: &Call) -> Result<BTreeSet<String>, Refusal> {
    let Some(ticket_id) = asked(call, "ticket_id") else {
        return Err(Refusal::at("ticket_id", "An order by relevance needs ticket_id"));
    };
    let ticket = account.tickets.get(&ticket_id);
    let ticket = ticket.ok_or_else(|| Refusal::at("ticket_id", format!("there is no ticket {ticket_id}")))?;
    let message_id = asked(call, "message_id");
    let messages = ticket.messages.iter().filter(|message| match message_id {
        Some(id) => message.number("id") == Some(id),
        None => !message.is("from_agent"),
    });
    let said: Vec<String> = messages.map(said).collect();
    if let (Some(id), true) = (message_id, said.is_empty()) {
        return Err(Refusal::at(
            "message_id",
            format!("there is no message {id} in ticket {ticket_id}"),
        ));
    }
    let mut wanted = words(&said.join(" "));
    wanted.extend(words(ticket.fields.text("subject").unwrap_or_default()));
    Ok(wanted)
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let (mut member, mut descending) = order(call, "usage:desc");
    if member != "relevance" && call.given("message_id").is_some() {
        return Err(Refusal::at("message_id", "message_id needs an order by relevance"));
    }
    let search = call.text("search").to_lowercase();
    let wanted_tags = call.lists.get("tags").map_or(&[][..], Vec::as_slice);
    let languages = call.lists.get("languages");
    let archived = flag(call, "archived").unwrap_or(false);
    let found = account.macros.all().filter(|(_, one)| {
        let tags = tags(one);
        is_archived(one) == archived
            && one.text("name").unwrap_or_default().to_lowercase().contains(&search)
            && wanted_tags.iter().all(|wanted| tags.contains(&wanted.as_str()))
            && languages.is_none_or(|known| known.iter().any(|wanted| one.text("language") == Some(wanted)))
    });
    let found: Vec<(i64, &Object)> = found.collect();
    let mut relevance = Vec::new();
    if member == "relevance" {
        let wanted = wanted_words(account, call)?;
        let common = |one: &Object| words(&text(one)).intersection(&wanted).count();
        relevance = found.iter().map(|(_, one)| common(one)).collect();
        if relevance.iter().all(|common| *common == 0) {
            relevance.clear();
            member = call.given("_fallback_order_by").unwrap_or("usage");
            descending = member != "name";
        }
    }
    let rows = found.into_iter().enumerate().map(|(index, (id, item))| {
        let key = match relevance.get(index) {
            Some(common) => Key::Number(i64::try_from(*common).unwrap_or(i64::MAX)),
            None => Key::of(item.get(member)),
        };
        Row { key, id, item }
    });
    let page = page(account, call, rows.collect(), descending, USUAL, &Value::Null)?;
    answer(call, page, show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.macros.get(id(call, "id"))?))
}

/// What is wrong with the arguments of an action; the place of the argument and the text. Names that are not known may have
/// any arguments.
fn problem(name: &str, arguments: &Value) -> Option<(&'static str, String)> {
    let is_text = |member: &str| arguments[member].is_string();
    match name {
        "addTags" | "removeTags" if !is_text("tags") => {
            Some(("tags", "must be a string of names separated by commas".to_owned()))
        }
        "setStatus"
            if !arguments["status"]
                .as_str()
                .is_some_and(|status| TICKET_STATUS.contains(&status)) =>
        {
            Some(("status", format!("must be one of {}", TICKET_STATUS.join(", "))))
        }
        "setResponseText" if !is_text("body_text") && !is_text("body_html") => {
            Some(("body_text", "must be a string, or body_html must be".to_owned()))
        }
        "addAttachments" if !arguments["attachments"].is_array() => Some(("attachments", "must be a list".to_owned())),
        _ => None,
    }
}

/// Refuses actions whose arguments do not fit.
pub(super) fn check_actions(body: &Object) -> Result<(), Refusal> {
    for (index, action) in body.items("actions").iter().enumerate() {
        let name = action["name"].as_str().unwrap_or_default();
        if let Some((member, text)) = problem(name, &action["arguments"]) {
            let place = format!("actions[{index}].arguments.{member}");
            return Err(Refusal::at(place.clone(), format!("{place} {text}")));
        }
    }
    Ok(())
}

fn write(one: &mut Object, body: &Object) {
    take(one, body);
    let actions = one.get_mut("actions").and_then(Value::as_array_mut);
    for action in actions.into_iter().flatten().filter_map(Value::as_object_mut) {
        action.entry("type").or_insert_with(|| json!("user"));
        action.entry("description").or_insert(Value::Null);
    }
}

/// The record of a macro.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut one = object(json!({
        "name": null,
        "external_id": null,
        "intent": null,
        "language": null,
        "usage": 0,
        "actions": [],
        "archived_datetime": null,
        "created_datetime": now,
        "updated_datetime": now,
    }));
    write(&mut one, body);
    one
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check_actions(&call.body)?;
    let now = account.tick();
    let id = account.macros.add(new(&call.body, &now));
    account.note("macro-created", "Macro", id, Some(by.user_id), Value::Null);
    json_answer(show(account.macros.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.macros.get(id)?;
    check_actions(&call.body)?;
    let now = account.tick();
    let one = account.macros.change(id)?;
    write(one, &call.body);
    one.insert("updated_datetime".to_owned(), json!(now));
    account.note("macro-updated", "Macro", id, Some(by.user_id), Value::Null);
    json_answer(show(account.macros.get(id)?))
}

/// The rules that keep a macro from going away, in the form errors have them.
fn blocking(account: &Account, id: i64) -> Vec<Value> {
    let rules = rules::with_macro(account, id);
    rules
        .iter()
        .map(|rule| json!({"id": rule.get("id"), "name": rule.get("name")}))
        .collect()
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.macros.get(id)?;
    if let Some(rule) = blocking(account, id).first() {
        return Err(Refusal::new(409, format!("The macro is used by rule {}", rule["id"])));
    }
    account.tick();
    account.macros.remove(id)?;
    account.note("macro-deleted", "Macro", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}

/// The numbers in a body, each once.
fn numbers(call: &Call) -> Vec<i64> {
    let mut once = Vec::new();
    for id in call.body.numbers("ids") {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

/// Archives a macro, or takes it back.
fn file(account: &mut Account, id: i64, when: Value, now: &str, by: &Caller) -> Result<(), Refusal> {
    let one = account.macros.change(id)?;
    one.insert("archived_datetime".to_owned(), when);
    one.insert("updated_datetime".to_owned(), json!(now));
    account.note("macro-updated", "Macro", id, Some(by.user_id), Value::Null);
    Ok(())
}

pub(in crate::gorgias) fn archive(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let now = account.tick();
    let mut results = Vec::new();
    for id in numbers(call) {
        let rules = blocking(account, id);
        let (status, error) = match account.macros.find(id) {
            None => ("not_found", json!({"msg": format!("Macro {id} not found")})),
            Some(one) if is_archived(one) => ("already_archived", Value::Null),
            Some(_) if !rules.is_empty() => {
                let error = json!({"msg": "The macro is used by rules", "data": {"rules": rules}});
                ("macro_used", error)
            }
            Some(_) => {
                file(account, id, json!(now), &now, by)?;
                ("archived", Value::Null)
            }
        };
        results.push(json!({"id": id, "status": status, "error": error}));
    }
    plain_list(results)
}

pub(in crate::gorgias) fn unarchive(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let now = account.tick();
    let mut results = Vec::new();
    for id in numbers(call) {
        let status = match account.macros.find(id) {
            None => "not_found",
            Some(one) if !is_archived(one) => "already_not_archived",
            Some(_) => {
                file(account, id, Value::Null, &now, by)?;
                "unarchived"
            }
        };
        results.push(json!({"id": id, "status": status}));
    }
    plain_list(results)
}
