//! Questions asked: conversations opened per unit, since assignment. Who was never heard of again counts with zero.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Questions asked: conversations opened per unit, since assignment. Who was never heard of again counts with zero.
#[derive(Debug)]
pub struct QuestionsAsked;

impl Metric for QuestionsAsked {
    fn about(&self) -> About<'_> {
        About { name: "questions_asked", measure: Measure::Count, direction: Direction::Decrease }
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        if period == Period::Pre && !unit.has_pre_period_facts() {
            return;
        }
        out.add(unit.start(period), 0.0, 1.0);
        for talk in unit.talks(period) {
            out.add(talk.opened_at, 1.0, 0.0);
        }
    }
}
