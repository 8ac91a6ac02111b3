//! `deskhand stdio`.

use std::sync::Arc;

use clap::Args;
use deskhand_runtime::dialect::Dialect;

use super::{Failure, FilterArgs};
use crate::accounts::Account;
use crate::catalog::{self, Integrations};
use crate::dialect;
use crate::mcp;
use crate::scope::{Exposure, Offer, Scope};

/// Serve one helpdesk's tools on stdin and stdout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand stdio {helpdesk}
  deskhand stdio {helpdesk} --methods read --tags {tag}
  deskhand stdio {helpdesk} --discovery        three tools by which the others are found

For a desktop client:
  {\"mcpServers\": {\"{helpdesk}\": {\"command\": \"deskhand\", \"args\": [\"stdio\", \"{helpdesk}\"],
    \"env\": {{env}}}}}")]
pub(super) struct Stdio {
    /// The helpdesk's short name, as `deskhand tools` shows it
    helpdesk: String,

    #[command(flatten)]
    filter: FilterArgs,

    /// List three tools by which the others are found, instead of all
    #[arg(long)]
    discovery: bool,

    /// How schemas are written: mcp, anthropic, openai, openai-strict, gemini or cursor; by the client's name when left out
    #[arg(long, value_name = "WORD", value_parser = dialect::named)]
    dialect: Option<Dialect>,
}

impl Stdio {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let integration = catalog::helpdesk(integrations, &self.helpdesk).map_err(Failure::Usage)?;
        let account = Account::from_environment(integration, |name| std::env::var(name).ok())?;
        let sender = account.connect(integration)?;
        let offer = Offer {
            exposure: if self.discovery {
                Exposure::Discovery
            } else {
                Exposure::All
            },
            ..self.filter.filter().into()
        };
        let scope = Scope::new("stdio", integration.title, integration, &offer, sender)?;
        mcp::stdio::serve(Arc::new(scope), self.dialect)
            .await
            .map_err(Failure::Failed)
    }
}
