//! Connected accounts.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskhand_runtime::operation::Integration;
use serde_json::Value;

use super::{ControlError, ControlPlane, account_context};
use crate::accounts::Account;
use crate::catalog;
use crate::connect::connect_as;
use crate::scope::Sender;
use crate::store::AccountRow;

impl ControlPlane {
    /// The helpdesk with this slug.
    ///
    /// # Errors
    /// Names the nearest slug, or all.
    pub fn integration(&self, slug: &str) -> Result<&'static Integration, ControlError> {
        catalog::helpdesk(self.integrations, slug).map_err(|message| ControlError::invalid("integration", message))
    }

    /// A stored account, ready to be called.
    pub(super) fn connected(&self, row: &AccountRow) -> Result<Arc<dyn Sender>, ControlError> {
        let integration = self.integration(&row.integration)?;
        let opened = self.keyring.open(&account_context(&row.id), &row.credentials)?;
        let mut values: BTreeMap<String, String> = serde_json::from_slice(&opened)
            .map_err(|_| ControlError::Internal("the credentials of an account are no JSON object".to_owned()))?;
        for (name, value) in &row.variables {
            if let Value::String(value) = value {
                values.insert(name.clone(), value.clone());
            }
        }
        let account = Account {
            values,
            base_url: row.base_url.clone(),
            timeout: None,
        };
        connect_as(integration, &account, self.cursor_key(&row.id), &row.id)
            .map_err(|error| ControlError::of_settings(&error, str::to_owned))
    }
}
