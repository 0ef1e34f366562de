//! What a group-sequential look adds to the reply.
//!
//! `lower` and `upper` of the reply are the repeated confidence interval already, and `p_value` the
//! repeated p. Here stand the bound itself and, once the experiment has stopped, what the stagewise
//! ordering says: its p-value, interval and median-unbiased estimate.

use serde_json::{Value, json};

use crate::stats::sequential::group::{after_stopping, stagewise_drifts};
use crate::stats::sequential::{Sides, boundaries};
use crate::stats::{Alternative, Answer, Looks, Question, StatsError, Test};

pub(super) fn reply(question: &Question, answer: &Answer) -> Result<Value, StatsError> {
    let Looks::GroupSequential { spending, information, look } = &question.looks else {
        return Ok(Value::Null);
    };
    let is_difference = question.test == Test::Difference;
    let (sides, sign) = match question.alternative {
        Alternative::Greater if is_difference => (Sides::One, 1.0),
        Alternative::Less if is_difference => (Sides::One, -1.0),
        _ => (Sides::Two, 1.0),
    };
    let alpha = question.confidence.alpha();
    let until_now = &information[..*look];
    let bounds = boundaries(*spending, until_now, alpha, sides)?;
    let (Some(&bound), Some(&spent), Some(&t)) = (bounds.z.last(), bounds.spent.last(), until_now.last())
    else {
        return Ok(Value::Null);
    };
    let null = match question.test {
        Test::NonInferiority { margin, .. } => -question.direction.sign() * margin,
        // Two hypotheses at once have no stagewise ordering.
        Test::Equivalence { .. } => return Ok(json!({ "boundary": bound, "spent": spent })),
        _ => question.null,
    };
    let z = sign * (answer.estimate - null) / answer.std_error;
    let crossed = if sides == Sides::Two { z.abs() > bound } else { z > bound };
    let mut reply = json!({ "boundary": bound, "spent": spent, "z": sign * z, "crossed": crossed });
    if !z.is_finite() || !(crossed || t >= 1.0) {
        return Ok(reply);
    }
    let stopped = after_stopping(until_now, &bounds.z, z, sides)?;
    let p = stopped.stagewise_p;
    // θ/se = drift·√t at the last look.
    let effect = |drift: f64| null + sign * drift * t.sqrt() * answer.std_error;
    reply["stagewise_p_value"] = json!(if sides == Sides::Two { (2.0 * p.min(1.0 - p)).min(1.0) } else { p });
    reply["median_unbiased_estimate"] = json!(effect(stopped.median_unbiased_drift));
    let tail = alpha / sides.count();
    let (low, high) = stagewise_drifts(until_now, &bounds.z, z, sides, tail)?;
    let (low, high) = if sign > 0.0 { (effect(low), effect(high)) } else { (effect(high), effect(low)) };
    reply["stagewise_lower"] =
        json!((question.alternative != Alternative::Less || !is_difference).then_some(low));
    reply["stagewise_upper"] =
        json!((question.alternative != Alternative::Greater || !is_difference).then_some(high));
    Ok(reply)
}
