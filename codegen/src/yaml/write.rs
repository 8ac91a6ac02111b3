//! From values to the text of a spec file, laid out as spec files are.

use serde_json::Value;

use super::tree::{Kind, resolve};

/// Columns of a line.
const WIDTH: usize = 120;

/// A map to write.
#[derive(Clone, Debug, Default)]
pub struct Block {
    entries: Vec<Entry>,
    spaced: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    comments: Vec<String>,
    key: String,
    value: Out,
}

/// A value to write.
#[derive(Clone, Debug)]
pub enum Out {
    /// On one line where it fits.
    Value(Value),
    /// A map, one line an entry at least.
    Block(Block),
    /// A list of such maps.
    Blocks(Vec<Block>),
}

impl From<Value> for Out {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Out {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<String> for Out {
    fn from(text: String) -> Self {
        Self::Value(text.into())
    }
}

impl From<bool> for Out {
    fn from(value: bool) -> Self {
        Self::Value(value.into())
    }
}

impl From<Block> for Out {
    fn from(block: Block) -> Self {
        Self::Block(block)
    }
}

impl From<Vec<Block>> for Out {
    fn from(blocks: Vec<Block>) -> Self {
        Self::Blocks(blocks)
    }
}

impl Block {
    /// A map whose longer entries are parted by blank lines.
    pub fn spaced() -> Self {
        Self {
            spaced: true,
            ..Self::default()
        }
    }

    /// Adds an entry.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Out>) {
        self.put_noted(key, Vec::new(), value);
    }

    /// Adds an entry below comments.
    pub fn put_noted(&mut self, key: impl Into<String>, comments: Vec<String>, value: impl Into<Out>) {
        self.entries.push(Entry {
            comments,
            key: key.into(),
            value: value.into(),
        });
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text, with comments at the top of it.
    pub fn render(&self, head: &[&str]) -> String {
        let mut out = String::new();
        for line in head {
            comment(line, 0, &mut out);
        }
        if !head.is_empty() {
            out.push('\n');
        }
        self.write(0, &mut out);
        out
    }

    fn write(&self, indent: usize, out: &mut String) {
        let mut long_before = false;
        for (at, entry) in self.entries.iter().enumerate() {
            let mut text = String::new();
            entry.write(indent, &mut text);
            let long = text.lines().count() > 1;
            if self.spaced && at > 0 && (long || long_before) {
                out.push('\n');
            }
            out.push_str(&text);
            long_before = long;
        }
    }
}

impl Entry {
    fn write(&self, indent: usize, out: &mut String) {
        for line in &self.comments {
            comment(line, indent, out);
        }
        let key = format!("{:indent$}{}:", "", key(&self.key));
        out.push_str(&key);
        match &self.value {
            Out::Value(value) => write_value(value, indent, key.chars().count() + 1, out),
            Out::Block(block) if block.is_empty() => out.push_str(" {}\n"),
            Out::Block(block) => {
                out.push('\n');
                block.write(indent + 2, out);
            }
            Out::Blocks(blocks) => {
                out.push('\n');
                for block in blocks {
                    let mut item = String::new();
                    block.write(indent + 4, &mut item);
                    push_item(&item, indent + 2, out);
                }
            }
        }
    }
}

/// An item of a list: what was written two columns further in, behind a dash.
fn push_item(item: &str, indent: usize, out: &mut String) {
    out.push_str(&format!("{:indent$}- ", ""));
    out.push_str(item.get(indent + 2..).unwrap_or_default());
}

fn comment(text: &str, indent: usize, out: &mut String) {
    let printable = |c: char| !c.is_control() && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().map(|c| if printable(c) { c } else { ' ' }).collect();
    for line in wrapped(&text, WIDTH.saturating_sub(indent + 2)) {
        out.push_str(&format!("{:indent$}# {line}\n", ""));
    }
}

/// Writes what stands behind a key or a dash, up to the end of its last line.
fn write_value(value: &Value, indent: usize, column: usize, out: &mut String) {
    let line = flow(value, false);
    let fits = column + line.chars().count() <= WIDTH;
    match value {
        Value::Object(members) if !fits && !members.is_empty() => {
            out.push('\n');
            for (name, value) in members {
                let entry = Entry {
                    comments: Vec::new(),
                    key: name.clone(),
                    value: Out::Value(value.clone()),
                };
                entry.write(indent + 2, out);
            }
        }
        Value::Array(items) if !fits && !items.is_empty() => {
            out.push('\n');
            for item in items {
                let mut text = format!("{:1$}", "", indent + 4);
                match item {
                    Value::Object(members) if !members.is_empty() => {
                        let mut block = Block::default();
                        for (name, value) in members {
                            block.put(name, value.clone());
                        }
                        text.clear();
                        block.write(indent + 4, &mut text);
                    }
                    // A list in a list is rare and stays on its line.
                    other => text.push_str(&format!("{}\n", flow(other, false))),
                }
                push_item(&text, indent + 2, out);
            }
        }
        Value::String(text) if (!fits || text.contains('\n')) && foldable(text) => fold(text, indent + 2, out),
        _ => out.push_str(&format!(" {line}\n")),
    }
}

/// A value on one line; `inside` brackets, where a comma ends it.
fn flow(value: &Value, inside: bool) -> String {
    match value {
        Value::String(text) => scalar(text, inside),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", key(name), flow(value, true)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    match plain && is_plain(name, true) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// Text as it can stand on a line: bare where nothing in it has a meaning, else in quotes.
pub fn scalar(text: &str, inside: bool) -> String {
    match is_plain(text, inside) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

fn is_plain(text: &str, inside: bool) -> bool {
    // YAML 1.1 had more words for true and false, and some editors still know them.
    const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off"];
    let harmless = |c: char| c.is_alphanumeric() || " _-./()'\"+*&!?%$=<>;~^…–—‘’“”".contains(c);
    let allowed =
        |c: char| harmless(c) || matches!(c, '@' | '#' | '`' | '|' | '\\') || (!inside && ":,[]{}".contains(c));
    text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '('))
        && !text.ends_with([' ', ':'])
        && text.chars().all(allowed)
        && !text.contains(": ")
        && !text.contains(" #")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
        && matches!(resolve(text), Ok(Kind::Text(_)))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
                || matches!(c, '\u{fffe}' | '\u{ffff}') =>
            {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether folding the text and reading it again gives the same text.
fn foldable(text: &str) -> bool {
    !text.is_empty()
        && !text.contains("  ")
        && !text.starts_with(['\n', ' '])
        && !text.ends_with(['\n', ' '])
        && text.lines().all(|line| !line.starts_with(' ') && !line.ends_with(' '))
        && text
            .chars()
            .all(|c| matches!(c, '\n' | ' ') || !(c.is_control() || c.is_whitespace() || c == '\u{feff}'))
}

fn fold(text: &str, indent: usize, out: &mut String) {
    out.push_str(" >-\n");
    for (at, line) in text.split('\n').enumerate() {
        // A blank line stands for one line end; one that is blank itself is another.
        if at > 0 && !line.is_empty() {
            out.push('\n');
        }
        if line.is_empty() {
            out.push('\n');
        }
        for line in wrapped(line, WIDTH.saturating_sub(indent)) {
            out.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }
}

/// Lines of at most so many characters, parted at single blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        let report = Report::new();
        let node = crate::yaml::parse(&"a.yaml".into(), text.as_bytes(), &report);
        assert!(report.is_empty(), "{:?}\n{text}", report.problems());
        node.unwrap().to_json()
    }

    #[test]
    fn what_is_written_looks_like_a_spec() {
        let mut inner = Block::spaced();
        inner.put("method", "list");
        inner.put_noted("http", vec!["CHECK: the path.".to_owned()], "GET /tickets/{id}");
        inner.put("query", json!({"page": {"type": "int", "doc": "Page, from 1."}}));
        inner.put("doc", "word ".repeat(30).trim().to_owned());
        inner.put(
            "list",
            json!(["word ".repeat(15).trim(), {"word ".repeat(15).trim(): 1}, {"a": "b: c"}]),
        );
        let mut block = Block::spaced();
        block.put("title", "no");
        block.put("operations", inner);
        block.put("auth", vec![Block::default(), block.clone()].split_off(1));
        let words = "word ".repeat(23);
        let expected = format!(
            "# Head.\n\ntitle: \"no\"\n\noperations:\n  method: list\n\n  # CHECK: the path.\n  http: GET /tickets/{{id}}\n\n  \
             query: {{page: {{type: int, doc: \"Page, from 1.\"}}}}\n\n  doc: >-\n    {}\n    {}\n\n  list:\n    - {}\n    - {}: 1\n    - a: \"b: c\"\n\n\
             auth:\n  - title: \"no\"\n\n    operations:\n      method: list\n",
            words.trim(),
            "word ".repeat(7).trim(),
            "word ".repeat(15).trim(),
            "word ".repeat(15).trim(),
        );
        let text = block.render(&["Head."]);
        assert!(text.starts_with(&expected), "{text}\n\n{expected}");
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            "[ -~\n\u{e9}\u{2028}]{0,40}",
            "([a-z:#,.'\"{}\\[\\]-]{1,9} ){0,40}[a-z]",
            "(true|null|0x1f|1e3|007|~|-|2020-01-01|<<|1_0|\\.inf)",
            "([a-z]{1,20} ?\n?){0,40}",
        ];
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_reads_the_same(value in value(), key in "[ -~\n]{0,12}") {
            let mut inner = Block::default();
            inner.put_noted(key.clone(), vec!["a: b".to_owned()], value.clone());
            let mut block = Block::spaced();
            block.put("v", value.clone());
            block.put("inner", inner.clone());
            block.put("items", vec![inner]);
            let text = block.render(&["#"]);
            prop_assert_eq!(read(&text), json!({"v": value, "inner": {&key: value}, "items": [{key: value}]}), "{}", text);
        }
    }
}
