//! What an account holds. Records are kept as they are answered, as JSON objects; what answers add is worked out when they
//! are shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::time;
use crate::engine::{Answer, Call, Refusal};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// What an operation answers.
pub(super) type Outcome = Result<Answer, Refusal>;

/// The members of a JSON value that must be an object.
pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        _ => Object::new(),
    }
}

/// Reading the members of an object.
pub(super) trait Members {
    fn number(&self, name: &str) -> Option<i64>;
    fn text(&self, name: &str) -> Option<&str>;
    fn is(&self, name: &str) -> bool;
    fn items(&self, name: &str) -> &[Value];
    fn inner(&self, name: &str) -> Option<&Object>;
    /// A member that is there and not null.
    fn some(&self, name: &str) -> Option<&Value>;
    /// The numbers in a list.
    fn numbers(&self, name: &str) -> Vec<i64> {
        self.items(name).iter().filter_map(Value::as_i64).collect()
    }
}

impl Members for Object {
    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn is(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn items(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn inner(&self, name: &str) -> Option<&Object> {
        self.get(name)?.as_object()
    }

    fn some(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// Records of one kind, by their number.
#[derive(Debug)]
pub(super) struct Table {
    records: BTreeMap<i64, Object>,
    what: &'static str,
    last: i64,
}

impl Table {
    /// An empty table whose first record gets the number after this one.
    pub(super) fn new(what: &'static str, last: i64) -> Self {
        Self {
            records: BTreeMap::new(),
            what,
            last,
        }
    }

    fn missing(&self) -> Refusal {
        Refusal::not_found(self.what)
    }

    pub(super) fn find(&self, id: i64) -> Option<&Object> {
        self.records.get(&id)
    }

    pub(super) fn get(&self, id: i64) -> Result<&Object, Refusal> {
        self.records.get(&id).ok_or_else(|| self.missing())
    }

    pub(super) fn change(&mut self, id: i64) -> Result<&mut Object, Refusal> {
        let missing = self.missing();
        self.records.get_mut(&id).ok_or(missing)
    }

    /// Adds a record; its number comes first in it and is given back.
    pub(super) fn add(&mut self, record: Object) -> i64 {
        self.last += 1;
        let mut whole = Object::from_iter([("id".to_owned(), json!(self.last))]);
        whole.extend(record);
        self.records.insert(self.last, whole);
        self.last
    }

    pub(super) fn remove(&mut self, id: i64) -> Result<Object, Refusal> {
        self.records.remove(&id).ok_or_else(|| self.missing())
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (i64, &Object)> {
        self.records.iter().map(|(id, record)| (*id, record))
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.records.values_mut()
    }

    /// All records by their number.
    fn state(&self) -> Value {
        let records = self.records.iter();
        Value::Object(
            records
                .map(|(id, record)| (id.to_string(), Value::Object(record.clone())))
                .collect(),
        )
    }

    /// The first record whose member has this text.
    pub(super) fn with(&self, name: &str, text: &str) -> Option<(i64, &Object)> {
        self.all().find(|(_, record)| record.text(name) == Some(text))
    }
}

/// A ticket and what was said in it, oldest first.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) fields: Object,
    pub(super) messages: Vec<Object>,
}

/// Everything of one account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) domain: String,
    pub(super) created_datetime: String,
    pub(super) now: i64,
    pub(super) settings: Table,
    pub(super) users: Table,
    pub(super) teams: Table,
    pub(super) customers: Table,
    pub(super) custom_fields: Table,
    pub(super) tags: Table,
    pub(super) macros: Table,
    pub(super) rules: Table,
    pub(super) views: Table,
    pub(super) integrations: Table,
    pub(super) widgets: Table,
    pub(super) surveys: Table,
    pub(super) jobs: Table,
    pub(super) files: Table,
    pub(super) voice_calls: Table,
    pub(super) voice_call_events: Table,
    pub(super) voice_call_recordings: Table,
    pub(super) tickets: BTreeMap<i64, Ticket>,
    pub(super) events: Table,
    /// By the number of a customer who is gone, the one who took over.
    pub(super) merged_customers: BTreeMap<i64, i64>,
    /// What went out to customers, oldest first.
    pub(super) sent: Vec<Value>,
    pub(super) last_ticket: i64,
    pub(super) last_message: i64,
    pub(super) last_channel: i64,
    /// Groups the events of one request.
    pub(super) chain: u64,
}

impl Account {
    /// All records. They are copied, as serializing them takes several times as long.
    pub(super) fn state(&self) -> Value {
        // All members are named, so that none is forgotten.
        let Self {
            domain,
            created_datetime,
            now,
            settings,
            users,
            teams,
            customers,
            custom_fields,
            tags,
            macros,
            rules,
            views,
            integrations,
            widgets,
            surveys,
            jobs,
            files,
            voice_calls,
            voice_call_events,
            voice_call_recordings,
            tickets,
            events,
            merged_customers,
            sent: _,
            last_ticket: _,
            last_message: _,
            last_channel: _,
            chain: _,
        } = self;
        let numbered = |(id, ticket): (&i64, &Ticket)| {
            let mut whole = ticket.fields.clone();
            let messages = ticket.messages.iter().cloned().map(Value::Object);
            whole.insert("messages".to_owned(), messages.collect());
            (id.to_string(), Value::Object(whole))
        };
        let merged = merged_customers.iter().map(|(id, into)| (id.to_string(), json!(into)));
        let members = [
            ("domain", json!(domain)),
            ("created_datetime", json!(created_datetime)),
            ("now", json!(time::text(*now))),
            ("settings", settings.state()),
            ("users", users.state()),
            ("teams", teams.state()),
            ("customers", customers.state()),
            ("custom_fields", custom_fields.state()),
            ("tags", tags.state()),
            ("macros", macros.state()),
            ("rules", rules.state()),
            ("views", views.state()),
            ("integrations", integrations.state()),
            ("widgets", widgets.state()),
            ("surveys", surveys.state()),
            ("jobs", jobs.state()),
            ("files", files.state()),
            ("voice_calls", voice_calls.state()),
            ("voice_call_events", voice_call_events.state()),
            ("voice_call_recordings", voice_call_recordings.state()),
            ("tickets", tickets.iter().map(numbered).collect()),
            ("events", events.state()),
            ("merged_customers", merged.collect()),
        ];
        Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// The moment, as answers have it.
    pub(super) fn now(&self) -> String {
        time::text(self.now)
    }

    /// Moves the clock by a second, as every change does, and gives the moment. What was waiting to be done is done.
    pub(super) fn tick(&mut self) -> String {
        self.pass(time::SECOND);
        self.chain += 1;
        self.now()
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, time: i64) {
        self.now = self.now.saturating_add(time);
        super::operations::sending::deliver(self);
        super::operations::job_runs::run_due(self);
    }

    pub(super) fn ticket(&self, id: i64) -> Result<&Ticket, Refusal> {
        self.tickets.get(&id).ok_or_else(|| Refusal::not_found("Ticket"))
    }

    pub(super) fn ticket_mut(&mut self, id: i64) -> Result<&mut Ticket, Refusal> {
        self.tickets.get_mut(&id).ok_or_else(|| Refusal::not_found("Ticket"))
    }

    /// Records something in the audit log.
    pub(super) fn note(&mut self, kind: &str, object_type: &str, id: i64, by: Option<i64>, data: Value) {
        let record = json!({
            "type": kind,
            "object_id": id,
            "object_type": object_type,
            "user_id": by,
            "context": format!("{:08x}-0000-4000-8000-{:012x}", self.now / time::SECOND, self.chain),
            "data": data,
            "created_datetime": self.now(),
        });
        self.events.add(object(record));
    }
}

/// A number in the path.
pub(super) fn id(call: &Call, name: &str) -> i64 {
    call.id(name).parse().unwrap_or(-1)
}

/// A number in the query.
pub(super) fn asked(call: &Call, name: &str) -> Option<i64> {
    call.given(name)?.parse().ok()
}

/// A flag in the query.
pub(super) fn flag(call: &Call, name: &str) -> Option<bool> {
    call.given(name).map(|text| matches!(text, "true" | "1"))
}

/// A record with its address.
pub(super) fn with_uri(record: &Object, path: &str) -> Value {
    let mut shown = record.clone();
    let id = record.number("id").unwrap_or_default();
    shown.insert("uri".to_owned(), json!(format!("/api/{path}/{id}/")));
    Value::Object(shown)
}

/// An un-paged list.
pub(super) fn list(items: Vec<Value>) -> Outcome {
    Ok(Answer::Json(json!({"data": items})))
}

pub(super) fn json_answer(value: Value) -> Outcome {
    Ok(Answer::Json(value))
}

/// Takes members over that a body has.
pub(super) fn take(record: &mut Object, body: &Object) {
    for (name, value) in body {
        record.insert(name.clone(), value.clone());
    }
}

/// Takes moments over as the vendor writes them.
pub(super) fn settle_moments(record: &mut Object) {
    for (name, value) in record.iter_mut() {
        if !name.ends_with("_datetime") {
            continue;
        }
        if let Some(moment) = value.as_str().and_then(time::parse) {
            *value = json!(time::text(moment));
        }
    }
}
