//! Who a customer is, and what a conversation of theirs will be like.
//!
//! Everything about a conversation is drawn when it opens, from its customer's own stream: how busy the
//! desk is changes when things happen, never what they are.

use super::{
    chance::Chance,
    rhythm::{Rhythm, hours},
    world::World,
};
use crate::domain::{
    event::{Attributes, Topics},
    ids::{AccountId, CustomerId},
    time::{Moment, Wait},
};

/// A customer.
#[derive(Debug)]
pub(super) struct Persona {
    pub id: CustomerId,
    pub account: AccountId,
    pub chance: Chance,
    /// Money a month, as it is now.
    pub spend: f64,
    pub plan: &'static str,
    /// The channel it mostly writes in.
    pub habit: &'static str,
    /// Conversations it opens an hour, at the usual level.
    pub per_hour: f64,
    /// Chance that a rating of its is a good one, at the usual level.
    pub satisfaction: f64,
    /// Chance that it rates when asked.
    pub response: f64,
    /// Hours that it waits before it settles the matter without the desk, on average.
    pub patience_hours: f64,
    /// What the slower level does to it: `Some(true)` in the slower cohort; none before it joined.
    pub slower: Option<bool>,
    pub churned: bool,
    /// Conversations opened so far: their running number is their id.
    pub opened: u32,
}

/// What a conversation will be like, whatever the desk does.
#[derive(Debug)]
pub(super) struct Course {
    pub topics: Topics,
    pub handle_seconds: f64,
    pub after_contact_seconds: f64,
    /// Part of the promised time that passes until an agent takes it up, if one is free.
    pub taken_up_at: f64,
    /// How much of the handling the first reply takes.
    pub reply_at: f64,
    /// A bot says that the message has come.
    pub acknowledged_after: Option<Wait>,
    /// How long the customer waits for a reply before it settles the matter alone.
    pub patience: Wait,
    /// How long after the closing the customer is back, if it is.
    pub reopened_after: Option<Wait>,
    /// The rating, and how long after the closing it is given.
    pub rating: Option<(Wait, u8, Option<&'static str>)>,
    pub resolved: bool,
}

impl Course {
    /// What a help desk would know of the conversation when it opens.
    pub fn attributes(&self) -> Attributes {
        let Topics { channel, topic, urgency } = self.topics.clone();
        [("channel", channel), ("topic", topic), ("urgency", urgency)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.as_str().into())))
            .collect()
    }
}

/// The happiest customer's chance of a good rating: leaves room for an effect of 3%.
const HAPPIEST: f64 = 0.97;

/// Streams of companies, apart from those of customers.
const COMPANIES: u64 = 1 << 63;

impl Persona {
    pub fn new(world: &World, number: u32) -> Self {
        let mut chance = Chance::new(world.seed, u64::from(number) + 1);
        let name = |prefix: &str, number: u32| format!("{prefix}{number:05}");
        let company = company(world.company_sizes, number);
        let alike = company_mood(world, company);
        let spend = chance.lognormal(38.0, world.revenue_spread) * alike.exp();
        let spend = cents(spend.clamp(5.0, world.most_spend));
        let satisfaction = (1.0 / (1.0 + (-2.15 - alike - 0.8 * chance.normal()).exp())).min(HAPPIEST);
        Self {
            id: CustomerId::new(&name("c-", number)).unwrap_or_else(|_| unreachable!("an id of ours")),
            account: AccountId::new(&name("a-", company)).unwrap_or_else(|_| unreachable!("an id of ours")),
            spend,
            plan: if spend < 25.0 { "starter" } else { chance.pick(&[("starter", 1.0), ("team", 2.0)]) },
            habit: chance.pick(&[("email", 5.0), ("chat", 4.0), ("web", 1.0)]),
            per_hour: chance.lognormal(world.questions_per_month / (30.0 * 24.0), world.question_spread)
                * (alike - 0.5 * world.company_spread.powi(2)).exp(),
            satisfaction,
            // Unhappy customers speak up a little more often.
            response: (world.response_rate * (1.0 + 0.5 * (0.87 - satisfaction))).min(1.0),
            patience_hours: chance.lognormal(24.0 * 25.0, 0.5),
            chance,
            slower: None,
            churned: false,
            opened: 0,
        }
    }

    /// What a help desk would know of it.
    pub fn attributes(&self) -> Attributes {
        Attributes::from([
            ("monthly_spend".to_owned(), self.spend.into()),
            ("plan".to_owned(), self.plan.into()),
            ("channel".to_owned(), self.habit.into()),
        ])
    }

    /// When it might write next: at the greater of the rates of both levels. Whether it then does is for
    /// [`Persona::asks`], so that a level that changes meanwhile counts from its day on.
    pub fn next_occasion(&mut self, world: &World, rhythm: &Rhythm, after: Moment) -> Option<Moment> {
        let greatest = (1.0 + world.effects.questions_asked).max(1.0);
        rhythm.next(after, self.per_hour * greatest, world.ends_at(), &mut self.chance)
    }

    /// Whether it takes the occasion to write, at the rate of the level that it has now.
    pub fn asks(&mut self, world: &World) -> bool {
        let slower = 1.0 + world.effects.questions_asked;
        let rate = if self.slower == Some(true) { slower } else { 1.0 };
        self.chance.happens(rate / slower.max(1.0))
    }

    /// Draws what the conversation that opens now will be like.
    pub fn course(&mut self, world: &World) -> Course {
        let slower = self.slower == Some(true);
        let chance = &mut self.chance;
        let speed = if slower { 1.0 + world.effects.conversations_per_agent_hour } else { 1.0 };
        let channel = if chance.happens(0.8) { self.habit } else { chance.pick(&CHANNELS) };
        let urgency = chance.pick(&[("low", 60.0), ("normal", 37.0), ("high", 3.0)]);
        let topic = chance.pick(&TOPICS);
        let handle = 60.0 * chance.lognormal(world.handle_minutes, 0.7) / speed;
        let after_contact = 60.0 * chance.lognormal(world.after_contact_minutes, 0.5) / speed;
        let taken_up_at = chance.between(2.0 * world.deferral - 1.0, 1.0);
        let reply_at = chance.between(0.3, 0.7);
        let acknowledged = chance.happens(0.3);
        let acknowledged_after = hours(chance.between(5.0, 60.0) / 3600.0);
        let patience = hours(chance.lognormal(self.patience_hours, 0.6));
        let reopens = chance.happens(0.07);
        let reopened_after = hours(chance.exponential(20.0));
        let rates = chance.happens(self.response);
        let rated_after = hours(chance.lognormal(5.0, 1.0));
        let good = self.satisfaction * if slower { 1.0 + world.effects.csat } else { 1.0 };
        let satisfied = chance.happens(good);
        let score = if satisfied {
            chance.pick(&[(5, 6.0), (4, 4.0)])
        } else {
            chance.pick(&[(1, 4.0), (2, 3.0), (3, 3.0)])
        };
        let emotion = chance.pick(if satisfied { &PLEASED } else { &DISPLEASED });
        Course {
            topics: Topics {
                channel: Some(channel.into()),
                topic: Some(topic.into()),
                urgency: Some(urgency.into()),
            },
            handle_seconds: tenths(handle),
            after_contact_seconds: tenths(after_contact),
            taken_up_at,
            reply_at,
            acknowledged_after: acknowledged.then_some(acknowledged_after),
            patience,
            reopened_after: reopens.then_some(reopened_after),
            rating: rates.then_some((rated_after, score, emotion)),
            resolved: satisfied || !reopens,
        }
    }

    /// A month has passed: some expand, some contract, most stay as they are.
    pub fn renews(&mut self, world: &World) {
        let grows = self.chance.happens(0.03);
        let shrinks = self.chance.happens(0.025);
        let by = self.chance.between(0.1, 0.3);
        if grows {
            self.spend = cents(self.spend * (1.0 + by));
            if self.slower.is_none() {
                // Nobody outgrows the segment of low spend before joining: the world is of one size.
                self.spend = self.spend.min(world.most_spend);
            }
        } else if shrinks {
            self.spend = cents(self.spend * (1.0 - by));
        }
    }
}

/// Which company a customer belongs to: companies fill up one after the other.
fn company(sizes: &[u32], number: u32) -> u32 {
    let round: u32 = sizes.iter().sum();
    let companies = u32::try_from(sizes.len()).unwrap_or(u32::MAX);
    let mut left = number % round;
    let place = sizes.iter().position(|size| {
        let here = left < *size;
        left = left.saturating_sub(*size);
        here
    });
    number / round * companies + place.and_then(|place| u32::try_from(place).ok()).unwrap_or(0)
}

/// What a company's customers have in common; its own stream, so that customers keep their luck.
fn company_mood(world: &World, company: u32) -> f64 {
    if world.company_spread > 0.0 {
        world.company_spread * Chance::new(world.seed, COMPANIES | u64::from(company)).normal()
    } else {
        0.0
    }
}

const CHANNELS: [(&str, f64); 3] = [("email", 5.0), ("chat", 4.0), ("web", 1.0)];

const TOPICS: [(&str, f64); 7] = [
    ("how_to", 34.0),
    ("billing", 24.0),
    ("bug", 18.0),
    ("account", 14.0),
    ("feature", 7.0),
    ("outage", 2.0),
    ("security", 1.0),
];

const PLEASED: [(Option<&str>, f64); 4] =
    [(None, 6.0), (Some("grateful"), 2.0), (Some("relieved"), 1.0), (Some("happy"), 1.0)];

const DISPLEASED: [(Option<&str>, f64); 4] =
    [(None, 5.0), (Some("frustrated"), 3.0), (Some("disappointed"), 1.5), (Some("angry"), 0.5)];

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

/// Seconds as a help desk tells them: to a tenth.
pub(super) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
