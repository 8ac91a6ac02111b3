//! `cargo xtask test`

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use deskhand_test_postgres::{Server, VARIABLE};

use crate::postgres::Source;
use crate::{Outcome, Verdict, chromium, regenerate, shell};

/// Run everything that has to hold before a change is merged.
///
/// Needs the toolchain, which rustup installs as `rust-toolchain.toml` says; Node.js 18 or later with npm and
/// Python 3.11 or later with venv, for MCP clients, vendors' own clients, the protocol's conformance suite and
/// linters, whose pinned packages are installed below `target/`; Chromium: the browser that
/// DESKHAND_TEST_CHROMIUM names, or an installed one; and PostgreSQL: the server that
/// DESKHAND_TEST_POSTGRES names (a URL of a user who may create databases), or an installed one, which is
/// started in a temporary directory. As root on Debian both are installed when they are missing. All steps
/// are run even when one fails, and a test for which something is missing fails and says what. The last line is
/// `N passed, N failed`; a step that fails without a failed test counts as one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask test                        all steps, as the continuous integration runs them
  cargo xtask test --only clippy          one step
  cargo xtask test --only fmt --only tests")]
pub(crate) struct Arguments {
    /// Run this step only; may be given more than once.
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
}

/// A step of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Formatting.
    Fmt,
    /// Lints, warnings being errors.
    Clippy,
    /// The same for the program as the container image has it, without the demo.
    Image,
    /// Generated files are up to date.
    Regenerate,
    /// Unit, integration and documentation tests.
    Tests,
}

impl Step {
    const ALL: [Step; 5] = [Step::Fmt, Step::Clippy, Step::Image, Step::Regenerate, Step::Tests];

    /// What the step runs, cargo's arguments where it is cargo.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Step::Fmt => &["fmt", "--all", "--check"],
            Step::Clippy => &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            Step::Image => &[
                "clippy",
                "--package",
                "deskhand",
                "--no-default-features",
                "--",
                "-D",
                "warnings",
            ],
            Step::Regenerate => &["xtask", "regenerate", "--check"],
            Step::Tests => &["test", "--workspace", "--no-fail-fast"],
        }
    }
}

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

/// How one step went.
struct Done {
    step: Step,
    good: bool,
    count: Count,
    took: Duration,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let steps: Vec<Step> = match arguments.only.is_empty() {
        true => Step::ALL.to_vec(),
        false => Step::ALL
            .into_iter()
            .filter(|step| arguments.only.contains(step))
            .collect(),
    };
    println!(
        "Installs: the toolchain and components of rust-toolchain.toml where missing (rustup), crates of Cargo.lock."
    );
    if steps.contains(&Step::Tests) {
        println!("Below target/, where missing: the packages that tests/clients/ pins (npm, pip).");
    }
    let postgres = steps.contains(&Step::Tests).then(Source::find);
    let chromium = steps.contains(&Step::Tests).then(chromium::Source::find);
    if let Some(postgres) = &postgres {
        println!("{}", postgres.announcement());
    }
    if let Some(chromium) = chromium {
        println!("{}", chromium.announcement());
    }
    println!("Runs:");
    for step in &steps {
        println!("  cargo {}", step.arguments().join(" "));
    }
    let mut done = Vec::new();
    for step in steps {
        println!("\n== cargo {}", step.arguments().join(" "));
        let start = Instant::now();
        let (good, count) = take(root, step, postgres.as_ref(), chromium)?;
        done.push(Done {
            step,
            good,
            count,
            took: start.elapsed(),
        });
    }
    println!("\n{}", summary(&done));
    Ok(Verdict::good_if(done.iter().all(|done| done.good)))
}

fn take(
    root: &Path,
    step: Step,
    postgres: Option<&Source>,
    chromium: Option<chromium::Source>,
) -> Result<(bool, Count), String> {
    match step {
        Step::Fmt | Step::Clippy | Step::Image => {
            Ok((shell::succeeds(shell::cargo(root, step.arguments()))?, Count::default()))
        }
        Step::Regenerate => {
            let arguments = regenerate::Arguments {
                check: true,
                helpdesk: Vec::new(),
            };
            Ok((regenerate::run(root, &arguments)? == Verdict::Good, Count::default()))
        }
        Step::Tests => {
            if let Some(chromium) = chromium {
                chromium.provide();
            }
            match postgres.map(Source::provide).transpose() {
                Ok(server) => tests(root, server.as_ref().map(Server::url)),
                Err(why) => {
                    eprintln!("error: {why}");
                    Ok((false, Count::default()))
                }
            }
        }
    }
}

/// Runs the tests, shows their output and counts them.
fn tests(root: &Path, postgres: Option<&str>) -> Result<(bool, Count), String> {
    let mut command = shell::cargo(root, Step::Tests.arguments());
    // Cargo builds the program for its own tests; tests from outside take that one instead of building another.
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |named| root.join(named));
    let program = format!("deskhand{}", std::env::consts::EXE_SUFFIX);
    command.env("DESKHAND_BIN", target.join("debug").join(program));
    if let Some(url) = postgres {
        command.env(VARIABLE, url);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| shell::cannot_run(&command, &error))?;
    let mut total = Count::default();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        let mut shown = std::io::stdout().lock();
        // By bytes: a test may print anything.
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            // A closed terminal must not end the tests.
            let _ = shown.write_all(&line);
            if let Some(count) = counted(&String::from_utf8_lossy(&line)) {
                total.passed += count.passed;
                total.failed += count.failed;
            }
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| shell::cannot_run(&command, &error))?;
    Ok((status.success(), total))
}

/// The numbers in a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn counted(line: &str) -> Option<Count> {
    let numbers = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
    let number = |what: &str| {
        let found = numbers.split(';').find_map(|part| part.trim().strip_suffix(what));
        found.and_then(|digits| digits.trim().parse().ok())
    };
    Some(Count {
        passed: number("passed")?,
        failed: number("failed")?,
    })
}

fn summary(done: &[Done]) -> String {
    let mut total = Count::default();
    let mut lines = Vec::new();
    for done in done {
        let verdict = if done.good { "ok" } else { "FAILED" };
        let name = done
            .step
            .to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default();
        lines.push(format!("{name:<12}{verdict:<8}{:>6.1} s", done.took.as_secs_f64()));
        total.passed += done.count.passed;
        total.failed += match (done.good, done.count.failed) {
            (false, 0) => 1,
            (_, failed) => failed,
        };
    }
    lines.push(format!("{} passed, {} failed", total.passed, total.failed));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s\n";
        assert_eq!(counted(line), Some(Count { passed: 12, failed: 0 }));
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counted(line), Some(Count { passed: 1, failed: 2 }));
        assert_eq!(counted("test a::b ... ok"), None);
        assert_eq!(counted("test result: what?"), None);
    }

    #[test]
    fn a_failed_step_never_looks_like_success() {
        let done = |step, good, passed, failed| Done {
            step,
            good,
            count: Count { passed, failed },
            took: Duration::from_millis(1500),
        };
        let shown = summary(&[done(Step::Fmt, false, 0, 0), done(Step::Tests, false, 7, 2)]);
        assert_eq!(
            shown,
            "fmt         FAILED     1.5 s\ntests       FAILED     1.5 s\n7 passed, 3 failed"
        );
        assert!(summary(&[done(Step::Tests, true, 7, 0)]).ends_with("\n7 passed, 0 failed"));
        assert!(summary(&[done(Step::Tests, false, 0, 0)]).ends_with("\n0 passed, 1 failed"));
    }
}
