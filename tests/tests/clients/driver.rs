//! A client in a process of its own, told what to do in lines of JSON.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::roster::{Era, Roster};

/// Longest wait for an answer. It ends a test that hangs; no test is about how long something takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client's process; it ends with this value.
pub(crate) struct Driver {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    /// What the client keeps for its user.
    _home: TempDir,
}

/// What a client made of a command.
#[derive(Clone, Debug)]
pub(crate) struct Reply(pub(crate) Value);

impl Driver {
    /// Starts the client.
    pub(crate) fn start(client: &Roster) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = client.command();
        command
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if std::env::var_os("DESKHAND_SHOW_CLIENTS").is_some() {
                Stdio::inherit()
            } else {
                Stdio::null()
            });
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ] {
            command.env_remove(name);
        }
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            stdin,
            stdout,
            _home: home,
        }
    }

    /// Gives a command and waits for the answer.
    pub(crate) async fn ask(&mut self, command: Value) -> Reply {
        self.stdin.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        self.stdin.flush().await.unwrap();
        let line = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("no answer to {command}")).unwrap();
        let line = line.unwrap_or_else(|| panic!("the driver has ended at {command}"));
        Reply(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    pub(crate) async fn open(&mut self, url: &str, era: Era) -> Reply {
        self.ask(json!({"do": "open", "url": url, "era": era.word()})).await
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: &Value) -> Reply {
        self.ask(json!({"do": "call", "tool": tool, "arguments": arguments}))
            .await
    }

    /// Begins a call, and does not wait for what becomes of it.
    pub(crate) async fn begin(&mut self, tool: &str, arguments: &Value) {
        let begun = self
            .ask(json!({"do": "start", "tool": tool, "arguments": arguments}))
            .await;
        assert!(begun.is_ok(), "{begun:?}");
    }

    pub(crate) async fn abort(&mut self) -> Reply {
        self.ask(json!({"do": "abort"})).await
    }

    /// Opens a server, to be told when its tools change.
    pub(crate) async fn follow(&mut self, url: &str, era: Era) -> Reply {
        self.ask(json!({"do": "follow", "url": url, "era": era.word()})).await
    }

    /// The names of the tools, as the client has read them once it was told that they have changed.
    pub(crate) async fn changed(&mut self) -> Reply {
        self.ask(json!({"do": "changed"})).await
    }

    pub(crate) async fn close(&mut self) -> Reply {
        self.ask(json!({"do": "close"})).await
    }

    /// Ends the process, whatever it is at.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

impl Reply {
    /// Whether there was nothing to say.
    pub(crate) fn is_ok(&self) -> bool {
        self.0["ok"] == true
    }

    /// What the client has no way to do, with the reason.
    pub(crate) fn impossible(&self) -> Option<&str> {
        self.0["impossible"].as_str()
    }

    /// What the client throws.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.0["failed"].as_str()
    }

    /// The answer of a tool that has not failed.
    pub(crate) fn answer(&self) -> Result<&Value, String> {
        if self.0["answer"].is_object() && self.0["error"] == false {
            return Ok(&self.0["answer"]);
        }
        let told = self.0.to_string();
        Err(told.chars().take(300).collect())
    }

    /// What a person or a model is shown.
    pub(crate) fn shown(&self) -> &str {
        self.failed().or_else(|| self.0["shown"].as_str()).unwrap_or_default()
    }

    /// The error of the contract in what is shown, and where it stands there.
    pub(crate) fn contract_error(&self) -> Option<(Value, std::ops::Range<usize>)> {
        let shown = self.shown();
        let start = shown.find("{\"error\":{\"status\":")?;
        let mut read = serde_json::Deserializer::from_str(&shown[start..]).into_iter::<Value>();
        let mut value = read.next()?.ok()?;
        Some((value["error"].take(), start..start + read.byte_offset()))
    }
}
