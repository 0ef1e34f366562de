//! The log-rank test for waits that come in clusters, such as several conversations of a customer.

use std::collections::BTreeMap;

use super::distributions::chi_square_tail;
use super::effect::PValue;
use super::error::{Result, StatsError, within};

/// The log-rank test of equal waiting in two cohorts with the variance clustered by unit.
///
/// Each wait's part of the score is w = δ·(z − z̄(t)) − Σ_{s ≤ t} (z − z̄(s))·d(s)/Y(s), z 1 in the
/// treatment and z̄ its share of those at risk; the parts sum to observed − expected. Their sums by
/// unit, squared, give the variance, times K/(K − 1) over K units: χ² = U²/(K/(K − 1)·ΣUₖ²), one
/// degree of freedom (Lin & Wei 1989, the robust score test of R's `coxph`, but for the factor).
///
/// Each cohort is a list of units, each with its (time, answered) waits.
///
/// # Errors
/// [`StatsError::Empty`] without waits in a cohort, [`StatsError::OneCluster`] below two units in
/// all, [`StatsError::NoVariance`] where no time tells the cohorts apart,
/// [`StatsError::OutOfRange`] for a time that is negative or not finite.
pub fn clustered_log_rank(control: &[Vec<(f64, bool)>], treatment: &[Vec<(f64, bool)>]) -> Result<PValue> {
    let cohorts = [control, treatment];
    // By time: answered, and all that end here, of each cohort.
    let mut ends: BTreeMap<u64, [(f64, f64); 2]> = BTreeMap::new();
    let mut at_risk = [0.0, 0.0];
    for (cohort, units) in cohorts.iter().enumerate() {
        for &(time, answered) in units.iter().flatten() {
            within("a waiting time", "zero or more", time, time >= 0.0)?;
            let row = &mut ends.entry(key(time)).or_default()[cohort];
            row.0 += f64::from(u8::from(answered));
            row.1 += 1.0;
            at_risk[cohort] += 1.0;
        }
        if at_risk[cohort] == 0.0 {
            return Err(StatsError::Empty { what: "the list of waiting times" });
        }
    }
    // By time: z̄, and Σd/Y and Σz̄·d/Y until then.
    let mut steps: BTreeMap<u64, (f64, f64, f64)> = BTreeMap::new();
    let (mut hazard, mut share_hazard) = (0.0, 0.0);
    for (time, row) in &ends {
        let risk = at_risk[0] + at_risk[1];
        let share = at_risk[1] / risk;
        let answered = row[0].0 + row[1].0;
        hazard += answered / risk;
        share_hazard += share * answered / risk;
        steps.insert(*time, (share, hazard, share_hazard));
        at_risk[0] -= row[0].1;
        at_risk[1] -= row[1].1;
    }
    let (mut score, mut squares, mut count) = (0.0, 0.0, 0.0);
    for (z, units) in [(0.0, control), (1.0, treatment)] {
        for unit in units.iter().filter(|unit| !unit.is_empty()) {
            let part: f64 = unit
                .iter()
                .map(|&(time, answered)| {
                    let (share, hazard, share_hazard) = steps[&key(time)];
                    f64::from(u8::from(answered)) * (z - share) - (z * hazard - share_hazard)
                })
                .sum();
            score += part;
            squares += part * part;
            count += 1.0;
        }
    }
    if count < 2.0 {
        return Err(StatsError::OneCluster);
    }
    let variance = count / (count - 1.0) * squares;
    // Parts that only differ from zero by rounding are no evidence.
    if variance <= 1e-20 {
        return Err(StatsError::NoVariance);
    }
    PValue::computed(chi_square_tail(score * score / variance, 1.0))
}

/// Times are zero or more, so that their bits sort as they do (−0.0 becomes 0.0).
fn key(time: f64) -> u64 {
    (time + 0.0).to_bits()
}
