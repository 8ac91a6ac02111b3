//! What every client does at every helpdesk, and what has to come of it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::Integration;
use deskhand_simulator::{Fault, Trigger};
use deskhand_tests::desk::{Desk, Served, changes, eventually, http};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::driver::{Driver, Reply};
use crate::proxy::{Damage, Proxy, Sent};
use crate::roster::{Era, GivingUp, Roster};

/// Seconds that a throttled call is told to wait.
const PAUSE: u64 = 7;

/// The moments that are told of in the notes.
pub(crate) const MOMENTS: [&str; 6] = [
    "wrong value",
    "unknown argument",
    "unknown tool",
    "rate limit",
    "server gone in mid-session",
    "expired token",
];

/// The product, and what administers it.
pub(crate) struct Product {
    served: Served,
    api_token: String,
}

impl Product {
    pub(crate) async fn start() -> Self {
        let served = Served::of(&["demo", "--listen", "127.0.0.1:0"], &[]).await;
        let api_token = eventually("the API token is printed", || {
            let told = served.stdout.text();
            let (whole, _) = told.rsplit_once('\n').unwrap_or_default();
            let token = whole.lines().map(str::trim).find(|line| line.starts_with("dh_"));
            std::future::ready(token.map(str::to_owned))
        });
        let api_token = api_token.await;
        Self { served, api_token }
    }

    pub(crate) fn base(&self) -> &str {
        self.served.base()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = http()
            .request(method, format!("{}{path}", self.base()))
            .bearer_auth(&self.api_token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answered = request.send().await.unwrap();
        let status = answered.status();
        (status, answered.json().await.unwrap_or_default())
    }

    /// Connects an account at a simulated helpdesk; gives its id.
    pub(crate) async fn connect(&self, integration: &Integration, desk: &Desk) -> String {
        let is_variable = |name: &str| integration.variables.iter().any(|setting| setting.name == name);
        let (variables, credentials): (Map<_, _>, Map<_, _>) = desk
            .running
            .credentials()
            .into_iter()
            .map(|(name, value)| (name, Value::from(value)))
            .partition(|(name, _)| is_variable(name));
        let account = json!({
            "integration": integration.slug,
            "name": integration.title,
            "variables": variables,
            "credentials": credentials,
            "base_url": desk.running.base_url(),
        });
        let (status, made) = self.ask(Method::POST, "/integrated-account", Some(&account)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes an MCP server; gives its id and its path, token included.
    pub(crate) async fn open(&self, account: &str, more: Value) -> (String, String) {
        let mut server = json!({"name": "clients"});
        server
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let path = format!("/integrated-account/{account}/mcp");
        let (status, made) = self.ask(Method::POST, &path, Some(&server)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let token = made["token"].as_str().unwrap();
        (made["id"].as_str().unwrap().to_owned(), format!("/mcp/{token}"))
    }

    /// Has an MCP server offer the reading tools only.
    pub(crate) async fn narrow(&self, account: &str, server: &str) {
        let path = format!("/integrated-account/{account}/mcp/{server}");
        let reads = json!({"config": {"methods": ["read"]}});
        let (status, told) = self.ask(Method::PATCH, &path, Some(&reads)).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }

    async fn end(&self, account: &str, server: &str) {
        let path = format!("/integrated-account/{account}/mcp/{server}");
        let (status, _) = self.ask(Method::DELETE, &path, None).await;
        assert!(status.is_success(), "{status}");
    }

    /// The tools as the server lists them to a client that is known for nothing.
    pub(crate) async fn list(&self, path: &str) -> Vec<String> {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        let request = http().post(format!("{}{path}", self.base())).json(&message);
        let answered: Value = request.send().await.unwrap().json().await.unwrap();
        let tools = answered["result"]["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// What is asked of a helpdesk.
struct Cases(Value);

impl Cases {
    fn of(slug: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/cases");
        let text = std::fs::read_to_string(folder.join(format!("{slug}.json")));
        let text =
            text.unwrap_or_else(|error| panic!("tests/clients/cases/{slug}.json tells what clients ask: {error}"));
        Self(serde_json::from_str(&text).unwrap())
    }

    fn tool(&self, case: &str) -> &str {
        self.0[case]["tool"].as_str().unwrap()
    }

    fn key(&self, case: &str) -> &str {
        self.0[case]["key"].as_str().unwrap()
    }

    /// The arguments of a case: `${first.…}` stands for a member of the first record listed, `${mark}` for a text that is
    /// found nowhere else.
    fn arguments(&self, case: &str, first: &Value, mark: &str) -> Value {
        let filled = self.0[case]["arguments"].as_object().unwrap().iter();
        let filled = filled.map(|(name, value)| {
            let reference = value
                .as_str()
                .and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
            let value = match reference {
                Some("mark") => mark.into(),
                Some(other) => first[other.strip_prefix("first.").unwrap()].clone(),
                None => value.clone(),
            };
            (name.clone(), value)
        });
        Value::Object(filled.collect())
    }
}

/// What came of one client in one era.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What is wrong, by helpdesk; empty where nothing is.
    pub(crate) problems: BTreeMap<&'static str, Vec<String>>,
    /// What the client shows, by moment.
    pub(crate) shown: BTreeMap<&'static str, String>,
}

impl Outcome {
    /// That of a client that did not come to an end.
    pub(crate) fn stopped(why: &str) -> Self {
        let problems = INTEGRATIONS
            .iter()
            .map(|integration| (integration.slug, vec![format!("stopped: {why}")]));
        Self {
            problems: problems.collect(),
            shown: BTreeMap::new(),
        }
    }
}

/// One client in one era at one helpdesk.
struct Play<'a> {
    product: &'a Product,
    client: &'a Roster,
    era: Era,
    giving_up: GivingUp,
    driver: &'a mut Driver,
    proxy: Proxy,
    desk: Desk,
    cases: Cases,
    problems: Vec<String>,
    shown: &'a mut BTreeMap<&'static str, String>,
}

/// Keeps each mark from being used twice.
static MARKS: AtomicUsize = AtomicUsize::new(0);

/// A time that an MCP server ends at, and what has to be waited for once it has come.
#[derive(Clone, Copy)]
pub(crate) struct Expiry<'a> {
    /// Path of the MCP server, token included.
    pub(crate) path: &'a str,
    /// When it ends.
    pub(crate) at: Instant,
    /// A turn.
    pub(crate) turns: &'a Semaphore,
}

/// Plays one client in one era at all helpdesks; then what wants an MCP server that has expired.
pub(crate) async fn play(
    product: &Product,
    client: &Roster,
    way: (Era, GivingUp),
    damage: Option<Damage>,
    expiry: Option<Expiry<'_>>,
) -> Outcome {
    let mut turn = None;
    if let Some(expiry) = expiry {
        turn = Some(expiry.turns.acquire().await.unwrap());
    }
    let since = Instant::now();
    let starting = *client;
    let mut driver = tokio::task::spawn_blocking(move || Driver::start(&starting))
        .await
        .unwrap();
    let mut outcome = Outcome::default();
    for integration in INTEGRATIONS {
        let desk = Desk::start(integration.slug).await;
        let mut play = Play {
            product,
            client,
            era: way.0,
            giving_up: way.1,
            driver: &mut driver,
            proxy: Proxy::start(product.base(), damage).await,
            desk,
            cases: Cases::of(integration.slug),
            problems: Vec::new(),
            shown: &mut outcome.shown,
        };
        if let Err(problem) = play.all(integration).await {
            play.problems.push(problem);
        }
        outcome.problems.insert(integration.slug, play.problems);
    }
    let _ = writeln!(
        std::io::stderr(),
        "{}, {}: {:.1} s",
        client.name,
        way.0,
        since.elapsed().as_secs_f64()
    );
    if let Some(expiry) = expiry {
        drop(turn);
        tokio::time::sleep_until(expiry.at).await;
        let _turn = expiry.turns.acquire().await.unwrap();
        let told = expired(product, client, way.0, &mut driver, expiry.path, &mut outcome.shown).await;
        let problems: Vec<String> = told.into_iter().chain(left(product, way.0, driver).await).collect();
        for told in outcome.problems.values_mut() {
            told.extend(problems.iter().cloned());
        }
    }
    outcome
}

/// A client that opens an MCP server whose time is over is told so.
async fn expired(
    product: &Product,
    client: &Roster,
    era: Era,
    driver: &mut Driver,
    path: &str,
    shown: &mut BTreeMap<&'static str, String>,
) -> Option<String> {
    let proxy = Proxy::start(product.base(), None).await;
    let reply = driver.open(&format!("{}{path}", proxy.base), era).await;
    shown.insert("expired token", note(&reply, &proxy));
    let told = refusal(client.quiet.contains(&era), &reply, &proxy);
    told.err().map(|problem| format!("expired token: {problem}"))
}

/// A client whose process ends in mid-call has left the helpdesk, too.
async fn left(product: &Product, era: Era, mut driver: Driver) -> Option<String> {
    let integration = INTEGRATIONS[0];
    let desk = Desk::start(integration.slug).await;
    let account = product.connect(integration, &desk).await;
    let (_, path) = product.open(&account, json!({})).await;
    let proxy = Proxy::start(product.base(), None).await;
    let opened = driver.open(&format!("{}{path}", proxy.base), era).await;
    if !opened.is_ok() {
        return Some(format!("leaving: {}", note(&opened, &proxy)));
    }
    begin(&mut driver, &desk, &Cases::of(integration.slug)).await;
    driver.kill().await;
    abandoned(&desk).await;
    None
}

/// Whether a client that could not be opened says why.
fn refusal(quiet: bool, reply: &Reply, proxy: &Proxy) -> Result<(), String> {
    let Some(failed) = reply.failed() else {
        return Err(format!("it does not fail: {}", reply.0));
    };
    if failed.contains("no MCP server has this token") == quiet {
        return Err(note(reply, proxy));
    }
    Ok(())
}

/// A reply as it is noted: without addresses, and with the contract's error named, not repeated.
fn note(reply: &Reply, proxy: &Proxy) -> String {
    if let Some(why) = reply.impossible() {
        return format!("not possible: {why}");
    }
    let mut text = reply.shown().to_owned();
    if let Some((_, place)) = reply.contract_error() {
        text.replace_range(place, "‹the error›");
    }
    while let Some(start) = text.find(&proxy.base) {
        let end = text[start..]
            .find(|c: char| c.is_whitespace() || c == '"' || c == '\\')
            .map_or(text.len(), |at| start + at);
        text.replace_range(start..end, "‹address›");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match reply.failed() {
        Some(_) => format!("throws: {text}"),
        None => text,
    }
}

/// Begins a call that the helpdesk does not answer, and waits until it has come there.
async fn begin(driver: &mut Driver, desk: &Desk, cases: &Cases) {
    let control = desk.control();
    control.clear();
    control.inject(Fault::NoAnswer, Trigger::Next(1));
    let arguments = cases.arguments("pages", &Value::Null, "");
    driver.begin(cases.tool("pages"), &arguments).await;
    eventually("the call comes to the helpdesk", || {
        std::future::ready((!control.requests().is_empty()).then_some(()))
    })
    .await;
}

/// Waits until the helpdesk has seen that nobody waits for its answer any more.
async fn abandoned(desk: &Desk) {
    let control = desk.control();
    eventually("the helpdesk sees that nobody waits any more", || {
        std::future::ready((control.abandoned() == 1).then_some(()))
    })
    .await;
    control.clear_faults();
}

impl Play<'_> {
    /// Everything, in order. What makes going on pointless is an error.
    async fn all(&mut self, integration: &'static Integration) -> Result<(), String> {
        let account = self.product.connect(integration, &self.desk).await;
        let (server, path) = self.product.open(&account, json!({})).await;
        let url = format!("{}{path}", self.proxy.base);
        let opened = self.driver.open(&url, self.era).await;
        if !opened.is_ok() {
            return Err(format!("it cannot connect: {}", note(&opened, &self.proxy)));
        }
        self.list(&path).await?;
        let first = self.pages().await?;
        self.read(&first).await;
        self.write(&first).await;
        self.wrong().await;
        self.unknown().await;
        self.throttled().await;
        self.given_up(&url).await?;
        self.spoken();
        self.product.end(&account, &server).await;
        self.gone(&first).await;
        self.driver.close().await;
        Ok(())
    }

    fn check(&mut self, what: &str, good: bool, told: impl FnOnce() -> String) {
        if !good {
            self.problems.push(format!("{what}: {}", told()));
        }
    }

    /// The client gets all tools, in the server's order, with the server's schemas.
    async fn list(&mut self, path: &str) -> Result<(), String> {
        let reply = self.driver.ask(json!({"do": "list"})).await;
        let Some(tools) = reply.0["tools"].as_array() else {
            return Err(format!("list: {}", note(&reply, &self.proxy)));
        };
        let got: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
        let expected = self.product.list(path).await;
        self.check("list", got == expected, || {
            format!("{} tools of {}", got.len(), expected.len())
        });
        let told = self.proxy.listed().unwrap_or_default();
        let told = told.as_array().cloned().unwrap_or_default();
        for tool in &told {
            let name = &tool["name"];
            let same = tools.iter().find(|got| got["name"] == *name);
            let same = same.is_some_and(|got| keeps(&got["schema"], &tool["inputSchema"], self.client.leaves_out));
            self.check("list", same, || format!("{name} has lost some of its schema"));
        }
        Ok(())
    }

    /// Two pages follow each other. Gives the first record.
    async fn pages(&mut self) -> Result<Value, String> {
        let tool = self.cases.tool("pages").to_owned();
        let key = self.cases.key("pages").to_owned();
        let mut arguments = self.cases.arguments("pages", &Value::Null, "");
        let mut seen = Vec::new();
        let mut first = Value::Null;
        for page in 0..2 {
            let reply = self.driver.call(&tool, &arguments).await;
            let answer = reply.answer().map_err(|told| format!("page {page}: {told}"))?;
            let records = answer["result"].as_array().cloned().unwrap_or_default();
            if records.is_empty() || answer["result_count"] != records.len() {
                return Err(format!(
                    "page {page}: {} records are told as {}",
                    records.len(),
                    answer["result_count"]
                ));
            }
            if page == 0 {
                first = records[0].clone();
                let Some(cursor) = answer["next_cursor"].as_str() else {
                    return Err(format!("page {page}: no next_cursor"));
                };
                arguments["next_cursor"] = cursor.into();
            }
            for record in records {
                let id = record[&key].clone();
                let again = id.is_null() || seen.contains(&id);
                self.check("pages", !again, || format!("{id} stands on both pages"));
                seen.push(id);
            }
        }
        Ok(first)
    }

    async fn read(&mut self, first: &Value) {
        let arguments = self.cases.arguments("read", first, "");
        let key = self.cases.key("read").to_owned();
        let reply = self.driver.call(self.cases.tool("read"), &arguments).await;
        match reply.answer() {
            Ok(answer) => {
                let same = !first[&key].is_null() && answer[&key] == first[&key];
                self.check("read", same, || format!("another record than {}", first[&key]));
            }
            Err(told) => self.problems.push(format!("read: {told}")),
        }
    }

    /// What is written is at the helpdesk afterwards, once, and was not before.
    async fn write(&mut self, first: &Value) {
        let mark = format!("mark-{:06}", MARKS.fetch_add(1, Ordering::Relaxed));
        let arguments = self.cases.arguments("write", first, &mark);
        let before = self.desk.state();
        self.desk.control().clear();
        let reply = self.driver.call(self.cases.tool("write"), &arguments).await;
        if let Err(told) = reply.answer() {
            self.problems.push(format!("write: {told}"));
        }
        let changed = Value::Object(changes(&before, &self.desk.state())).to_string();
        self.check(
            "write",
            changed.contains(&mark) && !before.to_string().contains(&mark),
            || "it left no trace".to_owned(),
        );
        let writes = self.desk.control().requests();
        let writes = writes.iter().filter(|request| request.method != "GET").count();
        self.check("write", writes == 1, || format!("{writes} requests"));
    }

    /// Notes what is shown, and checks that it is the contract's error. Gives that.
    fn contract(&mut self, moment: &'static str, reply: &Reply, code: &str) -> Option<Value> {
        self.shown.insert(moment, note(reply, &self.proxy));
        let Some((error, _)) = reply.contract_error() else {
            let told = note(reply, &self.proxy);
            self.problems
                .push(format!("{moment}: not the contract's error: {told}"));
            return None;
        };
        let readable = error["message"].as_str().is_some_and(|message| message.len() > 10);
        self.check(moment, error["code"] == code && readable, || error.to_string());
        Some(error)
    }

    /// Either the server has refused it, and told so, or the client has, and nothing was sent.
    fn refused(&mut self, moment: &'static str, reply: &Reply, code: &str) -> Option<Value> {
        let sent = self.proxy.take_sent();
        if sent.iter().any(|sent| sent.method == "tools/call") {
            return self.contract(moment, reply, code);
        }
        self.shown.insert(moment, note(reply, &self.proxy));
        let refused = reply.failed().or(reply.impossible()).is_some();
        self.check(moment, refused, || "nothing was sent, and nothing refused".to_owned());
        None
    }

    async fn wrong(&mut self) {
        for (case, moment) in [("wrong", "wrong value"), ("misspelt", "unknown argument")] {
            self.desk.control().clear();
            self.spoken();
            let arguments = self.cases.arguments(case, &Value::Null, "");
            let reply = self.driver.call(self.cases.tool(case), &arguments).await;
            let error = match case {
                "wrong" => self.contract(moment, &reply, "invalid_arguments"),
                _ => self.refused(moment, &reply, "invalid_arguments"),
            };
            if let Some(error) = error {
                let named = error["arguments"][0]["argument"] == self.cases.0[case]["argument"];
                self.check(moment, named, || error.to_string());
            }
            let sent = self.desk.control().requests().len();
            self.check(moment, sent == 0, || "it was sent to the helpdesk".to_owned());
        }
    }

    async fn unknown(&mut self) {
        self.spoken();
        let reply = self.driver.call("no_such_tool", &json!({})).await;
        self.refused("unknown tool", &reply, "unknown_tool");
    }

    async fn throttled(&mut self) {
        self.desk.control().clear();
        let fault = Fault::RateLimited {
            retry_after: Some(PAUSE),
        };
        self.desk.control().inject(fault, Trigger::Next(1));
        let arguments = self.cases.arguments("pages", &Value::Null, "");
        let reply = self.driver.call(self.cases.tool("pages"), &arguments).await;
        if let Some(error) = self.contract("rate limit", &reply, "rate_limited") {
            let told = (&error["status"], &error["retry_after"], &error["origin"]);
            let right = told == (&json!(429), &json!(PAUSE), &json!("upstream"));
            self.check("rate limit", right, || error.to_string());
        }
        let sent = self.desk.control().requests().len();
        self.check("rate limit", sent == 1, || format!("{sent} requests"));
        self.desk.control().clear_faults();
    }

    /// A call that the client gives up is given up at the helpdesk.
    async fn given_up(&mut self, url: &str) -> Result<(), String> {
        begin(self.driver, &self.desk, &self.cases).await;
        let reply = self.driver.abort().await;
        let told = note(&reply, &self.proxy);
        self.check("giving up", reply.failed().is_some(), || told);
        if self.giving_up == GivingUp::WhenClosed {
            self.driver.close().await;
        }
        abandoned(&self.desk).await;
        if self.giving_up == GivingUp::WhenClosed {
            let opened = self.driver.open(url, self.era).await;
            if !opened.is_ok() {
                return Err(format!("it cannot connect again: {}", note(&opened, &self.proxy)));
            }
        }
        Ok(())
    }

    /// The client spoke in its era, and in no other.
    fn spoken(&mut self) {
        let sent = self.proxy.take_sent();
        let wrong: Vec<&Sent> = sent
            .iter()
            .filter(|sent| !sent.method.is_empty())
            .filter(|sent| match self.era {
                Era::Initialize => sent.version.as_deref().is_some_and(|version| version >= "2026"),
                Era::Stateless => sent.version.as_deref() != Some("2026-07-28") || sent.method == "initialize",
            })
            .collect();
        let told = wrong.first().map(|sent| format!("{sent:?}"));
        self.check("era", told.is_none(), || told.unwrap_or_default());
    }

    /// The MCP server has been deleted.
    async fn gone(&mut self, first: &Value) {
        let arguments = self.cases.arguments("read", first, "");
        let reply = self.driver.call(self.cases.tool("read"), &arguments).await;
        self.shown
            .insert("server gone in mid-session", note(&reply, &self.proxy));
        let told = note(&reply, &self.proxy);
        self.check("server gone", reply.answer().is_err(), || told);
    }
}

/// Whether a schema still says what it said, but for keywords that the client is known to leave out. Clients put some in; they
/// may not change one.
fn keeps(got: &Value, told: &Value, left_out: &[&str]) -> bool {
    match (got, told) {
        (Value::Object(got), Value::Object(told)) => told.iter().all(|(name, told)| match got.get(name) {
            Some(got) => keeps(got, told, left_out),
            None => left_out.contains(&name.as_str()),
        }),
        (got, told) => got == told,
    }
}
