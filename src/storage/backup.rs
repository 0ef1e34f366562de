//! A copy of the database in one file, and the way back. Both for SQLite; PostgreSQL has tools of its own.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};

use super::{
    Db, Store,
    connection::{DatabaseUrl, Purpose},
    error::{Result, StorageError},
    migrations,
};

/// Writes a copy of the database to a file: whole, checked, durable, or not at all. Works while a server
/// serves; the copy holds all that was acknowledged before it began.
///
/// # Errors
/// The file is the database itself, or cannot be written.
pub fn create(store: &Store, file: &Path) -> Result<()> {
    let DatabaseUrl::Sqlite(database) = store.url() else { return Err(not_sqlite("pg_dump")) };
    if same_file(database, file) {
        return Err(StorageError::Refused(format!(
            "{} is the database itself: choose another file",
            file.display()
        )));
    }
    let unfinished = sibling(file, ".unfinished");
    let done = copy(store.url(), &unfinished).and_then(|()| {
        check(&unfinished)?;
        durable(&unfinished, file)
    });
    if done.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    done
}

fn copy(url: &DatabaseUrl, target: &Path) -> Result<()> {
    // Left by a backup that was killed.
    let _ = fs::remove_file(target);
    let name = target.to_str().ok_or_else(|| {
        StorageError::Refused(format!("{} is not UTF-8: choose another name", target.display()))
    })?;
    // Made first, so that nobody else may read it while it fills; VACUUM INTO takes an empty file.
    DatabaseUrl::Sqlite(target.to_owned()).create_file()?;
    let mut db = url.connect(Purpose::Write)?;
    Ok(db.batch_execute(&format!("VACUUM INTO '{}'", name.replace('\'', "''")))?)
}

/// Puts a backup in the database's place. What was there is kept beside it, with `.before-restore` added to
/// its name.
///
/// # Errors
/// A server serves the database; the file is not a sound backup, or one of a later version.
pub fn restore(url: &DatabaseUrl, file: &Path) -> Result<()> {
    let DatabaseUrl::Sqlite(database) = url else { return Err(not_sqlite("pg_restore")) };
    if !file.exists() {
        return Err(StorageError::NoDatabase(file.display().to_string()));
    }
    if same_file(database, file) {
        return Err(StorageError::Refused(format!("{} is the database itself", file.display())));
    }
    let _lock = url.lock_for_server()?;
    // All is tried out on a copy, before anything of the present database is touched.
    let unfinished = sibling(database, ".unfinished");
    let _ = fs::remove_file(&unfinished);
    let fresh = DatabaseUrl::Sqlite(unfinished.clone());
    let done = fresh.create_file().and_then(|()| {
        io_result(fs::copy(file, &unfinished), &unfinished)?;
        check(&unfinished)?;
        migrations::run(&mut fresh.connect(Purpose::Write)?)?;
        put_aside(url, database)?;
        durable(&unfinished, database)
    });
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(sibling(&unfinished, suffix));
    }
    done
}

/// Moves the present database out of the way. Its log is written into it first, so that it is whole as one
/// file; where that fails (it is why one restores) its files stay together by their names.
fn put_aside(url: &DatabaseUrl, database: &Path) -> Result<()> {
    if !database.exists() {
        return Ok(());
    }
    if let Ok(Db::Sqlite(mut connection)) = url.connect(Purpose::Write) {
        let _ = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    let aside = sibling(database, ".before-restore");
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (sibling(database, suffix), sibling(&aside, suffix));
        let _ = fs::remove_file(&to);
        if from.exists() {
            io_result(fs::rename(&from, &to), &from)?;
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Whether a file is a sound database of ours.
fn check(file: &Path) -> Result<()> {
    let unsound =
        |why: String| StorageError::Refused(format!("{} is no sound backup: {why}", file.display()));
    let name = file.to_str().unwrap_or_default();
    let mut connection = SqliteConnection::establish(name).map_err(|error| unsound(error.to_string()))?;
    let lines: Vec<Line> = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check")
        .load(&mut connection)
        .map_err(|error| unsound(error.to_string()))?;
    if let Some(Line { line }) = lines.into_iter().find(|line| line.line != "ok") {
        return Err(unsound(line));
    }
    let ours: Vec<Line> = sql_query("SELECT name AS line FROM sqlite_master WHERE name = 'ledger'")
        .load(&mut connection)
        .map_err(|error| unsound(error.to_string()))?;
    if ours.is_empty() { Err(unsound("it holds no ledger".into())) } else { Ok(()) }
}

/// Gives a finished file its name, so that it is there after a power cut too.
fn durable(unfinished: &Path, file: &Path) -> Result<()> {
    io_result(File::open(unfinished).and_then(|file| file.sync_all()), unfinished)?;
    io_result(fs::rename(unfinished, file), file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    io_result(File::open(folder).and_then(|folder| folder.sync_all()), folder)
}

fn sibling(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn io_result<T>(result: io::Result<T>, path: &Path) -> Result<T> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull => StorageError::Full,
        _ => StorageError::Unfit(format!("{}: {error}", path.display())),
    })
}

fn not_sqlite(tool: &str) -> StorageError {
    StorageError::Refused(format!("the database is PostgreSQL's: use {tool}"))
}
