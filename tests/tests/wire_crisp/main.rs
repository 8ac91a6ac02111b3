//! What every Crisp operation puts on the wire, and what comes of the answer.
//!
//! Each case of `tests/wire/crisp/` is played twice: as a tool call, and through the typed client with the same
//! arguments. Both must send the request that is written there by hand, byte for byte, and both must make of the
//! answer what is written there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod identifiers;
mod operations;
mod typed_calls;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::LazyLock;

use deskhand_crisp::{Client, INTEGRATION};
use deskhand_runtime::Operation;
use deskhand_runtime::operation::AnswerKind;
use deskhand_tests::cases::{self, Case};
use deskhand_tests::server::{RawServer, Seen};
use deskhand_tests::{crisp, operation_of_tool, tool, typed};
use serde_json::Value;

use operations::TYPED;

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| cases::read("crisp"));

/// Sends a typed call of a tool's arguments; gives the answer in the form of a tool's, and its status.
type Typed = fn(Client, &'static Value) -> Pin<Box<dyn Future<Output = Result<(Value, u16), String>>>>;

/// The operation of a case, and how its typed call is sent.
fn player(case: &Case) -> Option<(&'static Operation, Typed)> {
    let of_case = |(operation, _): &(&'static Operation, Typed)| operation.name == case.operation;
    TYPED
        .iter()
        .map(|(operation, typed)| (operation(), *typed))
        .find(of_case)
}

fn check_request(who: &str, seen: &[Seen], case: &Case, host: &str, found: &mut Vec<String>) {
    match seen {
        [seen] => {
            let differences = cases::differences(seen, &case.request, host, "application/json");
            found.extend(differences.iter().map(|difference| format!("{who}: {difference}")));
        }
        other => found.push(format!("{who}: {} requests", other.len())),
    }
}

/// Plays a case in both ways; gives what is wrong.
async fn play(case: &'static Case) -> Vec<String> {
    let mut found = Vec::new();
    let Some((operation, call)) = player(case) else {
        return vec!["no typed call is listed for it".to_owned()];
    };
    let server = RawServer::start(|_, _| case.reply.clone()).await;
    let outcome = tool(&crisp(&server.host()), &case.tool, case.arguments.clone()).await;
    check_request("tool", &server.take(), case, &server.host(), &mut found);
    if outcome.status != Some(case.reply.status) {
        found.push(format!("tool: status {:?}", outcome.status));
    }
    let result = outcome.into_structured();
    if !cases::matches(&result, &case.result) {
        found.push(format!("tool: answered\n{result:#}\n expected\n{:#}", case.result));
    }
    let answer = call(Client::new(crisp(&server.host())).unwrap(), &case.arguments).await;
    check_request("typed", &server.take(), case, &server.host(), &mut found);
    match answer {
        Err(error) => found.push(format!("typed: {error}")),
        Ok((_, status)) if status != case.reply.status => found.push(format!("typed: status {status}")),
        // There is nothing to be told.
        Ok(_) if operation.answer.kind == AnswerKind::Empty => {}
        Ok((told, _)) if !typed::same(&told, &case.result) => {
            found.push(format!("typed: answered\n{told:#}\n expected\n{:#}", case.result));
        }
        Ok(_) => {}
    }
    found
}

#[tokio::test]
async fn every_case_is_sent_and_read_as_written_by_tool_and_typed_client() {
    let mut wrong = Vec::new();
    for case in CASES.iter() {
        for problem in play(case).await {
            wrong.push(format!("{}, {}: {problem}", case.operation, case.name));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operation_has_cases_and_every_case_an_operation() {
    let written: BTreeSet<&str> = CASES.iter().map(|case| &*case.operation).collect();
    let known: BTreeSet<&str> = INTEGRATION.operations.iter().map(|operation| operation.name).collect();
    let missing: Vec<_> = known.difference(&written).collect();
    assert!(missing.is_empty(), "operations without a wire case: {missing:?}");
    let left_over: Vec<_> = written.difference(&known).collect();
    assert!(left_over.is_empty(), "wire cases without an operation: {left_over:?}");
    for case in CASES.iter() {
        let named = operation_of_tool(&INTEGRATION, &case.tool);
        let named = named.unwrap_or_else(|| panic!("{}, {}: no tool {}", case.operation, case.name, case.tool));
        assert_eq!(named.name, case.operation, "{}, {}", case.operation, case.name);
    }
}

#[test]
fn every_operation_is_played_through_the_typed_client() {
    let listed: Vec<&str> = TYPED.iter().map(|(operation, _)| operation().name).collect();
    let once: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(once.len(), listed.len(), "no operation is listed twice");
    let known: BTreeSet<&str> = INTEGRATION.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(once, known);
}

/// Every argument is given in some case, so that its name on the wire and the way it is written are checked.
#[test]
fn every_argument_is_given_in_some_case() {
    let mut missing = Vec::new();
    for operation in INTEGRATION.operations {
        let size = operation.pages.as_ref().and_then(|pages| pages.size.as_ref());
        for field in (operation.input)().fields {
            let given = |case: &&Case| {
                let named = |name: &str| case.arguments.get(name).is_some();
                let cleared = case.arguments["clear"]
                    .as_array()
                    .is_some_and(|names| names.contains(&field.name.into()));
                case.operation == operation.name
                    && (named(field.name)
                        || cleared
                        || size.is_some_and(|size| size.field == field.name && named("limit")))
            };
            // The account's own website stands in for this one everywhere, and takes the same way.
            if field.variable.is_none() && !CASES.iter().any(|case| given(&case)) {
                missing.push(format!("{}: {}", operation.name, field.name));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "arguments that no case gives:\n{}",
        missing.join("\n")
    );
}

/// Members of answers that no table names and that cases have on purpose, to see that they are kept. Any other unknown
/// name is a slip, in a case or in the spec.
const UNKNOWN_ON_PURPOSE: [&str; 6] = [
    "get_helpdesk: .later",
    "get_helpdesk_settings: .behavior.something_new",
    "get_helpdesk_tree: .order",
    "get_website_settings: .chatbox.unheard_of",
    "get_website_settings: .emails.enrich",
    "list_people_profiles: .unheard_of",
];

#[test]
fn members_of_answers_are_those_of_the_spec() {
    let mut unnamed = BTreeSet::new();
    for case in CASES.iter() {
        let Some((operation, _)) = player(case) else { continue };
        let found = match operation.answer.kind {
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
    let expected: BTreeSet<String> = UNKNOWN_ON_PURPOSE.map(str::to_owned).into();
    assert_eq!(unnamed, expected);
}
