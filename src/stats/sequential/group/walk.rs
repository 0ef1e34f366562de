//! The recursion under every boundary: the density of B(t) between the bounds, carried from look to look.

use super::super::super::distributions::{
    find_root_within, gauss_legendre, normal_cdf, normal_density, normal_tail, normal_tail_quantile,
};
use super::Sides;

/// Drifts and logarithms of α are sought this near: beyond it the sums are noise.
pub(super) const NEAR: f64 = 1e-12;

/// Beyond so many standard deviations the normal density is zero in a double.
const FARTHEST: f64 = 38.0;

/// How finely the density is carried from look to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mesh {
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
    pub(super) const FINE: Self = Self { nodes: 16, panel: 3.0, reach: FARTHEST, open_reach: 9.0 };
    /// Six digits: what is planned.
    pub(super) const QUICK: Self = Self { nodes: 8, panel: 3.0, reach: 5.5, open_reach: 5.5 };
}

/// The part of B(t) that has not crossed yet, as weighted nodes, walked along the looks.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    sides: Sides,
    drift: f64,
    mesh: Mesh,
    rule: Vec<(f64, f64)>,
    /// Information of the look that is being taken.
    pub(super) at: f64,
    /// Information of the look before it, whose survivors are in `mass`.
    from: f64,
    /// (B, mass), in order of B; a single point of mass 1 at the start.
    mass: Vec<(f64, f64)>,
    /// The bound of the look at `at`, once it has been taken.
    bound: Option<f64>,
}

impl Walk {
    pub(super) fn new(sides: Sides, drift: f64) -> Self {
        Self::with_mesh(sides, drift, Mesh::FINE)
    }

    pub(super) fn with_mesh(sides: Sides, drift: f64, mesh: Mesh) -> Self {
        let mut rule = gauss_legendre(mesh.nodes);
        rule.reverse(); // from low to high
        Self { sides, drift, mesh, rule, at: 0.0, from: 0.0, mass: vec![(0.0, 1.0)], bound: None }
    }

    /// Chance that Z is above `z` at the coming look without having crossed before.
    pub(super) fn above(&self, z: f64) -> f64 {
        self.exits(z, normal_tail)
    }

    /// Chance that Z is below `z` at the coming look without having crossed before.
    pub(super) fn below(&self, z: f64) -> f64 {
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
    pub(super) fn bound_for(&self, chance: f64) -> f64 {
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
    pub(super) fn survive(&mut self, z: f64) {
        self.bound = Some(z);
    }

    /// Goes on to the look at `t`. Only now is the step known that the nodes have to be fine enough for.
    pub(super) fn go_to(&mut self, t: f64) {
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
