//! What a client is told of tools, and whether answers keep to it.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::desk::Client;

/// What the tools that a client sees declare.
pub struct Declared {
    /// As they are listed.
    pub listed: Vec<Value>,
    /// Checks of answers, by tool.
    validators: BTreeMap<String, Validator>,
}

/// The tools that a client sees, as they are listed.
///
/// # Panics
/// They are not listed.
pub async fn listed(client: &Client) -> Vec<Value> {
    let tools = client.list_all_tools().await.expect("the tools are listed");
    let tools = tools.iter().map(serde_json::to_value);
    tools.collect::<Result<_, _>>().expect("tools are JSON")
}

fn name(tool: &Value) -> &str {
    tool["name"].as_str().expect("a tool has a name")
}

impl Declared {
    /// Those of this client.
    ///
    /// # Panics
    /// They are not listed, or an output schema is none.
    pub async fn of(client: &Client) -> Self {
        let listed = listed(client).await;
        let validator = |schema: &Value| {
            jsonschema::meta::validate(schema).expect("the output schema is one");
            assert_eq!(schema["type"], "object");
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            let built = options.should_validate_formats(true).build(schema);
            built.expect("the output schema can be used")
        };
        let validators = listed.iter();
        Self {
            validators: validators
                .map(|tool| (name(tool).to_owned(), validator(&tool["outputSchema"])))
                .collect(),
            listed,
        }
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.listed.iter().map(name).collect()
    }

    /// Whether an answer is as the tool declares.
    ///
    /// # Errors
    /// All places where it is not.
    pub fn fits(&self, tool: &str, answer: &Value) -> Result<(), String> {
        let problems: Vec<String> = self.validators[tool]
            .iter_errors(answer)
            .map(|error| format!("{tool}: {}: {error}", error.instance_path()))
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(problems.join("\n"))
    }

    /// The members of an answer that the tool does not speak of.
    ///
    /// # Panics
    /// There is no such tool.
    pub fn unspoken(&self, tool: &str, answer: &Value, found: &mut BTreeSet<String>) {
        let known = self.listed.iter().find(|known| known["name"] == tool);
        unspoken(answer, &known.expect("the tool is listed")["outputSchema"], tool, found);
    }
}

fn unspoken(answer: &Value, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    match answer {
        Value::Object(members) => {
            let Some(known) = schema["properties"].as_object() else {
                return;
            };
            for (name, value) in members {
                match known.get(name) {
                    Some(inner) => unspoken(value, inner, &format!("{at}/{name}"), found),
                    None => drop(found.insert(format!("{at}/{name}"))),
                }
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| unspoken(item, &schema["items"], &format!("{at}/*"), found)),
        _ => {}
    }
}
