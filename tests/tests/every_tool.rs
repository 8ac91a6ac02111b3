//! Every tool of a helpdesk, played against its simulator.
//!
//! Description and simulator were written apart, from the same facts: what one asks for and the other refuses is a mistake
//! in one of them. The calls stand in `tests/calls/<slug>.json`: `tool`, `arguments`, `id` for later calls to refer to the
//! answer by, and `account` for the kind of credentials where the usual ones are not let in. `${id.path}` stands for a part
//! of an earlier answer, `${now.path}` for one of the simulator's records; of an address, `path` stands for the decoded
//! parts of its path.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use deskhand_simulator::Options;
use deskhand_tests::desk::{Client, Desk, call, changes, run, stdio};
use deskhand_tests::tools::Declared;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::Url;

/// The parts of an address's path.
fn path(address: &str) -> Option<Value> {
    let address = Url::parse(address).ok()?;
    let parts = address.path_segments()?;
    let decoded = parts.map(|part| percent_decode_str(part).decode_utf8().ok().map(Value::from));
    decoded.collect::<Option<Vec<_>>>().map(Value::Array)
}

/// A part of a value: a member by its name, an item by its position, the path of an address.
fn part<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    if let ("path", Some(address)) = (name, value.as_str()) {
        return path(address).map(Cow::Owned);
    }
    let index = name.parse::<usize>().ok();
    match (value, index) {
        (Cow::Borrowed(Value::Array(items)), Some(index)) => items.get(index).map(Cow::Borrowed),
        (Cow::Borrowed(value), _) => value.get(name).map(Cow::Borrowed),
        (Cow::Owned(value), Some(index)) => value.get(index).cloned().map(Cow::Owned),
        (Cow::Owned(_), None) => None,
    }
}

/// A part of what is known: names and positions, separated by dots.
fn look_up(known: &Map<String, Value>, reference: &str) -> Result<Value, String> {
    let (first, rest) = reference.split_once('.').unwrap_or((reference, ""));
    let mut names = rest.split('.').filter(|name| !name.is_empty());
    let found = known.get(first).map(Cow::Borrowed);
    let found = found.and_then(|found| names.try_fold(found, part));
    let found = found.ok_or_else(|| format!("{reference} is not known"))?;
    Ok(found.into_owned())
}

/// Puts what references stand for in their place, the innermost first. A reference that stands alone keeps its type.
fn fill(value: &Value, known: &Map<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => {
            let mut text = text.clone();
            while let Some(start) = text.rfind("${") {
                let end = start + text[start..].find('}').ok_or_else(|| format!("{text} has no end"))?;
                let found = look_up(known, &text[start + 2..end])?;
                if (start, end + 1) == (0, text.len()) {
                    return Ok(found);
                }
                let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
                text.replace_range(start..=end, &found);
            }
            Value::String(text)
        }
        Value::Array(items) => items.iter().map(|item| fill(item, known)).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value, known)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

#[test]
fn references_are_filled_in() {
    let Value::Object(known) = json!({
        "a": { "b": ["x", 7] },
        "deep": { "x": { "y": true } },
        "file": { "url": "https://example.com/files/7-a%20%28b%29%2F.txt?c=d" },
    }) else {
        unreachable!()
    };
    let filled = fill(
        &json!(["${a.b.1}", "no ${a.b.0}", "${deep.${a.b.0}.y}", "${file.url.path.1}", { "c": "$" }]),
        &known,
    );
    assert_eq!(filled, Ok(json!([7, "no x", true, "7-a (b)/.txt", { "c": "$" }])));
    assert!(fill(&json!("${a.c}"), &known).is_err());
    assert!(fill(&json!("${a.b"), &known).is_err());
}

/// An answer as the vendor may give it tomorrow: members that are null, words that nobody has heard of, members that were not
/// there. What the server adds stays as it is.
fn drifted(answer: &Value) -> [Value; 3] {
    fn each(value: &Value, leaf: &dyn Fn(&Value) -> Value, more: bool) -> Value {
        match value {
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| (name.clone(), each(value, leaf, more)));
                let further = more.then(|| ("unheard_of".to_owned(), json!({ "deep": [1] })));
                Value::Object(members.chain(further).collect())
            }
            Value::Array(items) => items.iter().map(|item| each(item, leaf, more)).collect(),
            value => leaf(value),
        }
    }
    let unheard_of = |value: &Value| match value {
        Value::String(_) => json!("unheard_of"),
        other => other.clone(),
    };
    [
        each(answer, &|_| Value::Null, false),
        each(answer, &unheard_of, false),
        each(answer, &Value::clone, true),
    ]
    .map(|mut drifted| {
        for name in ["result_count", "next_cursor", "ok", "exists"] {
            if let (Some(member), Some(own)) = (drifted.get_mut(name), answer.get(name)) {
                member.clone_from(own);
            }
        }
        drifted
    })
}

/// What plays the calls of one helpdesk.
struct Play {
    desk: Desk,
    /// By kind of credentials.
    clients: BTreeMap<&'static str, Client>,
    tools: Declared,
    /// What each tool is told to be on the command line.
    told: BTreeMap<String, Value>,
    /// What calls may refer to.
    known: Map<String, Value>,
    /// Members of answers that no schema speaks of.
    unspoken: BTreeSet<String>,
}

impl Play {
    /// `accesses`: the kinds of credentials, the usual one first.
    async fn start(slug: &'static str, accesses: &[&'static str]) -> Self {
        let options = Options {
            plan: "unlimited".to_owned(),
            // As few as the sample can have.
            conversations: 1,
            tickets: Some(1),
            ..Options::default()
        };
        let desk = Desk::with(slug, options).await;
        let mut clients = BTreeMap::new();
        for access in accesses {
            clients.insert(*access, stdio(slug, &desk.account_with(access)).await.0);
        }
        let tools = Declared::of(&clients[accesses[0]]).await;
        let told = run(&["tools", slug, "--format", "json"], &[], "");
        let told: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap();
        let told = told.into_iter();
        let known = Map::from_iter([("now".to_owned(), desk.state())]);
        Self {
            desk,
            clients,
            tools,
            told: told
                .map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool))
                .collect(),
            known,
            unspoken: BTreeSet::new(),
        }
    }

    /// A call that has to succeed; gives what is wrong about it.
    async fn succeed(&mut self, step: &Value, tool: &str, access: &str) -> Result<(), String> {
        let arguments = fill(&step["arguments"], &self.known)?;
        self.desk.control().clear();
        let result = call(&self.clients[access], tool, arguments).await;
        let answer = result.structured_content.unwrap_or_default();
        if result.is_error == Some(true) {
            return Err(answer["error"].to_string());
        }
        let before = self.known.insert("now".to_owned(), self.desk.state());
        if let Some(id) = step["id"].as_str() {
            self.known.insert(id.to_owned(), answer.clone());
        }
        let requests = self.desk.control().requests();
        let method = &self.told[tool]["http_method"];
        if requests.len() != 1 || requests[0].method != method.as_str().unwrap_or_default() {
            return Err(format!("{} requests were sent, not one {method}", requests.len()));
        }
        self.tools.fits(tool, &answer)?;
        for drifted in drifted(&answer) {
            self.tools.fits(tool, &drifted)?;
        }
        self.tools.unspoken(tool, &answer, &mut self.unspoken);
        if answer["exists"] == false || answer["result_count"] == 0 {
            return Err("there is nothing, which shows nothing".to_owned());
        }
        let changed = changes(&before.unwrap_or_default(), &self.known["now"]);
        // What was asked for and happens elsewhere is no change of a record.
        let mut records = changed.keys().filter(|place| !place.contains("/requests/"));
        match self.told[tool]["effect"].as_str() {
            Some("read") if records.any(|place| !place.ends_with("/now")) => {
                return Err(format!("it reads, and changed {changed:?}"));
            }
            Some("write" | "destructive") if changed.keys().all(|place| place.ends_with("/now")) => {
                return Err("it writes, and left no trace".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// A call that has to be refused for want of access, and say what kind of access that is.
    async fn refused(&self, step: &Value, tool: &str, access: &str, wanted: &str) -> Result<(), String> {
        let arguments = fill(&step["arguments"], &self.known)?;
        let result = call(&self.clients[access], tool, arguments).await;
        let error = &result.structured_content.unwrap_or_default()["error"];
        let hint = error["hint"].as_str().unwrap_or_default();
        if (&error["code"], &error["status"]) != (&json!("forbidden"), &json!(403)) || !hint.contains(wanted) {
            return Err(format!("who has {access} access is let in: {error}"));
        }
        Ok(())
    }
}

/// Who plays a call.
struct Cast<'a> {
    /// The kind of credentials it succeeds with.
    player: &'a str,
    /// A kind that has to be refused, and a word of the hint it gets.
    refused: Option<(&'static str, &'static str)>,
    /// What the tool's description says wrongly of access.
    wrong: Option<String>,
}

/// Plays all calls of a helpdesk; `cast` tells who plays a step, by the tool's description.
async fn agree(
    slug: &'static str,
    calls: &str,
    accesses: &[&'static str],
    cast: impl for<'a> Fn(&'a Value, &str) -> Cast<'a>,
) {
    let steps: Vec<Value> = serde_json::from_str(calls).unwrap();
    let mut play = Play::start(slug, accesses).await;
    let mut problems = Vec::new();
    for step in &steps {
        let tool = step["tool"].as_str().expect("a call names its tool");
        // Who reads the description knows beforehand.
        let cast = cast(step, play.told[tool]["description"].as_str().unwrap());
        let mut found = vec![cast.wrong.map_or(Ok(()), Err)];
        if let Some((access, wanted)) = cast.refused {
            found.push(play.refused(step, tool, access, wanted).await);
        }
        found.push(play.succeed(step, tool, cast.player).await);
        let found = found.into_iter().filter_map(Result::err);
        problems.extend(found.map(|problem| format!("{tool} {}: {problem}", step["arguments"])));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(play.unspoken.is_empty(), "not described: {:#?}", play.unspoken);
    let played: BTreeSet<&str> = steps.iter().map(|step| step["tool"].as_str().unwrap()).collect();
    assert_eq!(played, play.tools.names(), "none is left out");
}

#[tokio::test]
async fn crisp_and_its_simulator_agree() {
    let calls = include_str!("../calls/crisp.json");
    agree("crisp", calls, &["website", "user", "plugin"], |step, description| {
        let player = step["account"].as_str().unwrap_or("website");
        let mut tiers = ["user", "plugin"].into_iter();
        let wrong = tiers.find(|tier| description.contains(&format!("{tier} tier")) != (player == *tier));
        Cast {
            player,
            refused: (player != "website").then_some(("website", "tier")),
            wrong: wrong.map(|tier| format!("the description is wrong about the {tier} tier")),
        }
    })
    .await;
}

/// An app that may read plays what its scopes are said to allow, and nothing else.
#[tokio::test]
async fn gorgias_and_its_simulator_agree() {
    let calls = include_str!("../calls/gorgias.json");
    agree("gorgias", calls, &["api_key", "oauth_reader"], |step, description| {
        let writes = description.contains(":write");
        let player = if writes { "api_key" } else { "oauth_reader" };
        Cast {
            player: step["account"].as_str().unwrap_or(player),
            refused: writes.then_some(("oauth_reader", "scope")),
            wrong: None,
        }
    })
    .await;
}
