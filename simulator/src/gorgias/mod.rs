//! Gorgias, REST API.
//!
//! Two accounts with fields of their own: Acme, a large shop, and Globex, a small one. At the vendor each has a host of its
//! own; here the credentials tell which one is meant.
//!
//! # Credentials
//!
//! | access | credentials | may |
//! |---|---|---|
//! | `api_key` | e-mail address and API key of the agent who leads the account, the usual ones | everything |
//! | `agent` | of another agent | not change how the account is set up: users, teams, settings, fields, rules, integrations |
//! | `oauth` | access token of an app with all scopes | everything |
//! | `oauth_reader` | of an app with the reading scopes | read; routes whose scope is not known |
//!
//! # OAuth
//!
//! `GET /oauth/authorize` asks whoever looks at it, `POST /oauth/token` gives tokens, which last a day of the simulated
//! clock. Identifier and secret of the app are in [`Control::state`] under `oauth`, with the grants and how often tokens were
//! asked for. [`Control::adjust`] takes:
//!
//! | name | value | what it does |
//! |---|---|---|
//! | `consent` | `ask`, `deny`, or an account's domain | who answers when an app asks: nobody before the page is looked at, or the account at once |
//! | `access_token_lifetime` | seconds | of access tokens made from now on |
//! | `expire_access_tokens` | domain | the account's access tokens expire now |
//! | `revoke_grants` | domain | all that the account allowed is taken back; refresh tokens too |
//! | `rotate_refresh_tokens` | boolean | each refresh gives another refresh token, and makes the former one void |
//!
//! # Sending
//!
//! A message from an agent without `sent_datetime`, other than a note, goes out: it is among [`Control::sent`] at once, and its
//! `sent_datetime` is filled by the next change or by [`Control::advance`]. Addresses at `bounces.example` cannot be reached.
//! Surveys and macros that are applied by jobs go out the same way.
//!
//! # Guesses
//!
//! What is not known of the vendor is decided so:
//!
//! - Order of checks: credentials (401), rate limit (429), route (404, 405), role and scope (403), then the request itself
//!   (400). A body that is not labelled JSON is 415. The leftovers of offset paging (`page`, `per_page`, `order_dir`) are
//!   refused as unknown parameters are.
//! - Where two statuses are documented: 202 for a job that is not over and 200 for one that is, 202 for searching in views,
//!   201 for the type-ahead, 200 for figures. Un-paged lists are `{data: [...]}`; uploading answers a bare array.
//! - Cursors hold for 30 minutes of the simulated clock and only for the same filters and order.
//! - Records that bodies name and that are not there are 400, those in paths 404. Deleting a customer deletes the tickets.
//!   What is in use by something else is 409.
//! - Values of fields: 400 for what does not fit. Of the managed fields, those of the AI, of sentiment and of calls are written by
//!   the helpdesk alone. The single write takes the bare value only.
//! - A message that goes out needs `source` with an address to go to; e-mail and SMS come from a connected integration's
//!   address. Notes take no receiver; `cc` and `bcc` are for e-mail, `mention_ids` for notes. `public: false` does not keep
//!   any other message from being sent. A customer's new message opens the ticket again.
//! - Snoozing closes a ticket until then; that it wakes up is not simulated. Rules are kept, not run; web hooks are not called.
//! - Views hide what is spam or in the trash unless their filters ask for it. Search words must all occur in subject,
//!   messages, or the customer's name or address.
//! - Jobs run at the next change, or once [`Control::advance`] has passed their time. A macro answers the customer's last message
//!   on its channel; exports are files of comma-separated values, imports of macros take an uploaded one. Updating a survey
//!   replaces it, but for when it was made and sent.
//! - The code of rules must be readable: `if`, calls, literals and operators. Rules are searched for the macros and integrations
//!   they name, which then cannot be deleted.
//! - Files may have 10 MB; the address a download leads to holds for ten minutes. Of what the sample has nothing (ratings,
//!   promises, help center) figures are empty.
//!
//! [`Control::state`]: crate::Control::state
//! [`Control::adjust`]: crate::Control::adjust
//! [`Control::advance`]: crate::Control::advance
//! [`Control::sent`]: crate::Control::sent

mod access;
mod filter;
mod forms;
mod oauth;
mod oauth_pages;
mod operations;
mod paging;
mod records;
mod routes;
mod sample;
mod shapes;
mod time;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use crate::engine::{Admission, Answer, Call, Helpdesk, Page, Place, Problem, Refusal, Route, Upload, Usage, Visit};
use crate::{Descriptor, Options, Plan};
use access::{Caller, Given, Key, unauthorized};
use oauth::{Consent, OAuth};
use records::Account;
use routes::{OPERATIONS, ROUTES};

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    slug: "gorgias",
    name: "Gorgias",
    base_path: "",
    plans: &[
        // Of keys; apps have twice as many.
        Plan {
            name: "standard",
            calls: Some(40),
            window: Duration::from_secs(20),
            leaks: true,
        },
        Plan {
            name: "enterprise",
            calls: Some(40),
            window: Duration::from_secs(10),
            leaks: true,
        },
        Plan {
            name: "unlimited",
            calls: None,
            window: Duration::from_secs(20),
            leaks: true,
        },
    ],
    default_plan: "standard",
    accesses: &["api_key", "agent", "oauth", "oauth_reader"],
    widest_access: "api_key",
    tenants: &[sample::ACME, sample::GLOBEX],
    make: |options| Box::new(Gorgias::new(options)),
};

/// What the payer of an app ends with.
const APP: &str = "/app";

/// The simulated Gorgias.
struct Gorgias {
    /// By domain.
    accounts: BTreeMap<String, Account>,
    keys: Vec<Key>,
    /// Access tokens that are there from the start: account, kind of access, token.
    tokens: Vec<(&'static str, &'static str, String)>,
    oauth: OAuth,
}

impl Gorgias {
    fn new(options: &Options) -> Self {
        sample::gorgias(options)
    }

    /// The moment in an account.
    fn now(&self, domain: &str) -> i64 {
        self.accounts.get(domain).map_or(0, |account| account.now)
    }

    /// Who was let in.
    fn caller(&self, by: &Admission) -> Result<Caller, Refusal> {
        if let Some(key) = self
            .keys
            .iter()
            .find(|key| key.domain == by.tenant && key.email == by.who)
        {
            return Ok(Caller {
                user_id: key.user_id,
                admin: key.admin,
                scopes: None,
            });
        }
        let holder = self.oauth.holder(&by.who, |domain| self.now(domain));
        let (_, scopes) = holder.ok_or_else(|| unauthorized("The access token is gone"))?;
        let lead = self.keys.iter().find(|key| key.domain == by.tenant && key.admin);
        Ok(Caller {
            user_id: lead.map_or(0, |lead| lead.user_id),
            admin: true,
            scopes: Some(scopes.to_vec()),
        })
    }

    fn known_domain<'a>(&self, value: &'a Value) -> Result<&'a str, String> {
        let domain = value.as_str().filter(|domain| self.accounts.contains_key(*domain));
        domain.ok_or_else(|| {
            let known: Vec<&str> = self.accounts.keys().map(String::as_str).collect();
            format!("it takes the domain of an account: {}", known.join(", "))
        })
    }
}

/// Problems by place: names and positions are nested, and lead to lists of sentences.
fn problems_by_place(problems: &[Problem]) -> Value {
    let mut data = json!({});
    for problem in problems {
        let mut place = &mut data;
        for part in problem.place.split(['.', '[', ']']).filter(|part| !part.is_empty()) {
            // What is wrong with a list or an object as a whole hides what is wrong in it.
            if place.is_array() {
                break;
            }
            place = &mut place[part];
        }
        match place.as_array_mut() {
            Some(texts) => texts.push(json!(problem.text)),
            None => *place = json!([problem.text]),
        }
    }
    data
}

impl Helpdesk for Gorgias {
    fn place(&self, path: &str) -> Option<Place> {
        if path.starts_with("/api/") {
            return Some(Place::Api {
                tenant: String::new(),
                path: path.to_owned(),
            });
        }
        if path.starts_with("/oauth/") {
            return Some(Place::Page { path: path.to_owned() });
        }
        let (domain, id) = path.strip_prefix("/signed/")?.split_once('/')?;
        Some(Place::File {
            tenant: domain.to_owned(),
            id: id.parse().ok()?,
        })
    }

    fn routes(&self) -> &'static [Route] {
        &ROUTES
    }

    fn knows(&self, _: &str) -> bool {
        // Only the credentials tell.
        true
    }

    fn admit(&self, _: &str, headers: &HeaderMap) -> Result<Admission, Refusal> {
        match access::given(headers)? {
            Given::Pair(email, secret) => {
                let key = self.keys.iter().find(|key| key.email == email && key.key == secret);
                let key = key.ok_or_else(|| unauthorized("E-mail address or API key is wrong"))?;
                Ok(Admission {
                    tenant: key.domain.to_owned(),
                    payer: format!("{}/key", key.domain),
                    who: email,
                })
            }
            Given::Bearer(token) => {
                let holder = self.oauth.holder(token, |domain| self.now(domain));
                let (domain, _) = holder.ok_or_else(|| unauthorized("The access token is not valid or has expired"))?;
                Ok(Admission {
                    tenant: domain.to_owned(),
                    payer: format!("{domain}{APP}"),
                    who: token.to_owned(),
                })
            }
        }
    }

    fn calls(&self, plan: &Plan, payer: &str) -> Option<u32> {
        let times = if payer.ends_with(APP) { 2 } else { 1 };
        plan.calls.map(|calls| calls * times)
    }

    fn permit(&self, by: &Admission, route: usize, _: &HashMap<&'static str, String>) -> Result<(), Refusal> {
        let operation = OPERATIONS.get(route).ok_or_else(|| Refusal::not_found("Resource"))?;
        self.caller(by)?.permit(operation.scope, operation.for_admins)
    }

    fn perform(&mut self, by: &Admission, route: usize, call: &Call) -> Result<Answer, Refusal> {
        let operation = OPERATIONS.get(route).ok_or_else(|| Refusal::not_found("Resource"))?;
        let caller = self.caller(by)?;
        let account = self.accounts.get_mut(&by.tenant);
        let account = account.ok_or_else(|| Refusal::not_found("Account"))?;
        let answer = (operation.run)(account, call, &caller)?;
        Ok(if operation.route.success == 204 {
            Answer::Empty
        } else {
            answer
        })
    }

    fn file(&self, tenant: &str, id: u64) -> Option<Upload> {
        operations::files::content(self.accounts.get(tenant)?, i64::try_from(id).ok()?)
    }

    fn refusal_body(&self, refusal: &Refusal) -> Value {
        let mut error = json!({"msg": refusal.message});
        if !refusal.problems.is_empty() {
            error["data"] = problems_by_place(&refusal.problems);
        }
        json!({"error": error})
    }

    fn page(&mut self, visit: &Visit<'_>) -> Option<Page> {
        self.oauth_page(visit)
    }

    fn retry_after(&self, wait: Duration) -> Option<u64> {
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    fn adjust(&mut self, name: &str, value: &Value) -> Result<(), String> {
        match name {
            "consent" => {
                self.oauth.consent = match value.as_str() {
                    Some("ask") => Consent::Ask,
                    Some("deny") => Consent::Deny,
                    _ => Consent::Allow(self.known_domain(value)?.to_owned()),
                };
            }
            "access_token_lifetime" => {
                let seconds = value.as_i64().filter(|seconds| (1..=31_536_000).contains(seconds));
                let seconds = seconds.ok_or("it takes seconds, from 1 to 31536000")?;
                self.oauth.lifetime = seconds * time::SECOND;
            }
            "expire_access_tokens" => self.oauth.expire(self.known_domain(value)?),
            "revoke_grants" => self.oauth.revoke(self.known_domain(value)?),
            "rotate_refresh_tokens" => self.oauth.rotates = value.as_bool().ok_or("it takes true or false")?,
            _ => return Err(format!("there is nothing called `{name}` to be adjusted")),
        }
        Ok(())
    }

    fn sent(&self, tenant: &str) -> Option<Vec<Value>> {
        self.accounts.get(tenant).map(|account| account.sent.clone())
    }

    fn header(&self, _: &Method, usage: Usage) -> Option<(&'static str, String)> {
        let used = usage.limit.saturating_sub(usage.remaining);
        Some(("x-gorgias-account-api-call-limit", format!("{used}/{}", usage.limit)))
    }

    fn credentials(&self, tenant: &str, access: &str) -> Option<BTreeMap<String, String>> {
        let fields: Vec<(&str, &str)> = match access {
            "oauth" | "oauth_reader" => {
                let mut tokens = self.tokens.iter();
                let (domain, _, token) = tokens.find(|(domain, kind, _)| *domain == tenant && *kind == access)?;
                vec![("domain", domain), ("access_token", token)]
            }
            _ => {
                let key = self
                    .keys
                    .iter()
                    .find(|key| key.domain == tenant && key.access == access)?;
                vec![("domain", key.domain), ("email", &key.email), ("api_key", &key.key)]
            }
        };
        let fields = fields.into_iter();
        Some(
            fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    fn advance(&mut self, time: Duration) {
        let time = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        for account in self.accounts.values_mut() {
            account.pass(time);
        }
    }

    fn state(&self) -> Value {
        let accounts = self.accounts.iter();
        let mut state: Map<String, Value> = accounts
            .map(|(domain, account)| (domain.clone(), account.state()))
            .collect();
        state.insert("oauth".to_owned(), self.oauth.state());
        Value::Object(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_by_place() {
        let problems = [
            Problem::new("page", "Unknown parameter: page"),
            Problem::new("messages[0].channel", "Missing field"),
            Problem::new("messages[0].via", "Missing field"),
        ];
        let told = problems_by_place(&problems);
        let expected = json!({
            "page": ["Unknown parameter: page"],
            "messages": {"0": {"channel": ["Missing field"], "via": ["Missing field"]}},
        });
        assert_eq!(told, expected);
        let hidden = [Problem::new("a", "one"), Problem::new("a.b", "two")];
        assert_eq!(problems_by_place(&hidden), json!({"a": ["one", "two"]}));
        let turned = [Problem::new("a.b", "two"), Problem::new("a", "one")];
        assert_eq!(problems_by_place(&turned), json!({"a": ["one"]}));
    }

    #[test]
    fn apps_have_twice_as_many_calls() {
        let gorgias = Gorgias::new(&Options::default());
        let calls = |plan: usize, payer: &str| gorgias.calls(&DESCRIPTOR.plans[plan], payer);
        assert_eq!((calls(0, "acme/key"), calls(0, "acme/app")), (Some(40), Some(80)));
        assert_eq!((calls(1, "acme/key"), calls(2, "acme/app")), (Some(40), None));
    }
}
