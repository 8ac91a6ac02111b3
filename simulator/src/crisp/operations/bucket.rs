//! What is asked for over HTTP and answered by events, and where events come from.

use serde_json::json;

use super::super::Account;
use super::super::access::Token;
use super::super::routes::Outcome;
use super::website::socket_endpoints;
use crate::engine::Call;

/// The signed URL would come as an event.
pub(in crate::crisp) fn generate_url(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let request = json!({"kind": "bucket url", "by": token.identifier, "details": call.body});
    account.requests.push(request);
    Ok(json!({}))
}

/// The animations would come as an event.
pub(in crate::crisp) fn list_animations(account: &mut Account, call: &Call, token: &Token) -> Outcome {
    let details = json!({
        "list_id": call.text("list_id"),
        "search_query": call.given("search_query"),
        "page_number": call.id("page_number"),
    });
    let request = json!({"kind": "animation search", "by": token.identifier, "details": details});
    account.requests.push(request);
    Ok(json!({}))
}

/// Where the official client looks for its events.
pub(in crate::crisp) fn endpoints(_: &mut Account, call: &Call, _: &Token) -> Outcome {
    Ok(socket_endpoints(call))
}
