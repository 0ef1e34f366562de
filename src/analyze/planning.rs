//! `patience plan`: metrics and a desk in, weeks and agents out.
//!
//! Beside the contract's fields a request may hold: `cohort_weights` (the control's first; default
//! two of equal size); of a metric `mean_cluster_size`, `cv_cluster_size` and `icc` (observations of
//! a unit, whose `value` and `sd` are then those of one observation) and `covariate_correlation`; of
//! `staffing` `arrivals_by_hour` (168 weights since Monday 00:00); of `economics` `units`; `live` (a
//! channel priced by Erlang C and A); and `from_history`, which fills in what is left out
//! ([`HistoryAsked`]).
//!
//! The reply adds to each metric its chance at the last look alone and `effects`: the size without
//! each thing that changes it, so that one sees what looking every day costs; to each week its chance
//! if the metrics were independent, and each metric's own chance and margin; to `staffing` hours and
//! costs, the year with its holidays, and what a tenth more or less of each figure changes; and
//! `economics`: what waiting costs, and what each limit on revenue would cost if it were used up.

mod past;
mod reply;
mod request;

pub use past::HistoryAsked;

use serde_json::Value;

use super::Problem;
use super::fields::{Faults, Fields};
use crate::planning::history::History;
use crate::planning::staffing::OpenHours;

/// Answers a request of `patience plan`. `calendar` gives the open hours of a calendar by its key;
/// "always" needs no calendar.
///
/// # Errors
/// A [`Problem`] for whatever the request holds that makes no sense.
///
/// ```
/// use patience::analyze::plan;
/// use serde_json::json;
/// let reply = plan(&json!({
///     "units_per_week": 900, "looks": "fixed", "chance": 0.9,
///     "metrics": [{"metric": "csat", "kind": "proportion", "value": 0.92, "margin": 0.03,
///                  "margin_scale": "absolute"}],
/// }), &|_| None).unwrap();
/// // R, rpact: 3489.49 units (Farrington & Manning), rounded up by cohort.
/// assert_eq!(reply["metrics"][0]["units_needed"], 3490.0);
/// assert_eq!(reply["metrics"][0]["weeks_needed"], 4.0);
/// ```
pub fn plan(request: &Value, calendar: &dyn Fn(&str) -> Option<OpenHours>) -> Result<Value, Problem> {
    let mut faults = Faults::default();
    let Some(mut fields) = Fields::new(request, "", &mut faults) else {
        return Err(faults.problem());
    };
    if fields.optional("from_history").is_some() {
        faults.add(
            "/from_history",
            "needs the data of an installation: ask POST /api/v1/plan of a server, or give the figures here",
        );
        return Err(faults.problem());
    }
    let planned = request::experiment(&mut fields, &mut faults);
    let desk = request::desk(&mut fields, calendar, &mut faults);
    let money = request::economics(&mut fields, &mut faults);
    let live = request::live(&mut fields, &mut faults);
    fields.close(&mut faults);
    let (names, plan) = faults.or(planned)?;
    let asked = reply::Asked { names, plan, desk, money, live };
    let mut faults = Faults::default();
    let reply = asked.reply(&mut faults);
    faults.or(reply)
}

/// Answers a request of which [`HistoryAsked`] found that it asks for the past.
///
/// # Errors
/// As [`plan`].
pub fn plan_with_history(
    request: &Value,
    history: &History,
    calendar: &dyn Fn(&str) -> Option<OpenHours>,
) -> Result<Value, Problem> {
    let (request, measured) = past::filled(request, history);
    let mut reply = plan(&request, calendar)?;
    reply["from_history"] = measured;
    Ok(reply)
}
