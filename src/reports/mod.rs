//! Files to take away: one stored analysis in one of several formats.
//!
//! A new format is one file with a [`Format`], and one line in [`ALL`]. The words of the verdict are
//! the analysis's own in every format, byte for byte.

mod csv;
mod html;
mod json;

use std::fmt::Debug;

use crate::analysis::document::Analysis;
use crate::domain::experiment::Experiment;

/// A kind of file.
pub trait Format: Debug + Sync {
    /// Its name in commands and addresses: `json`.
    fn slug(&self) -> &'static str;
    /// The end of its file's name.
    fn extension(&self) -> &'static str;
    /// Its media type.
    fn media_type(&self) -> &'static str;
    /// Who it is for, in a sentence.
    fn purpose(&self) -> &'static str;
    /// Makes the file.
    fn render(&self, report: &Report) -> Result<Vec<u8>, ReportError>;
}

/// Every format, in the order to offer them.
pub static ALL: &[&dyn Format] = &[&html::Html, &csv::Csv, &json::Json];

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The experiment, for what was agreed.
    pub experiment: &'a Experiment,
    /// The stored analysis.
    pub analysis: &'a Analysis,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Not one of [`ALL`].
    #[error("unknown format {0:?}: must be one of {slugs}", slugs = slugs())]
    UnknownFormat(String),
    /// A mistake of ours: what was stored cannot be written so.
    #[error("the report cannot be written: {0}")]
    Write(#[from] Box<dyn std::error::Error + Send + Sync>),
}

fn slugs() -> String {
    ALL.iter().map(|format| format.slug()).collect::<Vec<_>>().join(", ")
}

/// The format of a name.
pub fn format(slug: &str) -> Result<&'static dyn Format, ReportError> {
    ALL.iter()
        .copied()
        .find(|format| format.slug() == slug)
        .ok_or_else(|| ReportError::UnknownFormat(slug.to_owned()))
}

impl Report<'_> {
    /// The name of its file: `patience_longer-frt-low-spend_2026-06-08_v14.html`.
    pub fn file_name(&self, format: &dyn Format) -> String {
        format!(
            "patience_{}_{}_v{}.{}",
            self.analysis.experiment,
            self.analysis.as_of.date(),
            self.analysis.analysis,
            format.extension()
        )
    }
}

/// For `?`: any failure to write is ours.
fn ours(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ReportError {
    ReportError::Write(error.into())
}
