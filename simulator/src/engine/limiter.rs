//! Rate limits: so many calls a window, a tenant at a time.

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
    calls: Option<u32>,
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
            calls: plan.calls,
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

    pub(super) fn remaining(&self, tenant: &str) -> u32 {
        let Some(calls) = self.calls else { return BOUNDLESS };
        match self.windows.get(tenant) {
            Some(window) if self.now().saturating_sub(window.began) < self.window => calls.saturating_sub(window.used),
            _ => calls,
        }
    }

    pub(super) fn charge(&mut self, tenant: &str, cost: u32) -> Verdict {
        if self.calls.is_none() {
            return Verdict::Allowed(BOUNDLESS);
        }
        let left = self.remaining(tenant);
        if left < cost {
            return Verdict::Exceeded(left);
        }
        let now = self.now();
        let window = self
            .windows
            .entry(tenant.to_owned())
            .or_insert(Window { began: now, used: 0 });
        if now.saturating_sub(window.began) >= self.window {
            *window = Window { began: now, used: 0 };
        }
        window.used += cost;
        Verdict::Allowed(left - cost)
    }
}
