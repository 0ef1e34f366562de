//! Trust, checked: replays the whole ledger by the same fold into a database of its own and compares every
//! derived row with what is stored. Works while a server serves: it reads one state of the database.

use std::{fmt, path::PathBuf};

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Db, Store,
    connection::{DatabaseUrl, Purpose},
    error::{Result, StorageError},
    experiments,
    fold::{AssignmentRow, Fold, decode},
    ledger::{self, Entry, judge},
    migrations,
    random::{hex32, sha256},
    schema::{analyses as n, assignments as a, conversations as v, customers as c, ledger as l},
};
use crate::domain::{conversation::Conversation, customer::Customer, ids::CustomerId};

/// Entries replayed in one go, and rows compared in one go.
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
}

/// Verifies a database; `tell` hears of progress and of each difference as it is found.
///
/// # Errors
/// Where it cannot be read at all. Differences are no errors.
pub fn run(store: &Store, tell: &mut dyn FnMut(Step)) -> Result<Summary> {
    let scratch = Scratch::new()?;
    let mut replayed = scratch.url.connect(Purpose::Write)?;
    // It may be lost: it is made anew each time.
    replayed.batch_execute("PRAGMA synchronous = OFF")?;
    migrations::run(&mut replayed)?;
    store.read(|stored| {
        let mut check = Check { stored, replayed: &mut replayed, tell, summary: Summary::default() };
        check.integrity()?;
        check.replay()?;
        check.customers()?;
        check.conversations()?;
        check.assignments()?;
        check.analyses()?;
        Ok(check.summary)
    })
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

    fn replay(&mut self) -> Result<()> {
        let of = ledger::position(self.stored)?;
        let mut last = 0;
        loop {
            let rows: Vec<LedgerRow> =
                l::table.filter(l::seq.gt(last)).order(l::seq).limit(PAGE).load(self.stored)?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut entries = Vec::with_capacity(rows.len());
            for row in rows {
                for missing in last + 1..row.0 {
                    self.differs("ledger", &missing, Wrong::Broken("missing: the numbers have a gap".into()));
                }
                last = row.0;
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

    fn customers(&mut self) -> Result<()> {
        self.compare(
            "customers",
            |db, after: Option<&String>| {
                let mut query = c::table.into_boxed();
                if let Some(after) = after {
                    query = query.filter(c::customer_id.gt(after.clone()));
                }
                let rows: Vec<(String, Option<String>, Vec<u8>)> =
                    query.order(c::customer_id).limit(PAGE).load(db)?;
                Ok(rows.into_iter().map(|(key, account, state)| (key, (account, state))).collect())
            },
            Clone::clone,
            |(account, state)| {
                format!("account {}, {}", account.as_deref().unwrap_or("none"), shown::<Customer>(state))
            },
        )
    }

    fn conversations(&mut self) -> Result<()> {
        self.compare(
            "conversations",
            |db, after: Option<&(String, String)>| {
                let mut query = v::table.into_boxed();
                if let Some((customer, conversation)) = after {
                    // Two conditions in place of one on pairs, so that the index is used on both engines.
                    query = query.filter(v::customer_id.ge(customer.clone())).filter(
                        diesel::BoolExpressionMethods::or(
                            v::customer_id.gt(customer.clone()),
                            v::conversation_id.gt(conversation.clone()),
                        ),
                    );
                }
                let rows: Vec<(String, String, Vec<u8>)> =
                    query.order((v::customer_id, v::conversation_id)).limit(PAGE).load(db)?;
                Ok(rows.into_iter().map(|(one, other, state)| ((one, other), state)).collect())
            },
            |(customer, conversation)| format!("{customer} / {conversation}"),
            |state| shown::<Conversation>(state),
        )
    }

    fn assignments(&mut self) -> Result<()> {
        self.compare(
            "assignments",
            |db, after: Option<&(String, String)>| {
                let mut query = a::table.into_boxed();
                if let Some((experiment, unit)) = after {
                    query = query.filter(a::experiment.ge(experiment.clone())).filter(
                        diesel::BoolExpressionMethods::or(
                            a::experiment.gt(experiment.clone()),
                            a::unit_id.gt(unit.clone()),
                        ),
                    );
                }
                let rows: Vec<AssignmentRow> =
                    query.order((a::experiment, a::unit_id)).limit(PAGE).load(db)?;
                Ok(rows.into_iter().map(|row| ((row.0.clone(), row.1.clone()), row)).collect())
            },
            |(experiment, unit)| format!("{experiment} / {unit}"),
            |(_, _, cohort, at, source, id, customer, conversation, attributes)| {
                format!(
                    "cohort {cohort} at {at} told by {source} {id}, first conversation {customer:?} \
                     {conversation:?}, attributes {attributes:?}"
                )
            },
        )
    }

    /// Walks two tables in the order of their keys, as one merges.
    fn compare<K: Ord + Clone, R: PartialEq>(
        &mut self,
        table: &'static str,
        page: impl Fn(&mut Db, Option<&K>) -> Result<Vec<(K, R)>>,
        name: impl Fn(&K) -> String,
        show: impl Fn(&R) -> String,
    ) -> Result<()> {
        let (mut stored, mut replayed) = (Walk::new(), Walk::new());
        loop {
            stored.fill(self.stored, &page)?;
            replayed.fill(self.replayed, &page)?;
            let order = match (stored.peek(), replayed.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(one), Some(other)) => one.cmp(other),
            };
            self.summary.rows += 1;
            match order {
                std::cmp::Ordering::Less => {
                    if let Some((key, _)) = stored.take() {
                        self.differs(table, &name(&key), Wrong::Extra);
                    }
                }
                std::cmp::Ordering::Greater => {
                    if let Some((key, _)) = replayed.take() {
                        self.differs(table, &name(&key), Wrong::Missing);
                    }
                }
                std::cmp::Ordering::Equal => {
                    if let (Some((key, one)), Some((_, other))) = (stored.take(), replayed.take())
                        && one != other
                    {
                        let what = Wrong::Differs { stored: show(&one), replayed: show(&other) };
                        self.differs(table, &name(&key), what);
                    }
                }
            }
        }
    }

    /// Stored analyses are not made again, but must be what was stored.
    fn analyses(&mut self) -> Result<()> {
        let keys: Vec<(String, i64)> = n::table
            .order((n::experiment, n::number))
            .select((n::experiment, n::number))
            .load(self.stored)?;
        for (experiment, number) in keys {
            let (digest, document): (Vec<u8>, String) =
                n::table.find((&experiment, number)).select((n::digest, n::document)).first(self.stored)?;
            self.summary.analyses += 1;
            if digest != sha256(&document) {
                let how = "was changed after it was stored".to_owned();
                self.differs("analyses", &format!("{experiment} / {number}"), Wrong::Broken(how));
            }
        }
        Ok(())
    }
}

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

/// A state in words.
fn shown<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> String {
    match decode::<T>("state", bytes) {
        Ok(state) => serde_json::to_string(&state).unwrap_or_else(|error| error.to_string()),
        Err(_) => format!("{} bytes that are no state", bytes.len()),
    }
}

/// Rows of one table, page after page.
struct Walk<K, R> {
    rows: std::vec::IntoIter<(K, R)>,
    next: Option<(K, R)>,
    last: Option<K>,
    over: bool,
}

impl<K: Clone, R> Walk<K, R> {
    fn new() -> Self {
        Self { rows: Vec::new().into_iter(), next: None, last: None, over: false }
    }

    fn fill(
        &mut self,
        db: &mut Db,
        page: &impl Fn(&mut Db, Option<&K>) -> Result<Vec<(K, R)>>,
    ) -> Result<()> {
        if self.next.is_some() || self.over {
            return Ok(());
        }
        self.next = self.rows.next();
        if self.next.is_none() {
            self.rows = page(db, self.last.as_ref())?.into_iter();
            self.next = self.rows.next();
        }
        match &self.next {
            Some((key, _)) => self.last = Some(key.clone()),
            None => self.over = true,
        }
        Ok(())
    }

    fn peek(&self) -> Option<&K> {
        self.next.as_ref().map(|(key, _)| key)
    }

    fn take(&mut self) -> Option<(K, R)> {
        self.next.take()
    }
}
