//! Rules that a complete model must keep. Each is a row of a table and has a failing sample on disk.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::*;
use crate::report::{Problem, Report, Rule as Entry, Span};
use crate::resolve::placeholders;

/// A rule of this stage: its entry and the function that looks for breaches.
type Check = (Entry, fn(&Api, &Report));

const fn rule(code: &'static str, why: &'static str) -> Entry {
    Entry { code, why }
}

/// The rules of this stage, in the order in which they run.
const CHECKS: &[Check] = &[
    (
        rule(
            "base-url",
            "Credentials travel there: it is https, and only checked labels may stand in its host.",
        ),
        base_url,
    ),
    (rule("auth-missing", "Without a scheme nothing can be called."), auth),
    (rule("unknown-tag", "A tag nobody declared selects nothing."), tags),
    (
        rule(
            "argument-twice",
            "Arguments are one flat object; two of one name would be one.",
        ),
        arguments_once,
    ),
    (
        rule(
            "argument-name",
            "Clients accept only letters, digits and underscores, at most 64.",
        ),
        argument_names,
    ),
    (
        rule(
            "argument-reserved",
            "`limit`, `next_cursor` and `clear` are made by Deskhand.",
        ),
        reserved_arguments,
    ),
    (
        rule("argument-undocumented", "A model fills in what it understands."),
        documentation,
    ),
    (rule("doc-length", "Clients cut long descriptions."), doc_length),
    (
        rule(
            "path-parameters",
            "Every placeholder of the path is an argument and the other way round.",
        ),
        path_parameters,
    ),
    (
        rule("path-scalar", "A path holds one text for each placeholder."),
        path_scalars,
    ),
    (
        rule("query-shape", "An object in a query needs a way to be written."),
        query_shapes,
    ),
    (rule("body-form", "Bodies, parts and methods fit together."), bodies),
    (rule("file-place", "Files travel as parts of a multipart body."), files),
    (rule("flag-type", "A steering argument is a yes or no."), flags),
    (
        rule(
            "effect",
            "The effect decides annotations and filters; it cannot contradict the method.",
        ),
        effects,
    ),
    (
        rule("pages", "A paging style moves arguments that exist, over a list."),
        pages,
    ),
    (
        rule(
            "variants",
            "The shape is chosen by a sibling enumeration, and its arms are values of it.",
        ),
        variants,
    ),
    (
        rule(
            "rule-field",
            "A rule speaks of arguments that exist and values that they can have.",
        ),
        rules,
    ),
    (
        rule(
            "unknown-variable",
            "An account variable must be declared to be asked for.",
        ),
        variables,
    ),
    (
        rule(
            "generated-value",
            "A made number tells calls apart: it is an optional argument of a write, out of a wide range.",
        ),
        generated,
    ),
    (
        rule("unknown-slot", "Account-defined members must be declared."),
        dynamic,
    ),
    (
        rule(
            "dynamic-by",
            "The value of one account-defined member is checked by the sibling that names the member.",
        ),
        dynamic_by,
    ),
    (
        rule(
            "probe",
            "Accounts are tested with it: it exists, changes nothing and needs no argument.",
        ),
        probe,
    ),
    (
        rule(
            "dynamic-definitions",
            "Account-defined members are read before they are offered: the way to read them must work.",
        ),
        definitions,
    ),
    (rule("enum-values", "Words and codes tell values apart."), enums),
    (
        rule("unused-type", "A type nobody uses is a slip or a leftover."),
        unused,
    ),
    (
        rule(
            "identifier-from-nowhere",
            "A model must be able to get an identifier it is asked for.",
        ),
        identifiers,
    ),
];

/// Rules of the resolver, listed here so that one table names all rules of specs.
const RESOLVE: &[Entry] = &[
    rule(
        "integration-missing",
        "A helpdesk without address and credentials cannot be called.",
    ),
    rule("slug-mismatch", "Folder, crate and tool names come from one slug."),
    rule("name-twice", "Two things of one name cannot be told apart."),
    rule("resource-missing", "Tool names are made of the resource."),
    rule("unknown-error-code", "Callers know the codes of the contract only."),
    rule("unknown-placeholder", "Nothing would be filled in."),
    rule("bad-pointer", "A JSON pointer is empty or starts with a slash."),
    rule("type-form", "A type is a name or one way to build it."),
    rule("half-coded-enum", "An enumeration carries codes or words, not both."),
    rule("query-only-key", "The key means nothing elsewhere."),
    rule("cleared-twice", "Only one value can mean empty."),
    rule("unknown-type", "There is nothing to generate for it."),
    rule("rule-form", "A rule has exactly one form, and all its parts."),
    rule("pages-form", "A paging style needs its parts, and sizes that agree."),
    rule("unknown-pages", "There is no such paging style."),
    rule("http-form", "An operation is one HTTP method and one path."),
    rule("not-a-record", "Only records have fields."),
    rule("answer-form", "An answer is one thing."),
];

/// Every rule of specs: code and reason.
pub fn all_rules() -> Vec<Entry> {
    let own = CHECKS.iter().map(|(entry, _)| *entry);
    crate::yaml::RULES
        .iter()
        .copied()
        .chain(RESOLVE.iter().copied())
        .chain(own)
        .chain(crate::names::RULES.iter().copied())
        .chain(crate::lowering::RULES.iter().copied())
        .collect()
}

/// Runs every check over a model.
pub fn check(api: &Api, report: &Report) {
    for (_, run) in CHECKS {
        run(api, report);
    }
}

fn base_url(api: &Api, report: &Report) {
    let base = &api.base_url;
    let Some(rest) = base.value.strip_prefix("https://") else {
        report.push(
            Problem::error("base-url", &base.span, "the base address is not https")
                .help("credentials travel with every request; write https://…"),
        );
        return;
    };
    if base.value.ends_with('/') {
        report.push(
            Problem::error("base-url", &base.span, "the base address ends with a slash")
                .help("paths start with one; leave it out here"),
        );
    }
    let host = rest.split('/').next().unwrap_or_default();
    for name in placeholders(&base.value) {
        let Some(setting) = api.variables.iter().find(|variable| variable.name == name) else {
            report.push(
                Problem::error("base-url", &base.span, format!("`{{{name}}}` is no variable"))
                    .suggest(name, api.variables.iter().map(|variable| variable.name.as_str())),
            );
            continue;
        };
        if placeholders(host).contains(&name) && setting.form != Form::Named("Label") && setting.one_of.is_empty() {
            report.push(
                Problem::error(
                    "base-url",
                    &setting.span,
                    format!("`{name}` is a part of the host but not checked to be a label"),
                )
                .help("add `form: label`, or list the allowed values under `one_of`")
                .also(&base.span, "the host is here"),
            );
        }
    }
}

fn auth(api: &Api, report: &Report) {
    if api.schemes.is_empty() {
        report.push(
            Problem::error("auth-missing", &api.span, "the helpdesk has no way to authenticate")
                .help("add a scheme under `auth`"),
        );
    }
    for scheme in &api.schemes {
        if scheme.parts.is_empty() {
            report.push(
                Problem::error(
                    "auth-missing",
                    &api.span,
                    format!("the scheme `{}` adds nothing to a request", scheme.name),
                )
                .help("add `headers`, `basic`, `bearer` or `query`"),
            );
        }
    }
}

fn tags(api: &Api, report: &Report) {
    let known: BTreeSet<&str> = api
        .tags
        .keys()
        .chain(api.resources.iter().map(|resource| &resource.name))
        .map(String::as_str)
        .collect();
    let mut told = BTreeSet::new();
    for tag in api.operations.iter().flat_map(|operation| &operation.tags) {
        if !known.contains(tag.value.as_str()) && told.insert(&tag.span) {
            let problem = Problem::error(
                "unknown-tag",
                &tag.span,
                format!("the tag `{}` is not declared", tag.value),
            );
            let near = crate::report::nearest(&tag.value, known.iter().copied());
            let declare = format!("declare `{}` under `tags` in integration.yaml", tag.value);
            report.push(
                problem.help(near.map_or(declare.clone(), |near| format!("did you mean `{near}`? Else {declare}"))),
            );
        }
    }
}

fn arguments_once(api: &Api, report: &Report) {
    let twice = |fields: &[Field]| {
        let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
        for field in fields {
            if let Some(earlier) = seen.insert(&field.name, &field.span) {
                report.push(
                    Problem::error(
                        "argument-twice",
                        &field.span,
                        format!("there are two arguments `{}`", field.name),
                    )
                    .also(earlier, "the other one")
                    .help(format!(
                        "give one of them another name and its own as `wire: {}`",
                        field.wire
                    )),
                );
            }
        }
    };
    api.operations.iter().for_each(|operation| twice(&operation.input));
}

/// Fields of operations and of every record.
fn all_fields(api: &Api) -> impl Iterator<Item = &Field> {
    let records = api.types.values().filter_map(|def| match &def.body {
        TypeBody::Record(fields, _) => Some(fields),
        TypeBody::Enum(_) => None,
    });
    api.operations
        .iter()
        .map(|operation| &operation.input)
        .chain(records)
        .flatten()
}

/// Names of types reachable from arguments.
fn asked(api: &Api) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Field> = api.operations.iter().flat_map(|operation| &operation.input).collect();
    while let Some(field) = open.pop() {
        field.ty.each(&mut |ty| {
            if let Ty::Named(name) = ty
                && found.insert(name.clone())
                && let Some((fields, _)) = api.record(name)
            {
                open.extend(fields);
            }
        });
    }
    found
}

fn argument_names(api: &Api, report: &Report) {
    let legal = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && name.len() <= 64
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let asked = asked(api);
    let nested = api
        .types
        .iter()
        .filter(|(name, _)| asked.contains(*name))
        .filter_map(|(_, def)| match &def.body {
            TypeBody::Record(fields, _) => Some(fields),
            TypeBody::Enum(_) => None,
        });
    let mut told = BTreeSet::new();
    for field in api
        .operations
        .iter()
        .map(|operation| &operation.input)
        .chain(nested)
        .flatten()
    {
        if !legal(&field.name) && told.insert(field.span.clone()) {
            report.push(
                Problem::error(
                    "argument-name",
                    &field.span,
                    format!("`{}` is no name that every client accepts", field.name),
                )
                .help(format!(
                    "name it with letters, digits and `_`, at most 64, and keep the vendor's name as `wire: \"{}\"`",
                    field.wire
                )),
            );
        }
    }
}

fn reserved_arguments(api: &Api, report: &Report) {
    for operation in &api.operations {
        let size = operation
            .pages
            .as_ref()
            .and_then(|pages| pages.size.as_ref())
            .map(|size| size.field.as_str());
        for field in &operation.input {
            let name = field.name.as_str();
            if (name == "limit" && size != Some("limit")) || name == "next_cursor" || name == "clear" {
                report.push(
                    Problem::error(
                        "argument-reserved",
                        &field.span,
                        format!("`{name}` is an argument that Deskhand makes itself"),
                    )
                    .help(format!(
                        "name it otherwise and keep the vendor's name as `wire: {}`",
                        field.wire
                    )),
                );
            }
        }
    }
}

fn documentation(api: &Api, report: &Report) {
    let mut told = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<&Field> = api
        .operations
        .iter()
        .filter(|operation| operation.doc.is_some())
        .flat_map(|operation| &operation.input)
        .collect();
    while let Some(field) = open.pop() {
        if field.doc.is_empty() && field.access != Some(Access::Read) && told.insert(field.span.clone()) {
            report.push(
                Problem::error(
                    "argument-undocumented",
                    &field.span,
                    format!("`{}` is asked of callers but has no doc", field.name),
                )
                .help("say what it is, its unit, and where a caller gets it"),
            );
        }
        field.ty.each(&mut |ty| {
            if let Ty::Named(name) = ty
                && seen.insert(name.clone())
                && let Some((fields, _)) = api.record(name)
            {
                open.extend(fields);
            }
        });
    }
}

fn doc_length(api: &Api, report: &Report) {
    const FIELD: usize = 700;
    const OPERATION: usize = 2_000;
    let mut told = BTreeSet::new();
    for field in all_fields(api) {
        let length = field.doc.chars().count();
        if length > FIELD && told.insert(field.span.clone()) {
            report.push(
                Problem::error(
                    "doc-length",
                    &field.span,
                    format!("the doc of `{}` has {length} characters, more than {FIELD}", field.name),
                )
                .help("form, bounds and allowed words are said by the generator; leave them out"),
            );
        }
    }
    for doc in api.operations.iter().filter_map(|operation| operation.doc.as_ref()) {
        let length = doc.value.chars().count();
        if length > OPERATION {
            report.push(
                Problem::error(
                    "doc-length",
                    &doc.span,
                    format!("this doc has {length} characters, more than {OPERATION}"),
                )
                .help("say what a caller needs to choose and to call; move the rest to the arguments"),
            );
        }
    }
}

fn path_parameters(api: &Api, report: &Report) {
    for operation in &api.operations {
        let path = &operation.path;
        let names: Vec<&str> = placeholders(&path.value)
            .into_iter()
            .map(|name| name.trim_end_matches('*'))
            .collect();
        let declared: Vec<&Field> = operation
            .input
            .iter()
            .filter(|field| field.place == Place::Path)
            .collect();
        for name in &names {
            if !declared.iter().any(|field| field.name == *name) {
                report.push(
                    Problem::error(
                        "path-parameters",
                        &path.span,
                        format!("`{{{name}}}` is not declared under `path`"),
                    )
                    .suggest(name, declared.iter().map(|field| field.name.as_str())),
                );
            }
        }
        for field in declared {
            if !names.contains(&field.name.as_str()) {
                report.push(
                    Problem::error(
                        "path-parameters",
                        &field.span,
                        format!("the path has no `{{{}}}`", field.name),
                    )
                    .also(&path.span, "the path is here")
                    .suggest(&field.name, names.iter().copied()),
                );
            }
        }
        let tail = path.value.find("*}");
        if path.value.matches('{').count() != path.value.matches('}').count()
            || tail.is_some_and(|at| at + 2 != path.value.len())
        {
            report.push(
                Problem::error(
                    "path-parameters",
                    &path.span,
                    format!("`{}` is no path template", path.value),
                )
                .help("`{name}` is one segment; `{name*}` keeps its slashes and ends the path"),
            );
        }
    }
}

fn path_scalars(api: &Api, report: &Report) {
    for field in api
        .operations
        .iter()
        .flat_map(|operation| &operation.input)
        .filter(|field| matches!(field.place, Place::Path | Place::Header))
    {
        let scalar = match &field.ty {
            Ty::Bool | Ty::Int | Ty::Number | Ty::Text | Ty::Id(_) => true,
            Ty::Named(name) => api.enumeration(name).is_some(),
            _ => false,
        };
        if !scalar {
            report.push(
                Problem::error(
                    "path-scalar",
                    &field.span,
                    format!("`{}` is not one text or number", field.name),
                )
                .help("use a scalar, an identifier or an enumeration"),
            );
        }
    }
}

fn query_shapes(api: &Api, report: &Report) {
    for field in api.operations.iter().flat_map(|operation| &operation.input) {
        let Place::Query(style) = field.place else { continue };
        let object = |ty: &Ty| match ty {
            Ty::Map(_) | Ty::Json | Ty::Variants(_) => true,
            Ty::Named(name) => api.record(name).is_some(),
            _ => false,
        };
        let list = matches!(field.ty, Ty::List(_));
        let inner = if let Ty::List(inner) = &field.ty {
            inner
        } else {
            &field.ty
        };
        let fits = match style {
            QueryStyle::Json => true,
            QueryStyle::Deep => !list && object(&field.ty),
            QueryStyle::Repeat | QueryStyle::Comma | QueryStyle::Brackets => {
                !object(inner) && !matches!(inner, Ty::List(_))
            }
        };
        if !fits {
            report.push(
                Problem::error(
                    "query-shape",
                    &field.span,
                    format!("`{}` cannot be written in a query this way", field.name),
                )
                .help(
                    "an object takes `query_style: json` or `deep`; a list of scalars `repeat`, `comma` or `brackets`",
                ),
            );
        }
    }
}

fn bodies(api: &Api, report: &Report) {
    for operation in &api.operations {
        let span = &operation.span;
        if matches!(operation.http_method.as_str(), "GET" | "HEAD") && operation.body != Body::None {
            report.push(
                Problem::error(
                    "body-form",
                    span,
                    format!("`{}` sends a body with {}", operation.name, operation.http_method),
                )
                .help("many servers drop it; move the arguments to the query"),
            );
        }
        let whole: Vec<&Field> = operation
            .input
            .iter()
            .filter(|field| field.place == Place::WholeBody)
            .collect();
        if operation.body == Body::WholeJson && !(whole.len() == 1 && whole[0].name == "body") {
            report.push(Problem::error(
                "body-form",
                span,
                format!(
                    "`{}` has `body_as: whole` and so exactly one body field, `body`",
                    operation.name
                ),
            ));
        }
        if operation.body != Body::Multipart {
            for field in operation.input.iter().filter(|field| field.place == Place::QueryOrPart) {
                report.push(
                    Problem::error(
                        "body-form",
                        &field.span,
                        format!("`{}` may move into a part, but the body has none", field.name),
                    )
                    .help("add `body_as: multipart` or drop `or_part`"),
                );
            }
        }
        if operation.body == Body::Form {
            for field in operation
                .input
                .iter()
                .filter(|field| field.place == Place::Body && !scalar_or_list(api, &field.ty))
            {
                report.push(
                    Problem::error(
                        "body-form",
                        &field.span,
                        format!("`{}` cannot be written in a form", field.name),
                    )
                    .help("a form holds scalars and lists of scalars"),
                );
            }
        }
    }
}

fn scalar_or_list(api: &Api, ty: &Ty) -> bool {
    match ty {
        Ty::Bool | Ty::Int | Ty::Number | Ty::Text | Ty::Id(_) => true,
        Ty::Named(name) => api.enumeration(name).is_some(),
        Ty::List(inner) => !matches!(**inner, Ty::List(_)) && scalar_or_list(api, inner),
        _ => false,
    }
}

fn files(api: &Api, report: &Report) {
    let mut told = BTreeSet::new();
    let mut check = |field: &Field, allowed: bool| {
        let mut holds = false;
        field.ty.each(&mut |ty| holds |= *ty == Ty::File);
        let plain = matches!(&field.ty, Ty::File) || matches!(&field.ty, Ty::List(inner) if **inner == Ty::File);
        if holds && !(allowed && plain) && told.insert(field.span.clone()) {
            report.push(
                Problem::error(
                    "file-place",
                    &field.span,
                    format!("the file `{}` cannot travel here", field.name),
                )
                .help("declare it under `body` of an operation with `body_as: multipart`, as `file` or `{list: file}`"),
            );
        }
    };
    for field in api.operations.iter().flat_map(|operation| &operation.input) {
        check(field, field.place == Place::Part);
    }
    for def in api.types.values() {
        if let TypeBody::Record(fields, _) = &def.body {
            fields.iter().for_each(|field| check(field, false));
        }
    }
}

fn flags(api: &Api, report: &Report) {
    for field in api.operations.iter().flat_map(|operation| &operation.input) {
        if field.place == Place::Nowhere && field.ty != Ty::Bool {
            report.push(Problem::error(
                "flag-type",
                &field.span,
                format!("the flag `{}` is not `bool`", field.name),
            ));
        }
    }
}

fn effects(api: &Api, report: &Report) {
    for operation in &api.operations {
        let method = operation.method.value.as_str();
        let wrong = match (method, operation.http_method.as_str(), operation.effect) {
            ("list" | "get", _, Effect::Write | Effect::Destructive) => Some("reads, so its effect is `read`"),
            ("create" | "update" | "delete", _, Effect::Read) => {
                Some("changes the helpdesk, so its effect is not `read`")
            }
            (_, "DELETE", Effect::Read) => Some("deletes, so its effect is not `read`"),
            ("delete", _, Effect::Write) => Some("deletes, so its effect is `destructive`"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            report.push(
                Problem::error("effect", &operation.span, format!("`{}` {wrong}", operation.name))
                    .help("correct `effect`, or the `method`"),
            );
        }
        if operation.counts_as_read {
            let usual = matches!(method, "list" | "get" | "create" | "update" | "delete");
            if usual || operation.effect != Effect::Read {
                let wrong = if usual {
                    "has its category from its method"
                } else {
                    "does not read"
                };
                report.push(
                    Problem::error("effect", &operation.span, format!("`{}` {wrong}", operation.name))
                        .help("leave out `counts_as_read`"),
                );
            }
        }
        let spelled = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if method.is_empty() || !method.chars().all(spelled) {
            report.push(
                Problem::error(
                    "effect",
                    &operation.method.span,
                    format!("`{method}` is no method name"),
                )
                .help("write snake case, such as `create_with_attachment`"),
            );
        }
    }
}

fn pages(api: &Api, report: &Report) {
    for operation in &api.operations {
        let Some(pages) = &operation.pages else { continue };
        let needs = |name: &str, what: &str| match operation.input.iter().find(|field| field.name == name) {
            None => report.push(
                Problem::error(
                    "pages",
                    &pages.span,
                    format!("`{}` has no argument `{name}` for {what}", operation.name),
                )
                .suggest(name, operation.input.iter().map(|field| field.name.as_str())),
            ),
            Some(field)
                if matches!(pages.style, PageStyle::Offset(_) | PageStyle::Number(..))
                    && what != "the page size"
                    && field.ty != Ty::Int =>
            {
                report.push(Problem::error(
                    "pages",
                    &field.span,
                    format!("`{name}` counts, so its type is `int`"),
                ));
            }
            Some(_) => {}
        };
        match &pages.style {
            PageStyle::Number(field, _) => needs(field, "the page number"),
            PageStyle::Offset(field) => needs(field, "the offset"),
            PageStyle::Cursor(field, _) => needs(field, "the cursor"),
            PageStyle::WalkBack(field, _) => needs(field, "the timestamp"),
            PageStyle::NextUrl(_, fields) if fields.is_empty() => {
                report.push(
                    Problem::error("pages", &pages.span, "no parameter is taken over from the next address")
                        .help("list them under `fields`"),
                );
            }
            PageStyle::NextUrl(..) => {}
        }
        if let Some(size) = &pages.size {
            needs(&size.field, "the page size");
        }
        if !matches!(operation.answer.kind, AnswerKind::List(_)) {
            report.push(
                Problem::error(
                    "pages",
                    &pages.span,
                    format!("`{}` goes on in pages but answers no list", operation.name),
                )
                .also(&operation.answer.span, "the answer is here"),
            );
        }
    }
}

fn variants(api: &Api, report: &Report) {
    let records = api.types.values().filter_map(|def| match &def.body {
        TypeBody::Record(fields, _) => Some(fields),
        TypeBody::Enum(_) => None,
    });
    let mut told = BTreeSet::new();
    for fields in api.operations.iter().map(|operation| &operation.input).chain(records) {
        for field in fields {
            let mut nested = false;
            field.ty.each(&mut |ty| nested |= matches!(ty, Ty::Variants(_)));
            let Ty::Variants(shape) = &field.ty else {
                if nested && told.insert(field.span.clone()) {
                    report.push(
                        Problem::error(
                            "variants",
                            &field.span,
                            format!("`{}` has `variants` inside another type", field.name),
                        )
                        .help("give the record that holds both siblings its own type"),
                    );
                }
                continue;
            };
            if !told.insert(shape.span.clone()) {
                continue;
            }
            let by = fields.iter().find(|sibling| sibling.name == shape.by);
            let body = by.and_then(|sibling| match &sibling.ty {
                Ty::Named(name) => api.enumeration(name),
                _ => None,
            });
            let Some(body) = body else {
                report.push(
                    Problem::error(
                        "variants",
                        &shape.span,
                        format!("`{}` is no enumeration beside `{}`", shape.by, field.name),
                    )
                    .suggest(&shape.by, fields.iter().map(|field| field.name.as_str())),
                );
                continue;
            };
            for (tag, span, ..) in &shape.arms {
                if !body.values.iter().any(|value| value.word == *tag) {
                    report.push(
                        Problem::error("variants", span, format!("`{tag}` is no value of `{}`", shape.by))
                            .suggest(tag, body.values.iter().map(|value| value.word.as_str())),
                    );
                }
            }
        }
    }
}

fn rules(api: &Api, report: &Report) {
    let records = api.types.values().filter_map(|def| match &def.body {
        TypeBody::Record(fields, rules) => Some((fields, rules)),
        TypeBody::Enum(_) => None,
    });
    let mut told = BTreeSet::new();
    for (fields, rules) in api
        .operations
        .iter()
        .map(|operation| (&operation.input, &operation.rules))
        .chain(records)
    {
        for rule in rules {
            let bound: &[_] = match rule {
                Rule::When { allows, .. } => allows,
                _ => &[],
            };
            for name in rule.fields() {
                if member_of(api, fields, &name.value).is_some()
                    && bound.iter().any(|(bound, _)| bound.span == name.span)
                {
                    continue;
                }
                if !fields.iter().any(|field| field.name == name.value) && told.insert(name.span.clone()) {
                    report.push(
                        Problem::error(
                            "rule-field",
                            &name.span,
                            format!("there is no argument `{}`", name.value),
                        )
                        .suggest(&name.value, fields.iter().map(|field| field.name.as_str())),
                    );
                }
            }
            if let Rule::NotEmptyUnless { field, flag, .. } = rule {
                let declared = |name: &str| fields.iter().find(|known| known.name == name);
                if declared(&field.value).is_some_and(|list| !list.required || !matches!(list.ty, Ty::List(_)))
                    && told.insert(field.span.clone())
                {
                    report.push(
                        Problem::error(
                            "rule-field",
                            &field.span,
                            format!("`{}` is no required list", field.value),
                        )
                        .help(
                            "a list left out is as dangerous as an empty one: give it a list type and `required: true`",
                        ),
                    );
                }
                if declared(&flag.value).is_some_and(|flag| flag.place != Place::Nowhere)
                    && told.insert(flag.span.clone())
                {
                    report.push(
                        Problem::error("rule-field", &flag.span, format!("`{}` would be sent", flag.value))
                            .help("declare it under `flags`"),
                    );
                }
            }
            if let Rule::NoSuch { names, .. } = rule {
                for name in names {
                    let exists = fields.iter().any(|field| field.name == name.value);
                    if exists && told.insert(name.span.clone()) {
                        let message = format!("`{}` exists", name.value);
                        report.push(
                            Problem::error("rule-field", &name.span, message)
                                .help("`no_such` names what callers guess and the vendor does not have"),
                        );
                    }
                }
            }
            if let Rule::When {
                field, equals, allows, ..
            } = rule
            {
                let bound = allows.iter().map(|(name, values)| (name, values));
                for (name, values) in std::iter::once((field, equals)).chain(bound) {
                    let declared = fields.iter().find(|known| known.name == name.value);
                    let Some(declared) = declared.or_else(|| member_of(api, fields, &name.value)) else {
                        continue;
                    };
                    let mut problem = |problem: Problem| {
                        if told.insert(name.span.clone()) {
                            report.push(problem);
                        }
                    };
                    let words = match &declared.ty {
                        Ty::Named(ty) => match api.enumeration(ty) {
                            Some(body) if body.extensible => continue,
                            body => body.map(|body| body.values.iter().map(|known| known.word.as_str()).collect()),
                        },
                        Ty::Bool => Some(vec!["true", "false"]),
                        Ty::Int | Ty::Text => continue,
                        _ => None,
                    };
                    let Some(words): Option<Vec<&str>> = words else {
                        if !values.is_empty() {
                            let message = format!("`{}` has no values that a rule can name", name.value);
                            problem(
                                Problem::error("rule-field", &name.span, message)
                                    .help("name values of an enumeration, a yes or no, a text or a whole number"),
                            );
                        }
                        continue;
                    };
                    for value in values {
                        if !words.contains(&value.as_str()) {
                            let message = format!("`{}` cannot be `{value}`", name.value);
                            problem(
                                Problem::error("rule-field", &name.span, message).suggest(value, words.iter().copied()),
                            );
                        }
                    }
                }
                for (name, values) in allows {
                    if values.is_empty() && told.insert(name.span.clone()) {
                        let message = format!("`{}` may have none of all values", name.value);
                        report.push(
                            Problem::error("rule-field", &name.span, message).help("refuse it by `refuses: [...]`"),
                        );
                    }
                }
            }
        }
    }
}

/// The member that `source.type` means: of the record that is the value of a field.
fn member_of<'a>(api: &'a Api, fields: &'a [Field], name: &str) -> Option<&'a Field> {
    let (outer, inner) = name.split_once('.')?;
    let outer = fields.iter().find(|field| field.name == outer)?;
    let Ty::Named(record) = &outer.ty else { return None };
    api.record(record)?.0.iter().find(|field| field.name == inner)
}

fn variables(api: &Api, report: &Report) {
    for variable in all_fields(api).filter_map(|field| field.variable.as_ref()) {
        if !api.variables.iter().any(|known| known.name == variable.value) {
            report.push(
                Problem::error(
                    "unknown-variable",
                    &variable.span,
                    format!("there is no account variable `{}`", variable.value),
                )
                .suggest(&variable.value, api.variables.iter().map(|known| known.name.as_str())),
            );
        }
    }
}

fn generated(api: &Api, report: &Report) {
    /// JSON numbers beyond lose digits in many clients.
    const EXACT: i64 = (1 << 53) - 1;
    /// Fewer values would soon meet.
    const FEWEST: i64 = 1 << 40;
    let mut told = BTreeSet::new();
    let mut problem = |field: &Field, what: &str, help: &str| {
        let Some(generate) = &field.generate else { return };
        if told.insert(generate.span.clone()) {
            let message = format!("no value can be made for `{}`: {what}", field.name);
            report.push(Problem::error("generated-value", &generate.span, message).help(help));
        }
    };
    let mut arguments: BTreeSet<&Span> = BTreeSet::new();
    for operation in &api.operations {
        let ruled: BTreeSet<&str> = operation
            .rules
            .iter()
            .flat_map(Rule::fields)
            .map(|name| &*name.value)
            .collect();
        for field in operation.input.iter().filter(|field| field.generate.is_some()) {
            arguments.insert(&field.span);
            let whole = match &field.ty {
                Ty::Int => true,
                Ty::Id(name) => api.identifiers.get(name).is_some_and(|id| id.integer),
                _ => false,
            };
            if !whole {
                problem(
                    field,
                    "its type is no whole number",
                    "use `int` or an identifier of whole numbers",
                );
            } else if !matches!((field.min, field.max), (Some(min), Some(max))
                if min >= -EXACT && max <= EXACT && max.saturating_sub(min) >= FEWEST)
            {
                let help = format!("give `min` and `max`, at least {FEWEST} apart and not beyond {EXACT}");
                problem(field, "its range is unknown, too narrow or too great", &help);
            } else if matches!(field.place, Place::Path | Place::Nowhere) || ruled.contains(field.name.as_str()) {
                let help = "it is sent in every call: no place in the path, no flag, and no rule about it";
                problem(field, "it cannot always be sent", help);
            } else if field.required || field.variable.is_some() || field.clear.is_some() || field.default.is_some() {
                let help = "drop `required`, `variable`, `nullable`, `clear` and `default`";
                problem(field, "something else stands for it when it is left out", help);
            } else if operation.effect == Effect::Read {
                problem(
                    field,
                    "the operation only reads",
                    "a read needs nothing to be known again by",
                );
            } else if !matches!(operation.answer.kind, AnswerKind::Record(_)) {
                problem(
                    field,
                    "no answer tells it",
                    "declare the record that the operation answers",
                );
            }
        }
    }
    let nested = asked(api);
    for (name, def) in &api.types {
        let TypeBody::Record(fields, _) = &def.body else {
            continue;
        };
        for field in fields.iter().filter(|field| field.generate.is_some()) {
            if nested.contains(name) || !arguments.contains(&field.span) {
                let help =
                    "declare it under `body` or `query` of the operation, or take the record over with `body_of`";
                problem(field, "it is no argument of its own but a member of another", help);
            }
        }
    }
}

fn dynamic(api: &Api, report: &Report) {
    let mut told = BTreeSet::new();
    for slot in all_fields(api).filter_map(|field| field.dynamic.as_ref()) {
        if !api.dynamic.contains_key(&slot.value) && told.insert(slot.span.clone()) {
            report.push(
                Problem::error(
                    "unknown-slot",
                    &slot.span,
                    format!("`{}` is not declared under `dynamic_fields`", slot.value),
                )
                .suggest(&slot.value, api.dynamic.keys().map(String::as_str)),
            );
        }
    }
    let definitions = api.dynamic.values().filter_map(|dynamic| dynamic.definitions.as_ref());
    for Definitions {
        operation: defined_by, ..
    } in definitions
    {
        if !api
            .operations
            .iter()
            .any(|operation| operation.name == defined_by.value)
        {
            report.push(
                Problem::error(
                    "unknown-slot",
                    &defined_by.span,
                    format!("there is no operation `{}`", defined_by.value),
                )
                .suggest(
                    &defined_by.value,
                    api.operations.iter().map(|operation| operation.name.as_str()),
                ),
            );
        }
    }
}

fn dynamic_by(api: &Api, report: &Report) {
    let records = api.types.values().filter_map(|def| match &def.body {
        TypeBody::Record(fields, _) => Some(fields),
        TypeBody::Enum(_) => None,
    });
    let mut told = BTreeSet::new();
    for fields in api.operations.iter().map(|operation| &operation.input).chain(records) {
        for field in fields {
            let Some(by) = &field.dynamic_by else { continue };
            if !told.insert(by.span.clone()) {
                continue;
            }
            let wrong = |message: String| Problem::error("dynamic-by", &by.span, message);
            if field.dynamic.is_none() || matches!(field.ty, Ty::Variants(_)) {
                report.push(
                    wrong(format!("`{}` is no value of an account-defined member", field.name))
                        .help("`dynamic` says among which members it is looked for; the shapes of `variants` are chosen by their own `by`"),
                );
                continue;
            }
            let sibling = fields
                .iter()
                .find(|sibling| sibling.name == by.value && sibling.name != field.name);
            if sibling.is_none_or(|sibling| !sibling.required) {
                let names = fields
                    .iter()
                    .filter(|sibling| sibling.name != field.name && sibling.required);
                report.push(
                    wrong(format!("`{}` is no required sibling of `{}`", by.value, field.name))
                        .suggest(&by.value, names.map(|sibling| sibling.name.as_str())),
                );
            }
        }
    }
}

fn probe(api: &Api, report: &Report) {
    let Some(probe) = &api.probe else { return };
    let Some(operation) = api.operations.iter().find(|operation| operation.name == probe.value) else {
        report.push(
            Problem::error("probe", &probe.span, format!("there is no operation `{}`", probe.value)).suggest(
                &probe.value,
                api.operations.iter().map(|operation| operation.name.as_str()),
            ),
        );
        return;
    };
    if let Some(why) = operation.unfit_as_probe() {
        report.push(
            Problem::error("probe", &probe.span, why)
                .also(&operation.span, "the operation")
                .help("name one that reads and needs nothing but variables of the account"),
        );
    }
}

fn definitions(api: &Api, report: &Report) {
    for definitions in api.dynamic.values().filter_map(|dynamic| dynamic.definitions.as_ref()) {
        let wrong = |span: &Span, message: String| Problem::error("dynamic-definitions", span, message);
        let at = &definitions.operation;
        if definitions.keys.is_none() {
            report.push(
                wrong(&at.span, "nothing tells where the keys of the members are".to_owned()).help(
                    "give `key` (a pointer into each definition) or `keys_of` (a pointer to an object with such keys)",
                ),
            );
        }
        let Some(operation) = api.operations.iter().find(|operation| operation.name == at.value) else {
            continue;
        };
        if operation.effect != Effect::Read || !matches!(operation.answer.kind, AnswerKind::List(_)) {
            let message = format!("`{}` does not list anything without changing it", at.value);
            report.push(wrong(&at.span, message).help("definitions are read by an operation that reads a list"));
        }
        for (name, _) in &definitions.arguments {
            if !operation.input.iter().any(|field| field.name == name.value) {
                report.push(
                    wrong(&name.span, format!("`{}` has no argument `{}`", at.value, name.value))
                        .suggest(&name.value, operation.input.iter().map(|field| field.name.as_str())),
                );
            }
        }
    }
}

fn enums(api: &Api, report: &Report) {
    for (name, def) in &api.types {
        let TypeBody::Enum(body) = &def.body else { continue };
        if body.values.is_empty() {
            report.push(
                Problem::error("enum-values", &def.span, format!("`{name}` has no values"))
                    .help("an enumeration without known values is plain `text`"),
            );
        }
        let mut codes: BTreeMap<i64, &EnumValue> = BTreeMap::new();
        let mut scope = crate::names::Scope::new(format!("the variants of `{name}`"));
        for value in &body.values {
            if value.word.is_empty() {
                report.push(
                    Problem::error("enum-values", &value.span, "a value is an empty word")
                        .help("clients refuse empty enumeration values"),
                );
                continue;
            }
            scope.claim(
                &crate::names::Name::new(value.word.as_str()).variant(),
                &value.word,
                &value.span,
                report,
            );
            if body.coded
                && let Some(earlier) = codes.insert(value.code, value)
            {
                report.push(
                    Problem::error(
                        "enum-values",
                        &value.span,
                        format!("`{}` has the code of `{}`", value.word, earlier.word),
                    )
                    .also(&earlier.span, "the other one"),
                );
            }
        }
    }
}

fn unused(api: &Api, report: &Report) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<Ty> = api
        .operations
        .iter()
        .flat_map(|operation| {
            operation
                .input
                .iter()
                .map(|field| field.ty.clone())
                .chain(operation.answer.kind.ty().cloned())
        })
        .collect();
    while let Some(ty) = open.pop() {
        ty.each(&mut |ty| {
            let (Ty::Named(name) | Ty::Id(name)) = ty else { return };
            if used.insert(name.clone())
                && let Some((fields, _)) = api.record(name)
            {
                open.extend(fields.iter().map(|field| field.ty.clone()));
            }
        });
    }
    // Records may also be taken over field by field; their fields then carry the record's places.
    let taken: BTreeSet<&Span> = api
        .operations
        .iter()
        .flat_map(|operation| &operation.input)
        .map(|field| &field.span)
        .collect();
    let kinds = api.identifiers.iter().map(|(name, id)| (name, &id.span, false));
    let types = api.types.iter().map(|(name, def)| {
        let by_fields = api
            .record(name)
            .is_some_and(|(fields, _)| fields.iter().any(|field| taken.contains(&field.span)));
        (name, &def.span, by_fields)
    });
    for (name, span, by_fields) in kinds.chain(types) {
        if !used.contains(name) && !by_fields {
            report.push(
                Problem::warning("unused-type", span, format!("nothing uses `{name}`")).help("use it or remove it"),
            );
        }
    }
}

fn identifiers(api: &Api, report: &Report) {
    let mut yielded: BTreeSet<String> = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<Ty> = api
        .operations
        .iter()
        .filter_map(|operation| operation.answer.kind.ty().cloned())
        .collect();
    while let Some(ty) = open.pop() {
        ty.each(&mut |ty| match ty {
            Ty::Id(name) => {
                yielded.insert(name.clone());
            }
            Ty::Named(name) if seen.insert(name.clone()) => {
                open.extend(
                    api.record(name)
                        .into_iter()
                        .flat_map(|(fields, _)| fields)
                        .map(|field| field.ty.clone()),
                );
            }
            _ => {}
        });
    }
    let mut told = BTreeSet::new();
    for operation in api.operations.iter().filter(|operation| operation.doc.is_some()) {
        for field in operation
            .input
            .iter()
            .filter(|field| field.required && field.variable.is_none())
        {
            let Ty::Id(name) = &field.ty else { continue };
            if !yielded.contains(name) && told.insert(name.clone()) {
                report.push(
                    Problem::warning(
                        "identifier-from-nowhere",
                        &field.span,
                        format!("no answer of this helpdesk contains a `{name}`"),
                    )
                    .help(format!("type the member that holds it in some answer as `{name}`")),
                );
            }
        }
    }
}
