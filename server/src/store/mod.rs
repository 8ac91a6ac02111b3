//! Where accounts, MCP servers, tokens and the log of calls are kept.
//!
//! [`Store`] is the seam; [`sql::SqlStore`] keeps everything in SQLite or PostgreSQL. Several processes may
//! share one database. Times are milliseconds since 1970. A row that must not be read by who holds the
//! database alone is [`Sealed`](crate::vault::Sealed) before it comes here, and tokens come as keyed hashes.

mod database;
mod oauth;
mod oauth_sql;
pub mod sql;
mod statement;

use std::fmt;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::token::TokenHash;
use crate::vault::Sealed;

pub use oauth::{ConnectFlowRow, ConnectLinkRow, OAuthGrantRow, OAuthStore};

/// Milliseconds since 1970.
pub type Millis = i64;

/// Why the store could not do what was asked.
#[derive(Debug)]
pub enum StoreError {
    /// A row with this key is there already.
    Taken,
    /// What a row hangs on is gone, such as the account of a new MCP server.
    Orphan,
    /// A text has a NUL character, which PostgreSQL cannot keep or look for.
    Unstorable,
    /// The database cannot be reached, or refuses.
    Unavailable(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("a row with this key is there already"),
            Self::Orphan => f.write_str("what the row belongs to is gone"),
            Self::Unstorable => f.write_str("a text with a NUL character cannot be stored"),
            Self::Unavailable(why) => write!(f, "the database cannot be used: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// An account as it is stored.
#[derive(Clone, PartialEq)]
pub struct AccountRow {
    /// `acc_…`.
    pub id: String,
    /// Slug of the helpdesk.
    pub integration: String,
    /// Name for people.
    pub name: String,
    /// The caller's own name for its customer.
    pub tenant_id: Option<String>,
    /// Whether the credentials are known to be refused.
    pub status: AccountStatus,
    /// Values that are no secrets, by name.
    pub variables: Map<String, Value>,
    /// The address to use instead of the vendor's.
    pub base_url: Option<String>,
    /// The credentials, a JSON object by name, sealed with the account's id as associated data.
    pub credentials: Sealed,
    /// Counts changes, so that a change based on an older state is noticed.
    pub revision: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
    /// Whether it is connected through its helpdesk's OAuth2 flow, so that there is a grant. Read only: that is changed
    /// with the grant.
    pub granted: bool,
}

/// Shows no value: variables can be personal, credentials are secret.
impl fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRow")
            .field("id", &self.id)
            .field("integration", &self.integration)
            .field("status", &self.status)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// Whether an account's credentials work, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Nothing speaks against it.
    Active,
    /// The helpdesk has refused the credentials: they must be replaced.
    NeedsReauth,
}

impl AccountStatus {
    /// The word of the contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NeedsReauth => "needs_reauth",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::NeedsReauth]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// An MCP server as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct McpServerRow {
    /// `mcp_…`.
    pub id: String,
    /// The account it acts for.
    pub account_id: String,
    /// Name for people.
    pub name: String,
    /// The contract's `config` object, checked before it was stored.
    pub config: Map<String, Value>,
    /// When access ends.
    pub expires_at: Option<Millis>,
    /// Counts changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// What a live token of an MCP server opens.
#[derive(Clone, Debug, PartialEq)]
pub struct McpGrant {
    /// The server.
    pub server: McpServerRow,
    /// Its account.
    pub account: AccountRow,
    /// When this token ends, if it was replaced by another.
    pub token_expires_at: Option<Millis>,
}

/// A snapshot of the members that an account has defined for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldsRow {
    /// Counts the snapshots of the account, from 1.
    pub number: i64,
    /// The members as JSON.
    pub fields: String,
    /// When they were read.
    pub read_at: Millis,
}

/// A token for the REST API, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiTokenRow {
    /// `tok_…`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The one account it reaches; all when `None`.
    pub account_id: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Option<Millis>,
}

/// One call of a tool, as it is logged: who, what, how it went; never arguments or answers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CallRow {
    /// Sorts by time.
    pub id: String,
    /// When the call came in.
    pub at: Millis,
    /// The account.
    pub account_id: String,
    /// The MCP server; `None` for calls over REST with an API token.
    pub mcp_server_id: Option<String>,
    /// Slug of the helpdesk.
    pub integration: String,
    /// The tool's name; `(unknown)` for what the caller took for one.
    pub tool: String,
    /// The tool's method, such as `list`; empty when there is no such tool.
    pub method: String,
    /// How the call came: `mcp`, `call_tool`, `run`, `proxy`.
    pub door: String,
    /// The helpdesk's HTTP status; `None` when nothing came back or nothing was sent.
    pub status: Option<i64>,
    /// `ok`, or the code of the error.
    pub code: String,
    /// Milliseconds that the call took in all.
    pub duration_ms: i64,
    /// Milliseconds that were spent waiting for the helpdesk; `None` when nothing was sent.
    pub upstream_ms: Option<i64>,
    /// Name of the client, as it calls itself.
    pub client_name: Option<String>,
    /// Version of the client, as it says.
    pub client_version: Option<String>,
    /// Identifies the HTTP request.
    pub request_id: Option<String>,
}

/// Which part of a list is wanted: newest first, `limit` rows after the one named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The last row of the page before: its time and id.
    pub after: Option<(Millis, String)>,
    /// Most rows wanted.
    pub limit: u32,
}

/// Which accounts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Only this one.
    pub id: Option<String>,
    /// Only those of this helpdesk.
    pub integration: Option<String>,
    /// Only those of this tenant.
    pub tenant_id: Option<String>,
    /// Only those with this status.
    pub status: Option<AccountStatus>,
}

/// Which calls are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only those of this account.
    pub account_id: Option<String>,
    /// Only those of this MCP server.
    pub mcp_server_id: Option<String>,
    /// Only those of this tool.
    pub tool: Option<String>,
    /// Only those with this code; `error` stands for all but `ok`.
    pub code: Option<String>,
    /// Only those at or after this time.
    pub since: Option<Millis>,
    /// Only those before this time.
    pub until: Option<Millis>,
    /// Only those that ended at or after this time, as their ids tell.
    pub ended_since: Option<Millis>,
}

/// An id for a call that ends now: sorts by time.
#[must_use]
pub fn call_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// What sorts before the ids of all calls that end at this time or later, and after all others.
#[must_use]
pub fn call_ids_from(time: Millis) -> String {
    format!("{:012x}", time.max(0))
}

/// A value under seal, wherever it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedAt {
    /// What it is: `account`, `setting`, `grant` or `flow`.
    pub kind: &'static str,
    /// Its row: the account's id, the setting's name, or the hash of the flow's state. It is the associated data of the seal.
    pub id: String,
    /// The value.
    pub sealed: Sealed,
}

/// What the control plane keeps.
///
/// Every change of accounts, MCP servers or tokens counts the [`epoch`](Store::epoch) up in the same
/// transaction: who has seen an epoch knows all changes up to it. What has an end has ended when it is reached.
#[async_trait]
pub trait Store: OAuthStore + Send + Sync + fmt::Debug + 'static {
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Counts all changes of accounts, MCP servers and tokens, by whatever process.
    async fn epoch(&self) -> Result<i64, StoreError>;

    /// A setting of the whole installation.
    async fn setting(&self, name: &str) -> Result<Option<Sealed>, StoreError>;

    /// Keeps a setting unless it is there already, and gives the one that is there then: two processes
    /// that start at once agree.
    async fn setting_or_insert(&self, name: &str, sealed: &Sealed) -> Result<Sealed, StoreError>;

    /// Keeps a new account.
    async fn insert_account(&self, account: &AccountRow) -> Result<(), StoreError>;

    /// An account.
    async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError>;

    /// Accounts, newest first.
    async fn accounts(&self, filter: &AccountFilter, page: &Page) -> Result<Vec<AccountRow>, StoreError>;

    /// Replaces an account if it still has the revision before `account.revision`; says whether it had.
    async fn update_account(&self, account: &AccountRow) -> Result<bool, StoreError>;

    /// Notes whether the credentials of this revision work. Later credentials are not touched. Says whether the
    /// status has changed.
    async fn set_account_status(
        &self,
        id: &str,
        revision: i64,
        status: AccountStatus,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// Deletes an account with its MCP servers and their tokens, and API tokens that reach only it; says whether it
    /// was there.
    async fn delete_account(&self, id: &str) -> Result<bool, StoreError>;

    /// The newest snapshot of an account's own members, or the one with this number.
    async fn account_fields(&self, account_id: &str, number: Option<i64>) -> Result<Option<FieldsRow>, StoreError>;

    /// Keeps a new snapshot and forgets all but the newest `keep`. It counts as a change of the account: its revision
    /// goes up. [`StoreError::Taken`] when there is one with this number.
    async fn insert_account_fields(&self, account_id: &str, row: &FieldsRow, keep: u32) -> Result<(), StoreError>;

    /// Notes that an account's own members are asked for now, unless they were since `since`; says whether it was
    /// noted. Of several processes, one is told so.
    async fn claim_field_read(&self, account_id: &str, now: Millis, since: Millis) -> Result<bool, StoreError>;

    /// Keeps a new MCP server and the hash of its token.
    async fn insert_mcp_server(&self, server: &McpServerRow, token: &TokenHash) -> Result<(), StoreError>;

    /// An MCP server of an account, unless it has expired.
    async fn mcp_server(&self, account_id: &str, id: &str, now: Millis) -> Result<Option<McpServerRow>, StoreError>;

    /// An MCP server of any account, unless it has expired.
    async fn find_mcp_server(&self, id: &str, now: Millis) -> Result<Option<McpServerRow>, StoreError>;

    /// MCP servers of an account that have not expired, newest first.
    async fn mcp_servers(&self, account_id: &str, now: Millis, page: &Page) -> Result<Vec<McpServerRow>, StoreError>;

    /// Replaces an MCP server if it still has the revision before `server.revision`; says whether it had.
    async fn update_mcp_server(&self, server: &McpServerRow) -> Result<bool, StoreError>;

    /// Gives an MCP server another token; those it had end at `old_until` at the latest. Says whether the server is
    /// there and has not expired.
    async fn rotate_mcp_token(
        &self,
        account_id: &str,
        id: &str,
        token: &TokenHash,
        old_until: Millis,
        now: Millis,
    ) -> Result<bool, StoreError>;

    /// Deletes an MCP server with its tokens; says whether it was there.
    async fn delete_mcp_server(&self, account_id: &str, id: &str) -> Result<bool, StoreError>;

    /// What this token opens now.
    async fn mcp_grant(&self, token: &TokenHash, now: Millis) -> Result<Option<McpGrant>, StoreError>;

    /// Keeps a new API token.
    async fn insert_api_token(&self, row: &ApiTokenRow, token: &TokenHash) -> Result<(), StoreError>;

    /// Keeps a new API token if there is none at all; says whether it did. Of several processes that start at once,
    /// one is told so.
    async fn insert_first_api_token(&self, row: &ApiTokenRow, token: &TokenHash) -> Result<bool, StoreError>;

    /// The API token with this hash, unless it has ended.
    async fn api_token(&self, token: &TokenHash, now: Millis) -> Result<Option<ApiTokenRow>, StoreError>;

    /// API tokens that have not ended, newest first; only those that reach this one account alone when it is given.
    async fn api_tokens(
        &self,
        account_id: Option<&str>,
        now: Millis,
        page: &Page,
    ) -> Result<Vec<ApiTokenRow>, StoreError>;

    /// Revokes an API token; says whether it was there.
    async fn delete_api_token(&self, id: &str) -> Result<bool, StoreError>;

    /// Deletes MCP servers, tokens of MCP servers, API tokens, connect links and flows that have ended; says how many rows went, not
    /// counting those that went with another.
    async fn delete_expired(&self, now: Millis) -> Result<u64, StoreError>;

    /// Values under seal whose key is not `key_id`, at most `limit`.
    async fn sealed_with_other_keys(&self, key_id: &str, limit: u32) -> Result<Vec<SealedAt>, StoreError>;

    /// Replaces the seal that is told, if it is still there; says whether it was. An account's revision counts up, so
    /// that nobody who changes the account at the same time puts the older seal back.
    async fn reseal(&self, at: &SealedAt, new: &Sealed) -> Result<bool, StoreError>;

    /// Adds to the log of calls.
    async fn insert_calls(&self, calls: &[CallRow]) -> Result<(), StoreError>;

    /// Logged calls, newest first.
    async fn calls(&self, filter: &CallFilter, page: &Page) -> Result<Vec<CallRow>, StoreError>;

    /// Deletes calls logged before this time, at most `limit`; says how many.
    async fn delete_calls_before(&self, before: Millis, limit: u32) -> Result<u64, StoreError>;
}
