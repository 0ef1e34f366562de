//! T18: backups under load, restores that are cut off, copies that are cut off.

use std::{collections::BTreeSet, fs, io::Write};

use patience::storage::{DatabaseUrl, Store};
use serde_json::json;

use super::{
    history::{History, differences, lines},
    load::{Load, event},
    prepare, random,
    shim::on_shim,
    tier,
};
use crate::installation::Installation;

#[test]
fn a_backup_under_load_holds_all_that_was_acknowledged_before_it() {
    let _ = random("T18");
    let installation = Installation::new();
    let key = prepare(&installation);
    let server = installation.serve();
    let mut load = Load::new(&[&server], &key, "backup");
    // A clock that ticks before each backup.
    let clock = installation.file("clock", "");
    load.clock = Some(clock.clone());
    let (history, backups) = load.during(|load| {
        (0..tier(5, 50_u64))
            .map(|n| {
                load.in_full_swing();
                let file = installation.path(&format!("copy{n}.db"));
                fs::File::options().append(true).open(&clock).unwrap().write_all(b"x").unwrap();
                installation.must(&["backup", file.to_str().unwrap()]);
                (n, file)
            })
            .collect::<Vec<_>>()
    });
    assert_eq!(server.stop("TERM").0, Some(0));
    for (n, file) in backups {
        let elsewhere = Installation::new();
        elsewhere.must(&["restore", file.to_str().unwrap()]);
        elsewhere.must(&["verify"]);
        let held: History = history.until(n);
        assert!(!held.acked.is_empty());
        held.check(&elsewhere.url());
    }
    // Over the database of before, which is kept.
    let refused = installation.run(&["restore", installation.path("nothing.db").to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    history.check(&installation.url());
}

fn events(url: &DatabaseUrl) -> BTreeSet<String> {
    lines(&Store::open_existing(url).unwrap(), "SELECT id AS line FROM ledger").into_iter().collect()
}

/// At each of its fsyncs, renames and removals in turn a restore ends at once, as by a power cut: the database is the
/// old one or the new one, whole, for whoever comes next; and the old one is never lost.
#[test]
fn a_restore_that_is_cut_off_anywhere_leaves_the_old_database_or_the_new_one() {
    let set = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<BTreeSet<String>>();
    let (old, new) = (set(&["both", "old"]), set(&["both"]));
    let mut outcomes = BTreeSet::new();
    for at in 1.. {
        let installation = Installation::new();
        let tell = |id: &str| {
            let file = installation.file("told.ndjson", &event(id).to_string());
            installation.must(&["import", "events", file.to_str().unwrap()]);
        };
        tell("both");
        let backup = installation.path("copy.db");
        installation.must(&["backup", backup.to_str().unwrap()]);
        tell("old");
        let url = installation.url();
        let DatabaseUrl::Sqlite(database) = &url else { unreachable!() };
        // An old log lies beside the database, as after a kill.
        let server = installation.serve();
        server.kill();
        let command = installation.command(&["restore", backup.to_str().unwrap()]);
        let status = on_shim(command, database, &[("SHIM_EXIT", &at.to_string())]).status().unwrap();
        let found = events(&url);
        assert!(found == old || found == new, "cut off at {at}: {found:?}");
        installation.must(&["verify"]);
        let aside = installation.path("patience.db.before-restore");
        if found == new {
            assert_eq!(events(&DatabaseUrl::Sqlite(aside)), old, "cut off at {at}: the old database is kept");
        }
        outcomes.insert(found == new);
        // And once more, now to its end.
        installation.must(&["restore", backup.to_str().unwrap()]);
        assert_eq!(events(&url), new);
        if status.success() {
            assert!(at > 6, "cut off at {at} points only");
            break;
        }
        assert_eq!(status.code(), Some(137));
    }
    assert_eq!(outcomes.len(), 2, "both were seen");
}

/// Rows of every kind.
fn everything(url: &DatabaseUrl) -> Vec<String> {
    let query = "SELECT id AS line FROM ledger UNION ALL SELECT key FROM experiments UNION ALL SELECT id FROM api_keys
        UNION ALL SELECT key || value FROM settings UNION ALL SELECT customer_id FROM customers
        UNION ALL SELECT salt FROM layers UNION ALL SELECT what FROM experiment_log ORDER BY 1";
    lines(&Store::open(url).unwrap(), query)
}

/// A copy, and a rebuild, that end anywhere leave the target empty and the old state in place.
#[test]
fn a_copy_or_a_rebuild_that_is_cut_off_leaves_nothing_half_done() {
    let source = Installation::new();
    prepare(&source);
    let told: Vec<String> = (0..300).map(|n| event(&format!("e{n}")).to_string()).collect();
    let file = source.file("told.ndjson", &told.join("\n"));
    source.must(&["import", "events", file.to_str().unwrap()]);
    let from = source.url().to_string();
    for at in 1.. {
        let target = Installation::new();
        let url = target.url();
        let DatabaseUrl::Sqlite(database) = &url else { unreachable!() };
        let arguments = ["copy", "--from", &from, "--to", &url.to_string()];
        let status = on_shim(target.command(&arguments), database, &[("SHIM_EXIT", &at.to_string())])
            .status()
            .unwrap();
        if !status.success() {
            assert_eq!(status.code(), Some(137));
            if everything(&url).is_empty() {
                target.must(&arguments);
            } else {
                assert_eq!(
                    target.run(&arguments).status.code(),
                    Some(1),
                    "a second copy onto a whole one is refused"
                );
            }
        }
        assert_eq!(everything(&url), everything(&source.url()), "cut off at {at}");
        target.must(&["verify"]);
        if status.success() {
            assert!(at > 3, "cut off at {at} points only");
            break;
        }
    }
    let DatabaseUrl::Sqlite(database) = source.url() else { unreachable!() };
    for at in 1.. {
        let store = Store::open(&source.url()).unwrap();
        store
            .write(|db| {
                use diesel::RunQueryDsl;
                diesel::sql_query("DELETE FROM conversations").execute(db)?;
                Ok::<_, patience::storage::StorageError>(())
            })
            .unwrap();
        drop(store);
        let status = on_shim(source.command(&["rebuild"]), &database, &[("SHIM_EXIT", &at.to_string())])
            .status()
            .unwrap();
        let left = differences(&Store::open(&source.url()).unwrap()).unwrap().len();
        assert!(left == 0 || left == 300, "cut off at {at}: {left} of 300 are left");
        if status.success() {
            assert_eq!(left, 0);
            break;
        }
        assert_eq!(status.code(), Some(137));
    }
    assert_eq!(json!(events(&source.url()).len()), 300);
}
