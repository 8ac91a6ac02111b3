//! Deskhand: self-hosted MCP servers for helpdesks.
//!
//! The server knows no helpdesk. The linked ones arrive as data
//! ([`Integration`](deskhand_runtime::operation::Integration)); a [`scope::Scope`] is a choice of
//! one helpdesk's tools together with an account; [`control`] keeps accounts, MCP servers and tokens in a
//! [`store`]; an [`access::Directory`] tells which token opens which scope; [`call`] makes every call, by
//! whatever door it comes; [`mcp`] and [`api`] are the doors, which [`http`] serves; [`cli`] is the command line.

pub mod access;
pub mod accounts;
pub mod api;
pub mod call;
pub mod catalog;
pub mod cli;
pub mod connect;
pub mod control;
pub mod destination;
pub mod dialect;
pub mod directory;
pub mod discovery;
pub mod duration;
pub mod filter;
pub mod http;
pub mod logging;
pub mod mcp;
pub mod metrics;
pub mod output;
pub mod public_url;
pub mod quota;
pub mod scope;
pub mod snippet;
pub mod store;
pub mod token;
pub mod vault;
