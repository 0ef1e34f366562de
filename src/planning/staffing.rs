//! What a longer promise saves: agents before, agents after, money a year.

use crate::stats::StatsError;

use super::above_zero;
use super::deferred_work::{Arrival, staffing};

/// Hours of a week.
const WEEK: usize = 168;
/// Weeks in a year of 365 days.
pub const WEEKS_PER_YEAR: f64 = 365.0 / 7.0;
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
        if spans.is_empty() {
            return Err(StatsError::Empty { what: "the list of opening times" });
        }
        Self::maybe_closed(spans)
    }

    /// The same for a week of the calendar, which may be all holidays.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for spans that overlap or leave the week.
    pub fn maybe_closed(spans: Vec<(f64, f64)>) -> Result<Self, StatsError> {
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

/// When a team works.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenHours {
    /// A week without holidays.
    pub typical: WeeklyOpenHours,
    /// The weeks of a year with its holidays, and the year; none where there are no holidays.
    pub year: Option<(i32, Vec<WeeklyOpenHours>)>,
}

impl From<WeeklyOpenHours> for OpenHours {
    fn from(typical: WeeklyOpenHours) -> Self {
        Self { typical, year: None }
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
    pub open: OpenHours,
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
    /// Paid agent hours a week with the promise of today.
    pub hours_before: f64,
    /// The same with the longer promise.
    pub hours_after: f64,
    /// What the agents of today cost in a year.
    pub cost_before: f64,
    /// The same with the longer promise.
    pub cost_after: f64,
    /// Money: agents saved × open hours of a year × cost of an hour.
    pub saving_per_year: f64,
}

/// What the saving comes to when one figure is a tenth lower, and a tenth higher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity {
    /// Which figure.
    pub figure: &'static str,
    /// The figure a tenth lower, and the saving.
    pub lower: (f64, Saving),
    /// The figure a tenth higher, and the saving.
    pub higher: (f64, Saving),
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
    fn work<'w>(&self, weeks: impl Iterator<Item = &'w WeeklyOpenHours>) -> (Vec<Arrival>, f64) {
        let work_per_weight =
            self.arrivals_per_week * self.handle_minutes / 60.0 / self.profile.iter().sum::<f64>();
        let (mut work, mut open_hours) = (Vec::new(), 0.0);
        for week in weeks {
            work.extend(self.profile.iter().enumerate().map(|(hour, weight)| Arrival {
                open_hour: open_hours + week.elapsed(hour as f64 + 0.5),
                agent_hours: weight * work_per_weight,
            }));
            open_hours += week.hours();
        }
        (work, open_hours)
    }

    /// The least constant staff, busy all the time and never away, that keeps a promise of
    /// `target_hours` open hours.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] and the like for a desk that makes no sense.
    pub fn agents(&self, target_hours: f64) -> Result<f64, StatsError> {
        self.agents_over(std::iter::repeat_n(&self.open.typical, HORIZON_WEEKS), target_hours)
    }

    fn agents_over<'w>(
        &self,
        weeks: impl Iterator<Item = &'w WeeklyOpenHours>,
        target_hours: f64,
    ) -> Result<f64, StatsError> {
        self.check()?;
        let (work, open_hours) = self.work(weeks);
        Ok(staffing(&work, open_hours, target_hours)?.agents)
    }

    /// What it saves to promise `to` open hours in place of `from`; negative when that is shorter.
    ///
    /// # Errors
    /// As [`agents`](Self::agents).
    pub fn saving(&self, from: f64, to: f64) -> Result<Saving, StatsError> {
        Ok(self.paid(self.agents(from)?, self.agents(to)?, self.open.typical.hours()))
    }

    /// The same for the year with its holidays: the staff that keeps the promise also in the weeks
    /// after them, when work has piled up. None where the calendar names no holidays.
    ///
    /// # Errors
    /// As [`agents`](Self::agents).
    pub fn saving_with_holidays(&self, from: f64, to: f64) -> Result<Option<(i32, Saving)>, StatsError> {
        let Some((year, weeks)) = &self.open.year else { return Ok(None) };
        let (before, after) = (self.agents_over(weeks.iter(), from)?, self.agents_over(weeks.iter(), to)?);
        let hours = weeks.iter().map(WeeklyOpenHours::hours).sum::<f64>() / weeks.len() as f64;
        Ok(Some((*year, self.paid(before, after, hours))))
    }

    /// From agents at work to agents paid, and what they cost.
    fn paid(&self, before: f64, after: f64, open_hours_a_week: f64) -> Saving {
        let paid = |agents: f64| agents / self.occupancy / (1.0 - self.shrinkage);
        let (agents_before, agents_after) = (paid(before), paid(after));
        let cost = |agents: f64| agents * open_hours_a_week * WEEKS_PER_YEAR * self.agent_hour;
        Saving {
            agents_before,
            agents_after,
            agents_saved: agents_before - agents_after,
            hours_before: agents_before * open_hours_a_week,
            hours_after: agents_after * open_hours_a_week,
            cost_before: cost(agents_before),
            cost_after: cost(agents_after),
            saving_per_year: cost(agents_before - agents_after),
        }
    }

    /// What a tenth less and a tenth more of each figure changes. `unevenness` is how far the hours'
    /// arrivals lie from their mean, 1 as it is.
    ///
    /// # Errors
    /// As [`agents`](Self::agents).
    pub fn sensitivity(&self, from: f64, to: f64) -> Result<Vec<Sensitivity>, StatsError> {
        // How a figure is set in a desk whose hours have a mean of so many arrivals.
        type Set = fn(&mut Desk, f64, f64);
        let mean = self.profile.iter().sum::<f64>() / WEEK as f64;
        let figures: [(&'static str, f64, Set); 5] = [
            ("arrivals_per_week", self.arrivals_per_week, |desk, value, _| desk.arrivals_per_week = value),
            ("handle_minutes", self.handle_minutes, |desk, value, _| desk.handle_minutes = value),
            ("occupancy", self.occupancy, |desk, value, _| desk.occupancy = value.min(1.0)),
            ("shrinkage", self.shrinkage, |desk, value, _| desk.shrinkage = value.min(0.99)),
            ("unevenness", 1.0, |desk, value, mean| {
                for weight in &mut desk.profile {
                    *weight = (mean + value * (*weight - mean)).max(0.0);
                }
            }),
        ];
        figures
            .into_iter()
            .map(|(figure, value, set)| {
                let at = |value: f64| {
                    let mut desk = self.clone();
                    set(&mut desk, value, mean);
                    Ok((value, desk.saving(from, to)?))
                };
                Ok(Sensitivity { figure, lower: at(0.9 * value)?, higher: at(1.1 * value)? })
            })
            .collect()
    }
}
