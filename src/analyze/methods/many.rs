//! Many metrics and many cohorts.

use serde_json::{Value, json};

use super::at;
use crate::analyze::arms::{self, Making};
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::confidence;
use crate::stats::multiplicity::{self, SharedControl};
use crate::stats::{Arm, PValue};

type Correction = fn(&[PValue]) -> Vec<PValue>;

/// Hommel's takes time with the square of their number.
const MOST_FOR_HOMMEL: usize = 5_000;

pub(super) fn correct(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let kinds: [(&str, Correction); 9] = [
        ("holm", multiplicity::holm),
        ("benjamini_hochberg", multiplicity::benjamini_hochberg),
        ("bonferroni", multiplicity::bonferroni),
        ("hochberg", multiplicity::hochberg),
        ("hommel", multiplicity::hommel),
        ("benjamini_yekutieli", multiplicity::benjamini_yekutieli),
        ("sidak", multiplicity::sidak),
        ("holm_sidak", multiplicity::holm_sidak),
        ("hochberg_sidak", multiplicity::hochberg_sidak),
    ];
    let is_hommel = fields.optional("kind").is_some_and(|kind| kind == "hommel");
    let kind = fields.word("kind", &kinds, None, faults);
    let p_values = fields.numbers("p_values", faults)?;
    if is_hommel && p_values.len() > MOST_FOR_HOMMEL {
        faults.add("/p_values", format!("must be at most {MOST_FOR_HOMMEL} for \"hommel\""));
        return None;
    }
    let p_values: Vec<Option<PValue>> = p_values
        .into_iter()
        .enumerate()
        .map(|(i, p)| faults.take(&format!("/p_values/{i}"), PValue::new(p)))
        .collect();
    let p_values: Option<Vec<PValue>> = p_values.into_iter().collect();
    Some(json!({ "adjusted": kind?(&p_values?) }))
}

/// More than anyone compares; the integral over the shared variance costs time with each.
const MOST_TREATMENTS: usize = 100;

/// Several treatments against one control. `"pooled"`: one variance for all, the t law (Dunnett
/// 1955); `"separate"`: each cohort's own, the normal law, as experiments do it.
pub(super) fn dunnett(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let pooled = fields.word("variance", &[("pooled", true), ("separate", false)], Some(true), faults);
    let control = arms::read(fields, "control", faults);
    let treatments = fields.list("treatments", faults)?;
    if treatments.is_empty() || treatments.len() > MOST_TREATMENTS {
        faults.add("/treatments", format!("must hold from 1 to {MOST_TREATMENTS} cohorts"));
        return None;
    }
    let mut told = vec![("/control".to_owned(), control?)];
    for (i, treatment) in treatments.iter().enumerate() {
        let pointer = format!("/treatments/{i}");
        let inner = Fields::new(treatment, &pointer, faults)?;
        told.push((pointer.clone(), arms::read_from(inner, &pointer, faults)?));
    }
    let all = arms::finish_all(told, Making::default(), faults)?;
    let (control, treatments) = all.split_first()?;
    let (confidence, pooled) = (confidence?, pooled?);

    // Sample variances, as a mean's variance times its n; pooled by degrees of freedom.
    let df: f64 = all.iter().map(|arm| arm.degrees_of_freedom).sum();
    let common = all.iter().map(|a| a.variance_of_mean * a.n * a.degrees_of_freedom).sum::<f64>() / df;
    let variance = |arm: &Arm| if pooled { common / arm.n } else { arm.variance_of_mean };
    let variances: Vec<f64> = treatments.iter().map(variance).collect();
    let shared = at(faults, SharedControl::new(variance(control), &variances), "/control")?;
    let df = pooled.then_some(df);
    let critical = at(faults, shared.critical_t(confidence, df), "/confidence")?;
    let comparisons: Vec<Value> = treatments
        .iter()
        .zip(&variances)
        .map(|(treatment, v)| {
            let estimate = treatment.mean - control.mean;
            let std_error = (v + variance(control)).sqrt();
            let statistic = estimate / std_error;
            let law = df.unwrap_or(f64::INFINITY);
            Some(json!({
                "estimate": estimate, "std_error": std_error, "statistic": statistic,
                "lower": estimate - critical * std_error, "upper": estimate + critical * std_error,
                "p_value": at(faults, multiplicity::two_sided_t_p(statistic, law), "")?,
                "p_value_adjusted": at(faults, shared.p_adjusted(statistic, df), "")?,
            }))
        })
        .collect::<Option<_>>()?;
    Some(json!({ "critical": critical, "degrees_of_freedom": df, "comparisons": comparisons }))
}
