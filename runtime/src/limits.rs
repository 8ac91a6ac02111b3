//! What vendors tell about their limits, in one shape.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::operation::{LimitRules, ResetUnit};

/// Longest wait that is believed, in seconds: 31 days.
const LONGEST: u64 = 31 * 24 * 3600;

/// Facts about the caller's allowance, as far as the vendor told them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls allowed in a window.
    pub limit: Option<u64>,
    /// Calls left in the window.
    pub remaining: Option<u64>,
    /// Seconds until the window starts anew.
    pub reset: Option<u64>,
}

impl RateLimit {
    /// `{limit, remaining, reset}`; what the vendor did not tell is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        for (name, value) in [
            ("limit", self.limit),
            ("remaining", self.remaining),
            ("reset", self.reset),
        ] {
            if let Some(value) = value {
                object.insert(name.into(), value.into());
            }
        }
        Value::Object(object)
    }
}

/// What the headers of one answer tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The allowance; `None` when nothing was told.
    pub rate_limit: Option<RateLimit>,
    /// The pause that the vendor asks for.
    pub retry_after: Option<Duration>,
}

/// Reads the headers of an answer. What makes no sense is ignored.
///
/// Headers that the rules name come first. The standard `Retry-After` is always understood; the
/// fields of the IETF drafts (`RateLimit`, `RateLimit-Policy`, `RateLimit-Limit` and its like)
/// only when the rules name no header at all. A pause without a time of reset is also the reset.
#[must_use]
pub fn read(rules: &LimitRules, headers: &HeaderMap, now: Timestamp) -> Told {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let mut facts = RateLimit::default();
    if let Some((used, limit)) = rules.used_of_limit.and_then(text).and_then(used_of_limit) {
        facts.limit = Some(limit);
        facts.remaining = Some(limit.saturating_sub(used));
    }
    if let Some(limit) = rules.limit.and_then(text).and_then(count) {
        facts.limit = Some(limit);
    }
    if let Some(remaining) = rules.remaining.and_then(text).and_then(count) {
        facts.remaining = Some(remaining);
    }
    if let Some((name, unit)) = rules.reset {
        facts.reset = text(name).and_then(|value| reset(value, unit, now));
    }
    if rules.limit.is_none() && rules.remaining.is_none() && rules.reset.is_none() && rules.used_of_limit.is_none() {
        facts = standard(&text, now);
    }
    let retry_after = rules
        .retry_after
        .and_then(text)
        .or_else(|| text("retry-after"))
        .and_then(|value| pause(value, now));
    if facts.reset.is_none() {
        facts.reset = retry_after;
    }
    Told {
        rate_limit: (facts != RateLimit::default()).then_some(facts),
        retry_after: retry_after.map(Duration::from_secs),
    }
}

fn count(text: &str) -> Option<u64> {
    // `50, 50;w=60` is how older gateways tell their policy along.
    let text = text.split([',', ';']).next()?.trim();
    (text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn used_of_limit(text: &str) -> Option<(u64, u64)> {
    let (used, limit) = text.split_once('/')?;
    Some((count(used)?, count(limit)?))
}

fn believable(seconds: u64) -> Option<u64> {
    (seconds <= LONGEST).then_some(seconds)
}

fn reset(text: &str, unit: ResetUnit, now: Timestamp) -> Option<u64> {
    let value = decimal(text)?;
    let until = |millis: i128| {
        let left = (millis - i128::from(now.as_millisecond())).max(0);
        u64::try_from((left + 999) / 1000).ok()
    };
    match unit {
        ResetUnit::Seconds => u64::try_from((value + 999) / 1000).ok(),
        ResetUnit::UnixSeconds => until(value),
        ResetUnit::UnixMillis => until(value / 1000),
    }
    .and_then(believable)
}

/// A number with or without decimals, in thousandths.
fn decimal(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<i128>().ok()? * 1000 + thousandths.parse::<i128>().ok()?)
}

/// Seconds, or an HTTP date.
fn pause(text: &str, now: Timestamp) -> Option<u64> {
    if let Some(value) = decimal(text) {
        return u64::try_from((value + 999) / 1000).ok().and_then(believable);
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let left = at.as_second().saturating_sub(now.as_second()).max(0);
    u64::try_from(left).ok().and_then(believable)
}

/// The fields of the IETF drafts.
fn standard<'a>(text: &impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> RateLimit {
    let mut facts = RateLimit {
        limit: text("ratelimit-limit")
            .or_else(|| text("x-ratelimit-limit"))
            .and_then(count),
        remaining: text("ratelimit-remaining")
            .or_else(|| text("x-ratelimit-remaining"))
            .and_then(count),
        reset: text("ratelimit-reset").and_then(|value| reset(value, ResetUnit::Seconds, now)),
    };
    if facts.reset.is_none() {
        // Seen as seconds from now and as seconds since 1970; only one of them is believable.
        facts.reset = text("x-ratelimit-reset").and_then(|value| {
            reset(value, ResetUnit::Seconds, now).or_else(|| reset(value, ResetUnit::UnixSeconds, now))
        });
    }
    if let Some(field) = text("ratelimit") {
        // `"default";r=50;t=30`, or in older drafts `limit=100, remaining=50, reset=30`.
        for (names, place) in [
            (["limit", "q"], &mut facts.limit),
            (["remaining", "r"], &mut facts.remaining),
            (["reset", "t"], &mut facts.reset),
        ] {
            *place = parameter(field, names).or(*place);
        }
    }
    if let Some(policy) = text("ratelimit-policy") {
        facts.limit = facts
            .limit
            .or_else(|| parameter(policy, ["q", "limit"]))
            .or_else(|| count(policy));
    }
    facts.reset = facts.reset.and_then(believable);
    facts
}

/// The first parameter with one of these names, of the first policy that has it.
fn parameter(field: &str, names: [&str; 2]) -> Option<u64> {
    field.split([',', ';']).find_map(|item| {
        let (name, value) = item.trim().split_once('=')?;
        names.contains(&name.trim()).then(|| count(value)).flatten()
    })
}
