//! The waits of one cohort, kept as they are: Kaplan–Meier needs every one, and its variance between
//! units needs to know whose they are.

use crate::{
    domain::time::Wait,
    stats::{
        Arm, Confidence, Result,
        distributions::normal_tail_quantile,
        survival::{Figure, Influence, KaplanMeier, WaitingTimes, clustered_std_error},
    },
};

/// Waits by unit; 8 bytes each.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// Milliseconds × 2, plus one where the wait ended.
    packed: Vec<i64>,
    /// For each unit with a wait: where its waits end in `packed`.
    unit_ends: Vec<usize>,
}

impl Waits {
    /// Adds a wait of the present unit; one that is negative has no place here.
    pub fn add(&mut self, wait: Wait, ended: bool) {
        self.packed.push(wait.ms() * 2 + i64::from(ended));
    }

    /// Ends the present unit.
    pub fn end_unit(&mut self) {
        if self.unit_ends.last().copied().unwrap_or(0) < self.packed.len() {
            self.unit_ends.push(self.packed.len());
        }
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: &Self) {
        let before = self.packed.len();
        self.packed.extend_from_slice(&other.packed);
        self.unit_ends.extend(other.unit_ends.iter().map(|end| before + end));
    }

    /// Units with at least one wait.
    pub fn units(&self) -> usize {
        self.unit_ends.len()
    }

    /// How many waits there are, and how many of them ended.
    pub fn counts(&self) -> (u64, u64) {
        (self.packed.len() as u64, self.packed.iter().filter(|packed| *packed & 1 == 1).count() as u64)
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, bool)> {
        self.packed.iter().map(|packed| unpack(*packed))
    }

    /// The curve; none without waits.
    pub fn curve(&self) -> Option<Curve<'_>> {
        let times = WaitingTimes::of_pairs(self.pairs()).ok()?;
        Some(Curve { waits: self, km: KaplanMeier::new(&times) })
    }
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

/// A cohort's Kaplan–Meier curve over its waits, in hours.
#[derive(Debug)]
pub struct Curve<'a> {
    waits: &'a Waits,
    /// The curve.
    pub km: KaplanMeier,
}

impl Curve<'_> {
    /// The restricted mean until `tau` hours, its standard error clustered by unit.
    pub fn restricted_mean(&self, tau: f64) -> Result<Figure> {
        let influence = self.km.restricted_mean_influence(tau)?;
        Ok(Figure { value: self.km.restricted_mean(tau)?.value, std_error: self.clustered(&influence)? })
    }

    /// The median as an arm: n counts units with waits. Its standard error comes from the interval of the
    /// share still waiting at the median, read off the curve (Woodruff 1952), with the variance of that
    /// share clustered by unit. None where fewer than half ended, or where the curve says too little.
    pub fn median_arm(&self, confidence: Confidence) -> Option<Arm> {
        let median = self.km.median()?;
        let share_error = self.clustered(&self.km.still_waiting_influence(median)).ok()?;
        let z = normal_tail_quantile(0.5 * confidence.alpha());
        let (low, high) = (0.5 - z * share_error, 0.5 + z * share_error);
        if low <= 0.0 || high >= 1.0 {
            return None;
        }
        let error = (self.km.quantile(high)? - self.km.quantile(low)?) / (2.0 * z);
        let units = self.waits.units() as f64;
        Arm::unadjusted(units, median, error * error, units - 1.0).ok()
    }

    fn clustered(&self, influence: &Influence) -> Result<f64> {
        let mut from = 0;
        clustered_std_error(self.waits.unit_ends.iter().map(|&end| {
            let unit = &self.waits.packed[from..end];
            from = end;
            unit.iter().map(|packed| unpack(*packed)).map(|(time, ended)| influence.of(time, ended)).sum()
        }))
    }

    /// `[hours, share ended]` at `count` evenly spaced shares of the horizon.
    pub fn points(&self, horizon: f64, count: u32) -> Vec<(f64, f64)> {
        let at = |i: u32| horizon * f64::from(i) / f64::from(count);
        (0..=count).map(|i| (at(i), 1.0 - self.km.still_waiting(at(i)))).collect()
    }
}
