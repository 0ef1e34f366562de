//! Fills a database with a simulated experiment, by the ways of a real one: definitions are put and started,
//! requests are decided by `domain::assignment`, and every decision and event is appended to the ledger.

use std::sync::Arc;

use crate::{
    domain::{
        assignment::{Reply, Request, Snapshot, SnapshotError},
        calendar::{Calendar, CalendarError},
        event::{Event, Fact},
        event_json::Entry,
        experiment::{Experiment, Move},
        feed::Feed,
        ids::Source,
        log::Act,
        time::Moment,
    },
    simulation::{self, Memory, Platform, Tally, World, published},
    storage::{
        StorageError, Store, calendars, experiments,
        feeds::{self, Arrived},
        ledger::{self, Told},
    },
};

/// The seed of the demo's world, chosen for a clear story. The figures are drawn honestly from
/// [`simulation::Effects::PUBLISHED`]: of the seeds 1 to 16, thirteen end in `ship` and three (5, 10, 16), where
/// the ratings happened to fall worse, in `no_clear_answer`; this one lies near the truth in every metric.
pub const SEED: u64 = 2;

/// Who is named in the log of the demo's experiment.
const WHO: &str = "demo";

/// What somebody noted while it ran, and on which day of it: nothing that the simulated desk's customers feel.
const NOTE: (i64, &str) = (37, "Chat macros refreshed, for both levels alike");

/// How many entries are appended in one transaction: about a day of the desk.
const BATCH: usize = 2_000;

/// Why the database could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database did not take it.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The desk said something that is no event, or the ledger refused it.
    #[error("the simulated desk told what the ledger does not take: {0}")]
    Refused(String),
    /// The definition does not compile.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The calendar does not compile.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// The demo's clock: an hour after the planned end, when the last reply has long been told.
pub fn clock(world: &World) -> Moment {
    world.ends_at() + simulation::hours(1.0)
}

/// The experiment's salt: it hangs on the seed, so that the same seed gives the same cohorts.
pub fn salt(world: &World) -> String {
    format!("simulated world {}", world.seed)
}

/// Lives a world against a database: defines and starts its experiment, and appends everything that the desk
/// asks and tells. `progress` is called now and then with the share of the time that has passed.
///
/// The database should be empty: what an earlier filling left is told again as duplicates or contradicts.
pub fn fill(
    store: &Store,
    world: &World,
    mut progress: impl FnMut(f64),
) -> Result<(Experiment, Tally), DemoError> {
    let experiment = define(store, world)?;
    let office = Calendar::new(published::office_hours(world))?;
    let snapshot = Snapshot::new([experiment.clone()], [office])?;
    let (from, to) = (world.history_from(), world.ends_at());
    let mut desk = Filling {
        store,
        memory: Memory::new(snapshot),
        batch: Vec::with_capacity(BATCH),
        received: from,
        progress: &mut |now: Moment| progress((now - from).hours() / (to - from).hours()),
    };
    let tally = simulation::run(world, &mut desk)?;
    desk.append()?;
    Ok((experiment, tally))
}

/// Puts the calendar and the experiment, and starts it on its first day.
fn define(store: &Store, world: &World) -> Result<Experiment, StorageError> {
    let world = world.clone();
    store.write(move |db| {
        let definition = published::definition(&world);
        let started = world.starts_at();
        let defined = started.plus_days(-14);
        calendars::put(db, &published::office_hours(&world), defined)?;
        experiments::put(db, &definition, defined, WHO)?;
        experiments::set_salt(db, &definition.key, &salt(&world))?;
        let units = Some(u64::from(world.customers));
        let (day, text) = NOTE;
        let experiment = experiments::advance(db, &definition.key, Move::Start, units, started, WHO)?;
        let noted = Act::Noted { text: text.to_owned(), of: None };
        experiments::note(db, &definition.key, started.plus_days(day), WHO, &noted)?;
        Ok(experiment)
    })
}

/// Decides from memory, where what the database holds is mirrored, and appends in batches: the same decisions
/// as one by one, without a wait for the disk at each.
struct Filling<'a> {
    store: &'a Store,
    memory: Memory,
    batch: Vec<Entry>,
    received: Moment,
    progress: &'a mut dyn FnMut(Moment),
}

impl Filling<'_> {
    fn keep(&mut self, event: &Event) -> Result<(), DemoError> {
        // What is told on one day is received on it.
        if event.occurred_at.day() > self.received.day() && !self.batch.is_empty() {
            self.append()?;
        }
        self.received = self.received.max(event.occurred_at);
        let entry = Entry::try_from(event).map_err(|rejection| DemoError::Refused(rejection.detail))?;
        self.batch.push(entry);
        if self.batch.len() == BATCH { self.append() } else { Ok(()) }
    }

    fn append(&mut self) -> Result<(), DemoError> {
        let batch = Arc::new(std::mem::take(&mut self.batch));
        let received = self.received;
        let told: Vec<Told> = self.store.write(move |db| -> Result<_, StorageError> {
            let told = ledger::append(db, &batch, received)?;
            if let Some((source, arrived)) = from_desk(&batch, &told) {
                feeds::record(db, source, &arrived, &[], received)?;
            }
            Ok(told)
        })?;
        (self.progress)(received);
        match told.into_iter().find_map(|told| if let Told::Rejected(why) = told { Some(why) } else { None })
        {
            Some(why) => Err(DemoError::Refused(why)),
            None => Ok(()),
        }
    }
}

/// What of a batch the desk told (decisions are ours), for the page that shows what arrived.
fn from_desk<'a>(batch: &'a [Entry], told: &[Told]) -> Option<(&'a Source, Arrived)> {
    let desk = |entry: &&Entry| !matches!(entry.event.fact, Fact::AssignmentDecided(_));
    let source = &batch.iter().find(desk)?.event.source;
    let mut arrived = Arrived::default();
    for (entry, told) in batch.iter().zip(told).filter(|(entry, _)| desk(entry)) {
        let event = std::slice::from_ref(&entry.event);
        match told {
            Told::Accepted => arrived.count(event, |counts| &mut counts.accepted),
            Told::Duplicate => arrived.count(event, |counts| &mut counts.duplicates),
            Told::Rejected(_) => arrived.refuse(Feed::of(&entry.event.fact)),
        }
    }
    Some((source, arrived))
}

impl Platform for Filling<'_> {
    type Error = DemoError;

    fn assign(&mut self, request: &Request, now: Moment) -> Result<Reply, DemoError> {
        let (reply, event) = self.memory.decide(request, now);
        if let Some(event) = event {
            self.keep(&event)?;
        }
        Ok(reply)
    }

    fn tell(&mut self, event: Event) -> Result<(), DemoError> {
        // A decision goes by the customer's attributes and by earlier decisions, by nothing else.
        if matches!(event.fact, Fact::CustomerUpdated { .. }) {
            self.memory.apply(&event);
        }
        self.keep(&event)
    }
}
