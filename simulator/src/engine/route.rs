//! Route tables as data: what a helpdesk accepts where.

use std::collections::HashMap;

use super::target;

/// One operation of a helpdesk's API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// Name of the operation.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path as the vendor documents it. `{name}` stands for one segment, `{name*}` for all that are left; the rest is
    /// compared to the letter.
    pub(crate) path: &'static str,
    /// What the parameters of the path must be; those not named here may be any text.
    pub(crate) ids: &'static [Param],
    /// Parameters of the query, or, with [`Body::Upload`], of the query or the form.
    pub(crate) params: &'static [Param],
    /// Unknown and repeated parameters of a query are refused, not ignored.
    pub(crate) strict: bool,
    /// At least one of these parameters must be given; no rule when empty.
    pub(crate) one_of: &'static [&'static str],
    pub(crate) body: Body,
    /// The status of success.
    pub(crate) success: u16,
    /// Calls it counts as.
    pub(crate) cost: u32,
    /// Needs no key, counts as no call, tells no rate limit.
    pub(crate) open: bool,
    /// A feature the vendor must have enabled for the tenant.
    pub(crate) feature: Option<&'static str>,
}

impl Route {
    pub(crate) const fn new(name: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            name,
            method,
            path,
            ids: &[],
            params: &[],
            strict: false,
            one_of: &[],
            body: Body::None,
            success: 200,
            cost: 1,
            open: false,
            feature: None,
        }
    }

    /// Says what the parameters of the path must be.
    pub(crate) const fn ids(self, ids: &'static [Param]) -> Self {
        Self { ids, ..self }
    }

    /// Refuses parameters of the query that are not declared, or given twice.
    pub(crate) const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    pub(crate) const fn params(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    pub(crate) const fn one_of(self, one_of: &'static [&'static str]) -> Self {
        Self { one_of, ..self }
    }

    pub(crate) const fn json(self, shape: &'static Shape) -> Self {
        Self {
            body: Body::Json(shape),
            ..self
        }
    }

    /// Takes a body of this kind.
    pub(crate) const fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// Takes files, with the record in the parameter of this name.
    pub(crate) const fn upload(self, object: &'static str, shape: &'static Shape) -> Self {
        Self {
            body: Body::Upload { object, shape },
            ..self
        }
    }

    pub(crate) const fn success(self, success: u16) -> Self {
        Self { success, ..self }
    }

    pub(crate) const fn cost(self, cost: u32) -> Self {
        Self { cost, ..self }
    }

    pub(crate) const fn open(self) -> Self {
        Self { open: true, ..self }
    }

    pub(crate) const fn feature(self, feature: &'static str) -> Self {
        Self {
            feature: Some(feature),
            ..self
        }
    }

    /// The parameters of a path as received, if it is this route's. In what stands for several segments, a slash that was
    /// percent-encoded becomes a NUL character, so that it is told from those between the segments.
    pub(super) fn matches(&self, path: &str) -> Option<HashMap<&'static str, String>> {
        let mut found = HashMap::new();
        let mut rest = path.split('/');
        for part in self.path.split('/') {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            match name.map(|name| name.strip_suffix('*').ok_or(name)) {
                None if target::decode_path(rest.next()?).ok()? == part => {}
                None => return None,
                Some(Err(name)) => {
                    let value = target::decode_path(rest.next()?).ok()?;
                    if value.is_empty() {
                        return None;
                    }
                    found.insert(name, value);
                }
                Some(Ok(name)) => {
                    let segments = rest.by_ref().map(|segment| {
                        let segment = target::decode_path(segment).ok()?;
                        (!segment.is_empty()).then(|| segment.replace('/', "\0"))
                    });
                    let segments = segments.collect::<Option<Vec<_>>>()?;
                    if segments.is_empty() {
                        return None;
                    }
                    found.insert(name, segments.join("/"));
                }
            }
        }
        rest.next().is_none().then_some(found)
    }
}

/// What a route takes as its body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    /// Nothing is read.
    None,
    /// Nothing, or a JSON object without members.
    Empty,
    /// A JSON object.
    Json(&'static Shape),
    /// A JSON object, or nothing.
    OptionalJson(&'static Shape),
    /// A JSON object of one of two shapes, told apart by a member.
    Either {
        member: &'static str,
        with: &'static Shape,
        without: &'static Shape,
    },
    /// Any JSON of this kind.
    Value(&'static Kind),
    /// `multipart/form-data` of one or more files, whatever their parts are called.
    Files,
    /// `multipart/form-data` with the parts `file` (once) or `files` (repeated), and the record as JSON text in this
    /// parameter of the query or the form.
    Upload {
        object: &'static str,
        shape: &'static Shape,
    },
}

/// A parameter of a query or a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: ParamKind,
    pub(crate) required: bool,
}

impl Param {
    pub(crate) const fn required(name: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }

    pub(crate) const fn optional(name: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }
}

/// A form that text must have.
#[derive(Debug)]
pub(crate) struct TextForm {
    /// What it must be, in words that follow "must be".
    pub(crate) wanted: &'static str,
    pub(crate) fits: fn(&str) -> bool,
}

/// What a parameter's text must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ParamKind {
    /// Anything but blank.
    Text,
    /// Digits only, at most 18.
    Digits,
    /// A whole number within these bounds.
    Between(u64, u64),
    /// One or more of these, the name repeated; at most so many.
    Repeated(&'static ParamKind, usize),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `YYYY-MM-DD HH:MM:SS`
    Moment,
    /// Text of this form.
    Form(&'static TextForm),
}

/// A flag in a query.
pub(crate) const FLAG: ParamKind = ParamKind::OneOf(&["0", "1"]);

/// The members of a JSON object.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) fields: &'static [Field],
    /// At least one member must be there.
    pub(crate) not_empty: bool,
    /// Members that are not named are taken, not refused.
    pub(crate) open: bool,
}

impl Shape {
    pub(crate) const fn new(fields: &'static [Field]) -> Self {
        Self {
            fields,
            not_empty: false,
            open: false,
        }
    }

    /// Takes any members besides these.
    pub(crate) const fn open(self) -> Self {
        Self { open: true, ..self }
    }
}

/// A member of a JSON object. Null is refused unless the kind says otherwise.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

impl Field {
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }

    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }
}

/// What a member must be.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Anything, null included.
    Any,
    /// A string, number or boolean.
    Scalar,
    /// A string of this form.
    Form(&'static TextForm),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An integer of any sign.
    Whole,
    Number,
    /// Null, or this.
    Nullable(&'static Kind),
    /// A list of these.
    List(&'static Kind),
    /// A list of these, with at least and at most so many items.
    Items(&'static Kind, usize, usize),
    /// An integer within these bounds.
    Between(i64, i64),
    /// An object whose shape is told by one of its members.
    Told {
        by: &'static str,
        shapes: &'static [(&'static str, &'static Shape)],
    },
    /// An object with any keys, and these as values.
    Map(&'static Kind),
    /// A string; not blank when required.
    Text,
    /// A string of at most so many characters.
    TextUpTo(usize),
    /// A string holding one mail address.
    Email,
    /// A string holding mail addresses separated by commas.
    Emails,
    /// A list of strings.
    Texts,
    /// A list of strings, each a mail address.
    EmailList,
    /// An integer, not negative.
    Integer,
    /// One of these integers.
    Code(&'static [i64]),
    /// `true` or `false`.
    Boolean,
    /// A string `YYYY-MM-DD HH:MM:SS`.
    Moment,
    /// A string `YYYY-MM-DD`.
    Date,
    /// An object of this shape.
    Object(&'static Shape),
    /// An object whose keys begin so and whose values are strings, numbers, booleans or null.
    Scalars(&'static str),
}
