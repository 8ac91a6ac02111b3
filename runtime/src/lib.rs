//! What every Deskhand client and tool shares: operations and shapes as data, argument checking,
//! encoding, one way to send, rate-limit facts, pages and errors.
//!
//! The crate knows no vendor, no MCP wire format and no database. Generated crates hold tables
//! ([`operation::Integration`], [`operation::Operation`], [`shape::Table`]) and types over them;
//! everything that happens is in here, written once.
//!
//! The way of a call: arguments ([`arguments::check`]) → request ([`encode::encode`]) → one send
//! ([`client::Connection`]) → answer ([`answer`]) → result. Nothing is ever sent twice.

#![cfg_attr(
    not(feature = "client"),
    allow(dead_code, reason = "what only sending uses stands beside what describes")
)]

pub mod answer;
pub mod arguments;
#[cfg(feature = "client")]
pub mod client;
pub mod cursor;
pub mod dialect;
pub mod encode;
pub mod error;
mod generate;
pub mod http;
pub mod identifier;
pub mod limits;
#[cfg(feature = "client")]
pub mod oauth2;
pub mod open_enum;
pub mod operation;
pub mod overlay;
pub mod page;
pub mod record;
pub mod schema;
#[cfg(feature = "client")]
mod send;
pub mod shape;
#[cfg(feature = "client")]
pub mod tool;
pub mod variants;

#[doc(hidden)]
pub use serde;
#[doc(hidden)]
pub use serde_json;

#[cfg(feature = "client")]
pub use client::{Call, Client, Connection, FromAnswer, Page, Pager, Redirect, Response};
pub use error::{Code, Error};
pub use http::Limits;
pub use operation::{Integration, Operation};
pub use record::{File, Patch};
