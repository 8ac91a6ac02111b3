//! From bytes to a positioned tree.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, Span as Stretch};
use serde_json::Value;

use crate::report::{Problem, Report, Span};
use crate::source::normalize;

/// Larger files are refused unread.
const MAX_BYTES: usize = 4 << 20;
/// Deeper nesting is refused.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands: its first line only.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The value of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// Text, quoted or not.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file, every key once.
    Map(Vec<(Key, Node)>),
    /// Something that was reported already; decoding it fails without a further problem.
    Broken,
}

/// A key of a map, as spelled in the file: `1` and `on` stay text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// What it is, in words: "a list", "text `abc`".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Int(value) => format!("the number `{value}`"),
            Kind::Float(value) => format!("the number `{value}`"),
            Kind::Text(text) => format!("text `{}`", shortened(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Broken => "something unreadable".to_owned(),
        }
    }

    /// The value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(known, _)| known.text == key)
            .map(|(_, value)| value)
    }

    /// The entries if this is a map, else nothing.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text, if this is text.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same value as JSON.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null | Kind::Broken => Value::Null,
            Kind::Bool(value) => Value::from(*value),
            Kind::Int(value) => Value::from(*value),
            Kind::Float(value) => Value::from(*value),
            Kind::Text(text) => Value::from(text.as_str()),
            Kind::List(items) => items.iter().map(Node::to_json).collect(),
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.text.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }
}

impl From<&Node> for Value {
    fn from(node: &Node) -> Self {
        node.to_json()
    }
}

fn shortened(text: &str) -> String {
    const LONG: usize = 40;
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads one file. What can be read is returned even when parts of it were reported, so that the
/// rest is checked too; nothing is returned when the file as a whole cannot be read.
pub fn parse(path: &Arc<str>, bytes: &[u8], report: &Report) -> Option<Node> {
    let whole = Span::of_file(path.clone());
    if bytes.len() > MAX_BYTES {
        let message = format!(
            "the file has {} bytes, more than the {MAX_BYTES} a spec may have",
            bytes.len()
        );
        report.push(Problem::error("yaml-size", &whole, message).help("split it by resource"));
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            report.push(not_utf8(path, bytes, error.valid_up_to()));
            return None;
        }
    };
    if text.starts_with('\u{feff}') {
        let problem = Problem::error("yaml-encoding", &whole, "the file starts with a byte order mark");
        report.push(problem.help("save it as UTF-8 without a byte order mark"));
    }
    let text = normalize(Cow::Borrowed(text));
    let mut builder = Builder {
        path,
        text: &text,
        report,
        stack: Vec::new(),
        root: None,
    };
    let read = builder.run();
    match builder.root {
        _ if !read => None,
        None => {
            report.push(Problem::error("yaml-empty", &whole, "the file says nothing"));
            None
        }
        root => root,
    }
}

fn not_utf8(path: &Arc<str>, bytes: &[u8], at: usize) -> Problem {
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let before = normalize(before);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let span = Span {
        file: path.clone(),
        line: clamp(before.matches('\n').count() + 1),
        column: clamp(before.get(line_start..).unwrap_or_default().chars().count() + 1),
        start: clamp(before.len()),
        len: 1,
    };
    Problem::error("yaml-encoding", &span, "this is not UTF-8").help("save the file as UTF-8")
}

fn clamp(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A collection that is still open.
enum Open {
    List {
        span: Span,
        items: Vec<Node>,
    },
    Map {
        span: Span,
        entries: Vec<(Key, Node)>,
        first: BTreeMap<String, Span>,
        expect: Expect,
    },
}

/// What a map waits for.
enum Expect {
    Key,
    Value(Key),
    /// The value of a key that was refused.
    Discard,
}

struct Builder<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    report: &'a Report,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    /// Whether the file could be read to its end.
    fn run(&mut self) -> bool {
        let text = self.text;
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.set_emit_comments(false);
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, stretch) = match event {
                Ok(found) => found,
                Err(error) => {
                    let span = self.at(*error.marker());
                    self.report.push(syntax(&span, error.kind(), error.info()));
                    return false;
                }
            };
            let span = self.span(stretch);
            let (anchor, tag) = (event.anchor_id().is_some(), event.tag().is_some());
            if tag {
                let span = stretch.tag_span().map_or_else(|| span.clone(), |tag| self.span(tag));
                self.refuse(&span, "tags such as `!!str` are not used here", "remove the tag");
            }
            if anchor {
                self.refuse(
                    &span,
                    "anchors (`&name`) are not used here",
                    "remove the anchor, write the value where it is used",
                );
            }
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.refuse(&span, "a second document starts here", "make it a file of its own");
                        return true;
                    }
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.refuse(&span, "aliases (`*name`) are not used here", "write the value out");
                    self.add(
                        Node {
                            span,
                            kind: Kind::Broken,
                        },
                        false,
                    );
                }
                Event::Scalar(value, style, ..) => {
                    let plain = style == ScalarStyle::Plain;
                    self.scalar(value, plain, tag, span);
                }
                Event::SequenceStart(..) => self.stack.push(Open::List {
                    span,
                    items: Vec::new(),
                }),
                Event::MappingStart(..) => self.stack.push(Open::Map {
                    span,
                    entries: Vec::new(),
                    first: BTreeMap::new(),
                    expect: Expect::Key,
                }),
                Event::SequenceEnd | Event::MappingEnd => {
                    let (mut span, kind) = match self.stack.pop() {
                        Some(Open::List { span, items }) => (span, Kind::List(items)),
                        Some(Open::Map { span, entries, .. }) => (span, Kind::Map(entries)),
                        None => continue,
                    };
                    span.len = self.on_its_line(span.start, stretch.end.byte_offset());
                    self.add(Node { span, kind }, false);
                }
                _ => {}
            }
            if self.stack.len() > MAX_DEPTH {
                let span = self.span(stretch);
                self.report
                    .error("yaml-depth", &span, format!("nested deeper than {MAX_DEPTH} levels"));
                return false;
            }
        }
        true
    }

    fn refuse(&self, span: &Span, message: &str, help: &str) {
        self.report
            .push(Problem::error("yaml-unsupported", span, message).help(help));
    }

    fn scalar(&mut self, value: Cow<'_, str>, plain: bool, tagged: bool, span: Span) {
        // A key keeps its text whatever it would mean as a value.
        if let Some(Open::Map {
            expect: Expect::Key, ..
        }) = self.stack.last()
        {
            let kind = match plain && (value.is_empty() || value == "~") {
                true => Kind::Null,
                false => Kind::Text(value.into_owned()),
            };
            return self.add(Node { span, kind }, plain);
        }
        let kind = match (plain, tagged) {
            (_, true) => Kind::Broken,
            (false, _) => Kind::Text(value.into_owned()),
            (true, _) => match resolve(&value) {
                Ok(kind) => kind,
                Err(message) => {
                    self.report
                        .push(Problem::error("yaml-number", &span, message).help("put it in quotes"));
                    Kind::Broken
                }
            },
        };
        self.add(Node { span, kind }, plain);
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, plain: bool) {
        let Some(open) = self.stack.last_mut() else {
            let nothing = node.kind == Kind::Null && node.span.len == 0;
            if self.root.is_none() && !nothing {
                self.root = Some(node);
            }
            return;
        };
        let (entries, first, expect) = match open {
            Open::List { items, .. } => return items.push(node),
            Open::Map {
                entries, first, expect, ..
            } => (entries, first, expect),
        };
        match std::mem::replace(expect, Expect::Key) {
            Expect::Value(key) => entries.push((key, node)),
            Expect::Discard => {}
            Expect::Key => {
                *expect = Expect::Discard;
                match node.kind {
                    Kind::Text(text) if plain && text == "<<" => {
                        let problem =
                            Problem::error("yaml-unsupported", &node.span, "merge keys (`<<`) are not used here");
                        self.report.push(problem.help("write the merged keys out"));
                    }
                    Kind::Text(text) => match first.get(&text) {
                        Some(earlier) => {
                            let message = format!("the key `{}` occurs twice", shortened(&text));
                            let problem = Problem::error("yaml-duplicate-key", &node.span, message);
                            self.report.push(problem.also(earlier, "it is here already"));
                        }
                        None => {
                            first.insert(text.clone(), node.span.clone());
                            *expect = Expect::Value(Key { text, span: node.span });
                        }
                    },
                    Kind::Broken => {}
                    _ => {
                        let message = format!("a key must be text, this is {}", node.describe());
                        self.report.error("yaml-key", &node.span, message);
                    }
                }
            }
        }
    }

    fn span(&self, stretch: Stretch) -> Span {
        let mut span = self.at(stretch.start);
        span.len = self.on_its_line(span.start, stretch.end.byte_offset());
        span
    }

    fn at(&self, marker: Marker) -> Span {
        Span {
            file: self.path.clone(),
            line: clamp(marker.line().max(1)),
            column: clamp(marker.col() + 1),
            start: clamp(marker.byte_offset().unwrap_or_default().min(self.text.len())),
            len: 0,
        }
    }

    /// Bytes from `start` to `end` or to the end of the line, whichever comes first.
    fn on_its_line(&self, start: u32, end: Option<usize>) -> u32 {
        let start = start as usize;
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        clamp(end.unwrap_or(start).saturating_sub(start).min(line.len()))
    }
}

fn syntax(span: &Span, kind: &ErrorKind, info: String) -> Problem {
    let tab = "indent with spaces";
    let (message, help) = match kind {
        ErrorKind::RecursionLimitExceeded => return Problem::error("yaml-depth", span, "nested too deeply"),
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => ("a tab cannot stand here".to_owned(), Some(tab)),
        ErrorKind::UnexpectedCharacter {
            character: '@' | '`' | '%',
        } => (info, Some("put text that starts with this character in quotes")),
        ErrorKind::InvalidSimpleKey | ErrorKind::SimpleKeyExpected => (
            info,
            Some("a key needs a colon and a space after it; text that holds `: ` needs quotes"),
        ),
        _ => (info, None),
    };
    let problem = Problem::error("yaml-syntax", span, message);
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// What an unquoted word means in the core schema of YAML 1.2; numbers that would not survive are
/// refused with the reason.
pub(super) fn resolve(text: &str) -> Result<Kind, &'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Kind::Null),
        "true" | "True" | "TRUE" => return Ok(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Kind::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.eq_ignore_ascii_case(".inf") || text.eq_ignore_ascii_case(".nan") {
        return Err("this is a number in YAML that JSON cannot say");
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok(Kind::Text(text.to_owned()));
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_digit(radix))
        {
            return i64::from_str_radix(digits, radix).map(Kind::Int).map_err(|_| TOO_LARGE);
        }
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if digits.len() > 1 && digits.starts_with('0') {
            return Err("as a number this would lose its leading zeros");
        }
        return text.parse().map(Kind::Int).map_err(|_| TOO_LARGE);
    }
    let numeric = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(value) if numeric && value.is_finite() => Ok(Kind::Float(value)),
        Ok(_) if numeric => Err(TOO_LARGE),
        _ => Ok(Kind::Text(text.to_owned())),
    }
}

const TOO_LARGE: &str = "this number is too large to be read without loss";
