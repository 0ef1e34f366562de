//! T19: somebody reads for long while others write.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::sync_channel,
    },
    thread,
    time::Duration,
};

use patience::storage::{StorageError, Store, experiments, ledger, units};
use serde_json::json;

use super::{history::differences, prepare, tier};
use crate::{
    installation::{Installation, Server, wait_for},
    support::{TestStore, definition, entry, noon, start},
};

fn tell(store: &Store, n: usize) {
    let entries: Vec<_> = (0..50)
        .map(|i| {
            let fields =
                json!({"customer_id": format!("c{}", (n * 31 + i * 17) % 2000), "note": "x".repeat(200)});
            entry("customer.churned", &format!("{n}-{i}"), "2026-03-01T00:00:00Z", &fields)
        })
        .collect();
    store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
}

/// What is kept of the log's file when it begins anew, to be written over.
const KEPT: u64 = 24 << 20;

/// A reader sees one state however long it takes, and holds nobody up; the log that grows meanwhile is cut when it is
/// gone.
#[test]
fn a_long_read_holds_nobody_up_and_the_log_is_cut_when_it_is_over() {
    let store = TestStore::sqlite();
    tell(&store, 0);
    let longest = thread::scope(|scope| {
        let (begun, has_begun) = std::sync::mpsc::sync_channel(0);
        let (end, ends) = std::sync::mpsc::sync_channel::<()>(0);
        let reader = scope.spawn({
            let store = store.clone();
            move || {
                store
                    .read(|db| {
                        let before = ledger::position(db)?;
                        begun.send(()).unwrap();
                        ends.recv().unwrap();
                        assert_eq!(ledger::position(db)?, before, "one state");
                        Ok::<_, StorageError>(())
                    })
                    .unwrap();
            }
        });
        has_begun.recv().unwrap();
        let mut writes = 0;
        while writes < tier(150, 1500) || store.log_bytes().unwrap() <= 2 * KEPT {
            writes += 1;
            assert!(writes < 15_000, "the reader is not in the way");
            tell(&store, writes);
        }
        assert_eq!(store.read(ledger::position).unwrap(), 50 * (i64::try_from(writes).unwrap() + 1));
        let longest = store.log_bytes().unwrap();
        end.send(()).unwrap();
        reader.join().unwrap();
        longest
    });
    // The next time that the log is looked at, it is copied and begun anew.
    let mut n = 20_000;
    while store.log_bytes().unwrap() >= longest {
        n += 1;
        assert!(n < 20_200, "the log is not cut");
        tell(&store, n);
    }
    assert!(store.log_bytes().unwrap() <= KEPT);
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}

/// More in one request than is kept of the log's file.
fn much(request: usize) -> String {
    let note = "x".repeat(500);
    let customer = |n: usize| {
        let attributes = json!({"a": note, "b": note, "c": note});
        json!({"id": format!("{request}-{n}"), "type": "customer.updated", "occurred_at": "2026-03-01T00:00:00Z",
            "customer_id": format!("c{request}-{n}"), "attributes": attributes})
        .to_string()
    };
    (0..20_000).map(customer).collect::<Vec<_>>().join("\n")
}

/// Whoever starts reads all of the log, so a long one does not lie there for long: it is emptied when the server
/// stops, and soon after a start that found what a kill had left.
#[test]
fn a_long_log_is_emptied_at_the_end_and_soon_after_a_kill() {
    let installation = Installation::new();
    let key = prepare(&installation);
    let log = || installation.path("patience.db-wal").metadata().map_or(0, |file| file.len());
    let tell = |server: &Server, request| {
        let lines = server.client().post(format!("http://{}/api/v1/events", server.host()));
        let lines = lines.bearer_auth(&key).header("content-type", "application/x-ndjson");
        assert_eq!(lines.body(much(request)).send().unwrap().status(), 200);
        assert!(log() > KEPT, "{}", log());
    };
    let server = installation.serve();
    tell(&server, 0);
    server.kill();
    assert!(log() > KEPT, "{}", log());
    let server = installation.serve();
    wait_for("a short log", || log() <= KEPT);
    tell(&server, 1);
    assert_eq!(server.stop("TERM").0, Some(0));
    assert_eq!(log(), 0);
    installation.must(&["verify"]);
}

/// A bulk load writes over what it wrote; who writes little after it gets the file shortened, without a pause.
#[test]
fn what_a_bulk_load_made_of_the_log_is_given_back() {
    let store = TestStore::sqlite();
    let write = |id: String, bytes: usize| {
        let fields = json!({"customer_id": "c", "note": "x".repeat(bytes)});
        let told = entry("customer.churned", &id, "2026-03-01T00:00:00Z", &fields);
        store.write(move |db| ledger::append(db, std::slice::from_ref(&told), noon())).unwrap();
        store.log_bytes().unwrap()
    };
    let lengths: Vec<_> = (0..12).map(|n| write(format!("bulk-{n}"), 15 << 20)).collect();
    // A pause in between would have it emptied, but not shortened to this.
    assert!(!lengths.contains(&KEPT), "{lengths:?}");
    assert!(lengths.iter().any(|length| *length > KEPT), "{lengths:?}");
    let written = (0..300).find(|n| write(format!("little-{n}"), 200 << 10) <= KEPT);
    assert!(written.is_some(), "the log is as long as it was");
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}

/// Thousands of units of an experiment, which an analysis reads page by page.
const PAGES: usize = 6;

/// What is written while a thousand are read.
const BETWEEN: u64 = 24 << 20;

/// An experiment of so many thousands of units.
fn with_units(store: &Store) {
    start(store, definition("frt", &json!({})));
    for page in 0..PAGES {
        let entries: Vec<_> = (0..1000)
            .map(|n| {
                let fields =
                    json!({"customer_id": format!("u{page}-{n:04}"), "experiment": "frt", "cohort": "usual"});
                entry("cohort.assigned", &format!("u{page}-{n}"), "2026-02-01T00:00:00Z", &fields)
            })
            .collect();
        store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
    }
}

/// Writes without end while a read takes its time over each thousand; gives how long the log became.
fn longest_log(store: &Store, read: impl Fn(&mut dyn FnMut()) + Sync) -> u64 {
    let (written, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            read(&mut || {
                let before = written.load(Ordering::Relaxed);
                wait_for("writes", || written.load(Ordering::Relaxed) >= before + BETWEEN);
            });
            over.store(true, Ordering::Relaxed);
        });
        let mut longest = 0;
        for n in 0.. {
            if over.load(Ordering::Relaxed) || reader.is_finished() {
                break;
            }
            let note = "x".repeat(256 << 10);
            let fields = json!({"customer_id": format!("c{}", n % 7), "note": note});
            let told = entry("customer.churned", &format!("long-{n}"), "2026-03-01T00:00:00Z", &fields);
            store.write(move |db| ledger::append(db, std::slice::from_ref(&told), noon())).unwrap();
            written.fetch_add(256 << 10, Ordering::Relaxed);
            longest = longest.max(store.log_bytes().unwrap());
        }
        reader.join().unwrap();
        longest
    })
}

#[test]
fn a_report_that_takes_long_does_not_let_the_log_grow_without_bound() {
    let store = TestStore::sqlite();
    with_units(&store);
    let experiment = store.read(experiments::list).unwrap().remove(0);
    let longest = longest_log(&store, |page_read| {
        let mut seen = 0;
        store
            .read_long(|db| {
                units::for_each(db, &experiment, |_| {
                    seen += 1;
                    if seen % 1000 == 0 {
                        page_read();
                    }
                    Ok::<_, StorageError>(())
                })
            })
            .unwrap();
        assert_eq!(seen, 1000 * PAGES);
    });
    assert!(longest > BETWEEN, "nothing was in the way: {longest}");
    assert!(longest <= 64 << 20, "{} MiB", longest >> 20);
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}

/// The negative control: a read that keeps its state through all of that would have.
#[test]
fn a_read_that_keeps_its_state_would_let_the_log_grow() {
    let store = TestStore::sqlite();
    with_units(&store);
    let longest = longest_log(&store, |page_read| {
        store
            .read_long(|db| {
                ledger::position(db)?;
                (0..PAGES).for_each(|_| page_read());
                Ok::<_, StorageError>(())
            })
            .unwrap();
    });
    assert!(longest > 64 << 20, "{} MiB", longest >> 20);
}

/// Long reads do not take the places of short ones, and whoever finds no place is told to come again.
#[test]
fn reads_that_take_long_leave_places_for_short_ones() {
    let store = TestStore::sqlite();
    tell(&store, 0);
    thread::scope(|scope| {
        let (begun, has_begun) = sync_channel(0);
        let hold = |long: bool| {
            let (end, ends) = sync_channel::<()>(0);
            let (store, begun) = (&store, begun.clone());
            let reader = scope.spawn(move || {
                let wait = move |db: &mut _| {
                    let position = ledger::position(db)?;
                    let _ = begun.send(());
                    let _ = ends.recv();
                    Ok::<_, StorageError>(position)
                };
                if long { store.read_long(wait) } else { store.read(wait) }
            });
            (end, reader)
        };
        let long: Vec<_> = (0..3).map(|_| hold(true)).collect();
        (0..3).for_each(|_| has_begun.recv().unwrap());
        assert_eq!(store.read(ledger::position).unwrap(), 50);
        assert_eq!(store.read_long(ledger::position), Err(StorageError::Busy));
        let short: Vec<_> = (0..5).map(|_| hold(false)).collect();
        (0..5).for_each(|_| has_begun.recv().unwrap());
        assert_eq!(store.read(ledger::position), Err(StorageError::Busy));
        // Somebody who waits is served as soon as there is a place.
        let waits = scope.spawn(|| store.read(ledger::position));
        thread::sleep(Duration::from_millis(50));
        for (end, reader) in long.into_iter().chain(short) {
            drop(end);
            assert_eq!(reader.join().unwrap().unwrap(), 50);
        }
        assert_eq!(waits.join().unwrap().unwrap(), 50);
    });
}
