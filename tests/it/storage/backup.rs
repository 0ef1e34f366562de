//! The copy, and the way back.

use patience::{
    domain::time::Moment,
    storage::{DatabaseUrl, StorageError, Store, backup, ledger, settings},
};
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
    let kept = Store::open(&DatabaseUrl::Sqlite(folder.path().join("p.db.before-restore"))).unwrap();
    assert_eq!(kept.read(ledger::position).unwrap(), 2);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{names:?}");
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
fn a_restore_is_refused_while_a_server_serves_and_where_the_file_is_unsound() {
    let store = TestStore::sqlite();
    store.write(|db| settings::set(db, "here", "still")).unwrap();
    let DatabaseUrl::Sqlite(database) = store.url().clone() else { unreachable!() };
    let copy = database.with_file_name("copy.db");
    backup::create(&store, &copy).unwrap();
    let lock = store.url().lock_for_server().unwrap();
    let error = backup::restore(store.url(), &copy).unwrap_err();
    assert!(error.to_string().starts_with("another server is serving"), "{error}");
    drop(lock);

    let text = database.with_file_name("text.db");
    std::fs::write(&text, "this is no database ".repeat(500)).unwrap();
    let mut broken = std::fs::read(&copy).unwrap();
    let middle = broken.len() / 2;
    broken[middle..].fill(0xA5);
    let torn = database.with_file_name("torn.db");
    std::fs::write(&torn, &broken).unwrap();
    for file in [&text, &torn] {
        let error = backup::restore(store.url(), file).unwrap_err().to_string();
        assert!(error.contains("is no sound backup"), "{error}");
    }
    let missing = backup::restore(store.url(), &database.with_file_name("none.db"));
    assert!(matches!(missing, Err(StorageError::NoDatabase(_))));
    let value = Store::open(store.url()).unwrap().read(|db| settings::get(db, "here")).unwrap();
    assert_eq!(value.as_deref(), Some("still"));
}
