//! Crisp, REST API version 1.
//!
//! Two workspaces ("websites"): Acme, whose knowledge base answers the routes of both its generations, and Birchwood, whose
//! knowledge base has moved and answers the routes of the earlier generation with 404.
//!
//! # Credentials
//!
//! | access | token | may |
//! |---|---|---|
//! | `website` | made in the workspace, the usual one | one workspace; not the routes of the user tier |
//! | `user` | an operator's session | everything but what plugins alone may: campaigns, batches, spam, analytics, … |
//! | `plugin` | of a plugin: Acme's is installed there alone, Birchwood's in both workspaces | its workspaces; not the routes of the user tier |
//! | `plugin_reader` | of the same plugin, with the reading halves of the documented scopes | the same, without writing where a scope is documented |
//!
//! # Guesses
//!
//! What is not known of the vendor is decided so:
//!
//! - Order of checks: credentials (401 `invalid_session`), daily quota (423), route (404 `not_found`, 405 `method_not_allowed`),
//!   tier (403 `restricted_route_tier`), workspace (404 `not_subscribed` for plugin and website tokens, 403 `not_allowed` for
//!   a user who is no operator there), scope (403 `not_allowed`), then the request itself (400 `invalid_data`). A body that is
//!   not labelled JSON is 415 `invalid_data`. Throttling, where asked for, says `rate_limited`.
//! - A missing or wrong `X-Crisp-Tier` is 401. The plan `development` allows 100 calls a day.
//! - Success: 201 where something is made, 202 where the work is done elsewhere, 206 for conversation and message lists. Reasons
//!   `listed`, `resolved`, `added`, `updated`, `deleted`, `dispatched`.
//! - Required text must not be blank, but for contents, titles and the like, which drafts may leave empty.
//! - Identifiers of another form than documented are refused (400), as are unknown and repeated query parameters, unknown
//!   members of bodies and slashes that are percent-encoded within a tree path. Routes without a body take `{}`, which the
//!   official client sends.
//! - The paths on which reference and client disagree answer in both spellings, and widget data without `action`.
//! - Fixed pages hold 20 items, a batch of messages too, oldest first within the batch; `timestamp_around` gives half of
//!   it before. `include_empty` shows conversations in which no visitor has written.
//! - Search text is looked for in names, addresses, subjects and messages; filters are described in `filters`.
//! - Without an order, conversations come by their last change, newest first; `order_date_waiting` puts the longest waiting first.
//! - An operator's message makes a pending conversation unresolved; any message but notes and events reopens a resolved one.
//!   Notes come from operators only (400). A blocked visitor's message is refused (403 `not_allowed`). Only conversations
//!   whose `origin` is `chat`, or not known, can be edited (403 `not_allowed`).
//! - An address in the metas of a conversation ties it to the person of that address, who is made if there is none.
//! - A person's address is taken once: 409 `people_exists`.
//! - `search` selectors of batches take the filters of people. Unknown sessions in a batch are 404 and nothing is changed.
//!   `inbox_id: null` does not narrow a batch.
//! - A plugin's and a user's token may only touch what is theirs: its own plugin (403 `not_allowed`).
//! - Secrets of `verify` are not compared. A deletion of a workspace is due after seven days of simulated time, but not carried
//!   out.
//! - Drafts have no page (404). Legacy articles and the tree are separate collections. Creating in the tree wants the
//!   parent; a path that others lie below is a `group`, any other an `entry`. `tree/path` PATCH wants `path` or `position`.
//!   Cancelling a change puts back what it changed.
//! - A dispatched one-shot campaign is under way until the simulated clock is moved on by [`Control::advance`]; then it is done
//!   and its mails are among `sent_to_customers`. A campaign is ready once it has subject, message and sender, and, when
//!   automated, `flow.launch_event`.
//! - Analytics count in UTC whatever the time zone, in periods of `hour`, `day`, `week`, `month` or `year`. Metrics of which the
//!   sample has nothing (shortcuts, searches, triggers, downtime) are empty.
//! - A rule of blocked visitors is named in paths by its first word.
//!
//! [`Control::advance`]: crate::Control::advance

mod access;
mod conversation_records;
mod filters;
mod forms;
mod helpdesk_records;
mod operations;
mod records;
mod routes;
mod sample;
mod shapes;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use crate::engine::{Admission, Answer, Call, Helpdesk, Place, Refusal, Route, Upload, Usage};
use crate::{Descriptor, Options, Plan};
use access::{Tier, Token};
use records::Website;
use routes::{OPERATIONS, ROUTES};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    slug: "crisp",
    name: "Crisp",
    base_path: "/v1",
    plans: &[
        // The quota of a website token; plugin tokens have half of it, users none.
        Plan {
            name: "daily",
            calls: Some(10_000),
            window: DAY,
            leaks: false,
        },
        Plan {
            name: "development",
            calls: Some(100),
            window: DAY,
            leaks: false,
        },
        Plan {
            name: "unlimited",
            calls: None,
            window: DAY,
            leaks: false,
        },
    ],
    default_plan: "daily",
    accesses: &["website", "user", "plugin", "plugin_reader"],
    widest_access: "user",
    tenants: &[sample::ACME, sample::BIRCHWOOD],
    make: |options| Box::new(Account::new(options)),
};

/// Calls a day of a plugin token.
const PLUGIN_QUOTA: u32 = 5_000;

/// A plugin of the marketplace.
pub(crate) struct Plugin {
    plugin_id: String,
    urn: String,
    name: &'static str,
    summary: &'static str,
    category: &'static str,
    price: i64,
}

/// The simulated Crisp.
pub(crate) struct Account {
    /// By `website_id`.
    websites: BTreeMap<String, Website>,
    tokens: Vec<Token>,
    plugins: Vec<Plugin>,
    /// What was asked for outside a workspace and happens elsewhere, oldest first.
    requests: Vec<Value>,
}

impl Account {
    fn new(options: &Options) -> Self {
        sample::account(options)
    }

    fn website(&mut self, website_id: &str) -> Result<&mut Website, Refusal> {
        self.websites
            .get_mut(website_id)
            .ok_or_else(|| Refusal::not_found("Website"))
    }

    fn plugin(&self, plugin_id: &str) -> Result<&Plugin, Refusal> {
        self.plugins
            .iter()
            .find(|plugin| plugin.plugin_id == plugin_id)
            .ok_or_else(|| Refusal::not_found("Plugin"))
    }

    /// Whether a token reaches a workspace.
    fn reaches(&self, token: &Token, website_id: &str) -> Result<(), Refusal> {
        let website = self.websites.get(website_id);
        let reached = website.is_some_and(|website| match token.tier {
            Tier::Website => token.subject == website_id,
            Tier::Plugin => website.plugins.contains_key(&token.subject),
            Tier::User => website.operator(&token.subject).is_some(),
        });
        match token.tier {
            _ if reached => Ok(()),
            Tier::User => Err(Refusal::forbidden("You are no operator of this website")),
            _ => Err(Refusal::new(404, "The token is not subscribed to this website").word("not_subscribed")),
        }
    }

    fn token(&self, by: &Admission) -> Result<Token, Refusal> {
        self.tokens
            .iter()
            .find(|token| token.identifier == by.payer)
            .cloned()
            .ok_or_else(|| Refusal::new(401, "The token is gone"))
    }
}

impl Helpdesk for Account {
    fn place(&self, path: &str) -> Option<Place> {
        let path = path.strip_prefix("/v1").filter(|path| path.starts_with('/'))?;
        Some(Place::Api {
            tenant: String::new(),
            path: path.to_owned(),
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
        let token = access::admit(&self.tokens, headers)?;
        Ok(Admission {
            tenant: token.tenant.clone(),
            payer: token.identifier.clone(),
            who: String::new(),
        })
    }

    fn calls(&self, plan: &Plan, payer: &str) -> Option<u32> {
        let token = self.tokens.iter().find(|token| token.identifier == payer);
        match token.map(|token| token.tier) {
            Some(Tier::User) => None,
            Some(Tier::Plugin) => plan.calls.map(|calls| calls.min(PLUGIN_QUOTA)),
            _ => plan.calls,
        }
    }

    fn permit(&self, by: &Admission, route: usize, ids: &HashMap<&'static str, String>) -> Result<(), Refusal> {
        let operation = OPERATIONS.get(route).ok_or_else(|| Refusal::not_found("Route"))?;
        let token = self.token(by)?;
        if !operation.tiers.contains(&token.tier) {
            let message = format!("This route is closed to tokens of the {} tier", token.tier.name());
            return Err(Refusal::forbidden(message).word("restricted_route_tier"));
        }
        if let Some(website_id) = ids.get("website_id") {
            self.reaches(&token, website_id)?;
            if operation.legacy
                && self
                    .websites
                    .get(website_id)
                    .is_some_and(|website| !website.legacy_helpdesk)
            {
                return Err(Refusal::not_found("Route"));
            }
        }
        let writes = !matches!(operation.route.method, "GET" | "HEAD");
        match operation.scope {
            Some(scope) if writes && token.reads_only => {
                Err(Refusal::forbidden(format!("The token lacks the scope {scope} (write)")))
            }
            _ => Ok(()),
        }
    }

    fn perform(&mut self, by: &Admission, route: usize, call: &Call) -> Result<Answer, Refusal> {
        let operation = OPERATIONS.get(route).ok_or_else(|| Refusal::not_found("Route"))?;
        let token = self.token(by)?;
        let data = operation.run(self, call, &token)?;
        Ok(Answer::Json(
            json!({"error": false, "reason": operation.reason, "data": data}),
        ))
    }

    fn file(&self, _: &str, _: u64) -> Option<Upload> {
        None
    }

    fn refusal_body(&self, refusal: &Refusal) -> Value {
        let reason = refusal.word.unwrap_or(match refusal.status {
            400 | 415 => "invalid_data",
            401 => "invalid_session",
            403 => "not_allowed",
            404 => "not_found",
            405 => "method_not_allowed",
            420 | 429 => "rate_limited",
            423 => "quota_limit_exceeded",
            _ => "server_error",
        });
        json!({"error": true, "reason": reason, "data": {"message": refusal.message}})
    }

    fn exhausted(&self) -> Refusal {
        Refusal::new(423, "The daily quota of this token is used up")
    }

    fn header(&self, method: &Method, _: Usage) -> Option<(&'static str, String)> {
        // What is left of the quota is not told.
        matches!(*method, Method::GET | Method::HEAD).then(|| ("bloom-status", "MISS".to_owned()))
    }

    fn credentials(&self, tenant: &str, access: &str) -> Option<BTreeMap<String, String>> {
        let website = self.websites.values().find(|website| website.tenant == tenant)?;
        let token = self
            .tokens
            .iter()
            .find(|token| token.tenant == tenant && token.access == access)?;
        Some(BTreeMap::from([
            ("identifier".to_owned(), token.identifier.clone()),
            ("key".to_owned(), token.key.clone()),
            ("tier".to_owned(), token.tier.name().to_owned()),
            ("website_id".to_owned(), website.website_id.clone()),
        ]))
    }

    fn advance(&mut self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        for website in self.websites.values_mut() {
            website.now = website.now.saturating_add(milliseconds);
            operations::campaigns::finish(website);
        }
    }

    fn sent(&self, tenant: &str) -> Option<Vec<Value>> {
        let website = self.websites.values().find(|website| website.tenant == tenant)?;
        Some(website.sent_to_customers.clone())
    }

    fn state(&self) -> Value {
        // Records are plain data with text keys, which always become JSON.
        let dump = |website: &Website| {
            (
                website.tenant.clone(),
                serde_json::to_value(website).unwrap_or_default(),
            )
        };
        let mut state: Map<String, Value> = self.websites.values().map(dump).collect();
        state.insert(
            "account".to_owned(),
            json!({"tokens": self.tokens, "requests": self.requests}),
        );
        Value::Object(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_by_tier() {
        let account = Account::new(&Options::default());
        let quota = |plan: &str, access: &str| {
            let plan = DESCRIPTOR.plans.iter().find(|known| known.name == plan).unwrap();
            let token = account.tokens.iter().find(|token| token.access == access).unwrap();
            account.calls(plan, &token.identifier)
        };
        assert_eq!(quota("daily", "website"), Some(10_000));
        assert_eq!(quota("daily", "plugin"), Some(5_000));
        assert_eq!(quota("daily", "user"), None);
        assert_eq!(quota("development", "plugin"), Some(100));
        assert_eq!(quota("unlimited", "plugin"), None);
    }
}
