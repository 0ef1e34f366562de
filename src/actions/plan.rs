//! Answering a plan with the calendars that are known.

use serde_json::Value;

use crate::{
    analyze::{self, Problem},
    domain::{
        calendar::{Calendar, CalendarDefinition},
        time::{DAY_MS, Moment},
    },
    planning::staffing::WeeklyOpenHours,
};

/// A Monday without a holiday anywhere: midnight UTC of 2026-01-12.
const MONDAY_MS: i64 = 1_768_176_000_000;

/// Plans; a `calendar` of the request is looked up among these.
///
/// # Errors
/// What is wrong with the request.
pub fn plan(request: &Value, calendars: &[CalendarDefinition]) -> Result<Value, Problem> {
    analyze::plan(request, &|key| {
        calendars.iter().find(|calendar| calendar.key.as_str() == key).and_then(weekly)
    })
}

/// The open hours of a week without holidays, on the calendar's own clock.
fn weekly(calendar: &CalendarDefinition) -> Option<WeeklyOpenHours> {
    let plain = CalendarDefinition {
        time_zone: "UTC".to_owned(),
        holidays: std::collections::BTreeSet::default(),
        ..calendar.clone()
    };
    let monday = Moment::from_stored_ms(MONDAY_MS);
    let next = Moment::from_stored_ms(MONDAY_MS + 7 * DAY_MS);
    let spans = Calendar::new(plain).ok()?.open_intervals(monday, next);
    WeeklyOpenHours::new(
        spans.into_iter().map(|(from, to)| ((from - monday).hours(), (to - monday).hours())).collect(),
    )
    .ok()
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
