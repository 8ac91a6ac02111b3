//! The log of calls: rows are collected and written several at a time, so that no call waits for the database.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::duration;
use crate::store::{CallRow, Store};

/// How many rows may wait to be written; a database that is slower than that loses rows, not calls.
const MOST_WAITING: usize = 20_000;
/// How many rows are written at once.
const AT_ONCE: usize = 500;
/// How many rows wait for no others. A database in this process takes time from the calls, better in many short pieces.
const ENOUGH: usize = 100;
/// How long a row may wait for others.
const GATHER: Duration = Duration::from_millis(200);
/// The pause between two looks at how many wait.
const LOOK: Duration = Duration::from_millis(10);

/// How long logged calls are kept, as an operator writes it: `30d`, `12h`, `forever`, or `none` to log nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// They are not logged at all.
    None,
    /// So long.
    For(Duration),
    /// Until somebody deletes them.
    Forever,
}

impl Default for Retention {
    fn default() -> Self {
        Self::For(Duration::from_secs(30 * 24 * 3600))
    }
}

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" | "0" => return Ok(Self::None),
            "forever" => return Ok(Self::Forever),
            _ => {}
        }
        let length = duration::parse(text).filter(|length| !length.is_zero());
        let length =
            length.ok_or_else(|| "expected a length of time such as 30d or 12h, forever, or none".to_owned())?;
        Ok(Self::For(length))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Forever => f.write_str("forever"),
            Self::For(length) => match length.as_secs() {
                seconds if seconds % (24 * 3600) == 0 => write!(f, "{}d", seconds / (24 * 3600)),
                seconds if seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
                seconds => write!(f, "{seconds}s"),
            },
        }
    }
}

/// Takes rows and writes them.
pub(super) struct Writer {
    store: Arc<dyn Store>,
    /// Whether calls are logged at all.
    logs: bool,
    sender: Sender<CallRow>,
    receiver: Mutex<Option<Receiver<CallRow>>>,
    /// Rows that could not be written since the start.
    lost: AtomicU64,
}

impl Writer {
    pub(super) fn new(store: Arc<dyn Store>, retention: Retention) -> Self {
        let (sender, receiver) = channel(MOST_WAITING);
        Self {
            store,
            logs: retention != Retention::None,
            sender,
            receiver: Mutex::new(Some(receiver)),
            lost: AtomicU64::new(0),
        }
    }

    /// Takes a row. Never waits.
    pub(super) fn add(&self, call: CallRow) {
        if self.logs && self.sender.try_send(call).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many rows could not be written since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Writes rows until `stop` is cancelled, and then those that are left.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let taken = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receiver) = taken else { return };
        let mut calls = Vec::with_capacity(AT_ONCE);
        let mut told = 0;
        loop {
            let stopped = tokio::select! {
                biased;
                _ = receiver.recv_many(&mut calls, AT_ONCE) => false,
                () = stop.cancelled() => true,
            };
            if stopped && calls.is_empty() {
                break;
            }
            if let Err(error) = self.store.insert_calls(&calls).await {
                tracing::warn!(%error, rows = calls.len(), "calls could not be logged");
                let rows = u64::try_from(calls.len()).unwrap_or(u64::MAX);
                told += rows;
                self.lost.fetch_add(rows, Ordering::Relaxed);
            }
            calls.clear();
            let lost = self.lost();
            if lost > told {
                tracing::warn!(
                    rows = lost - told,
                    "calls could not be logged: the database is too slow"
                );
                told = lost;
            }
            if !stopped {
                tokio::select! {
                    () = gathered(&receiver) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}

/// Waits until there are enough rows to be written, or the first may wait no longer.
async fn gathered(receiver: &Receiver<CallRow>) {
    let until = Instant::now() + GATHER;
    while receiver.len() < ENOUGH && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::SqlStore;
    use crate::store::{CallFilter, Page};

    #[tokio::test]
    async fn rows_that_cannot_be_written_are_counted() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("log.db").display());
        let store = Arc::new(SqlStore::open(&url).await.unwrap());
        let writer = Arc::new(Writer::new(Arc::clone(&store) as Arc<dyn Store>, Retention::Forever));
        let row = |id: &str| CallRow {
            id: id.to_owned(),
            ..CallRow::default()
        };
        writer.add(row("1"));
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let (writer, stop) = (Arc::clone(&writer), stop.clone());
            async move { writer.run(stop).await }
        });
        let all = Page { after: None, limit: 10 };
        while store.calls(&CallFilter::default(), &all).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(writer.lost(), 0);
        store.close().await;
        writer.add(row("2"));
        writer.add(row("3"));
        stop.cancel();
        running.await.unwrap();
        assert_eq!(writer.lost(), 2, "the database is closed");
        writer.add(row("4"));
        assert_eq!(writer.lost(), 3, "nobody writes any more");
    }

    #[test]
    fn retentions_are_written_as_they_are_read() {
        let read = |text: &str| text.parse::<Retention>();
        let hours = |hours: u64| Retention::For(Duration::from_secs(hours * 3600));
        assert_eq!(read("30d"), Ok(hours(720)));
        assert_eq!(read("1w"), Ok(hours(168)));
        assert_eq!(read("12h"), Ok(hours(12)));
        assert_eq!(read("90m"), Ok(Retention::For(Duration::from_secs(5400))));
        assert_eq!(read("0"), Ok(Retention::None));
        for text in ["none", "forever", "30d", "12h", "5400s"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        assert_eq!(Retention::default().to_string(), "30d");
        for bad in ["", "30", "-1d", "0d", "1mo", "1y", "soon", "d"] {
            let told = read(bad).unwrap_err();
            assert!(told.contains("30d") && told.contains("none"), "{bad}: {told}");
        }
    }
}
