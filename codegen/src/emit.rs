//! Prints a plan as a crate. Nothing is decided here.

mod crate_files;
mod operation;
mod record;
mod tables;

use proc_macro2::TokenStream;
use quote::quote;

use crate::fileset::{COMMAND, FileSet, MARKER};
use crate::names::Name;
use crate::plan::Plan;

pub use crate_files::linked;

/// The files of one helpdesk's crate below `root`, such as `generated/acme`.
pub fn emit(plan: &Plan<'_>, root: &str) -> FileSet {
    let mut files = FileSet::new();
    files.own(root);
    files.insert(format!("{root}/Cargo.toml"), crate_files::manifest(plan, root));
    files.insert(
        format!("{root}/rustfmt.toml"),
        format!("# {MARKER}. The generator lays out the code.\ndisable_all_formatting = true\n"),
    );
    files.insert(format!("{root}/README.md"), crate_files::readme(plan));
    files.insert(
        format!("{root}/src/lib.rs"),
        rust(&crate_files::library(plan), &crate_files::library_doc(plan)),
    );
    files.insert(
        format!("{root}/src/identifiers.rs"),
        rust(&tables::identifiers(plan), "Kinds of identifiers.\n"),
    );

    let mut type_files: Vec<&str> = plan.api.types.values().map(|def| def.file.as_str()).collect();
    type_files.sort_unstable();
    type_files.dedup();
    let modules: Vec<String> = type_files.iter().map(|file| Name::new(*file).module()).collect();
    files.insert(
        format!("{root}/src/types.rs"),
        rust(&module_list(&modules), "Records and enumerations.\n"),
    );
    for (file, module) in type_files.iter().zip(&modules) {
        let doc = format!("Types declared in `{file}.yaml`.\n");
        files.insert(
            format!("{root}/src/types/{module}.rs"),
            rust(&record::types(plan, file), &doc),
        );
    }

    let modules: Vec<String> = plan
        .api
        .resources
        .iter()
        .map(|resource| Name::new(resource.name.as_str()).module())
        .collect();
    files.insert(
        format!("{root}/src/operations.rs"),
        rust(&module_list(&modules), "Operations, by resource.\n"),
    );
    for (resource, module) in plan.api.resources.iter().zip(&modules) {
        let doc = if resource.doc.is_empty() {
            format!("Operations on {}.\n", resource.name)
        } else {
            resource.doc.clone()
        };
        files.insert(
            format!("{root}/src/operations/{module}.rs"),
            rust(&operation::operations(plan, &resource.name), &doc),
        );
    }
    files
}

fn module_list(modules: &[String]) -> Vec<Item> {
    let idents: Vec<_> = modules.iter().map(|module| crate::names::ident(module)).collect();
    vec![
        quote! { #(mod #idents;)* }.into(),
        quote! { #(pub use #idents::*;)* }.into(),
    ]
}

/// Something to print.
pub(crate) enum Item {
    /// Items, printed by the Rust printer.
    Tokens(TokenStream),
    /// A macro call, laid out by hand: the printer does not look into macros.
    Text(String),
}

impl From<TokenStream> for Item {
    fn from(tokens: TokenStream) -> Self {
        Self::Tokens(tokens)
    }
}

/// Documentation lines of something inside a macro call.
pub(crate) fn doc_lines(text: &str, indent: &str) -> String {
    let lines = text.trim().lines().map(|line| match line {
        "" => format!("{indent}///\n"),
        line => format!("{indent}/// {}\n", escape(line)),
    });
    lines.collect()
}

/// A Rust file: header, documentation, items parted by blank lines.
fn rust(items: &[Item], doc: &str) -> String {
    let mut text = format!("// {MARKER}. Change the spec and run `{COMMAND}`.\n\n");
    for line in doc.trim().lines() {
        text.push_str(if line.is_empty() { "//!" } else { "//! " });
        text.push_str(line);
        text.push('\n');
    }
    for item in items {
        let group = match item {
            Item::Text(call) => {
                text.push('\n');
                text.push_str(call);
                continue;
            }
            Item::Tokens(tokens) if tokens.is_empty() => continue,
            Item::Tokens(tokens) => tokens,
        };
        // Printed item by item, since the printer puts no blank line between items.
        let file: syn::File = match syn::parse2(group.clone()) {
            Ok(file) => file,
            Err(error) => {
                // A defect of the emitter: the compiler of the generated crate reports it with its place.
                text.push_str(&format!("\ncompile_error!({:?});\n{group}\n", error.to_string()));
                continue;
            }
        };
        let lists = file
            .items
            .iter()
            .all(|item| matches!(item, syn::Item::Mod(_) | syn::Item::Use(_)));
        if lists {
            text.push('\n');
            text.push_str(&prettyplease::unparse(&file));
            continue;
        }
        for item in file.items {
            text.push('\n');
            text.push_str(&prettyplease::unparse(&syn::File {
                shebang: None,
                frontmatter: None,
                attrs: Vec::new(),
                items: vec![item],
            }));
        }
    }
    text
}

/// Documentation attributes, one for each line.
fn doc(text: &str) -> TokenStream {
    let lines = text.trim().lines().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {}", escape(line))
        };
        quote! { #[doc = #line] }
    });
    quote! { #(#lines)* }
}

/// Keeps rustdoc from reading HTML tags and links into prose.
fn escape(line: &str) -> String {
    let mut escaped = String::new();
    let mut code = false;
    for letter in line.chars() {
        match letter {
            '`' => code = !code,
            '<' | '[' if !code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(letter);
    }
    escaped
}

/// The first sentence of a text.
pub(crate) fn first_sentence(text: &str) -> &str {
    let line = text.split("\n\n").next().unwrap_or(text);
    line.find(". ").map_or(line, |end| &line[..=end]).trim()
}
