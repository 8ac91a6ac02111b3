//! Teams. Records hold the numbers of the members.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, object, take, with_uri};
use crate::engine::{Answer, Call, Refusal};

fn show(account: &Account, team: &Object) -> Value {
    let mut shown = with_uri(team, "teams");
    let members = team.numbers("members").into_iter().filter_map(|id| {
        let user = account.users.find(id)?;
        Some(json!({"id": id, "name": user.get("name"), "email": user.get("email"), "meta": user.get("meta")}))
    });
    shown["members"] = members.collect();
    shown
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    listed(account, call, account.teams.all(), "created_datetime:desc", |team| {
        show(account, team)
    })
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account, account.teams.get(id(call, "id"))?))
}

/// A body whose members are the numbers of users.
fn settled(account: &Account, body: &Object) -> Result<Object, Refusal> {
    let mut body = body.clone();
    if !body.contains_key("members") {
        return Ok(body);
    }
    let ids: Vec<i64> = body
        .items("members")
        .iter()
        .filter_map(|member| member["id"].as_i64())
        .collect();
    for (index, id) in ids.iter().enumerate() {
        if account.users.find(*id).is_none() {
            let place = format!("members[{index}].id");
            return Err(Refusal::at(place, format!("there is no user {id}")));
        }
    }
    body.insert("members".to_owned(), json!(ids));
    Ok(body)
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let body = settled(account, &call.body)?;
    let now = account.tick();
    let mut team = object(json!({
        "name": null, "description": null, "decoration": null, "members": [], "created_datetime": now,
    }));
    take(&mut team, &body);
    let id = account.teams.add(team);
    account.note("team-created", "Team", id, Some(by.user_id), Value::Null);
    json_answer(show(account, account.teams.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.teams.get(id)?;
    let body = settled(account, &call.body)?;
    account.tick();
    take(account.teams.change(id)?, &body);
    account.note("team-updated", "Team", id, Some(by.user_id), Value::Null);
    json_answer(show(account, account.teams.get(id)?))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.teams.get(id)?;
    account.tick();
    account.teams.remove(id)?;
    for ticket in account.tickets.values_mut() {
        if ticket.fields.number("assignee_team_id") == Some(id) {
            ticket.fields.insert("assignee_team_id".to_owned(), Value::Null);
        }
    }
    account.note("team-deleted", "Team", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}
