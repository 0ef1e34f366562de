//! The pages of the guided form: what each asks. Its words stand in the Fluent files, under the names of fields.

use super::Language;
use crate::{
    domain::time::Moment,
    language::{Message, Said, say},
};

/// A page.
#[derive(Debug)]
pub(super) struct Step {
    /// Its place in the address.
    pub slug: &'static str,
    /// What it asks; nothing on the last page, which shows all answers.
    pub fields: &'static [Field],
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in the form and in the answers.
    pub name: &'static str,
    /// How it is asked.
    pub kind: Kind,
    /// Where its mistakes point in the definition.
    pub at: &'static [&'static str],
}

/// How a field is asked.
#[derive(Debug)]
pub(super) enum Kind {
    /// One line.
    Text,
    /// A number, with the unit after it, by its name in the Fluent files.
    Number(&'static str),
    /// A date.
    Date,
    /// One of these values.
    Choice(&'static [&'static str]),
    /// One of the calendars.
    Calendar,
    /// An attribute, how it compares, and a value: three answers.
    Condition(Of),
}

/// Whose attribute a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Whatever was told of customers.
    Customers,
    /// What every conversation has.
    Conversations,
}

/// What there is to know of a conversation when it is opened. All of it is text.
const CONVERSATION: [&str; 3] = ["channel", "topic", "urgency"];

/// The parts of a condition, after the field's name.
const PARTS: [&str; 3] = ["_what", "_is", "_value"];

/// How an attribute may compare with a value: the word in the form, and what CEL writes. Those of numbers come first.
const COMPARISONS: [(&str, &str); 7] = [
    ("below", "<"),
    ("at_most", "<="),
    ("above", ">"),
    ("at_least", ">="),
    ("is", "=="),
    ("one_of", "in"),
    ("is_not", "!="),
];

/// Where those of texts begin.
const OF_TEXTS: usize = 4;

impl Of {
    /// How its attributes may compare.
    pub fn comparisons(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Customers => &COMPARISONS,
            Self::Conversations => &COMPARISONS[OF_TEXTS..],
        }
    }
}

impl Step {
    /// Its question.
    pub fn title(&self, t: Language) -> Said {
        t.say("step-title").with("step", self.slug)
    }

    /// Why it is asked.
    pub fn lede(&self, t: Language) -> Said {
        t.say("step-lede").with("step", self.slug)
    }

    /// The field that a mistake belongs to.
    pub fn field_of(&self, pointer: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.is_at(pointer))
    }
}

impl Field {
    /// Whether a mistake is this field's.
    pub fn is_at(&self, pointer: &str) -> bool {
        self.at.contains(&pointer)
    }

    /// The names of its answers: of what, how compared and with which value, where it is a condition.
    pub fn answers(&self) -> Vec<String> {
        match self.kind {
            Kind::Condition(_) => PARTS.iter().map(|part| format!("{}{part}", self.name)).collect(),
            _ => vec![self.name.to_owned()],
        }
    }

    /// What it is called.
    pub fn label(&self) -> Message {
        say("field-label").with("field", self.name)
    }

    /// What helps to answer it; nothing where nothing is needed.
    pub fn hint(&self, t: Language) -> String {
        t.say("field-hint").with("field", self.name).to_string()
    }

    /// What can be chosen: value, words, whether it is.
    pub fn choices(&self, t: Language, calendars: &[String], chosen: &str) -> Vec<(String, String, bool)> {
        let choice = |value: &str, words: String| (value.to_owned(), words, value == chosen);
        match self.kind {
            Kind::Choice(all) => all
                .iter()
                .map(|value| {
                    let named = if value.is_empty() { "nothing" } else { value };
                    choice(value, t.say("field-choice").with("choice", named).into())
                })
                .collect(),
            Kind::Condition(of) => of
                .comparisons()
                .iter()
                .map(|(word, _)| choice(word, t.say("field-choice").with("choice", *word).into()))
                .collect(),
            Kind::Calendar => std::iter::once(choice("always", t.say("calendar-always").into()))
                .chain(calendars.iter().map(|key| choice(key, crate::presentation::words::title(key))))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The unit after a number, or nothing.
    pub fn suffix(&self, t: Language) -> String {
        let unit = if let Kind::Number(unit) = self.kind { unit } else { "" };
        t.say("unit-after").with("unit", unit).into()
    }

    /// An answer with its unit, for a sentence.
    pub fn answered(&self, t: Language, value: &str) -> String {
        match self.kind {
            Kind::Choice(_) => return t.say("field-choice").with("choice", value).into(),
            Kind::Calendar if value == "always" => return t.say("calendar-always").into(),
            Kind::Calendar => return crate::presentation::words::title(value),
            Kind::Date => {
                let day = value.parse().map(Moment::start_of);
                return day.map_or_else(|_| value.to_owned(), |day| t.date(day));
            }
            Kind::Text | Kind::Number(_) | Kind::Condition(_) => {}
        }
        match self.suffix(t).as_str() {
            "" => value.to_owned(),
            "%" => format!("{value}%"),
            unit => format!("{value} {unit}"),
        }
    }

    pub fn is_condition(&self) -> bool {
        matches!(self.kind, Kind::Condition(_))
    }

    /// The attributes that a condition may be about, where they are known once and for all.
    pub fn attributes(&self, t: Language, chosen: &str) -> Vec<(String, String, bool)> {
        if !matches!(self.kind, Kind::Condition(Of::Conversations)) {
            return Vec::new();
        }
        std::iter::once("")
            .chain(CONVERSATION)
            .map(|name| {
                let words = t.say("conversation-attribute").with("name", name).to_string();
                (name.to_owned(), words, name == chosen)
            })
            .collect()
    }

    pub fn is_date(&self) -> bool {
        matches!(self.kind, Kind::Date)
    }

    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number(_))
    }
}

/// What a measure is asked for beside the limits.
const COUNTS_AS: &[&str] = &["", "primary", "secondary"];

const fn field(name: &'static str, kind: Kind, at: &'static [&'static str]) -> Field {
    Field { name, kind, at }
}

/// The pages in their order.
#[rustfmt::skip]
pub(super) const STEPS: &[Step] = &[
    Step { slug: "who", fields: &[
        field("name", Kind::Text, &["/name"]),
        field("key", Kind::Text, &["/key"]),
        field("hypothesis", Kind::Text, &["/hypothesis"]),
        field("owner", Kind::Text, &["/owner"]),
        field("tags", Kind::Text, &["/tags"]),
        field("fits", Kind::Condition(Of::Customers), &["/eligibility/fits"]),
        field("and", Kind::Condition(Of::Customers), &["/eligibility/and"]),
        field("rule", Kind::Text, &["/eligibility/rule", "/eligibility"]),
        field("spared", Kind::Condition(Of::Conversations), &["/eligibility/spared"]),
        field("or", Kind::Condition(Of::Conversations), &["/eligibility/or"]),
        field("or_else", Kind::Condition(Of::Conversations), &["/eligibility/or_else"]),
        field("except", Kind::Text, &["/eligibility/except"]),
        field("unit", Kind::Choice(&["customer", "account"]), &["/unit"]),
        field("share", Kind::Number("percent"), &["/traffic/share", "/traffic"]),
    ] },
    Step { slug: "levels", fields: &[
        field("usual_hours", Kind::Number("hours"), &["/cohorts/0/first_response", "/cohorts/0"]),
        field("usual_calendar", Kind::Calendar, &["/cohorts/0/calendar"]),
        field("usual_message", Kind::Text, &["/cohorts/0/message"]),
        field("slower_hours", Kind::Number("hours"), &["/cohorts/1/first_response", "/cohorts/1", "/cohorts"]),
        field("slower_calendar", Kind::Calendar, &["/cohorts/1/calendar"]),
        field("slower_message", Kind::Text, &["/cohorts/1/message"]),
        field("slower_share", Kind::Number("percent"), &["/cohorts/0/weight", "/cohorts/1/weight"]),
    ] },
    Step { slug: "limits", fields: &[
        field("csat", Kind::Number("points"), &["/metrics/csat"]),
        field("csat_now", Kind::Number("percent"), &["/plan/csat_now"]),
        field("csat_why", Kind::Text, &["/metrics/csat/why"]),
        field("net_revenue_retention", Kind::Number("points"), &["/metrics/net_revenue_retention"]),
        field("net_revenue_retention_why", Kind::Text, &["/metrics/net_revenue_retention/why"]),
        field("churn", Kind::Number("points"), &["/metrics/churn"]),
        field("churn_now", Kind::Number("percent"), &["/plan/churn_now"]),
        field("churn_why", Kind::Text, &["/metrics/churn/why"]),
        field("first_contact_resolution", Kind::Number("points"), &["/metrics/first_contact_resolution"]),
        field("first_contact_resolution_now", Kind::Number("percent"), &["/plan/first_contact_resolution_now"]),
        field("first_contact_resolution_why", Kind::Text, &["/metrics/first_contact_resolution/why"]),
        field("reopen_rate", Kind::Number("points"), &["/metrics/reopen_rate"]),
        field("reopen_rate_now", Kind::Number("percent"), &["/plan/reopen_rate_now"]),
        field("reopen_rate_why", Kind::Text, &["/metrics/reopen_rate/why"]),
    ] },
    Step { slug: "gains", fields: &[
        field("conversations_per_agent_hour", Kind::Choice(COUNTS_AS), &["/metrics/conversations_per_agent_hour", "/metrics"]),
        field("conversations_per_agent_hour_goal", Kind::Number("percent"), &["/metrics/conversations_per_agent_hour/goal"]),
        field("questions_asked", Kind::Choice(COUNTS_AS), &["/metrics/questions_asked"]),
        field("questions_asked_goal", Kind::Number("percent"), &["/metrics/questions_asked/goal"]),
        field("handle_time", Kind::Choice(COUNTS_AS), &["/metrics/handle_time"]),
        field("handle_time_goal", Kind::Number("percent"), &["/metrics/handle_time/goal"]),
        field("cost_to_serve", Kind::Choice(COUNTS_AS), &["/metrics/cost_to_serve"]),
        field("cost_to_serve_goal", Kind::Number("percent"), &["/metrics/cost_to_serve/goal"]),
        field("resolution_time", Kind::Choice(COUNTS_AS), &["/metrics/resolution_time"]),
        field("resolution_time_goal", Kind::Number("percent"), &["/metrics/resolution_time/goal"]),
    ] },
    Step { slug: "worth", fields: &[
        field("currency", Kind::Text, &["/economics/currency", "/economics"]),
        field("agent_hour", Kind::Number(""), &["/economics/agent_hour"]),
        field("gross_margin", Kind::Number("percent"), &["/economics/gross_margin"]),
        field("replacement_cost", Kind::Number(""), &["/economics/replacement_cost"]),
        field("arrivals", Kind::Number("conversations"), &["/plan/arrivals"]),
        field("minutes", Kind::Number("minutes"), &["/plan/minutes"]),
        field("revenue", Kind::Number(""), &["/plan/revenue"]),
    ] },
    Step { slug: "weeks", fields: &[
        field("starts_on", Kind::Date, &["/starts_on"]),
        field("planned_weeks", Kind::Number("weeks"), &["/planned_weeks"]),
        field("new_customers", Kind::Number("customers"), &["/plan/new_customers"]),
        field("rating_share", Kind::Number("percent"), &["/plan/rating_share"]),
        field("planned_units", Kind::Number("customers"), &["/analysis/planned_units"]),
        field("follow_up_days", Kind::Number("days"), &["/analysis/follow_up_days"]),
        field("looks", Kind::Choice(&["always_valid", "fixed"]), &["/analysis/looks", "/analysis"]),
    ] },
    Step { slug: "check", fields: &[] },
];
