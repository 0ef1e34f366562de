//! What can be said after stopping: by the stagewise ordering of results.

use serde::{Deserialize, Serialize};

use super::super::super::distributions::{find_root_within, normal_tail_quantile};
use super::super::super::error::{Result, StatsError, finite, within};
use super::{
    Sides, check,
    walk::{NEAR, Walk},
};

/// What can be said of an experiment that stopped at the last of `information` with statistic `z`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AfterStopping {
    /// One-sided p by stagewise ordering: crossing earlier is more extreme, then a larger Z.
    pub stagewise_p: f64,
    /// The drift at which this result, or a more extreme one, has chance one half. Times
    /// √t·standard error of the last look over √t, that is times `std_error`·√t, it is the
    /// median-unbiased estimate of the effect.
    pub median_unbiased_drift: f64,
}

/// Stagewise p and median-unbiased drift (Tsiatis, Rosner & Mehta 1984) after stopping.
///
/// `bounds` are those of the looks before the last; the last look's own bound plays no part.
///
/// # Errors
/// As [`crossing`].
pub fn after_stopping(information: &[f64], bounds: &[f64], z: f64, sides: Sides) -> Result<AfterStopping> {
    let stagewise = Stagewise::new(information, bounds, z, sides)?;
    Ok(AfterStopping {
        stagewise_p: stagewise.chance(0.0),
        median_unbiased_drift: stagewise
            .drift(0.5)
            .ok_or(StatsError::NotFound { what: "a median-unbiased estimate" })?,
    })
}

/// The ends of the stagewise interval, as drifts: those at which this result, or a more extreme one,
/// has chance `tail` and 1 − `tail`. It agrees with the stagewise p.
///
/// # Errors
/// As [`crossing`]; `tail` must lie above zero and below one half.
pub fn stagewise_drifts(
    information: &[f64],
    bounds: &[f64],
    z: f64,
    sides: Sides,
    tail: f64,
) -> Result<(f64, f64)> {
    within("a tail", "above 0 and below 0.5", tail, tail > 0.0 && tail < 0.5)?;
    let stagewise = Stagewise::new(information, bounds, z, sides)?;
    stagewise
        .drift(tail)
        .zip(stagewise.drift(1.0 - tail))
        .ok_or(StatsError::NotFound { what: "a stagewise interval" })
}

/// The stagewise ordering of results: crossing the upper bound earlier is more extreme, then a
/// larger Z; crossing the lower bound is least extreme.
struct Stagewise<'a> {
    information: &'a [f64],
    /// Those of the looks before the last.
    bounds: &'a [f64],
    z: f64,
    sides: Sides,
}

impl<'a> Stagewise<'a> {
    fn new(information: &'a [f64], bounds: &'a [f64], z: f64, sides: Sides) -> Result<Self> {
        check(information, 0.05, sides)?;
        finite("a statistic", z)?;
        let before = information.len() - 1;
        let Some(bounds) = bounds.get(..before) else {
            return Err(StatsError::UnequalLengths {
                what: "information fractions and bounds",
                left: information.len(),
                right: bounds.len(),
            });
        };
        Ok(Self { information, bounds, z, sides })
    }

    /// Chance of this result or a more extreme one, rising with the drift.
    fn chance(&self, drift: f64) -> f64 {
        let mut walk = Walk::new(self.sides, drift);
        let mut earlier = 0.0;
        for (&t, &bound) in self.information.iter().zip(self.bounds) {
            walk.go_to(t);
            earlier += walk.above(bound);
            walk.survive(bound);
        }
        walk.go_to(self.information[self.bounds.len()]);
        earlier + walk.above(self.z)
    }

    fn drift(&self, chance: f64) -> Option<f64> {
        // Without earlier looks it is (z − z_chance)/√t; those only pull it towards zero, but for
        // what stands beyond a bound that others crossed earlier. So the search widens from there.
        let root = self.information.last()?.sqrt();
        let naive = (self.z - normal_tail_quantile(chance)) / root;
        let farthest = naive.abs() + 12.0 / self.information.first()?.sqrt();
        let mut reach = farthest.min(1.0);
        loop {
            let excess = |drift| self.chance(drift) - chance;
            let found = find_root_within(NEAR, excess, naive - reach, naive + reach);
            if found.is_some() || reach >= farthest {
                return found;
            }
            reach = (4.0 * reach).min(farthest);
        }
    }
}
