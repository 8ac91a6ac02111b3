//! Accounts connected through OAuth2: sending with an access token, and renewing it before it ends.
//!
//! A renewal happens once for all calls that wait for it, in this process and in others on the same database: whoever
//! holds the lease of the grant asks the helpdesk, the others wait for the new row. It runs in a task of its own, since
//! a refresh token that was spent must be replaced even if the caller has left.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use deskhand_runtime::Connection;
use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::error::{Code, Error, Origin};
use deskhand_runtime::oauth2::{ACCESS_TOKEN, Application, Flow, TokenError, Tokens};
use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::overlay::Overlay;
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::tool::ToolOutcome;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use zeroize::{Zeroize, Zeroizing};

use super::ControlError;
use super::accounts::connection;
use crate::access::now;
use crate::accounts::variable;
use crate::connect;
use crate::destination::{self, AllowedOrigin};
use crate::scope::{Sender, Sending, Visible};
use crate::store::{Millis, OAuthGrantRow, Store, StoreError};
use crate::token::public_id;
use crate::vault::{Keyring, Sealed};

/// How long one process may renew a grant before others take it for dead. The token address has 30 seconds to answer.
const LEASE: Millis = 40_000;
/// The pause between two looks whether somebody else has renewed a grant.
const LOOK: Duration = Duration::from_millis(100);
/// How long a call waits for others to renew a grant.
const PATIENCE: Duration = Duration::from_secs(90);
/// The pause after a renewal that failed.
const PAUSE: Duration = Duration::from_secs(5);
/// How often it is tried to keep new tokens while somebody waits for them.
const ATTEMPTS: usize = 5;
/// The pause between later attempts to keep them.
const LATER: Duration = Duration::from_secs(1);
/// How long those go on.
const UNKEPT: Duration = Duration::from_secs(900);

/// What the flow has yielded, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    /// How long the access token lasts from its issue, if that is known.
    lasts: Option<Millis>,
    /// The helpdesk has refused the refresh token: nobody asks again.
    #[serde(default)]
    refused: bool,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.access_token.zeroize();
        self.refresh_token.zeroize();
    }
}

fn context(account_id: &str) -> String {
    format!("grant:{account_id}")
}

fn seal(keyring: &Keyring, account_id: &str, kept: &Kept) -> Result<Sealed, ControlError> {
    let json = serde_json::to_vec(kept).map(Zeroizing::new);
    let json = json.map_err(|_| ControlError::Internal("a grant cannot be written".to_owned()))?;
    Ok(keyring.seal(&context(account_id), &json)?)
}

/// A new grant of these tokens.
pub(super) fn granted(keyring: &Keyring, account_id: &str, tokens: &Tokens) -> Result<OAuthGrantRow, ControlError> {
    row(keyring, account_id, tokens, None, 1)
}

fn row(
    keyring: &Keyring,
    account_id: &str,
    tokens: &Tokens,
    older: Option<&SecretString>,
    revision: i64,
) -> Result<OAuthGrantRow, ControlError> {
    let at = now();
    let lasts = tokens
        .expires_in
        .map(|length| i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    // A vendor that rotates nothing leaves the refresh token out.
    let refresh_token = tokens.refresh_token.as_ref().or(older);
    let kept = Kept {
        access_token: tokens.access_token.expose_secret().to_owned(),
        refresh_token: refresh_token.map(|token| token.expose_secret().to_owned()),
        lasts,
        refused: false,
    };
    Ok(OAuthGrantRow {
        account_id: account_id.to_owned(),
        sealed: seal(keyring, account_id, &kept)?,
        expires_at: lasts.map(|lasts| at.saturating_add(lasts)),
        revision,
        lease_until: None,
    })
}

/// An access token in use.
pub(super) struct Held {
    connection: Connection,
    refresh_token: Option<SecretString>,
    lasts: Option<Millis>,
    expires_at: Option<Millis>,
    revision: i64,
    refused: bool,
    /// The helpdesk has refused it before its time.
    stale: AtomicBool,
    /// It is there because the one before was refused, and has not been accepted yet.
    forced: AtomicBool,
}

impl Held {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn is_stale(&self) -> bool {
        self.stale.load(Ordering::SeqCst)
    }

    /// Whether it is good for longer than `margin`, or than half of its life if that is shorter.
    fn is_fresh(&self, margin: Millis) -> bool {
        let margin = self.lasts.map_or(margin, |lasts| margin.min(lasts / 2));
        let good = |end: Millis| end.saturating_sub(now()) > margin;
        !self.refused && !self.is_stale() && self.expires_at.is_none_or(good)
    }

    /// Whether a call may be made with it although it should be renewed.
    fn is_alive(&self) -> bool {
        !self.refused && !self.is_stale() && self.expires_at.is_none_or(|end| end > now())
    }
}

/// What became of new tokens.
enum Stored {
    Kept,
    /// The grant is another by now.
    Other(OAuthGrantRow),
    Gone,
}

/// A grant and what renews it.
pub(super) struct Renewing {
    pub(super) account_id: String,
    pub(super) integration: &'static Integration,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) base_url: Option<String>,
    pub(super) overlay: Option<Arc<Overlay>>,
    pub(super) application: Option<Application>,
    pub(super) allowed: Vec<AllowedOrigin>,
    pub(super) store: Arc<dyn Store>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) refused_early: Arc<RefusedEarly>,
}

/// Which access tokens helpdesks have refused before their time, by account and revision of the grant. An account is made
/// ready anew whenever something about it changes, and that must not bring such a token back.
#[derive(Debug, Default)]
pub(super) struct RefusedEarly(std::sync::Mutex<HashMap<String, i64>>);

impl RefusedEarly {
    fn note(&self, account_id: &str, revision: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = known.entry(account_id.to_owned()).or_insert(revision);
        *newest = revision.max(*newest);
    }

    fn knows(&self, account_id: &str, revision: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(account_id) == Some(&revision)
    }

    /// A newer one is there.
    fn forget(&self, account_id: &str, revision: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(account_id).is_some_and(|noted| *noted < revision) {
            known.remove(account_id);
        }
    }
}

/// The token of one account, shared by all its calls.
pub(super) struct Grant {
    with: Renewing,
    /// How long before its end a token is renewed.
    margin: Millis,
    held: RwLock<Arc<Held>>,
    /// One renews at a time; why and when the last renewal failed.
    turn: Mutex<Option<(Instant, Error)>>,
}

impl Grant {
    pub(super) fn new(with: Renewing, row: &OAuthGrantRow) -> Result<Arc<Self>, ControlError> {
        let mut held = with.held(row, false)?;
        held.stale = with.refused_early.knows(&with.account_id, row.revision).into();
        Ok(Arc::new(Self {
            margin: margin(&with.account_id),
            with,
            held: RwLock::new(Arc::new(held)),
            turn: Mutex::default(),
        }))
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn hold(&self, held: Held) -> Arc<Held> {
        self.with.refused_early.forget(&self.with.account_id, held.revision);
        let held = Arc::new(held);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&held);
        held
    }

    /// A token to make a call with, renewed if it must be.
    pub(super) async fn usable(self: &Arc<Self>) -> Result<Arc<Held>, Error> {
        let held = self.held();
        if held.is_fresh(self.margin) {
            return Ok(held);
        }
        let grant = Arc::clone(self);
        let renewed = tokio::spawn(async move { grant.renewed().await }).await;
        renewed.unwrap_or_else(|_| Err(Error::deskhand(Code::Internal, "Renewing the account's access failed.")))
    }

    async fn renewed(self: &Arc<Self>) -> Result<Arc<Held>, Error> {
        let mut failed = self.turn.lock().await;
        let held = self.held();
        if held.is_fresh(self.margin) {
            return Ok(held);
        }
        let lately = failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE);
        let error = match lately {
            Some((_, error)) => error.clone(),
            None => match self.renew(held).await {
                Ok(held) => {
                    *failed = None;
                    return Ok(held);
                }
                // Somebody may connect it anew at any time.
                Err(error) if error.code() == Code::NeedsReauth => return Err(error),
                Err(error) => {
                    tracing::warn!(
                        account = self.with.account_id,
                        code = error.code().word(),
                        reason = error.message(),
                        "an account's access could not be renewed"
                    );
                    *failed = Some((Instant::now(), error.clone()));
                    error
                }
            },
        };
        let held = self.held();
        if held.is_alive() { Ok(held) } else { Err(error) }
    }

    async fn renew(self: &Arc<Self>, mut held: Arc<Held>) -> Result<Arc<Held>, Error> {
        let with = &self.with;
        let holder = public_id("ren").map_err(|_| Error::deskhand(Code::Internal, "There is no random source."))?;
        let started = Instant::now();
        loop {
            let row = with.store.oauth_grant(&with.account_id).await.map_err(unavailable)?;
            let row = row.ok_or_else(|| self.needs_reauth("The account is not connected through OAuth2 any more"))?;
            if row.revision != held.revision {
                // Somebody else was faster.
                held = self.hold(with.held(&row, held.is_stale()).map_err(|error| unusable(&error))?);
                if held.is_fresh(self.margin) {
                    return Ok(held);
                }
            }
            if held.refused {
                return Err(self.needs_reauth("The helpdesk has refused to renew the account's access"));
            }
            let Some(refresh_token) = &held.refresh_token else {
                // It is good until its end.
                return if held.is_alive() {
                    Ok(held)
                } else {
                    Err(self.needs_reauth("The account's access has ended, and the helpdesk gave nothing to renew it"))
                };
            };
            let flow = with.flow().map_err(|error| unusable(&error))?;
            let application = with.application.as_ref().ok_or_else(|| {
                let message = format!("The account's access cannot be renewed: {}.", missing(with.integration));
                Error::deskhand(Code::Internal, message)
            })?;
            let at = now();
            let leased = with
                .store
                .lease_grant(&with.account_id, row.revision, &holder, at, at + LEASE);
            if leased.await.map_err(unavailable)? {
                match flow.refresh(application, refresh_token).await {
                    Ok(tokens) => return self.keep(&held, &tokens, row.revision).await,
                    Err(error) => {
                        if let Some(error) = self.not_renewed(&held, &row, &holder, error).await {
                            return Err(error);
                        }
                    }
                }
            }
            if started.elapsed() > PATIENCE {
                let message = "Another process has been renewing the account's access for too long.";
                return Err(Error::deskhand(Code::UpstreamTimeout, message).with_hint("Nothing was sent; call again."));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Keeps new tokens. The older refresh token may be worth nothing by now, so they are used even if the database
    /// cannot be, and kept as soon as it can.
    async fn keep(self: &Arc<Self>, older: &Held, tokens: &Tokens, revision: i64) -> Result<Arc<Held>, Error> {
        let with = &self.with;
        let row = row(
            &with.keyring,
            &with.account_id,
            tokens,
            older.refresh_token.as_ref(),
            revision + 1,
        );
        let mut row = row.map_err(|error| unusable(&error))?;
        let mut held = with.held(&row, older.is_stale()).map_err(|error| unusable(&error))?;
        for attempt in 1..=ATTEMPTS {
            match self.store(&mut row).await {
                Ok(Stored::Kept) => {
                    tracing::info!(account = with.account_id, "renewed an account's access");
                    held.revision = row.revision;
                    return Ok(self.hold(held));
                }
                Ok(Stored::Other(newer)) => {
                    let newer = self.hold(with.held(&newer, false).map_err(|error| unusable(&error))?);
                    return if newer.refused {
                        Err(self.needs_reauth("The helpdesk has refused to renew the account's access"))
                    } else {
                        Ok(newer)
                    };
                }
                Ok(Stored::Gone) => {
                    return Err(self.needs_reauth("The account is not connected through OAuth2 any more"));
                }
                Err(error) => {
                    tracing::error!(%error, account = with.account_id, attempt, "an account's new access could not be kept");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
        held.revision = revision;
        let grant = Arc::clone(self);
        tokio::spawn(async move {
            let until = Instant::now() + UNKEPT;
            while Instant::now() < until {
                tokio::time::sleep(LATER).await;
                if grant.store(&mut row).await.is_ok() {
                    tracing::info!(account = grant.with.account_id, "an account's new access is kept now");
                    return;
                }
            }
            tracing::error!(
                account = grant.with.account_id,
                "an account's new access was never kept"
            );
        });
        Ok(self.hold(held))
    }

    /// Stores new tokens unless the account was connected anew meanwhile. That another was refused with the older
    /// refresh token is no reason against them: these were given for it.
    async fn store(&self, row: &mut OAuthGrantRow) -> Result<Stored, StoreError> {
        let with = &self.with;
        loop {
            if with.store.replace_grant(row, None).await? {
                return Ok(Stored::Kept);
            }
            let Some(newer) = with.store.oauth_grant(&with.account_id).await? else {
                return Ok(Stored::Gone);
            };
            let refused = with.kept(&newer).is_ok_and(|kept| kept.refused);
            if !refused || newer.revision != row.revision {
                return Ok(Stored::Other(newer));
            }
            row.revision += 1;
        }
    }

    /// What a failed renewal means for the account; nothing, if another renews it by now.
    async fn not_renewed(&self, held: &Held, row: &OAuthGrantRow, holder: &str, error: TokenError) -> Option<Error> {
        let with = &self.with;
        if let Some(word) = error.ends_grant() {
            tracing::warn!(
                account = with.account_id,
                word,
                "the helpdesk refuses to renew an account's access"
            );
            let told = self.needs_reauth(&format!("The helpdesk refuses to renew the account's access ({word})"));
            let kept = Kept {
                access_token: String::new(),
                refresh_token: None,
                lasts: None,
                refused: true,
            };
            let refused = seal(&with.keyring, &with.account_id, &kept).map(|sealed| OAuthGrantRow {
                sealed,
                revision: row.revision + 1,
                ..row.clone()
            });
            let Ok(refused) = refused else {
                return Some(told);
            };
            return match with.store.replace_grant(&refused, Some(holder)).await {
                Ok(true) => {
                    let mut ended = held.copied();
                    ended.refused = true;
                    ended.revision = refused.revision;
                    self.hold(ended);
                    Some(told)
                }
                // The lease was lost: another may have spent the refresh token, and knows what it got for it.
                Ok(false) => None,
                Err(error) => Some(unavailable(error)),
            };
        }
        let told = match error {
            TokenError::Failed(error) => error,
            TokenError::Refused(word) if matches!(word.as_str(), "invalid_client" | "unauthorized_client") => {
                let message = format!("The helpdesk does not accept Deskhand's application: {word}.");
                let names = application_variables(with.integration);
                let hint = format!("The operator has to correct {} and {}.", names[0], names[1]);
                Error::deskhand(Code::UpstreamError, message).with_hint(hint)
            }
            TokenError::Refused(word) => {
                let message = format!("The helpdesk's token address does not renew the account's access: {word}.");
                let hint = "The tokens are as they were; call again later. If it stays so, tell the operator.";
                Error::deskhand(Code::UpstreamError, message).with_hint(hint)
            }
        };
        if let Err(error) = with.store.release_grant(&with.account_id, holder).await {
            tracing::warn!(%error, account = with.account_id, "a lease could not be given back; it ends by itself");
        }
        Some(told)
    }

    /// What the answer of the helpdesk tells about the token that the call was made with.
    fn heard(&self, held: &Held, mut outcome: ToolOutcome) -> ToolOutcome {
        match outcome.result {
            Ok(_) => held.forced.store(false, Ordering::SeqCst),
            Err(error) if error.code() == Code::Unauthorized && error.origin() == Origin::Upstream => {
                let renewable = held.refresh_token.is_some() && !held.forced.load(Ordering::SeqCst);
                outcome.result = Err(if renewable {
                    held.stale.store(true, Ordering::SeqCst);
                    self.with.refused_early.note(&self.with.account_id, held.revision);
                    error.with_hint(
                        "The account's access is renewed before the next call: call again. This call was not repeated.",
                    )
                } else {
                    let status = error.status().unwrap_or(401);
                    let message = "The helpdesk refuses the account's access, which cannot be renewed.";
                    Error::upstream(Code::NeedsReauth, status, message).with_hint(RECONNECT)
                });
            }
            Err(error) => outcome.result = Err(error),
        }
        outcome
    }

    fn needs_reauth(&self, message: &str) -> Error {
        Error::deskhand(Code::NeedsReauth, format!("{message}.")).with_hint(RECONNECT)
    }
}

const RECONNECT: &str = "Somebody has to connect the account again: `deskhand account reconnect` or POST /connect-link \
                         with its `account_id` makes the link for that. Its MCP servers stay.";

impl Held {
    fn copied(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            refresh_token: None,
            lasts: self.lasts,
            expires_at: self.expires_at,
            revision: self.revision,
            refused: self.refused,
            stale: AtomicBool::new(self.is_stale()),
            forced: AtomicBool::new(false),
        }
    }
}

impl Renewing {
    fn kept(&self, row: &OAuthGrantRow) -> Result<Kept, ControlError> {
        let opened = self.keyring.open(&context(&self.account_id), &row.sealed)?;
        serde_json::from_slice(&opened)
            .map_err(|_| ControlError::Internal("the grant of an account is no JSON object".to_owned()))
    }

    fn held(&self, row: &OAuthGrantRow, forced: bool) -> Result<Held, ControlError> {
        let kept = self.kept(row)?;
        let mut values = self.variables.clone();
        // A connection is made for what is told of the account even when there is no token any more; nothing is sent.
        let token = if kept.refused { "none" } else { &kept.access_token };
        values.insert(ACCESS_TOKEN.to_owned(), token.to_owned());
        let connection = connection(
            self.integration,
            values,
            self.base_url.as_deref(),
            self.overlay.clone(),
            &self.allowed,
        )?;
        Ok(Held {
            connection,
            refresh_token: kept.refresh_token.clone().map(SecretString::from),
            lasts: kept.lasts,
            expires_at: row.expires_at,
            revision: row.revision,
            refused: kept.refused,
            stale: AtomicBool::new(false),
            forced: AtomicBool::new(forced),
        })
    }

    fn flow(&self) -> Result<Flow, ControlError> {
        flow(
            self.integration,
            &self.variables,
            self.base_url.as_deref(),
            &self.allowed,
        )
    }
}

/// The flow of an account, whose addresses are those that its helpdesk's description allows.
pub(super) fn flow(
    integration: &'static Integration,
    variables: &BTreeMap<String, String>,
    base_url: Option<&str>,
    allowed: &[AllowedOrigin],
) -> Result<Flow, ControlError> {
    let given = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let flow = Flow::new(integration, given, base_url)
        .map_err(|error| ControlError::of_settings(&error, |name| format!("variables.{name}")))?;
    destination::check_flow(integration, &flow, allowed)
        .map_err(|message| ControlError::invalid("base_url", message))?;
    Ok(flow)
}

/// The environment variables that hold the application of a helpdesk: its id and its secret.
#[must_use]
pub fn application_variables(integration: &Integration) -> [String; 2] {
    ["client_id", "client_secret"].map(|name| variable(integration, name))
}

/// Why nobody can be sent to the helpdesk.
pub(super) fn missing(integration: &Integration) -> String {
    let [id, secret] = application_variables(integration);
    format!(
        "Deskhand has no application registered with {}: set {id} and {secret} where it starts",
        integration.title
    )
}

/// 60 to 180 seconds, another for each account, so that many that were connected at once are not renewed at once.
fn margin(account_id: &str) -> Millis {
    let digest = Sha256::digest(account_id.as_bytes());
    let spread = digest.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte)) % 120_001;
    60_000 + Millis::from(spread)
}

fn unavailable(error: StoreError) -> Error {
    tracing::error!(%error, "the database cannot be used");
    Error::deskhand(Code::Internal, "The database cannot be used at the moment.").with_hint("Call again later.")
}

fn unusable(error: &ControlError) -> Error {
    let message = format!("The account cannot be used as it is stored: {error}.");
    match error {
        ControlError::Invalid(_) => Error::deskhand(Code::NeedsReauth, message)
            .with_hint("Nothing was sent. Correct the account's settings, or connect it again."),
        // A key that is not at hand, say: connecting again would change nothing.
        _ => Error::deskhand(Code::Internal, message).with_hint("Nothing was sent. Tell the operator."),
    }
}

/// Sends for an account that is connected through OAuth2.
pub(super) struct Refreshing {
    pub(super) grant: Arc<Grant>,
    pub(super) cursor_key: CursorKey,
}

impl Sender for Refreshing {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        arguments: Map<String, Value>,
        visible: Visible<'a>,
    ) -> Sending<'a> {
        Box::pin(async move {
            let held = match self.grant.usable().await {
                Ok(held) => held,
                Err(error) => return error.into(),
            };
            let account = &self.grant.with.account_id;
            let outcome = connect::call(
                &held.connection,
                operation,
                arguments,
                visible,
                &self.cursor_key,
                account,
            )
            .await;
            self.grant.heard(&held, outcome)
        })
    }

    fn schema_options(&self) -> SchemaOptions {
        connect::schema_options(&self.grant.held().connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_renewed_at_different_times() {
        let margins: Vec<Millis> = (0..200).map(|index| margin(&format!("acc_{index}"))).collect();
        assert!(margins.iter().all(|margin| (60_000..=180_000).contains(margin)));
        assert!(margins.iter().any(|margin| *margin < 80_000) && margins.iter().any(|margin| *margin > 160_000));
        assert_eq!(margin("acc_1"), margins[1], "and each at the same everywhere");
    }
}
