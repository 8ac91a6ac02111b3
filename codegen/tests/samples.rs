//! Sample helpdesks that use every hard case of the spec language, and what is generated for them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::Path;

use deskhand_codegen::fileset::FileSet;
use deskhand_codegen::generate;
use deskhand_codegen::source::Sources;
use proptest::prelude::*;

/// Where the crates of the samples are, below the root of the repository.
const GENERATED: &str = "codegen/tests/samples/generated";

type Files = Vec<(String, Vec<u8>)>;

fn codegen() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Sources {
    let specs = codegen().join("tests/samples/specs");
    Sources::collect(&specs).expect("the sample specs are readable")
}

fn files() -> Files {
    sources()
        .files()
        .map(|source| (source.path.to_string(), source.bytes.clone()))
        .collect()
}

fn generated(files: Files) -> (FileSet, String) {
    let sources = Sources::in_memory(files);
    let (generated, report) = generate(&sources, GENERATED);
    (generated, report.render(&sources, false))
}

#[test]
fn the_samples_are_generated_without_a_problem() {
    let (generated, report) = generated(files());
    assert_eq!(report, "");
    assert!(!generated.is_empty());
}

#[test]
fn the_generated_crates_are_those_on_disk() {
    let (mut generated, report) = generated(files());
    assert_eq!(report, "");
    generated.own(GENERATED);
    let root = codegen().parent().expect("the crate is inside the repository");
    if std::env::var_os("DESKHAND_ACCEPT").is_some_and(|value| value == "1") {
        generated.write(root).expect("the generated crates are writable");
        return;
    }
    let drift = generated.compare(root).expect("the generated crates are readable");
    assert!(
        drift.is_empty(),
        "{}\nto accept: DESKHAND_ACCEPT=1 cargo test -p deskhand-codegen --test samples",
        drift.render()
    );
}

#[test]
fn the_output_depends_on_the_specs_alone() {
    let once = generated(files());
    assert_eq!(once, generated(files()), "twice the same");
    let mut reversed = files();
    reversed.reverse();
    assert_eq!(once, generated(reversed), "in whatever order the files come");
    let crlf = files()
        .into_iter()
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes).expect("the sample specs are UTF-8");
            (path, text.replace('\n', "\r\n").into_bytes())
        })
        .collect();
    assert_eq!(once, generated(crlf), "with whatever ends the lines have");
}

#[test]
fn an_identifier_is_looked_for_first_where_it_is_named_after() {
    // Before the tickets in the order of files, and asking for a ticket as their own operations do.
    let surveys = "\
resource: answered_surveys
operations:
  list_answered_surveys:
    method: list
    http: GET /surveys
    title: List surveys
    doc: Lists surveys.
    answer: {list: AnsweredSurvey}
  update_answered_survey:
    method: update
    http: PUT /surveys
    title: Change a survey
    doc: Changes a survey.
    body:
      ticket_id: {type: TicketId, required: true, doc: Ticket that it is about.}
    answer: {record: AnsweredSurvey}
types:
  AnsweredSurvey:
    doc: A survey.
    fields: {ticket_id: TicketId}
";
    let mut files = files();
    files.push(("gorgias/answered_surveys.yaml".to_owned(), surveys.into()));
    let (generated, report) = generated(files);
    assert_eq!(report, "");
    let kinds = generated
        .get(&format!("{GENERATED}/gorgias/src/identifiers.rs"))
        .unwrap();
    let (_, ticket) = kinds.split_once("name: \"TicketId\"").unwrap();
    let (_, tools) = ticket.split_once("yielded_by: &[").unwrap();
    let (tools, _) = tools.split_once(']').unwrap();
    let tools: Vec<_> = tools
        .split(',')
        .map(str::trim)
        .filter(|tool| !tool.is_empty())
        .collect();
    let expected = [
        "\"list_all_gorgias_tickets\"",
        "\"list_all_gorgias_answered_surveys\"",
        "\"gorgias_views_list_items\"",
    ];
    assert_eq!(tools, expected);
}

/// Damage to one line.
#[derive(Clone, Debug)]
enum Damage {
    Delete,
    Duplicate,
    /// Swapped with the next one.
    Swap,
    Indent,
    /// Cut after so many characters.
    Cut(usize),
    /// Replaced by anything.
    Replace(String),
    /// Some character replaced by a sign that YAML gives a meaning.
    Sign(usize, char),
}

fn damage() -> impl Strategy<Value = Damage> {
    let signs = prop::sample::select(vec![
        '{', '}', '[', ']', ':', ',', '"', '\'', '&', '*', '!', '|', '-', '#', '\t', '\u{0}', 'é', '7',
    ]);
    prop_oneof![
        3 => Just(Damage::Delete),
        3 => Just(Damage::Duplicate),
        2 => Just(Damage::Swap),
        1 => Just(Damage::Indent),
        2 => (0usize..80).prop_map(Damage::Cut),
        1 => "\\PC{0,60}".prop_map(Damage::Replace),
        4 => (0usize..80, signs).prop_map(|(at, sign)| Damage::Sign(at, sign)),
    ]
}

fn inflict(bytes: &[u8], at: prop::sample::Index, damage: Damage) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = at.index(lines.len());
    match damage {
        Damage::Delete => drop(lines.remove(at)),
        Damage::Duplicate => lines.insert(at, lines[at].clone()),
        Damage::Swap => {
            let next = (at + 1).min(lines.len() - 1);
            lines.swap(at, next);
        }
        Damage::Indent => lines[at].insert_str(0, "  "),
        Damage::Cut(most) => lines[at] = lines[at].chars().take(most).collect(),
        Damage::Replace(line) => lines[at] = line,
        Damage::Sign(most, sign) => {
            let length = lines[at].chars().count();
            lines[at] = lines[at]
                .chars()
                .enumerate()
                .map(|(place, c)| {
                    if place == most.min(length.saturating_sub(1)) {
                        sign
                    } else {
                        c
                    }
                })
                .collect();
        }
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is wrong with specs, authors get a report and never a panic.
    #[test]
    fn damaged_samples_never_panic(
        helpdesk in any::<prop::sample::Index>(),
        hurts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), damage()), 1..4)
    ) {
        // One helpdesk is enough, and all of them take long.
        let mut files = files();
        let slug = sources().helpdesks()[helpdesk.index(4)].to_owned();
        files.retain(|(path, _)| path.starts_with(&slug));
        for (file, line, damage) in hurts {
            let file = file.index(files.len());
            if !files[file].1.is_empty() {
                files[file].1 = inflict(&files[file].1, line, damage);
            }
        }
        let sources = Sources::in_memory(files);
        let (generated, report) = generate(&sources, GENERATED);
        prop_assert!(report.has_errors() || !generated.is_empty());
        report.render(&sources, false);
    }
}
