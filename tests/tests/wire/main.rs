//! What every Desk365 operation puts on the wire, and what comes of the answer.
//!
//! Each case of `tests/wire/desk365/` is played twice: as a tool call and through the typed client. Both must send
//! the request that is written there by hand, byte for byte, and both read the answer that is written there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod answers;
mod arguments;
mod hostile;
mod operations;
mod paging;

use std::sync::LazyLock;

use deskhand_desk365::{Client, INTEGRATION};
use deskhand_runtime::Response;
use deskhand_runtime::client::Call;
use deskhand_tests::cases::{self, Case};
use deskhand_tests::server::{RawServer, Seen};
use deskhand_tests::{desk365, operation_of_tool, tool};

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| cases::read("desk365"));

/// A case being played.
struct Exchange {
    case: &'static Case,
    server: RawServer,
    sent_by_tool: Seen,
}

impl Exchange {
    /// Calls the tool, and checks what was sent and what came of the answer.
    async fn tool(operation: &str, name: &str) -> Self {
        let found = CASES
            .iter()
            .find(|case| case.operation == operation && case.name == name);
        let case = found.unwrap_or_else(|| panic!("there is no case {operation}, {name}"));
        let server = RawServer::start(|_, _| case.reply.clone()).await;
        let outcome = tool(&desk365(&server.host()), &case.tool, case.arguments.clone()).await;
        let mut seen = server.take();
        assert!(
            seen.len() == 1,
            "{operation}, {name}: {} requests: {outcome:?}",
            seen.len()
        );
        let sent_by_tool = seen.remove(0);
        let exchange = Self {
            case,
            server,
            sent_by_tool,
        };
        exchange.compare("the tool", &exchange.sent_by_tool);
        let result = outcome.to_structured();
        assert!(
            cases::matches(&result, &case.result),
            "{operation}, {name}: the tool answered\n{result:#}\nexpected\n{:#}",
            case.result
        );
        assert_eq!(outcome.status, Some(case.reply.status), "{operation}, {name}");
        assert_eq!(
            outcome.rate_limit.and_then(|limit| limit.remaining),
            exchange.remaining(),
            "{operation}, {name}"
        );
        exchange
    }

    /// Sends the same call through the typed client, checks what was sent, and hands over the answer.
    async fn typed<C>(&self, call: &C) -> C::Answer
    where
        C: Call<Api = deskhand_desk365::Api>,
    {
        let Case { operation, name, .. } = self.case;
        let client = Client::new(desk365(&self.server.host())).unwrap();
        let response = client.send_with_limits(call).await;
        let Response {
            value,
            rate_limit,
            status,
            ..
        } = response.unwrap_or_else(|error| panic!("{operation}, {name}: typed: {error}"));
        let seen = self.server.take();
        assert_eq!(seen.len(), 1, "{operation}, {name}: typed");
        self.compare("the typed client", &seen[0]);
        assert_eq!(
            cases::normalised(seen[0].clone()),
            cases::normalised(self.sent_by_tool.clone()),
            "{operation}, {name}: tool and typed client differ"
        );
        assert_eq!(status, self.case.reply.status, "{operation}, {name}");
        assert_eq!(
            rate_limit.and_then(|limit| limit.remaining),
            self.remaining(),
            "{operation}, {name}"
        );
        value
    }

    fn compare(&self, who: &str, seen: &Seen) {
        let found = cases::differences(seen, &self.case.request, &self.server.host(), "*/*");
        let Case { operation, name, .. } = self.case;
        assert!(found.is_empty(), "{operation}, {name}: {who}\n{}", found.join("\n"));
    }

    fn remaining(&self) -> Option<u64> {
        let headers = &self.case.reply.headers;
        let told = headers.iter().find(|(name, _)| name == "X-Rate-Limit-Remaining");
        told.map(|(_, value)| value.parse().unwrap())
    }
}

#[test]
fn every_operation_has_cases_and_every_case_an_operation() {
    for operation in INTEGRATION.operations {
        assert!(
            CASES.iter().any(|case| case.operation == operation.name),
            "{} has no wire case",
            operation.name
        );
    }
    for case in CASES.iter() {
        let named = operation_of_tool(&INTEGRATION, &case.tool);
        let named = named.unwrap_or_else(|| panic!("{}, {}: no tool {}", case.operation, case.name, case.tool));
        assert_eq!(named.name, case.operation, "{}, {}", case.operation, case.name);
    }
}

#[test]
fn every_case_is_played() {
    let mut played: Vec<(&str, &str)> = operations::PLAYED
        .iter()
        .flat_map(|(operation, names)| names.iter().map(move |name| (*operation, *name)))
        .collect();
    let mut written: Vec<(&str, &str)> = CASES.iter().map(|case| (&*case.operation, &*case.name)).collect();
    played.sort_unstable();
    written.sort_unstable();
    assert_eq!(played, written);
}
