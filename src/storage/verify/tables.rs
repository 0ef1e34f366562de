//! The derived tables as a comparison sees them: read in the order of their keys, page after page, and each
//! row taken out or put in by itself.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};

use super::super::{
    Db,
    error::Result,
    fold::decode,
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{conversation::Conversation, customer::Customer};

/// Rows read in one go.
const PAGE: i64 = 2000;

/// Rows with their keys, in the order of the keys.
pub(super) type Rows<T> = Vec<(<T as Derived>::Key, <T as Derived>::Row)>;

/// A table that the ledger alone decides.
pub(super) trait Derived {
    /// Its name.
    const NAME: &'static str;
    type Key: Ord + Clone;
    type Row: PartialEq;

    /// The next rows after a key.
    fn page(db: &mut Db, after: Option<&Self::Key>) -> Result<Rows<Self>>;
    /// Takes a row out.
    fn remove(db: &mut Db, key: &Self::Key) -> Result<()>;
    /// Puts a row in, where there is none of its key.
    fn insert(db: &mut Db, key: &Self::Key, row: &Self::Row) -> Result<()>;
    /// A key in words.
    fn name(key: &Self::Key) -> String;
    /// A row in words.
    fn show(row: &Self::Row) -> String;
}

pub(super) struct Customers;

impl Derived for Customers {
    const NAME: &'static str = "customers";
    type Key = String;
    type Row = (Option<String>, Vec<u8>);

    fn page(db: &mut Db, after: Option<&String>) -> Result<Rows<Self>> {
        let mut query = c::table.into_boxed();
        if let Some(after) = after {
            query = query.filter(c::customer_id.gt(after.clone()));
        }
        let rows: Vec<(String, Option<String>, Vec<u8>)> =
            query.order(c::customer_id).limit(PAGE).load(db)?;
        Ok(rows.into_iter().map(|(key, account, state)| (key, (account, state))).collect())
    }

    fn remove(db: &mut Db, key: &String) -> Result<()> {
        diesel::delete(c::table.find(key)).execute(db)?;
        Ok(())
    }

    fn insert(db: &mut Db, key: &String, (account, state): &Self::Row) -> Result<()> {
        let row = (c::customer_id.eq(key), c::account_id.eq(account), c::state.eq(state));
        diesel::insert_into(c::table).values(row).execute(db)?;
        Ok(())
    }

    fn name(key: &String) -> String {
        key.clone()
    }

    fn show((account, state): &Self::Row) -> String {
        format!("account {}, {}", account.as_deref().unwrap_or("none"), shown::<Customer>(state))
    }
}

pub(super) struct Conversations;

impl Derived for Conversations {
    const NAME: &'static str = "conversations";
    type Key = (String, String);
    type Row = Vec<u8>;

    fn page(db: &mut Db, after: Option<&Self::Key>) -> Result<Rows<Self>> {
        let mut query = v::table.into_boxed();
        if let Some((customer, conversation)) = after {
            // Two conditions in place of one on pairs, so that the index is used on both engines.
            query = query
                .filter(v::customer_id.ge(customer.clone()))
                .filter(v::customer_id.gt(customer.clone()).or(v::conversation_id.gt(conversation.clone())));
        }
        let rows: Vec<(String, String, Vec<u8>)> =
            query.order((v::customer_id, v::conversation_id)).limit(PAGE).load(db)?;
        Ok(rows.into_iter().map(|(one, other, state)| ((one, other), state)).collect())
    }

    fn remove(db: &mut Db, (customer, conversation): &Self::Key) -> Result<()> {
        diesel::delete(v::table.find((customer, conversation))).execute(db)?;
        Ok(())
    }

    fn insert(db: &mut Db, (customer, conversation): &Self::Key, state: &Vec<u8>) -> Result<()> {
        let row = (v::customer_id.eq(customer), v::conversation_id.eq(conversation), v::state.eq(state));
        diesel::insert_into(v::table).values(row).execute(db)?;
        Ok(())
    }

    fn name((customer, conversation): &Self::Key) -> String {
        format!("{customer} / {conversation}")
    }

    fn show(state: &Vec<u8>) -> String {
        shown::<Conversation>(state)
    }
}

pub(super) struct Assignments;

/// In the order of the columns.
type AssignmentRow =
    (String, String, String, i64, String, String, Option<String>, Option<String>, Option<String>);

impl Derived for Assignments {
    const NAME: &'static str = "assignments";
    type Key = (String, String);
    type Row = AssignmentRow;

    fn page(db: &mut Db, after: Option<&Self::Key>) -> Result<Rows<Self>> {
        let mut query = a::table.into_boxed();
        if let Some((experiment, unit)) = after {
            query = query
                .filter(a::experiment.ge(experiment.clone()))
                .filter(a::experiment.gt(experiment.clone()).or(a::unit_id.gt(unit.clone())));
        }
        let rows: Vec<AssignmentRow> = query.order((a::experiment, a::unit_id)).limit(PAGE).load(db)?;
        Ok(rows.into_iter().map(|row| ((row.0.clone(), row.1.clone()), row)).collect())
    }

    fn remove(db: &mut Db, (experiment, unit): &Self::Key) -> Result<()> {
        diesel::delete(a::table.find((experiment, unit))).execute(db)?;
        Ok(())
    }

    fn insert(db: &mut Db, _: &Self::Key, row: &AssignmentRow) -> Result<()> {
        let (experiment, unit, cohort, at, source, id, customer, conversation, attributes) = row;
        let row = (
            a::experiment.eq(experiment),
            a::unit_id.eq(unit),
            a::cohort.eq(cohort),
            a::assigned_at.eq(at),
            a::told_source.eq(source),
            a::told_id.eq(id),
            a::first_customer.eq(customer),
            a::first_conversation.eq(conversation),
            a::attributes.eq(attributes),
        );
        diesel::insert_into(a::table).values(row).execute(db)?;
        Ok(())
    }

    fn name((experiment, unit): &Self::Key) -> String {
        format!("{experiment} / {unit}")
    }

    fn show(row: &AssignmentRow) -> String {
        let (_, _, cohort, at, source, id, customer, conversation, attributes) = row;
        format!(
            "cohort {cohort} at {at} told by {source} {id}, first conversation {customer:?} {conversation:?}, \
             attributes {attributes:?}"
        )
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
pub(super) struct Walk<T: Derived> {
    rows: std::vec::IntoIter<(T::Key, T::Row)>,
    next: Option<(T::Key, T::Row)>,
    last: Option<T::Key>,
    over: bool,
}

impl<T: Derived> Walk<T> {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new().into_iter(), next: None, last: None, over: false }
    }

    /// Makes sure that the next row, if there is one, can be seen.
    pub(super) fn fill(&mut self, db: &mut Db) -> Result<()> {
        if self.next.is_some() || self.over {
            return Ok(());
        }
        self.next = self.rows.next();
        if self.next.is_none() {
            self.rows = T::page(db, self.last.as_ref())?.into_iter();
            self.next = self.rows.next();
        }
        match &self.next {
            Some((key, _)) => self.last = Some(key.clone()),
            None => self.over = true,
        }
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<&T::Key> {
        self.next.as_ref().map(|(key, _)| key)
    }

    pub(super) fn take(&mut self) -> Option<(T::Key, T::Row)> {
        self.next.take()
    }
}
