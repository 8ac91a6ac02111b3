//! `deskhand mcp`.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::database::DatabaseArgs;
use super::{Failure, Format, FormatArgs, every_page};
use crate::access::{Directory as _, now};
use crate::catalog::Integrations;
use crate::control::mcp_servers::{
    DEFAULT_OVERLAP, McpConfig, McpServerDetail, McpServerPatch, McpServerView, NewMcpServer, OpenedMcpServer,
};
use crate::control::{Options, moment};
use crate::duration;
use crate::output;
use crate::public_url::PublicUrl;
use crate::scope::Exposure;
use crate::snippet::{McpClient, Subject};
use crate::store::Millis;

/// Make MCP servers of accounts, and look after them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp create acc_... --name 'Triage' --methods read,update --tags {tag} --expires-in 30d
  deskhand mcp list acc_...
  deskhand mcp rotate acc_... mcp_... --overlap 3600
  deskhand mcp delete acc_... mcp_...

These commands work on the database of the server, whether it runs or not.")]
pub(super) struct Mcp {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an MCP server; its address, which holds its token, is shown once
    Create(Create),
    /// List the MCP servers of an account, newest first
    List(List),
    /// Show an MCP server, and what its tools cost a client
    Get(Get),
    /// Change an MCP server; its token stays
    Update(Update),
    /// Delete an MCP server: its token ends everywhere within a second
    Delete(Delete),
    /// Give an MCP server another token; it is shown once
    Rotate(Rotate),
    /// Print what to paste into an AI client so that it uses an MCP server
    Snippet(SnippetArgs),
}

/// What an MCP server offers, as options.
#[derive(Debug, Args)]
struct ConfigArgs {
    /// Only these methods: read, write, custom, or names such as list,get,create
    #[arg(long, value_delimiter = ',', value_name = "WORD,...")]
    methods: Option<Vec<String>>,

    /// Only tools with one of these tags
    #[arg(long, value_delimiter = ',', value_name = "TAG,...")]
    tags: Option<Vec<String>>,

    /// List three tools by which the others are found, instead of all
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    discovery: Option<bool>,

    /// Let nobody in without an API token of the account, besides the server's own
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_api_token: Option<bool>,

    /// Fix an argument: callers neither see nor choose it. The value is JSON, or else text
    #[arg(long = "pin", value_name = "ARGUMENT=VALUE")]
    pinned: Vec<String>,
}

/// When access ends, as options.
#[derive(Debug, Args)]
struct EndArgs {
    /// When access ends
    #[arg(long, value_name = "TIME", conflicts_with = "expires_in")]
    expires_at: Option<String>,

    /// After how long access ends, such as 12h or 30d
    #[arg(long, value_name = "TIME")]
    expires_in: Option<String>,
}

/// The address of the server, as an option.
#[derive(Debug, Args)]
struct AddressArgs {
    /// The address clients use for the server
    #[arg(
        long,
        env = "DESKHAND_PUBLIC_URL",
        default_value = "http://127.0.0.1:8787",
        value_name = "URL"
    )]
    public_url: PublicUrl,
}

/// Make an MCP server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp create acc_... --name 'Everything'
  deskhand mcp create acc_... --name 'Reader' --methods read --expires-in 30d
  deskhand mcp create acc_... --name 'Many tools' --discovery
  deskhand mcp create acc_... --name 'One page' --methods list --pin limit=30
  URL=$(deskhand mcp create acc_... --name script --format json | jq -r .url)

A value of --pin that looks like JSON is JSON: write '\"42\"' for the text 42.")]
struct Create {
    /// The account
    account: String,

    /// Name for people; MCP clients show it
    #[arg(long)]
    name: String,

    #[command(flatten)]
    config: ConfigArgs,

    #[command(flatten)]
    end: EndArgs,

    #[command(flatten)]
    address: AddressArgs,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// List MCP servers.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp list acc_...
  deskhand mcp list acc_... --format json | jq -r '.[].id'")]
struct List {
    /// The account
    account: String,

    /// At most so many; all when left out
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Show an MCP server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp get acc_... mcp_...
  deskhand mcp get acc_... mcp_... --format json | jq .tools")]
struct Get {
    /// The account
    account: String,

    /// The MCP server
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Change an MCP server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp update acc_... mcp_... --methods read
  deskhand mcp update acc_... mcp_... --tags= --discovery=false
  deskhand mcp update acc_... mcp_... --pin limit=30 --unpin order_by
  deskhand mcp update acc_... mcp_... --expires-at never

What is not named stays. An empty value of --methods or --tags puts it back to all.")]
struct Update {
    /// The account
    account: String,

    /// The MCP server
    id: String,

    /// Name for people; MCP clients show it
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    config: ConfigArgs,

    /// Let callers choose a fixed argument again
    #[arg(long = "unpin", value_name = "ARGUMENT")]
    unpinned: Vec<String>,

    #[command(flatten)]
    end: EndArgs,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Delete an MCP server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp delete acc_... mcp_...

Calls under way are cut off.")]
struct Delete {
    /// The account
    account: String,

    /// The MCP server
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Give an MCP server another token.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp rotate acc_... mcp_...
  deskhand mcp rotate acc_... mcp_... --overlap 0          the old token ends at once")]
struct Rotate {
    /// The account
    account: String,

    /// The MCP server
    id: String,

    /// How long the tokens it had stay good, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_OVERLAP)]
    overlap: u32,

    #[command(flatten)]
    address: AddressArgs,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Print what to paste into an AI client.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand mcp snippet mcp_... --client cursor
  deskhand mcp snippet mcp_... --client claude-code --token dh_... --public-url https://deskhand.example.com
  deskhand mcp snippet mcp_... --client vscode --token dh_... > .vscode/mcp.json

The token was shown when the server was made; only its hash is kept. Without --token the text has TOKEN in its place.")]
struct SnippetArgs {
    /// The MCP server
    id: String,

    /// The client
    #[arg(long, value_enum)]
    client: McpClient,

    /// The server's token
    #[arg(long, env = "DESKHAND_MCP_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,

    #[command(flatten)]
    address: AddressArgs,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl Mcp {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        match self.action {
            Action::Create(create) => create.run(integrations).await,
            Action::List(list) => list.run(integrations).await,
            Action::Get(get) => get.run(integrations).await,
            Action::Update(update) => update.run(integrations).await,
            Action::Delete(delete) => delete.run(integrations).await,
            Action::Rotate(rotate) => rotate.run(integrations).await,
            Action::Snippet(snippet) => snippet.run(integrations).await,
        }
    }
}

impl Create {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let mut config = self.config.to_map();
        let pinned = pins(&self.config.pinned)?;
        if !pinned.is_empty() {
            config.insert("pinned".to_owned(), pinned.into());
        }
        let new = NewMcpServer {
            name: self.name,
            config,
            expires_at: self.end.read()?.flatten(),
        };
        let control = self.database.open(integrations, Options::default()).await?;
        let (row, token) = control.create_mcp_server(&self.account, new).await?;
        let detail = control.show_mcp_server(&row).await?;
        show_opened(
            &OpenedMcpServer::new(detail, &token, &self.address.public_url, None),
            self.format.format,
        )
    }
}

impl List {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let rows = every_page(
            self.limit,
            async |page| control.mcp_servers(&self.account, page).await,
            |row| (row.created_at, row.id.clone()),
        )
        .await?;
        let views = rows.iter().map(McpServerView::from);
        match self.format.format {
            Format::Json => output::json(&views.collect::<Vec<_>>())?,
            Format::Table => output::table(
                ["ID", "NAME", "OFFERS", "CREATED", "ENDS"],
                views.map(|view| {
                    let offers = offers(&view.config);
                    [
                        view.id,
                        view.name,
                        offers,
                        view.created_at,
                        view.expires_at.unwrap_or_default(),
                    ]
                }),
            )?,
        }
        Ok(())
    }
}

impl Get {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let row = control.mcp_server(&self.account, &self.id).await?;
        let detail = control.show_mcp_server(&row).await?;
        show(&detail, facts(&detail), self.format.format)
    }
}

impl SnippetArgs {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let row = control.find_mcp_server(&self.id).await?;
        let token = match self.token.as_deref().map(str::trim) {
            None => "TOKEN",
            Some(token) => {
                let opened = control
                    .resolve(token)
                    .await
                    .map_err(|error| Failure::Failed(error.to_string()))?;
                if opened.is_none_or(|access| access.mcp_server_id() != Some(&*row.id)) {
                    return Err(Failure::Usage(format!(
                        "the token is not that of {}; `deskhand mcp rotate {} {}` makes another",
                        row.id, row.account_id, row.id
                    )));
                }
                token
            }
        };
        let account = control.account(&row.account_id).await?;
        let api_token = McpConfig::stored(&row.config)?.require_api_token_auth;
        let url = self.address.public_url.join(&format!("/mcp/{token}"));
        let about = Subject {
            name: &account.integration,
            url: &url,
            api_token,
        };
        let snippet = self.client.snippet(about).map_err(Failure::Failed)?;
        match self.format.format {
            Format::Json => output::json(&snippet)?,
            Format::Table => {
                output::announce(&format!("Put it into {}.", snippet.place));
                for note in &snippet.notes {
                    output::announce(note);
                }
                output::line(snippet.snippet.trim_end())?;
            }
        }
        if self.token.is_none() {
            output::announce("Put the server's token in the place of TOKEN.");
        }
        Ok(())
    }
}

impl Update {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let mut config = self.config.to_map();
        let pinned = pins(&self.config.pinned)?;
        if !pinned.is_empty() || !self.unpinned.is_empty() {
            let row = control.mcp_server(&self.account, &self.id).await?;
            let mut all = McpConfig::stored(&row.config)?.pinned;
            for name in &self.unpinned {
                if all.shift_remove(name).is_none() {
                    return Err(Failure::Usage(format!("--unpin: `{name}` is not pinned")));
                }
            }
            all.extend(pinned);
            config.insert("pinned".to_owned(), all.into());
        }
        let patch = McpServerPatch {
            name: self.name,
            config: (!config.is_empty()).then_some(config),
            expires_at: self.end.read()?,
        };
        let row = control.patch_mcp_server(&self.account, &self.id, patch).await?;
        let detail = control.show_mcp_server(&row).await?;
        show(&detail, facts(&detail), self.format.format)
    }
}

impl Delete {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        control.delete_mcp_server(&self.account, &self.id).await?;
        match self.format.format {
            Format::Json => output::json(&json!({ "id": self.id }))?,
            Format::Table => output::line(format!("deleted {}", self.id))?,
        }
        Ok(())
    }
}

impl Rotate {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let rotated = control.rotate_mcp_server(&self.account, &self.id, self.overlap).await?;
        let (row, token, until) = rotated;
        let detail = control.show_mcp_server(&row).await?;
        show_opened(
            &OpenedMcpServer::new(detail, &token, &self.address.public_url, Some(until)),
            self.format.format,
        )
    }
}

impl ConfigArgs {
    /// What is given but pinned arguments, as the `config` of a request.
    fn to_map(&self) -> Map<String, Value> {
        let mut config = Map::new();
        for (name, words) in [("methods", &self.methods), ("tags", &self.tags)] {
            let Some(words) = words else { continue };
            let value = if words.iter().all(|word| word.trim().is_empty()) {
                Value::Null
            } else {
                words.as_slice().into()
            };
            config.insert(name.to_owned(), value);
        }
        if let Some(discovery) = self.discovery {
            let exposure = if discovery { Exposure::Discovery } else { Exposure::All };
            config.insert("tool_exposure".to_owned(), json!(exposure));
        }
        if let Some(required) = self.require_api_token {
            config.insert("require_api_token_auth".to_owned(), required.into());
        }
        config
    }
}

impl EndArgs {
    /// The end that is given; an inner `None` for `never`.
    fn read(&self) -> Result<Option<Option<Millis>>, Failure> {
        if let Some(text) = &self.expires_in {
            let length = duration::parse(text).and_then(|length| Millis::try_from(length.as_millis()).ok());
            let length = length
                .ok_or_else(|| Failure::Usage("--expires-in expects a length of time such as 12h or 30d".to_owned()))?;
            return Ok(Some(Some(now().saturating_add(length))));
        }
        match self.expires_at.as_deref() {
            None => Ok(None),
            Some("never") => Ok(Some(None)),
            Some(text) => moment(text).map(|end| Some(Some(end))).ok_or_else(|| {
                Failure::Usage("--expires-at expects a time such as 2030-01-31T09:30:00Z, or never".to_owned())
            }),
        }
    }
}

fn pins(texts: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut pinned = Map::new();
    for text in texts {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            return Err(Failure::Usage("--pin expects ARGUMENT=VALUE".to_owned()));
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        pinned.insert(name.trim().to_owned(), value);
    }
    Ok(pinned)
}

fn show(json: &impl Serialize, facts: Vec<(&'static str, String)>, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => output::json(json)?,
        Format::Table => output::facts(facts)?,
    }
    Ok(())
}

fn show_opened(opened: &OpenedMcpServer, format: Format) -> Result<(), Failure> {
    let mut facts = facts(&opened.detail);
    facts.extend(
        opened
            .previous_token_valid_until
            .clone()
            .map(|until| ("old tokens end", until)),
    );
    facts.push(("url", opened.url.clone()));
    show(opened, facts, format)?;
    if matches!(format, Format::Table) {
        output::line(
            "\nWho has the URL can use the account behind it: the last part is a secret. It is shown this once; only its\n\
             hash is kept.",
        )?;
    }
    Ok(())
}

fn facts(detail: &McpServerDetail) -> Vec<(&'static str, String)> {
    let (view, tools) = (&detail.server, &detail.tools);
    let limits = &tools.clients;
    let fits = match (limits.forty, limits.eighty, limits.hundred_twenty_eight) {
        (true, ..) => "fits clients that take 40 tools or more",
        (_, true, _) => "fits clients that take 80 tools, not 40",
        (.., true) => "fits clients that take 128 tools, not 80",
        _ => "too many for clients that take 128 tools",
    };
    vec![
        ("id", view.id.clone()),
        ("name", view.name.clone()),
        ("account", view.integrated_account_id.clone()),
        ("offers", offers(&view.config)),
        (
            "tools",
            format!("{}, {} of them destructive", tools.count, tools.destructive),
        ),
        (
            "list",
            format!(
                "{} tools, about {} tokens; {fits}",
                tools.listed, tools.estimated_tokens
            ),
        ),
        ("ends", view.expires_at.clone().unwrap_or_else(|| "never".to_owned())),
        ("created", view.created_at.clone()),
        ("changed", view.updated_at.clone()),
    ]
}

/// A config in few words.
fn offers(config: &Map<String, Value>) -> String {
    let Ok(config) = McpConfig::stored(config) else {
        return "(cannot be read)".to_owned();
    };
    let offer = config.offer();
    let mut words = vec![offer.filter.to_string()];
    if !config.pinned.is_empty() {
        let names: Vec<&str> = config.pinned.keys().map(String::as_str).collect();
        words.push(format!("pinned {}", names.join(", ")));
    }
    if config.tool_exposure == Exposure::Discovery {
        words.push("discovery".to_owned());
    }
    if config.require_api_token_auth {
        words.push("API token required".to_owned());
    }
    words.join("; ")
}
