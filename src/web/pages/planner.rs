//! The planner: a GET form, so that a link is a scenario.

use std::collections::HashMap;

use actix_web::{HttpResponse, web::Query};
use askama::Template;
use serde_json::json;

use super::{
    Page, html,
    outlook::{Chance, Limit, Outlook, Question},
};
use crate::{
    actions,
    domain::{calendar::CalendarDefinition, format},
    presentation::{numbers, words},
    storage::calendars,
    web::{
        auth::{Person, Shared},
        error::Problem,
        state::blocking,
    },
};

/// A number that the form asks for.
struct Field {
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    /// What stands there to begin with: an example.
    example: &'static str,
    /// It has to lie above this …
    above: f64,
    /// … and not above that.
    most: f64,
}

const fn field(
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    example: &'static str,
    most: f64,
) -> Field {
    Field { name, label, unit, example, above: 0.0, most }
}

const FIELDS: [Field; 10] = [
    field("customers", "Customers who join a week", "customers", "500", 1e9),
    field("rating_share", "How many of them rate?", "%", "30", 100.0),
    field("csat_now", "Satisfied customers today", "%", "91", 99.9),
    field("limit", "They may fall by at most", "points", "3", 50.0),
    field("weeks", "Weeks", "weeks", "12", 520.0),
    field("from", "First response today, within", "hours", "4", 336.0),
    field("to", "First response to try, within", "hours", "8", 336.0),
    field("arrivals", "Conversations a week", "conversations", "500", 1e7),
    field("minutes", "Work on one conversation", "minutes", "10", 1e4),
    field("agent_hour", "What an agent’s hour costs", "", "30", 1e6),
];

/// A field with what stands in it.
#[derive(Debug)]
struct Shown {
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    value: String,
    wrong: bool,
}

#[derive(Debug, Template)]
#[template(path = "pages/planner.html")]
struct Planner {
    page: Page,
    fields: Vec<Shown>,
    calendars: Vec<(String, String, bool)>,
    mistakes: Vec<(&'static str, String)>,
    /// What the longer promise saves, or why that cannot be told.
    saving: Option<Result<Saving, String>>,
    outlook: Result<Outlook, String>,
}

/// What the longer promise saves.
#[derive(Debug)]
#[allow(missing_docs, reason = "the parts of the sentence")]
struct Saving {
    arrivals: String,
    from: String,
    to: String,
    before: String,
    after: String,
    saved: String,
    /// The other way round: the promise to try is shorter, and takes more agents.
    takes_more: bool,
    a_year: String,
}

/// What was asked: the fields' numbers in their order, and the calendar.
#[derive(Debug, Clone)]
struct Scenario {
    numbers: [f64; FIELDS.len()],
    calendar: String,
}

/// `GET /planner`
pub(super) async fn show(
    state: Shared,
    person: Person,
    asked: Query<HashMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let calendars = state.read(calendars::list).await?;
    let calendar = asked.get("calendar").cloned().unwrap_or_else(|| "always".to_owned());
    let (mut fields, mut mistakes, mut numbers) = (Vec::new(), Vec::new(), [0.0; FIELDS.len()]);
    for (field, number) in FIELDS.iter().zip(&mut numbers) {
        let value = asked.get(field.name).map_or(field.example, |value| value.trim()).to_owned();
        let found = value.replace(',', ".").parse().ok();
        let found = found.filter(|number: &f64| *number > field.above && *number <= field.most);
        if let Some(found) = found {
            *number = found;
        } else {
            let says = format!("{}: enter a number above 0 and at most {}", field.label, field.most);
            mistakes.push((field.name, says));
        }
        let Field { name, label, unit, .. } = *field;
        fields.push(Shown { name, label, unit, value, wrong: found.is_none() });
    }
    let choices = std::iter::once(("always".to_owned(), "Around the clock".to_owned()))
        .chain(calendars.iter().map(|c| (c.key.to_string(), words::title(c.key.as_str()))))
        .map(|(key, words)| (key.clone(), words, key == calendar))
        .collect();
    let (saving, outlook) = if mistakes.is_empty() {
        let scenario = Scenario { numbers, calendar };
        // The planner searches: off the threads that serve.
        let (saving, outlook) = blocking(move || (scenario.saving(&calendars), scenario.outlook())).await?;
        (Some(saving), outlook)
    } else {
        (None, Err("Mend what is wrong above, then press Calculate.".to_owned()))
    };
    html(&Planner {
        page: Page::new(person, "Planner"),
        fields,
        calendars: choices,
        mistakes,
        saving,
        outlook,
    })
}

impl Scenario {
    fn outlook(&self) -> Result<Outlook, String> {
        let [per_week, known, today, margin, weeks, ..] = self.numbers;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0 and at most 520")]
        let weeks = weeks.ceil() as u32;
        let limit =
            Limit { metric: "csat", today: today / 100.0, margin: margin / 100.0, known: known / 100.0 };
        Question {
            per_week,
            weeks,
            slower_share: 0.5,
            limits: vec![limit],
            looks: "always_valid".to_owned(),
            planned_units: None,
        }
        .outlook()
        .map_err(|why| format!("This cannot be planned: {why}."))
    }

    fn saving(&self, calendars: &[CalendarDefinition]) -> Result<Saving, String> {
        let [.., from, to, arrivals, minutes, agent_hour] = self.numbers;
        let request = json!({
            // Of the plan only the staffing is asked for here.
            "units_per_week": 1, "metrics": [],
            "staffing": {
                "arrivals_per_week": arrivals, "handle_minutes": minutes, "agent_hour": agent_hour,
                "from": promise(from), "to": promise(to), "calendar": self.calendar,
            },
        });
        let reply = actions::plan(&request, calendars)
            .map_err(|problem| format!("The staff cannot be planned: {problem}."))?;
        let figure = |name: &str| reply["staffing"][name].as_f64().unwrap_or_default();
        let agents = |name: &str| numbers::decimal(figure(name), 1);
        let a_year = figure("saving_per_year");
        Ok(Saving {
            arrivals: numbers::decimal(arrivals, 0),
            from: format::brief(from),
            to: format::brief(to),
            before: agents("agents_before"),
            after: agents("agents_after"),
            saved: numbers::decimal(figure("agents_saved").abs(), 1),
            takes_more: a_year < 0.0,
            a_year: numbers::Money::of(None, a_year.abs()).amount(a_year.abs()),
        })
    }
}

/// Hours as a promise is written: whole minutes.
fn promise(hours: f64) -> String {
    format!("PT{:.0}M", (hours * 60.0).max(1.0))
}
