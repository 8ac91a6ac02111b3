//! One helpdesk, complete: every reference resolved, every convention applied, nothing left implicit.
//!
//! No Rust spelling and no token in here; names are the spec's own.

use indexmap::IndexMap;

use crate::report::Span;
pub use crate::syntax::{
    AccessSpec as Access, AnswerKindSpec, ConfidenceSpec as Confidence, EffectSpec as Effect, GenerateSpec as Generate,
    QueryStyleSpec as QueryStyle, ResetUnitSpec as ResetUnit, StyleSpec as Style,
};

/// One helpdesk.
#[derive(Debug)]
pub struct Api {
    /// Slug.
    pub slug: String,
    /// Where the integration file starts.
    pub span: Span,
    /// Name as people write it.
    pub title: String,
    /// What it is.
    pub doc: String,
    /// Address of the vendor's documentation.
    pub documentation: String,
    /// Base address with placeholders.
    pub base_url: Spot<String>,
    /// Variables of an account.
    pub variables: Vec<Setting>,
    /// Credentials of an account.
    pub credentials: Vec<Setting>,
    /// Ways to authenticate.
    pub schemes: Vec<Scheme>,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// Limits.
    pub limits: Limits,
    /// Errors.
    pub errors: Errors,
    /// Identifier kinds by name.
    pub identifiers: IndexMap<String, Identifier>,
    /// Types by name, in file order.
    pub types: IndexMap<String, TypeDef>,
    /// Account-defined members by slot.
    pub dynamic: IndexMap<String, Dynamic>,
    /// Name of the operation that tells whether an account works, if there is one.
    pub probe: Option<Spot<String>>,
    /// Declared tags.
    pub tags: IndexMap<String, String>,
    /// Resources, in file order.
    pub resources: Vec<Resource>,
    /// Operations, in file order.
    pub operations: Vec<Operation>,
    /// What schemas may lose in a dialect, of any tool.
    pub noted_losses: Vec<NotedLoss>,
}

/// Something that schemas may lose in a dialect.
#[derive(Debug)]
pub struct NotedLoss {
    /// Where it is noted.
    pub span: Span,
    /// What is lost, by the runtime's word.
    pub loses: Spot<String>,
    /// Dialects, by the runtime's words; empty for all.
    pub dialects: Vec<Spot<String>>,
    /// Paths of arguments; empty for all.
    pub at: Vec<Spot<String>>,
    /// Why that is borne.
    pub because: String,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Spot<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// A variable or credential.
#[derive(Debug)]
pub struct Setting {
    /// Name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Label.
    pub title: String,
    /// Help.
    pub help: String,
    /// Form.
    pub form: Form,
    /// Allowed values.
    pub one_of: Vec<String>,
    /// Whether it is secret.
    pub secret: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// A plausible value.
    pub example: String,
    /// Default.
    pub default: String,
    /// Affixes cut off.
    pub strip: Vec<String>,
}

/// A way to authenticate.
#[derive(Debug)]
pub struct Scheme {
    /// Name.
    pub name: String,
    /// Credentials that it needs, computed from its templates.
    pub needs: Vec<String>,
    /// What it adds.
    pub parts: Vec<AuthPart>,
    /// Flow that yields its access token.
    pub oauth2: Option<OAuth2>,
}

/// One thing that authentication adds.
#[derive(Debug)]
pub enum AuthPart {
    /// A header.
    Header(String, String),
    /// HTTP Basic.
    Basic(String, String),
    /// A bearer token.
    Bearer(String),
    /// A query parameter.
    Query(String, String),
}

/// An authorization-code flow.
#[derive(Debug)]
pub struct OAuth2 {
    /// Authorization address.
    pub authorize_url: String,
    /// Token address.
    pub token_url: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Client authentication by HTTP Basic.
    pub basic_client: bool,
    /// PKCE.
    pub pkce: bool,
}

/// How limits are told.
#[derive(Debug)]
pub struct Limits {
    /// In words.
    pub doc: String,
    /// Header with the calls left.
    pub remaining: Option<String>,
    /// Header with the allowance.
    pub limit: Option<String>,
    /// Reset header.
    pub reset: Option<(String, ResetUnit)>,
    /// `used/limit` header.
    pub used_of_limit: Option<String>,
    /// Pause header.
    pub retry_after: Option<String>,
    /// Throttle statuses.
    pub throttle_statuses: Vec<u16>,
    /// Quota statuses.
    pub quota_statuses: Vec<u16>,
}

/// Where errors sit.
#[derive(Debug)]
pub struct Errors {
    /// Pointers to the code.
    pub code: Vec<String>,
    /// Pointers to the message.
    pub message: Vec<String>,
    /// Pointer to the flag of a failed 2xx.
    pub failure_flag: Option<String>,
    /// Advice.
    pub hints: Vec<Hint>,
}

/// Advice for one kind of failure.
#[derive(Debug)]
pub struct Hint {
    /// Status or 0.
    pub status: u16,
    /// Vendor code or empty.
    pub code: String,
    /// Our code or empty.
    pub kind: String,
    /// Advice.
    pub advice: String,
}

/// An identifier kind.
#[derive(Debug)]
pub struct Identifier {
    /// Where it is declared.
    pub span: Span,
    /// Whether the wire carries a number.
    pub integer: bool,
    /// Form.
    pub form: Form,
    /// What it identifies.
    pub doc: String,
}

/// Account-defined members.
#[derive(Debug)]
pub struct Dynamic {
    /// Where they are declared.
    pub span: Span,
    /// What they are.
    pub doc: String,
    /// How they are learnt, if there is a way.
    pub definitions: Option<Definitions>,
    /// Members of the items of a list that hold key and value.
    pub pair: Option<(String, String)>,
}

/// How account-defined members are learnt.
#[derive(Debug)]
pub struct Definitions {
    /// Operation that lists their definitions, or records that hold them.
    pub operation: Spot<String>,
    /// Its arguments.
    pub arguments: Vec<(Spot<String>, serde_json::Value)>,
    /// Where the keys are; `None` when the spec names neither place or both, which is told.
    pub keys: Option<DynamicKeys>,
    /// Pointers to label, description, choices, least and greatest value, and whether it is required.
    pub label: Option<String>,
    /// See `label`.
    pub about: Option<String>,
    /// See `label`.
    pub choices: Option<String>,
    /// See `label`.
    pub min: Option<String>,
    /// See `label`.
    pub max: Option<String>,
    /// See `label`.
    pub required: Option<String>,
    /// Pointer to the word for its kind, and what each word means, in the runtime's spelling.
    pub kind: Option<(String, Vec<(String, &'static str)>)>,
    /// Pointers that take a definition out.
    pub skip: Vec<String>,
    /// Pointers that add a sentence.
    pub notes: Vec<(String, String)>,
}

/// Where the keys of account-defined members are.
#[derive(Debug)]
pub enum DynamicKeys {
    /// One in each definition.
    Of(String),
    /// Keys of an object in each record.
    Members(String),
}

/// The form of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Named form, in the runtime's spelling (`Any`, `Email`, …).
    Named(&'static str),
    /// A prefix and a UUID.
    PrefixedUuid(String),
}

impl Form {
    /// Any text.
    pub const ANY: Self = Self::Named("Any");
}

/// A type of the helpdesk.
#[derive(Debug)]
pub struct TypeDef {
    /// Where it is declared.
    pub span: Span,
    /// Path of its file below the helpdesk's folder, without extension.
    pub file: String,
    /// What it is.
    pub doc: String,
    /// Record or enumeration.
    pub body: TypeBody,
}

/// What a type is made of.
#[derive(Debug)]
pub enum TypeBody {
    /// Members and rules over them.
    Record(Vec<Field>, Vec<Rule>),
    /// An open enumeration.
    Enum(EnumBody),
}

/// An open enumeration.
#[derive(Debug)]
pub struct EnumBody {
    /// Whether the wire carries codes.
    pub coded: bool,
    /// Whether values beyond the list may be sent.
    pub extensible: bool,
    /// Known values.
    pub values: Vec<EnumValue>,
}

/// One known value.
#[derive(Debug)]
pub struct EnumValue {
    /// Where it is declared.
    pub span: Span,
    /// The word.
    pub word: String,
    /// The code; 0 when not coded.
    pub code: i64,
    /// What it means.
    pub doc: String,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Any JSON.
    Json,
    /// A file.
    File,
    /// An identifier kind.
    Id(String),
    /// A record or enumeration.
    Named(String),
    /// A list.
    List(Box<Ty>),
    /// An object with free keys.
    Map(Box<Ty>),
    /// A value seen in several shapes.
    OneOf(Vec<Ty>),
    /// A value whose shape is chosen by a sibling.
    Variants(Box<Variants>),
}

/// A polymorphic value.
#[derive(Clone, Debug, PartialEq)]
pub struct Variants {
    /// The choosing sibling.
    pub by: String,
    /// Where `by` stands.
    pub span: Span,
    /// Arms: tag, place, type, documentation.
    pub arms: Vec<(String, Span, Ty, String)>,
}

impl Ty {
    /// Calls `visit` with every named type and identifier inside.
    pub fn each(&self, visit: &mut dyn FnMut(&Ty)) {
        visit(self);
        match self {
            Self::List(inner) | Self::Map(inner) => inner.each(visit),
            Self::OneOf(types) => types.iter().for_each(|ty| ty.each(visit)),
            Self::Variants(variants) => variants.arms.iter().for_each(|(_, _, ty, _)| ty.each(visit)),
            _ => {}
        }
    }
}

/// Where an argument travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Path.
    Path,
    /// Query.
    Query(QueryStyle),
    /// Header.
    Header,
    /// A member of the body.
    Body,
    /// The whole body.
    WholeBody,
    /// A part of a multipart body.
    Part,
    /// Query, or a part when the address grows too long.
    QueryOrPart,
    /// Nowhere: steers the call only.
    Nowhere,
}

/// What empties a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clear {
    /// Null.
    Null,
    /// A text.
    Text(String),
}

/// An argument or a member.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name for callers.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Name on the wire.
    pub wire: String,
    /// What it is; may be empty in answers.
    pub doc: String,
    /// Type.
    pub ty: Ty,
    /// Form of its text.
    pub form: Form,
    /// Whether it must be given.
    pub required: bool,
    /// What empties it.
    pub clear: Option<Clear>,
    /// How scalars are written.
    pub style: Option<Style>,
    /// Where it travels.
    pub place: Place,
    /// Least value, length, count.
    pub min: Option<i64>,
    /// Greatest value, length, count.
    pub max: Option<i64>,
    /// Default in words.
    pub default: Option<String>,
    /// A plausible value.
    pub example: Option<String>,
    /// Account variable.
    pub variable: Option<Spot<String>>,
    /// How a value is made when the caller gives none.
    pub generate: Option<Spot<Generate>>,
    /// Slot of account-defined members.
    pub dynamic: Option<Spot<String>>,
    /// Sibling that names the one member whose value it is.
    pub dynamic_by: Option<Spot<String>>,
    /// Direction.
    pub access: Option<Access>,
    /// Marks, in the runtime's spelling.
    pub marks: Vec<&'static str>,
}

/// A rule over several arguments.
#[derive(Clone, Debug)]
pub enum Rule {
    /// At least one.
    AtLeastOne(Vec<Spot<String>>),
    /// Exactly one.
    ExactlyOne(Vec<Spot<String>>),
    /// At most one.
    AtMostOne(Vec<Spot<String>>),
    /// A condition.
    When {
        /// Deciding field.
        field: Spot<String>,
        /// Its values.
        equals: Vec<String>,
        /// Then required.
        requires: Vec<Spot<String>>,
        /// Then refused.
        refuses: Vec<Spot<String>>,
        /// Then bound to these values.
        allows: Vec<(Spot<String>, Vec<String>)>,
        /// Why.
        because: String,
    },
    /// A list that must not be empty unless a flag is set.
    NotEmptyUnless {
        /// The list.
        field: Spot<String>,
        /// The flag.
        flag: Spot<String>,
        /// Why.
        because: String,
    },
    /// Names that callers guess and that do not exist.
    NoSuch {
        /// The names.
        names: Vec<Spot<String>>,
        /// What to do instead.
        because: String,
    },
}

impl Rule {
    /// Every field that it names.
    pub fn fields(&self) -> Vec<&Spot<String>> {
        match self {
            Self::AtLeastOne(names) | Self::ExactlyOne(names) | Self::AtMostOne(names) => names.iter().collect(),
            Self::When {
                field,
                requires,
                refuses,
                allows,
                ..
            } => {
                let bound = allows.iter().map(|(name, _)| name);
                let named = std::iter::once(field).chain(requires).chain(refuses);
                named.chain(bound).collect()
            }
            Self::NotEmptyUnless { field, flag, .. } => vec![field, flag],
            Self::NoSuch { .. } => Vec::new(),
        }
    }
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// Name, plural.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// What it is.
    pub doc: String,
}

/// One call of the vendor's API.
#[derive(Debug)]
pub struct Operation {
    /// Name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Resource.
    pub resource: String,
    /// Singular of the resource where declared.
    pub singular: Option<String>,
    /// Method of the contract.
    pub method: Spot<String>,
    /// HTTP method.
    pub http_method: String,
    /// Path template.
    pub path: Spot<String>,
    /// Title.
    pub title: String,
    /// Documentation; `None`: no tool.
    pub doc: Option<Spot<String>>,
    /// Effect.
    pub effect: Effect,
    /// Idempotent.
    pub idempotent: bool,
    /// Of the category `read` whatever the method.
    pub counts_as_read: bool,
    /// One record only.
    pub singleton: bool,
    /// Tags, the resource first.
    pub tags: Vec<Spot<String>>,
    /// Aliases of the tool.
    pub aliases: Vec<Spot<String>>,
    /// Cost in calls.
    pub cost: u32,
    /// Required access.
    pub access: Vec<String>,
    /// Confidence.
    pub confidence: Confidence,
    /// Source.
    pub source: String,
    /// On its way out.
    pub deprecated: bool,
    /// Arguments, flat.
    pub input: Vec<Field>,
    /// Rules over them.
    pub rules: Vec<Rule>,
    /// Body.
    pub body: Body,
    /// Answer.
    pub answer: Answer,
    /// Paging.
    pub pages: Option<Pages>,
    /// What its schema may lose in a dialect.
    pub noted_losses: Vec<NotedLoss>,
}

/// How the body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// No body.
    None,
    /// JSON object.
    Json,
    /// JSON object below a member.
    JsonUnder(String),
    /// One JSON value.
    WholeJson,
    /// Form.
    Form,
    /// Multipart.
    Multipart,
}

/// What comes back.
#[derive(Debug)]
pub struct Answer {
    /// Where it is declared.
    pub span: Span,
    /// Kind.
    pub kind: AnswerKind,
    /// Pointers to it.
    pub at: Vec<String>,
    /// Pointer to the total.
    pub total: Option<String>,
    /// May come without a body.
    pub may_be_empty: bool,
}

/// Kinds of answers.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerKind {
    /// A record.
    Record(Ty),
    /// A list.
    List(Ty),
    /// Plain text.
    Text,
    /// Nothing.
    Empty,
    /// Yes or no by status.
    Exists,
    /// A redirect.
    Redirect,
}

impl AnswerKind {
    /// The type inside, if there is one.
    pub fn ty(&self) -> Option<&Ty> {
        match self {
            Self::Record(ty) | Self::List(ty) => Some(ty),
            _ => None,
        }
    }
}

/// How a list goes on.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Where it is declared.
    pub span: Span,
    /// Style.
    pub style: PageStyle,
    /// Page size.
    pub size: Option<PageSize>,
    /// Most items that can be reached; 0 for no limit.
    pub cap: u64,
}

/// Styles of paging.
#[derive(Clone, Debug)]
pub enum PageStyle {
    /// Page number.
    Number(String, i64),
    /// Offset.
    Offset(String),
    /// Cursor: argument and pointer.
    Cursor(String, String),
    /// Next address: pointer and parameters.
    NextUrl(String, Vec<String>),
    /// Walk back: argument and pointer.
    WalkBack(String, String),
}

/// A page size that callers choose.
#[derive(Clone, Debug)]
pub struct PageSize {
    /// Argument.
    pub field: String,
    /// Default.
    pub default: u32,
    /// Least.
    pub min: u32,
    /// Greatest.
    pub max: u32,
    /// The only ones accepted.
    pub allowed: Vec<u32>,
}

impl Operation {
    /// Why this operation cannot tell whether an account works; `None` when it can.
    pub fn unfit_as_probe(&self) -> Option<String> {
        if self.effect != Effect::Read {
            return Some(format!("`{}` changes something", self.name));
        }
        let asked = |field: &&Field| field.required && field.variable.is_none();
        if let Some(field) = self.input.iter().find(asked) {
            return Some(format!("`{}` needs the argument `{}`", self.name, field.name));
        }
        let choosy = |rule: &Rule| {
            matches!(
                rule,
                Rule::AtLeastOne(_) | Rule::ExactlyOne(_) | Rule::NotEmptyUnless { .. }
            )
        };
        let choosy = self.rules.iter().any(choosy);
        choosy.then(|| format!("`{}` needs an argument, by one of its rules", self.name))
    }
}

impl Api {
    /// The record with this name.
    pub fn record(&self, name: &str) -> Option<(&[Field], &[Rule])> {
        match &self.types.get(name)?.body {
            TypeBody::Record(fields, rules) => Some((fields, rules)),
            TypeBody::Enum(_) => None,
        }
    }

    /// The enumeration with this name.
    pub fn enumeration(&self, name: &str) -> Option<&EnumBody> {
        match &self.types.get(name)?.body {
            TypeBody::Enum(body) => Some(body),
            TypeBody::Record(..) => None,
        }
    }
}
