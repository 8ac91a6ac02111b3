//! What is said in tickets: messages on their channels.

use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, object};
use super::super::time;
use super::integration;

/// One thing said.
pub(super) struct Said<'a> {
    pub(super) channel: &'a str,
    /// The agent who says it; a customer otherwise.
    pub(super) agent: Option<i64>,
    pub(super) customer: i64,
    pub(super) text: &'a str,
    pub(super) subject: &'a str,
    pub(super) when: i64,
    pub(super) rule: Option<i64>,
}

fn person(record: Option<&Object>) -> Value {
    let Some(record) = record else { return Value::Null };
    let names = ["id", "email", "name", "firstname", "lastname", "meta"];
    let members = names
        .into_iter()
        .map(|name| (name.to_owned(), record.get(name).cloned().unwrap_or_default()));
    Value::Object(members.collect())
}

/// How a channel is spelled as `via` and as the kind of a source, and the integration behind it.
fn spelling(channel: &str, from_agent: bool) -> (&str, &str, &str) {
    match channel {
        "chat" if from_agent => ("helpdesk", "chat", "gorgias_chat"),
        "chat" => ("gorgias_chat", "chat", "gorgias_chat"),
        "contact_form" => ("contact_form", "contact-form", "email"),
        "instagram-direct-message" => ("instagram-direct-message", "instagram-direct-message", "facebook"),
        "whatsapp" => ("whatsapp", "whatsapp-message", "whatsapp"),
        "sms" => ("sms", "sms", "sms"),
        "phone" => ("phone", "phone", "phone"),
        "api" => ("api", "api", ""),
        "internal-note" => ("helpdesk", "internal-note", ""),
        _ if from_agent => ("helpdesk", "email", "email"),
        _ => ("email", "email", "email"),
    }
}

/// Where a customer is reached on a channel.
fn address(customer: &Object, channel: &str) -> String {
    let wanted = match channel {
        "sms" | "phone" | "whatsapp" => "phone",
        "instagram-direct-message" => "instagram",
        _ => "email",
    };
    let known = customer.items("channels").iter().find(|one| one["type"] == wanted);
    match known.and_then(|one| one["address"].as_str()) {
        Some(address) => address.to_owned(),
        None => format!("{wanted}-{}", customer.number("id").unwrap_or_default()),
    }
}

/// The message of what is said.
pub(super) fn message(account: &mut Account, ticket_id: i64, said: &Said<'_>) -> Object {
    account.last_message += 1;
    let note = said.channel == "internal-note";
    let (via, kind, behind) = spelling(said.channel, said.agent.is_some());
    let integration_id = integration(account, behind);
    let customer = account.customers.find(said.customer);
    let theirs = json!({
        "name": customer.and_then(|customer| customer.get("name")),
        "address": customer.map(|customer| address(customer, said.channel)),
    });
    let own = integration_id.and_then(|id| account.integrations.find(id));
    let ours = json!({
        "name": account.domain,
        "address": own.and_then(|one| one.get("meta")).map(|meta| meta["address"].clone()),
    });
    let user = person(said.agent.and_then(|id| account.users.find(id)));
    let customer = person(customer);
    let from_agent = said.agent.is_some();
    let (sender, receiver) = match (from_agent, note) {
        (true, true) => (user, Value::Null),
        (true, false) => (user, customer),
        _ => (customer, Value::Null),
    };
    let source = match (from_agent, note) {
        (_, true) => json!({"type": kind, "from": null, "to": [], "cc": [], "bcc": [], "extra": null}),
        (true, _) => json!({"type": kind, "from": ours, "to": [theirs], "cc": [], "bcc": [], "extra": null}),
        _ => json!({"type": kind, "from": theirs, "to": [ours], "cc": [], "bcc": [], "extra": null}),
    };
    let mail = said.channel == "email";
    let markup = format!(
        "<p>{}</p>",
        said.text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('\n', "<br>")
    );
    let when = time::text(said.when);
    object(json!({
        "id": account.last_message,
        "ticket_id": ticket_id,
        "message_id": mail.then(|| format!("<{}@{}.example>", account.last_message, account.domain)),
        "external_id": null,
        "public": !note,
        "channel": said.channel,
        "via": if said.rule.is_some() { "rule" } else { via },
        "source": source,
        "sender": sender,
        "receiver": receiver,
        "from_agent": from_agent,
        "integration_id": integration_id,
        "rule_id": said.rule,
        "subject": mail.then_some(said.subject),
        "body_text": said.text,
        "body_html": (mail || note).then_some(&markup),
        "stripped_text": said.text,
        "stripped_html": (mail || note).then_some(&markup),
        "stripped_signature": null,
        "attachments": [],
        "macros": [],
        "actions": [],
        "intents": [],
        "headers": null,
        "meta": null,
        "last_sending_error": null,
        "is_retriable": false,
        "created_datetime": when,
        "sent_datetime": when,
        "failed_datetime": null,
        "opened_datetime": null,
        "deleted_datetime": null,
    }))
}
