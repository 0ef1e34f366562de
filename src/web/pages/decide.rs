//! *Record the decision*: what people made of the recommendation, and why.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDate;

use super::{Language, Page, html, see_other};
use crate::{
    analysis::document::{self, Analysis},
    domain::{
        decision::{Choice, Decision},
        ids::ExperimentKey,
    },
    language::Said,
    presentation::words,
    storage::{Db, StorageError, analyses, decisions, experiments},
    web::{
        api::experiments::Key,
        auth::{FormFields, Person, Shared},
        error::Problem,
    },
};

/// Its value in the form.
fn value_of(choice: &Choice) -> &'static str {
    match choice {
        Choice::Ship => "ship",
        Choice::KeepUsual => "keep-usual",
        Choice::ShipForSome => "ship-for-some",
        // None that a form has.
        Choice::Other(_) => "",
    }
}

/// As it is asked.
fn question(choice: &Choice, t: Language) -> Said {
    match choice {
        Choice::Ship => t.say("choice-ship"),
        Choice::KeepUsual => t.say("choice-keep-usual"),
        Choice::ShipForSome => t.say("choice-ship-for-some"),
        Choice::Other(_) => t.say("decided").with("what", words::decision(choice)),
    }
}

/// What a verdict recommends: nothing yet where it is too early, or its figures cannot be used.
fn recommended(decision: document::Decision) -> Option<Choice> {
    use document::Decision::{DoNotShip, Inconclusive, Invalid, KeepRunning, Ship};
    match decision {
        Ship => Some(Choice::Ship),
        DoNotShip | Inconclusive => Some(Choice::KeepUsual),
        KeepRunning | Invalid => None,
    }
}

#[derive(Debug, Template)]
#[template(path = "pages/decide.html")]
struct Decide {
    t: Language,
    page: Page,
    key: String,
    name: String,
    /// The version of the result that is decided on, its verdict and what that recommends.
    version: u64,
    kicker: String,
    headline: String,
    recommended: Option<Said>,
    choices: Vec<(&'static str, Said, bool)>,
    typed: Typed,
    mistakes: Wrong,
}

impl Decide {
    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&Said> {
        self.mistakes.iter().find(|(name, _)| *name == field).map(|(_, words)| words)
    }
}

/// The form's fields, as typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    what: String,
    why: String,
    otherwise: String,
    from: String,
    agreed_by: String,
    learned: String,
    watch_weeks: String,
}

/// What is wrong, by field.
type Wrong = Vec<(&'static str, Said)>;

/// The longest time for which limits are watched, in weeks.
const MOST_WEEKS: u32 = 104;

/// The weeks for which limits are watched where nothing else is typed.
const WATCHED: &str = "8";

/// The longest text of a field, in characters.
const LONGEST: usize = 2000;

impl Typed {
    fn read(form: &FormFields) -> Self {
        let text = |name: &str| -> String {
            form.get(name).unwrap_or_default().trim().chars().take(LONGEST).collect()
        };
        Self {
            what: text("what"),
            why: text("why"),
            otherwise: text("otherwise"),
            from: text("from"),
            agreed_by: text("agreed_by"),
            learned: text("learned"),
            watch_weeks: text("watch_weeks"),
        }
    }

    fn choice(&self) -> Option<Choice> {
        Choice::ALL.into_iter().find(|choice| value_of(choice) == self.what)
    }

    /// What was decided, why, from which day on, and for how many weeks its limits are watched; or what is wrong, by
    /// field.
    fn decided(
        &self,
        t: Language,
        recommended: Option<&Choice>,
    ) -> Result<(Choice, String, NaiveDate, u32), Wrong> {
        let mut wrong = Vec::new();
        let choice = self.choice();
        if choice.is_none() {
            wrong.push(("what", t.say("decide-what-missing")));
        }
        if self.why.is_empty() {
            wrong.push(("why", t.say("decide-why-missing")));
        }
        let differs = choice.is_some() && choice.as_ref() != recommended;
        if differs && self.otherwise.is_empty() {
            wrong.push(("otherwise", t.say("decide-otherwise-missing")));
        }
        let from = self.from.parse().ok();
        if from.is_none() {
            wrong.push(("from", t.say("decide-from-missing")));
        }
        if self.agreed_by.is_empty() {
            wrong.push(("agreed_by", t.say("decide-agreed-missing")));
        }
        let weeks = if self.watch_weeks.is_empty() { Ok(0) } else { self.watch_weeks.parse() };
        let weeks = weeks.ok().filter(|weeks| *weeks <= MOST_WEEKS);
        if weeks.is_none() {
            wrong.push(("watch_weeks", t.say("decide-watch-wrong").with("most", MOST_WEEKS)));
        }
        match (choice, from, weeks) {
            (Some(choice), Some(from), Some(weeks)) if wrong.is_empty() => {
                let why = if differs {
                    format!("{}\n{}", t.say("decide-otherwise-told").with("why", &self.otherwise), self.why)
                } else {
                    self.why.clone()
                };
                Ok((choice, why, from, weeks))
            }
            _ => Err(wrong),
        }
    }
}

/// The experiment's name with the analysis of that number, or the one that the page shows.
fn read(
    db: &mut Db,
    key: &ExperimentKey,
    number: Option<u64>,
) -> Result<(String, Option<Analysis>), StorageError> {
    let name = experiments::get(db, key)?.definition.name;
    let analysis = match number {
        Some(number) => analyses::find(db, key, number)?,
        None => analyses::speaking(db, key)?.map(|(analysis, _)| analysis),
    };
    Ok((name, analysis))
}

/// `GET /experiments/{key}/decide`
pub(super) async fn show(state: Shared, person: Person, key: Key) -> Result<HttpResponse, Problem> {
    let asked = key.0.clone();
    let (name, analysis) = state.read(move |db| read(db, &asked, None)).await?;
    // There is nothing to decide on yet; the page says what is missing.
    let Some(analysis) = analysis else { return Ok(see_other(&format!("/experiments/{}", key.0))) };
    let analysis = analysis.in_language(person.language);
    let recommended = recommended(analysis.verdict.decision);
    let typed = Typed {
        what: recommended.as_ref().map_or_else(String::new, |choice| value_of(choice).to_owned()),
        why: analysis.verdict.sentence.clone(),
        from: state.now().date().to_string(),
        watch_weeks: WATCHED.to_owned(),
        ..Typed::default()
    };
    render(person, &key.0, name, &analysis, typed, Vec::new())
}

/// `POST /experiments/{key}/decide`
pub(super) async fn submit(
    state: Shared,
    person: Person,
    key: Key,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let number = form.get("version").and_then(|number| number.parse().ok());
    let asked = key.0.clone();
    let (name, analysis) = state.read(move |db| read(db, &asked, number)).await?;
    let Some(analysis) = analysis else {
        return Err(Problem::conflict("there is no such version of the result: refresh the figures first"));
    };
    let analysis = analysis.in_language(person.language);
    let typed = Typed::read(&form);
    let (choice, why, from, watch_weeks) =
        match typed.decided(person.language, recommended(analysis.verdict.decision).as_ref()) {
            Ok(decided) => decided,
            Err(mistakes) => return render(person, &key.0, name, &analysis, typed, mistakes),
        };
    // There is nothing to watch where the usual level stays.
    let watch_weeks = if choice == Choice::KeepUsual { 0 } else { watch_weeks };
    let decision = Decision {
        at: state.now(),
        who: person.email,
        what: choice,
        why,
        from,
        agreed_by: typed.agreed_by,
        analysis: Some(analysis.analysis),
        learned: typed.learned,
        watch_weeks,
    };
    let asked = key.0.clone();
    state.write(move |db| decisions::record(db, &asked, &decision)).await?;
    Ok(see_other(&format!("/experiments/{}?done=decided", key.0)))
}

fn render(
    person: Person,
    key: &ExperimentKey,
    name: String,
    analysis: &Analysis,
    typed: Typed,
    mistakes: Wrong,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    html(&Decide {
        t,
        page: Page::new(person, "/experiments"),
        key: key.to_string(),
        name,
        version: analysis.analysis,
        kicker: analysis.verdict.kicker.clone(),
        headline: analysis.verdict.headline.clone(),
        recommended: recommended(analysis.verdict.decision).map(|choice| question(&choice, t)),
        choices: Choice::ALL
            .map(|choice| (value_of(&choice), question(&choice, t), value_of(&choice) == typed.what))
            .into(),
        typed,
        mistakes,
    })
}
