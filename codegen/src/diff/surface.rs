//! The tools of one state of the specs, as users see them.

use std::collections::BTreeMap;

use deskhand_runtime::operation::category;
use deskhand_runtime::schema::{SchemaOptions, answer_schema, arguments_schema};
use deskhand_runtime::shape::{Form, Rule, Shape, Table};
use serde_json::{Map, Value};

use crate::model::Effect;
use crate::plan::{PlannedOperation, PlannedTool, plan};
use crate::report::Report;
use crate::source::Sources;
use crate::tables::{Tables, pages};

/// The tools of all helpdesks, by slug, in the order of the specs.
pub type Surface = BTreeMap<String, Vec<Tool>>;

/// A tool as users see it.
pub struct Tool {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) route: String,
    pub(super) effect: Effect,
    pub(super) category: &'static str,
    pub(super) tags: Vec<String>,
    pub(super) title: String,
    pub(super) description: String,
    /// Its arguments: the schema that clients see, with `form` and `rules` where a check goes beyond it.
    pub(super) input: Map<String, Value>,
    pub(super) output: Map<String, Value>,
}

/// Reads the tools out of specs. What is wrong with the specs is reported, and their helpdesks are left out.
pub fn surface(sources: &Sources, report: &Report) -> Surface {
    let helpdesks = sources.helpdesks();
    let tools = helpdesks.iter().filter_map(|slug| {
        let mark = report.mark();
        let api = crate::resolve_helpdesk(sources, slug, report)?;
        crate::check::check(&api, report);
        let plan = plan(&api, report);
        if report.has_errors_since(mark) {
            return None;
        }
        let tables = Tables::of(&plan);
        let tools = plan
            .operations
            .iter()
            .filter_map(|planned| Some(tool(&tables, planned, planned.tool.as_ref()?)));
        Some(((*slug).to_owned(), tools.collect()))
    });
    tools.collect()
}

fn tool(tables: &Tables<'_>, planned: &PlannedOperation<'_>, tool: &PlannedTool) -> Tool {
    let operation = planned.operation;
    let method = &operation.method.value;
    let table: &'static Table = tables.input(planned);
    let paged = operation.pages.as_ref().map(pages);
    let mut input = arguments_schema(table, method, paged.as_ref(), &SchemaOptions::default());
    add_checks(table, &mut input);
    Tool {
        name: tool.name.clone(),
        aliases: operation.aliases.iter().map(|alias| alias.value.clone()).collect(),
        route: format!("{} {}", operation.http_method, operation.path.value),
        effect: operation.effect,
        category: category(method, operation.counts_as_read),
        tags: operation.tags.iter().map(|tag| tag.value.clone()).collect(),
        title: operation.title.clone(),
        description: tool.doc.clone(),
        input,
        output: answer_schema(&tables.answer(planned), method),
    }
}

/// Adds to the schema of an object what is checked besides: the forms of texts, and rules over several members.
fn add_checks(table: &'static Table, schema: &mut Map<String, Value>) {
    let rules: Vec<Value> = table.rules.iter().filter_map(checked).collect();
    if !rules.is_empty() {
        schema.insert("rules".to_owned(), rules.into());
    }
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for field in table.fields {
        let Some(Value::Object(property)) = properties.get_mut(field.name) else {
            continue;
        };
        if field.form != Form::Any {
            property.insert("form".to_owned(), field.form.words().into());
        }
        add_checks_inside(&field.shape, property);
    }
}

/// What a rule refuses, without the reason that it gives.
fn checked(rule: &Rule) -> Option<Value> {
    let mut rule = *rule;
    match &mut rule {
        Rule::When { because, .. } | Rule::NotEmptyUnless { because, .. } => *because = "",
        // It only explains why a name is unknown.
        Rule::NoSuch { .. } => return None,
        Rule::AtLeastOne(_) | Rule::ExactlyOne(_) | Rule::AtMostOne(_) => {}
    }
    Some(format!("{rule:?}").into())
}

fn add_checks_inside(shape: &Shape, schema: &mut Map<String, Value>) {
    let inner = |key: &str| matches!(key, "items" | "additionalProperties");
    match shape {
        // A record that is described by another one around it has no properties here.
        Shape::Record(table) if schema.contains_key("properties") => add_checks(table.get(), schema),
        Shape::List(item) | Shape::Map(item) => {
            for (_, schema) in schema.iter_mut().filter(|(key, _)| inner(key)) {
                if let Value::Object(schema) = schema {
                    add_checks_inside(item, schema);
                }
            }
        }
        _ => {}
    }
}
