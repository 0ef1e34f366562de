//! `ship_when` in three values: shown, refuted, open (Kleene's strong logic).

use crate::domain::{
    experiment::Role,
    ship_when::{Condition, Rule, Wanted},
};

use super::{Case, Conclusion, MetricComparison, MetricResult, phrases::goodness};

/// What the data say about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Shown,
    /// Its opposite holds.
    Refuted,
    /// Neither is shown.
    Open,
}

impl Truth {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuted, _) | (_, Self::Refuted) => Self::Refuted,
            (Self::Shown, Self::Shown) => Self::Shown,
            _ => Self::Open,
        }
    }

    /// At least one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Shown => Self::Refuted,
            Self::Refuted => Self::Shown,
            Self::Open => Self::Open,
        }
    }
}

/// What the case's data say about a rule.
pub fn evaluate(rule: &Rule, case: &Case<'_>) -> Truth {
    match rule {
        Rule::Is(condition) => holds(condition, case),
        Rule::Not(rule) => evaluate(rule, case).negated(),
        Rule::And(a, b) => evaluate(a, case).and(evaluate(b, case)),
        Rule::Or(a, b) => evaluate(a, case).or(evaluate(b, case)),
    }
}

/// Whether a condition speaks of money.
pub fn asks_money(condition: &Condition) -> bool {
    match condition {
        Condition::NetValuePositive | Condition::NetValueNotNegative => true,
        Condition::Metric { name, .. } => super::waits_for_revenue(name),
        Condition::GuardrailsHold | Condition::PrimaryImproves => false,
    }
}

fn holds(condition: &Condition, case: &Case<'_>) -> Truth {
    match condition {
        Condition::GuardrailsHold => case.guardrails(),
        Condition::PrimaryImproves => {
            let primaries = case.with_role(Role::Primary);
            let each =
                primaries.map(|(metric, comparison)| concludes(case, Wanted::Better, metric, comparison));
            each.reduce(Truth::and).unwrap_or(Truth::Open)
        }
        Condition::NetValuePositive => case.money(),
        Condition::NetValueNotNegative => {
            let net = case.net_value();
            let tolerance = case.study.experiment.definition.decision.loss_tolerance;
            match (net.lower, net.upper) {
                (Some(lower), _) if lower >= -tolerance => Truth::Shown,
                (_, Some(upper)) if upper < -tolerance => Truth::Refuted,
                _ => Truth::Open,
            }
        }
        Condition::Metric { name, is } => case
            .metric(name)
            .map_or(Truth::Open, |(metric, comparison)| concludes(case, *is, metric, comparison)),
    }
}

/// Whether a conclusion is shown, or its opposite. A comparison with a margin concludes on the margin; whether it is
/// better or worse is read off its range then, as all conclusions are, unless nothing may be concluded of it yet.
fn concludes(case: &Case<'_>, wanted: Wanted, metric: &MetricResult, comparison: &MetricComparison) -> Truth {
    let found = comparison.conclusion;
    let (this, opposite) = match wanted {
        Wanted::NonInferior => (found == Conclusion::NonInferior, found == Conclusion::Inferior),
        Wanted::Inferior => (found == Conclusion::Inferior, found == Conclusion::NonInferior),
        Wanted::Better | Wanted::Worse => {
            let ends = goodness(metric, comparison)
                .filter(|_| comparison.margin.is_some() && !case.is_withheld(metric));
            let better = found == Conclusion::Better
                || (found == Conclusion::NonInferior && ends.is_some_and(|(worst, _)| worst > 0.0));
            let worse = found == Conclusion::Worse || ends.is_some_and(|(_, best)| best < 0.0);
            if wanted == Wanted::Better { (better, worse) } else { (worse, better) }
        }
    };
    match (this, opposite) {
        (true, _) => Truth::Shown,
        (_, true) => Truth::Refuted,
        _ => Truth::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, Open, Refuted, Shown};

    #[test]
    fn open_is_neither_and_yields_to_what_settles_the_matter() {
        let all = [Shown, Refuted, Open];
        // Kleene (1952), §64: truth as Refuted < Open < Shown; "and" is the least, "or" the greatest.
        let rank = |truth: Truth| match truth {
            Refuted => 0,
            Open => 1,
            Shown => 2,
        };
        for a in all {
            for b in all {
                assert_eq!(rank(a.and(b)), rank(a).min(rank(b)), "{a:?} and {b:?}");
                assert_eq!(rank(a.or(b)), rank(a).max(rank(b)), "{a:?} or {b:?}");
            }
            assert_eq!(rank(a.negated()), 2 - rank(a));
        }
    }
}
