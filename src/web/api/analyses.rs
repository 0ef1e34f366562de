//! Stored analyses: made, read, and written as reports.

use actix_web::{HttpResponse, web::Query};
use serde::Deserialize;

use crate::{
    actions,
    analysis::document::Analysis,
    domain::{
        experiment::LooksKind,
        ids::ExperimentKey,
        mistake::{Fields, Mistakes, parsed},
        time::Moment,
    },
    language::{Language, NotSpoken},
    reports,
    storage::{analyses, experiments},
    web::{
        api::experiments::Key,
        auth::{Caller, Shared},
        body::{Body, MIB},
        download::{self, Asker},
        error::{Problem, ProblemDocument},
    },
};

/// Make a new stored analysis.
#[utoipa::path(post, path = "/api/v1/experiments/{key}/refresh", tag = "analyses", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key")),
    request_body(content = Option<Object>, description = "May hold `as_of`: facts after it are left out"),
    responses((status = 200, description = "The analysis", body = Object),
              (status = 404, description = "No such experiment", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn refresh(state: Shared, key: Key, mut body: Body) -> Result<HttpResponse, Problem> {
    let known = key.0.clone();
    state.read(move |db| experiments::get(db, &known)).await?;
    let now = state.now();
    let as_of = as_of(&body.whole(MIB).await?, now)?;
    let analysis = state.at_length(move |store| actions::refresh(store, &key.0, as_of, now)).await??;
    Ok(HttpResponse::Ok().json(analysis))
}

/// Programs read English where they ask for nothing else, whatever their library's `Accept-Language` says.
fn language(asked: Option<&str>) -> Result<Language, Problem> {
    let asked = asked.map_or(Ok(Language::English), str::parse);
    asked.map_err(|error: NotSpoken| Problem::bad_request(format!("lang {error}")))
}

fn as_of(body: &[u8], now: Moment) -> Result<Moment, Problem> {
    if body.trim_ascii().is_empty() {
        return Ok(now);
    }
    let body = serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    let mistakes = Mistakes::default();
    let mut fields = Fields::of(&body, "", &mistakes);
    let as_of = fields.optional("as_of", parsed).unwrap_or(now);
    fields.end();
    if as_of > now {
        mistakes.note("/as_of", "must not lie in the future: leave it out for now");
    }
    Ok(mistakes.instead_of(Some(as_of))?)
}

/// The question of [`results`].
#[derive(Debug, Deserialize)]
pub struct ResultsQuery {
    looks: Option<String>,
    lang: Option<String>,
}

/// The last stored analysis.
#[utoipa::path(get, path = "/api/v1/experiments/{key}/results", tag = "analyses", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key"),
           ("looks" = Option<String>, Query, description = "fixed or always_valid: other intervals than the experiment's own, marked as such"),
           ("lang" = Option<String>, Query, description = "en, or zh-CN: the language of verdict, checks and notes")),
    responses((status = 200, description = "The analysis", body = Object),
              (status = 404, description = "No such experiment", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 409, description = "No analysis yet", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn results(state: Shared, key: Key, query: Query<ResultsQuery>) -> Result<HttpResponse, Problem> {
    let looks = match query.looks.as_deref() {
        None => None,
        Some("fixed") => Some(LooksKind::Fixed),
        Some("always_valid") => Some(LooksKind::AlwaysValid),
        Some(_) => return Err(Problem::bad_request("looks must be fixed or always_valid")),
    };
    let stored = latest(&state, key.0).await?;
    let analysis = match looks {
        Some(looks) if looks != stored.looks => {
            state.at_length(move |store| actions::override_looks(store, &stored, looks)).await??
        }
        _ => stored,
    };
    Ok(HttpResponse::Ok().json(analysis.in_language(language(query.lang.as_deref())?)))
}

async fn latest(state: &Shared, key: ExperimentKey) -> Result<Analysis, Problem> {
    let stored = state
        .read(move |db| {
            experiments::get(db, &key)?;
            analyses::latest(db, &key)
        })
        .await?;
    stored.ok_or_else(|| Problem::conflict("no analysis yet"))
}

/// The question of [`report`].
#[derive(Debug, Deserialize)]
pub struct ReportQuery {
    format: Option<String>,
    lang: Option<String>,
}

/// The last stored analysis as a file.
///
/// `csv` is a zip of tidy tables with `README.txt` and `columns.csv`, which tell each table and column: the figures
/// (`metrics.csv`, `comparisons.csv`, `series.csv`, `waits.csv`, `economics.csv` …), the sums behind them
/// (`moments.csv`), each unit, its part in each metric, its conversations and other facts (`assignments.csv`,
/// `units.csv`, `measures.csv`, `conversations.csv`, `facts.csv`), and what facts told since would change
/// (`changed_since.csv`). `parquet` is a zip of the tables of units. `bundle` is the zip of `csv` with the results
/// document, the files of what was agreed, and `recompute.py` and `recompute.R`, which recompute the figures from the
/// rows of units.
#[utoipa::path(get, path = "/api/v1/experiments/{key}/report", tag = "analyses", security(("key" = [])),
    params(("key" = String, Path, description = "The experiment's key"),
           ("format" = String, Query, description = "json, csv (a zip of tables, units included), xlsx, html, pdf, parquet (a zip of tables of units), bundle (a zip of all of it with scripts that recompute)"),
           ("lang" = Option<String>, Query, description = "en, or zh-CN: the language of its words")),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 400, description = "No such format", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 404, description = "No such experiment", body = ProblemDocument, content_type = "application/problem+json"),
              (status = 409, description = "No analysis yet", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn report(
    state: Shared,
    caller: Caller,
    key: Key,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    let format = reports::format(query.format.as_deref().unwrap_or_default())
        .map_err(|error| Problem::bad_request(format!("format: {error}")))?;
    let who = Asker {
        name: caller.name.to_string(),
        language: language(query.lang.as_deref())?,
        sees_customers: caller.role.may_see_customers(),
    };
    download::report(&state, format, key.0, None, who).await
}
