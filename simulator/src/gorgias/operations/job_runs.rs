//! Doing what jobs are for, once they are due.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object};
use super::super::time;
use super::{job_files, macro_actions, ticket_changes, tickets, view_items};
use crate::engine::Refusal;

/// Whether a job that has not run yet is to run now.
fn is_due(job: &Object, now: i64) -> bool {
    match job.text("status") {
        Some("pending") => true,
        Some("scheduled") => {
            let scheduled = job.text("scheduled_datetime").and_then(time::parse);
            scheduled.is_some_and(|scheduled| scheduled <= now)
        }
        _ => false,
    }
}

/// Runs the jobs that are due.
pub(in crate::gorgias) fn run_due(account: &mut Account) {
    let due = account.jobs.all().filter(|(_, job)| is_due(job, account.now));
    let due: Vec<i64> = due.map(|(id, _)| id).collect();
    for id in due {
        let Some(job) = account.jobs.find(id).cloned() else {
            continue;
        };
        let outcome = run(account, &job);
        let now = json!(account.now());
        let Ok(job) = account.jobs.change(id) else { continue };
        let mut put = |name: &str, value: Value| drop(job.insert(name.to_owned(), value));
        put("started_datetime", now.clone());
        put("ended_datetime", now.clone());
        match outcome {
            Ok(info) => {
                put("status", json!("done"));
                put("info", info);
            }
            Err(refusal) => {
                put("status", json!("errored"));
                put("failed_datetime", now);
                put("info", json!({"progress_count": 0, "error": refusal.message}));
            }
        }
    }
}

/// The tickets a job is about.
fn targets(account: &Account, params: &Object) -> Result<BTreeSet<i64>, Refusal> {
    let mut ids: BTreeSet<i64> = params.numbers("ticket_ids").into_iter().collect();
    if let Some(view) = params.number("view_id") {
        ids.extend(view_items::tickets_of(account, view)?);
    }
    if let Some(filters) = params.inner("view").and_then(|view| view.text("filters")) {
        ids.extend(view_items::tickets_by(account, filters)?);
    }
    let chosen = ["ticket_ids", "view_id", "view"]
        .iter()
        .any(|name| params.contains_key(*name));
    if !chosen {
        ids.extend(account.tickets.keys());
    }
    let bound = |name: &str| params.text(name).and_then(time::parse);
    let (start, end) = (bound("start_datetime"), bound("end_datetime"));
    ids.retain(|id| {
        let created = account
            .tickets
            .get(id)
            .and_then(|ticket| ticket.fields.text("created_datetime"));
        created
            .and_then(time::parse)
            .is_some_and(|created| start.is_none_or(|start| created >= start) && end.is_none_or(|end| created <= end))
    });
    Ok(ids)
}

/// How far a job came: how many there were, and what went wrong with some of them.
fn progress(total: usize, wrong: &[String]) -> Value {
    let mut info = json!({"progress_count": total - wrong.len(), "total_count": total});
    if !wrong.is_empty() {
        info["errors"] = json!(wrong);
    }
    info
}

/// Runs a job; gives what is told of how it went.
fn run(account: &mut Account, job: &Object) -> Result<Value, Refusal> {
    let params = job.inner("params").cloned().unwrap_or_default();
    let user = job.number("user_id").unwrap_or_default();
    match job.text("type").unwrap_or_default() {
        "exportTicket" | "exportTicketDrilldown" => {
            let tickets = targets(account, &params)?;
            let path = job_files::export_tickets(account, &tickets)?;
            let mut info = progress(tickets.len(), &[]);
            info["url"] = json!(path);
            Ok(info)
        }
        "exportMacro" => {
            let (path, count) = job_files::export_macros(account)?;
            let mut info = progress(count, &[]);
            info["url"] = json!(path);
            Ok(info)
        }
        "importMacro" => {
            let url = params.text("url").unwrap_or_default();
            let (total, wrong) = job_files::import_macros(account, url, user)?;
            Ok(progress(total, &wrong))
        }
        "applyMacro" => apply_macro(account, &params, user),
        "updateTicket" => {
            let updates = params.inner("updates").cloned().unwrap_or_default();
            let now = account.now();
            on_tickets(account, &params, |account, ticket| {
                ticket_changes::write(account, ticket, &updates, Some(user), &now)?;
                let fields = &mut account.ticket_mut(ticket)?.fields;
                fields.insert("updated_datetime".to_owned(), json!(now));
                account.note("ticket-updated", "Ticket", ticket, Some(user), Value::Null);
                Ok(())
            })
        }
        "deleteTicket" => on_tickets(account, &params, |account, ticket| {
            tickets::forget(account, ticket, Some(user));
            Ok(())
        }),
        // The sample has no campaigns that figures of sales could be of.
        _ => Ok(progress(0, &[])),
    }
}

/// Does something with every ticket of a job; what goes wrong with one keeps the others from nothing.
fn on_tickets(
    account: &mut Account,
    params: &Object,
    mut act: impl FnMut(&mut Account, i64) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let tickets = targets(account, params)?;
    let mut wrong = Vec::new();
    for &ticket in &tickets {
        if let Err(refusal) = act(account, ticket) {
            wrong.push(format!("ticket {ticket}: {}", refusal.message));
        }
    }
    Ok(progress(tickets.len(), &wrong))
}

fn apply_macro(account: &mut Account, params: &Object, user: i64) -> Result<Value, Refusal> {
    let id = params.number("macro_id").unwrap_or_default();
    account.macros.get(id)?;
    let now = account.now();
    let mut applied = 0;
    let info = on_tickets(account, params, |account, ticket| {
        macro_actions::apply(account, id, ticket, user, &now)?;
        applied += 1;
        if params.is("apply_and_close") {
            ticket_changes::set_status(account, ticket, "closed", Some(user), &now)?;
        }
        Ok(())
    })?;
    let one = account.macros.change(id)?;
    let usage = one.number("usage").unwrap_or_default();
    one.insert("usage".to_owned(), json!(usage + applied));
    Ok(info)
}
