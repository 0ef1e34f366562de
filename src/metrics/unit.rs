//! A unit as metrics see it: its conversations of the window and of the pre-period, its revenue by
//! month, and the dated steps that a metric makes of them.

use std::{cell::OnceCell, ops::Range};

use smallvec::SmallVec;

use crate::domain::{
    calendar::Calendar,
    conversation::{Closing, Rating, Reply},
    experiment::Economics,
    ids::ConversationId,
    time::{Moment, Month, Wait},
    unit::{ConversationFacts, CustomerFacts, Due, Subject, UnitRecord},
};

/// Length of the pre-period in days.
pub const PRE_PERIOD_DAYS: i64 = 90;

/// What all units of an analysis share.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Facts after this moment are left out.
    pub as_of: Moment,
    /// What things cost.
    pub economics: Option<&'a Economics>,
}

impl Context<'_> {
    /// The last whole UTC month before `as_of`.
    pub fn last_complete_month(&self) -> Month {
        self.as_of.month().previous()
    }
}

/// A service level: so much open time on that calendar.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// Open time until the first response.
    pub first_response: Wait,
    /// Whose open time counts.
    pub calendar: &'a Calendar,
}

impl Level<'_> {
    /// When a conversation that opened at a moment is due; none where the calendar has no open time left.
    pub fn due(&self, opened_at: Moment) -> Option<Moment> {
        self.calendar.due(opened_at, self.first_response)
    }
}

/// Which of a unit's conversations are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Since assignment.
    Window,
    /// The 90 days before.
    Pre,
}

/// What conversations are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Grouping {
    Channel,
    Topic,
}

impl Grouping {
    /// By `channel` or by `topic`.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "channel" => Some(Self::Channel),
            "topic" => Some(Self::Topic),
            _ => None,
        }
    }

    /// A conversation's channel or topic; none where it was not told.
    pub fn value(self, subject: &Subject) -> Option<&str> {
        match self {
            Self::Channel => subject.channel.as_deref(),
            Self::Topic => subject.topic.as_deref(),
        }
    }
}

/// One conversation, as of the analysis' moment.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// Its id, unique within its customer.
    pub id: &'a ConversationId,
    /// Which customer of the unit.
    pub customer: usize,
    /// When it opened.
    pub opened_at: Moment,
    /// What it is about.
    pub subject: &'a Subject,
    /// The period in which it opened: every fact of it belongs there.
    pub period: Period,
    /// All that was told of it.
    pub state: &'a ConversationFacts,
}

impl<'a> Talk<'a> {
    /// The closing in force at a moment.
    pub fn closing(&self, as_of: Moment) -> Option<(Moment, &'a Closing)> {
        self.state.closed.as_of(as_of)
    }

    /// When it was first closed, by a moment.
    pub fn first_closed(&self, as_of: Moment) -> Option<Moment> {
        self.state.closed.versions().map(|(at, _)| at).next().filter(|at| *at <= as_of)
    }

    /// Ratings until a moment, each in force until the next.
    pub fn ratings(&self, as_of: Moment) -> impl Iterator<Item = (Moment, &'a Rating)> {
        self.state.rated.versions().take_while(move |(at, _)| *at <= as_of)
    }

    /// Closings until a moment, each in force until the next.
    pub fn closings(&self, as_of: Moment) -> impl Iterator<Item = (Moment, &'a Closing)> {
        self.state.closed.versions().take_while(move |(at, _)| *at <= as_of)
    }

    /// Whether it was opened again, and when, by a moment.
    pub fn reopened(&self, as_of: Moment) -> Option<Moment> {
        self.state.reopened.as_of(as_of).map(|(at, ())| at)
    }

    /// The first reply by a human.
    pub fn first_reply(&self, as_of: Moment) -> Reply {
        self.state.first_reply_as_of(as_of)
    }
}

/// What one month of a unit brings, before anything is priced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthParts {
    /// The month's end, from which it counts.
    pub at: Moment,
    /// Agent hours of the conversations opened in it.
    pub hours: f64,
    /// Recurring revenue.
    pub revenue: f64,
    /// Customers lost in it, less those won back.
    pub lost: f64,
    /// Its days over 30.
    pub months: f64,
}

/// Conversations that most units have no more of.
const USUAL: usize = 16;

/// A unit as of the analysis' moment.
#[derive(Debug)]
pub struct Unit<'a> {
    /// What was told of it.
    pub record: &'a UnitRecord,
    /// What all units share.
    pub context: &'a Context<'a>,
    /// The service level of its cohort.
    pub level: Level<'a>,
    /// Its conversations of both periods: those of the pre-period first.
    pub talks: SmallVec<[Talk<'a>; USUAL]>,
    /// The month in which it joined.
    joined: Month,
    /// Where those of the window begin.
    window: usize,
    /// Those of the window that are counted.
    counted: Range<usize>,
    /// What several metrics ask for.
    months: OnceCell<SmallVec<[MonthParts; 8]>>,
}

impl<'a> Unit<'a> {
    /// Sees a unit as of the context's moment.
    pub fn new(record: &'a UnitRecord, context: &'a Context<'a>, level: Level<'a>) -> Self {
        let pre_from = record.assigned_at.plus_days(-PRE_PERIOD_DAYS);
        let mut talks = SmallVec::new();
        for (index, customer) in record.customers.iter().enumerate() {
            for (id, state) in &customer.conversations {
                let Some((opened_at, subject)) = state.opened.as_of(context.as_of) else { continue };
                let first = record.first_conversation.as_ref();
                let treated_first = first.is_some_and(|(c, v)| *c == customer.id && v == id);
                let period = if opened_at >= record.assigned_at || treated_first {
                    Period::Window
                } else if opened_at >= pre_from {
                    Period::Pre
                } else {
                    continue;
                };
                talks.push(Talk { id, customer: index, opened_at, subject, period, state });
            }
        }
        talks.sort_by_key(|talk: &Talk<'_>| talk.period == Period::Window);
        let window = talks.partition_point(|talk| talk.period == Period::Pre);
        let counted = window..talks.len();
        let (joined, months) = (record.assigned_at.month(), OnceCell::new());
        Self { record, context, level, talks, joined, window, counted, months }
    }

    /// Shows the unit once for each channel, or topic, of its window, in their order, with the conversations of that one
    /// only. The others are still known, so that a question that came back by another way is not taken for settled.
    pub fn by_part(&mut self, grouping: Grouping, mut each: impl FnMut(&'a str, &Self)) {
        let all = self.window..self.talks.len();
        let value = |talk: &Talk<'a>| grouping.value(talk.subject);
        self.talks[all.clone()].sort_by(|one, other| value(one).cmp(&value(other)));
        let mut from = all.start;
        while let Some(first) = self.talks.get(from).map(value) {
            let same = self.talks[from..].iter().take_while(|talk| value(talk) == first).count();
            self.counted = from..from + same;
            if let Some(value) = first {
                each(value, self);
            }
            from += same;
        }
        self.counted = all;
    }

    /// Conversations counted that opened in a period.
    pub fn talks(&self, period: Period) -> std::slice::Iter<'_, Talk<'a>> {
        let of_period = match period {
            Period::Window => self.counted.clone(),
            Period::Pre => 0..self.window,
        };
        self.talks[of_period].iter()
    }

    /// Where a period begins.
    pub fn start(&self, period: Period) -> Moment {
        match period {
            Period::Window => self.record.assigned_at,
            Period::Pre => self.record.assigned_at.plus_days(-PRE_PERIOD_DAYS),
        }
    }

    /// Whether anything is known from the pre-period: a conversation, or revenue of one of its months.
    /// Who is known and asked nothing has asked zero questions; who is not known has no figure.
    pub fn has_pre_period_facts(&self) -> bool {
        let months = self.start(Period::Pre).month()..self.joined();
        self.talks(Period::Pre).next().is_some()
            || self.customers().any(|customer| customer.revenue.range(months.clone()).next().is_some())
    }

    /// When the customer was told to expect a reply; where nothing was recorded, what follows from the
    /// cohort's service level.
    pub fn due(&self, talk: &Talk<'_>) -> Option<Moment> {
        match talk.state.promise.get() {
            Some((_, Due(Some(told)))) => Some(*told),
            _ => self.level.due(talk.opened_at),
        }
    }

    /// The month in which the unit joined.
    pub fn joined(&self) -> Month {
        self.joined
    }

    /// Its customers.
    pub fn customers(&self) -> impl Iterator<Item = &'a CustomerFacts> {
        self.record.customers.iter().map(|record| &record.facts)
    }

    /// Recurring revenue of a month, over all its customers, in the experiment's currency.
    pub fn revenue(&self, month: Month) -> f64 {
        self.customers().map(|customer| self.revenue_of(customer, month).amount).sum()
    }

    /// Revenue recorded for the month of assignment: the base of retention.
    pub fn base_revenue(&self) -> f64 {
        self.customers().filter_map(|customer| self.recorded(customer, self.joined())).sum()
    }

    /// The part of the base revenue whose present value was carried from an earlier month because none
    /// was recorded for this one.
    pub fn base_carried(&self, month: Month) -> f64 {
        self.customers()
            .filter(|customer| self.revenue_of(customer, month).carried)
            .filter_map(|customer| self.recorded(customer, self.joined()))
            .sum()
    }

    /// One customer's revenue of a month: as recorded; zero from the month after its departure unless
    /// later revenue arrived; else the last one recorded.
    pub fn revenue_of(&self, customer: &CustomerFacts, month: Month) -> MonthRevenue {
        if let Some(amount) = self.recorded(customer, month) {
            return MonthRevenue { amount, carried: false };
        }
        let last = customer.revenue.range(..month).rev().find_map(|(at, _)| {
            let amount = self.recorded(customer, *at)?;
            Some((*at, amount))
        });
        let Some((recorded_in, amount)) = last else { return MonthRevenue { amount: 0.0, carried: false } };
        let left = self.departures(customer).any(|at| (recorded_in..month).contains(&at.month()));
        if left {
            MonthRevenue { amount: 0.0, carried: false }
        } else {
            MonthRevenue { amount, carried: amount > 0.0 }
        }
    }

    /// Whether a customer that was there when the unit joined is lost by the end of a month: it left and no
    /// later revenue arrived, or its base revenue has fallen to zero.
    pub fn is_lost(&self, customer: &CustomerFacts, month: Month) -> bool {
        // Departures of a later month come after the question.
        let mut departures = self.departures(customer).filter(|at| at.month() <= month);
        let left = departures.any(|at| {
            let came_back = customer
                .revenue
                .range(at.month().next()..month.next())
                .any(|(later, _)| self.recorded(customer, *later).is_some_and(|amount| amount > 0.0));
            at >= self.record.assigned_at && !came_back
        });
        let had = self.recorded(customer, self.joined()).is_some_and(|amount| amount > 0.0);
        left || (had && self.revenue_of(customer, month).amount <= 0.0)
    }

    fn departures<'c>(&'c self, customer: &'c CustomerFacts) -> impl Iterator<Item = Moment> + 'c {
        customer.churned.iter().copied().filter(|at| *at <= self.context.as_of)
    }

    /// The whole months after the one in which the unit joined, up to the last complete one.
    pub fn months(&self) -> &[MonthParts] {
        self.months.get_or_init(|| {
            let end = self.context.last_complete_month();
            let (mut months, mut month, mut lost_before) = (SmallVec::new(), self.joined.next(), 0.0);
            while month <= end {
                let (from, until) = (month.start(), month.next().start());
                let lost = self.customers().filter(|customer| self.is_lost(customer, month)).count() as f64;
                months.push(MonthParts {
                    at: until,
                    hours: self.hours(from..until),
                    revenue: self.revenue(month),
                    lost: lost - lost_before,
                    months: (until.day() - from.day()) as f64 / 30.0,
                });
                lost_before = lost;
                month = month.next();
            }
            months
        })
    }

    /// Agent hours of the conversations of the window that opened in `when`.
    fn hours(&self, when: Range<Moment>) -> f64 {
        let opened_then = self.talks[self.window..].iter().filter(|talk| when.contains(&talk.opened_at));
        let closings = opened_then.filter_map(|talk| talk.closing(self.context.as_of));
        closings.map(|(_, closing)| closing.agent_hours()).sum()
    }

    /// What was recorded for a month in the experiment's currency; where no currency is declared, any. As it was told
    /// last, whenever that was: a month's revenue is told after it, and a file that says no other date is dated by
    /// its import.
    fn recorded(&self, customer: &CustomerFacts, month: Month) -> Option<f64> {
        let revenue = customer.revenue.get(&month)?.now()?;
        let currency = self.context.economics.map(|economics| economics.currency);
        currency.is_none_or(|currency| currency == revenue.currency).then_some(revenue.amount)
    }
}

/// Revenue of one customer in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthRevenue {
    /// In the experiment's currency.
    pub amount: f64,
    /// Whether it was carried from an earlier month.
    pub carried: bool,
}

/// One dated step of a unit's numerator and denominator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// When it counts from.
    pub at: Moment,
    /// Step of the numerator.
    pub y: f64,
    /// Step of the denominator.
    pub x: f64,
}

/// The steps of one unit and metric, in any order. Their sum is the unit's figure.
#[derive(Debug, Default)]
pub struct Changes {
    steps: Vec<Change>,
    /// Where only the sum is asked for.
    sum: Option<(f64, f64)>,
}

impl Changes {
    /// Adds steps up as they come and keeps none.
    pub fn added_up() -> Self {
        Self { steps: Vec::new(), sum: Some((0.0, 0.0)) }
    }

    /// Whether only their sum is asked for, so that steps that follow each other may be one.
    pub fn are_added_up(&self) -> bool {
        self.sum.is_some()
    }

    /// Adds a step of the numerator `y` and of the denominator `x`.
    pub fn add(&mut self, at: Moment, y: f64, x: f64) {
        match &mut self.sum {
            None => self.steps.push(Change { at, y, x }),
            Some(sum) => *sum = (sum.0 + y, sum.1 + x),
        }
    }

    /// Adds the steps between totals, each of numerator and denominator as of a moment, in the order of their time.
    pub fn follow(&mut self, totals: impl Iterator<Item = (Moment, f64, f64)>) {
        let mut before = (0.0, 0.0);
        for (at, y, x) in totals {
            self.add(at, y - before.0, x - before.1);
            before = (y, x);
        }
    }

    /// Forgets all steps, to be used again.
    pub fn clear(&mut self) {
        self.steps.clear();
        self.sum = self.sum.and(Some((0.0, 0.0)));
    }

    /// Numerator and denominator after all steps.
    pub fn total(&self) -> (f64, f64) {
        let sum = || self.steps.iter().fold((0.0, 0.0), |(y, x), change| (y + change.y, x + change.x));
        self.sum.unwrap_or_else(sum)
    }

    /// The steps in the order of their time; none where they are added up as they come.
    pub fn in_order(&mut self) -> &[Change] {
        self.steps.sort_by_key(|change| change.at);
        &self.steps
    }
}
