//! What users of the tools are told about a change of the specs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

use deskhand_codegen::diff::{Diff, What, compare, surface};
use deskhand_codegen::report::Report;
use deskhand_codegen::source::Sources;
use serde_json::json;

const INTEGRATION: &str = "\
integration: acme
title: Acme
doc: A helpdesk.
documentation: https://example.com/docs
base_url: https://example.com
credentials:
  token: {title: Token, help: From the settings., secret: true, example: 0123456789abcdef}
auth:
  - {scheme: token, bearer: \"{token}\"}
limits: {doc: None are known.}
errors: {message: [/message]}
identifiers:
  ThingId: {type: int, doc: Identifies a thing.}
tags:
  support: For support teams.
";

const THINGS: &str = "\
resource: things
tags: [support]
operations:
  list_things:
    method: list
    http: GET /things
    title: List things
    doc: Lists the things.
    query:
      state: {type: State, doc: Only these.}
      word: {type: text, max: 20, doc: Only with this word.}
      size: {type: int, min: 1, max: 50, doc: Things in a page.}
    answer: {list: Thing}
  update_thing:
    method: update
    http: PUT /things/{id}
    title: Change a thing
    doc: Changes a thing.
    path:
      id: {type: ThingId, doc: The thing.}
    body:
      name: {type: text, doc: Its name.}
      place: {type: Place, doc: Where it is.}
    answer: {record: Thing}
types:
  State:
    doc: A state.
    values: {open: {}, closed: {}}
  Place:
    doc: A place.
    fields:
      street: {type: text, doc: Street.}
      number: {type: int, doc: Number.}
  Thing:
    doc: A thing.
    fields:
      id: ThingId
      name: text
      state: State
";

fn sources(things: &str) -> Sources {
    Sources::in_memory([("acme/integration.yaml", INTEGRATION), ("acme/things.yaml", things)])
}

fn diff(old: &Sources, new: &Sources) -> Diff {
    let report = Report::new();
    let (before, after) = (surface(old, &report), surface(new, &report));
    assert_eq!(report.render(new, false), "");
    compare(&before, &after)
}

/// The changes where these words of the things become others.
fn changed(edits: &[(&str, &str)]) -> String {
    let mut things = THINGS.to_owned();
    for (old, new) in edits {
        assert_eq!(things.matches(old).count(), 1, "{old}");
        things = things.replace(old, new);
    }
    diff(&sources(THINGS), &sources(&things)).render()
}

const LIST: &str = "acme\n  list_all_acme_things (GET /things)\n";
const UPDATE: &str = "acme\n  update_a_acme_thing_by_id (PUT /things/{id})\n";

#[test]
fn the_same_specs_change_nothing() {
    let diff = diff(&sources(THINGS), &sources(THINGS));
    assert_eq!(diff, Diff::default());
    assert_eq!(
        (diff.render().as_str(), diff.summary().as_str()),
        ("", "no tool changes")
    );
}

#[test]
fn one_change_is_one_line() {
    for (old, new, tool, expected) in [
        (
            "      word: {type: text, max: 20, doc: Only with this word.}\n",
            "",
            LIST,
            "breaking    argument `word` is gone",
        ),
        (
            "max: 20",
            "max: 20, required: true",
            LIST,
            "breaking    argument `word` has to be given now",
        ),
        (
            "    answer: {list",
            "      more: {type: text, doc: More.}\n    answer: {list",
            LIST,
            "compatible  argument `more` is new",
        ),
        (
            "    answer: {list",
            "      more: {type: text, required: true, doc: More.}\n    answer: {list",
            LIST,
            "breaking    argument `more` is new and has to be given",
        ),
        (
            "type: int, min: 1, max: 50",
            "type: int, min: 1, max: 100",
            LIST,
            "compatible  argument `size`: its maximum was 50 and is 100",
        ),
        (
            "type: int, min: 1, max: 50",
            "type: int, min: 2, max: 50",
            LIST,
            "breaking    argument `size`: its minimum was 1 and is 2",
        ),
        (
            "type: int, min: 1, max: 50",
            "type: int, min: 1",
            LIST,
            "compatible  argument `size`: its maximum was 50 and is none",
        ),
        (
            "type: text, max: 20",
            "type: text, max: 10",
            LIST,
            "breaking    argument `word`: its maxLength was 20 and is 10",
        ),
        (
            "doc: Only with this word.",
            "doc: A word.",
            LIST,
            "compatible  argument `word` is described in other words",
        ),
        (
            "title: List things",
            "title: List all things",
            LIST,
            "compatible  its title was \"List things\" and is \"List all things\"",
        ),
        (
            "doc: Lists the things.",
            "doc: Lists all things.",
            LIST,
            "compatible  it is described in other words",
        ),
        (
            "http: PUT /things/{id}",
            "http: PUT /things/{id}\n    effect: destructive",
            UPDATE,
            "breaking    its effect was write and is destructive",
        ),
        (
            "http: PUT /things/{id}",
            "http: PUT /things/{id}\n    tags: [things, support]\n    aliases: [change_acme_thing]",
            UPDATE,
            "compatible  the name change_acme_thing is accepted, too",
        ),
        (
            "{type: int, doc: Number.}",
            "{type: number, doc: Number.}",
            UPDATE,
            "compatible  argument `place.number`: its type was integer and is number",
        ),
        (
            "{type: int, doc: Number.}",
            "{type: text, doc: Number.}",
            UPDATE,
            "breaking    argument `place.number`: its type was integer and is string",
        ),
        (
            "      street: {type: text, doc: Street.}",
            "      street: {type: text, required: true, doc: Street.}",
            UPDATE,
            "breaking    argument `place.street` has to be given now",
        ),
    ] {
        assert_eq!(changed(&[(old, new)]), format!("{tool}    {expected}\n"), "{new}");
    }
}

#[test]
fn forms_and_words_narrow_and_widen() {
    assert_eq!(
        changed(&[(
            "{type: text, max: 20, doc: Only with this word.}",
            "{type: email, max: 20, doc: Only with this word.}"
        )]),
        format!("{LIST}    breaking    argument `word`: it has to be an e-mail address such as jane@example.com now\n")
    );
    assert_eq!(
        changed(&[("{open: {}, closed: {}}", "{open: {}, spam: {}}")]),
        format!(
            "{LIST}    breaking    argument `state`: `closed` is not accepted any more\n    \
             compatible  argument `state`: `spam` is accepted, too\n    \
             compatible  `result[].state` in answers is described otherwise\n  \
             update_a_acme_thing_by_id (PUT /things/{{id}})\n    \
             compatible  `state` in answers is described otherwise\n"
        )
    );
}

#[test]
fn rules_narrow() {
    let ruled = "    rules: [{at_most_one: [name, place]}]\n    answer: {record: Thing}";
    assert_eq!(
        changed(&[("    answer: {record: Thing}", ruled)]),
        format!(
            "{UPDATE}    breaking    the arguments: a rule over several arguments came or changed\n    \
             compatible  argument `name` is described in other words\n    \
             compatible  argument `place` is described in other words\n"
        )
    );
    // The reason that a rule gives is no part of what it refuses.
    let rule = "    rules: [{when: name, refuses: [place], because: One is enough.}]\n    answer: {record: Thing}";
    let old = THINGS.replace("    answer: {record: Thing}", rule);
    let new = old.replace("One is enough.", "Both are too much.");
    assert_eq!(diff(&sources(&old), &sources(&new)).breaking, 0);
    assert_eq!(diff(&sources(&old), &sources(THINGS)).breaking, 0);
    assert_eq!(diff(&sources(THINGS), &sources(&old)).breaking, 1);
}

#[test]
fn tools_come_go_and_are_renamed() {
    assert_eq!(
        changed(&[("method: update", "method: rename")]),
        "acme\n  acme_things_rename (PUT /things/{id})\n    \
         breaking    it was called update_a_acme_thing_by_id\n    \
         breaking    its category was write and is custom: filters by category choose otherwise\n"
    );
    assert_eq!(
        changed(&[(
            "method: update",
            "method: rename\n    aliases: [update_a_acme_thing_by_id]"
        )]),
        "acme\n  acme_things_rename (PUT /things/{id})\n    \
         compatible  it was called update_a_acme_thing_by_id, which is still accepted\n    \
         breaking    its category was write and is custom: filters by category choose otherwise\n"
    );
    assert_eq!(
        changed(&[
            ("method: update", "method: move"),
            ("PUT /things/{id}", "POST /things/{id}/move")
        ]),
        "acme\n  update_a_acme_thing_by_id (PUT /things/{id})\n    breaking    the tool is gone\n  \
         acme_things_move (POST /things/{id}/move)\n    compatible  the tool is new\n"
    );
    // Without documentation it is no tool.
    assert_eq!(
        changed(&[("    doc: Changes a thing.\n", "")]),
        format!("{UPDATE}    breaking    the tool is gone\n")
    );
    assert_eq!(
        changed(&[("tags: [support]\n", "")]),
        "acme\n  list_all_acme_things (GET /things)\n    \
         breaking    the tag support is gone: filters by it do not choose the tool any more\n  \
         update_a_acme_thing_by_id (PUT /things/{id})\n    \
         breaking    the tag support is gone: filters by it do not choose the tool any more\n"
    );
}

#[test]
fn a_helpdesk_comes_or_goes_with_its_tools() {
    let none = Sources::default();
    let gone = diff(&sources(THINGS), &none);
    assert_eq!((gone.breaking, gone.compatible), (2, 0));
    assert!(gone.changes.iter().all(|change| change.change == What::ToolRemoved));
    let come = diff(&none, &sources(THINGS));
    assert_eq!((come.breaking, come.compatible), (0, 2));
    assert_eq!(come.summary(), "0 breaking, 2 compatible");
}

#[test]
fn answers_promise_their_members() {
    let diff = diff(
        &sources(THINGS),
        &sources(&THINGS.replace("      name: text\n      state", "      label: text\n      state")),
    );
    let told = json!({
        "breaking": 2,
        "compatible": 2,
        "changes": [
            {
                "helpdesk": "acme", "tool": "list_all_acme_things", "route": "GET /things", "change": "output",
                "breaking": true, "at": "result[].name", "text": "`result[].name` is not told in answers any more",
            },
            {
                "helpdesk": "acme", "tool": "list_all_acme_things", "route": "GET /things", "change": "output",
                "breaking": false, "at": "result[].label", "text": "`result[].label` is told in answers, too",
            },
            {
                "helpdesk": "acme", "tool": "update_a_acme_thing_by_id", "route": "PUT /things/{id}", "change": "output",
                "breaking": true, "at": "name", "text": "`name` is not told in answers any more",
            },
            {
                "helpdesk": "acme", "tool": "update_a_acme_thing_by_id", "route": "PUT /things/{id}", "change": "output",
                "breaking": false, "at": "label", "text": "`label` is told in answers, too",
            },
        ],
    });
    assert_eq!(serde_json::to_value(&diff).unwrap(), told);
}

#[test]
fn wrong_specs_are_told_and_left_out() {
    let wrong = sources(&THINGS.replace("type: State, doc", "type: Stat, doc"));
    let report = Report::new();
    assert!(surface(&wrong, &report).is_empty());
    assert!(report.render(&wrong, false).contains("there is no type `Stat`"));
}

fn git(root: &Path, arguments: &[&str]) {
    let who = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.com",
        "-c",
        "commit.gpgsign=false",
    ];
    let run = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(who)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn a_revision_of_git_is_read_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let put = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("specs/acme/integration.yaml", INTEGRATION);
    put("specs/acme/things.yaml", THINGS);
    put("specs/acme/tour.yaml", "not: ours");
    put("specs/acme/_draft.yaml", "not: ours");
    put("specs/README.md", "words");
    put("other/acme/things.yaml", "not: ours");
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "first"]);
    git(root, &["tag", "v1"]);
    put(
        "specs/acme/things.yaml",
        &THINGS.replace("method: update", "method: rename"),
    );
    let old = Sources::at_revision(root, "specs", "HEAD").unwrap();
    assert_eq!(old, sources(THINGS));
    let new = Sources::collect(&root.join("specs")).unwrap();
    assert_eq!(diff(&old, &new).breaking, 2);
    git(root, &["rm", "--quiet", "-r", "-f", "specs"]);
    git(root, &["commit", "--quiet", "--message", "second"]);
    assert_eq!(Sources::at_revision(root, "specs", "HEAD").unwrap(), Sources::default());
    assert_eq!(Sources::at_revision(root, "specs", "v1").unwrap(), old);
    for revision in ["v2", "--all", "HEAD:specs"] {
        let error = Sources::at_revision(root, "specs", revision).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("git knows no revision `{revision}` here")),
            "{error}"
        );
    }
}
