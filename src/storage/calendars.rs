//! Calendars: stored as they were defined, compiled by `domain::calendar`.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db,
    connection::per_backend,
    error::{Result, StorageError},
    revision,
    schema::calendars as c,
};
use crate::domain::{calendar::CalendarDefinition, ids::CalendarKey, time::Moment};

/// Makes or changes a calendar; whether anything changed. Due times that were told do not move.
pub fn put(db: &mut Db, definition: &CalendarDefinition, now: Moment) -> Result<bool> {
    let key = &definition.key;
    let text =
        serde_json::to_string(definition).map_err(|error| StorageError::corrupt("a calendar", error))?;
    let known: Option<String> = c::table.find(key.as_str()).select(c::definition).first(db).optional()?;
    if known.as_ref() == Some(&text) {
        return Ok(false);
    }
    let row = (c::key.eq(key.as_str()), c::definition.eq(&text), c::changed_at.eq(now.ms()));
    per_backend!(db, |connection| diesel::insert_into(c::table)
        .values(row)
        .on_conflict(c::key)
        .do_update()
        .set((c::definition.eq(&text), c::changed_at.eq(now.ms())))
        .execute(connection))?;
    revision::bump(db)?;
    Ok(true)
}

/// One calendar's definition.
pub fn find(db: &mut Db, key: &CalendarKey) -> Result<Option<CalendarDefinition>> {
    let text: Option<String> = c::table.find(key.as_str()).select(c::definition).first(db).optional()?;
    text.map(|text| read(&text)).transpose()
}

/// All of them by key.
pub fn list(db: &mut Db) -> Result<Vec<CalendarDefinition>> {
    let texts: Vec<String> = c::table.order(c::key).select(c::definition).load(db)?;
    texts.iter().map(|text| read(text)).collect()
}

fn read(text: &str) -> Result<CalendarDefinition> {
    serde_json::from_str(text).map_err(|error| StorageError::corrupt("a calendar", error))
}
