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
    /// Until when it is good; for ever where nobody said.
    pub expires_at: Option<Moment>,
    /// Until when the text that it had before [`rotate`] is good, too.
    pub old_until: Option<Moment>,
}

impl ApiKey {
    /// Whether it opens anything at a moment.
    pub fn is_open(&self, now: Moment) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

/// How long the old text of a key that was replaced stays good: a week to change it everywhere.
pub const OVERLAP: Wait = Wait::from_hours(7 * 24);

/// How often a key's use is written down.
pub const TOUCH_EVERY: Wait = Wait::from_minutes(1);

type Row = (
    String,
    String,
    String,
    Vec<u8>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<Vec<u8>>,
    Option<i64>,
);

fn read((key, name, role, _, created, used, revoked, expires, _, old_until): Row) -> Result<ApiKey> {
    Ok(ApiKey {
        expires_at: expires.map(Moment::from_stored_ms),
        old_until: old_until.map(Moment::from_stored_ms),
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
pub fn create(
    db: &mut Db,
    name: &str,
    role: KeyRole,
    expires_at: Option<Moment>,
    now: Moment,
) -> Result<String> {
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
    let text = text(role, &key_id)?;
    let row = (
        k::id.eq(&key_id),
        k::name.eq(name.as_str()),
        k::role.eq(role.as_str()),
        k::hash.eq(sha256(&text)),
        k::created_at.eq(now.ms()),
        k::expires_at.eq(expires_at.map(Moment::ms)),
    );
    diesel::insert_into(k::table).values(row).execute(db)?;
    revision::bump(db)?;
    Ok(text)
}

/// A new text of a key.
fn text(role: KeyRole, key_id: &str) -> Result<String> {
    let body = format!("ptc_{role}_{key_id}_{}", base62(43)?);
    Ok(format!("{body}_{}", base62_of(crc32(body.as_bytes()))))
}

/// Gives a key a new text, which is shown once; the one before is good for [`OVERLAP`] more. Its name, and so the source
/// of its events, stays.
///
/// # Errors
/// [`StorageError::Unknown`] where there is no such key, or it is revoked.
pub fn rotate(db: &mut Db, name: &str, now: Moment) -> Result<String> {
    let open = k::table.filter(k::name.eq(name)).filter(k::revoked_at.is_null());
    let row = open.first::<Row>(db).optional()?.ok_or_else(|| StorageError::unknown("key", name))?;
    let old = row.3.clone();
    let key = read(row)?;
    let text = text(key.role, &key.id)?;
    // One that ends sooner, or has ended, is not made to last.
    let until = key.expires_at.map_or(now + OVERLAP, |ends| ends.min(now + OVERLAP));
    diesel::update(k::table.find(&key.id))
        .set((k::hash.eq(sha256(&text)), k::old_hash.eq(old), k::old_until.eq(until.ms())))
        .execute(db)?;
    revision::bump(db)?;
    Ok(text)
}

/// The key behind a text; none where it is not a key, wrong, out of date or revoked.
pub fn verify(db: &mut Db, text: &str, now: Moment) -> Result<Option<ApiKey>> {
    let Some(key_id) = well_formed(text) else { return Ok(None) };
    let row = k::table.find(key_id).first::<Row>(db).optional()?;
    // An unknown id is compared too, so that its answer takes as long.
    let Some(row) = row else {
        let _ = bool::from([0; 32].as_slice().ct_eq(&sha256(text)));
        return Ok(None);
    };
    Held::new(row).map(|held| Some(held.key.clone()).filter(|_| held.opens(&sha256(text), now)))
}

/// The valid keys, held in memory.
#[derive(Debug, Default)]
pub struct Ring(HashMap<String, Held>);

#[derive(Debug)]
struct Held {
    key: ApiKey,
    hash: Vec<u8>,
    /// Of the text before, while that is good.
    old_hash: Option<Vec<u8>>,
    /// When its use was noted last, in milliseconds; none yet: the least there is.
    noted: AtomicI64,
}

impl Held {
    fn new(row: Row) -> Result<Self> {
        let (hash, old_hash) = (row.3.clone(), row.8.clone());
        let key = read(row)?;
        let noted = key.last_used_at.map_or(i64::MIN, Moment::ms).into();
        Ok(Self { key, hash, old_hash, noted })
    }

    /// Whether a text of this hash is its, and good.
    fn opens(&self, hash: &[u8], now: Moment) -> bool {
        let is_new = bool::from(self.hash.ct_eq(hash));
        let old = self.old_hash.as_ref().filter(|_| self.key.old_until.is_some_and(|until| now < until));
        let is_old = old.is_some_and(|old| old.ct_eq(hash).into());
        (is_new || is_old) && self.key.is_open(now)
    }
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
            let held = Held::new(row)?;
            Ok((held.key.id.clone(), held))
        });
        held.collect::<Result<_>>().map(Self)
    }

    /// The key behind a text. None says that it is not among those held: it may have been made since.
    pub fn find(&self, text: &str, now: Moment) -> Option<Found<'_>> {
        // Without its checksum: the hash says more.
        let held = self.0.get(text.split('_').nth(2)?)?;
        held.opens(&sha256(text), now).then(|| {
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
