//! What an operator does from the shell: reading the log, asking for health.

use std::process::Stdio;

use deskhand::store::sql::SqlStore;
use deskhand::store::{CallRow, Store as _};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::installation::Installation;

/// A database with a log, and the program working on it.
struct Shell {
    directory: TempDir,
    store: SqlStore,
}

fn call(id: &str, at: i64, code: &str) -> CallRow {
    CallRow {
        id: id.to_owned(),
        at,
        account_id: "acc_1".to_owned(),
        integration: "toy-shop".to_owned(),
        tool: "toy_boxes_shake".to_owned(),
        method: "shake".to_owned(),
        door: "run".to_owned(),
        code: code.to_owned(),
        client_name: Some("raw\u{1b}[31m".to_owned()),
        client_version: Some("1".to_owned()),
        ..CallRow::default()
    }
}

impl Shell {
    async fn open() -> Self {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("deskhand.db");
        let store = SqlStore::open(file.to_str().unwrap()).await.unwrap();
        Self { directory, store }
    }

    fn deskhand(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
        command
            .env_clear()
            .env("DESKHAND_DATA_DIR", self.directory.path())
            .args(arguments)
            .kill_on_drop(true);
        command
    }

    async fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.deskhand(arguments).output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test]
async fn the_log_is_read_newest_last() {
    let shell = Shell::open().await;
    let now = deskhand::access::now();
    let rows = [
        call("c1", now - 7_200_000, "ok"),
        call("c2", now - 60_000, "rate_limited"),
        call("c3", now - 30_000, "ok"),
    ];
    shell.store.insert_calls(&rows).await.unwrap();
    for (arguments, expected) in [
        (&["log"][..], &["c1", "c2", "c3"][..]),
        (&["log", "--limit", "2"], &["c2", "c3"]),
        (&["log", "--code", "error"], &["c2"]),
        (&["log", "--since", "1h"], &["c2", "c3"]),
        (&["log", "--since", "1h", "--until", "45s"], &["c2"]),
        (&["log", "--tool", "toy_boxes_shake", "--account", "acc_2"], &[]),
        (&["log", "--mcp-server", "mcp_1"], &[]),
    ] {
        let json = shell.stdout(&[arguments, &["--format", "json"]].concat()).await;
        let shown: Value = serde_json::from_str(&json).unwrap();
        let ids: Vec<&str> = shown
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{arguments:?}");
    }
    let table = shell.stdout(&["log"]).await;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(
        lines[0].trim_start().starts_with("TIME") && lines[2].contains("rate_limited"),
        "{table}"
    );
    assert!(
        !table.contains('\u{1b}'),
        "a client's name takes no command of the terminal"
    );
    let refused = shell.deskhand(&["log", "--code", "rate-limit"]).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`rate_limited`"));
}

#[tokio::test]
async fn the_log_is_followed() {
    let shell = Shell::open().await;
    let now = deskhand::access::now();
    shell
        .store
        .insert_calls(&[call("c1", now - 9000, "ok"), call("c2", now - 8000, "ok")])
        .await
        .unwrap();
    let mut followed = shell.deskhand(&["log", "--follow", "--limit", "1", "--format", "json"]);
    let mut followed = followed.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(followed.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = lines.next_line().await.unwrap().expect("it goes on");
        let row: Value = serde_json::from_str(&line).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(next().await, "c2");
    // Calls that took long are logged later than some that began after them.
    shell.store.insert_calls(&[call("c4", now + 10, "ok")]).await.unwrap();
    assert_eq!(next().await, "c4");
    shell.store.insert_calls(&[call("c3", now + 5, "ok")]).await.unwrap();
    assert_eq!(next().await, "c3");
    shell.store.insert_calls(&[call("c5", now + 20, "ok")]).await.unwrap();
    assert_eq!(next().await, "c5", "nothing is shown twice");
}

#[tokio::test]
async fn health_is_asked_by_the_program_itself() {
    let shell = Shell::open().await;
    let installation = Installation::start().await;
    let address = installation.base.trim_start_matches("http://").to_owned();
    assert_eq!(
        shell.stdout(&["health", "--listen", &address]).await.trim(),
        r#"{"status":"ready"}"#
    );
    assert_eq!(
        shell.stdout(&["health", "--live", "--listen", &address]).await.trim(),
        r#"{"status":"ok"}"#
    );
    installation.store.close().await;
    let told = loop {
        let output = shell
            .deskhand(&["health", "--listen", &address])
            .output()
            .await
            .unwrap();
        if output.status.code() != Some(0) {
            assert_eq!(output.status.code(), Some(1));
            break String::from_utf8(output.stderr).unwrap();
        }
    };
    assert!(told.contains("the database does not answer"), "{told}");
    let port = address.rsplit_once(':').unwrap().1;
    let everywhere = format!("0.0.0.0:{port}");
    shell.stdout(&["health", "--live", "--listen", &everywhere]).await;
    drop(installation);
    let nobody = shell
        .deskhand(&["health", "--live", "--listen", "127.0.0.1:9"])
        .output()
        .await
        .unwrap();
    assert_eq!(nobody.status.code(), Some(1));
}
