//! The ways in which a request may tell a cohort.

use serde_json::Value;

use super::fields::{Faults, Fields};
use super::raw;
use crate::stats::proportions::Counted;
use crate::stats::quantile::{QuantileSummary, arm_of_quantile_summary};
use crate::stats::{
    AdjustedMoments, Arm, RatioMoments, StatsError, adjusted_arms, arm_of_few_units, arm_of_mean,
    arm_of_proportion, arm_of_ratio, winsor::Caps,
};

/// A cohort as told: finished, or waiting for what the request says of both.
#[derive(Debug)]
pub(super) enum Told {
    /// Nothing is left to choose.
    Plain(Arm),
    /// A proportion, which the score test needs in counts.
    Counted { n: f64, successes: f64 },
    /// Waits to share its slope with the other cohort.
    Adjusted(Box<AdjustedMoments>),
    /// One value a unit, which may be capped, and adjusted by covariates.
    Values { values: Vec<f64>, covariates: Vec<Vec<f64>> },
    /// (numerator, denominator) of each unit; the field is what errors are about.
    Units { units: Vec<(f64, f64)>, field: &'static str },
}

/// How cohorts are finished, where the request leaves a choice.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Making {
    /// CR2 variance of ratios from single units, in place of the delta variance.
    pub few_units: bool,
    /// Shares below and above which raw values are capped.
    pub winsorise: Option<(f64, f64)>,
    /// A regression in each cohort, in place of one slope for both.
    pub lin: bool,
}

impl Making {
    /// `variance`, `winsorise` and `adjustment` of the request.
    pub fn read(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Self> {
        let variances = [("delta", false), ("cr2", true)];
        let few_units = fields.word("variance", &variances, Some(false), faults);
        let adjustments = [("cuped", false), ("lin", true)];
        let lin = fields.word("adjustment", &adjustments, Some(false), faults);
        let winsorise = match fields.optional("winsorise") {
            None => Some(None),
            Some(Value::Object(_)) => fields.object("winsorise", faults).map(|mut caps| {
                let shares = (caps.number_or("lower", 0.0, faults), caps.number_or("upper", 1.0, faults));
                caps.close(faults);
                Some(shares)
            }),
            // One number is the upper cap alone: the usual case of money.
            Some(_) => fields.number("winsorise", faults).map(|upper| Some((0.0, upper))),
        };
        Some(Self { few_units: few_units?, winsorise: winsorise?, lin: lin? })
    }
}

const FORMS: &str = "must hold one of: n, mean, sd · n, successes · n, sum, sum_squares · n, \
     numerator_sum … cross_sum · values · numerators, denominators · n, quantile, estimate, lower, upper";

/// Reads the arm at `key` of the request.
pub(super) fn read(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Told> {
    let pointer = request.at(key);
    let fields = request.object(key, faults)?;
    read_from(fields, &pointer, faults)
}

/// Reads the arm that `fields` holds.
pub(super) fn read_from(mut fields: Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let told = if fields.has("values") {
        raw::values(&mut fields, pointer, faults)
    } else if fields.has("numerators") {
        raw::ratio(&mut fields, pointer, faults)
    } else if fields.has("successes") {
        let n = whole(&mut fields, faults);
        let successes = fields.number("successes", faults);
        let (n, successes) = (n?, successes?);
        plain(pointer, arm_of_proportion(n, successes), faults).map(|_| Told::Counted { n, successes })
    } else if fields.has("numerator_sum") {
        ratio(&mut fields, pointer, faults)
    } else if fields.has("sum") {
        mean_of_sums(&mut fields, pointer, faults)
    } else if fields.has("quantile") {
        quantile(&mut fields, pointer, faults)
    } else if fields.has("mean") {
        let n = whole(&mut fields, faults);
        let mean = fields.number("mean", faults);
        let sd = fields.number("sd", faults);
        let (n, mean, sd) = (n?, mean?, sd?);
        plain(pointer, arm_of_mean(n, mean, sd), faults)
    } else {
        faults.add(pointer, FORMS);
        return None;
    };
    fields.close(faults);
    told
}

/// Two cohorts that can be compared.
#[derive(Debug)]
pub(super) struct Pair {
    pub control: Arm,
    pub treatment: Arm,
    /// Where both are proportions: their counts.
    pub counts: Option<(Counted, Counted)>,
    /// Where values were capped.
    pub caps: Option<Caps>,
}

/// Both arms finished; the two must be told in kind where one is adjusted.
pub(super) fn finish(control: Told, treatment: Told, making: Making, faults: &mut Faults) -> Option<Pair> {
    let counts = match (&control, &treatment) {
        (&Told::Counted { n: n_c, successes: s_c }, &Told::Counted { n: n_t, successes: s_t }) => {
            Counted::new(n_c, s_c).ok().zip(Counted::new(n_t, s_t).ok())
        }
        _ => None,
    };
    let mut told = vec![("/control".to_owned(), control), ("/treatment".to_owned(), treatment)];
    let caps = match making.winsorise {
        Some(shares) => Some(cap(&mut told, shares, faults)?),
        None => None,
    };
    let mut arms = finish_all(told, making, faults)?.into_iter();
    Some(Pair { control: arms.next()?, treatment: arms.next()?, counts, caps })
}

/// All cohorts finished, in their order; each comes with its pointer.
pub(super) fn finish_all(told: Vec<(String, Told)>, making: Making, faults: &mut Faults) -> Option<Vec<Arm>> {
    let told: Vec<_> = told
        .into_iter()
        .map(|(pointer, told)| {
            let told = if making.lin { Some(told) } else { raw::without_covariates(told, &pointer, faults) };
            Some((pointer, told?))
        })
        .collect::<Option<_>>()?;
    let adjusted = |told: &Told| match told {
        Told::Adjusted(_) => true,
        Told::Values { covariates, .. } => !covariates.is_empty(),
        _ => false,
    };
    if (making.lin || told.iter().any(|(_, told)| adjusted(told)))
        && let Some((pointer, _)) = told.iter().find(|(_, told)| !adjusted(told))
    {
        faults.add(pointer.clone(), NOT_IN_KIND);
        return None;
    }
    if making.lin {
        return raw::lin(&told, faults);
    }
    let moments: Vec<&AdjustedMoments> = told
        .iter()
        .filter_map(|(_, told)| if let Told::Adjusted(moments) = told { Some(&**moments) } else { None })
        .collect();
    if !moments.is_empty() {
        for ((pointer, _), moments) in told.iter().zip(&moments) {
            faults.take(pointer, adjusted_arms(&[moments]))?;
        }
        return faults.take("", adjusted_arms(&moments));
    }
    told.into_iter().map(|(pointer, told)| one(told, &pointer, making, faults)).collect()
}

const NOT_IN_KIND: &str = "has no covariate while another cohort has one (or the adjustment asks for one): \
     give it to all or to none";

/// Caps raw values at the quantiles of all cohorts together.
fn cap(told: &mut [(String, Told)], (lower, upper): (f64, f64), faults: &mut Faults) -> Option<Caps> {
    let values: Vec<&[f64]> = told
        .iter()
        .filter_map(|(_, told)| if let Told::Values { values, .. } = told { Some(&values[..]) } else { None })
        .collect();
    if values.len() < told.len() {
        faults.add("/winsorise", "goes with raw values of means, in each cohort");
        return None;
    }
    let caps = faults.take("/winsorise", Caps::pooled(&values, lower, upper))?;
    for (_, told) in told {
        if let Told::Values { values, .. } = told {
            for value in values {
                *value = caps.apply(*value);
            }
        }
    }
    Some(caps)
}

fn one(told: Told, pointer: &str, making: Making, faults: &mut Faults) -> Option<Arm> {
    let (arm, field) = match told {
        Told::Plain(arm) => return Some(arm),
        Told::Adjusted(moments) => {
            return faults.take(pointer, adjusted_arms(&[&moments])).and_then(|arms| arms.first().copied());
        }
        Told::Counted { n, successes } => (arm_of_proportion(n, successes), ""),
        Told::Values { values, .. } => {
            (arm_of_ratio(&moments_of(values.iter().map(|v| (*v, 1.0)))), "/values")
        }
        Told::Units { units, field } if making.few_units => (arm_of_few_units(&units), field),
        // Units that count for nothing are not units with data.
        Told::Units { units, field } => {
            (arm_of_ratio(&moments_of(units.into_iter().filter(|u| *u != (0.0, 0.0)))), field)
        }
    };
    faults.take(&format!("{pointer}{field}"), arm)
}

fn moments_of(units: impl IntoIterator<Item = (f64, f64)>) -> RatioMoments {
    let mut moments = RatioMoments::default();
    for (y, x) in units {
        moments.add(y, x);
    }
    moments
}

pub(super) fn plain(pointer: &str, arm: Result<Arm, StatsError>, faults: &mut Faults) -> Option<Told> {
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
    let post = six(fields, n, pointer, faults);
    if !fields.has("covariate") {
        let post = post?;
        return plain(pointer, arm_of_ratio(&post), faults);
    }
    let mut pre_fields = fields.object("covariate", faults)?;
    // "The same six" may repeat n; it must be the same.
    let pre_n = if pre_fields.has("n") { pre_fields.count("n", faults) } else { n };
    let pre = six(&mut pre_fields, pre_n, pointer, faults);
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

fn six(fields: &mut Fields<'_>, n: Option<u64>, pointer: &str, faults: &mut Faults) -> Option<RatioMoments> {
    let sums =
        ["numerator_sum", "denominator_sum", "numerator_sum_squares", "denominator_sum_squares", "cross_sum"]
            .map(|key| fields.number(key, faults));
    let [y, x, yy, xx, xy] = sums;
    let moments = RatioMoments::from_sums(n?, y?, x?, yy?, xx?, xy?);
    faults.take(pointer, moments)
}

/// A quantile from what its variance is made of, counted elsewhere.
fn quantile(fields: &mut Fields<'_>, pointer: &str, faults: &mut Faults) -> Option<Told> {
    let n = whole(fields, faults);
    let [p, quantile, lower, upper] =
        ["quantile", "estimate", "lower", "upper"].map(|key| fields.number(key, faults));
    let units = if fields.optional("units").is_some() {
        let at = fields.at("units");
        let mut units = fields.object("units", faults)?;
        let count = units.count("n", faults);
        let found = six(&mut units, count, &at, faults);
        units.close(faults);
        Some(found?)
    } else {
        None
    };
    let summary = QuantileSummary { n: n?, p: p?, quantile: quantile?, lower: lower?, upper: upper?, units };
    if summary.n < 2.0 {
        faults.add(format!("{pointer}/n"), "must be at least 2 observations");
        return None;
    }
    plain(pointer, arm_of_quantile_summary(&summary), faults)
}
