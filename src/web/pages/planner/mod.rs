//! The planner: a GET form, so that a link is a scenario.

mod beside;
mod fields;
mod scenario;

use actix_web::{HttpResponse, web::Query};
use askama::Template;

use super::{Language, Page, html, outlook::Outlook, saving::Saving, settings};
use crate::{
    domain::{calendar::CalendarDefinition, currency::Currency},
    presentation::words,
    storage::calendars,
    web::{
        auth::{Person, Shared},
        error::Problem,
        state::blocking,
    },
};
use beside::{Asked, Beside};
use fields::{Form, Shown, Source};
use scenario::Scenario;

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
    /// The scenario as a link.
    link: String,
    /// This scenario kept, to change its figures and see both.
    keep: String,
    beside: Option<Beside>,
}

/// One scenario, reckoned through.
struct Reckoned {
    form: Form,
    calendar: String,
    measured_pattern: Option<bool>,
    saving: Option<Result<Saving, String>>,
    outlook: Result<Outlook, String>,
}

/// What every scenario goes by.
struct Workspace {
    calendars: Vec<CalendarDefinition>,
    /// The currency where none is chosen.
    currency: Currency,
}

async fn reckon(
    state: &Shared,
    t: Language,
    workspace: &Workspace,
    asked: &Asked,
    kept: Option<&Asked>,
) -> Result<Reckoned, Problem> {
    let calendar = asked.get("calendar").cloned().unwrap_or_else(|| "always".to_owned());
    let calendars = &workspace.calendars;
    let past = state.past("", calendars.iter().find(|c| c.key.as_str() == calendar)).await?;
    let form = Form::read(t, asked, kept, past.as_deref(), workspace.currency);
    let typical = asked.get("pattern").is_some_and(|pattern| pattern == "typical");
    let measured_pattern = past.as_ref().map(|_| !typical);
    let (saving, outlook) = match form.numbers() {
        Some(numbers) => {
            let measured = past.as_ref().filter(|_| !typical);
            let csat = past.as_ref().and_then(|past| past.metric("csat")).cloned();
            let scenario = Scenario {
                numbers,
                currency: form.currency,
                calendar: calendar.clone(),
                arrivals_by_hour: measured.map(|past| past.arrivals_by_hour.clone()),
                csat: csat.filter(|_| form.csat_is_measured()),
            };
            let calendars = calendars.clone();
            // The planner searches: off the threads that serve.
            let (saving, outlook) =
                blocking(move || (scenario.desk().saving(t, &calendars), scenario.outlook(t))).await?;
            (Some(saving), outlook)
        }
        None => (None, Err(t.say("planner-mend").to_string())),
    };
    Ok(Reckoned { form, calendar, measured_pattern, saving, outlook })
}

/// `GET /planner`
pub(super) async fn show(
    state: Shared,
    person: Person,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let workspace = state
        .read(|db| Ok(Workspace { calendars: calendars::list(db)?, currency: settings::currency(db)? }))
        .await?;
    let (asked, kept) = beside::parted(asked.into_inner());
    let now = reckon(&state, t, &workspace, &asked, kept.as_ref()).await?;
    let beside = match kept {
        None => None,
        Some(kept) => {
            let then = reckon(&state, t, &workspace, &kept, None).await?;
            Some(Beside::new(t, (&then, &kept), (&now, &asked)))
        }
    };
    let choices = std::iter::once(("always".to_owned(), t.say("calendar-always").to_string()))
        .chain(workspace.calendars.iter().map(|c| (c.key.to_string(), words::title(c.key.as_str()))))
        .map(|(key, words)| (key.clone(), words, key == now.calendar))
        .collect();
    let link = beside.as_ref().map_or_else(|| now.link(), |beside| beside.link.clone());
    html(&Planner {
        t,
        page: Page::new(person, "/planner"),
        limit: now.form.text("limit").to_owned(),
        hand_on: now.form.hand_on(&now.calendar),
        keep: beside::address(&now.all(), Some(&now.all())),
        link,
        beside,
        mistakes: now.form.mistakes,
        fields: now.form.shown,
        calendars: choices,
        measured_pattern: now.measured_pattern,
        saving: now.saving,
        outlook: now.outlook,
    })
}
