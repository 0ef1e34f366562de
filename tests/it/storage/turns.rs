//! Writers of several servers on one PostgreSQL take turns: none of them starves behind one that is slow.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query};
use patience::storage::{DatabaseUrl, Db, StorageError, Store, settings};

use super::lines;
use crate::support::postgres;

/// A write whose statements each take half a second, as over a link that drips: 20 seconds in all.
fn slow(store: &Store, begun: mpsc::Sender<()>) -> Result<(), StorageError> {
    store.write(move |db| {
        settings::set(db, "slow", "was here")?;
        for _ in 0..40 {
            let _ = begun.send(());
            sql_query("SELECT pg_sleep(0.5)").execute(db).map_err(StorageError::from)?;
        }
        Ok(())
    })
}

#[test]
fn one_who_holds_up_all_others_is_ended_and_nothing_of_its_write_stays() {
    let Some(url) = postgres::database() else { return };
    let (far, near) = (Store::open(&url).unwrap(), Store::open(&url).unwrap());
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        let slow = scope.spawn(|| slow(&far, begun));
        has_begun.recv().unwrap();
        let asked = Instant::now();
        near.write(|db| settings::set(db, "near", "was here")).unwrap();
        assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
        let outcome = slow.join().unwrap();
        assert!(matches!(outcome, Err(StorageError::Unreachable(_))), "{outcome:?}");
    });
    let here = "SELECT key AS line FROM settings WHERE value = 'was here'";
    assert_eq!(near.read(|db| lines(db, here)).unwrap(), ["near"]);
    far.write(|db| settings::set(db, "far", "was here")).unwrap();
}

/// As after a failover: the link is there, and every write over it fails.
#[test]
fn a_writer_whose_server_only_reads_connects_anew() {
    let Some(url) = postgres::database() else { return };
    let store = Store::open(&url).unwrap();
    let write = || store.write(|db| settings::set(db, "a", "b"));
    let only_reads = |db: &mut Db| {
        sql_query("SET default_transaction_read_only = on").execute(db).map_err(StorageError::from)
    };
    store.write(only_reads).unwrap();
    assert!(matches!(write(), Err(StorageError::Unreachable(_))));
    write().unwrap();
    // No server at all that can be written to is one that cannot be reached.
    let DatabaseUrl::Postgres(address) = &url else { unreachable!() };
    let mut other = PgConnection::establish(address).unwrap();
    let name = address.rsplit('/').next().unwrap();
    let mut alter = |what| other.batch_execute(&format!("ALTER DATABASE \"{name}\" {what}")).unwrap();
    alter("SET default_transaction_read_only = on");
    assert!(matches!(Store::open(&url), Err(StorageError::Unreachable(_))));
    alter("RESET default_transaction_read_only");
    Store::open(&url).unwrap();
}

#[test]
fn work_that_takes_as_long_as_it_takes_is_waited_for_and_not_ended() {
    let Some(url) = postgres::database() else { return };
    let store = Store::open(&url).unwrap();
    let DatabaseUrl::Postgres(address) = &url else { unreachable!() };
    let mut other = PgConnection::establish(address).unwrap();
    other.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(8097859565118061)").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(5));
            other.batch_execute("COMMIT").unwrap();
        });
        store.write(|db| settings::set(db, "a", "b")).unwrap();
    });
}
