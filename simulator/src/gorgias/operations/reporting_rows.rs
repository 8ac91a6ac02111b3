//! What figures are counted from: one fact for each ticket, message, survey or tag that a scope is about.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, Ticket};
use super::super::time;

/// How a measure comes out of the numbers of its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Count,
    /// How many have a number.
    Counted,
    Average,
    Median,
    /// How many of a hundred have a number.
    Rate,
}

/// What a scope offers.
pub(super) struct Scope {
    pub(super) name: &'static str,
    pub(super) time: &'static str,
    pub(super) measures: &'static [(&'static str, Sum)],
    pub(super) dimensions: &'static [&'static str],
    /// Was seen to fail when it was asked.
    pub(super) fails: bool,
}

const USUAL: &[&str] = &["agentId", "channel", "integrationId", "storeId"];
const NO_AGENT: &[&str] = &["channel", "integrationId", "storeId"];
const TICKETS: &[(&str, Sum)] = &[("ticketCount", Sum::Count)];

const fn scope(
    name: &'static str,
    time: &'static str,
    measures: &'static [(&'static str, Sum)],
    dimensions: &'static [&'static str],
) -> Scope {
    Scope {
        name,
        time,
        measures,
        dimensions,
        fails: false,
    }
}

const fn failing(name: &'static str) -> Scope {
    Scope {
        fails: true,
        ..scope(name, "createdDatetime", &[], &[])
    }
}

const FIRST_RESPONSE: &[(&str, Sum)] = &[("medianFirstResponseTime", Sum::Median)];
const MESSAGES: &[(&str, Sum)] = &[("messagesCount", Sum::Count)];

pub(super) static SCOPES: &[Scope] = &[
    scope("tickets-closed", "closedDatetime", TICKETS, USUAL),
    scope("tickets-created", "createdDatetime", TICKETS, USUAL),
    scope("tickets-open", "createdDatetime", TICKETS, USUAL),
    scope("tickets-replied", "createdDatetime", TICKETS, USUAL),
    scope("one-touch-tickets", "closedDatetime", TICKETS, USUAL),
    scope("zero-touch-tickets", "closedDatetime", TICKETS, NO_AGENT),
    scope(
        "satisfaction-surveys",
        "createdDatetime",
        &[
            ("averageSurveyScore", Sum::Average),
            ("scoredSurveysCount", Sum::Counted),
            ("responseRate", Sum::Rate),
        ],
        USUAL,
    ),
    scope(
        "resolution-time",
        "createdDatetime",
        &[("medianResolutionTime", Sum::Median)],
        USUAL,
    ),
    scope("messages-sent", "sentDatetime", MESSAGES, USUAL),
    scope(
        "first-response-time",
        "firstAgentMessageDatetime",
        FIRST_RESPONSE,
        USUAL,
    ),
    scope(
        "human-first-response-time",
        "firstAgentMessageDatetime",
        FIRST_RESPONSE,
        USUAL,
    ),
    scope(
        "response-time",
        "sentDatetime",
        &[("medianResponseTime", Sum::Median)],
        USUAL,
    ),
    scope(
        "messages-per-ticket",
        "createdDatetime",
        &[("averageMessagesCount", Sum::Average)],
        USUAL,
    ),
    scope(
        "ticket-handle-time",
        "createdDatetime",
        &[("averageHandleTime", Sum::Average)],
        USUAL,
    ),
    failing("online-time"),
    scope("tags", "timestamp", TICKETS, &["tagId"]),
    scope(
        "auto-qa",
        "closedDatetime",
        &[("averageRatingScore", Sum::Average)],
        &["agentId", "channel", "integrationId", "storeId", "categoryName"],
    ),
    scope("messages-received", "sentDatetime", MESSAGES, NO_AGENT),
    failing("automation-rate"),
    scope("workload-tickets", "createdDatetime", TICKETS, &["agentId"]),
    scope(
        "automated-interactions",
        "createdDatetime",
        &[("automatedInteractions", Sum::Count)],
        &["eventType", "channel", "integrationId", "storeId"],
    ),
    scope("ticket-fields", "createdDatetime", TICKETS, &["customFieldValue"]),
    failing("voice-calls"),
    failing("voice-agent-events"),
    scope("ticket-sla", "anchorDatetime", TICKETS, &["status"]),
    scope(
        "knowledge-insights",
        "createdDatetime",
        &[("viewsCount", Sum::Count), ("clicksCount", Sum::Count)],
        &[],
    ),
    failing("voice-calls-summary"),
];

/// One thing that counts.
pub(super) struct Fact<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) when: i64,
    pub(super) dimensions: Object,
    pub(super) number: Option<f64>,
}

fn moment(record: &Object, name: &str) -> Option<i64> {
    record.text(name).and_then(time::parse)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of some months")]
fn seconds(from: i64, to: i64) -> f64 {
    (to - from).max(0) as f64 / time::SECOND as f64
}

fn is_reply(message: &&Object) -> bool {
    message.is("from_agent") && message.is("public")
}

/// The dimensions most scopes have.
fn dimensions(ticket: &Ticket) -> Object {
    let member = |name: &str| ticket.fields.get(name).cloned().unwrap_or_default();
    let mut integrations = ticket
        .messages
        .iter()
        .filter_map(|message| message.some("integration_id"));
    Object::from_iter([
        ("agentId".to_owned(), member("assignee_user_id")),
        ("channel".to_owned(), member("channel")),
        ("integrationId".to_owned(), json!(integrations.next())),
        ("storeId".to_owned(), Value::Null),
    ])
}

/// The agent who wrote a message, whoever the ticket is assigned to.
fn sender(message: &Object) -> Object {
    let id = message.get("sender").map(|sender| sender["id"].clone());
    Object::from_iter([("agentId".to_owned(), json!(id))])
}

/// What a ticket adds to a scope: moment, number, and dimensions of its own.
fn of_ticket(
    account: &Account,
    ticket: &Ticket,
    scope: &str,
    field: Option<i64>,
) -> Vec<(Option<i64>, Option<f64>, Object)> {
    let fields = &ticket.fields;
    let created = moment(fields, "created_datetime");
    let closed = moment(fields, "closed_datetime").filter(|_| fields.text("status") == Some("closed"));
    let replies = || ticket.messages.iter().filter(is_reply);
    let one = |wanted: bool, when: Option<i64>, number: Option<f64>| {
        if wanted {
            vec![(when, number, Object::new())]
        } else {
            Vec::new()
        }
    };
    let first = |by_people: bool| {
        let mut replies = replies().filter(|reply| !by_people || reply.some("rule_id").is_none());
        replies.next().and_then(|reply| moment(reply, "created_datetime"))
    };
    let response = |by_people: bool| {
        let reply = first(by_people);
        let number = created.zip(reply).map(|(created, reply)| seconds(created, reply));
        one(reply.is_some(), reply, number)
    };
    #[expect(clippy::cast_precision_loss, reason = "threads are short")]
    let messages = ticket.messages.len() as f64;
    match scope {
        "tickets-created" => one(true, created, None),
        "tickets-closed" => one(closed.is_some(), closed, None),
        "tickets-open" | "workload-tickets" => one(closed.is_none(), created, None),
        "tickets-replied" => one(first(false).is_some(), created, None),
        "one-touch-tickets" => one(closed.is_some() && replies().count() == 1, closed, None),
        "zero-touch-tickets" => one(closed.is_some() && replies().count() == 0, closed, None),
        "resolution-time" => {
            let number = created.zip(closed).map(|(created, closed)| seconds(created, closed));
            one(number.is_some(), created, number)
        }
        "first-response-time" => response(false),
        "human-first-response-time" => response(true),
        "messages-per-ticket" => one(true, created, Some(messages)),
        "ticket-handle-time" => {
            let last = replies()
                .next_back()
                .and_then(|reply| moment(reply, "created_datetime"));
            let number = first(false).zip(last).map(|(first, last)| seconds(first, last));
            one(number.is_some(), created, number)
        }
        "messages-sent" => replies()
            .map(|reply| (moment(reply, "sent_datetime"), None, sender(reply)))
            .collect(),
        "messages-received" => {
            let received = ticket.messages.iter().filter(|message| !message.is("from_agent"));
            received
                .map(|message| (moment(message, "created_datetime"), None, Object::new()))
                .collect()
        }
        "response-time" => {
            let mut asked = None;
            let mut facts = Vec::new();
            for message in &ticket.messages {
                let when = moment(message, "created_datetime");
                if !message.is("from_agent") {
                    asked = asked.or(when);
                } else if is_reply(&message)
                    && let Some((asked, when)) = asked.take().zip(when)
                {
                    facts.push((Some(when), Some(seconds(asked, when)), sender(message)));
                }
            }
            facts
        }
        "automated-interactions" => {
            let automatic = replies().filter(|reply| reply.some("rule_id").is_some());
            let kind = Object::from_iter([("eventType".to_owned(), json!("rule"))]);
            automatic
                .map(|reply| (moment(reply, "created_datetime"), None, kind.clone()))
                .collect()
        }
        "tags" => {
            let tags = fields.numbers("tags").into_iter();
            tags.map(|tag| (created, None, Object::from_iter([("tagId".to_owned(), json!(tag))])))
                .collect()
        }
        "ticket-fields" => {
            let value = field.and_then(|field| fields.inner("custom_fields")?.get(&field.to_string()));
            let value = value.map(|value| Object::from_iter([("customFieldValue".to_owned(), value["value"].clone())]));
            value.into_iter().map(|value| (created, None, value)).collect()
        }
        "satisfaction-surveys" => {
            let id = fields.number("id");
            let surveys = account
                .surveys
                .all()
                .filter(|(_, survey)| survey.number("ticket_id") == id);
            let fact = |survey: &Object| {
                let score = survey.get("score").and_then(Value::as_f64);
                (moment(survey, "created_datetime"), score, Object::new())
            };
            surveys.map(|(_, survey)| fact(survey)).collect()
        }
        // Nothing in the sample is rated, promised or looked up.
        _ => Vec::new(),
    }
}

/// The facts of a scope; `field` is the custom field it is about, where it is about one.
pub(super) fn facts<'a>(account: &'a Account, scope: &str, field: Option<i64>) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for ticket in account.tickets.values() {
        for (when, number, own) in of_ticket(account, ticket, scope, field) {
            let mut dimensions = dimensions(ticket);
            dimensions.extend(own);
            let Some(when) = when else { continue };
            facts.push(Fact {
                ticket,
                when,
                dimensions,
                number,
            });
        }
    }
    facts
}
