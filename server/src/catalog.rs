//! The linked helpdesks and their tools, as MCP and the command line show them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use deskhand_runtime::arguments::nearest;
use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::operation::{Effect, Integration, Operation, Tool};
use deskhand_runtime::schema::{self, SchemaOptions};
use deskhand_runtime::shape::Field;
use rmcp::model::ToolAnnotations;
use serde_json::{Map, Value, json};

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

/// A tool as MCP lists it.
#[must_use]
pub fn listed(operation: &'static Operation, tool: &'static Tool, options: &SchemaOptions) -> rmcp::model::Tool {
    let read_only = operation.effect == Effect::Read;
    rmcp::model::Tool::new(tool.name, tool.doc, input_schema(operation, options))
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

/// A tool as `deskhand tools --format json` shows it.
#[must_use]
pub fn described(integration: &'static Integration, operation: &'static Operation, tool: &'static Tool) -> Value {
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
        "input_schema": *input_schema(operation, &SchemaOptions::default()),
        "output_schema": *output_schema(operation),
    })
}

type Schema = Arc<Map<String, Value>>;

/// Schemas are computed when first asked for, once for all scopes that need the same.
fn input_schema(operation: &'static Operation, options: &SchemaOptions) -> Schema {
    type Key = (usize, BTreeSet<String>, BTreeSet<String>);
    static KNOWN: LazyLock<Mutex<HashMap<Key, Schema>>> = LazyLock::new(Mutex::default);
    let SchemaOptions {
        variables_present,
        hidden,
        overlay,
    } = options;
    let of_account = |field: &Field| {
        let slot = field.dynamic.zip(overlay.as_ref());
        slot.is_some_and(|(slot, overlay)| overlay.slot(slot).is_some())
    };
    // What one account has defined is shared with nobody.
    if (operation.input)().fields.iter().any(of_account) {
        return Arc::new(schema::input_schema(operation, options));
    }
    let key = (place(operation), variables_present.clone(), hidden.clone());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(
        known
            .entry(key)
            .or_insert_with(|| Arc::new(schema::input_schema(operation, options))),
    )
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
fn place(operation: &'static Operation) -> usize {
    std::ptr::from_ref(operation).addr()
}

/// The error for a name that is none of `visible`. Tools that are not visible are not hinted at.
#[must_use]
pub fn unknown_tool<'a>(name: &str, visible: impl Iterator<Item = &'a str>) -> Error {
    let shown: String = name.chars().take(80).collect();
    let error = Error::deskhand(Code::UnknownTool, format!("there is no tool `{shown}` here"));
    match nearest(name, visible) {
        Some(near) => error.with_hint(format!("Did you mean `{near}`?")),
        None => error.with_hint("List the tools to see what there is."),
    }
}
