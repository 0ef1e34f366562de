//! Single sign-on: to the provider of somebody's domain, and back.

use actix_web::{HttpRequest, HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    Page, html,
    sign_in::{self, SignIn, Step},
};
use crate::{
    language::{Language, Said},
    sign_on::{Attempt, Failure, SignOn},
    web::{
        auth::{self, Shared},
        error::Problem,
        language,
        state::blocking,
    },
};

/// Strangers may make us ask the provider; only so many questions are asked at once.
static ASKING: Semaphore = Semaphore::const_new(4);

#[derive(Debug, Template)]
#[template(path = "pages/sign_on.html")]
struct Away<'a> {
    t: Language,
    page: Page,
    host: &'a str,
    address: String,
}

/// Sends somebody to their provider: by a page rather than at once, as our forms lead nowhere else
/// (Content-Security-Policy: form-action), and by itself where it may.
pub(super) async fn begin(state: &Shared, sign_on: &SignOnOf, page: SignIn) -> Result<HttpResponse, Problem> {
    let (attempt, email, now) = (Attempt::new(), page.email.clone(), state.now());
    let (asked, theirs) = (sign_on.clone(), attempt.clone());
    match ask(move || asked.address(&theirs, &email, now)).await? {
        Ok(address) => {
            let away = Away { t: page.t, page: Page::open(None, page.t), host: sign_on.host(), address };
            let mut answer = html(&away)?;
            let held = auth::hold_attempt(state, &attempt, sign_in::ours(&page.next));
            answer.add_cookie(&held).map_err(|error| Problem::internal(&error))?;
            Ok(answer)
        }
        Err(failure) => {
            let wrong = told(&failure, page.t, sign_on);
            page.but("email", wrong).show(state).await
        }
    }
}

/// A provider that is set up.
pub(super) type SignOnOf = std::sync::Arc<SignOn>;

async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<Result<T, Failure>, Problem> {
    let _turn = ASKING.acquire().await;
    let answer = blocking(question).await?;
    if let Err(failure) = &answer {
        tracing::warn!(%failure, "nobody was signed in by single sign-on");
    }
    Ok(answer)
}

fn told(failure: &Failure, t: Language, sign_on: &SignOn) -> Said {
    match failure {
        Failure::Unreachable(_) => t.say("sso-unreachable").with("host", sign_on.host()),
        Failure::Refused(_) => t.say("sso-refused").with("host", sign_on.host()),
        Failure::NotVouched => t.say("sso-not-vouched").with("host", sign_on.host()),
    }
}

/// What the provider sends back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    state: String,
    code: String,
}

/// `GET /sign-in/sso`: back from the provider. The one GET that begins a session: it needs what only the browser that
/// began has, and the code is used up by it.
pub(super) async fn back(
    state: Shared,
    request: HttpRequest,
    answer: Query<Answer>,
) -> Result<HttpResponse, Problem> {
    let Some(sign_on) = state.sign_on.clone() else {
        return Err(Problem::not_found("single sign-on is not set up here"));
    };
    let (t, answer) = (language::of(&request), answer.into_inner());
    let held = auth::held_attempt(&state, &request);
    let next = held.as_ref().map(|(_, next)| next.clone()).unwrap_or_default();
    let come = match held {
        Some((attempt, _)) if attempt.is_answered_by(&answer.state) && !answer.code.is_empty() => {
            come(&state, &sign_on, attempt, answer.code, t).await?
        }
        Some((attempt, _)) if attempt.is_answered_by(&answer.state) => {
            Err(t.say("sso-refused").with("host", sign_on.host()))
        }
        _ => Err(t.say("sso-anew")),
    };
    let mut response = match come {
        Ok(session) => sign_in::signed_in(&session, &next)?,
        Err(wrong) => {
            let page = SignIn::new(&state, t, Step::Email, String::new(), next);
            page.but("email", wrong).show(&state).await?
        }
    };
    response.add_cookie(&auth::forget_attempt(&state)).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// The session of whom the provider vouches for, or why there is none.
async fn come(
    state: &Shared,
    sign_on: &SignOnOf,
    attempt: Attempt,
    code: String,
    t: Language,
) -> Result<Result<actix_web::cookie::Cookie<'static>, Said>, Problem> {
    let (asked, now) = (sign_on.clone(), state.now());
    let email = match ask(move || asked.redeem(&attempt, code, now)).await? {
        Ok(email) => email,
        Err(failure) => return Ok(Err(told(&failure, t, sign_on))),
    };
    let session = auth::admit(state, email.clone(), sign_on.default_role).await?;
    Ok(session.ok_or_else(|| t.say("sso-not-known").with("email", email)))
}
