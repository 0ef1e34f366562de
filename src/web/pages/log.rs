//! The audit log: who did what, and when.

use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Language, Page, html};
use crate::{
    domain::{ids::ExperimentKey, time::Moment},
    presentation::{acted, actor},
    reports,
    storage::{
        Db, StorageError,
        audit::{self, Chain, Line},
    },
    web::{
        auth::{Person, Shared},
        download::attachment,
        error::Problem,
    },
};

/// Lines of one page.
const LINES: usize = 100;

/// What is looked for; each part is found anywhere in its column, whatever its case.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Filter {
    #[serde(default)]
    who: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    about: String,
    /// Lines before the one of this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    /// Whether the chain of hashes is to be checked.
    #[serde(default, skip_serializing)]
    check: Option<u8>,
}

/// A line in the reader's words.
#[derive(Debug, Serialize)]
struct Told {
    number: u64,
    at: Moment,
    who: String,
    what: String,
    experiment: String,
    hash: String,
}

impl Filter {
    fn takes(&self, line: &Told) -> bool {
        let holds = |column: &str, part: &str| column.to_lowercase().contains(&part.trim().to_lowercase());
        holds(&line.who, &self.who) && holds(&line.what, &self.what) && holds(&line.experiment, &self.about)
    }

    /// Lines that it takes, the newest first; and the number of the last one where there are more than `most`.
    fn lines(&self, db: &mut Db, t: Language, most: usize) -> Result<(Vec<Told>, Option<u64>), StorageError> {
        let mut found: Vec<Told> = Vec::new();
        let mut more = None;
        audit::walk(db, self.before, &mut |line| {
            let line = told(line, t);
            if self.takes(&line) {
                if found.len() == most {
                    more = found.last().map(|last| last.number);
                    return false;
                }
                found.push(line);
            }
            true
        })?;
        Ok((found, more))
    }

    /// The same question of another page or file.
    fn query(&self, before: Option<u64>) -> String {
        serde_urlencoded::to_string(Self { before, ..self.clone() }).unwrap_or_default()
    }
}

fn told(line: Line, t: Language) -> Told {
    Told {
        number: line.seq,
        at: line.at,
        who: line.who,
        what: acted(t, &line.what),
        experiment: line.about,
        hash: hex::encode(line.hash),
    }
}

#[derive(Debug, Template)]
#[template(path = "pages/log.html")]
struct Log {
    t: Language,
    page: Page,
    filter: Filter,
    rows: Vec<Told>,
    /// The question for older lines.
    older: Option<String>,
    /// The question of the files.
    query: String,
    chain: Option<Chain>,
}

impl Log {
    fn when(&self, row: &Told) -> String {
        self.t.date_time(row.at)
    }

    fn who(&self, row: &Told) -> String {
        actor(self.t, &row.who)
    }

    fn linked(row: &Told) -> bool {
        row.experiment.parse::<ExperimentKey>().is_ok()
    }
}

/// `GET /settings/log`
pub(super) async fn show(
    state: Shared,
    person: Person,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let (filter, t) = (filter.into_inner(), person.language);
    let asked = filter.clone();
    let (rows, more, chain) = state
        .read(move |db| {
            let (rows, more) = asked.lines(db, t, LINES)?;
            let chain = asked.check.map(|_| audit::check(db)).transpose()?;
            Ok::<_, StorageError>((rows, more, chain))
        })
        .await?;
    let older = more.map(|before| filter.query(Some(before)));
    let query = filter.query(None);
    html(&Log { t, page: Page::new(person, "/settings"), filter, rows, older, query, chain })
}

/// `GET /settings/log/{format}`: all lines that the filter takes, as CSV or JSON.
pub(super) async fn download(
    state: Shared,
    person: Person,
    format: Path<String>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let format = format.into_inner();
    let (filter, t) = (filter.into_inner(), person.language);
    let (rows, _) = state.read(move |db| filter.lines(db, t, usize::MAX)).await?;
    let (body, media_type) = match format.as_str() {
        "json" => {
            (serde_json::to_vec_pretty(&rows).map_err(|error| Problem::internal(&error))?, "application/json")
        }
        "csv" => (csv(&rows).map_err(|error| Problem::internal(&error))?, "text/csv; charset=utf-8"),
        other => return Err(Problem::not_found(format!("the log is not to be had as {other}: csv or json"))),
    };
    Ok(attachment(&format!("patience_log_{}.{format}", state.now().date()), media_type, body))
}

fn csv(rows: &[Told]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["number", "at", "who", "what", "experiment", "hash"])?;
    for row in rows {
        let (number, at) = (row.number.to_string(), row.at.to_string());
        let texts = [&row.who, &row.what, &row.experiment].map(|text| reports::harmless(text));
        let [who, what, experiment] = &texts;
        writer.write_record([number.as_str(), &at, who, what, experiment, &row.hash])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
