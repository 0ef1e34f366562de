//! The effect on those who were really treated.

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::confidence;
use crate::stats::distributions::{normal_tail, normal_tail_quantile};
use crate::stats::iv::{anderson_rubin_p, anderson_rubin_set, wald};
use crate::stats::{Interval, PValue, RatioMoments};

/// Assignment as an instrument: the Wald ratio with its delta variance and normal interval, and the
/// Anderson–Rubin set, which holds however few were really treated differently.
pub(super) fn late(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let control = cohort(fields, "control", faults);
    let treatment = cohort(fields, "treatment", faults);
    let (confidence, control, treatment) = (confidence?, control?, treatment?);
    for (pointer, moments) in [("/control", &control), ("/treatment", &treatment)] {
        faults.take(pointer, moments.spread())?;
    }
    let found = at(faults, wald(&control, &treatment), "/treatment/received")?;
    let set = at(faults, anderson_rubin_set(&control, &treatment, confidence), "")?;
    let z = normal_tail_quantile(0.5 * confidence.alpha());
    let interval = Interval::symmetric(found.effect, z * found.std_error);
    // Where nothing varies the ratio is exact, and there is nothing to test.
    let p_value = (found.std_error > 0.0)
        .then(|| (2.0 * normal_tail((found.effect / found.std_error).abs())).min(1.0))
        .and_then(|p| PValue::new(p).ok());
    Some(json!({
        "estimate": found.effect, "std_error": found.std_error,
        "lower": interval.lower, "upper": interval.upper, "p_value": p_value,
        "itt": found.on_outcome, "first_stage": found.on_received, "first_stage_f": found.first_stage_f,
        "anderson_rubin": set, "anderson_rubin_p_value": anderson_rubin_p(&control, &treatment).ok(),
    }))
}

/// `outcomes` and `received` by unit, or their sums.
fn cohort(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<RatioMoments> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let moments = if fields.has("outcomes") {
        let outcomes = fields.numbers("outcomes", faults);
        let received = fields.numbers("received", faults);
        let (outcomes, received) = (outcomes?, received?);
        if outcomes.len() != received.len() {
            faults.add(format!("{pointer}/received"), "must be as long as outcomes");
            return None;
        }
        let mut moments = RatioMoments::default();
        for (y, d) in outcomes.into_iter().zip(received) {
            moments.add(y, d);
        }
        Some(moments)
    } else {
        let n = fields.count("n", faults);
        let sums =
            ["outcome_sum", "outcome_sum_squares", "received_sum", "received_sum_squares", "cross_sum"]
                .map(|key| fields.number(key, faults));
        let [y, yy, d, dd, yd] = sums;
        faults.take(&pointer, RatioMoments::from_sums(n?, y?, d?, yy?, dd?, yd?))
    };
    fields.close(faults);
    moments
}
