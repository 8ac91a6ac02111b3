//! From a positioned tree to typed values, collecting every problem.
//!
//! Serde's derived code stops at the first error. Two devices make it go on. A value of the wrong
//! kind is noted and replaced by a [`Blank`] on the spot, so that its neighbours are decoded too; the
//! result is thrown away in the end. And an error that only the derived code can find (a missing
//! key, a conversion that fails) is noted and remembered, and the whole value is decoded again with a
//! blank in that place, until nothing new is found.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::tree::{Key, Kind, Node};
use crate::report::{Problem, Report, Span};

/// Decodes a value. When anything is wrong with it, everything that is wrong with it is reported
/// and nothing is returned.
///
/// Types derive [`Deserialize`] with `#[serde(deny_unknown_fields)]`. Shapes that serde buffers
/// (`flatten`, `untagged`, internally tagged) decode but lose the positions inside them; capture a
/// [`Node`] instead and look at its kind.
pub fn decode<T: DeserializeOwned>(node: &Node, report: &Report) -> Option<T> {
    let run = Run::default();
    let source = Source::of(node, &run);
    let value = loop {
        match source.settle(T::deserialize(source)) {
            Err(Stop::Again) => {}
            other => break other,
        }
    };
    let failed = run.failed.get();
    for problem in run.found.take() {
        report.push(problem);
    }
    value.ok().filter(|_| !failed)
}

/// A value that remembers where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A value captured undecoded, so that it can be decoded on its own: what is wrong with it does
/// not keep its neighbours from being decoded.
pub struct Raw<T>(Node, PhantomData<fn() -> T>);

// Derives would ask the same of `T`, which is not there yet.
impl<T> Clone for Raw<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> PartialEq for Raw<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> fmt::Debug for Raw<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Raw<T> {
    /// The captured value.
    pub fn node(&self) -> &Node {
        &self.0
    }

    /// Where it stands.
    pub fn span(&self) -> &Span {
        &self.0.span
    }
}

impl<T: DeserializeOwned> Raw<T> {
    /// Decodes the value and reports everything wrong with it.
    pub fn decode(&self, report: &Report) -> Option<T> {
        decode(&self.0, report)
    }
}

/// A map of items in the order of the file, each decoded on its own.
pub struct Named<T>(Vec<(Located<String>, Raw<T>)>);

impl<T> Clone for Named<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Named<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> fmt::Debug for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, raw)| (&name.value, raw)))
            .finish()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// The items with their names, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, (Located<String>, Raw<T>)> {
        self.0.iter()
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: DeserializeOwned> Named<T> {
    /// Decodes all items, reports everything wrong with them and returns those that are sound.
    pub fn decode(&self, report: &Report) -> Vec<(Located<String>, T)> {
        self.iter()
            .filter_map(|(name, raw)| Some((name.clone(), raw.decode(report)?)))
            .collect()
    }
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = &'a (Located<String>, Raw<T>);
    type IntoIter = std::slice::Iter<'a, (Located<String>, Raw<T>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

// ---------------------------------------------------------------------------------------------
// Capturing. Serde offers no way to hand a visitor anything but its own data model, so a node or
// a span is left in a slot by the source and taken from it by the visitor, with nothing between.

const NODE: &str = "$deskhand::yaml::Node";
const LOCATED: &str = "$deskhand::yaml::Located";

thread_local! {
    static HANDED_NODE: RefCell<Option<Node>> = const { RefCell::new(None) };
    static HANDED_SPAN: RefCell<Option<Span>> = const { RefCell::new(None) };
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Take;
        impl Visitor<'_> for Take {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of a spec file")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
                HANDED_NODE
                    .take()
                    .ok_or_else(|| E::custom("positions are known in spec files only"))
            }
        }
        deserializer.deserialize_newtype_struct(NODE, Take)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Take<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Take<T> {
            type Value = Located<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Located<T>, D::Error> {
                let span = HANDED_SPAN.take().unwrap_or_default();
                T::deserialize(deserializer).map(|value| Located { value, span })
            }
        }
        deserializer.deserialize_newtype_struct(LOCATED, Take(PhantomData))
    }
}

impl<'de, T> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer).map(|node| Raw(node, PhantomData))
    }
}

impl<'de, T> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<fn() -> T>);
        impl<'de, T> Visitor<'de> for Items<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = map.next_entry()? {
                    items.push(item);
                }
                Ok(Named(items))
            }
        }
        deserializer.deserialize_map(Items(PhantomData))
    }
}

macro_rules! schema_of {
    ($type:ident) => {
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    };
}

schema_of!(Located);
schema_of!(Raw);

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <std::collections::BTreeMap<String, T>>::json_schema(generator)
    }
}

impl JsonSchema for Node {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AnyValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

// ---------------------------------------------------------------------------------------------
// Errors

/// What the attempts at decoding one value have found.
#[derive(Default)]
struct Run {
    found: RefCell<Vec<Problem>>,
    /// Missing keys, by the address of the map.
    absent: RefCell<BTreeSet<(usize, &'static str)>>,
    /// Addresses of values that could not be decoded.
    blank: RefCell<BTreeSet<usize>>,
    /// Addresses of values whose type takes no blank: they are passed over.
    skip: RefCell<BTreeSet<usize>>,
    /// Whether anything was wrong.
    failed: Cell<bool>,
}

impl Run {
    fn note(&self, problem: Problem) {
        self.failed.set(true);
        let mut found = self.found.borrow_mut();
        if !found.contains(&problem) {
            found.push(problem);
        }
    }
}

/// Why decoding stopped.
#[derive(Debug)]
enum Stop {
    /// The problem is noted and the next attempt will get past it.
    Again,
    /// The problem is noted but no blank fits here: the value around it has to be a blank.
    Hopeless,
    /// A key is missing.
    Missing(&'static str),
    /// A word that is not among the known ones.
    Unknown(String, &'static [&'static str]),
    /// Anything else.
    Because(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Again | Stop::Hopeless => f.write_str("reported already"),
            Stop::Missing(key) => write!(f, "the key `{key}` is missing"),
            Stop::Unknown(word, _) => write!(f, "`{word}` is not known here"),
            Stop::Because(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Stop::Because(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Stop::Because(format!("expected {expected}, found {unexpected}"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Stop::Because(format!("expected {expected}, found {unexpected}"))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Stop::Because(format!("expected {expected}, found {len} items"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Stop::Unknown(variant.to_owned(), expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Stop::Unknown(field.to_owned(), expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Stop::Missing(field)
    }
}

// ---------------------------------------------------------------------------------------------
// The source of values

const TEXT: &str = "text";

/// A node on its way into a type.
#[derive(Clone, Copy)]
struct Source<'a> {
    node: &'a Node,
    /// Address of the node or key: what tells it from all others in the tree.
    id: usize,
    run: &'a Run,
    /// Keys are text even where a number is asked for.
    is_key: bool,
}

impl<'a> Source<'a> {
    fn of(node: &'a Node, run: &'a Run) -> Self {
        Self {
            node,
            id: std::ptr::from_ref(node).addr(),
            run,
            is_key: false,
        }
    }

    /// Notes the error that decoding this very value ended with, and what the next attempt has to
    /// do to get past it: leave the value blank, or else pass over it, or else the same with the
    /// value around it.
    fn settle<T>(self, result: Result<T, Stop>) -> Result<T, Stop> {
        let stop = match result {
            Ok(value) => return Ok(value),
            Err(stop) => stop,
        };
        let run = self.run;
        let span = &self.node.span;
        match stop {
            Stop::Again => return Err(Stop::Again),
            Stop::Missing(key) if self.node.get(key).is_none() => {
                if run.absent.borrow_mut().insert((self.id, key)) {
                    let message = format!("the key `{key}` is missing");
                    run.note(Problem::error("missing-key", span, message));
                    return Err(Stop::Again);
                }
            }
            // It is there but was passed over.
            Stop::Missing(_) | Stop::Hopeless => {}
            // What a type says about a blank interests nobody.
            _ if self.is_blank() => {}
            Stop::Unknown(word, known) => run.note(unknown_value(span, &word, known)),
            Stop::Because(why) => run.note(Problem::error("wrong-type", span, why)),
        }
        let past = run.blank.borrow_mut().insert(self.id) || run.skip.borrow_mut().insert(self.id);
        Err(if past { Stop::Again } else { Stop::Hopeless })
    }

    /// Whether the value is passed over.
    fn is_skipped(self) -> bool {
        self.run.skip.borrow().contains(&self.id)
    }

    /// Whether an earlier attempt failed here.
    fn is_blank(self) -> bool {
        self.run.blank.borrow().contains(&self.id)
    }

    /// Notes that the value is of the wrong kind, unless that is known.
    fn mismatch(self, expected: &str) -> Blank {
        self.run.failed.set(true);
        if !self.is_blank() && self.node.kind != Kind::Broken {
            let message = format!("expected {expected}, found {}", self.node.describe());
            let problem = Problem::error("wrong-type", &self.node.span, message);
            let quote = expected == TEXT && matches!(self.node.kind, Kind::Bool(_) | Kind::Int(_) | Kind::Float(_));
            self.run.note(if quote {
                problem.help("put it in quotes")
            } else {
                problem
            });
        }
        Blank { depth: 0 }
    }

    /// What the node holds, unless an earlier attempt failed here.
    fn kind(self) -> &'a Kind {
        if self.is_blank() {
            &Kind::Broken
        } else {
            &self.node.kind
        }
    }

    /// The node as a number of the given range.
    fn whole(self, least: i128, most: i128) -> Result<i128, Blank> {
        let value = match self.kind() {
            Kind::Int(value) => Some(i128::from(*value)),
            Kind::Text(text) if self.is_key => text.parse().ok(),
            _ => None,
        };
        let expected = match (least, most) {
            (0, most) if most > i128::from(u32::MAX) => "a whole number, zero or more".to_owned(),
            (least, _) if least < i128::from(i32::MIN) => "a whole number".to_owned(),
            _ => format!("a whole number from {least} to {most}"),
        };
        value
            .filter(|value| (least..=most).contains(value))
            .ok_or_else(|| self.mismatch(&expected))
    }
}

fn unknown_value(span: &Span, word: &str, known: &[&str]) -> Problem {
    Problem::error("unknown-value", span, format!("`{word}` is not known here")).suggest(word, known.iter().copied())
}

macro_rules! whole_numbers {
    ($($method:ident $type:ident $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            match self.whole(i128::from($type::MIN), i128::from($type::MAX)) {
                // In range by the check above.
                Ok(value) => visitor.$visit($type::try_from(value).unwrap_or_default()),
                Err(blank) => hopeless(blank.$method(visitor)),
            }
        }
    )*};
}

fn hopeless<T>(result: Result<T, Stop>) -> Result<T, Stop> {
    result.map_err(|_| Stop::Hopeless)
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Stop;

    whole_numbers! {
        deserialize_i8 i8 visit_i8, deserialize_i16 i16 visit_i16, deserialize_i32 i32 visit_i32,
        deserialize_i64 i64 visit_i64, deserialize_u8 u8 visit_u8, deserialize_u16 u16 visit_u16,
        deserialize_u32 u32 visit_u32, deserialize_u64 u64 visit_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Int(value) => visitor.visit_i64(*value),
            Kind::Float(value) => visitor.visit_f64(*value),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::List(items) => visitor.visit_seq(Items {
                source: self,
                items: items.iter(),
            }),
            Kind::Map(entries) => visitor.visit_map(Entries::of(self, entries)),
            Kind::Broken => hopeless(self.mismatch("a value").deserialize_any(visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Bool(value) => visitor.visit_bool(*value),
            _ => hopeless(self.mismatch("`true` or `false`").deserialize_bool(visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            // A spec has no whole numbers beyond 2^53 where a fraction is allowed.
            #[allow(clippy::cast_precision_loss)]
            Kind::Int(value) => visitor.visit_f64(*value as f64),
            Kind::Float(value) => visitor.visit_f64(*value),
            _ => hopeless(self.mismatch("a number").deserialize_f64(visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Text(text) if text.chars().count() == 1 => visitor.visit_str(text),
            _ => hopeless(self.mismatch("a single character").deserialize_char(visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Text(text) => visitor.visit_str(text),
            _ => hopeless(self.mismatch(TEXT).deserialize_str(visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Null => visitor.visit_unit(),
            _ => hopeless(self.mismatch("nothing").deserialize_unit(visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Stop> {
        match name {
            NODE => {
                HANDED_NODE.set(Some(self.node.clone()));
                visitor.visit_unit()
            }
            LOCATED => {
                HANDED_SPAN.set(Some(self.node.span.clone()));
                visitor.visit_newtype_struct(self)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::List(items) => visitor.visit_seq(Items {
                source: self,
                items: items.iter(),
            }),
            _ => hopeless(self.mismatch("a list").deserialize_seq(visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::List(items) if items.len() == len => visitor.visit_seq(Items {
                source: self,
                items: items.iter(),
            }),
            _ => hopeless(
                self.mismatch(&format!("a list of {len} items"))
                    .deserialize_tuple(len, visitor),
            ),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Map(entries) => visitor.visit_map(Entries::of(self, entries)),
            _ => hopeless(self.mismatch("a map").deserialize_map(visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match self.kind() {
            Kind::Map(entries) => visitor.visit_map(Entries::with_fields(self, entries, fields)),
            _ => hopeless(self.mismatch("a map").deserialize_struct(name, fields, visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let (word, span, payload) = match self.kind() {
            Kind::Text(word) => (word.as_str(), &self.node.span, None),
            Kind::Map(entries) => match entries.as_slice() {
                [(key, value)] => (key.text.as_str(), &key.span, Some(value)),
                _ => {
                    let blank = self.mismatch("a map with a single key");
                    return hopeless(blank.deserialize_enum(name, variants, visitor));
                }
            },
            _ => {
                let expected = match variants.len() {
                    1..=8 => format!(
                        "one of {}",
                        variants.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ")
                    ),
                    _ => TEXT.to_owned(),
                };
                return hopeless(self.mismatch(&expected).deserialize_enum(name, variants, visitor));
            }
        };
        match variants.iter().find(|known| **known == word) {
            Some(known) => visitor.visit_enum(Variant {
                source: self,
                word: known,
                payload,
            }),
            None => {
                self.run.note(unknown_value(span, word, variants));
                hopeless(Blank { depth: 0 }.deserialize_enum(name, variants, visitor))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }
}

struct Items<'a> {
    source: Source<'a>,
    items: std::slice::Iter<'a, Node>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        let run = self.source.run;
        match self
            .items
            .by_ref()
            .map(|node| Source::of(node, run))
            .find(|item| !item.is_skipped())
        {
            Some(item) => item.settle(seed.deserialize(item)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'a> {
    source: Source<'a>,
    entries: std::slice::Iter<'a, (Key, Node)>,
    /// The known keys, when the target is a struct.
    fields: Option<&'static [&'static str]>,
    /// Keys an earlier attempt found missing.
    absent: Vec<&'static str>,
    /// The value of the key that was read last; a blank if there is none.
    value: Option<&'a Node>,
}

impl<'a> Entries<'a> {
    fn of(source: Source<'a>, entries: &'a [(Key, Node)]) -> Self {
        Self {
            source,
            entries: entries.iter(),
            fields: None,
            absent: Vec::new(),
            value: None,
        }
    }

    fn with_fields(source: Source<'a>, entries: &'a [(Key, Node)], fields: &'static [&'static str]) -> Self {
        let absent = source.run.absent.borrow();
        let absent = absent
            .iter()
            .filter(|(id, _)| *id == source.id)
            .map(|(_, key)| *key)
            .collect();
        Self {
            fields: Some(fields),
            absent,
            ..Self::of(source, entries)
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        let run = self.source.run;
        for (key, value) in self.entries.by_ref() {
            if let Some(fields) = self.fields
                && !fields.contains(&key.text.as_str())
            {
                let problem = Problem::error("unknown-key", &key.span, format!("unknown key `{}`", key.text));
                run.note(problem.suggest(&key.text, fields.iter().copied()));
                continue;
            }
            let node = Node {
                span: key.span.clone(),
                kind: Kind::Text(key.text.clone()),
            };
            let key = Source {
                node: &node,
                id: std::ptr::from_ref(key).addr(),
                run,
                is_key: true,
            };
            if key.is_skipped() || Source::of(value, run).is_skipped() {
                continue;
            }
            self.value = Some(value);
            return key.settle(seed.deserialize(key)).map(Some);
        }
        self.value = None;
        match self.absent.pop() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        match self.value.take() {
            Some(node) => {
                let value = Source::of(node, self.source.run);
                value.settle(seed.deserialize(value))
            }
            None => hopeless(seed.deserialize(Blank { depth: 0 })),
        }
    }
}

/// A variant of an enum: a word, or a map of that word to what it holds.
struct Variant<'a> {
    source: Source<'a>,
    word: &'static str,
    payload: Option<&'a Node>,
}

impl<'a> Variant<'a> {
    /// What the variant holds; a blank if it should hold something and does not.
    fn held(&self) -> Result<Source<'a>, Blank> {
        match self.payload {
            Some(node) => Ok(Source::of(node, self.source.run)),
            None => {
                let message = format!("`{}` needs a value", self.word);
                let problem = Problem::error("wrong-type", &self.source.node.span, message);
                self.source.run.note(problem.help(format!("write `{}: …`", self.word)));
                Err(Blank { depth: 0 })
            }
        }
    }
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Stop;
    type Variant = Variant<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Variant<'a>), Stop> {
        let word: de::value::StrDeserializer<'_, Stop> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        if let Some(node) = self
            .payload
            .filter(|node| !matches!(node.kind, Kind::Null | Kind::Broken))
        {
            let message = format!("`{}` takes no value", self.word);
            self.source.run.note(Problem::error("wrong-type", &node.span, message));
        }
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stop> {
        match self.held() {
            Ok(held) => held.settle(seed.deserialize(held)),
            Err(blank) => hopeless(seed.deserialize(blank)),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        match self.held() {
            Ok(held) => held.settle(held.deserialize_tuple(len, visitor)),
            Err(blank) => hopeless(blank.deserialize_tuple(len, visitor)),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        match self.held() {
            Ok(held) => held.settle(held.deserialize_struct(self.word, fields, visitor)),
            Err(blank) => hopeless(blank.deserialize_struct(self.word, fields, visitor)),
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Blanks

/// Answers whatever is asked for with the emptiest value there is.
#[derive(Clone, Copy)]
struct Blank {
    depth: usize,
}

impl Blank {
    fn inner(self) -> Result<Self, Stop> {
        const DEEPEST: usize = 32;
        match self.depth {
            DEEPEST.. => Err(Stop::Hopeless),
            depth => Ok(Self { depth: depth + 1 }),
        }
    }
}

macro_rules! blanks {
    ($($method:ident $visit:ident $value:expr),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Blank {
    type Error = Stop;

    blanks! {
        deserialize_bool visit_bool false, deserialize_i8 visit_i8 0, deserialize_i16 visit_i16 0,
        deserialize_i32 visit_i32 0, deserialize_i64 visit_i64 0, deserialize_u8 visit_u8 0,
        deserialize_u16 visit_u16 0, deserialize_u32 visit_u32 0, deserialize_u64 visit_u64 0,
        deserialize_f32 visit_f32 0.0, deserialize_f64 visit_f64 0.0, deserialize_char visit_char ' ',
        deserialize_str visit_str "", deserialize_string visit_str "", deserialize_bytes visit_bytes b"",
        deserialize_byte_buf visit_bytes b"", deserialize_identifier visit_str ""
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Stop> {
        if name == NODE {
            HANDED_NODE.set(Some(Node {
                span: Span::nowhere(),
                kind: Kind::Broken,
            }));
            return visitor.visit_unit();
        }
        visitor.visit_newtype_struct(self.inner()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(Blanks {
            blank: self,
            left: 0,
            fields: [].iter(),
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(Blanks {
            blank: self.inner()?,
            left: len,
            fields: [].iter(),
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_map(Blanks {
            blank: self,
            left: 0,
            fields: [].iter(),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_map(Blanks {
            blank: self.inner()?,
            left: 0,
            fields: fields.iter(),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        // Another variant at each depth: a recursive one cannot go on for ever.
        let word = variants.get(self.depth % variants.len().max(1)).ok_or(Stop::Hopeless)?;
        visitor.visit_enum(BlankVariant {
            blank: self.inner()?,
            word,
        })
    }
}

/// Blanks in a row, or one for each field.
struct Blanks {
    blank: Blank,
    left: usize,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Blanks {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                seed.deserialize(self.blank).map(Some)
            }
            None => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Blanks {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        match self.fields.next() {
            Some(field) => seed.deserialize((*field).into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self.blank)
    }
}

struct BlankVariant {
    blank: Blank,
    word: &'static str,
}

impl<'de> EnumAccess<'de> for BlankVariant {
    type Error = Stop;
    type Variant = Blank;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Blank), Stop> {
        let word: de::value::StrDeserializer<'_, Stop> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, self.blank))
    }
}

impl<'de> VariantAccess<'de> for Blank {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_struct("", fields, visitor)
    }
}
