//! Moves in an experiment's life. What cannot be taken back is asked once more.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html, see_other};
use crate::{
    actions,
    domain::experiment::Move,
    language::Said,
    presentation::PlanView,
    storage::experiments,
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/confirm.html")]
struct Confirm {
    t: Language,
    page: Page,
    key: String,
    name: String,
    heading: Said,
    says: Vec<Said>,
    action: &'static str,
    button: Said,
    warn: bool,
    plan: PlanView,
}

/// `GET /experiments/{key}/start`
pub(super) async fn confirm_start(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let says = vec![t.say("start-locked"), t.say("start-assigned"), t.say("start-first-figures")];
    confirm(state, person, key, (t.say("start-heading"), says, "start", t.say("start-button"))).await
}

/// `GET /experiments/{key}/stop`
pub(super) async fn confirm_stop(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let says = vec![t.say("stop-usual"), t.say("stop-for-good")];
    confirm(state, person, key, (t.say("stop-heading"), says, "stop", t.say("stop-button"))).await
}

async fn confirm(
    state: Shared,
    person: Person,
    key: Key,
    (heading, says, action, button): (Said, Vec<Said>, &'static str, Said),
) -> Result<HttpResponse, Problem> {
    let experiment = state.read(move |db| experiments::get(db, &key.0)).await?;
    html(&Confirm {
        plan: PlanView::new(person.language, &experiment),
        t: person.language,
        page: Page::new(person, "/experiments"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name.clone(),
        heading,
        says,
        action,
        button,
        warn: action == "stop",
    })
}

/// `POST /experiments/{key}/start`
pub(super) async fn start(
    state: Shared,
    person: Person,
    key: Key,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    advance(state, person, key, Move::Start).await
}

/// `POST /experiments/{key}/pause`
pub(super) async fn pause(
    state: Shared,
    person: Person,
    key: Key,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    advance(state, person, key, Move::Pause).await
}

/// `POST /experiments/{key}/resume`
pub(super) async fn resume(
    state: Shared,
    person: Person,
    key: Key,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    advance(state, person, key, Move::Resume).await
}

/// `POST /experiments/{key}/stop`
pub(super) async fn stop(
    state: Shared,
    person: Person,
    key: Key,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    advance(state, person, key, Move::Stop).await
}

async fn advance(state: Shared, person: Person, key: Key, wanted: Move) -> Result<HttpResponse, Problem> {
    let (now, asked) = (state.now(), key.0.clone());
    state.at_length(move |store| actions::advance(store, &asked, wanted, now, &person.email)).await??;
    state.refresh_snapshot().await?;
    Ok(see_other(&format!("/experiments/{}?done={wanted}", key.0)))
}
