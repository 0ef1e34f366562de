//! Deciding with the record: reads what is known, asks the pure `domain::assignment::decide`, and keeps what
//! is new.

use std::{
    collections::{BTreeSet, HashMap},
    slice,
    sync::Arc,
};

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};

use super::{
    Db, Store,
    error::{Result, StorageError},
    fold::{Fold, decode, id},
    ledger::{self, Entry},
    memory::{Known, KnownCustomer, Wanted, cohorts_of},
    own_ids, revision,
    schema::conversations as v,
};
use crate::domain::{
    assignment::{Decision, Recorded, RecordedAssignment, Request, RequestedCustomer, Snapshot, decide},
    conversation::{Conversation, Promise},
    customer::Customer,
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
    let known = own.customer.is_some();
    let KnownCustomer { account, attributes } = own.customer.unwrap_or_default();
    let mut assignments = own.assignments;
    // An id may name a customer and an account: its cohorts are those of one unit.
    let other = |id: &&AccountId| id.as_str() != customer.id.as_str();
    let asked = customer.account.as_ref();
    let accounts = asked.into_iter().chain(account.as_ref().filter(|account| asked != Some(*account)));
    for account in accounts.filter(other) {
        assignments.extend(of_account(account)?.assignments);
    }
    Ok(Recorded { known, account, attributes, assignments, promise: None })
}

impl Store {
    /// What a decision about a customer goes by, conversations apart, where all of it is remembered. `accounts`:
    /// whether some experiment assigns accounts.
    pub fn remembered(&self, customer: &RequestedCustomer, accounts: bool) -> Option<Recorded> {
        self.remembered_of(customer, accounts, Wanted::All)
    }

    /// The same without attributes, of all experiments.
    pub fn cohorts_remembered(&self, customer: &RequestedCustomer) -> Option<Recorded> {
        self.remembered_of(customer, true, Wanted::Cohorts)
    }

    fn remembered_of(
        &self,
        customer: &RequestedCustomer,
        accounts: bool,
        wanted: Wanted,
    ) -> Option<Recorded> {
        let own = self.memory().get(customer.id.as_str(), wanted).filter(|own| own.customer.is_some())?;
        let of_account = |account: &AccountId| match self.memory().get(account.as_str(), Wanted::Cohorts) {
            Some(known) => Ok(known),
            None if !accounts => Ok(Known::default()),
            None => Err(StorageError::unknown("account", account)),
        };
        compose(customer, own, of_account).ok()
    }

    /// The same of customers as they are in the database now, remembered from then on: all of them in one read, and
    /// their accounts in another. One that cannot be read does not fail the others. Blocks.
    pub fn recall(&self, customers: &[RequestedCustomer], accounts: bool) -> Vec<Result<Recorded>> {
        let read = |customers: &[RequestedCustomer]| {
            self.recall_by(customers, accounts, |ids| self.read(|db| Known::read_all(db, ids)))
        };
        match read(customers) {
            Ok(all) => all.into_iter().map(Ok).collect(),
            Err(StorageError::Corrupt(_)) if customers.len() > 1 => {
                let (one, other) = customers.split_at(customers.len() / 2);
                [self.recall(one, accounts), self.recall(other, accounts)].concat()
            }
            Err(error) => vec![Err(error); customers.len()],
        }
    }

    /// The same of one where it takes no longer than to hand it to another thread, which may block: a few rows of a file.
    /// None where a server would have to be asked, or no connection is free.
    pub fn recall_at_once(&self, customer: &RequestedCustomer, accounts: bool) -> Option<Result<Recorded>> {
        let recalled = self.recall_by(slice::from_ref(customer), accounts, |ids| {
            self.read_at_once(|db| Known::read_all(db, ids)).unwrap_or(Err(StorageError::Busy))
        });
        match recalled {
            Err(StorageError::Busy) => None,
            recalled => recalled.map(|mut all| all.pop()).transpose(),
        }
    }

    fn recall_by(
        &self,
        customers: &[RequestedCustomer],
        accounts: bool,
        by: impl Fn(&BTreeSet<&str>) -> Result<HashMap<String, Known>>,
    ) -> Result<Vec<Recorded>> {
        // What is said of an account is its cohorts: that there are none is worth keeping. Of a customer that
        // nobody told anything of there is nothing to keep: any event may make it known.
        let read = |ids: BTreeSet<&str>, is_worth_keeping: fn(&Known) -> bool| {
            if ids.is_empty() {
                return Ok(HashMap::new());
            }
            let versions: Vec<_> = ids.iter().map(|id| (*id, self.memory().version(id))).collect();
            let all = by(&ids)?;
            for (id, version) in versions {
                if let Some(known) = all.get(id).filter(|known| is_worth_keeping(known)) {
                    self.memory().keep(id, version, known)?;
                }
            }
            Ok::<_, StorageError>(all)
        };
        let own = read(customers.iter().map(|customer| customer.id.as_str()).collect(), |own| {
            own.customer.is_some()
        })?;
        let mut of_accounts = HashMap::new();
        if accounts {
            let recorded = own.values().filter_map(|known| known.customer.as_ref()?.account.as_ref());
            let asked = customers.iter().filter_map(|customer| customer.account.as_ref());
            of_accounts = read(recorded.chain(asked).map(AccountId::as_str).collect(), |_| true)?;
        }
        let known = |all: &HashMap<String, Known>, id: &str| all.get(id).cloned().unwrap_or_default();
        let composed = customers.iter().map(|customer| {
            let own = known(&own, customer.id.as_str());
            compose(customer, own, |account| Ok(known(&of_accounts, account.as_str())))
        });
        composed.collect()
    }
}

/// A request that is to be decided and recorded, and the definitions to decide by.
#[derive(Debug, Clone)]
pub struct PendingDecision {
    /// The request.
    pub request: Request,
    /// When it came.
    pub now: Moment,
    /// The definitions of [`PendingDecision::revision`], compiled.
    pub snapshot: Arc<Snapshot>,
    /// What is recorded for ever is decided by the definitions in force when it is: another experiment of the layer
    /// may have started, or this one stopped, since the snapshot was made. Then it is made anew.
    pub revision: i64,
    /// Makes it anew.
    pub anew: fn(&mut Db) -> Result<Snapshot>,
}

/// Decides requests that wait together, each by what those before it leave on record.
pub(super) fn decide_together(db: &mut Db, all: &[&PendingDecision]) -> Result<Vec<Decision>> {
    let revision = revision::get(db)?;
    let anew = match all.iter().find(|asked| asked.revision != revision) {
        Some(asked) => Some((asked.anew)(db)?),
        None => None,
    };
    let in_force = |asked: &PendingDecision| asked.revision == revision;
    let all: Vec<_> = all
        .iter()
        .map(|asked| {
            let anew = anew.as_ref().filter(|_| !in_force(asked));
            (anew.unwrap_or(&asked.snapshot), &asked.request, asked.now)
        })
        .collect();
    decide_in_turn(db, &all)
}

/// Decides a request and records what is new, within one write: two requests for one unit cannot both be
/// the first.
pub fn decide_and_record(
    db: &mut Db,
    snapshot: &Snapshot,
    request: &Request,
    now: Moment,
) -> Result<Decision> {
    let decision = decide_in_turn(db, &[(snapshot, request, now)])?.pop();
    decision.ok_or_else(|| StorageError::corrupt("a decision of our own", "there is none"))
}

/// What many need is read by one query and written by one statement: that is most of the cost of deciding.
fn decide_in_turn(db: &mut Db, all: &[(&Snapshot, &Request, Moment)]) -> Result<Vec<Decision>> {
    let mut fold = Fold::default();
    for (_, request, _) in all {
        let conversation = request.conversation.as_ref().map(|conversation| &conversation.id);
        fold.want(&request.customer.id, conversation);
    }
    fold.load_wanted(db)?;
    let mut units = BTreeSet::new();
    for (_, Request { customer, .. }, _) in all {
        let recorded = fold.customer(&customer.id).and_then(Customer::account_now);
        units.insert(UnitId::from(&customer.id));
        units.extend(customer.account.iter().chain(recorded).map(UnitId::from));
    }
    let mut cohorts = cohorts_of(db, &units)?;

    let mut decisions = Vec::with_capacity(all.len());
    let mut entries = Vec::new();
    for (snapshot, request, now) in all {
        let decision = decide(snapshot, request, &as_folded(&fold, &cohorts, request), *now);
        if let Some(decided) = &decision.record {
            for new in &decided.assigned {
                cohorts.entry(new.unit.clone()).or_default().push(RecordedAssignment {
                    experiment: new.experiment.clone(),
                    unit: new.unit.clone(),
                    cohort: new.cohort.clone(),
                });
            }
            let entry = entry(decided.clone(), *now)?;
            fold.assign(&entry.event, &HashMap::new());
            fold.apply(&entry.event);
            entries.push(entry);
        }
        decisions.push(decision);
    }
    if let Some(received) = all.iter().map(|(_, _, now)| *now).max()
        && !entries.is_empty()
    {
        ledger::append_own(db, &entries, &fold, received)?;
    }
    Ok(decisions)
}

/// What a request's decision goes by: as a fold has it, and these cohorts.
fn as_folded(fold: &Fold, cohorts: &HashMap<UnitId, Vec<RecordedAssignment>>, request: &Request) -> Recorded {
    let id = &request.customer.id;
    let customer = fold.customer(id);
    let account = customer.and_then(Customer::account_now);
    let asked = request.customer.account.as_ref();
    let mut units = vec![UnitId::from(id)];
    units.extend(asked.into_iter().chain(account).map(UnitId::from));
    units.dedup();
    let held = units.iter().filter_map(|unit| cohorts.get(unit)).flatten().cloned();
    let promise = request.conversation.as_ref().and_then(|conversation| {
        let (_, promise) = fold.conversation(id, &conversation.id)?.promise.get()?;
        Some(promise.clone())
    });
    Recorded {
        known: fold.knows(id),
        account: account.cloned(),
        attributes: customer.map(Customer::attributes_now).unwrap_or_default(),
        assignments: held.collect(),
        promise,
    }
}

/// A decision as an event, under an id of its own.
fn entry(decided: Decided, now: Moment) -> Result<Entry> {
    let event = Event {
        source: id::<Source>("our source", OWN_SOURCE)?,
        id: id::<EventId>("our id", &own_ids::new(now)?)?,
        occurred_at: now,
        fact: Fact::AssignmentDecided(Box::new(decided)),
    };
    Entry::try_from(&event)
        .map_err(|rejection| StorageError::corrupt("a decision of our own", rejection.detail))
}
