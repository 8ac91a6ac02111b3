//! Crisp's route table: the 229 current operations, the 35 of the earlier knowledge base, and two look-ups of the official
//! client.

mod account;
mod campaigns;
mod conversations;
mod helpdesk;
mod helpdesk_legacy;
mod people;
mod website;

use std::sync::LazyLock;

use serde_json::Value;

use super::Account;
use super::access::{Tier, Token};
use super::forms::IDS;
use super::records::Website;
use crate::engine::{Body, Call, FLAG, Param, ParamKind, Refusal, Route, Shape};

/// What an operation answers as `data`.
pub(super) type Outcome = Result<Value, Refusal>;

/// What runs an operation; the checks that need no records are done.
#[derive(Clone, Copy)]
enum Run {
    OnWebsite(fn(&mut Website, &Call) -> Outcome),
    /// On a workspace, minding who asks.
    ByToken(fn(&mut Website, &Call, &Token) -> Outcome),
    OnAccount(fn(&mut Account, &Call, &Token) -> Outcome),
    /// To be replaced while a table is made.
    Nothing,
}

/// An operation: its route, who may use it, and what it does.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) route: Route,
    pub(super) tiers: &'static [Tier],
    /// The scope it needs, without `website:`, where that is documented.
    pub(super) scope: Option<&'static str>,
    /// Answers only where the knowledge base is of the earlier generation.
    pub(super) legacy: bool,
    /// The word of success.
    pub(super) reason: &'static str,
    run: Run,
}

const EVERY_TIER: &[Tier] = &[Tier::User, Tier::Plugin, Tier::Website];
const USER_ONLY: &[Tier] = &[Tier::User];
const PLUGIN_ONLY: &[Tier] = &[Tier::Plugin];
const WEBSITE_ONLY: &[Tier] = &[Tier::Website];

const fn operation(name: &'static str, method: &'static str, path: &'static str, reason: &'static str) -> Operation {
    Operation {
        route: Route::new(name, method, path).ids(IDS).strict().body(Body::Empty),
        tiers: EVERY_TIER,
        scope: None,
        legacy: false,
        reason,
        run: Run::Nothing,
    }
}

const fn head(name: &'static str, path: &'static str) -> Operation {
    operation(name, "HEAD", path, "resolved")
}

const fn get(name: &'static str, path: &'static str) -> Operation {
    operation(name, "GET", path, "resolved")
}

const fn post(name: &'static str, path: &'static str) -> Operation {
    operation(name, "POST", path, "added")
}

const fn put(name: &'static str, path: &'static str) -> Operation {
    operation(name, "PUT", path, "updated")
}

const fn patch(name: &'static str, path: &'static str) -> Operation {
    operation(name, "PATCH", path, "updated")
}

const fn delete(name: &'static str, path: &'static str) -> Operation {
    operation(name, "DELETE", path, "deleted")
}

impl Operation {
    const fn tiers(self, tiers: &'static [Tier]) -> Self {
        Self { tiers, ..self }
    }

    const fn scope(self, scope: &'static str) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    const fn query(self, params: &'static [Param]) -> Self {
        Self {
            route: self.route.params(params),
            ..self
        }
    }

    const fn json(self, shape: &'static Shape) -> Self {
        Self {
            route: self.route.json(shape),
            ..self
        }
    }

    const fn optional_json(self, shape: &'static Shape) -> Self {
        Self {
            route: self.route.body(Body::OptionalJson(shape)),
            ..self
        }
    }

    /// One of two bodies, told apart by a member.
    const fn either(self, member: &'static str, with: &'static Shape, without: &'static Shape) -> Self {
        Self {
            route: self.route.body(Body::Either { member, with, without }),
            ..self
        }
    }

    const fn status(self, status: u16) -> Self {
        let reason = if status == 202 { "dispatched" } else { self.reason };
        Self {
            route: self.route.success(status),
            reason,
            ..self
        }
    }

    const fn listed(self) -> Self {
        Self {
            reason: "listed",
            ..self
        }
    }

    const fn legacy(self) -> Self {
        Self { legacy: true, ..self }
    }

    const fn on(self, run: fn(&mut Website, &Call) -> Outcome) -> Self {
        Self {
            run: Run::OnWebsite(run),
            ..self
        }
    }

    const fn by(self, run: fn(&mut Website, &Call, &Token) -> Outcome) -> Self {
        Self {
            run: Run::ByToken(run),
            ..self
        }
    }

    const fn account(self, run: fn(&mut Account, &Call, &Token) -> Outcome) -> Self {
        Self {
            run: Run::OnAccount(run),
            ..self
        }
    }

    /// Does what the operation does.
    pub(super) fn run(&self, account: &mut Account, call: &Call, token: &Token) -> Outcome {
        match self.run {
            Run::OnWebsite(run) => run(account.website(call.id("website_id"))?, call),
            Run::ByToken(run) => run(account.website(call.id("website_id"))?, call, token),
            Run::OnAccount(run) => run(account, call, token),
            Run::Nothing => Err(Refusal::not_found("Route")),
        }
    }
}

const fn query_must(name: &'static str, kind: ParamKind) -> Param {
    Param::required(name, kind)
}

const fn query_may(name: &'static str, kind: ParamKind) -> Param {
    Param::optional(name, kind)
}

const fn flag(name: &'static str) -> Param {
    Param::optional(name, FLAG)
}

/// The path below a workspace.
macro_rules! w {
    ($path:literal) => {
        concat!("/website/{website_id}", $path)
    };
}
use w;

static TABLES: &[&[Operation]] = &[
    account::ACCOUNT,
    website::WEBSITE,
    campaigns::CAMPAIGNS,
    conversations::CONVERSATIONS,
    people::PEOPLE,
    helpdesk::HELPDESK,
    helpdesk_legacy::HELPDESK_LEGACY,
];

/// All operations.
pub(super) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| TABLES.concat());

/// The routes of [`OPERATIONS`], in the same order.
pub(super) static ROUTES: LazyLock<Vec<Route>> =
    LazyLock::new(|| OPERATIONS.iter().map(|operation| operation.route).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_there_once_and_does_something() {
        // Four routes take the bodies of two operations, and two have a second spelling.
        assert_eq!(OPERATIONS.len(), 229 + 35 + 2 - 4 + 2);
        assert_eq!(OPERATIONS.iter().filter(|operation| operation.legacy).count(), 35);
        for operation in OPERATIONS.iter() {
            let route = &operation.route;
            assert!(!matches!(operation.run, Run::Nothing), "{}", route.name);
            let same = |other: &&Operation| (other.route.method, other.route.path) == (route.method, route.path);
            assert_eq!(OPERATIONS.iter().filter(same).count(), 1, "{}", route.name);
        }
    }

    #[test]
    fn every_parameter_of_a_path_has_its_form() {
        for operation in OPERATIONS.iter() {
            for part in operation
                .route
                .path
                .split('/')
                .filter_map(|part| part.strip_prefix('{'))
            {
                let name = part.trim_end_matches(['}', '*']);
                let known = IDS.iter().any(|id| id.name == name)
                    || name == "rule"
                    || name == "entity_id"
                    || name == "change_id";
                assert!(known, "{name} of {}", operation.route.name);
            }
        }
    }
}
