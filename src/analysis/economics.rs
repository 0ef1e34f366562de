//! What the slower level is worth: net value's difference and its two parts, a month and a year.
//!
//! Hours, revenue and lost customers are kept apart with all their products ([`Worth`]), so that
//! any prices can be put on them afterwards, each with the interval that a whole new analysis would
//! give: the parts, and the sensitivity to what was assumed.

use crate::{
    domain::{experiment::Economics, ids::CohortKey},
    metrics::{Metric, Unit, net_value},
    stats::JointMoments,
};

use super::{
    accumulate::Accumulator,
    document::{
        CostParameter, EconomicsResult, MetricComparison, PerUnitMonth, Range, Sensitivity, SensitivityPoint,
        YearlySums,
    },
    inference::Inference,
    tally::{FEW_UNITS, Tally},
};

/// Months of 30 days in a year.
pub const MONTHS_A_YEAR: f64 = 365.0 / 30.0;

/// The parts of what is assumed at which net value is told again.
const FACTORS: [f64; 5] = [0.5, 0.75, 1.0, 1.25, 1.5];

/// Hours, revenue, lost customers and months of a cohort's units, before anything is priced.
#[derive(Debug, Clone, Default)]
pub struct Worth {
    moments: JointMoments<4>,
    /// The units themselves, while there are at most [`FEW_UNITS`].
    few: Vec<[f64; 4]>,
    units: u64,
}

/// Hours, revenue, lost customers and months (of 30 days) of a unit's whole months, before anything is priced.
pub fn parts(unit: &Unit<'_>) -> [f64; 4] {
    let mut parts = [0.0; 4];
    for month in unit.months() {
        for (sum, part) in parts.iter_mut().zip([month.hours, month.revenue, month.lost, month.months]) {
            *sum += part;
        }
    }
    parts
}

/// The weights of the months, the denominator of everything here.
const MONTHS: [f64; 4] = [0.0, 0.0, 0.0, 1.0];

impl Worth {
    /// Adds a unit that has a whole month.
    pub fn add(&mut self, unit: &Unit<'_>) {
        let parts = parts(unit);
        if parts[3] > 0.0 {
            self.units += 1;
            self.moments.add(parts);
            if self.units <= FEW_UNITS {
                self.few.push(parts);
            }
        }
    }

    /// Adds the units of another range.
    pub fn merge(&mut self, other: &Self) {
        self.units += other.units;
        self.moments.merge(&other.moments);
        if self.units <= FEW_UNITS {
            self.few.extend(&other.few);
        }
    }

    /// Hours, revenue and lost customers at these prices, over months.
    fn priced(&self, [hour, revenue, lost]: [f64; 3]) -> Tally {
        let post = self.moments.weighted([hour, revenue, lost, 0.0], MONTHS);
        let price = |parts: &[f64; 4]| hour * parts[0] + revenue * parts[1] + lost * parts[2];
        Tally {
            units: self.units,
            sums: post.into(),
            few: self.few.iter().map(|parts| (price(parts), parts[3])).collect(),
            ..Tally::default()
        }
    }
}

/// Compares a treatment's worth with the control's at any prices.
struct Pricing<'a> {
    pass: &'a Accumulator<'a>,
    inference: &'a Inference<'a>,
    treatment: &'a CohortKey,
}

impl Pricing<'_> {
    /// The difference a unit and 30 days, and the variance of its estimate.
    fn difference(&self, prices: [f64; 3]) -> (Range, f64) {
        let units: Vec<u64> = self.pass.cohorts.iter().map(|cohort| cohort.units).collect();
        let tallies: Vec<Tally> = self.pass.worth.iter().map(|worth| worth.priced(prices)).collect();
        let arms = Inference::plain_arms(&tallies);
        let about = net_value::NetValue.about();
        let compared = self.inference.compare(&about, None, &arms, false, &units, &mut Vec::new());
        let range = compared.into_iter().find(|c| c.treatment == *self.treatment).map(|c| c.absolute);
        let cohorts = self.pass.study.experiment.definition.cohorts.iter().zip(&arms).enumerate();
        let variance = cohorts
            .filter(|(i, (cohort, _))| cohort.key == *self.treatment || *i == self.inference.control())
            .filter_map(|(_, (_, arm))| Some(arm.as_ref().ok()?.variance_of_mean))
            .sum();
        (range.unwrap_or_default(), variance)
    }
}

/// The economics of one treatment; none where the experiment declares no costs.
pub fn economics(
    pass: &Accumulator<'_>,
    inference: &Inference<'_>,
    treatment: &CohortKey,
    net_value: Option<&MetricComparison>,
) -> Option<EconomicsResult> {
    let definition = &pass.study.experiment.definition;
    let costs = definition.economics.as_ref()?;
    let pricing = Pricing { pass, inference, treatment };
    let [hour, margin, replacement] = net_value::prices(costs);
    // Agent time counts negative in net value: what the treatment has more of it is saved. Of the rest, what
    // it has less is lost.
    let (saving_range, _) = pricing.difference([hour, 0.0, 0.0]);
    let (retention_loss_range, _) = pricing.difference([0.0, -margin, -replacement]);
    let control = &pass.worth[definition.control_index()].moments;
    let control_revenue = (control.sum(3) > 0.0).then(|| control.sum(1) / control.sum(3));

    let assigned: u64 = pass.cohorts.iter().map(|cohort| cohort.units).sum();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "units over a share in (0, 1]"
    )]
    let units = (assigned as f64 / definition.traffic.share).round() as u64;
    let a_year = MONTHS_A_YEAR * units as f64;
    let net = net_value.map(|comparison| comparison.absolute).filter(|range| range.estimate.is_some());
    let month = net.and_then(|net_value| {
        Some(PerUnitMonth {
            saving: saving_range.estimate?,
            retention_loss: retention_loss_range.estimate?,
            net_value,
            saving_range,
            retention_loss_range,
        })
    });
    let year = month.as_ref().map(|month| YearlySums {
        saving: scaled(month.saving_range, a_year),
        retention_loss: scaled(month.retention_loss_range, a_year),
        net_value: scaled(month.net_value, a_year),
        hours_saved: month.saving * a_year / costs.agent_hour,
    });
    let break_even = month.as_ref().zip(control_revenue).and_then(|(month, revenue)| {
        let margin = revenue * costs.gross_margin;
        (margin > 0.0).then(|| month.saving / margin)
    });
    let sensitivity = if month.is_some() { sensitivity(&pricing, costs, a_year) } else { Vec::new() };
    Some(EconomicsResult {
        currency: costs.currency,
        treatment: treatment.clone(),
        per_customer_month: month,
        per_year: year,
        units,
        control_revenue,
        break_even_retention_loss: break_even,
        sensitivity,
    })
}

/// Net value a year where one thing costs more or less than assumed, the others as they are.
fn sensitivity(pricing: &Pricing<'_>, costs: &Economics, a_year: f64) -> Vec<Sensitivity> {
    use CostParameter::{AgentHour, GrossMargin, ReplacementCost};
    [AgentHour, GrossMargin, ReplacementCost]
        .map(|parameter| {
            let place = parameter as usize;
            let assumed = [costs.agent_hour, costs.gross_margin, costs.replacement_cost][place];
            // No more than all of the revenue can be margin.
            let most = if parameter == GrossMargin { 1.0 } else { f64::INFINITY };
            let line = Line { pricing, prices: net_value::prices(costs), place, assumed, most };
            let factors = if assumed > 0.0 { FACTORS.as_slice() } else { &[1.0] };
            let told = factors.iter().map(|factor| (factor, factor * assumed));
            let points = told
                .filter(|(_, value)| *value <= most)
                .map(|(factor, value)| {
                    let net_value = scaled(line.at(value).0, a_year);
                    SensitivityPoint { factor: *factor, value, net_value }
                })
                .collect();
            Sensitivity {
                parameter,
                value: assumed,
                points,
                estimate_turns_at: line.estimate_turns_at(),
                lower_turns_at: line.lower_turns_at(),
            }
        })
        .into()
}

/// Net value's difference as one price moves: its estimate is a straight line in it, its variance a parabola.
struct Line<'a> {
    pricing: &'a Pricing<'a>,
    prices: [f64; 3],
    place: usize,
    assumed: f64,
    most: f64,
}

impl Line<'_> {
    /// The difference and its variance where the thing costs `value`.
    fn at(&self, value: f64) -> (Range, f64) {
        let mut prices = self.prices;
        let sign = if self.place == CostParameter::GrossMargin as usize { 1.0 } else { -1.0 };
        prices[self.place] = sign * value;
        self.pricing.difference(prices)
    }

    fn possible(&self, value: f64) -> Option<f64> {
        (0.0..=self.most).contains(&value).then_some(value)
    }

    /// Estimates at zero, and what each unit of the price adds.
    fn slope(&self) -> Option<(f64, f64)> {
        let base = self.at(0.0).0.estimate?;
        Some((base, self.at(1.0).0.estimate? - base))
    }

    fn estimate_turns_at(&self) -> Option<f64> {
        let (base, slope) = self.slope()?;
        self.possible(-base / slope)
    }

    /// Where the lower end passes zero: a line less a multiple of the root of a parabola does so at most twice.
    fn lower_turns_at(&self) -> Vec<f64> {
        let mut found: Vec<f64> =
            [false, true].into_iter().filter_map(|later| self.lower_turns(later)).collect();
        found.dedup_by(|later, first| (*later - *first).abs() <= 1e-9 * first.abs());
        found
    }

    /// The multiple hardly depends on the price (by the degrees of freedom alone), so that solving with it
    /// and taking it anew where the solution lies comes to rest within a few rounds.
    fn lower_turns(&self, later: bool) -> Option<f64> {
        let (a, b) = self.slope()?;
        let step = if self.assumed > 0.0 { self.assumed } else { 1.0 };
        let [v0, v1, v2] = [0.0, step, 2.0 * step].map(|value| self.at(value).1);
        let curve = (v2 - 2.0 * v1 + v0) / (2.0 * step * step);
        let tilt = (v1 - v0) / step - curve * step;
        let mut value = self.assumed;
        for _ in 0..30 {
            let (range, variance) = self.at(value);
            let (estimate, lower) = (range.estimate?, range.lower?);
            if lower.abs() <= 1e-10 * variance.sqrt() {
                return self.possible(value);
            }
            let multiple = (estimate - lower).powi(2) / variance;
            // (a + b·value)² = multiple·(v0 + tilt·value + curve·value²), on the side where a + b·value > 0.
            let square = b * b - multiple * curve;
            let linear = a * b - 0.5 * multiple * tilt;
            let constant = a * a - multiple * v0;
            let mut roots = solve(square, linear, constant)?;
            roots.sort_by(f64::total_cmp);
            let mut roots =
                roots.into_iter().filter(|root| a + b * root > 0.0 && self.possible(*root).is_some());
            value = if later { roots.next_back()? } else { roots.next()? };
        }
        None
    }
}

/// Both solutions of `square`·x² + 2·`linear`·x + `constant` = 0, without cancellation.
fn solve(square: f64, linear: f64, constant: f64) -> Option<[f64; 2]> {
    let root = (linear * linear - square * constant).sqrt();
    let q = -(linear + root.copysign(linear));
    let found = [q / square, constant / q];
    (!root.is_nan()).then_some(found)
}

fn scaled(range: Range, by: f64) -> Range {
    let times = |value: Option<f64>| value.map(|value| value * by);
    Range { estimate: times(range.estimate), lower: times(range.lower), upper: times(range.upper) }
}
