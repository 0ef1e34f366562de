//! Passwords: Argon2id, on a thread for blocking work.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use tokio::sync::Semaphore;

use crate::web::{error::Problem, state::blocking};

/// Hashing takes 19 MiB and a core for a while; strangers may ask for it, so only so many run at once.
static HASHING: Semaphore = Semaphore::const_new(2);

/// The fewest characters of a password: length is what makes one hard to guess.
pub(super) const SHORTEST: usize = 10;
/// The longest, in bytes: hashing more is only work.
pub(super) const LONGEST: usize = 512;

/// The hash to keep, as a PHC string.
pub(super) async fn hash(password: String) -> Result<String, Problem> {
    let _turn = HASHING.acquire().await;
    blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| Problem::internal(&error))
}

/// Whether a password is the one whose hash was kept. Without a hash the same work is done on another
/// one, so that the time taken does not tell whether an address is known.
pub(super) async fn verify(password: String, kept: Option<String>) -> Result<bool, Problem> {
    let _turn = HASHING.acquire().await;
    blocking(move || {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| NOBODYS.to_owned());
        let matches = PasswordHash::new(&kept)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    })
    .await
}

/// The hash of a password that nobody has, made with the parameters of all others.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$qLml5cbqFAO6YxVHhrSBHP0UWdxrIxkNcM8aMX3blzU";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_only_and_nobodys_is_well_formed() {
        let hash = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"correct horses", &parsed).is_err());
        let parameters = |hash: &str| hash.split('$').nth(3).map(str::to_owned);
        assert!(PasswordHash::new(NOBODYS).is_ok());
        assert_eq!(parameters(NOBODYS), parameters(&hash), "else the time taken tells who is known");
    }
}
