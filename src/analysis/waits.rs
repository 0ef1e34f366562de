//! The waits of one cohort, kept as they are: Kaplan–Meier needs every one, and its variance between
//! units needs to know whose they are.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use crate::{
    domain::time::Wait,
    stats::{
        Arm, Confidence, PValue, Result,
        distributions::normal_tail_quantile,
        survival::{
            Figure, Influence, KaplanMeier, LogRankScores, Place, WaitingTimes, clustered_log_rank,
            clustered_std_error,
        },
    },
};

use super::document::Range;

/// Waits by unit; 8 bytes each.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// Milliseconds × 2, plus one where the wait ended. In pieces, so that neither growing nor merging copies them.
    packed: Vec<Vec<i64>>,
    /// How many waits each unit has. Units without a wait stand here too, so that the waits of two periods can be
    /// read side by side.
    of_units: Vec<u32>,
    /// Those of the present unit.
    present: u32,
    /// The curve over them, once it was asked for.
    shape: OnceLock<Arc<Shape>>,
}

/// Waits in a piece.
const PIECE: usize = 1 << 16;

/// The distinct times of a curve up to which it is kept: about 32 MB.
const KEPT: usize = 1 << 20;

/// From so many waits on their curves are made on several cores.
const MANY: usize = 200_000;

impl Waits {
    /// Adds a wait of the present unit; one that is negative has no place here.
    pub fn add(&mut self, wait: Wait, ended: bool) {
        let packed = wait.ms() * 2 + i64::from(ended);
        if let Some(piece) = self.packed.last_mut().filter(|piece| piece.len() < PIECE) {
            piece.push(packed);
        } else {
            // Most cohorts of most experiments are small.
            let mut piece = Vec::with_capacity(if self.packed.is_empty() { 0 } else { PIECE });
            piece.push(packed);
            self.packed.push(piece);
        }
        self.present += 1;
    }

    /// Ends the present unit.
    pub fn end_unit(&mut self) {
        self.of_units.push(std::mem::take(&mut self.present));
        self.shape.take();
    }

    fn len(&self) -> usize {
        self.packed.iter().map(Vec::len).sum()
    }

    fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.packed.iter().flatten().copied()
    }

    /// Makes the curves of some waits before they are asked for, on as many cores as there are.
    pub fn prepare<'w>(all: impl IntoIterator<Item = &'w Self>) {
        let all: Vec<&Self> = all.into_iter().collect();
        if all.iter().map(|waits| waits.len()).sum::<usize>() < MANY {
            return;
        }
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let all = &all;
        thread::scope(|scope| {
            for core in 0..cores {
                scope.spawn(move || {
                    for waits in all.iter().skip(core).step_by(cores) {
                        // Of a curve that is not kept the places would be made for nothing.
                        if let Some(curve) = waits.curve().filter(|_| waits.shape.get().is_some()) {
                            curve.places();
                        }
                    }
                });
            }
        });
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: Self) {
        self.shape.take();
        self.packed.extend(other.packed);
        self.of_units.extend(other.of_units);
    }

    /// Units with at least one wait.
    pub fn units(&self) -> usize {
        self.of_units.iter().filter(|waits| **waits > 0).count()
    }

    /// For each unit what its waits bring, added up; none where it has no wait.
    fn sums<'s>(
        &'s self,
        of_waits: impl Iterator<Item = f64> + 's,
    ) -> impl Iterator<Item = Option<f64>> + 's {
        let mut of_waits = of_waits;
        self.of_units.iter().map(move |&waits| {
            let of_unit = of_waits.by_ref().take(waits as usize);
            (waits > 0).then(|| of_unit.sum())
        })
    }

    /// How many waits there are, and how many of them ended.
    pub fn counts(&self) -> (u64, u64) {
        (self.len() as u64, self.iter().filter(|packed| packed & 1 == 1).count() as u64)
    }

    /// Sorted as integers: several times as fast as sorting hours.
    fn sorted(&self) -> Vec<i64> {
        let mut sorted = self.packed.concat();
        sorted.sort_unstable();
        sorted
    }

    fn times(&self) -> Result<WaitingTimes> {
        WaitingTimes::of_counts(counts(&self.sorted()))
    }

    /// The curve; none without waits. It is kept, unless that takes much memory.
    pub fn curve(&self) -> Option<Curve<'_>> {
        if self.len() == 0 {
            return None;
        }
        let shape = self.shape.get().cloned().unwrap_or_else(|| {
            let made = Arc::new(Shape::of(&self.sorted()));
            if made.km.distinct() <= KEPT { self.shape.get_or_init(|| made).clone() } else { made }
        });
        Some(Curve { waits: self, shape })
    }
}

/// (hours, ended, not ended) of sorted waits, equal ones together.
fn counts(sorted: &[i64]) -> impl Iterator<Item = (f64, f64, f64)> {
    sorted.chunk_by(|one, next| one >> 1 == next >> 1).map(|equal| {
        let waiting = equal.partition_point(|packed| packed & 1 == 0);
        (unpack(equal[0]).0, (equal.len() - waiting) as f64, waiting as f64)
    })
}

fn unpack(packed: i64) -> (f64, bool) {
    (Wait::from_ms(packed >> 1).hours(), packed & 1 == 1)
}

/// Hours back to a duration.
pub fn hours(hours: f64) -> Wait {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "waits stay far below 2^53 ms, and the cast saturates"
    )]
    Wait::from_ms((hours * 3_600_000.0).round() as i64)
}

/// A curve, and where each wait stands on it: looked up once for all that is asked of it.
#[derive(Debug)]
struct Shape {
    km: KaplanMeier,
    places: OnceLock<Vec<Place>>,
}

impl Shape {
    fn of(sorted: &[i64]) -> Self {
        let km = KaplanMeier::of_rising(sorted.len() as f64, counts(sorted).count(), counts(sorted));
        Self { km, places: OnceLock::new() }
    }
}

/// A cohort's Kaplan–Meier curve over its waits, in hours.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    waits: &'a Waits,
    shape: Arc<Shape>,
}

impl Curve<'_> {
    /// The curve.
    pub fn km(&self) -> &KaplanMeier {
        &self.shape.km
    }

    fn places(&self) -> &[Place] {
        self.shape.places.get_or_init(|| {
            let mut places = Vec::with_capacity(self.waits.len());
            places.extend(self.km().places(self.waits.iter().map(unpack)));
            places
        })
    }

    /// The restricted mean until `tau` hours, its standard error clustered by unit.
    pub fn restricted_mean(&self, tau: f64) -> Result<Figure> {
        let influence = self.km().restricted_mean_influence(tau)?;
        Ok(Figure { value: self.km().restricted_mean(tau)?.value, std_error: self.clustered(&influence)? })
    }

    /// The share that ended within `hours`, its standard error clustered by unit.
    pub fn share_within(&self, hours: f64) -> Result<Figure> {
        let value = 1.0 - self.km().still_waiting(hours);
        Ok(Figure { value, std_error: self.clustered(&self.km().still_waiting_influence(hours))? })
    }

    /// The time by which the share `p` has ended: where the interval of the share that has ended by then, with
    /// its variance clustered by unit, is read off the curve (Woodruff 1952). An end is none where the curve
    /// does not reach so far.
    pub fn percentile(&self, p: f64, confidence: Confidence) -> Range {
        let estimate = self.km().quantile(p);
        let error = estimate.and_then(|at| self.clustered(&self.km().still_waiting_influence(at)).ok());
        let Some(error) = error else { return Range { estimate, ..Range::default() } };
        self.km().quantile_interval(p, error, confidence).map(Range::from).unwrap_or_default()
    }

    /// The median as an arm: n counts units with waits. Its standard error is that of its interval. None
    /// where fewer than half ended, or where the curve says too little.
    pub fn median_arm(&self, confidence: Confidence) -> Option<Arm> {
        let Range { estimate, lower, upper } = self.percentile(0.5, confidence);
        let error = (upper? - lower?) / (2.0 * normal_tail_quantile(0.5 * confidence.alpha()));
        let units = self.waits.units() as f64;
        Arm::unadjusted(units, estimate?, error * error, units - 1.0).ok()
    }

    fn clustered(&self, influence: &Influence) -> Result<f64> {
        clustered_std_error(self.sums(influence).flatten())
    }

    /// What the waits of each unit add to the error of a figure.
    fn sums<'s>(&'s self, influence: &'s Influence) -> impl Iterator<Item = Option<f64>> + 's {
        self.waits.sums(self.places().iter().map(|place| influence.of(*place)))
    }

    /// How much longer this curve's restricted mean until `tau` is than that of other waits of the same units:
    /// a unit that waited long in both adds little to the noise of the difference.
    pub fn longer_than(&self, before: &Curve<'_>, tau: f64) -> Result<Figure> {
        let influences = [self, before].map(|curve| curve.km().restricted_mean_influence(tau));
        let [since_influence, before_influence] = influences;
        let (since_influence, before_influence) = (since_influence?, before_influence?);
        let since_sums = self.sums(&since_influence);
        let before_sums = before.sums(&before_influence);
        let changes = since_sums.zip(before_sums).filter_map(|pair| match pair {
            (None, None) => None,
            (since, before) => Some(since.unwrap_or(0.0) - before.unwrap_or(0.0)),
        });
        let value = self.km().restricted_mean(tau)?.value - before.km().restricted_mean(tau)?.value;
        Ok(Figure { value, std_error: clustered_std_error(changes)? })
    }

    /// The log-rank test against a treatment's waits, its variance clustered by unit.
    pub fn log_rank(&self, treatment: &Curve<'_>) -> Result<PValue> {
        let scores = LogRankScores::new(&self.waits.times()?, &treatment.waits.times()?)?;
        let sums = |waits: &'_ Waits, in_treatment: bool| -> Vec<f64> {
            let score = |(time, ended): (f64, bool)| scores.of(time, ended, in_treatment);
            waits.sums(waits.iter().map(unpack).map(score)).flatten().collect()
        };
        let (of_control, of_treatment) = (sums(self.waits, false), sums(treatment.waits, true));
        clustered_log_rank(of_control.into_iter().chain(of_treatment))
    }

    /// `[hours, share ended]` at `count` evenly spaced shares of the horizon.
    pub fn points(&self, horizon: f64, count: u32) -> Vec<(f64, f64)> {
        let at = |i: u32| horizon * f64::from(i) / f64::from(count);
        (0..=count).map(|i| (at(i), 1.0 - self.km().still_waiting(at(i)))).collect()
    }
}
