//! The results document, as `GET …/results` answers it.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Format, Report, ReportError, Sink, ours};
use crate::language::{Message, say};
use crate::{
    analysis::document::Analysis,
    domain::{log::LogLine, time::Moment},
};

/// JSON.
#[derive(Debug)]
pub(super) struct Json;

/// Counts what changes in a way that readers must know of.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    for_decisions: bool,
    plan_locked_at: Option<Moment>,
    decided: Option<Decided<'a>>,
    /// The oldest first.
    log: Vec<Logged<'a>>,
    #[serde(flatten)]
    analysis: &'a Analysis,
}

/// What people decided.
#[derive(Serialize)]
struct Decided<'a> {
    at: Moment,
    who: &'a str,
    what: &'a str,
    why: &'a str,
    from: NaiveDate,
    agreed_by: &'a str,
    analysis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watched_until: Option<NaiveDate>,
}

/// A line of the experiment's log.
#[derive(Serialize)]
struct Logged<'a> {
    at: Moment,
    /// A note may tell of an earlier day.
    day: NaiveDate,
    who: &'a str,
    what: String,
}

impl Format for Json {
    fn slug(&self) -> &'static str {
        "json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn audience(&self) -> Message {
        say("format-json-for")
    }

    fn contents(&self) -> Message {
        say("format-json")
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        out.write_all(&document(report)?).map_err(ours)
    }
}

/// The document with what every file says of itself.
pub(super) fn document(report: &Report) -> Result<Vec<u8>, ReportError> {
    serde_json::to_vec_pretty(&Document {
        schema_version: SCHEMA_VERSION,
        for_decisions: report.for_decisions(),
        plan_locked_at: report.experiment.started_at,
        decided: report.decided.map(|decided| Decided {
            at: decided.at,
            who: &decided.who,
            what: decided.what.as_str(),
            why: &decided.why,
            from: decided.from,
            agreed_by: &decided.agreed_by,
            analysis: decided.analysis,
            watched_until: decided.watched_until(),
        }),
        log: report.log.iter().rev().map(logged).collect(),
        analysis: report.analysis,
    })
    .map_err(ours)
}

fn logged(line: &LogLine) -> Logged<'_> {
    Logged { at: line.at, day: line.happened_at().date(), who: &line.who, what: line.what.to_string() }
}
