//! Changes to many conversations or people at once.

use serde_json::{Value, json};

use super::super::filters::merge;
use super::super::records::{Conversation, Members, Message, Object, Website};
use super::super::routes::Outcome;
use super::conversations::{assignee, set_state, target_inbox};
use super::people;
use super::people_lists::selected;
use crate::engine::{Call, Refusal};

/// The sessions a body names.
fn named(website: &Website, body: &Object) -> Result<Vec<String>, Refusal> {
    let named = body.texts("sessions").unwrap_or_default();
    match named.iter().find(|id| !website.conversations.contains_key(*id)) {
        Some(unknown) => Err(Refusal::not_found(&format!("Conversation {unknown}"))),
        None => Ok(named),
    }
}

/// The sessions a body names, or, when it names none, all that lists show.
fn named_or_all(website: &Website, body: &Object) -> Result<Vec<String>, Refusal> {
    let named = named(website, body)?;
    if !named.is_empty() {
        return Ok(named);
    }
    let shown = website.conversations.values().filter(|one| one.visible);
    Ok(shown.map(|one| one.session_id.clone()).collect())
}

/// Leaves the sessions in the inbox a body narrows to, if it does.
fn narrowed(website: &Website, sessions: Vec<String>, body: &Object) -> Result<Vec<String>, Refusal> {
    let Some(inbox_id) = body.text("inbox_id") else {
        return Ok(sessions);
    };
    website.check_inbox(inbox_id)?;
    let inside = |id: &String| {
        let inbox = website.conversations.get(id).and_then(|one| one.inbox_id.as_deref());
        inbox == Some(inbox_id)
    };
    Ok(sessions.into_iter().filter(inside).collect())
}

fn each(website: &mut Website, sessions: &[String], change: impl Fn(&mut Conversation, i64)) -> Outcome {
    let now = website.tick();
    for session_id in sessions {
        if let Some(conversation) = website.conversations.get_mut(session_id) {
            change(conversation, now);
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn resolve(website: &mut Website, call: &Call) -> Outcome {
    let sessions = narrowed(website, named_or_all(website, &call.body)?, &call.body)?;
    each(website, &sessions, |one, now| set_state(one, "resolved", now))
}

pub(in crate::crisp) fn unresolve(website: &mut Website, call: &Call) -> Outcome {
    let sessions = narrowed(website, named(website, &call.body)?, &call.body)?;
    each(website, &sessions, |one, now| set_state(one, "unresolved", now))
}

pub(in crate::crisp) fn read(website: &mut Website, call: &Call) -> Outcome {
    let sessions = narrowed(website, named_or_all(website, &call.body)?, &call.body)?;
    each(website, &sessions, |one, _| {
        for message in one
            .messages
            .iter_mut()
            .filter(|message| message.by_user() && message.read.is_none())
        {
            message.read = Some("chat".to_owned());
        }
    })
}

pub(in crate::crisp) fn unread(website: &mut Website, call: &Call) -> Outcome {
    let sessions = narrowed(website, named(website, &call.body)?, &call.body)?;
    each(website, &sessions, |one, _| {
        if let Some(last) = one
            .messages
            .iter_mut()
            .rfind(|message: &&mut Message| message.by_user())
        {
            last.read = None;
        }
    })
}

/// The people a body selects, if it is about people.
fn people_of(website: &Website, body: &Object) -> Result<Option<Vec<String>>, Refusal> {
    let Some(selector) = body.object("people") else {
        return Ok(None);
    };
    if selector.is_empty() {
        return Err(Refusal::bad("people needs profiles or search"));
    }
    selected(website, selector).map(Some)
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    if let Some(people) = people_of(website, &call.body)? {
        website.tick();
        for people_id in people {
            people::forget(website, &people_id);
        }
        return Ok(json!({}));
    }
    let sessions = narrowed(website, named(website, &call.body)?, &call.body)?;
    website.tick();
    website.conversations.retain(|id, _| !sessions.contains(id));
    Ok(json!({}))
}

pub(in crate::crisp) fn report(website: &mut Website, call: &Call) -> Outcome {
    let sessions = named(website, &call.body)?;
    let flag = call.body.text("flag");
    each(website, &sessions, |one, _| one.reported = flag.map(str::to_owned))
}

pub(in crate::crisp) fn block(website: &mut Website, call: &Call) -> Outcome {
    let sessions = named(website, &call.body)?;
    let blocked = call.body.boolean("blocked").unwrap_or_default();
    each(website, &sessions, |one, now| {
        one.is_blocked = blocked;
        one.updated_at = now;
    })
}

pub(in crate::crisp) fn routing(website: &mut Website, call: &Call) -> Outcome {
    let sessions = named(website, &call.body)?;
    let assigned = assignee(website, &call.body)?;
    each(website, &sessions, |one, now| {
        one.assigned.clone_from(&assigned);
        one.updated_at = now;
    })
}

pub(in crate::crisp) fn inbox(website: &mut Website, call: &Call) -> Outcome {
    let sessions = named(website, &call.body)?;
    let inbox_id = target_inbox(website, &call.body)?;
    each(website, &sessions, |one, now| {
        one.inbox_id.clone_from(&inbox_id);
        one.updated_at = now;
    })
}

/// Changes people one by one.
fn each_person(
    website: &mut Website,
    people: &[String],
    change: impl Fn(&mut super::super::records::Person),
) -> Outcome {
    let now = website.tick();
    for people_id in people {
        if let Some(person) = website.people.get_mut(people_id) {
            change(person);
            person.updated_at = now;
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn data(website: &mut Website, call: &Call) -> Outcome {
    let data = call.body.object("data").cloned().unwrap_or_default();
    if let Some(people) = people_of(website, &call.body)? {
        return each_person(website, &people, |person| person.data.extend(data.clone()));
    }
    let sessions = named(website, &call.body)?;
    let data = Object::from_iter([("data".to_owned(), Value::Object(data))]);
    each(website, &sessions, |one, now| {
        merge(&mut one.meta, &data);
        one.updated_at = now;
    })
}

/// Puts segments in place of those there were.
pub(in crate::crisp) fn segments(website: &mut Website, call: &Call) -> Outcome {
    let segments = call.body.texts("segments").unwrap_or_default();
    if let Some(people) = people_of(website, &call.body)? {
        return each_person(website, &people, |person| person.segments.clone_from(&segments));
    }
    let sessions = named(website, &call.body)?;
    each(website, &sessions, |one, now| {
        one.meta.insert("segments".to_owned(), json!(segments));
        one.updated_at = now;
    })
}
