//! What is measured. Each metric is one file and one line in [`ALL`].
//!
//! Most metrics are ratios of sums over units ([`Metric`]): a unit tells what happened to it as a list
//! of [`Changes`], dated steps of its numerator and denominator, so that one pass gives the figure as of
//! the end and as of every day before. Waits are different ([`WaitingMetric`]): some have not ended, and
//! leaving those out would flatter the slow cohort, so they go to Kaplan–Meier as they are.

mod after_contact_time;
mod churn;
mod conversations_per_agent_hour;
mod cost_to_serve;
mod csat;
mod csat_response_rate;
mod first_contact_resolution;
mod first_response_time;
mod gross_revenue_retention;
mod handle_time;
pub mod net_emotional_value;
pub mod net_revenue_retention;
pub mod net_value;
pub mod own;
mod promise_kept;
mod questions_asked;
mod reopen_rate;
mod resolution_time;
pub mod unit;

use std::fmt::Debug;

pub use unit::{Changes, Context, Grouping, Level, Period, Talk, Unit};

use crate::domain::{
    experiment::{Direction, MarginScale},
    time::Moment,
};

/// Every built-in metric, in the order in which reports list them.
pub static ALL: &[Kind] = &[
    Kind::Sums(&csat::Csat),
    Kind::Sums(&csat_response_rate::CsatResponseRate),
    Kind::Sums(&net_emotional_value::NetEmotionalValue),
    Kind::Sums(&questions_asked::QuestionsAsked),
    Kind::Waits(&first_response_time::FirstResponseTime),
    Kind::Sums(&promise_kept::PromiseKept),
    Kind::Waits(&resolution_time::ResolutionTime),
    Kind::Sums(&first_contact_resolution::FirstContactResolution),
    Kind::Sums(&reopen_rate::ReopenRate),
    Kind::Sums(&net_revenue_retention::NetRevenueRetention),
    Kind::Sums(&gross_revenue_retention::GrossRevenueRetention),
    Kind::Sums(&churn::Churn),
    Kind::Sums(&conversations_per_agent_hour::ConversationsPerAgentHour),
    Kind::Sums(&handle_time::HandleTime),
    Kind::Sums(&after_contact_time::AfterContactTime),
    Kind::Sums(&cost_to_serve::CostToServe),
    Kind::Sums(&net_value::NetValue),
];

/// How a metric is made.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A ratio of sums over units.
    Sums(&'static dyn Metric),
    /// Waits, some of them not ended.
    Waits(&'static dyn WaitingMetric),
}

impl Kind {
    /// What it is.
    pub fn about(&self) -> About<'static> {
        match self {
            Self::Sums(metric) => metric.about(),
            Self::Waits(metric) => metric.about(),
        }
    }
}

/// A built-in metric by its name.
pub fn find(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.about().name == name)
}

/// What a metric is; what people call it stands in the Fluent files (`metric-label`, `metric-definition`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// Its name in files and in the API.
    pub name: &'a str,
    /// What it is measured in.
    pub measure: Measure,
    /// Which way is good.
    pub direction: Direction,
}

/// What kind of quantity a metric is, for its formatting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 0 to 1, shown in per cent; differences in points.
    Share,
    /// A ratio around 1 shown in per cent (retention); differences in points.
    Ratio,
    /// A plain number per unit.
    Count,
    /// Hours.
    Hours,
    /// Money of the experiment's currency, per unit and 30 days.
    Money,
    /// Conversations per agent hour.
    Rate,
}

impl Measure {
    /// The scale that a difference is told on where no limit and no goal says which: points of shares and hours as they
    /// are, per cent of the rest.
    pub fn scale(self) -> MarginScale {
        match self {
            Self::Share | Self::Ratio | Self::Hours => MarginScale::Absolute,
            Self::Count | Self::Money | Self::Rate => MarginScale::Relative,
        }
    }
}

/// A ratio of sums over units: Σ numerator / Σ denominator.
pub trait Metric: Debug + Sync {
    /// What it is.
    fn about(&self) -> About<'_>;

    /// What happened to a unit in a period, as dated steps of numerator and denominator.
    fn changes(&self, unit: &Unit<'_>, period: Period, out: &mut Changes);

    /// Whether the same figure of the pre-period takes out noise.
    fn has_pre_period(&self) -> bool {
        true
    }

    /// Whether its denominator counts conversations, so that it can be told by channel or topic.
    fn is_of_conversations(&self) -> bool {
        false
    }

    /// Whether it speaks of money, and so needs the experiment's economics.
    fn needs_economics(&self) -> bool {
        false
    }

    /// Whether a guardrail on it waits until every unit has been followed for `follow_up_days`.
    fn waits_for_revenue(&self) -> bool {
        false
    }
}

/// Waits for something that may not have happened yet.
pub trait WaitingMetric: Debug + Sync {
    /// What it is.
    fn about(&self) -> About<'static>;

    /// When the wait of a conversation ended; none while it lasts.
    fn ended(&self, talk: &Talk<'_>, as_of: Moment) -> Option<Moment>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file of the room but the helpers is one metric in [`ALL`].
    #[test]
    fn every_metric_file_is_registered() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics")).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| !["mod", "unit", "own"].contains(&name.as_str()))
            .collect();
        names.sort();
        let mut registered: Vec<&str> = ALL.iter().map(|kind| kind.about().name).collect();
        registered.sort_unstable();
        assert_eq!(names, registered);
    }
}
