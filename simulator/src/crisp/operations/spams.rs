//! Mail taken for spam: the list, the content, the decision.

use serde_json::{Value, json};

use super::super::records::{Conversation, Members, Message, Object, PAGE, Spam, Website, page};
use super::super::routes::Outcome;
use super::{conversations, messages};
use crate::engine::{Call, Refusal};

fn show(spam: &Spam) -> Value {
    json!({
        "spam_id": spam.spam_id,
        "type": spam.kind,
        "reason": spam.reason,
        "metadata": spam.metadata,
        "headers": spam.headers,
        "timestamp": spam.timestamp,
    })
}

fn place(website: &Website, call: &Call) -> Result<usize, Refusal> {
    let place = website.spams.iter().position(|spam| spam.spam_id == call.id("spam_id"));
    place.ok_or_else(|| Refusal::not_found("Spam"))
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let kind = call.given("filter_type");
    let spams = website.spams.iter().rev();
    let spams = spams.filter(|spam| kind.is_none_or(|kind| spam.kind == kind));
    Ok(page(spams.map(show).collect(), call, PAGE))
}

pub(in crate::crisp) fn content(website: &mut Website, call: &Call) -> Outcome {
    let spam = &website.spams[place(website, call)?];
    let mut shown = show(spam);
    shown["content"] = json!(spam.content);
    Ok(shown)
}

/// Accepted spam becomes a conversation, rejected spam goes.
pub(in crate::crisp) fn decide(website: &mut Website, call: &Call) -> Outcome {
    let spam = place(website, call)?;
    let spam = website.spams.remove(spam);
    let now = website.tick();
    if call.body.text("action") == Some("reject") {
        return Ok(json!({}));
    }
    let session_id = format!("session_{}", website.new_id());
    let mut conversation = Conversation::new(session_id.clone(), now);
    let email = spam.metadata.text("from").unwrap_or_default().to_owned();
    conversation.people_id = Some(conversations::person_for(website, &email, None));
    for (name, value) in [("email", json!(email)), ("origin", json!("email"))] {
        conversation.meta.insert(name.to_owned(), value);
    }
    if let Some(subject) = spam.metadata.get("subject") {
        conversation.meta.insert("subject".to_owned(), subject.clone());
    }
    let message = Message {
        fingerprint: website.new_fingerprint(),
        kind: "text".to_owned(),
        from: "user".to_owned(),
        origin: "email".to_owned(),
        content: spam.content.get("text").cloned().unwrap_or_default(),
        timestamp: spam.timestamp,
        user: None,
        mentions: Vec::new(),
        read: None,
        delivered: None,
        edited: false,
        stealth: false,
        translated: false,
        automated: false,
        references: Vec::new(),
        original_id: None,
        properties: Object::new(),
    };
    messages::receive(&mut conversation, message, now);
    website.conversations.insert(session_id, conversation);
    Ok(json!({}))
}
