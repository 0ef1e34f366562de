//! T02: the power fails. A server under load runs on a disk that records every write and every fsync; then, for many
//! points of that recording, the files are laid out as a power cut at this point could have left them: all that was
//! synced, and of what was not synced nothing, everything, or any of its sectors. Whatever was acknowledged before the
//! point must be there.
//!
//! The negative control replays the same recording with the fsyncs that `synchronous = NORMAL` would make. Then
//! acknowledged events must be missing, or the test could not see it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use patience::storage::{DatabaseUrl, Store};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::{
    history::History,
    load::Load,
    prepare, random,
    shim::{Change, Recorded, on_shim, read},
    tier,
};
use crate::installation::{Installation, wait_for};

/// What a disk writes at once.
const SECTOR: usize = 512;

/// The first bytes of the write-ahead log.
const LOG_HEADER: usize = 32;

/// What becomes of writes that were not synced.
#[derive(Debug, Clone, Copy)]
enum Unsynced {
    None,
    Some,
    All,
}

/// A file: what is safe, and what has been written since.
#[derive(Debug, Clone, Default)]
struct File {
    safe: Vec<u8>,
    pending: Vec<Change>,
}

impl File {
    fn take(&mut self, change: &Change) {
        match change {
            Change::Sync => {
                for change in std::mem::take(&mut self.pending) {
                    apply(&mut self.safe, &change);
                }
            }
            // Only the end of a server removes its log, when all of it is in the database.
            Change::Unlink => *self = Self::default(),
            change => self.pending.push(change.clone()),
        }
    }

    fn after_power_cut(&self, unsynced: Unsynced, random: &mut ChaCha8Rng) -> Vec<u8> {
        let mut file = self.safe.clone();
        for change in &self.pending {
            match (unsynced, change) {
                (Unsynced::None, _) => {}
                (Unsynced::All, change) => apply(&mut file, change),
                (Unsynced::Some, Change::Write { offset, data }) => {
                    let mut from = 0;
                    while from < data.len() {
                        let to = data.len().min(from + SECTOR - (offset + from) % SECTOR);
                        if random.random_bool(0.5) {
                            let data = data[from..to].to_vec();
                            apply(&mut file, &Change::Write { offset: offset + from, data });
                        }
                        from = to;
                    }
                }
                (Unsynced::Some, change) => {
                    if random.random_bool(0.5) {
                        apply(&mut file, change);
                    }
                }
            }
        }
        file
    }
}

fn apply(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, data } => {
            let end = offset + data.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[*offset..end].copy_from_slice(data);
        }
        Change::Truncate(length) => file.resize(*length, 0),
        Change::Sync | Change::Unlink => {}
    }
}

/// A recording as it would be under `synchronous = NORMAL`: the log is synced before it is copied into the database,
/// and after its header was written, not at each commit.
fn as_normal(records: &[Recorded]) -> Vec<Recorded> {
    let keep = |i: usize| match &records[i] {
        Recorded { file: 1, change: Change::Sync, .. } => {
            let header = records[..i].iter().rfind(|record| record.file == 1).is_some_and(
                |record| matches!(&record.change, Change::Write { offset: 0, data } if data.len() == LOG_HEADER),
            );
            header || records.get(i + 1).is_some_and(|next| next.file == 0)
        }
        _ => true,
    };
    (0..records.len()).filter(|i| keep(*i)).map(|i| records[i].clone()).collect()
}

/// A recording of a server under load, the database that it began with, and what was acknowledged meanwhile.
struct Run {
    before: Vec<u8>,
    records: Vec<Recorded>,
    history: History,
}

fn run() -> Run {
    let installation = Installation::new();
    let key = prepare(&installation);
    let DatabaseUrl::Sqlite(database) = installation.url() else { unreachable!() };
    let before = fs::read(&database).unwrap();
    let recording = installation.path("recording");
    let settings = [("SHIM_LOG", recording.to_str().unwrap())];
    let server =
        crate::installation::Server::start(on_shim(installation.command(&["serve"]), &database, &settings));
    let mut load = Load::new(&[&server], &key, "power");
    load.clock = Some(recording.clone());
    let (history, ()) = load.during(|_| {
        // Until the log has been copied into the database twice.
        wait_for("checkpoints", || {
            let records = read(&fs::read(&recording).unwrap());
            records.windows(2).filter(|two| two[0].file == 0 && two[1].file == 1).count() >= 2
                && fs::metadata(&recording).unwrap().len() > 12 << 20
        });
        server.kill_now();
    });
    history.check(&installation.url());
    Run { before, records: read(&fs::read(&recording).unwrap()), history }
}

/// Cuts the power at so many points; gives the points with what was wrong there.
fn cut_power(
    run: &Run,
    records: &[Recorded],
    points: usize,
    random: &mut ChaCha8Rng,
) -> BTreeMap<usize, Vec<String>> {
    // Memory is as good a disk as any for what lives a moment.
    let folder =
        if Path::new("/dev/shm").is_dir() { TempDir::new_in("/dev/shm") } else { TempDir::new() }.unwrap();
    let mut points: Vec<usize> = (0..points).map(|_| random.random_range(0..=records.len())).collect();
    points.sort_unstable();
    let mut disk = [File { safe: run.before.clone(), pending: Vec::new() }, File::default()];
    let mut done = 0;
    let cuts: Vec<_> = points
        .into_iter()
        .enumerate()
        .map(|(n, point)| {
            for record in &records[done..point] {
                disk[record.file].take(&record.change);
            }
            done = point;
            let unsynced = *[Unsynced::None, Unsynced::Some, Unsynced::All].choose(random).unwrap();
            let mut dice = ChaCha8Rng::seed_from_u64(random.random());
            let path = folder.path().join(format!("{n}.db"));
            fs::write(&path, disk[0].after_power_cut(unsynced, &mut dice)).unwrap();
            fs::write(path.with_extension("db-wal"), disk[1].after_power_cut(unsynced, &mut dice)).unwrap();
            (point, unsynced, path)
        })
        .collect();
    let next = AtomicUsize::new(0);
    let judge = || {
        let mut found = Vec::new();
        while let Some((point, unsynced, path)) = cuts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let moment = point.checked_sub(1).map_or(0, |last| records[last].end);
            let faults = match Store::open_existing(&DatabaseUrl::Sqlite(path.clone())) {
                Ok(store) => run.history.until(moment).faults(&store),
                Err(error) => vec![error.to_string()],
            };
            if !faults.is_empty() {
                found.push((
                    *point,
                    faults.into_iter().map(|fault| format!("{unsynced:?}: {fault}")).collect(),
                ));
            }
            for suffix in ["", "-wal", "-shm", "-use"] {
                let mut name = path.clone().into_os_string();
                name.push(suffix);
                let _ = fs::remove_file(name);
            }
        }
        found
    };
    thread::scope(|scope| {
        let judges = [scope.spawn(judge), scope.spawn(judge)];
        judges.into_iter().flat_map(|judge| judge.join().unwrap()).collect()
    })
}

#[test]
fn a_power_cut_loses_nothing_acknowledged_and_would_without_the_fsync_of_each_commit() {
    let mut random = random("T02");
    let run = run();
    let points = tier(150, 2000);
    let found = cut_power(&run, &run.records, points, &mut random);
    assert!(found.is_empty(), "{} of {points} points: {found:#?}", found.len());

    let control = tier(30, 300);
    let normal = as_normal(&run.records);
    assert!(normal.len() < run.records.len());
    let found = cut_power(&run, &normal, control, &mut random);
    let lossy =
        found.values().flatten().filter(|fault| fault.contains("acknowledged events are lost")).count();
    println!("with synchronous=NORMAL, {lossy} of {control} points lose acknowledged events");
    assert!(
        lossy * 5 > control,
        "the negative control lost events at {lossy} of {control} points only: {found:#?}"
    );
}
