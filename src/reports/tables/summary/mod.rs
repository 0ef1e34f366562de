//! The tables of the stored analysis itself.

mod scorecard;
mod trust;
mod waiting;
mod worth;

use super::table::{Head, Table, columns, row, word};
use crate::{
    analysis::document::Analysis,
    domain::{experiment::Definition, log::LogLine},
    language::Language,
    presentation::words,
};

/// Every table that an analysis fills, in the order of the result page.
pub(in crate::reports) fn tables(definition: &Definition, analysis: &Analysis) -> Vec<Table> {
    vec![
        verdict(analysis),
        cohorts(definition, analysis),
        scorecard::metrics(analysis),
        scorecard::distributions(analysis),
        scorecard::comparisons(analysis),
        scorecard::looks(analysis),
        scorecard::series(analysis),
        waiting::waiting(analysis),
        waiting::waits(analysis),
        waiting::before_after(analysis),
        scorecard::segments(analysis),
        scorecard::heterogeneity(analysis),
        worth::economics(analysis),
        worth::sensitivity(analysis),
        trust::sample_ratio(analysis),
        trust::delivery(analysis),
        trust::checks(analysis),
    ]
}

/// What happened to the experiment, as its log tells it: the oldest first.
pub(in crate::reports) fn log(log: &[LogLine]) -> Table {
    let row = |line: &LogLine| {
        row![line.at, line.happened_at().date().to_string(), line.who.as_str(), line.what.to_string()]
    };
    Table {
        head: Head {
            name: "log",
            row_is: "one line of the experiment's log",
            columns: columns([
                ("at", "When it was written (UTC)"),
                ("day", "The day that it happened on: a note may tell of an earlier one"),
                ("who", "A person, a key, or the command line"),
                ("what", "What happened; a note of somebody begins with noted"),
            ]),
        },
        rows: log.iter().rev().map(row).collect(),
    }
}

/// The metrics in words.
pub(in crate::reports) fn definitions(t: Language, analysis: &Analysis) -> Table {
    let rows = analysis.metrics.iter().map(|m| {
        let (label, definition) = words::metric(t, &m.metric);
        row![m.metric.as_str(), label, definition, word(&m.unit_of_measure), word(&m.direction)]
    });
    Table {
        head: Head {
            name: "definitions",
            row_is: "one metric and what it means",
            columns: columns([
                ("metric", "Name of the metric"),
                ("label", "What people call it"),
                ("definition", "What it is"),
                ("unit_of_measure", "share, ratio, count, hours, money or rate"),
                ("direction", "Which way is good: increase or decrease"),
            ]),
        },
        rows: rows.collect(),
    }
}

fn verdict(analysis: &Analysis) -> Table {
    let several = std::slice::from_ref(&analysis.verdict);
    let verdicts = if analysis.verdicts.is_empty() { several } else { &analysis.verdicts };
    let row = |v: &crate::analysis::document::Verdict| {
        row![
            analysis.experiment.as_str(),
            analysis.analysis,
            analysis.status.as_str(),
            analysis.as_of,
            analysis.made_at,
            analysis.confidence,
            word(&analysis.looks),
            v.cohort.as_str(),
            word(&v.decision),
            word(&v.outcome),
            v.kicker.as_str(),
            v.headline.as_str(),
            v.sentence.as_str(),
            v.reasons.join(" "),
            v.know_before.join(" "),
        ]
    };
    Table {
        head: Head {
            name: "verdict",
            row_is: "one treatment's verdict",
            columns: columns([
                ("experiment", "Key of the experiment"),
                ("analysis", "Number of the stored analysis, from 1"),
                ("status", "Where the experiment stood: draft, running, paused, stopped"),
                ("as_of", "Facts after this moment are left out (UTC)"),
                ("made_at", "When the analysis was made (UTC)"),
                ("confidence", "Two-sided confidence of every interval"),
                ("looks", "fixed, always_valid or group_sequential: what the intervals are made for"),
                ("treatment", "Cohort that the verdict speaks of"),
                ("decision", "ship, do_not_ship, keep_running, inconclusive or invalid"),
                ("outcome", "Row of the verdict table that applied"),
                ("kicker", "The recommendation in a few words"),
                ("headline", "The finding"),
                ("sentence", "The finding's body; each sentence stands only where it is shown"),
                ("reasons", "Why, in a line each"),
                ("know_before", "What to know before deciding"),
            ]),
        },
        rows: verdicts.iter().map(row).collect(),
    }
}

fn cohorts(definition: &Definition, analysis: &Analysis) -> Table {
    let rows = analysis.cohorts.iter().map(|c| {
        let agreed = definition.cohort(&c.cohort);
        row![
            c.cohort.as_str(),
            c.cohort == analysis.control,
            c.units,
            c.conversations,
            c.closed,
            c.rated,
            c.unanswered,
            c.closed_unanswered,
            agreed.map(|cohort| f64::from(cohort.weight)),
            agreed.map(|cohort| cohort.first_response.hours()),
            agreed.map(|cohort| cohort.calendar.to_string()),
        ]
    });
    Table {
        head: Head {
            name: "cohorts",
            row_is: "one cohort, in the order of the definition",
            columns: columns([
                ("cohort", "Key of the cohort"),
                ("control", "true for the cohort that the others are compared with"),
                ("units", "All units assigned until as_of"),
                ("conversations", "Conversations that opened in their windows"),
                ("closed", "Of these, closed"),
                ("rated", "Of these conversations, rated"),
                ("unanswered", "Of these conversations, without a human reply as of as_of"),
                ("closed_unanswered", "Of these, closed: they still count as waiting"),
                ("weight", "Part of the units that it should have, relative to the other weights"),
                ("promised_hours", "Promised first response in hours of the calendar's open time"),
                ("calendar", "Key of the calendar whose open time counts"),
            ]),
        },
        rows: rows.collect(),
    }
}
