//! One's own password, and the keys of programs.

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{Language, Page, html, password, see_other};
use crate::{
    domain::role::KeyRole,
    language::{Said, say},
    storage::{StorageError, audit, keys, people},
    web::{
        auth::{self, FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/settings.html")]
struct Settings {
    t: Language,
    page: Page,
    wrong: Option<Said>,
    done: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /settings`
pub(super) async fn show(person: Person, asked: Query<Done>) -> Result<HttpResponse, Problem> {
    html(&Settings {
        t: person.language,
        page: Page::new(person, "/settings"),
        wrong: None,
        done: asked.done == "password",
    })
}

/// `POST /settings/password`
pub(super) async fn set_password(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let wanted = form.get("password").unwrap_or_default();
    let wrong = if wanted.chars().count() < password::SHORTEST {
        Some(person.language.say("password-too-short").with("n", password::SHORTEST))
    } else if wanted.len() > password::LONGEST {
        Some(person.language.say("password-too-long").with("n", password::LONGEST))
    } else {
        None
    };
    if wrong.is_some() {
        return html(&Settings {
            t: person.language,
            page: Page::new(person, "/settings"),
            wrong,
            done: false,
        });
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

#[derive(Debug, Template)]
#[template(path = "pages/keys.html")]
struct Keys {
    t: Language,
    page: Page,
    rows: Vec<KeyRow>,
    made: Option<Made>,
    wrong: Option<String>,
    name: String,
    address: String,
}

/// A key that was just made: shown once.
#[derive(Debug)]
struct Made {
    text: String,
    role: KeyRole,
}

impl Made {
    fn tells(&self) -> bool {
        self.role == KeyRole::Ingest || self.role == KeyRole::Admin
    }
}

#[derive(Debug)]
struct KeyRow {
    name: String,
    scope: Said,
    made: String,
    used: String,
    revoked: bool,
}

/// What a role may do, in words.
fn scope(t: Language, role: KeyRole) -> Said {
    match role {
        KeyRole::Router => t.say("scope-router"),
        KeyRole::Ingest => t.say("scope-ingest"),
        KeyRole::Analyst => t.say("scope-analyst"),
        KeyRole::Admin => t.say("scope-admin"),
    }
}

impl Keys {
    fn roles(&self) -> impl Iterator<Item = (&'static str, Said)> {
        KeyRole::ALL.iter().map(|role| (role.as_str(), scope(self.t, *role)))
    }
}

async fn keys_page(
    state: &Shared,
    person: Person,
    made: Option<Made>,
    wrong: Option<String>,
    name: String,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let all = state.read(keys::list).await?;
    let rows = all.into_iter().map(|key| KeyRow {
        name: key.name.to_string(),
        scope: scope(t, key.role),
        made: t.date(key.created_at),
        used: key.last_used_at.map_or_else(|| t.say("keys-never").to_string(), |at| t.date_time(at)),
        revoked: key.revoked_at.is_some(),
    });
    let address = state.public_url.as_str().trim_end_matches('/').to_owned();
    html(&Keys { t, page: Page::new(person, "/settings"), rows: rows.collect(), made, wrong, name, address })
}

/// `GET /settings/keys`
pub(super) async fn keys(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    keys_page(&state, person, None, None, String::new()).await
}

/// `POST /settings/keys` shows the new key once, in the answer itself.
pub(super) async fn create_key(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let name = form.get("name").unwrap_or_default().trim().to_owned();
    let role = form.get("role").unwrap_or_default().parse::<KeyRole>();
    let role = role.map_err(|error| Problem::bad_request(format!("the role {error}")))?;
    let (now, wanted) = (state.now(), name.clone());
    let admin = person.email.clone();
    let made = state
        .store
        .write_async(move |db| {
            let key = keys::create(db, &wanted, role, None, now)?;
            let what = say("did-create-key").with("key", &wanted).with("role", role.as_str());
            audit::record(db, now, &admin, &what, None)?;
            Ok::<_, StorageError>(key)
        })
        .await;
    match made {
        Ok(text) => keys_page(&state, person, Some(Made { text, role }), None, String::new()).await,
        Err(StorageError::Refused(why)) => {
            let why = person.language.again(&why);
            keys_page(&state, person, None, Some(why), name).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/keys/revoke`
pub(super) async fn revoke_key(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (name, now) = (form.get("name").unwrap_or_default().to_owned(), state.now());
    state
        .write(move |db| {
            keys::revoke(db, &name, now)?;
            audit::record(db, now, &person.email, &say("did-revoke-key").with("key", &name), None)
        })
        .await?;
    state.refresh_snapshot().await?;
    Ok(see_other("/settings/keys"))
}
