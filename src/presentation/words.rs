//! The words of pages and files for what programs call by short names.

use crate::analysis::document::{Conclusion, Outcome};
use crate::charts::Tone;
use crate::domain::{
    experiment::{Cohort, Experiment, Status},
    ship_when::{Condition, Rule, Wanted},
    time::Moment,
};

use super::numbers;
use crate::metrics::{self, Kind};

/// What a metric is called, and its definition in a few words.
pub fn metric(name: &str) -> (String, &'static str) {
    match metrics::find(name).map(Kind::about) {
        Some(about) => (about.label.to_owned(), about.definition),
        None => (title(name), "A measure of your own"),
    }
}

/// A probability for analysts: `0.013`, `below 0.001`.
pub fn p(value: f64) -> String {
    if value < 0.001 { "below 0.001".to_owned() } else { numbers::decimal(value, 3) }
}

/// A key as words: `office-hours` → `Office hours`.
pub fn title(key: &str) -> String {
    let mut words = key.replace(['-', '_'], " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What a cohort promises: `within 4 hours`, `within 8 open hours (office hours)`.
pub fn promise(cohort: &Cohort) -> String {
    let wait = numbers::wait(cohort.first_response);
    match cohort.calendar.as_str() {
        "always" => format!("within {wait}"),
        calendar => {
            let open = wait.replacen(" hour", " open hour", 1).replacen(
                " minute",
                " open minute",
                usize::from(!wait.contains("hour")),
            );
            format!("within {open} ({})", calendar.replace(['-', '_'], " "))
        }
    }
}

/// What follows from a comparison, as a chip; `worse` says whether the whole range is on the worse side.
pub fn conclusion(conclusion: Conclusion, worse: bool, hoped_for: bool) -> (&'static str, Tone) {
    match conclusion {
        Conclusion::NonInferior if worse => ("Worse, within limit", Tone::Care),
        Conclusion::NonInferior => ("Within limit", Tone::Good),
        Conclusion::Inferior => ("Beyond limit", Tone::Bad),
        Conclusion::NotYetShown => ("Not yet shown", Tone::Neutral),
        Conclusion::Better => ("Better", Tone::Good),
        Conclusion::Worse if hoped_for => ("Worse", Tone::Bad),
        Conclusion::Worse => ("Worse", Tone::Care),
        Conclusion::NoDifferenceShown => ("No clear difference", Tone::Neutral),
    }
}

/// How an outcome looks: its tone and its icon.
pub fn outcome(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Ship => (Tone::Good, "check"),
        Outcome::LimitBroken | Outcome::CostsMore => (Tone::Bad, "stop"),
        Outcome::KeepRunning | Outcome::WaitingForRevenue => (Tone::Running, "run"),
        Outcome::TooEarly => (Tone::Neutral, "run"),
        Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete => (Tone::Failed, "warn"),
        Outcome::Underpowered => (Tone::Care, "warn"),
        Outcome::NoClearAnswer | Outcome::SafeNotShownToPay => (Tone::Neutral, "half"),
    }
}

/// The icon of a tone's chips.
pub fn icon(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "check",
        Tone::Care => "info",
        Tone::Bad => "stop",
        Tone::Running => "run",
        Tone::Neutral => "dash",
        Tone::Failed => "warn",
    }
}

/// An experiment's state in words: state and next step.
pub fn state(experiment: &Experiment, outcome: Option<Outcome>, now: Moment, end: Moment) -> (String, Tone) {
    let days_left =
        (end.ms() - now.ms() + crate::domain::time::DAY_MS - 1).div_euclid(crate::domain::time::DAY_MS);
    match (experiment.status, outcome) {
        (Status::Draft, _) => ("Draft".to_owned(), Tone::Neutral),
        (Status::Stopped, _) => ("Stopped".to_owned(), Tone::Neutral),
        (_, Some(Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete)) => {
            ("Check failed".to_owned(), Tone::Failed)
        }
        (_, Some(Outcome::Ship)) => ("Decision ready: ship".to_owned(), Tone::Good),
        (_, Some(Outcome::LimitBroken | Outcome::CostsMore)) => {
            ("Decision ready: do not ship".to_owned(), Tone::Bad)
        }
        (_, Some(Outcome::NoClearAnswer | Outcome::SafeNotShownToPay)) => {
            ("Decision ready: no clear answer".to_owned(), Tone::Neutral)
        }
        (_, Some(Outcome::Underpowered)) => ("Behind plan".to_owned(), Tone::Care),
        (Status::Paused, _) => ("Paused".to_owned(), Tone::Care),
        (_, Some(Outcome::TooEarly)) => ("Too early".to_owned(), Tone::Neutral),
        (Status::Running, _) if days_left > 1 => (format!("Running, {days_left} days left"), Tone::Running),
        (Status::Running, _) if days_left == 1 => ("Running, last day".to_owned(), Tone::Running),
        (Status::Running, _) => ("Running, past its end".to_owned(), Tone::Running),
    }
}

/// The state of an experiment on which people decided: `Decided: shipped`.
pub fn decided(what: &str) -> (String, Tone) {
    let tone = if what.starts_with("shipped") { Tone::Good } else { Tone::Neutral };
    (format!("Decided: {what}"), tone)
}

/// A `ship_when` rule in words.
pub fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Is(condition) => match condition {
            Condition::GuardrailsHold => "every limit holds".to_owned(),
            Condition::PrimaryImproves => "what you hoped to gain improves".to_owned(),
            Condition::NetValuePositive => "it is worth more than it costs".to_owned(),
            Condition::NetValueNotNegative => "it costs no more than it saves".to_owned(),
            Condition::Metric { name, is } => {
                let (label, _) = metric(name);
                match is {
                    Wanted::NonInferior => format!("“{label}” is within its limit"),
                    Wanted::Inferior => format!("“{label}” is beyond its limit"),
                    Wanted::Better => format!("“{label}” is better"),
                    Wanted::Worse => format!("“{label}” is worse"),
                }
            }
        },
        Rule::And(a, b) => format!("{}, and {}", self::rule(a), self::rule(b)),
        Rule::Or(a, b) => format!("{} or {}", self::rule(a), self::rule(b)),
        Rule::Not(a) => format!("it is not so that {}", self::rule(a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ship_when::ShipWhen;

    #[test]
    fn the_default_rule_reads_as_a_sentence() {
        assert_eq!(
            rule(&ShipWhen::default().rule),
            "every limit holds, and what you hoped to gain improves or it costs no more than it saves"
        );
    }
}
