//! Writers that meet, jobs that fail, and a disk that fills up.

use std::{sync::Arc, thread};

use diesel::connection::SimpleConnection;
use futures_util::{FutureExt, future::join_all};
use patience::{
    domain::{
        assignment::{Reason, Request, Snapshot},
        ids::CustomerId,
        time::Moment,
    },
    storage::{
        Db, StorageError, Store,
        assignments::{self, PendingDecision},
        experiments, ledger, revision, settings, verify,
    },
};
use serde_json::json;

use super::{derived, lines};
use crate::support::{MakeStore, TestStore, definition, entry, noon, start};

crate::on_both_engines!(
    a_read_before_a_write_is_never_stale,
    a_job_that_fails_is_undone_alone,
    one_unit_is_drawn_once_however_many_ask,
    decisions_made_together_are_those_made_alone,
);

fn value(db: &mut Db) -> Result<u32, StorageError> {
    Ok(settings::get(db, "n")?.map_or(0, |text| text.parse().unwrap()))
}

fn a_read_before_a_write_is_never_stale(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    // Two stores stand for two processes, a server and a command.
    let other = Store::open(store.url()).unwrap();
    thread::scope(|scope| {
        for store in [&*store, &other].repeat(4) {
            scope.spawn(move || {
                for _ in 0..25 {
                    store
                        .write(|db| {
                            let n = value(db)?;
                            settings::set(db, "n", &(n + 1).to_string())
                        })
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(store.read(value).unwrap(), 200);
}

fn a_job_that_fails_is_undone_alone(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let answers = (0..300).map(|n| {
        store.write_async(move |db| {
            settings::set(db, &format!("k{n}"), "set")?;
            if n % 3 == 0 { Err(StorageError::Refused(n.to_string())) } else { Ok(n) }
        })
    });
    // All are queued before the first is awaited, so that they share transactions.
    let answers: Vec<_> = answers.collect();
    let answers = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(join_all(answers));
    for (n, answer) in answers.into_iter().enumerate() {
        let kept = store.read(|db| settings::get(db, &format!("k{n}"))).unwrap();
        if n % 3 == 0 {
            assert_eq!((answer, kept), (Err(StorageError::Refused(n.to_string())), None));
        } else {
            assert_eq!((answer, kept), (Ok(n), Some("set".to_owned())));
        }
    }
}

fn one_unit_is_drawn_once_however_many_ask(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    start(&store, definition("frt", &json!({})));
    let snapshot = Arc::new(Snapshot::new(store.read(experiments::list).unwrap(), []).unwrap());
    let other = Store::open(store.url()).unwrap();
    let revision = store.read(revision::get).unwrap();
    let asked = (0..64).map(|n| {
        let snapshot = snapshot.clone();
        let store = if n % 2 == 0 { &*store } else { &other };
        let request = Request::of_customer(CustomerId::new(&format!("c{}", n % 8)).unwrap());
        let anew = |_: &mut Db| unreachable!("no definition changed");
        store.decide(PendingDecision { request, now: noon(), snapshot, revision, anew })
    });
    let asked: Vec<_> = asked.collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let decisions: Vec<_> = runtime.block_on(join_all(asked)).into_iter().map(Result::unwrap).collect();
    for n in 0..8 {
        let of_unit: Vec<_> = decisions.iter().skip(n).step_by(8).map(|d| &d.reply.assignments[0]).collect();
        assert_eq!(of_unit.iter().filter(|listed| listed.reason == Reason::Assigned).count(), 1);
        assert_eq!(of_unit.iter().filter(|listed| listed.reason == Reason::Sticky).count(), 7);
        assert!(of_unit.iter().all(|listed| listed.cohort == of_unit[0].cohort));
    }
    assert_eq!(store.read(ledger::position).unwrap(), 8);
}

/// Decisions that share a transaction are what they would be alone, one after the other.
fn decisions_made_together_are_those_made_alone(make: MakeStore<'_>) {
    let (Some(together), Some(alone)) = (make(), make()) else { return };
    start(&together, definition("a", &json!({"eligibility": {"rule": "spend < 100"}})));
    start(&together, definition("b", &json!({"unit": "account", "traffic": {"layer": "b"}})));
    let experiments = together.read(experiments::list).unwrap();
    // The same salts, so the same draws.
    let snapshot = Arc::new(Snapshot::new(experiments.clone(), []).unwrap());
    for experiment in experiments {
        start(&alone, experiment.definition);
    }
    let revision = together.read(revision::get).unwrap();
    let request = |n: usize| {
        let mut customer = json!({"id": format!("c{}", n % 7), "attributes": {"spend": 40 * (n % 5)}});
        if n.is_multiple_of(3) {
            customer["account_id"] = format!("a{}", n % 4).into();
        }
        let mut body = json!({"customer": customer});
        if !n.is_multiple_of(4) {
            body["conversation"] = json!({"id": format!("v{}", n % 30), "opened_at": "2026-03-02T09:00:00Z"});
        }
        Request::from_json(&body).unwrap()
    };
    // One after the other: what was told at one moment is ordered by its id, which is random.
    let came = |n: usize| Moment::from_stored_ms(noon().ms() + i64::try_from(n).unwrap());
    let anew = |_: &mut Db| Err(StorageError::Refused("the definitions changed".into()));
    let asked = |n: usize| {
        // A few go by definitions of before, which cannot be made anew here: they fail alone.
        let revision = if n % 10 == 9 { revision - 1 } else { revision };
        PendingDecision { request: request(n), now: came(n), snapshot: snapshot.clone(), revision, anew }
    };
    let answers: Vec<_> = (0..200).map(|n| together.decide(asked(n))).collect();
    let answers = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(join_all(answers));
    for (n, answer) in answers.into_iter().enumerate() {
        if n % 10 == 9 {
            assert_eq!(answer, Err(StorageError::Refused("the definitions changed".into())));
            continue;
        }
        let snapshot = snapshot.clone();
        let decision = alone
            .write(move |db| assignments::decide_and_record(db, &snapshot, &request(n), came(n)))
            .unwrap();
        assert_eq!(answer.unwrap(), decision, "request {n}");
    }
    let count = |store: &Store| store.read(ledger::position).unwrap();
    assert_eq!(count(&together), count(&alone));
    assert_eq!(verify::run(&together, &mut |_| ()).unwrap().differences, 0);
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let store = TestStore::sqlite();
    let told = |n: usize| {
        let fields = json!({"customer_id": "c", "note": "x".repeat(20_000)});
        entry("customer.churned", &format!("e{n}"), "2026-03-01T00:00:00Z", &fields)
    };
    // The writer's own connection may use no more pages than it has now, and a few.
    let limit = |pages: &'static str| {
        store
            .write(move |db| match db {
                Db::Sqlite(sqlite) => Ok(sqlite.batch_execute(&format!("PRAGMA max_page_count = {pages}"))?),
                Db::Postgres(_) => unreachable!(),
            })
            .unwrap_or_else(|error: StorageError| panic!("{error}"));
    };
    limit("120");
    let answers: Vec<_> = (0..64)
        .map(|n| {
            let told = told(n);
            store.write_async(move |db| ledger::append(db, std::slice::from_ref(&told), noon()))
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answers = runtime.block_on(join_all(answers));
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(kept > 0 && kept < 64, "{kept} of 64");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(StorageError::Full))), "{answers:?}");
    assert_eq!(
        store.read(ledger::position).unwrap(),
        i64::try_from(kept).unwrap(),
        "what was acknowledged, and nothing else"
    );
    limit("100000");
    let again = told(99);
    store.write(move |db| ledger::append(db, std::slice::from_ref(&again), noon())).unwrap();
    assert_eq!(store.read(ledger::position).unwrap(), i64::try_from(kept).unwrap() + 1);
    assert_eq!(super::verify::differences(&store), Vec::<String>::new());
}

#[test]
fn what_was_queued_before_a_shutdown_is_kept_and_later_writes_are_told_to_come_again() {
    let store = TestStore::sqlite();
    let queued: Vec<_> =
        (0..50).map(|n| store.write_async(move |db| settings::set(db, &format!("k{n}"), "set"))).collect();
    store.shutdown();
    for answer in queued {
        assert_eq!(answer.now_or_never(), Some(Ok(())), "answered before shutdown came back");
    }
    assert_eq!(store.write(|db| settings::set(db, "late", "set")), Err(StorageError::Busy));
    assert_eq!(store.read(|db| settings::get(db, "k49")).unwrap(), Some("set".to_owned()));
}

#[test]
fn a_full_queue_says_busy_and_loses_nothing_it_took() {
    let store = TestStore::sqlite();
    let (hold, held) = std::sync::mpsc::sync_channel::<()>(0);
    let held = std::sync::Mutex::new(held);
    let first = store.write_async(move |_| {
        let _ = held.lock().unwrap().recv();
        Ok::<_, StorageError>(())
    });
    let rest: Vec<_> =
        (0..2000).map(|n| store.write_async(move |db| settings::set(db, &format!("k{n}"), "set"))).collect();
    drop(hold);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(first).unwrap();
    let answers = runtime.block_on(join_all(rest));
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StorageError::Busy))));
    // The held job may still stand in the queue when the others come.
    assert!((1023..2000).contains(&taken), "{taken}");
    let stored = store.read(|db| lines(db, "SELECT key AS line FROM settings WHERE value = 'set'")).unwrap();
    assert_eq!(stored.len(), taken);
    assert!(derived(&store).is_empty());
}
