//! The product, built as it is shipped, as a process to be measured.

use std::io::BufReader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::fixture::Fixture;
use super::machine;
use crate::shell;

/// The server to be measured: built as it is shipped, unless `DESKHAND_BIN` names another one to compare with.
pub(super) fn server(root: &Path) -> Result<PathBuf, String> {
    match std::env::var_os("DESKHAND_BIN") {
        Some(named) => Ok(named.into()),
        None => build(root, "deskhand", "dist"),
    }
}

/// Builds one of the workspace's programs and says where it is.
pub(super) fn build(root: &Path, package: &str, profile: &str) -> Result<PathBuf, String> {
    let arguments = ["build", "--profile", profile, "--package", package];
    shell::built(shell::cargo(root, &arguments))
}

/// `deskhand`, with nothing from the environment but this.
pub(super) fn command(program: &Path, arguments: &[&str], environment: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DESKHAND_") {
            command.env_remove(&name);
        }
    }
    command.args(arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// Without limits of the server's own; it asks the helpdesk nothing by itself, which would change lists of tools.
const UNLIMITED: [&str; 6] = [
    "--token-limit",
    "none",
    "--account-limit",
    "none",
    "--fields-interval",
    "none",
];

/// A running `deskhand serve`; it ends with this value.
pub(super) struct Served {
    child: Child,
    /// What it keeps, such as its database.
    _data: TempDir,
    /// Kept open, since the program goes on printing after its address.
    _stdout: Option<BufReader<ChildStdout>>,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What opens it: the path of its MCP server, token included, or an API token.
    pub(super) key: String,
}

impl Served {
    /// Starts it for an account of the fixture in the environment, which has an MCP server, without limits of its own.
    pub(super) fn declared(program: &Path, fixture: &Fixture, upstream: SocketAddr) -> Result<Self, String> {
        let environment = fixture.environment(&upstream.to_string());
        Self::start(program, &UNLIMITED, &environment, told_address)
    }

    /// Starts it on an empty database, a file of its own or the one named, without limits of its own.
    pub(super) fn empty(program: &Path, database: Option<&str>) -> Result<Self, String> {
        let mut arguments = UNLIMITED.to_vec();
        arguments.extend(database.iter().flat_map(|url| ["--database", url]));
        Self::start(program, &arguments, &[], told_token)
    }

    fn start(
        program: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
        told: impl Fn(&mut BufReader<ChildStdout>) -> Option<(SocketAddr, String)>,
    ) -> Result<Self, String> {
        let data = TempDir::new().map_err(|error| format!("no directory for data can be made: {error}"))?;
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = command(program, &arguments, environment);
        command
            .env("DESKHAND_DATA_DIR", data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| shell::cannot_run(&command, &error))?;
        let mut stdout = child.stdout.take().map(BufReader::new);
        match stdout.as_mut().and_then(told) {
            Some((address, key)) => Ok(Self {
                child,
                _data: data,
                _stdout: stdout,
                address,
                key,
            }),
            None => {
                end(&mut child);
                // The arguments can hold a password.
                Err("`deskhand serve` told no address".to_owned())
            }
        }
    }

    /// Tells it to stop, as an operator does, and waits until it has ended.
    pub(super) fn stop(mut self) -> Result<(), String> {
        terminate(&self.child)?;
        let ended = self.child.wait().map_err(|error| error.to_string())?;
        if ended.success() {
            Ok(())
        } else {
            Err(format!("`deskhand serve` ended with {ended}"))
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
        machine::used_by(&self.child.id().to_string())
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

#[cfg(unix)]
fn terminate(child: &Child) -> Result<(), String> {
    use rustix::process::{Pid, Signal, kill_process};
    kill_process(Pid::from_child(child), Signal::TERM).map_err(|error| error.to_string())
}

#[cfg(not(unix))]
fn terminate(_child: &Child) -> Result<(), String> {
    Err("this system knows no way to tell a process to stop".to_owned())
}

/// Ends a process and waits until it is gone.
pub(super) fn end(child: &mut Child) {
    // It may be gone already, which is as well.
    let _ = child.kill();
    let _ = child.wait();
}

/// Address and path of the first MCP server in an announcement. The rest, which fits a pipe, is not read.
fn told_address(stdout: &mut BufReader<ChildStdout>) -> Option<(SocketAddr, String)> {
    address_in(stdout)
}

fn address_in(stdout: impl std::io::BufRead) -> Option<(SocketAddr, String)> {
    stdout.lines().map_while(Result::ok).find_map(|line| {
        let (address, token) = line.trim().strip_prefix("http://")?.split_once("/mcp/")?;
        Some((address.parse().ok()?, format!("/mcp/{token}")))
    })
}

/// Address and API token of a server on an empty database.
fn told_token(stdout: &mut BufReader<ChildStdout>) -> Option<(SocketAddr, String)> {
    token_in(stdout)
}

fn token_in(stdout: impl std::io::BufRead) -> Option<(SocketAddr, String)> {
    let mut address = None;
    stdout.lines().map_while(Result::ok).find_map(|line| {
        if let Some(told) = line.strip_prefix("Deskhand on http://") {
            address = told.parse().ok();
        }
        let token = line.trim();
        token.starts_with("dh_").then_some(())?;
        Some((address?, token.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address() {
        let text = "MCP servers on http://127.0.0.1:5\n\n  A, 50 tools\n  http://127.0.0.1:5/mcp/dh_x\n";
        let (address, path) = address_in(text.as_bytes()).expect("it is there");
        assert_eq!((address.port(), path.as_str()), (5, "/mcp/dh_x"));
        assert!(address_in("error: no account\n".as_bytes()).is_none());
    }

    #[test]
    fn finds_the_token() {
        let text = "Deskhand on http://127.0.0.1:5\n\nAPI token first (tok_1):\n\n  dh_x\n\nIt opens\n";
        let (address, token) = token_in(text.as_bytes()).expect("it is there");
        assert_eq!((address.port(), token.as_str()), (5, "dh_x"));
        assert!(token_in("Deskhand on http://127.0.0.1:5\n".as_bytes()).is_none());
    }
}
