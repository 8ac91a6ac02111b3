//! Jobs: work on many tickets that is done later.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{
    Account, Members, Object, Outcome, id, json_answer, object, settle_moments, take, with_uri,
};
use super::super::shapes::tickets::TICKET_UPDATE;
use super::super::time;
use super::{ticket_changes, view_items};
use crate::engine::{Answer, Call, Kind, Refusal, problems_with};

/// How far ahead a job may be scheduled.
const FURTHEST: i64 = 60 * time::MINUTE;

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let same = |job: &Object, name: &str| call.given(name).is_none_or(|wanted| job.text(name) == Some(wanted));
    let jobs = account
        .jobs
        .all()
        .filter(|(_, job)| same(job, "status") && same(job, "type"));
    listed(account, call, jobs, "created_datetime:desc", |job| {
        with_uri(job, "jobs")
    })
}

/// Whether a job will do no more.
fn is_over(job: &Object) -> bool {
    matches!(
        job.text("status"),
        Some("done" | "canceled" | "errored" | "fatal_errored")
    )
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let job = account.jobs.get(id(call, "id"))?;
    let shown = with_uri(job, "jobs");
    Ok(if is_over(job) {
        Answer::Json(shown)
    } else {
        Answer::Other(202, shown)
    })
}

/// Refuses a schedule too far ahead, and parameters that do not do for the kind of job.
fn check(account: &Account, kind: &str, body: &Object) -> Result<(), Refusal> {
    let scheduled = body.text("scheduled_datetime").and_then(time::parse);
    if scheduled.is_some_and(|scheduled| scheduled > account.now.saturating_add(FURTHEST)) {
        let text = "A job can be scheduled at most 60 minutes ahead";
        return Err(Refusal::at("scheduled_datetime", text));
    }
    let Some(params) = body.inner("params") else {
        return Ok(());
    };
    let view = params.inner("view").and_then(|view| view.text("filters"));
    if let Some(id) = params.number("view_id") {
        account
            .views
            .find(id)
            .ok_or_else(|| Refusal::at("params.view_id", format!("there is no view {id}")))?;
    }
    if let Some(filters) = view {
        view_items::tickets_by(account, filters)?;
    }
    if kind == "updateTicket" {
        let updates = params
            .get("updates")
            .ok_or_else(|| Refusal::at("params.updates", "updates is required"))?;
        let problems = problems_with(&Kind::Object(&TICKET_UPDATE), updates, "params.updates");
        if !problems.is_empty() {
            return Err(Refusal::at("params.updates", problems.join("; ")));
        }
        ticket_changes::check(account, updates.as_object().unwrap_or(&Object::new()))?;
    }
    if kind == "applyMacro" {
        let id = params.number("macro_id");
        let id = id.ok_or_else(|| Refusal::at("params.macro_id", "macro_id is required"))?;
        let one = account.macros.find(id);
        let one = one.ok_or_else(|| Refusal::at("params.macro_id", format!("there is no macro {id}")))?;
        if one.some("archived_datetime").is_some() {
            return Err(Refusal::at("params.macro_id", format!("macro {id} is archived")));
        }
    }
    if kind == "importMacro" && params.text("url").is_none() {
        return Err(Refusal::at("params.url", "url is required"));
    }
    let on_tickets = matches!(kind, "updateTicket" | "applyMacro" | "deleteTicket");
    if on_tickets
        && !["ticket_ids", "view_id", "view"]
            .iter()
            .any(|name| params.contains_key(*name))
    {
        return Err(Refusal::at("params", "ticket_ids, view_id or view is required"));
    }
    Ok(())
}

/// The record of a job.
pub(in crate::gorgias) fn new(body: &Object, user_id: i64, now: &str) -> Object {
    let scheduled = body.some("scheduled_datetime").is_some();
    let mut job = object(json!({
        "type": null,
        "status": if scheduled { "scheduled" } else { "pending" },
        "params": {},
        "info": {"progress_count": 0},
        "meta": null,
        "user_id": user_id,
        "scheduled_datetime": null,
        "started_datetime": null,
        "ended_datetime": null,
        "failed_datetime": null,
        "locked_datetime": null,
        "cancel_requested_datetime": null,
        "cancelled_datetime": null,
        "created_datetime": now,
    }));
    take(&mut job, body);
    settle_moments(&mut job);
    job
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let kind = call.body.text("type").unwrap_or_default();
    check(account, kind, &call.body)?;
    let now = account.tick();
    let id = account.jobs.add(new(&call.body, by.user_id, &now));
    json_answer(with_uri(account.jobs.get(id)?, "jobs"))
}

/// Cancels a job; what it has done stays done.
fn stop(job: &mut Object, now: &str) {
    for (name, value) in [
        ("status", "canceled"),
        ("cancel_requested_datetime", now),
        ("cancelled_datetime", now),
    ] {
        job.insert(name.to_owned(), json!(value));
    }
    job.insert("locked_datetime".to_owned(), Value::Null);
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let id = id(call, "id");
    let job = account.jobs.get(id)?;
    if is_over(job) {
        return Err(Refusal::bad("The job is over"));
    }
    let kind = job.text("type").unwrap_or_default().to_owned();
    check(account, &kind, &call.body)?;
    let now = account.now();
    // A clock that moved first would run the job as it was.
    let job = account.jobs.change(id)?;
    let mut body = call.body.clone();
    let status = body.shift_remove("status");
    if !matches!(
        status.as_ref().map_or(Some("pending"), Value::as_str),
        Some("cancel_requested" | "canceled" | "pending" | "scheduled")
    ) {
        let text = "A job can be cancelled; other states are reached by running";
        return Err(Refusal::at("status", text));
    }
    take(job, &body);
    settle_moments(job);
    if body.contains_key("scheduled_datetime") {
        let scheduled = job.some("scheduled_datetime").is_some();
        let status = if scheduled { "scheduled" } else { "pending" };
        job.insert("status".to_owned(), json!(status));
    }
    if status.is_some_and(|status| status == "canceled" || status == "cancel_requested") {
        stop(job, &now);
    }
    account.tick();
    json_answer(with_uri(account.jobs.get(id)?, "jobs"))
}

pub(in crate::gorgias) fn cancel(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let id = id(call, "id");
    if is_over(account.jobs.get(id)?) {
        return Err(Refusal::bad("The job is over"));
    }
    let now = account.now();
    stop(account.jobs.change(id)?, &now);
    account.tick();
    Ok(Answer::Empty)
}
