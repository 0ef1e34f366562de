//! Deciding with the record: reads what is known, asks the pure `domain::assignment::decide`, and keeps what
//! is new.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db,
    error::{Result, StorageError},
    fold::{decode, id},
    ledger::{self, Entry, Told},
    random::hex32,
    schema::{assignments as a, conversations as v, customers as c},
};
use crate::domain::{
    assignment::{Decision, Recorded, RecordedAssignment, Request, Snapshot, decide},
    conversation::Conversation,
    customer::Customer,
    event::{Decided, Event, Fact},
    event_json::OWN_SOURCE,
    ids::{AccountId, ConversationId, CustomerId, EventId, Source},
    time::Moment,
};

/// What is recorded of a customer, of the account that it is said to belong to (and of the recorded one), and
/// of a conversation.
pub fn recorded(
    db: &mut Db,
    customer: &CustomerId,
    account: Option<&AccountId>,
    conversation: Option<&ConversationId>,
) -> Result<Recorded> {
    let bytes: Option<Vec<u8>> = c::table.find(customer.as_str()).select(c::state).first(db).optional()?;
    let known = bytes.is_some();
    let state: Customer = bytes.map(|bytes| decode("a customer", &bytes)).transpose()?.unwrap_or_default();
    let recorded_account = state.account_now();
    let mut units = vec![customer.as_str()];
    units.extend(account.map(AccountId::as_str));
    units.extend(recorded_account.map(AccountId::as_str));
    let rows: Vec<(String, String, String)> = a::table
        .filter(a::unit_id.eq_any(units))
        .order((a::experiment, a::unit_id))
        .select((a::experiment, a::unit_id, a::cohort))
        .load(db)?;
    let assignments = rows
        .into_iter()
        .map(|(experiment, unit, cohort)| {
            Ok(RecordedAssignment {
                experiment: id("an experiment", &experiment)?,
                unit: id("a unit", &unit)?,
                cohort: id("a cohort", &cohort)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let promise = match conversation {
        None => None,
        Some(conversation) => {
            let key = (customer.as_str(), conversation.as_str());
            let bytes: Option<Vec<u8>> = v::table.find(key).select(v::state).first(db).optional()?;
            let state: Option<Conversation> =
                bytes.map(|bytes| decode("a conversation", &bytes)).transpose()?;
            state.and_then(|state| state.promise.get().map(|(_, promise)| promise.clone()))
        }
    };
    Ok(Recorded {
        known,
        account: recorded_account.cloned(),
        attributes: state.attributes_now(),
        assignments,
        promise,
    })
}

/// What a request's decision goes by, as recorded.
pub fn recorded_for(db: &mut Db, request: &Request) -> Result<Recorded> {
    let conversation = request.conversation.as_ref().map(|conversation| &conversation.id);
    recorded(db, &request.customer.id, request.customer.account.as_ref(), conversation)
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
