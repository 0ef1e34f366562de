//! An experiment's life: draft, running, paused, stopped.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an experiment stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Defined, and may still change.
    Draft,
    /// Units join.
    Running,
    /// Nobody new; recorded cohorts stay in force.
    Paused,
    /// Over: everybody has the default service level.
    Stopped,
}

/// A move in an experiment's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Draft or paused → running.
    Start,
    /// Running → paused.
    Pause,
    /// Paused → running.
    Resume,
    /// Running or paused → stopped, for good.
    Stop,
}

/// A move that the status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {status} experiment cannot {wanted}; {mend}")]
pub struct MoveError {
    status: Status,
    wanted: Move,
    mend: &'static str,
}

impl Status {
    /// Where a move leads; a move to where it stands already changes nothing and is allowed.
    pub fn after(self, wanted: Move) -> Result<Self, MoveError> {
        let refuse = |mend| Err(MoveError { status: self, wanted, mend });
        match (self, wanted) {
            (Self::Draft | Self::Paused | Self::Running, Move::Start)
            | (Self::Paused | Self::Running, Move::Resume) => Ok(Self::Running),
            (Self::Running | Self::Paused, Move::Pause) => Ok(Self::Paused),
            (Self::Running | Self::Paused | Self::Stopped, Move::Stop) => Ok(Self::Stopped),
            (Self::Draft, _) => refuse("start it first"),
            (Self::Stopped, _) => refuse("define a new experiment under another key"),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_experiment_never_runs_again_and_a_draft_only_starts() {
        use Move::{Pause, Resume, Start, Stop};
        use Status::{Draft, Paused, Running, Stopped};
        let allowed: Vec<_> = [Draft, Running, Paused, Stopped]
            .into_iter()
            .flat_map(|s| [Start, Pause, Resume, Stop].map(|m| (s, m, s.after(m).ok())))
            .filter_map(|(s, m, to)| Some((s, m, to?)))
            .collect();
        assert_eq!(
            allowed,
            [
                (Draft, Start, Running),
                (Running, Start, Running),
                (Running, Pause, Paused),
                (Running, Resume, Running),
                (Running, Stop, Stopped),
                (Paused, Start, Running),
                (Paused, Pause, Paused),
                (Paused, Resume, Running),
                (Paused, Stop, Stopped),
                (Stopped, Stop, Stopped),
            ]
        );
        let error = Stopped.after(Start).unwrap_err().to_string();
        assert_eq!(error, "a stopped experiment cannot start; define a new experiment under another key");
    }
}
