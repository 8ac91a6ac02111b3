//! What really goes out to customers, and when it arrives.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object};
use super::super::time;

/// Addresses in this domain cannot be reached.
const UNREACHABLE: &str = "@bounces.example";

/// Whether an address is one of the account's own, of an active integration of one of these kinds.
pub(super) fn is_own_address(account: &Account, kinds: &[&str], address: &str) -> bool {
    account.integrations.all().any(|(_, integration)| {
        let kind = integration.text("type").unwrap_or_default();
        let own = integration.get("meta").and_then(|meta| meta["address"].as_str());
        kinds.contains(&kind)
            && integration.some("deactivated_datetime").is_none()
            && own.is_some_and(|own| own.eq_ignore_ascii_case(address))
    })
}

fn addresses(source: Option<&Object>, name: &str) -> Vec<Value> {
    let listed = source.map_or(&[][..], |source| source.items(name));
    listed.iter().map(|one| one["address"].clone()).collect()
}

/// Sends a message: what goes out is remembered at once, that it has arrived is known later.
pub(super) fn send(account: &mut Account, ticket_id: i64, message: &Object) {
    let source = message.inner("source");
    let from = source
        .and_then(|source| source.inner("from"))
        .and_then(|from| from.get("address"));
    let mut to = addresses(source, "to");
    if to.is_empty() {
        to.extend(
            message
                .inner("receiver")
                .and_then(|receiver| receiver.get("email"))
                .cloned(),
        );
    }
    account.sent.push(json!({
        "kind": "message",
        "ticket_id": ticket_id,
        "message_id": message.get("id"),
        "channel": message.get("channel"),
        "from": from,
        "to": to,
        "cc": addresses(source, "cc"),
        "bcc": addresses(source, "bcc"),
        "subject": message.get("subject"),
        "body_text": message.get("body_text"),
        "body_html": message.get("body_html"),
        "datetime": account.now(),
    }));
}

fn is_unreachable(message: &Object) -> bool {
    let to = addresses(message.inner("source"), "to");
    to.iter()
        .any(|address| address.as_str().is_some_and(|address| address.ends_with(UNREACHABLE)))
}

/// Lets messages that are on their way arrive, and surveys that are due go out.
pub(in crate::gorgias) fn deliver(account: &mut Account) {
    let now = account.now();
    for ticket in account.tickets.values_mut() {
        for message in &mut ticket.messages {
            let on_its_way = message
                .some("sent_datetime")
                .or_else(|| message.some("failed_datetime"))
                .is_none();
            if !on_its_way || !message.is("from_agent") {
                continue;
            }
            if is_unreachable(message) {
                let error = json!({"error": "The address does not exist"});
                message.insert("failed_datetime".to_owned(), json!(now));
                message.insert("last_sending_error".to_owned(), error);
                message.insert("is_retriable".to_owned(), json!(true));
            } else {
                message.insert("sent_datetime".to_owned(), json!(now));
            }
        }
    }
    let mut sent = Vec::new();
    for survey in account.surveys.all_mut() {
        let due = survey.text("should_send_datetime").and_then(time::parse);
        if survey.some("sent_datetime").is_none() && due.is_some_and(|due| due <= account.now) {
            survey.insert("sent_datetime".to_owned(), json!(now));
            sent.push(json!({
                "kind": "satisfaction-survey",
                "ticket_id": survey.get("ticket_id"),
                "customer_id": survey.get("customer_id"),
                "datetime": now,
            }));
        }
    }
    account.sent.extend(sent);
}
