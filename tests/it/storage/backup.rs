//! The copy, and the way back.

use patience::{
    domain::time::Moment,
    storage::{DatabaseUrl, StorageError, Store, backup, ledger, settings},
};
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tempfile::TempDir;

use super::{derived, verify::differences};
use crate::support::{TestStore, entry, noon};

fn tell(store: &Store, id: &str) {
    let told = entry("customer.churned", id, "2026-03-01T00:00:00Z", &json!({"customer_id": id}));
    let now: Moment = noon();
    store.write(move |db| ledger::append(db, std::slice::from_ref(&told), now)).unwrap();
}

#[test]
fn what_was_backed_up_comes_back_and_what_was_there_is_kept() {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("p.db"));
    let copy = folder.path().join("it's a copy.db");
    let store = Store::open(&url).unwrap();
    tell(&store, "before");
    let then = derived(&store);
    backup::create(&store, &copy).unwrap();
    tell(&store, "after");
    drop(store);

    backup::restore(&url, &copy).unwrap();
    let store = Store::open(&url).unwrap();
    assert_eq!(derived(&store), then);
    assert_eq!(differences(&store), Vec::<String>::new());
    drop(store);
    // A second time: what was kept the first time stays.
    backup::restore(&url, &copy).unwrap();
    for (name, position) in [("p.db.before-restore", 2), ("p.db.before-restore-2", 1), ("p.db", 1)] {
        let kept = Store::open(&DatabaseUrl::Sqlite(folder.path().join(name))).unwrap();
        assert_eq!(kept.read(ledger::position).unwrap(), position, "{name}");
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{names:?}");
}

/// SQLite lays a log that it finds over whatever database has its name.
#[test]
fn a_log_without_its_database_is_not_laid_over_what_is_restored() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let url = DatabaseUrl::Sqlite(path("p.db"));
    let store = Store::open(&url).unwrap();
    tell(&store, "before");
    backup::create(&store, &path("copy.db")).unwrap();
    tell(&store, "after");
    let log = std::fs::read(path("p.db-wal")).unwrap();
    assert!(!log.is_empty());
    drop(store);
    for kept in ["p.db.lost-before-restore-wal", "p.db.lost-before-restore-2-wal"] {
        std::fs::remove_file(path("p.db")).unwrap();
        for left in ["p.db-wal", "p.db.unfinished-wal"] {
            std::fs::write(path(left), &log).unwrap();
        }
        backup::restore(&url, &path("copy.db")).unwrap();
        let store = Store::open(&url).unwrap();
        assert_eq!(store.read(ledger::position).unwrap(), 1);
        assert_eq!(differences(&store), Vec::<String>::new());
        assert!(std::fs::read(path(kept)).unwrap() == log, "{kept}");
    }
}

#[test]
fn backups_to_one_file_at_once_take_turns() {
    let store = TestStore::sqlite();
    let DatabaseUrl::Sqlite(database) = store.url().clone() else { unreachable!() };
    tell(&store, "told");
    let copy = database.with_file_name("copy.db");
    std::thread::scope(|scope| {
        let backups: Vec<_> = (0..6).map(|_| scope.spawn(|| backup::create(&store, &copy))).collect();
        for backup in backups {
            backup.join().unwrap().unwrap();
            // Whenever one says that it is done there is a sound one.
            let elsewhere = TempDir::new().unwrap();
            backup::restore(&DatabaseUrl::Sqlite(elsewhere.path().join("p.db")), &copy).unwrap();
        }
    });
}

#[test]
fn a_backup_is_only_the_owners_to_read_and_never_the_database_itself() {
    let store = TestStore::sqlite();
    let DatabaseUrl::Sqlite(database) = store.url().clone() else { unreachable!() };
    let copy = database.with_file_name("copy.db");
    backup::create(&store, &copy).unwrap();
    backup::create(&store, &copy).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let error = backup::create(&store, &database).unwrap_err().to_string();
    assert!(error.ends_with("is the database itself: choose another file"), "{error}");
}

#[test]
fn a_restore_is_refused_while_a_server_serves_or_a_command_works() {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("p.db"));
    let copy = folder.path().join("copy.db");
    let store = Store::open(&url).unwrap();
    backup::create(&store, &copy).unwrap();
    let lock = url.lock_for_server().unwrap();
    let error = backup::restore(&url, &copy).unwrap_err().to_string();
    assert!(error.ends_with("another server is serving it: stop it first"), "{error}");
    drop(lock);
    let error = backup::restore(&url, &copy).unwrap_err().to_string();
    assert!(error.contains("another command is at work on it"), "{error}");
    drop(store);
    backup::restore(&url, &copy).unwrap();
    let missing = backup::restore(&url, &folder.path().join("none.db"));
    assert!(matches!(missing, Err(StorageError::NoDatabase(_))));
}

/// The page of a text, of a number, of nothing: wherever a bit flips, or the end is missing, the checksum tells.
#[test]
fn a_backup_in_which_a_bit_flipped_or_that_is_cut_short_is_refused() {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("p.db"));
    let copy = folder.path().join("copy.db");
    let store = Store::open(&url).unwrap();
    store.write(|db| settings::set(db, "here", "still")).unwrap();
    backup::create(&store, &copy).unwrap();
    drop(store);
    let sound = std::fs::read(&copy).unwrap();
    let bad = folder.path().join("bad.db");
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(18);
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&bad, bytes).unwrap();
        let error = backup::restore(&url, &bad).unwrap_err().to_string();
        assert!(error.contains("is no sound backup"), "{what}: {error}");
    };
    for _ in 0..1000 {
        let (place, bit) = (random.random_range(0..sound.len()), random.random_range(0..8));
        let mut flipped = sound.clone();
        flipped[place] ^= 1 << bit;
        refused(&flipped, &format!("bit {bit} of byte {place}"));
    }
    for length in [0, 1, 87, 88, sound.len() / 2, sound.len() - 1] {
        refused(&sound[..length], &format!("the first {length} bytes"));
    }
    refused(&"this is no database ".repeat(500).into_bytes(), "a text");
    let value = Store::open(&url).unwrap().read(|db| settings::get(db, "here")).unwrap();
    assert_eq!(value.as_deref(), Some("still"));
    // A backup is a database too, for those who want to look into it.
    let looked_into = Store::open(&DatabaseUrl::Sqlite(copy)).unwrap();
    assert_eq!(looked_into.read(|db| settings::get(db, "here")).unwrap().as_deref(), Some("still"));
}
