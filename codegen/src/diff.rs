//! What changes for users of the tools between two states of the specs.
//!
//! [`surface`] reads the tools of a state as users see them, with the generator's own plan; [`compare`](compare::compare)
//! tells two of them apart and says of each change whether something that worked may stop working.

mod compare;
mod schema;
mod surface;

use std::fmt::Write as _;

use serde::Serialize;

pub use compare::compare;
pub use surface::{Surface, surface};

/// The changes between two states, by helpdesk and tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Number of breaking changes.
    pub breaking: usize,
    /// Number of the others.
    pub compatible: usize,
    /// All of them.
    pub changes: Vec<Change>,
}

/// One change of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Slug of the helpdesk.
    pub helpdesk: String,
    /// Name of the tool: the new one where it was renamed.
    pub tool: String,
    /// HTTP method and path.
    pub route: String,
    /// What changed.
    pub change: What,
    /// Whether something that worked may stop working.
    pub breaking: bool,
    /// The argument, or the member of an answer, where the change concerns one; `[]` stands for items of a list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The change in words.
    pub text: String,
}

/// Kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A tool is gone.
    ToolRemoved,
    /// A tool is new.
    ToolAdded,
    /// A tool has another name.
    ToolRenamed,
    /// Another name by which a tool can be called came or went.
    Alias,
    /// It looks, changes or destroys, where it did otherwise.
    Effect,
    /// The category by which filters choose it.
    Category,
    /// A tag by which filters choose it.
    Tag,
    /// HTTP method or path, of the same name.
    Route,
    /// Its title.
    Title,
    /// Its description.
    Description,
    /// An argument is gone.
    ArgumentRemoved,
    /// An argument is new.
    ArgumentAdded,
    /// An argument has to be given, or need not be.
    ArgumentRequired,
    /// Fewer values are accepted.
    ArgumentNarrowed,
    /// More values are accepted.
    ArgumentWidened,
    /// An argument is described in other words.
    ArgumentDescription,
    /// What comes back.
    Output,
}

impl Diff {
    /// The changes for people, by helpdesk and tool.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let (mut helpdesk, mut tool) = ("", "");
        for change in &self.changes {
            if change.helpdesk != helpdesk {
                let _ = writeln!(
                    out,
                    "{}{}",
                    if helpdesk.is_empty() { "" } else { "\n" },
                    change.helpdesk
                );
                tool = "";
            }
            if change.tool != tool {
                let _ = writeln!(out, "  {} ({})", change.tool, change.route);
            }
            let word = if change.breaking { "breaking  " } else { "compatible" };
            let _ = writeln!(out, "    {word}  {}", change.text);
            (helpdesk, tool) = (&change.helpdesk, &change.tool);
        }
        out
    }

    /// How many changes there are, in one line.
    pub fn summary(&self) -> String {
        match (self.breaking, self.compatible) {
            (0, 0) => "no tool changes".to_owned(),
            (breaking, compatible) => format!("{breaking} breaking, {compatible} compatible"),
        }
    }
}
