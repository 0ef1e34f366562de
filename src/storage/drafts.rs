//! What a guided form has been told so far, saved step by step.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde_json::Value;

use super::{
    Db,
    connection::per_backend,
    error::{Result, StorageError},
    random::bytes,
    schema::drafts as d,
};
use crate::domain::time::Moment;

/// Saves a new draft; gives its key.
pub fn begin(db: &mut Db, draft: &Value, now: Moment) -> Result<String> {
    let key = hex::encode(bytes::<8>()?);
    put(db, &key, draft, now)?;
    Ok(key)
}

/// Saves a draft.
pub fn put(db: &mut Db, key: &str, draft: &Value, now: Moment) -> Result<()> {
    let text = draft.to_string();
    let set = (d::json.eq(&text), d::changed_at.eq(now.ms()));
    per_backend!(db, |connection| diesel::insert_into(d::table)
        .values((d::key.eq(key), d::json.eq(&text), d::changed_at.eq(now.ms())))
        .on_conflict(d::key)
        .do_update()
        .set(set)
        .execute(connection))?;
    Ok(())
}

/// A draft by its key.
pub fn find(db: &mut Db, key: &str) -> Result<Option<Value>> {
    let text: Option<String> = d::table.find(key).select(d::json).first(db).optional()?;
    text.map(|text| read(&text)).transpose()
}

/// All drafts with when they were last changed, the newest first.
pub fn list(db: &mut Db) -> Result<Vec<(String, Value, Moment)>> {
    let rows: Vec<(String, String, i64)> = d::table.order(d::changed_at.desc()).load(db)?;
    rows.into_iter().map(|(key, text, at)| Ok((key, read(&text)?, Moment::from_stored_ms(at)))).collect()
}

/// Forgets a draft; forgetting what is not there is no error.
pub fn remove(db: &mut Db, key: &str) -> Result<()> {
    diesel::delete(d::table.find(key)).execute(db)?;
    Ok(())
}

fn read(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| StorageError::corrupt("a draft", error))
}
