//! Which tools a caller may use, and the account they act for. Every door goes through a [`Scope`].

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use deskhand_runtime::arguments::LIMIT;
use deskhand_runtime::error::{ArgumentFault, Error};
use deskhand_runtime::operation::{Integration, Operation, Tool};
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::tool::ToolOutcome;
use serde::{Deserialize, Serialize};
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

/// How a scope shows its tools to MCP clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Every tool is listed.
    #[default]
    All,
    /// Three tools are listed, by which the others are found, read about and called.
    Discovery,
}

/// What a scope offers of a helpdesk's tools, and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offer {
    /// Which tools.
    pub filter: Filter,
    /// Arguments that are fixed: callers neither see nor choose them.
    pub pinned: Map<String, Value>,
    /// How MCP clients see the tools.
    pub exposure: Exposure,
}

impl From<Filter> for Offer {
    fn from(filter: Filter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }
}

/// What a call is aimed at, as far as it can be told before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The tool's name; `(unknown)` when there is no such tool.
    pub tool: String,
    /// The tool's method; empty when there is no such tool.
    pub method: &'static str,
    /// Whether the tool is named in the arguments of `call_tool`.
    pub by_call_tool: bool,
}

/// One MCP server's tools, and the account they act for.
pub struct Scope {
    id: String,
    title: String,
    integration: &'static Integration,
    tools: Vec<(&'static Operation, &'static Tool)>,
    by_name: HashMap<&'static str, usize>,
    pinned: Map<String, Value>,
    exposure: Exposure,
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
    /// What `offer` leaves of the tools of `integration`, acting through `sender`.
    ///
    /// `id` stands for the scope in logs; `title` is shown to people.
    ///
    /// # Errors
    /// When the filter has a word the helpdesk does not know, or leaves no tool.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        integration: &'static Integration,
        offer: &Offer,
        sender: Arc<dyn Sender>,
    ) -> Result<Self, FilterError> {
        let tools = offer.filter.select(integration)?;
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
            pinned: offer.pinned.clone(),
            exposure: offer.exposure,
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

    /// How it shows its tools to MCP clients.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// The tools, in the order of the spec.
    #[must_use]
    pub fn tools(&self) -> &[(&'static Operation, &'static Tool)] {
        &self.tools
    }

    /// What account and pinned arguments change in the schemas of arguments.
    #[must_use]
    pub fn schema_options(&self) -> SchemaOptions {
        let mut options = self.sender.schema_options();
        options.hidden.extend(self.pinned.keys().cloned());
        options
    }

    /// The tools as MCP lists them: all, in the order of the spec, or the three of discovery. Computed at the first
    /// call.
    #[must_use]
    pub fn list(&self) -> Vec<rmcp::model::Tool> {
        self.listed
            .get_or_init(|| {
                let options = self.schema_options();
                self.tools
                    .iter()
                    .map(|(operation, tool)| catalog::listed(operation, tool, &options))
                    .collect()
            })
            .clone()
    }

    /// The tool with this name or alias, if the scope offers it.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<(&'static Operation, &'static Tool)> {
        self.tools.get(*self.by_name.get(name)?).copied()
    }

    /// What a call with these arguments is aimed at.
    #[must_use]
    pub fn target(&self, name: &str, _arguments: &Map<String, Value>) -> Target {
        match self.resolve(name) {
            Some((operation, tool)) => Target {
                tool: tool.name.to_owned(),
                method: operation.method,
                by_call_tool: false,
            },
            None => Target {
                // What a caller made up can be anything, a customer's words too, and this is logged.
                tool: "(unknown)".to_owned(),
                method: "",
                by_call_tool: false,
            },
        }
    }

    /// Calls a tool by name or alias. Dropping the future abandons the call.
    pub async fn call(&self, name: &str, mut arguments: Map<String, Value>) -> ToolOutcome {
        let Some((operation, _)) = self.resolve(name) else {
            return catalog::unknown_tool(name, self.tools.iter().map(|(_, tool)| tool.name)).into();
        };
        if let Err(error) = self.pin(operation, &mut arguments) {
            return error.into();
        }
        let visible = |name: &str| self.by_name.contains_key(name);
        self.sender.send(operation, arguments, &visible).await
    }

    /// Puts the pinned arguments that the operation takes into a call. A caller who gives one of them another value
    /// means something that would not happen, so that is refused.
    fn pin(&self, operation: &'static Operation, arguments: &mut Map<String, Value>) -> Result<(), Error> {
        let mut faults = Vec::new();
        for (name, value) in &self.pinned {
            if arguments.get(name).is_some_and(|given| given != value) {
                faults.push(ArgumentFault {
                    argument: name.clone(),
                    message: "is fixed by this MCP server and cannot be chosen; leave it out".to_owned(),
                    did_you_mean: None,
                    get_it_from: Vec::new(),
                });
            } else if takes(operation, name) {
                arguments.insert(name.clone(), value.clone());
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::arguments(faults))
        }
    }
}

/// Whether an operation has an argument of this name.
#[must_use]
pub fn takes(operation: &Operation, name: &str) -> bool {
    (operation.input)().fields.iter().any(|field| field.name == name)
        || (name == LIMIT && operation.pages.as_ref().is_some_and(|pages| pages.size.is_some()))
}
