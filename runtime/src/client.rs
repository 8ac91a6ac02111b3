//! Accounts that can be called, and typed calls over them.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll, ready};

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::answer::{self, Content, Outcome};
use crate::arguments::{self, CheckSettings, Checked};
use crate::encode::{self, WireRequest};
use crate::error::{ArgumentFault, Code, Error};
use crate::generate;
use crate::http::{BaseUrl, Fate, Limits, RawAnswer};
use crate::limits::RateLimit;
use crate::operation::{Api, AuthPart, Integration, Operation, Scheme, Setting};
use crate::overlay::Overlay;
use crate::page::{self, PageState};
use crate::record::{self, Context, Extra, Fault, Member, Names, Record, to_object};
use crate::send::{send_once, shared_client};
use crate::shape::{Field, Form};

/// Longest value of a setting, in bytes.
const MAX_SETTING: usize = 8 * 1024;
/// Shortest secret that is blanked where a vendor repeats it, in bytes: shorter ones would blank words.
const MIN_BLANKED: usize = 6;

/// One account of one helpdesk: where to send and as whom. Cheap to clone.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    integration: &'static Integration,
    base: BaseUrl,
    variables: BTreeMap<String, String>,
    scheme: Option<&'static Scheme>,
    /// Headers of every request that hold no secret.
    headers: HeaderMap,
    /// Headers that authenticate.
    auth_headers: Vec<(HeaderName, SecretString)>,
    /// Query parameters that authenticate.
    auth_query: Vec<(&'static str, SecretString)>,
    /// What must never be seen in an error.
    secrets: Vec<SecretString>,
    limits: Limits,
    overlay: Option<Arc<Overlay>>,
    client: OnceLock<reqwest::Client>,
}

/// Prints no credential.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("integration", &self.0.integration.slug)
            .field("base_url", &self.0.base)
            .field("scheme", &self.0.scheme.map(|scheme| scheme.name))
            .finish_non_exhaustive()
    }
}

/// Collects what an account supplies.
pub struct ConnectionBuilder {
    integration: &'static Integration,
    values: BTreeMap<String, SecretString>,
    base_url: Option<String>,
    limits: Limits,
    overlay: Option<Arc<Overlay>>,
}

/// Prints names only.
impl fmt::Debug for ConnectionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("integration", &self.integration.slug)
            .field("values", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl ConnectionBuilder {
    /// Sets a variable, such as the subdomain. An empty value counts as none.
    #[must_use]
    pub fn variable(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.value(name, value)
    }

    /// Sets a credential. An empty value counts as none.
    #[must_use]
    pub fn credential(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.value(name, value)
    }

    /// Sets a variable or credential, whichever has this name. An empty value counts as none.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(name.into(), SecretString::from(value.into()));
        self
    }

    /// Sets another address than the vendor's; it may use the same `{variable}` placeholders.
    #[must_use]
    pub fn base_url(mut self, base_url: Option<impl Into<String>>) -> Self {
        self.base_url = base_url.map(Into::into);
        self
    }

    /// Sets what one call may take.
    #[must_use]
    pub fn settings(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the members that the account has defined for itself.
    #[must_use]
    pub fn overlay(mut self, overlay: Option<Arc<Overlay>>) -> Self {
        self.overlay = overlay;
        self
    }

    /// Checks everything and makes the connection. Sends nothing.
    ///
    /// # Errors
    /// [`Code::InvalidArguments`] with one fault for each setting that is unknown, missing or of a
    /// wrong form; never with the value of a secret.
    pub fn build(self) -> Result<Connection, Error> {
        let integration = self.integration;
        let mut faults = Vec::new();
        for name in self.values.keys() {
            if !settings(integration).any(|setting| setting.name == name) {
                let known: Vec<_> = settings(integration).map(|setting| setting.name).collect();
                faults.push(fault(
                    name,
                    format!("{} has no such setting; it has {}", integration.title, known.join(", ")),
                ));
            }
        }
        let mut values: BTreeMap<&'static str, SecretString> = BTreeMap::new();
        for setting in settings(integration) {
            let given = self.values.get(setting.name).map_or("", |value| value.expose_secret());
            let value = match cut_affixes(setting, given) {
                "" => setting.default,
                value => value,
            };
            if value.is_empty() {
                // A credential may belong to a scheme that is not used; schemes are looked at below.
                if !setting.optional && is_variable(integration, setting.name) {
                    faults.push(fault(
                        setting.name,
                        format!("is missing: {}. {}", setting.title, setting.help),
                    ));
                }
                continue;
            }
            match problem(setting, value) {
                Some(problem) => faults.push(fault(
                    setting.name,
                    format!("must be {problem}. {}: {}", setting.title, setting.help),
                )),
                None => {
                    values.insert(setting.name, SecretString::from(value));
                }
            }
        }
        let has = |name: &str| values.contains_key(name);
        let scheme = integration
            .schemes
            .iter()
            .find(|scheme| scheme.needs.iter().all(|need| has(need)));
        // A credential of a wrong form is told as that, and not as missing.
        let only_variables = faults.iter().all(|fault| is_variable(integration, &fault.argument));
        if scheme.is_none() && !integration.schemes.is_empty() && only_variables {
            faults.extend(missing_credentials(integration, &has));
        }
        if !faults.is_empty() {
            return Err(Error::arguments(faults).with_hint("Nothing was sent. Correct the account's settings."));
        }
        let base = self.base(&values)?;
        let mut inner = Inner {
            integration,
            base,
            variables: BTreeMap::new(),
            scheme,
            headers: HeaderMap::new(),
            auth_headers: Vec::new(),
            auth_query: Vec::new(),
            secrets: Vec::new(),
            limits: self.limits,
            overlay: self.overlay,
            client: OnceLock::new(),
        };
        for setting in integration.variables {
            if let Some(value) = values.get(setting.name) {
                inner
                    .variables
                    .insert(setting.name.to_owned(), value.expose_secret().to_owned());
            }
        }
        for (name, template) in integration.headers {
            let value = render(template, &values)?;
            let (name, value) = (header_name(name)?, header_value(&value)?);
            inner.headers.insert(name, value);
        }
        for part in scheme.map_or(&[][..], |scheme| scheme.parts) {
            inner.add_auth(part, &values)?;
        }
        let credentials = settings(integration)
            .filter(|setting| setting.secret)
            .filter_map(|setting| values.remove(setting.name));
        let headers = inner.auth_headers.iter().map(|(_, value)| {
            let value = value.expose_secret();
            SecretString::from(value.strip_prefix("Basic ").unwrap_or(value))
        });
        inner.secrets = credentials
            .chain(headers)
            .filter(|value| value.expose_secret().len() >= MIN_BLANKED)
            .collect();
        Ok(Connection(Arc::new(inner)))
    }

    fn base(&self, values: &BTreeMap<&'static str, SecretString>) -> Result<BaseUrl, Error> {
        let template = self.base_url.as_deref().unwrap_or(self.integration.base_url);
        let wrong = |problem: &str| {
            Error::arguments(vec![fault("base_url", problem.to_owned())])
                .with_hint("Nothing was sent. Correct the account's base URL.")
        };
        for setting in self.integration.credentials {
            if template.contains(&format!("{{{}}}", setting.name)) {
                return Err(wrong("must not hold a credential"));
            }
        }
        let mut plain = BTreeMap::new();
        for (name, value) in values {
            let text = value.expose_secret();
            let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
            if template.contains(&format!("{{{name}}}")) && !text.chars().all(unreserved) {
                let message = "is part of the address: letters, digits, hyphens and dots only";
                return Err(Error::arguments(vec![fault(name, message.to_owned())]));
            }
            plain.insert(*name, value.clone());
        }
        let text = render(template, &plain).map_err(|_| wrong("names a placeholder that the account does not fill"))?;
        BaseUrl::parse(text.expose_secret()).map_err(wrong)
    }
}

impl Inner {
    fn add_auth(&mut self, part: &AuthPart, values: &BTreeMap<&'static str, SecretString>) -> Result<(), Error> {
        let (name, value) = match part {
            AuthPart::Header { name, value } => (header_name(name)?, render(value, values)?),
            AuthPart::Bearer(token) => {
                let token = render(token, values)?;
                let value = format!("Bearer {}", token.expose_secret());
                (http::header::AUTHORIZATION, SecretString::from(value))
            }
            AuthPart::Basic { username, password } => {
                use base64::Engine as _;
                let (username, password) = (render(username, values)?, render(password, values)?);
                let pair = SecretString::from(format!("{}:{}", username.expose_secret(), password.expose_secret()));
                let value = base64::engine::general_purpose::STANDARD.encode(pair.expose_secret());
                (
                    http::header::AUTHORIZATION,
                    SecretString::from(format!("Basic {value}")),
                )
            }
            AuthPart::Query { name, value } => {
                self.auth_query.push((name, render(value, values)?));
                return Ok(());
            }
        };
        header_value(&value)?;
        self.auth_headers.push((name, value));
        Ok(())
    }
}

fn settings(integration: &'static Integration) -> impl Iterator<Item = &'static Setting> {
    integration.variables.iter().chain(integration.credentials)
}

fn is_variable(integration: &'static Integration, name: &str) -> bool {
    integration.variables.iter().any(|variable| variable.name == name)
}

fn fault(name: &str, message: String) -> ArgumentFault {
    ArgumentFault {
        argument: name.to_owned(),
        message,
        did_you_mean: None,
        get_it_from: Vec::new(),
    }
}

/// Every credential that is not there, told with the ways to authenticate that need it.
fn missing_credentials(integration: &'static Integration, has: &impl Fn(&str) -> bool) -> Vec<ArgumentFault> {
    let mut missing: Vec<&'static str> = Vec::new();
    for need in integration.schemes.iter().flat_map(|scheme| scheme.needs) {
        if !has(need) && !missing.contains(need) {
            missing.push(need);
        }
    }
    let told = |name: &'static str| {
        let ways: Vec<_> = integration
            .schemes
            .iter()
            .filter(|scheme| scheme.needs.contains(&name))
            .map(|scheme| scheme.name)
            .collect();
        let setting = settings(integration).find(|setting| setting.name == name);
        let (title, help) = setting.map_or(("", ""), |setting| (setting.title, setting.help));
        fault(name, format!("is missing for {}: {title}. {help}", ways.join(" and ")))
    };
    missing.into_iter().map(told).collect()
}

/// Cuts off what people paste along, in any order and case.
fn cut_affixes<'a>(setting: &Setting, value: &'a str) -> &'a str {
    let mut value = value.trim();
    loop {
        let before = value.len();
        if setting.form == Form::Label || !setting.strip.is_empty() {
            value = value.trim_end_matches('/');
        }
        for affix in setting.strip.iter().filter(|affix| !affix.is_empty()) {
            let head = value.get(..affix.len());
            if head.is_some_and(|head| head.eq_ignore_ascii_case(affix)) {
                value = &value[affix.len()..];
            }
            let tail = value.len().checked_sub(affix.len()).and_then(|at| value.get(at..));
            if tail.is_some_and(|tail| tail.eq_ignore_ascii_case(affix)) {
                value = &value[..value.len() - affix.len()];
            }
        }
        value = value.trim();
        if value.len() == before {
            return value;
        }
    }
}

/// What a value should have been.
fn problem(setting: &Setting, value: &str) -> Option<String> {
    if value.chars().any(char::is_control) {
        return Some("free of line breaks and control characters".to_owned());
    }
    if value.len() > MAX_SETTING {
        return Some(format!("at most {MAX_SETTING} bytes long"));
    }
    if !setting.one_of.is_empty() && !setting.one_of.contains(&value) {
        return Some(format!("one of {}", setting.one_of.join(", ")));
    }
    (!setting.form.admits(value)).then(|| setting.form.words())
}

/// Fills the `{name}` placeholders of a template.
fn render(template: &str, values: &BTreeMap<&'static str, SecretString>) -> Result<SecretString, Error> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let filled = after
            .split_once('}')
            .and_then(|(name, after)| Some((values.get(name)?, after)));
        let Some((value, after)) = filled else {
            return Err(Error::deskhand(
                Code::InvalidArguments,
                "A setting of the account that is needed to call the helpdesk is missing.",
            ));
        };
        out.push_str(before);
        out.push_str(value.expose_secret());
        rest = after;
    }
    out.push_str(rest);
    Ok(SecretString::from(out))
}

fn header_name(name: &str) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::deskhand(Code::Internal, "the integration names no HTTP header"))
}

fn header_value(value: &SecretString) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_bytes(value.expose_secret().as_bytes()).map_err(|_| {
        Error::deskhand(
            Code::InvalidArguments,
            "A setting of the account holds characters that no HTTP header can carry.",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

impl Connection {
    /// Starts a connection.
    #[must_use]
    pub fn builder(integration: &'static Integration) -> ConnectionBuilder {
        ConnectionBuilder {
            integration,
            values: BTreeMap::new(),
            base_url: None,
            limits: Limits::default(),
            overlay: None,
        }
    }

    /// The helpdesk.
    #[must_use]
    pub fn integration(&self) -> &'static Integration {
        self.0.integration
    }

    /// Where requests go.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.base
    }

    /// The account's variables: checked, affixes cut off, defaults filled in. No credentials.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.0.variables
    }

    /// The way it authenticates.
    #[must_use]
    pub fn scheme(&self) -> Option<&'static Scheme> {
        self.0.scheme
    }

    /// Sends one request, once: no retry, no redirect followed. Dropping the future cancels it.
    ///
    /// # Errors
    /// [`Code::UpstreamUnreachable`], [`Code::UpstreamTimeout`], or [`Code::UpstreamInvalidResponse`]
    /// when the answer breaks off or is larger than [`Limits::max_answer_bytes`].
    pub async fn send_wire(&self, operation: &Operation, mut request: WireRequest) -> Result<RawAnswer, Error> {
        let inner = &*self.0;
        let mut headers = inner.headers.clone();
        for (name, value) in &inner.auth_headers {
            headers.insert(name.clone(), header_value(value)?);
        }
        for (name, value) in &inner.auth_query {
            encode::append_query(&mut request.url, name, value.expose_secret());
        }
        send_once(self.client()?, request, headers, &inner.limits, Fate::of(operation)).await
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.0.client.get() {
            return Ok(client);
        }
        let client = shared_client(&self.0.base, &self.0.limits)?;
        Ok(self.0.client.get_or_init(|| client))
    }

    /// Checks arguments, sends, and reads the answer: the way of every call.
    ///
    /// # Errors
    /// As [`arguments::check`], [`encode::encode`], [`Connection::send_wire`] and [`answer::read`].
    pub async fn run(
        &self,
        operation: &'static Operation,
        arguments: Map<String, Value>,
        state: Option<&PageState>,
    ) -> Result<Ran, Error> {
        let settings = self.check_settings(&|_| true);
        let checked = arguments::check(operation, arguments, &settings)?;
        self.run_checked(operation, checked, state).await
    }

    /// The members that the account has defined for itself, if they are known.
    #[must_use]
    pub fn overlay(&self) -> Option<&Arc<Overlay>> {
        self.0.overlay.as_ref()
    }

    /// What this account brings to the check of arguments, for a caller who sees these tools.
    #[must_use]
    pub fn check_settings<'a>(&'a self, tools: &'a (dyn Fn(&str) -> bool + Sync)) -> CheckSettings<'a> {
        CheckSettings {
            variables: self.variables(),
            tools,
            fixed: &|_| false,
            overlay: self.0.overlay.as_deref(),
            slots: self.0.integration.dynamic_fields,
        }
    }

    /// Sends checked arguments and reads the answer.
    ///
    /// # Errors
    /// As [`Connection::run`].
    pub async fn run_checked(
        &self,
        operation: &'static Operation,
        checked: Checked,
        state: Option<&PageState>,
    ) -> Result<Ran, Error> {
        let made = generate::among(&checked.values);
        match self.run_inner(operation, checked.values, state).await {
            Ok(mut ran) => {
                generate::tell(&made, operation, &mut ran.outcome.content);
                Ok(ran)
            }
            Err(error) => Err(generate::warn(&made, self.without_secrets(error))),
        }
    }

    async fn run_inner(
        &self,
        operation: &'static Operation,
        mut values: Vec<(&'static Field, Value)>,
        state: Option<&PageState>,
    ) -> Result<Ran, Error> {
        let inner = &*self.0;
        let link = page::apply(operation, state, &mut values)?;
        let request = encode::encode(operation, &inner.base, &values, &link, &inner.variables)?;
        let url = request.url.clone();
        let raw = self.send_wire(operation, request).await?;
        let outcome = answer::read(inner.integration, operation, &url, raw, jiff::Timestamp::now())?;
        let next = match &outcome.content {
            Content::List { items, total, rest } => page::next(operation, &values, &link, items, rest, *total)
                .map_err(|error| error.with_status(outcome.status).with_limits(outcome.rate_limit, None))?,
            _ => None,
        };
        Ok(Ran { outcome, next })
    }

    /// Blanks secrets that a vendor repeats in its message or body.
    fn without_secrets(&self, error: Error) -> Error {
        let secrets: Vec<&str> = self.0.secrets.iter().map(|secret| secret.expose_secret()).collect();
        let seen = |text: &str| secrets.iter().any(|secret| text.contains(secret));
        let body = error.upstream_body();
        let in_body = body.is_some_and(|body| seen_in(body, &seen));
        if !in_body && !seen(error.message()) {
            return error;
        }
        let message = blank(error.message(), &secrets);
        let mut body = body.cloned();
        if let Some(body) = &mut body {
            blank_in(body, &secrets);
        }
        error.with_message(message).with_upstream(body)
    }
}

fn seen_in(value: &Value, seen: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => seen(text),
        Value::Array(items) => items.iter().any(|item| seen_in(item, seen)),
        Value::Object(members) => members.iter().any(|(name, value)| seen(name) || seen_in(value, seen)),
        _ => false,
    }
}

fn blank(text: &str, secrets: &[&str]) -> String {
    secrets
        .iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, "<hidden>"))
}

fn blank_in(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::String(text) => *text = blank(text, secrets),
        Value::Array(items) => items.iter_mut().for_each(|item| blank_in(item, secrets)),
        Value::Object(members) => {
            let old = std::mem::take(members);
            for (name, mut value) in old {
                blank_in(&mut value, secrets);
                members.insert(blank(&name, secrets), value);
            }
        }
        _ => {}
    }
}

/// A good answer and where its list goes on.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The answer.
    pub outcome: Outcome,
    /// Where the next page starts; `None` after the last one, or when it is no list.
    pub next: Option<PageState>,
}

/// A typed call: the arguments of one operation, and the type of its answer.
pub trait Call: Record {
    /// Marker of the helpdesk, so that a call cannot be sent to another one.
    type Api: Api;
    /// What comes back.
    type Answer: FromAnswer;

    /// The operation.
    fn operation() -> &'static Operation;
}

/// A type that answers can be read as.
pub trait FromAnswer: Sized {
    /// Reads an answer.
    ///
    /// # Errors
    /// The answer has another shape.
    fn from_answer(ran: Ran) -> Result<Self, Fault>;
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; `None` after the last one.
    pub next: Option<PageState>,
    /// Matches in all, if the vendor tells.
    pub total: Option<u64>,
}

/// An address that the vendor points to instead of answering, such as a signed download.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The address, `http` or `https`. It may itself be a secret: whoever has it can read.
    pub location: String,
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirect(<hidden>)")
    }
}

/// The JSON of an answer, as a value.
fn value_of(content: Content) -> Result<Value, Fault> {
    match content {
        Content::Record(value) => Ok(value),
        Content::List { items, .. } => Ok(Value::Array(items)),
        Content::Text(text) => Ok(Value::String(text)),
        Content::Exists(exists) => Ok(Value::Bool(exists)),
        Content::Redirect(location) => Ok(Value::String(location)),
        Content::Empty => Err(Context::ROOT.fault("an answer", None)),
    }
}

impl<T: Record + Member> FromAnswer for T {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        match ran.outcome.content {
            // A change that was made is not called failed because the vendor says nothing about it.
            Content::Empty => {
                record::from_value(Value::Object(Map::new())).map_err(|_: Fault| Context::ROOT.fault("an answer", None))
            }
            content => record::from_value(value_of(content)?),
        }
    }
}

impl<T: Member> FromAnswer for Page<T> {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        let total = match &ran.outcome.content {
            Content::List { total, .. } => *total,
            _ => None,
        };
        let items = record::from_value(value_of(ran.outcome.content)?)?;
        Ok(Self {
            items,
            next: ran.next,
            total,
        })
    }
}

impl<T: FromAnswer> FromAnswer for Option<T> {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        match ran.outcome.content {
            Content::Empty | Content::Record(Value::Null) => Ok(None),
            _ => T::from_answer(ran).map(Some),
        }
    }
}

impl<T: Member> FromAnswer for Vec<T> {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl<T: Member> FromAnswer for BTreeMap<String, T> {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl FromAnswer for Value {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        match ran.outcome.content {
            Content::Empty => Ok(Self::Null),
            content => value_of(content),
        }
    }
}

impl FromAnswer for Extra {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        match value_of(ran.outcome.content)? {
            Value::Object(object) => Ok(object),
            other => Err(Context::ROOT.fault("an object", Some(&other))),
        }
    }
}

impl FromAnswer for String {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl FromAnswer for bool {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl FromAnswer for i64 {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl FromAnswer for f64 {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        record::from_value(value_of(ran.outcome.content)?)
    }
}

impl FromAnswer for () {
    fn from_answer(_: Ran) -> Result<Self, Fault> {
        Ok(())
    }
}

impl FromAnswer for Redirect {
    fn from_answer(ran: Ran) -> Result<Self, Fault> {
        match ran.outcome.content {
            Content::Redirect(location) => Ok(Self { location }),
            _ => Err(Context::ROOT.fault("a redirect", None)),
        }
    }
}

/// An answer with what came along.
#[derive(Clone, Debug)]
pub struct Response<T> {
    /// The answer.
    pub value: T,
    /// What the vendor told about its limits.
    pub rate_limit: Option<RateLimit>,
    /// HTTP status.
    pub status: u16,
}

/// A typed client of one account. `A` is the marker of the helpdesk ([`Call::Api`]).
pub struct Client<A> {
    connection: Connection,
    api: PhantomData<fn() -> A>,
}

impl<A> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            api: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.fmt(f)
    }
}

impl<A: Api> Client<A> {
    /// Starts a connection to the helpdesk of this client.
    #[must_use]
    pub fn builder() -> ConnectionBuilder {
        Connection::builder(A::integration())
    }

    /// A client over a connection.
    ///
    /// # Errors
    /// The connection leads to another helpdesk ([`Code::Internal`]).
    pub fn new(connection: Connection) -> Result<Self, Error> {
        if connection.integration().slug != A::integration().slug {
            return Err(Error::deskhand(
                Code::Internal,
                format!(
                    "A connection to {} cannot serve a client of {}.",
                    connection.integration().title,
                    A::integration().title
                ),
            ));
        }
        Ok(Self {
            connection,
            api: PhantomData,
        })
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sends a call, once.
    ///
    /// # Errors
    /// As [`Connection::run`]; [`Code::UpstreamInvalidResponse`] when the answer is not of its type.
    pub fn send<'s, C>(&'s self, call: &C) -> impl Future<Output = Result<C::Answer, Error>> + Send + use<'s, A, C>
    where
        C: Call<Api = A>,
    {
        let sent = self.send_with_limits(call);
        async move { sent.await.map(|response| response.value) }
    }

    /// Sends a call, once, and tells status and limits along with the answer.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn send_with_limits<'s, C>(
        &'s self,
        call: &C,
    ) -> impl Future<Output = Result<Response<C::Answer>, Error>> + Send + use<'s, A, C>
    where
        C: Call<Api = A>,
    {
        let ran = run_owned(
            self.connection.clone(),
            C::operation(),
            to_object(call, Names::Arguments),
            None,
        );
        async move { decode(ran.await?) }
    }

    /// The pages of a list, one call each, fetched as they are asked for.
    pub fn pages<C, T>(&self, call: &C) -> Pager<T>
    where
        C: Call<Api = A, Answer = Page<T>>,
    {
        self.pages_from(call, None)
    }

    /// The pages of a list from a page's [`Page::next`] on.
    pub fn pages_from<C, T>(&self, call: &C, state: Option<PageState>) -> Pager<T>
    where
        C: Call<Api = A, Answer = Page<T>>,
    {
        Pager {
            core: PagerCore {
                connection: self.connection.clone(),
                operation: C::operation(),
                arguments: to_object(call, Names::Arguments),
                next: Next::Page(state),
                running: None,
            },
            item: PhantomData,
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Result<Ran, Error>> + Send>>;

/// Boxed, so that the machinery of a call is compiled once and not for each type of call.
fn run_owned(
    connection: Connection,
    operation: &'static Operation,
    arguments: Map<String, Value>,
    state: Option<PageState>,
) -> Running {
    Box::pin(async move { connection.run(operation, arguments, state.as_ref()).await })
}

fn decode<T: FromAnswer>(ran: Ran) -> Result<Response<T>, Error> {
    let (status, rate_limit) = (ran.outcome.status, ran.outcome.rate_limit);
    match T::from_answer(ran) {
        Ok(value) => Ok(Response {
            value,
            rate_limit,
            status,
        }),
        Err(fault) => Err(mismatch(&fault, status, rate_limit)),
    }
}

fn mismatch(fault: &Fault, status: u16, rate_limit: Option<RateLimit>) -> Error {
    Error::upstream(
        Code::UpstreamInvalidResponse,
        status,
        format!("HTTP {status}: the answer is not of its type: {fault}."),
    )
    .with_limits(rate_limit, None)
}

/// The pages of a list: a stream, also usable with [`Pager::next`] alone. Ends after an error.
pub struct Pager<T> {
    core: PagerCore,
    item: PhantomData<fn() -> T>,
}

struct PagerCore {
    connection: Connection,
    operation: &'static Operation,
    arguments: Map<String, Value>,
    next: Next,
    running: Option<Running>,
}

enum Next {
    Page(Option<PageState>),
    Done,
}

impl PagerCore {
    fn poll(&mut self, task: &mut TaskContext<'_>) -> Poll<Option<Result<Ran, Error>>> {
        let running = match &mut self.running {
            Some(running) => running,
            empty => match std::mem::replace(&mut self.next, Next::Done) {
                Next::Done => return Poll::Ready(None),
                Next::Page(state) => empty.insert(run_owned(
                    self.connection.clone(),
                    self.operation,
                    self.arguments.clone(),
                    state,
                )),
            },
        };
        let result = ready!(running.as_mut().poll(task));
        self.running = None;
        if let Ok(Ran { next: Some(state), .. }) = &result {
            self.next = Next::Page(Some(state.clone()));
        }
        Poll::Ready(Some(result))
    }
}

impl<T: Member> Pager<T> {
    /// The next page; `None` after the last one or after an error.
    pub async fn next(&mut self) -> Option<Result<Page<T>, Error>> {
        poll_fn(|task| self.poll(task)).await
    }

    fn poll(&mut self, task: &mut TaskContext<'_>) -> Poll<Option<Result<Page<T>, Error>>> {
        let ran = ready!(self.core.poll(task));
        Poll::Ready(ran.map(|ran| decode(ran?).map(|response| response.value)))
    }
}

impl<T: Member> futures_core::Stream for Pager<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        self.poll(task)
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager")
            .field("operation", &self.core.operation.name)
            .finish_non_exhaustive()
    }
}
