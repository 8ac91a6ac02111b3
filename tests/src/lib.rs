//! Helpers shared by the tests that span crates.
//!
//! [`server`] is a raw HTTP/1.1 server that keeps every request as the bytes it was; [`cases`] reads
//! the hand-written wire expectations under `tests/wire/`. Neither uses code of the product. [`wire`] plays those
//! expectations, also through the typed client, for which [`typed`] makes the calls. [`desk`] is the real program in front
//! of a simulated helpdesk, [`tools`] what its clients are told of its tools; [`browser`] opens pages, [`chromium`] is one that runs
//! their scripts.
//! [`node`] and [`python`] install what others have written.

pub mod browser;
pub mod cases;
pub mod chromium;
pub mod desk;
pub mod node;
pub mod python;
pub mod server;
pub mod tools;
pub mod typed;
pub mod wire;

use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::tool::{CallContext, ToolOutcome, call_tool};
use deskhand_runtime::{Connection, Limits};
use serde_json::Value;

/// The secret that [`desk365`] and [`crisp`] connect with.
pub const API_KEY: &str = "k3y-0f-acme-0123456789";

/// An account with these variables and credentials, whose base address is `base`.
///
/// # Panics
/// The settings are refused.
#[must_use]
pub fn account(integration: &'static Integration, settings: &[(&str, &str)], base: String) -> Connection {
    let builder = Connection::builder(integration).base_url(Some(base));
    let builder = settings
        .iter()
        .fold(builder, |builder, (name, value)| builder.value(*name, *value));
    builder
        .settings(Limits::default())
        .build()
        .expect("the settings are right")
}

/// A Desk365 account whose base address is `http://{host}/apis`, as the vendor's ends in `/apis`.
///
/// # Panics
/// The settings are refused.
#[must_use]
pub fn desk365(host: &str) -> Connection {
    let settings = [("subdomain", "acme"), ("api_key", API_KEY)];
    account(&deskhand_desk365::INTEGRATION, &settings, format!("http://{host}/apis"))
}

/// A Crisp account of a website token, whose base address is `http://{host}/v1`, as the vendor's ends in `/v1`.
///
/// # Panics
/// The settings are refused.
#[must_use]
pub fn crisp(host: &str) -> Connection {
    let settings = [
        ("website_id", "8c842203-7ed8-4e29-a608-7cf78a7d2fcc"),
        ("identifier", "e47d500b-7e27-4c5f-8bd4-4e7b8e4b2b7d"),
        ("key", API_KEY),
        ("tier", "website"),
    ];
    account(&deskhand_crisp::INTEGRATION, &settings, format!("http://{host}/v1"))
}

/// A Gorgias account of an API key, whose base address is `http://{host}`: the vendor's paths begin with `/api`.
///
/// # Panics
/// The settings are refused.
#[must_use]
pub fn gorgias(host: &str) -> Connection {
    let settings = [
        ("domain", "acme"),
        ("email", "agent@example.com"),
        ("api_key", "0123456789abcdef"),
    ];
    account(&deskhand_gorgias::INTEGRATION, &settings, format!("http://{host}"))
}

/// An account of this helpdesk as [`desk365`] and the others make it.
///
/// # Panics
/// There is none for this helpdesk.
#[must_use]
pub fn connection(integration: &'static Integration, host: &str) -> Connection {
    match integration.slug {
        "crisp" => crisp(host),
        "desk365" => desk365(host),
        "gorgias" => gorgias(host),
        slug => panic!("no account of {slug} is known"),
    }
}

/// The operation behind a tool's name, or of this name where it is no tool.
#[must_use]
pub fn operation_of_tool(integration: &'static Integration, tool: &str) -> Option<&'static Operation> {
    let bare = |operation: &&'static Operation| operation.tool.is_none();
    integration
        .tool(tool)
        .or_else(|| integration.operation(tool).filter(bare))
}

/// Calls a tool, or an operation that is none, as a server would, all tools visible, cursors sealed with a fixed key.
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
