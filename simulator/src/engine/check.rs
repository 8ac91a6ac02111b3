//! Strict checking of a request against its route. All problems of a request are told at once.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::route::{Body, Kind, Param, ParamKind, Route, Shape, TextForm};
use super::upload::{Form, Upload};
use super::{Call, parse_date, parse_moment, target};

/// Checks path, query, form and body, and gives them back in a form operations can use.
pub(super) fn request(
    route: &Route,
    ids: HashMap<&'static str, String>,
    target: &str,
    headers: &HeaderMap,
    form: Form,
) -> Result<Call, Refusal> {
    let mut problems = Vec::new();
    for id in route.ids {
        let problem = ids.get(id.name).and_then(|text| check_param(id, text).err());
        problems.extend(problem);
    }
    let ids = settle(ids, problems)?;
    let mut texts = target::decode_query(target)?;
    let (files, json_body) = match (&route.body, form) {
        (Body::None, _) => (Vec::new(), None),
        (Body::Empty, form) => (Vec::new(), optional_body(&NOTHING, form)?),
        (Body::Json(shape), form) => (Vec::new(), Some(json_body(&[shape], "", form)?)),
        (Body::OptionalJson(shape), form) => (Vec::new(), optional_body(shape, form)?),
        (Body::Either { member, with, without }, form) => {
            (Vec::new(), Some(json_body(&[without, with], member, form)?))
        }
        (Body::Upload { object, .. }, Form::Parts { texts: fields, files }) => {
            for (name, text) in fields {
                if name != *object && !route.params.iter().any(|param| param.name == name) {
                    return Err(Refusal::bad(format!("Unknown form field: {name}")));
                }
                texts.push((name, text));
            }
            (uploads(files)?, None)
        }
        (Body::Upload { .. }, Form::Broken(problem)) => return Err(Refusal::bad(problem)),
        (Body::Upload { .. }, Form::Plain { .. }) => {
            return Err(Refusal::bad("The body must be multipart/form-data"));
        }
    };
    let query = params(route, &texts)?;
    let body = match (&route.body, json_body) {
        (_, Some(body)) => body,
        (Body::Upload { object, shape }, None) => {
            let text = texts
                .iter()
                .find(|(name, _)| name == object)
                .map(|(_, text)| text.as_str());
            let text = text.ok_or_else(|| Refusal::bad(format!("Missing parameter: {object}")))?;
            parse_object(&[shape], "", text.as_bytes(), object)?
        }
        (_, None) => Map::new(),
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    Ok(Call {
        ids,
        query,
        body,
        files,
        origin: format!("http://{host}"),
    })
}

fn uploads(files: Vec<(String, Upload)>) -> Result<Vec<Upload>, Refusal> {
    let mut single = 0;
    for (part, file) in &files {
        match part.as_str() {
            "file" => single += 1,
            "files" => {}
            other => return Err(Refusal::bad(format!("Unknown file part: {other}"))),
        }
        if file.name.is_empty() {
            return Err(Refusal::bad(format!("The part {part} has no file name")));
        }
    }
    if single > 1 {
        return Err(Refusal::bad(
            "The part file is for one file; several go into repeated parts named files",
        ));
    }
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

fn params(route: &Route, texts: &[(String, String)]) -> Result<HashMap<&'static str, String>, Refusal> {
    let mut problems = Vec::new();
    let mut query = HashMap::new();
    if route.strict {
        for (index, (name, _)) in texts.iter().enumerate() {
            if !route.params.iter().any(|param| param.name == name) {
                problems.push(format!("Unknown parameter: {name}"));
            } else if texts.iter().take(index).any(|(earlier, _)| earlier == name) {
                problems.push(format!("Parameter {name} is given twice"));
            }
        }
    }
    for param in route.params {
        // The first one counts when a name is repeated.
        match texts.iter().find(|(name, _)| name == param.name) {
            Some((_, text)) => match check_param(param, text) {
                Ok(()) => drop(query.insert(param.name, text.clone())),
                Err(problem) => problems.push(problem),
            },
            None if param.required => problems.push(format!("Missing parameter: {}", param.name)),
            None => {}
        }
    }
    if !route.one_of.is_empty() && !route.one_of.iter().any(|name| query.contains_key(name)) {
        problems.push(format!(
            "One of these parameters is needed: {}",
            route.one_of.join(", ")
        ));
    }
    settle(query, problems)
}

fn check_param(param: &Param, text: &str) -> Result<(), String> {
    let name = param.name;
    match param.kind {
        ParamKind::Text if text.trim().is_empty() => Err(format!("Parameter {name} is empty")),
        ParamKind::Digits if text.is_empty() || text.len() > 18 || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(format!("Parameter {name} must be a number, not `{text}`"))
        }
        ParamKind::OneOf(words) if !words.contains(&text) => Err(format!(
            "Parameter {name} must be one of {}, not `{text}`",
            words.join(", ")
        )),
        ParamKind::Moment if parse_moment(text).is_none() => {
            Err(format!("Parameter {name} must be YYYY-MM-DD HH:MM:SS, not `{text}`"))
        }
        ParamKind::Form(TextForm { wanted, fits }) if !fits(text) => {
            Err(format!("Parameter {name} must be {wanted}, not `{text}`"))
        }
        _ => Ok(()),
    }
}

static NOTHING: Shape = Shape::new(&[]);

fn optional_body(shape: &Shape, form: Form) -> Result<Option<Map<String, Value>>, Refusal> {
    match form {
        Form::Plain { bytes, .. } if bytes.is_empty() => Ok(None),
        form => json_body(&[shape], "", form).map(Some),
    }
}

/// A body of the first shape, or of the second when it has the member.
fn json_body(shapes: &[&Shape], member: &str, form: Form) -> Result<Map<String, Value>, Refusal> {
    match form {
        Form::Plain { is_json: true, bytes } => parse_object(shapes, member, &bytes, "body"),
        // The status is our guess; the vendor was not seen refusing this.
        _ => Err(Refusal::new(415, "The Content-Type must be application/json")),
    }
}

fn parse_object(shapes: &[&Shape], member: &str, text: &[u8], what: &str) -> Result<Map<String, Value>, Refusal> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| Refusal::bad(format!("The {what} is not JSON: {error}")))?;
    let Value::Object(object) = value else {
        return Err(Refusal::bad(format!("The {what} must be a JSON object")));
    };
    let mut problems = Vec::new();
    let shape = shapes.get(usize::from(object.contains_key(member)));
    if let Some(shape) = shape.or(shapes.first()) {
        check_object(shape, &object, "", &mut problems);
    }
    settle(object, problems)
}

fn settle<T>(value: T, problems: Vec<String>) -> Result<T, Refusal> {
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(Refusal::bad(problems.join("; ")))
    }
}

fn check_object(shape: &Shape, object: &Map<String, Value>, prefix: &str, problems: &mut Vec<String>) {
    for name in object.keys() {
        if !shape.open && !shape.fields.iter().any(|field| field.name == name) {
            problems.push(format!("Unknown field: {prefix}{name}"));
        }
    }
    for field in shape.fields {
        match object.get(field.name) {
            Some(value) => check_value(
                &field.kind,
                value,
                &format!("{prefix}{}", field.name),
                field.required,
                problems,
            ),
            None if field.required => problems.push(format!("Missing field: {prefix}{}", field.name)),
            None => {}
        }
    }
    if shape.not_empty && object.is_empty() {
        problems.push(format!("{} needs at least one member", prefix.trim_end_matches('.')));
    }
}

/// What is wrong with a value that must be of this kind.
pub(crate) fn problems_with(kind: &Kind, value: &Value, name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    check_value(kind, value, name, true, &mut problems);
    problems
}

fn check_value(kind: &Kind, value: &Value, name: &str, required: bool, problems: &mut Vec<String>) {
    let wanted = match (kind, value) {
        (Kind::Any, _) | (Kind::Nullable(_), Value::Null) | (Kind::Number, Value::Number(_)) => return,
        (Kind::Nullable(kind), value) => return check_value(kind, value, name, required, problems),
        (Kind::Scalar, Value::String(_) | Value::Number(_) | Value::Bool(_)) => return,
        (Kind::Scalar, _) => "be a string, a number or a boolean",
        (Kind::Form(form), Value::String(text)) if (form.fits)(text) => return,
        (Kind::Form(form), _) => {
            problems.push(format!("{name} must be {}", form.wanted));
            return;
        }
        (Kind::OneOf(words), value) => {
            if !value.as_str().is_some_and(|word| words.contains(&word)) {
                problems.push(format!("{name} must be one of {}", words.join(", ")));
            }
            return;
        }
        (Kind::Whole, value) if value.is_i64() => return,
        (Kind::Whole, _) => "be an integer",
        (Kind::Number, _) => "be a number",
        (Kind::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_value(kind, item, &format!("{name}[{index}]"), required, problems);
            }
            return;
        }
        (Kind::List(_), _) => "be a list",
        (Kind::Map(kind), Value::Object(members)) => {
            for (key, value) in members {
                check_value(kind, value, &format!("{name}.{key}"), false, problems);
            }
            return;
        }
        (Kind::Map(_), _) => "be an object",
        (Kind::Text, Value::String(text)) if required && text.trim().is_empty() => "not be empty",
        (Kind::Text, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => return,
        (Kind::TextUpTo(most), Value::String(text)) => {
            if text.chars().count() > *most {
                problems.push(format!("{name} must have at most {most} characters"));
            } else if required && text.trim().is_empty() {
                problems.push(format!("{name} must not be empty"));
            }
            return;
        }
        (Kind::Email, Value::String(text)) if is_email(text) => return,
        (Kind::Email, _) => "be an email address",
        (Kind::Emails, Value::String(text)) if text.split(',').all(|part| is_email(part.trim())) => return,
        (Kind::Emails, _) => "be a string of email addresses separated by commas",
        (Kind::Texts, Value::Array(items)) if items.iter().all(Value::is_string) => return,
        (Kind::Texts, _) => "be a list of strings",
        (Kind::EmailList, Value::Array(items)) if items.iter().all(|item| item.as_str().is_some_and(is_email)) => {
            return;
        }
        (Kind::EmailList, _) => "be a list of email addresses",
        (Kind::Integer, value) if value.as_i64().is_some_and(|number| number >= 0) => return,
        (Kind::Integer, _) => "be an integer, not negative",
        (Kind::Code(codes), value) => {
            if !value.as_i64().is_some_and(|code| codes.contains(&code)) {
                let codes: Vec<_> = codes.iter().map(i64::to_string).collect();
                problems.push(format!("{name} must be one of the integers {}", codes.join(", ")));
            }
            return;
        }
        (Kind::Moment, Value::String(text)) if parse_moment(text).is_some() => return,
        (Kind::Moment, _) => "be a string YYYY-MM-DD HH:MM:SS",
        (Kind::Date, Value::String(text)) if parse_date(text).is_some() => return,
        (Kind::Date, _) => "be a string YYYY-MM-DD",
        (Kind::Object(shape), Value::Object(object)) => {
            check_object(shape, object, &format!("{name}."), problems);
            return;
        }
        (Kind::Scalars(prefix), Value::Object(object)) => {
            for (key, value) in object {
                if key.strip_prefix(prefix).is_none_or(str::is_empty) {
                    problems.push(format!("{name}: `{key}` does not begin with {prefix}"));
                } else if value.is_object() || value.is_array() {
                    problems.push(format!(
                        "{name}: the value of `{key}` must be a string, number, boolean or null"
                    ));
                }
            }
            return;
        }
        (Kind::Object(_) | Kind::Scalars(_), _) => "be an object",
        (Kind::Text | Kind::TextUpTo(_), _) => "be a string",
        (Kind::Boolean, _) => "be a boolean",
    };
    problems.push(format!("{name} must {wanted}"));
}

pub(crate) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.contains(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '<' | '>'))
            && !host.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        for right in ["a@b.example", "a+b@c.d.example", "ö@x.example"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in [
            "",
            "a",
            "a@b",
            "@b.example",
            "a b@c.example",
            "a@b.example,c@d.example",
            "a@@b.example",
            "a@.x",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
