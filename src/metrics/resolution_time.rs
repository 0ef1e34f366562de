//! Resolution time: from the opening message to the closing in force.

use crate::{
    domain::{experiment::Direction, time::Moment},
    metrics::{About, Measure, Talk, WaitingMetric},
};

/// Resolution time; a conversation that is not closed is still waiting.
#[derive(Debug)]
pub struct ResolutionTime;

impl WaitingMetric for ResolutionTime {
    fn about(&self) -> About<'static> {
        About { name: "resolution_time", measure: Measure::Hours, direction: Direction::Decrease }
    }

    fn ended(&self, talk: &Talk<'_>, as_of: Moment) -> Option<Moment> {
        talk.closing(as_of).map(|(at, _)| at)
    }
}
