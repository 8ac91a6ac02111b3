//! Messages: sending, reading, changing, marking.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::access::{Tier, Token};
use super::super::records::{Conversation, Members, Message, Object, PAGE, Website, page};
use super::super::routes::Outcome;
use super::super::shapes::{
    ANIMATION_CONTENT, AUDIO_CONTENT, CAROUSEL_CONTENT, EVENT_CONTENT, FIELD_CONTENT, FILE_CONTENT, PICKER_CONTENT,
};
use crate::engine::{Call, Kind, Refusal, problems_with};

/// Checks a content by the type of its message.
fn check_content(kind: &str, content: &Value) -> Result<(), Refusal> {
    let wanted = match kind {
        "file" => Kind::Object(&FILE_CONTENT),
        "animation" => Kind::Object(&ANIMATION_CONTENT),
        "audio" => Kind::Object(&AUDIO_CONTENT),
        "picker" => Kind::Object(&PICKER_CONTENT),
        "field" => Kind::Object(&FIELD_CONTENT),
        "carousel" => Kind::Object(&CAROUSEL_CONTENT),
        "event" => Kind::Object(&EVENT_CONTENT),
        _ => Kind::Text,
    };
    let problems = problems_with(&wanted, content, "content");
    if problems.is_empty() {
        return Ok(());
    }
    Err(Refusal::bad(format!("{} (type {kind})", problems.join("; "))))
}

/// A message as answers show it.
pub(super) fn show(website: &Website, conversation: &Conversation, message: &Message) -> Value {
    let mut shown = json!({
        "session_id": conversation.session_id,
        "website_id": website.website_id,
        "type": message.kind,
        "from": message.from,
        "origin": message.origin,
        "content": message.content,
        "preview": [],
        "mentions": message.mentions,
        "edited": message.edited,
        "translated": message.translated,
        "automated": message.automated,
        "stamped": true,
        "fingerprint": message.fingerprint,
        "timestamp": message.timestamp,
        "references": message.references,
        "properties": message.properties,
    });
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown[name] = value;
        }
    };
    put("user", json!(message.user));
    put("read", json!(message.read));
    put("delivered", json!(message.delivered));
    if let Some(original_id) = &message.original_id {
        put("original", json!({"original_id": original_id}));
    }
    shown
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let all = &conversation.messages;
    let time = |name: &str| call.number(name).map(|time| i64::try_from(time).unwrap_or(i64::MAX));
    let first_from = |time: i64| all.partition_point(|message| message.timestamp < time);
    let first_after = |time: i64| all.partition_point(|message| message.timestamp <= time);
    let (start, end) = match (
        time("timestamp_before"),
        time("timestamp_after"),
        time("timestamp_around"),
    ) {
        (None, None, None) => (all.len().saturating_sub(PAGE), all.len()),
        (Some(before), None, None) => {
            let end = first_from(before);
            (end.saturating_sub(PAGE), end)
        }
        (None, Some(after), None) => {
            let start = first_after(after);
            (start, (start + PAGE).min(all.len()))
        }
        (None, None, Some(around)) => {
            let start = first_from(around).saturating_sub(PAGE / 2);
            (start, (start + PAGE).min(all.len()))
        }
        _ => {
            return Err(Refusal::bad(
                "Only one of timestamp_before, timestamp_after and timestamp_around may be given",
            ));
        }
    };
    let batch = all[start..end].iter();
    Ok(batch.map(|message| show(website, conversation, message)).collect())
}

/// Who signs a message that names nobody.
fn signature(website: &Website, conversation: &Conversation, from: &str, token: &Token) -> Object {
    let named = |fields: Value| fields.as_object().cloned().unwrap_or_default();
    if from == "user" {
        let nickname = conversation.meta_text("nickname").unwrap_or("visitor");
        return named(json!({"user_id": conversation.people_id, "nickname": nickname}))
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect();
    }
    match (token.tier, website.operator(&token.subject)) {
        (Tier::User, Some(operator)) => named(json!({"user_id": operator.user_id, "nickname": operator.name()})),
        _ => named(json!({"type": "website", "nickname": website.name})),
    }
}

pub(in crate::crisp) fn send(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let body = &call.body;
    let (kind, from) = (
        body.text("type").unwrap_or_default(),
        body.text("from").unwrap_or_default(),
    );
    let content = body.get("content").cloned().unwrap_or_default();
    check_content(kind, &content)?;
    if kind == "note" && from == "user" {
        return Err(Refusal::bad("A note is from operator"));
    }
    let conversation = website.conversation(call)?;
    if conversation.is_blocked && from == "user" {
        return Err(Refusal::forbidden("The visitor of this conversation is blocked"));
    }
    if let Some(given) = body.number("fingerprint")
        && conversation.message(given).is_ok()
    {
        // Sent before: there stays one message.
        return Ok(json!({"fingerprint": given}));
    }
    let user = match body.object("user") {
        Some(user) => user.clone(),
        None => signature(website, conversation, from, token),
    };
    let fingerprint = body.number("fingerprint").unwrap_or_else(|| website.new_fingerprint());
    let original = body.object("original").cloned();
    let original_id = original.as_ref().map(|_| website.new_id());
    let website_id = website.website_id.clone();
    let (conversation, now) = website.change(call)?;
    let message = Message {
        fingerprint,
        kind: kind.to_owned(),
        from: from.to_owned(),
        origin: body.text("origin").unwrap_or_default().to_owned(),
        content,
        timestamp: body.number("timestamp").unwrap_or(now),
        user: Some(user),
        mentions: body.texts("mentions").unwrap_or_default(),
        read: None,
        delivered: None,
        edited: false,
        stealth: body.boolean("stealth").unwrap_or_default(),
        translated: body.boolean("translated").unwrap_or_default(),
        automated: body.boolean("automated").unwrap_or_default(),
        references: body.list("references").cloned().unwrap_or_default(),
        original_id: original_id.clone(),
        properties: body.object("properties").cloned().unwrap_or_default(),
    };
    if let Some((original_id, original)) = original_id.zip(original) {
        let kept = json!({
            "website_id": website_id,
            "session_id": conversation.session_id,
            "original_id": original_id,
            "type": original.get("type"),
            "headers": {},
            "content": original.get("content"),
            "timestamp": message.timestamp,
        });
        conversation.originals.insert(original_id, kept);
    }
    let to_customer = message.to_customer();
    let details = json!({
        "session_id": conversation.session_id,
        "fingerprint": fingerprint,
        "type": message.kind,
        "content": message.content,
    });
    receive(conversation, message, now);
    if to_customer {
        website.sent("message", details);
    }
    Ok(json!({"fingerprint": fingerprint}))
}

/// Puts a message into its place, and the conversation into the state that follows from it.
pub(in crate::crisp) fn receive(conversation: &mut Conversation, message: Message, now: i64) {
    if message.by_user() {
        conversation.visible = true;
        if conversation.waiting_since.is_none() {
            conversation.waiting_since = Some(message.timestamp);
        }
        if conversation.state == "resolved" {
            "unresolved".clone_into(&mut conversation.state);
        }
    } else if message.to_customer() {
        conversation.waiting_since = None;
        "unresolved".clone_into(&mut conversation.state);
    }
    for mention in &message.mentions {
        if !conversation.mentions.contains(mention) {
            conversation.mentions.push(mention.clone());
        }
    }
    conversation.updated_at = now;
    let place = conversation
        .messages
        .partition_point(|other| other.timestamp <= message.timestamp);
    conversation.messages.insert(place, message);
}

fn fingerprint(call: &Call) -> i64 {
    call.id("fingerprint").parse().unwrap_or_default()
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let place = conversation.message(fingerprint(call))?;
    Ok(show(website, conversation, &conversation.messages[place]))
}

pub(in crate::crisp) fn update(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let place = conversation.message(fingerprint(call))?;
    let content = call.body.get("content").cloned().unwrap_or_default();
    check_content(&conversation.messages[place].kind, &content)?;
    if conversation.meta_text("origin").is_some_and(|origin| origin != "chat") {
        return Err(Refusal::forbidden(
            "Only messages of conversations born in the chatbox can be edited",
        ));
    }
    let (conversation, now) = website.change(call)?;
    conversation.updated_at = now;
    let message = &mut conversation.messages[place];
    message.content = content;
    message.edited = true;
    Ok(json!({}))
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    let place = website.conversation(call)?.message(fingerprint(call))?;
    let (conversation, now) = website.change(call)?;
    conversation.messages.remove(place);
    conversation.updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn compose(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let user = website.operator(&token.subject);
    let user = user.map(|operator| json!({"user_id": operator.user_id, "nickname": operator.name()}));
    let (conversation, now) = website.change(call)?;
    let body = &call.body;
    let side = if body.text("from") == Some("user") {
        "visitor"
    } else {
        "operator"
    };
    let mut atom = json!({
        "type": body.get("type"),
        "excerpt": body.text("excerpt").unwrap_or_default(),
        "timestamp": now,
        "automated": body.boolean("automated").unwrap_or_default(),
    });
    if let (Some(user), "operator") = (user, side) {
        atom["user"] = user;
    }
    conversation.compose.insert(side.to_owned(), atom);
    Ok(json!({}))
}

/// The fingerprints of a body, numbers or numbers as text; `None` when none are given.
fn fingerprints(body: &Object) -> Result<Option<HashSet<i64>>, Refusal> {
    let Some(given) = body.list("fingerprints") else {
        return Ok(None);
    };
    let read = |value: &Value| {
        value
            .as_i64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    };
    let wrong = |value: &Value| Refusal::bad(format!("{value} is no fingerprint"));
    let numbers = given.iter().map(|value| read(value).ok_or_else(|| wrong(value)));
    numbers.collect::<Result<_, _>>().map(Some)
}

/// Does something to the messages of one side, all of them or those named.
fn mark(website: &mut Website, call: &Call, change: impl Fn(&mut Message, &str)) -> Outcome {
    let named = fingerprints(&call.body)?;
    let (conversation, _) = website.change(call)?;
    if let Some(named) = &named
        && let Some(unknown) = named.iter().find(|number| conversation.message(**number).is_err())
    {
        return Err(Refusal::bad(format!("No message has the fingerprint {unknown}")));
    }
    let body = &call.body;
    for message in &mut conversation.messages {
        let meant = named.as_ref().is_none_or(|named| named.contains(&message.fingerprint));
        if meant && Some(message.from.as_str()) == body.text("from") {
            change(message, body.text("origin").unwrap_or_default());
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn mark_read(website: &mut Website, call: &Call) -> Outcome {
    mark(website, call, |message, origin| message.read = Some(origin.to_owned()))
}

pub(in crate::crisp) fn mark_delivered(website: &mut Website, call: &Call) -> Outcome {
    mark(website, call, |message, origin| {
        message.delivered = Some(origin.to_owned())
    })
}

/// The last message of the side is as if it had not been read.
pub(in crate::crisp) fn mark_unread(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    let from = call.body.text("from").unwrap_or_default();
    let last = conversation
        .messages
        .iter_mut()
        .rev()
        .find(|message| message.from == from);
    if let Some(last) = last {
        last.read = None;
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn original(website: &mut Website, call: &Call) -> Outcome {
    let original = website.conversation(call)?.originals.get(call.id("original_id"));
    original.cloned().ok_or_else(|| Refusal::not_found("Original message"))
}

pub(in crate::crisp) fn files(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let files = conversation
        .messages
        .iter()
        .rev()
        .filter(|message| message.kind == "file");
    let files = files.map(|message| {
        json!({
            "name": message.content["name"],
            "type": message.content["type"],
            "url": message.content["url"],
            "fingerprint": message.fingerprint,
            "timestamp": message.timestamp,
        })
    });
    Ok(page(files.collect(), call, PAGE))
}
