//! Stored analyses: whole, numbered from 1 within their experiment, never changed.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};

use super::{
    Db,
    error::{Result, StorageError},
    random::sha256,
    schema::analyses as n,
    settings,
};
use crate::{
    analysis::{
        document::Analysis,
        headline::{self, Summary},
    },
    domain::{ids::ExperimentKey, time::Moment},
};

/// How their last numbers are called, before the experiment's key.
pub(super) const NUMBERED: &str = "analyses.";

/// A stored analysis without its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its number.
    pub number: u64,
    /// Later facts are left out of it.
    pub as_of: Moment,
    /// When it was made.
    pub made_at: Moment,
    /// The last entry of the ledger that it saw.
    pub ledger_position: i64,
    /// The version of the definition that it went by.
    pub definition_version: u32,
    /// What it says, in short.
    pub summary: Summary,
}

/// Stores an analysis under the next number of its experiment, and gives it back with that number.
pub fn insert(db: &mut Db, analysis: &Analysis) -> Result<Analysis> {
    let experiment = analysis.experiment.as_str();
    let last: Option<i64> = n::table.filter(n::experiment.eq(experiment)).select(max(n::number)).first(db)?;
    let number = last.unwrap_or(0) + 1;
    let analysis = Analysis { analysis: number.cast_unsigned(), ..analysis.clone() };
    let document =
        serde_json::to_string(&analysis).map_err(|error| StorageError::corrupt("an analysis", error))?;
    let summary = serde_json::to_string(&Summary::of(&analysis))
        .map_err(|error| StorageError::corrupt("an analysis", error))?;
    let row = (
        n::experiment.eq(experiment),
        n::number.eq(number),
        n::as_of.eq(analysis.as_of.ms()),
        n::made_at.eq(analysis.made_at.ms()),
        n::ledger_position.eq(analysis.ledger_position),
        n::definition_version.eq(analysis.definition_version.cast_signed()),
        n::digest.eq(sha256(&document)),
        n::document.eq(&document),
        n::summary.eq(Some(summary)),
    );
    diesel::insert_into(n::table).values(row).execute(db)?;
    settings::set_last(db, &format!("{NUMBERED}{experiment}"), number)?;
    Ok(analysis)
}

/// The last one.
pub fn latest(db: &mut Db, experiment: &ExperimentKey) -> Result<Option<Analysis>> {
    let document: Option<String> = n::table
        .filter(n::experiment.eq(experiment.as_str()))
        .order(n::number.desc())
        .select(n::document)
        .first(db)
        .optional()?;
    document.map(|document| read(experiment, &document)).transpose()
}

/// The one that speaks at the head of the page and in the list ([`headline::speaks`]), and the newest where that is
/// another one, which has still to wait for its day.
pub fn speaking(db: &mut Db, experiment: &ExperimentKey) -> Result<Option<(Analysis, Option<Header>)>> {
    let mut headers = list(db, experiment)?;
    let made = headers.iter().rev().map(|header| (header.made_at, &header.summary));
    let Some(place) = headline::speaks(made) else { return Ok(None) };
    let speaker = headers[headers.len() - 1 - place].number;
    let newest = headers.swap_remove(0);
    let analysis = find(db, experiment, speaker)?
        .ok_or_else(|| StorageError::corrupt(&format!("an analysis of {experiment}"), "it is gone"))?;
    Ok(Some((analysis, (newest.number != speaker).then_some(newest))))
}

/// The one of a number.
pub fn find(db: &mut Db, experiment: &ExperimentKey, number: u64) -> Result<Option<Analysis>> {
    let document: Option<String> = n::table
        .find((experiment.as_str(), number.cast_signed()))
        .select(n::document)
        .first(db)
        .optional()?;
    document.map(|document| read(experiment, &document)).transpose()
}

/// All of an experiment, the newest first.
pub fn list(db: &mut Db, experiment: &ExperimentKey) -> Result<Vec<Header>> {
    let rows: Vec<(i64, i64, i64, i64, i32, Option<String>)> = n::table
        .filter(n::experiment.eq(experiment.as_str()))
        .order(n::number.desc())
        .select((n::number, n::as_of, n::made_at, n::ledger_position, n::definition_version, n::summary))
        .load(db)?;
    rows.into_iter()
        .map(|(number, as_of, made_at, ledger_position, version, summary)| {
            let number = number.cast_unsigned();
            Ok(Header {
                number,
                as_of: Moment::from_stored_ms(as_of),
                made_at: Moment::from_stored_ms(made_at),
                ledger_position,
                definition_version: version.cast_unsigned(),
                summary: read_summary(db, experiment, number, summary)?,
            })
        })
        .collect()
}

/// Analyses that were stored before there were summaries are read whole.
fn read_summary(
    db: &mut Db,
    experiment: &ExperimentKey,
    number: u64,
    summary: Option<String>,
) -> Result<Summary> {
    if let Some(text) = summary {
        return serde_json::from_str(&text)
            .map_err(|error| StorageError::corrupt(&format!("an analysis of {experiment}"), error));
    }
    let analysis = find(db, experiment, number)?;
    let analysis = analysis
        .ok_or_else(|| StorageError::corrupt(&format!("an analysis of {experiment}"), "it is gone"))?;
    Ok(Summary::of(&analysis))
}

fn read(experiment: &ExperimentKey, document: &str) -> Result<Analysis> {
    serde_json::from_str(document)
        .map_err(|error| StorageError::corrupt(&format!("an analysis of {experiment}"), error))
}
