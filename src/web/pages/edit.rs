//! The experiment as a file: the whole definition in one text, mistakes with their lines.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html, see_other};
use crate::{
    actions::{self, DefineError},
    definitions::{read_experiment_toml, write_experiment_toml},
    domain::{experiment::Definition, mistake::Mistake},
    storage::experiments,
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/edit.html")]
struct Edit {
    t: Language,
    page: Page,
    key: Option<String>,
    text: String,
    mistakes: Vec<String>,
}

/// What a new file begins with.
const EXAMPLE: &str = include_str!("../../../experiments/longer-frt-low-spend.toml");

/// `GET /experiments/new/file`
pub(super) async fn blank(person: Person) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let page = Page::new(person, "/experiments");
    html(&Edit { t, page, key: None, text: EXAMPLE.to_owned(), mistakes: Vec::new() })
}

/// `POST /experiments/new/file`
pub(super) async fn create(state: Shared, person: Person, form: FormFields) -> Result<HttpResponse, Problem> {
    save(state, person, form, None).await
}

/// `GET /experiments/{key}/edit`
pub(super) async fn show(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let asked = key.0.clone();
    let experiment = state.read(move |db| experiments::get(db, &asked)).await?;
    html(&Edit {
        t: person.language,
        page: Page::new(person, "/experiments"),
        key: Some(key.0.to_string()),
        text: write_experiment_toml(&experiment.definition),
        mistakes: Vec::new(),
    })
}

/// `POST /experiments/{key}/edit`
pub(super) async fn submit(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    save(state, person, form, Some(key)).await
}

async fn save(
    state: Shared,
    person: Person,
    form: FormFields,
    key: Option<Key>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let text = form.get("text").unwrap_or_default().replace("\r\n", "\n");
    let read = read_experiment_toml(&text, "the file").and_then(|definition| match &key {
        Some(key) if definition.key != key.0 => {
            Err(vec![Mistake::new("/key", format!("must stay {}: a key never changes", key.0))])
        }
        _ => Ok(definition),
    });
    let saved = match read {
        Ok(definition) => put(&state, definition, person.email.clone()).await?,
        Err(mistakes) => Err(mistakes),
    };
    match saved {
        Ok(key) => Ok(see_other(&format!("/experiments/{key}?done=saved"))),
        Err(mistakes) => html(&Edit {
            t,
            page: Page::new(person, "/experiments"),
            key: key.map(|key| key.0.to_string()),
            text,
            mistakes: mistakes.iter().map(|mistake| told(t, mistake)).collect(),
        }),
    }
}

/// `Line 17, cohorts/1/weight: must be …`
fn told(t: Language, mistake: &Mistake) -> String {
    let what = t.again(&Mistake::new(mistake.pointer.clone(), mistake.detail.clone()).to_string());
    match &mistake.place {
        Some(place) => t.say("edit-line").with("line", place.line).with("what", what).to_string(),
        None => what,
    }
}

/// Keeps a definition; mistakes are the person's to mend, everything else is a problem.
pub(super) async fn put(
    state: &Shared,
    definition: Definition,
    who: String,
) -> Result<Result<String, Vec<Mistake>>, Problem> {
    let now = state.now();
    let key = definition.key.to_string();
    match state.try_write(move |db| actions::put_experiment(db, &definition, now, &who)).await? {
        Ok(_) => {
            state.refresh_snapshot().await?;
            Ok(Ok(key))
        }
        Err(DefineError::Mistakes(mistakes)) => Ok(Err(mistakes)),
        Err(DefineError::Storage(error)) => Err(error.into()),
    }
}
