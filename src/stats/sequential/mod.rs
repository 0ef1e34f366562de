//! How often one may look, and what each look costs in width.
//!
//! [`Looks::Fixed`] counts once, at the planned end. [`Looks::AlwaysValid`] holds at every look
//! ([`always_valid`]). [`Looks::GroupSequential`] spends α over planned looks ([`group`]).

pub mod always_valid;
pub mod group;

use serde::{Deserialize, Serialize};

pub use always_valid::AlwaysValid;
pub use group::{Boundaries, Chain, RepeatedP, Sides, Spending, boundaries};

use super::distributions::{
    normal_tail, normal_tail_quantile, t_tail, t_tail_quantile, t_tail_quantile_from,
};
use super::effect::{Confidence, Law};
use super::error::{Result, StatsError};

use std::sync::{Arc, OnceLock};

/// The rule of looking that an interval must honour.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Looks {
    /// One look, at the planned end.
    #[default]
    Fixed,
    /// Any number of looks at any time.
    AlwaysValid {
        /// The number of units at which the interval is narrowest; fixed at the start.
        optimised_for_n: f64,
        /// All units assigned to both cohorts until now.
        n_total: f64,
    },
    /// Planned looks at which α is spent.
    GroupSequential {
        /// How fast α is spent.
        spending: Spending,
        /// Information fractions of the looks until now and, if wished, after.
        information: Vec<f64>,
        /// Which look this is, counted from 1.
        look: usize,
    },
}

/// The p-values of one look of a group-sequential plan, worked out when the first is asked for and shared by
/// everything that is compared at that look.
#[derive(Debug)]
pub struct PValuesOfLook {
    spending: Spending,
    information: Vec<f64>,
    curve: OnceLock<Result<RepeatedP>>,
}

impl PValuesOfLook {
    /// Of the last of `information`.
    pub fn new(spending: Spending, information: Vec<f64>) -> Self {
        Self { spending, information, curve: OnceLock::new() }
    }

    fn two_sided(&self, statistic: f64) -> Result<f64> {
        let curve = self.curve.get_or_init(|| RepeatedP::two_sided(self.spending, &self.information));
        curve.as_ref().map(|curve| curve.of(statistic)).map_err(StatsError::clone)
    }
}

/// Looks, law and α made ready: how wide, how probable.
#[derive(Debug, Clone)]
pub struct Ruler {
    alpha: f64,
    sides: Sides,
    kind: Kind,
    few_units: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Fixed { law: Law, z: f64 },
    AlwaysValid(AlwaysValid),
    Group { spending: Spending, information: Vec<f64>, z: f64 },
    Bound { z: f64, p_values: Arc<PValuesOfLook> },
}

impl Ruler {
    /// For two-sided intervals at `confidence`, by the t law where looks do not widen them.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for impossible looks.
    pub fn two_sided(looks: &Looks, confidence: Confidence) -> Result<Self> {
        Self::new(looks, Law::T, confidence.alpha(), Sides::Two)
    }

    /// Two-sided, with a bound that is known already: many figures are compared at the same look.
    pub fn of_bound(z: f64, confidence: Confidence, p_values: Arc<PValuesOfLook>) -> Self {
        let kind = Kind::Bound { z, p_values };
        Self { alpha: confidence.alpha(), sides: Sides::Two, kind, few_units: false }
    }

    /// For cohorts too small for the normal law that many looks rest on: a statistic t counts as the normal one with
    /// the same tail, Φ⁻¹(F_df(t)), and a critical value z as t with the tail of z. With many degrees of freedom
    /// both are what they were. The significance level approach of Pocock (1977; Jennison & Turnbull 2000, §3.8),
    /// which keeps α at each look as exact as one t test; one look has its t law already.
    #[must_use]
    pub fn for_few_units(self) -> Self {
        Self { few_units: true, ..self }
    }

    pub(super) fn new(looks: &Looks, law: Law, alpha: f64, sides: Sides) -> Result<Self> {
        let kind = match looks {
            Looks::Fixed => Kind::Fixed { law, z: normal_tail_quantile(alpha / sides.count()) },
            Looks::AlwaysValid { optimised_for_n, n_total } => {
                Kind::AlwaysValid(AlwaysValid::new(*n_total, *optimised_for_n)?)
            }
            Looks::GroupSequential { spending, information, look } => {
                let until_now = group::looks_until(information, *look)?;
                let bounds = boundaries(*spending, until_now, alpha, sides)?;
                Kind::Group {
                    spending: *spending,
                    information: until_now.to_vec(),
                    z: bounds.z.last().copied().unwrap_or(f64::INFINITY),
                }
            }
        };
        Ok(Self { alpha, sides, kind, few_units: false })
    }

    /// The statistic at which the test begins to reject; times the standard error, the half-width.
    pub(super) fn critical(&self, df: f64) -> f64 {
        let z = match &self.kind {
            Kind::Fixed { law: Law::T, z } => {
                return t_tail_quantile_from(self.alpha / self.sides.count(), *z, df);
            }
            Kind::Fixed { law: Law::Normal, z } => return *z,
            Kind::AlwaysValid(sequence) => match self.sides {
                Sides::Two => sequence.critical_two_sided(self.alpha),
                Sides::One => sequence.critical_one_sided(self.alpha),
            },
            Kind::Group { z, .. } | Kind::Bound { z, .. } => *z,
        };
        if self.few_units { t_tail_quantile(normal_tail(z), df) } else { z }
    }

    /// The statistic on the normal scale of the looks.
    fn normal(&self, statistic: f64, df: f64) -> f64 {
        if !self.few_units {
            return statistic;
        }
        normal_tail_quantile(t_tail(statistic.abs(), df)).copysign(statistic)
    }

    /// p-value of a difference either way.
    pub(super) fn p_two_sided(&self, statistic: f64, df: f64) -> Result<f64> {
        let size = statistic.abs();
        let z = || self.normal(size, df);
        Ok(match &self.kind {
            Kind::Fixed { law, .. } => (2.0 * tail(*law, size, df)).min(1.0),
            Kind::AlwaysValid(sequence) => sequence.p_two_sided(z(), self.alpha),
            Kind::Group { spending, information, .. } => {
                group::repeated_p(*spending, information, z(), Sides::Two)?
            }
            Kind::Bound { p_values, .. } => p_values.two_sided(z())?,
        })
    }

    /// p-value of a one-sided alternative, large for a negative statistic.
    pub(super) fn p_one_sided(&self, statistic: f64, df: f64) -> Result<f64> {
        let z = || self.normal(statistic, df);
        Ok(match &self.kind {
            Kind::Fixed { law, .. } => tail(*law, statistic, df),
            Kind::AlwaysValid(sequence) => sequence.p_one_sided(z(), self.alpha),
            Kind::Group { spending, information, .. } => {
                group::repeated_p(*spending, information, z(), Sides::One)?
            }
            Kind::Bound { .. } if statistic <= 0.0 => 1.0,
            Kind::Bound { p_values, .. } => 0.5 * p_values.two_sided(z())?,
        })
    }

    /// p-value of one side of the two-sided interval: a margin's test, made to agree with it.
    pub(super) fn p_of_side(&self, statistic: f64, df: f64) -> Result<f64> {
        match &self.kind {
            Kind::Fixed { law, .. } => Ok(tail(*law, statistic, df)),
            _ if statistic > 0.0 => Ok(0.5 * self.p_two_sided(statistic, df)?),
            _ => Ok(1.0),
        }
    }

    /// Whether degrees of freedom play a part.
    pub(super) fn uses_degrees_of_freedom(&self) -> bool {
        self.few_units || matches!(self.kind, Kind::Fixed { law: Law::T, .. })
    }
}

fn tail(law: Law, statistic: f64, df: f64) -> f64 {
    match law {
        Law::T => t_tail(statistic, df),
        Law::Normal => normal_tail(statistic),
    }
}
