//! First response time: from the opening message to the first reply by a human agent.

use crate::{
    domain::{conversation::Reply, experiment::Direction, time::Moment},
    metrics::{About, Measure, Talk, WaitingMetric},
};

/// First response time. A conversation closed without a human reply is still waiting.
#[derive(Debug)]
pub struct FirstResponseTime;

impl WaitingMetric for FirstResponseTime {
    fn about(&self) -> About<'static> {
        About { name: "first_response_time", measure: Measure::Hours, direction: Direction::Decrease }
    }

    fn ended(&self, talk: &Talk<'_>, as_of: Moment) -> Option<Moment> {
        match talk.first_reply(as_of) {
            Reply::Answered(at) => Some(at),
            Reply::Waiting => None,
        }
    }
}
