//! Pages for people: rendered here, usable without JavaScript, nothing inline.
//!
//! A page is a struct beside its handler; its template has the same name in `templates/pages/`. All
//! stand in [`base.html`](../../../../templates/base.html) by way of [`Page`].

mod assets;
mod chapters;
mod data;
mod decide;
mod edit;
mod experiment;
mod experiments;
mod guide;
mod help;
mod keys;
mod language;
mod log;
mod measure;
mod moves;
mod notes;
mod outlook;
mod passkeys;
mod password;
mod plan;
mod people;
mod planner;
mod reports;
mod saving;
mod settings;
mod share;
mod shared;
mod sign_in;
mod sign_on;
mod sure;
mod survey;
mod upload;

use actix_web::{
    HttpResponse,
    http::{Method, header},
    web,
};
use askama::Template;

use super::{
    auth::Person,
    error::Problem,
    routes::{Route, Who},
};
use crate::{
    domain::role::PersonRole::{self, Admin, Analyst, Lead, Viewer},
    language::{Language, Said},
    presentation::capital,
    sign_on::BACK,
};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

const fn anyone(method: Method, path: &'static str, handler: fn() -> actix_web::Route) -> Route {
    Route { method, path, who: Who::Anyone, handler }
}

const fn person(
    role: PersonRole,
    method: Method,
    path: &'static str,
    handler: fn() -> actix_web::Route,
) -> Route {
    Route { method, path, who: Who::Person(role), handler }
}

/// Every page's route, and who may.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    anyone(GET,  "/static/{digest}/{file}",                        || web::to(assets::serve)),
    anyone(GET,  "/help",                                          || web::to(help::show)),
    anyone(GET,  "/help/{chapter}",                                || web::to(chapters::show)),
    anyone(POST, "/language/{tag}",                                || web::to(language::choose)),
    anyone(GET,  "/sign-in",                                       || web::to(sign_in::form)),
    anyone(POST, "/sign-in",                                       || web::to(sign_in::submit)),
    anyone(GET,  BACK,                                             || web::to(sign_on::back)),
    anyone(GET,  "/sign-in/{token}",                               || web::to(sign_in::link)),
    anyone(POST, "/sign-in/{token}",                               || web::to(sign_in::redeem)),
    anyone(GET,  "/s/{token}",                                     || web::to(survey::show)),
    anyone(POST, "/s/{token}",                                     || web::to(survey::rate)),
    anyone(GET,  "/shared/{token}",                                || web::to(shared::shared)),
    person(Viewer,  GET,  "/example",                              || web::to(shared::example)),
    person(Viewer,  POST, "/sign-out",                             || web::to(sign_in::sign_out)),
    person(Viewer,  GET,  "/",                                     || web::to(experiments::home)),
    person(Viewer,  GET,  "/experiments",                          || web::to(experiments::list)),
    person(Viewer,  GET,  "/experiments.csv",                      || web::to(experiments::csv)),
    person(Viewer,  GET,  "/experiments.xlsx",                     || web::to(experiments::xlsx)),
    person(Viewer,  GET,  "/experiments/compare",                  || web::to(experiments::compare::show)),
    person(Lead,    GET,  "/experiments/new",                      || web::to(guide::begin)),
    person(Lead,    POST, "/experiments/new",                      || web::to(guide::create)),
    person(Lead,    GET,  "/experiments/new/file",                 || web::to(edit::blank)),
    person(Lead,    POST, "/experiments/new/file",                 || web::to(edit::create)),
    person(Lead,    GET,  "/experiments/new/{draft}/{step}",       || web::to(guide::show)),
    person(Lead,    POST, "/experiments/new/{draft}/{step}",       || web::to(guide::submit)),
    person(Viewer,  GET,  "/experiments/{key}",                    || web::to(experiment::latest)),
    person(Viewer,  GET,  "/experiments/{key}/v/{number}",         || web::to(experiment::version)),
    person(Analyst, POST, "/experiments/{key}/refresh",            || web::to(experiment::refresh)),
    person(Viewer,  GET,  "/experiments/{key}/v/{number}/measures/{metric}", || web::to(measure::show)),
    person(Lead,    GET,  "/experiments/{key}/edit",               || web::to(edit::show)),
    person(Lead,    POST, "/experiments/{key}/edit",               || web::to(edit::submit)),
    person(Lead,    GET,  "/experiments/{key}/start",              || web::to(moves::confirm_start)),
    person(Lead,    POST, "/experiments/{key}/start",              || web::to(moves::start)),
    person(Lead,    POST, "/experiments/{key}/ask",                || web::to(moves::ask)),
    person(Analyst, POST, "/experiments/{key}/note",               || web::to(notes::add)),
    person(Lead,    POST, "/experiments/{key}/pause",              || web::to(moves::pause)),
    person(Lead,    POST, "/experiments/{key}/resume",             || web::to(moves::resume)),
    person(Lead,    GET,  "/experiments/{key}/stop",               || web::to(moves::confirm_stop)),
    person(Lead,    POST, "/experiments/{key}/stop",               || web::to(moves::stop)),
    person(Lead,    GET,  "/experiments/{key}/decide",             || web::to(decide::show)),
    person(Lead,    POST, "/experiments/{key}/decide",             || web::to(decide::submit)),
    person(Lead,    GET,  "/experiments/{key}/share",              || web::to(share::links)),
    person(Lead,    POST, "/experiments/{key}/share",              || web::to(share::make)),
    person(Lead,    POST, "/experiments/{key}/share/end",          || web::to(share::end)),
    person(Viewer,  GET,  "/experiments/{key}/plan",               || web::to(plan::show)),
    person(Viewer,  GET,  "/experiments/{key}/report",             || web::to(reports::formats)),
    person(Viewer,  GET,  "/experiments/{key}/report/{number}/{format}", || web::to(reports::download)),
    person(Viewer,  GET,  "/planner",                              || web::to(planner::show)),
    person(Viewer,  GET,  "/reports",                              || web::to(reports::list)),
    person(Viewer,  GET,  "/data",                                 || web::to(data::status)),
    person(Analyst, GET,  "/data/left-out",                        || web::to(data::left_out)),
    person(Lead,    POST, "/data/upload",                          || web::to(upload::begin)),
    person(Lead,    GET,  "/data/upload/{token}",                  || web::to(upload::columns::show)),
    person(Lead,    POST, "/data/upload/{token}",                  || web::to(upload::columns::submit)),
    person(Lead,    GET,  "/data/upload/{token}/check",            || web::to(upload::check::show)),
    person(Lead,    GET,  "/data/upload/{token}/left-out",         || web::to(upload::check::left_out)),
    person(Lead,    POST, "/data/upload/{token}/import",           || web::to(upload::check::import)),
    person(Lead,    POST, "/data/upload/{token}/cancel",           || web::to(upload::check::cancel)),
    person(Lead,    GET,  "/data/upload/{token}/done",             || web::to(upload::check::done)),
    person(Viewer,  GET,  "/settings",                             || web::to(settings::show)),
    person(Admin,   POST, "/settings/company",                     || web::to(settings::set_company)),
    person(Admin,   POST, "/settings/currency",                    || web::to(settings::set_currency)),
    person(Admin,   POST, "/settings/approval",                    || web::to(settings::set_approval)),
    person(Viewer,  POST, "/settings/password",                    || web::to(settings::set_password)),
    person(Viewer,  POST, "/settings/passkeys",                    || web::to(passkeys::add)),
    person(Viewer,  POST, "/settings/passkeys/new",                || web::to(passkeys::begin)),
    person(Viewer,  POST, "/settings/passkeys/remove",             || web::to(passkeys::remove)),
    person(Viewer,  POST, "/settings/weekly",                      || web::to(settings::set_weekly)),
    person(Admin,   GET,  "/settings/keys",                        || web::to(keys::list)),
    person(Admin,   POST, "/settings/keys",                        || web::to(keys::create)),
    person(Admin,   POST, "/settings/keys/rotate",                 || web::to(keys::rotate)),
    person(Admin,   GET,  "/settings/keys/revoke",                 || web::to(keys::ask_revoke)),
    person(Admin,   POST, "/settings/keys/revoke",                 || web::to(keys::revoke)),
    person(Admin,   GET,  "/settings/people",                      || web::to(people::list)),
    person(Admin,   POST, "/settings/people",                      || web::to(people::add)),
    person(Admin,   POST, "/settings/people/role",                 || web::to(people::set_role)),
    person(Admin,   POST, "/settings/people/link",                 || web::to(people::new_link)),
    person(Admin,   GET,  "/settings/people/remove",               || web::to(people::ask_remove)),
    person(Admin,   POST, "/settings/people/remove",               || web::to(people::remove)),
    person(Admin,   GET,  "/settings/log",                         || web::to(log::show)),
    person(Admin,   GET,  "/settings/log/{file}",                  || web::to(log::download)),
];

/// What every page has around its content.
#[derive(Debug, Clone)]
struct Page {
    /// Who looks at it.
    person: Option<Person>,
    /// The language they read; templates have it as `t` too.
    t: Language,
    /// The part of the navigation that it belongs to, by its address.
    here: &'static str,
}

impl Page {
    fn new(person: Person, here: &'static str) -> Self {
        Self { t: person.language, person: Some(person), here }
    }

    /// For somebody who is not signed in, or need not be.
    fn open(person: Option<Person>, t: Language) -> Self {
        Self { person, t, here: "" }
    }

    /// For readers who may see this page and no other.
    fn outside(t: Language) -> Self {
        Self { person: None, t, here: "outside" }
    }

    /// Whether the reader may go on to other pages.
    fn has_home(&self) -> bool {
        self.here != "outside"
    }

    fn stylesheet() -> &'static str {
        assets::url("patience.css")
    }

    /// The one script: every page works without it.
    fn script() -> &'static str {
        assets::url("patience.js")
    }

    fn icon() -> &'static str {
        assets::url("icon.svg")
    }

    /// The main navigation: each part's name and address, and whether the page belongs to it.
    fn navigation(&self) -> [(Said, &'static str, bool); 5] {
        [
            (self.t.say("nav-experiments"), "/experiments"),
            (self.t.say("nav-planner"), "/planner"),
            (self.t.say("nav-data"), "/data"),
            (self.t.say("nav-reports"), "/reports"),
            (self.t.say("nav-settings"), "/settings"),
        ]
        .map(|(name, href)| (name, href, href == self.here))
    }

    /// The languages that the page could be read in, too.
    fn other_languages(&self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(|language| *language != self.t)
    }

    /// Whether the person may do what a role may.
    fn may(&self, role: PersonRole) -> bool {
        self.person.as_ref().is_some_and(|person| person.role.may(role))
    }

    fn may_analyse(&self) -> bool {
        self.may(Analyst)
    }

    fn may_lead(&self) -> bool {
        self.may(Lead)
    }

    fn may_administer(&self) -> bool {
        self.may(Admin)
    }

    /// The token of this person's forms.
    fn csrf(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.csrf)
    }
}

/// A page as an answer.
fn html(template: &impl Template) -> Result<HttpResponse, Problem> {
    let body = template.render().map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body))
}

/// The answer to a form that was taken: look there.
fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage<'a> {
    t: Language,
    page: Page,
    heading: Said,
    kept: Said,
    problem: &'a Problem,
    request_id: &'a str,
}

impl ErrorPage<'_> {
    /// What happened, as a sentence of its own; nothing where the heading says it.
    fn detail(&self) -> Option<String> {
        let told = capital(&self.t.again(&self.problem.detail));
        (told != self.heading.to_string()).then_some(told)
    }
}

/// What a person sees in place of what they asked for: what happened, what is kept, what to do.
pub fn error_page(problem: &Problem, request_id: &str, t: Language) -> String {
    let nothing = || t.say("error-nothing-changed");
    let (heading, kept) = match problem.status.as_u16() {
        401 => (t.say("error-signed-out"), nothing()),
        403 => (t.say("error-forbidden"), nothing()),
        404 => (t.say("error-not-found"), t.say("error-not-found-why")),
        400..500 => (t.say("error-refused"), nothing()),
        503 | 507 => (t.say("error-unavailable"), t.say("error-unavailable-kept")),
        _ => (t.say("error-ours"), t.say("error-ours-kept")),
    };
    let page = ErrorPage { t, page: Page::open(None, t), heading, kept, problem, request_id };
    page.render().unwrap_or_else(|_| page.heading.to_string())
}
