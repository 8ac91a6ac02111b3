//! Connected accounts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use deskhand_runtime::Connection;
use deskhand_runtime::arguments::{LIMIT, nearest};
use deskhand_runtime::error::{Code, Error, Origin};
use deskhand_runtime::oauth2::{self, ACCESS_TOKEN};
use deskhand_runtime::operation::{Integration, Operation, Setting};
use deskhand_runtime::overlay::Overlay;
use deskhand_runtime::tool::ToolOutcome;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::grants::{Grant, Refreshing, Renewing};
use super::{ATTEMPTS, ControlError, ControlPlane, Problem, account_context, named, shortened, timestamp};
use crate::access::now;
use crate::accounts::Account;
use crate::catalog;
use crate::connect;
use crate::destination::{self, AllowedOrigin};
use crate::scope::{Sender, Sending, Visible};
use crate::store::{AccountFilter, AccountRow, AccountStatus, Page};
use crate::token::public_id;
use crate::vault::Sealed;

/// Most characters of a `tenant_id`.
const MAX_TENANT_ID: usize = 200;
/// Longest `base_url`, in bytes.
const MAX_BASE_URL: usize = 2048;
/// Most fields that are looked at under `credentials` or `variables`.
const MAX_FIELDS: usize = 100;

/// Credentials or variables by name, as somebody gives them: texts, or null to clear one. Shows no value.
#[derive(Clone, Default, PartialEq)]
pub struct Given(pub Map<String, Value>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(D::Error::custom(format!(
                "expected an object of texts by name, found {}",
                kind_of(&other)
            ))),
        }
    }
}

impl FromIterator<(String, String)> for Given {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// An account to be connected.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// Slug of the helpdesk.
    pub integration: String,
    /// Name for people.
    pub name: String,
    /// The caller's own name for its customer.
    pub tenant_id: Option<String>,
    /// Credentials by name.
    pub credentials: Given,
    /// Variables by name.
    pub variables: Given,
    /// The address to use instead of the vendor's.
    pub base_url: Option<String>,
}

/// Changes of an account: what is `None`, or not named, stays; an inner `None` clears.
#[derive(Clone, Debug, Default)]
pub struct AccountPatch {
    /// Name for people.
    pub name: Option<String>,
    /// The caller's own name for its customer.
    pub tenant_id: Option<Option<String>>,
    /// Credentials by name.
    pub credentials: Given,
    /// Variables by name.
    pub variables: Given,
    /// The address to use instead of the vendor's.
    pub base_url: Option<Option<String>>,
}

impl AccountPatch {
    /// Whether it changes how the helpdesk is reached.
    fn reconnects(&self) -> bool {
        !self.credentials.0.is_empty() || !self.variables.0.is_empty() || self.base_url.is_some()
    }
}

/// An account as callers see it. Credentials are never among what is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = IntegratedAccount)]
pub struct AccountView {
    /// `acc_…`.
    pub id: String,
    /// Slug of the helpdesk.
    pub integration: String,
    /// Name for people.
    pub name: String,
    /// `active`, or `needs_reauth` after the helpdesk has refused the credentials.
    #[schema(value_type = String, example = "active")]
    pub status: &'static str,
    /// The caller's own name for its customer.
    pub tenant_id: Option<String>,
    /// Values that are no credentials, by name.
    #[schema(value_type = Object)]
    pub variables: Map<String, Value>,
    /// The way it authenticates: the name of one of the helpdesk's `schemes`. Null when it cannot be told.
    #[schema(value_type = Option<String>, example = "api_key")]
    pub connected_by: Option<&'static str>,
    /// Names of the credentials that are set; null when they cannot be read with the master keys at hand.
    pub credential_fields: Option<Vec<String>>,
    /// The address used instead of the vendor's.
    pub base_url: Option<String>,
    /// When it was connected.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// How the test of an account went.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AccountTest {
    /// Whether the helpdesk has answered.
    pub ok: bool,
    /// The helpdesk's HTTP status; null when nothing came back.
    pub status: Option<u16>,
    /// `ok`, or the code of the error.
    #[schema(value_type = String, example = "ok")]
    pub code: &'static str,
    /// What happened, as a sentence.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Seconds that the helpdesk asks to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// What the helpdesk tells about its limits.
    #[schema(value_type = Option<Object>)]
    pub ratelimit: Option<Value>,
    /// The account's status after the test.
    #[schema(value_type = String, example = "active")]
    pub account_status: &'static str,
    /// The operation that was called.
    #[schema(value_type = String)]
    pub operation: &'static str,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Changes of settings by name; `None` takes one away.
pub(super) type Changes = BTreeMap<&'static str, Option<String>>;

impl ControlPlane {
    /// The helpdesk with this slug.
    ///
    /// # Errors
    /// Names the nearest slug, or all.
    pub fn integration(&self, slug: &str) -> Result<&'static Integration, ControlError> {
        catalog::helpdesk(self.integrations, &shortened(slug))
            .map_err(|message| ControlError::invalid("integration", message))
    }

    /// Connects an account: checks everything, sends nothing.
    ///
    /// # Errors
    /// Names every field that is wrong; never repeats a credential.
    pub async fn create_account(self: &Arc<Self>, new: NewAccount) -> Result<AccountRow, ControlError> {
        let mut problems = Vec::new();
        let integration = self
            .integration(&new.integration)
            .map_err(|error| note(error, &mut problems));
        let name = named("name", &new.name).map_err(|problem| problems.push(problem));
        let tenant_id = tenant_id(new.tenant_id).map_err(|problem| problems.push(problem));
        let base_url = base_url(new.base_url).map_err(|problem| problems.push(problem));
        let (credentials, variables) = match integration {
            Ok(integration) => (
                changes(integration, Kind::Credential, &new.credentials, &mut problems),
                changes(integration, Kind::Variable, &new.variables, &mut problems),
            ),
            Err(()) => Default::default(),
        };
        let (Ok(integration), Ok(name), Ok(tenant_id), Ok(base_url), []) =
            (integration, name, tenant_id, base_url, problems.as_slice())
        else {
            return Err(ControlError::Invalid(problems));
        };
        let id = public_id("acc")?;
        let mut settings = Settings::default();
        settings.apply(credentials, variables);
        let connection = self.connection(integration, settings.all(), base_url.as_deref(), None)?;
        let at = now();
        let row = AccountRow {
            integration: integration.slug.to_owned(),
            name,
            tenant_id,
            status: AccountStatus::Active,
            variables: settings.tidied(&connection),
            base_url,
            credentials: self.seal_credentials(&id, &settings)?,
            revision: 1,
            created_at: at,
            updated_at: at,
            granted: false,
            id,
        };
        self.store.insert_account(&row).await?;
        self.changed().await?;
        self.read_fields_of_new(&row.id);
        Ok(row)
    }

    /// An account.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn account(&self, id: &str) -> Result<AccountRow, ControlError> {
        self.store.account(id).await?.ok_or(ControlError::NotFound("account"))
    }

    /// Accounts, newest first.
    ///
    /// # Errors
    /// A filter makes no sense.
    pub async fn accounts(&self, mut filter: AccountFilter, page: &Page) -> Result<Vec<AccountRow>, ControlError> {
        if let Some(slug) = &filter.integration {
            filter.integration = Some(self.integration(slug)?.slug.to_owned());
        }
        if let Some(tenant_id) = &filter.tenant_id
            && tenant_id.contains(char::is_control)
        {
            return Err(ControlError::invalid("tenant_id", "has no control characters"));
        }
        Ok(self.store.accounts(&filter, page).await?)
    }

    /// Changes an account. Its MCP servers stay. When it is changed by somebody else at the same time, the change is
    /// made anew on top of theirs, once.
    ///
    /// # Errors
    /// As [`create_account`](Self::create_account); there is none with this id; others keep changing it.
    pub async fn patch_account(&self, id: &str, patch: AccountPatch) -> Result<AccountRow, ControlError> {
        for _ in 0..ATTEMPTS {
            let old = self.account(id).await?;
            let Some(new) = self.patched(&old, &patch)? else {
                return Ok(old);
            };
            let updated = if old.granted && !new.granted {
                self.store.update_account_without_grant(&new).await?
            } else {
                self.store.update_account(&new).await?
            };
            if updated {
                self.changed().await?;
                return Ok(new);
            }
        }
        Err(ControlError::Conflict(
            "the account was changed by somebody else at the same time; read it and try again".to_owned(),
        ))
    }

    /// The account with the changes; `None` when there are none.
    fn patched(&self, old: &AccountRow, patch: &AccountPatch) -> Result<Option<AccountRow>, ControlError> {
        let integration = self.integration(&old.integration)?;
        let mut problems = Vec::new();
        let mut new = old.clone();
        if let Some(given) = &patch.name {
            match named("name", given) {
                Ok(name) => new.name = name,
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(given) = &patch.tenant_id {
            match tenant_id(given.clone()) {
                Ok(tenant_id) => new.tenant_id = tenant_id,
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(given) = &patch.base_url {
            match base_url(given.clone()) {
                Ok(base_url) => new.base_url = base_url,
                Err(problem) => problems.push(problem),
            }
        }
        let credentials = changes(integration, Kind::Credential, &patch.credentials, &mut problems);
        let variables = changes(integration, Kind::Variable, &patch.variables, &mut problems);
        if !problems.is_empty() {
            return Err(ControlError::Invalid(problems));
        }
        if patch.reconnects() {
            let seal_anew = !credentials.is_empty();
            let mut settings = self.settings(old)?;
            settings.apply(credentials, variables);
            // Credentials take the place of what the helpdesk has granted.
            new.granted = old.granted && !seal_anew;
            let mut values = settings.all();
            if new.granted {
                // Stands for the token: nothing is sent.
                values.insert(ACCESS_TOKEN.to_owned(), "granted".to_owned());
            }
            let connection = self.connection(integration, values, new.base_url.as_deref(), None)?;
            new.variables = settings.tidied(&connection);
            if seal_anew {
                new.credentials = self.seal_credentials(&new.id, &settings)?;
            }
            new.status = AccountStatus::Active;
        }
        if new == *old {
            return Ok(None);
        }
        new.revision += 1;
        new.updated_at = now().max(old.updated_at);
        Ok(Some(new))
    }

    /// Deletes an account with its MCP servers and tokens. Calls under way are cut off.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn delete_account(&self, id: &str) -> Result<(), ControlError> {
        if !self.store.delete_account(id).await? {
            return Err(ControlError::NotFound("account"));
        }
        self.live.forget_account(id);
        self.changed().await
    }

    /// Makes the one harmless call that the helpdesk's description names for it, and notes whether the credentials
    /// were accepted. Neither arguments nor answer are kept.
    ///
    /// # Errors
    /// There is no account with this id, or the helpdesk has nothing to test with.
    pub async fn test_account(&self, id: &str) -> Result<AccountTest, ControlError> {
        let row = self.account(id).await?;
        let integration = self.integration(&row.integration)?;
        let probe = integration.probe.ok_or_else(|| {
            ControlError::Conflict(format!(
                "{} has no operation to test an account with",
                integration.title
            ))
        })?;
        let sender = self.connected(&row).await?;
        let started = Instant::now();
        let mut outcome = sender.send(probe, least(probe), Visible::NOTHING).await;
        if row.granted && credentials_refused(&outcome, false) == Some(true) {
            // The token is renewed now. Asking again is harmless, and only that tells about the account.
            outcome = sender.send(probe, least(probe), Visible::NOTHING).await;
        }
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = match credentials_refused(&outcome, row.granted) {
            Some(refused) => {
                let status = AccountStatus::of(refused);
                self.note_status(&row, status).await?;
                status
            }
            None => row.status,
        };
        tracing::info!(
            account = row.id,
            operation = probe.name,
            result = outcome.result.as_ref().err().map_or("ok", |error| error.code().word()),
            "tested an account"
        );
        let error = outcome.result.as_ref().err();
        Ok(AccountTest {
            ok: error.is_none(),
            status: outcome.status,
            code: error.map_or("ok", |error| error.code().word()),
            message: match error {
                Some(error) => error.message().to_owned(),
                None => format!("{} accepts the credentials.", integration.title),
            },
            hint: error.and_then(Error::hint).map(str::to_owned),
            retry_after: error
                .and_then(Error::retry_after)
                .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            ratelimit: outcome.rate_limit.map(|limit| limit.to_json()),
            account_status: status.word(),
            operation: probe.name,
            duration_ms,
        })
    }

    /// An account as callers see it.
    #[must_use]
    pub fn show_account(&self, row: &AccountRow) -> AccountView {
        let settings = self.settings(row).ok();
        AccountView {
            connected_by: self.connected_by(row, settings.as_ref()),
            id: row.id.clone(),
            integration: row.integration.clone(),
            name: row.name.clone(),
            status: row.status.word(),
            tenant_id: row.tenant_id.clone(),
            variables: row.variables.clone(),
            credential_fields: settings.map(|settings| settings.credentials.into_keys().collect()),
            base_url: row.base_url.clone(),
            created_at: timestamp(row.created_at),
            updated_at: timestamp(row.updated_at),
        }
    }

    fn connected_by(&self, row: &AccountRow, settings: Option<&Settings>) -> Option<&'static str> {
        let integration = self.integration(&row.integration).ok()?;
        if row.granted {
            return oauth2::scheme(integration).map(|(scheme, _)| scheme.name);
        }
        let credentials = &settings?.credentials;
        let has_default = |name: &str| {
            let all = integration.credentials.iter().chain(integration.variables);
            all.into_iter()
                .any(|setting| setting.name == name && !setting.default.is_empty())
        };
        let has =
            |need: &&str| credentials.contains_key(*need) || row.variables.contains_key(*need) || has_default(need);
        let used = integration.schemes.iter().find(|scheme| scheme.needs.iter().all(&has));
        used.map(|scheme| scheme.name)
    }

    /// A stored account, ready to be called. One whose settings its helpdesk does not take any more answers every
    /// call with what is wrong.
    pub(super) async fn connected(&self, row: &AccountRow) -> Result<Arc<dyn Sender>, ControlError> {
        let cursor_key = self.cursor_key(&row.id);
        let sender: Result<Arc<dyn Sender>, ControlError> = if row.granted {
            let grant = self.grant(row).await;
            grant.map(|grant| Arc::new(Refreshing { grant, cursor_key }) as _)
        } else {
            let connection = self.account_connection(row).await;
            connection.map(|connection| connect::sender(connection, cursor_key, &row.id))
        };
        match sender {
            Err(error @ ControlError::Invalid(_)) => Ok(Arc::new(Unusable(error.to_string()))),
            sender => sender,
        }
    }

    /// The connection of a stored account, with the members that it has defined for itself. Its access is renewed if
    /// it has to be.
    pub(super) async fn account_connection(&self, row: &AccountRow) -> Result<Connection, ControlError> {
        if row.granted {
            let held = self.grant(row).await?.usable().await;
            let held = held.map_err(|error| ControlError::Conflict(error.to_string()))?;
            return Ok(held.connection().clone());
        }
        let integration = self.integration(&row.integration)?;
        let overlay = self.overlay(row).await?;
        self.connection(integration, self.settings(row)?.all(), row.base_url.as_deref(), overlay)
    }

    /// What an account was granted, and what renews it.
    async fn grant(&self, row: &AccountRow) -> Result<Arc<Grant>, ControlError> {
        let integration = self.integration(&row.integration)?;
        let stored = self.store.oauth_grant(&row.id).await?;
        let stored = stored.ok_or_else(|| ControlError::invalid("", "it is not connected any more"))?;
        let with = Renewing {
            account_id: row.id.clone(),
            integration,
            variables: texts(&row.variables),
            base_url: row.base_url.clone(),
            overlay: self.overlay(row).await?,
            application: self.options.applications.get(integration.slug).cloned(),
            allowed: self.options.allowed_base_urls.clone(),
            store: Arc::clone(&self.store),
            keyring: Arc::clone(&self.keyring),
            refused_early: Arc::clone(&self.refused_early),
        };
        Grant::new(with, &stored)
    }

    fn connection(
        &self,
        integration: &'static Integration,
        values: BTreeMap<String, String>,
        base_url: Option<&str>,
        overlay: Option<Arc<Overlay>>,
    ) -> Result<Connection, ControlError> {
        connection(integration, values, base_url, overlay, &self.options.allowed_base_urls)
    }

    fn settings(&self, row: &AccountRow) -> Result<Settings, ControlError> {
        let opened = self.keyring.open(&account_context(&row.id), &row.credentials)?;
        let credentials = serde_json::from_slice(&opened)
            .map_err(|_| ControlError::Internal("the credentials of an account are no JSON object".to_owned()))?;
        Ok(Settings {
            credentials,
            variables: texts(&row.variables),
        })
    }

    /// No credentials, for an account that has a grant instead.
    pub(super) fn no_credentials(&self, id: &str) -> Result<Sealed, ControlError> {
        self.seal_credentials(id, &Settings::default())
    }

    fn seal_credentials(&self, id: &str, settings: &Settings) -> Result<Sealed, ControlError> {
        let json = serde_json::to_vec(&settings.credentials).map(Zeroizing::new);
        let json = json.map_err(|_| ControlError::Internal("credentials cannot be written".to_owned()))?;
        Ok(self.keyring.seal(&account_context(id), &json)?)
    }
}

/// A connection for these values, to an address that credentials may be sent to. Sends nothing.
pub(super) fn connection(
    integration: &'static Integration,
    values: BTreeMap<String, String>,
    base_url: Option<&str>,
    overlay: Option<Arc<Overlay>>,
    allowed: &[AllowedOrigin],
) -> Result<Connection, ControlError> {
    let account = Account {
        values,
        base_url: base_url.map(str::to_owned),
        timeout: None,
    };
    let connection = connect::connection(integration, &account, overlay)
        .map_err(|error| ControlError::of_settings(&error, |name| place(integration, name)))?;
    destination::check(integration, connection.base_url(), allowed)
        .map_err(|message| ControlError::invalid("base_url", message))?;
    Ok(connection)
}

/// Variables as they are stored, by name.
pub(super) fn texts(variables: &Map<String, Value>) -> BTreeMap<String, String> {
    let texts = variables.iter();
    texts
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// What a call tells about the credentials: `Some(true)` when the helpdesk has refused them. What was granted is
/// refused when it cannot be renewed.
pub(super) fn credentials_refused(outcome: &ToolOutcome, granted: bool) -> Option<bool> {
    match &outcome.result {
        Ok(_) => Some(false),
        Err(error) => {
            let refused = match error.code() {
                Code::Unauthorized => !granted && error.origin() == Origin::Upstream,
                code => code == Code::NeedsReauth,
            };
            refused.then_some(true)
        }
    }
}

impl AccountStatus {
    /// The status of an account whose credentials were last refused, or were not.
    pub(super) fn of(refused: bool) -> Self {
        if refused { Self::NeedsReauth } else { Self::Active }
    }
}

/// Credentials and variables of an account.
#[derive(Default)]
struct Settings {
    credentials: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
}

impl Settings {
    fn apply(&mut self, credentials: Changes, variables: Changes) {
        for (values, changes) in [(&mut self.credentials, credentials), (&mut self.variables, variables)] {
            for (name, value) in changes {
                match value {
                    Some(value) => drop(values.insert(name.to_owned(), value)),
                    None => drop(values.remove(name)),
                }
            }
        }
    }

    fn all(&self) -> BTreeMap<String, String> {
        let all = self.credentials.iter().chain(&self.variables);
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The variables as the connection has understood them: without what people paste along.
    fn tidied(&self, connection: &Connection) -> Map<String, Value> {
        let understood = connection.variables().iter();
        understood
            .filter(|(name, _)| self.variables.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect()
    }
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Credential,
    Variable,
}

impl Kind {
    /// The field of a request that holds them.
    fn place(self) -> &'static str {
        match self {
            Self::Credential => "credentials",
            Self::Variable => "variables",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Variable => "variable",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Credential => Self::Variable,
            Self::Variable => Self::Credential,
        }
    }

    fn of(self, integration: &'static Integration) -> &'static [Setting] {
        match self {
            Self::Credential => integration.credentials,
            Self::Variable => integration.variables,
        }
    }
}

/// The field of a request that a setting is given in.
fn place(integration: &'static Integration, name: &str) -> String {
    for kind in [Kind::Credential, Kind::Variable] {
        if kind.of(integration).iter().any(|setting| setting.name == name) {
            return format!("{}.{name}", kind.place());
        }
    }
    name.to_owned()
}

/// Reads what is given as changes of known settings. What an account starts without is cleared as well as not given.
pub(super) fn changes(
    integration: &'static Integration,
    kind: Kind,
    given: &Given,
    problems: &mut Vec<Problem>,
) -> Changes {
    let mut changes = Changes::new();
    if given.0.len() > MAX_FIELDS {
        problems.push(Problem::new(kind.place(), format!("has more than {MAX_FIELDS} fields")));
        return changes;
    }
    for (name, value) in &given.0 {
        let field = format!("{}.{}", kind.place(), shortened(name));
        let Some(setting) = kind.of(integration).iter().find(|setting| setting.name == name) else {
            problems.push(Problem::new(field, misplaced(integration, kind, name)));
            continue;
        };
        match value {
            Value::Null => drop(changes.insert(setting.name, None)),
            Value::String(text) => drop(changes.insert(setting.name, Some(text.clone()))),
            other => problems.push(Problem::new(
                field,
                format!("expected a text, found {}", kind_of(other)),
            )),
        }
    }
    changes
}

/// Why there is no setting of this name there.
fn misplaced(integration: &'static Integration, kind: Kind, name: &str) -> String {
    let other = kind.other();
    let is_other = other.of(integration).iter().any(|setting| setting.name == name);
    if is_other {
        return format!(
            "is a {} of {}: give it under `{}`",
            other.word(),
            integration.title,
            other.place()
        );
    }
    let own = || kind.of(integration).iter().map(|setting| setting.name);
    let others = || other.of(integration).iter().map(|setting| setting.name);
    let known: Vec<&str> = own().collect();
    let told = if let Some(near) = nearest(name, own()) {
        format!("did you mean `{near}`?")
    } else if let Some(near) = nearest(name, others()) {
        format!("did you mean `{}.{near}`?", other.place())
    } else if known.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    };
    format!("{} has no {} of this name; {told}", integration.title, kind.word())
}

fn note(error: ControlError, problems: &mut Vec<Problem>) {
    match error {
        ControlError::Invalid(found) => problems.extend(found),
        other => problems.push(Problem::new("", other.to_string())),
    }
}

pub(super) fn tenant_id(given: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = given else { return Ok(None) };
    let text = text.trim();
    let wrong = text.is_empty() || text.chars().count() > MAX_TENANT_ID || text.contains(char::is_control);
    if wrong {
        let expected = format!("expected 1 to {MAX_TENANT_ID} characters without control characters, or null");
        return Err(Problem::new("tenant_id", expected));
    }
    Ok(Some(text.to_owned()))
}

/// The address is judged when it is connected to; here, that it can be kept.
pub(super) fn base_url(given: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = given else { return Ok(None) };
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BASE_URL || text.contains(char::is_control) {
        let expected = format!("expected an address of at most {MAX_BASE_URL} bytes, or null");
        return Err(Problem::new("base_url", expected));
    }
    Ok(Some(text.to_owned()))
}

/// Arguments that make a probe answer as little as it can.
pub(super) fn least(probe: &Operation) -> Map<String, Value> {
    let size = probe.pages.and_then(|pages| pages.size);
    size.map(|size| (LIMIT.to_owned(), size.min.into()))
        .into_iter()
        .collect()
}

/// Stands for an account that cannot be called as it is.
struct Unusable(String);

impl Sender for Unusable {
    fn send<'a>(
        &'a self,
        _operation: &'static Operation,
        _arguments: Map<String, Value>,
        _visible: Visible<'a>,
    ) -> Sending<'a> {
        let error = Error::deskhand(
            Code::NeedsReauth,
            format!("The account cannot be used as it is stored: {}.", self.0),
        );
        Box::pin(std::future::ready(
            error
                .with_hint("Nothing was sent. Correct the account's settings.")
                .into(),
        ))
    }
}
