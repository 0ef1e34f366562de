//! A zip of tidy tables as CSV.

use super::{Format, Report, ReportError, Sink, package::Package};
use crate::language::{Message, say};

/// CSV.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn slug(&self) -> &'static str {
        "csv"
    }

    fn extension(&self) -> &'static str {
        "csv.zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn purpose(&self) -> Message {
        say("format-csv")
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        Package::new(out).finish(report)
    }
}
