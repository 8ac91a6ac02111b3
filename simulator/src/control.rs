//! Looking into a simulator from a test, and making it misbehave.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::Value;

use crate::engine::Engine;

/// One request as it came in, with the status it was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method, in capitals.
    pub method: String,
    /// Path and query exactly as received, percent-encoding included.
    pub target: String,
    /// The decoded path as the vendor's documents write it, without the tenant's prefix: `/v3/tickets` for instance.
    /// Equal to the received path when that does not decode or has no such prefix.
    pub path: String,
    /// Header names (lower case) and values in the order received; bytes outside UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body as received.
    pub body: Bytes,
    /// The status answered; `None` while unanswered, and for ever if the client left first.
    pub status: Option<u16>,
}

impl RecordedRequest {
    /// The first header of this name; case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, when it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A way to misbehave.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// An HTML error page with this status, as a gateway before the API sends it.
    HtmlGateway {
        /// The HTTP status, 502 for instance.
        status: u16,
    },
    /// This status and no body at all.
    EmptyBody {
        /// The HTTP status.
        status: u16,
    },
    /// The real answer, its body cut in half under the right content length. The request takes effect.
    TruncatedJson,
    /// Status 200 and a JSON text of this many bytes, streamed without a content length.
    HugeBody {
        /// Length of the body in bytes, at least 20.
        bytes: u64,
    },
    /// No answer until the client leaves, which [`Control::abandoned`] counts. The request takes no effect.
    NoAnswer,
    /// The real answer after a delay. Counted in [`Control::abandoned`] if the client leaves before; then it has no effect.
    SlowAnswer(
        /// How long to wait.
        Duration,
    ),
    /// The vendor's throttle answer.
    RateLimited {
        /// Seconds for a `Retry-After` header; none is sent without.
        retry_after: Option<u64>,
    },
    /// The vendor's answer to an unknown key.
    Unauthorized,
    /// This status with this JSON body.
    ErrorStatus {
        /// The HTTP status.
        status: u16,
        /// The body; `null` stands for an error body in the vendor's form.
        body: Value,
    },
    /// A redirect (302) to this address.
    Redirect {
        /// The value of the `Location` header.
        location: String,
    },
}

impl Fault {
    /// Reads a fault as written in the header `X-Simulate`; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, value) = match text.split_once('-') {
            _ if text == "truncated" => return Some(Self::TruncatedJson),
            _ if text == "no-answer" => return Some(Self::NoAnswer),
            _ if text == "unauthorized" => return Some(Self::Unauthorized),
            _ if text == "rate-limited" => return Some(Self::RateLimited { retry_after: None }),
            Some(("rate", rest)) => ("rate-limited", rest.strip_prefix("limited-")?),
            Some(parts) => parts,
            None => return None,
        };
        let status = || value.parse().ok().filter(|status| (200..=599).contains(status));
        Some(match name {
            "html" => Self::HtmlGateway { status: status()? },
            "empty" => Self::EmptyBody { status: status()? },
            "status" => Self::ErrorStatus {
                status: status()?,
                body: Value::Null,
            },
            "huge" => Self::HugeBody {
                bytes: value.parse().ok()?,
            },
            "slow" => Self::SlowAnswer(Duration::from_millis(value.parse().ok()?)),
            "rate-limited" => Self::RateLimited {
                retry_after: Some(value.parse().ok()?),
            },
            "redirect" => Self::Redirect {
                location: value.to_owned(),
            },
            _ => return None,
        })
    }
}

/// Which requests a fault strikes. Paths are written as the vendor documents them, `/v3/tickets` for instance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// The next so many requests, whatever they ask.
    Next(usize),
    /// The next so many requests on this path.
    NextOn(String, usize),
    /// Every request on this path, until [`Control::clear_faults`].
    Path(String),
}

/// Looks into a simulator and makes it misbehave, while it runs.
#[derive(Clone)]
pub struct Control {
    engine: Arc<Engine>,
}

impl Control {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// The requests that came in, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.log().all()
    }

    /// The request that came in last.
    #[must_use]
    pub fn last_request(&self) -> Option<RecordedRequest> {
        self.engine.log().last()
    }

    /// How many remembered requests had this method and path; the path as in [`RecordedRequest::path`].
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.engine.log().count(method, path)
    }

    /// Forgets the requests and the count of abandoned ones. Records and faults stay.
    pub fn clear(&self) {
        self.engine.log().clear();
    }

    /// How many requests the client gave up on while they were held back by a fault.
    #[must_use]
    pub fn abandoned(&self) -> usize {
        self.engine.log().abandoned()
    }

    /// Makes requests fail. Several faults may wait; the one injected first strikes first.
    pub fn inject(&self, fault: Fault, trigger: Trigger) {
        self.engine.inject(fault, trigger);
    }

    /// Takes back all injected faults.
    pub fn clear_faults(&self) {
        self.engine.clear_faults();
    }

    /// Moves the simulator's clock forward: rate-limit windows end, and new records get later dates.
    pub fn advance(&self, time: Duration) {
        self.engine.advance(time);
    }

    /// Changes how the helpdesk behaves, or lets something happen outside its API, which its clients then notice: a grant is
    /// revoked, for instance. What there is to be adjusted is told in the helpdesk's module.
    ///
    /// # Errors
    /// There is nothing of this name, or it does not take this value; the message says what it takes.
    pub fn adjust(&self, name: &str, value: &Value) -> Result<(), String> {
        self.engine.adjust(name, value)
    }

    /// What left the helpdesk for people outside because of requests to a tenant's account, oldest first: mails, messages.
    /// Notes that only colleagues see are not among it. `None` for an unknown tenant.
    #[must_use]
    pub fn sent(&self, tenant: &str) -> Option<Vec<Value>> {
        self.engine.sent(tenant)
    }

    /// All records, by tenant and kind, as JSON: `state()["acme"]["tickets"][0]["subject"]` for instance.
    ///
    /// Among the kinds is what left the helpdesk because of a request, oldest first: `mails` at Desk365,
    /// `sent_to_customers` at Crisp, where notes are not among it.
    #[must_use]
    pub fn state(&self) -> Value {
        self.engine.state()
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control")
            .field("slug", &self.engine.descriptor().slug)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_from_text() {
        assert_eq!(Fault::parse("html-502"), Some(Fault::HtmlGateway { status: 502 }));
        assert_eq!(Fault::parse("empty-500"), Some(Fault::EmptyBody { status: 500 }));
        assert_eq!(Fault::parse("truncated"), Some(Fault::TruncatedJson));
        assert_eq!(Fault::parse("huge-4000"), Some(Fault::HugeBody { bytes: 4000 }));
        assert_eq!(Fault::parse("no-answer"), Some(Fault::NoAnswer));
        assert_eq!(
            Fault::parse("slow-15"),
            Some(Fault::SlowAnswer(Duration::from_millis(15)))
        );
        assert_eq!(
            Fault::parse("rate-limited"),
            Some(Fault::RateLimited { retry_after: None })
        );
        assert_eq!(
            Fault::parse("rate-limited-30"),
            Some(Fault::RateLimited { retry_after: Some(30) })
        );
        assert_eq!(Fault::parse("unauthorized"), Some(Fault::Unauthorized));
        assert_eq!(
            Fault::parse("redirect-https://other.example/x-y"),
            Some(Fault::Redirect {
                location: "https://other.example/x-y".into()
            })
        );
        for wrong in [
            "",
            "html",
            "html-",
            "html-99",
            "html-abc",
            "slow--1",
            "rate-30",
            "nothing-1",
        ] {
            assert_eq!(Fault::parse(wrong), None, "{wrong}");
        }
    }
}
