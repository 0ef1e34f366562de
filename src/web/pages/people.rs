//! Who may sign in.

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{
    Language, Page, html, see_other,
    sure::{self, Deed},
};
use crate::{
    domain::{role::PersonRole, time::Wait},
    language::{Said, say},
    storage::{StorageError, audit, people},
    web::{
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

/// How long a one-time link is good for.
const LINK_VALID: Wait = Wait::from_hours(72);

#[derive(Debug, Template)]
#[template(path = "pages/people.html")]
struct People {
    t: Language,
    page: Page,
    rows: Vec<Row>,
    link: Option<(String, String)>,
    wrong: Option<String>,
    email: String,
}

#[derive(Debug)]
struct Row {
    id: i64,
    email: String,
    role: PersonRole,
    since: String,
    seen: String,
    has_password: bool,
}

/// What a role may do, in words.
fn may(t: Language, role: PersonRole) -> Said {
    match role {
        PersonRole::Viewer => t.say("may-viewer"),
        PersonRole::Analyst => t.say("may-analyst"),
        PersonRole::Lead => t.say("may-lead"),
        PersonRole::Admin => t.say("may-admin"),
    }
}

impl People {
    /// Each role: for the form, its name, and what it may do.
    fn roles(&self) -> impl Iterator<Item = (&'static str, Said, Said)> {
        let name = |role: PersonRole| self.t.say("role-name").with("role", role.as_str());
        PersonRole::ALL.iter().map(move |role| (role.as_str(), name(*role), may(self.t, *role)))
    }
}

async fn page(
    state: &Shared,
    person: Person,
    link: Option<(String, String)>,
    wrong: Option<String>,
    email: String,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let all = state.read(people::list).await?;
    let rows = all.into_iter().map(|p| Row {
        id: p.id,
        email: p.email,
        role: p.role,
        since: t.date(p.created_at),
        seen: p.seen_at.map_or_else(|| t.say("people-never").to_string(), |at| t.date_time(at)),
        has_password: p.has_password,
    });
    html(&People { t, page: Page::new(person, "/settings"), rows: rows.collect(), link, wrong, email })
}

/// `GET /settings/people`
pub(super) async fn list(state: Shared, person: Person) -> Result<HttpResponse, Problem> {
    page(&state, person, None, None, String::new()).await
}

/// `POST /settings/people` adds somebody and shows their one-time link.
pub(super) async fn add(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let email = form.get("email").unwrap_or_default().trim().to_owned();
    let role = role(&form)?;
    let (now, wanted, admin) = (state.now(), email.clone(), person.email.clone());
    let added = state.try_write(move |db| {
        let person = people::add(db, &wanted, role, now)?;
        let what = say("did-add-person").with("email", &wanted).with("role", role.as_str());
        audit::record(db, now, &admin, &what, None)?;
        people::create_link(db, person.id, now, LINK_VALID)
    });
    match added.await? {
        Ok(token) => {
            let link = state.public_url.sign_in_link(&token);
            page(&state, person, Some((email, link)), None, String::new()).await
        }
        Err(StorageError::Refused(why)) => {
            let why = person.language.again(&why);
            page(&state, person, None, Some(why), email).await
        }
        Err(error) => Err(error.into()),
    }
}

fn role(form: &FormFields) -> Result<PersonRole, Problem> {
    let role = form.get("role").unwrap_or_default().parse();
    role.map_err(|error| Problem::bad_request(format!("the role {error}")))
}

fn id(form: &FormFields) -> Result<i64, Problem> {
    let id = form.get("id").unwrap_or_default().parse();
    id.map_err(|_| Problem::bad_request("the form does not say who is meant: reload the page"))
}

/// `POST /settings/people/role`
pub(super) async fn set_role(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (id, role, now) = (id(&form)?, role(&form)?, state.now());
    state
        .write(move |db| {
            people::set_role(db, id, role)?;
            let email = people::get(db, id)?.email;
            let what = say("did-change-role").with("email", email).with("role", role.as_str());
            audit::record(db, now, &person.email, &what, None)
        })
        .await?;
    Ok(see_other("/settings/people"))
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    id: i64,
}

fn deed(t: Language, id: i64, email: String) -> Deed {
    Deed {
        heading: t.say("people-remove-sure").with("email", &email),
        says: t.say("people-remove-says"),
        name: email,
        action: "/settings/people/remove",
        button: t.say("people-remove"),
        back: "/settings/people",
        field: ("id", id.to_string()),
    }
}

/// `GET /settings/people/remove?id=…`
pub(super) async fn ask_remove(
    state: Shared,
    person: Person,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let id = asked.id;
    let email = state.read(move |db| people::get(db, id)).await?.email;
    let deed = deed(person.language, id, email);
    sure::ask(person, deed, None)
}

/// `POST /settings/people/remove`, their address typed once more. What they did stays in the logs.
pub(super) async fn remove(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    let (id, now) = (id(&form)?, state.now());
    let email = state.read(move |db| people::get(db, id)).await?.email;
    let typed = form.get("typed").unwrap_or_default().trim();
    if !typed.eq_ignore_ascii_case(&email) {
        let deed = deed(person.language, id, email);
        return sure::ask(person, deed, Some(typed));
    }
    state
        .write(move |db| {
            people::remove(db, id)?;
            audit::record(db, now, &person.email, &say("did-remove-person").with("email", &email), None)
        })
        .await?;
    Ok(see_other("/settings/people"))
}

/// `POST /settings/people/link` shows a new one-time link.
pub(super) async fn new_link(
    state: Shared,
    person: Person,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (id, now, admin) = (id(&form)?, state.now(), person.email.clone());
    let (email, token) = state
        .write(move |db| {
            let email = people::get(db, id)?.email;
            audit::record(db, now, &admin, &say("did-make-link").with("email", &email), None)?;
            Ok::<_, StorageError>((email, people::create_link(db, id, now, LINK_VALID)?))
        })
        .await?;
    let link = state.public_url.sign_in_link(&token);
    page(&state, person, Some((email, link)), None, String::new()).await
}
