//! From what waits to what is sent.

use askama::Template;

use super::{MailError, Mailer, Text, smtp::Unsent, weekly};
use crate::{
    domain::time::{Clock, Wait},
    language::{Language, say},
    storage::{
        Store, audit,
        letters::{self, Kind, Letter},
        people,
    },
};

/// How long a link in a letter is good for, from when it is sent.
pub const LINK_VALID: Wait = Wait::from_minutes(15);

/// Letters that are sent in one go, before it is asked again whether the server answers.
const AT_ONCE: usize = 50;

/// What became of the letters that were due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// None was.
    Nothing,
    /// Some were sent or given up; others may be due.
    Some,
    /// The mail server does not answer, or takes nothing now: try again later.
    Unready,
}

/// Sends what is due. As long as the mail server does not answer, nothing is claimed, and so nothing lost. Blocks.
///
/// # Errors
/// The database cannot be read or written.
pub fn deliver(store: &Store, mailer: &Mailer, clock: &dyn Clock) -> Result<Outcome, MailError> {
    let now = clock.now();
    if !store.read(|db| letters::is_any_due(db, now))? {
        return Ok(Outcome::Nothing);
    }
    if let Err(cause) = mailer.is_ready() {
        tracing::warn!(cause, "the mail server does not take letters; they wait");
        return Ok(Outcome::Unready);
    }
    for _ in 0..AT_ONCE {
        let now = clock.now();
        let Some(letter) = store.write(move |db| letters::claim(db, now))? else { break };
        if !send(store, mailer, &letter, clock)? {
            return Ok(Outcome::Unready);
        }
    }
    Ok(Outcome::Some)
}

/// Writes a letter, sends it, and settles it; false where the next would fare no better.
fn send(store: &Store, mailer: &Mailer, letter: &Letter, clock: &dyn Clock) -> Result<bool, MailError> {
    let (id, kind, tries) = (letter.id.clone(), letter.kind, letter.tries);
    let later = clock.now() + Wait::from_minutes(1 << tries.min(5));
    let text = match write(store, mailer, letter, clock) {
        Ok(text) => text,
        Err(error) => {
            store.write(move |db| letters::put_off(db, &id, later))?;
            return Err(error);
        }
    };
    let sent = text.map_or(Ok(()), |text| mailer.send(&letter.person.email, &text));
    match sent {
        Ok(()) => store.write(move |db| letters::done(db, &id))?,
        Err(Unsent::Never(cause)) => {
            tracing::warn!(letter = id, ?kind, cause, "a letter cannot be sent: it is given up");
            store.write(move |db| letters::done(db, &id))?;
        }
        Err(Unsent::Later(cause)) => {
            tracing::warn!(letter = id, ?kind, tries, cause, "a letter was not sent; it is tried again");
            store.write(move |db| letters::put_off(db, &id, later))?;
        }
        Err(Unsent::Unsure(cause)) => {
            tracing::warn!(letter = id, ?kind, tries, cause, "it is not known whether a letter was sent");
            return Ok(false);
        }
    }
    Ok(true)
}

/// A letter's text; none where there is nothing to say, or nobody who wants to hear it any more.
fn write(
    store: &Store,
    mailer: &Mailer,
    letter: &Letter,
    clock: &dyn Clock,
) -> Result<Option<Text>, MailError> {
    match letter.kind {
        Kind::SignIn => link(store, mailer, letter, clock).map(Some),
        Kind::Weekly if letter.person.weekly.is_none() => Ok(None),
        Kind::Weekly => store.read_long(|db| weekly::write(db, mailer, letter.language)),
    }
}

#[derive(Debug, Template)]
#[template(path = "mail/sign_in.txt")]
struct SignIn {
    t: Language,
    link: String,
    minutes: i64,
}

/// A link that is made now, for whoever asked for one.
fn link(store: &Store, mailer: &Mailer, letter: &Letter, clock: &dyn Clock) -> Result<Text, MailError> {
    let (person, now) = (letter.person.clone(), clock.now());
    let token = store.write(move |db| {
        audit::record(db, now, &person.email, &say("did-ask-link"), None)?;
        people::create_link(db, person.id, now, LINK_VALID)
    })?;
    let next = serde_urlencoded::to_string([("next", &letter.page)]).unwrap_or_default();
    let link = format!("{}?{next}", mailer.public_url.sign_in_link(&token));
    let text = SignIn { t: letter.language, link, minutes: LINK_VALID.ms() / 60_000 };
    let subject = text.t.say("mail-link-subject").to_string();
    Ok(Text { subject, body: text.render()? })
}
