//! What the benchmarks share: servers in processes of their own, and what Linux tells of processes.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::{
    io::{BufRead, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The binary that is measured.
pub const PATIENCE: &str = env!("CARGO_BIN_EXE_patience");

/// A line of the table with which `benches/run` ends: what, what was measured, beside what, the ratio of the two, and
/// what is wanted. Goes to the file that it names; nowhere, where a benchmark is run alone.
pub fn row(what: &str, measured: &str, beside: &str, ratio: Option<f64>, wanted: &str) {
    let Some(table) = std::env::var_os("PATIENCE_BENCH_TABLE") else { return };
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
    let mut table = std::fs::OpenOptions::new().append(true).create(true).open(table).expect("a table");
    writeln!(table, "{}", [what, measured, beside, &ratio, wanted].join("\t")).expect("written");
}

/// A server of its own process; ended with it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took from its start until it said so.
    pub started_in: Duration,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
        let mut lines = std::io::BufReader::new(child.stdout.take().expect("piped")).lines();
        let address = lines.find_map(|line| line.ok()?.split_once("http://")?.1.parse().ok());
        let started_in = begun.elapsed();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it says where it serves"), started_in }
    }

    /// This benchmark itself, called with `bare` and an answer.
    pub fn bare(answer: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("ourselves"));
        command.args(["bare", answer]);
        Self::start(command)
    }

    /// Patience on a database.
    pub fn patience(url: &str) -> Self {
        let mut command = Command::new(PATIENCE);
        command.current_dir(std::env::temp_dir());
        command.args(["serve", "--database-url", url, "--listen", "127.0.0.1:0"]);
        Self::start(command)
    }

    /// Seconds that it has had a core for: 100 ticks a second, as Linux tells everybody.
    pub fn cpu_seconds(&self) -> f64 {
        ticks(self.child.id(), 11)
    }

    /// The most memory it has held so far, and what it holds now, in MB.
    pub fn memory_mb(&self) -> (u64, u64) {
        (peak_memory_mb(self.child.id()), status_mb(self.child.id(), "VmRSS:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A database of its own on a PostgreSQL server; none where that cannot be made.
pub fn new_database(server: &str) -> Option<String> {
    let (first, url) = (format!("{server}/postgres"), format!("{server}/patience_bench"));
    let (drop, create) = ("DROP DATABASE IF EXISTS patience_bench", "CREATE DATABASE patience_bench");
    timed(Command::new("psql").args(["-q", &first, "-c", drop, "-c", create]))?;
    Some(url)
}

/// A program run to its end: how long it took, and how long it had a core for, in seconds.
pub fn timed(command: &mut Command) -> Option<(f64, f64)> {
    let (cpu, begun) = (ticks(std::process::id(), 13), Instant::now());
    let done = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
    if !done.status.success() {
        eprintln!("{command:?}: {}", String::from_utf8_lossy(&done.stderr));
        return None;
    }
    Some((begun.elapsed().as_secs_f64(), ticks(std::process::id(), 13) - cpu))
}

/// What a program took from its start to its end.
pub struct Cost {
    /// By the clock.
    pub seconds: f64,
    /// Seconds that it had cores for.
    pub cpu: f64,
    /// The most memory that it held.
    pub memory_mb: u64,
}

/// Runs a program to its end; none, and its words, where it fails.
pub fn cost(command: &mut Command) -> Option<Cost> {
    let (cpu, begun) = (ticks(std::process::id(), 13), Instant::now());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().ok()?;
    let mut memory_mb = 0;
    let status = loop {
        memory_mb = memory_mb.max(peak_memory_mb(child.id()));
        if let Some(status) = child.try_wait().ok()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), ticks(std::process::id(), 13) - cpu);
    status.success().then_some(Cost { seconds, cpu, memory_mb })
}

/// The sum of two fields of a process' `stat`, in seconds: 11 for its own time, 13 for that of its children.
fn ticks(process: u32, field: usize) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = told.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(field).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The most memory that a process has held so far, in MB.
pub fn peak_memory_mb(process: u32) -> u64 {
    status_mb(process, "VmHWM:")
}

fn status_mb(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
