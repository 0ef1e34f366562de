//! Reading a calendar.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;

use super::{holidays, toml_text::Document};
use crate::domain::{
    calendar::{Calendar, CalendarDefinition},
    mistake::{Fields, Mistake, Mistakes, parsed, text, told},
};

/// Reads a calendar file. `load` gives the text of the file that `holidays_ics` names, as written there.
pub fn read_calendar_toml(
    text: &str,
    file: &str,
    load: impl FnOnce(&str) -> Result<String, String>,
) -> Result<Calendar, Vec<Mistake>> {
    let document = Document::read(text, file)?;
    read_calendar_json(&document.value, load).map_err(|mistakes| document.place(mistakes))
}

/// Reads a calendar from JSON of the same shape.
pub fn read_calendar_json(
    value: &Value,
    load: impl FnOnce(&str) -> Result<String, String>,
) -> Result<Calendar, Vec<Mistake>> {
    let mistakes = Mistakes::default();
    let calendar = read(value, load, &mistakes);
    mistakes.instead_of(calendar)
}

fn read(
    value: &Value,
    load: impl FnOnce(&str) -> Result<String, String>,
    mistakes: &Mistakes,
) -> Option<Calendar> {
    let mut fields = Fields::of(value, "", mistakes);
    let key = fields.required("key", parsed);
    let time_zone = fields.required("time_zone", text);
    let hours = fields.required("hours", text);
    let mut all = fields.optional("holidays", dates).unwrap_or_default();
    let from_file = fields.optional("holidays_ics", |value| {
        let name = text(value)?;
        holidays::read(&load(&name)?).map_err(|detail| format!("{name}: {detail}"))
    });
    if !fields.exists() {
        return None;
    }
    all.extend(from_file.into_iter().flatten());
    let definition = CalendarDefinition { key: key?, time_zone: time_zone?, hours: hours?, holidays: all };
    let calendar = Calendar::new(definition).map_err(|error| fields.note(error.field, error.detail)).ok();
    fields.end();
    calendar
}

fn dates(value: &Value) -> Result<BTreeSet<NaiveDate>, String> {
    let refuse = |wrong: &Value| {
        format!("must be a list of dates, such as [2026-01-01, 2026-05-01], this holds {}", told(wrong))
    };
    let dates = value.as_array().ok_or_else(|| refuse(value))?.iter().map(|date| {
        let read = date.as_str().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        read.ok_or_else(|| refuse(date))
    });
    dates.collect()
}
