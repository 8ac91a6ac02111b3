//! `deskhand tools`.

use clap::Args;
use deskhand_runtime::dialect::Dialect;
use serde_json::Value;

use super::{Failure, FilterArgs, Format, FormatArgs};
use crate::catalog::{self, Integrations};
use crate::dialect;
use crate::output;

/// List the tools of one helpdesk, or of all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand tools
  deskhand tools {helpdesk} --methods read --tags {tag}
  deskhand tools --format json | jq -r '.[].name'
  deskhand tools {helpdesk} --dialect openai-strict --format json")]
pub(super) struct Tools {
    /// The helpdesk; all when left out
    helpdesk: Option<String>,

    #[command(flatten)]
    filter: FilterArgs,

    /// How schemas are written: mcp, anthropic, openai, openai-strict, gemini or cursor
    #[arg(long, value_name = "WORD", value_parser = dialect::named, default_value = "mcp")]
    dialect: Dialect,

    #[command(flatten)]
    format: FormatArgs,
}

impl Tools {
    pub(super) fn run(self, integrations: Integrations) -> Result<(), Failure> {
        let chosen = match &self.helpdesk {
            Some(slug) => vec![catalog::helpdesk(integrations, slug).map_err(Failure::Usage)?],
            None => integrations.to_vec(),
        };
        let filter = self.filter.filter();
        filter.check(&chosen)?;
        let tools: Vec<_> = chosen
            .iter()
            .flat_map(|integration| {
                integration
                    .tools()
                    .map(move |(operation, tool)| (*integration, operation, tool))
            })
            .filter(|(_, operation, tool)| filter.admits(operation, tool))
            .collect();
        match self.format.format {
            Format::Json => {
                let described: Vec<Value> = tools
                    .iter()
                    .map(|(integration, operation, tool)| {
                        catalog::described(integration, operation, tool, self.dialect)
                    })
                    .collect();
                output::json(&described)?;
            }
            Format::Table => {
                let wide = tools.iter().map(|(.., tool)| tool.name.len()).max().unwrap_or(0);
                for integration in chosen {
                    let of_it: Vec<_> = tools.iter().filter(|(of, ..)| of.slug == integration.slug).collect();
                    let mut text = format!("{} ({}), {} tools", integration.title, integration.slug, of_it.len());
                    for (_, operation, tool) in of_it {
                        text += &format!(
                            "\n  {:wide$}  {:11}  {}",
                            tool.name,
                            operation.effect.word(),
                            tool.title
                        );
                    }
                    output::line(text)?;
                }
            }
        }
        Ok(())
    }
}
