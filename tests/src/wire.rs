//! Plays the wire cases of a helpdesk, whichever it is.
//!
//! Each case of `tests/wire/<folder>/` is played twice: as a tool call, and through the typed client with the same
//! arguments. Both must send the request that is written there by hand, byte for byte, and both must make of the
//! answer what is written there. A test binary lists its typed calls with [`typed_calls`](crate::typed_calls), says in a
//! [`Suite`] what helpdesk it is, and gets its tests from [`wire_tests`](crate::wire_tests).

use std::collections::BTreeSet;
use std::pin::Pin;

use deskhand_runtime::operation::{AnswerKind, Integration};
use deskhand_runtime::{Connection, Operation};
use serde_json::Value;

use crate::cases::{self, Case};
use crate::server::{RawServer, Seen};
use crate::{operation_of_tool, tool, typed};

/// An answer in the form of a tool's, and its status; or what went wrong.
pub type Answer = Result<(Value, u16), String>;

/// An answer that is on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// An operation as a call of the typed client.
#[derive(Clone, Copy, Debug)]
pub struct TypedCall {
    /// The operation.
    pub operation: fn() -> &'static Operation,
    /// Sends the typed call that a tool's arguments come to.
    pub send: fn(Connection, &Value) -> Sending<'_>,
}

/// Lists typed calls of a generated crate: `typed_calls! { deskhand_crisp: ListActiveOperators … }`.
#[macro_export]
macro_rules! typed_calls {
    ($helpdesk:ident: $($call:ident)+) => {
        /// Every operation, and its typed call.
        pub(crate) static TYPED: &[$crate::wire::TypedCall] = &[$($crate::wire::TypedCall {
            operation: <$helpdesk::$call as ::deskhand_runtime::client::Call>::operation,
            send: |connection, arguments| Box::pin(async move {
                use ::deskhand_runtime::client::Call as _;
                use $crate::typed::{TellAnswer as _, TellValue as _};
                let client = $helpdesk::Client::new(connection).map_err(|error| error.to_string())?;
                let call = $crate::typed::read::<$helpdesk::$call>($helpdesk::$call::operation(), arguments)?;
                let sent = client.send_with_limits(&call).await.map_err(|error| error.to_string())?;
                Ok(((&$crate::typed::Told(sent.value)).told(), sent.status))
            }),
        }),+];
    };
}

/// The tests of a [`Suite`], which a function gives.
#[macro_export]
macro_rules! wire_tests {
    ($suite:ident) => {
        #[tokio::test]
        async fn every_case_is_sent_and_read_as_written_by_tool_and_typed_client() {
            let wrong = $suite().differences().await;
            assert!(
                wrong.is_empty(),
                "{} differences\n{}",
                wrong.len(),
                wrong.join("\n")
            );
        }

        #[test]
        fn every_operation_has_cases_and_every_case_an_operation() {
            let wrong = $suite().unmatched();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }

        #[test]
        fn every_operation_is_played_through_the_typed_client() {
            let wrong = $suite().not_typed_once();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }

        /// Every argument is given in some case, so that its name on the wire and the way it is written are checked.
        #[test]
        fn every_argument_is_given_in_some_case() {
            let wrong = $suite().arguments_never_given();
            assert!(
                wrong.is_empty(),
                "arguments that no case gives:\n{}",
                wrong.join("\n")
            );
        }

        #[test]
        fn members_of_answers_are_those_of_the_spec() {
            let suite = $suite();
            let expected = suite.unknown_on_purpose.iter().map(|path| (*path).to_owned());
            assert_eq!(suite.unnamed_members(), expected.collect());
        }
    };
}

/// Whether the typed client has nothing to tell: the operation answers nothing, or the vendor left its body out.
fn is_silent(case: &Case, call: &TypedCall) -> bool {
    match (call.operation)().answer.kind {
        AnswerKind::Empty => true,
        AnswerKind::Record => case.reply.body.is_empty(),
        _ => false,
    }
}

/// A helpdesk with its cases.
#[derive(Debug)]
pub struct Suite {
    /// The helpdesk.
    pub integration: &'static Integration,
    /// Its cases.
    pub cases: Vec<Case>,
    /// Every operation as a typed call.
    pub typed: &'static [TypedCall],
    /// An account whose address is at this host.
    pub account: fn(&str) -> Connection,
    /// What `Accept` is in every request.
    pub accept: &'static str,
    /// Members of answers that no table names and that cases have on purpose, to see that they are kept, as
    /// `operation: .path`. Any other unknown name is a slip, in a case or in the spec.
    pub unknown_on_purpose: &'static [&'static str],
}

impl Suite {
    fn typed(&self, case: &Case) -> Option<&TypedCall> {
        self.typed.iter().find(|call| (call.operation)().name == case.operation)
    }

    fn check_request(&self, who: &str, seen: &[Seen], case: &Case, host: &str) -> Vec<String> {
        match seen {
            [seen] => {
                let differences = cases::differences(seen, &case.request, host, self.accept);
                let told = differences.iter().map(|difference| format!("{who}: {difference}"));
                told.collect()
            }
            other => vec![format!("{who}: {} requests", other.len())],
        }
    }

    /// Plays a case in both ways; gives what is wrong.
    async fn play(&self, case: &Case) -> Vec<String> {
        let Some(call) = self.typed(case) else {
            return vec!["no typed call is listed for it".to_owned()];
        };
        if operation_of_tool(self.integration, &case.tool).is_none() {
            return vec![format!("there is no tool {}", case.tool)];
        }
        let reply = case.reply.clone();
        let server = RawServer::start(move |_, _| reply.clone()).await;
        let host = server.host();
        let outcome = tool(&(self.account)(&host), &case.tool, case.arguments.clone()).await;
        let mut found = self.check_request("tool", &server.take(), case, &host);
        if outcome.status != Some(case.reply.status) {
            found.push(format!("tool: status {:?}", outcome.status));
        }
        let result = outcome.into_structured();
        if !cases::matches(&result, &case.result) {
            found.push(format!("tool: answered\n{result:#}\n expected\n{:#}", case.result));
        }
        let answer = (call.send)((self.account)(&host), &case.arguments).await;
        found.extend(self.check_request("typed", &server.take(), case, &host));
        match answer {
            Err(error) => found.push(format!("typed: {error}")),
            Ok((_, status)) if status != case.reply.status => found.push(format!("typed: status {status}")),
            Ok(_) if is_silent(case, call) => {}
            Ok((told, _)) if !typed::same(&told, &case.result) => {
                found.push(format!("typed: answered\n{told:#}\n expected\n{:#}", case.result));
            }
            Ok(_) => {}
        }
        found
    }

    /// What goes otherwise than the cases have it.
    pub async fn differences(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for case in &self.cases {
            for problem in self.play(case).await {
                wrong.push(format!("{}, {}: {problem}", case.operation, case.name));
            }
        }
        wrong
    }

    fn known(&self) -> BTreeSet<&'static str> {
        self.integration
            .operations
            .iter()
            .map(|operation| operation.name)
            .collect()
    }

    /// Operations without a case, cases without an operation, and cases that call the tool of another operation.
    #[must_use]
    pub fn unmatched(&self) -> Vec<String> {
        let written: BTreeSet<&str> = self.cases.iter().map(|case| &*case.operation).collect();
        let known = self.known();
        let missing = known
            .difference(&written)
            .map(|name| format!("{name}: has no wire case"));
        let left_over = written.difference(&known).map(|name| format!("{name}: no operation"));
        let strayed = self.cases.iter().filter(|case| {
            operation_of_tool(self.integration, &case.tool).is_none_or(|named| named.name != case.operation)
        });
        let strayed = strayed.map(|case| format!("{}, {}: calls {}", case.operation, case.name, case.tool));
        missing.chain(left_over).chain(strayed).collect()
    }

    /// Operations that are listed as typed calls twice or not at all.
    #[must_use]
    pub fn not_typed_once(&self) -> Vec<String> {
        let mut known = self.known();
        let mut wrong = Vec::new();
        for call in self.typed {
            let name = (call.operation)().name;
            if !known.remove(name) {
                wrong.push(format!("{name}: is listed twice, or unknown"));
            }
        }
        wrong.extend(known.iter().map(|name| format!("{name}: is not listed")));
        wrong
    }

    /// Arguments that no case gives.
    #[must_use]
    pub fn arguments_never_given(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for operation in self.integration.operations {
            let size = operation.pages.as_ref().and_then(|pages| pages.size.as_ref());
            for field in (operation.input)().fields {
                let given = |case: &Case| {
                    let named = |name: &str| case.arguments.get(name).is_some();
                    let cleared = case.arguments["clear"]
                        .as_array()
                        .is_some_and(|names| names.contains(&field.name.into()));
                    case.operation == operation.name
                        && (named(field.name)
                            || cleared
                            || size.is_some_and(|size| size.field == field.name && named("limit")))
                };
                // A variable of the account stands in for this one everywhere, and takes the same way.
                if field.variable.is_none() && !self.cases.iter().any(given) {
                    missing.push(format!("{}: {}", operation.name, field.name));
                }
            }
        }
        missing
    }

    /// Members of the cases' answers that no table names.
    #[must_use]
    pub fn unnamed_members(&self) -> BTreeSet<String> {
        let mut unnamed = BTreeSet::new();
        for case in &self.cases {
            let Some(operation) = self.typed(case).map(|call| (call.operation)()) else {
                continue;
            };
            let found = match operation.answer.kind {
                _ if case.reply.body.is_empty() => Vec::new(),
                AnswerKind::List => {
                    let items = case.result["result"].as_array().into_iter().flatten();
                    items
                        .flat_map(|item| typed::unnamed(&operation.answer.shape, item))
                        .collect()
                }
                AnswerKind::Record => typed::unnamed(&operation.answer.shape, &case.result),
                _ => Vec::new(),
            };
            unnamed.extend(found.into_iter().map(|path| format!("{}: {path}", operation.name)));
        }
        unnamed
    }
}
