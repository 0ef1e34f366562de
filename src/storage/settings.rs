//! Small things by name.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{Db, connection::per_backend, error::Result, schema::settings as s};

/// What the company is called, where its customers read it.
pub const COMPANY: &str = "company";

/// In which currency plans are made where nobody chose another: three letters of ISO 4217.
pub const CURRENCY: &str = "currency";

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

/// What the names of last numbers begin with.
const LAST: &str = "last.";

/// The last number of what is numbered without a gap and never taken away, as it was noted beside it; 0 where nothing
/// was. Without it nobody could see that something was taken off the end.
pub(super) fn last(db: &mut Db, of: &str) -> Result<i64> {
    Ok(get(db, &format!("{LAST}{of}"))?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Notes it.
pub(super) fn set_last(db: &mut Db, of: &str, number: i64) -> Result<()> {
    set(db, &format!("{LAST}{of}"), &number.to_string())
}

/// Of what there are such numbers, where their names begin so.
pub(super) fn of_what(db: &mut Db, begins: &str) -> Result<Vec<String>> {
    let keys: Vec<String> = s::table.select(s::key).order(s::key).load(db)?;
    let of = |key: &String| Some(key.strip_prefix(LAST)?.strip_prefix(begins)?.to_owned());
    Ok(keys.iter().filter_map(of).collect())
}
