//! A promised first response as people tell it: in working days, working hours or hours.

use super::{
    calendar::Calendar,
    time::{Moment, Wait},
};

/// How a promise is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Promise {
    /// On a calendar that never closes.
    Hours(f64),
    /// Open time.
    WorkingHours(f64),
    /// Open time in whole days of the calendar.
    WorkingDays(i64),
}

impl Promise {
    /// A promise on a calendar, as it is at a moment: in working days where it is whole ones.
    pub fn of(first_response: Wait, calendar: &Calendar, at: Moment) -> Self {
        match typical_open_day(calendar, at) {
            None => Self::Hours(first_response.hours()),
            Some(day) if first_response.ms() % day.ms() == 0 => {
                Self::WorkingDays(first_response.ms() / day.ms())
            }
            Some(_) => Self::WorkingHours(first_response.hours()),
        }
    }
}

/// The open time that most days of the four weeks from a moment have; none on a calendar that never closes.
/// Openings with less than six hours between them belong to one day.
fn typical_open_day(calendar: &Calendar, at: Moment) -> Option<Wait> {
    let mut days: Vec<(i64, usize)> = Vec::new();
    let mut closed_at: Option<Moment> = None;
    for (opens, closes) in calendar.open_intervals(at, at.plus_days(28)) {
        let open = (closes - opens).ms();
        match (closed_at, days.last_mut()) {
            (Some(before), Some(day)) if opens - before < Wait::from_hours(6) => day.0 += open,
            _ => days.push((open, 0)),
        }
        closed_at = Some(closes);
    }
    let all = days.clone();
    for day in &mut days {
        day.1 = all.iter().filter(|other| other.0 == day.0).count();
    }
    let typical = days.iter().max_by_key(|day| day.1)?;
    (days.len() > 1 && typical.0 > 0).then_some(Wait::from_ms(typical.0))
}
