//! Types: records, enumerations, polymorphic members.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;

use super::{doc, tables};
use crate::model::{Clear, EnumBody, Field, Place, QueryStyle, Style, Ty, TypeBody};
use crate::names::{Name, ident};
use crate::plan::{Member, Plan, PlannedVariants, Record, RustType};

/// The items of one types file.
pub(super) fn types(plan: &Plan<'_>, file: &str) -> Vec<TokenStream> {
    let defs: Vec<_> = plan.api.types.iter().filter(|(_, def)| def.file == file).collect();
    let mut items = Vec::new();
    let mut records = Vec::new();
    for (name, def) in defs {
        let rust = ident(&plan.type_names[name.as_str()]);
        match &def.body {
            TypeBody::Enum(body) => items.push(enumeration(&rust, &def.doc, body)),
            TypeBody::Record(_, rules) => {
                let Some(record) = plan.records.get(name.as_str()) else {
                    continue;
                };
                items.push(structure(plan, record, &def.doc, &tables::rules(rules)));
                records.push(rust);
            }
        }
    }
    if !records.is_empty() {
        items.push(quote! { deskhand_runtime::record_traits!(#(#records),*); });
    }
    let fields = plan
        .api
        .types
        .values()
        .filter(|def| def.file == file)
        .filter_map(|def| match &def.body {
            TypeBody::Record(fields, _) => Some(fields),
            TypeBody::Enum(_) => None,
        });
    let uses = uses(plan, &items, fields.flatten().map(|field| &field.ty), Some(file));
    items.insert(0, uses);
    items
}

/// `use` items for what the items need, so that no import is unused: `types` are the types that they
/// name, `file` is the types file that is printed, if it is one; it need not import its own types.
pub(super) fn uses<'t>(
    plan: &Plan<'_>,
    items: &[TokenStream],
    types: impl Iterator<Item = &'t Ty>,
    file: Option<&str>,
) -> TokenStream {
    let mut words = BTreeSet::new();
    for item in items {
        collect_words(item.clone(), &mut words);
    }
    let mentions = |word: &str| words.contains(word);
    let standard = mentions("BTreeMap").then(|| quote! { use std::collections::BTreeMap; });
    let modules = ["operation", "record", "shape"]
        .into_iter()
        .filter(|module| mentions(module))
        .map(ident);
    let generics = ["File", "Patch"].into_iter().filter(|name| mentions(name)).map(ident);
    let value = mentions("Value").then(|| quote! { use deskhand_runtime::serde_json::Value; });
    let names: Vec<_> = modules.chain(generics).collect();
    let runtime = (!names.is_empty()).then(|| quote! { use deskhand_runtime::{#(#names),*}; });
    let (mut identifiers, mut records) = (false, false);
    for ty in types {
        ty.each(&mut |ty| match ty {
            Ty::Id(_) => identifiers = true,
            Ty::Named(name) => {
                records |= plan
                    .api
                    .types
                    .get(name)
                    .is_some_and(|def| Some(def.file.as_str()) != file)
            }
            _ => {}
        });
    }
    let identifiers = identifiers.then(|| quote! { use crate::identifiers::*; });
    let types_used = records.then(|| quote! { use crate::types::*; });
    quote! { #standard #runtime #value #identifiers #types_used }
}

/// Every identifier in a stream; words inside texts do not count.
fn collect_words(stream: TokenStream, words: &mut BTreeSet<String>) {
    for token in stream {
        match token {
            TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            TokenTree::Group(group) => collect_words(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn enumeration(rust: &proc_macro2::Ident, text: &str, body: &EnumBody) -> TokenStream {
    let text = doc(text);
    let table = ident(&format!("{}_VALUES", Name::new(rust.to_string()).constant()));
    let name = rust.to_string();
    let table_doc = "";
    let (coded, extensible) = (body.coded, body.extensible);
    let values = body.values.iter().map(|value| {
        let (word, code, text) = (&value.word, Literal::i64_unsuffixed(value.code), &value.doc);
        quote! { shape::EnumValue { word: #word, code: #code, doc: #text } }
    });
    let variants = body.values.iter().enumerate().map(|(index, value)| {
        let variant = ident(&Name::new(value.word.as_str()).variant());
        let text = if value.doc.is_empty() {
            format!("`{}`", value.word)
        } else {
            value.doc.clone()
        };
        let text = doc(&text);
        let index = Literal::usize_unsuffixed(index);
        quote! { #text #variant = #index }
    });
    let wire = if coded {
        quote! { i64 }
    } else {
        quote! { String }
    };
    quote! {
        static #table: shape::EnumTable = shape::EnumTable {
            name: #name,
            doc: #table_doc,
            coded: #coded,
            extensible: #extensible,
            values: &[#(#values),*],
        };
        deskhand_runtime::open_enum! {
            #text
            pub enum #rust(#wire) = &#table => { #(#variants,)* }
        }
    }
}

/// A struct with its rows and its `Record` implementation.
pub(super) fn structure(plan: &Plan<'_>, record: &Record<'_>, text: &str, rules: &TokenStream) -> TokenStream {
    let name = ident(&record.name);
    let text = doc(text);
    let variants = record.variants.iter().map(variants);
    let required: Vec<&Member<'_>> = record
        .members
        .iter()
        .filter(|member| member.required && member.field.clear.is_none())
        .collect();
    let default = required.is_empty().then(|| quote! { , Default });
    let members = record.members.iter().map(|member| {
        let (field, rust) = (ident(&member.member), rust_type(&member.rust));
        let text = member_doc(member.field);
        quote! { #text pub #field: #rust }
    });
    let extra = record.keeps_unknown.then(|| {
        quote! {
            /// Members that the spec does not name, as they came.
            pub extra: record::Extra
        }
    });
    let rows = record.members.iter().map(|member| row(plan, member));
    let reads = record.members.iter().map(|member| {
        let (field, constant) = (ident(&member.member), ident(&member.constant));
        quote! { #field: reader.take(&Self::#constant) }
    });
    let read_extra = record.keeps_unknown.then(|| quote! { extra: reader.rest() });
    let writes = record.members.iter().map(|member| {
        let (field, constant) = (ident(&member.member), ident(&member.constant));
        quote! { writer.put(&Self::#constant, &self.#field); }
    });
    let write_extra = record.keeps_unknown.then(|| quote! { writer.rest(&self.extra); });
    let (reader, writer) = if record.members.is_empty() && !record.keeps_unknown {
        (quote! { _ }, quote! { _ })
    } else {
        (quote! { reader }, quote! { writer })
    };
    let table_rows = record.members.iter().map(|member| {
        let constant = ident(&member.constant);
        quote! { #name::#constant.field }
    });
    let type_name = &record.name;
    let unknown = if record.keeps_unknown {
        quote! { Keep }
    } else {
        quote! { Refuse }
    };
    let constructor = constructor(record, &required);
    quote! {
        #(#variants)*
        #text
        #[derive(Clone, PartialEq #default)]
        pub struct #name { #(#members,)* #extra }
        impl #name {
            #(#rows)*
            #constructor
        }
        impl record::Record for #name {
            fn table() -> &'static shape::Table {
                static TABLE: shape::Table = shape::Table {
                    name: #type_name,
                    doc: "",
                    fields: &[#(#table_rows),*],
                    rules: #rules,
                    unknown: shape::Unknown::#unknown,
                };
                &TABLE
            }
            #[inline]
            fn read(#reader: &mut record::Reader<'_>) -> Self { Self { #(#reads,)* #read_extra } }
            #[inline]
            fn write(&self, #writer: &mut record::Writer) { #(#writes)* #write_extra }
        }
    }
}

fn constructor(record: &Record<'_>, required: &[&Member<'_>]) -> TokenStream {
    if required.is_empty() {
        return quote! {
            /// Nothing given.
            #[inline]
            #[must_use]
            pub fn new() -> Self { Self::default() }
        };
    }
    let parameters = required.iter().map(|member| {
        let (field, rust) = (ident(&member.member), rust_type(&member.rust));
        quote! { #field: impl Into<#rust> }
    });
    let inits = record.members.iter().map(|member| {
        let field = ident(&member.member);
        if required.iter().any(|one| one.member == member.member) {
            quote! { #field: #field.into() }
        } else {
            quote! { #field: Default::default() }
        }
    });
    let extra = record.keeps_unknown.then(|| quote! { extra: Default::default() });
    quote! {
        /// Only what is required.
        #[must_use]
        pub fn new(#(#parameters),*) -> Self { Self { #(#inits,)* #extra } }
    }
}

fn member_doc(field: &Field) -> TokenStream {
    let mut text = if field.doc.is_empty() {
        format!("`{}`.", field.wire)
    } else {
        field.doc.clone()
    };
    if let Some(default) = &field.default {
        text.push_str(&format!("\n\nLeft out: `{default}`."));
    }
    if let Some(Clear::Text(clear)) = &field.clear {
        text.push_str(&format!("\n\nCleared on the wire by `{clear}`."));
    }
    if field.marks.contains(&"UNCONFIRMED") {
        text.push_str("\n\nUnconfirmed.");
    }
    doc(&text)
}

/// The typed row of a member.
fn row(plan: &Plan<'_>, member: &Member<'_>) -> TokenStream {
    let field = member.field;
    let (constant, rust) = (ident(&member.constant), rust_type(&member.rust));
    let (name, text) = (&field.name, &field.doc);
    let mut calls = Vec::new();
    if let Some(shape) = described(plan, &field.ty) {
        calls.push(quote! { .described(#shape) });
    }
    if field.wire != field.name {
        let wire = &field.wire;
        calls.push(quote! { .wire(#wire) });
    }
    match field.place {
        Place::Body => {}
        Place::Path => calls.push(quote! { .path() }),
        Place::Query(QueryStyle::Repeat) => calls.push(quote! { .query() }),
        other => {
            let place = place(other);
            calls.push(quote! { .place(shape::Place::#place) });
        }
    }
    if let Some(style) = field.style {
        let style = ident(match style {
            Style::Digit => "Digit",
            Style::Text => "Text",
            Style::DigitText => "DigitText",
        });
        calls.push(quote! { .style(shape::Style::#style) });
    }
    if !is_identifier(&field.ty) && field.form != crate::model::Form::ANY {
        let form = tables::form(&field.form);
        calls.push(quote! { .form(#form) });
    }
    for (call, bound) in [("min", field.min), ("max", field.max)] {
        if let Some(bound) = bound {
            let (call, bound) = (ident(call), Literal::i64_unsuffixed(bound));
            calls.push(quote! { .#call(#bound) });
        }
    }
    let clear = match &field.clear {
        Some(Clear::Text(text)) => Some(text),
        _ => None,
    };
    let by = match &field.ty {
        Ty::Variants(variants) => Some(&variants.by),
        _ => None,
    };
    let texts = [
        ("default", field.default.as_ref()),
        ("example", field.example.as_ref()),
        ("cleared_by", clear),
        ("chosen_by", by),
        ("variable", field.variable.as_ref().map(|spot| &spot.value)),
        ("dynamic", field.dynamic.as_ref().map(|spot| &spot.value)),
    ];
    for (call, text) in texts {
        if let Some(text) = text {
            let call = ident(call);
            calls.push(quote! { .#call(#text) });
        }
    }
    for mark in &field.marks {
        let mark = ident(mark);
        calls.push(quote! { .marks(shape::Marks::#mark) });
    }
    if field.required && !member.required || field.required && field.clear.is_some() {
        calls.push(quote! { .required() });
    }
    quote! { const #constant: record::Row<#rust> = record::Row::new(#name, #text) #(#calls)*; }
}

fn is_identifier(ty: &Ty) -> bool {
    match ty {
        Ty::Id(_) => true,
        Ty::List(inner) | Ty::Map(inner) => is_identifier(inner),
        _ => false,
    }
}

/// The shape of a type that has values of several shapes inside; other shapes follow from the Rust type.
fn described(plan: &Plan<'_>, ty: &Ty) -> Option<TokenStream> {
    match ty {
        Ty::OneOf(types) => {
            let shapes = types.iter().map(|ty| shape_of(plan, ty));
            Some(quote! { shape::Shape::OneOf(&[#(#shapes),*]) })
        }
        Ty::List(inner) => described(plan, inner).map(|inner| quote! { shape::Shape::List(&#inner) }),
        Ty::Map(inner) => described(plan, inner).map(|inner| quote! { shape::Shape::Map(&#inner) }),
        _ => None,
    }
}

fn shape_of(plan: &Plan<'_>, ty: &Ty) -> TokenStream {
    match ty {
        Ty::Bool => quote! { shape::Shape::Bool },
        Ty::Int => quote! { shape::Shape::Int },
        Ty::Number => quote! { shape::Shape::Number },
        Ty::Text => quote! { shape::Shape::Text },
        Ty::Json | Ty::Variants(_) => quote! { shape::Shape::Any },
        Ty::File => quote! { shape::Shape::File },
        Ty::Id(name) | Ty::Named(name) => {
            let name = ident(plan.type_names.get(name.as_str()).map_or("Value", String::as_str));
            quote! { <#name as record::Member>::SHAPE }
        }
        Ty::List(inner) => {
            let inner = shape_of(plan, inner);
            quote! { shape::Shape::List(&#inner) }
        }
        Ty::Map(inner) => {
            let inner = shape_of(plan, inner);
            quote! { shape::Shape::Map(&#inner) }
        }
        Ty::OneOf(types) => {
            let shapes = types.iter().map(|ty| shape_of(plan, ty));
            quote! { shape::Shape::OneOf(&[#(#shapes),*]) }
        }
    }
}

/// The shape of an answer.
pub(super) fn answer_shape(plan: &Plan<'_>, ty: Option<&Ty>) -> TokenStream {
    ty.map_or_else(|| quote! { shape::Shape::Any }, |ty| shape_of(plan, ty))
}

fn place(place: Place) -> TokenStream {
    match place {
        Place::Path => quote! { Path },
        Place::Query(style) => {
            let style = ident(match style {
                QueryStyle::Repeat => "Repeat",
                QueryStyle::Comma => "Comma",
                QueryStyle::Brackets => "Brackets",
                QueryStyle::Deep => "Deep",
                QueryStyle::Json => "Json",
            });
            quote! { Query(shape::QueryStyle::#style) }
        }
        Place::Header => quote! { Header },
        Place::Body => quote! { Body },
        Place::WholeBody => quote! { WholeBody },
        Place::Part => quote! { Part },
        Place::QueryOrPart => quote! { QueryOrPart },
        Place::Nowhere => quote! { Flag },
    }
}

/// A Rust type as tokens.
pub(super) fn rust_type(rust: &RustType) -> TokenStream {
    match rust {
        RustType::Plain(name) => {
            let name = ident(name);
            quote! { #name }
        }
        RustType::Option(inner) => {
            let inner = rust_type(inner);
            quote! { Option<#inner> }
        }
        RustType::Patch(inner) => {
            let inner = rust_type(inner);
            quote! { Patch<#inner> }
        }
        RustType::Box(inner) => {
            let inner = rust_type(inner);
            quote! { Box<#inner> }
        }
        RustType::Vec(inner) => {
            let inner = rust_type(inner);
            quote! { Vec<#inner> }
        }
        RustType::Map(inner) => {
            let inner = rust_type(inner);
            quote! { BTreeMap<String, #inner> }
        }
    }
}

fn variants(planned: &PlannedVariants<'_>) -> TokenStream {
    let name = ident(&planned.name);
    let text = doc(&format!("Shapes of `{}`.", planned.field.name));
    let arms = planned.arms.iter().map(|(variant, tag, rust, text)| {
        let (variant, rust, text) = (ident(variant), rust_type(rust), doc(text));
        quote! { #text #variant(#rust) = #tag }
    });
    quote! {
        deskhand_runtime::variants! {
            #text
            pub enum #name { #(#arms,)* }
        }
    }
}
