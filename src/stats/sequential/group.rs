//! Group-sequential boundaries by α-spending (Lan & DeMets 1983) and what follows from them.
//!
//! With a = α/sides per side, the O'Brien–Fleming type spends 2(1 − Φ(z_{a/2}/√t)) and the Pocock
//! type a·ln(1 + (e − 1)t) by information fraction t. The process B(t) = √t·Z has independent
//! normal increments; its density between the bounds is carried from look to look on
//! Gauss–Legendre nodes (Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000, ch. 19).

use serde::{Deserialize, Serialize};

use super::super::distributions::{find_root, normal_tail, normal_tail_quantile};
use super::super::error::{Result, StatsError, within};

mod repeated;
mod stopping;
mod walk;

pub use repeated::{RepeatedP, repeated_p};
pub use stopping::{AfterStopping, after_stopping, stagewise_drifts};

use walk::{Mesh, Walk};

/// How fast α is spent over the information.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// Little early, almost all at the end.
    ObrienFleming,
    /// About evenly.
    Pocock,
    /// a·t^ρ (Kim & DeMets 1987), ρ > 0.
    Power(f64),
    /// a(1 − e^{−γt})/(1 − e^{−γ}) (Hwang, Shih & DeCani 1990), γ ≠ 0.
    HwangShihDeCani(f64),
}

impl Spending {
    /// What one side has spent of its `a` at information `t`; all of it from t = 1 on.
    pub fn spent(self, a: f64, t: f64) -> f64 {
        let t = t.min(1.0);
        match self {
            Self::ObrienFleming => 2.0 * normal_tail(normal_tail_quantile(0.5 * a) / t.sqrt()),
            Self::Pocock => a * (std::f64::consts::E - 1.0).mul_add(t, 1.0).ln(),
            Self::Power(rho) => a * t.powf(rho),
            Self::HwangShihDeCani(gamma) => a * (-gamma * t).exp_m1() / (-gamma).exp_m1(),
        }
    }
}

/// Whether one or both signs of the statistic can stop the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sides {
    /// Upper bound only.
    One,
    /// Symmetric bounds; either stops.
    Two,
}

impl Sides {
    /// 1 or 2.
    pub fn count(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 2.0,
        }
    }
}

/// Bounds on Z at each look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boundaries {
    /// The bound on Z (and −Z where two-sided); infinite where nothing is spent at a look.
    pub z: Vec<f64>,
    /// Cumulative α spent, both sides together.
    pub spent: Vec<f64>,
}

/// More looks than anyone takes; each costs time.
pub const MOST_LOOKS: usize = 500;

/// The looks up to and with `look` (from 1), checked.
pub(super) fn looks_until(information: &[f64], look: usize) -> Result<&[f64]> {
    if look == 0 || look > information.len() {
        return Err(StatsError::OutOfRange {
            what: "look",
            range: "between 1 and the number of information fractions",
            value: look as f64,
        });
    }
    Ok(&information[..look])
}

fn check_alpha(alpha: f64, sides: Sides) -> Result<()> {
    within("alpha", "above 0 and below 1", alpha, alpha > 0.0 && alpha < 1.0)?;
    within("alpha of a one-sided boundary", "at most 0.5", alpha, sides == Sides::Two || alpha <= 0.5)?;
    Ok(())
}

fn check(information: &[f64], alpha: f64, sides: Sides) -> Result<()> {
    check_alpha(alpha, sides)?;
    if information.is_empty() {
        return Err(StatsError::Empty { what: "the list of information fractions" });
    }
    within("the number of looks", "at most 500", information.len() as f64, information.len() <= MOST_LOOKS)?;
    let mut before = 0.0;
    for &t in information {
        within(
            "an information fraction",
            "above zero and above the one before it",
            t,
            t > before && t < 100.0,
        )?;
        before = t;
    }
    Ok(())
}

/// Bounds that spend `alpha` (all sides together) over the given information fractions.
///
/// Two-sided bounds are symmetric and the process stops at either. A fraction above 1 is an
/// over-run: what was spent stays spent, the rest is spent at the first look at or after 1.
///
/// # Errors
/// [`StatsError::OutOfRange`] or [`StatsError::Empty`] for information that does not rise from
/// zero, more than 500 looks, or an impossible `alpha`.
///
/// ```
/// use patience::stats::sequential::{boundaries, Sides, Spending};
/// // gsDesign, sfLDPocock, k = 2, two-sided 0.05: 2.157, 2.20098.
/// let b = boundaries(Spending::Pocock, &[0.5, 1.0], 0.05, Sides::Two)?;
/// assert!((b.z[0] - 2.157).abs() < 1e-3 && (b.z[1] - 2.20098).abs() < 1e-5);
/// # Ok::<(), patience::stats::StatsError>(())
/// ```
pub fn boundaries(spending: Spending, information: &[f64], alpha: f64, sides: Sides) -> Result<Boundaries> {
    check(information, alpha, sides)?;
    let mut chain = Chain::new(spending, alpha, sides)?;
    let mut bounds =
        Boundaries { z: Vec::with_capacity(information.len()), spent: Vec::with_capacity(information.len()) };
    for &t in information {
        bounds.z.push(chain.look(t)?);
        bounds.spent.push(chain.spent());
    }
    Ok(bounds)
}

/// Chance of crossing at each look when Z has mean drift·√t: (upper, lower) by look.
///
/// `drift` is the mean of Z at t = 1. With the bounds of [`boundaries`] this is the power by look;
/// with constant bounds it is the error of repeated naive testing.
///
/// # Errors
/// As [`boundaries`]; lists of unequal length.
pub fn crossing(information: &[f64], bounds: &[f64], sides: Sides, drift: f64) -> Result<Vec<(f64, f64)>> {
    check(information, 0.05, sides)?;
    if information.len() != bounds.len() {
        return Err(StatsError::UnequalLengths {
            what: "information fractions and bounds",
            left: information.len(),
            right: bounds.len(),
        });
    }
    let mut walk = Walk::new(sides, drift);
    Ok(information
        .iter()
        .zip(bounds)
        .map(|(&t, &z)| {
            walk.go_to(t);
            let exits = (walk.above(z), if sides == Sides::Two { walk.below(-z) } else { 0.0 });
            walk.survive(z);
            exits
        })
        .collect())
}

/// Chance that Z, of mean drift·√t, crosses the upper bound at any of the looks before it crosses the
/// lower one: the sum of [`crossing`]'s upper exits, to 1e-6 and many times faster. What a plan asks
/// again and again while it searches.
///
/// # Errors
/// As [`crossing`].
pub fn chance_above(information: &[f64], bounds: &[f64], drift: f64) -> Result<f64> {
    check(information, 0.05, Sides::Two)?;
    let mut walk = Walk::with_mesh(Sides::Two, drift, Mesh::QUICK);
    let mut chance = 0.0;
    for (&t, &z) in information.iter().zip(bounds) {
        walk.go_to(t);
        chance += walk.above(z);
        walk.survive(z);
    }
    Ok(chance.min(1.0))
}

/// The drift (mean of Z at t = 1) at which the upper bound is crossed with chance `power`.
///
/// # Errors
/// As [`crossing`]; `power` must lie above what is spent and below 1.
pub fn drift_for_power(information: &[f64], bounds: &[f64], sides: Sides, power: f64) -> Result<f64> {
    within("power", "above 0 and below 1", power, power > 0.0 && power < 1.0)?;
    let chance = |drift: f64| -> Result<f64> {
        Ok(crossing(information, bounds, sides, drift)?.iter().map(|(up, _)| up).sum())
    };
    chance(0.0)?;
    find_root(|d| chance(d).map_or(f64::NAN, |c| c - power), 0.0, 12.0)
        .ok_or(StatsError::NotFound { what: "a drift with that power" })
}

/// The looks taken so far, with all that the bound of a further one hangs on: a further look costs one step,
/// and a clone can try one that is not taken.
#[derive(Debug, Clone)]
pub struct Chain {
    spending: Spending,
    per_side: f64,
    sides: Sides,
    spent: f64,
    walk: Walk,
}

impl Chain {
    /// No look yet; `alpha` is of all sides together.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for an impossible `alpha`.
    pub fn new(spending: Spending, alpha: f64, sides: Sides) -> Result<Self> {
        check_alpha(alpha, sides)?;
        let per_side = alpha / sides.count();
        Ok(Self { spending, per_side, sides, spent: 0.0, walk: Walk::new(sides, 0.0) })
    }

    /// Takes a look at information `t` and gives its bound.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] unless `t` is above that of the look before, and below 100.
    pub fn look(&mut self, t: f64) -> Result<f64> {
        within(
            "an information fraction",
            "above zero and above the one before it",
            t,
            t > self.walk.at && t < 100.0,
        )?;
        let spent = self.spending.spent(self.per_side, t);
        self.walk.go_to(t);
        let z = self.walk.bound_for(spent - self.spent);
        self.walk.survive(z);
        self.spent = spent;
        Ok(z)
    }

    /// What the looks so far have spent, all sides together.
    pub fn spent(&self) -> f64 {
        self.spent * self.sides.count()
    }
}
