//! `cargo xtask bench`: a table of benches, one module each.

mod compile;
mod regenerate;

use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{Outcome, Verdict};

/// Measure what it costs to build and to use the product.
///
/// Figures go to stdout, progress to stderr. Measure on an idle machine and compare only figures of
/// the same machine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask bench --list                what can be measured
  cargo xtask bench                       everything
  cargo xtask bench compile               one bench
  cargo xtask bench --format json         for comparing later")]
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
];

fn names() -> clap::builder::PossibleValuesParser {
    BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().into()
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
                Format::Text => println!(
                    "{:<12} {:<52} {:>10.3} {}",
                    bench.name, figure.what, figure.value, figure.unit
                ),
                Format::Json => all.push(json!({
                    "bench": bench.name, "what": figure.what, "value": figure.value, "unit": figure.unit
                })),
            }
        }
    }
    if arguments.format == Format::Json && !arguments.list {
        println!("{:#}", serde_json::Value::from(all));
    }
    Ok(Verdict::Good)
}
