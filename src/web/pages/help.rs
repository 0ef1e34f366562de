//! How Patience does the sums, for those who will defend them.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Page, html};
use crate::{
    domain::experiment::Direction,
    language::Language,
    metrics::{self, About},
    web::{auth::MaybePerson, error::Problem, language},
};

/// The sections of the page.
const CONTENTS: [&str; 14] = [
    "fair",
    "counted",
    "ranges",
    "limits",
    "looking",
    "before",
    "waits",
    "checks",
    "silent",
    "many",
    "money",
    "recommendation",
    "planning",
    "check",
];

#[derive(Debug, Template)]
#[template(path = "pages/help.html")]
struct Help {
    t: Language,
    page: Page,
    slug: &'static str,
    contents: &'static [&'static str],
    metrics: Vec<About<'static>>,
}

/// `GET /help`
pub(super) async fn show(request: HttpRequest, person: MaybePerson) -> Result<HttpResponse, Problem> {
    let metrics = metrics::ALL.iter().map(metrics::Kind::about).collect();
    let t = language::of(&request);
    html(&Help { t, page: Page::open(person.0, t), slug: "", contents: &CONTENTS, metrics })
}
