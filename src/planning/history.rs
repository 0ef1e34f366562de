//! What the last weeks say of the next ones: an experiment that nobody ran, measured as if it had been.
//!
//! Each unit joins with the first conversation that it opened in those weeks, as it would have joined
//! an experiment, and every metric measures it from then on, with its 90 days before as pre-period.
//! So values, spreads and shares are those that an experiment of as many weeks would have had.

use std::collections::BTreeMap;

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use crate::{
    analysis::{Accumulator, AnalysisError, Study},
    domain::{
        calendar::Calendar,
        eligibility::{Facts, Rule},
        event::Attributes,
        experiment::{
            AnalysisPlan, Cohort, DecisionRule, Definition, Eligibility, Experiment, Status, Traffic, Unit,
        },
        ids::{CalendarKey, CohortKey, ConversationId, CustomerId, ExperimentKey},
        time::{DAY_MS, Moment, Wait},
        unit::UnitRecord,
    },
    stats::{adjusted_arms, arm_of_ratio},
};

/// Hours of a week.
const WEEK_HOURS: usize = 168;

/// What is asked of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// Who would take part; everybody where there is none.
    pub rule: Option<Rule>,
    /// Who would be randomised.
    pub unit: Unit,
    /// How many weeks back.
    pub weeks: u32,
    /// Facts after this moment are left out.
    pub as_of: Moment,
    /// On whose clock the hours of the week are told.
    pub zone: Tz,
}

/// What the past says.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The weeks that were looked at.
    pub weeks: u32,
    /// Units that would have joined.
    pub units: u64,
    /// The same by week, the earliest first: regular customers join at once, so that later weeks bring fewer.
    pub joined: Vec<u64>,
    /// Conversations that they opened, a week.
    pub conversations_per_week: f64,
    /// Agent minutes of a closed conversation, where any was closed.
    pub handle_minutes: Option<f64>,
    /// Hours on the wall clock within which a quarter, and three quarters, of the conversations had a first response;
    /// none where fewer had one.
    pub middle_half: Option<(f64, f64)>,
    /// Conversations opened in each of the 168 hours since Monday 00:00.
    pub arrivals_by_hour: Vec<f64>,
    /// Every metric that has a figure.
    pub metrics: Vec<PastMetric>,
}

impl History {
    /// Units that join in a week, on average over the weeks looked at.
    pub fn units_per_week(&self) -> f64 {
        self.units as f64 / f64::from(self.weeks)
    }

    /// A metric by its name.
    pub fn metric(&self, name: &str) -> Option<&PastMetric> {
        self.metrics.iter().find(|metric| metric.metric == name)
    }
}

/// A metric as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMetric {
    /// Its name.
    pub metric: &'static str,
    /// Its value over all units.
    pub value: f64,
    /// Standard deviation between units (of a ratio its linearised one).
    pub sd: f64,
    /// Share of the units that have a value.
    pub share_with_value: f64,
    /// Correlation with the pre-period by which it would be adjusted; 0 where there is none.
    pub covariate_correlation: f64,
}

/// Reads the past unit by unit.
#[derive(Debug)]
pub struct Reader<'a> {
    past: &'a Past,
    pass: Accumulator<'a>,
    from: Moment,
    joined: Vec<u64>,
    arrivals_by_hour: Vec<f64>,
    closed: u64,
    hours: f64,
}

impl Past {
    /// The experiment that nobody ran.
    pub fn experiment(&self) -> Experiment {
        let from = self.from();
        let definition = Definition {
            key: ours(ExperimentKey::new("history")),
            name: String::new(),
            hypothesis: String::new(),
            owner: String::new(),
            tags: Vec::new(),
            unit: self.unit,
            confidence: 0.95,
            starts_on: from.date(),
            planned_weeks: self.weeks,
            eligibility: Eligibility { rule: String::new(), except: String::new() },
            traffic: Traffic { layer: None, share: 1.0 },
            cohorts: vec![Cohort {
                key: everybody(),
                control: true,
                weight: 1,
                first_response: Wait::from_hours(4),
                calendar: CalendarKey::always(),
                message: String::new(),
            }],
            metrics: Vec::new(),
            analysis: AnalysisPlan::default(),
            economics: None,
            decision: DecisionRule {
                ship_when: "guardrails_hold".parse().unwrap_or_default(),
                loss_tolerance: 0.0,
            },
        };
        Experiment {
            definition,
            status: Status::Running,
            salt: String::new(),
            version: 1,
            created_at: from,
            started_at: Some(from),
            stopped_at: None,
            planned_units: 1,
            layer_salt: String::new(),
            layer_offset: 0,
        }
    }

    /// Where the weeks begin.
    pub fn from(&self) -> Moment {
        self.as_of.plus_days(-7 * i64::from(self.weeks))
    }

    /// What all of `units` say; their cohort and moment of assignment do not matter.
    ///
    /// # Errors
    /// None that a caller could bring about.
    pub fn read(&self, units: impl IntoIterator<Item = UnitRecord>) -> Result<History, AnalysisError> {
        let experiment = self.experiment();
        let calendars = BTreeMap::from([(CalendarKey::always(), Calendar::always())]);
        let study = self.study(&experiment, &calendars);
        let mut reader = Reader::new(self, &study)?;
        for mut unit in units {
            reader.add(&mut unit);
        }
        Ok(reader.finish())
    }

    /// The study of the experiment that nobody ran.
    pub fn study<'a>(
        &self,
        experiment: &'a Experiment,
        calendars: &'a BTreeMap<CalendarKey, Calendar>,
    ) -> Study<'a> {
        Study::new(experiment, calendars, self.as_of)
    }
}

/// The cohort that everybody would be in.
pub fn everybody() -> CohortKey {
    ours(CohortKey::new("everybody"))
}

impl<'a> Reader<'a> {
    /// Nothing read yet; the study is [`Past::study`].
    ///
    /// # Errors
    /// None that a caller could bring about.
    pub fn new(past: &'a Past, study: &'a Study<'a>) -> Result<Self, AnalysisError> {
        Ok(Self {
            past,
            pass: Accumulator::new(study)?,
            from: past.from(),
            joined: vec![0; past.weeks as usize],
            arrivals_by_hour: vec![0.0; WEEK_HOURS],
            closed: 0,
            hours: 0.0,
        })
    }

    /// Adds a unit, if it opened a conversation in those weeks and the rule lets it in.
    pub fn add(&mut self, unit: &mut UnitRecord) {
        let Some((at, first)) = self.first_conversation(unit) else { return };
        let nothing = Attributes::new();
        let facts = Facts::of_customer(&nothing, &unit.attributes);
        if self.past.rule.as_ref().is_some_and(|rule| !rule.holds(&facts.ask())) {
            return;
        }
        unit.assigned_at = at;
        unit.first_conversation = Some(first);
        unit.cohort = everybody();
        let week = usize::try_from((at - self.from).ms() / (7 * DAY_MS)).unwrap_or(0);
        self.joined[week.min(self.past.weeks as usize - 1)] += 1;
        for conversation in unit.customers.iter().flat_map(|customer| &customer.conversations) {
            let Some(opened) = conversation.1.opened.as_of(self.past.as_of).map(|(at, _)| at) else {
                continue;
            };
            if opened < self.from {
                continue;
            }
            let local = opened.datetime().with_timezone(&self.past.zone);
            let hour = 24 * local.weekday().num_days_from_monday() + local.hour();
            self.arrivals_by_hour[hour as usize] += 1.0;
            if let Some((_, closing)) = conversation.1.closed.as_of(self.past.as_of) {
                self.closed += 1;
                self.hours += closing.agent_hours();
            }
        }
        self.pass.add(unit);
    }

    fn first_conversation(&self, unit: &UnitRecord) -> Option<(Moment, (CustomerId, ConversationId))> {
        let opened = unit.customers.iter().flat_map(|customer| {
            customer.conversations.iter().filter_map(|(id, conversation)| {
                let (at, _) = conversation.opened.as_of(self.past.as_of)?;
                (at >= self.from).then(|| (at, (customer.id.clone(), id.clone())))
            })
        });
        opened.min_by(|a, b| a.0.cmp(&b.0))
    }

    /// What all units said.
    pub fn finish(self) -> History {
        let units: u64 = self.joined.iter().sum();
        let metrics = self.pass.measured.iter().zip(&self.pass.tallies);
        let metrics = metrics.filter_map(|(measured, tallies)| {
            let metric = measured.metric.sums().filter(|metric| !metric.needs_economics())?;
            let tally = tallies.first()?;
            let moments = tally.moments();
            let arm = arm_of_ratio(&moments.post).ok()?;
            let sd = arm.std_error() * arm.n.sqrt();
            // What the adjustment leaves of the variance is 1 − ρ².
            let adjusted = (moments.pre.n > 1).then(|| adjusted_arms(&[&moments]).ok()).flatten();
            let left = adjusted
                .and_then(|arms| Some(arms.first()?.variance_of_mean / arm.variance_of_mean))
                .filter(|left| left.is_finite())
                .unwrap_or(1.0);
            Some(PastMetric {
                metric: name_of(metric.about().name)?,
                value: arm.mean,
                sd,
                share_with_value: arm.n / units as f64,
                covariate_correlation: (1.0 - left).clamp(0.0, 0.99).sqrt(),
            })
        });
        let waits = self.pass.first_responses().first().and_then(|tally| tally.waits.curve());
        let middle_half =
            waits.and_then(|waits| Some((waits.km().quantile(0.25)?, waits.km().quantile(0.75)?)));
        let conversations: f64 = self.arrivals_by_hour.iter().sum();
        History {
            weeks: self.past.weeks,
            units,
            metrics: metrics.filter(|metric| metric.sd > 0.0).collect(),
            joined: self.joined,
            conversations_per_week: conversations / f64::from(self.past.weeks),
            handle_minutes: (self.closed > 0).then(|| self.hours * 60.0 / self.closed as f64),
            middle_half,
            arrivals_by_hour: self.arrivals_by_hour,
        }
    }
}

/// The lasting name of a built-in metric.
fn name_of(name: &str) -> Option<&'static str> {
    crate::metrics::find(name).map(|kind| kind.about().name)
}

fn ours<T, E>(name: Result<T, E>) -> T {
    name.unwrap_or_else(|_| unreachable!("a name of ours"))
}
