//! Effects by segment: do they differ, and what is the effect over all.

use serde_json::{Value, json};

use super::at;
use crate::analyze::arms::{self, Making};
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::confidence;
use crate::stats::distributions::t_tail_quantile;
use crate::stats::heterogeneity::cochran;
use crate::stats::multiplicity::two_sided_t_p;
use crate::stats::{Interval, StatsError};

pub(super) fn heterogeneity(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let effects = fields.numbers("effects", faults);
    let variances = fields.numbers("variances", faults);
    let (effects, variances) = (effects?, variances?);
    let found = at(faults, cochran(&effects, &variances), "/variances")?;
    Some(json!({
        "q": found.q, "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value, "i_squared": found.i_squared,
        "tau_squared": found.tau_squared, "pooled": found.pooled,
        "shrunk": found.shrunk,
    }))
}

/// The effect over strata that were fixed before assignment: `Σ(N_s/N)·difference_s`, with variance
/// `Σ(N_s/N)²·V_s` and n − 2·strata degrees of freedom (Gerber & Green 2012, ch. 4; R's
/// `estimatr::difference_in_means` with blocks).
pub(super) fn stratified(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let strata = fields.list("strata", faults)?;
    let pairs: Vec<_> = strata
        .iter()
        .enumerate()
        .map(|(i, stratum)| {
            let pointer = format!("/strata/{i}");
            let mut inner = Fields::new(stratum, &pointer, faults)?;
            let control = arms::read(&mut inner, "control", faults);
            let treatment = arms::read(&mut inner, "treatment", faults);
            inner.close(faults);
            let told =
                vec![(format!("{pointer}/control"), control?), (format!("{pointer}/treatment"), treatment?)];
            arms::finish_all(told, Making::default(), faults)
        })
        .collect::<Option<_>>()?;
    let total: f64 = pairs.iter().flatten().map(|arm| arm.n).sum();
    let (mut estimate, mut variance) = (0.0, 0.0);
    for pair in &pairs {
        let [control, treatment] = pair[..] else { return None };
        let weight = (control.n + treatment.n) / total;
        estimate += weight * (treatment.mean - control.mean);
        variance += weight * weight * (control.variance_of_mean + treatment.variance_of_mean);
    }
    if !(variance > 0.0 && variance.is_finite()) {
        faults.add("/strata", StatsError::NoVariance.to_string());
        return None;
    }
    let df = total - 2.0 * pairs.len() as f64;
    let std_error = variance.sqrt();
    let t = t_tail_quantile(0.5 * confidence?.alpha(), df);
    let interval = Interval::symmetric(estimate, t * std_error);
    Some(json!({
        "estimate": estimate, "std_error": std_error, "lower": interval.lower, "upper": interval.upper,
        "p_value": at(faults, two_sided_t_p(estimate / std_error, df), "")?, "degrees_of_freedom": df,
    }))
}
