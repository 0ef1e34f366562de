//! A measure on a page of its own, of a numbered analysis: it stays as it is for ever.

use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use askama::Template;

use super::{Language, Page, experiment::Asked, html, see_other};
use crate::{
    analysis::document::Analysis,
    domain::{experiment::Experiment, ids::ExperimentKey, log::LogLine},
    presentation::{MeasureView, shows_figures},
    storage::{Db, StorageError, analyses, experiments},
    web::{
        api::experiments::Key,
        auth::{Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/measure.html")]
struct MeasurePage {
    t: Language,
    page: Page,
    /// The result page that it belongs to, and what that is called.
    back: String,
    name: String,
    r: MeasureView,
    not_for_decisions: bool,
}

fn read(
    db: &mut Db,
    key: &ExperimentKey,
    number: u64,
) -> Result<(Experiment, Analysis, Vec<LogLine>), StorageError> {
    let analysis = analyses::find(db, key, number)?;
    let analysis = analysis.ok_or_else(|| StorageError::unknown("version of the result", number))?;
    Ok((experiments::get(db, key)?, analysis, experiments::log(db, key)?))
}

/// `GET /experiments/{key}/v/{number}/measures/{metric}`
pub(super) async fn show(
    state: Shared,
    person: Person,
    key: Key,
    path: Path<(String, u64, String)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let (_, number, metric) = path.into_inner();
    let version = format!("/experiments/{}/v/{number}", key.0);
    let (experiment, analysis, log) = state.read(move |db| read(db, &key.0, number)).await?;
    // What the result page hides, no other page shows.
    if !shows_figures(&analysis, asked.shows_anyway()) {
        return Ok(see_other(&version));
    }
    let t = person.language;
    let view = MeasureView::new(t, &experiment, &analysis, &log, &metric);
    let view = view.map_err(|error| Problem::internal(&error))?;
    let not_for_decisions = !shows_figures(&analysis, false);
    html(&MeasurePage {
        t,
        page: Page::new(person, "/experiments"),
        back: if not_for_decisions { format!("{version}?show=1") } else { version },
        name: experiment.definition.name.clone(),
        r: view.ok_or_else(|| Problem::not_found("there is no such measure in this version"))?,
        not_for_decisions,
    })
}
