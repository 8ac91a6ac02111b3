//! The knowledge base as a tree: paths, contents, metadata, pages.

use serde_json::{Value, json};

use super::super::filters::merge;
use super::super::helpdesk_records::{Helpdesk, Node};
use super::super::records::{Members, Object, PAGE, Website, in_dates, page};
use super::super::routes::Outcome;
use super::history::{Edit, remember};
use crate::engine::{Call, Refusal};

/// Whether a path lies directly below another; the top lies below the empty path.
fn is_child(path: &str, of: &str) -> bool {
    let rest = if of.is_empty() {
        Some(path)
    } else {
        path.strip_prefix(of).and_then(|rest| rest.strip_prefix('/'))
    };
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
}

/// Whether a path is another, or lies anywhere below it.
fn is_within(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A node with all below it, as far as a test lets anything of it through.
fn show(helpdesk: &Helpdesk, call: &Call, node: &Node, wanted: &dyn Fn(&Node) -> bool) -> Option<Value> {
    let below = format!("{}/", node.path);
    let in_tree = || helpdesk.nodes.iter().filter(|other| Helpdesk::in_tree(other, call));
    let children: Vec<_> = in_tree()
        .filter(|other| is_child(&other.path, &node.path))
        .filter_map(|child| show(helpdesk, call, child, wanted))
        .collect();
    if children.is_empty() && !wanted(node) {
        return None;
    }
    let is_group = in_tree().any(|other| other.path.starts_with(&below));
    Some(json!({
        "type": if is_group { "group" } else { "entry" },
        "slug": node.slug(),
        "title": node.title(),
        "state": node.metadata.get("state"),
        "children": children,
    }))
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    let sub_path = call.text("sub_path").trim_matches('/');
    if !sub_path.is_empty() {
        helpdesk.node_at(call, sub_path)?;
    }
    let words = call.text("search_title").to_lowercase();
    let wanted = |node: &Node| node.title().to_lowercase().contains(&words) && in_dates(call, node.updated_at);
    let top = helpdesk
        .nodes
        .iter()
        .filter(|node| Helpdesk::in_tree(node, call) && is_child(&node.path, sub_path));
    let shown = top.filter_map(|node| show(helpdesk, call, node, &wanted));
    Ok(page(shown.collect(), call, PAGE))
}

/// Checks that a path is free and that the one above it is there.
fn check_place(helpdesk: &Helpdesk, call: &Call, path: &str) -> Result<(), Refusal> {
    if helpdesk.node_at(call, path).is_ok() {
        return Err(Refusal::bad(format!("The path {path} is taken")));
    }
    match path.rsplit_once('/') {
        Some((parent, _)) => helpdesk.node_at(call, parent).map(drop),
        None => Ok(()),
    }
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    check_place(helpdesk, call, call.id("path"))?;
    let now = website.tick();
    let entity_id = website.new_id();
    let mut node = Node {
        locale: call.id("locale").to_owned(),
        content_type: call.id("content_type").to_owned(),
        path: call.id("path").to_owned(),
        entity_id,
        content: String::new(),
        metadata: Object::new(),
        created_at: now,
        updated_at: now,
    };
    node.metadata = json!({
        "format": "markdown",
        "title": node.slug(),
        "state": {"published": false, "hidden": false, "featured": false},
    })
    .as_object()
    .cloned()
    .unwrap_or_default();
    website.helpdesk_mut()?.nodes.push(node.clone());
    remember(website, call, Edit::new("created", Vec::new(), vec![node]))?;
    Ok(json!({}))
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let node = &helpdesk.nodes[helpdesk.node(call)?];
    show(helpdesk, call, node, &|_| true).ok_or_else(|| Refusal::not_found("Path"))
}

/// The node of a path and all below it.
fn branch(helpdesk: &Helpdesk, call: &Call) -> Vec<Node> {
    let nodes = helpdesk.nodes.iter().filter(|node| Helpdesk::in_tree(node, call));
    nodes
        .filter(|node| is_within(&node.path, call.id("path")))
        .cloned()
        .collect()
}

/// Moves a branch elsewhere, or to another place among its siblings.
pub(in crate::crisp) fn update(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let place = helpdesk.node(call)?;
    let from = call.id("path");
    let to = call.body.object("path").and_then(|path| path.text("to"));
    let to = to.map(|to| to.trim_matches('/')).filter(|to| *to != from);
    if let Some(to) = to {
        if is_within(to, from) {
            return Err(Refusal::bad("A path cannot be moved below itself"));
        }
        check_place(helpdesk, call, to)?;
    }
    let position = call.body.number("position");
    if to.is_none() && position.is_none() {
        return Err(Refusal::bad("One of these fields is needed: path, position"));
    }
    let before = branch(helpdesk, call);
    let now = website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let path = to.unwrap_or(from).to_owned();
    for node in helpdesk.nodes.iter_mut().filter(|node| Helpdesk::in_tree(node, call)) {
        if is_within(&node.path, from) {
            node.path = format!("{path}{}", &node.path[from.len()..]);
            node.updated_at = now;
        }
    }
    if let Some(position) = position {
        let node = helpdesk.nodes.remove(place);
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let is_sibling = |other: &Node| Helpdesk::in_tree(other, call) && is_child(&other.path, parent);
        let mut siblings = (0..helpdesk.nodes.len()).filter(|index| is_sibling(&helpdesk.nodes[*index]));
        let target = siblings.nth(usize::try_from(position).unwrap_or(usize::MAX));
        let target = target.unwrap_or(helpdesk.nodes.len());
        helpdesk.nodes.insert(target, node);
    }
    let nodes = helpdesk.nodes.iter().filter(|node| Helpdesk::in_tree(node, call));
    let after: Vec<_> = nodes.filter(|node| is_within(&node.path, &path)).cloned().collect();
    remember(website, call, Edit::new("moved", before, after))?;
    Ok(json!({}))
}

pub(in crate::crisp) fn delete(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.node(call)?;
    let before = branch(website.helpdesk()?, call);
    website.tick();
    let path = call.id("path");
    let gone = |node: &Node| Helpdesk::in_tree(node, call) && is_within(&node.path, path);
    website.helpdesk_mut()?.nodes.retain(|node| !gone(node));
    remember(website, call, Edit::new("deleted", before, Vec::new()))?;
    Ok(json!({}))
}

pub(in crate::crisp) fn content(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!({"content": helpdesk.nodes[helpdesk.node(call)?].content}))
}

/// Does something to the node of a path.
fn change(website: &mut Website, call: &Call, what: &'static str, change: impl FnOnce(&mut Node)) -> Outcome {
    let place = website.helpdesk()?.node(call)?;
    let now = website.tick();
    let node = &mut website.helpdesk_mut()?.nodes[place];
    let before = node.clone();
    node.updated_at = now;
    change(node);
    let after = node.clone();
    remember(website, call, Edit::new(what, vec![before], vec![after]))?;
    Ok(json!({}))
}

pub(in crate::crisp) fn save_content(website: &mut Website, call: &Call) -> Outcome {
    let content = call.body.text("content").unwrap_or_default();
    change(website, call, "edited", |node| content.clone_into(&mut node.content))
}

pub(in crate::crisp) fn metadata(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!(helpdesk.nodes[helpdesk.node(call)?].metadata))
}

pub(in crate::crisp) fn update_metadata(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.node(call)?;
    let author = call.body.object("author").and_then(|author| author.text("user_id"));
    author.map(|user_id| website.check_operator(user_id)).transpose()?;
    change(website, call, "edited", |node| merge(&mut node.metadata, &call.body))
}

fn show_page(helpdesk: &Helpdesk, node: &Node) -> Value {
    json!({
        "entity_id": node.entity_id,
        "title": node.title(),
        "tree_path": node.path,
        "url": helpdesk.node_url(node),
    })
}

pub(in crate::crisp) fn page_of(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let node = &helpdesk.nodes[helpdesk.node(call)?];
    if !node.published() {
        return Err(Refusal::not_found("Page of a draft"));
    }
    Ok(json!({"title": node.title(), "url": helpdesk.node_url(node)}))
}

pub(in crate::crisp) fn pages(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    let published = helpdesk
        .nodes
        .iter()
        .filter(|node| Helpdesk::in_tree(node, call) && node.published());
    let shown = published.map(|node| show_page(helpdesk, node));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn page_entity(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    let mut published = helpdesk
        .nodes
        .iter()
        .filter(|node| Helpdesk::in_tree(node, call) && node.published());
    let node = published.find(|node| node.entity_id == call.id("entity_id"));
    let node = node.ok_or_else(|| Refusal::not_found("Page"))?;
    Ok(show_page(helpdesk, node))
}
