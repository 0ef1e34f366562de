//! Parts of speech: how a verdict names a metric, its values, its range and its limit.

use crate::{
    domain::experiment::{Direction, MarginScale, Role},
    language::{Message, Number, Slot, money_step, say},
    metrics::Measure,
};

use super::{
    super::document::{Conclusion, MetricComparison, MetricResult, Outcome, Range},
    Case,
};

/// The metric that the sentence speaks of: a broken limit's own; else satisfaction where it is limited, else the
/// guardrail nearest its limit.
pub(super) fn subject_of<'c>(
    case: &'c Case<'_>,
    outcome: Outcome,
) -> Option<(&'c MetricResult, &'c MetricComparison)> {
    if outcome == Outcome::LimitBroken {
        return case.broken_guardrail();
    }
    if let Some(primary) = refuting_primary(case).filter(|_| outcome == Outcome::CostsMore) {
        return Some(primary);
    }
    let open = |found: &(&MetricResult, &MetricComparison)| found.1.conclusion == Conclusion::NotYetShown;
    let wants_open = matches!(outcome, Outcome::KeepRunning | Outcome::NoClearAnswer);
    let guardrails: Vec<_> = case.with_role(Role::Guardrail).collect();
    let among: Vec<_> = if wants_open && guardrails.iter().any(open) {
        guardrails.iter().copied().filter(open).collect()
    } else {
        guardrails
    };
    let csat = among.iter().copied().find(|(metric, _)| metric.metric == "csat");
    csat.or_else(|| {
        among.into_iter().max_by(|a, b| {
            let used = |found: &(&MetricResult, &MetricComparison)| {
                used_of_limit(found.0, found.1).unwrap_or(f64::MAX)
            };
            used(a).total_cmp(&used(b))
        })
    })
}

/// Where not the money refutes the rule: the primary that got worse.
pub(super) fn refuting_primary<'c>(case: &'c Case<'_>) -> Option<(&'c MetricResult, &'c MetricComparison)> {
    let loses = case.net_value().upper.is_some_and(|upper| upper < 0.0);
    case.with_role(Role::Primary).find(|(metric, comparison)| !loses && clearly_worse(metric, comparison))
}

/// What part of its limit the worse end of the range has used.
pub(super) fn used_of_limit(metric: &MetricResult, comparison: &MetricComparison) -> Option<f64> {
    let range = on_scale(metric, comparison);
    let loss = match metric.direction {
        Direction::Increase => -range.lower?,
        Direction::Decrease => range.upper?,
    };
    Some(loss / comparison.margin?)
}

pub(super) fn clearly_worse(metric: &MetricResult, comparison: &MetricComparison) -> bool {
    let range = on_scale(metric, comparison);
    match metric.direction {
        Direction::Increase => range.upper.is_some_and(|upper| upper < 0.0),
        Direction::Decrease => range.lower.is_some_and(|lower| lower > 0.0),
    }
}

pub(super) fn satisfaction_held(case: &Case<'_>) -> bool {
    case.metric("csat").is_some_and(|(_, comparison)| comparison.conclusion == Conclusion::NonInferior)
}

/// There are limits, and no estimate is beyond its own.
pub(super) fn nothing_looks_harmful(case: &Case<'_>) -> bool {
    let limited = case.with_role(Role::Guardrail).next().is_some();
    limited
        && case.with_role(Role::Guardrail).all(|(metric, comparison)| {
            let range = on_scale(metric, comparison);
            let loss = match metric.direction {
                Direction::Increase => range.estimate.map(|estimate| -estimate),
                Direction::Decrease => range.estimate,
            };
            loss.zip(comparison.margin).is_some_and(|(loss, margin)| loss <= margin)
        })
}

/// What a sentence calls a metric.
pub(super) fn subject(metric: &MetricResult) -> Message {
    say("metric-subject").with("metric", &metric.metric)
}

/// `{Metric}: {slow} at the slower level, {usual} at the usual level.`
pub(super) fn levels(metric: &MetricResult, slow: Slot, usual: Slot) -> Message {
    say("verdict-levels").with("metric", subject(metric)).with("slow", slow).with("usual", usual)
}

/// The metric's values at the slower and the usual level, as people read them.
pub(super) fn values(case: &Case<'_>, metric: &MetricResult) -> Option<(Slot, Slot)> {
    let value = |cohort| {
        let found = metric.cohorts.iter().find(|value| value.cohort == cohort)?;
        Some(plain(case, metric.unit_of_measure, found.value?))
    };
    Some((value(case.treatment.key.clone())?, value(case.control.key.clone())?))
}

fn plain(case: &Case<'_>, measure: Measure, value: f64) -> Slot {
    match measure {
        Measure::Share | Measure::Ratio => Slot::Percent(value),
        Measure::Count | Measure::Rate => Number::fixed(value, 2).into(),
        Measure::Hours => Slot::Hours(value),
        Measure::Money => case.economics.map_or_else(
            || Number::fixed(value, 2).into(),
            |economics| Slot::Money {
                currency: economics.currency,
                amount: value,
                step: money_step(&[value]),
            },
        ),
    }
}

pub(super) fn about(metric: &MetricResult, comparison: &MetricComparison) -> Option<Message> {
    let range = on_scale(metric, comparison);
    Some(match (range.lower?, range.upper?) {
        (lower, _) if lower > 0.0 => say("about-more-satisfied"),
        (_, upper) if upper < 0.0 => say("about-less-satisfied"),
        _ => say("about-as-satisfied"),
    })
}

/// The range on the scale that everything about this metric is told on.
pub(super) fn on_scale(metric: &MetricResult, comparison: &MetricComparison) -> Range {
    match metric.scale() {
        MarginScale::Absolute => comparison.absolute,
        MarginScale::Relative => comparison.relative,
    }
}

/// A size on the metric's scale: `2.4 points`, `2.6%`, `0.25`.
pub(super) fn amount(metric: &MetricResult, size: f64) -> Message {
    match (metric.scale(), metric.unit_of_measure) {
        (MarginScale::Absolute, Measure::Share | Measure::Ratio) => {
            say("size-points").with("n", Number::brief(size * 100.0))
        }
        _ => bare_amount(metric, size),
    }
}

/// The same where the unit is clear: `2.4`, `2.6%`, `0.25`.
pub(super) fn bare_amount(metric: &MetricResult, size: f64) -> Message {
    match (metric.scale(), metric.unit_of_measure) {
        (MarginScale::Relative, _) => say("size-percent").with("n", Number::brief(size * 100.0)),
        (MarginScale::Absolute, Measure::Share | Measure::Ratio) => {
            say("size-bare").with("n", Number::brief(size * 100.0))
        }
        (MarginScale::Absolute, _) => say("size-bare").with("n", plain_size(metric, size)),
    }
}

/// Of a metric that is no share.
fn plain_size(metric: &MetricResult, size: f64) -> Slot {
    match metric.unit_of_measure {
        Measure::Hours => Slot::Hours(size),
        _ => Number::short(size).into(),
    }
}

/// `your 3-point limit`, `your limit of 3%`.
pub(super) fn limit_words(metric: &MetricResult, comparison: &MetricComparison) -> Message {
    let margin = comparison.margin.unwrap_or(0.0);
    match (metric.scale(), metric.unit_of_measure) {
        (MarginScale::Absolute, Measure::Share | Measure::Ratio) => {
            say("limit-points").with("n", Number::short(margin * 100.0))
        }
        (MarginScale::Relative, _) => say("limit-percent").with("n", Number::short(margin * 100.0)),
        (MarginScale::Absolute, _) => say("limit-bare").with("n", plain_size(metric, margin)),
    }
}

/// The range's ends as goodness: (worse end, better end), positive is better.
pub(super) fn goodness(metric: &MetricResult, comparison: &MetricComparison) -> Option<(f64, f64)> {
    let range = on_scale(metric, comparison);
    let (lower, upper) = (range.lower?, range.upper?);
    Some(match metric.direction {
        Direction::Increase => (lower, upper),
        Direction::Decrease => (-upper, -lower),
    })
}

/// One digit for ends of ranges, so that they can be told apart; `unit` says whether points are named.
fn size(metric: &MetricResult, value: f64, unit: bool) -> Message {
    let points = || Number::fixed(value.abs() * 100.0, 1);
    match (metric.scale(), metric.unit_of_measure) {
        (MarginScale::Relative, _) => say("size-percent").with("n", points()),
        (MarginScale::Absolute, Measure::Share | Measure::Ratio) if unit => {
            say("size-points").with("n", points())
        }
        (MarginScale::Absolute, Measure::Share | Measure::Ratio) => say("size-bare").with("n", points()),
        (MarginScale::Absolute, _) => say("size-bare").with("n", plain_size(metric, value.abs())),
    }
}

/// `2.4 points worse`, `0.8 points better`.
fn end(metric: &MetricResult, value: f64) -> Message {
    let side = if value < 0.0 { say("end-worse") } else { say("end-better") };
    side.with("size", size(metric, value, true))
}

pub(super) fn ends(metric: &MetricResult, comparison: &MetricComparison) -> Option<(Message, Message)> {
    let (worst, best) = goodness(metric, comparison)?;
    Some((end(metric, worst), end(metric, best)))
}

/// `between 2.4 points worse and 0.8 points better`, `between 0.4 and 2.4 points worse`.
pub(super) fn range_words(metric: &MetricResult, comparison: &MetricComparison) -> Message {
    let Some((worst, best)) = goodness(metric, comparison) else { return say("range-unknown") };
    let (near, far) = if best <= 0.0 { (best, worst) } else { (worst, best) };
    if worst < 0.0 && best > 0.0 {
        say("range-across").with("from", end(metric, worst)).with("to", end(metric, best))
    } else {
        say("range-one-side").with("near", size(metric, near, false)).with("far", end(metric, far))
    }
}
