//! Two surfaces, told apart.

use std::collections::BTreeSet;

use super::schema::{self, Finding, Findings};
use super::surface::{Surface, Tool};
use super::{Change, Diff, What};
use crate::model::Effect;

/// What changed from one state to another.
pub fn compare(old: &Surface, new: &Surface) -> Diff {
    let helpdesks: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for helpdesk in helpdesks {
        of_helpdesk(helpdesk, tools(old, helpdesk), tools(new, helpdesk), &mut changes);
    }
    Diff {
        breaking: changes.iter().filter(|change| change.breaking).count(),
        compatible: changes.iter().filter(|change| !change.breaking).count(),
        changes,
    }
}

fn tools<'a>(surface: &'a Surface, helpdesk: &str) -> &'a [Tool] {
    surface.get(helpdesk).map_or(&[], Vec::as_slice)
}

fn of_helpdesk(helpdesk: &str, old: &[Tool], new: &[Tool], changes: &mut Vec<Change>) {
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for before in old {
        let same = new.iter().find(|tool| tool.name == before.name);
        // What has the route of a tool that is gone, and was not there before, is that tool under another name.
        let renamed = || {
            new.iter().find(|tool| {
                tool.route == before.route
                    && !met.contains(tool.name.as_str())
                    && !old.iter().any(|known| known.name == tool.name)
            })
        };
        match same.or_else(renamed) {
            Some(after) => {
                met.insert(&after.name);
                of_tool(helpdesk, before, after, changes);
            }
            None => changes.push(Changes::of(helpdesk, before).made(What::ToolRemoved, true, "", "the tool is gone")),
        }
    }
    for after in new.iter().filter(|tool| !met.contains(tool.name.as_str())) {
        changes.push(Changes::of(helpdesk, after).made(What::ToolAdded, false, "", "the tool is new"));
    }
}

/// Makes the changes of one tool.
struct Changes<'a> {
    helpdesk: &'a str,
    tool: &'a Tool,
}

impl<'a> Changes<'a> {
    fn of(helpdesk: &'a str, tool: &'a Tool) -> Self {
        Self { helpdesk, tool }
    }

    fn made(&self, change: What, breaking: bool, at: &str, text: impl Into<String>) -> Change {
        Change {
            helpdesk: self.helpdesk.to_owned(),
            tool: self.tool.name.clone(),
            route: self.tool.route.clone(),
            change,
            breaking,
            at: at.to_owned(),
            text: text.into(),
        }
    }
}

fn of_tool(helpdesk: &str, old: &Tool, new: &Tool, changes: &mut Vec<Change>) {
    let of = Changes::of(helpdesk, new);
    if old.name != new.name {
        let kept = new.aliases.contains(&old.name);
        let also = if kept { ", which is still accepted" } else { "" };
        changes.push(of.made(
            What::ToolRenamed,
            !kept,
            "",
            format!("it was called {}{also}", old.name),
        ));
    }
    let callable = |name: &String| new.name == *name || new.aliases.contains(name);
    for gone in old.aliases.iter().filter(|alias| !callable(alias)) {
        changes.push(of.made(
            What::Alias,
            true,
            "",
            format!("the name {gone} is not accepted any more"),
        ));
    }
    let known = |name: &&String| old.name == **name || old.aliases.contains(name);
    for come in new.aliases.iter().filter(|alias| !known(alias)) {
        changes.push(of.made(What::Alias, false, "", format!("the name {come} is accepted, too")));
    }
    if old.route != new.route {
        changes.push(of.made(What::Route, false, "", format!("its route was {}", old.route)));
    }
    if old.effect != new.effect {
        let more = danger(new.effect) > danger(old.effect);
        let text = format!("its effect was {} and is {}", word(old.effect), word(new.effect));
        changes.push(of.made(What::Effect, more, "", text));
    }
    if old.category != new.category {
        let text = format!(
            "its category was {} and is {}: filters by category choose otherwise",
            old.category, new.category
        );
        changes.push(of.made(What::Category, true, "", text));
    }
    for gone in old.tags.iter().filter(|tag| !new.tags.contains(tag)) {
        let text = format!("the tag {gone} is gone: filters by it do not choose the tool any more");
        changes.push(of.made(What::Tag, true, "", text));
    }
    for come in new.tags.iter().filter(|tag| !old.tags.contains(tag)) {
        changes.push(of.made(What::Tag, false, "", format!("it has the tag {come}, too")));
    }
    arguments(&of, old, changes);
    outputs(&of, old, changes);
    if old.title != new.title {
        let text = format!("its title was \"{}\" and is \"{}\"", old.title, new.title);
        changes.push(of.made(What::Title, false, "", text));
    }
    if old.description != new.description {
        changes.push(of.made(What::Description, false, "", "it is described in other words"));
    }
}

fn danger(effect: Effect) -> u8 {
    match effect {
        Effect::Read => 0,
        Effect::Write => 1,
        Effect::Destructive => 2,
    }
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Destructive => "destructive",
    }
}

fn arguments(of: &Changes<'_>, old: &Tool, changes: &mut Vec<Change>) {
    let mut found = Findings::new();
    schema::compare(&old.input, &of.tool.input, "", &mut found);
    for (at, finding) in found {
        let name = match at.as_str() {
            "" => "the arguments".to_owned(),
            at => format!("argument `{at}`"),
        };
        changes.push(match finding {
            Finding::Added { required: true } => of.made(
                What::ArgumentAdded,
                true,
                &at,
                format!("{name} is new and has to be given"),
            ),
            Finding::Added { required: false } => of.made(What::ArgumentAdded, false, &at, format!("{name} is new")),
            Finding::Removed => of.made(What::ArgumentRemoved, true, &at, format!("{name} is gone")),
            Finding::Required => of.made(What::ArgumentRequired, true, &at, format!("{name} has to be given now")),
            Finding::Optional => of.made(
                What::ArgumentRequired,
                false,
                &at,
                format!("{name} need not be given any more"),
            ),
            Finding::Narrowed(why) => of.made(What::ArgumentNarrowed, true, &at, format!("{name}: {why}")),
            Finding::Widened(why) => of.made(What::ArgumentWidened, false, &at, format!("{name}: {why}")),
            Finding::Description => of.made(
                What::ArgumentDescription,
                false,
                &at,
                format!("{name} is described in other words"),
            ),
        });
    }
}

/// Answers promise the members that they name, and the types that they give: fewer of either breaks readers.
fn outputs(of: &Changes<'_>, old: &Tool, changes: &mut Vec<Change>) {
    let mut found = Findings::new();
    schema::compare(&old.output, &of.tool.output, "", &mut found);
    for (at, finding) in found {
        let (breaking, text) = match finding {
            Finding::Removed => (true, format!("`{at}` is not told in answers any more")),
            Finding::Added { .. } => (false, format!("`{at}` is told in answers, too")),
            Finding::Narrowed(why) | Finding::Widened(why) => (true, format!("`{at}` in answers: {why}")),
            Finding::Required | Finding::Optional | Finding::Description => {
                (false, format!("`{at}` in answers is described otherwise"))
            }
        };
        changes.push(of.made(What::Output, breaking, &at, text));
    }
}
