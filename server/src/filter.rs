//! Which of a helpdesk's tools an MCP server offers.

use std::fmt;

use deskhand_runtime::arguments::nearest;
use deskhand_runtime::operation::{Integration, Operation, Tool};

/// The words that stand for a category of methods.
pub const CATEGORIES: [&str; 3] = ["read", "write", "custom"];

/// A choice of tools: those whose method is named (or all) and that bear one of the tags (or all).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    methods: Vec<String>,
    tags: Vec<String>,
}

impl Filter {
    /// A filter of words; empty lists admit everything. Words are not checked yet: see
    /// [`select`](Self::select).
    #[must_use]
    pub fn new(methods: Vec<String>, tags: Vec<String>) -> Self {
        let tidy = |words: Vec<String>| -> Vec<String> {
            let words = words.into_iter().map(|word| word.trim().to_ascii_lowercase());
            words.filter(|word| !word.is_empty()).collect()
        };
        Self {
            methods: tidy(methods),
            tags: tidy(tags),
        }
    }

    /// Whether a tool passes.
    #[must_use]
    pub fn admits(&self, operation: &Operation, tool: &Tool) -> bool {
        let by_method = self.methods.is_empty()
            || self
                .methods
                .iter()
                .any(|word| word == operation.category() || word == operation.method);
        let by_tag = self.tags.is_empty() || self.tags.iter().any(|word| tool.tags.contains(&word.as_str()));
        by_method && by_tag
    }

    /// The tools of `integration` that pass, in the order of its spec.
    ///
    /// # Errors
    /// When a word is unknown to the helpdesk, or nothing passes.
    pub fn select(
        &self,
        integration: &'static Integration,
    ) -> Result<Vec<(&'static Operation, &'static Tool)>, FilterError> {
        self.check(&[integration])?;
        let chosen: Vec<_> = integration
            .tools()
            .filter(|(operation, tool)| self.admits(operation, tool))
            .collect();
        if chosen.is_empty() {
            return Err(FilterError::Nothing {
                helpdesk: integration.title,
                filter: self.clone(),
            });
        }
        Ok(chosen)
    }

    /// Checks that every word is known to one of the helpdesks at least.
    ///
    /// # Errors
    /// Names the first unknown word and the known one nearest to it.
    pub fn check(&self, integrations: &[&'static Integration]) -> Result<(), FilterError> {
        let tools = || integrations.iter().flat_map(|integration| integration.tools());
        let mut methods = CATEGORIES.to_vec();
        methods.extend(sorted(tools().map(|(operation, _)| operation.method)));
        let tags = sorted(tools().flat_map(|(_, tool)| tool.tags.iter().copied()));
        unknown("method", &self.methods, &methods)?;
        unknown("tag", &self.tags, &tags)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |name: &str, words: &[String]| match words {
            [] => String::new(),
            words => format!("{name} {}", words.join(", ")),
        };
        let parts = [part("methods", &self.methods), part("tags", &self.tags)];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        f.write_str(if parts.is_empty() { "all tools" } else { "" })?;
        f.write_str(&parts.join(" and "))
    }
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn unknown(what: &'static str, given: &[String], known: &[&'static str]) -> Result<(), FilterError> {
    match given.iter().find(|word| !known.contains(&word.as_str())) {
        None => Ok(()),
        Some(word) => Err(FilterError::Unknown {
            what,
            word: word.clone(),
            suggestion: nearest(word, known.iter().copied()),
            known: known.to_vec(),
        }),
    }
}

/// Why a filter makes no sense for a helpdesk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// A word that is no method or tag of the helpdesk.
    Unknown {
        /// `method` or `tag`.
        what: &'static str,
        /// The word.
        word: String,
        /// The known word it may be a slip of.
        suggestion: Option<String>,
        /// All known words.
        known: Vec<&'static str>,
    },
    /// No tool passes.
    Nothing {
        /// The helpdesk.
        helpdesk: &'static str,
        /// The filter.
        filter: Filter,
    },
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown {
                what,
                word,
                suggestion: Some(suggestion),
                ..
            } => {
                write!(f, "unknown {what} `{word}`; did you mean `{suggestion}`?")
            }
            Self::Unknown {
                what,
                word,
                suggestion: None,
                known,
            } => {
                write!(f, "unknown {what} `{word}`; known are: {}", known.join(", "))
            }
            Self::Nothing { helpdesk, filter } => {
                write!(f, "no tool of {helpdesk} has {filter}")
            }
        }
    }
}

impl std::error::Error for FilterError {}
