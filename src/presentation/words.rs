//! The words of pages and files for what programs call by short names.

use crate::analysis::document::{Conclusion, Outcome};
use crate::charts::Tone;
use crate::domain::{
    decision::Choice,
    eligibility::{self, Comparison, Plain},
    experiment::{Cohort, Experiment, LooksKind, Status},
    ship_when::{Condition, Rule, Wanted},
    time::Moment,
};

use super::numbers;
use crate::language::{Language, Message, Slot, say};

/// What a metric is called, and its definition in a few words.
pub fn metric(t: Language, name: &str) -> (String, String) {
    let definition = t.say("metric-definition").with("metric", name);
    (metric_label(t, name), definition.to_string())
}

/// What a metric is called.
pub fn metric_label(t: Language, name: &str) -> String {
    let known = crate::metrics::find(name).is_some();
    let name = if known { name.to_owned() } else { title(name) };
    t.say("metric-label").with("metric", name).to_string()
}

/// A probability for analysts: `0.013`, `below 0.001`.
pub fn p(t: Language, value: f64) -> String {
    if value < 0.001 { t.say("p-below").to_string() } else { t.number(value, 3) }
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
pub fn promise(t: Language, cohort: &Cohort) -> String {
    let wait = cohort.first_response;
    let said = match cohort.calendar.as_str() {
        "always" => t.say("promise-within").with("time", numbers::wait(wait)),
        calendar => t
            .say("promise-within-open")
            .with("time", numbers::open_wait(wait))
            .with("calendar", calendar.replace(['-', '_'], " ")),
    };
    said.to_string()
}

/// A rule of who takes part, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibilityWords {
    /// In words where the rule only compares, as CEL where it does more; empty where there is no rule.
    pub text: String,
    /// Whether it is CEL.
    pub is_code: bool,
}

/// A rule in words where it has them.
pub fn eligibility(t: Language, rule: &str) -> EligibilityWords {
    let plain = eligibility::Rule::compile(rule).ok().flatten().and_then(|rule| rule.plain());
    EligibilityWords {
        is_code: plain.is_none(),
        text: plain.map_or_else(|| rule.trim().to_owned(), |plain| t.tell(&plain_rule(&plain))),
    }
}

fn plain_rule(plain: &Plain) -> Message {
    match plain {
        Plain::Both(a, b) => say("who-both").with("a", plain_rule(a)).with("b", plain_rule(b)),
        Plain::Either(a, b) => say("who-either").with("a", plain_rule(a)).with("b", plain_rule(b)),
        Plain::OneOf(name, values) => {
            say("who-one-of").with("name", attribute(name)).with("values", values.join(", "))
        }
        Plain::Compare(name, comparison, value) => {
            let compared = match comparison {
                Comparison::Below => say("who-below"),
                Comparison::AtMost => say("who-at-most"),
                Comparison::Above => say("who-above"),
                Comparison::AtLeast => say("who-at-least"),
                Comparison::Is => say("who-is"),
                Comparison::IsNot => say("who-is-not"),
            };
            compared.with("name", attribute(name)).with("value", value)
        }
    }
}

/// What an attribute is called: those of conversations have names of ours, those of customers are the company's own.
fn attribute(name: &str) -> Slot {
    match name {
        "channel" | "topic" | "urgency" => say("conversation-attribute").with("name", name).into(),
        _ => name.into(),
    }
}

/// What follows from a comparison, as a chip; `worse` says whether the whole range is on the worse side.
pub fn conclusion(conclusion: Conclusion, worse: bool, hoped_for: bool) -> (Message, Tone) {
    match conclusion {
        Conclusion::NonInferior if worse => (say("conclusion-worse-within"), Tone::Care),
        Conclusion::NonInferior => (say("conclusion-within"), Tone::Good),
        Conclusion::Inferior => (say("conclusion-beyond"), Tone::Bad),
        Conclusion::NotYetShown => (say("conclusion-not-shown"), Tone::Neutral),
        Conclusion::Better => (say("conclusion-better"), Tone::Good),
        Conclusion::Worse if hoped_for => (say("conclusion-worse"), Tone::Bad),
        Conclusion::Worse => (say("conclusion-worse"), Tone::Care),
        Conclusion::NoDifferenceShown => (say("conclusion-no-difference"), Tone::Neutral),
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
pub fn state(experiment: &Experiment, outcome: Option<Outcome>, now: Moment, end: Moment) -> (Message, Tone) {
    let days_left =
        (end.ms() - now.ms() + crate::domain::time::DAY_MS - 1).div_euclid(crate::domain::time::DAY_MS);
    match (experiment.status, outcome) {
        (Status::Draft, _) => (say("state-draft"), Tone::Neutral),
        (Status::Stopped, _) => (say("state-stopped"), Tone::Neutral),
        (_, Some(Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete)) => {
            (say("state-failed"), Tone::Failed)
        }
        (_, Some(Outcome::Ship)) => (say("state-ship"), Tone::Good),
        (_, Some(Outcome::LimitBroken | Outcome::CostsMore)) => (say("state-do-not-ship"), Tone::Bad),
        (_, Some(Outcome::NoClearAnswer | Outcome::SafeNotShownToPay)) => {
            (say("state-no-clear-answer"), Tone::Neutral)
        }
        (_, Some(Outcome::Underpowered)) => (say("state-behind"), Tone::Care),
        (Status::Paused, _) => (say("state-paused"), Tone::Care),
        (_, Some(Outcome::TooEarly)) => (say("state-too-early"), Tone::Neutral),
        (Status::Running, _) if days_left > 1 => {
            (say("state-running").with("days", days_left), Tone::Running)
        }
        (Status::Running, _) if days_left == 1 => (say("state-last-day"), Tone::Running),
        (Status::Running, _) => (say("state-past-end"), Tone::Running),
    }
}

/// When a plan is looked at.
pub fn looks(kind: LooksKind) -> Message {
    match kind {
        LooksKind::Fixed => say("cell-once"),
        LooksKind::AlwaysValid => say("cell-any-day"),
        LooksKind::GroupSequential => say("cell-planned-looks"),
    }
}

/// The state of an experiment on which people decided: `Decided: shipped`.
pub fn decided(what: &Choice) -> (Message, Tone) {
    let tone = match what {
        Choice::Ship | Choice::ShipForSome => Tone::Good,
        Choice::KeepUsual | Choice::Other(_) => Tone::Neutral,
    };
    (say("decided").with("what", decision(what)), tone)
}

/// What was decided, within a sentence: `shipped`.
pub fn decision(what: &Choice) -> Slot {
    match what {
        Choice::Ship => say("decision-shipped").into(),
        Choice::ShipForSome => say("decision-shipped-for-some").into(),
        Choice::KeepUsual => say("decision-kept").into(),
        Choice::Other(words) => words.as_str().into(),
    }
}

/// A `ship_when` rule in words.
pub fn rule(t: Language, rule: &Rule) -> Message {
    match rule {
        Rule::Is(condition) => match condition {
            Condition::GuardrailsHold => say("rule-limits-hold"),
            Condition::PrimaryImproves => say("rule-primary-improves"),
            Condition::NetValuePositive => say("rule-net-positive"),
            Condition::NetValueNotNegative => say("rule-net-not-negative"),
            Condition::Metric { name, is } => {
                let is = match is {
                    Wanted::NonInferior => say("rule-within"),
                    Wanted::Inferior => say("rule-beyond"),
                    Wanted::Better => say("rule-better"),
                    Wanted::Worse => say("rule-worse"),
                };
                say("rule-metric").with("metric", metric_label(t, name)).with("is", is)
            }
        },
        Rule::And(a, b) => say("rule-and").with("a", self::rule(t, a)).with("b", self::rule(t, b)),
        Rule::Or(a, b) => say("rule-or").with("a", self::rule(t, a)).with("b", self::rule(t, b)),
        Rule::Not(a) => say("rule-not").with("a", self::rule(t, a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ship_when::ShipWhen;

    #[test]
    fn the_default_rule_reads_as_a_sentence() {
        assert_eq!(
            Language::English.tell(&rule(Language::English, &ShipWhen::default().rule)),
            "every limit holds, and what you hoped to gain improves or it costs no more than it saves"
        );
    }
}
