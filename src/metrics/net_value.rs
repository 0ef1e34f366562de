//! Net value: margin kept, less agent time and the replacement of lost customers, per unit and 30 days.

use crate::{
    domain::experiment::{Direction, Economics},
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Net value.
///
/// Over whole UTC months after the month of assignment, up to the last complete one:
/// Σ(`gross_margin` × revenue − `agent_hour` × hours of conversations opened in those months −
/// `replacement_cost` × customers lost by their end) / Σ(days of those months / 30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetValue;

/// How net value prices hours, revenue and lost customers.
pub fn prices(economics: &Economics) -> [f64; 3] {
    [-economics.agent_hour, economics.gross_margin, -economics.replacement_cost]
}

impl Metric for NetValue {
    fn about(&self) -> About<'_> {
        About { name: "net_value", measure: Measure::Money, direction: Direction::Increase }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let (Some(economics), Period::Window) = (unit.context.economics, period) else { return };
        let [hour, margin, replacement] = prices(economics);
        for month in unit.months() {
            let value = hour * month.hours + margin * month.revenue + replacement * month.lost;
            out.add(month.at, value, month.months);
        }
    }

    fn has_pre_period(&self) -> bool {
        false
    }

    fn needs_economics(&self) -> bool {
        true
    }

    fn waits_for_revenue(&self) -> bool {
        true
    }
}
