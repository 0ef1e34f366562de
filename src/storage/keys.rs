//! Keys of programs: `ptc_<role>_<id>_<secret>_<checksum>`. The prefix and the checksum let scanners find a
//! key that leaked; the id finds the row; the secret has 256 bits, and only its hash is kept.
//!
//! A server holds those that are valid in memory ([`Ring`]). Making and revoking one moves the revision on, so
//! that every server reads its ring anew.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicI64, Ordering},
};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use subtle::ConstantTimeEq;

use super::{
    Db,
    error::{Result, StorageError},
    fold::id,
    random::{base62, base62_of, sha256},
    revision,
    schema::api_keys as k,
};
use crate::domain::{
    event_json::OWN_SOURCE,
    ids::Source,
    role::KeyRole,
    time::{Moment, Wait},
};

/// A program's key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The part of the key that finds it.
    pub id: String,
    /// What people call it, and the default source of its events.
    pub name: Source,
    /// What it may do.
    pub role: KeyRole,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last used, within [`TOUCH_EVERY`].
    pub last_used_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// How often a key's use is written down.
pub const TOUCH_EVERY: Wait = Wait::from_minutes(1);

type Row = (String, String, String, Vec<u8>, i64, Option<i64>, Option<i64>);

fn read((key, name, role, _, created, used, revoked): Row) -> Result<ApiKey> {
    Ok(ApiKey {
        name: id("a key's name", &name)?,
        role: id("a role", &role)?,
        id: key,
        created_at: Moment::from_stored_ms(created),
        last_used_at: used.map(Moment::from_stored_ms),
        revoked_at: revoked.map(Moment::from_stored_ms),
    })
}

/// Makes a key and gives its text, which is shown once.
///
/// # Errors
/// [`StorageError::Refused`] where the name is taken, or no source may have it.
pub fn create(db: &mut Db, name: &str, role: KeyRole, now: Moment) -> Result<String> {
    let name = Source::new(name).map_err(|error| StorageError::Refused(format!("the key's name {error}")))?;
    if name.as_str() == OWN_SOURCE {
        return Err(StorageError::Refused(format!(
            "the name {OWN_SOURCE} is kept for Patience itself: choose another"
        )));
    }
    let taken: Option<String> =
        k::table.filter(k::name.eq(name.as_str())).select(k::id).first(db).optional()?;
    if taken.is_some() {
        return Err(StorageError::Refused(format!("there is a key {name} already: choose another name")));
    }
    let key_id = base62(10)?;
    let body = format!("ptc_{role}_{key_id}_{}", base62(43)?);
    let text = format!("{body}_{}", base62_of(crc32(body.as_bytes())));
    let row = (
        k::id.eq(&key_id),
        k::name.eq(name.as_str()),
        k::role.eq(role.as_str()),
        k::hash.eq(sha256(&text)),
        k::created_at.eq(now.ms()),
    );
    diesel::insert_into(k::table).values(row).execute(db)?;
    revision::bump(db)?;
    Ok(text)
}

/// The key behind a text; none where it is not a key, wrong or revoked.
pub fn verify(db: &mut Db, text: &str) -> Result<Option<ApiKey>> {
    let Some(key_id) = well_formed(text) else { return Ok(None) };
    let row = k::table.find(key_id).first::<Row>(db).optional()?;
    // An unknown id is compared too, so that its answer takes as long.
    let stored = row.as_ref().map_or_else(|| vec![0; 32], |row| row.3.clone());
    let right: bool = stored.ct_eq(&sha256(text)).into();
    let key = row.filter(|_| right).map(read).transpose()?;
    Ok(key.filter(|key| key.revoked_at.is_none()))
}

/// The valid keys, held in memory.
#[derive(Debug, Default)]
pub struct Ring(HashMap<String, Held>);

#[derive(Debug)]
struct Held {
    key: ApiKey,
    hash: Vec<u8>,
    /// When its use was noted last, in milliseconds; none yet: the least there is.
    noted: AtomicI64,
}

/// A key as a server finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'r> {
    /// The key.
    pub key: &'r ApiKey,
    /// Whether its use should be noted by [`touch`]. Told once: whoever asks next within [`TOUCH_EVERY`] need not.
    pub needs_touch: bool,
}

impl Ring {
    /// Reads all that are valid.
    pub fn read(db: &mut Db) -> Result<Self> {
        let rows = k::table.filter(k::revoked_at.is_null()).load::<Row>(db)?;
        let held = rows.into_iter().map(|row| {
            let hash = row.3.clone();
            let key = read(row)?;
            let noted = key.last_used_at.map_or(i64::MIN, Moment::ms);
            Ok((key.id.clone(), Held { key, hash, noted: noted.into() }))
        });
        held.collect::<Result<_>>().map(Self)
    }

    /// The key behind a text. None says that it is not among those held: it may have been made since.
    pub fn find(&self, text: &str, now: Moment) -> Option<Found<'_>> {
        // Without its checksum: the hash says more.
        let held = self.0.get(text.split('_').nth(2)?)?;
        let right: bool = held.hash.ct_eq(&sha256(text)).into();
        right.then(|| {
            let noted = held.noted.load(Ordering::Relaxed);
            let due = now.ms().saturating_sub(noted) >= TOUCH_EVERY.ms();
            let mine =
                || held.noted.compare_exchange(noted, now.ms(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
            Found { key: &held.key, needs_touch: due && mine() }
        })
    }
}

/// The id within a text that has the shape and the checksum of a key.
fn well_formed(text: &str) -> Option<&str> {
    let (body, checksum) = text.rsplit_once('_')?;
    let mut parts = body.strip_prefix("ptc_")?.split('_');
    let (role, key_id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let right = role.parse::<KeyRole>().is_ok()
        && key_id.len() == 10
        && secret.len() == 43
        && parts.next().is_none()
        && checksum == base62_of(crc32(body.as_bytes()));
    right.then_some(key_id)
}

/// Notes that a key was used; call it where the last use is [`TOUCH_EVERY`] or longer ago.
pub fn touch(db: &mut Db, key_id: &str, now: Moment) -> Result<()> {
    diesel::update(k::table.find(key_id)).set(k::last_used_at.eq(now.ms())).execute(db)?;
    Ok(())
}

/// Revokes a key, for good.
///
/// # Errors
/// [`StorageError::Unknown`].
pub fn revoke(db: &mut Db, name: &str, now: Moment) -> Result<()> {
    let open = k::table.filter(k::name.eq(name)).filter(k::revoked_at.is_null());
    match diesel::update(open).set(k::revoked_at.eq(now.ms())).execute(db)? {
        0 => Err(StorageError::unknown("key", name)),
        _ => revision::bump(db),
    }
}

/// All keys by name.
pub fn list(db: &mut Db) -> Result<Vec<ApiKey>> {
    k::table.order(k::name).load::<Row>(db)?.into_iter().map(read).collect()
}

/// CRC-32 as zip and PNG have it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(base62_of(0), "000000");
        assert_eq!(base62_of(62 * 62 + 61), "00010z");
    }
}
