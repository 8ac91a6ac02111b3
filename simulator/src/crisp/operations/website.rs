//! A workspace itself: settings, the secret for signing visitors' identities, making and deleting.

use serde_json::{Value, json};

use super::super::Account;
use super::super::access::Token;
use super::super::filters::merge;
use super::super::records::{Members, Object, Website, uuid};
use super::super::routes::Outcome;
use super::super::sample;
use crate::engine::{Call, Refusal};

/// How long a deletion can be taken back, in milliseconds.
const SEVEN_DAYS: i64 = 7 * 24 * 3600 * 1000;

fn show(website: &Website) -> Value {
    json!({
        "website_id": website.website_id,
        "name": website.name,
        "domain": website.domain,
        "logo": website.logo,
        "verified": true,
        "institutional": false,
    })
}

pub(in crate::crisp) fn exists(account: &mut Account, call: &Call, _: &Token) -> Outcome {
    let found = account
        .websites
        .values()
        .any(|website| website.domain == call.text("domain"));
    if found {
        Ok(Value::Null)
    } else {
        Err(Refusal::not_found("Website"))
    }
}

/// Makes an empty workspace that belongs to the user.
pub(in crate::crisp) fn create(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let (name, domain) = (call.body.text("name"), call.body.text("domain").unwrap_or_default());
    if account.websites.values().any(|website| website.domain == domain) {
        return Err(Refusal::bad(format!("There is a website for {domain} already")));
    }
    let theirs = account
        .websites
        .values_mut()
        .find(|website| website.tenant == token.tenant);
    let theirs = theirs.ok_or_else(|| Refusal::not_found("User"))?;
    let now = theirs.tick();
    let website_id = uuid(&mut theirs.rng);
    let rng = theirs.rng.fork();
    let owner = theirs.operator(&token.subject).cloned();
    let mut made = sample::empty_website(&website_id, &website_id, name.unwrap_or_default(), domain, now, rng);
    made.operators.extend(owner);
    let shown = show(&made);
    account.websites.insert(website_id, made);
    Ok(shown)
}

pub(in crate::crisp) fn get(website: &mut Website, _: &Call) -> Outcome {
    Ok(show(website))
}

pub(in crate::crisp) fn delete(website: &mut Website, _: &Call) -> Outcome {
    let now = website.tick();
    website.deletion_at = Some(now.saturating_add(SEVEN_DAYS));
    Ok(json!({}))
}

pub(in crate::crisp) fn abort_deletion(website: &mut Website, _: &Call) -> Outcome {
    if website.deletion_at.is_none() {
        return Err(Refusal::not_found("Scheduled deletion"));
    }
    website.tick();
    website.deletion_at = None;
    Ok(json!({}))
}

pub(in crate::crisp) fn endpoints(_: &mut Website, call: &Call) -> Outcome {
    Ok(socket_endpoints(call))
}

/// Where the event sockets would be; nobody listens there.
pub(super) fn socket_endpoints(call: &Call) -> Value {
    let socket = json!({"app": format!("{}/app/", call.origin), "stream": format!("{}/stream/", call.origin)});
    json!({"socket": socket, "rescue": {"socket": socket}})
}

pub(in crate::crisp) fn get_settings(website: &mut Website, _: &Call) -> Outcome {
    let mut settings: Object = Object::new();
    settings.insert("website_id".to_owned(), json!(website.website_id));
    settings.insert("name".to_owned(), json!(website.name));
    settings.insert("domain".to_owned(), json!(website.domain));
    settings.insert("logo".to_owned(), json!(website.logo));
    merge(&mut settings, &website.settings);
    Ok(Value::Object(settings))
}

pub(in crate::crisp) fn update_settings(website: &mut Website, call: &Call) -> Outcome {
    website.tick();
    let mut given = call.body.clone();
    for (name, place) in [("name", &mut website.name), ("domain", &mut website.domain)] {
        if let Some(Value::String(text)) = given.shift_remove(name) {
            *place = text;
        }
    }
    if let Some(Value::String(logo)) = given.shift_remove("logo") {
        website.logo = Some(logo);
    }
    merge(&mut website.settings, &given);
    Ok(json!({}))
}

pub(in crate::crisp) fn get_verify_settings(website: &mut Website, _: &Call) -> Outcome {
    Ok(json!({"enabled": website.verify_enabled}))
}

pub(in crate::crisp) fn update_verify_settings(website: &mut Website, call: &Call) -> Outcome {
    website.tick();
    website.verify_enabled = call.body.boolean("enabled").unwrap_or_default();
    Ok(json!({}))
}

pub(in crate::crisp) fn get_verify_key(website: &mut Website, _: &Call) -> Outcome {
    Ok(json!({"secret": website.verify_secret}))
}

pub(in crate::crisp) fn roll_verify_key(website: &mut Website, _: &Call) -> Outcome {
    website.tick();
    website.verify_secret = format!("{:032x}", website.rng.u128(..));
    Ok(json!({}))
}
