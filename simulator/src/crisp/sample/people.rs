//! Sample people: profiles, custom data, segments, events.

use serde_json::{Value, json};

use super::super::records::{Person, Website};
use super::texts::{COMPANIES, EVENTS, FIRST_NAMES, LAST_NAMES};
use super::workspace::geolocation;
use super::{DAY, MINUTE, choose, object};

fn events(website: &mut Website, index: usize) -> Vec<Value> {
    let mut events = Vec::new();
    for number in 0..index % 4 {
        let (text, color) = EVENTS[website.rng.usize(..EVENTS.len())];
        events.push(json!({
            "text": text,
            "data": {"number": number, "amount": website.rng.i64(10..900)},
            "color": color,
            "timestamp": website.now - (1 + 9 * number as i64) * DAY,
        }));
    }
    events
}

pub(super) fn add(website: &mut Website, count: usize) {
    for index in 0..count {
        let first = FIRST_NAMES[index % FIRST_NAMES.len()];
        let last = LAST_NAMES[(index * 7 + index / FIRST_NAMES.len()) % LAST_NAMES.len()];
        // One in five has no company.
        let company = (index % 5 != 4).then(|| COMPANIES[website.rng.usize(..COMPANIES.len())]);
        let domain = company.map_or("mailbox.example", |(_, domain)| domain);
        let plan = choose(&mut website.rng, &["Free", "Plus", "Plus", "Enterprise"]);
        let mut segments = vec![plan.to_lowercase()];
        if index % 6 == 0 {
            segments.push("newsletter".to_owned());
        }
        let created_at = website.now - (400 - 2 * index as i64) * DAY - index as i64 * MINUTE;
        let mut person = json!({
            "nickname": format!("{first} {last}"),
            "phone": format!("+1 555 01{index:02}"),
            "locales": ["en"],
            "geolocation": geolocation(index),
        });
        if company.is_some() {
            person["employment"] = json!({"title": choose(&mut website.rng, &["Buyer", "Founder", "Office Manager"])});
        }
        let made = Person {
            people_id: website.new_id(),
            email: format!("{}.{}{index}@{domain}", first.to_lowercase(), last.to_lowercase()),
            person: object(person),
            company: company.map(|(name, domain)| {
                object(json!({"name": name, "domain": domain, "url": format!("https://{domain}")}))
            }),
            segments,
            notepad: (index % 11 == 0).then(|| "Prefers mail over chat.".to_owned()),
            active: (index % 3 != 0).then(|| website.now - website.rng.i64(1..60) * DAY),
            score: website.rng.i64(0..100),
            data: object(json!({
                "plan": plan,
                "seats": website.rng.i64(1..250),
                "paying": plan != "Free",
                "customer_id": format!("C-{:05}", 10_000 + index),
            })),
            events: events(website, index),
            subscribed: index % 9 != 8,
            created_at,
            updated_at: created_at + website.rng.i64(0..30) * DAY,
        };
        website.people.insert(made.people_id.clone(), made);
    }
}
