//! Rows of units as they were read, and the units that they make.

use diesel::{
    QueryResult, Queryable,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::{Binary, Text},
    sqlite::{Sqlite, SqliteValue},
};
use smol_str::SmolStr;

use super::super::{
    Db,
    error::{Result, StorageError},
    fold::{decode, id},
};
use super::{Aside, facts, read_accounts, read_conversations, read_customers};
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

    fn unit(&self, attributes: Attributes, customers: Vec<CustomerRecord>) -> Result<UnitRecord> {
        let first = match (&self.first_customer, &self.first_conversation) {
            (Some(customer), Some(conversation)) => Some((
                id("a customer's id", customer.as_str())?,
                id("a conversation's id", conversation.as_str())?,
            )),
            _ => None,
        };
        Ok(UnitRecord {
            unit: id("a unit", self.unit.as_str())?,
            cohort: id("a cohort", self.cohort.as_str())?,
            assigned_at: Moment::from_stored_ms(self.assigned_at),
            first_conversation: first,
            attributes,
            customers,
        })
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
    pub customer: Key,
    id: Name,
    told: Told,
}

/// The column of a conversation's id.
#[derive(Debug, FromSqlRow)]
pub(super) struct Name(ConversationId);

impl Name {
    fn read(text: &str) -> deserialize::Result<Self> {
        Ok(Self(ConversationId::new(text).map_err(|error| format!("a conversation's id {text:?}: {error}"))?))
    }
}

impl FromSql<Text, Sqlite> for Name {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::read(value.read_text())
    }
}

impl FromSql<Text, Pg> for Name {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::read(std::str::from_utf8(value.as_bytes())?)
    }
}

/// The column of a conversation's state, of which only the facts are kept.
#[derive(Debug, FromSqlRow)]
pub(super) struct Told(ConversationFacts);

impl Told {
    fn read(bytes: &[u8]) -> deserialize::Result<Self> {
        Ok(Self(facts::conversation(bytes).map_err(|error| format!("a conversation: {error}"))?))
    }
}

impl FromSql<Binary, Sqlite> for Told {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::read(value.read_blob())
    }
}

impl FromSql<Binary, Pg> for Told {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::read(value.as_bytes())
    }
}

/// Units that follow each other, in the order of their ids, whose facts are still to be read.
#[derive(Debug)]
pub struct Page {
    pub(super) kind: Unit,
    /// The unit before the first.
    pub(super) after: Key,
    pub(super) units: Vec<UnitRow>,
}

impl Page {
    /// Reads the facts of the units and lends each unit to `each`; an error where the database holds what Patience did
    /// not write.
    pub fn read<E: From<StorageError>>(
        self,
        db: &mut Db,
        aside: &mut Aside,
        each: impl FnMut(&mut UnitRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        aside.step(db)?;
        match self.kind {
            Unit::Customer => {
                let customers = read_customers(db, &self)?;
                read_conversations(db, &customers, |rows| self.hand_out(&customers.rows, rows, each))
            }
            Unit::Account => {
                let (customers, conversations) = read_accounts(db, &self)?;
                self.hand_out(&customers, &mut conversations.into_iter().map(Ok), each)
            }
        }
    }

    /// Puts units together. Customers are in the order of their units and conversations in that of their customers;
    /// strangers may be among them.
    fn hand_out<E: From<StorageError>>(
        &self,
        mut customers: &[CustomerRow],
        rows: &mut dyn Iterator<Item = QueryResult<ConversationRow>>,
        mut each: impl FnMut(&mut UnitRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut conversations = Conversations { kind: self.kind, rows, ahead: None, used: Vec::new() };
        for row in &self.units {
            let is_before = |customer: &CustomerRow| customer.unit(self.kind) < Some(&row.unit);
            customers = &customers[customers.iter().take_while(|customer| is_before(customer)).count()..];
            let is_of = |customer: &&CustomerRow| customer.unit(self.kind) == Some(&row.unit);
            let (of_unit, rest) = customers.split_at(customers.iter().take_while(is_of).count());
            customers = rest;
            let attributes = match &row.attributes {
                Some(told) => serde_json::from_str(told)
                    .map_err(|error| StorageError::corrupt("an assignment's attributes", error))?,
                None => attributes_now(of_unit)?,
            };
            let records = of_unit.iter().map(|customer| record(customer, &mut conversations));
            let mut unit = row.unit(attributes, records.collect::<Result<_>>()?)?;
            each(&mut unit)?;
            conversations.used.extend(unit.customers.into_iter().map(|customer| customer.conversations));
        }
        Ok(())
    }
}

/// A customer with its conversations.
fn record(row: &CustomerRow, conversations: &mut Conversations<'_>) -> Result<CustomerRecord> {
    Ok(CustomerRecord {
        id: id::<CustomerId>("a customer's id", row.id.as_str())?,
        conversations: conversations.of(&row.id)?,
        facts: facts::customer(&row.state).map_err(|error| StorageError::corrupt("a customer", error))?,
    })
}

/// Conversations as they are read.
struct Conversations<'r> {
    kind: Unit,
    rows: &'r mut dyn Iterator<Item = QueryResult<ConversationRow>>,
    /// The first of another customer than was asked for last.
    ahead: Option<ConversationRow>,
    /// Lists that were handed out before. Their memory is filled again while it is still near the core.
    used: Vec<Vec<(ConversationId, ConversationFacts)>>,
}

impl Conversations<'_> {
    /// Those of a customer, which are the next ones of all, strangers' apart.
    fn of(&mut self, customer: &Key) -> Result<Vec<(ConversationId, ConversationFacts)>> {
        // Where units are customers, all are in the order of their ids.
        let is_strangers = |row: &ConversationRow| self.kind == Unit::Customer && row.customer < *customer;
        let mut found = self.used.pop().unwrap_or_default();
        found.clear();
        if let Some(row) = self.ahead.take_if(|row| row.customer == *customer || is_strangers(row))
            && row.customer == *customer
        {
            found.push((row.id.0, row.told.0));
        }
        if self.ahead.is_some() {
            return Ok(found);
        }
        for row in &mut *self.rows {
            let row = row?;
            if row.customer == *customer {
                found.push((row.id.0, row.told.0));
            } else if !is_strangers(&row) {
                self.ahead = Some(row);
                break;
            }
        }
        Ok(found)
    }
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
