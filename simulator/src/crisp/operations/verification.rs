//! Whether a visitor is who they say.

use serde_json::{Value, json};

use super::super::access::{Tier, Token};
use super::super::forms::SIX_DIGITS;
use super::super::records::{Members, Website};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

pub(in crate::crisp) fn status(website: &mut Website, call: &Call) -> Outcome {
    let conversation = website.conversation(call)?;
    Ok(json!({"verified": conversation.is_verified, "verifications": conversation.verifications}))
}

pub(in crate::crisp) fn update(website: &mut Website, call: &Call) -> Outcome {
    let (conversation, now) = website.change(call)?;
    conversation.is_verified = call.body.boolean("verified").unwrap_or_default();
    conversation.updated_at = now;
    Ok(json!({}))
}

/// Sends a code of six digits to the visitor; it waits in the records until it is redeemed.
pub(in crate::crisp) fn request_identity(website: &mut Website, call: &Call, token: &Token) -> Outcome {
    let body = &call.body;
    if token.tier == Tier::Plugin && !body.contains_key("recipient") {
        return Err(Refusal::bad("Missing field: recipient, which plugins must give"));
    }
    let code = format!("{:06}", website.rng.u32(..1_000_000));
    let identity = body.text("identity").unwrap_or_default().to_owned();
    let (conversation, _) = website.change(call)?;
    let recipient = body
        .text("recipient")
        .or_else(|| conversation.meta_text(&identity))
        .map(str::to_owned);
    let recipient = recipient.ok_or_else(|| Refusal::bad("Nothing is known to send the code to; give recipient"))?;
    let pending = json!({"identity": identity, "recipient": recipient, "token": code});
    conversation.pending_verifications.push(pending);
    let details = json!({"session_id": conversation.session_id, "identity": identity, "recipient": recipient});
    website.sent("identity verification", details);
    Ok(json!({}))
}

pub(in crate::crisp) fn redeem_link(website: &mut Website, call: &Call) -> Outcome {
    let body = &call.body;
    let code = body.text("token").unwrap_or_default();
    if !(SIX_DIGITS.fits)(code) {
        return Err(Refusal::bad(format!("token must be {}", SIX_DIGITS.wanted)));
    }
    let (conversation, now) = website.change(call)?;
    let same = |pending: &Value| pending["identity"] == body["identity"] && pending["recipient"] == body["recipient"];
    let place = conversation.pending_verifications.iter().rposition(same);
    let place = place.ok_or_else(|| Refusal::not_found("Identity verification"))?;
    if conversation.pending_verifications[place]["token"] != code {
        return Err(Refusal::forbidden("The token is wrong"));
    }
    conversation.pending_verifications.remove(place);
    let verification = json!({"identity": body["identity"], "method": "link", "annotation": body["recipient"]});
    conversation.verifications.push(verification);
    conversation.is_verified = true;
    conversation.updated_at = now;
    Ok(json!({}))
}
