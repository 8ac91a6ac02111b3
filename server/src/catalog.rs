//! The linked helpdesks and their tools, as MCP and the command line show them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use deskhand_runtime::arguments::{LIMIT, nearest};
use deskhand_runtime::dialect::{self, Dialect};
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::operation::{Effect, Integration, Operation, Tool};
use deskhand_runtime::overlay::Overlay;
use deskhand_runtime::schema::{self, SchemaOptions};
use rmcp::model::ToolAnnotations;
use serde_json::{Map, Value, json};

use crate::filter::Entry;

/// The helpdesks compiled into this program.
pub type Integrations = &'static [&'static Integration];

/// The helpdesk with this slug.
///
/// # Errors
/// A sentence that names the nearest slug, or all of them.
pub fn helpdesk(integrations: Integrations, slug: &str) -> Result<&'static Integration, String> {
    if let Some(found) = integrations
        .iter()
        .find(|integration| integration.slug.eq_ignore_ascii_case(slug))
    {
        return Ok(found);
    }
    let slugs: Vec<&str> = integrations.iter().map(|integration| integration.slug).collect();
    Err(match nearest(slug, slugs.iter().copied()) {
        Some(near) => format!("unknown helpdesk `{slug}`; did you mean `{near}`?"),
        None => format!("unknown helpdesk `{slug}`; known are: {}", slugs.join(", ")),
    })
}

/// A list of tools as MCP shows it.
pub type Listed = Arc<[rmcp::model::Tool]>;

/// Tools as MCP lists them, in a client's dialect. Lists that are in use are kept once, however many callers have the same.
#[must_use]
pub fn listed(tools: &[Entry], options: &SchemaOptions, dialect: Dialect) -> Listed {
    type Lists = InUse<(Vec<usize>, Vec<Key>, Dialect), [rmcp::model::Tool]>;
    static IN_USE: LazyLock<Lists> = LazyLock::new(InUse::default);
    let keys: Vec<Key> = tools.iter().map(|(operation, _)| Key::of(operation, options)).collect();
    let places = tools.iter().map(|(operation, _)| place(operation)).collect();
    IN_USE.get_or_make((places, keys, dialect), || {
        tools
            .iter()
            .map(|(operation, tool)| one_listed(operation, tool, options, dialect))
            .collect()
    })
}

fn one_listed(
    operation: &'static Operation,
    tool: &'static Tool,
    options: &SchemaOptions,
    dialect: Dialect,
) -> rmcp::model::Tool {
    let read_only = operation.effect == Effect::Read;
    let schema = lowered(input_schema(operation, options), dialect);
    rmcp::model::Tool::new(tool.name, doc(tool, options), schema)
        .with_title(tool.title)
        .with_raw_output_schema(output_schema(operation))
        .with_annotations(ToolAnnotations::from_raw(
            Some(tool.title.to_owned()),
            Some(read_only),
            Some(operation.effect == Effect::Destructive),
            Some(read_only || operation.idempotent),
            Some(true),
        ))
}

/// How many tokens a list of tools takes of a model's context: what clients give to the model, which is name,
/// documentation and schema of the arguments, at four bytes a token. Counted with OpenAI's `o200k` it is 4.0 to 4.6
/// bytes, so this errs on the safe side.
#[must_use]
pub fn estimated_tokens(listed: &[rmcp::model::Tool]) -> usize {
    let bytes = |tool: &rmcp::model::Tool| {
        let schema = serde_json::to_vec(&*tool.input_schema).map_or(0, |schema| schema.len());
        tool.name.len() + tool.description.as_ref().map_or(0, |doc| doc.len()) + schema
    };
    listed.iter().map(bytes).sum::<usize>().div_ceil(4)
}

/// A tool's documentation for a caller with these options.
#[must_use]
pub fn doc(tool: &'static Tool, options: &SchemaOptions) -> Cow<'static, str> {
    schema::tool_doc(tool.doc, options)
}

/// A schema in a client's dialect.
#[must_use]
pub fn lowered(schema: Schema, dialect: Dialect) -> Schema {
    if dialect.differs() {
        Arc::new(dialect::lower(&schema, dialect).schema)
    } else {
        schema
    }
}

/// A tool as `deskhand tools --format json` shows it.
#[must_use]
pub fn described(
    integration: &'static Integration,
    operation: &'static Operation,
    tool: &'static Tool,
    dialect: Dialect,
) -> Value {
    json!({
        "name": tool.name,
        "aliases": tool.aliases,
        "integration": integration.slug,
        "resource": operation.resource,
        "method": operation.method,
        "category": operation.category(),
        "effect": operation.effect.word(),
        "tags": tool.tags,
        "title": tool.title,
        "description": tool.doc,
        "http_method": operation.http_method,
        "path": operation.path,
        "input_schema": *lowered(input_schema(operation, &SchemaOptions::default()), dialect),
        "output_schema": *output_schema(operation),
    })
}

/// A JSON Schema.
pub type Schema = Arc<Map<String, Value>>;

/// The schema of a tool's arguments. Computed when first asked for; kept while in use, and for good where nothing is
/// fixed, hidden or an account's own.
#[must_use]
pub fn input_schema(operation: &'static Operation, options: &SchemaOptions) -> Schema {
    type Plain = Mutex<HashMap<(usize, BTreeSet<&'static str>), Schema>>;
    static PLAIN: LazyLock<Plain> = LazyLock::new(Mutex::default);
    static IN_USE: LazyLock<InUse<(usize, Key), Map<String, Value>>> = LazyLock::new(InUse::default);
    let key = Key::of(operation, options);
    let make = || Arc::new(schema::input_schema(operation, options));
    if key.fixed.is_empty() && key.hidden_tools.is_empty() && key.overlay.is_none() {
        let mut plain = PLAIN.lock().unwrap_or_else(PoisonError::into_inner);
        return Arc::clone(plain.entry((place(operation), key.variables)).or_insert_with(make));
    }
    IN_USE.get_or_make((place(operation), key), make)
}

/// What of a caller's options changes something for one operation.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    variables: BTreeSet<&'static str>,
    /// With the values, as JSON.
    fixed: BTreeMap<&'static str, String>,
    hidden_tools: BTreeSet<String>,
    overlay: Option<OfAccount>,
}

/// What an account has defined for itself; it is shared with no other account.
#[derive(Debug)]
struct OfAccount(Arc<Overlay>);

impl PartialEq for OfAccount {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OfAccount {}

impl Hash for OfAccount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Key {
    fn of(operation: &'static Operation, options: &SchemaOptions) -> Self {
        let arguments = arguments(operation);
        let variables = (operation.input)().fields.iter().filter_map(|field| field.variable);
        let fixed = arguments.filter_map(|name| Some((name, options.fixed.get(name)?.to_string())));
        let hidden_tools = if options.hidden_tools.is_empty() {
            BTreeSet::new()
        } else {
            let mentioned = mentions(operation);
            options.hidden_tools.intersection(&mentioned).cloned().collect()
        };
        let defined = |overlay: &&Arc<Overlay>| {
            let mut slots = (operation.input)().fields.iter().filter_map(|field| field.dynamic);
            slots.any(|slot| overlay.slot(slot).is_some())
        };
        Self {
            overlay: options.overlay.as_ref().filter(defined).map(Arc::clone).map(OfAccount),
            variables: variables
                .filter(|name| options.variables_present.contains(*name))
                .collect(),
            fixed: fixed.collect(),
            hidden_tools,
        }
    }
}

/// The arguments of an operation that a server can fix.
pub fn arguments(operation: &'static Operation) -> impl Iterator<Item = &'static str> {
    let limit = operation.pages.as_ref().is_some_and(|pages| pages.size.is_some());
    let fields = (operation.input)().fields.iter().map(|field| field.name);
    fields.chain(limit.then_some(LIMIT))
}

/// Every name in documentation and schema of an operation that can be that of a tool, also those that only show when
/// others are hidden.
fn mentions(operation: &'static Operation) -> Arc<BTreeSet<String>> {
    static KNOWN: LazyLock<Mutex<HashMap<usize, Arc<BTreeSet<String>>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.entry(place(operation)).or_insert_with(|| {
        let mut options = SchemaOptions::default();
        loop {
            let schema = Value::Object(schema::input_schema(operation, &options)).to_string();
            let doc = operation.tool.as_ref().map_or("", |tool| tool.doc);
            let before = options.hidden_tools.len();
            let words = |text: &str| -> Vec<String> {
                let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                words.filter(|word| word.contains('_')).map(str::to_owned).collect()
            };
            options.hidden_tools.extend(words(&schema));
            options.hidden_tools.extend(words(doc));
            if options.hidden_tools.len() == before {
                return Arc::new(options.hidden_tools);
            }
        }
    });
    Arc::clone(found)
}

/// Values that are kept as long as somebody uses them.
struct InUse<K, V: ?Sized> {
    known: Mutex<HashMap<K, Weak<V>>>,
}

impl<K, V: ?Sized> Default for InUse<K, V> {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
        }
    }
}

impl<K: Hash + Eq, V: ?Sized> InUse<K, V> {
    fn get_or_make(&self, key: K, make: impl FnOnce() -> Arc<V>) -> Arc<V> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        let value = make();
        // Only where room has to be made are those looked for that nobody uses any more.
        if known.len() == known.capacity() {
            known.retain(|_, value| value.strong_count() > 0);
        }
        known.insert(key, Arc::downgrade(&value));
        value
    }
}

fn output_schema(operation: &'static Operation) -> Schema {
    static KNOWN: LazyLock<Mutex<HashMap<usize, Schema>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(
        known
            .entry(place(operation))
            .or_insert_with(|| Arc::new(schema::output_schema(operation))),
    )
}

/// Operations are constants, so their place in memory tells them apart.
#[must_use]
pub fn place(operation: &'static Operation) -> usize {
    std::ptr::from_ref(operation).addr()
}

/// The error for names that are none of `visible`. Tools that are not visible are not hinted at.
#[must_use]
pub fn unknown_tools(names: &[&str], visible: &[&str], list_hint: &str) -> Error {
    let shown = |name: &&str| format!("`{}`", name.chars().take(80).collect::<String>());
    let told: Vec<String> = names.iter().map(shown).collect();
    let error = Error::deskhand(Code::UnknownTool, format!("there is no tool {} here", told.join(", ")));
    let near = names.iter().filter_map(|name| nearest(name, visible.iter().copied()));
    let near: Vec<String> = near.map(|near| format!("`{near}`")).collect();
    match near.as_slice() {
        [] => error.with_hint(list_hint),
        near => error.with_hint(format!("Did you mean {}?", near.join(", "))),
    }
}

/// The error for a name that is none of `visible`.
#[must_use]
pub fn unknown_tool(name: &str, visible: &[&str]) -> Error {
    unknown_tools(&[name], visible, "List the tools to see what there is.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(pairs: &[(&str, Value)]) -> SchemaOptions {
        SchemaOptions {
            fixed: pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            ..SchemaOptions::default()
        }
    }

    /// A tool of the first helpdesk that takes an argument besides `limit`.
    fn taking() -> (Entry, &'static str) {
        let integration = deskhand_integrations::INTEGRATIONS[0];
        let with_field = |(operation, tool): Entry| Some(((operation, tool), (operation.input)().fields.first()?.name));
        integration.tools().find_map(with_field).unwrap()
    }

    #[test]
    fn what_an_operation_does_not_take_is_no_reason_for_another_schema() {
        let ((operation, _), _) = taking();
        let plain = input_schema(operation, &SchemaOptions::default());
        let mut other = fixed(&[("no_such_argument", json!(1))]);
        other.hidden_tools.insert("no_such_tool".to_owned());
        other.variables_present.insert("no_such_variable".to_owned());
        assert!(Arc::ptr_eq(&plain, &input_schema(operation, &other)));
    }

    #[test]
    fn equal_options_share_one_schema_and_one_list() {
        let (entry, name) = taking();
        let options = fixed(&[(name, json!("a"))]);
        let one = input_schema(entry.0, &options);
        assert!(Arc::ptr_eq(&one, &input_schema(entry.0, &options)));
        assert!(!Arc::ptr_eq(
            &one,
            &input_schema(entry.0, &fixed(&[(name, json!("b"))]))
        ));
        assert!(!one["properties"].as_object().unwrap().contains_key(name));
        let list = listed(&[entry], &options, Dialect::Mcp);
        assert!(Arc::ptr_eq(&list, &listed(&[entry], &options, Dialect::Mcp)));
        assert!(!Arc::ptr_eq(
            &list,
            &listed(&[entry], &SchemaOptions::default(), Dialect::Mcp)
        ));
    }

    #[test]
    fn what_nobody_uses_is_forgotten() {
        let in_use = InUse::<usize, usize>::default();
        let kept: Vec<Arc<usize>> = (0..10).map(|key| in_use.get_or_make(key, || Arc::new(key))).collect();
        for key in 10..10_000 {
            assert_eq!(*in_use.get_or_make(key, || Arc::new(key)), key);
        }
        assert!(in_use.known.lock().unwrap().len() < 100);
        for (key, value) in kept.iter().enumerate() {
            assert!(Arc::ptr_eq(value, &in_use.get_or_make(key, || Arc::new(0))));
        }
    }

    #[test]
    fn tools_that_are_hidden_are_not_named() {
        let integration = deskhand_integrations::INTEGRATIONS[0];
        let hidden_tools: BTreeSet<String> = integration.tools().map(|(_, tool)| tool.name.to_owned()).collect();
        let options = SchemaOptions {
            hidden_tools,
            ..SchemaOptions::default()
        };
        let mut named = 0;
        for (operation, tool) in integration.tools() {
            let names = |text: &str| {
                let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                words.filter(|word| options.hidden_tools.contains(*word)).count()
            };
            let schema = Value::Object((*input_schema(operation, &options)).clone()).to_string();
            assert_eq!(names(&schema), 0, "{schema}");
            assert_eq!(names(&doc(tool, &options)), 0, "{}", tool.name);
            named += names(tool.doc);
        }
        assert!(named > 20, "the documentation names tools");
    }
}
