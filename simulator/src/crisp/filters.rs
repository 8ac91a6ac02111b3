//! Filters: conditions on conversations and people, given as JSON.
//!
//! Guess: the models are `session` and `people`, and a criterion is a member of the record as answers show it, directly or
//! below `meta`, `person`, `company` or `data`; dots lead deeper. The vendor publishes samples only.

use serde_json::{Map, Value};

use crate::engine::Refusal;

const MODELS: &[&str] = &["session", "people"];
const OPERATORS: &[&str] = &["eq", "neq", "gte", "lte", "gt", "lt"];

/// A condition.
struct Filter {
    model: String,
    criterion: String,
    operator: String,
    query: Vec<Value>,
}

/// Conditions and how they are joined.
pub(super) struct Filters {
    all: Vec<Filter>,
    any: bool,
}

fn read_one(value: &Value) -> Result<Filter, Refusal> {
    let Value::Object(members) = value else {
        return Err(Refusal::bad("A filter must be an object"));
    };
    for name in members.keys() {
        if !["model", "criterion", "operator", "query"].contains(&name.as_str()) {
            return Err(Refusal::bad(format!("Unknown member of a filter: {name}")));
        }
    }
    let text = |name: &str| match members.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(Refusal::bad(format!("A filter needs {name}, a string"))),
    };
    let filter = Filter {
        model: text("model")?,
        criterion: text("criterion")?,
        operator: text("operator")?,
        query: match members.get("query") {
            Some(Value::Array(values)) => values.clone(),
            _ => return Err(Refusal::bad("A filter needs query, a list")),
        },
    };
    if !MODELS.contains(&filter.model.as_str()) {
        return Err(Refusal::bad(format!("There is no model {}", filter.model)));
    }
    if !OPERATORS.contains(&filter.operator.as_str()) {
        return Err(Refusal::bad(format!("There is no operator {}", filter.operator)));
    }
    Ok(filter)
}

impl Filters {
    /// Reads filters; `or` joins them otherwise than all of them must hold.
    pub(super) fn read(values: &[Value], operator: Option<&str>) -> Result<Self, Refusal> {
        Ok(Self {
            all: values.iter().map(read_one).collect::<Result<_, _>>()?,
            any: operator == Some("or"),
        })
    }

    /// Reads filters from the JSON text of a query parameter.
    pub(super) fn parse(text: &str, operator: Option<&str>) -> Result<Self, Refusal> {
        let values: Vec<Value> =
            serde_json::from_str(text).map_err(|_| Refusal::bad("The filters must be a JSON array"))?;
        Self::read(&values, operator)
    }

    /// Whether everything passes.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a record passes; `records` has a member for each model.
    pub(super) fn admit(&self, records: &Value) -> bool {
        let mut hits = self.all.iter().map(|filter| filter.admits(records));
        if self.any {
            self.all.is_empty() || hits.any(|hit| hit)
        } else {
            hits.all(|hit| hit)
        }
    }
}

impl Filter {
    fn admits(&self, records: &Value) -> bool {
        let values = records
            .get(&self.model)
            .map(|record| values_of(record, &self.criterion))
            .unwrap_or_default();
        let compared = |holds: fn(std::cmp::Ordering) -> bool| {
            values.iter().any(|value| {
                self.query
                    .iter()
                    .any(|wanted| compare(value, wanted).is_some_and(holds))
            })
        };
        match self.operator.as_str() {
            "eq" => compared(std::cmp::Ordering::is_eq),
            "neq" => !compared(std::cmp::Ordering::is_eq),
            "gte" => compared(std::cmp::Ordering::is_ge),
            "lte" => compared(std::cmp::Ordering::is_le),
            "gt" => compared(std::cmp::Ordering::is_gt),
            _ => compared(std::cmp::Ordering::is_lt),
        }
    }
}

/// The values a criterion names; a list counts as each of its items.
fn values_of<'a>(record: &'a Value, criterion: &str) -> Vec<&'a Value> {
    let direct = |place: &'a Value| {
        place
            .get(criterion)
            .or_else(|| criterion.split('.').try_fold(place, |place, name| place.get(name)))
    };
    let below = ["meta", "person", "company", "data"];
    let found = direct(record).or_else(|| below.iter().find_map(|name| record.get(name).and_then(direct)));
    match found {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(value) => vec![value],
    }
}

fn compare(value: &Value, wanted: &Value) -> Option<std::cmp::Ordering> {
    match (value, wanted) {
        (Value::Number(value), wanted) => {
            let wanted = wanted
                .as_f64()
                .or_else(|| wanted.as_str().and_then(|text| text.parse().ok()))?;
            value.as_f64()?.partial_cmp(&wanted)
        }
        (Value::String(value), Value::String(wanted)) => Some(value.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::Bool(value), Value::Bool(wanted)) => Some(value.cmp(wanted)),
        (Value::Bool(value), Value::String(wanted)) => Some(value.to_string().cmp(wanted)),
        _ => None,
    }
}

/// Copies members; an object into an object goes member by member.
pub(super) fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_hold_or_not() {
        let records = json!({"session": {"state": "pending", "meta": {"segments": ["VIP", "eu"], "data": {"seats": 12}}},
            "people": {"email": "a@b.example", "data": {"paying": true}}});
        let holds = |text: &str, operator| Filters::parse(text, operator).unwrap().admit(&records);
        assert!(holds(
            r#"[{"model":"session","criterion":"segments","operator":"eq","query":["vip"]}]"#,
            None
        ));
        assert!(holds(
            r#"[{"model":"session","criterion":"meta.data.seats","operator":"gt","query":[11]}]"#,
            None
        ));
        assert!(!holds(
            r#"[{"model":"session","criterion":"data.seats","operator":"lt","query":["12"]}]"#,
            None
        ));
        assert!(holds(
            r#"[{"model":"people","criterion":"paying","operator":"eq","query":["true"]}]"#,
            None
        ));
        assert!(holds(
            r#"[{"model":"people","criterion":"phone","operator":"neq","query":["1"]}]"#,
            None
        ));
        let two = r#"[{"model":"session","criterion":"state","operator":"eq","query":["resolved","pending"]},
            {"model":"people","criterion":"email","operator":"eq","query":["x"]}]"#;
        assert!(!holds(two, Some("and")));
        assert!(holds(two, Some("or")));
        for wrong in [
            "{}",
            "[1]",
            r#"[{"model":"session","criterion":"state","operator":"eq"}]"#,
            r#"[{"model":"ticket","criterion":"state","operator":"eq","query":[]}]"#,
            r#"[{"model":"session","criterion":"state","operator":"like","query":[]}]"#,
            r#"[{"model":"session","criterion":"state","operator":"eq","query":[],"more":1}]"#,
        ] {
            assert!(Filters::parse(wrong, None).is_err(), "{wrong}");
        }
    }
}
