//! Closed conversations over the agent hours spent on them: the efficiency per conversation.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Closed conversations over the agent hours spent on them: the efficiency per conversation.
#[derive(Debug)]
pub struct ConversationsPerAgentHour;

impl Metric for ConversationsPerAgentHour {
    fn about(&self) -> About<'_> {
        About { name: "conversations_per_agent_hour", measure: Measure::Rate, direction: Direction::Increase }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        for talk in unit.talks(period) {
            let closings = talk.closings(unit.context.as_of);
            out.follow(closings.map(|(at, closing)| (at, 1.0, closing.agent_hours())));
        }
    }
}
