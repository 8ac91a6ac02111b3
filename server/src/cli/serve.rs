//! `deskhand serve`.

use std::net::SocketAddr;
use std::str::FromStr;

use clap::Args;

use super::hosting::Hosting;
use super::{Failure, asked_to_stop};
use crate::accounts::{Account, AccountError};
use crate::catalog::{self, Integrations};
use crate::filter::Filter;
use crate::output;
use crate::public_url::PublicUrl;

/// Serve MCP over HTTP for accounts from the environment.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand serve                                    every helpdesk with an account in the environment
  deskhand serve --server {helpdesk}:read              one that only reads
  deskhand serve --server {helpdesk}:read,create:tickets,contacts --server {helpdesk}::surveys
  deskhand serve --listen 0.0.0.0:8787 --public-url https://deskhand.example.com

The URL of each MCP server is printed once, with its token; with POST /mcp the token is sent as
`Authorization: Bearer` instead. GET /healthz tells that the server lives.")]
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
        let environment = |name: &str| std::env::var(name).ok();
        let mut hosting = Hosting::new()?;
        if self.servers.is_empty() {
            let mut wanted = String::new();
            let mut served = 0;
            for integration in integrations {
                match Account::from_environment(integration, environment) {
                    Ok(account) => {
                        hosting.add(integration, &account, &Filter::default())?;
                        served += 1;
                    }
                    // Nothing is set for this helpdesk: it is not meant to be served.
                    Err(
                        error @ AccountError::Missing {
                            some_are_set: false, ..
                        },
                    ) => {
                        wanted += &format!("\n\n{error}");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            if served == 0 {
                return Err(Failure::Usage(format!(
                    "there is no account in the environment, so there is nothing to serve.{wanted}"
                )));
            }
        }
        for Declaration { helpdesk, filter } in &self.servers {
            let integration = catalog::helpdesk(integrations, helpdesk).map_err(Failure::Usage)?;
            hosting.add(
                integration,
                &Account::from_environment(integration, environment)?,
                filter,
            )?;
        }
        let origins = self.allowed_origins.iter().map(PublicUrl::origin).collect();
        let open = hosting.open(self.listen, self.public_url, origins).await?;
        output::line(open.announcement())?;
        open.run(asked_to_stop()).await
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
