//! From an account to something that sends for it.

use std::sync::Arc;
use std::time::Duration;

use deskhand_runtime::Connection;
use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::error::{ArgumentFault, Error};
use deskhand_runtime::http::Limits;
use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::overlay::Overlay;
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::tool::{CallContext, ToolOutcome, call_tool};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::accounts::Account;
use crate::scope::{Sender, Sending, Visible};

/// An account that can be called.
#[derive(Debug)]
struct Connected {
    connection: Connection,
    cursor_key: CursorKey,
    /// Names the account in cursors.
    binding: String,
}

impl Sender for Connected {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        arguments: Map<String, Value>,
        visible: Visible<'a>,
    ) -> Sending<'a> {
        Box::pin(call(
            &self.connection,
            operation,
            arguments,
            visible,
            &self.cursor_key,
            &self.binding,
        ))
    }

    fn schema_options(&self) -> SchemaOptions {
        schema_options(&self.connection)
    }
}

/// Makes one call over a connection; see [`sender`].
pub(crate) async fn call(
    connection: &Connection,
    operation: &'static Operation,
    arguments: Map<String, Value>,
    visible: Visible<'_>,
    cursor_key: &CursorKey,
    binding: &str,
) -> ToolOutcome {
    let context = CallContext {
        cursor_key,
        binding,
        visible: visible.tool,
        fixed: visible.fixed,
    };
    call_tool(connection, operation, arguments, &context).await
}

/// What the account of a connection changes in schemas.
pub(crate) fn schema_options(connection: &Connection) -> SchemaOptions {
    SchemaOptions {
        variables_present: connection.variables().keys().cloned().collect(),
        overlay: connection.overlay().cloned(),
        ..SchemaOptions::default()
    }
}

/// Connects an account of the environment: checks its values, sends nothing yet.
///
/// # Errors
/// Names the settings that are wrong and what was expected, without repeating a secret.
pub fn connect(integration: &'static Integration, account: &Account) -> Result<Arc<dyn Sender>, Error> {
    // The key belongs to this one account, so the helpdesk's name is binding enough.
    let connection = connection(integration, account, None)?;
    Ok(sender(connection, cursor_key(integration, account), integration.slug))
}

/// Makes the connection of an account, with the members it has defined for itself: checks its values, sends nothing
/// yet.
///
/// # Errors
/// As [`connect`].
pub fn connection(
    integration: &'static Integration,
    account: &Account,
    overlay: Option<Arc<Overlay>>,
) -> Result<Connection, Error> {
    let mut builder = Connection::builder(integration)
        .base_url(account.base_url.clone())
        .overlay(overlay);
    for (name, value) in &account.values {
        builder = builder.value(name, value);
    }
    builder.settings(limits(account)?).build()
}

/// Sends over a connection; cursors are sealed with `cursor_key` and bound to `binding`.
#[must_use]
pub fn sender(connection: Connection, cursor_key: CursorKey, binding: &str) -> Arc<dyn Sender> {
    Arc::new(Connected {
        connection,
        cursor_key,
        binding: binding.to_owned(),
    })
}

/// What one call of the account may take.
fn limits(account: &Account) -> Result<Limits, Error> {
    const MOST: u64 = 600;
    let limits = Limits::default();
    let Some(timeout) = &account.timeout else {
        return Ok(limits);
    };
    match timeout.parse() {
        Ok(seconds @ 1..=MOST) => Ok(limits.total_timeout(Duration::from_secs(seconds))),
        _ => Err(Error::arguments(vec![ArgumentFault {
            argument: "timeout".to_owned(),
            message: format!("expected a number of seconds from 1 to {MOST}"),
            did_you_mean: None,
            get_it_from: Vec::new(),
        }])),
    }
}

/// A key for the account's cursors, made from its credentials: nothing has to be stored, another
/// process with the same account continues a list, and nobody without the credentials can forge one.
fn cursor_key(integration: &Integration, account: &Account) -> CursorKey {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(b"deskhand: key for cursors of an account").expect("a key");
    let values = account
        .values
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    for part in [integration.slug].into_iter().chain(values) {
        // With its length, no part can run into the next.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    CursorKey::new(mac.finalize().into_bytes().into())
}
