//! Decided experiments side by side: what was tried, what it did to each measure, and what was made of it.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Known, Language, Page, html};
use crate::{
    domain::ids::ExperimentKey,
    language::Said,
    presentation::{Chip, Compare},
    storage::experiments,
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

/// How many can be compared.
const MOST: usize = 4;

#[derive(Debug, Template)]
#[template(path = "pages/compare.html")]
struct ComparePage {
    t: Language,
    page: Page,
    wrong: Option<Said>,
    heads: Vec<Head>,
    compare: Option<Compare>,
}

/// What stands above a column.
#[derive(Debug)]
struct Head {
    key: String,
    name: String,
    state: Chip,
    level: String,
    verdict: String,
    why: String,
    learned: String,
}

/// `GET /experiments/compare?key=a&key=b`
pub(in crate::web::pages) async fn show(
    state: Shared,
    person: Person,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (t, now) = (person.language, state.now());
    let asked: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let mut keys: Vec<ExperimentKey> = Vec::new();
    for (name, value) in asked {
        if let Some(key) = value.parse().ok().filter(|key| name == "key" && !keys.contains(key)) {
            keys.push(key);
        }
    }
    let page = Page::new(person, "/experiments");
    if !(2..=MOST).contains(&keys.len()) {
        let wrong = Some(t.say("compare-how-many").with("most", MOST));
        return html(&ComparePage { t, page, wrong, heads: Vec::new(), compare: None });
    }
    let read = state.read(move |db| {
        keys.iter()
            .map(|key| {
                let experiment = experiments::get(db, key)?;
                Known::read(db, experiment, now)
            })
            .collect::<Result<Vec<_>, _>>()
    });
    let known: Vec<Known> = read.await?.into_iter().filter(|known| known.analysis.is_some()).collect();
    let heads = known.iter().map(|known| Head {
        key: known.experiment.definition.key.to_string(),
        name: known.experiment.definition.name.clone(),
        state: known.state(t, now),
        level: known.levels(t).join("; "),
        verdict: known.line(t),
        why: known.decided.as_ref().map(|decided| decided.why.clone()).unwrap_or_default(),
        learned: known.decided.as_ref().map(|decided| decided.learned.clone()).unwrap_or_default(),
    });
    let heads = heads.collect();
    let results: Vec<_> =
        known.iter().filter_map(|known| Some((&known.experiment, known.analysis.as_ref()?))).collect();
    let compare = Some(Compare::new(t, &results));
    html(&ComparePage { t, page, wrong: None, heads, compare })
}
