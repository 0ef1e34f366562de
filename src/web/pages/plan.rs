//! *Read the plan*: what was agreed, in full, for everybody who may see the result.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html};
use crate::{
    definitions::write_experiment_toml,
    presentation::{Agreed, PlanView},
    storage::experiments,
    web::{
        api::experiments::Key,
        auth::{Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/plan.html")]
struct PlanPage {
    t: Language,
    page: Page,
    key: String,
    name: String,
    plan: PlanView,
    agreed: Agreed,
    /// The same as `patience export` prints it.
    file: String,
}

/// `GET /experiments/{key}/plan`
pub(super) async fn show(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let found = state.read(move |db| Ok((experiments::get(db, &key.0)?, experiments::log(db, &key.0)?)));
    let (experiment, log) = found.await?;
    let t = person.language;
    html(&PlanPage {
        t,
        page: Page::new(person, "/experiments"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name.clone(),
        plan: PlanView::new(t, &experiment, &log),
        agreed: Agreed::new(t, &experiment, &log),
        file: write_experiment_toml(&experiment.definition),
    })
}
