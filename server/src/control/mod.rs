//! The control plane: connected accounts, their MCP servers, API tokens, and the log of calls. The REST API, the
//! command line and the demo all work through it, on one database that several processes may share.

pub mod accounts;
pub mod api_tokens;
pub mod connecting;
pub mod fields;
mod grants;
mod live;
mod log;
pub mod mcp_servers;

pub use fields::FieldsInterval;
pub use grants::application_variables;
pub use live::Records;
pub use log::Retention;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use deskhand_runtime::cursor::CursorKey;
use deskhand_runtime::error::{ArgumentFault, Error};
use deskhand_runtime::oauth2::Application;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::catalog::Integrations;
use crate::destination::AllowedOrigin;
use crate::filter::FilterError;
use crate::store::{CallFilter, CallRow, Millis, Page, Store, StoreError};
use crate::token::TokenKey;
use crate::vault::{Keyring, VaultError};

use live::Live;

/// How often a change is tried when somebody else changes the same thing at the same time.
const ATTEMPTS: usize = 2;

/// Name of the setting that holds the installation's own secret.
const SECRET: &str = "secret";

/// What an operator may choose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long logged calls are kept.
    pub log_retention: Retention,
    /// Addresses that accounts may name instead of the vendor's, besides those that the vendor's own allows and this
    /// machine's loopback: scheme, host and port.
    pub allowed_base_urls: Vec<AllowedOrigin>,
    /// How often the members that accounts in use define for themselves are read from their helpdesks.
    pub fields_interval: FieldsInterval,
    /// The applications registered with helpdesks, by the helpdesk's slug: whom accounts are connected to over OAuth2.
    pub applications: BTreeMap<String, Application>,
}

/// Accounts, MCP servers and tokens of one installation.
pub struct ControlPlane {
    integrations: Integrations,
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
    secret: Zeroizing<[u8; 32]>,
    token_key: TokenKey,
    options: Options,
    live: Live,
    refused_early: Arc<grants::RefusedEarly>,
    log: log::Writer,
}

impl fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlPlane")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl ControlPlane {
    /// Opens the installation whose data are in `store`: makes its secret at the first start, and checks that the
    /// keys at hand open it. Nothing runs in the background yet; see [`run`](Self::run).
    ///
    /// # Errors
    /// When the store cannot be used, or the master key is not the one it was sealed with.
    pub async fn open(
        integrations: Integrations,
        store: Arc<dyn Store>,
        keyring: Arc<Keyring>,
        options: Options,
    ) -> Result<Arc<Self>, ControlError> {
        let mut fresh = Zeroizing::new([0_u8; 32]);
        getrandom::fill(fresh.as_mut_slice()).map_err(|_| VaultError::NoRandom)?;
        let context = setting_context(SECRET);
        let sealed = match store.setting(SECRET).await? {
            Some(sealed) => sealed,
            None => {
                let sealed = keyring.seal(&context, fresh.as_slice())?;
                store.setting_or_insert(SECRET, &sealed).await?
            }
        };
        let opened = keyring.open(&context, &sealed)?;
        let secret: [u8; 32] = opened.as_slice().try_into().map_err(|_| VaultError::Broken)?;
        let secret = Zeroizing::new(secret);
        let token_key = TokenKey::new(derived(&secret, &["tokens"]));
        Ok(Arc::new(Self {
            integrations,
            keyring,
            secret,
            token_key,
            live: Live::default(),
            refused_early: Arc::default(),
            log: log::Writer::new(Arc::clone(&store), options.log_retention),
            options,
            store,
        }))
    }

    /// The helpdesks compiled in.
    #[must_use]
    pub fn integrations(&self) -> Integrations {
        self.integrations
    }

    /// Where everything is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What the operator chose.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Logged calls, newest first.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn calls(&self, filter: &CallFilter, page: &Page) -> Result<Vec<CallRow>, ControlError> {
        Ok(self.store.calls(filter, page).await?)
    }

    /// How many calls could not be logged since the start.
    #[must_use]
    pub fn log_rows_lost(&self) -> u64 {
        self.log.lost()
    }

    /// The key of an account's cursors: another process on this database has the same one.
    fn cursor_key(&self, account_id: &str) -> CursorKey {
        CursorKey::new(derived(&self.secret, &["cursors", account_id]))
    }

    /// Seals what is stored with the first key at hand; returns how many values had another. Can run while servers do.
    ///
    /// # Errors
    /// When a value does not open, or the store cannot be used.
    pub async fn reseal(&self) -> Result<u64, ControlError> {
        const AT_ONCE: u32 = 200;
        let mut done = 0;
        loop {
            let key_id = self.keyring.sealing_id();
            let found = self.store.sealed_with_other_keys(&key_id, AT_ONCE).await?;
            if found.is_empty() {
                return Ok(done);
            }
            for at in found {
                let context = format!("{}:{}", at.kind, at.id);
                let secret = self.keyring.open(&context, &at.sealed)?;
                // Changed meanwhile: whoever changed it sealed it, and the next round sees with which key.
                if self.store.reseal(&at, &self.keyring.seal(&context, &secret)?).await? {
                    done += 1;
                }
            }
        }
    }
}

/// Id of the master key that the installation in this store is sealed with; `None` while there is none.
///
/// # Errors
/// When the store cannot be used.
pub async fn master_key_id(store: &dyn Store) -> Result<Option<String>, StoreError> {
    Ok(store.setting(SECRET).await?.map(|sealed| sealed.key_id))
}

/// A moment in RFC 3339, UTC.
#[must_use]
pub fn timestamp(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    format!("{at:.3}")
}

/// Reads a moment in RFC 3339.
#[must_use]
pub fn moment(text: &str) -> Option<Millis> {
    Some(text.trim().parse::<jiff::Timestamp>().ok()?.as_millisecond())
}

/// A name for people.
fn named(field: &str, text: &str) -> Result<String, Problem> {
    const MAX_NAME: usize = 200;
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        let expected = format!("expected a name of 1 to {MAX_NAME} characters, without control characters");
        return Err(Problem::new(field, expected));
    }
    Ok(name.to_owned())
}

/// What somebody gave as a name, to be repeated in a message.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn setting_context(name: &str) -> String {
    format!("setting:{name}")
}

fn account_context(id: &str) -> String {
    format!("account:{id}")
}

/// A key for one purpose.
fn derived(secret: &[u8; 32], purpose: &[&str]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    for part in purpose {
        // With its length, no part can run into the next.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Why the control plane did not do what was asked.
#[derive(Debug)]
pub enum ControlError {
    /// What was asked makes no sense: every fault with the field it is about, and a sentence for it.
    Invalid(Vec<Problem>),
    /// There is no such thing, or the caller may not know of it.
    NotFound(&'static str),
    /// It was changed by somebody else meanwhile.
    Conflict(String),
    /// The database cannot be used at the moment.
    Unavailable(StoreError),
    /// A fault of Deskhand's own, or of its keys.
    Internal(String),
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field, as a dotted path such as `config.methods.0`; empty for the whole.
    pub field: String,
    /// What is wrong and what was expected, as a sentence.
    pub message: String,
}

impl Problem {
    /// A problem of one field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.message),
            field => write!(f, "`{field}`: {}", self.message),
        }
    }
}

impl ControlError {
    /// One fault of one field.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, message)])
    }

    /// The faults of account settings, their fields under `credentials` or `variables`.
    #[must_use]
    pub fn of_settings(error: &Error, place: impl Fn(&str) -> String) -> Self {
        let problem = |fault: &ArgumentFault| Problem::new(place(&fault.argument), fault.message.clone());
        match error.faults() {
            [] => Self::invalid("", error.to_string()),
            faults => Self::Invalid(faults.iter().map(problem).collect()),
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(problems) => {
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                f.write_str(&told.join("; "))
            }
            Self::NotFound(what) => write!(f, "there is no such {what}"),
            Self::Conflict(why) | Self::Internal(why) => f.write_str(why),
            Self::Unavailable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken => Self::Conflict(error.to_string()),
            StoreError::Orphan => Self::NotFound("account"),
            StoreError::Unstorable => Self::invalid("", error.to_string()),
            error @ StoreError::Unavailable(_) => Self::Unavailable(error),
        }
    }
}

impl From<VaultError> for ControlError {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<FilterError> for ControlError {
    fn from(error: FilterError) -> Self {
        let field = match &error {
            FilterError::Unknown { what: "method", .. } => "config.methods",
            FilterError::Unknown { .. } => "config.tags",
            FilterError::Nothing { .. } => "config",
        };
        Self::invalid(field, error.to_string())
    }
}

impl From<getrandom::Error> for ControlError {
    fn from(_: getrandom::Error) -> Self {
        VaultError::NoRandom.into()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use crate::accounts::Account;
    use crate::scope::{Offer, Scope};

    /// All tools of the first helpdesk, with an account that reaches nothing.
    pub(crate) fn scope() -> Arc<Scope> {
        let integration = deskhand_integrations::INTEGRATIONS[0];
        let settings = integration.variables.iter().chain(integration.credentials);
        let values: BTreeMap<String, String> = settings
            .map(|setting| (setting.name.to_owned(), setting.example.to_owned()))
            .collect();
        let account = Account {
            values,
            base_url: Some("http://127.0.0.1:9".to_owned()),
            timeout: None,
        };
        let sender = account.connect(integration).unwrap();
        Arc::new(Scope::new("test", "Test", integration, &Offer::default(), sender).unwrap())
    }
}
