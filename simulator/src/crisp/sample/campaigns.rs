//! Sample campaigns of both types, one of each status, and templates.

use serde_json::{Value, json};

use super::super::records::{Campaign, Template, Website};
use super::{DAY, MINUTE, object};

fn campaign(website: &mut Website, name: &str, kind: &str, tag: Option<&str>) -> Campaign {
    let created_at = website.now - (60 - 9 * website.campaigns.len() as i64) * DAY;
    Campaign {
        campaign_id: website.new_id(),
        kind: kind.to_owned(),
        format: "markdown".to_owned(),
        name: name.to_owned(),
        subject: Some(format!("{name} at Acme")),
        tag: tag.map(str::to_owned),
        sender: website.operators.first().map(|operator| operator.user_id.clone()),
        recipients: object(json!({"type": "segments", "segments": ["newsletter"]})),
        flow: object(if kind == "automated" {
            json!({"launch_event": "order:placed", "assert_delay": 60, "deliver_once": true})
        } else {
            json!({})
        }),
        message: Some(format!("Hello {{{{nickname}}}},\n\n{name}!\n")),
        options: object(json!({"deliver_to_chatbox": false, "deliver_to_email": true, "tracking": true})),
        dispatched: false,
        running: false,
        progress: 0,
        reached: Vec::new(),
        statistics: Vec::new(),
        created_at,
        updated_at: created_at + DAY,
        dispatched_at: None,
    }
}

/// What those who were reached did.
fn statistics(people: &[String], at: i64) -> Vec<Value> {
    let mut done = Vec::new();
    for (index, people_id) in people.iter().enumerate() {
        let did = |kind: &str, minutes: i64| json!({"type": kind, "people_id": people_id, "created_at": at + (minutes + index as i64) * MINUTE});
        if index % 4 != 3 {
            done.push(did("opened", 30));
        }
        if index % 4 == 0 {
            done.push(did("clicked", 45));
        }
        if index % 13 == 12 {
            done.push(did("unsubscribed", 60));
        }
    }
    done
}

pub(super) fn add(website: &mut Website) {
    let named = [
        ("Spring sale", "one-shot", Some("sales")),
        ("Summer catalogue", "one-shot", Some("catalogue")),
        ("Untitled", "one-shot", None),
        ("Stocktaking notice", "one-shot", Some("service")),
        ("After your order", "automated", Some("service")),
        ("Come back", "automated", Some("sales")),
    ];
    for (index, (name, kind, tag)) in named.into_iter().enumerate() {
        let mut made = campaign(website, name, kind, tag);
        match index {
            0 => {
                let people = website.people.values().filter(|one| one.subscribed);
                let people = people.filter(|one| one.segments.contains(&"newsletter".to_owned()));
                made.reached = people.map(|one| one.people_id.clone()).collect();
                made.dispatched = true;
                made.progress = 100;
                let at = made.created_at + 2 * DAY;
                made.dispatched_at = Some(at);
                made.statistics = statistics(&made.reached, at);
            }
            2 => {
                made.subject = None;
                made.message = None;
            }
            3 | 4 => {
                made.dispatched = true;
                made.running = true;
                made.dispatched_at = Some(website.now - 10 * MINUTE);
            }
            5 => {
                made.dispatched = true;
                made.dispatched_at = Some(made.created_at + DAY);
            }
            _ => {}
        }
        website.campaigns.push(made);
    }
    for (index, (kind, name, format)) in [
        ("static", "Plain letter", "markdown"),
        ("static", "Two columns", "html"),
        ("custom", "Sale", "markdown"),
        ("custom", "Notice / service", "html"),
    ]
    .into_iter()
    .enumerate()
    {
        let created_at = website.now - (100 - index as i64) * DAY;
        let template_id = website.new_id();
        website.templates.push(Template {
            template_id,
            kind,
            name: name.to_owned(),
            format: format.to_owned(),
            content: format!("{name}: write here"),
            created_at,
            updated_at: created_at,
        });
    }
}
