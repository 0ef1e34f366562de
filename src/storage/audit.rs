//! The audit log: who did what, and when. Lines are added and never changed; each carries the hash of the one before,
//! so that one that was changed, dropped or moved shows. (Lines cut off at the end show by the last number, which is
//! noted beside them, and by the last hash, where somebody has noted it: the log's page and its downloads show it.)

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use sha2::{Digest, Sha256};

use super::{
    Db,
    error::{Result, StorageError},
    schema::audit as u,
    settings,
};
use crate::{
    domain::{ids::ExperimentKey, time::Moment},
    language::Message,
};

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Who: a person's address, a key's name, or the command line.
    pub who: String,
    /// What, in a sentence. It names no secret and no customer.
    pub what: Message,
    /// The experiment that it is about, if any.
    pub about: String,
    /// Seals this line and all before it.
    pub hash: Vec<u8>,
}

/// How the chain of hashes was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Every line is as it was written.
    Whole {
        /// How many there are.
        lines: u64,
        /// The last hash; empty without a line.
        head: Vec<u8>,
    },
    /// The first line that is not: it was changed, or what stood before it is not what stood there.
    Broken {
        /// Its number, or the number that is missing.
        at: u64,
    },
}

/// How its last number is called.
pub(super) const NUMBERED: &str = "audit";

/// Lines checked in one go.
const PAGE: i64 = 1000;

type Row = (i64, i64, String, String, String, Vec<u8>);

/// Adds a line.
///
/// # Errors
/// The database refuses.
pub fn record(
    db: &mut Db,
    at: Moment,
    who: &str,
    what: &Message,
    about: Option<&ExperimentKey>,
) -> Result<()> {
    let what =
        serde_json::to_string(what).map_err(|error| StorageError::corrupt("a line of the log", error))?;
    let about = about.map_or("", ExperimentKey::as_str);
    let last =
        u::table.order(u::seq.desc()).select((u::seq, u::hash)).first::<(i64, Vec<u8>)>(db).optional()?;
    let (seq, before) = last.map_or((1, Vec::new()), |(seq, hash)| (seq + 1, hash));
    let hash = seal(&before, seq, at.ms(), who, &what, about);
    let row = (
        u::seq.eq(seq),
        u::at.eq(at.ms()),
        u::who.eq(who),
        u::what.eq(what),
        u::about.eq(about),
        u::hash.eq(hash),
    );
    diesel::insert_into(u::table).values(row).execute(db)?;
    settings::set_last(db, NUMBERED, seq)
}

/// SHA-256 of the hash before, then of the line's parts, each with its length before it so that none can be taken for
/// part of its neighbour.
fn seal(before: &[u8], seq: i64, at: i64, who: &str, what: &str, about: &str) -> Vec<u8> {
    let mut hash = Sha256::new_with_prefix(before);
    hash.update(seq.to_be_bytes());
    hash.update(at.to_be_bytes());
    for part in [who, what, about] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// Hands lines to `each`, the newest first, from the one before `before` on, until it says that it has enough.
///
/// # Errors
/// The database cannot be read, or holds what is no line.
pub fn walk(db: &mut Db, before: Option<u64>, each: &mut dyn FnMut(Line) -> bool) -> Result<()> {
    let mut before = before.map_or(i64::MAX, u64::cast_signed);
    loop {
        let rows: Vec<Row> = u::table.filter(u::seq.lt(before)).order(u::seq.desc()).limit(PAGE).load(db)?;
        let Some(last) = rows.last() else { return Ok(()) };
        before = last.0;
        for (seq, at, who, what, about, hash) in rows {
            let what = serde_json::from_str(&what)
                .map_err(|error| StorageError::corrupt("a line of the log", error))?;
            let at = Moment::from_stored_ms(at);
            if !each(Line { seq: seq.cast_unsigned(), at, who, what, about, hash }) {
                return Ok(());
            }
        }
    }
}

/// Makes the whole chain anew and compares.
///
/// # Errors
/// The database cannot be read.
pub fn check(db: &mut Db) -> Result<Chain> {
    let (mut last, mut head) = (0_i64, Vec::new());
    loop {
        let rows: Vec<Row> = u::table.filter(u::seq.gt(last)).order(u::seq).limit(PAGE).load(db)?;
        if rows.is_empty() {
            return Ok(Chain::Whole { lines: last.cast_unsigned(), head });
        }
        for (seq, at, who, what, about, hash) in rows {
            if seq != last + 1 || seal(&head, seq, at, &who, &what, &about) != hash {
                return Ok(Chain::Broken { at: (last + 1).cast_unsigned() });
            }
            (last, head) = (seq, hash);
        }
    }
}
