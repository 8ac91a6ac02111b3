//! `deskhand account`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use deskhand_runtime::operation::{Integration, Setting};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::database::{BaseUrlArgs, DatabaseArgs, secret};
use super::{Failure, Format, FormatArgs, every_page};
use crate::access::now;
use crate::accounts::variable;
use crate::catalog::{self, Integrations};
use crate::control::accounts::{AccountPatch, AccountTest, AccountView, Given, NewAccount};
use crate::control::connecting::{NewConnectLink, link_url};
use crate::control::fields::FieldsView;
use crate::control::{ControlPlane, Options, timestamp};
use crate::duration;
use crate::output;
use crate::public_url::PublicUrl;
use crate::store::{AccountFilter, AccountStatus};

/// Connect accounts, and look after them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account create {helpdesk} --name Acme{variables} --credentials-file acme.json
  deskhand account connect {connected} --name Acme
  deskhand account list --status needs_reauth
  deskhand account test acc_...
  deskhand account delete acc_...

These commands work on the database of the server, whether it runs or not.")]
pub(super) struct Account {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Connect an account
    Create(Create),
    /// Make a link by which somebody connects an account through their helpdesk's OAuth2 flow
    Connect(Connect),
    /// Make a link by which somebody connects an account anew; its MCP servers stay
    Reconnect(Reconnect),
    /// List accounts, newest first
    List(List),
    /// Show an account
    Get(Get),
    /// Change an account; its MCP servers stay
    Update(Update),
    /// Delete an account with its MCP servers and tokens
    Delete(Delete),
    /// Make one harmless call with an account, and note whether its credentials are accepted
    Test(Test),
    /// Read the custom fields that an account has defined
    Refresh(Refresh),
}

/// Connect an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account create {helpdesk} --name Acme{variables} --credentials-file acme.json
  ... | deskhand account create {helpdesk} --name Acme{variables} --credentials-file -
  deskhand account create {helpdesk} --name Acme       takes all from DESKHAND_<HELPDESK>_<FIELD>

The file holds {credentials}. What is not given is taken from the environment; what is
missing then is told, with where to find it. Other users of this machine see the arguments of a
command while it runs: give secrets in a file, on stdin or in the environment rather than with
--credential.")]
struct Create {
    /// The helpdesk's short name, as `deskhand tools` shows it
    helpdesk: String,

    /// Name for people
    #[arg(long)]
    name: String,

    /// Your own name for your customer
    #[arg(long, value_name = "TEXT")]
    tenant_id: Option<String>,

    #[command(flatten)]
    settings: SettingArgs,

    /// The address to use instead of the vendor's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Make a link by which somebody connects an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account connect {connected} --name Acme --public-url https://deskhand.example.com
  deskhand account connect {connected} --name Acme{connected_variables} --expires-in 7d

Somebody who may agree for the helpdesk opens the link in a browser; they are asked for what is not
given here. DESKHAND_<HELPDESK>_CLIENT_ID and DESKHAND_<HELPDESK>_CLIENT_SECRET hold the application
that is registered with the helpdesk, here and where the server starts.")]
struct Connect {
    /// The helpdesk's short name, as `deskhand tools` shows it
    helpdesk: String,

    /// Name that the account gets, for people
    #[arg(long)]
    name: String,

    /// Your own name for your customer
    #[arg(long, value_name = "TEXT")]
    tenant_id: Option<String>,

    /// A value that is known already, such as a part of the address
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<String>,

    /// The address to use instead of the vendor's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    #[command(flatten)]
    link: LinkArgs,
}

/// Make a link by which somebody connects an account anew.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account reconnect acc_... --public-url https://deskhand.example.com
  deskhand account reconnect acc_... --expires-in 7d

The account keeps its id and its MCP servers.")]
struct Reconnect {
    /// The account
    id: String,

    #[command(flatten)]
    link: LinkArgs,
}

/// What links have in common.
#[derive(Debug, Args)]
struct LinkArgs {
    /// After how long the link ends, such as 30m or 7d
    #[arg(long, default_value = "1h", value_name = "TIME")]
    expires_in: String,

    /// The address clients use for the server
    #[arg(
        long,
        env = "DESKHAND_PUBLIC_URL",
        default_value = "http://127.0.0.1:8787",
        value_name = "URL"
    )]
    public_url: PublicUrl,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// What an account connects with.
#[derive(Debug, Args)]
struct SettingArgs {
    /// JSON file with the credentials by name; - reads stdin
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,

    /// A credential. Visible in the list of processes: prefer a file or the environment
    #[arg(long = "credential", value_name = "NAME=VALUE", value_parser = secret)]
    credentials: Vec<SecretString>,

    /// A value that is no credential, such as a part of the address
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<String>,
}

/// List accounts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account list
  deskhand account list --integration {helpdesk} --status needs_reauth
  deskhand account list --format json | jq -r '.[].id'")]
struct List {
    /// Only those of this helpdesk
    #[arg(long, value_name = "HELPDESK")]
    integration: Option<String>,

    /// Only those of this tenant
    #[arg(long, value_name = "TEXT")]
    tenant_id: Option<String>,

    /// Only those with this status
    #[arg(long, value_enum)]
    status: Option<Status>,

    /// At most so many; all when left out
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    /// Nothing speaks against the credentials
    #[value(name = "active")]
    Active,
    /// The helpdesk has refused the credentials
    #[value(name = "needs_reauth")]
    NeedsReauth,
}

/// Show an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account get acc_...
  deskhand account get acc_... --format json")]
struct Get {
    /// The account
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Change an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account update acc_... --name 'Acme Ltd'
  deskhand account update acc_... --credentials-file acme.json
  deskhand account update acc_... --clear tenant_id --clear base_url

What is not named stays. The environment is not looked at.")]
struct Update {
    /// The account
    id: String,

    /// Name for people
    #[arg(long)]
    name: Option<String>,

    /// Your own name for your customer
    #[arg(long, value_name = "TEXT")]
    tenant_id: Option<String>,

    #[command(flatten)]
    settings: SettingArgs,

    /// The address to use instead of the vendor's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// Empties tenant_id, base_url, or a credential or variable of this name
    #[arg(long = "clear", value_name = "FIELD")]
    cleared: Vec<String>,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Delete an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account delete acc_...

Its MCP servers and the API tokens that reach only it go, too; calls under way are cut off.")]
struct Delete {
    /// The account
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Test an account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account test acc_...
  deskhand account test acc_... --format json

Exit codes: 0 the helpdesk answered, 1 it did not or refused, 2 used wrongly.")]
struct Test {
    /// The account
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Read the custom fields that an account has defined from its helpdesk.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand account refresh acc_...
  deskhand account refresh acc_... --format json | jq '.slots[].fields[].key'

The schemas of the account's tools follow, in running servers too.")]
struct Refresh {
    /// The account
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl Account {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        match self.action {
            Action::Create(create) => create.run(integrations).await,
            Action::Connect(connect) => connect.run(integrations).await,
            Action::Reconnect(reconnect) => reconnect.run(integrations).await,
            Action::List(list) => list.run(integrations).await,
            Action::Get(get) => get.run(integrations).await,
            Action::Update(update) => update.run(integrations).await,
            Action::Delete(delete) => delete.run(integrations).await,
            Action::Test(test) => test.run(integrations).await,
            Action::Refresh(refresh) => refresh.run(integrations).await,
        }
    }
}

impl Create {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let integration = catalog::helpdesk(integrations, &self.helpdesk).map_err(Failure::Usage)?;
        let (mut credentials, mut variables) = self.settings.read()?;
        fill(integration, integration.credentials, &mut credentials);
        fill(integration, integration.variables, &mut variables);
        let new = NewAccount {
            integration: integration.slug.to_owned(),
            name: self.name,
            tenant_id: self.tenant_id,
            credentials,
            variables,
            base_url: self.base_url.or_else(|| environment(integration, "BASE_URL")),
        };
        let options = self.base_urls.into_options(integrations)?;
        let control = self.database.open(integrations, options).await?;
        let row = control.create_account(new).await?;
        show(&control.show_account(&row), self.format.format)
    }
}

impl Connect {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let mut variables = Map::new();
        for text in &self.variables {
            let (name, value) = pair("--variable", text)?;
            variables.insert(name, value.into());
        }
        let new = NewConnectLink {
            integration: Some(self.helpdesk),
            name: Some(self.name),
            tenant_id: self.tenant_id,
            variables: Given(variables),
            base_url: self.base_url,
            ..NewConnectLink::default()
        };
        self.link.make(integrations, new).await
    }
}

impl Reconnect {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let new = NewConnectLink {
            account_id: Some(self.id),
            ..NewConnectLink::default()
        };
        self.link.make(integrations, new).await
    }
}

impl LinkArgs {
    async fn make(self, integrations: Integrations, new: NewConnectLink) -> Result<(), Failure> {
        let length = duration::parse(&self.expires_in)
            .and_then(|length| i64::try_from(length.as_millis()).ok())
            .ok_or_else(|| Failure::Usage("--expires-in expects a length of time such as 30m or 7d".to_owned()))?;
        let new = NewConnectLink {
            expires_at: Some(now().saturating_add(length)),
            ..new
        };
        let options = self.base_urls.into_options(integrations)?;
        let control = self.database.open(integrations, options).await?;
        let (row, secret) = control.create_connect_link(new).await?;
        let url = link_url(&self.public_url, &row, &secret);
        match self.format.format {
            Format::Json => output::json(&json!({
                "id": row.id,
                "url": url,
                "expires_at": timestamp(row.expires_at),
            }))?,
            Format::Table => {
                output::line(&url)?;
                output::announce(&format!(
                    "It works once, until {}. It is shown this once.",
                    timestamp(row.expires_at)
                ));
            }
        }
        Ok(())
    }
}

impl List {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let filter = AccountFilter {
            id: None,
            integration: self.integration,
            tenant_id: self.tenant_id,
            status: self.status.map(|status| match status {
                Status::Active => AccountStatus::Active,
                Status::NeedsReauth => AccountStatus::NeedsReauth,
            }),
        };
        let rows = every_page(
            self.limit,
            async |page| control.accounts(filter.clone(), page).await,
            |row| (row.created_at, row.id.clone()),
        )
        .await?;
        let views = rows.iter().map(|row| control.show_account(row));
        match self.format.format {
            Format::Json => output::json(&views.collect::<Vec<_>>())?,
            Format::Table => output::table(
                ["ID", "NAME", "HELPDESK", "STATUS", "TENANT", "CREATED"],
                views.map(|view| {
                    [
                        view.id,
                        view.name,
                        view.integration,
                        view.status.to_owned(),
                        view.tenant_id.unwrap_or_default(),
                        view.created_at,
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
        let row = control.account(&self.id).await?;
        show(&control.show_account(&row), self.format.format)
    }
}

impl Update {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let (mut credentials, mut variables) = self.settings.read()?;
        let options = self.base_urls.into_options(integrations)?;
        let control = self.database.open(integrations, options).await?;
        let mut patch = AccountPatch {
            name: self.name,
            tenant_id: self.tenant_id.map(Some),
            base_url: self.base_url.map(Some),
            ..AccountPatch::default()
        };
        if !self.cleared.is_empty() {
            let row = control.account(&self.id).await?;
            let integration = control.integration(&row.integration)?;
            let is_variable = |name: &str| integration.variables.iter().any(|setting| setting.name == name);
            for name in self.cleared {
                match name.as_str() {
                    "tenant_id" => patch.tenant_id = Some(None),
                    "base_url" => patch.base_url = Some(None),
                    variable if is_variable(variable) => drop(variables.0.insert(name, Value::Null)),
                    _ => drop(credentials.0.insert(name, Value::Null)),
                }
            }
        }
        patch.credentials = credentials;
        patch.variables = variables;
        let row = control.patch_account(&self.id, patch).await?;
        show(&control.show_account(&row), self.format.format)
    }
}

impl Delete {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        control.delete_account(&self.id).await?;
        match self.format.format {
            Format::Json => output::json(&json!({ "id": self.id }))?,
            Format::Table => output::line(format!("deleted {}", self.id))?,
        }
        Ok(())
    }
}

impl Test {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let options = self.base_urls.into_options(integrations)?;
        let control = self.database.open(integrations, options).await?;
        let tested = test(&control, &self.id).await?;
        match self.format.format {
            Format::Json => output::json(&tested)?,
            Format::Table => output::line(told(&tested))?,
        }
        if tested.ok { Ok(()) } else { Err(Failure::Told) }
    }
}

impl Refresh {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let options = self.base_urls.into_options(integrations)?;
        let control = self.database.open(integrations, options).await?;
        let view = tokio::select! {
            view = control.refresh_fields(&self.id) => view?,
            () = super::asked_to_stop() => return Err(Failure::Failed("stopped".to_owned())),
        };
        match self.format.format {
            Format::Json => output::json(&view)?,
            Format::Table => show_fields(&view)?,
        }
        if view.problems.is_empty() {
            Ok(())
        } else {
            Err(Failure::Told)
        }
    }
}

fn show_fields(view: &FieldsView) -> std::io::Result<()> {
    let rows = view.slots.iter().flat_map(|slot| {
        slot.fields.iter().map(|field| {
            let kind = field.kind.and_then(|kind| serde_json::to_value(kind).ok());
            let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("any").to_owned();
            let choices = match field.choices.len() {
                0 => String::new(),
                number => number.to_string(),
            };
            [slot.slot.clone(), field.key.clone(), field.label.clone(), kind, choices]
        })
    });
    output::table(["PLACE", "KEY", "LABEL", "KIND", "CHOICES"], rows)?;
    for problem in &view.problems {
        output::line(format!(
            "{} could not be read: {} ({})",
            problem.slot, problem.message, problem.code
        ))?;
    }
    view.changes.iter().try_for_each(output::line)
}

async fn test(control: &ControlPlane, id: &str) -> Result<AccountTest, Failure> {
    tokio::select! {
        tested = control.test_account(id) => Ok(tested?),
        () = super::asked_to_stop() => Err(Failure::Failed("stopped".to_owned())),
    }
}

fn told(tested: &AccountTest) -> String {
    let hint = tested
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!("\n{hint}"));
    format!(
        "{} ({} after {} ms; the account is {}): {}{hint}",
        tested.code, tested.operation, tested.duration_ms, tested.account_status, tested.message
    )
}

impl SettingArgs {
    /// Credentials and variables, as far as they are given.
    fn read(&self) -> Result<(Given, Given), Failure> {
        let mut credentials = match &self.credentials_file {
            Some(file) => read_credentials(file)?,
            None => Map::new(),
        };
        for text in &self.credentials {
            let (name, value) = pair("--credential", text.expose_secret())?;
            credentials.insert(name, value.into());
        }
        let mut variables = Map::new();
        for text in &self.variables {
            let (name, value) = pair("--variable", text)?;
            variables.insert(name, value.into());
        }
        Ok((Given(credentials), Given(variables)))
    }
}

/// Repeats nothing of the text: it can be a secret.
fn pair(option: &str, text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(Failure::Usage(format!("{option} expects NAME=VALUE"))),
    }
}

/// Repeats nothing of the file.
fn read_credentials(file: &Path) -> Result<Map<String, Value>, Failure> {
    let shown = file.display();
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| Failure::Usage(format!("the credentials cannot be read from {shown}: {error}")))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(credentials)) => Ok(credentials),
        Ok(_) => Err(Failure::Usage(format!(
            "{shown} has to hold a JSON object with the credentials by name"
        ))),
        Err(error) => Err(Failure::Usage(format!(
            "{shown} is no JSON (line {}, column {})",
            error.line(),
            error.column()
        ))),
    }
}

fn environment(integration: &Integration, field: &str) -> Option<String> {
    let value = std::env::var(variable(integration, field)).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Takes what is not given from the environment.
fn fill(integration: &Integration, settings: &[Setting], given: &mut Given) {
    for setting in settings {
        if !given.0.contains_key(setting.name)
            && let Some(value) = environment(integration, setting.name)
        {
            given.0.insert(setting.name.to_owned(), value.into());
        }
    }
}

fn show(view: &AccountView, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => output::json(view)?,
        Format::Table => {
            let variables: Vec<String> = view
                .variables
                .iter()
                .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
                .collect();
            let rows = [
                ("id", view.id.clone()),
                ("name", view.name.clone()),
                ("helpdesk", view.integration.clone()),
                ("status", view.status.to_owned()),
                ("connected by", view.connected_by.unwrap_or_default().to_owned()),
                ("tenant", view.tenant_id.clone().unwrap_or_default()),
                ("variables", variables.join(", ")),
                (
                    "credentials",
                    match &view.credential_fields {
                        Some(fields) => fields.join(", "),
                        None => "cannot be read with the master keys at hand".to_owned(),
                    },
                ),
                ("base_url", view.base_url.clone().unwrap_or_default()),
                ("created", view.created_at.clone()),
                ("updated", view.updated_at.clone()),
            ];
            let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
            output::facts(rows)?;
        }
    }
    Ok(())
}
