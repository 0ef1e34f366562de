//! A PostgreSQL of our own: a cluster in a temporary folder that listens on a unix socket only, started for
//! the first test that asks and gone when the test process ends, however it ends.

use std::{
    io::Write,
    process::{ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use patience::storage::DatabaseUrl;

struct Cluster {
    folder: String,
    /// The shell that holds the server stops it when this closes.
    _lifeline: ChildStdin,
}

/// Starts the server, waits until its standard input closes, stops the server and removes its folder. All as
/// the user postgres where we are root, which the server refuses to be.
const SCRIPT: &str = r#"
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
"$bin/initdb" -D "$1/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
"$bin/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=200 2>"$1/log" &
server=$!
cat >/dev/null
kill -INT $server
wait $server || true
rm -rf "$1"
"#;

fn start() -> Option<Cluster> {
    if !std::path::Path::new("/usr/lib/postgresql").exists() {
        return None;
    }
    let folder = format!("/tmp/patience-pg-{}", std::process::id());
    let am_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    std::fs::create_dir(&folder).ok()?;
    let mut command = if am_root {
        Command::new("chown").args(["postgres", &folder]).status().ok()?;
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh", "-c"]);
        command
    } else {
        let mut command = Command::new("sh");
        command.arg("-c");
        command
    };
    let mut shell =
        command.args([SCRIPT, "sh", &folder]).current_dir("/tmp").stdin(Stdio::piped()).spawn().ok()?;
    let lifeline = shell.stdin.take()?;
    let deadline = Instant::now() + Duration::from_mins(1);
    while PgConnection::establish(&address(&folder, "postgres")).is_err() {
        assert!(Instant::now() < deadline, "PostgreSQL did not start: see {folder}/log");
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(Cluster { folder, _lifeline: lifeline })
}

fn address(folder: &str, database: &str) -> String {
    format!("postgres://postgres@{}/{database}", folder.replace('/', "%2F"))
}

/// A new, empty database. None where no PostgreSQL is installed, said loudly; in CI that is a failure.
pub fn database() -> Option<DatabaseUrl> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Some(cluster) = CLUSTER.get_or_init(start) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI must test PostgreSQL: install postgresql");
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        // Not by eprintln, which the test harness swallows.
        let _ = writeln!(std::io::stderr(), "SKIPPED {name}: no PostgreSQL here, apt-get install postgresql");
        return None;
    };
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::establish(&address(&cluster.folder, "postgres")).unwrap();
    connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    Some(address(&cluster.folder, &name).parse().unwrap())
}
