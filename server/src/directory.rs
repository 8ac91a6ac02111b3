//! MCP servers declared when the process started; their tokens live as long as it does.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::access::{Access, Directory, DirectoryError};
use crate::scope::Scope;
use crate::token::{Token, TokenHash, TokenKey};

/// A directory of MCP servers that are kept in memory.
#[derive(Debug)]
pub struct Declared {
    key: TokenKey,
    servers: HashMap<TokenHash, Access>,
}

impl Declared {
    /// A directory without MCP servers.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            key: TokenKey::random()?,
            servers: HashMap::new(),
        })
    }

    /// Adds a scope and returns the token that opens it. Only the token's hash is kept.
    ///
    /// # Errors
    /// When the system has no random source to read.
    pub fn add(&mut self, scope: Arc<Scope>) -> Result<Token, getrandom::Error> {
        let token = Token::random()?;
        let id: Arc<str> = scope.id().into();
        let access = Access::new(scope, "environment").through(id);
        self.servers.insert(self.key.hash(token.reveal()), access);
        Ok(token)
    }
}

#[async_trait]
impl Directory for Declared {
    async fn resolve(&self, token: &str) -> Result<Option<Access>, DirectoryError> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        Ok(self.servers.get(&self.key.hash(token)).cloned())
    }

    async fn reaches(&self, _api_token: &str, _access: &Access) -> Result<bool, DirectoryError> {
        Ok(false)
    }
}

/// Directories asked one after the other.
pub struct Several(pub Vec<Arc<dyn Directory>>);

#[async_trait]
impl Directory for Several {
    async fn resolve(&self, token: &str) -> Result<Option<Access>, DirectoryError> {
        for directory in &self.0 {
            if let Some(access) = directory.resolve(token).await? {
                return Ok(Some(access));
            }
        }
        Ok(None)
    }

    async fn reaches(&self, api_token: &str, access: &Access) -> Result<bool, DirectoryError> {
        for directory in &self.0 {
            if directory.reaches(api_token, access).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
