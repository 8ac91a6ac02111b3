//! What came in.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::lock;
use crate::RecordedRequest;

/// The requests that came in, the oldest forgotten first.
pub(crate) struct Log {
    kept: usize,
    entries: Mutex<Entries>,
    abandoned: AtomicUsize,
}

#[derive(Default)]
struct Entries {
    next: u64,
    requests: VecDeque<(u64, RecordedRequest)>,
}

impl Log {
    pub(super) fn new(kept: usize) -> Self {
        Self {
            kept,
            entries: Mutex::default(),
            abandoned: AtomicUsize::new(0),
        }
    }

    /// Remembers a request; the number given back is for [`Log::answered`].
    pub(super) fn push(&self, request: RecordedRequest) -> u64 {
        let mut entries = lock(&self.entries);
        let ticket = entries.next;
        entries.next += 1;
        entries.requests.push_back((ticket, request));
        while entries.requests.len() > self.kept {
            entries.requests.pop_front();
        }
        ticket
    }

    pub(super) fn answered(&self, ticket: u64, status: u16) {
        let mut entries = lock(&self.entries);
        if let Ok(index) = entries.requests.binary_search_by_key(&ticket, |(ticket, _)| *ticket) {
            entries.requests[index].1.status = Some(status);
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.entries)
            .requests
            .iter()
            .map(|(_, request)| request.clone())
            .collect()
    }

    pub(crate) fn last(&self) -> Option<RecordedRequest> {
        lock(&self.entries).requests.back().map(|(_, request)| request.clone())
    }

    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        let entries = lock(&self.entries);
        entries
            .requests
            .iter()
            .filter(|(_, request)| request.method == method && request.path == path)
            .count()
    }

    pub(crate) fn abandoned(&self) -> usize {
        self.abandoned.load(Ordering::SeqCst)
    }

    pub(crate) fn clear(&self) {
        lock(&self.entries).requests.clear();
        self.abandoned.store(0, Ordering::SeqCst);
    }
}

/// Counts a request as abandoned when it is dropped without [`Watch::stayed`]: the server drops the work on a request when
/// its client leaves.
pub(super) struct Watch<'log> {
    log: Option<&'log Log>,
}

impl<'log> Watch<'log> {
    pub(super) fn new(log: &'log Log) -> Self {
        Self { log: Some(log) }
    }

    pub(super) fn stayed(mut self) {
        self.log = None;
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(log) = self.log {
            log.abandoned.fetch_add(1, Ordering::SeqCst);
        }
    }
}
