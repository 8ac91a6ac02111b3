//! Whether a ticket matches a filter.

use serde_json::Value;

use super::super::records::{Account, Members, Ticket};
use super::super::time;
use super::{Filter, Function, Literal, span};

/// Whether a ticket of the account matches.
pub(in crate::gorgias) fn matches(account: &Account, ticket: &Ticket, filter: &Filter) -> bool {
    match filter {
        Filter::Everything => true,
        Filter::And(parts) => parts.iter().all(|part| matches(account, ticket, part)),
        Filter::Or(parts) => parts.iter().any(|part| matches(account, ticket, part)),
        Filter::Call(function, path, wanted) => {
            let values = values(account, ticket, path);
            holds(*function, &values, wanted, account.now)
        }
    }
}

/// What a ticket has at a path; nulls are nothing.
fn values(account: &Account, ticket: &Ticket, path: &str) -> Vec<Value> {
    let fields = &ticket.fields;
    let member = |name: &str| fields.some(name).cloned().into_iter().collect();
    match path.trim_start_matches("ticket.") {
        "assignee_user.id" => member("assignee_user_id"),
        "assignee_team.id" => member("assignee_team_id"),
        "customer.id" => member("customer_id"),
        "customer.email" => {
            let customer = fields.number("customer_id").and_then(|id| account.customers.find(id));
            customer
                .and_then(|customer| customer.some("email"))
                .cloned()
                .into_iter()
                .collect()
        }
        "tags.name" => {
            let tags = fields.numbers("tags");
            let tags = tags.iter().filter_map(|id| account.tags.find(*id));
            tags.filter_map(|tag| tag.get("name").cloned()).collect()
        }
        "messages.integration_id" => {
            let messages = ticket.messages.iter();
            messages
                .filter_map(|message| message.some("integration_id").cloned())
                .collect()
        }
        name => member(name),
    }
}

/// A value as something that has an order.
#[derive(PartialEq, PartialOrd)]
enum Ordered {
    Number(f64),
    Text(String),
}

fn ordered(value: &Value) -> Option<Ordered> {
    match value {
        Value::Number(number) => number.as_f64().map(Ordered::Number),
        Value::String(text) => Some(Ordered::Text(moment_or_text(text))),
        Value::Bool(flag) => Some(Ordered::Text(flag.to_string())),
        _ => None,
    }
}

/// Moments in one form, so that they compare.
fn moment_or_text(text: &str) -> String {
    time::parse(text).map_or_else(|| text.to_owned(), time::text)
}

fn wanted(literal: &Literal, like: &Ordered) -> Option<Ordered> {
    match (literal, like) {
        (Literal::Null, _) => None,
        (Literal::Bool(flag), _) => Some(Ordered::Text(flag.to_string())),
        (Literal::Number(number), Ordered::Number(_)) => Some(Ordered::Number(*number)),
        (Literal::Number(number), Ordered::Text(_)) => Some(Ordered::Text(number.to_string())),
        // Numbers are also written as texts, as the number of the user who asks is.
        (Literal::Text(text), Ordered::Number(_)) => text.parse().ok().map(Ordered::Number),
        (Literal::Text(text), Ordered::Text(_)) => Some(Ordered::Text(moment_or_text(text))),
    }
}

fn is(value: &Value, literal: &Literal) -> bool {
    ordered(value).is_some_and(|value| wanted(literal, &value).is_some_and(|wanted| wanted == value))
}

fn holds(function: Function, values: &[Value], literals: &[Literal], now: i64) -> bool {
    let first = literals.first();
    let compare = |test: fn(std::cmp::Ordering) -> bool| {
        values.iter().filter_map(ordered).any(|value| {
            let wanted = first.and_then(|literal| wanted(literal, &value));
            wanted.and_then(|wanted| value.partial_cmp(&wanted)).is_some_and(test)
        })
    };
    let has = |literal: &Literal| values.iter().any(|value| is(value, literal));
    let since = |test: fn(i64, i64) -> bool| {
        let long = match first {
            Some(Literal::Text(text)) => span(text),
            _ => None,
        };
        let border = long.map(|long| now.saturating_sub(long));
        let mut moments = values.iter().filter_map(Value::as_str).filter_map(time::parse);
        border.is_some_and(|border| moments.any(|moment| test(moment, border)))
    };
    match function {
        Function::Eq if first == Some(&Literal::Null) => values.is_empty(),
        Function::Neq if first == Some(&Literal::Null) => !values.is_empty(),
        Function::Eq => first.is_some_and(has),
        Function::Neq => !first.is_some_and(has),
        Function::Gt => compare(std::cmp::Ordering::is_gt),
        Function::Gte => compare(std::cmp::Ordering::is_ge),
        Function::Lt => compare(std::cmp::Ordering::is_lt),
        Function::Lte => compare(std::cmp::Ordering::is_le),
        Function::ContainsAny => literals.iter().any(has),
        Function::ContainsAll => literals.iter().all(has),
        Function::NotContains => !literals.iter().any(has),
        Function::IsEmpty => values.is_empty(),
        Function::IsNotEmpty => !values.is_empty(),
        Function::GteTimedelta => since(|moment, border| moment >= border),
        Function::LtTimedelta => since(|moment, border| moment < border),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_772_442_000 * time::SECOND;

    fn test(function: Function, values: &Value, literals: &[Literal]) -> bool {
        let values = values.as_array().cloned().unwrap_or_default();
        holds(function, &values, literals, NOW)
    }

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn values_are_compared() {
        assert!(test(Function::Eq, &json!(["open"]), &[text("open")]));
        assert!(!test(Function::Eq, &json!(["Open"]), &[text("open")]));
        assert!(
            test(Function::Eq, &json!([17]), &[text("17")]),
            "a user's number as text"
        );
        assert!(test(Function::Eq, &json!([true]), &[Literal::Bool(true)]));
        assert!(test(Function::Eq, &json!([]), &[Literal::Null]));
        assert!(test(Function::Neq, &json!([]), &[text("open")]));
        assert!(test(Function::Gt, &json!([3]), &[Literal::Number(2.0)]));
        assert!(!test(Function::Gt, &json!([2]), &[Literal::Number(2.0)]));
        let evening = text("2026-03-01T20:00:00+02:00");
        assert!(test(Function::Lte, &json!(["2026-03-01T18:00:00+00:00"]), &[evening]));
    }

    #[test]
    fn lists_are_looked_through() {
        let tags = json!(["vip", "refund"]);
        assert!(test(Function::ContainsAll, &tags, &[text("vip"), text("refund")]));
        assert!(!test(Function::ContainsAll, &tags, &[text("vip"), text("late")]));
        assert!(test(Function::ContainsAny, &tags, &[text("late"), text("vip")]));
        assert!(test(Function::NotContains, &tags, &[text("late")]));
        assert!(!test(Function::NotContains, &tags, &[text("vip")]));
        assert!(test(Function::IsEmpty, &json!([]), &[]) && test(Function::IsNotEmpty, &tags, &[]));
    }

    #[test]
    fn moments_are_set_against_now() {
        let hours_ago = |hours: i64| json!([time::text(NOW - hours * time::HOUR)]);
        assert!(test(Function::GteTimedelta, &hours_ago(23), &[text("1d")]));
        assert!(!test(Function::GteTimedelta, &hours_ago(25), &[text("1d")]));
        assert!(test(Function::LtTimedelta, &hours_ago(25), &[text("1d")]));
        assert!(!test(Function::LtTimedelta, &json!([]), &[text("1d")]));
    }
}
