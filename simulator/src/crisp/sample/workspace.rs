//! Operators, teams, inboxes, settings, visitors, spam.

use serde_json::{Value, json};

use super::super::records::{BlockedRule, Inbox, Object, Operator, Spam, Team, Visitor, Website};
use super::texts::{FIRST_NAMES, LAST_NAMES, OperatorText, PLACES};
use super::{DAY, MINUTE, object};

pub(super) fn settings() -> Object {
    object(json!({
        "domain_alternates": [],
        "audit": {"log": false},
        "contact": {"email": "support@acme.example", "phone": "+1 555 0100"},
        "inbox": {"lock_removal": false, "force_operator_token": false, "locale": "en"},
        "emails": {"rating": true, "transcript": true, "trackers": false, "junk_filter": true},
        "chatbox": {
            "tile": "default",
            "wait_game": false,
            "email_visitors": true,
            "file_transfer": true,
            "guard_level": "default",
            "mode_initial": "chat",
            "helpdesk_navigate": "deep",
            "color_theme": "blue",
            "color_mode": "auto",
            "welcome_message": "Hello! How can we help?",
            "locale": "en",
            "blocked_pages": [],
            "blocked_ips": [],
        },
    }))
}

pub(super) fn add_operators(website: &mut Website, texts: &[OperatorText]) {
    for (index, (first, last, title, availability)) in texts.iter().enumerate() {
        let ago = 10 + 35 * index as i64;
        let operator = Operator {
            user_id: website.new_id(),
            kind: "operator",
            email: format!("{}@{}", first.to_lowercase(), website.domain),
            first_name: (*first).to_owned(),
            last_name: (*last).to_owned(),
            // The first and the last own the workspace; one alone does where there are two.
            role: if index == 0 || index == 5 { "owner" } else { "member" }.to_owned(),
            title: (*title).to_owned(),
            availability: (*availability).to_owned(),
            available_since: website.now - ago * MINUTE,
            has_token: index == 0,
            last_active: (index < 4).then(|| website.now - (3 + 11 * index as i64) * MINUTE),
        };
        website.operators.push(operator);
    }
}

pub(super) fn add_teams(website: &mut Website) {
    for (name, emoji, members) in [("Front Desk", "🛎️", 0..3), ("Warehouse", "📦", 3..4)] {
        let created_at = website.now - 150 * DAY;
        let team = Team {
            team_id: website.new_id(),
            name: name.to_owned(),
            emoji: emoji.to_owned(),
            operators: website.operators[members]
                .iter()
                .map(|one| one.user_id.clone())
                .collect(),
            created_at,
            updated_at: created_at,
        };
        website.teams.push(team);
    }
}

pub(super) fn add_inboxes(website: &mut Website) {
    let inboxes = [
        ("VIP", "⭐", "enterprise", 0),
        ("Billing", "💶", "billing", 1),
        ("Technical", "🔧", "product", 2),
        ("Returns", "↩️", "returns", 3),
    ];
    for (order, (name, emoji, segment, operator)) in inboxes.into_iter().enumerate() {
        let created_at = website.now - (140 - order as i64) * DAY;
        let inbox = Inbox {
            inbox_id: website.new_id(),
            name: name.to_owned(),
            emoji: emoji.to_owned(),
            order: order as i64 + 1,
            operators: vec![website.operators[operator].user_id.clone()],
            teams: website
                .teams
                .iter()
                .take(order % 2)
                .map(|team| team.team_id.clone())
                .collect(),
            operator: "and".to_owned(),
            conditions: vec![
                json!({"model": "session", "criterion": "segments", "operator": "eq", "query": [segment]}),
            ],
            created_at,
            updated_at: created_at,
        };
        website.inboxes.push(inbox);
    }
}

/// A place of the sample, as records hold it.
pub(super) fn geolocation(index: usize) -> Value {
    let (city, region, country, latitude, longitude) = PLACES[index % PLACES.len()];
    json!({
        "country": country,
        "region": region,
        "city": city,
        "coordinates": {"latitude": latitude, "longitude": longitude},
    })
}

/// People on the website now; the first few are in conversations that are open.
pub(super) fn add_visitors(website: &mut Website, count: usize) {
    let open = website.conversations.values().filter(|one| one.left_at.is_none());
    let open: Vec<_> = open
        .map(|one| (one.session_id.clone(), one.meta.get("email").cloned()))
        .take(5)
        .collect();
    for index in 0..count {
        let known = open.get(index);
        let session_id = known.map_or_else(|| format!("session_{}", website.new_id()), |(id, _)| id.clone());
        let visitor = Visitor {
            session_id,
            token_id: website.new_id(),
            inbox_id: None,
            nickname: format!("{} {}", FIRST_NAMES[index % 20], LAST_NAMES[index % 19]),
            email: known.and_then(|(_, email)| Some(email.as_ref()?.as_str()?.to_owned())),
            useragent: "Sample/1.0 (sample system)".to_owned(),
            active: index % 3 != 0,
            page_title: ["Shelves", "Cart", "Checkout"][index % 3].to_owned(),
            page_url: format!(
                "https://acme.example/{}",
                ["shelves", "cart?step=1", "checkout"][index % 3]
            ),
            geolocation: geolocation(index),
            timezone: [-60, -60, 0, -120, 240][index % 5],
            locales: vec![["fr", "de", "pt", "fi", "en"][index % 5].to_owned()],
        };
        website.visitors.push(visitor);
    }
}

pub(super) fn add_spams(website: &mut Website) {
    let spams = [
        (
            "Win a shelf!!!",
            "Click here to win a shelf: https://spam.example/win",
            "content",
        ),
        (
            "Your invoice is overdue",
            "Open the attached file at once.",
            "attachment",
        ),
        ("SEO offer", "We will put you on page one.", "content"),
        (
            "Re: order 10422",
            "Hello, my order 10422 came without screws. Please help.",
            "reputation",
        ),
        ("Prince seeks rack", "I have inherited 40 racks.", "content"),
    ];
    for (index, (subject, text, reason)) in spams.into_iter().enumerate() {
        let from = format!("sender{index}@spam.example");
        let spam = Spam {
            spam_id: website.new_id(),
            kind: "email".to_owned(),
            reason: reason.to_owned(),
            metadata: object(json!({"from": from, "subject": subject})),
            headers: object(json!({"from": from, "subject": subject, "x-score": 9 - index})),
            content: object(json!({"text": text})),
            timestamp: website.now - (40 - 7 * index as i64) * MINUTE * 60,
        };
        website.spams.push(spam);
    }
}

pub(super) fn add_blocked_rules(website: &mut Website) {
    for (kind, value, blocked) in [
        ("ip", "198.51.100.7", 12),
        ("ip", "203.0.113.9", 3),
        ("email", "*@spam.example", 41),
    ] {
        website.blocked_rules.push(BlockedRule {
            rule: vec![kind.to_owned(), value.to_owned()],
            blocked,
        });
    }
}
