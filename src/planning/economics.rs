//! What is at stake: the saving beside the revenue that it may cost.

use crate::stats::{Scale, StatsError};

use super::above_zero;
use super::staffing::WEEKS_PER_YEAR;
use super::weeks::PlannedMetric;

/// The customers that would wait longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customers {
    /// How many.
    pub units: f64,
    /// What each brings in a month.
    pub revenue_per_unit_month: f64,
    /// What is left of it.
    pub gross_margin: f64,
}

/// What a limit that is used up to the last would cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitUsed {
    /// Share of the revenue lost.
    pub retention_loss: f64,
    /// Margin lost in a year over all customers.
    pub loss_per_year: f64,
    /// The saving less that loss.
    pub net_per_year: f64,
    /// Margin lost until the end of the experiment, where the loss was there from each one's first day:
    /// the customers of the slower levels have been in it for half of the weeks on average.
    pub at_risk_in_experiment: f64,
}

/// Metrics of which the limit is a share of revenue (of customers, for churn).
const RETENTION: [&str; 3] = ["net_revenue_retention", "gross_revenue_retention", "churn"];

impl Customers {
    /// # Errors
    /// [`StatsError::OutOfRange`] unless units, revenue and margin are above zero.
    pub fn new(units: f64, revenue_per_unit_month: f64, gross_margin: f64) -> Result<Self, StatsError> {
        Ok(Self {
            units: above_zero("units", units)?,
            revenue_per_unit_month: above_zero("revenue_per_unit_month", revenue_per_unit_month)?,
            gross_margin: above_zero("gross_margin", gross_margin)?,
        })
    }

    /// Gross margin of all in a year.
    pub fn margin_per_year(&self) -> f64 {
        12.0 * self.units * self.revenue_per_unit_month * self.gross_margin
    }

    /// The share of revenue that may be lost before the saving is gone: saving a month over the margin
    /// that all units bring in a month.
    pub fn break_even_retention_loss(&self, saving_per_year: f64) -> f64 {
        saving_per_year / self.margin_per_year()
    }

    /// What it would come to if a limit on revenue were used up: the largest loss that the experiment is
    /// made to rule out. None for a metric that is not a share of revenue.
    pub fn limit_used(
        &self,
        name: &str,
        metric: &PlannedMetric,
        saving_per_year: f64,
        treated_share: f64,
        weeks: f64,
    ) -> Option<LimitUsed> {
        if !RETENTION.contains(&name) {
            return None;
        }
        let base = if metric.scale == Scale::Relative { metric.expected.value().abs() } else { 1.0 };
        let retention_loss = metric.margin * base;
        let loss_per_year = retention_loss * self.margin_per_year();
        Some(LimitUsed {
            retention_loss,
            loss_per_year,
            net_per_year: saving_per_year - loss_per_year,
            at_risk_in_experiment: loss_per_year * treated_share * 0.5 * weeks / WEEKS_PER_YEAR,
        })
    }
}
