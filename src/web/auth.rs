//! Who is asking: programs by key, people by session.
//!
//! The middleware [`authorise`](super::middleware::authorise) decides who may; handlers then find a
//! [`Caller`] or a [`Person`] as an argument. A key counts only in the header, a session only in its cookie.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header::{self, HeaderMap},
    web::Data,
};
use futures_util::future::LocalBoxFuture;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    body::{self, MIB},
    challenge::Challenge,
    error::Problem,
    language,
    state::State,
};
use crate::{
    domain::{
        ids::Source,
        role::{KeyRole, PersonRole},
        time::Moment,
    },
    language::{Language, say},
    sign_on::Attempt,
    storage::{
        audit, keys,
        passkeys::{self, Passkey},
        people,
    },
};

/// A program that sent a valid key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key's name: the source of events that name none.
    pub name: Source,
    /// What it may do.
    pub role: KeyRole,
}

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Which.
    pub id: i64,
    /// How people know each other.
    pub email: String,
    /// What they may do.
    pub role: PersonRole,
    /// What they read.
    pub language: Language,
    /// The value of the hidden field `csrf` of every form of this session.
    pub csrf: String,
}

/// The person, where a page is for anyone.
#[derive(Debug, Clone)]
pub struct MaybePerson(pub Option<Person>);

impl Person {
    /// Checks the token of a form.
    ///
    /// # Errors
    /// 403: the form is not one that this session was given.
    pub fn check_csrf(&self, token: &str) -> Result<(), Problem> {
        if bool::from(self.csrf.as_bytes().ct_eq(token.as_bytes())) {
            Ok(())
        } else {
            Err(Problem::forbidden("this form is out of date: go back, reload the page and send it again"))
        }
    }
}

/// What a handler for nobody would be given; the table of routes makes this impossible.
fn misplaced<T: Clone + 'static>(request: &HttpRequest) -> Ready<Result<T, Problem>> {
    let found = request.extensions().get::<T>().cloned();
    ready(found.ok_or_else(|| Problem::internal(&"the route does not say who may use it")))
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        misplaced(request)
    }
}

impl FromRequest for Person {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        misplaced(request)
    }
}

impl FromRequest for MaybePerson {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().get::<Person>().cloned())))
    }
}

/// The caller by the header `Authorization: Bearer KEY`; none without a valid key.
pub(super) async fn caller(state: &State, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(text) = bearer(headers) else { return Ok(None) };
    let now = state.now();
    if let Some(found) = state.keys().find(text, now) {
        if found.needs_touch {
            note_use(state, found.key.id.clone(), now);
        }
        return Ok(Some(Caller { name: found.key.name.clone(), role: found.key.role }));
    }
    // Wrong, or so new that only the database knows it.
    let text = text.to_owned();
    let Some(key) = state.read(move |db| keys::verify(db, &text, now)).await? else { return Ok(None) };
    note_use(state, key.id, now);
    Ok(Some(Caller { name: key.name, role: key.role }))
}

/// Not awaited: the answer does not wait for it, and a full disk does not lock anybody out.
fn note_use(state: &State, key: String, now: Moment) {
    drop(state.store.write_async(move |db| keys::touch(db, &key, now)));
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// The person by the session's cookie.
pub(super) async fn person(state: &State, request: &HttpRequest) -> Result<Option<Person>, Problem> {
    let Some(token) = session_token(state, request) else { return Ok(None) };
    let (asked, now) = (token.clone(), state.now());
    let Some(session) = state.read(move |db| people::session(db, &asked, now)).await? else {
        return Ok(None);
    };
    let csrf = form_token(&token);
    if session.needs_touch {
        drop(state.store.write_async(move |db| people::touch_session(db, &token, now)));
    }
    let people::Person { id, email, role, .. } = session.person;
    Ok(Some(Person { id, email, role, language: language::of(request), csrf }))
}

fn session_token(state: &State, request: &HttpRequest) -> Option<String> {
    request
        .cookie(cookie_name(state))
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| !token.is_empty())
}

/// Browsers accept `__Host-` only over a safe connection.
fn cookie_name(state: &State) -> &'static str {
    if state.public_url.is_https() { "__Host-patience" } else { "patience" }
}

/// The same of the cookie that an attempt at single sign-on is held in, until it comes back.
fn attempt_name(state: &State) -> &'static str {
    if state.public_url.is_https() { "__Host-patience-sso" } else { "patience-sso" }
}

/// The form token follows from the session's: it needs no storage, and does not give the session away.
fn form_token(session: &str) -> String {
    hex::encode(Sha256::new().chain_update(b"patience form token\0").chain_update(session).finalize())
}

fn cookie(state: &State, value: String) -> Cookie<'static> {
    named(state, cookie_name(state), value)
}

/// A cookie of ours, that no script reads and no other site makes a browser send along with a write.
pub(super) fn named(state: &State, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.public_url.is_https())
        .finish()
}

/// Begins a session: always a new one, so that none can be planted before signing in.
///
/// # Errors
/// The database cannot be written.
pub async fn start_session(state: &State, person: i64) -> Result<Cookie<'static>, Problem> {
    let now = state.now();
    let token = state.write(move |db| people::begin_session(db, person, now)).await?;
    Ok(cookie(state, token))
}

/// Ends the session of a request; gives the cookie that makes the browser forget it.
///
/// # Errors
/// The database cannot be written.
pub async fn end_session(state: &State, request: &HttpRequest) -> Result<Cookie<'static>, Problem> {
    if let Some(token) = session_token(state, request) {
        state.write(move |db| people::end_session(db, &token)).await?;
    }
    let mut forget = cookie(state, String::new());
    forget.set_max_age(Duration::ZERO);
    Ok(forget)
}

/// How long somebody may take at their provider.
const ATTEMPT_LASTS: Duration = Duration::minutes(15);

/// Holds an attempt at single sign-on, and the page that was asked for, in the browser that began it.
pub fn hold_attempt(state: &State, attempt: &Attempt, next: &str) -> Cookie<'static> {
    let mut held = named(state, attempt_name(state), format!("{}.{}", attempt.secret(), hex::encode(next)));
    held.set_max_age(ATTEMPT_LASTS);
    held
}

/// The attempt that a browser holds, and the page that was asked for.
pub fn held_attempt(state: &State, request: &HttpRequest) -> Option<(Attempt, String)> {
    let cookie = request.cookie(attempt_name(state))?;
    let (secret, next) = cookie.value().split_once('.')?;
    let next = String::from_utf8(hex::decode(next).ok()?).ok()?;
    (!secret.is_empty()).then(|| (Attempt::of(secret), next))
}

/// Makes the browser forget its attempt, whatever became of it.
pub fn forget_attempt(state: &State) -> Cookie<'static> {
    let mut forget = named(state, attempt_name(state), String::new());
    forget.set_max_age(Duration::ZERO);
    forget
}

/// Uses up a one-time link and begins a session.
///
/// # Errors
/// 404: the link was used, is out of date, or never was.
pub async fn redeem(state: &State, link: &str) -> Result<Cookie<'static>, Problem> {
    let (link, now) = (link.to_owned(), state.now());
    // One write: a link is used up only where a session begins.
    let session = state
        .write(move |db| match people::use_link(db, &link, now)? {
            Some(person) => {
                audit::record(db, now, &person.email, &say("did-sign-in"), None)?;
                people::begin_session(db, person.id, now).map(Some)
            }
            None => Ok(None),
        })
        .await?;
    match session {
        Some(token) => Ok(cookie(state, token)),
        None => Err(Problem::not_found(
            "this link was used already or is out of date; `patience user add` prints a new one",
        )),
    }
}

/// Begins a session of the person who has an address, for which somebody else vouches. Whom nobody added is added, if
/// there is a role for such.
///
/// # Errors
/// The database cannot be written.
pub async fn admit(
    state: &State,
    email: String,
    default_role: Option<PersonRole>,
) -> Result<Option<Cookie<'static>>, Problem> {
    let now = state.now();
    let session = state.write(move |db| {
        let person = match (people::by_email(db, &email)?, default_role) {
            (Some(known), _) => known,
            (None, Some(role)) => {
                let added = people::add(db, &email, role, now)?;
                let what = say("did-come").with("role", role.as_str());
                audit::record(db, now, &added.email, &what, None)?;
                added
            }
            (None, None) => return Ok(None),
        };
        audit::record(db, now, &person.email, &say("did-sign-on"), None)?;
        people::begin_session(db, person.id, now).map(Some)
    });
    Ok(session.await?.map(|token| cookie(state, token)))
}

/// Begins a session of the person whose passkey answered a challenge; none where that was answered before, or the passkey
/// was removed or used elsewhere since it was read.
///
/// # Errors
/// The database cannot be written.
pub async fn by_passkey(
    state: &State,
    person: people::Person,
    passkey: Passkey,
    dynamic_state: Vec<u8>,
    challenge: Challenge,
) -> Result<Option<Cookie<'static>>, Problem> {
    let now = state.now();
    // One write: of two answers that come at once, on two servers too, one counts.
    let session = state.write(move |db| {
        let counts = passkeys::use_challenge(db, &challenge.seal, challenge.until, now)?
            && passkeys::used(db, &passkey, &dynamic_state, now)?;
        if !counts {
            return Ok(None);
        }
        let what = say("did-use-passkey").with("name", &passkey.name);
        audit::record(db, now, &person.email, &what, None)?;
        people::begin_session(db, person.id, now).map(Some)
    });
    Ok(session.await?.map(|token| cookie(state, token)))
}

/// Refuses a write that another site made the browser send. A program that is no browser sends neither
/// header; it has no session that could be misused.
pub(super) fn same_origin(state: &State, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == state.public_url.as_str() || (host.is_some() && host == text("host"))
        }
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(Problem::forbidden("this was sent from another site")) }
}

/// The fields of a form, in the order sent. Its token has been checked where somebody is signed in.
#[derive(Debug, Clone)]
pub struct FormFields(pub Vec<(String, String)>);

impl FormFields {
    /// A field's first value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field that may stand there more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for FormFields {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let person = request.extensions().get::<Person>().cloned();
        let whole = body::whole(request, payload, MIB);
        Box::pin(async move {
            let fields = serde_urlencoded::from_bytes(&whole.await?)
                .map_err(|error| Problem::bad_request(format!("the form cannot be read: {error}")))?;
            let form = Self(fields);
            if let Some(person) = person {
                person.check_csrf(form.get("csrf").unwrap_or_default())?;
            }
            Ok(form)
        })
    }
}

/// The application's state, for handlers.
pub type Shared = Data<State>;
