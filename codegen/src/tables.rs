//! The tables of a plan as values, which [`crate::emit`] prints as code.
//!
//! The runtime renders both alike, so that what schemas will be is known before anything is compiled. A test holds the two
//! together: the schemas of every compiled tool are those of its spec.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use deskhand_runtime::operation::{
    Answer as RuntimeAnswer, AnswerKind as RuntimeKind, PageSize as RuntimeSize, PageStyle as RuntimeStyle,
    Pages as RuntimePages,
};
use deskhand_runtime::shape::{self, EnumTable, EnumValue, IdKind, Marks, Presence, Shape, Table, TableRef, Unknown};

use crate::model::{
    AnswerKind, Clear, EnumBody, Field, Form, Generate, PageStyle, Pages, Place, QueryStyle, Rule, Spot, Style, Ty,
    TypeBody,
};
use crate::plan::{Member, Plan, PlannedOperation, Record, RustType};

/// The tables of one helpdesk. They live as long as the program, as those of a crate do: a generator makes them once.
pub struct Tables<'a> {
    kinds: BTreeMap<&'a str, &'static IdKind>,
    enums: BTreeMap<&'a str, &'static EnumTable>,
    records: BTreeMap<&'a str, &'static OnceLock<Table>>,
}

fn keep(text: &str) -> &'static str {
    Box::leak(text.into())
}

fn keep_all<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(items.into_iter().collect())
}

fn keep_one<T>(item: T) -> &'static T {
    Box::leak(Box::new(item))
}

impl<'a> Tables<'a> {
    /// The tables of all types of a plan.
    pub fn of(plan: &'a Plan<'a>) -> Self {
        let kinds = plan.api.identifiers.iter().map(|(name, identifier)| {
            let tools = plan.yields.get(name.as_str()).map_or(&[][..], Vec::as_slice);
            let kind = keep_one(IdKind {
                name: keep(name),
                integer: identifier.integer,
                form: form(&identifier.form),
                doc: keep(identifier.doc.trim()),
                yielded_by: keep_all(tools.iter().map(|tool| keep(tool))),
            });
            (name.as_str(), kind)
        });
        let enums = plan.api.types.iter().filter_map(|(name, def)| match &def.body {
            TypeBody::Enum(body) => Some((
                name.as_str(),
                enumeration(&plan.type_names[name.as_str()], body, &def.doc),
            )),
            TypeBody::Record(..) => None,
        });
        let records = plan.records.keys().map(|name| (*name, keep_one(OnceLock::new())));
        let tables = Self {
            kinds: kinds.collect(),
            enums: enums.collect(),
            records: records.collect(),
        };
        for (name, cell) in &tables.records {
            let rules = plan.api.record(name).map_or(&[][..], |(_, rules)| rules);
            let doc = plan.api.types.get(*name).map_or("", |def| def.doc.as_str());
            // Each is set here alone.
            let _ = cell.set(tables.table(&plan.records[name], doc, rules));
        }
        tables
    }

    /// The arguments of an operation.
    pub fn input(&self, planned: &PlannedOperation<'_>) -> &'static Table {
        keep_one(self.table(&planned.record, "", &planned.operation.rules))
    }

    /// What an operation answers.
    pub fn answer(&self, planned: &PlannedOperation<'_>) -> RuntimeAnswer {
        let answer = &planned.operation.answer;
        RuntimeAnswer {
            kind: match answer.kind {
                AnswerKind::Record(_) => RuntimeKind::Record,
                AnswerKind::List(_) => RuntimeKind::List,
                AnswerKind::Text => RuntimeKind::Text,
                AnswerKind::Empty => RuntimeKind::Empty,
                AnswerKind::Exists => RuntimeKind::Exists,
                AnswerKind::Redirect => RuntimeKind::Redirect,
            },
            shape: answer.kind.ty().map_or(Shape::Any, |ty| self.shape(ty, true)),
            at: keep_all(answer.at.iter().map(|at| keep(at))),
            total: answer.total.as_ref().map(|total| keep(total)),
            may_be_empty: answer.may_be_empty,
        }
    }

    fn table(&self, record: &Record<'_>, doc: &str, given: &[Rule]) -> Table {
        Table {
            name: keep(&record.name),
            doc: keep(crate::emit::first_sentence(doc)),
            fields: keep_all(record.members.iter().map(|member| self.field(record, member))),
            rules: rules(given),
            unknown: if record.keeps_unknown {
                Unknown::Keep
            } else {
                Unknown::Refuse
            },
        }
    }

    fn field(&self, record: &Record<'_>, member: &Member<'_>) -> shape::Field {
        let field = member.field;
        let text = |text: Option<&String>| text.map(|text| keep(text));
        shape::Field {
            name: keep(&field.name),
            wire: keep(&field.wire),
            doc: keep(&field.doc),
            shape: self.field_shape(record, field),
            presence: match &member.rust {
                _ if field.required => Presence::Required,
                RustType::Option(_) => Presence::Optional,
                RustType::Patch(_) => Presence::Patch,
                _ => Presence::Required,
            },
            place: place(field.place),
            style: match field.style {
                None => shape::Style::Plain,
                Some(Style::Digit) => shape::Style::Digit,
                Some(Style::Text) => shape::Style::Text,
                Some(Style::DigitText) => shape::Style::DigitText,
            },
            form: match is_identifier(&field.ty) {
                true => shape::Form::Any,
                false => form(&field.form),
            },
            min: field.min,
            max: field.max,
            default: text(field.default.as_ref()),
            example: text(field.example.as_ref()),
            clear: field.clear.as_ref().map(|clear| match clear {
                Clear::Null => shape::Clear::Null,
                Clear::Text(text) => shape::Clear::Text(keep(text)),
            }),
            chosen_by: match &field.ty {
                Ty::Variants(variants) => Some(keep(&variants.by)),
                _ => None,
            },
            variable: text(field.variable.as_ref().map(|spot| &spot.value)),
            generate: field.generate.as_ref().map(|spot| match spot.value {
                Generate::RandomInt => shape::Generate::RandomInt,
            }),
            dynamic: text(field.dynamic.as_ref().map(|spot| &spot.value)),
            marks: field
                .marks
                .iter()
                .fold(Marks::NONE, |marks, name| marks.with(mark(name))),
        }
    }

    fn field_shape(&self, record: &Record<'_>, field: &Field) -> Shape {
        let planned = record
            .variants
            .iter()
            .find(|variants| variants.field.name == field.name);
        match (&field.ty, planned) {
            (Ty::Variants(variants), Some(planned)) => {
                // An arm is described by its Rust type, which has no choices inside.
                let arms = planned.arms.iter().zip(&variants.arms);
                Shape::Variants(keep_all(arms.map(|((_, tag, _, doc), (_, _, ty, _))| shape::Variant {
                    tag: keep(tag),
                    shape: self.shape(ty, false),
                    doc: keep(&arm_doc(doc)),
                })))
            }
            (ty, _) => self.shape(ty, true),
        }
    }

    fn shape(&self, ty: &Ty, choices: bool) -> Shape {
        match ty {
            Ty::Bool => Shape::Bool,
            Ty::Int => Shape::Int,
            Ty::Number => Shape::Number,
            Ty::Text => Shape::Text,
            Ty::Json | Ty::Variants(_) => Shape::Any,
            Ty::File => Shape::File,
            Ty::Id(name) => self.kinds.get(name.as_str()).map_or(Shape::Any, |kind| Shape::Id(kind)),
            Ty::Named(name) => {
                let record = self.records.get(name.as_str());
                let record = record.map(|cell| Shape::Record(TableRef::set_in(cell)));
                let enumeration = self.enums.get(name.as_str()).map(|table| Shape::Enum(table));
                record.or(enumeration).unwrap_or(Shape::Any)
            }
            Ty::List(inner) => Shape::List(keep_one(self.shape(inner, choices))),
            Ty::Map(inner) => Shape::Map(keep_one(self.shape(inner, choices))),
            Ty::OneOf(types) if choices => Shape::OneOf(keep_all(types.iter().map(|ty| self.shape(ty, true)))),
            Ty::OneOf(_) => Shape::Any,
        }
    }
}

/// What the documentation lines of a variant come to as one text.
fn arm_doc(doc: &str) -> String {
    let lines = crate::emit::doc_lines(doc, "");
    lines.lines().map(|line| line.trim_start_matches("///")).collect()
}

fn enumeration(rust: &str, body: &EnumBody, doc: &str) -> &'static EnumTable {
    keep_one(EnumTable {
        name: keep(rust),
        doc: keep(crate::emit::first_sentence(doc)),
        coded: body.coded,
        extensible: body.extensible,
        values: keep_all(body.values.iter().map(|value| EnumValue {
            word: keep(&value.word),
            code: value.code,
            doc: keep(&value.doc),
        })),
    })
}

/// How a list goes on.
pub fn pages(pages: &Pages) -> RuntimePages {
    RuntimePages {
        style: match &pages.style {
            PageStyle::Number(field, first) => RuntimeStyle::Number {
                field: keep(field),
                first: *first,
            },
            PageStyle::Offset(field) => RuntimeStyle::Offset { field: keep(field) },
            PageStyle::Cursor(field, next) => RuntimeStyle::Cursor {
                field: keep(field),
                next: keep(next),
            },
            PageStyle::NextUrl(next, fields) => RuntimeStyle::NextUrl {
                next: keep(next),
                fields: keep_all(fields.iter().map(|field| keep(field))),
            },
            PageStyle::WalkBack(field, member) => RuntimeStyle::WalkBack {
                field: keep(field),
                member: keep(member),
            },
        },
        size: pages.size.as_ref().map(|size| RuntimeSize {
            field: keep(&size.field),
            default: size.default,
            min: size.min,
            max: size.max,
            allowed: keep_all(size.allowed.iter().copied()),
        }),
        cap: pages.cap,
    }
}

fn is_identifier(ty: &Ty) -> bool {
    match ty {
        Ty::Id(_) => true,
        Ty::List(inner) | Ty::Map(inner) => is_identifier(inner),
        _ => false,
    }
}

fn rules(rules: &[Rule]) -> &'static [shape::Rule] {
    let names = |spots: &[Spot<String>]| keep_all(spots.iter().map(|spot| keep(&spot.value)));
    let texts = |texts: &[String]| keep_all(texts.iter().map(|text| keep(text)));
    keep_all(rules.iter().map(|rule| match rule {
        Rule::AtLeastOne(group) => shape::Rule::AtLeastOne(names(group)),
        Rule::ExactlyOne(group) => shape::Rule::ExactlyOne(names(group)),
        Rule::AtMostOne(group) => shape::Rule::AtMostOne(names(group)),
        Rule::When {
            field,
            equals,
            requires,
            refuses,
            allows,
            because,
        } => shape::Rule::When {
            field: keep(&field.value),
            equals: texts(equals),
            requires: names(requires),
            refuses: names(refuses),
            allows: keep_all(allows.iter().map(|(name, values)| (keep(&name.value), texts(values)))),
            because: keep(because),
        },
        Rule::NotEmptyUnless { field, flag, because } => shape::Rule::NotEmptyUnless {
            field: keep(&field.value),
            flag: keep(&flag.value),
            because: keep(because),
        },
        Rule::NoSuch {
            names: guessed,
            because,
        } => shape::Rule::NoSuch {
            names: names(guessed),
            because: keep(because),
        },
    }))
}

fn place(place: Place) -> shape::Place {
    match place {
        Place::Path => shape::Place::Path,
        Place::Query(style) => shape::Place::Query(match style {
            QueryStyle::Repeat => shape::QueryStyle::Repeat,
            QueryStyle::Comma => shape::QueryStyle::Comma,
            QueryStyle::Brackets => shape::QueryStyle::Brackets,
            QueryStyle::Deep => shape::QueryStyle::Deep,
            QueryStyle::Json => shape::QueryStyle::Json,
        }),
        Place::Header => shape::Place::Header,
        Place::Body => shape::Place::Body,
        Place::WholeBody => shape::Place::WholeBody,
        Place::Part => shape::Place::Part,
        Place::QueryOrPart => shape::Place::QueryOrPart,
        Place::Nowhere => shape::Place::Flag,
    }
}

fn form(form: &Form) -> shape::Form {
    match form {
        Form::PrefixedUuid(prefix) => shape::Form::PrefixedUuid(keep(prefix)),
        Form::Named(name) => match *name {
            "Email" => shape::Form::Email,
            "Url" => shape::Form::Url,
            "Html" => shape::Form::Html,
            "Uuid" => shape::Form::Uuid,
            "Digits" => shape::Form::Digits,
            "Label" => shape::Form::Label,
            "Date" => shape::Form::Date,
            "UtcDateTime" => shape::Form::UtcDateTime,
            "Iso8601" => shape::Form::Iso8601,
            "UnixMillis" => shape::Form::UnixMillis,
            "Locale" => shape::Form::Locale,
            "CommaList" => shape::Form::CommaList,
            _ => shape::Form::Any,
        },
    }
}

fn mark(name: &str) -> Marks {
    match name {
        "SECRET" => Marks::SECRET,
        "PERSONAL" => Marks::PERSONAL,
        "UNTRUSTED" => Marks::UNTRUSTED,
        "DEPRECATED" => Marks::DEPRECATED,
        "UNCONFIRMED" => Marks::UNCONFIRMED,
        "READ_ONLY" => Marks::READ_ONLY,
        "WRITE_ONLY" => Marks::WRITE_ONLY,
        _ => Marks::NONE,
    }
}
