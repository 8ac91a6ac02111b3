//! Deskhand: self-hosted MCP servers for helpdesks.
//!
//! The server knows no helpdesk. The linked ones arrive as data
//! ([`Integration`](deskhand_runtime::operation::Integration)); a [`scope::Scope`] is a choice of
//! one helpdesk's tools together with an account; [`mcp`] serves a scope over HTTP or stdio; a
//! [`directory::Directory`] tells which token opens which scope; [`cli`] is the command line.

pub mod accounts;
pub mod catalog;
pub mod cli;
pub mod connect;
pub mod directory;
pub mod filter;
pub mod logging;
pub mod mcp;
pub mod output;
pub mod public_url;
pub mod scope;
pub mod token;
