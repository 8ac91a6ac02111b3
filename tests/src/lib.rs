//! Helpers shared by the tests that span crates.
//!
//! [`server`] is a raw HTTP/1.1 server that keeps every request as the bytes it was; [`cases`] reads
//! the hand-written wire expectations under `tests/wire/`. Neither uses code of the product. [`desk`] is
//! the real program in front of a simulated helpdesk.

pub mod cases;
pub mod desk;
pub mod server;

use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::tool::{CallContext, ToolOutcome, call_tool};
use deskhand_runtime::{Connection, Limits};
use serde_json::Value;

/// The API key that [`desk365`] connects with.
pub const API_KEY: &str = "k3y-0f-acme-0123456789";

/// A Desk365 account whose base address is `http://{host}/apis`, as the vendor's ends in `/apis`.
///
/// # Panics
/// The settings are refused.
#[must_use]
pub fn desk365(host: &str) -> Connection {
    Connection::builder(&deskhand_desk365::INTEGRATION)
        .variable("subdomain", "acme")
        .credential("api_key", API_KEY)
        .base_url(Some(format!("http://{host}/apis")))
        .settings(Limits::default())
        .build()
        .expect("the settings are right")
}

/// The operation behind a tool's name.
#[must_use]
pub fn operation_of_tool(integration: &'static Integration, tool: &str) -> Option<&'static Operation> {
    let named = |operation: &&&'static Operation| {
        let tool_of = operation.tool.as_ref();
        tool_of.is_some_and(|of| of.name == tool || of.aliases.contains(&tool))
    };
    integration.operations.iter().find(named).copied()
}

/// Calls a tool as a server would, all tools visible, cursors sealed with a fixed key.
///
/// # Panics
/// No tool has this name, or the arguments are no object.
pub async fn tool(connection: &Connection, name: &str, arguments: Value) -> ToolOutcome {
    let operation = operation_of_tool(connection.integration(), name).expect("the tool exists");
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object")
    };
    let cursor_key = CursorKey::new([7; 32]);
    let context = CallContext {
        cursor_key: &cursor_key,
        binding: "account-1",
        visible: &|_| true,
        fixed: &|_| false,
    };
    call_tool(connection, operation, arguments, &context).await
}

/// The Rust in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
