//! Sending reports: made on the disk, sent piece by piece.

use std::{fs::File, io::Read};

use actix_web::{HttpResponse, body::SizedStream, http::header::CONTENT_DISPOSITION, web::Bytes};
use futures_util::stream;

use super::{auth::Shared, error::Problem, state::blocking};
use crate::{
    actions::{self, Asked},
    domain::ids::ExperimentKey,
    reports::Format,
};

/// What is read at once.
const PIECE: usize = 64 * 1024;

/// A stored analysis as a file: of a number, or the last.
///
/// # Errors
/// As [`actions::report`].
pub async fn report(
    state: &Shared,
    format: &'static dyn Format,
    experiment: ExperimentKey,
    analysis: Option<u64>,
    sees_customers: bool,
) -> Result<HttpResponse, Problem> {
    let store = state.store.clone();
    let made = blocking(move || {
        actions::report(&store, format, &Asked { experiment: &experiment, analysis, sees_customers })
    });
    let report = made.await??;
    Ok(HttpResponse::Ok()
        .content_type(report.media_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", report.name)))
        .body(SizedStream::new(report.length, Box::pin(stream::try_unfold(report.file, next)))))
}

/// The next piece of a file, none at its end.
async fn next(mut file: File) -> Result<Option<(Bytes, File)>, Problem> {
    blocking(move || {
        let mut piece = Vec::with_capacity(PIECE);
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        read.map_err(|error| Problem::internal(&error))?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
    .await?
}
