//! How long regenerating takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Figure;
use crate::shell;

const RUNS: usize = 5;

/// The fastest of a few runs of a release build; the files have to be up to date.
pub(super) fn run(root: &Path) -> Result<Vec<Figure>, String> {
    let program = release_build(root)?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut command = Command::new(&program);
        command.args(["regenerate", "--check"]).current_dir(root);
        runs.push(shell::measure(command)?);
    }
    let least = |times: Vec<f64>| times.into_iter().fold(f64::INFINITY, f64::min);
    let figure = |what: &str, value| Figure {
        what: what.to_owned(),
        value,
        unit: "s",
    };
    Ok(vec![
        figure(
            "regenerate --check, processor",
            least(runs.iter().map(|used| used.cpu.as_secs_f64()).collect()),
        ),
        figure(
            "regenerate --check, clock",
            least(runs.iter().map(|used| used.wall.as_secs_f64()).collect()),
        ),
    ])
}

/// Builds this program for release and says where it is.
fn release_build(root: &Path) -> Result<PathBuf, String> {
    let mut command = shell::cargo(
        root,
        &["build", "--release", "--package", "xtask", "--message-format=json"],
    );
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| shell::cannot_run(&command, &error))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from));
    built
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("`{}` failed", shell::shown(&command)))
}
