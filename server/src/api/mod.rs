//! The REST API: what a platform engineer's programs and agent frameworks call with an API token.

pub mod accounts;
pub mod connect_links;
pub mod doors;
pub mod extract;
pub mod integrations;
pub mod log;
pub mod mcp_servers;
pub mod openapi;
pub mod problem;
pub mod proxy;
pub mod tokens;
pub mod tools;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::Extensions;
use http::request::Parts;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::call::Calls;
use crate::control::{ControlError, ControlPlane};
use crate::http::observe::note_api_token;
use crate::http::response::bearer;
use crate::public_url::PublicUrl;
use crate::quota::Quotas;
use crate::store::ApiTokenRow;

pub use extract::{Body, Listing, Path, Query};
pub use problem::Refusal;

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Api {
    /// Accounts, MCP servers and tokens.
    pub control: Arc<ControlPlane>,
    /// Makes the calls of tools.
    pub calls: Calls,
    /// How often a token may be used.
    pub quotas: Arc<Quotas>,
    /// The address that clients use.
    pub public_url: PublicUrl,
    /// Cuts calls under way off when cancelled.
    pub cut_off: CancellationToken,
}

/// The routes of the REST API.
pub fn router(api: Api) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(integrations::routes())
        .merge(accounts::routes())
        .merge(connect_links::routes())
        .merge(crate::http::connect::routes())
        .merge(mcp_servers::routes())
        .merge(tools::routes())
        .merge(proxy::routes())
        .merge(tokens::routes())
        .merge(log::routes())
        .with_state(api)
}

/// A caller with a live API token. Whatever is wrong with a token, the answer is the same.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    token: ApiTokenRow,
}

impl ApiCaller {
    /// Whoever presents this token; `None` when it is no live API token.
    async fn with(api: &Api, extensions: &Extensions, token: &str) -> Result<Option<Self>, Refusal> {
        let Some(token) = api.control.api_token(token).await? else {
            return Ok(None);
        };
        note_api_token(extensions, &token.id);
        api.quotas
            .use_token(&token.id)
            .map_err(|reached| Refusal::rate_limited(reached.message("this API token"), reached.wait))?;
        Ok(Some(Self { token }))
    }

    /// The token's id, which may be logged.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token.id
    }

    /// When the token ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<crate::store::Millis> {
        self.token.expires_at
    }

    /// The one account that the token reaches; all when `None`.
    #[must_use]
    pub fn only_account(&self) -> Option<&str> {
        self.token.account_id.as_deref()
    }

    /// Refuses accounts that the token does not reach, as an unknown token is refused.
    ///
    /// # Errors
    /// The account is another.
    pub fn reach(&self, account_id: &str) -> Result<(), Refusal> {
        match self.only_account() {
            Some(only) if only != account_id => Err(Refusal::unauthorized()),
            _ => Ok(()),
        }
    }

    /// Refuses tokens that reach one account only, where all are concerned.
    ///
    /// # Errors
    /// The token reaches one account only.
    pub fn reach_all(&self) -> Result<(), Refusal> {
        match self.only_account() {
            Some(_) => Err(Refusal::unauthorized()),
            None => Ok(()),
        }
    }
}

impl FromRequestParts<Api> for ApiCaller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or_else(Refusal::unauthorized)?;
        let caller = Self::with(api, &parts.extensions, token).await?;
        caller.ok_or_else(Refusal::unauthorized)
    }
}

impl From<ControlError> for Refusal {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Invalid(problems) => Self::bad_request(problems),
            ControlError::NotFound(what) => Self::not_found(what),
            ControlError::Conflict(why) => Self::conflict(why),
            ControlError::Unavailable(error) => {
                tracing::error!(%error, "the database cannot be used");
                Self::unavailable()
            }
            ControlError::Internal(error) => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}
