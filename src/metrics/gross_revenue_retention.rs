//! Gross revenue retention: as net, but each unit counts at most its start.

use super::net_revenue_retention::retention;
use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Gross revenue retention: as net, but each unit counts at most its start.
#[derive(Debug)]
pub struct GrossRevenueRetention;

impl Metric for GrossRevenueRetention {
    fn about(&self) -> About<'_> {
        About { name: "gross_revenue_retention", measure: Measure::Ratio, direction: Direction::Increase }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        if period == Period::Window {
            retention(unit, out, |base, now| now.min(base));
        }
    }

    fn has_pre_period(&self) -> bool {
        false
    }

    fn waits_for_revenue(&self) -> bool {
        true
    }
}
