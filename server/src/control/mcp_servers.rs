//! MCP servers of accounts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ControlError;
use crate::filter::Filter;
use crate::scope::{Exposure, Offer};

/// What an MCP server offers, as the contract's `config` says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct McpConfig {
    /// `read`, `write`, `custom` or exact method names; all when empty.
    pub methods: Vec<String>,
    /// Tags, any of which a tool must bear; all when empty.
    pub tags: Vec<String>,
    /// Whether callers must also present an API token of the account.
    pub require_api_token_auth: bool,
    /// How clients see the tools.
    pub tool_exposure: Exposure,
    /// Arguments fixed by the server, gone from the schemas.
    pub pinned: Map<String, Value>,
}

impl McpConfig {
    /// Reads a config that was checked before it was stored.
    ///
    /// # Errors
    /// It has been changed in the database.
    pub fn stored(config: &Map<String, Value>) -> Result<Self, ControlError> {
        serde_json::from_value(Value::Object(config.clone()))
            .map_err(|error| ControlError::Internal(format!("a stored config cannot be read: {error}")))
    }

    /// What it leaves of a helpdesk's tools.
    #[must_use]
    pub fn offer(&self) -> Offer {
        Offer {
            filter: Filter::new(self.methods.clone(), self.tags.clone()),
            pinned: self.pinned.clone(),
            exposure: self.tool_exposure,
        }
    }
}
