//! Cost to serve: cost of the agent hours over unit-months of 30 days in the window.

use crate::{
    domain::{
        experiment::Direction,
        time::{DAY_MS, Moment, Wait},
    },
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Cost to serve: cost of the agent hours over unit-months of 30 days in the window.
#[derive(Debug)]
pub struct CostToServe;

impl Metric for CostToServe {
    fn about(&self) -> About<'_> {
        About { name: "cost_to_serve", measure: Measure::Money, direction: Direction::Decrease }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let Some(economics) = unit.context.economics else { return };
        if period == Period::Pre && !unit.has_pre_period_facts() {
            return;
        }
        let as_of = unit.context.as_of;
        let end = match period {
            Period::Window => as_of,
            Period::Pre => unit.record.assigned_at,
        };
        let months = |wait: Wait| wait.ms() as f64 / DAY_MS as f64 / 30.0;
        let mut from = unit.start(period);
        let mut midnight = Moment::from_stored_ms((from.day() + 1) * DAY_MS);
        while from < end {
            let next = if out.are_added_up() { end } else { midnight.min(end) };
            out.add(from, 0.0, months(next - from));
            (from, midnight) = (next, midnight.plus_days(1));
        }
        for talk in unit.talks(period) {
            let mut hours = 0.0;
            for (at, closing) in talk.closings(as_of) {
                out.add(at, economics.agent_hour * (closing.agent_hours() - hours), 0.0);
                hours = closing.agent_hours();
            }
        }
    }

    fn needs_economics(&self) -> bool {
        true
    }
}
