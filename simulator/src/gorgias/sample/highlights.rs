//! Tickets that are always there, whatever the seed: what came in this morning and nobody has looked at, and a customer with a
//! history who writes again.

use serde_json::{Value, json};

use super::super::operations::customers;
use super::super::records::{Account, Object, object};
use super::super::time::{self, DAY, HOUR, MINUTE};
use super::fields::field;
use super::scenarios::STEERING;
use super::threads::{Said, message};
use super::tickets::{next_ticket, put};
use super::{answering, integration};

/// What came in: minutes ago, channel, subject, text.
const MORNING: &[(i64, &str, &str, &str)] = &[
    (
        95,
        "email",
        "Money back for A-20417",
        "Good morning, I returned the Ridge rain jacket of order A-20417 on the 9th of February and have not got my refund. Please tell me when it comes.",
    ),
    (
        88,
        "chat",
        "Chat with Bela",
        "hi, i cannot log in, the link to reset my password says expired every time. can you help?",
    ),
    (
        80,
        "contact_form",
        "Charged twice, I want a refund",
        "You charged me twice for order A-20533, 129 euros each. I want a refund of the second payment today.",
    ),
    (
        72,
        "email",
        "Where is A-20498?",
        "The parcel with the Summit tent was promised for last Tuesday. Tracking has not moved for six days and we leave on Friday.",
    ),
    (
        61,
        "instagram-direct-message",
        "Direct message",
        "love the Harbor fleece! is size M more like a 38 or a 40?",
    ),
    (
        54,
        "email",
        "Password mail never arrives",
        "Hello, I asked for a new password four times since yesterday. No mail arrives, also not in spam. My account is with this address.",
    ),
    (
        40,
        "sms",
        "Text message",
        "Voucher SPRING10 does not work at the checkout. Is it over?",
    ),
];

/// The customer with a history, and her address.
const REGULAR: (&str, &str) = ("Maren Holloway", "maren.holloway@letters.example");

fn customer(account: &mut Account, name: &str, email: &str) -> i64 {
    let made = time::text(account.now - 200 * DAY);
    let body = object(json!({
        "name": name, "email": email, "language": "en",
        "channels": [{"type": "email", "address": email, "preferred": true}],
    }));
    customers::add(account, &body, &made)
}

/// Puts a ticket of these turns together: minutes ago, channel, agent, text.
fn put_thread(
    account: &mut Account,
    (customer, subject): (i64, &str),
    turns: &[(i64, &str, Option<i64>, &str)],
    more: Value,
) {
    let id = next_ticket(account);
    let mut messages = Vec::new();
    for (minutes, channel, agent, text) in turns {
        let said = Said {
            channel,
            agent: *agent,
            customer,
            text,
            subject,
            when: account.now - minutes * MINUTE,
            rule: None,
        };
        messages.push(message(account, id, &said));
    }
    put(account, id, customer, subject, messages, object(more));
}

fn values(account: &Account, given: &[(&str, Value)]) -> Value {
    let mut values = Object::new();
    for (label, value) in given {
        if let Some(id) = field(account, label) {
            values.insert(id.to_string(), json!({"id": id, "value": value, "prediction": null}));
        }
    }
    Value::Object(values)
}

/// What came in this morning.
pub(super) fn add_morning(account: &mut Account) {
    for (index, (minutes, channel, subject, text)) in (1..).zip(MORNING) {
        let id = customer(
            account,
            &format!("Bela Visitor {index}"),
            &format!("bela.visitor{index}@inbox.example"),
        );
        put_thread(
            account,
            (id, subject),
            &[(*minutes, channel, None, text)],
            json!({"is_unread": true}),
        );
    }
    for (index, (subject, text)) in (1..).zip(STEERING) {
        let id = customer(
            account,
            &format!("Corvin Stranger {index}"),
            &format!("corvin.stranger{index}@post.example"),
        );
        put_thread(
            account,
            (id, subject),
            &[(30 - 5 * index, "email", None, text)],
            json!({"is_unread": true}),
        );
    }
}

/// A customer who has been refunded before, got a voucher, and asks again.
pub(super) fn add_regular(account: &mut Account) {
    let id = customer(account, REGULAR.0, REGULAR.1);
    let tier = values(account, &[("Loyalty tier", json!("Gold"))]);
    let shop = integration(account, "shopify").unwrap_or_default();
    if let Ok(record) = account.customers.change(id) {
        record.insert("custom_fields".to_owned(), tier);
        record.insert("note".to_owned(), json!("Prefers a refund over a voucher. Be brief."));
        let orders =
            json!([{"name": "A-19981", "total_price": "219.00", "currency": "EUR", "financial_status": "refunded"}]);
        record.insert(
            "integrations".to_owned(),
            json!({shop.to_string(): {"__integration_type__": "shopify", "orders": orders}}),
        );
    }
    let agent = answering(account).get(1).copied();
    let day = DAY / MINUTE;
    let hour = HOUR / MINUTE;
    let tags = |account: &Account, names: &[&str]| -> Vec<i64> {
        let ids = names.iter().filter_map(|name| account.tags.with("name", name));
        ids.map(|(id, _)| id).collect()
    };
    let closed = |account: &Account, days: i64, names: &[&str], amount: i64| {
        json!({
            "status": "closed",
            "closed_datetime": time::text(account.now - days * DAY + 5 * HOUR),
            "assignee_user_id": agent,
            "tags": tags(account, names),
            "custom_fields": values(account, &[("Refund amount", json!(amount)), ("Resolution", json!("Refunded"))]),
        })
    };
    let more = closed(account, 40, &["refund", "damaged"], 219);
    put_thread(
        account,
        (id, "Tear in the Fjord sleeping bag"),
        &[
            (
                40 * day,
                "email",
                None,
                "The sleeping bag of order A-19981 came with a tear. I would rather have my money back than another one.",
            ),
            (
                40 * day - hour,
                "email",
                agent,
                "Hello Maren, I am sorry. The 219 euros of A-19981 go back to your card; you need not send it in.",
            ),
            (
                40 * day - 3 * hour,
                "internal-note",
                agent,
                "Refunded in full as an exception, no return. Second time: ask for the return first.",
            ),
            (40 * day - 5 * hour, "email", None, "That was quick, thank you."),
        ],
        more,
    );
    let more = closed(account, 12, &["voucher"], 0);
    put_thread(
        account,
        (id, "Voucher"),
        &[
            (
                12 * day,
                "chat",
                None,
                "the voucher you sent does not work on the Alder boots",
            ),
            (
                12 * day - 2,
                "chat",
                agent,
                "Hello Maren, it is not for reduced items. I have put 15 per cent for anything else in your account.",
            ),
        ],
        more,
    );
    put_thread(
        account,
        (id, "Sole of the Alder boots"),
        &[(
            20,
            "email",
            None,
            "Hello, the sole of the Alder boots (order A-20377) came off after three weeks. Can I have a refund again, as last time?",
        )],
        json!({"is_unread": true, "assignee_user_id": agent}),
    );
}
