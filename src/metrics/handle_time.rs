//! Handle time: agent hours of handling over closed conversations.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Handle time: agent hours of handling over closed conversations.
#[derive(Debug)]
pub struct HandleTime;

impl Metric for HandleTime {
    fn about(&self) -> About<'_> {
        About { name: "handle_time", measure: Measure::Hours, direction: Direction::Decrease }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        for talk in unit.talks(period) {
            let closings = talk.closings(unit.context.as_of);
            out.follow(closings.map(|(at, closing)| (at, closing.handle_seconds / 3600.0, 1.0)));
        }
    }
}
