//! `cargo xtask new`

use std::path::Path;

use clap::Args;
use deskhand_codegen::regenerate::SPECS;
use deskhand_codegen::scaffold::scaffold;

use crate::{Outcome, Verdict};

/// Begin a helpdesk: the least spec that can be generated, with comments that say what to fill in.
///
/// Nothing but its spec has to be written by hand: `cargo xtask regenerate` makes the crate and links it. Where the vendor
/// has an OpenAPI document, `cargo xtask import` begins with more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask new acme
  cargo xtask new acme --title \"Acme Desk\" --base-url 'https://{subdomain}.acme.example/api/v2'")]
pub(crate) struct Arguments {
    /// Slug: letters a to z and digits; folder, crate and tools are called by it.
    slug: String,
    /// Name as people write it (default: the slug).
    #[arg(long)]
    title: Option<String>,
    /// What all paths begin with; `{name}` stands for what differs between accounts.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let slug = &arguments.slug;
    let files = scaffold(slug, arguments.title.as_deref(), arguments.base_url.as_deref())?;
    vacant(root, slug)?;
    files.write(root).map_err(|error| error.to_string())?;
    for (path, _) in files.iter() {
        println!("{path}");
    }
    eprint!(
        "{}",
        next_steps(
            slug,
            "Fill in what is marked FILL IN; specs/README.md explains the language."
        )
    );
    Ok(Verdict::Good)
}

/// Refuses a slug that is in use.
pub(crate) fn vacant(root: &Path, slug: &str) -> Result<(), String> {
    match root.join(SPECS).join(slug).exists() {
        true => Err(format!(
            "{SPECS}/{slug} exists already; choose another slug, or edit what is there"
        )),
        false => Ok(()),
    }
}

/// What is to be done with a spec that was written.
pub(crate) fn next_steps(slug: &str, first: &str) -> String {
    format!(
        "\nNext:\n  1. {first}\n  2. cargo xtask regenerate                  makes generated/{slug} and links it; no Rust is \
         written by hand\n  3. cargo run -p deskhand -- tools {slug}     shows the tools\nA simulator, wire cases and calls \
         complete it: CONTRIBUTING.md, \"Add a helpdesk\".\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpdesk_that_exists_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let arguments = Arguments {
            slug: "acme".to_owned(),
            title: None,
            base_url: None,
        };
        assert_eq!(run(root.path(), &arguments), Ok(Verdict::Good));
        let path = root.path().join("specs/acme/integration.yaml");
        std::fs::write(&path, "mine").unwrap();
        let error = run(root.path(), &arguments).unwrap_err();
        assert!(error.starts_with("specs/acme exists already"), "{error}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
    }
}
