//! Macros, rules and jobs of the sample shops.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::{jobs, macros, rule_code, rules};
use super::super::records::{Account, Members, object};
use super::super::time::{self, DAY, HOUR, MINUTE};
use super::workspace::{Shop, ago};

/// Name, intent, tags, answer, usage. `{shop}` is filled in; what stands in double braces is the helpdesk's own.
type Answer = (&'static str, Option<&'static str>, &'static str, &'static str, i64);

const ANSWERS: &[Answer] = &[
    (
        "Refund: on its way",
        Some("refund/status"),
        "refund",
        "Hi {{ticket.customer.firstname}},\n\nyour refund has been booked today. Depending on your bank it takes three to five \
         working days to arrive.\n\nThe {shop} team",
        214,
    ),
    (
        "Refund: ask for the order number",
        Some("refund/request"),
        "refund",
        "Hi {{ticket.customer.firstname}},\n\nwe are happy to look into your refund. Could you send us the order number? It is on \
         the first page of the confirmation mail.\n\nThe {shop} team",
        161,
    ),
    (
        "Return: how it works",
        Some("return/request"),
        "return",
        "Hi {{ticket.customer.firstname}},\n\nyou can send everything back within 30 days. Print the label from your account under \
         Orders, Return, and drop the parcel at any shop of the carrier.\n\nThe {shop} team",
        143,
    ),
    (
        "Shipping: parcel is late",
        Some("shipping/delivery-issue"),
        "shipping, late-parcel",
        "Hi {{ticket.customer.firstname}},\n\nwe are sorry that your parcel is late. We have asked the carrier where it is and \
         write again as soon as we know, by tomorrow evening at the latest.\n\nThe {shop} team",
        187,
    ),
    (
        "Shipping: where is my order",
        Some("shipping/status"),
        "shipping",
        "Hi {{ticket.customer.firstname}},\n\nyour order has left our warehouse. You can follow it with the link in the mail that \
         tells of the dispatch.\n\nThe {shop} team",
        240,
    ),
    (
        "Password: reset link",
        None,
        "password-reset, account",
        "Hi {{ticket.customer.firstname}},\n\nplease ask for a new link at the login page under Forgotten password. It is valid for \
         one hour. We never ask for your password.\n\nThe {shop} team",
        98,
    ),
    (
        "Order: damaged on arrival",
        Some("order/damaged"),
        "damaged",
        "Hi {{ticket.customer.firstname}},\n\nwe are sorry to read that. Could you send us a photograph of the damage and of the \
         label on the box? We replace it at once.\n\nThe {shop} team",
        57,
    ),
    (
        "Sizes: which one fits",
        Some("product/question"),
        "sizing",
        "Hi {{ticket.customer.firstname}},\n\nall our sizes run true. Between two sizes we advise the larger one; an exchange is \
         free of charge.\n\nThe {shop} team",
        44,
    ),
    (
        "Exchange: other size",
        Some("exchange/request"),
        "exchange, sizing",
        "Hi {{ticket.customer.firstname}},\n\nwe have put the other size aside for you. It leaves as soon as the first parcel is on \
         its way back.\n\nThe {shop} team",
        39,
    ),
    (
        "Voucher: not accepted",
        Some("discount/request"),
        "voucher",
        "Hi {{ticket.customer.firstname}},\n\na voucher counts once and not on reduced goods. If yours is refused all the same, send \
         us the code and we make you a new one.\n\nThe {shop} team",
        31,
    ),
    (
        "Order: cancelled",
        Some("order/cancel"),
        "refund",
        "Hi {{ticket.customer.firstname}},\n\nyour order has been cancelled and nothing will be charged.\n\nThe {shop} team",
        26,
    ),
    (
        "Thanks",
        Some("other/thanks"),
        "feedback",
        "Hi {{ticket.customer.firstname}},\n\nthank you, that is good to read.\n\nThe {shop} team",
        73,
    ),
];

const GERMAN: &str = "Guten Tag {{ticket.customer.firstname}},\n\nIhr Paket hat sich verspätet; wir haben beim Zusteller nachgefragt \
                      und melden uns bis morgen Abend.\n\nIhr {shop}-Team";

/// A text as HTML.
fn html(text: &str) -> String {
    let paragraphs = text
        .split("\n\n")
        .map(|part| format!("<p>{}</p>", part.replace('\n', "<br>")));
    paragraphs.collect()
}

fn response(shop: &Shop, text: &str) -> Value {
    let text = text.replace("{shop}", shop.name);
    json!({
        "name": "setResponseText", "title": "Insert response", "type": "user",
        "arguments": {"body_html": html(&text), "body_text": text},
    })
}

fn action(name: &str, title: &str, arguments: Value) -> Value {
    json!({"name": name, "title": title, "type": "user", "arguments": arguments})
}

fn add_macro(account: &mut Account, shop: &Shop, index: i64, usage: i64, mut body: Value) {
    body["external_id"] = json!(format!("{}-macro-{:02}", shop.domain, index + 1));
    let created = ago(account, 370 * DAY - index * 11 * DAY);
    let mut one = macros::new(&object(body), &created);
    one.insert("usage".to_owned(), json!(usage));
    account.macros.add(one);
}

fn add_macros(account: &mut Account, shop: &Shop) {
    let count = if shop.large { ANSWERS.len() } else { 5 };
    for (index, (name, intent, tags, text, usage)) in (0..).zip(ANSWERS.iter().take(count)) {
        let usage = if shop.large { *usage } else { *usage / 9 };
        let body = json!({
            "name": name, "intent": intent, "language": "en",
            "actions": [response(shop, text), action("addTags", "Add tags", json!({"tags": tags}))],
        });
        add_macro(account, shop, index, usage, body);
    }
    if !shop.large {
        return;
    }
    let more = [
        json!({
            "name": "Paket verspätet", "intent": "shipping/delivery-issue", "language": "de",
            "actions": [response(shop, GERMAN), action("addTags", "Add tags", json!({"tags": "shipping, late-parcel"}))],
        }),
        json!({
            "name": "Close without answer", "intent": "other/no_reply",
            "actions": [
                action("addTags", "Add tags", json!({"tags": "auto-reply"})),
                action("setStatus", "Set status", json!({"status": "closed"})),
            ],
        }),
        json!({
            "name": "Escalate",
            "actions": [
                action("addTags", "Add tags", json!({"tags": "urgent"})),
                action("setPriority", "Set priority", json!({"priority": "high"})),
                action("addInternalNote", "Add note", json!({"body_text": "Handed to Escalations: please read the whole thread."})),
            ],
        }),
    ];
    for (index, body) in (12..).zip(more) {
        add_macro(account, shop, index, 20 - index, body);
    }
    let body = json!({
        "name": "Winter sale 2025", "intent": "discount/request", "language": "en",
        "actions": [response(shop, "Hi {{ticket.customer.firstname}},\n\nthe sale is over. The next one begins in July.\n\nThe {shop} team")],
    });
    add_macro(account, shop, 15, 66, body);
    let archived = ago(account, 20 * DAY);
    if let Some((id, _)) = account.macros.with("name", "Winter sale 2025")
        && let Ok(one) = account.macros.change(id)
    {
        one.insert("archived_datetime".to_owned(), json!(archived));
    }
}

/// Name, what it is for, events, code, whether it is on. `{macro}` and `{team}` are filled in.
type Rule = (&'static str, &'static str, &'static str, &'static str, bool);

const RULES: &[Rule] = &[
    (
        "Tag refunds",
        "Tags what asks for money back",
        "ticket-created",
        "if (eq(ticket.from_agent, false) && containsAny(message.body_text, ['refund', 'money back'])) {\n  Action('addTags', {tags: \
         'refund'});\n}",
        true,
    ),
    (
        "Answer late parcels at night",
        "First answer when nobody is there",
        "ticket-created,ticket-message-created",
        "// Only outside business hours.\nif (containsAny(message.intents.name, ['shipping/delivery-issue']) && \
         !eq(ticket.channel, 'phone')) {\n  Action('applyMacro', {macro_id: {macro}});\n  Action('addTags', {tags: \
         'auto-reply'});\n}",
        true,
    ),
    (
        "Reopen after bad scores",
        "A bad score is looked at again",
        "satisfaction-survey-responded",
        "if (lte(ticket.satisfaction_survey.score, 2)) {\n  Action('setStatus', {status: 'open'});\n  Action('addTags', {tags: \
         'feedback'});\n}",
        true,
    ),
    (
        "Passwords to Accounts",
        "",
        "ticket-created",
        "if (containsAny(message.body_text, ['password', 'log in', 'login'])) {\n  Action('addTags', {tags: 'password-reset'});\n  \
         Action('setTeamAssignee', {assignee_team: {id: {team}}});\n} else {\n  Action('setPriority', {priority: \
         'normal'});\n}",
        true,
    ),
    (
        "Close auto-replies",
        "Out-of-office mails need nobody",
        "ticket-created,ticket-message-created",
        "if (eq(message.meta.is_auto_reply, true) || containsAny(ticket.subject, ['Out of office', 'Automatic reply'])) {\n  \
         Action('setStatus', {status: 'closed'});\n}",
        true,
    ),
    (
        "Old: greet everybody",
        "Was too much",
        "ticket-created",
        "Action('replyToTicket', {body_text: 'Thank you, we have your message.'});",
        false,
    ),
];

fn add_rules(account: &mut Account, shop: &Shop) {
    let late = account
        .macros
        .with("name", "Shipping: parcel is late")
        .map(|(id, _)| id);
    let accounts = account.teams.with("name", "Accounts").map(|(id, _)| id);
    let count = if shop.large { RULES.len() } else { 2 };
    for (index, (name, description, events, code, on)) in (0..).zip(RULES.iter().take(count)) {
        let code = code
            .replace("{macro}", &late.unwrap_or_default().to_string())
            .replace("{team}", &accounts.unwrap_or_default().to_string());
        let tree = rule_code::parse(&code).unwrap_or_default();
        let created = ago(account, 320 * DAY - index * 17 * DAY);
        let body = object(json!({
            "name": name,
            "description": Some(description).filter(|text| !text.is_empty()),
            "code": code,
            "event_types": events,
            "priority": 100 - 10 * index,
            "deactivated_datetime": (!on).then(|| ago(account, 70 * DAY)),
        }));
        account.rules.add(rules::new(&body, tree, &created));
    }
}

/// Jobs that are over, one that failed, one that was cancelled.
fn add_jobs(account: &mut Account, shop: &Shop) {
    let user = account.users.all().next().map_or(0, |(id, _)| id);
    let tickets: Vec<i64> = account.tickets.keys().copied().take(12).collect();
    let late = account
        .macros
        .with("name", "Shipping: parcel is late")
        .map(|(id, _)| id);
    let mut wanted = vec![
        (
            "done",
            json!({"type": "updateTicket", "params": {"ticket_ids": tickets, "updates": {"is_unread": false}}}),
        ),
        ("done", json!({"type": "exportMacro", "params": {}})),
    ];
    if shop.large {
        let few = tickets.get(..3).unwrap_or_default();
        let macro_params = json!({"ticket_ids": few, "macro_id": late, "apply_and_close": false});
        let import = json!({"url": "https://acme.example/macros.csv"});
        wanted.push(("done", json!({"type": "applyMacro", "params": macro_params})));
        wanted.push(("errored", json!({"type": "importMacro", "params": import})));
        wanted.push((
            "canceled",
            json!({"type": "deleteTicket", "params": {"ticket_ids": few}}),
        ));
    }
    for (index, (status, body)) in (0..).zip(wanted) {
        let created = account.now - 30 * DAY + index * 2 * DAY + 3 * HOUR;
        let ended = time::text(created + 2 * MINUTE);
        let mut job = jobs::new(&object(body), user, &time::text(created));
        let count = job.inner("params").map_or(0, |params| params.items("ticket_ids").len());
        let mut put = |name: &str, value: Value| drop(job.insert(name.to_owned(), value));
        put("status", json!(status));
        match status {
            "canceled" => {
                put("cancel_requested_datetime", json!(ended));
                put("cancelled_datetime", json!(ended));
            }
            "errored" => {
                put("started_datetime", json!(time::text(created + MINUTE)));
                put("ended_datetime", json!(ended));
                put("failed_datetime", json!(ended));
                put(
                    "info",
                    json!({"progress_count": 0, "error": "The file could not be fetched"}),
                );
            }
            _ => {
                put("started_datetime", json!(time::text(created + MINUTE)));
                put("ended_datetime", json!(ended));
                put("info", json!({"progress_count": count, "total_count": count}));
            }
        }
        account.jobs.add(job);
    }
}

pub(super) fn add(account: &mut Account, shop: &Shop, _: &mut Rng) {
    add_macros(account, shop);
    add_rules(account, shop);
    add_jobs(account, shop);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_all_rules_can_be_read() {
        for (name, .., code, _) in RULES {
            let code = code.replace("{macro}", "7").replace("{team}", "8");
            assert!(rule_code::parse(&code).is_ok(), "{name}: {:?}", rule_code::parse(&code));
        }
    }

    #[test]
    fn text_becomes_paragraphs() {
        assert_eq!(html("Hi,\n\na\nb"), "<p>Hi,</p><p>a<br>b</p>");
    }
}
