//! Links by which the people whose helpdesk it is connect an account, through the helpdesk's OAuth2 flow.
//!
//! All that happens between the link and the account is in the database, so each step may meet another process.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskhand_runtime::Connection;
use deskhand_runtime::error::{Code, Error, Origin};
use deskhand_runtime::oauth2::{self, ACCESS_TOKEN, Application, Flow, TokenError, Tokens};
use deskhand_runtime::operation::{Integration, Setting};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Map, Value};

use super::accounts::{Given, Kind, base_url, changes, least, tenant_id, texts};
use super::api_tokens::LEAST_LIFE;
use super::grants::{flow, granted, missing};
use super::{ATTEMPTS, ControlError, ControlPlane, Problem, named, timestamp};
use crate::access::now;
use crate::public_url::PublicUrl;
use crate::scope::Visible;
use crate::store::{AccountRow, AccountStatus, ConnectFlowRow, ConnectLinkRow, Millis, Page};
use crate::token::{Token, public_id};
use crate::{connect, destination};

/// How long a link lasts when nobody says.
const LIFE: Millis = 3_600_000;
/// How long a link may last.
const LONGEST_LIFE: Millis = 30 * 24 * 3_600_000;
/// How long somebody may be at the helpdesk.
const FLOW_LIFE: Millis = 600_000;
/// How many flows of one link may be under way.
const MOST_FLOWS: u32 = 20;

/// A link to be made.
#[derive(Clone, Debug, Default)]
pub struct NewConnectLink {
    /// Slug of the helpdesk; not with `account_id`.
    pub integration: Option<String>,
    /// Name of the account for people; not with `account_id`.
    pub name: Option<String>,
    /// The caller's own name for its customer; not with `account_id`.
    pub tenant_id: Option<String>,
    /// Variables that are known already; who follows the link is asked for the others. Not with `account_id`.
    pub variables: Given,
    /// The address to use instead of the vendor's; not with `account_id`.
    pub base_url: Option<String>,
    /// The account to be connected anew.
    pub account_id: Option<String>,
    /// When the link ends; in an hour when not said.
    pub expires_at: Option<Millis>,
}

/// A link as callers see it. Its address is shown once, when it is made.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConnectLink)]
pub struct ConnectLinkView {
    /// `link_…`.
    pub id: String,
    /// Slug of the helpdesk.
    pub integration: String,
    /// Name that the account gets, or has.
    pub name: String,
    /// The caller's own name for its customer.
    pub tenant_id: Option<String>,
    /// Variables that are known already.
    #[schema(value_type = Object)]
    pub variables: Map<String, Value>,
    /// The address used instead of the vendor's.
    pub base_url: Option<String>,
    /// The account that is connected anew; null when it is a new one.
    pub account_id: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub expires_at: String,
    /// When an account was connected with it; null when none was.
    pub used_at: Option<String>,
}

impl From<&ConnectLinkRow> for ConnectLinkView {
    fn from(row: &ConnectLinkRow) -> Self {
        Self {
            id: row.id.clone(),
            integration: row.integration.clone(),
            name: row.name.clone(),
            tenant_id: row.tenant_id.clone(),
            variables: row.variables.clone(),
            base_url: row.base_url.clone(),
            account_id: row.account_id.clone(),
            created_at: timestamp(row.created_at),
            expires_at: timestamp(row.expires_at),
            used_at: row.used_at.map(timestamp),
        }
    }
}

/// The address of a link.
#[must_use]
pub fn link_url(public_url: &PublicUrl, row: &ConnectLinkRow, secret: &Token) -> String {
    public_url.join(&format!("/connect/{}?link={}", row.integration, secret.reveal()))
}

fn callback_url(public_url: &PublicUrl, integration: &Integration) -> String {
    public_url.join(&format!("/connect/{}/callback", integration.slug))
}

/// What happens to somebody who follows a link.
#[derive(Debug)]
pub enum Step {
    /// Something must be known first.
    Ask {
        /// The helpdesk.
        integration: &'static Integration,
        /// What is asked for, with what was given for it and what is wrong with that.
        questions: Vec<Question>,
        /// The address that is used instead of the vendor's.
        base_url: Option<String>,
    },
    /// They are sent to the helpdesk.
    Go {
        /// The helpdesk's address.
        url: String,
        /// What their browser is given to be known again.
        browser: Token,
    },
}

/// One thing that is asked for.
#[derive(Debug)]
pub struct Question {
    /// What.
    pub setting: &'static Setting,
    /// What was given.
    pub given: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What the helpdesk sends somebody back with.
#[derive(Clone, Default)]
pub struct Returned {
    /// Tells which flow it is.
    pub state: String,
    /// Is exchanged for tokens.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The same in the helpdesk's words.
    pub error_description: Option<String>,
}

/// Why somebody has not come further.
#[derive(Debug)]
pub enum NotConnected {
    /// The link is unknown, used up, or has ended; or what came back belongs to no flow of this browser.
    Gone,
    /// The helpdesk has sent them back without a code: its words.
    Denied(String),
    /// The helpdesk did not play its part.
    Helpdesk(String),
    /// Deskhand did not play its part.
    Control(ControlError),
}

impl<E: Into<ControlError>> From<E> for NotConnected {
    fn from(error: E) -> Self {
        Self::Control(error.into())
    }
}

impl ControlPlane {
    /// Makes a link. Only a keyed hash of its secret is kept.
    ///
    /// # Errors
    /// Names every field that is wrong; there is no such account; the helpdesk or this server has no such flow.
    pub async fn create_connect_link(&self, new: NewConnectLink) -> Result<(ConnectLinkRow, Token), ControlError> {
        let created_at = now();
        let expires_at = new.expires_at.unwrap_or(created_at + LIFE);
        let mut problems = Vec::new();
        if expires_at < created_at + LEAST_LIFE || expires_at > created_at + LONGEST_LIFE {
            let message = "expected a time at least 60 seconds and at most 30 days ahead";
            problems.push(Problem::new("expires_at", message));
        }
        let id = public_id("link")?;
        let secret = Token::random()?;
        let link = match &new.account_id {
            Some(account_id) => {
                let others = [
                    ("integration", new.integration.is_some()),
                    ("name", new.name.is_some()),
                    ("tenant_id", new.tenant_id.is_some()),
                    ("variables", !new.variables.0.is_empty()),
                    ("base_url", new.base_url.is_some()),
                ];
                for (field, _) in others.into_iter().filter(|(_, given)| *given) {
                    problems.push(Problem::new(
                        field,
                        "is the account's own: leave it out beside `account_id`",
                    ));
                }
                let account = self.account(account_id).await?;
                self.application(self.integration(&account.integration)?)?;
                ConnectLinkRow {
                    id,
                    integration: account.integration,
                    name: account.name,
                    tenant_id: account.tenant_id,
                    variables: account.variables,
                    base_url: account.base_url,
                    account_id: Some(account.id),
                    created_at,
                    expires_at,
                    used_at: None,
                }
            }
            None => {
                let slug = new.integration.as_deref();
                let slug = slug.ok_or_else(|| ControlError::invalid("integration", "is missing"))?;
                let integration = self.integration(slug)?;
                self.application(integration)?;
                let name = named("name", new.name.as_deref().unwrap_or_default()).unwrap_or_else(|problem| {
                    problems.push(problem);
                    String::new()
                });
                let tenant_id = tenant_id(new.tenant_id).unwrap_or_else(|problem| {
                    problems.push(problem);
                    None
                });
                let base_url = base_url(new.base_url).unwrap_or_else(|problem| {
                    problems.push(problem);
                    None
                });
                let given = changes(integration, Kind::Variable, &new.variables, &mut problems);
                let given = given.into_iter();
                let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
                let known = self.known(integration, given.collect(), base_url.as_deref());
                ConnectLinkRow {
                    id,
                    integration: integration.slug.to_owned(),
                    name,
                    tenant_id,
                    variables: known.unwrap_or_else(|found| {
                        problems.extend(found);
                        Map::new()
                    }),
                    base_url,
                    account_id: None,
                    created_at,
                    expires_at,
                    used_at: None,
                }
            }
        };
        if !problems.is_empty() {
            return Err(ControlError::Invalid(problems));
        }
        let hash = self.token_key.hash(secret.reveal());
        self.store.insert_connect_link(&link, &hash).await?;
        tracing::info!(
            link = link.id,
            account = link.account_id,
            "made a link to connect an account"
        );
        Ok((link, secret))
    }

    /// Links that have not ended, newest first.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn connect_links(&self, page: &Page) -> Result<Vec<ConnectLinkRow>, ControlError> {
        Ok(self.store.connect_links(now(), page).await?)
    }

    /// Takes a link back.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn delete_connect_link(&self, id: &str) -> Result<(), ControlError> {
        if !self.store.delete_connect_link(id).await? {
            return Err(ControlError::NotFound("connect link"));
        }
        Ok(())
    }

    /// The application that accounts of a helpdesk are connected to.
    fn application(&self, integration: &'static Integration) -> Result<&Application, ControlError> {
        if oauth2::scheme(integration).is_none() {
            let message = format!(
                "accounts of {} are not connected through OAuth2: give their credentials instead",
                integration.title
            );
            return Err(ControlError::invalid("integration", message));
        }
        let application = self.options.applications.get(integration.slug);
        application.ok_or_else(|| ControlError::invalid("integration", missing(integration)))
    }

    /// The variables that are given, checked as far as that goes while others are not known.
    fn known(
        &self,
        integration: &'static Integration,
        given: BTreeMap<String, String>,
        base_url: Option<&str>,
    ) -> Result<Map<String, Value>, Vec<Problem>> {
        let mut builder = Connection::builder(integration)
            .base_url(base_url)
            // Stands for the token: nothing is sent.
            .credential(ACCESS_TOKEN, "none-yet");
        for (name, value) in &given {
            builder = builder.variable(name, value);
        }
        match builder.build() {
            Ok(connection) => {
                let settled = flow(integration, &given, base_url, &self.options.allowed_base_urls);
                settled.map_err(|error| vec![Problem::new("base_url", error.to_string())])?;
                let understood = connection.variables().iter();
                let understood = understood.filter(|(name, _)| given.contains_key(*name));
                Ok(understood
                    .map(|(name, value)| (name.clone(), value.clone().into()))
                    .collect())
            }
            Err(error) => {
                let wrong = error.faults().iter();
                let wrong = wrong.filter(|fault| fault.argument == "base_url" || given.contains_key(&fault.argument));
                let problems: Vec<Problem> = wrong
                    .map(|fault| match fault.argument.as_str() {
                        "base_url" => Problem::new("base_url", fault.message.clone()),
                        name => Problem::new(format!("variables.{name}"), fault.message.clone()),
                    })
                    .collect();
                if !problems.is_empty() {
                    return Err(problems);
                }
                if let Some(text) = base_url {
                    destination::check_text(integration, text, &self.options.allowed_base_urls)
                        .map_err(|message| vec![Problem::new("base_url", message)])?;
                }
                Ok(given.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
        }
    }

    async fn live_link(
        &self,
        slug: &str,
        secret: &str,
    ) -> Result<(ConnectLinkRow, &'static Integration), NotConnected> {
        let link = self.store.connect_link(&self.token_key.hash(secret), now()).await?;
        let link = link.filter(|link| link.integration == slug).ok_or(NotConnected::Gone)?;
        let integration = self.integration(&link.integration)?;
        Ok((link, integration))
    }

    /// Somebody follows a link, with answers to what they were asked.
    ///
    /// # Errors
    /// The link opens nothing; something else is wrong.
    pub async fn follow_link(
        &self,
        slug: &str,
        secret: &str,
        answers: &BTreeMap<String, String>,
        public_url: &PublicUrl,
    ) -> Result<Step, NotConnected> {
        let (link, integration) = self.live_link(slug, secret).await?;
        let application = self.application(integration)?;
        let (mut variables, base_url) = match &link.account_id {
            // It may have been changed since the link was made.
            Some(id) => {
                let account = self.account(id).await.map_err(|_| NotConnected::Gone)?;
                (texts(&account.variables), account.base_url)
            }
            None => (texts(&link.variables), link.base_url.clone()),
        };
        let asked: Vec<&'static Setting> = integration
            .variables
            .iter()
            .filter(|setting| !setting.optional && setting.default.is_empty() && !variables.contains_key(setting.name))
            .collect();
        let answer = |setting: &Setting| answers.get(setting.name).map_or("", |text| text.trim()).to_owned();
        for setting in &asked {
            variables.insert(setting.name.to_owned(), answer(setting));
        }
        let question = |setting: &'static Setting, problem: Option<String>| Question {
            setting,
            given: answer(setting).chars().take(200).collect(),
            problem,
        };
        if asked.iter().any(|setting| answer(setting).is_empty()) {
            let questions = asked.iter().map(|setting| question(setting, None)).collect();
            return Ok(Step::Ask {
                integration,
                questions,
                base_url,
            });
        }
        let flow = match flow(
            integration,
            &variables,
            base_url.as_deref(),
            &self.options.allowed_base_urls,
        ) {
            Ok(flow) => flow,
            Err(ControlError::Invalid(problems)) if !asked.is_empty() => {
                let wrong = |setting: &Setting| {
                    let field = format!("variables.{}", setting.name);
                    let found = problems.iter().find(|problem| problem.field == field);
                    found.map(|problem| problem.message.clone())
                };
                let questions: Vec<Question> = asked.iter().map(|setting| question(setting, wrong(setting))).collect();
                if questions.iter().all(|question| question.problem.is_none()) {
                    return Err(ControlError::Invalid(problems).into());
                }
                return Ok(Step::Ask {
                    integration,
                    questions,
                    base_url,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let (state, browser, verifier) = (Token::random()?, Token::random()?, Token::random()?);
        let state_hash = self.token_key.hash(state.reveal());
        let created_at = now();
        let row = ConnectFlowRow {
            link_id: link.id.clone(),
            browser_hash: self.token_key.hash(browser.reveal()),
            verifier: self
                .keyring
                .seal(&flow_context(&state_hash.to_text()), verifier.reveal().as_bytes())?,
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            created_at,
            expires_at: created_at + FLOW_LIFE,
        };
        if !self.store.insert_connect_flow(&row, &state_hash, MOST_FLOWS).await? {
            let message = "the link was followed too often within ten minutes; wait, and try again";
            return Err(ControlError::Conflict(message.to_owned()).into());
        }
        let redirect = callback_url(public_url, integration);
        Ok(Step::Go {
            url: flow.authorize_url(application, &redirect, state.reveal(), verifier.reveal()),
            browser,
        })
    }

    /// Somebody comes back from the helpdesk.
    ///
    /// # Errors
    /// What came back belongs to no flow of this browser; the helpdesk or the person says no.
    pub async fn finish_link(
        self: &Arc<Self>,
        slug: &str,
        returned: Returned,
        browser: Option<&str>,
        public_url: &PublicUrl,
    ) -> Result<AccountRow, NotConnected> {
        let state_hash = self.token_key.hash(&returned.state);
        let row = self.store.take_connect_flow(&state_hash).await?;
        let row = row.filter(|row| row.expires_at > now()).ok_or(NotConnected::Gone)?;
        if browser.is_none_or(|browser| self.token_key.hash(browser) != row.browser_hash) {
            tracing::warn!(
                link = row.link_id,
                "somebody came back from a helpdesk with another browser"
            );
            return Err(NotConnected::Gone);
        }
        let link = self.store.connect_link_by_id(&row.link_id, now()).await?;
        let link = link.filter(|link| link.integration == slug).ok_or(NotConnected::Gone)?;
        let integration = self.integration(&link.integration)?;
        let code = match (returned.error, returned.code) {
            (None, Some(code)) if !code.is_empty() => code,
            (error, _) => {
                let error = error.unwrap_or_else(|| "no code was given".to_owned());
                tracing::info!(
                    link = link.id,
                    error = printable(&error, 60),
                    "an account was not connected"
                );
                let told = returned.error_description.filter(|text| !text.trim().is_empty());
                let told = told.map_or_else(|| error.clone(), |text| format!("{error}: {text}"));
                return Err(NotConnected::Denied(printable(&told, 300)));
            }
        };
        let base = match &link.account_id {
            Some(id) => self.account(id).await.map_err(|_| NotConnected::Gone)?.base_url,
            None => link.base_url.clone(),
        };
        let variables = texts(&row.variables);
        let flow = flow(
            integration,
            &variables,
            base.as_deref(),
            &self.options.allowed_base_urls,
        )?;
        let verifier = self.keyring.open(&flow_context(&state_hash.to_text()), &row.verifier)?;
        let verifier = std::str::from_utf8(&verifier)
            .map_err(|_| ControlError::Internal("the verifier of a flow is no text".to_owned()))?;
        let tokens = self
            .exchange(
                &flow,
                integration,
                &code,
                &callback_url(public_url, integration),
                verifier,
            )
            .await;
        let tokens = tokens.inspect_err(|error| {
            if let NotConnected::Helpdesk(reason) = error {
                tracing::warn!(link = link.id, reason, "an account was not connected");
            }
        })?;
        self.keep_connected(&link, integration, variables, base, &tokens).await
    }

    async fn exchange(
        &self,
        flow: &Flow,
        integration: &'static Integration,
        code: &str,
        redirect: &str,
        verifier: &str,
    ) -> Result<Tokens, NotConnected> {
        let exchanged = flow
            .exchange(self.application(integration)?, code, redirect, verifier)
            .await;
        exchanged.map_err(|error| {
            NotConnected::Helpdesk(match error {
                TokenError::Refused(word) => {
                    format!("{} does not accept what it has sent back ({word}).", integration.title)
                }
                TokenError::Failed(error) => error.message().to_owned(),
            })
        })
    }

    async fn keep_connected(
        self: &Arc<Self>,
        link: &ConnectLinkRow,
        integration: &'static Integration,
        variables: BTreeMap<String, String>,
        base_url: Option<String>,
        tokens: &Tokens,
    ) -> Result<AccountRow, NotConnected> {
        let mut values = variables.clone();
        values.insert(ACCESS_TOKEN.to_owned(), tokens.access_token.expose_secret().to_owned());
        let allowed = &self.options.allowed_base_urls;
        let connection = super::accounts::connection(integration, values, base_url.as_deref(), None, allowed)?;
        let understood = connection.variables().iter();
        let understood: Map<String, Value> = understood
            .filter(|(name, _)| variables.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let id = match &link.account_id {
            Some(id) => id.clone(),
            None => public_id("acc")?,
        };
        if let Some(refused) = self.refused(connection, integration, &id).await {
            tracing::warn!(
                link = link.id,
                reason = refused.message(),
                "an account was not connected"
            );
            let message = format!("{} refuses the access that it has just given.", integration.title);
            return Err(NotConnected::Helpdesk(message));
        }
        let grant = granted(&self.keyring, &id, tokens)?;
        for _ in 0..ATTEMPTS {
            let at = now();
            let account = match &link.account_id {
                None => AccountRow {
                    id: id.clone(),
                    integration: integration.slug.to_owned(),
                    name: link.name.clone(),
                    tenant_id: link.tenant_id.clone(),
                    status: AccountStatus::Active,
                    variables: understood.clone(),
                    base_url: base_url.clone(),
                    credentials: self.no_credentials(&id)?,
                    revision: 1,
                    created_at: at,
                    updated_at: at,
                    granted: true,
                },
                Some(_) => {
                    let old = self.account(&id).await.map_err(|_| NotConnected::Gone)?;
                    if old.base_url != base_url {
                        // The access was given by another.
                        let message = "the account's address was changed meanwhile; follow the link again";
                        return Err(ControlError::Conflict(message.to_owned()).into());
                    }
                    AccountRow {
                        status: AccountStatus::Active,
                        variables: understood.clone(),
                        credentials: self.no_credentials(&id)?,
                        revision: old.revision + 1,
                        updated_at: at.max(old.updated_at),
                        granted: true,
                        ..old
                    }
                }
            };
            if self.store.connect_account(&link.id, at, &account, &grant).await? {
                tracing::info!(
                    account = account.id,
                    link = link.id,
                    again = link.account_id.is_some(),
                    "connected an account through OAuth2"
                );
                self.changed().await?;
                self.read_fields_of_new(&account.id);
                return Ok(account);
            }
        }
        Err(NotConnected::Gone)
    }

    /// Why the helpdesk refuses a token at once, if it does and that can be tried.
    async fn refused(&self, connection: Connection, integration: &'static Integration, id: &str) -> Option<Error> {
        let probe = integration.probe?;
        let sender = connect::sender(connection, self.cursor_key(id), id);
        let outcome = sender.send(probe, least(probe), Visible::NOTHING).await;
        let error = outcome.result.err()?;
        (error.code() == Code::Unauthorized && error.origin() == Origin::Upstream).then_some(error)
    }
}

fn flow_context(state_hash: &str) -> String {
    format!("flow:{state_hash}")
}

/// What a helpdesk says, short enough to be shown.
fn printable(text: &str, most: usize) -> String {
    let text = text.trim().chars();
    text.filter(|letter| !letter.is_control()).take(most).collect()
}
