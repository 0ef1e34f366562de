//! Signing in, step by step: an address first, then a passkey, a password, or a one-time link that an admin gives or that
//! is sent by email. A link is used up by a press of a button, never by opening it, so that mail scanners use up nothing.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{Page, html, passkeys, password, see_other, sign_on};
use crate::{
    language::{Language, Said, say},
    storage::{audit, letters, people},
    web::{
        auth::{self, FormFields, MaybePerson, Shared},
        error::Problem,
        language,
        state::State,
    },
};

/// Where people land: the page that knows whether there is anything yet.
const HOME: &str = "/";

/// The longest address that there is.
const LONGEST_ADDRESS: usize = 254;

/// The longest path that is followed: it stands in a letter.
const LONGEST_PATH: usize = 500;

/// What the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Who is there: how they sign in follows from their address, whether anybody here has it or not.
    Email,
    /// A passkey, their password, or that a link be sent to them.
    Password,
    /// Nothing: if somebody here has the address, a link is on its way.
    Sent,
}

#[derive(Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub(super) struct SignIn {
    pub(super) t: Language,
    page: Page,
    step: Step,
    pub(super) email: String,
    pub(super) next: String,
    /// Whether links can be sent.
    has_mail: bool,
    /// The options of the ceremony, where passkeys are of use.
    passkey: Option<String>,
    /// What is wrong with which field.
    wrong: Option<(&'static str, Said)>,
}

impl SignIn {
    /// The page at a step.
    pub(super) fn new(state: &State, t: Language, step: Step, email: String, next: String) -> Self {
        let has_mail = state.mailer.is_some();
        Self { t, page: Page::open(None, t), step, email, next, has_mail, passkey: None, wrong: None }
    }

    /// The same with what is wrong with a field.
    pub(super) fn but(self, field: &'static str, wrong: Said) -> Self {
        Self { wrong: Some((field, wrong)), ..self }
    }

    /// As an answer. Whoever it is, a passkey can be used beside the password: the offer tells nothing of the address.
    pub(super) async fn show(mut self, state: &State) -> Result<HttpResponse, Problem> {
        let offer = if self.step == Step::Password { passkeys::offer(state).await? } else { None };
        let Some((options, challenge)) = offer else { return html(&self) };
        self.passkey = Some(options);
        let mut answer = html(&self)?;
        answer.add_cookie(&challenge).map_err(|error| Problem::internal(&error))?;
        Ok(answer)
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&Said> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, words)| words)
    }

    fn heading(&self) -> Said {
        if self.step == Step::Sent { self.t.say("sign-in-sent") } else { self.t.say("sign-in") }
    }

    /// The address of the first step, where another address is to be typed.
    fn again(&self) -> String {
        let query = serde_urlencoded::to_string([("next", &self.next)]).unwrap_or_default();
        format!("/sign-in?{query}")
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// Only a path of ours: an address that leads elsewhere is not followed.
pub(super) fn ours(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let fits = next.starts_with('/') && !next.starts_with("//") && next.len() <= LONGEST_PATH;
    if fits && plain { next } else { HOME }
}

/// `GET /sign-in`
pub(super) async fn form(
    state: Shared,
    request: HttpRequest,
    person: MaybePerson,
    next: Query<Next>,
) -> Result<HttpResponse, Problem> {
    if person.0.is_some() {
        return Ok(see_other(ours(&next.next)));
    }
    let next = next.into_inner().next;
    SignIn::new(&state, language::of(&request), Step::Email, String::new(), next).show(&state).await
}

/// `POST /sign-in`: one step after the other. The same answer, after the same work, for known and unknown addresses.
pub(super) async fn submit(
    state: Shared,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let t = language::of(&request);
    let email = form.get("email").unwrap_or_default().trim().to_owned();
    let next = form.get("next").unwrap_or_default().to_owned();
    let page = |step: Step| SignIn::new(&state, t, step, email.clone(), next.clone());
    if email.is_empty() || email.len() > LONGEST_ADDRESS {
        return page(Step::Email).but("email", t.say("sign-in-no-email")).show(&state).await;
    }
    if let Some(sign_on) = state.sign_on.as_ref().filter(|sign_on| sign_on.is_for(&email)) {
        return sign_on::begin(&state, sign_on, page(Step::Email)).await;
    }
    match (form.get("how"), form.get("password")) {
        (Some("passkey"), _) => {
            let response = form.get("response").unwrap_or_default();
            passkeys::sign_in(&state, &request, response, page(Step::Password)).await
        }
        (Some("link"), _) if state.mailer.is_some() => ask_link(&state, page(Step::Sent)).await,
        (_, Some(password)) => by_password(&state, password, page(Step::Password)).await,
        (_, None) => page(Step::Password).show(&state).await,
    }
}

async fn by_password(state: &Shared, password: &str, page: SignIn) -> Result<HttpResponse, Problem> {
    let (t, email) = (page.t, page.email.clone());
    if let Some(wait) = state.throttle.wait(&email, Instant::now()) {
        let wait = t.say("sign-in-wait").with("n", wait.as_secs() + 1);
        return page.but("password", wait).show(state).await;
    }
    let asked = email.clone();
    let kept = state.read(move |db| people::password_hash(db, &asked)).await?;
    let right = password.len() <= password::LONGEST && password::verify(password.to_owned(), kept).await?;
    let asked = email.clone();
    let person = if right { state.read(move |db| people::by_email(db, &asked)).await? } else { None };
    let Some(person) = person else {
        state.throttle.wrong(&email, Instant::now());
        return page.but("password", t.say("sign-in-wrong")).show(state).await;
    };
    state.throttle.right(&email);
    let (now, who) = (state.now(), person.email);
    state.write(move |db| audit::record(db, now, &who, &say("did-sign-in"), None)).await?;
    signed_in(&auth::start_session(state, person.id).await?, &page.next)
}

/// Asks for a link to be sent. Whether anybody here has the address is looked at when it is sent, so the answer and the
/// time it takes cannot tell.
async fn ask_link(state: &Shared, page: SignIn) -> Result<HttpResponse, Problem> {
    let t = page.t;
    if let Some(wait) = state.links.wait(&page.email, Instant::now()) {
        let page = SignIn { step: Step::Password, ..page };
        let wait = t.say("sign-in-link-wait").with("n", wait.as_secs() + 1);
        return page.but("password", wait).show(state).await;
    }
    state.links.wrong(&page.email, Instant::now());
    let (email, next, now) = (page.email.clone(), ours(&page.next).to_owned(), state.now());
    state.write(move |db| letters::ask_link(db, &email, t, &next, now)).await?;
    html(&page)
}

/// On to the page that was asked for, with a new session.
pub(super) fn signed_in(session: &Cookie<'_>, next: &str) -> Result<HttpResponse, Problem> {
    let mut answer = see_other(ours(next));
    answer.add_cookie(session).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

#[derive(Debug, Template)]
#[template(path = "pages/sign_in_link.html")]
struct SignInLink {
    t: Language,
    page: Page,
    email: Option<String>,
    /// Whether a new one can be sent.
    has_mail: bool,
}

/// `GET /sign-in/{token}` shows a button and changes nothing.
pub(super) async fn link(
    state: Shared,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let token = token.into_inner();
    let person = state.read(move |db| people::peek_link(db, &token, now)).await?;
    let t = language::of(&request);
    let (email, has_mail) = (person.map(|person| person.email), state.mailer.is_some());
    html(&SignInLink { t, page: Page::open(None, t), email, has_mail })
}

/// `POST /sign-in/{token}` uses the link up.
pub(super) async fn redeem(
    state: Shared,
    token: Path<String>,
    next: Query<Next>,
) -> Result<HttpResponse, Problem> {
    signed_in(&auth::redeem(&state, &token).await?, &next.next)
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    state: Shared,
    request: HttpRequest,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    let cookie = auth::end_session(&state, &request).await?;
    let mut answer = see_other("/sign-in");
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_followed() {
        assert_eq!(ours("/experiments/a?show=1"), "/experiments/a?show=1");
        for elsewhere in ["", "https://e.example", "//e.example", "/\\e.example", "/a\nb", "javascript:0"] {
            assert_eq!(ours(elsewhere), HOME, "{elsewhere:?}");
        }
    }
}
