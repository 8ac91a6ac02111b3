//! `tests/fixtures/bench.json`: the helpdesk that benches use. Nothing else here knows which one that is.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the benches do at a helpdesk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixture {
    account: Account,
    /// Path of the helpdesk's API on its host.
    base_path: String,
    /// Headers of every answer of the helpdesk.
    answer_headers: Map<String, Value>,
    /// A call whose answer is one record.
    pub(super) record: Call,
    /// A call whose answer is a page of such records.
    pub(super) page: Call,
    /// What MCP servers offer, each the `config` of one.
    servers: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    integration: String,
    credentials: Map<String, Value>,
    variables: Map<String, Value>,
}

/// A tool call, and what the helpdesk does about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    /// What is asked for, in words.
    pub(super) what: String,
    pub(super) tool: String,
    pub(super) arguments: Value,
    /// Path and query that the helpdesk is asked.
    pub(super) request: String,
    /// How often the record stands in the one empty list of the answer.
    #[serde(default)]
    records: Option<usize>,
    answer: Value,
}

impl Fixture {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("tests/fixtures/bench.json");
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let mut fixture: Self = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        if let Some(records) = fixture.page.records {
            let members = fixture
                .page
                .answer
                .as_object_mut()
                .into_iter()
                .flat_map(Map::values_mut);
            let mut lists = members.filter_map(Value::as_array_mut).filter(|list| list.is_empty());
            let list = lists.next().ok_or_else(|| failed(&"`page.answer` has no empty list"))?;
            list.resize(records, fixture.record.answer.clone());
        }
        if fixture.servers.is_empty() {
            return Err(failed(&"`servers` is empty"));
        }
        Ok(fixture)
    }

    /// Slug of the helpdesk.
    pub(super) fn slug(&self) -> &str {
        &self.account.integration
    }

    /// The account as environment variables of the program.
    pub(super) fn environment(&self, host: &str) -> Vec<(String, String)> {
        let settings = self.account.variables.iter().chain(&self.account.credentials);
        let settings = settings.map(|(field, value)| (field.as_str(), value.as_str().unwrap_or_default().to_owned()));
        let base_url = ("base_url", self.base_url(host));
        let name = |field: &str| format!("DESKHAND_{}_{}", self.slug().to_uppercase(), field.to_uppercase());
        settings
            .chain([base_url])
            .map(|(field, value)| (name(field), value))
            .collect()
    }

    /// What connects the account over REST.
    pub(super) fn account(&self, host: &str) -> Value {
        json!({
            "integration": self.slug(),
            "name": "Bench",
            "credentials": self.account.credentials,
            "variables": self.account.variables,
            "base_url": self.base_url(host),
        })
    }

    fn base_url(&self, host: &str) -> String {
        format!("http://{host}{}", self.base_path)
    }

    /// How many different kinds of MCP servers there are.
    pub(super) fn kinds(&self) -> usize {
        self.servers.len()
    }

    /// The `config` of a server of a kind; `number` makes what it pins its own.
    pub(super) fn server(&self, kind: usize, number: usize) -> Value {
        let mut config = self.servers[kind].clone();
        let pinned = config.get_mut("pinned").and_then(Value::as_object_mut);
        for value in pinned.into_iter().flat_map(Map::values_mut) {
            if let Value::String(text) = value {
                *text = text.replace("{n}", &number.to_string());
            }
        }
        config
    }

    /// The helpdesk's answers, each with the path that is asked for it.
    pub(super) fn answers(&self) -> [(String, Vec<u8>); 2] {
        [&self.record, &self.page].map(|call| {
            let path = call.request.split('?').next().unwrap_or_default();
            (path.to_owned(), self.answer(&call.answer))
        })
    }

    fn answer(&self, body: &Value) -> Vec<u8> {
        let body = body.to_string();
        let mut head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".to_owned();
        for (name, value) in &self.answer_headers {
            head += &format!("{name}: {}\r\n", value.as_str().unwrap_or_default());
        }
        (format!("{head}Content-Length: {}\r\n\r\n", body.len()) + &body).into_bytes()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The fixture of this repository.
    pub(in crate::bench) fn fixture() -> Fixture {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Fixture::read(&root).expect("the fixture can be read")
    }

    #[test]
    fn a_page_holds_the_records_it_says() {
        let fixture = fixture();
        let page = fixture.page.answer.as_object().expect("an object");
        let list = page.values().find_map(Value::as_array).expect("a list");
        assert_eq!(Some(list.len()), fixture.page.records);
        assert_eq!(list[0], fixture.record.answer);
    }

    #[test]
    fn servers_of_one_kind_pin_values_of_their_own() {
        let fixture = fixture();
        let pinning = (0..fixture.kinds()).filter(|kind| fixture.server(*kind, 1) != fixture.server(*kind, 2));
        assert!(pinning.count() > 1);
        assert!(!(0..fixture.kinds()).any(|kind| fixture.server(kind, 7).to_string().contains("{n}")));
    }
}
