//! Inboxes, and teams of operators.

use serde_json::{Value, json};

use super::super::records::{Inbox, Members, Object, PAGE, Team, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

fn show(website: &Website, inbox: &Inbox) -> Value {
    let teams = website.teams.iter().filter(|team| inbox.teams.contains(&team.team_id));
    let team_operators: Vec<_> = teams.flat_map(|team| &team.operators).collect();
    let mut shown = json!(inbox);
    shown["team_operators"] = json!(team_operators);
    shown
}

fn place(website: &Website, inbox_id: &str) -> Result<usize, Refusal> {
    let place = website.inboxes.iter().position(|inbox| inbox.inbox_id == inbox_id);
    place.ok_or_else(|| Refusal::not_found("Inbox"))
}

/// Checks that operators and teams of a body exist.
fn check_members(website: &Website, body: &Object) -> Result<(), Refusal> {
    for user_id in body.texts("operators").unwrap_or_default() {
        website.check_operator(&user_id)?;
    }
    for team_id in body.texts("teams").unwrap_or_default() {
        team_place(website, &team_id).map_err(|_| Refusal::bad(format!("No team has the team_id {team_id}")))?;
    }
    Ok(())
}

fn take(inbox: &mut Inbox, body: &Object) {
    body.text("name").unwrap_or_default().clone_into(&mut inbox.name);
    body.text("emoji").unwrap_or_default().clone_into(&mut inbox.emoji);
    inbox.order = body.number("order").unwrap_or_default();
    inbox.operators = body.texts("operators").unwrap_or_default();
    inbox.teams = body.texts("teams").unwrap_or_default();
    body.text("operator").unwrap_or("and").clone_into(&mut inbox.operator);
    inbox.conditions = body.list("conditions").cloned().unwrap_or_default();
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let mut inboxes: Vec<_> = website.inboxes.iter().collect();
    inboxes.sort_by_key(|inbox| inbox.order);
    let shown = inboxes.into_iter().map(|inbox| show(website, inbox));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn order(website: &mut Website, call: &Call) -> Outcome {
    let orders = call.body.list("orders").cloned().unwrap_or_default();
    let pairs = orders.iter().filter_map(Value::as_object);
    let pairs = pairs.map(|pair| {
        (
            pair.text("inbox_id").unwrap_or_default(),
            pair.number("order").unwrap_or_default(),
        )
    });
    let places = pairs
        .map(|(inbox_id, order)| place(website, inbox_id).map(|place| (place, order)))
        .collect::<Result<Vec<_>, _>>()?;
    let now = website.tick();
    for (place, order) in places {
        website.inboxes[place].order = order;
        website.inboxes[place].updated_at = now;
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    check_members(website, &call.body)?;
    let now = website.tick();
    let mut inbox = Inbox {
        inbox_id: website.new_id(),
        name: String::new(),
        emoji: String::new(),
        order: 0,
        operators: Vec::new(),
        teams: Vec::new(),
        operator: String::new(),
        conditions: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    take(&mut inbox, &call.body);
    let inbox_id = inbox.inbox_id.clone();
    website.inboxes.push(inbox);
    Ok(json!({"inbox_id": inbox_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    place(website, call.id("inbox_id")).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call.id("inbox_id"))?;
    Ok(show(website, &website.inboxes[place]))
}

pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call.id("inbox_id"))?;
    check_members(website, &call.body)?;
    let now = website.tick();
    take(&mut website.inboxes[place], &call.body);
    website.inboxes[place].updated_at = now;
    Ok(json!({}))
}

/// Removes an inbox; its conversations go to the main one.
pub(in crate::crisp) fn delete(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website, call.id("inbox_id"))?;
    website.tick();
    let removed = website.inboxes.remove(place).inbox_id;
    for conversation in website.conversations.values_mut() {
        if conversation.inbox_id.as_ref() == Some(&removed) {
            conversation.inbox_id = None;
        }
    }
    Ok(json!({}))
}

fn team_place(website: &Website, team_id: &str) -> Result<usize, Refusal> {
    let place = website.teams.iter().position(|team| team.team_id == team_id);
    place.ok_or_else(|| Refusal::not_found("Team"))
}

pub(in crate::crisp) fn list_teams(website: &mut Website, call: &Call) -> Outcome {
    let shown = website.teams.iter().map(|team| json!(team));
    Ok(page(shown.collect(), call, PAGE))
}

/// Takes over a whole team; what the body does not say is empty.
fn take_team(team: &mut Team, body: &Object) {
    body.text("name").unwrap_or_default().clone_into(&mut team.name);
    body.text("emoji").unwrap_or_default().clone_into(&mut team.emoji);
    team.operators = body.texts("operators").unwrap_or_default();
}

pub(in crate::crisp) fn create_team(website: &mut Website, call: &Call) -> Outcome {
    check_members(website, &call.body)?;
    let now = website.tick();
    let mut team = Team {
        team_id: website.new_id(),
        name: String::new(),
        emoji: String::new(),
        operators: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    take_team(&mut team, &call.body);
    let team_id = team.team_id.clone();
    website.teams.push(team);
    Ok(json!({"team_id": team_id}))
}

pub(in crate::crisp) fn team_exists(website: &mut Website, call: &Call) -> Outcome {
    team_place(website, call.id("team_id")).map(|_| Value::Null)
}

pub(in crate::crisp) fn get_team(website: &mut Website, call: &Call) -> Outcome {
    let place = team_place(website, call.id("team_id"))?;
    Ok(json!(website.teams[place]))
}

pub(in crate::crisp) fn save_team(website: &mut Website, call: &Call) -> Outcome {
    let place = team_place(website, call.id("team_id"))?;
    check_members(website, &call.body)?;
    let now = website.tick();
    take_team(&mut website.teams[place], &call.body);
    website.teams[place].updated_at = now;
    Ok(json!({}))
}

pub(in crate::crisp) fn delete_team(website: &mut Website, call: &Call) -> Outcome {
    let place = team_place(website, call.id("team_id"))?;
    website.tick();
    let removed = website.teams.remove(place).team_id;
    for inbox in &mut website.inboxes {
        inbox.teams.retain(|team_id| *team_id != removed);
    }
    Ok(json!({}))
}
