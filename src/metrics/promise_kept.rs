//! Promise kept: conversations answered by the due time that the customer was told; unanswered ones past due are
//! broken, those not yet due are left out.

use crate::{
    domain::{conversation::Reply, experiment::Direction},
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// Promise kept: conversations answered by the due time that the customer was told; unanswered ones past due are
/// broken, those not yet due are left out.
#[derive(Debug)]
pub struct PromiseKept;

impl Metric for PromiseKept {
    fn about(&self) -> About<'_> {
        About { name: "promise_kept", measure: Measure::Share, direction: Direction::Increase }
    }

    /// Before, nobody was told either level, so there is nothing alike to adjust by.
    fn has_pre_period(&self) -> bool {
        false
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let as_of = unit.context.as_of;
        for talk in unit.talks(period) {
            let Some(due) = unit.due(talk) else { continue };
            match talk.first_reply(as_of) {
                // A clock is wrong; no wait is known.
                Reply::Answered(at) if at < talk.opened_at => {}
                Reply::Answered(at) if at <= due => out.add(at, 1.0, 1.0),
                _ if due < as_of => out.add(due, 0.0, 1.0),
                _ => {}
            }
        }
    }
}
