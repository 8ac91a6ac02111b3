//! What is written: types, fields and operations in the words of the spec language.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ty {
    /// A word of the language.
    Word(&'static str),
    /// A kind of identifier.
    Id(String),
    /// A declared type.
    Named(String),
    /// A list.
    List(Box<Ty>),
    /// An object with free keys.
    Map(Box<Ty>),
    /// One of several.
    OneOf(Vec<Ty>),
}

impl Ty {
    pub(super) const JSON: Self = Self::Word("json");
    pub(super) const TEXT: Self = Self::Word("text");

    pub(super) fn free_object() -> Self {
        Self::Map(Box::new(Self::JSON))
    }

    /// As it stands in a spec.
    pub(super) fn spelled(&self) -> Value {
        match self {
            Self::Word(word) => (*word).into(),
            Self::Id(name) | Self::Named(name) => name.as_str().into(),
            Self::List(inner) => json!({ "list": inner.spelled() }),
            Self::Map(inner) => json!({ "map": inner.spelled() }),
            Self::OneOf(types) => json!({ "one_of": types.iter().map(Self::spelled).collect::<Vec<_>>() }),
        }
    }

    /// Calls `visit` with the names of declared types inside.
    pub(super) fn each_named(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Named(name) => visit(name),
            Self::List(inner) | Self::Map(inner) => inner.each_named(visit),
            Self::OneOf(types) => types.iter().for_each(|ty| ty.each_named(visit)),
            Self::Word(_) | Self::Id(_) => {}
        }
    }
}

/// An argument or a member.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// Name on the wire where it differs.
    pub(super) wire: Option<String>,
    pub(super) ty: Ty,
    pub(super) doc: Option<String>,
    pub(super) required: bool,
    pub(super) nullable: bool,
    pub(super) query_style: Option<&'static str>,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) default: Option<Value>,
    pub(super) example: Option<Value>,
    pub(super) access: Option<&'static str>,
    pub(super) secret: bool,
    pub(super) deprecated: bool,
    /// Comments above it.
    pub(super) checks: Vec<String>,
    /// Where it stands in the document.
    pub(super) pointer: String,
}

impl Field {
    pub(super) fn new(name: &str, ty: Ty, pointer: &str) -> Self {
        Self {
            name: name.to_owned(),
            wire: None,
            ty,
            doc: None,
            required: false,
            nullable: false,
            query_style: None,
            min: None,
            max: None,
            default: None,
            example: None,
            access: None,
            secret: false,
            deprecated: false,
            checks: Vec::new(),
            pointer: pointer.to_owned(),
        }
    }

    /// Name on the wire.
    pub(super) fn wire(&self) -> &str {
        self.wire.as_deref().unwrap_or(&self.name)
    }

    /// As it stands in a spec; `asked` of callers or only told in answers.
    pub(super) fn spelled(&self, asked: bool) -> Value {
        let mut map = Map::new();
        map.insert("type".to_owned(), self.ty.spelled());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        let flag = |set: bool| set.then_some(Value::Bool(true));
        put("wire", self.wire.clone().map(Value::from));
        put("required", flag(self.required && asked));
        put("nullable", flag(self.nullable && asked));
        put("access", self.access.map(Value::from));
        put("query_style", self.query_style.map(Value::from));
        put("min", self.min.map(Value::from).filter(|_| asked));
        put("max", self.max.map(Value::from).filter(|_| asked));
        put("default", self.default.clone().filter(|_| asked));
        put("doc", self.doc.clone().map(Value::from));
        put("example", self.example.clone().filter(|_| asked && !self.secret));
        put("secret", flag(self.secret));
        put("deprecated", flag(self.deprecated));
        match map.len() {
            1 if self.ty.spelled().is_string() => self.ty.spelled(),
            _ => Value::Object(map),
        }
    }
}

/// A declared type.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) doc: String,
    pub(super) body: Body,
}

/// What a declared type is made of.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A record.
    Fields(Vec<Field>),
    /// An enumeration.
    Values(Vec<String>),
}

/// Arguments by where they travel.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) path: Vec<Field>,
    pub(super) query: Vec<Field>,
    pub(super) headers: Vec<Field>,
    pub(super) body: Vec<Field>,
    pub(super) body_as: Option<&'static str>,
}

impl Arguments {
    pub(super) fn all(&self) -> impl Iterator<Item = &Field> {
        self.path
            .iter()
            .chain(&self.query)
            .chain(&self.headers)
            .chain(&self.body)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        let first = self.path.iter_mut().chain(&mut self.query);
        first.chain(&mut self.headers).chain(&mut self.body)
    }
}

/// What comes back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) kind: Kind,
    /// JSON pointer to the record or list.
    pub(super) at: String,
    pub(super) total: Option<String>,
    pub(super) checks: Vec<String>,
}

/// Kinds of answers.
#[derive(Debug)]
pub(super) enum Kind {
    Record(Ty),
    List(Ty),
    /// `text`, `empty` or `redirect`.
    Word(&'static str),
}

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) resource: String,
    pub(super) method: String,
    pub(super) http_method: &'static str,
    pub(super) path: String,
    pub(super) title: String,
    pub(super) doc: Option<String>,
    pub(super) singleton: bool,
    pub(super) counts_as_read: bool,
    pub(super) tags: Vec<String>,
    pub(super) access: Vec<String>,
    pub(super) deprecated: bool,
    pub(super) source: String,
    pub(super) arguments: Arguments,
    pub(super) answer: Answer,
    pub(super) pages: Option<Value>,
    pub(super) checks: Vec<String>,
}

/// A kind of identifier.
#[derive(Debug)]
pub(super) struct Identifier {
    pub(super) ty: &'static str,
    pub(super) form: Option<&'static str>,
    pub(super) doc: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) operations: Vec<Operation>,
    pub(super) types: BTreeMap<String, Declared>,
    pub(super) identifiers: BTreeMap<String, Identifier>,
    /// Tags with what they group.
    pub(super) tags: BTreeMap<String, String>,
}

impl Found {
    /// The declared types that are reached from these, they included.
    pub(super) fn reached<'a>(&self, from: impl IntoIterator<Item = &'a Ty>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<String> = Vec::new();
        for ty in from {
            ty.each_named(&mut |name| open.push(name.to_owned()));
        }
        while let Some(name) = open.pop() {
            if let Some(Declared {
                body: Body::Fields(fields),
                ..
            }) = self.types.get(&name)
                && !reached.contains(&name)
            {
                for field in fields {
                    field.ty.each_named(&mut |inner| open.push(inner.to_owned()));
                }
            }
            reached.insert(name);
        }
        reached
    }
}
