//! Which looks a group-sequential experiment has taken, and how far its ranges reach at each of them.
//!
//! Alpha spending (Lan & `DeMets` 1983) lets looks be as many and as far apart as one likes, if each one that is
//! taken is in the recursion. So the information of an analysis is
//!
//! 1. of the stored analyses before it, while fewer units had joined the two cohorts: units / `planned_units`;
//! 2. each planned fraction k/K below the present one that was *missed*: no look, and not the present one, is
//!    nearer to it than to the other planned fractions. A look a little before or after its day stands for it;
//! 3. the present one.
//!
//! A single analysis at the end has the bounds of the planned looks therefore, and whoever looks every day pays for
//! it exactly. The sequence of a look begins with that of each look before it, so that no bound ever changes after
//! it was used: the chance to cross any of them without cause is what the spending function has spent, at most α.
//! As many units as before are the same look.
//!
//! **Beyond full information.** The first look at t ≥ 1 spends all that is left, and its t is not cut: Z there is
//! less bound to the looks before than at t = 1. After it nothing is left to spend, and yet people go on looking:
//! to hold a later figure against the same bound anew would raise the error (to 0.08 with daily looks until
//! t = 1.5; `tests` below). So all looks at t ≥ 1 are one, the last, and a range made at a later one is widened to
//! cover the range of the first ([`hold_to_last_look`]): it excludes a margin only if both do, which claims no
//! more than the last look claimed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    domain::{experiment::Experiment, ids::CohortKey, time::Moment},
    stats::{
        StatsError,
        sequential::{Chain, PValuesOfLook, Sides, Spending, group::MOST_LOOKS},
    },
};

use super::{
    document::{Analysis, MetricResult, Range},
    inference::nothing_shown,
    verdict::{FollowUp, waits_for_revenue},
};

/// A stored analysis, as far as later looks have to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub number: u64,
    /// Facts after this moment are not in it.
    pub as_of: Moment,
    /// Units by cohort.
    pub units: Vec<(CohortKey, u64)>,
}

impl Taken {
    /// Units of two cohorts together.
    pub fn units_of(&self, one: &CohortKey, other: &CohortKey) -> u64 {
        self.units.iter().filter(|(key, _)| key == one || key == other).map(|(_, units)| units).sum()
    }
}

/// Planned looks where the definition names no number: as in the contract's example.
pub const PLANNED_LOOKS: u32 = 5;

/// Fractions closer than this are the same look.
const SAME: f64 = 1e-9;

/// Beyond this many times the planned units the information is not told apart: everything was spent long before.
const MOST_INFORMATION: f64 = 50.0;

/// The information of the looks until now, the present one last.
///
/// `taken`: information at the looks really taken, in any order; those at or beyond the present one, or at or
/// beyond 1, are left out. `planned`: K, how many looks were planned, equally spaced.
pub fn sequence(taken: &[f64], planned: u32, now: f64) -> Vec<f64> {
    let now = now.min(MOST_INFORMATION);
    let planned = planned.max(1);
    let before = |t: f64| t < now - SAME && t < 1.0 - SAME;
    let mut looks: Vec<f64> = taken.iter().copied().filter(|t| *t > 0.0 && before(*t)).collect();
    looks.push(now);
    let nearest = |t: f64| (t * f64::from(planned)).round();
    let missed = |k: &u32| !looks.iter().any(|t| (nearest(*t) - f64::from(*k)).abs() < 0.5);
    let fraction = |k: u32| f64::from(k) / f64::from(planned);
    let missed: Vec<f64> = (1..planned).filter(missed).map(fraction).filter(|t| before(*t)).collect();
    looks.extend(missed);
    looks.sort_by(f64::total_cmp);
    looks.dedup_by(|next, kept| *next - *kept < SAME);
    looks
}

/// The bounds of an analysis' looks: each sequence is worked out once, and a longer one goes on from it.
#[derive(Debug)]
pub struct Bounds {
    spending: Spending,
    chains: Mutex<HashMap<(u64, Vec<u64>), Chained>>,
    p_values: Mutex<HashMap<Vec<u64>, Arc<PValuesOfLook>>>,
}

#[derive(Debug, Clone)]
struct Chained {
    chain: Chain,
    z: f64,
}

impl Bounds {
    /// None known yet.
    pub fn new(spending: Spending) -> Self {
        Self { spending, chains: Mutex::default(), p_values: Mutex::default() }
    }

    /// The bounds on |Z| at each of `information`, two-sided at `alpha`: those of
    /// [`boundaries`](crate::stats::sequential::boundaries).
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for more than 500 looks, or an impossible `alpha`.
    pub fn all(&self, information: &[f64], alpha: f64) -> Result<Vec<f64>, StatsError> {
        (1..=information.len()).map(|look| self.last(&information[..look], alpha)).collect()
    }

    /// The bound on |Z| at the last of `information`.
    ///
    /// # Errors
    /// As [`Bounds::all`].
    pub fn last(&self, information: &[f64], alpha: f64) -> Result<f64, StatsError> {
        if information.len() > MOST_LOOKS {
            return Err(StatsError::OutOfRange {
                what: "the number of looks",
                range: "at most 500",
                value: information.len() as f64,
            });
        }
        let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        let key = |looks: usize| (alpha.to_bits(), bits(&information[..looks]));
        let known =
            (1..=information.len()).rev().find_map(|looks| Some((looks, chains.get(&key(looks))?.clone())));
        let (from, mut chained) = match known {
            Some(known) => known,
            None => (0, Chained { chain: Chain::new(self.spending, alpha, Sides::Two)?, z: f64::INFINITY }),
        };
        for (look, t) in (from + 1..).zip(&information[from..]) {
            chained.z = chained.chain.look(*t)?;
            chains.insert(key(look), chained.clone());
        }
        Ok(chained.z)
    }

    /// The p-values at the last of `information`.
    pub fn p_values(&self, information: &[f64]) -> Arc<PValuesOfLook> {
        let mut known = self.p_values.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(PValuesOfLook::new(self.spending, information.to_vec()));
        known.entry(bits(information)).or_insert_with(made).clone()
    }
}

fn bits(information: &[f64]) -> Vec<u64> {
    information.iter().map(|t| t.to_bits()).collect()
}

/// The first of the analyses until a moment in which every treatment was at full information: the last look.
pub fn first_full(experiment: &Experiment, taken: &[Taken], before: Moment) -> Option<u64> {
    let full = |taken: &&Taken| taken.as_of < before && reached(experiment, &taken.units) >= 1.0;
    taken.iter().filter(full).map(|taken| taken.number).min()
}

/// The information of the treatment that has least.
fn reached(experiment: &Experiment, units: &[(CohortKey, u64)]) -> f64 {
    let definition = &experiment.definition;
    let of = |key: &CohortKey| units.iter().find(|(cohort, _)| cohort == key).map_or(0, |(_, units)| *units);
    let control = of(&definition.control().key);
    let least = definition.treatments().map(|treatment| control + of(&treatment.key)).min().unwrap_or(0);
    least as f64 / experiment.planned_units as f64
}

/// Whether a planned look has become due since the `last` analysis: a planned fraction has been reached, or the
/// planned end.
pub fn due(
    experiment: &Experiment,
    last: Option<&Taken>,
    units: &[(CohortKey, u64)],
    first_assignment: Option<Moment>,
    now: Moment,
) -> bool {
    let planned = f64::from(experiment.definition.analysis.planned_looks.unwrap_or(PLANNED_LOOKS));
    let passed = |units: &[(CohortKey, u64)]| (reached(experiment, units) * planned).floor().min(planned);
    let end = experiment.planned_end(first_assignment);
    let ended = now >= end && last.is_none_or(|last| last.as_of < end);
    ended || passed(units) > last.map_or(0.0, |last| passed(&last.units))
}

/// Widens the ranges of an analysis at full information to cover those of the last look, and takes back what that
/// look did not conclude. Revenue is held to it only where it could be judged then; where it had no range, nothing
/// is covered.
pub fn hold_to_last_look(metrics: &mut [MetricResult], last: &Analysis, follow_up: FollowUp) {
    let revenue = follow_up.days == 0 || last.as_of >= follow_up.complete_at;
    for metric in metrics.iter_mut().filter(|metric| revenue || !waits_for_revenue(&metric.metric)) {
        let Some(before) = last.metrics.iter().find(|before| before.metric == metric.metric) else {
            continue;
        };
        for comparison in &mut metric.comparisons {
            let same = |c: &&super::document::MetricComparison| c.treatment == comparison.treatment;
            let Some(before) = before.comparisons.iter().find(same) else { continue };
            cover(&mut comparison.absolute, before.absolute);
            cover(&mut comparison.relative, before.relative);
            comparison.p_value = comparison.p_value.zip(before.p_value).map(|(now, then)| now.max(then));
            if comparison.conclusion != before.conclusion {
                comparison.conclusion = nothing_shown(comparison.test);
            }
        }
    }
}

/// An end that is open stays open; one that the last look did not have covers nothing.
fn cover(range: &mut Range, last: Range) {
    let widest = |now: Option<f64>, then: Option<f64>, pick: fn(f64, f64) -> f64| {
        now.map(|now| then.map_or(now, |then| pick(now, then)))
    };
    range.lower = widest(range.lower, last.lower, f64::min);
    range.upper = widest(range.upper, last.upper, f64::max);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use serde_json::json;

    use super::*;
    use crate::{
        analysis::fixture::{at as moment, definition, experiment},
        stats::sequential::boundaries,
    };

    #[test]
    fn the_looks_that_count() {
        let near = |found: Vec<f64>, wanted: &[f64]| {
            assert_eq!(found.len(), wanted.len(), "{found:?} {wanted:?}");
            assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {wanted:?}");
        };
        // A single one at the end: the planned looks.
        near(sequence(&[], 5, 1.0), &[0.2, 0.4, 0.6, 0.8, 1.0]);
        near(sequence(&[], 5, 0.95), &[0.2, 0.4, 0.6, 0.8, 0.95]);
        near(sequence(&[], 5, 1.3), &[0.2, 0.4, 0.6, 0.8, 1.3]);
        near(sequence(&[], 1, 0.3), &[0.3]);
        // Looks a little late stand for the planned ones.
        near(sequence(&[], 5, 0.21), &[0.21]);
        near(sequence(&[0.21, 0.42], 5, 0.58), &[0.21, 0.42, 0.58]);
        // Peeking between them is counted, a look that was missed is put in.
        near(sequence(&[0.18, 0.22, 0.25], 5, 0.62), &[0.18, 0.22, 0.25, 0.4, 0.62]);
        near(sequence(&[0.05], 5, 0.06), &[0.05, 0.06]);
        // As many units are the same look; later ones play no part.
        near(sequence(&[0.2, 0.2, 0.7], 5, 0.2), &[0.2]);
        // All looks beyond full information are one.
        near(sequence(&[0.5, 1.0, 1.1], 2, 1.2), &[0.5, 1.2]);
        near(sequence(&[], 5, 1e6), &[0.2, 0.4, 0.6, 0.8, MOST_INFORMATION]);
    }

    proptest! {
        /// What a look was held against stays as it was: later looks go on from it.
        #[test]
        fn a_sequence_begins_with_those_of_the_looks_before(
            steps in prop::collection::vec(0.004_f64..0.3, 1..25),
            planned in 1_u32..12,
        ) {
            let mut taken: Vec<f64> = Vec::new();
            let mut before: Vec<f64> = Vec::new();
            for step in steps {
                let now = taken.last().copied().unwrap_or(0.0) + step;
                if now >= 1.0 {
                    break;
                }
                let looks = sequence(&taken, planned, now);
                prop_assert_eq!(&looks[..before.len()], &before[..]);
                prop_assert_eq!(looks.last().copied(), Some(now));
                prop_assert!(looks.is_sorted());
                (before, taken) = (looks, [taken, vec![now]].concat());
            }
            // The last look, wherever it is, has spent everything.
            let looks = sequence(&taken, planned, 1.0);
            prop_assert_eq!(&looks[..before.len()], &before[..]);
        }
    }

    #[test]
    fn bounds_are_those_of_the_whole_sequence_however_they_are_asked_for() {
        let bounds = Bounds::new(Spending::Pocock);
        let looks = sequence(&[0.11, 0.13, 0.5], 4, 0.9);
        let wanted = boundaries(Spending::Pocock, &looks, 0.05, Sides::Two).unwrap().z;
        // The third, then a branch that is not taken, then all.
        assert!((bounds.last(&looks[..3], 0.05).unwrap() - wanted[2]).abs() < 1e-9);
        bounds.last(&[looks[0], 0.4], 0.05).unwrap();
        for (found, wanted) in bounds.all(&looks, 0.05).unwrap().iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
        assert!(bounds.last(&looks, 0.01).unwrap() > bounds.last(&looks, 0.05).unwrap());
    }

    #[test]
    fn the_server_looks_only_when_a_planned_look_is_due() {
        let changes = json!({"looks": "group_sequential", "planned_looks": 4, "planned_units": 1000});
        let experiment = experiment(definition(&[("/analysis", changes)]));
        let at = |as_of: &str, usual, slow| Taken {
            number: 1,
            as_of: moment(as_of),
            units: vec![("usual".parse().unwrap(), usual), ("slow".parse().unwrap(), slow)],
        };
        let due = |last: Option<&Taken>, now: &Taken| {
            super::due(&experiment, last, &now.units, Some(moment("2026-01-05T00:00:00Z")), now.as_of)
        };
        let (start, before, at_quarter) = (
            at("2026-01-06T00:00:00Z", 0, 0),
            at("2026-01-20T00:00:00Z", 125, 124),
            at("2026-01-21T00:00:00Z", 125, 125),
        );
        assert!(!due(None, &start) && !due(None, &before) && !due(Some(&start), &before));
        assert!(due(None, &at_quarter) && due(Some(&before), &at_quarter));
        assert!(!due(Some(&at_quarter), &at("2026-02-01T00:00:00Z", 250, 249)));
        let beyond = at("2026-05-01T00:00:00Z", 600, 600);
        assert!(
            due(Some(&at_quarter), &beyond) && !due(Some(&beyond), &at("2026-05-02T00:00:00Z", 900, 900))
        );
        // 22 weeks after 5 January.
        let end = at("2026-06-08T00:00:00Z", 900, 900);
        assert!(due(Some(&beyond), &end) && !due(Some(&end), &at("2026-06-09T00:00:00Z", 900, 900)));

        let late = Taken { number: 2, ..beyond.clone() };
        let all = [Taken { number: 3, ..end }, late, at_quarter];
        assert_eq!(first_full(&experiment, &all, moment("2026-06-09T00:00:00Z")), Some(2));
        assert_eq!(first_full(&experiment, &all, beyond.as_of), None);
    }

    /// Runs of Brownian motion without drift until `until`, looked at by schedules that hang on chance, and on what
    /// was seen: after a near miss people look again soon. Gives the share of runs that cross anywhere; `held`: at
    /// full information only together with the first look there.
    fn false_alarms(spending: Spending, until: f64, held: bool, runs: u32) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(20_261_122);
        let grid = 10.0_f64;
        let bounds = Bounds::new(spending);
        let mut alarms = 0;
        for _ in 0..runs {
            let planned = [2, 3, 5][random.random_range(0..3)];
            let keen = [0.05, 0.2, 0.8][random.random_range(0..3)];
            let (mut taken, mut value) = (Vec::new(), 0.0_f64);
            let (mut alarm, mut last_look) = (false, None);
            let mut step = 0.0;
            while step < until * grid {
                step += 1.0;
                let at: f64 = step / grid;
                value += normal(&mut random) / grid.sqrt();
                let z = value / at.sqrt();
                let full = step >= grid;
                if full || z.abs() > 1.8 || random.random_bool(keen) {
                    let crosses = z.abs() > bounds.last(&sequence(&taken, planned, at), 0.05).unwrap();
                    taken.push(at);
                    let last_look = if full { *last_look.get_or_insert(crosses) } else { true };
                    alarm |= crosses && (last_look || !held);
                }
            }
            alarms += u32::from(alarm);
        }
        f64::from(alarms) / f64::from(runs)
    }

    fn normal(random: &mut ChaCha8Rng) -> f64 {
        let (u, v): (f64, f64) = (random.random_range(f64::MIN_POSITIVE..1.0), random.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Simulation error: three standard errors of 0.05 over 4,000 runs are 0.0103.
    #[test]
    fn peeking_at_will_raises_no_more_false_alarms_than_were_promised() {
        for spending in [Spending::ObrienFleming, Spending::Pocock] {
            let share = false_alarms(spending, 1.0, true, 4000);
            assert!((0.03..0.0603).contains(&share), "{spending:?}: {share}");
        }
    }

    /// Why a look beyond full information is held to the first: else the same bound is tried again and again.
    #[test]
    fn looks_beyond_full_information_claim_no_more_than_the_last_one() {
        let held = false_alarms(Spending::ObrienFleming, 1.5, true, 4000);
        let naive = false_alarms(Spending::ObrienFleming, 1.5, false, 4000);
        assert!(held < 0.0603, "{held}");
        assert!(naive > 0.065, "{naive}");
    }
}
