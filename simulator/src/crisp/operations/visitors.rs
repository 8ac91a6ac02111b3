//! Who is on the website now, and who is kept out.

use serde_json::{Value, json};

use super::super::records::{PAGE, Visitor, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

fn initiated(website: &Website, visitor: &Visitor) -> bool {
    website.conversations.contains_key(&visitor.session_id)
}

fn show(website: &Website, visitor: &Visitor) -> Value {
    let mut shown = json!({
        "session_id": visitor.session_id,
        "nickname": visitor.nickname,
        "useragent": visitor.useragent,
        "initiated": initiated(website, visitor),
        "active": visitor.active,
        "last_page": {"page_title": visitor.page_title, "page_url": visitor.page_url},
        "geolocation": visitor.geolocation,
        "timezone": visitor.timezone,
        "capabilities": ["browsing"],
        "locales": visitor.locales,
    });
    if let Some(email) = &visitor.email {
        shown["email"] = json!(email);
    }
    if let Some(inbox_id) = &visitor.inbox_id {
        shown["inbox_id"] = json!(inbox_id);
    }
    shown
}

pub(in crate::crisp) fn count(website: &mut Website, _: &Call) -> Outcome {
    let active = website.visitors.iter().filter(|visitor| visitor.active).count();
    Ok(json!({"count": website.visitors.len(), "active": active, "limited": false}))
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let shown = website.visitors.iter().map(|visitor| show(website, visitor));
    Ok(page(shown.collect(), call, PAGE))
}

fn coordinates(place: &Value) -> Option<(f64, f64)> {
    let coordinates = &place["coordinates"];
    Some((coordinates["latitude"].as_f64()?, coordinates["longitude"].as_f64()?))
}

/// Kilometres between two places on the globe.
fn distance((lat, lon): (f64, f64), (other_lat, other_lon): (f64, f64)) -> f64 {
    let (lat, other_lat) = (lat.to_radians(), other_lat.to_radians());
    let half = |difference: f64| (difference / 2.0).sin().powi(2);
    let chord = half(other_lat - lat) + lat.cos() * other_lat.cos() * half((other_lon - lon).to_radians());
    2.0 * 6371.0 * chord.sqrt().asin()
}

/// Visitors by place; within so many kilometres of a centre, if one is given.
pub(in crate::crisp) fn map(website: &mut Website, call: &Call) -> Outcome {
    let number = |name: &str| call.given(name).and_then(|text| text.parse::<f64>().ok());
    let names = ["center_latitude", "center_longitude", "center_radius"];
    let centre = match names.map(number) {
        [Some(latitude), Some(longitude), Some(radius)] => Some(((latitude, longitude), radius)),
        [None, None, None] => None,
        _ => return Err(Refusal::bad(format!("{} go together", names.join(", ")))),
    };
    let near = |visitor: &&Visitor| {
        centre.is_none_or(|(centre, radius)| {
            coordinates(&visitor.geolocation).is_some_and(|place| distance(centre, place) <= radius)
        })
    };
    let mut points: Vec<(Value, Vec<Value>)> = Vec::new();
    for visitor in website.visitors.iter().filter(near) {
        let mut session = show(website, visitor);
        if let Some(members) = session.as_object_mut() {
            members.retain(|name, _| !matches!(name.as_str(), "geolocation" | "useragent" | "inbox_id"));
        }
        match points.iter_mut().find(|(place, _)| *place == visitor.geolocation) {
            Some((_, sessions)) => sessions.push(session),
            None => points.push((visitor.geolocation.clone(), vec![session])),
        }
    }
    let shown = points.into_iter().map(|(place, sessions)| {
        json!({"visitors": {"count": sessions.len(), "threshold": 100, "sessions": sessions}, "geolocation": place})
    });
    Ok(shown.collect())
}

pub(in crate::crisp) fn session_of_token(website: &mut Website, call: &Call) -> Outcome {
    let visitor = website
        .visitors
        .iter()
        .find(|visitor| visitor.token_id == call.id("token_id"));
    let visitor = visitor.ok_or_else(|| Refusal::not_found("Token"))?;
    Ok(json!({"session_id": visitor.session_id}))
}

pub(in crate::crisp) fn blocked(website: &mut Website, _: &Call) -> Outcome {
    Ok(json!(website.blocked_rules))
}

fn named(rule: &super::super::records::BlockedRule, call: &Call) -> bool {
    rule.rule.first().is_some_and(|word| word == call.id("rule"))
}

pub(in crate::crisp) fn blocked_in_rule(website: &mut Website, call: &Call) -> Outcome {
    let rules = website.blocked_rules.iter().filter(|rule| named(rule, call));
    let blocked: i64 = rules.map(|rule| rule.blocked).sum();
    Ok(json!({"rule": [call.id("rule")], "blocked": blocked}))
}

pub(in crate::crisp) fn clear_rule(website: &mut Website, call: &Call) -> Outcome {
    if !website.blocked_rules.iter().any(|rule| named(rule, call)) {
        return Err(Refusal::not_found("Rule"));
    }
    website.tick();
    website.blocked_rules.retain(|rule| !named(rule, call));
    Ok(json!({}))
}
