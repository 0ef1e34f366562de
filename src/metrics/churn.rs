//! Churn: share of the units with revenue when they joined whose revenue is zero.

use super::net_revenue_retention::retention;
use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Churn: share of the units with revenue when they joined whose revenue is zero.
#[derive(Debug)]
pub struct Churn;

impl Metric for Churn {
    fn about(&self) -> About<'_> {
        About { name: "churn", measure: Measure::Share, direction: Direction::Decrease }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        if period == Period::Window {
            let mut shares = Changes::default();
            retention(unit, &mut shares, |base, now| if now > 0.0 { 0.0 } else { base });
            let base = unit.base_revenue();
            for change in shares.in_order() {
                out.add(change.at, change.y / base, change.x / base);
            }
        }
    }

    fn has_pre_period(&self) -> bool {
        false
    }

    fn waits_for_revenue(&self) -> bool {
        true
    }
}
