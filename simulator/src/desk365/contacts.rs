//! Contacts.

use serde_json::{Map, Value, json};

use super::records::{BodyExt, Contact, Tenant, all_custom, same_email, split_list, updated_text};
use super::{FIXED_PAGE, page};
use crate::engine::{Answer, Call, Refusal};

fn show(tenant: &Tenant, contact: &Contact, custom_fields: bool) -> Value {
    let mut shown = json!({
        "name": contact.name,
        "primary_email": contact.primary_email,
        "is_deleted": contact.is_deleted,
        "secondary_emails": contact.secondary_emails,
        "title": contact.title,
        "mobile": contact.mobile,
        "phone": contact.phone,
        "company_name": contact.company_name,
        "created_on": contact.created_on,
        "updated_on": updated_text(contact.updated_on),
    });
    if custom_fields {
        shown["custom_fields"] = Value::Object(all_custom(&tenant.contact_fields, &contact.custom_fields));
    }
    shown
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let company = call.given("company");
    let mut matches: Vec<&Contact> = tenant
        .contacts
        .iter()
        .filter(|contact| company.is_none() || contact.company_name.as_deref() == company)
        .collect();
    matches.sort_by_key(|contact| {
        let key = match call.given("order_by") {
            Some("2") => contact.title.as_deref().unwrap_or_default(),
            Some("3") => contact.company_name.as_deref().unwrap_or_default(),
            Some("4") => &contact.primary_email,
            _ => &contact.name,
        };
        (key.to_lowercase(), contact.primary_email.to_lowercase())
    });
    if call.given("order_type") == Some("desc") {
        matches.reverse();
    }
    let custom_fields = call.flag("include_custom_fields", false);
    let content = page(&matches, call, FIXED_PAGE, |contact| {
        show(tenant, contact, custom_fields)
    });
    Ok(Answer::Json(json!({"count": matches.len(), "content": content})))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let found = match (call.given("primary_email"), call.given("secondary_email")) {
        (Some(email), _) => tenant.contact(email),
        (None, Some(email)) => tenant.contacts.iter().find(|contact| {
            let others = split_list(contact.secondary_emails.as_deref().unwrap_or_default());
            others.iter().any(|other| same_email(other, email))
        }),
        (None, None) => None,
    };
    let contact = found.ok_or_else(|| Refusal::not_found("Contact"))?;
    Ok(Answer::Json(show(tenant, contact, true)))
}

/// The empty text clears.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn check_company(tenant: &Tenant, name: Option<&str>) -> Result<(), Refusal> {
    match name {
        // Guess: a company is not made on the way.
        Some(name) if !name.is_empty() && !tenant.companies.iter().any(|company| company.name == name) => {
            Err(Refusal::bad(format!("Company `{name}` does not exist")))
        }
        _ => Ok(()),
    }
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let primary_email = body.text("primary_email").unwrap_or_default();
    let secondary_emails = body.text("secondary_emails");
    let mut emails = split_list(secondary_emails.as_deref().unwrap_or_default());
    emails.push(primary_email.clone());
    // Guess: the status; that one address belongs to one contact is known.
    if let Some(taken) = emails.iter().find(|email| tenant.contact_by_any(email).is_some()) {
        return Err(Refusal::bad(format!("A contact with the email {taken} already exists")));
    }
    check_company(tenant, body.text("company_name").as_deref())?;
    let now = tenant.tick();
    let attachments = tenant.keep_files(&call.files);
    let contact = Contact {
        name: body.text("name").unwrap_or_default(),
        primary_email,
        secondary_emails,
        is_deleted: 0,
        title: filled(body.text("title")),
        mobile: filled(body.text("mobile")),
        phone: filled(body.text("phone")),
        company_name: filled(body.text("company_name")),
        created_on: now,
        updated_on: None,
        custom_fields: Map::new(),
        attachments,
    };
    // The request model comes back, not the record.
    let answer = json!({
        "name": contact.name,
        "primary_email": contact.primary_email,
        "secondary_emails": contact.secondary_emails,
        "title": contact.title,
        "mobile": contact.mobile,
        "phone": contact.phone,
        "company_name": contact.company_name,
    });
    tenant.contacts.push(contact);
    Ok(Answer::Json(answer))
}

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    check_company(tenant, body.text("company_name").as_deref())?;
    if body.text("name").is_some_and(|name| name.trim().is_empty()) {
        return Err(Refusal::bad("name must not be empty"));
    }
    let email = call.text("primary_email");
    let Some(index) = tenant
        .contacts
        .iter()
        .position(|contact| same_email(&contact.primary_email, email))
    else {
        return Err(Refusal::not_found("Contact"));
    };
    let now = tenant.tick();
    let contact = &mut tenant.contacts[index];
    if let Some(name) = body.text("name") {
        contact.name = name;
    }
    for (name, field) in [
        ("title", &mut contact.title),
        ("mobile", &mut contact.mobile),
        ("phone", &mut contact.phone),
        ("company_name", &mut contact.company_name),
    ] {
        if let Some(text) = body.text(name) {
            *field = filled(Some(text));
        }
    }
    contact.updated_on = Some(now);
    // The request model comes back, not the record.
    Ok(Answer::Json(json!({
        "name": contact.name,
        "title": contact.title,
        "mobile": contact.mobile,
        "phone": contact.phone,
        "company_name": contact.company_name,
    })))
}
