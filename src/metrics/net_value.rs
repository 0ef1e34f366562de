//! Net value: margin kept, less agent time and the replacement of lost customers, per unit and 30 days.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Net value or a part of it, all over the same units and days.
///
/// Over whole UTC months after the month of assignment, up to the last complete one:
/// Σ(`gross_margin` × revenue − `agent_hour` × hours of conversations opened in those months −
/// `replacement_cost` × customers lost by their end) / Σ(days of those months / 30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetValue {
    /// Net value itself.
    Whole,
    /// What agent time costs: never above zero.
    AgentTime,
    /// The rest: margin on revenue, less the replacement of lost customers.
    Customers,
    /// Revenue alone.
    Revenue,
}

impl Metric for NetValue {
    fn about(&self) -> About<'_> {
        About {
            name: "net_value",
            label: "Net value",
            definition: "Margin less agent time and replaced customers, per customer and 30 days",
            measure: Measure::Money,
            direction: Direction::Increase,
        }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let Some(economics) = unit.context.economics else { return };
        if period == Period::Pre {
            return;
        }
        let as_of = unit.context.as_of;
        let mut month = unit.joined().next();
        let mut lost_before = 0.0;
        while month <= unit.context.last_complete_month() {
            let mut value = 0.0;
            if matches!(self, Self::Whole | Self::AgentTime) {
                let hours: f64 = unit
                    .talks(Period::Window)
                    .filter(|talk| talk.opened_at.month() == month)
                    .filter_map(|talk| talk.closing(as_of))
                    .map(|(_, closing)| closing.agent_hours())
                    .sum();
                value -= economics.agent_hour * hours;
            }
            if *self == Self::Revenue {
                value += unit.revenue(month);
            }
            if matches!(self, Self::Whole | Self::Customers) {
                let lost = unit.customers().filter(|customer| unit.is_lost(customer, month)).count() as f64;
                value += economics.gross_margin * unit.revenue(month);
                value -= economics.replacement_cost * (lost - lost_before);
                lost_before = lost;
            }
            out.add(month.next().start(), value, month.days() as f64 / 30.0);
            month = month.next();
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
