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
            let mut hours = 0.0;
            for (nth, (at, closing)) in talk.closings(unit.context.as_of).enumerate() {
                out.add(at, if nth == 0 { 1.0 } else { 0.0 }, closing.agent_hours() - hours);
                hours = closing.agent_hours();
            }
        }
    }
}
