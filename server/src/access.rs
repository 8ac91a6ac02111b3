//! What a caller may use, and until when.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::scope::Scope;
use crate::store::Millis;

/// Milliseconds since 1970, by this machine's clock.
#[must_use]
pub fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

/// A scope as one caller may use it. Copies share one life: when access ends, it ends for all of them.
#[derive(Clone, Debug)]
pub struct Access {
    scope: Arc<Scope>,
    account_id: Arc<str>,
    account_revision: i64,
    mcp_server_id: Option<Arc<str>>,
    requires_api_token: bool,
    life: Arc<Life>,
}

/// How many may follow one access at once. A client needs one stream; some open another before they have closed theirs.
const MOST_FOLLOWERS: usize = 8;

/// Whether access goes on, what it is for by now, and who uses it.
#[derive(Debug)]
struct Life {
    ended: CancellationToken,
    /// `Millis::MAX` for no end.
    until: AtomicI64,
    calls: AtomicUsize,
    followers: AtomicUsize,
    /// What it has become since it began, if anything.
    newest: watch::Sender<Option<Form>>,
}

/// What access is for.
#[derive(Clone, Debug)]
struct Form {
    scope: Arc<Scope>,
    requires_api_token: bool,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            ended: CancellationToken::new(),
            until: AtomicI64::new(Millis::MAX),
            calls: AtomicUsize::new(0),
            followers: AtomicUsize::new(0),
            newest: watch::Sender::new(None),
        }
    }
}

impl Access {
    /// Access to `scope` without an end.
    #[must_use]
    pub fn new(scope: Arc<Scope>, account_id: impl Into<Arc<str>>) -> Self {
        Self {
            scope,
            account_id: account_id.into(),
            account_revision: 0,
            mcp_server_id: None,
            requires_api_token: false,
            life: Arc::default(),
        }
    }

    /// Access by this state of the account.
    #[must_use]
    pub fn of_revision(mut self, account_revision: i64) -> Self {
        self.account_revision = account_revision;
        self
    }

    /// Access through this MCP server.
    #[must_use]
    pub fn through(mut self, mcp_server_id: impl Into<Arc<str>>) -> Self {
        self.mcp_server_id = Some(mcp_server_id.into());
        self
    }

    /// This access with fewer tools.
    #[must_use]
    pub fn narrowed(&self, scope: Arc<Scope>) -> Self {
        Self { scope, ..self.clone() }
    }

    /// Sets when it ends, for all its copies and for calls under way.
    pub fn set_end(&self, until: Option<Millis>) {
        self.life.until.store(until.unwrap_or(Millis::MAX), Ordering::Relaxed);
    }

    /// Access for callers that also present an API token.
    #[must_use]
    pub fn requiring_api_token(mut self, required: bool) -> Self {
        self.requires_api_token = required;
        self
    }

    /// This access, ending together with `other`.
    #[must_use]
    pub fn ending_with(mut self, other: &Self) -> Self {
        self.life = Arc::clone(&other.life);
        self
    }

    /// This access in the place of `older`: it ends when that would, and whoever follows that is told.
    #[must_use]
    pub fn in_place_of(self, older: &Self) -> Self {
        let access = self.ending_with(older);
        access.life.newest.send_replace(Some(Form {
            scope: Arc::clone(&access.scope),
            requires_api_token: access.requires_api_token,
        }));
        access
    }

    /// The tools.
    #[must_use]
    pub fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// The account that calls are counted for.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The state of the account that calls are made with.
    #[must_use]
    pub fn account_revision(&self) -> i64 {
        self.account_revision
    }

    /// The MCP server that calls are counted for.
    #[must_use]
    pub fn mcp_server_id(&self) -> Option<&str> {
        self.mcp_server_id.as_deref()
    }

    /// Whether the caller must also present an API token.
    #[must_use]
    pub fn requires_api_token(&self) -> bool {
        self.requires_api_token
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.life.ended.is_cancelled() || self.life.until.load(Ordering::Relaxed) <= now()
    }

    /// Ends it, for all its copies, and cuts off the calls under way.
    pub fn end(&self) {
        self.life.ended.cancel();
    }

    /// Resolves when it ends.
    pub async fn ended(&self) {
        let expiry = async {
            // Short naps: the end can be moved, and a clock can be set.
            while let left @ 1.. = self.life.until.load(Ordering::Relaxed).saturating_sub(now()) {
                tokio::time::sleep(Duration::from_millis(left.unsigned_abs().min(500))).await;
            }
        };
        tokio::select! {
            () = self.life.ended.cancelled() => {}
            () = expiry => {}
        }
    }

    /// Counts a call until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> UnderWay {
        self.life.calls.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.life))
    }

    /// Whether calls are under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.life.calls.load(Ordering::Relaxed) > 0
    }

    /// Follows what becomes of this access; `None` when as many as may already do.
    #[must_use]
    pub fn follow(&self) -> Option<Follower> {
        let one_more = |count| (count < MOST_FOLLOWERS).then_some(count + 1);
        let counted = self
            .life
            .followers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.is_ok().then(|| Follower {
            newest: self.life.newest.subscribe(),
            access: self.clone(),
        })
    }

    /// Whether somebody follows it.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.life.followers.load(Ordering::Relaxed) > 0
    }
}

/// Follows what becomes of an [`Access`].
#[derive(Debug)]
pub struct Follower {
    access: Access,
    newest: watch::Receiver<Option<Form>>,
}

impl Follower {
    /// What the access was for when last asked.
    #[must_use]
    pub fn scope(&self) -> &Arc<Scope> {
        &self.access.scope
    }

    /// Waits until the access is for something else: another filter, another state of the account, another name. `None`
    /// when it has ended, or asks for an API token by now, which nobody has shown.
    pub async fn next(&mut self) -> Option<&Arc<Scope>> {
        let newer = async {
            loop {
                let newest = self.newest.borrow_and_update().clone();
                // It may have come before anybody followed.
                if let Some(form) = newest.filter(|form| !Arc::ptr_eq(&form.scope, &self.access.scope)) {
                    return form;
                }
                if self.newest.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let form = tokio::select! {
            biased;
            () = self.access.ended() => return None,
            form = newer => form,
        };
        if form.requires_api_token && !self.access.requires_api_token {
            return None;
        }
        self.access.scope = form.scope;
        Some(&self.access.scope)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.access.life.followers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call under way.
#[derive(Debug)]
pub struct UnderWay(Arc<Life>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why access cannot be told at the moment.
#[derive(Debug)]
pub struct DirectoryError(pub String);

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DirectoryError {}

/// Finds what a token opens. Asked on every request, so that a token that was revoked or has expired stops working.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// What the token of an MCP server opens; `None` when no live token is like it.
    async fn resolve(&self, token: &str) -> Result<Option<Access>, DirectoryError>;

    /// Whether this is an API token that reaches the account of `access`.
    async fn reaches(&self, api_token: &str, access: &Access) -> Result<bool, DirectoryError>;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::control::tests::scope;

    use super::*;

    #[tokio::test]
    async fn copies_end_together() {
        let access = Access::new(scope(), "acc_1");
        let copy = access.clone();
        assert!(!copy.has_ended());
        access.end();
        copy.ended().await;
        assert!(copy.has_ended());
    }

    #[tokio::test]
    async fn it_ends_at_its_time() {
        let access = Access::new(scope(), "acc_1");
        access.set_end(Some(now() - 1));
        assert!(access.has_ended());
        access.set_end(Some(now() + 30));
        access.ended().await;
        assert!(access.clone().has_ended());
        let endless = Access::new(scope(), "acc_1");
        let waited = tokio::time::timeout(Duration::from_millis(5), endless.ended()).await;
        assert!(waited.is_err());
    }

    #[tokio::test]
    async fn a_follower_is_told_what_access_becomes() {
        use futures_util::FutureExt as _;

        let access = Access::new(scope(), "acc_1");
        let mut follower = access.follow().unwrap();
        assert!(access.is_followed());
        assert!(follower.next().now_or_never().is_none(), "nothing has changed");
        let newer = Access::new(scope(), "acc_1").in_place_of(&access);
        let told = follower.next().await.unwrap();
        assert!(Arc::ptr_eq(told, newer.scope()));
        assert!(follower.next().now_or_never().is_none());
        // One that comes late, with what it was before.
        let mut late = access.follow().unwrap();
        assert!(Arc::ptr_eq(late.next().await.unwrap(), newer.scope()));
        let stricter = Access::new(scope(), "acc_1").requiring_api_token(true);
        let stricter = stricter.in_place_of(&newer);
        assert!(follower.next().await.is_none(), "it has shown no API token");
        let mut admitted = stricter.follow().unwrap();
        assert!(admitted.next().now_or_never().is_none());
        access.end();
        assert!(admitted.next().await.is_none());
        drop((follower, late, admitted));
        assert!(!access.is_followed());
    }

    #[test]
    fn one_access_has_so_many_followers() {
        let access = Access::new(scope(), "acc_1");
        let mut followers: Vec<_> = std::iter::from_fn(|| access.follow()).collect();
        assert_eq!(followers.len(), MOST_FOLLOWERS);
        followers.pop();
        assert!(access.follow().is_some());
    }

    #[test]
    fn calls_are_counted_while_they_last() {
        let access = Access::new(scope(), "acc_1");
        let copy = access.clone();
        let one = access.enter();
        assert!(copy.is_busy());
        drop(one);
        assert!(!copy.is_busy());
    }
}
