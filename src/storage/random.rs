//! Secrets and salts, from the operating system.

use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};

use super::error::{Result, StorageError};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| StorageError::Unfit(format!("the system has no randomness: {error}")))?;
    Ok(bytes)
}

/// 128 random bits as 32 hexadecimal digits.
pub(super) fn hex32() -> Result<String> {
    bytes::<16>().map(hex::encode)
}

/// So many random characters of base 62; 43 of them hold 256 bits.
pub(super) fn base62(length: usize) -> Result<String> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is four times 62: what lies above would make some characters likelier than others.
        let fair = bytes::<64>()?.into_iter().filter(|byte| *byte < 248);
        text.extend(fair.take(length - text.len()).map(|byte| char::from(BASE62[usize::from(byte % 62)])));
    }
    Ok(text)
}

/// A number in six digits of base 62.
pub(super) fn base62_of(number: u32) -> String {
    let digit = |place: u32| char::from(BASE62[(u64::from(number) / 62_u64.pow(place) % 62) as usize]);
    (0..6).rev().map(digit).collect()
}

/// SHA-256. Enough for secrets of 256 random bits, which nobody can guess their way to; passwords need argon2.
pub(super) fn sha256(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
