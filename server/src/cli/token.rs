//! `deskhand token`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::database::DatabaseArgs;
use super::{Failure, Format, FormatArgs, every_page};
use crate::catalog::Integrations;
use crate::control::api_tokens::{ApiTokenView, NewApiToken};
use crate::control::{Options, moment};
use crate::output;

/// Make, list and revoke the API tokens that open the REST API.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand token create --name ci
  deskhand token list
  deskhand token revoke tok_...

These commands work on the database of the server, whether it runs or not.")]
pub(super) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token; it is shown once
    Create(Create),
    /// List the tokens that have not ended; the tokens themselves are not kept
    List(List),
    /// Revoke a token: it ends everywhere within a second
    Revoke(Revoke),
}

/// Make an API token.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand token create --name ci
  deskhand token create --name acme --account acc_... --expires-at 2030-01-31T00:00:00Z
  TOKEN=$(deskhand token create --name script --format json | jq -r .token)")]
struct Create {
    /// Name for people
    #[arg(long)]
    name: String,

    /// The one account that it reaches; everything when left out
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// When it ends; never when left out
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// List API tokens.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand token list
  deskhand token list --format json")]
struct List {
    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Revoke an API token.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand token revoke tok_...")]
struct Revoke {
    /// The token's id, not the token itself
    id: String,

    #[command(flatten)]
    format: FormatArgs,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl Token {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        match self.action {
            Action::Create(create) => create.run(integrations).await,
            Action::List(list) => list.run(integrations).await,
            Action::Revoke(revoke) => revoke.run(integrations).await,
        }
    }
}

impl Create {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let expires_at = match &self.expires_at {
            None => None,
            Some(text) => Some(moment(text).ok_or_else(|| {
                Failure::Usage("--expires-at expects a time such as 2030-01-31T09:30:00Z".to_owned())
            })?),
        };
        let control = self.database.open(integrations, Options::default()).await?;
        let new = NewApiToken {
            name: self.name,
            account_id: self.account,
            expires_at,
        };
        let (row, token) = control.create_api_token(new).await?;
        match self.format.format {
            Format::Json => output::json(&json!({ "id": row.id, "token": token.reveal() }))?,
            Format::Table => output::line(format!(
                "API token {} ({}), reaching {}:\n\n  {}\n\nIt is shown this once; only its hash is kept.",
                row.name,
                row.id,
                row.account_id.as_deref().unwrap_or("everything"),
                token.reveal()
            ))?,
        }
        Ok(())
    }
}

impl List {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let control = self.database.open(integrations, Options::default()).await?;
        let rows = every_page(
            None,
            async |page| control.api_tokens(page).await,
            |row| (row.created_at, row.id.clone()),
        )
        .await?;
        let views = rows.iter().map(ApiTokenView::from);
        match self.format.format {
            Format::Json => output::json(&views.collect::<Vec<_>>())?,
            Format::Table => output::table(
                ["ID", "NAME", "REACHES", "CREATED", "ENDS"],
                views.map(|view| {
                    [
                        view.id,
                        view.name,
                        view.account_id.unwrap_or_else(|| "everything".to_owned()),
                        view.created_at,
                        view.expires_at.unwrap_or_default(),
                    ]
                }),
            )?,
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        if self.id.starts_with(crate::token::PREFIX) {
            return Err(Failure::Usage(
                "name the token by its id, tok_…, as `deskhand token list` shows it".to_owned(),
            ));
        }
        let control = self.database.open(integrations, Options::default()).await?;
        control.delete_api_token(&self.id).await?;
        match self.format.format {
            Format::Json => output::json(&json!({ "id": self.id }))?,
            Format::Table => output::line(format!("revoked {}", self.id))?,
        }
        Ok(())
    }
}
