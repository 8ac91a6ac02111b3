//! What vendors tell about their limits, in one shape.

use serde_json::{Map, Value};

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
