//! MCP servers of accounts.

use std::sync::Arc;

use deskhand_runtime::arguments::{CLEAR, CheckSettings, LIMIT, NEXT_CURSOR, check_part, nearest};
use deskhand_runtime::dialect::Dialect;
use deskhand_runtime::error::ArgumentFault;
use deskhand_runtime::operation::{Effect, Integration, Operation};
use deskhand_runtime::page::position_of;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::api_tokens::LEAST_LIFE;
use super::{ATTEMPTS, ControlError, ControlPlane, Problem, named, shortened, timestamp};
use crate::access::now;
use crate::catalog;
use crate::filter::{Entry, Filter, FilterError};
use crate::public_url::PublicUrl;
use crate::scope::{Exposure, Offer, Scope, native_size, takes};
use crate::store::{McpServerRow, Millis, Page};
use crate::token::{Token, public_id};

/// How long the older token stays good when a server gets another and nobody says, in seconds.
pub const DEFAULT_OVERLAP: u32 = 300;
/// The longest that an older token can stay good, in seconds.
pub const MAX_OVERLAP: u32 = 86_400;
/// Most words under `methods` or `tags`.
const MAX_WORDS: usize = 200;
/// Most pinned arguments.
const MAX_PINNED: usize = 100;
/// Longest pinned arguments in all, as JSON.
const MAX_PINNED_BYTES: usize = 64 * 1024;

/// What an MCP server offers, as the contract's `config` says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct McpConfig {
    /// `read`, `write`, `custom` or exact method names, at least one; null for all.
    #[serde(with = "null_for_all")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, default = json!(null))]
    pub methods: Vec<String>,
    /// Tags, any of which a tool must bear, at least one; null for all.
    #[serde(with = "null_for_all")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, default = json!(null))]
    pub tags: Vec<String>,
    /// Whether callers must also present an API token of the account.
    pub require_api_token_auth: bool,
    /// How clients see the tools.
    pub tool_exposure: Exposure,
    /// Arguments fixed by the server, gone from the schemas.
    #[schema(value_type = Object)]
    pub pinned: Map<String, Value>,
}

/// Words, of which none means all, as they are told: an empty list is what a program makes that means none.
mod null_for_all {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(words: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        (!words.is_empty()).then_some(words).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        Option::deserialize(deserializer).map(Option::unwrap_or_default)
    }
}

impl McpConfig {
    /// Reads a config that was checked before it was stored.
    ///
    /// # Errors
    /// It has been changed in the database.
    pub fn stored(config: &Map<String, Value>) -> Result<Self, ControlError> {
        serde_json::from_value(Value::Object(config.clone()))
            .map_err(|error| ControlError::Internal(format!("a stored config cannot be read: {error}")))
    }

    /// What it leaves of a helpdesk's tools.
    #[must_use]
    pub fn offer(&self) -> Offer {
        Offer {
            filter: Filter::new(self.methods.clone(), self.tags.clone()),
            pinned: self.pinned.clone(),
            exposure: self.tool_exposure,
        }
    }

    /// Reads a config as somebody gives it, and checks it for a helpdesk.
    fn read(given: &Map<String, Value>, integration: &'static Integration) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut config = Self::default();
        for (name, value) in given {
            let at = format!("config.{}", shortened(name));
            match name.as_str() {
                "methods" => config.methods = words(&at, value, &mut problems),
                "tags" => config.tags = words(&at, value, &mut problems),
                "require_api_token_auth" => match value {
                    Value::Bool(required) => config.require_api_token_auth = *required,
                    _ => problems.push(Problem::new(at, "expected true or false")),
                },
                "tool_exposure" => match Exposure::deserialize(value) {
                    Ok(exposure) => config.tool_exposure = exposure,
                    Err(_) => problems.push(Problem::new(at, "expected `all` or `discovery`")),
                },
                "pinned" => match value {
                    Value::Object(pinned) => config.pinned = pinned.clone(),
                    _ => problems.push(Problem::new(at, "expected an object of values by name of argument")),
                },
                _ => {
                    let known = ["methods", "tags", "require_api_token_auth", "tool_exposure", "pinned"];
                    let near = match nearest(name, known.into_iter()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known are: {}", known.join(", ")),
                    };
                    problems.push(Problem::new(at, format!("there is no such setting; {near}")));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let offer = config.offer();
        let all: Vec<Entry> = integration.tools().collect();
        problems.extend(offer.filter.unknown_words(&all).into_iter().map(filter_problem));
        if !problems.is_empty() {
            return Err(problems);
        }
        let chosen = offer.filter.select(integration.title, &all);
        let chosen = chosen.map_err(|error| vec![filter_problem(error)])?;
        let problems = pinned_problems(&config.pinned, &chosen);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn to_map(&self) -> Result<Map<String, Value>, ControlError> {
        match serde_json::to_value(self) {
            Ok(Value::Object(config)) => Ok(config),
            _ => Err(ControlError::Internal("a config is no JSON object".to_owned())),
        }
    }
}

/// A list of words, tidied; empty for null.
fn words(at: &str, value: &Value, problems: &mut Vec<Problem>) -> Vec<String> {
    let given = match value {
        Value::Null => return Vec::new(),
        Value::Array(given) => given,
        _ => {
            problems.push(Problem::new(at, "expected a list of words"));
            return Vec::new();
        }
    };
    if given.is_empty() {
        problems.push(Problem::new(
            at,
            "an empty list would offer nothing; leave it out, or give null, for all",
        ));
    }
    if given.len() > MAX_WORDS {
        problems.push(Problem::new(at, format!("expected at most {MAX_WORDS} words")));
        return Vec::new();
    }
    let mut words: Vec<String> = Vec::new();
    for (index, word) in given.iter().enumerate() {
        match word.as_str().map(str::trim).filter(|word| !word.is_empty()) {
            Some(word) => words.push(word.to_ascii_lowercase()),
            None => problems.push(Problem::new(format!("{at}.{index}"), "expected a word")),
        }
    }
    words
}

/// Where in a config a fault of its filter is.
fn filter_problem(error: FilterError) -> Problem {
    let at = match &error {
        FilterError::Unknown { what, index, .. } => format!("config.{what}s.{index}"),
        FilterError::Nothing { .. } => "config".to_owned(),
    };
    Problem::new(at, error.to_string())
}

/// What is wrong with pinned arguments, for these tools.
fn pinned_problems(pinned: &Map<String, Value>, tools: &[Entry]) -> Vec<Problem> {
    let size = || Value::Object(pinned.clone()).to_string().len();
    if pinned.len() > MAX_PINNED || size() > MAX_PINNED_BYTES {
        let message = format!("expected at most {MAX_PINNED} arguments and {MAX_PINNED_BYTES} bytes");
        return vec![Problem::new("config.pinned", message)];
    }
    let mut problems = Vec::new();
    let mut fit: Map<String, Value> = Map::new();
    for (name, value) in pinned {
        match unpinnable(name, value, tools) {
            Some(message) => problems.push(Problem::new(format!("config.pinned.{}", shortened(name)), message)),
            None => {
                fit.insert(name.clone(), value.clone());
            }
        }
    }
    for (operation, tool) in tools {
        let taken = fit.iter().filter(|(name, _)| takes(operation, name));
        let taken: Map<String, Value> = taken.map(|(name, value)| (name.clone(), value.clone())).collect();
        if taken.is_empty() {
            continue;
        }
        let Err(error) = check_part(operation, taken, &CheckSettings::default()) else {
            continue;
        };
        let told = error.faults().iter().map(|fault| pinned_fault(fault, tool.name));
        for problem in told {
            // Tools of one resource take the same argument: the first that objects speaks for all.
            if !problems.iter().any(|told: &Problem| told.field == problem.field) {
                problems.push(problem);
            }
        }
    }
    problems
}

fn pinned_fault(fault: &ArgumentFault, tool: &str) -> Problem {
    let at = match fault.argument.as_str() {
        "" => "config.pinned".to_owned(),
        argument => format!("config.pinned.{argument}"),
    };
    let near = fault.did_you_mean.as_ref();
    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Problem::new(at, format!("{}{near} (for {tool})", fault.message))
}

/// Why an argument cannot be pinned whatever else is.
fn unpinnable(name: &str, value: &Value, tools: &[Entry]) -> Option<String> {
    if [NEXT_CURSOR, CLEAR].contains(&name) {
        return Some("cannot be pinned: it belongs to each single call".to_owned());
    }
    let any = |is: &dyn Fn(&'static Operation) -> bool| tools.iter().any(|(operation, _)| is(operation));
    if !any(&|operation| takes(operation, name)) {
        let known = tools.iter().flat_map(|(operation, _)| catalog::arguments(operation));
        return Some(match nearest(name, known) {
            Some(near) => format!("no tool chosen here has such an argument; did you mean `{near}`?"),
            None => "no tool chosen here has such an argument".to_owned(),
        });
    }
    if any(&|operation| position_of(operation) == Some(name)) {
        return Some("cannot be pinned: it tells the page, and the next page would be the same".to_owned());
    }
    if name != LIMIT && any(&|operation| native_size(operation) == Some(name)) {
        return Some(format!("pin `{LIMIT}`, which means the same in every list"));
    }
    if name == LIMIT && value.is_null() {
        return Some("is null, and it cannot be emptied".to_owned());
    }
    None
}

/// An MCP server to be made.
#[derive(Clone, Debug, Default)]
pub struct NewMcpServer {
    /// Name for people.
    pub name: String,
    /// Its config, of the form of [`McpConfig`].
    pub config: Map<String, Value>,
    /// When access ends.
    pub expires_at: Option<Millis>,
}

/// Changes of an MCP server: what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct McpServerPatch {
    /// Name for people.
    pub name: Option<String>,
    /// Settings to be replaced, each as a whole; null puts one back to what it is by default.
    pub config: Option<Map<String, Value>>,
    /// When access ends; an inner `None` clears.
    pub expires_at: Option<Option<Millis>>,
}

/// An MCP server as callers see it. Its token is shown once, when it is made.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = McpServer)]
pub struct McpServerView {
    /// `mcp_…`.
    pub id: String,
    /// The account that it acts for.
    pub integrated_account_id: String,
    /// Name for people.
    pub name: String,
    /// What it offers, with every setting.
    #[schema(value_type = McpConfig)]
    pub config: Map<String, Value>,
    /// When access ends; null when it does not.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<&McpServerRow> for McpServerView {
    fn from(row: &McpServerRow) -> Self {
        Self {
            id: row.id.clone(),
            integrated_account_id: row.account_id.clone(),
            name: row.name.clone(),
            config: row.config.clone(),
            expires_at: row.expires_at.map(timestamp),
            created_at: timestamp(row.created_at),
            updated_at: timestamp(row.updated_at),
        }
    }
}

/// What an MCP server's tools cost a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ToolBudget {
    /// How many tools can be called.
    pub count: usize,
    /// How many of them delete, overwrite for good, or do what cannot be taken back.
    pub destructive: usize,
    /// How many tools are listed: all, or the three of discovery.
    pub listed: usize,
    /// How many tokens of a model's context the list takes, estimated from its length.
    pub estimated_tokens: usize,
    /// Which limits of clients the list keeps to.
    pub clients: ClientLimits,
}

/// How many tools clients take at most; they differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ClientLimits {
    /// Clients that take 40 tools.
    #[serde(rename = "40_tools")]
    pub forty: bool,
    /// Clients that take 80 tools.
    #[serde(rename = "80_tools")]
    pub eighty: bool,
    /// Clients that take 128 tools.
    #[serde(rename = "128_tools")]
    pub hundred_twenty_eight: bool,
}

/// An MCP server and what its tools cost.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct McpServerDetail {
    /// The server.
    #[serde(flatten)]
    pub server: McpServerView,
    /// Its tools in numbers.
    pub tools: ToolBudget,
}

/// An MCP server with its secret, which is shown this once; only its keyed hash is kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OpenedMcpServer {
    /// The server.
    #[serde(flatten)]
    pub detail: McpServerDetail,
    /// The token that opens it.
    pub token: String,
    /// Its address for MCP clients, with the token as the last part.
    pub url: String,
    /// Until when the tokens that it had before stay good.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub previous_token_valid_until: Option<String>,
}

impl OpenedMcpServer {
    /// The server, where it is reached at `public_url`.
    #[must_use]
    pub fn new(detail: McpServerDetail, token: &Token, public_url: &PublicUrl, previous_until: Option<Millis>) -> Self {
        Self {
            detail,
            token: token.reveal().to_owned(),
            url: public_url.join(&format!("/mcp/{}", token.reveal())),
            previous_token_valid_until: previous_until.map(timestamp),
        }
    }
}

impl ToolBudget {
    /// What the tools of a scope cost.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        let tools = scope.tools();
        let list = scope.list(Dialect::Mcp);
        Self {
            count: tools.len(),
            destructive: tools
                .iter()
                .filter(|(operation, _)| operation.effect == Effect::Destructive)
                .count(),
            listed: list.len(),
            estimated_tokens: catalog::estimated_tokens(&list),
            clients: ClientLimits {
                forty: list.len() <= 40,
                eighty: list.len() <= 80,
                hundred_twenty_eight: list.len() <= 128,
            },
        }
    }
}

impl ControlPlane {
    /// Makes an MCP server of an account. Only the keyed hash of its token is kept.
    ///
    /// # Errors
    /// There is no such account; or names every field that is wrong.
    pub async fn create_mcp_server(
        &self,
        account_id: &str,
        new: NewMcpServer,
    ) -> Result<(McpServerRow, Token), ControlError> {
        let account = self.account(account_id).await?;
        let integration = self.integration(&account.integration)?;
        let at = now();
        let mut problems = Vec::new();
        let name = named("name", &new.name).unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        });
        problems.extend(end_problem(new.expires_at, at));
        let config = McpConfig::read(&merged(&Map::new(), &new.config), integration).unwrap_or_else(|found| {
            problems.extend(found);
            McpConfig::default()
        });
        if !problems.is_empty() {
            return Err(ControlError::Invalid(problems));
        }
        let row = McpServerRow {
            id: public_id("mcp")?,
            account_id: account.id,
            name,
            config: config.to_map()?,
            expires_at: new.expires_at,
            revision: 1,
            created_at: at,
            updated_at: at,
        };
        let token = Token::random()?;
        self.store
            .insert_mcp_server(&row, &self.token_key.hash(token.reveal()))
            .await?;
        self.changed().await?;
        Ok((row, token))
    }

    /// MCP servers of an account that have not expired, newest first.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn mcp_servers(&self, account_id: &str, page: &Page) -> Result<Vec<McpServerRow>, ControlError> {
        self.account(account_id).await?;
        Ok(self.store.mcp_servers(account_id, now(), page).await?)
    }

    /// An MCP server of an account.
    ///
    /// # Errors
    /// There is none with this id that has not expired.
    pub async fn mcp_server(&self, account_id: &str, id: &str) -> Result<McpServerRow, ControlError> {
        let found = self.store.mcp_server(account_id, id, now()).await?;
        found.ok_or(ControlError::NotFound("MCP server"))
    }

    /// An MCP server of any account.
    ///
    /// # Errors
    /// There is none with this id that has not expired.
    pub async fn find_mcp_server(&self, id: &str) -> Result<McpServerRow, ControlError> {
        let found = self.store.find_mcp_server(id, now()).await?;
        found.ok_or(ControlError::NotFound("MCP server"))
    }

    /// Changes an MCP server. Its token stays. When it is changed by somebody else at the same time, the change is made
    /// anew on top of theirs, once.
    ///
    /// # Errors
    /// There is none with this id; names every field that is wrong; others keep changing it.
    pub async fn patch_mcp_server(
        &self,
        account_id: &str,
        id: &str,
        patch: McpServerPatch,
    ) -> Result<McpServerRow, ControlError> {
        for _ in 0..ATTEMPTS {
            let old = self.mcp_server(account_id, id).await?;
            let Some(new) = self.patched_mcp_server(&old, &patch).await? else {
                return Ok(old);
            };
            if self.store.update_mcp_server(&new).await? {
                self.changed().await?;
                return Ok(new);
            }
        }
        Err(ControlError::Conflict(
            "the MCP server was changed by somebody else at the same time; read it and try again".to_owned(),
        ))
    }

    /// The server with the changes; `None` when there are none.
    async fn patched_mcp_server(
        &self,
        old: &McpServerRow,
        patch: &McpServerPatch,
    ) -> Result<Option<McpServerRow>, ControlError> {
        let at = now();
        let mut problems = Vec::new();
        let mut new = old.clone();
        if let Some(given) = &patch.name {
            match named("name", given) {
                Ok(name) => new.name = name,
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(expires_at) = patch.expires_at {
            problems.extend(end_problem(expires_at, at));
            new.expires_at = expires_at;
        }
        if let Some(given) = &patch.config {
            let account = self.account(&old.account_id).await?;
            match McpConfig::read(&merged(&old.config, given), self.integration(&account.integration)?) {
                Ok(config) => new.config = config.to_map()?,
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(ControlError::Invalid(problems));
        }
        if new == *old {
            return Ok(None);
        }
        new.revision += 1;
        new.updated_at = at.max(old.updated_at);
        Ok(Some(new))
    }

    /// Deletes an MCP server. Its token ends, and calls under way are cut off.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn delete_mcp_server(&self, account_id: &str, id: &str) -> Result<(), ControlError> {
        if !self.store.delete_mcp_server(account_id, id).await? {
            return Err(ControlError::NotFound("MCP server"));
        }
        self.changed().await
    }

    /// Gives an MCP server another token. Those it had stay good for `overlap_seconds`, and not longer than the server
    /// itself; says until when.
    ///
    /// # Errors
    /// There is none with this id; the overlap is too long.
    pub async fn rotate_mcp_server(
        &self,
        account_id: &str,
        id: &str,
        overlap_seconds: u32,
    ) -> Result<(McpServerRow, Token, Millis), ControlError> {
        if overlap_seconds > MAX_OVERLAP {
            return Err(ControlError::invalid(
                "overlap_seconds",
                format!("expected a number of seconds from 0 to {MAX_OVERLAP}"),
            ));
        }
        let row = self.mcp_server(account_id, id).await?;
        let at = now();
        let old_until = at.saturating_add(Millis::from(overlap_seconds) * 1000);
        let token = Token::random()?;
        let hash = self.token_key.hash(token.reveal());
        if !self
            .store
            .rotate_mcp_token(account_id, id, &hash, old_until, at)
            .await?
        {
            return Err(ControlError::NotFound("MCP server"));
        }
        self.changed().await?;
        let until = row.expires_at.map_or(old_until, |end| end.min(old_until));
        Ok((row, token, until))
    }

    /// An MCP server as callers see it.
    ///
    /// # Errors
    /// Its account is gone, or the store cannot be used.
    pub async fn show_mcp_server(&self, row: &McpServerRow) -> Result<McpServerDetail, ControlError> {
        Ok(McpServerDetail {
            server: row.into(),
            tools: self.tool_budget(row).await?,
        })
    }

    /// What an MCP server's tools cost a client. One whose config its helpdesk does not know any more has none.
    async fn tool_budget(&self, row: &McpServerRow) -> Result<ToolBudget, ControlError> {
        let offer = McpConfig::stored(&row.config)?.offer();
        match self.account_access(&row.account_id, &offer).await {
            Ok(access) => Ok(ToolBudget::of(&Arc::clone(access.scope()))),
            Err(ControlError::Invalid(_)) => Ok(ToolBudget::default()),
            Err(error) => Err(error),
        }
    }
}

/// Whether access would end too soon.
fn end_problem(expires_at: Option<Millis>, at: Millis) -> Option<Problem> {
    let soon = expires_at.is_some_and(|end| end < at.saturating_add(LEAST_LIFE));
    soon.then(|| {
        Problem::new(
            "expires_at",
            "expected a time at least 60 seconds ahead, such as 2030-01-31T09:30:00Z, or null",
        )
    })
}

/// A config with changes: each replaces a setting, null takes one away.
fn merged(config: &Map<String, Value>, changes: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = config.clone();
    for (name, value) in changes {
        if value.is_null() {
            merged.shift_remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}
