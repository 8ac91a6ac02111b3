//! The operations of a document: which are taken, what they are called, what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Response, response};
use super::arguments::{Route, arguments};
use super::document::{Document, Place};
use super::names::{Called, Paths, Tools, operation_name};
use super::schema::Schemas;
use super::text::{self, plain};
use super::types::{Body, Declared, Field, Found, Identifier, Kind, Operation, Ty};
use super::{Notes, Request, pages, settings};
use crate::names::{Name, singular};
use crate::report::suggestion;

/// HTTP methods by the keys of a path.
const METHODS: &[(&str, &str)] = &[
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
];
/// Most operations that are taken.
const MOST: usize = 5_000;
/// Longest title.
const TITLE: usize = 100;

/// An operation that is taken, named.
struct Taken<'d> {
    route: Route<'d>,
    response: Response<'d>,
    called: Called,
    name: String,
    checks: Vec<String>,
}

/// Reads all operations that are asked for.
pub(super) fn collect(document: &Document, request: &Request<'_>, notes: &Notes) -> Result<Found, String> {
    let wanted = Wanted::of(document, request.tags)?;
    let mut schemas = Schemas::new(document, notes);
    let named = named(&mut schemas, document, request.slug, &wanted);
    if named.len() > MOST {
        return Err(format!(
            "{} has {} operations, more than the {MOST} that a helpdesk may have; import parts of it with --tag",
            request.name,
            named.len()
        ));
    }
    if named.is_empty() {
        return Err(format!("{} has no operation that could be taken", request.name));
    }
    let sent_by_auth = settings::sent_by_auth(document);
    let mut found = Found::default();
    for taken in named {
        let pointer = taken.route.operation.pointer.clone();
        match operation(&mut schemas, taken, &sent_by_auth) {
            Ok(operation) => found.operations.push(operation),
            Err(why) => notes.skip(&pointer, why),
        }
        schemas
            .within_bounds()
            .map_err(|why| format!("{}: {why}", request.name))?;
    }
    if found.operations.is_empty() {
        return Err(format!("{} has no operation that could be taken", request.name));
    }
    found.tags = tags(document, &found);
    let Schemas { types, mut taken, .. } = schemas;
    found.types = types;
    identify(&mut found, &mut taken);
    describe(&mut found, notes);
    Ok(found)
}

/// Tags whose operations are taken.
struct Wanted(Option<BTreeSet<String>>);

impl Wanted {
    fn of(document: &Document, tags: &[String]) -> Result<Self, String> {
        if tags.is_empty() {
            return Ok(Self(None));
        }
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (_, item) in paths(document) {
            for (_, operation) in item.entries() {
                known.extend(tags_of(&operation));
            }
        }
        let mut wanted = BTreeSet::new();
        for tag in tags {
            let Some(name) = known.iter().find(|name| name.eq_ignore_ascii_case(tag)) else {
                let known: Vec<&str> = known.into_iter().collect();
                let help = suggestion(tag, &known)
                    .map(|help| format!("; {help}"))
                    .unwrap_or_default();
                return Err(format!("no operation has the tag `{tag}`{help}"));
            };
            wanted.insert((*name).to_owned());
        }
        Ok(Self(Some(wanted)))
    }

    fn takes(&self, operation: &Place<'_>) -> bool {
        let Some(wanted) = &self.0 else { return true };
        tags_of(operation).iter().any(|tag| wanted.contains(*tag))
    }
}

fn tags_of<'d>(operation: &Place<'d>) -> Vec<&'d str> {
    let tags = operation.get("tags").map(|tags| tags.items()).unwrap_or_default();
    tags.into_iter().filter_map(|tag| tag.value.as_str()).collect()
}

fn paths(document: &Document) -> Vec<(&str, Place<'_>)> {
    let paths = document
        .root()
        .get("paths")
        .map(|paths| paths.entries())
        .unwrap_or_default();
    let paths = paths.into_iter().filter(|(path, _)| !path.starts_with("x-"));
    paths.map(|(path, item)| (path, document.resolved(&item))).collect()
}

/// The operations with their names, before any type has one.
fn named<'d>(schemas: &mut Schemas<'d>, document: &'d Document, slug: &str, wanted: &Wanted) -> Vec<Taken<'d>> {
    let notes = schemas.notes;
    let all = paths(document);
    let routes: Vec<(&str, &str)> = all
        .iter()
        .flat_map(|(path, item)| {
            let methods = METHODS.iter().filter(|(key, _)| item.has(key));
            methods.map(|(_, method)| (*path, *method))
        })
        .collect();
    let shapes = Paths::new(routes.iter().copied());
    let mut tools = Tools::new(slug);
    let mut named = Vec::new();
    for (path, item) in &all {
        for (key, operation) in item.entries() {
            let method = METHODS
                .iter()
                .find(|(known, _)| *known == key)
                .map(|(_, method)| *method);
            let Some(http_method) = method else {
                if matches!(key, "head" | "options" | "trace") && wanted.takes(&operation) {
                    notes.skip(
                        &operation.pointer,
                        format!("tools are not made of {}", key.to_ascii_uppercase()),
                    );
                }
                continue;
            };
            if !wanted.takes(&operation) {
                continue;
            }
            if operation.has("servers") || item.has("servers") {
                notes.skip(
                    &operation.pointer,
                    "it has a server of its own: a helpdesk has one base address",
                );
                continue;
            }
            let response = match response(schemas, &operation, path, http_method) {
                Ok(response) => response,
                Err(why) => {
                    notes.skip(&operation.pointer, why);
                    continue;
                }
            };
            let mut called = shapes.called(path, http_method, response.list.is_some());
            let mut checks = Vec::new();
            if tools.settle(&mut called, operation.text("operationId")) {
                let why = format!(
                    "its tool would have the name of another: the method is `{}` instead",
                    called.method
                );
                checks.push(notes.check(&operation.pointer, why));
            }
            let name = schemas.taken.operation(&operation_name(&called));
            let route = Route {
                item: item.clone(),
                operation,
                path,
                http_method,
            };
            named.push(Taken {
                route,
                response,
                called,
                name,
                checks,
            });
        }
    }
    named
}

fn operation<'d>(
    schemas: &mut Schemas<'d>,
    taken: Taken<'d>,
    sent_by_auth: &BTreeSet<String>,
) -> Result<Operation, String> {
    let Taken {
        route,
        response,
        called,
        name,
        mut checks,
    } = taken;
    let (mut arguments, path, more) = arguments(schemas, &route, &name, sent_by_auth)?;
    checks.extend(more);
    let place = &route.operation;
    let schema = response.schema.clone();
    let answer = response.answer(schemas, &called.resource, &name);
    let pages = match answer.kind {
        Kind::List(_) => pages::guess(schemas, &mut arguments, schema.as_ref(), &mut checks),
        _ => None,
    };
    pages::free_reserved(&mut arguments, pages.as_ref());
    let named_list = ["operationId", "summary"]
        .iter()
        .filter_map(|key| place.text(key))
        .any(|text| Name::new(text).words().first().is_some_and(|word| word == "list"));
    if called.singleton && called.method == "get" && named_list {
        let why = "called a list, but its answer shows none: say `method: list` and where the list stands";
        checks.push(schemas.notes.check(&place.pointer, why));
    }
    if route.http_method == "POST" && called.method == "update" {
        let why = "a POST to one record, taken for an update: else name the method after what it does";
        checks.push(schemas.notes.check(&place.pointer, why));
    }
    let usual = matches!(called.method.as_str(), "list" | "get" | "create" | "update" | "delete");
    if route.http_method == "POST"
        && ["search", "query", "count", "filter", "lookup"]
            .iter()
            .any(|word| called.method.contains(word))
    {
        let why = "if it only reads, add `effect: read` and `counts_as_read: true`";
        checks.push(schemas.notes.check(&place.pointer, why));
    }
    let summary = place.text("summary").map(plain).filter(|text| !text.is_empty());
    let title = summary
        .as_deref()
        .map(|text| text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned());
    let title = title.filter(|text| text.chars().count() <= TITLE && !text.is_empty());
    let doc = place
        .text("description")
        .and_then(|text| schemas.doc(text, text::OPERATION, place));
    let doc = doc.or_else(|| schemas.doc(summary.as_deref()?, text::OPERATION, place));
    if doc.is_none() {
        let why = "it is not described: in the typed client, but no tool before it has a `doc`";
        checks.push(schemas.notes.check(&place.pointer, why));
    }
    let id = place.text("operationId").map(plain).filter(|id| !id.is_empty());
    Ok(Operation {
        title: title.unwrap_or_else(|| Name::new(name.as_str()).title()),
        name,
        http_method: route.http_method,
        path,
        doc,
        singleton: called.singleton,
        counts_as_read: route.http_method == "GET" && !usual,
        tags: tags_of(place).into_iter().map(|tag| Name::new(tag).snake()).collect(),
        access: settings::scopes(place),
        deprecated: place.flag("deprecated"),
        source: id.map_or_else(|| "OpenAPI document".to_owned(), |id| format!("OpenAPI document, {id}")),
        arguments,
        answer,
        pages,
        checks,
        resource: called.resource,
        method: called.method,
    })
}

/// The tags that operations have, with their descriptions.
fn tags(document: &Document, found: &Found) -> BTreeMap<String, String> {
    let resources: BTreeSet<&str> = found
        .operations
        .iter()
        .map(|operation| operation.resource.as_str())
        .collect();
    let declared = document.root().get("tags").map(|tags| tags.items()).unwrap_or_default();
    let mut tags = BTreeMap::new();
    for tag in found.operations.iter().flat_map(|operation| &operation.tags) {
        if resources.contains(tag.as_str()) || tags.contains_key(tag) {
            continue;
        }
        let place = declared
            .iter()
            .find(|place| place.text("name").is_some_and(|name| Name::new(name).snake() == *tag));
        let told = place
            .and_then(|place| place.text("description"))
            .map(plain)
            .filter(|text| !text.is_empty());
        let told = told.unwrap_or_else(|| Name::new(tag.as_str()).title());
        let told = text::cut(&told, text::FIELD).unwrap_or(told);
        tags.insert(tag.clone(), text::sentence(&told));
    }
    tags
}

/// Gives identifiers their kinds: what tells the records of a path apart, and is a member of these.
fn identify(found: &mut Found, names: &mut super::names::Taken) {
    let mut kinds: Vec<(String, String, String, Ty)> = Vec::new();
    for operation in &found.operations {
        let Kind::Record(Ty::Named(record)) = &operation.answer.kind else {
            continue;
        };
        let (true, Some(field)) = (
            operation.method == "get" && operation.path.ends_with('}'),
            operation.arguments.path.last(),
        ) else {
            continue;
        };
        let one = singular(&operation.resource);
        let Some(member) = member_of(found, record, field, &one) else {
            continue;
        };
        let prefix = shape(&operation.path);
        if !kinds.iter().any(|(known, ..)| *known == prefix) {
            kinds.push((prefix, operation.resource.clone(), member, field.ty.clone()));
        }
    }
    for (prefix, resource, member, ty) in kinds {
        let one = singular(&resource);
        let name = names.type_name(&format!("{one}_id"));
        let (word, form) = match &ty {
            Ty::Word("int") => ("int", None),
            Ty::Word("uuid") => ("text", Some("uuid")),
            _ => ("text", None),
        };
        let doc = format!(
            "Identifies one of the {}.",
            Name::new(resource.as_str()).words().join(" ")
        );
        found
            .identifiers
            .insert(name.clone(), Identifier { ty: word, form, doc });
        apply(found, &prefix, &one, &member, &ty, &name);
    }
}

/// The member of a record by which a path tells it apart.
fn member_of(found: &Found, record: &str, field: &Field, one: &str) -> Option<String> {
    let Declared {
        body: Body::Fields(fields),
        ..
    } = found.types.get(record)?
    else {
        return None;
    };
    let plain = matches!(field.ty, Ty::Word("int" | "text" | "uuid"));
    let own = format!("{one}_id");
    let wanted = [field.wire(), "id", own.as_str()];
    let mut matches = wanted
        .iter()
        .filter_map(|name| fields.iter().find(|member| member.wire() == *name));
    matches
        .find(|member| plain && member.ty == field.ty)
        .map(|member| member.wire().to_owned())
}

/// A path whose placeholders have no names.
fn shape(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn apply(found: &mut Found, prefix: &str, one: &str, member: &str, ty: &Ty, kind: &str) {
    let id = || Ty::Id(kind.to_owned());
    let own = format!("{one}_id");
    let mut records: BTreeSet<String> = BTreeSet::new();
    for operation in &mut found.operations {
        let parts: Vec<&str> = operation.path.split('/').collect();
        let mut at = 0;
        for (end, part) in parts.iter().enumerate().filter(|(_, part)| part.contains('{')) {
            let here = shape(&parts[..=end].join("/"));
            if let Some(field) = operation.arguments.path.get_mut(at)
                && here == prefix
                && field.ty == *ty
            {
                field.ty = id();
            }
            at += part.matches('{').count();
        }
        for field in operation
            .arguments
            .all_mut()
            .filter(|field| field.wire() == own && field.ty == *ty)
        {
            field.ty = id();
            (field.min, field.max) = (None, None);
        }
        let of = shape(&operation.path);
        if of == prefix || prefix.strip_suffix("/{}") == Some(of.as_str()) {
            match &operation.answer.kind {
                Kind::Record(Ty::Named(record)) | Kind::List(Ty::Named(record)) => {
                    records.insert(record.clone());
                }
                _ => {}
            }
        }
    }
    for (name, declared) in &mut found.types {
        let Body::Fields(fields) = &mut declared.body else {
            continue;
        };
        for field in fields.iter_mut().filter(|field| field.ty == *ty) {
            if field.wire() == own || (field.wire() == member && records.contains(name)) {
                field.ty = id();
                (field.min, field.max) = (None, None);
            }
        }
    }
}

/// Gives a doc to what callers are asked for and the document does not describe.
fn describe(found: &mut Found, notes: &Notes) {
    let asked: Vec<Ty> = found
        .operations
        .iter()
        .flat_map(|operation| operation.arguments.all().map(|field| field.ty.clone()))
        .collect();
    let asked = found.reached(&asked);
    let fill = |field: &mut Field| {
        let doc = field.doc.take().unwrap_or_else(|| {
            notes.check(&field.pointer, "an argument that is not described: its doc is its name");
            text::sentence(&Name::new(field.wire()).title())
        });
        field.doc = Some(match text::is_useful(&doc) {
            true => doc,
            false => format!("Value of `{}`: {doc}", plain(field.wire())),
        });
    };
    for operation in &mut found.operations {
        operation.arguments.all_mut().for_each(fill);
    }
    for (_, declared) in found.types.iter_mut().filter(|(name, _)| asked.contains(*name)) {
        if let Body::Fields(fields) = &mut declared.body {
            fields
                .iter_mut()
                .filter(|field| field.access != Some("read"))
                .for_each(fill);
        }
    }
}
