//! Which language a person reads: the one they chose, else the first of their browser's that is spoken here.

use actix_web::{
    HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{AcceptLanguage, Header, Preference},
};

use super::state::State;
use crate::language::Language;

/// The cookie that remembers the choice.
const COOKIE: &str = "language";

/// The language of a request.
pub fn of(request: &HttpRequest) -> Language {
    let chosen = request.cookie(COOKIE).and_then(|cookie| cookie.value().parse().ok());
    chosen.or_else(|| accepted(request)).unwrap_or_default()
}

/// By the header `Accept-Language`, in the order of its weights.
fn accepted(request: &impl HttpMessage) -> Option<Language> {
    let header = AcceptLanguage::parse(request).ok()?;
    header.ranked().into_iter().find_map(|wish| match wish {
        Preference::Specific(tag) => tag.as_str().parse().ok(),
        Preference::Any => Some(Language::default()),
    })
}

/// What makes the browser remember a choice, for a year.
pub fn remember(state: &State, language: Language) -> Cookie<'static> {
    Cookie::build(COOKIE, language.tag())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.public_url.is_https())
        .max_age(Duration::days(365))
        .finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use Language::{Chinese, English};

    #[test]
    fn the_choice_goes_before_the_browser_and_the_browser_before_english() {
        let of = |accept: Option<&str>, chosen: Option<&str>| {
            let mut request = TestRequest::default();
            if let Some(accept) = accept {
                request = request.insert_header(("accept-language", accept));
            }
            if let Some(chosen) = chosen {
                request = request.cookie(Cookie::new(COOKIE, chosen.to_owned()));
            }
            super::of(&request.to_http_request())
        };
        assert_eq!(of(None, None), English);
        assert_eq!(of(Some("zh-CN,zh;q=0.9,en;q=0.8"), None), Chinese);
        assert_eq!(of(Some("en;q=0.5, zh;q=0.9"), None), Chinese);
        assert_eq!(of(Some("de-AT, zh-TW;q=0.5, en;q=0.4"), None), Chinese);
        assert_eq!(of(Some("fr, *;q=0.1"), None), English);
        assert_eq!(of(Some("not a; header;;"), None), English);
        assert_eq!(of(Some("zh"), Some("en")), English);
        assert_eq!(of(Some("en"), Some("zh-CN")), Chinese);
        assert_eq!(of(Some("zh"), Some("klingon")), Chinese);
    }
}
