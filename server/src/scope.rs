//! Which tools a caller may use, and the account they act for. Every door goes through a [`Scope`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use deskhand_runtime::arguments::LIMIT;
use deskhand_runtime::dialect::{self, Dialect};
use deskhand_runtime::error::{ArgumentFault, Error};
use deskhand_runtime::operation::{Integration, Operation};
use deskhand_runtime::schema::SchemaOptions;
use deskhand_runtime::tool::ToolOutcome;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalog::{self, Listed};
use crate::discovery::{self, Ask, Finder};
use crate::filter::{Entry, Filter, FilterError};

/// What [`Sender::send`] gives back. Dropping it abandons the call.
pub type Sending<'a> = Pin<Box<dyn Future<Output = ToolOutcome> + Send + 'a>>;

/// What a caller may be told of.
#[derive(Clone, Copy)]
pub struct Visible<'a> {
    /// Whether there is a tool of this name for the caller.
    pub tool: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether an argument of this name is fixed, so that there is none for the caller.
    pub fixed: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Visible<'_> {
    /// No tool may be named; nothing is fixed.
    pub const NOTHING: Self = Self {
        tool: &|_| false,
        fixed: &|_| false,
    };
}

/// Something that checks arguments and sends an operation once, for one account.
pub trait Sender: Send + Sync + 'static {
    /// Sends `operation`. Faults of the arguments name only what is `visible`.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
    tools: Vec<Entry>,
    by_name: HashMap<&'static str, usize>,
    pinned: Map<String, Value>,
    exposure: Exposure,
    listed: [OnceLock<Listed>; Dialect::ALL.len()],
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
        let all: Vec<Entry> = integration.tools().collect();
        let tools = offer.filter.select(integration.title, &all)?;
        Ok(Self {
            id: id.into(),
            title: title.into(),
            integration,
            by_name: by_name(&tools),
            tools,
            pinned: offer.pinned.clone(),
            exposure: offer.exposure,
            listed: Default::default(),
            sender,
        })
    }

    /// This scope with those of its tools that pass `filter`.
    ///
    /// # Errors
    /// When the filter has a word that no tool of this scope has, or leaves no tool.
    pub fn narrowed(&self, filter: &Filter) -> Result<Self, FilterError> {
        let tools = filter.select(self.integration.title, &self.tools)?;
        Ok(Self {
            id: self.id.clone(),
            title: self.title.clone(),
            integration: self.integration,
            by_name: by_name(&tools),
            tools,
            pinned: self.pinned.clone(),
            exposure: self.exposure,
            listed: Default::default(),
            sender: Arc::clone(&self.sender),
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

    /// Whether it fixes an argument of this name.
    #[must_use]
    pub fn fixes(&self, argument: &str) -> bool {
        self.pinned.contains_key(argument)
    }

    /// How it shows its tools to MCP clients.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// The tools, in the order of the spec.
    #[must_use]
    pub fn tools(&self) -> &[Entry] {
        &self.tools
    }

    /// What account, pinned arguments and filter change in the schemas of arguments.
    #[must_use]
    pub fn schema_options(&self) -> SchemaOptions {
        let mut options = self.sender.schema_options();
        let fixed = self.pinned.iter().map(|(name, value)| (name.clone(), value.clone()));
        options.fixed.extend(fixed.collect::<BTreeMap<_, _>>());
        let hidden = self.integration.tools().map(|(_, tool)| tool);
        let hidden = hidden.filter(|tool| !self.by_name.contains_key(tool.name));
        let hidden = hidden.flat_map(|tool| tool.aliases.iter().chain([&tool.name]));
        options.hidden_tools.extend(hidden.map(|name| (*name).to_owned()));
        options
    }

    /// The tools as MCP lists them to a client with this dialect: all, in the order of the spec, or the three of discovery.
    /// Made at the first call.
    #[must_use]
    pub fn list(&self, dialect: Dialect) -> Listed {
        let dialect = if dialect.differs() { dialect } else { Dialect::Mcp };
        Arc::clone(self.listed[dialect as usize].get_or_init(|| match self.exposure {
            Exposure::All => catalog::listed(&self.tools, &self.schema_options(), dialect),
            Exposure::Discovery => discovery::listed(self.integration, &self.tools, dialect),
        }))
    }

    /// The tool with this name or alias, if the scope offers it.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<Entry> {
        self.tools.get(*self.by_name.get(name)?).copied()
    }

    /// The tool of this name that finds others, if the scope shows it.
    fn finder(&self, name: &str) -> Option<Finder> {
        Finder::named(name).filter(|_| self.exposure == Exposure::Discovery)
    }

    /// What a call with these arguments is aimed at.
    #[must_use]
    pub fn target(&self, name: &str, arguments: &Map<String, Value>) -> Target {
        let finder = self.finder(name);
        let named = finder.and_then(|_| discovery::named_tool(name, arguments));
        match (self.resolve(named.unwrap_or(name)), finder) {
            (Some((operation, tool)), _) => Target {
                tool: tool.name.to_owned(),
                method: operation.method,
                by_call_tool: named.is_some(),
            },
            (None, Some(finder)) if named.is_none() => Target {
                tool: finder.name().to_owned(),
                method: "",
                by_call_tool: false,
            },
            (None, _) => Target {
                // What a caller made up can be anything, a customer's words too, and this is logged.
                tool: "(unknown)".to_owned(),
                method: "",
                by_call_tool: named.is_some(),
            },
        }
    }

    /// Calls a tool by name or alias, with arguments as its schema in this dialect asks for them. Dropping the future
    /// abandons the call.
    pub async fn call(&self, name: &str, arguments: Map<String, Value>, dialect: Dialect) -> ToolOutcome {
        let Some(finder) = self.finder(name) else {
            return self.call_tool(name, arguments, dialect).await;
        };
        let answer = match discovery::ask(finder, arguments, dialect) {
            Err(error) => Err(error),
            Ok(Ask::Call(name, arguments)) => return self.call_tool(&name, arguments, dialect).await,
            Ok(Ask::Schemas(names)) => self.schemas(&names, dialect),
            Ok(Ask::Search { query, limit }) => Ok(discovery::search(
                self.integration,
                &self.tools,
                &self.schema_options(),
                &query,
                limit,
            )),
        };
        ToolOutcome {
            result: answer,
            rate_limit: None,
            status: None,
            upstream_time: None,
        }
    }

    async fn call_tool(&self, name: &str, arguments: Map<String, Value>, dialect: Dialect) -> ToolOutcome {
        let Some((operation, _)) = self.resolve(name) else {
            return self.unknown(&[name]).into();
        };
        let mut arguments = dialect::raise((operation.input)(), arguments, dialect);
        if let Err(error) = self.pin(operation, &mut arguments) {
            return error.into();
        }
        let visible = Visible {
            tool: &|name| self.by_name.contains_key(name),
            fixed: &|name| self.fixes(name),
        };
        self.sender.send(operation, arguments, visible).await
    }

    fn schemas(&self, names: &[String], dialect: Dialect) -> Result<Value, Error> {
        let unknown: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| self.resolve(name).is_none())
            .collect();
        if !unknown.is_empty() {
            return Err(self.unknown(&unknown));
        }
        let tools: Vec<Entry> = names.iter().filter_map(|name| self.resolve(name)).collect();
        Ok(discovery::schemas(&tools, &self.schema_options(), dialect))
    }

    /// The error for names that the scope does not offer, whether there is such a tool elsewhere or not.
    #[must_use]
    pub fn unknown(&self, names: &[&str]) -> Error {
        let hint = match self.exposure {
            Exposure::All => "List the tools to see what there is.",
            Exposure::Discovery => discovery::HINT,
        };
        let visible: Vec<&str> = self.tools.iter().map(|(_, tool)| tool.name).collect();
        catalog::unknown_tools(names, &visible, hint)
    }

    /// Puts the pinned arguments that the operation takes into a call. A caller who gives one of them another value
    /// means something that would not happen, so that is refused.
    fn pin(&self, operation: &'static Operation, arguments: &mut Map<String, Value>) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut refuse = |name: &str| {
            faults.push(ArgumentFault {
                argument: name.to_owned(),
                message: "is fixed by this MCP server and cannot be chosen; leave it out".to_owned(),
                did_you_mean: None,
                get_it_from: Vec::new(),
            });
        };
        for (name, value) in &self.pinned {
            // The page size has two names.
            let native = native_size(operation).filter(|native| name == LIMIT && *native != LIMIT);
            if arguments.get(name).is_some_and(|given| given != value) {
                refuse(name);
            } else if let Some(native) = native.filter(|native| arguments.contains_key(*native)) {
                refuse(native);
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

fn by_name(tools: &[Entry]) -> HashMap<&'static str, usize> {
    let mut by_name = HashMap::with_capacity(tools.len() * 2);
    for (index, (_, tool)) in tools.iter().enumerate() {
        for name in tool.aliases.iter().chain([&tool.name]) {
            by_name.insert(*name, index);
        }
    }
    by_name
}

/// Whether an operation has an argument of this name that a server can fix.
#[must_use]
pub fn takes(operation: &'static Operation, name: &str) -> bool {
    catalog::arguments(operation).any(|argument| argument == name)
}

/// The vendor's own name of the page size.
#[must_use]
pub fn native_size(operation: &Operation) -> Option<&'static str> {
    let size = operation.pages.as_ref()?.size.as_ref()?;
    Some(size.field)
}
