//! What can be asked for in a conversation: transcripts, browsing, calls, tools, widgets, reminders, reports.

use serde_json::{Value, json};

use super::super::records::{Members, Website};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

pub(in crate::crisp) fn transcript(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    let to = call.body.text("to").unwrap_or_default();
    let known = conversation.meta_text("email").filter(|_| to == "user");
    let email = call.body.text("email").or(known);
    if to == "user" && email.is_none() {
        return Err(Refusal::bad("No address of the user is known; give email"));
    }
    let details = json!({"session_id": conversation.session_id, "to": to, "email": email});
    website.request("transcript", details.clone());
    if to == "user" {
        website.sent("transcript", details);
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn purge(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    conversation.purged = true;
    Ok(json!({}))
}

pub(in crate::crisp) fn request_feedback(website: &mut Website, call: &Call) -> Outcome {
    let details = json!({"session_id": website.conversation(call)?.session_id});
    website.request("feedback", details.clone());
    website.sent("feedback request", details);
    Ok(json!({}))
}

pub(in crate::crisp) fn list_browsing(website: &mut Website, call: &Call) -> Outcome {
    let browsing = website.conversation(call)?.browsing.iter();
    let shown = browsing.map(|one| {
        json!({
            "browsing_id": one["browsing_id"],
            "browsing_token": one["browsing_token"],
            "useragent": one["useragent"],
        })
    });
    Ok(shown.collect())
}

/// Visitors on line let themselves be watched at once; others cannot be asked.
pub(in crate::crisp) fn initiate_browsing(website: &mut Website, call: &Call) -> Outcome {
    if website.conversation(call)?.left_at.is_some() {
        return Err(Refusal::bad("The visitor is not on line"));
    }
    let (browsing_id, token) = (website.new_id(), website.new_id());
    let (conversation, now) = website.change(call)?;
    conversation.browsing.push(json!({
        "browsing_id": format!("browsing_{browsing_id}"),
        "browsing_token": token,
        "useragent": "Sample/1.0",
        "since": now,
        "actions": [],
    }));
    Ok(json!({}))
}

/// Notes an action on a browsing session.
fn act(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    let browsing = conversation
        .browsing
        .iter_mut()
        .find(|one| one["browsing_id"] == call.id("browsing_id"))
        .ok_or_else(|| Refusal::not_found("Browsing session"))?;
    if let Some(Value::Array(actions)) = browsing.get_mut("actions") {
        actions.push(json!(call.body));
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn browsing_action(website: &mut Website, call: &Call) -> Outcome {
    act(website, call)
}

pub(in crate::crisp) fn assist_browsing(website: &mut Website, call: &Call) -> Outcome {
    let action = call.body.text("action").unwrap_or_default();
    if matches!(action, "mouse" | "click" | "scroll") && !call.body.contains_key(action) {
        return Err(Refusal::bad(format!(
            "Missing field: {action}, which goes with the action"
        )));
    }
    act(website, call)
}

pub(in crate::crisp) fn call(website: &mut Website, call: &Call) -> Outcome {
    if website.conversation(call)?.call.is_some() {
        return Err(Refusal::bad("A call is going on already"));
    }
    let call_id = format!("call_{}", website.new_id());
    let (conversation, now) = website.change(call)?;
    let begun = json!({"call_id": call_id, "mode": call.body["mode"], "since": now, "signals": []});
    conversation.call = Some(begun);
    Ok(json!({"call_id": call_id}))
}

pub(in crate::crisp) fn ongoing_call(website: &mut Website, call: &Call) -> Outcome {
    let ongoing = website.conversation(call)?.call.as_ref();
    let ongoing = ongoing.ok_or_else(|| Refusal::not_found("Call"))?;
    Ok(json!({"call_id": ongoing["call_id"]}))
}

pub(in crate::crisp) fn abort_call(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    match &conversation.call {
        Some(ongoing) if ongoing["call_id"] == call.id("call_id") => {
            conversation.call = None;
            Ok(json!({}))
        }
        _ => Err(Refusal::not_found("Call")),
    }
}

pub(in crate::crisp) fn signal_call(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    let ongoing = conversation.call.as_mut();
    let ongoing = ongoing.filter(|ongoing| ongoing["call_id"] == call.id("call_id"));
    let signals = ongoing.and_then(|ongoing| ongoing.get_mut("signals"));
    match signals {
        Some(Value::Array(signals)) => signals.push(json!(call.body)),
        _ => return Err(Refusal::not_found("Call")),
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn tool_call(website: &mut Website, call: &Call) -> Outcome {
    let session_id = website.conversation(call)?.session_id.clone();
    website.request("tool call", json!({"session_id": session_id, "call": call.body}));
    Ok(json!({}))
}

/// Hands an action to a widget; the answer is for finding what it comes to.
fn widget(website: &mut Website, call: &Call, kind: &str) -> Outcome {
    let session_id = website.conversation(call)?.session_id.clone();
    let plugin_id = call.id("plugin_id");
    if !website.plugins.contains_key(plugin_id) {
        return Err(Refusal::not_found("Plugin"));
    }
    let correlation_id = website.new_id();
    let details = json!({
        "session_id": session_id,
        "plugin_id": plugin_id,
        "action": call.body,
        "correlation_id": correlation_id,
    });
    website.request(kind, details);
    Ok(json!({"correlation_id": correlation_id, "strategy": {"attempts": 1, "exhaustion": 10}}))
}

pub(in crate::crisp) fn widget_button(website: &mut Website, call: &Call) -> Outcome {
    widget(website, call, "widget button")
}

pub(in crate::crisp) fn widget_data(website: &mut Website, call: &Call) -> Outcome {
    let body = &call.body;
    let edits = match body.text("action") {
        Some(action) => action == "edit",
        None => body.contains_key("value"),
    };
    if edits && body.contains_key("data") {
        return Err(Refusal::bad("Unknown field: data, which goes with fetching"));
    }
    if !edits && body.contains_key("value") {
        return Err(Refusal::bad("Unknown field: value, which goes with editing"));
    }
    widget(website, call, if edits { "widget edit" } else { "widget fetch" })
}

pub(in crate::crisp) fn remind(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    conversation.reminders.push(json!(call.body));
    Ok(json!({}))
}

pub(in crate::crisp) fn report(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, _) = website.change(call)?;
    conversation.reported = call.body.text("flag").map(str::to_owned);
    Ok(json!({}))
}
