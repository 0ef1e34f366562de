//! Trust, checked: replays the whole ledger by the same fold into a database of its own and compares every
//! derived row with what is stored. Works while a server serves: it reads one state of the database.
//!
//! [`rebuild`] does the same within one write, and puts in place what differs: whenever it is cut off, the old
//! state stands.

mod tables;

use std::{cmp::Ordering, collections::BTreeMap, fmt, path::PathBuf};

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::Text,
};

use super::{
    Db, Store, analyses,
    audit::{self, Chain},
    connection::{DatabaseUrl, Purpose},
    error::{Result, StorageError},
    experiments,
    fold::Fold,
    key_index,
    ledger::{self, Entry, judge},
    migrations,
    random::{hex32, sha256},
    revision,
    schema::{analyses as n, ledger as l},
    settings,
};
use crate::{
    analysis::{document::Analysis, headline},
    domain::ids::CustomerId,
};
use tables::{Assignments, Conversations, Customers, Derived, Walk};

/// Entries replayed in one go.
const PAGE: i64 = 2000;

/// One thing that is not as the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub key: String,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The ledger tells of it, the table does not hold it.
    Missing,
    /// The table holds it, the ledger tells nothing of it.
    Extra,
    /// Both have it, differently.
    Differs {
        /// As it is stored.
        stored: String,
        /// As it follows from the ledger.
        replayed: String,
    },
    /// It does not agree with itself.
    Broken(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.table, self.key)?;
        match &self.what {
            Wrong::Missing => f.write_str("missing; the ledger tells of it"),
            Wrong::Extra => f.write_str("extra; the ledger tells nothing of it"),
            Wrong::Differs { stored, replayed } => {
                write!(f, "differs\n  stored:   {stored}\n  replayed: {replayed}")
            }
            Wrong::Broken(how) => f.write_str(how),
        }
    }
}

/// What a verification tells on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// So many entries of so many are replayed.
    Replayed {
        /// Until now.
        entries: i64,
        /// In all.
        of: i64,
    },
    /// Something differs.
    Difference(Difference),
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Entries of the ledger.
    pub entries: u64,
    /// Rows of derived tables.
    pub rows: u64,
    /// Stored analyses.
    pub analyses: u64,
    /// What differs.
    pub differences: u64,
    /// Of these, what [`rebuild`] put right.
    pub mended: u64,
}

/// What is done about a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Tell,
    Mend,
}

/// Verifies a database; `tell` hears of progress and of each difference as it is found.
///
/// # Errors
/// Where it cannot be read at all. Differences are no errors.
pub fn run(store: &Store, tell: &mut dyn FnMut(Step)) -> Result<Summary> {
    store.read_long(|stored| check(stored, Then::Tell, tell))
}

/// Makes all derived state anew from the ledger, in one write: replays it beside the database and puts in place
/// every row that differs. Others wait; on SQLite a server has to be stopped first, which would not wait so long.
/// `tell` hears of progress and of each difference.
///
/// # Errors
/// A server serves the SQLite database; the ledger itself is damaged, of which nothing can be made.
pub fn rebuild(url: &DatabaseUrl, tell: &mut dyn FnMut(Step)) -> Result<Summary> {
    let _lock = url.lock_for_server()?;
    let store = Store::open_existing(url)?;
    store.write_alone(|stored| {
        let summary = check(stored, Then::Mend, tell)?;
        // Servers hold definitions, and what hangs on them, in memory.
        revision::bump(stored)?;
        Ok(summary)
    })
}

/// Compares within a transaction.
pub(super) fn check(stored: &mut Db, then: Then, tell: &mut dyn FnMut(Step)) -> Result<Summary> {
    let scratch = Scratch::new()?;
    let mut replayed = scratch.url.connect(Purpose::Write)?;
    // It may be lost: it is made anew each time.
    replayed.batch_execute("PRAGMA synchronous = OFF")?;
    migrations::run(&mut replayed)?;
    let mut check = Check { stored, replayed: &mut replayed, then, tell, summary: Summary::default() };
    check.integrity()?;
    let keys = check.replay()?;
    if then == Then::Mend && check.summary.differences > 0 {
        return Err(StorageError::damaged_ledger());
    }
    check.keys(keys)?;
    check.compare::<Customers>()?;
    check.compare::<Conversations>()?;
    check.compare::<Assignments>()?;
    check.analyses()?;
    check.log()?;
    Ok(check.summary)
}

/// A folder that is gone when we are.
struct Scratch {
    folder: PathBuf,
    url: DatabaseUrl,
}

impl Scratch {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("patience-verify-{}", hex32()?));
        std::fs::create_dir(&folder).map_err(|error| {
            StorageError::Unfit(format!("cannot create {} for the replay: {error}", folder.display()))
        })?;
        let url = DatabaseUrl::Sqlite(folder.join("replay.db"));
        url.create_file()?;
        Ok(Self { folder, url })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

type LedgerRow = (i64, Vec<u8>, Vec<u8>, String, String, String, Option<String>, i64, i64, String);

struct Check<'a> {
    stored: &'a mut Db,
    replayed: &'a mut Db,
    then: Then,
    tell: &'a mut dyn FnMut(Step),
    summary: Summary,
}

impl Check<'_> {
    fn differs(&mut self, table: &'static str, key: &(impl ToString + ?Sized), what: Wrong) {
        self.summary.differences += 1;
        (self.tell)(Step::Difference(Difference { table, key: key.to_string(), what }));
    }

    /// SQLite's own check of its pages and indexes.
    fn integrity(&mut self) -> Result<()> {
        let Db::Sqlite(connection) = &mut *self.stored else { return Ok(()) };
        let lines: Vec<Line> = sql_query("PRAGMA integrity_check").load(connection)?;
        for line in lines.into_iter().filter(|line| line.integrity_check != "ok") {
            self.differs("database", "file", Wrong::Broken(line.integrity_check));
        }
        Ok(())
    }

    /// The sum of the ledger's keys.
    fn replay(&mut self) -> Result<key_index::Sum> {
        let of = ledger::position(self.stored)?;
        let (mut last, mut keys) = (0, key_index::Sum::default());
        loop {
            let rows: Vec<LedgerRow> =
                l::table.filter(l::seq.gt(last)).order(l::seq).limit(PAGE).load(self.stored)?;
            if rows.is_empty() {
                return Ok(keys);
            }
            let mut entries = Vec::with_capacity(rows.len());
            for row in rows {
                for missing in last + 1..row.0 {
                    self.differs("ledger", &missing, Wrong::Broken("missing: the numbers have a gap".into()));
                }
                last = row.0;
                keys.add(&row.1, row.0);
                self.summary.entries += 1;
                match read_entry(&row) {
                    Ok(entry) => entries.push((row.0, entry)),
                    Err(how) => self.differs("ledger", &row.0, Wrong::Broken(how)),
                }
            }
            self.fold(&entries)?;
            (self.tell)(Step::Replayed { entries: last, of });
        }
    }

    fn fold(&mut self, entries: &[(i64, Entry)]) -> Result<()> {
        let events = || entries.iter().map(|(_, entry)| &entry.event);
        let shapes = experiments::shapes(self.stored, events())?;
        let mut fold = Fold::default();
        fold.load_assignments(self.replayed, events(), &shapes)?;
        fold.load(self.replayed, events())?;
        for (seq, entry) in entries {
            match judge(&entry.event, &shapes, &fold) {
                Ok(()) => fold.assign(&entry.event, &shapes),
                Err(why) => self.differs("ledger", seq, Wrong::Broken(why)),
            }
            fold.apply(&entry.event);
        }
        self.replayed.batch_execute("BEGIN")?;
        fold.save(self.replayed)?;
        Ok(self.replayed.batch_execute("COMMIT")?)
    }

    /// The index of the ledger's keys, where it is ours. It is made anew as a whole.
    fn keys(&mut self, ledger: key_index::Sum) -> Result<()> {
        let differences = key_index::differences(self.stored, ledger)?;
        if self.then == Then::Mend && !differences.is_empty() {
            key_index::make_anew(self.stored)?;
            self.summary.mended += differences.len() as u64;
        }
        for (seq, how) in differences {
            self.differs("ledger_keys", &seq, Wrong::Broken(how));
        }
        Ok(())
    }

    /// Walks two tables in the order of their keys, as one merges.
    fn compare<T: Derived>(&mut self) -> Result<()> {
        let (mut stored, mut replayed) = (Walk::<T>::new(), Walk::<T>::new());
        loop {
            stored.fill(self.stored)?;
            replayed.fill(self.replayed)?;
            let order = match (stored.peek(), replayed.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.cmp(other),
            };
            self.summary.rows += 1;
            let is = if order == Ordering::Greater { None } else { stored.take() };
            let should = if order == Ordering::Less { None } else { replayed.take() };
            let (key, wrong) = match (&is, &should) {
                (Some((key, _)), None) => (key, Wrong::Extra),
                (None, Some((key, _))) => (key, Wrong::Missing),
                (Some((key, one)), Some((_, other))) if one != other => {
                    (key, Wrong::Differs { stored: T::show(one), replayed: T::show(other) })
                }
                _ => continue,
            };
            self.differs(T::NAME, &T::name(key), wrong);
            if self.then == Then::Mend {
                T::remove(self.stored, key)?;
                if let Some((key, row)) = &should {
                    T::insert(self.stored, key, row)?;
                }
                self.summary.mended += 1;
            }
        }
    }

    /// The audit log's chain of hashes, and its end.
    fn log(&mut self) -> Result<()> {
        match audit::check(self.stored)? {
            Chain::Broken { at } => {
                let how = "the line, or the one before it, is not what was written".to_owned();
                self.differs("audit", &at, Wrong::Broken(how));
                Ok(())
            }
            Chain::Whole { lines, .. } => self.end("audit", audit::NUMBERED, "", lines.cast_signed()),
        }
    }

    /// Whether what is numbered without a gap ends where it was noted to end.
    fn end(&mut self, table: &'static str, of: &str, name: &str, last: i64) -> Result<()> {
        let noted = settings::last(self.stored, of)?;
        for missing in last + 1..=noted {
            let how = "missing: it was taken off the end".to_owned();
            self.differs(table, &format!("{name}{missing}"), Wrong::Broken(how));
        }
        if noted < last {
            let how = format!("is the last one, but {noted} was noted as the last");
            self.differs(table, &format!("{name}{last}"), Wrong::Broken(how));
        }
        Ok(())
    }

    /// Stored analyses are not made again, but must be what was stored: each document by its digest, what stands
    /// beside it by the document, and their numbers without a gap up to the one that was noted.
    fn analyses(&mut self) -> Result<()> {
        let keys: Vec<(String, i64)> = n::table
            .order((n::experiment, n::number))
            .select((n::experiment, n::number))
            .load(self.stored)?;
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for experiment in settings::of_what(self.stored, analyses::NUMBERED)? {
            last.insert(experiment, 0);
        }
        for (experiment, number) in &keys {
            let before = last.insert(experiment.clone(), *number).unwrap_or(0);
            for missing in before + 1..*number {
                let how = "missing: the numbers have a gap".to_owned();
                self.differs("analyses", &format!("{experiment} / {missing}"), Wrong::Broken(how));
            }
            self.summary.analyses += 1;
            self.analysis(experiment, *number)?;
        }
        for (experiment, last) in last {
            let (of, name) = (format!("{}{experiment}", analyses::NUMBERED), format!("{experiment} / "));
            self.end("analyses", &of, &name, last)?;
        }
        Ok(())
    }

    fn analysis(&mut self, experiment: &str, number: i64) -> Result<()> {
        let name = format!("{experiment} / {number}");
        let row = n::table.find((experiment, number));
        let (digest, document): (Vec<u8>, String) =
            row.select((n::digest, n::document)).first(self.stored)?;
        if digest != sha256(&document) {
            self.differs("analyses", &name, Wrong::Broken("was changed after it was stored".to_owned()));
            return Ok(());
        }
        let analysis: Analysis = match serde_json::from_str(&document) {
            Ok(analysis) => analysis,
            Err(error) => {
                self.differs("analyses", &name, Wrong::Broken(format!("cannot be read: {error}")));
                return Ok(());
            }
        };
        let stored: Beside = row
            .select((n::as_of, n::made_at, n::ledger_position, n::definition_version, n::summary))
            .first(self.stored)?;
        if analysis.ledger_position > ledger::position(self.stored)? {
            let how =
                format!("was made from {} entries: some are missing at the end", analysis.ledger_position);
            self.differs("ledger", &name, Wrong::Broken(how));
        }
        let summary = headline::Summary::of(&analysis);
        // Those that were stored before there were summaries have none.
        let summary_agrees = stored.4.as_ref().is_none_or(|text| {
            serde_json::from_str(text).is_ok_and(|kept: headline::Summary| kept == summary)
        });
        let text =
            serde_json::to_string(&summary).map_err(|error| StorageError::corrupt("an analysis", error))?;
        let should: Beside = (
            analysis.as_of.ms(),
            analysis.made_at.ms(),
            analysis.ledger_position,
            analysis.definition_version.cast_signed(),
            if summary_agrees { stored.4.clone() } else { Some(text) },
        );
        if (experiment, number.cast_unsigned()) != (analysis.experiment.as_str(), analysis.analysis) {
            let how = format!("its document is analysis {} of {}", analysis.analysis, analysis.experiment);
            self.differs("analyses", &name, Wrong::Broken(how));
        } else if stored != should {
            let wrong = Wrong::Differs { stored: format!("{stored:?}"), replayed: format!("{should:?}") };
            self.differs("analyses", &name, wrong);
            if self.then == Then::Mend {
                let (as_of, made_at, position, version, summary) = should;
                diesel::update(row)
                    .set((
                        n::as_of.eq(as_of),
                        n::made_at.eq(made_at),
                        n::ledger_position.eq(position),
                        n::definition_version.eq(version),
                        n::summary.eq(summary),
                    ))
                    .execute(self.stored)?;
                self.summary.mended += 1;
            }
        }
        Ok(())
    }
}

/// What stands beside the document of an analysis: as of, made at, the ledger's position, the definition's version,
/// the summary.
type Beside = (i64, i64, i64, i32, Option<String>);

/// A row of the ledger that agrees with itself, or how it does not.
fn read_entry(row: &LedgerRow) -> Result<Entry, String> {
    let (_, key, digest, kind, source, id, customer, occurred_at, _, body) = row;
    let entry = Entry::from_body(body.clone()).map_err(|rejection| rejection.detail)?;
    let event = &entry.event;
    let columns = [
        ("body", digest.as_slice() == entry.digest),
        ("key", key.as_slice() == ledger::key(event.source.as_str(), event.id.as_str())),
        ("kind", kind == event.fact.type_name()),
        ("source", source == event.source.as_str()),
        ("id", id == event.id.as_str()),
        ("customer_id", customer.as_deref() == event.fact.customer().map(CustomerId::as_str)),
        ("occurred_at", *occurred_at == event.occurred_at.ms()),
    ];
    match columns.iter().find(|(_, agrees)| !agrees) {
        Some((column, _)) => Err(format!("{column} was changed: it does not agree with the rest of its row")),
        None => Ok(entry),
    }
}
