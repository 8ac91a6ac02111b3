//! `cargo xtask bench`: a table of benches, one module each.

mod calls;
mod compile;
mod cores;
mod fixture;
mod list;
mod load;
mod machine;
mod memory;
mod plane;
pub(crate) mod profile;
mod program;
mod regenerate;
mod servers;
mod start;
mod stats;
mod traffic;
mod wire;

use std::path::Path;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{Outcome, Verdict};

/// Measure what it costs to build and to use the product.
///
/// Figures go to stdout, progress to stderr. Measure on an idle machine and compare only figures of
/// the same machine. What the helpdesk of the benches is asked and answers is in
/// tests/fixtures/bench.json.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask bench --list                what can be measured
  cargo xtask bench                       everything
  cargo xtask bench compile               one bench
  cargo xtask bench servers load          the control plane: many MCP servers, many connections
  cargo xtask bench --format json         for comparing later

`load` measures on SQLite, and on PostgreSQL where it is installed: one that is started in a temporary
directory and stopped at the end. DESKHAND_BIN names another server to measure than the one that is
built: two take turns when they are to be compared.")]
pub(crate) struct Arguments {
    /// Benches to run (default: all).
    #[arg(value_parser = names())]
    bench: Vec<String>,
    /// Name the benches and stop.
    #[arg(long)]
    list: bool,
    /// How to print the figures.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Something that can be measured.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Path) -> Result<Vec<Figure>, String>,
}

/// One measured number.
struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    goal: Option<Goal>,
}

/// What a value should be.
#[derive(Clone, Copy)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
        }
    }
}

impl Figure {
    fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
            goal: None,
        }
    }

    fn at_most(mut self, most: f64) -> Self {
        self.goal = Some(Goal::AtMost(most));
        self
    }

    fn at_least(mut self, least: f64) -> Self {
        self.goal = Some(Goal::AtLeast(least));
        self
    }

    /// The figure as a line of the table.
    fn line(&self, bench: &str) -> String {
        let goal = self.goal.map(|goal| {
            let verdict = if goal.is_met(self.value) { "met" } else { "missed" };
            format!("   goal {}: {verdict}", goal.words())
        });
        // Whole numbers and large ones need no decimals.
        let decimals = if self.value.fract() == 0.0 || self.value >= 1000.0 {
            0
        } else {
            3
        };
        let line = format!(
            "{bench:<11} {:<58} {:>10.decimals$} {:<6}{}",
            self.what,
            self.value,
            self.unit,
            goal.unwrap_or_default()
        );
        line.trim_end().to_owned()
    }
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "compile",
        about: "processor time to check and build each generated crate alone, whole and per 100 operations",
        run: compile::run,
    },
    Bench {
        name: "regenerate",
        about: "time to read all specs, generate everything and compare it with the disk",
        run: regenerate::run,
    },
    Bench {
        name: "start",
        about: "time from starting `deskhand stdio` to its list of tools",
        run: start::run,
    },
    Bench {
        name: "list",
        about: "size of the list of tools and time to get it from a running server",
        run: list::run,
    },
    Bench {
        name: "calls",
        about: "tool calls a second, and what the server adds to a call",
        run: calls::run,
    },
    Bench {
        name: "memory",
        about: "memory of a running server, before and after 10,000 calls",
        run: memory::run,
    },
    Bench {
        name: "servers",
        about: "list of tools and memory of a process with 1,000 stored MCP servers, against processes with one",
        run: servers::run,
    },
    Bench {
        name: "load",
        about: "256 connections at a helpdesk that takes 50 ms: calls a second, and memory over 100,000 calls",
        run: load::run,
    },
];

fn names() -> clap::builder::PossibleValuesParser {
    let values = BENCHES
        .iter()
        .map(|bench| PossibleValue::new(bench.name).help(bench.about));
    values.collect::<Vec<_>>().into()
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let chosen = |bench: &&Bench| arguments.bench.is_empty() || arguments.bench.iter().any(|name| name == bench.name);
    let mut all = Vec::new();
    for bench in BENCHES.iter().filter(chosen) {
        if arguments.list {
            println!("{:<12} {}", bench.name, bench.about);
            continue;
        }
        eprintln!("measuring {}: {}", bench.name, bench.about);
        for figure in (bench.run)(root)? {
            match arguments.format {
                Format::Text => println!("{}", figure.line(bench.name)),
                Format::Json => all.push(json!({
                    "bench": bench.name, "what": figure.what, "value": figure.value, "unit": figure.unit,
                    "goal": figure.goal.map(Goal::words)
                })),
            }
        }
    }
    if arguments.format == Format::Json && !arguments.list {
        println!("{:#}", serde_json::Value::from(all));
    }
    Ok(Verdict::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_whether_the_goal_is_met() {
        let line = Figure::new("check", 0.75, "s CPU").at_most(1.0).line("compile");
        assert!(line.starts_with("compile     check "), "{line}");
        assert!(line.ends_with("0.750 s CPU    goal at most 1: met"), "{line}");
        let line = Figure::new("check", 1.25, "s CPU").at_most(1.0).line("compile");
        assert!(line.ends_with("missed"), "{line}");
        let line = Figure::new("of ideal", 96.5, "%").at_least(95.0).line("load");
        assert!(line.ends_with("goal at least 95: met"), "{line}");
        assert!(!Goal::AtLeast(95.0).is_met(94.9));
        assert!(Figure::new("tools", 50.0, "").line("start").ends_with(" 50"));
    }
}
