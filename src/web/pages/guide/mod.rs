//! The guided form: one topic a page, saved on every *Continue*, resumable from the list.
//!
//! Answers are kept as they were typed. Each page checks the definition that all answers make together
//! (`definitions` knows every rule), shows the mistakes that are its own, and goes on.

mod answers;
mod plan;
mod steps;

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web::Path};
use askama::Template;

pub(super) use answers::Answers;
use answers::LIMITS;
use steps::{Field, Kind, STEPS, Step};

use super::{Language, Page, edit, html, outlook::Outlook, saving::Saving, see_other, settings};
use crate::{
    actions,
    definitions::read_experiment_json,
    domain::{experiment::Move, ids::ExperimentKey, mistake::Mistake},
    language::{Number, Said},
    presentation::words,
    storage::{Store, approval, calendars, drafts, experiments, units},
    web::{
        auth::{FormFields, Person, Shared},
        error::Problem,
        state::blocking,
    },
};

#[derive(Debug, Template)]
#[template(path = "pages/begin.html")]
struct Begin {
    t: Language,
    page: Page,
}

/// `GET /experiments/new`
pub(super) async fn begin(person: Person) -> Result<HttpResponse, Problem> {
    html(&Begin { t: person.language, page: Page::new(person, "/experiments") })
}

/// `POST /experiments/new` makes a draft, empty but for what was sent, and opens its first page.
pub(super) async fn create(state: Shared, form: FormFields) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let mut answers = Answers::starting(now, state.read(settings::currency).await?);
    // The planner hands its figures on.
    for name in STEPS.iter().flat_map(|step| step.fields).flat_map(Field::answers) {
        if let Some(value) = form.get(&name) {
            answers.set(&name, value);
        }
    }
    let answers = answers.to_json();
    let draft = state.write(move |db| drafts::begin(db, &answers, now)).await?;
    Ok(see_other(&format!("/experiments/new/{draft}/{}", STEPS[0].slug)))
}

#[derive(Debug, Template)]
#[template(path = "pages/step.html")]
struct StepPage {
    t: Language,
    page: Page,
    draft: String,
    number: usize,
    of: usize,
    step: &'static Step,
    title: Said,
    lede: Said,
    back: String,
    fields: Vec<Shown>,
    /// Names of customers' attributes, on the step that asks for conditions.
    attributes: BTreeSet<String>,
    so_far: String,
    /// Ids of the parts that follow what is typed, where scripts run.
    live: String,
    /// How many customers and tickets a week that was, on the steps that measure the last weeks.
    matching: Option<Said>,
    /// That today's waits differ by more than the two promises, on the step that asks for them.
    spread: Option<Said>,
    /// What is saved if it ships, or why that cannot be told; on the step that asks what it is worth.
    saving: Option<Result<Saving, String>>,
    /// The two parts of the time it takes: weeks in which customers join, and days for which the last is followed.
    follow_up: Option<FollowUp>,
    mistakes: Vec<(String, String)>,
    summary: Vec<Summary>,
    /// What the weeks can show, or why that cannot be told; on the step that asks for them.
    outlook: Option<Result<Outlook, String>>,
    can_start: bool,
    /// Whether somebody else has to start it, where the answers are right.
    can_ask: bool,
}

/// A field with its answer and what is wrong with it.
#[derive(Debug)]
struct Shown {
    field: &'static Field,
    label: String,
    hint: String,
    suffix: String,
    value: String,
    /// The attribute, where it is a condition; and what it may be, where that is known.
    what: String,
    attributes: Vec<(String, String, bool)>,
    choices: Vec<(String, String, bool)>,
    /// Where the value comes from, where nobody answered yet.
    source: String,
    /// What a limit comes to, in customers of a hundred.
    echo: Option<String>,
    error: Option<String>,
}

impl Shown {
    /// Whether it is how far a measure may get worse.
    fn is_limit(&self) -> bool {
        LIMITS.contains(&self.field.name)
    }
}

/// Joining and follow-up as two bars, one after the other.
#[derive(Debug)]
struct FollowUp {
    /// Lengths in per cent of both together.
    joining: String,
    following: String,
    weeks: Said,
    days: Said,
}

/// A line of "Check your answers".
#[derive(Debug)]
struct Summary {
    title: Said,
    lines: Vec<(String, String)>,
    slug: &'static str,
}

fn step(slug: &str) -> Result<(usize, &'static Step), Problem> {
    let found = STEPS.iter().enumerate().find(|(_, step)| step.slug == slug);
    found.ok_or_else(|| Problem::not_found("there is no such step"))
}

async fn answers(state: &Shared, draft: &str) -> Result<Answers, Problem> {
    let key = draft.to_owned();
    let kept = state.read(move |db| drafts::find(db, &key)).await?;
    let kept =
        kept.ok_or_else(|| Problem::not_found("there is no such draft: it may have become an experiment"))?;
    Ok(Answers::from_json(&kept))
}

/// `GET /experiments/new/{draft}/{step}`
pub(super) async fn show(
    state: Shared,
    person: Person,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (draft, slug) = path.into_inner();
    let answers = answers(&state, &draft).await?;
    // Opening the last page shows what is still wrong anywhere; others are quiet until *Continue*.
    let (_, step) = step(&slug)?;
    let mistakes = if step.fields.is_empty() { answers.mistakes() } else { Vec::new() };
    render(&state, person, &draft, &slug, &answers, &mistakes).await
}

/// `POST /experiments/new/{draft}/{step}`
pub(super) async fn submit(
    state: Shared,
    person: Person,
    path: Path<(String, String)>,
    form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (draft, slug) = path.into_inner();
    let (number, step) = step(&slug)?;
    let mut answers = answers(&state, &draft).await?;
    if step.fields.is_empty() {
        let go_on = ["start", "ask"].contains(&form.get("action").unwrap_or_default());
        return finish(&state, person, &draft, &slug, &answers, go_on).await;
    }
    for name in step.fields.iter().flat_map(Field::answers) {
        answers.set(&name, form.get(&name).unwrap_or_default());
    }
    let (key, kept, now) = (draft.clone(), answers.to_json(), state.now());
    state.write(move |db| drafts::put(db, &key, &kept, now)).await?;
    let all = answers.mistakes().into_iter().chain(answers.plan_mistakes());
    let mistakes: Vec<Mistake> = all.filter(|m| step.field_of(&m.pointer).is_some()).collect();
    if mistakes.is_empty() && form.get("action") == Some("recalculate") {
        let part = if slug == "weeks" { "#plan" } else { "" };
        Ok(see_other(&format!("/experiments/new/{draft}/{slug}{part}")))
    } else if mistakes.is_empty() {
        Ok(see_other(&format!("/experiments/new/{draft}/{}", STEPS[number + 1].slug)))
    } else {
        render(&state, person, &draft, &slug, &answers, &mistakes).await
    }
}

/// Makes the draft an experiment, and starts it where that was asked for; or asks somebody else to, where approval is
/// needed.
async fn finish(
    state: &Shared,
    person: Person,
    draft: &str,
    slug: &str,
    answers: &Answers,
    go_on: bool,
) -> Result<HttpResponse, Problem> {
    let made = answers.definition().and_then(|json| read_experiment_json(&json));
    let (Ok(definition), []) = (made, answers.mistakes().as_slice()) else {
        return render(state, person, draft, slug, answers, &answers.mistakes()).await;
    };
    let key = definition.key.clone();
    if taken(state, &key).await? {
        let detail = "is taken by another experiment: choose another";
        return render(state, person, draft, slug, answers, &[Mistake::new("/key", detail)]).await;
    }
    if let Err(mistakes) = edit::put(state, definition, person.email.clone()).await? {
        return render(state, person, draft, slug, answers, &mistakes).await;
    }
    let (gone, now, asked) = (draft.to_owned(), state.now(), key.clone());
    let done = if !go_on {
        "saved"
    } else if state.read(approval::is_needed).await? {
        state.write(move |db| approval::ask(db, &asked, now, &person.email)).await?;
        "asked"
    } else {
        let start =
            move |store: &Store| actions::advance_by_person(store, &asked, Move::Start, now, &person.email);
        state.at_length(start).await??;
        "start"
    };
    state.write(move |db| drafts::remove(db, &gone)).await?;
    state.refresh_snapshot().await?;
    Ok(see_other(&format!("/experiments/{key}?done={done}")))
}

async fn taken(state: &Shared, key: &ExperimentKey) -> Result<bool, Problem> {
    let key = key.clone();
    Ok(state.read(move |db| experiments::find(db, &key)).await?.is_some())
}

async fn render(
    state: &Shared,
    person: Person,
    draft: &str,
    slug: &str,
    answers: &Answers,
    mistakes: &[Mistake],
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let (number, step) = step(slug)?;
    let asks_who = step.fields.iter().any(Field::is_condition);
    let (calendars, approval, attributes) = state
        .read(move |db| {
            let attributes = if asks_who { units::attribute_names(db)? } else { BTreeSet::new() };
            Ok((calendars::list(db)?, approval::is_needed(db)?, attributes))
        })
        .await?;
    let keys: Vec<String> = calendars.iter().map(|calendar| calendar.key.to_string()).collect();
    let error = |field: &Field| mistakes.iter().find(|m| field.is_at(&m.pointer)).map(|m| t.again(&m.detail));
    let past = if MEASURED.contains(&step.slug) { state.past(&answers.rule(), None).await? } else { None };
    let matching = past.as_ref().map(|past| {
        t.say("so-far-matching")
            .with("weeks", past.weeks)
            .with("customers", Number::fixed(past.units_per_week(), 0))
            .with("tickets", Number::fixed(past.conversations_per_week, 0))
    });
    let fields: Vec<Shown> = step
        .fields
        .iter()
        .map(|field| {
            let answer = answers.get(field.name);
            let default =
                if answer.is_empty() { Answers::default_of(t, field.name, past.as_deref()) } else { None };
            let (value, source) = default.unwrap_or_else(|| (answer.to_owned(), String::new()));
            let (what, value, answer) = match field.answers().as_slice() {
                [what, is, with] => {
                    (answers.get(what).to_owned(), answers.get(with).to_owned(), answers.get(is))
                }
                _ => (String::new(), value, answer),
            };
            Shown {
                attributes: field.attributes(t, &what),
                what,
                field,
                label: t.tell(&field.label()),
                hint: field.hint(t),
                suffix: match field.kind {
                    Kind::Number("") => answers.get("currency").to_owned(),
                    _ => field.suffix(t),
                },
                echo: LIMITS
                    .contains(&field.name)
                    .then(|| answers.echo(t, field.name, past.as_deref()))
                    .flatten(),
                value,
                choices: field.choices(t, &keys, answer),
                source,
                error: error(field),
            }
        })
        .collect();
    let back = match number {
        0 => "/experiments".to_owned(),
        n => format!("/experiments/new/{draft}/{}", STEPS[n - 1].slug),
    };
    let last = step.fields.is_empty();
    let summary = if last { summary(t, answers) } else { Vec::new() };
    let spread = if step.slug == "levels" { answers.spread(t, past.as_deref(), &calendars) } else { None };
    let saving = if step.slug == "worth" {
        let (answers, past) = (answers.clone(), past.clone());
        blocking(move || answers.saving(t, past.as_deref(), &calendars)).await?
    } else {
        None
    };
    let follow_up = if step.slug == "weeks" { follow_up(t, answers) } else { None };
    let outlook = if step.slug == "weeks" {
        // The planner searches: off the threads that serve.
        let answers = answers.clone();
        Some(blocking(move || answers.outlook(t, past.as_deref())).await?)
    } else {
        None
    };
    html(&StepPage {
        t,
        title: step.title(t),
        lede: step.lede(t),
        page: Page::new(person, "/experiments"),
        draft: draft.to_owned(),
        number: number + 1,
        of: STEPS.len(),
        step,
        back,
        so_far: answers.so_far(t),
        live: live(step),
        matching,
        spread,
        saving,
        follow_up,
        mistakes: mistakes.iter().map(|m| place(t, draft, step, m)).collect(),
        can_start: last && mistakes.is_empty() && !approval,
        can_ask: last && mistakes.is_empty() && approval,
        fields,
        attributes,
        summary,
        outlook,
    })
}

/// Steps that measure the last weeks of those who fit.
const MEASURED: [&str; 5] = ["who", "levels", "limits", "worth", "weeks"];

/// What of a step follows what is typed; the first part is read out.
fn live(step: &Step) -> String {
    let first = match step.slug {
        "who" => "matching".to_owned(),
        "levels" => "spread".to_owned(),
        "limits" => LIMITS.map(|metric| format!("{metric}-echo")).join(" "),
        "worth" => "saving".to_owned(),
        "weeks" => "plan follow-up".to_owned(),
        _ => String::new(),
    };
    format!("{first} so-far-words").trim_start().to_owned()
}

/// How long it takes until everything is known; nothing where nobody is followed, or the weeks are no number yet.
fn follow_up(t: Language, answers: &Answers) -> Option<FollowUp> {
    let days = answers.number("follow_up_days").filter(|days| *days > 0.0)?;
    let weeks = answers.number("planned_weeks").filter(|weeks| *weeks > 0.0)?;
    let joining = 100.0 * 7.0 * weeks / (7.0 * weeks + days);
    Some(FollowUp {
        joining: format!("{joining:.2}%"),
        following: format!("{:.2}%", 100.0 - joining),
        weeks: t.say("follow-up-joining").with("n", Number::brief(weeks)),
        days: t.say("follow-up-following").with("n", Number::brief(days)),
    })
}

/// A mistake with the address of its field: on this page, or on the one where it is.
fn place(t: Language, draft: &str, here: &Step, mistake: &Mistake) -> (String, String) {
    if let Some(field) = here.field_of(&mistake.pointer) {
        return (format!("#{}", field.name), told(t, field, mistake));
    }
    let there = STEPS.iter().find_map(|step| step.field_of(&mistake.pointer).map(|field| (step, field)));
    match there {
        Some((step, field)) => {
            (format!("/experiments/new/{draft}/{}#{}", step.slug, field.name), told(t, field, mistake))
        }
        None => ("#main".to_owned(), t.again(&mistake.to_string())),
    }
}

/// `Name of the experiment: must not be empty`
fn told(t: Language, field: &Field, mistake: &Mistake) -> String {
    let label = t.tell(&field.label());
    let label = label.trim_end_matches(['?', '？']);
    t.say("field-wrong").with("field", label).with("why", t.again(&mistake.detail)).into()
}

fn summary(t: Language, answers: &Answers) -> Vec<Summary> {
    // What was left empty is not agreed; who fits is, if it is everybody. A rule says its conditions, too.
    let answered = |field: &'static Field| match field.name {
        "rule" => Some((
            t.say("summary-who").into(),
            match answers.rule().as_str() {
                "" => t.say("summary-everybody").to_string(),
                rule => words::eligibility(t, rule).text,
            },
        )),
        "except" => Some(words::eligibility(t, &answers.except()).text)
            .filter(|words| !words.is_empty())
            .map(|words| (t.say("summary-spared").into(), words)),
        name => Some(answers.get(name))
            .filter(|value| !value.is_empty())
            .map(|value| (t.tell(&field.label()), field.answered(t, value))),
    };
    STEPS
        .iter()
        .filter(|step| !step.fields.is_empty())
        .map(|step| Summary {
            title: step.title(t),
            lines: step.fields.iter().filter_map(answered).collect(),
            slug: step.slug,
        })
        .collect()
}
