//! A conversation: its life, its state, who handles it, what is known of the visitor.

use serde_json::{Value, json};

use super::super::filters::merge;
use super::super::records::{Conversation, Members, Object, PAGE, Person, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// A conversation as answers show it.
pub(in crate::crisp) fn show(website: &Website, conversation: &Conversation) -> Value {
    let last = conversation
        .messages
        .iter()
        .rev()
        .find(|message| message.kind != "event");
    let (operator, visitor) = conversation.unread();
    let mut shown = json!({
        "session_id": conversation.session_id,
        "website_id": website.website_id,
        "inbox_id": conversation.inbox_id,
        "state": conversation.state,
        "status": status(&conversation.state),
        "is_verified": conversation.is_verified,
        "is_blocked": conversation.is_blocked,
        "availability": if conversation.left_at.is_none() { "online" } else { "offline" },
        "active": {
            "now": conversation.left_at.is_none(),
            "last": conversation.left_at.unwrap_or(website.now),
        },
        "last_message": last.map(super::super::records::Message::excerpt).unwrap_or_default(),
        "verifications": conversation.verifications,
        "participants": conversation.participants,
        "mentions": conversation.mentions,
        "compose": conversation.compose,
        "unread": {"operator": operator, "visitor": visitor},
        "assigned": conversation.assigned.as_ref().map(|user_id| json!({"user_id": user_id})),
        "meta": conversation.meta,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    });
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown[name] = value;
        }
    };
    put("people_id", json!(conversation.people_id));
    put("topic", json!(conversation.topic));
    put("waiting_since", json!(conversation.waiting_since));
    if let Some(last) = last {
        let preview = json!({
            "type": last.kind,
            "from": last.from,
            "excerpt": last.excerpt(),
            "fingerprint": last.fingerprint,
        });
        put("preview_message", preview);
    }
    shown
}

/// The older, numeric form of a state.
fn status(state: &str) -> u8 {
    match state {
        "pending" => 0,
        "unresolved" => 1,
        _ => 2,
    }
}

pub(in crate::crisp) fn create(website: &mut Website, _: &Call) -> Outcome {
    let now = website.tick();
    let session_id = format!("session_{}", website.new_id());
    let conversation = Conversation::new(session_id.clone(), now);
    website.conversations.insert(session_id.clone(), conversation);
    Ok(json!({"session_id": session_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    website.conversation(call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    Ok(show(website, website.conversation(call)?))
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    website.conversation(call)?;
    website.tick();
    website.conversations.remove(call.id("session_id"));
    Ok(json!({}))
}

/// Opens a conversation with a visitor who has not written.
pub(in crate::crisp) fn initiate(website: &mut Website, call: &Call) -> Outcome {
    let session_id = call.id("session_id").to_owned();
    if website.conversations.contains_key(&session_id) {
        return Ok(json!({}));
    }
    let visitor = website.visitors.iter().find(|visitor| visitor.session_id == session_id);
    let visitor = visitor.cloned().ok_or_else(|| Refusal::not_found("Session"))?;
    let mut conversation = Conversation::new(session_id.clone(), website.tick());
    conversation.left_at = None;
    conversation.inbox_id = visitor.inbox_id;
    conversation.meta.insert("nickname".to_owned(), json!(visitor.nickname));
    if let Some(email) = visitor.email {
        conversation.meta.insert("email".to_owned(), json!(email));
    }
    website.conversations.insert(session_id, conversation);
    Ok(json!({}))
}

pub(in crate::crisp) fn open(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    conversation.opened = call.body.boolean("opened").unwrap_or_default();
    Ok(json!({}))
}

pub(in crate::crisp) fn routing(website: &mut Website, call: &Call) -> Outcome {
    let assigned = website.conversation(call)?.assigned.as_ref();
    Ok(json!({"assigned": assigned.map(|user_id| json!({"user_id": user_id}))}))
}

/// Whom a checked body assigns: `None` for nobody.
pub(super) fn assignee(website: &Website, body: &Object) -> Result<Option<String>, Refusal> {
    let user_id = body.object("assigned").and_then(|user| user.text("user_id"));
    user_id.map(|user_id| website.check_operator(user_id)).transpose()?;
    Ok(user_id.map(str::to_owned))
}

pub(in crate::crisp) fn assign(website: &mut Website, call: &Call) -> Outcome {
    website.conversation(call)?;
    let assigned = assignee(website, &call.body)?;
    let (conversation, now) = website.change(call)?;
    conversation.assigned = assigned;
    conversation.updated_at = now;
    Ok(json!({}))
}

/// The inbox of a checked body: `None` for the main one.
pub(super) fn target_inbox(website: &Website, body: &Object) -> Result<Option<String>, Refusal> {
    let inbox_id = body.text("inbox_id");
    inbox_id.map(|inbox_id| website.check_inbox(inbox_id)).transpose()?;
    Ok(inbox_id.map(str::to_owned))
}

pub(in crate::crisp) fn move_to_inbox(website: &mut Website, call: &Call) -> Outcome {
    website.conversation(call)?;
    let inbox_id = target_inbox(website, &call.body)?;
    let (conversation, now) = website.change(call)?;
    conversation.inbox_id = inbox_id;
    conversation.updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn metas(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!(website.conversation(call)?.meta))
}

pub(in crate::crisp) fn update_metas(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, now) = website.change(call)?;
    // Lists, segments among them, are replaced; objects go member by member.
    merge(&mut conversation.meta, &call.body);
    conversation.updated_at = now;
    if let Some(email) = call.body.text("email") {
        let nickname = conversation.meta_text("nickname").map(str::to_owned);
        let people_id = person_for(website, email, nickname);
        let (conversation, _) = website.change(call)?;
        conversation.people_id = Some(people_id);
    }
    Ok(json!({}))
}

/// The person with this address, who is made if there is none.
pub(super) fn person_for(website: &mut Website, email: &str, nickname: Option<String>) -> String {
    if let Some(person) = website.person_with(email) {
        return person.people_id.clone();
    }
    let people_id = website.new_id();
    let now = website.now;
    let nickname = nickname.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let person = Person {
        people_id: people_id.clone(),
        email: email.to_owned(),
        person: Object::from_iter([("nickname".to_owned(), json!(nickname))]),
        company: None,
        segments: Vec::new(),
        notepad: None,
        active: Some(now),
        score: 0,
        data: Object::new(),
        events: Vec::new(),
        subscribed: true,
        created_at: now,
        updated_at: now,
    };
    website.people.insert(people_id.clone(), person);
    people_id
}

pub(in crate::crisp) fn state(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!({"state": website.conversation(call)?.state}))
}

/// Sets a state and what hangs on it.
pub(super) fn set_state(conversation: &mut Conversation, state: &str, now: i64) {
    state.clone_into(&mut conversation.state);
    conversation.updated_at = now;
    if state == "resolved" {
        conversation.waiting_since = None;
    }
}

pub(in crate::crisp) fn change_state(website: &mut Website, call: &Call) -> Outcome {
    let state = call.body.text("state").unwrap_or_default();
    let (conversation, now) = website.change(call)?;
    set_state(conversation, state, now);
    Ok(json!({}))
}

pub(in crate::crisp) fn relations(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let parent = conversation.parent.clone();
    let children = website.conversations.values();
    let children = children.filter(|other| other.parent.as_ref() == Some(&conversation.session_id));
    let children: Vec<_> = children.map(|child| &child.session_id).collect();
    Ok(json!({"conversations": {"parent": parent, "children": children}}))
}

pub(in crate::crisp) fn participants(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!({"participants": website.conversation(call)?.participants}))
}

pub(in crate::crisp) fn save_participants(website: &mut Website, call: &Call) -> Outcome {
    let participants = call.body.list("participants").cloned().unwrap_or_default();
    let (conversation, now) = website.change(call)?;
    conversation.participants = participants;
    conversation.updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn blocked(website: &mut Website, call: &Call) -> Outcome {
    Ok(json!({"blocked": website.conversation(call)?.is_blocked}))
}

pub(in crate::crisp) fn block(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, now) = website.change(call)?;
    conversation.is_blocked = call.body.boolean("blocked").unwrap_or_default();
    conversation.updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn pages(website: &mut Website, call: &Call) -> Outcome {
    Ok(page(website.conversation(call)?.pages.clone(), call, PAGE))
}

pub(in crate::crisp) fn events(website: &mut Website, call: &Call) -> Outcome {
    Ok(page(website.conversation(call)?.events.clone(), call, PAGE))
}
