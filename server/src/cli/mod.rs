//! The command line.

mod call;
mod completions;
#[cfg(feature = "demo")]
mod demo;
mod hosting;
mod serve;
mod stdio;
mod tools;
#[cfg(feature = "demo")]
mod tour;

use std::fmt;
use std::future::Future;
use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use deskhand_runtime::operation::Operation;
use tracing_subscriber::filter::LevelFilter;

use crate::accounts::{self, AccountError};
use crate::catalog::Integrations;
use crate::filter::{Filter, FilterError};
use crate::logging::{self, LogFormat};
use crate::output;

/// Self-hosted MCP servers for helpdesks.
#[derive(Debug, Parser)]
#[command(
    name = "deskhand",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  deskhand demo                         try it: a simulated helpdesk and an MCP server for it
  deskhand tools                        what there is
  deskhand stdio <helpdesk>             MCP for a desktop client
  deskhand serve                        MCP over HTTP for every account in the environment

Accounts come from the environment, as DESKHAND_<HELPDESK>_<FIELD>; a command that misses one says
what it is. DESKHAND_<HELPDESK>_BASE_URL calls another address, DESKHAND_<HELPDESK>_TIMEOUT gives up on
a call after so many seconds (60). Results go to stdout and logs to stderr; DESKHAND_LOG=debug logs more."
)]
struct Cli {
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t, env = "DESKHAND_LOG_FORMAT")]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "demo")]
    /// Try it out: simulated helpdesks with sample data, and an MCP server for each
    Demo(demo::Demo),
    /// Serve MCP over HTTP
    Serve(serve::Serve),
    /// Serve MCP on stdin and stdout, for clients that start the server themselves
    Stdio(stdio::Stdio),
    /// List the tools
    Tools(tools::Tools),
    /// Call one tool and print its answer
    Call(call::Call),
    /// Print a script that completes commands and options in a shell
    Completions(completions::Completions),
}

/// The filter of a scope, as options.
#[derive(Debug, Clone, Default, Args)]
struct FilterArgs {
    /// Only these methods: read, write, custom, or names such as list,get,create
    #[arg(long, value_delimiter = ',', value_name = "WORD,...")]
    methods: Vec<String>,

    /// Only tools with one of these tags
    #[arg(long, value_delimiter = ',', value_name = "TAG,...")]
    tags: Vec<String>,
}

impl FilterArgs {
    fn filter(self) -> Filter {
        Filter::new(self.methods, self.tags)
    }
}

/// Why a command ended without success.
#[derive(Debug)]
enum Failure {
    /// The command was used wrongly, or its surroundings lack something: exit code 2.
    Usage(String),
    /// It failed at its work: exit code 1.
    Failed(String),
    /// It failed and has already said so: exit code 1.
    Told,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
            Self::Told => Ok(()),
        }
    }
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<getrandom::Error> for Failure {
    fn from(error: getrandom::Error) -> Self {
        Self::Failed(format!("the system's random source cannot be read: {error}"))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if output::is_closed(&error) {
            Self::Told
        } else {
            Self::Failed(error.to_string())
        }
    }
}

/// Runs the command line of a program that has these helpdesks compiled in.
#[must_use]
pub fn run(integrations: Integrations) -> ExitCode {
    let parsed = with_examples(Cli::command(), integrations).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        // Help and version are asked for and go to stdout; everything else is a mistake.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let default = match &cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo.log_level(),
        _ => LevelFilter::INFO,
    };
    let done = logging::init(cli.log_format, default)
        .map_err(Failure::Usage)
        .and_then(|()| match cli.command {
            #[cfg(feature = "demo")]
            Command::Demo(demo) => many_threads(demo.run(integrations)),
            Command::Serve(serve) => many_threads(serve.run(integrations)),
            Command::Stdio(stdio) => one_thread(stdio.run(integrations)),
            Command::Tools(tools) => tools.run(integrations),
            Command::Call(call) => one_thread(call.run(integrations)),
            Command::Completions(completions) => completions.run(Cli::command()),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                output::complain(&text);
            }
            ExitCode::from(if matches!(failure, Failure::Usage(_)) { 2 } else { 1 })
        }
    }
}

/// Puts the first linked helpdesk in the place of `{helpdesk}`, `{tool}` and `{env}` in examples;
/// the tool is one that takes `limit`.
fn with_examples(command: clap::Command, integrations: Integrations) -> clap::Command {
    let first = integrations.first();
    let helpdesk = first.map_or("helpdesk", |integration| integration.slug);
    let sized = |(operation, _): &(&Operation, _)| operation.pages.as_ref().is_some_and(|pages| pages.size.is_some());
    let tool = first
        .and_then(|integration| integration.tools().find(sized))
        .map_or("list_all_things", |(_, tool)| tool.name);
    let env: Vec<String> = first
        .iter()
        .flat_map(|integration| {
            let settings = integration.variables.iter().chain(integration.credentials);
            settings.filter(|setting| !setting.optional).map(move |setting| {
                let example = if setting.secret { "..." } else { setting.example };
                format!("\"{}\": \"{example}\"", accounts::variable(integration, setting.name))
            })
        })
        .collect();
    let env = env.join(", ");
    command.mut_subcommands(|subcommand| match subcommand.get_after_help() {
        Some(help) => {
            let help = help.to_string();
            let help = help
                .replace("{helpdesk}", helpdesk)
                .replace("{tool}", tool)
                .replace("{env}", &env);
            subcommand.after_help(help)
        }
        None => subcommand,
    })
}

fn one_thread(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

fn many_threads(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM.
async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return interrupted.await;
        };
        tokio::select! {
            () = interrupted => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
