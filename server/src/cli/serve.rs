//! `deskhand serve`.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use deskhand_runtime::operation::Integration;

use super::database::{BaseUrlArgs, DatabaseArgs};
use super::hosting::Hosting;
use super::serving::ServingArgs;
use super::{Failure, asked_to_stop};
use crate::accounts::{Account, AccountError};
use crate::catalog::{self, Integrations};
use crate::control::Options;
use crate::filter::Filter;
use crate::http::Settings;
use crate::output;
use crate::public_url::PublicUrl;

/// Serve MCP, the REST API and the web console over HTTP.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand serve                                  keeps everything in the data directory
  deskhand serve --database postgres://deskhand@db/deskhand
  deskhand serve --listen 0.0.0.0:8787 --public-url https://deskhand.example.com
  deskhand serve --server {helpdesk}:read            for an account in the environment
  deskhand serve --server {helpdesk}:read,create:{tag} --server {other}::{other_tag}

On an empty database an API token is printed, once; `deskhand token create` makes others. It opens
the web console, which a browser finds at the address of the server, and the REST API; accounts are
connected there or with `deskhand account`. Besides, each helpdesk whose account is in the environment
has an MCP server, whose URL is printed once and ends with this process; --server narrows that.

GET /healthz tells that the server lives, GET /readyz that its database answers, GET /metrics, with an
API token that reaches all accounts, what it has done.

People connect accounts of a helpdesk through its OAuth2 flow when DESKHAND_<HELPDESK>_CLIENT_ID and
DESKHAND_<HELPDESK>_CLIENT_SECRET hold the application that is registered there.

The data directory is $DESKHAND_DATA_DIR, else where data of the user usually is. The master key,
which seals the credentials of accounts, is in DESKHAND_MASTER_KEY, or in a file that is made when
there is none: back it up.")]
pub(super) struct Serve {
    /// Where to listen
    #[arg(
        long,
        default_value = "127.0.0.1:8787",
        env = "DESKHAND_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,

    /// The address clients use, when it is another
    #[arg(long, env = "DESKHAND_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,

    /// An MCP server: a helpdesk, its methods (comma-separated; empty for all) and tags
    #[arg(long = "server", value_name = "HELPDESK[:METHODS[:TAGS]]")]
    servers: Vec<Declaration>,

    /// A web page's origin that may call, such as https://app.example.com; none may by default
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<PublicUrl>,

    #[command(flatten)]
    base_urls: BaseUrlArgs,

    #[command(flatten)]
    database: DatabaseArgs,

    #[command(flatten)]
    serving: ServingArgs,
}

/// `<helpdesk>[:methods[:tags]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declaration {
    helpdesk: String,
    filter: Filter,
}

impl FromStr for Declaration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let helpdesk = parts.next().unwrap_or_default().trim().to_owned();
        let mut words = || -> Vec<String> { parts.next().unwrap_or_default().split(',').map(str::to_owned).collect() };
        let filter = Filter::new(words(), words());
        if helpdesk.is_empty() || parts.next().is_some() {
            return Err("expected a helpdesk, perhaps methods, perhaps tags, such as <helpdesk>:read:<tag>".to_owned());
        }
        Ok(Self { helpdesk, filter })
    }
}

impl Serve {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let mut hosting = Hosting::new()?;
        for (integration, account, filter) in self.declared(integrations)? {
            hosting.add(integration, &account, &filter)?;
        }
        let options = Options {
            log_retention: self.serving.log_retention,
            fields_interval: self.serving.fields_interval,
            ..self.base_urls.into_options(integrations)?
        };
        let (control, keyring) = self.database.open_with_keys(integrations, options).await?;
        self.database.warn_of_replicas(&keyring);
        let settings = Settings {
            public_url: self.public_url,
            allowed_origins: self.allowed_origins.iter().map(PublicUrl::origin).collect(),
            ..self.serving.settings()
        };
        let quotas = self.serving.quotas();
        let open = hosting
            .open(Arc::clone(&control), self.listen, settings, quotas)
            .await?;
        // Before anybody is told that there is something to stop.
        let stop = asked_to_stop();
        // Only now that nothing can come in between: whoever makes it has to show it.
        let first = control.first_api_token("first").await?;
        output::line(format!("Deskhand on {}", open.base()))?;
        if let Some((row, token)) = &first {
            output::line(format!("\n{}", open.show_api_token(row, token)))?;
        }
        if let Some(servers) = open.announcement() {
            output::line(format!("\n{servers}"))?;
        }
        open.run(stop).await
    }

    /// MCP servers for accounts of the environment: those that are named, else one for each account there.
    fn declared(&self, integrations: Integrations) -> Result<Vec<(&'static Integration, Account, Filter)>, Failure> {
        let environment = |name: &str| std::env::var(name).ok();
        let mut declared = Vec::new();
        for Declaration { helpdesk, filter } in &self.servers {
            let integration = catalog::helpdesk(integrations, helpdesk).map_err(Failure::Usage)?;
            let account = Account::from_environment(integration, environment)?;
            declared.push((integration, account, filter.clone()));
        }
        if !self.servers.is_empty() {
            return Ok(declared);
        }
        for integration in integrations {
            match Account::from_environment(integration, environment) {
                Ok(account) => declared.push((*integration, account, Filter::default())),
                // Nothing is set for this helpdesk: it is not meant to be served.
                Err(AccountError::Missing {
                    some_are_set: false, ..
                }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(declared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        let parse = |text: &str| text.parse::<Declaration>();
        let filter = |methods: &[&str], tags: &[&str]| {
            let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            Filter::new(owned(methods), owned(tags))
        };
        assert_eq!(parse("a").unwrap().filter, Filter::default());
        assert_eq!(parse("a:").unwrap().filter, Filter::default());
        assert_eq!(parse("a:read, get").unwrap().filter, filter(&["read", "get"], &[]));
        assert_eq!(parse("a::x,y").unwrap().filter, filter(&[], &["x", "y"]));
        assert_eq!(parse("a:read:x").unwrap().helpdesk, "a");
        assert!(parse("").is_err());
        assert!(parse(":read").is_err());
        assert!(parse("a:b:c:d").is_err());
    }
}
