//! The list: what needs a person comes first.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html, see_other};
use crate::{
    analysis::{
        document::{Analysis, Decision},
        headline::Summary,
    },
    domain::{
        decision::Decision as Decided,
        experiment::{Experiment, Status},
        time::Moment,
    },
    language::Said,
    presentation::{Chip, mini_bar, words},
    storage::{analyses, decisions, drafts, experiments},
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/experiments.html")]
struct List {
    t: Language,
    page: Page,
    groups: Vec<Group>,
    unfinished: Vec<Unfinished>,
}

#[derive(Debug)]
struct Group {
    title: Said,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    key: String,
    name: String,
    owner: String,
    state: Chip,
    line: String,
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
pub(super) async fn home() -> HttpResponse {
    see_other("/experiments")
}

/// `GET /experiments`
pub(super) async fn list(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let (found, unfinished) = state
        .read(|db| {
            let all = experiments::list(db)?;
            let mut found = Vec::with_capacity(all.len());
            for experiment in all {
                let analysis =
                    analyses::speaking(db, &experiment.definition.key)?.map(|(analysis, _)| analysis);
                let decided = decisions::list(db, &experiment.definition.key)?.into_iter().next();
                found.push((experiment, analysis, decided));
            }
            Ok((found, drafts::list(db)?))
        })
        .await?;
    let t = person.language;
    let page = Page::new(person, "/experiments");
    let unfinished = unfinished
        .into_iter()
        .filter(|_| page.may_lead())
        .map(|(draft, answers, changed)| Unfinished {
            draft,
            name: match answers["name"].as_str() {
                None | Some("") => t.say("list-nameless").to_string(),
                Some(name) => name.to_owned(),
            },
            changed: t.date(changed),
        })
        .collect();
    let mut groups = [
        t.say("list-needs-you"),
        t.say("list-running"),
        t.say("list-drafts"),
        t.say("list-decided"),
        t.say("list-stopped"),
    ]
    .map(|title| Group { title, rows: Vec::new() });
    for (experiment, analysis, decided) in &found {
        let (analysis, decided) = (analysis.as_ref(), decided.as_ref());
        let place = if decided.is_some() { 3 } else { place(experiment, analysis) };
        groups[place].rows.push(row(t, experiment, analysis, decided, now));
    }
    let groups = groups.into_iter().filter(|group| !group.rows.is_empty()).collect();
    html(&List { t, page, groups, unfinished })
}

/// Where an experiment stands in the list while nothing is decided.
fn place(experiment: &Experiment, analysis: Option<&Analysis>) -> usize {
    let needs_somebody = |a: &Analysis| {
        a.verdict.decision != Decision::KeepRunning
            || a.verdict.outcome == crate::analysis::document::Outcome::Underpowered
    };
    match experiment.status {
        Status::Draft => 2,
        Status::Stopped => 4,
        Status::Running | Status::Paused if analysis.is_some_and(needs_somebody) => 0,
        Status::Running | Status::Paused => 1,
    }
}

fn row(
    t: Language,
    experiment: &Experiment,
    analysis: Option<&Analysis>,
    decided: Option<&Decided>,
    now: Moment,
) -> Row {
    let definition = &experiment.definition;
    let weeks = i64::from(definition.planned_weeks) * 7;
    let end = analysis.map_or_else(|| experiment.begins_at().plus_days(weeks), |a| a.planned_end);
    let (words, tone) = decided.map_or_else(
        || words::state(experiment, analysis.map(|a| a.verdict.outcome), now, end),
        |decided| words::decided(&decided.what),
    );
    let hidden = analysis.is_none_or(|a| {
        a.verdict.decision == Decision::Invalid
            || a.verdict.outcome == crate::analysis::document::Outcome::TooEarly
    });
    let line = match (analysis, experiment.status) {
        (Some(analysis), _) => Summary::of(analysis).headline_in(t),
        (None, Status::Draft) => definition.hypothesis.clone(),
        (None, _) => t.say("list-no-figures").to_string(),
    };
    Row {
        key: definition.key.to_string(),
        name: definition.name.clone(),
        owner: definition.owner.clone(),
        state: Chip::new(t.tell(&words), tone),
        line,
        dates: t.say("result-dates").with("from", experiment.begins_at()).with("to", end).to_string(),
        bar: analysis.filter(|_| !hidden).and_then(|analysis| mini_bar(t, analysis, experiment)),
    }
}
