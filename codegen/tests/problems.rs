//! One failing sample for each rule, with the report that its author gets to read.
//!
//! A sample is a folder called like the rule. Its files replace those of `problems/base`; a file
//! `<name>.absent` takes `<name>` away. The report is in `expected.txt`, written anew when the
//! environment has `DESKHAND_ACCEPT=1`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use deskhand_codegen::check::all_rules;
use deskhand_codegen::generate;
use deskhand_codegen::report::Report;
use deskhand_codegen::source::Sources;

type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems")
}

fn files_in(folder: &Path) -> Files {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

fn samples() -> BTreeSet<String> {
    std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "base")
        .collect()
}

/// The base with the sample laid over it.
fn files_of(rule: &str) -> Files {
    let mut files = files_in(&folder().join("base"));
    for (name, bytes) in files_in(&folder().join(rule)) {
        match name.strip_suffix(".absent") {
            Some(taken) => drop(files.remove(taken)),
            None if name.ends_with(".yaml") => drop(files.insert(name, bytes)),
            None => {}
        }
    }
    // Too large for a repository.
    if rule == "yaml-size"
        && let Some(bytes) = files.get_mut("things.yaml")
    {
        bytes.resize(5 << 20, b'\n');
    }
    files
}

fn run(files: Files) -> (Report, String) {
    let sources = Sources::in_memory(files.into_iter().map(|(name, bytes)| (format!("sample/{name}"), bytes)));
    let (generated, report) = generate(&sources, "generated");
    assert_eq!(
        generated.is_empty(),
        report.has_errors(),
        "an error keeps a helpdesk from being generated"
    );
    let text = report.render(&sources, false);
    (report, text)
}

#[test]
fn the_base_is_sound() {
    let (_, text) = run(files_in(&folder().join("base")));
    assert_eq!(text, "");
}

#[test]
fn every_rule_has_a_sample_and_every_sample_a_rule() {
    let rules: BTreeSet<String> = all_rules().iter().map(|rule| rule.code.to_owned()).collect();
    assert_eq!(rules.len(), all_rules().len(), "the codes of rules differ");
    assert_eq!(samples(), rules);
}

#[test]
fn every_sample_is_reported_as_accepted() {
    let accept = std::env::var_os("DESKHAND_ACCEPT").is_some_and(|value| value == "1");
    let mut wrong = String::new();
    for rule in samples() {
        let (report, text) = run(files_of(&rule));
        if !report.problems().iter().any(|problem| problem.rule == rule) {
            wrong.push_str(&format!("{rule}: the sample does not break the rule\n{text}\n"));
            continue;
        }
        let path = folder().join(&rule).join("expected.txt");
        if accept {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n") != text {
            wrong.push_str(&format!("{rule}: the report is not the accepted one\n{text}\n"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\nto accept: DESKHAND_ACCEPT=1 cargo test -p deskhand-codegen --test problems"
    );
}
