//! The Bayesian view, beside an interval.

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::{DIRECTIONS, confidence};
use crate::stats::bayes::{Posterior, Prior};
use crate::stats::{Answer, Confidence, Direction, Question, Test};

/// Whether a view is wanted, and with which prior.
#[derive(Debug, Clone, Copy)]
pub(in crate::analyze) struct Wanted(pub Option<Prior>);

/// `prior` of the request: left out, `"flat"`, or a normal law by its mean and variance (or sd).
pub(in crate::analyze) fn prior(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Wanted> {
    match fields.optional("prior") {
        None => return Some(Wanted(None)),
        Some(Value::Object(_)) => {}
        Some(_) => return fields.word("prior", &[("flat", Wanted(Some(Prior::Flat)))], None, faults),
    }
    let mut inner = fields.object("prior", faults)?;
    let mean = inner.number_or("mean", 0.0, faults);
    let variance = if inner.has("sd") {
        inner.number("sd", faults).map(|sd| sd * sd)
    } else {
        inner.number("variance", faults)
    };
    inner.close(faults);
    let variance = variance?;
    if !(variance > 0.0 && variance.is_finite()) {
        faults.add("/prior", "must have a variance (or sd) above zero");
        return None;
    }
    Some(Wanted(Some(Prior::Normal { mean, variance })))
}

/// The view on an effect that was estimated elsewhere.
pub(super) fn bayesian(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let direction = fields.word("direction", &DIRECTIONS, Some(Direction::Increase), faults);
    let margin = fields.optional_number("margin", faults);
    let estimate = fields.number("estimate", faults);
    let std_error = fields.number("std_error", faults);
    let prior = prior(fields, faults)?.0.unwrap_or_default();
    view(estimate?, std_error?, prior, margin, direction?, confidence?, faults)
}

/// The view on the effect of an answer.
pub(in crate::analyze) fn of_answer(
    question: &Question,
    answer: &Answer,
    prior: Prior,
    faults: &mut Faults,
) -> Option<Value> {
    let margin = match question.test {
        Test::NonInferiority { margin, .. } | Test::Equivalence { margin, .. } => Some(margin),
        _ => None,
    };
    view(answer.estimate, answer.std_error, prior, margin, question.direction, question.confidence, faults)
}

fn view(
    estimate: f64,
    std_error: f64,
    prior: Prior,
    margin: Option<f64>,
    direction: Direction,
    confidence: Confidence,
    faults: &mut Faults,
) -> Option<Value> {
    if margin.is_some_and(|margin| margin <= 0.0) {
        faults.add("/margin", "must be above zero; which way is good is `direction`");
        return None;
    }
    let law = at(faults, Posterior::new(estimate, std_error, prior), "/std_error")?;
    let interval = law.interval(confidence);
    Some(json!({
        "mean": law.mean, "sd": law.sd, "lower": interval.lower, "upper": interval.upper,
        "chance_to_win": law.chance_of_better(direction),
        "chance_within_margin": margin.map(|margin| law.chance_within_margin(margin, direction)),
        "risk_treatment": law.expected_loss(direction),
        "risk_control": law.expected_gain(direction),
    }))
}
