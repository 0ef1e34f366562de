//! The units of an experiment with all their facts, streamed in the order of their ids: what an analysis
//! reads. Memory holds one page of units, whatever the size of the experiment.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, min},
};

use super::{
    Db,
    error::Result,
    fold::{AssignmentRow, decode, id, read_assignment},
    log::Aside,
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    conversation::Conversation,
    event::Attributes,
    experiment::{Experiment, Unit},
    ids::{CohortKey, ConversationId, ExperimentKey},
    time::Moment,
    unit::{CustomerRecord, UnitRecord},
};

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
    for_each_page(db, experiment, |page| page.units()?.into_iter().try_for_each(&mut each))
}

/// The same by pages that are not decoded yet, which is most of the work: for who has several cores to decode them
/// on. All of them show one state of the database; on SQLite the later ones show a newer one where so much is written
/// meanwhile that the log would grow without bound ([`super::log::Aside`]).
pub fn for_each_page<E: From<super::StorageError>>(
    db: &mut Db,
    experiment: &Experiment,
    mut each: impl FnMut(Page) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = None;
    let mut aside = Aside::new(db)?;
    loop {
        aside.step(db)?;
        let rows = read_assignments(db, &experiment.definition.key, after.as_deref())?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.1.clone());
        let full = rows.len() == PAGE as usize;
        let kind = experiment.definition.unit;
        let ids: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let customers = read_customers(db, kind, &ids)?;
        let conversations = read_conversations(db, customers.iter().map(|row| row.0.as_str()))?;
        each(Page { kind, assigned: rows, customers, conversations })?;
        if !full {
            return Ok(());
        }
    }
}

/// Units as their rows.
#[derive(Debug)]
pub struct Page {
    kind: Unit,
    assigned: Vec<AssignmentRow>,
    customers: Vec<CustomerRow>,
    conversations: Vec<ConversationRow>,
}

impl Page {
    /// The units, in the order of their ids.
    ///
    /// # Errors
    /// The database holds what Patience did not write.
    pub fn units(self) -> Result<Vec<UnitRecord>> {
        let assigned = self.assigned.into_iter().map(|row| {
            let ((_, unit), assignment) = read_assignment(row)?;
            let told = assignment.attributes.is_some();
            let record = UnitRecord {
                unit,
                cohort: assignment.cohort,
                assigned_at: assignment.told.at,
                first_conversation: assignment.first,
                attributes: assignment.attributes.unwrap_or_default(),
                customers: Vec::new(),
            };
            Ok((record, told))
        });
        with_customers(self.kind, assigned.collect::<Result<_>>()?, self.customers, self.conversations)
    }
}

/// Hands the units that are known of at all to `each`, in the order of their ids and no more than `most`, with
/// everything told of them: what an experiment that nobody ran is measured from. They stand in `cohort` from the
/// beginning of time.
pub fn for_each_known(
    db: &mut Db,
    kind: Unit,
    cohort: &CohortKey,
    most: usize,
    mut each: impl FnMut(UnitRecord),
) -> Result<()> {
    let (mut after, mut left) = (String::new(), most);
    let mut aside = Aside::new(db)?;
    while left > 0 {
        aside.step(db)?;
        let wanted = left.min(PAGE as usize);
        let ids = known_units(db, kind, &after, wanted)?;
        let Some(last) = ids.last() else { break };
        after.clone_from(last);
        left -= ids.len();
        let page = ids
            .iter()
            .map(|unit| {
                let record = UnitRecord {
                    unit: id("a unit", unit)?,
                    cohort: cohort.clone(),
                    assigned_at: Moment::from_stored_ms(0),
                    first_conversation: None,
                    attributes: Attributes::new(),
                    customers: Vec::new(),
                };
                Ok((record, false))
            })
            .collect::<Result<_>>()?;
        let customers = read_customers(db, kind, &ids)?;
        let conversations = read_conversations(db, customers.iter().map(|row| row.0.as_str()))?;
        with_customers(kind, page, customers, conversations)?.into_iter().for_each(&mut each);
        if ids.len() < wanted {
            break;
        }
    }
    Ok(())
}

fn known_units(db: &mut Db, kind: Unit, after: &str, most: usize) -> Result<Vec<String>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(match kind {
        Unit::Customer => c::table
            .filter(c::customer_id.gt(after))
            .order(c::customer_id)
            .limit(most)
            .select(c::customer_id)
            .load(db)?,
        Unit::Account => c::table
            .filter(c::account_id.gt(after))
            .order(c::account_id)
            .limit(most)
            .select(c::account_id.assume_not_null())
            .distinct()
            .load(db)?,
    })
}

/// An assignment without its customers yet, and whether its attributes were told with it.
type Assigned = (UnitRecord, bool);

fn read_assignments(
    db: &mut Db,
    experiment: &ExperimentKey,
    after: Option<&str>,
) -> Result<Vec<AssignmentRow>> {
    let mut query = a::table.filter(a::experiment.eq(experiment.as_str())).into_boxed();
    if let Some(after) = after {
        query = query.filter(a::unit_id.gt(after));
    }
    Ok(query.order(a::unit_id).limit(PAGE.into()).load(db)?)
}

/// How many units of whose attributes of now `takes_part` holds opened a conversation from one moment on and before
/// another. Conversations are read of those units alone.
pub fn count_openers(
    db: &mut Db,
    kind: Unit,
    (from, until): (Moment, Moment),
    takes_part: impl Fn(&Attributes) -> bool,
) -> Result<u64> {
    let opened = |conversation: &Conversation| {
        conversation.opened.get().is_some_and(|(at, _)| from <= at && at < until)
    };
    let (mut after, mut count) = (String::new(), 0);
    let mut aside = Aside::new(db)?;
    loop {
        aside.step(db)?;
        let ids = known_units(db, kind, &after, PAGE as usize)?;
        let Some(last) = ids.last() else { return Ok(count) };
        after.clone_from(last);
        let mut units = by_unit(kind, read_customers(db, kind, &ids)?)?;
        units.retain(|_, customers| takes_part(&attributes_now(customers)));
        let asked = units.values().flatten().map(|customer| customer.id.as_str());
        let conversations = by_customer(read_conversations(db, asked)?)?;
        let wrote = |customer: &CustomerRecord| {
            conversations
                .get(customer.id.as_str())
                .is_some_and(|all| all.iter().any(|(_, told)| opened(told)))
        };
        count += units.values().filter(|customers| customers.iter().any(wrote)).count() as u64;
        if ids.len() < PAGE as usize {
            return Ok(count);
        }
    }
}

type CustomerRow = (String, Option<String>, Vec<u8>);
type ConversationRow = (String, String, Vec<u8>);

/// The rows of the customers of units, in the order of their ids.
fn read_customers<S: AsRef<str>>(db: &mut Db, kind: Unit, units: &[S]) -> Result<Vec<CustomerRow>> {
    let ids: Vec<&str> = units.iter().map(AsRef::as_ref).collect();
    Ok(match kind {
        Unit::Customer => c::table.filter(c::customer_id.eq_any(&ids)).order(c::customer_id).load(db)?,
        Unit::Account => c::table.filter(c::account_id.eq_any(&ids)).order(c::customer_id).load(db)?,
    })
}

/// The customers of units, without their conversations, in the order of their ids.
fn by_unit(kind: Unit, rows: Vec<CustomerRow>) -> Result<HashMap<String, Vec<CustomerRecord>>> {
    let mut by_unit: HashMap<String, Vec<CustomerRecord>> = HashMap::with_capacity(rows.len());
    for (customer, account, state) in rows {
        let record = CustomerRecord {
            id: id("a customer's id", &customer)?,
            customer: decode("a customer", &state)?,
            conversations: Vec::new(),
        };
        let unit = match kind {
            Unit::Customer => customer,
            Unit::Account => account.unwrap_or_default(),
        };
        by_unit.entry(unit).or_default().push(record);
    }
    Ok(by_unit)
}

fn with_customers(
    kind: Unit,
    page: Vec<Assigned>,
    customers: Vec<CustomerRow>,
    conversations: Vec<ConversationRow>,
) -> Result<Vec<UnitRecord>> {
    let mut by_unit = by_unit(kind, customers)?;
    let mut conversations = by_customer(conversations)?;
    for customer in by_unit.values_mut().flatten() {
        customer.conversations = conversations.remove(customer.id.as_str()).unwrap_or_default();
    }
    Ok(page
        .into_iter()
        .map(|(mut record, told)| {
            record.customers = by_unit.remove(record.unit.as_str()).unwrap_or_default();
            if !told {
                record.attributes = attributes_now(&record.customers);
            }
            record
        })
        .collect())
}

/// The attributes of customers as they are now, the first of them by id winning: what segments go by where an
/// assignment was told from elsewhere.
fn attributes_now(customers: &[CustomerRecord]) -> Attributes {
    let mut all = Attributes::new();
    for record in customers.iter().rev() {
        all.extend(record.customer.attributes_now());
    }
    all
}

type Conversations = Vec<(ConversationId, Conversation)>;

/// The rows of the conversations of customers, by customer.
fn read_conversations<'a>(
    db: &mut Db,
    customers: impl Iterator<Item = &'a str>,
) -> Result<Vec<ConversationRow>> {
    let customers: Vec<&str> = customers.collect();
    let mut rows: Vec<ConversationRow> = Vec::new();
    for chunk in customers.chunks(super::connection::CHUNK) {
        let query = v::table.filter(v::customer_id.eq_any(chunk));
        rows.extend(query.order((v::customer_id, v::conversation_id)).load::<ConversationRow>(db)?);
    }
    Ok(rows)
}

fn by_customer(rows: Vec<ConversationRow>) -> Result<HashMap<String, Conversations>> {
    let mut found: HashMap<String, Conversations> = HashMap::new();
    for (customer, conversation, state) in rows {
        let read = (id("a conversation's id", &conversation)?, decode("a conversation", &state)?);
        match found.get_mut(&customer) {
            Some(conversations) => conversations.push(read),
            None => {
                found.insert(customer, vec![read]);
            }
        }
    }
    Ok(found)
}
