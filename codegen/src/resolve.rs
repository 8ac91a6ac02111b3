//! From syntax to model: references are looked up, conventions applied, forms of writing unified.
//!
//! Everything that cannot be resolved is reported here, with its place; the resolver goes on with
//! what is left, so that one run reports all of it.

use indexmap::IndexMap;

use crate::model::*;
use crate::report::{Problem, Report, Span};
use crate::syntax::{
    self, BodySpec, BuiltType, DynamicKindWord, DynamicSpec, FieldExpr, FieldSpec, FormSpec, IdentifierType,
    PageStyleSpec, RuleSpec,
};
use crate::yaml::{Key, Kind, Located, Named, Node, Raw, decode};

/// A parsed file of one helpdesk.
pub struct Parsed {
    /// Path below the directory of specs.
    pub path: String,
    /// Its tree.
    pub node: Node,
}

/// Resolves the files of one helpdesk. `None` when its integration file is missing or unusable.
pub fn resolve(slug: &str, files: &[Parsed], report: &Report) -> Option<Api> {
    let integration_path = format!("{slug}/integration.yaml");
    let Some(main) = files.iter().find(|file| file.path == integration_path) else {
        let span = files
            .first()
            .map_or_else(Span::nowhere, |file| Span::of_file(file.path.as_str()));
        report.push(
            Problem::error(
                "integration-missing",
                &span,
                format!("the helpdesk `{slug}` has no integration.yaml"),
            )
            .help(format!(
                "add {integration_path} with address, credentials, limits and errors"
            )),
        );
        return None;
    };
    let resources: Vec<(String, syntax::ResourceFile)> = files
        .iter()
        .filter(|file| file.path != integration_path)
        .filter_map(|file| {
            let stem = file.path.strip_prefix(&format!("{slug}/")).unwrap_or(&file.path);
            let stem = stem.strip_suffix(".yaml").unwrap_or(stem).to_owned();
            Some((stem, decode::<syntax::ResourceFile>(&file.node, report)?))
        })
        .collect();
    let spec: syntax::IntegrationFile = decode(&main.node, report)?;
    if spec.integration.value != slug {
        report.push(
            Problem::error(
                "slug-mismatch",
                &spec.integration.span,
                format!("`{}` stands in the folder `{slug}`", spec.integration.value),
            )
            .help("name the folder as the integration, or the other way round"),
        );
    }
    Some(Resolver::new(spec, &resources, report).run(&resources, &main.node.span))
}

struct Resolver<'a> {
    spec: syntax::IntegrationFile,
    report: &'a Report,
    identifiers: IndexMap<String, Identifier>,
    /// Names of all types, with their place: known before any of them is resolved.
    type_names: IndexMap<String, Span>,
    pages: IndexMap<String, Pages>,
}

const SCALARS: &[(&str, &str)] = &[
    ("email", "Email"),
    ("url", "Url"),
    ("html", "Html"),
    ("uuid", "Uuid"),
    ("digits", "Digits"),
    ("label", "Label"),
    ("date", "Date"),
    ("utc_date_time", "UtcDateTime"),
    ("iso8601", "Iso8601"),
    ("unix_millis", "UnixMillis"),
    ("locale", "Locale"),
    ("comma_list", "CommaList"),
];
const PLAIN: &[&str] = &["text", "int", "number", "bool", "json", "file"];

fn spot<T: Clone>(located: &Located<T>) -> Spot<T> {
    Spot {
        value: located.value.clone(),
        span: located.span.clone(),
    }
}

fn form(spec: &FormSpec) -> Form {
    Form::Named(match spec {
        FormSpec::Any => "Any",
        FormSpec::Email => "Email",
        FormSpec::Url => "Url",
        FormSpec::Html => "Html",
        FormSpec::Uuid => "Uuid",
        FormSpec::PrefixedUuid(prefix) => return Form::PrefixedUuid(prefix.clone()),
        FormSpec::Digits => "Digits",
        FormSpec::Label => "Label",
        FormSpec::Date => "Date",
        FormSpec::UtcDateTime => "UtcDateTime",
        FormSpec::Iso8601 => "Iso8601",
        FormSpec::UnixMillis => "UnixMillis",
        FormSpec::Locale => "Locale",
        FormSpec::CommaList => "CommaList",
    })
}

/// The operation that tells whether an account works, where the spec names none.
fn probe(operations: &[Operation]) -> Option<Spot<String>> {
    let fit = |operation: &&Operation| {
        matches!(operation.method.value.as_str(), "list" | "get") && operation.unfit_as_probe().is_none()
    };
    let cheapest = operations.iter().filter(fit).min_by_key(|operation| operation.cost)?;
    Some(Spot {
        value: cheapest.name.clone(),
        span: cheapest.span.clone(),
    })
}

/// The names inside `{…}` of a template.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}

fn words(node: &Node) -> String {
    match &node.kind {
        Kind::Text(text) => text.clone(),
        _ => node.to_json().to_string(),
    }
}

impl<'a> Resolver<'a> {
    fn new(spec: syntax::IntegrationFile, resources: &[(String, syntax::ResourceFile)], report: &'a Report) -> Self {
        let identifiers = spec
            .identifiers
            .decode(report)
            .into_iter()
            .map(|(name, spec)| {
                let identifier = Identifier {
                    span: name.span.clone(),
                    integer: spec.kind == IdentifierType::Int,
                    form: spec.form.as_ref().map_or(Form::ANY, |spec| form(spec)),
                    doc: spec.doc,
                };
                (name.value, identifier)
            })
            .collect::<IndexMap<_, _>>();
        let mut type_names: IndexMap<String, Span> = IndexMap::new();
        for (_, file) in resources {
            for (name, _) in file.types.iter() {
                let earlier = type_names
                    .get(&name.value)
                    .or_else(|| identifiers.get(&name.value).map(|known| &known.span));
                if let Some(earlier) = earlier {
                    report.push(
                        Problem::error(
                            "name-twice",
                            &name.span,
                            format!("the type `{}` is declared twice", name.value),
                        )
                        .also(earlier, "first declared here")
                        .help("types and identifiers of a helpdesk share one list of names; rename one of them"),
                    );
                } else {
                    type_names.insert(name.value.clone(), name.span.clone());
                }
            }
        }
        Self {
            spec,
            report,
            identifiers,
            type_names,
            pages: IndexMap::new(),
        }
    }

    fn run(mut self, files: &[(String, syntax::ResourceFile)], span: &Span) -> Api {
        self.pages = self
            .spec
            .pages
            .decode(self.report)
            .into_iter()
            .filter_map(|(name, spec)| Some((name.value, self.pages(&spec, &name.span)?)))
            .collect();
        let types = self.types(files);
        let mut resources: Vec<Resource> = Vec::new();
        let mut operations: Vec<Operation> = Vec::new();
        for (_, file) in files {
            let Some(resource) = &file.resource else {
                if let Some((name, _)) = file.operations.iter().next() {
                    self.report.push(
                        Problem::error(
                            "resource-missing",
                            &name.span,
                            "a file with operations names its resource",
                        )
                        .help("add `resource: <plural name>` at the top of the file"),
                    );
                }
                continue;
            };
            resources.push(Resource {
                name: resource.value.clone(),
                span: resource.span.clone(),
                doc: file.doc.clone().unwrap_or_default(),
            });
            for (name, spec) in file.operations.decode(self.report) {
                if let Some(earlier) = operations.iter().find(|known| known.name == name.value) {
                    self.report.push(
                        Problem::error(
                            "name-twice",
                            &name.span,
                            format!("the operation `{}` is declared twice", name.value),
                        )
                        .also(&earlier.span, "first declared here"),
                    );
                    continue;
                }
                if let Some(operation) = self.operation(&name, &spec, file, &resource.value, &types) {
                    operations.push(operation);
                }
            }
        }
        self.finish(types, resources, operations, span)
    }

    fn finish(
        self,
        types: IndexMap<String, TypeDef>,
        resources: Vec<Resource>,
        operations: Vec<Operation>,
        span: &Span,
    ) -> Api {
        let variables = self.settings(&self.spec.variables);
        let credentials = self.settings(&self.spec.credentials);
        let schemes = self
            .spec
            .auth
            .iter()
            .filter_map(|raw| raw.decode(self.report))
            .map(|spec| self.scheme(&spec, &credentials, &variables))
            .collect();
        let limits = &self.spec.limits;
        let errors = &self.spec.errors;
        let hints = errors.hints.iter().filter_map(|raw| raw.decode(self.report));
        Api {
            slug: self.spec.integration.value.clone(),
            span: span.clone(),
            title: self.spec.title.clone(),
            doc: self.spec.doc.trim().to_owned(),
            documentation: self.spec.documentation.clone(),
            base_url: spot(&self.spec.base_url),
            variables,
            credentials,
            schemes,
            headers: self.spec.headers.clone().into_iter().collect(),
            limits: Limits {
                doc: limits.doc.trim().to_owned(),
                remaining: limits.remaining.clone(),
                limit: limits.limit.clone(),
                reset: limits.reset.as_ref().map(|reset| (reset.header.clone(), reset.unit)),
                used_of_limit: limits.used_of_limit.clone(),
                retry_after: limits.retry_after.clone(),
                throttle_statuses: limits.throttle_statuses.clone().unwrap_or_else(|| vec![429]),
                quota_statuses: limits.quota_statuses.clone(),
            },
            errors: Errors {
                code: errors.code.iter().map(|pointer| self.pointer(pointer)).collect(),
                message: errors.message.iter().map(|pointer| self.pointer(pointer)).collect(),
                failure_flag: errors.failure_flag.as_ref().map(|pointer| self.pointer(pointer)),
                hints: hints
                    .map(|hint| Hint {
                        status: hint.status.unwrap_or(0),
                        code: hint.code.unwrap_or_default(),
                        kind: hint.kind.map(|kind| self.error_code(&kind)).unwrap_or_default(),
                        advice: hint.advice.trim().to_owned(),
                    })
                    .collect(),
            },
            dynamic: self
                .spec
                .dynamic_fields
                .decode(self.report)
                .into_iter()
                .map(|(name, spec)| {
                    let dynamic = self.dynamic(name.span.clone(), spec);
                    (name.value, dynamic)
                })
                .collect(),
            probe: self.spec.probe.as_ref().map(spot).or_else(|| probe(&operations)),
            tags: self.spec.tags.clone(),
            noted_losses: self.noted_losses(&self.spec.noted_losses),
            identifiers: self.identifiers,
            types,
            resources,
            operations,
        }
    }

    fn error_code(&self, kind: &Located<String>) -> String {
        const CODES: &[&str] = &[
            "unauthorized",
            "forbidden",
            "not_found",
            "conflict",
            "rate_limited",
            "quota_exhausted",
            "payload_too_large",
            "upstream_error",
            "upstream_timeout",
            "upstream_invalid_response",
            "needs_reauth",
        ];
        if !CODES.contains(&kind.value.as_str()) {
            self.report.push(
                Problem::error(
                    "unknown-error-code",
                    &kind.span,
                    format!("`{}` is no error code of the contract", kind.value),
                )
                .suggest(&kind.value, CODES.iter().copied()),
            );
        }
        kind.value.clone()
    }

    fn settings(&self, named: &Named<syntax::SettingSpec>) -> Vec<Setting> {
        named
            .decode(self.report)
            .into_iter()
            .map(|(name, spec)| Setting {
                name: name.value,
                span: name.span,
                title: spec.title,
                help: spec.help.trim().to_owned(),
                form: spec.form.as_ref().map_or(Form::ANY, |spec| form(spec)),
                one_of: spec.one_of,
                secret: spec.secret,
                optional: spec.optional,
                example: spec.example,
                default: spec.default.unwrap_or_default(),
                strip: spec.strip,
            })
            .collect()
    }

    fn scheme(&self, spec: &syntax::AuthSpec, credentials: &[Setting], variables: &[Setting]) -> Scheme {
        let mut needs: Vec<String> = Vec::new();
        let mut template = |template: &Located<String>| {
            for name in placeholders(&template.value) {
                if credentials.iter().any(|known| known.name == name) {
                    if !needs.iter().any(|need| need == name) {
                        needs.push(name.to_owned());
                    }
                } else if !variables.iter().any(|known| known.name == name) {
                    let known = credentials.iter().chain(variables).map(|setting| setting.name.as_str());
                    self.report.push(
                        Problem::error(
                            "unknown-placeholder",
                            &template.span,
                            format!("`{{{name}}}` is no credential and no variable"),
                        )
                        .suggest(name, known),
                    );
                }
            }
            template.value.clone()
        };
        let mut parts = Vec::new();
        for (name, value) in &spec.headers {
            parts.push(AuthPart::Header(name.clone(), template(value)));
        }
        if let Some(basic) = &spec.basic {
            parts.push(AuthPart::Basic(template(&basic.username), template(&basic.password)));
        }
        if let Some(bearer) = &spec.bearer {
            parts.push(AuthPart::Bearer(template(bearer)));
        }
        for (name, value) in &spec.query {
            parts.push(AuthPart::Query(name.clone(), template(value)));
        }
        let oauth2 = spec.oauth2.as_ref().map(|flow| OAuth2 {
            authorize_url: template(&flow.authorize_url),
            token_url: template(&flow.token_url),
            scopes: flow.scopes.clone(),
            basic_client: flow.basic_client,
            pkce: flow.pkce,
        });
        Scheme {
            name: spec.scheme.value.clone(),
            needs,
            parts,
            oauth2,
        }
    }

    fn dynamic(&self, span: Span, spec: DynamicSpec) -> Dynamic {
        let pointer = |at: &Option<Located<String>>| at.as_ref().map(|at| self.pointer(at));
        let keys = match (&spec.key, &spec.keys_of) {
            (Some(key), None) => Some(DynamicKeys::Of(self.pointer(key))),
            (None, Some(of)) => Some(DynamicKeys::Members(self.pointer(of))),
            _ => None,
        };
        let definitions = spec.defined_by.as_ref().map(|operation| Definitions {
            operation: spot(operation),
            arguments: spec
                .arguments
                .iter()
                .map(|(name, value)| {
                    let name = Spot {
                        value: name.clone(),
                        span: value.span.clone(),
                    };
                    (name, value.value.clone())
                })
                .collect(),
            keys,
            label: pointer(&spec.label),
            about: pointer(&spec.about),
            choices: pointer(&spec.choices),
            min: pointer(&spec.min),
            max: pointer(&spec.max),
            required: pointer(&spec.required),
            kind: spec.kind.as_ref().map(|kind| {
                let words = kind.words.iter().map(|(word, kind)| {
                    let kind = match kind {
                        DynamicKindWord::Text => "Text",
                        DynamicKindWord::Int => "Int",
                        DynamicKindWord::Number => "Number",
                        DynamicKindWord::Bool => "Bool",
                    };
                    (word.clone(), kind)
                });
                (self.pointer(&kind.at), words.collect())
            }),
            skip: spec.skip.iter().map(|at| self.pointer(at)).collect(),
            notes: spec
                .notes
                .iter()
                .map(|(at, note)| {
                    self.check_pointer(at, &note.span);
                    (at.clone(), note.value.trim().to_owned())
                })
                .collect(),
        });
        Dynamic {
            span,
            doc: spec.doc,
            definitions,
            pair: spec.pair.map(|pair| (pair.key, pair.value)),
        }
    }

    fn pointer(&self, pointer: &Located<String>) -> String {
        self.check_pointer(&pointer.value, &pointer.span);
        pointer.value.clone()
    }

    /// One pointer or a list of them.
    fn pointers(&self, node: &Node) -> Vec<String> {
        let nodes = match &node.kind {
            Kind::List(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut pointers = Vec::new();
        for node in nodes {
            match node.text() {
                Some(pointer) => {
                    self.check_pointer(pointer, &node.span);
                    pointers.push(pointer.to_owned());
                }
                None if node.kind == Kind::Broken => {}
                None => self.report.push(
                    Problem::error(
                        "bad-pointer",
                        &node.span,
                        format!("expected a JSON pointer, found {}", node.describe()),
                    )
                    .help("write `/data`, or `\"\"` for the whole body"),
                ),
            }
        }
        pointers
    }

    fn check_pointer(&self, pointer: &str, span: &Span) {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            self.report.push(
                Problem::error("bad-pointer", span, format!("`{pointer}` is no JSON pointer"))
                    .help(format!("write `/{}`", pointer.replace('.', "/"))),
            );
        }
    }

    fn types(&self, files: &[(String, syntax::ResourceFile)]) -> IndexMap<String, TypeDef> {
        let mut types = IndexMap::new();
        for (stem, file) in files {
            for (name, spec) in file.types.decode(self.report) {
                let body = match (&spec.fields, &spec.values) {
                    (Some(fields), None) => TypeBody::Record(self.fields(fields, Place::Body), self.rules(&spec.rules)),
                    (None, Some(values)) => TypeBody::Enum(self.enumeration(&name, values, spec.extensible)),
                    _ => {
                        self.report.push(
                            Problem::error(
                                "type-form",
                                &name.span,
                                format!("the type `{}` has either `fields` or `values`", name.value),
                            )
                            .help("`fields` makes a record, `values` an open enumeration"),
                        );
                        continue;
                    }
                };
                let def = TypeDef {
                    span: name.span.clone(),
                    file: stem.clone(),
                    doc: spec.doc.trim().to_owned(),
                    body,
                };
                types.entry(name.value).or_insert(def);
            }
        }
        types
    }

    fn enumeration(&self, name: &Located<String>, values: &Named<syntax::ValueSpec>, extensible: bool) -> EnumBody {
        let values = values.decode(self.report);
        let coded = values.iter().filter(|(_, value)| value.code.is_some()).count();
        if coded != 0 && coded != values.len() {
            self.report.push(
                Problem::error(
                    "half-coded-enum",
                    &name.span,
                    format!("some values of `{}` have a code and some have none", name.value),
                )
                .help("give every value its `code`, or none"),
            );
        }
        EnumBody {
            coded: coded > 0,
            extensible,
            values: values
                .into_iter()
                .map(|(word, value)| EnumValue {
                    span: word.span,
                    word: word.value,
                    code: value.code.unwrap_or(0),
                    doc: value.doc,
                })
                .collect(),
        }
    }

    fn fields(&self, named: &Named<FieldExpr>, place: Place) -> Vec<Field> {
        named
            .iter()
            .filter_map(|(name, raw)| {
                let node = raw.node();
                let spec = if node.text().is_some() {
                    // A type alone: as if it stood under `type`.
                    let key = Key {
                        text: "type".to_owned(),
                        span: node.span.clone(),
                    };
                    let map = Node {
                        span: node.span.clone(),
                        kind: Kind::Map(vec![(key, node.clone())]),
                    };
                    decode::<FieldSpec>(&map, self.report)?
                } else {
                    decode::<FieldSpec>(node, self.report)?
                };
                self.field(name, spec, place)
            })
            .collect()
    }

    fn field(&self, name: &Located<String>, spec: FieldSpec, place: Place) -> Option<Field> {
        let (ty, form) = self.ty(spec.kind.node())?;
        let place = match (place, spec.query_style, spec.or_part) {
            (Place::Query(_), _, true) => Place::QueryOrPart,
            (Place::Query(_), style, _) => Place::Query(style.unwrap_or(QueryStyle::Repeat)),
            (place, None, false) => place,
            (place, ..) => {
                self.report.push(Problem::error(
                    "query-only-key",
                    &name.span,
                    format!(
                        "`query_style` and `or_part` of `{}` belong to query parameters",
                        name.value
                    ),
                ));
                place
            }
        };
        let clear = match (spec.nullable, spec.clear) {
            (true, Some(_)) => {
                self.report.push(
                    Problem::error(
                        "cleared-twice",
                        &name.span,
                        format!("`{}` is emptied by null or by a text, not by both", name.value),
                    )
                    .help("keep `nullable` or `clear`"),
                );
                None
            }
            (true, None) => Some(Clear::Null),
            (false, text) => text.map(Clear::Text),
        };
        let marks = [
            (spec.secret, "SECRET"),
            (spec.personal, "PERSONAL"),
            (spec.untrusted, "UNTRUSTED"),
            (spec.deprecated, "DEPRECATED"),
            (spec.confidence == Some(Confidence::Low), "UNCONFIRMED"),
            (spec.access == Some(Access::Read), "READ_ONLY"),
            (spec.access == Some(Access::Write), "WRITE_ONLY"),
        ];
        Some(Field {
            wire: spec.wire.unwrap_or_else(|| name.value.clone()),
            name: name.value.clone(),
            span: name.span.clone(),
            doc: spec.doc.unwrap_or_default().trim().to_owned(),
            ty,
            form,
            required: spec.required || place == Place::Path,
            clear,
            style: spec.style,
            place,
            min: spec.min,
            max: spec.max,
            default: spec.default.as_ref().map(words),
            example: spec.example.as_ref().map(words),
            variable: spec.variable.as_ref().map(spot),
            generate: spec.generate.as_ref().map(spot),
            dynamic: spec.dynamic.as_ref().map(spot),
            dynamic_by: spec.dynamic_by.as_ref().map(spot),
            access: spec.access,
            marks: marks
                .into_iter()
                .filter_map(|(set, mark)| set.then_some(mark))
                .collect(),
        })
    }

    /// A type and the form of the text inside it.
    fn ty(&self, node: &Node) -> Option<(Ty, Form)> {
        if let Some(name) = node.text() {
            return self.named_type(name, &node.span);
        }
        if !matches!(node.kind, Kind::Map(_)) {
            if node.kind != Kind::Broken {
                self.report.push(
                    Problem::error("type-form", &node.span, format!("expected a type, found {}", node.describe()))
                        .help("write a name such as `text`, or `{list: text}`, `{map: text}`, `{one_of: [...]}`, `{variants: {...}}`"),
                );
            }
            return None;
        }
        match decode::<BuiltType>(node, self.report)? {
            BuiltType::List(inner) => self.ty(inner.node()).map(|(ty, form)| (Ty::List(Box::new(ty)), form)),
            BuiltType::Map(inner) => self.ty(inner.node()).map(|(ty, form)| (Ty::Map(Box::new(ty)), form)),
            BuiltType::OneOf(types) => {
                let types: Vec<_> = types.iter().filter_map(|raw| self.ty(raw.node())).collect();
                Some((Ty::OneOf(types.into_iter().map(|(ty, _)| ty).collect()), Form::ANY))
            }
            BuiltType::Variants(spec) => {
                let arms = spec
                    .arms
                    .decode(self.report)
                    .into_iter()
                    .filter_map(|(tag, arm)| Some((tag.value, tag.span, self.ty(arm.kind.node())?.0, arm.doc)))
                    .collect();
                Some((
                    Ty::Variants(Box::new(Variants {
                        by: spec.by.value,
                        span: spec.by.span,
                        arms,
                    })),
                    Form::ANY,
                ))
            }
        }
    }

    fn named_type(&self, name: &str, span: &Span) -> Option<(Ty, Form)> {
        let plain = match name {
            "text" => Some(Ty::Text),
            "int" => Some(Ty::Int),
            "number" => Some(Ty::Number),
            "bool" => Some(Ty::Bool),
            "json" => Some(Ty::Json),
            "file" => Some(Ty::File),
            _ => None,
        };
        if let Some(ty) = plain {
            return Some((ty, Form::ANY));
        }
        if let Some((scalar, form)) = SCALARS.iter().find(|(scalar, _)| *scalar == name) {
            let ty = if *scalar == "unix_millis" { Ty::Int } else { Ty::Text };
            return Some((ty, Form::Named(form)));
        }
        if let Some(identifier) = self.identifiers.get(name) {
            return Some((Ty::Id(name.to_owned()), identifier.form.clone()));
        }
        if self.type_names.contains_key(name) {
            return Some((Ty::Named(name.to_owned()), Form::ANY));
        }
        let known: Vec<&str> = PLAIN
            .iter()
            .copied()
            .chain(SCALARS.iter().map(|(scalar, _)| *scalar))
            .chain(self.identifiers.keys().map(String::as_str))
            .chain(self.type_names.keys().map(String::as_str))
            .collect();
        self.report
            .push(Problem::error("unknown-type", span, format!("there is no type `{name}`")).suggest(name, known));
        None
    }

    fn noted_losses(&self, notes: &[Raw<syntax::NotedLossSpec>]) -> Vec<NotedLoss> {
        let decoded = notes
            .iter()
            .filter_map(|raw| Some((raw.span(), raw.decode(self.report)?)));
        decoded
            .map(|(span, spec)| NotedLoss {
                span: span.clone(),
                loses: spot(&spec.loses),
                dialects: spec.dialects.iter().map(spot).collect(),
                at: spec.at.iter().map(spot).collect(),
                because: spec.because.trim().to_owned(),
            })
            .collect()
    }

    fn rules(&self, rules: &[Raw<RuleSpec>]) -> Vec<Rule> {
        rules
            .iter()
            .filter_map(|raw| Some((raw, raw.decode(self.report)?)))
            .filter_map(|(raw, spec)| self.rule(raw.span(), &spec))
            .collect()
    }

    fn rule(&self, span: &Span, spec: &RuleSpec) -> Option<Rule> {
        if spec.because.is_some() && spec.when.is_none() && spec.not_empty.is_none() && spec.no_such.is_empty() {
            self.report.push(
                Problem::error(
                    "rule-form",
                    span,
                    "`because` is told to callers by `when`, `not_empty` and `no_such` rules only",
                )
                .help("the other forms explain themselves; leave it out"),
            );
        }
        let list = |names: &[Located<String>]| names.iter().map(spot).collect::<Vec<_>>();
        let because = spec.because.clone().unwrap_or_default();
        let forms = [
            !spec.at_least_one.is_empty(),
            !spec.exactly_one.is_empty(),
            !spec.at_most_one.is_empty(),
            spec.when.is_some(),
            spec.not_empty.is_some(),
            !spec.no_such.is_empty(),
        ];
        if forms.iter().filter(|form| **form).count() != 1 {
            self.report.push(
                Problem::error("rule-form", span, "a rule has exactly one form")
                    .help("use one of `at_least_one`, `exactly_one`, `at_most_one`, `when` (with `requires`/`refuses`/`allows`), `not_empty` (with `unless`), `no_such` (with `because`)"),
            );
            return None;
        }
        if let Some(field) = &spec.when {
            if spec.requires.is_empty() && spec.refuses.is_empty() && spec.allows.is_empty() {
                self.report.push(
                    Problem::error("rule-form", span, "a `when` rule requires, refuses or allows something")
                        .help("add `requires: [...]`, `refuses: [...]` or `allows: {...}`"),
                );
                return None;
            }
            return Some(Rule::When {
                field: spot(field),
                equals: spec.is.iter().map(words).collect(),
                requires: list(&spec.requires),
                refuses: list(&spec.refuses),
                allows: spec
                    .allows
                    .decode(self.report)
                    .iter()
                    .map(|(name, values)| (spot(name), values.iter().map(words).collect()))
                    .collect(),
                because,
            });
        }
        if let Some(field) = &spec.not_empty {
            let Some(flag) = &spec.unless else {
                self.report.push(
                    Problem::error("rule-form", span, "a `not_empty` rule names the flag that lifts it")
                        .help("add `unless: <flag>` and declare the flag under `flags`"),
                );
                return None;
            };
            return Some(Rule::NotEmptyUnless {
                field: spot(field),
                flag: spot(flag),
                because,
            });
        }
        if !spec.no_such.is_empty() {
            if because.trim().is_empty() {
                self.report.push(
                    Problem::error("rule-form", span, "a `no_such` rule says what to use instead")
                        .help("add `because: …`; without it, leave the rule out"),
                );
                return None;
            }
            return Some(Rule::NoSuch {
                names: list(&spec.no_such),
                because,
            });
        }
        if !spec.at_least_one.is_empty() {
            return Some(Rule::AtLeastOne(list(&spec.at_least_one)));
        }
        if !spec.exactly_one.is_empty() {
            return Some(Rule::ExactlyOne(list(&spec.exactly_one)));
        }
        Some(Rule::AtMostOne(list(&spec.at_most_one)))
    }

    fn pages(&self, spec: &syntax::PagesSpec, span: &Span) -> Option<Pages> {
        let missing = |key: &str| {
            self.report.push(Problem::error(
                "pages-form",
                span,
                format!("this paging style needs `{key}`"),
            ));
            None::<String>
        };
        let field = || {
            spec.field
                .as_ref()
                .map(|field| field.value.clone())
                .or_else(|| missing("field"))
        };
        let next = || {
            spec.next
                .as_ref()
                .map(|next| self.pointer(next))
                .or_else(|| missing("next"))
        };
        let style = match spec.style {
            PageStyleSpec::Number => PageStyle::Number(field()?, spec.first.unwrap_or(1)),
            PageStyleSpec::Offset => PageStyle::Offset(field()?),
            PageStyleSpec::Cursor => PageStyle::Cursor(field()?, next()?),
            PageStyleSpec::NextUrl => PageStyle::NextUrl(next()?, spec.fields.clone()),
            PageStyleSpec::WalkBack => {
                let member = spec
                    .member
                    .as_ref()
                    .map(|member| self.pointer(member))
                    .or_else(|| missing("member"));
                PageStyle::WalkBack(field()?, member?)
            }
        };
        let size = spec.size.as_ref().map(|size| {
            let max = size
                .max
                .or_else(|| size.allowed.iter().copied().max())
                .unwrap_or(size.default);
            let min = size.min.unwrap_or(1);
            let sound = min <= size.default
                && size.default <= max
                && (size.allowed.is_empty() || size.allowed.contains(&size.default));
            if !sound {
                self.report.push(
                    Problem::error(
                        "pages-form",
                        &size.field.span,
                        "the default page size is not one that the vendor accepts",
                    )
                    .help(format!(
                        "accepted are {min} to {max}{}",
                        if size.allowed.is_empty() {
                            String::new()
                        } else {
                            format!(", of {:?}", size.allowed)
                        }
                    )),
                );
            }
            PageSize {
                field: size.field.value.clone(),
                default: size.default,
                min,
                max,
                allowed: size.allowed.clone(),
            }
        });
        Some(Pages {
            span: span.clone(),
            style,
            size,
            cap: spec.cap.unwrap_or(0),
        })
    }

    fn pages_of(&self, raw: &Raw<syntax::PagesRef>) -> Option<Pages> {
        let node = raw.node();
        let Some(name) = node.text() else {
            let spec: syntax::PagesSpec = decode(node, self.report)?;
            return self.pages(&spec, &node.span);
        };
        if let Some(pages) = self.pages.get(name) {
            return Some(Pages {
                span: node.span.clone(),
                ..pages.clone()
            });
        }
        if !self.spec.pages.iter().any(|(known, _)| known.value == name) {
            self.report.push(
                Problem::error(
                    "unknown-pages",
                    &node.span,
                    format!("integration.yaml has no paging style `{name}`"),
                )
                .suggest(name, self.spec.pages.iter().map(|(known, _)| known.value.as_str())),
            );
        }
        None
    }

    fn operation(
        &self,
        name: &Located<String>,
        spec: &syntax::OperationSpec,
        file: &syntax::ResourceFile,
        resource: &str,
        types: &IndexMap<String, TypeDef>,
    ) -> Option<Operation> {
        const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
        let (http_method, path) = spec
            .http
            .value
            .split_once(' ')
            .unwrap_or((spec.http.value.as_str(), ""));
        if !METHODS.contains(&http_method) || !path.starts_with('/') || path.contains(char::is_whitespace) {
            self.report.push(
                Problem::error(
                    "http-form",
                    &spec.http.span,
                    format!("`{}` is not an HTTP method and a path", spec.http.value),
                )
                .help("write for example `GET /tickets/{ticket_id}`"),
            );
            return None;
        }
        let mut input = self.fields(&spec.path, Place::Path);
        for record in &spec.query_of {
            input.extend(self.fields_of(record, Place::Query(QueryStyle::Repeat), types));
        }
        input.extend(self.fields(&spec.query, Place::Query(QueryStyle::Repeat)));
        input.extend(self.fields(&spec.headers, Place::Header));
        let body_place = match spec.body_as.as_ref().map(|body| &body.value) {
            Some(BodySpec::Whole) => Place::WholeBody,
            Some(BodySpec::Multipart) => Place::Part,
            _ => Place::Body,
        };
        for record in &spec.body_of {
            input.extend(self.fields_of(record, body_place, types));
        }
        input.extend(self.fields(&spec.body, body_place));
        input.extend(self.fields(&spec.flags, Place::Nowhere));
        let has_body = !spec.body.is_empty() || !spec.body_of.is_empty();
        let body = match spec.body_as.as_ref().map(|body| &body.value) {
            None if has_body => Body::Json,
            None => Body::None,
            Some(BodySpec::Json) => Body::Json,
            Some(BodySpec::Under(member)) => Body::JsonUnder(member.clone()),
            Some(BodySpec::Whole) => Body::WholeJson,
            Some(BodySpec::Form) => Body::Form,
            Some(BodySpec::Multipart) => Body::Multipart,
        };
        let mut rules: Vec<Rule> = spec
            .body_of
            .iter()
            .chain(&spec.query_of)
            .filter_map(|record| match &types.get(&record.value)?.body {
                TypeBody::Record(_, rules) => Some(rules.clone()),
                TypeBody::Enum(_) => None,
            })
            .flatten()
            .collect();
        rules.extend(self.rules(&spec.rules));
        let pages = spec.pages.as_ref().and_then(|pages| self.pages_of(pages));
        if let Some(PageStyle::Number(moved, _)) = pages.as_ref().map(|pages| &pages.style) {
            // The first page is known, so nobody must name it, not even in a path.
            input
                .iter_mut()
                .filter(|field| field.name == *moved)
                .for_each(|field| field.required = false);
        }
        let safe = matches!(http_method, "GET" | "HEAD");
        let mut tags = vec![Spot {
            value: resource.to_owned(),
            span: name.span.clone(),
        }];
        for tag in file.tags.iter().chain(&spec.tags) {
            if !tags.iter().any(|known| known.value == tag.value) {
                tags.push(spot(tag));
            }
        }
        Some(Operation {
            name: name.value.clone(),
            span: name.span.clone(),
            resource: resource.to_owned(),
            singular: file.singular.as_ref().map(|singular| singular.value.clone()),
            method: spot(&spec.method),
            http_method: http_method.to_owned(),
            path: Spot {
                value: path.to_owned(),
                span: spec.http.span.clone(),
            },
            title: spec.title.clone(),
            doc: spec.doc.as_ref().map(|doc| Spot {
                value: doc.value.trim().to_owned(),
                span: doc.span.clone(),
            }),
            effect: spec.effect.unwrap_or(match http_method {
                "GET" | "HEAD" => Effect::Read,
                "DELETE" => Effect::Destructive,
                _ => Effect::Write,
            }),
            idempotent: spec
                .idempotent
                .unwrap_or(safe || matches!(http_method, "PUT" | "DELETE")),
            counts_as_read: spec.counts_as_read,
            singleton: spec.singleton,
            tags,
            aliases: spec.aliases.iter().map(spot).collect(),
            cost: spec.cost.unwrap_or(1),
            access: spec.access.clone(),
            confidence: spec.confidence.unwrap_or(Confidence::High),
            source: spec.source.clone().unwrap_or_default(),
            deprecated: spec.deprecated,
            input,
            rules,
            body,
            answer: self.answer(&spec.answer)?,
            pages,
            noted_losses: self.noted_losses(&spec.noted_losses),
        })
    }

    fn fields_of(&self, record: &Located<String>, place: Place, types: &IndexMap<String, TypeDef>) -> Vec<Field> {
        match types.get(&record.value).map(|def| &def.body) {
            Some(TypeBody::Record(fields, _)) => fields
                .iter()
                .filter(|field| field.access != Some(Access::Read))
                .map(|field| Field { place, ..field.clone() })
                .collect(),
            Some(TypeBody::Enum(_)) => {
                self.report.push(Problem::error(
                    "not-a-record",
                    &record.span,
                    format!(
                        "`{}` is an enumeration; only the fields of a record can be taken over",
                        record.value
                    ),
                ));
                Vec::new()
            }
            None => {
                if !self.type_names.contains_key(&record.value) {
                    self.report.push(
                        Problem::error(
                            "unknown-type",
                            &record.span,
                            format!("there is no type `{}`", record.value),
                        )
                        .suggest(&record.value, self.type_names.keys().map(String::as_str)),
                    );
                }
                Vec::new()
            }
        }
    }

    fn answer(&self, raw: &Raw<syntax::AnswerSpec>) -> Option<Answer> {
        let spec = raw.decode(self.report)?;
        let kind = match (&spec.record, &spec.list, spec.kind) {
            (Some(record), None, None) => AnswerKind::Record(self.ty(record.node())?.0),
            (None, Some(list), None) => AnswerKind::List(self.ty(list.node())?.0),
            (None, None, Some(AnswerKindSpec::Text)) => AnswerKind::Text,
            (None, None, Some(AnswerKindSpec::Empty)) => AnswerKind::Empty,
            (None, None, Some(AnswerKindSpec::Exists)) => AnswerKind::Exists,
            (None, None, Some(AnswerKindSpec::Redirect)) => AnswerKind::Redirect,
            _ => {
                self.report.push(
                    Problem::error(
                        "answer-form",
                        raw.span(),
                        "an answer is exactly one of `record`, `list` and `kind`",
                    )
                    .help("for example `answer: {list: Ticket, at: /tickets, total: /count}`"),
                );
                return None;
            }
        };
        let at = spec.at.as_ref().or(self.spec.answer_at.as_ref());
        let at = at.map_or_else(|| vec![String::new()], |at| self.pointers(at.node()));
        Some(Answer {
            span: raw.span().clone(),
            kind,
            at,
            total: spec.total.as_ref().map(|total| self.pointer(total)),
            may_be_empty: spec.may_be_empty,
        })
    }
}
