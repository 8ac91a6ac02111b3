//! Which token opens which scope.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::scope::Scope;
use crate::token::{Token, TokenHash, TokenKey};

/// Why a directory could not be read.
#[derive(Debug)]
pub struct DirectoryError(pub String);

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DirectoryError {}

/// What [`Directory::resolve`] gives back.
pub type Resolution<'a> = Pin<Box<dyn Future<Output = Result<Option<Arc<Scope>>, DirectoryError>> + Send + 'a>>;

/// Finds the scope a token opens. Asked on every request, so that a token that was revoked or
/// has expired stops working at once.
pub trait Directory: Send + Sync + 'static {
    /// The scope, or `None` when no live token hashes like `token`.
    fn resolve<'a>(&'a self, token: &'a str) -> Resolution<'a>;
}

/// Scopes declared when the process started; their tokens live as long as it does.
#[derive(Debug)]
pub struct Declared {
    key: TokenKey,
    scopes: HashMap<TokenHash, Arc<Scope>>,
}

impl Declared {
    /// A directory without scopes.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            key: TokenKey::random()?,
            scopes: HashMap::new(),
        })
    }

    /// Adds a scope and returns the token that opens it. Only the token's hash is kept.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn add(&mut self, scope: Arc<Scope>) -> Result<Token, getrandom::Error> {
        let token = Token::random()?;
        self.scopes.insert(self.key.hash(token.reveal()), scope);
        Ok(token)
    }
}

impl Directory for Declared {
    fn resolve<'a>(&'a self, token: &'a str) -> Resolution<'a> {
        let scope = self.scopes.get(&self.key.hash(token)).cloned();
        Box::pin(std::future::ready(Ok(scope)))
    }
}
