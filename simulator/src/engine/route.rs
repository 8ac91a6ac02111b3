//! Route tables as data: what a helpdesk accepts where.

/// One operation of a helpdesk's API.
#[derive(Debug)]
pub(crate) struct Route {
    /// Name of the operation.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The decoded path as the vendor documents it; compared to the letter.
    pub(crate) path: &'static str,
    /// Parameters of the query, or, with [`Body::Upload`], of the query or the form. Others are ignored in a query.
    pub(crate) params: &'static [Param],
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
            params: &[],
            one_of: &[],
            body: Body::None,
            success: 200,
            cost: 1,
            open: false,
            feature: None,
        }
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
}

/// What a route takes as its body.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing is read.
    None,
    /// A JSON object.
    Json(&'static Shape),
    /// `multipart/form-data` with the parts `file` (once) or `files` (repeated), and the record as JSON text in this
    /// parameter of the query or the form.
    Upload {
        object: &'static str,
        shape: &'static Shape,
    },
}

/// A parameter of a query.
#[derive(Debug)]
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

/// What a parameter's text must be.
#[derive(Debug)]
pub(crate) enum ParamKind {
    /// Anything but blank.
    Text,
    /// Digits only, at most 18.
    Digits,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `YYYY-MM-DD HH:MM:SS`
    Moment,
}

/// A flag in a query.
pub(crate) const FLAG: ParamKind = ParamKind::OneOf(&["0", "1"]);

/// The members of a JSON object; others are refused.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) fields: &'static [Field],
    /// At least one member must be there.
    pub(crate) not_empty: bool,
}

impl Shape {
    pub(crate) const fn new(fields: &'static [Field]) -> Self {
        Self {
            fields,
            not_empty: false,
        }
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
