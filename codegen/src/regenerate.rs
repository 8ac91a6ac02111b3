//! From the specs on disk to the generated files on disk.

use std::fmt;
use std::io;
use std::path::Path;

use crate::fileset::{Drift, FileSet};
use crate::report::{Report, suggestion};
use crate::source::Sources;

/// Directory of the specs, below the root of the repository.
pub const SPECS: &str = "specs";
/// Directory of the generated crates.
pub const GENERATED: &str = "generated";

/// What regenerating came to.
#[derive(Debug)]
pub struct Done {
    /// Warnings; there is no error in it.
    pub report: Report,
    /// The specs, for showing the warnings.
    pub sources: Sources,
    /// The number of generated files.
    pub files: usize,
    /// How the files on disk differed: what was put right, or has to be when only checking.
    pub drift: Drift,
}

/// Why nothing was generated.
#[derive(Debug)]
pub enum Failure {
    /// The specs are wrong.
    Problems {
        /// What is wrong with them.
        report: Report,
        /// The specs, for showing it.
        sources: Sources,
    },
    /// There is no helpdesk of this name.
    Unknown {
        /// The name.
        helpdesk: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// A file cannot be read or written.
    Disk(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Problems { report, .. } => write!(f, "the specs have {} problems", report.counts().0),
            Failure::Unknown { helpdesk, help } => {
                write!(f, "there is no helpdesk `{helpdesk}` under {SPECS}/")?;
                help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
            }
            Failure::Disk(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Disk(error)
    }
}

/// Regenerates everything, or the crates of some helpdesks without the files that all share.
///
/// With `check`, nothing is written.
///
/// # Errors
/// When the specs are wrong, a helpdesk is unknown, or the disk fails.
pub fn regenerate(root: &Path, check: bool, only: &[String]) -> Result<Done, Failure> {
    with(root, check, only, crate::generate_repository)
}

fn with(
    root: &Path,
    check: bool,
    only: &[String],
    generate: impl Fn(&Sources) -> (FileSet, Report),
) -> Result<Done, Failure> {
    let mut sources = Sources::collect(&root.join(SPECS))?;
    for helpdesk in only {
        let known = sources.helpdesks();
        if !known.contains(&helpdesk.as_str()) {
            return Err(Failure::Unknown {
                helpdesk: helpdesk.clone(),
                help: suggestion(helpdesk, &known),
            });
        }
    }
    if !only.is_empty() {
        sources = sources.only(only);
    }
    let (mut files, report) = generate(&sources);
    if report.has_errors() {
        return Err(Failure::Problems { report, sources });
    }
    if only.is_empty() {
        // The crate of a helpdesk that is gone is stale as a whole.
        files.own(GENERATED);
    } else {
        let crates: Vec<String> = only.iter().map(|helpdesk| format!("{GENERATED}/{helpdesk}")).collect();
        files.retain_below(&crates);
    }
    let drift = if check {
        files.compare(root)?
    } else {
        files.write(root)?
    };
    Ok(Done {
        report,
        sources,
        files: files.len(),
        drift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fileset::MARKER;
    use crate::report::Span;

    /// One file a helpdesk, and one that all share.
    fn copy(sources: &Sources) -> (FileSet, Report) {
        let (mut files, report) = (FileSet::new(), Report::new());
        files.insert("specs/spec.schema.json", sources.helpdesks().join(" "));
        for file in sources.files() {
            let text = String::from_utf8_lossy(&file.bytes);
            if text.contains("wrong") {
                report.error("wrong", &Span::of_file(file.path.clone()), "wrong");
            }
            files.insert(
                format!("generated/{}/src/lib.rs", file.helpdesk()),
                format!("//! {MARKER}\n//{text}"),
            );
        }
        (files, report)
    }

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn everything_or_some_helpdesks() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        put(root, "specs/lantern/integration.yaml", "1");
        put(root, "specs/harbour/integration.yaml", "1");
        let run = |check, only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            with(root, check, &only, copy)
        };
        assert_eq!(run(true, &[]).unwrap().drift.missing.len(), 3);
        assert!(!root.join("generated").exists(), "checking writes nothing");

        assert_eq!(
            run(false, &["lantern"]).unwrap().drift.missing,
            ["generated/lantern/src/lib.rs"]
        );
        assert_eq!(run(false, &[]).unwrap().drift.len(), 2);
        assert!(run(true, &[]).unwrap().drift.is_empty());

        put(root, "specs/lantern/integration.yaml", "2");
        assert!(run(true, &["harbour"]).unwrap().drift.is_empty());
        assert_eq!(run(true, &[]).unwrap().drift.changed.len(), 1);

        let unknown = run(true, &["harbor"]).unwrap_err().to_string();
        assert_eq!(
            unknown,
            "there is no helpdesk `harbor` under specs/; did you mean `harbour`?"
        );

        put(root, "specs/lantern/integration.yaml", "wrong");
        assert!(matches!(run(false, &[]), Err(Failure::Problems { .. })));
        assert!(run(true, &["harbour"]).unwrap().drift.is_empty());

        std::fs::remove_dir_all(root.join("specs/lantern")).unwrap();
        assert_eq!(run(false, &[]).unwrap().drift.stale, ["generated/lantern/src/lib.rs"]);
        assert!(!root.join("generated/lantern").exists());
    }
}
