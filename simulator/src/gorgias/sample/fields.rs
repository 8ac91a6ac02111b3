//! Tags, custom fields and views.

use serde_json::{Value, json};

use super::super::operations::{custom_fields, tags, views};
use super::super::records::{Account, object};
use super::super::time::{self, DAY};
use super::names::TAGS;
use super::scenarios::{PRODUCTS, SCENARIOS};
use super::workspace::{Shop, ago};

/// So many days after a moment that many days ago.
fn after(account: &Account, days: i64, index: i64) -> String {
    time::text(account.now - days * DAY + index * DAY)
}

pub(super) fn add(account: &mut Account, shop: &Shop) {
    for (index, (name, colour)) in (0..).zip(TAGS) {
        let made = after(account, 380, index);
        let body = object(json!({"name": name, "decoration": {"color": colour}}));
        tags::add(account, &body, &made);
    }
    let fields = if shop.large {
        of_large(&ago(account, 30 * DAY))
    } else {
        of_small()
    };
    for (index, field) in (0..).zip(fields) {
        let made = after(account, 300, index);
        account.custom_fields.add(custom_fields::new(&object(field), &made));
    }
    add_views(account, shop);
}

/// The number of the field with this label.
pub(super) fn field(account: &Account, label: &str) -> Option<i64> {
    account.custom_fields.with("label", label).map(|(id, _)| id)
}

fn dropdown(choices: &[&str]) -> Value {
    json!({"data_type": "text", "input_settings": {"input_type": "dropdown", "choices": choices}})
}

fn text(placeholder: &str) -> Value {
    json!({"data_type": "text", "input_settings": {"input_type": "input", "placeholder": placeholder}})
}

fn number(least: i64, most: i64) -> Value {
    json!({"data_type": "number", "input_settings": {"input_type": "input_number", "min": least, "max": most}})
}

fn boolean() -> Value {
    json!({"data_type": "boolean", "input_settings": {"input_type": "dropdown"}})
}

/// A field: what it is of, its label, its place, its definition.
fn plain(kind: &str, label: &str, priority: i64, definition: &Value) -> Value {
    json!({"object_type": kind, "label": label, "priority": priority, "definition": definition})
}

fn managed(label: &str, priority: i64, managed_type: &str, required: bool, definition: &Value) -> Value {
    let mut field = plain("Ticket", label, priority, definition);
    field["managed_type"] = json!(managed_type);
    field["required"] = json!(required);
    field
}

/// What the large shop keeps of tickets and customers; one of its fields is archived since this moment.
fn of_large(gone: &str) -> Vec<Value> {
    let mut reasons: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let resolutions = ["Refunded", "Exchanged", "Sent again", "Answered", "No reply needed"];
    let mut old = plain("Ticket", "Old warehouse code", 1, &text(""));
    old["deactivated_datetime"] = json!(gone);
    let mut order = plain("Ticket", "Order number", 1500, &text("A-12345"));
    order["external_id"] = json!("order");
    let mut amount = plain("Ticket", "Refund amount", 2000, &number(0, 5000));
    amount["description"] = json!("In euros");
    vec![
        managed("Contact reason", 5000, "contact_reason", true, &dropdown(&reasons)),
        managed("Product", 4000, "product", false, &dropdown(PRODUCTS)),
        managed("Resolution", 3000, "resolution", true, &dropdown(&resolutions)),
        amount,
        order,
        plain("Ticket", "Damaged", 1000, &boolean()),
        managed("AI intent", 500, "ai_intent", false, &text("set by the helpdesk")),
        old,
        plain(
            "Customer",
            "Loyalty tier",
            900,
            &dropdown(&["Bronze", "Silver", "Gold"]),
        ),
        plain("Customer", "Newsletter", 800, &boolean()),
        plain("Customer", "Birthday month", 700, &number(1, 12)),
    ]
}

/// What the small one keeps of them.
fn of_small() -> Vec<Value> {
    let mut store = plain(
        "Ticket",
        "Store",
        100,
        &dropdown(&["Harbor street", "Old town", "Online"]),
    );
    store["required"] = json!(true);
    vec![
        store,
        plain("Ticket", "Promised for", 50, &text("2026-03-31")),
        plain("Customer", "Company", 100, &text("")),
        plain("Customer", "Credit limit", 50, &number(0, 20_000)),
    ]
}

fn add_views(account: &mut Account, shop: &Shop) {
    let mine = "eq(ticket.status, 'open') && eq(ticket.assignee_user.id, '{{current_user.id}}')";
    let untriaged = "eq(ticket.status, 'open') && isEmpty(ticket.assignee_user.id) && isEmpty(ticket.assignee_team.id) && isEmpty(ticket.tags.name)";
    let money = "eq(ticket.status, 'open') && containsAny(ticket.tags.name, ['refund', 'return'])";
    let mut all = vec![
        ("Inbox", "system", "eq(ticket.status, 'open')".to_owned()),
        ("All", "system", String::new()),
        ("Assigned to me", "user", mine.to_owned()),
        ("Untriaged", "user", untriaged.to_owned()),
    ];
    if shop.large {
        all.push(("Money back", "user", money.to_owned()));
        all.push((
            "Important",
            "user",
            "eq(ticket.priority, 'high') || eq(ticket.priority, 'critical')".to_owned(),
        ));
        all.push((
            "Closed today",
            "user",
            "eq(ticket.status, 'closed') && gteTimedelta(ticket.closed_datetime, '1d')".to_owned(),
        ));
        all.push(("Trash", "system", "isNotEmpty(ticket.trashed_datetime)".to_owned()));
    }
    for (index, (name, category, filters)) in (0..).zip(all) {
        let made = after(account, 360, index);
        let slug = name.to_lowercase().replace(' ', "-");
        let body = object(json!({"name": name, "slug": slug, "category": category, "filters": filters}));
        account.views.add(views::new(&body, &made));
    }
}
