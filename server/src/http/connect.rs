//! `/connect`: the pages on which somebody connects their helpdesk. They are opened by a link, not by an API token.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use deskhand_runtime::oauth2;
use deskhand_runtime::operation::Integration;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::guard_page;
use crate::api::{Api, Path};
use crate::control::ControlError;
use crate::control::connecting::{NotConnected, Question, Returned, Step};
use crate::public_url::PublicUrl;

/// Name of the cookie by which a browser is known again when it comes back.
const COOKIE_NAME: &str = "deskhand_connect";
/// How long it is kept, in seconds: as long as a flow.
const COOKIE_LIFE: u32 = 600;
/// What the name of an answer starts with.
const ANSWER: &str = "variable.";

const GONE: &str = "This link does not work any more, or never did. It works once, and only for a while. Ask whoever \
                    gave it to you for a new one.";

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(follow)).routes(routes!(come_back))
}

/// What an address asks; nothing if that cannot be read.
type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

/// Follow a connect link: a page that asks for what is not known yet, or a redirect to the helpdesk.
#[utoipa::path(
    get,
    path = "/connect/{integration}",
    tag = "Connect links",
    operation_id = "follow_connect_link",
    params(
        ("integration" = String, Path, description = "Slug of the helpdesk."),
        ("link" = String, Query, description = "The link's secret."),
    ),
    responses(
        (status = 200, description = "A page that asks for what is missing.", content_type = "text/html"),
        (
            status = 303, description = "To the helpdesk, where the person agrees.", content_type = "text/html",
            headers(
                ("Location" = String, description = "Where the helpdesk asks the person."),
                ("Set-Cookie" = String, description = "Knows the browser again when it comes back."),
            )
        ),
        (status = 404, description = "The link opens nothing.", content_type = "text/html"),
        (status = 409, description = "The link cannot be followed now; the page says why.", content_type = "text/html"),
        (status = 503, description = "Something is wrong here at the moment.", content_type = "text/html"),
    )
)]
async fn follow(State(api): State<Api>, Path(slug): Path<String>, pairs: Pairs) -> Response {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let secret = find(&pairs, "link").unwrap_or_default();
    let answers: BTreeMap<String, String> = pairs
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(ANSWER)?.to_owned(), value.clone())))
        .collect();
    match api.control.follow_link(&slug, &secret, &answers, &api.public_url).await {
        Ok(Step::Ask {
            integration,
            questions,
            base_url,
        }) => {
            let targets = form_targets(integration, base_url.as_deref());
            ask(integration, &secret, &questions, &targets)
        }
        Ok(Step::Go { url, browser }) => {
            let Ok(url) = HeaderValue::from_str(&url) else {
                return failed(&ControlError::Internal("an address has odd letters".to_owned()));
            };
            let mut response = page(
                StatusCode::SEE_OTHER,
                "Going on",
                "<p>You are sent to your helpdesk.</p>",
                None,
            );
            response.headers_mut().insert(LOCATION, url);
            set_cookie(&mut response, &api.public_url, browser.reveal(), COOKIE_LIFE);
            response
        }
        Err(why) => not_connected(&why),
    }
}

/// Come back from the helpdesk.
#[utoipa::path(
    get,
    path = "/connect/{integration}/callback",
    tag = "Connect links",
    operation_id = "finish_connect_link",
    params(
        ("integration" = String, Path, description = "Slug of the helpdesk."),
        ("state" = String, Query, description = "Names the flow."),
        ("code" = Option<String>, Query, description = "What the helpdesk gives when the person agrees."),
        ("error" = Option<String>, Query, description = "Why it gives nothing."),
        ("error_description" = Option<String>, Query, description = "The same in its words."),
        ("deskhand_connect" = Option<String>, Cookie, description = "Set when the browser was sent to the helpdesk."),
    ),
    responses(
        (
            status = 200, description = "The account is connected.", content_type = "text/html",
            headers(("Set-Cookie" = String, description = "Removes the cookie of the flow."))
        ),
        (status = 400, description = "The person or the helpdesk has refused.", content_type = "text/html"),
        (status = 404, description = "It belongs to no flow of this browser.", content_type = "text/html"),
        (status = 409, description = "The account cannot be kept as it was connected; the page says why.", content_type = "text/html"),
        (status = 502, description = "The helpdesk did not play its part.", content_type = "text/html"),
        (status = 503, description = "Something is wrong here at the moment.", content_type = "text/html"),
    )
)]
async fn come_back(State(api): State<Api>, Path(slug): Path<String>, headers: HeaderMap, pairs: Pairs) -> Response {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let returned = Returned {
        state: find(&pairs, "state").unwrap_or_default(),
        code: find(&pairs, "code"),
        error: find(&pairs, "error"),
        error_description: find(&pairs, "error_description"),
    };
    let browser = cookie(&headers);
    let finished = api.control.finish_link(&slug, returned, browser, &api.public_url).await;
    match finished {
        Ok(account) => {
            let text = format!(
                "<p>{} is connected. You can close this page.</p>",
                escaped(&account.name)
            );
            let mut response = page(StatusCode::OK, "Connected", &text, None);
            set_cookie(&mut response, &api.public_url, "", 0);
            response
        }
        Err(why) => not_connected(&why),
    }
}

/// The cookie of a browser that was sent to a helpdesk.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

fn set_cookie(response: &mut Response, public_url: &PublicUrl, value: &str, life: u32) {
    let secure = if public_url.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={value}; HttpOnly; SameSite=Lax; Path={}/connect; Max-Age={life}{secure}",
        public_url.path()
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn not_connected(why: &NotConnected) -> Response {
    match why {
        NotConnected::Gone => page(StatusCode::NOT_FOUND, "Nothing here", &format!("<p>{GONE}</p>"), None),
        NotConnected::Denied(told) => {
            let text = format!(
                "<p>Nothing was connected. Your helpdesk says:</p><blockquote>{}</blockquote><p>To try again, open \
                 the link that you were given once more.</p>",
                escaped(told)
            );
            page(StatusCode::BAD_REQUEST, "Not connected", &text, None)
        }
        NotConnected::Helpdesk(told) => {
            let text = format!(
                "<p>Nothing was connected. {}</p><p>To try again, open the link that you were given once more.</p>",
                escaped(told)
            );
            page(StatusCode::BAD_GATEWAY, "Not connected", &text, None)
        }
        NotConnected::Control(error) => failed(error),
    }
}

fn failed(error: &ControlError) -> Response {
    let (status, told) = match error {
        ControlError::Invalid(_) | ControlError::Conflict(_) => (StatusCode::CONFLICT, error.to_string()),
        ControlError::NotFound(_) => (StatusCode::NOT_FOUND, GONE.to_owned()),
        ControlError::Unavailable(_) | ControlError::Internal(_) => {
            tracing::error!(%error, "a page to connect an account failed");
            let told = "Something is wrong here at the moment. Try again later.";
            (StatusCode::SERVICE_UNAVAILABLE, told.to_owned())
        }
    };
    page(status, "Not connected", &format!("<p>{}</p>", escaped(&told)), None)
}

/// The page that asks for what is not known.
fn ask(integration: &'static Integration, secret: &str, questions: &[Question], targets: &str) -> Response {
    let mut form = format!(
        "<p>To connect your {}, some things must be known.</p><form method=\"get\"><input type=\"hidden\" \
         name=\"link\" value=\"{}\">",
        escaped(integration.title),
        escaped(secret)
    );
    for Question {
        setting,
        given,
        problem,
    } in questions
    {
        let name = format!("{ANSWER}{}", setting.name);
        // Writing to text does not fail.
        let _ = write!(
            form,
            "<p><label for=\"{0}\">{1}</label><br><small>{2}</small><br>",
            escaped(&name),
            escaped(setting.title),
            escaped(setting.help)
        );
        if setting.one_of.is_empty() {
            let _ = write!(
                form,
                "<input id=\"{0}\" name=\"{0}\" value=\"{1}\" placeholder=\"{2}\" required autocomplete=\"off\">",
                escaped(&name),
                escaped(given),
                escaped(setting.example)
            );
        } else {
            let _ = write!(form, "<select id=\"{0}\" name=\"{0}\" required>", escaped(&name));
            for choice in setting.one_of {
                let _ = write!(form, "<option>{}</option>", escaped(choice));
            }
            form.push_str("</select>");
        }
        if let Some(problem) = problem {
            let _ = write!(form, "<br><strong>It {}</strong>", escaped(problem));
        }
        form.push_str("</p>");
    }
    form.push_str("<p><button>Go on</button></p></form>");
    page(
        StatusCode::OK,
        &format!("Connect {}", integration.title),
        &form,
        Some(targets),
    )
}

/// A page that is kept nowhere, framed nowhere, and loads nothing.
fn page(status: StatusCode, title: &str, body: &str, leads_to: Option<&str>) -> Response {
    let title = escaped(title);
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>body{{font:1rem/1.5 sans-serif;max-width:36rem;\
         margin:4rem auto;padding:0 1rem}}input,select,button{{font:inherit;padding:.3rem .6rem}}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    );
    let targets = leads_to.unwrap_or("'none'");
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // What is no header value allows nothing.
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    guard_page(headers, policy);
    response
}

/// Where the form may lead: some browsers look at redirects after it, too, so the helpdesk has to be among it, or the
/// address that is used instead of it.
fn form_targets(integration: &'static Integration, base_url: Option<&str>) -> String {
    let declared = oauth2::scheme(integration).map(|(_, flow)| flow.authorize_url);
    let origin = base_url.or(declared).and_then(|url| {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split('/').next()?;
        // A policy knows a wildcard as the first label only.
        let host = match host.split_once('.') {
            Some((first, rest)) if first.contains('{') => format!("*.{rest}"),
            _ => host.to_owned(),
        };
        // Nothing else that a policy could take for its own.
        let plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '*' | '[' | ']');
        (matches!(scheme, "http" | "https") && host.chars().all(plain)).then(|| format!("{scheme}://{host}"))
    });
    format!("'self' {}", origin.as_deref().unwrap_or("https:"))
}

/// Text as a part of HTML, in elements and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escaped("<script>\"a\" & 'b'</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
        );
        assert_eq!(escaped("&lt;"), "&amp;lt;");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; deskhand_connected=2"));
        assert_eq!(cookie(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("b=1; deskhand_connect=dh_x"));
        assert_eq!(cookie(&headers), Some("dh_x"));
    }
}
