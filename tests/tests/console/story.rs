//! What somebody does in the console, played by a browser in a process of its own. It tells how far it is, and waits there.

use std::process::Stdio;
use std::time::Duration;

use deskhand_tests::chromium;
use deskhand_tests::node::Packages;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Longest wait for the next step. It ends a test that hangs; no test is about how long something takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// A story that is being played; it ends with this value.
pub(crate) struct Story {
    _child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Story {
    /// Begins `tests/clients/console/<name>.mjs` with the console that is below `base`. `given` is what else it needs.
    pub(crate) async fn begin(name: &str, base: &str, token: &str, mut given: Value) -> Self {
        let script = format!("{name}.mjs");
        let packages = tokio::task::spawn_blocking(|| Packages::of("console")).await.unwrap();
        let mut command = Command::from(packages.command(script));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut story = Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()).lines(),
            _child: child,
        };
        given["chromium"] = json!(chromium::program());
        given["base"] = json!(base);
        given["token"] = json!(token);
        story.say(&given).await;
        story
    }

    /// Waits until it is somewhere; gives what it tells there.
    pub(crate) async fn until(&mut self, place: &str) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("waited in vain: {place}")).unwrap();
        let line = line.unwrap_or_else(|| panic!("it has ended before it was at: {place}"));
        let told: Value = serde_json::from_str(&line).unwrap();
        if let Some(why) = told["failed"].as_str() {
            panic!("before it was at `{place}`: {why}");
        }
        assert_eq!(told["at"], place, "{told}");
        told
    }

    /// Lets it go on.
    pub(crate) async fn go_on(&mut self) {
        self.say(&json!({})).await;
    }

    async fn say(&mut self, what: &Value) {
        self.stdin.write_all(format!("{what}\n").as_bytes()).await.unwrap();
        self.stdin.flush().await.unwrap();
    }
}
