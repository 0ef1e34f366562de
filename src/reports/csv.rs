//! A zip of tidy tables as CSV.

use super::{Extent, Format, Report, ReportError, Sink, package::Package};
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

    fn audience(&self) -> Message {
        say("format-csv-for")
    }

    fn contents(&self) -> Message {
        say("format-csv")
    }

    // As the demo's come to, compressed.
    fn rough_size(&self, of: &Extent) -> Option<u64> {
        Some(of.bytes(120_000, 120, 140))
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        Package::new(out).finish(report)
    }
}
