//! What the store keeps of accounts that are connected through their helpdesk's OAuth2 flow.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{AccountRow, Millis, Page, StoreError};
use crate::token::TokenHash;
use crate::vault::Sealed;

/// What a helpdesk has granted to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthGrantRow {
    /// The account.
    pub account_id: String,
    /// Its tokens, sealed.
    pub sealed: Sealed,
    /// When the access token ends, if that is known.
    pub expires_at: Option<Millis>,
    /// Counts how often it was renewed or replaced.
    pub revision: i64,
    /// Until when somebody else is renewing it.
    pub lease_until: Option<Millis>,
}

/// A link by which somebody connects an account, as it is stored.
#[derive(Clone, PartialEq)]
pub struct ConnectLinkRow {
    /// `link_…`.
    pub id: String,
    /// Slug of the helpdesk.
    pub integration: String,
    /// Name of the account.
    pub name: String,
    /// The caller's own name for its customer.
    pub tenant_id: Option<String>,
    /// Variables that are known already, by name.
    pub variables: Map<String, Value>,
    /// The address to use instead of the vendor's.
    pub base_url: Option<String>,
    /// The account that is connected anew; a new one when `None`.
    pub account_id: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// When an account was connected with it.
    pub used_at: Option<Millis>,
}

/// Shows no value: variables can be personal.
impl std::fmt::Debug for ConnectLinkRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectLinkRow")
            .field("id", &self.id)
            .field("integration", &self.integration)
            .field("account_id", &self.account_id)
            .field("used_at", &self.used_at)
            .finish_non_exhaustive()
    }
}

/// Somebody who has followed a link and is at the helpdesk to agree.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectFlowRow {
    /// The link.
    pub link_id: String,
    /// Hash of what the browser was given to be known again.
    pub browser_hash: TokenHash,
    /// The PKCE verifier, sealed.
    pub verifier: Sealed,
    /// The variables of the account to be.
    pub variables: Map<String, Value>,
    /// When it began.
    pub created_at: Millis,
    /// When it is too late to come back.
    pub expires_at: Millis,
}

/// The part of the store for OAuth2.
#[async_trait]
pub trait OAuthStore {
    /// What an account was granted.
    async fn oauth_grant(&self, account_id: &str) -> Result<Option<OAuthGrantRow>, StoreError>;

    /// Lets `holder` alone renew a grant until then, if it still has this revision and nobody else is at it; says
    /// whether it may.
    async fn lease_grant(
        &self,
        account_id: &str,
        revision: i64,
        holder: &str,
        now: Millis,
        until: Millis,
    ) -> Result<bool, StoreError>;

    /// Gives a lease back without a result.
    async fn release_grant(&self, account_id: &str, holder: &str) -> Result<(), StoreError>;

    /// Replaces the tokens of a grant that still has the revision before `grant.revision`, and ends the lease; says
    /// whether it had. With a `holder` only if the lease is still theirs.
    async fn replace_grant(&self, grant: &OAuthGrantRow, holder: Option<&str>) -> Result<bool, StoreError>;

    /// Keeps what a link was made for, all or nothing: uses the link up, inserts the account (if its revision is 1)
    /// or replaces it (as `update_account`), and keeps the grant. Says whether link and account were as expected.
    async fn connect_account(
        &self,
        link_id: &str,
        now: Millis,
        account: &AccountRow,
        grant: &OAuthGrantRow,
    ) -> Result<bool, StoreError>;

    /// As `update_account`; the account's grant is gone then.
    async fn update_account_without_grant(&self, account: &AccountRow) -> Result<bool, StoreError>;

    /// Keeps a new link.
    async fn insert_connect_link(&self, link: &ConnectLinkRow, hash: &TokenHash) -> Result<(), StoreError>;

    /// The link with this hash, if it has neither ended nor been used.
    async fn connect_link(&self, hash: &TokenHash, now: Millis) -> Result<Option<ConnectLinkRow>, StoreError>;

    /// The link with this id, if it has neither ended nor been used.
    async fn connect_link_by_id(&self, id: &str, now: Millis) -> Result<Option<ConnectLinkRow>, StoreError>;

    /// Links that have not ended, newest first.
    async fn connect_links(&self, now: Millis, page: &Page) -> Result<Vec<ConnectLinkRow>, StoreError>;

    /// Deletes a link; says whether it was there.
    async fn delete_connect_link(&self, id: &str) -> Result<bool, StoreError>;

    /// Keeps a new flow unless its link has `most` of them; says whether it was kept.
    async fn insert_connect_flow(
        &self,
        flow: &ConnectFlowRow,
        state: &TokenHash,
        most: u32,
    ) -> Result<bool, StoreError>;

    /// Takes a flow away: of several who ask for it, one gets it.
    async fn take_connect_flow(&self, state: &TokenHash) -> Result<Option<ConnectFlowRow>, StoreError>;
}
