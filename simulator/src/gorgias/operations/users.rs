//! Agents.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, object, take, with_uri};
use super::shown::split_name;
use crate::engine::{Answer, Call, Refusal};

fn show(user: &Object, with_availability: bool) -> Value {
    let mut shown = with_uri(user, "users");
    if let Some(members) = shown.as_object_mut()
        && !with_availability
    {
        members.shift_remove("availability_status");
    }
    shown
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let search = call.text("search").to_lowercase();
    let roles = call.lists.get("roles");
    let users = account.users.all().filter(|(_, user)| {
        let same = |name: &str| call.given(name).is_none_or(|wanted| user.text(name) == Some(wanted));
        let role = user
            .get("role")
            .and_then(|role| role["name"].as_str())
            .unwrap_or_default();
        let mut searched = ["name", "email"].into_iter().filter_map(|name| user.text(name));
        same("email")
            && same("external_id")
            && roles.is_none_or(|roles| roles.iter().any(|wanted| wanted == role))
            && searched.any(|text| text.to_lowercase().contains(&search))
    });
    let availability = call.lists.contains_key("relationships");
    // Sorted by role, the number of the role decides.
    let users: Vec<(i64, Object)> = users
        .map(|(id, user)| {
            let mut user = user.clone();
            let role = user.get("role").map(|role| role["name"].clone()).unwrap_or_default();
            user.insert("role.name".to_owned(), role);
            (id, user)
        })
        .collect();
    let rows = users.iter().map(|(id, user)| (*id, user));
    listed(account, call, rows, "name:asc", |user| {
        let mut user = user.clone();
        user.shift_remove("role.name");
        show(&user, availability)
    })
}

/// The user that the path names; 0 stands for the caller.
fn named(call: &Call, by: &Caller) -> i64 {
    match id(call, "id") {
        0 => by.user_id,
        id => id,
    }
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    json_answer(show(account.users.get(named(call, by))?, false))
}

/// The number of a role.
pub(in crate::gorgias) fn role(name: &str) -> Value {
    let known = super::super::words::USER_ROLE.iter().position(|known| *known == name);
    json!({"id": known.map_or(0, |position| position + 1), "name": name})
}

fn write(user: &mut Object, body: &Object) {
    let secrets = ["new_password", "old_password", "password_confirmation", "two_fa_code"];
    let told: Object = body
        .iter()
        .filter(|(name, _)| !secrets.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    take(user, &told);
    if let Some(name) = body.text("name") {
        let (first, last) = split_name(name);
        for (part, text) in [("firstname", first), ("lastname", last)] {
            if !body.contains_key(part) {
                user.insert(part.to_owned(), json!(text));
            }
        }
    }
    if let Some(name) = body.get("role").and_then(|role| role["name"].as_str()) {
        user.insert("role".to_owned(), role(name));
    }
}

/// The record of an agent.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut user = object(json!({
        "email": null,
        "name": null,
        "firstname": "",
        "lastname": "",
        "active": true,
        "role": null,
        "bio": null,
        "country": null,
        "language": "en",
        "timezone": null,
        "external_id": null,
        "client_id": null,
        "has_password": true,
        "has_2fa_enabled": false,
        "availability_status": {"status": "unavailable"},
        "meta": null,
        "created_datetime": now,
        "updated_datetime": now,
        "deactivated_datetime": null,
    }));
    write(&mut user, body);
    user
}

fn check_email(account: &Account, body: &Object, own: Option<i64>) -> Result<(), Refusal> {
    let other = body.text("email").and_then(|email| account.users.with("email", email));
    match other {
        Some((id, _)) if Some(id) != own => Err(Refusal::new(409, "There is a user with this email already")),
        _ => Ok(()),
    }
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check_email(account, &call.body, None)?;
    let now = account.tick();
    let id = account.users.add(new(&call.body, &now));
    account.note("user-created", "User", id, Some(by.user_id), Value::Null);
    json_answer(show(account.users.get(id)?, false))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = named(call, by);
    let user = account.users.get(id)?;
    if id != by.user_id && !by.admin {
        return Err(Refusal::forbidden("Your role does not allow changing other users"));
    }
    if !by.admin && call.body.contains_key("role") {
        return Err(Refusal::forbidden("Your role does not allow changing roles"));
    }
    let body = &call.body;
    if body.some("email").is_some_and(|email| Some(email) != user.get("email"))
        && !body.contains_key("password_confirmation")
    {
        let text = "A change of the email needs password_confirmation";
        return Err(Refusal::at("password_confirmation", text));
    }
    if body.contains_key("new_password") && !body.contains_key("old_password") {
        return Err(Refusal::at("old_password", "new_password needs old_password"));
    }
    check_email(account, body, Some(id))?;
    let now = account.tick();
    let user = account.users.change(id)?;
    write(user, body);
    user.insert("updated_datetime".to_owned(), json!(now));
    account.note("user-updated", "User", id, Some(by.user_id), Value::Null);
    json_answer(show(account.users.get(id)?, false))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = named(call, by);
    account.users.get(id)?;
    if id == by.user_id {
        return Err(Refusal::bad("You cannot delete yourself"));
    }
    account.tick();
    account.users.remove(id)?;
    for team in account.teams.all_mut() {
        if let Some(members) = team.get_mut("members").and_then(Value::as_array_mut) {
            members.retain(|member| *member != json!(id));
        }
    }
    for ticket in account.tickets.values_mut() {
        if ticket.fields.number("assignee_user_id") == Some(id) {
            ticket.fields.insert("assignee_user_id".to_owned(), Value::Null);
        }
    }
    account.note("user-deleted", "User", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}
