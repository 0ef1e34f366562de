//! Result pages for readers without an account: by a link that a lead made, ends by itself and can be ended before; and
//! an example for everybody who has no experiment yet.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};
use askama::Template;

use super::{Language, Page, html};
use crate::{
    analysis::document::Analysis,
    definitions::read_experiment_toml,
    domain::{
        decision::Decision,
        experiment::{DEFAULT_PLANNED_UNITS, Experiment, Status},
        time::{Moment, Wait},
    },
    language::{Said, say},
    presentation::{Beside, Chip, DecidedView, PlanView, ResultView, words},
    storage::{Db, StorageError, analyses, audit, decisions, experiments, shares},
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
        language,
    },
};

/// For how many days a link can be made; the first is proposed.
const DAYS: [i64; 3] = [7, 30, 90];

// ── the page that is shared ──────────────────────────────────────────────────────────────────

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
    (experiment, analysis): (&Experiment, &Analysis),
    decided: Option<&Decision>,
) -> Result<HttpResponse, Problem> {
    let render = |error: askama::Error| Problem::internal(&error);
    let r = ResultView::new(t, experiment, analysis, false).map_err(render)?;
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
        Ok(analysis.map(|analysis| (experiment, analysis, decided)))
    });
    let Some((experiment, analysis, decided)) = found.await? else {
        return Err(Problem::not_found("there is no such link: it may be out of date, or have been ended"));
    };
    let t = language::of(&request);
    let note = t.say("shared-note").with("at", t.date_time(analysis.made_at));
    let mut answer = result_page(t, Page::outside(t), note, (&experiment, &analysis), decided.as_ref())?;
    let quiet = header::HeaderValue::from_static("noindex, nofollow");
    answer.headers_mut().insert(header::HeaderName::from_static("x-robots-tag"), quiet);
    Ok(answer)
}

/// `GET /example`: the result that `patience demo` comes to, to see what one looks like. Nothing of it is stored.
pub(super) async fn example(person: Person) -> Result<HttpResponse, Problem> {
    let text = include_str!("../../../experiments/longer-frt-low-spend.toml");
    let definition = read_experiment_toml(text, "the example").map_err(Problem::from)?;
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
    result_page(t, Page::new(person, "/experiments"), note, (&experiment, &analysis), None)
}

// ── links, for leads ─────────────────────────────────────────────────────────────────────────

#[derive(Debug, Template)]
#[template(path = "pages/share.html")]
struct Share {
    t: Language,
    page: Page,
    key: String,
    name: String,
    rows: Vec<Row>,
    made: Option<String>,
    has_result: bool,
}

#[derive(Debug)]
struct Row {
    id: i64,
    made: Said,
    until: String,
    /// Whether it opens the page still, else why not.
    state: Said,
    open: bool,
}

impl Share {
    fn days(&self) -> impl Iterator<Item = (i64, Said)> {
        let t = self.t;
        DAYS.into_iter().map(move |days| (days, t.say("share-days").with("n", days)))
    }
}

fn read(db: &mut Db, key: &Key) -> Result<(Experiment, Vec<shares::Share>, bool), StorageError> {
    let experiment = experiments::get(db, &key.0)?;
    let has_result = !analyses::list(db, &key.0)?.is_empty();
    Ok((experiment, shares::list(db, &key.0)?, has_result))
}

async fn page(
    state: &Shared,
    person: Person,
    key: Key,
    made: Option<String>,
) -> Result<HttpResponse, Problem> {
    let (t, now) = (person.language, state.now());
    let (experiment, all, has_result) = state.read(move |db| read(db, &key)).await?;
    let rows = all.into_iter().map(|share| Row {
        id: share.id,
        until: t.date_time(share.expires_at),
        open: share.is_open(now),
        state: match share.revoked_at {
            Some(at) => t.say("share-ended").with("date", at),
            None if share.is_open(now) => t.say("share-open"),
            None => t.say("share-over"),
        },
        made: t.say("share-made").with("who", share.made_by).with("date", share.made_at),
    });
    html(&Share {
        t,
        page: Page::new(person, "/experiments"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name,
        rows: rows.collect(),
        made,
        has_result,
    })
}

/// `GET /experiments/{key}/share`
pub(super) async fn links(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    page(&state, person, key, None).await
}

/// `POST /experiments/{key}/share` makes a link and shows it once, in the answer itself.
pub(super) async fn make(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let asked = form.get("days").and_then(|days| days.parse().ok());
    let days = asked.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    let (now, who, about) = (state.now(), person.email.clone(), key.0.clone());
    let token = state.write(move |db| {
        experiments::get(db, &about)?;
        let what = say("did-share").with("n", days);
        audit::record(db, now, &who, &what, Some(&about))?;
        shares::create(db, &about, &who, Wait::from_hours(24 * days), now)
    });
    let link = format!("{}/shared/{}", state.public_url.as_str().trim_end_matches('/'), token.await?);
    page(&state, person, key, Some(link)).await
}

/// `POST /experiments/{key}/share/end`
pub(super) async fn end(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let number = form.get("id").unwrap_or_default().parse();
    let number: i64 =
        number.map_err(|_| Problem::bad_request("the form does not say who is meant: reload the page"))?;
    let (now, about) = (state.now(), key.0.clone());
    state
        .write(move |db| {
            shares::revoke(db, &about, number, now)?;
            audit::record(db, now, &person.email, &say("did-unshare"), Some(&about))
        })
        .await?;
    Ok(super::see_other(&format!("/experiments/{}/share", key.0)))
}
