//! Challenges of passkeys that wait for their answer, each in a sealed cookie of the browser that was asked.
//!
//! So strangers who ask for many fill no table, any server can take the answer to what another asked, and an answer
//! counts in no other browser. That it counts once is noted when it does, in the database.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, time::Duration},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    auth::{self, Person},
    error::Problem,
    state::State,
};
use crate::{
    domain::time::{Moment, Wait},
    storage::passkeys::SEALING_KEY,
};

/// How long somebody may take, at their authenticator too.
const LASTS: Wait = Wait::from_minutes(5);

/// Bytes of a seal, HMAC-SHA-256.
const SEAL: usize = 32;

/// What challenges are sealed with.
pub struct SealingKey([u8; SEALING_KEY]);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(not shown)")
    }
}

/// For which ceremony a challenge is: none answers another's.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    /// Signing in, whoever it may be.
    SignIn,
    /// Adding a passkey, in this session.
    Add(&'a Person),
}

impl Purpose<'_> {
    fn text(self) -> String {
        match self {
            Self::SignIn => "sign in".to_owned(),
            Self::Add(person) => format!("add {}", person.csrf),
        }
    }
}

/// A challenge that a browser holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the response is verified against.
    pub state: Vec<u8>,
    /// From when on it is too old.
    pub until: Moment,
    /// Which it is, among all.
    pub seal: Vec<u8>,
}

impl SealingKey {
    /// By its bytes.
    pub const fn new(key: [u8; SEALING_KEY]) -> Self {
        Self(key)
    }

    fn mac(&self, purpose: &str, content: &[u8]) -> Option<Hmac<Sha256>> {
        // A key of any length will do, so there always is one.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(content);
        Some(mac)
    }

    /// Until when, the state and the seal over both, in hexadecimal.
    fn seal(&self, purpose: &str, state: &[u8], until: Moment) -> Option<String> {
        let content = [&until.ms().to_be_bytes()[..], state].concat();
        let seal = self.mac(purpose, &content)?.finalize().into_bytes();
        Some(hex::encode([&content[..], &seal[..]].concat()))
    }

    /// What was sealed for this purpose, while it is not too old.
    fn open(&self, purpose: &str, sealed: &str, now: Moment) -> Option<Challenge> {
        let sealed = hex::decode(sealed).ok()?;
        let (content, seal) = sealed.split_last_chunk::<SEAL>()?;
        self.mac(purpose, content)?.verify_slice(seal).ok()?;
        let (until, state) = content.split_first_chunk()?;
        let until = Moment::from_stored_ms(i64::from_be_bytes(*until));
        (now < until).then(|| Challenge { state: state.to_vec(), until, seal: seal.to_vec() })
    }
}

fn name(state: &State) -> &'static str {
    if state.public_url.is_https() { "__Host-patience-passkey" } else { "patience-passkey" }
}

/// Holds the state of a ceremony in the browser that is asked.
///
/// # Errors
/// As [`State::sealing_key`].
pub async fn hold(state: &State, purpose: Purpose<'_>, ceremony: &[u8]) -> Result<Cookie<'static>, Problem> {
    let sealed = state.sealing_key().await?.seal(&purpose.text(), ceremony, state.now() + LASTS);
    let sealed = sealed.ok_or_else(|| Problem::internal(&"the key seals nothing"))?;
    let mut held = auth::named(state, name(state), sealed);
    held.set_max_age(Duration::milliseconds(LASTS.ms()));
    Ok(held)
}

/// The challenge that a browser holds for a purpose.
///
/// # Errors
/// As [`State::sealing_key`].
pub async fn held(
    state: &State,
    request: &HttpRequest,
    purpose: Purpose<'_>,
) -> Result<Option<Challenge>, Problem> {
    let Some(cookie) = request.cookie(name(state)) else { return Ok(None) };
    Ok(state.sealing_key().await?.open(&purpose.text(), cookie.value(), state.now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_purpose_and_its_time_and_nobody_else_makes_one() {
        let (key, until) = (SealingKey::new([1; SEALING_KEY]), Moment::from_stored_ms(1000));
        let sealed = key.seal("sign in", b"state", until).unwrap();
        let open = |sealed: &str, at: i64| key.open("sign in", sealed, Moment::from_stored_ms(at));
        let challenge = open(&sealed, 999).unwrap();
        assert_eq!((&challenge.state[..], challenge.until), (&b"state"[..], until));
        assert_eq!(open(&sealed, 1000), None, "too old");
        assert_eq!(key.open("add", &sealed, Moment::from_stored_ms(0)), None);
        let other = SealingKey::new([2; SEALING_KEY]);
        assert_eq!(other.open("sign in", &sealed, Moment::from_stored_ms(0)), None);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(open(&String::from_utf8(altered).unwrap(), 0), None, "{at}");
        }
        for short in ["", "00", &sealed[..64], "g"] {
            assert_eq!(open(short, 0), None, "{short:?}");
        }
        assert!(!format!("{key:?}").contains('1'));
    }
}
