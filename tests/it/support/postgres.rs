//! A PostgreSQL of our own: a cluster in a temporary folder that listens on a unix socket only, started for
//! the first test that asks and gone when the test process ends, however it ends.

use std::{
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use patience::storage::DatabaseUrl;

/// A server of its own.
pub struct Cluster {
    folder: String,
    /// The shell that holds the server stops it when this closes.
    shell: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

/// Starts the server, does what it reads, stops the server when its standard input closes and removes its folder.
/// `stop` is at once, as by a crash. All as the user postgres where we are root, which the server refuses to be.
const SCRIPT: &str = r#"
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
"$bin/initdb" -D "$1/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
start() {
    "$bin/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=300 2>>"$1/log" &
    server=$!
}
start "$1"
while read -r word; do
    case $word in
        stop) kill -QUIT $server; wait $server || true ;;
        start) start "$1" ;;
    esac
    echo done
done
kill -INT $server || true
wait $server || true
rm -rf "$1"
"#;

impl Cluster {
    /// Starts one. None where no PostgreSQL is installed, said loudly; in CI that is a failure.
    pub fn start() -> Option<Self> {
        let cluster = Self::try_start();
        if cluster.is_none() {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CI must test PostgreSQL: install postgresql"
            );
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            // Not by eprintln, which the test harness swallows.
            let _ =
                writeln!(std::io::stderr(), "SKIPPED {name}: no PostgreSQL here, apt-get install postgresql");
        }
        cluster
    }

    fn try_start() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !std::path::Path::new("/usr/lib/postgresql").exists() {
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("/tmp/patience-pg-{}-{number}", std::process::id());
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
        command.args([SCRIPT, "sh", &folder]).current_dir("/tmp");
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (ear, mouth) = (shell.stdin.take()?, shell.stdout.take()?);
        let cluster = Self { folder, shell: Mutex::new((ear, BufReader::new(mouth))) };
        cluster.wait();
        Some(cluster)
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while PgConnection::establish(&self.address("postgres")).is_err() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start: see {}/log", self.folder);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.folder.replace('/', "%2F"))
    }

    /// A new, empty database.
    pub fn database(&self) -> DatabaseUrl {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::establish(&self.address("postgres")).unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.address(&name).parse().unwrap()
    }

    fn tell(&self, word: &str) {
        let mut shell = self.shell.lock().unwrap();
        writeln!(shell.0, "{word}").unwrap();
        shell.1.read_line(&mut String::new()).unwrap();
    }

    /// Ends the server at once, as a crash would.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Starts it again; gives when it answers.
    pub fn go_on(&self) {
        self.tell("start");
        self.wait();
    }
}

/// A new, empty database on the server that all tests share.
pub fn database() -> Option<DatabaseUrl> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(Cluster::start).as_ref().map(Cluster::database)
}
