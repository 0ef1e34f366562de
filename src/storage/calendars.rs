//! Calendars: stored as they were defined, compiled by `domain::calendar`.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde_json::Value;

use super::{
    Db,
    connection::per_backend,
    error::{Result, StorageError},
    revision,
    schema::calendars as c,
};
use crate::domain::{event_json::canonical, ids::CalendarKey, time::Moment};

/// Makes or changes a calendar; whether anything changed. Due times that were told do not move.
pub fn put(db: &mut Db, key: &CalendarKey, definition: &Value, now: Moment) -> Result<bool> {
    let text = canonical(definition);
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
pub fn get(db: &mut Db, key: &CalendarKey) -> Result<Option<Value>> {
    let text: Option<String> = c::table.find(key.as_str()).select(c::definition).first(db).optional()?;
    text.map(|text| read(key.as_str(), &text)).transpose()
}

/// All of them by key.
pub fn list(db: &mut Db) -> Result<Vec<(CalendarKey, Value)>> {
    let rows: Vec<(String, String)> = c::table.order(c::key).select((c::key, c::definition)).load(db)?;
    rows.into_iter()
        .map(|(key, text)| {
            let definition = read(&key, &text)?;
            let key = CalendarKey::new(&key).map_err(|error| StorageError::corrupt("calendars", error))?;
            Ok((key, definition))
        })
        .collect()
}

fn read(key: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| StorageError::corrupt(&format!("calendar {key}"), error))
}
