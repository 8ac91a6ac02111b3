//! One MCP server: which tools it offers, and the account they act for.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::tool::ToolOutcome;
use serde_json::{Map, Value};

use crate::catalog;
use crate::filter::{Filter, FilterError};

/// What [`Sender::send`] gives back. Dropping it abandons the call.
pub type Sending<'a> = Pin<Box<dyn Future<Output = ToolOutcome> + Send + 'a>>;

/// Whether a tool may be named to the caller.
pub type Visible<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// Something that checks arguments and sends an operation once, for one account.
pub trait Sender: Send + Sync + 'static {
    /// Sends `operation`. Faults of the arguments name only tools that are `visible`.
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        arguments: Map<String, Value>,
        visible: Visible<'a>,
    ) -> Sending<'a>;

    /// What this account changes in the schemas of arguments.
    fn schema_options(&self) -> SchemaOptions {
        SchemaOptions::default()
    }
}

/// A tool that a scope offers.
#[derive(Debug, Clone, Copy)]
pub struct ScopedTool {
    operation: &'static Operation,
    name: &'static str,
}

impl ScopedTool {
    /// The name it is listed under.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// One MCP server.
pub struct Scope {
    id: String,
    title: String,
    integration: &'static Integration,
    tools: Vec<(&'static Operation, &'static deskhand_runtime::operation::Tool)>,
    by_name: HashMap<&'static str, usize>,
    listed: OnceLock<Vec<rmcp::model::Tool>>,
    sender: Arc<dyn Sender>,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("id", &self.id)
            .field("title", &self.title)
            .field("tools", &self.tools.len())
            .finish_non_exhaustive()
    }
}

impl Scope {
    /// The tools of `integration` that pass `filter`, acting through `sender`.
    ///
    /// `id` stands for the scope in logs; `title` is shown to people.
    ///
    /// # Errors
    /// When the filter has a word the helpdesk does not know, or leaves no tool.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        integration: &'static Integration,
        filter: &Filter,
        sender: Arc<dyn Sender>,
    ) -> Result<Self, FilterError> {
        let tools = filter.select(integration)?;
        let mut by_name = HashMap::with_capacity(tools.len() * 2);
        for (index, (_, tool)) in tools.iter().enumerate() {
            for name in tool.aliases.iter().chain([&tool.name]) {
                by_name.insert(*name, index);
            }
        }
        Ok(Self {
            id: id.into(),
            title: title.into(),
            integration,
            tools,
            by_name,
            listed: OnceLock::new(),
            sender,
        })
    }

    /// The name this scope has in logs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name people see.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The helpdesk it reaches.
    #[must_use]
    pub fn integration(&self) -> &'static Integration {
        self.integration
    }

    /// How many tools it offers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tools.len()
    }

    /// Whether it offers none; never so, since a filter that leaves no tool is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// The tools as MCP lists them, in the order of the spec. Computed at the first call.
    #[must_use]
    pub fn list(&self) -> Vec<rmcp::model::Tool> {
        self.listed
            .get_or_init(|| {
                let options = self.sender.schema_options();
                self.tools
                    .iter()
                    .map(|(operation, tool)| catalog::listed(operation, tool, &options))
                    .collect()
            })
            .clone()
    }

    /// The tool with this name or alias, if the scope offers it.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<ScopedTool> {
        let (operation, tool) = self.tools.get(*self.by_name.get(name)?)?;
        Some(ScopedTool {
            operation,
            name: tool.name,
        })
    }

    /// Calls a tool by name or alias. Dropping the future abandons the call.
    pub async fn call(&self, name: &str, arguments: Map<String, Value>) -> ToolOutcome {
        match self.resolve(name) {
            Some(tool) => {
                let visible = |name: &str| self.by_name.contains_key(name);
                self.sender.send(tool.operation, arguments, &visible).await
            }
            None => catalog::unknown_tool(name, self.tools.iter().map(|(_, tool)| tool.name)).into(),
        }
    }
}
