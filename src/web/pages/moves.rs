//! Moves in an experiment's life. What cannot be taken back is asked once more.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html, see_other};
use crate::{
    actions,
    domain::experiment::Move,
    language::Said,
    presentation::{PlanView, actor},
    storage::{approval, experiments},
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
    let (t, asked) = (person.language, key.0.clone());
    let approval = state.read(move |db| {
        let experiment = experiments::get(db, &asked)?;
        approval::of(db, &experiment)
    });
    let mut says = vec![t.say("start-locked"), t.say("start-assigned"), t.say("start-first-figures")];
    let (heading, action, button) = match approval.await? {
        None => (t.say("start-heading"), "start", t.say("start-button")),
        Some(approval) if approval.may_start(&person.email) => {
            says.insert(0, t.say("approve-wrote").with("who", actor(t, &approval.author)));
            (t.say("approve-heading"), "start", t.say("approve-button"))
        }
        Some(_) => {
            says = vec![t.say("ask-why"), t.say("start-locked")];
            (t.say("ask-heading"), "ask", t.say("ask-button"))
        }
    };
    confirm(state, person, key, (heading, says, action, button)).await
}

/// `POST /experiments/{key}/ask` asks another lead or an admin to approve a draft and start it.
pub(super) async fn ask(
    state: Shared,
    person: Person,
    key: Key,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (now, asked) = (state.now(), key.0.clone());
    state.write(move |db| approval::ask(db, &asked, now, &person.email)).await?;
    Ok(see_other(&format!("/experiments/{}?done=asked", key.0)))
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
        plan: PlanView::new(person.language, &experiment, &[]),
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
    state
        .at_length(move |store| actions::advance_by_person(store, &asked, wanted, now, &person.email))
        .await??;
    state.refresh_snapshot().await?;
    Ok(see_other(&format!("/experiments/{}?done={wanted}", key.0)))
}
