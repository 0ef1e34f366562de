//! The repeated p-value: the smallest α at which the bounds would have been reached.

use super::super::super::distributions::{find_root, find_root_within, normal_tail};
use super::super::super::error::{Result, StatsError};
use super::{Sides, Spending, boundaries, check, walk::NEAR};

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
