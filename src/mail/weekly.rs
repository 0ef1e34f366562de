//! The weekly letter: how the running experiments stand, in the words of their pages.

use askama::Template;

use super::{MailError, Mailer, Text};
use crate::{
    domain::{
        experiment::{Experiment, Status},
        time::{DAY_MS, Moment, Wait},
    },
    language::Language,
    presentation::Brief,
    storage::{Db, StorageError, Store, analyses, experiments, letters},
};

/// When on a Monday letters are written, UTC: the analyses of the night are made by then.
const AT: Wait = Wait::from_hours(6);

/// The week whose letters are due at a moment, counted from that of 1970-01-05, and until when: they are sent on its
/// Monday, or not at all where no server ran on that day.
fn due(now: Moment) -> Option<(i64, Moment)> {
    let (week, weekday) = ((now.day() + 3).div_euclid(7), (now.day() + 3).rem_euclid(7));
    let midnight = Moment::from_stored_ms(now.day() * DAY_MS);
    (weekday == 0 && now >= midnight + AT).then(|| (week, midnight.plus_days(1)))
}

/// Asks for the letters of this week, once, when it is time; gives how many. Blocks.
///
/// # Errors
/// The database cannot be written.
pub fn begin_week(store: &Store, now: Moment) -> Result<usize, StorageError> {
    let Some((week, until)) = due(now) else { return Ok(0) };
    if store.read(|db| letters::has_begun(db, week))? {
        return Ok(0);
    }
    store.write(move |db| letters::begin_week(db, week, now, until))
}

#[derive(Debug, Template)]
#[template(path = "mail/weekly.txt")]
struct Weekly<'a> {
    t: Language,
    experiments: Vec<Standing>,
    base: &'a str,
}

impl Weekly<'_> {
    /// Where an experiment's page is.
    fn page(&self, experiment: &Standing) -> String {
        format!("{}/experiments/{}", self.base, experiment.key)
    }

    /// Where the reader's wish for letters is kept.
    fn wish(&self) -> String {
        format!("{}/settings#weekly", self.base)
    }
}

/// An experiment and, once it was analysed, how it stands.
#[derive(Debug)]
struct Standing {
    key: String,
    name: String,
    brief: Option<Brief>,
}

/// The letter; none where nothing runs.
pub(super) fn write(db: &mut Db, mailer: &Mailer, t: Language) -> Result<Option<Text>, MailError> {
    let running = experiments::list(db)?.into_iter().filter(|e| e.status == Status::Running);
    let experiments: Vec<_> =
        running.map(|experiment| standing(db, t, &experiment)).collect::<Result<_, StorageError>>()?;
    if experiments.is_empty() {
        return Ok(None);
    }
    let subject = t.say("mail-weekly-subject").with("n", experiments.len()).to_string();
    let weekly = Weekly { t, experiments, base: mailer.public_url.as_str() };
    Ok(Some(Text { subject, body: weekly.render()? }))
}

fn standing(db: &mut Db, t: Language, experiment: &Experiment) -> Result<Standing, StorageError> {
    let definition = &experiment.definition;
    // The one that speaks at the head of the experiment's page.
    let analysis = analyses::speaking(db, &definition.key)?;
    Ok(Standing {
        key: definition.key.to_string(),
        name: definition.name.clone(),
        brief: analysis.map(|(analysis, _)| Brief::new(t, experiment, &analysis)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_due_on_mondays_from_six_on() {
        let due = |text: &str| due(text.parse().unwrap()).map(|(week, until)| (week, until.to_string()));
        let first = due("2026-03-02T06:00:00Z").unwrap();
        assert_eq!(first.1, "2026-03-03T00:00:00Z");
        assert_eq!(due("2026-03-02T23:59:59Z"), Some(first.clone()));
        for other in ["2026-03-02T05:59:59Z", "2026-03-03T06:00:00Z", "2026-03-01T12:00:00Z"] {
            assert_eq!(due(other), None, "{other}");
        }
        assert_eq!(due("2026-03-09T06:00:00Z").unwrap().0, first.0 + 1);
    }
}
