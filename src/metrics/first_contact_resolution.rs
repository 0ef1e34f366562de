//! First contact resolution: closed conversations neither reopened, nor followed within 7 days by another of the same
//! customer and topic. Closings of the last 7 days are left out.

use crate::{
    domain::experiment::Direction,
    metrics::{About, Changes, Measure, Metric, Period, Unit},
};

/// First contact resolution: closed conversations neither reopened, nor followed within 7 days by another of the same
/// customer and topic. Closings of the last 7 days are left out.
#[derive(Debug)]
pub struct FirstContactResolution;

impl Metric for FirstContactResolution {
    fn about(&self) -> About<'_> {
        About { name: "first_contact_resolution", measure: Measure::Share, direction: Direction::Increase }
    }

    fn is_of_conversations(&self) -> bool {
        true
    }

    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes) {
        let as_of = unit.context.as_of;
        for talk in unit.talks(period) {
            let Some((closed, _)) = talk.closing(as_of) else { continue };
            let settled_at = closed.plus_days(FOLLOWED_WITHIN_DAYS);
            if settled_at > as_of {
                continue;
            }
            let followed = unit.talks.iter().any(|other| {
                other.opened_at > closed
                    && other.opened_at <= settled_at
                    && other.customer == talk.customer
                    && other.subject.topic == talk.subject.topic
            });
            let settled = !followed && talk.reopened(as_of).is_none();
            out.add(settled_at, f64::from(u8::from(settled)), 1.0);
        }
    }
}

/// A new question on the same topic within this many days means that the first was not settled.
const FOLLOWED_WITHIN_DAYS: i64 = 7;
