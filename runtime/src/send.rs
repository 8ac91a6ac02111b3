//! The one place that sends.
//!
//! A request is handed to the network once. Redirects are never followed, failed requests are never
//! repeated, proxies of the environment are ignored unless [`Limits::environment_proxy`] says
//! otherwise, and TLS is set up when the first `https` request goes out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::encode::WireRequest;
use crate::error::{Code, Error};
use crate::http::{BaseUrl, Fate, Limits, RawAnswer};

/// Sends a request once and reads the answer.
///
/// `headers` are added to those of the request and marked sensitive when told so.
pub(crate) async fn send_once(
    client: &reqwest::Client,
    request: WireRequest,
    headers: HeaderMap,
    limits: &Limits,
    fate: Fate,
) -> Result<RawAnswer, Error> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Error::deskhand(Code::Internal, "the operation names no HTTP method"))?;
    let mut all = headers;
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::deskhand(Code::Internal, "the operation names no HTTP header"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| Error::deskhand(Code::InvalidArguments, format!("`{name}` cannot be sent in a header")))?;
        all.insert(name, value);
    }
    let mut builder = client.request(method, request.url).timeout(limits.total_timeout);
    if let Some((media_type, bytes)) = request.body.into_wire() {
        let media_type = HeaderValue::from_str(&media_type)
            .map_err(|_| Error::deskhand(Code::Internal, "the body has no media type"))?;
        all.insert(http::header::CONTENT_TYPE, media_type);
        builder = builder.body(bytes);
    }
    let mut response = builder
        .headers(all)
        .send()
        .await
        .map_err(|error| failure(&error, limits, fate, Stage::Sending))?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure(&error, limits, fate, Stage::Reading).with_status(status))?
    {
        if chunk.len() > limits.max_answer_bytes.saturating_sub(body.len()) {
            return Err(Error::upstream(
                Code::UpstreamInvalidResponse,
                status,
                format!(
                    "The helpdesk's answer is larger than {} bytes and was not read to its end.",
                    limits.max_answer_bytes
                ),
            )
            .with_hint(fate.after("Ask for less: a smaller page, a filter or a single record.")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(RawAnswer { status, headers, body })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Sending,
    Reading,
}

/// A failure in words of our own: what the libraries say can hold addresses.
fn failure(error: &reqwest::Error, limits: &Limits, fate: Fate, stage: Stage) -> Error {
    if error.is_builder() {
        return Error::deskhand(Code::Internal, "The request could not be put together.");
    }
    if error.is_connect() {
        if error.is_timeout() {
            let message = format!(
                "No connection to the helpdesk within {}.",
                seconds(limits.connect_timeout.min(limits.total_timeout))
            );
            return Error::deskhand(Code::UpstreamTimeout, message)
                .with_hint("Nothing was sent. Check the address of the account and the network, then call again.");
        }
        return Error::deskhand(
            Code::UpstreamUnreachable,
            format!("No connection to the helpdesk: {}.", reason(error)),
        )
        .with_hint("Nothing was sent. Check the address of the account (subdomain, base URL), DNS and the network.");
    }
    if error.is_timeout() {
        return Error::deskhand(
            Code::UpstreamTimeout,
            format!("The helpdesk did not answer within {}.", seconds(limits.total_timeout)),
        )
        .with_hint(fate.after("Ask for less or call again later."));
    }
    match stage {
        Stage::Sending => Error::deskhand(
            Code::UpstreamUnreachable,
            format!(
                "The connection to the helpdesk failed before an answer came: {}.",
                reason(error)
            ),
        ),
        Stage::Reading => Error::deskhand(
            Code::UpstreamInvalidResponse,
            format!("The helpdesk's answer broke off: {}.", reason(error)),
        ),
    }
    .with_hint(fate.after("Nothing is repeated on its own; call again if that is safe."))
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}

/// The kind of a network failure, in fixed words: what the libraries say can hold addresses.
fn reason(error: &reqwest::Error) -> &'static str {
    let mut cause = std::error::Error::source(error);
    while let Some(at) = cause {
        if let Some(reason) = reason_of(at) {
            return reason;
        }
        cause = at.source();
    }
    "network failure"
}

fn reason_of(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    use std::io::ErrorKind;
    if error.is::<rustls::Error>() {
        return Some("the TLS handshake failed (certificate not trusted, or no TLS at this address)");
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        // An `io::Error` hides what it wraps from `source`.
        if let Some(reason) = io.get_ref().and_then(|inner| reason_of(inner)) {
            return Some(reason);
        }
        return match io.kind() {
            ErrorKind::ConnectionRefused => Some("connection refused"),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                Some("connection reset")
            }
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some("no route to the host"),
            ErrorKind::UnexpectedEof => Some("connection closed early"),
            _ => None,
        };
    }
    let words = error.to_string();
    if words.contains("dns error") {
        return Some("the host name is not known");
    }
    ["before message completed", "unexpected EOF", "end of file"]
        .iter()
        .any(|part| words.contains(part))
        .then_some("connection closed early")
}

/// What tells one shared client from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ClientKind {
    tls: bool,
    connect_timeout: Duration,
    environment_proxy: bool,
}

static CLIENTS: Mutex<Vec<(ClientKind, reqwest::Client)>> = Mutex::new(Vec::new());

/// The client for an address: one for all connections with the same settings, made when first needed.
///
/// # Errors
/// TLS cannot be set up: the machine has no root certificates.
pub(crate) fn shared_client(base: &BaseUrl, limits: &Limits) -> Result<reqwest::Client, Error> {
    let kind = ClientKind {
        tls: base.is_tls(),
        connect_timeout: limits.connect_timeout,
        environment_proxy: limits.environment_proxy && base.is_tls(),
    };
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(known, _)| *known == kind) {
        return Ok(client.clone());
    }
    let client = build_client(kind)?;
    clients.push((kind, client.clone()));
    Ok(client)
}

fn build_client(kind: ClientKind) -> Result<reqwest::Client, Error> {
    let broken = || Error::deskhand(Code::Internal, "The HTTP client could not be set up.");
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(kind.tls)?)
        .user_agent(concat!("deskhand/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(kind.connect_timeout)
        // Shorter than servers keep idle connections, so that few requests meet one that just closed.
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if !kind.environment_proxy {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|_| broken())
}

/// TLS by rustls over *ring*, with the machine's root certificates; without any when `real` is
/// false, which costs nothing and trusts nobody.
fn tls_config(real: bool) -> Result<rustls::ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |what: &str| {
        Error::deskhand(Code::Internal, format!("TLS could not be set up: {what}.")).with_hint(
            "Install the system's root certificates (package ca-certificates) or name them in SSL_CERT_FILE.",
        )
    };
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| broken("no protocol version"))?;
    let mut config = if real {
        let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|_| broken("no root certificates"))?;
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_shared_by_their_settings() {
        let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
        let limits = Limits::default().connect_timeout(Duration::from_millis(4321));
        shared_client(&base, &limits).unwrap();
        shared_client(&base, &limits).unwrap();
        let clients = CLIENTS.lock().unwrap();
        let same = clients
            .iter()
            .filter(|(kind, _)| kind.connect_timeout == limits.connect_timeout);
        assert_eq!(same.count(), 1);
    }
}
