//! Sending reports: made on the disk, sent piece by piece.

use std::{fs::File, io::Read};

use actix_web::{
    HttpResponse,
    body::{MessageBody, SizedStream},
    http::header::CONTENT_DISPOSITION,
    web::Bytes,
};
use futures_util::stream;

use super::{auth::Shared, error::Problem, state::blocking};
use crate::{
    actions::{self, ReportRequest},
    domain::ids::ExperimentKey,
    language::{Language, say},
    reports::Format,
    storage::audit,
};

/// What is read at once.
const PIECE: usize = 64 * 1024;

/// Who asks for a file.
#[derive(Debug, Clone)]
pub struct Asker {
    /// A person's address, or a key's name.
    pub name: String,
    /// What they read.
    pub language: Language,
    /// Whether they may see who the customers are.
    pub sees_customers: bool,
}

/// A stored analysis as a file: of a number, or the last.
///
/// # Errors
/// As [`actions::report`].
pub async fn report(
    state: &Shared,
    format: &'static dyn Format,
    experiment: ExperimentKey,
    analysis: Option<u64>,
    who: Asker,
) -> Result<HttpResponse, Problem> {
    let (language, sees_customers, about) = (who.language, who.sees_customers, experiment.clone());
    let made = state.at_length(move |store| {
        let asked = ReportRequest { experiment: &experiment, analysis, language, sees_customers };
        actions::report(store, format, &asked)
    });
    let report = made.await??;
    if sees_customers && format.shows_evidence() {
        // Whoever takes single customers' data away is on record before it leaves.
        let what = say("did-take-report").with("version", report.analysis).with("format", format.slug());
        let now = state.now();
        state.write(move |db| audit::record(db, now, &who.name, &what, Some(&about))).await?;
    }
    let body = SizedStream::new(report.length, Box::pin(stream::try_unfold(report.file, next)));
    Ok(attachment(&report.name, report.media_type, body))
}

/// A file of that name, to be saved.
pub fn attachment(name: &str, media_type: &str, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body)
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
