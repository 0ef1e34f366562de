//! Files of a stored analysis.

use actix_web::{HttpResponse, http::header, web::Path};
use askama::Template;

use super::{Page, html};
use crate::{
    presentation::numbers,
    reports::{self, Report},
    storage::{StorageError, analyses, experiments},
    web::{
        api::experiments::Key,
        auth::{Person, Shared},
        error::Problem,
        state::blocking,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/report.html")]
struct Formats {
    page: Page,
    key: String,
    name: String,
    versions: Vec<Version>,
    offered: &'static [&'static dyn reports::Format],
}

#[derive(Debug)]
struct Version {
    number: u64,
    as_of: String,
    made: String,
}

/// Versions that the page offers.
const VERSIONS: usize = 20;

/// `GET /experiments/{key}/report`
pub(super) async fn formats(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let (experiment, mut headers) =
        state.read(move |db| Ok((experiments::get(db, &key.0)?, analyses::list(db, &key.0)?))).await?;
    headers.sort_by_key(|header| std::cmp::Reverse(header.number));
    let versions = headers.iter().take(VERSIONS).map(|header| Version {
        number: header.number,
        as_of: numbers::date_time(header.as_of),
        made: numbers::date_time(header.made_at),
    });
    html(&Formats {
        page: Page::new(person, "Reports"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name,
        versions: versions.collect(),
        offered: reports::ALL,
    })
}

/// `GET /experiments/{key}/report/{number}/{format}`
pub(super) async fn download(
    state: Shared,
    key: Key,
    path: Path<(String, u64, String)>,
) -> Result<HttpResponse, Problem> {
    let (_, number, slug) = path.into_inner();
    let format = reports::format(&slug).map_err(|error| Problem::not_found(error.to_string()))?;
    let (experiment, analysis) = state
        .read(move |db| {
            let analysis = analyses::find(db, &key.0, number)?;
            let analysis = analysis.ok_or_else(|| StorageError::unknown("version of the result", number))?;
            Ok((experiments::get(db, &key.0)?, analysis))
        })
        .await?;
    let (name, file) = blocking(move || {
        let report = Report { experiment: &experiment, analysis: &analysis };
        report_file(report, format)
    })
    .await??;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(file))
}

fn report_file(report: Report, format: &dyn reports::Format) -> Result<(String, Vec<u8>), Problem> {
    let file = format.render(&report).map_err(|error| Problem::internal(&error))?;
    Ok((report.file_name(format), file))
}

#[derive(Debug, Template)]
#[template(path = "pages/reports.html")]
struct Reports {
    page: Page,
    rows: Vec<(String, String, Option<String>)>,
}

/// `GET /reports`
pub(super) async fn list(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    let rows = state
        .read(|db| {
            experiments::list(db)?
                .into_iter()
                .map(|experiment| {
                    let key = experiment.definition.key;
                    let last = analyses::list(db, &key)?.into_iter().max_by_key(|header| header.number);
                    let made =
                        last.map(|last| format!("Version {}, {}", last.number, numbers::date(last.made_at)));
                    Ok((key.to_string(), experiment.definition.name, made))
                })
                .collect()
        })
        .await?;
    html(&Reports { page: Page::new(person, "Reports"), rows })
}
