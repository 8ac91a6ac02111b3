//! Turns the declarative descriptions under `specs/` into typed client crates and tool tables.
//!
//! Five stages, each a function from one type to the next: parse, resolve, check, plan, emit. Only
//! [`source`] and [`fileset`] touch the disk. Problems are collected in a [`report::Report`] rather
//! than thrown, so that one run tells an author everything that is wrong.

pub mod fileset;
pub mod names;
pub mod report;
pub mod source;
pub mod syntax;
pub mod yaml;
