//! Passkeys: added and removed by whoever has them, and used to sign in.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie};
use askama::Template;

use super::{
    Page, html, see_other,
    settings::{Settings, wrong_current},
    sign_in::{SignIn, signed_in},
};
use crate::{
    language::{Language, say},
    passkeys::{Assertion, Passkeys, Refused},
    storage::{
        audit,
        passkeys::{self, Passkey},
        people,
    },
    web::{
        auth::{self, FormFields, Person, Shared},
        challenge::{self, Challenge, Purpose},
        error::Problem,
        state::State,
    },
};

/// The longest name of a passkey, in characters.
const LONGEST_NAME: usize = 60;

/// How many one person may have.
const MOST: usize = 20;

#[derive(Debug, Template)]
#[template(path = "pages/passkey.html")]
struct New {
    t: Language,
    page: Page,
    name: String,
    options: String,
}

/// Whether somebody signs in at a provider, and so by no passkey.
fn is_elsewhere(state: &State, email: &str) -> bool {
    state.sign_on.as_ref().is_some_and(|sign_on| sign_on.is_for(email))
}

/// The relying party, for a person who may have passkeys.
fn relying_party<'a>(state: &'a State, person: &Person) -> Result<&'a Passkeys, Problem> {
    let here = state.passkeys.as_ref().filter(|_| !is_elsewhere(state, &person.email));
    here.ok_or_else(|| Problem::not_found("passkeys cannot be used here"))
}

fn named(form: &FormFields, person: &Person) -> String {
    let name: String = form.get("name").unwrap_or_default().trim().chars().take(LONGEST_NAME).collect();
    if name.is_empty() { person.language.say("passkey-nameless").to_string() } else { name }
}

/// `POST /settings/passkeys/new`: the page that asks the browser for one, once its person is known to be who signed in.
pub(super) async fn begin(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let here = relying_party(&state, &person)?;
    let current = form.get("current").unwrap_or_default();
    if let Some((_, words)) = wrong_current(&state, &person, current).await? {
        return Settings::read(&state, person).await?.but("passkey-current", words);
    }
    let id = person.id;
    let read = state.read(move |db| Ok((passkeys::user_handle(db, id)?, passkeys::of(db, id)?)));
    let (user_handle, known) = read.await?;
    if known.len() >= MOST {
        return Err(Problem::conflict("this is one passkey too many: remove another first"));
    }
    let known: Vec<_> = known.into_iter().map(|listed| listed.passkey).collect();
    let ceremony = here.begin_registration(&person.email, &user_handle, &known);
    let ceremony = ceremony.map_err(|error| Problem::internal(&error))?;
    let held = challenge::hold(&state, Purpose::Add(&person), &ceremony.state).await?;
    let (t, name) = (person.language, named(&form, &person));
    let page = New { t, page: Page::new(person, "/settings"), name, options: ceremony.options };
    let mut answer = html(&page)?;
    answer.add_cookie(&held).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

/// `POST /settings/passkeys` keeps the one that was made.
pub(super) async fn add(
    state: Shared,
    request: HttpRequest,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let here = relying_party(&state, &person)?;
    let anew = || Problem::bad_request("the passkey was not added: begin anew in the settings");
    let held = challenge::held(&state, &request, Purpose::Add(&person)).await?.ok_or_else(anew)?;
    let response = form.get("response").unwrap_or_default();
    let made = here.register(&held.state, response, &named(&form, &person));
    let made = made.inspect_err(log).map_err(|_| anew())?;
    let now = state.now();
    let added = state
        .write(move |db| {
            if !passkeys::use_challenge(db, &held.seal, held.until, now)? {
                return Ok(false);
            }
            passkeys::add(db, person.id, &made, now)?;
            let what = say("did-add-passkey").with("name", &made.name);
            audit::record(db, now, &person.email, &what, None)?;
            Ok(true)
        })
        .await?;
    if added { Ok(see_other("/settings?done=passkey")) } else { Err(anew()) }
}

fn log(refused: &Refused) {
    tracing::warn!(%refused, "a passkey was not taken");
}

/// `POST /settings/passkeys/remove`. It ends all sessions, as a new password does: whoever lost a device wants nobody to
/// go on with it.
pub(super) async fn remove(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let id = hex::decode(form.get("id").unwrap_or_default())
        .map_err(|_| Problem::bad_request("the form does not say which is meant: reload the page"))?;
    let (now, number) = (state.now(), person.id);
    state
        .write(move |db| {
            let name = passkeys::remove(db, person.id, &id)?;
            people::end_sessions_of(db, person.id)?;
            audit::record(db, now, &person.email, &say("did-remove-passkey").with("name", &name), None)
        })
        .await?;
    signed_in(&auth::start_session(&state, number).await?, "/settings?done=passkey-removed")
}

/// What a browser is asked on the way in, as JSON, and the cookie that holds the challenge. The same for everybody,
/// whether they have a passkey or nobody has one, so that it tells nothing.
pub(super) async fn offer(state: &State) -> Result<Option<(String, Cookie<'static>)>, Problem> {
    let Some(here) = &state.passkeys else { return Ok(None) };
    let ceremony = here.begin_authentication().map_err(|error| Problem::internal(&error))?;
    let held = challenge::hold(state, Purpose::SignIn, &ceremony.state).await?;
    Ok(Some((ceremony.options, held)))
}

/// Signs in whoever's passkey answered, whatever address they gave before.
pub(super) async fn sign_in(
    state: &State,
    request: &HttpRequest,
    response: &str,
    page: SignIn,
) -> Result<HttpResponse, Problem> {
    let held = challenge::held(state, request, Purpose::SignIn).await?;
    let assertion = Assertion::read(response);
    let found = match &assertion {
        Ok(assertion) => {
            let id = assertion.credential_id();
            state.read(move |db| passkeys::find(db, &id)).await?
        }
        Err(_) => None,
    };
    let refused = match verified(state, held, assertion, found) {
        Ok((challenge, person, passkey, dynamic_state)) => {
            let session = auth::by_passkey(state, person, passkey, dynamic_state, challenge).await?;
            match session {
                Some(session) => return signed_in(&session, &page.next),
                None => Refused::new("it was answered before, or the passkey changed meanwhile"),
            }
        }
        Err(refused) => refused,
    };
    log(&refused);
    let wrong = page.t.say("sign-in-passkey-wrong");
    page.but("passkey", wrong).show(state).await
}

type Verified = (Challenge, people::Person, Passkey, Vec<u8>);

fn verified(
    state: &State,
    held: Option<Challenge>,
    assertion: Result<Assertion, Refused>,
    found: Option<(people::Person, Passkey)>,
) -> Result<Verified, Refused> {
    let here = state.passkeys.as_ref().ok_or_else(|| Refused::new("passkeys cannot be used here"))?;
    let challenge = held.ok_or_else(|| Refused::new("this browser was asked nothing, or too long ago"))?;
    let assertion = assertion?;
    let (person, passkey) = found.ok_or_else(|| Refused::new("nobody here has it"))?;
    if is_elsewhere(state, &person.email) {
        return Err(Refused::new("its person signs in at the provider"));
    }
    let dynamic_state = here.authenticate(&challenge.state, &assertion, &passkey)?;
    Ok((challenge, person, passkey, dynamic_state))
}
