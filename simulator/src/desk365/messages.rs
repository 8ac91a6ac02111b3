//! Conversations of a ticket: replies and notes.

use serde_json::{Value, json};

use super::records::{BodyExt, Mail, Message, MessageKind, Tenant, flatten, same_email, split_list};
use super::tickets::number;
use crate::engine::{Answer, Call, Refusal};

fn show(tenant: &Tenant, message: &Message, origin: &str) -> Value {
    let (kind, public_note, sender) = match message.kind {
        MessageKind::ContactReply => ("reply", None, "contact"),
        MessageKind::AgentReply => ("reply", None, "agent"),
        MessageKind::PrivateNote => ("note", Some(false), "agent"),
        MessageKind::PublicNote => ("note", Some(true), "agent"),
        // Guess: the value for forwards was not seen.
        MessageKind::Forward => ("forward", None, "agent"),
    };
    json!({
        "id": message.id,
        "ticket_number": message.ticket_number,
        "created_by": message.created_by,
        "creator_name": message.creator_name,
        "type": kind,
        "public_note": public_note,
        "sender_type": sender,
        "cc_address": message.cc_address,
        "bcc_address": message.bcc_address,
        "to_address": message.to_address,
        "notified_agents": message.notified_agents,
        "body": message.body,
        "body_text": flatten(&message.body),
        "attachments_count": message.attachments.len(),
        "attachments": tenant.attachments_json(&message.attachments, origin),
        "created_on": message.created_on,
        // Spelled so on the wire.
        "is_email_deliveribility_failiure": message.bounced,
        "email_bounce_type": message.bounced.then_some("Permanent"),
        "email_bounce_status": message.bounced.then_some("Mailbox unavailable"),
    })
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let number = number(call);
    tenant.ticket_index(number)?;
    let wanted = |kind: MessageKind| {
        let flag = match kind {
            MessageKind::ContactReply => "include_contact_replies",
            MessageKind::AgentReply => "include_agent_replies",
            MessageKind::PrivateNote => "include_private_notes",
            MessageKind::PublicNote => "include_public_notes",
            MessageKind::Forward => "include_forward_messages",
        };
        call.flag(flag, true)
    };
    let mut messages: Vec<&Message> = tenant
        .messages(number)
        .iter()
        .filter(|message| wanted(message.kind))
        .collect();
    if call.given("sort_by") == Some("latest_on_top") {
        messages.reverse();
    }
    let count = |kind| messages.iter().filter(|message| message.kind == kind).count();
    let conversations: Vec<Value> = messages
        .iter()
        .map(|message| show(tenant, message, &call.origin))
        .collect();
    // Guess: the counts are of what is listed.
    Ok(Answer::Json(json!({
        "count": messages.len(),
        "agent_reply_count": count(MessageKind::AgentReply),
        "contact_reply_count": count(MessageKind::ContactReply),
        "public_note_count": count(MessageKind::PublicNote),
        "private_note_count": count(MessageKind::PrivateNote),
        "forward_message_count": count(MessageKind::Forward),
        "conversations": conversations,
    })))
}

/// The agent a message is from: the named one, or the owner of the key.
fn author(tenant: &Tenant, call: &Call) -> Result<String, Refusal> {
    match call.body.text("agent_email") {
        Some(email) => tenant.agent_email(&email),
        None => Ok(tenant.key_owner.clone()),
    }
}

fn addresses(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list.join(","))
}

fn file_names(tenant: &Tenant, ids: &[u64]) -> Vec<String> {
    ids.iter()
        .filter_map(|id| tenant.attachment(*id))
        .map(|attachment| attachment.file_name.clone())
        .collect()
}

/// Adds a message to a ticket, which counts as a change of the ticket.
fn add(tenant: &mut Tenant, index: usize, mut message: Message) -> i64 {
    let now = tenant.tick();
    message.id = tenant.next_id();
    message.created_on = now;
    let id = message.id;
    let answers = matches!(message.kind, MessageKind::AgentReply | MessageKind::PublicNote);
    let ticket = &mut tenant.tickets[index];
    if answers && ticket.first_response_time.is_none() {
        ticket.first_response_time = Some(now);
    }
    ticket.updated_on = Some(now);
    ticket.updated_by = Some(message.created_by.clone());
    ticket.updated_by_type = Some(2);
    tenant
        .conversations
        .entry(message.ticket_number)
        .or_default()
        .push(message);
    id
}

pub(super) fn reply(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let index = tenant.ticket_index(number(call))?;
    let agent = author(tenant, call)?;
    let from = match body.text("from_email") {
        // Guess: only the account's own mailboxes can send.
        Some(email) => tenant
            .mailboxes
            .iter()
            .find(|known| same_email(known, &email))
            .cloned()
            .ok_or_else(|| Refusal::bad(format!("{email} is no support address of this account")))?,
        None => tenant.support_email.clone(),
    };
    let ticket = &tenant.tickets[index];
    let (number, to, subject) = (
        ticket.ticket_number,
        ticket.contact_email.clone(),
        ticket.subject.clone(),
    );
    let mut cc = split_list(&body.text("cc_emails").unwrap_or_default());
    if body.number("include_prev_ccs") == Some(1) {
        for earlier in tenant
            .messages(number)
            .iter()
            .filter_map(|message| message.cc_address.as_deref())
        {
            for email in split_list(earlier) {
                if !cc.iter().any(|known| same_email(known, &email)) {
                    cc.push(email);
                }
            }
        }
    }
    let bcc = split_list(&body.text("bcc_emails").unwrap_or_default());
    let text = body.text("body").unwrap_or_default();
    let mut mailed = text.clone();
    if body.number("include_prev_messages") == Some(1) {
        for earlier in tenant
            .messages(number)
            .iter()
            .rev()
            .filter(|message| message.kind != MessageKind::PrivateNote)
        {
            mailed.push_str(&format!("<blockquote>{}</blockquote>", earlier.body));
        }
    }
    let attachments = tenant.keep_files(&call.files);
    let message = Message {
        id: 0,
        ticket_number: number,
        kind: MessageKind::AgentReply,
        creator_name: tenant.agent_name(&agent),
        created_by: agent,
        to_address: Some(to.clone()),
        cc_address: addresses(&cc),
        bcc_address: addresses(&bcc),
        notified_agents: None,
        body: text.clone(),
        attachments: attachments.clone(),
        created_on: tenant.now,
        bounced: false,
    };
    let id = add(tenant, index, message);
    let answer = json!({
        "id": id,
        "ticket_number": number,
        "body": text,
        "from_email": from,
        "to_email": to,
        "cc_emails": addresses(&cc),
        "bcc_emails": addresses(&bcc),
        "attachments": tenant.attachments_json(&attachments, &call.origin),
    });
    tenant.mails.push(Mail {
        ticket_number: number,
        kind: "reply",
        from,
        to,
        cc,
        bcc,
        subject: format!("Re: {subject} [#{number}]"),
        body: mailed,
        attachments: file_names(tenant, &attachments),
        sent_on: tenant.now,
    });
    Ok(Answer::Json(answer))
}

pub(super) fn note(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let index = tenant.ticket_index(number(call))?;
    let agent = author(tenant, call)?;
    let notified = split_list(&body.text("notify_emails").unwrap_or_default());
    for email in &notified {
        tenant.agent_email(email)?;
    }
    let ticket = &tenant.tickets[index];
    let (number, contact, subject) = (
        ticket.ticket_number,
        ticket.contact_email.clone(),
        ticket.subject.clone(),
    );
    // Private unless 0.
    let private = body.number("private_note").unwrap_or(1);
    let to = (private == 0).then_some(contact);
    let text = body.text("body").unwrap_or_default();
    let attachments = tenant.keep_files(&call.files);
    let message = Message {
        id: 0,
        ticket_number: number,
        kind: if private == 0 {
            MessageKind::PublicNote
        } else {
            MessageKind::PrivateNote
        },
        creator_name: tenant.agent_name(&agent),
        created_by: agent,
        to_address: to.clone(),
        cc_address: None,
        bcc_address: None,
        notified_agents: addresses(&notified),
        body: text.clone(),
        attachments: attachments.clone(),
        created_on: tenant.now,
        bounced: false,
    };
    let id = add(tenant, index, message);
    let answer = json!({
        "id": id,
        "ticket_number": number,
        "body": text,
        "private_note": private,
        "notify_emails": addresses(&notified),
        "to_email": to,
        "attachments": tenant.attachments_json(&attachments, &call.origin),
    });
    if let Some(to) = to {
        tenant.mails.push(Mail {
            ticket_number: number,
            kind: "public_note",
            from: tenant.support_email.clone(),
            to,
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: format!("Re: {subject} [#{number}]"),
            body: text,
            attachments: file_names(tenant, &attachments),
            sent_on: tenant.now,
        });
    }
    Ok(Answer::Json(answer))
}
