//! From an OpenAPI document to a spec: a beginning that can be generated, and a list of what has to be looked at.
//!
//! [`document`] reads and bounds, [`schema`] makes types of JSON schemas, [`operations`] and [`settings`] take what an
//! operation and an account are, [`names`] and [`pages`] guess by fixed rules, [`write`] prints. What is guessed, and what
//! the spec language cannot say, is noted with its place as a JSON pointer. Same document, same spec.

mod answers;
mod arguments;
mod document;
mod names;
mod operations;
mod pages;
mod schema;
mod settings;
mod text;
mod types;
mod write;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fileset::FileSet;
use crate::lowering;
use crate::plan::plan;
use crate::regenerate::SPECS;
use crate::report::Report;
use crate::source::Sources;

pub use document::MAX_BYTES;

/// What is imported, and how it is called.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Name of the document, for messages.
    pub name: &'a str,
    /// The document.
    pub bytes: &'a [u8],
    /// Slug of the helpdesk.
    pub slug: &'a str,
    /// Tags of the document whose operations are taken; empty for all.
    pub tags: &'a [String],
}

/// A spec made from a document.
#[derive(Debug)]
pub struct Imported {
    /// The files, below the root of the repository.
    pub files: FileSet,
    /// Number of operations taken.
    pub operations: usize,
    /// Number of those that are tools.
    pub tools: usize,
    /// Operations left out, and why.
    pub skipped: Vec<Note>,
    /// What has to be looked at.
    pub checks: Vec<Note>,
}

/// Something about a place of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What it is.
    pub text: String,
    /// JSON pointer to the place.
    pub pointer: String,
}

/// Why nothing was made.
#[derive(Debug)]
pub enum Failure {
    /// The document cannot be read; with the places that are to blame.
    Document(String),
    /// The spec would have problems of its own.
    Spec {
        /// They.
        report: Report,
        /// The spec, for showing them.
        sources: Sources,
    },
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Document(message)
    }
}

/// Collects notes while a document is read.
#[derive(Default)]
struct Notes {
    skipped: RefCell<Vec<Note>>,
    checks: RefCell<Vec<Note>>,
}

impl Notes {
    /// Notes what has to be looked at; gives the comment for the spec.
    fn check(&self, pointer: &str, text: impl Into<String>) -> String {
        let text = text.into();
        let comment = format!("CHECK: {text} (#{pointer})");
        self.checks.borrow_mut().push(Note {
            text,
            pointer: pointer.to_owned(),
        });
        comment
    }

    fn skip(&self, pointer: &str, text: impl Into<String>) {
        self.skipped.borrow_mut().push(Note {
            text: text.into(),
            pointer: pointer.to_owned(),
        });
    }
}

/// Makes a spec of a document.
///
/// # Errors
/// When the document is none that can be imported, or has nothing that could be taken.
pub fn import(request: &Request<'_>) -> Result<Imported, Failure> {
    crate::scaffold::check_slug(request.slug)?;
    let notes = Notes::default();
    let document = document::Document::read(request.name, request.bytes, &notes)?;
    let found = operations::collect(&document, request, &notes)?;
    let operations = found.operations.len();
    let mut integration = settings::integration(&document, request.slug, &found, &notes);
    let mut files = write::resources(&found);
    files.insert(0, ("integration.yaml".to_owned(), write::integration(&integration)));
    let sources = |files: &[(String, String)]| {
        Sources::in_memory(
            files
                .iter()
                .map(|(name, text)| (format!("{}/{name}", request.slug), text.clone())),
        )
    };
    // What schemas lose in a dialect is known only from the spec itself.
    let losses = losses(&sources(&files), request.slug)?;
    if !losses.is_empty() {
        settings::note_losses(&mut integration, &losses, &notes);
        files[0].1 = write::integration(&integration);
    }
    let sources = sources(&files);
    let (_, report) = crate::generate(&sources, "generated");
    if report.has_errors() {
        return Err(Failure::Spec { report, sources });
    }
    let mut set = FileSet::new();
    for (name, text) in files {
        set.insert(format!("{SPECS}/{}/{name}", request.slug), text);
    }
    Ok(Imported {
        files: set,
        operations,
        tools: found
            .operations
            .iter()
            .filter(|operation| operation.doc.is_some())
            .count(),
        skipped: sorted(notes.skipped.into_inner()),
        checks: sorted(notes.checks.into_inner()),
    })
}

/// What several operations share was noted for each.
fn sorted(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort();
    notes.dedup();
    notes
}

fn losses(sources: &Sources, slug: &str) -> Result<lowering::Losses, Failure> {
    let report = Report::new();
    let losses = crate::resolve_helpdesk(sources, slug, &report).and_then(|api| {
        crate::check::check(&api, &report);
        let plan = plan(&api, &report);
        (!report.has_errors()).then(|| lowering::losses(&plan))
    });
    losses.ok_or_else(|| Failure::Spec {
        report,
        sources: sources.clone(),
    })
}

impl Imported {
    /// What came of it, for people: equal notes together.
    pub fn render(&self) -> String {
        let mut out = format!("{} operations taken, {} of them tools\n", self.operations, self.tools);
        for (head, notes) in [("left out", &self.skipped), ("to be looked at", &self.checks)] {
            if !notes.is_empty() {
                let _ = writeln!(out, "\n{} {head}:", notes.len());
                out.push_str(&grouped(notes));
            }
        }
        out
    }
}

fn grouped(notes: &[Note]) -> String {
    /// Places shown of one note; the others are in the spec.
    const SHOWN: usize = 3;
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for note in notes {
        groups.entry(&note.text).or_default().push(&note.pointer);
    }
    let mut out = String::new();
    for (text, pointers) in groups {
        let _ = writeln!(out, "  {text}");
        for pointer in pointers.iter().take(SHOWN) {
            let _ = writeln!(out, "    #{pointer}");
        }
        if pointers.len() > SHOWN {
            let _ = writeln!(out, "    and {} more", pointers.len() - SHOWN);
        }
    }
    out
}
