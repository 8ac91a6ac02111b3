//! Constant tables that are neither records nor operations.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Item, doc_lines};
use crate::model::{Form, Rule, Setting};
use crate::names::{Name, ident};
use crate::plan::Plan;

/// `Some(..)` or `None`.
pub(super) fn option(inner: Option<TokenStream>) -> TokenStream {
    match inner {
        Some(inner) => quote! { Some(#inner) },
        None => quote! { None },
    }
}

/// A form in the runtime's spelling.
pub(super) fn form(form: &Form) -> TokenStream {
    match form {
        Form::Named(name) => {
            let name = ident(name);
            quote! { shape::Form::#name }
        }
        Form::PrefixedUuid(prefix) => quote! { shape::Form::PrefixedUuid(#prefix) },
    }
}

/// Rules over several arguments.
pub(super) fn rules(rules: &[Rule]) -> TokenStream {
    let names = |spots: &[crate::model::Spot<String>]| {
        let names = spots.iter().map(|spot| &spot.value);
        quote! { &[#(#names),*] }
    };
    let rules = rules.iter().map(|rule| match rule {
        Rule::AtLeastOne(fields) => {
            let fields = names(fields);
            quote! { shape::Rule::AtLeastOne(#fields) }
        }
        Rule::ExactlyOne(fields) => {
            let fields = names(fields);
            quote! { shape::Rule::ExactlyOne(#fields) }
        }
        Rule::AtMostOne(fields) => {
            let fields = names(fields);
            quote! { shape::Rule::AtMostOne(#fields) }
        }
        Rule::When {
            field,
            equals,
            requires,
            refuses,
            allows,
            because,
        } => {
            let field = &field.value;
            let (requires, refuses) = (names(requires), names(refuses));
            let allows = allows.iter().map(|(name, values)| {
                let name = &name.value;
                quote! { (#name, &[#(#values),*]) }
            });
            quote! {
                shape::Rule::When {
                    field: #field,
                    equals: &[#(#equals),*],
                    requires: #requires,
                    refuses: #refuses,
                    allows: &[#(#allows),*],
                    because: #because,
                }
            }
        }
        Rule::NoSuch {
            names: guessed,
            because,
        } => {
            let guessed = names(guessed);
            quote! { shape::Rule::NoSuch { names: #guessed, because: #because } }
        }
        Rule::NotEmptyUnless { field, flag, because } => {
            let (field, flag) = (&field.value, &flag.value);
            quote! { shape::Rule::NotEmptyUnless { field: #field, flag: #flag, because: #because } }
        }
    });
    quote! { &[#(#rules),*] }
}

/// Identifier newtypes and their kinds.
pub(super) fn identifiers(plan: &Plan<'_>) -> Vec<Item> {
    if plan.api.identifiers.is_empty() {
        return Vec::new();
    }
    let mut items: Vec<Item> = vec![quote! { use deskhand_runtime::shape; }.into()];
    for (name, identifier) in &plan.api.identifiers {
        let rust = &plan.type_names[name.as_str()];
        let kind = ident(&format!("{}_KIND", Name::new(name.as_str()).constant()));
        let (integer, plain, form) = (identifier.integer, identifier.doc.trim(), form(&identifier.form));
        let yielded: &[String] = plan.yields.get(name.as_str()).map_or(&[], Vec::as_slice);
        let table = quote! {
            static #kind: shape::IdKind = shape::IdKind {
                name: #name,
                integer: #integer,
                form: #form,
                doc: #plain,
                yielded_by: &[#(#yielded),*],
            };
        };
        items.push(table.into());
        let inner = if integer { "i64" } else { "String" };
        let text = doc_lines(&identifier.doc, "    ");
        let call = format!("deskhand_runtime::identifier! {{\n{text}    pub struct {rust}({inner}) = &{kind};\n}}\n");
        items.push(Item::Text(call));
    }
    items
}

/// Variables or credentials.
pub(super) fn settings(settings: &[Setting]) -> TokenStream {
    let settings = settings.iter().map(|setting| {
        let Setting {
            name,
            title,
            help,
            one_of,
            secret,
            optional,
            example,
            default,
            strip,
            ..
        } = setting;
        let form = form(&setting.form);
        quote! {
            operation::Setting {
                name: #name,
                title: #title,
                help: #help,
                form: #form,
                one_of: &[#(#one_of),*],
                secret: #secret,
                optional: #optional,
                example: #example,
                default: #default,
                strip: &[#(#strip),*],
            }
        }
    });
    quote! { &[#(#settings),*] }
}

/// A list of status codes.
pub(super) fn statuses(statuses: &[u16]) -> TokenStream {
    let statuses = statuses.iter().map(|status| Literal::u16_unsuffixed(*status));
    quote! { &[#(#statuses),*] }
}
