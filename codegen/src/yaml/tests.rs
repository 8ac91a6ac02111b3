//! What specs may look like, what is said about those that may not, and that nothing panics.

use indexmap::IndexMap;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::report::Report;
use crate::source::Sources;

fn read(text: impl AsRef<[u8]>) -> (Option<Node>, Vec<String>) {
    let report = Report::new();
    let node = parse(&"a.yaml".into(), text.as_ref(), &report);
    (node, said(&report))
}

/// The problems, one line each.
fn said(report: &Report) -> Vec<String> {
    let line = |p: crate::report::Problem| {
        let help = p.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {}: {}{help}", p.span.line, p.span.column, p.rule, p.message)
    };
    report.problems().into_iter().map(line).collect()
}

fn sound(text: &str) -> Node {
    let (node, said) = read(text);
    assert!(said.is_empty(), "{said:?}");
    node.unwrap()
}

fn decoded<T: serde::de::DeserializeOwned>(text: &str) -> (Option<T>, Vec<String>) {
    let report = Report::new();
    let node = parse(&"a.yaml".into(), text.as_bytes(), &report);
    let value = node.and_then(|node| decode(&node, &report));
    (value, said(&report))
}

#[test]
fn values_follow_the_core_schema() {
    let node = sound(
        "null: ~\nempty:\ntrue: true\nyes: yes\nint: -12\nhex: 0x1f\nfloat: 1.5e3\ntext: a b\nquoted: '1'\n\
         version: 1.2.3\ndate: 2024-01-01\ntime: 12:30\ndot: .\nplus: +1\nblock: |\n  a\n  b\nfolded: >-\n  a\n  b\nlist: [1, [x]]\n",
    );
    let expected = json!({
        "null": null, "empty": null, "true": true, "yes": "yes", "int": -12, "hex": 31, "float": 1500.0, "text": "a b",
        "quoted": "1", "version": "1.2.3", "date": "2024-01-01", "time": "12:30", "dot": ".", "plus": 1,
        "block": "a\nb\n", "folded": "a b", "list": [1, ["x"]]
    });
    assert_eq!(node.to_json(), expected);
}

#[test]
fn keys_keep_their_spelling() {
    let node = sound("1: Low\non: x\ntrue: y\n1.50: z\n'~': q\n007: r\n");
    let keys: Vec<&str> = node.entries().iter().map(|(key, _)| key.text.as_str()).collect();
    assert_eq!(keys, ["1", "on", "true", "1.50", "~", "007"]);
}

#[test]
fn every_part_knows_its_place() {
    let node = sound("a: 1\nb:\n  - x\n  - é: { c: dd }\n");
    let place = |node: &Node| (node.span.line, node.span.column, node.span.start, node.span.len);
    let b = node.get("b").unwrap();
    let Kind::List(items) = &b.kind else { panic!("{b:?}") };
    assert_eq!(place(&node), (1, 1, 0, 4));
    assert_eq!(place(node.get("a").unwrap()), (1, 4, 3, 1));
    assert_eq!(place(&items[0]), (3, 5, 12, 1));
    let inner = items[1].get("é").unwrap();
    assert_eq!(place(inner), (4, 8, 22, 9));
    assert_eq!(place(inner.get("c").unwrap()), (4, 13, 27, 2));
}

#[test]
fn line_ends_make_no_difference() {
    let text = "a: 1\n# c\nb: |\n  x\n  y\nc: \"p\n  q\"\n";
    assert_eq!(sound(text), sound(&text.replace('\n', "\r\n")));
    assert_eq!(sound(text), sound(&text.replace('\n', "\r")));
}

#[test]
fn every_duplicate_key_is_reported_with_the_first() {
    let report = Report::new();
    let text = "a: 1\nb: {x: 1, x: 2}\na: 3\n\"a\": 4\n";
    let node = parse(&"a.yaml".into(), text.as_bytes(), &report).unwrap();
    assert_eq!(node.to_json(), json!({"a": 1, "b": {"x": 1}}));
    let places: Vec<_> = report
        .problems()
        .iter()
        .map(|p| (p.rule, p.span.line, p.also[0].0.line, p.also[0].0.column))
        .collect();
    let rule = "yaml-duplicate-key";
    assert_eq!(places, [(rule, 2, 2, 5), (rule, 3, 1, 1), (rule, 4, 1, 1)]);
}

#[test]
fn what_hides_meaning_is_refused() {
    let said = read("a: &x 1\nb: *x\nc: *gone\nd: !!str 1\n<<: {e: 1}\n? [k]\n: 1\n? \n: 2\nf: 007\ng: .inf\nh: 99999999999999999999\n").1;
    assert_eq!(
        said,
        [
            "1:7 yaml-unsupported: anchors (`&name`) are not used here (remove the anchor, write the value where it is used)",
            "2:4 yaml-unsupported: aliases (`*name`) are not used here (write the value out)",
            "3:4 yaml-unsupported: aliases (`*name`) are not used here (write the value out)",
            "4:4 yaml-unsupported: tags such as `!!str` are not used here (remove the tag)",
            "5:1 yaml-unsupported: merge keys (`<<`) are not used here (write the merged keys out)",
            "6:3 yaml-key: a key must be text, this is a list",
            "9:1 yaml-key: a key must be text, this is nothing",
            "10:4 yaml-number: as a number this would lose its leading zeros (put it in quotes)",
            "11:4 yaml-number: this is a number in YAML that JSON cannot say (put it in quotes)",
            "12:4 yaml-number: this number is too large to be read without loss (put it in quotes)",
        ]
    );
    assert_eq!(
        read("a: 1\n---\nb: 2\n").1,
        ["2:1 yaml-unsupported: a second document starts here (make it a file of its own)"]
    );
    assert_eq!(read("---\na: 1\n...\n").1, [""; 0]);
}

#[test]
fn what_cannot_be_read_is_a_problem() {
    let rule = |text: &[u8]| {
        read(text)
            .1
            .iter()
            .map(|s| s.split(": ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(rule(b""), ["0:0 yaml-empty"]);
    assert_eq!(rule(b"# nothing\n"), ["0:0 yaml-empty"]);
    assert_eq!(rule(b"---\n"), ["0:0 yaml-empty"]);
    assert_eq!(rule(b"a: 1\nb\xff: 2\n"), ["2:2 yaml-encoding"]);
    assert_eq!(rule(b"\xef\xbb\xbfa: 1\n"), ["0:0 yaml-encoding"]);
    assert_eq!(rule(b"a:\n\tb: 1\n"), ["2:2 yaml-syntax"]);
    assert_eq!(rule(b"a: [1\n"), ["1:4 yaml-syntax"]);
    assert_eq!(rule(b"a: @b\n"), ["1:4 yaml-syntax"]);
    assert_eq!(rule(&vec![b'a'; 10_000_000]), ["0:0 yaml-size"]);
    assert_eq!(rule("[".repeat(100).as_bytes()).len(), 1);
    assert_eq!(rule("[".repeat(1_000_000).as_bytes()), ["1:256 yaml-depth"]);
    assert_eq!(
        rule(format!("{}{}", "[".repeat(65), "]".repeat(65)).as_bytes()),
        ["1:65 yaml-depth"]
    );
    assert_eq!(
        rule(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes()),
        [""; 0]
    );
    assert_eq!(rule("- ".repeat(100).as_bytes()), ["1:129 yaml-depth"]);
    assert_eq!(rule("{a: ".repeat(100).as_bytes()).len(), 1);
    assert_eq!(rule(b"a: \0\n").len(), 1);
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: Located<String>,
    count: u8,
    #[serde(default)]
    kind: Kinds,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    inner: Option<Box<Item>>,
    #[serde(default)]
    by_code: IndexMap<u16, String>,
    #[serde(default)]
    sample: Option<Node>,
    #[serde(default)]
    port: Option<Port>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kinds {
    #[default]
    Plain,
    ListOf(Box<Kinds>),
    Range {
        least: i64,
        most: i64,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Port(u16);

impl TryFrom<String> for Port {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Port).map_err(|_| format!("`{text}` is not a port"))
    }
}

#[test]
fn sound_values_decode() {
    let (item, said) = decoded::<Item>(
        "name: x\ncount: 3\nkind: {list_of: {range: {least: 1, most: 2}}}\ntags: [a]\n\
         inner: {name: y, count: 0, inner: }\nby_code: {1: Low, 2: High}\nsample: {a: [1, null]}\nport: '80'\n",
    );
    assert!(said.is_empty(), "{said:?}");
    let item = item.unwrap();
    assert_eq!(
        (item.name.value.as_str(), item.name.span.line, item.name.span.column),
        ("x", 1, 7)
    );
    assert_eq!(item.kind, Kinds::ListOf(Box::new(Kinds::Range { least: 1, most: 2 })));
    assert_eq!(item.by_code.get(&2).unwrap(), "High");
    assert_eq!(item.sample.unwrap().to_json(), json!({"a": [1, null]}));
    assert_eq!(item.port, Some(Port(80)));
    assert_eq!(item.inner.unwrap().name.span.line, 5);
}

#[test]
fn one_run_tells_everything() {
    let (item, said) = decoded::<Item>(
        "nmae: x\ncount: 300\nkind: {list_of: plian}\ntags: [a, 1, [b], c, true]\n\
         inner:\n  cuont: 1\n  inner:\n    tags: abc\n    kind: {range: {leest: 1, most: x}}\n\
         by_code: {one: Low, 2: 3}\nport: abc\nzzz: 1\n",
    );
    assert_eq!(item, None);
    let known = "known here: `name`, `count`, `kind`, `tags`, `inner`, `by_code`, `sample`, `port`";
    assert_eq!(
        said,
        [
            "1:1 missing-key: the key `name` is missing",
            "1:1 unknown-key: unknown key `nmae` (did you mean `name`?)",
            "2:8 wrong-type: expected a whole number from 0 to 255, found the number `300`",
            "3:17 unknown-value: `plian` is not known here (did you mean `plain`?)",
            "4:11 wrong-type: expected text, found the number `1` (put it in quotes)",
            "4:14 wrong-type: expected text, found a list",
            "4:22 wrong-type: expected text, found `true` (put it in quotes)",
            "6:3 missing-key: the key `count` is missing",
            "6:3 missing-key: the key `name` is missing",
            "6:3 unknown-key: unknown key `cuont` (did you mean `count`?)",
            "8:5 missing-key: the key `count` is missing",
            "8:5 missing-key: the key `name` is missing",
            "8:11 wrong-type: expected a list, found text `abc`",
            "9:19 missing-key: the key `least` is missing",
            "9:20 unknown-key: unknown key `leest` (did you mean `least`?)",
            "9:36 wrong-type: expected a whole number, found text `x`",
            "10:11 wrong-type: expected a whole number from 0 to 65535, found text `one`",
            "10:24 wrong-type: expected text, found the number `3` (put it in quotes)",
            "11:7 wrong-type: `abc` is not a port",
            &format!("12:1 unknown-key: unknown key `zzz` ({known})"),
        ]
    );
}

#[test]
fn variants_are_words_or_maps_of_one_key() {
    let said = |text: &str| decoded::<Kinds>(text).1;
    let known = "known here: `plain`, `list_of`, `range`";
    assert_eq!(
        said("'x'\n"),
        [format!("1:1 unknown-value: `x` is not known here ({known})")]
    );
    assert_eq!(
        said("list_of\n"),
        ["1:1 wrong-type: `list_of` needs a value (write `list_of: …`)"]
    );
    assert_eq!(said("plain: 1\n"), ["1:8 wrong-type: `plain` takes no value"]);
    assert_eq!(said("plain:\n"), [""; 0]);
    assert_eq!(
        said("{plain: , range: }\n"),
        ["1:1 wrong-type: expected a map with a single key, found a map"]
    );
    assert_eq!(
        said("7\n"),
        ["1:1 wrong-type: expected one of `plain`, `list_of`, `range`, found the number `7`"]
    );
    assert_eq!(
        said("range: [1, 2]\n"),
        ["1:8 wrong-type: expected a map, found a list"]
    );
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    items: Named<Item>,
    list: Vec<Raw<Item>>,
}

#[test]
fn captured_items_decode_on_their_own() {
    let text = "items:\n  good: {name: a, count: 1}\n  bad: {name: b}\n  1: {name: c, count: 2}\n  worse: {a: *x}\nlist: [1]\n";
    let report = Report::new();
    let node = parse(&"a.yaml".into(), text.as_bytes(), &report).unwrap();
    let outer: Outer = decode(&node, &report).unwrap();
    assert_eq!(outer.items.len(), 4);
    let names: Vec<_> = outer
        .items
        .iter()
        .map(|(name, raw)| (name.as_str(), name.span.line, raw.span().column))
        .collect();
    assert_eq!(names, [("good", 2, 9), ("bad", 3, 8), ("1", 4, 6), ("worse", 5, 10)]);
    let sound = outer.items.decode(&report);
    assert_eq!(
        sound
            .iter()
            .map(|(name, item)| (name.as_str(), item.count))
            .collect::<Vec<_>>(),
        [("good", 1), ("1", 2)]
    );
    assert_eq!(outer.list[0].decode(&report), None);
    assert_eq!(report.counts().0, 1 + 1 + 3 + 1);
}

#[test]
fn wrappers_have_the_schema_of_what_they_wrap() {
    use schemars::{JsonSchema, schema_for};
    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Plain {
        text: String,
        more: std::collections::BTreeMap<String, Plain>,
        list: Vec<Plain>,
    }
    #[derive(JsonSchema)]
    #[schemars(rename = "Plain")]
    #[allow(dead_code)]
    struct Wrapped {
        text: Located<String>,
        more: Named<Wrapped>,
        list: Vec<Raw<Wrapped>>,
    }
    assert_eq!(schema_for!(Plain).to_value(), schema_for!(Wrapped).to_value());
}

#[test]
fn problems_show_the_line() {
    let text = "name: é\ncount: many\n";
    let report = Report::new();
    let node = parse(&"h/a.yaml".into(), text.as_bytes(), &report).unwrap();
    decode::<Item>(&node, &report);
    let shown = report.render(&Sources::in_memory([("h/a.yaml", text)]), false);
    let expected = "\
error[wrong-type]: expected a whole number from 0 to 255, found text `many`
 --> h/a.yaml:2:8
  |
2 | count: many
  |        ^^^^

1 error, 0 warnings
";
    assert_eq!(shown, expected);
}

const SEED: &str = "name: x\ncount: 3\nkind: {list_of: {range: {least: 1, most: 2}}}\ntags: [a, 'b', \"c\\n\"]\n\
    inner: {name: y, count: 0}\nby_code: {1: Low}\nsample: |\n  text\n  more\nport: >-\n  80\n# comment\nx: &a [*a, !!str ~]\n";

/// Reads, decodes and renders; must not panic.
fn exercise(bytes: &[u8]) {
    let report = Report::new();
    if let Some(node) = parse(&"a.yaml".into(), bytes, &report) {
        let item = decode::<Item>(&node, &report);
        decode::<Outer>(&node, &report);
        decode::<Kinds>(&node, &report);
        decode::<serde_json::Value>(&node, &report);
        assert!(item.is_none() || node.get("name").is_some());
        node.to_json();
    } else {
        assert!(report.has_errors());
    }
    report.render(&Sources::in_memory([("a.yaml", bytes)]), true);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&bytes);
    }

    #[test]
    fn anything_like_yaml_is_survived(text in "([ \\-\\?:,\\[\\]{}#&*!|>'\"%@`\t\r\n0-9a-c.~<é\u{feff}]|: |\n  |- |--- ){0,60}") {
        exercise(text.as_bytes());
    }

    #[test]
    fn any_edit_of_a_spec_is_survived(edits in prop::collection::vec((0..SEED.len(), 0..4_usize, "[ \\-:,\\[\\]{}#&*!|>'\"\t\r\n0a~é]{0,3}"), 1..8)) {
        let mut text = SEED.as_bytes().to_vec();
        for (at, cut, put) in edits {
            let at = at.min(text.len());
            let end = (at + cut).min(text.len());
            text.splice(at..end, put.bytes());
        }
        exercise(&text);
    }
}
