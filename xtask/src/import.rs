//! `cargo xtask import`

use std::path::{Path, PathBuf};

use clap::Args;
use deskhand_codegen::import::{Failure, MAX_BYTES, Request, import};
use deskhand_codegen::report::wants_colour;

use crate::new::{next_steps, vacant};
use crate::{Outcome, Verdict};

/// Begin a helpdesk from its OpenAPI document.
///
/// Reads OpenAPI 3.0 and 3.1, YAML or JSON, and writes specs/<slug>/: operations with arguments and answers, types, address,
/// credentials. Names follow fixed rules, so the same document makes the same spec. What had to be guessed, and what the spec
/// language cannot say, stands as `# CHECK:` in the spec and in the report at the end, with its place in the document.
///
/// Exit status: 0 the spec was written, 1 the spec would have problems and was not written, 2 the document cannot be imported.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask import openapi.yaml --as acme
  cargo xtask import openapi.json --as acme --tag Tickets --tag Contacts
  cargo xtask import openapi.json --as acme --out /tmp/try      writes /tmp/try/specs/acme instead")]
pub(crate) struct Arguments {
    /// The document, a local file.
    file: String,
    /// Slug: letters a to z and digits; folder, crate and tools are called by it.
    #[arg(long = "as", value_name = "SLUG")]
    slug: String,
    /// Take the operations with this tag only; may be given more than once.
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Write below this directory instead of the repository.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let root = arguments.out.as_deref().unwrap_or(root);
    let slug = &arguments.slug;
    vacant(root, slug)?;
    let bytes = read(&arguments.file)?;
    let name = Path::new(&arguments.file)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let request = Request {
        name: &name,
        bytes: &bytes,
        slug,
        tags: &arguments.tag,
    };
    let imported = match import(&request) {
        Ok(imported) => imported,
        Err(Failure::Document(why)) => return Err(why),
        Err(Failure::Spec { report, sources }) => {
            eprint!("{}", report.render(&sources, wants_colour(&std::io::stderr())));
            eprintln!("The spec made of {name} has these problems and was not written. --tag leaves operations out.");
            return Ok(Verdict::Bad);
        }
    };
    imported.files.write(root).map_err(|error| error.to_string())?;
    for (path, _) in imported.files.iter() {
        println!("{path}");
    }
    eprint!("\n{}", imported.render());
    eprint!(
        "{}",
        next_steps(slug, "Look at each `# CHECK:` under specs/, and take it out.")
    );
    Ok(Verdict::Good)
}

fn read(file: &str) -> Result<Vec<u8>, String> {
    if file.contains("://") {
        return Err(format!(
            "`{file}` is an address; download the document and name the file"
        ));
    }
    let cannot = |error: std::io::Error| format!("{file}: {error}");
    let size = std::fs::metadata(file).map_err(cannot)?.len();
    if size > MAX_BYTES as u64 {
        return Err(format!(
            "{file} has {size} bytes, more than the {MAX_BYTES} that a document may have; keep the paths that are needed"
        ));
    }
    std::fs::read(file).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
openapi: 3.0.3
info: {title: Acme, version: '1'}
servers: [{url: https://acme.example}]
paths:
  /things: {get: {tags: [All], summary: List things, responses: {'204': {description: Done}}}}
";

    fn arguments(file: &str, out: &Path) -> Arguments {
        Arguments {
            file: file.to_owned(),
            slug: "acme".to_owned(),
            tag: Vec::new(),
            out: Some(out.to_owned()),
        }
    }

    #[test]
    fn a_document_is_written_once() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("openapi.yaml");
        std::fs::write(&file, DOCUMENT).unwrap();
        let arguments = arguments(file.to_str().unwrap(), root.path());
        assert_eq!(run(Path::new("/nowhere"), &arguments), Ok(Verdict::Good));
        let spec = std::fs::read_to_string(root.path().join("specs/acme/things.yaml")).unwrap();
        assert!(spec.contains("\n    http: GET /things\n"), "{spec}");
        let error = run(Path::new("/nowhere"), &arguments).unwrap_err();
        assert!(error.starts_with("specs/acme exists already"), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let root = tempfile::tempdir().unwrap();
        let large = root.path().join("large.json");
        std::fs::File::create(&large).unwrap().set_len(50 << 20).unwrap();
        let wrong = root.path().join("wrong.json");
        std::fs::write(&wrong, "{").unwrap();
        for (file, why) in [
            (
                "https://acme.example/openapi.json",
                "is an address; download the document and name the file",
            ),
            ("/nowhere/openapi.json", "/nowhere/openapi.json: "),
            (large.to_str().unwrap(), "has 52428800 bytes, more than the 4194304"),
            (
                wrong.to_str().unwrap(),
                "wrong.json is no JSON: EOF while parsing an object at line 1 column 1",
            ),
        ] {
            let error = run(Path::new("/nowhere"), &arguments(file, root.path())).unwrap_err();
            assert!(error.contains(why), "{error}");
            assert!(!root.path().join("specs").exists());
        }
    }
}
