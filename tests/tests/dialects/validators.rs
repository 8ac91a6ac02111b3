//! Lowered schemas, checked by the packages that the makers of models give to developers.

use std::io::Write as _;
use std::process::Stdio;

use deskhand_runtime::dialect::Dialect;
use deskhand_tests::desk::run;
use deskhand_tests::python::Tools;
use serde_json::{Value, json};

/// What the packages find wrong with these tools.
fn wrong(tools: &Tools, dialect: &str, listed: &Value) -> Vec<String> {
    let mut python = tools.command("python");
    python.arg("tests/clients/dialects/check.py");
    let mut started = python
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = json!({ "dialect": dialect, "tools": listed }).to_string();
    // Written aside: the program may answer before it has read all.
    let mut stdin = started.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let output = started.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{dialect}: {told}"))
}

/// The tools as the command line prints them.
fn printed(dialect: &str) -> Value {
    let output = run(&["tools", "--dialect", dialect, "--format", "json"], &[], "");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_makers_packages_take_every_tool() {
    let tools = Tools::of("dialects");
    for dialect in Dialect::ALL.map(Dialect::word) {
        let listed = printed(dialect);
        assert!(listed.as_array().unwrap().len() > 300, "{dialect}");
        let found = wrong(&tools, dialect, &listed);
        assert!(found.is_empty(), "{dialect}:\n{}", found.join("\n"));
    }
}

#[test]
fn the_packages_find_what_is_not_lowered() {
    let tools = Tools::of("dialects");
    let full = printed("mcp");
    assert!(wrong(&tools, "openai-strict", &full).len() > 100);
    assert!(wrong(&tools, "gemini", &full).len() > 5);
    let odd = |property: Value| {
        let schema = json!({ "type": "object", "properties": { "a": property } });
        json!([{ "name": "a_tool", "description": "Does it.", "input_schema": schema }])
    };
    assert_eq!(
        wrong(&tools, "gemini", &odd(json!({ "type": "string", "const": "a" }))).len(),
        1
    );
    assert_eq!(wrong(&tools, "mcp", &odd(json!({ "type": "text" }))).len(), 1);
    let unnamed = json!([{ "name": 5, "description": "Does it.", "input_schema": { "type": "object" } }]);
    assert_eq!(wrong(&tools, "anthropic", &unnamed).len(), 1);
    assert_eq!(wrong(&tools, "openai", &unnamed).len(), 1);
}
