//! What the tools cost a model: bytes and tokens of name, description and input schema, counted by a real tokenizer.
//!
//! `docs/tokens.md` holds the tables, so that a change shows what it costs. `DESKHAND_ACCEPT=1` writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use deskhand_integrations::INTEGRATIONS;
use deskhand_tests::desk::run;
use deskhand_tests::node::{self, Packages};
use serde_json::{Value, json};
use tempfile::TempDir;

const INTRODUCTION: &str = "\
# What tools cost a model

A client gives its model the name, the description and the input schema of each tool; output schemas, annotations and titles
are for the client. Bytes are those of the three as compact JSON, tokens those of the o200k vocabulary. `--methods` and `--tags`
choose tools, `--discovery` offers three by which the others are found. An account that names its website, say, or defines
members of its own has other schemas than these.
";

/// A tool as a model gets it.
struct Tool {
    category: String,
    tags: Vec<String>,
    text: String,
    tokens: u64,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn told(arguments: &[&str]) -> Vec<Value> {
    let output = run(arguments, &[], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn for_models(tool: &Value) -> String {
    json!({
        "name": tool["name"],
        "description": tool["description"],
        "input_schema": tool["input_schema"],
    })
    .to_string()
}

fn tools(slug: &str) -> Vec<Tool> {
    let told = told(&["tools", slug, "--format", "json"]);
    let tool = |tool: &Value| Tool {
        category: text(&tool["category"]),
        tags: tool["tags"].as_array().unwrap().iter().map(text).collect(),
        text: for_models(tool),
        tokens: 0,
    };
    told.iter().map(tool).collect()
}

fn row(table: &mut String, name: &str, tools: &[&Tool]) {
    let bytes: usize = tools.iter().map(|tool| tool.text.len()).sum();
    let tokens: u64 = tools.iter().map(|tool| tool.tokens).sum();
    writeln!(table, "| {name} | {} | {bytes} | {tokens} |", tools.len()).unwrap();
}

#[test]
fn tokens_of_all_tools_are_as_they_are_told() {
    let packages = Packages::of("javascript");
    let mut all: Vec<(&str, Vec<Tool>)> = INTEGRATIONS
        .iter()
        .map(|integration| (integration.title, tools(integration.slug)))
        .collect();
    let texts: Vec<&str> = all
        .iter()
        .flat_map(|(_, tools)| tools)
        .map(|tool| tool.text.as_str())
        .collect();
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("texts.json");
    std::fs::write(&file, json!(texts).to_string()).unwrap();
    let counted = node::run(packages.command("tokens.mjs").arg(&file));
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
    let counted: Vec<u64> = serde_json::from_slice(&counted.stdout).unwrap();
    assert_eq!(counted.len(), texts.len());
    for (tool, tokens) in all.iter_mut().flat_map(|(_, tools)| tools).zip(counted) {
        // No tokenizer makes less than one token of eight bytes of JSON, or more than one a byte.
        assert!((tool.text.len() / 8..tool.text.len()).contains(&usize::try_from(tokens).unwrap()));
        tool.tokens = tokens;
    }

    let mut document = INTRODUCTION.to_owned();
    for (title, tools) in &all {
        writeln!(
            document,
            "\n## {title}\n\n| tools | number | bytes | tokens |\n|---|---:|---:|---:|"
        )
        .unwrap();
        let those = |chosen: &dyn Fn(&Tool) -> bool| tools.iter().filter(|tool| chosen(tool)).collect::<Vec<_>>();
        row(&mut document, "all", &those(&|_| true));
        for category in ["read", "write", "custom"] {
            let chosen = those(&|tool| tool.category == category);
            row(&mut document, &format!("`--methods {category}`"), &chosen);
        }
        let tags: BTreeSet<&String> = tools.iter().flat_map(|tool| &tool.tags).collect();
        for tag in tags {
            row(
                &mut document,
                &format!("`--tags {tag}`"),
                &those(&|tool| tool.tags.contains(tag)),
            );
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tokens.md");
    if std::env::var_os("DESKHAND_ACCEPT").is_some_and(|accept| accept == "1") {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == document,
        "docs/tokens.md is not what the tools cost now; if that is meant, run this test with DESKHAND_ACCEPT=1 and commit it"
    );
}
