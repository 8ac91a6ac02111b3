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
