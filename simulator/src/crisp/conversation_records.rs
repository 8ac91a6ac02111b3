//! Conversations and their messages.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::records::Object;
use crate::engine::Refusal;

/// A message of a conversation.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Message {
    pub(super) fingerprint: i64,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) origin: String,
    pub(super) content: Value,
    pub(super) timestamp: i64,
    pub(super) user: Option<Object>,
    pub(super) mentions: Vec<String>,
    /// The channel it was read on.
    pub(super) read: Option<String>,
    /// The channel it was delivered on.
    pub(super) delivered: Option<String>,
    pub(super) edited: bool,
    pub(super) stealth: bool,
    pub(super) translated: bool,
    pub(super) automated: bool,
    pub(super) references: Vec<Value>,
    pub(super) original_id: Option<String>,
    pub(super) properties: Object,
}

impl Message {
    pub(super) fn by_user(&self) -> bool {
        self.from == "user"
    }

    /// Whether the customer gets to see it.
    pub(super) fn to_customer(&self) -> bool {
        self.from == "operator" && !matches!(self.kind.as_str(), "note" | "event") && !self.stealth
    }

    /// What a list shows of it.
    pub(super) fn excerpt(&self) -> String {
        let text = match &self.content {
            Value::String(text) => text,
            Value::Object(members) => ["text", "name", "url", "namespace"]
                .iter()
                .find_map(|name| members.get(*name)?.as_str())
                .unwrap_or_default(),
            _ => "",
        };
        text.chars().take(120).collect()
    }
}

/// A conversation.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Conversation {
    pub(super) session_id: String,
    pub(super) people_id: Option<String>,
    pub(super) inbox_id: Option<String>,
    pub(super) state: String,
    /// Shown in lists: the visitor has written.
    pub(super) visible: bool,
    pub(super) is_verified: bool,
    pub(super) is_blocked: bool,
    pub(super) opened: bool,
    pub(super) purged: bool,
    pub(super) reported: Option<String>,
    /// When the visitor was last on line; `None` while on line.
    pub(super) left_at: Option<i64>,
    pub(super) topic: Option<String>,
    pub(super) verifications: Vec<Value>,
    /// Identity checks that wait for their code.
    pub(super) pending_verifications: Vec<Value>,
    pub(super) participants: Vec<Value>,
    pub(super) mentions: Vec<String>,
    pub(super) compose: Object,
    pub(super) assigned: Option<String>,
    pub(super) meta: Object,
    /// Oldest first.
    pub(super) messages: Vec<Message>,
    pub(super) originals: BTreeMap<String, Value>,
    pub(super) events: Vec<Value>,
    pub(super) pages: Vec<Value>,
    pub(super) browsing: Vec<Value>,
    pub(super) call: Option<Value>,
    pub(super) reminders: Vec<Value>,
    pub(super) parent: Option<String>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) waiting_since: Option<i64>,
}

impl Conversation {
    pub(super) fn new(session_id: String, now: i64) -> Self {
        Self {
            session_id,
            people_id: None,
            inbox_id: None,
            state: "pending".to_owned(),
            visible: false,
            is_verified: false,
            is_blocked: false,
            opened: false,
            purged: false,
            reported: None,
            left_at: Some(now),
            topic: None,
            verifications: Vec::new(),
            pending_verifications: Vec::new(),
            participants: Vec::new(),
            mentions: Vec::new(),
            compose: Object::new(),
            assigned: None,
            meta: Object::new(),
            messages: Vec::new(),
            originals: BTreeMap::new(),
            events: Vec::new(),
            pages: Vec::new(),
            browsing: Vec::new(),
            call: None,
            reminders: Vec::new(),
            parent: None,
            created_at: now,
            updated_at: now,
            waiting_since: None,
        }
    }

    /// How many messages each side has not read: operators, visitor.
    pub(super) fn unread(&self) -> (usize, usize) {
        let unread = |message: &&Message| message.read.is_none();
        let of = |wanted: fn(&Message) -> bool| self.messages.iter().filter(unread).filter(|one| wanted(one)).count();
        (of(Message::by_user), of(Message::to_customer))
    }

    pub(super) fn meta_text(&self, name: &str) -> Option<&str> {
        self.meta.get(name)?.as_str()
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        let segments = self.meta.get("segments").and_then(Value::as_array);
        segments.into_iter().flatten().filter_map(Value::as_str)
    }

    pub(super) fn message(&self, fingerprint: i64) -> Result<usize, Refusal> {
        let place = self.messages.iter().position(|one| one.fingerprint == fingerprint);
        place.ok_or_else(|| Refusal::not_found("Message"))
    }
}
