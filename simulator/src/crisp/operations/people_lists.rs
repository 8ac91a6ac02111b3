//! Lists of people and what can be said of all of them.

use serde_json::{Value, json};

use super::super::filters::Filters;
use super::super::records::{Members, Object, PAGE, Person, Website, in_dates, page, page_size, window};
use super::super::routes::Outcome;
use super::conversation_lists::{forget, suggestions};
use super::people;
use crate::engine::{Call, Refusal};

pub(in crate::crisp) fn statistics(website: &mut Website, _: &Call) -> Outcome {
    Ok(json!({"total": website.people.len()}))
}

/// The people that pass filters.
pub(super) fn admitted<'a>(website: &'a Website, filters: &Filters) -> Vec<&'a Person> {
    let admits =
        |person: &&Person| filters.is_empty() || filters.admit(&json!({"people": people::record(website, person)}));
    website.people.values().filter(admits).collect()
}

/// The people a batch or an export means: those named, and those found.
pub(super) fn selected(website: &Website, selector: &Object) -> Result<Vec<String>, Refusal> {
    let mut selected = selector.texts("profiles").unwrap_or_default();
    if let Some(unknown) = selected.iter().find(|id| !website.people.contains_key(*id)) {
        return Err(Refusal::not_found(&format!("Person {unknown}")));
    }
    if let Some(search) = selector.object("search") {
        let values = search.list("filter").map(Vec::as_slice).unwrap_or_default();
        let filters = Filters::read(values, search.text("operator"))?;
        let found = admitted(website, &filters);
        selected.extend(found.into_iter().map(|person| person.people_id.clone()));
    }
    Ok(selected)
}

/// Orders people; an unknown field leaves the newest first.
fn sort(listed: &mut [&Person], field: &str, descending: bool) {
    let text = |person: &Person| match field {
        "email" => person.email.to_lowercase(),
        "nickname" => person.nickname().to_lowercase(),
        _ => String::new(),
    };
    let number = |person: &Person| match field {
        "email" | "nickname" => 0,
        "created_at" => person.created_at,
        "active" => person.active.unwrap_or_default(),
        "score" => person.score,
        _ => person.updated_at,
    };
    listed.sort_by_key(|one| (text(one), number(one)));
    if descending {
        listed.reverse();
    }
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let operator = call.given("search_operator");
    let filters = Filters::parse(call.given("search_filter").unwrap_or("[]"), operator)?;
    let words = call.text("search_text").to_lowercase();
    let mentions = |person: &Person| {
        let company = person.company.as_ref().and_then(|company| company.text("name"));
        [person.email.as_str(), person.nickname(), company.unwrap_or_default()]
            .iter()
            .any(|text| text.to_lowercase().contains(&words))
    };
    let mut listed = admitted(website, &filters);
    listed.retain(|person| mentions(person) && in_dates(call, person.updated_at));
    let descending = call.given("sort_order") != Some("ascending");
    sort(&mut listed, call.text("sort_field"), descending);
    let listed = window(listed, call, page_size(call));
    Ok(listed.map(|person| people::show(website, person)).collect())
}

pub(in crate::crisp) fn conversations(website: &mut Website, call: &Call) -> Outcome {
    let people_id = website.people_id(call)?;
    let flag = |name: &str| call.flag(name, false);
    let mut listed: Vec<_> = website
        .conversations
        .values()
        .filter(|one| one.people_id.as_ref() == Some(&people_id))
        .filter(|one| !flag("filter_unread") || one.unread().0 > 0)
        .filter(|one| !flag("filter_resolved") || one.state == "resolved")
        .filter(|one| !flag("filter_not_resolved") || one.state != "resolved")
        .collect();
    listed.sort_by_key(|one| std::cmp::Reverse(one.updated_at));
    let ids = listed.into_iter().map(|one| json!(one.session_id));
    Ok(page(ids.collect(), call, PAGE))
}

pub(in crate::crisp) fn campaigns(website: &mut Website, call: &Call) -> Outcome {
    let people_id = website.people_id(call)?;
    let reached = website
        .campaigns
        .iter()
        .rev()
        .filter(|campaign| campaign.reached.contains(&people_id));
    let shown = reached.map(|campaign| {
        let done = campaign
            .statistics
            .iter()
            .filter(|one| one["people_id"] == people_id.as_str());
        let done: Vec<_> = done.map(|one| one["type"].clone()).collect();
        json!({
            "campaign_id": campaign.campaign_id,
            "type": campaign.kind,
            "name": campaign.name,
            "created_at": campaign.created_at,
            "updated_at": campaign.updated_at,
            "dispatched_at": campaign.dispatched_at,
            "occurred_at": campaign.dispatched_at,
            "statistics": done,
        })
    });
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn suggested_segments(website: &mut Website, call: &Call) -> Outcome {
    let segments = website
        .people
        .values()
        .flat_map(|person| person.segments.iter().cloned());
    Ok(suggestions(website, call, "people segment", "segment", segments))
}

pub(in crate::crisp) fn forget_segment(website: &mut Website, call: &Call) -> Outcome {
    forget(website, call, "people segment", "segment")
}

pub(in crate::crisp) fn suggested_keys(website: &mut Website, call: &Call) -> Outcome {
    let keys = website.people.values().flat_map(|person| person.data.keys().cloned());
    Ok(suggestions(website, call, "people data", "key", keys))
}

pub(in crate::crisp) fn forget_key(website: &mut Website, call: &Call) -> Outcome {
    forget(website, call, "people data", "key")
}

pub(in crate::crisp) fn suggested_events(website: &mut Website, call: &Call) -> Outcome {
    let events = website.people.values().flat_map(|person| &person.events);
    let texts = events.filter_map(|event| event["text"].as_str()).map(str::to_owned);
    Ok(suggestions(website, call, "people event", "text", texts))
}

pub(in crate::crisp) fn forget_event(website: &mut Website, call: &Call) -> Outcome {
    forget(website, call, "people event", "text")
}

/// The export is mailed, not answered.
pub(in crate::crisp) fn export(website: &mut Website, call: &Call) -> Outcome {
    if call.body.list("profiles").is_some_and(|profiles| profiles.len() > 100) {
        return Err(Refusal::bad("profiles must have at most 100 items"));
    }
    let selected = selected(website, &call.body)?;
    let everybody = call.body.is_empty();
    let people = if everybody { json!("all") } else { json!(selected) };
    website.request("people export", json!({"people": people}));
    Ok(json!({}))
}

pub(in crate::crisp) fn import(website: &mut Website, call: &Call) -> Outcome {
    let import_id = website.new_id();
    let details: Value = json!({"import_id": import_id, "setup": call.body});
    website.request("people import", details);
    Ok(json!({"import_id": import_id}))
}
