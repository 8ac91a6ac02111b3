//! A person: profile, custom data, events, subscription.

use serde_json::{Value, json};

use super::super::filters::merge;
use super::super::records::{Members, Object, PAGE, Person, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// A profile as answers show it.
pub(in crate::crisp) fn show(website: &Website, person: &Person) -> Value {
    let on_line = website
        .visitors
        .iter()
        .any(|visitor| visitor.email.as_deref() == Some(person.email.as_str()));
    let mut shown = json!({
        "people_id": person.people_id,
        "email": person.email,
        "person": person.person,
        "segments": person.segments,
        "active": {"now": on_line, "last": person.active.unwrap_or(person.created_at)},
        "score": person.score,
        "created_at": person.created_at,
        "updated_at": person.updated_at,
    });
    if let Some(company) = &person.company {
        shown["company"] = json!(company);
    }
    if let Some(notepad) = &person.notepad {
        shown["notepad"] = json!(notepad);
    }
    shown
}

/// A profile with the custom data, for filters.
pub(super) fn record(website: &Website, person: &Person) -> Value {
    let mut record = show(website, person);
    record["data"] = json!(person.data);
    record
}

/// Refuses an address that another person has.
fn check_email(website: &Website, email: &str, own: Option<&str>) -> Result<(), Refusal> {
    match website.person_with(email) {
        Some(other) if Some(other.people_id.as_str()) != own => {
            Err(Refusal::new(409, "There is a person with this email already").word("people_exists"))
        }
        _ => Ok(()),
    }
}

/// Takes over what a body says; `whole` drops what it does not say.
fn take(person: &mut Person, body: &Object, whole: bool) {
    if let Some(email) = body.text("email") {
        email.clone_into(&mut person.email);
    }
    if whole {
        person.person = Object::new();
        person.company = None;
        person.segments = Vec::new();
        person.notepad = None;
        person.active = None;
    }
    if let Some(given) = body.object("person") {
        merge(&mut person.person, given);
    }
    if let Some(given) = body.object("company") {
        merge(person.company.get_or_insert_default(), given);
    }
    if let Some(segments) = body.texts("segments") {
        person.segments = segments;
    }
    if let Some(notepad) = body.text("notepad") {
        person.notepad = Some(notepad.to_owned());
    }
    if let Some(active) = body.number("active") {
        person.active = Some(active);
    }
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    check_email(website, call.body.text("email").unwrap_or_default(), None)?;
    let now = website.tick();
    let mut person = Person {
        people_id: website.new_id(),
        email: String::new(),
        person: Object::new(),
        company: None,
        segments: Vec::new(),
        notepad: None,
        active: None,
        score: 0,
        data: Object::new(),
        events: Vec::new(),
        subscribed: true,
        created_at: now,
        updated_at: now,
    };
    take(&mut person, &call.body, true);
    let people_id = person.people_id.clone();
    website.people.insert(people_id.clone(), person);
    Ok(json!({"people_id": people_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    website.person(call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    Ok(show(website, website.person(call)?))
}

fn write(website: &mut Website, call: &Call, whole: bool) -> Outcome {
    let people_id = website.people_id(call)?;
    if let Some(email) = call.body.text("email") {
        check_email(website, email, Some(&people_id))?;
    }
    take(website.change_person(call)?, &call.body, whole);
    Ok(json!({}))
}

pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    write(website, call, true)
}

pub(in crate::crisp) fn update(website: &mut Website, call: &Call) -> Outcome {
    write(website, call, false)
}

/// Removes a person; their conversations stay, without them.
pub(super) fn forget(website: &mut Website, people_id: &str) {
    website.people.remove(people_id);
    for conversation in website.conversations.values_mut() {
        if conversation.people_id.as_deref() == Some(people_id) {
            conversation.people_id = None;
        }
    }
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    let people_id = website.people_id(call)?;
    website.tick();
    forget(website, &people_id);
    Ok(json!({}))
}

pub(in crate::crisp) fn add_event(website: &mut Website, call: &Call) -> Outcome {
    let person = website.change_person(call)?;
    let body = &call.body;
    let event = json!({
        "text": body["text"],
        "data": body.object("data").cloned().unwrap_or_default(),
        "color": body.text("color").unwrap_or("grey"),
        "timestamp": person.updated_at,
    });
    person.events.insert(0, event);
    Ok(json!({}))
}

pub(in crate::crisp) fn events(website: &mut Website, call: &Call) -> Outcome {
    Ok(page(website.person(call)?.events.clone(), call, PAGE))
}

pub(in crate::crisp) fn data(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!({"data": website.person(call)?.data}))
}

pub(in crate::crisp) fn save_data(website: &mut Website, call: &Call) -> Outcome {
    let person = website.change_person(call)?;
    person.data = call.body.object("data").cloned().unwrap_or_default();
    Ok(json!({}))
}

pub(in crate::crisp) fn update_data(website: &mut Website, call: &Call) -> Outcome {
    let person = website.change_person(call)?;
    person
        .data
        .extend(call.body.object("data").cloned().unwrap_or_default());
    Ok(json!({}))
}

pub(in crate::crisp) fn subscription(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!({"email": website.person(call)?.subscribed}))
}

pub(in crate::crisp) fn update_subscription(website: &mut Website, call: &Call) -> Outcome {
    website.change_person(call)?.subscribed = call.body.boolean("email").unwrap_or_default();
    Ok(json!({}))
}
