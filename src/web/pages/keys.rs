//! The keys of programs: made, replaced, ended.

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{
    Language, Page, html, see_other,
    sure::{self, Deed},
};
use crate::{
    domain::role::KeyRole,
    language::{Said, say},
    storage::{StorageError, audit, keys},
    web::{
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

/// For how many days a key can be made to last.
const DAYS: [i64; 3] = [30, 90, 365];

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
    until: String,
    /// Until when its text of before is good, too.
    overlap: Option<Said>,
    /// Why it opens nothing any more.
    closed: Option<Said>,
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
    fn days(&self) -> impl Iterator<Item = (i64, Said)> {
        let t = self.t;
        DAYS.into_iter().map(move |days| (days, t.say("share-days").with("n", days)))
    }

    fn roles(&self) -> impl Iterator<Item = (&'static str, Said)> {
        KeyRole::ALL.iter().map(|role| (role.as_str(), scope(self.t, *role)))
    }
}

async fn page(
    state: &Shared,
    person: Person,
    made: Option<Made>,
    wrong: Option<String>,
    name: String,
) -> Result<HttpResponse, Problem> {
    let (t, now) = (person.language, state.now());
    let all = state.read(keys::list).await?;
    let rows = all.into_iter().map(|key| KeyRow {
        name: key.name.to_string(),
        scope: scope(t, key.role),
        made: t.date(key.created_at),
        used: key.last_used_at.map_or_else(|| t.say("keys-never").to_string(), |at| t.date_time(at)),
        until: key.expires_at.map_or_else(|| t.say("keys-no-end").to_string(), |at| t.date(at)),
        overlap: key
            .old_until
            .filter(|until| key.is_open(now) && now < *until)
            .map(|until| t.say("keys-overlap").with("date", until)),
        closed: match key.revoked_at {
            Some(_) => Some(t.say("keys-revoked")),
            None if key.is_open(now) => None,
            None => Some(t.say("keys-over")),
        },
    });
    let address = state.public_url.as_str().to_owned();
    html(&Keys { t, page: Page::new(person, "/settings"), rows: rows.collect(), made, wrong, name, address })
}

/// `GET /settings/keys`
pub(super) async fn list(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    page(&state, person, None, None, String::new()).await
}

/// `POST /settings/keys` shows the new key once, in the answer itself.
pub(super) async fn create(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let name = form.get("name").unwrap_or_default().trim().to_owned();
    let role = form.get("role").unwrap_or_default().parse::<KeyRole>();
    let role = role.map_err(|error| Problem::bad_request(format!("the role {error}")))?;
    let days = form.get("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
    let (now, wanted) = (state.now(), name.clone());
    let ends = days.map(|days| now.plus_days(days));
    let admin = person.email.clone();
    let made = state.try_write(move |db| {
        let key = keys::create(db, &wanted, role, ends, now)?;
        let what = say("did-create-key").with("key", &wanted).with("role", role.as_str());
        audit::record(db, now, &admin, &what, None)?;
        Ok::<_, StorageError>(key)
    });
    match made.await? {
        Ok(text) => page(&state, person, Some(Made { text, role }), None, String::new()).await,
        Err(StorageError::Refused(why)) => {
            let why = person.language.again(&why);
            page(&state, person, None, Some(why), name).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/keys/rotate` gives a key a new text and shows it once; the one before is good for a week more.
pub(super) async fn rotate(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let (now, name) = (state.now(), form.get("name").unwrap_or_default().to_owned());
    let (asked, admin) = (name.clone(), person.email.clone());
    let rotated = state.write(move |db| {
        let key = keys::list(db)?.into_iter().find(|key| key.name.as_str() == asked);
        let role = key.ok_or_else(|| StorageError::unknown("key", &asked))?.role;
        let text = keys::rotate(db, &asked, now)?;
        audit::record(db, now, &admin, &say("did-rotate-key").with("key", &asked), None)?;
        Ok::<_, StorageError>(Made { text, role })
    });
    let made = rotated.await?;
    state.refresh_snapshot().await?;
    page(&state, person, Some(made), None, String::new()).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    name: String,
}

fn deed(t: Language, name: String) -> Deed {
    Deed {
        heading: t.say("keys-revoke-sure").with("name", &name),
        says: t.say("keys-revoke-says"),
        name: name.clone(),
        action: "/settings/keys/revoke",
        button: t.say("keys-revoke"),
        back: "/settings/keys",
        field: ("name", name),
    }
}

/// `GET /settings/keys/revoke?name=…`
pub(super) async fn ask_revoke(person: Person, asked: Query<Asked>) -> Result<HttpResponse, Problem> {
    let deed = deed(person.language, asked.into_inner().name);
    sure::ask(person, deed, None)
}

/// `POST /settings/keys/revoke`, its name typed once more.
pub(super) async fn revoke(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let (name, now) = (form.get("name").unwrap_or_default().to_owned(), state.now());
    let typed = form.get("typed").unwrap_or_default().trim();
    if typed != name {
        let deed = deed(person.language, name);
        return sure::ask(person, deed, Some(typed));
    }
    state
        .write(move |db| {
            keys::revoke(db, &name, now)?;
            audit::record(db, now, &person.email, &say("did-revoke-key").with("key", &name), None)
        })
        .await?;
    state.refresh_snapshot().await?;
    Ok(see_other("/settings/keys"))
}
