//! Where each key stands in the ledger. PostgreSQL keeps an index; on SQLite it is kept by hand, in two parts.
//!
//! Others' keys are hashes: a new one belongs anywhere among those that are there, so that of one index as large as
//! the ledger a commit changes nearly as many pages as it has entries, and each of them is written twice, to the log
//! and from there. So a new key goes into a young part, which is small, and moves from there into the settled part
//! together with its neighbours: while the ledger grows by [`ROUND`] entries the place from which keys move goes once
//! through all of them. Where it is the ledger's position tells ([`moved`]), so that there is nothing else to keep.
//! Our own keys ascend in time, each lies beside the one before, and go into the settled part at once.
//!
//! A key is unique by this: whoever appends is the only writer, and looks a key up in both parts within the
//! transaction that puts it in ([`super::ledger::known_digests`]), or, where both were looked through before, among
//! the entries that came since ([`super::ledger::Foreknown`]); each part has it as its primary key, so that a second
//! one would be refused when it moves, at the latest. `verify` holds both parts to the ledger.

use diesel::{
    CombineDsl, ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{DefaultLoadingMode, SimpleConnection},
    result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError},
    sql_query,
    sql_types::{BigInt, Binary, Text},
};
use sha2::{Digest, Sha256};

use super::{
    Db,
    error::{Result, StorageError},
    schema::{ledger_keys as settled, ledger_keys_young as young},
};

/// Entries by which the ledger grows until each place has been passed once: half as many keys are in the young part,
/// a page of which then takes several keys of one commit, and so does one of the settled part (measured up to 10^7
/// entries). Few in debug builds, so that in tests keys move all the time; a database does not mind another number.
const ROUND: u64 = if cfg!(debug_assertions) { 1 << 6 } else { 1 << 20 };

/// A key, and the number of its entry.
pub(super) type Place = ([u8; 16], i64);

/// Puts the keys of all entries in that were appended after a position, of which neither part has any; each with
/// whether it is our own.
///
/// # Errors
/// One is there already.
pub(super) fn insert(db: &mut Db, all: impl Iterator<Item = (bool, Place)>, after: i64) -> Result<()> {
    // PostgreSQL did when the rows were inserted.
    let Db::Sqlite(connection) = db else { return Ok(()) };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for (is_own, place) in all {
        if is_own { &mut own } else { &mut others }.push(place);
    }
    for (key, seq) in &own {
        let row = (settled::key.eq(key.as_slice()), settled::seq.eq(seq));
        diesel::insert_into(settled::table).values(row).execute(connection)?;
    }
    others.sort_unstable();
    for (key, seq) in &others {
        let row = (young::key.eq(key.as_slice()), young::seq.eq(seq));
        diesel::insert_into(young::table).values(row).execute(connection)?;
    }
    // Who waits for a decision does not wait for others' keys: those of its place are left to the next round.
    if others.is_empty() {
        return Ok(());
    }
    let appended = (others.len() + own.len()) as u64;
    for (from, until) in moved(after.cast_unsigned(), appended).into_iter().flatten() {
        settle(connection, &from, &until)?;
    }
    Ok(())
}

/// Moves the keys from one on and before another.
fn settle(connection: &mut SqliteConnection, from: &[u8], until: &[u8]) -> Result<()> {
    // FAIL, as whoever writes undoes it all anyway: to undo this statement alone SQLite would keep a copy of each page.
    sql_query(
        "INSERT OR FAIL INTO ledger_keys (key, seq)
         SELECT key, seq FROM ledger_keys_young WHERE key >= ? AND key < ? ORDER BY key",
    )
    .bind::<Binary, _>(from)
    .bind::<Binary, _>(until)
    .execute(connection)?;
    let these = young::table.filter(young::key.ge(from)).filter(young::key.lt(until));
    diesel::delete(these).execute(connection)?;
    Ok(())
}

/// The keys, from one on and before another, that move when a ledger of `before` entries grows.
fn moved(before: u64, appended: u64) -> [Option<(Vec<u8>, Vec<u8>)>; 2] {
    // As far into all keys as the position is into its round.
    let place = |position: u64| (position % ROUND * (u64::MAX / ROUND + 1)).to_be_bytes().to_vec();
    let (first, end) = (Vec::new(), vec![0xFF; 17]);
    let after = before + appended;
    match after / ROUND - before / ROUND {
        0 => [Some((place(before), place(after))), None],
        1 if appended < ROUND => [Some((place(before), end)), Some((first, place(after)))],
        _ => [Some((first, end)), None],
    }
}

/// Makes it anew from the ledger.
///
/// # Errors
/// Two entries have one key.
pub(super) fn make_anew(db: &mut Db) -> Result<()> {
    let Db::Sqlite(connection) = db else { return Ok(()) };
    let made = connection.batch_execute(
        "DELETE FROM ledger_keys_young;
         DELETE FROM ledger_keys;
         INSERT INTO ledger_keys SELECT key, seq FROM ledger ORDER BY key;",
    );
    made.map_err(|error| match error {
        DatabaseError(UniqueViolation, _) => StorageError::damaged_ledger(),
        other => other.into(),
    })
}

/// Keys with their places, told one by one in any order: two that agree were told the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    count: u64,
    hashes: u128,
}

impl Sum {
    pub(super) fn add(&mut self, key: &[u8], seq: i64) {
        let hash = Sha256::new().chain_update(seq.to_be_bytes()).chain_update(key).finalize();
        self.count += 1;
        self.hashes = self.hashes.wrapping_add(u128::from_be_bytes(std::array::from_fn(|i| hash[i])));
    }
}

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    how: String,
}

/// What is not as the ledger says, whose own keys sum up to this: the number of an entry, and how.
pub(super) fn differences(db: &mut Db, ledger: Sum) -> Result<Vec<(i64, String)>> {
    let Db::Sqlite(connection) = db else { return Ok(Vec::new()) };
    let mut sum = Sum::default();
    let keys = settled::table.select((settled::key, settled::seq));
    let keys = keys.union_all(young::table.select((young::key, young::seq)));
    for row in keys.load_iter::<(Vec<u8>, i64), DefaultLoadingMode>(connection)? {
        let (key, seq) = row?;
        sum.add(&key, seq);
    }
    if sum == ledger {
        return Ok(Vec::new());
    }
    // Which ones is looked up in the order of the ledger, which takes long: only where there are any.
    let wrong: Vec<Wrong> = sql_query(
        "WITH keys (key, seq) AS (SELECT key, seq FROM ledger_keys UNION ALL SELECT key, seq FROM ledger_keys_young)
         SELECT k.seq, 'extra; the ledger has not this key there' AS how
         FROM keys k LEFT JOIN ledger l ON l.seq = k.seq WHERE l.key IS NOT k.key
         UNION ALL
         SELECT k.seq, 'stands in both parts' FROM ledger_keys k JOIN ledger_keys_young y ON y.key = k.key
         UNION ALL
         SELECT l.seq, 'missing; the ledger has its key' FROM ledger l
         WHERE NOT EXISTS (SELECT 1 FROM ledger_keys k WHERE k.key = l.key AND k.seq = l.seq)
           AND NOT EXISTS (SELECT 1 FROM ledger_keys_young y WHERE y.key = l.key AND y.seq = l.seq)
         ORDER BY 1, 2",
    )
    .load(connection)?;
    Ok(wrong.into_iter().map(|Wrong { seq, how }| (seq, how)).collect())
}

#[cfg(test)]
mod tests;
