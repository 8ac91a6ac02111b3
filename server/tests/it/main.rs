//! The server from outside: real sockets, real MCP clients.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

mod accounts;
#[cfg(feature = "demo")]
mod administration;
mod calls;
mod changes;
mod command_line;
mod console;
mod discovery;
mod doors;
mod enforcement;
mod eras;
#[cfg(feature = "demo")]
mod fields;
mod house;
mod import;
mod installation;
mod keys;
#[cfg(feature = "demo")]
mod linked;
mod listing;
mod live;
mod log;
mod mcp_servers;
mod oauth;
mod oauth_renewal;
mod oauth_vendor;
mod operation;
mod operator;
mod plane;
mod refusals;
mod secrets;
mod serving;
mod stdio;
mod tokens;
mod toy;
mod workshop;
