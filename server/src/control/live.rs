//! What tokens open right now.
//!
//! Looking a token up costs a query, so what it opened is remembered. A memory is only used while the store's
//! [`epoch`](Store::epoch) is known to be the one it was made in: the epoch is read several times a second, and
//! when that fails every request asks the store itself. So a token that is revoked, by whatever process, is refused
//! within a second everywhere, and at once by the process that revoked it. Calls under way are cut off then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deskhand_runtime::error::Error;
use deskhand_runtime::operation::Operation;
use deskhand_runtime::tool::ToolOutcome;
use tokio_util::sync::CancellationToken;

use super::accounts::credentials_refused;
use super::fields::FieldsInterval;
use super::mcp_servers::McpConfig;
use super::{ControlError, ControlPlane, Retention};
use crate::access::{Access, Directory, DirectoryError, now};
use crate::call::CallWatch;
use crate::scope::{Offer, Scope, Sender};
use crate::store::{AccountRow, AccountStatus, CallRow, McpGrant, StoreError};
use crate::token::TokenHash;

/// The pause between two looks at the epoch.
const POLL: Duration = Duration::from_millis(250);
/// How long ago the epoch may have been read for memories to be trusted.
const FRESH: Duration = Duration::from_millis(700);
/// The pause between two clean-ups.
const SWEEP: Duration = Duration::from_secs(15);
/// The longest pause between two questions whether an account's own members are to be read anew.
const FIELDS: Duration = Duration::from_secs(3600);
/// How many logged calls one clean-up step deletes.
const SWEEP_STEP: u32 = 2_000;
/// How many grants and accounts are remembered; beyond that those not in use are forgotten.
const MOST_REMEMBERED: usize = 20_000;

/// What is remembered.
#[derive(Debug)]
pub(super) struct Live {
    /// The epoch last read; negative before the first reading.
    epoch: AtomicI64,
    /// When it was asked for.
    read_at: Mutex<Option<Instant>>,
    grants: RwLock<HashMap<TokenHash, Grant>>,
    accounts: RwLock<HashMap<String, Account>>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            epoch: AtomicI64::new(-1),
            read_at: Mutex::default(),
            grants: RwLock::default(),
            accounts: RwLock::default(),
        }
    }
}

/// What a token of an MCP server opened.
#[derive(Debug)]
struct Grant {
    access: Access,
    epoch: i64,
    /// Revisions of server and account that the access was made from.
    revisions: (i64, i64),
}

/// An account ready to be called.
#[derive(Clone)]
struct Account {
    sender: Arc<dyn Sender>,
    /// All its tools, for callers with an API token.
    whole: Access,
    epoch: i64,
    revision: i64,
    credentials: Arc<Credentials>,
    /// As it was stored when it was made ready.
    row: Arc<AccountRow>,
    /// When it was last asked whether the account's own members are to be read anew.
    fields_asked: Arc<Mutex<Option<Instant>>>,
}

/// What is known of an account's credentials.
#[derive(Debug)]
struct Credentials {
    /// Whether the last call that tells was refused.
    refused: AtomicBool,
    /// Whether the store says that they are refused.
    noted: AtomicBool,
    /// Whether somebody is about to write down what the last call told.
    writing: AtomicBool,
}

impl Credentials {
    fn of(row: &AccountRow) -> Self {
        let refused = row.status == AccountStatus::NeedsReauth;
        Self {
            refused: AtomicBool::new(refused),
            noted: AtomicBool::new(refused),
            writing: AtomicBool::new(false),
        }
    }

    /// Whether there is something to write, and nobody at it.
    fn must_write(&self) -> bool {
        self.refused.load(Ordering::SeqCst) != self.noted.load(Ordering::SeqCst)
            && !self.writing.swap(true, Ordering::SeqCst)
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl Live {
    fn known_epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The epoch, if it was read just now.
    fn fresh_epoch(&self) -> Option<i64> {
        let read_at = *self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        read_at
            .is_some_and(|read_at| read_at.elapsed() < FRESH)
            .then(|| self.known_epoch())
    }

    fn remembered(&self, token: &TokenHash) -> Option<Access> {
        let epoch = self.fresh_epoch()?;
        let grants = self.grants.read().unwrap_or_else(PoisonError::into_inner);
        grants
            .get(token)
            .filter(|grant| grant.epoch == epoch)
            .map(|grant| grant.access.clone())
    }

    fn forget(&self, token: &TokenHash) {
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(grant) = grants.remove(token) {
            grant.access.end();
        }
    }

    pub(super) fn forget_account(&self, id: &str) {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.remove(id) {
            account.whole.end();
        }
    }
}

impl ControlPlane {
    /// Keeps what is remembered true, writes the log, and deletes what has expired, until `stop` is cancelled; then
    /// writes what is left of the log.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let writing = self.log.run(stop.clone());
        let watching = async {
            let mut swept = None::<Instant>;
            loop {
                if let Err(error) = self.look_for_changes().await {
                    tracing::warn!(%error, "the database does not answer");
                } else if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                    swept = Some(Instant::now());
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "what has expired could not be deleted");
                    }
                    self.refresh_fields_in_background();
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        };
        let following = async {
            loop {
                if let Err(error) = self.tell_followers().await {
                    tracing::debug!(%error, "the database does not answer");
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        };
        tokio::join!(writing, watching, following);
    }

    /// Looks at what is followed anew once something has changed. Apart from what calls under way wait for: those who
    /// follow may be many, and none of them is let do anything meanwhile.
    async fn tell_followers(&self) -> Result<(), StoreError> {
        let Some(epoch) = self.live.fresh_epoch() else {
            return Ok(());
        };
        self.look_at(|grant| grant.epoch != epoch && grant.access.is_followed())
            .await
    }

    /// Looks these grants up in the store again: those that are gone end, the others become what is stored.
    async fn look_at(&self, which: impl Fn(&Grant) -> bool) -> Result<(), StoreError> {
        let tokens: Vec<TokenHash> = {
            let grants = self.live.grants.read().unwrap_or_else(PoisonError::into_inner);
            let chosen = grants.iter().filter(|(_, grant)| which(grant));
            chosen.map(|(token, _)| *token).collect()
        };
        for token in tokens {
            match self.load_grant(&token).await {
                Err(ControlError::Unavailable(error)) => return Err(error),
                // Whoever asks for more is told so; a call under way is not cut off for what may be this process's fault.
                Err(error) => tracing::debug!(%error, "an MCP server cannot be used as it is stored"),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// Has the members that accounts in use define read anew where that is due, one account after the other.
    fn refresh_fields_in_background(self: &Arc<Self>) {
        let FieldsInterval::Every(interval) = self.options.fields_interval else {
            return;
        };
        let pause = FIELDS.min(interval);
        let accounts: Vec<String> = {
            let accounts = self.live.accounts.read().unwrap_or_else(PoisonError::into_inner);
            let due = |account: &Account| {
                let mut asked = account.fields_asked.lock().unwrap_or_else(PoisonError::into_inner);
                let due = asked.is_none_or(|asked| asked.elapsed() >= pause);
                if due {
                    *asked = Some(Instant::now());
                }
                due
            };
            accounts
                .iter()
                .filter(|(_, account)| due(account))
                .map(|(id, _)| id.clone())
                .collect()
        };
        if accounts.is_empty() {
            return;
        }
        let control = Arc::clone(self);
        tokio::spawn(async move {
            for id in accounts {
                control.refresh_fields_when_due(&id).await;
            }
        });
    }

    /// Reads the epoch. What was remembered at another one does not count any more, and calls under way whose access
    /// is gone are cut off: also those that were let in just before the change was seen, and began just after.
    pub(super) async fn look_for_changes(&self) -> Result<(), StoreError> {
        let asked = Instant::now();
        let read = self.store.epoch().await?;
        let epoch = self.live.epoch.fetch_max(read, Ordering::AcqRel).max(read);
        {
            let mut read_at = self.live.read_at.lock().unwrap_or_else(PoisonError::into_inner);
            *read_at = Some(read_at.map_or(asked, |earlier| earlier.max(asked)));
        }
        self.look_at(|grant| grant.epoch != epoch && grant.access.is_busy())
            .await?;
        let accounts: Vec<String> = {
            let accounts = self.live.accounts.read().unwrap_or_else(PoisonError::into_inner);
            accounts
                .iter()
                .filter(|(_, account)| account.epoch != epoch && account.whole.is_busy())
                .map(|(id, _)| id.clone())
                .collect()
        };
        for id in accounts {
            match self.store.account(&id).await? {
                None => self.live.forget_account(&id),
                Some(row) => {
                    if let Err(error) = self.live_account(&row, epoch).await {
                        tracing::warn!(%error, account = id, "the account cannot be called any more");
                    }
                }
            }
        }
        Ok(())
    }

    /// To be called after every change: this process knows of it before the change is acknowledged.
    pub(super) async fn changed(&self) -> Result<(), ControlError> {
        Ok(self.look_for_changes().await?)
    }

    /// Deletes what has expired and what of the log is older than it is kept.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn sweep(&self) -> Result<(), ControlError> {
        let expired = self.store.delete_expired(now()).await?;
        if expired > 0 {
            tracing::info!(rows = expired, "deleted what has expired");
        }
        let kept = match self.options.log_retention {
            Retention::None => Duration::ZERO,
            Retention::For(length) => length,
            Retention::Forever => return Ok(()),
        };
        let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        let before = now().saturating_sub(kept);
        while self.store.delete_calls_before(before, SWEEP_STEP).await? >= u64::from(SWEEP_STEP) {}
        Ok(())
    }

    async fn load_grant(&self, token: &TokenHash) -> Result<Option<Access>, ControlError> {
        // Read before the grant: a change in between makes the memory stale, never wrong.
        let epoch = self.live.known_epoch();
        let Some(found) = self.store.mcp_grant(token, now()).await? else {
            self.live.forget(token);
            return Ok(None);
        };
        let account = self.live_account(&found.account, epoch).await?;
        let revisions = (found.server.revision, found.account.revision);
        let until = [found.server.expires_at, found.token_expires_at]
            .into_iter()
            .flatten()
            .min();
        let known = {
            let mut grants = self.live.grants.write().unwrap_or_else(PoisonError::into_inner);
            grants.get_mut(token).map(|grant| {
                grant.access.set_end(until);
                if grant.revisions == revisions {
                    grant.epoch = epoch;
                }
                (grant.revisions == revisions, grant.access.clone())
            })
        };
        if let Some((true, access)) = known {
            return Ok(Some(access));
        }
        let access = self.grant_access(&found, &account)?;
        let access = match &known {
            // Calls under way with the older form end with the newer one.
            Some((_, older)) => access.in_place_of(older),
            None => access,
        };
        access.set_end(until);
        let grant = Grant {
            access: access.clone(),
            epoch,
            revisions,
        };
        let mut grants = self.live.grants.write().unwrap_or_else(PoisonError::into_inner);
        if grants.len() >= MOST_REMEMBERED {
            grants.retain(|_, grant| grant.access.is_busy() || grant.access.is_followed());
        }
        grants.insert(*token, grant);
        Ok(Some(access))
    }

    fn grant_access(&self, found: &McpGrant, account: &Account) -> Result<Access, ControlError> {
        let config = McpConfig::stored(&found.server.config)?;
        let scope = Scope::new(
            found.server.id.clone(),
            found.server.name.clone(),
            self.integration(&found.account.integration)?,
            &config.offer(),
            Arc::clone(&account.sender),
        )?;
        Ok(Access::new(Arc::new(scope), found.account.id.as_str())
            .of_revision(account.revision)
            .through(found.server.id.as_str())
            .requiring_api_token(config.require_api_token_auth))
    }

    async fn live_account(&self, row: &AccountRow, epoch: i64) -> Result<Account, ControlError> {
        let known = {
            let mut accounts = self.live.accounts.write().unwrap_or_else(PoisonError::into_inner);
            accounts.get_mut(&row.id).map(|account| {
                account.epoch = epoch;
                account.clone()
            })
        };
        if let Some(account) = known.as_ref().filter(|account| account.revision == row.revision) {
            // Another process may have noted something.
            let refused = row.status == AccountStatus::NeedsReauth;
            account.credentials.noted.store(refused, Ordering::SeqCst);
            return Ok(account.clone());
        }
        let integration = self.integration(&row.integration)?;
        let sender = self.connected(row).await?;
        let scope = Scope::new(
            row.id.clone(),
            row.name.clone(),
            integration,
            &Offer::default(),
            Arc::clone(&sender),
        )?;
        let whole = Access::new(Arc::new(scope), row.id.as_str()).of_revision(row.revision);
        let account = Account {
            sender,
            whole: match known.as_ref() {
                Some(older) => whole.ending_with(&older.whole),
                None => whole,
            },
            epoch,
            revision: row.revision,
            credentials: Arc::new(Credentials::of(row)),
            row: Arc::new(row.clone()),
            fields_asked: known.map(|older| older.fields_asked).unwrap_or_default(),
        };
        let mut accounts = self.live.accounts.write().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MOST_REMEMBERED {
            accounts.retain(|_, account| account.whole.is_busy());
        }
        accounts.insert(row.id.clone(), account.clone());
        Ok(account)
    }

    /// All tools of an account, for a caller with an API token; `offer` narrows them.
    ///
    /// # Errors
    /// When there is no such account, `offer` makes no sense for it, or the store cannot be used.
    pub async fn account_access(&self, id: &str, offer: &Offer) -> Result<Access, ControlError> {
        let remembered = self.live.fresh_epoch().and_then(|epoch| {
            let accounts = self.live.accounts.read().unwrap_or_else(PoisonError::into_inner);
            accounts.get(id).filter(|account| account.epoch == epoch).cloned()
        });
        let account = match remembered {
            Some(account) => account,
            None => {
                let epoch = self.live.known_epoch();
                let Some(row) = self.store.account(id).await? else {
                    self.live.forget_account(id);
                    return Err(ControlError::NotFound("account"));
                };
                self.live_account(&row, epoch).await?
            }
        };
        if *offer == Offer::default() {
            return Ok(account.whole);
        }
        let whole = account.whole.scope();
        let scope = Scope::new(whole.id(), whole.title(), whole.integration(), offer, account.sender)?;
        let access = Access::new(Arc::new(scope), id).of_revision(account.revision);
        Ok(access.ending_with(&account.whole))
    }

    /// Notes what a call tells about the account's credentials. Nobody waits for that to be written.
    ///
    /// Other operations than the one that accounts are tested with may not look at the credentials: their success tells
    /// nothing.
    fn note_credentials(self: &Arc<Self>, access: &Access, tool: &str, outcome: &ToolOutcome) {
        let id = access.account_id();
        let account = {
            let accounts = self.live.accounts.read().unwrap_or_else(PoisonError::into_inner);
            accounts.get(id).cloned()
        };
        // A call that began before the credentials were replaced tells nothing about those there are now.
        let Some(account) = account.filter(|account| account.revision == access.account_revision()) else {
            return;
        };
        let is_probe = |probe: &Operation| probe.tool.as_ref().is_some_and(|probe| probe.name == tool);
        let tells = outcome.result.is_err() || access.scope().integration().probe.is_none_or(is_probe);
        let Some(refused) = credentials_refused(outcome, account.row.granted).filter(|_| tells) else {
            return;
        };
        let (credentials, row) = (account.credentials, account.row);
        if credentials.refused.swap(refused, Ordering::SeqCst) != refused && refused {
            tracing::warn!(account = id, "the helpdesk refuses the account's credentials");
        }
        if !credentials.must_write() {
            return;
        }
        let (control, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            loop {
                let refused = credentials.refused.load(Ordering::SeqCst);
                let status = AccountStatus::of(refused);
                let written = control.note_status(&row, status).await;
                if let Err(error) = &written {
                    tracing::warn!(%error, account = id, "the account's status could not be noted");
                } else {
                    credentials.noted.store(refused, Ordering::SeqCst);
                }
                credentials.writing.store(false, Ordering::SeqCst);
                // Whoever had something to say meanwhile has left it to this loop. After a failure the next call tries.
                if written.is_err() || !credentials.must_write() {
                    break;
                }
            }
        });
    }

    /// Notes what a call tells about the account, unless it is called otherwise by now.
    pub(super) async fn note_status(&self, row: &AccountRow, status: AccountStatus) -> Result<(), ControlError> {
        let mut revision = row.revision;
        while !self.store.set_account_status(&row.id, revision, status, now()).await? {
            // It is noted already, or something else was changed meanwhile, such as the name.
            let newer = self.store.account(&row.id).await?;
            let same = |newer: &AccountRow| {
                (&newer.credentials, &newer.variables, &newer.base_url)
                    == (&row.credentials, &row.variables, &row.base_url)
            };
            match newer.filter(same) {
                Some(newer) if newer.revision != revision => revision = newer.revision,
                _ => return Ok(()),
            }
        }
        self.changed().await
    }
}

/// Notes refused credentials, and writes the log.
#[derive(Debug)]
pub struct Records(pub Arc<ControlPlane>);

impl CallWatch for Records {
    fn admit(&self, _access: &Access) -> Result<(), Error> {
        Ok(())
    }

    fn called(&self, access: &Access, call: &CallRow, outcome: &ToolOutcome) {
        self.0.note_credentials(access, &call.tool, outcome);
        self.0.log.add(call.clone());
    }
}

#[async_trait]
impl Directory for ControlPlane {
    async fn resolve(&self, token: &str) -> Result<Option<Access>, DirectoryError> {
        let token = self.token_key.hash(token);
        let access = match self.live.remembered(&token) {
            Some(access) => Some(access),
            None => self
                .load_grant(&token)
                .await
                .map_err(|error| DirectoryError(error.to_string()))?,
        };
        Ok(access.filter(|access| !access.has_ended()))
    }

    async fn reaches(&self, api_token: &str, access: &Access) -> Result<bool, DirectoryError> {
        let found = self.store.api_token(&self.token_key.hash(api_token), now()).await;
        let row = found.map_err(|error| DirectoryError(error.to_string()))?;
        Ok(row.is_some_and(|row| row.account_id.is_none_or(|id| id == access.account_id())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A revoked token is refused once the epoch that it was remembered at is too old to be trusted, and calls under
    /// way are looked at with the next reading: both are over within a second.
    #[test]
    fn a_change_is_known_everywhere_within_a_second() {
        assert!(FRESH + POLL < Duration::from_secs(1));
        assert!(POLL < FRESH, "a memory is trusted from one reading to the next");
    }
}
