//! What is told to us: events and files. Bodies stream; what was good of them is durable when we answer.

use actix_web::{HttpResponse, web::Path};

use crate::{
    actions::{Gathering, IMPORT_SOURCE, Summary},
    domain::ids::Source,
    ingest::{FileError, Intake, Kind},
    web::{
        auth::{Caller, Shared},
        body::Body,
        error::{Problem, ProblemDocument},
        recording::Recording,
    },
};

/// Tell events: a JSON array or NDJSON of any length.
#[utoipa::path(post, path = "/api/v1/events", tag = "intake", security(("key" = [])),
    request_body(content = String, content_type = "application/x-ndjson", description = "One event a line, or a JSON array of events"),
    responses((status = 200, description = "What became of them; what was accepted is durable", body = Summary),
              (status = 400, description = "More than 100,000 lines are refused", body = ProblemDocument, content_type = "application/problem+json"),
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
    let mut intake = Intake::new(kind, source.clone(), now);
    let mut recording = Recording::new(state, source, now);
    let mut gathering = Gathering::default();
    let read = read(&mut body, &mut intake, &mut gathering, &mut recording).await;
    if read.is_err() {
        // What was good so far is durable when we answer that the rest is not.
        recording.settle().await?;
    }
    read?;
    intake.finish(&mut gathering.items).map_err(refuse)?;
    Ok(HttpResponse::Ok().json(recording.finish(gathering.take()).await?))
}

async fn read(
    body: &mut Body,
    intake: &mut Intake,
    gathering: &mut Gathering,
    recording: &mut Recording<'_>,
) -> Result<(), Problem> {
    while let Some(bytes) = body.next().await? {
        intake.push(&bytes, &mut gathering.items).map_err(refuse)?;
        recording.take(gathering).await?;
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn refuse(error: FileError) -> Problem {
    Problem::bad_request(error.to_string())
}
