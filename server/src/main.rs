//! The `deskhand` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskhand::cli::run(deskhand_integrations::INTEGRATIONS)
}
