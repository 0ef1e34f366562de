//! Files of a stored analysis.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{Language, Page, html};
use crate::{
    language::Said,
    reports,
    storage::{analyses, experiments},
    web::{
        api::experiments::Key,
        auth::{Person, Shared},
        download::{self, Asker},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/report.html")]
struct Formats {
    t: Language,
    page: Page,
    key: String,
    name: String,
    versions: Vec<Version>,
    offered: Vec<&'static dyn reports::Format>,
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
    let t = person.language;
    let versions = headers.iter().take(VERSIONS).map(|header| Version {
        number: header.number,
        as_of: t.date_time(header.as_of),
        made: t.date_time(header.made_at),
    });
    let sees_customers = person.role.may_see_customers();
    let offered = reports::ALL.iter().filter(|format| sees_customers || !format.names_customers());
    html(&Formats {
        t,
        page: Page::new(person, "/reports"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name,
        versions: versions.collect(),
        offered: offered.copied().collect(),
    })
}

/// `GET /experiments/{key}/report/{number}/{format}`
pub(super) async fn download(
    state: Shared,
    person: Person,
    key: Key,
    path: Path<(String, u64, String)>,
) -> Result<HttpResponse, Problem> {
    let (_, number, slug) = path.into_inner();
    let format = reports::format(&slug).map_err(|error| Problem::not_found(error.to_string()))?;
    let who = Asker {
        language: person.language,
        sees_customers: person.role.may_see_customers(),
        name: person.email,
    };
    download::report(&state, format, key.0, Some(number), who).await
}

#[derive(Debug, Template)]
#[template(path = "pages/reports.html")]
struct Reports {
    t: Language,
    page: Page,
    rows: Vec<(String, String, Option<Said>)>,
}

/// `GET /reports`
pub(super) async fn list(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let rows = state
        .read(move |db| {
            experiments::list(db)?
                .into_iter()
                .map(|experiment| {
                    let key = experiment.definition.key;
                    let last = analyses::list(db, &key)?.into_iter().max_by_key(|header| header.number);
                    let made = last.map(|last| {
                        t.say("reports-last")
                            .with("version", last.number.to_string())
                            .with("date", last.made_at)
                    });
                    Ok((key.to_string(), experiment.definition.name, made))
                })
                .collect()
        })
        .await?;
    html(&Reports { t: person.language, page: Page::new(person, "/reports"), rows })
}
