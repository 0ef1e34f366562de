//! What decisions go by, remembered, so that asking about a customer again costs no database.
//!
//! One entry holds all that is recorded under one id: the customer that has it, and the cohorts of the unit that
//! has it. An entry counts only as long as nothing was told of its id since it was read. That is seen by
//! following the ledger, where everything that a decision goes by is told first: the writer follows it after each
//! commit and before it answers, so within one process nobody hears of a change that a later decision misses; and
//! whoever keeps a server fresh follows it for what other processes told ([`Memory::follow`]).

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use arc_swap::ArcSwap;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use quick_cache::{Weighter, sync::Cache};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    Db,
    error::Result,
    fold::{decode, encode, id},
    ledger,
    schema::{assignments as a, customers as c, ledger as l},
    versions::Versions,
};
use crate::domain::{
    assignment::RecordedAssignment,
    customer::Customer,
    event::{Attributes, EventType},
    ids::{AccountId, CohortKey, ExperimentKey, UnitId},
};

/// What all entries together may weigh, in bytes: about a million customers with two attributes.
const CAPACITY: u64 = 192 << 20;

/// What an entry weighs beside its key and its bytes: the cache's own and the allocator's share.
const OVERHEAD: u64 = 112;

/// An id shares its count of changes with one in so many others.
const COUNTERS: usize = 1 << 20;

/// What is recorded under one id.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Known {
    /// The customer that has this id, if one was heard of.
    pub(super) customer: Option<KnownCustomer>,
    /// The cohorts of the unit that has this id, by experiment.
    pub(super) assignments: Vec<RecordedAssignment>,
}

/// What a decision goes by of a customer, as it is now.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct KnownCustomer {
    pub(super) account: Option<AccountId>,
    pub(super) attributes: Attributes,
}

impl Known {
    /// Reads what is recorded under an id.
    pub(super) fn read(db: &mut Db, of: &str) -> Result<Self> {
        Ok(Self::read_all(db, &BTreeSet::from([of]))?.remove(of).unwrap_or_default())
    }

    /// Reads what is recorded under each of some ids; nothing, too.
    pub(super) fn read_all(db: &mut Db, ids: &BTreeSet<&str>) -> Result<HashMap<String, Self>> {
        let mut states: Vec<(String, Vec<u8>)> = Vec::new();
        match db {
            Db::Sqlite(connection) => {
                for of in ids {
                    let state = c::table.find(of).select((c::customer_id, c::state));
                    states.extend(state.first(connection).optional()?);
                }
            }
            Db::Postgres(connection) => {
                let of_ids = c::table.filter(c::customer_id.eq_any(ids));
                states = of_ids.select((c::customer_id, c::state)).load(connection)?;
            }
        }
        let mut all: HashMap<String, Self> = HashMap::with_capacity(ids.len());
        for (of, bytes) in states {
            let state: Customer = decode("a customer", &bytes)?;
            let account = state.account_now().cloned();
            let customer = Some(KnownCustomer { account, attributes: state.attributes_now() });
            all.insert(of, Self { customer, assignments: Vec::new() });
        }
        let units: Result<BTreeSet<UnitId>> = ids.iter().map(|of| id("a unit", of)).collect();
        let mut cohorts = cohorts_of(db, &units?)?;
        for of in ids {
            let known = all.entry((*of).to_owned()).or_default();
            known.assignments = cohorts.remove(*of).unwrap_or_default();
        }
        Ok(all)
    }
}

/// The cohorts that units have on record, in the order of their experiments. No more is read of an assignment: SQLite has
/// this in its index.
pub(super) fn cohorts_of(
    db: &mut Db,
    units: &BTreeSet<UnitId>,
) -> Result<HashMap<UnitId, Vec<RecordedAssignment>>> {
    let columns = (a::unit_id, a::experiment, a::cohort);
    let mut rows: Vec<(String, String, String)> = Vec::new();
    match db {
        Db::Sqlite(connection) => {
            for unit in units {
                let of_unit =
                    a::table.filter(a::unit_id.eq(unit.as_str())).order(a::experiment).select(columns);
                rows.append(&mut of_unit.load(connection)?);
            }
        }
        Db::Postgres(connection) => {
            let units: Vec<&str> = units.iter().map(UnitId::as_str).collect();
            let of_units = a::table.filter(a::unit_id.eq_any(units)).order(a::experiment);
            rows = of_units.select(columns).load(connection)?;
        }
    }
    let mut cohorts: HashMap<UnitId, Vec<RecordedAssignment>> = HashMap::new();
    for (unit, experiment, cohort) in rows {
        let unit: UnitId = id("a unit", &unit)?;
        let (experiment, cohort) = (id("an experiment", &experiment)?, id("a cohort", &cohort)?);
        cohorts.entry(unit.clone()).or_default().push(RecordedAssignment { experiment, unit, cohort });
    }
    Ok(cohorts)
}

/// An entry as it is kept: the count of its id's changes when it was read, and [`Packed`] as MessagePack.
type Kept = (u32, Arc<[u8]>);

/// [`Known`] with experiments and cohorts by their place among the names.
#[derive(Serialize, Deserialize)]
struct Packed<C> {
    customer: Option<C>,
    assignments: Vec<usize>,
}

/// [`KnownCustomer`] where its attributes are passed over.
type Passing = (Option<AccountId>, IgnoredAny);

/// What is wanted of what is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// Cohorts and the account: to read attributes takes longer than all the rest.
    Cohorts,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<str>, Kept> for Weight {
    fn weight(&self, key: &Box<str>, (_, bytes): &Kept) -> u64 {
        OVERHEAD + (key.len() + bytes.len()) as u64
    }
}

fn unpack<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}

/// See the module.
pub(super) struct Memory {
    entries: Cache<Box<str>, Kept, Weight>,
    versions: Versions,
    /// Every cohort that an entry names; there are few, and none is ever taken away.
    names: ArcSwap<Vec<(ExperimentKey, CohortKey)>>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} entries)", self.entries.len())
    }
}

/// The kinds of events that decisions go by ([`EventType::bears_on_decisions`]).
const KINDS: [&str; 3] = [EventType::CustomerUpdated.as_str(), EventType::CohortAssigned.as_str(), DECIDED];
const DECIDED: &str = EventType::AssignmentDecided.as_str();

/// After more entries at once everything is forgotten: to read them would take memory without bound. More than the largest
/// batch of a bulk load has; fewer in debug builds, so that tests meet it.
const MANY: i64 = if cfg!(debug_assertions) { 500 } else { 100_000 };

/// The account that an event tells of. What it tells else may be anything.
#[derive(Deserialize)]
struct OfAccount<'a> {
    #[serde(borrow)]
    account_id: Option<Cow<'a, str>>,
}

/// The account and the units that a decision of ours tells of.
#[derive(Deserialize)]
struct OfDecision<'a> {
    #[serde(borrow)]
    account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    assigned: Vec<OfUnit<'a>>,
}

#[derive(Deserialize)]
struct OfUnit<'a> {
    #[serde(borrow)]
    unit: Cow<'a, str>,
}

impl Memory {
    /// Remembers nothing yet; follows the ledger from where it is.
    pub(super) fn new(db: &mut Db) -> Result<Self> {
        Ok(Self {
            entries: Cache::with_weighter(1024, CAPACITY, Weight),
            versions: Versions::new(COUNTERS, ledger::position(db)?),
            names: ArcSwap::default(),
        })
    }

    /// What is recorded under an id, if that is remembered.
    pub(super) fn get(&self, of: &str, wanted: Wanted) -> Option<Known> {
        let (version, bytes) = self.entries.get(of)?;
        if version != self.version(of) {
            return None;
        }
        let (customer, assignments) = match wanted {
            Wanted::All => {
                let Packed { customer, assignments } = unpack(&bytes)?;
                (customer, assignments)
            }
            Wanted::Cohorts => {
                let Packed::<Passing> { customer, assignments } = unpack(&bytes)?;
                let customer =
                    customer.map(|(account, _)| KnownCustomer { account, ..KnownCustomer::default() });
                (customer, assignments)
            }
        };
        let (unit, names) = (UnitId::new(of).ok()?, self.names.load());
        let mut recorded = Vec::with_capacity(assignments.len());
        for place in assignments {
            let (experiment, cohort) = names.get(place)?.clone();
            recorded.push(RecordedAssignment { experiment, unit: unit.clone(), cohort });
        }
        Some(Known { customer, assignments: recorded })
    }

    /// How often an id has changed, or one that shares its counter. Ask before a read of what is to be kept
    /// begins.
    pub(super) fn version(&self, of: &str) -> u32 {
        self.versions.of(of)
    }

    /// Keeps what was read under an id.
    pub(super) fn keep(&self, of: &str, version: u32, known: &Known) -> Result<()> {
        let assignments = known.assignments.iter().map(|record| self.place_of(record)).collect();
        let packed = encode(&Packed { customer: known.customer.clone(), assignments })?;
        self.entries.insert(of.into(), (version, packed.into()));
        Ok(())
    }

    fn place_of(&self, RecordedAssignment { experiment, cohort, .. }: &RecordedAssignment) -> usize {
        let find = |names: &[(ExperimentKey, CohortKey)]| {
            names.iter().position(|known| (&known.0, &known.1) == (experiment, cohort))
        };
        if let Some(place) = find(&self.names.load()) {
            return place;
        }
        let mut place = 0;
        self.names.rcu(|names| {
            let mut names = Vec::clone(names);
            place = find(&names).unwrap_or_else(|| {
                names.push((experiment.clone(), cohort.clone()));
                names.len() - 1
            });
            names
        });
        place
    }

    /// Counts everything as changed.
    pub(super) fn forget(&self) {
        self.versions.forget();
    }

    /// Counts the changes that were told since it was called last.
    ///
    /// # Errors
    /// The ledger cannot be read: then everything counts as changed.
    pub(super) fn follow(&self, db: &mut Db) -> Result<()> {
        self.versions.follow(|followed| self.count_changes(db, followed))
    }

    fn count_changes(&self, db: &mut Db, followed: i64) -> Result<i64> {
        let position = ledger::position(db)?;
        if position <= followed {
            // Not a step back: this reader may have begun before another one that followed already.
            return Ok(followed);
        }
        if position - followed > MANY {
            self.forget();
            return Ok(position);
        }
        let rows: Vec<(Option<String>, String, String)> = l::table
            .filter(l::seq.gt(followed))
            .filter(l::seq.le(position))
            .filter(l::kind.eq(KINDS[0]).or(l::kind.eq(KINDS[1])).or(l::kind.eq(KINDS[2])))
            .select((l::customer_id, l::kind, l::body))
            .load(db)?;
        for (customer, kind, body) in rows {
            if let Some(id) = customer {
                self.versions.changed(id.as_str());
            }
            if let Err(error) = self.count_told(&kind, &body) {
                // It has been taken in, and so it can be read; not as quickly. Nothing is gained by trying again.
                tracing::warn!(%error, "an event cannot be followed: all is read anew");
                self.forget();
            }
        }
        Ok(position)
    }

    fn count_told(&self, kind: &str, body: &str) -> serde_json::Result<()> {
        let account = if kind == DECIDED {
            let told: OfDecision = serde_json::from_str(body)?;
            told.assigned.iter().for_each(|assigned| self.versions.changed(&*assigned.unit));
            told.account_id
        } else {
            serde_json::from_str::<OfAccount>(body)?.account_id
        };
        if let Some(account) = account {
            self.versions.changed(&*account);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_decisions_go_by_is_followed() {
        let kinds: Vec<_> =
            EventType::all().filter(|kind| kind.bears_on_decisions()).map(EventType::as_str).collect();
        assert_eq!(kinds, KINDS);
    }
}
