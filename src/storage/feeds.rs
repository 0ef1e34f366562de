//! Where our data come from and how much of it was refused: the data page, and the check that too much is
//! missing to judge an experiment.

use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl,
    dsl::{exists, max, not},
};

use super::{
    Db,
    connection::{CHUNK, per_backend},
    error::Result,
    ledger,
    schema::{assignments as a, customers as c, feeds as f, ledger as l, rejections as r},
};
use crate::domain::{
    experiment::{Experiment, Unit},
    ids::{CustomerId, Source},
    time::Moment,
};

/// The longest part of a refused line that is kept, in characters.
const LINE_KEPT: usize = 500;

/// How long refused lines are kept, in days.
const KEPT_DAYS: i64 = 30;

/// What became of the lines of one request or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New.
    pub accepted: u64,
    /// Known already.
    pub duplicates: u64,
    /// Refused.
    pub rejected: u64,
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedLine {
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// The customer it names, where it could be read.
    pub customer: Option<CustomerId>,
    /// Why.
    pub detail: String,
    /// The line itself, or its beginning.
    pub line: String,
}

/// Notes what a source sent. To be called in the write that appended it.
pub fn record(
    db: &mut Db,
    source: &Source,
    counts: Counts,
    rejected: &[RejectedLine],
    now: Moment,
) -> Result<()> {
    let (accepted, duplicates, refused) =
        (counts.accepted.cast_signed(), counts.duplicates.cast_signed(), counts.rejected.cast_signed());
    let row = (
        f::source.eq(source.as_str()),
        f::day.eq(now.day()),
        f::accepted.eq(accepted),
        f::duplicates.eq(duplicates),
        f::rejected.eq(refused),
        f::last_received.eq(now.ms()),
    );
    per_backend!(db, |connection| diesel::insert_into(f::table)
        .values(row)
        .on_conflict((f::source, f::day))
        .do_update()
        .set((
            f::accepted.eq(f::accepted + accepted),
            f::duplicates.eq(f::duplicates + duplicates),
            f::rejected.eq(f::rejected + refused),
            f::last_received.eq(now.ms()),
        ))
        .execute(connection))?;
    if rejected.is_empty() {
        return Ok(());
    }
    diesel::delete(r::table.filter(r::received_at.lt(now.plus_days(-KEPT_DAYS).ms()))).execute(db)?;
    let first = r::table.select(max(r::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let rows: Vec<_> = (first..)
        .zip(rejected)
        .map(|(number, line)| {
            let key = line.id.as_ref().map(|id| ledger::key(source.as_str(), id).to_vec());
            (
                r::id.eq(number),
                r::received_at.eq(now.ms()),
                r::source.eq(source.as_str()),
                r::event_key.eq(key),
                r::event_id.eq(line.id.as_ref().map(|id| storable(id.chars()))),
                r::customer_id.eq(line.customer.as_ref().map(CustomerId::as_str)),
                r::detail.eq(storable(line.detail.chars())),
                r::line.eq(storable(line.line.chars().take(LINE_KEPT))),
            )
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        per_backend!(db, |connection| diesel::insert_into(r::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// A refused line may hold the one character that PostgreSQL's texts cannot.
fn storable(text: impl Iterator<Item = char>) -> String {
    text.map(|character| if character == '\0' { char::REPLACEMENT_CHARACTER } else { character }).collect()
}

/// Forgets refused rows of a file that came again and were taken: they are missing no longer. `names` are the
/// rows' identities, as they were refused by.
pub fn mended(db: &mut Db, source: &Source, names: &[String]) -> Result<()> {
    let of_source = || r::table.filter(r::source.eq(source.as_str()));
    if names.is_empty() || of_source().count().get_result::<i64>(db)? == 0 {
        return Ok(());
    }
    for chunk in names.chunks(CHUNK) {
        diesel::delete(of_source().filter(r::event_id.eq_any(chunk))).execute(db)?;
    }
    Ok(())
}

/// What one source has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The source.
    pub source: String,
    /// When it last sent something.
    pub last_received: Moment,
    /// By day since 1970 (UTC), the days on which it sent something.
    pub days: BTreeMap<i64, Counts>,
}

/// What each source has sent since a moment, by source.
pub fn list(db: &mut Db, since: Moment) -> Result<Vec<Feed>> {
    let rows: Vec<(String, i64, i64, i64, i64, i64)> =
        f::table.filter(f::day.ge(since.day())).order((f::source, f::day)).load(db)?;
    let mut feeds: Vec<Feed> = Vec::new();
    for (source, day, accepted, duplicates, rejected, last) in rows {
        let last_received = Moment::from_stored_ms(last);
        if feeds.last().is_none_or(|feed| feed.source != source) {
            feeds.push(Feed { source, last_received, days: BTreeMap::new() });
        }
        if let Some(feed) = feeds.last_mut() {
            feed.last_received = feed.last_received.max(last_received);
            let counts = Counts {
                accepted: accepted.cast_unsigned(),
                duplicates: duplicates.cast_unsigned(),
                rejected: rejected.cast_unsigned(),
            };
            feed.days.insert(day, counts);
        }
    }
    Ok(feeds)
}

/// A refused line with where and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// When.
    pub received_at: Moment,
    /// From whom.
    pub source: String,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// Why.
    pub detail: String,
    /// The line, or its beginning.
    pub line: String,
}

/// The last refused lines, the newest first.
pub fn rejections(db: &mut Db, limit: u32) -> Result<Vec<Rejected>> {
    let rows: Vec<(i64, String, Option<String>, String, String)> = r::table
        .order(r::id.desc())
        .limit(i64::from(limit))
        .select((r::received_at, r::source, r::event_id, r::detail, r::line))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(at, source, id, detail, line)| Rejected {
            received_at: Moment::from_stored_ms(at),
            source,
            id,
            detail,
            line,
        })
        .collect())
}

/// Lines that name units of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// All of them: those that are in the ledger, and those that are not.
    pub lines: u64,
    /// Those that were refused and not accepted later; at least one.
    pub rejected: u64,
}

impl Missing {
    /// The share that is missing.
    pub fn share(self) -> f64 {
        self.rejected as f64 / self.lines as f64
    }
}

/// Of the lines of the 7 days before a moment that name one of an experiment's units, those that were refused and not
/// accepted later; none where no line was, which is known without counting the others: after an import these are
/// millions.
pub fn missing(db: &mut Db, experiment: &Experiment, as_of: Moment) -> Result<Option<Missing>> {
    let since = as_of.plus_days(-7);
    let key = experiment.definition.key.as_str();
    let units = || a::table.filter(a::experiment.eq(key)).select(a::unit_id.nullable());
    let members = || c::table.filter(c::account_id.eq_any(units())).select(c::customer_id.nullable());
    let later = l::table
        .filter(l::key.nullable().eq(r::event_key))
        .filter(l::received_at.ge(r::received_at))
        .select(l::seq);
    let refused = r::table
        .filter(r::received_at.between(since.ms(), as_of.ms()))
        .filter(r::event_key.is_null().or(not(exists(later))));
    let rejected: i64 = match experiment.definition.unit {
        Unit::Customer => refused.filter(r::customer_id.eq_any(units())).count().get_result(db)?,
        Unit::Account => refused.filter(r::customer_id.eq_any(members())).count().get_result(db)?,
    };
    if rejected == 0 {
        return Ok(None);
    }
    let (from, until) = (first_since(db, since)?, first_since(db, Moment::from_stored_ms(as_of.ms() + 1))?);
    let recent = l::table.filter(l::seq.ge(from)).filter(l::seq.lt(until));
    let accepted: i64 = match experiment.definition.unit {
        Unit::Customer => recent.filter(l::customer_id.eq_any(units())).count().get_result(db)?,
        Unit::Account => recent.filter(l::customer_id.eq_any(members())).count().get_result(db)?,
    };
    Ok(Some(Missing { lines: (accepted + rejected).cast_unsigned(), rejected: rejected.cast_unsigned() }))
}

/// The first entry received at or after a moment. The ledger is in the order of receipt, so it is found by
/// halving; an index would cost every append.
fn first_since(db: &mut Db, since: Moment) -> Result<i64> {
    let (mut low, mut high) = (1, ledger::position(db)? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let received: Option<i64> = l::table.find(middle).select(l::received_at).first(db).optional()?;
        if received.is_none_or(|at| at < since.ms()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
