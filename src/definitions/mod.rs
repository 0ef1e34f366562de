//! Files and bodies that define experiments and calendars ⇄ the words of the domain.
//!
//! TOML and JSON go through one reader, which tells all mistakes at once, each with its JSON pointer and
//! its mend; of a file also the line. What is read is valid: nothing later has to ask again.

mod calendar;
mod change;
mod experiment;
mod holidays;
mod metrics;
mod toml_text;
mod values;
mod write;

pub use calendar::{read_calendar_json, read_calendar_toml};
pub use change::changes_refused;
pub use experiment::{check_calendars_known, read_experiment_json, read_experiment_toml};
pub use toml_text::{Kind, kind_of, place};
pub use write::{write_calendar_toml, write_experiment_toml};

#[cfg(test)]
mod tests;
