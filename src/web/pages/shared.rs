//! Result pages for readers without an account, by a link; and an example for everybody who has no experiment yet.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};
use askama::Template;

use super::{Language, Page, html};
use crate::{
    analysis::document::Analysis,
    demo,
    domain::{
        decision::Decision,
        experiment::{DEFAULT_PLANNED_UNITS, Experiment, Status},
        log::LogLine,
        time::Moment,
    },
    language::Said,
    presentation::{Beside, Chip, DecidedView, PlanView, ResultView, words},
    simulation::{World, published},
    storage::{analyses, decisions, experiments, shares},
    web::{
        auth::{Person, Shared},
        error::Problem,
        language,
    },
};

#[derive(Template)]
#[template(path = "pages/shared.html")]
struct SharedPage {
    t: Language,
    page: Page,
    /// What the page is: an example, or shared.
    note: Said,
    name: String,
    state: Chip,
    r: ResultView,
    plan: PlanView,
    /// The decision, where the result page of people who are signed in has buttons.
    actions: String,
}

#[derive(Template)]
#[template(path = "result/decided.html")]
struct DecidedAside<'a> {
    t: Language,
    key: &'a str,
    decided: Option<DecidedView>,
}

fn result_page(
    t: Language,
    page: Page,
    note: Said,
    (experiment, analysis, log): (&Experiment, &Analysis, &[LogLine]),
    decided: Option<&Decision>,
) -> Result<HttpResponse, Problem> {
    let render = |error: askama::Error| Problem::internal(&error);
    let r = ResultView::new(t, experiment, analysis, log, false).map_err(render)?;
    let decision = decided.map(|decided| words::decided(&decided.what));
    let aside = DecidedAside {
        t,
        key: experiment.definition.key.as_str(),
        decided: decided.map(|decided| DecidedView::new(t, decided).without_links()),
    };
    html(&SharedPage {
        t,
        page,
        note,
        name: experiment.definition.name.clone(),
        state: decision.map_or_else(|| r.state.clone(), |(words, tone)| Chip::new(t.tell(&words), tone)),
        plan: r.plan.clone(),
        actions: aside.render().map_err(render)?,
        r,
    })
}

/// `GET /shared/{token}`: the result that speaks today. No navigation, no way to any other page, and no customer.
pub(super) async fn shared(
    state: Shared,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let found = state.read(move |db| {
        let Some(key) = shares::open(db, &token, now)? else { return Ok(None) };
        let experiment = experiments::get(db, &key)?;
        let decided = decisions::list(db, &key)?.into_iter().next();
        let analysis = analyses::speaking(db, &key)?.map(|(analysis, _)| analysis);
        let mut log = experiments::log(db, &key)?;
        // What was noted helps to read the chart; who noted it is for those who are signed in.
        for line in &mut log {
            line.who.clear();
        }
        Ok(analysis.map(|analysis| (experiment, analysis, log, decided)))
    });
    let Some((experiment, analysis, log, decided)) = found.await? else {
        return Err(Problem::not_found("there is no such link: it may be out of date, or have been ended"));
    };
    let t = language::of(&request);
    let note = t.say("shared-note").with("at", t.date_time(analysis.made_at));
    let mut answer =
        result_page(t, Page::outside(t), note, (&experiment, &analysis, &log), decided.as_ref())?;
    let quiet = header::HeaderValue::from_static("noindex, nofollow");
    answer.headers_mut().insert(header::HeaderName::from_static("x-robots-tag"), quiet);
    Ok(answer)
}

/// `GET /example`: the result that `patience demo` comes to, to see what one looks like. Nothing of it is stored.
pub(super) async fn example(person: Person) -> Result<HttpResponse, Problem> {
    // What its figures were made by.
    let definition = published::definition(&World::published(demo::SEED));
    let analysis: Analysis = serde_json::from_str(include_str!("../../../templates/example/analysis.json"))
        .map_err(|error| Problem::internal(&error))?;
    let started = Moment::start_of(definition.starts_on);
    let experiment = Experiment {
        planned_units: definition.analysis.planned_units.unwrap_or(DEFAULT_PLANNED_UNITS),
        definition,
        status: Status::Running,
        salt: String::new(),
        version: 1,
        created_at: started,
        started_at: Some(started),
        stopped_at: None,
        layer_salt: String::new(),
        layer_offset: 0,
    };
    let t = person.language;
    let note = t.say("example-note");
    result_page(t, Page::new(person, "/experiments"), note, (&experiment, &analysis, &[]), None)
}
