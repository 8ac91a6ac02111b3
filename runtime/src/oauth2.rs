//! The OAuth2 authorization-code flow (RFC 6749) with PKCE (RFC 7636), as a spec declares it: where a person is sent
//! to agree, how the code is exchanged, how an access token is renewed. Who keeps the tokens is the caller's business.
//!
//! Addresses come from the spec and the account's checked variables. An account with an address of its own (a test
//! server, say) is sent there for these steps, too.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::Connection;
use crate::encode::{WireBody, WireRequest};
use crate::error::{Code, Error};
use crate::http::{BaseUrl, Fate, Limits, RawAnswer};
use crate::operation::{Integration, OAuth2, Scheme};
use crate::send::{send_once, shared_client};

/// Name of the credential that the flow yields.
pub const ACCESS_TOKEN: &str = "access_token";

/// Largest answer of a token address, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// Words by which a grant is over: that of RFC 6749, and those of vendors who want the person back.
const ENDS_GRANT: &[&str] = &[
    "invalid_grant",
    "access_denied",
    "consent_required",
    "interaction_required",
    "login_required",
];
/// Longest a token address may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The application that accounts are connected to, as it is registered with the vendor.
#[derive(Clone)]
pub struct Application {
    /// Its public id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What a token address gives.
#[derive(Clone)]
pub struct Tokens {
    /// Opens the API.
    pub access_token: SecretString,
    /// Gets the next access token; a vendor may leave it as it was.
    pub refresh_token: Option<SecretString>,
    /// How long the access token lasts, if told.
    pub expires_in: Option<Duration>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("refresh_token", &self.refresh_token.is_some())
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Why there are no tokens.
#[derive(Debug)]
pub enum TokenError {
    /// The vendor refuses, with a word for it such as `invalid_grant`.
    Refused(String),
    /// It could not be asked, or what it said could not be understood: trying again later may help.
    Failed(Error),
}

impl TokenError {
    /// The vendor's word, if it says that what the person agreed to does not hold any more. All other words are about
    /// the application or the request: tokens that were good before them are good after them.
    #[must_use]
    pub fn ends_grant(&self) -> Option<&str> {
        match self {
            Self::Refused(word) => ENDS_GRANT.contains(&word.as_str()).then_some(word),
            Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(word) => write!(f, "the helpdesk refuses it: {word}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TokenError {}

/// The first way to authenticate that has such a flow.
#[must_use]
pub fn scheme(integration: &'static Integration) -> Option<(&'static Scheme, &'static OAuth2)> {
    integration
        .schemes
        .iter()
        .find_map(|scheme| Some((scheme, scheme.oauth2?)))
}

/// The challenge of a PKCE verifier, by its hash (`S256`).
#[must_use]
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The flow for one account.
#[derive(Debug)]
pub struct Flow {
    oauth2: &'static OAuth2,
    authorize_url: String,
    token_url: BaseUrl,
    limits: Limits,
}

impl Flow {
    /// The flow for an account with these variables, and perhaps an address of its own. Sends nothing.
    ///
    /// # Errors
    /// The helpdesk has no such flow, or a variable is missing or of a wrong form.
    pub fn new<'a>(
        integration: &'static Integration,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
        base_url: Option<&str>,
    ) -> Result<Self, Error> {
        let Some((_, oauth2)) = scheme(integration) else {
            let message = format!("accounts of {} are not connected through OAuth2", integration.title);
            return Err(Error::deskhand(Code::InvalidArguments, message));
        };
        // Checks the variables and the address as any other account's. The token is a stand-in: nothing is sent with it.
        let mut builder = Connection::builder(integration)
            .base_url(base_url)
            .credential(ACCESS_TOKEN, "none-yet");
        for (name, value) in variables {
            builder = builder.variable(name, value);
        }
        let connection = builder.build()?;
        let own = base_url.map(|_| connection.base_url().origin());
        let address = |template: &str| place(template, &connection, own);
        let token_url = BaseUrl::parse(&address(oauth2.token_url)?)
            .map_err(|problem| Error::deskhand(Code::Internal, format!("the token address {problem}")))?;
        Ok(Self {
            oauth2,
            authorize_url: address(oauth2.authorize_url)?,
            token_url,
            limits: Limits::default().total_timeout(TIMEOUT).max_answer_bytes(MAX_ANSWER),
        })
    }

    /// What the spec says of the flow.
    #[must_use]
    pub fn declared(&self) -> &'static OAuth2 {
        self.oauth2
    }

    /// Where a person is sent to agree, without a query.
    #[must_use]
    pub fn authorize_address(&self) -> &str {
        &self.authorize_url
    }

    /// Where codes and refresh tokens are sent, with the application's secret.
    #[must_use]
    pub fn token_address(&self) -> &BaseUrl {
        &self.token_url
    }

    /// Whether the vendor takes a PKCE challenge.
    #[must_use]
    pub fn uses_pkce(&self) -> bool {
        self.oauth2.pkce
    }

    /// Where a person is sent to agree. `state` comes back with the answer; `verifier` is kept until then.
    #[must_use]
    pub fn authorize_url(&self, application: &Application, redirect_uri: &str, state: &str, verifier: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &application.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &self.oauth2.scopes.join(" "))
            .append_pair("state", state);
        if self.oauth2.pkce {
            query
                .append_pair("code_challenge", &challenge(verifier))
                .append_pair("code_challenge_method", "S256");
        }
        format!("{}?{}", self.authorize_url, query.finish())
    }

    /// Exchanges the code that came back for tokens. A code works once.
    ///
    /// # Errors
    /// The vendor refuses, or cannot be asked.
    pub async fn exchange(
        &self,
        application: &Application,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Tokens, TokenError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ];
        if self.oauth2.pkce {
            form.push(("code_verifier", verifier));
        }
        self.ask(application, form).await
    }

    /// Gets a new access token.
    ///
    /// # Errors
    /// The vendor refuses, or cannot be asked.
    pub async fn refresh(&self, application: &Application, refresh_token: &SecretString) -> Result<Tokens, TokenError> {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose_secret()),
        ];
        self.ask(application, form).await
    }

    async fn ask(&self, application: &Application, mut form: Vec<(&str, &str)>) -> Result<Tokens, TokenError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if self.oauth2.basic_client {
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = SecretString::from(format!(
                "{}:{}",
                encode(&application.client_id),
                encode(application.client_secret.expose_secret())
            ));
            let value = format!("Basic {}", STANDARD.encode(pair.expose_secret()));
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                TokenError::Failed(Error::deskhand(Code::Internal, "the application's id has odd letters"))
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        } else {
            form.push(("client_id", &application.client_id));
            form.push(("client_secret", application.client_secret.expose_secret()));
        }
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = WireRequest {
            method: "POST",
            url: self.token_url.as_str().to_owned(),
            headers: Vec::new(),
            body: WireBody::Form(body.into_bytes()),
        };
        let client = shared_client(&self.token_url, &self.limits).map_err(TokenError::Failed)?;
        let answer = send_once(&client, request, headers, &self.limits, Fate::Unknown)
            .await
            .map_err(TokenError::Failed)?;
        tokens(&answer)
    }
}

/// An address of the flow: a template over the account's variables, on the account's own host if it has one.
fn place(template: &str, connection: &Connection, own: Option<&str>) -> Result<String, Error> {
    let mut text = template.to_owned();
    for (name, value) in connection.variables() {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    let url = url::Url::parse(&text)
        .ok()
        .filter(|_| !text.contains('{'))
        .ok_or_else(|| Error::deskhand(Code::Internal, "an address of the OAuth2 flow cannot be filled in"))?;
    Ok(match own {
        Some(origin) => format!("{origin}{}", url.path()),
        None => text,
    })
}

fn tokens(answer: &RawAnswer) -> Result<Tokens, TokenError> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match answer.status {
        200..=299 => {
            let Some(access_token) = text("access_token") else {
                let message = "The helpdesk's token address answered without an access token.";
                return Err(TokenError::Failed(
                    Error::deskhand(Code::UpstreamInvalidResponse, message).with_status(answer.status),
                ));
            };
            let seconds = body.get("expires_in").and_then(|value| match value {
                Value::String(text) => text.parse().ok(),
                other => other.as_u64(),
            });
            Ok(Tokens {
                access_token: access_token.into(),
                refresh_token: text("refresh_token").map(SecretString::from),
                expires_in: seconds.map(Duration::from_secs),
            })
        }
        // RFC 6749, section 5.2: 400, and 401 where the client authenticated with a header. Without a word for it the
        // answer may be that of something in between, such as a gateway.
        400 | 401 | 403 if text("error").is_some() => {
            let word = text("error").unwrap_or_default();
            // A word of the standard, not a text of the vendor's.
            let word: String = word
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '))
                .take(60)
                .collect();
            Err(TokenError::Refused(word))
        }
        status => Err(TokenError::Failed(
            Error::upstream(
                Code::UpstreamError,
                status,
                format!("The helpdesk's token address answered {status}."),
            )
            .with_hint("The tokens are as they were; call again later."),
        )),
    }
}
