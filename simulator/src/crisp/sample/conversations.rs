//! Sample conversations: many ordinary ones, and some that stories and awkward cases need.

use serde_json::{Value, json};

use super::super::records::{Conversation, Message, Object, Person, Website};
use super::texts::{AWKWARD, PRODUCTS, TOPICS, Topic};
use super::workspace::geolocation;
use super::{DAY, MINUTE, object};

/// Days the conversations reach back.
const DAYS: i64 = 60;

/// The customer whose conversation the tour is about.
const VIP_EMAIL: &str = "petra.lighthouse@north-pier.example";

/// Fills the places of a text.
struct Filler {
    order: String,
    product: &'static str,
    amount: String,
    name: String,
}

impl Filler {
    fn fill(&self, text: &str) -> String {
        text.replace("{order}", &self.order)
            .replace("{product}", self.product)
            .replace("{amount}", &self.amount)
            .replace("{name}", &self.name)
    }
}

fn message(website: &mut Website, from: &str, origin: &str, kind: &str, content: Value, timestamp: i64) -> Message {
    Message {
        fingerprint: website.new_fingerprint(),
        kind: kind.to_owned(),
        from: from.to_owned(),
        origin: origin.to_owned(),
        content,
        timestamp,
        user: None,
        mentions: Vec::new(),
        read: None,
        delivered: None,
        edited: false,
        stealth: false,
        translated: false,
        automated: false,
        references: Vec::new(),
        original_id: None,
        properties: Object::new(),
    }
}

/// One message of each type that is neither text nor note.
fn special(index: usize) -> (&'static str, &'static str, Value) {
    let file = |name: &str| format!("https://storage.acme.example/uploads/{name}");
    match index % 7 {
        0 => (
            "user",
            "file",
            json!({"name": "photo.jpg", "url": file("photo.jpg"), "type": "image/jpeg"}),
        ),
        1 => (
            "operator",
            "animation",
            json!({"url": file("thanks.gif"), "type": "image/gif"}),
        ),
        2 => (
            "user",
            "audio",
            json!({"url": file("voice.webm"), "type": "audio/webm", "duration": 12}),
        ),
        3 => (
            "operator",
            "picker",
            json!({
                "id": "size",
                "text": "Which size do you have?",
                "choices": [
                    {"value": "s", "label": "Small", "selected": false},
                    {"value": "l", "label": "Large", "selected": true},
                ],
            }),
        ),
        4 => (
            "operator",
            "field",
            json!({"id": "order", "text": "Your order number?", "explain": "It begins with a 1", "value": ""}),
        ),
        5 => (
            "operator",
            "carousel",
            json!({
                "text": "These fit as well:",
                "targets": [{
                    "title": "Corner Shelf",
                    "description": "60 × 60 cm",
                    "actions": [{"label": "Look", "url": "https://acme.example/corner-shelf"}],
                }],
            }),
        ),
        _ => (
            "operator",
            "event",
            json!({"namespace": "state:resolved", "text": "Resolved by an operator"}),
        ),
    }
}

/// Somebody who is known, or a visitor who is not.
fn customer(website: &mut Website, index: usize) -> Option<Person> {
    let place = website.rng.usize(..website.people.len());
    let person = website.people.values().nth(place).cloned();
    person.filter(|_| index % 6 != 5)
}

fn metas(person: Option<&Person>, index: usize, topic: &Topic, subject: &str, origin: &str) -> Object {
    let mut meta = object(json!({
        "nickname": person.map_or_else(|| format!("visitor{index}"), |one| one.nickname().to_owned()),
        "subject": subject,
        "origin": origin,
        "segments": [topic.segment],
        "data": {"order_count": index % 9},
        "ip": format!("192.0.2.{}", index % 250 + 1),
        "device": {
            "geolocation": geolocation(index),
            "system": {"os": {"name": "Sample OS", "version": "4"}, "browser": {"name": "Sample", "major": "1"}},
            "timezone": -60,
            "locales": ["en"],
        },
    }));
    if let Some(person) = person {
        meta.insert("email".to_owned(), json!(person.email));
        if let (Some(Value::Array(segments)), true) = (
            meta.get_mut("segments"),
            person.segments.contains(&"enterprise".to_owned()),
        ) {
            segments.push(json!("enterprise"));
        }
    }
    meta
}

/// Turns of user and operator, with a note and something special now and then.
fn talk(website: &mut Website, index: usize, topic: &Topic, filler: &Filler, origin: &str, start: i64) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut at = start;
    let turns = topic.user.len().min(1 + website.rng.usize(..topic.user.len()));
    for turn in 0..turns {
        let text = filler.fill(topic.user[turn]);
        messages.push(message(website, "user", origin, "text", json!(text), at));
        at += website.rng.i64(1..50) * MINUTE + 13;
        if let Some(text) = topic
            .operator
            .get(turn)
            .filter(|_| turn + 1 < turns || !index.is_multiple_of(3))
        {
            let text = filler.fill(text);
            messages.push(message(website, "operator", origin, "text", json!(text), at));
            at += website.rng.i64(1..90) * MINUTE + 7;
        }
    }
    if index % 4 == 1 {
        messages.push(message(website, "operator", "chat", "note", json!(topic.note), at));
        at += MINUTE;
    }
    if index.is_multiple_of(2) {
        let (from, kind, content) = special(index / 2);
        messages.push(message(website, from, origin, kind, content, at));
    }
    messages
}

pub(super) fn add(website: &mut Website, count: usize) {
    let interval = (DAYS * DAY / count as i64).max(2 * MINUTE);
    let now = website.now;
    for index in 0..count {
        let topic = &TOPICS[website.rng.usize(..TOPICS.len())];
        let person = customer(website, index);
        let nickname = person.as_ref().map_or("there", |person| person.nickname()).to_owned();
        let filler = Filler {
            order: format!("{}", 10_000 + index * 3),
            product: PRODUCTS[website.rng.usize(..PRODUCTS.len())],
            amount: format!("{}.{:02}", website.rng.u32(9..900), website.rng.u32(..100)),
            name: nickname.split(' ').next().unwrap_or_default().to_owned(),
        };
        let origin = if index % 5 == 3 { "email" } else { "chat" };
        // The newest begin well before now, so that what is said in them has happened.
        let start = now - DAY - (count - index) as i64 * interval + website.rng.i64(0..MINUTE);
        let mut conversation = Conversation::new(format!("session_{}", website.new_id()), start);
        let subject = filler.fill(topic.subject);
        conversation.meta = metas(person.as_ref(), index, topic, &subject, origin);
        conversation.people_id = person.map(|person| person.people_id);
        let inbox = website.inboxes.iter().find(|inbox| inbox.name == topic.inbox);
        conversation.inbox_id = inbox.map(|inbox| inbox.inbox_id.clone());
        // A few have been opened and never written in.
        let messages = if index % 75 == 74 {
            Vec::new()
        } else {
            talk(website, index, topic, &filler, origin, start)
        };
        dress(website, &mut conversation, messages, index);
        website
            .conversations
            .insert(conversation.session_id.clone(), conversation);
    }
}

/// Gives a conversation its messages and all that follows from them.
fn dress(website: &mut Website, conversation: &mut Conversation, mut messages: Vec<Message>, index: usize) {
    let last = messages.last().map_or(conversation.created_at, |last| last.timestamp);
    let open = website.now - last < 9 * DAY;
    let answered = messages.iter().any(Message::to_customer);
    let state = match (open, answered) {
        (true, true) => "unresolved",
        (true, false) => "pending",
        (false, _) if index % 10 == 7 => "unresolved",
        _ => "resolved",
    };
    state.clone_into(&mut conversation.state);
    let waits = messages
        .iter()
        .rev()
        .find(|one| one.kind != "note")
        .filter(|one| one.by_user());
    if state != "resolved" {
        conversation.waiting_since = waits.map(|one| one.timestamp);
    }
    for message in &mut messages {
        // What is older than the last message has been read.
        if message.timestamp < last || state == "resolved" {
            message.read = Some("chat".to_owned());
            message.delivered = Some("chat".to_owned());
        }
    }
    if let Some(first) = messages.first_mut().filter(|first| first.origin == "email") {
        let original_id = website.new_id();
        let original = json!({
            "website_id": website.website_id,
            "session_id": conversation.session_id,
            "original_id": original_id,
            "type": "text/html",
            "headers": {"subject": conversation.meta.get("subject")},
            "content": format!("<p>{}</p>", first.content.as_str().unwrap_or_default()),
            "timestamp": first.timestamp,
        });
        conversation.originals.insert(original_id.clone(), original);
        first.original_id = Some(original_id);
    }
    conversation.visible = messages.iter().any(Message::by_user);
    conversation.messages = messages;
    conversation.updated_at = last;
    conversation.left_at = (index % 12 != 11 || !open).then_some(last);
    if index % 3 != 2 || state == "resolved" {
        let operator = website.rng.usize(..website.operators.len());
        conversation.assigned = Some(website.operators[operator].user_id.clone());
    }
    if index % 8 == 2 {
        conversation.events = vec![json!({
            "text": "order:placed",
            "data": {"order": 10_000 + index * 3},
            "color": "green",
            "timestamp": conversation.created_at - 5 * MINUTE,
        })];
    }
    for (page, ago) in [("shelves", 9), ("cart", 4), ("checkout", 2)].iter().take(index % 4) {
        conversation.pages.push(json!({
            "page_title": page,
            "page_url": format!("https://acme.example/{page}"),
            "page_referrer": "https://acme.example/",
            "timestamp": conversation.created_at - ago * MINUTE,
        }));
    }
}

/// The conversation of the tour, a long one, one with awkward texts, and one that came out of another.
pub(super) fn add_stories(website: &mut Website) {
    add_vip(website);
    add_long(website);
    let topic = &TOPICS[0];
    let start = website.now - 3 * DAY;
    let mut awkward = Conversation::new(format!("session_{}", website.new_id()), start);
    awkward.meta = metas(None, 7, topic, AWKWARD[1], "chat");
    let texts = AWKWARD.iter().enumerate();
    let messages = texts
        .map(|(index, text)| {
            message(
                website,
                "user",
                "chat",
                "text",
                json!(text),
                start + index as i64 * MINUTE,
            )
        })
        .collect();
    dress(website, &mut awkward, messages, 7);
    awkward.parent = website.conversations.keys().next().cloned();
    website.conversations.insert(awkward.session_id.clone(), awkward);
}

fn add_vip(website: &mut Website) {
    let people_id = website.new_id();
    let created_at = website.now - 380 * DAY;
    let person = Person {
        people_id: people_id.clone(),
        email: VIP_EMAIL.to_owned(),
        person: object(json!({
            "nickname": "Petra Lighthouse",
            "phone": "+1 555 0199",
            "employment": {"title": "Head of Operations"},
            "geolocation": geolocation(0),
        })),
        company: Some(object(
            json!({"name": "North Pier Freight", "domain": "north-pier.example"}),
        )),
        segments: vec!["enterprise".to_owned(), "newsletter".to_owned()],
        notepad: Some("Contract talks in April.".to_owned()),
        active: Some(website.now - 4 * MINUTE),
        score: 97,
        data: object(json!({
            "plan": "Enterprise",
            "seats": 420,
            "paying": true,
            "customer_id": "C-00001",
            "service_level": "answer within one hour",
        })),
        events: vec![json!({
            "text": "plan:upgraded",
            "data": {"seats": 420},
            "color": "blue",
            "timestamp": website.now - 20 * DAY,
        })],
        subscribed: true,
        created_at,
        updated_at: website.now - 20 * DAY,
    };
    let start = website.now - 25 * MINUTE;
    let mut conversation = Conversation::new(format!("session_{}", website.new_id()), start);
    conversation.meta = metas(Some(&person), 1, &TOPICS[3], "Checkout is down in our 12 shops", "chat");
    conversation.people_id = Some(people_id.clone());
    conversation.inbox_id = website.inboxes.first().map(|inbox| inbox.inbox_id.clone());
    let said = [
        (
            "user",
            "Good morning. Since 7:40 the checkout of all our 12 shops answers with error 502.",
        ),
        (
            "user",
            "We are losing orders. Could somebody look at it at once, please?",
        ),
        (
            "user",
            "It seems to come from the shelf planner: without it the page loads.",
        ),
    ];
    let turns = said.iter().enumerate();
    let messages = turns
        .map(|(index, (from, text))| {
            message(
                website,
                from,
                "chat",
                "text",
                json!(text),
                start + index as i64 * 4 * MINUTE,
            )
        })
        .collect();
    dress(website, &mut conversation, messages, 2);
    // Nobody has seen it yet.
    "unresolved".clone_into(&mut conversation.state);
    conversation.assigned = None;
    conversation.left_at = None;
    conversation.waiting_since = Some(start);
    for one in &mut conversation.messages {
        one.read = None;
        one.delivered = None;
    }
    website.people.insert(people_id, person);
    website
        .conversations
        .insert(conversation.session_id.clone(), conversation);
}

/// More messages than a batch holds.
fn add_long(website: &mut Website) {
    let start = website.now - 2 * DAY;
    let mut conversation = Conversation::new(format!("session_{}", website.new_id()), start);
    conversation.meta = metas(None, 3, &TOPICS[4], "A long talk about shelves", "chat");
    let messages = (0..47)
        .map(|turn| {
            let from = if turn % 2 == 0 { "user" } else { "operator" };
            let text = json!(format!("Turn {turn}"));
            message(website, from, "chat", "text", text, start + turn * 7 * MINUTE + turn)
        })
        .collect();
    dress(website, &mut conversation, messages, 3);
    website
        .conversations
        .insert(conversation.session_id.clone(), conversation);
}
