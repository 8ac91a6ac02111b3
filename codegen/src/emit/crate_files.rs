//! Files of a crate besides types and operations: manifest, library root, README.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::tables::{self, option};
use super::{Item, doc, first_sentence};
use crate::fileset::{COMMAND, FileSet, MARKER};
use crate::model::DynamicKeys;
use crate::model::{AuthPart, ResetUnit};
use crate::names::{Name, ident};
use crate::plan::Plan;

/// `Cargo.toml`. The runtime lies as many folders up as `root` is deep.
pub(super) fn manifest(plan: &Plan<'_>, root: &str) -> String {
    let up = "../".repeat(root.split('/').count());
    let (slug, title) = (&plan.api.slug, &plan.api.title);
    let name = package(root, slug);
    format!(
        "# {MARKER}. Change the spec and run `{COMMAND}`.\n\
         [package]\nname = \"{name}\"\ndescription = \"Typed client and MCP tools for {title}\"\n\
         version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n\
         [lints]\nworkspace = true\n\n\
         [dependencies]\ndeskhand-runtime = {{ path = \"{up}runtime\" }}\n"
    )
}

/// `deskhand-<slug>`; crates generated from samples carry the folder's name besides.
fn package(root: &str, slug: &str) -> String {
    if root == format!("generated/{slug}") {
        format!("deskhand-{slug}")
    } else {
        format!("deskhand-sample-{slug}")
    }
}

/// Documentation of the library root.
pub(super) fn library_doc(plan: &Plan<'_>) -> String {
    let api = plan.api;
    let tools = plan.operations.iter().filter(|planned| planned.tool.is_some()).count();
    format!(
        "Typed client and tools for {}: {} operations, {} of them tools.\n\n{}\n\nVendor documentation: <{}>. Limits: {}\n",
        api.title,
        plan.operations.len(),
        tools,
        api.doc,
        api.documentation,
        api.limits.doc,
    )
}

/// The library root: modules, marker, client, table of the helpdesk.
pub(super) fn library(plan: &Plan<'_>) -> Vec<Item> {
    let api = plan.api;
    let title = doc(&format!(
        "Marks operations of {}: a client of another helpdesk does not take them.",
        api.title
    ));
    let client = doc(&format!("A client of one {} account.", api.title));
    let table = doc(&format!("Everything known about {}.", api.title));
    let (slug, name, text, documentation, base_url) =
        (&api.slug, &api.title, &api.doc, &api.documentation, &api.base_url.value);
    let (variables, credentials) = (tables::settings(&api.variables), tables::settings(&api.credentials));
    let schemes = schemes(plan);
    let headers = api.headers.iter().map(|(name, value)| quote! { (#name, #value) });
    let limits = limits(plan);
    let errors = errors(plan);
    let tags = api.tags.iter().map(|(tag, text)| quote! { (#tag, #text) });
    let dynamic = dynamic_fields(plan);
    let operations = plan.operations.iter().map(|planned| {
        let constant = ident(&planned.constant);
        quote! { &operations::#constant }
    });
    let probe = api.probe.as_ref().and_then(|probe| {
        let planned = plan
            .operations
            .iter()
            .find(|planned| planned.operation.name == probe.value)?;
        let constant = ident(&planned.constant);
        Some(quote! { &operations::#constant })
    });
    let probe = option(probe);
    let mentions_form = api.variables.iter().chain(&api.credentials).next().is_some();
    let shape = mentions_form.then(|| quote! { , shape });
    vec![
        quote! { pub mod identifiers; pub mod operations; pub mod types; }.into(),
        quote! { use deskhand_runtime::{client, operation #shape}; }.into(),
        quote! { pub use identifiers::*; pub use operations::*; pub use types::*; }.into(),
        quote! {
            #title
            #[derive(Clone, Copy, Debug)]
            pub enum Api {}
            impl operation::Api for Api {
                fn integration() -> &'static operation::Integration { &INTEGRATION }
            }
            #client
            pub type Client = client::Client<Api>;
            #table
            pub static INTEGRATION: operation::Integration = operation::Integration {
                slug: #slug,
                title: #name,
                doc: #text,
                documentation: #documentation,
                base_url: #base_url,
                variables: #variables,
                credentials: #credentials,
                schemes: #schemes,
                headers: &[#(#headers),*],
                limits: #limits,
                errors: #errors,
                probe: #probe,
                dynamic_fields: #dynamic,
                tags: &[#(#tags),*],
                operations: &[#(#operations),*],
            };
        }
        .into(),
    ]
}

fn dynamic_fields(plan: &Plan<'_>) -> TokenStream {
    let text = |text: &Option<String>| option(text.as_ref().map(|text| quote! { #text }));
    let slots = plan.api.dynamic.iter().map(|(slot, dynamic)| {
        let told = dynamic.doc.trim();
        let definitions = option(dynamic.definitions.as_ref().map(|definitions| {
            let operation = &definitions.operation.value;
            let arguments = match definitions.arguments.as_slice() {
                [] => String::new(),
                given => {
                    let object = given.iter().map(|(name, value)| (name.value.clone(), value.clone()));
                    serde_json::Value::Object(object.collect()).to_string()
                }
            };
            let keys = match &definitions.keys {
                Some(DynamicKeys::Members(at)) => quote! { operation::DynamicKeys::Members(#at) },
                Some(DynamicKeys::Of(at)) => quote! { operation::DynamicKeys::Of(#at) },
                // Told as a problem, so nothing is printed in the end.
                None => quote! { operation::DynamicKeys::Of("") },
            };
            let (label, about, choices) = (
                text(&definitions.label),
                text(&definitions.about),
                text(&definitions.choices),
            );
            let (min, max, required) = (
                text(&definitions.min),
                text(&definitions.max),
                text(&definitions.required),
            );
            let kind = option(definitions.kind.as_ref().map(|(at, words)| {
                let words = words.iter().map(|(word, kind)| {
                    let kind = ident(kind);
                    quote! { (#word, operation::DynamicKind::#kind) }
                });
                quote! { (#at, &[#(#words),*]) }
            }));
            let skip = &definitions.skip;
            let notes = definitions.notes.iter().map(|(at, note)| quote! { (#at, #note) });
            quote! {
                operation::Definitions {
                    operation: #operation,
                    arguments: #arguments,
                    keys: #keys,
                    label: #label,
                    about: #about,
                    kind: #kind,
                    choices: #choices,
                    min: #min,
                    max: #max,
                    required: #required,
                    skip: &[#(#skip),*],
                    notes: &[#(#notes),*],
                }
            }
        }));
        let pair = option(dynamic.pair.as_ref().map(|(key, value)| quote! { (#key, #value) }));
        quote! {
            operation::DynamicFields { slot: #slot, doc: #told, definitions: #definitions, pair: #pair }
        }
    });
    quote! { &[#(#slots),*] }
}

fn schemes(plan: &Plan<'_>) -> TokenStream {
    let schemes = plan.api.schemes.iter().map(|scheme| {
        let (name, needs) = (&scheme.name, &scheme.needs);
        let parts = scheme.parts.iter().map(|part| match part {
            AuthPart::Header(name, value) => quote! { operation::AuthPart::Header { name: #name, value: #value } },
            AuthPart::Basic(username, password) => {
                quote! { operation::AuthPart::Basic { username: #username, password: #password } }
            }
            AuthPart::Bearer(token) => quote! { operation::AuthPart::Bearer(#token) },
            AuthPart::Query(name, value) => quote! { operation::AuthPart::Query { name: #name, value: #value } },
        });
        let oauth2 = option(scheme.oauth2.as_ref().map(|flow| {
            let (authorize, token, scopes) = (&flow.authorize_url, &flow.token_url, &flow.scopes);
            let (basic_client, pkce) = (flow.basic_client, flow.pkce);
            quote! {
                &operation::OAuth2 {
                    authorize_url: #authorize,
                    token_url: #token,
                    scopes: &[#(#scopes),*],
                    basic_client: #basic_client,
                    pkce: #pkce,
                }
            }
        }));
        quote! { operation::Scheme { name: #name, needs: &[#(#needs),*], parts: &[#(#parts),*], oauth2: #oauth2 } }
    });
    quote! { &[#(#schemes),*] }
}

fn limits(plan: &Plan<'_>) -> TokenStream {
    let limits = &plan.api.limits;
    let text = |text: &Option<String>| option(text.as_ref().map(|text| quote! { #text }));
    let (remaining, limit) = (text(&limits.remaining), text(&limits.limit));
    let (used_of_limit, retry_after) = (text(&limits.used_of_limit), text(&limits.retry_after));
    let reset = option(limits.reset.as_ref().map(|(header, unit)| {
        let unit = ident(match unit {
            ResetUnit::Seconds => "Seconds",
            ResetUnit::UnixSeconds => "UnixSeconds",
            ResetUnit::UnixMillis => "UnixMillis",
        });
        quote! { (#header, operation::ResetUnit::#unit) }
    }));
    let (throttle, quota) = (
        tables::statuses(&limits.throttle_statuses),
        tables::statuses(&limits.quota_statuses),
    );
    let text = &limits.doc;
    quote! {
        operation::LimitRules {
            remaining: #remaining,
            limit: #limit,
            reset: #reset,
            used_of_limit: #used_of_limit,
            retry_after: #retry_after,
            throttle_statuses: #throttle,
            quota_statuses: #quota,
            doc: #text,
        }
    }
}

fn errors(plan: &Plan<'_>) -> TokenStream {
    let errors = &plan.api.errors;
    let (code, message) = (&errors.code, &errors.message);
    let flag = option(errors.failure_flag.as_ref().map(|flag| quote! { #flag }));
    let hints = errors.hints.iter().map(|hint| {
        let (status, code, kind, advice) = (
            Literal::u16_unsuffixed(hint.status),
            &hint.code,
            &hint.kind,
            &hint.advice,
        );
        quote! { operation::Hint { status: #status, code: #code, kind: #kind, advice: #advice } }
    });
    quote! {
        operation::ErrorRules { code: &[#(#code),*], message: &[#(#message),*], failure_flag: #flag, hints: &[#(#hints),*] }
    }
}

/// `README.md`: endpoints and tools.
pub(super) fn readme(plan: &Plan<'_>) -> String {
    let api = plan.api;
    let mut text = format!(
        "<!-- {MARKER}. Change the spec and run `{COMMAND}`. -->\n\n# {}\n\n{}\n\n{}\n\n\
         | tool | effect | route | what it does |\n|---|---|---|---|\n",
        api.title, api.doc, api.limits.doc,
    );
    for planned in &plan.operations {
        let operation = planned.operation;
        let tool = planned.tool.as_ref().map_or_else(
            || format!("(client only: `{}`)", planned.record.name),
            |tool| format!("`{}`", tool.name),
        );
        let effect = format!("{:?}", operation.effect).to_lowercase();
        let what = planned
            .tool
            .as_ref()
            .map_or(operation.title.as_str(), |tool| first_sentence(&tool.doc));
        let what = what.replace('\n', " ").replace('|', "\\|");
        text.push_str(&format!(
            "| {tool} | {effect} | `{} {}` | {what} |\n",
            operation.http_method, operation.path.value
        ));
    }
    text.push_str("\n## Identifiers\n\n| kind | what it is | tools that yield it |\n|---|---|---|\n");
    for (name, identifier) in &api.identifiers {
        let tools = plan.yields.get(name.as_str()).map(|tools| {
            tools
                .iter()
                .map(|tool| format!("`{tool}`"))
                .collect::<Vec<_>>()
                .join(", ")
        });
        let what = identifier.doc.trim().replace('\n', " ").replace('|', "\\|");
        text.push_str(&format!("| `{name}` | {what} | {} |\n", tools.unwrap_or_default()));
    }
    text
}

/// The crate that links all helpdesks, so that nobody else names one.
pub fn linked(slugs: &[&str]) -> FileSet {
    let root = "generated/integrations";
    let mut files = FileSet::new();
    files.own(root);
    let mut manifest = format!(
        "# {MARKER}. Add a folder under specs/ and run `{COMMAND}`.\n\
         [package]\nname = \"deskhand-integrations\"\ndescription = \"The helpdesks that are compiled in\"\n\
         version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n\
         [lints]\nworkspace = true\n\n[dependencies]\n"
    );
    for slug in slugs {
        manifest.push_str(&format!("deskhand-{slug} = {{ path = \"../{slug}\" }}\n"));
    }
    manifest.push_str("deskhand-runtime = { path = \"../../runtime\" }\n");
    files.insert(format!("{root}/Cargo.toml"), manifest);
    files.insert(
        format!("{root}/rustfmt.toml"),
        format!("# {MARKER}. The generator lays out the code.\ndisable_all_formatting = true\n"),
    );
    let crates = slugs.iter().map(|slug| {
        let module = ident(&format!("deskhand_{}", Name::new(*slug).words().concat()));
        quote! { &#module::INTEGRATION }
    });
    let items: Vec<Item> = vec![
        quote! { use deskhand_runtime::Integration; }.into(),
        quote! {
            /// Every helpdesk compiled in, by slug.
            pub static INTEGRATIONS: &[&Integration] = &[#(#crates),*];
        }
        .into(),
    ];
    files.insert(
        format!("{root}/src/lib.rs"),
        super::rust(&items, "The helpdesks that are compiled in.\n"),
    );
    files
}
