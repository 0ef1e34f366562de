//! Brings a database to the schema of this binary: under a lock, so that a server and commands may start at
//! once, and never backwards.

use diesel::{
    Connection,
    connection::SimpleConnection,
    migration::{MigrationSource, MigrationVersion},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    connection::Db,
    error::{Result, StorageError},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number, the same for each Patience.
const ADVISORY_LOCK: i64 = 0x70_6174_6965_6e63;

/// Whether a database that others may have open is to be migrated: on SQLite by one who is alone, as those who have it
/// open go on by the schema that they know.
pub(super) fn wants_to_be_alone(db: &mut Db) -> Result<bool> {
    let Db::Sqlite(connection) = db else { return Ok(false) };
    let is_new = connection.applied_migrations().map_err(failed)?.is_empty();
    Ok(!is_new && !is_current(connection.applied_migrations(), &SQLITE)?)
}

/// Migrates where something is left to do.
pub(super) fn run(db: &mut Db) -> Result<()> {
    match db {
        Db::Sqlite(connection) => {
            // Without the lock first: a database that is being served is current, and need not wait.
            if is_current(connection.applied_migrations(), &SQLITE)? {
                return Ok(());
            }
            connection.exclusive_transaction(|connection| {
                if !is_current(connection.applied_migrations(), &SQLITE)? {
                    connection.run_pending_migrations(SQLITE).map_err(failed)?;
                }
                Ok(())
            })
        }
        Db::Postgres(connection) => connection.transaction(|connection| {
            connection.batch_execute(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))?;
            if !is_current(connection.applied_migrations(), &POSTGRES)? {
                connection.run_pending_migrations(POSTGRES).map_err(failed)?;
            }
            Ok(())
        }),
    }
}

type Applied = diesel::migration::Result<Vec<MigrationVersion<'static>>>;

/// Whether the schema is that of this binary.
///
/// # Errors
/// [`StorageError::NewerSchema`].
fn is_current(applied: Applied, source: &EmbeddedMigrations) -> Result<bool> {
    let mut applied: Vec<String> = applied.map_err(failed)?.iter().map(ToString::to_string).collect();
    applied.sort();
    let known = versions(source)?;
    if let Some(found) = applied.iter().rev().find(|version| !known.contains(version)) {
        let known = known.last().cloned().unwrap_or_default();
        return Err(StorageError::NewerSchema { found: found.clone(), known });
    }
    Ok(applied == known)
}

fn versions(source: &EmbeddedMigrations) -> Result<Vec<String>> {
    // Which backend is named here makes no difference to the versions.
    let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(source).map_err(failed)?;
    let mut versions: Vec<_> = migrations.iter().map(|one| one.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

#[allow(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StorageError {
    match error.to_string() {
        text if text.contains("readonly database") => StorageError::ReadOnly(String::new()),
        text => StorageError::Database(format!("the migration failed: {text}")),
    }
}
