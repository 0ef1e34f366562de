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
            let mut before = None;
            for (at, closing) in talk.closings(unit.context.as_of) {
                let hours = closing.handle_seconds / 3600.0;
                match before.replace(hours) {
                    None => out.add(at, hours, 1.0),
                    Some(was) => out.add(at, hours - was, 0.0),
                }
            }
        }
    }
}
