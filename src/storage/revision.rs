//! A counter that moves whenever a definition does: who holds a compiled snapshot asks for it and compiles
//! anew when it differs.

use super::{Db, error::Result, settings};

const KEY: &str = "revision";

/// The counter now.
pub fn get(db: &mut Db) -> Result<i64> {
    Ok(settings::get(db, KEY)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Moves it on, in the transaction of what changed.
pub(super) fn bump(db: &mut Db) -> Result<()> {
    let next = get(db)? + 1;
    settings::set(db, KEY, &next.to_string())
}
