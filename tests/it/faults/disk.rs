//! T03 to T06: a disk that fails, that takes half a write, that is full; no more files, no more memory.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use patience::storage::DatabaseUrl;
use rand::RngExt;
use serde_json::Value;

use super::{
    history::History,
    load::{Load, event},
    prepare, random,
    shim::on_shim,
    tier,
};
use crate::installation::{Installation, Server, wait_for};

/// So many rounds are on one database: what is checked after each is all that it holds.
const ROUNDS: usize = 10;

/// A server whose disk goes wrong as `SHIM_FAIL` says.
fn on_failing_disk(installation: &Installation, fail: &str) -> Server {
    let DatabaseUrl::Sqlite(database) = installation.url() else { unreachable!() };
    Server::start(on_shim(installation.command(&["serve"]), &database, &[("SHIM_FAIL", fail)]))
}

/// After an I/O error nobody knows what is on the disk: the process ends, nothing of that commit is acknowledged, and
/// the next start finds all that was.
#[test]
fn an_input_output_error_ends_the_process_and_loses_nothing_acknowledged() {
    let mut random = random("T03");
    let mut cases: Vec<String> = Vec::new();
    for times in [1, 3] {
        for _ in 0..tier(3, 150) {
            cases.push(format!("sync:wal:{}:eio:{times}", random.random_range(2..tier(40, 300))));
        }
        for n in 1..=tier(1, 10) {
            cases.push(format!("sync:db:{n}:eio:{times}"));
            cases.push(format!("write:db:{}:eio:{times}", random.random_range(1..30 * n)));
        }
        for _ in 0..tier(1, 50) {
            cases.push(format!("write:wal:{}:eio:{times}", random.random_range(20..2000)));
        }
    }
    for cases in cases.chunks(ROUNDS) {
        let installation = Installation::new();
        let key = prepare(&installation);
        let mut history = History::default();
        for (n, fail) in cases.iter().enumerate() {
            let server = on_failing_disk(&installation, fail);
            let (heard, status) = Load::new(&[&server], &key, &n).during(|_| server.ended());
            assert!(!status.success(), "{fail}: {status}");
            history.add(heard);
            history.check(&installation.url());
        }
        let ended = installation.serve();
        let again = Load::new(&[&ended], &key, "after");
        history.add(again.during(Load::in_full_swing).0);
        drop(ended);
        history.check(&installation.url());
    }
}

/// No space, half a write, an interrupted one: what is refused is refused whole, the server lives, and writes again as
/// soon as it can.
#[test]
fn a_write_that_fails_for_want_of_space_is_refused_whole_and_the_next_one_succeeds() {
    let mut random = random("T05");
    let mut installation = Installation::new();
    let mut key = prepare(&installation);
    let mut history = History::default();
    for n in 0..tier(8, 200) {
        if n % ROUNDS == 0 {
            installation = Installation::new();
            key = prepare(&installation);
            history = History::default();
        }
        let how = ["enospc", "short", "eintr"][n % 3];
        let file = ["wal", "wal", "wal", "db"][n % 4];
        let at = random.random_range(1..if file == "wal" { 600 } else { 40 });
        let fail = format!("write:{file}:{at}:{how}:{}", random.random_range(1..4));
        let server = on_failing_disk(&installation, &fail);
        let load = Load::new(&[&server], &key, &n);
        let (heard, ()) = load.during(|load| {
            load.in_full_swing();
            // The database is written when enough of its log is in use.
            wait_for("writes", || load.acked() > if file == "db" { 6000 } else { 600 });
            load.in_full_swing();
        });
        history.add(heard);
        assert_eq!(server.stop("TERM").0, Some(0), "{fail}");
        history.check(&installation.url());
    }
}

/// A folder on a small disk of its own, gone with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None where disks cannot be mounted, said loudly; in CI that is a failure.
    fn new(size: &str) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let options = format!("size={size},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(disk.0.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(disk);
        }
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CI must be able to mount a tmpfs: run it as root"
        );
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"SKIPPED the tests of a full disk: a tmpfs cannot be mounted here, run them as root\n",
        );
        std::mem::forget(disk);
        None
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.0.path()).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn folder_on(disk: &SmallDisk, name: &str) -> tempfile::TempDir {
    tempfile::Builder::new().prefix(name).tempdir_in(disk.0.path()).unwrap()
}

fn fill_up(folder: &Path) {
    let mut file = fs::File::create(folder.join("ballast")).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
}

#[test]
fn a_full_disk_refuses_writes_goes_on_reading_and_heals_when_there_is_space() {
    let Some(disk) = SmallDisk::new("12m") else { return };
    let installation = Installation::in_folder(folder_on(&disk, "served"));
    let key = prepare(&installation);
    let server = installation.serve();
    let mut history = History::default();
    let batch = |n: usize| -> Vec<String> { (0..100).map(|i| format!("full-{n}-{i}")).collect() };
    let tell = |ids: &[String]| {
        let body = Value::Array(ids.iter().map(|id| event(id)).collect());
        server.post("/api/v1/events", &key, body.to_string())
    };
    let (mut refused, mut n) = (0, 0);
    while refused < 50 {
        let ids = batch(n);
        n += 1;
        let answer = tell(&ids);
        match answer.status().as_u16() {
            200 => history.acked.extend(ids.into_iter().map(|id| (id, 0))),
            507 => {
                refused += 1;
                assert!(answer.headers().contains_key("retry-after"));
                assert!(answer.text().unwrap().contains("the disk is full: make space"));
            }
            other => panic!("{other} {}", answer.text().unwrap()),
        }
    }
    assert!(history.acked.len() > 1000);
    assert_eq!(server.get("/api/v1/assignments/c1", Some(&key)).status(), 200);
    assert_eq!(server.get("/sign-in", None).status(), 200);
    assert_eq!(server.get("/readyz", None).status(), 200);
    // A backup onto the full disk says so, and leaves nothing behind.
    fill_up(disk.0.path());
    let target = disk.0.path().join("copy.db");
    let backup = installation.run(&["backup", target.to_str().unwrap()]);
    assert_eq!(backup.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&backup.stderr).contains("the disk is full"), "{backup:?}");
    assert!(!target.exists() && !target.with_extension("db.unfinished").exists());

    disk.resize("64m");
    let healed = Instant::now();
    let ids = batch(n);
    while tell(&ids).status() != 200 {
        assert!(
            healed.elapsed() < Duration::from_secs(5),
            "writes are refused for 5 s although there is space"
        );
        thread::sleep(Duration::from_millis(50));
    }
    history.acked.extend(ids.into_iter().map(|id| (id, 0)));
    let (heard, ()) = Load::new(&[&server], &key, "healed").during(Load::in_full_swing);
    history.add(heard);
    assert_eq!(server.stop("TERM").0, Some(0));
    history.check(&installation.url());
    installation.must(&["backup", target.to_str().unwrap()]);
}

#[test]
fn a_start_on_a_full_disk_says_so_and_the_next_one_succeeds() {
    let Some(disk) = SmallDisk::new("2m") else { return };
    let installation = Installation::in_folder(folder_on(&disk, "new"));
    fill_up(disk.0.path());
    let start = installation.run(&["key", "create", "a", "--role", "admin"]);
    assert_eq!(start.status.code(), Some(1), "{start:?}");
    assert!(String::from_utf8_lossy(&start.stderr).contains("the disk is full"), "{start:?}");
    fs::remove_file(disk.0.path().join("ballast")).unwrap();
    installation.must(&["key", "create", "a", "--role", "admin"]);
    installation.must(&["verify"]);
}

/// A server under a limit of the kernel's.
fn under_limit(installation: &Installation, limit: &str) -> Server {
    Server::start(limited(installation, limit))
}

fn limited(installation: &Installation, limit: &str) -> Command {
    let plain = installation.command(&["serve"]);
    let mut command = Command::new("prlimit");
    command.arg(limit).arg(plain.get_program()).args(plain.get_args()).stdin(Stdio::null());
    command.current_dir(plain.get_current_dir().unwrap());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

/// A file that may not grow further is a disk that fails.
#[test]
fn a_file_that_may_not_grow_ends_the_process_and_loses_nothing_acknowledged() {
    let installation = Installation::new();
    let key = prepare(&installation);
    let server = under_limit(&installation, "--fsize=2000000");
    let (heard, status) = Load::new(&[&server], &key, "fsize").during(|_| server.ended());
    assert!(!status.success(), "{status}");
    assert!(!heard.acked.is_empty());
    heard.check(&installation.url());
}

/// Clients that hold connections and say nothing take no files from the database: whoever is connected is served, the
/// others wait until there is room, and nothing is wrong afterwards.
#[test]
fn clients_that_take_all_connections_leave_files_for_the_database() {
    let installation = Installation::new();
    let key = prepare(&installation);
    let server = under_limit(&installation, "--nofile=128");
    let (mut history, ()) = Load::new(&[&server], &key, "before").during(Load::in_full_swing);
    let connected = thread::scope(|scope| {
        let address = server.host();
        let mut load = Load::new(&[&server], &key, "among");
        load.goes_on = true;
        let (heard, idle) = load.during(|load| {
            load.in_full_swing();
            let idle: Vec<_> =
                (0..300).map(|_| scope.spawn(move || std::net::TcpStream::connect(address))).collect();
            thread::sleep(Duration::from_millis(500));
            load.in_full_swing();
            idle.into_iter().filter_map(|client| client.join().unwrap().ok()).collect::<Vec<_>>()
        });
        history.add(heard);
        let files = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
        assert!(files <= 128 - 20, "{files} of 128 files are open");
        idle.len()
    });
    assert!(connected > 128, "{connected} clients are no crowd");
    let (heard, ()) = Load::new(&[&server], &key, "after").during(Load::in_full_swing);
    history.add(heard);
    assert_eq!(server.stop("TERM").0, Some(0));
    history.check(&installation.url());
}

#[test]
fn a_server_that_may_open_too_few_files_says_so_and_does_not_start() {
    let installation = Installation::new();
    let output = limited(&installation, "--nofile=60").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("60 files") && words.contains("ulimit -n"), "{words}");
}

/// Memory that is refused ends the process, or a request and no more; nothing that was acknowledged is lost.
#[test]
fn memory_that_is_refused_loses_nothing_acknowledged() {
    let mut random = random("T06");
    let installation = Installation::new();
    let key = prepare(&installation);
    let mut history = History::default();
    let (mut ends, mut breaks) = (0, 0);
    for round in 0..tier(6, 60) {
        let server = installation.serve();
        let mut load = Load::new(&[&server], &key, &round);
        (load.tellers, load.goes_on) = (12, true);
        let limit = |bytes: &str| {
            let pid = server.pid().to_string();
            let _ =
                Command::new("prlimit").args(["--pid", &pid, &format!("--as={bytes}:unlimited")]).output();
        };
        let (heard, ()) = load.during(|load| {
            load.in_full_swing();
            let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
            let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
            let size: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
            limit(&(size * 1024 + random.random_range(0..1 << 24)).to_string());
            // Small objects, which take a hundred times their text: more than the 1 GiB of addresses that the allocator
            // has set aside can hold. One such body is read at a time.
            breaks += thread::scope(|scope| {
                let large = || {
                    let large = server.client().post(format!("{}/api/v1/analyze", server.address));
                    let body = format!("[{}0]", r#"{"":1},"#.repeat((15 << 20) / 7));
                    usize::from(large.bearer_auth(&key).body(body).send().is_err())
                };
                let all: Vec<_> = (0..2).map(|_| scope.spawn(large)).collect();
                all.into_iter().map(|large| large.join().unwrap()).sum::<usize>()
            });
            // It has ended, is about to, or goes on as soon as there is memory.
            limit("unlimited");
            let (acked, answered) = (load.acked(), load.answered());
            wait_for("the end, or load", || {
                server.is_over() || (load.acked() >= acked + 50 && load.answered() >= answered + 5)
            });
        });
        breaks += heard.unsure.len();
        history.add(heard);
        ends += usize::from(server.is_over());
        drop(server);
        history.check(&installation.url());
    }
    println!("for want of memory {ends} processes ended and {breaks} events and requests went unanswered");
    assert!(ends + breaks > 0, "memory was never refused");
    installation.must(&["verify"]);
}
