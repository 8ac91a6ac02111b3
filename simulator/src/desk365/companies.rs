//! Companies.

use serde_json::{Map, Value, json};

use super::records::{BodyExt, Company, Tenant, all_custom, split_list, updated_text};
use super::{FIXED_PAGE, page};
use crate::engine::{Answer, Call, Refusal};

/// The literal that stands for the account's own SLA.
pub(super) const DEFAULT_SLA: &str = "helpdesk default";

fn show(tenant: &Tenant, company: &Company, domains: Value, custom_fields: bool) -> Value {
    let mut shown = json!({
        "name": company.name,
        "description": company.description,
        "phone": company.phone,
        "address": company.address,
        "city": company.city,
        "state": company.state,
        "country": company.country,
        "zipcode": company.zipcode,
        "sla": company.sla,
        "domains": domains,
        "created_on": company.created_on,
        "updated_on": updated_text(company.updated_on),
    });
    if custom_fields {
        shown["custom_fields"] = Value::Object(all_custom(&tenant.company_fields, &company.custom_fields));
    }
    shown
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let mut matches: Vec<&Company> = tenant.companies.iter().collect();
    matches.sort_by_key(|company| company.name.to_lowercase());
    let custom_fields = call.flag("include_custom_fields", false);
    // A list of domains here, one string in details.
    let content = page(&matches, call, FIXED_PAGE, |company| {
        show(tenant, company, json!(company.domains), custom_fields)
    });
    Ok(Answer::Json(json!({"count": matches.len(), "content": content})))
}

fn position(tenant: &Tenant, name: &str) -> Result<usize, Refusal> {
    tenant
        .companies
        .iter()
        .position(|company| company.name == name)
        .ok_or_else(|| Refusal::not_found("Company"))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let company = &tenant.companies[position(tenant, call.text("name"))?];
    Ok(Answer::Json(show(
        tenant,
        company,
        json!(company.domains.join(",")),
        true,
    )))
}

/// The request model, which is what create and update answer with.
fn request_model(company: &Company) -> Value {
    json!({
        "name": company.name,
        "description": company.description,
        "phone": company.phone,
        "address": company.address,
        "city": company.city,
        "state": company.state,
        "country": company.country,
        "zipcode": company.zipcode,
        "sla": company.sla,
        "domains": company.domains.join(","),
    })
}

/// Puts what was given into the company.
fn apply(tenant: &Tenant, company: &mut Company, body: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(name) = body.text("name") {
        if name.trim().is_empty() {
            return Err(Refusal::bad("name must not be empty"));
        }
        // Guess: the status.
        if name != company.name && tenant.companies.iter().any(|other| other.name == name) {
            return Err(Refusal::bad(format!("A company named `{name}` already exists")));
        }
        company.name = name;
    }
    for (name, field) in [
        ("description", &mut company.description),
        ("phone", &mut company.phone),
        ("address", &mut company.address),
        ("city", &mut company.city),
        ("state", &mut company.state),
        ("country", &mut company.country),
        ("zipcode", &mut company.zipcode),
    ] {
        if let Some(text) = body.text(name) {
            *field = Some(text).filter(|text| !text.is_empty());
        }
    }
    if let Some(sla) = body.text("sla") {
        if sla != DEFAULT_SLA {
            tenant.check_sla(&sla)?;
        }
        company.sla = sla;
    }
    if let Some(domains) = body.text("domains") {
        let domains = split_list(&domains);
        if let Some(wrong) = domains
            .iter()
            .find(|domain| !domain.contains('.') || domain.contains(['@', ' ', '/']))
        {
            return Err(Refusal::bad(format!("`{wrong}` is no domain")));
        }
        company.domains = domains;
    }
    Ok(())
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let mut company = Company {
        name: String::new(),
        description: None,
        phone: None,
        address: None,
        city: None,
        state: None,
        country: None,
        zipcode: None,
        sla: DEFAULT_SLA.to_owned(),
        domains: Vec::new(),
        created_on: tenant.now,
        updated_on: None,
        custom_fields: Map::new(),
        attachments: Vec::new(),
    };
    apply(tenant, &mut company, &call.body)?;
    company.created_on = tenant.tick();
    company.attachments = tenant.keep_files(&call.files);
    let answer = request_model(&company);
    tenant.companies.push(company);
    Ok(Answer::Json(answer))
}

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let old_name = call.text("company_name");
    let index = position(tenant, old_name)?;
    let mut company = tenant.companies[index].clone();
    apply(tenant, &mut company, &call.body)?;
    company.updated_on = Some(tenant.tick());
    let Tenant {
        contacts,
        contracts,
        kb_categories,
        ..
    } = tenant;
    let names = contacts
        .iter_mut()
        .filter_map(|contact| contact.company_name.as_mut())
        .chain(contracts.iter_mut().map(|contract| &mut contract.company))
        .chain(kb_categories.iter_mut().flat_map(|category| &mut category.company_list));
    for name in names.filter(|name| *name == old_name) {
        name.clone_from(&company.name);
    }
    let answer = request_model(&company);
    tenant.companies[index] = company;
    Ok(Answer::Json(answer))
}
