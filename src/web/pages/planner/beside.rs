//! Two scenarios side by side: one that was kept, and the one in the form. Both stand in the address, the kept one's
//! fields with a prefix, so that a link shows both.

use std::collections::HashMap;

use super::{Reckoned, fields::Shown};
use crate::language::{Language, Said};

/// Fields of a scenario by name, as asked for.
pub(super) type Asked = HashMap<String, String>;

/// Before the names of the kept scenario's fields.
const KEPT: &str = "kept_";

/// What is asked for, and the scenario that was kept, if one was.
pub(super) fn parted(asked: Asked) -> (Asked, Option<Asked>) {
    let (kept, now): (Asked, Asked) = asked.into_iter().partition(|(name, _)| name.starts_with(KEPT));
    let kept: Asked = kept
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?.to_owned(), value)))
        .collect();
    (now, (!kept.is_empty()).then_some(kept))
}

/// The planner with a scenario, and one beside it.
pub(super) fn address(now: &Asked, kept: Option<&Asked>) -> String {
    let own = now.iter().map(|(name, value)| (name.clone(), value));
    let beside = kept.into_iter().flatten().map(|(name, value)| (format!("{KEPT}{name}"), value));
    let mut all: Vec<_> = own.chain(beside).collect();
    all.sort();
    format!("/planner?{}", serde_urlencoded::to_string(all).unwrap_or_default())
}

/// The table of both.
#[derive(Debug)]
#[allow(missing_docs, reason = "the parts of the section")]
pub(super) struct Beside {
    pub rows: Vec<Row>,
    /// The kept scenario's fields, for the form to keep.
    pub hidden: Vec<(String, String)>,
    /// Both, as a link.
    pub link: String,
    /// Each in the other's place.
    pub swap: String,
    /// Without the kept one.
    pub drop: String,
}

/// A line: what it is, of the kept scenario, of the one in the form.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns")]
pub(super) struct Row {
    pub label: String,
    pub kept: String,
    pub now: String,
    /// A figure that was entered; else what follows.
    pub entered: bool,
}

impl Beside {
    /// The figures in which the two differ, and what each comes to.
    pub fn new(t: Language, (then, kept): (&Reckoned, &Asked), (now, asked): (&Reckoned, &Asked)) -> Self {
        let entered = |shown: &Shown| {
            if shown.value.is_empty() { "–".to_owned() } else { format!("{} {}", shown.value, shown.unit) }
        };
        let mut rows: Vec<Row> = Vec::new();
        let mut add = |label: String, kept: String, now: String, entered: bool| {
            rows.push(Row { label, kept, now, entered });
        };
        for (one, other) in then.form.shown.iter().zip(&now.form.shown).filter(|(a, b)| a.value != b.value) {
            add(one.label.clone(), entered(one), entered(other), true);
        }
        if then.calendar != now.calendar {
            let words = |calendar: &str| match calendar {
                "always" => t.say("calendar-always").to_string(),
                key => crate::presentation::words::title(key),
            };
            let label = t.say("planner-calendar").to_string();
            add(label, words(&then.calendar), words(&now.calendar), true);
        }
        if then.measured_pattern != now.measured_pattern {
            let words = |of: &Reckoned| match of.measured_pattern {
                Some(true) => t.say("planner-pattern-measured").to_string(),
                _ => t.say("planner-pattern-typical").to_string(),
            };
            add(t.say("planner-pattern").to_string(), words(then), words(now), true);
        }
        let both = |label: Said, of: &dyn Fn(&Reckoned) -> Option<String>| {
            let told = |one| of(one).unwrap_or_else(|| "–".to_owned());
            (label.to_string(), told(then), told(now), false)
        };
        let saving = |of: &dyn Fn(&super::Saving) -> String, one: &Reckoned| {
            one.saving.as_ref()?.as_ref().ok().map(of)
        };
        for (label, kept, now, entered) in [
            both(t.say("planner-agents-freed"), &|one| saving(&super::Saving::freed, one)),
            both(t.say("planner-worth"), &|one| saving(&super::Saving::worth, one)),
            both(t.say("planner-ratings-needed"), &|one| one.outlook.as_ref().ok()?.needed.clone()),
            both(t.say("outlook-chance-column"), &|one| {
                let chosen = one.outlook.as_ref().ok()?.rows.iter().find(|row| row.chosen)?;
                Some(chosen.chance.clone())
            }),
        ] {
            add(label, kept, now, entered);
        }
        let mut hidden: Vec<_> =
            kept.iter().map(|(name, value)| (format!("{KEPT}{name}"), value.clone())).collect();
        hidden.sort();
        Self {
            rows,
            hidden,
            link: address(&now.all(), Some(&then.all())),
            swap: address(kept, Some(asked)),
            drop: address(asked, None),
        }
    }
}

impl Reckoned {
    /// Every field as it stands, those measured too: a scenario that stays as it is.
    pub fn all(&self) -> Asked {
        let fields = self.form.shown.iter().map(|shown| (shown.name.to_owned(), shown.value.clone()));
        let pattern = self.measured_pattern.map(|measured| if measured { "measured" } else { "typical" });
        fields
            .chain([("calendar".to_owned(), self.calendar.clone())])
            .chain(pattern.map(|pattern| ("pattern".to_owned(), pattern.to_owned())))
            .collect()
    }

    /// As a link.
    pub fn link(&self) -> String {
        address(&self.all(), None)
    }
}
