//! What `/metrics` shows, in the text format of Prometheus.
//!
//! Labels take few values: words of Deskhand's own, methods of compiled-in operations, statuses, and the ids of
//! accounts in use. Nothing a caller made up becomes one.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deskhand_runtime::error::{Error, Origin};
use deskhand_runtime::tool::ToolOutcome;
use metrics::{
    Counter, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;

use crate::access::Access;
use crate::call::CallWatch;
use crate::store::CallRow;

/// Upper bounds of the buckets of durations, in seconds: from what the server itself adds to a call to the longest
/// that a helpdesk may take.
const SECONDS: [f64; 15] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// How long the limits of an account are shown after its last call.
const ACCOUNT_SHOWN: Duration = Duration::from_secs(15 * 60);

/// How many durations may wait to be put into buckets.
const MOST_WAITING: u32 = 4096;

/// Counts and measures. Copies share what they count.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

/// What is counted and measured with the same labels, by all labels in one text: finding it among all metrics would take
/// longer than counting.
struct Found<T>(RwLock<HashMap<String, T>>);

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Found<T> {
    fn get(&self, labels: &str, make: impl FnOnce() -> T) -> T {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = found.get(labels) {
            return found.clone();
        }
        drop(found);
        let mut found = self.0.write().unwrap_or_else(PoisonError::into_inner);
        found.entry(labels.to_owned()).or_insert_with(make).clone()
    }
}

struct Inner {
    requests: Found<(Counter, Histogram)>,
    calls: Found<(Counter, Histogram)>,
    upstream: Found<Histogram>,
    answers: Found<Counter>,
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    open_connections: AtomicI64,
    log_rows_lost: AtomicU64,
    /// Durations since they were last put into buckets.
    waiting: AtomicU32,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::GAUGE, Some(ACCOUNT_SHOWN));
        #[expect(clippy::expect_used, reason = "there are bounds")]
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .expect("bounds of buckets");
        let recorder = builder.build_recorder();
        metrics::with_local_recorder(&recorder, describe);
        Self(Arc::new(Inner {
            handle: recorder.handle(),
            recorder,
            requests: Found::default(),
            calls: Found::default(),
            upstream: Found::default(),
            answers: Found::default(),
            open_connections: AtomicI64::new(0),
            log_rows_lost: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
        }))
    }
}

fn describe() {
    describe_counter!("deskhand_calls_total", "Calls of tools, by how they ended.");
    describe_counter!(
        "deskhand_refused_calls_total",
        "Calls refused by this server's own limits, before anything was sent."
    );
    describe_counter!(
        "deskhand_upstream_responses_total",
        "Answers of helpdesks, by HTTP status."
    );
    describe_counter!("deskhand_http_requests_total", "Requests, by route and status.");
    describe_counter!("deskhand_log_rows_lost_total", "Calls that could not be logged.");
    describe_gauge!("deskhand_open_connections", "Connections that are open.");
    describe_gauge!(
        "deskhand_rate_limit_remaining",
        "Calls that a helpdesk still allows an account, as it last told."
    );
    describe_gauge!(
        "deskhand_rate_limit",
        "Calls that a helpdesk allows an account in a window, as it last told."
    );
    describe_gauge!("deskhand_build_info", "Always 1; the version is a label.");
    for (name, about) in [
        (
            "deskhand_call_duration_seconds",
            "Time that calls of tools took in all.",
        ),
        (
            "deskhand_upstream_duration_seconds",
            "Time that calls waited for helpdesks.",
        ),
        ("deskhand_http_request_duration_seconds", "Time to answer requests."),
    ] {
        describe_histogram!(name, Unit::Seconds, about);
    }
}

impl Metrics {
    /// Everything, as Prometheus reads it.
    #[must_use]
    pub fn render(&self) -> String {
        self.record(|| {
            // Set anew each time, since a gauge that is not set for long is dropped.
            let open = self.0.open_connections.load(Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            gauge!("deskhand_open_connections").set(open as f64);
            gauge!("deskhand_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
            counter!("deskhand_log_rows_lost_total").absolute(self.0.log_rows_lost.load(Ordering::Relaxed));
        });
        self.0.handle.render()
    }

    /// A request was answered.
    pub fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let requests = self.0.requests.get(&format!("{method} {status} {route}"), || {
            self.record(|| {
                let labels = [("method", method.to_owned()), ("route", route.to_owned())];
                let took = histogram!("deskhand_http_request_duration_seconds", &labels);
                let [method, route] = labels;
                let labels = [method, route, ("status", status.to_string())];
                (counter!("deskhand_http_requests_total", &labels), took)
            })
        });
        requests.0.increment(1);
        requests.1.record(took);
        self.make_room(1);
    }

    /// A connection that is open as long as the guard lives.
    #[must_use]
    pub fn connection(&self) -> OpenConnection {
        self.0.open_connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self.clone())
    }

    /// So many calls could not be logged since the start.
    pub fn log_rows_lost(&self, rows: u64) {
        self.0.log_rows_lost.store(rows, Ordering::Relaxed);
    }

    fn record<T>(&self, work: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.0.recorder, work)
    }

    /// Durations are kept one by one until they are put into buckets, which must not have to wait for somebody to
    /// look at them.
    fn make_room(&self, durations: u32) {
        let waiting = self.0.waiting.fetch_add(durations, Ordering::Relaxed);
        if waiting >= MOST_WAITING {
            self.0.waiting.store(0, Ordering::Relaxed);
            self.0.handle.run_upkeep();
        }
    }
}

impl CallWatch for Metrics {
    fn admit(&self, _access: &Access) -> Result<(), Error> {
        Ok(())
    }

    fn called(&self, access: &Access, call: &CallRow, outcome: &ToolOutcome) {
        let scope = access.scope();
        let integration = scope.integration().slug;
        // Of a tool that does not exist neither is known.
        let category = scope
            .resolve(&call.tool)
            .map_or("none", |(operation, _)| operation.category());
        let refused = outcome
            .result
            .as_ref()
            .is_err_and(|error| error.origin() == Origin::Deskhand && error.is_rate_limited());
        let (door, method, code) = (&call.door, &call.method, &call.code);
        let key = format!("{integration} {category} {method} {door} {code}");
        let calls = self.0.calls.get(&key, || {
            self.record(|| {
                let labels = [
                    ("integration", integration.to_owned()),
                    ("method", method.clone()),
                    ("category", category.to_owned()),
                    ("door", door.clone()),
                    ("code", code.clone()),
                ];
                let took = histogram!(
                    "deskhand_call_duration_seconds", "integration" => integration, "category" => category, "door" => door.clone()
                );
                (counter!("deskhand_calls_total", &labels), took)
            })
        });
        calls.0.increment(1);
        if refused {
            self.record(|| {
                counter!("deskhand_refused_calls_total", "integration" => integration, "door" => door.clone())
                    .increment(1);
            });
            return;
        }
        calls.1.record(Duration::from_millis(call.duration_ms.unsigned_abs()));
        if let Some(took) = outcome.upstream_time {
            let upstream = self.0.upstream.get(&format!("{integration} {category}"), || {
                self.record(|| {
                    histogram!("deskhand_upstream_duration_seconds", "integration" => integration, "category" => category)
                })
            });
            upstream.record(took);
        }
        if let Some(status) = outcome.status {
            let answers = self.0.answers.get(&format!("{integration} {status}"), || {
                self.record(|| {
                    counter!("deskhand_upstream_responses_total", "integration" => integration, "status" => status.to_string())
                })
            });
            answers.increment(1);
        }
        if let Some(told) = outcome.rate_limit {
            self.record(|| {
                let labels = [
                    ("integration", integration.to_owned()),
                    ("account", call.account_id.clone()),
                ];
                #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
                if let Some(remaining) = told.remaining {
                    gauge!("deskhand_rate_limit_remaining", &labels).set(remaining as f64);
                }
                #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
                if let Some(limit) = told.limit {
                    gauge!("deskhand_rate_limit", &labels).set(limit as f64);
                }
            });
        }
        self.make_room(2);
    }
}

/// A connection that is open.
#[derive(Debug)]
pub struct OpenConnection(Metrics);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.open_connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the one line that begins with `name` and holds all these labels.
    fn value(rendered: &str, name: &str, labels: &[&str]) -> f64 {
        let found: Vec<&str> = rendered
            .lines()
            .filter(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} ")))
            .filter(|line| labels.iter().all(|label| line.contains(label)))
            .collect();
        assert_eq!(found.len(), 1, "{name} {labels:?} in\n{rendered}");
        found[0].rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    #[test]
    fn requests_are_counted_by_route_and_status() {
        let metrics = Metrics::default();
        metrics.request("GET", "/a/{id}", 200, Duration::from_millis(3));
        metrics.request("GET", "/a/{id}", 200, Duration::from_secs(90));
        metrics.request("GET", "/a/{id}", 404, Duration::from_millis(3));
        let text = metrics.render();
        let route = "route=\"/a/{id}\"";
        let requests = |status: &str| value(&text, "deskhand_http_requests_total", &[route, status]);
        assert_eq!((requests("status=\"200\""), requests("status=\"404\"")), (2.0, 1.0));
        let bucket = |le: &str| value(&text, "deskhand_http_request_duration_seconds_bucket", &[route, le]);
        assert_eq!(bucket("le=\"0.0025\""), 0.0);
        assert_eq!(bucket("le=\"0.005\""), 2.0);
        assert_eq!(bucket("le=\"60\""), 2.0);
        assert_eq!(bucket("le=\"+Inf\""), 3.0);
        assert!(
            text.contains("# TYPE deskhand_http_request_duration_seconds histogram"),
            "{text}"
        );
        assert!(text.contains("# HELP deskhand_http_requests_total Requests, by route and status."));
    }

    #[test]
    fn connections_are_counted_while_they_are_open() {
        let metrics = Metrics::default();
        let open = metrics.connection();
        let other = metrics.clone().connection();
        assert_eq!(value(&metrics.render(), "deskhand_open_connections", &[]), 2.0);
        drop((open, other));
        assert_eq!(value(&metrics.render(), "deskhand_open_connections", &[]), 0.0);
        assert_eq!(
            value(&metrics.render(), "deskhand_build_info", &[env!("CARGO_PKG_VERSION")]),
            1.0
        );
    }

    #[test]
    fn durations_are_put_into_buckets_though_nobody_looks() {
        let metrics = Metrics::default();
        for _ in 0..=MOST_WAITING {
            metrics.request("GET", "/a", 200, Duration::from_millis(3));
        }
        assert_eq!(metrics.0.waiting.load(Ordering::Relaxed), 0);
        let count = value(&metrics.render(), "deskhand_http_request_duration_seconds_count", &[]);
        assert_eq!(count, f64::from(MOST_WAITING + 1));
    }
}
