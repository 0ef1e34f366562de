//! When customers write: by hour of day and weekday, on the clock of the desk's town.

use chrono::{Datelike, Offset, TimeZone, Timelike};
use chrono_tz::Tz;

use super::chance::Chance;
use crate::domain::time::{Moment, Wait};

/// Hours of a week.
pub const WEEK_HOURS: usize = 168;

/// Relative rates through a working day: a quiet night, a peak before lunch and one after it.
const BY_HOUR: [f64; 24] = [
    0.10, 0.08, 0.08, 0.08, 0.08, 0.12, 0.30, 0.90, 2.20, 3.20, 3.40, 3.20, 2.40, 2.80, 3.00, 2.80, 2.20,
    1.50, 1.00, 0.80, 0.60, 0.40, 0.25, 0.15,
];

/// Relative rates from Monday to Sunday: what the weekend held back arrives on Monday.
const BY_WEEKDAY: [f64; 7] = [1.25, 1.15, 1.05, 1.00, 0.90, 0.25, 0.20];

/// The rate of writing through a week, as a multiple of a customer's mean rate.
#[derive(Debug, Clone)]
pub struct Rhythm {
    zone: Tz,
    multiples: [f64; WEEK_HOURS],
    greatest: f64,
}

impl Rhythm {
    /// The rhythm of a town.
    pub fn of(zone: Tz) -> Self {
        let mut multiples = [0.0; WEEK_HOURS];
        for (hour, multiple) in multiples.iter_mut().enumerate() {
            *multiple = BY_WEEKDAY[hour / 24] * BY_HOUR[hour % 24];
        }
        let mean = multiples.iter().sum::<f64>() / WEEK_HOURS as f64;
        for multiple in &mut multiples {
            *multiple /= mean;
        }
        let greatest = multiples.iter().copied().fold(0.0, f64::max);
        Self { zone, multiples, greatest }
    }

    /// The multiple in each hour of the week from Monday midnight, local time; their mean is 1.
    pub fn multiples(&self) -> &[f64; WEEK_HOURS] {
        &self.multiples
    }

    /// Which hour of the local week a moment lies in, from 0 (Monday midnight) to 167.
    pub fn hour_of_week(&self, at: Moment) -> usize {
        let utc = at.datetime().naive_utc();
        let local = utc + self.zone.offset_from_utc_datetime(&utc).fix();
        (local.weekday().num_days_from_monday() * 24 + local.hour()) as usize
    }

    /// When a customer writes next: a Poisson process of `per_hour` on average that follows the rhythm,
    /// thinned from its greatest rate (Lewis and Shedler 1979). None where that is later than `until`.
    pub fn next(&self, after: Moment, per_hour: f64, until: Moment, chance: &mut Chance) -> Option<Moment> {
        if per_hour <= 0.0 {
            return None;
        }
        let mut at = after;
        loop {
            at = at + hours(chance.exponential(1.0 / (per_hour * self.greatest)));
            if at > until {
                return None;
            }
            if chance.happens(self.multiples[self.hour_of_week(at)] / self.greatest) {
                return Some(at);
            }
        }
    }
}

/// A duration of so many hours, to the millisecond.
#[allow(clippy::cast_possible_truncation, reason = "a float's `as` saturates, which is what is wanted")]
pub fn hours(hours: f64) -> Wait {
    Wait::from_ms((hours * 3_600_000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_week_follow_the_towns_clock_through_a_change_of_time() {
        let rhythm = Rhythm::of(chrono_tz::Europe::Berlin);
        // 2026-03-29 is the Sunday on which Berlin goes from UTC+1 to UTC+2.
        for (at, day, hour) in [
            ("2026-03-23T08:00:00Z", 0, 9),
            ("2026-03-29T00:59:59Z", 6, 1),
            ("2026-03-29T01:00:00Z", 6, 3),
            ("2026-03-30T08:00:00Z", 0, 10),
        ] {
            assert_eq!(rhythm.hour_of_week(at.parse().unwrap()), day * 24 + hour, "{at}");
        }
    }

    #[test]
    fn arrivals_follow_the_rhythm_hour_by_hour() {
        let rhythm = Rhythm::of(chrono_tz::Europe::Berlin);
        let start: Moment = "2026-01-05T00:00:00Z".parse().unwrap();
        let until = start.plus_days(7 * 500);
        let mut chance = Chance::new(11, 0);
        let mut counts = [0_u32; WEEK_HOURS];
        let mut at = start;
        while let Some(next) = rhythm.next(at, 0.5, until, &mut chance) {
            counts[rhythm.hour_of_week(next)] += 1;
            at = next;
        }
        // Chi-square against the intensity, each hour of the week expecting 250 × its multiple.
        let statistic: f64 = counts
            .iter()
            .zip(rhythm.multiples())
            .map(|(&seen, multiple)| (f64::from(seen) - 250.0 * multiple).powi(2) / (250.0 * multiple))
            .sum();
        // 168 degrees of freedom (the total is random too); 0.1% above 229.7, 0.1% below 116.9
        // (R: qchisq(c(0.001, 0.999), 168)).
        assert!((116.0..230.0).contains(&statistic), "{statistic}");
    }

    #[test]
    fn nobody_writes_at_rate_zero() {
        let rhythm = Rhythm::of(chrono_tz::UTC);
        let start = Moment::default();
        assert_eq!(rhythm.next(start, 0.0, start.plus_days(9), &mut Chance::new(1, 0)), None);
    }
}
