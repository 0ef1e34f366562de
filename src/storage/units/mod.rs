//! The units of an experiment with all their facts, streamed in the order of their ids: what an analysis
//! reads. Memory holds one page of units, whatever the size of the experiment.

mod facts;
mod page;

use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::{count_star, min},
};

use super::{
    Db,
    connection::{CHUNK, per_backend},
    error::Result,
    fold::id,
    log::Aside,
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    event::Attributes,
    experiment::{Definition, Experiment, Unit},
    ids::{CohortKey, ExperimentKey},
    time::Moment,
    unit::UnitRecord,
};

pub use page::Page;
use page::{ConversationRow, CustomerRow, Key, UnitRow};

/// Units read at once.
const PAGE: u32 = 1000;

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

/// Hands each unit of an experiment to `each`, in the order of their ids: every unit on record, also one that
/// was never heard of again. For an account, the customers are those that belong to it now. An error of
/// `each` ends the stream.
pub fn for_each<E: From<super::StorageError>>(
    db: &mut Db,
    experiment: &Experiment,
    mut each: impl FnMut(UnitRecord) -> Result<(), E>,
) -> Result<(), E> {
    for_each_page(db, experiment, |page| page.units().try_for_each(|unit| each(unit?)))
}

/// The same by pages that are not decoded yet, which is most of the work: for who has several cores to decode them
/// on. All of them show one state of the database; on SQLite the later ones show a newer one where so much is written
/// meanwhile that the log would grow without bound ([`super::log::Aside`]).
pub fn for_each_page<E: From<super::StorageError>>(
    db: &mut Db,
    experiment: &Experiment,
    mut each: impl FnMut(Page) -> Result<(), E>,
) -> Result<(), E> {
    let (kind, key) = (experiment.definition.unit, &experiment.definition.key);
    let mut after = Key::default();
    let mut aside = Aside::new(db)?;
    loop {
        aside.step(db)?;
        let units = read_assignments(db, key, &after)?;
        let Some(last) = units.last().map(|row| row.unit.clone()) else { return Ok(()) };
        let full = units.len() == PAGE as usize;
        let among = if kind == Unit::Customer && is_most(db, &after, &last, units.len())? {
            Among::Range(after.as_str(), last.as_str())
        } else {
            Among::List(units.iter().map(|row| row.unit.as_str()).collect())
        };
        let (customers, conversations) = read_facts(db, kind, &among)?;
        each(Page { kind, units, customers, conversations })?;
        if !full {
            return Ok(());
        }
        after = last;
    }
}

/// Hands the units that are known of at all to `each`, in the order of their ids and no more than `most`, with
/// everything told of them: what an experiment that nobody ran is measured from. They stand in `cohort` from the
/// beginning of time, with their attributes of now.
pub fn for_each_known<E: From<super::StorageError>>(
    db: &mut Db,
    kind: Unit,
    cohort: &CohortKey,
    most: usize,
    mut each: impl FnMut(UnitRecord) -> Result<(), E>,
) -> Result<(), E> {
    let (mut after, mut left) = (Key::default(), most);
    let mut aside = Aside::new(db)?;
    while left > 0 {
        aside.step(db)?;
        let wanted = left.min(PAGE as usize);
        let ids = read_known(db, kind, &after, wanted)?;
        let Some(last) = ids.last().cloned() else { break };
        let read = ids.len();
        let (customers, conversations) = read_facts(db, kind, &Among::Range(after.as_str(), last.as_str()))?;
        let units = ids.into_iter().map(|unit| UnitRow::known(unit, cohort)).collect();
        Page { kind, units, customers, conversations }.units().try_for_each(|unit| each(unit?))?;
        if read < wanted {
            break;
        }
        left -= read;
        after = last;
    }
    Ok(())
}

/// How many units of the kind that an experiment randomises, of whose attributes of now `takes_part` holds opened a conversation from one moment on and before
/// another.
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

/// The customers, or accounts, of a page.
enum Among<'a> {
    /// All that there are after one id until another.
    Range(&'a str, &'a str),
    /// These.
    List(Vec<&'a str>),
}

/// Whether the units between two ids are at least half of the customers there: then it is faster to read past the
/// strangers than to look each unit up.
fn is_most(db: &mut Db, after: &Key, last: &Key, units: usize) -> Result<bool> {
    let twice = i64::try_from(2 * units).unwrap_or(i64::MAX);
    let far: Option<String> = c::table
        .filter(c::customer_id.gt(after.as_str()))
        .order(c::customer_id)
        .offset(twice)
        .select(c::customer_id)
        .first(db)
        .optional()?;
    Ok(far.is_none_or(|far| far.as_str() > last.as_str()))
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

/// The customers of units, in the order of their units' ids and their own, and the conversations of these, in the
/// order of their customers' ids and their own. Strangers may be among them.
fn read_facts(
    db: &mut Db,
    kind: Unit,
    among: &Among<'_>,
) -> Result<(Vec<CustomerRow>, Vec<ConversationRow>)> {
    match kind {
        Unit::Customer => Ok((read_customers(db, among)?, read_conversations(db, among)?)),
        Unit::Account => {
            let customers = read_customers_of_accounts(db, among)?;
            let mut ids: Vec<&str> = customers.iter().map(|row| row.id.as_str()).collect();
            ids.sort_unstable();
            let conversations = read_conversations(db, &Among::List(ids))?;
            Ok((customers, conversations))
        }
    }
}

fn read_customers(db: &mut Db, among: &Among<'_>) -> Result<Vec<CustomerRow>> {
    let rows = c::table.select((c::customer_id, c::account_id, c::state)).order(c::customer_id);
    Ok(per_backend!(db, |connection| match among {
        Among::Range(after, last) => {
            rows.filter(c::customer_id.gt(after)).filter(c::customer_id.le(last)).load(connection)?
        }
        Among::List(ids) => rows.filter(c::customer_id.eq_any(ids)).load(connection)?,
    }))
}

fn read_customers_of_accounts(db: &mut Db, among: &Among<'_>) -> Result<Vec<CustomerRow>> {
    let rows =
        c::table.select((c::customer_id, c::account_id, c::state)).order((c::account_id, c::customer_id));
    Ok(per_backend!(db, |connection| match among {
        Among::Range(after, last) => {
            rows.filter(c::account_id.gt(after)).filter(c::account_id.le(last)).load(connection)?
        }
        Among::List(ids) => rows.filter(c::account_id.eq_any(ids)).load(connection)?,
    }))
}

fn read_conversations(db: &mut Db, among: &Among<'_>) -> Result<Vec<ConversationRow>> {
    let rows = v::table.order((v::customer_id, v::conversation_id));
    Ok(per_backend!(db, |connection| match among {
        Among::Range(after, last) => {
            rows.filter(v::customer_id.gt(after)).filter(v::customer_id.le(last)).load(connection)?
        }
        Among::List(ids) => {
            let mut all = Vec::new();
            for chunk in ids.chunks(CHUNK) {
                all.append(&mut rows.filter(v::customer_id.eq_any(chunk)).load(connection)?);
            }
            all
        }
    }))
}
