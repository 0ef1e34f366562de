//! What the sheets hold: a file for each that has much to say, in the order of the result page.

mod agreed;
mod behind;
mod scorecard;
mod summary;

use super::{
    super::Report,
    book::{Cell, Look, number, text},
};
use crate::{
    analysis::document::{Analysis, Range},
    domain::experiment::{Definition, MarginScale, Role},
    language::{Language, Message, say},
    metrics::Measure,
    presentation::words,
};

/// A sheet: one table.
#[derive(Debug)]
pub(in crate::reports) struct Sheet {
    /// What formulas call the table: the same in every language.
    pub table: &'static str,
    /// What the sheet is called.
    pub name: Message,
    /// What one row is.
    pub row_is: Message,
    /// Headings, with what they mean.
    pub columns: Vec<(Message, Message)>,
    pub rows: Vec<Vec<Cell>>,
}

/// All sheets but the cover, in the order of the result page.
pub(super) fn all(report: &Report) -> Vec<Sheet> {
    let (t, experiment, analysis) = (report.language, report.experiment, report.analysis);
    let mut sheets = vec![
        summary::sheet(report),
        scorecard::sheet(t, &experiment.definition, analysis),
        behind::over_time(report),
        behind::response_times(t, analysis),
        behind::checks(t, analysis),
        behind::groups(t, analysis),
        agreed::sheet(report),
    ];
    sheets.push(dictionary(t, &sheets, analysis));
    sheets
}

/// How a metric's own values are shown.
fn look(measure: Measure) -> Look {
    match measure {
        Measure::Share | Measure::Ratio => Look::Percent,
        Measure::Money | Measure::Count | Measure::Hours | Measure::Rate => Look::Decimal,
    }
}

/// How its differences are shown.
fn difference(measure: Measure) -> Look {
    if look(measure) == Look::Percent { Look::Points } else { Look::Decimal }
}

fn measure(analysis: &Analysis, metric: &str) -> Option<Measure> {
    analysis.metrics.iter().find(|m| m.metric == metric).map(|m| m.unit_of_measure)
}

fn range(range: &Range, look: Look) -> [Cell; 3] {
    [range.estimate, range.lower, range.upper].map(|value| number(value, look))
}

/// The words of a message.
#[allow(clippy::needless_pass_by_value, reason = "messages are made for the call")]
fn said(t: Language, message: Message) -> Cell {
    text(t.tell(&message))
}

fn label(t: Language, metric: &str) -> Cell {
    text(words::metric_label(t, metric))
}

fn level(key: &impl std::fmt::Display) -> Cell {
    text(words::title(&key.to_string()))
}

fn yes(t: Language, flag: bool) -> Cell {
    said(t, if flag { say("cell-yes") } else { say("cell-no") })
}

fn scale(t: Language, scale: MarginScale) -> Cell {
    let scale = match scale {
        MarginScale::Relative => say("cell-relative"),
        MarginScale::Absolute => say("cell-absolute"),
    };
    said(t, scale)
}

fn role(t: Language, role: Option<Role>) -> Cell {
    let role = match role {
        Some(Role::Guardrail) => say("cell-limit"),
        Some(Role::Primary) => say("cell-hoped-for"),
        Some(Role::Secondary) => say("cell-for-information"),
        None => say("cell-also-measured"),
    };
    said(t, role)
}

/// What a metric's values are measured in.
fn unit(measure: Measure, definition: &Definition) -> Message {
    match measure {
        Measure::Share => say("unit-share"),
        Measure::Ratio => say("unit-ratio"),
        Measure::Count => say("unit-number"),
        Measure::Hours => say("unit-hours"),
        Measure::Rate => say("unit-rate"),
        Measure::Money => match &definition.economics {
            Some(economics) => say("unit-money-in").with("currency", economics.currency.as_str()),
            None => say("unit-money"),
        },
    }
}

/// The columns of a difference with its range.
fn difference_columns(means: Message) -> [(Message, Message); 3] {
    [
        (say("heading-difference"), means),
        (say("heading-difference-from"), say("means-lower")),
        (say("heading-difference-to"), say("means-upper-or-open")),
    ]
}

/// The columns of a relative change with its range.
fn change_columns() -> [(Message, Message); 3] {
    [
        (say("heading-change"), say("means-change")),
        (say("heading-change-from"), say("means-lower")),
        (say("heading-change-to"), say("means-upper-or-open")),
    ]
}

/// Every column of the other sheets, and every measure.
fn dictionary(t: Language, sheets: &[Sheet], analysis: &Analysis) -> Sheet {
    let columns = sheets.iter().flat_map(|sheet| {
        let of = |(heading, meaning): &(Message, Message)| {
            [&sheet.name, heading, meaning].map(|message| text(t.tell(message))).into()
        };
        sheet.columns.iter().map(of).collect::<Vec<Vec<Cell>>>()
    });
    let measures = analysis.metrics.iter().map(|metric| {
        let (label, definition) = words::metric(t, &metric.metric);
        vec![said(t, say("heading-measure")), text(label), text(definition)]
    });
    Sheet {
        table: "Dictionary",
        name: say("sheet-dictionary"),
        row_is: say("sheet-dictionary-row"),
        columns: vec![
            (say("heading-sheet"), say("means-sheet")),
            (say("heading-name"), say("means-name")),
            (say("heading-meaning"), say("means-meaning")),
        ],
        rows: columns.chain(measures).collect(),
    }
}
