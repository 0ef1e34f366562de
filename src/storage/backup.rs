//! A copy of the database in one file, and the way back. Both for SQLite; PostgreSQL has tools of its own.
//!
//! A backup is a SQLite database with a line after its end that tells the SHA-256 of all before it: SQLite leaves
//! that aside, and a restore finds any bit that has flipped since.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use sha2::{Digest, Sha256};

use super::{
    Store,
    connection::{DatabaseUrl, Purpose, is_same_file, sibling},
    error::{Result, StorageError},
    migrations, wal,
};

/// What the last line of a backup begins with; 64 hex digits and the line's end follow.
const SEAL: &str = "\npatience backup sha256 ";
const SEAL_BYTES: u64 = SEAL.len() as u64 + 64 + 1;

/// Added to the database's name: a checked backup that is to take its place, whatever happens.
const RESTORED: &str = ".restored";

/// Writes a copy of the database to a file: whole, checked, durable, or not at all. Works while a server
/// serves; the copy holds all that was acknowledged before it began.
///
/// # Errors
/// The file is the database itself, or cannot be written.
pub fn create(store: &Store, file: &Path) -> Result<()> {
    let DatabaseUrl::Sqlite(database) = store.url() else { return Err(not_sqlite("pg_dump")) };
    if is_same_file(database, file) {
        return Err(StorageError::Refused(format!(
            "{} is the database itself: choose another file",
            file.display()
        )));
    }
    let _turn = store.url().take_turn_for_backup()?;
    let unfinished = sibling(file, ".unfinished");
    let done = copy(store.url(), &unfinished).and_then(|()| {
        check(&unfinished)?;
        io_result(seal(&unfinished), &unfinished)?;
        durable(&unfinished, file)
    });
    if done.is_err() {
        remove(&unfinished);
    }
    done
}

/// A database and its log: with another database under its name, a log that was left would be taken for that one's.
const FILES: [&str; 3] = ["-wal", "-shm", ""];

/// Removes what is there of a database that nobody needs.
fn remove(unfinished: &Path) {
    for suffix in FILES {
        let _ = fs::remove_file(sibling(unfinished, suffix));
    }
}

fn copy(url: &DatabaseUrl, target: &Path) -> Result<()> {
    // Left by a backup that was killed.
    remove(target);
    let name = target.to_str().ok_or_else(|| {
        StorageError::Refused(format!("{} is not UTF-8: choose another name", target.display()))
    })?;
    // Made first, so that nobody else may read it while it fills; VACUUM INTO takes an empty file.
    DatabaseUrl::Sqlite(target.to_owned()).create_file()?;
    let mut db = url.connect(Purpose::Write)?;
    Ok(db.batch_execute(&format!("VACUUM INTO '{}'", name.replace('\'', "''")))?)
}

fn seal(file: &Path) -> io::Result<()> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(file)?, &mut Hashing(&mut digest, io::sink()))?;
    let mut end = File::options().append(true).open(file)?;
    writeln!(end, "{SEAL}{}", hex::encode(digest.finalize()))
}

/// Copies a backup without its seal, and says whether the two agree.
fn unseal(from: &Path, to: &Path) -> io::Result<bool> {
    let mut sealed = File::open(from)?;
    let Some(length) = sealed.metadata()?.len().checked_sub(SEAL_BYTES) else { return Ok(false) };
    let mut digest = Sha256::new();
    io::copy(&mut (&mut sealed).take(length), &mut Hashing(&mut digest, File::create(to)?))?;
    let mut seal = Vec::new();
    sealed.read_to_end(&mut seal)?;
    Ok(seal == format!("{SEAL}{}\n", hex::encode(digest.finalize())).as_bytes())
}

/// Writes on, and takes a digest of what passes.
struct Hashing<'d, W>(&'d mut Sha256, W);

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.1.write(bytes)?;
        self.0.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.flush()
    }
}

/// Puts a backup in the database's place. What was there is kept beside it, under a new name with `.before-restore` in
/// it. Whenever this is cut off, either the old database is in place, or whoever opens it next puts the new one there.
///
/// # Errors
/// A server serves the database, or a command is at work on it; the file is not a sound backup, or one of a later
/// version.
pub fn restore(url: &DatabaseUrl, file: &Path) -> Result<()> {
    let DatabaseUrl::Sqlite(database) = url else { return Err(not_sqlite("pg_restore")) };
    if !file.exists() {
        return Err(StorageError::NoDatabase(file.display().to_string()));
    }
    if is_same_file(database, file) {
        return Err(StorageError::Refused(format!("{} is the database itself", file.display())));
    }
    let _server = url.lock_for_server()?;
    let _alone = url.enter_to_restore()?;
    if is_cut_off(url) {
        finish(url)?;
    }
    // All is tried out on a copy, before anything of the present database is touched.
    let unfinished = sibling(database, ".unfinished");
    remove(&unfinished);
    let fresh = DatabaseUrl::Sqlite(unfinished.clone());
    let done = fresh.create_file().and_then(|()| {
        if !io_result(unseal(file, &unfinished), file)? {
            return Err(unsound(file, "its last line is not the checksum of the rest"));
        }
        check(&unfinished)?;
        let mut db = fresh.connect(Purpose::Write)?;
        migrations::run(&mut db)?;
        // Only this one file gets the database's name.
        wal::write_out(&mut db)?;
        drop(db);
        check(&unfinished)?;
        durable(&unfinished, &sibling(database, RESTORED))?;
        finish(url)
    });
    remove(&unfinished);
    done
}

/// Whether a restore was cut off past its point of no return.
pub(super) fn is_cut_off(url: &DatabaseUrl) -> bool {
    url.beside(RESTORED).is_some_and(|restored| restored.exists())
}

/// The last part of a restore, which may be begun again after any of its steps. For one who is alone.
pub(super) fn finish(url: &DatabaseUrl) -> Result<()> {
    let DatabaseUrl::Sqlite(database) = url else { return Ok(()) };
    put_aside(database)?;
    durable(&sibling(database, RESTORED), database)
}

/// Moves the present database out of the way. Its log is written into it first, so that it is whole as one
/// file; where that fails (it is why one restores) its files stay together by their names. So does a log whose database
/// is gone.
fn put_aside(database: &Path) -> Result<()> {
    // By this file it is seen which names are taken. The database is the last that is moved: whoever goes on finds
    // the same name.
    let (name, last) =
        if database.exists() { (".before-restore", "") } else { (".lost-before-restore", "-wal") };
    // Not by our own opening, which ends the process where the disk fails.
    if last.is_empty()
        && let Some(Ok(mut connection)) = database.to_str().map(SqliteConnection::establish)
    {
        let _ = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    let mut names = (2..).map(|n| sibling(database, &format!("{name}-{n}")));
    let mut aside = sibling(database, name);
    while sibling(&aside, last).exists() {
        aside = names.next().unwrap_or(aside);
    }
    for suffix in FILES {
        let (from, to) = (sibling(database, suffix), sibling(&aside, suffix));
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

fn unsound(file: &Path, why: impl std::fmt::Display) -> StorageError {
    StorageError::Refused(format!("{} is no sound backup: {why}", file.display()))
}

/// Whether a file is a sound database of ours.
fn check(file: &Path) -> Result<()> {
    let name = file.to_str().unwrap_or_default();
    let mut connection = SqliteConnection::establish(name).map_err(|error| unsound(file, error))?;
    let lines: Vec<Line> = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check")
        .load(&mut connection)
        .map_err(|error| unsound(file, error))?;
    if let Some(Line { line }) = lines.into_iter().find(|line| line.line != "ok") {
        return Err(unsound(file, line));
    }
    let ours: Vec<Line> = sql_query("SELECT name AS line FROM sqlite_master WHERE name = 'ledger'")
        .load(&mut connection)
        .map_err(|error| unsound(file, error))?;
    if ours.is_empty() { Err(unsound(file, "it holds no ledger")) } else { Ok(()) }
}

/// Gives a finished file its name, so that it is there after a power cut too.
fn durable(unfinished: &Path, file: &Path) -> Result<()> {
    io_result(File::open(unfinished).and_then(|file| file.sync_all()), unfinished)?;
    io_result(fs::rename(unfinished, file), file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    io_result(File::open(folder).and_then(|folder| folder.sync_all()), folder)
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
