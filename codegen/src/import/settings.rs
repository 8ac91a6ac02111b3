//! `integration.yaml`: address, credentials, limits and errors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Notes;
use super::document::{Document, Place};
use super::text::{self, plain, sentence};
use super::types::Found;
use crate::lowering::Losses;
use crate::names::Name;
use crate::yaml::Block;

/// Pointers to messages and codes that vendors use, the most specific first.
const MESSAGES: &[&str] = &[
    "/error/message",
    "/errors/0/message",
    "/message",
    "/error_description",
    "/detail",
    "/details",
    "/errors/0/detail",
    "/error/description",
    "/description",
    "/title",
    "/error",
];
const CODES: &[&str] = &[
    "/error/code",
    "/errors/0/code",
    "/code",
    "/error_code",
    "/error/type",
    "/type",
    "/status",
];

/// What is written to `integration.yaml`, in the order of its keys.
pub(super) fn integration(document: &Document, slug: &str, found: &Found, notes: &Notes) -> Block {
    let root = document.root();
    let info = root.get("info");
    let said = |key: &str| {
        info.as_ref()
            .and_then(|info| info.text(key))
            .map(plain)
            .filter(|text| !text.is_empty())
    };
    let mut block = Block::spaced();
    block.put("integration", slug);
    let title = said("title").and_then(|title| title.lines().next().map(|line| line.trim_end_matches('.').to_owned()));
    block.put("title", title.unwrap_or_else(|| crate::scaffold::title_of(slug)));
    let doc = said("description")
        .or_else(|| said("title"))
        .unwrap_or_else(|| slug.to_owned());
    let doc = text::cut(&doc, text::OPERATION).unwrap_or(doc);
    let why = notes.check(
        "/info/description",
        "say for a language model what the helpdesk is and what its tools reach",
    );
    block.put_noted("doc", vec![why], sentence(&doc));
    documentation(&mut block, &root, notes);
    let mut names = BTreeSet::new();
    address(&mut block, &root, &mut names, notes);
    credentials(&mut block, document, &mut names, notes);
    limits(&mut block, document, notes);
    errors(&mut block, document, notes);
    if !found.identifiers.is_empty() {
        let mut kinds = Block::default();
        for (name, kind) in &found.identifiers {
            let mut said = json!({ "type": kind.ty });
            if let (Some(form), Some(said)) = (kind.form, said.as_object_mut()) {
                said.insert("form".to_owned(), form.into());
            }
            if let Some(said) = said.as_object_mut() {
                said.insert("doc".to_owned(), kind.doc.as_str().into());
            }
            kinds.put(name, said);
        }
        let why = notes.check(
            "/paths",
            "kinds of identifiers are guessed of paths and members: say where each is found",
        );
        block.put_noted("identifiers", vec![why], kinds);
    }
    let styles = super::write::styles(found);
    if !styles.is_empty() {
        let mut pages = Block::default();
        for (style, name) in styles {
            pages.put(name, style);
        }
        let why = notes.check(
            "/paths",
            "styles of paging are guessed of parameters: try each against the vendor",
        );
        block.put_noted("pages", vec![why], pages);
    }
    if !found.tags.is_empty() {
        let mut tags = Block::default();
        for (tag, told) in &found.tags {
            tags.put(tag, told.as_str());
        }
        block.put("tags", tags);
    }
    block
}

/// Adds what schemas lose in a dialect.
pub(super) fn note_losses(block: &mut Block, losses: &Losses, notes: &Notes) {
    let all = losses.iter().map(|(loses, dialects)| {
        let mut note = Block::default();
        note.put("loses", *loses);
        note.put("dialects", json!(dialects));
        note.put("because", "Not decided yet: taken over with the vendor's document.");
        note
    });
    let why = "say why each loss can be borne, or describe the arguments so that nothing is lost (docs/dialects.md)";
    block.put_noted("noted_losses", vec![notes.check("", why)], all.collect::<Vec<_>>());
}

fn documentation(block: &mut Block, root: &Place<'_>, notes: &Notes) {
    let external = root.get("externalDocs").and_then(|docs| docs.text("url"));
    match external.filter(|url| is_address(url)) {
        Some(url) => block.put("documentation", url),
        None => {
            let why = notes.check("/externalDocs", "where does the vendor document the API?");
            block.put_noted("documentation", vec![why], "https://example.com");
        }
    }
}

fn is_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a header or parameter can be called so.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.!~*'[]".contains(c))
}

/// The base address and its variables.
fn address(block: &mut Block, root: &Place<'_>, names: &mut BTreeSet<String>, notes: &Notes) {
    let servers = root.get("servers").map(|servers| servers.items()).unwrap_or_default();
    let mut checks = Vec::new();
    let given = servers.first().map(given_address).unwrap_or_default();
    if servers.len() > 1 {
        let others: Vec<&str> = servers.iter().skip(1).filter_map(|server| server.text("url")).collect();
        let why = format!("the first server is taken, of others {}", plain(&others.join(", ")));
        checks.push(notes.check("/servers", why));
    }
    let mut url = match given.split_once("://") {
        Some(("https", rest)) => rest.to_owned(),
        Some((_, rest)) => {
            checks.push(notes.check(
                "/servers/0/url",
                format!("`{}` is not https: written as https", plain(given)),
            ));
            rest.to_owned()
        }
        None => {
            checks.push(notes.check("/servers/0/url", "the address has no host: what is it?"));
            format!("example.com/{}", given.trim_start_matches('/'))
        }
    };
    let mut variables = Block::default();
    let declared = servers.first().and_then(|server| server.get("variables"));
    for name in crate::resolve::placeholders(&url.clone()) {
        let place = declared.as_ref().and_then(|all| all.get(name));
        let pointer = place.as_ref().map_or("/servers/0/url", |place| place.pointer.as_str());
        let default = place
            .as_ref()
            .and_then(|place| place.text("default"))
            .unwrap_or_default();
        let host = url
            .split('/')
            .next()
            .unwrap_or_default()
            .contains(&format!("{{{name}}}"));
        if host && default.contains(['.', '/', ':']) {
            // More than a label: an account that needs another address gives it as a whole.
            let default = default
                .trim_start_matches("https://")
                .trim_start_matches("http://")
                .trim_end_matches('/');
            checks.push(notes.check(
                pointer,
                format!("`{{{name}}}` is more than one label of a host: its default is taken"),
            ));
            url = url.replace(&format!("{{{name}}}"), default);
            continue;
        }
        let mut spelled = Name::new(name).snake();
        while !names.insert(spelled.clone()) {
            spelled.push('_');
        }
        url = url.replace(&format!("{{{name}}}"), &format!("{{{spelled}}}"));
        variables.put(spelled.as_str(), variable(name, place.as_ref(), host));
    }
    let sound = |c: char| c.is_ascii_alphanumeric() || "-._~:/{}%@+".contains(c);
    let clean: String = url.chars().take_while(|c| sound(*c)).collect();
    let clean = clean.trim_end_matches('/').to_owned();
    if clean.len() < url.trim_end_matches('/').len() {
        checks.push(notes.check("/servers/0/url", "the address was cut where it is no address any more"));
    }
    block.put_noted("base_url", checks, format!("https://{clean}"));
    if !variables.is_empty() {
        block.put("variables", variables);
    }
}

/// The address of a server; where it is one variable, the default of that.
fn given_address<'d>(server: &Place<'d>) -> &'d str {
    let url = server.text("url").unwrap_or_default();
    let only = url.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let place = only.and_then(|name| server.get("variables")?.get(name));
    place
        .and_then(|place| place.text("default"))
        .filter(|url| url.contains("://"))
        .unwrap_or(url)
}

fn variable(name: &str, place: Option<&Place<'_>>, host: bool) -> Value {
    let mut said = Map::new();
    let title = Name::new(name).title();
    let help = place
        .and_then(|place| place.text("description"))
        .map(plain)
        .filter(|text| !text.is_empty());
    said.insert("title".to_owned(), title.clone().into());
    let help = help.unwrap_or_else(|| format!("{title}, a part of the address."));
    said.insert("help".to_owned(), sentence(&help).into());
    let allowed = place
        .and_then(|place| place.get("enum"))
        .map(|list| list.items())
        .unwrap_or_default();
    let allowed: Vec<&str> = allowed.iter().filter_map(|value| value.value.as_str()).collect();
    let default = place
        .and_then(|place| place.text("default"))
        .filter(|text| !text.is_empty());
    let default = default.filter(|text| allowed.is_empty() || allowed.contains(text));
    if allowed.is_empty() && host {
        said.insert("form".to_owned(), "label".into());
    }
    if !allowed.is_empty() {
        said.insert("one_of".to_owned(), json!(allowed));
    }
    let example = default.or(allowed.first().copied()).unwrap_or("example");
    if let Some(default) = default {
        said.insert("default".to_owned(), default.into());
    }
    said.insert("example".to_owned(), example.into());
    Value::Object(said)
}

/// Parameters that authentication sends: no arguments of operations.
pub(super) fn sent_by_auth(document: &Document) -> BTreeSet<String> {
    let schemes = schemes(document);
    let sent = schemes.iter().filter_map(|(_, place)| {
        let name = place.text("name")?;
        match place.text("in")? {
            "header" => Some(format!("header {}", name.to_ascii_lowercase())),
            location => Some(format!("{location} {name}")),
        }
    });
    sent.collect()
}

fn schemes(document: &Document) -> Vec<(&str, Place<'_>)> {
    let all = document
        .root()
        .get("components")
        .and_then(|components| components.get("securitySchemes"));
    let all = all.map(|all| all.entries()).unwrap_or_default();
    all.into_iter()
        .map(|(name, place)| (name, document.resolved(&place)))
        .collect()
}

/// Scopes that an operation asks for.
pub(super) fn scopes(operation: &Place<'_>) -> Vec<String> {
    let mut scopes = Vec::new();
    for requirement in operation.get("security").map(|all| all.items()).unwrap_or_default() {
        for (_, list) in requirement.entries() {
            for scope in list.items().iter().filter_map(|scope| scope.value.as_str()) {
                let told = format!("scope {}", plain(scope));
                if !scopes.contains(&told) {
                    scopes.push(told);
                }
            }
        }
    }
    scopes
}

/// Credentials and the schemes that send them.
fn credentials(block: &mut Block, document: &Document, names: &mut BTreeSet<String>, notes: &Notes) {
    let known = schemes(document);
    let mut asked: Vec<Vec<&str>> = Vec::new();
    let root = document.root();
    let operations = root.get("paths").map(|paths| paths.entries()).unwrap_or_default();
    let operations: Vec<Place<'_>> = operations
        .iter()
        .flat_map(|(_, item)| item.entries())
        .map(|(_, place)| place)
        .collect();
    for place in std::iter::once(&root).chain(&operations) {
        for requirement in place.get("security").map(|all| all.items()).unwrap_or_default() {
            let names: Vec<&str> = requirement.entries().into_iter().map(|(name, _)| name).collect();
            if !names.is_empty() && !asked.contains(&names) {
                asked.push(names);
            }
        }
    }
    let mut checks = Vec::new();
    if asked.is_empty() {
        asked = known.iter().map(|(name, _)| vec![*name]).collect();
        if !asked.is_empty() {
            checks.push(notes.check("/security", "no scheme is asked for: all that are declared are taken"));
        }
    }
    let mut settings = Settings {
        names,
        notes,
        made: BTreeMap::new(),
        credentials: Vec::new(),
        optional: asked.len() > 1,
    };
    let mut auth: Vec<Block> = Vec::new();
    for names in &asked {
        let mut scheme = Block::default();
        scheme.put("scheme", Name::new(names.join("_")).snake());
        let parts: Vec<Part> = names.iter().filter_map(|name| settings.part(name, &known)).collect();
        if parts.len() == names.len() && merge(&mut scheme, parts) {
            auth.push(scheme);
        } else {
            let why = format!(
                "the scheme {} cannot be said and is left out",
                plain(&names.join(" with "))
            );
            checks.push(notes.check("/components/securitySchemes", why));
        }
    }
    if auth.is_empty() {
        let why = "no way to authenticate is described: a bearer token is taken";
        checks.push(notes.check("/components/securitySchemes", why));
        let mut scheme = Block::default();
        scheme.put("scheme", "token");
        settings.optional = false;
        settings.credentials.clear();
        settings.made.clear();
        let name = settings.credential("token", "token", "Token", "Made in the settings of the helpdesk.", true);
        scheme.put("bearer", format!("{{{name}}}"));
        auth.push(scheme);
    }
    let mut credentials = Block::default();
    for (name, said) in settings.credentials {
        credentials.put(name, said);
    }
    block.put("credentials", credentials);
    block.put_noted("auth", checks, auth);
}

/// Makes credentials.
struct Settings<'a> {
    names: &'a mut BTreeSet<String>,
    notes: &'a Notes,
    /// Credentials by scheme and role.
    made: BTreeMap<(String, String), String>,
    credentials: Vec<(String, Value)>,
    optional: bool,
}

/// What a scheme adds to a request.
enum Part {
    Header(String, String),
    Query(String, String),
    Basic(String, String),
    Bearer(String),
    OAuth2(String, Value),
}

impl Settings<'_> {
    /// A credential of a scheme; the same for each use of it.
    fn credential(&mut self, scheme: &str, role: &str, title: &str, help: &str, secret: bool) -> String {
        let key = (scheme.to_owned(), role.to_owned());
        if let Some(known) = self.made.get(&key) {
            return known.clone();
        }
        // An account has one of these: others of its kind are called by their scheme.
        let mut name = role.to_owned();
        if self.names.contains(&name) {
            name = format!("{}_{role}", Name::new(scheme).snake());
        }
        while !self.names.insert(name.clone()) {
            name.push('_');
        }
        let mut said = json!({ "title": title, "help": help });
        if let Some(said) = said.as_object_mut() {
            for (key, set) in [("secret", secret), ("optional", self.optional)] {
                if set {
                    said.insert(key.to_owned(), true.into());
                }
            }
            let example = if secret {
                "0123456789abcdef"
            } else {
                "agent@example.com"
            };
            said.insert("example".to_owned(), example.into());
        }
        self.credentials.push((name.clone(), said));
        self.made.insert(key, name.clone());
        name
    }

    fn part(&mut self, scheme: &str, known: &[(&str, Place<'_>)]) -> Option<Part> {
        let (_, place) = known.iter().find(|(name, _)| *name == scheme)?;
        let told = place.text("description").map(plain).filter(|text| !text.is_empty());
        let told = told.map(|text| sentence(&text::cut(&text, text::FIELD).unwrap_or(text)));
        let help = |usual: &str| told.clone().unwrap_or_else(|| usual.to_owned());
        match (
            place.text("type")?,
            place.text("scheme").map(str::to_ascii_lowercase).as_deref(),
        ) {
            ("http", Some("basic")) => {
                let user = self.credential(scheme, "username", "User name", &help("The name of the user."), false);
                let password = self.credential(
                    scheme,
                    "password",
                    "Password",
                    "The password or key of this user.",
                    true,
                );
                Some(Part::Basic(format!("{{{user}}}"), format!("{{{password}}}")))
            }
            ("http", Some("bearer")) => {
                let token = self.credential(
                    scheme,
                    "token",
                    "Token",
                    &help("Made in the settings of the helpdesk."),
                    true,
                );
                Some(Part::Bearer(format!("{{{token}}}")))
            }
            ("apiKey", _) => {
                let key = self.credential(
                    scheme,
                    "api_key",
                    "API key",
                    &help("Made in the settings of the helpdesk."),
                    true,
                );
                let (name, value) = (
                    place.text("name").filter(|name| is_token(name))?.to_owned(),
                    format!("{{{key}}}"),
                );
                if name.eq_ignore_ascii_case("authorization") {
                    let why = "the key is sent as it is: write `Bearer {…}` or the like where the vendor wants a word before it";
                    self.notes.check(&place.pointer, why);
                }
                match place.text("in")? {
                    "header" => Some(Part::Header(name, value)),
                    "query" => Some(Part::Query(name, value)),
                    _ => None,
                }
            }
            ("oauth2", _) => self.oauth2(scheme, place, &help("Comes of an authorization with OAuth2.")),
            ("openIdConnect", _) => {
                let why = "the flow of OpenID Connect is not said: write `oauth2` by hand where accounts are to be connected by it";
                self.notes.check(&place.pointer, why);
                let token = self.credential(
                    scheme,
                    "access_token",
                    "Access token",
                    &help("Comes of an authorization."),
                    true,
                );
                Some(Part::Bearer(format!("{{{token}}}")))
            }
            _ => None,
        }
    }

    fn oauth2(&mut self, scheme: &str, place: &Place<'_>, help: &str) -> Option<Part> {
        let token = self.credential(scheme, "access_token", "Access token", help, true);
        let bearer = format!("{{{token}}}");
        let flow = place.get("flows").and_then(|flows| flows.get("authorizationCode"));
        let address = |key: &str| {
            let url = flow.as_ref()?.text(key)?;
            (url.starts_with("https://") && is_address(url) && !url.contains(['{', '}'])).then(|| url.to_owned())
        };
        // The flow's token goes by this name.
        let (Some(authorize), Some(told), "access_token") =
            (address("authorizationUrl"), address("tokenUrl"), token.as_str())
        else {
            let why = "OAuth2 without a flow of authorization codes over https: the token has to be given";
            self.notes.check(&place.pointer, why);
            return Some(Part::Bearer(bearer));
        };
        let scopes = flow.as_ref().and_then(|flow| flow.get("scopes"));
        let scopes: Vec<&str> = scopes.iter().flat_map(Place::entries).map(|(scope, _)| scope).collect();
        Some(Part::OAuth2(
            bearer,
            json!({ "authorize_url": authorize, "token_url": told, "scopes": scopes }),
        ))
    }
}

/// Puts the parts of a scheme together; false where two want the same place.
fn merge(scheme: &mut Block, parts: Vec<Part>) -> bool {
    let (mut headers, mut query, mut authorization) = (Map::new(), Map::new(), 0usize);
    for part in parts {
        match part {
            Part::Header(name, value) => {
                authorization += usize::from(name.eq_ignore_ascii_case("authorization"));
                headers.insert(name, value.into());
            }
            Part::Query(name, value) => drop(query.insert(name, value.into())),
            Part::Basic(username, password) => {
                authorization += 1;
                scheme.put("basic", json!({ "username": username, "password": password }));
            }
            Part::Bearer(token) => {
                authorization += 1;
                scheme.put("bearer", token);
            }
            Part::OAuth2(token, flow) => {
                authorization += 1;
                scheme.put("bearer", token);
                scheme.put("oauth2", flow);
            }
        }
    }
    for (key, map) in [("headers", headers), ("query", query)] {
        if !map.is_empty() {
            scheme.put(key, Value::Object(map));
        }
    }
    authorization <= 1
}

/// Headers in which limits are told.
fn limits(block: &mut Block, document: &Document, notes: &Notes) {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for response in all_responses(document) {
        for (name, _) in response.1.get("headers").map(|all| all.entries()).unwrap_or_default() {
            headers
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| name.to_owned());
        }
    }
    let token = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let find = |ends: &[&str]| {
        let found = headers
            .iter()
            .find(|(lower, _)| ends.iter().any(|end| lower.ends_with(end)));
        found.map(|(_, name)| name).filter(token)
    };
    let mut limits = Block::default();
    limits.put("doc", "Limits are not known.");
    for (key, ends) in [
        ("remaining", &["ratelimit-remaining", "rate-limit-remaining"][..]),
        ("limit", &["ratelimit-limit", "rate-limit-limit"]),
        ("retry_after", &["retry-after"]),
    ] {
        if let Some(name) = find(ends) {
            limits.put(key, name.as_str());
        }
    }
    let mut checks = vec![notes.check("/info/description", "say the limits in words")];
    if let Some(reset) = find(&["ratelimit-reset", "rate-limit-reset"]) {
        let why = format!("add `reset: {{header: {reset}, unit: seconds}}`, or `unix_seconds`, or `unix_millis`");
        checks.push(notes.check("/paths", why));
    }
    block.put_noted("limits", checks, limits);
}

/// Every response with its status.
fn all_responses(document: &Document) -> Vec<(&str, Place<'_>)> {
    let paths = document
        .root()
        .get("paths")
        .map(|paths| paths.entries())
        .unwrap_or_default();
    let operations = paths
        .into_iter()
        .flat_map(|(_, item)| document.resolved(&item).entries());
    let responses = operations.filter_map(|(_, operation)| operation.get("responses"));
    let responses = responses.flat_map(|all| all.entries());
    responses
        .map(|(status, place)| (status, document.resolved(&place)))
        .collect()
}

/// Where errors say what went wrong, as their schemas have it.
fn errors(block: &mut Block, document: &Document, notes: &Notes) {
    let (mut messages, mut codes) = (BTreeSet::new(), BTreeSet::new());
    let mut met = BTreeSet::new();
    let schemas = super::schema::Schemas::new(document, notes);
    for (status, response) in all_responses(document) {
        if !status.starts_with(['4', '5']) && status != "default" || !met.insert(response.pointer.clone()) {
            continue;
        }
        let contents = response.get("content").map(|all| all.entries()).unwrap_or_default();
        let json = contents.iter().find(|(media, _)| super::answers::is_json(media));
        let Some(schema) = json.and_then(|(_, content)| content.get("schema")) else {
            continue;
        };
        for (pointers, found, kinds) in [
            (MESSAGES, &mut messages, &["string"][..]),
            (CODES, &mut codes, &["string", "integer"]),
        ] {
            for (rank, pointer) in pointers.iter().enumerate() {
                if kinds.iter().any(|kind| leads_to(&schemas, &schema, pointer, kind)) {
                    found.insert((rank, *pointer));
                }
            }
        }
    }
    let mut errors = Block::default();
    let mut checks = Vec::new();
    if messages.is_empty() {
        let why = "no response tells where errors have their message: guessed";
        checks.push(notes.check("/paths", why));
        messages.insert((0, "/message"));
    }
    let list = |found: BTreeSet<(usize, &str)>| -> Value { found.into_iter().map(|(_, pointer)| pointer).collect() };
    if !codes.is_empty() {
        errors.put("code", list(codes));
    }
    errors.put("message", list(messages));
    block.put_noted("errors", checks, errors);
}

fn leads_to<'d>(schemas: &super::schema::Schemas<'d>, schema: &Place<'d>, pointer: &str, kind: &str) -> bool {
    let mut place = schema.clone();
    for step in pointer.split('/').skip(1) {
        let next = match step {
            "0" => schemas.list_items(&place).flatten(),
            step => schemas.object(&place).and_then(|object| {
                let member = object.properties.into_iter().find(|(name, _)| *name == step);
                member.map(|(_, place)| place)
            }),
        };
        match next {
            Some(next) => place = next,
            None => return false,
        }
    }
    schemas.is_scalar(&place, kind)
}
