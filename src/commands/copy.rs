//! `patience copy`: a whole database into an empty one, of the same engine or the other.

use super::{Failure, progress};
use crate::storage::{
    DatabaseUrl,
    copy::{self, Progress},
    verify::Step,
};

pub(super) fn run(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<(), Failure> {
    let bar = progress("{spinner} {msg} {human_pos}");
    let copied = copy::run(from, to, &mut |step| match step {
        Progress::Rows { table, rows } => {
            bar.set_message(table);
            bar.set_position(rows);
        }
        Progress::Verified(Step::Replayed { entries, .. }) => {
            bar.set_message("verified");
            bar.set_position(entries.unsigned_abs());
        }
        Progress::Verified(Step::Difference(difference)) => bar.suspend(|| eprintln!("{difference}")),
    });
    bar.finish_and_clear();
    let copied = copied?;
    println!(
        "{} rows of {} tables, {} ledger entries among them, are in {to}: they read back the same and are what the \
         ledger says",
        copied.rows, copied.tables, copied.entries
    );
    Ok(())
}
