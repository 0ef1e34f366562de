//! Identifiers. Each kind is a type of its own, so that a customer never stands where an account should.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use smol_str::SmolStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// Longer than [`MAX_ID_BYTES`].
    #[error("must be at most {MAX_ID_BYTES} bytes long, this has {0}")]
    TooLong(usize),
    /// Control characters break logs, CSV files and terminals.
    #[error("must not contain control characters")]
    Control,
    /// Not the shape of a key.
    #[error("must be 1 to 64 characters of a-z, 0-9, '-' and '_', starting with a letter or digit")]
    NotAKey,
}

/// The longest identifier accepted, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 512;

fn check_outside_id(text: &str) -> Result<(), IdError> {
    match text {
        "" => Err(IdError::Empty),
        t if t.len() > MAX_ID_BYTES => Err(IdError::TooLong(t.len())),
        // Of most identifiers the bytes tell, all of which are looked at together.
        t if t.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~')) => Ok(()),
        t if t.chars().any(char::is_control) => Err(IdError::Control),
        _ => Ok(()),
    }
}

fn check_key(text: &str) -> Result<(), IdError> {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let valid =
        text.len() <= 64 && text.starts_with(ok) && text.chars().all(|c| ok(c) || c == '-' || c == '_');
    if valid { Ok(()) } else { Err(IdError::NotAKey) }
}

/// Reads a text where it stands: most identifiers are so short that none of them costs an allocation.
struct Read<T>(fn(&str) -> Result<T, IdError>);

impl<T> Visitor<'_> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads an identifier; its bytes are kept as they are (no case folding, no normalisation).
            pub fn new(text: &str) -> Result<Self, IdError> {
                $check(text)?;
                Ok(Self(text.into()))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_str(Read(Self::new))
            }
        }
    };
}

identifier!(/// A customer, as the help desk names it.
    CustomerId, check_outside_id);
identifier!(/// An account: several customers of one company.
    AccountId, check_outside_id);
identifier!(/// What was randomised: a customer's or an account's id, as the experiment's unit says.
    UnitId, check_outside_id);
identifier!(/// A conversation; unique within its customer.
    ConversationId, check_outside_id);
identifier!(/// An agent.
    AgentId, check_outside_id);
identifier!(/// Where an event was told from; the name of the key unless the event says otherwise.
    Source, check_outside_id);
identifier!(/// An event's id, unique within its source.
    EventId, check_outside_id);
identifier!(/// An experiment's key: part of addresses and file names.
    ExperimentKey, check_key);
identifier!(/// A cohort's key, unique within its experiment.
    CohortKey, check_key);
identifier!(/// A calendar's key; `always` is the calendar that never closes.
    CalendarKey, check_key);
identifier!(/// A layer's key: experiments of one layer never share a unit.
    LayerKey, check_key);

impl CalendarKey {
    /// The calendar that never closes.
    pub fn always() -> Self {
        Self::new("always").unwrap_or_else(|_| unreachable!("the word is a key"))
    }
}

impl From<&CustomerId> for UnitId {
    fn from(id: &CustomerId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&AccountId> for UnitId {
    fn from(id: &AccountId) -> Self {
        Self(id.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_ids_are_kept_byte_for_byte_and_nonsense_is_named() {
        assert_eq!(CustomerId::new(" Ä b ").unwrap().as_str(), " Ä b ");
        assert_eq!(CustomerId::new(""), Err(IdError::Empty));
        assert_eq!(CustomerId::new("a\nb"), Err(IdError::Control));
        assert_eq!(CustomerId::new(&"x".repeat(513)), Err(IdError::TooLong(513)));
    }

    #[test]
    fn keys_fit_addresses_and_file_names() {
        assert!(ExperimentKey::new("longer-frt_2").is_ok());
        for bad in ["", "-a", "A", "a b", "ä", &"a".repeat(65)] {
            assert_eq!(ExperimentKey::new(bad), Err(IdError::NotAKey), "{bad:?}");
        }
    }
}
