//! Campaigns: writing, sending, what came of them.

use serde_json::{Value, json};

use super::super::access::Token;
use super::super::filters::{Filters, merge};
use super::super::records::{Campaign, Members, Object, PAGE, Person, Website, page, page_size};
use super::super::routes::Outcome;
use super::people_lists;
use crate::engine::{Call, Refusal};

/// Whether a campaign has all it needs to be sent.
fn ready(campaign: &Campaign) -> bool {
    let is_written = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let written = is_written(&campaign.subject) && is_written(&campaign.message) && campaign.sender.is_some();
    written && (campaign.kind == "one-shot" || campaign.flow.contains_key("launch_event"))
}

/// The status as the filters of the list name it.
fn status(campaign: &Campaign) -> &'static str {
    match campaign {
        one if one.progress >= 100 => "done",
        one if one.running => "sending",
        one if one.dispatched => "paused",
        one if ready(one) => "ready",
        _ => "not_configured",
    }
}

/// Whom a campaign goes to: those it describes who are subscribed.
fn recipients<'a>(website: &'a Website, campaign: &Campaign) -> Result<Vec<&'a Person>, Refusal> {
    let described = &campaign.recipients;
    let filters = described.list("filter").map(Vec::as_slice).unwrap_or_default();
    let filters = Filters::read(filters, None)?;
    let segments = described.texts("segments").unwrap_or_default();
    let people = described.texts("people").unwrap_or_default();
    let mut chosen = people_lists::admitted(website, &filters);
    chosen.retain(|person| {
        person.subscribed
            && (segments.is_empty() || person.segments.iter().any(|segment| segments.contains(segment)))
            && (people.is_empty() || people.contains(&person.people_id))
    });
    Ok(chosen)
}

fn excerpt(website: &Website, campaign: &Campaign) -> Value {
    let targets = recipients(website, campaign).map_or(0, |chosen| chosen.len());
    let mut shown = json!({
        "campaign_id": campaign.campaign_id,
        "type": campaign.kind,
        "format": campaign.format,
        "name": campaign.name,
        "subject": campaign.subject.as_deref().unwrap_or_default(),
        "tag": campaign.tag.as_deref().unwrap_or_default(),
        "ready": ready(campaign),
        "dispatched": campaign.dispatched,
        "running": campaign.running,
        "progress": campaign.progress,
        "targets": targets,
        "reached": campaign.reached.len(),
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
    });
    if let Some(at) = campaign.dispatched_at {
        shown["dispatched_at"] = json!(at);
    }
    shown
}

fn show(website: &Website, campaign: &Campaign) -> Value {
    let count = |kind: &str| campaign.statistics.iter().filter(|one| one["type"] == kind).count();
    let mut shown = excerpt(website, campaign);
    shown["recipients"] = json!(campaign.recipients);
    shown["flow"] = json!(campaign.flow);
    shown["message"] = json!(campaign.message.as_deref().unwrap_or_default());
    shown["options"] = json!(campaign.options);
    shown["statistics"] = json!({
        "opened": count("opened"),
        "clicked": count("clicked"),
        "unsubscribed": count("unsubscribed"),
    });
    if let Some(user_id) = &campaign.sender {
        shown["sender"] = json!({"user_id": user_id});
    }
    shown
}

fn place(website: &Website, call: &Call) -> Result<usize, Refusal> {
    let wanted = call.id("campaign_id");
    let place = website.campaigns.iter().position(|one| one.campaign_id == wanted);
    place.ok_or_else(|| Refusal::not_found("Campaign"))
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let words = call.text("search_name").to_lowercase();
    // Flags of a kind widen each other; none of a kind means all of it.
    let any = |prefix: &str, names: &[&str], own: &str| {
        let set = |name: &str| call.flag(&format!("{prefix}{name}"), false);
        !names.iter().any(|name| set(name)) || set(own)
    };
    let states = ["not_configured", "ready", "paused", "sending", "done"];
    let wanted = |one: &&Campaign| {
        one.name.to_lowercase().contains(&words)
            && call
                .given("filter_tag")
                .is_none_or(|tag| one.tag.as_deref() == Some(tag))
            && any("filter_type_", &["one_shot", "automated"], &one.kind.replace('-', "_"))
            && any("filter_status_", &states, status(one))
    };
    let listed = website.campaigns.iter().rev().filter(wanted);
    let shown = listed.map(|one| excerpt(website, one));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn tags(website: &mut Website, _: &Call) -> Outcome {
    let mut tags: Vec<_> = website.campaigns.iter().filter_map(|one| one.tag.clone()).collect();
    tags.sort();
    tags.dedup();
    Ok(json!(tags))
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    let now = website.tick();
    let campaign = Campaign {
        campaign_id: website.new_id(),
        kind: call.body.text("type").unwrap_or_default().to_owned(),
        format: "markdown".to_owned(),
        name: call.body.text("name").unwrap_or_default().to_owned(),
        subject: None,
        tag: None,
        sender: None,
        recipients: Object::from_iter([("type".to_owned(), json!("all"))]),
        flow: Object::new(),
        message: None,
        options: Object::from_iter([("deliver_to_email".to_owned(), json!(true))]),
        dispatched: false,
        running: false,
        progress: 0,
        reached: Vec::new(),
        statistics: Vec::new(),
        created_at: now,
        updated_at: now,
        dispatched_at: None,
    };
    let campaign_id = campaign.campaign_id.clone();
    website.campaigns.push(campaign);
    Ok(json!({"campaign_id": campaign_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    place(website, call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    Ok(show(website, &website.campaigns[place(website, call)?]))
}

/// Takes over what a body says; `whole` drops what it does not say.
fn write(website: &mut Website, call: &Call, whole: bool) -> Outcome {
    let (place, body) = (place(website, call)?, &call.body);
    if website.campaigns[place].dispatched && website.campaigns[place].kind == "one-shot" {
        return Err(Refusal::bad("A campaign that was dispatched cannot be changed"));
    }
    let kinds = ["one-shot", "automated"];
    if let Some(kind) = body.text("type").filter(|kind| !kinds.contains(kind)) {
        return Err(Refusal::bad(format!(
            "type must be one of {}, not `{kind}`",
            kinds.join(", ")
        )));
    }
    let sender = body.object("sender").and_then(|sender| sender.text("user_id"));
    sender.map(|user_id| website.check_operator(user_id)).transpose()?;
    let filters = body
        .object("recipients")
        .and_then(|recipients| recipients.list("filter"));
    filters.map(|filters| Filters::read(filters, None)).transpose()?;
    let now = website.tick();
    let campaign = &mut website.campaigns[place];
    campaign.updated_at = now;
    if whole {
        campaign.tag = None;
        campaign.recipients = Object::new();
        campaign.flow = Object::new();
        campaign.options = Object::new();
    }
    let text = |name: &str| body.text(name).map(str::to_owned);
    for (name, place) in [
        ("type", &mut campaign.kind),
        ("format", &mut campaign.format),
        ("name", &mut campaign.name),
    ] {
        if let Some(text) = text(name) {
            *place = text;
        }
    }
    for (name, place) in [
        ("subject", &mut campaign.subject),
        ("tag", &mut campaign.tag),
        ("message", &mut campaign.message),
    ] {
        if let Some(text) = text(name) {
            *place = Some(text);
        }
    }
    if let Some(user_id) = sender {
        campaign.sender = Some(user_id.to_owned());
    }
    for (name, place) in [
        ("recipients", &mut campaign.recipients),
        ("flow", &mut campaign.flow),
        ("options", &mut campaign.options),
    ] {
        if let Some(given) = body.object(name) {
            merge(place, given);
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    write(website, call, true)
}

pub(in crate::crisp) fn update(website: &mut Website, call: &Call) -> Outcome {
    write(website, call, false)
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call)?;
    website.tick();
    website.campaigns.remove(place);
    Ok(json!({}))
}

/// Changes a campaign that has one of these statuses.
fn turn(website: &mut Website, call: &Call, from: &str, change: impl Fn(&mut Campaign, i64)) -> Outcome {
    let place = place(website, call)?;
    let status = status(&website.campaigns[place]);
    if status != from {
        return Err(Refusal::bad(format!("The campaign is {status}, not {from}")));
    }
    let now = website.tick();
    let campaign = &mut website.campaigns[place];
    change(campaign, now);
    campaign.updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn dispatch(website: &mut Website, call: &Call) -> Outcome {
    turn(website, call, "ready", |campaign, now| {
        campaign.dispatched = true;
        campaign.running = true;
        campaign.dispatched_at = Some(now);
    })
}

pub(in crate::crisp) fn pause(website: &mut Website, call: &Call) -> Outcome {
    turn(website, call, "sending", |campaign, _| campaign.running = false)
}

pub(in crate::crisp) fn resume(website: &mut Website, call: &Call) -> Outcome {
    turn(website, call, "paused", |campaign, _| campaign.running = true)
}

/// Sends the campaign to the user alone.
pub(in crate::crisp) fn test(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let campaign = &website.campaigns[place(website, call)?];
    if campaign.message.is_none() {
        return Err(Refusal::bad("The campaign has no message"));
    }
    let to = website.operator(&token.subject).map(|operator| operator.email.clone());
    let details = json!({"campaign_id": campaign.campaign_id, "to": to});
    website.request("campaign test", details);
    Ok(json!({}))
}

/// Lets the one-shot campaigns that are under way come to their end: everybody is mailed.
pub(in crate::crisp) fn finish(website: &mut Website) {
    for place in 0..website.campaigns.len() {
        let campaign = &website.campaigns[place];
        if !campaign.running || campaign.kind != "one-shot" {
            continue;
        }
        // Filters were checked when they were written.
        let chosen = recipients(website, campaign).unwrap_or_default();
        let mails: Vec<_> = chosen
            .into_iter()
            .map(|person| (person.people_id.clone(), person.email.clone()))
            .collect();
        let campaign_id = campaign.campaign_id.clone();
        for (_, email) in &mails {
            website.sent("campaign", json!({"campaign_id": campaign_id, "email": email}));
        }
        let campaign = &mut website.campaigns[place];
        campaign.running = false;
        campaign.progress = 100;
        campaign.reached = mails.into_iter().map(|(people_id, _)| people_id).collect();
    }
}

fn face(person: &Person) -> Value {
    json!({"nickname": person.nickname(), "avatar": person.person.get("avatar")})
}

pub(in crate::crisp) fn recipients_list(website: &mut Website, call: &Call) -> Outcome {
    let chosen = recipients(website, &website.campaigns[place(website, call)?])?;
    let shown = chosen.into_iter().map(|person| {
        json!({
            "people_id": person.people_id,
            "email": person.email,
            "person": face(person),
            "subscribed": person.subscribed,
        })
    });
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn statistics(website: &mut Website, call: &Call) -> Outcome {
    let campaign = &website.campaigns[place(website, call)?];
    let done = campaign
        .statistics
        .iter()
        .filter(|one| one["type"] == call.id("action"));
    let shown = done.filter_map(|one| {
        let person = website.people.get(one["people_id"].as_str()?)?;
        let mut face = face(person);
        face["geolocation"] = person.person.get("geolocation").cloned().unwrap_or_default();
        Some(json!({
            "type": one["type"],
            "profile": {"people_id": person.people_id, "email": person.email, "person": face},
            "data": {},
            "created_at": one["created_at"],
            "updated_at": one["created_at"],
        }))
    });
    Ok(page(shown.collect(), call, page_size(call)))
}
