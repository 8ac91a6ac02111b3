//! What a workspace holds.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) use super::conversation_records::{Conversation, Message};
use super::helpdesk_records::Helpdesk;
use crate::engine::{Call, Refusal};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Size of the pages that cannot be sized.
pub(super) const PAGE: usize = 20;

/// A person: profile, custom data, events.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Person {
    pub(super) people_id: String,
    pub(super) email: String,
    pub(super) person: Object,
    pub(super) company: Option<Object>,
    pub(super) segments: Vec<String>,
    pub(super) notepad: Option<String>,
    pub(super) active: Option<i64>,
    pub(super) score: i64,
    pub(super) data: Object,
    /// Newest first.
    pub(super) events: Vec<Value>,
    pub(super) subscribed: bool,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

impl Person {
    pub(super) fn nickname(&self) -> &str {
        self.person.get("nickname").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Mail that was taken for spam before it became a conversation.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Spam {
    pub(super) spam_id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) metadata: Object,
    pub(super) headers: Object,
    pub(super) content: Object,
    pub(super) timestamp: i64,
}

/// Somebody on the website now.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Visitor {
    pub(super) session_id: String,
    pub(super) token_id: String,
    pub(super) inbox_id: Option<String>,
    pub(super) nickname: String,
    pub(super) email: Option<String>,
    pub(super) useragent: String,
    pub(super) active: bool,
    pub(super) page_title: String,
    pub(super) page_url: String,
    pub(super) geolocation: Value,
    pub(super) timezone: i64,
    pub(super) locales: Vec<String>,
}

/// A rule that keeps visitors out, and how many it kept.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BlockedRule {
    pub(super) rule: Vec<String>,
    pub(super) blocked: i64,
}

/// Somebody who works in the workspace.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Operator {
    pub(super) user_id: String,
    /// `operator`, or `invite` until accepted.
    pub(super) kind: &'static str,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) role: String,
    pub(super) title: String,
    pub(super) availability: String,
    pub(super) available_since: i64,
    pub(super) has_token: bool,
    pub(super) last_active: Option<i64>,
}

impl Operator {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// A part of the conversations.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Inbox {
    pub(super) inbox_id: String,
    pub(super) name: String,
    pub(super) emoji: String,
    pub(super) order: i64,
    pub(super) operators: Vec<String>,
    pub(super) teams: Vec<String>,
    pub(super) operator: String,
    pub(super) conditions: Vec<Value>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A group of operators.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Team {
    pub(super) team_id: String,
    pub(super) name: String,
    pub(super) emoji: String,
    pub(super) operators: Vec<String>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A campaign.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Campaign {
    pub(super) campaign_id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) format: String,
    pub(super) name: String,
    pub(super) subject: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) recipients: Object,
    pub(super) flow: Object,
    pub(super) message: Option<String>,
    pub(super) options: Object,
    pub(super) dispatched: bool,
    pub(super) running: bool,
    pub(super) progress: i64,
    pub(super) reached: Vec<String>,
    /// What people did: `type`, `people_id`, `created_at`.
    pub(super) statistics: Vec<Value>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) dispatched_at: Option<i64>,
}

/// A template of campaigns.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Template {
    pub(super) template_id: String,
    /// `static` ones are the vendor's.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) format: String,
    pub(super) content: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A plugin that is installed in a workspace.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Installed {
    pub(super) since: i64,
    pub(super) token: String,
    pub(super) settings: Object,
    pub(super) usage: Vec<Value>,
    /// What was forwarded to its channel, and its events.
    pub(super) payloads: Vec<Value>,
    pub(super) events: Vec<Value>,
}

/// The plan a workspace is on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) price: i64,
    pub(super) since: i64,
    pub(super) bill_period: String,
    pub(super) coupon_redeemed: bool,
}

/// A workspace; Crisp calls it a website.
#[derive(Debug, Serialize)]
pub(super) struct Website {
    /// Its name among the tenants.
    #[serde(skip)]
    pub(super) tenant: String,
    pub(super) website_id: String,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) logo: Option<String>,
    pub(super) deletion_at: Option<i64>,
    pub(super) settings: Object,
    pub(super) verify_enabled: bool,
    pub(super) verify_secret: String,
    pub(super) operators: Vec<Operator>,
    pub(super) inboxes: Vec<Inbox>,
    pub(super) teams: Vec<Team>,
    pub(super) conversations: BTreeMap<String, Conversation>,
    pub(super) people: BTreeMap<String, Person>,
    pub(super) spams: Vec<Spam>,
    pub(super) visitors: Vec<Visitor>,
    pub(super) blocked_rules: Vec<BlockedRule>,
    pub(super) helpdesk: Option<Helpdesk>,
    /// Whether the knowledge base still answers the routes it had before it became a tree.
    pub(super) legacy_helpdesk: bool,
    pub(super) campaigns: Vec<Campaign>,
    pub(super) templates: Vec<Template>,
    pub(super) plan: Option<Plan>,
    pub(super) plugins: BTreeMap<String, Installed>,
    /// Suggestions that were deleted: kind and text.
    pub(super) forgotten: BTreeSet<(&'static str, String)>,
    /// What reached customers because of a request, oldest first.
    pub(super) sent_to_customers: Vec<Value>,
    /// What was asked for and happens elsewhere, oldest first.
    pub(super) requests: Vec<Value>,
    /// The simulated clock in milliseconds since 1970.
    pub(super) now: i64,
    #[serde(skip)]
    pub(super) rng: Rng,
    #[serde(skip)]
    pub(super) last_fingerprint: i64,
}

/// A UUID, version 4 by its form.
pub(super) fn uuid(rng: &mut Rng) -> String {
    let bits = rng.u128(..);
    let hex = format!("{bits:032x}");
    let variant = char::from(b"89ab"[usize::from((bits >> 62) as u8 & 3)]);
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

impl Website {
    /// Moves the clock by a second, for a new record or a change.
    pub(super) fn tick(&mut self) -> i64 {
        self.now = self.now.saturating_add(1000);
        self.now
    }

    pub(super) fn new_id(&mut self) -> String {
        uuid(&mut self.rng)
    }

    /// A fingerprint that no message has yet.
    pub(super) fn new_fingerprint(&mut self) -> i64 {
        self.last_fingerprint += 7919;
        self.last_fingerprint
    }

    pub(super) fn conversation(&self, call: &Call) -> Result<&Conversation, Refusal> {
        let found = self.conversations.get(call.id("session_id"));
        found.ok_or_else(|| Refusal::not_found("Conversation"))
    }

    /// The conversation, to be changed at the time given with it.
    pub(super) fn change(&mut self, call: &Call) -> Result<(&mut Conversation, i64), Refusal> {
        let session = call.id("session_id");
        if !self.conversations.contains_key(session) {
            return Err(Refusal::not_found("Conversation"));
        }
        let now = self.tick();
        let found = self.conversations.get_mut(session);
        found
            .map(|one| (one, now))
            .ok_or_else(|| Refusal::not_found("Conversation"))
    }

    /// The identifier of the person that a path names by identifier or address.
    pub(super) fn people_id(&self, call: &Call) -> Result<String, Refusal> {
        let given = call.id("people_id");
        if self.people.contains_key(given) {
            return Ok(given.to_owned());
        }
        self.person_with(given)
            .map(|person| person.people_id.clone())
            .ok_or_else(|| Refusal::not_found("Person"))
    }

    pub(super) fn person(&self, call: &Call) -> Result<&Person, Refusal> {
        let people_id = self.people_id(call)?;
        self.people.get(&people_id).ok_or_else(|| Refusal::not_found("Person"))
    }

    /// The person, changed now.
    pub(super) fn change_person(&mut self, call: &Call) -> Result<&mut Person, Refusal> {
        let people_id = self.people_id(call)?;
        let now = self.tick();
        let person = self.people.get_mut(&people_id);
        let person = person.ok_or_else(|| Refusal::not_found("Person"))?;
        person.updated_at = now;
        Ok(person)
    }

    /// The person with this address; case does not matter.
    pub(super) fn person_with(&self, email: &str) -> Option<&Person> {
        self.people
            .values()
            .find(|person| person.email.eq_ignore_ascii_case(email))
    }

    pub(super) fn operator(&self, user_id: &str) -> Option<&Operator> {
        self.operators.iter().find(|operator| operator.user_id == user_id)
    }

    /// Checks that this is an operator.
    pub(super) fn check_operator(&self, user_id: &str) -> Result<(), Refusal> {
        match self.operator(user_id) {
            Some(operator) if operator.kind == "operator" => Ok(()),
            _ => Err(Refusal::bad(format!("No operator has the user_id {user_id}"))),
        }
    }

    pub(super) fn check_inbox(&self, inbox_id: &str) -> Result<(), Refusal> {
        if self.inboxes.iter().any(|inbox| inbox.inbox_id == inbox_id) {
            return Ok(());
        }
        Err(Refusal::bad(format!("No inbox has the inbox_id {inbox_id}")))
    }

    pub(super) fn helpdesk(&self) -> Result<&Helpdesk, Refusal> {
        self.helpdesk.as_ref().ok_or_else(|| Refusal::not_found("Helpdesk"))
    }

    pub(super) fn helpdesk_mut(&mut self) -> Result<&mut Helpdesk, Refusal> {
        self.helpdesk.as_mut().ok_or_else(|| Refusal::not_found("Helpdesk"))
    }

    /// Remembers what was asked for and happens elsewhere.
    pub(super) fn request(&mut self, kind: &str, details: Value) {
        let at = self.tick();
        self.requests.push(json!({"kind": kind, "at": at, "details": details}));
    }

    /// Remembers what reached a customer.
    pub(super) fn sent(&mut self, kind: &str, details: Value) {
        let at = self.now;
        self.sent_to_customers
            .push(json!({"kind": kind, "at": at, "details": details}));
    }
}

/// The items on the page that the path asks for.
pub(super) fn window<T>(items: Vec<T>, call: &Call, size: usize) -> impl Iterator<Item = T> {
    let number = call.id("page_number").parse::<usize>().unwrap_or(1);
    let start = number.saturating_sub(1).saturating_mul(size);
    items.into_iter().skip(start).take(size)
}

/// The page of a list that the path asks for.
pub(super) fn page(items: Vec<Value>, call: &Call, size: usize) -> Value {
    window(items, call, size).collect()
}

/// The page size asked for, 20 without.
pub(super) fn page_size(call: &Call) -> usize {
    call.number("per_page")
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(PAGE)
}

/// Milliseconds of a date parameter that was given.
pub(super) fn moment(call: &Call, name: &str) -> Option<i64> {
    call.given(name).and_then(super::forms::parse_moment)
}

/// Whether a moment lies within `filter_date_start` and `filter_date_end`.
pub(super) fn in_dates(call: &Call, at: i64) -> bool {
    moment(call, "filter_date_start").is_none_or(|start| start <= at)
        && moment(call, "filter_date_end").is_none_or(|end| at <= end)
}

/// Members of a checked body.
pub(super) trait Members {
    /// A string that was given.
    fn text(&self, name: &str) -> Option<&str>;
    /// An integer that was given.
    fn number(&self, name: &str) -> Option<i64>;
    /// A boolean that was given.
    fn boolean(&self, name: &str) -> Option<bool>;
    /// An object that was given.
    fn object(&self, name: &str) -> Option<&Object>;
    /// A list that was given.
    fn list(&self, name: &str) -> Option<&Vec<Value>>;
    /// The strings of a list that was given.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
}

impl Members for Object {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    fn object(&self, name: &str) -> Option<&Object> {
        self.get(name)?.as_object()
    }

    fn list(&self, name: &str) -> Option<&Vec<Value>> {
        self.get(name)?.as_array()
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let texts = self.list(name)?.iter().filter_map(Value::as_str);
        Some(texts.map(str::to_owned).collect())
    }
}
