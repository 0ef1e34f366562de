//! Whether the server is well.

use actix_web::{HttpResponse, http::header};

use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    storage::revision,
    web::{
        auth::Shared,
        error::{Problem, ProblemDocument},
    },
};

/// Alive: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "It is", content_type = "text/plain", body = String)))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Ready: the database is reachable and migrated.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "It is", content_type = "text/plain", body = String),
              (status = 503, description = "It is not", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn ready(state: Shared) -> Result<HttpResponse, Problem> {
    state.read(revision::get).await.map_err(Problem::unavailable)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(("key" = [])),
    responses((status = 200, description = "Prometheus text", content_type = "text/plain", body = String)))]
pub async fn figures(state: Shared) -> HttpResponse {
    metrics::gauge!("patience_wal_bytes").set(state.store.log_bytes().unwrap_or(0) as f64);
    let text = state.figures.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text)
}
