//! Links by which others read a result without an account: a lead makes one, it ends by itself and can be ended before.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html};
use crate::{
    domain::{experiment::Experiment, time::Wait},
    language::{Said, say},
    storage::{Db, StorageError, analyses, audit, experiments, shares},
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

/// For how many days a link can be made; the first is proposed.
const DAYS: [i64; 3] = [7, 30, 90];

#[derive(Debug, Template)]
#[template(path = "pages/share.html")]
struct Share {
    t: Language,
    page: Page,
    key: String,
    name: String,
    rows: Vec<Row>,
    made: Option<String>,
    has_result: bool,
}

#[derive(Debug)]
struct Row {
    id: i64,
    made: Said,
    until: String,
    /// Whether it opens the page still, else why not.
    state: Said,
    open: bool,
}

impl Share {
    fn days(&self) -> impl Iterator<Item = (i64, Said)> {
        let t = self.t;
        DAYS.into_iter().map(move |days| (days, t.say("share-days").with("n", days)))
    }
}

fn read(db: &mut Db, key: &Key) -> Result<(Experiment, Vec<shares::Share>, bool), StorageError> {
    let experiment = experiments::get(db, &key.0)?;
    let has_result = !analyses::list(db, &key.0)?.is_empty();
    Ok((experiment, shares::list(db, &key.0)?, has_result))
}

async fn page(
    state: &Shared,
    person: Person,
    key: Key,
    made: Option<String>,
) -> Result<HttpResponse, Problem> {
    let (t, now) = (person.language, state.now());
    let (experiment, all, has_result) = state.read(move |db| read(db, &key)).await?;
    let rows = all.into_iter().map(|share| Row {
        id: share.id,
        until: t.date_time(share.expires_at),
        open: share.is_open(now),
        state: match share.revoked_at {
            Some(at) => t.say("share-ended").with("date", at),
            None if share.is_open(now) => t.say("share-open"),
            None => t.say("share-over"),
        },
        made: t.say("share-made").with("who", share.made_by).with("date", share.made_at),
    });
    html(&Share {
        t,
        page: Page::new(person, "/experiments"),
        key: experiment.definition.key.to_string(),
        name: experiment.definition.name,
        rows: rows.collect(),
        made,
        has_result,
    })
}

/// `GET /experiments/{key}/share`
pub(super) async fn links(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    page(&state, person, key, None).await
}

/// `POST /experiments/{key}/share` makes a link and shows it once, in the answer itself.
pub(super) async fn make(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let asked = form.get("days").and_then(|days| days.parse().ok());
    let days = asked.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    let (now, who, about) = (state.now(), person.email.clone(), key.0.clone());
    let token = state.write(move |db| {
        experiments::get(db, &about)?;
        let what = say("did-share").with("n", days);
        audit::record(db, now, &who, &what, Some(&about))?;
        shares::create(db, &about, &who, Wait::from_hours(24 * days), now)
    });
    let link = state.public_url.at(&format!("/shared/{}", token.await?));
    page(&state, person, key, Some(link)).await
}

/// `POST /experiments/{key}/share/end`
pub(super) async fn end(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let number = form.get("id").unwrap_or_default().parse();
    let number: i64 =
        number.map_err(|_| Problem::bad_request("the form does not say who is meant: reload the page"))?;
    let (now, about) = (state.now(), key.0.clone());
    state
        .write(move |db| {
            shares::revoke(db, &about, number, now)?;
            audit::record(db, now, &person.email, &say("did-unshare"), Some(&about))
        })
        .await?;
    Ok(super::see_other(&format!("/experiments/{}/share", key.0)))
}
