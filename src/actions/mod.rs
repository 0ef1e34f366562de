//! What can be done to an installation, from the web and from the command line alike.
//!
//! Each action is one transaction, or a read and one. It takes the time and who is acting from its caller.

mod analyse;
mod define;
mod intake;
mod plan;
mod report;

pub use analyse::{RefreshError, nightly, override_looks, refresh};
pub use define::{DefineError, advance, advance_by_person, put_experiment};
pub use intake::{BATCH_ITEMS, Batch, Gathering, Preview, Refused, Summary};
pub use plan::{history, plan, plan_here};
pub use report::{ReportFailure, ReportFile, ReportRequest, report};

use std::collections::BTreeMap;

use crate::{
    domain::{
        assignment::Snapshot,
        calendar::Calendar,
        experiment::{Experiment, Status},
        ids::{CalendarKey, ExperimentKey},
    },
    storage::{Db, StorageError, calendars, experiments},
};

/// The source of what CSV files tell, whoever sends them.
pub const IMPORT_SOURCE: &str = "import";

/// The calendars that are defined, and the one that never closes.
///
/// # Errors
/// The database cannot be read, or holds a calendar that is none.
pub fn calendars(db: &mut Db) -> Result<BTreeMap<CalendarKey, Calendar>, StorageError> {
    let stored = calendars::list(db)?.into_iter().map(|definition| {
        let key = definition.key.clone();
        let calendar = Calendar::new(definition)
            .map_err(|error| StorageError::Corrupt(format!("calendar {key}: {error}")))?;
        Ok((key, calendar))
    });
    stored.chain([Ok((CalendarKey::always(), Calendar::always()))]).collect()
}

/// All definitions, ready to decide.
///
/// # Errors
/// The database cannot be read, or holds a rule that is none.
pub fn snapshot(db: &mut Db) -> Result<Snapshot, StorageError> {
    let experiments = experiments::list(db)?;
    compile(db, experiments)
}

/// The same with one experiment running that may be a draft still. A draft of a share below 1 gets its place in the
/// layer only at its start, so what this says of it holds where no other experiment is in its layer.
///
/// # Errors
/// As [`snapshot`].
pub fn snapshot_as_if_started(db: &mut Db, key: &ExperimentKey) -> Result<Snapshot, StorageError> {
    let mut experiments = experiments::list(db)?;
    for experiment in &mut experiments {
        if experiment.definition.key == *key && experiment.status == Status::Draft {
            experiment.status = Status::Running;
        }
    }
    compile(db, experiments)
}

fn compile(db: &mut Db, experiments: Vec<Experiment>) -> Result<Snapshot, StorageError> {
    let calendars = calendars(db)?.into_values();
    Snapshot::new(experiments, calendars).map_err(|error| StorageError::Corrupt(error.to_string()))
}
