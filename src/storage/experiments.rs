//! Experiments and their life: definitions, salts, layers, and the log of who changed what.

use std::collections::{BTreeSet, HashMap};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Db, audit,
    error::{Result, StorageError},
    fold::id,
    random::hex32,
    revision,
    schema::{assignments as a, experiment_log as g, experiments as e, layers as y},
};
use crate::domain::{
    assignment::draw,
    event::{Event, Fact},
    experiment::{DEFAULT_PLANNED_UNITS, Definition, Experiment, Move, Status, Unit},
    ids::{CohortKey, ExperimentKey, LayerKey},
    log::{Act, LogLine},
    time::Moment,
};
use crate::language::say;

/// What became of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is a new draft.
    Created,
    /// It differs from what was there, and replaces it.
    Changed,
    /// It is what was there.
    Unchanged,
}

type Row = (String, String, String, String, i32, i64, Option<i64>, Option<i64>, Option<i64>, String, i64);

fn read(row: Row, layers: &HashMap<String, String>) -> Result<Experiment> {
    let (key, definition, status, salt, version, created, started, stopped, planned, layer, offset) = row;
    let definition: Definition = from_json(&key, &definition)?;
    let planned = planned.map(i64::cast_unsigned).or(definition.analysis.planned_units);
    Ok(Experiment {
        planned_units: planned.unwrap_or(DEFAULT_PLANNED_UNITS),
        definition,
        status: from_json(&key, &format!("\"{status}\""))?,
        salt,
        version: version.cast_unsigned(),
        created_at: Moment::from_stored_ms(created),
        started_at: started.map(Moment::from_stored_ms),
        stopped_at: stopped.map(Moment::from_stored_ms),
        layer_salt: layers
            .get(&layer)
            .cloned()
            .ok_or_else(|| StorageError::corrupt(&format!("experiment {key}"), "its layer is missing"))?,
        layer_offset: offset.cast_unsigned(),
    })
}

fn from_json<T: DeserializeOwned>(key: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StorageError::corrupt(&format!("experiment {key}"), error))
}

fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StorageError::corrupt("a definition", error))
}

fn layer_salts(db: &mut Db) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = y::table.select((y::key, y::salt)).load(db)?;
    Ok(rows.into_iter().collect())
}

/// All experiments by key.
pub fn list(db: &mut Db) -> Result<Vec<Experiment>> {
    let layers = layer_salts(db)?;
    let rows = e::table.order(e::key).load::<Row>(db)?;
    rows.into_iter().map(|row| read(row, &layers)).collect()
}

/// One experiment.
pub fn find(db: &mut Db, key: &ExperimentKey) -> Result<Option<Experiment>> {
    let layers = layer_salts(db)?;
    let row = e::table.find(key.as_str()).first::<Row>(db).optional()?;
    row.map(|row| read(row, &layers)).transpose()
}

/// One experiment that has to be there.
///
/// # Errors
/// [`StorageError::Unknown`].
pub fn get(db: &mut Db, key: &ExperimentKey) -> Result<Experiment> {
    find(db, key)?.ok_or_else(|| StorageError::unknown("experiment", key))
}

/// Makes a draft of a new definition, or changes a known one. Whether a running experiment may change so is
/// for the caller to judge; here only what would contradict the record is refused.
///
/// # Errors
/// [`StorageError::Refused`] where units on record would lose their cohort or their kind.
pub fn put(db: &mut Db, definition: &Definition, now: Moment, who: &str) -> Result<Put> {
    let key = &definition.key;
    let text = to_json(definition)?;
    let layer = definition.layer();
    let Some(known) = find(db, key)? else {
        make_layer(db, &layer)?;
        let row = (
            e::key.eq(key.as_str()),
            e::definition.eq(text),
            e::status.eq(Status::Draft.as_str()),
            e::salt.eq(hex32()?),
            e::version.eq(1),
            e::created_at.eq(now.ms()),
            e::layer.eq(layer.as_str()),
            e::layer_offset.eq(0_i64),
        );
        diesel::insert_into(e::table).values(row).execute(db)?;
        note(db, key, now, who, &Act::Defined)?;
        revision::bump(db)?;
        return Ok(Put::Created);
    };
    if known.definition == *definition {
        return Ok(Put::Unchanged);
    }
    refuse_to_strand(db, &known.definition, definition)?;
    make_layer(db, &layer)?;
    let version = known.version.cast_signed() + 1;
    diesel::update(e::table.find(key.as_str()))
        .set((e::definition.eq(text), e::version.eq(version), e::layer.eq(layer.as_str())))
        .execute(db)?;
    note(db, key, now, who, &changes(&known.definition, definition)?)?;
    revision::bump(db)?;
    Ok(Put::Changed)
}

/// Gives a draft a salt of the caller's choosing in place of its random one: for simulations and tests that
/// are to be repeated. No route and no command leads here.
///
/// # Errors
/// [`StorageError::Unknown`]; [`StorageError::Refused`] from the first start on, and where units are on record.
pub fn set_salt(db: &mut Db, key: &ExperimentKey, salt: &str) -> Result<()> {
    let experiment = get(db, key)?;
    let units: i64 = a::table.filter(a::experiment.eq(key.as_str())).count().get_result(db)?;
    if experiment.started_at.is_some() || units > 0 {
        return Err(StorageError::Refused(format!(
            "the salt of {key} stays: it was started, or has units on record"
        )));
    }
    diesel::update(e::table.find(key.as_str())).set(e::salt.eq(salt)).execute(db)?;
    revision::bump(db)
}

/// A recorded assignment names a cohort and a unit of the definition; a replay of the ledger needs both.
fn refuse_to_strand(db: &mut Db, old: &Definition, new: &Definition) -> Result<()> {
    let used: Vec<String> =
        a::table.filter(a::experiment.eq(old.key.as_str())).select(a::cohort).distinct().load(db)?;
    let lost = used.iter().find(|key| !new.cohorts.iter().any(|cohort| cohort.key.as_str() == key.as_str()));
    let what = match lost {
        Some(cohort) => format!("cohort {cohort} cannot go"),
        None if !used.is_empty() && old.unit != new.unit => "unit cannot change".to_owned(),
        None => return Ok(()),
    };
    Err(StorageError::Refused(format!(
        "{what}: units of {} are on record; define a new experiment under another key",
        old.key
    )))
}

/// Names the parts of a definition that differ.
fn changes(old: &Definition, new: &Definition) -> Result<Act> {
    let value = |definition| {
        serde_json::to_value(definition).map_err(|error| StorageError::corrupt("a definition", error))
    };
    let (old, new): (Value, Value) = (value(old)?, value(new)?);
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
    };
    let differing: Vec<String> = names(&old)
        .union(&names(&new))
        .filter(|name| old.get(name.as_str()) != new.get(name.as_str()))
        .cloned()
        .collect();
    Ok(Act::Changed(differing.join(", ")))
}

fn make_layer(db: &mut Db, key: &LayerKey) -> Result<()> {
    let known: Option<String> = y::table.find(key.as_str()).select(y::key).first(db).optional()?;
    if known.is_none() {
        let row = (y::key.eq(key.as_str()), y::salt.eq(hex32()?), y::next_offset.eq(0_i64));
        diesel::insert_into(y::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Moves an experiment on in its life. `from_history` is the size to plan for where the definition names
/// none; it is fixed at the first start, as is the place in the layer: where the part of the layer's
/// experiment started last ended.
///
/// # Errors
/// [`StorageError::Unknown`]; [`StorageError::Refused`] where the status does not allow it.
pub fn advance(
    db: &mut Db,
    key: &ExperimentKey,
    wanted: Move,
    from_history: Option<u64>,
    now: Moment,
    who: &str,
) -> Result<Experiment> {
    let experiment = get(db, key)?;
    let status = experiment.status.after(wanted).map_err(|error| StorageError::Refused(error.to_string()))?;
    if status == experiment.status {
        return Ok(experiment);
    }
    if experiment.started_at.is_none() && status == Status::Running {
        first_start(db, &experiment, from_history, now)?;
    }
    if status == Status::Stopped {
        diesel::update(e::table.find(key.as_str())).set(e::stopped_at.eq(now.ms())).execute(db)?;
    }
    diesel::update(e::table.find(key.as_str())).set(e::status.eq(status.as_str())).execute(db)?;
    let what = match (wanted, experiment.status) {
        (Move::Pause, _) => Act::Paused,
        (Move::Stop, _) => Act::Stopped,
        (_, Status::Paused) => Act::Resumed,
        _ => Act::Started,
    };
    note(db, key, now, who, &what)?;
    revision::bump(db)?;
    get(db, key)
}

fn first_start(db: &mut Db, experiment: &Experiment, from_history: Option<u64>, now: Moment) -> Result<()> {
    let definition = &experiment.definition;
    let layer = definition.layer();
    let offset: i64 = y::table.find(layer.as_str()).select(y::next_offset).first(db)?;
    let planned = definition.analysis.planned_units.or(from_history).unwrap_or(DEFAULT_PLANNED_UNITS);
    diesel::update(e::table.find(definition.key.as_str()))
        .set((
            e::started_at.eq(now.ms()),
            e::layer_offset.eq(offset),
            e::planned_units.eq(planned.cast_signed()),
        ))
        .execute(db)?;
    let end = draw::Range::new(offset.cast_unsigned(), definition.traffic.share).end();
    diesel::update(y::table.find(layer.as_str())).set(y::next_offset.eq(end.cast_signed())).execute(db)?;
    Ok(())
}

/// Adds a line to an experiment's log.
pub fn note(db: &mut Db, key: &ExperimentKey, at: Moment, who: &str, act: &Act) -> Result<()> {
    let what = act.to_string();
    let next = g::table.select(max(g::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let row = (
        g::id.eq(next),
        g::experiment.eq(key.as_str()),
        g::at.eq(at.ms()),
        g::who.eq(who),
        g::what.eq(&what),
    );
    diesel::insert_into(g::table).values(row).execute(db)?;
    audit::record(db, at, who, &say("did-experiment").with("what", what), Some(key))
}

/// An experiment's log, newest first.
pub fn log(db: &mut Db, key: &ExperimentKey) -> Result<Vec<LogLine>> {
    let rows: Vec<(i64, String, String)> = g::table
        .filter(g::experiment.eq(key.as_str()))
        .order(g::id.desc())
        .select((g::at, g::who, g::what))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(at, who, what)| LogLine { at: Moment::from_stored_ms(at), who, what: Act::read(&what) })
        .collect())
}

/// What the ledger has to know of an experiment.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub unit: Unit,
    pub cohorts: Vec<CohortKey>,
}

/// The shapes of the experiments that events name by themselves.
pub(super) fn shapes<'e>(
    db: &mut Db,
    events: impl Iterator<Item = &'e Event>,
) -> Result<HashMap<ExperimentKey, Shape>> {
    let keys: BTreeSet<&str> = events
        .filter_map(|event| match &event.fact {
            Fact::CohortAssigned { experiment, .. } => Some(experiment.as_str()),
            _ => None,
        })
        .collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> =
        e::table.filter(e::key.eq_any(keys)).select((e::key, e::definition)).load(db)?;
    rows.into_iter()
        .map(|(key, text)| {
            let definition: Definition = from_json(&key, &text)?;
            let cohorts = definition.cohorts.iter().map(|cohort| cohort.key.clone()).collect();
            Ok((id("an experiment", &key)?, Shape { unit: definition.unit, cohorts }))
        })
        .collect()
}
