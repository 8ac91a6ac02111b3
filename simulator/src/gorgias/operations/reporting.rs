//! Figures.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::{Key, Row, USUAL, page};
use super::super::records::{Account, Members, Object, Outcome, json_answer};
use super::super::time;
use super::reporting_rows::{Fact, SCOPES, Scope, Sum, facts};
use crate::engine::{Call, Refusal};

/// The longest period.
const LONGEST: i64 = 366 * time::DAY;
/// What filters may be about.
const MEMBERS: &[&str] = &[
    "periodStart",
    "periodEnd",
    "agentId",
    "channel",
    "integrationId",
    "storeId",
    "tagId",
    "tags",
    "customFields",
    "customFieldId",
    "slaPolicyUuid",
];

/// The old figures, which are not served any more.
pub(in crate::gorgias) fn gone(_: &mut Account, _: &Call, _: &Caller) -> Outcome {
    Err(Refusal::bad("This statistic is not available"))
}

fn texts<'a>(query: &'a Object, name: &str) -> Vec<&'a str> {
    query.items(name).iter().filter_map(Value::as_str).collect()
}

/// The first value of the filter of this member.
fn value<'a>(query: &'a Object, member: &str) -> Option<&'a Value> {
    let mut filters = query.items("filters").iter();
    filters.find(|filter| filter["member"] == member)?["values"].get(0)
}

fn bound(query: &Object, member: &str) -> Result<Option<i64>, Refusal> {
    let Some(value) = value(query, member) else {
        return Ok(None);
    };
    let parsed = value.as_str().and_then(time::parse);
    let wrong = || Refusal::at("query.filters", format!("{member} must be an ISO 8601 date and time"));
    parsed.map(Some).ok_or_else(wrong)
}

/// Refuses what a scope does not have.
fn check(scope: &Scope, query: &Object) -> Result<(), Refusal> {
    let refuse = |place: &str, text: String| Err(Refusal::at(format!("query.{place}"), text));
    for measure in texts(query, "measures") {
        if !scope.measures.iter().any(|(known, _)| *known == measure) {
            return refuse("measures", format!("{} has no measure `{measure}`", scope.name));
        }
    }
    for dimension in texts(query, "dimensions") {
        if !scope.dimensions.contains(&dimension) {
            return refuse("dimensions", format!("{} has no dimension `{dimension}`", scope.name));
        }
    }
    for dimension in query.items("time_dimensions") {
        if dimension["dimension"] != scope.time {
            return refuse(
                "time_dimensions",
                format!("the time of {} is {}", scope.name, scope.time),
            );
        }
    }
    for filter in query.items("filters") {
        let member = filter["member"].as_str().unwrap_or_default();
        if !MEMBERS.contains(&member) {
            return refuse("filters", format!("there is no member `{member}`"));
        }
        let wanted = match member {
            "periodStart" => "afterDate",
            "periodEnd" => "beforeDate",
            _ => continue,
        };
        if filter["operator"].as_str().is_some_and(|operator| operator != wanted) {
            return refuse("filters", format!("the operator of {member} is {wanted}"));
        }
    }
    for pair in query.items("order") {
        let field = pair[0].as_str().unwrap_or_default();
        let selected = texts(query, "dimensions").contains(&field)
            || scope.time == field
            || scope.measures.iter().any(|(known, _)| *known == field);
        if !selected {
            return refuse("order", format!("`{field}` is not among what is asked for"));
        }
        if !matches!(pair[1].as_str(), Some("asc" | "desc")) {
            return refuse("order", format!("the direction of `{field}` must be asc or desc"));
        }
    }
    if scope.name == "ticket-fields" && value(query, "customFieldId").is_none() {
        return refuse("filters", "customFieldId is required".to_owned());
    }
    Ok(())
}

/// Whether one of the values is among those wanted, as the operator says.
fn admits(operator: &str, wanted: &[Value], has: &[Value]) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let has: Vec<String> = has.iter().map(text).collect();
    let mut wanted = wanted.iter().map(text);
    match operator {
        "not-one-of" => !wanted.any(|wanted| has.contains(&wanted)),
        "all-of" => wanted.all(|wanted| has.contains(&wanted)),
        "set" => !has.is_empty(),
        "inDateRange" => {
            let (from, to) = (wanted.next(), wanted.next());
            let within = |text: &String| {
                from.as_ref().is_none_or(|from| from <= text) && to.as_ref().is_none_or(|to| text <= to)
            };
            has.iter().any(within)
        }
        "contains" => wanted.any(|wanted| has.iter().any(|has| has.contains(&wanted))),
        _ => wanted.any(|wanted| has.contains(&wanted)),
    }
}

fn passes(fact: &Fact<'_>, filter: &Value) -> bool {
    let operator = filter["operator"].as_str().unwrap_or("one-of");
    let values = filter["values"].as_array().map_or(&[][..], Vec::as_slice);
    // Filters of tags and fields may hold filters of their own.
    let nested = |has: &dyn Fn(&Value) -> Vec<Value>| {
        if !values.iter().all(Value::is_object) {
            return admits(operator, values, &has(&Value::Null));
        }
        values.iter().all(|inner| {
            let wanted = inner["values"].as_array().map_or(&[][..], Vec::as_slice);
            admits(inner["operator"].as_str().unwrap_or("one-of"), wanted, &has(inner))
        })
    };
    match filter["member"].as_str().unwrap_or_default() {
        "tags" => nested(&|_| fact.ticket.fields.items("tags").to_vec()),
        "customFields" => nested(&|inner| {
            let values = fact.ticket.fields.inner("custom_fields");
            let value = values.and_then(|values| values.get(&inner["customFieldId"].to_string()));
            value.map(|value| value["value"].clone()).into_iter().collect()
        }),
        "periodStart" | "periodEnd" | "customFieldId" | "slaPolicyUuid" => true,
        member => {
            let has = fact.dimensions.some(member).cloned();
            admits(operator, values, has.as_slice())
        }
    }
}

/// The beginning of the hour, day, week or month of a moment, in a time zone.
fn bucket(moment: i64, granularity: &str, zone: &TimeZone) -> String {
    let stamp = jiff::Timestamp::from_microsecond(moment).unwrap_or_default();
    let civil = stamp.to_zoned(zone.clone()).datetime();
    let midnight = |date: jiff::civil::Date| DateTime::from_parts(date, Time::midnight());
    let date = civil.date();
    let start = match granularity {
        "hour" => DateTime::from_parts(date, jiff::civil::time(civil.hour(), 0, 0, 0)),
        "week" => {
            let days = date.weekday().to_monday_zero_offset();
            midnight(date.checked_sub(i64::from(days).days()).unwrap_or(date))
        }
        "month" => midnight(date.first_of_month()),
        _ => midnight(date),
    };
    start.strftime("%Y-%m-%dT%H:%M:%S.000").to_string()
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn total(sum: Sum, numbers: &[Option<f64>]) -> Value {
    let mut known: Vec<f64> = numbers.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let count = known.len();
    match sum {
        Sum::Count => json!(numbers.len()),
        Sum::Counted => json!(count),
        Sum::Rate => json!(100.0 * count as f64 / numbers.len().max(1) as f64),
        _ if count == 0 => Value::Null,
        Sum::Average => json!(known.iter().sum::<f64>() / count as f64),
        Sum::Median => json!(f64::midpoint(known[(count - 1) / 2], known[count / 2])),
    }
}

/// Sorts rows by the pairs of field and direction.
fn sort(rows: &mut [Object], order: &[Value]) {
    let compare = |one: &Value, other: &Value| match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => one.as_str().unwrap_or_default().cmp(other.as_str().unwrap_or_default()),
    };
    for pair in order.iter().rev() {
        let field = pair[0].as_str().unwrap_or_default();
        rows.sort_by(|one, other| {
            let null = Value::Null;
            let ordering = compare(one.get(field).unwrap_or(&null), other.get(field).unwrap_or(&null));
            if pair[1] == "desc" {
                ordering.reverse()
            } else {
                ordering
            }
        });
    }
}

/// Facts put together by dimensions and time.
fn rows(scope: &Scope, query: &Object, facts: &[Fact<'_>], zone: &TimeZone) -> Vec<Object> {
    let dimensions = texts(query, "dimensions");
    let granularity = query.items("time_dimensions").first().map(|time| &time["granularity"]);
    let granularity = granularity.and_then(Value::as_str);
    let mut groups: BTreeMap<String, (Object, Vec<Option<f64>>)> = BTreeMap::new();
    if dimensions.is_empty() && granularity.is_none() {
        groups.insert(String::new(), (Object::new(), Vec::new()));
    }
    for fact in facts {
        let mut row = Object::new();
        for dimension in &dimensions {
            let value = fact.dimensions.get(*dimension).cloned().unwrap_or_default();
            row.insert((*dimension).to_owned(), value);
        }
        if let Some(granularity) = granularity {
            row.insert(scope.time.to_owned(), json!(bucket(fact.when, granularity, zone)));
        }
        let key = if row.is_empty() {
            String::new()
        } else {
            json!(row).to_string()
        };
        groups
            .entry(key)
            .or_insert_with(|| (row, Vec::new()))
            .1
            .push(fact.number);
    }
    let asked = texts(query, "measures");
    let measures = scope
        .measures
        .iter()
        .filter(|(name, _)| asked.is_empty() || asked.contains(name));
    let measures: Vec<_> = measures.collect();
    let mut rows: Vec<Object> = groups
        .into_values()
        .map(|(mut row, numbers)| {
            for (name, sum) in &measures {
                row.insert((*name).to_owned(), total(*sum, &numbers));
            }
            row
        })
        .collect();
    sort(&mut rows, query.items("order"));
    rows
}

pub(in crate::gorgias) fn retrieve(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let empty = Object::new();
    let query = call.body.inner("query").unwrap_or(&empty);
    let name = query.text("scope").unwrap_or_default();
    let scope = SCOPES.iter().find(|scope| scope.name == name);
    let scope = scope.ok_or_else(|| Refusal::at("query.scope", "There is no such scope"))?;
    if scope.fails {
        return Err(Refusal::new(500, "Internal server error"));
    }
    check(scope, query)?;
    let zone = query.text("timezone").unwrap_or("UTC");
    let zone =
        TimeZone::get(zone).map_err(|_| Refusal::at("query.timezone", format!("there is no time zone `{zone}`")))?;
    let (start, end) = (bound(query, "periodStart")?, bound(query, "periodEnd")?);
    if let (Some(start), Some(end)) = (start, end)
        && (end < start || end - start > LONGEST)
    {
        return Err(Refusal::at("query.filters", "The period must have 0 to 366 days"));
    }
    let field = value(query, "customFieldId").and_then(Value::as_i64);
    let mut facts = facts(account, name, field);
    facts.retain(|fact| {
        start.is_none_or(|start| fact.when >= start)
            && end.is_none_or(|end| fact.when <= end)
            && query.items("filters").iter().all(|filter| passes(fact, filter))
    });
    let rows = rows(scope, query, &facts, &zone);
    let rows = rows.into_iter().zip(0..).map(|(item, id)| Row {
        key: Key::Number(id),
        id,
        item,
    });
    let page = page(account, call, rows.collect(), false, USUAL, &json!(query))?;
    let data: Vec<Object> = page.rows.into_iter().map(|row| row.item).collect();
    json_answer(json!({
        "data": data,
        "meta": {"prev_cursor": page.before, "next_cursor": page.after},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_of_the_list_is_there() {
        let known: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
        assert_eq!(known, super::super::super::words::REPORTING_SCOPE);
    }

    #[test]
    fn numbers_are_summed_up() {
        let numbers = [Some(1.0), Some(10.0), None, Some(4.0), Some(5.0)];
        assert_eq!(total(Sum::Count, &numbers), json!(5));
        assert_eq!(total(Sum::Counted, &numbers), json!(4));
        assert_eq!(total(Sum::Average, &numbers), json!(5.0));
        assert_eq!(total(Sum::Median, &numbers), json!(4.5));
        assert_eq!(total(Sum::Rate, &numbers), json!(80.0));
        assert_eq!(total(Sum::Average, &[]), Value::Null);
    }

    #[test]
    fn time_is_cut_in_the_zone_asked_for() {
        let moment = time::parse("2026-03-01T23:30:00Z").unwrap();
        for (zone, granularity, start) in [
            ("UTC", "hour", "2026-03-01T23:00:00.000"),
            ("UTC", "day", "2026-03-01T00:00:00.000"),
            ("UTC", "week", "2026-02-23T00:00:00.000"),
            ("UTC", "month", "2026-03-01T00:00:00.000"),
            ("Europe/Paris", "day", "2026-03-02T00:00:00.000"),
            ("Europe/Paris", "week", "2026-03-02T00:00:00.000"),
            ("America/New_York", "hour", "2026-03-01T18:00:00.000"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(bucket(moment, granularity, &zone), start, "{granularity}");
        }
        assert!(TimeZone::get("Europe/Nowhere").is_err());
    }

    #[test]
    fn filters_take_values_and_filters_of_their_own() {
        let has = [json!(4), json!(7)];
        assert!(admits("one-of", &[json!("7")], &has) && !admits("one-of", &[json!(5)], &has));
        assert!(admits("not-one-of", &[json!(5)], &has) && !admits("not-one-of", &[json!(4)], &has));
        assert!(admits("all-of", &[json!(4), json!(7)], &has) && !admits("all-of", &[json!(4), json!(5)], &has));
        assert!(admits("set", &[], &has) && !admits("set", &[], &[]));
        assert!(admits("contains", &[json!("fun")], &[json!("Refund")]));
        let days = [json!("2026-03-01"), json!("2026-03-03")];
        assert!(admits("inDateRange", &days, &[json!("2026-03-02")]));
        assert!(!admits("inDateRange", &days, &[json!("2026-03-04")]));
    }
}
