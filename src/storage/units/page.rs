//! Rows of units as they were read, and the units that they make.

use diesel::{
    Queryable,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Text,
    sqlite::{Sqlite, SqliteValue},
};
use smol_str::SmolStr;

use super::super::{
    error::{Result, StorageError},
    fold::{decode, id},
};
use super::facts;
use crate::domain::{
    customer::Customer,
    event::Attributes,
    experiment::Unit,
    ids::{CohortKey, ConversationId, CustomerId},
    time::Moment,
    unit::{ConversationFacts, CustomerRecord, UnitRecord},
};

/// A column that holds an id: most are short, and need no memory of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, FromSqlRow)]
pub(super) struct Key(SmolStr);

impl Key {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromSql<Text, Sqlite> for Key {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().into()))
    }
}

impl FromSql<Text, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(value.as_bytes())?.into()))
    }
}

/// A unit of `assignments`.
#[derive(Debug, Queryable)]
pub(super) struct UnitRow {
    pub unit: Key,
    cohort: Key,
    assigned_at: i64,
    first_customer: Option<Key>,
    first_conversation: Option<Key>,
    attributes: Option<String>,
}

impl UnitRow {
    /// One that was never assigned.
    pub(super) fn known(unit: Key, cohort: &CohortKey) -> Self {
        Self {
            unit,
            cohort: Key(cohort.as_str().into()),
            assigned_at: 0,
            first_customer: None,
            first_conversation: None,
            attributes: None,
        }
    }
}

/// A row of `customers`.
#[derive(Debug, Queryable)]
pub(super) struct CustomerRow {
    pub id: Key,
    account: Option<Key>,
    state: Vec<u8>,
}

impl CustomerRow {
    fn unit(&self, kind: Unit) -> Option<&Key> {
        match kind {
            Unit::Customer => Some(&self.id),
            Unit::Account => self.account.as_ref(),
        }
    }
}

/// A row of `conversations`.
#[derive(Debug, Queryable)]
pub(super) struct ConversationRow {
    customer: Key,
    id: Key,
    state: Vec<u8>,
}

/// Units as their rows, in the order of their ids.
#[derive(Debug)]
pub struct Page {
    pub(super) kind: Unit,
    pub(super) units: Vec<UnitRow>,
    /// In the order of their units and ids.
    pub(super) customers: Vec<CustomerRow>,
    /// In the order of their customers and ids.
    pub(super) conversations: Vec<ConversationRow>,
}

impl Page {
    /// The units, each made when it is asked for: an error where the database holds what Patience did not write.
    pub fn units(&self) -> impl Iterator<Item = Result<UnitRecord>> {
        self.units.iter().map(|row| self.unit(row))
    }

    fn unit(&self, row: &UnitRow) -> Result<UnitRecord> {
        let of_unit = run(&self.customers, |customer| customer.unit(self.kind).cmp(&Some(&row.unit)));
        let customers = of_unit.iter().map(|customer| self.customer(customer)).collect::<Result<_>>()?;
        let first = match (&row.first_customer, &row.first_conversation) {
            (Some(customer), Some(conversation)) => Some((
                id("a customer's id", customer.as_str())?,
                id("a conversation's id", conversation.as_str())?,
            )),
            _ => None,
        };
        let attributes = match &row.attributes {
            Some(told) => serde_json::from_str(told)
                .map_err(|error| StorageError::corrupt("an assignment's attributes", error))?,
            None => attributes_now(of_unit)?,
        };
        Ok(UnitRecord {
            unit: id("a unit", row.unit.as_str())?,
            cohort: id("a cohort", row.cohort.as_str())?,
            assigned_at: Moment::from_stored_ms(row.assigned_at),
            first_conversation: first,
            attributes,
            customers,
        })
    }

    fn customer(&self, row: &CustomerRow) -> Result<CustomerRecord> {
        let read = |row: &ConversationRow| -> Result<(ConversationId, ConversationFacts)> {
            let told = facts::conversation(&row.state);
            let told = told.map_err(|error| StorageError::corrupt("a conversation", error))?;
            Ok((id("a conversation's id", row.id.as_str())?, told))
        };
        let conversations = run(&self.conversations, |conversation| conversation.customer.cmp(&row.id));
        Ok(CustomerRecord {
            id: id::<CustomerId>("a customer's id", row.id.as_str())?,
            facts: decode("a customer", &row.state)?,
            conversations: conversations.iter().map(read).collect::<Result<_>>()?,
        })
    }
}

/// Of sorted rows those that are equal to what is looked for.
fn run<T>(rows: &[T], compare: impl Fn(&T) -> std::cmp::Ordering) -> &[T] {
    let from = &rows[rows.partition_point(|row| compare(row).is_lt())..];
    &from[..from.iter().take_while(|row| compare(row).is_eq()).count()]
}

/// The attributes of customers as they are now, the first of them by id winning: what segments go by where an
/// assignment was told from elsewhere.
fn attributes_now(customers: &[CustomerRow]) -> Result<Attributes> {
    let mut all = Attributes::new();
    for row in customers.iter().rev() {
        all.extend(decode::<Customer>("a customer", &row.state)?.attributes_now());
    }
    Ok(all)
}
