//! People: who they are, the one-time links that let them in first, and their sessions. Of links and sessions
//! only a hash is kept, so that a copy of the database lets nobody in.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::max};

use super::{
    Db,
    error::{Result, StorageError},
    fold::id,
    passkeys,
    random::{base62, sha256},
    schema::{people as p, sessions as s, sign_in_links as k},
    uploads,
};
use crate::{
    domain::{
        role::PersonRole,
        time::{Moment, Wait},
    },
    language::Language,
};

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Our own number of it.
    pub id: i64,
    /// Its address, in lower case.
    pub email: String,
    /// What it may do.
    pub role: PersonRole,
    /// Whether it has set a password.
    pub has_password: bool,
    /// When it was added.
    pub created_at: Moment,
    /// When it was last seen, within a minute; never where it has not signed in.
    pub seen_at: Option<Moment>,
    /// The language of its weekly letter; none where it wants none.
    pub weekly: Option<Language>,
}

/// A session ends after so long without a request.
pub const SESSION_IDLE: Wait = Wait::from_minutes(30);

/// A session ends so long after its sign-in, whatever happens in it.
pub const SESSION_LONGEST: Wait = Wait::from_hours(12);

/// How often a request is written to its session; reading it costs nothing, writing does.
const TOUCH_EVERY: Wait = Wait::from_minutes(1);

type Row = (i64, String, String, Option<String>, i64, Option<i64>, Option<String>);

fn read((number, email, role, password, created, seen, weekly): Row) -> Result<Person> {
    Ok(Person {
        id: number,
        email,
        role: id("a role", &role)?,
        has_password: password.is_some(),
        created_at: Moment::from_stored_ms(created),
        seen_at: seen.map(Moment::from_stored_ms),
        weekly: weekly.map(|tag| id("a language", &tag)).transpose()?,
    })
}

/// An address as it is kept: without blanks around it, in lower case.
pub(super) fn kept(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Adds a person.
///
/// # Errors
/// [`StorageError::Refused`] where the address is none, or is known already.
pub fn add(db: &mut Db, email: &str, role: PersonRole, now: Moment) -> Result<Person> {
    let email = kept(email);
    let shaped = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !shaped || email.len() > 254 || email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(StorageError::Refused(format!(
            "{email:?} is no e-mail address, such as ada@example.org"
        )));
    }
    if by_email(db, &email)?.is_some() {
        return Err(StorageError::Refused(format!("{email} is a user already")));
    }
    let next = p::table.select(max(p::id)).first::<Option<i64>>(db)?.unwrap_or(0) + 1;
    let row = (p::id.eq(next), p::email.eq(&email), p::role.eq(role.as_str()), p::created_at.eq(now.ms()));
    diesel::insert_into(p::table).values(row).execute(db)?;
    Ok(Person { id: next, email, role, has_password: false, created_at: now, seen_at: None, weekly: None })
}

/// A person by its address.
pub fn by_email(db: &mut Db, email: &str) -> Result<Option<Person>> {
    p::table.filter(p::email.eq(kept(email))).first::<Row>(db).optional()?.map(read).transpose()
}

/// A person by its number.
pub fn by_id(db: &mut Db, number: i64) -> Result<Option<Person>> {
    p::table.find(number).first::<Row>(db).optional()?.map(read).transpose()
}

/// A person that has to be there.
///
/// # Errors
/// [`StorageError::Unknown`].
pub fn get(db: &mut Db, number: i64) -> Result<Person> {
    by_id(db, number)?.ok_or_else(|| StorageError::unknown("person", number))
}

/// Everybody, by address.
pub fn list(db: &mut Db) -> Result<Vec<Person>> {
    p::table.order(p::email).load::<Row>(db)?.into_iter().map(read).collect()
}

/// Changes what a person may do.
///
/// # Errors
/// [`StorageError::Refused`] where no admin would remain.
pub fn set_role(db: &mut Db, person: i64, role: PersonRole) -> Result<()> {
    if role != PersonRole::Admin {
        keep_an_admin(db, person)?;
    }
    diesel::update(p::table.find(person)).set(p::role.eq(role.as_str())).execute(db)?;
    Ok(())
}

/// Whoever is made something else, or removed, is not the only admin.
fn keep_an_admin(db: &mut Db, person: i64) -> Result<()> {
    let admins = p::table.filter(p::role.eq(PersonRole::Admin.as_str()));
    if admins.select(p::id).load::<i64>(db)? == [person] {
        let why = "at least one admin must remain: make somebody else an admin first";
        return Err(StorageError::Refused(why.to_owned()));
    }
    Ok(())
}

/// Sets in which language a person is sent the weekly letter, or that it is sent none.
pub fn set_weekly(db: &mut Db, person: i64, language: Option<Language>) -> Result<()> {
    let tag = language.map(Language::tag);
    diesel::update(p::table.find(person)).set(p::weekly.eq(tag)).execute(db)?;
    Ok(())
}

/// Removes a person, its sessions, its links, its passkeys and its files. What it did stays in the logs.
///
/// # Errors
/// [`StorageError::Refused`] where no admin would remain.
pub fn remove(db: &mut Db, person: i64) -> Result<()> {
    keep_an_admin(db, person)?;
    end_sessions_of(db, person)?;
    diesel::delete(k::table.filter(k::person_id.eq(person))).execute(db)?;
    uploads::forget_all_of(db, person)?;
    passkeys::remove_all_of(db, person)?;
    diesel::delete(p::table.find(person)).execute(db)?;
    Ok(())
}

/// The hash of a person's password (argon2, in the PHC notation), by its address.
pub fn password_hash(db: &mut Db, email: &str) -> Result<Option<String>> {
    let hash = p::table.filter(p::email.eq(kept(email))).select(p::password_hash).first(db).optional()?;
    Ok(hash.flatten())
}

/// Sets the hash of a person's password, and ends its sessions.
pub fn set_password_hash(db: &mut Db, person: i64, hash: &str) -> Result<()> {
    diesel::update(p::table.find(person)).set(p::password_hash.eq(hash)).execute(db)?;
    end_sessions_of(db, person)
}

/// Makes a one-time link's token; it is shown once and kept only as a hash. Links that are out of date are forgotten on
/// the way.
pub fn create_link(db: &mut Db, person: i64, now: Moment, valid: Wait) -> Result<String> {
    diesel::delete(k::table.filter(k::expires_at.le(now.ms()))).execute(db)?;
    let token = base62(43)?;
    let expires = now + valid;
    let row = (k::hash.eq(sha256(&token)), k::person_id.eq(person), k::expires_at.eq(expires.ms()));
    diesel::insert_into(k::table).values(row).execute(db)?;
    Ok(token)
}

/// Uses a link up: gives its person once, and nobody from then on.
pub fn use_link(db: &mut Db, token: &str, now: Moment) -> Result<Option<Person>> {
    let person = peek_link(db, token, now)?;
    if person.is_some() {
        diesel::update(k::table.find(sha256(token))).set(k::used_at.eq(now.ms())).execute(db)?;
    }
    Ok(person)
}

/// Whom a link would let in, without using it up: to greet.
pub fn peek_link(db: &mut Db, token: &str, now: Moment) -> Result<Option<Person>> {
    let open = k::table
        .find(sha256(token))
        .filter(k::used_at.is_null())
        .filter(k::expires_at.gt(now.ms()))
        .select(k::person_id);
    let Some(person) = open.first::<i64>(db).optional()? else { return Ok(None) };
    by_id(db, person)
}

/// Begins a session; its token goes into the cookie. Sessions that are over are forgotten on the way.
pub fn begin_session(db: &mut Db, person: i64, now: Moment) -> Result<String> {
    let too_old = now.ms() - SESSION_LONGEST.ms();
    diesel::delete(s::table.filter(s::created_at.le(too_old))).execute(db)?;
    let token = base62(43)?;
    let row = (
        s::hash.eq(sha256(&token)),
        s::person_id.eq(person),
        s::created_at.eq(now.ms()),
        s::seen_at.eq(now.ms()),
    );
    diesel::insert_into(s::table).values(row).execute(db)?;
    diesel::update(p::table.find(person)).set(p::seen_at.eq(now.ms())).execute(db)?;
    Ok(token)
}

/// A session that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who signed in.
    pub person: Person,
    /// Whether [`touch_session`] is due.
    pub needs_touch: bool,
}

/// Who is behind a session's token, while the session lasts.
pub fn session(db: &mut Db, token: &str, now: Moment) -> Result<Option<Session>> {
    let found: Option<(i64, i64, i64)> = s::table
        .find(sha256(token))
        .filter(s::created_at.gt(now.ms() - SESSION_LONGEST.ms()))
        .filter(s::seen_at.gt(now.ms() - SESSION_IDLE.ms()))
        .select((s::person_id, s::created_at, s::seen_at))
        .first(db)
        .optional()?;
    let Some((person, _, seen)) = found else { return Ok(None) };
    Ok(by_id(db, person)?.map(|person| Session { person, needs_touch: now.ms() - seen >= TOUCH_EVERY.ms() }))
}

/// Notes that a session was used.
pub fn touch_session(db: &mut Db, token: &str, now: Moment) -> Result<()> {
    diesel::update(s::table.find(sha256(token))).set(s::seen_at.eq(now.ms())).execute(db)?;
    let person: Option<i64> = s::table.find(sha256(token)).select(s::person_id).first(db).optional()?;
    if let Some(person) = person {
        diesel::update(p::table.find(person)).set(p::seen_at.eq(now.ms())).execute(db)?;
    }
    Ok(())
}

/// Ends a session: signing out.
pub fn end_session(db: &mut Db, token: &str) -> Result<()> {
    diesel::delete(s::table.find(sha256(token))).execute(db)?;
    Ok(())
}

/// Ends all sessions of a person.
pub fn end_sessions_of(db: &mut Db, person: i64) -> Result<()> {
    diesel::delete(s::table.filter(s::person_id.eq(person))).execute(db)?;
    Ok(())
}
