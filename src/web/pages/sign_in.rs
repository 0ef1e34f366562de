//! Signing in: by password or by a one-time link. A link is used up by a press of a button, never by
//! opening it, so that mail scanners use up nothing.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{Page, html, password, see_other};
use crate::{
    language::{Language, Said, say},
    storage::{audit, people},
    web::{
        auth::{self, FormFields, MaybePerson, Shared},
        error::Problem,
        language,
    },
};

/// Where people land: the page that knows whether there is anything yet.
const HOME: &str = "/";

#[derive(Debug, Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    t: Language,
    page: Page,
    email: String,
    next: String,
    wrong: Option<Said>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// Only a path of ours: an address that leads elsewhere is not followed.
pub(super) fn ours(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if next.starts_with('/') && !next.starts_with("//") && plain { next } else { HOME }
}

/// `GET /sign-in`
pub(super) async fn form(
    request: HttpRequest,
    person: MaybePerson,
    next: Query<Next>,
) -> Result<HttpResponse, Problem> {
    if person.0.is_some() {
        return Ok(see_other(ours(&next.next)));
    }
    let t = language::of(&request);
    let next = next.into_inner().next;
    html(&SignIn { t, page: Page::open(None, t), email: String::new(), next, wrong: None })
}

/// `POST /sign-in`. The same answer, after the same work, for known and unknown addresses.
pub(super) async fn submit(
    state: Shared,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let email = form.get("email").unwrap_or_default().trim().to_owned();
    let password = form.get("password").unwrap_or_default().to_owned();
    let next = form.get("next").unwrap_or_default().to_owned();
    let t = language::of(&request);
    let refuse = |wrong: Said, email: String, next: String| {
        html(&SignIn { t, page: Page::open(None, t), email, next, wrong: Some(wrong) })
    };
    if let Some(wait) = state.throttle.wait(&email, Instant::now()) {
        let wrong = t.say("sign-in-wait").with("n", wait.as_secs() + 1);
        return refuse(wrong, email, next);
    }
    let asked = email.clone();
    let kept = state.read(move |db| people::password_hash(db, &asked)).await?;
    let right = password.len() <= password::LONGEST && password::verify(password, kept).await?;
    let asked = email.clone();
    let person = if right { state.read(move |db| people::by_email(db, &asked)).await? } else { None };
    let Some(person) = person else {
        state.throttle.wrong(&email, Instant::now());
        return refuse(t.say("sign-in-wrong"), email, next);
    };
    state.throttle.right(&email);
    let (now, who) = (state.now(), person.email);
    state.write(move |db| audit::record(db, now, &who, &say("did-sign-in"), None)).await?;
    let cookie = auth::start_session(&state, person.id).await?;
    let mut answer = see_other(ours(&next));
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

#[derive(Debug, Template)]
#[template(path = "pages/sign_in_link.html")]
struct SignInLink {
    t: Language,
    page: Page,
    email: Option<String>,
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
    html(&SignInLink { t, page: Page::open(None, t), email: person.map(|person| person.email) })
}

/// `POST /sign-in/{token}` uses the link up.
pub(super) async fn redeem(state: Shared, token: Path<String>) -> Result<HttpResponse, Problem> {
    let cookie = auth::redeem(&state, &token).await?;
    let mut answer = see_other(HOME);
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
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
