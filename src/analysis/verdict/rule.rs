//! `ship_when` in three values: shown, refuted, open (Kleene's strong logic).

use crate::domain::{
    experiment::Role,
    ship_when::{Condition, Rule, Wanted},
};

use super::{Case, Conclusion};

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
            let each = case.with_role(Role::Primary).map(|(_, comparison)| improves(comparison.conclusion));
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
            .map_or(Truth::Open, |(_, comparison)| is_what_was_wanted(*is, comparison.conclusion)),
    }
}

/// A primary with a margin asks to be better all the same; non-inferiority alone is no improvement.
fn improves(conclusion: Conclusion) -> Truth {
    match conclusion {
        Conclusion::Better => Truth::Shown,
        Conclusion::Worse | Conclusion::Inferior => Truth::Refuted,
        _ => Truth::Open,
    }
}

fn is_what_was_wanted(wanted: Wanted, found: Conclusion) -> Truth {
    let (this, opposite) = match wanted {
        Wanted::NonInferior => (Conclusion::NonInferior, Conclusion::Inferior),
        Wanted::Inferior => (Conclusion::Inferior, Conclusion::NonInferior),
        Wanted::Better => (Conclusion::Better, Conclusion::Worse),
        Wanted::Worse => (Conclusion::Worse, Conclusion::Better),
    };
    if found == this {
        Truth::Shown
    } else if found == opposite {
        Truth::Refuted
    } else {
        Truth::Open
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
