//! The draw: which cohort a unit falls into. A pure function of a random stored salt and the unit's id,
//! documented so that others can recompute it.
//!
//! # The hash
//! SHA-256 over four byte strings, each preceded by its length as a 32-bit big-endian integer, so that
//! no two inputs run together: the text `patience/1`, the salt, the purpose (`cohort` or `layer`) and
//! the unit's id, all in UTF-8. The *position* is the first eight bytes of the digest as a big-endian
//! integer, between 0 and 2^64 − 1.
//!
//! # The cohort
//! Salted by the experiment, purpose `cohort`. With `W` the sum of all weights, the *ticket* is
//! ⌊position · `W` / 2^64⌋; the cohort is the first in the order of the definition whose weight, added to
//! those before it, exceeds the ticket. The tickets cover every position and a weight of 0 draws nobody.
//!
//! # The share
//! Salted by the layer, purpose `layer`. An experiment takes the positions from its offset on, ⌊share ·
//! 2^64⌋ of them, wrapping around. Widening the share keeps all that it had.
//!
//! # Test vectors
//! ```
//! use patience::domain::assignment::draw::{Draws, Purpose, Range, cohort};
//!
//! let position = |salt, purpose, unit: &str| Draws::new(salt, purpose).position(unit);
//! let salt = "0123456789abcdef0123456789abcdef";
//! assert_eq!(position(salt, Purpose::Cohort, "c-1"), 0x6240_fbd5_efad_e03d);
//! assert_eq!(position(salt, Purpose::Cohort, "Zoë"), 0x14ce_0d17_62fc_2fa8);
//! assert_eq!(position(salt, Purpose::Layer, "c-1"), 0xb0c6_2887_18a9_3df9);
//! assert_eq!(position("", Purpose::Cohort, ""), 0x43b6_fe18_882f_2ba0);
//! assert_eq!(position(salt, Purpose::Cohort, &"u".repeat(64)), 0x6616_d12f_15e2_334c);
//! assert_eq!(position(salt, Purpose::Cohort, &"u".repeat(65)), 0x9e23_3fe1_4346_b573);
//! assert_eq!(position(salt, Purpose::Cohort, &"u".repeat(512)), 0x8d01_a00a_226e_d038);
//!
//! assert_eq!(cohort(&[50, 50], position(salt, Purpose::Cohort, "c-1")), Some(0));
//! assert_eq!(cohort(&[1, 2, 7], position(salt, Purpose::Cohort, "c-1")), Some(2));
//! assert_eq!(cohort(&[1, 2, 7], position(salt, Purpose::Cohort, "Zoë")), Some(0));
//!
//! let half = Range::new(0, 0.5);
//! assert_eq!(half.contains(position(salt, Purpose::Layer, "c-1")), false);
//! ```
//!
//! The same in Python, which made these vectors:
//! ```python
//! import hashlib, struct
//!
//! def position(salt, purpose, unit):
//!     parts = [s.encode() for s in ("patience/1", salt, purpose, unit)]
//!     digest = hashlib.sha256(b"".join(struct.pack(">I", len(p)) + p for p in parts)).digest()
//!     return int.from_bytes(digest[:8], "big")
//!
//! def cohort(weights, position):
//!     ticket = position * sum(weights) >> 64
//!     return next(i for i in range(len(weights)) if ticket < sum(weights[: i + 1]))
//!
//! def in_share(offset, share, position):
//!     return (position - offset) % 2**64 < int(share * 2**64)
//! ```

use sha2::{Digest, Sha256};

/// What a hash is for: each purpose is independent of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Which cohort of an experiment.
    Cohort,
    /// Where in a layer.
    Layer,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cohort => "cohort",
            Self::Layer => "layer",
        }
    }
}

/// The version of this draw; another way of drawing would be another version, never a change of this one.
const VERSION: &str = "patience/1";

/// The draws of one salt for one purpose: what their hashes have in common, put together once.
#[derive(Debug, Clone)]
pub struct Draws(Vec<u8>);

impl Draws {
    /// Of a salt, for a purpose.
    pub fn new(salt: &str, purpose: Purpose) -> Self {
        let parts = [VERSION, salt, purpose.as_str()];
        Self(parts.iter().flat_map(|part| length(part).into_iter().chain(part.bytes())).collect())
    }

    /// Where a unit stands, between 0 and 2^64 − 1.
    pub fn position(&self, unit: &str) -> u64 {
        let Self(common) = self;
        let size = length(unit);
        let told = common.len() + size.len() + unit.len();
        // Put together first: to hash in pieces takes longer than to hash. Few ids are longer than the room there is.
        let (mut short, mut long) = ([0; 128], Vec::new());
        let told = if let Some(room) = short.get_mut(..told) {
            room
        } else {
            long.resize(told, 0);
            long.as_mut_slice()
        };
        let (room, rest) = told.split_at_mut(common.len());
        room.copy_from_slice(common);
        let (room, rest) = rest.split_at_mut(size.len());
        room.copy_from_slice(&size);
        rest.copy_from_slice(unit.as_bytes());
        let digest = Sha256::digest(told);
        digest[..8].iter().fold(0, |position, byte| position << 8 | u64::from(*byte))
    }
}

/// What stands before a part. Salts are 32 characters and ids at most 512 bytes, so their lengths fit.
fn length(part: &str) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// The place in the list of weights that a position draws; none where all weights are 0.
pub fn cohort(weights: &[u32], position: u64) -> Option<usize> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    // Below `total`, so it fits again.
    let mut ticket = u64::try_from((u128::from(position) * u128::from(total)) >> 64).unwrap_or(u64::MAX);
    weights.iter().position(|weight| {
        let weight = u64::from(*weight);
        let drawn = ticket < weight;
        ticket = ticket.saturating_sub(weight);
        drawn
    })
}

/// The part of a layer that an experiment takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    offset: u64,
    length: u128,
}

impl Range {
    /// From an offset on, a share above 0 and at most 1 of the whole.
    pub fn new(offset: u64, share: f64) -> Self {
        let whole = (1u128 << 64) as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^64")]
        let length = (share.clamp(0.0, 1.0) * whole) as u128;
        Self { offset, length }
    }

    /// Whether a position belongs to it.
    pub fn contains(self, position: u64) -> bool {
        u128::from(position.wrapping_sub(self.offset)) < self.length
    }

    /// Where it ends, and the next experiment of the layer begins.
    pub fn end(self) -> u64 {
        #[allow(clippy::cast_possible_truncation, reason = "positions are counted modulo 2^64")]
        self.offset.wrapping_add(self.length as u64)
    }

    /// Whether it takes everything.
    pub fn is_whole(self) -> bool {
        self.length == 1 << 64
    }
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
