//! A support desk that really runs, seeded, with true effects that can be set.
//!
//! Customers write by hour and weekday; agents on shifts take what is due first from one shared queue;
//! customers wait, give up, rate or stay silent, come back, renew and leave. The desk knows nothing of
//! metrics: it asks a [`Platform`] for cohorts and due times and tells it events, and every figure comes
//! back out of those through the same path as real ones. [`run`] is the whole of it; the demo and the tests of
//! coverage use it.
//!
//! # What is true
//!
//! A customer is in the experiment from the moment at which the desk asks for its cohort, which it does for
//! every customer, whether it writes or not (so the number of questions has nothing to do with who is
//! counted). From then on [`Effects`] befall the customers of the slower cohort. Each is a factor on a
//! customer's own expectation, the same for everybody, so that it is the factor of the sums too, and with a
//! cohort's sums that of the metric:
//!
//! | metric | how it is brought about | why the relative change is exactly the one set |
//! | --- | --- | --- |
//! | `questions_asked` | each occasion to write is taken with probability 1 + e | the mean of a thinned Poisson count is 1 + e times the mean |
//! | `csat` | the chance that a rating is a 4 or 5 is 1 + e times the customer's own; whether it rates does not hang on the level | Σ ratings·p·(1+e) / Σ ratings, and a factor common to all weights cancels |
//! | `conversations_per_agent_hour` | handling and after-contact work take 1/(1+e) of the customer's usual time | conversations / (hours/(1+e)), and again common factors cancel |
//! | `net_revenue_retention` | e < 0: the customer is lost with probability −e before the last whole month; e > 0: it pays 1 + e times as much from the month after joining | independent of what it would have paid, so the sum is 1 + e times the sum |
//!
//! The exceptions of an experiment (`except`) move due times, not effects: those belong to the customer, who
//! knows its level. Where retention is set below zero, questions fall with it, as those who left ask nothing;
//! a test of questions leaves retention at 0. Patience (who gives up waiting) is drawn apart from
//! satisfaction and handling, so that giving up oftener at the slower level removes conversations, not
//! particular ones.

mod chance;
pub mod coverage;
mod desk;
mod memory;
mod persona;
pub mod published;
mod queue;
mod rhythm;
mod rota;
mod trial;
mod world;

#[cfg(test)]
mod tests;

pub use chance::Chance;
pub use desk::run;
pub use memory::Memory;
pub use queue::Queue;
pub use rhythm::{Rhythm, WEEK_HOURS, hours};
pub use rota::{Rota, office_is_open};
pub use trial::Trial;
pub use world::{Effects, World};

use crate::domain::{
    assignment::{Reply, Request},
    event::Event,
    time::Moment,
};

/// What the desk talks to: Patience, near or far.
pub trait Platform {
    /// What can go wrong on the way.
    type Error;

    /// Asks for a customer's cohort and, where a conversation is named, for when its answer is due. The call
    /// is made at `now`, the desk's clock.
    fn assign(&mut self, request: &Request, now: Moment) -> Result<Reply, Self::Error>;

    /// Tells one event. Events come late, twice and out of order, as from any help desk.
    fn tell(&mut self, event: Event) -> Result<(), Self::Error>;
}

/// What a run came to, for progress and for tests; no figure of any report is made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Things that happened.
    pub facts: u64,
    /// Events told, repetitions included; what happened after the end is not told.
    pub events: u64,
    /// Conversations opened.
    pub questions: u64,
    /// Conversations taken up by an agent.
    pub answered: u64,
    /// Of these, with the first reply by the due time.
    pub in_time: u64,
    /// Conversations that the customer settled without the desk.
    pub given_up: u64,
}
