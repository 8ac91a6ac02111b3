//! What a generated crate costs to compile.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use deskhand_codegen::report::Report;
use deskhand_codegen::source::Sources;
use deskhand_codegen::yaml;

use super::Figure;
use crate::shell;

/// Name, cargo's arguments, and the goal in seconds for 100 operations.
const PROFILES: [(&str, &[&str], f64); 3] = [
    ("check", &["check"], 1.0),
    ("debug", &["build"], 2.5),
    ("release", &["build", "--release"], 6.0),
];

/// The least of so many runs counts.
const RUNS: usize = 3;

/// Processor time of one crate alone: everything it needs is built before, and what cargo uses to
/// find out that there is nothing to do is taken off.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let sources = Sources::collect(&root.join("specs")).map_err(|error| error.to_string())?;
    let mut figures = Vec::new();
    for helpdesk in sources.helpdesks() {
        let lib = root.join("generated").join(helpdesk).join("src/lib.rs");
        if !lib.is_file() {
            eprintln!("{helpdesk} is not generated yet");
            continue;
        }
        let operations = operations(&sources, helpdesk);
        let lines = lines(&lib)?;
        figures.push(figure(helpdesk, "operations", operations as f64, ""));
        figures.push(figure(helpdesk, "generated lines", lines as f64, ""));
        for (profile, arguments, goal) in PROFILES {
            eprintln!("  {helpdesk}, {profile}");
            shell::measure(command(root, helpdesk, arguments))?;
            let idle = shell::measure(command(root, helpdesk, arguments))?;
            let mut seconds = f64::INFINITY;
            for _ in 0..RUNS {
                touch(&lib)?;
                let busy = shell::measure(command(root, helpdesk, arguments))?;
                seconds = seconds.min(busy.cpu.saturating_sub(idle.cpu).as_secs_f64());
            }
            figures.push(figure(helpdesk, profile, seconds, "s CPU"));
            if operations > 0 {
                let rate = seconds * 100.0 / operations as f64;
                let what = format!("{profile}, per 100 operations");
                figures.push(figure(helpdesk, &what, rate, "s CPU").at_most(goal));
            }
        }
    }
    Ok(figures)
}

fn figure(helpdesk: &str, what: &str, value: f64, unit: &'static str) -> Figure {
    Figure::new(format!("{helpdesk}: {what}"), value, unit)
}

fn command(root: &Path, helpdesk: &str, arguments: &[&str]) -> Command {
    let package = format!("deskhand-{helpdesk}");
    let mut command = shell::cargo(root, arguments);
    // Incremental builds would measure the cache.
    command.args(["--package", &package]).env("CARGO_INCREMENTAL", "0");
    command
}

/// Makes cargo believe that a file has changed.
fn touch(path: &Path) -> Result<(), String> {
    let touched = File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(|error| format!("{}: {error}", path.display()))
}

/// The number of operations in the specs of a helpdesk.
fn operations(sources: &Sources, helpdesk: &str) -> usize {
    let report = Report::new();
    let files = sources.files().filter(|file| file.helpdesk() == helpdesk);
    let nodes = files.filter_map(|file| yaml::parse(&file.path, &file.bytes, &report));
    nodes
        .map(|node| {
            node.get("operations")
                .map_or(0, |operations| operations.entries().len())
        })
        .sum()
}

/// Lines of the Rust files beside and below `lib.rs`.
fn lines(lib: &Path) -> Result<usize, String> {
    let mut pending = vec![lib.parent().unwrap_or(lib).to_owned()];
    let mut lines = 0;
    while let Some(directory) = pending.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
        for entry in fs::read_dir(&directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                lines += fs::read_to_string(&path).map_err(failed)?.lines().count();
            }
        }
    }
    Ok(lines)
}
