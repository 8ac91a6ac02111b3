//! What things are called: resources and methods by HTTP method and the shape of paths, arguments as clients accept them.

use std::collections::{BTreeMap, BTreeSet};

use super::types::Field;
use crate::names::{Name, integration_words, singular, tool_name};

/// Names of types and operations, which share one scope in Rust.
#[derive(Default)]
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    /// A name for a type that no other has.
    pub(super) fn type_name(&mut self, wanted: &str) -> String {
        self.free(wanted, |name| Name::new(name).type_name())
    }

    /// A name for an operation whose type no other has.
    pub(super) fn operation(&mut self, wanted: &str) -> String {
        self.free(wanted, |name| Name::new(name).snake())
    }

    fn free(&mut self, wanted: &str, spelled: impl Fn(&str) -> String) -> String {
        let mut name = spelled(wanted);
        let mut number = 2;
        while !self.0.insert(Name::new(name.as_str()).type_name()) {
            name = spelled(&format!("{wanted}_{number}"));
            number += 1;
        }
        name
    }
}

/// Names of the members of one record, or of the arguments of one operation.
#[derive(Default)]
pub(super) struct FieldNames {
    taken: BTreeSet<String>,
}

impl FieldNames {
    /// Gives a field a name that every client accepts and no other has; the vendor's is kept for the wire.
    ///
    /// `place` is what the name says besides where two would be the same, such as `body`.
    pub(super) fn settle(&mut self, field: &mut Field, place: &str) {
        let wire = field.wire().to_owned();
        let mut name = match is_legal(&field.name) {
            true => field.name.clone(),
            false => legal(&field.name),
        };
        let wanted = name.clone();
        let mut number = 1;
        while !self.claim(&name) {
            number += 1;
            name = match (place, number) {
                ("", _) => format!("{wanted}_{number}"),
                (place, 2) => format!("{wanted}_in_{place}"),
                (place, _) => format!("{wanted}_in_{place}_{number}"),
            };
        }
        field.wire = (name != wire).then_some(wire);
        field.name = name;
    }

    fn claim(&mut self, name: &str) -> bool {
        let spelled = Name::new(name);
        let keys = [
            format!("field {}", spelled.field()),
            format!("row {}", spelled.constant()),
        ];
        let free = keys.iter().all(|key| !self.taken.contains(key));
        if free {
            self.taken.extend(keys);
        }
        free
    }
}

fn is_legal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.len() <= LONGEST
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Leaves room for what tells two names apart.
const LONGEST: usize = 48;

fn legal(name: &str) -> String {
    let snake = Name::new(name).snake();
    let snake = match snake.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("n{snake}"),
        false => snake,
    };
    let mut cut: String = snake.chars().take(LONGEST).collect();
    while cut.ends_with('_') {
        cut.pop();
    }
    cut
}

/// A part of a path between slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Parameter,
}

/// The paths of a document, by which the role of a word in one of them is told.
pub(super) struct Paths {
    /// HTTP methods by the shape of the path.
    methods: BTreeMap<Vec<Segment>, BTreeSet<String>>,
    /// What nearly all paths begin with, such as `/accounts/{account_id}`.
    tenant: Option<String>,
}

/// What an operation is called.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) resource: String,
    pub(super) method: String,
    pub(super) singleton: bool,
}

/// Words that lead to the API and say nothing of it.
const PREFIXES: &[&str] = &["api", "apis", "rest", "public", "latest"];

/// Verbs that are a method whatever the HTTP method.
const VERBS: &[&str] = &[
    "accept",
    "activate",
    "add",
    "apply",
    "approve",
    "archive",
    "assign",
    "ban",
    "block",
    "cancel",
    "clear",
    "clone",
    "close",
    "complete",
    "confirm",
    "convert",
    "copy",
    "count",
    "deactivate",
    "detach",
    "disable",
    "dismiss",
    "duplicate",
    "enable",
    "execute",
    "export",
    "finish",
    "follow",
    "forward",
    "import",
    "invite",
    "join",
    "leave",
    "link",
    "lock",
    "mark",
    "merge",
    "move",
    "mute",
    "open",
    "pause",
    "pin",
    "preview",
    "publish",
    "reactivate",
    "reassign",
    "redact",
    "refresh",
    "reject",
    "release",
    "remove",
    "reopen",
    "reorder",
    "reply",
    "resend",
    "reset",
    "resolve",
    "restore",
    "resume",
    "revoke",
    "rotate",
    "run",
    "search",
    "send",
    "snooze",
    "sort",
    "split",
    "start",
    "stop",
    "subscribe",
    "suspend",
    "sync",
    "test",
    "toggle",
    "transfer",
    "trash",
    "trigger",
    "unarchive",
    "unassign",
    "unban",
    "unblock",
    "undo",
    "unfollow",
    "unlink",
    "unlock",
    "unmute",
    "unpin",
    "unpublish",
    "unsubscribe",
    "untag",
    "upload",
    "validate",
    "verify",
];

/// Words of operation ids that name nothing.
const FILLERS: &[&str] = &[
    "a", "all", "an", "any", "api", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with",
];

impl Paths {
    pub(super) fn new<'a>(all: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let tenant = tenant(all.clone().map(|(path, _)| path));
        let mut paths = Self {
            methods: BTreeMap::new(),
            tenant,
        };
        for (path, method) in all {
            let segments = paths.segments(path);
            paths.methods.entry(segments).or_default().insert(method.to_owned());
        }
        paths
    }

    fn segments(&self, path: &str) -> Vec<Segment> {
        let mut segments = segments(path);
        if let (Some(tenant), [Segment::Word(word), Segment::Parameter, _, ..]) = (&self.tenant, &segments[..])
            && word == tenant
        {
            segments.drain(..2);
        }
        segments
    }

    fn methods(&self, path: &[Segment]) -> BTreeSet<&str> {
        self.methods
            .get(path)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// Whether things of this path are told apart by a parameter.
    fn is_collection(&self, path: &[Segment]) -> bool {
        let mut one = path.to_vec();
        one.push(Segment::Parameter);
        self.methods.contains_key(&one)
    }

    /// What an operation is called by its place.
    pub(super) fn called(&self, path: &str, http_method: &str, answers_list: bool) -> Called {
        let segments = self.segments(path);
        let here = self.methods(&segments);
        let words = |path: &[Segment]| resource(path);
        let Some((last, before)) = segments.split_last() else {
            return Called::of("service", &own(http_method), false);
        };
        let Segment::Word(word) = last else {
            let resource = words(&segments);
            let method = match http_method {
                "GET" => "get",
                "DELETE" => "delete",
                "PUT" if here.contains("PATCH") => "replace",
                "POST" if here.contains("PUT") || here.contains("PATCH") => "post",
                _ => "update",
            };
            return Called::of(&resource, method, false);
        };
        if self.is_action(word, &segments, before, http_method) {
            return Called::of(&words(before), &Name::new(word.as_str()).snake(), false);
        }
        let resource = words(&segments);
        let many = self.is_collection(&segments) || here.contains("POST");
        let (method, singleton) = match http_method {
            "GET" if answers_list => ("list", false),
            "GET" => ("get", true),
            "POST" => ("create", false),
            "PUT" if here.contains("PATCH") => ("replace", false),
            "PUT" | "PATCH" if many => ("update_many", false),
            "PUT" | "PATCH" => ("update", true),
            _ if many => ("delete_many", false),
            _ => ("delete", true),
        };
        Called::of(&resource, method, singleton)
    }

    /// Whether the last word of a path is what is done, and not what it is done to.
    fn is_action(&self, word: &str, path: &[Segment], before: &[Segment], http_method: &str) -> bool {
        if before.is_empty() || self.is_collection(path) {
            return false;
        }
        let first = word.split('_').next().unwrap_or_default();
        let verb = VERBS.contains(&first);
        let plural = singular(word) != word;
        match before.last() {
            Some(Segment::Parameter) => {
                let reads = self.methods(path).contains("GET");
                verb || (http_method == "POST" && !plural && !reads)
            }
            _ => {
                let of_things = self.is_collection(before) || !self.methods(before).is_empty();
                of_things && (verb || (!plural && matches!(http_method, "GET" | "POST")))
            }
        }
    }
}

impl Called {
    fn of(resource: &str, method: &str, singleton: bool) -> Self {
        Self {
            resource: resource.to_owned(),
            method: method.to_owned(),
            singleton,
        }
    }
}

fn own(http_method: &str) -> String {
    match http_method {
        "GET" => "read".to_owned(),
        other => format!("{}_it", other.to_ascii_lowercase()),
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if part.contains('{') {
            segments.push(Segment::Parameter);
            continue;
        }
        // `/tickets.json`, `/tickets:search`
        let part = part.strip_suffix(".json").unwrap_or(part);
        let words = part.split(':').filter(|word| !word.is_empty());
        segments.extend(words.map(|word| Segment::Word(Name::new(word).snake())));
    }
    let last = segments.iter().rposition(|segment| matches!(segment, Segment::Word(_)));
    let mut at = 0;
    segments.retain(|segment| {
        at += 1;
        match segment {
            Segment::Word(word) => Some(at - 1) == last || !(PREFIXES.contains(&word.as_str()) || is_version(word)),
            Segment::Parameter => true,
        }
    });
    segments
}

/// `v1`, `v1_2`, `v2beta`
fn is_version(word: &str) -> bool {
    let digit = word.strip_prefix('v').and_then(|rest| rest.chars().next());
    digit.is_some_and(|c| c.is_ascii_digit())
}

/// The word of `/accounts/{id}` if more than half of the paths go on behind it, to several kinds of things.
fn tenant<'a>(paths: impl Iterator<Item = &'a str>) -> Option<String> {
    let paths: BTreeSet<Vec<Segment>> = paths.map(segments).collect();
    let mut found: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for path in &paths {
        if let [
            Segment::Word(word),
            Segment::Parameter,
            Segment::Word(things),
            rest @ ..,
        ] = &path[..]
        {
            let (count, kinds) = found.entry(word).or_default();
            *count += 1;
            if rest.first() == Some(&Segment::Parameter) {
                kinds.insert(things);
            }
        }
    }
    let (word, (count, kinds)) = found.into_iter().max_by_key(|(_, (count, _))| *count)?;
    (count * 2 > paths.len() && kinds.len() > 1).then(|| word.to_owned())
}

/// The things that a path leads to: its last word, and the word before it in the singular.
fn resource(path: &[Segment]) -> String {
    let mut words = path.iter().rev().filter_map(|segment| match segment {
        Segment::Word(word) => Some(word.as_str()),
        Segment::Parameter => None,
    });
    let Some(last) = words.next() else {
        return "service".to_owned();
    };
    let name = match words.next().map(singular) {
        Some(parent) if !last.starts_with(&parent) => format!("{parent}_{last}"),
        _ => last.to_owned(),
    };
    Name::new(name)
        .field()
        .trim_start_matches("r#")
        .trim_end_matches('_')
        .to_owned()
}

/// Methods by resource, so that no two tools have one name.
pub(super) struct Tools {
    integration: Vec<String>,
    names: BTreeSet<String>,
}

impl Tools {
    pub(super) fn new(slug: &str) -> Self {
        Self {
            integration: integration_words(slug),
            names: BTreeSet::new(),
        }
    }

    /// Makes the name of a tool one that no other has and every client takes; tells whether it had to.
    pub(super) fn settle(&mut self, called: &mut Called, operation_id: Option<&str>) -> bool {
        if self.claim(called) {
            return false;
        }
        // The document's own name for it, without the resource's.
        let known: BTreeSet<String> = {
            let resource = Name::new(called.resource.as_str());
            let mut words: BTreeSet<String> = resource.words().iter().cloned().collect();
            words.extend(resource.words().iter().map(|word| singular(word)));
            words
        };
        let words = operation_id
            .map(|id| Name::new(id).words().to_vec())
            .unwrap_or_default();
        let words: Vec<String> = words
            .into_iter()
            .filter(|word| !known.contains(word) && !FILLERS.contains(&word.as_str()))
            .collect();
        let usual = ["list", "get", "create", "update", "delete"];
        let wanted = match words.join("_") {
            method if method.is_empty() || usual.contains(&method.as_str()) => format!("{}_other", called.method),
            method => method,
        };
        let wanted: String = wanted.chars().take(24).collect();
        let wanted = wanted.trim_end_matches('_').to_owned();
        called.singleton = false;
        called.method.clone_from(&wanted);
        let mut number = 2;
        while !self.claim(called) {
            // One that is too long stays so; a shorter resource is the way out.
            if number % 50 == 0 {
                called.resource = called
                    .resource
                    .chars()
                    .take(16)
                    .collect::<String>()
                    .trim_end_matches('_')
                    .to_owned();
            }
            called.method = format!("{wanted}_{number}");
            number += 1;
        }
        true
    }

    fn claim(&mut self, called: &Called) -> bool {
        let mut name = tool_name(&self.integration, &called.resource, &called.method, None);
        if called.singleton {
            name = name.strip_suffix("_by_id").unwrap_or(&name).to_owned();
        }
        name.len() <= crate::names::TOOL_NAME_MOST && self.names.insert(name)
    }
}

/// Name of an operation: the method and what it is about.
pub(super) fn operation_name(called: &Called) -> String {
    let one = singular(&called.resource);
    match called.method.as_str() {
        "list" => format!("list_{}", called.resource),
        method if method == called.resource => method.to_owned(),
        method if method.ends_with("_many") => format!("{method}_{}", called.resource),
        method => format!("{method}_{one}"),
    }
}
