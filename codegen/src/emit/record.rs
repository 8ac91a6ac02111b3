//! Types: records, enumerations, polymorphic members.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;

use super::{Item, doc, doc_lines, tables};
use crate::model::{Clear, EnumBody, Field, Generate, Place, QueryStyle, Style, Ty, TypeBody};
use crate::names::{Name, ident};
use crate::plan::{Member, Plan, PlannedVariants, Record, RustType};

/// The items of one types file.
pub(super) fn types(plan: &Plan<'_>, file: &str) -> Vec<Item> {
    let defs: Vec<_> = plan.api.types.iter().filter(|(_, def)| def.file == file).collect();
    let mut items: Vec<Item> = Vec::new();
    let mut records = Vec::new();
    for (name, def) in defs {
        let rust = ident(&plan.type_names[name.as_str()]);
        match &def.body {
            TypeBody::Enum(body) => items.extend(enumeration(&rust, &def.doc, body)),
            TypeBody::Record(_, rules) => {
                let Some(record) = plan.records.get(name.as_str()) else {
                    continue;
                };
                items.extend(structure(plan, record, &def.doc, &tables::rules(rules)));
                records.push(rust);
            }
        }
    }
    if !records.is_empty() {
        items.push(record_traits(&records));
    }
    let mut uses = Uses::default();
    for def in plan.api.types.values().filter(|def| def.file == file) {
        if let TypeBody::Record(fields, _) = &def.body {
            fields.iter().for_each(|field| uses.note_field(plan, field, Some(file)));
        }
    }
    let uses = uses.print(&items).into();
    items.insert(0, uses);
    items
}

/// What a file names besides its own items, so that it imports no more.
#[derive(Default)]
pub(super) struct Uses {
    identifiers: bool,
    types: bool,
    map: bool,
    file: bool,
    patch: bool,
    value: bool,
}

impl Uses {
    /// Notes a type. `file` is the types file that is printed, if it is one: it need not import its own.
    pub(super) fn note(&mut self, plan: &Plan<'_>, ty: &Ty, file: Option<&str>) {
        match ty {
            Ty::Id(_) => self.identifiers = true,
            Ty::Named(name) => {
                self.types |= plan
                    .api
                    .types
                    .get(name)
                    .is_some_and(|def| Some(def.file.as_str()) != file)
            }
            Ty::File => self.file = true,
            Ty::Json => self.value = true,
            Ty::Map(inner) => {
                self.map = true;
                self.note(plan, inner, file);
            }
            Ty::List(inner) => self.note(plan, inner, file),
            Ty::OneOf(types) => {
                self.value = true;
                // Its shapes are named, its Rust type is any JSON.
                for ty in types {
                    ty.each(&mut |ty| {
                        if matches!(ty, Ty::Id(_) | Ty::Named(_)) {
                            self.note(plan, ty, file);
                        }
                    });
                }
            }
            Ty::Variants(variants) => variants.arms.iter().for_each(|(_, _, ty, _)| self.note(plan, ty, file)),
            Ty::Bool | Ty::Int | Ty::Number | Ty::Text => {}
        }
    }

    /// Notes a member.
    pub(super) fn note_field(&mut self, plan: &Plan<'_>, field: &Field, file: Option<&str>) {
        self.patch |= field.clear.is_some();
        self.note(plan, &field.ty, file);
    }

    /// The `use` items of a file whose items are these.
    pub(super) fn print(&self, items: &[Item]) -> TokenStream {
        let mut words = BTreeSet::new();
        for item in items {
            if let Item::Tokens(tokens) = item {
                collect_words(tokens.clone(), &mut words);
            }
        }
        let standard = self.map.then(|| quote! { use std::collections::BTreeMap; });
        let modules = ["operation", "record", "shape"]
            .into_iter()
            .filter(|module| words.contains(*module));
        let generics = [("File", self.file), ("Patch", self.patch)]
            .into_iter()
            .filter_map(|(name, used)| used.then_some(name));
        let names: Vec<_> = modules.chain(generics).map(ident).collect();
        let runtime = (!names.is_empty()).then(|| quote! { use deskhand_runtime::{#(#names),*}; });
        let value = self.value.then(|| quote! { use deskhand_runtime::serde_json::Value; });
        let identifiers = self.identifiers.then(|| quote! { use crate::identifiers::*; });
        let types = self.types.then(|| quote! { use crate::types::*; });
        quote! { #standard #runtime #value #identifiers #types }
    }
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

fn enumeration(rust: &proc_macro2::Ident, text: &str, body: &EnumBody) -> [Item; 2] {
    let table = ident(&format!("{}_VALUES", Name::new(rust.to_string()).constant()));
    let name = rust.to_string();
    let (coded, extensible, summary) = (body.coded, body.extensible, super::first_sentence(text));
    let values = body.values.iter().map(|value| {
        let (word, code, text) = (&value.word, Literal::i64_unsuffixed(value.code), &value.doc);
        quote! { shape::EnumValue { word: #word, code: #code, doc: #text } }
    });
    let values = quote! {
        static #table: shape::EnumTable = shape::EnumTable {
            name: #name,
            doc: #summary,
            coded: #coded,
            extensible: #extensible,
            values: &[#(#values),*],
        };
    };
    let wire = if coded { "i64" } else { "String" };
    let mut call = String::from("deskhand_runtime::open_enum! {\n");
    call.push_str(&doc_lines(text, "    "));
    call.push_str(&format!("    pub enum {name}({wire}) = &{table} => {{\n"));
    for (index, value) in body.values.iter().enumerate() {
        let doc = if value.doc.is_empty() {
            format!("`{}`", value.word)
        } else {
            value.doc.clone()
        };
        call.push_str(&doc_lines(&doc, "        "));
        call.push_str(&format!(
            "        {} = {index},\n",
            Name::new(value.word.as_str()).variant()
        ));
    }
    call.push_str("    }\n}\n");
    [values.into(), Item::Text(call)]
}

/// A struct with its rows and its `Record` implementation.
pub(super) fn structure(plan: &Plan<'_>, record: &Record<'_>, text: &str, rules: &TokenStream) -> Vec<Item> {
    let name = ident(&record.name);
    let docs = doc(text);
    let mut items: Vec<Item> = record.variants.iter().map(variants).collect();
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
    let (type_name, summary) = (&record.name, super::first_sentence(text));
    let unknown = if record.keeps_unknown {
        quote! { Keep }
    } else {
        quote! { Refuse }
    };
    let constructor = constructor(record, &required);
    let structure = quote! {
        #docs
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
                    doc: #summary,
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
    };
    items.push(structure.into());
    items
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
    // The bound of the lint, above which it speaks up.
    let crowded = (required.len() > 7)
        .then(|| quote! { #[expect(clippy::too_many_arguments, reason = "all of them are required")] });
    quote! {
        /// Only what is required.
        #crowded
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
    if field.generate.is_some() {
        text.push_str("\n\nLeft out: one is made.");
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
        _ => field.dynamic_by.as_ref().map(|spot| &spot.value),
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
    match field.generate.as_ref().map(|spot| spot.value) {
        Some(Generate::RandomInt) => calls.push(quote! { .generate(shape::Generate::RandomInt) }),
        None => {}
    }
    for mark in &field.marks {
        let mark = ident(mark);
        calls.push(quote! { .marks(shape::Marks::#mark) });
    }
    if field.required && (!member.required || field.clear.is_some()) {
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

fn variants(planned: &PlannedVariants<'_>) -> Item {
    let mut text = String::from("deskhand_runtime::variants! {\n");
    text.push_str(&doc_lines(&format!("Shapes of `{}`.", planned.field.name), "    "));
    text.push_str(&format!("    pub enum {} {{\n", planned.name));
    for (variant, tag, rust, doc) in &planned.arms {
        text.push_str(&doc_lines(doc, "        "));
        let rust = rust_type(rust).to_string().replace(' ', "");
        text.push_str(&format!("        {variant}({rust}) = {tag:?},\n"));
    }
    text.push_str("    }\n}\n");
    Item::Text(text)
}

/// Gives records their traits.
pub(super) fn record_traits(names: &[proc_macro2::Ident]) -> Item {
    let names: Vec<_> = names.iter().map(|name| format!("    {name},\n")).collect();
    Item::Text(format!("deskhand_runtime::record_traits! {{\n{}}}\n", names.concat()))
}
