//! T17: many start at once, on nothing or on an old schema; an old binary meets a new one.

use std::{fs, path::PathBuf, process::Output, thread};

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use patience::{
    domain::feed::Feed,
    storage::{DatabaseUrl, Db, StorageError, Store, feeds, ledger},
};
use serde_json::{Value, json};

use super::{
    history::{differences, lines},
    prepare, random,
    shim::on_shim,
    tier,
};
use crate::{
    installation::{Installation, repository},
    support::{entry, noon},
};

fn installations() -> Vec<Installation> {
    [Some(Installation::new()), Installation::on_postgres()].into_iter().flatten().collect()
}

/// The migrations of an engine, first to last: version and folder.
fn migrations(url: &DatabaseUrl) -> Vec<(String, PathBuf)> {
    let engine = if matches!(url, DatabaseUrl::Sqlite(_)) { "sqlite" } else { "postgres" };
    let mut all: Vec<_> = fs::read_dir(repository("migrations").join(engine))
        .unwrap()
        .map(|folder| {
            let folder = folder.unwrap();
            let name = folder.file_name().into_string().unwrap();
            (name.split('_').next().unwrap().replace('-', ""), folder.path())
        })
        .collect();
    all.sort();
    all
}

/// Takes a database back to its first schema.
fn make_old(url: &DatabaseUrl) {
    let store = Store::open(url).unwrap();
    for (version, folder) in migrations(url).into_iter().skip(1).rev() {
        let down = fs::read_to_string(folder.join("down.sql")).unwrap();
        store
            .write(move |db| {
                match db {
                    Db::Sqlite(connection) => connection.batch_execute(&down)?,
                    Db::Postgres(connection) => connection.batch_execute(&down)?,
                }
                let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
                assert_eq!(sql_query(forget).execute(db)?, 1, "{version}");
                Ok::<_, StorageError>(())
            })
            .unwrap();
    }
}

/// Every table and column, as the engine tells it.
fn schema(url: &DatabaseUrl) -> Vec<String> {
    let store = Store::open_existing(url).unwrap();
    let query = match url {
        DatabaseUrl::Sqlite(_) => {
            "SELECT m.name || '.' || c.name || ' ' || c.type || c.\"notnull\" || c.pk AS line
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
             UNION ALL SELECT name FROM sqlite_master WHERE type = 'index'
             UNION ALL SELECT version FROM __diesel_schema_migrations ORDER BY 1"
        }
        DatabaseUrl::Postgres(_) => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || is_nullable AS line
             FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT version::text FROM __diesel_schema_migrations ORDER BY 1"
        }
    };
    lines(&store, query)
}

fn four_at_once(installation: &Installation, what: &str) -> Vec<Output> {
    thread::scope(|scope| {
        let commands: Vec<_> = (0..4)
            .map(|n| {
                let name = format!("{what}-{n}");
                scope.spawn(move || installation.run(&["key", "create", &name, "--role", "admin"]))
            })
            .collect();
        commands.into_iter().map(|command| command.join().unwrap()).collect()
    })
}

#[test]
fn four_that_start_at_once_make_or_migrate_the_database_once() {
    for installation in installations() {
        let all_succeed = |what: &str| {
            for output in four_at_once(&installation, what) {
                assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
            }
        };
        all_succeed("new");
        let url = installation.url();
        let made = schema(&url);
        for round in 0..tier(2, 20) {
            make_old(&url);
            all_succeed(&format!("old{round}"));
            assert_eq!(schema(&url), made, "down and up again is the same");
        }
        assert_eq!(differences(&Store::open(&url).unwrap()).unwrap(), Vec::<String>::new());
    }
}

/// A server of an earlier version would go on writing by its own schema.
#[test]
fn a_database_is_not_migrated_while_an_earlier_version_has_it_open() {
    let installation = Installation::new();
    let url = installation.url();
    let open = Store::open(&url).unwrap();
    make_old(&url);
    let command = ["key", "create", "new", "--role", "admin"];
    let output = installation.run(&command);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("of an earlier version, and is served or worked on by one: stop that first"),
        "{told}"
    );
    drop(open);
    installation.must(&command);
}

/// An update counts the feeds from what the ledger holds already.
#[test]
fn feeds_do_not_begin_anew_where_the_ledger_holds_what_came() {
    for installation in installations() {
        let url = installation.url();
        let told = |kind: &str, id: &str, more: &Value| {
            let mut fields = json!({"customer_id": "c", "conversation_id": "v"});
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            entry(kind, id, "2026-03-02T09:00:00Z", &fields)
        };
        let entries = [
            told("conversation.opened", "1", &json!({})),
            told("conversation.replied", "2", &json!({"by": "bot"})),
            told("conversation.replied", "3", &json!({"by": "agent"})),
            told("conversation.rated", "4", &json!({"score": 4})),
        ];
        let store = Store::open(&url).unwrap();
        store.write(move |db| ledger::append(db, &entries, noon())).unwrap();
        drop(store);
        make_old(&url);
        let store = Store::open(&url).unwrap();
        let days = store.read(|db| feeds::days(db, noon())).unwrap();
        let counted: Vec<_> =
            days.iter().map(|(feed, days)| (*feed, days.len(), days[0].counts.accepted)).collect();
        assert_eq!(counted, [(Feed::Tickets, 1, 2), (Feed::Replies, 1, 1), (Feed::Ratings, 1, 1)]);
        assert_eq!(
            (days[&Feed::Replies][0].day, days[&Feed::Replies][0].last_received),
            (noon().day(), noon())
        );
    }
}

#[test]
fn four_replicas_that_start_at_once_all_serve() {
    let Some(installation) = Installation::on_postgres() else { return };
    thread::scope(|scope| {
        let servers: Vec<_> = (0..4).map(|_| scope.spawn(|| installation.serve())).collect();
        for server in servers {
            assert_eq!(server.join().unwrap().get("/readyz", None).status(), 200);
        }
    });
}

/// A migration that is cut off leaves the old schema or the new one, and the next start goes on.
#[test]
fn a_migration_that_is_cut_off_is_done_by_the_next_start() {
    let installation = Installation::new();
    let url = installation.url();
    let DatabaseUrl::Sqlite(database) = &url else { unreachable!() };
    let _ = random("T17");
    for round in 0.. {
        // The first start makes the database, the later ones find an old one.
        if round > 0 {
            make_old(&url);
        }
        let at = (round + 1).to_string();
        let name = format!("cut-{round}");
        let command = installation.command(&["key", "create", &name, "--role", "admin"]);
        let status = on_shim(command, database, &[("SHIM_EXIT", &at)]).status().unwrap();
        installation.must(&["key", "create", &format!("next-{round}"), "--role", "admin"]);
        installation.must(&["verify"]);
        if status.success() {
            assert!(round > 3, "cut off at {round} points only");
            break;
        }
        assert_eq!(status.code(), Some(137), "cut off at {at}");
    }
}

#[test]
fn an_older_binary_refuses_a_newer_schema_in_words() {
    for installation in installations() {
        prepare(&installation);
        Store::open(&installation.url())
            .unwrap()
            .write(|db| {
                let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
                Ok::<_, StorageError>(sql_query(newer).execute(db)?)
            })
            .unwrap();
        for arguments in
            [&["serve"][..], &["verify"], &["rebuild"], &["key", "create", "x", "--role", "admin"]]
        {
            let output = installation.run(arguments);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
            assert!(
                told.contains("newer than this binary") && told.contains("use a newer version of Patience"),
                "{told}"
            );
        }
    }
}
