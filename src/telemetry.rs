//! Logs to stderr and figures for Prometheus.
//!
//! Logs hold an allow-list of fields: route patterns rather than addresses, no bodies, no secrets. They
//! are JSON where stderr is read by a program and text where a person reads it.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{
    filter::{ParseError, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging; `filter` is `PATIENCE_LOG`.
///
/// # Errors
/// The filter cannot be read.
pub fn start(filter: &str) -> Result<(), ParseError> {
    // Libraries log at their own discretion, addresses too: without being asked for, only their warnings.
    let filter = match filter {
        "error" | "warn" => filter.to_owned(),
        "info" | "debug" | "trace" => format!("warn,patience={filter}"),
        other => other.to_owned(),
    };
    let filter: Targets = filter.parse()?;
    let registry = tracing_subscriber::registry().with(filter);
    let stderr = std::io::stderr;
    let started = if stderr().is_terminal() {
        registry.with(tracing_subscriber::fmt::layer().with_writer(stderr).with_target(false)).try_init()
    } else {
        registry
            .with(tracing_subscriber::fmt::layer().with_writer(stderr).json().flatten_event(true))
            .try_init()
    };
    // A second start in one process (tests) changes nothing.
    drop(started);
    Ok(())
}

/// Seconds that a request may take, for the histogram.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Starts counting for `GET /metrics`.
///
/// # Errors
/// Something in this process counts already.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    metrics::describe_counter!("patience_http_requests_total", "Requests answered, by route and status");
    metrics::describe_histogram!("patience_http_request_seconds", "Time from request to answer, by route");
    metrics::describe_counter!("patience_items_total", "Events and rows, by outcome");
    metrics::describe_gauge!("patience_ledger_queue", "Writes that wait to be durable");
    metrics::describe_gauge!("patience_wal_bytes", "Size of SQLite's write-ahead log");
    Ok(handle)
}
