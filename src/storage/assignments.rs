//! Deciding with the record: reads what is known, asks the pure `domain::assignment::decide`, and keeps what
//! is new.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db, Store,
    error::{Result, StorageError},
    fold::{decode, id},
    ledger::{self, Entry, Told},
    memory::{Known, KnownCustomer},
    random::hex32,
    schema::conversations as v,
};
use crate::domain::{
    assignment::{Decision, Recorded, RecordedAssignment, Request, RequestedCustomer, Snapshot, decide},
    conversation::{Conversation, Promise},
    event::{Decided, Event, Fact},
    event_json::OWN_SOURCE,
    ids::{AccountId, ConversationId, CustomerId, EventId, Source, UnitId},
    time::Moment,
};

/// What a request's decision goes by, as recorded: of the customer, of the account that it is said to belong to
/// and of the recorded one, and of the conversation.
pub fn recorded_for(db: &mut Db, request: &Request) -> Result<Recorded> {
    let customer = &request.customer;
    let own = Known::read(db, customer.id.as_str())?;
    let recorded = compose(customer, own, |account| Known::read(db, account.as_str()))?;
    let promise = match &request.conversation {
        Some(conversation) => promise(db, &customer.id, &conversation.id)?,
        None => None,
    };
    Ok(Recorded { promise, ..recorded })
}

/// What was told for a conversation.
fn promise(db: &mut Db, customer: &CustomerId, conversation: &ConversationId) -> Result<Option<Promise>> {
    let key = (customer.as_str(), conversation.as_str());
    let bytes: Option<Vec<u8>> = v::table.find(key).select(v::state).first(db).optional()?;
    let state: Option<Conversation> = bytes.map(|bytes| decode("a conversation", &bytes)).transpose()?;
    Ok(state.and_then(|state| state.promise.get().map(|(_, promise)| promise.clone())))
}

/// What a request's decision goes by, put together from what is known of its units.
pub(super) fn compose(
    customer: &RequestedCustomer,
    own: Known,
    mut of_account: impl FnMut(&AccountId) -> Result<Known>,
) -> Result<Recorded> {
    let of = |unit: UnitId, known: Known| {
        known.assignments.into_iter().map(move |(experiment, cohort)| RecordedAssignment {
            experiment,
            unit: unit.clone(),
            cohort,
        })
    };
    let known = own.customer.is_some();
    let KnownCustomer { account, attributes } = own.customer.clone().unwrap_or_default();
    let mut assignments: Vec<_> = of(UnitId::from(&customer.id), own).collect();
    // An id may name a customer and an account: its cohorts are those of one unit.
    let other = |id: &&AccountId| id.as_str() != customer.id.as_str();
    let asked = customer.account.as_ref();
    let accounts = asked.into_iter().chain(account.as_ref().filter(|account| asked != Some(*account)));
    for account in accounts.filter(other) {
        assignments.extend(of(UnitId::from(account), of_account(account)?));
    }
    Ok(Recorded { known, account, attributes, assignments, promise: None })
}

impl Store {
    /// What a decision about a customer goes by, conversations apart, where all of it is remembered. `accounts`:
    /// whether some experiment assigns accounts.
    pub fn remembered(&self, customer: &RequestedCustomer, accounts: bool) -> Option<Recorded> {
        let own = self.memory().get(customer.id.as_str()).filter(|own| own.customer.is_some())?;
        let of_account = |account: &AccountId| match self.memory().get(account.as_str()) {
            Some(known) => Ok(known),
            None if !accounts => Ok(Known::default()),
            None => Err(StorageError::unknown("account", account)),
        };
        compose(customer, own, of_account).ok()
    }

    /// The same as it is in the database now, remembered from then on. Blocks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recall(&self, customer: &RequestedCustomer, accounts: bool) -> Result<Recorded> {
        // What is said of an account is its cohorts: that there are none is worth keeping. Of a customer that
        // nobody told anything of there is nothing to keep: any event may make it known.
        let read = |id: &str, is_worth_keeping: fn(&Known) -> bool| {
            let version = self.memory().version(id);
            let known = self.read(|db| Known::read(db, id))?;
            if is_worth_keeping(&known) {
                self.memory().keep(id, version, &known)?;
            }
            Ok(known)
        };
        let of_account = |account: &AccountId| match accounts {
            true => read(account.as_str(), |_| true),
            false => Ok(Known::default()),
        };
        compose(customer, read(customer.id.as_str(), |own| own.customer.is_some())?, of_account)
    }
}

/// Decides a request and records what is new, within one write: two requests for one unit cannot both be
/// the first.
pub fn decide_and_record(
    db: &mut Db,
    snapshot: &Snapshot,
    request: &Request,
    now: Moment,
) -> Result<Decision> {
    let recorded = recorded_for(db, request)?;
    let decision = decide(snapshot, request, &recorded, now);
    if let Some(decided) = &decision.record {
        record(db, decided.clone(), now)?;
    }
    Ok(decision)
}

/// Appends a decision to the ledger, under an id of its own.
fn record(db: &mut Db, decided: Decided, now: Moment) -> Result<()> {
    let event = Event {
        source: id::<Source>("our source", OWN_SOURCE)?,
        id: id::<EventId>("our id", &hex32()?)?,
        occurred_at: now,
        fact: Fact::AssignmentDecided(Box::new(decided)),
    };
    let entry = Entry::try_from(&event)
        .map_err(|rejection| StorageError::corrupt("a decision of our own", rejection.detail))?;
    match ledger::append(db, &[entry], now)?.pop() {
        Some(Told::Accepted) => Ok(()),
        // The record was read in this very transaction.
        other => Err(StorageError::corrupt("a decision of our own", format!("{other:?}"))),
    }
}
