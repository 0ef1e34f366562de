//! Waiting times, of which some still last.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::at;
use crate::analyze::fields::{Faults, Fields};
use crate::analyze::inference::confidence;
use crate::analyze::raw::units_of;
use crate::stats::distributions::normal_tail_quantile;
use crate::stats::survival::{
    Figure, Influence, KaplanMeier, LogRankScores, WaitingTimes, clustered_log_rank, clustered_std_error,
    difference, log_rank,
};
use crate::stats::{Confidence, Interval, PValue, Result};

/// One wait: how long, and whether it ended with an answer.
type Wait = (f64, bool);

/// A cohort's waits, in its units where they are told.
struct Waits {
    times: WaitingTimes,
    curve: KaplanMeier,
    units: Option<Vec<Vec<Wait>>>,
}

impl Waits {
    /// `figure` with its standard error clustered by unit, where units are told.
    fn clustered(&self, figure: Figure, influence: &Influence) -> Result<Figure> {
        let Some(units) = &self.units else { return Ok(figure) };
        let of_unit =
            |waits: &Vec<Wait>| waits.iter().map(|w| influence.of(self.curve.place(w.0, w.1))).sum();
        Ok(Figure { std_error: clustered_std_error(units.iter().map(of_unit))?, ..figure })
    }

    fn restricted_mean(&self, tau: f64) -> Result<Figure> {
        self.clustered(self.curve.restricted_mean(tau)?, &self.curve.restricted_mean_influence(tau)?)
    }

    /// The time by which the share `p` is answered, with its interval.
    fn quantile(&self, p: f64, confidence: Confidence) -> Option<Interval> {
        let error = self.share_within(self.curve.quantile(p)?).ok()?.std_error;
        self.curve.quantile_interval(p, error, confidence)
    }

    fn share_within(&self, hours: f64) -> Result<Figure> {
        self.clustered(self.curve.share_answered_within(hours), &self.curve.still_waiting_influence(hours))
    }
}

pub(super) fn survival(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let confidence = confidence(fields, faults);
    let control = waits(fields, "control", faults);
    let treatment = waits(fields, "treatment", faults);
    let tau = fields.number("tau", faults);
    let percentiles = optional_list(fields, "percentiles", faults);
    let within = optional_list(fields, "within", faults);
    let (confidence, tau) = (confidence?, tau?);
    let (percentiles, within) = (percentiles?, within?);
    if let Some(i) = percentiles.iter().position(|p| !(*p > 0.0 && *p < 1.0)) {
        faults.add(format!("/percentiles/{i}"), "must be a share above 0 and below 1");
        return None;
    }
    if let Some(i) = within.iter().position(|hours| *hours < 0.0) {
        faults.add(format!("/within/{i}"), "must be zero hours or more");
        return None;
    }
    let both = [control?, treatment?];
    let curves = both.each_ref().map(|waits| &waits.curve);
    let [control, treatment] = both.each_ref().map(|waits| waits.restricted_mean(tau));
    let means = [at(faults, control, "/tau")?, at(faults, treatment, "/tau")?];
    let found = at(faults, difference(means[0], means[1], confidence), "")?;
    let mut reply = json!({
        "median": curves.map(KaplanMeier::median),
        "median_interval": percentile(&both, 0.5, confidence),
        "restricted_mean": [means[0].value, means[1].value],
        "restricted_mean_std_error": [means[0].std_error, means[1].std_error],
        "difference": found.interval.estimate,
        "difference_std_error": found.std_error,
        "lower": found.interval.lower,
        "upper": found.interval.upper,
        "p_value": found.p_value,
        "log_rank_p_value": tested(&both),
    });
    if !percentiles.is_empty() {
        reply["percentiles"] = percentiles.iter().map(|p| percentile(&both, *p, confidence)).collect();
    }
    if !within.is_empty() {
        let told = within.iter().map(|hours| share(&both, *hours, confidence, faults));
        reply["within"] = Value::Array(told.collect::<Option<_>>()?);
    }
    Some(reply)
}

/// The time by which the share `p` is answered in either cohort, with Woodruff's interval; and its
/// difference with a normal one, each cohort's error half its interval's width over z. An end that the curve
/// does not reach is null, and then there is no difference.
fn percentile(both: &[Waits; 2], p: f64, confidence: Confidence) -> Value {
    let z = normal_tail_quantile(0.5 * confidence.alpha());
    let found = both.each_ref().map(|waits| waits.quantile(p, confidence));
    let [control, treatment] = found.map(|interval| {
        let Interval { estimate, lower, upper } = interval?;
        Some(Figure { value: estimate, std_error: (upper? - lower?) / (2.0 * z) })
    });
    let gap = control.zip(treatment).and_then(|(c, t)| difference(c, t, confidence).ok());
    let mut reply = json!({
        "p": p,
        "hours": both.each_ref().map(|waits| waits.curve.quantile(p)),
        "lower": found.map(|interval| interval.and_then(|i| i.lower)),
        "upper": found.map(|interval| interval.and_then(|i| i.upper)),
    });
    if let Some(gap) = gap {
        reply["difference"] = json!(gap.interval.estimate);
        reply["difference_lower"] = json!(gap.interval.lower);
        reply["difference_upper"] = json!(gap.interval.upper);
    }
    reply
}

/// The log-rank p-value, clustered where both cohorts tell their units.
fn tested([control, treatment]: &[Waits; 2]) -> Option<f64> {
    let found = match (&control.units, &treatment.units) {
        (Some(of_control), Some(of_treatment)) => {
            let scores = LogRankScores::new(&control.times, &treatment.times).ok()?;
            let sums = |units: &[Vec<Wait>], in_treatment: bool| -> Vec<f64> {
                let sum = |waits: &Vec<Wait>| waits.iter().map(|w| scores.of(w.0, w.1, in_treatment)).sum();
                units.iter().filter(|waits| !waits.is_empty()).map(sum).collect()
            };
            clustered_log_rank([sums(of_control, false), sums(of_treatment, true)].into_iter().flatten())
        }
        _ => log_rank(&control.times, &treatment.times),
    };
    found.ok().map(PValue::value)
}

/// The share answered within so many hours, and its difference; before the first answer and after
/// the last there is no error to tell.
fn share(both: &[Waits; 2], hours: f64, confidence: Confidence, faults: &mut Faults) -> Option<Value> {
    let [control, treatment] = both.each_ref().map(|waits| waits.share_within(hours));
    let shares = [at(faults, control, "/control")?, at(faults, treatment, "/treatment")?];
    let gap = difference(shares[0], shares[1], confidence).ok();
    Some(json!({
        "hours": hours,
        "share": shares.map(|s| s.value), "std_error": shares.map(|s| s.std_error),
        "difference": shares[1].value - shares[0].value,
        "lower": gap.and_then(|g| g.interval.lower), "upper": gap.and_then(|g| g.interval.upper),
        "p_value": gap.map(|g| g.p_value),
    }))
}

fn optional_list(fields: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Vec<f64>> {
    if fields.optional(key).is_none() {
        return Some(Vec::new());
    }
    fields.numbers(key, faults)
}

fn waits(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Waits> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let hours = fields.numbers("hours", faults);
    let answered = fields.list("answered", faults).and_then(|list| {
        list.iter()
            .enumerate()
            .map(|(i, item)| match (item.as_bool(), item.as_f64()) {
                (Some(answered), _) => Some(answered),
                (_, Some(1.0)) => Some(true),
                (_, Some(0.0)) => Some(false),
                _ => {
                    faults
                        .add(format!("{pointer}/answered/{i}"), "must be 1 (answered) or 0 (still waiting)");
                    None
                }
            })
            .collect::<Option<Vec<bool>>>()
    });
    let units = match fields.optional("units") {
        Some(units) => Some(units_of(units, &pointer, faults)?),
        None => None,
    };
    fields.close(faults);
    let (hours, answered) = (hours?, answered?);
    let lengths = [("answered", Some(answered.len())), ("units", units.as_ref().map(Vec::len))];
    for (field, length) in lengths {
        if length.is_some_and(|length| length != hours.len()) {
            faults.add(format!("{pointer}/{field}"), format!("must be as long as hours, {}", hours.len()));
            return None;
        }
    }
    let pairs: Vec<Wait> = hours.into_iter().zip(answered).collect();
    let times = faults.take(&format!("{pointer}/hours"), WaitingTimes::of_pairs(pairs.iter().copied()))?;
    let units = units.map(|units| {
        let mut by_unit: BTreeMap<String, Vec<Wait>> = BTreeMap::new();
        for (unit, wait) in units.into_iter().zip(pairs) {
            by_unit.entry(unit).or_default().push(wait);
        }
        by_unit.into_values().collect()
    });
    Some(Waits { curve: KaplanMeier::new(&times), times, units })
}
