//! What the planner asks for, what stands in its fields, and where that comes from.

use std::collections::HashMap;

use super::beside::{Asked, address};
use crate::{
    domain::currency::Currency,
    language::{Language, Number, Said},
    planning::history::History,
    web::past::as_typed,
};

/// A number that the form asks for; what it is called stands in the Fluent files, under its name.
struct Field {
    name: &'static str,
    /// Its unit, for the Fluent files; nothing for money.
    unit: &'static str,
    /// What stands there where nothing was measured: an example; nothing where it may be left out.
    example: &'static str,
    /// It has to lie above 0 and not above that.
    most: f64,
}

const fn field(name: &'static str, unit: &'static str, example: &'static str, most: f64) -> Field {
    Field { name, unit, example, most }
}

const FIELDS: [Field; 12] = [
    field("from", "hours", "4", 336.0),
    field("to", "hours", "8", 336.0),
    field("arrivals", "conversations", "500", 1e7),
    field("minutes", "minutes", "10", 1e4),
    field("agent_hour", "", "30", 1e6),
    field("customers", "customers", "500", 1e9),
    field("rating_share", "percent", "30", 100.0),
    field("csat_now", "percent", "91", 99.9),
    field("limit", "points", "3", 50.0),
    field("weeks", "weeks", "12", 520.0),
    field("revenue", "", "", 1e9),
    field("gross_margin", "percent", "80", 100.0),
];

/// The field of the currency, which stands before those of money.
const CURRENCY: &str = "currency";

/// A field with what stands in it.
#[derive(Debug)]
#[allow(missing_docs, reason = "the parts of a field")]
pub(super) struct Shown {
    pub name: &'static str,
    pub label: String,
    pub unit: String,
    pub value: String,
    pub source: Source,
    /// The same in words.
    pub source_words: Said,
    /// The address of the same scenario without what was typed here.
    pub reset: String,
    pub wrong: bool,
    number: f64,
}

impl Shown {
    /// The currency: as asked for, or the workspace's.
    fn currency(t: Language, asked: &Asked, kept: Option<&Asked>, workspace: Currency) -> Self {
        let default = workspace.as_str();
        let value = asked.get(CURRENCY).map_or(default, |code| code.trim()).to_ascii_uppercase();
        let source = if value == default { Source::Workspace } else { Source::Yours };
        Self {
            name: CURRENCY,
            label: t.say("planner-label").with("field", CURRENCY).to_string(),
            unit: String::new(),
            source,
            source_words: source.words(t),
            reset: without(asked, kept, CURRENCY),
            wrong: Currency::new(&value).is_none(),
            value,
            number: 0.0,
        }
    }

    /// Whether it is a figure; else it is letters.
    pub fn is_number(&self) -> bool {
        self.name != CURRENCY
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Yours,
    Measured,
    Workspace,
    Example,
}

impl Source {
    /// In words.
    pub fn words(self, t: Language) -> Said {
        match self {
            Self::Yours => t.say("source-yours"),
            Self::Measured => t.say("source-measured"),
            Self::Workspace => t.say("source-workspace"),
            Self::Example => t.say("source-example"),
        }
    }
}

/// The figures by name, as read.
#[derive(Debug, Clone)]
pub(super) struct Numbers(HashMap<&'static str, f64>);

impl Numbers {
    /// One of the fields'; 0 for one that was left out.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }
}

/// The form as it was asked for.
#[derive(Debug)]
pub(super) struct Form {
    /// Every field, in order.
    pub shown: Vec<Shown>,
    /// In which currency its money is.
    pub currency: Currency,
    /// What is wrong, by field.
    pub mistakes: Vec<(&'static str, String)>,
}

impl Form {
    /// Reads what was asked; what was left out is as measured, or an example, the currency the workspace's.
    pub fn read(
        t: Language,
        asked: &Asked,
        kept: Option<&Asked>,
        past: Option<&History>,
        workspace: Currency,
    ) -> Self {
        let (mut shown, mut mistakes) = (Vec::new(), Vec::new());
        let chosen = Shown::currency(t, asked, kept, workspace);
        let currency = Currency::new(&chosen.value);
        if currency.is_none() {
            mistakes.push((CURRENCY, t.say("currency-wrong").to_string()));
        }
        let currency = currency.unwrap_or(workspace);
        for field in &FIELDS {
            let measured = past.and_then(|past| as_typed(past, field.name));
            let source = if measured.is_some() { Source::Measured } else { Source::Example };
            let default = measured.unwrap_or_else(|| field.example.to_owned());
            let value = asked.get(field.name).map_or(default.as_str(), |value| value.trim()).to_owned();
            let number = if value.is_empty() && field.example.is_empty() {
                Some(0.0)
            } else {
                let found = value.replace(',', ".").parse().ok();
                found.filter(|number: &f64| *number > 0.0 && *number <= field.most)
            };
            let label = t.say("planner-label").with("field", field.name).to_string();
            if number.is_none() {
                let says =
                    t.say("planner-wrong").with("field", &label).with("most", Number::short(field.most));
                mistakes.push((field.name, says.to_string()));
            }
            let source = if value == default { source } else { Source::Yours };
            shown.push(Shown {
                name: field.name,
                label,
                unit: match field.unit {
                    "" => currency.to_string(),
                    unit => t.say("unit-after").with("unit", unit).to_string(),
                },
                source,
                source_words: source.words(t),
                reset: without(asked, kept, field.name),
                value,
                wrong: number.is_none(),
                number: number.unwrap_or(0.0),
            });
        }
        let money = FIELDS.iter().position(|field| field.unit.is_empty()).unwrap_or(shown.len());
        shown.insert(money, chosen);
        Self { shown, currency, mistakes }
    }

    /// The figures, where all of them are some.
    pub fn numbers(&self) -> Option<Numbers> {
        let all = || self.shown.iter().map(|shown| (shown.name, shown.number)).collect();
        self.mistakes.is_empty().then(|| Numbers(all()))
    }

    /// What stands in a field.
    pub fn text(&self, name: &str) -> &str {
        self.shown.iter().find(|shown| shown.name == name).map_or("", |shown| shown.value.as_str())
    }

    /// Whether satisfaction stands as it was measured, and with it how much customers differ.
    pub fn csat_is_measured(&self) -> bool {
        let fields = self.shown.iter().filter(|shown| ["csat_now", "rating_share"].contains(&shown.name));
        fields.into_iter().all(|shown| shown.source == Source::Measured)
    }

    /// The answers that an experiment with these figures begins with.
    pub fn hand_on(&self, calendar: &str) -> Vec<(&'static str, String)> {
        let same = [
            ("from", "usual_hours"),
            ("to", "slower_hours"),
            ("limit", "csat"),
            ("csat_now", "csat_now"),
            ("rating_share", "rating_share"),
            ("customers", "new_customers"),
            ("weeks", "planned_weeks"),
            (CURRENCY, "currency"),
            ("agent_hour", "agent_hour"),
            ("gross_margin", "gross_margin"),
        ];
        let mut answers: Vec<(&'static str, String)> =
            same.into_iter().map(|(name, answer)| (answer, self.text(name).to_owned())).collect();
        answers.push(("usual_calendar", calendar.to_owned()));
        answers.push(("slower_calendar", calendar.to_owned()));
        answers
    }
}

/// The address without one field.
fn without(asked: &Asked, kept: Option<&Asked>, name: &str) -> String {
    let mut left = asked.clone();
    left.remove(name);
    address(&left, kept)
}
