//! Holidays from an iCalendar file: whole days, also several in a row, once or every year.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use icalendar::parser::{Component, read_calendar, unfold};

/// Yearly holidays are written out until this year.
const LAST_YEAR: i32 = 2100;
/// No holiday lasts longer; a longer event is something else.
const MAX_DAYS: i64 = 31;

/// The days on which an event of the file lies; tells what it cannot read rather than leave it out.
pub(super) fn read(text: &str) -> Result<BTreeSet<NaiveDate>, String> {
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded)
        .map_err(|error| format!("is not an iCalendar file: {}", error.lines().next().unwrap_or_default()))?;
    let mut days = BTreeSet::new();
    let mut events = calendar.components.iter().filter(|component| component.name == "VEVENT").peekable();
    if events.peek().is_none() {
        return Err("holds no event (VEVENT)".to_owned());
    }
    for event in events {
        let of_event = days_of(event).map_err(|detail| {
            let name = property(event, "SUMMARY").unwrap_or("without a name");
            format!("the event {name:?} {detail}")
        })?;
        days.extend(of_event);
    }
    Ok(days)
}

fn property<'e>(event: &'e Component<'_>, name: &str) -> Option<&'e str> {
    event.find_prop(name).map(|property| property.val.as_str())
}

fn days_of(event: &Component<'_>) -> Result<Vec<NaiveDate>, String> {
    let start = property(event, "DTSTART").and_then(day).ok_or("has no DTSTART with a date")?;
    // The end of a whole-day event is the day after its last; of one within a day, that day.
    let days = match property(event, "DTEND").map(|end| day(end).ok_or("has a DTEND without a date")) {
        Some(end) => (end? - start).num_days().max(1),
        None => 1,
    };
    if days > MAX_DAYS {
        return Err(format!(
            "lasts {days} days: holidays of more than {MAX_DAYS} days must be written as several"
        ));
    }
    for unread in ["RDATE", "EXDATE", "DURATION", "RECURRENCE-ID"] {
        if property(event, unread).is_some() {
            return Err(format!(
                "uses {unread}, which is not read here: write the dates in holidays = [...]"
            ));
        }
    }
    let starts = match property(event, "RRULE") {
        Some(rule) => yearly(start, rule)?,
        None => vec![start],
    };
    let run =
        |start: NaiveDate| (0..days.unsigned_abs()).filter_map(move |n| start.checked_add_days(Days::new(n)));
    Ok(starts.into_iter().flat_map(run).collect())
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()
}

/// The years of `FREQ=YEARLY`, with `INTERVAL`, `COUNT` and `UNTIL`; 29 February is left out of other years.
fn yearly(start: NaiveDate, rule: &str) -> Result<Vec<NaiveDate>, String> {
    let refuse = || {
        format!(
            "repeats by {rule:?}, and only FREQ=YEARLY on the same date is read here: write the dates in holidays = [...]"
        )
    };
    let (mut interval, mut count, mut until, mut is_yearly) = (1usize, usize::MAX, NaiveDate::MAX, false);
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(refuse)?;
        let number = || value.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(refuse);
        match name {
            "FREQ" if value == "YEARLY" => is_yearly = true,
            "INTERVAL" => interval = number()?,
            "COUNT" => count = number()?,
            "UNTIL" => until = day(value).ok_or_else(refuse)?,
            "BYMONTH" if value.parse() == Ok(start.month()) => {}
            "BYMONTHDAY" if value.parse() == Ok(start.day()) => {}
            "WKST" => {}
            _ => return Err(refuse()),
        }
    }
    if !is_yearly {
        return Err(refuse());
    }
    let years = (start.year()..=LAST_YEAR).step_by(interval);
    let dates = years.filter_map(|year| start.with_year(year)).take(count).take_while(|date| *date <= until);
    Ok(dates.collect())
}
