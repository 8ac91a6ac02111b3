//! Secrets that open an MCP server or the REST API: made from 256 random bits, kept only as keyed hashes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// What every token starts with, so that scanners for leaked secrets can know one.
pub const PREFIX: &str = "dh_";

/// A secret that opens an MCP server or the REST API. Its `Debug` form shows nothing of it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Makes a new token from the system's random source.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits)?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits))))
    }

    /// The token itself, to be shown once to whoever asked for it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(\"dh_…\")")
    }
}

/// A short public name that is random but no secret: it stands in logs where a token must not.
///
/// # Errors
/// When the system has no random source to read.
pub fn public_id(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bits = [0_u8; 9];
    getrandom::fill(&mut bits)?;
    Ok(format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(bits)))
}

/// The keyed hash of a token. Looking one up by its hash takes the same time whatever the token
/// shares with a real one, since an outsider cannot steer the hash without the key.
#[derive(Clone, Copy, Eq, Hash)]
#[expect(
    clippy::derived_hash_with_manual_eq,
    reason = "what is equal in constant time is equal byte by byte"
)]
pub struct TokenHash([u8; 32]);

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl TokenHash {
    /// The hash as text, to be stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The hash that was stored as this text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// The key tokens are hashed under.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// Makes a key from the system's random source.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    /// A key of these bytes: processes that share a database share it, too.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Hashes what a caller presents as a token.
    #[must_use]
    pub fn hash(&self, presented: &str) -> TokenHash {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(presented.as_bytes());
        TokenHash(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_carry_256_bits_and_their_prefix() {
        let token = Token::random().unwrap();
        let body = token.reveal().strip_prefix("dh_").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(body).unwrap().len(), 32);
        assert_ne!(token.reveal(), Token::random().unwrap().reveal());
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::random().unwrap();
        assert!(!format!("{token:?}").contains(&token.reveal()[3..]));
        assert_eq!(format!("{:?}", TokenKey::random().unwrap()), "TokenKey(…)");
    }

    #[test]
    fn hashes_depend_on_key_and_token() {
        let (one, two) = (TokenKey::random().unwrap(), TokenKey::random().unwrap());
        assert_eq!(one.hash("dh_a"), one.hash("dh_a"));
        assert_ne!(one.hash("dh_a"), one.hash("dh_b"));
        assert_ne!(one.hash("dh_a"), two.hash("dh_a"));
    }
}
