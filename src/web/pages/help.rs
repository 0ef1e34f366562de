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

/// Each section of the page: its place and its heading.
const CONTENTS: [(&str, &str); 14] = [
    ("fair", "A fair comparison"),
    ("counted", "What counts"),
    ("ranges", "Plausible ranges"),
    ("limits", "Limits"),
    ("looking", "Looking before the end"),
    ("before", "The time before"),
    ("waits", "Waits"),
    ("checks", "Checks"),
    ("silent", "Silent customers"),
    ("many", "Many figures"),
    ("money", "Money"),
    ("recommendation", "The recommendation"),
    ("planning", "Planning"),
    ("check", "Check it yourself"),
];

#[derive(Debug, Template)]
#[template(path = "pages/help.html")]
struct Help {
    t: Language,
    page: Page,
    slug: &'static str,
    contents: &'static [(&'static str, &'static str)],
    metrics: Vec<About<'static>>,
}

/// `GET /help`
pub(super) async fn show(request: HttpRequest, person: MaybePerson) -> Result<HttpResponse, Problem> {
    let metrics = metrics::ALL.iter().map(metrics::Kind::about).collect();
    let t = language::of(&request);
    html(&Help { t, page: Page::open(person.0, t), slug: "", contents: &CONTENTS, metrics })
}
