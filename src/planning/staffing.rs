//! What a longer promise saves: agents before, agents after, money a year.

use crate::stats::StatsError;

use super::above_zero;
use super::deferred_work::{Arrival, staffing};

/// Hours of a week.
const WEEK: usize = 168;
/// Weeks in a year of 365 days.
const WEEKS_PER_YEAR: f64 = 365.0 / 7.0;
/// Weeks over which work is laid out: as many as the longest promise reaches over, and some.
const HORIZON_WEEKS: usize = 4;

/// The open hours of a week, as plain data: spans of hours since Monday 00:00.
#[derive(Debug, Clone, PartialEq)]
pub struct WeeklyOpenHours {
    spans: Vec<(f64, f64)>,
}

impl WeeklyOpenHours {
    /// Open all the time.
    pub fn always() -> Self {
        Self { spans: vec![(0.0, WEEK as f64)] }
    }

    /// From (opens, closes) in hours since Monday 00:00, rising and apart.
    ///
    /// # Errors
    /// [`StatsError::Empty`] when never open; [`StatsError::OutOfRange`] for spans that overlap or
    /// leave the week.
    pub fn new(spans: Vec<(f64, f64)>) -> Result<Self, StatsError> {
        let mut end = 0.0;
        for &(opens, closes) in &spans {
            if !(opens >= end && closes > opens && closes <= WEEK as f64) {
                return Err(StatsError::OutOfRange {
                    what: "an opening time",
                    range: "hours since Monday 00:00, rising, at most 168",
                    value: opens,
                });
            }
            end = closes;
        }
        if spans.is_empty() {
            return Err(StatsError::Empty { what: "the list of opening times" });
        }
        Ok(Self { spans })
    }

    /// Open hours in a week.
    pub fn hours(&self) -> f64 {
        self.spans.iter().map(|(opens, closes)| closes - opens).sum()
    }

    /// Open time that has passed since Monday 00:00 at that hour of the week; while closed, that of
    /// the next opening.
    fn elapsed(&self, hour: f64) -> f64 {
        self.spans.iter().map(|(opens, closes)| (hour.min(*closes) - opens).max(0.0)).sum()
    }
}

/// Relative arrivals in each hour of a weekday of a typical desk: quiet nights, a morning peak.
const WEEKDAY: [f64; 24] = [
    2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 6.0, 22.0, 30.0, 26.0, 20.0, 16.0, 18.0, 20.0, 16.0, 12.0, 6.0,
    6.0, 6.0, 6.0, 3.0, 3.0,
];
/// The same for Saturday and Sunday.
const WEEKEND: [f64; 24] = [
    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0,
    2.0, 2.0, 2.0,
];

/// Relative arrivals in each of the 168 hours since Monday 00:00 of a typical desk. What a longer
/// promise saves comes from such unevenness alone: perfectly even work needs the same staff however
/// long it may wait.
pub fn typical_week() -> Vec<f64> {
    let mut week = WEEKDAY.repeat(5);
    week.extend(WEEKEND.repeat(2));
    week
}

/// A team and the promise that it may change.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// Conversations a week.
    pub arrivals_per_week: f64,
    /// Work on one conversation.
    pub handle_minutes: f64,
    /// When the team works.
    pub open: WeeklyOpenHours,
    /// Relative arrivals in each of the 168 hours since Monday 00:00.
    pub profile: Vec<f64>,
    /// Share of an agent's working time that is spent on conversations.
    pub occupancy: f64,
    /// Share of paid time that is not worked (leave, illness, training).
    pub shrinkage: f64,
    /// What a paid agent hour costs.
    pub agent_hour: f64,
}

/// What the change is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saving {
    /// Agents paid through all open hours with the promise of today.
    pub agents_before: f64,
    /// The same with the longer promise.
    pub agents_after: f64,
    /// Difference of both.
    pub agents_saved: f64,
    /// Money: agents saved × open hours of a year × cost of an hour.
    pub saving_per_year: f64,
}

impl Desk {
    fn check(&self) -> Result<(), StatsError> {
        above_zero("arrivals_per_week", self.arrivals_per_week)?;
        above_zero("handle_minutes", self.handle_minutes)?;
        let share = |what, value: f64, holds: bool| {
            if holds {
                Ok(())
            } else {
                Err(StatsError::OutOfRange {
                    what,
                    range: "a share (occupancy above 0, shrinkage below 1)",
                    value,
                })
            }
        };
        share("occupancy", self.occupancy, self.occupancy > 0.0 && self.occupancy <= 1.0)?;
        share("shrinkage", self.shrinkage, (0.0..1.0).contains(&self.shrinkage))?;
        if !(self.agent_hour >= 0.0 && self.agent_hour.is_finite()) {
            return Err(StatsError::OutOfRange {
                what: "agent_hour",
                range: "zero or more",
                value: self.agent_hour,
            });
        }
        if self.profile.len() != WEEK {
            return Err(StatsError::UnequalLengths {
                what: "the hours of a week and its profile of arrivals",
                left: WEEK,
                right: self.profile.len(),
            });
        }
        for &weight in &self.profile {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(StatsError::OutOfRange {
                    what: "a weight of the profile of arrivals",
                    range: "zero or more",
                    value: weight,
                });
            }
        }
        above_zero("the sum of the profile of arrivals", self.profile.iter().sum())?;
        Ok(())
    }

    /// The work of some weeks in open time: each hour's arrivals in its middle, what arrives while
    /// closed at the next opening.
    fn work(&self) -> Vec<Arrival> {
        let week_hours = self.open.hours();
        let work_per_weight =
            self.arrivals_per_week * self.handle_minutes / 60.0 / self.profile.iter().sum::<f64>();
        (0..HORIZON_WEEKS * WEEK)
            .map(|hour| {
                let (week, hour) = (hour / WEEK, hour % WEEK);
                Arrival {
                    open_hour: week as f64 * week_hours + self.open.elapsed(hour as f64 + 0.5),
                    agent_hours: self.profile[hour] * work_per_weight,
                }
            })
            .collect()
    }

    /// The least constant staff, busy all the time and never away, that keeps a promise of
    /// `target_hours` open hours.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] and the like for a desk that makes no sense.
    pub fn agents(&self, target_hours: f64) -> Result<f64, StatsError> {
        self.check()?;
        let open_hours = self.open.hours() * HORIZON_WEEKS as f64;
        Ok(staffing(&self.work(), open_hours, target_hours)?.agents)
    }

    /// What it saves to promise `to` open hours in place of `from`; negative when that is shorter.
    ///
    /// # Errors
    /// As [`agents`](Self::agents).
    pub fn saving(&self, from: f64, to: f64) -> Result<Saving, StatsError> {
        let paid = |target: f64| -> Result<f64, StatsError> {
            Ok(self.agents(target)? / self.occupancy / (1.0 - self.shrinkage))
        };
        let (agents_before, agents_after) = (paid(from)?, paid(to)?);
        let agents_saved = agents_before - agents_after;
        Ok(Saving {
            agents_before,
            agents_after,
            agents_saved,
            saving_per_year: agents_saved * self.open.hours() * WEEKS_PER_YEAR * self.agent_hour,
        })
    }
}

/// The share of revenue that may be lost before the saving is gone: saving a month over the margin
/// that all `units` bring in a month.
///
/// # Errors
/// [`StatsError::OutOfRange`] unless units, revenue and margin are above zero.
pub fn break_even_retention_loss(
    saving_per_year: f64,
    units: f64,
    revenue_per_unit_month: f64,
    gross_margin: f64,
) -> Result<f64, StatsError> {
    let monthly = above_zero("units", units)?
        * above_zero("revenue_per_unit_month", revenue_per_unit_month)?
        * above_zero("gross_margin", gross_margin)?;
    Ok(saving_per_year / 12.0 / monthly)
}
