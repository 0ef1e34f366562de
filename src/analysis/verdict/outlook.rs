//! What the present rate of joining leads to at the planned end, by the planner's own chance.

use crate::{
    domain::{
        experiment::LooksKind,
        time::{DAY_MS, Moment},
    },
    stats::{
        Arm, Confidence, Scale, StatsError,
        distributions::find_root,
        power::{Design, Schedule},
    },
};

use super::super::{
    document::{Conclusion, MetricResult},
    inference::{Arms, Inference, direction_of, scale_of},
    study::Study,
};
use super::TOO_SMALL_A_CHANCE;

/// The chance of a clear answer at the planned end, if nothing changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Of the metric where it is smallest: that its limit is shown to hold by then, if the slower level does no harm.
    pub chance: f64,
    /// That metric.
    pub metric: String,
    /// The smallest loss that would be ruled out then with an even chance, on the margin's scale: above the margin
    /// where `chance` is below a half. Not looked for elsewhere.
    pub reachable: Option<f64>,
    /// Units of all cohorts a week, planned and joining.
    pub weekly: (f64, f64),
    /// Weeks after the planned end at which the chance would be even, if it ever is; not looked for where it is
    /// even by then.
    pub weeks_more: Option<u32>,
}

/// Weeks after the planned end that are looked at: ten years.
const MOST_WEEKS: u32 = 520;

/// What is known of one treatment when the outlook is made.
#[derive(Debug)]
pub struct Prospects<'a> {
    /// What is analysed.
    pub study: &'a Study<'a>,
    /// How its figures are compared.
    pub inference: &'a Inference<'a>,
    /// The treatment's place among the cohorts.
    pub treatment: usize,
    /// Units of the treatment and of the control.
    pub units: f64,
    /// Units of all cohorts.
    pub all_units: f64,
    /// When the first unit joined.
    pub first_assigned: Moment,
    /// When the experiment is planned to end.
    pub planned_end: Moment,
}

/// One metric's test, and the control's units with data of today.
struct Planned<'a> {
    usual: &'a Arm,
    slow: &'a Arm,
    margin: f64,
    scale: Scale,
    direction: crate::stats::Direction,
    confidence: Confidence,
}

impl Planned<'_> {
    fn design(&self, margin: f64) -> Result<Design, StatsError> {
        Design::of_arms(self.usual, self.slow, margin, self.scale, self.direction)
    }
}

impl Prospects<'_> {
    fn days(&self, until: Moment) -> f64 {
        (until - self.first_assigned).ms() as f64 / DAY_MS as f64
    }

    /// How many times as many units there are so many days after the first joined, if they go on joining as they did.
    fn growth(&self, days: f64) -> f64 {
        (days / self.days(self.study.as_of)).max(1.0)
    }

    /// Of `metrics` with what their comparisons were made from, the one with the smallest chance. Metrics without a
    /// margin plan for nothing; those of which the limit is shown already have their answer, where it counts before
    /// the end. None before anything can be projected.
    pub fn outlook<'m>(&self, metrics: impl Iterator<Item = (&'m MetricResult, Arms)>) -> Option<Outlook> {
        let (elapsed, end) = (self.days(self.study.as_of), self.days(self.planned_end));
        if elapsed <= 0.0 || self.units <= 0.0 {
            return None;
        }
        let mut worst: Option<(f64, &MetricResult, Arms)> = None;
        for (metric, arms) in metrics {
            let planned = self.planned(metric, &arms);
            let chance = planned.and_then(|planned| self.chance(&planned, end).ok());
            if let Some(chance) =
                chance.filter(|chance| worst.as_ref().is_none_or(|(least, ..)| chance < least))
            {
                worst = Some((chance, metric, arms));
            }
        }
        let (chance, metric, arms) = worst?;
        let planned = self.planned(metric, &arms).filter(|_| chance < TOO_SMALL_A_CHANCE);
        let experiment = self.study.experiment;
        let a_week = experiment.planned_units as f64 / f64::from(experiment.definition.planned_weeks);
        Some(Outlook {
            chance,
            metric: metric.metric.clone(),
            reachable: planned.as_ref().and_then(|planned| self.reachable(planned, end)),
            weekly: (a_week, self.all_units / elapsed * 7.0),
            weeks_more: planned.as_ref().and_then(|planned| self.weeks_more(planned, end)),
        })
    }

    fn planned<'p>(&self, metric: &MetricResult, arms: &'p Arms) -> Option<Planned<'p>> {
        let definition = &self.study.experiment.definition;
        let control = self.inference.control();
        let treatment = &definition.cohorts[self.treatment].key;
        let comparison = metric.comparisons.iter().find(|comparison| comparison.treatment == *treatment)?;
        let counts = self.study.looks_kind() != LooksKind::Fixed;
        if counts && comparison.conclusion == Conclusion::NonInferior {
            return None;
        }
        Some(Planned {
            usual: arms[control].as_ref().ok()?,
            slow: arms[self.treatment].as_ref().ok()?,
            margin: comparison.margin?,
            scale: scale_of(comparison.margin_scale.unwrap_or_default()),
            direction: direction_of(metric.direction),
            confidence: self.inference.each_confidence(control, arms),
        })
    }

    fn schedule(&self, planned: &Planned<'_>, days: f64) -> Result<Schedule, StatsError> {
        self.inference.schedule(self.treatment, self.units * self.growth(days), days, planned.confidence)
    }

    /// The chance that the limit is shown to hold at any of the looks until so many days after the first joined.
    fn chance(&self, planned: &Planned<'_>, days: f64) -> Result<f64, StatsError> {
        let n = planned.usual.n * self.growth(days);
        planned.design(planned.margin)?.chance_by(n, &self.schedule(planned, days)?)
    }

    /// The margin that has an even chance then, searched from the metric's own, which has less.
    fn reachable(&self, planned: &Planned<'_>, days: f64) -> Option<f64> {
        let n = planned.usual.n * self.growth(days);
        let schedule = self.schedule(planned, days).ok()?;
        let hurdle = schedule.hurdle(TOO_SMALL_A_CHANCE).ok()?;
        let over = |margin: f64| planned.design(margin).map_or(f64::NAN, |d| d.clears(n, &schedule, &hurdle));
        let mut low = planned.margin;
        for _ in 0..200 {
            let high = 1.25 * low;
            if over(high) >= 0.0 {
                return find_root(over, low, high);
            }
            low = high;
        }
        None
    }

    /// The first week after the planned end by which the chance is even: it rises with the weeks.
    fn weeks_more(&self, planned: &Planned<'_>, end: f64) -> Option<u32> {
        let enough = |weeks: u32| {
            let chance = self.chance(planned, end + 7.0 * f64::from(weeks));
            chance.is_ok_and(|chance| chance >= TOO_SMALL_A_CHANCE)
        };
        let (mut short, mut long) = (0, 1);
        while !enough(long) {
            if long == MOST_WEEKS {
                return None;
            }
            (short, long) = (long, (2 * long).min(MOST_WEEKS));
        }
        while long - short > 1 {
            let middle = short.midpoint(long);
            if enough(middle) { long = middle } else { short = middle }
        }
        Some(long)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        analysis::{
            document::{MetricComparison, Range, TestKind},
            fixture::{at, calendars, definition, experiment},
        },
        domain::experiment::{Direction, MarginScale, Role},
        metrics::Measure,
        stats::distributions::normal_cdf,
    };

    const MARGIN: f64 = 0.03;
    const GROWTH: f64 = 5.5;

    fn plan(looks: &str, planned_units: u32) -> Value {
        let mut plan = json!({"looks": looks, "planned_units": planned_units});
        if looks == "group_sequential" {
            plan["planned_looks"] = json!(5);
        }
        plan
    }

    /// The outlook after 28 of 154 days with 1000 units in each of so many cohorts, where at the end the margin is
    /// `drift` standard errors.
    fn outlook(analysis: &Value, cohorts: usize, drift: f64, conclusion: Conclusion) -> Option<Outlook> {
        let cohort = |key: &str, control: bool| json!({"key": key, "control": control, "weight": 1, "first_response": "PT4H"});
        let all = [cohort("usual", true), cohort("slow", false), cohort("slower", false)];
        let experiment =
            experiment(definition(&[("/analysis", analysis.clone()), ("/cohorts", json!(all[..cohorts]))]));
        let calendars = calendars();
        let as_of = at("2026-02-02T00:00:00Z");
        let study = Study::new(&experiment, &calendars, as_of);
        let inference = Inference::new(&study, vec![1000; cohorts]);
        let variance = 0.5 * GROWTH * (MARGIN / drift).powi(2);
        let arms: Arms = vec![Arm::unadjusted(1000.0, 0.9, variance, 999.0); cohorts];
        let metric = MetricResult {
            metric: "csat".into(),
            role: Some(Role::Guardrail),
            unit_of_measure: Measure::Share,
            direction: Direction::Increase,
            told_on: None,
            cohorts: Vec::new(),
            comparisons: vec![MetricComparison {
                treatment: "slow".parse().unwrap(),
                test: TestKind::NonInferiority,
                margin: Some(MARGIN),
                margin_scale: Some(MarginScale::Absolute),
                absolute: Range::default(),
                relative: Range::default(),
                p_value: None,
                p_value_adjusted: None,
                conclusion,
                adjusted: false,
                stagewise_p_value: None,
                median_unbiased: None,
                non_response_bounds: None,
                non_response: None,
            }],
            notes: Vec::new(),
            notes_said: Vec::new(),
        };
        let prospects = Prospects {
            study: &study,
            inference: &inference,
            treatment: 1,
            units: 2000.0,
            all_units: 1000.0 * cohorts as f64,
            first_assigned: at("2026-01-05T00:00:00Z"),
            planned_end: at("2026-06-08T00:00:00Z"),
        };
        prospects.outlook(std::iter::once((&metric, arms)))
    }

    #[test]
    fn the_chance_is_that_of_the_ranges_that_will_be_made() {
        for (looks, planned, cohorts, drift, chance, within) in [
            // Φ(drift − 1.95996).
            ("fixed", 11_000, 2, 1.959_964, 0.5, 1e-3),
            ("fixed", 11_000, 2, 2.801_585, 0.8, 1e-3),
            ("fixed", 11_000, 2, 3.241_516, 0.9, 1e-3),
            // Dunnett's 2.2121 for two treatments of equal size.
            ("fixed", 11_000, 3, 2.801_585, normal_cdf(2.801_585 - 2.2121), 1e-3),
            ("fixed", 11_000, 3, 3.241_516, 0.8484, 1e-3),
            // 400,000 walks of 154 looks.
            ("always_valid", 11_000, 2, 2.801_585, 0.5265, 5e-3),
            ("always_valid", 11_000, 2, 3.241_516, 0.6874, 5e-3),
            ("always_valid", 22_000, 2, 2.801_585, 0.4899, 5e-3),
            // 2,000,000 walks of the published bounds 4.8769, 3.3569, 2.6803, 2.2898, 2.0310; and where only half of
            // the planned units will have joined, of those at 0.2, 0.4 and 0.5, with scipy: 4.8769, 3.3569, 2.9885.
            ("group_sequential", 11_000, 2, 2.801_585, 0.7900, 2e-3),
            ("group_sequential", 11_000, 2, 3.241_516, 0.8931, 2e-3),
            ("group_sequential", 22_000, 2, 3.241_516, 0.6043, 2e-3),
            ("group_sequential", 22_000, 2, 2.801_585, 0.4306, 2e-3),
        ] {
            let found = outlook(&plan(looks, planned), cohorts, drift, Conclusion::NotYetShown).unwrap();
            assert!((found.chance - chance).abs() < within, "{looks} {planned} {cohorts} {drift}: {found:?}");
        }
    }

    #[test]
    fn what_could_be_ruled_out_and_the_weeks_that_are_missing_agree_with_the_chance() {
        let drift = 1.5;
        let found = outlook(&plan("fixed", 22_000), 2, drift, Conclusion::NotYetShown).unwrap();
        // 1.96 standard errors of the end; so many times as many units as the square of what is missing.
        assert!((found.reachable.unwrap() - MARGIN / drift * 1.959_964).abs() < 1e-5, "{found:?}");
        let weeks = 22.0 * ((1.959_964_f64 / drift).powi(2) - 1.0);
        assert_eq!(found.weeks_more.map(f64::from), Some(weeks.ceil()), "{weeks}");
        assert_eq!(found.weekly, (1000.0, 500.0));
        // The margin that is just reachable has an even chance.
        for looks in ["fixed", "always_valid", "group_sequential"] {
            let found = outlook(&plan(looks, 11_000), 2, drift, Conclusion::NotYetShown).unwrap();
            assert!(found.chance < 0.5 && found.weeks_more.is_some(), "{found:?}");
            let drift = drift * found.reachable.unwrap() / MARGIN;
            let even = outlook(&plan(looks, 11_000), 2, drift, Conclusion::NotYetShown).unwrap();
            assert!((even.chance - 0.5).abs() < 1e-4, "{looks}: {even:?}");
        }
        let hopeless = plan("group_sequential", 1_000_000_000);
        let found = outlook(&hopeless, 2, drift, Conclusion::NotYetShown).unwrap();
        assert_eq!((found.reachable, found.weeks_more), (None, None), "{found:?}");
        assert!(found.chance < 1e-9);
    }

    #[test]
    fn an_answer_that_counts_already_is_not_planned_for() {
        let found = |looks: &str| outlook(&plan(looks, 11_000), 2, 1.5, Conclusion::NonInferior);
        assert_eq!(found("always_valid"), None);
        assert!(found("fixed").is_some(), "it counts at the end only");
    }
}
