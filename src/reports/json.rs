//! The results document, as `GET …/results` answers it.

use serde::Serialize;

use super::{Format, Report, ReportError, Sink, ours};
use crate::analysis::document::Analysis;

/// JSON.
#[derive(Debug)]
pub(super) struct Json;

/// Counts what changes in a way that readers must know of.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    #[serde(flatten)]
    analysis: &'a Analysis,
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

    fn purpose(&self) -> &'static str {
        "Every figure, for programs: the document that the API answers."
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        let document = Document { schema_version: SCHEMA_VERSION, analysis: report.analysis };
        serde_json::to_writer_pretty(out, &document).map_err(ours)
    }
}
