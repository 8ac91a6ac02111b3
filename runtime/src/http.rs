//! Addresses, what a call may take, and what comes back.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use http::HeaderMap;

/// What one call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest time to reach the vendor, DNS and TLS included. 10 seconds.
    pub connect_timeout: Duration,
    /// Longest time of a call, from the first byte sent to the last one read. 60 seconds.
    pub total_timeout: Duration,
    /// Largest answer body, in bytes. 10 MiB.
    pub max_answer_bytes: usize,
    /// Whether `HTTPS_PROXY` and its like are honoured. Off: what carries credentials goes where the
    /// account says. What goes to this machine in plain `http` is never proxied.
    pub environment_proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            max_answer_bytes: 10 * 1024 * 1024,
            environment_proxy: false,
        }
    }
}

impl Limits {
    /// Sets the longest time to reach the vendor.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the longest time of a call.
    #[must_use]
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Sets the largest answer body, in bytes.
    #[must_use]
    pub const fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Sets whether proxies named in the environment are used.
    #[must_use]
    pub const fn environment_proxy(mut self, honour: bool) -> Self {
        self.environment_proxy = honour;
        self
    }
}

/// The address that paths are appended to: `https`, or `http` that never leaves the machine.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without trailing slash.
    text: String,
    /// Length of scheme and authority in `text`.
    origin: usize,
    tls: bool,
    loopback: bool,
}

impl BaseUrl {
    /// Whether it is asked over TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.tls
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Says what is wrong, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = url::Url::parse(text.trim()).map_err(|_| "is no absolute address such as https://api.example.com")?;
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not hold a query or fragment");
        }
        let loopback = is_loopback(&url);
        if !tls && !loopback {
            return Err("must begin with https://; http:// is for addresses of this machine only");
        }
        let origin = url[..url::Position::BeforePath].len();
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            text,
            origin,
            tls,
            loopback,
        })
    }

    /// The address, without trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.origin]
    }

    /// Whether requests to it stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether requests to it are encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// What came back, as it came.
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, at most [`Limits::max_answer_bytes`] long.
    pub body: Vec<u8>,
}

/// Shows no content: it can hold customers' data.
impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a call may have done when its answer never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing: it only looks, or repeating it changes nothing more.
    Repeatable,
    /// It may have been carried out.
    Unknown,
}

impl Fate {
    pub(crate) fn of(operation: &crate::operation::Operation) -> Self {
        if operation.effect == crate::operation::Effect::Read || operation.idempotent {
            Self::Repeatable
        } else {
            Self::Unknown
        }
    }

    /// The advice, with a warning when repeating the call is not safe.
    pub(crate) fn after(self, advice: &str) -> String {
        match self {
            Self::Repeatable => advice.to_owned(),
            Self::Unknown => format!(
                "It is not known whether the change was made: look first, then decide about calling again. {advice}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_admit_and_refuse() {
        let table: &[(&str, Option<&str>)] = &[
            ("https://api.help.example/v1", Some("https://api.help.example/v1")),
            ("https://api.help.example/v1/", Some("https://api.help.example/v1")),
            (" https://acme.desk.example ", Some("https://acme.desk.example")),
            ("http://127.0.0.1:8787/desk", Some("http://127.0.0.1:8787/desk")),
            ("http://[::1]:1", Some("http://[::1]:1")),
            ("http://localhost:9000", Some("http://localhost:9000")),
            ("http://example.com", None),
            ("http://127.0.0.1.example.com", None),
            ("http://localhost.example.com", None),
            ("https://user:pass@example.com", None),
            ("https://user@example.com", None),
            ("https://example.com?x=1", None),
            ("https://example.com#x", None),
            ("ftp://example.com", None),
            ("file:///etc/passwd", None),
            ("example.com", None),
            ("", None),
        ];
        for (text, expected) in table {
            let parsed = BaseUrl::parse(text);
            assert_eq!(parsed.as_ref().map(BaseUrl::as_str).ok(), *expected, "{text}");
        }
        assert_eq!(
            BaseUrl::parse("https://api.help.example/v1").unwrap().origin(),
            "https://api.help.example"
        );
    }
}
