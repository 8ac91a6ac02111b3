//! Changes of the knowledge base's tree, and taking them back.

use serde_json::{Value, json};

use super::super::helpdesk_records::{Change, Helpdesk, Node};
use super::super::records::{PAGE, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// What an operation did to the tree.
pub(super) struct Edit {
    what: &'static str,
    before: Vec<Node>,
    after: Vec<Node>,
}

impl Edit {
    pub(super) fn new(what: &'static str, before: Vec<Node>, after: Vec<Node>) -> Self {
        Self { what, before, after }
    }
}

/// Notes a change of the tree that a path names.
pub(super) fn remember(website: &mut Website, call: &Call, edit: Edit) -> Result<(), Refusal> {
    let change_id = website.new_id();
    let author = json!({"name": website.name, "email": format!("api@{}", website.domain)});
    let created_at = website.now;
    let lines = |nodes: &[Node]| nodes.iter().map(|node| node.content.lines().count()).sum::<usize>();
    let shown = if edit.after.is_empty() {
        &edit.before
    } else {
        &edit.after
    };
    let files = shown.iter().map(
        |node| json!({"change": edit.what, "path": node.path, "metadata": node.metadata, "content": node.content}),
    );
    let change = Change {
        change_id,
        message: format!("{} {}", edit.what, call.id("path")),
        locale: call.id("locale").to_owned(),
        content_type: call.id("content_type").to_owned(),
        tree_path: call.id("path").to_owned(),
        author,
        edits: json!({
            "insertions": lines(&edit.after).saturating_sub(lines(&edit.before)),
            "deletions": lines(&edit.before).saturating_sub(lines(&edit.after)),
        }),
        files: files.collect(),
        created_at,
        after: edit.after.into_iter().map(|node| node.path).collect(),
        before: edit.before,
    };
    website.helpdesk_mut()?.changes.push(change);
    Ok(())
}

fn show(change: &Change, whole: bool) -> Value {
    let mut shown = json!({
        "change_id": change.change_id,
        "message": change.message,
        "author": change.author,
        "edits": change.edits,
        "created_at": change.created_at,
    });
    if whole {
        shown["files"] = json!(change.files);
    }
    shown
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let same = |name: &str, own: &str| call.given(name).is_none_or(|wanted| wanted == own);
    let changes = website.helpdesk()?.changes.iter().rev();
    let wanted = changes.filter(|one| {
        same("filter_locale", &one.locale)
            && same("filter_type", &one.content_type)
            && same("filter_tree_path", &one.tree_path)
    });
    let shown = wanted.map(|one| show(one, false));
    Ok(page(shown.collect(), call, PAGE))
}

fn place(helpdesk: &Helpdesk, call: &Call) -> Result<usize, Refusal> {
    let wanted = call.id("change_id");
    let place = helpdesk.changes.iter().position(|one| one.change_id == wanted);
    place.ok_or_else(|| Refusal::not_found("Change"))
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(show(&helpdesk.changes[place(helpdesk, call)?], true))
}

/// Puts back what a change changed, and forgets it.
pub(in crate::crisp) fn cancel(website: &mut Website, call: &Call) -> Outcome {
    let place = place(website.helpdesk()?, call)?;
    website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let change = helpdesk.changes.remove(place);
    let same_tree = |node: &Node| node.locale == change.locale && node.content_type == change.content_type;
    let changed = |node: &Node| {
        let back = change.before.iter().any(|one| one.path == node.path);
        same_tree(node) && (back || change.after.contains(&node.path))
    };
    helpdesk.nodes.retain(|node| !changed(node));
    helpdesk.nodes.extend(change.before.iter().cloned());
    Ok(json!({}))
}
