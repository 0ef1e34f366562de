//! `patience import`: a file as it would go over the API, without the network. As there, good rows are kept and
//! each bad one is named; the work has failed only where nothing was taken.

use std::{
    fs::File,
    io::{IsTerminal, Read},
    path::Path,
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{
    actions::{BATCH_ITEMS, Batch, Gathering, IMPORT_SOURCE, Summary},
    domain::{
        ids::Source,
        time::{Clock, Moment},
    },
    ingest::{Intake, Kind},
    settings::{Settings, SystemClock},
    storage::{Store, ledger::Foreknown},
};

pub(super) fn run(settings: &Settings, kind: Kind, path: &Path) -> Result<(), Failure> {
    let (input, length) = open(path)?;
    let progress = progress(length);
    let mut input = progress.wrap_read(input);
    let store = Store::open(&settings.database_url)?;
    let now = SystemClock.now();
    let source = Source::new(IMPORT_SOURCE).map_err(Failure::new)?;

    let mut intake = Intake::new(kind, source.clone(), now);
    // While one batch is made durable, the next is read, and what of it is known already.
    let summary = thread::scope(|scope| {
        let (batches, waiting) = sync_channel(0);
        let writer = scope.spawn(|| record(&store, waiting, now));
        let read = || {
            let (mut gathering, mut buffer) = (Gathering::default(), vec![0; 256 * 1024]);
            let send = |items| {
                let batch = Batch::new(source.clone(), items);
                // What cannot be read now, the writer reads.
                let known = store.read_long(|db| batch.look_ahead(db)).ok();
                batches.send((batch, known)).is_ok()
            };
            loop {
                let read = input.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                intake.push(&buffer[..read], &mut gathering.items).map_err(Failure::new)?;
                if gathering.is_full(BATCH_ITEMS) && !send(gathering.take()) {
                    return Ok(()); // The writer failed, and says why.
                }
            }
            intake.finish(&mut gathering.items).map_err(Failure::new)?;
            send(gathering.take());
            Ok::<_, Failure>(())
        };
        let read = read();
        drop(batches);
        let summary = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        read.map(|()| summary)
    })?;
    progress.finish_and_clear();

    println!("{}", serde_json::to_string(&summary).map_err(Failure::new)?);
    let (refused, taken) = (summary.rejected.len(), summary.accepted + summary.duplicates);
    if refused > 0 && taken == 0 {
        return Err(Failure::new(format!("all {refused} were refused; `index` counts from 0")));
    }
    if refused > 0 {
        eprintln!("{refused} were refused, {taken} are kept; `index` counts from 0");
    }
    Ok(())
}

fn record(
    store: &Store,
    batches: Receiver<(Batch, Option<Foreknown>)>,
    now: Moment,
) -> Result<Summary, Failure> {
    let mut summary = Summary::default();
    for (batch, known) in batches {
        summary.add(store.write(move |db| batch.record(db, known.as_ref(), now))?);
        if let Some(why) = summary.hopeless() {
            return Err(Failure::new(why));
        }
    }
    Ok(summary)
}

/// A file, or stdin for `-`; of a file also how long it is.
pub(super) fn open(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(std::io::stdin().lock()), None));
    }
    let file =
        File::open(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    let length = file.metadata().ok().map(|metadata| metadata.len());
    Ok((Box::new(file), length))
}

/// Shown where a person watches.
fn progress(length: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, shape) = match length {
        Some(length) => (ProgressBar::new(length), "{wide_bar} {bytes}/{total_bytes} {eta}"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(shape) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
