//! Notes of people on an experiment: what else happened that may have moved its figures.

use actix_web::HttpResponse;
use chrono::NaiveDate;

use super::{Language, experiment, see_other};
use crate::{
    domain::{log::Act, time::Moment},
    language::Said,
    storage::experiments,
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

/// The longest note, in characters.
const LONGEST: usize = 300;

/// The form under the log, as typed, with what is wrong with it by field.
#[derive(Debug, Clone, Default)]
pub(super) struct NoteForm {
    pub text: String,
    pub day: String,
    pub mistakes: Vec<(&'static str, Said)>,
}

impl NoteForm {
    /// Nothing written yet, of today.
    pub fn empty(now: Moment) -> Self {
        Self { day: now.date().to_string(), ..Self::default() }
    }

    fn read(form: &FormFields) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim();
        let text = field("note").chars().take(LONGEST).collect();
        Self { text, day: field("day").to_owned(), mistakes: Vec::new() }
    }

    /// What is wrong with a field.
    pub fn wrong(&self, field: &str) -> Option<&Said> {
        self.mistakes.iter().find(|(name, _)| *name == field).map(|(_, words)| words)
    }

    /// What it adds to the log. A form without a day, as a script may send it, is of today.
    fn act(&self, t: Language, today: NaiveDate) -> Result<Act, Vec<(&'static str, Said)>> {
        let day = match self.day.as_str() {
            "" => Some(today),
            day => day.parse().ok().filter(|day: &NaiveDate| *day <= today),
        };
        let wrong_day = || ("day", t.say("note-day-wrong").with("example", today.to_string()));
        let missing = self.text.is_empty().then(|| ("note", t.say("note-missing")));
        match (day, missing) {
            (Some(day), None) => {
                Ok(Act::Noted { text: self.text.clone(), of: Some(day).filter(|day| *day != today) })
            }
            (day, missing) => Err(missing.into_iter().chain(day.is_none().then(wrong_day)).collect()),
        }
    }
}

/// `POST /experiments/{key}/note` adds a line to the experiment's log, which the charts over time mark.
pub(super) async fn add(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (now, about) = (state.now(), key.0.clone());
    let mut form = NoteForm::read(&form);
    match form.act(person.language, now.date()) {
        Err(mistakes) => {
            form.mistakes = mistakes;
            experiment::with_note(state, person, key, &experiment::Asked::default(), form).await
        }
        Ok(act) => {
            let kept = state.write(move |db| {
                experiments::get(db, &about)?;
                experiments::note(db, &about, now, &person.email, &act)
            });
            kept.await?;
            Ok(see_other(&format!("/experiments/{}?done=noted#log", key.0)))
        }
    }
}
