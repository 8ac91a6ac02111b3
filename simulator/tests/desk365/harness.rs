//! A running simulator and a plain HTTP client.

use deskhand_simulator::{Control, Options, Running, Simulator};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) key: String,
    pub(crate) base: String,
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

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.json()
    }

    /// Checks a refusal and its form; gives its message.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["status", "error", "message"]);
        assert_eq!(body["status"], status);
        body["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn remaining(&self) -> Option<u32> {
        self.header("X-Rate-Limit-Remaining").map(|text| text.parse().unwrap())
    }
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with(Options {
            plan: "unlimited".into(),
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let running = Simulator::serve("desk365", options, ([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let client = http();
        let key = running.credentials()["api_key"].clone();
        let base = running.sample_url();
        Self {
            running,
            client,
            key,
            base,
        }
    }

    /// The same simulator as the second tenant.
    pub(crate) fn second(self) -> Self {
        let key = self.running.credentials_of("birchwood").unwrap()["api_key"].clone();
        let base = self.running.base_url().replace("{subdomain}", "birchwood");
        Self { key, base, ..self }
    }

    pub(crate) fn control(&self) -> Control {
        self.running.control()
    }

    pub(crate) fn state(&self) -> Value {
        self.control().state()["acme"].clone()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("Authorization", &self.key)
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

    pub(crate) async fn call(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = self.request(method, path).query(query);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.call(Method::GET, path, query, None).await
    }

    pub(crate) async fn post(&self, path: &str, query: &[(&str, &str)], body: Value) -> Answer {
        self.call(Method::POST, path, query, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, query: &[(&str, &str)], body: Value) -> Answer {
        self.call(Method::PUT, path, query, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.call(Method::DELETE, path, query, None).await
    }
}

pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// One member of every item of a list.
pub(crate) fn column(list: &Value, name: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|item| item[name].clone()).collect()
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
