//! What printing needs besides the model: Rust names, Rust types, who yields which identifier.
//!
//! Emitters receive plan items and only print; every decision is taken here.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::*;
use crate::names::{self, Name, Scope};
use crate::report::Report;

/// A helpdesk, ready to print.
pub struct Plan<'a> {
    /// The model.
    pub api: &'a Api,
    /// Rust names of types and identifiers by their name in the spec.
    pub type_names: BTreeMap<&'a str, String>,
    /// Identifier kinds with the tools that yield them, best first.
    pub yields: BTreeMap<&'a str, Vec<String>>,
    /// Records of types, by spec name.
    pub records: BTreeMap<&'a str, Record<'a>>,
    /// Operations in order.
    pub operations: Vec<PlannedOperation<'a>>,
}

/// A struct to print.
pub struct Record<'a> {
    /// Rust name.
    pub name: String,
    /// Members.
    pub members: Vec<Member<'a>>,
    /// Whether members that the spec does not name are kept.
    pub keeps_unknown: bool,
    /// Polymorphic members' enums.
    pub variants: Vec<PlannedVariants<'a>>,
}

/// A member to print.
pub struct Member<'a> {
    /// The field.
    pub field: &'a Field,
    /// Rust member.
    pub member: String,
    /// Constant of its row.
    pub constant: String,
    /// Rust type, complete.
    pub rust: RustType,
    /// Whether a constructor asks for it.
    pub required: bool,
}

/// A Rust type of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum RustType {
    /// A path such as `String` or `TicketNumber`.
    Plain(String),
    /// `Option<T>`.
    Option(Box<RustType>),
    /// `Patch<T>`.
    Patch(Box<RustType>),
    /// `Box<T>`.
    Box(Box<RustType>),
    /// `Vec<T>`.
    Vec(Box<RustType>),
    /// `BTreeMap<String, T>`.
    Map(Box<RustType>),
}

/// An enum of a polymorphic member.
pub struct PlannedVariants<'a> {
    /// Rust name.
    pub name: String,
    /// The member.
    pub field: &'a Field,
    /// Arms: variant name, tag on the wire, type, documentation.
    pub arms: Vec<(String, String, RustType, &'a str)>,
}

/// An operation to print.
pub struct PlannedOperation<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// Its struct.
    pub record: Record<'a>,
    /// Name of its static.
    pub constant: String,
    /// Tool name and documentation, if it is a tool.
    pub tool: Option<PlannedTool>,
    /// Typed answer.
    pub answer: Option<RustType>,
}

/// A tool to print.
pub struct PlannedTool {
    /// Name.
    pub name: String,
    /// Documentation with access, cost and confidence in words.
    pub doc: String,
}

/// Plans a helpdesk. Name collisions are reported.
pub fn plan<'a>(api: &'a Api, report: &Report) -> Plan<'a> {
    let mut scope = Scope::new("the crate");
    let mut type_names = BTreeMap::new();
    let declared = api
        .identifiers
        .iter()
        .map(|(name, id)| (name, &id.span))
        .chain(api.types.iter().map(|(name, ty)| (name, &ty.span)));
    for (name, span) in declared {
        let rust = Name::new(name.as_str()).type_name();
        scope.claim(&rust, name, span, report);
        type_names.insert(name.as_str(), rust);
    }
    let planner = Planner {
        api,
        report,
        type_names: &type_names,
        answered: answered(api),
        boxed: boxed(api),
    };
    let records = api
        .types
        .iter()
        .filter_map(|(name, def)| match &def.body {
            TypeBody::Record(fields, _) => {
                let record = planner.record(&type_names[name.as_str()], Some(name), fields, &mut scope);
                Some((name.as_str(), record))
            }
            TypeBody::Enum(_) => None,
        })
        .collect();
    let mut tools = Scope::ignoring_case("the tool names");
    let mut constants = Scope::new("the operations");
    let operations: Vec<_> = api
        .operations
        .iter()
        .map(|operation| {
            let name = Name::new(operation.name.as_str());
            scope.claim(&name.type_name(), &operation.name, &operation.span, report);
            constants.claim(&name.constant(), &operation.name, &operation.span, report);
            PlannedOperation {
                operation,
                record: planner.record(&name.type_name(), None, &operation.input, &mut scope),
                constant: name.constant(),
                tool: planner.tool(operation, &mut tools),
                answer: planner.answer(operation),
            }
        })
        .collect();
    let yields = yields(api, &operations);
    Plan {
        api,
        type_names,
        yields,
        records,
        operations,
    }
}

/// Types reachable from answers: their unknown members are kept.
fn answered(api: &Api) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for operation in &api.operations {
        if let Some(ty) = operation.answer.kind.ty() {
            ty.each(&mut |ty| {
                if let Ty::Named(name) = ty {
                    open.push(name.clone());
                }
            });
        }
    }
    while let Some(name) = open.pop() {
        if !found.insert(name.clone()) {
            continue;
        }
        if let Some((fields, _)) = api.record(&name) {
            for field in fields {
                field.ty.each(&mut |ty| {
                    if let Ty::Named(name) = ty {
                        open.push(name.clone());
                    }
                });
            }
        }
    }
    found
}

/// Members that hold their own record directly, or through others, and so need a box.
fn boxed(api: &Api) -> BTreeSet<(String, String)> {
    fn direct(api: &Api, name: &str) -> Vec<(String, String)> {
        let Some((fields, _)) = api.record(name) else {
            return Vec::new();
        };
        fields
            .iter()
            .filter_map(|field| match &field.ty {
                Ty::Named(inner) if api.record(inner).is_some() => Some((field.name.clone(), inner.clone())),
                _ => None,
            })
            .collect()
    }
    fn reaches(api: &Api, from: &str, to: &str, seen: &mut BTreeSet<String>) -> bool {
        from == to
            || seen.insert(from.to_owned()) && direct(api, from).iter().any(|(_, inner)| reaches(api, inner, to, seen))
    }
    let mut found = BTreeSet::new();
    for name in api.types.keys() {
        for (member, inner) in direct(api, name) {
            if reaches(api, &inner, name, &mut BTreeSet::new()) {
                found.insert((name.clone(), member));
            }
        }
    }
    found
}

struct Planner<'a, 'b> {
    api: &'a Api,
    report: &'b Report,
    type_names: &'b BTreeMap<&'a str, String>,
    answered: BTreeSet<String>,
    boxed: BTreeSet<(String, String)>,
}

impl<'a> Planner<'a, '_> {
    /// Plans a struct; `ty` is its name in the spec when it is a type and not the arguments of an operation.
    fn record(&self, name: &str, ty: Option<&str>, fields: &'a [Field], crate_scope: &mut Scope) -> Record<'a> {
        let mut members = Scope::new(format!("the members of `{name}`"));
        let mut constants = Scope::new(format!("the rows of `{name}`"));
        let mut variants = Vec::new();
        let mut seen = BTreeSet::new();
        let members = fields
            .iter()
            .map(|field| {
                let spelled = Name::renamed(&field.name, field.wire.clone());
                // The same name twice was reported as such.
                if seen.insert(field.name.as_str())
                    && members.claim(&spelled.field(), &field.name, &field.span, self.report)
                {
                    constants.claim(&spelled.constant(), &field.name, &field.span, self.report);
                }
                let inner = if let Ty::Variants(shape) = &field.ty {
                    let enumeration = format!("{name}{}", Name::new(field.name.as_str()).type_name());
                    crate_scope.claim(&enumeration, &field.name, &field.span, self.report);
                    variants.push(self.variants(enumeration.clone(), field, shape, fields));
                    RustType::Plain(enumeration)
                } else {
                    self.rust(&field.ty)
                };
                let boxed = ty.is_some_and(|ty| self.boxed.contains(&(ty.to_owned(), field.name.clone())));
                let inner = if boxed { RustType::Box(Box::new(inner)) } else { inner };
                let required = field.required && field.variable.is_none();
                let rust = match (required, &field.clear) {
                    (true, None) => inner,
                    (_, Some(_)) => RustType::Patch(Box::new(inner)),
                    (false, None) => RustType::Option(Box::new(inner)),
                };
                Member {
                    field,
                    member: spelled.field(),
                    constant: spelled.constant(),
                    rust,
                    required,
                }
            })
            .collect();
        Record {
            name: name.to_owned(),
            members,
            keeps_unknown: ty.is_some_and(|ty| self.answered.contains(ty)),
            variants,
        }
    }

    fn variants(&self, name: String, field: &'a Field, shape: &'a Variants, siblings: &[Field]) -> PlannedVariants<'a> {
        let mut scope = Scope::new(format!("the variants of `{name}`"));
        let values = siblings
            .iter()
            .find(|sibling| sibling.name == shape.by)
            .and_then(|sibling| match &sibling.ty {
                Ty::Named(name) => self.api.enumeration(name),
                _ => None,
            });
        let arms = shape
            .arms
            .iter()
            .map(|(tag, span, ty, doc)| {
                let variant = Name::new(tag.as_str()).variant();
                scope.claim(&variant, tag, span, self.report);
                let coded = values
                    .filter(|body| body.coded)
                    .and_then(|body| body.values.iter().find(|value| value.word == *tag));
                let wire = coded.map_or_else(|| tag.clone(), |value| value.code.to_string());
                (variant, wire, self.rust(ty), doc.as_str())
            })
            .collect();
        PlannedVariants { name, field, arms }
    }

    fn rust(&self, ty: &Ty) -> RustType {
        let plain = |name: &str| RustType::Plain(name.to_owned());
        match ty {
            Ty::Bool => plain("bool"),
            Ty::Int => plain("i64"),
            Ty::Number => plain("f64"),
            Ty::Text => plain("String"),
            Ty::Json | Ty::OneOf(_) | Ty::Variants(_) => plain("Value"),
            Ty::File => plain("File"),
            Ty::Id(name) | Ty::Named(name) => plain(self.type_names.get(name.as_str()).map_or("Value", String::as_str)),
            Ty::List(inner) => RustType::Vec(Box::new(self.rust(inner))),
            Ty::Map(inner) => RustType::Map(Box::new(self.rust(inner))),
        }
    }

    fn answer(&self, operation: &Operation) -> Option<RustType> {
        operation.answer.kind.ty().map(|ty| self.rust(ty))
    }

    fn tool(&self, operation: &Operation, names: &mut Scope) -> Option<PlannedTool> {
        let doc = operation.doc.as_ref()?;
        let words = names::integration_words(&self.api.slug);
        let mut name = names::tool_name(
            &words,
            &operation.resource,
            &operation.method.value,
            operation.singular.as_deref(),
        );
        if operation.singleton {
            name = name.strip_suffix("_by_id").unwrap_or(&name).to_owned();
        }
        names.claim(&name, &operation.name, &operation.span, self.report);
        names::check_tool_name(&name, &operation.span, self.report);
        for alias in &operation.aliases {
            names.claim(&alias.value, &alias.value, &alias.span, self.report);
            names::check_tool_name(&alias.value, &alias.span, self.report);
        }
        let mut text = doc.value.clone();
        let mut add = |sentence: String| {
            text.push_str("\n\n");
            text.push_str(&sentence);
        };
        if !operation.access.is_empty() {
            add(format!("Needs: {}.", operation.access.join("; ")));
        }
        if operation.cost > 1 {
            add(format!("Costs {} calls of the rate limit.", operation.cost));
        }
        if operation.deprecated {
            add("Deprecated by the vendor.".to_owned());
        }
        match operation.confidence {
            Confidence::High => {}
            Confidence::Medium => add("Not in the vendor's reference; known from one other source.".to_owned()),
            Confidence::Low => add("Unconfirmed: route and fields are by analogy and may be refused.".to_owned()),
        }
        Some(PlannedTool { name, doc: text })
    }
}

/// For each identifier kind, the tools whose answers contain it: those of its own resource before others, and of these
/// the one that it is named after first; lists before other reads, and writes last, because nobody should make a thing to
/// learn what things are called.
fn yields<'a>(api: &'a Api, operations: &[PlannedOperation<'a>]) -> BTreeMap<&'a str, Vec<String>> {
    const MOST: usize = 3;
    api.identifiers
        .keys()
        .map(|kind| {
            let asks = |operation: &&Operation| {
                let asked =
                    |field: &Field| field.required && field.variable.is_none() && field.ty == Ty::Id(kind.clone());
                let one = matches!(operation.method.value.as_str(), "get" | "update" | "delete");
                one && operation.input.iter().any(asked)
            };
            // Where one record is asked for by the kind, the kind is at home.
            let homes: BTreeSet<&str> = api
                .operations
                .iter()
                .filter(asks)
                .map(|operation| operation.resource.as_str())
                .collect();
            let mut found: Vec<(u8, bool, usize, &str)> = Vec::new();
            for (at, planned) in operations.iter().enumerate() {
                let (Some(tool), Some(ty)) = (&planned.tool, planned.operation.answer.kind.ty()) else {
                    continue;
                };
                let depth = depth_of(api, ty, kind);
                let Some(depth) = depth else { continue };
                let given = |field: &Field| field.required && field.ty == Ty::Id(kind.clone());
                if planned.operation.input.iter().any(given) {
                    continue;
                }
                // The kind's own record holds it at the top; others mention it in passing.
                let resource = planned.operation.resource.as_str();
                let named = depth <= 1 && names_kind(resource, kind);
                let own = named || depth <= 2 && homes.contains(resource);
                let rank = match (planned.operation.effect, own, planned.operation.method.value.as_str()) {
                    (Effect::Read, true, "list") => 0,
                    (Effect::Read, true, _) => 1,
                    (Effect::Read, false, "list") => 2,
                    (Effect::Read, false, _) => 3,
                    (_, true, _) => 4,
                    (_, false, _) => 5,
                };
                // A record of another kind may ask for it beside its own, and so count as its home, too.
                found.push((rank, !named, at, &tool.name));
            }
            found.sort_unstable();
            (
                kind.as_str(),
                found
                    .into_iter()
                    .take(MOST)
                    .map(|(_, _, _, name)| name.to_owned())
                    .collect(),
            )
        })
        .collect()
}

/// Whether a kind such as `TicketNumber` is named after the resource `tickets`.
fn names_kind(resource: &str, kind: &str) -> bool {
    let one = names::singular(resource).replace('_', "");
    kind.to_lowercase().starts_with(&one)
}

/// How many records deep an identifier kind lies inside a type.
fn depth_of(api: &Api, ty: &Ty, kind: &str) -> Option<u8> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut level: Vec<&Ty> = vec![ty];
    for depth in 0..=u8::MAX {
        let mut next: Vec<&Ty> = Vec::new();
        while let Some(ty) = level.pop() {
            match ty {
                Ty::Id(name) if name == kind => return Some(depth),
                Ty::List(inner) | Ty::Map(inner) => level.push(inner),
                Ty::OneOf(types) => level.extend(types),
                Ty::Named(name) if seen.insert(name) => {
                    next.extend(
                        api.record(name)
                            .into_iter()
                            .flat_map(|(fields, _)| fields)
                            .map(|field| &field.ty),
                    );
                }
                _ => {}
            }
        }
        if next.is_empty() {
            return None;
        }
        level = next;
    }
    None
}
