//! Guessing passwords takes longer with every wrong guess. By address, whether anybody has it or not: so the answer does
//! not tell who is known here. A one-time link lets its person in meanwhile.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wrong guesses that cost nothing: people mistype.
const FREE: u32 = 5;
/// The wait after the next one; it doubles with each.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait. After twice as long without a guess all is forgotten.
const LONGEST: Duration = Duration::from_mins(15);
/// Addresses that are held at once; strangers can make up any number.
const HELD: usize = 10_000;

/// Wrong guesses by address, on this server.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Guesses>>);

#[derive(Debug, Clone, Copy)]
struct Guesses {
    wrong: u32,
    last: Instant,
}

impl Guesses {
    /// How long after the last guess the next one is looked at.
    fn wait(self) -> Duration {
        match self.wrong.checked_sub(FREE) {
            None | Some(0) => Duration::ZERO,
            Some(over) => FIRST.saturating_mul(1 << (over - 1).min(20)).min(LONGEST),
        }
    }
}

fn named(address: &str) -> String {
    address.trim().to_lowercase().chars().take(254).collect()
}

impl Throttle {
    /// How long an address still has to wait; none where its guess is looked at.
    pub fn wait(&self, address: &str, now: Instant) -> Option<Duration> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guesses = held.get(&named(address))?;
        let left = guesses.wait().saturating_sub(now.saturating_duration_since(guesses.last));
        (!left.is_zero()).then_some(left)
    }

    /// Notes a wrong guess.
    pub fn wrong(&self, address: &str, now: Instant) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD {
            held.retain(|_, guesses| now.saturating_duration_since(guesses.last) < 2 * LONGEST);
        }
        if held.len() >= HELD {
            // Somebody makes addresses up by the thousand: those guessed least are worth least.
            held.retain(|_, guesses| guesses.wrong > FREE);
        }
        let guesses = held.entry(named(address)).or_insert(Guesses { wrong: 0, last: now });
        if now.saturating_duration_since(guesses.last) >= 2 * LONGEST {
            guesses.wrong = 0;
        }
        *guesses = Guesses { wrong: guesses.wrong.saturating_add(1), last: now };
    }

    /// Forgets an address whose password was right.
    pub fn right(&self, address: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&named(address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_quarter_of_an_hour_and_end() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        for _ in 0..FREE {
            throttle.wrong("Ada@example.org ", now);
            assert_eq!(throttle.wait("ada@example.org", now), None);
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            throttle.wrong("ada@example.org", now);
            let wait = throttle.wait("ada@example.org", now).unwrap();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.wait("ada@example.org", now), None, "the wait is over");
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(throttle.wait("grace@example.org", now), None, "others need not wait");
        throttle.wrong("ada@example.org", now + 2 * LONGEST);
        assert_eq!(throttle.wait("ada@example.org", now + 2 * LONGEST), None, "long ago is forgotten");
    }

    #[test]
    fn a_right_password_ends_it_and_made_up_addresses_take_no_more_room() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..=FREE {
            throttle.wrong("ada@example.org", now);
        }
        for n in 0..3 * HELD {
            throttle.wrong(&format!("{n}@example.org"), now);
        }
        assert!(throttle.0.lock().unwrap().len() <= HELD);
        assert!(throttle.wait("ada@example.org", now).is_some(), "who was guessed most is not forgotten");
        throttle.right("ada@example.org");
        assert_eq!(throttle.wait("ada@example.org", now), None);
    }
}
