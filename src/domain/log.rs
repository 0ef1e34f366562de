//! What happened to an experiment, as its log keeps it: in words, that programs can read again.

use std::fmt;

use chrono::NaiveDate;

use super::{decision::Choice, time::Moment};

/// A line of an experiment's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Moment,
    /// Who wrote it: an address of a person, a key's name, or the command line.
    pub who: String,
    /// What happened.
    pub what: Act,
}

impl LogLine {
    /// When it happened: a note may tell of an earlier day.
    pub fn happened_at(&self) -> Moment {
        match self.what {
            Act::Noted { of: Some(day), .. } => Moment::start_of(day),
            _ => self.at,
        }
    }
}

/// What happened. Its words are what the database holds, so they must stay as they are.
///
/// ```
/// use patience::domain::log::Act;
///
/// let kept = "noted of 2026-02-09: New macros";
/// let Act::Noted { text, of } = Act::read(kept) else { panic!() };
/// assert_eq!((text.as_str(), of), ("New macros", "2026-02-09".parse().ok()));
/// assert_eq!(Act::read(kept).to_string(), kept);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The plan was written.
    Defined,
    /// It was changed: the names of the fields.
    Changed(String),
    /// Somebody else was asked to look at it and start it.
    AskedForApproval,
    /// It was started, and the plan locked.
    Started,
    /// Nobody new joins.
    Paused,
    /// It runs again.
    Resumed,
    /// It ended.
    Stopped,
    /// People decided.
    Decided {
        /// What.
        what: Choice,
        /// The version of the result that it rests on.
        on: Option<u64>,
    },
    /// Somebody told what else happened that may have moved figures.
    Noted {
        /// What they wrote.
        text: String,
        /// The day that it happened on, where that is not the day of the note.
        of: Option<NaiveDate>,
    },
    /// What no later version of this program writes any more.
    Other(String),
}

impl Act {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn read(text: &str) -> Self {
        match text {
            "defined it" => return Self::Defined,
            "asked for approval" => return Self::AskedForApproval,
            "started it" => return Self::Started,
            "paused it" => return Self::Paused,
            "resumed it" => return Self::Resumed,
            "stopped it" => return Self::Stopped,
            _ => {}
        }
        Self::read_longer(text).unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    fn read_longer(text: &str) -> Option<Self> {
        if let Some(fields) = text.strip_prefix("changed ") {
            return Some(Self::Changed(fields.to_owned()));
        }
        if let Some(note) = text.strip_prefix("noted: ") {
            return Some(Self::Noted { text: note.to_owned(), of: None });
        }
        if let Some((day, note)) = text.strip_prefix("noted of ").and_then(|rest| rest.split_once(": ")) {
            return Some(Self::Noted { text: note.to_owned(), of: Some(day.parse().ok()?) });
        }
        let (on, what) = text.strip_prefix("recorded the decision")?.split_once(": ")?;
        let version = on.strip_prefix(" on version ").and_then(|on| on.strip_suffix(" of the result"));
        Some(Self::Decided { what: Choice::read(what), on: version.and_then(|number| number.parse().ok()) })
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defined => f.write_str("defined it"),
            Self::Changed(fields) => write!(f, "changed {fields}"),
            Self::AskedForApproval => f.write_str("asked for approval"),
            Self::Started => f.write_str("started it"),
            Self::Paused => f.write_str("paused it"),
            Self::Resumed => f.write_str("resumed it"),
            Self::Stopped => f.write_str("stopped it"),
            Self::Decided { what, on: None } => write!(f, "recorded the decision: {what}"),
            Self::Decided { what, on: Some(version) } => {
                write!(f, "recorded the decision on version {version} of the result: {what}")
            }
            Self::Noted { text, of: None } => write!(f, "noted: {text}"),
            Self::Noted { text, of: Some(day) } => write!(f, "noted of {day}: {text}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_read_as_it_was_written() {
        let decided = |on| Act::Decided { what: Choice::Ship, on };
        let noted = |of| Act::Noted { text: "Macros: new".to_owned(), of };
        let acts = [
            Act::Defined,
            Act::Changed("name, owner".to_owned()),
            Act::AskedForApproval,
            Act::Started,
            Act::Paused,
            Act::Resumed,
            Act::Stopped,
            decided(None),
            decided(Some(14)),
            noted(None),
            noted(NaiveDate::from_ymd_opt(2026, 2, 9)),
            Act::Other("noted of old: nothing that is known".to_owned()),
        ];
        for act in acts {
            assert_eq!(Act::read(&act.to_string()), act);
        }
    }
}
