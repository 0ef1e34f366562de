//! The second step: which column is which, and what only a person can say.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use chrono_tz::Tz;

use super::{Content, InHand, Language, Page, html, name_of, see_other, with};
use crate::{
    ingest::{
        Kind,
        sheet::{Column, DayOrder, Mismatch, Reading, Sheet},
    },
    language::Said,
    storage::{Db, StorageError, calendars, uploads},
    web::{
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/upload_columns.html")]
struct Columns {
    t: Language,
    page: Page,
    token: String,
    file: String,
    kind: Said,
    rows: Vec<ColumnRow>,
    /// What a column can be: its value in the form, and its words.
    choices: Vec<(&'static str, String)>,
    order: Option<Order>,
    zone: Option<Zone>,
    mistakes: Vec<(String, Said)>,
}

#[derive(Debug)]
struct ColumnRow {
    field: String,
    name: String,
    samples: Vec<String>,
    chosen: &'static str,
    wrong: bool,
}

impl Columns {
    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&Said> {
        self.mistakes.iter().find(|(name, _)| name == field).map(|(_, words)| words)
    }
}

/// The question whether the day or the month comes first.
#[derive(Debug)]
struct Order {
    cell: String,
    /// Its value in the form, what it would mean, and whether it is chosen.
    choices: Vec<(&'static str, String, bool)>,
    wrong: bool,
}

/// The question in which zone times are.
#[derive(Debug)]
struct Zone {
    cell: String,
    choices: Vec<(String, String, bool)>,
    wrong: bool,
}

const ORDERS: [(&str, DayOrder); 2] =
    [("day-first", DayOrder::DayFirst), ("month-first", DayOrder::MonthFirst)];

/// Zones to offer beside those of the calendars, from west to east: one or more of each offset.
const ZONES: [&str; 34] = [
    "UTC",
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Bogota",
    "America/Halifax",
    "America/Santiago",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Warsaw",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Europe/Athens",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
];

/// `GET /data/upload/{token}`
pub(in crate::web::pages) async fn show(
    state: Shared,
    person: Person,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = with(&state, &person, token.into_inner(), |db, file| {
        let reading = file.reading();
        Ok((zones(db)?, file, reading))
    });
    let (zones, file, reading) = found.await?;
    if let Some(elsewhere) = done_or_events(&file) {
        return Ok(elsewhere);
    }
    match_columns(person, &file, &reading, &zones, Vec::new())
}

/// What was imported is done; events have no columns.
fn done_or_events(file: &InHand) -> Option<HttpResponse> {
    let token = &file.upload.token;
    if file.upload.outcome.is_some() {
        return Some(see_other(&format!("/data/upload/{token}/done")));
    }
    (file.kind == Kind::Events).then(|| see_other(&format!("/data/upload/{token}/check")))
}

/// The calendars' zones first: those of people's own desks.
fn zones(db: &mut Db) -> Result<Vec<Tz>, StorageError> {
    let mut zones: Vec<Tz> =
        calendars::list(db)?.iter().filter_map(|calendar| calendar.time_zone.parse().ok()).collect();
    zones.extend(ZONES.iter().filter_map(|zone| zone.parse::<Tz>().ok()));
    let mut seen = std::collections::BTreeSet::new();
    zones.retain(|zone| seen.insert(zone.name()));
    Ok(zones)
}

fn match_columns(
    person: Person,
    file: &InHand,
    reading: &Reading,
    zones: &[Tz],
    mistakes: Vec<(String, Said)>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let Content::Sheet(sheet) = &file.content else {
        return Err(Problem::not_found("events have no columns"));
    };
    let wrong = |field: &str| mistakes.iter().any(|(name, _)| name == field);
    let doubts = sheet.doubts(&reading.columns);
    let order = doubts.order.map(|cell| Order {
        choices: ORDERS
            .iter()
            .map(|(value, order)| {
                let meant = Sheet::example(&cell, *order, Tz::UTC).map_or_else(String::new, |at| t.date(at));
                (*value, meant, reading.order == Some(*order))
            })
            .collect(),
        wrong: wrong("order"),
        cell,
    });
    let example_order = doubts.known_order.or(reading.order).unwrap_or(DayOrder::DayFirst);
    let zone = doubts.zone.map(|cell| Zone {
        choices: zones
            .iter()
            .map(|zone| {
                let at = Sheet::example(&cell, example_order, *zone);
                let means = at.map_or_else(
                    || zone.name().to_owned(),
                    |at| {
                        t.say("upload-zone-means")
                            .with("zone", zone.name())
                            .with("cell", &cell)
                            .with("at", t.date_time(at))
                            .to_string()
                    },
                );
                (zone.name().to_owned(), means, reading.zone == Some(*zone))
            })
            .collect(),
        wrong: wrong("zone"),
        cell,
    });
    let columns = reading.columns.iter().copied().chain(std::iter::repeat(Column::LeftOut));
    let rows = sheet.header().iter().zip(columns).enumerate().map(|(at, (name, column))| ColumnRow {
        name: if name.is_empty() {
            t.say("upload-nameless").with("n", at + 1).to_string()
        } else {
            name.clone()
        },
        samples: sheet.samples(at),
        chosen: column.as_str(),
        wrong: wrong(&format!("column-{at}")),
        field: format!("column-{at}"),
    });
    let mut choices = vec![("", t.say("upload-leave-out").to_string())];
    if file.kind == Kind::Customers {
        choices.push(("+", t.say("upload-attribute").to_string()));
    }
    choices.extend(sheet.wanted().map(|(name, needed)| {
        let words = t.say("upload-column").with("column", name);
        let words = if needed { t.say("upload-needed").with("column", words) } else { words };
        (name, words.to_string())
    }));
    html(&Columns {
        t,
        token: file.upload.token.clone(),
        file: file.upload.name.clone(),
        kind: name_of(t, file.kind),
        rows: rows.collect(),
        choices,
        order,
        zone,
        mistakes,
        page: Page::new(person, "/data"),
    })
}

/// `POST /data/upload/{token}`
pub(in crate::web::pages) async fn submit(
    state: Shared,
    person: Person,
    token: Path<String>,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let found = with(&state, &person, token.into_inner(), |db, file| Ok((zones(db)?, file)));
    let (zones, file) = found.await?;
    if let Some(elsewhere) = done_or_events(&file) {
        return Ok(elsewhere);
    }
    let Content::Sheet(sheet) = &file.content else {
        return Err(Problem::not_found("events have no columns"));
    };
    let column = |at: usize| {
        let said = form.get(&format!("column-{at}")).unwrap_or_default();
        match Column::from(said) {
            Column::Attribute if file.kind != Kind::Customers => Column::LeftOut,
            column => column,
        }
    };
    let order = form.get("order").and_then(|said| ORDERS.iter().find(|(value, _)| *value == said));
    let reading = Reading {
        columns: (0..sheet.header().len()).map(column).collect(),
        zone: form.get("zone").and_then(|zone| zone.parse().ok()),
        order: order.map(|(_, order)| *order),
    };
    let mistakes = mistakes(person.language, sheet, &reading);
    if !mistakes.is_empty() {
        return match_columns(person, &file, &reading, &zones, mistakes);
    }
    let json = serde_json::to_string(&reading).map_err(|error| Problem::internal(&error))?;
    let token = file.upload.token;
    let next = format!("/data/upload/{token}/check");
    state.write(move |db| uploads::set_reading(db, &token, &json)).await?;
    Ok(see_other(&next))
}

/// What is wrong with a reading, by the form's fields.
fn mistakes(t: Language, sheet: &Sheet, reading: &Reading) -> Vec<(String, Said)> {
    let words = |name: &str| t.say("upload-column").with("column", name);
    let mut mistakes: Vec<(String, Said)> = sheet
        .mismatches(&reading.columns)
        .into_iter()
        .map(|mismatch| match mismatch {
            Mismatch::Missing(name) => {
                ("column-0".to_owned(), t.say("upload-missing").with("column", words(name)))
            }
            Mismatch::Twice(name, at) => {
                (format!("column-{at}"), t.say("upload-twice").with("column", words(name)))
            }
        })
        .collect();
    let doubts = sheet.doubts(&reading.columns);
    if let Some(cell) = doubts.order.filter(|_| reading.order.is_none()) {
        mistakes.push(("order".to_owned(), t.say("upload-order-missing").with("cell", cell)));
    }
    if let Some(cell) = doubts.zone.filter(|_| reading.zone.is_none()) {
        mistakes.push(("zone".to_owned(), t.say("upload-zone-missing").with("cell", cell)));
    }
    mistakes
}
