//! `cargo xtask diff`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use deskhand_codegen::diff::{Surface, compare, surface};
use deskhand_codegen::regenerate::SPECS;
use deskhand_codegen::report::{Report, suggestion, wants_colour};
use deskhand_codegen::source::Sources;

use crate::{Outcome, Verdict};

/// Show what changes for users of the tools between two states of the specs.
///
/// The new state is that of the working directory. Both are read with the present generator. What makes a call, a filter or
/// a reader of answers stop working is breaking: a tool or argument that is gone, or renamed without an alias; an argument
/// that has to be given; a value, form or bound that accepts less; a rule over several arguments that came or changed; an
/// effect that is more dangerous; another category; a tag that is gone; a member of answers that is gone or has another type.
/// Everything else is compatible.
///
/// Exit status: 0 no breaking change, 1 breaking changes, 2 the states could not be compared.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask diff                        against the last commit
  cargo xtask diff main                   against another branch, tag or commit
  cargo xtask diff v1.2 acme              one helpdesk only
  cargo xtask diff --from ../old/specs    against a directory of specs
  cargo xtask diff main --format json     for programs: {\"breaking\": 1, \"compatible\": 0, \"changes\": [...]}")]
pub(crate) struct Arguments {
    /// Revision of git with the old state (default: HEAD), then helpdesks (default: all); with --from, helpdesks only.
    #[arg(value_name = "REVISION|HELPDESK")]
    words: Vec<String>,
    /// Directory with the old state, one folder a helpdesk.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// For people or for programs.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// By helpdesk and tool.
    Text,
    /// One object.
    Json,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Outcome {
    let new = Sources::collect(&root.join(SPECS)).map_err(|error| error.to_string())?;
    let (old, only) = old(root, arguments, &new)?;
    for name in only {
        let mut known = new.helpdesks();
        known.extend(old.helpdesks());
        if !known.contains(&name.as_str()) {
            let help = suggestion(name, &known).map(|help| format!("; {help}"));
            return Err(format!(
                "neither state has a helpdesk `{name}`{}",
                help.unwrap_or_default()
            ));
        }
    }
    let chosen = |sources: Sources| if only.is_empty() { sources } else { sources.only(only) };
    let diff = compare(&read("old", chosen(old))?, &read("new", chosen(new))?);
    match arguments.format {
        Format::Text => print!("{}", diff.render()),
        Format::Json => {
            let text = serde_json::to_string_pretty(&diff).map_err(|error| error.to_string())?;
            println!("{text}");
        }
    }
    eprintln!("{}", diff.summary());
    Ok(Verdict::good_if(diff.breaking == 0))
}

/// The old state, and the helpdesks that are asked for.
fn old<'a>(root: &Path, arguments: &'a Arguments, new: &Sources) -> Result<(Sources, &'a [String]), String> {
    if let Some(from) = &arguments.from {
        let old = Sources::collect(from).map_err(|error| error.to_string())?;
        return Ok((old, &arguments.words));
    }
    let (revision, only) = match arguments.words.split_first() {
        Some((revision, only)) => (revision.as_str(), only),
        None => ("HEAD", &[][..]),
    };
    match Sources::at_revision(root, SPECS, revision) {
        Ok(old) => Ok((old, only)),
        Err(_) if new.helpdesks().contains(&revision) => Err(format!(
            "`{revision}` is a helpdesk and no revision; write `cargo xtask diff HEAD {revision}`"
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn read(state: &str, sources: Sources) -> Result<Surface, String> {
    let report = Report::new();
    let surface = surface(&sources, &report);
    if report.has_errors() {
        eprint!("{}", report.render(&sources, wants_colour(&std::io::stderr())));
        return Err(format!("the {state} specs have {} problems", report.counts().0));
    }
    Ok(surface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskhand_codegen::scaffold::scaffold;

    fn arguments(words: &[&str], from: &Path) -> Arguments {
        Arguments {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            from: Some(from.to_owned()),
            format: Format::Text,
        }
    }

    #[test]
    fn two_directories_are_compared() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for root in [&old, &new] {
            scaffold("acme", None, None).unwrap().write(root.path()).unwrap();
        }
        let from = old.path().join(SPECS);
        let run = |words: &[&str]| run(new.path(), &arguments(words, &from));
        assert_eq!(run(&[]), Ok(Verdict::Good));
        let things = new.path().join("specs/acme/things.yaml");
        let text = std::fs::read_to_string(&things).unwrap();
        std::fs::write(
            &things,
            text.replace("{type: text, doc: Only", "{type: text, required: true, doc: Only"),
        )
        .unwrap();
        assert_eq!(run(&["acme"]), Ok(Verdict::Bad));
        let error = run(&["acne"]).unwrap_err();
        assert_eq!(error, "neither state has a helpdesk `acne`; did you mean `acme`?");
        std::fs::write(&things, text.replace("{list: Thing}", "{list: Thong}")).unwrap();
        assert_eq!(run(&[]).unwrap_err(), "the new specs have 1 problems");
    }

    #[test]
    fn a_helpdesk_is_no_revision() {
        let root = tempfile::tempdir().unwrap();
        scaffold("acme", None, None).unwrap().write(root.path()).unwrap();
        let mut arguments = arguments(&["acme"], root.path());
        arguments.from = None;
        let error = run(root.path(), &arguments).unwrap_err();
        assert_eq!(
            error,
            "`acme` is a helpdesk and no revision; write `cargo xtask diff HEAD acme`"
        );
    }
}
