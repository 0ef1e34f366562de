//! Tables and their cells, whatever file they go to; as CSV: RFC 4180, UTF-8, nothing that a spreadsheet would run.

use std::{borrow::Cow, io::Write};

use chrono::SecondsFormat;
use serde::Serialize;

use super::super::{ReportError, ours};
use crate::domain::time::Moment;

/// A cell; text may come from outside, the others never do.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::reports) enum Cell {
    Text(String),
    Number(Option<f64>),
    Flag(bool),
    Time(Moment),
}

impl Cell {
    /// Nothing is known.
    pub const EMPTY: Self = Self::Number(None);

    /// A spreadsheet runs text that begins like a formula; an apostrophe before it makes it text again.
    ///
    /// A number has the digits that give the same double back.
    pub fn write(&self) -> String {
        match self {
            Self::Text(text) => harmless(text).into_owned(),
            Self::Number(None) => String::new(),
            Self::Number(Some(number)) if *number != 0.0 && !(1e-6..1e16).contains(&number.abs()) => {
                format!("{number:e}")
            }
            // Zero has no sign here.
            Self::Number(Some(number)) => (number + 0.0).to_string(),
            Self::Flag(flag) => flag.to_string(),
            // Always with milliseconds: one form in a column.
            Self::Time(at) => at.datetime().to_rfc3339_opts(SecondsFormat::Millis, true),
        }
    }
}

/// Text that a spreadsheet takes for text: an apostrophe stands before what it would run as a formula.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        Self::Number(number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Number(Some(count as f64))
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Moment> for Cell {
    fn from(at: Moment) -> Self {
        Self::Time(at)
    }
}

impl From<Option<Moment>> for Cell {
    fn from(at: Option<Moment>) -> Self {
        at.map_or(Self::EMPTY, Self::from)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::EMPTY, Self::Text)
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::EMPTY, Self::from)
    }
}

/// A row of cells of any kind.
macro_rules! row {
    ($($cell:expr),+ $(,)?) => { vec![$($crate::reports::tables::Cell::from($cell)),+] };
}
pub(in crate::reports) use row;

/// A column with what it says, for `columns.csv`.
#[derive(Debug, Clone)]
pub(in crate::reports) struct Column {
    pub name: Cow<'static, str>,
    pub meaning: Cow<'static, str>,
}

impl From<(&'static str, &'static str)> for Column {
    fn from((name, meaning): (&'static str, &'static str)) -> Self {
        Self { name: name.into(), meaning: meaning.into() }
    }
}

/// Columns of a table that always has the same.
pub(in crate::reports) fn columns<const N: usize>(columns: [(&'static str, &'static str); N]) -> Vec<Column> {
    columns.map(Column::from).into()
}

/// The head of a table.
#[derive(Debug, Clone)]
pub(in crate::reports) struct Head {
    /// The file's name without its ending.
    pub name: &'static str,
    /// One observation is what.
    pub row_is: &'static str,
    pub columns: Vec<Column>,
}

/// A table small enough to be held.
#[derive(Debug)]
pub(in crate::reports) struct Table {
    pub head: Head,
    pub rows: Vec<Vec<Cell>>,
}

/// Writes the rows of one table.
pub(in crate::reports) struct Rows<W: Write>(csv::Writer<W>);

impl<W: Write> Rows<W> {
    /// Begins with the names of the columns.
    pub fn new(out: W, head: &Head) -> Result<Self, ReportError> {
        let mut writer = csv::Writer::from_writer(out);
        let names = head.columns.iter().map(|column| harmless(&column.name).into_owned());
        writer.write_record(names).map_err(ours)?;
        Ok(Self(writer))
    }

    pub fn push(&mut self, row: &[Cell]) -> Result<(), ReportError> {
        self.0.write_record(row.iter().map(Cell::write)).map_err(ours)
    }

    pub fn end(mut self) -> Result<(), ReportError> {
        self.0.flush().map_err(ours)
    }
}

/// The word that JSON has for a variant.
pub(in crate::reports) fn word(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_begins_like_a_formula_is_made_text_and_numbers_stay_numbers() {
        for text in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(Cell::from(text).write(), format!("'{text}"));
        }
        assert_eq!(Cell::from("plain - text").write(), "plain - text");
        assert_eq!(Cell::from(-0.0125).write(), "-0.0125");
        assert_eq!(Cell::from(None::<f64>).write(), "");
        assert_eq!(Cell::from(20_411_u64).write(), "20411");
        assert_eq!(Cell::from(1.5e-200).write(), "1.5e-200");
    }

    proptest! {
        #[test]
        fn a_number_reads_back_as_the_same_double(number in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL) {
            prop_assert_eq!(Cell::from(number).write().parse::<f64>().unwrap().to_bits(), (number + 0.0).to_bits());
        }
    }
}
