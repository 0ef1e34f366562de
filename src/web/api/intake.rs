//! What is told to us: events and files. Bodies stream; what was good of them is durable when we answer.

use actix_web::{HttpResponse, web::Path};

use crate::{
    actions::{BATCH_ITEMS, Batch, IMPORT_SOURCE, Summary},
    domain::{ids::Source, time::Moment},
    ingest::{FileError, Intake, Item, Kind},
    web::{
        auth::{Caller, Shared},
        body::Body,
        error::{Problem, ProblemDocument},
    },
};

/// Tell events: a JSON array or NDJSON of any length.
#[utoipa::path(post, path = "/api/v1/events", tag = "intake", security(("key" = [])),
    request_body(content = String, content_type = "application/x-ndjson", description = "One event a line, or a JSON array of events"),
    responses((status = 200, description = "What became of them; what was accepted is durable", body = Summary),
              (status = 408, description = "The body came too slowly", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 503, description = "Too many writes wait: try again", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 507, description = "The disk is full", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn events(state: Shared, caller: Caller, body: Body) -> Result<HttpResponse, Problem> {
    take_in(&state, Kind::Events, caller.name, body).await
}

/// Import a CSV file of customers, conversations, ratings or revenue.
#[utoipa::path(post, path = "/api/v1/imports/{kind}", tag = "intake", security(("key" = [])),
    params(("kind" = String, Path, description = "customers, conversations, ratings, revenue, or events")),
    request_body(content = String, content_type = "text/csv", description = "With a header row, in UTF-8"),
    responses((status = 200, description = "What became of its rows; what was accepted is durable", body = Summary),
              (status = 400, description = "The header lacks a column", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 404, description = "No such kind", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn import(
    state: Shared,
    caller: Caller,
    kind: Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let kind: Kind = kind.parse().map_err(|error| Problem::not_found(format!("the kind {error}")))?;
    let source = match kind {
        Kind::Events => caller.name,
        _ => Source::new(IMPORT_SOURCE).map_err(|error| Problem::internal(&error))?,
    };
    take_in(&state, kind, source, body).await
}

async fn take_in(
    state: &Shared,
    kind: Kind,
    source: Source,
    mut body: Body,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let refuse = |error: FileError| Problem::bad_request(error.to_string());
    let mut intake = Intake::new(kind, source.clone(), now);
    let (mut items, mut summary) = (Vec::new(), Summary::default());
    while let Some(bytes) = body.next().await? {
        intake.push(&bytes, &mut items).map_err(refuse)?;
        if items.len() >= BATCH_ITEMS {
            summary.add(record(state, &source, std::mem::take(&mut items), now).await?);
        }
    }
    intake.finish(&mut items).map_err(refuse)?;
    summary.add(record(state, &source, items, now).await?);
    Ok(HttpResponse::Ok().json(summary))
}

async fn record(state: &Shared, source: &Source, items: Vec<Item>, now: Moment) -> Result<Summary, Problem> {
    if items.is_empty() {
        return Ok(Summary::default());
    }
    let batch = Batch::new(source.clone(), items);
    let summary = state.write(move |db| batch.record(db, now)).await?;
    summary.count();
    Ok(summary)
}
