//! The protocol's own conformance suite: against fixture tools of the suite's names on the product's HTTP stack, and
//! against an ordinary token of the demo.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

mod fixtures;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use deskhand_tests::desk::Served;
use deskhand_tests::node::{Packages, run};
use serde_json::{Value, json};

/// The revisions that there are requirements for: the last one with a handshake, and the one without.
const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// What is known to fail against a kind of server. The suite fails where one of these does not.
fn expected(server: &str, revision: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/conformance/expected");
    folder.join(format!("{server}-{revision}.yaml"))
}

/// What a run came to.
struct Outcome {
    /// Everything that it said.
    told: String,
    /// The worst verdict of each check, by scenario and check.
    checks: BTreeMap<(String, String), String>,
    /// Whether nothing failed but what had to.
    good: bool,
}

/// Runs the requirements of a revision against an MCP server.
fn suite(url: &str, revision: &str, expected: &Path) -> Outcome {
    let packages = Packages::of("conformance");
    let results = tempfile::tempdir().unwrap();
    let mut suite = packages.command("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    suite.args(["server", "--url", url, "--requirements", revision, "--output-dir"]);
    suite.arg(results.path()).arg("--expected-failures").arg(expected);
    let output = run(&mut suite);
    let mut checks = BTreeMap::new();
    for folder in fs::read_dir(results.path()).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        // server-<scenario>-<time>, the time as 2026-01-01T00-00-00-000Z.
        let scenario = &name["server-".len()..name.len() - "-2026-01-01T00-00-00-000Z".len()];
        let found: Vec<Value> = serde_json::from_slice(&fs::read(folder.path().join("checks.json")).unwrap()).unwrap();
        for check in found {
            let id = check["id"].as_str().unwrap().to_owned();
            let verdict = check["status"].as_str().unwrap().to_owned();
            let worst = checks
                .entry((scenario.to_owned(), id))
                .or_insert_with(|| verdict.clone());
            if verdict == "FAILURE" {
                *worst = verdict;
            }
        }
    }
    Outcome {
        told: [output.stdout, output.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .concat(),
        checks,
        good: output.status.success(),
    }
}

impl Outcome {
    fn passed(&self, scenario: &str) -> bool {
        let mut checks = self.checks.iter().filter(|((of, _), _)| of == scenario).peekable();
        checks.peek().is_some() && checks.all(|(_, verdict)| verdict == "SUCCESS" || verdict == "INFO")
    }
}

/// What has to pass whatever is expected to fail, so that no list of excuses can empty the run.
const ALWAYS: [&str; 3] = ["tools-list", "tools-call-simple-text", "dns-rebinding-protection"];

/// What the fixtures have to pass besides, by revision; the last of each are not among what the revision requires.
const FIXTURES: [(&str, &[&str]); 2] = [
    ("2025-11-25", &["server-initialize", "ping", "json-schema-2020-12"]),
    (
        "2026-07-28",
        &[
            "http-custom-header-server-validation",
            "http-header-validation",
            "json-schema-2020-12",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn fixtures_conform() {
    let served = fixtures::Served::start().await;
    for (revision, besides) in FIXTURES {
        let outcome = tokio::task::block_in_place(|| suite(&served.url, revision, &expected("fixtures", revision)));
        assert!(outcome.good, "{revision}\n{}", outcome.told);
        let content = [
            "image",
            "audio",
            "embedded-resource",
            "mixed-content",
            "error",
            "with-progress",
        ];
        let content = content.map(|kind| format!("tools-call-{kind}"));
        let content = content.iter().map(String::as_str);
        for scenario in content.chain(ALWAYS).chain(besides.iter().copied()) {
            assert!(outcome.passed(scenario), "{revision}: {scenario}\n{}", outcome.told);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_token_conforms() {
    let served = Served::of(&["demo", "--listen", "127.0.0.1:0"], &[]).await;
    for revision in REVISIONS {
        let outcome = tokio::task::block_in_place(|| suite(&served.url, revision, &expected("demo", revision)));
        assert!(outcome.good, "{revision}\n{}", outcome.told);
        for scenario in ALWAYS {
            assert!(outcome.passed(scenario), "{revision}: {scenario}\n{}", outcome.told);
        }
    }
}

/// What is excused is what the server does not say that it has, or what only a fixture can show.
#[tokio::test]
async fn only_undeclared_features_are_excused() {
    let served = Served::of(&["demo", "--listen", "127.0.0.1:0"], &[]).await;
    let client = served.client().await;
    let declared = json!(client.peer_info().unwrap().capabilities);
    assert_eq!(declared, json!({"tools": {"listChanged": true}}));
    for (server, revision) in ["fixtures", "demo"]
        .into_iter()
        .flat_map(|server| REVISIONS.map(|of| (server, of)))
    {
        let file = expected(server, revision);
        let text = fs::read_to_string(&file).unwrap();
        let mut excused = BTreeSet::new();
        for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("- ")) {
            let told = || format!("{}: {line}", file.display());
            let (check, reason) = line
                .split_once(" # ")
                .unwrap_or_else(|| panic!("no reason: {}", told()));
            assert!(check.contains(':'), "not a single check: {}", told());
            assert!(excused.insert(check), "twice: {}", told());
            let of_a_fixture = reason.starts_with("fixture tool only: ") && server == "demo";
            assert!(UNDECLARED.contains(&reason) || of_a_fixture, "{}", told());
        }
        assert!(!excused.is_empty());
    }
}

/// Why a check may fail: the server does not declare what it is about.
const UNDECLARED: [&str; 8] = [
    "completions are not declared",
    "elicitation: the server never asks the client for input",
    "logging is not declared",
    "no tool asks the client anything (input_required)",
    "prompts are not declared",
    "resources are not declared",
    "sampling: the server never asks the client for a completion",
    "sessions are not offered, so no session id is given",
];
