//! Listing, reading, creating and updating tickets.

use serde_json::{Map, Value, json};

use super::records::{
    BodyExt, Contact, Tenant, Ticket, UNASSIGNED, all_custom, check_custom, flatten, same_email, updated_text,
};
use super::{page, page_size, ticket_filters};
use crate::engine::{Answer, Call, Moment, Refusal, parse_moment};

/// What a ticket is shown with besides the fields it always has.
#[derive(Clone, Copy, Default)]
pub(super) struct View {
    pub(super) description: bool,
    pub(super) custom_fields: bool,
    pub(super) survey: bool,
    /// Custom fields and survey values at the top level.
    pub(super) hoist: bool,
    pub(super) attachments: bool,
    pub(super) kept_sla: bool,
}

impl View {
    const DETAILS: Self = Self {
        description: true,
        custom_fields: true,
        survey: true,
        hoist: false,
        attachments: true,
        kept_sla: true,
    };

    /// The view a list is asked for.
    pub(super) fn listed(call: &Call) -> Self {
        Self {
            description: call.flag("include_description", false),
            custom_fields: call.flag("include_custom_fields", false),
            survey: call.flag("include_survey_details", false),
            // 1 means not nested: the reverse of the name.
            hoist: call.flag("nested_fields", false),
            attachments: false,
            kept_sla: false,
        }
    }
}

fn minutes(from: Moment, to: Option<Moment>) -> Option<i64> {
    to.map(|to| to.minutes_since(from))
}

pub(super) fn show(tenant: &Tenant, ticket: &Ticket, view: View, origin: &str) -> Value {
    let contact = tenant.contact(&ticket.contact_email);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("ticket_number", json!(ticket.ticket_number));
    put("contact_email", json!(ticket.contact_email));
    put("contact_name", json!(contact.map(|contact| &contact.name)));
    put("subject", json!(ticket.subject));
    if view.description {
        put("description", json!(ticket.description));
        put("description_text", json!(ticket.description.as_deref().map(flatten)));
    }
    put("status", json!(ticket.status));
    put("priority", json!(ticket.priority));
    put("type", json!(ticket.kind));
    put("source", json!(ticket.source));
    put("form_name", json!(ticket.form_name));
    put("form_is_deleted", json!(0));
    put("assigned_to", json!(ticket.assigned_to));
    put(
        "company_name",
        json!(contact.and_then(|contact| contact.company_name.as_ref())),
    );
    put("sla", json!(ticket.sla));
    if view.kept_sla {
        let ended = ticket.resolved_on.or(ticket.closed_on);
        put(
            "completed_within_sla",
            json!(ended.zip(ticket.due_date).map(|(ended, due)| ended <= due)),
        );
    }
    put("group", json!(ticket.group));
    put("category", json!(ticket.category));
    put("subcategory", json!(ticket.subcategory));
    put("created_on", json!(ticket.created_on));
    put("updated_on", json!(updated_text(ticket.updated_on)));
    put("resolved_on", json!(ticket.resolved_on));
    put("closed_on", json!(ticket.closed_on));
    put("due_date", json!(ticket.due_date));
    put("first_response_time", json!(ticket.first_response_time));
    put("first_assigned_time", json!(ticket.first_assigned_time));
    put(
        "first_assigned_duration",
        json!(minutes(ticket.created_on, ticket.first_assigned_time)),
    );
    put(
        "resolved_duration",
        json!(minutes(ticket.created_on, ticket.resolved_on)),
    );
    put(
        "first_replied_duration",
        json!(minutes(ticket.created_on, ticket.first_response_time)),
    );
    put("closed_duration", json!(minutes(ticket.created_on, ticket.closed_on)));
    let survey = if view.survey {
        survey_values(tenant, ticket)
    } else {
        None
    };
    if view.hoist {
        if view.custom_fields {
            shown.extend(all_custom(&tenant.ticket_fields, &ticket.custom_fields));
        }
        shown.extend(survey.unwrap_or_default());
    } else {
        if view.custom_fields {
            put(
                "custom_fields",
                Value::Object(all_custom(&tenant.ticket_fields, &ticket.custom_fields)),
            );
        }
        if let Some(survey) = survey {
            put("survey_rating", Value::Object(survey));
        }
    }
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    if view.attachments {
        put("attachments", tenant.attachments_json(&ticket.attachments, origin));
    }
    put("watchers", json!(ticket.watchers));
    put("share_to", json!(ticket.share_to));
    put("conversation_count", json!(tenant.messages(ticket.ticket_number).len()));
    put("updated_by", json!(ticket.updated_by));
    put("updated_by_type", json!(ticket.updated_by_type));
    put("closed_by", json!(ticket.closed_by));
    put("closed_by_type", json!(ticket.closed_by_type));
    Value::Object(shown)
}

/// The survey sent for a ticket and what was answered.
fn survey_values(tenant: &Tenant, ticket: &Ticket) -> Option<Map<String, Value>> {
    let sent = ticket.survey.as_ref()?;
    let survey = tenant
        .surveys
        .iter()
        .find(|survey| survey.survey_name == sent.survey_name)?;
    let mut values = Map::new();
    let mut put = |name: &str, value: Value| drop(values.insert(name.to_owned(), value));
    put("sv_name", json!(survey.survey_name));
    put("sv_answered", json!(sent.rated_on.is_some()));
    put("sv_type", json!(survey.survey_type));
    put("sv_cs_scale", json!(survey.scale));
    put("sv_cs_neutral_type", json!(survey.neutral_type));
    put("sv_question", json!(survey.questions.first()));
    put("sv_rating", json!(sent.rating));
    for (index, question) in survey.questions.iter().enumerate().skip(1) {
        put(&format!("sv_cs_question_{}", index + 1), json!(question));
        put(&format!("sv_cs_rating_{}", index + 1), json!(sent.rating));
    }
    put("sv_additional_comments_title", json!(survey.comments_title));
    put("sv_additional_comments_response", json!(sent.comment));
    put("sv_sent_on", json!(sent.sent_on));
    put("sv_rated_on", json!(sent.rated_on));
    Some(values)
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let filters = ticket_filters::read(tenant, call.given("filters").unwrap_or("{}"))?;
    let since = call.given("updated_since").and_then(parse_moment);
    let mut matches: Vec<&Ticket> = tenant
        .tickets
        .iter()
        .filter(|ticket| !ticket.archived)
        // Guess: a new ticket counts as updated when it was created.
        .filter(|ticket| since.is_none_or(|since| ticket.last_change() >= since))
        .filter(|ticket| filters.admit(tenant, ticket))
        .collect();
    if call.given("order_by") == Some("updated_time") {
        matches.sort_by_key(|ticket| (ticket.last_change(), ticket.ticket_number));
    } else {
        matches.sort_by_key(|ticket| (ticket.created_on, ticket.ticket_number));
    }
    if call.given("order_type") != Some("asc") {
        matches.reverse();
    }
    let view = View::listed(call);
    let tickets = page(&matches, call, page_size(call, "ticket_count"), |ticket| {
        show(tenant, ticket, view, &call.origin)
    });
    Ok(Answer::Json(json!({"count": matches.len(), "tickets": tickets})))
}

/// The number in `ticket_number`.
pub(super) fn number(call: &Call) -> i64 {
    call.text("ticket_number").parse().unwrap_or(-1)
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let ticket = &tenant.tickets[tenant.ticket_index(number(call))?];
    Ok(Answer::Json(show(tenant, ticket, View::DETAILS, &call.origin)))
}

/// The status as the tenant writes it; case does not matter.
fn status(tenant: &Tenant, given: &str) -> Result<String, Refusal> {
    let found = tenant
        .statuses
        .iter()
        .find(|known| known.to_lowercase() == given.to_lowercase());
    found
        .cloned()
        .ok_or_else(|| Refusal::bad(format!("Status `{given}` does not exist")))
}

fn check_subcategory(tenant: &Tenant, category: Option<&str>, name: &str) -> Result<(), Refusal> {
    let Some(category) = category else {
        return Err(Refusal::bad("sub_category needs a category"));
    };
    let known = tenant.categories.iter().find(|known| known.name == category);
    match known {
        Some(known) if known.subcategories.iter().any(|sub| sub == name) => Ok(()),
        _ => Err(Refusal::bad(format!(
            "Sub category `{name}` does not belong to category `{category}`"
        ))),
    }
}

fn category_names(tenant: &Tenant) -> Vec<String> {
    tenant.categories.iter().map(|category| category.name.clone()).collect()
}

/// A contact for an address that has none yet, with the company whose domain it is.
fn new_contact(tenant: &Tenant, email: &str, now: Moment) -> Contact {
    let (name, domain) = email.split_once('@').unwrap_or((email, ""));
    let company = tenant
        .companies
        .iter()
        .find(|company| company.domains.iter().any(|known| known.eq_ignore_ascii_case(domain)))
        .map(|company| company.name.clone());
    Contact {
        name: name.to_owned(),
        primary_email: email.to_owned(),
        secondary_emails: None,
        is_deleted: 0,
        title: None,
        mobile: None,
        phone: None,
        company_name: company,
        created_on: now,
        updated_on: None,
        custom_fields: Map::new(),
        attachments: Vec::new(),
    }
}

/// The primary address of the contact with this address; an unknown one becomes a new contact.
fn contact_for(tenant: &mut Tenant, email: &str, now: Moment) -> String {
    if let Some(contact) = tenant.contact_by_any(email) {
        return contact.primary_email.clone();
    }
    let contact = new_contact(tenant, email, now);
    tenant.contacts.push(contact);
    email.to_owned()
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let form_name = match body.text("form_name") {
        Some(name) => {
            Tenant::check_name("Form", &name, &tenant.forms)?;
            Some(name)
        }
        None => tenant.forms.first().cloned(),
    };
    let status = status(tenant, body.text("status").as_deref().unwrap_or("Open"))?;
    if let Some(name) = body.text("type") {
        Tenant::check_name("Type", &name, &tenant.types)?;
    }
    if let Some(name) = body.text("group") {
        Tenant::check_name("Group", &name, &tenant.groups)?;
    }
    let category = body.text("category");
    if let Some(name) = &category {
        Tenant::check_name("Category", name, &category_names(tenant))?;
    }
    let subcategory = body.text("sub_category");
    if let Some(name) = &subcategory {
        check_subcategory(tenant, category.as_deref(), name)?;
    }
    let assigned_to = body
        .text("assign_to")
        .map(|email| tenant.agent_email(&email))
        .transpose()?;
    let watchers = body.texts("watchers").unwrap_or_default();
    let watchers = watchers
        .iter()
        .map(|email| tenant.agent_email(email))
        .collect::<Result<Vec<_>, _>>()?;
    let mut custom_fields = Map::new();
    if let Some(given) = body.object("custom_fields") {
        check_custom(&tenant.ticket_fields, given)?;
        custom_fields = given.clone();
    }

    let now = tenant.tick();
    let contact_email = contact_for(tenant, &body.text("email").unwrap_or_default(), now);
    // Guess: Medium, when no priority is given.
    let priority = body.number("priority").unwrap_or(5);
    let sla = tenant.sla_for(tenant.company_of(&contact_email));
    let due_date = tenant.due(&sla, priority, now);
    let number = tenant.tickets.last().map_or(1, |ticket| ticket.ticket_number + 1);
    let attachments = tenant.keep_files(&call.files);
    let mut ticket = Ticket {
        ticket_number: number,
        contact_email,
        subject: body.text("subject").unwrap_or_default(),
        description: body.text("description"),
        status: String::new(),
        priority,
        kind: body.text("type"),
        source: 15,
        form_name,
        first_assigned_time: assigned_to.is_some().then_some(now),
        assigned_to,
        sla,
        group: body.text("group"),
        category,
        subcategory,
        created_on: now,
        updated_on: None,
        resolved_on: None,
        closed_on: None,
        due_date,
        first_response_time: None,
        custom_fields,
        survey: None,
        attachments,
        watchers,
        // Guess: an address that is no contact yet is taken.
        share_to: body.texts("share_to").unwrap_or_default(),
        updated_by: None,
        updated_by_type: None,
        closed_by: None,
        closed_by_type: None,
        merged: false,
        archived: false,
    };
    set_status(&mut ticket, status, now, &tenant.key_owner);
    tenant.tickets.push(ticket);
    let ticket = &tenant.tickets[tenant.ticket_index(number)?];
    Ok(Answer::Json(show(tenant, ticket, View::DETAILS, &call.origin)))
}

fn set_status(ticket: &mut Ticket, status: String, now: Moment, by: &str) {
    if ticket.status == status {
        return;
    }
    match status.as_str() {
        "Resolved" => {
            ticket.resolved_on = Some(now);
            ticket.closed_on = None;
        }
        "Closed" => {
            ticket.closed_on = Some(now);
            ticket.closed_by = Some(by.to_owned());
            ticket.closed_by_type = Some(2);
        }
        _ => {
            ticket.resolved_on = None;
            ticket.closed_on = None;
            ticket.closed_by = None;
            ticket.closed_by_type = None;
        }
    }
    ticket.status = status;
}

/// `--` clears.
fn clearable(text: String) -> Option<String> {
    (text != UNASSIGNED).then_some(text)
}

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let index = tenant.ticket_index(number(call))?;
    // The change is made on a copy: a refused one leaves nothing behind.
    let mut ticket = tenant.tickets[index].clone();
    let now = Moment(tenant.now.0.saturating_add(1));
    if let Some(subject) = body.text("subject") {
        if subject.trim().is_empty() {
            return Err(Refusal::bad("subject must not be empty"));
        }
        ticket.subject = subject;
    }
    if let Some(description) = body.text("description") {
        ticket.description = Some(description);
    }
    if let Some(kind) = body.text("type") {
        Tenant::check_name("Type", &kind, &tenant.types)?;
        ticket.kind = Some(kind);
    }
    if let Some(group) = body.text("group") {
        ticket.group = clearable(group);
        if let Some(name) = &ticket.group {
            Tenant::check_name("Group", name, &tenant.groups)?;
        }
    }
    if let Some(category) = body.text("category").map(clearable)
        && category != ticket.category
    {
        if let Some(name) = &category {
            Tenant::check_name("Category", name, &category_names(tenant))?;
        }
        ticket.category = category;
        // A sub category belongs to its category.
        ticket.subcategory = None;
    }
    if let Some(subcategory) = body.text("sub_category") {
        ticket.subcategory = clearable(subcategory);
        if let Some(name) = &ticket.subcategory {
            check_subcategory(tenant, ticket.category.as_deref(), name)?;
        }
    }
    if let Some(agent) = body.text("assign_to") {
        ticket.assigned_to = clearable(agent).map(|email| tenant.agent_email(&email)).transpose()?;
        if ticket.assigned_to.is_some() && ticket.first_assigned_time.is_none() {
            ticket.first_assigned_time = Some(now);
        }
    }
    if let Some(given) = body.object("custom_fields") {
        check_custom(&tenant.ticket_fields, given)?;
        ticket.custom_fields.extend(given.clone());
    }
    if let Some(change) = body.object("watchers") {
        for email in change.texts("add").unwrap_or_default() {
            tenant.agent_email(&email)?;
        }
        change_list(&mut ticket.watchers, change);
    }
    if let Some(change) = body.object("share_to") {
        change_list(&mut ticket.share_to, change);
    }
    let mut new_due = false;
    if let Some(sla) = body.text("sla") {
        tenant.check_sla(&sla)?;
        new_due = true;
        ticket.sla = sla;
    }
    if let Some(priority) = body.number("priority") {
        new_due = new_due || priority != ticket.priority;
        ticket.priority = priority;
    }
    if new_due {
        ticket.due_date = tenant.due(&ticket.sla, ticket.priority, ticket.created_on);
    }
    if let Some(given) = body.text("status") {
        set_status(&mut ticket, status(tenant, &given)?, now, &tenant.key_owner);
    }
    // The last step, as it may make a contact.
    if let Some(email) = body.text("contact_email") {
        ticket.contact_email = contact_for(tenant, &email, now);
    }
    tenant.tick();
    ticket.updated_on = Some(now);
    ticket.updated_by = Some(tenant.key_owner.clone());
    ticket.updated_by_type = Some(2);
    tenant.tickets[index] = ticket;
    let view = View {
        attachments: false,
        ..View::DETAILS
    };
    Ok(Answer::Json(show(tenant, &tenant.tickets[index], view, &call.origin)))
}

fn change_list(list: &mut Vec<String>, change: &Map<String, Value>) {
    let gone = change.texts("remove").unwrap_or_default();
    list.retain(|known| !gone.iter().any(|gone| same_email(gone, known)));
    for email in change.texts("add").unwrap_or_default() {
        if !list.iter().any(|known| same_email(known, &email)) {
            list.push(email);
        }
    }
}
