//! Satisfaction surveys: one for a ticket.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{
    Account, Members, Object, Outcome, asked, id, json_answer, object, settle_moments, take, with_uri,
};
use crate::engine::{Call, Refusal};

fn show(survey: &Object) -> Value {
    with_uri(survey, "satisfaction-surveys")
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let ticket = asked(call, "ticket_id");
    let surveys = account
        .surveys
        .all()
        .filter(|(_, survey)| ticket.is_none_or(|wanted| survey.number("ticket_id") == Some(wanted)));
    listed(account, call, surveys, "created_datetime:desc", show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.surveys.get(id(call, "id"))?))
}

fn check(account: &Account, body: &Object, own: Option<i64>) -> Result<(), Refusal> {
    let ticket = body.number("ticket_id").unwrap_or_default();
    let customer = body.number("customer_id").unwrap_or_default();
    if !account.tickets.contains_key(&ticket) {
        return Err(Refusal::at("ticket_id", format!("there is no ticket {ticket}")));
    }
    if account.customers.find(customer).is_none() {
        return Err(Refusal::at("customer_id", format!("there is no customer {customer}")));
    }
    let mut surveys = account.surveys.all();
    let other = surveys.find(|(id, survey)| survey.number("ticket_id") == Some(ticket) && Some(*id) != own);
    match other {
        Some((other, _)) => {
            let text = format!("Ticket {ticket} has survey {other} already");
            Err(Refusal::new(409, text))
        }
        None => Ok(()),
    }
}

/// The record of a survey. A score without its moment was given now.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut survey = object(json!({
        "ticket_id": null,
        "customer_id": null,
        "score": null,
        "body_text": null,
        "meta": null,
        "should_send_datetime": null,
        "sent_datetime": null,
        "scored_datetime": null,
        "created_datetime": null,
    }));
    take(&mut survey, body);
    for (name, filled) in [
        ("created_datetime", true),
        ("scored_datetime", survey.some("score").is_some()),
    ] {
        if filled && survey.some(name).is_none() {
            survey.insert(name.to_owned(), json!(now));
        }
    }
    settle_moments(&mut survey);
    survey
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check(account, &call.body, None)?;
    let now = account.tick();
    let survey = new(&call.body, &now);
    let scored = survey.some("score").is_some();
    let id = account.surveys.add(survey);
    if scored {
        note(account, "satisfaction-survey-responded", id, by);
    }
    json_answer(show(account.surveys.get(id)?))
}

fn note(account: &mut Account, kind: &str, id: i64, by: &Caller) {
    account.note(kind, "SatisfactionSurvey", id, Some(by.user_id), Value::Null);
}

/// Replaces a survey; what is left out becomes null, but for when it was made and sent.
pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.surveys.get(id)?;
    check(account, &call.body, Some(id))?;
    let now = account.tick();
    let old = account.surveys.change(id)?;
    let mut whole = object(json!({"id": id}));
    let mut body = call.body.clone();
    for name in ["created_datetime", "sent_datetime"] {
        if !body.contains_key(name) {
            body.insert(name.to_owned(), old.get(name).cloned().unwrap_or_default());
        }
    }
    if body.get("score") == old.get("score") && !body.contains_key("scored_datetime") {
        let scored = old.get("scored_datetime").cloned().unwrap_or_default();
        body.insert("scored_datetime".to_owned(), scored);
    }
    whole.extend(new(&body, &now));
    let responded = old.some("score").is_none() && whole.some("score").is_some();
    *old = whole;
    note(account, "satisfaction-survey-updated", id, by);
    if responded {
        note(account, "satisfaction-survey-responded", id, by);
    }
    json_answer(show(account.surveys.get(id)?))
}
