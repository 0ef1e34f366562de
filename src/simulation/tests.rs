//! The desk against what is known of it: Erlang's formula, the effects that were set, its own promises.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    convert::Infallible,
    hash::{Hash, Hasher},
};

use super::*;
use crate::domain::{
    assignment::{self, Listed, Reason, ServiceLevel, Snapshot},
    calendar::Calendar,
    conversation::Reply,
    event::{Author, Fact},
    ids::{CalendarKey, CohortKey, ConversationId, CustomerId, EventId, ExperimentKey},
    time::{Moment, Month, Wait},
    unit::Due,
};

/// A platform that draws cohorts by lot, promises four hours or eight office hours, and writes down sums.
#[derive(Debug)]
struct Notebook {
    lot: Chance,
    rhythm: Rhythm,
    seen: BTreeSet<EventId>,
    units: BTreeMap<CustomerId, Sums>,
    digest: DefaultHasher,
    waits: [Vec<Wait>; 2],
    opened: BTreeMap<ConversationId, Moment>,
    last_month: Month,
}

#[derive(Debug, Default, Clone)]
struct Sums {
    slower: Option<bool>,
    joined: Moment,
    questions: f64,
    rated: f64,
    satisfied: f64,
    closings: BTreeMap<ConversationId, f64>,
    first_revenue: f64,
    last_revenue: f64,
    left: Option<Moment>,
    ours: BTreeSet<ConversationId>,
}

impl Notebook {
    fn new(world: &World) -> Self {
        Self {
            lot: Chance::new(world.seed, u64::MAX),
            rhythm: Rhythm::of(world.zone),
            seen: BTreeSet::new(),
            units: BTreeMap::new(),
            digest: DefaultHasher::new(),
            waits: [Vec::new(), Vec::new()],
            opened: BTreeMap::new(),
            last_month: world.ends_at().month().previous(),
        }
    }

    /// The eighth office hour after a moment, minute by minute.
    fn a_working_day_after(&self, from: Moment) -> Moment {
        let (mut at, mut open) = (from, 0);
        while open < 8 * 60 {
            open += u32::from(office_is_open(self.rhythm.hour_of_week(at)));
            at = at + Wait::from_minutes(1);
        }
        at
    }
}

impl Platform for Notebook {
    type Error = Infallible;

    fn assign(&mut self, request: &Request, now: Moment) -> Result<assignment::Reply, Infallible> {
        let customer_id = request.customer.id.clone();
        let unit = self.units.entry(customer_id.clone()).or_default();
        let slower = *unit.slower.get_or_insert_with(|| {
            unit.joined = now;
            self.lot.happens(0.5)
        });
        let cohort = CohortKey::new(if slower { "longer" } else { "usual" }).ok();
        let opened_at = request.conversation.as_ref().and_then(|conversation| conversation.opened_at);
        let due_at = opened_at.map(|opened_at| {
            if slower { self.a_working_day_after(opened_at) } else { opened_at + Wait::from_hours(4) }
        });
        let experiment = ExperimentKey::new("lot").unwrap();
        Ok(assignment::Reply {
            customer_id,
            conversation_id: None,
            assignments: vec![Listed { experiment, cohort, reason: Reason::Assigned }],
            service_level: Some(ServiceLevel {
                first_response: Wait::from_hours(4),
                calendar: CalendarKey::always(),
                due_at,
                message: String::new(),
                source: String::new(),
            }),
        })
    }

    fn tell(&mut self, event: Event) -> Result<(), Infallible> {
        format!("{event:?}").hash(&mut self.digest);
        if !self.seen.insert(event.id.clone()) {
            return Ok(());
        }
        let Some(customer) = event.fact.customer() else { return Ok(()) };
        let unit = self.units.entry(customer.clone()).or_default();
        let joined = unit.slower.is_some() && event.occurred_at >= unit.joined;
        match event.fact {
            Fact::Opened { conversation, .. } => {
                if joined {
                    unit.questions += 1.0;
                    unit.ours.insert(conversation.clone());
                }
                self.opened.insert(conversation, event.occurred_at);
            }
            Fact::Replied { conversation, by: Author::Agent, .. } => {
                // A reply may be told before its opening; the few that are do not matter here.
                if let (true, Some(opened)) = (joined, self.opened.remove(&conversation)) {
                    self.waits[usize::from(unit.slower == Some(true))].push(event.occurred_at - opened);
                }
            }
            Fact::Rated { conversation, score, .. } if joined && unit.ours.contains(&conversation) => {
                unit.rated += 1.0;
                unit.satisfied += f64::from(u8::from(score >= 4));
            }
            Fact::Closed { conversation, handle_seconds, after_contact_seconds, .. }
                if unit.ours.contains(&conversation) =>
            {
                let hours = (handle_seconds + after_contact_seconds) / 3600.0;
                let known = unit.closings.entry(conversation).or_default();
                *known = known.max(hours);
            }
            Fact::Revenue { month, amount, .. } => {
                // Everybody joins in the month after the last one of history.
                if unit.slower.is_some() && month == unit.joined.month() || unit.slower.is_none() {
                    unit.first_revenue = amount;
                }
                if month == self.last_month {
                    unit.last_revenue = amount;
                }
            }
            Fact::Churned { .. } => unit.left = Some(event.occurred_at),
            _ => {}
        }
        Ok(())
    }
}

fn live(world: &World) -> (Notebook, Tally) {
    let mut notebook = Notebook::new(world);
    let Ok(tally) = run(world, &mut notebook);
    (notebook, tally)
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another() {
    let digest = |seed| {
        let (notebook, tally) = live(&World { customers: 60, ..World::small(seed) });
        (notebook.digest.finish(), tally)
    };
    assert_eq!(digest(3), digest(3));
    assert_ne!(digest(3).0, digest(4).0);
}

/// Relative change of a ratio of sums, with its standard error by the delta method, from a list of
/// (slower, numerator, denominator) by unit.
fn relative_change(units: &[(bool, f64, f64)]) -> (f64, f64) {
    let arm = |slower: bool| {
        let of: Vec<_> = units.iter().filter(|u| u.0 == slower).map(|u| (u.1, u.2)).collect();
        let k = of.len() as f64;
        let (top, bottom) = of.iter().fold((0.0, 0.0), |sum, u| (sum.0 + u.0, sum.1 + u.1));
        let ratio = top / bottom;
        let residuals: f64 = of.iter().map(|u| (u.0 - ratio * u.1).powi(2)).sum();
        (ratio, residuals / (k - 1.0) / k / (bottom / k).powi(2))
    };
    let ((control, var_control), (treated, var_treated)) = (arm(false), arm(true));
    let change = treated / control;
    (change - 1.0, (var_treated / control.powi(2) + change.powi(2) * var_control / control.powi(2)).sqrt())
}

/// Mean relative changes over seeds, each with the standard error of that mean.
fn changes_over_seeds(effects: Effects, seeds: std::ops::Range<u64>) -> [(f64, f64); 4] {
    let mut units: [Vec<(bool, f64, f64)>; 4] = Default::default();
    for seed in seeds {
        let (notebook, _) = live(&World {
            customers: 400,
            weeks: 10,
            history_days: 1,
            questions_per_month: 2.0,
            churn_per_month: 0.03,
            effects,
            ..World::small(seed)
        });
        for unit in notebook.units.values() {
            let slower = unit.slower.unwrap();
            let gone = unit.left.is_some_and(|at| at.month() < notebook.last_month);
            let last = if gone { 0.0 } else { unit.last_revenue };
            units[0].push((slower, unit.satisfied, unit.rated));
            units[1].push((slower, last, unit.first_revenue));
            units[2].push((slower, unit.questions, 1.0));
            units[3].push((slower, unit.closings.len() as f64, unit.closings.values().sum()));
        }
    }
    units.map(|of_metric| relative_change(&of_metric))
}

fn assert_true_effects(effects: Effects, seeds: std::ops::Range<u64>) {
    let truth = [
        effects.csat,
        effects.net_revenue_retention,
        effects.questions_asked,
        effects.conversations_per_agent_hour,
    ];
    for (metric, ((change, error), truth)) in
        changes_over_seeds(effects, seeds).into_iter().zip(truth).enumerate()
    {
        println!("metric {metric}: {change:.4} ± {error:.4}, true {truth}");
        assert!((change - truth).abs() < 3.5 * error, "metric {metric}: {change} ± {error}, true {truth}");
        assert!(error < 0.02, "metric {metric}: {error} is too coarse to show anything");
    }
}

#[test]
fn effects_set_come_back_from_sums_made_by_hand() {
    // 24 worlds at once: the noise is that of 9,600 customers.
    assert_true_effects(
        Effects {
            csat: -0.10,
            net_revenue_retention: 0.0,
            questions_asked: -0.15,
            conversations_per_agent_hour: 0.20,
        },
        0..24,
    );
}

#[test]
fn retention_lost_and_won_comes_back_too() {
    for (net_revenue_retention, seeds) in [(-0.10, 100..124), (0.10, 200..224)] {
        let effects = Effects { net_revenue_retention, ..Effects::default() };
        let (change, error) = changes_over_seeds(effects, seeds)[1];
        assert!((change - net_revenue_retention).abs() < 3.5 * error, "{change} ± {error}");
        assert!(error < 0.02);
    }
}

#[test]
fn the_slower_cohort_really_waits_longer_and_promises_are_mostly_kept() {
    let (mut notebook, tally) = live(&World { customers: 4000, ..World::published(5) });
    let kept = tally.in_time as f64 / tally.answered as f64;
    assert!((0.90..0.99).contains(&kept), "{kept} of promises kept");
    let medians = [0, 1].map(|cohort| {
        let waits = &mut notebook.waits[cohort];
        waits.sort();
        waits[waits.len() / 2].hours()
    });
    assert!((2.8..4.0).contains(&medians[0]), "usual: {} h", medians[0]);
    assert!(medians[1] > 12.0, "slower: {} h on the wall clock", medians[1]);
    assert!((tally.given_up as f64) < 0.03 * tally.questions as f64, "{tally:?}");
}

#[test]
fn everybody_joins_the_published_experiment_and_both_promises_are_kept() {
    let world = World { customers: 1500, ..World::published(8) };
    let experiment = published::running(&world, "a salt of the test");
    let office = Calendar::new(published::office_hours(&world)).unwrap();
    let mut memory = Memory::new(Snapshot::new([experiment.clone()], [office]).unwrap());
    let Ok(tally) = run(&world, &mut memory);

    let units: Vec<_> = memory.units(&experiment).collect();
    assert_eq!(units.len(), 1500, "the rule holds for everybody who joins");
    let slower = units.iter().filter(|unit| unit.cohort == world.slower).count();
    // Five standard deviations of a fair coin thrown 1,500 times are 97.
    assert!(slower.abs_diff(750) < 97, "{slower} of 1500 in the slower cohort");

    let mut kept = BTreeMap::<_, (f64, f64)>::new();
    let mut opened = 0;
    for unit in &units {
        for (_, talk) in unit.customers.iter().flat_map(|customer| &customer.conversations) {
            opened += u64::from(talk.opened.get().is_some());
            let Some((_, Due(due))) = talk.promise.get() else { continue };
            let due = due.unwrap();
            let (broken, all) = kept.entry(unit.cohort.clone()).or_default();
            *broken += f64::from(u8::from(talk.first_reply_as_of(due) == Reply::Waiting));
            *all += 1.0;
        }
    }
    assert_eq!(opened, tally.questions, "every question arrives, and once");
    for (level, (broken, all)) in kept {
        let share = 1.0 - broken / all;
        assert!((0.90..0.99).contains(&share), "{level}: {share} of {all} promises kept");
    }
}

/// Poisson arrivals and exponential service through the queue in place of the desk's own: M/M/n, whose
/// waits are known (`../shared/golden/erlang.json`, cases C2, C4 and C8).
#[test]
fn the_queue_waits_as_erlang_c_says() {
    for (arrivals_per_min, minutes, agents, p_wait, mean_wait) in [
        (0.1, 10.0, 2, 1.0 / 3.0, 10.0 / 3.0),
        (0.833_333_333_333_333_4, 12.0, 11, 0.682_118_204_689_332_4, 8.185_418_456_271_99),
        (0.5, 12.0, 7, 0.613_830_123_144_932_1, 7.365_961_477_739_155),
    ] {
        let (waited, mean) = simulated_waits(arrivals_per_min, minutes, agents, 400_000);
        assert!((waited / p_wait - 1.0).abs() < 0.04, "{agents} agents: {waited} wait, Erlang says {p_wait}");
        assert!(
            (mean / mean_wait - 1.0).abs() < 0.08,
            "{agents} agents: {mean} min, Erlang says {mean_wait}"
        );
    }
}

fn simulated_waits(arrivals_per_min: f64, minutes: f64, agents: u32, customers: usize) -> (f64, f64) {
    let mut chance = Chance::new(2, 0);
    let mut queue = Queue::new();
    queue.staff(agents);
    let mut finishes: BTreeSet<(Moment, usize)> = BTreeSet::new();
    let mut arrivals = Vec::with_capacity(customers);
    let (mut waited, mut total) = (0_u32, 0.0);
    let mut at = Moment::default();
    for number in 0..customers {
        at = at + hours(chance.exponential(1.0 / arrivals_per_min) / 60.0);
        arrivals.push(at);
        let mut serve = |queue: &mut Queue<usize>, now: Moment, finishes: &mut BTreeSet<_>| {
            while let Some(who) = queue.take() {
                let wait: Wait = now - arrivals[who];
                waited += u32::from(wait.ms() > 0);
                total += wait.hours() * 60.0;
                finishes.insert((now + hours(chance.exponential(minutes) / 60.0), who));
            }
        };
        while let Some(&(finish, who)) = finishes.first().filter(|(finish, _)| *finish <= at) {
            finishes.remove(&(finish, who));
            queue.finish();
            serve(&mut queue, finish, &mut finishes);
        }
        queue.enter(at, number);
        serve(&mut queue, at, &mut finishes);
    }
    (f64::from(waited) / customers as f64, total / customers as f64)
}
