//! How long regenerating takes.

use std::path::Path;
use std::process::Command;

use super::{Figure, program};
use crate::shell;

const RUNS: usize = 5;

/// The fastest of a few runs of a release build; the files have to be up to date.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = program::build(root, "xtask", "release")?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut command = Command::new(&program);
        command.args(["regenerate", "--check"]).current_dir(root);
        runs.push(shell::measure(command)?);
    }
    let least = |times: Vec<f64>| times.into_iter().fold(f64::INFINITY, f64::min);
    let cpu = least(runs.iter().map(|used| used.cpu.as_secs_f64()).collect());
    let wall = least(runs.iter().map(|used| used.wall.as_secs_f64()).collect());
    Ok(vec![
        Figure::new("regenerate --check, processor", cpu, "s CPU").at_most(1.0),
        Figure::new("regenerate --check, clock", wall, "s"),
    ])
}
