//! What the present rate of joining leads to at the planned end.

use crate::{
    domain::{
        experiment::{LooksKind, MarginScale, Role},
        time::{DAY_MS, Moment},
    },
    stats::{
        distributions::{normal_cdf, normal_tail_quantile, t_tail_quantile},
        sequential::AlwaysValid,
    },
};

use super::super::{
    document::{MetricComparison, MetricResult},
    study::Study,
};

/// The chance of a clear answer at the planned end, if nothing changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Of the guardrail where it is smallest, if the slower level does no harm.
    pub chance: f64,
    /// That guardrail.
    pub metric: String,
    /// The smallest loss that could be ruled out then, on the margin's scale.
    pub reachable: f64,
    /// Units a week, planned and joining.
    pub weekly: (f64, f64),
    /// Weeks after the planned end at which the chance would be even, if it can be.
    pub weeks_more: u32,
}

impl Outlook {
    /// Projects the guardrails of one treatment. None before anything can be projected.
    pub fn of(
        study: &Study<'_>,
        guardrails: &[(&MetricResult, &MetricComparison)],
        units: f64,
        first_assigned: Moment,
        planned_end: Moment,
    ) -> Option<Self> {
        let plan = &study.experiment.definition;
        let days = |from: Moment, to: Moment| (to - from).ms() as f64 / DAY_MS as f64;
        let elapsed = days(first_assigned, study.as_of);
        if elapsed <= 0.0 || units <= 0.0 {
            return None;
        }
        let per_day = units / elapsed;
        let at_end = units + per_day * days(study.as_of, planned_end).max(0.0);
        let alpha = 1.0 - plan.confidence;
        let planned = study.experiment.planned_units as f64;
        let critical = |n: f64| critical(study.looks_kind(), alpha, n, planned);
        let mut worst: Option<Self> = None;
        for (metric, comparison) in guardrails {
            debug_assert_eq!(metric.role, Some(Role::Guardrail));
            let (Some(margin), Some(now)) = (comparison.margin, half_width(comparison)) else { continue };
            let now = now / critical_now(study.looks_kind(), alpha, units, planned);
            // The standard error shrinks with the root of the units.
            let error_at = |n: f64| now * (units / n).sqrt();
            let chance_at = |n: f64| normal_cdf(margin / error_at(n) - critical(n));
            let chance = chance_at(at_end);
            if worst.as_ref().is_some_and(|other| other.chance <= chance) {
                continue;
            }
            let more = (1..=520).find(|week| chance_at(at_end + per_day * 7.0 * f64::from(*week)) >= 0.5);
            worst = Some(Self {
                chance,
                metric: metric.metric.clone(),
                reachable: critical(at_end) * error_at(at_end),
                weekly: (planned / f64::from(plan.planned_weeks), per_day * 7.0),
                weeks_more: more.unwrap_or(520),
            });
        }
        worst
    }
}

/// Half the range on the margin's scale.
fn half_width(comparison: &MetricComparison) -> Option<f64> {
    let range = match comparison.margin_scale.unwrap_or_default() {
        MarginScale::Absolute => comparison.absolute,
        MarginScale::Relative => comparison.relative,
    };
    Some(0.5 * (range.upper? - range.lower?)).filter(|half| *half > 0.0)
}

fn critical(looks: LooksKind, alpha: f64, units: f64, planned: f64) -> f64 {
    match looks {
        LooksKind::AlwaysValid => {
            AlwaysValid::new(units, planned).map_or(f64::INFINITY, |looks| looks.critical_two_sided(alpha))
        }
        LooksKind::Fixed | LooksKind::GroupSequential => normal_tail_quantile(0.5 * alpha),
    }
}

/// The critical value that the present range was made with.
fn critical_now(looks: LooksKind, alpha: f64, units: f64, planned: f64) -> f64 {
    match looks {
        LooksKind::AlwaysValid => critical(looks, alpha, units, planned),
        LooksKind::Fixed | LooksKind::GroupSequential => t_tail_quantile(0.5 * alpha, (units - 2.0).max(1.0)),
    }
}
