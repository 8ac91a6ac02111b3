//! The log of calls: rows are collected and written several at a time, so that no call waits for the database.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use crate::store::{CallRow, Store};

/// How many rows may wait to be written; a database that is slower than that loses rows, not calls.
const MOST_WAITING: usize = 20_000;
/// How many rows are written at once.
const AT_ONCE: usize = 500;
/// How long a row may wait for others.
const GATHER: Duration = Duration::from_millis(200);

/// Takes rows and writes them.
pub(super) struct Writer {
    store: Arc<dyn Store>,
    sender: Sender<CallRow>,
    receiver: Mutex<Option<Receiver<CallRow>>>,
    /// Rows that could not be written since the start.
    lost: AtomicU64,
}

impl Writer {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (sender, receiver) = channel(MOST_WAITING);
        Self {
            store,
            sender,
            receiver: Mutex::new(Some(receiver)),
            lost: AtomicU64::new(0),
        }
    }

    /// Takes a row. Never waits.
    pub(super) fn add(&self, call: CallRow) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(call) {
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
            if !stopped && receiver.len() < AT_ONCE {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}
