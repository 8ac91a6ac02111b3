//! The Model Context Protocol: one handler over a [`Scope`](crate::scope::Scope), two ways to reach it.

pub mod handler;
pub mod http;
pub mod stdio;
