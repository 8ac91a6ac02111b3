//! Gorgias accounts on one server with a database: each sees its own custom fields, and the vendor's limits as they are told.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::process::{Child, Stdio};

use deskhand_tests::desk::{Captured, Client, Desk, ask, call, command, connect, eventually, fail, http};
use deskhand_tests::server::{RawServer, Reply};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const READ: &str = "get_single_gorgias_ticket_by_id";
const UPDATE: &str = "update_a_gorgias_ticket_by_id";
const UPDATE_CUSTOMER: &str = "update_a_gorgias_customer_by_id";

/// `deskhand serve --database` on an empty file; it ends with this value.
struct Server {
    child: Child,
    _data: TempDir,
    base: String,
    token: String,
}

impl Server {
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let database = data.path().join("accounts.db").display().to_string();
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--database", &database], &[]);
        command
            .env("DESKHAND_DATA_DIR", data.path())
            // Helpdesks are asked by the tests alone.
            .env("DESKHAND_FIELDS_INTERVAL", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (Captured::default(), Captured::default());
        stdout.follow(child.stdout.take().unwrap());
        stderr.follow(child.stderr.take().unwrap());
        let (base, token) = eventually("address and token are printed", || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the program has ended: {}", stderr.text());
            let told = stdout.text();
            let whole = told.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let lines = || whole.lines().map(str::trim);
            let base = lines().find_map(|line| line.strip_prefix("Deskhand on ").map(str::to_owned));
            let token = lines().find(|line| line.starts_with("dh_")).map(str::to_owned);
            std::future::ready(base.zip(token))
        })
        .await;
        Self {
            child,
            _data: data,
            base,
            token,
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, HeaderMap, Value) {
        let request = http().request(method, format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answered = request.send().await.unwrap();
        let (status, headers) = (answered.status(), answered.headers().clone());
        (status, headers, answered.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Option<Value>, expected: StatusCode) -> Value {
        let (status, _, told) = self.send(Method::POST, path, body).await;
        assert_eq!(status, expected, "{path}: {told}");
        told
    }

    /// Connects an account; gives its id.
    async fn account(&self, domain: &str, email: &str, key: &str, base_url: &str) -> String {
        let account = json!({
            "integration": "gorgias",
            "name": domain,
            "credentials": { "email": email, "api_key": key },
            "variables": { "domain": domain },
            "base_url": base_url,
        });
        let made = self
            .post("/integrated-account", Some(account), StatusCode::CREATED)
            .await;
        made["id"].as_str().unwrap().to_owned()
    }

    /// Connects one of the accounts of a simulated Gorgias.
    async fn tenant(&self, desk: &Desk, domain: &str) -> String {
        let known = desk.running.credentials_with(domain, "api_key").unwrap();
        self.account(domain, &known["email"], &known["api_key"], &desk.running.base_url())
            .await
    }

    /// An MCP client of a new MCP server of an account.
    async fn client(&self, account: &str) -> Client {
        let path = format!("/integrated-account/{account}/mcp");
        let made = self
            .post(&path, Some(json!({ "name": "Tests" })), StatusCode::CREATED)
            .await;
        connect(&format!("{}/mcp/{}", self.base, made["token"].as_str().unwrap())).await
    }

    async fn refresh(&self, account: &str) -> Value {
        let path = format!("/integrated-account/{account}/refresh");
        let told = self.post(&path, None, StatusCode::OK).await;
        assert_eq!(told.get("problems"), None, "{told}");
        told
    }

    /// What tools of the account take as custom fields of tickets, by both doors, which show the same.
    async fn shown(&self, account: &str, client: &Client, tool: &str) -> Value {
        let listed = client.list_all_tools().await.unwrap();
        let listed = listed.iter().find(|known| known.name == tool).unwrap();
        let by_mcp = listed.input_schema["properties"]["custom_fields"].clone();
        let (status, _, told) = self
            .send(Method::GET, &format!("/integrated-account/{account}/tools"), None)
            .await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let known = told["result"].as_array().unwrap();
        let known = known.iter().find(|known| known["name"] == tool).unwrap();
        assert_eq!(known["input_schema"]["properties"]["custom_fields"], by_mcp, "{tool}");
        by_mcp
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The members of a place of custom fields, in the order of their names.
fn members(place: &Value) -> Vec<&str> {
    let members = place["properties"].as_object();
    let mut names: Vec<&str> = members.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// The number of a field that an account of the simulator has defined.
fn number(state: &Value, domain: &str, label: &str) -> i64 {
    let fields = state[domain]["custom_fields"].as_object().unwrap();
    let found = fields.values().find(|field| field["label"] == label);
    found.unwrap_or_else(|| panic!("no field {label}"))["id"]
        .as_i64()
        .unwrap()
}

/// What the tools call these fields.
fn keys(state: &Value, domain: &str, labels: &[(&str, &str)]) -> Vec<String> {
    let mut keys: Vec<String> = labels
        .iter()
        .map(|(name, label)| format!("{name}_{}", number(state, domain, label)))
        .collect();
    keys.sort_unstable();
    keys
}

/// How often the simulator was asked to change something.
fn changes_asked(desk: &Desk) -> usize {
    let requests = desk.control().requests();
    requests.iter().filter(|request| request.method != "GET").count()
}

const ACME: &[(&str, &str)] = &[
    ("contact_reason", "Contact reason"),
    ("product", "Product"),
    ("resolution", "Resolution"),
    ("refund_amount", "Refund amount"),
    ("order_number", "Order number"),
    ("damaged", "Damaged"),
    ("ai_intent", "AI intent"),
];
const GLOBEX: &[(&str, &str)] = &[("store", "Store"), ("promised_for", "Promised for")];

#[tokio::test]
async fn each_account_sees_its_own_fields() {
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let (acme, globex) = (server.tenant(&desk, "acme").await, server.tenant(&desk, "globex").await);
    let (at_acme, at_globex) = (server.client(&acme).await, server.client(&globex).await);
    // Nothing has been read: any field goes.
    let open = server.shown(&acme, &at_acme, UPDATE).await;
    assert_eq!(members(&open), [""; 0], "{open}");

    let read = server.refresh(&acme).await;
    assert_eq!(
        (&read["number"], &read["slots"].as_array().unwrap().len()),
        (&json!(1), &2)
    );
    assert_eq!(server.shown(&globex, &at_globex, UPDATE).await, open);
    server.refresh(&globex).await;

    let state = desk.state();
    let (of_acme, of_globex) = (
        server.shown(&acme, &at_acme, UPDATE).await,
        server.shown(&globex, &at_globex, UPDATE).await,
    );
    assert_eq!(
        members(&of_acme),
        keys(&state, "acme", ACME),
        "archived fields are left out"
    );
    assert_eq!(members(&of_globex), keys(&state, "globex", GLOBEX));
    let typed = |place: &Value, domain: &str, name: &str, label: &str| -> Map<String, Value> {
        let key = format!("{name}_{}", number(&state, domain, label));
        let mut schema = place["properties"][&key].as_object().unwrap().clone();
        let doc = schema.shift_remove("description").unwrap();
        assert!(doc.as_str().unwrap().contains(label), "{key}: {doc}");
        schema
    };
    let expected = json!({
        "type": "string", "enum": ["Refunded", "Exchanged", "Sent again", "Answered", "No reply needed"],
    });
    assert_eq!(json!(typed(&of_acme, "acme", "resolution", "Resolution")), expected);
    let expected = json!({ "type": "number", "minimum": 0, "maximum": 5000 });
    assert_eq!(
        json!(typed(&of_acme, "acme", "refund_amount", "Refund amount")),
        expected
    );
    assert_eq!(
        json!(typed(&of_acme, "acme", "damaged", "Damaged")),
        json!({ "type": "boolean" })
    );
    assert_eq!(
        json!(typed(&of_acme, "acme", "order_number", "Order number")),
        json!({ "type": "string" })
    );
    let expected = json!({ "type": "string", "enum": ["Harbor street", "Old town", "Online"] });
    assert_eq!(json!(typed(&of_globex, "globex", "store", "Store")), expected);
    // Fields of customers are others.
    let customers = server.shown(&acme, &at_acme, UPDATE_CUSTOMER).await;
    let expected = [
        ("loyalty_tier", "Loyalty tier"),
        ("newsletter", "Newsletter"),
        ("birthday_month", "Birthday month"),
    ];
    assert_eq!(members(&customers), keys(&state, "acme", &expected));

    // A value arrives at the field that its name means.
    let page = ask(&at_globex, "list_all_gorgias_tickets", json!({ "limit": 1 })).await;
    let ticket = page["result"][0]["id"].clone();
    let store = number(&state, "globex", "Store");
    let change = json!({ "id": ticket, "custom_fields": { format!("store_{store}"): "Old town" } });
    ask(&at_globex, UPDATE, change).await;
    let sent = desk.control().last_request().unwrap().json().unwrap();
    assert_eq!(sent, json!({ "custom_fields": [{ "id": store, "value": "Old town" }] }));
    let kept = &desk.state()["globex"]["tickets"][ticket.to_string()]["custom_fields"];
    assert_eq!(kept[store.to_string()]["value"], "Old town", "{kept}");
}

#[tokio::test]
async fn a_field_that_is_added_shows_after_a_refresh_and_nowhere_else() {
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let (acme, globex) = (server.tenant(&desk, "acme").await, server.tenant(&desk, "globex").await);
    let (at_acme, at_globex) = (server.client(&acme).await, server.client(&globex).await);
    server.refresh(&acme).await;
    server.refresh(&globex).await;
    let (acme_before, globex_before) = (
        server.shown(&acme, &at_acme, UPDATE).await,
        server.shown(&globex, &at_globex, UPDATE).await,
    );

    let definition = json!({
        "object_type": "Ticket",
        "label": "Carrier",
        "priority": 100,
        "required": false,
        "definition": {
            "data_type": "text",
            "input_settings": { "input_type": "dropdown", "choices": ["Foot", "Bicycle", "Zeppelin"] },
        },
    });
    let made = ask(&at_acme, "create_a_gorgias_custom_field", definition).await;
    let key = format!("carrier_{}", made["id"]);
    assert_eq!(server.shown(&acme, &at_acme, UPDATE).await, acme_before, "not read yet");

    let read = server.refresh(&acme).await;
    assert_eq!(read["number"], 2);
    let told = read["changes"].as_array().unwrap();
    assert_eq!(told.len(), 1, "{read}");
    assert!(told[0].as_str().unwrap().contains(&key), "{read}");

    // Both the client that was there before and a new one see it.
    for client in [&at_acme, &server.client(&acme).await] {
        let mut shown = server.shown(&acme, client, UPDATE).await;
        let added = shown["properties"].as_object_mut().unwrap().shift_remove(&key);
        let added = added.unwrap_or_else(|| panic!("{key} is missing: {shown}"));
        assert_eq!(
            (&added["type"], &added["enum"]),
            (&json!("string"), &json!(["Foot", "Bicycle", "Zeppelin"]))
        );
        assert_eq!(shown, acme_before, "all else is as it was");
    }
    assert_eq!(server.shown(&globex, &at_globex, UPDATE).await, globex_before);
    assert_eq!(
        server.refresh(&globex).await["number"],
        1,
        "nothing new at the other account"
    );
    assert_eq!(server.shown(&globex, &at_globex, UPDATE).await, globex_before);
}

#[tokio::test]
async fn wrong_values_are_refused_before_they_are_sent() {
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let acme = server.tenant(&desk, "acme").await;
    let client = server.client(&acme).await;
    server.refresh(&acme).await;
    let state = desk.state();
    let ticket = state["acme"]["tickets"].as_object().unwrap().keys().next().unwrap();
    let ticket: i64 = ticket.parse().unwrap();
    let path = format!("/integrated-account/{acme}/tools/{UPDATE}");
    let asked = changes_asked(&desk);
    let resolution = format!("resolution_{}", number(&state, "acme", "Resolution"));
    let amount = format!("refund_amount_{}", number(&state, "acme", "Refund amount"));
    let loyalty = format!("loyalty_tier_{}", number(&state, "acme", "Loyalty tier"));
    let cases = [
        (
            json!({ &resolution: "refunded" }),
            vec![
                &*resolution,
                "Refunded, Exchanged, Sent again, Answered, No reply needed",
                "`Refunded`",
            ],
        ),
        (json!({ &amount: 5001 }), vec![&*amount, "from 0 to 5000"]),
        (json!({ &amount: "much" }), vec![&*amount, "a number"]),
        // A field of customers.
        (json!({ &loyalty: "Gold" }), vec![&*loyalty]),
    ];
    for (values, named) in cases {
        let arguments = json!({ "id": ticket, "custom_fields": values });
        let error = fail(&client, UPDATE, arguments.clone()).await;
        assert_eq!(error["code"], "invalid_arguments", "{error}");
        let (status, _, by_rest) = server.send(Method::POST, &path, Some(arguments)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{by_rest}");
        assert_eq!(
            (&by_rest["code"], &by_rest["problems"]),
            (&error["code"], &error["problems"])
        );
        let told = error.to_string();
        for part in named {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    assert_eq!(changes_asked(&desk), asked, "nothing was sent");
    assert_eq!(desk.state(), state);
}

/// The value of one field alone, where another argument says which field it is.
#[tokio::test]
async fn the_value_of_one_field_is_checked_as_its_definition_says() {
    const SET: &str = "update_a_gorgias_ticket_field_value_by_id";
    const SET_OF_CUSTOMER: &str = "update_a_gorgias_customer_field_value_by_id";
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let acme = server.tenant(&desk, "acme").await;
    let client = server.client(&acme).await;
    let described = async || {
        let listed = client.list_all_tools().await.unwrap();
        let tool = listed.iter().find(|known| known.name == SET).unwrap();
        let body = &tool.input_schema["properties"]["body"];
        body["description"].as_str().unwrap().to_owned()
    };
    let before = described().await;
    server.refresh(&acme).await;
    let state = desk.state();
    let resolution = number(&state, "acme", "Resolution");
    let told = described().await;
    let own = told.strip_prefix(&before).unwrap();
    assert!(own.starts_with(" In this account, by `id`: "), "{told}");
    let named = format!("{resolution} Resolution: one of Refunded, Exchanged, Sent again, Answered, No reply needed");
    assert!(own.contains(&named), "{told}");

    let first = |records: &Value| -> i64 { records.as_object().unwrap().keys().next().unwrap().parse().unwrap() };
    let (ticket, customer) = (first(&state["acme"]["tickets"]), first(&state["acme"]["customers"]));
    let amount = number(&state, "acme", "Refund amount");
    let damaged = number(&state, "acme", "Damaged");
    let tier = number(&state, "acme", "Loyalty tier");
    let asked = changes_asked(&desk);
    for (tool, arguments, way_out) in [
        (
            SET,
            json!({ "ticket_id": ticket, "id": resolution, "body": "refunded" }),
            "must be one of: Refunded, Exchanged, Sent again, Answered, No reply needed. Did you mean `Refunded`?",
        ),
        (
            SET,
            json!({ "ticket_id": ticket, "id": amount, "body": 5001 }),
            "must be from 0 to 5000",
        ),
        (
            SET,
            json!({ "ticket_id": ticket, "id": damaged, "body": "perhaps" }),
            "expected true or false",
        ),
        (
            SET_OF_CUSTOMER,
            json!({ "customer_id": customer, "id": tier, "body": "Lead" }),
            "must be one of: ",
        ),
    ] {
        let error = fail(&client, tool, arguments.clone()).await;
        assert_eq!(error["code"], "invalid_arguments", "{arguments}: {error}");
        let fault = &error["arguments"][0];
        assert_eq!(fault["argument"], "body", "{error}");
        assert!(
            fault["message"].as_str().unwrap().contains(way_out),
            "{arguments}: {error}"
        );
    }
    assert_eq!(changes_asked(&desk), asked, "nothing was sent");
    ask(
        &client,
        SET,
        json!({ "ticket_id": ticket, "id": resolution, "body": "Exchanged" }),
    )
    .await;
    ask(
        &client,
        SET,
        json!({ "ticket_id": ticket, "id": damaged, "body": "true" }),
    )
    .await;
    let kept = &desk.state()["acme"]["tickets"][ticket.to_string()]["custom_fields"];
    assert_eq!(kept[resolution.to_string()]["value"], "Exchanged", "{kept}");
    assert_eq!(kept[damaged.to_string()]["value"], true, "{kept}");
}

/// What an account has defined is shown and checked alike, whoever asks in whatever way.
#[tokio::test]
async fn fields_are_the_same_through_every_door() {
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let acme = server.tenant(&desk, "acme").await;
    let client = server.client(&acme).await;
    server.refresh(&acme).await;
    let shown = server.shown(&acme, &client, UPDATE).await;
    let state = desk.state();
    let resolution = format!("resolution_{}", number(&state, "acme", "Resolution"));
    assert!(shown["properties"][&resolution].is_object(), "{shown}");

    let body = json!({ "name": "By search", "config": { "tool_exposure": "discovery" } });
    let path = format!("/integrated-account/{acme}/mcp");
    let made = server.post(&path, Some(body), StatusCode::CREATED).await;
    let finding = connect(&format!("{}/mcp/{}", server.base, made["token"].as_str().unwrap())).await;
    let found = ask(&finding, "get_tool_schema", json!({ "tool_names": [UPDATE] })).await;
    let schema = &found["result"][0]["input_schema"];
    assert_eq!(schema["properties"]["custom_fields"], shown, "{found}");

    let ticket = state["acme"]["tickets"].as_object().unwrap().keys().next().unwrap();
    let ticket: i64 = ticket.parse().unwrap();
    let way_out = "must be one of: Refunded, Exchanged, Sent again, Answered, No reply needed";
    let run = format!("/integrated-account/{acme}/tools/{UPDATE}");
    let proxied = format!("/proxy/tickets/{ticket}?integrated_account_id={acme}");
    for (value, wrong) in [("refunded", true), ("Sent again", false), ("Answered", false)] {
        let fields = json!({ "custom_fields": { &resolution: value } });
        let mut arguments = fields.clone();
        arguments["id"] = json!(ticket);
        let inner = json!({ "tool_name": UPDATE, "arguments": arguments });
        let asked = changes_asked(&desk);
        let told = [
            serde_json::to_value(call(&client, UPDATE, arguments.clone()).await).unwrap(),
            serde_json::to_value(call(&finding, "call_tool", inner).await).unwrap(),
            server.send(Method::POST, &run, Some(arguments)).await.2,
            server.send(Method::PATCH, &proxied, Some(fields)).await.2,
        ];
        for told in &told {
            assert_eq!(told.to_string().contains(way_out), wrong, "{told}");
        }
        let kept = &desk.state()["acme"]["tickets"][ticket.to_string()]["custom_fields"];
        let field = number(&state, "acme", "Resolution").to_string();
        if wrong {
            assert_eq!(changes_asked(&desk), asked, "nothing was sent");
        } else {
            assert_eq!(changes_asked(&desk), asked + told.len());
            assert_eq!(kept[&field]["value"], value, "{kept}");
        }
    }
}

/// The numbered states of an account's fields, and what differs from one to the next.
#[tokio::test]
async fn changes_of_fields_are_told() {
    let desk = Desk::start("gorgias").await;
    let server = Server::start().await;
    let acme = server.tenant(&desk, "acme").await;
    let client = server.client(&acme).await;
    let first = server.refresh(&acme).await;
    assert_eq!(
        (&first["number"], &first["changes"]),
        (&json!(1), &json!([])),
        "{first}"
    );
    let resolution = number(&desk.state(), "acme", "Resolution");
    let change = json!({ "id": resolution, "definition": {
        "data_type": "text",
        "input_settings": { "input_type": "dropdown", "choices": ["Refunded", "Exchanged", "Answered", "Lost"] },
    } });
    ask(&client, "update_a_gorgias_custom_field_by_id", change).await;
    let second = server.refresh(&acme).await;
    let told = format!(
        "ticket_fields: `resolution_{resolution}` (Resolution) has changed: new choices: Lost; choices gone: Sent again, \
         No reply needed"
    );
    assert_eq!(
        (&second["number"], &second["changes"]),
        (&json!(2), &json!([told])),
        "{second}"
    );
    let path = format!("/integrated-account/{acme}/fields");
    let (_, _, newest) = server.send(Method::GET, &path, None).await;
    assert_eq!((&newest["number"], &newest["changes"]), (&json!(2), &json!([told])));
    let (_, _, kept) = server.send(Method::GET, &format!("{path}?number=1"), None).await;
    assert_eq!((&kept["number"], &kept["slots"]), (&json!(1), &first["slots"]));
}

// ---- limits ------------------------------------------------------------------------------------

#[tokio::test]
async fn a_full_bucket_is_told_by_both_doors_and_nothing_is_repeated() {
    let gorgias = RawServer::start(|_, _| {
        Reply::json(429, r#"{"error":{"msg":"Too many requests"}}"#)
            .header("X-Gorgias-Account-Api-Call-Limit", "40/40")
            .header("Retry-after", "12")
    })
    .await;
    let server = Server::start().await;
    let base_url = format!("http://{}", gorgias.host());
    let account = server
        .account("acme", "agent@acme.example", "0123456789abcdef", &base_url)
        .await;
    let client = server.client(&account).await;
    assert!(gorgias.take().is_empty(), "connecting asks nothing");
    let limit = json!({ "limit": 40, "remaining": 0, "reset": 12 });
    for (tool, arguments, method) in [
        (READ, json!({ "id": 5 }), "GET"),
        (UPDATE, json!({ "id": 5, "status": "closed" }), "PUT"),
    ] {
        let once = || {
            let seen = gorgias.take();
            assert_eq!(seen.len(), 1, "{tool}: {seen:?}");
            assert_eq!(
                (&*seen[0].method, seen[0].path_and_query().0),
                (method, "/api/tickets/5")
            );
        };
        let path = format!("/integrated-account/{account}/tools/{tool}");
        let (status, headers, told) = server.send(Method::POST, &path, Some(arguments.clone())).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{told}");
        for (name, value) in [
            ("ratelimit-limit", "40"),
            ("ratelimit-remaining", "0"),
            ("ratelimit-reset", "12"),
            ("retry-after", "12"),
        ] {
            assert_eq!(
                headers.get(name).map(|found| found.to_str().unwrap()),
                Some(value),
                "{name}"
            );
        }
        once();
        let result = call(&client, tool, arguments).await;
        assert_eq!(result.is_error, Some(true));
        let result = serde_json::to_value(&result).unwrap();
        assert_eq!(result["_meta"]["deskhand/ratelimit"], limit);
        once();
        let error = &result["structuredContent"]["error"];
        for error in [error, &told] {
            assert_eq!(
                (
                    &error["code"],
                    &error["origin"],
                    &error["retry_after"],
                    &error["ratelimit"]
                ),
                (&json!("rate_limited"), &json!("upstream"), &json!(12), &limit),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_left_of_the_bucket_is_told_by_both_doors() {
    let gorgias = RawServer::start(|number, _| {
        let used = format!("{}/40", 31 + number);
        Reply::json(200, r#"{"id":5,"status":"open"}"#).header("X-Gorgias-Account-Api-Call-Limit", &used)
    })
    .await;
    let server = Server::start().await;
    let base_url = format!("http://{}", gorgias.host());
    let account = server
        .account("acme", "agent@acme.example", "0123456789abcdef", &base_url)
        .await;
    let client = server.client(&account).await;
    let path = format!("/integrated-account/{account}/tools/{READ}");
    let (status, headers, told) = server.send(Method::POST, &path, Some(json!({ "id": 5 }))).await;
    assert_eq!((status, &told["id"]), (StatusCode::OK, &json!(5)));
    assert_eq!(
        (&headers["ratelimit-limit"], &headers["ratelimit-remaining"]),
        (&"40".parse().unwrap(), &"9".parse().unwrap())
    );
    assert_eq!(headers.get("ratelimit-reset"), None, "it is not told");
    let result = serde_json::to_value(call(&client, READ, json!({ "id": 5 })).await).unwrap();
    assert_eq!(
        result["_meta"]["deskhand/ratelimit"],
        json!({ "limit": 40, "remaining": 8 })
    );
    assert_eq!(gorgias.take().len(), 2);
}
