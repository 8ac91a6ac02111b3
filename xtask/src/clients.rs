//! `cargo xtask clients`

use std::path::Path;

use clap::Args;

use crate::{Outcome, Verdict, shell};

/// Let real MCP clients use every helpdesk, and show how they fare.
///
/// Each client lists the tools, reads, writes, turns pages, errs, meets a limit and outlives its access, in every era of the
/// protocol that it speaks, against the simulators. Needs Node.js 18 or later with npm and Python 3.11 or later with venv;
/// the clients' packages are installed below `target/`, pinned.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask clients                        all clients, and whether docs/clients.md is still true
  cargo xtask clients rmcp FastMCP           these only
  cargo xtask clients --accept               write docs/clients.md anew")]
pub(crate) struct Arguments {
    /// Play these clients only
    names: Vec<String>,

    /// Write the table to docs/clients.md instead of comparing the two
    #[arg(long, conflicts_with = "names")]
    accept: bool,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let test = [
        "test",
        "-p",
        "deskhand-tests",
        "--test",
        "clients",
        "every_client",
        "--",
        "--nocapture",
    ];
    let mut cargo = shell::cargo(root, &test);
    if !arguments.names.is_empty() {
        cargo.env("DESKHAND_CLIENTS", arguments.names.join(","));
    }
    if arguments.accept {
        cargo.env("DESKHAND_ACCEPT", "1");
    }
    shell::succeeds(cargo).map(Verdict::good_if)
}
