//! This server's own limits: how often one token, and how often one account, may be used.
//!
//! They protect helpdesks and neighbours from a caller that has lost its brakes, and are told apart from the limits
//! of the helpdesks. They count in memory, so each process has its own.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use deskhand_runtime::error::{Code, Error};
use deskhand_runtime::tool::ToolOutcome;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::access::Access;
use crate::call::CallWatch;
use crate::store::CallRow;

/// How many checks are made before keys that are not in use are forgotten.
const SWEEP: u32 = 4096;

/// The highest limit that can be set.
const HIGHEST: u32 = 1_000_000;

/// A limit as an operator writes it: `100/s`, `6000/m`, `50000/h`, or `none`. So many may come at once, and they are
/// allowed again evenly over the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(Option<(NonZeroU32, Per)>);

/// The time over which a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    Second,
    Minute,
    Hour,
}

impl Per {
    const ALL: [(&'static str, &'static str, Self); 3] = [
        ("s", "a second", Self::Second),
        ("m", "a minute", Self::Minute),
        ("h", "an hour", Self::Hour),
    ];

    /// The sign for it, and its words.
    fn names(self) -> (&'static str, &'static str) {
        let found = Self::ALL.into_iter().find(|(_, _, per)| *per == self);
        found.map_or(("", ""), |(sign, word, _)| (sign, word))
    }
}

impl Limit {
    /// No limit.
    pub const NONE: Self = Self(None);

    fn quota(self) -> Option<Quota> {
        self.0.map(|(calls, per)| match per {
            Per::Second => Quota::per_second(calls),
            Per::Minute => Quota::per_minute(calls),
            Per::Hour => Quota::per_hour(calls),
        })
    }

    /// In words, such as `100 calls a second`.
    fn in_words(self) -> String {
        match self.0 {
            Some((calls, per)) => format!("{calls} calls {}", per.names().1),
            None => "no limit".to_owned(),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((calls, per)) => write!(f, "{calls}/{}", per.names().0),
            None => f.write_str("none"),
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self::NONE);
        }
        let read = || {
            let (calls, per) = text.split_once('/')?;
            let calls: NonZeroU32 = calls.parse().ok()?;
            let (_, _, per) = Per::ALL.into_iter().find(|(sign, ..)| *sign == per)?;
            (calls.get() <= HIGHEST).then_some(Self(Some((calls, per))))
        };
        read().ok_or_else(|| {
            format!("expected a number from 1 to {HIGHEST} a second, minute or hour, such as 100/s, 6000/m or 50000/h, or none")
        })
    }
}

type Limiter<C> = RateLimiter<String, DashMapStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One limit for many keys.
struct Keyed<C: Clock> {
    limit: Limit,
    limiter: Limiter<C>,
    clock: C,
}

/// The limit is reached; how long until it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The limit.
    pub limit: Limit,
    /// The pause to make.
    pub wait: Duration,
}

impl Reached {
    /// Says so of what is limited.
    #[must_use]
    pub fn message(&self, what: &str) -> String {
        format!(
            "{what} has used up what this Deskhand server allows it: {}",
            self.limit.in_words()
        )
    }
}

impl<C: Clock + Clone> Keyed<C> {
    fn new(limit: Limit, clock: &C) -> Option<Self> {
        let quota = limit.quota()?;
        Some(Self {
            limit,
            limiter: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock: clock.clone(),
        })
    }

    fn check(&self, key: &str) -> Result<(), Reached> {
        self.limiter.check_key(&key.to_owned()).map_err(|until| Reached {
            limit: self.limit,
            wait: until.wait_time_from(self.clock.now()),
        })
    }
}

/// The limits of a server.
pub struct Quotas<C: Clock = DefaultClock> {
    tokens: Option<Keyed<C>>,
    accounts: Option<Keyed<C>>,
    checks: AtomicU32,
}

impl<C: Clock> fmt::Debug for Quotas<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = |keyed: &Option<Keyed<C>>| keyed.as_ref().map_or(Limit::NONE, |keyed| keyed.limit).to_string();
        f.debug_struct("Quotas")
            .field("tokens", &limit(&self.tokens))
            .field("accounts", &limit(&self.accounts))
            .finish_non_exhaustive()
    }
}

impl Quotas {
    /// Each token, of an MCP server or of the REST API, and each account may be used so often.
    #[must_use]
    pub fn new(token: Limit, account: Limit) -> Self {
        Self::with_clock(token, account, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Quotas<C> {
    fn with_clock(token: Limit, account: Limit, clock: &C) -> Self {
        Self {
            tokens: Keyed::new(token, clock),
            accounts: Keyed::new(account, clock),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts a use of the token with this id.
    ///
    /// # Errors
    /// It was used too often.
    pub fn use_token(&self, id: &str) -> Result<(), Reached> {
        self.forget_the_unused();
        self.tokens.as_ref().map_or(Ok(()), |tokens| tokens.check(id))
    }

    /// Counts a use of the account with this id.
    ///
    /// # Errors
    /// It was used too often.
    pub fn use_account(&self, id: &str) -> Result<(), Reached> {
        self.forget_the_unused();
        self.accounts.as_ref().map_or(Ok(()), |accounts| accounts.check(id))
    }

    fn forget_the_unused(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            for keyed in [&self.tokens, &self.accounts].into_iter().flatten() {
                keyed.limiter.retain_recent();
            }
        }
    }
}

impl<C> CallWatch for Quotas<C>
where
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    /// Counts for the MCP server and the account. Callers with an API token were counted when they came in.
    fn admit(&self, access: &Access) -> Result<(), Error> {
        let refused = |reached: Reached, what: &str| {
            Error::deskhand(Code::RateLimited, reached.message(what))
                .with_limits(None, Some(reached.wait))
                .with_hint("Nothing was sent to the helpdesk. Wait `retry_after` seconds, then call again.")
        };
        if let Some(id) = access.mcp_server_id() {
            self.use_token(id)
                .map_err(|reached| refused(reached, "this MCP server"))?;
        }
        self.use_account(access.account_id())
            .map_err(|reached| refused(reached, "this account"))
    }

    fn called(&self, _access: &Access, _call: &CallRow, _outcome: &ToolOutcome) {}
}

#[cfg(test)]
mod tests {
    use deskhand_runtime::error::Origin;
    use governor::clock::FakeRelativeClock;

    use crate::control::tests::scope;

    use super::*;

    fn limit(text: &str) -> Limit {
        text.parse().unwrap()
    }

    #[test]
    fn limits_are_written_as_they_are_read() {
        for text in ["none", "1/s", "100/s", "6000/m", "50000/h", "1000000/s"] {
            assert_eq!(limit(text).to_string(), text);
        }
        for bad in [
            "",
            "0/s",
            "-1/s",
            "100",
            "100/d",
            "100/",
            "/s",
            "1000001/s",
            "1e3/s",
            "None",
            "100 /s",
            "100/s/s",
        ] {
            let told = bad.parse::<Limit>().unwrap_err();
            assert!(told.contains("100/s") && told.contains("none"), "{bad}: {told}");
        }
    }

    #[test]
    fn a_limit_is_reached_and_comes_back_evenly() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas::with_clock(limit("4/s"), Limit::NONE, &clock);
        for _ in 0..4 {
            assert_eq!(quotas.use_token("a"), Ok(()));
        }
        let wait = quotas.use_token("a").unwrap_err().wait;
        assert_eq!(wait, Duration::from_millis(250));
        assert_eq!(quotas.use_token("b"), Ok(()), "each has its own");
        clock.advance(Duration::from_millis(249));
        assert!(quotas.use_token("a").is_err(), "a refused use does not count");
        clock.advance(Duration::from_millis(1));
        assert_eq!(quotas.use_token("a"), Ok(()));
        assert!(quotas.use_token("a").is_err());
        clock.advance(Duration::from_secs(60));
        assert_eq!((0..10).filter(|_| quotas.use_token("a").is_ok()).count(), 4);
    }

    #[test]
    fn minutes_and_hours_are_what_they_are() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas::with_clock(limit("60/m"), limit("3600/h"), &clock);
        assert_eq!((0..100).filter(|_| quotas.use_token("a").is_ok()).count(), 60);
        assert_eq!((0..9999).filter(|_| quotas.use_account("a").is_ok()).count(), 3600);
        clock.advance(Duration::from_secs(1));
        assert_eq!((0..9).filter(|_| quotas.use_token("a").is_ok()).count(), 1);
        assert_eq!((0..9).filter(|_| quotas.use_account("a").is_ok()).count(), 1);
    }

    #[test]
    fn calls_count_for_the_mcp_server_and_the_account() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas::with_clock(limit("2/s"), limit("3/s"), &clock);
        let whole = Access::new(scope(), "acc_1");
        let (one, two) = (whole.clone().through("mcp_1"), whole.clone().through("mcp_2"));
        assert!(quotas.admit(&one).is_ok() && quotas.admit(&one).is_ok());
        let refused = quotas.admit(&one).unwrap_err();
        assert_eq!(
            (refused.code(), refused.origin()),
            (Code::RateLimited, Origin::Deskhand)
        );
        assert_eq!(refused.status(), None);
        assert_eq!(refused.retry_after(), Some(Duration::from_millis(500)));
        assert!(refused.to_string().contains("2 calls a second"), "{refused}");
        assert!(quotas.admit(&two).is_ok());
        let refused = quotas.admit(&two).unwrap_err().to_string();
        assert!(
            refused.contains("account") && refused.contains("3 calls a second"),
            "{refused}"
        );
        assert!(quotas.admit(&whole).is_err(), "whoever calls, the account is the same");
        assert!(quotas.admit(&Access::new(scope(), "acc_2")).is_ok());
        let unlimited = Quotas::with_clock(Limit::NONE, Limit::NONE, &clock);
        assert!((0..100_000).all(|_| unlimited.admit(&one).is_ok()));
    }

    #[test]
    fn what_is_not_in_use_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas::with_clock(limit("10/s"), Limit::NONE, &clock);
        let known = || quotas.tokens.as_ref().unwrap().limiter.len();
        for number in 1..SWEEP {
            assert_eq!(quotas.use_token(&format!("tok_{number}")), Ok(()));
        }
        assert_eq!(known(), SWEEP as usize - 1);
        clock.advance(Duration::from_secs(2));
        assert_eq!(quotas.use_token("tok_new"), Ok(()));
        assert_eq!(known(), 1);
    }
}
