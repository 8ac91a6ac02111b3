//! The `filters` parameter of the ticket list: JSON text, every value a list of strings.

use serde_json::{Map, Value};

use super::records::{Tenant, Ticket, UNASSIGNED, same_email};
use crate::engine::Refusal;

const NAMES: [&str; 10] = [
    "status",
    "priority",
    "type",
    "group",
    "assigned_to",
    "category",
    "subcategory",
    "source",
    "contact",
    "company_name",
];

pub(super) struct Filters {
    /// Name and accepted values; all must hold.
    fields: Vec<(String, Vec<String>)>,
    custom: Vec<(String, Vec<String>)>,
    include_merged: bool,
}

/// Reads and checks the filters. Guess: unknown names are refused here as in bodies.
pub(super) fn read(tenant: &Tenant, text: &str) -> Result<Filters, Refusal> {
    let object: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| Refusal::bad(format!("The parameter filters is not a JSON object: {error}")))?;
    let mut filters = Filters {
        fields: Vec::new(),
        custom: Vec::new(),
        include_merged: true,
    };
    for (name, value) in object {
        match name.as_str() {
            "include_merged" => {
                filters.include_merged = match value.as_i64() {
                    Some(0) => false,
                    Some(1) => true,
                    _ => return Err(Refusal::bad("filters: include_merged must be 0 or 1")),
                }
            }
            "custom_fields" => {
                let Value::Object(custom) = value else {
                    return Err(Refusal::bad("filters: custom_fields must be an object"));
                };
                for (key, value) in custom {
                    if !tenant.ticket_fields.iter().any(|field| field.key == key) {
                        return Err(Refusal::bad(format!("filters: unknown custom field {key}")));
                    }
                    let values = values(&key, value)?;
                    filters.custom.push((key, values));
                }
            }
            known if NAMES.contains(&known) => {
                let values = values(&name, value)?;
                let codes: &[&str] = match known {
                    "priority" => &["1", "5", "10", "20"],
                    "source" => &["1", "5", "6", "7", "12", "13", "15", "16", "17", "18"],
                    _ => &[],
                };
                if let Some(wrong) = values
                    .iter()
                    .find(|value| !codes.is_empty() && !codes.contains(&value.as_str()))
                {
                    return Err(Refusal::bad(format!("filters: `{wrong}` is no {name}")));
                }
                filters.fields.push((name, values));
            }
            _ => return Err(Refusal::bad(format!("filters: unknown name {name}"))),
        }
    }
    Ok(filters)
}

fn values(name: &str, value: Value) -> Result<Vec<String>, Refusal> {
    let wrong = || Refusal::bad(format!("filters: {name} must be a list of strings"));
    let Value::Array(items) = value else {
        return Err(wrong());
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => unescape(&text).ok_or_else(|| {
                Refusal::bad(format!(
                    "filters: a quote or backslash in {name} needs a backslash before it"
                ))
            }),
            _ => Err(wrong()),
        })
        .collect()
}

/// Takes away the extra backslash before quotes and backslashes; `None` where it is missing.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => letters.next().filter(|next| matches!(next, '"' | '\\'))?,
            '"' => return None,
            other => other,
        });
    }
    Some(plain)
}

impl Filters {
    pub(super) fn admit(&self, tenant: &Tenant, ticket: &Ticket) -> bool {
        (self.include_merged || !ticket.merged)
            && self
                .fields
                .iter()
                .all(|(name, values)| holds(tenant, ticket, name, values))
            && self.custom.iter().all(|(key, values)| {
                let text = match ticket.custom_fields.get(key) {
                    None | Some(Value::Null) => None,
                    Some(Value::String(text)) => Some(text.clone()),
                    Some(other) => Some(other.to_string()),
                };
                among(text.as_deref(), values)
            })
    }
}

/// An empty list does not narrow.
fn among(value: Option<&str>, values: &[String]) -> bool {
    values.is_empty() || values.iter().any(|wanted| wanted == value.unwrap_or(UNASSIGNED))
}

fn among_emails(value: Option<&str>, values: &[String]) -> bool {
    values.is_empty()
        || values
            .iter()
            .any(|wanted| same_email(wanted, value.unwrap_or(UNASSIGNED)))
}

fn holds(tenant: &Tenant, ticket: &Ticket, name: &str, values: &[String]) -> bool {
    match name {
        "status" => {
            values.is_empty()
                || values
                    .iter()
                    .any(|wanted| wanted.to_lowercase() == ticket.status.to_lowercase())
        }
        "priority" => among(Some(&ticket.priority.to_string()), values),
        "source" => among(Some(&ticket.source.to_string()), values),
        "type" => among(ticket.kind.as_deref(), values),
        "group" => among(ticket.group.as_deref(), values),
        "category" => among(ticket.category.as_deref(), values),
        "subcategory" => among(ticket.subcategory.as_deref(), values),
        "assigned_to" => among_emails(ticket.assigned_to.as_deref(), values),
        "contact" => among_emails(Some(&ticket.contact_email), values),
        "company_name" => among(tenant.company_of(&ticket.contact_email), values),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn quotes_take_an_extra_backslash() {
        assert_eq!(unescape(r#"a \"b\" \\ c"#).as_deref(), Some(r#"a "b" \ c"#));
        assert_eq!(unescape("plain").as_deref(), Some("plain"));
        for wrong in [r#"a "b""#, r"a \ b", r"end\"] {
            assert_eq!(unescape(wrong), None, "{wrong}");
        }
    }
}
