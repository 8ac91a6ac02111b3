//! Spec files as positioned trees, and typed values decoded from them.
//!
//! [`parse`] turns the bytes of one file into a [`Node`] whose every part knows its place, and
//! [`decode`] turns a node into a type that derives [`serde::Deserialize`]. Neither stops at the
//! first problem: unknown keys, wrong types, missing keys and duplicate keys of a file are all
//! reported in one run.
//!
//! The language is a plain subset of YAML 1.2: one document, no anchors, aliases, tags or merge
//! keys, so that what a line means can be seen on that line.

mod decode;
mod tree;
mod write;

pub use decode::{Located, Named, Raw, decode};
pub use tree::{Key, Kind, Node, parse};
pub use write::{Block, Out, scalar};

use crate::report::Rule;

/// Rules about the form of a file, before anything in it has a meaning.
pub const RULES: &[Rule] = &[
    Rule {
        code: "yaml-encoding",
        why: "Files are UTF-8 without a byte order mark, so that every tool reads the same text.",
    },
    Rule {
        code: "yaml-size",
        why: "A file of several megabytes is a mistake, and reading it would take long.",
    },
    Rule {
        code: "yaml-empty",
        why: "An empty file says nothing; it was probably not meant to be committed.",
    },
    Rule {
        code: "yaml-syntax",
        why: "What is not YAML cannot be read.",
    },
    Rule {
        code: "yaml-depth",
        why: "Nesting beyond a few dozen levels is a mistake.",
    },
    Rule {
        code: "yaml-duplicate-key",
        why: "Of two equal keys one would silently win.",
    },
    Rule {
        code: "yaml-unsupported",
        why: "Anchors, aliases, tags, merge keys and several documents hide what a line means.",
    },
    Rule {
        code: "yaml-key",
        why: "Keys are names: a list, a map or nothing cannot be one.",
    },
    Rule {
        code: "yaml-number",
        why: "A number that would lose digits when read has to be quoted.",
    },
    Rule {
        code: "unknown-key",
        why: "A key nobody reads is a slip of the pen.",
    },
    Rule {
        code: "missing-key",
        why: "Without this key the item has no meaning.",
    },
    Rule {
        code: "wrong-type",
        why: "The value is of a kind that cannot stand here.",
    },
    Rule {
        code: "unknown-value",
        why: "Only the listed words can stand here.",
    },
];

#[cfg(test)]
mod tests;
