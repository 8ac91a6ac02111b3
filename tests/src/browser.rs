//! A browser as far as pages with links and forms need one: it follows redirects, keeps cookies, fills in forms, and keeps
//! to what a page's policy says about where its forms may lead.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};

use crate::desk::http_builder;

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 10;

/// A browser without a window.
pub struct Browser {
    client: Client,
    /// By origin: name, value, and the path that the cookie is for.
    cookies: BTreeMap<String, Vec<(String, String, String)>>,
}

/// A page that was opened.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is, after all redirects.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its HTML.
    pub text: String,
    policy: String,
}

/// A form of a page.
#[derive(Debug)]
struct Form {
    method: Method,
    action: Url,
    /// Names and values that stand in it.
    fields: Vec<(String, String)>,
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// One without cookies.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let client = http_builder().redirect(Policy::none()).build();
        Self {
            client: client.expect("a client can be made"),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address.
    ///
    /// # Panics
    /// It is no address, or there are too many redirects.
    pub async fn open(&mut self, address: &str) -> Page {
        let url = Url::parse(address).expect("it is an address");
        self.go(url, |client, url| client.get(url), None).await
    }

    /// Sends the only form of a page, with these values in place of those that stand in it.
    ///
    /// # Panics
    /// The page has no form, the form has no field of such a name, or the page's policy does not let it lead there.
    pub async fn submit(&mut self, page: &Page, values: &[(&str, &str)]) -> Page {
        let mut form = page.form();
        for (name, value) in values {
            let named: Vec<_> = form.fields.iter_mut().filter(|(known, _)| known == name).collect();
            assert!(!named.is_empty(), "the form has no {name}: {}", page.text);
            named.into_iter().for_each(|field| (*value).clone_into(&mut field.1));
        }
        // Of buttons with one name, one is pressed.
        form.fields.dedup_by(|later, earlier| later == earlier);
        let mut filled = form.action.clone();
        filled.query_pairs_mut().clear().extend_pairs(&form.fields);
        if form.method == Method::GET {
            return self.go(filled, |client, url| client.get(url), Some(page)).await;
        }
        let body = filled.query().unwrap_or_default().to_owned();
        let post = |client: &Client, url| {
            let request = client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body(body)
        };
        self.go(form.action, post, Some(page)).await
    }

    /// Asks, and follows redirects. `from`: the page whose form leads there.
    async fn go(&mut self, url: Url, ask: impl FnOnce(&Client, Url) -> RequestBuilder, from: Option<&Page>) -> Page {
        let mut url = url;
        let mut request = ask(&self.client, url.clone());
        for _ in 0..MOST_REDIRECTS {
            if let Some(from) = from {
                from.may_lead_to(&url);
            }
            if let Some(cookies) = self.cookies_for(&url) {
                request = request.header(COOKIE, cookies);
            }
            let answered = request.send().await.expect("the site answers");
            for cookie in answered.headers().get_all(SET_COOKIE) {
                self.keep(&url, cookie.to_str().expect("cookies are text"));
            }
            let location = answered
                .headers()
                .get(LOCATION)
                .filter(|_| answered.status().is_redirection());
            if let Some(location) = location {
                let location = location.to_str().expect("addresses are text");
                url = url.join(location).expect("it leads to an address");
                request = self.client.get(url.clone());
                continue;
            }
            let policy = answered.headers().get(CONTENT_SECURITY_POLICY);
            let policy = policy.map(|policy| policy.to_str().expect("policies are text").to_owned());
            return Page {
                status: answered.status(),
                policy: policy.unwrap_or_default(),
                text: answered.text().await.expect("a page is text"),
                url,
            };
        }
        panic!("{url} leads in circles");
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let kept = self.cookies.get(&url.origin().ascii_serialization())?;
        let kept = kept.iter().filter(|(_, _, path)| {
            let rest = url.path().strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.ends_with('/'))
        });
        let pairs: Vec<String> = kept.map(|(name, value, _)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn keep(&mut self, url: &Url, cookie: &str) {
        let mut parts = cookie.split(';').map(str::trim);
        let (name, value) = parts
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("a cookie has a name");
        let attributes: Vec<&str> = parts.collect();
        let path = attributes
            .iter()
            .find_map(|part| part.strip_prefix("Path="))
            .unwrap_or("/");
        let kept = self.cookies.entry(url.origin().ascii_serialization()).or_default();
        kept.retain(|(known, _, _)| known != name);
        if !attributes.contains(&"Max-Age=0") {
            kept.push((name.to_owned(), value.to_owned(), path.to_owned()));
        }
    }
}

impl Page {
    /// What the page says, without its markup.
    #[must_use]
    pub fn words(&self) -> String {
        let body = self.text.split_once("<body>").map_or(&*self.text, |(_, body)| body);
        let mut words = String::new();
        for (index, part) in body.split('<').enumerate() {
            words.push_str(if index == 0 {
                part
            } else {
                part.split_once('>').map_or("", |(_, text)| text)
            });
            words.push(' ');
        }
        unescaped(&words).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn form(&self) -> Form {
        let (_, rest) = self
            .text
            .split_once("<form")
            .unwrap_or_else(|| panic!("there is no form: {}", self.text));
        let (inside, _) = rest.split_once("</form>").expect("the form ends");
        let mut tags = inside.split('<').map(|part| part.split('>').next().unwrap_or_default());
        let own = tags.next().unwrap_or_default();
        let fields = tags.filter(|tag| ["input", "select", "button"].iter().any(|kind| tag.starts_with(kind)));
        let fields =
            fields.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())));
        let fields: Vec<(String, String)> = fields.collect();
        Form {
            method: match attribute(own, "method").as_deref() {
                Some("post") => Method::POST,
                _ => Method::GET,
            },
            action: match attribute(own, "action") {
                Some(action) => self.url.join(&action).expect("a form leads to an address"),
                None => self.url.clone(),
            },
            fields,
        }
    }

    /// As browsers do that apply `form-action` to redirects, too.
    fn may_lead_to(&self, url: &Url) {
        let sources = self
            .policy
            .split(';')
            .find_map(|rule| rule.trim().strip_prefix("form-action "));
        let Some(sources) = sources else { return };
        let allowed = sources.split(' ').any(|source| match source {
            "'self'" => self.url.origin() == url.origin(),
            source => source == url.origin().ascii_serialization(),
        });
        assert!(
            allowed,
            "the page's policy is {}, and its form leads to {url}",
            self.policy
        );
    }
}

/// The value of an attribute, in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}
