//! Defining experiments and calendars.

use std::collections::BTreeSet;

use crate::{
    definitions::{changes_refused, check_calendars_known},
    domain::{
        experiment::{Definition, Experiment, Move, Status},
        ids::ExperimentKey,
        mistake::Mistake,
        time::Moment,
    },
    storage::{Db, StorageError, calendars, experiments},
};

/// Why a definition is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    /// What is wrong with it, or with changing to it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Creates an experiment as a draft, or changes it as far as it may still change. Calendars come first.
///
/// # Errors
/// Its calendars are unknown, it can no longer change so, or the database refuses.
pub fn put_experiment(
    db: &mut Db,
    definition: &Definition,
    now: Moment,
    who: &str,
) -> Result<experiments::Put, DefineError> {
    let known: BTreeSet<_> = calendars::list(db)?.into_iter().map(|calendar| calendar.key).collect();
    let mut mistakes = check_calendars_known(definition, &known);
    if let Some(experiment) = experiments::find(db, &definition.key)? {
        mistakes.extend(changes_refused(&experiment, definition));
    }
    if mistakes.is_empty() {
        Ok(experiments::put(db, definition, now, who)?)
    } else {
        Err(DefineError::Mistakes(mistakes))
    }
}

/// Moves an experiment on in its life.
///
/// # Errors
/// There is no such experiment, its status does not allow the move, or its layer is in use by another unit: a
/// customer and the account of its colleagues cannot be kept apart.
pub fn advance(
    db: &mut Db,
    key: &ExperimentKey,
    wanted: Move,
    now: Moment,
    who: &str,
) -> Result<Experiment, StorageError> {
    if wanted == Move::Start {
        let own = experiments::get(db, key)?.definition;
        let clash = experiments::list(db)?.into_iter().find(|other| {
            matches!(other.status, Status::Running | Status::Paused)
                && other.definition.layer() == own.layer()
                && other.definition.unit != own.unit
        });
        if let Some(other) = clash {
            return Err(StorageError::Refused(format!(
                "traffic/layer {} is in use by {}, which assigns the other unit; choose another layer or the same unit",
                own.layer(),
                other.definition.key
            )));
        }
    }
    experiments::advance(db, key, wanted, None, now, who)
}
