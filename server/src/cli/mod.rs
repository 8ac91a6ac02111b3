//! The command line.

mod account;
mod call;
mod completions;
mod database;
#[cfg(feature = "demo")]
mod demo;
mod health;
mod hosting;
mod key;
mod log;
mod mcp;
mod serve;
mod serving;
mod stdio;
mod token;
mod tools;
#[cfg(feature = "demo")]
mod tour;

use std::fmt;
use std::future::Future;
use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use deskhand_runtime::oauth2;
use deskhand_runtime::operation::{Integration, Operation, Setting};
use tracing_subscriber::filter::LevelFilter;

use crate::accounts::{self, AccountError};
use crate::catalog::Integrations;
use crate::control::ControlError;
use crate::filter::{Filter, FilterError};
use crate::logging::{self, LogFormat};
use crate::output;
use crate::store::{Millis, Page};

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
  deskhand serve                        MCP, a REST API and a web console over HTTP
  deskhand account create <helpdesk>    connect an account for it

`stdio` and `call` take accounts from the environment, as DESKHAND_<HELPDESK>_<FIELD>; a command that
misses one says what it is. There, DESKHAND_<HELPDESK>_BASE_URL calls another address, and
DESKHAND_<HELPDESK>_TIMEOUT gives up on a call after so many seconds (60). Results go to stdout and logs
to stderr; DESKHAND_LOG=debug logs more."
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
    /// Serve MCP, the REST API and the web console over HTTP
    Serve(serve::Serve),
    /// Connect accounts, and look after them
    Account(account::Account),
    /// Make MCP servers of accounts, and look after them
    Mcp(mcp::Mcp),
    /// Make, list and revoke API tokens
    Token(token::Token),
    /// Make and replace the master key
    Key(key::Key),
    /// Show which calls of tools were made
    Log(log::Log),
    /// Ask a running server on this machine whether it is ready
    Health(health::Health),
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

/// How results are printed, as an option.
#[derive(Debug, Clone, Copy, Default, Args)]
struct FormatArgs {
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: everything there is to know
    Json,
}

/// All rows of a list that is read in pages, or the first `limit` of them.
async fn every_page<R>(
    limit: Option<usize>,
    read: impl AsyncFn(&Page) -> Result<Vec<R>, ControlError>,
    key: impl Fn(&R) -> (Millis, String),
) -> Result<Vec<R>, Failure> {
    const AT_ONCE: u32 = 200;
    let mut rows = Vec::new();
    let mut page = Page {
        after: None,
        limit: AT_ONCE,
    };
    let limit = limit.unwrap_or(usize::MAX);
    loop {
        let read = read(&page).await?;
        let more = read.len() >= AT_ONCE as usize;
        rows.extend(read);
        if !more || rows.len() >= limit {
            rows.truncate(limit);
            return Ok(rows);
        }
        page.after = rows.last().map(&key);
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

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Invalid(problems) => {
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Self::Usage(told.join("\n  "))
            }
            other => Self::Failed(other.to_string()),
        }
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
            Command::Account(account) => one_thread(account.run(integrations)),
            Command::Mcp(mcp) => one_thread(mcp.run(integrations)),
            Command::Token(token) => one_thread(token.run(integrations)),
            Command::Key(key) => one_thread(key.run(integrations)),
            Command::Log(log) => one_thread(log.run(integrations)),
            Command::Health(health) => one_thread(health.run()),
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

/// Puts linked helpdesks in the places of examples: the first one for `{helpdesk}`, `{tool}` (one that takes `limit`), `{tag}`,
/// `{env}`, `{variables}` and `{credentials}`, the last one for `{other}` and `{other_tag}`, the first with an OAuth2 flow for
/// `{connected}` and `{connected_variables}`.
fn with_examples(command: clap::Command, integrations: Integrations) -> clap::Command {
    let slug = |integration: Option<&&Integration>| integration.map_or("helpdesk", |integration| integration.slug);
    let tag = |integration: Option<&&Integration>| {
        let tags = integration.map_or(&[][..], |integration| integration.tags);
        tags.first().map_or("things", |(tag, _)| tag).to_owned()
    };
    let wanted = |settings: &'static [Setting]| settings.iter().filter(|setting| !setting.optional);
    let example = |setting: &Setting| if setting.secret { "..." } else { setting.example };
    let variables = |integration: Option<&&Integration>| -> String {
        let settings = integration.map_or(&[][..], |integration| integration.variables);
        wanted(settings)
            .map(|setting| format!(" --variable {}={}", setting.name, example(setting)))
            .collect()
    };
    let (first, last) = (integrations.first(), integrations.last());
    let connected = integrations
        .iter()
        .find(|integration| oauth2::scheme(integration).is_some());
    let sized = |(operation, _): &(&Operation, _)| operation.pages.as_ref().is_some_and(|pages| pages.size.is_some());
    let tool = first
        .and_then(|integration| integration.tools().find(sized))
        .map_or("list_all_things", |(_, tool)| tool.name);
    let credentials = first.map_or(&[][..], |first| first.credentials);
    let env: Vec<String> = first
        .iter()
        .flat_map(|integration| {
            wanted(integration.variables).chain(wanted(credentials)).map(|setting| {
                let name = accounts::variable(integration, setting.name);
                format!("\"{name}\": \"{}\"", example(setting))
            })
        })
        .collect();
    let credentials: Vec<String> = wanted(credentials)
        .map(|setting| format!("\"{}\": \"{}\"", setting.name, example(setting)))
        .collect();
    let filled = [
        ("{helpdesk}", slug(first).to_owned()),
        ("{tool}", tool.to_owned()),
        ("{tag}", tag(first)),
        ("{env}", env.join(", ")),
        ("{variables}", variables(first)),
        ("{credentials}", format!("{{{}}}", credentials.join(", "))),
        ("{other}", slug(last).to_owned()),
        ("{other_tag}", tag(last)),
        ("{connected}", slug(connected).to_owned()),
        ("{connected_variables}", variables(connected)),
    ];
    fill_examples(command, &filled)
}

fn fill_examples(command: clap::Command, filled: &[(&str, String)]) -> clap::Command {
    command.mut_subcommands(|subcommand| {
        let subcommand = fill_examples(subcommand, filled);
        let Some(help) = subcommand.get_after_help().map(ToString::to_string) else {
            return subcommand;
        };
        subcommand.after_help(
            filled
                .iter()
                .fold(help, |help, (name, value)| help.replace(name, value)),
        )
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

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM. Listens from the moment it is called.
#[cfg(unix)]
fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn came(listening: io::Result<Signal>) {
        match listening {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        tokio::select! {
            () = came(interrupt) => {}
            () = came(terminate) => {}
        }
    }
}

/// Resolves when the process is asked to end by Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use deskhand_integrations::INTEGRATIONS;

    use super::*;
    use crate::filter::Filter;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// The words of the program's call in a line of a shell, of which only single quotes are understood.
    fn words(example: &str) -> Option<Vec<String>> {
        let call = example
            .split(" | ")
            .find_map(|part| Some(&part[part.find("deskhand ")?..]))?;
        // What stands behind two blanks is said about it.
        let call = call.split("  ").next()?.split(" > ").next()?.split(" >> ").next()?;
        let mut words = vec![String::new()];
        let mut quoted = false;
        for letter in call.trim_end_matches(')').chars() {
            match letter {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                _ => words.last_mut()?.push(letter),
            }
        }
        Some(words)
    }

    /// Every example of a command and of those below it.
    fn examples(command: &clap::Command, found: &mut Vec<String>) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let told = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        let before = found.len();
        found.extend(told.take_while(|line| !line.is_empty()).map(str::to_owned));
        assert!(found.len() > before, "`{}` has no examples", command.get_name());
        command.get_subcommands().for_each(|below| examples(below, found));
    }

    #[test]
    fn every_example_can_be_pasted() {
        let command = with_examples(Cli::command(), INTEGRATIONS);
        let mut found = Vec::new();
        command
            .get_subcommands()
            .filter(|below| below.get_name() != "help")
            .for_each(|below| examples(below, &mut found));
        let helpdesk = |slug: &str| {
            INTEGRATIONS
                .iter()
                .find(|integration| integration.slug == slug)
                .copied()
        };
        let mut checked = 0;
        for example in found {
            let Some(words) = words(&example) else { continue };
            checked += 1;
            assert!(
                !words.iter().any(|word| word.contains('{') && !word.starts_with("{\"")),
                "{example}"
            );
            assert!(!words.contains(&String::new()), "two blanks: {example}");
            if let Err(error) = command.clone().try_get_matches_from(&words) {
                panic!("{example}: {error}");
            }
            let named = |option: &str| {
                let at = words.iter().position(|word| word == option)?;
                let value = words.get(at + 1)?;
                Some(value.split(',').map(str::to_owned).collect::<Vec<_>>())
            };
            // Of an account whose helpdesk is not named, it is the first one.
            let meant = words
                .iter()
                .find_map(|word| helpdesk(word))
                .or(INTEGRATIONS.first().copied());
            let meant = [meant.expect("a helpdesk is linked")];
            let filter = Filter::new(
                named("--methods").unwrap_or_default(),
                named("--tags").unwrap_or_default(),
            );
            filter
                .check(&meant)
                .unwrap_or_else(|error| panic!("{example}: {error}"));
            for server in words
                .iter()
                .zip(words.iter().skip(1))
                .filter(|(option, _)| *option == "--server")
            {
                let mut parts = server.1.split(':');
                let meant = helpdesk(parts.next().unwrap_or_default()).unwrap_or_else(|| panic!("{example}"));
                let mut list = || {
                    let words = parts.next().unwrap_or_default().split(',');
                    words.map(str::to_owned).collect::<Vec<_>>()
                };
                let filter = Filter::new(list(), list());
                filter
                    .check(&[meant])
                    .unwrap_or_else(|error| panic!("{example}: {error}"));
            }
            if words.get(2).is_some_and(|word| word == "connect") {
                assert!(oauth2::scheme(meant[0]).is_some(), "{example}");
            }
        }
        assert!(checked > 60, "{checked} examples");
    }
}
