//! Cohorts told by the values of their units.

use std::collections::BTreeMap;

use serde_json::Value;

use super::arms::{Told, plain};
use super::fields::{Faults, Fields};
use crate::stats::quantile::arm_of_quantile;
use crate::stats::regression::{Regressed, lin_arms};
use crate::stats::{AdjustedMoments, Arm, StatsError};

/// More than anyone adjusts by; each costs time with the square of their number.
const MOST_COVARIATES: usize = 50;

/// `values`, with a quantile, with units, with covariates, or alone.
pub(super) fn values(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let values = fields.numbers("values", faults);
    let quantile = fields.optional_number("quantile", faults);
    let units = match fields.optional("units") {
        Some(units) => Some(units_of(units, pointer, faults)?),
        None => None,
    };
    let covariates = covariates(fields, pointer, faults);
    let values = values?;
    match (quantile, units) {
        (Some(p), None) => plain(pointer, arm_of_quantile::<u64>(&values, None, p), faults),
        (Some(p), Some(units)) => plain(pointer, arm_of_quantile(&values, Some(&units), p), faults),
        (None, Some(units)) => by_unit(&values, units, pointer, faults),
        (None, None) => {
            if let Some(i) = covariates.as_ref()?.iter().position(|c| c.len() != values.len()) {
                let field =
                    if fields.has("covariate") { "covariate".into() } else { format!("covariates/{i}") };
                faults.add(format!("{pointer}/{field}"), "must be as long as values");
                return None;
            }
            if values.len() < 2 {
                let error =
                    StatsError::TooFewUnits { what: "a cohort", needed: 2, found: values.len() as u64 };
                faults.add(format!("{pointer}/values"), error.to_string());
                return None;
            }
            covariates.map(|covariates| Told::Values { values, covariates })
        }
    }
}

/// Σ and count of the values of each unit: their mean is the ratio of both.
fn by_unit(values: &[f64], units: Vec<String>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    if values.len() != units.len() {
        let error =
            StatsError::UnequalLengths { what: "values and units", left: values.len(), right: units.len() };
        faults.add(format!("{pointer}/units"), error.to_string());
        return None;
    }
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (value, unit) in values.iter().zip(units) {
        let (sum, count) = sums.entry(unit).or_default();
        *sum += value;
        *count += 1.0;
    }
    Some(Told::Units { units: sums.into_values().collect(), field: "/units" })
}

/// `numerators` and `denominators` of each unit, with those of the pre-period where there is one.
pub(super) fn ratio(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let post = pairs(fields, pointer, faults);
    if !fields.has("covariate") {
        return Some(Told::Units { units: post?, field: "/denominators" });
    }
    let at = fields.at("covariate");
    let mut inner = fields.object("covariate", faults)?;
    let pre = pairs(&mut inner, &at, faults);
    inner.close(faults);
    let (post, pre) = (post?, pre?);
    if post.len() != pre.len() {
        faults.add(format!("{at}/numerators"), "must be as long as the numerators since assignment");
        return None;
    }
    let mut moments = AdjustedMoments::default();
    for ((y, x), (y0, x0)) in post.into_iter().zip(pre) {
        moments.add(y, x, y0, x0);
    }
    Some(Told::Adjusted(Box::new(moments)))
}

fn pairs(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Vec<(f64, f64)>> {
    let numerators = fields.numbers("numerators", faults);
    let denominators = fields.numbers("denominators", faults);
    let (numerators, denominators) = (numerators?, denominators?);
    if numerators.len() != denominators.len() {
        let detail = format!("must be as long as numerators, {}", numerators.len());
        faults.add(format!("{pointer}/denominators"), detail);
        return None;
    }
    Some(numerators.into_iter().zip(denominators).collect())
}

/// `covariate`, one list, or `covariates`, a list of lists, one for each.
fn covariates(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Vec<Vec<f64>>> {
    if fields.has("covariate") {
        return fields.numbers("covariate", faults).map(|one| vec![one]);
    }
    if fields.optional("covariates").is_none() {
        return Some(Vec::new());
    }
    let lists = fields.lists("covariates", faults)?;
    if lists.is_empty() || lists.len() > MOST_COVARIATES {
        let detail = format!("must hold from 1 to {MOST_COVARIATES} lists, one for each covariate");
        faults.add(format!("{pointer}/covariates"), detail);
        return None;
    }
    Some(lists)
}

/// One covariate becomes moments, for the slope that both cohorts share.
pub(super) fn without_covariates(told: Told, pointer: &str, faults: &mut Faults) -> Option<Told> {
    match told {
        Told::Values { values, covariates } if !covariates.is_empty() => {
            let [covariate] = &covariates[..] else {
                faults.add(
                    format!("{pointer}/covariates"),
                    "several covariates go with \"adjustment\": \"lin\"; \"cuped\" takes one",
                );
                return None;
            };
            let mut moments = AdjustedMoments::default();
            for (y, x) in values.iter().zip(covariate) {
                moments.add(*y, 1.0, *x, 1.0);
            }
            Some(Told::Adjusted(Box::new(moments)))
        }
        other => Some(other),
    }
}

/// Two cohorts, each with a regression of its own.
pub(super) fn lin(told: &[(String, Told)], faults: &mut Faults) -> Option<Vec<Arm>> {
    let regressed: Vec<Regressed<'_>> = told
        .iter()
        .filter_map(|(_, told)| match told {
            Told::Values { values, covariates } => Some(Regressed {
                outcome: values,
                covariates: covariates.iter().map(Vec::as_slice).collect(),
            }),
            _ => None,
        })
        .collect();
    let [control, treatment] = &regressed[..] else {
        faults.add("/adjustment", "\"lin\" goes with two cohorts of raw values with covariates");
        return None;
    };
    faults.take("/adjustment", lin_arms(control, treatment)).map(Vec::from)
}

/// Units are told by name or by number.
pub(super) fn units_of(value: &Value, pointer: &str, faults: &mut Faults) -> Option<Vec<String>> {
    let Some(list) = value.as_array() else {
        faults.add(format!("{pointer}/units"), "must be a list, one unit for each value");
        return None;
    };
    list.iter()
        .enumerate()
        .map(|(i, unit)| match unit {
            Value::String(name) => Some(format!("s{name}")),
            Value::Number(number) => Some(format!("n{number}")),
            _ => {
                faults.add(format!("{pointer}/units/{i}"), "must be a string or a number");
                None
            }
        })
        .collect()
}
