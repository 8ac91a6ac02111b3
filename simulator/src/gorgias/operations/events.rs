//! The audit log.

use serde_json::Value;

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, asked, id, json_answer, with_uri};
use super::super::time;
use crate::engine::{Call, Refusal};

fn show(event: &Object) -> Value {
    with_uri(event, "events")
}

/// A moment asked for, written as records have it; those sort as the moments do.
fn bound(call: &Call, name: &str) -> Option<String> {
    call.given(name).and_then(time::parse).map(time::text)
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let object = asked(call, "object_id");
    let kind = call.given("object_type");
    if kind.is_some() && object.is_none() {
        return Err(Refusal::at("object_id", "object_type needs object_id"));
    }
    let types = call.lists.get("types");
    let users: Option<Vec<i64>> = call
        .lists
        .get("user_ids")
        .map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
    let [after, from, before, until] =
        ["[gt]", "[gte]", "[lt]", "[lte]"].map(|end| bound(call, &format!("created_datetime{end}")));
    let events = account.events.all().filter(|(_, event)| {
        let at = event.text("created_datetime").unwrap_or_default();
        let of_type = event.text("type").unwrap_or_default();
        object.is_none_or(|wanted| event.number("object_id") == Some(wanted))
            && kind.is_none_or(|wanted| event.text("object_type") == Some(wanted))
            && types.is_none_or(|types| types.iter().any(|wanted| wanted == of_type))
            && users
                .as_ref()
                .is_none_or(|users| event.number("user_id").is_some_and(|user| users.contains(&user)))
            && after.as_deref().is_none_or(|after| at > after)
            && from.as_deref().is_none_or(|from| at >= from)
            && before.as_deref().is_none_or(|before| at < before)
            && until.as_deref().is_none_or(|until| at <= until)
    });
    listed(account, call, events, "created_datetime:desc", show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.events.get(id(call, "id"))?))
}
