//! Views.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::filter;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, object, take, with_uri};
use super::{shown, view_items};
use crate::engine::{Answer, Call, Refusal};

fn show(account: &Account, view: &Object, by: &Caller) -> Value {
    let mut shown = with_uri(view, "views");
    let filters = filter::for_user(view.text("filters").unwrap_or_default(), by.user_id);
    shown["filters"] = json!(filters);
    let teams = view.numbers("shared_with_teams").into_iter();
    shown["shared_with_teams"] = teams.map(|id| shown::team(account, id)).collect();
    let users = view.numbers("shared_with_users").into_iter();
    shown["shared_with_users"] = users.map(|id| shown::user(account, id)).collect();
    shown
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    listed(account, call, account.views.all(), "created_datetime:desc", |view| {
        show(account, view, by)
    })
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    json_answer(show(account, account.views.get(id(call, "id"))?, by))
}

/// Refuses filters that cannot be read, an unknown order, and sharing with nobody.
fn check(account: &Account, body: &Object) -> Result<(), Refusal> {
    if let Some(filters) = body.text("filters") {
        filter::parse(filters).map_err(|problem| Refusal::at("filters", problem))?;
    }
    if let Some(order) = body.text("order_by") {
        view_items::check_order(order)?;
    }
    for id in body.numbers("shared_with_teams") {
        if account.teams.find(id).is_none() {
            return Err(Refusal::at("shared_with_teams", format!("there is no team {id}")));
        }
    }
    for id in body.numbers("shared_with_users") {
        if account.users.find(id).is_none() {
            return Err(Refusal::at("shared_with_users", format!("there is no user {id}")));
        }
    }
    Ok(())
}

/// The record of a view.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut view = object(json!({
        "name": "",
        "type": "ticket-list",
        "category": "user",
        "slug": "",
        "filters": "",
        "search": null,
        "fields": ["priority", "details", "tags", "customer", "last_message"],
        "order_by": "updated_datetime",
        "order_dir": "desc",
        "visibility": "public",
        "shared_with_teams": [],
        "shared_with_users": [],
        "section_id": null,
        "decoration": null,
        "created_datetime": now,
        "deactivated_datetime": null,
    }));
    take(&mut view, body);
    view
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check(account, &call.body)?;
    let now = account.tick();
    let id = account.views.add(new(&call.body, &now));
    account.note("view-created", "View", id, Some(by.user_id), Value::Null);
    json_answer(show(account, account.views.get(id)?, by))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.views.get(id)?;
    check(account, &call.body)?;
    account.tick();
    let view = account.views.change(id)?;
    take(view, &call.body);
    if call.body.contains_key("filters") {
        // A view that a missing tag had put out of use can be used again.
        view.insert("deactivated_datetime".to_owned(), Value::Null);
    }
    account.note("view-updated", "View", id, Some(by.user_id), Value::Null);
    json_answer(show(account, account.views.get(id)?, by))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    if account.views.get(id)?.text("category") == Some("system") {
        return Err(Refusal::bad("System views cannot be deleted"));
    }
    account.tick();
    account.views.remove(id)?;
    account.note("view-deleted", "View", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}
