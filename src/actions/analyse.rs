//! Making analyses, and keeping them.

use crate::{
    analysis::{Accumulator, AnalysisError, Study, conclude, document::Analysis},
    domain::{experiment::LooksKind, ids::ExperimentKey, time::Moment},
    storage::{Db, StorageError, Store, analyses, experiments, feeds, ledger, units},
};

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The experiment as it is cannot be analysed.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// Analyses an experiment as of a moment and keeps the analysis under its number. Blocks.
///
/// # Errors
/// There is no such experiment, a calendar is missing, or the database refuses.
pub fn refresh(
    store: &Store,
    key: &ExperimentKey,
    as_of: Moment,
    now: Moment,
) -> Result<Analysis, RefreshError> {
    let analysis = store.read(|db| analyse(db, key, as_of, now, None))?;
    Ok(store.write(move |db| analyses::insert(db, &analysis))?)
}

/// The last stored analysis made again with other intervals than the experiment's own, as of the same moment, from
/// what is known of it now; it is not kept. Blocks.
///
/// # Errors
/// As [`refresh`].
pub fn override_looks(store: &Store, stored: &Analysis, looks: LooksKind) -> Result<Analysis, RefreshError> {
    let again =
        store.read(|db| analyse(db, &stored.experiment, stored.as_of, stored.made_at, Some(looks)))?;
    Ok(Analysis { analysis: stored.analysis, ..again })
}

fn analyse(
    db: &mut Db,
    key: &ExperimentKey,
    as_of: Moment,
    now: Moment,
    looks: Option<LooksKind>,
) -> Result<Analysis, RefreshError> {
    let experiment = experiments::get(db, key)?;
    let calendars = super::calendars(db)?;
    let ledger_position = ledger::position(db)?;
    let missing = feeds::missing(db, &experiment, as_of)?;
    let rejected_share = (missing.lines > 0).then(|| missing.share());
    let study = Study {
        experiment: &experiment,
        calendars: &calendars,
        as_of,
        now,
        ledger_position,
        looks,
        rejected_share,
        ahead_of_clock: ledger::ahead_of_clock(db)?.unsigned_abs(),
    };
    let mut pass = Accumulator::new(&study)?;
    units::for_each(db, &experiment, &units::Range::all(), |unit| {
        pass.add(&unit);
        Ok::<_, StorageError>(())
    })?;
    Ok(conclude(&pass))
}
