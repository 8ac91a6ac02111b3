//! What callers give: parameters and bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{Refused, is_json};
use super::document::Place;
use super::names::FieldNames;
use super::schema::Schemas;
use super::types::{Arguments, Body, Field, Ty};
use crate::names::Name;

/// Headers that Deskhand sends itself.
const OWN_HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "user-agent",
];

/// Where an operation stands.
pub(super) struct Route<'d> {
    pub(super) item: Place<'d>,
    pub(super) operation: Place<'d>,
    pub(super) path: &'d str,
    pub(super) http_method: &'static str,
}

/// Reads the arguments of an operation called `owner`; gives the path with its placeholders as they are named.
pub(super) fn arguments<'d>(
    schemas: &mut Schemas<'d>,
    route: &Route<'d>,
    owner: &str,
    sent_by_auth: &BTreeSet<String>,
) -> Result<(Arguments, String, Vec<String>), Refused> {
    let mut reader = Reader {
        schemas,
        owner: Name::new(owner).type_name(),
        names: FieldNames::default(),
        arguments: Arguments::default(),
        checks: Vec::new(),
    };
    let parameters = parameters(reader.schemas, route);
    let path = reader.path(route, &parameters)?;
    for place in &parameters {
        reader.parameter(place, sent_by_auth)?;
    }
    if let Some(body) = route.operation.get("requestBody") {
        let body = reader.schemas.document.resolved(&body);
        reader.body(&body, route.http_method)?;
    }
    Ok((reader.arguments, path, reader.checks))
}

/// The parameters of the path, those of the operation in the place of equal ones.
fn parameters<'d>(schemas: &Schemas<'d>, route: &Route<'d>) -> Vec<Place<'d>> {
    let mut all: Vec<Place<'d>> = Vec::new();
    for of in [&route.item, &route.operation] {
        for place in of.get("parameters").map(|list| list.items()).unwrap_or_default() {
            let place = schemas.document.resolved(&place);
            let same =
                |known: &Place<'_>| known.text("name") == place.text("name") && known.text("in") == place.text("in");
            match all.iter_mut().find(|known| same(known)) {
                Some(known) => *known = place,
                None => all.push(place),
            }
        }
    }
    all
}

struct Reader<'s, 'd> {
    schemas: &'s mut Schemas<'d>,
    owner: String,
    names: FieldNames,
    arguments: Arguments,
    checks: Vec<String>,
}

impl<'d> Reader<'_, 'd> {
    fn note(&mut self, pointer: &str, why: impl Into<String>) {
        self.checks.push(self.schemas.notes.check(pointer, why));
    }

    /// The path with placeholders that are legal names, and their fields.
    fn path(&mut self, route: &Route<'d>, parameters: &[Place<'d>]) -> Result<String, Refused> {
        let mut rest = route.path;
        let mut path = String::new();
        let mut met = BTreeSet::new();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err("its path has a brace that is not closed".to_owned());
            };
            if !met.insert(name) {
                return Err(format!("its path has `{{{name}}}` twice"));
            }
            let declared = parameters
                .iter()
                .find(|place| place.text("in") == Some("path") && place.text("name") == Some(name));
            let mut field = match declared {
                Some(place) => self.value_of(place, name),
                None => {
                    self.note(
                        &route.operation.pointer,
                        format!("`{{{name}}}` of the path is not declared: taken as text"),
                    );
                    Field::new(name, Ty::TEXT, &route.operation.pointer)
                }
            };
            if !self.is_scalar(&field.ty) {
                let pointer = field.pointer.clone();
                field.checks.push(
                    self.schemas
                        .notes
                        .check(&pointer, "no scalar, but a part of the path: taken as text"),
                );
                field.ty = Ty::TEXT;
            }
            // Null would be no part of a path.
            (field.required, field.nullable, field.access) = (false, false, None);
            (field.default, field.secret) = (None, false);
            if let Some(other) = super::pages::other_name(&field.name) {
                other.clone_into(&mut field.name);
            }
            self.names.settle(&mut field, "path");
            path.push_str(&format!("{before}{{{}}}", field.name));
            self.arguments.path.push(field);
            rest = after;
        }
        path.push_str(rest);
        let sound = |c: char| !c.is_whitespace() && !c.is_control() && !"?#}".contains(c);
        if !rest.chars().all(sound) || !route.path.starts_with('/') || route.path.contains(char::is_whitespace) {
            return Err("its path is no plain path: it holds blanks, `?`, `#` or braces".to_owned());
        }
        Ok(path)
    }

    fn parameter(&mut self, place: &Place<'d>, sent_by_auth: &BTreeSet<String>) -> Result<(), Refused> {
        let (Some(name), Some(location)) = (place.text("name"), place.text("in")) else {
            self.note(&place.pointer, "a parameter without `name` or `in`: left out");
            return Ok(());
        };
        match location {
            "path" => {
                if !self.arguments.path.iter().any(|field| field.wire() == name) {
                    self.note(&place.pointer, format!("the path has no `{{{name}}}`: left out"));
                }
                Ok(())
            }
            "query" if sent_by_auth.contains(&format!("query {name}")) => Ok(()),
            "query" => self.query(place, name),
            "header" => self.header(place, name, sent_by_auth),
            other => self.cannot_send(place, format!("the language has no {other} parameters")),
        }
    }

    /// Leaves a parameter out, or refuses the operation that needs it.
    fn cannot_send(&mut self, place: &Place<'d>, why: String) -> Result<(), Refused> {
        let name = place.text("name").unwrap_or_default().to_owned();
        if place.flag("required") {
            return Err(format!("it needs `{name}`, but {why}"));
        }
        self.note(&place.pointer, format!("{why}: `{name}` is left out"));
        Ok(())
    }

    /// The field of a parameter, by its schema or its content.
    fn value_of(&mut self, place: &Place<'d>, name: &str) -> Field {
        let content = place
            .get("content")
            .and_then(|all| all.entries().into_iter().next())
            .map(|(_, content)| content);
        let schema = place
            .get("schema")
            .or_else(|| content.and_then(|content| content.get("schema")));
        let owner = format!("{}{}", self.owner, Name::new(name).type_name());
        let mut field = match &schema {
            Some(schema) => self.schemas.field(name, schema, &owner),
            None => {
                self.note(&place.pointer, "a parameter without a schema: taken as text");
                Field::new(name, Ty::TEXT, &place.pointer)
            }
        };
        if let Some(text) = place.text("description") {
            // What the schema's own words add, such as the values of an enumeration, was said there.
            let said = self.schemas.doc(text, super::text::FIELD - 100, place);
            field.doc = said.or(field.doc);
        }
        let short = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        if let Some(example) = place.get("example").filter(|example| short(example.value)) {
            field.example = Some(example.value.clone());
        }
        field.required = place.flag("required");
        field.deprecated |= place.flag("deprecated");
        field.pointer.clone_from(&place.pointer);
        field
    }

    fn query(&mut self, place: &Place<'d>, name: &str) -> Result<(), Refused> {
        let mut field = self.value_of(place, name);
        let style = place.text("style").unwrap_or("form");
        let explode = place
            .get("explode")
            .map_or(style == "form" || style == "deepObject", |set| {
                set.value == &Value::Bool(true)
            });
        let list = matches!(field.ty, Ty::List(_));
        if place.has("content") {
            field.query_style = Some("json");
        } else if list && name.ends_with("[]") {
            field.query_style = Some("brackets");
            field.wire = Some(name.trim_end_matches("[]").to_owned());
            field.name = name.trim_end_matches("[]").to_owned();
        } else {
            field.query_style = match (style, list) {
                ("form", true) if explode => None,
                ("form", true) => Some("comma"),
                ("form", false) => None,
                ("deepObject", true) => {
                    field.checks.push(
                        self.schemas
                            .notes
                            .check(&place.pointer, "a list of the style deepObject: written as name[]=a"),
                    );
                    Some("brackets")
                }
                ("deepObject", false) => Some("deep"),
                (other, _) => {
                    return self.cannot_send(place, format!("the language has no query style {other}"));
                }
            };
        }
        if field.ty == Ty::JSON && field.query_style.is_none() {
            field.checks.push(
                self.schemas
                    .notes
                    .check(&place.pointer, "any value in a query: taken as text"),
            );
            field.ty = Ty::TEXT;
        }
        if !self.fits_query(&field) {
            return self.cannot_send(
                place,
                "its style does not say how such a value is written in a query".to_owned(),
            );
        }
        // Nothing in a query means null.
        (field.nullable, field.access) = (false, None);
        self.names.settle(&mut field, "query");
        self.arguments.query.push(field);
        Ok(())
    }

    fn header(&mut self, place: &Place<'d>, name: &str, sent_by_auth: &BTreeSet<String>) -> Result<(), Refused> {
        let lower = name.to_ascii_lowercase();
        if OWN_HEADERS.contains(&lower.as_str()) || sent_by_auth.contains(&format!("header {lower}")) {
            return Ok(());
        }
        let mut field = self.value_of(place, name);
        if !self.is_scalar(&field.ty) || !super::settings::is_token(name) {
            return self.cannot_send(
                place,
                "a header holds one text or number and has a plain name".to_owned(),
            );
        }
        (field.nullable, field.access) = (false, None);
        self.names.settle(&mut field, "header");
        self.arguments.headers.push(field);
        Ok(())
    }

    fn is_record(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Named(name) => matches!(
                self.schemas.types.get(name).map(|known| &known.body),
                Some(Body::Fields(_)) | None
            ),
            Ty::Map(_) => true,
            _ => false,
        }
    }

    fn is_scalar(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Word("json" | "file") | Ty::List(_) | Ty::Map(_) | Ty::OneOf(_) => false,
            Ty::Word(_) | Ty::Id(_) => true,
            Ty::Named(_) => !self.is_record(ty),
        }
    }

    fn fits_query(&self, field: &Field) -> bool {
        let object = |ty: &Ty| *ty == Ty::JSON || self.is_record(ty);
        let inner = match &field.ty {
            Ty::List(inner) => inner,
            other => other,
        };
        match field.query_style {
            Some("json") => true,
            Some("deep") => object(&field.ty),
            _ => !object(inner) && !matches!(inner, Ty::List(_)),
        }
    }

    fn body(&mut self, body: &Place<'d>, http_method: &str) -> Result<(), Refused> {
        if http_method == "GET" {
            if body.flag("required") {
                return Err("it needs a body with GET, which many servers drop".to_owned());
            }
            self.note(&body.pointer, "a body with GET: left out");
            return Ok(());
        }
        let contents = body.get("content").map(|all| all.entries()).unwrap_or_default();
        let by = |wanted: &dyn Fn(&str) -> bool| {
            contents
                .iter()
                .find(|(media, _)| wanted(media))
                .map(|(_, place)| place.clone())
        };
        let is = |wanted: &'static str| {
            move |media: &str| {
                media
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .eq_ignore_ascii_case(wanted)
            }
        };
        let found = by(&is_json)
            .map(|place| (None, place))
            .or_else(|| Some((Some("multipart"), by(&is("multipart/form-data"))?)))
            .or_else(|| Some((Some("form"), by(&is("application/x-www-form-urlencoded"))?)));
        let Some((form, content)) = found else {
            let media: Vec<&str> = contents.iter().map(|(media, _)| *media).collect();
            return match contents.is_empty() {
                true => Ok(()),
                false => Err(format!(
                    "its body is {}, which the language cannot write",
                    media.join(", ")
                )),
            };
        };
        if contents.len() > 1 {
            let media: Vec<&str> = contents.iter().map(|(media, _)| *media).collect();
            self.note(
                &body.pointer,
                format!("one of the bodies {} is taken", media.join(", ")),
            );
        }
        let Some(schema) = content.get("schema") else {
            self.note(&content.pointer, "a body without a schema: any value");
            return self.whole(None, body);
        };
        self.arguments.body_as = form;
        match (self.schemas.object(&schema), form) {
            (Some(object), _) => {
                for (name, place) in &object.properties {
                    self.member(name, place, object.required.contains(name), form)?;
                }
                if object.open {
                    self.note(&schema.pointer, "the body may have other members: they cannot be given");
                }
                if self.arguments.body.is_empty() {
                    self.arguments.body_as = None;
                }
                Ok(())
            }
            (None, None) => self.whole(Some(&schema), body),
            (None, Some(form)) => Err(format!("its {form} body is no object with members")),
        }
    }

    fn member(
        &mut self,
        name: &str,
        place: &Place<'d>,
        required: bool,
        form: Option<&'static str>,
    ) -> Result<(), Refused> {
        if name.is_empty() || *place.value == Value::Bool(false) {
            self.note(&place.pointer, "a member without a name or value: left out");
            return Ok(());
        }
        let owner = format!("{}{}", self.owner, Name::new(name).type_name());
        let files = self.schemas.list_items(place).flatten();
        let list = files.is_some_and(|items| self.schemas.is_file(&items));
        let mut field = match form == Some("multipart") && (list || self.schemas.is_file(place)) {
            true => self.schemas.file(name, place, list),
            false => self.schemas.field(name, place, &owner),
        };
        if field.access == Some("read") {
            return Ok(());
        }
        let scalar_or_list = match &field.ty {
            Ty::List(inner) => self.is_scalar(inner),
            other => self.is_scalar(other),
        };
        if form == Some("form") && !scalar_or_list {
            if required {
                return Err(format!(
                    "its form holds `{name}`, which is no scalar or list of scalars"
                ));
            }
            self.note(
                &place.pointer,
                format!("a form holds scalars and lists of scalars: `{name}` is left out"),
            );
            return Ok(());
        }
        field.access = None;
        field.required = required;
        field.nullable &= form.is_none();
        self.names.settle(&mut field, "body");
        self.arguments.body.push(field);
        Ok(())
    }

    /// A body that is no object with members: one argument.
    fn whole(&mut self, schema: Option<&Place<'d>>, body: &Place<'d>) -> Result<(), Refused> {
        let owner = format!("{}Body", self.owner);
        let mut field = match schema {
            Some(schema) => self.schemas.field("body", schema, &owner),
            None => Field::new("body", Ty::JSON, &body.pointer),
        };
        field.doc = field
            .doc
            .or_else(|| self.schemas.doc(body.text("description")?, super::text::FIELD, body));
        field.required = body.flag("required");
        (field.nullable, field.access) = (false, None);
        self.names.settle(&mut field, "request");
        if field.name != "body" {
            return Err("it has an argument `body` besides a body that is no object with members".to_owned());
        }
        field.wire = None;
        self.arguments.body_as = Some("whole");
        self.arguments.body.push(field);
        Ok(())
    }
}
