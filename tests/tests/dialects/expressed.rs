//! What a client writes by a lowered schema comes out as the call it means.
//!
//! Every case of `tests/wire/` is written as each dialect asks for it, validated against the lowered schema, and sent: the
//! request must be the one that stands there. And values made at random by the full schema fit the lowered one.

use deskhand_runtime::Integration;
use deskhand_runtime::dialect::{Dialect, raise};
use deskhand_runtime::schema::{SchemaOptions, input_schema};
use deskhand_tests::cases::{self, Case};
use deskhand_tests::server::RawServer;
use deskhand_tests::{connection, tool};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use crate::{Described, all};

/// Those whose schemas differ, and what they ask for: whether all properties are given, whether objects without named
/// members are admitted.
const DIFFERING: [(Dialect, bool, bool); 3] = [
    (Dialect::OpenAiStrict, true, false),
    (Dialect::Gemini, false, false),
    (Dialect::Cursor, false, true),
];

/// A value as a dialect asks for it; `None` when it has no words for it, which is so for `null` as a value of a member that
/// may be left out, and for members without a name.
fn express(schema: &Value, value: &Value, closed: bool, free: bool) -> Option<Value> {
    let properties = schema["properties"]
        .as_object()
        .filter(|properties| !properties.is_empty());
    match (schema["type"].as_str(), value) {
        (None, Value::String(text)) if schema["anyOf"].is_null() => {
            // Text that looks like JSON is taken for JSON.
            serde_json::from_str::<Value>(text).is_err().then(|| value.clone())
        }
        (None, value) if schema["anyOf"].is_null() => Some(value.to_string().into()),
        (Some("object"), Value::Object(given)) => match properties {
            Some(properties) => {
                let given = given.iter().map(|(name, value)| {
                    let needed = schema["required"]
                        .as_array()
                        .is_some_and(|names| names.contains(&json!(name)));
                    let schema = properties.get(name);
                    match schema {
                        Some(_) if value.is_null() && closed && !needed => None,
                        Some(schema) => Some((name.clone(), express(schema, value, closed, free)?)),
                        None if closed => None,
                        None => Some((name.clone(), value.clone())),
                    }
                });
                let mut written = given.collect::<Option<Map<_, _>>>()?;
                for name in properties.keys().filter(|_| closed) {
                    written.entry(name.clone()).or_insert(Value::Null);
                }
                Some(Value::Object(written))
            }
            None if free => Some(value.clone()),
            None => Some(value.to_string().into()),
        },
        (Some("array"), Value::Array(items)) => {
            let items = items.iter().map(|item| express(&schema["items"], item, closed, free));
            items.collect::<Option<Vec<_>>>().map(Value::Array)
        }
        _ => Some(value.clone()),
    }
}

/// A tool's arguments. What is emptied by `null` is named in `clear` where `null` has another meaning.
fn express_call(tool: &Described, arguments: &Value, closed: bool, free: bool) -> Option<Value> {
    let mut arguments = arguments.as_object()?.clone();
    if tool.schema["properties"].as_object().is_some_and(Map::is_empty) {
        return Some(Value::Object(arguments));
    }
    let clearable = &tool.schema["properties"]["clear"]["items"]["enum"];
    if closed {
        let emptied: Vec<Value> = clearable
            .as_array()
            .into_iter()
            .flatten()
            .filter(|name| arguments.get(name.as_str().unwrap_or_default()) == Some(&Value::Null))
            .cloned()
            .collect();
        for name in &emptied {
            arguments.shift_remove(name.as_str().unwrap_or_default());
        }
        if !emptied.is_empty() {
            let clear = arguments.entry("clear").or_insert_with(|| json!([]));
            clear.as_array_mut()?.extend(emptied);
        }
    }
    express(
        &Value::Object(tool.schema.clone()),
        &Value::Object(arguments),
        closed,
        free,
    )
}

fn validator(schema: &Map<String, Value>) -> jsonschema::Validator {
    jsonschema::draft202012::new(&Value::Object(schema.clone())).unwrap()
}

async fn sent(integration: &'static Integration, case: &'static Case, arguments: Map<String, Value>) -> Vec<String> {
    let own = integration.headers.iter().find(|(name, _)| *name == "Accept");
    let accept = own.map_or("*/*", |(_, value)| *value);
    let server = RawServer::start(|_, _| case.reply.clone()).await;
    let outcome = tool(
        &connection(integration, &server.host()),
        &case.tool,
        Value::Object(arguments),
    )
    .await;
    match server.take().as_slice() {
        [seen] => cases::differences(seen, &case.request, &server.host(), accept),
        _ => vec![format!("not one request: {:#}", outcome.into_structured())],
    }
}

#[tokio::test]
async fn calls_mean_the_same_in_every_dialect() {
    let (mut wrong, mut played, mut wordless, mut unusual) = (Vec::new(), 0, 0, 0);
    for integration in deskhand_integrations::INTEGRATIONS {
        let cases: &'static [Case] = cases::read(integration.slug).leak();
        // The account knows its variables, so that no call has to give them.
        let options = SchemaOptions {
            variables_present: integration
                .variables
                .iter()
                .map(|variable| variable.name.to_owned())
                .collect(),
            ..SchemaOptions::default()
        };
        let of_it = all().filter(|tool| std::ptr::eq(tool.integration, *integration));
        let tools: Vec<Described> = of_it
            .map(|tool| Described {
                schema: input_schema(tool.operation, &options),
                ..tool
            })
            .collect();
        for case in cases {
            let Some(described) = tools.iter().find(|tool| tool.tool.name == case.tool) else {
                continue;
            };
            // The vendor's own names, and JSON in text, are taken too; no schema speaks of them.
            if !validator(&described.schema).is_valid(&case.arguments) {
                unusual += 1;
                continue;
            }
            for (dialect, closed, free) in DIFFERING {
                let Some(arguments) = express_call(described, &case.arguments, closed, free) else {
                    wordless += 1;
                    continue;
                };
                played += 1;
                let name = format!("{}, {}, {}", case.operation, case.name, dialect.word());
                let lowered = described.lowered(dialect).schema;
                let faults: Vec<String> = validator(&lowered)
                    .iter_errors(&arguments)
                    .map(|error| format!("{name}: {}: {error}", error.instance_path()))
                    .collect();
                wrong.extend(faults);
                let table = (described.operation.input)();
                let raised = raise(table, arguments.as_object().unwrap().clone(), dialect);
                let differences = sent(integration, case, raised).await;
                wrong.extend(differences.iter().map(|difference| format!("{name}: {difference}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    // Most cases are of the usual kind, and most have words in every dialect.
    assert!(
        played > 4 * wordless && played > 4 * unusual,
        "{played} played, {wordless} without words, {unusual} unusual"
    );
}

/// Values that a schema of a tool admits.
fn admitted(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(words) = schema["enum"].as_array() {
        return proptest::sample::select(words.clone()).boxed();
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let choices: Vec<_> = choices.iter().map(admitted).collect();
        return proptest::strategy::Union::new(choices).boxed();
    }
    let bound = |name: &str| schema[name].as_i64();
    let size = |least: &str, most: &str, usual: i64| {
        let least = bound(least).unwrap_or(0);
        let most = bound(most).unwrap_or(least + usual).min(least + usual);
        usize::try_from(least).unwrap()..=usize::try_from(most).unwrap()
    };
    match schema["type"].as_str() {
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer" | "number") => {
            let least = bound("minimum").unwrap_or(-1_000_000);
            let most = bound("maximum").unwrap_or(1_000_000_000).max(least);
            (least..=most).prop_map(Value::from).boxed()
        }
        Some("string") => {
            let size = size("minLength", "maxLength", 12);
            vec(proptest::char::any(), size)
                .prop_map(|text| text.into_iter().collect::<String>().into())
                .boxed()
        }
        Some("array") => vec(admitted(&schema["items"]), size("minItems", "maxItems", 3))
            .prop_map(Value::from)
            .boxed(),
        Some("object") if schema["properties"] == json!({}) => Just(json!({})).boxed(),
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let properties = schema["properties"].as_object().into_iter().flatten();
            let members: Vec<_> = properties
                .map(|(name, schema)| {
                    let (name, needed) = (name.clone(), required.contains(&json!(name)));
                    let given = if needed {
                        Just(true).boxed()
                    } else {
                        any::<bool>().boxed()
                    };
                    (given, admitted(schema)).prop_map(move |(given, value)| given.then(|| (name.clone(), value)))
                })
                .collect();
            if members.is_empty() {
                let values = match &schema["additionalProperties"] {
                    Value::Object(_) => admitted(&schema["additionalProperties"]),
                    _ => anything(),
                };
                let members = proptest::collection::btree_map("[a-z_]{1,8}", values, 0..3);
                return members
                    .prop_map(|members| Value::Object(members.into_iter().collect()))
                    .boxed();
            }
            members
                .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
                .boxed()
        }
        _ => anything(),
    }
}

fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z ]{1,12} x".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Whether a value is what was meant: the same, or JSON text of it.
fn means(raised: &Value, meant: &Value) -> bool {
    match (raised, meant) {
        (Value::Object(raised), Value::Object(meant)) => {
            raised.len() == meant.len()
                && meant
                    .iter()
                    .all(|(name, meant)| raised.get(name).is_some_and(|raised| means(raised, meant)))
        }
        (Value::Array(raised), Value::Array(meant)) => {
            raised.len() == meant.len() && raised.iter().zip(meant).all(|(raised, meant)| means(raised, meant))
        }
        (Value::String(text), meant) if !meant.is_string() => {
            serde_json::from_str::<Value>(text).is_ok_and(|parsed| parsed == *meant)
        }
        (raised, meant) => raised == meant,
    }
}

#[test]
fn what_the_full_schema_admits_the_lowered_one_admits() {
    for tool in all() {
        let full = Value::Object(tool.schema.clone());
        let check = validator(&tool.schema);
        let config = Config {
            cases: 12,
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&admitted(&full), |arguments| {
            prop_assert!(check.is_valid(&arguments), "{arguments}");
            for (dialect, closed, free) in DIFFERING {
                let Some(written) = express_call(&tool, &arguments, closed, free) else {
                    continue;
                };
                let lowered = tool.lowered(dialect).schema;
                let faults: Vec<String> = validator(&lowered)
                    .iter_errors(&written)
                    .map(|fault| fault.to_string())
                    .collect();
                prop_assert!(faults.is_empty(), "{}: {faults:?} in {written}", dialect.word());
                let raised = raise((tool.operation.input)(), written.as_object().unwrap().clone(), dialect);
                prop_assert!(
                    means(&Value::Object(raised.clone()), &arguments),
                    "{}: {arguments} became {}",
                    dialect.word(),
                    Value::Object(raised)
                );
            }
            Ok(())
        });
        assert!(result.is_ok(), "{}: {}", tool.tool.name, result.unwrap_err());
    }
}
