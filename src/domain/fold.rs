//! The fold's two building blocks. Both forget order and repetition, so whatever is made of them is
//! commutative and idempotent: events may arrive late, twice, or shuffled, the state is the same.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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

/// When something was said to have happened.
pub trait Dated {
    /// The moment.
    fn at(&self) -> Moment;
}

impl Dated for Stamp {
    fn at(&self) -> Moment {
        self.at
    }
}

/// The moment of a stamp, and neither who told it nor by which id: what is enough once the order of the tellings is
/// settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(Moment);

impl Dated for When {
    fn at(&self) -> Moment {
        self.0
    }
}

/// The greatest stamp wins. Every version is kept, so that the state as of an earlier moment is known too. Most
/// things are told once: one version needs no memory of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latest<T, S = Stamp>(SmallVec<[(S, T); 1]>);

impl<T, S> Default for Latest<T, S> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<T> Latest<T> {
    /// Takes one telling in; a stamp that is known already changes nothing.
    pub fn tell(&mut self, stamp: Stamp, value: T) {
        if let Err(place) = self.0.binary_search_by(|(known, _)| known.cmp(&stamp)) {
            self.0.insert(place, (stamp, value));
        }
    }
}

impl<T, S: Dated> Latest<T, S> {
    /// The value in force at a moment, with when it was said to have happened.
    pub fn as_of(&self, moment: Moment) -> Option<(Moment, &T)> {
        self.0.iter().rev().find(|(stamp, _)| stamp.at() <= moment).map(|(stamp, value)| (stamp.at(), value))
    }

    /// The value in force now.
    pub fn now(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// All versions in the order of their stamps.
    pub fn versions(&self) -> impl Iterator<Item = (Moment, &T)> {
        self.0.iter().map(|(stamp, value)| (stamp.at(), value))
    }

    /// The same versions without who told them.
    pub fn dated(&self) -> Latest<T, When>
    where
        T: Clone,
    {
        Latest(self.0.iter().map(|(stamp, value)| (When(stamp.at()), value.clone())).collect())
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
pub struct Earliest<T, S = Stamp>(Option<(S, T)>);

/// Versions in the order of their tellings.
impl<T> FromIterator<(Moment, T)> for Latest<T, When> {
    fn from_iter<I: IntoIterator<Item = (Moment, T)>>(versions: I) -> Self {
        Self(versions.into_iter().map(|(at, value)| (When(at), value)).collect())
    }
}

impl<T> Latest<T, When> {
    /// What was told once.
    pub fn once(at: Moment, value: T) -> Self {
        Self(SmallVec::from_buf([(When(at), value)]))
    }
}

impl<T> Earliest<T, When> {
    /// What was told first, and when it happened.
    pub fn at(at: Moment, value: T) -> Self {
        Self(Some((When(at), value)))
    }
}

impl<T, S> Default for Earliest<T, S> {
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
}

impl<T, S: Dated> Earliest<T, S> {
    /// When it happened and what was told, if it had happened by a moment.
    pub fn as_of(&self, moment: Moment) -> Option<(Moment, &T)> {
        self.get().filter(|(at, _)| *at <= moment)
    }

    /// What was told first, whenever that was.
    pub fn get(&self) -> Option<(Moment, &T)> {
        self.0.as_ref().map(|(stamp, value)| (stamp.at(), value))
    }

    /// The same without who told it, and of what was told a part.
    pub fn dated<U>(&self, part: impl FnOnce(&T) -> U) -> Earliest<U, When> {
        Earliest(self.get().map(|(at, value)| (When(at), part(value))))
    }
}
