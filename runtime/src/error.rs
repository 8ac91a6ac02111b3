//! The one error of the crate: what went wrong, where, and what to do instead.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::limits::RateLimit;

/// What kind of failure it was. The words are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// Arguments were refused before anything was sent.
    InvalidArguments,
    /// There is no such tool, or it is outside the caller's scope.
    UnknownTool,
    /// The vendor refused the credentials.
    Unauthorized,
    /// The credentials do not reach this.
    Forbidden,
    /// The vendor has no such thing.
    NotFound,
    /// The vendor's state contradicts the request.
    Conflict,
    /// The vendor asks to slow down.
    RateLimited,
    /// The allowance of the day or month is used up.
    QuotaExhausted,
    /// The request is too large, by our caps or by the vendor's. (An answer beyond the cap is
    /// [`Code::UpstreamInvalidResponse`].)
    PayloadTooLarge,
    /// The vendor refused or failed otherwise.
    UpstreamError,
    /// The vendor did not answer in time.
    UpstreamTimeout,
    /// The vendor's answer could not be understood.
    UpstreamInvalidResponse,
    /// The vendor could not be reached.
    UpstreamUnreachable,
    /// The account must be connected again.
    NeedsReauth,
    /// A fault of Deskhand's own.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::InvalidArguments,
        Self::UnknownTool,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::RateLimited,
        Self::QuotaExhausted,
        Self::PayloadTooLarge,
        Self::UpstreamError,
        Self::UpstreamTimeout,
        Self::UpstreamInvalidResponse,
        Self::UpstreamUnreachable,
        Self::NeedsReauth,
        Self::Internal,
    ];

    /// The word of the contract, such as `rate_limited`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InvalidArguments => "invalid_arguments",
            Self::UnknownTool => "unknown_tool",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UpstreamError => "upstream_error",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamInvalidResponse => "upstream_invalid_response",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::NeedsReauth => "needs_reauth",
            Self::Internal => "internal",
        }
    }

    /// The code with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.word() == word)
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The vendor answered so.
    Upstream,
    /// Deskhand refused or failed.
    Deskhand,
}

/// One fault of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentFault {
    /// The argument, as a dotted path such as `filters.status.0`.
    pub argument: String,
    /// What is wrong and what was expected, as a sentence.
    pub message: String,
    /// Nearest known name or value.
    pub did_you_mean: Option<String>,
    /// Tools whose answers contain the identifier that was expected.
    pub get_it_from: Vec<&'static str>,
}

/// Why a call failed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    origin: Origin,
    status: Option<u16>,
    message: String,
    hint: Option<String>,
    faults: Vec<ArgumentFault>,
    retry_after: Option<Duration>,
    rate_limit: Option<RateLimit>,
    upstream: Option<Value>,
}

impl Error {
    /// A failure of Deskhand's own.
    #[must_use]
    pub fn deskhand(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            origin: Origin::Deskhand,
            status: None,
            message: message.into(),
            hint: None,
            faults: Vec::new(),
            retry_after: None,
            rate_limit: None,
            upstream: None,
        }))
    }

    /// A failure that the vendor answered.
    #[must_use]
    pub fn upstream(code: Code, status: u16, message: impl Into<String>) -> Self {
        let mut error = Self::deskhand(code, message);
        error.0.origin = Origin::Upstream;
        error.0.status = Some(status);
        error
    }

    /// Arguments that cannot be sent: all their faults at once.
    #[must_use]
    pub fn arguments(faults: Vec<ArgumentFault>) -> Self {
        let message = faults.iter().map(ArgumentFault::sentence).collect::<Vec<_>>().join(" ");
        let mut error = Self::deskhand(Code::InvalidArguments, message);
        error.0.faults = faults;
        error.with_hint("Nothing was sent. Correct the arguments and call again.")
    }

    /// Changes what kind of failure it is.
    #[must_use]
    pub(crate) fn with_code(mut self, code: Code) -> Self {
        self.0.code = code;
        self
    }

    /// Replaces the message.
    #[must_use]
    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds what the vendor told about its limits.
    #[must_use]
    pub fn with_limits(mut self, rate_limit: Option<RateLimit>, retry_after: Option<Duration>) -> Self {
        self.0.rate_limit = rate_limit;
        self.0.retry_after = retry_after;
        self
    }

    /// Adds the vendor's body.
    #[must_use]
    pub fn with_upstream(mut self, body: Option<Value>) -> Self {
        self.0.upstream = body;
        self
    }

    /// Sets the status that the vendor answered, for failures found while reading its answer. What is wrong
    /// with an answer is the vendor's doing; other faults stay ours.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        if matches!(self.0.code, Code::UpstreamTimeout | Code::UpstreamInvalidResponse) {
            self.0.origin = Origin::Upstream;
        }
        self
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Whose fault it is.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.0.origin
    }

    /// The vendor's status; `None` when nothing came back.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What went wrong, as a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The faults of the arguments, when those were refused.
    #[must_use]
    pub fn faults(&self) -> &[ArgumentFault] {
        &self.0.faults
    }

    /// How long the vendor asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the vendor told about its limits.
    #[must_use]
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.rate_limit.as_ref()
    }

    /// The vendor's body, if it was JSON or short text.
    #[must_use]
    pub fn upstream_body(&self) -> Option<&Value> {
        self.0.upstream.as_ref()
    }

    /// The vendor has no such thing. Usually a stale or mistyped identifier.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.code == Code::NotFound
    }

    /// The credentials were refused or do not reach this.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        matches!(self.0.code, Code::Unauthorized | Code::Forbidden | Code::NeedsReauth)
    }

    /// The vendor asks to slow down; see [`Error::retry_after`].
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        matches!(self.0.code, Code::RateLimited | Code::QuotaExhausted)
    }

    /// The object under `error` that tools answer (contract: "What a tool answers").
    #[must_use]
    pub fn to_json(&self) -> Value {
        let inner = &*self.0;
        let mut object = Map::new();
        object.insert("status".into(), inner.status.map_or(Value::Null, Value::from));
        object.insert("code".into(), inner.code.word().into());
        object.insert("message".into(), inner.message.clone().into());
        object.insert(
            "origin".into(),
            match inner.origin {
                Origin::Upstream => "upstream".into(),
                Origin::Deskhand => "deskhand".into(),
            },
        );
        if let Some(wait) = inner.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            object.insert("retry_after".into(), seconds.into());
            let reset = jiff::Timestamp::now()
                + jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX / 4));
            object.insert(
                "reset_at".into(),
                reset.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
            );
        }
        if let Some(limit) = &inner.rate_limit {
            object.insert("ratelimit".into(), limit.to_json());
        }
        if let Some(hint) = &inner.hint {
            object.insert("hint".into(), hint.clone().into());
        }
        if !inner.faults.is_empty() {
            object.insert(
                "arguments".into(),
                inner.faults.iter().map(ArgumentFault::to_json).collect(),
            );
        }
        if let Some(body) = &inner.upstream {
            object.insert("upstream".into(), body.clone());
        }
        json!({ "error": object })
    }
}

impl ArgumentFault {
    fn sentence(&self) -> String {
        let mut sentence = if self.argument.is_empty() {
            self.message.clone()
        } else {
            format!("`{}`: {}", self.argument, self.message)
        };
        if !sentence.ends_with(['.', '?', '!']) {
            sentence.push('.');
        }
        if let Some(near) = &self.did_you_mean {
            sentence.push_str(&format!(" Did you mean `{near}`?"));
        }
        if !self.get_it_from.is_empty() {
            sentence.push_str(&format!(" Get it from {}.", self.get_it_from.join(" or ")));
        }
        sentence
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("argument".into(), self.argument.clone().into());
        object.insert("message".into(), self.message.clone().into());
        if let Some(near) = &self.did_you_mean {
            object.insert("did_you_mean".into(), near.clone().into());
        }
        if !self.get_it_from.is_empty() {
            object.insert(
                "get_it_from".into(),
                self.get_it_from.iter().map(|tool| Value::from(*tool)).collect(),
            );
        }
        Value::Object(object)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.word(), self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, " {hint}")?;
        }
        Ok(())
    }
}

/// Shows no vendor body: it can hold customers' data.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code.word())
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .finish()
    }
}

impl std::error::Error for Error {}
