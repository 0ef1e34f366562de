//! The units of an experiment with all their facts, streamed in the order of their ids: what an analysis
//! reads. Memory holds one page of units, whatever the size of the experiment.

mod facts;
mod page;

use std::collections::{BTreeSet, HashMap};

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
    connection::DefaultLoadingMode,
    dsl::{count_star, min},
};

use super::{
    Db,
    connection::{CHUNK, per_backend},
    error::Result,
    fold::{decode, id},
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    customer::Customer,
    event::Attributes,
    experiment::{Definition, Experiment, Unit},
    ids::{CohortKey, ExperimentKey},
    time::Moment,
    unit::UnitRecord,
};

pub use super::wal::Aside;
pub use page::Page;
use page::{ConversationRow, CustomerRow, Key, UnitRow};

/// Units read at once: so few that their facts stay near the core that reads them.
const PAGE: u32 = 250;

/// A cohort's units at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortSummary {
    /// The cohort.
    pub cohort: CohortKey,
    /// How many units are on record.
    pub units: u64,
    /// When the first of them joined.
    pub first: Moment,
}

/// The cohorts of an experiment that have units, by key.
pub fn summary(db: &mut Db, experiment: &ExperimentKey) -> Result<Vec<CohortSummary>> {
    let rows: Vec<(String, i64, Option<i64>)> = a::table
        .filter(a::experiment.eq(experiment.as_str()))
        .group_by(a::cohort)
        .select((a::cohort, count_star(), min(a::assigned_at)))
        .order(a::cohort)
        .load(db)?;
    rows.into_iter()
        .map(|(cohort, units, first)| {
            Ok(CohortSummary {
                cohort: id("a cohort", &cohort)?,
                units: units.cast_unsigned(),
                first: Moment::from_stored_ms(first.unwrap_or_default()),
            })
        })
        .collect()
}

/// Lends each unit of an experiment to `each`, in the order of their ids: every unit on record, also one that
/// was never heard of again. For an account, the customers are those that belong to it now. An error of
/// `each` ends the stream. On SQLite the later ones show a newer state of the database where so much is written
/// meanwhile that the log would grow without bound ([`super::wal::Aside`]).
pub fn for_each<E: From<super::StorageError>>(
    db: &mut Db,
    experiment: &Experiment,
    mut each: impl FnMut(&mut UnitRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut aside = Aside::new(db)?;
    let mut pages = Pages::new(experiment);
    while let Some(page) = pages.next(db)? {
        page.read(db, &mut aside, &mut each)?;
    }
    Ok(())
}

/// The units of an experiment by pages, in the order of their ids, without their facts: for who has several cores and
/// connections to read those on.
#[derive(Debug)]
pub struct Pages<'e> {
    experiment: &'e Experiment,
    after: Key,
    is_over: bool,
}

impl<'e> Pages<'e> {
    /// From the first on.
    pub fn new(experiment: &'e Experiment) -> Self {
        Self { experiment, after: Key::default(), is_over: false }
    }

    /// The next page; none after the last.
    pub fn next(&mut self, db: &mut Db) -> Result<Option<Page>> {
        let Definition { unit: kind, key, .. } = &self.experiment.definition;
        let units = if self.is_over { Vec::new() } else { read_assignments(db, key, &self.after)? };
        let Some(last) = units.last().map(|row| row.unit.clone()) else { return Ok(None) };
        self.is_over = units.len() < PAGE as usize;
        Ok(Some(Page { kind: *kind, after: std::mem::replace(&mut self.after, last), units }))
    }
}

/// Lends the units that are known of at all to `each`, in the order of their ids and no more than `most`, with
/// everything told of them: what an experiment that nobody ran is measured from. They stand in `cohort` from the
/// beginning of time, with their attributes of now.
pub fn for_each_known<E: From<super::StorageError>>(
    db: &mut Db,
    kind: Unit,
    cohort: &CohortKey,
    most: usize,
    mut each: impl FnMut(&mut UnitRecord) -> Result<(), E>,
) -> Result<(), E> {
    let (mut after, mut left) = (Key::default(), most);
    let mut aside = Aside::new(db)?;
    while left > 0 {
        let wanted = left.min(PAGE as usize);
        let ids = read_known(db, kind, &after, wanted)?;
        let Some(last) = ids.last().cloned() else { break };
        let read = ids.len();
        let units = ids.into_iter().map(|unit| UnitRow::known(unit, cohort)).collect();
        let page = Page { kind, after: std::mem::replace(&mut after, last), units };
        page.read(db, &mut aside, &mut each)?;
        if read < wanted {
            break;
        }
        left -= read;
    }
    Ok(())
}

/// Customers that are asked for the names of their attributes.
const ASKED: i64 = 200;

/// Names of attributes that customers have, as far as some of them tell.
pub fn attribute_names(db: &mut Db) -> Result<BTreeSet<String>> {
    let states: Vec<Vec<u8>> = c::table.order(c::customer_id).limit(ASKED).select(c::state).load(db)?;
    let mut names = BTreeSet::new();
    for state in states {
        names.extend(decode::<Customer>("a customer", &state)?.attributes.into_keys());
    }
    Ok(names)
}

/// Counts units, of the experiment's kind, of whose present attributes `takes_part` holds and that opened a
/// conversation in [`from`, `until`).
pub fn count_openers(
    db: &mut Db,
    definition: &Definition,
    (from, until): (Moment, Moment),
    takes_part: impl Fn(&Attributes) -> bool,
) -> Result<u64> {
    let mut count = 0;
    for_each_known(db, definition.unit, &definition.control().key, usize::MAX, |unit| {
        let mut conversations = unit.customers.iter().flat_map(|customer| &customer.conversations);
        let opened = |at: Moment| from <= at && at < until;
        let wrote = conversations.any(|(_, told)| told.opened.get().is_some_and(|(at, _)| opened(at)));
        count += u64::from(wrote && takes_part(&unit.attributes));
        Ok::<_, super::StorageError>(())
    })?;
    Ok(count)
}

fn read_assignments(db: &mut Db, experiment: &ExperimentKey, after: &Key) -> Result<Vec<UnitRow>> {
    let rows = a::table
        .filter(a::experiment.eq(experiment.as_str()))
        .filter(a::unit_id.gt(after.as_str()))
        .order(a::unit_id)
        .limit(PAGE.into())
        .select((
            a::unit_id,
            a::cohort,
            a::assigned_at,
            a::first_customer,
            a::first_conversation,
            a::attributes,
        ));
    Ok(per_backend!(db, |connection| rows.load(connection)?))
}

fn read_known(db: &mut Db, kind: Unit, after: &Key, most: usize) -> Result<Vec<Key>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(per_backend!(db, |connection| match kind {
        Unit::Customer => c::table
            .filter(c::customer_id.gt(after.as_str()))
            .order(c::customer_id)
            .limit(most)
            .select(c::customer_id)
            .load(connection)?,
        Unit::Account => c::table
            .filter(c::account_id.gt(after.as_str()))
            .order(c::account_id)
            .limit(most)
            .select(c::account_id.assume_not_null())
            .distinct()
            .load(connection)?,
    }))
}

/// Customers in the order of their ids, and how their conversations are found.
struct Customers {
    rows: Vec<CustomerRow>,
    among: Among,
}

/// Whose rows are read.
enum Among {
    /// All that there are after one id until another.
    Range(Key, Key),
    /// These.
    List(Vec<Key>),
}

/// The customers that are the units of a page. Where these are at least half of the customers there, it is faster to
/// read past the strangers than to look each unit up.
fn read_customers(db: &mut Db, page: &Page) -> Result<Customers> {
    let all = || c::table.select((c::customer_id, c::account_id, c::state)).order(c::customer_id);
    if let Some(last) = page.units.last() {
        let most = 2 * page.units.len();
        let range = all()
            .filter(c::customer_id.gt(page.after.as_str()))
            .filter(c::customer_id.le(last.unit.as_str()))
            .limit(i64::try_from(most).unwrap_or(i64::MAX) + 1);
        let rows: Vec<CustomerRow> = per_backend!(db, |connection| range.load(connection)?);
        if rows.len() <= most {
            return Ok(Customers { rows, among: Among::Range(page.after.clone(), last.unit.clone()) });
        }
    }
    let ids: Vec<Key> = page.units.iter().map(|row| row.unit.clone()).collect();
    let list = all().filter(c::customer_id.eq_any(ids.iter().map(Key::as_str)));
    let rows = per_backend!(db, |connection| list.load(connection)?);
    Ok(Customers { rows, among: Among::List(ids) })
}

/// Hands the conversations of a page's customers to `work` as they are read, in the order of their customers and ids.
fn read_conversations<T, E: From<super::StorageError>>(
    db: &mut Db,
    customers: &Customers,
    work: impl FnOnce(&mut dyn Iterator<Item = QueryResult<ConversationRow>>) -> Result<T, E>,
) -> Result<T, E> {
    let all = || v::table.order((v::customer_id, v::conversation_id));
    per_backend!(db, |connection| match &customers.among {
        Among::Range(after, last) => {
            let range =
                all().filter(v::customer_id.gt(after.as_str())).filter(v::customer_id.le(last.as_str()));
            work(
                &mut range
                    .load_iter::<ConversationRow, DefaultLoadingMode>(connection)
                    .map_err(super::StorageError::from)?,
            )
        }
        Among::List(ids) => {
            let list = all().filter(v::customer_id.eq_any(ids.iter().map(Key::as_str)));
            work(
                &mut list
                    .load_iter::<ConversationRow, DefaultLoadingMode>(connection)
                    .map_err(super::StorageError::from)?,
            )
        }
    })
}

/// The customers of the accounts that are the units of a page, in the order of their accounts and ids, and their
/// conversations in the same order.
fn read_accounts(db: &mut Db, page: &Page) -> Result<(Vec<CustomerRow>, Vec<ConversationRow>)> {
    let customers = c::table
        .select((c::customer_id, c::account_id, c::state))
        .filter(c::account_id.eq_any(page.units.iter().map(|row| row.unit.as_str())))
        .order((c::account_id, c::customer_id));
    let customers: Vec<CustomerRow> = per_backend!(db, |connection| customers.load(connection)?);
    let place: HashMap<&str, usize> =
        customers.iter().enumerate().map(|(place, row)| (row.id.as_str(), place)).collect();
    let mut conversations: Vec<ConversationRow> = Vec::new();
    for chunk in customers.chunks(CHUNK) {
        let list = v::table
            .filter(v::customer_id.eq_any(chunk.iter().map(|row| row.id.as_str())))
            .order((v::customer_id, v::conversation_id));
        conversations.append(&mut per_backend!(db, |connection| list.load(connection)?));
    }
    conversations.sort_by_key(|row| place.get(row.customer.as_str()).copied());
    Ok((customers, conversations))
}
