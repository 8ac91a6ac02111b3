//! Rate limits: so many calls a window, a payer at a time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Plan;

/// What is told as left under a plan without limit.
const BOUNDLESS: u32 = 1_000_000;

pub(super) enum Verdict {
    /// Counted; so many calls are left.
    Allowed(u32),
    /// Not counted; so many calls are left, fewer than this one costs.
    Exceeded(u32),
}

pub(super) struct Limiter {
    window: Duration,
    windows: HashMap<String, Window>,
    /// How far the simulated time is ahead of the real one.
    ahead: Duration,
    born: Instant,
}

struct Window {
    /// Simulated time since the limiter was made.
    began: Duration,
    used: u32,
}

impl Limiter {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            window: plan.window,
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

    /// What is left to one who may make so many calls a window.
    pub(super) fn remaining(&self, payer: &str, calls: Option<u32>) -> u32 {
        let Some(calls) = calls else { return BOUNDLESS };
        match self.windows.get(payer) {
            Some(window) if self.now().saturating_sub(window.began) < self.window => calls.saturating_sub(window.used),
            _ => calls,
        }
    }

    pub(super) fn charge(&mut self, payer: &str, calls: Option<u32>, cost: u32) -> Verdict {
        if calls.is_none() {
            return Verdict::Allowed(BOUNDLESS);
        }
        let left = self.remaining(payer, calls);
        if left < cost {
            return Verdict::Exceeded(left);
        }
        let now = self.now();
        let window = self
            .windows
            .entry(payer.to_owned())
            .or_insert(Window { began: now, used: 0 });
        if now.saturating_sub(window.began) >= self.window {
            *window = Window { began: now, used: 0 };
        }
        window.used += cost;
        Verdict::Allowed(left - cost)
    }
}
