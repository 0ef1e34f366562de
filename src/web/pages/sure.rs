//! What cannot be taken back is asked once more: by typing its name.

use actix_web::HttpResponse;
use askama::Template;

use super::{Language, Page, html};
use crate::{
    language::Said,
    web::{auth::Person, error::Problem},
};

/// A page that asks.
#[derive(Debug, Template)]
#[template(path = "pages/sure.html")]
pub(super) struct Sure {
    t: Language,
    page: Page,
    heading: Said,
    says: Said,
    /// What has to be typed.
    name: String,
    action: &'static str,
    button: Said,
    back: &'static str,
    /// A hidden field that says what is meant.
    field: (&'static str, String),
    wrong: Option<Said>,
}

/// What is about to be done.
#[derive(Debug)]
pub(super) struct Deed {
    /// Asked.
    pub heading: Said,
    /// What follows from it.
    pub says: Said,
    /// What has to be typed.
    pub name: String,
    /// Where the form goes.
    pub action: &'static str,
    /// What its button says.
    pub button: Said,
    /// Where to go instead.
    pub back: &'static str,
    /// The hidden field that says what is meant.
    pub field: (&'static str, String),
}

/// Asks; again, where something else was typed.
pub(super) fn ask(person: Person, deed: Deed, typed: Option<&str>) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let wrong = typed.map(|_| t.say("sure-other").with("name", &deed.name));
    let Deed { heading, says, name, action, button, back, field } = deed;
    html(&Sure {
        t,
        page: Page::new(person, "/settings"),
        heading,
        says,
        name,
        action,
        button,
        back,
        field,
        wrong,
    })
}
