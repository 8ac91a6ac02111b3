//! Figures computed from the records.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::super::forms::{moment_text, parse_moment};
use super::super::records::{Conversation, Members, Message, Website};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// Something that happened: when, the value to be put together, and what it is split by.
struct Happening {
    at: i64,
    value: f64,
    part: Option<String>,
}

fn happening(at: i64, value: f64, part: Option<&str>) -> Happening {
    Happening {
        at,
        value,
        part: part.map(str::to_owned),
    }
}

fn civil(at: i64) -> DateTime {
    let moment = Timestamp::from_millisecond(at).unwrap_or_default();
    moment.to_zoned(TimeZone::UTC).datetime()
}

/// The first moment of the period a moment lies in.
fn period(at: i64, split: &str) -> Option<i64> {
    let civil = civil(at);
    let midnight = civil.date().to_datetime(jiff::civil::Time::midnight());
    let start = match split {
        "hour" => midnight.with().hour(civil.hour()).build().ok()?,
        "day" => midnight,
        "week" => midnight - i64::from(civil.weekday().to_monday_zero_offset()).days(),
        "month" => midnight.with().day(1).build().ok()?,
        "year" => midnight.with().month(1).day(1).build().ok()?,
        _ => return None,
    };
    Some(start.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// What a conversation contributes to a type of figure.
fn figure(conversation: &Conversation, kind: &str) -> Option<f64> {
    let count = |wanted: fn(&&Message) -> bool| conversation.messages.iter().filter(wanted).count() as f64;
    let asked = conversation.messages.iter().find(|message| message.by_user());
    let answered = asked.and_then(|asked| {
        let later = conversation
            .messages
            .iter()
            .filter(|one| one.timestamp >= asked.timestamp);
        later
            .filter(|one| one.to_customer())
            .map(|one| one.timestamp - asked.timestamp)
            .next()
    });
    match kind {
        "response_time" => answered.map(|time| time as f64),
        "resolution_time" | "handle_time" => {
            let resolved = conversation.state == "resolved";
            resolved.then(|| (conversation.updated_at - conversation.created_at) as f64)
        }
        "messages" => Some(count(|_| true)),
        "visitor_messages" => Some(count(|message| message.by_user())),
        "operator_messages" => Some(count(|message| !message.by_user())),
        "rating" => None,
        _ => Some(1.0),
    }
}

/// All that happened of a metric.
fn happenings(website: &Website, metric: &str, kind: &str) -> Vec<Happening> {
    let shown = website.conversations.values().filter(|one| one.visible);
    let counted = shown.filter_map(|one| Some((one, figure(one, kind)?)));
    match metric {
        "conversation" => counted
            .map(|(one, value)| happening(one.created_at, value, None))
            .collect(),
        "conversation_state" => counted
            .map(|(one, value)| happening(one.created_at, value, Some(&one.state)))
            .collect(),
        "conversation_assigned" => counted
            .filter_map(|(one, value)| Some(happening(one.created_at, value, Some(one.assigned.as_deref()?))))
            .collect(),
        "conversation_segment" => counted
            .flat_map(|(one, value)| {
                one.segments()
                    .map(move |segment| happening(one.created_at, value, Some(segment)))
            })
            .collect(),
        "people_created" => {
            let people = website.people.values();
            people.map(|person| happening(person.created_at, 1.0, None)).collect()
        }
        "visitor_visit" => {
            let pages = website.conversations.values().flat_map(|one| &one.pages);
            let times = pages.filter_map(|page| page["timestamp"].as_i64());
            times.map(|at| happening(at, 1.0, None)).collect()
        }
        "helpdesk_read" => {
            let articles = website.helpdesk.iter().flat_map(|helpdesk| &helpdesk.articles);
            articles
                .map(|article| happening(article.updated_at, article.visits as f64, Some(&article.locale)))
                .collect()
        }
        "campaign_sent" => {
            let sent = website
                .campaigns
                .iter()
                .filter_map(|one| Some((one, one.dispatched_at?)));
            sent.map(|(one, at)| happening(at, one.reached.len() as f64, Some(&one.name)))
                .collect()
        }
        "campaign_activity" => {
            let done = website.campaigns.iter().flat_map(|one| &one.statistics);
            done.filter_map(|one| Some(happening(one["created_at"].as_i64()?, 1.0, one["type"].as_str())))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn put_together(mut values: Vec<f64>, aggregator: &str) -> f64 {
    values.sort_by(f64::total_cmp);
    let sum: f64 = values.iter().sum();
    match aggregator {
        "average" | "moving_average" => sum / values.len() as f64,
        "median" => values[values.len() / 2],
        "minimum" => values[0],
        "maximum" => values[values.len() - 1],
        _ => sum,
    }
}

pub(in crate::crisp) fn generate(website: &mut Website, call: &Call) -> Outcome {
    let body = &call.body;
    let (metric, kind) = (
        body.text("metric").unwrap_or_default(),
        body.text("type").unwrap_or_default(),
    );
    let date = body.object("date").cloned().unwrap_or_default();
    let bound = |name: &str| {
        let text = date.text(name).unwrap_or_default();
        parse_moment(text).ok_or_else(|| Refusal::bad(format!("date.{name} must be an ISO 8601 date")))
    };
    let (from, to, split) = (bound("from")?, bound("to")?, date.text("split").unwrap_or_default());
    if period(from, split).is_none() {
        return Err(Refusal::bad("date.split must be hour, day, week, month or year"));
    }
    let times = matches!(kind, "response_time" | "resolution_time" | "handle_time");
    let aggregator = body.text("aggregator").unwrap_or(if times { "average" } else { "sum" });
    let splits = body.contains_key("split_by");
    let mut groups: BTreeMap<(i64, Option<String>), Vec<f64>> = BTreeMap::new();
    for one in happenings(website, metric, kind) {
        let Some(start) = period(one.at, split).filter(|_| (from..=to).contains(&one.at)) else {
            continue;
        };
        let part = one.part.filter(|_| splits);
        groups.entry((start, part)).or_default().push(one.value);
    }
    let points = groups.into_iter().map(|((start, part), values)| {
        let hits = values.len();
        let mut point = json!({"period": moment_text(start), "value": put_together(values, aggregator), "hits": hits});
        if let Some(part) = part {
            point["split_by"] = json!(part);
        }
        point
    });
    Ok(points.collect::<Vec<Value>>().into())
}
