//! Which hosts a request may name, and which web pages may send one.
//!
//! A page anywhere can make its visitor's browser send requests to a server on the visitor's machine or network, and
//! by rebinding its own name read the answers. Such requests name a host this server does not go by, or an origin
//! that it does not know.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
};
use http::uri::Authority;
use http::{HeaderValue, Method, StatusCode};

use super::Settings;
use super::response::problem;
use crate::public_url::PublicUrl;

/// Names that a machine has for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Hosts and origins that are let in.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: Vec<Host>,
    origins: Vec<String>,
}

/// A host; any port of it when none is said.
#[derive(Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.trim().parse().ok()?;
        Some(Self {
            name: authority.host().to_ascii_lowercase(),
            port: authority.port_u16(),
        })
    }

    /// Whether `named` is this one.
    fn covers(&self, named: &Self) -> bool {
        self.name == named.name && (self.port.is_none() || self.port == named.port)
    }
}

impl Guard {
    pub(super) fn new(settings: &Settings) -> Self {
        let public = settings.public_url.as_ref();
        let hosts = LOOPBACK
            .into_iter()
            .chain(settings.allowed_hosts.iter().map(String::as_str))
            .chain(public.map(PublicUrl::authority));
        let origins = settings.allowed_origins.iter().cloned();
        Self {
            hosts: hosts.filter_map(Host::parse).collect(),
            origins: origins.chain(public.map(PublicUrl::origin)).collect(),
        }
    }

    fn knows_host(&self, named: &Host) -> bool {
        self.hosts.iter().any(|host| host.covers(named))
    }

    /// Whether pages of this origin may call a server that was reached by this host.
    fn knows_origin(&self, origin: &HeaderValue, host: &Host) -> bool {
        let Some(origin) = origin.to_str().ok().and_then(|text| text.parse::<PublicUrl>().ok()) else {
            return false;
        };
        let own = Host::parse(origin.authority()).is_some_and(|own| own == *host);
        let named = origin.origin();
        own || self.origins.iter().any(|known| known.eq_ignore_ascii_case(&named))
    }
}

/// Lets a request in or not, and tells browsers which pages may read the answer.
pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let Some(host) = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(Host::parse)
    else {
        return problem(StatusCode::BAD_REQUEST, "name the server in `Host`");
    };
    if !guard.knows_host(&host) {
        return problem(
            StatusCode::FORBIDDEN,
            "this server does not go by the host that `Host` names; its operator can add it with --allow-host",
        );
    }
    let Some(origin) = headers.get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if !guard.knows_origin(&origin, &host) {
        return problem(
            StatusCode::FORBIDDEN,
            "web pages of this origin may not call; the server's operator can let them with --allow-origin",
        );
    }
    let asks = request.method() == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        let answer = [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE"),
            // The asterisk does not stand for the first.
            (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, answer).into_response()
    } else {
        next.run(request).await
    };
    let answered = response.headers_mut();
    answered.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answered.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    answered.append(VARY, HeaderValue::from_static("origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(&Settings {
            public_url: Some("https://desk.example/base".parse().unwrap()),
            allowed_hosts: vec!["desk.internal:8787".to_owned(), "not a host".to_owned()],
            allowed_origins: vec!["https://app.example:443".to_owned()],
            ..Settings::default()
        })
    }

    #[test]
    fn hosts_are_known_by_name_and_port() {
        for (host, known) in [
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("127.0.0.1:8787", true),
            ("[::1]:8787", true),
            ("desk.example", true),
            ("desk.example:8443", true),
            ("desk.internal:8787", true),
            ("desk.internal", false),
            ("desk.internal:80", false),
            ("desk.example.evil.example", false),
            ("evil.example", false),
            ("127.0.0.2", false),
        ] {
            assert_eq!(guard().knows_host(&Host::parse(host).unwrap()), known, "{host}");
        }
    }

    #[test]
    fn pages_are_known_by_their_origin() {
        let known = |origin: &'static str, host: &str| {
            guard().knows_origin(&HeaderValue::from_static(origin), &Host::parse(host).unwrap())
        };
        assert!(known("https://app.example", "localhost:8787"));
        assert!(known("https://DESK.example", "localhost:8787"));
        assert!(known("http://localhost:8787", "localhost:8787"), "served from here");
        assert!(!known("http://localhost:3000", "localhost:8787"));
        assert!(!known("http://app.example", "localhost:8787"));
        assert!(!known("https://app.example.evil.example", "localhost:8787"));
        assert!(!known("null", "localhost:8787"));
        assert!(!known("", "localhost:8787"));
    }
}
