//! Answering a plan with the calendars, and where it is asked for the past, that are known.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde_json::Value;

use crate::{
    analyze::{self, HistoryAsked, Problem},
    domain::{
        calendar::{Calendar, CalendarDefinition},
        time::{DAY_MS, Moment},
    },
    planning::{
        history::{History, Past, Reader, everybody},
        staffing::{OpenHours, WeeklyOpenHours},
    },
    storage::{Db, StorageError, calendars, units},
};

/// A Monday without a holiday anywhere: midnight UTC of 2026-01-12.
const MONDAY_MS: i64 = 1_768_176_000_000;

/// Units whose past is read, at most: enough for any spread, few enough for a page.
const MOST_UNITS: usize = 50_000;

/// Plans; a `calendar` of the request is looked up among these.
///
/// # Errors
/// What is wrong with the request.
pub fn plan(request: &Value, calendars: &[CalendarDefinition]) -> Result<Value, Problem> {
    analyze::plan(request, &|key| open_hours(calendars, key))
}

/// Plans with what the installation knows: its calendars and, where the request says `from_history`, its
/// past until `now`.
///
/// # Errors
/// The database; and what is wrong with the request.
pub fn plan_here(db: &mut Db, request: &Value, now: Moment) -> Result<Result<Value, Problem>, StorageError> {
    let calendars = calendars::list(db)?;
    let asked = match HistoryAsked::of(request) {
        Err(problem) => return Ok(Err(problem)),
        Ok(None) => return Ok(plan(request, &calendars)),
        Ok(Some(asked)) => asked,
    };
    let zone = request.pointer("/staffing/calendar").and_then(Value::as_str);
    let zone = zone.and_then(|key| calendars.iter().find(|calendar| calendar.key.as_str() == key));
    let history = history(db, asked, zone, now)?;
    Ok(analyze::plan_with_history(request, &history, &|key| open_hours(&calendars, key)))
}

/// What the weeks until `now` were like, on the clock of a calendar (UTC without one).
///
/// # Errors
/// The database.
pub fn history(
    db: &mut Db,
    asked: HistoryAsked,
    calendar: Option<&CalendarDefinition>,
    now: Moment,
) -> Result<History, StorageError> {
    let zone = calendar.and_then(|calendar| calendar.time_zone.parse().ok()).unwrap_or(Tz::UTC);
    let past = Past { rule: asked.rule, unit: asked.unit, weeks: asked.weeks, as_of: now, zone };
    let (experiment, calendars) = (past.experiment(), super::calendars(db)?);
    let study = past.study(&experiment, &calendars);
    let mut reader = Reader::new(&past, &study).map_err(|error| StorageError::Corrupt(error.to_string()))?;
    units::for_each_known(db, past.unit, &everybody(), MOST_UNITS, |unit| {
        reader.add(unit);
        Ok::<_, StorageError>(())
    })?;
    Ok(reader.finish())
}

fn open_hours(calendars: &[CalendarDefinition], key: &str) -> Option<OpenHours> {
    let calendar = calendars.iter().find(|calendar| calendar.key.as_str() == key)?;
    Some(OpenHours { typical: weekly(calendar)?, year: yearly(calendar) })
}

/// The open hours of a week without holidays, on the calendar's own clock.
fn weekly(calendar: &CalendarDefinition) -> Option<WeeklyOpenHours> {
    let plain = CalendarDefinition { holidays: std::collections::BTreeSet::default(), ..calendar.clone() };
    WeeklyOpenHours::new(spans(&on_its_own_clock(plain)?, Moment::from_stored_ms(MONDAY_MS))).ok()
}

/// The weeks of the last year for which the calendar names holidays, from the Monday on or before New Year.
fn yearly(calendar: &CalendarDefinition) -> Option<(i32, Vec<WeeklyOpenHours>)> {
    let year = calendar.holidays.last()?.year();
    let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
    let monday = Moment::start_of(first).plus_days(-i64::from(first.weekday().num_days_from_monday()));
    let calendar = on_its_own_clock(calendar.clone())?;
    let weeks =
        (0..53).map(|week| WeeklyOpenHours::maybe_closed(spans(&calendar, monday.plus_days(7 * week))));
    Some((year, weeks.collect::<Result<_, _>>().ok()?))
}

fn on_its_own_clock(calendar: CalendarDefinition) -> Option<Calendar> {
    Calendar::new(CalendarDefinition { time_zone: "UTC".to_owned(), ..calendar }).ok()
}

/// Hours since Monday 00:00 at which a week opens and closes.
fn spans(calendar: &Calendar, monday: Moment) -> Vec<(f64, f64)> {
    let next = Moment::from_stored_ms(monday.ms() + 7 * DAY_MS);
    let spans = calendar.open_intervals(monday, next);
    spans.into_iter().map(|(from, to)| ((from - monday).hours(), (to - monday).hours())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_of_office_hours_is_forty_hours_on_the_calendars_own_clock() {
        let definition = serde_json::from_value(serde_json::json!({
            "key": "office-hours", "time_zone": "America/New_York", "hours": "Mo-Fr 09:00-17:00; PH off",
            "holidays": ["2026-01-12"]
        }));
        let week = weekly(&definition.unwrap()).unwrap();
        assert_eq!(
            week,
            WeeklyOpenHours::new(
                (0..5).map(|d| (f64::from(d) * 24.0 + 9.0, f64::from(d) * 24.0 + 17.0)).collect()
            )
            .unwrap()
        );
    }
}
