//! How Patience does the sums, for those who will defend them.

use actix_web::HttpResponse;
use askama::Template;

use super::{Page, html};
use crate::web::{auth::MaybePerson, error::Problem};

#[derive(Debug, Template)]
#[template(path = "pages/help.html")]
struct Help {
    page: Page,
}

/// `GET /help`
pub(super) async fn show(person: MaybePerson) -> Result<HttpResponse, Problem> {
    html(&Help { page: Page::open(person.0) })
}
