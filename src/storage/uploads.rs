//! Files that people are about to import, while their columns are matched: kept for a day, and nothing of them told to
//! the ledger before their person says so.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db,
    error::Result,
    random::base62,
    schema::{upload_pieces as b, uploads as u},
};
use crate::domain::time::{Moment, Wait};

/// How long a file is kept.
pub const KEPT: Wait = Wait::from_hours(24);

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Finds it, for its person.
    pub token: String,
    /// What it holds, in the word of commands.
    pub kind: String,
    /// Its own name.
    pub name: String,
    /// When it came.
    pub made_at: Moment,
    /// How it is to be read, as JSON; none before somebody said so.
    pub reading: Option<String>,
    /// What became of it, as JSON; none before it was imported.
    pub outcome: Option<String>,
}

/// Keeps a file, piece by piece, and forgets all that are too old. Gives its token.
///
/// # Errors
/// The database refuses.
pub fn keep(
    db: &mut Db,
    person: i64,
    kind: &str,
    name: &str,
    pieces: &[Vec<u8>],
    now: Moment,
) -> Result<String> {
    let too_old = u::table.filter(u::made_at.le(now.ms() - KEPT.ms())).select(u::token);
    for token in too_old.load::<String>(db)? {
        forget(db, &token)?;
    }
    let token = base62(22)?;
    let row = (
        u::token.eq(&token),
        u::person_id.eq(person),
        u::kind.eq(kind),
        u::name.eq(name),
        u::made_at.eq(now.ms()),
    );
    diesel::insert_into(u::table).values(row).execute(db)?;
    for (number, bytes) in (0_i64..).zip(pieces) {
        let row = (b::token.eq(&token), b::number.eq(number), b::bytes.eq(bytes));
        diesel::insert_into(b::table).values(row).execute(db)?;
    }
    Ok(token)
}

/// A file of a person, while it is kept.
///
/// # Errors
/// The database cannot be read.
pub fn find(db: &mut Db, person: i64, token: &str, now: Moment) -> Result<Option<Upload>> {
    type Row = (String, String, String, i64, Option<String>, Option<String>);
    let row: Option<Row> = u::table
        .find(token)
        .filter(u::person_id.eq(person))
        .filter(u::made_at.gt(now.ms() - KEPT.ms()))
        .select((u::token, u::kind, u::name, u::made_at, u::reading, u::outcome))
        .first(db)
        .optional()?;
    Ok(row.map(|(token, kind, name, made_at, reading, outcome)| Upload {
        token,
        kind,
        name,
        made_at: Moment::from_stored_ms(made_at),
        reading,
        outcome,
    }))
}

/// A file's bytes.
///
/// # Errors
/// The database cannot be read.
pub fn bytes(db: &mut Db, token: &str) -> Result<Vec<u8>> {
    let pieces: Vec<Vec<u8>> =
        b::table.filter(b::token.eq(token)).order(b::number).select(b::bytes).load(db)?;
    Ok(pieces.concat())
}

/// Notes how a file is to be read.
///
/// # Errors
/// The database refuses.
pub fn set_reading(db: &mut Db, token: &str, reading: &str) -> Result<()> {
    diesel::update(u::table.find(token)).set(u::reading.eq(reading)).execute(db)?;
    Ok(())
}

/// Notes what became of a file.
///
/// # Errors
/// The database refuses.
pub fn set_outcome(db: &mut Db, token: &str, outcome: &str) -> Result<()> {
    diesel::update(u::table.find(token)).set(u::outcome.eq(outcome)).execute(db)?;
    Ok(())
}

/// Forgets all files of a person.
///
/// # Errors
/// The database refuses.
pub fn forget_all_of(db: &mut Db, person: i64) -> Result<()> {
    for token in u::table.filter(u::person_id.eq(person)).select(u::token).load::<String>(db)? {
        forget(db, &token)?;
    }
    Ok(())
}

/// Forgets a file; forgetting what is not there is no error.
///
/// # Errors
/// The database refuses.
pub fn forget(db: &mut Db, token: &str) -> Result<()> {
    diesel::delete(b::table.filter(b::token.eq(token))).execute(db)?;
    diesel::delete(u::table.find(token)).execute(db)?;
    Ok(())
}
