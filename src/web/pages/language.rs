//! The choice of a language, remembered in a cookie.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Path,
};

use super::{ROUTES, see_other, sign_in::ours};
use crate::{
    language::{Language, NotSpoken},
    web::{auth::Shared, error::Problem, language},
};

/// A page that can be opened at an address or above it: what a form answered itself has none of its own.
fn shown(address: &str) -> String {
    let (mut path, query) = address.split_once('?').unwrap_or((address, ""));
    let opens = |path: &str| ROUTES.iter().any(|route| route.method == Method::GET && fits(route.path, path));
    if opens(path) {
        return if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    }
    while let Some((above, _)) = path.rsplit_once('/') {
        if opens(above) {
            return above.to_owned();
        }
        path = above;
    }
    ours("").to_owned()
}

/// Whether a path is one of a route, whose `{name}` stands for one segment.
fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given))
                if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

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
    let mut answer = see_other(&shown(ours(page)));
    answer.add_cookie(&language::remember(&state, chosen)).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_s_own_answer_leads_to_the_page_that_it_is_on() {
        for (from, to) in [
            ("/experiments/a?show=1", "/experiments/a?show=1"),
            ("/experiments/a/pause", "/experiments/a"),
            ("/settings/keys", "/settings/keys"),
            ("/settings/password", "/settings"),
            ("/data/upload", "/data"),
            ("/s/abc", "/s/abc"),
            ("/experiments/a/share/end", "/experiments/a/share"),
            ("/nothing/at/all", "/"),
        ] {
            assert_eq!(shown(from), to, "{from}");
        }
    }
}
