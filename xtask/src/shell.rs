//! Running cargo and finding the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use wait4::Wait4;

/// Root of the repository: where cargo says, or the nearest directory above that has specs.
pub(crate) fn root() -> Result<PathBuf, String> {
    if let Some(own) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
        && let Some(root) = own.parent().filter(|root| is_root(root))
    {
        return Ok(root.to_owned());
    }
    let here = std::env::current_dir().map_err(|error| format!("the current directory is unknown: {error}"))?;
    let found = here
        .ancestors()
        .find(|directory| is_root(directory))
        .map(Path::to_owned);
    found.ok_or_else(|| "run this inside the repository".to_owned())
}

fn is_root(directory: &Path) -> bool {
    directory.join("Cargo.toml").is_file() && directory.join("specs").is_dir()
}

/// A cargo command in the root of the repository.
pub(crate) fn cargo(root: &Path, arguments: &[impl AsRef<OsStr>]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root);
    // What cargo tells about this crate does not hold for others; build scripts that look at it would run anew.
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command that shows its output and says whether it succeeded.
pub(crate) fn succeeds(mut command: Command) -> Result<bool, String> {
    command
        .status()
        .map(|status| status.success())
        .map_err(|error| cannot_run(&command, &error))
}

/// Runs a `cargo build` of one program, which shows its progress, and says where the program is.
pub(crate) fn built(mut command: Command) -> Result<PathBuf, String> {
    command.arg("--message-format=json-render-diagnostics");
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_run(&command, &error))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from));
    program
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("`{}` failed", shown(&command)))
}

/// What a finished command used, its descendants included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time, user and system.
    pub(crate) cpu: Duration,
    /// Time on the clock.
    pub(crate) wall: Duration,
}

/// Runs a command quietly and measures it.
pub(crate) fn measure(mut command: Command) -> Result<Usage, String> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let start = std::time::Instant::now();
    let child = command.spawn().map_err(|error| cannot_run(&command, &error))?;
    let used = child.wait4().map_err(|error| cannot_run(&command, &error))?;
    if !used.status.success() {
        return Err(format!("`{}` failed: {}", shown(&command), used.status));
    }
    Ok(Usage {
        cpu: used.rusage.utime + used.rusage.stime,
        wall: start.elapsed(),
    })
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Why a command could not be run.
pub(crate) fn cannot_run(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` cannot be run: {error}", shown(command))
}
