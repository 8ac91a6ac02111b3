//! Searching tickets: free text or per field, at most 1000 tickets reachable.

use serde_json::{Map, Value, json};

use super::page_size;
use super::records::{Tenant, Ticket, flatten};
use super::tickets::{View, show};
use crate::engine::{Answer, Call, Refusal};

/// Search stops serving after so many tickets.
const REACHABLE: usize = 1000;

const SUBJECT_AND_NUMBER: i64 = 1;
const DESCRIPTION: i64 = 2;
const MESSAGES: i64 = 3;
const ATTACHMENT_NAMES: i64 = 4;
const CUSTOM_FIELDS: i64 = 5;
const CONTACT_AND_COMPANY: i64 = 6;
const ARCHIVED: i64 = 7;

/// What is looked for.
enum Query {
    /// A text in any of these areas.
    Anywhere { text: String, areas: Vec<i64> },
    /// Every text in one of its fields.
    Fields(Vec<(String, Vec<String>)>),
}

fn wrong(what: &str) -> Refusal {
    Refusal::bad(format!("search_query: {what}"))
}

fn query_text(object: &Map<String, Value>) -> Result<String, Refusal> {
    match object.get("query") {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.to_lowercase()),
        Some(Value::String(_)) => Err(wrong("query is empty")),
        _ => Err(wrong("query must be a string")),
    }
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(wrong(&format!("unknown name {name}"))),
        None => Ok(()),
    }
}

fn read(tenant: &Tenant, kind: &str, text: &str) -> Result<Query, Refusal> {
    let object: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| wrong(&format!("not a JSON object: {error}")))?;
    if kind == "1" {
        only(&object, &["query", "search_in"])?;
        let areas = match object.get("search_in") {
            // Guess: everywhere but the archive, when no area is given.
            None => (SUBJECT_AND_NUMBER..=CONTACT_AND_COMPANY).collect(),
            Some(Value::Array(areas)) => areas
                .iter()
                .map(|area| {
                    area.as_i64()
                        .filter(|area| (SUBJECT_AND_NUMBER..=ARCHIVED).contains(area))
                })
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| wrong("search_in must be a list of the integers 1 to 7"))?,
            Some(_) => return Err(wrong("search_in must be a list")),
        };
        return Ok(Query::Anywhere {
            text: query_text(&object)?,
            areas,
        });
    }
    only(&object, &["search_term"])?;
    let Some(Value::Array(terms)) = object.get("search_term") else {
        return Err(wrong("search_term must be a list"));
    };
    if terms.is_empty() {
        return Err(wrong("search_term is empty"));
    }
    let terms = terms.iter().map(|term| {
        let term = term
            .as_object()
            .ok_or_else(|| wrong("a search_term must be an object"))?;
        only(term, &["query", "search_in"])?;
        let fields = match term.get("search_in") {
            None => vec!["subject".to_owned()],
            Some(Value::Array(fields)) => fields
                .iter()
                .map(|field| {
                    field
                        .as_str()
                        .filter(|field| is_field(tenant, field))
                        .map(str::to_owned)
                })
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| wrong("search_in must list subject, ticket_number or cf_ fields"))?,
            Some(_) => return Err(wrong("search_in must be a list")),
        };
        Ok((query_text(term)?, fields))
    });
    Ok(Query::Fields(terms.collect::<Result<_, _>>()?))
}

fn is_field(tenant: &Tenant, name: &str) -> bool {
    matches!(name, "subject" | "ticket_number") || tenant.ticket_fields.iter().any(|field| field.key == name)
}

fn hits(text: &str, wanted: &str) -> usize {
    text.to_lowercase().matches(wanted).count()
}

fn custom_hits(value: &Value, wanted: &str) -> usize {
    match value {
        Value::String(text) => hits(text, wanted),
        Value::Null => 0,
        other => {
            let text = other.to_string();
            usize::from(text == wanted)
        }
    }
}

/// How well a ticket matches; 0 is not at all.
fn score(tenant: &Tenant, ticket: &Ticket, query: &Query) -> usize {
    let number = ticket.ticket_number.to_string();
    match query {
        Query::Anywhere { text, areas } => {
            if ticket.archived && !areas.contains(&ARCHIVED) {
                return 0;
            }
            let mut areas = areas.clone();
            if areas == [ARCHIVED] {
                // Guess: the archive alone means its subjects and numbers.
                areas.push(SUBJECT_AND_NUMBER);
            }
            areas
                .iter()
                .map(|area| area_score(tenant, ticket, *area, text, &number))
                .sum()
        }
        Query::Fields(_) if ticket.archived => 0,
        Query::Fields(terms) => {
            let scores: Vec<usize> = terms
                .iter()
                .map(|(text, fields)| {
                    let in_field = |field: &String| match field.as_str() {
                        "subject" => hits(&ticket.subject, text),
                        "ticket_number" => usize::from(number == *text),
                        key => ticket
                            .custom_fields
                            .get(key)
                            .map_or(0, |value| custom_hits(value, text)),
                    };
                    fields.iter().map(in_field).sum()
                })
                .collect();
            if scores.contains(&0) { 0 } else { scores.iter().sum() }
        }
    }
}

fn area_score(tenant: &Tenant, ticket: &Ticket, area: i64, text: &str, number: &str) -> usize {
    let messages = tenant.messages(ticket.ticket_number);
    match area {
        SUBJECT_AND_NUMBER => 3 * hits(&ticket.subject, text) + 10 * usize::from(number == text),
        DESCRIPTION => ticket
            .description
            .as_deref()
            .map_or(0, |html| hits(&flatten(html), text)),
        MESSAGES => messages.iter().map(|message| hits(&flatten(&message.body), text)).sum(),
        ATTACHMENT_NAMES => ticket
            .attachments
            .iter()
            .chain(messages.iter().flat_map(|message| &message.attachments))
            .filter_map(|id| tenant.attachment(*id))
            .map(|attachment| hits(&attachment.file_name, text))
            .sum(),
        CUSTOM_FIELDS => ticket
            .custom_fields
            .values()
            .filter(|value| value.is_string())
            .map(|value| custom_hits(value, text))
            .sum(),
        CONTACT_AND_COMPANY => {
            let contact = tenant.contact(&ticket.contact_email);
            contact.map_or(0, |contact| hits(&contact.name, text))
                + contact
                    .and_then(|contact| contact.company_name.as_deref())
                    .map_or(0, |name| hits(name, text))
        }
        _ => 0,
    }
}

pub(super) fn search(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let query = read(tenant, call.text("search_type"), call.text("search_query"))?;
    let include_merged = call.flag("include_merged", true);
    let mut matches: Vec<(usize, &Ticket)> = tenant
        .tickets
        .iter()
        .filter(|ticket| include_merged || !ticket.merged)
        .map(|ticket| (score(tenant, ticket, &query), ticket))
        .filter(|(score, _)| *score > 0)
        .collect();
    match call.given("order_by") {
        Some("created_time") => matches.sort_by_key(|(_, ticket)| (ticket.created_on, ticket.ticket_number)),
        Some("updated_time") => matches.sort_by_key(|(_, ticket)| (ticket.last_change(), ticket.ticket_number)),
        _ => matches.sort_by_key(|(score, ticket)| (*score, ticket.ticket_number)),
    }
    matches.reverse();
    let view = View::listed(call);
    let offset = usize::try_from(call.number("offset").unwrap_or(0)).unwrap_or(usize::MAX);
    let tickets: Vec<Value> = matches
        .iter()
        .take(REACHABLE)
        .skip(offset)
        .take(page_size(call, "ticket_count"))
        .map(|(_, ticket)| show(tenant, ticket, view, &call.origin))
        .collect();
    Ok(Answer::Json(json!({"count": matches.len(), "tickets": tickets})))
}
