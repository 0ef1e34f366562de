//! What the slower level is worth: net value's difference and its two parts, a month and a year.

use crate::{
    domain::ids::CohortKey,
    metrics::{About, Metric, net_value::NetValue},
    stats::Arm,
};

use super::{
    accumulate::{Accumulator, Tally},
    document::{EconomicsResult, MetricComparison, PerUnitMonth, Range, YearlySums},
    inference::Inference,
};

/// Months of 30 days in a year.
pub const MONTHS_A_YEAR: f64 = 365.0 / 30.0;

/// The economics of one treatment; none where the experiment declares no costs.
pub fn economics(
    pass: &Accumulator<'_>,
    inference: &Inference<'_>,
    treatment: &CohortKey,
    net_value: Option<&MetricComparison>,
) -> Option<EconomicsResult> {
    let definition = &pass.study.experiment.definition;
    let costs = definition.economics.as_ref()?;
    let about = NetValue::Whole.about();
    let compare = |tallies: &[Tally]| difference(pass, inference, &about, tallies, treatment);
    let [agent_time, customers, revenue] = &pass.parts;
    let (time, rest) = (compare(agent_time), compare(customers));
    let control = definition.control_index();
    let control_revenue = Inference::plain_arms(revenue)[control].as_ref().ok().map(|arm: &Arm| arm.mean);

    let assigned: u64 = pass.cohorts.iter().map(|cohort| cohort.units).sum();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "units over a share in (0, 1]"
    )]
    let units = (assigned as f64 / definition.traffic.share).round() as u64;
    let net = net_value.map(|comparison| comparison.absolute).filter(|range| range.estimate.is_some());
    let month = net.and_then(|net_value| {
        // Agent time counts negative in net value: what the treatment has more of it is saved. Of the rest, what
        // it has less is lost.
        let (saving_range, retention_loss_range) = (time, mirrored(rest));
        Some(PerUnitMonth {
            saving: saving_range.estimate?,
            retention_loss: retention_loss_range.estimate?,
            net_value,
            saving_range,
            retention_loss_range,
        })
    });
    let year = month.as_ref().map(|month| {
        let scaled = |range: Range| scale(range, MONTHS_A_YEAR * units as f64);
        YearlySums {
            saving: scaled(month.saving_range),
            retention_loss: scaled(month.retention_loss_range),
            net_value: scaled(month.net_value),
            hours_saved: month.saving * MONTHS_A_YEAR * units as f64 / costs.agent_hour,
        }
    });
    let break_even = month.as_ref().zip(control_revenue).and_then(|(month, revenue)| {
        let margin = revenue * costs.gross_margin;
        (margin > 0.0).then(|| month.saving / margin)
    });
    Some(EconomicsResult {
        currency: costs.currency,
        treatment: treatment.clone(),
        per_customer_month: month,
        per_year: year,
        units,
        control_revenue,
        break_even_retention_loss: break_even,
    })
}

fn difference(
    pass: &Accumulator<'_>,
    inference: &Inference<'_>,
    about: &About<'_>,
    tallies: &[Tally],
    treatment: &CohortKey,
) -> Range {
    let units: Vec<u64> = pass.cohorts.iter().map(|cohort| cohort.units).collect();
    let arms = Inference::plain_arms(tallies);
    let compared = inference.compare(about, None, &arms, false, &units, &mut Vec::new());
    compared.into_iter().find(|c| c.treatment == *treatment).map(|c| c.absolute).unwrap_or_default()
}

/// The same range with its sign turned.
fn mirrored(range: Range) -> Range {
    scale(range, -1.0)
}

fn scale(range: Range, by: f64) -> Range {
    let times = |value: Option<f64>| value.map(|value| value * by);
    let (low, high) = if by < 0.0 { (range.upper, range.lower) } else { (range.lower, range.upper) };
    Range { estimate: times(range.estimate), lower: times(low), upper: times(high) }
}
