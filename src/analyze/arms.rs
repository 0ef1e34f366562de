//! The ways in which a request may tell a cohort.

use serde_json::Value;

use super::fields::{Faults, Fields};
use crate::stats::{
    AdjustedMoments, Arm, RatioMoments, StatsError, adjusted_arms, arm_of_mean, arm_of_proportion,
    arm_of_ratio, quantile::arm_of_quantile,
};

/// A cohort as told: finished, or waiting to share its slope with the other one.
pub(super) enum Told {
    Plain(Arm),
    Adjusted(Box<AdjustedMoments>),
}

const FORMS: &str = "must hold one of: n, mean, sd · n, successes · n, sum, sum_squares · n, \
     numerator_sum … cross_sum · values";

/// Reads the arm at `key` of the request.
pub(super) fn read(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Told> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let told = if fields.has("values") {
        raw(&mut fields, &pointer, faults)
    } else if fields.has("successes") {
        let n = whole(&mut fields, faults);
        let successes = fields.number("successes", faults);
        let (n, successes) = (n?, successes?);
        plain(&pointer, arm_of_proportion(n, successes), faults)
    } else if fields.has("numerator_sum") {
        ratio(&mut fields, &pointer, faults)
    } else if fields.has("sum") {
        mean_of_sums(&mut fields, &pointer, faults)
    } else if fields.has("mean") {
        let n = whole(&mut fields, faults);
        let mean = fields.number("mean", faults);
        let sd = fields.number("sd", faults);
        let (n, mean, sd) = (n?, mean?, sd?);
        plain(&pointer, arm_of_mean(n, mean, sd), faults)
    } else {
        faults.add(pointer, FORMS);
        return None;
    };
    fields.close(faults);
    told
}

/// Both arms finished; the two must be told in kind where one is adjusted.
pub(super) fn finish(control: Told, treatment: Told, faults: &mut Faults) -> Option<(Arm, Arm)> {
    match (control, treatment) {
        (Told::Plain(control), Told::Plain(treatment)) => Some((control, treatment)),
        (Told::Adjusted(control), Told::Adjusted(treatment)) => {
            for (pointer, moments) in [("/control", &control), ("/treatment", &treatment)] {
                faults.take(pointer, adjusted_arms(&[moments]))?;
            }
            let both = faults.take("", adjusted_arms(&[&control, &treatment]))?;
            match both.as_slice() {
                [control, treatment] => Some((*control, *treatment)),
                _ => None,
            }
        }
        (Told::Adjusted(_), Told::Plain(_)) => {
            faults.add("/treatment", NOT_IN_KIND);
            None
        }
        (Told::Plain(_), Told::Adjusted(_)) => {
            faults.add("/control", NOT_IN_KIND);
            None
        }
    }
}

const NOT_IN_KIND: &str = "has no covariate while the other cohort has one; give it to both or neither";

fn plain(pointer: &str, arm: Result<Arm, StatsError>, faults: &mut Faults) -> Option<Told> {
    arm.map(Told::Plain).map_err(|error| faults.add(blame(pointer, &error), error.to_string())).ok()
}

/// The field that an error of an arm is about, as near as can be told.
fn blame(pointer: &str, error: &StatsError) -> String {
    let field = match error {
        StatsError::TooFewUnits { .. } => "/n",
        StatsError::OutOfRange { what, .. } if what.contains("successes") => "/successes",
        StatsError::OutOfRange { what, .. } if what.contains("deviation") => "/sd",
        StatsError::OutOfRange { what, .. } if what.contains("quantile") => "/quantile",
        StatsError::UnequalLengths { .. } | StatsError::OneCluster => "/units",
        StatsError::CollapsedQuantile => "/values",
        StatsError::ZeroDenominator => "/denominator_sum",
        _ => "",
    };
    format!("{pointer}{field}")
}

fn whole(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<f64> {
    fields.count("n", faults).map(|n| n as f64)
}

fn mean_of_sums(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let n = fields.count("n", faults);
    let sum = fields.number("sum", faults);
    let squares = fields.number("sum_squares", faults);
    let adjusted = ["covariate_sum", "covariate_sum_squares", "cross_sum"].iter().any(|key| fields.has(key));
    if !adjusted {
        let moments = RatioMoments::of_mean(n?, sum?, squares?);
        return plain(pointer, moments.and_then(|m| arm_of_ratio(&m)), faults);
    }
    let pre_sum = fields.number("covariate_sum", faults);
    let pre_squares = fields.number("covariate_sum_squares", faults);
    let cross = fields.number("cross_sum", faults);
    let (n, sum, squares) = (n?, sum?, squares?);
    let (pre_sum, pre_squares, cross) = (pre_sum?, pre_squares?, cross?);
    let post = faults.take(pointer, RatioMoments::of_mean(n, sum, squares))?;
    let pre = faults.take(pointer, RatioMoments::of_mean(n, pre_sum, pre_squares))?;
    adjusted_of(pointer, post, pre, (cross, n as f64, sum, pre_sum), faults)
}

fn ratio(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let n = fields.count("n", faults);
    let post = six(fields, n, faults);
    if !fields.has("covariate") {
        let post = post?;
        return plain(pointer, arm_of_ratio(&post), faults);
    }
    let mut pre_fields = fields.object("covariate", faults)?;
    // "The same six" may repeat n; it must be the same.
    let pre_n = if pre_fields.has("n") { pre_fields.count("n", faults) } else { n };
    let pre = six(&mut pre_fields, pre_n, faults);
    let cross =
        ["numerator_numerator", "denominator_denominator", "numerator_denominator", "denominator_numerator"]
            .map(|key| pre_fields.number(key, faults));
    pre_fields.close(faults);
    let [nn, dd, nd, dn] = cross;
    adjusted_of(pointer, post?, pre?, (nn?, dd?, nd?, dn?), faults)
}

fn adjusted_of(
    pointer: &str,
    post: RatioMoments,
    pre: RatioMoments,
    cross: (f64, f64, f64, f64),
    faults: &mut Faults,
) -> Option<Told> {
    if post.n < 2 {
        // Said of the cohort before it is said of the adjustment.
        return plain(pointer, arm_of_ratio(&post), faults);
    }
    let moments = faults.take(pointer, AdjustedMoments::from_sums(post, pre, cross))?;
    Some(Told::Adjusted(Box::new(moments)))
}

fn six(fields: &mut Fields<'_>, n: Option<u64>, faults: &mut Faults) -> Option<RatioMoments> {
    let sums =
        ["numerator_sum", "denominator_sum", "numerator_sum_squares", "denominator_sum_squares", "cross_sum"]
            .map(|key| fields.number(key, faults));
    let [y, x, yy, xx, xy] = sums;
    let moments = RatioMoments::from_sums(n?, y?, x?, yy?, xx?, xy?);
    faults.take("", moments)
}

fn raw(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let values = fields.numbers("values", faults);
    let quantile = fields.optional_number("quantile", faults);
    let units = fields.optional("units").map(|units| units_of(units, pointer, faults));
    let values = values?;
    match (quantile, units) {
        (Some(p), None) => plain(pointer, arm_of_quantile::<u64>(&values, None, p), faults),
        (Some(p), Some(units)) => plain(pointer, arm_of_quantile(&values, Some(&units?), p), faults),
        (None, Some(_)) => {
            faults.add(
                format!("{pointer}/units"),
                "goes with a quantile; for a mean clustered by unit give numerator and denominator sums",
            );
            None
        }
        (None, None) => {
            let mut moments = RatioMoments::default();
            for value in values {
                moments.add(value, 1.0);
            }
            match arm_of_ratio(&moments) {
                Err(error @ StatsError::TooFewUnits { .. }) => {
                    faults.add(format!("{pointer}/values"), error.to_string());
                    None
                }
                arm => plain(pointer, arm, faults),
            }
        }
    }
}

/// Units are told by name or by number.
fn units_of(value: &Value, pointer: &str, faults: &mut Faults) -> Option<Vec<String>> {
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
