//! Strict checking of a request against its route. All problems of a request are told at once.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::answer::{Problem, Refusal};
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
    let mut value = Value::Null;
    let (files, json_body) = match (&route.body, form) {
        (Body::None, _) => (Vec::new(), None),
        (Body::Empty, form) => (Vec::new(), optional_body(&NOTHING, form)?),
        (Body::Json(shape), form) => (Vec::new(), Some(json_body(&[shape], "", form)?)),
        (Body::OptionalJson(shape), form) => (Vec::new(), optional_body(shape, form)?),
        (Body::Either { member, with, without }, form) => {
            (Vec::new(), Some(json_body(&[without, with], member, form)?))
        }
        (Body::Value(kind), form) => {
            value = json_value(kind, form)?;
            (Vec::new(), None)
        }
        (Body::Files, form) => (any_files(form)?, None),
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
    let (query, lists) = params(route, &texts)?;
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
        lists,
        body,
        value,
        files,
        target: target.to_owned(),
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

/// All files of a form, with the names of their parts.
fn any_files(form: Form) -> Result<Vec<Upload>, Refusal> {
    match form {
        Form::Parts { texts, files } => match texts.first() {
            Some((name, _)) => Err(Refusal::at(name, format!("The part {name} is no file"))),
            None if files.is_empty() => Err(Refusal::bad("There is no file in the form")),
            None => Ok(files
                .into_iter()
                .map(|(label, file)| Upload { label, ..file })
                .collect()),
        },
        Form::Broken(problem) => Err(Refusal::bad(problem)),
        Form::Plain { .. } => Err(Refusal::bad("The body must be multipart/form-data")),
    }
}

type Params = (HashMap<&'static str, String>, HashMap<&'static str, Vec<String>>);

fn params(route: &Route, texts: &[(String, String)]) -> Result<Params, Refusal> {
    let mut problems = Vec::new();
    let mut query = HashMap::new();
    let mut lists = HashMap::new();
    if route.strict {
        for (index, (name, _)) in texts.iter().enumerate() {
            let known = route.params.iter().find(|param| param.name == name);
            match known.map(|param| param.kind) {
                None => problems.push(Problem::new(name, format!("Unknown parameter: {name}"))),
                Some(ParamKind::Repeated(..)) => {}
                Some(_) if texts.iter().take(index).any(|(earlier, _)| earlier == name) => {
                    problems.push(Problem::new(name, format!("Parameter {name} is given twice")));
                }
                Some(_) => {}
            }
        }
    }
    for param in route.params {
        if let ParamKind::Repeated(kind, most) = param.kind {
            let given = texts.iter().filter(|(name, _)| name == param.name);
            let given: Vec<String> = given.map(|(_, text)| text.clone()).collect();
            let one = Param { kind: *kind, ..*param };
            problems.extend(given.iter().filter_map(|text| check_param(&one, text).err()));
            if given.len() > most {
                let text = format!("Parameter {} takes at most {most} values", param.name);
                problems.push(Problem::new(param.name, text));
            }
            if !given.is_empty() {
                lists.insert(param.name, given);
                continue;
            }
        }
        // The first one counts when a name is repeated.
        match texts.iter().find(|(name, _)| name == param.name) {
            Some((_, text)) => match check_param(param, text) {
                Ok(()) => drop(query.insert(param.name, text.clone())),
                Err(problem) => problems.push(problem),
            },
            None if param.required => {
                problems.push(Problem::new(param.name, format!("Missing parameter: {}", param.name)));
            }
            None => {}
        }
    }
    if !route.one_of.is_empty() && !route.one_of.iter().any(|name| query.contains_key(name)) {
        let text = format!("One of these parameters is needed: {}", route.one_of.join(", "));
        problems.push(Problem::new(route.one_of.join(", "), text));
    }
    settle((query, lists), problems)
}

fn check_param(param: &Param, text: &str) -> Result<(), Problem> {
    let name = param.name;
    let checked = match param.kind {
        ParamKind::Text if text.trim().is_empty() => Err(format!("Parameter {name} is empty")),
        ParamKind::Digits if text.is_empty() || text.len() > 18 || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(format!("Parameter {name} must be a number, not `{text}`"))
        }
        ParamKind::Between(least, most)
            if !text.parse().is_ok_and(|number: u64| {
                (least..=most).contains(&number) && text.bytes().all(|byte| byte.is_ascii_digit())
            }) =>
        {
            Err(format!(
                "Parameter {name} must be a number from {least} to {most}, not `{text}`"
            ))
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
    };
    checked.map_err(|text| Problem::new(name, text))
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

fn json_value(kind: &Kind, form: Form) -> Result<Value, Refusal> {
    let Form::Plain { is_json: true, bytes } = form else {
        return Err(Refusal::new(415, "The Content-Type must be application/json"));
    };
    let value =
        serde_json::from_slice(&bytes).map_err(|error| Refusal::bad(format!("The body is not JSON: {error}")))?;
    let mut problems = Vec::new();
    check_value(kind, &value, "body", true, &mut problems);
    settle(value, problems)
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

fn settle<T>(value: T, problems: Vec<Problem>) -> Result<T, Refusal> {
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(Refusal::because(problems))
    }
}

fn check_object(shape: &Shape, object: &Map<String, Value>, prefix: &str, problems: &mut Vec<Problem>) {
    for name in object.keys() {
        if !shape.open && !shape.fields.iter().any(|field| field.name == name) {
            let place = format!("{prefix}{name}");
            let text = format!("Unknown field: {place}");
            problems.push(Problem::new(place, text));
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
            None if field.required => {
                let place = format!("{prefix}{}", field.name);
                let text = format!("Missing field: {place}");
                problems.push(Problem::new(place, text));
            }
            None => {}
        }
    }
    if shape.not_empty && object.is_empty() {
        let place = prefix.trim_end_matches('.');
        problems.push(Problem::new(place, format!("{place} needs at least one member")));
    }
}

/// What is wrong with a value that must be of this kind.
pub(crate) fn problems_with(kind: &Kind, value: &Value, name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    check_value(kind, value, name, true, &mut problems);
    problems.into_iter().map(|problem| problem.text).collect()
}

fn check_value(kind: &Kind, value: &Value, name: &str, required: bool, problems: &mut Vec<Problem>) {
    let mut tell = |text: String| problems.push(Problem::new(name, text));
    let wanted = match (kind, value) {
        (Kind::Any, _) | (Kind::Nullable(_), Value::Null) | (Kind::Number, Value::Number(_)) => return,
        (Kind::Nullable(kind), value) => return check_value(kind, value, name, required, problems),
        (Kind::Scalar, Value::String(_) | Value::Number(_) | Value::Bool(_)) => return,
        (Kind::Scalar, _) => "be a string, a number or a boolean",
        (Kind::Form(form), Value::String(text)) if (form.fits)(text) => return,
        (Kind::Form(form), _) => {
            tell(format!("{name} must be {}", form.wanted));
            return;
        }
        (Kind::OneOf(words), value) => {
            if !value.as_str().is_some_and(|word| words.contains(&word)) {
                tell(format!("{name} must be one of {}", words.join(", ")));
            }
            return;
        }
        (Kind::Whole, value) if value.is_i64() => return,
        (Kind::Whole, _) => "be an integer",
        (Kind::Between(least, most), value) => {
            if !value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)) {
                tell(format!("{name} must be an integer from {least} to {most}"));
            }
            return;
        }
        (Kind::Number, _) => "be a number",
        (Kind::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_value(kind, item, &format!("{name}[{index}]"), required, problems);
            }
            return;
        }
        (Kind::Items(kind, least, most), Value::Array(items)) => {
            if !(*least..=*most).contains(&items.len()) {
                tell(format!("{name} must have {least} to {most} items"));
                return;
            }
            return check_value(&Kind::List(kind), value, name, required, problems);
        }
        (Kind::List(_) | Kind::Items(..), _) => "be a list",
        (Kind::Told { by, shapes }, Value::Object(object)) => {
            let word = object.get(*by).and_then(Value::as_str);
            let shape = shapes.iter().find(|(known, _)| Some(*known) == word);
            match shape {
                Some((_, shape)) => check_object(shape, object, &format!("{name}."), problems),
                None => {
                    let words: Vec<&str> = shapes.iter().map(|(known, _)| *known).collect();
                    let place = format!("{name}.{by}");
                    let text = format!("{place} must be one of {}", words.join(", "));
                    problems.push(Problem::new(place, text));
                }
            }
            return;
        }
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
                tell(format!("{name} must have at most {most} characters"));
            } else if required && text.trim().is_empty() {
                tell(format!("{name} must not be empty"));
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
                tell(format!("{name} must be one of the integers {}", codes.join(", ")));
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
                    tell(format!("{name}: `{key}` does not begin with {prefix}"));
                } else if value.is_object() || value.is_array() {
                    tell(format!(
                        "{name}: the value of `{key}` must be a string, number, boolean or null"
                    ));
                }
            }
            return;
        }
        (Kind::Object(_) | Kind::Scalars(_) | Kind::Told { .. }, _) => "be an object",
        (Kind::Text | Kind::TextUpTo(_), _) => "be a string",
        (Kind::Boolean, _) => "be a boolean",
    };
    tell(format!("{name} must {wanted}"));
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
