//! Writing reports of stored analyses.

use crate::{
    analysis::document::Analysis,
    domain::experiment::Experiment,
    reports::{Format, Report, ReportError},
};

/// A file, made.
#[derive(Debug)]
pub struct ReportFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Makes a report.
///
/// # Errors
/// The format cannot hold what was stored: a mistake of ours.
pub fn report(
    format: &dyn Format,
    experiment: &Experiment,
    analysis: &Analysis,
) -> Result<ReportFile, ReportError> {
    let report = Report { experiment, analysis };
    let bytes = format.render(&report)?;
    Ok(ReportFile { name: report.file_name(format), media_type: format.media_type(), bytes })
}
