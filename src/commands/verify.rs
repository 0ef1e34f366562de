//! `patience verify` and `patience rebuild`: is everything derived what the ledger says, and if not, make it so.

use super::{Failure, progress};
use crate::{
    settings::Settings,
    storage::{
        Store,
        verify::{self, Step, Summary},
    },
};

pub(super) fn verify(settings: &Settings) -> Result<(), Failure> {
    let store = Store::open_existing(&settings.database_url)?;
    let found = told(|tell| verify::run(&store, tell))?;
    match found.differences {
        0 => {
            println!("{}: everything is what the ledger says", seen(&found));
            Ok(())
        }
        n => Err(Failure::new(format!("{}: {n} differ from what the ledger says", seen(&found)))),
    }
}

pub(super) fn rebuild(settings: &Settings) -> Result<(), Failure> {
    let found = told(|tell| verify::rebuild(&settings.database_url, tell))?;
    let Summary { differences, mended, .. } = found;
    if mended < differences {
        return Err(Failure::new(format!(
            "{}: {mended} of {differences} differences are mended, the others cannot be made from the ledger: see \
             above, and restore a backup",
            seen(&found)
        )));
    }
    println!("{}: {mended} differed from what the ledger says and are made anew", seen(&found));
    Ok(())
}

/// Shows progress, and prints differences as they are found.
fn told<T, E>(work: impl FnOnce(&mut dyn FnMut(Step)) -> Result<T, E>) -> Result<T, E> {
    let bar = progress("{wide_bar} {human_pos}/{human_len} {eta}");
    let outcome = work(&mut |step| match step {
        Step::Replayed { entries, of } => {
            bar.set_length(of.unsigned_abs());
            bar.set_position(entries.unsigned_abs());
        }
        Step::Difference(difference) => bar.suspend(|| println!("{difference}")),
    });
    bar.finish_and_clear();
    outcome
}

fn seen(found: &Summary) -> String {
    let Summary { entries, rows, analyses, .. } = found;
    format!("{entries} ledger entries, {rows} derived rows, {analyses} analyses")
}
