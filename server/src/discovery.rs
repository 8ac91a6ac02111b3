//! Discovery exposure: instead of every tool, clients see three, by which the others are found, read about and
//! called. Which others there are is the [`Scope`](crate::scope::Scope)'s to say.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use deskhand_runtime::arguments::{CheckSettings, check, cut, first_sentence, nearest};
use deskhand_runtime::dialect::{self, Dialect};
use deskhand_runtime::error::Error;
use deskhand_runtime::operation::{Answer, AnswerKind, Body, Confidence, Effect, Integration, Operation};
use deskhand_runtime::schema::{self, SchemaOptions};
use deskhand_runtime::shape::{Field, Form, Marks, Place, Presence, Shape, Style, Table, Unknown};
use rmcp::model::ToolAnnotations;
use serde_json::{Map, Value, json};

use crate::catalog::{self, Listed};
use crate::filter::Entry;

/// Tools found when the caller does not say how many.
const DEFAULT_FOUND: usize = 10;
/// Most tools found.
const MOST_FOUND: i64 = 50;
/// Most schemas in one answer.
const MOST_SCHEMAS: i64 = 5;
/// Most characters of the names of resources in a description: clients cut long ones.
const MOST_NAMES: usize = 600;

/// What to do when a tool is not known.
pub const HINT: &str = "Call `search_tools` to see what there is.";

/// What clients are told of discovery when they connect.
pub const INSTRUCTIONS: &str = "\
Only three tools are listed. Find others with `search_tools`, read the arguments of those you need with \
`get_tool_schema`, and call them with `call_tool`; what is said of tools here is true of those.";

/// One of the three tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finder {
    /// `search_tools`.
    Search,
    /// `get_tool_schema`.
    Schema,
    /// `call_tool`.
    Call,
}

impl Finder {
    const ALL: [Self; 3] = [Self::Search, Self::Schema, Self::Call];

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finder| finder.name() == name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search_tools",
            Self::Schema => "get_tool_schema",
            Self::Call => CALL_TOOL,
        }
    }

    fn operation(self) -> &'static Operation {
        match self {
            Self::Search => &SEARCH,
            Self::Schema => &SCHEMA,
            Self::Call => &CALL,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Search => "Search tools",
            Self::Schema => "Read about tools",
            Self::Call => "Call a tool",
        }
    }
}

const CALL_TOOL: &str = "call_tool";
const TOOL_NAME: &str = "tool_name";
const ARGUMENTS: &str = "arguments";
const QUERY: &str = "query";
const LIMIT: &str = "limit";
const TOOL_NAMES: &str = "tool_names";

const fn argument(name: &'static str, doc: &'static str, shape: Shape, presence: Presence) -> Field {
    Field {
        name,
        wire: name,
        doc,
        shape,
        presence,
        place: Place::Body,
        style: Style::Plain,
        form: Form::Any,
        min: None,
        max: None,
        default: None,
        example: None,
        clear: None,
        chosen_by: None,
        variable: None,
        dynamic: None,
        generate: None,
        marks: Marks::NONE,
    }
}

const fn table(name: &'static str, fields: &'static [Field]) -> Table {
    Table {
        name,
        doc: "",
        fields,
        rules: &[],
        unknown: Unknown::Refuse,
    }
}

static SEARCH_ARGUMENTS: Table = table(
    "SearchTools",
    &[
        Field {
            max: Some(500),
            example: Some("reply to a ticket"),
            ..argument(
                QUERY,
                "What the tool should do, in words. Left out, the names of all tools are listed.",
                Shape::Text,
                Presence::Optional,
            )
        },
        Field {
            min: Some(1),
            max: Some(MOST_FOUND),
            default: Some("10"),
            ..argument(LIMIT, "How many tools to find at most.", Shape::Int, Presence::Optional)
        },
    ],
);
static SCHEMA_ARGUMENTS: Table = table(
    "GetToolSchema",
    &[Field {
        min: Some(1),
        max: Some(MOST_SCHEMAS),
        ..argument(
            TOOL_NAMES,
            "Names of tools, as search_tools gives them.",
            Shape::List(&Shape::Text),
            Presence::Required,
        )
    }],
);
static CALL_ARGUMENTS: Table = table(
    "CallTool",
    &[
        argument(
            TOOL_NAME,
            "Name of the tool, as search_tools gives it.",
            Shape::Text,
            Presence::Required,
        ),
        argument(
            ARGUMENTS,
            "Its arguments by name, as get_tool_schema describes them.",
            Shape::Map(&Shape::Any),
            Presence::Optional,
        ),
    ],
);

/// The three are described as any operation is, so that their arguments are checked and shown alike. They are never sent.
const fn finder(name: &'static str, input: fn() -> &'static Table) -> Operation {
    Operation {
        name,
        resource: "tools",
        method: "",
        http_method: "",
        path: "",
        input,
        body: Body::None,
        answer: Answer {
            kind: AnswerKind::Record,
            shape: Shape::Any,
            at: &[""],
            total: None,
            may_be_empty: false,
        },
        pages: None,
        effect: Effect::Read,
        idempotent: true,
        counts_as_read: false,
        cost: 0,
        access: &[],
        confidence: Confidence::High,
        source: "",
        deprecated: false,
        tool: None,
    }
}

static SEARCH: Operation = finder("search_tools", || &SEARCH_ARGUMENTS);
static SCHEMA: Operation = finder("get_tool_schema", || &SCHEMA_ARGUMENTS);
static CALL: Operation = finder("call_tool", || &CALL_ARGUMENTS);

/// What a call of one of the three asks for.
#[derive(Debug)]
pub enum Ask {
    /// Tools for these words.
    Search {
        /// The words; empty for none.
        query: String,
        /// How many tools.
        limit: usize,
    },
    /// Schemas of these tools.
    Schemas(Vec<String>),
    /// A call of this tool.
    Call(String, Map<String, Value>),
}

/// Reads the arguments of a call, given as the schema in this dialect asks for them.
///
/// # Errors
/// They are not what the tool takes.
pub fn ask(finder: Finder, arguments: Map<String, Value>, dialect: Dialect) -> Result<Ask, Error> {
    let arguments = dialect::raise((finder.operation().input)(), arguments, dialect);
    let checked = check(finder.operation(), arguments, &CheckSettings::default())?;
    let mut values: HashMap<&str, Value> = checked
        .values
        .into_iter()
        .map(|(field, value)| (field.name, value))
        .collect();
    let mut text = |name: &str| match values.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    Ok(match finder {
        Finder::Search => Ask::Search {
            query: text(QUERY),
            limit: values
                .get(LIMIT)
                .and_then(Value::as_u64)
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(DEFAULT_FOUND),
        },
        Finder::Schema => {
            let Some(Value::Array(names)) = values.remove(TOOL_NAMES) else {
                return Ok(Ask::Schemas(Vec::new()));
            };
            let name = |name: Value| name.as_str().map(str::to_owned);
            Ask::Schemas(names.into_iter().filter_map(name).collect())
        }
        Finder::Call => {
            let name = text(TOOL_NAME);
            let arguments = match values.remove(ARGUMENTS) {
                Some(Value::Object(arguments)) => arguments,
                _ => Map::new(),
            };
            Ask::Call(name, arguments)
        }
    })
}

/// The tool that a call of `call_tool` names.
#[must_use]
pub fn named_tool<'a>(name: &str, arguments: &'a Map<String, Value>) -> Option<&'a str> {
    (name == CALL_TOOL).then(|| arguments.get(TOOL_NAME).and_then(Value::as_str).unwrap_or_default())
}

/// The three tools as MCP lists them, for these, in a client's dialect.
#[must_use]
pub fn listed(integration: &'static Integration, tools: &[Entry], dialect: Dialect) -> Listed {
    let all = |is: fn(&Operation) -> bool| tools.iter().all(|(operation, _)| is(operation));
    let read_only = all(|operation| operation.effect == Effect::Read);
    let destructive = !all(|operation| operation.effect != Effect::Destructive);
    let idempotent = all(|operation| operation.effect == Effect::Read || operation.idempotent);
    Finder::ALL
        .into_iter()
        .map(|finder| {
            let schema = schema::input_schema(finder.operation(), &SchemaOptions::default());
            let schema = catalog::lowered(Arc::new(schema), dialect);
            let hints = match finder {
                Finder::Call => [read_only, destructive, idempotent],
                Finder::Search | Finder::Schema => [true, false, true],
            };
            rmcp::model::Tool::new(finder.name(), doc(finder, integration, tools), schema)
                .with_title(finder.title())
                .with_raw_output_schema(Arc::new(output_schema(finder)))
                .with_annotations(ToolAnnotations::from_raw(
                    Some(finder.title().to_owned()),
                    Some(hints[0]),
                    Some(hints[1]),
                    Some(hints[2]),
                    Some(true),
                ))
        })
        .collect()
}

fn doc(finder: Finder, integration: &'static Integration, tools: &[Entry]) -> String {
    match finder {
        Finder::Search => {
            let resources = cut(&resources(tools).join(", "), MOST_NAMES);
            format!(
                "Finds tools of {} by words: what they do, what they are about, what they take. There are {} in all, \
                 about: {resources}. Without a query, or when nothing is found, the names of all are listed by what they \
                 are about. Read the arguments of a tool with get_tool_schema before you call it with call_tool.",
                integration.title,
                tools.len(),
            )
        }
        Finder::Schema => {
            "Describes tools that search_tools has found: what they do, and the schema of their arguments. \
                           Call it before call_tool, with up to five names at once."
                .to_owned()
        }
        Finder::Call => {
            "Calls a tool that search_tools has found, with arguments as get_tool_schema describes them. The \
                         answer is that of the tool."
                .to_owned()
        }
    }
}

/// What an answer holds. Nothing is required, since an error is an answer too.
fn output_schema(finder: Finder) -> Map<String, Value> {
    let properties = match finder {
        Finder::Search => json!({
            "result": { "type": "array", "description": "the tools found, the best first", "items": {
                "properties": {
                    "name": { "description": "text: name of the tool" },
                    "title": { "description": "text: what it does, in few words" },
                    "effect": { "description": "one of read, write, destructive" },
                    "description": { "description": "text: what it does, in a sentence" },
                    "required": { "description": "list of text: arguments that must be given" },
                }
            } },
            "result_count": { "type": "integer", "description": "number of tools found" },
            "resources": { "description": "list: names of all tools by what they are about, when nothing was found" },
        }),
        Finder::Schema => json!({
            "result": { "type": "array", "description": "the tools, in the order asked for", "items": {
                "properties": {
                    "name": { "description": "text: name of the tool" },
                    "title": { "description": "text: what it does, in few words" },
                    "effect": { "description": "one of read, write, destructive" },
                    "description": { "description": "text: what it does, when to use it, what to mind" },
                    "input_schema": { "description": "object: JSON Schema of the arguments" },
                }
            } },
        }),
        Finder::Call => json!({}),
    };
    let mut root = Map::new();
    root.insert("type".to_owned(), "object".into());
    if properties.as_object().is_some_and(|properties| !properties.is_empty()) {
        root.insert("properties".to_owned(), properties);
    }
    root
}

/// What these tools are about, in their order.
#[must_use]
pub fn resources(tools: &[Entry]) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for (operation, _) in tools {
        if !names.contains(&operation.resource) {
            names.push(operation.resource);
        }
    }
    names
}

/// What `search_tools` answers.
#[must_use]
pub fn search(
    integration: &'static Integration,
    tools: &[Entry],
    options: &SchemaOptions,
    query: &str,
    limit: usize,
) -> Value {
    let found = Index::of(integration).search(tools, query);
    if found.is_empty() {
        let grouped: Vec<Value> = resources(tools)
            .into_iter()
            .map(|resource| {
                let of_it = tools.iter().filter(|(operation, _)| operation.resource == resource);
                let names: Vec<&str> = of_it.map(|(_, tool)| tool.name).collect();
                json!({ "resource": resource, "tools": names })
            })
            .collect();
        return json!({ "result": [], "result_count": 0, "resources": grouped });
    }
    let result: Vec<Value> = found
        .into_iter()
        .take(limit)
        .map(|(operation, tool)| {
            let schema = catalog::input_schema(operation, options);
            json!({
                "name": tool.name,
                "title": tool.title,
                "effect": operation.effect.word(),
                "description": first_sentence(&catalog::doc(tool, options), 200),
                "required": schema.get("required").cloned().unwrap_or_else(|| json!([])),
            })
        })
        .collect();
    json!({ "result_count": result.len(), "result": result })
}

/// What `get_tool_schema` answers for these tools, in a client's dialect.
#[must_use]
pub fn schemas(tools: &[Entry], options: &SchemaOptions, dialect: Dialect) -> Value {
    let described = tools.iter().map(|(operation, tool)| {
        json!({
            "name": tool.name,
            "title": tool.title,
            "effect": operation.effect.word(),
            "description": catalog::doc(tool, options),
            "input_schema": *catalog::lowered(catalog::input_schema(operation, options), dialect),
        })
    });
    json!({ "result": described.collect::<Vec<Value>>() })
}

// ---- finding -----------------------------------------------------------------------------------

/// Where a word of a tool stands.
#[derive(Clone, Copy)]
enum Part {
    Name,
    Resource,
    Tags,
    Arguments,
    Doc,
}

const PARTS: usize = 5;
/// What a word counts by its part. Names are chosen to be found by; prose mentions much in passing.
const WEIGHTS: [f64; PARTS] = [4.0, 2.0, 2.0, 1.0, 1.0];
/// How much a part's length counts against its words, from 0 to 1.
const LENGTH: [f64; PARTS] = [0.3, 0.3, 0.3, 0.6, 0.75];
/// How fast more of the same word stops to count.
const SATURATION: f64 = 1.2;
/// What a word counts that only begins like the one asked for, or is near to it.
const ALIKE: f64 = 0.4;
/// Most different words of a query.
const MOST_WORDS: usize = 16;
/// For how many of them that are not known a near one is looked for.
const MOST_GUESSED: usize = 4;

/// Words that are in every sentence.
const STOP_WORDS: [&str; 42] = [
    "a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "for", "from", "how", "i",
    "in", "into", "is", "it", "its", "me", "my", "not", "of", "on", "one", "or", "our", "some", "that", "the", "their",
    "them", "this", "to", "want", "what", "which", "with", "you",
];

/// The words of all tools of a helpdesk. There is one for each helpdesk; a search only looks at the tools of its scope,
/// whose numbers alone decide the order.
struct Index {
    tools: HashMap<usize, Words>,
}

/// How often a word stands in each part of a tool.
type Counts = [u16; PARTS];

/// The words of one tool.
struct Words {
    counts: HashMap<String, Counts>,
    lengths: Counts,
}

impl Index {
    /// The index of a helpdesk, made at the first search.
    fn of(integration: &'static Integration) -> Arc<Self> {
        static KNOWN: LazyLock<Mutex<HashMap<usize, Arc<Index>>>> = LazyLock::new(Mutex::default);
        let place = std::ptr::from_ref(integration).addr();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(place).or_insert_with(|| {
            let words = |entry: Entry| (catalog::place(entry.0), Words::of(entry));
            Arc::new(Self {
                tools: integration.tools().map(words).collect(),
            })
        }))
    }

    /// Those of `tools` that have something of the query, the best first: BM25 over the parts of each tool.
    fn search(&self, tools: &[Entry], query: &str) -> Vec<Entry> {
        let here: Vec<(&Entry, &Words)> = tools
            .iter()
            .filter_map(|entry| Some((entry, self.tools.get(&catalog::place(entry.0))?)))
            .collect();
        let mut wanted = words(query);
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(MOST_WORDS);
        let average: [f64; PARTS] = std::array::from_fn(|part| {
            let total: f64 = here.iter().map(|(_, words)| f64::from(words.lengths[part])).sum();
            (total / here.len().max(1) as f64).max(1.0)
        });
        let frequencies = |word: &str, share: f64| -> Vec<f64> {
            let frequency = |(_, words): &(&Entry, &Words)| share * words.frequency(word, &average);
            here.iter().map(frequency).collect()
        };
        let known = LazyCell::new(|| -> BTreeSet<&str> {
            let words = here.iter().flat_map(|(_, words)| words.counts.keys());
            words.map(String::as_str).collect()
        });
        let mut guessed = 0;
        let mut scores = vec![0.0_f64; here.len()];
        for word in &wanted {
            let mut found = frequencies(word, 1.0);
            if guessed < MOST_GUESSED && found.iter().all(|frequency| *frequency == 0.0) {
                guessed += 1;
                let near = nearest(word, known.iter().copied());
                // Words that only begin alike are other words; a slip leaves the length.
                if let Some(near) = near.filter(|near| near.len().abs_diff(word.len()) <= 1) {
                    found = frequencies(&near, ALIKE);
                }
            }
            let holding = found.iter().filter(|frequency| **frequency > 0.0).count() as f64;
            let rare = (1.0 + (here.len() as f64 - holding + 0.5) / (holding + 0.5)).ln();
            for (score, frequency) in scores.iter_mut().zip(found) {
                *score += rare * frequency / (SATURATION + frequency);
            }
        }
        let mut found: Vec<(f64, &Entry)> = scores
            .into_iter()
            .zip(here)
            .map(|(score, (entry, _))| (score, entry))
            .collect();
        found.retain(|(score, _)| *score > 0.0);
        // Equal ones stay in the order of the spec.
        found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        found.into_iter().map(|(_, entry)| *entry).collect()
    }
}

impl Words {
    fn of((operation, tool): Entry) -> Self {
        let mut of_tool = Self {
            counts: HashMap::new(),
            lengths: [0; PARTS],
        };
        of_tool.add(Part::Name, tool.name);
        for alias in tool.aliases {
            of_tool.add(Part::Name, alias);
        }
        of_tool.add(Part::Name, tool.title);
        of_tool.add(Part::Resource, operation.resource);
        for tag in tool.tags {
            of_tool.add(Part::Tags, tag);
        }
        for field in (operation.input)().fields {
            of_tool.add(Part::Arguments, field.name);
        }
        of_tool.add(Part::Doc, tool.doc);
        of_tool
    }

    fn add(&mut self, part: Part, text: &str) {
        let part = part as usize;
        for word in words(text) {
            self.lengths[part] = self.lengths[part].saturating_add(1);
            let count = &mut self.counts.entry(word).or_default()[part];
            *count = count.saturating_add(1);
        }
    }

    /// How much of a word the tool has: its counts by part, weighed, and set against the length of the part. Words that
    /// begin alike count a little.
    fn frequency(&self, word: &str, average: &[f64; PARTS]) -> f64 {
        let weigh = |counts: &Counts| -> f64 {
            (0..PARTS)
                .map(|part| {
                    let length = f64::from(self.lengths[part]) / average[part];
                    WEIGHTS[part] * f64::from(counts[part]) / (1.0 - LENGTH[part] + LENGTH[part] * length)
                })
                .sum()
        };
        let alike = |other: &str| {
            let (short, long) = if other.len() < word.len() {
                (other, word)
            } else {
                (word, other)
            };
            short.chars().count() >= 4 && other != word && long.starts_with(short)
        };
        let same = self.counts.get(word).map_or(0.0, weigh);
        let begin_alike = self.counts.iter().filter(|(other, _)| alike(other));
        same + begin_alike.map(|(_, counts)| ALIKE * weigh(counts)).fold(0.0, f64::max)
    }
}

/// The words of a text: lower case, split where anything but letters and digits stands and inside names, in the singular.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let mut parts = String::new();
        let mut before = None;
        for c in word.chars() {
            // `customField` is two words.
            if c.is_uppercase() && before.is_some_and(char::is_lowercase) {
                parts.push(' ');
            }
            parts.extend(c.to_lowercase());
            before = Some(c);
        }
        for part in parts.split(' ').filter(|part| !part.is_empty()) {
            if !STOP_WORDS.contains(&part) {
                words.push(singular(part));
            }
        }
    }
    words
}

fn singular(word: &str) -> String {
    let mut singular = String::new();
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        let _ = write!(singular, "{stem}y");
    } else if let Some(stem) = word.strip_suffix("es").filter(|stem| stem.ends_with(['s', 'x'])) {
        singular.push_str(stem);
    } else if let Some(stem) = word
        .strip_suffix('s')
        .filter(|stem| stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']))
    {
        singular.push_str(stem);
    } else {
        singular.push_str(word);
    }
    singular
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> (&'static Integration, Vec<Entry>) {
        let integration = deskhand_integrations::INTEGRATIONS[0];
        (integration, integration.tools().collect())
    }

    #[test]
    fn words_are_split_and_made_alike() {
        for (text, expected) in [
            ("list_all_kb_categories", "list kb category"),
            (
                "customFields of the Ticket's addresses",
                "custom field ticket s address",
            ),
            ("Status, bus, analysis, class, boxes", "status bus analysis class box"),
            ("HTTPServer 365", "httpserver 365"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn the_three_are_fit_for_every_client() {
        let (integration, tools) = desk();
        let listed = listed(integration, &tools, Dialect::Mcp);
        let names: Vec<&str> = listed.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, ["search_tools", "get_tool_schema", "call_tool"]);
        for tool in &*listed {
            assert_eq!(schema::lint(&tool.input_schema), Vec::<String>::new(), "{}", tool.name);
            assert_eq!(tool.output_schema.as_ref().unwrap()["type"], "object");
            assert!(tool.description.as_ref().unwrap().len() <= 1024, "{}", tool.name);
        }
        assert_eq!(listed[0].input_schema.get("required"), None);
        assert_eq!(listed[1].input_schema["properties"]["tool_names"]["maxItems"], 5);
        assert_eq!(listed[2].input_schema["required"], json!(["tool_name"]));
    }

    #[test]
    fn calling_is_as_harmful_as_what_can_be_called() {
        let (integration, tools) = desk();
        let hints = |keep: fn(&Operation) -> bool| {
            let kept: Vec<Entry> = tools.iter().filter(|(operation, _)| keep(operation)).copied().collect();
            let listed = listed(integration, &kept, Dialect::Mcp);
            let hints = listed[2].annotations.clone().unwrap();
            (hints.read_only_hint, hints.destructive_hint)
        };
        assert_eq!(
            hints(|operation| operation.effect == Effect::Read),
            (Some(true), Some(false))
        );
        assert_eq!(
            hints(|operation| operation.effect != Effect::Destructive),
            (Some(false), Some(false))
        );
        assert_eq!(hints(|_| true), (Some(false), Some(true)));
    }

    #[test]
    fn what_the_three_take_is_checked() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        for (finder, arguments, at) in [
            (Finder::Search, json!({ "query": 7 }), "query"),
            (Finder::Search, json!({ "limit": 51 }), "limit"),
            (Finder::Search, json!({ "words": "x" }), "words"),
            (Finder::Schema, json!({}), "tool_names"),
            (Finder::Schema, json!({ "tool_names": [] }), "tool_names"),
            (
                Finder::Schema,
                json!({ "tool_names": ["a", "b", "c", "d", "e", "f"] }),
                "tool_names",
            ),
            (Finder::Call, json!({ "arguments": {} }), "tool_name"),
            (Finder::Call, json!({ "tool_name": "x", "arguments": [1] }), "arguments"),
        ] {
            let error = ask(finder, object(arguments), Dialect::Mcp).unwrap_err();
            assert_eq!(error.faults()[0].argument, at, "{finder:?}");
        }
        let Ask::Call(name, arguments) = ask(
            Finder::Call,
            object(json!({ "tool_name": "x", "arguments": "{\"a\": 1}" })),
            Dialect::Mcp,
        )
        .unwrap() else {
            unreachable!("a call");
        };
        assert_eq!((name.as_str(), arguments), ("x", object(json!({ "a": 1 }))));
        let Ask::Search { query, limit } = ask(Finder::Search, Map::new(), Dialect::Mcp).unwrap() else {
            unreachable!("a search");
        };
        assert_eq!((query.as_str(), limit), ("", 10));
    }
}
