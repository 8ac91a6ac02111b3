//! Which of a helpdesk's tools an MCP server offers.

use std::fmt;

use deskhand_runtime::arguments::nearest;
use deskhand_runtime::operation::{Integration, Operation, Tool};

/// An operation as a tool.
pub type Entry = (&'static Operation, &'static Tool);

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

    /// Whether everything passes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.methods.is_empty() && self.tags.is_empty()
    }

    /// Whether a tool passes.
    #[must_use]
    pub fn admits(&self, operation: &Operation, tool: &Tool) -> bool {
        // A method that has the name of a category is not meant by it: it can do what the category does not.
        let means = |word: &String| {
            if CATEGORIES.contains(&word.as_str()) {
                word == operation.category()
            } else {
                word == operation.method
            }
        };
        let by_method = self.methods.is_empty() || self.methods.iter().any(means);
        let by_tag = self.tags.is_empty() || self.tags.iter().any(|word| tool.tags.contains(&word.as_str()));
        by_method && by_tag
    }

    /// Those of a helpdesk's tools that pass, in their order.
    ///
    /// # Errors
    /// When none of `tools` has a word that is named, or nothing passes. What is not among `tools` is not told of.
    pub fn select(&self, helpdesk: &'static str, tools: &[Entry]) -> Result<Vec<Entry>, FilterError> {
        if let Some(error) = self.unknown_words(tools).into_iter().next() {
            return Err(error);
        }
        let admitted = |entry: &&Entry| self.admits(entry.0, entry.1);
        let chosen: Vec<Entry> = tools.iter().filter(admitted).copied().collect();
        if chosen.is_empty() {
            return Err(FilterError::Nothing {
                helpdesk,
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
        let tools: Vec<Entry> = integrations
            .iter()
            .flat_map(|integration| integration.tools())
            .collect();
        self.unknown_words(&tools).into_iter().next().map_or(Ok(()), Err)
    }

    /// Every word that none of `tools` has.
    #[must_use]
    pub fn unknown_words(&self, tools: &[Entry]) -> Vec<FilterError> {
        let mut methods = CATEGORIES.to_vec();
        let named = sorted(tools.iter().map(|(operation, _)| operation.method));
        methods.extend(named.into_iter().filter(|method| !CATEGORIES.contains(method)));
        let tags = sorted(tools.iter().flat_map(|(_, tool)| tool.tags.iter().copied()));
        let mut unknown = unknown("method", &self.methods, &methods);
        unknown.extend(self::unknown("tag", &self.tags, &tags));
        unknown
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

fn unknown(what: &'static str, given: &[String], known: &[&'static str]) -> Vec<FilterError> {
    let unknown = given
        .iter()
        .enumerate()
        .filter(|(_, word)| !known.contains(&word.as_str()));
    unknown
        .map(|(index, word)| FilterError::Unknown {
            what,
            index,
            word: word.chars().take(80).collect(),
            suggestion: nearest(word, known.iter().copied()),
            known: known.to_vec(),
        })
        .collect()
}

/// Why a filter makes no sense for a helpdesk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// A word that is no method or tag of the helpdesk.
    Unknown {
        /// `method` or `tag`.
        what: &'static str,
        /// Its place among the words of the filter.
        index: usize,
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
                ..
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

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> Vec<Entry> {
        deskhand_integrations::INTEGRATIONS[0].tools().collect()
    }

    fn filter(methods: &[&str], tags: &[&str]) -> Filter {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Filter::new(owned(methods), owned(tags))
    }

    #[test]
    fn methods_and_tags_must_both_pass() {
        let (all, title) = (desk(), "Desk");
        let tag = all[0].1.tags[0];
        let chosen = filter(&["read"], &[tag]).select(title, &all).unwrap();
        let by_hand: Vec<Entry> = all
            .iter()
            .filter(|(operation, tool)| ["list", "get"].contains(&operation.method) && tool.tags.contains(&tag))
            .copied()
            .collect();
        assert!(!by_hand.is_empty() && by_hand.len() < all.len());
        let names = |entries: &[Entry]| entries.iter().map(|(_, tool)| tool.name).collect::<Vec<_>>();
        assert_eq!(names(&chosen), names(&by_hand));
        assert_eq!(filter(&[" List ", ""], &[]).select(title, &all).unwrap().len(), {
            all.iter().filter(|(operation, _)| operation.method == "list").count()
        });
    }

    #[test]
    fn every_unknown_word_is_told() {
        let unknown = filter(&["read", "lst", "qqq"], &["zzz"]).unknown_words(&desk());
        let told: Vec<(&str, usize, Option<&str>)> = unknown
            .iter()
            .map(|error| match error {
                FilterError::Unknown {
                    what,
                    index,
                    suggestion,
                    ..
                } => (*what, *index, suggestion.as_deref()),
                FilterError::Nothing { .. } => ("nothing", 0, None),
            })
            .collect();
        assert_eq!(
            told,
            [("method", 1, Some("list")), ("method", 2, None), ("tag", 0, None)]
        );
    }

    #[test]
    fn words_are_those_of_the_tools_at_hand() {
        let reading: Vec<Entry> = desk()
            .into_iter()
            .filter(|(operation, _)| operation.category() == "read")
            .collect();
        for word in ["create", "write"] {
            let refused = filter(&[word], &[]).select("Desk", &reading).unwrap_err().to_string();
            let expected = match word {
                "write" => "no tool of Desk has methods write",
                _ => "unknown method `create`; known are: read, write, custom, get, list",
            };
            assert_eq!(refused, expected);
        }
    }

    #[test]
    fn a_method_named_like_a_category_is_not_in_it() {
        static READ: Operation = Operation {
            method: "read",
            ..TEMPLATE
        };
        const TEMPLATE: Operation = Operation {
            name: "read_thing",
            resource: "things",
            method: "",
            http_method: "POST",
            path: "",
            input: || &deskhand_runtime::shape::Table {
                name: "",
                doc: "",
                fields: &[],
                rules: &[],
                unknown: deskhand_runtime::shape::Unknown::Refuse,
            },
            body: deskhand_runtime::operation::Body::None,
            answer: deskhand_runtime::operation::Answer {
                kind: deskhand_runtime::operation::AnswerKind::Empty,
                shape: deskhand_runtime::shape::Shape::Any,
                at: &[],
                total: None,
                may_be_empty: true,
            },
            pages: None,
            effect: deskhand_runtime::operation::Effect::Write,
            idempotent: true,
            counts_as_read: false,
            cost: 1,
            access: &[],
            confidence: deskhand_runtime::operation::Confidence::High,
            source: "",
            deprecated: false,
            tool: None,
        };
        let (_, tool) = desk()[0];
        assert!(!filter(&["read"], &[]).admits(&READ, tool));
        assert!(filter(&["custom"], &[]).admits(&READ, tool));
    }
}
