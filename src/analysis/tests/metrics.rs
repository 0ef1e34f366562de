//! Every metric of definitions.md made once more from what was told, naively and in another way: no folds,
//! no steps, no days. A small world of chance with everything odd in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{analyse, values};
use crate::{
    analysis::{
        document::Bin,
        fixture::{at, unit},
    },
    domain::time::{DAY_MS, Moment, Month},
};

const AS_OF: &str = "2026-04-20T09:30:00Z";
const HOUR: i64 = 3_600_000;

/// Seeded draws (splitmix64): the room of simulations stands above this one.
struct Chance(u64);

impl Chance {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// One of these, by weight.
    fn pick<T: Copy>(&mut self, choices: &[(T, f64)]) -> T {
        let mut left = self.uniform() * choices.iter().map(|(_, weight)| weight).sum::<f64>();
        let found = choices.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        found.unwrap_or(&choices[0]).0
    }
}

/// What was told of a unit.
struct Told {
    cohort: &'static str,
    assigned: Moment,
    events: Vec<Value>,
}

fn time(ms: i64) -> Moment {
    Moment::from_stored_ms(ms)
}

fn when(event: &Value) -> Moment {
    at(event["occurred_at"].as_str().unwrap())
}

/// What happened to one customer, from half a year before until after the analysis.
fn live(chance: &mut Chance, cohort: &'static str) -> Told {
    let day = |text: &str| at(text).ms() as f64;
    #[allow(clippy::cast_possible_truncation, reason = "milliseconds")]
    let between =
        |chance: &mut Chance, from: f64, to: f64| time(chance.between(from, to) as i64 / 1000 * 1000);
    let assigned = between(chance, day("2026-01-05T00:00:00Z"), day("2026-03-10T00:00:00Z"));
    let mut events = Vec::new();
    let mut tell = |kind: &str, moment: Moment, more: Value| {
        let mut event = json!({"type": kind, "occurred_at": moment.to_string()});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        events.push(event);
    };
    for nth in 0..chance.pick(&[(0, 1.0), (1, 1.0), (3, 2.0), (6, 2.0), (9, 1.0)]) {
        let id = format!("v{nth}");
        let opened = between(chance, day("2025-10-20T00:00:00Z"), day("2026-04-24T00:00:00Z"));
        let topic = chance.pick(&[("billing", 2.0), ("login", 1.0)]);
        tell("conversation.opened", opened, json!({"conversation_id": id, "topic": topic}));
        let after = |chance: &mut Chance, hours: f64| {
            #[allow(clippy::cast_possible_truncation, reason = "milliseconds")]
            time(opened.ms() + (chance.between(-0.02, hours) * HOUR as f64) as i64 / 1000 * 1000)
        };
        for by in ["bot", "agent", "agent"] {
            if chance.happens(0.6) {
                tell("conversation.replied", after(chance, 12.0), json!({"conversation_id": id, "by": by}));
            }
        }
        for _ in 0..chance.pick(&[(0, 1.0), (1, 3.0), (2, 1.0)]) {
            let (handle, contact) = (chance.between(0.0, 4000.0).round(), chance.between(0.0, 900.0).round());
            let more =
                json!({"conversation_id": id, "handle_seconds": handle, "after_contact_seconds": contact});
            let closed = after(chance, 200.0).max(opened);
            tell("conversation.closed", closed, more);
        }
        if chance.happens(0.15) {
            let reopened = after(chance, 300.0).max(opened);
            tell("conversation.reopened", reopened, json!({"conversation_id": id}));
        }
        for _ in 0..chance.pick(&[(0, 1.0), (1, 2.0), (2, 1.0)]) {
            let score = chance.pick(&[(1, 1.0), (2, 1.0), (3, 1.0), (4, 2.0), (5, 3.0)]);
            let emotions = chance.pick(&[
                ([].as_slice(), 1.0),
                (["happy", "angry", "valued"].as_slice(), 1.0),
                (["ignored", "purple"].as_slice(), 1.0),
                (["purple"].as_slice(), 0.5),
            ]);
            let more = json!({"conversation_id": id, "score": score, "emotions": emotions});
            tell("conversation.rated", after(chance, 250.0).max(opened), more);
        }
    }
    for month in ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"] {
        if chance.happens(0.75) {
            let amount = if chance.happens(0.1) { 0.0 } else { chance.between(10.0, 200.0).round() };
            let told = at(&format!("{month}-01T00:00:00Z"));
            tell("revenue.recorded", told, json!({"month": month, "amount": amount, "currency": "USD"}));
        }
    }
    if chance.happens(0.25) {
        let left = between(chance, day("2025-12-10T00:00:00Z"), day("2026-04-23T00:00:00Z"));
        tell("customer.churned", left, json!({}));
    }
    for _ in 0..chance.pick(&[(0, 1.0), (2, 1.0), (5, 1.0)]) {
        for name in ["visits", "pages"] {
            let seen = between(chance, day("2025-11-01T00:00:00Z"), day("2026-04-24T00:00:00Z"));
            let value = chance.between(-2.0, 5.0).round();
            tell("metric.recorded", seen, json!({"name": name, "value": value}));
        }
    }
    Told { cohort, assigned, events }
}

impl Told {
    /// What is known as of the analysis, of a kind.
    fn known<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["type"] == kind && when(event) <= at(AS_OF))
    }

    /// (id, topic, opened) of conversations in the window.
    fn window(&self) -> Vec<(&str, &Value, Moment)> {
        let all = self.known("conversation.opened").map(|e| (id(e), &e["topic"], when(e)));
        all.filter(|(_, _, opened)| *opened >= self.assigned).collect()
    }

    /// What was told of a conversation, in order of time.
    fn of<'a>(&'a self, kind: &'a str, conversation: &'a str) -> Vec<&'a Value> {
        let mut found: Vec<&Value> = self.known(kind).filter(|event| id(event) == conversation).collect();
        found.sort_by_key(|event| when(event));
        found
    }

    fn recorded(&self, month: Month) -> Option<f64> {
        let told = self.events.iter().filter(|event| event["type"] == "revenue.recorded");
        let mut told = told.filter(|event| event["month"] == month.to_string());
        told.next_back().map(|event| event["amount"].as_f64().unwrap())
    }

    /// As recorded; else the last record before, zero from the month after a departure since.
    fn revenue(&self, month: Month) -> f64 {
        let mut back = month;
        for _ in 0..24 {
            if let Some(amount) = self.recorded(back) {
                let left = self.known("customer.churned").map(|event| when(event).month());
                let gone = left.into_iter().any(|left| back <= left && left < month);
                return if gone { 0.0 } else { amount };
            }
            back = back.previous();
        }
        0.0
    }

    fn is_lost(&self, by: Month) -> bool {
        let left = self.known("customer.churned").map(when).any(|left| {
            let mut later = left.month().next();
            let mut came_back = false;
            while later <= by {
                came_back |= self.recorded(later).is_some_and(|amount| amount > 0.0);
                later = later.next();
            }
            left >= self.assigned && left.month() <= by && !came_back
        });
        let had = self.recorded(self.assigned.month()).is_some_and(|amount| amount > 0.0);
        left || (had && self.revenue(by) <= 0.0)
    }

    fn figures(&self, name: &str) -> f64 {
        let told = self.known("metric.recorded").filter(|e| e["name"] == name && when(e) >= self.assigned);
        told.map(|event| event["value"].as_f64().unwrap()).sum()
    }
}

fn id(event: &Value) -> &str {
    event["conversation_id"].as_str().unwrap()
}

fn hours(closing: &Value, fields: &[&str]) -> f64 {
    fields.iter().map(|field| closing[*field].as_f64().unwrap()).sum::<f64>() / 3600.0
}

const BOTH: [&str; 2] = ["handle_seconds", "after_contact_seconds"];

/// Numerator and denominator of a metric over a unit.
fn naive(metric: &str, unit: &Told, promised: i64) -> (f64, f64) {
    let as_of = at(AS_OF);
    let flag = |is: bool| f64::from(u8::from(is));
    let (mut y, mut x) = (0.0, 0.0);
    for (id, topic, opened) in unit.window() {
        let closings = unit.of("conversation.closed", id);
        let ratings = unit.of("conversation.rated", id);
        let reopened = !unit.of("conversation.reopened", id).is_empty();
        let (last, closed) = (closings.last(), flag(!closings.is_empty()));
        match metric {
            "csat" => {
                y += flag(ratings.last().is_some_and(|rating| rating["score"].as_u64().unwrap() >= 4));
                x += flag(!ratings.is_empty());
            }
            "csat_response_rate" => {
                y += closed * flag(!ratings.is_empty());
                x += closed;
            }
            "net_emotional_value" => {
                let named = ratings.last().map(|rating| rating["emotions"].as_array().unwrap().clone());
                for emotion in named.iter().flatten() {
                    y += match emotion.as_str().unwrap() {
                        "happy" | "valued" => 1.0,
                        "angry" | "ignored" => -1.0,
                        _ => 0.0,
                    };
                }
                x += flag(named.is_some_and(|named| !named.is_empty()));
            }
            "promise_kept" => {
                let due = opened.ms() + promised * HOUR;
                let replies = unit.of("conversation.replied", id);
                let reply = replies.iter().find(|reply| reply["by"] == "agent").map(|reply| when(reply).ms());
                match reply {
                    Some(reply) if reply < opened.ms() => {}
                    Some(reply) if reply <= due => (y, x) = (y + 1.0, x + 1.0),
                    _ => x += flag(due < as_of.ms()),
                }
            }
            "first_contact_resolution" => {
                let Some(closed) = last.map(|closing| when(closing).ms()) else { continue };
                let until = closed + 7 * DAY_MS;
                if until > as_of.ms() {
                    continue;
                }
                let again = unit.known("conversation.opened").any(|other| {
                    let opened = when(other).ms();
                    &other["topic"] == topic && opened > closed && opened <= until
                });
                (y, x) = (y + flag(!again && !reopened), x + 1.0);
            }
            "reopen_rate" => (y, x) = (y + closed * flag(reopened), x + closed),
            "conversations_per_agent_hour" => {
                (y, x) = (y + closed, x + last.map_or(0.0, |closing| hours(closing, &BOTH)));
            }
            "handle_time" => (y, x) = (y + last.map_or(0.0, |c| hours(c, &BOTH[..1])), x + closed),
            "after_contact_time" => (y, x) = (y + last.map_or(0.0, |c| hours(c, &BOTH[1..])), x + closed),
            "cost_to_serve" => y += 30.0 * last.map_or(0.0, |closing| hours(closing, &BOTH)),
            "questions_asked" => y += 1.0,
            _ => {}
        }
    }
    let joined = unit.assigned.month();
    let last_month = as_of.month().previous();
    let base = unit.recorded(joined).unwrap_or(0.0);
    let counted = flag(base > 0.0 && joined < last_month);
    match metric {
        "questions_asked" => x = 1.0,
        "cost_to_serve" => x = (as_of.ms() - unit.assigned.ms()) as f64 / DAY_MS as f64 / 30.0,
        "net_revenue_retention" => (y, x) = (counted * unit.revenue(last_month), counted * base),
        "gross_revenue_retention" => (y, x) = (counted * unit.revenue(last_month).min(base), counted * base),
        "churn" => (y, x) = (counted * flag(unit.revenue(last_month) <= 0.0), counted),
        "net_value" => {
            let mut month = joined.next();
            while month <= last_month {
                let opened_then = unit.window().into_iter().filter(|(_, _, opened)| opened.month() == month);
                for (id, _, _) in opened_then {
                    let last = unit.of("conversation.closed", id).last().copied();
                    y -= 30.0 * last.map_or(0.0, |closing| hours(closing, &BOTH));
                }
                y += 0.8 * unit.revenue(month);
                x += month.days() as f64 / 30.0;
                month = month.next();
            }
            y -= if x > 0.0 { 200.0 * flag(unit.is_lost(last_month)) } else { 0.0 };
        }
        "visits" => (y, x) = (unit.figures("visits"), 1.0),
        "pages" => (y, x) = (unit.figures("pages"), unit.figures("visits")),
        _ => {}
    }
    (y, x)
}

/// When half have ended, by the definition of Kaplan and Meier, from (hours, ended) in any order.
#[allow(clippy::float_cmp, reason = "the very same times")]
fn median(waits: &[(f64, bool)]) -> Option<f64> {
    let mut times: Vec<f64> = waits.iter().filter(|wait| wait.1).map(|wait| wait.0).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let mut waiting = 1.0_f64;
    for (nth, time) in times.iter().copied().enumerate() {
        let at_risk = waits.iter().filter(|wait| wait.0 >= time).count() as f64;
        let ended = waits.iter().filter(|wait| wait.0 == time && wait.1).count() as f64;
        waiting *= 1.0 - ended / at_risk;
        // Where half wait for a while, the middle of that while, as R has it.
        if (waiting - 0.5).abs() < 1e-9 {
            return Some(times.get(nth + 1).map_or(time, |next| 0.5 * (time + next)));
        }
        if waiting < 0.5 {
            return Some(time);
        }
    }
    None
}

const SUMS: [&str; 15] = [
    "csat",
    "csat_response_rate",
    "net_emotional_value",
    "questions_asked",
    "promise_kept",
    "first_contact_resolution",
    "reopen_rate",
    "net_revenue_retention",
    "gross_revenue_retention",
    "churn",
    "conversations_per_agent_hour",
    "handle_time",
    "after_contact_time",
    "cost_to_serve",
    "net_value",
];

#[test]
#[allow(clippy::float_cmp, reason = "the very same values")]
fn every_metric_is_what_a_naive_count_of_what_was_told_makes_of_it() {
    let own = json!([
        {"metric": "csat", "role": "guardrail", "margin": 0.03},
        {"metric": "visits", "role": "secondary", "kind": "mean", "direction": "increase"},
        {"metric": "pages", "role": "secondary", "kind": "ratio", "denominator": "visits", "direction": "increase"}
    ]);
    let share = json!([{"metric": "visits", "role": "secondary", "kind": "share", "direction": "increase"}]);
    let mut compared = BTreeMap::new();
    for seed in 0..6 {
        let mut chance = Chance(20_260_420 + seed);
        let world: Vec<Told> =
            (0..60).map(|i| live(&mut chance, if i % 2 == 0 { "usual" } else { "slow" })).collect();
        let units: Vec<_> = world
            .iter()
            .enumerate()
            .map(|(i, told)| unit(&format!("u{i}"), told.cohort, &told.assigned.to_string(), &told.events))
            .collect();
        let analysis = analyse(&[("/metrics", own.clone())], AS_OF, &units);
        let shares = analyse(&[("/metrics", share.clone())], AS_OF, &units);
        for (place, (cohort, promised)) in [("usual", 4), ("slow", 8)].into_iter().enumerate() {
            let of_cohort = || world.iter().filter(|told| told.cohort == cohort);
            let mut check = |metric: &str, found: Option<f64>, wanted: Option<f64>| {
                let (found, wanted) = (found.unwrap_or(f64::NAN), wanted.unwrap_or(f64::NAN));
                let near = (found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-3);
                assert!(near, "{metric} of {cohort}, seed {seed}: found {found}, wanted {wanted}");
                *compared.entry(metric.to_owned()).or_insert(0) += 1;
            };
            for metric in SUMS.into_iter().chain(["visits", "pages"]) {
                let sums = of_cohort().map(|told| naive(metric, told, promised));
                let (y, x) = sums.fold((0.0, 0.0), |(y, x), (dy, dx)| (y + dy, x + dx));
                check(metric, values(&analysis, metric)[place], Some(y / x));
            }
            // How units differ is what each of them comes to by itself.
            for metric in SUMS.into_iter().chain(["visits", "pages"]) {
                let own = of_cohort().map(|told| naive(metric, told, promised)).filter(|(_, x)| *x > 0.0);
                let own: Vec<f64> = own.map(|(y, x)| y / x).collect();
                let found = analysis.metrics.iter().find(|found| found.metric == metric).unwrap();
                let bins = &found.cohorts[place].distribution;
                assert_eq!(bins.iter().map(|bin| bin.units).sum::<u64>(), own.len() as u64, "{metric}");
                let alone = |bin: &Bin| bin.from == bin.to;
                for bin in bins {
                    let (from, to) = (bin.from.unwrap_or(f64::MIN), bin.to.unwrap_or(f64::MAX));
                    let beside =
                        |value: f64| bins.iter().any(|other| alone(other) && other.from == Some(value));
                    let inside = |value: &&f64| {
                        if alone(bin) {
                            **value == from
                        } else {
                            (from..to).contains(*value) && !beside(**value)
                        }
                    };
                    let inside = own.iter().filter(inside).count() as u64;
                    assert_eq!(bin.units, inside, "{metric} of {cohort}, seed {seed}: {bin:?} of {own:?}");
                }
            }
            let visitors = of_cohort().filter(|told| told.figures("visits") > 0.0).count() as f64;
            let share = visitors / of_cohort().count() as f64;
            check("visits as a share", values(&shares, "visits")[place], Some(share));
            for (metric, kind) in
                [("first_response_time", "conversation.replied"), ("resolution_time", "conversation.closed")]
            {
                let mut waits = Vec::new();
                for told in of_cohort() {
                    for (id, _, opened) in told.window() {
                        let mut ends = told.of(kind, id);
                        ends.retain(|end| metric == "resolution_time" || end["by"] == "agent");
                        // The first reply; the closing in force.
                        let end = if metric == "resolution_time" { ends.last() } else { ends.first() };
                        let ended = end.map(|end| when(end));
                        let until = ended.unwrap_or(at(AS_OF));
                        if until >= opened {
                            waits.push(((until - opened).hours(), ended.is_some()));
                        }
                    }
                }
                check(metric, values(&analysis, metric)[place], median(&waits));
            }
        }
    }
    assert_eq!(compared.len(), SUMS.len() + 5);
    assert!(compared.values().all(|count| *count == 12));
}
