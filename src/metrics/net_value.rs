//! Net value: margin kept, less agent time and the replacement of lost customers, per unit and 30 days.

use crate::{
    domain::{
        experiment::{Direction, Economics},
        time::Moment,
    },
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Net value.
///
/// Over whole UTC months after the month of assignment, up to the last complete one:
/// Σ(`gross_margin` × revenue − `agent_hour` × hours of conversations opened in those months −
/// `replacement_cost` × customers lost by their end) / Σ(days of those months / 30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetValue;

/// What one month of a unit brings, before anything is priced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthParts {
    /// The month's end, from which it counts.
    pub at: Moment,
    /// Agent hours of the conversations opened in it.
    pub hours: f64,
    /// Recurring revenue.
    pub revenue: f64,
    /// Customers lost in it, less those won back.
    pub lost: f64,
    /// Its days over 30.
    pub months: f64,
}

/// How net value prices hours, revenue and lost customers.
pub fn prices(economics: &Economics) -> [f64; 3] {
    [-economics.agent_hour, economics.gross_margin, -economics.replacement_cost]
}

/// The whole months after the one in which a unit joined, up to the last complete one.
pub fn months<'u>(unit: &'u Unit<'_>) -> impl Iterator<Item = MonthParts> + 'u {
    let as_of = unit.context.as_of;
    let end = unit.context.last_complete_month();
    let mut month = unit.joined();
    let mut until = month.next().start();
    let mut lost_before = 0.0;
    std::iter::from_fn(move || {
        month = month.next();
        if month > end {
            return None;
        }
        let from = std::mem::replace(&mut until, month.next().start());
        let opened_then =
            unit.talks(Period::Window).filter(|talk| from <= talk.opened_at && talk.opened_at < until);
        let hours = opened_then
            .filter_map(|talk| talk.closing(as_of))
            .map(|(_, closing)| closing.agent_hours())
            .sum();
        let lost = unit.customers().filter(|customer| unit.is_lost(customer, month)).count() as f64;
        let lost_now = lost - lost_before;
        lost_before = lost;
        Some(MonthParts {
            at: until,
            hours,
            revenue: unit.revenue(month),
            lost: lost_now,
            months: (until.day() - from.day()) as f64 / 30.0,
        })
    })
}

impl Metric for NetValue {
    fn about(&self) -> About<'_> {
        About { name: "net_value", measure: Measure::Money, direction: Direction::Increase }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let (Some(economics), Period::Window) = (unit.context.economics, period) else { return };
        let [hour, margin, replacement] = prices(economics);
        for month in months(unit) {
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
