//! The pages of OAuth: asking an account for access, and the tokens.

use axum::http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Gorgias;
use super::access::pair;
use super::oauth::{CLIENT_ID, CLIENT_SECRET, Consent, Issued, SCOPES};
use crate::engine::{Page, Visit};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Whether a verifier has the form that RFC 7636 gives it.
fn is_verifier(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(known)
}

/// What an app asks for.
struct Asked {
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    challenge: Option<String>,
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn html(status: u16, title: &str, body: &str) -> Page {
    let title = escape(title);
    Page {
        status,
        content_type: HTML,
        location: None,
        body: format!(
            "<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>\n"
        ),
    }
}

/// Back to the app, with these parameters.
fn back(redirect_uri: &str, state: Option<&str>, parameters: &[(&str, &str)]) -> Page {
    let mut location = redirect_uri.to_owned();
    let state = state.map(|state| ("state", state));
    for (name, value) in parameters.iter().copied().chain(state) {
        location.push(if location.contains('?') { '&' } else { '?' });
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        location.push_str(&format!("{name}={value}"));
    }
    Page {
        status: 302,
        content_type: HTML,
        location: Some(location),
        body: String::new(),
    }
}

/// Reads what an app asks for; what is wrong is told on a page as long as it is not known where to go back to.
fn asked(fields: &[(String, String)]) -> Result<Asked, Page> {
    if field(fields, "client_id") != Some(CLIENT_ID) {
        return Err(html(400, "This app is not known", ""));
    }
    let redirect_uri = field(fields, "redirect_uri").unwrap_or_default();
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:", "https://"];
    if !local.iter().any(|start| redirect_uri.starts_with(start)) || redirect_uri.contains(['#', '"', '<', ' ']) {
        return Err(html(400, "The app's address is not valid", ""));
    }
    let state = field(fields, "state");
    let refuse = |error: &str, text: &str| {
        Err(back(
            redirect_uri,
            state,
            &[("error", error), ("error_description", text)],
        ))
    };
    if field(fields, "response_type") != Some("code") {
        return refuse("unsupported_response_type", "response_type must be code");
    }
    let scopes: Vec<String> = field(fields, "scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() || !scopes.iter().all(|scope| SCOPES.contains(&scope.as_str())) {
        return refuse("invalid_scope", "scope must be known scopes with blanks between them");
    }
    let challenge = field(fields, "code_challenge");
    match (challenge, field(fields, "code_challenge_method")) {
        (None, None) => {}
        (Some(challenge), Some("S256")) if challenge.len() == 43 => {}
        _ => return refuse("invalid_request", "code_challenge must be S256"),
    }
    Ok(Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: state.map(str::to_owned),
        scopes,
        challenge: challenge.map(str::to_owned),
    })
}

fn token_error(status: u16, error: &str, text: &str) -> Page {
    Page {
        status,
        content_type: JSON,
        location: None,
        body: json!({"error": error, "error_description": text}).to_string(),
    }
}

/// Whether the app is who it says it is: by Basic authentication or in the form, not both.
fn authenticate(visit: &Visit<'_>, form: &[(String, String)]) -> Result<(), Page> {
    let refuse = || {
        Err(token_error(
            401,
            "invalid_client",
            "client_id or client_secret is wrong",
        ))
    };
    let basic = visit.headers.get(header::AUTHORIZATION);
    let (id, secret) = match (basic, field(form, "client_secret")) {
        (Some(_), Some(_)) => {
            let text = "The client authenticates in two ways";
            return Err(token_error(400, "invalid_request", text));
        }
        (Some(basic), None) => {
            let given = basic
                .to_str()
                .ok()
                .and_then(|text| text.strip_prefix("Basic "))
                .and_then(pair);
            let Some(given) = given else { return refuse() };
            given
        }
        (None, secret) => (
            field(form, "client_id").unwrap_or_default().to_owned(),
            secret.unwrap_or_default().to_owned(),
        ),
    };
    if (id.as_str(), secret.as_str()) == (CLIENT_ID, CLIENT_SECRET) {
        Ok(())
    } else {
        refuse()
    }
}

impl Gorgias {
    /// What a page outside the API answers.
    pub(super) fn oauth_page(&mut self, visit: &Visit<'_>) -> Option<Page> {
        let not_allowed = |page: Page| Some(Page { status: 405, ..page });
        match (visit.path, visit.method.as_str()) {
            ("/oauth/authorize", "GET") => Some(self.authorize(visit)),
            ("/oauth/consent", "POST") => Some(self.decide(visit)),
            ("/oauth/token", "POST") => Some(self.token(visit)),
            ("/oauth/token", _) => not_allowed(token_error(405, "invalid_request", "The method must be POST")),
            ("/oauth/authorize" | "/oauth/consent", _) => not_allowed(html(405, "The method is not allowed", "")),
            _ => None,
        }
    }

    fn authorize(&mut self, visit: &Visit<'_>) -> Page {
        let asked = match asked(&visit.query) {
            Ok(asked) => asked,
            Err(page) => return page,
        };
        match self.oauth.consent.clone() {
            Consent::Allow(domain) => self.allowed(&asked, &domain),
            Consent::Deny => denied(&asked),
            Consent::Ask => self.question(&visit.query, &asked),
        }
    }

    /// Asks whoever looks at it.
    fn question(&self, fields: &[(String, String)], asked: &Asked) -> Page {
        let hidden: String = fields
            .iter()
            .map(|(name, value)| {
                let (name, value) = (escape(name), escape(value));
                format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
            })
            .collect();
        let scopes: String = asked
            .scopes
            .iter()
            .map(|scope| format!("<li>{}</li>", escape(scope)))
            .collect();
        let buttons: String = self
            .accounts
            .keys()
            .map(|domain| {
                let domain = escape(domain);
                format!("<button name=\"account\" value=\"{domain}\">Allow for {domain}</button> ")
            })
            .collect();
        let body = format!(
            "<p>{CLIENT_ID} asks for:</p><ul>{scopes}</ul><form method=\"post\" action=\"/oauth/consent\">{hidden}{buttons}\
             <button name=\"account\" value=\"\">Deny</button></form>"
        );
        html(200, "Allow access?", &body)
    }

    /// Takes the answer to the question.
    fn decide(&mut self, visit: &Visit<'_>) -> Page {
        let form = visit.form.as_deref().unwrap_or_default();
        match (asked(form), field(form, "account")) {
            (Err(page), _) => page,
            (Ok(asked), Some(domain)) if self.accounts.contains_key(domain) => self.allowed(&asked, domain),
            (Ok(asked), _) => denied(&asked),
        }
    }

    fn allowed(&mut self, asked: &Asked, domain: &str) -> Page {
        let now = self.now(domain);
        let challenge = asked.challenge.as_deref();
        let code = self
            .oauth
            .code(domain, &asked.scopes, &asked.redirect_uri, challenge, now);
        back(&asked.redirect_uri, asked.state.as_deref(), &[("code", &code)])
    }

    fn token(&mut self, visit: &Visit<'_>) -> Page {
        let page = self.issue(visit);
        if page.status != 200 {
            self.oauth.requests.refused += 1;
        }
        page
    }

    fn issue(&mut self, visit: &Visit<'_>) -> Page {
        let Some(form) = visit.form.as_deref() else {
            let text = "The body must be application/x-www-form-urlencoded";
            return token_error(400, "invalid_request", text);
        };
        let value = |name: &str| field(form, name);
        let kind = value("grant_type").unwrap_or_default();
        match kind {
            "authorization_code" => self.oauth.requests.authorization_code += 1,
            "refresh_token" => self.oauth.requests.refresh_token += 1,
            _ => {}
        }
        if let Err(page) = authenticate(visit, form) {
            return page;
        }
        let secret = match kind {
            "authorization_code" => value("code"),
            "refresh_token" => value("refresh_token"),
            _ => return token_error(400, "unsupported_grant_type", "grant_type is not known"),
        };
        let Some(secret) = secret else {
            return token_error(400, "invalid_request", "code or refresh_token is missing");
        };
        let verifier = value("code_verifier");
        if verifier.is_some_and(|verifier| !is_verifier(verifier)) {
            return token_error(
                400,
                "invalid_request",
                "code_verifier must have 43 to 128 letters, digits, -, ., _ or ~",
            );
        }
        let now = self.oauth.domain_of(secret).map_or(0, |domain| self.now(domain));
        let issued = if kind == "refresh_token" {
            self.oauth.refresh(secret, now)
        } else {
            let redirect_uri = value("redirect_uri").unwrap_or_default();
            self.oauth.exchange(secret, redirect_uri, verifier, now)
        };
        match issued {
            Ok(issued) => token_page(&issued),
            Err(text) => token_error(400, "invalid_grant", text),
        }
    }
}

fn denied(asked: &Asked) -> Page {
    let refused = [("error", "access_denied"), ("error_description", "The owner refused")];
    back(&asked.redirect_uri, asked.state.as_deref(), &refused)
}

fn token_page(issued: &Issued) -> Page {
    let mut body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.lifetime,
        "scope": issued.scopes.join(" "),
    });
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = Value::String(refresh_token.clone());
    }
    Page {
        status: 200,
        content_type: JSON,
        location: None,
        body: body.to_string(),
    }
}
