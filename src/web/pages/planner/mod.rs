//! The planner: a GET form, so that a link is a scenario.

mod fields;
mod scenario;

use std::collections::HashMap;

use actix_web::{HttpResponse, web::Query};
use askama::Template;

use super::{Language, Page, html, outlook::Outlook};
use crate::{
    presentation::words,
    storage::calendars,
    web::{
        auth::{Person, Shared},
        error::Problem,
        state::blocking,
    },
};
use fields::{Form, Shown, Source};
use scenario::{Saving, Scenario};

#[derive(Debug, Template)]
#[template(path = "pages/planner.html")]
struct Planner {
    t: Language,
    page: Page,
    fields: Vec<Shown>,
    calendars: Vec<(String, String, bool)>,
    /// Whether arrivals over the week were measured, and whether these are reckoned with.
    measured_pattern: Option<bool>,
    mistakes: Vec<(&'static str, String)>,
    /// What the longer promise saves, or why that cannot be told.
    saving: Option<Result<Saving, String>>,
    outlook: Result<Outlook, String>,
    limit: String,
    /// What an experiment with these figures begins with.
    hand_on: Vec<(&'static str, String)>,
}

/// `GET /planner`
pub(super) async fn show(
    state: Shared,
    person: Person,
    asked: Query<HashMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let calendars = state.read(calendars::list).await?;
    let calendar = asked.get("calendar").cloned().unwrap_or_else(|| "always".to_owned());
    let past = state.past("", calendars.iter().find(|c| c.key.as_str() == calendar)).await?;
    let t = person.language;
    let form = Form::read(t, &asked, past.as_deref());
    let choices = std::iter::once(("always".to_owned(), t.say("calendar-always").to_string()))
        .chain(calendars.iter().map(|c| (c.key.to_string(), words::title(c.key.as_str()))))
        .map(|(key, words)| (key.clone(), words, key == calendar))
        .collect();
    let typical = asked.get("pattern").is_some_and(|pattern| pattern == "typical");
    let measured_pattern = past.as_ref().map(|_| !typical);
    let hand_on = form.hand_on(&calendar);
    let (saving, outlook) = match form.numbers() {
        Some(numbers) => {
            let scenario = Scenario {
                numbers,
                calendar,
                arrivals_by_hour: past
                    .as_ref()
                    .filter(|_| !typical)
                    .map(|past| past.arrivals_by_hour.clone()),
                csat: past
                    .as_ref()
                    .and_then(|past| past.metric("csat"))
                    .cloned()
                    .filter(|_| form.csat_is_measured()),
            };
            // The planner searches: off the threads that serve.
            let (saving, outlook) =
                blocking(move || (scenario.saving(t, &calendars), scenario.outlook(t))).await?;
            (Some(saving), outlook)
        }
        None => (None, Err(t.say("planner-mend").to_string())),
    };
    html(&Planner {
        t,
        page: Page::new(person, "/planner"),
        limit: form.text("limit").to_owned(),
        mistakes: form.mistakes,
        fields: form.shown,
        calendars: choices,
        measured_pattern,
        saving,
        outlook,
        hand_on,
    })
}
