//! Tickets with their threads.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::tickets::blank;
use super::super::records::{Account, Members, Object, Ticket};
use super::super::time::{self, DAY, HOUR, MINUTE, SECOND};
use super::fields::field;
use super::scenarios::{PRODUCTS, SCENARIOS, Scenario};
use super::threads::{Said, message};
use super::{answering, choose, order_number};

/// Channels by how often they are used.
const CHANNELS: &[&str] = &[
    "email",
    "email",
    "email",
    "email",
    "email",
    "email",
    "email",
    "email",
    "chat",
    "chat",
    "chat",
    "chat",
    "contact_form",
    "contact_form",
    "instagram-direct-message",
    "sms",
    "whatsapp",
    "phone",
    "api",
];

/// How far a conversation went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody has looked at it yet.
    New,
    /// It waits for the customer or for the agent.
    UnderWay,
    Closed,
}

/// What is filled into texts.
struct Filling {
    order: String,
    product: &'static str,
    first: String,
    agent: String,
    days: i64,
    amount: i64,
}

impl Filling {
    fn fill(&self, text: &str) -> String {
        text.replace("{order}", &self.order)
            .replace("{product}", self.product)
            .replace("{first}", &self.first)
            .replace("{agent}", &self.agent)
            .replace("{days}", &self.days.to_string())
            .replace("{amount}", &format!("€{}", self.amount))
    }
}

/// The number of a ticket that is about to be made.
pub(super) fn next_ticket(account: &mut Account) -> i64 {
    account.last_ticket += 1;
    account.last_ticket
}

/// Puts a ticket together from its thread, oldest first.
pub(super) fn put(account: &mut Account, id: i64, customer: i64, subject: &str, messages: Vec<Object>, more: Object) {
    let moment = |messages: &mut dyn Iterator<Item = &Object>| {
        messages
            .next()
            .and_then(|message| message.text("created_datetime").map(str::to_owned))
    };
    let first = moment(&mut messages.iter()).unwrap_or_default();
    let last = moment(&mut messages.iter().rev());
    let received = moment(&mut messages.iter().rev().filter(|message| !message.is("from_agent")));
    let replied = moment(&mut messages.iter().filter(|message| message.is("from_agent")));
    let mut fields = blank(id, customer, &first);
    for name in ["channel", "via", "from_agent"] {
        let value = messages.first().and_then(|message| message.get(name)).cloned();
        fields.insert(name.to_owned(), value.unwrap_or_default());
    }
    let integration = messages.iter().find_map(|message| message.number("integration_id"));
    let integrations: Vec<Value> = integration.into_iter().map(|id| json!({"id": id})).collect();
    fields.insert("subject".to_owned(), json!(subject));
    fields.insert("language".to_owned(), json!("en"));
    fields.insert("integrations".to_owned(), json!(integrations));
    fields.insert("opened_datetime".to_owned(), json!(replied));
    fields.insert("last_message_datetime".to_owned(), json!(last));
    fields.insert("last_received_message_datetime".to_owned(), json!(received));
    fields.insert("updated_datetime".to_owned(), json!(last));
    fields.extend(more);
    account.tickets.insert(id, Ticket { fields, messages });
    account.note("ticket-created", "Ticket", id, None, Value::Null);
}

fn tag_ids(account: &Account, names: &[&str]) -> Vec<i64> {
    let ids = names.iter().filter_map(|name| account.tags.with("name", name));
    ids.map(|(id, _)| id).collect()
}

/// The values of the account's fields for a ticket.
fn values(account: &Account, rng: &mut Rng, scenario: &Scenario, filling: &Filling, stage: Stage) -> Value {
    let refund = scenario.tags.contains(&"refund");
    let resolution = if refund { "Refunded" } else { "Answered" };
    let closed = stage == Stage::Closed;
    let mut values = json!({});
    for (label, value, there) in [
        ("Contact reason", json!(scenario.reason), true),
        ("Product", json!(filling.product), true),
        ("Resolution", json!(resolution), closed),
        ("Refund amount", json!(filling.amount), refund && closed),
        ("Order number", json!(filling.order), rng.bool()),
        ("Damaged", json!(true), scenario.tags.contains(&"damaged")),
        ("AI intent", json!(scenario.reason.to_lowercase()), rng.u8(..3) == 0),
        (
            "Store",
            json!(choose(rng, &["Harbor street", "Old town", "Online"])),
            true,
        ),
    ] {
        if let Some(id) = field(account, label).filter(|_| there) {
            let predicted = label == "Contact reason";
            let prediction =
                json!({"predicted": value, "confidence": 87, "display": true, "confirmed": closed, "modified": false});
            let prediction = if predicted { prediction } else { Value::Null };
            values[id.to_string()] = json!({"id": id, "value": value, "prediction": prediction});
        }
    }
    values
}

/// Adds so many tickets of the last 60 days.
pub(super) fn add(account: &mut Account, rng: &mut Rng, count: usize) {
    let customers: Vec<i64> = account.customers.all().map(|(id, _)| id).collect();
    let agents = answering(account);
    let teams: Vec<i64> = account.teams.all().map(|(id, _)| id).collect();
    let span = 60 * DAY / i64::try_from(count.max(1)).unwrap_or(1);
    for index in 0..count {
        let scenario = &SCENARIOS[rng.usize(..SCENARIOS.len())];
        let customer = customers[rng.usize(..customers.len())];
        let agent = agents[rng.usize(..agents.len())];
        let age = 60 * DAY - span * i64::try_from(index).unwrap_or_default();
        let began = account.now - age + rng.i64(0..span.max(2) / 2);
        let began = began.min(account.now - 3 * HOUR);
        let stage = match (age / DAY, rng.u8(..10)) {
            (0..2, 0..6) => Stage::New,
            (0..7, 0..6) | (_, 0) => Stage::UnderWay,
            _ => Stage::Closed,
        };
        let first = account.customers.find(customer).and_then(|one| one.text("firstname"));
        let name = account.users.find(agent).and_then(|user| user.text("firstname"));
        let filling = Filling {
            order: order_number(rng),
            product: choose(rng, PRODUCTS),
            first: first.unwrap_or("there").to_owned(),
            agent: name.unwrap_or("team").to_owned(),
            days: rng.i64(3..12),
            amount: rng.i64(15..420),
        };
        let id = next_ticket(account);
        let channel = *choose_one(rng, CHANNELS);
        let subject = filling.fill(scenario.subject);
        let messages = thread(
            account,
            rng,
            id,
            scenario,
            &filling,
            (channel, &subject),
            (customer, agent),
            began,
            stage,
        );
        let last = messages
            .last()
            .and_then(|message| message.text("created_datetime"))
            .map(str::to_owned);
        let new = stage == Stage::New;
        let assigned = !new && rng.u8(..8) > 0;
        let mut more = Object::from_iter([
            (
                "priority".to_owned(),
                json!(if new { "normal" } else { scenario.priority }),
            ),
            ("is_unread".to_owned(), json!(new)),
            (
                "tags".to_owned(),
                json!(if new {
                    Vec::new()
                } else {
                    tag_ids(account, scenario.tags)
                }),
            ),
        ]);
        if assigned {
            more.insert("assignee_user_id".to_owned(), json!(agent));
        }
        if let Some(team) = teams.get(rng.usize(..teams.len() * 2)).filter(|_| !new) {
            more.insert("assignee_team_id".to_owned(), json!(team));
        }
        if !new {
            more.insert(
                "custom_fields".to_owned(),
                values(account, rng, scenario, &filling, stage),
            );
        }
        if stage == Stage::Closed {
            more.insert("status".to_owned(), json!("closed"));
            more.insert("closed_datetime".to_owned(), json!(last));
        }
        if rng.u8(..60) == 0 {
            more.insert("external_id".to_owned(), json!(format!("legacy-{}", 1000 + index)));
        }
        match rng.u8(..100) {
            0 => drop(more.insert("spam".to_owned(), json!(true))),
            1 => drop(more.insert("trashed_datetime".to_owned(), json!(time::text(account.now - HOUR)))),
            2 if stage == Stage::UnderWay => {
                more.insert("status".to_owned(), json!("closed"));
                more.insert("closed_datetime".to_owned(), json!(last));
                more.insert("snooze_datetime".to_owned(), json!(time::text(account.now + 2 * DAY)));
            }
            _ => {}
        }
        put(account, id, customer, &subject, messages, more);
    }
}

fn choose_one<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

/// What is said in a ticket, as far as it went.
#[expect(clippy::too_many_arguments, reason = "it is called in one place")]
fn thread(
    account: &mut Account,
    rng: &mut Rng,
    id: i64,
    scenario: &Scenario,
    filling: &Filling,
    (channel, subject): (&str, &str),
    (customer, agent): (i64, i64),
    began: i64,
    stage: Stage,
) -> Vec<Object> {
    let mut turns: Vec<(Option<i64>, &str, &str)> = vec![(None, channel, choose(rng, scenario.ask))];
    if stage != Stage::New {
        if let Some(note) = scenario.note.filter(|_| rng.u8(..3) > 0) {
            turns.push((Some(agent), "internal-note", note));
        }
        // Calls are answered in the call.
        turns.push((Some(agent), channel, choose(rng, scenario.reply)));
        if rng.u8(..4) > 0 {
            turns.push((None, channel, choose(rng, scenario.then)));
        }
        if stage == Stage::Closed {
            turns.push((Some(agent), channel, scenario.close));
        }
    }
    let mut when = began / SECOND * SECOND + rng.i64(0..SECOND);
    let most = if channel == "chat" { 4 * MINUTE } else { 40 * MINUTE };
    let mut messages = Vec::new();
    for (agent, channel, text) in turns {
        let text = filling.fill(text);
        let said = Said {
            channel,
            agent,
            customer,
            text: &text,
            subject,
            when,
            rule: None,
        };
        messages.push(message(account, id, &said));
        when += rng.i64(most / 10..most);
    }
    messages
}
