//! What the schema of each tool becomes in every dialect: it keeps the dialect's rules, and what it loses is noted.
//!
//! What a dialect takes, and which of its changes lose something, is the runtime's to say ([`deskhand_runtime::dialect`]).

use std::collections::{BTreeMap, BTreeSet};

use deskhand_runtime::dialect::{self, Dialect, What};
use deskhand_runtime::schema::{SchemaOptions, arguments_schema, lint};
use serde_json::{Map, Value};

use crate::model::{NotedLoss, Operation};
use crate::plan::{Plan, PlannedTool};
use crate::report::{Problem, Report, Rule, Span};
use crate::tables::{Tables, pages};

/// The rules of this stage.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        code: "loss-note",
        why: "A note says what is lost, where and why; one that fits no loss is out of date.",
    },
    Rule {
        code: "dialect-rules",
        why: "A client that refuses one tool may refuse the whole list.",
    },
    Rule {
        code: "dialect-loss",
        why: "What a dialect has no words for is lost in silence unless the spec notes it.",
    },
];

/// The words for what can be lost.
pub fn loss_words() -> Vec<&'static str> {
    let mut words: Vec<&str> = What::ALL.iter().filter_map(|what| what.loses()).collect();
    words.dedup();
    words
}

/// A tool and the schema of its arguments, as any MCP client sees it.
pub struct Described {
    /// Name of the tool.
    pub tool: String,
    /// The schema.
    pub schema: Map<String, Value>,
}

/// Every tool of a plan with its schema.
pub fn described(plan: &Plan<'_>) -> Vec<Described> {
    schemas(plan)
        .map(|(_, tool, schema)| Described {
            tool: tool.name.clone(),
            schema,
        })
        .collect()
}

fn schemas<'a>(
    plan: &'a Plan<'a>,
) -> impl Iterator<Item = (&'a Operation, &'a PlannedTool, Map<String, Value>)> + use<'a> {
    let tables = Tables::of(plan);
    plan.operations.iter().filter_map(move |planned| {
        let (operation, tool) = (planned.operation, planned.tool.as_ref()?);
        let paged = operation.pages.as_ref().map(pages);
        let table = tables.input(planned);
        let schema = arguments_schema(table, &operation.method.value, paged.as_ref(), &SchemaOptions::default());
        Some((operation, tool, schema))
    })
}

/// Lowers every tool of a plan and reports what breaks a rule or is lost without a note.
pub fn lower(plan: &Plan<'_>, report: &Report) {
    let shared = Notes::of(&plan.api.noted_losses, report);
    for (operation, tool, schema) in schemas(plan) {
        let own = Notes::of(&operation.noted_losses, report);
        rules(operation, tool, &schema, report);
        let mut lost: BTreeMap<(String, What), Vec<Dialect>> = BTreeMap::new();
        for dialect in Dialect::ALL {
            let changes = dialect::lower(&schema, dialect).changes;
            let changes: BTreeSet<_> = changes.into_iter().map(|change| (change.path, change.what)).collect();
            for (path, what) in changes {
                let Some(word) = what.loses() else { continue };
                // Both count as used: a note of the helpdesk is not out of date because a tool says it again.
                let noted = [&own, &shared].map(|notes| notes.cover(word, dialect, &path));
                if noted == [false, false] {
                    lost.entry((path, what)).or_default().push(dialect);
                }
            }
        }
        for ((path, what), dialects) in lost {
            report.push(unnoted(operation, tool, &path, what, &dialects));
        }
        own.tell_unused(report);
    }
    shared.tell_unused(report);
}

/// Where an argument is declared.
fn place<'a>(operation: &'a Operation, path: &str) -> &'a Span {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    let field = operation.input.iter().find(|field| field.name == name);
    field.map_or(&operation.span, |field| &field.span)
}

fn unnoted(operation: &Operation, tool: &PlannedTool, path: &str, what: What, dialects: &[Dialect]) -> Problem {
    let dialects: Vec<&str> = dialects.iter().map(|dialect| dialect.word()).collect();
    let dialects = dialects.join(", ");
    let word = what.loses().unwrap_or_default();
    let place = place(operation, path);
    let problem = Problem::error(
        "dialect-loss",
        place,
        format!(
            "`{path}` of the tool `{}` loses something in {dialects}: {}",
            tool.name,
            what.words()
        ),
    );
    let problem = problem.help(format!(
        "where that can be borne, note it under the operation (or, without `at`, in integration.yaml): \
         `noted_losses: [{{loses: {word}, dialects: [{dialects}], at: [\"{path}\"], because: …}}]`"
    ));
    if *place == operation.span {
        problem
    } else {
        problem.also(&operation.span, "the operation")
    }
}

/// The rules of all clients and of each dialect. The length of names has a rule of its own.
fn rules(operation: &Operation, tool: &PlannedTool, schema: &Map<String, Value>, report: &Report) {
    let mut broken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for problem in lint(schema) {
        broken.entry(problem).or_default().push("every dialect");
    }
    for dialect in Dialect::ALL {
        let lowered = dialect::lower(schema, dialect).schema;
        for problem in dialect::check("", &tool.doc, &lowered, dialect) {
            broken.entry(problem).or_default().push(dialect.word());
        }
    }
    for (problem, dialects) in broken {
        let path = problem.split(':').next().unwrap_or_default();
        report.push(Problem::error(
            "dialect-rules",
            place(operation, path),
            format!("the tool `{}` is refused in {}: {problem}", tool.name, dialects.join(", ")),
        ));
    }
}

/// Notes, and which of them were needed.
struct Notes<'a> {
    notes: Vec<(&'a NotedLoss, std::cell::Cell<bool>)>,
}

impl<'a> Notes<'a> {
    /// Those that can be understood; the others are told.
    fn of(notes: &'a [NotedLoss], report: &Report) -> Self {
        let understood = |note: &&NotedLoss| {
            let mut sound = true;
            let words = loss_words();
            if !words.contains(&note.loses.value.as_str()) {
                let message = format!("`{}` is nothing that a schema can lose", note.loses.value);
                let problem = Problem::error("loss-note", &note.loses.span, message);
                report.push(problem.suggest(&note.loses.value, words));
                sound = false;
            }
            for dialect in &note.dialects {
                if Dialect::named(&dialect.value).is_none() {
                    let message = format!("there is no dialect `{}`", dialect.value);
                    let problem = Problem::error("loss-note", &dialect.span, message);
                    report.push(problem.suggest(&dialect.value, Dialect::ALL.map(Dialect::word)));
                    sound = false;
                }
            }
            if note.because.is_empty() {
                let problem = Problem::error("loss-note", &note.span, "the note does not say why the loss can be borne");
                report.push(problem.help("add `because: …`"));
                sound = false;
            }
            sound
        };
        let notes = notes.iter().filter(understood);
        Self {
            notes: notes.map(|note| (note, std::cell::Cell::new(false))).collect(),
        }
    }

    /// Whether a loss is noted; every note that fits counts as needed.
    fn cover(&self, word: &str, dialect: Dialect, path: &str) -> bool {
        let has = |spots: &[crate::model::Spot<String>], value: &str| {
            spots.is_empty() || spots.iter().any(|spot| spot.value == value)
        };
        let mut covered = false;
        for (note, needed) in &self.notes {
            if note.loses.value == word && has(&note.dialects, dialect.word()) && has(&note.at, path) {
                needed.set(true);
                covered = true;
            }
        }
        covered
    }

    fn tell_unused(&self, report: &Report) {
        for (note, _) in self.notes.iter().filter(|(_, needed)| !needed.get()) {
            let problem = Problem::error("loss-note", &note.span, "nothing of that is lost");
            report.push(problem.help("remove the note, or correct its dialects and its `at`"));
        }
    }
}
