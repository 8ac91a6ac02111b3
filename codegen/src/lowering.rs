//! What the schema of each tool becomes in every dialect: it keeps the dialect's rules, and what it loses is noted.
//!
//! What a dialect takes, and which of its changes lose something, is the runtime's to say ([`deskhand_runtime::dialect`]).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use deskhand_runtime::dialect::{self, Dialect, What};
use deskhand_runtime::schema::{SchemaOptions, arguments_schema, lint};
use serde_json::{Map, Value};

use crate::model::{NotedLoss, Operation, Spot};
use crate::plan::{Plan, PlannedOperation, PlannedTool};
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
    let tables = Tables::of(plan);
    let described = plan.operations.iter().filter_map(|planned| {
        planned.tool.as_ref().map(|tool| Described {
            tool: tool.name.clone(),
            schema: schema(&tables, planned),
        })
    });
    described.collect()
}

fn schema(tables: &Tables<'_>, planned: &PlannedOperation<'_>) -> Map<String, Value> {
    let paged = planned.operation.pages.as_ref().map(pages);
    let method = &planned.operation.method.value;
    arguments_schema(tables.input(planned), method, paged.as_ref(), &SchemaOptions::default())
}

/// What is lost, by the runtime's words, with the dialects that lose it.
pub type Losses = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// All that the schemas of a plan's tools lose, noted or not.
pub fn losses(plan: &Plan<'_>) -> Losses {
    let mut losses = Losses::new();
    for described in described(plan) {
        for dialect in Dialect::ALL {
            let changes = dialect::lower(&described.schema, dialect).changes;
            for loses in changes.iter().filter_map(|change| change.what.loses()) {
                losses.entry(loses).or_default().insert(dialect.word());
            }
        }
    }
    losses
}

/// Lowers every tool of a plan and reports what breaks a rule or is lost without a note.
pub fn lower(plan: &Plan<'_>, report: &Report) {
    let tables = Tables::of(plan);
    let shared = Notes::of(&plan.api.noted_losses, report);
    for planned in &plan.operations {
        let own = Notes::of(&planned.operation.noted_losses, report);
        if let Some(tool) = &planned.tool {
            let schema = schema(&tables, planned);
            of_tool(planned.operation, tool, &schema, &[&own, &shared], report);
        }
        own.tell_unneeded(report);
    }
    shared.tell_unneeded(report);
}

fn of_tool(
    operation: &Operation,
    tool: &PlannedTool,
    schema: &Map<String, Value>,
    notes: &[&Notes<'_>],
    report: &Report,
) {
    let refused = |place: &str, by: &str, problem: &str| {
        let message = format!("the tool `{}` is refused in {by}: {problem}", tool.name);
        report.push(Problem::error("dialect-rules", argument(operation, place), message));
    };
    let problems = lint(schema);
    if !problems.is_empty() {
        // Each dialect would say the same again.
        for problem in problems {
            let place = problem.split(':').next().unwrap_or_default();
            refused(place.strip_prefix("root.").unwrap_or(place), "every dialect", &problem);
        }
        return;
    }
    let mut broken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut lost: BTreeMap<(What, String), Vec<&str>> = BTreeMap::new();
    for dialect in Dialect::ALL {
        let lowered = dialect::lower(schema, dialect);
        // The length of names has a rule of its own.
        for problem in dialect::check("", &tool.doc, &lowered.schema, dialect) {
            broken.entry(problem).or_default().push(dialect.word());
        }
        for change in lowered.changes {
            // All notes that fit are asked: one of the helpdesk is not out of date because a tool says more.
            let noted = notes
                .iter()
                .filter(|notes| notes.cover(change.what, dialect, &change.path));
            if change.what.loses().is_some() && noted.count() == 0 {
                let dialects = lost.entry((change.what, change.path)).or_default();
                if !dialects.contains(&dialect.word()) {
                    dialects.push(dialect.word());
                }
            }
        }
    }
    for (problem, dialects) in broken {
        refused(
            problem.split(':').next().unwrap_or_default(),
            &dialects.join(", "),
            &problem,
        );
    }
    // What is lost alike can be noted at once.
    let mut alike: BTreeMap<(What, Vec<&str>), Vec<String>> = BTreeMap::new();
    for ((what, path), dialects) in lost {
        alike.entry((what, dialects)).or_default().push(path);
    }
    for ((what, dialects), mut paths) in alike {
        paths.sort_by_cached_key(|path| (argument(operation, path), path.clone()));
        report.push(unnoted(operation, tool, what, &dialects.join(", "), &paths));
    }
}

/// Where the argument that a path begins with is declared.
fn argument<'a>(operation: &'a Operation, path: &str) -> &'a Span {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    let field = operation.input.iter().find(|field| field.name == name);
    field.map_or(&operation.span, |field| &field.span)
}

fn unnoted(operation: &Operation, tool: &PlannedTool, what: What, dialects: &str, paths: &[String]) -> Problem {
    let quoted = |sign: char| {
        let paths: Vec<String> = paths.iter().map(|path| format!("{sign}{path}{sign}")).collect();
        paths.join(", ")
    };
    let mut places: Vec<&Span> = Vec::new();
    for place in paths.iter().map(|path| argument(operation, path)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let message = format!(
        "loss of the tool `{}` in {dialects} that is not noted: {} at {}",
        tool.name,
        what.words(),
        quoted('`')
    );
    let mut problem = Problem::error("dialect-loss", places.first().unwrap_or(&&operation.span), message);
    for place in places.iter().skip(1) {
        problem = problem.also(place, "here, too");
    }
    if !places.contains(&&operation.span) {
        problem = problem.also(&operation.span, "the operation");
    }
    problem.help(format!(
        "where that can be borne, note it under the operation, or without `at` in integration.yaml for all tools: \
         `noted_losses: [{{loses: {}, dialects: [{dialects}], at: [{}], because: …}}]`",
        what.loses().unwrap_or_default(),
        quoted('"')
    ))
}

impl NotedLoss {
    /// Whether this loss is noted by it.
    pub fn covers(&self, what: What, dialect: Dialect, path: &str) -> bool {
        let has =
            |spots: &[Spot<String>], value: &str| spots.is_empty() || spots.iter().any(|spot| spot.value == value);
        what.loses() == Some(self.loses.value.as_str()) && has(&self.dialects, dialect.word()) && has(&self.at, path)
    }

    /// Tells what cannot be understood of it.
    fn is_sound(&self, report: &Report) -> bool {
        let before = report.mark();
        let words = loss_words();
        if !words.contains(&self.loses.value.as_str()) {
            let message = format!("`{}` is nothing that a schema can lose", self.loses.value);
            let problem = Problem::error("loss-note", &self.loses.span, message);
            report.push(problem.suggest(&self.loses.value, words));
        }
        for dialect in &self.dialects {
            if Dialect::named(&dialect.value).is_none() {
                let message = format!("there is no dialect `{}`", dialect.value);
                let problem = Problem::error("loss-note", &dialect.span, message);
                report.push(problem.suggest(&dialect.value, Dialect::ALL.map(Dialect::word)));
            }
        }
        if self.because.is_empty() {
            let message = "the note does not say why the loss can be borne";
            report.push(Problem::error("loss-note", &self.span, message).help("add `because: …`"));
        }
        !report.has_errors_since(before)
    }
}

/// Notes, and the losses that each was needed for.
struct Notes<'a>(Vec<Note<'a>>);

struct Note<'a> {
    note: &'a NotedLoss,
    sound: bool,
    needed: RefCell<BTreeSet<(Dialect, String)>>,
}

impl<'a> Notes<'a> {
    fn of(notes: &'a [NotedLoss], report: &Report) -> Self {
        let notes = notes.iter().map(|note| Note {
            note,
            sound: note.is_sound(report),
            needed: RefCell::default(),
        });
        Self(notes.collect())
    }

    /// Whether a loss is noted; each note that fits was needed.
    fn cover(&self, what: What, dialect: Dialect, path: &str) -> bool {
        let fitting = self.0.iter().filter(|note| note.note.covers(what, dialect, path));
        let needed = fitting.map(|note| note.needed.borrow_mut().insert((dialect, path.to_owned())));
        needed.count() > 0
    }

    fn tell_unneeded(&self, report: &Report) {
        for Note { note, needed, .. } in self.0.iter().filter(|note| note.sound) {
            let needed = needed.borrow();
            if needed.is_empty() {
                let problem = Problem::error("loss-note", &note.span, "nothing of that is lost");
                report.push(problem.help("remove the note, or correct its dialects and its `at`"));
                continue;
            }
            let dialects = note.dialects.iter().map(|spot| {
                let lost = needed.iter().any(|(dialect, _)| dialect.word() == spot.value);
                (spot, lost, "in")
            });
            let places = note.at.iter().map(|spot| {
                let lost = needed.iter().any(|(_, path)| *path == spot.value);
                (spot, lost, "at")
            });
            for (spot, _, preposition) in dialects.chain(places).filter(|(_, lost, _)| !lost) {
                let message = format!("nothing of that is lost {preposition} `{}`", spot.value);
                report.push(Problem::error("loss-note", &spot.span, message).help("remove it from the note"));
            }
        }
    }
}
