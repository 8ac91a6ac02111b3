//! Typed values over tables: reading answers, writing arguments.
//!
//! A generated record names each member twice: as a [`Row`], typed with the member's Rust type, and
//! in `read`/`write`, where the row and the member meet. Renaming, retyping or dropping one of them
//! does not compile, so a table can never describe another type than the one that is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde_json::{Map, Value};

use crate::shape::{Clear, Field, Form, Generate, Marks, Place, Presence, QueryStyle, Shape, Style, Table};

/// Members that the spec does not name, as they came.
pub type Extra = Map<String, Value>;

/// A struct described by a [`Table`].
pub trait Record: Sized {
    /// Its table.
    fn table() -> &'static Table;
    /// Builds it from the members of an object. What is wrong is kept by the reader, so that generated
    /// code has no branch for each member.
    fn read(reader: &mut Reader<'_>) -> Self;
    /// Gives its members to a writer, in table order.
    fn write(&self, writer: &mut Writer);
}

/// A type that can be a member of a record.
pub trait Member: Sized {
    /// Its shape.
    const SHAPE: Shape;
    /// Whether it must be there.
    const PRESENCE: Presence = Presence::Required;

    /// Reads a value as it is on the wire; `None` when the member is absent.
    ///
    /// # Errors
    /// The value has another type.
    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault>;

    /// What stands for a value that could not be read, until the reader's fault discards it.
    fn blank() -> Self;

    /// The value as it goes on the wire before [`Style`] is applied; `None` when absent.
    fn write(&self, names: Names) -> Option<Value>;
}

/// Which names a record is written or read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Names that callers use in arguments.
    Arguments,
    /// Names on the wire.
    Wire,
}

impl Names {
    fn of(self, field: &Field) -> &'static str {
        match self {
            Self::Arguments => field.name,
            Self::Wire => field.wire,
        }
    }
}

/// Where a value was found while reading.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    parent: Option<&'a Context<'a>>,
    step: Step<'a>,
    names: Names,
    /// Value of the sibling that chooses the shape, if there is one.
    pub tag: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> Context<'a> {
    /// The top of a document.
    pub const ROOT: Context<'static> = Context {
        parent: None,
        step: Step::Root,
        names: Names::Wire,
        tag: None,
    };

    /// A member below this place.
    #[must_use]
    pub fn member(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Name(name),
            names: self.names,
            tag: None,
        }
    }

    /// A list item below this place.
    #[must_use]
    pub fn item(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
            names: self.names,
            tag: None,
        }
    }

    /// A fault at this place.
    #[must_use]
    pub fn fault(&self, expected: impl Into<String>, found: Option<&Value>) -> Fault {
        Fault {
            path: self.path(),
            expected: expected.into(),
            found: found.map_or("nothing", kind_of).to_owned(),
        }
    }

    /// The place as a dotted path: `replies.0.id`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(context) = at {
            match context.step {
                Step::Root => {}
                Step::Name(name) => steps.push(name.to_owned()),
                Step::Index(index) => steps.push(index.to_string()),
            }
            at = context.parent;
        }
        steps.reverse();
        steps.join(".")
    }
}

/// A value that is not of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a dotted path.
    pub path: String,
    /// What was expected, in words.
    pub expected: String,
    /// What was found, in words.
    pub found: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the body" } else { &self.path };
        write!(f, "{place}: expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Fault {}

/// The kind of a JSON value, in words; never its content.
#[must_use]
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number",
        Value::Number(_) => "a whole number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A field together with the Rust type of its member.
pub struct Row<T> {
    /// The untyped field.
    pub field: Field,
    member: PhantomData<fn() -> T>,
}

impl<T: Member> Row<T> {
    /// A member of a body or answer.
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str) -> Self {
        Self {
            field: Field {
                name,
                wire: name,
                doc,
                shape: T::SHAPE,
                presence: T::PRESENCE,
                place: Place::Body,
                style: Style::Plain,
                form: Form::Any,
                min: None,
                max: None,
                default: None,
                example: None,
                clear: match T::PRESENCE {
                    Presence::Patch => Some(Clear::Null),
                    _ => None,
                },
                chosen_by: None,
                variable: None,
                generate: None,
                dynamic: None,
                marks: Marks::NONE,
            },
            member: PhantomData,
        }
    }

    /// Sets the name on the wire.
    #[must_use]
    pub const fn wire(mut self, wire: &'static str) -> Self {
        self.field.wire = wire;
        self
    }

    /// Travels in the path.
    #[must_use]
    pub const fn path(self) -> Self {
        self.place(Place::Path)
    }

    /// Travels in the query; a list repeats the name.
    #[must_use]
    pub const fn query(self) -> Self {
        self.place(Place::Query(QueryStyle::Repeat))
    }

    /// Sets where it travels.
    #[must_use]
    pub const fn place(mut self, place: Place) -> Self {
        self.field.place = place;
        self
    }

    /// Sets how scalars are written.
    #[must_use]
    pub const fn style(mut self, style: Style) -> Self {
        self.field.style = style;
        self
    }

    /// Sets the form of its text.
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.field.form = form;
        self
    }

    /// Sets the least value, length or number of items.
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.field.min = Some(min);
        self
    }

    /// Sets the greatest value, length or number of items.
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.field.max = Some(max);
        self
    }

    /// Tells what the vendor assumes.
    #[must_use]
    pub const fn default(mut self, default: &'static str) -> Self {
        self.field.default = Some(default);
        self
    }

    /// Gives a plausible value.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        self.field.example = Some(example);
        self
    }

    /// Sets the text that clears it.
    #[must_use]
    pub const fn cleared_by(mut self, text: &'static str) -> Self {
        self.field.clear = Some(Clear::Text(text));
        self
    }

    /// Names the sibling that chooses its shape.
    #[must_use]
    pub const fn chosen_by(mut self, sibling: &'static str) -> Self {
        self.field.chosen_by = Some(sibling);
        self
    }

    /// Names the account variable that stands in for it.
    #[must_use]
    pub const fn variable(mut self, variable: &'static str) -> Self {
        self.field.variable = Some(variable);
        self
    }

    /// Sets how a value is made when the caller gives none.
    #[must_use]
    pub const fn generate(mut self, generate: Generate) -> Self {
        self.field.generate = Some(generate);
        self
    }

    /// Must be given, although its Rust type allows absence: null or an account variable may stand in.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.field.presence = Presence::Required;
        self
    }

    /// Describes a value more closely than its Rust type (any JSON) can.
    #[must_use]
    pub const fn described(mut self, shape: Shape) -> Self {
        self.field.shape = shape;
        self
    }

    /// Names the slot of account-specific members.
    #[must_use]
    pub const fn dynamic(mut self, slot: &'static str) -> Self {
        self.field.dynamic = Some(slot);
        self
    }

    /// Adds marks.
    #[must_use]
    pub const fn marks(mut self, marks: Marks) -> Self {
        self.field.marks = self.field.marks.with(marks);
        self
    }
}

/// Takes the members of an object apart, row by row.
pub struct Reader<'a> {
    object: Map<String, Value>,
    tags: BTreeMap<&'static str, String>,
    context: &'a Context<'a>,
    fault: Option<Fault>,
}

impl<'a> Reader<'a> {
    fn new(table: &'static Table, object: Map<String, Value>, context: &'a Context<'a>) -> Self {
        let mut tags = BTreeMap::new();
        for field in table.fields {
            if let Some(sibling) = field.chosen_by
                && let Some(name) = table.field(sibling).map(|field| context.names.of(field))
                && let Some(tag) = object.get(name)
            {
                let tag = tag.as_str().map_or_else(|| tag.to_string(), str::to_owned);
                tags.insert(sibling, tag);
            }
        }
        Self {
            object,
            tags,
            context,
            fault: None,
        }
    }

    /// Takes the member of a row out of the object. The first member of another type, or missing though
    /// required, is remembered as the fault of the whole record.
    pub fn take<T: Member>(&mut self, row: &Row<T>) -> T {
        let field = &row.field;
        let name = self.context.names.of(field);
        let value = self.object.shift_remove(name);
        let mut context = self.context.member(name);
        context.tag = field
            .chosen_by
            .and_then(|sibling| self.tags.get(sibling))
            .map(String::as_str);
        match T::read(value, &context) {
            Ok(value) => value,
            Err(fault) => {
                self.fault.get_or_insert(fault);
                T::blank()
            }
        }
    }

    /// The members that no row took.
    pub fn rest(&mut self) -> Extra {
        std::mem::take(&mut self.object)
    }
}

/// Collects the members of an object, row by row.
pub struct Writer {
    object: Map<String, Value>,
    names: Names,
}

impl Writer {
    /// Adds the member of a row, unless it is absent.
    pub fn put<T: Member>(&mut self, row: &Row<T>, value: &T) {
        let field = &row.field;
        if let Some(mut written) = value.write(self.names) {
            if written.is_null() {
                if let Some(Clear::Text(text)) = field.clear {
                    written = Value::from(text);
                }
            } else {
                apply_style(field.style, &mut written);
            }
            self.object.insert(self.names.of(field).to_owned(), written);
        }
    }

    /// Adds members that no row names.
    pub fn rest(&mut self, extra: &Extra) {
        for (name, value) in extra {
            self.object.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Rewrites scalars, also inside lists, as `style` says.
pub fn apply_style(style: Style, value: &mut Value) {
    let new = match (style, &mut *value) {
        (Style::Plain, _) | (_, Value::Null | Value::Object(_)) => return,
        (_, Value::Array(items)) => {
            for item in items {
                apply_style(style, item);
            }
            return;
        }
        (Style::Digit, Value::Bool(flag)) => Value::from(u8::from(*flag)),
        (Style::DigitText, Value::Bool(flag)) => Value::from(if *flag { "1" } else { "0" }),
        (Style::Text | Style::DigitText, Value::Bool(_) | Value::Number(_)) => Value::from(value.to_string()),
        (Style::Digit | Style::Text | Style::DigitText, _) => return,
    };
    *value = new;
}

/// Writes a record as a JSON object.
#[must_use]
pub fn to_object<T: Record>(record: &T, names: Names) -> Map<String, Value> {
    let mut writer = Writer {
        object: Map::new(),
        names,
    };
    record.write(&mut writer);
    writer.object
}

/// Reads a record from a JSON value of the wire.
///
/// # Errors
/// The value is no object, or a member has another type than the table says.
pub fn from_value<T: Member>(value: Value) -> Result<T, Fault> {
    T::read(Some(value), &Context::ROOT)
}

/// Reads a record from arguments, whose members bear the names of callers: the inverse of [`to_object`] with
/// [`Names::Arguments`]. What typed values do not know, such as words of coded enumerations, is not understood.
///
/// # Errors
/// A member has another type than the table says.
pub fn from_arguments<T: Record>(arguments: Map<String, Value>) -> Result<T, Fault> {
    let context = Context {
        names: Names::Arguments,
        ..Context::ROOT
    };
    read_record(Some(Value::Object(arguments)), &context)
}

/// A record of blank members.
#[must_use]
pub fn blank_record<T: Record>() -> T {
    T::read(&mut Reader::new(T::table(), Map::new(), &Context::ROOT))
}

/// Reads a record below some place of a document.
///
/// # Errors
/// The value is no object, or a member has another type than the table says.
pub fn read_record<T: Record>(value: Option<Value>, context: &Context<'_>) -> Result<T, Fault> {
    match value {
        Some(Value::Object(object)) => {
            let mut reader = Reader::new(T::table(), object, context);
            let record = T::read(&mut reader);
            reader.fault.map_or(Ok(record), Err)
        }
        other => Err(context.fault("an object", other.as_ref())),
    }
}

impl<T: Member> Member for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Optional;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            None | Some(Value::Null) => Ok(None),
            some => T::read(some, context).map(Some),
        }
    }

    fn blank() -> Self {
        None
    }

    fn write(&self, names: Names) -> Option<Value> {
        self.as_ref().and_then(|value| value.write(names))
    }
}

/// A member that can be left alone, cleared, or given: three different things on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Patch<T> {
    /// Not sent; the vendor keeps its value.
    #[default]
    Absent,
    /// Sent as the vendor's "none".
    Clear,
    /// Sent.
    Value(T),
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Member> Member for Patch<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Patch;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            None => Ok(Self::Absent),
            Some(Value::Null) => Ok(Self::Clear),
            some => T::read(some, context).map(Self::Value),
        }
    }

    fn blank() -> Self {
        Self::Absent
    }

    fn write(&self, names: Names) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Clear => Some(Value::Null),
            Self::Value(value) => value.write(names),
        }
    }
}

impl<T: Member> Member for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = T::PRESENCE;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        T::read(value, context).map(Self::new)
    }

    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn write(&self, names: Names) -> Option<Value> {
        (**self).write(names)
    }
}

impl<T: Member> Member for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            Some(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| T::read(Some(item), &context.item(index)))
                .collect(),
            other => Err(context.fault("a list", other.as_ref())),
        }
    }

    fn blank() -> Self {
        Self::new()
    }

    fn write(&self, names: Names) -> Option<Value> {
        Some(
            self.iter()
                .map(|item| item.write(names).unwrap_or(Value::Null))
                .collect(),
        )
    }
}

impl<T: Member> Member for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            Some(Value::Object(object)) => object
                .into_iter()
                .map(|(name, value)| {
                    let read = T::read(Some(value), &context.member(&name))?;
                    Ok((name, read))
                })
                .collect(),
            other => Err(context.fault("an object", other.as_ref())),
        }
    }

    fn blank() -> Self {
        Self::new()
    }

    fn write(&self, names: Names) -> Option<Value> {
        Some(Value::Object(
            self.iter()
                .map(|(name, value)| (name.clone(), value.write(names).unwrap_or(Value::Null)))
                .collect(),
        ))
    }
}

impl Member for bool {
    const SHAPE: Shape = Shape::Bool;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match &value {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(false),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(true),
            Some(Value::String(text)) if matches!(text.as_str(), "0" | "false") => Ok(false),
            Some(Value::String(text)) if matches!(text.as_str(), "1" | "true") => Ok(true),
            other => Err(context.fault("true or false", other.as_ref())),
        }
    }

    fn blank() -> Self {
        false
    }

    fn write(&self, _: Names) -> Option<Value> {
        Some(Value::Bool(*self))
    }
}

impl Member for i64 {
    const SHAPE: Shape = Shape::Int;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        let read = match &value {
            Some(Value::Number(number)) => integer(number),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        read.ok_or_else(|| context.fault("a whole number", value.as_ref()))
    }

    fn blank() -> Self {
        0
    }

    fn write(&self, _: Names) -> Option<Value> {
        Some(Value::from(*self))
    }
}

/// A JSON number as a whole number, also when it is written as `5.0`.
#[must_use]
pub fn integer(number: &serde_json::Number) -> Option<i64> {
    /// Beyond this a double cannot tell neighbours apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "guarded: integral and below 2^53")]
        (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i64)
    })
}

impl Member for f64 {
    const SHAPE: Shape = Shape::Number;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        let read = match &value {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        };
        read.ok_or_else(|| context.fault("a number", value.as_ref()))
    }

    fn blank() -> Self {
        0.0
    }

    fn write(&self, _: Names) -> Option<Value> {
        serde_json::Number::from_f64(*self).map(Value::Number)
    }
}

impl Member for String {
    const SHAPE: Shape = Shape::Text;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        match value {
            Some(Value::String(text)) => Ok(text),
            other => Err(context.fault("text", other.as_ref())),
        }
    }

    fn blank() -> Self {
        Self::new()
    }

    fn write(&self, _: Names) -> Option<Value> {
        Some(Value::from(self.as_str()))
    }
}

impl Member for Value {
    const SHAPE: Shape = Shape::Any;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        value.ok_or_else(|| context.fault("any JSON value", None))
    }

    fn blank() -> Self {
        Self::Null
    }

    fn write(&self, _: Names) -> Option<Value> {
        Some(self.clone())
    }
}

/// A file to upload.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// File name that the vendor sees.
    pub name: String,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// The bytes.
    pub content: Vec<u8>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .field("bytes", &self.content.len())
            .finish()
    }
}

impl Member for File {
    const SHAPE: Shape = Shape::File;

    fn read(value: Option<Value>, context: &Context<'_>) -> Result<Self, Fault> {
        let wrong = |found: Option<&Value>| context.fault("a file: {name, media_type, content_base64}", found);
        let Some(Value::Object(object)) = &value else {
            return Err(wrong(value.as_ref()));
        };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let (Some(name), Some(content)) = (text("name"), text("content_base64")) else {
            return Err(wrong(value.as_ref()));
        };
        let content = base64_decode(content).ok_or_else(|| {
            context
                .member("content_base64")
                .fault("base64", object.get("content_base64"))
        })?;
        Ok(Self {
            name: name.to_owned(),
            media_type: text("media_type").unwrap_or("application/octet-stream").to_owned(),
            content,
        })
    }

    fn blank() -> Self {
        Self {
            name: String::new(),
            media_type: String::new(),
            content: Vec::new(),
        }
    }

    fn write(&self, _: Names) -> Option<Value> {
        use base64::Engine as _;
        Some(serde_json::json!({
            "name": self.name,
            "media_type": self.media_type,
            "content_base64": base64::engine::general_purpose::STANDARD.encode(&self.content),
        }))
    }
}

/// Decodes base64 in either alphabet, with or without padding and line breaks.
pub(crate) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let compact: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    )
    .decode(compact)
    .ok()
}

/// Prints a record with secret and personal members blanked.
///
/// # Errors
/// The formatter fails.
pub fn debug<T: Record>(record: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let table = T::table();
    let object = to_object(record, Names::Wire);
    let mut printed = f.debug_struct(table.name);
    for (name, value) in &object {
        let hidden = table
            .fields
            .iter()
            .any(|field| field.wire == name && (field.marks.has(Marks::SECRET) || field.marks.has(Marks::PERSONAL)));
        if hidden {
            printed.field(name, &format_args!("<hidden>"));
        } else {
            printed.field(name, value);
        }
    }
    printed.finish()
}

/// Everything is `#[inline]`: a crate of hundreds of operations compiles what its user calls, not more.
///
/// Makes generated records members, and gives them `Debug`, `Serialize` and `Deserialize` (wire form)
/// over their tables.
#[macro_export]
macro_rules! record_traits {
    ($($name:ident),+ $(,)?) => {$(
        impl $crate::record::Member for $name {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::record(<Self as $crate::record::Record>::table);

            #[inline]
            fn read(
                value: ::core::option::Option<$crate::serde_json::Value>,
                context: &$crate::record::Context<'_>,
            ) -> ::core::result::Result<Self, $crate::record::Fault> {
                $crate::record::read_record(value, context)
            }

            #[inline]
            fn blank() -> Self {
                $crate::record::blank_record()
            }

            #[inline]
            fn write(&self, names: $crate::record::Names) -> ::core::option::Option<$crate::serde_json::Value> {
                ::core::option::Option::Some($crate::serde_json::Value::Object($crate::record::to_object(self, names)))
            }
        }

        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::record::debug(self, f)
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&$crate::record::to_object(self, $crate::record::Names::Wire), serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let value = <$crate::serde_json::Value as $crate::serde::Deserialize<'de>>::deserialize(deserializer)?;
                $crate::record::from_value(value).map_err($crate::serde::de::Error::custom)
            }
        }
    )+};
}
