//! What the pass keeps of each cohort: sums by metric, counts, and the waits as they are.

use crate::{
    domain::{
        conversation::Reply,
        time::{Moment, Wait},
    },
    metrics::{Period, Talk},
    stats::{self, AdjustedMoments, Brought, CountingMoments, JointMoments, RatioMoments},
};

use super::{spread::Spread, waits::Waits};

/// Below this many units in a cohort the units themselves are kept (small-sample variance needs them).
pub const FEW_UNITS: u64 = stats::few_units::FEW;

/// Sums of one metric in one cohort.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Units whose denominator is above zero.
    pub units: u64,
    /// As of the end.
    pub sums: CountingMoments,
    /// (numerator, denominator) of each unit, while there are at most [`FEW_UNITS`].
    pub few: Vec<(f64, f64)>,
    /// By day before `as_of` (0 is its own day): the change that the day brought.
    pub days: Vec<CountingMoments>,
    /// How units differ; of waiting metrics the waits tell it.
    pub spread: Spread,
    /// Of a waiting metric: open time of the cohort's calendar, window.
    pub waits: Waits,
}

impl Tally {
    /// Adds a unit that brings something, its pre-period where it has one.
    pub fn add(&mut self, total: &Brought, pre: &Brought) {
        let Some((y, x)) = total.figures() else { return };
        self.units += u64::from(x > 0.0);
        self.sums.replace(&Brought::default(), total, pre);
        if self.sums.units() <= FEW_UNITS {
            self.few.push((y, x));
        }
    }

    /// Moments as of the end.
    pub fn moments(&self) -> AdjustedMoments {
        self.sums.moments()
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: Self) {
        self.units += other.units;
        self.sums.merge(&other.sums);
        if self.sums.units() <= FEW_UNITS {
            self.few.extend(other.few);
        }
        if self.days.len() < other.days.len() {
            self.days.resize_with(other.days.len(), CountingMoments::default);
        }
        for (day, change) in self.days.iter_mut().zip(&other.days) {
            day.merge(change);
        }
        self.spread.merge(&other.spread);
        self.waits.merge(other.waits);
    }
}

/// What is counted of a cohort apart from its metrics.
#[derive(Debug, Clone, Default)]
pub struct CohortTally {
    /// Units assigned until `as_of`.
    pub units: u64,
    /// Conversations in their windows.
    pub conversations: u64,
    /// Of these, closed.
    pub closed: u64,
    /// Of these, rated.
    pub rated: u64,
    /// Without a human reply.
    pub unanswered: u64,
    /// Closed without a human reply.
    pub closed_unanswered: u64,
    /// Answered by a human.
    pub answered: u64,
    /// Replies dated before their question.
    pub answered_before_asked: u64,
    /// Units that joined, by day before `as_of`.
    pub joined: Vec<u64>,
    /// (base revenue carried, base revenue) over units.
    pub carried: RatioMoments,
    /// First response, wall clock, window.
    pub wall: Waits,
    /// First response, wall clock, pre-period.
    pub wall_before: Waits,
    /// Earliest assignment.
    pub first_assigned: Option<Moment>,
    /// Latest assignment.
    pub last_assigned: Option<Moment>,
    /// Over units: conversations of the window closed or rated, of these rated, of these 4 or 5.
    pub answers: JointMoments<3>,
    /// Revenue records in another currency than the experiment's.
    pub other_currencies: u64,
    /// The latest fact of any kind.
    pub last_fact: Option<Moment>,
}

impl CohortTally {
    /// Adds the units of another range.
    pub(super) fn merge(&mut self, other: Self) {
        self.units += other.units;
        self.conversations += other.conversations;
        self.closed += other.closed;
        self.rated += other.rated;
        self.unanswered += other.unanswered;
        self.closed_unanswered += other.closed_unanswered;
        self.answered += other.answered;
        self.answered_before_asked += other.answered_before_asked;
        if self.joined.len() < other.joined.len() {
            self.joined.resize(other.joined.len(), 0);
        }
        for (mine, theirs) in self.joined.iter_mut().zip(&other.joined) {
            *mine += theirs;
        }
        self.carried.merge(&other.carried);
        self.wall.merge(other.wall);
        self.wall_before.merge(other.wall_before);
        self.first_assigned = [self.first_assigned, other.first_assigned].into_iter().flatten().min();
        self.last_assigned = self.last_assigned.max(other.last_assigned);
        self.answers.merge(&other.answers);
        self.other_currencies += other.other_currencies;
        self.last_fact = self.last_fact.max(other.last_fact);
    }

    /// Takes note of a fact.
    pub(super) fn see(&mut self, at: Moment) {
        self.last_fact = self.last_fact.max(Some(at));
    }

    /// Counts a conversation of the window; `answers` are the unit's.
    pub(super) fn converse(&mut self, talk: &Talk<'_>, as_of: Moment, answers: &mut [f64; 3]) {
        let closed = talk.first_closed(as_of).is_some();
        let answered = talk.first_reply(as_of) != Reply::Waiting;
        self.conversations += 1;
        self.closed += u64::from(closed);
        self.unanswered += u64::from(!answered);
        self.answered += u64::from(answered);
        self.closed_unanswered += u64::from(closed && !answered);
        self.see(talk.opened_at);
        if let Some((at, rating)) = talk.state.rated.as_of(as_of) {
            self.rated += 1;
            self.see(at);
            answers[1] += 1.0;
            answers[2] += f64::from(u8::from(rating.score >= 4));
            answers[0] += f64::from(u8::from(!closed));
        }
        answers[0] += f64::from(u8::from(closed));
    }

    /// Adds the wait for a first response on the wall clock.
    pub(super) fn wait(&mut self, talk: &Talk<'_>, as_of: Moment) {
        let (end, answered) = match talk.first_reply(as_of) {
            Reply::Answered(at) => (at, true),
            Reply::Waiting => (as_of, false),
        };
        if end < talk.opened_at {
            self.answered_before_asked += 1;
            return;
        }
        let waits = if talk.period == Period::Window { &mut self.wall } else { &mut self.wall_before };
        waits.add(end - talk.opened_at, answered);
    }
}

/// The promises of a treatment against the control's, over the conversations of both.
#[derive(Debug, Clone, Copy, Default)]
pub struct PromiseGap {
    /// Σ (treatment's promised wall wait − control's), milliseconds.
    pub sum_ms: f64,
    /// Conversations counted.
    pub count: u64,
    /// The longest wall wait that either promises any of them.
    pub longest: Wait,
}

/// What a unit brings to a ratio of sums; none where it is nothing.
pub(super) fn counted((y, x): (f64, f64)) -> Option<(f64, f64)> {
    (y != 0.0 || x != 0.0).then_some((y, x))
}
