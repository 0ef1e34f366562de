//! Group-sequential boundaries by α-spending (Lan & DeMets 1983) and what follows from them.
//!
//! With a = α/sides per side, the O'Brien–Fleming type spends 2(1 − Φ(z_{a/2}/√t)) and the Pocock
//! type a·ln(1 + (e − 1)t) by information fraction t. The process B(t) = √t·Z has independent
//! normal increments; its density between the bounds is carried from look to look on
//! Gauss–Legendre nodes (Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000, ch. 19).

use serde::{Deserialize, Serialize};

use super::super::distributions::{
    find_root, find_root_within, gauss_legendre, normal_cdf, normal_density, normal_tail,
    normal_tail_quantile,
};
use super::super::error::{Result, StatsError, finite, within};

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

/// The smallest α whose bound at the last of `information` equals `z`: the repeated p-value
/// (Jennison & Turnbull 2000, ch. 9), valid at every look.
///
/// # Errors
/// As [`boundaries`].
pub fn repeated_p(spending: Spending, information: &[f64], z: f64, sides: Sides) -> Result<f64> {
    let most: f64 = if sides == Sides::Two { 1.0 - 1e-9 } else { 0.5 };
    check(information, 0.05, sides)?;
    let excess = |ln_alpha: f64| {
        boundaries(spending, information, ln_alpha.exp(), sides)
            .ok()
            .and_then(|b| b.z.last().copied())
            .map_or(f64::NAN, |bound| bound.min(1e3) - z)
    };
    // Each bound takes the time of the whole walk, so the search is kept between what is certain: α is at
    // least what a single look would say, and at most where the last look alone spends as much as that.
    let single = sides.count() * normal_tail(z);
    if single >= most {
        // Not even the largest α would reject.
        return Ok(1.0);
    }
    let (least, most): (f64, f64) = (-575.0, most.ln());
    let low = (single.ln() - 1e-6).max(least);
    let spent_last = |ln_alpha: f64| {
        let spent = |t: f64| spending.spent(ln_alpha.exp() / sides.count(), t);
        let before = information.len().checked_sub(2).map_or(0.0, |i| spent(information[i]));
        information.last().map_or(0.0, |t| spent(*t)) - before
    };
    let short = |ln_alpha: f64| spent_last(ln_alpha) * sides.count() - single;
    let high = find_root_within(1e-9, short, low, most).map_or(most, |high| (high + 1e-6).min(most));
    if let Some(found) = find_root_within(NEAR, excess, low, high) {
        return Ok(found.exp());
    }
    if excess(most) >= 0.0 {
        return Ok(1.0);
    }
    if excess(least) <= 0.0 {
        return Ok(0.0);
    }
    find_root_within(NEAR, excess, least, most)
        .map(f64::exp)
        .ok_or(StatsError::NotFound { what: "a repeated p-value" })
}

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

/// Drifts and logarithms of α are sought this near: beyond it the sums are noise.
const NEAR: f64 = 1e-12;

/// Beyond so many standard deviations the normal density is zero in a double.
const FARTHEST: f64 = 38.0;

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

/// The repeated p-value at the last of some looks, for many statistics: that of [`repeated_p`], read off a curve
/// that is worked out once.
///
/// The bound of the last look is a smooth function of x = Φ⁻¹(1 − α/2), nearly a straight line: it is held at
/// Chebyshev nodes and inverted, to 1e-6 of p. Before the nodes p is 1,
/// beyond them it is what it is at the furthest: it is no larger.
#[derive(Debug, Clone)]
pub struct RepeatedP {
    /// (x, bound) in order of x; none where not even the largest α has a bound.
    nodes: Vec<(f64, f64)>,
    furthest: f64,
}

/// p below 1e-18 is not told apart.
const FURTHEST: f64 = 8.8;
const NODES: u32 = 32;

impl RepeatedP {
    /// For the last of `information`, two-sided.
    ///
    /// # Errors
    /// As [`boundaries`].
    pub fn two_sided(spending: Spending, information: &[f64]) -> Result<Self> {
        let bound = |x: f64| -> Result<f64> {
            let last = boundaries(spending, information, 2.0 * normal_tail(x), Sides::Two)?.z.last().copied();
            Ok(last.unwrap_or(f64::INFINITY))
        };
        // Early on so little is spent that the smallest α have no bound.
        let mut furthest = FURTHEST;
        while bound(furthest)?.is_infinite() {
            furthest *= 0.8;
            if furthest < 0.1 {
                return Ok(Self { nodes: Vec::new(), furthest });
            }
        }
        let middle = 0.5 * furthest;
        let place = |k: u32| std::f64::consts::PI * (f64::from(k) + 0.5) / f64::from(NODES);
        let nodes = (0..NODES).rev().map(|k| {
            let x = middle * (1.0 + place(k).cos());
            Ok((x, bound(x)?))
        });
        Ok(Self { nodes: nodes.collect::<Result<_>>()?, furthest })
    }

    /// The bound at x (barycentric; Berrut & Trefethen 2004, eq. 5.4).
    fn bound(&self, x: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (k, &(node, bound)) in self.nodes.iter().enumerate() {
            if x == node {
                return bound;
            }
            let angle = std::f64::consts::PI * (k as f64 + 0.5) / self.nodes.len() as f64;
            let weight = angle.sin() * if k % 2 == 0 { 1.0 } else { -1.0 } / (x - node);
            above += weight * bound;
            below += weight;
        }
        above / below
    }

    /// The smallest α whose bound at the last look is `z`, whichever its sign.
    pub fn of(&self, z: f64) -> f64 {
        let z = z.abs();
        let Some(&(low, _)) = self.nodes.first() else { return 1.0 };
        let high = self.furthest;
        if self.bound(low) >= z {
            return 1.0;
        }
        if self.bound(high) <= z {
            return 2.0 * normal_tail(high);
        }
        find_root(|x| self.bound(x) - z, low, high).map_or(1.0, |x| (2.0 * normal_tail(x)).min(1.0))
    }
}

/// How finely the density is carried from look to look.
#[derive(Debug, Clone, Copy)]
struct Mesh {
    /// Gauss–Legendre nodes of a panel.
    nodes: usize,
    /// Widest panel, in standard deviations of the step.
    panel: f64,
    /// Standard deviations beyond which nothing is left on the side of a bound, or reached by a step.
    reach: f64,
    /// The same on a side without a bound.
    open_reach: f64,
}

impl Mesh {
    /// All digits there are, far into the tail: on the side of a bound the mass counts however little
    /// it is, since early on so little is spent that the next bound is crossed from far out. Elsewhere
    /// nine standard deviations hold all but 1e-19 of it.
    const FINE: Self = Self { nodes: 16, panel: 3.0, reach: FARTHEST, open_reach: 9.0 };
    /// Six digits: what is planned.
    const QUICK: Self = Self { nodes: 8, panel: 3.0, reach: 5.5, open_reach: 5.5 };
}

/// The part of B(t) that has not crossed yet, as weighted nodes, walked along the looks.
#[derive(Debug, Clone)]
struct Walk {
    sides: Sides,
    drift: f64,
    mesh: Mesh,
    rule: Vec<(f64, f64)>,
    /// Information of the look that is being taken.
    at: f64,
    /// Information of the look before it, whose survivors are in `mass`.
    from: f64,
    /// (B, mass), in order of B; a single point of mass 1 at the start.
    mass: Vec<(f64, f64)>,
    /// The bound of the look at `at`, once it has been taken.
    bound: Option<f64>,
}

impl Walk {
    fn new(sides: Sides, drift: f64) -> Self {
        Self::with_mesh(sides, drift, Mesh::FINE)
    }

    fn with_mesh(sides: Sides, drift: f64, mesh: Mesh) -> Self {
        let mut rule = gauss_legendre(mesh.nodes);
        rule.reverse(); // from low to high
        Self { sides, drift, mesh, rule, at: 0.0, from: 0.0, mass: vec![(0.0, 1.0)], bound: None }
    }

    /// Chance that Z is above `z` at the coming look without having crossed before.
    fn above(&self, z: f64) -> f64 {
        self.exits(z, normal_tail)
    }

    /// Chance that Z is below `z` at the coming look without having crossed before.
    fn below(&self, z: f64) -> f64 {
        self.exits(z, normal_cdf)
    }

    fn exits(&self, z: f64, law: fn(f64) -> f64) -> f64 {
        let (level, dt) = (z * self.at.sqrt(), self.at - self.from);
        let sd = dt.sqrt();
        // Beyond the mesh's reach all of a node leaves, or nothing: the law is not asked there.
        let near = |x: f64| if x.abs() > self.mesh.reach { f64::INFINITY.copysign(x) } else { x };
        self.mass.iter().map(|(b, m)| m * law(near((level - b - self.drift * dt) / sd))).sum()
    }

    /// The bound at the coming look above which `chance` lies.
    fn bound_for(&self, chance: f64) -> f64 {
        if chance < 1e-290 {
            return f64::INFINITY;
        }
        if self.from == 0.0 {
            return normal_tail_quantile(chance);
        }
        let target = chance.ln();
        find_root_within(NEAR, |z| self.above(z).max(f64::MIN_POSITIVE).ln() - target, -10.0, 38.0)
            .unwrap_or(f64::INFINITY)
    }

    /// At the look that is being taken, what lies beyond the bound leaves.
    fn survive(&mut self, z: f64) {
        self.bound = Some(z);
    }

    /// Goes on to the look at `t`. Only now is the step known that the nodes have to be fine enough for.
    fn go_to(&mut self, t: f64) {
        if let Some(z) = self.bound.take() {
            self.carry(z, t - self.at);
            self.from = self.at;
        }
        self.at = t;
    }

    /// Carries the mass to `at`, between the bounds there.
    fn carry(&mut self, z: f64, next_step: f64) {
        let t = self.at;
        let dt = t - self.from;
        let sd = dt.sqrt();
        let (centre, sd_now) = (self.drift * t, t.sqrt());
        let bound = z * sd_now;
        let high = bound.min(centre + self.mesh.reach * sd_now);
        let low = match self.sides {
            Sides::One => centre - self.mesh.open_reach * sd_now,
            Sides::Two => (-bound).max(centre - self.mesh.reach * sd_now),
        };
        // Whoever is far out came most likely straight there, b·dt/t in this step; and nine more hold the rest.
        let kernel = self.mesh.reach.min(9.0 + FARTHEST * (dt / t).sqrt()) * sd;
        let mut next = Vec::new();
        if high > low {
            // A panel no wider than the mesh allows of the kernels on either side of it.
            let widest = self.mesh.panel * sd.min(next_step.sqrt());
            let panels = ((high - low) / widest).ceil().clamp(1.0, 600.0);
            let half = 0.5 * (high - low) / panels;
            let mut middle = low + half;
            while middle < high {
                for (x, w) in &self.rule {
                    let b = middle + half * x;
                    let came_from = b - self.drift * dt;
                    let density: f64 = self
                        .within(came_from - kernel, came_from + kernel)
                        .iter()
                        .map(|(a, m)| m * normal_density((came_from - a) / sd))
                        .sum();
                    next.push((b, w * half * density / sd));
                }
                middle += 2.0 * half;
            }
        }
        self.mass = next;
    }

    fn within(&self, low: f64, high: f64) -> &[(f64, f64)] {
        let from = self.mass.partition_point(|(b, _)| *b < low);
        let to = self.mass.partition_point(|(b, _)| *b <= high);
        &self.mass[from..to]
    }
}
