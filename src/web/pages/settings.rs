//! The workspace's settings, and one's own password and passkeys.

use std::time::Instant;

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{Language, Page, html, password, see_other};
use crate::{
    domain::currency::Currency,
    language::{Said, say},
    storage::{Db, StorageError, approval, audit, passkeys, people, settings},
    web::{
        auth::{self, FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/settings.html")]
pub(super) struct Settings {
    t: Language,
    page: Page,
    /// What is wrong with which field.
    wrong: Option<(&'static str, Said)>,
    /// What was just done.
    done: Option<Said>,
    password: OwnPassword,
    /// What the company is called, where its customers read it.
    company: String,
    /// In which currency plans are made where nobody chose another.
    currency: String,
    /// Whether a plan has to be started by somebody who did not write it.
    approval: bool,
    /// The language of the reader's weekly letter; none where they want none.
    weekly: Option<Language>,
    /// Whether letters can be sent.
    has_mail: bool,
    /// The reader's passkeys; none where they are of no use.
    passkeys: Option<Vec<Passkey>>,
}

/// What the reader's password is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnPassword {
    /// There is none yet.
    Unset,
    /// There is one, which is asked for first.
    Set,
    /// It would be of no use: the reader signs in elsewhere.
    Useless,
}

/// A passkey of the reader.
#[derive(Debug)]
struct Passkey {
    id: String,
    name: String,
    since: String,
    used: String,
}

impl Settings {
    /// As things stand.
    pub(super) async fn read(state: &Shared, person: Person) -> Result<Self, Problem> {
        let (t, id) = (person.language, person.id);
        let known = state.read(move |db| {
            let company = settings::get(db, settings::COMPANY)?.unwrap_or_default();
            let is_needed = approval::is_needed(db)?;
            Ok((people::by_id(db, id)?, company, currency(db)?, is_needed, passkeys::of(db, id)?))
        });
        let (known, company, currency, approval, passkeys) = known.await?;
        let passkeys = passkeys.into_iter().map(|listed| Passkey {
            id: hex::encode(listed.passkey.credential_id),
            name: listed.passkey.name,
            since: t.date(listed.created_at),
            used: listed.used_at.map_or_else(|| t.say("people-never").to_string(), |at| t.date_time(at)),
        });
        let password = match &known {
            _ if state.sign_on.as_ref().is_some_and(|sign_on| sign_on.is_for(&person.email)) => {
                OwnPassword::Useless
            }
            Some(known) if known.has_password => OwnPassword::Set,
            _ => OwnPassword::Unset,
        };
        Ok(Self {
            t,
            page: Page::new(person, "/settings"),
            wrong: None,
            done: None,
            password,
            company,
            currency: currency.to_string(),
            approval,
            weekly: known.and_then(|person| person.weekly),
            has_mail: state.mailer.is_some(),
            passkeys: (state.passkeys.is_some() && password != OwnPassword::Useless)
                .then(|| passkeys.collect()),
        })
    }

    /// The same with what is wrong with a field.
    pub(super) fn but(self, field: &'static str, wrong: Said) -> Result<HttpResponse, Problem> {
        html(&Self { wrong: Some((field, wrong)), ..self })
    }

    /// The language of the weekly letter, where it is not the one that is read now.
    fn other_language(&self) -> Option<Language> {
        self.weekly.filter(|language| *language != self.t)
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&Said> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, words)| words)
    }
}

/// In which currency plans are made where nobody chose another.
pub(super) fn currency(db: &mut Db) -> Result<Currency, StorageError> {
    let chosen = settings::get(db, settings::CURRENCY)?.and_then(|code| Currency::new(&code));
    Ok(chosen.unwrap_or(Currency::USD))
}

/// `POST /settings/currency`
pub(super) async fn set_currency(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let typed = form.get("currency").unwrap_or_default().trim().to_ascii_uppercase();
    let Some(currency) = Currency::new(&typed) else {
        let wrong = Some(("currency", person.language.say("currency-wrong")));
        return html(&Settings { wrong, currency: typed, ..Settings::read(&state, person).await? });
    };
    let now = state.now();
    state
        .write(move |db| {
            settings::set(db, settings::CURRENCY, currency.as_str())?;
            let what = say("did-set-currency").with("currency", currency.as_str());
            audit::record(db, now, &person.email, &what, None)
        })
        .await?;
    Ok(see_other("/settings?done=currency"))
}

/// The longest name of a company, in characters.
const LONGEST_NAME: usize = 80;

/// `POST /settings/company`
pub(super) async fn set_company(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let name: String = form.get("company").unwrap_or_default().trim().chars().take(LONGEST_NAME).collect();
    let now = state.now();
    state
        .write(move |db| {
            settings::set(db, settings::COMPANY, &name)?;
            audit::record(db, now, &person.email, &say("did-set-company").with("name", &name), None)
        })
        .await?;
    Ok(see_other("/settings?done=company"))
}

/// `POST /settings/approval`
pub(super) async fn set_approval(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (needed, now) = (form.get("approval") == Some("needed"), state.now());
    let what = if needed { say("did-need-approval") } else { say("did-need-no-approval") };
    state
        .write(move |db| {
            approval::set(db, needed)?;
            audit::record(db, now, &person.email, &what, None)
        })
        .await?;
    Ok(see_other("/settings?done=approval"))
}

#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /settings`
pub(super) async fn show(state: Shared, person: Person, asked: Query<Done>) -> Result<HttpResponse, Problem> {
    let settings = Settings::read(&state, person).await?;
    let t = settings.t;
    let done = match asked.done.as_str() {
        "password" => Some(t.say("password-set")),
        "company" => Some(t.say("company-set")),
        "currency" => Some(t.say("currency-set")),
        "approval" => Some(t.say("approval-set")),
        "weekly" if settings.weekly.is_some() => Some(t.say("weekly-on")),
        "weekly" => Some(t.say("weekly-off")),
        "passkey" => Some(t.say("passkey-added")),
        "passkey-removed" => Some(t.say("passkey-removed")),
        _ => None,
    };
    html(&Settings { done, ..settings })
}

/// `POST /settings/weekly`. The letter is in the language in which it was asked for.
pub(super) async fn set_weekly(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let language = (form.get("weekly") == Some("wanted")).then_some(person.language);
    let what = if language.is_some() { say("did-want-weekly") } else { say("did-want-no-weekly") };
    let now = state.now();
    state
        .write(move |db| {
            people::set_weekly(db, person.id, language)?;
            audit::record(db, now, &person.email, &what, None)
        })
        .await?;
    Ok(see_other("/settings?done=weekly"))
}

/// `POST /settings/password`
pub(super) async fn set_password(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let wanted = form.get("password").unwrap_or_default();
    let wrong = if wanted.chars().count() < password::SHORTEST {
        Some(("password", t.say("password-too-short").with("n", password::SHORTEST)))
    } else if wanted.len() > password::LONGEST {
        Some(("password", t.say("password-too-long").with("n", password::LONGEST)))
    } else {
        wrong_current(&state, &person, form.get("current").unwrap_or_default()).await?
    };
    if let Some((field, words)) = wrong {
        return Settings::read(&state, person).await?.but(field, words);
    }
    let hash = password::hash(wanted.to_owned()).await?;
    let now = state.now();
    state
        .write(move |db| {
            people::set_password_hash(db, person.id, &hash)?;
            audit::record(db, now, &person.email, &say("did-set-password"), None)
        })
        .await?;
    // A new password ends all sessions, this one too; whoever set it stays signed in by a new one.
    let cookie = auth::start_session(&state, person.id).await?;
    let mut answer = see_other("/settings?done=password");
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

/// What is wrong with the password that somebody says they have now. Whoever has none needs none: their one-time link
/// let them in.
pub(super) async fn wrong_current(
    state: &Shared,
    person: &Person,
    current: &str,
) -> Result<Option<(&'static str, Said)>, Problem> {
    let (t, email) = (person.language, person.email.clone());
    let Some(kept) = state.read(move |db| people::password_hash(db, &email)).await? else { return Ok(None) };
    if let Some(wait) = state.throttle.wait(&person.email, Instant::now()) {
        return Ok(Some(("current", t.say("sign-in-wait").with("n", wait.as_secs() + 1))));
    }
    let fits = current.len() <= password::LONGEST;
    if fits && password::verify(current.to_owned(), Some(kept)).await? {
        state.throttle.right(&person.email);
        return Ok(None);
    }
    state.throttle.wrong(&person.email, Instant::now());
    Ok(Some(("current", t.say("password-current-wrong"))))
}
