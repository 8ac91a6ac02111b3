//! What an operation answers, and where in the body it stands.

use super::document::{Place, token};
use super::schema::{Object, Schemas};
use super::types::{Answer, Kind};
use crate::names::{Name, singular};

/// Members by which lists are wrapped whatever the resource.
const ENVELOPES: &[&str] = &[
    "_results", "content", "contents", "data", "entries", "items", "list", "objects", "payload", "records", "response",
    "result", "results", "rows", "value", "values",
];
/// Words in members that stand beside what is answered: where it goes on, how much there is.
const BESIDE: &[&str] = &[
    "count",
    "cursor",
    "first",
    "has",
    "last",
    "limit",
    "link",
    "links",
    "message",
    "meta",
    "metadata",
    "more",
    "next",
    "object",
    "offset",
    "page",
    "pages",
    "paging",
    "pagination",
    "per",
    "prev",
    "previous",
    "request",
    "size",
    "status",
    "success",
    "total",
    "type",
    "url",
];
/// Members that hold the number of all matches.
const TOTALS: &[&str] = &[
    "total",
    "total_count",
    "totalCount",
    "total_results",
    "totalResults",
    "total_items",
    "totalItems",
];

/// The answer of an operation: the schema of its good response, taken apart.
pub(super) struct Response<'d> {
    /// Where its schema stands, if it is JSON.
    pub(super) schema: Option<Place<'d>>,
    /// JSON pointer to the list, if it is one, and its items.
    pub(super) list: Option<(String, Option<Place<'d>>)>,
    word: Option<&'static str>,
    checks: Vec<String>,
}

/// Why an operation cannot be taken.
pub(super) type Refused = String;

/// Finds the response that counts.
pub(super) fn response<'d>(
    schemas: &Schemas<'d>,
    operation: &Place<'d>,
    path: &str,
    http_method: &str,
) -> Result<Response<'d>, Refused> {
    let responses = operation.get("responses").map(|all| all.entries()).unwrap_or_default();
    let of = |wanted: &str| {
        responses
            .iter()
            .find(|(status, _)| status.eq_ignore_ascii_case(wanted))
            .map(|(_, place)| place)
    };
    let other = || {
        responses
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .map(|(_, place)| place)
    };
    let found = of("200")
        .or_else(|| of("201"))
        .or_else(|| of("202"))
        .or_else(|| of("2XX"))
        .or_else(other);
    let mut response = Response {
        schema: None,
        list: None,
        word: None,
        checks: Vec::new(),
    };
    let Some(found) = found else {
        if responses.iter().any(|(status, _)| status.starts_with('3')) {
            response.word = Some("redirect");
            return Ok(response);
        }
        let Some(default) = of("default") else {
            response.word = Some("empty");
            let why = "no good response is described: taken as empty";
            response.checks.push(schemas.notes.check(&operation.pointer, why));
            return Ok(response);
        };
        let why = "only a default response is described: taken for the good one";
        response.checks.push(schemas.notes.check(&default.pointer, why));
        content(schemas, default, path, http_method, &mut response)?;
        return Ok(response);
    };
    content(schemas, found, path, http_method, &mut response)?;
    Ok(response)
}

fn content<'d>(
    schemas: &Schemas<'d>,
    place: &Place<'d>,
    path: &str,
    http_method: &str,
    response: &mut Response<'d>,
) -> Result<(), Refused> {
    let place = schemas.document.resolved(place);
    let contents = place.get("content").map(|all| all.entries()).unwrap_or_default();
    if contents.is_empty() {
        response.word = Some("empty");
        return Ok(());
    }
    let json = contents.iter().find(|(media, _)| is_json(media));
    let Some((_, json)) = json else {
        let text = contents.iter().find(|(media, _)| media.trim().starts_with("text/"));
        let media: Vec<&str> = contents.iter().map(|(media, _)| *media).collect();
        return match text {
            Some(_) => {
                response.word = Some("text");
                Ok(())
            }
            None => Err(format!("it answers {}, which no tool can hold", media.join(", "))),
        };
    };
    let schema = json.get("schema");
    if let Some(schema) = &schema {
        response.list = list_in(schemas, schema, path, http_method, &mut response.checks);
    }
    response.schema = schema;
    if response.schema.is_none() {
        let why = "the response has no schema: any value";
        response.checks.push(schemas.notes.check(&json.pointer, why));
    }
    Ok(())
}

/// Whether a media type is JSON.
pub(super) fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        media.as_str(),
        "application/json" | "text/json" | "*/*" | "application/*"
    ) || media.ends_with("+json")
}

/// Whether a member's name has a word by which it stands beside an answer.
fn is_beside(name: &str) -> bool {
    Name::new(name)
        .words()
        .iter()
        .any(|word| BESIDE.contains(&word.as_str()))
}

/// The list in an answer: a bare one, or the only one in an object that wraps it.
fn list_in<'d>(
    schemas: &Schemas<'d>,
    schema: &Place<'d>,
    path: &str,
    http_method: &str,
    checks: &mut Vec<String>,
) -> Option<(String, Option<Place<'d>>)> {
    if let Some(items) = schemas.list_items(schema) {
        return Some((String::new(), items));
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // One record may have a list among its members.
    if last.contains('{') || !matches!(http_method, "GET" | "POST") {
        return None;
    }
    let object = schemas.object(schema)?;
    if let Some(found) = only_list(schemas, &object, last, checks) {
        return Some(found);
    }
    // `{data: {items: [...]}}`
    let inner = |name: &str| ENVELOPES.contains(&name);
    let (name, place) = object
        .properties
        .iter()
        .find(|(name, place)| inner(name) && schemas.object(place).is_some())?;
    let (at, items) = only_list(schemas, &schemas.object(place)?, last, checks)?;
    Some((format!("/{}{at}", token(name)), items))
}

fn only_list<'d>(
    schemas: &Schemas<'d>,
    object: &Object<'d>,
    last: &str,
    checks: &mut Vec<String>,
) -> Option<(String, Option<Place<'d>>)> {
    let lists: Vec<_> = object
        .properties
        .iter()
        .filter_map(|(name, place)| Some((*name, place, schemas.list_items(place)?)))
        .collect();
    let path_word = Name::new(last.strip_suffix(".json").unwrap_or(last)).snake();
    let spelled = |name: &str| Name::new(name).snake();
    if lists.len() > 1 {
        // Others may be told along, but only one is what was asked for.
        let (name, place, items) = lists.iter().find(|(name, ..)| spelled(name) == path_word)?;
        let why = format!("of several lists `{name}` is taken: the others are not passed on");
        checks.push(schemas.notes.check(&place.pointer, why));
        return Some((format!("/{}", token(name)), items.clone()));
    }
    let (name, place, items) = lists.first()?;
    let known = ENVELOPES.contains(&spelled(name).as_str())
        || spelled(name) == path_word
        || path_word.ends_with(&format!("_{}", spelled(name)));
    let alone = object
        .properties
        .iter()
        .all(|(other, _)| other == name || is_beside(other));
    if !known && !alone {
        return None;
    }
    if !known {
        let why = format!("`{name}` is taken for the list that is answered");
        checks.push(schemas.notes.check(&place.pointer, why));
    }
    Some((format!("/{}", token(name)), items.clone()))
}

impl<'d> Response<'d> {
    /// The answer, its types declared.
    pub(super) fn answer(self, schemas: &mut Schemas<'d>, resource: &str, operation: &str) -> Answer {
        let mut answer = Answer {
            kind: Kind::Word("empty"),
            at: String::new(),
            total: None,
            checks: self.checks,
        };
        if let Some(word) = self.word {
            answer.kind = Kind::Word(word);
            return answer;
        }
        let Some(schema) = &self.schema else {
            answer.kind = Kind::Record(super::types::Ty::JSON);
            return answer;
        };
        let one = Name::new(singular(resource)).type_name();
        if let Some((at, items)) = &self.list {
            answer.total = total(schemas, schema, at);
            let (ty, checks) = items
                .as_ref()
                .map_or((super::types::Ty::JSON, Vec::new()), |items| schemas.ty_of(items, &one));
            answer.checks.extend(checks);
            answer.kind = Kind::List(ty);
            answer.at.clone_from(at);
            return answer;
        }
        let inner = wrapped(schemas, schema, resource);
        let (at, place) = inner.map_or_else(|| (String::new(), schema.clone()), |(at, place)| (at, place));
        let owner = match at.is_empty() {
            true => format!("{}_answer", operation),
            false => one,
        };
        let (ty, checks) = schemas.ty_of(&place, &Name::new(owner).type_name());
        answer.checks.extend(checks);
        answer.kind = Kind::Record(ty);
        answer.at = at;
        answer
    }
}

/// The record in an object that has nothing but it: `{ticket: {...}}`.
fn wrapped<'d>(schemas: &Schemas<'d>, schema: &Place<'d>, resource: &str) -> Option<(String, Place<'d>)> {
    let object = schemas.object(schema)?;
    let records: Vec<_> = object
        .properties
        .iter()
        .filter(|(_, place)| schemas.object(place).is_some())
        .collect();
    let of = |name: &str| {
        let spelled = Name::new(name).snake();
        let one = singular(resource);
        ENVELOPES.contains(&spelled.as_str()) || one == spelled || one.ends_with(&format!("_{spelled}"))
    };
    let alone = |name: &str| {
        object
            .properties
            .iter()
            .all(|(other, _)| *other == name || is_beside(other))
    };
    let (name, place) = records.into_iter().find(|(name, _)| of(name) && alone(name))?;
    Some((format!("/{}", token(name)), place.clone()))
}

/// Pointer to the number of all matches: beside the list, or in an object beside it.
fn total(schemas: &Schemas<'_>, schema: &Place<'_>, at: &str) -> Option<String> {
    let mut around = Vec::new();
    let mut place = schema.clone();
    let mut pointer = String::new();
    around.push((pointer.clone(), place.clone()));
    let steps: Vec<&str> = at.split('/').skip(1).collect();
    for step in steps.iter().take(steps.len().saturating_sub(1)) {
        let object = schemas.object(&place)?;
        let (_, inner) = object.properties.iter().find(|(name, _)| token(name) == *step)?;
        pointer = format!("{pointer}/{step}");
        place = inner.clone();
        around.push((pointer.clone(), place.clone()));
    }
    for (pointer, place) in around {
        let Some(object) = schemas.object(&place) else { continue };
        let number = |(name, place): &(&str, Place<'_>)| TOTALS.contains(name) && schemas.is_scalar(place, "integer");
        if let Some((name, _)) = object.properties.iter().find(|member| number(member)) {
            return Some(format!("{pointer}/{}", token(name)));
        }
        for (outer, place) in object.properties.iter().filter(|(name, _)| is_beside(name)) {
            let inner = schemas.object(place);
            let members = inner.iter().flat_map(|object| &object.properties);
            if let Some((name, _)) = members.into_iter().find(|member| number(member)) {
                return Some(format!("{pointer}/{}/{}", token(outer), token(name)));
            }
        }
    }
    None
}
