//! Prints what was found as the files of a spec. Nothing is guessed here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::types::{Body, Field, Found, Kind, Operation, Ty};
use crate::yaml::Block;

const SCHEMA: &str = "yaml-language-server: $schema=../spec.schema.json";
const MADE: &str = "Made by `cargo xtask import`. Look at each CHECK, then take it out.";

/// The text of `integration.yaml`.
pub(super) fn integration(block: &Block) -> String {
    block.render(&[SCHEMA, MADE])
}

/// The other files, by name: one for each resource, and one for types that several share.
pub(super) fn resources(found: &Found) -> Vec<(String, String)> {
    let styles: BTreeMap<String, String> = styles(found)
        .into_iter()
        .map(|(style, name)| (style.to_string(), name))
        .collect();
    let asked = {
        let types: Vec<&Ty> = found
            .operations
            .iter()
            .flat_map(|operation| operation.arguments.all())
            .map(|field| &field.ty)
            .collect();
        found.reached(types)
    };
    let mut order: Vec<&str> = Vec::new();
    for operation in &found.operations {
        if !order.contains(&operation.resource.as_str()) {
            order.push(&operation.resource);
        }
    }
    let homes = homes(found, &order);
    let mut files = Vec::new();
    for resource in &order {
        let of: Vec<&Operation> = found
            .operations
            .iter()
            .filter(|operation| operation.resource == *resource)
            .collect();
        let mut block = Block::spaced();
        block.put("resource", *resource);
        let tags = shared_tags(&of);
        if !tags.is_empty() {
            block.put("tags", Value::from(tags.clone()));
        }
        let mut operations = Block::spaced();
        for operation in of {
            let checks = operation
                .checks
                .iter()
                .chain(&operation.answer.checks)
                .cloned()
                .collect();
            operations.put_noted(&operation.name, checks, self::operation(operation, &tags, &styles));
        }
        block.put("operations", operations);
        let own = types(found, &asked, &homes, Some(resource));
        if !own.is_empty() {
            block.put("types", own);
        }
        files.push((file_of(resource), block.render(&[SCHEMA, MADE])));
    }
    let shared = types(found, &asked, &homes, None);
    if !shared.is_empty() {
        let mut block = Block::spaced();
        block.put("types", shared);
        let taken = order.iter().any(|resource| file_of(resource) == "shared.yaml");
        let name = if taken { "shared_types.yaml" } else { "shared.yaml" };
        files.push((
            name.to_owned(),
            block.render(&[SCHEMA, "Types that several resources share.", MADE]),
        ));
    }
    files
}

/// The file of a resource. Some names have a meaning of their own.
fn file_of(resource: &str) -> String {
    match resource {
        "integration" | "tour" => format!("{resource}_resource.yaml"),
        _ => format!("{resource}.yaml"),
    }
}

/// Where each type that is used is declared: with the one resource that uses it, or in the shared file.
fn homes<'a>(found: &Found, order: &[&'a str]) -> BTreeMap<String, Option<&'a str>> {
    let mut homes: BTreeMap<String, Option<&str>> = BTreeMap::new();
    for resource in order {
        let of = found
            .operations
            .iter()
            .filter(|operation| operation.resource == *resource);
        let mut types: Vec<&Ty> = Vec::new();
        for operation in of {
            types.extend(operation.arguments.all().map(|field| &field.ty));
            types.extend(match &operation.answer.kind {
                Kind::Record(ty) | Kind::List(ty) => Some(ty),
                Kind::Word(_) => None,
            });
        }
        for name in found.reached(types) {
            homes
                .entry(name)
                .and_modify(|home| *home = None)
                .or_insert(Some(*resource));
        }
    }
    homes
}

/// Tags that all operations of a resource have.
fn shared_tags(of: &[&Operation]) -> Vec<String> {
    let Some((first, others)) = of.split_first() else {
        return Vec::new();
    };
    let mut tags = Vec::new();
    for tag in &first.tags {
        let all = others.iter().all(|operation| operation.tags.contains(tag));
        if all && *tag != first.resource && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// Paging styles with their names, in the order of their first use.
pub(super) fn styles(found: &Found) -> Vec<(Value, String)> {
    let mut styles: Vec<(Value, String)> = Vec::new();
    for style in found.operations.iter().filter_map(|operation| operation.pages.as_ref()) {
        if styles.iter().any(|(known, _)| known == style) {
            continue;
        }
        let word = match style.get("style").and_then(Value::as_str) {
            Some("number") => "numbered",
            Some(word) => word,
            None => "pages",
        };
        let same = styles
            .iter()
            .filter(|(_, name)| name.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit()) == word)
            .count();
        let name = if same == 0 {
            word.to_owned()
        } else {
            format!("{word}_{}", same + 1)
        };
        styles.push((style.clone(), name));
    }
    styles
}

fn operation(operation: &Operation, shared: &[String], styles: &BTreeMap<String, String>) -> Block {
    let mut block = Block::default();
    block.put("method", operation.method.as_str());
    block.put("http", format!("{} {}", operation.http_method, operation.path));
    block.put("title", operation.title.as_str());
    if let Some(doc) = &operation.doc {
        block.put("doc", doc.as_str());
    }
    for (key, set) in [
        ("counts_as_read", operation.counts_as_read),
        ("singleton", operation.singleton),
        ("deprecated", operation.deprecated),
    ] {
        if set {
            block.put(key, true);
        }
    }
    let mut tags: Vec<&str> = Vec::new();
    for tag in &operation.tags {
        if !shared.contains(tag) && *tag != operation.resource && !tags.contains(&tag.as_str()) {
            tags.push(tag);
        }
    }
    if !tags.is_empty() {
        block.put("tags", Value::from(tags));
    }
    if !operation.access.is_empty() {
        block.put("access", Value::from(operation.access.clone()));
    }
    block.put("source", operation.source.as_str());
    let arguments = &operation.arguments;
    for (key, fields) in [
        ("path", &arguments.path),
        ("query", &arguments.query),
        ("headers", &arguments.headers),
    ] {
        put_fields(&mut block, key, fields, true);
    }
    if let Some(word) = arguments.body_as {
        block.put("body_as", word);
    }
    put_fields(&mut block, "body", &arguments.body, true);
    block.put("answer", answer(operation));
    if let Some(name) = operation
        .pages
        .as_ref()
        .and_then(|style| styles.get(&style.to_string()))
    {
        block.put("pages", name.as_str());
    }
    block
}

fn answer(operation: &Operation) -> Value {
    let mut said = Map::new();
    match &operation.answer.kind {
        Kind::Record(ty) => said.insert("record".to_owned(), ty.spelled()),
        Kind::List(ty) => said.insert("list".to_owned(), ty.spelled()),
        Kind::Word(word) => said.insert("kind".to_owned(), (*word).into()),
    };
    if !operation.answer.at.is_empty() {
        said.insert("at".to_owned(), operation.answer.at.as_str().into());
    }
    if let Some(total) = &operation.answer.total {
        said.insert("total".to_owned(), total.as_str().into());
    }
    Value::Object(said)
}

fn put_fields(block: &mut Block, key: &str, fields: &[Field], asked: bool) {
    if fields.is_empty() {
        return;
    }
    let mut inner = Block::default();
    for field in fields {
        inner.put_noted(&field.name, field.checks.clone(), field.spelled(asked));
    }
    block.put(key, inner);
}

fn types(found: &Found, asked: &BTreeSet<String>, homes: &BTreeMap<String, Option<&str>>, home: Option<&str>) -> Block {
    let mut types = Block::spaced();
    for (name, declared) in found.types.iter().filter(|(name, _)| homes.get(*name) == Some(&home)) {
        let mut block = Block::default();
        block.put("doc", declared.doc.as_str());
        match &declared.body {
            Body::Fields(fields) if fields.is_empty() => block.put("fields", Block::default()),
            Body::Fields(fields) => put_fields(&mut block, "fields", fields, asked.contains(name)),
            Body::Values(values) => {
                let values: Map<String, Value> = values
                    .iter()
                    .map(|word| (word.clone(), Value::Object(Map::new())))
                    .collect();
                block.put("values", Value::Object(values));
            }
        }
        types.put(name, block);
    }
    types
}
