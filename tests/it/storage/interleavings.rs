//! T21: the two places where threads meet without a lock around all of it, in as many orders of events as there is time
//! for: shuttle runs the same sources with its own threads, and decides at each meeting who goes on. It ends a run that
//! stands still, so that a waker that was lost is found, too.

mod sync {
    pub(super) use shuttle::sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    };
    pub(super) use std::sync::PoisonError;
}
#[allow(dead_code, reason = "some of it is for the shutdown of a process")]
#[path = "../../../src/storage/queue.rs"]
mod queue;
#[path = "../../../src/storage/versions.rs"]
mod versions;

use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};

use shuttle::thread::{self, JoinHandle};

use self::{
    queue::{Limits, Queue},
    sync::{AtomicU32, Mutex, Ordering, SyncSender, sync_channel},
    versions::Versions,
};
use crate::faults::tier;

/// By chance, and by few changes of priority, which finds what needs an order that chance seldom makes.
fn in_all_orders(run: fn()) {
    shuttle::check_random(run, tier(3000, 100_000));
    shuttle::check_pct(run, tier(3000, 100_000), 3);
}

/// What somebody asked to be written.
struct Work {
    number: u32,
    reply: SyncSender<u32>,
}

/// The one lock of a PostgreSQL that all its writers take turns by, and what was committed.
#[derive(Default)]
struct Database {
    turns: Mutex<()>,
    committed: Mutex<Vec<u32>>,
}

impl Database {
    fn commit(&self, group: &[Work]) {
        let _turn = self.turns.lock().unwrap();
        self.committed.lock().unwrap().extend(group.iter().map(|work| work.number));
    }
}

fn settle(database: &Database, group: Vec<Work>) {
    database.commit(&group);
    for work in group {
        // Whoever waited may have given up.
        let _ = work.reply.send(work.number);
    }
}

fn sit_down(queue: &Arc<Queue<Work>>, number: u64, database: &Arc<Database>) -> JoinHandle<()> {
    let (queue, database) = (Arc::clone(queue), Arc::clone(database));
    thread::spawn(move || queue.serve(number, |group| settle(&database, group)))
}

/// Three clients that write two things each, one who ends it all at any moment, and with `overdue` a seat that is taken
/// over whenever somebody sits at a transaction.
fn clients_and_a_queue(overdue: Option<Duration>) {
    let limits = Limits { waiting: 3, group: 2, overdue, lost: 2 };
    let (queue, database) = (Arc::new(Queue::new(limits)), Arc::new(Database::default()));
    let servers = Arc::new(Mutex::new(vec![sit_down(&queue, 0, &database)]));
    let clients: Vec<_> = (0..3)
        .map(|client| {
            let (queue, database, servers) =
                (Arc::clone(&queue), Arc::clone(&database), Arc::clone(&servers));
            thread::spawn(move || {
                let mut answered = BTreeSet::new();
                for number in [2 * client, 2 * client + 1] {
                    if let Some(next) = queue.take_over() {
                        servers.lock().unwrap().push(sit_down(&queue, next, &database));
                    }
                    let (reply, answer) = sync_channel(1);
                    if queue.submit(Work { number, reply })
                        && let Ok(told) = answer.recv()
                    {
                        assert_eq!(told, number);
                        assert!(
                            database.committed.lock().unwrap().contains(&number),
                            "told before it was durable"
                        );
                        assert!(answered.insert(number), "told twice");
                    }
                }
                answered
            })
        })
        .collect();
    let ends = thread::spawn({
        let queue = Arc::clone(&queue);
        move || {
            while !queue.stop() {
                thread::yield_now();
            }
        }
    });
    let answered: BTreeSet<u32> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    ends.join().unwrap();
    // Each leaves its seat: nobody waits for ever.
    loop {
        let server = servers.lock().unwrap().pop();
        let Some(server) = server else { break };
        server.join().unwrap();
    }
    let committed = database.committed.lock().unwrap().clone();
    let once: BTreeSet<u32> = committed.iter().copied().collect();
    assert_eq!(once.len(), committed.len(), "written twice");
    assert_eq!(once, answered, "written, and nobody was told");
}

#[test]
fn a_queue_tells_each_once_and_only_what_is_durable() {
    in_all_orders(|| clients_and_a_queue(None));
}

#[test]
fn a_seat_that_is_taken_over_at_any_moment_loses_and_doubles_nothing() {
    in_all_orders(|| clients_and_a_queue(Some(Duration::ZERO)));
}

/// The negative control: an answer before the commit is found.
#[test]
#[should_panic(expected = "told before it was durable")]
fn an_answer_before_the_commit_would_be_found() {
    in_all_orders(|| {
        let limits = Limits { waiting: 3, group: 2, overdue: None, lost: 0 };
        let (queue, database) = (Arc::new(Queue::new(limits)), Arc::new(Database::default()));
        let server = thread::spawn({
            let (queue, database) = (Arc::clone(&queue), Arc::clone(&database));
            move || {
                queue.serve(0, |group: Vec<Work>| {
                    for work in &group {
                        work.reply.send(work.number).unwrap();
                    }
                    database.commit(&group);
                });
            }
        });
        let (reply, answer) = sync_channel(1);
        assert!(queue.submit(Work { number: 1, reply }) && queue.stop());
        answer.recv().unwrap();
        assert!(database.committed.lock().unwrap().contains(&1), "told before it was durable");
        server.join().unwrap();
    });
}

/// When the count of changes is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    BeforeTheRead,
    AfterIt,
}

/// What is recorded of a unit, by how often it changed, and where the ledger ends.
#[derive(Default)]
struct Record {
    value: u32,
    position: i64,
}

struct Process {
    record: Arc<Mutex<Record>>,
    versions: Versions,
    memory: Mutex<Option<(u32, u32)>>,
    /// The newest value that somebody was told of.
    told: AtomicU32,
}

impl Process {
    fn change(&self) {
        let mut record = self.record.lock().unwrap();
        record.value += 1;
        record.position += 1;
    }

    /// As the writer does before it answers, and as the one who keeps a server fresh does.
    fn follow_and_tell(&self) {
        let mut seen = 0;
        let followed = self.versions.follow(|followed| {
            let record = self.record.lock().unwrap();
            seen = record.value;
            let position = record.position;
            drop(record);
            if position > followed {
                self.versions.changed("unit");
            }
            Ok::<_, Infallible>(position.max(followed))
        });
        followed.unwrap();
        self.told.fetch_max(seen, Ordering::SeqCst);
    }

    /// As a request is answered: from memory, or by a read that is remembered.
    fn answer(&self, counted: Counted) {
        let told = self.told.load(Ordering::SeqCst);
        let remembered = *self.memory.lock().unwrap();
        let current = remembered.filter(|(version, _)| *version == self.versions.of("unit"));
        let value = current.map_or_else(
            || {
                let before = self.versions.of("unit");
                let value = self.record.lock().unwrap().value;
                let version =
                    if counted == Counted::BeforeTheRead { before } else { self.versions.of("unit") };
                *self.memory.lock().unwrap() = Some((version, value));
                value
            },
            |(_, value)| value,
        );
        assert!(value >= told, "answered {value}, and {told} had been told before");
    }
}

/// One who writes, one who follows what another process wrote, two who ask.
fn memory_and_a_ledger(counted: Counted) {
    let process = Arc::new(Process {
        record: Arc::default(),
        versions: Versions::new(1, 0),
        memory: Mutex::new(None),
        told: AtomicU32::new(0),
    });
    let spawn = |times: usize, work: fn(&Process, Counted)| {
        let process = Arc::clone(&process);
        thread::spawn(move || (0..times).for_each(|_| work(&process, counted)))
    };
    let threads = [
        spawn(2, |process, _| {
            process.change();
            process.follow_and_tell();
        }),
        spawn(1, |process, _| process.change()),
        spawn(2, |process, _| process.follow_and_tell()),
        spawn(3, Process::answer),
        spawn(3, Process::answer),
    ];
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn what_is_remembered_is_no_older_than_what_anybody_was_told() {
    in_all_orders(|| memory_and_a_ledger(Counted::BeforeTheRead));
}

/// The negative control: a count taken after the read takes what was read for newer than it is.
#[test]
#[should_panic(expected = "had been told before")]
fn a_count_after_the_read_would_be_found() {
    in_all_orders(|| memory_and_a_ledger(Counted::AfterIt));
}
