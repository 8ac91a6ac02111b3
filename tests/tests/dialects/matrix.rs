//! The rules of each dialect, and the committed tables of tools and dialects.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deskhand_codegen::model::NotedLoss;
use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::dialect::{Change, Dialect, What, check, lower};
use deskhand_runtime::operation::Integration;
use serde_json::json;

use crate::specs::noted;
use crate::{Described, all, of};

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

/// What is said nowhere any more is told, what the words say is no loss.
#[test]
fn a_loss_is_told_where_it_happens() {
    let word = "x".repeat(10);
    let many: Vec<String> = (0..1001).map(|number| format!("{word}{number}")).collect();
    let map = |values: serde_json::Value, said: &str| json!({ "type": "object", "description": said, "additionalProperties": values });
    let cases: [(&str, serde_json::Value, Option<What>); 11] = [
        (
            "an object that admits others",
            json!({ "type": "object", "description": "A place.", "properties": {} , "additionalProperties": true }),
            None,
        ),
        (
            "an object that admits others and names some",
            json!({ "type": "object", "description": "A place.", "properties": { "b": { "type": "string", "description": "City." } } }),
            Some(What::OthersRefused),
        ),
        (
            "a bound that is said",
            json!({ "type": "string", "description": "At most 50 characters.", "maxLength": 50 }),
            None,
        ),
        (
            "a bound that is part of another number",
            json!({ "type": "string", "description": "Such as 150 or 50.5.", "maxLength": 50 }),
            Some(What::BoundNotSaid),
        ),
        (
            "a description that leaves room",
            json!({ "description": "a".repeat(900) }),
            None,
        ),
        (
            "a description that leaves none",
            json!({ "description": "a ".repeat(512) }),
            Some(What::WordsCut),
        ),
        (
            "too many values",
            json!({ "type": "string", "description": "A word.", "enum": many }),
            Some(What::NotFromList),
        ),
        (
            "values that the description lists",
            map(
                json!({ "type": "string", "enum": ["low", "high"] }),
                "Each one of: low, high.",
            ),
            None,
        ),
        (
            "values that other words hold",
            map(
                json!({ "type": "string", "enum": ["low", "high"] }),
                "Flow and highway.",
            ),
            Some(What::NotFromList),
        ),
        (
            "lists of texts",
            map(
                json!({ "type": "array", "items": { "type": "string" } }),
                "Values by key.",
            ),
            None,
        ),
        (
            "objects with members",
            map(
                json!({ "type": "array", "items": { "type": "object", "properties": { "b": { "type": "string", "description": "City." } } } }),
                "Places by key.",
            ),
            Some(What::MembersNotSaid),
        ),
    ];
    for (name, property, loses) in cases {
        let schema = json!({ "type": "object", "properties": { "a": property }, "required": ["a"], "additionalProperties": false });
        let lowered = lower(schema.as_object().unwrap(), Dialect::OpenAiStrict);
        let lost = lowered
            .changes
            .into_iter()
            .filter(|change| change.what.loses().is_some());
        let expected = loses.map(|what| Change {
            path: "a".to_owned(),
            what,
        });
        assert_eq!(lost.collect::<Vec<_>>(), Vec::from_iter(expected), "{name}");
        assert!(lower(schema.as_object().unwrap(), Dialect::Mcp).changes.is_empty());
    }
    let lists = map(
        json!({ "type": "array", "items": { "type": "string" } }),
        "Values by key.",
    );
    let schema = json!({ "type": "object", "properties": { "a": lists } });
    let lowered = lower(schema.as_object().unwrap(), Dialect::Gemini).schema;
    assert_eq!(
        lowered["properties"]["a"],
        json!({
            "type": "string",
            "description": "Values by key. Write it as JSON text: an object whose values are lists of texts.",
        })
    );
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
    for tool in of(integration) {
        let cells = [Dialect::OpenAiStrict, Dialect::Gemini, Dialect::Cursor]
            .map(|dialect| cell(&tool.lowered(dialect).changes));
        let _ = writeln!(text, "| `{}` | {} |", tool.tool.name, cells.join(" | "));
    }
    text.push_str(
        "\n## What is lost\n\nThe spec notes it (`noted_losses`); a loss that is not noted fails generation.\n\n\
         | what | dialect | where | why that is borne |\n|---|---|---|---|\n",
    );
    let (shared, own) = noted(integration);
    for note in &shared {
        text.push_str(&row(note, "all tools"));
    }
    for (tool, notes) in &own {
        for note in notes {
            text.push_str(&row(note, &format!("`{tool}`")));
        }
    }
    text
}

/// A note as a row of a table.
fn row(note: &NotedLoss, tools: &str) -> String {
    let what = What::ALL
        .into_iter()
        .find(|what| what.loses() == Some(&note.loses.value));
    let dialects: Vec<&str> = note.dialects.iter().map(|spot| spot.value.as_str()).collect();
    let dialects = if dialects.is_empty() {
        "all".to_owned()
    } else {
        dialects.join(", ")
    };
    let places: Vec<String> = note.at.iter().map(|spot| format!("`{}`", spot.value)).collect();
    let places = if places.is_empty() {
        String::new()
    } else {
        format!(": {}", places.join(", "))
    };
    let because = note.because.replace('|', "\\|").replace('\n', " ");
    format!(
        "| {} | {dialects} | {tools}{places} | {because} |\n",
        what.unwrap().words()
    )
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
