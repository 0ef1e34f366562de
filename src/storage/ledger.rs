//! The ledger: everything that was told, appended once and never changed. Whatever is appended is folded into
//! the derived tables in the same transaction.

use std::collections::{HashMap, HashSet};

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    connection::DefaultLoadingMode,
    dsl::{max, sql},
    sql_types::Bool,
};
use sha2::{Digest, Sha256};

use super::{
    Db,
    connection::{insert_rows, per_backend},
    error::{Result, StorageError},
    experiments::{self, Shape},
    fold::{Fold, assigns},
    key_index, own_ids,
    schema::{ledger as l, ledger_by_key as k},
};
use crate::domain::{
    conversation::{Closing, Rating},
    customer::{Customer, Revenue},
    event::{Event, Fact, Rejection},
    event_json::OWN_SOURCE,
    experiment::Unit,
    fold::Newest,
    ids::{CohortKey, CustomerId, ExperimentKey, UnitId},
    time::Moment,
};

pub use crate::domain::event_json::Entry;

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It is in the ledger now.
    Accepted,
    /// It was there already, word for word; or a row that changes nothing.
    Duplicate,
    /// It contradicts what is there; why.
    Rejected(String),
}

/// Names `(source, id)` in 16 bytes: a short key of one length, which is unique ([`key_index`]). Our own ids are
/// UUIDs, and their own keys (see [`own_ids`]); those of before, and everybody else's, are hashed. The parts are
/// preceded by their lengths, so that no two pairs run together.
pub(super) fn key(source: &str, id: &str) -> [u8; 16] {
    if let Some(own) = own_key(source, id) {
        return own;
    }
    let mut hash = Sha256::new();
    for part in [source, id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    std::array::from_fn(|i| hash[i])
}

/// The key of what we tell ourselves.
fn own_key(source: &str, id: &str) -> Option<[u8; 16]> {
    (source == OWN_SOURCE).then(|| own_ids::uuid(id)).flatten()
}

/// What the ledger had under the ids of some entries as of a position. It can be read while others write, so that the
/// writer need only see what came since.
#[derive(Debug)]
pub struct Foreknown {
    position: i64,
    digests: HashMap<[u8; 16], [u8; 16]>,
}

/// Of no more entries since are the keys read: to look each key of a batch up takes longer than to read those of several
/// batches. Few in debug builds, so that tests meet more.
const SINCE: i64 = if cfg!(debug_assertions) { 10 } else { 200_000 };

impl Foreknown {
    /// As of now, on a connection that shows one state of the database. A long ledger has most of its index of keys on
    /// disk, and an id that is not in it has to be looked for all the same.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn read(db: &mut Db, entries: &[Entry]) -> Result<Self> {
        Ok(Self { position: position(db)?, digests: known_digests(db, &keys(entries))? })
    }

    /// As of the transaction that writes: whatever came since has a later number, as writers take turns.
    fn now(&self, db: &mut Db, keys: &[[u8; 16]]) -> Result<HashMap<[u8; 16], [u8; 16]>> {
        if !(0..=SINCE).contains(&(position(db)? - self.position)) {
            return known_digests(db, keys);
        }
        let asked: HashSet<&[u8]> = keys.iter().map(<[u8; 16]>::as_slice).collect();
        let mut again = Vec::new();
        let since = l::table.filter(l::seq.gt(self.position)).select(l::key);
        per_backend!(db, |connection| {
            for key in since.load_iter::<Vec<u8>, DefaultLoadingMode>(connection)? {
                let key = key?;
                if asked.contains(key.as_slice()) {
                    again.push(sixteen(&key)?);
                }
            }
        });
        let mut known = known_digests(db, &again)?;
        known.extend(&self.digests);
        Ok(known)
    }
}

fn keys(entries: &[Entry]) -> Vec<[u8; 16]> {
    entries.iter().map(|entry| key(entry.event.source.as_str(), entry.event.id.as_str())).collect()
}

/// Appends entries and folds them, in their order; one answer for each. `now` is the server's clock, the time
/// of receipt.
pub fn append(db: &mut Db, entries: &[Entry], now: Moment) -> Result<Vec<Told>> {
    let keys = keys(entries);
    let known = known_digests(db, &keys)?;
    append_knowing(db, entries, keys, known, now)
}

/// The same with what was known of these entries before.
pub fn append_foreknown(db: &mut Db, entries: &[Entry], known: &Foreknown, now: Moment) -> Result<Vec<Told>> {
    let keys = keys(entries);
    let known = known.now(db, &keys)?;
    append_knowing(db, entries, keys, known, now)
}

fn append_knowing(
    db: &mut Db,
    entries: &[Entry],
    keys: Vec<[u8; 16]>,
    mut known: HashMap<[u8; 16], [u8; 16]>,
    now: Moment,
) -> Result<Vec<Told>> {
    let shapes = experiments::shapes(db, entries.iter().map(|entry| &entry.event))?;
    let mut fold = Fold::default();
    fold.load_assignments(db, entries.iter().map(|entry| &entry.event), &shapes)?;

    let mut answers = Vec::with_capacity(entries.len());
    let mut accepted = Vec::new();
    for (entry, key) in entries.iter().zip(keys) {
        answers.push(match known.get(&key) {
            Some(digest) if *digest == entry.digest => Told::Duplicate,
            Some(_) => Told::Rejected(conflict(&entry.event)),
            None => {
                if let Err(why) = judge(&entry.event, &shapes, &fold) {
                    Told::Rejected(why)
                } else {
                    fold.assign(&entry.event, &shapes);
                    known.insert(key, entry.digest);
                    accepted.push((entry, key));
                    Told::Accepted
                }
            }
        });
    }
    fold.load(db, accepted.iter().map(|(entry, _)| &entry.event))?;
    for (entry, _) in &accepted {
        fold.apply(&entry.event);
    }
    insert(db, &accepted, now)?;
    fold.save(db)?;
    Ok(answers)
}

/// Appends decisions of our own that a fold has taken in already, and writes what it changed. Their ids are fresh,
/// so none is looked up; the index of keys has the last word.
pub(super) fn append_own(db: &mut Db, entries: &[Entry], fold: &Fold, now: Moment) -> Result<()> {
    let key_of = |entry: &Entry| key(entry.event.source.as_str(), entry.event.id.as_str());
    let keyed: Vec<_> = entries.iter().map(|entry| (entry, key_of(entry))).collect();
    insert(db, &keyed, now)?;
    fold.save(db)
}

/// Appends rows of a CSV file, each with the facts that it tells. A fact that is known already is left out; a
/// row without a new fact is a duplicate; a row that differs is a newer telling. One answer for each row.
pub fn append_rows(db: &mut Db, rows: &[Vec<Event>], now: Moment) -> Result<Vec<Told>> {
    let mut fold = Fold::default();
    fold.load(db, rows.iter().flatten())?;
    let mut entries = Vec::new();
    let mut answers = vec![Told::Duplicate; rows.len()];
    let mut row_of = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let told: Result<Vec<Entry>, Rejection> = row.iter().map(Entry::try_from).collect();
        match told {
            Err(rejection) => answers[index] = Told::Rejected(rejection.detail),
            Ok(told) => {
                for entry in told.into_iter().filter(|entry| is_news(&entry.event, &fold)).collect::<Vec<_>>()
                {
                    fold.apply(&entry.event);
                    entries.push(entry);
                    row_of.push(index);
                }
            }
        }
    }
    for (told, index) in append(db, &entries, now)?.into_iter().zip(row_of) {
        match (&answers[index], told) {
            (Told::Rejected(_), _) | (_, Told::Duplicate) => {}
            (_, told) => answers[index] = told,
        }
    }
    Ok(answers)
}

/// Whether an event would change the state that is known. Repeating a known value later is no news.
pub(super) fn is_news(event: &Event, fold: &Fold) -> bool {
    let at = event.occurred_at;
    let nobody = Customer::default();
    let customer = event.fact.customer().and_then(|id| fold.customer(id)).unwrap_or(&nobody);
    let conversation = match (event.fact.customer(), event.fact.conversation()) {
        (Some(customer), Some(id)) => fold.conversation(customer, id).cloned().unwrap_or_default(),
        _ => crate::domain::conversation::Conversation::default(),
    };
    match &event.fact {
        Fact::CustomerUpdated { account, attributes, .. } => {
            *customer == nobody
                || account.as_ref().is_some_and(|account| customer.account_now() != Some(account))
                || attributes
                    .iter()
                    .any(|(name, value)| customer.attributes.get(name).map(Newest::value) != Some(value))
        }
        Fact::Opened { topics, .. } => conversation
            .opened
            .get()
            .is_none_or(|(known, told)| at < known || (at == known && told != topics)),
        Fact::Replied { .. } => conversation.first_reply.get().is_none_or(|(known, ())| at < known),
        Fact::Reopened { .. } => conversation.reopened.get().is_none_or(|(known, ())| at < known),
        Fact::Closed { handle_seconds, after_contact_seconds, resolved, .. } => {
            let closing = Closing {
                handle_seconds: *handle_seconds,
                after_contact_seconds: *after_contact_seconds,
                resolved: *resolved,
            };
            conversation.closed.as_of(at) != Some((at, &closing))
        }
        Fact::Rated { score, emotions, .. } => {
            let rating = Rating { score: *score, emotions: emotions.clone() };
            conversation.rated.as_of(at) != Some((at, &rating))
        }
        Fact::Revenue { month, amount, currency, .. } => {
            let revenue = Revenue { amount: *amount, currency: *currency };
            customer.revenue.get(month).and_then(|told| told.now()) != Some(&revenue)
        }
        _ => true,
    }
}

/// Whether an event may stand beside what is recorded.
pub(super) fn judge(
    event: &Event,
    shapes: &HashMap<ExperimentKey, Shape>,
    fold: &Fold,
) -> Result<(), String> {
    if let Fact::CohortAssigned { account, experiment, cohort, .. } = &event.fact {
        let shape = shapes.get(experiment).ok_or_else(|| {
            format!("experiment {experiment} is unknown: apply its definition first, or mend the key")
        })?;
        if !shape.cohorts.contains(cohort) {
            let cohorts: Vec<&str> = shape.cohorts.iter().map(CohortKey::as_str).collect();
            let cohorts = cohorts.join(", ");
            return Err(format!("cohort {cohort} is unknown: experiment {experiment} has {cohorts}"));
        }
        if shape.unit == Unit::Account && account.is_none() {
            return Err(format!(
                "account_id is missing: experiment {experiment} assigns accounts, so say which one"
            ));
        }
    }
    for (experiment, unit, new) in assigns(event, shapes) {
        if let Some(known) = fold.assignment(&experiment, &unit)
            && known.cohort != new.cohort
        {
            return Err(contradiction(&experiment, &unit, &known.cohort));
        }
    }
    Ok(())
}

/// Why an event of a known id with other content is refused.
pub(super) fn conflict(event: &Event) -> String {
    format!(
        "conflict: {} was told before by {} with other content; a correction needs an id of its own",
        event.id, event.source
    )
}

fn contradiction(experiment: &ExperimentKey, unit: &UnitId, cohort: &impl std::fmt::Display) -> String {
    format!("cohort contradicts the record: {unit} is in cohort {cohort} of {experiment}, for ever")
}

pub(super) fn known_digests(db: &mut Db, keys: &[[u8; 16]]) -> Result<HashMap<[u8; 16], [u8; 16]>> {
    // In order, so that neighbours are looked up one after the other.
    let mut sorted: Vec<&[u8]> = keys.iter().map(<[u8; 16]>::as_slice).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut rows: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    match db {
        Db::Sqlite(connection) => {
            for key in sorted {
                let row = k::table.filter(k::key.eq(key)).select((k::key, k::digest)).first(connection);
                rows.extend(row.optional()?);
            }
        }
        Db::Postgres(connection) => {
            let query = k::table.filter(k::key.eq_any(sorted)).select((k::key, k::digest));
            rows.extend(query.load::<(Vec<u8>, Vec<u8>)>(connection)?);
        }
    }
    let mut known = HashMap::with_capacity(keys.len());
    for (key, digest) in rows {
        known.insert(sixteen(&key)?, sixteen(&digest)?);
    }
    Ok(known)
}

fn sixteen(bytes: &[u8]) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|error| StorageError::corrupt("a hash in the ledger", error))
}

fn insert(db: &mut Db, entries: &[(&Entry, [u8; 16])], now: Moment) -> Result<()> {
    // Writers take turns, so the next number is nobody else's.
    let last: Option<(i64, i64)> =
        l::table.order(l::seq.desc()).select((l::seq, l::received_at)).first(db).optional()?;
    let (before, received) = last.unwrap_or_default();
    // In the order of receipt, whatever clocks do: what came since a moment is found by halving.
    let received = received.max(now.ms());
    let mut numbered: Vec<_> = (before + 1..).zip(entries).collect();
    if matches!(db, Db::Postgres(_)) {
        // In the order of the scattered index, which is most of the work there. SQLite keeps the rows themselves in the
        // order of their numbers: it has to have them so.
        numbered.sort_unstable_by_key(|(_, (_, key))| *key);
    }
    let rows: Vec<_> = numbered
        .iter()
        .map(|(seq, (entry, key))| {
            let event = &entry.event;
            (
                l::seq.eq(seq),
                l::key.eq(key.as_slice()),
                l::digest.eq(entry.digest.as_slice()),
                l::kind.eq(event.fact.type_name()),
                l::source.eq(event.source.as_str()),
                l::id.eq(event.id.as_str()),
                l::customer_id.eq(event.fact.customer().map(CustomerId::as_str)),
                l::occurred_at.eq(event.occurred_at.ms()),
                l::received_at.eq(received),
                l::body.eq(entry.body.as_str()),
            )
        })
        .collect();
    insert_rows!(db, l::table, rows);
    let places = numbered.iter().map(|(seq, (entry, key))| {
        let is_own = own_key(entry.event.source.as_str(), entry.event.id.as_str()).is_some();
        (is_own, (*key, *seq))
    });
    key_index::insert(db, places, before)
}

/// The number of the last entry; 0 for an empty ledger.
pub fn position(db: &mut Db) -> Result<i64> {
    Ok(l::table.select(max(l::seq)).first::<Option<i64>>(db)?.unwrap_or(0))
}

/// How many entries came after a position.
pub fn count_after(db: &mut Db, position: i64) -> Result<u64> {
    let after: i64 = l::table.filter(l::seq.gt(position)).count().get_result(db)?;
    Ok(after.unsigned_abs())
}

/// How many entries say that they happened more than a day after they were received.
pub fn ahead_of_clock(db: &mut Db) -> Result<i64> {
    // Word for word the condition of the index `ledger_ahead`, which holds these entries and no others.
    let ahead = sql::<Bool>("occurred_at > received_at + 86400000");
    Ok(l::table.filter(ahead).count().get_result(db)?)
}
