//! Files to take away: one stored analysis in one of several formats.
//!
//! A new format is one file with a [`Format`], and one line in [`ALL`]. The words of the verdict are
//! the analysis's own in every format, byte for byte.

mod bundle;
mod csv;
mod html;
mod json;
mod list;
mod package;
mod parquet;
mod pdf;
mod tables;
mod xlsx;

pub use list::{ListRow, list_csv, list_xlsx};
pub use tables::harmless;

use std::{
    fmt::Debug,
    io::{Seek, Write},
};

use crate::{
    analysis::{self, Accumulator, document::Analysis},
    domain::{decision::Decision, experiment::Experiment, log::LogLine, time::Moment, unit::UnitRecord},
    language::{Language, Message, say},
};

/// A kind of file.
pub trait Format: Debug + Sync {
    /// Its name in commands and addresses: `json`.
    fn slug(&self) -> &'static str;
    /// The end of its file's name: `xlsx`, `csv.zip`.
    fn extension(&self) -> &'static str;
    /// Its media type.
    fn media_type(&self) -> &'static str;
    /// Who it is for, in a few words.
    fn audience(&self) -> Message;
    /// What is in it, in a sentence or two.
    fn contents(&self) -> Message;
    /// The language that it is written in where `asked` is asked for.
    fn language(&self, asked: Language) -> Language {
        asked
    }
    /// Whether it shows what the figures were made from ([`Report::evidence`]), not only the figures.
    fn shows_evidence(&self) -> bool {
        false
    }
    /// Whether it is of no use to readers who may not see who the customers are: they are refused.
    fn names_customers(&self) -> bool {
        false
    }
    /// Bytes that it comes to, roughly, where making it to see would take long.
    fn rough_size(&self, _of: &Extent) -> Option<u64> {
        None
    }
    /// Writes the file.
    fn write(&self, report: &Report, out: &mut dyn Sink) -> Result<(), ReportError>;
}

/// How much there is for a file that has single units.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    units: u64,
    conversations: u64,
    /// Whether the reader may see them.
    sees_customers: bool,
}

impl Extent {
    /// Of an analysis, for a reader.
    pub fn new(analysis: &Analysis, sees_customers: bool) -> Self {
        let units = analysis.cohorts.iter().map(|cohort| cohort.units).sum();
        let conversations = analysis.cohorts.iter().map(|cohort| cohort.conversations).sum();
        Self { units, conversations, sees_customers }
    }

    /// Bytes, from what a table of figures, a unit and a conversation come to.
    fn bytes(self, figures: u64, unit: u64, conversation: u64) -> u64 {
        let single =
            if self.sees_customers { unit * self.units + conversation * self.conversations } else { 0 };
        figures + single
    }
}

/// Every format, in the order to offer them.
pub static ALL: &[&dyn Format] =
    &[&pdf::Pdf, &html::Html, &xlsx::Xlsx, &csv::Csv, &parquet::Parquet, &bundle::Bundle, &json::Json];

/// Where a file is written.
pub trait Sink: Write + Seek + Send {}

impl<T: Write + Seek + Send> Sink for T {}

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The language of its words; figures and names of columns for programs are the same in all.
    pub language: Language,
    /// The experiment, for what was agreed.
    pub experiment: &'a Experiment,
    /// The stored analysis.
    pub analysis: &'a Analysis,
    /// What people decided on it, or on another version of it; the newest.
    pub decided: Option<&'a Decision>,
    /// What happened to the experiment, the newest first.
    pub log: &'a [LogLine],
    /// The experiment and its calendars as files that `patience apply` takes: names and texts.
    pub definitions: &'a [(String, String)],
    /// What its figures were made from, for the formats that show it.
    pub evidence: Option<Evidence<'a>>,
}

/// What the figures of an analysis were made from, as it is known now. Facts of an earlier day may have been told
/// since the analysis was stored; where that changes a figure, the file says which.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The pass over the units as of the analysis's moment, made again.
    pub pass: &'a Accumulator<'a>,
    /// What that pass says.
    pub again: &'a Analysis,
    /// Entries of the ledger, of whatever customer, that the stored analysis had not seen.
    pub told_since: u64,
    /// The units themselves; none for readers who may not see who they are.
    pub units: Option<&'a dyn Units>,
}

/// The units of an experiment, one at a time, as often as a file has tables of them.
pub trait Units: Debug {
    /// Hands each to `each`, in the order of their ids; an error ends the stream.
    fn for_each(
        &self,
        each: &mut dyn FnMut(&UnitRecord) -> Result<(), ReportError>,
    ) -> Result<(), ReportError>;
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Not one of [`ALL`].
    #[error("unknown format {0:?}: must be one of {slugs}", slugs = slugs())]
    UnknownFormat(String),
    /// Single customers are all that it holds, and the reader may not see them.
    #[error("this format names single customers: ask an analyst for it, or choose another format")]
    NamesCustomers,
    /// A mistake of ours: what was stored cannot be written so. Or the disk is full.
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

impl<'a> Report<'a> {
    /// A report of the analysis alone.
    pub fn new(experiment: &'a Experiment, analysis: &'a Analysis) -> Self {
        let language = Language::English;
        Self { language, experiment, analysis, decided: None, log: &[], definitions: &[], evidence: None }
    }

    /// What every file says of itself: which version it is of, when that was made, when the plan was locked, and
    /// whether it is for decisions.
    pub fn stamp(&self) -> Vec<(String, String)> {
        let (t, definition, analysis) = (self.language, &self.experiment.definition, self.analysis);
        let utc = |at: Moment| t.say("stamp-utc").with("at", t.date_time(at)).to_string();
        let locked = self
            .experiment
            .started_at
            .map_or(t.say("stamp-not-locked"), |at| t.say("stamp-locked").with("at", t.date_time(at)));
        let for_decisions =
            if self.for_decisions() { say("stamp-for-decisions") } else { say("stamp-not-for-decisions") };
        let line = |name: Message, value: String| (t.tell(&name), value);
        vec![
            line(say("list-experiment"), analysis.experiment.to_string()),
            line(say("stamp-contact"), definition.owner.clone()),
            line(say("report-version"), analysis.analysis.to_string()),
            line(say("stamp-data-to"), utc(analysis.as_of)),
            line(say("report-made"), utc(analysis.made_at)),
            line(say("stamp-plan-locked"), locked.to_string()),
            line(say("stamp-decisions"), t.tell(&for_decisions)),
        ]
    }

    /// Whether its figures may be decided on: no check failed.
    pub fn for_decisions(&self) -> bool {
        self.analysis.verdict.decision != analysis::document::Decision::Invalid
    }

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
