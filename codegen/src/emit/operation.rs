//! Operations: argument structs and their constant tables.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Item, record, tables};
use crate::model::{AnswerKind, Body, Confidence, Effect, Operation, PageStyle, Pages};
use crate::names::ident;
use crate::plan::{Plan, PlannedOperation};

/// The items of one resource's operations.
pub(super) fn operations(plan: &Plan<'_>, resource: &str) -> Vec<Item> {
    let planned: Vec<_> = plan
        .operations
        .iter()
        .filter(|planned| planned.operation.resource == resource)
        .collect();
    let mut items: Vec<Item> = Vec::new();
    let mut uses = record::Uses::default();
    for planned in &planned {
        let operation = planned.operation;
        items.extend(record::structure(
            plan,
            &planned.record,
            &struct_doc(planned),
            &tables::rules(&operation.rules),
        ));
        items.push(call(planned).into());
        items.push(table(plan, planned).into());
        operation
            .input
            .iter()
            .for_each(|field| uses.note_field(plan, field, None));
        operation
            .answer
            .kind
            .ty()
            .into_iter()
            .for_each(|ty| uses.note(plan, ty, None));
    }
    if !planned.is_empty() {
        let names: Vec<_> = planned.iter().map(|planned| ident(&planned.record.name)).collect();
        items.push(record::record_traits(&names));
    }
    let uses = uses.print(&items).into();
    items.insert(0, uses);
    items
}

fn struct_doc(planned: &PlannedOperation<'_>) -> String {
    let operation = planned.operation;
    let mut text = format!("{}.", operation.title.trim_end_matches('.'));
    match &planned.tool {
        Some(tool) => {
            text.push_str("\n\n");
            text.push_str(&tool.doc);
        }
        None if !operation.access.is_empty() => text.push_str(&format!("\n\nNeeds: {}.", operation.access.join("; "))),
        None => {}
    }
    text.push_str(&format!("\n\n`{} {}`", operation.http_method, operation.path.value));
    if !operation.source.is_empty() {
        text.push_str(&format!(". Source: {}.", operation.source.trim_end_matches('.')));
    }
    text
}

fn call(planned: &PlannedOperation<'_>) -> TokenStream {
    let (name, constant) = (ident(&planned.record.name), ident(&planned.constant));
    let inner = planned.answer.as_ref().map(record::rust_type);
    let answer = match &planned.operation.answer.kind {
        AnswerKind::List(_) => quote! { deskhand_runtime::client::Page<#inner> },
        AnswerKind::Record(_) if planned.operation.answer.may_be_empty => quote! { Option<#inner> },
        AnswerKind::Record(_) => quote! { #inner },
        AnswerKind::Text => quote! { String },
        AnswerKind::Empty => quote! { () },
        AnswerKind::Exists => quote! { bool },
        AnswerKind::Redirect => quote! { deskhand_runtime::client::Redirect },
    };
    quote! {
        impl deskhand_runtime::client::Call for #name {
            type Api = crate::Api;
            type Answer = #answer;
            fn operation() -> &'static operation::Operation { &#constant }
        }
    }
}

fn table(plan: &Plan<'_>, planned: &PlannedOperation<'_>) -> TokenStream {
    let operation: &Operation = planned.operation;
    let (constant, record) = (ident(&planned.constant), ident(&planned.record.name));
    let text = format!(" Table of [`{}`].", planned.record.name);
    let (name, resource, method) = (&operation.name, &operation.resource, &operation.method.value);
    let (http_method, path) = (&operation.http_method, &operation.path.value);
    let body = match &operation.body {
        Body::None => quote! { None },
        Body::Json => quote! { Json },
        Body::JsonUnder(member) => quote! { JsonUnder(#member) },
        Body::WholeJson => quote! { WholeJson },
        Body::Form => quote! { Form },
        Body::Multipart => quote! { Multipart },
    };
    let answer = answer(plan, operation);
    let pages = tables::option(operation.pages.as_ref().map(pages));
    let effect = ident(match operation.effect {
        Effect::Read => "Read",
        Effect::Write => "Write",
        Effect::Destructive => "Destructive",
    });
    let confidence = ident(match operation.confidence {
        Confidence::High => "High",
        Confidence::Medium => "Medium",
        Confidence::Low => "Low",
    });
    let (idempotent, deprecated) = (operation.idempotent, operation.deprecated);
    let counts_as_read = operation.counts_as_read;
    let cost = Literal::u32_unsuffixed(operation.cost);
    let (access, source) = (&operation.access, &operation.source);
    let tool = tables::option(planned.tool.as_ref().map(|tool| {
        let (name, text, title) = (&tool.name, &tool.doc, &operation.title);
        let tags = operation.tags.iter().map(|tag| &tag.value);
        let aliases = operation.aliases.iter().map(|alias| &alias.value);
        quote! {
            operation::Tool { name: #name, aliases: &[#(#aliases),*], title: #title, doc: #text, tags: &[#(#tags),*] }
        }
    }));
    quote! {
        #[doc = #text]
        pub static #constant: operation::Operation = operation::Operation {
            name: #name,
            resource: #resource,
            method: #method,
            http_method: #http_method,
            path: #path,
            input: <#record as record::Record>::table,
            body: operation::Body::#body,
            answer: #answer,
            pages: #pages,
            effect: operation::Effect::#effect,
            idempotent: #idempotent,
            counts_as_read: #counts_as_read,
            cost: #cost,
            access: &[#(#access),*],
            confidence: operation::Confidence::#confidence,
            source: #source,
            deprecated: #deprecated,
            tool: #tool,
        };
    }
}

fn answer(plan: &Plan<'_>, operation: &Operation) -> TokenStream {
    let answer = &operation.answer;
    let kind = ident(match answer.kind {
        AnswerKind::Record(_) => "Record",
        AnswerKind::List(_) => "List",
        AnswerKind::Text => "Text",
        AnswerKind::Empty => "Empty",
        AnswerKind::Exists => "Exists",
        AnswerKind::Redirect => "Redirect",
    });
    let shape = record::answer_shape(plan, answer.kind.ty());
    let at = &answer.at;
    let total = tables::option(answer.total.as_ref().map(|total| quote! { #total }));
    let may_be_empty = answer.may_be_empty;
    quote! {
        operation::Answer {
            kind: operation::AnswerKind::#kind,
            shape: #shape,
            at: &[#(#at),*],
            total: #total,
            may_be_empty: #may_be_empty,
        }
    }
}

fn pages(pages: &Pages) -> TokenStream {
    let style = match &pages.style {
        PageStyle::Number(field, first) => {
            let first = Literal::i64_unsuffixed(*first);
            quote! { Number { field: #field, first: #first } }
        }
        PageStyle::Offset(field) => quote! { Offset { field: #field } },
        PageStyle::Cursor(field, next) => quote! { Cursor { field: #field, next: #next } },
        PageStyle::NextUrl(next, fields) => quote! { NextUrl { next: #next, fields: &[#(#fields),*] } },
        PageStyle::WalkBack(field, member) => quote! { WalkBack { field: #field, member: #member } },
    };
    let size = tables::option(pages.size.as_ref().map(|size| {
        let field = &size.field;
        let number = |number: u32| Literal::u32_unsuffixed(number);
        let (default, min, max) = (number(size.default), number(size.min), number(size.max));
        let allowed = size.allowed.iter().map(|size| number(*size));
        quote! { operation::PageSize { field: #field, default: #default, min: #min, max: #max, allowed: &[#(#allowed),*] } }
    }));
    let cap = Literal::u64_unsuffixed(pages.cap);
    quote! { operation::Pages { style: operation::PageStyle::#style, size: #size, cap: #cap } }
}
