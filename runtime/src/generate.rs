//! Values that Deskhand makes when the caller gives none, and how a caller learns them.
//!
//! Such a value is a number by which the vendor knows a repeated call again. It is made once, before the one
//! request of a call, and stands in the answer; where no answer came, the error tells it.

use serde_json::{Map, Value};

use crate::answer::Content;
use crate::error::{Code, Error};
use crate::operation::{AnswerKind, Operation};
use crate::shape::{Field, Generate};

/// A value for a field that the caller left out.
///
/// # Errors
/// The system gives no random numbers ([`Code::Internal`]).
pub(crate) fn value(generate: Generate, field: &Field) -> Result<Value, Error> {
    match generate {
        Generate::RandomInt => {
            let bits = getrandom::u64().map_err(|error| {
                Error::deskhand(
                    Code::Internal,
                    format!("The system gives no random numbers: {error}. Nothing was sent."),
                )
            })?;
            Ok(Value::from(spread(
                bits,
                field.min.unwrap_or(0),
                field.max.unwrap_or(i64::MAX),
            )))
        }
    }
}

/// Random bits spread over a range, as evenly as 64 of them allow.
fn spread(bits: u64, least: i64, most: i64) -> i64 {
    let count = u128::from(most.abs_diff(least)) + 1;
    // The product is below 2^128, so its upper half is an offset below `count`.
    let offset = ((u128::from(bits) * count) >> 64) as u64;
    least.wrapping_add_unsigned(offset)
}

/// The values, given or made, of those fields for which one is made.
pub(crate) fn among(values: &[(&'static Field, Value)]) -> Vec<(&'static Field, Value)> {
    values
        .iter()
        .filter(|(field, _)| field.generate.is_some())
        .cloned()
        .collect()
}

/// Puts the values into an answer that lacks them.
pub(crate) fn tell(values: &[(&'static Field, Value)], operation: &Operation, content: &mut Content) {
    if values.is_empty() || operation.answer.kind != AnswerKind::Record {
        return;
    }
    if matches!(content, Content::Empty | Content::Record(Value::Null)) {
        *content = Content::Record(Value::Object(Map::new()));
    }
    if let Content::Record(Value::Object(members)) = content {
        for (field, value) in values {
            members.entry(field.wire).or_insert_with(|| value.clone());
        }
    }
}

/// Tells the values to a caller who cannot know whether the call was carried out.
pub(crate) fn warn(values: &[(&'static Field, Value)], error: Error) -> Error {
    // What the vendor refused was not carried out.
    let refused = error.status().is_some_and(|status| (400..500).contains(&status));
    let sent = matches!(
        error.code(),
        Code::UpstreamTimeout | Code::UpstreamUnreachable | Code::UpstreamInvalidResponse | Code::UpstreamError
    );
    if values.is_empty() || refused || !sent {
        return error;
    }
    let named: Vec<String> = values
        .iter()
        .map(|(field, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("`{}` {text}", field.name)
        })
        .collect();
    let advice = format!(
        "This call bore {}: give the same when you repeat it, and it counts once.",
        named.join(" and ")
    );
    let hint = error
        .hint()
        .map_or_else(|| advice.clone(), |hint| format!("{hint} {advice}"));
    error.with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn random_bits_reach_both_ends_of_a_range_and_nothing_beyond() {
        let great = (1 << 53) - 1;
        for (least, most) in [(1, great), (-great, great), (0, 9), (7, 7), (i64::MIN, i64::MAX)] {
            assert_eq!(spread(0, least, most), least);
            assert_eq!(spread(u64::MAX, least, most), most);
        }
        assert_eq!(spread(1 << 63, 0, 9), 5);
        assert_eq!(spread(1 << 63, 1, great), 1 << 52);
    }
}
