//! The release build of the product as a process to be measured.

use std::io::BufReader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::shell;

/// Builds one of the workspace's programs for release and says where it is.
pub(super) fn release_build(root: &Path, package: &str) -> Result<PathBuf, String> {
    let mut command = shell::cargo(
        root,
        &[
            "build",
            "--release",
            "--package",
            package,
            "--message-format=json-render-diagnostics",
        ],
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

/// `deskhand` with an account at this upstream, and nothing else from the environment.
pub(super) fn command(program: &Path, arguments: &[&str], upstream: SocketAddr) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DESKHAND_") {
            command.env_remove(&name);
        }
    }
    command
        .args(arguments)
        .env("DESKHAND_DESK365_BASE_URL", format!("http://{upstream}/apis"))
        .env("DESKHAND_DESK365_SUBDOMAIN", "acme")
        .env("DESKHAND_DESK365_API_KEY", "0123456789abcdef");
    command
}

/// A running `deskhand serve`; it ends with this value.
pub(super) struct Served {
    child: Child,
    /// What it keeps, such as its database.
    _data: TempDir,
    /// Kept open, since the program goes on printing after its address.
    _stdout: Option<BufReader<ChildStdout>>,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Path of its MCP server, token included.
    pub(super) path: String,
}

impl Served {
    /// Starts it on a free port of the loopback address.
    pub(super) fn start(program: &Path, upstream: SocketAddr) -> Result<Self, String> {
        let data = TempDir::new().map_err(|error| format!("no directory for data can be made: {error}"))?;
        let mut command = command(program, &["serve", "--listen", "127.0.0.1:0"], upstream);
        command
            .env("DESKHAND_DATA_DIR", data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| shell::cannot_run(&command, &error))?;
        let mut stdout = child.stdout.take().map(BufReader::new);
        match stdout.as_mut().and_then(told_address) {
            Some((address, path)) => Ok(Self {
                child,
                _data: data,
                _stdout: stdout,
                address,
                path,
            }),
            None => {
                end(&mut child);
                Err(format!("`{}` told no address", shell::shown(&command)))
            }
        }
    }

    /// What the system says about its memory now.
    pub(super) fn memory(&self) -> Option<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: f64 = line.trim_start_matches(':').trim().split(' ').next()?.parse().ok()?;
            Some(kibibytes / 1024.0)
        };
        Some(Memory {
            resident: mebibytes("VmRSS")?,
            peak: mebibytes("VmHWM")?,
        })
    }

    /// Processor time it has used so far, to a hundredth of a second.
    pub(super) fn cpu(&self) -> Option<Duration> {
        /// Linux counts in hundredths of a second, whatever the kernel's own tick is.
        const TICK: Duration = Duration::from_millis(10);
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name in parentheses may hold blanks; user and system time are the 14th and 15th fields.
        let after = stat.rsplit_once(')')?.1;
        let mut fields = after.split_whitespace().skip(11);
        let user: u32 = fields.next()?.parse().ok()?;
        let system: u32 = fields.next()?.parse().ok()?;
        Some(TICK * (user + system))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Memory of a process, in MiB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// Resident now.
    pub(super) resident: f64,
    /// The most that was ever resident.
    pub(super) peak: f64,
}

/// Ends a process and waits until it is gone.
pub(super) fn end(child: &mut Child) {
    // It may be gone already, which is as well.
    let _ = child.kill();
    let _ = child.wait();
}

/// Address and path of the first MCP server in an announcement. The rest, which fits a pipe, is not read.
fn told_address(stdout: impl std::io::BufRead) -> Option<(SocketAddr, String)> {
    stdout.lines().map_while(Result::ok).find_map(|line| {
        let (address, token) = line.trim().strip_prefix("http://")?.split_once("/mcp/")?;
        Some((address.parse().ok()?, format!("/mcp/{token}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address() {
        let text = "MCP servers on http://127.0.0.1:5\n\n  A, 50 tools\n  http://127.0.0.1:5/mcp/dh_x\n";
        let (address, path) = told_address(text.as_bytes()).expect("it is there");
        assert_eq!((address.port(), path.as_str()), (5, "/mcp/dh_x"));
        assert!(told_address("error: no account\n".as_bytes()).is_none());
    }
}
