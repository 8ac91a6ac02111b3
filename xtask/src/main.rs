//! The developer's commands. Each is a module with a function `run`; what is worth testing lives in
//! the crates they call.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

mod bench;
mod chromium;
mod clients;
mod debian;
mod diff;
mod dist;
mod import;
mod new;
mod postgres;
mod regenerate;
mod shell;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How a command ended, short of being unable to do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing to object to.
    Good,
    /// The command did its work and found fault.
    Bad,
}

impl Verdict {
    fn good_if(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

/// A command that could not do its work says why.
type Outcome = Result<Verdict, String>;

/// The developer's commands.
///
/// Exit status: 0 all is well, 1 fault was found (a problem in a spec, drift, a failed test), 2 the
/// command could not do its work.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Regenerate(regenerate::Arguments),
    New(new::Arguments),
    Diff(diff::Arguments),
    Dist(dist::Arguments),
    Import(import::Arguments),
    Test(test::Arguments),
    Bench(bench::Arguments),
    Clients(clients::Arguments),
}

fn main() -> ExitCode {
    let outcome = shell::root().and_then(|root| match Cli::parse().command {
        Command::Regenerate(arguments) => regenerate::run(&root, &arguments),
        Command::New(arguments) => new::run(&root, &arguments),
        Command::Diff(arguments) => diff::run(&root, &arguments),
        Command::Dist(arguments) => dist::run(&root, &arguments),
        Command::Import(arguments) => import::run(&root, &arguments),
        Command::Test(arguments) => test::run(&root, &arguments),
        Command::Bench(arguments) => bench::run(&root, &arguments),
        Command::Clients(arguments) => clients::run(&root, &arguments),
    });
    match outcome {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::from(1),
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
