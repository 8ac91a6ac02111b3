//! Rate limits: so many calls a window, a payer at a time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Plan;

/// What is told as left under a plan without limit.
const BOUNDLESS: u32 = 1_000_000;

/// How far a payer is with its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) remaining: u32,
    /// How many there may be.
    pub(crate) limit: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Counted.
    Allowed(Usage),
    /// Not counted: fewer are left than this one costs, for so long.
    Exceeded(Usage, Duration),
}

pub(super) struct Limiter {
    window: Duration,
    leaks: bool,
    windows: HashMap<String, Window>,
    /// How far the simulated time is ahead of the real one.
    ahead: Duration,
    born: Instant,
}

/// What a payer has used. A bucket that leaks is as full as the time is long that it needs to run empty.
struct Window {
    /// Simulated time since the limiter was made: when the window began, or when the bucket will be empty.
    at: Duration,
    used: u32,
}

impl Limiter {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            window: plan.window,
            leaks: plan.leaks,
            windows: HashMap::new(),
            ahead: Duration::ZERO,
            born: Instant::now(),
        }
    }

    pub(super) fn advance(&mut self, time: Duration) {
        self.ahead = self.ahead.saturating_add(time);
    }

    fn now(&self) -> Duration {
        self.born.elapsed().saturating_add(self.ahead)
    }

    /// What is left at a moment to one who may make so many calls a window, and how long the bucket needs to run empty or
    /// the window to end.
    fn left(&self, now: Duration, payer: &str, calls: u32) -> (u32, Duration) {
        let Some(window) = self.windows.get(payer) else {
            return (calls, Duration::ZERO);
        };
        if self.leaks {
            let full = window.at.saturating_sub(now);
            let step = self.step(calls).as_nanos().max(1);
            let used = full.as_nanos().div_ceil(step);
            return (calls.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)), full);
        }
        match self.window.checked_sub(now.saturating_sub(window.at)) {
            Some(rest) if !rest.is_zero() => (calls.saturating_sub(window.used), rest),
            _ => (calls, Duration::ZERO),
        }
    }

    /// How long one call takes to leak out.
    fn step(&self, calls: u32) -> Duration {
        self.window / calls.max(1)
    }

    /// What is left to one who may make so many calls a window.
    pub(super) fn usage(&self, payer: &str, calls: Option<u32>) -> Usage {
        let limit = calls.unwrap_or(BOUNDLESS);
        let remaining = calls.map_or(BOUNDLESS, |calls| self.left(self.now(), payer, calls).0);
        Usage { remaining, limit }
    }

    pub(super) fn charge(&mut self, payer: &str, calls: Option<u32>, cost: u32) -> Verdict {
        self.charge_at(self.now(), payer, calls, cost)
    }

    fn charge_at(&mut self, now: Duration, payer: &str, calls: Option<u32>, cost: u32) -> Verdict {
        let Some(limit) = calls else {
            let (remaining, limit) = (BOUNDLESS, BOUNDLESS);
            return Verdict::Allowed(Usage { remaining, limit });
        };
        let (remaining, rest) = self.left(now, payer, limit);
        if remaining < cost {
            let wait = if self.leaks {
                (rest + self.step(limit) * cost).saturating_sub(self.window)
            } else {
                rest
            };
            return Verdict::Exceeded(Usage { remaining, limit }, wait);
        }
        let step = self.step(limit);
        let window = self
            .windows
            .entry(payer.to_owned())
            .or_insert(Window { at: now, used: 0 });
        if self.leaks {
            window.at = window.at.max(now) + step * cost;
        } else if rest.is_zero() {
            *window = Window { at: now, used: cost };
        } else {
            window.used += cost;
        }
        let remaining = remaining - cost;
        Verdict::Allowed(Usage { remaining, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(leaks: bool) -> Limiter {
        let window = Duration::from_secs(20);
        Limiter::new(&Plan {
            name: "sample",
            calls: Some(4),
            window,
            leaks,
        })
    }

    fn allowed(remaining: u32) -> Verdict {
        Verdict::Allowed(Usage { remaining, limit: 4 })
    }

    fn exceeded(remaining: u32, seconds: u64) -> Verdict {
        Verdict::Exceeded(Usage { remaining, limit: 4 }, Duration::from_secs(seconds))
    }

    #[test]
    fn a_window_ends_at_once() {
        let mut limiter = limiter(false);
        let mut charge = |second: u64, payer: &str| limiter.charge_at(Duration::from_secs(second), payer, Some(4), 1);
        let charged = [0, 1, 2, 3, 8].map(|second| charge(second, "a"));
        assert_eq!(
            charged,
            [allowed(3), allowed(2), allowed(1), allowed(0), exceeded(0, 12)]
        );
        assert_eq!(charge(8, "b"), allowed(3), "each payer has a window of its own");
        assert_eq!(charge(20, "a"), allowed(3));
    }

    #[test]
    fn a_bucket_leaks_one_call_at_a_time() {
        let mut limiter = limiter(true);
        let mut charge = |second: u64| limiter.charge_at(Duration::from_secs(second), "a", Some(4), 1);
        let charged = [0, 0, 0, 0, 0, 3].map(&mut charge);
        let full = [exceeded(0, 5), exceeded(0, 2)];
        let [first, second] = full;
        assert_eq!(charged, [allowed(3), allowed(2), allowed(1), allowed(0), first, second]);
        assert_eq!(charge(5), allowed(0), "one has leaked in five seconds");
        assert_eq!(charge(6), exceeded(0, 4));
        assert_eq!(charge(25), allowed(3), "it is empty after a window");
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let mut limiter = limiter(true);
        let boundless = Usage {
            remaining: BOUNDLESS,
            limit: BOUNDLESS,
        };
        for _ in 0..50 {
            assert_eq!(limiter.charge("a", None, 1), Verdict::Allowed(boundless));
        }
        assert_eq!(limiter.usage("a", Some(4)), Usage { remaining: 4, limit: 4 });
    }
}
