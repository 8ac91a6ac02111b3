//! JSON Schema as each AI client takes it.
//!
//! Input schemas ([`crate::schema::input_schema`]) keep to what all clients accept in their usual way of calling tools. Some
//! ways take less: OpenAI's strict mode wants every property required and no object open, Gemini knows a part of OpenAPI's
//! schema only. [`lower`] says the same in a dialect, [`raise`] brings the arguments that such a schema asks for into the
//! form that tools take, and [`check`] tells what a schema breaks of a dialect's rules.
//!
//! The rules stand in one table ([`Dialect::rules`]), from the makers' documentation of function calling:
//! <https://platform.openai.com/docs/guides/structured-outputs> (supported schemas),
//! <https://ai.google.dev/api/caching#Schema>, <https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use>,
//! <https://cursor.com/docs/context/mcp>.

use serde_json::{Map, Value, json};

use crate::arguments::cut;
use crate::shape::{Field, Presence, Shape, Table};

/// A way of writing schemas that a kind of client takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// Any MCP client: the schema as it is.
    #[default]
    Mcp,
    /// Claude, over the Messages API.
    Anthropic,
    /// OpenAI's models, functions that are not strict.
    OpenAi,
    /// OpenAI's models, functions with `strict: true`.
    OpenAiStrict,
    /// Gemini's function declarations.
    Gemini,
    /// Cursor, which hands schemas on to models of several makers.
    Cursor,
}

/// What a dialect takes.
#[derive(Debug)]
pub struct Rules {
    /// Longest name of a tool.
    pub tool_name: usize,
    /// Longest documentation of a tool, in characters.
    pub tool_doc: usize,
    /// Longest description of a property, in characters.
    pub description: usize,
    /// Keywords besides `type`, `description`, `properties`, `required` and `items`.
    pub keywords: &'static [&'static str],
    /// Whether a value may be left without a `type`.
    pub untyped: bool,
    /// Whether an object may be left without named members.
    pub free_objects: bool,
    /// Whether every object names all its members as required and admits no others.
    pub closed: bool,
    /// Deepest level; the root is the first.
    pub depth: usize,
    /// Most properties, all objects taken together.
    pub properties: usize,
    /// Most values of `enum`, all taken together.
    pub enum_values: usize,
    /// Longest names of properties and values of `enum`, all taken together, in characters.
    pub characters: usize,
}

const ALL_KEYWORDS: &[&str] = &[
    "additionalProperties",
    "anyOf",
    "enum",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
];

/// What no maker limits.
const ANY_NUMBER: usize = usize::MAX;

static MCP: Rules = Rules {
    tool_name: 64,
    tool_doc: ANY_NUMBER,
    description: 1024,
    keywords: ALL_KEYWORDS,
    untyped: true,
    free_objects: true,
    closed: false,
    depth: 5,
    properties: ANY_NUMBER,
    enum_values: ANY_NUMBER,
    characters: ANY_NUMBER,
};
static OPEN_AI: Rules = Rules { tool_doc: 1024, ..MCP };
static OPEN_AI_STRICT: Rules = Rules {
    keywords: &[
        "additionalProperties",
        "anyOf",
        "enum",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
    ],
    untyped: false,
    free_objects: false,
    closed: true,
    properties: 5000,
    enum_values: 1000,
    characters: 120_000,
    ..OPEN_AI
};
static GEMINI: Rules = Rules {
    keywords: &[
        "anyOf",
        "enum",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
    ],
    untyped: false,
    free_objects: false,
    ..MCP
};
// It shows a model `server-tool`, 60 characters at most; the longest slug of a helpdesk takes seven.
static CURSOR: Rules = Rules {
    tool_name: 52,
    untyped: false,
    ..OPEN_AI
};

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Mcp,
        Self::Anthropic,
        Self::OpenAi,
        Self::OpenAiStrict,
        Self::Gemini,
        Self::Cursor,
    ];

    /// The word for it, as in `?dialect=openai-strict`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::OpenAiStrict => "openai-strict",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
        }
    }

    /// The dialect with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.word() == word)
    }

    /// What it takes.
    #[must_use]
    pub fn rules(self) -> &'static Rules {
        match self {
            Self::Mcp | Self::Anthropic => &MCP,
            Self::OpenAi => &OPEN_AI,
            Self::OpenAiStrict => &OPEN_AI_STRICT,
            Self::Gemini => &GEMINI,
            Self::Cursor => &CURSOR,
        }
    }

    /// Whether schemas are other than an MCP client's.
    #[must_use]
    pub fn differs(self) -> bool {
        let rules = self.rules();
        rules.closed || !rules.untyped || !rules.free_objects || rules.keywords.len() < ALL_KEYWORDS.len()
    }
}

/// A schema in a dialect, and how it came to be another.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The schema.
    pub schema: Map<String, Value>,
    /// Where it says something else than before.
    pub changes: Vec<Change>,
}

/// One place where a lowered schema says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Names of the properties on the way, separated by dots; `[]` stands for the items of a list.
    pub path: String,
    /// What is other.
    pub what: What,
}

/// How a lowered schema differs. Where nothing is lost, it is also said in words, and checked when a tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A value without a `type`, or an object without named members, is written as JSON text.
    JsonText,
    /// What may be left out is given as `null` instead.
    NullForAbsent,
    /// A bound is not a keyword any more.
    BoundInWords,
    /// Members without a name are not refused by the schema.
    OthersAdmitted,
    /// Members without a name cannot be given.
    OthersRefused,
    /// A bound is not a keyword any more, and the description does not say it.
    BoundNotSaid,
    /// The description is cut, to make room for how the value is written.
    WordsCut,
    /// The list of values is too long for the dialect, or stands in JSON text: any text is taken, and the words may not hold
    /// all of them.
    NotFromList,
    /// Objects inside of JSON text have members that the description does not say.
    MembersNotSaid,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::JsonText,
        Self::NullForAbsent,
        Self::BoundInWords,
        Self::OthersAdmitted,
        Self::OthersRefused,
        Self::BoundNotSaid,
        Self::WordsCut,
        Self::NotFromList,
        Self::MembersNotSaid,
    ];

    /// What is lost, in one word, where something is: a description of a helpdesk has to note it, or nothing is generated.
    #[must_use]
    pub fn loses(self) -> Option<&'static str> {
        match self {
            Self::JsonText | Self::NullForAbsent | Self::BoundInWords | Self::OthersAdmitted => None,
            Self::OthersRefused => Some("other_members"),
            Self::BoundNotSaid => Some("bounds"),
            Self::WordsCut => Some("words"),
            Self::NotFromList => Some("values"),
            Self::MembersNotSaid => Some("members"),
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::JsonText => "given as JSON text",
            Self::NullForAbsent => "null for left out",
            Self::BoundInWords => "bound in words only",
            Self::OthersAdmitted => "other members not refused by the schema",
            Self::OthersRefused => "no other members",
            Self::BoundNotSaid => "bound left out",
            Self::WordsCut => "description cut",
            Self::NotFromList => "list of values left out",
            Self::MembersNotSaid => "members of objects inside left out",
        }
    }
}

/// The same schema in a dialect.
#[must_use]
pub fn lower(schema: &Map<String, Value>, dialect: Dialect) -> Lowered {
    let mut lowering = Lowering {
        rules: dialect.rules(),
        changes: Vec::new(),
        enum_values: 0,
    };
    let schema = if dialect.differs() {
        lowering.node(schema, "", true, "")
    } else {
        schema.clone()
    };
    Lowered {
        schema,
        changes: lowering.changes,
    }
}

struct Lowering {
    rules: &'static Rules,
    changes: Vec<Change>,
    enum_values: usize,
}

impl Lowering {
    fn change(&mut self, path: &str, what: What) {
        self.changes.push(Change {
            path: path.to_owned(),
            what,
        });
    }

    /// `said` is the description around it, which holds for what has none of its own.
    fn node(&mut self, node: &Map<String, Value>, path: &str, root: bool, said: &str) -> Map<String, Value> {
        let said = node.get("description").and_then(Value::as_str).unwrap_or(said);
        let kind = node.get("type").and_then(Value::as_str);
        let named = node.get("properties").and_then(Value::as_object);
        let untyped = kind.is_none() && !node.contains_key("anyOf");
        let free = kind == Some("object") && named.is_none_or(Map::is_empty) && !root;
        if (untyped && !self.rules.untyped) || (free && !self.rules.free_objects) {
            self.change(path, What::JsonText);
            return self.json_text(node, free, path);
        }
        let mut lowered = Map::new();
        for (keyword, value) in node {
            match keyword.as_str() {
                "type" | "description" => {
                    lowered.insert(keyword.clone(), value.clone());
                }
                "required" if !self.rules.closed => {
                    lowered.insert(keyword.clone(), value.clone());
                }
                "required" => {}
                "properties" => {
                    lowered.insert(keyword.clone(), self.properties(node, path));
                }
                "items" => {
                    let items = value
                        .as_object()
                        .map(|items| self.node(items, &format!("{path}[]"), false, said));
                    lowered.insert(keyword.clone(), items.map_or_else(|| value.clone(), Value::Object));
                }
                "enum" => {
                    self.enum_values += value.as_array().map_or(0, Vec::len);
                    if self.enum_values > self.rules.enum_values {
                        self.change(path, What::NotFromList);
                    } else {
                        lowered.insert(keyword.clone(), value.clone());
                    }
                }
                "additionalProperties" if self.rules.closed => {}
                "additionalProperties" if !self.rules.keywords.contains(&"additionalProperties") => {
                    self.change(path, What::OthersAdmitted);
                }
                other if self.rules.keywords.contains(&other) => {
                    lowered.insert(keyword.clone(), value.clone());
                }
                bound => {
                    let what = match says(said, bound, value) {
                        true => What::BoundInWords,
                        false => What::BoundNotSaid,
                    };
                    self.change(path, what);
                }
            }
        }
        if self.rules.closed && kind == Some("object") {
            if node.get("additionalProperties") != Some(&Value::Bool(false)) {
                self.change(path, What::OthersRefused);
            }
            let names: Vec<Value> = named
                .into_iter()
                .flat_map(Map::keys)
                .map(|name| name.as_str().into())
                .collect();
            lowered.insert("required".to_owned(), Value::Array(names));
            lowered.insert("additionalProperties".to_owned(), false.into());
        }
        lowered
    }

    fn properties(&mut self, node: &Map<String, Value>, path: &str) -> Value {
        let needed = |name: &str| {
            let required = node.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|needed| needed == name))
        };
        let named = node.get("properties").and_then(Value::as_object);
        let mut lowered = Map::new();
        for (name, schema) in named.into_iter().flatten() {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let Value::Object(schema) = schema else { continue };
            let mut schema = self.node(schema, &path, false, "");
            if self.rules.closed && !needed(name) {
                self.change(&path, What::NullForAbsent);
                admit_null(&mut schema);
            }
            lowered.insert(name.clone(), Value::Object(schema));
        }
        Value::Object(lowered)
    }

    /// What stands for a value of no single form.
    fn json_text(&mut self, node: &Map<String, Value>, object: bool, path: &str) -> Map<String, Value> {
        let said = node.get("description").and_then(Value::as_str).unwrap_or_default();
        let values = node.get("additionalProperties").filter(|_| object);
        let words = match values.and_then(several) {
            Some(values) => format!("Write it as JSON text: an object whose values are {values}."),
            None if object => "Write it as JSON text: an object.".to_owned(),
            None => "Write plain text as it is, anything else as JSON text.".to_owned(),
        };
        let room = self.rules.description.saturating_sub(words.chars().count() + 1);
        let kept = if said.chars().count() > room {
            self.change(path, What::WordsCut);
            cut(said, room)
        } else {
            said.to_owned()
        };
        if let Some(Value::Object(values)) = values {
            self.inside_text(values, path, &kept);
        }
        let mut lowered = Map::new();
        lowered.insert("type".to_owned(), "string".into());
        lowered.insert("description".to_owned(), format!("{kept} {words}").trim_start().into());
        lowered
    }

    /// Tells what no keyword says of values inside of JSON text, and `said` does not either.
    fn inside_text(&mut self, node: &Map<String, Value>, path: &str, said: &str) {
        for (keyword, value) in node {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) if !members.is_empty() => {
                    self.change(path, What::MembersNotSaid);
                }
                ("enum", Value::Array(values)) => {
                    let mut words = values.iter().filter_map(Value::as_str);
                    if !words.all(|word| holds(said, word)) {
                        self.change(path, What::NotFromList);
                    }
                }
                ("items" | "additionalProperties", Value::Object(inner)) => self.inside_text(inner, path, said),
                (bound, value) if value.is_number() && !says(said, bound, value) => {
                    self.change(path, What::BoundNotSaid);
                }
                _ => {}
            }
        }
    }
}

/// Whether a description has a word, not as a part of another.
fn holds(description: &str, word: &str) -> bool {
    description.match_indices(word).any(|(at, _)| {
        let before = description[..at].chars().next_back();
        let after = description[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// Several values of a schema in words, where they have a type.
fn several(schema: &Value) -> Option<String> {
    Some(match schema.get("type")?.as_str()? {
        "string" => "texts".to_owned(),
        "integer" => "whole numbers".to_owned(),
        "number" => "numbers".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => match schema.get("items").and_then(several) {
            Some(items) => format!("lists of {items}"),
            None => "lists".to_owned(),
        },
        "object" => match schema.get("additionalProperties").and_then(several) {
            Some(values) => format!("objects whose values are {values}"),
            None => "objects".to_owned(),
        },
        _ => return None,
    })
}

/// Whether a description says a bound, as [`crate::schema`] words it.
fn says(description: &str, keyword: &str, bound: &Value) -> bool {
    let bound = bound.to_string();
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let mut places = description.match_indices(&bound);
    let number = places.any(|(at, _)| {
        let before = description[..at].ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let after = &description[at + bound.len()..];
        !before && !digits(after) && !after.strip_prefix('.').is_some_and(digits)
    });
    number || (bound == "1" && keyword.starts_with("min") && description.contains("Must not be empty"))
}

fn admit_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({ "type": "null" }));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
}

/// Arguments as a tool takes them, from those that a schema in a dialect asks for: `null` stands for what is left out where
/// all has to be given, and JSON text for values of no single form. A value that is to be emptied is named in `clear`.
#[must_use]
pub fn raise(table: &'static Table, arguments: Map<String, Value>, dialect: Dialect) -> Map<String, Value> {
    if !dialect.differs() {
        return arguments;
    }
    Raising { rules: dialect.rules() }.members(table, arguments)
}

struct Raising {
    rules: &'static Rules,
}

impl Raising {
    fn members(&self, table: &'static Table, given: Map<String, Value>) -> Map<String, Value> {
        let siblings = given.clone();
        let mut raised = Map::new();
        for (name, value) in given {
            let field = table.field(&name);
            // What can be emptied is named in `clear` instead, so that no schema requires it.
            let may_be_absent = field.is_none_or(|field| field.presence != Presence::Required || field.clear.is_some());
            if self.rules.closed && value.is_null() && may_be_absent {
                continue;
            }
            let value = match field {
                Some(field) => self.of_field(field, value, &siblings),
                None => value,
            };
            raised.insert(name, value);
        }
        raised
    }

    fn of_field(&self, field: &'static Field, value: Value, siblings: &Map<String, Value>) -> Value {
        match (field.shape, value) {
            // Members that the account has defined are all listed, so that those without a value are null.
            (_, Value::Object(mut members)) if field.dynamic.is_some() => {
                if self.rules.closed {
                    members.retain(|_, value| !value.is_null());
                }
                Value::Object(members)
            }
            (Shape::Variants(arms), value) => {
                let tag = field
                    .chosen_by
                    .and_then(|name| siblings.get(name))
                    .and_then(Value::as_str);
                let arm = tag.and_then(|tag| arms.iter().find(|arm| arm.tag == tag));
                match arm {
                    Some(arm) => self.value(&arm.shape, value),
                    None => value,
                }
            }
            (shape, value) => self.value(&shape, value),
        }
    }

    fn value(&self, shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::Record(table), Value::Object(members)) => Value::Object(self.members(table.get(), members)),
            (Shape::List(item), Value::Array(items)) => {
                Value::Array(items.into_iter().map(|value| self.value(item, value)).collect())
            }
            // The media type may be left out.
            (Shape::File, Value::Object(mut members)) if self.rules.closed => {
                members.retain(|_, value| !value.is_null());
                Value::Object(members)
            }
            (Shape::Any, Value::String(text)) if !self.rules.untyped => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            // Among scalars, text is meant.
            (Shape::OneOf(_), Value::String(text)) if !self.rules.untyped => {
                let parsed = serde_json::from_str(&text).ok();
                parsed
                    .filter(|value: &Value| value.is_object() || value.is_array())
                    .unwrap_or(Value::String(text))
            }
            (_, value) => value,
        }
    }
}

/// What a tool breaks of a dialect's rules; empty when nothing.
#[must_use]
pub fn check(name: &str, doc: &str, schema: &Map<String, Value>, dialect: Dialect) -> Vec<String> {
    let rules = dialect.rules();
    let mut checking = Checking {
        rules,
        problems: Vec::new(),
        properties: 0,
        enum_values: 0,
        characters: 0,
    };
    if name.len() > rules.tool_name {
        checking.tell(
            "",
            &format!(
                "the name has {} characters, {} are allowed",
                name.len(),
                rules.tool_name
            ),
        );
    }
    if doc.chars().count() > rules.tool_doc {
        let count = doc.chars().count();
        checking.tell(
            "",
            &format!(
                "the documentation has {count} characters, {} are allowed",
                rules.tool_doc
            ),
        );
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") || schema.contains_key("anyOf") {
        checking.tell("", "the root has to be an object");
    }
    checking.node(schema, "", 1);
    let totals = [
        (checking.properties, rules.properties, "properties"),
        (checking.enum_values, rules.enum_values, "values of `enum`"),
        (checking.characters, rules.characters, "characters in names and values"),
    ];
    for (count, most, what) in totals {
        if count > most {
            checking.tell("", &format!("{count} {what}, {most} are allowed"));
        }
    }
    checking.problems
}

struct Checking {
    rules: &'static Rules,
    problems: Vec<String>,
    properties: usize,
    enum_values: usize,
    characters: usize,
}

impl Checking {
    fn tell(&mut self, path: &str, problem: &str) {
        let place = if path.is_empty() { "root" } else { path };
        self.problems.push(format!("{place}: {problem}"));
    }

    fn node(&mut self, node: &Map<String, Value>, path: &str, depth: usize) {
        if depth > self.rules.depth {
            self.tell(path, &format!("lies deeper than {} levels", self.rules.depth));
        }
        let kinds: Vec<&str> = match node.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) if self.rules.closed => kinds.iter().filter_map(Value::as_str).collect(),
            Some(_) => {
                self.tell(path, "`type` has to be one word");
                Vec::new()
            }
            None => Vec::new(),
        };
        if kinds.is_empty() && !node.contains_key("anyOf") && !self.rules.untyped {
            self.tell(path, "has no `type`");
        }
        for keyword in node.keys() {
            let structural = ["type", "description", "properties", "required", "items"].contains(&keyword.as_str());
            if !structural && !self.rules.keywords.contains(&keyword.as_str()) {
                self.tell(path, &format!("`{keyword}` is not known"));
            }
        }
        let description = node.get("description").and_then(Value::as_str).unwrap_or_default();
        if description.chars().count() > self.rules.description {
            self.tell(path, "the description is too long");
        }
        for value in node.get("enum").and_then(Value::as_array).into_iter().flatten() {
            self.enum_values += 1;
            match value {
                Value::String(text) if !text.is_empty() => self.characters += text.chars().count(),
                Value::Null if self.rules.closed => {}
                _ => self.tell(path, "`enum` holds something else than text"),
            }
        }
        if kinds.contains(&"array") {
            match node.get("items") {
                Some(Value::Object(items)) => self.node(items, &format!("{path}[]"), depth + 1),
                _ => self.tell(path, "a list without `items`"),
            }
        }
        if kinds.contains(&"object") {
            self.object(node, path, depth);
        }
    }

    fn object(&mut self, node: &Map<String, Value>, path: &str, depth: usize) {
        let named = node.get("properties").and_then(Value::as_object);
        if named.is_none_or(Map::is_empty) && depth > 1 && !self.rules.free_objects {
            self.tell(path, "an object without named members");
        }
        let required: Vec<&str> = node
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for name in &required {
            if named.is_none_or(|named| !named.contains_key(*name)) {
                self.tell(path, &format!("requires `{name}`, which is no property"));
            }
        }
        if self.rules.closed && node.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.tell(path, "`additionalProperties` has to be false");
        }
        for (name, schema) in named.into_iter().flatten() {
            self.properties += 1;
            self.characters += name.chars().count();
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !starts || !name.chars().all(fits) || name.len() > 64 {
                self.tell(&path, "not every client takes this name of a property");
            }
            if self.rules.closed && !required.contains(&name.as_str()) {
                self.tell(&path, "has to be required");
            }
            match schema {
                Value::Object(schema) => {
                    if schema
                        .get("description")
                        .and_then(Value::as_str)
                        .is_none_or(str::is_empty)
                    {
                        self.tell(&path, "has no description");
                    }
                    self.node(schema, &path, depth + 1);
                }
                _ => self.tell(&path, "is no schema"),
            }
        }
    }
}
