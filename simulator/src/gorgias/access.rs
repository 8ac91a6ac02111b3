//! Who calls: keys of agents, tokens of apps, and what they may do.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::Refusal;

/// The key of an agent.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) domain: &'static str,
    /// The kind of credentials it is told as.
    pub(super) access: &'static str,
    pub(super) email: String,
    pub(super) user_id: i64,
    pub(super) key: String,
    /// Whether the agent leads the account; others may not change how it is set up.
    pub(super) admin: bool,
}

/// Who calls.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) user_id: i64,
    pub(super) admin: bool,
    /// What an app was allowed; `None` for the key of an agent.
    pub(super) scopes: Option<Vec<String>>,
}

impl Caller {
    /// Whether the scope, `tickets:write` for instance, is among what the caller was allowed.
    pub(super) fn permit(&self, scope: Option<&str>, for_admins: bool) -> Result<(), Refusal> {
        if for_admins && !self.admin {
            return Err(Refusal::forbidden("Your role does not allow this"));
        }
        let (Some(scope), Some(scopes)) = (scope, &self.scopes) else {
            return Ok(());
        };
        if scopes.iter().any(|known| known == scope || known == "write:all") {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("The scope {scope} is required")))
    }
}

/// What stands in the header.
pub(super) enum Given<'a> {
    /// E-mail address and key.
    Pair(String, String),
    Bearer(&'a str),
}

/// Reads the credentials of a request.
pub(super) fn given(headers: &HeaderMap) -> Result<Given<'_>, Refusal> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| unauthorized("There is no Authorization header"))?;
    if let Some(token) = header.strip_prefix("Bearer ") {
        return Ok(Given::Bearer(token));
    }
    let pair = header
        .strip_prefix("Basic ")
        .and_then(pair)
        .ok_or_else(|| unauthorized("Authorization must be Basic with e-mail and API key, or Bearer with a token"))?;
    Ok(Given::Pair(pair.0, pair.1))
}

/// User and password of Basic authentication.
pub(super) fn pair(encoded: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

pub(super) fn unauthorized(message: &str) -> Refusal {
    Refusal::new(401, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(scopes: Option<&[&str]>, admin: bool) -> Caller {
        let scopes = scopes.map(|scopes| scopes.iter().map(|&scope| scope.to_owned()).collect());
        Caller {
            user_id: 1,
            admin,
            scopes,
        }
    }

    #[test]
    fn scopes_and_roles_open_routes() {
        let reader = caller(Some(&["tickets:read"]), true);
        assert!(reader.permit(Some("tickets:read"), false).is_ok());
        assert_eq!(reader.permit(Some("tickets:write"), false).unwrap_err().status, 403);
        assert!(
            reader.permit(None, false).is_ok(),
            "routes whose scope is not known are open"
        );
        assert!(
            caller(Some(&["write:all"]), true)
                .permit(Some("rules:write"), false)
                .is_ok()
        );
        let agent = caller(None, false);
        assert!(agent.permit(Some("tickets:write"), false).is_ok());
        assert_eq!(agent.permit(Some("users:write"), true).unwrap_err().status, 403);
    }
}
