//! How many weeks an experiment takes, and what it can show in the weeks there are.

use crate::stats::multiplicity::dunnett_confidence;
use crate::stats::power::{Design, Expected, Hurdle, Schedule, design_effect};
use crate::stats::sequential::Spending;
use crate::stats::{Confidence, Direction, Result, Scale, StatsError};

use super::above_zero;

/// How the experiment will be looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PlannedLooks {
    /// Once, at the end.
    Fixed,
    /// At any time; `None`: tightest at the units of the planned end.
    AlwaysValid {
        /// N*.
        optimised_for_n: Option<f64>,
    },
    /// Equally spaced looks.
    GroupSequential {
        /// How α is spent.
        spending: Spending,
        /// How many looks.
        looks: u32,
    },
}

/// What comes from one unit: the ratings of a customer, the customers of an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clusters {
    /// Observations of a unit that has any, on average.
    pub mean_size: f64,
    /// Their standard deviation over their mean.
    pub cv_size: f64,
    /// Correlation of two observations of one unit.
    pub icc: f64,
}

impl Clusters {
    /// One observation from each unit.
    pub const ONE_EACH: Self = Self { mean_size: 1.0, cv_size: 0.0, icc: 0.0 };

    /// A unit's variance over that of one observation: the design effect shared by the observations
    /// of a unit.
    fn variance_factor(self) -> Result<f64> {
        Ok(design_effect(self.mean_size, self.cv_size, self.icc)? / self.mean_size)
    }
}

/// A metric with its margin, as expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedMetric {
    /// Value and noise, of one observation.
    pub expected: Expected,
    /// Share of the units that have a value at all (rate a conversation, have revenue …).
    pub share_with_value: f64,
    /// The loss that must be excluded, above zero.
    pub margin: f64,
    /// Its scale.
    pub scale: Scale,
    /// Which way is good.
    pub direction: Direction,
    /// Observations of a unit.
    pub clusters: Clusters,
    /// Correlation with the same figure of the pre-period, by which it will be adjusted.
    pub covariate_correlation: f64,
}

/// An experiment, planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Two-sided.
    pub confidence: Confidence,
    /// The chance that all metrics show what they should, if nothing differs in truth.
    pub chance: f64,
    /// The weeks there are, if that is settled.
    pub weeks: Option<f64>,
    /// Units that join each week, all cohorts together.
    pub units_per_week: f64,
    /// How it will be looked at.
    pub looks: PlannedLooks,
    /// Sizes of the cohorts relative to each other, the control's first.
    pub weights: Vec<f64>,
    /// What must be shown.
    pub metrics: Vec<PlannedMetric>,
}

/// What the plan says of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPlan {
    /// Units of all cohorts together; `None` where no number is enough.
    pub units_needed: Option<f64>,
    /// Whole weeks until they have joined.
    pub weeks_needed: Option<f64>,
    /// Chance that this metric has shown what it should by the end of the weeks there are.
    pub chance_at_weeks: Option<f64>,
    /// The same of the last look alone, whatever was seen before.
    pub chance_at_last_look: Option<f64>,
    /// The margin that could be excluded with the wished chance in the weeks there are.
    pub margin_at_weeks: Option<f64>,
    /// What the size would be without each of the things that change it.
    pub effects: Vec<(Effect, Option<f64>)>,
}

/// Something that makes a plan larger or smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Looking more than once.
    Looks,
    /// Units without a value.
    NonResponse,
    /// Several observations from one unit.
    Clustering,
    /// What the pre-period takes out of the noise.
    CovariateAdjustment,
    /// Cohorts of unequal size.
    UnequalCohorts,
    /// More than one treatment, for which each interval is wider.
    SeveralTreatments,
    /// More than one metric that must hold.
    SeveralMetrics,
    /// All of these at once.
    All,
}

impl Effect {
    const EACH: [Self; 7] = [
        Self::Looks,
        Self::NonResponse,
        Self::Clustering,
        Self::CovariateAdjustment,
        Self::UnequalCohorts,
        Self::SeveralTreatments,
        Self::SeveralMetrics,
    ];

    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Looks => "looks",
            Self::NonResponse => "non_response",
            Self::Clustering => "clustering",
            Self::CovariateAdjustment => "covariate_adjustment",
            Self::UnequalCohorts => "unequal_cohorts",
            Self::SeveralTreatments => "several_treatments",
            Self::SeveralMetrics => "several_metrics",
            Self::All => "all",
        }
    }
}

/// The chance after a number of weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekPlan {
    /// Weeks since the start.
    pub weeks: f64,
    /// Units that have joined.
    pub units: f64,
    /// Chance that every metric shows what it should; a lower bound, whatever their dependence.
    pub chance: f64,
    /// The same if the metrics had nothing to do with each other.
    pub chance_if_independent: f64,
    /// Each metric: its chance, and the margin that could be excluded with the chance wished for each.
    pub metrics: Vec<(f64, Option<f64>)>,
}

/// More units than there are people: no number is enough where it takes these.
const MOST_UNITS: f64 = 1e12;

/// Weeks of the table, at most: two years.
const MOST_WEEKS: u32 = 104;

/// Looks at an always-valid range in a week: the nightly analysis looks every day.
const LOOKS_A_WEEK: f64 = 7.0;

impl Plan {
    fn check(&self) -> Result<()> {
        above_zero("units_per_week", self.units_per_week)?;
        if !(self.chance > 0.0 && self.chance < 1.0) {
            return Err(out_of_range("chance", "above 0 and below 1", self.chance));
        }
        if self.units_per_week > MOST_UNITS {
            return Err(out_of_range("units_per_week", "at most 1e12", self.units_per_week));
        }
        if let Some(weeks) = self.weeks.filter(|weeks| !(*weeks > 0.0 && *weeks <= 5200.0)) {
            return Err(out_of_range("weeks", "above zero and at most 5200", weeks));
        }
        if self.weights.len() < 2 {
            return Err(out_of_range("cohorts", "two or more", self.weights.len() as f64));
        }
        for &weight in &self.weights {
            above_zero("the weight of a cohort", weight)?;
        }
        Ok(())
    }

    /// The chance that each of several metrics needs so that all hold together with the plan's:
    /// β is split evenly (Schultzberg, Ankargren & Frånberg 2024), α is not.
    pub fn chance_of_each(&self) -> f64 {
        1.0 - (1.0 - self.chance) / (self.metrics.len().max(1) as f64)
    }

    /// The confidence of each comparison: with Dunnett's allowance where there are several treatments.
    fn confidence_of_each(&self) -> Result<Confidence> {
        if self.weights.len() < 3 {
            return Ok(self.confidence);
        }
        let variances: Vec<f64> = self.weights.iter().map(|weight| 1.0 / weight).collect();
        dunnett_confidence(self.confidence, variances[0], &variances[1..])
    }

    /// The weights of the control, of the smallest treatment, which knows least, and of all cohorts.
    fn compared(&self) -> (f64, f64, f64) {
        let smallest = self.weights[1..].iter().copied().fold(f64::INFINITY, f64::min);
        (self.weights[0], smallest, self.weights.iter().sum())
    }

    /// The looks of an experiment of so many units.
    fn schedule(&self, confidence: Confidence, units: f64) -> Result<Schedule> {
        match self.looks {
            PlannedLooks::Fixed => Ok(Schedule::fixed(confidence)),
            PlannedLooks::AlwaysValid { optimised_for_n } => {
                let planned = self.weeks.map(|weeks| weeks * self.units_per_week);
                let (control, treatment, all) = self.compared();
                let looks = (units / self.units_per_week * LOOKS_A_WEEK).ceil().clamp(1.0, 1e6);
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1..=1e6
                Schedule::always_valid(
                    confidence,
                    units * (control + treatment) / all,
                    optimised_for_n.or(planned).unwrap_or(units),
                    looks as u32,
                )
            }
            PlannedLooks::GroupSequential { spending, looks } => Schedule::group(spending, looks, confidence),
        }
    }

    /// Units of all cohorts for each control unit with a value.
    fn units_per_control(&self, metric: &PlannedMetric) -> f64 {
        let (control, _, all) = self.compared();
        all / control / metric.share_with_value
    }

    fn design(&self, metric: &PlannedMetric, margin: f64) -> Result<Design> {
        let (control, treatment, _) = self.compared();
        Design::new(metric.expected, margin, metric.scale, metric.direction, 0.0, treatment / control)?
            .with_variance(metric.clusters.variance_factor()?)?
            .adjusted(metric.covariate_correlation)
    }

    /// Units of all cohorts together, whole in each; `None` where no number is enough. With `textbook` no
    /// fewer than R and the textbooks give for a single look.
    fn units_needed(&self, metric: &PlannedMetric, textbook: bool) -> Result<Option<f64>> {
        let share = metric.share_with_value;
        if !(share > 0.0 && share <= 1.0) {
            return Err(out_of_range("share_with_value", "above 0 and at most 1", share));
        }
        let each = self.units_per_control(metric);
        let (design, confidence) = (self.design(metric, metric.margin)?, self.confidence_of_each()?);
        let found = design
            .control_units_on(confidence, self.chance_of_each(), |n| self.schedule(confidence, n * each));
        let least =
            if textbook { design.control_units_fixed(confidence, self.chance_of_each())? } else { 0.0 };
        let found = found.map(|n| n.max(least));
        let (control, _, all) = self.compared();
        match found {
            Ok(n) if n > MOST_UNITS => Ok(None),
            Ok(n) => Ok(Some(((n / share - 1e-9).ceil() * all / control).ceil())),
            Err(StatsError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// What it takes for one metric.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for figures that make no sense.
    pub fn metric(&self, metric: &PlannedMetric) -> Result<MetricPlan> {
        self.check()?;
        let units_needed = self.units_needed(metric, self.looks == PlannedLooks::Fixed)?;
        let mut plan = MetricPlan {
            units_needed,
            weeks_needed: units_needed.map(|units| (units / self.units_per_week).ceil()),
            chance_at_weeks: None,
            chance_at_last_look: None,
            margin_at_weeks: None,
            effects: self.effects(metric)?,
        };
        if let Some(weeks) = self.weeks {
            let units = weeks * self.units_per_week;
            let schedule = self.schedule(self.confidence_of_each()?, units)?;
            let (design, n) = (self.design(metric, metric.margin)?, units / self.units_per_control(metric));
            plan.chance_at_weeks = Some(design.chance_by(n, &schedule)?);
            plan.chance_at_last_look = Some(design.chance_by(n, &schedule.last_look())?);
            let hurdle = schedule.hurdle(self.chance_of_each())?;
            plan.margin_at_weeks = self.smallest_margin(metric, units, &schedule, &hurdle);
        }
        Ok(plan)
    }

    /// The size without each thing that changes it, and without all of them.
    fn effects(&self, metric: &PlannedMetric) -> Result<Vec<(Effect, Option<f64>)>> {
        // What looking oftener costs is told against the same test, looked at once.
        let textbook = self.looks == PlannedLooks::Fixed;
        let (mut bare, mut bare_metric) = (self.clone(), *metric);
        let mut effects = Vec::new();
        for effect in Effect::EACH {
            let (mut without, mut one) = (self.clone(), *metric);
            without.drop_effect(&mut one, effect);
            if without == *self && one == *metric {
                continue;
            }
            effects.push((effect, without.units_needed(&one, textbook)?));
            bare.drop_effect(&mut bare_metric, effect);
        }
        if effects.len() > 1 {
            effects.push((Effect::All, bare.units_needed(&bare_metric, textbook)?));
        }
        Ok(effects)
    }

    fn drop_effect(&mut self, metric: &mut PlannedMetric, effect: Effect) {
        match effect {
            Effect::Looks => self.looks = PlannedLooks::Fixed,
            Effect::NonResponse => metric.share_with_value = 1.0,
            Effect::Clustering => metric.clusters = Clusters::ONE_EACH,
            Effect::CovariateAdjustment => metric.covariate_correlation = 0.0,
            Effect::UnequalCohorts => self.weights = vec![self.weights[0]; self.weights.len()],
            Effect::SeveralTreatments => {
                let (control, treatment, _) = self.compared();
                self.weights = vec![control, treatment];
            }
            Effect::SeveralMetrics => self.metrics = vec![*metric],
            Effect::All => {}
        }
    }

    /// The smallest margin that clears the hurdle with so many units, searched outwards from the
    /// metric's own.
    fn smallest_margin(
        &self,
        metric: &PlannedMetric,
        units: f64,
        schedule: &Schedule,
        hurdle: &Hurdle,
    ) -> Option<f64> {
        let n = units / self.units_per_control(metric);
        let over =
            |margin: f64| self.design(metric, margin).map_or(f64::NAN, |d| d.clears(n, schedule, hurdle));
        let mut low = metric.margin;
        while over(low) > 0.0 {
            low *= 0.5;
            if low < 1e-12 {
                return None;
            }
        }
        let mut high = low;
        for _ in 0..200 {
            let wider = high * 1.1;
            let gap = over(wider);
            if gap.is_nan() {
                return None;
            }
            if gap >= 0.0 {
                return crate::stats::distributions::find_root(over, high, wider);
            }
            high = wider;
        }
        None
    }

    /// Week by week until every metric has what it needs, at least until the planned end. Each row is
    /// an experiment planned to end with its week.
    ///
    /// # Errors
    /// As [`metric`](Self::metric).
    pub fn weeks(&self, metrics: &[MetricPlan]) -> Result<Vec<WeekPlan>> {
        self.check()?;
        let needed = metrics.iter().filter_map(|m| m.weeks_needed).fold(1.0, f64::max);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 1..=104
        let last = needed.max(self.weeks.unwrap_or(1.0)).ceil().min(f64::from(MOST_WEEKS)) as u32;
        let confidence = self.confidence_of_each()?;
        (1..=last).map(|week| self.week(confidence, f64::from(week))).collect()
    }

    fn week(&self, confidence: Confidence, weeks: f64) -> Result<WeekPlan> {
        let units = weeks * self.units_per_week;
        let schedule = self.schedule(confidence, units)?;
        let hurdle = schedule.hurdle(self.chance_of_each())?;
        let metrics = self
            .metrics
            .iter()
            .map(|m| {
                let chance =
                    self.design(m, m.margin)?.chance_by(units / self.units_per_control(m), &schedule)?;
                Ok((chance, self.smallest_margin(m, units, &schedule, &hurdle)))
            })
            .collect::<Result<Vec<_>>>()?;
        let missed: f64 = metrics.iter().map(|(chance, _)| 1.0 - chance).sum();
        Ok(WeekPlan {
            weeks,
            units,
            chance: (1.0 - missed).clamp(0.0, 1.0),
            chance_if_independent: metrics.iter().map(|(chance, _)| chance).product(),
            metrics,
        })
    }
}

fn out_of_range(what: &'static str, range: &'static str, value: f64) -> StatsError {
    StatsError::OutOfRange { what, range, value }
}
