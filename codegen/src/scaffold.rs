//! The least spec that can be generated: where a helpdesk begins.

use crate::fileset::FileSet;
use crate::names::Name;
use crate::regenerate::SPECS;
use crate::resolve::placeholders;
use crate::source::Sources;
use crate::yaml::scalar;

/// Longest slug: tool names hold it, and clients cut long ones.
const SLUG_MOST: usize = 20;
/// Slugs whose crates or folders would be those of the project itself.
const TAKEN: &[&str] = &["codegen", "integrations", "runtime", "simulator", "tests"];
/// The address that is written where none is known.
const ADDRESS: &str = "https://{subdomain}.example.com/api";

/// Why something cannot be a slug; nothing when it can.
///
/// # Errors
/// With the rule that it breaks.
pub fn check_slug(slug: &str) -> Result<(), String> {
    let legal = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !legal || !slug.starts_with(|c: char| c.is_ascii_lowercase()) || slug.len() > SLUG_MOST {
        return Err(format!(
            "`{slug}` cannot be a slug: it is made of the letters a to z and digits, begins with a letter and has at most \
             {SLUG_MOST} characters, such as `acme` or `desk7`"
        ));
    }
    if TAKEN.contains(&slug) {
        return Err(format!(
            "`{slug}` cannot be a slug: a crate of the project is called so"
        ));
    }
    Ok(())
}

/// Name for people where only a slug is known.
pub(crate) fn title_of(slug: &str) -> String {
    Name::new(slug).title()
}

/// The files of a new helpdesk, below the root of the repository.
///
/// # Errors
/// When no helpdesk can have this slug, title or base address; says why.
pub fn scaffold(slug: &str, title: Option<&str>, base_url: Option<&str>) -> Result<FileSet, String> {
    check_slug(slug)?;
    let title = title.map_or_else(|| title_of(slug), str::to_owned);
    if title.trim().is_empty() || title.contains(char::is_control) {
        return Err("the title is empty or has more than one line; give the name as people write it".to_owned());
    }
    let base_url = base_url.unwrap_or(ADDRESS);
    check_base_url(base_url)?;
    let integration = integration(slug, &title, base_url);
    let things = THINGS.to_owned();
    let mut files = FileSet::new();
    files.insert(format!("{SPECS}/{slug}/integration.yaml"), integration.clone());
    files.insert(format!("{SPECS}/{slug}/things.yaml"), things.clone());
    let sources = Sources::in_memory([
        (format!("{slug}/integration.yaml"), integration),
        (format!("{slug}/things.yaml"), things),
    ]);
    let (_, report) = crate::generate(&sources, "generated");
    match report.problems().first() {
        Some(problem) => {
            let help = problem.help.as_ref().map(|help| format!("; {help}"));
            Err(format!("{}{}", problem.message, help.unwrap_or_default()))
        }
        None => Ok(files),
    }
}

/// What the generator takes on trust: it reads the places of variables out of the address and nothing else.
fn check_base_url(base_url: &str) -> Result<(), String> {
    let name = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let names = placeholders(base_url);
    let rest = names.iter().fold(base_url.to_owned(), |rest, name| {
        rest.replace(&format!("{{{name}}}"), "")
    });
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
    if names.iter().all(name) && rest.chars().all(harmless) {
        return Ok(());
    }
    Err(format!(
        "`{base_url}` cannot be a base address: it is https, a host and a path, and `{{name}}`, in small letters, stands for \
         what differs between accounts, such as `{ADDRESS}`"
    ))
}

fn integration(slug: &str, title: &str, base_url: &str) -> String {
    let mut names = placeholders(base_url);
    names.sort_unstable();
    names.dedup();
    let variables: String = names.iter().map(|name| variable(name)).collect();
    let variables = match variables.is_empty() {
        true => String::new(),
        false => format!("{VARIABLES}{variables}\n"),
    };
    INTEGRATION
        .replace("<slug>", slug)
        .replace("<title>", &scalar(title, false))
        .replace("<base_url>", &scalar(base_url, false))
        .replace("<variables>", &variables)
}

fn variable(name: &str) -> String {
    let title = Name::new(name).title();
    format!(
        "  {name}:\n    title: {title}\n    help: Where people find it.\n    # A part of a host has to be a label. Others: email, uuid, \
         digits, …\n    form: label\n    example: example\n"
    )
}

const VARIABLES: &str = "\
# What differs between accounts besides credentials. In the environment: DESKHAND_<SLUG>_<NAME>.
variables:
";

const INTEGRATION: &str = "\
# yaml-language-server: $schema=../spec.schema.json
# Address, credentials, limits and errors. ../README.md explains every key; so do editors, by the schema above.
# What is to be filled in is marked FILL IN.

integration: <slug>
title: <title>
# FILL IN: what the helpdesk is and what its tools reach, for a language model that chooses among them.
doc: A helpdesk.
# FILL IN: where the vendor documents the API.
documentation: https://example.com/docs
# FILL IN: what all paths begin with. `{name}` stands for a variable of the account.
base_url: <base_url>

<variables># FILL IN: what an account gives to authenticate.
credentials:
  api_key:
    title: API key
    help: Where people find it.
    secret: true
    example: 0123456789abcdef

# FILL IN: how it is sent. Others are `basic: {username: …, password: …}`, `headers: {X-Api-Key: …}`, `query: {…}`, `oauth2`.
auth:
  - scheme: api_key
    bearer: \"{api_key}\"

# FILL IN: the limits in words, and the headers that tell them: `remaining`, `limit`, `reset`, `retry_after`.
limits:
  doc: Limits are not known.

# FILL IN: JSON pointers to the vendor's `code` and `message`; `hints` say what to do about a status.
errors:
  message: [/message]

# Kinds of identifiers. Typed so in an answer, a model is told which tool yields them.
identifiers:
  ThingId: {type: text, doc: Identifies a thing.}
";

const THINGS: &str = "\
# yaml-language-server: $schema=../spec.schema.json
# A resource: its operations and their types. FILL IN: replace it by one of the vendor's, in a file called like it.

resource: things
doc: Things of the helpdesk.

operations:
  # An example that changes nothing. Other methods: get, create, update, delete, or a word of your own.
  list_things:
    method: list
    http: GET /things
    title: List things
    # For a language model: what it does, when to use it, what surprises. Without `doc` there is no tool.
    doc: Lists the things.
    query:
      name: {type: text, doc: Only things with this name.}
    answer: {list: Thing}

types:
  Thing:
    doc: A thing.
    fields:
      id: ThingId
      name: {type: text, doc: Name of the thing.}
";
