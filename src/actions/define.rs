//! Defining experiments and calendars.

use std::collections::BTreeSet;

use crate::{
    definitions::{changes_refused, check_calendars_known},
    domain::{
        eligibility::{Facts, Rule},
        event::Attributes,
        experiment::{Definition, Experiment, Move, Status},
        ids::ExperimentKey,
        mistake::Mistake,
        time::Moment,
    },
    storage::{Db, StorageError, Store, approval, calendars, experiments, units},
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

/// Moves an experiment on in its life. At its first start, where its definition names no size to make looks for,
/// that of its past is counted first, so that nobody waits for it who writes. Blocks.
///
/// # Errors
/// There is no such experiment, its status does not allow the move, or its layer is in use by another unit: a
/// customer and the account of its colleagues cannot be kept apart.
pub fn advance(
    store: &Store,
    key: &ExperimentKey,
    wanted: Move,
    now: Moment,
    who: &str,
) -> Result<Experiment, StorageError> {
    advance_where(store, key, wanted, now, who, |_, _| Ok(()))
}

/// The same by a person, who may not start a plan of their own where approval is needed. Blocks.
///
/// # Errors
/// As [`advance`]; the plan is theirs.
pub fn advance_by_person(
    store: &Store,
    key: &ExperimentKey,
    wanted: Move,
    now: Moment,
    email: &str,
) -> Result<Experiment, StorageError> {
    let person = email.to_owned();
    advance_where(store, key, wanted, now, email, move |db, experiment| {
        if wanted == Move::Start { approval::refuse_own(db, experiment, &person) } else { Ok(()) }
    })
}

/// Moves it on unless `may`, asked in the same transaction, refuses.
fn advance_where(
    store: &Store,
    key: &ExperimentKey,
    wanted: Move,
    now: Moment,
    who: &str,
    may: impl Fn(&mut Db, &Experiment) -> Result<(), StorageError> + Send + Sync + 'static,
) -> Result<Experiment, StorageError> {
    let from_history = store.read_long(|db| {
        let experiment = experiments::get(db, key)?;
        let first = wanted == Move::Start && experiment.started_at.is_none();
        if first { units_before(db, &experiment.definition, now) } else { Ok(None) }
    })?;
    let (key, who) = (key.clone(), who.to_owned());
    store.write(move |db| {
        let experiment = experiments::get(db, &key)?;
        may(db, &experiment)?;
        move_on(db, &key, wanted, from_history, now, &who)
    })
}

/// As many units as would have been drawn in the planned weeks before `now`: those that opened a conversation then and
/// of which the rule holds by their recorded attributes, times the traffic share. None where the definition names a
/// number of its own, or nobody wrote.
fn units_before(db: &mut Db, definition: &Definition, now: Moment) -> Result<Option<u64>, StorageError> {
    if definition.analysis.planned_units.is_some() {
        return Ok(None);
    }
    let rule = Rule::compile(&definition.eligibility.rule)
        .map_err(|error| StorageError::Corrupt(format!("eligibility/rule of {}: {error}", definition.key)))?;
    let from = now.plus_days(-7 * i64::from(definition.planned_weeks));
    let nothing = Attributes::new();
    let wrote = units::count_openers(db, definition, (from, now), |recorded| {
        rule.as_ref().is_none_or(|rule| rule.holds(&Facts::of_customer(&nothing, recorded).ask()))
    })?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count times a share")]
    let drawn = (wrote as f64 * definition.traffic.share).round() as u64;
    // A plan is for two cohorts, and for two units at least.
    Ok((drawn > 0).then_some(drawn.max(2)))
}

fn move_on(
    db: &mut Db,
    key: &ExperimentKey,
    wanted: Move,
    from_history: Option<u64>,
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
    experiments::advance(db, key, wanted, from_history, now, who)
}
