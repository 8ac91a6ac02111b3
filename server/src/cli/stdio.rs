//! `deskhand stdio`.

use std::sync::Arc;

use clap::Args;

use super::{Failure, FilterArgs};
use crate::accounts::Account;
use crate::catalog::{self, Integrations};
use crate::mcp;
use crate::scope::Scope;

/// Serve one helpdesk's tools on stdin and stdout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand stdio {helpdesk}
  deskhand stdio {helpdesk} --methods read --tags tickets,contacts

For a desktop client:
  {\"mcpServers\": {\"{helpdesk}\": {\"command\": \"deskhand\", \"args\": [\"stdio\", \"{helpdesk}\"],
    \"env\": {{env}}}}}")]
pub(super) struct Stdio {
    /// The helpdesk's short name, as `deskhand tools` shows it
    helpdesk: String,

    #[command(flatten)]
    filter: FilterArgs,
}

impl Stdio {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let integration = catalog::helpdesk(integrations, &self.helpdesk).map_err(Failure::Usage)?;
        let account = Account::from_environment(integration, |name| std::env::var(name).ok())?;
        let sender = account.connect(integration)?;
        let scope = Scope::new(
            "stdio",
            integration.title,
            integration,
            &self.filter.filter().into(),
            sender,
        )?;
        mcp::stdio::serve(Arc::new(scope)).await.map_err(Failure::Failed)
    }
}
