//! Operators and whether they are there.

use serde_json::{Value, json};

use super::super::records::{Members, Operator, Website};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

fn show(operator: &Operator) -> Value {
    json!({
        "user_id": operator.user_id,
        "email": operator.email,
        "first_name": operator.first_name,
        "last_name": operator.last_name,
        "role": operator.role,
        "title": operator.title,
        "availability": operator.availability,
        "has_token": operator.has_token,
    })
}

fn place(website: &Website, call: &Call) -> Result<usize, Refusal> {
    let place = website
        .operators
        .iter()
        .position(|one| one.user_id == call.id("user_id"));
    place.ok_or_else(|| Refusal::not_found("Operator"))
}

/// On line as long as anybody is, else away as long as anybody is.
pub(in crate::crisp) fn availability_status(website: &mut Website, _: &Call) -> Outcome {
    for status in ["online", "away"] {
        let since = website.operators.iter().filter(|one| one.availability == status);
        if let Some(since) = since.map(|one| one.available_since).min() {
            return Ok(json!({"status": status, "since": since}));
        }
    }
    let since = website.operators.iter().map(|one| one.available_since).max();
    Ok(json!({"status": "offline", "since": since}))
}

pub(in crate::crisp) fn availabilities(website: &mut Website, _: &Call) -> Outcome {
    let operators = website.operators.iter().filter(|one| one.kind == "operator");
    let shown = operators.map(|one| {
        json!({
            "user_id": one.user_id,
            "type": one.availability,
            "time": {"for": website.now.saturating_sub(one.available_since), "since": one.available_since},
        })
    });
    Ok(shown.collect())
}

pub(in crate::crisp) fn list(website: &mut Website, _: &Call) -> Outcome {
    let operators = website.operators.iter();
    Ok(operators
        .map(|one| json!({"type": one.kind, "details": show(one)}))
        .collect())
}

pub(in crate::crisp) fn list_active(website: &mut Website, _: &Call) -> Outcome {
    let active = website.operators.iter().filter_map(|one| Some((one, one.last_active?)));
    let mut active: Vec<_> = active.collect();
    active.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    let shown = active
        .into_iter()
        .map(|(one, at)| json!({"user_id": one.user_id, "nickname": one.first_name, "timestamp": at}));
    Ok(shown.collect())
}

pub(in crate::crisp) fn flush_active(website: &mut Website, _: &Call) -> Outcome {
    website.tick();
    for operator in &mut website.operators {
        operator.last_active = None;
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn send_email(website: &mut Website, call: &Call) -> Outcome {
    let body = &call.body;
    let recipient = body.text("recipient").unwrap_or_default();
    let user_id = body.text("user_id");
    match (recipient, user_id) {
        ("user", None) => {
            return Err(Refusal::bad(
                "Missing field: user_id, which goes with the recipient user",
            ));
        }
        ("user", Some(user_id)) => website.check_operator(user_id)?,
        _ => {}
    }
    let chosen = |one: &&Operator| match recipient {
        "owners" => one.role == "owner",
        "members" => one.role == "member",
        "user" => Some(one.user_id.as_str()) == user_id,
        _ => true,
    };
    let operators = website.operators.iter().filter(|one| one.kind == "operator");
    let to: Vec<_> = operators.filter(chosen).map(|one| one.email.clone()).collect();
    let details =
        json!({"to": to, "subject": body["subject"], "message": body["message"], "target": body.get("target")});
    website.request("email to operators", details);
    Ok(json!({}))
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    Ok(show(&website.operators[place(website, call)?]))
}

pub(in crate::crisp) fn invite(website: &mut Website, call: &Call) -> Outcome {
    let email = call.body.text("email").unwrap_or_default();
    if website
        .operators
        .iter()
        .any(|one| one.email.eq_ignore_ascii_case(email))
    {
        return Err(Refusal::bad(format!("{email} is an operator already, or invited")));
    }
    let now = website.tick();
    let invited = Operator {
        user_id: website.new_id(),
        kind: "invite",
        email: email.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        role: call.body.text("role").unwrap_or_default().to_owned(),
        title: String::new(),
        availability: "offline".to_owned(),
        available_since: now,
        has_token: false,
        last_active: None,
    };
    website.operators.push(invited);
    Ok(json!({}))
}

/// Refuses to leave a workspace without an owner.
fn check_owners(website: &Website, place: usize) -> Result<(), Refusal> {
    let owners = website
        .operators
        .iter()
        .filter(|one| one.role == "owner" && one.kind == "operator");
    if website.operators[place].role == "owner" && owners.count() == 1 {
        return Err(Refusal::forbidden("The last owner must stay one"));
    }
    Ok(())
}

pub(in crate::crisp) fn change(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call)?;
    let role = call.body.text("role");
    if role == Some("member") {
        check_owners(website, place)?;
    }
    website.tick();
    let operator = &mut website.operators[place];
    if let Some(role) = role {
        role.clone_into(&mut operator.role);
    }
    if let Some(title) = call.body.text("title") {
        title.clone_into(&mut operator.title);
    }
    Ok(json!({}))
}

/// Removes an operator; nobody is assigned to what they were assigned to.
pub(in crate::crisp) fn unlink(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call)?;
    check_owners(website, place)?;
    website.tick();
    let removed = website.operators.remove(place).user_id;
    for conversation in website.conversations.values_mut() {
        if conversation.assigned.as_ref() == Some(&removed) {
            conversation.assigned = None;
        }
    }
    let inboxes = website.inboxes.iter_mut().map(|inbox| &mut inbox.operators);
    let teams = website.teams.iter_mut().map(|team| &mut team.operators);
    for operators in inboxes.chain(teams) {
        operators.retain(|user_id| *user_id != removed);
    }
    Ok(json!({}))
}
