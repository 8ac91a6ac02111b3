//! Tells clients that their list of tools has changed: on the stream that `subscriptions/listen` opens, and in the
//! initialize era on the one that a GET opens.

use std::sync::Arc;

use deskhand_runtime::dialect::Dialect;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::access::{Access, Follower};
use crate::catalog::Listed;

/// The streams of one process. Copies share their places.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    places: Arc<Semaphore>,
    stopping: CancellationToken,
}

impl Streams {
    /// At most half of the connections may be streams, so that there is always room for calls. All end with `stopping`.
    pub(crate) fn new(max_connections: usize, stopping: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(max_connections.div_ceil(2))),
            stopping,
        }
    }

    /// A stream of the changes of what `access` lists in `dialect`.
    ///
    /// # Errors
    /// Why there is none: too many are open.
    pub(crate) fn open(&self, access: &Access, dialect: Dialect) -> Result<Changes, &'static str> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| "the server has as many streams open as it may; list the tools again instead")?;
        let follower = access.follow();
        let follower = follower
            .ok_or("this token has as many streams open as it may: close one, or list the tools again instead")?;
        Ok(Changes {
            listed: follower.scope().list(dialect),
            follower,
            dialect,
            stopping: self.stopping.clone(),
            _place: place,
        })
    }
}

/// The changes of one list of tools.
#[derive(Debug)]
pub(crate) struct Changes {
    follower: Follower,
    /// As the client can know it.
    listed: Listed,
    dialect: Dialect,
    stopping: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Changes {
    /// Waits until the list is another one; `None` once access has ended or the server stops.
    pub(crate) async fn next(&mut self) -> Option<()> {
        loop {
            let scope = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return None,
                scope = self.follower.next() => scope?,
            };
            // Another name, or credentials that are refused, change nothing that is listed.
            let listed = scope.list(self.dialect);
            if listed != self.listed {
                self.listed = listed;
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::control::tests::{narrow_scope, scope};

    fn streams(connections: usize) -> (Streams, CancellationToken) {
        let stopping = CancellationToken::new();
        (Streams::new(connections, stopping.clone()), stopping)
    }

    #[tokio::test]
    async fn only_another_list_is_a_change() {
        let (streams, stopping) = streams(2);
        let access = Access::new(scope(), "acc_1");
        let mut changes = streams.open(&access, Dialect::Mcp).unwrap();
        let same = Access::new(scope(), "acc_1").in_place_of(&access);
        assert_eq!(changes.next().now_or_never(), None, "the same tools");
        let fewer = Access::new(narrow_scope(), "acc_1").in_place_of(&same);
        assert_eq!(changes.next().now_or_never(), Some(Some(())));
        assert_eq!(changes.next().now_or_never(), None, "told once");
        drop(fewer);
        stopping.cancel();
        assert_eq!(changes.next().await, None);
    }

    #[tokio::test]
    async fn places_are_given_back() {
        let (streams, _) = streams(4);
        let access = Access::new(scope(), "acc_1");
        let one = streams.open(&access, Dialect::Mcp).unwrap();
        let _two = streams.open(&access, Dialect::Mcp).unwrap();
        assert!(streams.open(&access, Dialect::Mcp).unwrap_err().contains("the server"));
        drop(one);
        let mut three = streams.open(&access, Dialect::Mcp).unwrap();
        access.end();
        assert_eq!(three.next().await, None);
    }
}
