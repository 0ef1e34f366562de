//! Net revenue retention: revenue of the last complete month over revenue of the month of assignment.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Net revenue retention: revenue of the last complete month over revenue of the month of assignment.
#[derive(Debug)]
pub struct NetRevenueRetention;

impl Metric for NetRevenueRetention {
    fn about(&self) -> About<'_> {
        About { name: "net_revenue_retention", measure: Measure::Ratio, direction: Direction::Increase }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        if period == Period::Window {
            retention(unit, out, |_, now| now);
        }
    }

    fn has_pre_period(&self) -> bool {
        false
    }

    fn waits_for_revenue(&self) -> bool {
        true
    }
}

/// Steps of a retention figure, month by month. Counted are units with revenue in the month of their
/// assignment, from when the month after it is complete; `kept` makes the numerator of base and present revenue.
pub(super) fn retention(unit: &Unit<'_>, out: &mut Changes, kept: impl Fn(f64, f64) -> f64) {
    let base = unit.base_revenue();
    if base <= 0.0 {
        return;
    }
    out.follow(unit.months().iter().map(|month| (month.at, kept(base, month.revenue), base)));
}
