//! Writing reports of stored analyses.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::File,
    io::{BufWriter, Seek, Write},
};

use super::analyse::{PARTS, RefreshError, pass, study};
use crate::{
    analysis::{conclude, document::Analysis},
    definitions::{write_calendar_toml, write_experiment_toml},
    domain::{
        calendar::Calendar,
        experiment::Experiment,
        ids::{CalendarKey, ExperimentKey},
        unit::UnitRecord,
    },
    language::Language,
    reports::{Evidence, Format, Report, ReportError, Units},
    storage::{Db, StorageError, Store, analyses, decisions, experiments, ledger, units},
};

/// A file, made.
#[derive(Debug)]
pub struct ReportFile {
    /// Its name.
    pub name: String,
    /// The number of the analysis that it shows.
    pub analysis: u64,
    /// Its media type.
    pub media_type: &'static str,
    /// How many bytes it has.
    pub length: u64,
    /// What it holds, from the beginning: a file without a name, gone when this is dropped.
    pub file: File,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ReportFailure {
    /// The experiment has no stored analysis.
    #[error("no analysis yet")]
    NoAnalysis,
    /// The database, or an experiment that cannot be analysed.
    #[error(transparent)]
    Evidence(#[from] RefreshError),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] ReportError),
}

impl From<StorageError> for ReportFailure {
    fn from(error: StorageError) -> Self {
        Self::Evidence(error.into())
    }
}

/// Which report is asked for, and by whom.
#[derive(Debug, Clone)]
pub struct ReportRequest<'a> {
    /// The experiment.
    pub experiment: &'a ExperimentKey,
    /// The number of the stored analysis; none for the last.
    pub analysis: Option<u64>,
    /// The language of its words.
    pub language: Language,
    /// Whether the reader may see who the customers are.
    pub sees_customers: bool,
}

/// Makes a report, from one state of the database. It goes to the disk as it is made, so that its size does not
/// matter to memory. Blocks.
///
/// # Errors
/// There is no such experiment or analysis, the database refuses, or the disk does.
pub fn report(
    store: &Store,
    format: &dyn Format,
    asked: &ReportRequest<'_>,
) -> Result<ReportFile, ReportFailure> {
    if format.names_customers() && !asked.sees_customers {
        return Err(ReportError::NamesCustomers.into());
    }
    let parts = if format.shows_evidence() { PARTS } else { 0 };
    store.read_together(parts, |db, others| {
        let experiment = experiments::get(db, asked.experiment)?;
        let analysis = match asked.analysis {
            None => analyses::latest(db, asked.experiment)?.ok_or(ReportFailure::NoAnalysis)?,
            Some(number) => analyses::find(db, asked.experiment, number)?
                .ok_or_else(|| StorageError::unknown("version of the result", number))?,
        };
        let language = format.language(asked.language);
        let analysis = analysis.in_language(language);
        let decided = decisions::list(db, asked.experiment)?.into_iter().next();
        let log = experiments::log(db, asked.experiment)?;
        let report =
            Report { language, decided: decided.as_ref(), log: &log, ..Report::new(&experiment, &analysis) };
        let mut out = BufWriter::new(tempfile::tempfile().map_err(disk)?);
        if format.shows_evidence() {
            write_with_evidence(db, others, format, &report, asked.sees_customers, &mut out)?;
        } else {
            format.write(&report, &mut out)?;
        }
        let mut file = out.into_inner().map_err(|error| disk(error.into_error()))?;
        let length = file.stream_position().map_err(disk)?;
        file.rewind().map_err(disk)?;
        Ok(ReportFile {
            name: report.file_name(format),
            analysis: analysis.analysis,
            media_type: format.media_type(),
            length,
            file,
        })
    })
}

fn write_with_evidence<W: Write + Seek + Send>(
    db: &mut Db,
    others: &mut [Db],
    format: &dyn Format,
    report: &Report,
    sees_customers: bool,
    out: &mut W,
) -> Result<(), ReportFailure> {
    let (experiment, analysis) = (report.experiment, report.analysis);
    let calendars = super::calendars(db)?;
    let study = study(db, experiment, &calendars, analysis.as_of, analysis.made_at, Some(analysis.looks))?;
    let told_since = ledger::count_after(db, analysis.ledger_position)?;
    let pass = pass(db, others, &study)?;
    // What an analysis is called is no figure of it, and durations are kept to the minute.
    let again =
        Analysis { analysis: analysis.analysis, status: analysis.status, ..conclude(&pass) }.as_stored();
    let again = again.map_err(|error| ReportError::Write(error.into()))?.in_language(report.language);
    let stored = StoredUnits { db: RefCell::new(db), experiment };
    let units = sees_customers.then_some(&stored as &dyn Units);
    let evidence = Evidence { pass: &pass, again: &again, told_since, units };
    let definitions = definitions(experiment, &calendars);
    format.write(&Report { definitions: &definitions, evidence: Some(evidence), ..*report }, out)?;
    Ok(())
}

/// The experiment, and the calendars of its levels, as files.
fn definitions(
    experiment: &Experiment,
    calendars: &BTreeMap<CalendarKey, Calendar>,
) -> Vec<(String, String)> {
    let definition = &experiment.definition;
    let used: BTreeSet<&CalendarKey> = definition.cohorts.iter().map(|cohort| &cohort.calendar).collect();
    let of = |key: &&CalendarKey| {
        let calendar = calendars.get(*key).filter(|_| **key != CalendarKey::always())?;
        Some((format!("calendars/{key}.toml"), write_calendar_toml(calendar.definition())))
    };
    let experiment = (format!("experiments/{}.toml", definition.key), write_experiment_toml(definition));
    [experiment].into_iter().chain(used.iter().filter_map(of)).collect()
}

/// The units of an experiment as the database has them.
struct StoredUnits<'a> {
    db: RefCell<&'a mut Db>,
    experiment: &'a Experiment,
}

impl fmt::Debug for StoredUnits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredUnits({})", self.experiment.definition.key)
    }
}

impl Units for StoredUnits<'_> {
    fn for_each(
        &self,
        each: &mut dyn FnMut(&UnitRecord) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let mut db = self.db.borrow_mut();
        units::for_each(&mut db, self.experiment, |unit| each(unit).map_err(StreamError::Write)).map_err(
            |error| match error {
                StreamError::Storage(error) => ReportError::Write(error.into()),
                StreamError::Write(error) => error,
            },
        )
    }
}

/// Why the stream of units ended early.
enum StreamError {
    Storage(StorageError),
    Write(ReportError),
}

impl From<StorageError> for StreamError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

fn disk(error: std::io::Error) -> ReportFailure {
    ReportFailure::Write(ReportError::Write(error.into()))
}
