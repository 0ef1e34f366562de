//! Links by which anybody reads an experiment's result page, and nothing else: they end by themselves, and can be ended
//! before. Of a token only a hash is kept, so that a copy of the database opens nothing.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};

use super::{
    Db,
    error::{Result, StorageError},
    fold::id,
    random::{base62, sha256},
    schema::shares as s,
};
use crate::domain::{
    ids::ExperimentKey,
    time::{Moment, Wait},
};

/// Characters of a token: 256 bits.
const TOKEN: usize = 43;

/// A link, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Our own number of it.
    pub id: i64,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Moment,
    /// Until when it opens the page.
    pub expires_at: Moment,
    /// When it was ended before that.
    pub revoked_at: Option<Moment>,
}

impl Share {
    /// Whether it opens the page at a moment.
    pub fn is_open(&self, now: Moment) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Makes a link's token; it is shown once.
///
/// # Errors
/// The database refuses.
pub fn create(
    db: &mut Db,
    experiment: &ExperimentKey,
    who: &str,
    lasts: Wait,
    now: Moment,
) -> Result<String> {
    let token = base62(TOKEN)?;
    let next = s::table.select(max(s::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let row = (
        s::id.eq(next),
        s::hash.eq(sha256(&token)),
        s::experiment.eq(experiment.as_str()),
        s::made_by.eq(who),
        s::made_at.eq(now.ms()),
        s::expires_at.eq((now + lasts).ms()),
    );
    diesel::insert_into(s::table).values(row).execute(db)?;
    Ok(token)
}

/// The experiment that a token opens now; none where it never did, or does no more.
///
/// # Errors
/// The database cannot be read.
pub fn open(db: &mut Db, token: &str, now: Moment) -> Result<Option<ExperimentKey>> {
    let key: Option<String> = s::table
        .filter(s::hash.eq(sha256(token)))
        .filter(s::revoked_at.is_null())
        .filter(s::expires_at.gt(now.ms()))
        .select(s::experiment)
        .first(db)
        .optional()?;
    key.map(|key| id("an experiment", &key)).transpose()
}

/// The links of an experiment, the newest first.
///
/// # Errors
/// The database cannot be read.
pub fn list(db: &mut Db, experiment: &ExperimentKey) -> Result<Vec<Share>> {
    type Row = (i64, String, i64, i64, Option<i64>);
    let rows: Vec<Row> = s::table
        .filter(s::experiment.eq(experiment.as_str()))
        .order(s::id.desc())
        .select((s::id, s::made_by, s::made_at, s::expires_at, s::revoked_at))
        .load(db)?;
    let share = |(id, made_by, made_at, expires_at, revoked_at): Row| Share {
        id,
        made_by,
        made_at: Moment::from_stored_ms(made_at),
        expires_at: Moment::from_stored_ms(expires_at),
        revoked_at: revoked_at.map(Moment::from_stored_ms),
    };
    Ok(rows.into_iter().map(share).collect())
}

/// Ends a link of an experiment, for good.
///
/// # Errors
/// [`StorageError::Unknown`] where it has no such link, or that is ended.
pub fn revoke(db: &mut Db, experiment: &ExperimentKey, number: i64, now: Moment) -> Result<()> {
    let open =
        s::table.find(number).filter(s::experiment.eq(experiment.as_str())).filter(s::revoked_at.is_null());
    match diesel::update(open).set(s::revoked_at.eq(now.ms())).execute(db)? {
        0 => Err(StorageError::unknown("link", number)),
        _ => Ok(()),
    }
}
