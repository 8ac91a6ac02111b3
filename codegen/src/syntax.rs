//! The spec language exactly as written: what each YAML key is called and may hold.
//!
//! `specs/spec.schema.json` is generated from these types, so editors complete and check specs, and
//! the documentation of a key here is what a spec author reads there. Nothing is resolved here.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::yaml::{Located, Named, Node, Raw};

/// A spec file: `integration.yaml` or a resource file.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum SpecFile {
    /// `integration.yaml`: one for each helpdesk.
    Integration(Box<IntegrationFile>),
    /// Any other file: one resource with its operations and types, or types alone.
    Resource(Box<ResourceFile>),
}

/// `integration.yaml`: address, credentials, limits, errors, identifiers, paging styles and tags of one helpdesk.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationFile {
    /// Slug; equals the folder's name.
    pub integration: Located<String>,
    /// Name as people write it.
    pub title: String,
    /// What the helpdesk is and what its tools reach.
    pub doc: String,
    /// Address of the vendor's documentation.
    pub documentation: String,
    /// Base address; `{variable}` stands for a variable.
    pub base_url: Located<String>,
    /// Parts of the address and other values of an account.
    #[serde(default)]
    pub variables: Named<SettingSpec>,
    /// What an account supplies to authenticate.
    #[serde(default)]
    pub credentials: Named<SettingSpec>,
    /// Ways to authenticate, in order of preference.
    pub auth: Vec<Raw<AuthSpec>>,
    /// Headers sent with every request.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// How the vendor tells its limits.
    pub limits: LimitsSpec,
    /// Where errors say what went wrong.
    pub errors: ErrorsSpec,
    /// JSON pointers to the record or list in an answer, tried in order, unless an operation says otherwise.
    #[serde(default)]
    pub answer_at: Option<Raw<Pointers>>,
    /// Kinds of identifiers.
    #[serde(default)]
    pub identifiers: Named<IdentifierSpec>,
    /// Paging styles that operations name.
    #[serde(default)]
    pub pages: Named<PagesSpec>,
    /// Members that each account defines for itself.
    #[serde(default)]
    pub dynamic_fields: Named<DynamicSpec>,
    /// The operation that tells whether an account works: a harmless, cheap read that the vendor refuses without valid
    /// credentials. When left out, the cheapest `list` or `get` that needs no argument.
    #[serde(default)]
    pub probe: Option<Located<String>>,
    /// Tags and what they group. Every resource is a tag by itself.
    #[serde(default)]
    pub tags: IndexMap<String, String>,
    /// What schemas in some dialects cannot say any more, of any tool, and why that is borne.
    #[serde(default)]
    pub noted_losses: Vec<Raw<NotedLossSpec>>,
}

/// Something that a schema loses when it is said in a dialect. Losses that are not noted are errors.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotedLossSpec {
    /// What is lost: `other_members` (members without a name cannot be given), `bounds` (neither a keyword nor the
    /// description says one), `words` (the description is cut), `values` (neither `enum` nor the description lists them) or
    /// `members` (objects inside of JSON text are not described).
    #[schemars(extend("enum" = crate::lowering::loss_words()))]
    pub loses: Located<String>,
    /// Dialects that lose it, such as `openai-strict`; all when left out.
    #[serde(default)]
    pub dialects: Vec<Located<String>>,
    /// Arguments that lose it: names from the outside in, separated by dots, with `[]` for the items of a list, such as
    /// `person.profiles[]`. All when left out.
    #[serde(default)]
    pub at: Vec<Located<String>>,
    /// Why that is borne, and what callers do instead.
    pub because: String,
}

/// A variable or credential of an account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingSpec {
    /// Label in forms.
    pub title: String,
    /// Where to find it, and traps.
    pub help: String,
    /// Form, checked before use. A part of a host must be a `label`.
    #[serde(default)]
    pub form: Option<Located<FormSpec>>,
    /// The only values allowed.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// Whether it must be kept secret.
    #[serde(default)]
    pub secret: bool,
    /// Whether an account works without it.
    #[serde(default)]
    pub optional: bool,
    /// A plausible value.
    pub example: String,
    /// Value assumed when none is given.
    #[serde(default)]
    pub default: Option<String>,
    /// Affixes that people paste along and that are cut off.
    #[serde(default)]
    pub strip: Vec<String>,
}

/// The form of a text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormSpec {
    /// Any text.
    Any,
    /// An e-mail address.
    Email,
    /// An `http` or `https` address.
    Url,
    /// An HTML fragment.
    Html,
    /// A UUID.
    Uuid,
    /// A prefix followed by a UUID.
    PrefixedUuid(String),
    /// Decimal digits only.
    Digits,
    /// One DNS label.
    Label,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    UtcDateTime,
    /// ISO 8601 date and time.
    Iso8601,
    /// Milliseconds since 1970 (a whole number).
    UnixMillis,
    /// A language code.
    Locale,
    /// Entries separated by commas in one text.
    CommaList,
}

/// One way to authenticate. It is used when all the credentials that it mentions are present.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthSpec {
    /// Name of the scheme.
    pub scheme: Located<String>,
    /// Headers; `{credential}` stands for a credential or variable.
    #[serde(default)]
    pub headers: IndexMap<String, Located<String>>,
    /// HTTP Basic.
    #[serde(default)]
    pub basic: Option<BasicSpec>,
    /// Template of a bearer token.
    #[serde(default)]
    pub bearer: Option<Located<String>>,
    /// Query parameters.
    #[serde(default)]
    pub query: IndexMap<String, Located<String>>,
    /// The authorization-code flow that yields the `access_token` credential.
    #[serde(default)]
    pub oauth2: Option<OAuth2Spec>,
}

/// User name and password of HTTP Basic, as templates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicSpec {
    /// User name.
    pub username: Located<String>,
    /// Password.
    pub password: Located<String>,
}

/// An OAuth2 authorization-code flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth2Spec {
    /// Authorization address.
    pub authorize_url: Located<String>,
    /// Token address.
    pub token_url: Located<String>,
    /// Scopes asked for.
    pub scopes: Vec<String>,
    /// Whether client id and secret travel as HTTP Basic at the token address (else in the form).
    #[serde(default)]
    pub basic_client: bool,
    /// Whether PKCE is used.
    #[serde(default)]
    pub pkce: bool,
}

/// How limits are told.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsSpec {
    /// The limits in words.
    pub doc: String,
    /// Header with the calls left.
    #[serde(default)]
    pub remaining: Option<String>,
    /// Header with the allowance.
    #[serde(default)]
    pub limit: Option<String>,
    /// Header with the time of reset.
    #[serde(default)]
    pub reset: Option<ResetSpec>,
    /// Header with `used/limit` in one value.
    #[serde(default)]
    pub used_of_limit: Option<String>,
    /// Header with the pause after a refusal.
    #[serde(default)]
    pub retry_after: Option<String>,
    /// Statuses that mean "slow down"; 429 when left out.
    #[serde(default)]
    pub throttle_statuses: Option<Vec<u16>>,
    /// Statuses that mean "allowance used up".
    #[serde(default)]
    pub quota_statuses: Vec<u16>,
}

/// A reset header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetSpec {
    /// Header name.
    pub header: String,
    /// What its number counts.
    pub unit: ResetUnitSpec,
}

/// Unit of a reset header.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetUnitSpec {
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMillis,
}

/// Where errors say what went wrong.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorsSpec {
    /// JSON pointers to the vendor's code, tried in order.
    #[serde(default)]
    pub code: Vec<Located<String>>,
    /// JSON pointers to a readable message, tried in order.
    #[serde(default)]
    pub message: Vec<Located<String>>,
    /// JSON pointer to a flag that marks a 2xx answer as an error when it is true.
    #[serde(default)]
    pub failure_flag: Option<Located<String>>,
    /// Advice by status or code; the first match counts.
    #[serde(default)]
    pub hints: Vec<Raw<HintSpec>>,
}

/// Advice for one kind of failure.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HintSpec {
    /// HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// The vendor's code.
    #[serde(default)]
    pub code: Option<String>,
    /// Our error code, when it differs from what the status says.
    #[serde(default)]
    pub kind: Option<Located<String>>,
    /// What it means and what to do.
    pub advice: String,
}

/// One JSON pointer or several, tried in order. The empty pointer is the whole body.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Pointers {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A kind of identifier.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierSpec {
    /// What the wire carries.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// Form of the text.
    #[serde(default)]
    pub form: Option<Located<FormSpec>>,
    /// What it identifies and where it is found.
    pub doc: String,
}

/// What an identifier is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierType {
    /// Text.
    Text,
    /// A 64-bit whole number.
    Int,
}

/// How a list goes on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagesSpec {
    /// The vendor's style.
    pub style: PageStyleSpec,
    /// The argument that moves: page number, offset, cursor or timestamp. Not for `next_url`.
    #[serde(default)]
    pub field: Option<Located<String>>,
    /// Number of the first page (`number`); 1 when left out.
    #[serde(default)]
    pub first: Option<i64>,
    /// JSON pointer in the body to the next cursor (`cursor`) or address (`next_url`).
    #[serde(default)]
    pub next: Option<Located<String>>,
    /// Query parameters taken over from the next address (`next_url`).
    #[serde(default)]
    pub fields: Vec<String>,
    /// JSON pointer inside an item to its timestamp (`walk_back`).
    #[serde(default)]
    pub member: Option<Located<String>>,
    /// The page size, if a caller can choose it.
    #[serde(default)]
    pub size: Option<PageSizeSpec>,
    /// The vendor serves so many items at most.
    #[serde(default)]
    pub cap: Option<u64>,
}

/// Styles of paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageStyleSpec {
    /// A page number, in path or query.
    Number,
    /// A count of items to skip.
    Offset,
    /// An opaque cursor in the body.
    Cursor,
    /// The address of the next page in the body.
    NextUrl,
    /// Everything before the smallest timestamp of the page.
    WalkBack,
}

/// A page size that callers choose; offered to them as `limit`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageSizeSpec {
    /// The argument.
    pub field: Located<String>,
    /// Size when none is given.
    pub default: u32,
    /// Least size; 1 when left out.
    #[serde(default)]
    pub min: Option<u32>,
    /// Greatest size; the greatest allowed one when left out.
    #[serde(default)]
    pub max: Option<u32>,
    /// The only sizes that the vendor accepts.
    #[serde(default)]
    pub allowed: Vec<u32>,
}

/// Members that each account defines for itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicSpec {
    /// What they are, what their names look like and how a caller learns them.
    pub doc: String,
    /// Operation that lists their definitions, or records that hold some of them.
    #[serde(default)]
    pub defined_by: Option<Located<String>>,
    /// Arguments of that operation.
    #[serde(default)]
    pub arguments: IndexMap<String, Located<serde_json::Value>>,
    /// Pointer, in a definition, to what stands for the member on the wire: a text or a whole number.
    #[serde(default)]
    pub key: Option<Located<String>>,
    /// Where there are no definitions: pointer, in a record, to an object whose keys are such members.
    #[serde(default)]
    pub keys_of: Option<Located<String>>,
    /// Pointer to its label.
    #[serde(default)]
    pub label: Option<Located<String>>,
    /// Pointer to its description.
    #[serde(default)]
    pub about: Option<Located<String>>,
    /// What kind of value it takes.
    #[serde(default)]
    pub kind: Option<DynamicKindSpec>,
    /// Pointer to the list of texts that it may have.
    #[serde(default)]
    pub choices: Option<Located<String>>,
    /// Pointer to its least value.
    #[serde(default)]
    pub min: Option<Located<String>>,
    /// Pointer to its greatest value.
    #[serde(default)]
    pub max: Option<Located<String>>,
    /// Pointer to whether a new record needs it.
    #[serde(default)]
    pub required: Option<Located<String>>,
    /// Pointers; a definition that has anything but null or false there is left out.
    #[serde(default)]
    pub skip: Vec<Located<String>>,
    /// Pointers, each with a sentence that is told of a member that has anything but null or false there.
    #[serde(default)]
    pub notes: IndexMap<String, Located<String>>,
    /// For slots that are lists: the members of an item that hold key and value.
    #[serde(default)]
    pub pair: Option<DynamicPairSpec>,
}

/// What kind of value an account-defined member takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicKindSpec {
    /// Pointer to the helpdesk's word for it.
    pub at: Located<String>,
    /// Its words: `text`, `int`, `number` or `bool`. Other words take any value.
    pub words: IndexMap<String, DynamicKindWord>,
}

/// A kind of value of an account-defined member.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DynamicKindWord {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// True or false.
    Bool,
}

/// Key and value of an account-defined member in an item of a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicPairSpec {
    /// Member that holds the key.
    pub key: String,
    /// Member that holds the value.
    pub value: String,
}

/// A resource file: operations on one resource, and types; or types alone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceFile {
    /// Resource, plural, snake case.
    #[serde(default)]
    pub resource: Option<Located<String>>,
    /// Its singular where the rules of English do not give it.
    #[serde(default)]
    pub singular: Option<Located<String>>,
    /// What the resource is.
    #[serde(default)]
    pub doc: Option<String>,
    /// Tags of all its operations, besides the resource itself.
    #[serde(default)]
    pub tags: Vec<Located<String>>,
    /// Operations by name, in the order in which tools are listed.
    #[serde(default)]
    pub operations: Named<OperationSpec>,
    /// Types by name; all files of a helpdesk share them.
    #[serde(default)]
    pub types: Named<TypeSpec>,
}

/// One call of the vendor's API.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationSpec {
    /// `list`, `get`, `create`, `update`, `delete`, or another word; it makes the tool's name.
    pub method: Located<String>,
    /// HTTP method and path, such as `GET /tickets/{ticket_id}`; `{name*}` keeps slashes.
    pub http: Located<String>,
    /// Title for people, a short imperative.
    pub title: String,
    /// Documentation for language models. Without it the operation is in the typed client but is no tool.
    #[serde(default)]
    pub doc: Option<Located<String>>,
    /// `read`, `write` or `destructive`; by the HTTP method when left out.
    #[serde(default)]
    pub effect: Option<EffectSpec>,
    /// Whether repeating it changes nothing more; by the HTTP method when left out.
    #[serde(default)]
    pub idempotent: Option<bool>,
    /// Counts as `read` among the categories although its method is a word of its own: a search that a vendor does by `PUT`.
    #[serde(default)]
    pub counts_as_read: bool,
    /// The resource has exactly one record: the tool's name has no `_by_id`.
    #[serde(default)]
    pub singleton: bool,
    /// Further tags.
    #[serde(default)]
    pub tags: Vec<Located<String>>,
    /// Other tool names accepted on call.
    #[serde(default)]
    pub aliases: Vec<Located<String>>,
    /// What it costs of the rate limit; 1 when left out.
    #[serde(default)]
    pub cost: Option<u32>,
    /// Tiers, scopes or special grants that it needs, in words.
    #[serde(default)]
    pub access: Vec<String>,
    /// How sure the facts are; `high` when left out.
    #[serde(default)]
    pub confidence: Option<ConfidenceSpec>,
    /// Where the facts come from.
    #[serde(default)]
    pub source: Option<String>,
    /// Whether the vendor is taking it away.
    #[serde(default)]
    pub deprecated: bool,
    /// Path parameters, all required.
    #[serde(default)]
    pub path: Named<FieldExpr>,
    /// Record types whose fields are query parameters too, before those of `query`.
    #[serde(default)]
    pub query_of: Vec<Located<String>>,
    /// Query parameters.
    #[serde(default)]
    pub query: Named<FieldExpr>,
    /// Request headers.
    #[serde(default)]
    pub headers: Named<FieldExpr>,
    /// How the body is written; `json` when there are body fields.
    #[serde(default)]
    pub body_as: Option<Located<BodySpec>>,
    /// Record types whose fields are body members too, before those of `body`.
    #[serde(default)]
    pub body_of: Vec<Located<String>>,
    /// Members of the body. With `body_as: whole`, one field called `body`.
    #[serde(default)]
    pub body: Named<FieldExpr>,
    /// Arguments that only steer the call and are never sent.
    #[serde(default)]
    pub flags: Named<FieldExpr>,
    /// Rules over several arguments.
    #[serde(default)]
    pub rules: Vec<Raw<RuleSpec>>,
    /// What comes back.
    pub answer: Raw<AnswerSpec>,
    /// How the list goes on: the name of a style in `integration.yaml`, or the style itself.
    #[serde(default)]
    pub pages: Option<Raw<PagesRef>>,
    /// What the schema of this tool cannot say any more in some dialects, and why that is borne.
    #[serde(default)]
    pub noted_losses: Vec<Raw<NotedLossSpec>>,
}

/// A paging style or the name of one.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum PagesRef {
    /// Name of a style in `integration.yaml`.
    Name(String),
    /// The style itself.
    Inline(Box<PagesSpec>),
}

/// What an operation does to the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectSpec {
    /// Looks only.
    Read,
    /// Creates or changes.
    Write,
    /// Deletes, overwrites for good, or cannot be taken back.
    Destructive,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfidenceSpec {
    /// The vendor's document or recorded answers.
    High,
    /// One third-party source.
    Medium,
    /// By analogy only.
    Low,
}

/// How a body is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodySpec {
    /// A JSON object.
    Json,
    /// A JSON object below one member.
    Under(String),
    /// One value, an array or a scalar: the field called `body`.
    Whole,
    /// A form.
    Form,
    /// A multipart form.
    Multipart,
}

/// A field, or the name of its type alone.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum FieldExpr {
    /// Name of its type; there is nothing more to say.
    Type(String),
    /// A field with all that is known.
    Field(Box<FieldSpec>),
}

/// A field: an argument, or a member of a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: Raw<TypeExpr>,
    /// What it is. Required for arguments of tools.
    #[serde(default)]
    pub doc: Option<String>,
    /// Name on the wire where it differs.
    #[serde(default)]
    pub wire: Option<String>,
    /// Whether a caller must give it.
    #[serde(default)]
    pub required: bool,
    /// Whether null means something else than absence: it empties the field.
    #[serde(default)]
    pub nullable: bool,
    /// Text that empties the field, such as `--`.
    #[serde(default)]
    pub clear: Option<String>,
    /// How scalars are written.
    #[serde(default, rename = "as")]
    pub style: Option<StyleSpec>,
    /// How a list or object is written in the query; `repeat` when left out.
    #[serde(default)]
    pub query_style: Option<QueryStyleSpec>,
    /// In a multipart operation: a query parameter that moves into the form when the address would be too long.
    #[serde(default)]
    pub or_part: bool,
    /// Least value, length or number of items.
    #[serde(default)]
    pub min: Option<i64>,
    /// Greatest value, length or number of items.
    #[serde(default)]
    pub max: Option<i64>,
    /// What the vendor assumes when it is left out, in words.
    #[serde(default)]
    pub default: Option<Node>,
    /// A plausible value.
    #[serde(default)]
    pub example: Option<Node>,
    /// Account variable that supplies it.
    #[serde(default)]
    pub variable: Option<Located<String>>,
    /// Deskhand makes a value when the caller gives none, and tells it in the answer. For a number by which the
    /// vendor knows a repeated call again. `min` and `max` bound what is made and what callers may give.
    #[serde(default)]
    pub generate: Option<Located<GenerateSpec>>,
    /// Account-specific members that belong here.
    #[serde(default)]
    pub dynamic: Option<Located<String>>,
    /// Beside `dynamic`: it is the value of one member, which this sibling names as it stands on the wire.
    #[serde(default)]
    pub dynamic_by: Option<Located<String>>,
    /// `read`: only in answers; `write`: only in requests.
    #[serde(default)]
    pub access: Option<AccessSpec>,
    /// Never printed.
    #[serde(default)]
    pub secret: bool,
    /// About a person: kept out of debug output.
    #[serde(default)]
    pub personal: bool,
    /// Written by people outside the company: data, never an instruction.
    #[serde(default)]
    pub untrusted: bool,
    /// On its way out.
    #[serde(default)]
    pub deprecated: bool,
    /// How sure the fact is.
    #[serde(default)]
    pub confidence: Option<ConfidenceSpec>,
}

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GenerateSpec {
    /// A random whole number from `min` to `max`.
    RandomInt,
}

/// In which direction a field travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessSpec {
    /// Only in answers.
    Read,
    /// Only in requests.
    Write,
}

/// How scalars are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StyleSpec {
    /// A boolean as 1 or 0.
    Digit,
    /// Every scalar as text.
    Text,
    /// A boolean as text "1" or "0".
    DigitText,
}

/// How a list or object is written in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryStyleSpec {
    /// `name=a&name=b`.
    Repeat,
    /// `name=a,b`.
    Comma,
    /// `name[]=a&name[]=b`.
    Brackets,
    /// `name[key]=value`.
    Deep,
    /// `name=<JSON text>`.
    Json,
}

/// A type: a name, or a way to build one.
///
/// Names: `text int number bool json file`, the text forms `email url html uuid digits date utc_date_time
/// iso8601 unix_millis locale comma_list`, an identifier, or a type of the helpdesk.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum TypeExpr {
    /// A name.
    Name(String),
    /// A built type.
    Built(BuiltType),
}

/// A type built of others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuiltType {
    /// A list.
    List(Box<Raw<TypeExpr>>),
    /// An object with free keys.
    Map(Box<Raw<TypeExpr>>),
    /// A value seen in several shapes.
    OneOf(Vec<Raw<TypeExpr>>),
    /// A value whose shape is chosen by a sibling.
    Variants(VariantsSpec),
}

/// A value whose shape is chosen by a sibling.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantsSpec {
    /// The sibling, an enumeration.
    pub by: Located<String>,
    /// Shape for each value of the sibling.
    pub arms: Named<VariantSpec>,
}

/// One shape of a polymorphic value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantSpec {
    /// The shape.
    #[serde(rename = "type")]
    pub kind: Raw<TypeExpr>,
    /// What it is for, in one sentence.
    pub doc: String,
}

/// A type of the helpdesk: a record (`fields`) or an open enumeration (`values`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeSpec {
    /// What it is.
    pub doc: String,
    /// Members of a record.
    #[serde(default)]
    pub fields: Option<Named<FieldExpr>>,
    /// Words of an enumeration.
    #[serde(default)]
    pub values: Option<Named<ValueSpec>>,
    /// The account can define values beyond the list: others may be sent.
    #[serde(default)]
    pub extensible: bool,
    /// Rules over the members, when the record is part of a request.
    #[serde(default)]
    pub rules: Vec<Raw<RuleSpec>>,
}

/// One value of an enumeration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// Code on the wire; all values of an enumeration have one, or none has.
    #[serde(default)]
    pub code: Option<i64>,
    /// What it means.
    #[serde(default)]
    pub doc: String,
}

/// A rule over several arguments; exactly one of its forms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// At least one of these must be given.
    #[serde(default)]
    pub at_least_one: Vec<Located<String>>,
    /// Exactly one of these must be given.
    #[serde(default)]
    pub exactly_one: Vec<Located<String>>,
    /// At most one of these may be given.
    #[serde(default)]
    pub at_most_one: Vec<Located<String>>,
    /// The deciding field of a condition.
    #[serde(default)]
    pub when: Option<Located<String>>,
    /// Values of the deciding field; whenever it is given, when left out.
    #[serde(default)]
    pub is: Vec<Node>,
    /// Fields that must then be given.
    #[serde(default)]
    pub requires: Vec<Located<String>>,
    /// Fields that must then be absent.
    #[serde(default)]
    pub refuses: Vec<Located<String>>,
    /// Fields that may then hold nothing but the listed values, such as `public: [false]`.
    #[serde(default)]
    pub allows: Named<Vec<Node>>,
    /// A list that must not be empty…
    #[serde(default)]
    pub not_empty: Option<Located<String>>,
    /// …unless this flag (declared under `flags`) is true.
    #[serde(default)]
    pub unless: Option<Located<String>>,
    /// Names that callers guess and that do not exist. They stay unknown; whoever gives one is told `because`, which says
    /// what to use instead.
    #[serde(default)]
    pub no_such: Vec<Located<String>>,
    /// Why, told to the caller.
    #[serde(default)]
    pub because: Option<String>,
}

/// What an operation answers: a record, a list, or another kind; exactly one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    /// Type of the record.
    #[serde(default)]
    pub record: Option<Raw<TypeExpr>>,
    /// Type of the items.
    #[serde(default)]
    pub list: Option<Raw<TypeExpr>>,
    /// Neither.
    #[serde(default)]
    pub kind: Option<AnswerKindSpec>,
    /// JSON pointers to the record or list, tried in order.
    #[serde(default)]
    pub at: Option<Raw<Pointers>>,
    /// JSON pointer to the number of matches.
    #[serde(default)]
    pub total: Option<Located<String>>,
    /// Whether the vendor may answer without a body.
    #[serde(default)]
    pub may_be_empty: bool,
}

/// Answers that are neither record nor list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKindSpec {
    /// Text that is not JSON.
    Text,
    /// Nothing of interest.
    Empty,
    /// 2xx yes, 404 no.
    Exists,
    /// A redirect whose address is the answer.
    Redirect,
}
