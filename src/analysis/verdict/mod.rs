//! The decision: the outcome in the order of definitions.md, chosen by a pure function over what the
//! analysis found, and then its words.

mod outlook;
mod phrases;
mod rule;
mod words;

#[cfg(test)]
mod tests;

use crate::{
    domain::{
        experiment::{Cohort, Definition, LooksKind, Role},
        ship_when::Condition,
        time::Moment,
    },
    metrics::Level,
};

use super::{
    document::{
        Conclusion, Decision, EconomicsResult, MetricComparison, MetricResult, Outcome, Range, Verdict,
    },
    health::Findings,
    study::Study,
    tally::CohortTally,
};

pub use outlook::{Outlook, Prospects};
pub use rule::{Truth, evaluate};

/// Nothing is said for so many days after the first assignment.
pub const QUIET_DAYS: i64 = 7;
/// From this day on it is said when the plan will not be met.
const UNDERPOWERED_FROM_DAY: i64 = 15;
/// Below this chance of a clear answer the plan should change.
const TOO_SMALL_A_CHANCE: f64 = 0.5;

/// All that is known about one treatment when the decision is made.
#[derive(Debug)]
pub struct Case<'a> {
    /// What is analysed.
    pub study: &'a Study<'a>,
    /// The treatment it is about.
    pub treatment: &'a Cohort,
    /// The usual level.
    pub control: &'a Cohort,
    /// Its service level, to be told in words.
    pub slow_level: Level<'a>,
    /// Every metric.
    pub metrics: &'a [MetricResult],
    /// What the checks found.
    pub findings: &'a Findings,
    /// What it is worth.
    pub economics: Option<&'a EconomicsResult>,
    /// Sizes of the usual and the slower cohort.
    pub sizes: (&'a CohortTally, &'a CohortTally),
    /// When the first unit joined.
    pub first_assigned: Option<Moment>,
    /// When the experiment is planned to end.
    pub planned_end: Moment,
    /// How far the units have been followed.
    pub follow_up: FollowUp,
    /// What the present rate of joining leads to.
    pub outlook: Option<Outlook>,
}

/// How far the units have been followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    /// Whether revenue may be judged.
    pub complete: bool,
    /// Units that have been followed long enough.
    pub reached: u64,
    /// All units.
    pub of: u64,
    /// When all will have been.
    pub complete_at: Moment,
    /// How long that is.
    pub days: u32,
}

impl Case<'_> {
    fn at_end(&self) -> bool {
        self.study.as_of >= self.planned_end
    }

    /// Whether a conclusion counts at this look.
    fn conclusions_count(&self) -> bool {
        self.study.looks_kind() != LooksKind::Fixed || self.at_end()
    }

    /// The metrics of a role with this treatment's comparison.
    fn with_role(&self, role: Role) -> impl Iterator<Item = (&MetricResult, &MetricComparison)> {
        self.metrics.iter().filter(move |metric| metric.role == Some(role)).filter_map(|m| self.compared(m))
    }

    fn compared<'m>(&self, metric: &'m MetricResult) -> Option<(&'m MetricResult, &'m MetricComparison)> {
        let comparison = metric.comparisons.iter().find(|c| c.treatment == self.treatment.key)?;
        Some((metric, comparison))
    }

    /// A metric by its name with this treatment's comparison.
    fn metric(&self, name: &str) -> Option<(&MetricResult, &MetricComparison)> {
        self.metrics.iter().find(|metric| metric.metric == name).and_then(|metric| self.compared(metric))
    }

    /// Net value's difference; open where there is none.
    fn net_value(&self) -> Range {
        self.metric("net_value").map(|(_, comparison)| comparison.absolute).unwrap_or_default()
    }

    /// Whether nothing may be concluded of a metric yet, whatever its range: its revenue is missing, or has not been
    /// followed long enough.
    fn is_withheld(&self, metric: &MetricResult) -> bool {
        let followed = self.follow_up.complete || metric.role != Some(Role::Guardrail);
        waits_for_revenue(&metric.metric) && !(self.findings.revenue_complete && followed)
    }

    fn guardrails(&self) -> Truth {
        let each = self.with_role(Role::Guardrail).map(|(_, comparison)| match comparison.conclusion {
            Conclusion::NonInferior => Truth::Shown,
            Conclusion::Inferior => Truth::Refuted,
            _ => Truth::Open,
        });
        each.fold(Truth::Shown, Truth::and)
    }

    fn broken_guardrail(&self) -> Option<(&MetricResult, &MetricComparison)> {
        self.with_role(Role::Guardrail).find(|(_, comparison)| comparison.conclusion == Conclusion::Inferior)
    }

    /// Whether only the follow-up keeps the answer back: every guardrail but those on revenue holds.
    fn only_revenue_is_open(&self) -> bool {
        let waits = |metric: &MetricResult| waits_for_revenue(&metric.metric);
        !self.follow_up.complete
            && self.with_role(Role::Guardrail).any(|(metric, _)| waits(metric))
            && self
                .with_role(Role::Guardrail)
                .filter(|(metric, _)| !waits(metric))
                .all(|(_, comparison)| comparison.conclusion == Conclusion::NonInferior)
    }

    /// The outcome: the first row that applies.
    pub fn outcome(&self) -> Outcome {
        let health = &self.findings.health;
        let delivered =
            health.delivery.gaps.iter().filter(|gap| gap.treatment == self.treatment.key).all(|g| g.ok);
        if !health.sample_ratio.ok {
            return Outcome::SplitUneven;
        }
        if !delivered {
            return Outcome::NotDelivered;
        }
        if self.findings.incomplete.is_some() {
            return Outcome::DataIncomplete;
        }
        let quiet = self.first_assigned.is_none_or(|first| self.study.as_of < first.plus_days(QUIET_DAYS));
        if quiet && !self.at_end() {
            return Outcome::TooEarly;
        }
        if self.conclusions_count() {
            let rule = evaluate(&self.study.experiment.definition.decision.ship_when.rule, self);
            if self.broken_guardrail().is_some() {
                return Outcome::LimitBroken;
            }
            match rule {
                Truth::Refuted => return Outcome::CostsMore,
                Truth::Shown if !self.asks_for_limits() || self.guardrails() == Truth::Shown => {
                    return Outcome::Ship;
                }
                Truth::Shown | Truth::Open => {}
            }
        }
        let revenue_waits = !self.follow_up.complete
            && self.with_role(Role::Guardrail).any(|(metric, _)| waits_for_revenue(&metric.metric));
        if self.at_end() {
            if revenue_waits {
                Outcome::WaitingForRevenue
            } else if self.guardrails() == Truth::Shown && self.money() == Truth::Open {
                Outcome::SafeNotShownToPay
            } else {
                Outcome::NoClearAnswer
            }
        } else if self.conclusions_count() && self.only_revenue_is_open() {
            Outcome::WaitingForRevenue
        } else if self.is_underpowered() {
            Outcome::Underpowered
        } else {
            Outcome::KeepRunning
        }
    }

    /// Whether the rule speaks of the limits; then all of them must hold, whatever else it would allow.
    fn asks_for_limits(&self) -> bool {
        let rule = &self.study.experiment.definition.decision.ship_when.rule;
        rule.conditions().contains(&&Condition::GuardrailsHold)
    }

    /// Whether net value's sign is known.
    fn money(&self) -> Truth {
        let net = self.net_value();
        match (net.lower, net.upper) {
            (Some(lower), _) if lower > 0.0 => Truth::Shown,
            (_, Some(upper)) if upper <= 0.0 => Truth::Refuted,
            _ => Truth::Open,
        }
    }

    fn is_underpowered(&self) -> bool {
        let since = self
            .first_assigned
            .is_some_and(|first| self.study.as_of >= first.plus_days(UNDERPOWERED_FROM_DAY - 1));
        since && self.outlook.as_ref().is_some_and(|outlook| outlook.chance < TOO_SMALL_A_CHANCE)
    }

    /// The decision with its words.
    pub fn verdict(&self) -> Verdict {
        let outcome = self.outcome();
        words::verdict(self, outcome)
    }
}

/// Whether anything that the team asked for hangs on revenue.
pub fn asks_revenue(definition: &Definition) -> bool {
    definition.metrics.iter().any(|plan| waits_for_revenue(&plan.metric))
        || definition.decision.ship_when.rule.conditions().into_iter().any(rule::asks_money)
}

/// Whether a metric is judged only when every unit has been followed.
pub fn waits_for_revenue(name: &str) -> bool {
    match crate::metrics::find(name) {
        Some(crate::metrics::Kind::Sums(metric)) => metric.waits_for_revenue(),
        _ => false,
    }
}

/// What each outcome comes down to.
pub fn decision(outcome: Outcome) -> Decision {
    match outcome {
        Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete => Decision::Invalid,
        Outcome::TooEarly | Outcome::WaitingForRevenue | Outcome::Underpowered | Outcome::KeepRunning => {
            Decision::KeepRunning
        }
        Outcome::LimitBroken | Outcome::CostsMore => Decision::DoNotShip,
        Outcome::Ship => Decision::Ship,
        Outcome::NoClearAnswer | Outcome::SafeNotShownToPay => Decision::Inconclusive,
    }
}

/// Of several treatments' verdicts the one that leads: of those that may ship the one with the greatest
/// lower end of net value, else the most hopeful.
pub fn leading<'v>(verdicts: impl Iterator<Item = (&'v Verdict, Option<f64>)>) -> Option<&'v Verdict> {
    let hope = |decision: Decision| match decision {
        Decision::Ship => 4,
        Decision::KeepRunning => 3,
        Decision::Inconclusive => 2,
        Decision::DoNotShip => 1,
        Decision::Invalid => 0,
    };
    let mut best: Option<(&Verdict, f64)> = None;
    for (verdict, net_lower) in verdicts {
        let lower = net_lower.unwrap_or(f64::NEG_INFINITY);
        let beats = best.is_none_or(|(other, most)| {
            let (mine, theirs) = (hope(verdict.decision), hope(other.decision));
            mine > theirs || (mine == theirs && lower > most)
        });
        if beats {
            best = Some((verdict, lower));
        }
    }
    best.map(|(verdict, _)| verdict)
}
