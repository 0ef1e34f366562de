//! Response rate: rated closed conversations over closed ones.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Response rate: rated closed conversations over closed ones.
#[derive(Debug)]
pub struct CsatResponseRate;

impl Metric for CsatResponseRate {
    fn about(&self) -> About<'_> {
        About { name: "csat_response_rate", measure: Measure::Share, direction: Direction::Increase }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let as_of = unit.context.as_of;
        for talk in unit.talks(period) {
            let Some(closed) = talk.first_closed(as_of) else { continue };
            out.add(closed, 0.0, 1.0);
            if let Some((rated, _)) = talk.ratings(as_of).next() {
                out.add(rated.max(closed), 1.0, 0.0);
            }
        }
    }
}
