//! What a plugin learns of itself and of the workspaces that installed it.

use serde_json::{Value, json};

use super::super::Account;
use super::super::access::Token;
use super::super::records::{Installed, PAGE, Website, moment, page};
use super::super::routes::Outcome;
use crate::engine::Call;

pub(in crate::crisp) fn account(_: &mut Account, _: &Call, token: &Token) -> Outcome {
    Ok(json!({"plugin_id": token.subject}))
}

pub(in crate::crisp) fn session(_: &mut Account, _: &Call, _: &Token) -> Outcome {
    Ok(Value::Null)
}

/// The workspaces of the token's plugin, as far as the query wants them.
fn connected<'a>(
    account: &'a Account,
    call: &'a Call,
    token: &'a Token,
) -> impl Iterator<Item = (&'a Website, &'a Installed)> {
    let installed = account
        .websites
        .values()
        .filter_map(|website| Some((website, website.plugins.get(&token.subject)?)));
    installed.filter(|(_, installed)| !call.flag("filter_configured", false) || !installed.settings.is_empty())
}

fn show(website: &Website, installed: &Installed, call: &Call) -> Value {
    let mut shown = json!({
        "website_id": website.website_id,
        "price": 0,
        "token": installed.token,
        "settings": installed.settings,
    });
    if let (true, Some(plan)) = (call.flag("include_plan", false), &website.plan) {
        shown["plan"] = json!({"id": plan.id, "name": plan.name, "trialing": false});
    }
    shown
}

pub(in crate::crisp) fn websites(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let shown = connected(account, call, token).map(|(website, installed)| show(website, installed, call));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn websites_since(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let since = moment(call, "date_since").unwrap_or_default();
    let shown = connected(account, call, token)
        .filter(|(_, installed)| installed.since >= since)
        .map(|(website, installed)| {
            let mut shown = show(website, installed, call);
            shown["difference"] = json!("created");
            shown
        });
    Ok(shown.collect())
}
