//! What reports of the sample shops are made from: satisfaction surveys and the audit log.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::surveys;
use super::super::records::{Account, Members, Table, object};
use super::super::time::{self, DAY, HOUR, MINUTE};
use super::workspace::Shop;

/// Score and comment.
const COMMENTS: &[(i64, &str)] = &[
    (5, "Quick and friendly, thank you."),
    (5, "Solved in one mail."),
    (4, "Good, but it took a day."),
    (5, ""),
    (3, "It is all right now, I had to ask twice."),
    (4, ""),
    (1, "I still do not have my money back."),
    (2, "The first answer had nothing to do with my question."),
    (5, "The call was very helpful."),
    (1, "Nobody picked up the phone."),
];

/// Surveys of closed tickets: most were sent, half of those were answered, the newest are still to be sent.
fn add_surveys(account: &mut Account, rng: &mut Rng) {
    let closed: Vec<(i64, i64, i64)> = account
        .tickets
        .iter()
        .filter(|(_, ticket)| ticket.fields.text("status") == Some("closed") && !ticket.fields.is("spam"))
        .filter_map(|(id, ticket)| {
            let closed = ticket.fields.text("closed_datetime").and_then(time::parse)?;
            Some((*id, ticket.fields.number("customer_id")?, closed))
        })
        .collect();
    for (ticket, customer, closed) in closed {
        if rng.u32(..10) < 4 {
            continue;
        }
        let due = closed + 12 * HOUR;
        let sent = due <= account.now;
        // None goes out on the first day by itself: what is sent then is the doing of whoever is at work.
        let due = if sent { due } else { due.max(account.now + DAY) };
        let mut body = json!({
            "ticket_id": ticket,
            "customer_id": customer,
            "should_send_datetime": time::text(due),
            "created_datetime": time::text(closed),
        });
        if sent {
            body["sent_datetime"] = json!(time::text(due + MINUTE));
        }
        let scored = due + rng.i64(1..40) * HOUR;
        if sent && scored <= account.now && rng.bool() {
            let (score, comment) = COMMENTS[rng.usize(..COMMENTS.len())];
            body["score"] = json!(score);
            body["body_text"] = json!(Some(comment).filter(|text| !text.is_empty()));
            body["scored_datetime"] = json!(time::text(scored));
        }
        account.surveys.add(surveys::new(&object(body), &time::text(closed)));
    }
}

/// Something for the audit log: moment, kind, kind of object, its number, who did it, particulars.
type Entry = (String, &'static str, &'static str, i64, Option<i64>, Value);

/// What made the records of a kind.
fn made(account: &Account, admin: Option<i64>, entries: &mut Vec<Entry>) {
    let tables = [
        (&account.users, "user-created", "User"),
        (&account.teams, "team-created", "Team"),
        (&account.integrations, "integration-created", "Integration"),
        (&account.widgets, "widget-created", "Widget"),
        (&account.macros, "macro-created", "Macro"),
        (&account.rules, "rule-created", "Rule"),
        (&account.tags, "tag-created", "Tag"),
        (&account.views, "view-created", "View"),
        (&account.customers, "customer-created", "Customer"),
    ];
    for (table, kind, of) in tables {
        let by = admin.filter(|_| of != "Customer");
        for (id, record) in table.all() {
            let at = record.text("created_datetime").unwrap_or(&account.created_datetime);
            entries.push((at.to_owned(), kind, of, id, by, Value::Null));
        }
    }
    for (id, survey) in account.surveys.all() {
        for (name, kind) in [
            ("sent_datetime", "satisfaction-survey-sent"),
            ("scored_datetime", "satisfaction-survey-responded"),
        ] {
            if let Some(at) = survey.text(name) {
                entries.push((at.to_owned(), kind, "SatisfactionSurvey", id, None, Value::Null));
            }
        }
    }
}

/// What happened to tickets.
fn ticket_entries(account: &Account, entries: &mut Vec<Entry>) {
    for (id, ticket) in &account.tickets {
        let (id, fields) = (*id, &ticket.fields);
        let agent = fields.number("assignee_user_id");
        let created = fields
            .text("created_datetime")
            .unwrap_or(&account.created_datetime)
            .to_owned();
        let later = |minutes: i64| {
            let moment = time::parse(&created).unwrap_or_default() + minutes * MINUTE;
            time::text(moment.min(account.now))
        };
        entries.push((created.clone(), "ticket-created", "Ticket", id, None, Value::Null));
        let tags = fields.numbers("tags");
        if !tags.is_empty() {
            entries.push((later(1), "ticket-tags-added", "Ticket", id, None, json!({"tags": tags})));
        }
        if let Some(user) = agent {
            let data = json!({"assignee_user_id": user});
            entries.push((later(2), "ticket-assigned", "Ticket", id, Some(user), data));
        }
        if let Some(team) = fields.number("assignee_team_id") {
            let data = json!({"assignee_team_id": team});
            entries.push((later(1), "ticket-team-assigned", "Ticket", id, None, data));
        }
        for message in &ticket.messages {
            let at = message.text("created_datetime").unwrap_or(&created).to_owned();
            let by = message.get("sender").filter(|_| message.is("from_agent"));
            let by = by.and_then(|sender| sender["id"].as_i64());
            let number = message.number("id").unwrap_or_default();
            let data = json!({"ticket_id": id});
            entries.push((at, "ticket-message-created", "TicketMessage", number, by, data));
        }
        for (name, kind) in [
            ("closed_datetime", "ticket-closed"),
            ("trashed_datetime", "ticket-trashed"),
        ] {
            if let Some(at) = fields.text(name) {
                entries.push((at.to_owned(), kind, "Ticket", id, agent, Value::Null));
            }
        }
        if fields.is("spam") {
            entries.push((later(3), "ticket-marked-spam", "Ticket", id, agent, Value::Null));
        }
    }
}

/// Writes the audit log, oldest first, in place of what making the sample has written.
fn add_events(account: &mut Account) {
    let admin = account.users.all().next().map(|(id, _)| id);
    let mut entries = Vec::new();
    made(account, admin, &mut entries);
    ticket_entries(account, &mut entries);
    // Agents log in on working days; the last four weeks are kept.
    let users: Vec<i64> = account.users.all().map(|(id, _)| id).collect();
    for day in 0..28 {
        for (index, user) in (0..).zip(&users) {
            let at = account.now - day * DAY - (40 + 7 * index) * MINUTE;
            entries.push((
                time::text(at),
                "user-logged-in",
                "User",
                *user,
                Some(*user),
                Value::Null,
            ));
        }
    }
    entries.retain(|(at, ..)| *at <= account.now());
    entries.sort_by(|one, other| (&one.0, one.2, one.3, one.1).cmp(&(&other.0, other.2, other.3, other.1)));
    let first = account.events.all().next().map(|(id, _)| id);
    if let Some(first) = first {
        account.events = Table::new("Event", first - 1);
    }
    for (chain, (at, kind, of, id, by, data)) in (1_u64..).zip(entries) {
        let moment = time::parse(&at).unwrap_or_default() / time::SECOND;
        account.events.add(object(json!({
            "type": kind,
            "object_id": id,
            "object_type": of,
            "user_id": by,
            "context": format!("{moment:08x}-0000-4000-8000-{chain:012x}"),
            "data": data,
            "created_datetime": at,
        })));
        account.chain = chain;
    }
}

pub(super) fn add(account: &mut Account, _: &Shop, rng: &mut Rng) {
    add_surveys(account, rng);
    add_events(account);
}
