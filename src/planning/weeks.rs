//! How many weeks an experiment takes, and what it can show in the weeks there are.

use crate::stats::power::{Design, Expected, Rule};
use crate::stats::sequential::Spending;
use crate::stats::{Confidence, Direction, Result, Scale, StatsError};

use super::above_zero;

/// How the experiment will be looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PlannedLooks {
    /// Once, at the end.
    Fixed,
    /// At any time; `None`: tightest at the units of the planned end.
    AlwaysValid {
        /// N*.
        optimised_for_n: Option<f64>,
    },
    /// Equally spaced looks.
    GroupSequential {
        /// How α is spent.
        spending: Spending,
        /// How many looks.
        looks: u32,
    },
}

/// A metric with its margin, as expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedMetric {
    /// Value and noise.
    pub expected: Expected,
    /// Share of the units that have a value at all (rate a conversation, have revenue …).
    pub share_with_value: f64,
    /// The loss that must be excluded, above zero.
    pub margin: f64,
    /// Its scale.
    pub scale: Scale,
    /// Which way is good.
    pub direction: Direction,
}

/// An experiment of two cohorts of equal size, planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Two-sided.
    pub confidence: Confidence,
    /// The chance that all metrics show what they should, if nothing differs in truth.
    pub chance: f64,
    /// The weeks there are, if that is settled.
    pub weeks: Option<f64>,
    /// Units that join each week, both cohorts together.
    pub units_per_week: f64,
    /// How it will be looked at.
    pub looks: PlannedLooks,
    /// What must be shown.
    pub metrics: Vec<PlannedMetric>,
}

/// What the plan says of one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricPlan {
    /// Units of both cohorts together; `None` where no number is enough.
    pub units_needed: Option<f64>,
    /// Whole weeks until they have joined.
    pub weeks_needed: Option<f64>,
    /// Chance that this metric shows what it should after the weeks there are.
    pub chance_at_weeks: Option<f64>,
    /// The margin that could be excluded with the wished chance after the weeks there are.
    pub margin_at_weeks: Option<f64>,
}

/// The chance after a number of weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeekPlan {
    /// Weeks since the start.
    pub weeks: f64,
    /// Units that have joined.
    pub units: f64,
    /// Chance that every metric shows what it should; a lower bound, whatever their dependence.
    pub chance: f64,
}

/// Weeks of the table, at most: two years.
const MOST_WEEKS: u32 = 104;

impl Plan {
    fn check(&self) -> Result<()> {
        above_zero("units_per_week", self.units_per_week)?;
        if !(self.chance > 0.0 && self.chance < 1.0) {
            return Err(StatsError::OutOfRange {
                what: "chance",
                range: "above 0 and below 1",
                value: self.chance,
            });
        }
        if let Some(weeks) = self.weeks {
            above_zero("weeks", weeks)?;
        }
        Ok(())
    }

    /// The chance that each of several metrics needs so that all hold together with the plan's:
    /// β is split evenly (Schultzberg, Ankargren & Frånberg 2024), α is not.
    pub fn chance_of_each(&self) -> f64 {
        1.0 - (1.0 - self.chance) / (self.metrics.len().max(1) as f64)
    }

    fn rule(&self, metric: &PlannedMetric) -> Result<Rule> {
        match self.looks {
            PlannedLooks::Fixed => Ok(Rule::Fixed),
            PlannedLooks::AlwaysValid { optimised_for_n } => Ok(Rule::AlwaysValid {
                optimised_for: optimised_for_n.or(self.weeks.map(|weeks| weeks * self.units_per_week)),
                assigned_per_control: 2.0 / metric.share_with_value,
            }),
            PlannedLooks::GroupSequential { spending, looks } => {
                Rule::group(spending, looks, self.confidence)
            }
        }
    }

    /// Control units with a value among `units` of both cohorts.
    fn control_units(units: f64, metric: &PlannedMetric) -> f64 {
        0.5 * units * metric.share_with_value
    }

    fn chance_at(&self, metric: &PlannedMetric, margin: f64, units: f64) -> Result<f64> {
        design(metric, margin)?.chance(
            Self::control_units(units, metric),
            self.confidence,
            &self.rule(metric)?,
        )
    }

    /// What it takes for one metric.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for figures that make no sense.
    pub fn metric(&self, metric: &PlannedMetric) -> Result<MetricPlan> {
        self.check()?;
        let share = metric.share_with_value;
        if !(share > 0.0 && share <= 1.0) {
            return Err(StatsError::OutOfRange {
                what: "share_with_value",
                range: "above 0 and at most 1",
                value: share,
            });
        }
        let chance = self.chance_of_each();
        let design = design(metric, metric.margin)?;
        let found = design.control_units(self.confidence, chance, &self.rule(metric)?);
        let units_needed = match found {
            Ok(n) => Some(2.0 * (n / share).ceil()),
            Err(StatsError::NotFound { .. }) => None,
            Err(other) => return Err(other),
        };
        let units_at_weeks = self.weeks.map(|weeks| weeks * self.units_per_week);
        Ok(MetricPlan {
            units_needed,
            weeks_needed: units_needed.map(|units| (units / self.units_per_week).ceil()),
            chance_at_weeks: units_at_weeks
                .map(|units| self.chance_at(metric, metric.margin, units))
                .transpose()?,
            margin_at_weeks: units_at_weeks.and_then(|units| self.smallest_margin(metric, chance, units)),
        })
    }

    /// The smallest margin with that chance, searched outwards from the metric's own.
    fn smallest_margin(&self, metric: &PlannedMetric, chance: f64, units: f64) -> Option<f64> {
        let short = |margin: f64| self.chance_at(metric, margin, units).map_or(f64::NAN, |c| c - chance);
        let mut low = metric.margin;
        while short(low) > 0.0 {
            low *= 0.7;
            if low < 1e-12 {
                return None;
            }
        }
        let mut high = low;
        for _ in 0..200 {
            let wider = high * 1.1;
            let gap = short(wider);
            if gap.is_nan() {
                return None;
            }
            if gap >= 0.0 {
                return crate::stats::distributions::find_root(short, high, wider);
            }
            high = wider;
        }
        None
    }

    /// Week by week until every metric has what it needs, at least until the planned end.
    ///
    /// # Errors
    /// As [`metric`](Self::metric).
    pub fn weeks(&self, metrics: &[MetricPlan]) -> Result<Vec<WeekPlan>> {
        self.check()?;
        let needed = metrics.iter().filter_map(|m| m.weeks_needed).fold(1.0, f64::max);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 1..=104
        let last = needed.max(self.weeks.unwrap_or(1.0)).ceil().min(f64::from(MOST_WEEKS)) as u32;
        (1..=last)
            .map(|week| {
                let units = f64::from(week) * self.units_per_week;
                let missed: f64 = self
                    .metrics
                    .iter()
                    .map(|m| Ok(1.0 - self.chance_at(m, m.margin, units)?))
                    .sum::<Result<f64>>()?;
                Ok(WeekPlan { weeks: f64::from(week), units, chance: (1.0 - missed).clamp(0.0, 1.0) })
            })
            .collect()
    }
}

fn design(metric: &PlannedMetric, margin: f64) -> Result<Design> {
    Design::new(metric.expected, margin, metric.scale, metric.direction, 0.0, 1.0)
}
