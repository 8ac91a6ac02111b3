//! Tokens for the REST API.

use super::{ControlError, ControlPlane};
use crate::access::now;
use crate::store::ApiTokenRow;

impl ControlPlane {
    /// The live API token that a caller presents.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn api_token(&self, presented: &str) -> Result<Option<ApiTokenRow>, ControlError> {
        Ok(self.store.api_token(&self.token_key.hash(presented), now()).await?)
    }
}
