//! Turns the declarative descriptions under `specs/` into typed client crates and tool tables.
//!
//! Six stages, each a function from one type to the next: parse ([`yaml`]), resolve ([`resolve`]),
//! check ([`check`]), plan ([`plan`]), lower ([`lowering`]), emit ([`emit`]). Only [`source`] and
//! [`fileset`] touch the disk. Problems are collected in a [`report::Report`] rather than thrown, so
//! that one run tells an author everything that is wrong.

pub mod check;
pub mod diff;
pub mod emit;
pub mod fileset;
pub mod import;
pub mod lowering;
pub mod model;
pub mod names;
pub mod plan;
pub mod regenerate;
pub mod report;
pub mod resolve;
pub mod scaffold;
pub mod source;
pub mod syntax;
pub mod tables;
pub mod yaml;

use fileset::FileSet;
use report::Report;
use source::Sources;

/// Generates the crates of all helpdesks, each below `<root>/<slug>`. A helpdesk with errors yields no files.
pub fn generate(sources: &Sources, root: &str) -> (FileSet, Report) {
    let report = Report::new();
    let mut files = FileSet::new();
    for slug in sources.helpdesks() {
        let mark = report.mark();
        let Some(api) = resolve_helpdesk(sources, slug, &report) else {
            continue;
        };
        check::check(&api, &report);
        let plan = plan::plan(&api, &report);
        // What is wrong so far would be told once more.
        if !report.has_errors_since(mark) {
            lowering::lower(&plan, &report);
        }
        if !report.has_errors_since(mark) {
            files.extend(emit::emit(&plan, &format!("{root}/{slug}")));
        }
    }
    (files, report)
}

/// One helpdesk, parsed and resolved. `None` when its integration file is missing or unusable.
pub fn resolve_helpdesk(sources: &Sources, slug: &str, report: &Report) -> Option<model::Api> {
    let files = sources.files().filter(|source| source.helpdesk() == slug);
    let parsed = files.filter_map(|source| {
        Some(resolve::Parsed {
            path: source.path.to_string(),
            node: yaml::parse(&source.path, &source.bytes, report)?,
        })
    });
    resolve::resolve(slug, &parsed.collect::<Vec<_>>(), report)
}

/// Generates everything that the repository commits: the crates of all helpdesks, the crate that links
/// them, and the schema of the spec language.
pub fn generate_repository(sources: &Sources) -> (FileSet, Report) {
    let (mut files, report) = generate(sources, "generated");
    files.extend(emit::linked(&sources.helpdesks()));
    files.insert("specs/spec.schema.json", schema());
    (files, report)
}

/// The JSON Schema of spec files, for editors.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(syntax::SpecFile);
    schema.insert("title".into(), "Deskhand spec file".into());
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
