//! A running simulator and a plain HTTP client.

use std::collections::BTreeMap;

use deskhand_simulator::{Control, Options, Running, Simulator};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) credentials: BTreeMap<String, String>,
    pub(crate) tenant: &'static str,
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

    /// Checks a success and its envelope; gives reason and data.
    #[track_caller]
    pub(crate) fn done(&self, status: u16) -> (String, Value) {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert_eq!(keys(&body), ["error", "reason", "data"]);
        assert_eq!(body["error"], false);
        (body["reason"].as_str().unwrap().to_owned(), body["data"].clone())
    }

    /// The data of a success.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.done(self.status).1
    }

    /// Checks a refusal and its form; gives its message.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, reason: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert_eq!(keys(&body), ["error", "reason", "data"]);
        assert_eq!(
            (&body["error"], &body["reason"]),
            (&json!(true), &json!(reason)),
            "{body}"
        );
        body["data"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Desk {
    /// Acme, with a token of its workspace, without a quota.
    pub(crate) async fn new() -> Self {
        Self::with("website").await
    }

    /// Acme, with credentials of this kind.
    pub(crate) async fn with(access: &str) -> Self {
        let options = Options {
            plan: "unlimited".into(),
            access: access.into(),
            ..Options::default()
        };
        Self::start(options).await
    }

    pub(crate) async fn start(options: Options) -> Self {
        let running = Simulator::serve("crisp", options, ([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        Self {
            credentials: running.credentials(),
            running,
            client: http(),
            tenant: "acme",
        }
    }

    /// The same simulator with other credentials.
    pub(crate) fn acting_as(self, tenant: &'static str, access: &str) -> Self {
        let credentials = self.running.credentials_with(tenant, access).unwrap();
        Self {
            credentials,
            tenant,
            ..self
        }
    }

    pub(crate) fn control(&self) -> Control {
        self.running.control()
    }

    /// The records of the tenant.
    pub(crate) fn state(&self) -> Value {
        self.control().state()[self.tenant].clone()
    }

    /// A path below the workspace.
    pub(crate) fn w(&self, path: &str) -> String {
        format!("/website/{}{path}", self.credentials["website_id"])
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.running.base_url());
        self.client
            .request(method, url)
            .basic_auth(&self.credentials["identifier"], Some(&self.credentials["key"]))
            .header("X-Crisp-Tier", &self.credentials["tier"])
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer {
            status,
            headers,
            text: answer.text().await.unwrap(),
        }
    }

    /// Calls a path below the workspace.
    pub(crate) async fn call(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = self.request(method, &self.w(path)).query(query);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn find(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.call(Method::GET, path, query, None).await
    }

    pub(crate) async fn head(&self, path: &str) -> u16 {
        let answer = self.call(Method::HEAD, path, &[], None).await;
        assert_eq!(answer.text, "");
        answer.status
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    /// A DELETE with a body.
    pub(crate) async fn delete_with(&self, path: &str, body: Value) -> Answer {
        self.call(Method::DELETE, path, &[], Some(body)).await
    }

    /// All pages of a list until the empty one; `{n}` in the path is the page number.
    pub(crate) async fn pages(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let mut all = Vec::new();
        for number in 1..100 {
            let page = self.find(&path.replace("{n}", &number.to_string()), query).await.data();
            let page = page.as_array().unwrap().clone();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
        panic!("no page is empty");
    }

    /// A new conversation.
    pub(crate) async fn conversation(&self) -> String {
        let (reason, data) = self.post("/conversation", json!({})).await.done(201);
        assert_eq!(reason, "added");
        data["session_id"].as_str().unwrap().to_owned()
    }

    /// A new conversation in which a visitor has written this.
    pub(crate) async fn conversation_saying(&self, text: &str) -> String {
        let session = self.conversation().await;
        self.say(&session, "user", text).await;
        session
    }

    /// Sends a text; gives its fingerprint.
    pub(crate) async fn say(&self, session: &str, from: &str, text: &str) -> i64 {
        let message = json!({"type": "text", "from": from, "origin": "chat", "content": text});
        let sent = self.post(&format!("/conversation/{session}/message"), message).await;
        sent.data()["fingerprint"].as_i64().unwrap()
    }

    /// The records of a conversation.
    pub(crate) fn stored(&self, session: &str) -> Value {
        self.state()["conversations"][session].clone()
    }
}

pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// One member of every item of a list.
pub(crate) fn column(list: &[Value], name: &str) -> Vec<Value> {
    list.iter().map(|item| item[name].clone()).collect()
}

/// The first record of a kind whose member has this value.
pub(crate) fn with<'a>(records: &'a Value, name: &str, value: &str) -> &'a Value {
    let mut records: Box<dyn Iterator<Item = &Value>> = match records {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => panic!("no records"),
    };
    records.find(|record| record[name] == value).unwrap()
}

/// A client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    // The tests speak plain HTTP; a client wants a TLS configuration all the same.
    let tls =
        rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
