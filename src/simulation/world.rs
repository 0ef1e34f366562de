//! The settings of a simulated world, and what is true in it.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::domain::{
    currency::Currency,
    ids::CohortKey,
    time::{Moment, Wait},
};

/// What the slower level does to those who are given it, as relative changes; 0 is no effect.
///
/// See the module's text for how each is brought about and why it is then exactly true.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effects {
    /// On `csat`; at most 0.03, as the happiest customers have little room.
    pub csat: f64,
    /// On `net_revenue_retention`; above −1.
    pub net_revenue_retention: f64,
    /// On `questions_asked`; above −1.
    pub questions_asked: f64,
    /// On `conversations_per_agent_hour`; above −1.
    pub conversations_per_agent_hour: f64,
}

impl Effects {
    /// Those of the published test: satisfaction −1.25%, retention unchanged, questions −4%,
    /// conversations per agent hour +20%.
    pub const PUBLISHED: Self = Self {
        csat: -0.0125,
        net_revenue_retention: 0.0,
        questions_asked: -0.04,
        conversations_per_agent_hour: 0.20,
    };
}

/// A support desk, its customers, and how long they are watched.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// All luck comes from here.
    pub seed: u64,
    /// How many customers there are; each joins the experiment.
    pub customers: u32,
    /// The experiment's first day.
    pub starts_on: NaiveDate,
    /// From then until the end; facts after it are not told.
    pub weeks: u32,
    /// Customers join evenly over so many days from the start; 0: all in the first minute.
    pub joining_days: u32,
    /// How long before the start the desk is watched: the pre-period.
    pub history_days: u32,
    /// The cohort that the effects befall.
    pub slower: CohortKey,
    /// What the slower level does.
    pub effects: Effects,
    /// The desk's town: its shifts and its customers' days.
    pub zone: Tz,
    /// The wait (on the wall clock) that the desk keeps to where Patience names no due time.
    pub usual_wait: Wait,
    /// Conversations that a customer opens in 30 days, on average over customers.
    pub questions_per_month: f64,
    /// Minutes that an agent spends on a conversation, on average, at the usual level.
    pub handle_minutes: f64,
    /// Minutes of work after the contact, on average, at the usual level.
    pub after_contact_minutes: f64,
    /// Share of ratings asked for that are given, on average.
    pub response_rate: f64,
    /// Share of customers that leave in 30 days.
    pub churn_per_month: f64,
    /// How differently customers pay: standard deviation of the logarithm of their monthly spend.
    pub revenue_spread: f64,
    /// Nobody pays more a month when it joins.
    pub most_spend: f64,
    /// How differently often customers write: standard deviation of the logarithm of their rate.
    pub question_spread: f64,
    /// Customers of each company, one company after the other, over and over.
    pub company_sizes: &'static [u32],
    /// What the customers of a company have in common: standard deviation of a normal number of the company
    /// that moves the logarithm of their rate of writing and of their spend, and the logit of their
    /// satisfaction. 0: nothing.
    pub company_spread: f64,
    /// Part of the promised time that agents let pass, on average, before they take a conversation up;
    /// other work fills it. At least 0.5: it varies evenly between the time all answers take at the
    /// earliest, `2·deferral − 1`, and 1. A desk that answers everybody at once has no slower level.
    pub deferral: f64,
    /// Part of their time that agents are planned to be busy; above 0, at most 1.
    pub occupancy: f64,
    /// Part of the events that is told late, some hours to days after they happened.
    pub told_late: f64,
    /// Part of the events that is told twice.
    pub told_twice: f64,
    /// What revenue is counted in.
    pub currency: Currency,
}

impl World {
    /// The demo's world: the published test's size and effects.
    pub fn published(seed: u64) -> Self {
        Self {
            customers: 20_000,
            starts_on: NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default(),
            weeks: 22,
            joining_days: 21,
            effects: Effects::PUBLISHED,
            ..Self::small(seed)
        }
    }

    /// A small world for statistics over many seeds: 400 customers, 6 weeks that hold a whole month after
    /// the one of joining, no effects.
    pub fn small(seed: u64) -> Self {
        Self {
            seed,
            customers: 400,
            starts_on: NaiveDate::from_ymd_opt(2026, 1, 26).unwrap_or_default(),
            weeks: 6,
            joining_days: 0,
            history_days: 90,
            slower: CohortKey::new("longer").unwrap_or_else(|_| unreachable!("the word is a key")),
            effects: Effects::default(),
            zone: chrono_tz::Europe::Berlin,
            usual_wait: Wait::from_hours(4),
            questions_per_month: 0.4,
            handle_minutes: 12.0,
            after_contact_minutes: 3.0,
            response_rate: 0.35,
            churn_per_month: 0.01,
            revenue_spread: 0.55,
            most_spend: 99.0,
            question_spread: 0.7,
            company_sizes: &[3, 1, 1],
            company_spread: 0.0,
            deferral: 0.75,
            occupancy: 0.9,
            told_late: 0.02,
            told_twice: 0.002,
            currency: Currency::USD,
        }
    }

    /// A world that is hard on statistics: revenue so skewed that the upper tenth pays more than half of it,
    /// a few large companies among many small ones whose customers behave alike, and questions that come
    /// mostly from the same few. The rule of the published experiment would leave the largest out; with
    /// [`published::definition`](super::published::definition) take it away.
    pub fn skewed(seed: u64) -> Self {
        Self {
            weeks: 10,
            questions_per_month: 1.0,
            churn_per_month: 0.05,
            revenue_spread: 1.3,
            most_spend: f64::INFINITY,
            question_spread: 1.0,
            // One company in twenty holds three customers in ten.
            company_sizes: &[20, 1, 1, 2, 1, 5, 1, 1, 3, 1, 1, 8, 1, 2, 1, 1, 4, 1, 10, 1],
            company_spread: 0.4,
            ..Self::small(seed)
        }
    }

    /// When the experiment begins: midnight UTC of its first day.
    pub fn starts_at(&self) -> Moment {
        Moment::start_of(self.starts_on)
    }

    /// From when on the desk is watched.
    pub fn history_from(&self) -> Moment {
        self.starts_at().plus_days(-i64::from(self.history_days))
    }

    /// The planned end. Nothing later is told.
    pub fn ends_at(&self) -> Moment {
        self.starts_at().plus_days(7 * i64::from(self.weeks))
    }
}
