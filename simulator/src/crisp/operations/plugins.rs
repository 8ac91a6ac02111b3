//! Plugins installed in a workspace: settings, usage, payloads.

use serde_json::{Value, json};

use super::super::access::{Tier, Token};
use super::super::filters::merge;
use super::super::forms::moment_text;
use super::super::records::{Installed, Members, Object, Website};
use super::super::routes::Outcome;
use super::super::{Account, Plugin};
use crate::engine::{Call, Refusal};

fn show(plugin: &Plugin, website: &Website, installed: &Installed) -> Value {
    json!({
        "id": plugin.plugin_id,
        "urn": plugin.urn,
        "type": "store",
        "category": plugin.category,
        "name": plugin.name,
        "summary": plugin.summary,
        "price": plugin.price,
        "plans": [],
        "configurable": true,
        "since": moment_text(installed.since),
        "active": true,
        "website_id": website.website_id,
    })
}

/// All plugins of the workspaces a test lets through.
fn shown(account: &Account, wanted: impl Fn(&Website) -> bool) -> Value {
    let websites = account.websites.values().filter(|website| wanted(website));
    websites
        .flat_map(|website| {
            website
                .plugins
                .iter()
                .map(move |(id, installed)| (website, id, installed))
        })
        .filter_map(|(website, id, installed)| Some(show(account.plugin(id).ok()?, website, installed)))
        .collect()
}

pub(in crate::crisp) fn list_all(account: &mut Account, _: &Call, token: &Token) -> Outcome {
    Ok(shown(account, |website| website.operator(&token.subject).is_some()))
}

pub(in crate::crisp) fn list(account: &mut Account, call: &Call, _: &Token) -> Outcome {
    Ok(shown(account, |website| website.website_id == call.id("website_id")))
}

/// What is installed, if the token may touch it: a plugin may touch itself only.
fn installed<'a>(website: &'a mut Website, call: &Call, token: &Token) -> Result<&'a mut Installed, Refusal> {
    let plugin_id = call.id("plugin_id");
    if token.tier == Tier::Plugin && token.subject != plugin_id {
        return Err(Refusal::forbidden("The token is of another plugin"));
    }
    let found = website.plugins.get_mut(plugin_id);
    found.ok_or_else(|| Refusal::not_found("Plugin subscription"))
}

pub(in crate::crisp) fn get(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let website = account.website(call.id("website_id"))?;
    let found = installed(website, call, token)?.clone();
    let website = &account.websites[call.id("website_id")];
    Ok(show(account.plugin(call.id("plugin_id"))?, website, &found))
}

pub(in crate::crisp) fn subscribe(account: &mut Account, call: &Call, _: &Token) -> Outcome {
    let plugin_id = call.body.text("plugin_id").unwrap_or_default().to_owned();
    let unknown = || Refusal::bad(format!("No plugin has the plugin_id {plugin_id}"));
    account.plugin(&plugin_id).map_err(|_| unknown())?;
    let website = account.website(call.id("website_id"))?;
    if website.plugins.contains_key(&plugin_id) {
        return Err(Refusal::bad("The plugin is installed already"));
    }
    let since = website.tick();
    let made = Installed {
        since,
        token: website.new_id(),
        settings: Object::new(),
        usage: Vec::new(),
        payloads: Vec::new(),
        events: Vec::new(),
    };
    website.plugins.insert(plugin_id, made);
    Ok(json!({}))
}

pub(in crate::crisp) fn unsubscribe(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    installed(website, call, token)?;
    website.plugins.remove(call.id("plugin_id"));
    website.tick();
    Ok(json!({}))
}

pub(in crate::crisp) fn get_settings(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let website_id = website.website_id.clone();
    let found = installed(website, call, token)?;
    Ok(json!({
        "plugin_id": call.id("plugin_id"),
        "website_id": website_id,
        "token": found.token,
        "schema": {},
        "settings": found.settings,
    }))
}

pub(in crate::crisp) fn save_settings(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    installed(website, call, token)?.settings = call.body.clone();
    website.tick();
    Ok(json!({}))
}

pub(in crate::crisp) fn update_settings(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    merge(&mut installed(website, call, token)?.settings, &call.body);
    website.tick();
    Ok(json!({}))
}

pub(in crate::crisp) fn usage_bills(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    Ok(json!(installed(website, call, token)?.usage))
}

pub(in crate::crisp) fn report_usage(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    installed(website, call, token)?.usage.push(json!(call.body));
    website.tick();
    Ok(json!({}))
}

/// A signed statement of who is using the plugin; the signature is made up.
pub(in crate::crisp) fn attest_provenance(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let (website_id, expire_at) = (website.website_id.clone(), website.now.saturating_add(60_000));
    let user = website.operator(&token.subject);
    let user = user.or_else(|| website.operators.first());
    let user = user.map(|user| json!({"user_id": user.user_id, "role": user.role}));
    let found = installed(website, call, token)?;
    Ok(json!({
        "payload": {
            "website": {"website_id": website_id},
            "user": user,
            "plugin": {"plugin_id": call.id("plugin_id")},
        },
        "signed": format!("sample-signature-{}", found.token),
        "expire_at": expire_at,
    }))
}

pub(in crate::crisp) fn forward_payload(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    installed(website, call, token)?.payloads.push(json!(call.body));
    website.tick();
    Ok(json!({}))
}

pub(in crate::crisp) fn dispatch_event(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    installed(website, call, token)?.events.push(json!(call.body));
    website.tick();
    Ok(json!({}))
}
