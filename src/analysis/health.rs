//! Can the figures be trusted? Every check in words, passes too.

use std::collections::BTreeMap;

use crate::{
    domain::{ids::CohortKey, time::Wait},
    language::{Slot, say},
    stats::{PValue, StatsError, arm_of_ratio, compare, survival},
};

use super::{
    accumulate::Accumulator,
    document::{Check, CheckState, Delivery, DeliveryGap, Health, MetricResult, Range},
    inference::Inference,
    split,
    tally::CohortTally,
    verdict,
    waits::{self, Waits},
};

/// Delivery is checked from so many answered conversations in each cohort.
const ENOUGH_ANSWERED: u64 = 50;
/// The slower cohort must at least wait this part of the difference of the promises longer.
const DELIVERED_SHARE: f64 = 0.25;
/// More base revenue than this without a figure of the last month, and retention is not judged.
const MOST_CARRIED: f64 = 0.05;
/// More rejected lines than this in the last 7 days, and nothing is judged.
const MOST_REJECTED: f64 = 0.01;
/// Below this, two groups differ more than chance would have it.
pub const ALARM: f64 = 0.001;

/// What the checks found, for the verdict.
#[derive(Debug)]
pub struct Findings {
    /// As shown.
    pub health: Health,
    /// Why data are incomplete, if they are.
    pub incomplete: Option<Incomplete>,
    /// Whether revenue figures may be judged.
    pub revenue_complete: bool,
}

/// Why no recommendation can be made until more data come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Incomplete {
    /// This share of the base revenue has no figure of the last complete month.
    Revenue(f64),
    /// The cohorts differ in that share more than chance would have it.
    RevenueUneven,
    /// This share of the last week's lines was rejected.
    Rejected(f64),
}

/// Runs every check.
pub fn check(pass: &Accumulator<'_>, inference: &Inference<'_>, metrics: &[MetricResult]) -> Findings {
    let sample_ratio = split::split(pass);
    let delivery = delivery(pass, inference, metrics);
    let carried = carried(pass);
    let revenue_problem = match carried {
        Some((share, _)) if share > MOST_CARRIED => Some(Incomplete::Revenue(share)),
        Some((_, p)) if p < ALARM => Some(Incomplete::RevenueUneven),
        _ => None,
    };
    let rejected = pass.study.rejected_share.filter(|share| *share > MOST_REJECTED);
    // What nobody asked for spoils nothing.
    let asked = verdict::asks_revenue(&pass.study.experiment.definition);
    let incomplete = rejected.map(Incomplete::Rejected).or(revenue_problem.filter(|_| asked));

    let mut checks = vec![split::split_check(pass, &sample_ratio)];
    checks.extend(split::splits_check(pass, &sample_ratio));
    checks.push(delivery_check(&delivery));
    checks.extend(alike_check(pass));
    checks.extend(response_check(pass, metrics));
    checks.push(complete_check(pass, incomplete, carried));
    checks.extend(notes(pass));
    Findings {
        health: Health { sample_ratio, delivery, checks },
        incomplete,
        revenue_complete: revenue_problem.is_none(),
    }
}

fn delivery(pass: &Accumulator<'_>, inference: &Inference<'_>, metrics: &[MetricResult]) -> Delivery {
    let definition = &pass.study.experiment.definition;
    let by_cohort = |value: &dyn Fn(usize) -> Option<Wait>| -> BTreeMap<CohortKey, Option<Wait>> {
        definition.cohorts.iter().enumerate().map(|(i, cohort)| (cohort.key.clone(), value(i))).collect()
    };
    let median = |waits: &Waits| waits.curve().and_then(|curve| curve.km().median()).map(waits::hours);
    let open = pass.first_responses();
    let kept = metrics.iter().find(|metric| metric.metric == "promise_kept");
    let promise_kept = kept
        .map(|metric| metric.cohorts.iter().map(|value| (value.cohort.clone(), value.value)).collect())
        .unwrap_or_default();
    let control = definition.control_index();
    let gaps: Vec<DeliveryGap> = (0..definition.cohorts.len())
        .filter(|index| *index != control)
        .map(|index| gap(pass, inference, control, index))
        .collect();
    Delivery {
        ok: gaps.iter().all(|gap| gap.ok),
        checked: gaps.iter().any(|gap| gap.checked),
        median_first_response: by_cohort(&|i| open.get(i).and_then(|tally| median(&tally.waits))),
        median_first_response_wall: by_cohort(&|i| median(&pass.cohorts[i].wall)),
        promise_kept,
        gaps,
        control_before_after: pass
            .cohorts
            .get(control)
            .map(|cohort| (median(&cohort.wall_before), median(&cohort.wall))),
    }
}

fn gap(pass: &Accumulator<'_>, inference: &Inference<'_>, control: usize, treatment: usize) -> DeliveryGap {
    let promise = &pass.promises[treatment];
    let promised = if promise.count == 0 { 0.0 } else { promise.sum_ms / promise.count as f64 / 3_600_000.0 };
    let (usual, slow) = (&pass.cohorts[control], &pass.cohorts[treatment]);
    let found = restricted_difference(usual, slow, promise.longest.hours(), inference);
    let enough = usual.answered >= ENOUGH_ANSWERED && slow.answered >= ENOUGH_ANSWERED;
    let waited = found.unwrap_or_default();
    // Seen from the side of whoever was promised to wait longer.
    let most = if promised >= 0.0 { waited.upper } else { waited.lower.map(|lower| -lower) };
    let checked = enough && promised.abs() > 0.0 && most.is_some();
    DeliveryGap {
        treatment: pass.study.experiment.definition.cohorts[treatment].key.clone(),
        waited_longer_hours: waited,
        promised_longer_hours: promised,
        ok: !checked || most.is_some_and(|most| most >= DELIVERED_SHARE * promised.abs()),
        checked,
    }
}

fn restricted_difference(
    usual: &CohortTally,
    slow: &CohortTally,
    tau: f64,
    inference: &Inference<'_>,
) -> Option<Range> {
    let usual = usual.wall.curve()?.restricted_mean(tau).ok()?;
    let slow = slow.wall.curve()?.restricted_mean(tau).ok()?;
    let found = survival::difference(usual, slow, inference.confidence()).ok()?;
    Some(found.interval.into())
}

fn delivery_check(delivery: &Delivery) -> Check {
    let key = "delivery";
    let first = |wanted: fn(&DeliveryGap) -> bool| delivery.gaps.iter().find(|gap| wanted(gap));
    let Some(gap) = first(|gap| !gap.ok).or_else(|| first(|gap| gap.checked)) else {
        let needs = say("check-delivery-needs").with("n", ENOUGH_ANSWERED);
        return Check::new(key, CheckState::Note, say("check-delivery-unknown"), vec![needs]);
    };
    let detail = say("check-delivery-waits")
        .with("waited", Slot::Hours(gap.waited_longer_hours.estimate.unwrap_or(0.0)))
        .with("promised", Slot::Hours(gap.promised_longer_hours));
    if gap.ok {
        Check::new(key, CheckState::Passed, say("check-delivered"), vec![detail])
    } else {
        Check::new(key, CheckState::Failed, say("check-not-delivered"), vec![detail])
    }
}

/// The share of base revenue whose present figure was carried, and the p-value of the cohorts' difference.
fn carried(pass: &Accumulator<'_>) -> Option<(f64, f64)> {
    let sums = pass.cohorts.iter().map(|cohort| &cohort.carried);
    let (carried, base) = sums.fold((0.0, 0.0), |(c, b), sum| (c + sum.y, b + sum.x));
    if base <= 0.0 {
        return None;
    }
    let control = &pass.cohorts[pass.study.experiment.definition.control_index()].carried;
    let smallest = pass
        .cohorts
        .iter()
        .filter_map(|cohort| two_sided_p(control, &cohort.carried).ok())
        .fold(1.0_f64, |least, p| least.min(p.value()));
    Some((carried / base, smallest))
}

fn two_sided_p(a: &crate::stats::RatioMoments, b: &crate::stats::RatioMoments) -> Result<PValue, StatsError> {
    use crate::stats::{Confidence, Direction, Looks, Test};
    let (a, b) = (arm_of_ratio(a)?, arm_of_ratio(b)?);
    let found = compare(&a, &b, &Test::Difference, Direction::Increase, Confidence::DEFAULT, &Looks::Fixed)?;
    Ok(found.p_value)
}

fn complete_check(
    pass: &Accumulator<'_>,
    incomplete: Option<Incomplete>,
    carried: Option<(f64, f64)>,
) -> Check {
    let month = pass.context().last_complete_month();
    let key = "data_complete";
    let failed = |title, detail| Check::new(key, CheckState::Failed, title, vec![detail]);
    match incomplete {
        Some(Incomplete::Revenue(share)) => failed(
            say("check-revenue-missing"),
            say("check-revenue-missing-detail").with("share", Slot::Percent(share)).with("month", month),
        ),
        Some(Incomplete::RevenueUneven) => {
            failed(say("check-revenue-uneven"), say("check-revenue-uneven-detail").with("month", month))
        }
        Some(Incomplete::Rejected(share)) => {
            failed(say("check-rejected"), say("check-rejected-detail").with("share", Slot::Percent(share)))
        }
        None => {
            let detail = match carried {
                Some((share, _)) if share > 0.0 => say("check-revenue-carried")
                    .with("share", Slot::Percent(share))
                    .with("month", month)
                    .with("most", Slot::Percent(MOST_CARRIED)),
                Some(_) => say("check-revenue-there").with("month", month),
                None => say("check-lines-there"),
            };
            Check::new(key, CheckState::Passed, say("check-complete"), vec![detail])
        }
    }
}

/// Did the groups start alike? By what is known from before.
fn alike_check(pass: &Accumulator<'_>) -> Option<Check> {
    let control = pass.study.experiment.definition.control_index();
    let mut checked = Vec::new();
    let mut worst = 1.0_f64;
    for (measured, tallies) in pass.measured.iter().zip(&pass.tallies) {
        let about = measured.metric.about();
        if !["csat", "questions_asked"].contains(&about.name) {
            continue;
        }
        for (_, tally) in tallies.iter().enumerate().filter(|(index, _)| *index != control) {
            if let Ok(p) = two_sided_p(&tallies[control].moments().pre, &tally.moments().pre) {
                worst = worst.min(p.value());
                checked.push(say("metric-inside").with("metric", about.name));
            }
        }
    }
    checked.dedup();
    if checked.is_empty() {
        return None;
    }
    let what: Slot = checked.into_iter().collect();
    Some(if worst >= ALARM {
        let same = say("check-alike-detail").with("what", what);
        Check::new("alike", CheckState::Passed, say("check-alike"), vec![same])
    } else {
        let differed = say("check-not-alike-detail").with("what", what);
        Check::new("alike", CheckState::Note, say("check-not-alike"), vec![differed])
    })
}

fn response_check(pass: &Accumulator<'_>, metrics: &[MetricResult]) -> Option<Check> {
    let rate = metrics.iter().find(|metric| metric.metric == "csat_response_rate")?;
    let shares: Vec<f64> = rate.cohorts.iter().filter_map(|value| value.value).collect();
    if shares.len() < pass.cohorts.len() || shares.iter().all(|share| *share == 0.0) {
        return None;
    }
    let shown: Slot = shares.iter().map(|share| Slot::Percent(*share)).collect();
    let differs = metrics
        .iter()
        .filter(|metric| metric.metric == "csat")
        .flat_map(|metric| &metric.comparisons)
        .any(|comparison| comparison.non_response_bounds.is_some());
    let key = "response_rate";
    Some(if differs {
        let detail = say("check-answered-unlike-detail").with("shares", shown);
        Check::new(key, CheckState::Note, say("check-answered-unlike"), vec![detail])
    } else {
        let detail = say("check-answered-detail").with("shares", shown);
        Check::new(key, CheckState::Passed, say("check-answered"), vec![detail])
    })
}

/// What is worth knowing and spoils nothing.
fn notes(pass: &Accumulator<'_>) -> Vec<Check> {
    let sum = |count: fn(&CohortTally) -> u64| pass.cohorts.iter().map(count).sum::<u64>();
    let all = sum(|cohort| cohort.conversations);
    let of_all = |part: u64| Slot::Percent(if all == 0 { 0.0 } else { part as f64 / all as f64 });
    let waiting = sum(|cohort| cohort.unanswered);
    let left = sum(|cohort| cohort.closed_unanswered);
    let mut notes = Vec::new();
    let mut note = |key, title, detail| notes.push(Check::new(key, CheckState::Note, title, detail));
    if waiting > 0 {
        let mut detail = vec![say("check-waiting-detail").with("share", of_all(waiting))];
        if left > 0 {
            detail.push(say("check-waiting-closed").with("n", left));
        }
        note("waiting", say("check-waiting").with("n", waiting), detail);
    }
    let backwards = sum(|cohort| cohort.answered_before_asked);
    if backwards > 0 {
        note("clock", say("check-clock").with("n", backwards), vec![say("check-clock-detail")]);
    }
    let foreign = sum(|cohort| cohort.other_currencies);
    if foreign > 0 {
        note("currencies", say("check-currencies").with("n", foreign), vec![say("check-currencies-detail")]);
    }
    let future = pass.study.ahead_of_clock;
    if future > 0 {
        note("future", say("check-future").with("n", future), vec![say("check-future-detail")]);
    }
    notes
}
