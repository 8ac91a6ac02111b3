//! Time entries.

use serde_json::{Value, json};

use super::records::{BodyExt, Tenant, TimeEntry, same_email};
use super::{page, page_size};
use crate::engine::{Answer, Call, Refusal, parse_moment};

fn show(entry: &TimeEntry) -> Value {
    json!({
        "id": entry.id,
        "ticket_number": entry.ticket_number,
        "agent_email": entry.agent_email,
        "note": entry.note,
        "billable": entry.billable,
        "created_time": entry.created_time,
        "updated_time": super::records::updated_text(entry.updated_time),
        "start_time": entry.start_time,
        "time_spent_in_minutes": entry.time_spent_in_minutes,
        "timer_running": entry.timer_running,
        "additional_info": entry.additional_info,
    })
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let moment = |name| call.given(name).and_then(parse_moment);
    let company = |number: i64| {
        let ticket = &tenant.tickets[tenant.ticket_index(number).ok()?];
        tenant.company_of(&ticket.contact_email)
    };
    let (started_before, started_after) = (moment("started_before"), moment("started_after"));
    let (created_after, updated_after) = (moment("created_after"), moment("updated_after"));
    let matches: Vec<&TimeEntry> = tenant
        .time_entries
        .iter()
        .filter(|entry| {
            call.given("ticket_number")
                .is_none_or(|_| entry.ticket_number == super::tickets::number(call))
                && call
                    .given("agent_email")
                    .is_none_or(|email| same_email(email, &entry.agent_email))
                && call
                    .given("company_name")
                    .is_none_or(|name| company(entry.ticket_number) == Some(name))
                && started_before.is_none_or(|moment| entry.start_time < moment)
                && started_after.is_none_or(|moment| entry.start_time > moment)
                && created_after.is_none_or(|moment| entry.created_time > moment)
                && updated_after.is_none_or(|moment| entry.updated_time.is_some_and(|updated| updated > moment))
                && call
                    .given("billable")
                    .is_none_or(|flag| flag == entry.billable.to_string())
                && call
                    .given("timer_running")
                    .is_none_or(|flag| flag == entry.timer_running.to_string())
        })
        .collect();
    let content = page(&matches, call, page_size(call, "time_entries_count"), |entry| {
        show(entry)
    });
    Ok(Answer::Json(json!({"count": matches.len(), "content": content})))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let id: i64 = call.text("id").parse().unwrap_or(-1);
    let found = tenant.time_entries.iter().find(|entry| entry.id == id);
    Ok(Answer::Json(show(
        found.ok_or_else(|| Refusal::not_found("Time entry"))?,
    )))
}

/// Guess: route, body and answer; no source shows them.
pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let ticket_number = body.number("ticket_number").unwrap_or(-1);
    tenant.ticket_index(ticket_number)?;
    let agent_email = tenant.agent_email(&body.text("agent_email").unwrap_or_default())?;
    let minutes = body.number("time_spent_in_minutes").unwrap_or(0);
    let now = tenant.tick();
    let started = body.text("start_time").and_then(|text| parse_moment(&text));
    let entry = TimeEntry {
        id: tenant.next_id(),
        ticket_number,
        agent_email,
        note: body.text("note"),
        billable: body.number("billable").unwrap_or(0),
        created_time: now,
        updated_time: None,
        start_time: started.unwrap_or_else(|| now.plus_minutes(-minutes)),
        time_spent_in_minutes: minutes,
        timer_running: 0,
        additional_info: body.text("additional_info"),
    };
    let answer = show(&entry);
    tenant.time_entries.push(entry);
    Ok(Answer::Json(answer))
}
