//! `patience verify`: is everything derived what the ledger says?

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::{
    settings::Settings,
    storage::{
        Store,
        verify::{self, Step},
    },
};

pub(super) fn verify(settings: &Settings) -> Result<(), Failure> {
    let store = Store::open_existing(&settings.database_url)?;
    let bar = progress();
    let found = verify::run(&store, &mut |step| match step {
        Step::Replayed { entries, of } => {
            bar.set_length(of.unsigned_abs());
            bar.set_position(entries.unsigned_abs());
        }
        Step::Difference(difference) => bar.suspend(|| println!("{difference}")),
    })?;
    bar.finish_and_clear();
    let seen =
        format!("{} ledger entries, {} derived rows, {} analyses", found.entries, found.rows, found.analyses);
    match found.differences {
        0 => {
            println!("{seen}: everything is what the ledger says");
            Ok(())
        }
        n => Err(Failure::new(format!("{seen}: {n} differ from what the ledger says"))),
    }
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
