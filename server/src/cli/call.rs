//! `deskhand call`.

use std::io::Read as _;

use clap::Args;
use deskhand_runtime::dialect::Dialect;
use deskhand_runtime::tool::ToolOutcome;
use serde_json::{Map, Value};

use super::Failure;
use crate::accounts::Account;
use crate::catalog::{self, Integrations};
use crate::output;
use crate::scope::{Offer, Scope};

/// Call one tool with an account from the environment.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand call {tool} '{\"limit\": 30}'
  echo '{\"limit\": 30}' | deskhand call {tool} -

The answer goes to stdout. Exit codes: 0 answered, 1 the tool answered an error, 2 used wrongly.")]
pub(super) struct Call {
    /// The tool's name
    tool: String,

    /// Its arguments as a JSON object, or - to read them from stdin
    #[arg(default_value = "{}")]
    arguments: String,
}

impl Call {
    pub(super) async fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let arguments = read_arguments(&self.arguments)?;
        let found = integrations
            .iter()
            .find(|integration| integration.tool(&self.tool).is_some());
        let outcome = match found {
            Some(integration) => {
                let account = Account::from_environment(integration, |name| std::env::var(name).ok())?;
                let sender = account.connect(integration)?;
                let scope = Scope::new("call", integration.title, integration, &Offer::default(), sender)?;
                tokio::select! {
                    outcome = scope.call(&self.tool, arguments, Dialect::Mcp) => outcome,
                    () = super::asked_to_stop() => return Err(Failure::Failed("stopped".to_owned())),
                }
            }
            None => {
                let tools = integrations.iter().flat_map(|integration| integration.tools());
                let names: Vec<&str> = tools.map(|(_, tool)| tool.name).collect();
                ToolOutcome::from(catalog::unknown_tool(&self.tool, &names))
            }
        };
        let failed = outcome.is_error();
        output::json(&outcome.into_structured())?;
        if failed { Err(Failure::Told) } else { Ok(()) }
    }
}

fn read_arguments(text: &str) -> Result<Map<String, Value>, Failure> {
    let text = if text == "-" {
        let mut read = String::new();
        std::io::stdin()
            .read_to_string(&mut read)
            .map_err(|error| Failure::Usage(format!("stdin cannot be read: {error}")))?;
        read
    } else {
        text.to_owned()
    };
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(Failure::Usage(
            "arguments are a JSON object, such as '{\"limit\": 30}'".to_owned(),
        )),
        Err(error) => Err(Failure::Usage(format!("the arguments are not JSON: {error}"))),
    }
}
