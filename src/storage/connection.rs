//! Two engines behind one connection, and where a database lies.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use diesel::{
    Connection, ConnectionError, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_query, sql_types,
};

use super::{
    backup,
    error::{Result, StorageError},
    wal::KEPT,
};

pub use multi::Db;

#[allow(missing_docs, missing_debug_implementations, reason = "what the derive makes is undocumented")]
mod multi {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection inside a transaction, as [`super::super::Store::read`] and `write` hand it out. Pass it on
    /// to the functions of this floor.
    #[derive(diesel::MultiConnection)]
    pub enum Db {
        Sqlite(SqliteConnection),
        Postgres(PgConnection),
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Db(SQLite)",
            Self::Postgres(_) => "Db(PostgreSQL)",
        })
    }
}

/// Expands one body for each engine: for what `MultiConnection` cannot do (ON CONFLICT, batch INSERT).
macro_rules! per_backend {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db {
            $crate::storage::Db::Sqlite($connection) => $body,
            $crate::storage::Db::Postgres($connection) => $body,
        }
    };
}
pub(super) use per_backend;

/// Inserts rows that are not there yet: on SQLite row by row, as a statement that stays prepared is faster than a long
/// one that is new each time; on PostgreSQL by COPY, as each statement there is a journey. A key that is there already
/// is an error on both.
macro_rules! insert_rows {
    ($db:expr, $table:expr, $rows:expr) => {
        match $db {
            $crate::storage::Db::Sqlite(connection) => {
                for row in $rows {
                    diesel::insert_into($table).values(row).execute(connection)?;
                }
            }
            $crate::storage::Db::Postgres(connection) if !$rows.is_empty() => {
                let rows = diesel::copy_from($table).from_insertable($rows);
                diesel::ExecuteCopyFromDsl::execute(rows, connection)?;
            }
            $crate::storage::Db::Postgres(_) => {}
        }
    };
}
pub(super) use insert_rows;

/// Keys or rows of one statement on PostgreSQL, which binds at most 65,535 values.
pub(super) const CHUNK: usize = 1000;

/// Where a database lies.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by the whole address.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StorageError;

    /// Reads `sqlite://path`, `postgres://…` or `postgresql://…`.
    fn from_str(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite://")
            && !path.is_empty()
        {
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let shown = Self::Postgres(text.to_owned());
        Err(StorageError::Url(format!(
            "PATIENCE_DATABASE_URL must be sqlite://FILE or postgres://USER@HOST/DATABASE, this is {shown}"
        )))
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => match (url.split_once("://"), url.rsplit_once('@')) {
                (Some((scheme, _)), Some((login, host))) if login.len() > scheme.len() => {
                    let user = login[scheme.len() + 3..].split(':').next().unwrap_or_default();
                    write!(f, "{scheme}://{user}@{host}")
                }
                _ => f.write_str(url),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What a connection is for, and with it how long PostgreSQL works on a statement and waits for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Short reads and long ones.
    Read,
    /// The writes of those who wait for their answer. Whoever writes holds up all others that write to the same
    /// PostgreSQL: one whose link is dead must not do so for long.
    Ledger,
    /// Work that takes as long as it takes: migrations, copies.
    Write,
}

/// By this name others know a connection of [`Purpose::Ledger`] in PostgreSQL.
pub(super) const LEDGER_WRITER: &str = "patience ledger";

/// How long a writer waits for another process that writes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// How much of an SQLite file who writes keeps in memory, in KiB: all pages of a big batch, as what does not fit is
/// written, and read again, within the transaction.
pub(super) const KEPT_FOR_BATCHES: u32 = 163_840;

/// The first SQLite without the WAL-reset bug (two connections that checkpoint and write at once could
/// corrupt a database).
const SQLITE_AT_LEAST: [u32; 3] = [3, 51, 3];

/// What PostgreSQL's client does, unless the address says otherwise. It waits: seconds for a connection, seconds
/// until and between questions whether an idle link is alive, milliseconds for what was sent to be taken. Of several
/// servers it takes the one that can be written to, whichever that has become.
const OPTIONS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
    ("target_session_attrs", "read-write"),
];

fn with_options(address: &str) -> String {
    let mut address = address.to_owned();
    for (name, value) in OPTIONS {
        // What stands before the @ may be a password.
        let (_, place) = address.rsplit_once('@').unwrap_or(("", &address));
        let joint = if place.contains('?') { '&' } else { '?' };
        if !place.contains(&format!("{name}=")) {
            address = format!("{address}{joint}{name}={value}");
        }
    }
    address
}

impl DatabaseUrl {
    /// Whether it is the same place as another one, as far as their addresses tell.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sqlite(one), Self::Sqlite(other)) => one == other || is_same_file(one, other),
            _ => self == other,
        }
    }

    /// Whether there is a database of ours, or one on its way to be that.
    pub(super) fn exists(&self) -> Result<bool> {
        match self {
            // An empty file is what a start leaves that was cut off at once.
            Self::Sqlite(path) => {
                Ok(path.metadata().is_ok_and(|file| file.len() > 0) || backup::is_cut_off(self))
            }
            Self::Postgres(url) => match PgConnection::establish(&with_options(url)) {
                Ok(mut connection) => {
                    let query = "SELECT coalesce(to_regclass('ledger')::text, '') AS value";
                    Ok(!sql_query(query).get_result::<Value>(&mut connection)?.value.is_empty())
                }
                Err(error) if error.to_string().contains("does not exist") => Ok(false),
                Err(error) => Err(self.unreachable(&error)),
            },
        }
    }

    fn unreachable(&self, error: &ConnectionError) -> StorageError {
        StorageError::Unreachable(format!("{self}: {}", error.to_string().trim()))
    }

    /// The file of the write-ahead log.
    pub(super) fn log_file(&self) -> Option<PathBuf> {
        self.beside("-wal")
    }

    /// A file beside the database's.
    pub(super) fn beside(&self, suffix: &str) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(sibling(path, suffix)),
            Self::Postgres(_) => None,
        }
    }

    /// Makes an empty database file that only its owner may read; customers' data will stand in it.
    pub(super) fn create_file(&self) -> Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(StorageError::Unfit(format!("cannot create {}: {error}", path.display()))),
        }
    }

    pub(super) fn connect(&self, purpose: Purpose) -> Result<Db> {
        match self {
            Self::Sqlite(path) => {
                let name = path.to_str().ok_or_else(|| {
                    StorageError::Url(format!("{} is not UTF-8: choose another name", path.display()))
                })?;
                let mut connection = SqliteConnection::establish(name)
                    .map_err(|error| StorageError::Unfit(format!("cannot open {name}: {error}")))?;
                prepare_sqlite(&mut connection, purpose).map_err(|error| match error {
                    StorageError::ReadOnly(_) => StorageError::ReadOnly(self.to_string()),
                    other => other,
                })?;
                Ok(Db::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let mut connection =
                    PgConnection::establish(&with_options(url)).map_err(|error| self.unreachable(&error))?;
                prepare_postgres(&mut connection, purpose)?;
                Ok(Db::Postgres(connection))
            }
        }
    }
}

/// The file whose name has this at its end besides.
pub(super) fn sibling(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether two names are of one file, which exists.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn prepare_sqlite(connection: &mut SqliteConnection, purpose: Purpose) -> Result<()> {
    // First of all: even asking for the version reads the schema, which another process may hold.
    connection.batch_execute(&format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis()))?;
    let version = text(connection, "SELECT sqlite_version() AS value")?;
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts.as_slice() < SQLITE_AT_LEAST.as_slice() {
        return Err(StorageError::Unfit(format!("SQLite {version} is too old, it must be at least 3.51.3")));
    }
    // The writer checkpoints by itself, to see whether that succeeds.
    use_write_ahead_log(connection)?;
    connection.batch_execute(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {KEPT}; PRAGMA cache_size = -32768;
         PRAGMA temp_store = MEMORY;",
    ))?;
    let journal = text(connection, "SELECT journal_mode AS value FROM pragma_journal_mode")?;
    let synchronous = text(connection, "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous")?;
    if (journal.as_str(), synchronous.as_str()) != ("wal", "2") {
        return Err(StorageError::Unfit(format!(
            "journal_mode is {journal} and synchronous {synchronous}, they must be wal and 2 (FULL): is it on a \
             network drive?"
        )));
    }
    connection.batch_execute(&match purpose {
        Purpose::Read => "PRAGMA query_only = ON;".to_owned(),
        Purpose::Ledger | Purpose::Write => format!("PRAGMA cache_size = -{KEPT_FOR_BATCHES};"),
    })?;
    Ok(())
}

/// Turns the write-ahead log on, where it is not yet. SQLite does not wait for others in doing so, whatever the
/// busy timeout: several processes that open a new database at once meet here.
fn use_write_ahead_log(connection: &mut SqliteConnection) -> Result<()> {
    let began = Instant::now();
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error)
                if error.to_string().contains("database is locked") && began.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            outcome => return Ok(outcome?),
        }
    }
}

fn prepare_postgres(connection: &mut PgConnection, purpose: Purpose) -> Result<()> {
    connection.batch_execute("SET client_min_messages = warning;")?;
    match purpose {
        // PostgreSQL keeps the plan of a prepared statement until autovacuum analyses the table, and one made while it
        // was small reads all of it. So each question is planned anew here;
        Purpose::Read => connection.batch_execute(
            "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '10min'; \
             SET plan_cache_mode = force_custom_plan;",
        )?,
        // and here, where all is looked up by key, no plan may read a whole table that has an index.
        Purpose::Ledger => connection.batch_execute(&format!(
            "SET statement_timeout = '6s'; SET idle_in_transaction_session_timeout = '5s'; \
             SET enable_seqscan = off; SET application_name = '{LEDGER_WRITER}';"
        ))?,
        // Whoever comes after it waits for it: not for one whose machine is gone, or that somebody has suspended.
        Purpose::Write => connection.batch_execute(
            "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \
             SET idle_in_transaction_session_timeout = '10min';",
        )?,
    }
    let mut setting = |name: &str| -> Result<String> {
        let query = format!("SELECT current_setting('{name}') AS value");
        Ok(sql_query(query).get_result::<Value>(connection)?.value)
    };
    for name in ["fsync", "synchronous_commit"] {
        if setting(name)? == "off" {
            return Err(StorageError::Unfit(format!(
                "PostgreSQL's {name} is off: what is acknowledged must be durable, turn it on"
            )));
        }
    }
    let spoken = setting("lc_messages")?;
    if !is_english(&spoken) {
        return Err(StorageError::Unfit(format!(
            "PostgreSQL's lc_messages is {spoken}: what failed is told apart by its English messages, \
             ALTER DATABASE … SET lc_messages = 'C'"
        )));
    }
    Ok(())
}

/// Whether PostgreSQL speaks English under an `lc_messages`: diesel hands on no code of most errors, so that they are
/// known by their words.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
    matches!(language, "" | "C" | "POSIX" | "en" | "English")
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = sql_types::Text)]
    value: String,
}

fn text(connection: &mut SqliteConnection, query: &str) -> Result<String> {
    Ok(sql_query(query).get_result::<Value>(connection)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_server() {
        assert_eq!("sqlite://a/b.db".parse(), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!("sqlite:///a.db".parse(), Ok(DatabaseUrl::Sqlite("/a.db".into())));
        assert!(matches!("postgresql://u@h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
        for wrong in ["", "sqlite://", "patience.db", "mysql://u:secret@h/d"] {
            let error = wrong.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("must be sqlite://FILE or postgres://"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_link_has_options_unless_the_address_sets_them() {
        let all = "connect_timeout=5&keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=10000\
                   &target_session_attrs=read-write";
        assert_eq!(with_options("postgres://u:p?@h/d"), format!("postgres://u:p?@h/d?{all}"));
        assert_eq!(with_options("postgres://h/d?a=b"), format!("postgres://h/d?a=b&{all}"));
        let set = "postgres://h/d?connect_timeout=60";
        assert_eq!(with_options(set), format!("{set}&{}", all.split_once('&').unwrap().1));
    }

    #[test]
    fn errors_are_understood_in_english_alone() {
        assert!(["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "en_GB", ""].into_iter().all(is_english));
        assert!(!["de_DE.UTF-8", "fr_FR", "zh_CN.utf8", "eng"].into_iter().any(is_english));
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://me:se@cret@localhost/db".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://me@localhost/db postgres://me@localhost/db");
    }
}
