//! The desk at work: one happening after another, in the order of time.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    Platform, Tally,
    chance::Chance,
    persona::{Course, Persona, tenths},
    queue::Queue,
    rhythm::{Rhythm, hours},
    rota::{Rota, office_is_open},
    world::World,
};
use crate::domain::{
    assignment::{Request, RequestedConversation, RequestedCustomer},
    event::{Author, Event, Fact},
    ids::{AgentId, ConversationId, EventId, Source},
    time::{Moment, Month, Wait},
};

/// What happens next. Numbers are places in the desk's lists of customers and conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// An hour begins, and perhaps a shift.
    Hour,
    /// A month begins: bills are written.
    Month(i32),
    Joins(usize),
    Leaves(usize),
    /// A customer may write.
    Occasion(usize),
    /// Enough of the promise has passed: the conversation enters the queue.
    DueSoon(usize),
    /// The customer has waited enough and settles the matter alone.
    GivesUp(usize),
    /// The agent has finished, work after the contact included.
    Finished,
    ComesBack(usize),
    /// An event is told; the number is its place among those not told yet.
    Tell(usize),
}

/// A conversation on the desk.
#[derive(Debug)]
struct Talk {
    customer: usize,
    id: ConversationId,
    course: Course,
    /// When it is due now; after a reopening as much later again.
    due: Moment,
    /// What was promised, on the wall clock.
    promised: Wait,
    answered: bool,
    given_up: bool,
    reopened: bool,
}

/// A support desk and its customers, on their way through a [`World`].
struct Desk<'a, P> {
    world: &'a World,
    platform: &'a mut P,
    rhythm: Rhythm,
    rota: Rota,
    agenda: BinaryHeap<Reverse<(Moment, u64, Happening)>>,
    sequence: u64,
    now: Moment,
    customers: Vec<Persona>,
    talks: Vec<Talk>,
    queue: Queue<usize>,
    untold: Vec<Option<Event>>,
    free_places: Vec<usize>,
    post: Chance,
    source: Source,
    tally: Tally,
}

/// Lives a world from its history to its planned end and tells the platform everything that happened by
/// then. The same world tells the same, event for event.
///
/// # Errors
/// The first error of the platform ends the run.
pub fn run<P: Platform>(world: &World, platform: &mut P) -> Result<Tally, P::Error> {
    let rhythm = Rhythm::of(world.zone);
    let mut desk = Desk {
        rota: Rota::planned(world, &rhythm),
        rhythm,
        world,
        platform,
        agenda: BinaryHeap::new(),
        sequence: 0,
        now: world.history_from(),
        customers: (0..world.customers).map(|number| Persona::new(world, number)).collect(),
        talks: Vec::new(),
        queue: Queue::new(),
        untold: Vec::new(),
        free_places: Vec::new(),
        post: Chance::new(world.seed, 0),
        source: Source::new("desk").unwrap_or_else(|_| unreachable!("a name of ours")),
        tally: Tally::default(),
    };
    desk.open();
    desk.live()?;
    Ok(desk.tally)
}

impl<P: Platform> Desk<'_, P> {
    /// Writes the first happenings into the agenda.
    fn open(&mut self) {
        let from = self.now;
        self.plan(from, Happening::Hour);
        let mut month = from.month();
        while month.start() <= self.world.ends_at() {
            self.plan(from.max(month.start()), Happening::Month(month.index()));
            month = month.next();
        }
        let everybody = f64::from(self.world.customers.max(1));
        for who in 0..self.customers.len() {
            let customer = &self.customers[who];
            let fact = Fact::CustomerUpdated {
                customer: customer.id.clone(),
                account: Some(customer.account.clone()),
                attributes: customer.attributes(),
            };
            self.happened(from, fact);
            // Customers join evenly over the days given for it, at least over the first minute.
            let span = (f64::from(self.world.joining_days) * 24.0).max(1.0 / 60.0);
            let joins = self.world.starts_at() + hours(span * (who as f64 + 0.5) / everybody);
            self.plan(joins, Happening::Joins(who));
            self.next_occasion(who);
        }
    }

    fn live(&mut self) -> Result<(), P::Error> {
        let end = self.world.ends_at();
        while let Some(Reverse((at, _, happening))) = self.agenda.pop() {
            if let Happening::Tell(place) = happening {
                // Also after the end: what happened before it may be told late.
                if let Some(event) = self.untold[place].take() {
                    self.free_places.push(place);
                    if event.occurred_at <= end {
                        self.tally.events += 1;
                        self.platform.tell(event)?;
                    }
                }
            } else if at <= end {
                self.now = at;
                self.happen(happening)?;
                self.hand_out();
            }
        }
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), P::Error> {
        match happening {
            Happening::Hour => {
                self.queue.staff(self.rota.on_duty(self.rhythm.hour_of_week(self.now)));
                self.plan(self.now + Wait::from_hours(1), Happening::Hour);
            }
            Happening::Month(index) => self.bill(Month::from_index(index)),
            Happening::Joins(who) => self.join(who)?,
            Happening::Leaves(who) => self.leave(who),
            Happening::Occasion(who) => {
                if !self.customers[who].churned {
                    if self.customers[who].asks(self.world) {
                        self.question(who)?;
                    }
                    self.next_occasion(who);
                }
            }
            Happening::DueSoon(talk) => {
                if !self.talks[talk].given_up {
                    self.queue.enter(self.talks[talk].due, talk);
                }
            }
            Happening::GivesUp(talk) => self.give_up(talk),
            Happening::Finished => self.queue.finish(),
            Happening::ComesBack(talk) => self.come_back(talk),
            Happening::Tell(_) => {}
        }
        Ok(())
    }

    fn join(&mut self, who: usize) -> Result<(), P::Error> {
        let request = self.request(who, None);
        let reply = self.platform.assign(&request, self.now)?;
        let cohort = reply.assignments.into_iter().find_map(|listed| listed.cohort);
        let slower = cohort.map(|cohort| cohort == self.world.slower);
        let (now, world) = (self.now, self.world);
        let customer = &mut self.customers[who];
        customer.slower = slower;
        let month_hours = 30.0 * 24.0;
        let stays = hours(customer.chance.exponential(month_hours / world.churn_per_month));
        // Drawn for everybody, so that both levels use up the same luck.
        let lost = customer.chance.happens(-world.effects.net_revenue_retention);
        let last_month = world.ends_at().month().previous().start();
        let lost_at = hours(customer.chance.uniform() * (last_month - now).hours().max(0.0));
        self.plan(now + stays, Happening::Leaves(who));
        if lost && slower == Some(true) && last_month > now {
            self.plan(now + lost_at, Happening::Leaves(who));
        }
        Ok(())
    }

    fn leave(&mut self, who: usize) {
        if !self.customers[who].churned {
            self.customers[who].churned = true;
            self.happened(self.now, Fact::Churned { customer: self.customers[who].id.clone() });
        }
    }

    /// Writes the month's bills, a few milliseconds apart.
    fn bill(&mut self, month: Month) {
        let world = self.world;
        let first = month == world.history_from().month();
        for who in 0..self.customers.len() {
            let customer = &mut self.customers[who];
            if !first {
                customer.renews(world);
            }
            if customer.churned {
                continue;
            }
            // An effect above zero is money more from the month after the one of joining.
            let gain = world.effects.net_revenue_retention.max(0.0);
            let joined_before = self.now >= world.starts_at() && customer.slower == Some(true);
            let factor = if joined_before { 1.0 + gain } else { 1.0 };
            let fact = Fact::Revenue {
                customer: customer.id.clone(),
                month,
                amount: (customer.spend * factor * 100.0).round() / 100.0,
                currency: world.currency,
            };
            let at = self.now + Wait::from_ms(i64::try_from(who).unwrap_or(0));
            self.happened(at, fact);
        }
    }

    /// A customer writes: the desk asks Patience when the answer is due, if the customer has joined.
    fn question(&mut self, who: usize) -> Result<(), P::Error> {
        let (now, world) = (self.now, self.world);
        let customer = &mut self.customers[who];
        customer.opened += 1;
        let id = ConversationId::new(&format!("{}-{}", customer.id, customer.opened))
            .unwrap_or_else(|_| unreachable!("an id of ours"));
        let course = customer.course(world);
        let mut due = None;
        if customer.slower.is_some() {
            let conversation = RequestedConversation {
                id: id.clone(),
                opened_at: Some(now),
                attributes: course.attributes(),
            };
            let request = self.request(who, Some(conversation));
            due = self.platform.assign(&request, now)?.service_level.and_then(|level| level.due_at);
        }
        let due = due.unwrap_or(now + world.usual_wait);
        let customer = self.customers[who].id.clone();
        let opened = Fact::Opened {
            customer: customer.clone(),
            conversation: id.clone(),
            topics: course.topics.clone(),
        };
        self.happened(now, opened);
        if let Some(after) = course.acknowledged_after {
            let fact = Fact::Replied { customer, conversation: id.clone(), by: Author::Bot, agent: None };
            self.happened(now + after, fact);
        }
        let talk = self.talks.len();
        self.plan(now + course.patience, Happening::GivesUp(talk));
        self.talks.push(Talk {
            customer: who,
            id,
            course,
            due,
            promised: due - now,
            answered: false,
            given_up: false,
            reopened: false,
        });
        self.tally.questions += 1;
        self.wait_for(talk);
        Ok(())
    }

    /// Lets the agents' part of the promise pass, then the conversation enters the queue.
    fn wait_for(&mut self, talk: usize) {
        let Talk { due, course, .. } = &self.talks[talk];
        let lets_pass = hours((*due - self.now).hours() * course.taken_up_at);
        self.plan(self.now + lets_pass, Happening::DueSoon(talk));
    }

    /// Free agents take what is due first.
    fn hand_out(&mut self) {
        while let Some(talk) = self.queue.take() {
            self.answer(talk);
        }
    }

    fn answer(&mut self, number: usize) {
        let now = self.now;
        let shift = match self.rhythm.hour_of_week(now) {
            hour if office_is_open(hour) => "day",
            hour if hour / 24 < 5 => "night",
            _ => "weekend",
        };
        let agent = AgentId::new(&format!("{shift}-{}", self.queue.busy()))
            .unwrap_or_else(|_| unreachable!("an id of ours"));
        let talk = &mut self.talks[number];
        let customer = self.customers[talk.customer].id.clone();
        let conversation = talk.id.clone();
        let course = &talk.course;
        // Who comes back needs half as much again.
        let (part, total) = if talk.reopened { (0.5, 1.5) } else { (1.0, 1.0) };
        let spent = |seconds: f64| hours(seconds * part / 3600.0);
        let replied_at = now + spent(course.handle_seconds * course.reply_at);
        let closed_at = now + spent(course.handle_seconds);
        let finished_at = now + spent(course.handle_seconds + course.after_contact_seconds);
        if !talk.reopened {
            self.tally.answered += 1;
            self.tally.in_time += u64::from(replied_at <= talk.due);
        }
        talk.answered = true;
        let returns = course.reopened_after.filter(|_| !talk.reopened).map(|after| closed_at + after);
        let rating = course.rating.filter(|_| !talk.reopened).map(|(after, score, emotion)| {
            let emotions = emotion.map(str::to_owned).into_iter().collect();
            let (customer, conversation) = (customer.clone(), conversation.clone());
            (closed_at + after, Fact::Rated { customer, conversation, score, emotions, comment: None })
        });
        let closed = Fact::Closed {
            customer: customer.clone(),
            conversation: conversation.clone(),
            handle_seconds: tenths(course.handle_seconds * total),
            after_contact_seconds: tenths(course.after_contact_seconds * total),
            resolved: Some(course.resolved),
        };
        let replied = Fact::Replied { customer, conversation, by: Author::Agent, agent: Some(agent) };
        self.plan(finished_at, Happening::Finished);
        self.happened(replied_at, replied);
        self.happened(closed_at, closed);
        if let Some(at) = returns {
            self.plan(at, Happening::ComesBack(number));
        }
        if let Some((at, fact)) = rating {
            self.happened(at, fact);
        }
    }

    fn give_up(&mut self, number: usize) {
        let talk = &mut self.talks[number];
        if talk.answered {
            return;
        }
        talk.given_up = true;
        self.tally.given_up += 1;
        self.queue.leave(talk.due, number);
        let fact = Fact::Replied {
            customer: self.customers[talk.customer].id.clone(),
            conversation: talk.id.clone(),
            by: Author::Customer,
            agent: None,
        };
        self.happened(self.now, fact);
    }

    fn come_back(&mut self, number: usize) {
        let talk = &mut self.talks[number];
        talk.reopened = true;
        talk.due = self.now + talk.promised;
        let customer = self.customers[talk.customer].id.clone();
        let fact = Fact::Reopened { customer, conversation: talk.id.clone() };
        self.happened(self.now, fact);
        self.wait_for(number);
    }

    fn request(&self, who: usize, conversation: Option<RequestedConversation>) -> Request {
        let customer = &self.customers[who];
        Request {
            customer: RequestedCustomer {
                id: customer.id.clone(),
                account: Some(customer.account.clone()),
                attributes: customer.attributes(),
            },
            conversation,
        }
    }

    fn next_occasion(&mut self, who: usize) {
        let occasion = self.customers[who].next_occasion(self.world, &self.rhythm, self.now);
        if let Some(at) = occasion {
            self.plan(at, Happening::Occasion(who));
        }
    }

    fn plan(&mut self, at: Moment, happening: Happening) {
        self.sequence += 1;
        self.agenda.push(Reverse((at, self.sequence, happening)));
    }

    /// Something happens at a moment, now or later. It is told then: now and then late, now and then twice.
    fn happened(&mut self, occurred_at: Moment, fact: Fact) {
        self.tally.facts += 1;
        let id = EventId::new(&format!("e-{}", self.tally.facts))
            .unwrap_or_else(|_| unreachable!("an id of ours"));
        let event = Event { source: self.source.clone(), id, occurred_at, fact };
        if self.post.happens(self.world.told_twice) {
            self.post_at(occurred_at + hours(1.0), event.clone());
        }
        let late = self.post.happens(self.world.told_late);
        let delay = if late { hours(self.post.exponential(12.0)) } else { Wait::default() };
        self.post_at(occurred_at + delay, event);
    }

    fn post_at(&mut self, at: Moment, event: Event) {
        let place = self.free_places.pop().unwrap_or_else(|| {
            self.untold.push(None);
            self.untold.len() - 1
        });
        self.untold[place] = Some(event);
        self.plan(at, Happening::Tell(place));
    }
}
