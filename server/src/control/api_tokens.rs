//! Tokens for the REST API.

use super::{ControlError, ControlPlane, named, timestamp};
use crate::access::now;
use crate::store::{ApiTokenRow, Millis, Page, StoreError};
use crate::token::{Token, public_id};
use serde::Serialize;

/// How far ahead the end of a new token must lie, in milliseconds.
pub(super) const LEAST_LIFE: Millis = 60_000;

/// An API token to be made.
#[derive(Clone, Debug, Default)]
pub struct NewApiToken {
    /// Name for people.
    pub name: String,
    /// The one account it reaches; all when `None`.
    pub account_id: Option<String>,
    /// When it ends.
    pub expires_at: Option<Millis>,
}

/// An API token as callers see it. The token itself is shown once, when it is made.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ApiToken)]
pub struct ApiTokenView {
    /// `tok_…`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The one account it reaches; null when it reaches all.
    pub account_id: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it ends; null when it does not.
    pub expires_at: Option<String>,
}

impl From<&ApiTokenRow> for ApiTokenView {
    fn from(row: &ApiTokenRow) -> Self {
        Self {
            id: row.id.clone(),
            name: row.name.clone(),
            account_id: row.account_id.clone(),
            created_at: timestamp(row.created_at),
            expires_at: row.expires_at.map(timestamp),
        }
    }
}

impl ControlPlane {
    /// Makes an API token. Only its keyed hash is kept.
    ///
    /// # Errors
    /// Names every field that is wrong.
    pub async fn create_api_token(&self, new: NewApiToken) -> Result<(ApiTokenRow, Token), ControlError> {
        let at = now();
        let mut problems = Vec::new();
        let name = named("name", &new.name).unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        });
        if new.expires_at.is_some_and(|end| end < at.saturating_add(LEAST_LIFE)) {
            let message = "expected a time at least 60 seconds ahead, such as 2030-01-31T09:30:00Z, or null";
            problems.push(super::Problem::new("expires_at", message));
        }
        if !problems.is_empty() {
            return Err(ControlError::Invalid(problems));
        }
        let (row, token) = fresh(name, new.account_id, new.expires_at, at)?;
        match self
            .store
            .insert_api_token(&row, &self.token_key.hash(token.reveal()))
            .await
        {
            Err(StoreError::Orphan) => return Err(ControlError::invalid("account_id", "there is no such account")),
            done => done?,
        }
        self.changed().await?;
        Ok((row, token))
    }

    /// Makes an API token that reaches everything, if there is no API token at all. Of several processes that start
    /// at once, one gets it.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn first_api_token(&self, name: &str) -> Result<Option<(ApiTokenRow, Token)>, ControlError> {
        let (row, token) = fresh(name.to_owned(), None, None, now())?;
        let hash = self.token_key.hash(token.reveal());
        if !self.store.insert_first_api_token(&row, &hash).await? {
            return Ok(None);
        }
        self.changed().await?;
        Ok(Some((row, token)))
    }

    /// API tokens that have not ended, newest first.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn api_tokens(&self, page: &Page) -> Result<Vec<ApiTokenRow>, ControlError> {
        Ok(self.store.api_tokens(None, now(), page).await?)
    }

    /// Revokes an API token, for all processes.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn delete_api_token(&self, id: &str) -> Result<(), ControlError> {
        if !self.store.delete_api_token(id).await? {
            return Err(ControlError::NotFound("API token"));
        }
        self.changed().await
    }

    /// The live API token that a caller presents.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn api_token(&self, presented: &str) -> Result<Option<ApiTokenRow>, ControlError> {
        Ok(self.store.api_token(&self.token_key.hash(presented), now()).await?)
    }
}

fn fresh(
    name: String,
    account_id: Option<String>,
    expires_at: Option<Millis>,
    created_at: Millis,
) -> Result<(ApiTokenRow, Token), ControlError> {
    let row = ApiTokenRow {
        id: public_id("tok")?,
        name,
        account_id,
        created_at,
        expires_at,
    };
    Ok((row, Token::random()?))
}
