//! From sums to comparisons: one place where an experiment's plan meets the methods of `stats`.

use crate::{
    domain::experiment::{Correction, Direction, LooksKind, MarginScale, MetricPlan, Role, Spending, Status},
    language::{Message, say},
    metrics::{About, Measure},
    stats::{
        self, Arm, Confidence, Looks, PValue, Scale, StatsError, Stopped, Test, arm_of_few_units,
        arm_of_ratio, compare_by, interval_by, multiplicity,
        power::Schedule,
        sequential::{self, Ruler},
    },
};

use super::{
    document::{Conclusion, LooksCounted, MetricComparison, Range, TestKind},
    looks::{self, Bounds},
    study::Study,
    tally::{FEW_UNITS, Tally},
};

/// How an experiment's figures are compared.
#[derive(Debug)]
pub struct Inference<'a> {
    study: &'a Study<'a>,
    confidence: Confidence,
    looks: LooksKind,
    spending: Spending,
    /// All units by cohort as of the analysis: where a group-sequential experiment stands.
    units: Vec<u64>,
    bounds: Bounds,
}

/// The arms of a metric by cohort: an error where a cohort has too little.
pub type Arms = Vec<Result<Arm, StatsError>>;

impl<'a> Inference<'a> {
    /// By the plan of a study of which so many units have been assigned, by cohort.
    pub fn new(study: &'a Study<'a>, units: Vec<u64>) -> Self {
        let definition = &study.experiment.definition;
        let confidence = Confidence::new(definition.confidence).unwrap_or(Confidence::DEFAULT);
        let spending = definition.analysis.spending.unwrap_or(Spending::ObrienFleming);
        let bounds = Bounds::new(match spending {
            Spending::ObrienFleming => sequential::Spending::ObrienFleming,
            Spending::Pocock => sequential::Spending::Pocock,
        });
        Self { study, confidence, looks: study.looks_kind(), spending, units, bounds }
    }

    /// The place of the control among the cohorts.
    pub fn control(&self) -> usize {
        self.study.experiment.definition.control_index()
    }

    /// Two-sided confidence of every interval.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Whether each look that was taken counts.
    pub fn is_group_sequential(&self) -> bool {
        self.looks == LooksKind::GroupSequential
    }

    /// The information of the looks until the one at which so many units are in a treatment and in the control.
    fn information(&self, treatment: usize, units: u64) -> Vec<f64> {
        let definition = &self.study.experiment.definition;
        let of_planned = |units: u64| units as f64 / self.study.experiment.planned_units as f64;
        let (control, treatment) = (&definition.control().key, &definition.cohorts[treatment].key);
        let taken = self.study.earlier.iter().map(|taken| of_planned(taken.units_of(control, treatment)));
        let planned = definition.analysis.planned_looks.unwrap_or(looks::PLANNED_LOOKS);
        looks::sequence(&taken.collect::<Vec<_>>(), planned, of_planned(units).max(1e-6))
    }

    /// Everything that a comparison at `confidence` needs to know of the looks, where so many units are in a
    /// treatment and in the control. Group-sequential figures of the analysis itself, those of segments among them,
    /// stand where the whole experiment stands. The normal law of many looks is not that of small cohorts.
    fn ruler(
        &self,
        treatment: usize,
        units: u64,
        confidence: Confidence,
        (usual, slow): (&Arm, &Arm),
    ) -> Result<Ruler, StatsError> {
        let planned = self.study.experiment.planned_units as f64;
        let ruler = match self.looks {
            LooksKind::Fixed => Ruler::two_sided(&Looks::Fixed, confidence)?,
            LooksKind::AlwaysValid => {
                let looks = Looks::AlwaysValid { optimised_for_n: planned, n_total: units as f64 };
                Ruler::two_sided(&looks, confidence)?
            }
            LooksKind::GroupSequential => {
                let information = self.information(treatment, units);
                let bound = self.bounds.last(&information, confidence.alpha())?;
                Ruler::of_bound(bound, confidence, self.bounds.p_values(&information))
            }
        };
        Ok(if usual.n.min(slow.n) < FEW_UNITS as f64 { ruler.for_few_units() } else { ruler })
    }

    /// The looks until so many units are in a treatment and in the control, `days` after the first of them joined, as
    /// a plan counts them: the server looks once a day.
    ///
    /// # Errors
    /// Those of the rule.
    pub fn schedule(
        &self,
        treatment: usize,
        units: f64,
        days: f64,
        confidence: Confidence,
    ) -> Result<Schedule, StatsError> {
        let planned = self.study.experiment.planned_units as f64;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to 1e6; units are counts"
        )]
        match self.looks {
            LooksKind::Fixed => Ok(Schedule::fixed(confidence)),
            LooksKind::AlwaysValid => {
                Schedule::always_valid(confidence, units, planned, days.ceil().clamp(1.0, 1e6) as u32)
            }
            LooksKind::GroupSequential => {
                let information = self.information(treatment, units as u64);
                let bounds = self.bounds.all(&information, confidence.alpha())?;
                Ok(Schedule::of_bounds(&information, &bounds))
            }
        }
    }

    /// The looks that the ranges pay for, by treatment; none but for group-sequential ones.
    pub fn looks_counted(&self) -> Vec<LooksCounted> {
        if !self.is_group_sequential() {
            return Vec::new();
        }
        let definition = &self.study.experiment.definition;
        let (control, alpha) = (self.control(), self.confidence.alpha());
        let treatments = definition.cohorts.iter().enumerate().filter(|(index, _)| *index != control);
        treatments
            .map(|(index, cohort)| {
                let information = self.information(index, self.units[control] + self.units[index]);
                LooksCounted {
                    treatment: cohort.key.clone(),
                    spending: self.spending,
                    look: information.len(),
                    alpha,
                    critical_value: self.bounds.last(&information, alpha).ok().filter(|z| z.is_finite()),
                    information,
                }
            })
            .collect()
    }

    /// Each cohort's estimate, unadjusted. Below 40 units the units themselves are used.
    pub fn plain_arms(tallies: &[Tally]) -> Arms {
        let few = |tally: &Tally| {
            let units = tally.sums.units();
            units < FEW_UNITS && tally.few.len() as u64 == units && !tally.moments().post.is_mean()
        };
        let arm = |tally: &Tally| {
            if few(tally) { arm_of_few_units(&tally.few) } else { arm_of_ratio(&tally.moments().post) }
        };
        tallies.iter().map(arm).collect()
    }

    /// Each cohort's estimate, adjusted by the pre-period where the plan says so and there is one, and
    /// whether it was. Small cohorts are left as they are.
    pub fn arms(&self, tallies: &[Tally]) -> (Arms, bool) {
        let wanted = self.study.experiment.definition.analysis.covariate_adjustment;
        let enough = tallies.iter().all(|tally| tally.sums.units() >= FEW_UNITS);
        if wanted && enough {
            let moments: Vec<_> = tallies.iter().map(Tally::moments).collect();
            let known = moments.iter().any(|moments| moments.pre.n > 1);
            if known && let Ok(arms) = stats::adjusted_arms(&moments.iter().collect::<Vec<_>>()) {
                return (arms.into_iter().map(Ok).collect(), true);
            }
        }
        (Self::plain_arms(tallies), false)
    }

    /// Compares every treatment with the control: with Dunnett's allowance where there are several.
    ///
    /// `units` counts all units assigned, by cohort. What cannot be compared is said in the notes.
    pub fn compare(
        &self,
        about: &About<'_>,
        plan: Option<&MetricPlan>,
        arms: &Arms,
        adjusted: bool,
        units: &[u64],
        notes: &mut Vec<Message>,
    ) -> Vec<MetricComparison> {
        let definition = &self.study.experiment.definition;
        let control = definition.control_index();
        let margin = plan.and_then(|plan| plan.margin);
        let scale = plan.map(|plan| plan.margin_scale).unwrap_or_default();
        let kind = if margin.is_some() { TestKind::NonInferiority } else { TestKind::Difference };
        let question = Question {
            test: match margin {
                Some(margin) => Test::NonInferiority { margin, scale: scale_of(scale) },
                None => Test::Difference,
            },
            direction: direction_of(plan.and_then(|plan| plan.direction).unwrap_or(about.direction)),
            confidence: self.each_confidence(control, arms),
        };
        let stands = if self.is_group_sequential() { &self.units } else { units };
        let treatments = definition.cohorts.iter().enumerate().filter(|(index, _)| *index != control);
        treatments
            .map(|(index, cohort)| {
                let compared = match (&arms[control], &arms[index]) {
                    (Ok(usual), Ok(slow)) => self
                        .compare_one(index, stands[control] + stands[index], (usual, slow), &question)
                        .map_err(|error| (error, difference(usual, slow))),
                    (Err(error), _) | (_, Err(error)) => {
                        Err((error.clone(), (Range::default(), Range::default())))
                    }
                };
                let mut comparison = MetricComparison {
                    treatment: cohort.key.clone(),
                    test: kind,
                    margin,
                    margin_scale: margin.map(|_| scale),
                    absolute: Range::default(),
                    relative: Range::default(),
                    p_value: None,
                    p_value_adjusted: None,
                    conclusion: nothing_shown(kind),
                    adjusted,
                    stagewise_p_value: None,
                    median_unbiased: None,
                    non_response_bounds: None,
                    non_response: None,
                };
                match compared {
                    Ok((found, stopped)) => {
                        comparison.stagewise_p_value = stopped.map(|stopped| stopped.p_value.value());
                        comparison.median_unbiased = stopped.map(|stopped| stopped.median_unbiased);
                        comparison.absolute = found.absolute.into();
                        comparison.relative = found.relative.map(Range::from).unwrap_or_default();
                        comparison.p_value = Some(allowed(found.p_value, kind, control, arms));
                        comparison.conclusion = found.conclusion.into();
                        if !found.absolute.is_bounded() {
                            notes.push(say("note-nothing-left"));
                        } else if found.relative.is_some_and(|interval| !interval.is_bounded()) {
                            notes.push(say("note-too-near-zero"));
                        }
                    }
                    Err((error, (absolute, relative))) => {
                        (comparison.absolute, comparison.relative) = (absolute, relative);
                        notes.push(say("note-no-range").with("why", error.to_string()));
                    }
                }
                comparison
            })
            .collect()
    }

    /// Compares one treatment with the control after so many units of both; what stopping adds to it, where it does.
    fn compare_one(
        &self,
        treatment: usize,
        units: u64,
        (usual, slow): (&Arm, &Arm),
        question: &Question,
    ) -> Result<(stats::Comparison, Option<Stopped>), StatsError> {
        let Question { test, direction, confidence } = question;
        let ruler = self.ruler(treatment, units, *confidence, (usual, slow))?;
        let found = compare_by(usual, slow, test, *direction, &ruler)?;
        // Once a group-sequential experiment has stopped, or this look stops it.
        let stops = crosses(found.conclusion) || self.study.experiment.status == Status::Stopped;
        let stopped = (self.is_group_sequential() && stops).then(|| {
            let information = self.information(treatment, units);
            let bounds = self.bounds.all(&information, confidence.alpha()).ok()?;
            stats::stopped(usual, slow, test, *direction, &information, &bounds).ok()
        });
        Ok((found, stopped.flatten()))
    }

    /// The ranges of a change on one scale where only so many units had joined, treatment by treatment: a day of a
    /// series, as if looked at on that day.
    pub fn ranges(&self, scale: MarginScale, arms: &Arms, units: &[u64]) -> Vec<Option<Range>> {
        let control = self.control();
        let confidence = self.each_confidence(control, arms);
        let shared = self.is_group_sequential() && arms.len() > 2;
        let confidence = if shared { rounded(confidence) } else { confidence };
        let range = |index: usize| {
            let (usual, slow) = (arms[control].as_ref().ok()?, arms[index].as_ref().ok()?);
            let ruler = self.ruler(index, units[control] + units[index], confidence, (usual, slow)).ok()?;
            interval_by(usual, slow, scale_of(scale), &ruler).ok().map(Range::from)
        };
        (0..arms.len()).filter(|index| *index != control).map(range).collect()
    }

    /// The confidence of each comparison: with Dunnett's allowance where there are several treatments.
    pub fn each_confidence(&self, control: usize, arms: &Arms) -> Confidence {
        let Some((usual, treatments)) = several(control, arms) else { return self.confidence };
        multiplicity::dunnett_confidence(self.confidence, usual, &treatments).unwrap_or(self.confidence)
    }

    /// Corrects the secondary metrics' p-values, treatment by treatment, and takes back conclusions that no
    /// longer stand.
    pub fn correct(&self, metrics: &mut [super::document::MetricResult]) {
        let definition = &self.study.experiment.definition;
        let correct: fn(&[PValue]) -> Vec<PValue> = match definition.analysis.correction {
            Correction::None => return,
            Correction::Holm => multiplicity::holm,
            Correction::BenjaminiHochberg => multiplicity::benjamini_hochberg,
        };
        let alpha = self.confidence.alpha();
        for treatment in definition.treatments() {
            let mut secondary: Vec<&mut MetricComparison> = metrics
                .iter_mut()
                .filter(|metric| metric.role == Some(Role::Secondary))
                .flat_map(|metric| &mut metric.comparisons)
                .filter(|comparison| comparison.treatment == treatment.key && comparison.p_value.is_some())
                .collect();
            let raw: Vec<PValue> =
                secondary.iter().filter_map(|c| PValue::new(c.p_value.unwrap_or(1.0)).ok()).collect();
            if raw.len() != secondary.len() {
                continue;
            }
            for (comparison, adjusted) in secondary.iter_mut().zip(correct(&raw)) {
                comparison.p_value_adjusted = Some(adjusted.value());
                let level = if comparison.test == TestKind::NonInferiority { 0.5 * alpha } else { alpha };
                let claims = !matches!(comparison.conclusion, Conclusion::Inferior);
                if claims && adjusted.value() > level {
                    comparison.conclusion = nothing_shown(comparison.test);
                }
            }
        }
    }
}

/// The variances of the control's estimate and of several treatments' that can be compared with it; none where
/// there is only one.
fn several(control: usize, arms: &Arms) -> Option<(f64, Vec<f64>)> {
    let variance = |arm: &Result<Arm, StatsError>| arm.as_ref().ok().map(|arm| arm.variance_of_mean);
    let usual = variance(&arms[control])?;
    let others = arms.iter().enumerate().filter(|(index, _)| *index != control);
    let treatments: Vec<f64> =
        others.filter_map(|(_, arm)| variance(arm)).filter(|slow| usual + slow > 0.0).collect();
    (treatments.len() > 1).then_some((usual, treatments))
}

/// A p-value that agrees with the intervals: with Dunnett's allowance where there are several treatments.
fn allowed(p: PValue, test: TestKind, control: usize, arms: &Arms) -> f64 {
    let Some((usual, treatments)) = several(control, arms) else { return p.value() };
    // One-sided p-values are half of two-sided ones; those above a half say nothing either way.
    let one_sided = test == TestKind::NonInferiority;
    let two_sided = if one_sided { 2.0 * p.value() } else { p.value() };
    let adjusted = PValue::new(two_sided).and_then(|p| multiplicity::dunnett_p(p, usual, &treatments));
    match adjusted {
        Ok(adjusted) if one_sided => 0.5 * adjusted.value(),
        Ok(adjusted) => adjusted.value(),
        Err(_) => p.value(),
    }
}

/// What is asked of each treatment beside the control.
#[derive(Debug)]
struct Question {
    test: Test,
    direction: stats::Direction,
    confidence: Confidence,
}

/// Dunnett's allowance hangs on each day's noise. To three digits of α, towards caution, days share their bounds; a
/// line is drawn no thicker.
fn rounded(confidence: Confidence) -> Confidence {
    let alpha = confidence.alpha();
    let unit = 10_f64.powf(alpha.log10().floor() - 2.0);
    let level = 1.0 - (alpha / unit + 1e-6).floor() * unit;
    Confidence::new(level).unwrap_or(confidence)
}

fn crosses(conclusion: stats::Conclusion) -> bool {
    use stats::Conclusion::{NoDifferenceShown, NotYetShown};
    !matches!(conclusion, NotYetShown | NoDifferenceShown)
}

/// The scale that differences of a metric are told on: its limit's or its goal's; without either that of its measure.
pub fn scale_told(plan: Option<&MetricPlan>, measure: Measure) -> MarginScale {
    let says = |plan: &&MetricPlan| plan.margin.is_some() || plan.goal.is_some();
    plan.filter(says).map_or(measure.scale(), |plan| plan.margin_scale)
}

/// What is said where nothing is shown.
pub fn nothing_shown(test: TestKind) -> Conclusion {
    match test {
        TestKind::NonInferiority => Conclusion::NotYetShown,
        TestKind::Difference => Conclusion::NoDifferenceShown,
    }
}

fn difference(usual: &Arm, slow: &Arm) -> (Range, Range) {
    let estimate = slow.mean - usual.mean;
    let only = |estimate| Range { estimate, lower: None, upper: None };
    let base = usual.unadjusted_mean.abs();
    (only(Some(estimate)), only((base > 0.0).then(|| estimate / base)))
}

pub(super) fn scale_of(scale: MarginScale) -> Scale {
    match scale {
        MarginScale::Relative => Scale::Relative,
        MarginScale::Absolute => Scale::Absolute,
    }
}

pub(super) fn direction_of(direction: Direction) -> stats::Direction {
    match direction {
        Direction::Increase => stats::Direction::Increase,
        Direction::Decrease => stats::Direction::Decrease,
    }
}

impl From<stats::Interval> for Range {
    fn from(interval: stats::Interval) -> Self {
        Self { estimate: Some(interval.estimate), lower: interval.lower, upper: interval.upper }
    }
}

impl From<stats::Conclusion> for Conclusion {
    fn from(conclusion: stats::Conclusion) -> Self {
        match conclusion {
            stats::Conclusion::Better => Self::Better,
            stats::Conclusion::Worse => Self::Worse,
            stats::Conclusion::NoDifferenceShown => Self::NoDifferenceShown,
            stats::Conclusion::NonInferior => Self::NonInferior,
            stats::Conclusion::Inferior => Self::Inferior,
            // Equivalence is never asked of an experiment's metric.
            stats::Conclusion::NotYetShown
            | stats::Conclusion::Equivalent
            | stats::Conclusion::NotEquivalent => Self::NotYetShown,
        }
    }
}
