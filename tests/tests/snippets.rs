//! What `deskhand mcp snippet` prints for AI clients, and that docs/connect shows the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use deskhand_tests::desk::command;
use serde_json::Value;
use tempfile::TempDir;

const CLIENTS: [&str; 10] = [
    "claude",
    "claude-desktop",
    "claude-code",
    "chatgpt",
    "cursor",
    "vscode",
    "langchain",
    "ai-sdk",
    "crewai",
    "openai-agents",
];

/// The program, with a database of its own.
struct Plane(TempDir);

impl Plane {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = command(arguments, &[]);
        command
            .env("DESKHAND_DATA_DIR", self.0.path())
            .env("DESKHAND_MASTER_KEY", "0f".repeat(32))
            .env("DESKHAND_PUBLIC_URL", "https://deskhand.example.com")
            .stdin(Stdio::null());
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// An MCP server: its id and its token.
    fn server(&self, account: &str, options: &[&str]) -> (String, String) {
        let create = ["mcp", "create", account, "--name", "A server", "--methods", "read"];
        let made = self.json(&[&create, options].concat());
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("id"), text("token"))
    }
}

fn plane() -> (Plane, String) {
    let plane = Plane(TempDir::new().unwrap());
    let account = [
        "account",
        "create",
        "desk365",
        "--name",
        "Acme",
        "--variable",
        "subdomain=acme",
        "--credential",
        "api_key=k3y",
    ];
    let made = plane.json(&account);
    let id = made["id"].as_str().unwrap().to_owned();
    (plane, id)
}

/// Whether a program reads a text without a fault.
fn read_by(program: &str, arguments: &[&str], name: &str, text: &str) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join(name);
    std::fs::write(&file, text).unwrap();
    let output = Command::new(program).args(arguments).arg(&file).output().unwrap();
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn parse(language: &str, text: &str) {
    match language {
        "json" => drop(serde_json::from_str::<Value>(text).unwrap()),
        "shell" => read_by("bash", &["-n"], "snippet.sh", text),
        "python" => read_by("python3", &["-m", "py_compile"], "snippet.py", text),
        "javascript" => read_by("node", &["--check"], "snippet.mjs", text),
        "url" => drop(url::Url::parse(text).unwrap()),
        other => panic!("{other} is not known"),
    }
}

#[test]
fn every_client_gets_a_text_that_can_be_read_and_holds_the_address() {
    let (plane, account) = plane();
    for options in [&[][..], &["--require-api-token"]] {
        let (id, token) = plane.server(&account, options);
        for client in CLIENTS {
            let arguments = ["mcp", "snippet", &id, "--client", client, "--token", &token];
            if !options.is_empty() && ["claude", "chatgpt"].contains(&client) {
                let output = plane.run(&arguments);
                assert_eq!(output.status.code(), Some(1), "{client}");
                assert!(String::from_utf8_lossy(&output.stderr).contains("cannot send an API token"));
                continue;
            }
            let snippet = plane.json(&arguments);
            let text = snippet["snippet"].as_str().unwrap();
            parse(snippet["language"].as_str().unwrap(), text);
            assert!(
                text.contains(&format!("https://deskhand.example.com/mcp/{token}")),
                "{text}"
            );
            assert_eq!(text.contains("DESKHAND_API_TOKEN"), !options.is_empty(), "{text}");
            assert_eq!(text.contains("Authorization"), !options.is_empty(), "{text}");
            // On a terminal the text alone is on stdout, so that it can be written into a file.
            let plain = plane.run(&arguments);
            assert_eq!(String::from_utf8(plain.stdout).unwrap().trim_end(), text.trim_end());
        }
    }
}

#[test]
fn a_token_of_another_server_is_refused_and_none_leaves_a_place_for_it() {
    let (plane, account) = plane();
    let ((id, _), (_, other)) = (plane.server(&account, &[]), plane.server(&account, &[]));
    let output = plane.run(&["mcp", "snippet", &id, "--client", "cursor", "--token", &other]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("mcp rotate") && !told.contains(&other), "{told}");
    let snippet = plane.json(&["mcp", "snippet", &id, "--client", "cursor"]);
    let text = snippet["snippet"].as_str().unwrap();
    assert!(text.contains("https://deskhand.example.com/mcp/TOKEN"), "{text}");
    let output = plane.run(&["mcp", "snippet", "mcp_none", "--client", "cursor"]);
    assert_eq!(output.status.code(), Some(1));
}

/// The fenced texts of docs/connect that name a client.
fn shown() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/connect");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut parts = text.split("```");
        while let (Some(_), Some(fenced)) = (parts.next(), parts.next()) {
            let (head, body) = fenced.split_once('\n').unwrap();
            if let Some((_, client)) = head.split_once(' ') {
                found.insert(client.to_owned(), body.to_owned());
            }
        }
    }
    found
}

#[test]
fn the_pages_show_what_the_command_prints() {
    let (plane, account) = plane();
    let (id, token) = plane.server(&account, &[]);
    let mut shown = shown();
    for client in CLIENTS {
        let snippet = plane.json(&["mcp", "snippet", &id, "--client", client, "--token", &token]);
        let printed = snippet["snippet"].as_str().unwrap().replace(&token, "dh_token");
        let page = shown.remove(client).unwrap_or_default();
        assert_eq!(page.trim_end(), printed.trim_end(), "docs/connect, {client}");
    }
    assert!(shown.is_empty(), "no such clients: {shown:?}");
}
