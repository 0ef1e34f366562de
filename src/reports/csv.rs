//! A zip of tidy tables as CSV.

use super::{Format, Report, ReportError, Sink, package::Package};

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

    fn purpose(&self) -> &'static str {
        "Tidy tables for a spreadsheet or a notebook: every figure, the sums behind it, and for analysts and up each \
         customer and conversation. Shares are written from 0 to 1, times in UTC."
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        Package::new(out).finish(report)
    }
}
