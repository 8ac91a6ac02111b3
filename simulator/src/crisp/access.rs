//! Tokens: who may use which route on which workspace.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::engine::Refusal;

/// What a token was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tier {
    User,
    Plugin,
    Website,
}

impl Tier {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Plugin => "plugin",
            Self::Website => "website",
        }
    }
}

/// An identifier and its key.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Token {
    /// The tenant it is told as the credentials of.
    pub(super) tenant: String,
    /// The kind of credentials it is told as.
    pub(super) access: &'static str,
    pub(super) identifier: String,
    #[serde(skip)]
    pub(super) key: String,
    pub(super) tier: Tier,
    /// The operator, plugin or workspace it stands for.
    pub(super) subject: String,
    /// Of the documented scopes only their reading halves.
    pub(super) reads_only: bool,
}

fn invalid_session(message: &str) -> Refusal {
    Refusal::new(401, message).word("invalid_session")
}

/// The token of a request.
pub(super) fn admit<'a>(tokens: &'a [Token], headers: &HeaderMap) -> Result<&'a Token, Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| invalid_session("There is no Authorization header"))?;
    let pair = given
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid_session("Authorization must be Basic and base64 of identifier:key"))?;
    let token = tokens.iter().find(|token| {
        pair.split_once(':')
            .is_some_and(|(identifier, key)| identifier == token.identifier && key == token.key)
    });
    let token = token.ok_or_else(|| invalid_session("Identifier or key is wrong"))?;
    match headers.get("x-crisp-tier").map(|tier| tier.as_bytes()) {
        Some(tier) if tier == token.tier.name().as_bytes() => Ok(token),
        // Guess: a missing or wrong tier is answered as wrong credentials are.
        _ => Err(invalid_session("X-Crisp-Tier does not fit the token")),
    }
}
