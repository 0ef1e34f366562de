//! Small things by name.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{Db, connection::per_backend, error::Result, schema::settings as s};

/// A setting's value.
pub fn get(db: &mut Db, key: &str) -> Result<Option<String>> {
    Ok(s::table.find(key).select(s::value).first(db).optional()?)
}

/// Sets it.
pub fn set(db: &mut Db, key: &str, value: &str) -> Result<()> {
    per_backend!(db, |connection| diesel::insert_into(s::table)
        .values((s::key.eq(key), s::value.eq(value)))
        .on_conflict(s::key)
        .do_update()
        .set(s::value.eq(value))
        .execute(connection))?;
    Ok(())
}
