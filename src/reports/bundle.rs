//! Everything to hold the figures against: the tables of the CSV, the results document, what was agreed, and two
//! scripts in other people's languages that recompute the figures from the rows of single units.

use super::{Extent, Format, Report, ReportError, Sink, json, package::Package};
use crate::language::{Message, say};

/// The bundle.
#[derive(Debug)]
pub(super) struct Bundle;

/// With numpy, scipy and pandas.
const PYTHON: &str = include_str!("../../templates/bundle/recompute.py");
/// With R alone.
const R: &str = include_str!("../../templates/bundle/recompute.R");

impl Format for Bundle {
    fn slug(&self) -> &'static str {
        "bundle"
    }

    fn extension(&self) -> &'static str {
        "bundle.zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn audience(&self) -> Message {
        say("format-bundle-for")
    }

    fn contents(&self) -> Message {
        say("format-bundle")
    }

    // As the demo's come to, compressed.
    fn rough_size(&self, of: &Extent) -> Option<u64> {
        Some(of.bytes(200_000, 120, 140))
    }

    fn shows_evidence(&self) -> bool {
        true
    }

    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError> {
        let mut package = Package::new(out);
        package.file("results.json", say("readme-results"), &json::document(report)?)?;
        for (name, text) in report.definitions {
            package.file(name, say("readme-agreed"), text.as_bytes())?;
        }
        package.file("recompute.py", say("readme-python"), made_for(report, PYTHON).as_bytes())?;
        package.file("recompute.R", say("readme-r"), made_for(report, R).as_bytes())?;
        package.finish(report)
    }
}

/// A script that says which analysis it was made for: a comment after its first line, in both languages.
fn made_for(report: &Report, script: &str) -> String {
    let (first, rest) = script.split_once('\n').unwrap_or((script, ""));
    // A name may hold anything but may not end the comment.
    let name = report.experiment.definition.name.replace(char::is_control, " ");
    let analysis = report.analysis;
    format!(
        "{first}\n# Made for version {} of {} ({name}), facts up to {}.\n{rest}",
        analysis.analysis, analysis.experiment, analysis.as_of
    )
}
