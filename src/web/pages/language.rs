//! The choice of a language, remembered in a cookie.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};

use super::{see_other, sign_in::ours};
use crate::{
    language::{Language, NotSpoken},
    web::{auth::Shared, error::Problem, language},
};

/// `POST /language/{tag}`: remembers the choice and goes back to the page that it was made on. It changes nothing but
/// how pages read to this browser, so that its form needs no token.
pub(super) async fn choose(
    state: Shared,
    request: HttpRequest,
    tag: Path<String>,
) -> Result<HttpResponse, Problem> {
    let chosen: Language =
        tag.parse().map_err(|error: NotSpoken| Problem::not_found(format!("a language {error}")))?;
    // Browsers send the whole address to their own site only (Referrer-Policy: same-origin).
    let from = request.headers().get(header::REFERER).and_then(|from| from.to_str().ok()).unwrap_or_default();
    let page =
        from.split_once("://").and_then(|(_, rest)| Some(&rest[rest.find('/')?..])).unwrap_or_default();
    let mut answer = see_other(ours(page));
    answer.add_cookie(&language::remember(&state, chosen)).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}
