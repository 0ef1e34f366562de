//! Reopen rate: reopened over closed conversations.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Reopen rate: reopened over closed conversations.
#[derive(Debug)]
pub struct ReopenRate;

impl Metric for ReopenRate {
    fn about(&self) -> About<'_> {
        About { name: "reopen_rate", measure: Measure::Share, direction: Direction::Decrease }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let as_of = unit.context.as_of;
        for talk in unit.talks(period) {
            let Some(closed) = talk.first_closed(as_of) else { continue };
            out.add(closed, 0.0, 1.0);
            if let Some(reopened) = talk.reopened(as_of) {
                out.add(reopened.max(closed), 1.0, 0.0);
            }
        }
    }
}
