//! Files of a stored analysis.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{Language, Page, html};
use crate::{
    actions::{self, ReportRequest},
    domain::ids::ExperimentKey,
    language::{Message, Number, Said, say},
    reports::{self, Extent, Format, Report},
    storage::{
        Store,
        analyses::{self, Header},
        experiments,
    },
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
    newest: Option<Newest>,
    earlier: Vec<Version>,
    offered: Vec<&'static dyn Format>,
}

/// The newest version, with what its files hold.
#[derive(Debug)]
struct Newest {
    number: u64,
    files: Vec<Offered>,
    stamp: Vec<(String, String)>,
}

#[derive(Debug)]
struct Offered {
    format: &'static dyn Format,
    size: String,
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
    let (t, sees_customers) = (person.language, person.role.may_see_customers());
    let about = key.0.clone();
    let (experiment, analysis, headers) = state
        .read(move |db| {
            Ok((experiments::get(db, &about)?, analyses::latest(db, &about)?, analyses::list(db, &about)?))
        })
        .await?;
    let offered = reports::ALL.iter().copied().filter(|format| sees_customers || !format.names_customers());
    let offered: Vec<&'static dyn Format> = offered.collect();
    let newest = match analysis {
        None => None,
        Some(analysis) => {
            let extent = Extent::new(&analysis, sees_customers);
            let formats = offered.clone();
            let asked = (key.0, analysis.analysis);
            let sized = state.at_length(move |store| {
                formats.into_iter().map(|format| size(store, format, &asked, t, &extent)).collect::<Vec<_>>()
            });
            let files = sized.await?.into_iter().zip(&offered);
            Some(Newest {
                number: analysis.analysis,
                files: files.map(|(size, format)| Offered { format: *format, size }).collect(),
                stamp: Report { language: t, ..Report::new(&experiment, &analysis) }.stamp(),
            })
        }
    };
    let mut headers: Vec<Header> = headers
        .into_iter()
        .filter(|h| newest.as_ref().is_none_or(|newest| h.number < newest.number))
        .collect();
    headers.sort_by_key(|header| std::cmp::Reverse(header.number));
    let version = |header: &Header| Version {
        number: header.number,
        as_of: t.date_time(header.as_of),
        made: t.date_time(header.made_at),
    };
    html(&Formats {
        t,
        page: Page::new(person, "/reports"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name,
        newest,
        earlier: headers.iter().take(VERSIONS).map(version).collect(),
        offered,
    })
}

/// How large a file is: made to see, or roughly where that takes long; nothing where it cannot be made.
fn size(
    store: &Store,
    format: &'static dyn Format,
    (experiment, analysis): &(ExperimentKey, u64),
    language: Language,
    extent: &Extent,
) -> String {
    if let Some(bytes) = format.rough_size(extent) {
        return language.say("size-about").with("size", in_bytes(bytes, 0)).to_string();
    }
    let asked = ReportRequest { experiment, analysis: Some(*analysis), language, sees_customers: false };
    let made = actions::report(store, format, &asked);
    made.map_or(String::new(), |file| language.tell(&in_bytes(file.length, 1)))
}

#[allow(clippy::cast_precision_loss, reason = "told to a digit or two")]
fn in_bytes(bytes: u64, decimals: u8) -> Message {
    let kilobytes = bytes as f64 / 1e3;
    if kilobytes < 1e3 {
        say("size-kilobytes").with("n", Number::fixed(kilobytes.max(1.0), 0))
    } else {
        say("size-megabytes").with("n", Number::fixed(kilobytes / 1e3, decimals))
    }
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
