//! What storage costs: events over HTTP beside the database's own loader, a start, an analysis beside `DuckDB` and
//! tea-tasting. `cargo bench --bench store -- help`.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

mod analysis;
#[path = "../support/mod.rs"]
mod support;

use patience::simulation::Chance;
use support::{PATIENCE, Server, new_database, row, timed};

const HELP: &str = "\
cargo bench --bench store -- [events=1000000] [units=10000,100000] [postgres=postgres://…] [python=python3] [folder=…]
  events    told over HTTP as NDJSON; 0 for none
  units     of the experiments that are analysed, 10 conversations each; 0 for none
  postgres  a server on which databases may be made, its address without one: events are told there too
  python    one that has duckdb, pyarrow and tea-tasting: analyses the same rows beside
  folder    where the databases that are analysed are kept, to be used again";

fn main() {
    let (mut events, mut units) = (1_000_000, vec![10_000, 100_000]);
    let (mut postgres, mut python, mut folder) = (None, "python3".to_owned(), None);
    for word in std::env::args().skip(1).filter(|word| word != "--bench") {
        match word.split_once('=') {
            Some(("events", number)) => events = number.parse().expect("a number"),
            Some(("units", numbers)) => {
                units = numbers.split(',').map(|number| number.parse().expect("a number")).collect();
            }
            Some(("postgres", url)) => postgres = Some(url.to_owned()),
            Some(("python", program)) => program.clone_into(&mut python),
            Some(("folder", path)) => folder = Some(PathBuf::from(path)),
            _ => return println!("{HELP}"),
        }
    }
    units.retain(|units| *units > 0);
    if events > 0 {
        ingest(events, postgres.as_deref());
    }
    if !units.is_empty() {
        analysis::measure(&units, &python, folder.as_deref());
    }
}

/// Events of one request: the rate of each request tells how it changes as the database grows.
const REQUEST: usize = 1_000_000;

/// Events of a help desk in the order of their time, one a line, a file for each request; and the same as rows for a
/// loader.
fn write_events(home: &Path, count: usize) -> (Vec<PathBuf>, PathBuf) {
    let mut chance = Chance::new(7, 0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below `n`, which is one")]
    let mut below = move |n: usize| (chance.uniform() * n as f64) as usize;
    let customers = (count / 20).max(1);
    let span = 150 * 86_400;
    let mut order: Vec<(usize, usize, usize, usize)> =
        (0..customers).map(|c| (below(span / 10), 0, c, 0)).collect();
    let mut conversation = 0;
    while order.len() < count {
        let (customer, opened) = (below(customers), below(span));
        conversation += 1;
        for (kind, later) in [(1, 1), (2, 10_000), (3, 40_000), (4, 80_000), (5, 100)] {
            if kind != 5 || below(3) == 0 {
                order.push((opened + below(later), kind, customer, conversation));
            }
        }
    }
    order.truncate(count);
    order.sort_unstable();
    let rows = home.join("events.csv");
    let requests: Vec<PathBuf> =
        (0..count.div_ceil(REQUEST)).map(|n| home.join(format!("events-{n}.ndjson"))).collect();
    let mut outs = requests
        .iter()
        .map(|request| BufWriter::new(File::create(request).expect("a file")))
        .collect::<Vec<_>>();
    let mut csv = BufWriter::new(File::create(&rows).expect("a file"));
    let first: usize = 1_767_571_200; // 2026-01-05
    for (place, (second, kind, customer, conversation)) in order.into_iter().enumerate() {
        let at =
            patience::domain::time::Moment::from_ms(1000 * i64::try_from(first + second).expect("a time"))
                .expect("in range");
        let id = format!("{:08x}-{:08x}{:08x}", below(1 << 32), below(1 << 32), below(1 << 32));
        let fields = match kind {
            0 => format!(
                r#""type":"customer.updated","attributes":{{"plan":"team","monthly_spend":{}.5}}"#,
                below(200)
            ),
            1 => format!(
                r#""type":"conversation.opened","conversation_id":"v-{conversation}","channel":"email","topic":"billing","urgency":"low""#
            ),
            2 => format!(
                r#""type":"conversation.replied","conversation_id":"v-{conversation}","by":"agent","agent_id":"a-{}""#,
                below(40)
            ),
            3 => format!(
                r#""type":"conversation.closed","conversation_id":"v-{conversation}","handle_seconds":{},"after_contact_seconds":60,"resolved":true"#,
                below(2000)
            ),
            4 => format!(
                r#""type":"conversation.rated","conversation_id":"v-{conversation}","score":{},"emotions":["calm"]"#,
                1 + below(5)
            ),
            _ => format!(
                r#""type":"revenue.recorded","month":"{}","amount":{},"currency":"USD""#,
                at.month(),
                below(200)
            ),
        };
        let line = format!(r#"{{"id":"{id}","occurred_at":"{at}","customer_id":"c-{customer}",{fields}}}"#);
        writeln!(outs[place / REQUEST], "{line}").expect("written");
        writeln!(csv, "bench,{id},{kind},c-{customer},{at},\"{}\"", line.replace('"', "\"\""))
            .expect("written");
    }
    (requests, rows)
}

fn ingest(count: usize, postgres: Option<&str>) {
    let home = tempfile::tempdir().expect("a folder");
    let (requests, rows) = write_events(home.path(), count);
    let bytes: u64 = requests.iter().map(|lines| lines.metadata().map_or(0, |data| data.len())).sum();
    println!("{count} mixed events as NDJSON over HTTP, {} MB", bytes >> 20);
    println!("{:<44} {:>9} {:>10} {:>9} {:>9}", "", "a second", "CPU µs", "MB", "of loader");
    let loaded = shell(home.path(), &rows).map(|(seconds, cpu)| {
        println!(
            "{:<44} {:>9.0} {:>10.1}",
            "sqlite3 shell, same unique key, FULL",
            count as f64 / seconds,
            1e6 * cpu / count as f64
        );
        count as f64 / seconds
    });
    let url = format!("sqlite://{}/p.db", home.path().display());
    told(&url, &requests, count, "SQLite", loaded);
    started(&url, count);
    let Some(server) = postgres else { return println!("PostgreSQL: not measured, no postgres=") };
    let Some(url) = new_database(server) else {
        return println!("PostgreSQL: not measured, psql cannot make a database at {server}");
    };
    let loaded = copy(&url, &rows).map(|(seconds, cpu)| {
        println!(
            "{:<44} {:>9.0} {:>10.1}",
            "COPY, same unique key (CPU: psql's)",
            count as f64 / seconds,
            1e6 * cpu / count as f64
        );
        count as f64 / seconds
    });
    told(&url, &requests, count, "PostgreSQL (CPU: ours)", loaded);
}

/// SQLite's own loader, at equal durability.
fn shell(home: &Path, rows: &Path) -> Option<(f64, f64)> {
    let import = format!(".import {} told", rows.display());
    let words = [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE told (source TEXT, id TEXT, kind TEXT, customer TEXT, at TEXT, body TEXT, UNIQUE (source, id))",
        ".mode csv",
        &import,
    ];
    let done = timed(Command::new("sqlite3").arg(home.join("shell.db")).args(words));
    if done.is_none() {
        println!("sqlite3 shell: not measured, it is not installed");
    }
    done
}

fn copy(url: &str, rows: &Path) -> Option<(f64, f64)> {
    let table = "CREATE TABLE told (source TEXT, id TEXT, kind TEXT, customer TEXT, at TEXT, body TEXT, UNIQUE (source, id))";
    timed(Command::new("psql").args(["-q", url, "-c", table]))?;
    let copy = format!("\\copy told FROM '{}' CSV", rows.display());
    let done = timed(Command::new("psql").args(["-q", url, "-c", &copy]));
    timed(Command::new("psql").args(["-q", url, "-c", "DROP TABLE told"]))?;
    done
}

/// Tells them to a server.
fn told(url: &str, requests: &[PathBuf], count: usize, engine: &str, loaded: Option<f64>) {
    let key = Command::new(PATIENCE)
        .args(["key", "create", "bench", "--role", "ingest", "--database-url", url])
        .output()
        .expect("run");
    let key = String::from_utf8(key.stdout).expect("text").trim().to_owned();
    let server = Server::patience(url);
    let begun = Instant::now();
    let mut rates = Vec::new();
    for (n, lines) in requests.iter().enumerate() {
        let (events, begun) = (REQUEST.min(count - n * REQUEST), Instant::now());
        let answer = send(&server, &key, lines);
        assert!(answer.contains(&format!("\"accepted\":{events}")), "{answer}");
        rates.push(events as f64 / begun.elapsed().as_secs_f64());
    }
    let (took, cpu) = (begun.elapsed().as_secs_f64(), server.cpu_seconds());
    let (rate, of) = (count as f64 / took, loaded.map_or(0.0, |loaded| count as f64 / took / loaded));
    let (cpu, memory) = (1e6 * cpu / count as f64, server.memory_mb().0);
    println!("{:<44} {rate:>9.0} {cpu:>10.1} {memory:>9} {of:>9.2}", format!("Patience, {engine}"));
    row(
        &format!("{count} events over HTTP, {engine}"),
        &format!("{rate:.0}/s, {cpu:.1} µs of processor, {memory} MB"),
        &loaded.map_or_else(String::new, |loaded| format!("{loaded:.0}/s, its own loader")),
        loaded.map(|_| of),
        "0.5 of its own loader",
    );
    if let [first, .., last] = rates[..] {
        let each: Vec<String> = rates.iter().map(|rate| format!("{:.0}", rate / 1e3)).collect();
        println!("  thousands a second by million: {}", each.join(" "));
        row(
            &format!("all {count} events beside the first million, {engine}"),
            &format!("{rate:.0}/s, the last million {last:.0}/s"),
            &format!("{first:.0}/s, the first million"),
            Some(rate / first),
            "0.7 of the first million",
        );
    }
}

fn send(server: &Server, key: &str, lines: &Path) -> String {
    let mut file = File::open(lines).expect("a file");
    let length = file.metadata().expect("its length").len();
    let mut stream = TcpStream::connect(server.address).expect("connected");
    write!(stream, "POST /api/v1/events HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n").expect("sent");
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece).expect("read") {
            0 => break,
            read => stream.write_all(&piece[..read]).expect("sent"),
        }
    }
    let mut answer = String::new();
    BufReader::new(stream).read_to_string(&mut answer).expect("answered");
    answer
}

/// How long a server takes to start on a database, and what it holds then.
fn started(url: &str, count: usize) {
    let server = Server::patience(url);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let (ms, memory) = (1e3 * server.started_in.as_secs_f64(), server.memory_mb().1);
    println!("start on a database of {count} events: {ms:.0} ms, idle memory {memory} MB");
    row(
        &format!("start on {count} events"),
        &format!("{ms:.0} ms, idle {memory} MB"),
        "",
        None,
        "300 ms, 50 MB",
    );
}
