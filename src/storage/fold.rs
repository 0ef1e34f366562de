//! The derived tables: what a batch of events changes in customers, conversations and assignments. The same
//! fold serves the ledger and `verify`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Binary, Nullable, Text},
    upsert::excluded,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Db,
    connection::{insert_rows, per_backend},
    error::{Result, StorageError},
    experiments::Shape,
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    conversation::Conversation,
    customer::Customer,
    event::{Attributes, Event, Fact},
    experiment::Unit,
    fold::Stamp,
    ids::{AccountId, CohortKey, ConversationId, CustomerId, ExperimentKey, UnitId},
    time::Moment,
};

/// A unit's only cohort of an experiment, as of its earliest telling.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    pub cohort: CohortKey,
    pub told: Stamp,
    /// What else is written of a new one; of one that is on record nothing is read but the above.
    new: New,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct New {
    /// The conversation named in the request that assigned it.
    first: Option<(CustomerId, ConversationId)>,
    /// Attributes at that moment; none where an assignment made elsewhere was told.
    attributes: Option<Arc<Attributes>>,
}

/// Derived rows in hand: as they were read, and as they will be.
#[derive(Debug, Default)]
pub(super) struct Fold {
    customers: BTreeMap<CustomerId, Slot<Customer>>,
    conversations: BTreeMap<(CustomerId, ConversationId), Slot<Conversation>>,
    assignments: BTreeMap<UnitId, BTreeMap<ExperimentKey, Assignment>>,
    /// Those that were told, and whether an assignment was known before.
    reassigned: BTreeMap<(ExperimentKey, UnitId), bool>,
}

#[derive(Debug)]
struct Slot<T> {
    stored: Option<Vec<u8>>,
    /// Whether there is a row, read or not.
    is_stored: bool,
    /// Read from what is stored, where it is needed.
    state: T,
    /// Whether the state is needed: to be looked at, or because an event may change it.
    needed: bool,
    /// Whether an event was taken in since it was read.
    told: bool,
}

impl<T: Default> Default for Slot<T> {
    fn default() -> Self {
        Self { stored: None, is_stored: false, state: T::default(), needed: false, told: false }
    }
}

impl<T: Serialize + DeserializeOwned> Slot<T> {
    fn read(&mut self, what: &str, bytes: Vec<u8>) -> Result<()> {
        if self.needed {
            self.state = decode(what, &bytes)?;
        }
        self.stored = Some(bytes);
        self.is_stored = true;
        Ok(())
    }

    /// Where an earlier fold did not need the state, nothing that it took in changed it.
    fn follow(&mut self, earlier: Option<&Self>)
    where
        T: Clone,
    {
        let Some(earlier) = earlier else { return };
        self.told |= earlier.told;
        if earlier.needed {
            self.state.clone_from(&earlier.state);
        }
    }

    /// What is to be written, where anything is.
    fn changed(&self) -> Result<Option<Vec<u8>>> {
        if !self.told || (self.is_stored && !self.needed) {
            return Ok(None);
        }
        let bytes = encode(&self.state)?;
        Ok((self.stored.as_ref() != Some(&bytes)).then_some(bytes))
    }
}

/// MessagePack by position: a tenth of the size of JSON, and one value has one text.
pub(super) fn encode<T: Serialize>(state: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec(state).map_err(|error| StorageError::corrupt("a state cannot be written", error))
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    rmp_serde::from_slice(bytes).map_err(|error| StorageError::corrupt(what, error))
}

/// A conversation's state, by its place among those asked for.
#[derive(QueryableByName)]
struct ConversationState {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Binary)]
    state: Vec<u8>,
}

/// An identifier that we wrote ourselves.
pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Display>>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| StorageError::corrupt(&format!("{what} {text:?}"), error))
}

/// What an event assigns: experiment, unit and the rest.
pub(super) fn assigns(
    event: &Event,
    shapes: &HashMap<ExperimentKey, Shape>,
) -> Vec<(ExperimentKey, UnitId, Assignment)> {
    let told = || Stamp::from(event);
    match &event.fact {
        Fact::CohortAssigned { customer, account, experiment, cohort } => {
            let unit = shapes.get(experiment).and_then(|shape| match shape.unit {
                Unit::Customer => Some(UnitId::from(customer)),
                Unit::Account => account.as_ref().map(UnitId::from),
            });
            let assignment = Assignment { cohort: cohort.clone(), told: told(), new: New::default() };
            unit.map(|unit| (experiment.clone(), unit, assignment)).into_iter().collect()
        }
        Fact::AssignmentDecided(decided) => decided
            .assigned
            .iter()
            .map(|new| {
                let first = decided.conversation_id.clone().map(|id| (decided.customer_id.clone(), id));
                let assignment = Assignment {
                    cohort: new.cohort.clone(),
                    told: told(),
                    new: New { first, attributes: Some(new.attributes.clone()) },
                };
                (new.experiment.clone(), new.unit.clone(), assignment)
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl Fold {
    /// Reads the assignments that events may touch; the others are read by [`Fold::load`] when it is known
    /// which events count.
    pub(super) fn load_assignments<'e>(
        &mut self,
        db: &mut Db,
        events: impl Iterator<Item = &'e Event>,
        shapes: &HashMap<ExperimentKey, Shape>,
    ) -> Result<()> {
        let units: BTreeSet<UnitId> =
            events.flat_map(|event| assigns(event, shapes)).map(|(_, unit, _)| unit).collect();
        let columns = (a::experiment, a::unit_id, a::cohort, a::assigned_at, a::told_source, a::told_id);
        let mut rows: Vec<(String, String, String, i64, String, String)> = Vec::new();
        match db {
            Db::Sqlite(connection) => {
                for unit in &units {
                    let of_unit = a::table.filter(a::unit_id.eq(unit.as_str())).select(columns);
                    rows.append(&mut of_unit.load(connection)?);
                }
            }
            Db::Postgres(connection) => {
                let units: Vec<&str> = units.iter().map(UnitId::as_str).collect();
                rows = a::table.filter(a::unit_id.eq_any(units)).select(columns).load(connection)?;
            }
        }
        for (experiment, unit, cohort, at, source, told_id) in rows {
            let assignment = Assignment {
                cohort: id("a cohort", &cohort)?,
                told: Stamp { at: Moment::from_stored_ms(at), source, id: told_id },
                new: New::default(),
            };
            let of_unit = self.assignments.entry(id("a unit", &unit)?).or_default();
            of_unit.insert(id("an experiment", &experiment)?, assignment);
        }
        Ok(())
    }

    /// Reads the customers and conversations of events.
    pub(super) fn load<'e>(&mut self, db: &mut Db, events: impl Iterator<Item = &'e Event>) -> Result<()> {
        for event in events {
            if let Some(customer) = event.fact.customer() {
                // Of most events only whether their customer is known: that is worth not decoding it.
                self.customers.entry(customer.clone()).or_default().needed |= event.fact.changes_customer();
                self.want_conversation(customer, event.fact.conversation());
            }
        }
        self.load_wanted(db)
    }

    /// Says that a customer, and one of its conversations, is needed.
    pub(super) fn want(&mut self, customer: &CustomerId, conversation: Option<&ConversationId>) {
        self.customers.entry(customer.clone()).or_default().needed = true;
        self.want_conversation(customer, conversation);
    }

    fn want_conversation(&mut self, customer: &CustomerId, conversation: Option<&ConversationId>) {
        if let Some(conversation) = conversation {
            let key = (customer.clone(), conversation.clone());
            self.conversations.entry(key).or_default().needed = true;
        }
    }

    /// Reads all that is needed.
    pub(super) fn load_wanted(&mut self, db: &mut Db) -> Result<()> {
        self.load_conversations(db)?;
        // Whose conversation is stored is stored too: of most events no more is asked.
        for ((customer, _), conversation) in &self.conversations {
            if conversation.is_stored
                && let Some(slot) = self.customers.get_mut(customer)
            {
                slot.is_stored = true;
            }
        }
        let wanted = self.customers.iter_mut().filter(|(_, slot)| slot.needed || !slot.is_stored);
        // On SQLite by statements that stay prepared, in the order of the keys: no list of keys is as fast.
        match db {
            Db::Sqlite(connection) => {
                for (customer, slot) in wanted {
                    let state = c::table.find(customer.as_str()).select(c::state);
                    if let Some(bytes) = state.first(connection).optional()? {
                        slot.read("a customer", bytes)?;
                    }
                }
            }
            Db::Postgres(connection) => {
                let mut wanted: BTreeMap<&str, _> = wanted.map(|(id, slot)| (id.as_str(), slot)).collect();
                let rows = c::table
                    .filter(c::customer_id.eq_any(wanted.keys().copied()))
                    .select((c::customer_id, c::state));
                for (customer, bytes) in rows.load::<(String, Vec<u8>)>(connection)? {
                    if let Some(slot) = wanted.get_mut(customer.as_str()) {
                        slot.read("a customer", bytes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn load_conversations(&mut self, db: &mut Db) -> Result<()> {
        match db {
            Db::Sqlite(connection) => {
                for ((customer, conversation), slot) in &mut self.conversations {
                    let state = v::table.find((customer.as_str(), conversation.as_str())).select(v::state);
                    if let Some(bytes) = state.first(connection).optional()? {
                        slot.read("a conversation", bytes)?;
                    }
                }
            }
            Db::Postgres(connection) => {
                let (customers, conversations): (Vec<&str>, Vec<&str>) =
                    self.conversations.keys().map(|(one, other)| (one.as_str(), other.as_str())).unzip();
                let rows: Vec<ConversationState> = sql_query(
                    "SELECT place, state FROM unnest($1, $2) WITH ORDINALITY AS asked (customer, conversation, place) \
                     JOIN conversations ON customer_id = customer AND conversation_id = conversation ORDER BY place",
                )
                .bind::<Array<Text>, _>(customers)
                .bind::<Array<Text>, _>(conversations)
                .load(connection)?;
                let mut slots = (1..).zip(self.conversations.values_mut());
                for ConversationState { place, state } in rows {
                    if let Some((_, slot)) = slots.find(|(at, _)| *at == place) {
                        slot.read("a conversation", state)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The recorded assignment of a unit.
    pub(super) fn assignment(&self, experiment: &ExperimentKey, unit: &UnitId) -> Option<&Assignment> {
        self.assignments.get(unit)?.get(experiment)
    }

    /// Whether a customer has been heard of.
    pub(super) fn knows(&self, id: &CustomerId) -> bool {
        self.customers.get(id).is_some_and(|slot| slot.is_stored || slot.told)
    }

    /// The state of a customer.
    pub(super) fn customer(&self, id: &CustomerId) -> Option<&Customer> {
        self.customers.get(id).map(|slot| &slot.state)
    }

    /// The state of a conversation.
    pub(super) fn conversation(&self, customer: &CustomerId, id: &ConversationId) -> Option<&Conversation> {
        self.conversations.get(&(customer.clone(), id.clone())).map(|slot| &slot.state)
    }

    /// Takes the assignments of an event in.
    pub(super) fn assign(&mut self, event: &Event, shapes: &HashMap<ExperimentKey, Shape>) {
        for (experiment, unit, new) in assigns(event, shapes) {
            let of_unit = self.assignments.entry(unit.clone()).or_default();
            let known = of_unit.get(&experiment);
            // The cohorts agree, or the event was refused.
            if known.is_none_or(|known| new.told < known.told) {
                self.reassigned.entry((experiment.clone(), unit)).or_insert(known.is_some());
                of_unit.insert(experiment, new);
            }
        }
    }

    /// Takes what an event tells of its customer and conversation in.
    pub(super) fn apply(&mut self, event: &Event) {
        let Some(customer) = event.fact.customer() else { return };
        let slot = self.customers.entry(customer.clone()).or_default();
        debug_assert!(slot.needed || !event.fact.changes_customer(), "{event:?} was not loaded for");
        slot.state.apply(event);
        slot.told = true;
        if let Some(conversation) = event.fact.conversation() {
            let slot = self.conversations.entry((customer.clone(), conversation.clone())).or_default();
            slot.state.apply(event);
            slot.told = true;
        }
    }

    /// Stands after an earlier fold that is not written: what that took in goes before what is stored.
    pub(super) fn follow(&mut self, earlier: &Self) {
        for (id, slot) in &mut self.customers {
            slot.follow(earlier.customers.get(id));
        }
        for (id, slot) in &mut self.conversations {
            slot.follow(earlier.conversations.get(id));
        }
    }

    /// Keeps what a later fold that follows this one took in.
    pub(super) fn keep_told(&mut self, later: Self) {
        self.customers.extend(later.customers.into_iter().filter(|(_, slot)| slot.told));
        self.conversations.extend(later.conversations.into_iter().filter(|(_, slot)| slot.told));
    }

    /// Writes what changed.
    pub(super) fn save(&self, db: &mut Db) -> Result<()> {
        let mut customers = Vec::new();
        for (customer, slot) in &self.customers {
            if let Some(bytes) = slot.changed()? {
                customers.push((customer.as_str(), slot.state.account_now().map(AccountId::as_str), bytes));
            }
        }
        let mut conversations = Vec::new();
        for ((customer, conversation), slot) in &self.conversations {
            if let Some(bytes) = slot.changed()? {
                conversations.push((customer.as_str(), conversation.as_str(), bytes));
            }
        }
        // On PostgreSQL each statement is a journey, and one that is as long as its rows takes long to read: one
        // statement with a list for each column.
        match db {
            Db::Sqlite(connection) => {
                for (customer, account, state) in customers {
                    let row = (c::customer_id.eq(customer), c::account_id.eq(account), c::state.eq(state));
                    diesel::replace_into(c::table).values(row).execute(connection)?;
                }
                for (customer, conversation, state) in conversations {
                    let row = (
                        v::customer_id.eq(customer),
                        v::conversation_id.eq(conversation),
                        v::state.eq(state),
                    );
                    diesel::replace_into(v::table).values(row).execute(connection)?;
                }
            }
            Db::Postgres(connection) => {
                if !customers.is_empty() {
                    let (ids, accounts, states): (Vec<_>, Vec<_>, Vec<_>) = customers.into_iter().collect();
                    sql_query(
                        "INSERT INTO customers (customer_id, account_id, state) SELECT * FROM unnest($1, $2, $3) \
                         ON CONFLICT (customer_id) DO UPDATE \
                         SET account_id = excluded.account_id, state = excluded.state",
                    )
                    .bind::<Array<Text>, _>(ids)
                    .bind::<Array<Nullable<Text>>, _>(accounts)
                    .bind::<Array<Binary>, _>(states)
                    .execute(connection)?;
                }
                if !conversations.is_empty() {
                    let (customers, ids, states): (Vec<_>, Vec<_>, Vec<_>) =
                        conversations.into_iter().collect();
                    sql_query(
                        "INSERT INTO conversations (customer_id, conversation_id, state) \
                         SELECT * FROM unnest($1, $2, $3) \
                         ON CONFLICT (customer_id, conversation_id) DO UPDATE SET state = excluded.state",
                    )
                    .bind::<Array<Text>, _>(customers)
                    .bind::<Array<Text>, _>(ids)
                    .bind::<Array<Binary>, _>(states)
                    .execute(connection)?;
                }
            }
        }
        self.save_assignments(db)
    }

    fn save_assignments(&self, db: &mut Db) -> Result<()> {
        let (mut new, mut earlier) = (Vec::new(), Vec::new());
        for (key, was_known) in &self.reassigned {
            let Some(assignment) = self.assignment(&key.0, &key.1) else { continue };
            let (customer, conversation) = assignment.new.first.clone().unzip();
            let attributes = assignment.new.attributes.as_ref().map(serde_json::to_string).transpose();
            let attributes = attributes.map_err(|error| StorageError::corrupt("attributes", error))?;
            let rows = if *was_known { &mut earlier } else { &mut new };
            rows.push((
                a::experiment.eq(key.0.as_str()),
                a::unit_id.eq(key.1.as_str()),
                a::cohort.eq(assignment.cohort.as_str()),
                a::assigned_at.eq(assignment.told.at.ms()),
                a::told_source.eq(assignment.told.source.as_str()),
                a::told_id.eq(assignment.told.id.as_str()),
                a::first_customer.eq(customer.map(|id| id.as_str().to_owned())),
                a::first_conversation.eq(conversation.map(|id| id.as_str().to_owned())),
                a::attributes.eq(attributes),
            ));
        }
        insert_rows!(db, a::table, new);
        // The cohort is not among what may change.
        for row in &earlier {
            per_backend!(db, |connection| diesel::insert_into(a::table)
                .values(row)
                .on_conflict((a::experiment, a::unit_id))
                .do_update()
                .set((
                    a::assigned_at.eq(excluded(a::assigned_at)),
                    a::told_source.eq(excluded(a::told_source)),
                    a::told_id.eq(excluded(a::told_id)),
                    a::first_customer.eq(excluded(a::first_customer)),
                    a::first_conversation.eq(excluded(a::first_conversation)),
                    a::attributes.eq(excluded(a::attributes)),
                ))
                .execute(connection))?;
        }
        Ok(())
    }
}
