//! The fold's two building blocks. Both forget order and repetition, so whatever is made of them is
//! commutative and idempotent: events may arrive late, twice, or shuffled, the state is the same.

use serde::{Deserialize, Serialize};

use super::{event::Event, time::Moment};

/// What orders two tellings of one thing: first the time, then the source, then the id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// When it happened.
    pub at: Moment,
    /// Who told it.
    pub source: String,
    /// Its id there.
    pub id: String,
}

impl From<&Event> for Stamp {
    fn from(event: &Event) -> Self {
        Self {
            at: event.occurred_at,
            source: event.source.as_str().to_owned(),
            id: event.id.as_str().to_owned(),
        }
    }
}

/// The greatest stamp wins. Every version is kept, so that the state as of an earlier moment is known too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latest<T>(Vec<(Stamp, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Latest<T> {
    /// Takes one telling in; a stamp that is known already changes nothing.
    pub fn tell(&mut self, stamp: Stamp, value: T) {
        if let Err(place) = self.0.binary_search_by(|(known, _)| known.cmp(&stamp)) {
            self.0.insert(place, (stamp, value));
        }
    }

    /// The value in force at a moment, with when it was said to have happened.
    pub fn as_of(&self, moment: Moment) -> Option<(Moment, &T)> {
        self.0.iter().rev().find(|(stamp, _)| stamp.at <= moment).map(|(stamp, value)| (stamp.at, value))
    }

    /// The value in force now.
    pub fn now(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// All versions in the order of their stamps.
    pub fn versions(&self) -> impl Iterator<Item = (Moment, &T)> {
        self.0.iter().map(|(stamp, value)| (stamp.at, value))
    }

    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The greatest stamp wins and the others are forgotten: for what changes often and is asked only as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Newest<T> {
    stamp: Stamp,
    value: T,
}

impl<T> Newest<T> {
    /// The first telling.
    pub fn new(stamp: Stamp, value: T) -> Self {
        Self { stamp, value }
    }

    /// Takes one telling in.
    pub fn tell(&mut self, stamp: Stamp, value: T) {
        if stamp > self.stamp {
            *self = Self { stamp, value };
        }
    }

    /// The value in force.
    pub fn value(&self) -> &T {
        &self.value
    }
}

/// The least stamp wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Earliest<T>(Option<(Stamp, T)>);

impl<T> Default for Earliest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Earliest<T> {
    /// Takes one telling in.
    pub fn tell(&mut self, stamp: Stamp, value: T) {
        if self.0.as_ref().is_none_or(|(known, _)| stamp < *known) {
            self.0 = Some((stamp, value));
        }
    }

    /// When it happened and what was told, if it had happened by a moment.
    pub fn as_of(&self, moment: Moment) -> Option<(Moment, &T)> {
        self.0.as_ref().filter(|(stamp, _)| stamp.at <= moment).map(|(stamp, value)| (stamp.at, value))
    }

    /// What was told first, whenever that was.
    pub fn get(&self) -> Option<(Moment, &T)> {
        self.0.as_ref().map(|(stamp, value)| (stamp.at, value))
    }
}
