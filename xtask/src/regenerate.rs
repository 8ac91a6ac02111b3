//! `cargo xtask regenerate`

use std::path::Path;

use clap::Args;
use deskhand_codegen::regenerate::{Failure, regenerate};
use deskhand_codegen::report::wants_colour;

use crate::{Outcome, Verdict};

/// Turn the specs into typed client crates, tool tables and the editor schema.
///
/// All problems of all specs are reported in one run; nothing is written while there is one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask regenerate                  everything, the schema of the spec language included
  cargo xtask regenerate <helpdesk>       the crate of one helpdesk only
  cargo xtask regenerate --check          write nothing; fail when a file is not up to date")]
pub(crate) struct Arguments {
    /// Write nothing; fail when a generated file is missing, changed or stale.
    #[arg(long)]
    pub(crate) check: bool,
    /// Helpdesks to regenerate, by the names of their folders under specs/ (default: all, and what they share).
    pub(crate) helpdesk: Vec<String>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let done = match regenerate(root, arguments.check, &arguments.helpdesk) {
        Ok(done) => done,
        Err(Failure::Problems { report, sources }) => {
            eprint!("{}", report.render(&sources, wants_colour(&std::io::stderr())));
            return Ok(Verdict::Bad);
        }
        Err(failure) => return Err(failure.to_string()),
    };
    eprint!(
        "{}",
        done.report.render(&done.sources, wants_colour(&std::io::stderr()))
    );
    let (files, differ) = (done.files, done.drift.len());
    if !arguments.check {
        let written = done.drift.missing.len() + done.drift.changed.len();
        println!(
            "{} files up to date, {written} written, {} removed",
            files - written,
            done.drift.stale.len()
        );
    } else if done.drift.is_empty() {
        println!("{files} files up to date");
    } else {
        eprint!("{}", done.drift.render());
        eprintln!("{differ} of {files} generated files are not up to date");
        return Ok(Verdict::Bad);
    }
    Ok(Verdict::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So that a plain `cargo test` notices, too.
    #[test]
    fn generated_files_are_up_to_date() {
        let root = crate::shell::root().unwrap();
        match regenerate(&root, true, &[]) {
            Ok(done) => assert!(done.drift.is_empty(), "\n{}", done.drift.render()),
            Err(Failure::Problems { report, sources }) => panic!("\n{}", report.render(&sources, false)),
            Err(failure) => panic!("{failure}"),
        }
    }
}
