//! What apps were allowed: grants, codes and tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::time::{DAY, MINUTE, SECOND};

/// The app that is registered.
pub(super) const CLIENT_ID: &str = "sample-app";
pub(super) const CLIENT_SECRET: &str = "sample-app-secret-for-the-simulator-only";
/// How long a code may be exchanged.
const CODE_LIFETIME: i64 = 10 * MINUTE;
/// What may be asked for.
pub(super) const SCOPES: &[&str] = &[
    "openid",
    "email",
    "profile",
    "offline",
    "write:all",
    "account:read",
    "account:write",
    "users:read",
    "users:write",
    "customers:read",
    "customers:write",
    "tickets:read",
    "tickets:write",
    "custom_fields:read",
    "custom_fields:write",
    "events:read",
    "events:write",
    "integrations:read",
    "integrations:write",
    "jobs:read",
    "jobs:write",
    "macros:read",
    "macros:write",
    "rules:read",
    "rules:write",
    "satisfaction_survey:read",
    "satisfaction_survey:write",
    "statistics:read",
    "tags:read",
    "tags:write",
];

/// Who answers when an app asks for access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Consent {
    /// Whoever looks at the page.
    Ask,
    /// The owner of this account, who allows it at once.
    Allow(String),
    Deny,
}

/// What an account allowed an app.
#[derive(Debug, Serialize)]
struct Grant {
    domain: String,
    scopes: Vec<String>,
    revoked: bool,
    #[serde(skip)]
    refresh_token: Option<String>,
}

#[derive(Debug)]
struct AccessToken {
    token: String,
    grant: usize,
    until: i64,
}

#[derive(Debug)]
struct Code {
    code: String,
    grant: usize,
    redirect_uri: String,
    /// SHA-256 of the verifier, in base64.
    challenge: Option<String>,
    until: i64,
    used: bool,
}

/// How often tokens were asked for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Requests {
    pub(super) authorization_code: u32,
    pub(super) refresh_token: u32,
    /// Of either kind, and answered with an error.
    pub(super) refused: u32,
}

/// All grants.
#[derive(Debug)]
pub(super) struct OAuth {
    grants: Vec<Grant>,
    codes: Vec<Code>,
    tokens: Vec<AccessToken>,
    pub(super) requests: Requests,
    pub(super) consent: Consent,
    /// Of access tokens that are made from now on.
    pub(super) lifetime: i64,
    /// Whether each refresh makes the refresh token void and gives another.
    pub(super) rotates: bool,
    made: u64,
}

/// The tokens an app is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    pub(super) lifetime: i64,
    pub(super) scopes: Vec<String>,
}

/// The SHA-256 of a verifier as challenges have it.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl OAuth {
    pub(super) fn new() -> Self {
        Self {
            grants: Vec::new(),
            codes: Vec::new(),
            tokens: Vec::new(),
            requests: Requests::default(),
            consent: Consent::Ask,
            lifetime: DAY,
            rotates: false,
            made: 0,
        }
    }

    /// A secret that was not there before.
    fn secret(&mut self, what: &str) -> String {
        self.made += 1;
        let sum = Sha256::digest(format!("{what} {}", self.made));
        format!("{what}-{}", URL_SAFE_NO_PAD.encode(sum))
    }

    fn grant(&mut self, domain: &str, scopes: &[String]) -> usize {
        self.grants.push(Grant {
            domain: domain.to_owned(),
            scopes: scopes.to_vec(),
            revoked: false,
            refresh_token: None,
        });
        self.grants.len() - 1
    }

    fn issue(&mut self, grant: usize, now: i64) -> Option<Issued> {
        let access_token = self.secret("access");
        self.tokens.push(AccessToken {
            token: access_token.clone(),
            grant,
            until: now.saturating_add(self.lifetime),
        });
        let kept = self.grants.get(grant)?;
        let scopes = kept.scopes.clone();
        let mut refresh_token = kept.refresh_token.clone();
        if scopes.iter().any(|scope| scope == "offline") && (self.rotates || refresh_token.is_none()) {
            refresh_token = Some(self.secret("refresh"));
            self.grants.get_mut(grant)?.refresh_token.clone_from(&refresh_token);
        }
        Some(Issued {
            access_token,
            refresh_token,
            lifetime: self.lifetime / SECOND,
            scopes,
        })
    }

    /// A token as an app would have got it; gives the token.
    pub(super) fn allow(&mut self, domain: &str, scopes: &[&str], now: i64) -> String {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let grant = self.grant(domain, &scopes);
        self.issue(grant, now)
            .map(|issued| issued.access_token)
            .unwrap_or_default()
    }

    /// A code for an app that an account has allowed these scopes.
    pub(super) fn code(
        &mut self,
        domain: &str,
        scopes: &[String],
        redirect_uri: &str,
        challenge: Option<&str>,
        now: i64,
    ) -> String {
        let code = self.secret("code");
        let grant = self.grant(domain, scopes);
        self.codes.push(Code {
            code: code.clone(),
            grant,
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.map(str::to_owned),
            until: now.saturating_add(CODE_LIFETIME),
            used: false,
        });
        code
    }

    /// The account whose grant a code or a refresh token belongs to.
    pub(super) fn domain_of(&self, secret: &str) -> Option<&str> {
        let code = self
            .codes
            .iter()
            .find(|code| code.code == secret)
            .map(|code| code.grant);
        let grant = match code {
            Some(grant) => self.grants.get(grant),
            None => self
                .grants
                .iter()
                .find(|grant| grant.refresh_token.as_deref() == Some(secret)),
        };
        grant.map(|grant| grant.domain.as_str())
    }

    /// Exchanges a code; says why not.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        now: i64,
    ) -> Result<Issued, &'static str> {
        let known = self.codes.iter_mut().find(|known| known.code == code);
        let known = known.ok_or("The code is not known")?;
        let grant = known.grant;
        if known.used {
            // Somebody else has it: what it gave is void.
            if let Some(grant) = self.grants.get_mut(grant) {
                grant.revoked = true;
            }
            return Err("The code was used already");
        }
        if known.until < now {
            return Err("The code has expired");
        }
        if known.redirect_uri != redirect_uri {
            return Err("redirect_uri is not the one of the authorization");
        }
        match (&known.challenge, verifier) {
            (Some(challenge), Some(verifier)) if challenge_of(verifier) == *challenge => {}
            (None, None) => {}
            (Some(_), _) => return Err("code_verifier does not fit the code_challenge"),
            (None, Some(_)) => return Err("There was no code_challenge"),
        }
        if self.grants.get(grant).is_none_or(|grant| grant.revoked) {
            return Err("The grant was taken back");
        }
        known.used = true;
        self.issue(grant, now).ok_or("The grant is gone")
    }

    /// Gives another access token for a refresh token; says why not.
    pub(super) fn refresh(&mut self, token: &str, now: i64) -> Result<Issued, &'static str> {
        let mut grants = self.grants.iter();
        let grant = grants.position(|grant| grant.refresh_token.as_deref() == Some(token) && !grant.revoked);
        let grant = grant.ok_or("The refresh token is not valid")?;
        self.issue(grant, now).ok_or("The grant is gone")
    }

    /// The account and the scopes of an access token; `until` tells the moment in an account.
    pub(super) fn holder(&self, token: &str, now: impl Fn(&str) -> i64) -> Option<(&str, &[String])> {
        let known = self.tokens.iter().find(|known| known.token == token)?;
        let grant = self.grants.get(known.grant)?;
        (!grant.revoked && known.until > now(&grant.domain)).then_some((&grant.domain, &grant.scopes))
    }

    /// Takes back all that an account has allowed.
    pub(super) fn revoke(&mut self, domain: &str) {
        for grant in self.grants.iter_mut().filter(|grant| grant.domain == domain) {
            grant.revoked = true;
        }
    }

    /// Lets the access tokens of an account expire now.
    pub(super) fn expire(&mut self, domain: &str) {
        for token in &mut self.tokens {
            if self.grants.get(token.grant).is_some_and(|grant| grant.domain == domain) {
                token.until = i64::MIN;
            }
        }
    }

    pub(super) fn state(&self) -> Value {
        json!({
            "app": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            "consent": self.consent,
            "grants": self.grants,
            "access_tokens": self.tokens.len(),
            "token_requests": self.requests,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK: &str = "http://127.0.0.1:9/callback";

    fn scopes(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_code_is_exchanged_once_by_who_has_the_verifier() {
        let mut oauth = OAuth::new();
        let challenge = challenge_of("verifier");
        let code = oauth.code("acme", &scopes("tickets:read offline"), BACK, Some(&challenge), 0);
        assert!(oauth.exchange("other", BACK, Some("verifier"), 0).is_err());
        assert!(
            oauth
                .exchange(&code, "http://127.0.0.1:9/other", Some("verifier"), 0)
                .is_err()
        );
        assert!(oauth.exchange(&code, BACK, None, 0).is_err());
        assert!(oauth.exchange(&code, BACK, Some("wrong"), 0).is_err());
        assert!(
            oauth
                .exchange(&code, BACK, Some("verifier"), CODE_LIFETIME + 1)
                .is_err()
        );
        let issued = oauth.exchange(&code, BACK, Some("verifier"), 0).unwrap();
        assert_eq!(issued.lifetime, 86_400);
        let token = issued.access_token;
        assert_eq!(oauth.holder(&token, |_| 0).map(|(domain, _)| domain), Some("acme"));
        assert!(oauth.holder(&token, |_| DAY).is_none(), "it lasts a day");
        assert!(oauth.exchange(&code, BACK, Some("verifier"), 0).is_err());
        assert!(oauth.holder(&token, |_| 0).is_none(), "a code used twice was stolen");
    }

    #[test]
    fn only_offline_grants_are_refreshed() {
        let mut oauth = OAuth::new();
        let code = oauth.code("acme", &scopes("tickets:read"), BACK, None, 0);
        assert_eq!(oauth.exchange(&code, BACK, None, 0).unwrap().refresh_token, None);
        let code = oauth.code("acme", &scopes("tickets:read offline"), BACK, None, 0);
        let first = oauth.exchange(&code, BACK, None, 0).unwrap();
        let refresh = first.refresh_token.unwrap();
        let second = oauth.refresh(&refresh, 0).unwrap();
        assert_ne!(second.access_token, first.access_token);
        assert_eq!(second.refresh_token.as_ref(), Some(&refresh), "it does not expire");
        oauth.rotates = true;
        let third = oauth.refresh(&refresh, 0).unwrap();
        assert!(oauth.refresh(&refresh, 0).is_err(), "it was replaced");
        let unused = oauth.code("acme", &scopes("tickets:read"), BACK, None, 0);
        oauth.revoke("acme");
        assert!(oauth.exchange(&unused, BACK, None, 0).is_err());
        assert!(oauth.refresh(&third.refresh_token.unwrap(), 0).is_err());
        assert!(oauth.holder(&third.access_token, |_| 0).is_none());
    }

    #[test]
    fn tokens_of_one_account_expire_alone() {
        let mut oauth = OAuth::new();
        let acme = oauth.allow("acme", &["tickets:read"], 0);
        let globex = oauth.allow("globex", &["tickets:read"], 0);
        oauth.expire("acme");
        assert!(oauth.holder(&acme, |_| 0).is_none());
        assert!(oauth.holder(&globex, |_| 0).is_some());
    }
}
