//! Every tool in every dialect: its schema keeps the dialect's rules, loses nothing in silence, and what a client writes by it
//! becomes the request that is written by hand under `tests/wire/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod expressed;
mod matrix;
mod served;
mod specs;
mod validators;

use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::dialect::{Dialect, Lowered, lower};
use deskhand_runtime::operation::{Integration, Operation, Tool};
use deskhand_runtime::schema::{SchemaOptions, input_schema};
use serde_json::{Map, Value};

/// A tool of a helpdesk with the schema that MCP clients see.
struct Described {
    integration: &'static Integration,
    operation: &'static Operation,
    tool: &'static Tool,
    schema: Map<String, Value>,
}

impl Described {
    fn lowered(&self, dialect: Dialect) -> Lowered {
        lower(&self.schema, dialect)
    }
}

fn all() -> impl Iterator<Item = Described> {
    INTEGRATIONS.iter().flat_map(|integration| of(integration))
}

fn of(integration: &'static Integration) -> impl Iterator<Item = Described> {
    integration.tools().map(move |(operation, tool)| Described {
        integration,
        operation,
        tool,
        schema: input_schema(operation, &SchemaOptions::default()),
    })
}
