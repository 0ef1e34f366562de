//! Passkeys, the challenges that were answered, and the key that challenges are sealed with.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db,
    connection::per_backend,
    error::{Result, StorageError},
    people,
    random::bytes,
    schema::{passkey_challenges as c, passkeys as k},
    settings,
};
use crate::domain::time::Moment;

/// Bytes of a user handle.
pub const USER_HANDLE: usize = 16;

/// Bytes of the key that challenges are sealed with.
pub const SEALING_KEY: usize = 32;

/// The name of the setting that holds it.
const SEALING: &str = "passkeys.key";

/// A passkey, without whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id.
    pub credential_id: Vec<u8>,
    /// What its authenticator knows the person by.
    pub user_handle: Vec<u8>,
    /// What the person calls it.
    pub name: String,
    /// The public key, and what else never changes.
    pub static_state: Vec<u8>,
    /// What may change with every use, such as the signature counter.
    pub dynamic_state: Vec<u8>,
    /// How authenticators that hold it are reached, as bits.
    pub transports: u8,
}

/// A passkey in its person's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The passkey.
    pub passkey: Passkey,
    /// When it was added.
    pub created_at: Moment,
    /// When somebody last signed in with it.
    pub used_at: Option<Moment>,
}

type Row = (Vec<u8>, i64, Vec<u8>, String, Vec<u8>, Vec<u8>, i64, i64, Option<i64>);

fn read(row: Row) -> Result<(i64, Listed)> {
    let (credential_id, person, user_handle, name, static_state, dynamic_state, transports, created, used) =
        row;
    let transports = u8::try_from(transports).map_err(|error| StorageError::corrupt("a passkey", error))?;
    let passkey = Passkey { credential_id, user_handle, name, static_state, dynamic_state, transports };
    let (created_at, used_at) = (Moment::from_stored_ms(created), used.map(Moment::from_stored_ms));
    Ok((person, Listed { passkey, created_at, used_at }))
}

/// A person's passkeys, the oldest first.
pub fn of(db: &mut Db, person: i64) -> Result<Vec<Listed>> {
    let rows = k::table.filter(k::person_id.eq(person)).order((k::created_at, k::credential_id));
    rows.load(db)?.into_iter().map(|row| read(row).map(|(_, listed)| listed)).collect()
}

/// A passkey by its credential's id, with whose it is.
pub fn find(db: &mut Db, credential_id: &[u8]) -> Result<Option<(people::Person, Passkey)>> {
    let Some(row) = k::table.find(credential_id).first::<Row>(db).optional()? else { return Ok(None) };
    let (person, listed) = read(row)?;
    Ok(people::by_id(db, person)?.map(|person| (person, listed.passkey)))
}

/// What authenticators know a person by: as before, or new.
pub fn user_handle(db: &mut Db, person: i64) -> Result<Vec<u8>> {
    let known = k::table.filter(k::person_id.eq(person)).select(k::user_handle).first(db).optional()?;
    known.map_or_else(|| bytes::<USER_HANDLE>().map(Vec::from), Ok)
}

/// Adds a passkey of a person.
///
/// # Errors
/// [`StorageError::Refused`] where somebody has it already.
pub fn add(db: &mut Db, person: i64, passkey: &Passkey, now: Moment) -> Result<()> {
    if find(db, &passkey.credential_id)?.is_some() {
        return Err(StorageError::Refused("this passkey was added already".to_owned()));
    }
    let row = (
        k::credential_id.eq(&passkey.credential_id),
        k::person_id.eq(person),
        k::user_handle.eq(&passkey.user_handle),
        k::name.eq(&passkey.name),
        k::static_state.eq(&passkey.static_state),
        k::dynamic_state.eq(&passkey.dynamic_state),
        k::transports.eq(i64::from(passkey.transports)),
        k::created_at.eq(now.ms()),
    );
    diesel::insert_into(k::table).values(row).execute(db)?;
    Ok(())
}

/// Notes that a passkey was used, and what changed by it. Gives whether it still is what its answer was held against:
/// neither removed nor used elsewhere meanwhile, or a counter that two answers share would pass twice.
pub fn used(db: &mut Db, before: &Passkey, dynamic_state: &[u8], now: Moment) -> Result<bool> {
    let same = k::table.find(&before.credential_id).filter(k::dynamic_state.eq(&before.dynamic_state));
    let row = (k::dynamic_state.eq(dynamic_state), k::used_at.eq(now.ms()));
    Ok(diesel::update(same).set(row).execute(db)? == 1)
}

/// Removes a passkey of a person; gives what it was called.
///
/// # Errors
/// [`StorageError::Unknown`] where they have none of this id.
pub fn remove(db: &mut Db, person: i64, credential_id: &[u8]) -> Result<String> {
    let theirs = k::table.find(credential_id).filter(k::person_id.eq(person));
    let Some(name) = theirs.select(k::name).first(db).optional()? else {
        return Err(StorageError::unknown("passkey", hex::encode(credential_id)));
    };
    diesel::delete(theirs).execute(db)?;
    Ok(name)
}

/// Removes all passkeys of a person, who is removed.
pub(super) fn remove_all_of(db: &mut Db, person: i64) -> Result<()> {
    diesel::delete(k::table.filter(k::person_id.eq(person))).execute(db)?;
    Ok(())
}

/// Uses a challenge up, by its seal; gives whether it was not used before. Those that are too old anyway are forgotten
/// on the way.
pub fn use_challenge(db: &mut Db, seal: &[u8], until: Moment, now: Moment) -> Result<bool> {
    diesel::delete(c::table.filter(c::until.le(now.ms()))).execute(db)?;
    let row = (c::seal.eq(seal), c::until.eq(until.ms()));
    let added = per_backend!(db, |connection| diesel::insert_into(c::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(connection))?;
    Ok(added == 1)
}

/// The key that challenges are sealed with, the same for all servers: it tells which challenges are ours, and lets
/// nobody in, so a copy of the database does not either. None before [`make_sealing_key`].
pub fn sealing_key(db: &mut Db) -> Result<Option<[u8; SEALING_KEY]>> {
    let Some(kept) = settings::get(db, SEALING)? else { return Ok(None) };
    let mut key = [0; SEALING_KEY];
    hex::decode_to_slice(kept, &mut key).map_err(|error| StorageError::corrupt("a key", error))?;
    Ok(Some(key))
}

/// Makes it, where no server has made it yet.
pub fn make_sealing_key(db: &mut Db) -> Result<[u8; SEALING_KEY]> {
    if let Some(key) = sealing_key(db)? {
        return Ok(key);
    }
    let key = bytes()?;
    settings::set(db, SEALING, &hex::encode(key))?;
    Ok(key)
}
