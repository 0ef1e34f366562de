//! T19: somebody reads for long while others write.

use std::thread;

use patience::storage::{StorageError, Store, ledger};
use serde_json::json;

use super::{history::differences, tier};
use crate::support::{TestStore, entry, noon};

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
        let writes = tier(150, 1500);
        for n in 1..=writes {
            tell(&store, n);
        }
        assert_eq!(store.read(ledger::position).unwrap(), 50 * (i64::try_from(writes).unwrap() + 1));
        let longest = store.log_bytes().unwrap();
        end.send(()).unwrap();
        reader.join().unwrap();
        longest
    });
    assert!(longest > 8 << 20, "the reader was never in the way: {longest}");
    // The next time that the log is looked at, it is copied and begun anew.
    let mut n = 10_000;
    while store.log_bytes().unwrap() >= longest {
        n += 1;
        assert!(n < 10_200, "the log is not cut");
        tell(&store, n);
    }
    assert!(store.log_bytes().unwrap() < 8 << 20);
    assert_eq!(differences(&store).unwrap(), Vec::<String>::new());
}
