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
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    conversation::Conversation,
    event::Attributes,
    experiment::{Experiment, Unit},
    ids::{CohortKey, ConversationId, ExperimentKey, UnitId},
    time::Moment,
    unit::{CustomerRecord, UnitRecord},
};

/// Units read at once.
const PAGE: u32 = 1000;

/// A part of an experiment's units: after one id (exclusive), up to another (inclusive).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Range {
    /// From the beginning where there is none.
    pub after: Option<UnitId>,
    /// To the end where there is none.
    pub up_to: Option<UnitId>,
}

impl Range {
    /// Every unit.
    pub fn all() -> Self {
        Self::default()
    }
}

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

/// Splits an experiment's units into about equal parts, for as many cores.
pub fn split(db: &mut Db, experiment: &ExperimentKey, parts: u32) -> Result<Vec<Range>> {
    let of_experiment = a::experiment.eq(experiment.as_str());
    let total: i64 = a::table.filter(of_experiment).count().get_result(db)?;
    let mut ranges = Vec::new();
    let mut after = None;
    for part in 1..i64::from(parts) {
        let place = total * part / i64::from(parts);
        if place == 0 {
            continue;
        }
        let last: String = a::table
            .filter(of_experiment)
            .order(a::unit_id)
            .select(a::unit_id)
            .offset(place - 1)
            .first(db)?;
        let last: UnitId = id("a unit", &last)?;
        if after.as_ref() != Some(&last) {
            ranges.push(Range { after: after.replace(last.clone()), up_to: Some(last) });
        }
    }
    ranges.push(Range { after, up_to: None });
    Ok(ranges)
}

/// Hands each unit of an experiment to `each`, in the order of their ids: every unit on record, also one that
/// was never heard of again. For an account, the customers are those that belong to it now. An error of
/// `each` ends the stream.
pub fn for_each<E: From<super::StorageError>>(
    db: &mut Db,
    experiment: &Experiment,
    range: &Range,
    mut each: impl FnMut(UnitRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = range.after.clone();
    loop {
        let page = read_page(db, &experiment.definition.key, after.as_ref(), range.up_to.as_ref())?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.0.unit.clone());
        let full = page.len() == PAGE as usize;
        for unit in with_customers(db, experiment.definition.unit, page)? {
            each(unit)?;
        }
        if !full {
            return Ok(());
        }
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
    while left > 0 {
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
        with_customers(db, kind, page)?.into_iter().for_each(&mut each);
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

fn read_page(
    db: &mut Db,
    experiment: &ExperimentKey,
    after: Option<&UnitId>,
    up_to: Option<&UnitId>,
) -> Result<Vec<Assigned>> {
    let mut query = a::table.filter(a::experiment.eq(experiment.as_str())).into_boxed();
    if let Some(after) = after {
        query = query.filter(a::unit_id.gt(after.as_str()));
    }
    if let Some(up_to) = up_to {
        query = query.filter(a::unit_id.le(up_to.as_str()));
    }
    let rows = query.order(a::unit_id).limit(PAGE.into()).load::<AssignmentRow>(db)?;
    rows.into_iter()
        .map(|row| {
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
        })
        .collect()
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
    loop {
        let ids = known_units(db, kind, &after, PAGE as usize)?;
        let Some(last) = ids.last() else { return Ok(count) };
        after.clone_from(last);
        let mut units = customers_of(db, kind, &ids)?;
        units.retain(|_, customers| takes_part(&attributes_now(customers)));
        let conversations =
            read_conversations(db, units.values().flatten().map(|customer| customer.id.as_str()))?;
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

/// The customers of units, without their conversations, in the order of their ids.
fn customers_of<S: AsRef<str>>(
    db: &mut Db,
    kind: Unit,
    units: &[S],
) -> Result<HashMap<String, Vec<CustomerRecord>>> {
    let ids: Vec<&str> = units.iter().map(AsRef::as_ref).collect();
    let rows: Vec<(String, Option<String>, Vec<u8>)> = match kind {
        Unit::Customer => c::table.filter(c::customer_id.eq_any(&ids)).order(c::customer_id).load(db)?,
        Unit::Account => c::table.filter(c::account_id.eq_any(&ids)).order(c::customer_id).load(db)?,
    };
    let mut by_unit: HashMap<String, Vec<CustomerRecord>> = HashMap::with_capacity(ids.len());
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

fn with_customers(db: &mut Db, kind: Unit, page: Vec<Assigned>) -> Result<Vec<UnitRecord>> {
    let ids: Vec<&str> = page.iter().map(|(record, _)| record.unit.as_str()).collect();
    let mut by_unit = customers_of(db, kind, &ids)?;
    let mut conversations =
        read_conversations(db, by_unit.values().flatten().map(|customer| customer.id.as_str()))?;
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

fn read_conversations<'a>(
    db: &mut Db,
    customers: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Conversations>> {
    let customers: Vec<&str> = customers.collect();
    let mut found: HashMap<String, Conversations> = HashMap::with_capacity(customers.len());
    for chunk in customers.chunks(super::fold::CHUNK) {
        let rows: Vec<(String, String, Vec<u8>)> = v::table
            .filter(v::customer_id.eq_any(chunk))
            .order((v::customer_id, v::conversation_id))
            .load(db)?;
        for (customer, conversation, state) in rows {
            let read = (id("a conversation's id", &conversation)?, decode("a conversation", &state)?);
            match found.get_mut(&customer) {
                Some(conversations) => conversations.push(read),
                None => {
                    found.insert(customer, vec![read]);
                }
            }
        }
    }
    Ok(found)
}
