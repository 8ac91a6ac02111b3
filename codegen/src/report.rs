//! Problems found in specs: where, what, and what to do about it.
//!
//! A [`Report`] is a sink. Every stage pushes what it finds and goes on, so that one run tells an
//! author everything; a stage asks [`Report::has_errors_since`] whether its input was sound.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::Sources;

/// A rule that a spec can break: a stable code and the reason it exists.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The stable code, kebab-case.
    pub code: &'static str,
    /// Why the rule exists, one sentence.
    pub why: &'static str,
}

/// A stretch of a spec file. Lines and columns count from one, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Path of the file; empty when the place is unknown.
    pub file: Arc<str>,
    /// Line, from one; zero when unknown.
    pub line: u32,
    /// Column in characters, from one; zero when unknown.
    pub column: u32,
    /// Byte offset into the file, line ends counted as one byte.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

impl Span {
    /// A place nobody knows.
    pub fn nowhere() -> Self {
        Self::of_file("")
    }

    /// A whole file, when no line in it can be named.
    pub fn of_file(file: impl Into<Arc<str>>) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
            start: 0,
            len: 0,
        }
    }

    /// Whether line and column are known.
    pub fn is_known(&self) -> bool {
        self.line > 0
    }

    /// `file:line:column`, as far as it is known.
    pub fn place(&self) -> String {
        match (self.file.is_empty(), self.is_known()) {
            (true, _) => "unknown place".to_owned(),
            (false, false) => self.file.to_string(),
            (false, true) => format!("{}:{}:{}", self.file, self.line, self.column),
        }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::nowhere()
    }
}

/// Whether a problem prevents generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Generation goes on.
    Warning,
}

/// One thing wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Code of the rule that was broken.
    pub rule: &'static str,
    /// Whether it prevents generation.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter, each with what it has to do with the problem.
    pub also: Vec<(Span, String)>,
}

impl Problem {
    /// A problem that prevents generation.
    pub fn error(rule: &'static str, span: &Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            span: span.clone(),
            message: message.into(),
            help: None,
            also: Vec::new(),
        }
    }

    /// A problem that does not.
    pub fn warning(rule: &'static str, span: &Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, span, message)
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the known name nearest to `word`, or lists the names when there are few.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match suggestion(word, &candidates) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Names another place that matters.
    #[must_use]
    pub fn also(mut self, span: &Span, label: impl Into<String>) -> Self {
        self.also.push((span.clone(), label.into()));
        self
    }

    fn key(&self) -> (&str, u32, u32, &str, &str) {
        (
            &self.span.file,
            self.span.line,
            self.span.column,
            self.rule,
            &self.message,
        )
    }
}

/// A moment in a report's life; see [`Report::has_errors_since`].
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

/// Collects problems. Pushing needs no exclusive access, so a report is passed around as `&Report`.
#[derive(Debug, Default)]
pub struct Report {
    problems: RefCell<Vec<Problem>>,
}

impl Report {
    /// A report without problems.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Adds an error and returns nothing, for `return report.error(…)` and the like.
    pub fn error(&self, rule: &'static str, span: &Span, message: impl Into<String>) {
        self.push(Problem::error(rule, span, message));
    }

    /// Takes over all problems of another report.
    pub fn extend(&self, other: Report) {
        self.problems.borrow_mut().extend(other.problems.into_inner());
    }

    /// Whether nothing was found, not even a warning.
    pub fn is_empty(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// Number of errors and of warnings, equal ones once.
    pub fn counts(&self) -> (usize, usize) {
        let problems = self.problems();
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        (errors, problems.len() - errors)
    }

    /// Whether anything prevents generation.
    pub fn has_errors(&self) -> bool {
        self.has_errors_since(Mark(0))
    }

    /// Remembers this moment.
    pub fn mark(&self) -> Mark {
        Mark(self.problems.borrow().len())
    }

    /// Whether an error was pushed after `mark`.
    pub fn has_errors_since(&self, mark: Mark) -> bool {
        let problems = self.problems.borrow();
        problems.iter().skip(mark.0).any(|p| p.severity == Severity::Error)
    }

    /// The problems by file, line, column and rule, equal ones once.
    pub fn problems(&self) -> Vec<Problem> {
        let mut sorted = self.problems.borrow().clone();
        sorted.sort_by(|a, b| match a.key().cmp(&b.key()) {
            Ordering::Equal => a.severity.cmp(&b.severity),
            other => other,
        });
        sorted.dedup();
        sorted
    }

    /// Renders all problems and a closing line with their number.
    ///
    /// `colour` asks for terminal colours; see [`wants_colour`].
    pub fn render(&self, sources: &Sources, colour: bool) -> String {
        let problems = self.problems();
        let mut out = String::new();
        for problem in &problems {
            out.push_str(&render(problem, sources, colour));
            out.push_str("\n\n");
        }
        let (errors, warnings) = self.counts();
        if errors + warnings > 0 {
            let _ = writeln!(out, "{}, {}", counted(errors, "error"), counted(warnings, "warning"));
        }
        out
    }
}

/// Whether text for this stream should be coloured: it is a terminal and `NO_COLOR` is not set.
pub fn wants_colour(stream: &impl std::io::IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn render(problem: &Problem, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = printable(&problem.message);
    let title = level.primary_title(&message).id(problem.rule);

    // Places in the same file share a snippet; a place without a line becomes a note.
    let texts: Vec<(&Span, Option<std::ops::Range<usize>>, &str)> = std::iter::once((&problem.span, ""))
        .chain(problem.also.iter().map(|(span, label)| (span, label.as_str())))
        .map(|(span, label)| (span, range_in(span, sources), label))
        .collect();
    let mut files: Vec<&str> = Vec::new();
    for (span, range, _) in &texts {
        if range.is_some() && !files.contains(&&*span.file) {
            files.push(&span.file);
        }
    }

    let mut notes: Vec<String> = Vec::new();
    for (index, (span, range, label)) in texts.iter().enumerate() {
        if range.is_none() {
            notes.push(match index {
                0 => format!("at {}", span.place()),
                _ => format!("{}: {}", span.place(), printable(label)),
            });
        }
    }
    if let Some(help) = &problem.help {
        notes.push(printable(help));
    }

    let mut group = Group::with_title(title);
    for file in files {
        let text = sources.text(file).unwrap_or_default();
        let mut snippet = Snippet::source(text).path(file.to_owned());
        for (index, (span, range, label)) in texts.iter().enumerate() {
            let Some(range) = range.clone().filter(|_| &*span.file == file) else {
                continue;
            };
            let kind = if index == 0 {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(range);
            snippet = snippet.annotation(match label.is_empty() {
                true => annotation,
                false => annotation.label(printable(label)),
            });
        }
        group = group.element(snippet);
    }
    let last = notes.len();
    for (index, note) in notes.into_iter().enumerate() {
        let is_help = problem.help.is_some() && index + 1 == last;
        let level = if is_help { Level::HELP } else { Level::NOTE };
        group = group.element(level.message(note));
    }
    renderer.render(&[group])
}

/// The byte range of a span, if the file is known and still has such a place.
fn range_in(span: &Span, sources: &Sources) -> Option<std::ops::Range<usize>> {
    if !span.is_known() {
        return None;
    }
    let text = sources.text(&span.file)?;
    let start = floor(&text, span.start as usize);
    let end = floor(&text, start.saturating_add(span.len as usize)).max(start);
    Some(start..end)
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Control characters would spoil a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '\n' | ' ' => vec![c],
            c if c.is_control() => c.escape_default().collect(),
            c => vec![c],
        })
        .collect()
}

/// The candidate most like `word`, if one is alike enough to be a slip of the pen.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let mut best: Option<(f64, &'a str)> = None;
    for candidate in candidates {
        let other = fold(candidate);
        let likeness = if folded == other {
            2.0
        } else {
            let prefix = folded.len() >= 3 && (other.starts_with(&folded) || folded.starts_with(&other));
            strsim::normalized_damerau_levenshtein(&folded, &other).max(if prefix { 0.65 } else { 0.0 })
        };
        if likeness >= 0.6 && best.is_none_or(|(known, _)| likeness > known) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn fold(word: &str) -> String {
    word.chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .collect()
}

/// "did you mean …?" for a near miss, else the whole list when it is short.
pub fn suggestion(word: &str, candidates: &[&str]) -> Option<String> {
    const SHORT: usize = 16;
    let list = || {
        candidates
            .iter()
            .map(|c| format!("`{c}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match nearest(word, candidates.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if candidates.is_empty() || candidates.len() > SHORT => None,
        None => Some(format!("known here: {}", list())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(file: &str, line: u32, column: u32, start: u32, len: u32) -> Span {
        Span {
            file: file.into(),
            line,
            column,
            start,
            len,
        }
    }

    #[test]
    fn order_is_by_place_and_equal_problems_are_one() {
        let report = Report::new();
        report.error("b-rule", &at("b", 1, 1, 0, 0), "x");
        report.error("z-rule", &at("a", 2, 1, 0, 0), "x");
        let mark = report.mark();
        report.push(Problem::warning("a-rule", &at("a", 10, 1, 0, 0), "x"));
        assert!(!report.has_errors_since(mark) && report.has_errors());
        report.error("a-rule", &at("a", 2, 1, 0, 0), "x");
        report.error("a-rule", &at("a", 2, 1, 0, 0), "x");
        assert!(report.has_errors_since(mark));
        let order: Vec<_> = report.problems().iter().map(|p| (p.span.place(), p.rule)).collect();
        let order: Vec<_> = order.iter().map(|(place, rule)| (place.as_str(), *rule)).collect();
        assert_eq!(
            order,
            [
                ("a:2:1", "a-rule"),
                ("a:2:1", "z-rule"),
                ("a:10:1", "a-rule"),
                ("b:1:1", "b-rule")
            ]
        );
    }

    #[test]
    fn every_problem_can_be_shown() {
        let sources = Sources::in_memory([("a.yaml", "name: x\nnmae: é\n"), ("b.yaml", "name: y\n")]);
        let report = Report::new();
        let key = at("a.yaml", 2, 1, 8, 4);
        report.push(
            Problem::error("r1", &key, "both")
                .also(&at("b.yaml", 1, 1, 0, 4), "here too")
                .suggest("nmae", ["name"]),
        );
        report.error("r2", &Span::nowhere(), "somewhere");
        report.error("r3", &Span::of_file("a.yaml"), "the file");
        report.error("r4", &at("gone.yaml", 3, 4, 0, 1), "no such file");
        report.error("r5", &at("a.yaml", 99, 1, 9999, 9999), "past the end");
        report.error("r6", &at("a.yaml", 2, 7, 15, 1), "inside a character \u{1b}[31m");
        report.push(Problem::warning("r7", &key, "a\nb").also(&Span::nowhere(), "label"));
        let shown = report.render(&sources, false);
        for expected in [
            "error[r1]: both\n --> a.yaml:2:1",
            "  | ^^^^\n",
            "b.yaml:1:1\n",
            "here too",
            "help: did you mean `name`?",
            "error[r2]: somewhere",
            "note: at unknown place",
            "note: at a.yaml\n",
            "note: at gone.yaml:3:4",
            "inside a character \\u{1b}[31m",
            "6 errors, 1 warning\n",
        ] {
            assert!(shown.contains(expected), "{expected:?} is not in\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'));
        assert!(report.render(&sources, true).contains('\u{1b}'));
        assert_eq!(Report::new().render(&sources, true), "");
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["name", "number", "description", "deprecated", "type"];
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("Description", known), Some("description"));
        assert_eq!(nearest("desc", known), Some("description"));
        assert_eq!(nearest("typ", known), Some("type"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("é", []), None);
        assert_eq!(suggestion("zebra", &["a", "b"]).unwrap(), "known here: `a`, `b`");
        assert_eq!(suggestion("zebra", &[]), None);
    }
}
