//! A running simulator and a plain HTTP client.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskhand_simulator::{Control, Options, Running, Simulator};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Value, json};

pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) tenant: &'static str,
    pub(crate) access: &'static str,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body of a success of this status.
    #[track_caller]
    pub(crate) fn done(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Checks a success without a body.
    #[track_caller]
    pub(crate) fn empty(&self, status: u16) {
        assert_eq!((self.status, self.text.as_str()), (status, ""));
    }

    /// Checks a refusal and its form; gives what is wrong by place, null when that is not told.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert!(body["error"]["msg"].is_string(), "{body}");
        body["error"]["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Where a redirect goes: the address without its query, and the parameters of that.
    #[track_caller]
    pub(crate) fn location(&self) -> (String, BTreeMap<String, String>) {
        assert_eq!(self.status, 302, "{}", self.text);
        let mut url = Url::parse(self.header("location").unwrap()).unwrap();
        let parameters = url.query_pairs().into_owned().collect();
        url.set_query(None);
        (url.to_string(), parameters)
    }
}

impl Desk {
    /// Acme by the usual key, without a limit.
    pub(crate) async fn new() -> Self {
        Self::on_plan("unlimited").await
    }

    pub(crate) async fn on_plan(plan: &str) -> Self {
        let options = Options {
            plan: plan.to_owned(),
            ..Options::default()
        };
        let running = Simulator::serve("gorgias", options, ([127, 0, 0, 1], 0).into()).await;
        Self {
            running: running.unwrap(),
            client: http(),
            tenant: "acme",
            access: "api_key",
        }
    }

    /// The same simulator with other credentials.
    pub(crate) fn acting_as(self, tenant: &'static str, access: &'static str) -> Self {
        Self { tenant, access, ..self }
    }

    pub(crate) fn control(&self) -> Control {
        self.running.control()
    }

    /// The records of the account.
    pub(crate) fn state(&self) -> Value {
        self.control().state()[self.tenant].clone()
    }

    /// What went out to customers of the account.
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.control().sent(self.tenant).unwrap()
    }

    /// A request without credentials.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.running.base_url()))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let credentials = self.running.credentials_with(self.tenant, self.access).unwrap();
        let request = self.bare(method, path);
        match credentials.get("access_token") {
            Some(token) => request.bearer_auth(token),
            None => request.basic_auth(&credentials["email"], Some(&credentials["api_key"])),
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Answer { status, headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A DELETE with a body.
    pub(crate) async fn delete_with(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::DELETE, path).json(&body)).await
    }

    /// The number of the ticket with this subject.
    pub(crate) fn ticket(&self, subject: &str) -> i64 {
        let state = self.state();
        let mut tickets = state["tickets"].as_object().unwrap().values();
        let found = tickets.find(|ticket| ticket["subject"] == subject);
        found.unwrap()["id"].as_i64().unwrap()
    }

    /// The tickets that a test lets through.
    pub(crate) fn tickets(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let state = self.state();
        let tickets = state["tickets"].as_object().unwrap().values();
        tickets.filter(|ticket| wanted(ticket)).cloned().collect()
    }

    /// A record of the account: the first of a kind with this text there.
    pub(crate) fn with(&self, kind: &str, member: &str, text: &str) -> Value {
        let state = self.state();
        let mut records = state[kind].as_object().unwrap().values();
        records.find(|record| record[member] == text).unwrap().clone()
    }
}

/// The numbers of records.
pub(crate) fn ids(records: &[Value]) -> Vec<i64> {
    records.iter().map(|record| record["id"].as_i64().unwrap()).collect()
}

/// Names and values as a form or a query has them.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let url = Url::parse_with_params("http://unused.example", fields).unwrap();
    url.query().unwrap_or_default().to_owned()
}

/// A mail from the shop to this address.
pub(crate) fn reply(to: &str) -> Value {
    json!({
        "channel": "email",
        "via": "api",
        "from_agent": true,
        "source": {"type": "email", "from": {"address": "support@acme.example"}, "to": [{"address": to}]},
        "body_text": "We are looking into it.",
    })
}

/// A client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    // The tests speak plain HTTP; a client wants a TLS configuration all the same.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
