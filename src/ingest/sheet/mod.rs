//! A table as people have it: UTF-8 or UTF-16, commas, semicolons or tabs, columns of any name, times as their
//! spreadsheet writes them.
//!
//! [`Sheet::open`] finds out how it is written, [`Sheet::guess`] which column is which, [`Sheet::doubts`] what only a
//! person can say, and [`Sheet::items`] reads it by their answers: the same items as of the file that the contract
//! describes, so that whatever is recorded goes one way.
//!
//! ```
//! use patience::{domain::{ids::Source, time::Moment}, ingest::{Kind, sheet::{Reading, Sheet}}};
//!
//! let text = "User;Month;MRR;Currency\nc-1;03/2026;49,90;EUR\n";
//! let sheet = Sheet::open(Kind::Revenue, text.as_bytes())?;
//! let reading = Reading { columns: sheet.guess(), ..Reading::default() };
//! let told_at = Moment::from_ms(1_772_000_000_000)?;
//! let items: Vec<_> = sheet.items(&reading, &Source::new("import")?, told_at).collect();
//! assert!(items[0].told.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod columns;
mod text;
mod times;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use columns::Column;
pub use times::DayOrder;

use super::{Item, Kind, Told, rows};
use crate::domain::{
    event::{Event, Rejection},
    ids::Source,
    time::{Moment, TimeError},
};
use times::Seen;

/// Why a file is no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Neither UTF-8 nor UTF-16.
    #[error("the file is neither UTF-8 nor UTF-16 text")]
    Encoding,
    /// There is no row, or only the header.
    #[error("the file has no rows below its header")]
    Empty,
}

/// A table, its header read.
#[derive(Debug)]
pub struct Sheet {
    kind: Kind,
    text: String,
    delimiter: u8,
    header: Vec<String>,
}

/// How a person says that a table is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What each column is, from the left.
    pub columns: Vec<Column>,
    /// The zone of times that do not say theirs; UTC where nobody was asked.
    #[serde(default, with = "zone_name")]
    pub zone: Option<Tz>,
    /// The order of day and month in dates such as `03/04/2026`, where the file does not tell.
    #[serde(default)]
    pub order: Option<DayOrder>,
}

/// A zone by its name.
mod zone_name {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    pub(super) fn serialize<S: Serializer>(zone: &Option<Tz>, to: S) -> Result<S::Ok, S::Error> {
        zone.map(Tz::name).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tz>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.and_then(|name| name.parse().ok()))
    }
}

/// What only a person can say of a table: each with a cell to ask it by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubts {
    /// In which time zone its times are.
    pub zone: Option<String>,
    /// Whether the day or the month comes first.
    pub order: Option<String>,
    /// The order, where the file shows it by itself.
    pub known_order: Option<DayOrder>,
}

/// Why a reading cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// No column is this one, which every row needs.
    Missing(&'static str),
    /// Two columns are this one; the second by its place.
    Twice(&'static str, usize),
}

impl Sheet {
    /// Reads a file's header.
    ///
    /// # Errors
    /// It is not text, or has no rows.
    pub fn open(kind: Kind, bytes: &[u8]) -> Result<Self, SheetError> {
        let (text, delimiter) = text::decode(bytes)?;
        let mut sheet = Self { kind, text, delimiter, header: Vec::new() };
        let mut records = sheet.records();
        let header = records.next().ok_or(SheetError::Empty)?;
        let some = records.next().is_some();
        drop(records);
        if !some {
            return Err(SheetError::Empty);
        }
        sheet.header = header.iter().map(|name| name.trim().to_owned()).collect();
        Ok(sheet)
    }

    /// What its first row calls the columns, from the left; a name may be empty.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The first values of a column that are not empty, at most three.
    pub fn samples(&self, column: usize) -> Vec<String> {
        let cells = self.rows().filter_map(|(_, row)| row.get(column).map(|cell| cell.trim().to_owned()));
        cells.filter(|cell| !cell.is_empty()).take(3).collect()
    }

    /// The columns that the kind has, and whether each row needs it.
    pub fn wanted(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let kind = self.kind;
        rows::columns(kind).iter().map(move |name| (*name, rows::required(kind).contains(name)))
    }

    /// Which column is which, by their names.
    pub fn guess(&self) -> Vec<Column> {
        columns::guess(self.kind, &self.header)
    }

    /// What is wrong with what somebody says the columns are.
    pub fn mismatches(&self, columns: &[Column]) -> Vec<Mismatch> {
        let is = |name: &str| columns.iter().position(|column| column.name() == Some(name));
        let missing = rows::required(self.kind).iter().filter(|name| is(name).is_none());
        let twice = columns.iter().enumerate().filter_map(|(at, column)| {
            let name = column.name()?;
            (is(name) != Some(at)).then_some(Mismatch::Twice(name, at))
        });
        missing.map(|name| Mismatch::Missing(name)).chain(twice).collect()
    }

    /// What only a person can say, of the columns that are times by this matching.
    pub fn doubts(&self, columns: &[Column]) -> Doubts {
        let mut seen = Seen::default();
        self.look(columns, &mut seen);
        Doubts { zone: seen.zoneless(), order: seen.either_order(), known_order: seen.order() }
    }

    /// How a cell reads by an order and a zone, to show what an answer would mean.
    pub fn example(cell: &str, order: DayOrder, zone: Tz) -> Option<Moment> {
        times::read(cell, order, zone)
    }

    fn look(&self, columns: &[Column], seen: &mut Seen) {
        let times: Vec<(usize, bool)> = columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| match column.name()? {
                "month" => Some((at, false)),
                name if name.ends_with("_at") => Some((at, true)),
                _ => None,
            })
            .collect();
        if times.is_empty() {
            return;
        }
        for (_, row) in self.rows() {
            for (at, instant) in &times {
                seen.look(row.get(*at).unwrap_or_default(), *instant);
            }
        }
    }

    /// Reads all rows, with `source` and `told_at` as of [`super::Intake::new`]. Rows are counted from 0, empty ones too.
    pub fn items<'a>(
        &'a self,
        reading: &'a Reading,
        source: &'a Source,
        told_at: Moment,
    ) -> impl Iterator<Item = Item> + 'a {
        let mut seen = Seen::default();
        self.look(&reading.columns, &mut seen);
        let (order, zone) = (seen.order().or(reading.order), reading.zone.unwrap_or(Tz::UTC));
        let reader = Reader { reading, order: order.unwrap_or(DayOrder::DayFirst), zone, sheet: self };
        self.rows().map(move |(index, row)| {
            let told = reader.read(&row, source, told_at, index);
            let line = if told.is_err() { super::shown(&joined(&row)) } else { String::new() };
            Item { index, told: told.map(Told::Row), line }
        })
    }

    /// The rows below the header that hold anything, each with its place; its cells as they are written.
    pub fn rows(&self) -> impl Iterator<Item = (u64, csv::StringRecord)> {
        (0..).zip(self.records().skip(1)).filter(|(_, row)| row.iter().any(|cell| !cell.trim().is_empty()))
    }

    /// The name of the column that a column of the kind was read from.
    pub fn name_of(&self, reading: &Reading, column: &str) -> Option<(usize, &str)> {
        let at = reading.columns.iter().position(|known| known.name() == Some(column))?;
        Some((at, self.header.get(at)?))
    }

    /// The sign between its columns.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn records(&self) -> impl Iterator<Item = csv::StringRecord> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.text.as_bytes());
        // Text that is UTF-8 cannot fail to be read.
        reader.into_records().map_while(Result::ok)
    }
}

fn joined(row: &csv::StringRecord) -> String {
    row.iter().collect::<Vec<_>>().join(",")
}

/// Writes a row as the contract's file has it, and reads that.
struct Reader<'a> {
    sheet: &'a Sheet,
    reading: &'a Reading,
    order: DayOrder,
    zone: Tz,
}

impl Reader<'_> {
    fn read(
        &self,
        row: &csv::StringRecord,
        source: &Source,
        told_at: Moment,
        index: u64,
    ) -> Result<Vec<Event>, Rejection> {
        let refuse = |detail: String| Rejection::of(self.sheet.kind.feed(), detail);
        if row.len() != self.sheet.header.len() {
            return Err(refuse(format!(
                "has {} fields where the header has {}: put values that hold a comma in double quotes",
                row.len(),
                self.sheet.header.len()
            )));
        }
        let (mut names, mut cells) = (Vec::new(), Vec::new());
        for ((column, cell), own) in self.reading.columns.iter().zip(row).zip(&self.sheet.header) {
            match column {
                Column::LeftOut => {}
                Column::Attribute => {
                    names.push(own.clone());
                    cells.push(cell.trim().to_owned());
                }
                Column::Is(name) => {
                    names.push((*name).to_owned());
                    cells.push(self.written(name, cell.trim()));
                }
            }
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        rows::read(self.sheet.kind, &names, &cells, source, told_at, index).map_err(plainer)
    }

    /// A cell as the contract writes it; what cannot be understood stays, and is refused with its column.
    fn written(&self, column: &str, cell: &str) -> String {
        let understood = match column {
            "month" => times::month(cell, self.order),
            "reopened" => Some(cell.to_lowercase()),
            "amount" | "handle_seconds" | "after_contact_seconds" => decimal(cell),
            name if name.ends_with("_at") => {
                times::read(cell, self.order, self.zone).map(|at| at.to_string())
            }
            _ => None,
        };
        understood.unwrap_or_else(|| cell.to_owned())
    }
}

/// Here more is understood than the contract's file may hold.
fn plainer(rejection: Rejection) -> Rejection {
    let Some((column, why)) = rejection.detail.split_once(": ") else { return rejection };
    let detail = match why {
        why if why == TimeError::Moment.to_string() => format!("{column}: is not a date and time"),
        why if why == TimeError::Month.to_string() => format!("{column}: is not a month"),
        _ => return rejection,
    };
    Rejection { detail, ..rejection }
}

/// `49,90` is 49.90 where a comma has one or two digits after it: more would be thousands.
fn decimal(cell: &str) -> Option<String> {
    let (whole, fraction) = cell.split_once(',')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction) && fraction.len() <= 2).then(|| format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests;
