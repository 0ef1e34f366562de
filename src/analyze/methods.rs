//! The other questions, by `"method"`.

pub(super) mod beliefs;
mod desk;
mod many;
mod responses;
mod shares;
mod sizes;
mod strata;
mod treated;
mod waits;

use serde_json::Value;

use super::Problem;
use super::fields::{Faults, Fields};
use crate::stats::StatsError;

type Method = fn(&mut Fields<'_>, &mut Faults) -> Option<Value>;

/// Every method with its name.
const METHODS: [(&str, Method); 16] = [
    ("sample_ratio", shares::sample_ratio),
    ("sample_ratio_sequential", shares::sample_ratio_sequential),
    ("correct", many::correct),
    ("dunnett", many::dunnett),
    ("boundaries", sizes::boundaries_of_looks),
    ("power", sizes::power),
    ("design_effect", sizes::design_effect_of_clusters),
    ("lee_bounds", responses::lee),
    ("late", treated::late),
    ("bayesian", beliefs::bayesian),
    ("survival", waits::survival),
    ("heterogeneity", strata::heterogeneity),
    ("stratified", strata::stratified),
    ("erlang_c", desk::erlang_c),
    ("erlang_a", desk::erlang_a),
    ("deferred_work", desk::deferred_work),
];

/// The names of all methods, in the order of the documentation.
#[must_use]
pub fn names() -> Vec<&'static str> {
    METHODS.iter().map(|(name, _)| *name).collect()
}

pub(super) fn answer(request: &Value) -> Result<Value, Problem> {
    let mut faults = Faults::default();
    let reply = Fields::new(request, "", &mut faults).and_then(|mut fields| {
        let method = fields.word("method", &METHODS, None, &mut faults)?;
        let reply = method(&mut fields, &mut faults);
        fields.close(&mut faults);
        reply
    });
    faults.or(reply)
}

/// Notes an error at the field that it names, else at `fallback`.
fn at<T>(faults: &mut Faults, result: Result<T, StatsError>, fallback: &str) -> Option<T> {
    let pointer = match &result {
        Err(StatsError::OutOfRange { what, .. }) => match *what {
            "alpha" | "alpha of a one-sided boundary" => "/alpha",
            "a count" => "/observed",
            "the concentration" => "/concentration",
            "open_hours" => "/open_hours",
            "target_hours" => "/target_hours",
            "arrivals_per_min" => "/arrivals_per_min",
            "aht_min" => "/aht_min",
            "agents" => "/agents",
            "target_wait_min" => "/target_wait_min",
            "patience_min" => "/patience_min",
            "a margin" | "a margin of a proportion" => "/margin",
            "the true change" => "/change",
            "the allocation" => "/allocation",
            "a standard deviation" => "/sd",
            "the chance" => "/power",
            "a proportion" | "a metric's value on the relative scale" => "/value",
            "the mean cluster size" => "/mean_cluster_size",
            "the coefficient of variation" => "/cv_cluster_size",
            "the intracluster correlation" => "/icc",
            "optimised_for_n" => "/looks/optimised_for_n",
            _ => fallback,
        },
        Err(StatsError::Empty { what }) if what.contains("arrivals") => "/arrivals",
        _ => fallback,
    }
    .to_owned();
    faults.take(&pointer, result)
}
