//! Desk365, API version 3.
//!
//! Every tenant has a host of its own at the vendor; here it is the first segment of the path: `/{subdomain}/apis/v3/...`.
//! Files linked from answers lie under `/{subdomain}/files/`.
//!
//! What the vendor's document leaves open is decided here and marked "guess" where it is.

mod companies;
mod contacts;
mod contracts;
mod knowledge_base;
mod locations;
mod messages;
mod records;
mod routes;
mod sample;
mod sample_texts;
mod shapes;
mod surveys;
mod ticket_filters;
mod ticket_search;
mod tickets;
mod time_entries;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::http::{HeaderMap, Method, header};
use serde_json::{Map, Value, json};

use crate::engine::{Admission, Answer, Call, Helpdesk, Moment, Place, Refusal, Route, Upload, Usage};
use crate::{Descriptor, Options, Plan};
use records::Tenant;
use routes::{CONTRACTS, ROUTES};

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    slug: "desk365",
    name: "Desk365",
    base_path: "/{subdomain}/apis",
    plans: &[
        Plan {
            name: "standard",
            calls: Some(100),
            window: Duration::from_secs(3600),
            leaks: false,
        },
        Plan {
            name: "plus",
            calls: Some(50),
            window: Duration::from_secs(60),
            leaks: false,
        },
        Plan {
            name: "premium",
            calls: Some(50),
            window: Duration::from_secs(60),
            leaks: false,
        },
        Plan {
            name: "unlimited",
            calls: None,
            window: Duration::from_secs(60),
            leaks: false,
        },
    ],
    default_plan: "plus",
    accesses: &["api_key"],
    widest_access: "api_key",
    tenants: &[sample::ACME, sample::BIRCHWOOD],
    make: |options| Box::new(Desk365::new(options)),
};

/// Size of the pages that cannot be sized.
const FIXED_PAGE: usize = 30;

/// An operation; the checks that need no records are done.
type Operation = fn(&mut Tenant, &Call) -> Result<Answer, Refusal>;

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "ping" => ping,
        "list_tickets" => tickets::list,
        "search_tickets" => ticket_search::search,
        "get_ticket" => tickets::get,
        "create_ticket" | "create_ticket_with_attachment" => tickets::create,
        "update_ticket" => tickets::update,
        "list_ticket_conversations" => messages::list,
        "create_ticket_reply" | "create_ticket_reply_with_attachment" => messages::reply,
        "create_ticket_note" | "create_ticket_note_with_attachment" => messages::note,
        "list_contacts" => contacts::list,
        "get_contact" => contacts::get,
        "create_contact" | "create_contact_with_attachment" => contacts::create,
        "update_contact" => contacts::update,
        "list_companies" => companies::list,
        "get_company" => companies::get,
        "create_company" | "create_company_with_attachment" => companies::create,
        "update_company" => companies::update,
        "list_time_entries" => time_entries::list,
        "get_time_entry" => time_entries::get,
        "create_time_entry" => time_entries::create,
        "list_surveys" => surveys::list,
        "get_survey" => surveys::get,
        "list_survey_ratings" => surveys::ratings,
        "list_contracts" => contracts::list,
        "get_contract" => contracts::get,
        "create_contract" => contracts::create,
        "update_contract" => contracts::update,
        "get_kb_category" => knowledge_base::get_category,
        "create_kb_category" => knowledge_base::create_category,
        "update_kb_category" => knowledge_base::update_category,
        "delete_kb_category" => knowledge_base::delete_category,
        "get_kb_folder" => knowledge_base::get_folder,
        "create_kb_folder" => knowledge_base::create_folder,
        "update_kb_folder" => knowledge_base::update_folder,
        "delete_kb_folder" => knowledge_base::delete_folder,
        "list_kb_articles" => knowledge_base::list_articles,
        "get_kb_article" => knowledge_base::get_article,
        "create_kb_article" => knowledge_base::create_article,
        "update_kb_article" => knowledge_base::update_article,
        "delete_kb_article" => knowledge_base::delete_article,
        "list_agents" => list_agents,
        "list_locations" => locations::list,
        "get_location" => locations::get,
        "create_location" => locations::create,
        "update_location" => locations::update,
        _ => return None,
    })
}

/// The simulated Desk365.
struct Desk365 {
    tenants: BTreeMap<String, Tenant>,
}

impl Desk365 {
    fn new(options: &Options) -> Self {
        let tenants = [sample::acme(options), sample::birchwood(options)];
        Self {
            tenants: tenants
                .into_iter()
                .map(|tenant| (tenant.subdomain.clone(), tenant))
                .collect(),
        }
    }
}

impl Helpdesk for Desk365 {
    fn place(&self, path: &str) -> Option<Place> {
        let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
        if let Some(path) = rest.strip_prefix("apis/") {
            return Some(Place::Api {
                tenant: tenant.to_owned(),
                path: format!("/{path}"),
            });
        }
        let (id, _name) = rest.strip_prefix("files/")?.split_once('/')?;
        Some(Place::File {
            tenant: tenant.to_owned(),
            id: id.parse().ok()?,
        })
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn knows(&self, tenant: &str) -> bool {
        self.tenants.contains_key(tenant)
    }

    fn admit(&self, tenant: &str, headers: &HeaderMap) -> Result<Admission, Refusal> {
        // The bare key: with Bearer or Basic before it, it is an unknown key.
        let given = headers
            .get(header::AUTHORIZATION)
            .ok_or_else(Refusal::unauthorized)?
            .as_bytes();
        match self.tenants.values().find(|known| known.api_key.as_bytes() == given) {
            Some(owner) if owner.subdomain == tenant => Ok(Admission {
                tenant: tenant.to_owned(),
                payer: tenant.to_owned(),
                who: String::new(),
            }),
            Some(_) => Err(Refusal::forbidden("The API key does not belong to this account")),
            None => Err(Refusal::unauthorized()),
        }
    }

    fn permit(&self, by: &Admission, route: usize, _: &HashMap<&'static str, String>) -> Result<(), Refusal> {
        let Some(feature) = ROUTES.get(route).and_then(|route| route.feature) else {
            return Ok(());
        };
        let enabled = self
            .tenants
            .get(&by.tenant)
            .is_some_and(|tenant| tenant.contracts_enabled);
        if feature == CONTRACTS && enabled {
            return Ok(());
        }
        Err(Refusal::forbidden(format!(
            "Access to {feature} is not enabled for this account"
        )))
    }

    fn perform(&mut self, by: &Admission, route: usize, call: &Call) -> Result<Answer, Refusal> {
        let tenant = self
            .tenants
            .get_mut(&by.tenant)
            .ok_or_else(|| Refusal::not_found("Account"))?;
        let operation = ROUTES.get(route).and_then(|route| operation(route.name));
        operation.ok_or_else(|| Refusal::not_found("Resource"))?(tenant, call)
    }

    fn file(&self, tenant: &str, id: u64) -> Option<Upload> {
        let attachment = self.tenants.get(tenant)?.attachment(id)?;
        Some(Upload {
            label: String::new(),
            name: attachment.file_name.clone(),
            content_type: attachment.file_type.clone(),
            bytes: attachment.bytes.clone(),
        })
    }

    fn refusal_body(&self, refusal: &Refusal) -> Value {
        json!({"status": refusal.status, "error": refusal.reason(), "message": refusal.message})
    }

    fn header(&self, _: &Method, usage: Usage) -> Option<(&'static str, String)> {
        Some(("x-rate-limit-remaining", usage.remaining.to_string()))
    }

    fn credentials(&self, tenant: &str, _: &str) -> Option<BTreeMap<String, String>> {
        let tenant = self.tenants.get(tenant)?;
        Some(BTreeMap::from([
            ("subdomain".to_owned(), tenant.subdomain.clone()),
            ("api_key".to_owned(), tenant.api_key.clone()),
        ]))
    }

    fn advance(&mut self, time: Duration) {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        for tenant in self.tenants.values_mut() {
            tenant.now = Moment(tenant.now.0.saturating_add(seconds));
        }
    }

    fn sent(&self, tenant: &str) -> Option<Vec<Value>> {
        let tenant = self.tenants.get(tenant)?;
        Some(tenant.mails.iter().map(|mail| json!(mail)).collect())
    }

    fn state(&self) -> Value {
        let dump = |(name, tenant): (&String, &Tenant)| {
            // Records are plain data with text keys, which always become JSON.
            (name.clone(), serde_json::to_value(tenant).unwrap_or_default())
        };
        Value::Object(self.tenants.iter().map(dump).collect::<Map<_, _>>())
    }
}

fn ping(_: &mut Tenant, _: &Call) -> Result<Answer, Refusal> {
    // A bare sentence, not JSON, although labelled so.
    Ok(Answer::Text("Desk365 API is up and running."))
}

fn list_agents(tenant: &mut Tenant, _: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::Json(json!({"content": tenant.agents})))
}

/// A page of items: those from `offset` on, at most `size`, as JSON.
fn page<T>(items: &[T], call: &Call, size: usize, show: impl Fn(&T) -> Value) -> Vec<Value> {
    let offset = usize::try_from(call.number("offset").unwrap_or(0)).unwrap_or(usize::MAX);
    items.iter().skip(offset).take(size).map(show).collect()
}

/// The page size a parameter asks for.
fn page_size(call: &Call, name: &str) -> usize {
    call.number(name)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(FIXED_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_its_operation() {
        assert_eq!(ROUTES.len(), 50);
        for route in ROUTES {
            assert!(operation(route.name).is_some(), "{}", route.name);
            let twins = ROUTES
                .iter()
                .filter(|other| other.method == route.method && other.path == route.path)
                .count();
            assert_eq!(twins, 1, "{}", route.name);
        }
    }
}
