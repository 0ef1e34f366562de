//! The experiment's page: the stored analysis that speaks today, or a numbered one that stays as it is for ever.

use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{Language, Page, html, notes::NoteForm, see_other};
use crate::{
    actions::{self, RefreshError},
    analysis::document::{Analysis, Outcome},
    domain::{
        decision::Decision,
        experiment::{Cohort, Experiment, MarginScale, Status},
        feed::Feed,
        ids::ExperimentKey,
        log::LogLine,
        time::Moment,
    },
    language::Said,
    presentation::{Beside, Chip, DecidedView, PlanView, ResultView, actor, logged, stale, words},
    storage::{
        Db, StorageError,
        analyses::{self, Header},
        approval::{self, Approval},
        decisions, experiments, feeds,
        surveys::{self, Held},
    },
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Template)]
#[template(path = "pages/experiment.html")]
struct ExperimentPage {
    t: Language,
    page: Page,
    key: String,
    name: String,
    hypothesis: String,
    status: Status,
    state: Chip,
    notice: Option<Said>,
    stale: Option<String>,
    /// What has not arrived lately.
    late: Vec<Said>,
    /// Where a draft stands that somebody else has to start.
    approval: Option<ApprovalView>,
    /// Newer figures that have to wait before they may change the headline.
    waiting: Option<Waiting>,
    /// The version shown, and whether it is one of the past.
    version: Option<(u64, bool)>,
    result: Option<ResultView>,
    plan: PlanView,
    actions: String,
    log: Vec<LogView>,
    note: NoteForm,
}

impl ExperimentPage {
    fn is(&self, status: &str) -> bool {
        self.status.as_str() == status
    }
}

/// What stands above a draft while approval is needed.
struct ApprovalView {
    /// Who asked, and when.
    asked: Option<Said>,
    /// Whether the reader may approve it.
    may_start: bool,
}

impl ApprovalView {
    fn new(t: Language, approval: &Approval, person: &Person) -> Self {
        let asked = approval.asked.as_ref();
        Self {
            asked: asked.map(|(who, at)| t.say("approval-asked").with("who", who).with("date", t.date(*at))),
            may_start: approval.may_start(&person.email),
        }
    }
}

/// What newer figures say, while the headline that was told today stands.
struct Waiting {
    at: String,
    version: u64,
    headline: String,
}

impl Waiting {
    fn new(t: Language, header: &Header) -> Self {
        Self {
            at: t.date_time(header.made_at),
            version: header.number,
            headline: header.summary.headline_in(t),
        }
    }
}

/// A line of the log, told by a person or by Patience.
struct LogView {
    at: Moment,
    date: String,
    what: String,
    who: String,
    link: Option<String>,
}

/// The verdict's buttons.
#[derive(Template)]
#[template(path = "pages/verdict_actions.html")]
struct VerdictActions<'a> {
    t: Language,
    key: &'a str,
    outcome: Outcome,
    hidden: bool,
    live: bool,
    lead: bool,
    decided: Option<DecidedView>,
    /// The planner with this experiment's figures.
    planner: String,
}

impl VerdictActions<'_> {
    fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete)
    }

    fn waits(&self) -> bool {
        matches!(self.outcome, Outcome::KeepRunning | Outcome::TooEarly | Outcome::WaitingForRevenue)
    }

    fn broken(&self) -> bool {
        self.outcome == Outcome::LimitBroken
    }

    fn behind(&self) -> bool {
        self.outcome == Outcome::Underpowered
    }

    /// The usual level stays, unless somebody accepts the risk.
    fn keeps(&self) -> bool {
        matches!(self.outcome, Outcome::NoClearAnswer | Outcome::SafeNotShownToPay)
    }

    fn may_pay(&self) -> bool {
        self.outcome == Outcome::SafeNotShownToPay
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// `1`: figures that a failed check hides.
    #[serde(default)]
    show: String,
    /// What was just done.
    #[serde(default)]
    done: String,
}

impl Asked {
    /// Whether the reader wants to see figures that a failed check hides.
    pub fn shows_anyway(&self) -> bool {
        self.show == "1"
    }
}

/// What the page is made of, read at one moment.
struct Found {
    experiment: Experiment,
    analysis: Option<Analysis>,
    waiting: Option<Waiting>,
    /// Whether a newer version than the one asked for is there.
    past: bool,
    /// The newest lines of the log, as the page tells them.
    told: Vec<LogView>,
    /// The whole log, for what the charts mark.
    log: Vec<LogLine>,
    /// The last decision.
    decided: Option<Decision>,
    /// Survey answers that nobody counts, as of now.
    held: Held,
    /// Feeds that are late while the experiment lives, and when something came of each last.
    late: Vec<(Feed, Moment)>,
    /// Of a draft, where somebody else has to start it.
    approval: Option<Approval>,
}

fn read(
    db: &mut Db,
    t: Language,
    key: &ExperimentKey,
    number: Option<u64>,
    now: Moment,
) -> Result<Found, StorageError> {
    let experiment = experiments::get(db, key)?;
    let lives = matches!(experiment.status, Status::Running | Status::Paused) && number.is_none();
    let late = if lives { feeds::late(db, now)? } else { Vec::new() };
    let (analysis, newer) = match number {
        Some(number) => {
            let asked = analyses::find(db, key, number)?
                .ok_or_else(|| StorageError::unknown("version of the result", number))?;
            (Some(asked), None)
        }
        None => {
            analyses::speaking(db, key)?.map_or((None, None), |(analysis, newer)| (Some(analysis), newer))
        }
    };
    let headers = analyses::list(db, key)?;
    let log = experiments::log(db, key)?;
    let of_people = log.iter().map(|line| LogView {
        at: line.at,
        date: t.date(line.at),
        what: logged(t, &line.what),
        who: actor(t, &line.who),
        link: None,
    });
    let made = headers.iter().map(|header| LogView {
        at: header.made_at,
        date: t.date(header.made_at),
        what: t.say("log-version").with("version", header.number.to_string()).to_string(),
        who: "Patience".to_owned(),
        link: Some(format!("/experiments/{key}/v/{}", header.number)),
    });
    let mut told: Vec<LogView> = of_people.chain(made).collect();
    told.sort_by_key(|line| std::cmp::Reverse(line.at));
    told.truncate(LOG_LINES);
    let decided = decisions::list(db, key)?.into_iter().next();
    let approval = approval::of(db, &experiment)?;
    let held = surveys::held(db, key, experiment.definition.unit)?;
    let past = number.is_some() && headers.first().map(|newest| newest.number) != number;
    Ok(Found {
        experiment,
        analysis,
        waiting: newer.map(|newer| Waiting::new(t, &newer)),
        past,
        told,
        log,
        decided,
        held,
        late,
        approval,
    })
}

/// Lines of the log that the page shows.
const LOG_LINES: usize = 30;

/// `GET /experiments/{key}`
pub(super) async fn latest(
    state: Shared,
    person: Person,
    key: Key,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let note = NoteForm::empty(state.now());
    with_note(state, person, key, &asked, note).await
}

/// The page with a note in its form: nothing yet, or what was wrong.
pub(super) async fn with_note(
    state: Shared,
    person: Person,
    key: Key,
    asked: &Asked,
    note: NoteForm,
) -> Result<HttpResponse, Problem> {
    let (t, now) = (person.language, state.now());
    let found = state.read(move |db| read(db, t, &key.0, None, now)).await?;
    show(found, person, asked, note, now)
}

/// `GET /experiments/{key}/v/{number}`
pub(super) async fn version(
    state: Shared,
    person: Person,
    key: Key,
    path: Path<(String, u64)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let number = path.1;
    let (t, now) = (person.language, state.now());
    let found = state.read(move |db| read(db, t, &key.0, Some(number), now)).await?;
    show(found, person, &asked, NoteForm::empty(now), now)
}

fn show(
    found: Found,
    person: Person,
    asked: &Asked,
    note: NoteForm,
    now: Moment,
) -> Result<HttpResponse, Problem> {
    let Found { experiment, analysis, waiting, past, told, log, decided, held, late, approval } = found;
    let decision = decided.as_ref().map(|decided| words::decided(&decided.what));
    let render = |error: askama::Error| Problem::internal(&error);
    let t = person.language;
    let approval = approval.map(|approval| ApprovalView::new(t, &approval, &person));
    let page = Page::new(person, "/experiments");
    let key = experiment.definition.key.to_string();
    let mut result = match &analysis {
        Some(analysis) => {
            Some(ResultView::new(t, &experiment, analysis, &log, asked.shows_anyway()).map_err(render)?)
        }
        None => None,
    };
    if let Some(result) = &mut result {
        result.checks.held = said_of(t, held);
        result.has_log = !told.is_empty();
        let number = analysis.as_ref().map_or(0, |analysis| analysis.analysis);
        let query = if result.not_for_decisions { "?show=1" } else { "" };
        result.link_measures(&format!("/experiments/{key}/v/{number}/measures/"), query);
    }
    let live = matches!(experiment.status, Status::Running | Status::Paused);
    let actions = match (&analysis, &result) {
        (Some(analysis), Some(result)) => VerdictActions {
            t,
            key: &key,
            outcome: analysis.verdict.outcome,
            hidden: !result.figures,
            live,
            lead: page.may_lead(),
            decided: decided.map(|decision| DecidedView::new(t, &decision)),
            planner: planner(&experiment, analysis),
        }
        .render()
        .map_err(render)?,
        _ => String::new(),
    };
    let mut plan = PlanView::new(t, &experiment, &log);
    plan.link = Some(format!("/experiments/{key}/plan"));
    let decision = decision.map(|(words, tone)| Chip::new(t.tell(&words), tone));
    let undecided = || {
        result.as_ref().map_or_else(
            || {
                let end =
                    experiment.begins_at().plus_days(i64::from(experiment.definition.planned_weeks) * 7);
                let (words, tone) = words::state(&experiment, None, now, end);
                Chip::new(t.tell(&words), tone)
            },
            |result| result.state.clone(),
        )
    };
    let state = decision.unwrap_or_else(undecided);
    html(&ExperimentPage {
        t,
        key,
        name: experiment.definition.name.clone(),
        hypothesis: experiment.definition.hypothesis.clone(),
        status: experiment.status,
        state,
        notice: notice(t, &asked.done, waiting.is_some()),
        approval,
        late: late.into_iter().map(|(feed, at)| nothing_since(t, feed, at)).collect(),
        stale: analysis.as_ref().and_then(|analysis| stale(t, &experiment, analysis, now)),
        waiting,
        version: analysis.as_ref().map(|analysis| (analysis.analysis, past)),
        result,
        plan,
        actions,
        log: told,
        note,
        page,
    })
}

/// The planner's address with what was agreed and what is known; the rest it measures itself.
fn planner(experiment: &Experiment, analysis: &Analysis) -> String {
    let definition = &experiment.definition;
    let control = &definition.cohorts[definition.control_index()];
    let hours = |cohort: &Cohort| format!("{}", cohort.first_response.hours());
    let slowest = definition.cohorts.iter().max_by_key(|cohort| cohort.first_response);
    let csat = analysis.metrics.iter().find(|metric| metric.metric == "csat");
    let now = csat.and_then(|csat| csat.cohorts.iter().find(|cohort| cohort.cohort == control.key)?.value);
    let mut asked = vec![("from", hours(control)), ("to", slowest.map_or_else(|| hours(control), hours))];
    asked.push(("weeks", definition.planned_weeks.to_string()));
    if let Some(now) = now.filter(|now| *now > 0.0) {
        asked.push(("csat_now", format!("{:.1}", 100.0 * now)));
        let planned = definition.metrics.iter().find(|metric| metric.metric == "csat");
        let limit = planned.and_then(|metric| Some((metric.margin?, metric.margin_scale)));
        let points = limit.map(|(margin, scale)| match scale {
            MarginScale::Absolute => margin,
            MarginScale::Relative => margin * now,
        });
        asked.extend(points.map(|points| ("limit", format!("{:.1}", 100.0 * points))));
    }
    if let Some(costs) = &definition.economics {
        asked.push(("currency", costs.currency.to_string()));
        asked.push(("agent_hour", costs.agent_hour.to_string()));
    }
    format!("/planner?{}", serde_urlencoded::to_string(asked).unwrap_or_default())
}

/// `Ratings: nothing has arrived since 14 Jul 2026.`
fn nothing_since(t: Language, feed: Feed, at: Moment) -> Said {
    let name = t.say("feed-name").with("feed", feed.as_str());
    t.say("result-feed-late").with("feed", name).with("date", t.date(at))
}

/// What to know of survey answers that were held back, and what to do.
fn said_of(t: Language, held: Held) -> Option<String> {
    let found = t.say("checks-held").with("n", held.ratings).with("unrated", held.unrated);
    (held.ratings > 0).then(|| found.to_string())
}

fn notice(t: Language, done: &str, waiting: bool) -> Option<Said> {
    Some(match done {
        "refresh" if waiting => t.say("done-refresh-waits"),
        "refresh" => t.say("done-refresh"),
        "start" => t.say("done-start"),
        "pause" => t.say("done-pause"),
        "resume" => t.say("done-resume"),
        "stop" => t.say("done-stop"),
        "decided" => t.say("done-decided"),
        "saved" => t.say("done-saved"),
        "asked" => t.say("done-asked"),
        "noted" => t.say("done-noted"),
        _ => return None,
    })
}

/// `POST /experiments/{key}/refresh` makes a new stored analysis.
pub(super) async fn refresh(state: Shared, key: Key, _form: FormFields) -> Result<HttpResponse, Problem> {
    let (now, asked) = (state.now(), key.0.clone());
    let made = state.at_length(move |store| actions::refresh(store, &asked, now, now)).await?;
    match made {
        Ok(_) => Ok(see_other(&format!("/experiments/{}?done=refresh", key.0))),
        Err(RefreshError::Storage(error)) => Err(error.into()),
        Err(RefreshError::Analysis(error)) => Err(Problem::conflict(error.to_string())),
    }
}
