//! What the segments say: each value's difference, and whether the difference itself differs.

use crate::{
    domain::experiment::MarginScale,
    stats::{Arm, PValue, heterogeneity, multiplicity},
};

use super::{
    accumulate::{Accumulator, Measured},
    document::{Range, SegmentHeterogeneity, SegmentResult},
    inference::Inference,
    segments::{Group, Pair, Split, of_conversations},
    tally::FEW_UNITS,
};

/// No more leads than this are told, those of the most units.
const MOST_LEADS: usize = 6;

/// What is said of segments.
#[derive(Debug, Default)]
pub struct Found {
    /// Each value's differences.
    pub segments: Vec<SegmentResult>,
    /// Whether they differ.
    pub heterogeneity: Vec<SegmentHeterogeneity>,
}

/// A segment to tell.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether the experiment's file names it.
    pub declared: bool,
    /// Its groups.
    pub split: &'a Split,
}

/// The segments to tell: those declared, then the leads of the most units.
///
/// A lead's group needs [`FEW_UNITS`] in every cohort (below that the variance is no more than a guess), and
/// a lead two such groups.
pub fn told<'a>(pass: &'a Accumulator<'_>) -> Vec<Told<'a>> {
    let units = |split: &Split| split.groups.values().flat_map(|group| &group.units).sum::<u64>();
    let enough = |split: &Split| split.groups.values().filter(|group| is_enough(group)).count() > 1;
    let mut leads: Vec<_> = pass.segments.others().filter(|(_, split)| enough(split)).collect();
    leads.sort_by_key(|(name, split)| (std::cmp::Reverse(units(split)), *name));
    let leads = leads.into_iter().take(MOST_LEADS).map(|lead| (false, lead));
    let declared = pass.segments.declared().map(|segment| (true, segment));
    declared.chain(leads).map(|(declared, (name, split))| Told { name, declared, split }).collect()
}

fn is_enough(group: &Group) -> bool {
    group.units.iter().all(|units| *units >= FEW_UNITS)
}

/// Each value's differences and their spread, of every metric of the definition. The p-values are corrected
/// (Benjamini–Hochberg) over all segments of a metric, those declared and the leads each among themselves.
pub fn found(pass: &Accumulator<'_>, inference: &Inference<'_>) -> Found {
    let told = told(pass);
    let mut found = Found::default();
    for (index, measured) in pass.measured.iter().enumerate().filter(|(_, measured)| measured.plan.is_some())
    {
        for declared in [true, false] {
            let (from, spread_from) = (found.segments.len(), found.heterogeneity.len());
            for segment in told.iter().filter(|told| told.declared == declared) {
                let teller = Teller { pass, inference, segment: *segment, index, measured };
                teller.tell(&mut found);
            }
            correct(found.segments[from..].iter_mut().map(|result| &mut result.p_value_adjusted));
            let spreads = found.heterogeneity[spread_from..].iter_mut();
            correct(spreads.map(|spread| &mut spread.p_value_adjusted));
        }
    }
    found
}

fn correct<'a>(p_values: impl Iterator<Item = &'a mut Option<f64>>) {
    let mut tested: Vec<&mut Option<f64>> = p_values.filter(|p| p.is_some()).collect();
    let raw: Vec<PValue> = tested.iter().filter_map(|p| PValue::new((**p)?).ok()).collect();
    if raw.len() == tested.len() {
        for (p, adjusted) in tested.iter_mut().zip(multiplicity::benjamini_hochberg(&raw)) {
            **p = Some(adjusted.value());
        }
    }
}

/// One segment and metric.
struct Teller<'a> {
    pass: &'a Accumulator<'a>,
    inference: &'a Inference<'a>,
    segment: Told<'a>,
    index: usize,
    measured: &'a Measured<'a>,
}

/// A value with its estimates by cohort.
struct Valued<'a> {
    value: &'a str,
    group: &'a Group,
    arms: Vec<Option<Arm>>,
    /// Where its result stands in the list, by treatment.
    results: Vec<Option<usize>>,
}

impl Teller<'_> {
    fn tell(&self, found: &mut Found) {
        let definition = &self.pass.study.experiment.definition;
        let control = definition.control_index();
        let about = self.measured.metric.about();
        let plan = self.measured.plan.map(|index| &definition.metrics[index]);
        let scale = super::inference::scale_told(plan, about.measure);
        let mut values = Vec::new();
        for (value, group) in &self.segment.split.groups {
            let tallies = &group.tallies[self.index];
            if tallies.is_empty() || (!self.segment.declared && !is_enough(group)) {
                continue;
            }
            let arms = Inference::plain_arms(tallies);
            let compared = self.inference.compare(&about, None, &arms, false, &group.units, &mut Vec::new());
            let arms: Vec<Option<Arm>> = arms.into_iter().map(Result::ok).collect();
            let mut results = vec![None; definition.cohorts.len()];
            let treatments = (0..definition.cohorts.len()).filter(|cohort| *cohort != control);
            for (cohort, comparison) in treatments.zip(compared) {
                if comparison.absolute == Range::default() {
                    continue;
                }
                results[cohort] = Some(found.segments.len());
                let mean = |cohort: usize| arms[cohort].map(|arm| arm.mean);
                found.segments.push(SegmentResult {
                    segment: self.segment.name.to_owned(),
                    value: value.clone(),
                    declared: self.segment.declared,
                    metric: about.name.to_owned(),
                    treatment: comparison.treatment,
                    units: group.units[control] + group.units[cohort],
                    control_value: mean(control),
                    treatment_value: mean(cohort),
                    absolute: comparison.absolute,
                    relative: comparison.relative,
                    p_value_adjusted: comparison.p_value,
                    shrunk: None,
                });
            }
            values.push(Valued { value, group, arms, results });
        }
        for (cohort, treatment) in definition.cohorts.iter().enumerate().filter(|(i, _)| *i != control) {
            let effects: Vec<Effect<'_>> =
                values.iter().filter_map(|value| Effect::of(value, control, cohort, scale)).collect();
            let covariance = self.covariance(&effects, control, cohort);
            let estimates: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
            let Ok(spread) = heterogeneity::interaction(&estimates, &covariance) else { continue };
            for (effect, shrunk) in effects.iter().zip(&spread.shrunk) {
                if let Some(place) = effect.valued.results[cohort] {
                    found.segments[place].shrunk = Some(*shrunk);
                }
            }
            found.heterogeneity.push(SegmentHeterogeneity {
                segment: self.segment.name.to_owned(),
                declared: self.segment.declared,
                metric: about.name.to_owned(),
                treatment: treatment.key.clone(),
                scale,
                values: effects.len() as u64,
                shares_units: of_conversations(self.segment.name),
                q: spread.q,
                degrees_of_freedom: spread.degrees_of_freedom,
                p_value: spread.p_value.value(),
                p_value_adjusted: Some(spread.p_value.value()),
                i_squared: spread.i_squared,
                tau_squared: spread.tau_squared,
                pooled: spread.pooled,
            });
        }
    }

    /// Between the effects of two values: from the units that are in both.
    fn covariance(&self, effects: &[Effect<'_>], control: usize, cohort: usize) -> Vec<Vec<f64>> {
        let between = |a: &Effect<'_>, b: &Effect<'_>| {
            let (first, second) = if a.valued.value < b.valued.value { (a, b) } else { (b, a) };
            let Some(pair) = first.valued.group.with.get(second.valued.value) else { return 0.0 };
            let part = |cohort: usize, weights: f64| {
                weights * self.covariance_of_arms(pair, first.valued, second.valued, cohort).unwrap_or(0.0)
            };
            (part(cohort, 1.0) + part(control, a.control_weight * b.control_weight)) / (a.base * b.base)
        };
        let row = |i: usize, a: &Effect<'_>| {
            let cell = |(j, b)| if i == j { a.variance } else { between(a, b) };
            effects.iter().enumerate().map(cell).collect()
        };
        effects.iter().enumerate().map(|(i, a)| row(i, a)).collect()
    }

    /// Of two ratios R = Σy/Σx of one cohort: Σ(y − Rx)(y′ − R′x′)/(ΣxΣx′) over the units in both, with the
    /// correction for few units that both variances have.
    fn covariance_of_arms(&self, pair: &Pair, a: &Valued<'_>, b: &Valued<'_>, cohort: usize) -> Option<f64> {
        let [(ratio, x, n), (other, other_x, other_n)] = [a, b].map(|valued| {
            let sums = valued.group.tallies[self.index][cohort].moments().post;
            (valued.arms[cohort].map(|arm| arm.mean), sums.x, sums.n as f64)
        });
        let products = pair.get(self.index)?.get(cohort)?.of_residuals(ratio?, other?);
        let few = (n / (n - 1.0) * other_n / (other_n - 1.0)).sqrt();
        Some(few * products / (x * other_x))
    }
}

/// The effect in one value on the metric's scale.
struct Effect<'a> {
    valued: &'a Valued<'a>,
    estimate: f64,
    variance: f64,
    /// What it is divided by: 1, or the size of the control's value.
    base: f64,
    /// By how much the control's error counts: 1, or the ratio of both values.
    control_weight: f64,
}

impl<'a> Effect<'a> {
    fn of(valued: &'a Valued<'a>, control: usize, cohort: usize, scale: MarginScale) -> Option<Self> {
        let (usual, slow) = (valued.arms[control]?, valued.arms[cohort]?);
        let (base, control_weight) = match scale {
            MarginScale::Absolute => (1.0, 1.0),
            MarginScale::Relative if usual.mean == 0.0 => return None,
            MarginScale::Relative => (usual.mean.abs(), slow.mean / usual.mean),
        };
        let variance = slow.variance_of_mean + control_weight.powi(2) * usual.variance_of_mean;
        (variance > 0.0).then(|| Self {
            valued,
            estimate: (slow.mean - usual.mean) / base,
            variance: variance / (base * base),
            base,
            control_weight,
        })
    }
}
