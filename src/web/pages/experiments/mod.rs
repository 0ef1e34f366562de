//! The list of experiments: what needs a person comes first, and what was decided is the library.

mod filter;
pub(super) mod compare;

use actix_web::{HttpResponse, web::Query};
use askama::Template;

use self::filter::{Filter, Links};
use super::{Language, Page, html, see_other};
use crate::{
    analysis::{
        document::{Analysis, Decision, Outcome},
        headline::Summary,
    },
    charts::Tone,
    domain::{
        decision::Decision as Decided,
        experiment::{Experiment, Status},
        time::Moment,
    },
    language::Said,
    presentation::{Chip, PlanView, mini_bar, words},
    reports::{self, ListRow},
    storage::{Db, StorageError, analyses, approval, decisions, drafts, experiments},
    web::{
        auth::{Person, Shared},
        download::attachment,
        error::Problem,
    },
};

/// Where an experiment stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    NeedsYou,
    Running,
    Drafts,
    Decided,
    Stopped,
}

impl Place {
    const ALL: [Self; 5] = [Self::NeedsYou, Self::Running, Self::Drafts, Self::Decided, Self::Stopped];

    /// Its name in addresses.
    fn key(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs-you",
            Self::Running => "running",
            Self::Drafts => "drafts",
            Self::Decided => "decided",
            Self::Stopped => "stopped",
        }
    }

    fn title(self, t: Language) -> Said {
        match self {
            Self::NeedsYou => t.say("list-needs-you"),
            Self::Running => t.say("list-running"),
            Self::Drafts => t.say("list-drafts"),
            Self::Decided => t.say("list-decided"),
            Self::Stopped => t.say("list-stopped"),
        }
    }

    fn of(experiment: &Experiment, analysis: Option<&Analysis>, decided: bool) -> Self {
        let needs_somebody = |a: &Analysis| {
            a.verdict.decision != Decision::KeepRunning || a.verdict.outcome == Outcome::Underpowered
        };
        match experiment.status {
            _ if decided => Self::Decided,
            Status::Draft => Self::Drafts,
            Status::Stopped => Self::Stopped,
            Status::Running | Status::Paused if analysis.is_some_and(needs_somebody) => Self::NeedsYou,
            Status::Running | Status::Paused => Self::Running,
        }
    }
}

/// Whether a limit broke that is watched since the decision to ship; nobody waits longer once it is stopped.
fn broke_since(
    experiment: &Experiment,
    analysis: Option<&Analysis>,
    decided: Option<&Decided>,
    now: Moment,
) -> bool {
    let goes_on = matches!(experiment.status, Status::Running | Status::Paused);
    let watched = decided.is_some_and(|decided| decided.watches(now));
    goes_on && watched && analysis.is_some_and(|analysis| analysis.verdict.outcome == Outcome::LimitBroken)
}

/// An experiment with what is known of it.
#[derive(Debug)]
struct Known {
    experiment: Experiment,
    analysis: Option<Analysis>,
    /// The last decision.
    decided: Option<Decided>,
    /// Whether somebody asked for approval of it.
    asked: bool,
    /// Whether a limit broke that is watched since the decision.
    broke: bool,
    place: Place,
}

impl Known {
    fn all(db: &mut Db, now: Moment) -> Result<Vec<Self>, StorageError> {
        let all = experiments::list(db)?;
        all.into_iter().map(|experiment| Self::read(db, experiment, now)).collect()
    }

    fn read(db: &mut Db, experiment: Experiment, now: Moment) -> Result<Self, StorageError> {
        let key = &experiment.definition.key;
        let analysis = analyses::speaking(db, key)?.map(|(analysis, _)| analysis);
        let decided = decisions::list(db, key)?.into_iter().next();
        let asked = approval::of(db, &experiment)?.is_some_and(|approval| approval.asked.is_some());
        let broke = broke_since(&experiment, analysis.as_ref(), decided.as_ref(), now);
        let place = Place::of(&experiment, analysis.as_ref(), decided.is_some());
        let place = if asked || broke { Place::NeedsYou } else { place };
        Ok(Self { experiment, analysis, decided, asked, broke, place })
    }

    /// When it ends, as planned.
    fn end(&self) -> Moment {
        let weeks = i64::from(self.experiment.definition.planned_weeks) * 7;
        let planned = || self.experiment.begins_at().plus_days(weeks);
        self.analysis.as_ref().map_or_else(planned, |analysis| analysis.planned_end)
    }

    fn state(&self, t: Language, now: Moment) -> Chip {
        if self.asked {
            return Chip::new(t.say("state-asked").to_string(), Tone::Care);
        }
        if self.broke {
            return Chip::new(t.say("state-broke-since").to_string(), Tone::Bad);
        }
        let outcome = self.analysis.as_ref().map(|analysis| analysis.verdict.outcome);
        let (words, tone) = self.decided.as_ref().map_or_else(
            || words::state(&self.experiment, outcome, now, self.end()),
            |decided| words::decided(&decided.what),
        );
        Chip::new(t.tell(&words), tone)
    }

    /// Its verdict in a line, or what stands in place of one.
    fn line(&self, t: Language) -> String {
        match (&self.analysis, self.experiment.status) {
            (Some(analysis), _) => Summary::of(analysis).headline_in(t),
            (None, Status::Draft) => self.experiment.definition.hypothesis.clone(),
            (None, _) => t.say("list-no-figures").to_string(),
        }
    }

    /// The slower levels, as they are promised.
    fn levels(&self, t: Language) -> Vec<String> {
        let plan = PlanView::new(t, &self.experiment, &[]);
        plan.levels.into_iter().filter(|level| !level.usual).map(|level| level.promise).collect()
    }
}

#[derive(Debug, Template)]
#[template(path = "pages/experiments.html")]
struct List {
    t: Language,
    page: Page,
    /// Whether there is any experiment at all, whatever is looked for.
    any: bool,
    filter: Filter,
    links: Links,
    groups: Vec<Group>,
    unfinished: Vec<Unfinished>,
}

#[derive(Debug)]
struct Group {
    title: Said,
    /// Whether its experiments can be compared.
    decided: bool,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    key: String,
    name: String,
    /// Whose, and its tags.
    about: String,
    state: Chip,
    line: String,
    learned: String,
    dates: String,
    bar: Option<(String, String)>,
}

/// Answers of the guided form that made no experiment yet.
#[derive(Debug)]
struct Unfinished {
    draft: String,
    name: String,
    changed: String,
}

/// `GET /`
pub(super) async fn home(state: Shared) -> Result<HttpResponse, Problem> {
    let nothing =
        state.read(|db| Ok(experiments::list(db)?.is_empty() && drafts::list(db)?.is_empty())).await?;
    Ok(see_other(if nothing { "/example" } else { "/experiments" }))
}

/// `GET /experiments`
pub(super) async fn list(
    state: Shared,
    person: Person,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let (now, filter, t) = (state.now(), filter.into_inner(), person.language);
    let (all, unfinished) = state.read(move |db| Ok((Known::all(db, now)?, drafts::list(db)?))).await?;
    let page = Page::new(person, "/experiments");
    let shows_drafts = page.may_lead() && filter.is_empty();
    let unfinished =
        unfinished.into_iter().filter(|_| shows_drafts).map(|(draft, answers, changed)| Unfinished {
            draft,
            name: match answers["name"].as_str() {
                None | Some("") => t.say("list-nameless").to_string(),
                Some(name) => name.to_owned(),
            },
            changed: t.date(changed),
        });
    let unfinished = unfinished.collect();
    let (any, links) = (!all.is_empty(), Links::new(t, &filter, &all));
    let found = filter.take(t, all, now);
    let groups = Place::ALL.map(|place| Group {
        title: place.title(t),
        decided: place == Place::Decided,
        rows: found.iter().filter(|known| known.place == place).map(|known| row(t, known, now)).collect(),
    });
    let groups = groups.into_iter().filter(|group| !group.rows.is_empty()).collect();
    html(&List { t, page, any, filter, links, groups, unfinished })
}

fn row(t: Language, known: &Known, now: Moment) -> Row {
    let definition = &known.experiment.definition;
    let hidden =
        |a: &&Analysis| a.verdict.decision != Decision::Invalid && a.verdict.outcome != Outcome::TooEarly;
    let shown = known.analysis.as_ref().filter(hidden);
    Row {
        key: definition.key.to_string(),
        name: definition.name.clone(),
        about: std::iter::once(&definition.owner)
            .chain(&definition.tags)
            .filter(|word| !word.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" · "),
        state: known.state(t, now),
        line: known.line(t),
        learned: known.decided.as_ref().map(|decided| decided.learned.clone()).unwrap_or_default(),
        dates: t
            .say("result-dates")
            .with("from", known.experiment.begins_at())
            .with("to", known.end())
            .to_string(),
        bar: shown.and_then(|analysis| mini_bar(t, analysis, &known.experiment)),
    }
}

/// `GET /experiments.csv`
pub(super) async fn csv(
    state: Shared,
    person: Person,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let rows = rows(&state, person.language, filter.into_inner()).await?;
    let body = reports::list_csv(&rows).map_err(|error| Problem::internal(&error))?;
    Ok(attachment(
        &format!("patience_experiments_{}.csv", state.now().date()),
        "text/csv; charset=utf-8",
        body,
    ))
}

/// `GET /experiments.xlsx`
pub(super) async fn xlsx(
    state: Shared,
    person: Person,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let rows = rows(&state, t, filter.into_inner()).await?;
    let body = reports::list_xlsx(t, &rows).map_err(|error| Problem::internal(&error))?;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(attachment(&format!("patience_experiments_{}.xlsx", state.now().date()), media_type, body))
}

/// What the page lists, in the reader's words, for files.
async fn rows(state: &Shared, t: Language, filter: Filter) -> Result<Vec<ListRow>, Problem> {
    let now = state.now();
    let all = state.read(move |db| Known::all(db, now)).await?;
    let row = |known: Known| {
        let definition = &known.experiment.definition;
        let decided = known.decided.as_ref();
        ListRow {
            key: definition.key.to_string(),
            name: definition.name.clone(),
            owner: definition.owner.clone(),
            tags: definition.tags.join(", "),
            state: known.state(t, now).words,
            service_levels: known.levels(t).join("; "),
            begins: known.experiment.begins_at(),
            ends: known.end(),
            verdict: known.line(t),
            decided_from: decided.map(|decided| Moment::start_of(decided.from)),
            agreed_by: decided.map(|decided| decided.agreed_by.clone()).unwrap_or_default(),
            why: decided.map(|decided| decided.why.clone()).unwrap_or_default(),
            learned: decided.map(|decided| decided.learned.clone()).unwrap_or_default(),
        }
    };
    Ok(filter.take(t, all, now).into_iter().map(row).collect())
}
