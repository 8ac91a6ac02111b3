//! Integrations and operations as data: what the generated crates contain besides types.

use serde::{Deserialize, Serialize};

use crate::shape::{Form, Shape, Table};

/// A helpdesk as a type: clients and operations of different helpdesks do not mix.
pub trait Api {
    /// Its table.
    fn integration() -> &'static Integration;
}

/// Everything known about one helpdesk.
#[derive(Debug)]
pub struct Integration {
    /// Slug: folder of the spec, name in URLs and commands.
    pub slug: &'static str,
    /// Name as people write it.
    pub title: &'static str,
    /// What the helpdesk is and what these tools reach, in a few sentences.
    pub doc: &'static str,
    /// Address of the vendor's documentation.
    pub documentation: &'static str,
    /// Base address with `{variable}` placeholders.
    pub base_url: &'static str,
    /// Parts of the address and other per-account values.
    pub variables: &'static [Setting],
    /// What an account must supply to authenticate.
    pub credentials: &'static [Setting],
    /// Ways to authenticate, in order of preference.
    pub schemes: &'static [Scheme],
    /// Headers sent with every request.
    pub headers: &'static [(&'static str, &'static str)],
    /// How the vendor tells its limits.
    pub limits: LimitRules,
    /// Where errors say what went wrong.
    pub errors: ErrorRules,
    /// The operation that tells whether an account works: it changes nothing and needs no arguments but account
    /// variables. `None` when the helpdesk has none.
    pub probe: Option<&'static Operation>,
    /// Members that each account defines for itself.
    pub dynamic_fields: &'static [DynamicFields],
    /// Tags and what they group.
    pub tags: &'static [(&'static str, &'static str)],
    /// Every operation, in the order of the spec.
    pub operations: &'static [&'static Operation],
}

/// A variable or credential that an account supplies.
#[derive(Debug)]
pub struct Setting {
    /// Name, such as `subdomain`; in the environment `DESKHAND_<HELPDESK>_<NAME>`.
    pub name: &'static str,
    /// Label for forms.
    pub title: &'static str,
    /// Where to find it, and traps.
    pub help: &'static str,
    /// Form, checked before use.
    pub form: Form,
    /// Allowed values; empty when free.
    pub one_of: &'static [&'static str],
    /// Whether it must be kept secret.
    pub secret: bool,
    /// Whether an account works without it.
    pub optional: bool,
    /// A plausible value.
    pub example: &'static str,
    /// Value assumed when none is given; empty for none.
    pub default: &'static str,
    /// Affixes that people paste along and that are cut off, such as `https://` and `.example.com`.
    pub strip: &'static [&'static str],
}

/// One way to authenticate.
#[derive(Debug)]
pub struct Scheme {
    /// Name, such as `api_key`.
    pub name: &'static str,
    /// Credentials that it needs; it is used when all are present.
    pub needs: &'static [&'static str],
    /// What it adds to a request.
    pub parts: &'static [AuthPart],
    /// The authorization-code flow that yields its access token, if there is one.
    pub oauth2: Option<&'static OAuth2>,
}

/// One thing that authentication adds to a request.
#[derive(Debug)]
pub enum AuthPart {
    /// A header whose value is a template over credentials and variables.
    Header {
        /// Header name.
        name: &'static str,
        /// Value with `{credential}` placeholders.
        value: &'static str,
    },
    /// HTTP Basic of two credentials.
    Basic {
        /// Template of the user name.
        username: &'static str,
        /// Template of the password.
        password: &'static str,
    },
    /// `Authorization: Bearer` of a template.
    Bearer(&'static str),
    /// A query parameter.
    Query {
        /// Parameter name.
        name: &'static str,
        /// Value with `{credential}` placeholders.
        value: &'static str,
    },
}

/// An OAuth2 authorization-code flow.
#[derive(Debug)]
pub struct OAuth2 {
    /// Authorization address with `{variable}` placeholders.
    pub authorize_url: &'static str,
    /// Token address with `{variable}` placeholders.
    pub token_url: &'static str,
    /// Scopes asked for.
    pub scopes: &'static [&'static str],
    /// Whether the client authenticates with HTTP Basic at the token address (else in the form).
    pub basic_client: bool,
    /// Whether PKCE is used.
    pub pkce: bool,
}

/// How limits are told.
#[derive(Debug)]
pub struct LimitRules {
    /// Header with the calls left in the window.
    pub remaining: Option<&'static str>,
    /// Header with the size of the window's allowance.
    pub limit: Option<&'static str>,
    /// Header with the time of reset, and its unit.
    pub reset: Option<(&'static str, ResetUnit)>,
    /// Header with `used/limit` in one value.
    pub used_of_limit: Option<&'static str>,
    /// Header with the pause in seconds (or an HTTP date) after a refusal.
    pub retry_after: Option<&'static str>,
    /// Statuses that mean "slow down".
    pub throttle_statuses: &'static [u16],
    /// Statuses that mean "the allowance of the day or month is used up".
    pub quota_statuses: &'static [u16],
    /// The limits in words.
    pub doc: &'static str,
}

/// Unit of a reset header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetUnit {
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMillis,
}

/// Where errors sit in an answer.
#[derive(Debug)]
pub struct ErrorRules {
    /// JSON pointers to the vendor's error code, tried in order.
    pub code: &'static [&'static str],
    /// JSON pointers to a readable message, tried in order.
    pub message: &'static [&'static str],
    /// An answer with status 2xx is an error when the value at this pointer is `true`.
    pub failure_flag: Option<&'static str>,
    /// What to tell a caller for certain codes or statuses; the first match counts.
    pub hints: &'static [Hint],
}

/// Advice for one kind of failure.
#[derive(Debug)]
pub struct Hint {
    /// Status, or 0 for any.
    pub status: u16,
    /// Vendor code, or empty for any.
    pub code: &'static str,
    /// Our error code when it differs from what the status says; empty to keep it.
    pub kind: &'static str,
    /// What it means and what to do.
    pub advice: &'static str,
}

/// What an operation does to the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Looks only.
    Read,
    /// Creates or changes.
    Write,
    /// Deletes, overwrites for good, or does what cannot be taken back.
    Destructive,
}

impl Effect {
    /// The word used in the contract: `read`, `write`, `destructive`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

/// One call of a vendor's API.
#[derive(Debug)]
pub struct Operation {
    /// Name in the spec, such as `list_tickets`.
    pub name: &'static str,
    /// Resource, plural, such as `tickets`.
    pub resource: &'static str,
    /// Method in the contract's sense: `list`, `get`, `create`, `update`, `delete` or another word.
    pub method: &'static str,
    /// HTTP method.
    pub http_method: &'static str,
    /// Path below the base address; `{argument}` is one segment, `{argument*}` a tail that keeps its slashes.
    pub path: &'static str,
    /// Arguments: path, query, headers and body in one flat table.
    pub input: fn() -> &'static Table,
    /// What the body looks like.
    pub body: Body,
    /// What comes back.
    pub answer: Answer,
    /// How a list goes on.
    pub pages: Option<Pages>,
    /// What it does.
    pub effect: Effect,
    /// Whether repeating it changes nothing more.
    pub idempotent: bool,
    /// Whether its category is `read` although its method is a word of its own.
    pub counts_as_read: bool,
    /// What it costs of the rate limit, in calls.
    pub cost: u32,
    /// Tiers, scopes or special grants that it needs, in words; empty for none.
    pub access: &'static [&'static str],
    /// How sure its facts are.
    pub confidence: Confidence,
    /// Where the facts come from, in words.
    pub source: &'static str,
    /// Whether the vendor is taking it away.
    pub deprecated: bool,
    /// The tool; `None` when the operation has no documentation for language models.
    pub tool: Option<Tool>,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// By analogy only.
    Low,
    /// One third-party source.
    Medium,
    /// The vendor's document or recorded answers.
    High,
}

/// An operation as a tool.
#[derive(Debug)]
pub struct Tool {
    /// Name, unique in the integration.
    pub name: &'static str,
    /// Other names accepted on call, never listed.
    pub aliases: &'static [&'static str],
    /// Title for people.
    pub title: &'static str,
    /// Documentation for a language model.
    pub doc: &'static str,
    /// The resource's and the method's tags, united.
    pub tags: &'static [&'static str],
}

/// The request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// None is sent.
    None,
    /// A JSON object of the arguments placed in the body; sent even when empty.
    Json,
    /// A JSON object below one member, such as `{"data": {...}}`.
    JsonUnder(&'static str),
    /// The argument placed as whole body, as JSON.
    WholeJson,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
}

/// What an operation answers.
#[derive(Debug)]
pub struct Answer {
    /// Kind of answer.
    pub kind: AnswerKind,
    /// Shape of the record, or of one item of a list.
    pub shape: Shape,
    /// JSON pointers to the record or list, tried in order; the empty pointer is the whole body.
    pub at: &'static [&'static str],
    /// JSON pointer to the total number of matches.
    pub total: Option<&'static str>,
    /// Whether the vendor may answer without a body.
    pub may_be_empty: bool,
}

/// Kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// One record.
    Record,
    /// A list of items.
    List,
    /// Text that is not JSON.
    Text,
    /// Nothing of interest.
    Empty,
    /// The status tells: 2xx yes, 404 no.
    Exists,
    /// A redirect whose address is the answer.
    Redirect,
}

/// How a list is continued.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    /// The style of the vendor.
    pub style: PageStyle,
    /// The page size, if a caller can choose it.
    pub size: Option<PageSize>,
    /// The vendor serves at most so many items in all; 0 for no such limit.
    pub cap: u64,
}

/// Styles of paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStyle {
    /// A page number in an argument (path or query).
    Number {
        /// The argument.
        field: &'static str,
        /// Number of the first page.
        first: i64,
    },
    /// A count of items to skip.
    Offset {
        /// The argument.
        field: &'static str,
    },
    /// An opaque cursor in the body.
    Cursor {
        /// The argument.
        field: &'static str,
        /// JSON pointer to the next cursor.
        next: &'static str,
    },
    /// An address of the next page in the body; its query is taken apart, nothing else of it is used.
    NextUrl {
        /// JSON pointer to the address.
        next: &'static str,
        /// Query parameters that may be taken over.
        fields: &'static [&'static str],
    },
    /// The next page lies before the smallest timestamp of this one.
    WalkBack {
        /// The argument.
        field: &'static str,
        /// JSON pointer to the timestamp inside an item.
        member: &'static str,
    },
}

/// A page size that callers choose.
#[derive(Clone, Copy, Debug)]
pub struct PageSize {
    /// The argument.
    pub field: &'static str,
    /// Size when none is given.
    pub default: u32,
    /// Least size.
    pub min: u32,
    /// Greatest size.
    pub max: u32,
    /// The only sizes that the vendor accepts; empty when all between are fine.
    pub allowed: &'static [u32],
}

/// Members that each account defines for itself, at the fields that name this slot
/// ([`crate::shape::Field::dynamic`]).
#[derive(Debug)]
pub struct DynamicFields {
    /// Name of the slot.
    pub slot: &'static str,
    /// What they are, and how a caller learns them.
    pub doc: &'static str,
    /// How they are read; `None` when the vendor has no way.
    pub definitions: Option<Definitions>,
    /// For slots that are lists: the members of an item that hold key and value.
    pub pair: Option<(&'static str, &'static str)>,
}

/// How account-defined members are read, as JSON pointers into what an operation lists.
#[derive(Debug)]
pub struct Definitions {
    /// The operation, by its name in the spec.
    pub operation: &'static str,
    /// Its arguments as JSON text; empty for none.
    pub arguments: &'static str,
    /// Where the keys are.
    pub keys: DynamicKeys,
    /// The label that people see.
    pub label: Option<&'static str>,
    /// The description.
    pub about: Option<&'static str>,
    /// The vendor's word for the kind of value, and what the words mean.
    pub kind: Option<(&'static str, &'static [(&'static str, DynamicKind)])>,
    /// The texts that it may have.
    pub choices: Option<&'static str>,
    /// The least value.
    pub min: Option<&'static str>,
    /// The greatest value.
    pub max: Option<&'static str>,
    /// Whether a new record needs it.
    pub required: Option<&'static str>,
    /// A definition that has anything but null or false at one of these is left out.
    pub skip: &'static [&'static str],
    /// A sentence is told of a member that has anything but null or false there.
    pub notes: &'static [(&'static str, &'static str)],
}

/// Where the keys of account-defined members are.
#[derive(Clone, Copy, Debug)]
pub enum DynamicKeys {
    /// One in each definition.
    Of(&'static str),
    /// The keys of an object in each record: there are no definitions, and only members in use are known.
    Members(&'static str),
}

/// A kind of value of an account-defined member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DynamicKind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// True or false.
    Bool,
}

impl Integration {
    /// The operation whose tool has this name or alias.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().copied().find(|operation| {
            operation
                .tool
                .as_ref()
                .is_some_and(|tool| tool.name == name || tool.aliases.contains(&name))
        })
    }

    /// The operation with this name in the spec.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().copied().find(|operation| operation.name == name)
    }

    /// The operations that are tools, with their tool.
    pub fn tools(&self) -> impl Iterator<Item = (&'static Operation, &'static Tool)> + '_ {
        self.operations
            .iter()
            .filter_map(|operation| operation.tool.as_ref().map(|tool| (*operation, tool)))
    }
}

/// The category of operations with this method; see [`Operation::category`].
#[must_use]
pub fn category(method: &str, counts_as_read: bool) -> &'static str {
    match method {
        "list" | "get" => "read",
        "create" | "update" | "delete" => "write",
        _ if counts_as_read => "read",
        _ => "custom",
    }
}

impl Operation {
    /// Category: `read`, `write` or `custom`, by the method unless the spec counts it as reading.
    #[must_use]
    pub fn category(&self) -> &'static str {
        category(self.method, self.counts_as_read)
    }

    /// Whether the method is a word of its own, none of the usual five.
    #[must_use]
    pub fn has_own_method(&self) -> bool {
        !matches!(self.method, "list" | "get" | "create" | "update" | "delete")
    }
}
