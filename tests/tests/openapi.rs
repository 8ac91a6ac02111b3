//! What `/openapi.json` promises, held against the running program by tools that know nothing of it.
//!
//! schemathesis makes requests from the description, good ones and bad ones, and judges the answers by it. For most of
//! them to be about something, it is told of real accounts, servers and tools in front of a simulated helpdesk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use deskhand_tests::desk::{Desk, Served, http};
use deskhand_tests::python::Tools;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Requests that are made up for each operation, besides those that follow from the bounds of its parameters.
const EXAMPLES: u32 = 10;

/// All that can be judged but `positive_data_acceptance`: what a description cannot say, such as whether a cursor was given
/// out or a time is still to come, makes good requests into bad ones.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,missing_required_header,\
    unsupported_method,allow_header_conformance,use_after_free,ensure_resource_availability,ignored_auth,\
    object_level_authorization";

/// The program with what a platform engineer makes in it.
struct Plane {
    served: Served,
    token: String,
    http: reqwest::Client,
}

impl Plane {
    async fn start(desk: &Desk) -> Self {
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--token-limit",
            "none",
            "--account-limit",
            "none",
        ];
        let mut environment = desk.account();
        // Accounts of this one are connected through OAuth2, for which the program has to be known to the helpdesk.
        environment.push(("DESKHAND_GORGIAS_CLIENT_ID".to_owned(), "client".to_owned()));
        environment.push(("DESKHAND_GORGIAS_CLIENT_SECRET".to_owned(), "secret".to_owned()));
        let served = Served::of(&arguments, &environment).await;
        let told = served.stdout.text();
        let token = told.lines().map(str::trim).find(|line| line.starts_with("dh_"));
        let token = token.expect("an empty database has a token printed").to_owned();
        Self {
            served,
            token,
            http: http(),
        }
    }

    async fn get(&self, path: &str) -> Value {
        let asked = self
            .http
            .get(format!("{}{path}", self.served.base()))
            .bearer_auth(&self.token);
        asked
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Makes something and gives its id.
    async fn make(&self, path: &str, body: &Value) -> String {
        let made = self.made(path, body).await;
        made["id"].as_str().expect("what is made has an id").to_owned()
    }

    async fn made(&self, path: &str, body: &Value) -> Value {
        let sent = self
            .http
            .post(format!("{}{path}", self.served.base()))
            .bearer_auth(&self.token);
        let made = sent.json(body).send().await.unwrap().error_for_status().unwrap();
        made.json().await.unwrap()
    }

    /// A link by which an account is connected through OAuth2.
    async fn link(&self) -> Value {
        let link = json!({ "integration": "gorgias", "name": "Linked", "variables": { "domain": "acme" } });
        self.made("/connect-link", &link).await
    }

    async fn account(&self, desk: &Desk, name: &str) -> String {
        let account = json!({
            "integration": "desk365",
            "name": name,
            "credentials": { "api_key": desk.credential("api_key") },
            "variables": { "subdomain": "acme" },
            "base_url": desk.running.base_url(),
        });
        self.make("/integrated-account", &account).await
    }

    async fn server(&self, account: &str) -> String {
        let server = json!({ "name": "Readers", "config": { "methods": ["read"] } });
        self.make(&format!("/integrated-account/{account}/mcp"), &server).await
    }
}

/// Real values for parameters: mostly they are taken, now and then something is made up. Some operations have values of
/// their own, so that what they end or change is not what the others need.
struct Values {
    dictionaries: BTreeMap<String, Vec<String>>,
    everywhere: Vec<(&'static str, &'static str)>,
    own: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

impl Values {
    /// As the settings of schemathesis.
    fn settings(&self, token: &str) -> String {
        let binding = |(parameter, dictionary): &(&str, &str)| {
            format!(
                "{} = {{ dictionary = {}, probability = 0.8 }}",
                json!(parameter),
                json!(dictionary)
            )
        };
        let bindings = |all: &[(&str, &str)]| all.iter().map(binding).collect::<Vec<_>>();
        let mut lines = vec![
            "seed = 1".to_owned(),
            "continue-on-failure = true".to_owned(),
            format!("[auth.openapi]\napi_token = {{ bearer = {} }}", json!(token)),
            format!("[generation]\nmax-examples = {EXAMPLES}\nno-shrink = true\ndatabase = \"none\""),
        ];
        for (name, values) in &self.dictionaries {
            lines.push(format!("[dictionaries.{name}]\nvalues = {}", json!(values)));
        }
        lines.push("[parameters]".to_owned());
        lines.extend(bindings(&self.everywhere));
        for (operation, parameters) in &self.own {
            lines.push(format!("[[operations]]\ninclude-operation-id = {}", json!(operation)));
            lines.push(format!("parameters = {{ {} }}", bindings(parameters).join(", ")));
        }
        lines.join("\n") + "\n"
    }
}

/// What there is to be called, in a plane with accounts of a simulated helpdesk.
async fn values(plane: &Plane, desk: &Desk) -> Values {
    let account = plane.account(desk, "Kept").await;
    let server = plane.server(&account).await;
    let spare = plane.account(desk, "Changed and deleted").await;
    let spare_server = plane.server(&account).await;
    let spare_token = plane.make("/api-token", &json!({ "name": "Revoked" })).await;
    let link = plane.link().await;
    let (_, secret) = link["url"]
        .as_str()
        .and_then(|url| url.split_once("link="))
        .expect("a link");
    let spare_link = plane.link().await;
    let tools = plane.get(&format!("/integrated-account/{account}/tools")).await;
    let tools = tools["result"].as_array().expect("a list");
    let text = |tool: &Value, member: &str| tool[member].as_str().expect("a text").to_owned();
    let resources = |methods: &[&str]| -> Vec<String> {
        let meant = tools
            .iter()
            .filter(|tool| methods.contains(&text(tool, "method").as_str()));
        let resources: BTreeSet<String> = meant.map(|tool| text(tool, "resource")).collect();
        resources.into_iter().collect()
    };
    let usual = ["list", "get", "create", "update", "delete"];
    let others = tools.iter().map(|tool| text(tool, "method"));
    let others: BTreeSet<String> = others.filter(|method| !usual.contains(&method.as_str())).collect();
    let others: Vec<String> = others.into_iter().collect();
    let words: Vec<&str> = others.iter().map(String::as_str).collect();
    let dictionaries = [
        ("account", vec![account]),
        ("server", vec![server]),
        ("spare", vec![spare]),
        ("spare_server", vec![spare_server]),
        ("spare_token", vec![spare_token]),
        ("connected", vec!["gorgias".to_owned()]),
        ("link", vec![secret.to_owned()]),
        ("spare_link", vec![text(&spare_link, "id")]),
        ("helpdesk", vec!["desk365".to_owned(), "crisp".to_owned()]),
        ("tool", tools.iter().map(|tool| text(tool, "name")).collect()),
        ("listed", resources(&["list"])),
        ("created", resources(&["create"])),
        ("updated", resources(&["update"])),
        ("deleted", resources(&["delete"])),
        ("called", resources(&words)),
        ("record", vec!["1001".to_owned(), "1".to_owned()]),
        ("method", others),
    ];
    let of = |resources| vec![("path.resource", resources)];
    let record_of = |resources| vec![("path.resource", resources), ("path.id_or_method", "record")];
    Values {
        dictionaries: dictionaries.map(|(name, values)| (name.to_owned(), values)).into(),
        everywhere: vec![
            ("path.slug", "helpdesk"),
            ("path.id", "account"),
            ("path.mcp_id", "server"),
            ("path.name", "tool"),
            ("query.integrated_account_id", "account"),
        ],
        own: vec![
            ("update_integrated_account", vec![("path.id", "spare")]),
            ("delete_integrated_account", vec![("path.id", "spare")]),
            (
                "delete_mcp_server",
                vec![("path.id", "account"), ("path.mcp_id", "spare_server")],
            ),
            ("revoke_api_token", vec![("path.id", "spare_token")]),
            (
                "follow_connect_link",
                vec![("path.integration", "connected"), ("query.link", "link")],
            ),
            ("delete_connect_link", vec![("path.id", "spare_link")]),
            ("proxy_list", of("listed")),
            ("proxy_create", of("created")),
            ("proxy_update", of("updated")),
            ("proxy_delete", of("deleted")),
            ("proxy_get", record_of("listed")),
            ("proxy_update_one", record_of("updated")),
            ("proxy_delete_one", record_of("deleted")),
            (
                "proxy_custom",
                vec![("path.resource", "called"), ("path.id_or_method", "method")],
            ),
        ],
    }
}

fn passes(command: &mut Command) -> String {
    let output = command.output().expect("the tool starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{complaints}");
    told
}

#[tokio::test]
async fn answers_are_what_the_description_promises() {
    let tools = Tools::of("schemathesis");
    let desk = Desk::start("desk365").await;
    let plane = Plane::start(&desk).await;
    let directory = TempDir::new().unwrap();
    let file = |name: &str| directory.path().join(name);
    let document = plane.get("/openapi.json").await;
    std::fs::write(file("openapi.json"), document.to_string()).unwrap();
    passes(
        tools
            .command("openapi-spec-validator")
            .args(["--subschema-errors", "all"])
            .arg(file("openapi.json")),
    );
    let settings = values(&plane, &desk).await.settings(&plane.token);
    std::fs::write(file("settings.toml"), settings).unwrap();
    let mut schemathesis = tools.command("schemathesis");
    schemathesis.arg("--config-file").arg(file("settings.toml"));
    schemathesis.arg("run").arg(file("openapi.json"));
    schemathesis.args(["--url", plane.served.base(), "--no-color", "--checks", CHECKS]);
    schemathesis.arg("--report-json-path").arg(file("report.json"));
    // What it has found before is not tried first: every run makes the same requests.
    schemathesis.current_dir(directory.path());
    let told = tokio::task::spawn_blocking(move || passes(&mut schemathesis))
        .await
        .unwrap();
    let report = std::fs::read(file("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    // A run that tried nothing would have found nothing.
    assert_eq!(report["complete"], true, "{told}");
    let operations = document["paths"].as_object().unwrap().values();
    let operations: usize = operations.map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(report["operations"]["tested"], operations, "{told}");
    for phase in ["coverage", "fuzzing", "stateful"] {
        assert_eq!(report["phases"][phase]["status"], "success", "{phase}: {told}");
    }
    let accepted = |phases: &Value| -> u64 {
        let phases = phases.as_object().unwrap().values();
        phases.filter_map(|phase| phase["accepted"].as_u64()).sum()
    };
    let rates = report["valid_rates"].as_object().unwrap();
    let never = rates.iter().filter(|(_, phases)| accepted(phases) == 0);
    // What a helpdesk's accounts and records need is in `GET /integration/{slug}` and in the schemas of tools; the state of
    // a flow is known to the browser alone that was sent to the helpdesk.
    let elsewhere = |name: &&String| {
        let others = [
            "POST /integrated-account",
            "POST /connect-link",
            "GET /connect/{integration}/callback",
        ];
        name.contains("/proxy/") || others.contains(&name.as_str())
    };
    let never: Vec<&String> = never.map(|(name, _)| name).filter(|name| !elsewhere(name)).collect();
    assert_eq!(never, Vec::<&String>::new(), "no request that was accepted: {told}");
    assert!(rates.len() > operations / 2, "{rates:#?}");
}
