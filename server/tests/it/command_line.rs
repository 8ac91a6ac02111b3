//! The program itself.

use std::process::{Command, Output};

fn deskhand(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    for (name, _) in std::env::vars() {
        if name.starts_with("DESKHAND_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_has_examples_and_goes_to_stdout() {
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["stdio", "--help"],
        &["tools", "--help"],
        &["call", "--help"],
        &["account", "--help"],
        &["account", "create", "--help"],
        &["account", "list", "--help"],
        &["account", "get", "--help"],
        &["account", "update", "--help"],
        &["account", "delete", "--help"],
        &["account", "test", "--help"],
        &["token", "--help"],
        &["token", "create", "--help"],
        &["token", "list", "--help"],
        &["token", "revoke", "--help"],
        &["key", "--help"],
        &["key", "generate", "--help"],
        &["key", "show-id", "--help"],
        &["key", "rotate", "--help"],
        &["key", "prune", "--help"],
        &["completions", "--help"],
        &["health", "--help"],
        &["log", "--help"],
    ] {
        let output = deskhand(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).contains("Examples:"), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
    let version = deskhand(&["--version"]);
    assert_eq!(
        text(&version.stdout),
        concat!("deskhand ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_know_every_command() {
    let help = deskhand(&["--help"]);
    let commands: Vec<&str> = text(&help.stdout)
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"serve") && commands.contains(&"completions"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = deskhand(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for command in &commands {
            assert!(script.contains(command), "{command} in {shell}");
        }
        assert!(script.contains("public-url"), "{shell}");
    }
    let unknown = deskhand(&["completions", "cmd"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("fish"), "the known ones are named");
}

#[test]
fn wrong_use_is_told_on_stderr_with_exit_code_2() {
    for (arguments, told) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&[][..], "Usage"),
        (&["tools", "no-such-helpdesk"], "unknown helpdesk `no-such-helpdesk`"),
        (&["stdio", "no-such-helpdesk"], "unknown helpdesk"),
        (&["serve", "--listen", "nowhere"], "--listen"),
        (
            &["serve", "--public-url", "desk.example"],
            "https://deskhand.example.com",
        ),
        (&["serve", "--server", "no-such-helpdesk:read"], "unknown helpdesk"),
        (&["tools", "--methods", "raed"], "did you mean `read`?"),
        (&["call", "any_tool", "{"], "not JSON"),
        (&["call", "any_tool", "[1]"], "JSON object"),
    ] {
        let output = deskhand(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(told),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn an_unknown_tool_is_an_answer_with_exit_code_1() {
    let output = deskhand(&["call", "no_such_tool"]);
    assert_eq!(output.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["error"]["code"], "unknown_tool");
    assert!(output.stderr.is_empty());
}

#[test]
fn tools_can_be_printed_as_json() {
    let output = deskhand(&["tools", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let tools: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    for tool in &tools {
        let members: Vec<&str> = tool.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            members,
            [
                "name",
                "aliases",
                "integration",
                "resource",
                "method",
                "category",
                "effect",
                "tags",
                "title",
                "description",
                "http_method",
                "path",
                "input_schema",
                "output_schema"
            ]
        );
    }
}
