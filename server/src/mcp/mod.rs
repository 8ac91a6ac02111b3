//! The Model Context Protocol: one handler over a [`Scope`](crate::scope::Scope), two ways to reach it.

pub(crate) mod changes;
pub mod handler;
pub mod http;
pub mod stdio;
