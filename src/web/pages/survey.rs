//! What the customer sees: how was our help? Nothing here speaks of experiments or of speed, and all cohorts see the
//! same words. A GET records nothing: programs that read mail open every link in it.

use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{Language, Page, html};
use crate::{
    storage::{
        Db, StorageError, settings,
        surveys::{self, Found, Question},
    },
    web::{
        auth::{FormFields, Shared},
        error::Problem,
    },
};

/// The longest comment that is kept.
const COMMENT: usize = 2000;

#[derive(Debug, Template)]
#[template(path = "pages/survey.html")]
struct Survey {
    t: Language,
    /// Who asks; empty where nobody said.
    company: String,
    state: Shown,
    subject: String,
    asked: Option<String>,
    /// The rating in force.
    rated: Option<u8>,
    /// The one that the link in the mail spoke of, to be sent yet.
    marked: Option<u8>,
}

/// What there is to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Question,
    Thanks,
    /// Thanks for the comment too: nothing is left to do.
    Done,
    Closed,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The rating that the link in the mail speaks of.
    r: Option<String>,
    /// Whether the rating is to be changed.
    #[serde(default)]
    change: String,
}

impl Survey {
    fn of(
        (found, company): (Found, String),
        state: Shown,
        marked: Option<u8>,
    ) -> Result<HttpResponse, Problem> {
        let (question, state, rated) = match found {
            Found::Open(survey) => (survey.question, state, survey.score),
            Found::Closed(question) => (question, Shown::Closed, None),
            // The same whether the token is wrong, too old to be known, or somebody's guess.
            Found::Nothing => return Err(Problem::not_found("this survey does not exist")),
        };
        let Question { subject, asked_at, language, .. } = question;
        // Who does not rate yet cannot be thanked.
        let state = if rated.is_none() && state != Shown::Closed { Shown::Question } else { state };
        html(&Self {
            t: language,
            company,
            state,
            subject,
            asked: asked_at.map(|at| language.date(at)),
            rated,
            marked,
        })
    }

    /// The ratings, the best first, and whether each is the one marked.
    fn ratings(&self) -> impl Iterator<Item = (u8, bool)> {
        (1..=5).rev().map(|rating| (rating, self.marked == Some(rating)))
    }
}

fn score(text: &str) -> Option<u8> {
    text.parse().ok().filter(|score| (1..=5).contains(score))
}

/// What the company is called, for its customers.
fn company(db: &mut Db) -> Result<String, StorageError> {
    Ok(settings::get(db, settings::COMPANY)?.unwrap_or_default())
}

/// `GET /s/{token}` shows and records nothing.
pub(super) async fn show(
    state: Shared,
    token: Path<String>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let found = state.read(move |db| Ok((surveys::find(db, &token, now)?, company(db)?))).await?;
    let marked = asked.r.as_deref().and_then(score);
    let shown = if marked.is_none() && asked.change.is_empty() { Shown::Thanks } else { Shown::Question };
    Survey::of(found, shown, marked)
}

/// `POST /s/{token}` takes a rating, or a comment with it.
pub(super) async fn rate(
    state: Shared,
    token: Path<String>,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let score = form.get("r").and_then(score).ok_or_else(|| Problem::bad_request("r must be 1 to 5"))?;
    let comment: String = form.get("comment").unwrap_or_default().trim().chars().take(COMMENT).collect();
    let shown = if comment.is_empty() { Shown::Thanks } else { Shown::Done };
    let now = state.now();
    let found = state
        .write(move |db| {
            Ok::<_, StorageError>((surveys::answer(db, &token, score, &comment, now)?, company(db)?))
        })
        .await?;
    Survey::of(found, shown, None)
}
