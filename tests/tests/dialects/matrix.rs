//! The rules of each dialect, and the committed tables of tools and dialects.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::dialect::{Change, Dialect, What, check};
use deskhand_runtime::operation::Integration;
use serde_json::json;

use crate::{Described, all};

#[test]
fn every_tool_keeps_the_rules_of_every_dialect() {
    let mut broken = Vec::new();
    for tool in all() {
        for dialect in Dialect::ALL {
            let schema = tool.lowered(dialect).schema;
            let problems = check(tool.tool.name, tool.tool.doc, &schema, dialect);
            let name = tool.tool.name;
            broken.extend(
                problems
                    .iter()
                    .map(|problem| format!("{name}, {}: {problem}", dialect.word())),
            );
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn nothing_is_lost_that_the_words_do_not_say() {
    let mut lost = Vec::new();
    for tool in all() {
        for dialect in Dialect::ALL {
            let changes = tool.lowered(dialect).changes;
            let losses = changes.iter().filter(|change| change.what.loses().is_some());
            lost.extend(losses.map(|change| format!("{}, {}: {}", tool.tool.name, dialect.word(), change.path)));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// The rules find what is wrong: each of these is refused by the dialects named.
#[test]
fn what_a_dialect_does_not_take_is_told() {
    let property = |schema: serde_json::Value| json!({ "type": "object", "properties": { "a": schema }, "required": ["a"], "additionalProperties": false });
    let closed = [Dialect::OpenAiStrict];
    let typed = [Dialect::OpenAiStrict, Dialect::Gemini, Dialect::Cursor];
    let limited = [Dialect::OpenAiStrict, Dialect::Gemini];
    let cases: [(serde_json::Value, &[Dialect], &str); 7] = [
        (property(json!({ "description": "Anything." })), &typed, "no `type`"),
        (
            property(json!({ "type": "object", "description": "Anything.", "additionalProperties": true })),
            &limited,
            "without named members",
        ),
        (
            property(json!({ "type": "string", "description": "A text.", "maxLength": 5 })),
            &closed,
            "`maxLength` is not known",
        ),
        (
            json!({ "type": "object", "properties": { "a": { "type": "string", "description": "A text." } },
                "additionalProperties": false }),
            &closed,
            "has to be required",
        ),
        (
            property(json!({ "type": "string", "description": "A text.", "pattern": "x" })),
            &Dialect::ALL,
            "`pattern`",
        ),
        (
            property(json!({ "type": "array", "description": "A list." })),
            &Dialect::ALL,
            "without `items`",
        ),
        (
            property(json!({ "type": "string", "description": "A text.", "enum": ["a", 1] })),
            &Dialect::ALL,
            "something else than text",
        ),
    ];
    for (schema, refused_by, words) in cases {
        for dialect in Dialect::ALL {
            let problems = check("a_tool", "Does it.", schema.as_object().unwrap(), dialect);
            let told = problems.iter().any(|problem| problem.contains(words));
            assert_eq!(
                told,
                refused_by.contains(&dialect),
                "{words}, {}: {problems:?}",
                dialect.word()
            );
        }
    }
    let long = check(
        &"a".repeat(53),
        &"x".repeat(1025),
        &json!({ "type": "object" }).as_object().unwrap().clone(),
        Dialect::Cursor,
    );
    assert_eq!(long.len(), 2, "{long:?}");
}

/// What is other for a tool in a dialect, in few words.
fn cell(changes: &[Change]) -> String {
    let mut by_kind: BTreeMap<What, Vec<&str>> = BTreeMap::new();
    for change in changes {
        by_kind.entry(change.what).or_default().push(&change.path);
    }
    let parts = by_kind.into_iter().map(|(what, paths)| match what {
        // These concern nearly every property.
        What::NullForAbsent | What::OthersAdmitted => format!("{} ({})", what.words(), paths.len()),
        _ => {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            format!("{}: {}", what.words(), paths.join(", "))
        }
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        "as it is".to_owned()
    } else {
        parts.join("; ")
    }
}

fn table(integration: &'static Integration) -> String {
    let mut text = format!(
        "# {} in every dialect\n\n\
         Made by a test (`cargo test -p deskhand-tests --test dialects`); see [../dialects.md](../dialects.md). MCP, Anthropic and OpenAI\n\
         (functions that are not strict) take every schema as it is.\n\n\
         | tool | openai-strict | gemini | cursor |\n|---|---|---|---|\n",
        integration.title
    );
    for tool in all().filter(|tool| std::ptr::eq(tool.integration, integration)) {
        let cells = [Dialect::OpenAiStrict, Dialect::Gemini, Dialect::Cursor]
            .map(|dialect| cell(&tool.lowered(dialect).changes));
        let _ = writeln!(text, "| `{}` | {} |", tool.tool.name, cells.join(" | "));
    }
    text
}

#[test]
fn three_dialects_take_schemas_as_they_are() {
    for dialect in [Dialect::Mcp, Dialect::Anthropic, Dialect::OpenAi] {
        let same = |tool: &Described| tool.lowered(dialect).schema == tool.schema;
        assert!(all().all(|tool| same(&tool)), "{}", dialect.word());
    }
}

#[test]
fn the_tables_are_the_accepted_ones() {
    let mut differing = Vec::new();
    for integration in INTEGRATIONS {
        let now = table(integration);
        let path = format!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dialects/{}.md"),
            integration.slug
        );
        if std::env::var_os("DESKHAND_ACCEPT").is_some_and(|accept| accept == "1") {
            std::fs::write(&path, &now).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != now {
            differing.push(format!("docs/dialects/{}.md", integration.slug));
        }
    }
    assert!(
        differing.is_empty(),
        "not what the tools are now: {}; if that is meant, run this test with DESKHAND_ACCEPT=1 and commit the tables",
        differing.join(", ")
    );
}
