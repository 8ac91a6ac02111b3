//! The route table: 111 operations.

mod account;
mod automation;
mod customers;
mod reports;
mod tickets;
mod views;
mod voice;

use std::sync::LazyLock;

use super::access::Caller;
use super::forms::{PATH, query};
use super::records::{Account, Outcome};
use crate::engine::{Body, Call, Kind, Param, ParamKind, Refusal, Route, Shape};

/// What runs an operation; the checks that need no records are done.
type Run = fn(&mut Account, &Call, &Caller) -> Outcome;

/// An operation: its route, who may use it, and what it does.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) route: Route,
    /// What an app must have been allowed, where that is known.
    pub(super) scope: Option<&'static str>,
    /// Only agents who lead the account may do it.
    pub(super) for_admins: bool,
    pub(super) run: Run,
}

fn nothing(_: &mut Account, _: &Call, _: &Caller) -> Outcome {
    Err(Refusal::not_found("Resource"))
}

const fn operation(name: &'static str, method: &'static str, path: &'static str, success: u16) -> Operation {
    Operation {
        route: Route::new(name, method, path)
            .ids(PATH)
            .strict()
            .body(Body::Empty)
            .success(success),
        scope: None,
        for_admins: false,
        run: nothing,
    }
}

const fn get(name: &'static str, path: &'static str) -> Operation {
    operation(name, "GET", path, 200)
}

const fn post(name: &'static str, path: &'static str) -> Operation {
    operation(name, "POST", path, 201)
}

const fn put(name: &'static str, path: &'static str) -> Operation {
    operation(name, "PUT", path, 202)
}

const fn delete(name: &'static str, path: &'static str) -> Operation {
    operation(name, "DELETE", path, 204)
}

impl Operation {
    const fn scope(self, scope: &'static str) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    const fn for_admins(self) -> Self {
        Self {
            for_admins: true,
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

    const fn value(self, kind: &'static Kind) -> Self {
        Self {
            route: self.route.body(Body::Value(kind)),
            ..self
        }
    }

    const fn files(self) -> Self {
        Self {
            route: self.route.body(Body::Files),
            ..self
        }
    }

    const fn status(self, status: u16) -> Self {
        Self {
            route: self.route.success(status),
            ..self
        }
    }

    const fn on(self, run: Run) -> Self {
        Self { run, ..self }
    }
}

const CURSOR: Param = query("cursor", ParamKind::Text);
const LIMIT: Param = query("limit", ParamKind::Between(1, 100));
const BY_CREATION: Param = query(
    "order_by",
    ParamKind::OneOf(&["created_datetime:asc", "created_datetime:desc"]),
);

static TABLES: &[&[Operation]] = &[
    account::ACCOUNT,
    automation::AUTOMATION,
    customers::CUSTOMERS,
    reports::REPORTS,
    tickets::TICKETS,
    views::VIEWS,
    voice::VOICE,
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
        assert_eq!(OPERATIONS.len(), 111);
        for operation in OPERATIONS.iter() {
            let route = &operation.route;
            let same = |other: &&Operation| (other.route.method, other.route.path) == (route.method, route.path);
            assert_eq!(OPERATIONS.iter().filter(same).count(), 1, "{}", route.name);
            let name = |other: &&Operation| other.route.name == route.name;
            assert_eq!(OPERATIONS.iter().filter(name).count(), 1, "{}", route.name);
            assert!(!std::ptr::fn_addr_eq(operation.run, nothing as Run), "{}", route.name);
        }
    }

    #[test]
    fn every_parameter_of_a_path_has_its_form() {
        for operation in OPERATIONS.iter() {
            let parts = operation.route.path.split('/');
            for part in parts.filter_map(|part| part.strip_prefix('{')) {
                let name = part.trim_end_matches('}');
                let known = name == "name" || PATH.iter().any(|id| id.name == name);
                assert!(known, "{name} of {}", operation.route.name);
            }
        }
    }
}
